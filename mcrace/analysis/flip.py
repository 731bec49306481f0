"""What you would have to believe: the value of a number of the study at which the answer flips."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, over_replicates
from mcrace.engine.evaluate import model_of
from mcrace.engine.probe import BaseDraws, evaluated, with_number
from mcrace.errors import ModelError
from mcrace.nomenclature import KEYS, OFF, Key
from mcrace.study.names import key_path
from mcrace.study.requests import Flip, FlipKey

__all__ = ["FlipPoint", "find_flip", "flip_points"]

FloatArray = NDArray[np.float64]

_BOUNDED = 17
"""Values at which a number between two ends is tried, before the flip is closed in on."""

_STEPS = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 19)])
"""Steps away from where it stands at which a number without an end is tried, in its natural unit."""

_HALVINGS = 16
"""Of the bracket, until the flip is found to far below its error."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlipPoint:
    """Where the answer flips as one number of the study goes away from where it stands.

    Attributes
    ----------
    path : str
        Such as ``model.beliefs.optimism``.
    start : float
        Where the search began: the study's own number, its neutral value, or the low end of an input.
    value : Estimates, shape ()
        The nearest value at which the statistic crosses the mark, in the number's unit; NaN if there is none.
    at_start : Estimates, shape ()
        The statistic at `start`.
    tried : tuple of float
        Lowest and highest value tried.
    ends : tuple of float
        The statistic at these two.
    rises : bool
        Whether the statistic rises where it crosses.
    note : str
        Why there is no value, or what else a reader should know.
    """

    path: str
    start: float
    value: Estimates
    at_start: Estimates
    tried: tuple[float, float]
    ends: tuple[float, float]
    rises: bool = False
    note: str = ""


def flip_points(draws: BaseDraws, request: Flip, jobs: int = 1) -> tuple[FlipPoint, ...]:
    """Find the flip of each key that a study names, on common draws.

    Parameters
    ----------
    draws : BaseDraws
        Kept draws of base.
    request : Flip
        Which keys, output, statistic and mark.
    jobs : int
        Threads.

    Returns
    -------
    tuple of FlipPoint
        In the order of the request.
    """
    keys = request.keys or tuple(FlipKey(path=f"model.{path}") for path in _strengths(draws))
    return tuple(_flip_point(draws, request, key, jobs) for key in keys)


def find_flip(
    statistic: Callable[[float], FloatArray], mark: float, tries: FloatArray
) -> tuple[float, float, bool]:
    """Find the first value at which a statistic crosses its mark.

    Parameters
    ----------
    statistic : callable
        From a value to the statistic of each replicate, on common random numbers.
    mark : float
        To cross.
    tries : ndarray
        Values in the order in which they are tried: the crossing lies between two neighbours.

    Returns
    -------
    value, standard_error : float
        NaN if no two neighbours differ in their side of the mark.
    rises : bool
        Whether the statistic rises with the value there.

    Notes
    -----
    The error is the replicates' scatter over the slope (delta method).

    Examples
    --------
    >>> scatter = np.array([-0.1, 0.0, 0.1])
    >>> value, error, rises = find_flip(lambda v: 2 * v - 1 + scatter, 0.0, np.linspace(0, 1, 5))
    >>> round(value, 6), round(error, 4), rises
    (0.5, 0.0289, True)
    """
    sides: list[bool] = []
    before = float(tries[0])
    for trial in map(float, tries):
        sides.append(bool(statistic(trial).mean() > mark))
        if sides[-1] != sides[0]:
            return _closed_in(statistic, mark, before, trial)
        before = trial
    return float("nan"), float("nan"), False


def _closed_in(
    statistic: Callable[[float], FloatArray], mark: float, inside: float, outside: float
) -> tuple[float, float, bool]:
    """Bisect between a value on the first side of the mark and one on the other; add the error."""
    ends = (min(inside, outside), max(inside, outside))
    first = bool(statistic(inside).mean() > mark)
    for _ in range(_HALVINGS):
        middle = 0.5 * (inside + outside)
        if bool(statistic(middle).mean() > mark) == first:
            inside = middle
        else:
            outside = middle
    value = 0.5 * (inside + outside)
    scatter = statistic(value)
    half = scatter.std(ddof=1) / np.sqrt(scatter.size) if scatter.size > 1 else np.nan
    reach, slope = 0.05 * (ends[1] - ends[0]), 0.0
    for _ in range(2):
        low, high = max(value - reach, ends[0]), min(value + reach, ends[1])
        slope = float(statistic(high).mean() - statistic(low).mean()) / (high - low)
        # A slope over less than the error itself would be that of single draws.
        reach = max(reach, 2 * half / abs(slope)) if slope != 0 else 2 * reach
    error = float(half / abs(slope)) if slope != 0 else float("nan")
    return value, error, (outside > inside) != first


def _strengths(draws: BaseDraws) -> list[str]:
    """Numbers of the model with a neutral value, where the study does not let them vary."""
    found = []
    for key in KEYS.values():
        plain = key.kind == "number" and not key.certain and not key.whole and "[]" not in key.path
        if plain and key.default not in (None, OFF):
            standing = _standing(draws, key.path)
            if standing is None or isinstance(standing, float | int):
                found.append(key.path)
    return found


def _standing(draws: BaseDraws, path: str) -> Any:  # noqa: ANN401 - a leaf of the model
    """Look up what stands at a path of the model; None if nothing does."""
    part: Any = draws.study.base.model
    for name in path.split("."):
        if isinstance(part, list):
            part = part[int(name)] if name.isdecimal() and int(name) < len(part) else None
        else:
            part = part.get(name) if part is not None else None
    return part


def _flip_point(draws: BaseDraws, request: Flip, key: FlipKey, jobs: int) -> FlipPoint:
    known: dict[float, FloatArray] = {}

    def statistic(value: float) -> FloatArray:
        if value not in known:
            known[value] = _statistic(draws, request, key.path, value, jobs)
        return known[value]

    start, directions = _tries(draws, key)
    found: list[tuple[float, float, bool]] = []
    note = ""
    for tries in directions:
        try:
            if _has_effect(statistic, tries):
                found.append(find_flip(statistic, request.mark, tries))
        except ModelError as refusal:
            fault = refusal.faults[0]
            note = f"refused by the model: {fault.path}: found {fault.found}, expected {fault.expected}"
    if not found and not note:
        note = "no effect by itself"
    hits = [hit for hit in found if not np.isnan(hit[0])]
    value, error, rises = min(hits, key=lambda hit: abs(hit[0] - start), default=(np.nan, np.nan, False))
    nan = np.full(draws.shape[0], np.nan)
    first = known.get(start, nan)
    tried = (min(known, default=np.nan), max(known, default=np.nan))
    if not hits and not note:
        note = "no value that was tried crosses the mark"
    return FlipPoint(
        path=key.path,
        start=start,
        value=Estimates(value=np.array(value), standard_error=np.array(error), replicates=draws.shape[0]),
        at_start=over_replicates(first),
        tried=tried,
        ends=(float(known.get(tried[0], nan).mean()), float(known.get(tried[1], nan).mean())),
        rises=rises,
        note=note,
    )


def _has_effect(statistic: Callable[[float], FloatArray], tries: FloatArray) -> bool:
    """Whether the statistic changes at all, where the number is changed much or little."""
    first = statistic(float(tries[0]))
    places = (len(tries) - 1, len(tries) // 2, 1)
    return any(not np.array_equal(statistic(float(tries[place])), first) for place in places)


def _statistic(draws: BaseDraws, request: Flip, path: str, value: float, jobs: int) -> FloatArray:
    """Compute the statistic of each replicate with a number in its place."""
    base, changed = draws.study.base, draws
    if path.startswith("inputs."):
        changed = replace(draws, values={**draws.values, path.removeprefix("inputs."): value})
    else:
        base = with_number(base, path, value)
    (found,) = evaluated(changed, base, (request.output,), jobs)
    values: FloatArray = found > 0 if request.statistic == "p_positive" else found
    return np.asarray(values.mean(axis=1))


def _tries(draws: BaseDraws, key: FlipKey) -> tuple[float, list[FloatArray]]:
    """Give where the search begins, and values to try in each direction from there."""
    if key.low is not None and key.high is not None:
        return key.low, [np.linspace(key.low, key.high, _BOUNDED)]
    if key.path.startswith("inputs."):
        values = np.asarray(draws.values[key.path.removeprefix("inputs.")])
        finite = values[np.isfinite(values)]
        levels = np.linspace(0.001, 0.999, _BOUNDED)
        tries = np.unique(np.quantile(finite, levels)) if finite.size else np.array([0.0])
        return float(tries[0]), [tries]
    path = key.path.removeprefix("model.")
    entry = KEYS[key_path(path.split("."))]
    standing = _standing(draws, path)
    neutral = float(entry.default) if isinstance(entry.default, float | int) else 0.0
    start = float(standing) if isinstance(standing, float | int) else neutral
    if np.isfinite([entry.low, entry.high]).all():
        ends = [end for end in (entry.high, entry.low) if end != start]
        return start, [np.linspace(start, end, _BOUNDED) for end in ends]
    steps = _unit(draws, entry) * _STEPS
    up, down = start + steps, start - steps
    return start, [tries for tries in (_inside(up, entry), _inside(down, entry)) if len(tries) > 1]


def _inside(values: FloatArray, key: Key) -> FloatArray:
    above = values > key.low if key.low_open else values >= key.low
    below = values < key.high if key.high_open else values <= key.high
    return values[above & below]


def _unit(draws: BaseDraws, key: Key) -> float:
    """Natural size of a number: what is at stake for money, the horizon for days, 1 for all else."""
    days = float(np.median(model_of(draws.study.base.model["horizon_days"], draws.values)))
    stake = float(np.median(np.abs(draws.outputs["revenue_gain"]))) or 1.0
    today = float(np.median(draws.outputs["revenue_today"])) or 1.0
    customers = float(np.median(model_of(draws.study.base.model["customers"]["count"], draws.values))) or 1.0
    sizes = {"USD": stake, "USD a day": stake / days, "days": days, "customers": customers}
    return sizes.get(key.unit, today / customers if key.unit.startswith("USD per customer") else 1.0)
