"""Blocks on workers: results in the order of the blocks, whoever computed them."""

from collections.abc import Iterator, Sequence

from mcrace.engine.block import Block, BlockDraws, draw_block
from mcrace.errors import Fault, StudyError, nearest_name

__all__ = ["BACKENDS", "available_cores", "executed"]

BACKENDS = ("threading", "loky", "sequential")
"""Ways to run blocks; the first is the default, since the kernel holds no lock."""


def available_cores() -> int:
    """Count the cores that this process may use."""
    import joblib

    return int(joblib.cpu_count())


def executed(text: str, blocks: Sequence[Block], *, jobs: int, backend: str) -> Iterator[BlockDraws]:
    """Compute blocks in parallel and yield them in their order.

    Parameters
    ----------
    text : str
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
    StudyError
        If there is no such backend or number of jobs.
    """
    if backend not in BACKENDS:
        nearest = nearest_name(backend, BACKENDS)
        fault = Fault(path="backend", found=repr(backend), expected=" or ".join(BACKENDS), nearest=nearest)
        raise StudyError([fault])
    if jobs < 1:
        raise StudyError([Fault(path="jobs", found=str(jobs), expected="a whole number of at least 1")])
    if backend == "sequential" or jobs == 1 or len(blocks) == 1:
        yield from (draw_block(text, block) for block in blocks)
        return
    import joblib

    parallel = joblib.Parallel(n_jobs=min(jobs, len(blocks)), backend=backend, return_as="generator")
    yield from parallel(joblib.delayed(draw_block)(text, block) for block in blocks)
