"""Tasks for workers: a range of draws in, their outputs or their tallies out."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.bins import Bins
from mcrace.engine.block import BLOCK_POINTS, Block, StudyText, draw_block
from mcrace.engine.counting import Finder, finder_of
from mcrace.engine.exact import Around, values_around
from mcrace.engine.tally import Tally, distinct_rows, merged, tally_of
from mcrace.engine.tree import Node, add_node
from mcrace.errors import RunError

__all__ = ["Draws", "Tallies", "Task", "compute", "draws_of", "tallies_of"]

FloatArray = NDArray[np.float64]

_TOGETHER = 4
"""Leaves that are evaluated together, which shares out what a call of the model costs beside its draws."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """A range of one replicate's points, for some scenarios.

    Attributes
    ----------
    replicate, start, count : int
        Which points.
    points : int
        Points of the replicate as a whole, as the design wants to know them.
    first, last : int
        Scenarios from `first` to before `last`.
    keep : int
        The inputs of points below this number come with the outputs.
    leaf : int
        Points of a leaf of the tree of tallies; `start` is a multiple of it where there are bins.
    bins : Bins or None
        Over which to tally, shape (1, row): the outputs that are equal by the model's form are one row.
    quantiles : Around or None
        If the draws around these quantiles are wanted. Without either, the outputs themselves are: those of
        `BLOCK_POINTS` points at most.
    """

    replicate: int
    start: int
    count: int
    points: int
    first: int
    last: int
    keep: int
    leaf: int
    bins: Bins | None = None
    quantiles: Around | None = None

    @property
    def name(self) -> str:
        """What is computed, in words for a person."""
        return f"replicate {self.replicate}, points {self.start} to {self.start + self.count - 1}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """Outputs and inputs of a task's draws.

    Attributes
    ----------
    rows : ndarray, shape (row, draw)
        The outputs, in their units; those that are equal by the model's form are one row.
    places : ndarray of int, shape (scenario, output)
        The row of each; the same in all tasks of these scenarios.
    inputs : ndarray, shape (scenario, input, kept)
        As `BlockDraws` has them.
    """

    rows: FloatArray
    places: NDArray[np.int64]
    inputs: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tallies:
    """Tallies of a task's rows of outputs, as far as they merge, by their place in the replicate's tree."""

    nodes: dict[Node, Tally]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """A task's draws around quantiles, by (0, row, level)."""

    picked: dict[tuple[int, ...], FloatArray]


def compute(text: StudyText, task: Task) -> Draws | Tallies | Values:
    """Do a task.

    Parameters
    ----------
    text : StudyText
        The study.
    task : Task
        Which draws, and what of them.

    Returns
    -------
    Draws, Tallies or Values
        The same bits wherever and whenever it is computed.

    Raises
    ------
    ModelError
        If a draw leaves the model's range.
    RunError
        If this worker tells other outputs apart than the one that laid out the bins.
    """
    if task.quantiles is not None:
        return _values_of(text, task, task.quantiles)
    return draws_of(text, task) if task.bins is None else tallies_of(text, task, task.bins)


def draws_of(text: StudyText, task: Task) -> Draws:
    """Compute the outputs of a task's draws, which are those of one block.

    Parameters, errors: as `compute`.
    """
    block = draw_block(text, _block(task, task.start, task.count))
    rows, places = distinct_rows(block.rows)
    return Draws(rows=np.stack(rows), places=places.reshape(len(block.rows), -1), inputs=block.inputs)


def tallies_of(text: StudyText, task: Task, bins: Bins) -> Tallies:
    """Tally a task's draws, leaf by leaf.

    Parameters, errors: as `compute`.
    """
    ready, finder = _finder(bins)
    nodes: dict[Node, Tally] = {}
    end = task.start + task.count
    for start in range(task.start, end, _TOGETHER * task.leaf):
        count = min(_TOGETHER * task.leaf, end - start)
        rows = _rows(text, _block(task, start, count), bins.tails.shape[1])
        for first in range(0, count, task.leaf):
            tally = tally_of([[row[first : first + task.leaf] for row in rows]], ready, finder)
            add_node(nodes, (0, (start + first) // task.leaf), tally, merged)
    return Tallies(nodes=nodes)


@lru_cache(maxsize=4)
def _finder(bins: Bins) -> tuple[Bins, Finder]:
    """Bins as compiled code takes them, and their tables; those of the last tasks are remembered."""
    # Arrays that came from another process may be read-only, which compiled code takes for another type.
    ready = Bins(
        edges=np.require(bins.edges, requirements="W"), tails=np.require(bins.tails, requirements="W")
    )
    return ready, finder_of(ready)


def _rows(text: StudyText, block: Block, count: int) -> list[FloatArray]:
    """Give a block's outputs, once those that are one array: by the model's form, so in every block."""
    rows, _ = distinct_rows(draw_block(text, block).rows)
    if len(rows) != count:  # pragma: no cover - workers of one version agree
        told = f"a worker found {len(rows)} different outputs where {count} were laid out: is mcrace the same"
        raise RunError(f"{told} there?")
    return rows


def _values_of(text: StudyText, task: Task, quantiles: Around) -> Values:
    parts: dict[tuple[int, ...], list[FloatArray]] = {}
    end = task.start + task.count
    for start in range(task.start, end, BLOCK_POINTS):
        block = _block(task, start, min(BLOCK_POINTS, end - start))
        rows = _rows(text, block, quantiles.before.shape[1])
        for place, values in values_around([rows], quantiles).items():
            parts.setdefault(place, []).append(values)
    return Values(picked={place: np.concatenate(part) for place, part in parts.items()})


def _block(task: Task, start: int, count: int) -> Block:
    return Block(
        replicate=task.replicate,
        start=start,
        count=count,
        points=task.points,
        keep=task.keep,
        first=task.first,
        last=task.last,
    )
