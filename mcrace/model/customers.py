"""Customers: how many there are on a day, and discounted over a stretch of days."""

import math

from numpy.polynomial.legendre import leggauss

from mcrace.model.discounting import annuity, discount_factor, mean_length

__all__ = ["customers_on", "discounted_customers", "ecosystem_factor"]

# Gauss-Legendre nodes and weights on [0, 1]. A logistic has its nearest pole at a distance of pi: on
# panels of 2 time constants ten nodes leave less than 1e-15.
_NODES, _WEIGHTS = (0.5 * (part + shift) for part, shift in zip(leggauss(10), (1.0, 0.0), strict=True))
_PANEL = 2.0
_NOTHING = 40.0


def customers_on(day: float, count: float, growth: float, ceiling: float) -> float:
    """Potential customers on a day.

    Parameters
    ----------
    day : float
        Day.
    count : float
        Potential customers on day 0.
    growth : float
        Continuous rate a day.
    ceiling : float
        Most customers that there can be, at least `count`; infinite for none.

    Returns
    -------
    float
        count exp(growth day), or ceiling / (1 + (ceiling/count - 1) exp(-growth day)).

    References
    ----------
    P.-F. Verhulst, Corresp. Math. Phys. 10 (1838) 113-121.

    Examples
    --------
    >>> customers_on(0.0, 1000.0, 0.01, 5000.0), customers_on(1e6, 1000.0, 0.01, 5000.0)
    (1000.0, 5000.0)
    """
    if growth == 0.0:
        return count
    if math.isinf(ceiling):
        return count * math.exp(growth * day)
    if count == 0.0:
        return 0.0
    return ceiling / (1.0 + (ceiling / count - 1.0) * math.exp(-growth * day))


def discounted_customers(
    count: float, growth: float, ceiling: float, discount: float, hazard: float, start: float, end: float
) -> float:
    """Integrate n(t) exp(-discount t - hazard (t - start)) over a stretch.

    Parameters
    ----------
    count, growth, ceiling : float
        As `customers_on` takes them.
    discount : float
        Continuous rate a day.
    hazard : float
        Rate a day at which the customers are lost to the lab from `start` on.
    start, end : float
        Days, start <= end.

    Returns
    -------
    float
        Customer days, discounted to day 0; for the logistic by quadrature, to 1e-14 relative.

    Examples
    --------
    >>> discounted_customers(1000.0, 0.0, float("inf"), 0.0, 0.0, 10.0, 40.0)
    30000.0
    >>> round(discounted_customers(1000.0, 0.01, 1000.0, 0.0, 0.0, 10.0, 40.0), 6)
    30000.0
    """
    if growth == 0.0 or math.isinf(ceiling):
        if hazard == 0.0:
            return count * annuity(discount - growth, start, end)
        lost = mean_length(discount - growth + hazard, end - start)
        return count * discount_factor(discount - growth, start) * lost
    if count == 0.0:
        return 0.0
    missing = (ceiling / count - 1.0) * math.exp(-growth * start)
    present = discount_factor(discount, start)
    return ceiling * present * _logistic_length(missing, growth, discount + hazard, end - start)


def ecosystem_factor(level: float, today: float, elasticity: float) -> float:
    """Factor on the number of customers that the open level brings or takes away.

    Parameters
    ----------
    level, today : float
        Open level, now and on day 0, USD.
    elasticity : float
        Above 0: people who build on open models and later move up; below 0: who stop needing sellers.

    Returns
    -------
    float
        max(1 + elasticity ln(level / today), 0).

    Examples
    --------
    >>> ecosystem_factor(3e8, 1e8, 0.0), ecosystem_factor(1e9, 1e8, -1.0)
    (1.0, 0.0)
    """
    return max(1.0 + elasticity * math.log(level / today), 0.0) if elasticity != 0.0 else 1.0


def _logistic_length(missing: float, growth: float, rate: float, length: float) -> float:
    """Integrate exp(-rate t) / (1 + missing exp(-growth t)) from 0 to a length.

    What is missing to the ceiling falls below rounding after a while: from there on it is an annuity. And
    where the rate has eaten the rest, nothing more comes.
    """
    reach = length
    if missing <= 1e-17:
        reach = 0.0
    elif growth * length > math.log(missing) + _NOTHING:
        reach = max((math.log(missing) + _NOTHING) / growth, 0.0)
    last = reach
    # What little there is at first may be all that is lost: e^-40 of it, not of the ceiling.
    nothing = _NOTHING + math.log1p(missing)
    if rate * reach > nothing:
        last = nothing / rate
    panels = math.ceil((growth + abs(rate)) * last / _PANEL)
    width = last / max(panels, 1)
    total = 0.0
    for panel in range(panels):
        for node in range(_NODES.size):
            t = width * (panel + _NODES[node])
            total += _WEIGHTS[node] * math.exp(-rate * t) / (1.0 + missing * math.exp(-growth * t))
    total *= width
    if reach < length:
        total += math.exp(-rate * reach) * mean_length(rate, length - reach)
    return total
