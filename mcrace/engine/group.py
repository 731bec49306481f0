"""Some scenarios of a study, from the first point to their statistics."""

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.bins import Bins, bins_of
from mcrace.engine.counted import counted_brackets, counted_statistics
from mcrace.engine.counting import finder_of
from mcrace.engine.exact import around, exact_quantiles
from mcrace.engine.execute import computed
from mcrace.engine.held import Held, held_draws
from mcrace.engine.result import Statistics
from mcrace.engine.setting import Group, Kept, Setting, task_of
from mcrace.engine.statistics import LEVELS, STATISTICS, statistics_of
from mcrace.engine.store import Arrays, Store
from mcrace.engine.tally import Tally, merged, tally_of, tally_record
from mcrace.engine.task import Tallies, Task, Values
from mcrace.engine.tree import Node, add_node, gaps, total
from mcrace.errors import RunWarning

__all__ = ["sampled"]

FloatArray = NDArray[np.float64]
Forest = dict[Node, Tally]

_MOST_VALUES = 20_000_000
"""Draws that a second pass holds at most, over all quantiles of a group's outputs."""

_GLANCE = 512
"""Every so manieth draw tells most rows apart."""


def sampled(setting: Setting, group: Group, enough: Callable[[Statistics], bool]) -> tuple[Statistics, Kept]:
    """Sample a group of scenarios until there are enough draws.

    Parameters
    ----------
    setting : Setting
        Study, workers, store.
    group : Group
        Which scenarios.
    enough : callable
        Whether the statistics are precise enough. If not, the points of each replicate are doubled, the
        earlier ones kept, up to the plan's most.

    Returns
    -------
    tuple of Statistics and Kept
        Of the group's scenarios.
    """
    plan = setting.plan
    points = plan.points
    held = held_draws(setting, group, 0, min(points, plan.leaf), points)
    bins: Bins | None = None
    forests: list[Forest] = [{} for _ in range(plan.replicates)]
    seeds: list[Tally] = []
    while True:
        if points > plan.leaf:
            if bins is None:
                bins, seeds = _bins_and_seeds(held, plan.leaf, setting.threads)
                held = replace(held, rows=held.rows[..., : plan.keep].copy())
            _grow(setting, group, forests, seeds, bins, points)
            found = _counted(group, forests, bins, held.places)
        else:
            found = _exact(group, held)
        if 2 * points > plan.most_points or enough(found):
            if bins is not None and plan.exact:
                found = _with_exact_quantiles(setting, group, found, forests, bins, held.places)
            return found, _kept(setting, group, held, points)
        points *= 2
        if points <= plan.leaf:
            held = held.with_more(held_draws(setting, group, points // 2, points // 2, points))


def _kept(setting: Setting, group: Group, held: Held, points: int) -> Kept:
    """Kept draws: of those held, and as many more as the study asks for."""
    keep, there = min(setting.plan.keep, points), held.inputs.shape[3]
    if there < keep:
        silent = replace(setting, store=None, tell=lambda _: None)
        first = replace(held, rows=held.rows[..., :there])
        held = first.with_more(held_draws(silent, group, there, keep - there, points))
    return held.kept(keep)


def _bins_and_seeds(held: Held, leaf: int, threads: int) -> tuple[Bins, list[Tally]]:
    """Lay out bins by the rows held, and tally these, by replicate."""
    rows = held.rows[np.newaxis]
    replicates = [rows[:, :, replicate] for replicate in range(rows.shape[2])]
    with ThreadPoolExecutor(threads) as pool:
        bins = bins_of(rows.reshape(*rows.shape[:2], -1), leaf, pool.map)
        return bins, list(pool.map(partial(tally_of, bins=bins, finder=finder_of(bins)), replicates))


def _grow(
    setting: Setting, group: Group, forests: list[Forest], seeds: list[Tally], bins: Bins, points: int
) -> None:
    """Tally what is missing of each replicate up to a number of points; `seeds` are the first leaves."""
    for replicate, (forest, seed) in enumerate(zip(forests, seeds, strict=True)):
        if setting.store is not None:
            _regrow(setting, group, forest, _tree_name(group, replicate, bins))
        if gaps(forest, 1):
            add_node(forest, (0, 0), seed, merged)
    tasks = list(_tasks(setting, group, forests, bins, points))
    for place, drawn in computed(setting.pool, setting.text, tasks):
        task = tasks[place]
        if isinstance(drawn, Tallies):
            forest = forests[task.replicate]
            before = set(forest)
            for node, tally in drawn.nodes.items():
                add_node(forest, node, tally, merged)
            setting.tell(task.count * (task.last - task.first))
            if setting.store is not None:
                _save(setting.store, _tree_name(group, task.replicate, bins), before, forest)


def _tasks(setting: Setting, group: Group, forests: list[Forest], bins: Bins, points: int) -> Iterator[Task]:
    plan = setting.plan
    leaves = -(-points // plan.leaf)
    for replicate, forest in enumerate(forests):
        for low, high in gaps(forest, leaves):
            # Cut at multiples of a task's leaves, so that a task's tallies merge into one.
            for first in range(low - low % plan.leaves, high, plan.leaves):
                start = max(first, low) * plan.leaf
                end = min(min(first + plan.leaves, high) * plan.leaf, points)
                yield task_of(setting, group, replicate, start, end - start, points, bins)


def _tree_name(group: Group, replicate: int, bins: Bins) -> str:
    return f"tally-{group.first}-{group.last}-{replicate}-{bins.name()}"


def _regrow(setting: Setting, group: Group, forest: Forest, name: str) -> None:
    """Take from the store what stands there of a replicate, larger parts first."""
    store = setting.store
    names = store.names(name) if store is not None else []
    found = [tuple(int(part) for part in place.split("-")[-2:]) for place in names]
    for level, index in sorted(found, reverse=True):
        first, last = index << level, index + 1 << level
        if not any(low <= first and last <= high for low, high in gaps(forest, last)):
            continue
        record = store.load(f"{name}-{level}-{index}") if store is not None else None
        tally = _tally(record) if record is not None else None
        if tally is not None:
            known = setting.plan.leaf if first == 0 else 0
            setting.tell((tally.points - known) * (group.last - group.first))
            add_node(forest, (level, index), tally, merged)


def _tally(record: Arrays) -> Tally | None:
    try:
        arrays: dict[str, Any] = {**record, "points": int(record["points"])}
        return Tally(**arrays)
    except (TypeError, KeyError, ValueError):
        return None


def _save(store: Store, name: str, before: set[Node], forest: Forest) -> None:
    """Keep what has grown, then drop what is part of it."""
    for node in forest.keys() - before:
        store.save(f"{name}-{node[0]}-{node[1]}", tally_record(forest[node]))
    for node in before - forest.keys():
        store.remove(f"{name}-{node[0]}-{node[1]}")


def _exact(group: Group, held: Held) -> Statistics:
    """Statistics of draws that are all held."""
    chosen, twins = _distinct(held.rows)
    rows = [held.rows[place] for place in chosen]
    # Row by row: what is at work stays in the processor's cache.
    values = np.ascontiguousarray(np.stack([statistics_of(row).T for row in rows]))
    pooled = np.concatenate([statistics_of(row.reshape(1, -1)) for row in rows])
    places = twins[held.places]
    return Statistics(
        scenarios=group.names,
        outputs=group.outputs,
        names=STATISTICS,
        pooled=pooled[places],
        values=values[places],
        points=held.rows.shape[2],
    )


def _distinct(rows: FloatArray) -> tuple[list[int], NDArray[np.int64]]:
    """Places of the rows that differ by a bit from those before them, and which of these each row is."""
    bits = rows.view(np.int64)
    alike: dict[bytes, list[int]] = {}
    chosen: list[int] = []
    places = np.empty(len(rows), dtype=np.int64)
    for place, row in enumerate(bits):
        others = alike.setdefault(row[:, ::_GLANCE].tobytes(), [])
        twin = next((other for other in others if np.array_equal(row, bits[chosen[other]])), None)
        if twin is None:
            twin = len(chosen)
            chosen.append(place)
            others.append(twin)
        places[place] = twin
    return chosen, places


def _counted(group: Group, forests: list[Forest], bins: Bins, places: NDArray[np.int64]) -> Statistics:
    """Statistics of draws that are tallied: of each row, and given to the outputs that it is."""
    replicates = [total(forest, merged) for forest in forests]
    every = _every(forests)
    brackets = np.full((*every.mean.shape, len(STATISTICS), 2), np.nan)
    first = STATISTICS.index(f"q{LEVELS[0]:g}")
    brackets[:, :, first : first + len(LEVELS)] = counted_brackets(every, bins)
    values = np.stack([counted_statistics(tally, bins) for tally in replicates], axis=-1)
    return Statistics(
        scenarios=group.names,
        outputs=group.outputs,
        names=STATISTICS,
        pooled=counted_statistics(every, bins)[0, places],
        values=values[0, places],
        points=replicates[0].points,
        brackets=brackets[0, places],
    )


def _every(forests: list[Forest]) -> Tally:
    """Merge the tallies of all replicates, the first one first."""
    return reduce(merged, [total(forest, merged) for forest in forests])


def _with_exact_quantiles(
    setting: Setting,
    group: Group,
    found: Statistics,
    forests: list[Forest],
    bins: Bins,
    places: NDArray[np.int64],
) -> Statistics:
    """Go over the draws again, for the quantiles of all of them; those of replicates stay interpolated."""
    every = _every(forests)
    quantiles = around(every, bins)
    if quantiles.inside > _MOST_VALUES:
        told = (
            f"quantiles stay interpolated: {quantiles.inside:,} draws lie in their bins, and at most "
            f"{_MOST_VALUES:,} are held; ask for fewer draws or scenarios"
        )
        warnings.warn(told, RunWarning, stacklevel=2)
        return found
    span = setting.plan.leaf * setting.plan.leaves
    tasks = [
        replace(
            task_of(setting, group, replicate, start, min(span, found.points - start), found.points),
            keep=0,
            quantiles=quantiles,
        )
        for replicate in range(setting.plan.replicates)
        for start in range(0, found.points, span)
    ]
    picked: dict[tuple[int, ...], list[FloatArray]] = {}
    for _, values in computed(setting.pool, setting.text, tasks):
        for place, part in values.picked.items() if isinstance(values, Values) else ():
            picked.setdefault(place, []).append(part)
    pooled = exact_quantiles(counted_statistics(every, bins), every.points, quantiles, picked)
    return replace(found, pooled=pooled[0, places], brackets=None)
