"""Nothing lost: full disks, folders that go, edited runs, no memory, a clock that jumps."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mcrace.engine import execute
from mcrace.figures import BackgroundDrawing
from mcrace.report import publish as publishing
from mcrace.study.write import study_yaml
from tests.campaign.faults import command, contents, failing_disk
from tests.small_study import SMALL

LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"
TINY = {"draws": 64, "replicates": 2, "keep": 64}
FORECAST = [{"platform": "csv", "variable": "incentive"}]
RUN = ("run", "s.yaml", "--out", "out", "--quiet", "--jobs", "1")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(study_yaml({**SMALL, "sampling": TINY, "forecast": FORECAST}))
    return tmp_path


@pytest.fixture
def plain_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing: one text for each kind of file that a report has."""

    def figures(_: Any, write: Any, *__: Any) -> list[Any]:
        write("figures/one.svg", b"<svg/>")
        write("figures/one.png", b"png")
        return []

    monkeypatch.setattr(publishing, "background_drawing", lambda *_: nullcontext(BackgroundDrawing(None, {})))
    monkeypatch.setattr(publishing, "preload", lambda: None)
    monkeypatch.setattr(publishing, "save_figures", figures)
    monkeypatch.setattr(publishing, "save_analysis_figures", lambda *_: [])
    monkeypatch.setattr("mcrace.report.page.build_report", lambda *_: "<p>a page</p>")


# A disk that is full


def check_each_failure(words: tuple[str, ...], place: Path, number: int = errno.ENOSPC) -> int:
    """Fail at each step of a command's writing in turn; give how many there are."""
    before = {name: data for name, data in contents(Path.cwd()).items() if not name.startswith(str(place))}
    start = contents(place)
    manifests = {path: path.read_bytes() for path in place.rglob("manifest.json")}

    def reset() -> None:
        shutil.rmtree(place, ignore_errors=True)
        for name, data in start.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        for path, data in manifests.items():
            path.write_bytes(data)

    with failing_disk(at=0) as disk:
        assert command(*words)[0] == 0
    whole = contents(place)
    steps = disk.steps
    every = 1 if LONG else max(1, steps // 6)
    for at in range(1, steps + 1, every):
        reset()
        with failing_disk(at, number):
            code, said = command(*words)
        assert code == 1, at
        assert said.count("\n") == 1, said
        assert "cannot write" in said
        assert os.strerror(number) in said
        half = contents(place)
        assert not [name for name in half if name.endswith(".tmp")]
        assert all(
            data == whole.get(name, start.get(name)) or data == start.get(name) for name, data in half.items()
        )
        assert command(*words)[0] == 0
        assert contents(place) == whole, at
    after = {name: data for name, data in contents(Path.cwd()).items() if not name.startswith(str(place))}
    assert after == before
    return steps


@pytest.mark.usefixtures("plain_report")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_run_goes_on_after_a_failure_at_any_write(number: int) -> None:
    assert check_each_failure(RUN, Path("out"), number) > 30


@pytest.mark.usefixtures("plain_report")
@pytest.mark.parametrize("form", ["csv", "json", "markdown", "bundle"])
def test_an_export_goes_on_after_a_failure_at_any_write(form: str) -> None:
    assert command(*RUN)[0] == 0
    asked = () if form == "bundle" else ("--ask", "variable=incentive")
    words = ("export", "out/small", "--format", form, "--out", "given", *asked)
    assert check_each_failure(words, Path("given")) >= 3


@pytest.mark.usefixtures("plain_report")
def test_a_ledger_outlives_a_failure_at_any_write() -> None:
    assert command(*RUN)[0] == 0
    words = ("score", "out/small", "--outcome", "incentive=1", "--ledger", "given/ledger.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mcrace.report.ledger_figures.draw_ledger", lambda *_: ([], []))
        assert check_each_failure(words, Path("given")) >= 3


def mounted(place: Path, *options: str) -> bool:
    place.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(place)]
    return (
        shutil.which("mount") is not None
        and subprocess.run(words, capture_output=True, check=False).returncode == 0
    )


@pytest.mark.slow
@pytest.mark.parametrize("pages", [4, 16, 40, 80])
def test_a_real_disk_that_is_full(pages: int, folder: Path) -> None:
    place = folder / "disk"
    if not mounted(place, f"size={4096 * pages}"):
        pytest.skip("only root may mount")
    words = ("run", "s.yaml", "--out", str(place), "--quiet", "--jobs", "1", "--no-report")
    try:
        code, said = command(*words)
        assert code in (0, 1)
        assert (code == 1) == ("No space left on device" in said)
        assert not list(place.rglob("*.tmp"))
        subprocess.run(["mount", "-o", "remount,size=32m", str(place)], check=True)
        assert command(*words)[0] == 0
        found = contents(place)
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert command(*words[:3], "out", *words[4:])[0] == 0
    assert found == contents(Path("out"))


@pytest.mark.slow
def test_a_disk_that_is_read_only(folder: Path) -> None:
    place = folder / "disk"
    if not mounted(place, "ro"):
        pytest.skip("only root may mount")
    try:
        code, said = command("run", "s.yaml", "--out", str(place), "--quiet", "--jobs", "1", "--no-report")
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert code == 1
    assert "cannot write" in said


@pytest.mark.usefixtures("plain_report")
def test_a_folder_that_goes_while_a_run_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    real, left = publishing.write_whole, [3]

    def write(path: Path, data: bytes) -> None:
        left[0] -= 1
        if left[0] == 0:
            shutil.rmtree("out")
        real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "write_whole", write)
        assert command(*RUN)[0] == 0
    assert command("show", "out/small")[0] == 1  # what was lost is told
    assert command(*RUN)[0] == 0
    assert command("show", "out/small")[0] == 0


@pytest.mark.parametrize(
    "out", ["file", "file/below", "n" * 300, "link", "/dev/null", "/proc/nowhere", "pipe"]
)
def test_a_folder_that_cannot_be(out: str) -> None:
    Path("file").write_text("")
    Path("link").symlink_to("link")
    os.mkfifo("pipe")
    code, said = command("run", "s.yaml", "--out", out, "--quiet", "--jobs", "1", "--no-report")
    assert code == 1
    assert said.count("\n") == 1
    assert said.startswith("cannot write ")


# A run that somebody edited


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def turned(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def made_a_folder(path: Path) -> None:
    path.unlink()
    (path / "x").mkdir(parents=True)


def made_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def made_a_circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def made_text(path: Path) -> None:
    path.write_text("[" * 100_000)


HARMS = [Path.unlink, emptied, cut, turned, made_a_folder, made_a_pipe, made_a_circle, made_text]


@pytest.mark.usefixtures("plain_report")
@pytest.mark.parametrize("harm", HARMS if LONG else HARMS[::2], ids=lambda harm: harm.__name__)
def test_an_edited_run_is_told_and_made_again(harm: Any) -> None:
    assert command(*RUN)[0] == 0
    run = next(path for path in Path("out/small").iterdir() if not path.is_symlink())
    whole = contents(run)
    for name in [*whole, "manifest.json"]:
        harm(run / name)
        for words in (
            ["show", str(run)],
            ["verify", str(run), "--quick"],
            ["export", str(run), "--format", "bundle"],
        ):
            code, said = command(*words)
            assert code in (0, 1), (name, words)
            assert said.count("\n") <= 2, said
        numbers = name in ("study.yaml", "draws.parquet", "replicates.parquet")
        if numbers or (
            name == "manifest.json" and harm is not turned
        ):  # whose hash of a table may be what turned
            assert command("show", str(run))[0] == 1
        code, said = command(*RUN)
        if harm is made_a_folder:
            assert code == 1
            assert f"cannot write {run / name}" in said
            shutil.rmtree(run / name)
            code, said = command(*RUN)
        assert (code, said) == (0, ""), name
        assert contents(run) == whole, name


ODD = [None, [], {}, "x", -1, 10**30, 1.5, True, [None], {"a": None}]


@pytest.mark.usefixtures("plain_report")
def test_no_value_of_a_manifest_brings_a_command_down() -> None:
    assert command(*RUN)[0] == 0
    run = next(path for path in Path("out/small").iterdir() if not path.is_symlink())
    text = (run / "manifest.json").read_text()
    manifest = json.loads(text)
    places = [(manifest, key) for key in manifest] + [
        (manifest["execution"], key) for key in manifest["execution"]
    ]
    refused = 0
    for place, key in places:
        kept = place[key]
        for odd in ODD:
            place[key] = odd
            (run / "manifest.json").write_text(json.dumps(manifest))
            code, _ = command("show", str(run))
            assert code in (0, 1), (key, odd)
            refused += code
            if LONG:
                for words in (["verify", str(run), "--quick"], ["log", "small", "--out", "out"]):
                    assert command(*words)[0] in (0, 1), (key, odd)
        place[key] = kept
    assert refused > 0.7 * len(places) * len(ODD)
    (run / "manifest.json").write_text(text)
    assert command("show", str(run)) == (0, "")


# Memory and time


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_worker_without_memory_is_told(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(execute, "compute", fail)
        code, said = command(
            *RUN[:5], "--jobs", "2" if backend == "loky" else "1", "--backend", backend, "--no-report"
        )
    if backend == "threading":
        assert (code, said) == (1, "out of memory: ask for fewer --draws, or fewer --jobs\n")
    assert code in (0, 1)
    assert command(*RUN, "--no-report")[0] == 0


@pytest.mark.slow
def test_a_process_without_memory_says_so(folder: Path) -> None:
    big = {**SMALL, "sampling": {"draws": 2**24, "replicates": 2, "keep": 2**22}}
    Path("big.yaml").write_text(study_yaml(big))
    limit = (
        "import resource, sys; from mcrace.cli import main; "
        "import mcrace.engine.run, pandas, pyarrow.parquet; "
        "used = int(open('/proc/self/statm').read().split()[0]) * 4096; "
        "resource.setrlimit(resource.RLIMIT_AS, (used + 600 * 2**20,) * 2); sys.exit(main(sys.argv[1:]))"
    )
    words = ["run", "big.yaml", "--out", "out", "--quiet", "--no-report", "--jobs", "1"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", limit, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done
    assert "memory" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(folder.rglob("manifest.json"))


@pytest.mark.usefixtures("plain_report")
def test_a_clock_that_jumps_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(*RUN)[0] == 0
    whole = contents(Path("out"))
    shutil.rmtree("out")
    generator, real = np.random.default_rng(1), time.time
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + float(generator.uniform(-1e9, 1e9)))
        assert command(*RUN) == (0, "")
    assert contents(Path("out")) == whole
    manifest = json.loads(next(Path("out/small").glob("latest/manifest.json")).read_text())
    assert manifest["execution"]["seconds"] >= 0
