"""Finished blocks survive: what was interrupted goes on, and what is damaged is computed again."""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mcrace.engine import execute, store
from mcrace.engine import run as running
from mcrace.engine.plan import Plan
from mcrace.engine.run import run
from mcrace.engine.store import BLOCKS, Store
from mcrace.engine.task import compute
from mcrace.errors import RunWarning
from mcrace.study import Study
from mcrace.study.write import study_yaml
from tests.small_study import fingerprint, small_study

KEY = {"digest": "d", "processor": "p"}
SAMPLING = {"draws": 16_384, "replicates": 4, "keep": 64}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write blocks from the first moment on, and tally from 512 points on."""
    monkeypatch.setattr(store, "PATIENCE", 0.0)
    plan_of = running.plan_of

    def small_leaves(study: Study) -> Plan:
        return replace(plan_of(study), leaf=512, leaves=1, group=2)

    monkeypatch.setattr(running, "plan_of", small_leaves)


def arrays() -> dict[str, np.ndarray]:
    return {"a": np.arange(300.0), "b": np.array([[1, -2]], dtype=np.int64), "empty": np.empty((0, 3))}


def same(one: object, other: dict[str, np.ndarray]) -> bool:
    return (
        isinstance(one, dict)
        and one.keys() == other.keys()
        and all(np.array_equal(one[k], other[k]) for k in one)
    )


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, Path]]:
    monkeypatch.setattr(store, "PATIENCE", 0.0)
    place = Store(tmp_path / BLOCKS, KEY)
    place.save("one", arrays())
    (file,) = (tmp_path / BLOCKS).iterdir()
    yield Store(tmp_path / BLOCKS, KEY), file
    assert not list(tmp_path.rglob("*.tmp"))


# The store


def test_what_was_saved_is_loaded(stored: tuple[Store, Path]) -> None:
    place, _ = stored
    assert same(place.load("one"), arrays())
    assert place.load("two") is None
    assert place.names("o") == ["one"]
    place.remove("one")
    place.remove("one")
    assert place.load("one") is None


def test_every_flipped_bit_is_found(stored: tuple[Store, Path]) -> None:
    place, file = stored
    content, generator = file.read_bytes(), np.random.default_rng(1)
    for bit in generator.integers(0, 8 * len(content), 1000):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        file.write_bytes(changed)
        with pytest.warns(RunWarning, match="computed again"):
            assert place.load("one") is None
    file.write_bytes(content)
    assert same(place.load("one"), arrays())


def test_every_truncation_is_found(stored: tuple[Store, Path]) -> None:
    place, file = stored
    content, generator = file.read_bytes(), np.random.default_rng(2)
    for size in (0, 1, len(content) - 1, *generator.integers(0, len(content), 197)):
        file.write_bytes(content[:size])
        with pytest.warns(RunWarning, match="damaged"):
            assert place.load("one") is None


def test_foreign_files_are_found(stored: tuple[Store, Path], tmp_path: Path) -> None:
    place, file = stored
    with pytest.warns(RunWarning, match="another study, version or processor"):
        assert Store(tmp_path / BLOCKS, KEY | {"digest": "e"}).load("one") is None
    file.rename(file.with_name("two.block"))
    with pytest.warns(RunWarning, match="another study"):
        assert place.load("two") is None
    for content in (b"", b"PAR1", b"\x93NUMPY", b"PK\x03\x04" * 100, os.urandom(5000)):
        (tmp_path / BLOCKS / "one.block").write_bytes(content)
        with pytest.warns(RunWarning, match="damaged"):
            assert place.load("one") is None


def test_nothing_is_unpickled(stored: tuple[Store, Path]) -> None:
    place, _ = stored
    with pytest.raises(TypeError, match="only arrays of <f8 and <i8"):
        place.save("bad", {"a": np.array([object()])})


def test_short_runs_write_nothing(tmp_path: Path) -> None:
    run(small_study(), jobs=1)  # compiles, if need be
    run(small_study(), jobs=1, folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("kept")
def test_a_place_that_cannot_be_written_does_not_stop_the_run(tmp_path: Path) -> None:
    (tmp_path / BLOCKS).write_text("a file")
    study = small_study(sampling=SAMPLING)
    with pytest.warns(RunWarning, match="the run goes on") as told:
        found = run(study, jobs=1, folder=tmp_path)
    assert len([warning for warning in told if "the run goes on" in str(warning.message)]) == 1
    assert fingerprint(found) == fingerprint(run(study, jobs=1))


# Runs that stop and go on


class StopError(Exception):
    """Somebody pulled the plug."""


def stopped_after(tasks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [tasks]

    def count(*arguments: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise StopError
        return compute(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(execute, "compute", count)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("after", [1, 3, 7, 20, 33, 60])
def test_an_interrupted_run_goes_on(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = small_study(sampling=SAMPLING)
    whole = fingerprint(run(study, jobs=1))
    with monkeypatch.context() as patch:
        stopped_after(after, patch)
        with pytest.raises(StopError):
            run(study, jobs=1, folder=tmp_path)
    done = []
    with monkeypatch.context() as patch:
        patch.setattr("mcrace.engine.execute.compute", lambda *task: done.append(task) or compute(*task))
        assert fingerprint(run(study, jobs=2, folder=tmp_path)) == whole
    tasks = 2 * (4 + 4 * 7)  # groups of scenarios x replicates x (held, then tallied)
    assert len(done) == tasks - after
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fingerprint(run(study, jobs=1, folder=tmp_path)) == whole


@pytest.mark.usefixtures("kept")
def test_few_files_are_left_at_any_time(tmp_path: Path) -> None:
    most = 0

    def look(*_: int) -> None:
        nonlocal most
        most = max(most, len(list((tmp_path / BLOCKS).glob("*"))))

    run(small_study(sampling=SAMPLING), jobs=1, folder=tmp_path, progress=look)
    assert (
        8 < most <= 2 * 4 + 2 * 4 * 4
    )  # a held part of each replicate, and a part for each level of its tree


@pytest.mark.usefixtures("kept")
def test_damaged_blocks_are_computed_again(tmp_path: Path) -> None:
    study = small_study(sampling=SAMPLING)
    whole = fingerprint(run(study, jobs=1, folder=tmp_path))
    generator = np.random.default_rng(3)
    for file in sorted((tmp_path / BLOCKS).iterdir()):
        content = bytearray(file.read_bytes())
        content[generator.integers(len(content))] ^= 1 << int(generator.integers(8))
        file.write_bytes(content)
    with pytest.warns(RunWarning, match="is damaged; its draws are computed again"):
        assert fingerprint(run(study, jobs=1, folder=tmp_path)) == whole


@pytest.mark.usefixtures("kept")
def test_blocks_of_another_version_are_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = small_study(sampling=SAMPLING)
    with monkeypatch.context() as patch:
        patch.setattr("mcrace.engine.run.processor", lambda: "another one")
        whole = fingerprint(run(study, jobs=1, folder=tmp_path))
    with pytest.warns(RunWarning, match="from another study, version or processor"):
        assert fingerprint(run(study, jobs=1, folder=tmp_path)) == whole


# Kills of the whole process


LONG = {"draws": 2_097_152, "replicates": 4, "keep": 64}


AT_ONCE = "import sys, mcrace.cli, mcrace.engine.store as s; s.PATIENCE = 0.0; sys.exit(mcrace.cli.main())"
"""Runs mcrace, and writes blocks from the first one on: how fast this machine is does not matter."""


def command(file: Path, out: Path, *options: str) -> list[str]:
    called = [sys.executable, "-c", AT_ONCE, "run", str(file), "--out", str(out)]
    return [*called, "--no-report", *options]


@pytest.fixture
def long_study(tmp_path: Path) -> Path:
    file = tmp_path / "long.yaml"
    file.write_text(study_yaml(small_study(sampling=LONG).document))
    return file


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_same_bits(long_study: Path, tmp_path: Path) -> None:
    subprocess.run(command(long_study, tmp_path / "whole"), check=True, capture_output=True)
    whole = (next((tmp_path / "whole/small").glob("*/replicates.parquet"))).read_bytes()
    generator, kills, left = np.random.default_rng(4), int(os.environ.get("MCRACE_KILLS", "2")), 0
    for trial in range(kills):
        out = tmp_path / f"killed{trial}"
        options = ("--jobs", str(generator.integers(1, 4)), "--backend", ("threading", "loky")[trial % 2])
        process = subprocess.Popen(command(long_study, out, *options), start_new_session=True, stderr=-3)
        wait_for(out, "small/*/blocks/*.block")
        time.sleep(float(generator.uniform(0.0, 0.5)))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        left += len(list(out.glob("small/*/blocks/*.block")))
        done = subprocess.run(command(long_study, out), check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert (next(out.glob("small/*/replicates.parquet"))).read_bytes() == whole
        assert not list(out.glob("small/*/blocks"))
        assert not list(out.rglob("*.tmp"))
    assert left > 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_do_not_outlive_their_parent(long_study: Path, tmp_path: Path) -> None:
    options = ("--jobs", "2", "--backend", "loky")
    process = subprocess.Popen(command(long_study, tmp_path / "out", *options), stderr=-3)
    wait_for(tmp_path, "out/small/*/blocks/*.block")
    workers = _children(process.pid)
    assert workers
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline and any(_alive(worker) for worker in workers):
        time.sleep(0.2)
    assert not any(_alive(worker) for worker in workers)


@pytest.mark.slow
def test_ctrl_c_says_how_to_go_on(long_study: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(long_study, tmp_path / "out"), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(tmp_path, "out/small/*/blocks/*.block")
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command goes on from there" in told
    assert "Traceback" not in told


def wait_for(folder: Path, pattern: str) -> None:
    """Wait until a file is there."""
    deadline = time.monotonic() + 120.0
    while not list(folder.glob(pattern)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="processes have other parents there")
def test_a_worker_that_starts_as_an_orphan_ends() -> None:
    code = "from mcrace.engine.execute import _prepare; _prepare(2**30); print('waits for work')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
