"""Which models the core serves, and what its loop is called with."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mcrace.model import strips as row
from mcrace.model.layout import Layout, neutral_numbers
from mcrace.model.types import FloatArray

__all__ = ["CoreCall", "core_call"]

# The row of each number that the core looks at, by field; a log curve has no shape.
_ROWS = MappingProxyType(
    {
        "horizon_days": row.HORIZON,
        "discount_rate": row.DISCOUNT_RATE,
        "customers_growth_rate": row.GROWTH_RATE,
        "customers_count": row.COUNT,
        "customers_valuation_spread": row.SPREAD,
        "customers_price_discrimination": row.DISCRIMINATION,
        "open_current_expense": row.OPEN,
        "lab_current_expense": row.OWN,
        "lab_candidate_expense": row.CANDIDATE,
        "lab_start_day": row.START,
        "lab_training_days": row.TRAINING,
        "open_process_first_day": row.FIRST_DAY,
    }
)
_CURVE_ROWS = (
    {"value_scale": row.SIZE, "value_reference": row.POINT},
    {"value_scale": row.SIZE, "value_reference": row.POINT, "value_exponent": row.SHAPE},
    {"value_ceiling": row.SIZE, "value_half": row.POINT, "value_steepness": row.SHAPE},
)
_RELEASE_ROWS = (row.DAY, row.LEVEL, row.INTERVAL, row.FACTOR)

_CURVE = {row.SIZE, row.POINT, row.SHAPE}
_RATES = {row.DISCOUNT_RATE, row.GROWTH_RATE}
_ARRIVAL = {row.START, row.TRAINING, row.HORIZON}
_STEPS = (
    {row.DISCOUNT_RATE},
    {row.GROWTH_RATE},
    _RATES,
    {row.DISCRIMINATION},
    {row.DISCRIMINATION, row.SPREAD},
    _ARRIVAL,
    _RATES | _ARRIVAL,
    _CURVE | {row.OWN, row.CANDIDATE, row.OPEN},
    {row.CANDIDATE, row.START, row.HORIZON, row.DISCOUNT_RATE},
    _CURVE | {row.FIRST_DAY, row.OPEN},
)
"""The numbers on which each step of `work_core` hangs; the last on those of the releases too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreCall:
    """What the loop of the core is called with, but for the numbers that vary.

    Attributes
    ----------
    constants : ndarray
        Numbers that are the same in every draw, in the order of the rows; of those that vary, any.
    targets : ndarray of int64
        Row of each place that varies.
    varies : ndarray of int64, shape (2 * steps,)
        Which steps are taken for the first strip, all of them, and which for the others.
    curve, given : int
        As `work_core` takes them.
    counted : float
        1 if the cost of training counts, 0 if not.
    costs_vary : bool
        Whether the cost of training is another in each draw.
    """

    constants: FloatArray
    targets: NDArray[np.int64]
    varies: NDArray[np.int64]
    curve: int
    given: int
    counted: float
    costs_vary: bool


def core_call(layout: Layout, constants: FloatArray, places: NDArray[np.int64]) -> CoreCall | None:
    """Tell how the core values a model, if it can.

    Parameters
    ----------
    layout : Layout
        The model's.
    constants : ndarray, shape (layout.size,)
        Numbers that are the same in every draw.
    places : ndarray of int64
        Places of those that vary.

    Returns
    -------
    CoreCall or None
        None if a mechanism beyond the core is there, or may be in some draw. It hangs on what the model holds
        and on its constants, not on what a draw makes of the rest.
    """
    curve = int(constants[layout.place("value_curve")])
    if layout.rivals + layout.niches + layout.points > 0 or curve >= len(_CURVE_ROWS):
        return None
    rows = dict(_rows(layout, curve, has_budget(layout, constants, places)))
    others, neutral = _others(layout, tuple(rows))
    if not set(places.tolist()) <= set(rows) or not np.array_equal(constants[others], neutral):
        return None
    numbers = np.ones(row.GIVEN + 4 * (layout.releases + layout.process_releases))
    for place, target in rows.items():
        numbers[_number_of_row(target)] = constants[place]
    targets = np.array([rows[place] for place in places.tolist()], dtype=np.int64)
    steps = _steps_that_vary(set(targets.tolist()), numbers)
    return CoreCall(
        constants=numbers,
        targets=targets,
        varies=np.array([1] * len(_STEPS) + steps, dtype=np.int64),
        curve=curve,
        given=layout.releases,
        counted=float(constants[layout.place("lab_counts_training_cost")]),
        costs_vary=bool(steps[-2]),
    )


def has_budget(layout: Layout, constants: FloatArray, places: NDArray[np.int64]) -> bool:
    """Tell whether the lab has a budget, rather than a level that it trains."""
    place = layout.place("lab_budget")
    return bool(constants[place] > 0.0 or place in places)


def _rows(layout: Layout, curve: int, budget: bool) -> Iterator[tuple[int, int]]:
    """Place in the layout and row of each number that the core looks at."""
    for field, target in (_ROWS | _CURVE_ROWS[curve]).items():
        # Without a head start a budget is the level that it buys, and its cost.
        yield layout.place("lab_budget" if budget and target == row.CANDIDATE else field), target
    for release in range(layout.releases + layout.process_releases):
        first = row.RELEASES + release * row.PER_RELEASE
        if release < layout.releases:
            yield layout.place("release_day", release), first + row.DAY
            yield layout.place("release_expense", release), first + row.LEVEL
            continue
        member = release - layout.releases
        yield layout.place("process_growth", member), first + row.FACTOR
        if member > 0:
            yield layout.place("process_interval", member - 1), first + row.INTERVAL


@lru_cache(maxsize=64)
def _others(layout: Layout, looked_at: tuple[int, ...]) -> tuple[NDArray[np.int64], FloatArray]:
    """Places of the single numbers that the core does not look at, and the number of each that is neutral."""
    free = {layout.place("value_curve"), layout.place("lab_counts_training_cost"), *looked_at}
    neutral = {place: number for place, number in neutral_numbers(layout).items() if place not in free}
    return np.array(list(neutral), dtype=np.int64), np.array(list(neutral.values()))


def _number_of_row(target: int) -> int:
    if target < row.RELEASES:
        return target // row.STRIP
    release, inside = divmod(target - row.RELEASES, row.PER_RELEASE)
    return row.GIVEN + 4 * release + inside // row.STRIP


def _steps_that_vary(targets: set[int], constants: FloatArray) -> list[int]:
    """Which steps give other numbers in other draws."""
    arrives_at_once = (
        not targets & {row.START, row.TRAINING}
        and not constants[[row.START // row.STRIP, row.TRAINING // row.STRIP]].any()
    )
    starts_at_once = row.START not in targets and constants[row.START // row.STRIP] == 0.0
    steps = [int(bool(targets & needed)) for needed in _STEPS]
    if arrives_at_once:
        steps[6] = 0  # the discount factor of day 0 is 1
    if starts_at_once:
        steps[8] = int(row.CANDIDATE in targets)
    steps[9] |= int(any(target >= row.RELEASES for target in targets))
    return steps
