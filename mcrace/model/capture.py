"""Share of the value that one posted price captures from customers who value it differently."""

import math

import numpy as np

from mcrace.model.types import FloatArray

__all__ = ["CENTRAL", "captured_share", "central_share", "mills_ratio", "residual_spread"]

CENTRAL = (0.125, 4.0)
"""Spreads for which `central_share` is right."""

_SQRT_2 = math.sqrt(2.0)
_SQRT_2_PI = math.sqrt(2.0 * math.pi)


def residual_spread(valuation_spread: float, price_discrimination: float) -> float:
    """Spread of valuations that is left inside a group that the seller prices apart.

    Parameters
    ----------
    valuation_spread : float
        Log-sd of the valuation factor theta over all customers.
    price_discrimination : float
        Share of the variance of ln theta that the seller sees, in [0, 1].

    Returns
    -------
    float
        valuation_spread sqrt(1 - price_discrimination).

    Examples
    --------
    >>> residual_spread(1.0, 0.75)
    0.5
    """
    return valuation_spread * math.sqrt(1.0 - price_discrimination)


def captured_share(spread: float) -> float:
    """Share R of the average value that the best single price captures.

    Parameters
    ----------
    spread : float
        Log-sd v of theta, lognormal with mean 1.

    Returns
    -------
    float
        max over q of q P(theta >= q), in (0, 1]; 1 where all customers are alike. At the best price
        q = exp(v t - v^2/2) with phi(t) / (1 - Phi(t)) = v, phi and Phi the normal density and
        distribution function.

    References
    ----------
    J. Tirole, The Theory of Industrial Organization, MIT Press, 1988, chapter 1.

    Examples
    --------
    >>> captured_share(0.0), round(captured_share(1.0), 3)
    (1.0, 0.313)
    """
    if CENTRAL[0] <= spread <= CENTRAL[1]:
        return central_share(spread)
    if _LOWEST <= spread < _HIGHEST:
        return _tabled_share(spread)
    return _solved_share(spread)


def central_share(spread: float) -> float:
    """Find the captured share for the spreads that occur, without a branch.

    Parameters
    ----------
    spread : float
        Log-sd of theta, in `CENTRAL`.

    Returns
    -------
    float
        `captured_share` by a rational function that was fitted to it in 40 digits: equal to it to 1e-14
        relative.

    Examples
    --------
    >>> abs(central_share(1.0) / captured_share(1.0) - 1.0) < 1e-13
    True
    """
    # By fours: short chains of products, of which a processor works on several at a time.
    square = spread * spread
    fourth = square * square
    above = (0.9988359896610587 + 90.9497757046358 * spread) + (
        2088.5183250675664 + 17335.11900380305 * spread
    ) * square
    above += (
        (59116.468278182205 + 86420.72215635417 * spread)
        + (56443.31227065201 + 20221.635204004342 * spread) * square
    ) * fourth
    above += ((4049.9620098015052 + 395.3180385528637 * spread) - 0.0005508391418780545 * square) * (
        fourth * fourth
    )
    below = (1.0 + 94.31106676857854 * spread) + (2346.763127234256 + 22586.430580123633 * spread) * square
    below += (
        (98812.01353419252 + 213736.49072284868 * spread)
        + (240324.5926405036 + 146679.65605574497 * spread) * square
    ) * fourth
    below += ((51169.62893774179 + 10152.874002005334 * spread) + 990.8581825578855 * square) * (
        fourth * fourth
    )
    return above / below


def _solved_share(spread: float) -> float:
    """Share at the best price, found by solving the first-order condition."""
    if spread < 1e-300:
        return 1.0
    t = _best_price_score(spread)
    if t < 10.0:
        return math.exp(spread * t - 0.5 * spread * spread) * 0.5 * math.erfc(t / _SQRT_2)
    return math.exp(-0.5 * (spread - t) * (spread - t)) * mills_ratio(t) / _SQRT_2_PI


def _tabled_share(spread: float) -> float:
    """Share by piecewise polynomials in ln(spread): equal to the solution to 1e-13."""
    place = (math.log(spread) - _START) / _WIDTH
    piece = int(place)
    x = 2.0 * (place - piece) - 1.0
    square = x * x
    # Even and odd powers apart: two short chains of multiplications instead of a long one.
    even = _POWERS[piece, _DEGREE - 1]
    odd = _POWERS[piece, _DEGREE]
    for power in range(_DEGREE - 3, -1, -2):
        even = even * square + _POWERS[piece, power]
        odd = odd * square + _POWERS[piece, power + 1]
    return float(even + x * odd)


def _best_price_score(spread: float) -> float:
    """Solve phi(t) / (1 - Phi(t)) = spread for t by Halley's method on its logarithm.

    The share is flat at its maximum, so an error of 1e-8 in t costs it 1e-16.
    """
    t = _first_guess(spread)
    for _ in range(60):
        hazard = 1.0 / mills_ratio(t)
        gap = math.log(hazard / spread)
        slope = hazard - t
        curvature = hazard * slope - 1.0
        step = gap / (slope - 0.5 * gap * curvature / slope)
        t -= step
        if abs(step) < 1e-3:
            break
    return t


def _first_guess(spread: float) -> float:
    """Polynomial in ln(spread) fitted by Chebyshev nodes to 3e-4, asymptotes outside."""
    if spread < 0.03:
        return -math.sqrt(max(-2.0 * math.log(spread * _SQRT_2_PI), 0.0))
    if spread > 12.0:
        return spread - 1.0 / spread
    k = (math.log(spread) + 0.5) / 3.0
    guess = 0.0727408
    guess = guess * k + 0.3043867
    guess = guess * k + 0.7473702
    guess = guess * k + 1.3641087
    guess = guess * k + 1.924536
    guess = guess * k + 2.2796999
    guess = guess * k + 2.4860938
    guess = guess * k + 3.2406534
    return guess * k - 0.318881


def mills_ratio(t: float) -> float:
    """(1 - Phi(t)) / phi(t), by erfc where that keeps its digits and by its asymptotic series beyond."""
    if t < 10.0:
        return 0.5 * _SQRT_2_PI * math.erfc(t / _SQRT_2) * math.exp(0.5 * t * t)
    # 1/t - 1/t^3 + 3/t^5 - ...: the terms fall below 1e-16 before they grow again.
    term = 1.0 / t
    total = term
    for n in range(1, 40):
        following = -term * (2 * n - 1) / (t * t)
        if abs(following) < 1e-17 * total or abs(following) > abs(term):
            break
        term = following
        total += term
    return total


_PIECES = 16
_DEGREE = 11
_LOWEST, _HIGHEST = 0.03, 12.0
_START = math.log(_LOWEST)
_WIDTH = (math.log(_HIGHEST) - _START) / _PIECES * (1.0 + 1e-15)


def _fitted_powers() -> FloatArray:
    """Coefficients of 1, x, x^2, ... on each piece, through Chebyshev's nodes.

    Plain sums in a fixed order: no library may reorder them, so the bits hang on libm alone.
    """
    nodes = _DEGREE + 1
    angles = [math.pi * (2 * node + 1) / (2 * nodes) for node in range(nodes)]
    weights = [[math.cos(degree * angle) for angle in angles] for degree in range(nodes)]
    chebyshev = _chebyshev_powers()
    powers = np.zeros((_PIECES, nodes))
    for piece in range(_PIECES):
        middle = _START + (piece + 0.5) * _WIDTH
        shares = [_solved_share(math.exp(middle + 0.5 * _WIDTH * math.cos(angle))) for angle in angles]
        series = [
            math.fsum(share * weight for share, weight in zip(shares, row, strict=True)) * 2.0 / nodes
            for row in weights
        ]
        series[0] /= 2.0
        for power in range(nodes):
            powers[piece, power] = math.fsum(series[i] * chebyshev[i][power] for i in range(nodes))
    return powers


def _chebyshev_powers() -> list[list[int]]:
    """Coefficients of the Chebyshev polynomials: T_(n+1) = 2 x T_n - T_(n-1)."""
    rows = [[1] + [0] * _DEGREE, [0, 1] + [0] * (_DEGREE - 1)]
    while len(rows) <= _DEGREE:
        shifted = [0, *rows[-1][:-1]]
        rows.append([2 * new - old for new, old in zip(shifted, rows[-2], strict=True)])
    return rows


_POWERS = _fitted_powers()
