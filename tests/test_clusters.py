"""Clusters that the tests start: the same bits as on this machine alone, and no hang whatever dies."""

import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mcrace.cli import main
from mcrace.engine import clusters, execute
from mcrace.engine.run import run
from mcrace.engine.task import compute
from mcrace.errors import RunError, RunWarning, StudyError
from mcrace.study.write import study_yaml
from tests.small_study import fingerprint, small_study

pytestmark = [
    pytest.mark.slow,
    # The libraries' own noise; ours is not among it.
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
    pytest.mark.filterwarnings("default::FutureWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnhandledThreadExceptionWarning"),
]
SAMPLING = {"draws": 131_072, "replicates": 4}


@pytest.fixture(scope="module")
def alone() -> str:
    return fingerprint(run(small_study(sampling=SAMPLING), jobs=1))


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with _started(distributed) as cluster:
        yield cluster


def _started(distributed: Any) -> Any:
    """Start a cluster; on a busy machine its processes may take longer than it waits for them."""
    for attempt in range(3):
        try:
            return distributed.LocalCluster(
                n_workers=3,
                threads_per_worker=1,
                dashboard_address=":0",
                silence_logs=logging.CRITICAL,
                env={"PYTHONPATH": os.getcwd()},
            )
        except RuntimeError:
            if attempt == 2:
                raise
            time.sleep(5)
    return None


@pytest.fixture(scope="module")
def ray() -> Iterator[str]:
    pytest.importorskip("ray")
    start = [sys.executable, "-m", "ray.scripts.scripts"]
    # A token that an earlier cluster of this user left behind is none of this one's.
    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_AUTH_MODE", "disabled")
    environment = os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": os.getcwd()}
    options = ["--head", "--num-cpus=2", "--port=0", "--include-dashboard=false", "--disable-usage-stats"]
    done = subprocess.run(
        [*start, "start", *options], env=environment, check=True, capture_output=True, text=True
    )
    address = next(
        word.strip("'\"")
        for line in done.stdout.splitlines()
        for word in line.split("=")[-1:]
        if "--address=" in line
    )
    try:
        yield address
    finally:
        subprocess.run([*start, "stop", "--force"], env=environment, check=False, capture_output=True)
        patch.undo()


def test_dask_gives_the_same_bits(dask: Any, alone: str) -> None:
    study = small_study(sampling=SAMPLING)
    assert fingerprint(run(study, backend="dask", address=dask.scheduler_address)) == alone


def test_dask_on_this_machine_gives_the_same_bits(alone: str) -> None:
    pytest.importorskip("distributed")
    assert fingerprint(run(small_study(sampling=SAMPLING), backend="dask", jobs=2)) == alone


def test_workers_of_dask_started_here_keep_freed_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    names = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "OPENBLAS_NUM_THREADS")
    for name in names:  # a cluster that another test has started leaves its own there
        monkeypatch.delenv(name, raising=False)
    with clusters.dask_pool(lambda *_: [os.environ[name] for name in names], 2, None) as pool:
        found = list(pool(None, [None]))
    assert found == [[str(2**28), str(2**25), "1"]]


def test_processes_that_start_with_ray_here_keep_freed_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "7")  # a person's own setting stays
    seen: list[tuple[str | None, ...]] = []

    def settings() -> tuple[str | None, ...]:
        return tuple(os.environ.get(name) for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"))

    started = SimpleNamespace(init=lambda **_: seen.append(settings()), shutdown=lambda: None)
    monkeypatch.setattr(clusters, "_library", lambda *_: started)
    with clusters.ray_pool(lambda *_: None, 2, None):
        seen.append(settings())
    assert seen == [(str(2**28), "7"), (None, "7")]


def test_ray_gives_the_same_bits(ray: str, alone: str) -> None:
    assert fingerprint(run(small_study(sampling=SAMPLING), backend="ray", address=ray)) == alone


def test_the_command_takes_a_cluster(dask: Any, alone: str, tmp_path: Path) -> None:
    from mcrace.engine.folder import open_run

    file = tmp_path / "study.yaml"
    file.write_text(study_yaml(small_study(sampling=SAMPLING).document))
    options = ["--backend", "dask", "--address", dask.scheduler_address, "--no-report", "--quiet"]
    assert main(["run", str(file), "--out", str(tmp_path / "out"), *options]) == 0
    assert fingerprint(open_run(tmp_path / "out" / "small")) == alone


def test_a_worker_killed_once_costs_its_tasks(dask: Any, alone: str) -> None:
    killed = []

    def kill(*_: int) -> None:
        if not killed:
            killed.append(next(iter(dask.workers.values())).process.pid)
            os.kill(killed[0], 9)

    study = small_study(sampling=SAMPLING)
    assert fingerprint(run(study, backend="dask", address=dask.scheduler_address, progress=kill)) == alone
    assert killed


@pytest.mark.parametrize("backend", ["dask", "ray", "loky"])
def test_a_worker_killed_each_time_ends_the_run(
    backend: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        os._exit(3)

    monkeypatch.setattr(execute, "_attempted", die)
    address = None
    if backend != "loky":
        cluster = request.getfixturevalue(backend)
        address = cluster if backend == "ray" else cluster.scheduler_address
    started = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RunWarning)
        with pytest.raises(RunError, match=r"replicate \d, points"):
            run(small_study(), backend=backend, address=address, jobs=2)
    assert time.monotonic() - started < 60


def test_a_loky_worker_killed_once_costs_its_tasks(
    alone: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark = tmp_path / "killed"

    def once(text: Any, place: int, task: Any) -> Any:
        if place == 2 and not mark.exists():
            mark.touch()
            os._exit(3)
        return place, compute(text, task)

    monkeypatch.setattr(execute, "_attempted", once)
    with pytest.warns(RunWarning, match="a worker process died"):
        assert fingerprint(run(small_study(sampling=SAMPLING), backend="loky", jobs=2)) == alone


def test_a_cluster_that_is_not_there_is_told() -> None:
    pytest.importorskip("distributed")
    started = time.monotonic()
    with pytest.raises(RunError, match=r"no dask cluster with workers answers at tcp://127\.0\.0\.1:9"):
        run(small_study(), backend="dask", address="tcp://127.0.0.1:9")
    assert time.monotonic() - started < 60


def test_a_worker_without_mcrace_is_told(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    (tmp_path / "mcrace").mkdir()  # hides the real one from the worker
    (tmp_path / "mcrace" / "__init__.py").write_text("raise ModuleNotFoundError('no mcrace here')")
    with distributed.LocalCluster(
        n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL
    ) as cluster:
        worker = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--no-nanny"],
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            started = time.monotonic()
            with pytest.raises(RunError, match=r"lacks mcrace or what it needs.*install mcrace"):
                run(small_study(), backend="dask", address=cluster.scheduler_address)
            assert time.monotonic() - started < 60
        finally:
            worker.kill()
            worker.wait()


def test_a_script_whose_dask_workers_would_run_it_again_is_told(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    study, script = tmp_path / "small.yaml", tmp_path / "unguarded.py"
    study.write_text(study_yaml(small_study(sampling=SAMPLING).document), encoding="utf-8")
    script.write_text(
        f"""import mcrace
try:
    mcrace.run(mcrace.load({str(study)!r}), backend="dask", jobs=2)
except mcrace.RunError as error:
    print("told:", error)
""",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "told: dask could not start workers on this machine" in done.stdout
    assert "if __name__ ==" in done.stdout


def test_a_library_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(StudyError, match=r"found ray, which is not installed.*mcrace\[ray\]"):
        run(small_study(), backend="ray")


def test_an_address_needs_a_cluster() -> None:
    with pytest.raises(StudyError, match="address: found 'x' with backend threading"):
        run(small_study(), backend="threading", address="x")


def test_workers_of_another_version_are_refused() -> None:
    with pytest.raises(RunError, match=r"the worker w has mcrace 0\.0\.1: install mcrace"):
        clusters._check_answers({"w": ("0.0.1", "")})


def test_mixed_processors_are_told() -> None:
    from mcrace import __version__

    with pytest.warns(RunWarning, match="processors differ"):
        clusters._check_answers({"w": (__version__, "another one")})
