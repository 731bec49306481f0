"""Blocks on workers: results in the order of the blocks, whoever computed them."""

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor

from mcrace.engine.block import Block, BlockDraws, StudyText, draw_block
from mcrace.errors import Fault, ModelError, RunError, StudyError, nearest_name

__all__ = ["BACKENDS", "available_cores", "check_workers", "executed"]

BACKENDS = ("threading", "loky", "sequential")
"""Ways to run blocks; the first is the default, since the kernel holds no lock."""


def available_cores() -> int:
    """Count the cores that this process may use."""
    import joblib

    return int(joblib.cpu_count())


def check_workers(*, jobs: int | None, backend: str) -> None:
    """Hold what was asked for against what there is.

    Parameters
    ----------
    jobs : int or None
        Workers; None for all cores.
    backend : str
        One of `BACKENDS`.

    Raises
    ------
    StudyError
        If there is no such backend or number of jobs.
    """
    faults = []
    if backend not in BACKENDS:
        nearest = nearest_name(backend, BACKENDS)
        faults = [Fault(path="backend", found=repr(backend), expected=" or ".join(BACKENDS), nearest=nearest)]
    if jobs is not None and jobs < 1:
        faults.append(Fault(path="jobs", found=str(jobs), expected="a whole number of at least 1"))
    if faults:
        raise StudyError(faults)


def executed(text: StudyText, blocks: Sequence[Block], *, jobs: int, backend: str) -> Iterator[BlockDraws]:
    """Compute blocks in parallel and yield them in their order.

    Parameters
    ----------
    text : StudyText
        The study as `study_text` writes it.
    blocks : sequence of Block
        What to compute.
    jobs : int
        Workers, at least 1.
    backend : str
        One of `BACKENDS`.

    Yields
    ------
    BlockDraws
        One a block.

    Raises
    ------
    ModelError
        If a draw leaves the model's range: that of the first such block, whichever fails first.
    RunError
        If a worker process dies.
    """
    if backend == "sequential" or jobs == 1 or len(blocks) == 1:
        yield from (draw_block(text, block) for block in blocks)
        return
    import joblib

    parallel = joblib.Parallel(n_jobs=min(jobs, len(blocks)), backend=backend, return_as="generator")
    results = parallel(joblib.delayed(_attempted)(text, block) for block in blocks)
    try:
        for drawn in results:
            if isinstance(drawn, ModelError):
                raise drawn
            yield drawn
    except BrokenExecutor as error:
        message = "a worker process died, for lack of memory as a rule: ask for fewer --jobs"
        raise RunError(message) from error
    finally:
        with warnings.catch_warnings():
            # After a fault the blocks behind it are dropped on purpose.
            warnings.filterwarnings("ignore", message=r"\d+ tasks ", category=UserWarning)
            results.close()


def _attempted(text: StudyText, block: Block) -> BlockDraws | ModelError:
    """Hand a fault back as a result: it is told in its turn, so that the first block's is told always."""
    try:
        return draw_block(text, block)
    except ModelError as error:
        return error
