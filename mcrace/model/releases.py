"""The open level over time, and the days on which levels change."""

from mcrace.model.types import FloatArray

__all__ = ["open_level", "stretch_end"]


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


def stretch_end(start: float, horizon: float, days: FloatArray) -> float:
    """First day after `start` on which the open level may change, or the horizon.

    Parameters
    ----------
    start : float
        First day of the stretch.
    horizon : float
        Last day that counts.
    days : ndarray, shape (releases,)
        Day of each open release.

    Returns
    -------
    float
        Above `start`, at most `horizon`.

    Examples
    --------
    >>> import numpy as np
    >>> stretch_end(0.0, 730.0, np.array([200.0, 90.0]))
    90.0
    """
    end = horizon
    for release in range(days.size):
        if start < days[release] < end:
            end = days[release]
    return end
