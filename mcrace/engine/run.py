"""Run a study: blocks in, replicate statistics and kept draws out."""

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.block import BLOCK_POINTS, Block, BlockDraws, input_names, output_names, study_text
from mcrace.engine.execute import available_cores, check_workers, executed
from mcrace.engine.machine import processor, versions
from mcrace.engine.result import Result, RunFacts, Statistics
from mcrace.engine.tally import STATISTICS, statistics_of
from mcrace.errors import Fault, StudyError
from mcrace.sampling import rounded_draws

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.study import Study

__all__ = ["design_size", "run"]

FloatArray = NDArray[np.float64]


def run(
    study: "Study",
    *,
    jobs: int | None = None,
    backend: str = "threading",
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
        ``threading``, ``loky`` (processes) or ``sequential``. The numbers do not depend on it.
    progress : callable, optional
        Called with the draws done and the draws in all, after each block.

    Returns
    -------
    Result
        A frozen value; `mcrace.summary` and `mcrace.figures` are functions of it.

    Raises
    ------
    ModelError
        If a draw leaves the range of a key.
    StudyError
        If there is no such backend or number of jobs, or the draws do not fit in memory.
    RunError
        If a worker process dies.

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
    check_workers(jobs=jobs, backend=backend)
    replicates, points = design_size(study)
    _refuse_too_many(study, replicates * points)
    keep = max(min(study.sampling.keep // replicates, points), 1)
    blocks = [
        Block(
            replicate=replicate,
            start=start,
            count=min(BLOCK_POINTS, points - start),
            points=points,
            keep=keep,
        )
        for replicate in range(replicates)
        for start in range(0, points, BLOCK_POINTS)
    ]
    workers = available_cores() if jobs is None else jobs
    done = executed(study_text(study), blocks, jobs=workers, backend=backend)
    statistics, draws = _gathered(study, blocks, _reported(done, blocks, progress))
    facts = RunFacts(
        seconds=time.perf_counter() - started,
        evaluations=replicates * points * len(study.scenarios),
        jobs=workers,
        backend=backend,
        versions=versions(),
        processor=processor(),
    )
    return Result(study=study, draws=draws, statistics=statistics, facts=facts)


def design_size(study: "Study") -> tuple[int, int]:
    """Work out the replicates and the points of each.

    Parameters
    ----------
    study : Study
        What to run.

    Returns
    -------
    tuple of int
        Replicates and points a replicate; (1, 1) if no input of any scenario is uncertain.
    """
    uncertain = any(item.dimension is not None for scenario in study.scenarios for item in scenario.inputs)
    if not uncertain:
        return 1, 1
    sampling = study.sampling
    return sampling.replicates, rounded_draws(sampling.draws, sampling.replicates, sampling.method)


def _refuse_too_many(study: "Study", draws: int) -> None:
    """Stop before sampling if the outputs of all draws would not fit in half of the memory."""
    needed = 8 * draws * len(study.scenarios) * len(output_names(study))
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return
    if needed > memory / 2:
        most = int(memory / 2 / (needed / draws))
        fault = Fault(
            path="sampling.draws",
            found=f"{draws:,} draws, whose outputs take {needed / 1e9:.1f} GB",
            expected=f"at most {most:,} on this machine: this version holds all outputs in memory",
            file=study.file,
        )
        raise StudyError([fault])


def _reported(
    done: Iterator[BlockDraws], blocks: list[Block], progress: Callable[[int, int], None] | None
) -> Iterator[tuple[Block, BlockDraws]]:
    total = sum(block.count for block in blocks)
    finished = 0
    for block, draws in zip(blocks, done, strict=True):
        finished += block.count
        yield block, draws
        if progress is not None:
            progress(finished, total)


def _gathered(
    study: "Study", blocks: list[Block], done: Iterator[tuple[Block, BlockDraws]]
) -> tuple[Statistics, "pd.DataFrame"]:
    """Gather the blocks and reduce them to statistics, of each replicate and of all draws."""
    scenarios = tuple(scenario.name for scenario in study.scenarios)
    names = output_names(study)
    points, replicates = blocks[0].points, blocks[-1].replicate + 1
    outputs = np.empty((len(scenarios), len(names), replicates, points))
    values = np.empty((len(scenarios), len(names), len(STATISTICS), replicates))
    kept: list[tuple[Block, FloatArray, FloatArray]] = []
    for block, draws in done:
        outputs[:, :, block.replicate, block.start : block.start + block.count] = draws.outputs
        count = draws.inputs.shape[2]
        if count > 0:
            kept.append((block, draws.inputs, draws.outputs[:, :, :count].copy()))
        if block.start + block.count == points:
            for row in range(len(scenarios)):
                values[row, :, :, block.replicate] = statistics_of(outputs[row, :, block.replicate])
    pooled = np.stack([statistics_of(part.reshape(len(names), -1)) for part in outputs])
    statistics = Statistics(
        scenarios=scenarios,
        outputs=names,
        names=STATISTICS,
        pooled=pooled,
        values=values,
        points=points,
    )
    return statistics, _kept_draws(scenarios, (*input_names(study), *names), kept)


def _kept_draws(
    scenarios: tuple[str, ...], names: tuple[str, ...], kept: list[tuple[Block, FloatArray, FloatArray]]
) -> "pd.DataFrame":
    import pandas as pd

    numbers = np.concatenate(
        [
            np.arange(inputs.shape[2]) + block.start + block.replicate * block.points
            for block, inputs, _ in kept
        ]
    )
    inputs = np.concatenate([part for _, part, _ in kept], axis=2)
    outputs = np.concatenate([part for _, _, part in kept], axis=2)
    tables = []
    for row, scenario in enumerate(scenarios):
        table = pd.DataFrame({"scenario": scenario, "draw": numbers})
        columns = dict(zip(names, (*inputs[row], *outputs[row]), strict=True))
        tables.append(pd.concat([table, pd.DataFrame(columns)], axis=1))
    return pd.concat(tables, ignore_index=True)
