"""Draws that are held in memory: those of runs that are not long, and the first ones of those that are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.block import BLOCK_POINTS
from mcrace.engine.execute import computed
from mcrace.engine.setting import Group, Kept, Setting, task_of
from mcrace.engine.task import Draws, Task

__all__ = ["Held", "held_draws"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Draws of a group.

    Attributes
    ----------
    rows : ndarray, shape (row, replicate, point)
        The outputs, in their units; those that are equal by the model's form are one row.
    places : ndarray of int, shape (scenario, output)
        The row of each.
    inputs : ndarray, shape (scenario, input, replicate, kept)
        Of the draws that are kept; NaN where a scenario lacks one.
    """

    rows: FloatArray
    places: NDArray[np.int64]
    inputs: FloatArray

    def kept(self, points: int) -> Kept:
        """Give the first points of each replicate, every output by itself."""
        return Kept(inputs=self.inputs[..., :points], outputs=self.rows[..., :points][self.places])

    def with_more(self, more: "Held") -> "Held":
        """Put more points behind those of each replicate."""
        rows = np.concatenate([self.rows, more.rows], axis=2)
        return replace(self, rows=rows, inputs=np.concatenate([self.inputs, more.inputs], axis=3))


def held_draws(setting: Setting, group: Group, start: int, count: int, points: int) -> Held:
    """Compute draws of all replicates, or take them from the store.

    Parameters
    ----------
    setting, group : Setting, Group
        Of what.
    start, count : int
        Which points of each replicate.
    points : int
        Points of a replicate as a whole.

    Returns
    -------
    Held
        These draws.
    """
    tasks = [
        task_of(setting, group, replicate, at, min(BLOCK_POINTS, start + count - at), points)
        for replicate in range(setting.plan.replicates)
        for at in range(start, start + count, BLOCK_POINTS)
    ]
    held: Held | None = None
    for task, drawn, is_new in _draws(setting, tasks):
        held = _room(drawn, setting.plan.replicates, start, count, task.keep) if held is None else held
        rows, inputs = _part(held, task, start)
        rows[...], inputs[...] = drawn.rows, drawn.inputs
        if is_new and setting.store is not None:
            # The store may hold what it is given for a while: parts of arrays that are there anyway.
            record = {"rows": rows, "places": held.places, "inputs": inputs}
            setting.store.save(_name(task), record)
        setting.tell(task.count * (task.last - task.first))
    if held is None:  # pragma: no cover - a plan has draws
        raise ValueError("no draws")
    return held


def _draws(setting: Setting, tasks: list[Task]) -> Iterator[tuple[Task, Draws, bool]]:
    """Draws of tasks, and whether they are new: from the store where they are there, else computed."""
    missing = []
    for task in tasks:
        record = setting.store.load(_name(task)) if setting.store is not None else None
        if record is None:
            missing.append(task)
        else:
            yield task, Draws(**record), False
    for place, drawn in computed(setting.pool, setting.text, missing):
        if isinstance(drawn, Draws):
            yield missing[place], drawn, True


def _room(drawn: Draws, replicates: int, start: int, count: int, keep: int) -> Held:
    kept = max(min(start + count, keep) - start, 0)
    return Held(
        rows=np.empty((len(drawn.rows), replicates, count)),
        places=drawn.places,
        inputs=np.empty((*drawn.inputs.shape[:2], replicates, kept)),
    )


def _part(held: Held, task: Task, start: int) -> tuple[FloatArray, FloatArray]:
    """Where a task's draws stand."""
    span = slice(task.start - start, task.start - start + task.count)
    return held.rows[:, task.replicate, span], held.inputs[:, :, task.replicate, span]


def _name(task: Task) -> str:
    return f"rows-{task.first}-{task.last}-{task.replicate}-{task.start}-{task.count}-{task.keep}"
