"""Tasks for workers: a range of draws in, their outputs or their tallies out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.bins import Bins
from mcrace.engine.block import BLOCK_POINTS, Block, StudyText, draw_block
from mcrace.engine.counting import Finder, finder_of
from mcrace.engine.exact import Around, values_around
from mcrace.engine.tally import (
    Tally,
    distinct_rows,
    expanded,
    merged,
    parts_of,
    tally_of,
)
from mcrace.engine.tree import Node, add_node

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
        Over which to tally.
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
    """Tallies of a task's draws, as far as they merge, by their place in the replicate's tree."""

    nodes: dict[Node, Tally]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """A task's draws around quantiles, by (scenario, output, level)."""

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
    """
    if task.quantiles is not None:
        return _values_of(text, task, task.quantiles)
    return draws_of(text, task) if task.bins is None else tallies_of(text, task, task.bins)


def draws_of(text: StudyText, task: Task) -> Draws:
    """Compute the outputs of a task's draws, which are those of one block.

    Parameters, errors: as `compute`.
    """
    block = draw_block(text, _block(task, task.start, task.count))
    listed = [row for outputs in block.rows for row in outputs]
    chosen, places = distinct_rows(block.rows)
    rows = np.stack([listed[place] for place in chosen])
    return Draws(rows=rows, places=places.reshape(len(block.rows), -1), inputs=block.inputs)


def tallies_of(text: StudyText, task: Task, bins: Bins) -> Tallies:
    """Tally a task's draws, leaf by leaf.

    Parameters, errors: as `compute`.
    """
    # Arrays that came from another process may be read-only, which compiled code takes for another type.
    bins = Bins(
        edges=np.require(bins.edges, requirements="W"), tails=np.require(bins.tails, requirements="W")
    )
    nodes: dict[Node, Tally] = {}
    end = task.start + task.count
    few: _Distinct | None = None
    for start in range(task.start, end, _TOGETHER * task.leaf):
        count = min(_TOGETHER * task.leaf, end - start)
        rows = draw_block(text, _block(task, start, count)).rows
        # Outputs that are one array in one block are equal in all: they are so by the model's form.
        few = _distinct(rows, bins) if few is None else few
        listed = [row for outputs in rows for row in outputs]
        chosen = [[listed[place] for place in few.chosen]]
        for first in range(0, count, task.leaf):
            tally = tally_of(parts_of(chosen, first, first + task.leaf), few.bins, few.finder)
            add_node(nodes, (0, (start + first) // task.leaf), tally, merged)
    shape = bins.edges.shape[0], bins.edges.shape[1]
    if few is not None:
        nodes = {node: expanded(tally, few.places, shape) for node, tally in nodes.items()}
    return Tallies(nodes=nodes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Distinct:
    """The outputs that are tallied, and how all others follow from them."""

    chosen: list[int]
    places: NDArray[np.int64]
    bins: Bins
    finder: Finder


def _distinct(rows: list[list[FloatArray]], bins: Bins) -> _Distinct:
    chosen, places = distinct_rows(rows, bins.edges)
    edges = bins.edges.reshape(-1, 1, bins.edges.shape[2])[chosen].swapaxes(0, 1)
    few = Bins(edges=np.ascontiguousarray(edges), tails=bins.tails.reshape(1, -1)[:, chosen])
    return _Distinct(chosen=chosen, places=places, bins=few, finder=finder_of(few))


def _values_of(text: StudyText, task: Task, quantiles: Around) -> Values:
    parts: dict[tuple[int, ...], list[FloatArray]] = {}
    end = task.start + task.count
    for start in range(task.start, end, BLOCK_POINTS):
        outputs = draw_block(text, _block(task, start, min(BLOCK_POINTS, end - start))).outputs
        for place, values in values_around(outputs, quantiles).items():
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
