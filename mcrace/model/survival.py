"""Survival: the moment at which a lab's revenue no longer carries its operating cost."""

import math

from mcrace.model.customers import customers_on

__all__ = ["failure_day"]


def failure_day(
    revenue_per_customer: float,
    operating_cost: float,
    count: float,
    growth: float,
    ceiling: float,
    start: float,
    end: float,
) -> float:
    """First moment of a stretch at which revenue per day is below operating cost.

    Parameters
    ----------
    revenue_per_customer : float
        Constant on the stretch, USD per potential customer and day.
    operating_cost : float
        USD a day.
    count, growth, ceiling : float
        Demand, as `customers_on` takes it.
    start, end : float
        Days of the stretch.

    Returns
    -------
    float
        Day in [start, end); infinite if there is none. Inside a stretch it is where
        count exp(growth t) revenue_per_customer = operating_cost, if demand falls.

    Examples
    --------
    >>> failure_day(1.0, 500.0, 1000.0, -0.01, math.inf, 0.0, 730.0) == 100.0 * math.log(2.0)
    True
    >>> failure_day(1.0, 500.0, 400.0, 0.0, math.inf, 30.0, 730.0)
    30.0
    """
    if customers_on(start, count, growth, ceiling) * revenue_per_customer < operating_cost:
        return start
    if growth < 0.0 and operating_cost > 0.0:
        moment = max(math.log(operating_cost / (count * revenue_per_customer)) / growth, start)
        if moment < end:
            return moment
    return math.inf
