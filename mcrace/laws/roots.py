"""Root of a function of one variable, to full precision."""

import math
from collections.abc import Callable

__all__ = ["find_root"]

MOST_STEPS = 300


def find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Find where a continuous function changes its sign, by bisection and inverse quadratic interpolation.

    Parameters
    ----------
    function : callable
        Of one float; its signs at `low` and `high` differ.
    low, high : float
        Ends of the bracket.

    Returns
    -------
    float
        A root, to a few units in the last place or to 1e-300.

    Raises
    ------
    ValueError
        The function has the same sign, or no value, at both ends.

    References
    ----------
    T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear
    function without using derivatives", Advances in Engineering Software 28 (1997) 145-149.

    Examples
    --------
    >>> round(find_root(lambda x: x * x - 2, 0, 2), 14)
    1.4142135623731
    """
    a, b = high, low
    fa, fb = function(a), function(b)
    if not fa * fb <= 0:
        raise ValueError("no change of sign")
    c, fc, share = a, fa, 0.5
    for _ in range(MOST_STEPS):
        t = a + share * (b - a)
        ft = function(t)
        if math.copysign(1, ft) == math.copysign(1, fa):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = t, ft
        best, smallest = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        margin = (4e-16 * abs(best) + 1e-300) / abs(b - a) if b != a else 1.0
        if margin >= 0.5 or smallest == 0:
            return best
        share = min(max(_next_share(a, b, c, fa, fb, fc), margin), 1 - margin)
    return best


def _next_share(a: float, b: float, c: float, fa: float, fb: float, fc: float) -> float:
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (phi * phi < xi and (1 - phi) * (1 - phi) < 1 - xi):
        return 0.5
    return fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
