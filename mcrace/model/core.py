"""The core of the model, many draws at a time: all mechanisms neutral but discounting, growth, one price.

What `formula` does draw by draw is done here number by number, a strip of draws at a time, without a
branch: compilers turn such loops into wide instructions. A draw's numbers come from its own alone, by the
operations and in the order of `formula`, whatever its place and the width of the registers: both give the
same bits.

In the core only revenue differs between upgrade and stay, from z's first day on, and both worlds share all
stretches of days. With the value o of the open model and g(o) = max(f(z), o) - max(f(y), o), a stretch brings

    n R g(o) exp(-rho start) (1 - exp(-rho (end - start))) / rho,    rho = r - g,

with o as released, or as it is today in the frozen world. A release that raises the open level ends a
stretch.

No loop below chooses between a number and the one that stands where the choice is written: compilers make of
that a write of single lanes, which costs some processors as much as twenty operations.
"""

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import select, widely
from mcrace.compiling.elementary import exp_row, expm1_row, log1p_row, log_row
from mcrace.model import strips as row
from mcrace.model.branchless import gain, larger, smaller
from mcrace.model.capture import CENTRAL, captured_share, central_share
from mcrace.model.core_single import value_single
from mcrace.model.discounting import LEAST_RATE, YEARS_A_DAY
from mcrace.model.types import FloatArray

__all__ = ["work_core"]

LOG, HILL = 0, 2  # places in `value.CURVES`; the other is power


def work_core(
    room: FloatArray,
    releases: FloatArray,
    varies: NDArray[np.int64],
    curve: int,
    given: int,
    counted: float,
    n: int,
) -> None:
    """Value the four cases of a strip of draws.

    Parameters
    ----------
    room : ndarray
        Rows of `strips`: holds the numbers that are given, takes what comes of them.
    releases : ndarray, shape (releases, PER_RELEASE)
        The same of each open release.
    varies : ndarray of int64, shape (10,)
        Whether each step below is to be taken; the rows of the others hold what they took before.
    curve : int
        Place of the value curve in `CURVES`: log, power or hill.
    given : int
        Number of open releases that are given; those of the process come after them.
    counted : float
        1 if the cost of training counts, 0 if not.
    n : int
        `STRIP`; as a constant, it would have compilers unroll the loops into more code than processors keep
        at hand.
    """
    if varies[0] != 0:
        _set_discount(room, n)
    if varies[1] != 0:
        _set_growth(room, n)
    if varies[2] != 0:
        _set_net(room, n)
    if varies[3] != 0:
        _set_unseen(room, n)
    if varies[4] != 0:
        _set_share(room, n)
    if varies[5] != 0:
        _set_begin(room, n)
    if varies[6] != 0:
        _set_present(room, n)
    if varies[7] != 0:
        _set_own_values(room, curve, n)
    if varies[8] != 0:
        _set_cost(room, n)
    if varies[9] != 0:
        for release in range(given, releases.shape[0]):
            _set_process(room, releases[max(release - 1, 0)], releases[release], release == given, n)
        for release in range(releases.shape[0]):
            levels = releases[release, row.LEVEL : row.LEVEL + row.STRIP]
            _set_values(room, levels, releases[release, row.VALUE : row.VALUE + row.STRIP], curve, n)
    if releases.shape[0] == 1:
        value_single(room, releases[0], counted, n)
        return
    _begin_sums(room, n)
    for release in range(releases.shape[0]):
        if _place_release(room, releases[release], n) > 0:
            _note_today(room, releases[release], n)
    for last in range(releases.shape[0] - 1, 0, -1):
        for release in range(last):
            _exchange(room, releases[release], releases[release + 1], n)
    for release in range(releases.shape[0]):
        _add_release(room, releases[release], n)
    _add_last_stretch(room, n)
    _set_outputs(room, counted, n)


def _set_discount(room: FloatArray, n: int) -> None:
    widely()
    rates = room[row.DISCOUNT_RATE : row.DISCOUNT_RATE + row.STRIP]
    log1p_row(rates, room[row.RESULT : row.RESULT + row.STRIP], room[row.WORK : row.RELEASES])
    for i in range(n):
        room[row.DISCOUNT + i] = room[row.RESULT + i] * YEARS_A_DAY


def _set_growth(room: FloatArray, n: int) -> None:
    widely()
    rates = room[row.GROWTH_RATE : row.GROWTH_RATE + row.STRIP]
    log1p_row(rates, room[row.RESULT : row.RESULT + row.STRIP], room[row.WORK : row.RELEASES])
    for i in range(n):
        room[row.GROWTH + i] = room[row.RESULT + i] * YEARS_A_DAY


def _set_net(room: FloatArray, n: int) -> None:
    """Discounting less growth, and one over it."""
    widely()
    for i in range(n):
        net = room[row.DISCOUNT + i] - room[row.GROWTH + i]
        small = abs(net) < LEAST_RATE
        room[row.NET + i] = net
        room[row.INVERSE + i] = select(small, 0.0, 1.0 / select(small, 1.0, net))


def _set_unseen(room: FloatArray, n: int) -> None:
    """Spread of valuations within a group that the seller prices apart, over the whole spread."""
    widely()
    for i in range(n):
        room[row.UNSEEN + i] = np.sqrt(1.0 - room[row.DISCRIMINATION + i])


def _set_share(room: FloatArray, n: int) -> None:
    """Set the captured share: of the usual spreads side by side, of others one by one."""
    widely()
    rare = 0
    for i in range(n):
        spread = room[row.SPREAD + i] * room[row.UNSEEN + i]
        room[row.SHARE + i] = central_share(spread)
        rare += (spread < CENTRAL[0]) | (spread > CENTRAL[1])
    if rare > 0:
        for i in range(n):
            spread = room[row.SPREAD + i] * room[row.UNSEEN + i]
            if (spread < CENTRAL[0]) | (spread > CENTRAL[1]):
                room[row.SHARE + i] = captured_share(spread)


def _set_begin(room: FloatArray, n: int) -> None:
    """First day of z on sale; the horizon if it comes too late."""
    widely()
    for i in range(n):
        room[row.BEGIN + i] = smaller(room[row.START + i] + room[row.TRAINING + i], room[row.HORIZON + i])


def _set_present(room: FloatArray, n: int) -> None:
    """Set the customers on z's first day over those of day 0, discounted."""
    widely()
    for i in range(n):
        room[row.ARGUMENT + i] = -room[row.NET + i] * room[row.BEGIN + i]
    exp_row(
        room[row.ARGUMENT : row.ARGUMENT + row.STRIP],
        room[row.PRESENT : row.PRESENT + row.STRIP],
        room[row.WORK : row.RELEASES],
    )


def _set_own_values(room: FloatArray, curve: int, n: int) -> None:
    """Values of y, of the better of y and z, and of x; and what z is worth beside x."""
    widely()
    for i in range(n):
        room[row.PER_POINT + i] = 1.0 / room[row.POINT + i]
        room[row.BETTER + i] = larger(room[row.OWN + i], room[row.CANDIDATE + i])
    _set_values(
        room, room[row.OWN : row.OWN + row.STRIP], room[row.OWN_VALUE : row.OWN_VALUE + row.STRIP], curve, n
    )
    _set_values(
        room,
        room[row.BETTER : row.BETTER + row.STRIP],
        room[row.BETTER_VALUE : row.BETTER_VALUE + row.STRIP],
        curve,
        n,
    )
    _set_values(
        room,
        room[row.OPEN : row.OPEN + row.STRIP],
        room[row.OPEN_VALUE : row.OPEN_VALUE + row.STRIP],
        curve,
        n,
    )
    for i in range(n):
        better, own = room[row.BETTER_VALUE + i], room[row.OWN_VALUE + i]
        room[row.STEP + i] = gain(better, own, room[row.OPEN_VALUE + i])


def _set_values(room: FloatArray, levels: FloatArray, values: FloatArray, curve: int, n: int) -> None:
    """Values of levels, USD per customer and day."""
    widely()
    for i in range(n):
        room[row.ARGUMENT + i] = levels[i] * room[row.PER_POINT + i]
    log_row(
        room[row.ARGUMENT : row.ARGUMENT + row.STRIP],
        room[row.RESULT : row.RESULT + row.STRIP],
        room[row.WORK : row.RELEASES],
    )
    if curve == LOG:
        for i in range(n):
            values[i] = larger(room[row.SIZE + i] * room[row.RESULT + i], 0.0)
        return
    for i in range(n):
        folds = room[row.SHAPE + i] * room[row.RESULT + i]
        room[row.ARGUMENT + i] = -folds if curve == HILL else folds
    exp_row(
        room[row.ARGUMENT : row.ARGUMENT + row.STRIP],
        room[row.RESULT : row.RESULT + row.STRIP],
        room[row.WORK : row.RELEASES],
    )
    if curve == HILL:
        for i in range(n):
            value = room[row.SIZE + i] / (1.0 + room[row.RESULT + i])
            # Not the small rest of a steep curve far below its middle: as `value.hill_value`.
            values[i] = select(room[row.ARGUMENT + i] < 700.0, value, 0.0)
    else:
        for i in range(n):
            values[i] = room[row.SIZE + i] * room[row.RESULT + i]


def _set_cost(room: FloatArray, n: int) -> None:
    """Discounted cost of training, if it starts in time."""
    widely()
    for i in range(n):
        room[row.ARGUMENT + i] = -room[row.DISCOUNT + i] * room[row.START + i]
    exp_row(
        room[row.ARGUMENT : row.ARGUMENT + row.STRIP],
        room[row.RESULT : row.RESULT + row.STRIP],
        room[row.WORK : row.RELEASES],
    )
    for i in range(n):
        cost = room[row.CANDIDATE + i] * room[row.RESULT + i]
        room[row.COST + i] = select(room[row.START + i] < room[row.HORIZON + i], cost, 0.0)


def _set_process(room: FloatArray, last: FloatArray, this: FloatArray, is_first: bool, n: int) -> None:
    """Day and level of a release of the process: an interval and a factor after the one before."""
    widely()
    if is_first:
        for i in range(n):
            this[row.DAY + i] = room[row.FIRST_DAY + i]
            this[row.LEVEL + i] = room[row.OPEN + i] * this[row.FACTOR + i]
    else:
        for i in range(n):
            this[row.DAY + i] = last[row.DAY + i] + this[row.INTERVAL + i]
            this[row.LEVEL + i] = last[row.LEVEL + i] * this[row.FACTOR + i]


def _begin_sums(room: FloatArray, n: int) -> None:
    widely()
    for i in range(n):
        room[row.OPEN_LEVEL + i] = room[row.TODAY_LEVEL + i] = room[row.OPEN + i]
        room[row.OPEN_NOW + i] = room[row.TODAY_VALUE + i] = room[row.OPEN_VALUE + i]
        room[row.SINCE + i] = room[row.BEGIN + i]
        room[row.FACTOR_NOW + i] = room[row.PRESENT + i]
        room[row.GAIN + i] = room[row.FROZEN + i] = room[row.EFFECT + i] = 0.0


def _place_release(room: FloatArray, this: FloatArray, n: int) -> int:
    """Put a release's day between z's first and the horizon; count the draws in which it is out today."""
    widely()
    out = 0
    for i in range(n):
        day = this[row.DAY + i]
        out += day <= 0.0
        this[row.CUT + i] = larger(smaller(day, room[row.HORIZON + i]), room[row.BEGIN + i])
        this[row.CUT_LEVEL + i] = this[row.LEVEL + i]
        this[row.CUT_VALUE + i] = this[row.VALUE + i]
    return out


def _note_today(room: FloatArray, this: FloatArray, n: int) -> None:
    """Note a release where it is out today, and the best that is."""
    widely()
    for i in range(n):
        room[row.ARGUMENT + i] = room[row.TODAY_LEVEL + i]
        room[row.RESULT + i] = room[row.TODAY_VALUE + i]
    for i in range(n):
        level, best = this[row.LEVEL + i], room[row.ARGUMENT + i]
        raises = (this[row.DAY + i] <= 0.0) & (level > best)
        room[row.TODAY_LEVEL + i] = select(raises, level, best)
        room[row.TODAY_VALUE + i] = select(raises, this[row.VALUE + i], room[row.RESULT + i])


def _exchange(room: FloatArray, this: FloatArray, following: FloatArray, n: int) -> None:
    """Put the earlier of two releases first."""
    widely()
    for i in range(n):
        room[row.LAST_SINCE + i] = this[row.CUT + i]
        room[row.LAST_LEVEL + i] = this[row.CUT_LEVEL + i]
        room[row.LAST_VALUE + i] = this[row.CUT_VALUE + i]
    for i in range(n):
        is_later = room[row.LAST_SINCE + i] > following[row.CUT + i]
        this[row.CUT + i] = select(is_later, following[row.CUT + i], room[row.LAST_SINCE + i])
        this[row.CUT_LEVEL + i] = select(is_later, following[row.CUT_LEVEL + i], room[row.LAST_LEVEL + i])
        this[row.CUT_VALUE + i] = select(is_later, following[row.CUT_VALUE + i], room[row.LAST_VALUE + i])
    for i in range(n):
        is_later = room[row.LAST_SINCE + i] > following[row.CUT + i]
        room[row.ARGUMENT + i] = select(is_later, room[row.LAST_SINCE + i], following[row.CUT + i])
        room[row.RESULT + i] = select(is_later, room[row.LAST_LEVEL + i], following[row.CUT_LEVEL + i])
        room[row.LAST_FACTOR + i] = select(is_later, room[row.LAST_VALUE + i], following[row.CUT_VALUE + i])
    for i in range(n):
        following[row.CUT + i] = room[row.ARGUMENT + i]
        following[row.CUT_LEVEL + i] = room[row.RESULT + i]
        following[row.CUT_VALUE + i] = room[row.LAST_FACTOR + i]


def _add_release(room: FloatArray, this: FloatArray, n: int) -> None:
    """End a stretch with a release, where it raises the open level, and begin the next."""
    widely()
    for i in range(n):
        room[row.LENGTH + i] = this[row.CUT + i] - room[row.SINCE + i]
    _set_customers(room, n)
    for i in range(n):
        now, level_now = room[row.OPEN_NOW + i], room[row.OPEN_LEVEL + i]
        raises = this[row.CUT_LEVEL + i] > level_now
        more = gain(room[row.BETTER_VALUE + i], room[row.OWN_VALUE + i], now)
        customers, share = room[row.CUSTOMERS + i], room[row.SHARE + i]
        flow = select(raises, customers * (share * more), 0.0)
        frozen_flow = select(raises, customers * (share * room[row.STEP + i]), 0.0)
        room[row.GAIN + i] += flow
        room[row.FROZEN + i] += frozen_flow
        room[row.EFFECT + i] += flow - frozen_flow
        room[row.LAST_LEVEL + i], room[row.LAST_VALUE + i] = level_now, now
        room[row.LAST_SINCE + i], room[row.LAST_FACTOR + i] = room[row.SINCE + i], room[row.FACTOR_NOW + i]
    for i in range(n):
        level, last = this[row.CUT_LEVEL + i], room[row.LAST_LEVEL + i]
        raises = level > last
        room[row.OPEN_LEVEL + i] = select(raises, level, last)
        room[row.OPEN_NOW + i] = select(raises, this[row.CUT_VALUE + i], room[row.LAST_VALUE + i])
        room[row.SINCE + i] = select(raises, this[row.CUT + i], room[row.LAST_SINCE + i])
        factor = room[row.LAST_FACTOR + i]
        room[row.FACTOR_NOW + i] = select(raises, factor * (1.0 + room[row.RESULT + i]), factor)


def _add_last_stretch(room: FloatArray, n: int) -> None:
    """Add the stretch that ends with the horizon."""
    widely()
    for i in range(n):
        room[row.LENGTH + i] = room[row.HORIZON + i] - room[row.SINCE + i]
    _set_customers(room, n)
    for i in range(n):
        more = gain(room[row.BETTER_VALUE + i], room[row.OWN_VALUE + i], room[row.OPEN_NOW + i])
        customers, share = room[row.CUSTOMERS + i], room[row.SHARE + i]
        flow, frozen_flow = customers * (share * more), customers * (share * room[row.STEP + i])
        room[row.GAIN + i] += flow
        room[row.FROZEN + i] += frozen_flow
        room[row.EFFECT + i] += flow - frozen_flow


def _set_customers(room: FloatArray, n: int) -> None:
    """Discounted customer days of a stretch: as the formula has them without a ceiling."""
    widely()
    for i in range(n):
        room[row.ARGUMENT + i] = -(room[row.NET + i] * room[row.LENGTH + i])
    expm1_row(
        room[row.ARGUMENT : row.ARGUMENT + row.STRIP],
        room[row.RESULT : row.RESULT + row.STRIP],
        room[row.WORK : row.RELEASES],
    )
    for i in range(n):
        inverse, length = room[row.INVERSE + i], room[row.LENGTH + i]
        mean = select(inverse == 0.0, length, -room[row.RESULT + i] * inverse)
        room[row.CUSTOMERS + i] = room[row.COUNT + i] * (room[row.FACTOR_NOW + i] * mean)


def _set_outputs(room: FloatArray, counted: float, n: int) -> None:
    widely()
    for i in range(n):
        cost = counted * room[row.COST + i]
        room[row.INCENTIVE + i] = room[row.GAIN + i] - cost
        room[row.INCENTIVE_FROZEN + i] = room[row.FROZEN + i] - cost
        lead = larger(room[row.OWN_VALUE + i] - room[row.TODAY_VALUE + i], 0.0)
        room[row.REVENUE_TODAY + i] = room[row.COUNT + i] * (room[row.SHARE + i] * lead)
