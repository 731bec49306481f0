"""Tasks on workers: who computes them, and what happens when a worker dies."""

import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing, contextmanager
from types import MappingProxyType

from mcrace.engine.block import StudyText
from mcrace.engine.clusters import dask_pool, ray_pool
from mcrace.engine.heap import keep_freed_memory
from mcrace.engine.task import Draws, Tallies, Task, Values, compute
from mcrace.errors import Fault, ModelError, RunError, RunWarning, StudyError, nearest_name

__all__ = ["BACKENDS", "Pool", "available_cores", "check_workers", "computed", "opened_pool"]

BACKENDS = ("threading", "loky", "sequential", "dask", "ray")
"""Ways to compute tasks; the first is the default, since the kernel holds no lock."""

_TURN = 5e-4
"""Seconds after which a thread hands Python over to one that waits: the default is half a block's time, for
which the kernel of the other would stand still."""

_TRIES = 3
"""How often a task may lose its worker before the run ends."""

Outcome = tuple[int, Draws | Tallies | Values | ModelError]
"""Place of a task in its sequence, and what came of it."""

Pool = Callable[[StudyText, Sequence[Task]], Iterator[Outcome]]
"""Computes tasks in any order; a fault of the model comes back as an outcome."""


def available_cores() -> int:
    """Count the cores that this process may use."""
    import joblib

    return int(joblib.cpu_count())


def check_workers(*, jobs: int | None, backend: str, address: str | None = None) -> None:
    """Hold what was asked for against what there is.

    Parameters
    ----------
    jobs : int or None
        Workers; None for all cores.
    backend : str
        One of `BACKENDS`.
    address : str or None
        Of a running cluster, for ``dask`` and ``ray``.

    Raises
    ------
    StudyError
        If there is no such backend or number of jobs, or the backend takes no address.
    """
    faults = []
    if backend not in BACKENDS:
        nearest = nearest_name(backend, BACKENDS)
        faults = [Fault(path="backend", found=repr(backend), expected=" or ".join(BACKENDS), nearest=nearest)]
    elif address is not None and backend not in _CLUSTERS:
        found = f"{address!r} with backend {backend}"
        faults = [Fault(path="address", found=found, expected="an address with backend dask or ray only")]
    if jobs is not None and jobs < 1:
        faults.append(Fault(path="jobs", found=str(jobs), expected="a whole number of at least 1"))
    if faults:
        raise StudyError(faults)


@contextmanager
def opened_pool(*, jobs: int, backend: str, address: str | None = None) -> Iterator[Pool]:
    """Open workers, and let them go at the end.

    Parameters
    ----------
    jobs, backend, address
        As `check_workers` has let them pass.

    Yields
    ------
    Pool
        For any number of calls, one after the other.

    Raises
    ------
    StudyError
        If the backend's library is not installed.
    RunError
        If the cluster cannot be reached.
    """
    if backend in _CLUSTERS:
        with _CLUSTERS[backend](_attempted, jobs, address) as pool:
            yield pool
    elif backend == "sequential" or jobs == 1:
        yield _one_by_one
    else:
        yield lambda text, tasks: _local(text, tasks, jobs, backend)


def computed(
    pool: Pool, text: StudyText, tasks: Sequence[Task]
) -> Iterator[tuple[int, Draws | Tallies | Values]]:
    """Compute tasks, and yield each one's result as soon as it is there.

    Parameters
    ----------
    pool : Pool
        From `opened_pool`.
    text : StudyText
        The study.
    tasks : sequence of Task
        What to compute.

    Yields
    ------
    tuple of int and (Draws, Tallies or Values)
        The task's place, and its result.

    Raises
    ------
    ModelError
        If a draw leaves the model's range: that of the first such task, whichever fails first.
    RunError
        If workers die again and again.
    """
    results = pool(text, tasks)
    pending = set(range(len(tasks)))
    fault: tuple[int, ModelError] | None = None
    try:
        for place, outcome in results:
            pending.discard(place)
            if isinstance(outcome, ModelError):
                fault = (place, outcome) if fault is None or place < fault[0] else fault
            elif fault is None:
                yield place, outcome
            # Tasks before the faulty one may fault too: the first one's fault is told, always.
            if fault is not None and not any(other < fault[0] for other in pending):
                raise fault[1]
    finally:
        if hasattr(results, "close"):
            results.close()


def _one_by_one(text: StudyText, tasks: Sequence[Task]) -> Iterator[Outcome]:
    for place, task in enumerate(tasks):
        yield _attempted(text, place, task)


def _local(text: StudyText, tasks: Sequence[Task], jobs: int, backend: str) -> Iterator[Outcome]:
    """Compute on threads or processes of this machine; a dead process costs what it had in hand."""
    waiting = dict(enumerate(tasks))
    stuck, tries = -1, 0
    while waiting:
        try:
            with closing(_parallel(text, waiting, jobs, backend)) as results:
                for place, outcome in results:
                    del waiting[place]
                    yield place, outcome
        except BrokenExecutor as error:
            first = min(waiting)
            stuck, tries = first, (tries + 1 if first == stuck else 1)
            if tries == _TRIES:
                raise RunError(_dead_worker(tasks[first], tries)) from error
            told = f"a worker process died; its draws ({tasks[first].name} and later ones) are computed again"
            warnings.warn(told, RunWarning, stacklevel=2)


def _dead_worker(task: Task, tries: int) -> str:
    return (
        f"a worker process died {tries} times at {task.name} or beside it, for lack of memory as a rule: ask "
        "for fewer --jobs; what is finished is kept, and the same command goes on from there"
    )


def _parallel(
    text: StudyText, waiting: dict[int, Task], jobs: int, backend: str
) -> Generator[Outcome, None, None]:
    import joblib

    # Processes watch their parent from their start on: an orphan would wait for work for minutes.
    watch = {"initializer": _prepare, "initargs": (os.getpid(),)} if backend == "loky" else {}
    parallel = joblib.Parallel(
        n_jobs=min(jobs, len(waiting)),
        backend=backend,
        return_as="generator_unordered",
        batch_size=1,
        **watch,
    )
    turn = sys.getswitchinterval()
    if backend == "threading":
        sys.setswitchinterval(min(turn, _TURN))
    results = parallel(joblib.delayed(_attempted)(text, place, task) for place, task in list(waiting.items()))
    try:
        for outcome in results:  # noqa: UP028 - `yield from` would close it outside the guard below
            yield outcome
    finally:
        sys.setswitchinterval(turn)
        with warnings.catch_warnings():
            # After a fault the tasks behind it are dropped on purpose.
            warnings.filterwarnings("ignore", message=r"\d+ tasks ", category=UserWarning)
            results.close()


def _attempted(text: StudyText, place: int, task: Task) -> Outcome:
    """Hand a fault back as a result: it is told in its turn, so that the first one's is told always."""
    try:
        return place, compute(text, task)
    except ModelError as error:
        return place, error


def _prepare(parent: int) -> None:
    """Make this process a worker, which ends when its parent is gone: nobody waits for what it computes."""
    keep_freed_memory()

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    if os.getppid() != parent:
        os._exit(1)  # it went while this process was starting
    threading.Thread(target=wait, daemon=True).start()


_CLUSTERS = MappingProxyType({"dask": dask_pool, "ray": ray_pool})
