"""Satiation: a customer has no use for value beyond a point of his own."""

import math

from mcrace.model.capture import mills_ratio

__all__ = ["satiated_value"]

_SQRT_2 = math.sqrt(2.0)
_SQRT_2_PI = math.sqrt(2.0 * math.pi)


def satiated_value(value: float, median: float, spread: float) -> float:
    """Worth of a value to the average customer, who has no use for more than u.

    Parameters
    ----------
    value : float
        USD per customer and day.
    median : float
        Median of u, USD per customer and day; infinite where nobody is ever satiated.
    spread : float
        Log-sd of u, lognormal.

    Returns
    -------
    float
        G(v) = E[min(v, u)] = median exp(spread^2/2) Phi(t - spread) + v Phi(-t), with
        t = ln(v / median) / spread; min(v, median) where the spread is 0. USD per customer and day.

    References
    ----------
    N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions, volume 1, Wiley, 1994,
    chapter 14 (limited expected value of the lognormal).

    Examples
    --------
    >>> satiated_value(2.0, 3.0, 0.0), satiated_value(5.0, 3.0, 0.0)
    (2.0, 3.0)
    >>> round(satiated_value(1.0, 1.0, 1.0), 12)
    0.76157843342
    """
    if math.isinf(median) or value == 0.0:
        return value
    if spread == 0.0:
        return min(value, median)
    t = math.log(value / median) / spread
    above = 0.5 * math.erfc(t / _SQRT_2)
    if t >= spread:
        return (
            median * math.exp(0.5 * spread * spread) * 0.5 * math.erfc((spread - t) / _SQRT_2) + value * above
        )
    # The same without exp(spread^2/2), which can overflow: median = value exp(-spread t).
    if t < -38.0:
        return value
    return value * (math.exp(-0.5 * t * t) / _SQRT_2_PI * mills_ratio(spread - t) + above)
