"""What a level is worth, once more: the value curves, satiation, the captured share; 50-digit arithmetic."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from mpmath import MPContext

__all__ = ["MP", "Number", "Numbers", "capture", "captured_share", "pchip", "satiated", "value_of"]

# A context of our own: the precision of mpmath's global one stays as it is.
MP = MPContext()
MP.dps = 50

Number = Any  # one of MP's numbers
Numbers = Mapping[str, Any]


def value_of(value: Numbers, level: float) -> Number:
    """Give f(level), in USD per customer and day, by the curve of the model's ``value`` section."""
    level = MP.mpf(level)
    number = {key: MP.mpf(given) for key, given in value.items() if isinstance(given, int | float)}
    curve = value.get("curve", "log")
    if curve == "log":
        return max(number["scale"] * MP.log(level / number["reference"]), MP.zero)
    if curve == "power":
        return number["scale"] * (level / number["reference"]) ** number["exponent"]
    if curve == "hill":
        return number["ceiling"] / (1 + (number["half"] / level) ** number["steepness"])
    if curve == "table":
        expenses, values = zip(*value["points"], strict=True)
        return pchip([MP.log(MP.mpf(expense)) for expense in expenses], values, MP.log(level))
    raise ValueError(f"unknown curve {curve!r}")


def pchip(knots: Sequence[Number], values: Sequence[float], at: Number) -> Number:
    """Interpolate monotonically by cubics, flat beyond the ends.

    Parameters
    ----------
    knots, values : sequence of number
        At least two points; the knots increase.
    at : number
        Where to interpolate, in the unit of the knots.

    Returns
    -------
    number
        In the unit of the values.

    References
    ----------
    F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300-304, for the inner slopes; C. Moler,
    Numerical Computing with MATLAB (2004), section 3.6, for the end slopes.
    """
    x, y = [MP.mpf(knot) for knot in knots], [MP.mpf(value) for value in values]
    if at <= x[0]:
        return y[0]
    if at >= x[-1]:
        return y[-1]
    slopes = pchip_slopes(x, y)
    i = max(k for k in range(len(x)) if x[k] <= at)
    width = x[i + 1] - x[i]
    t = (at - x[i]) / width
    return (
        (1 + 2 * t) * (1 - t) ** 2 * y[i]
        + t * (1 - t) ** 2 * width * slopes[i]
        + t**2 * (3 - 2 * t) * y[i + 1]
        - t**2 * (1 - t) * width * slopes[i + 1]
    )


def pchip_slopes(x: Sequence[Number], y: Sequence[Number]) -> list[Number]:
    """Give the interpolant's slope at each knot."""
    h = [right - left for left, right in pairwise(x)]
    m = [(y[i + 1] - y[i]) / h[i] for i in range(len(h))]
    if len(h) == 1:
        return [m[0], m[0]]
    inner = []
    for i in range(1, len(h)):
        if m[i - 1] * m[i] <= 0:
            inner.append(MP.zero)
            continue
        before, after = 2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1]
        inner.append((before + after) / (before / m[i - 1] + after / m[i]))
    return [pchip_end_slope(h[0], h[1], m[0], m[1]), *inner, pchip_end_slope(h[-1], h[-2], m[-1], m[-2])]


def pchip_end_slope(h0: Number, h1: Number, m0: Number, m1: Number) -> Number:
    """Give the one-sided three-point slope at an end, held to the shape of the data there."""
    slope = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    if MP.sign(slope) != MP.sign(m0):
        return MP.zero
    if MP.sign(m0) != MP.sign(m1) and abs(slope) > 3 * abs(m0):
        return 3 * m0
    return slope


def satiated(value: Number, satiation: Numbers) -> Number:
    """Give G(v) = E[min(v, u)], in USD per customer and day: u lognormal, without a median no end to it.

    It is the integral of P(u > t) over t from 0 to v, taken by parts: v P(u > v) + E[u if u < v].
    """
    if "median" not in satiation or value == 0:
        return value
    median, spread = MP.mpf(satiation["median"]), MP.mpf(satiation.get("spread", 0))
    if spread == 0:
        return min(value, median)
    distance = MP.log(value / median) / spread
    above = MP.erfc(distance / MP.sqrt(2)) / 2
    partial_mean = median * MP.exp(spread**2 / 2) * MP.erfc((spread - distance) / MP.sqrt(2)) / 2
    return value * above + partial_mean


def captured_share(customers: Numbers) -> Number:
    """Give the share of its customers' value that one seller captures."""
    spread = MP.mpf(customers.get("valuation_spread", 0))
    hidden = 1 - MP.mpf(customers.get("price_discrimination", 0))
    return capture(spread * MP.sqrt(hidden))


@lru_cache(maxsize=256)
def capture(spread: Number) -> Number:
    """Give max over q of q P(theta >= q), theta lognormal with mean 1.

    Parameters
    ----------
    spread : number
        Standard deviation v of ln theta; at least 0.

    Returns
    -------
    number
        In (0, 1]: exp(v t - v^2/2) (1 - Phi(t)) at the root t of phi(t) / (1 - Phi(t)) = v.
    """
    spread = MP.mpf(spread)
    if spread == 0:
        return MP.one

    def tail(t: Number) -> Number:
        return MP.erfc(t / MP.sqrt(2)) / 2

    # The hazard's logarithm is increasing and concave: from anywhere Newton's first step lands on the left of
    # the root, and the others climb to it without passing it. The maximum is flat: half of t's digits do.
    t = spread
    step = MP.inf
    while abs(step) > MP.mpf("1e-26") * (1 + abs(t)):
        hazard = MP.npdf(t) / tail(t)
        step = MP.log(hazard / spread) / (hazard - t)
        t -= step
    return MP.exp(spread * t - spread**2 / 2) * tail(t)
