"""Signals at random moments: an exit code, no traceback, no worker left, and the same bits afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mcrace.study.write import study_yaml
from tests.campaign.faults import contents
from tests.small_study import SMALL

LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"
TRIES = 10 if LONG else 1
NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BOTH = [(backend, number) for backend in ("threading", "loky") for number in NUMBERS]
SIGNALS = BOTH if LONG else [("threading", signal.SIGINT), ("loky", signal.SIGTERM)]
SAMPLING = {"draws": 2_097_152, "replicates": 4, "keep": 64}
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")]


def started(out: Path, *options: str) -> subprocess.Popen[str]:
    Path("s.yaml").write_text(study_yaml({**SMALL, "sampling": SAMPLING}))
    words = ["run", "s.yaml", "--out", str(out), "--no-report", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-m", "mcrace", *words], start_new_session=True, **pipes)  # type: ignore[call-overload,no-any-return]


def session_of(leader: int) -> list[int]:
    """Find the processes of a session that are alive."""
    found = []
    for place in Path("/proc").iterdir():
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if place.name.isdecimal() and int(fields[3]) == leader and fields[0] not in "ZX":
            found.append(int(place.name))
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        process = started(place / "out")
        _, said = process.communicate()
        assert process.returncode == 0, said
    return contents(place / "out")


@pytest.mark.parametrize(("backend", "number"), SIGNALS)
def test_a_signal_at_any_moment_ends_a_run_cleanly(
    backend: str,
    number: signal.Signals,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    whole: dict[str, bytes],
) -> None:
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng([int(number), backend == "loky"])
    for attempt in range(TRIES):
        out = tmp_path / f"out{attempt}"
        process = started(out, "--jobs", "2", "--backend", backend)
        time.sleep(float(generator.uniform(0.6, 6.0)))  # before that Python itself is starting
        os.kill(process.pid, number)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
        assert "Traceback" not in said, said
        assert process.returncode in (0, 130 if number == signal.SIGINT else -number), said
        deadline = time.monotonic() + 5
        while session_of(process.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        left = session_of(process.pid)
        for straggler in left:
            os.kill(straggler, signal.SIGKILL)
        assert left == [], attempt
        again = started(out)
        _, said = again.communicate(timeout=120)
        assert again.returncode == 0, said
        assert contents(out) == whole


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_runs_with_its_streams_closed(
    closed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(study_yaml({**SMALL, "sampling": {"draws": 64, "replicates": 2}}))
    words = f'"{sys.executable}" -m mcrace run s.yaml --no-report --jobs 1 --out out {closed}'
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = b"".join(contents(Path("out")).values())
    assert b"Open out" not in told  # what would have been said stands in no file
