"""Run a study: draws in, statistics of all of them and some kept draws out."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mcrace.engine.block import input_names, study_text
from mcrace.engine.evaluate import output_names
from mcrace.engine.execute import available_cores, check_workers, opened_pool
from mcrace.engine.group import sampled
from mcrace.engine.machine import processor, versions
from mcrace.engine.plan import Plan, plan_of
from mcrace.engine.precision import is_precise, precision_notes
from mcrace.engine.result import Result, RunFacts, Statistics
from mcrace.engine.setting import Group, Kept, Setting
from mcrace.engine.store import BLOCKS, Store
from mcrace.study.digest import NUMERICS

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.study import Study

__all__ = ["run"]


def run(
    study: "Study",
    *,
    jobs: int | None = None,
    backend: str = "threading",
    address: str | None = None,
    folder: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Sample a study and evaluate all of its scenarios on the same draws.

    Parameters
    ----------
    study : Study
        What to run.
    jobs : int, optional
        Workers; all cores that this process may use if absent. The numbers do not depend on it.
    backend : str
        ``threading``, ``loky`` (processes), ``sequential``, ``dask`` or ``ray``. The numbers do not depend
        on it.
    address : str, optional
        Of a running dask or ray cluster; workers are started on this machine if absent.
    folder : str or Path, optional
        The run's folder, in which finished blocks are kept until the run has ended: a run that was killed
        goes on from there. None are kept if absent.
    progress : callable, optional
        Called with the draws done and the draws in all, after each block. Where the points are doubled for
        precision, the draws in all grow.

    Returns
    -------
    Result
        A frozen value; `mcrace.summary` and `mcrace.figures` are functions of it.

    Raises
    ------
    ModelError
        If a draw leaves the range of a key.
    StudyError
        If there is no such backend or number of jobs.
    RunError
        If workers die again and again, or a cluster does not answer.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"uniform": [0, 200]}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": 1e6},
    ...     },
    ...     sampling={"draws": 1024},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> bool((result.draws["open_effect"] <= 0).all())
    True
    """
    started = time.perf_counter()
    check_workers(jobs=jobs, backend=backend, address=address)
    workers = available_cores() if jobs is None else jobs
    plan = plan_of(study)
    with opened_pool(jobs=workers, backend=backend, address=address) as pool:
        told = _Told(study, plan, progress)
        setting = Setting(
            text=study_text(study),
            plan=plan,
            pool=pool,
            store=None if folder is None else Store(Path(folder) / BLOCKS, _store_key(study)),
            tell=told,
            threads=1 if backend == "sequential" or workers == 1 else min(workers, available_cores()),
        )
        statistics, draws = _sampled(study, setting, told)
    facts = RunFacts(
        seconds=time.perf_counter() - started,
        evaluations=statistics.replicates * statistics.points * len(study.scenarios),
        jobs=workers,
        backend=backend,
        versions=versions(),
        processor=processor(),
        notes=precision_notes(study, statistics),
    )
    return Result(study=study, draws=draws, statistics=statistics, facts=facts)


def _store_key(study: "Study") -> dict[str, object]:
    """Name what a block's bits depend on beside its own name."""
    return {"digest": study.digest, "numerics": NUMERICS, "versions": versions(), "processor": processor()}


class _Told:
    """Counts evaluations, and tells them as draws of all scenarios."""

    def __init__(self, study: "Study", plan: Plan, progress: Callable[[int, int], None] | None) -> None:
        self._scenarios = len(study.scenarios)
        self._replicates = plan.replicates
        self._progress = progress
        self._done = 0
        self.points = plan.points

    def __call__(self, evaluations: int) -> None:
        self._done += evaluations
        if self._progress is not None:
            total = self._replicates * self.points
            self._progress(min(self._done // self._scenarios, total), total)


def _sampled(study: "Study", setting: Setting, told: _Told) -> tuple[Statistics, "pd.DataFrame"]:
    """Sample group after group; the first, in which base is, decides on the number of points."""
    outputs = output_names(study)
    parts: list[Statistics] = []
    kept: list[Kept] = []

    def enough(statistics: Statistics) -> bool:
        if parts or is_precise(study, statistics):
            return True
        told.points = 2 * statistics.points
        return False

    step = setting.plan.group
    for first in range(0, len(study.scenarios), step):
        last = min(first + step, len(study.scenarios))
        names = tuple(scenario.name for scenario in study.scenarios[first:last])
        if parts:
            points = parts[0].points
            setting = replace(setting, plan=replace(setting.plan, points=points, most_points=points))
        group = Group(first=first, last=last, names=names, outputs=outputs)
        found, draws = sampled(setting, group, enough)
        parts.append(found)
        kept.append(draws)
    return _joined(parts), _kept_draws(study, kept, parts[0].points)


def _joined(parts: list[Statistics]) -> Statistics:
    """Statistics of all groups of scenarios."""
    if len(parts) == 1:
        return parts[0]
    brackets = [part.brackets for part in parts if part.brackets is not None]
    return replace(
        parts[0],
        scenarios=tuple(name for part in parts for name in part.scenarios),
        pooled=np.concatenate([part.pooled for part in parts]),
        values=np.concatenate([part.values for part in parts]),
        brackets=np.concatenate(brackets) if brackets else None,
    )


def _kept_draws(study: "Study", kept: list[Kept], points: int) -> "pd.DataFrame":
    import pandas as pd

    names = (*input_names(study), *output_names(study))
    _, _, replicates, keep = kept[0].outputs.shape
    numbers = (np.arange(replicates)[:, np.newaxis] * points + np.arange(keep)).ravel()
    labels = np.array([scenario.name for scenario in study.scenarios], dtype=object)
    values = np.empty((len(names), len(labels), replicates, keep))
    inputs, outputs = np.split(values, [len(input_names(study))])
    np.concatenate([part.inputs.swapaxes(0, 1) for part in kept], axis=1, out=inputs)
    np.concatenate([part.outputs.swapaxes(0, 1) for part in kept], axis=1, out=outputs)
    columns = {name: column.reshape(-1) for name, column in zip(names, values, strict=True)}
    first = {"scenario": np.repeat(labels, numbers.size), "draw": np.tile(numbers, labels.size)}
    return pd.DataFrame(first | columns, copy=False)
