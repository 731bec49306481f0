"""Boxes of inputs in which a condition holds: the patient rule induction method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from mcrace.analysis import peeling
from mcrace.analysis.estimates import Estimates, over_replicates
from mcrace.analysis.regions import Limit, Prim, Region, Trajectory, ratio_of_sums

__all__ = ["Limit", "Prim", "Region", "Trajectory", "prim"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_THINNED = 4096
"""Draws on which the halves of the space are peeled."""

_COARSER = 3
"""How much larger their slabs are."""

_BEST = 3
"""Boxes of those peelings that are worth pasting."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Settings:
    peel: float
    sweeps: int
    least: int
    gain: float
    most: int
    significance: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Held:
    """Draws that state: inputs (replicate, point, input), hits and those not in a region yet."""

    inputs: FloatArray
    hits: BoolArray
    alive: BoolArray


def prim(
    inputs: FloatArray,
    hits: BoolArray,
    names: Sequence[str] | None = None,
    *,
    peel: float = 0.05,
    paste: int = 20,
    least_mass: float = 0.005,
    least_coverage: float = 0.05,
    gain: float = 0.01,
    most: int = 4,
    significance: float = 0.05,
    boxes: int = 3,
) -> Prim:
    """Find boxes of inputs that hold many of the hits and little else.

    The replicates of even number choose the boxes, those of odd number state coverage, density, mass and
    quasi-p-values, so that no number is flattered by the choice. Slabs are peeled off (`peeling.peeled`).
    The rule of choice is the phi coefficient, the correlation of being inside with being a hit: for rare hits
    it is the geometric mean of coverage and density. Of each number of restricted inputs, the box of the
    trajectory that has the best one is taken, its limits are moved to where it is best (`peeling.pasted`),
    those that add little to it are given up, and the best of these boxes is chosen. A limit then has to
    stand the test of the stating draws, at `significance` divided by the number of limits tested; the worst
    that does not is dropped, and the others are pasted anew. If none is left, halves of the space are peeled
    likewise, for peeling the whole of it misses like boxes in opposite corners. Draws in a box are left out
    of the search for the next one.

    Parameters
    ----------
    inputs : ndarray, shape (replicate, point, input)
        Draws in any unit; may hold infinities, atoms and constants.
    hits : ndarray of bool, shape (replicate, point)
        Where the condition holds.
    names : sequence of str, optional
        Of the inputs; by default ``x0``, ``x1`` and so on.
    peel : float
        Share of a box's draws that one slab takes.
    paste : int
        Sweeps over the limits at most; 0 leaves them where peeling has put them.
    least_mass : float
        Share of the draws that a box holds at least; at least 20 draws too.
    least_coverage : float
        Share of all hits that a region has at least; a smaller one is not reported.
    gain : float
        Correlation that a limit must add to stay.
    most : int
        Inputs that a region restricts at most.
    significance : float
        Quasi-p-value that a region's limits may have together.
    boxes : int
        Regions at most.

    Returns
    -------
    Prim
        Errors are those of the independent replicates that state.

    Raises
    ------
    ValueError
        If shapes do not fit or an input is NaN.

    References
    ----------
    J. H. Friedman, N. I. Fisher, Bump hunting in high-dimensional data, Statistics and Computing 9 (1999).
    B. P. Bryant, R. J. Lempert, Thinking inside the box, Technological Forecasting and Social Change 77
    (2010).

    Examples
    --------
    >>> inputs = np.random.default_rng(1).random((8, 256, 3))
    >>> found = prim(inputs, (inputs[..., 0] < 0.3) & (inputs[..., 2] > 0.5), ("day", "cost", "step"))
    >>> [(limit.name, limit.above, round(limit.value, 1)) for limit in found.regions[0].limits]
    [('day', True, 0.3), ('step', False, 0.5)]
    """
    inputs, hits = np.asarray(inputs, dtype=np.float64), np.asarray(hits, dtype=np.bool_)
    labels = tuple(names) if names is not None else tuple(f"x{place}" for place in range(inputs.shape[-1]))
    if inputs.ndim != 3 or hits.shape != inputs.shape[:2] or len(labels) != inputs.shape[2]:
        raise ValueError(f"shapes do not fit: inputs {inputs.shape}, hits {hits.shape}, {len(labels)} names")
    if np.isnan(inputs).any():
        raise ValueError("an input is NaN; expected numbers or infinities")
    held_out = len(inputs) > 1
    even, odd = slice(0, None, 2), slice(1 if held_out else 0, None, 2)
    draws = peeling.ranked(inputs[even].reshape(-1, inputs.shape[2]), hits[even].reshape(-1))
    held = _Held(inputs=inputs[odd], hits=hits[odd], alive=np.ones(hits[odd].shape, dtype=np.bool_))
    least = max(round(least_mass * draws.hit.size), 20)
    settings = _Settings(
        peel=peel, sweeps=paste, least=least, gain=gain, most=most, significance=significance
    )
    condition: Literal["some", "none", "all"] = "all" if hits.all() else "some" if hits.any() else "none"
    regions, trajectories, left = _covered(
        draws, held, labels, settings, least_coverage, boxes if condition == "some" else 0
    )
    taken = ~left
    return Prim(
        names=labels,
        condition=condition,
        share=over_replicates(hits.mean(axis=1)),
        regions=regions,
        coverage=ratio_of_sums((taken & held.hits).sum(axis=1), held.hits.sum(axis=1)),
        density=ratio_of_sums((taken & held.hits).sum(axis=1), taken.sum(axis=1)),
        trajectories=trajectories,
        held_out=held_out,
    )


def _covered(
    draws: peeling.Draws,
    held: _Held,
    names: tuple[str, ...],
    settings: _Settings,
    least_coverage: float,
    boxes: int,
) -> tuple[tuple[Region, ...], tuple[Trajectory, ...], BoolArray]:
    """Search box after box on the draws that are left; also give the stating draws left in the end."""
    alive = np.ones(draws.hit.size, dtype=np.bool_)
    regions: list[Region] = []
    trajectories: list[Trajectory] = []
    while (
        len(regions) < boxes and np.count_nonzero(draws.hit & alive) >= least_coverage * draws.hit.sum() > 0
    ):
        path = peeling.peeled(draws, alive, settings.peel, settings.least)
        trajectories.append(_trajectory(draws, held, path))
        region = None
        for starts in (_starts, _other_starts):
            if region is None:
                box = _chosen(draws, alive, starts(draws, alive, path, settings), settings)
                region, box = _tested(draws, alive, held, box, names, settings)
        if region is None or not region.coverage.value >= least_coverage:
            break
        regions.append(region)
        alive &= ~peeling.within(draws, alive, box)
        held = _Held(inputs=held.inputs, hits=held.hits, alive=held.alive & ~_inside(held, region.limits))
    return tuple(regions), tuple(trajectories), held.alive


def _starts(
    draws: peeling.Draws, alive: BoolArray, path: peeling.Path, settings: _Settings
) -> list[peeling.Box]:
    """Take the best box of the trajectory for each number of restricted inputs."""
    fit = peeling.association(path.draws, path.hits, path.draws[0], path.hits[0])
    restricted = np.array([len({place for place, _ in box.limits(draws)}) for box in path.boxes])
    bests = [path.boxes[np.where(restricted == count, fit, -1.0).argmax()] for count in np.unique(restricted)]
    starts: dict[tuple[tuple[int, bool], ...], peeling.Box] = {}
    for box in bests:
        box = peeling.simplified(draws, alive, box, settings.gain, settings.most)
        starts.setdefault(box.limits(draws), box)
    return list(starts.values())


def _other_starts(
    draws: peeling.Draws, alive: BoolArray, _: peeling.Path, settings: _Settings
) -> list[peeling.Box]:
    """Take the best boxes of peelings of each half of the space, on some of the draws."""
    some = np.zeros(alive.size, dtype=np.bool_)
    # The first ones, for every second point of a net lies in one half of an input.
    some[np.flatnonzero(alive)[:_THINNED]] = True
    least = max(round(settings.least * np.count_nonzero(some) / np.count_nonzero(alive)), 20)
    totals = float(np.count_nonzero(some)), float(np.count_nonzero(some & draws.hit))
    found: list[tuple[float, int, peeling.Box]] = []
    for half in peeling.halves(draws, some):
        path = peeling.peeled(draws, some, _COARSER * settings.peel, least, half)
        fit = peeling.association(path.draws, path.hits, *totals)
        found.append((float(fit.max()), len(found), path.boxes[fit.argmax()]))
    best = [box for _, _, box in sorted(found, reverse=True)[:_BEST]]
    return [peeling.simplified(draws, alive, box, settings.gain, settings.most) for box in best]


def _chosen(
    draws: peeling.Draws, alive: BoolArray, starts: list[peeling.Box], settings: _Settings
) -> peeling.Box:
    """Choose the box on which being inside and being a hit correlate best, after pasting."""
    best, found = draws.whole(), 0.0
    for start in starts:
        box, correlation = _settled(draws, alive, start, settings)
        if correlation > found + settings.gain * (len(box.limits(draws)) > len(best.limits(draws))):
            best, found = box, correlation
    return best


def _settled(
    draws: peeling.Draws, alive: BoolArray, box: peeling.Box, settings: _Settings
) -> tuple[peeling.Box, float]:
    """Paste, and give up limits that add little, until neither changes the box."""
    while True:
        box, correlation = peeling.pasted(draws, alive, box, settings.sweeps, settings.least)
        simple = peeling.simplified(draws, alive, box, settings.gain, settings.most)
        if simple.limits(draws) == box.limits(draws):
            return box, correlation
        box = simple


def _tested(
    draws: peeling.Draws,
    alive: BoolArray,
    held: _Held,
    box: peeling.Box,
    names: tuple[str, ...],
    settings: _Settings,
) -> tuple[Region | None, peeling.Box]:
    """Drop limits that the stating draws do not bear out; no region if none is left."""
    level = settings.significance / max(len(box.limits(draws)), 1)
    while bounds := _bounds(draws, alive, box):
        limits = _limits(held, bounds, names)
        worst = int(np.argmax([limit.quasi_p for limit in limits]))
        if limits[worst].quasi_p <= level:
            inside = _inside(held, limits)
            return Region(limits=limits, **_stated(held, inside)), box
        box = box.without(limits[worst].place, limits[worst].above, draws)
        box, _ = peeling.pasted(draws, alive, box, settings.sweeps, settings.least)
    return None, box


def _bounds(draws: peeling.Draws, alive: BoolArray, box: peeling.Box) -> tuple[tuple[int, bool, float], ...]:
    """Give the limits that keep out a draw: input, side and value."""
    found = (
        (place, above, peeling.edge(draws, alive, box, place, above)) for place, above in box.limits(draws)
    )
    return tuple((place, above, value) for place, above, value in found if value is not None)


def _limits(
    held: _Held, bounds: tuple[tuple[int, bool, float], ...], names: tuple[str, ...]
) -> tuple[Limit, ...]:
    """Hold each limit against the box without it."""
    keeps = [_keeps(held.inputs, *bound) for bound in bounds]
    crossed = sum((~keep).astype(np.int8) for keep in keeps)
    inside = held.alive & (crossed == 0)
    number, hits = int(inside.sum()), int((inside & held.hits).sum())
    found = []
    for (place, above, value), keep in zip(bounds, keeps, strict=True):
        without = inside | (held.alive & (crossed == 1) & ~keep)
        stated = _stated(held, without)
        density = float(stated["density"].value)
        found.append(
            Limit(
                name=names[place],
                place=place,
                above=above,
                value=value,
                quasi_p=float(betainc(hits, number - hits + 1, density)) if hits > 0 else 1.0,
                coverage=stated["coverage"],
                density=stated["density"],
            )
        )
    return tuple(found)


def _keeps(inputs: FloatArray, place: int, above: bool, value: float) -> BoolArray:
    return np.asarray(inputs[..., place] <= value if above else inputs[..., place] >= value)


def _inside(held: _Held, limits: tuple[Limit, ...]) -> BoolArray:
    inside = held.alive.copy()
    for limit in limits:
        inside &= _keeps(held.inputs, limit.place, limit.above, limit.value)
    return inside


def _stated(held: _Held, inside: BoolArray) -> dict[str, Estimates]:
    hits = (inside & held.hits).sum(axis=1)
    return {
        "coverage": ratio_of_sums(hits, held.hits.sum(axis=1)),
        "density": ratio_of_sums(hits, inside.sum(axis=1)),
        "mass": over_replicates(inside.mean(axis=1)),
    }


def _trajectory(draws: peeling.Draws, held: _Held, path: peeling.Path) -> Trajectory:
    """State the boxes of a peeling by the other draws, step by step on those still inside."""
    count = len(path.boxes)
    low = np.full((count, len(draws.values)), -np.inf)
    high = np.full((count, len(draws.values)), np.inf)
    inside = np.flatnonzero(held.alive)
    replicate = np.repeat(np.arange(len(held.hits)), held.hits.shape[1])
    columns = [np.ascontiguousarray(held.inputs[..., place]).reshape(-1) for place in range(low.shape[1])]
    hit = held.hits.reshape(-1)
    numbers = np.zeros((2, len(held.hits), count))
    for step, box in enumerate(path.boxes):
        if step > 0:
            before = path.boxes[step - 1]
            above = bool((box.high != before.high).any())
            place = int(((box.high != before.high) | (box.low != before.low)).argmax())
            code, known = (box.high if above else box.low)[place], draws.values[place]
            value = peeling.between(float(known[code]), float(known[code + 1 if above else code - 1]))
            (high if above else low)[step:, place] = value
            values = columns[place][inside]
            inside = inside[values <= value if above else values >= value]
        numbers[0, :, step] = np.bincount(replicate[inside], minlength=len(held.hits))
        numbers[1, :, step] = np.bincount(replicate[inside[hit[inside]]], minlength=len(held.hits))
    return Trajectory(
        low=low,
        high=high,
        coverage=ratio_of_sums(numbers[1], np.repeat(held.hits.sum(axis=1)[:, None], count, axis=1)),
        density=ratio_of_sums(numbers[1], numbers[0]),
        mass=over_replicates(numbers[0] / held.hits.shape[1]),
        restricted=np.array([len({place for place, _ in box.limits(draws)}) for box in path.boxes]),
    )
