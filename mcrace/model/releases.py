"""The open level over time: given releases, the release process, and the chase after z."""

import math

from mcrace.model.types import FloatArray

__all__ = ["chased_level", "next_release_day", "open_level", "write_process"]


def open_level(day: float, current: float, days: FloatArray, expenses: FloatArray) -> float:
    """Level of the best open model on a day: the running maximum of today's and the releases so far.

    Parameters
    ----------
    day : float
        Day; a release counts from its own day on.
    current : float
        Level on day 0, USD.
    days : ndarray, shape (releases,)
        Day of each release, in any order; infinite for never.
    expenses : ndarray, shape (releases,)
        Level of each release, USD.

    Returns
    -------
    float
        USD.

    Examples
    --------
    >>> import numpy as np
    >>> open_level(30.0, 1e8, np.array([30.0, 90.0]), np.array([3e8, 9e8]))
    300000000.0
    """
    level = current
    for release in range(days.size):
        if days[release] <= day and expenses[release] > level:
            level = expenses[release]
    return level


def next_release_day(day: float, level: float, days: FloatArray, expenses: FloatArray) -> float:
    """First day after `day` on which a release raises the open level.

    Parameters
    ----------
    day : float
        Day.
    level : float
        Open level on that day, USD.
    days, expenses : ndarray, shape (releases,)
        Day and level, USD, of each release.

    Returns
    -------
    float
        Infinite if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> next_release_day(0.0, 1e8, np.array([200.0, 90.0, 30.0]), np.array([9e8, 3e8, 1e8]))
    90.0
    """
    following = math.inf
    for release in range(days.size):
        if day < days[release] < following and expenses[release] > level:
            following = days[release]
    return following


def write_process(
    first_day: float,
    current: float,
    intervals: FloatArray,
    growths: FloatArray,
    days: FloatArray,
    expenses: FloatArray,
) -> None:
    """Write the releases of the open process behind those that are given.

    Parameters
    ----------
    first_day : float
        Day of the first.
    current : float
        Open level on day 0, USD.
    intervals : ndarray, shape (count - 1,)
        Days from each to the next.
    growths : ndarray, shape (count,)
        Level of each over that of the one before it; of the first over `current`.
    days, expenses : ndarray, shape (releases,)
        The last `count` places are written.

    Examples
    --------
    >>> import numpy as np
    >>> days, expenses = np.zeros(2), np.zeros(2)
    >>> write_process(30.0, 1e8, np.array([60.0]), np.array([2.0, 3.0]), days, expenses)
    >>> days.tolist(), expenses.tolist()
    ([30.0, 90.0], [200000000.0, 600000000.0])
    """
    given = days.size - growths.size
    day, level = first_day, current
    for member in range(growths.size):
        if member > 0:
            day += intervals[member - 1]
        level *= growths[member]
        days[given + member] = day
        expenses[given + member] = level


def chased_level(day: float, chase_day: float, level: float, target: float) -> float:
    """Open level where open models chase z.

    Parameters
    ----------
    day, chase_day : float
        Day, and the day from which on the chase has arrived.
    level : float
        Open level without it, USD.
    target : float
        Level that the chase reaches, fraction * z, USD.

    Returns
    -------
    float
        USD.

    Examples
    --------
    >>> chased_level(100.0, 90.0, 1e8, 8e8), chased_level(80.0, 90.0, 1e8, 8e8)
    (800000000.0, 100000000.0)
    """
    return max(level, target) if day >= chase_day else level
