"""Customers: how many there are, discounted over a stretch of days."""

from mcrace.model.discounting import annuity

__all__ = ["discounted_customers"]


def discounted_customers(count: float, growth: float, discount: float, start: float, end: float) -> float:
    """Integrate n(t) exp(-discount t) over a stretch, with n(t) = count exp(growth t).

    Parameters
    ----------
    count : float
        Potential customers on day 0.
    growth, discount : float
        Continuous rates a day.
    start, end : float
        Days, start <= end.

    Returns
    -------
    float
        Customer days, discounted to day 0.

    Examples
    --------
    >>> discounted_customers(1000.0, 0.0, 0.0, 10.0, 40.0)
    30000.0
    """
    return count * annuity(discount - growth, start, end)
