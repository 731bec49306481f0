"""Records among model releases, and the spells between them: what ended each, and what still waits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcrace.laws import FloatArray

__all__ = [
    "History",
    "Records",
    "Spells",
    "joined",
    "open_gaps",
    "records_of",
    "since_day",
    "spells_until_open",
]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

_NOT_YET = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Releases of models in the order of their days.

    Attributes
    ----------
    days : ndarray, shape (release,)
        Since any day 0, not falling.
    levels : ndarray, shape (release,)
        Effective levels, on a scale on which differences count.
    is_open : ndarray of bool, shape (release,)
        Whether the weights are open.
    end : float
        The day up to which the history is complete.
    """

    days: FloatArray
    levels: FloatArray
    is_open: BoolArray
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Releases above all that came before, the best of a day alone; the first of all begins the list.

    Attributes
    ----------
    days, levels : ndarray, shape (record,)
        Both rising.
    """

    days: FloatArray
    levels: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """Times from a start to an end that may not have come yet.

    Attributes
    ----------
    durations : ndarray, shape (spell,)
        Days, above 0; up to the end of the data where the end has not come.
    waiting : ndarray of bool, shape (spell,)
        Whether it has not.
    causes : ndarray of int64, shape (spell,)
        Number of the record that ended it; -1 for those that wait. Spells of one cause hang together.
    already : int
        How many had ended before they began, and are not among these.
    overshoot : ndarray, shape (spell,)
        Level of what ended it over the level waited for; NaN where it has not come.
    """

    durations: FloatArray
    waiting: BoolArray
    causes: IntArray
    already: int
    overshoot: FloatArray


def records_of(days: FloatArray, levels: FloatArray) -> Records:
    """Find the records.

    Parameters
    ----------
    days : ndarray, shape (release,)
        Not falling.
    levels : ndarray, shape (release,)
        Of each release.

    Returns
    -------
    Records

    Examples
    --------
    >>> records_of(np.array([0.0, 5.0, 5.0, 9.0]), np.array([1.0, 2.0, 3.0, 3.0]))
    Records(days=array([0., 5.]), levels=array([1., 3.]))
    """
    order = np.lexsort((-levels, days))
    days, levels = days[order], levels[order]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(levels)[:-1]])
    new = levels > before
    return Records(days=days[new], levels=levels[new])


def open_gaps(opened: Records, end: float) -> Spells:
    """Days from each open record to the next.

    Parameters
    ----------
    opened : Records
        Of open models.
    end : float
        Last day of the data.

    Returns
    -------
    Spells
        The last one waits, where a day has passed since.

    Examples
    --------
    >>> found = open_gaps(Records(days=np.array([0.0, 40.0]), levels=np.array([1.0, 2.0])), 100.0)
    >>> found.durations.tolist(), found.waiting.tolist(), found.overshoot.tolist()
    ([40.0, 60.0], [False, True], [1.0, nan])
    """
    durations = np.diff(np.append(opened.days, end))
    waiting = np.arange(durations.size) == durations.size - 1
    causes = np.where(waiting, _NOT_YET, np.arange(1, durations.size + 1))
    overshoot = np.append(np.diff(opened.levels), np.full(min(opened.levels.size, 1), np.nan))
    kept = durations > 0
    return Spells(
        durations=durations[kept],
        waiting=waiting[kept],
        causes=causes[kept],
        already=0,
        overshoot=overshoot[kept],
    )


def spells_until_open(waited_for: Records, opened: Records, end: float) -> Spells:
    """Days from each record until an open model is at its level or above.

    Parameters
    ----------
    waited_for : Records
        Of closed models, or of one lab.
    opened : Records
        Of open models.
    end : float
        Last day of the data.

    Returns
    -------
    Spells

    Examples
    --------
    >>> closed = Records(days=np.array([0.0, 30.0, 60.0]), levels=np.array([5.0, 7.0, 9.0]))
    >>> opened = Records(days=np.array([10.0, 50.0]), levels=np.array([1.0, 8.0]))
    >>> found = spells_until_open(closed, opened, 100.0)
    >>> found.durations.tolist(), found.waiting.tolist(), found.overshoot.tolist()
    ([50.0, 20.0, 40.0], [False, False, True], [3.0, 1.0, nan])
    """
    place = np.searchsorted(opened.levels, waited_for.levels, side="left")
    reached = np.append(opened.days, np.inf)[place]
    waiting = reached > end
    durations = np.minimum(reached, end) - waited_for.days
    above = np.append(opened.levels, np.nan)[place] - waited_for.levels
    already = reached <= waited_for.days
    kept = (durations > 0) & ~already
    return Spells(
        durations=durations[kept],
        waiting=waiting[kept],
        causes=np.where(waiting, _NOT_YET, place)[kept],
        already=int(already.sum()),
        overshoot=np.where(waiting, np.nan, above)[kept],
    )


def since_day(records: Records, since: float | None) -> Records:
    """Leave out the records before a day; without one, the first, with which the list merely begins.

    Parameters
    ----------
    records : Records
        Any.
    since : float or None
        First day that counts.

    Returns
    -------
    Records

    Examples
    --------
    >>> since_day(Records(days=np.array([0.0, 40.0]), levels=np.array([1.0, 2.0])), None)
    Records(days=array([40.]), levels=array([2.]))
    """
    kept = np.arange(records.days.size) > 0 if since is None else records.days >= since
    return Records(days=records.days[kept], levels=records.levels[kept])


def joined(parts: Sequence[Spells]) -> Spells:
    """Put the spells of groups that have nothing to do with each other together.

    Parameters
    ----------
    parts : sequence of Spells
        One a group.

    Returns
    -------
    Spells
        No cause of one group is one of another, and those that wait are as many causes as groups.

    Examples
    --------
    >>> part = Spells(durations=np.array([5.0, 9.0]), waiting=np.array([False, True]),
    ...               causes=np.array([3, -1]), already=0, overshoot=np.array([1.0, np.nan]))
    >>> joined([part, part]).causes.tolist()
    [3, -1, 8, 4]
    """
    causes, first = [], 0
    for part in parts:
        causes.append(part.causes + first)
        first += int(part.causes.max(initial=_NOT_YET)) - _NOT_YET + 1
    return Spells(
        durations=np.concatenate([part.durations for part in parts]),
        waiting=np.concatenate([part.waiting for part in parts]),
        causes=np.concatenate(causes),
        already=sum(part.already for part in parts),
        overshoot=np.concatenate([part.overshoot for part in parts]),
    )
