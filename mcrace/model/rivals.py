"""Rivals: their levels, some of which lean on open weights."""

import math

from mcrace.model.types import FloatArray

__all__ = ["best_rival", "next_rival_day"]


def best_rival(
    day: float, open_level: float, expenses: FloatArray, days: FloatArray, head_starts: FloatArray
) -> float:
    """Level of the best rival on a day.

    Parameters
    ----------
    day : float
        Day; a rival counts from its own day on.
    open_level : float
        Open level on that day, USD.
    expenses, days, head_starts : ndarray, shape (rivals,)
        Own level, USD, first day, and share of the open level that comes on top of it.

    Returns
    -------
    float
        Largest of expense + head_start open_level over the rivals that are there, USD; 0 if none is.

    Examples
    --------
    >>> import numpy as np
    >>> best_rival(5.0, 1e8, np.array([1e8, 9e8]), np.array([0.0, 9.0]), np.array([0.5, 0.0]))
    150000000.0
    """
    best = 0.0
    for rival in range(expenses.size):
        if days[rival] <= day:
            best = max(best, expenses[rival] + head_starts[rival] * open_level)
    return best


def next_rival_day(day: float, days: FloatArray) -> float:
    """First day after `day` on which a rival comes out.

    Parameters
    ----------
    day : float
        Day.
    days : ndarray, shape (rivals,)
        First day of each.

    Returns
    -------
    float
        Infinite if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> next_rival_day(0.0, np.array([0.0, 90.0, 30.0]))
    30.0
    """
    following = math.inf
    for rival in range(days.size):
        if day < days[rival] < following:
            following = days[rival]
    return following
