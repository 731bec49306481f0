"""Clusters: the same tasks on dask or ray, driven by their own futures.

Not through joblib: its dask backend waits for ever when a worker dies each time or lacks a module, and its
ray backend cannot hand out results one by one.
"""

import logging
import os
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from types import MappingProxyType
from typing import Any

from mcrace.engine.heap import KEPT
from mcrace.errors import Fault, RunError, RunWarning, StudyError

__all__ = ["dask_pool", "ray_pool"]

_PATIENCE = 30.0
"""Seconds to wait for a cluster that does not answer, or has no worker."""

_FETCH = 10.0
"""Seconds for a result to come from the worker that has it."""

_RETRIES = 3
"""How often a cluster may start a task again whose worker died."""

_AHEAD = 3
"""Tasks in the cluster's hands for each of its workers: enough to keep it busy, few enough to hold."""

# Dask makes its workers give every freed array back to the system, looks every 10 to 100 ms at what each does
# and holds, and at who might take whose tasks: that takes a tenth of two cores.
_LOCAL = MappingProxyType(
    {
        **{f"distributed.nanny.pre-spawn-environ.{name}": size for name, size in KEPT.items()},
        "distributed.worker.profile.enabled": False,
        **{
            f"distributed.worker.memory.{limit}": False for limit in ("target", "spill", "pause", "terminate")
        },
        "distributed.admin.tick.interval": "1s",
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.scheduler.work-stealing": False,
        "distributed.scheduler.active-memory-manager.start": False,
    }
)

_Attempt = Callable[..., Any]
_Pool = Callable[[Any, Sequence[Any]], Iterator[Any]]


@contextmanager
def dask_pool(attempt: _Attempt, jobs: int, address: str | None) -> Iterator[_Pool]:
    """Compute on a dask cluster.

    Parameters
    ----------
    attempt : callable
        Takes a study's text, a place and a task.
    jobs : int
        Worker processes of a cluster that is started here; a running one has its own number.
    address : str or None
        Of a running scheduler, such as ``tcp://10.0.0.1:8786``; None to start workers on this machine.

    Yields
    ------
    callable
        A pool, as `mcrace.engine.execute.opened_pool` describes it.

    Raises
    ------
    StudyError
        If dask is not installed.
    RunError
        If no worker answers, or one lacks mcrace or has another version of it.
    """
    distributed = _library("distributed", "dask")
    logging.getLogger("distributed").setLevel(logging.ERROR)
    client = _dask_client(distributed, jobs, address)
    try:
        _check_dask_workers(client)
        yield lambda text, tasks: _on_dask(distributed, client, attempt, text, tasks)
    finally:
        with suppress(Exception):
            client.close()
            if client.cluster is not None:
                client.cluster.close()


def _dask_client(distributed: Any, jobs: int, address: str | None) -> Any:  # noqa: ANN401 - no types there
    if address is None:
        with warnings.catch_warnings(), import_module("dask").config.set(dict(_LOCAL)):
            warnings.simplefilter("ignore")  # of ports in use, and the like
            options = {"dashboard_address": None, "silence_logs": logging.CRITICAL}
            try:
                cluster = distributed.LocalCluster(n_workers=jobs, threads_per_worker=1, **options)
            except RuntimeError as error:
                told = 'a script that asks for them must do so below `if __name__ == "__main__":`'
                raise RunError(f"dask could not start workers on this machine ({error}); {told}") from error
        return distributed.Client(cluster)
    try:
        client = distributed.Client(address, timeout=_PATIENCE / 2)
        client.wait_for_workers(1, timeout=_PATIENCE / 2)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        raise RunError(f"no dask cluster with workers answers at {address}: {error}") from error
    return client


def _check_dask_workers(client: Any) -> None:  # noqa: ANN401
    """Ask every worker for its mcrace, before any work."""

    def about() -> tuple[str, str]:  # a nested function travels by value: the worker may lack mcrace
        from importlib import import_module

        try:
            machine = import_module("mcrace.engine.machine")
        except ModuleNotFoundError as error:
            return "", str(error)
        return machine.versions()["mcrace"], machine.processor()

    answers = client.run(about, on_error="return")
    _check_answers({str(name): answer for name, answer in answers.items()})


def _check_answers(answers: dict[str, Any]) -> None:
    """Refuse workers without the same mcrace; warn where processors differ."""
    from mcrace import __version__
    from mcrace.engine.machine import processor

    for name, answer in answers.items():
        if isinstance(answer, BaseException):
            raise RunError(f"the worker {name} does not answer: {answer}")
        if answer[0] != __version__:
            told = f"has mcrace {answer[0]}" if answer[0] else f"lacks mcrace or what it needs ({answer[1]})"
            raise RunError(f"the worker {name} {told}: install mcrace {__version__} on every worker")
    kinds = {processor(), *(answer[1] for answer in answers.values())}
    if len(kinds) > 1:
        told = f"processors differ ({'; '.join(sorted(kinds))}): last digits may hang on who computes what"
        warnings.warn(told, RunWarning, stacklevel=2)


def _on_dask(
    distributed: Any,  # noqa: ANN401
    client: Any,  # noqa: ANN401
    attempt: _Attempt,
    text: Any,  # noqa: ANN401
    tasks: Sequence[Any],
) -> Iterator[Any]:
    waiting = list(reversed(list(enumerate(tasks))))
    held: dict[Any, int] = {}
    lost: Counter[int] = Counter()
    heard = time.monotonic()
    try:
        while waiting or held:
            workers = sum(client.nthreads().values())
            while waiting and len(held) < _AHEAD * max(workers, 1):
                place, task = waiting.pop()
                held[client.submit(attempt, text, place, task, pure=False)] = place
            with suppress(TimeoutError):
                distributed.wait(list(held), timeout=2, return_when="FIRST_COMPLETED")
            done = [future for future in held if future.done()]
            if done or workers > 0:
                heard = time.monotonic()
            elif time.monotonic() - heard > _PATIENCE:
                raise RunError(f"the dask cluster has had no worker for {_PATIENCE:.0f} seconds")
            for future in done:
                place = held.pop(future)
                found = _dask_result(future, tasks[place], lost[place])
                if found is None:
                    lost[place] += 1
                    waiting.append((place, tasks[place]))
                else:
                    yield found
    finally:
        with suppress(Exception):
            client.cancel(list(held))


def _dask_result(future: Any, task: Any, lost: int) -> Any:  # noqa: ANN401
    """Fetch a result; None if it has gone with its worker, so that it must be computed again."""
    try:
        return future.result(timeout=_FETCH)
    except Exception as error:
        kind = type(error).__name__
        if lost < _RETRIES and (isinstance(error, TimeoutError) or "Cancelled" in kind):
            return None
        why = "its worker died each time" if kind == "KilledWorker" else f"{kind}: {error}"
        raise RunError(f"the dask cluster could not compute {task.name}: {why}") from error


@contextmanager
def ray_pool(attempt: _Attempt, jobs: int, address: str | None) -> Iterator[_Pool]:
    """Compute on a ray cluster.

    Parameters, yields, errors: as `dask_pool`; a running cluster's address is such as ``10.0.0.1:6379``,
    ``ray://10.0.0.1:10001`` or ``auto``.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray = _library("ray", "ray")
    options = {"num_cpus": jobs, "include_dashboard": False} if address is None else {"address": address}
    try:
        with warnings.catch_warnings(), _kept_memory():
            warnings.simplefilter("ignore")
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    except (OSError, RuntimeError, ValueError, ConnectionError) as error:
        raise RunError(f"no ray cluster answers at {address or 'this machine'}: {error}") from error
    try:
        yield lambda text, tasks: _on_ray(ray, attempt, text, tasks)
    finally:
        ray.shutdown()


@contextmanager
def _kept_memory() -> Iterator[None]:
    """Have processes that are started inside keep the memory that they have freed."""
    added = [name for name in KEPT if name not in os.environ]
    os.environ.update({name: str(KEPT[name]) for name in added})
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _on_ray(ray: Any, attempt: _Attempt, text: Any, tasks: Sequence[Any]) -> Iterator[Any]:  # noqa: ANN401
    remote = ray.remote(max_retries=_RETRIES, num_cpus=1)(attempt)
    waiting = list(reversed(list(enumerate(tasks))))
    held: dict[Any, int] = {}
    heard = time.monotonic()
    while waiting or held:
        workers = int(ray.cluster_resources().get("CPU", 0))
        while waiting and len(held) < _AHEAD * max(workers, 1):
            place, task = waiting.pop()
            held[remote.remote(text, place, task)] = place
        done, _ = ray.wait(list(held), num_returns=1, timeout=2)
        if done or workers > 0:
            heard = time.monotonic()
        elif time.monotonic() - heard > _PATIENCE:
            raise RunError(f"the ray cluster has had no worker for {_PATIENCE:.0f} seconds")
        for reference in done:
            task = tasks[held.pop(reference)]
            try:
                yield ray.get(reference)
            except ray.exceptions.RayError as error:
                cause = getattr(error, "cause", None)
                lacking = isinstance(cause, ModuleNotFoundError) or "ModuleNotFoundError" in str(error)
                why = "a worker lacks mcrace or what it needs" if lacking else "its worker died each time"
                message = f"the ray cluster could not compute {task.name}: {why} ({type(error).__name__})"
                raise RunError(message) from error


def _library(module: str, extra: str) -> Any:  # noqa: ANN401
    try:
        return import_module(module)
    except ModuleNotFoundError:
        expected = f"the library: pip install 'mcrace[{extra}]'"
        fault = Fault(path="backend", found=f"{extra}, which is not installed", expected=expected)
        raise StudyError([fault]) from None
