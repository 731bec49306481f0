"""Mutated studies by the hundred thousand through `mcrace check`, each held against what it owes."""

import contextlib
import io
import json
import os
import random
import re
import resource
import signal
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import pytest

from mcrace.cli import main
from tests.fuzzed_studies import certainly_wrong, good_studies, perhaps_wrong
from tests.test_fuzz_studies import check_refusal

__all__ = ["LONGEST", "Tally", "fuzzed"]

LONGEST = 2.0
"""Seconds of the processor that a check may take."""


_TOLD_BY_PATH = re.compile(r"model\.[\w.]+: found [^\n]*\n$")


class TooSlowError(BaseException):
    """Nothing in the package may take this for an error of its own."""


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(slots=True)
class Tally:
    """What became of the studies."""

    tried: int = 0
    right: int = 0
    refused: int = 0
    slowest: float = 0.0
    held_megabytes: float = field(default_factory=_peak)
    grown_megabytes: float = 0.0
    failed: list[tuple[str, bytes, str]] = field(default_factory=list)


def fuzzed(cases: int, seed: int, folder: Path, log: Path | None = None) -> Tally:
    """Check so many mutated studies, six in ten of which may be right, the others certainly wrong."""
    rng, tally = random.Random(seed), Tally()  # noqa: S311 - no secret
    with pytest.MonkeyPatch.context() as patch, _alarm():
        patch.chdir(folder)
        patch.setattr("mcrace.terminal.check._TRIAL_DRAWS", 4)
        texts = good_studies(folder)
        for text in dict.fromkeys(texts):
            _one(text.encode(), "untouched", "right", tally)
        tally = Tally(failed=tally.failed)
        for case in range(cases):
            wrong = rng.random() < 0.4
            content, done = certainly_wrong(rng, texts) if wrong else perhaps_wrong(rng, texts)
            _one(content, done, "wrong" if wrong else "either", tally)
            if log is not None and (case + 1) % 500 == 0:
                _write(tally, log)
    return tally


def _one(content: bytes, done: str, expected: str, tally: Tally) -> None:
    """Check one study, and note what it fails of."""
    Path("s.yaml").write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    begun, code, trouble = time.process_time(), -1, ""
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            signal.setitimer(signal.ITIMER_VIRTUAL, 5 * LONGEST)
            code = main(["check", "s.yaml"])
        trouble = _trouble(code, out.getvalue(), err.getvalue(), content, expected)
    except (Exception, TooSlowError):
        trouble = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    seconds = time.process_time() - begun
    if not trouble and seconds > LONGEST:
        trouble = f"{seconds:.1f} s"
    tally.tried += 1
    tally.right += code == 0
    tally.refused += code == 2
    tally.slowest = max(tally.slowest, seconds)
    tally.grown_megabytes = _peak() - tally.held_megabytes
    if trouble:
        tally.failed.append((done, content, trouble))


def _trouble(code: int, out: str, err: str, content: bytes, expected: str) -> str:
    """Say what is wrong with an answer; nothing if all is as it should be."""
    allowed = {"right": (0,), "wrong": (2,), "either": (0, 2)}[expected]
    if code not in allowed:
        return f"exit code {code} where {expected}: {out[-300:]}{err[-2000:]}"
    if "Traceback" in err or bool(out) != (code == 0):
        return f"exit code {code}, and said: {out[-300:]}{err[-2000:]}"
    # What only the draws of a trial show has a path, and no place.
    by_trial = " draws" in err or "cannot be computed" in err or _TOLD_BY_PATH.match(err) is not None
    if code == 2 and (expected == "wrong" or not by_trial):
        try:
            check_refusal(content, err)
        except AssertionError:
            return f"a refusal without its place: {err[-2000:]}"
    return ""


@contextlib.contextmanager
def _alarm():
    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal calls it
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGVTALRM, before)


def _write(tally: Tally, log: Path) -> None:
    facts = {
        name: getattr(tally, name) for name in ("tried", "right", "refused", "slowest", "grown_megabytes")
    }
    failed = [(done, content.hex(), told) for done, content, told in tally.failed]
    temporary = log.with_suffix(".tmp")
    temporary.write_text(json.dumps({**facts, "failed": failed}))
    temporary.replace(log)


if __name__ == "__main__":
    count, first, where = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    where.mkdir(parents=True, exist_ok=True)
    os.nice(5)
    found = fuzzed(count, first, where, where / "tally.json")
    _write(found, where / "tally.json")
