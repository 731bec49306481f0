"""What the parts of a run share, and the tasks that they are cut into."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.bins import Bins
from mcrace.engine.block import StudyText
from mcrace.engine.execute import Pool
from mcrace.engine.plan import Plan
from mcrace.engine.store import Store
from mcrace.engine.task import Task

__all__ = ["Group", "Kept", "Setting", "task_of"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """What all groups of a run share.

    Attributes
    ----------
    text : StudyText
        The study.
    plan : Plan
        How large the run is.
    pool : Pool
        Workers.
    store : Store or None
        Of finished blocks.
    tell : callable
        Takes the evaluations (draws times scenarios) that have just been done.
    threads : int
        Threads that this process may use beside them, one after the other.
    """

    text: StudyText
    plan: Plan
    pool: Pool
    store: Store | None
    tell: Callable[[int], None]
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Scenarios that are sampled together.

    Attributes
    ----------
    first, last : int
        The study's scenarios from `first` to before `last`.
    names, outputs : tuple of str
        Of the scenarios and of the outputs.
    """

    first: int
    last: int
    names: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """Draws that are kept, shape (scenario, input or output, replicate, point)."""

    inputs: FloatArray
    outputs: FloatArray


def task_of(
    setting: Setting,
    group: Group,
    replicate: int,
    start: int,
    count: int,
    points: int,
    bins: Bins | None = None,
) -> Task:
    """Cut a task out of a group's draws.

    Parameters
    ----------
    setting, group : Setting, Group
        Of what.
    replicate, start, count, points : int
        Which draws, as `Task` has them.
    bins : Bins, optional
        Over which they are to be tallied.

    Returns
    -------
    Task
        Without bins, the inputs of draws that the plan keeps are asked for too.
    """
    plan = setting.plan
    return Task(
        replicate=replicate,
        start=start,
        count=count,
        points=points,
        first=group.first,
        last=group.last,
        keep=plan.keep if bins is None else 0,
        leaf=plan.leaf,
        bins=bins,
    )
