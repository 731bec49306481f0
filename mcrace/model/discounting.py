"""Yearly rates as daily ones, and the value of a flow that grows and is discounted."""

import math

__all__ = ["annuity", "daily_rate", "discount_factor"]

DAYS_A_YEAR = 365.25


def daily_rate(yearly_rate: float) -> float:
    """Turn an effective yearly rate into a continuous daily one: ln(1 + yearly_rate) / 365.25.

    Parameters
    ----------
    yearly_rate : float
        Effective rate a year, above -1; 0.1 is 10 % a year.

    Returns
    -------
    float
        Continuous rate a day.

    References
    ----------
    I. Fisher, The Theory of Interest, Macmillan, 1930.

    Examples
    --------
    >>> round(365.25 * daily_rate(0.1), 6)
    0.09531
    """
    return math.log1p(yearly_rate) / DAYS_A_YEAR


def discount_factor(rate: float, day: float) -> float:
    """Present value at day 0 of one unit paid on a day: exp(-rate day).

    Parameters
    ----------
    rate : float
        Continuous rate a day.
    day : float
        Day of the payment.

    Returns
    -------
    float
        A pure number.

    Examples
    --------
    >>> discount_factor(0.0, 100.0)
    1.0
    """
    return math.exp(-rate * day)


def annuity(rate: float, start: float, end: float) -> float:
    """Integrate exp(-rate t) over a stretch of days, exactly also where the rate vanishes.

    Parameters
    ----------
    rate : float
        Continuous rate a day, of either sign: discounting less growth.
    start, end : float
        Days, start <= end.

    Returns
    -------
    float
        Days, each counted with its factor:
        exp(-rate start) (end - start) phi(rate (end - start)), phi(u) = (1 - exp(-u)) / u.

    Examples
    --------
    >>> annuity(0.0, 10.0, 40.0)
    30.0
    >>> round(annuity(0.01, 0.0, 100.0), 6)
    63.212056
    """
    length = end - start
    exponent = rate * length
    mean = -math.expm1(-exponent) / exponent if exponent != 0.0 else 1.0
    present = length * mean
    return math.exp(-rate * start) * present if start != 0.0 else present
