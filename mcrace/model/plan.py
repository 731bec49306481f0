"""The model for callers that evaluate it again and again: read and checked once, then block after block."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault
from mcrace.model.columns import Columns, spaced_rows
from mcrace.model.core_call import CoreCall, core_call
from mcrace.model.core_kernel import core_outputs
from mcrace.model.demands import missing_faults, range_fault, relation_faults
from mcrace.model.entries import Entry, Slot, walk_model
from mcrace.model.incentive import incentive, refuse_non_finite
from mcrace.model.kernel import evaluate_draws
from mcrace.model.layout import Layout
from mcrace.model.numbers import lay_out
from mcrace.model.types import FloatArray
from mcrace.nomenclature import Key

__all__ = ["ModelPlan", "Slot", "plan_model", "run_plan"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ready:
    """A model that was found right, but for the numbers that draws bring."""

    layout: Layout
    constants: FloatArray
    places: NDArray[np.int64]
    sources: NDArray[np.int64]
    lows: FloatArray
    highs: FloatArray
    call: CoreCall | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelPlan:
    """A model with slots, made ready.

    Attributes
    ----------
    model : Mapping
        As given.
    ready : object or None
        What `run_plan` goes by; None where the model must be read anew for each block.
    """

    model: Mapping[str, Any]
    ready: _Ready | None


def plan_model(model: Mapping[str, Any]) -> ModelPlan:
    """Read and check a model whose varying numbers are slots.

    Parameters
    ----------
    model : Mapping
        As `incentive` takes it, with a `Slot` in place of each number that is another in each draw.

    Returns
    -------
    ModelPlan
        For `run_plan`. What is wrong with the model is told there, as `incentive` tells it.

    Examples
    --------
    >>> import numpy as np
    >>> plan = plan_model({
    ...     "horizon_days": 100,
    ...     "value": {"scale": 1.0, "reference": 1e8},
    ...     "customers": {"count": 1000},
    ...     "open": {"current_expense": 1e8, "releases": [{"day": 30, "expense": Slot(0)}]},
    ...     "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ... })
    >>> outputs = run_plan(plan, [np.array([3e8, 1.5e8])], 2)
    >>> bool(np.isclose(outputs["open_effect"][0], -1000 * 70 * np.log(3 / 2)))
    True
    >>> float(outputs["open_effect"][1])
    0.0
    """
    faults: list[Fault] = []
    entries, sections = walk_model(model, faults)
    faults += missing_faults(entries, sections)
    fixed = [entry for entry in entries if entry.column is None]
    faults += [fault for entry in fixed if (fault := range_fault(entry)) is not None]
    faults += relation_faults(entries)
    slots = [entry for entry in entries if entry.column is not None]
    given = {entry.key.path for entry in entries}
    if (
        faults
        or any(_is_related(entry.key, given) for entry in slots)
        or any(entry.value.ndim > 0 for entry in entries)
    ):
        return ModelPlan(model=model, ready=None)
    return ModelPlan(model=model, ready=_ready(entries, slots))


def run_plan(plan: ModelPlan, columns: Sequence[FloatArray], draws: int) -> Mapping[str, FloatArray]:
    """Evaluate a model on a block of draws.

    Parameters
    ----------
    plan : ModelPlan
        From `plan_model`.
    columns : sequence of ndarray, shape (draws,)
        Numbers of each slot, by its column.
    draws : int
        Number of draws.

    Returns
    -------
    Mapping of str to ndarray, shape (draws,)
        To the bit what `incentive` gives for these arrays. Outputs that are equal by the model's form may be
        one array, and those that no draw changes hold one number (stride 0): not to be written on.

    Raises
    ------
    ModelError
        As `incentive`.
    """
    ready = plan.ready
    if ready is None:
        return _read_anew(plan, columns, draws)
    if ready.call is None:
        return _beyond_the_core(plan, ready, columns, draws)
    found, outside, infinite = core_outputs(
        ready.call, columns, ready.sources, (ready.lows, ready.highs), draws
    )
    if outside + infinite > 0:  # what is wrong is told with its key
        return _read_anew(plan, columns, draws)
    return found


def _ready(entries: list[Entry], slots: list[Entry]) -> _Ready:
    layout, constants, varying = lay_out(entries, lambda entry: entry.column is not None)
    places = np.array([place for place, _ in varying], dtype=np.int64)
    sources = np.array([entry.column for _, entry in varying], dtype=np.int64)
    count = 1 + max((entry.column for entry in slots if entry.column is not None), default=-1)
    lows, highs = np.full(count, -np.inf), np.full(count, np.inf)
    for entry in slots:
        low, high = _range(entry.key)
        column = int(entry.column or 0)
        lows[column], highs[column] = max(lows[column], low), min(highs[column], high)
    return _Ready(
        layout=layout,
        constants=constants,
        places=places,
        sources=sources,
        lows=lows,
        highs=highs,
        call=core_call(layout, constants, places),
    )


def _range(key: Key) -> tuple[float, float]:
    """Least and largest number that a key may take: next to an end that does not belong to it."""
    low = np.nextafter(key.low, np.inf) if key.low_open else key.low
    high = np.nextafter(key.high, -np.inf) if key.high_open else key.high
    return float(low), float(high)


def _is_related(key: Key, given: set[str]) -> bool:
    """Whether a number's range hangs on other numbers, or is more than two ends."""
    demand = "customers.ceiling" in given and key.path.startswith("customers.")
    return demand or key.whole or key.kind == "points" or key.path == "niches.list[].share"


def _beyond_the_core(
    plan: ModelPlan, ready: _Ready, columns: Sequence[FloatArray], draws: int
) -> Mapping[str, FloatArray]:
    for values, low, high in zip(columns, ready.lows, ready.highs, strict=True):
        if not (values.min(initial=np.inf) >= low and values.max(initial=-np.inf) <= high):
            return _read_anew(plan, columns, draws)
    table = spaced_rows(ready.sources.size, draws)
    for row, column in zip(table, ready.sources, strict=True):
        row[:draws] = columns[column]
    found = evaluate_draws(
        Columns(
            layout=ready.layout,
            constants=ready.constants,
            places=ready.places,
            columns=table,
            draws=draws,
            shape=(draws,),
        )
    )
    refuse_non_finite(found)
    return found


def _read_anew(plan: ModelPlan, columns: Sequence[FloatArray], draws: int) -> Mapping[str, FloatArray]:
    outputs = incentive(_filled(plan.model, columns))
    return {name: np.broadcast_to(values, draws) for name, values in outputs.items()}


def _filled(model: Any, columns: Sequence[FloatArray]) -> Any:  # noqa: ANN401 - nested
    if isinstance(model, Slot):
        return columns[model.column]
    if isinstance(model, Mapping):
        return {name: _filled(item, columns) for name, item in model.items()}
    if isinstance(model, list | tuple):
        return [_filled(item, columns) for item in model]
    return model
