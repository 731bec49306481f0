"""The stretches of days of a model with one open release: `core`'s sums in fewer steps, with the same bits.

One release has nothing to be put in order with, and both stretches' lengths are known before either is
valued: what `core` does release by release is one loop here, between the exponentials and what comes out.
"""

from mcrace.compiling import select, widely
from mcrace.compiling.elementary import expm1_row
from mcrace.model import strips as row
from mcrace.model.branchless import gain, larger, smaller
from mcrace.model.types import FloatArray

__all__ = ["value_single"]

# Rows that only models of several releases need otherwise: argument and result of the second exponential.
_SECOND, _SECOND_RESULT = row.OPEN_LEVEL, row.OPEN_NOW


def value_single(room: FloatArray, this: FloatArray, counted: float, n: int) -> None:
    """Value the four cases of a strip of draws once all that they hang on is set.

    Parameters
    ----------
    room, counted, n
        As `core.work_core` takes them.
    this : ndarray, shape (PER_RELEASE,)
        Rows of the release.
    """
    _set_lengths(room, this, n)
    work = room[row.WORK : row.RELEASES]
    expm1_row(room[row.ARGUMENT : row.ARGUMENT + row.STRIP], room[row.RESULT : row.RESULT + row.STRIP], work)
    expm1_row(room[_SECOND : _SECOND + row.STRIP], room[_SECOND_RESULT : _SECOND_RESULT + row.STRIP], work)
    _set_outputs(room, this, counted, n)


def _set_lengths(room: FloatArray, this: FloatArray, n: int) -> None:
    """Set the lengths of the stretches before and after the release, and their exponents."""
    widely()
    for i in range(n):
        begin, horizon, net = room[row.BEGIN + i], room[row.HORIZON + i], room[row.NET + i]
        cut = larger(smaller(this[row.DAY + i], horizon), begin)
        since = select(this[row.LEVEL + i] > room[row.OPEN + i], cut, begin)
        before, after = cut - begin, horizon - since
        room[row.LENGTH + i], room[row.SINCE + i] = before, after
        room[row.ARGUMENT + i], room[_SECOND + i] = -(net * before), -(net * after)


def _set_outputs(room: FloatArray, this: FloatArray, counted: float, n: int) -> None:
    widely()
    for i in range(n):
        raises = this[row.LEVEL + i] > room[row.OPEN + i]
        share, count, step = room[row.SHARE + i], room[row.COUNT + i], room[row.STEP + i]
        own, free, value = room[row.OWN_VALUE + i], room[row.OPEN_VALUE + i], this[row.VALUE + i]
        inverse, present = room[row.INVERSE + i], room[row.PRESENT + i]
        earlier = select(inverse == 0.0, room[row.LENGTH + i], -room[row.RESULT + i] * inverse)
        later = select(inverse == 0.0, room[row.SINCE + i], -room[_SECOND_RESULT + i] * inverse)
        factor = select(raises, present * (1.0 + room[row.RESULT + i]), present)
        # Before the release both worlds are alike.
        before = select(raises, count * (present * earlier) * (share * step), 0.0)
        customers = count * (factor * later)
        better_gain = gain(room[row.BETTER_VALUE + i], own, select(raises, value, free))
        flow, frozen_flow = customers * (share * better_gain), customers * (share * step)
        cost = counted * room[row.COST + i]
        sum_open, sum_frozen = 0.0 + before + flow, 0.0 + before + frozen_flow
        room[row.GAIN + i] = sum_open
        room[row.INCENTIVE + i] = sum_open - cost
        room[row.INCENTIVE_FROZEN + i] = sum_frozen - cost
        room[row.EFFECT + i] = (before - before) + (flow - frozen_flow)
        today = select((this[row.DAY + i] <= 0.0) & raises, value, free)
        room[row.REVENUE_TODAY + i] = count * (share * larger(own - today, 0.0))
