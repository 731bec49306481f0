"""Yearly rates as daily ones, and the value of a flow that grows and is discounted."""

from numpy.polynomial.legendre import leggauss

from mcrace.compiling.scalars import exp, expm1, log1p

__all__ = [
    "DAYS_A_YEAR",
    "LEAST_RATE",
    "YEARS_A_DAY",
    "annuity",
    "daily_rate",
    "discount_factor",
    "length_of_lost",
    "lost_share",
    "mean_length",
    "two_stage_length",
]

DAYS_A_YEAR = 365.25
"""Days of a year, for rates and hazards."""

LEAST_RATE = 1e-200
"""A rate below it changes no digit; one over it may be infinite."""

YEARS_A_DAY = 1.0 / DAYS_A_YEAR
"""One over that."""

# Gauss-Legendre nodes and weights on [0, 1].
_NODES, _WEIGHTS = (0.5 * (part + shift) for part, shift in zip(leggauss(10), (1.0, 0.0), strict=True))


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
    return log1p(yearly_rate) * YEARS_A_DAY


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
    return exp(-rate * day)


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
        Days, each counted with its factor: exp(-rate start) `mean_length` (rate, end - start).

    Examples
    --------
    >>> annuity(0.0, 10.0, 40.0)
    30.0
    >>> round(annuity(0.01, 0.0, 100.0), 6)
    63.212056
    """
    length = mean_length(rate, end - start)
    return exp(-rate * start) * length if start != 0.0 else length


def mean_length(rate: float, length: float) -> float:
    """Integrate exp(-rate t) from 0 to a length.

    Parameters
    ----------
    rate : float
        Continuous rate a day, of either sign: discounting, hazards.
    length : float
        Days, at least 0.

    Returns
    -------
    float
        (1 - exp(-rate length)) / rate.

    Examples
    --------
    >>> mean_length(0.0, 30.0)
    30.0
    """
    return length_of_lost(lost_share(rate, length), rate, length)


def length_of_lost(lost: float, rate: float, length: float) -> float:
    """Give `mean_length` where `lost_share` is known.

    Parameters
    ----------
    lost : float
        `lost_share` of the others.
    rate : float
        Continuous rate a day, of either sign.
    length : float
        Days, at least 0.

    Returns
    -------
    float
        lost / rate; the length where the rate is 0.

    Examples
    --------
    >>> length_of_lost(0.0, 0.0, 30.0)
    30.0
    """
    return lost * (1.0 / rate) if abs(rate) >= LEAST_RATE else length


def lost_share(rate: float, length: float) -> float:
    """Share of a flow that is gone at the end of a stretch: 1 - exp(-rate length).

    Parameters
    ----------
    rate : float
        Continuous rate a day, of either sign.
    length : float
        Days, at least 0.

    Returns
    -------
    float
        Below 0 if the flow grows.

    Examples
    --------
    >>> lost_share(0.0, 30.0)
    0.0
    """
    return -expm1(-(rate * length))


def two_stage_length(first: float, second: float, length: float) -> float:
    """Integrate over t in [0, length] and over the day s of passing from a first stage to a second.

    Parameters
    ----------
    first, second : float
        Continuous rates a day at which each stage decays.
    length : float
        Days, at least 0.

    Returns
    -------
    float
        Days squared: integral over t of integral over s < t of exp(-first s - second (t - s)), which is
        (mean_length(first) - mean_length(second)) / (second - first).

    Examples
    --------
    >>> two_stage_length(0.0, 0.0, 10.0), round(two_stage_length(0.0, 1e-9, 10.0), 6)
    (50.0, 50.0)
    """
    a, b = first * length, second * length
    if abs(a - b) > 0.5:
        return length * (mean_length(first, length) - mean_length(second, length)) / (b - a)
    if b > 2.0:
        # Where both stages decay fast: what goes in less what is left at the end, over the rate.
        left = exp(-b) * mean_length(a - b, 1.0)
        return length * length * (mean_length(a, 1.0) - left) / b
    total = 0.0
    for node in range(_NODES.size):
        t = _NODES[node]
        total += _WEIGHTS[node] * exp(-b * t) * mean_length(a - b, t)
    return float(length * length * total)
