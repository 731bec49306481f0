"""Whether the tests find faults: each mutant of the package against the quick tests that should kill it.

``python -m tests.campaign.mutants [WORD ...]`` tries all of them, or those whose file or name holds a word.
Faults are put into processes that have loaded a copy of the package, never into the package itself.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.campaign.mutant_list import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
COPIED = ("mcrace", "tests", "configs", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE")
WORKERS = 2
LIMIT = 300.0
LEAST_KILLED = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one mutant: ``killed``, ``survived``, ``broken`` (no test ran) or ``endless``."""

    mutant: Mutant
    outcome: str
    seconds: float
    told: str


@dataclass(frozen=True, slots=True)
class Room:
    """A copy of the package with its tests, and a process that runs them there."""

    folder: Path
    server: subprocess.Popen[str]

    def tested(self, tests: Sequence[str], mutant: Mutant | None = None) -> tuple[int | None, str]:
        """Give pytest's exit code, None where it ran out of time, and the test that failed."""
        words = ("", "", "") if mutant is None else (mutant.file, mutant.old, mutant.new)
        code, text = self.asked(
            [*words, [f"tests/{test}".replace("tests/tests/", "tests/") for test in tests]]
        )
        failed = re.findall(r"^(?:FAILED|ERROR) (\S+?\.py(?:::.*?)?)(?: - |$)", text, re.MULTILINE)
        if code == 1 and not failed:
            code = 3
        return code, failed[0] if failed else text.strip()[-500:] if code else ""

    def asked(self, question: object = None) -> Any:
        """Ask the process, or wait until it is ready."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        if question is not None:
            self.server.stdin.write(json.dumps(question) + "\n")
            self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())


def main(words: Sequence[str]) -> int:
    chosen = [one for one in MUTANTS if not words or any(word in f"{one.file}: {one.name}" for word in words)]
    found = []
    with rooms() as opened:
        for verdict in verdicts(chosen, opened):
            one = verdict.mutant
            told = f"{verdict.outcome:9} {verdict.seconds:5.1f} s  {one.file}: {one.name}  {verdict.told}"
            print(told, flush=True)
            found.append(verdict)
        fault = unmutated_fault(found, opened[0])
    print(fault or "the tests that killed pass without a mutant")
    return max(summed_up(found), int(bool(fault)))


def summed_up(found: Sequence[Verdict]) -> int:
    """Print the numbers; 0 if enough mutants were killed."""
    judged = [one for one in found if not one.mutant.equivalent]
    killed = [one for one in judged if one.outcome in ("killed", "endless")]
    share = len(killed) / max(len(judged), 1)
    equivalent = len(found) - len(judged)
    print(f"{len(killed)} of {len(judged)} mutants killed ({100 * share:.1f} %), {equivalent} equivalent")
    for one in judged:
        if one not in killed:
            print(f"{one.outcome}: {one.mutant.file}: {one.mutant.name}")
    return int(share < LEAST_KILLED or any(one.outcome == "broken" for one in judged))


def unmutated_fault(found: Sequence[Verdict], room: Room) -> str:
    """Run every test that killed something once more without any fault; empty if all pass."""
    nodes = sorted({one.told for one in found if one.outcome == "killed"})
    code, told = room.tested(nodes) if nodes else (0, "")
    return "" if code == 0 else f"a test fails without a mutant: {told}"


def verdicts(mutants: Sequence[Mutant], opened: Sequence[Room]) -> Iterator[Verdict]:
    """Try mutants, as many at once as there are rooms."""
    free: SimpleQueue[Room] = SimpleQueue()
    for room in opened:
        free.put(room)

    def judged(mutant: Mutant) -> Verdict:
        room = free.get()
        try:
            return tried(mutant, room)
        finally:
            free.put(room)

    with ThreadPoolExecutor(len(opened)) as pool:
        yield from pool.map(judged, mutants)


def tried(mutant: Mutant, room: Room) -> Verdict:
    """Run the tests of one mutant."""
    started = time.monotonic()
    code, told = room.tested(mutant.tests, mutant)
    outcome = {0: "survived", 1: "killed", None: "endless"}.get(code, "broken")
    return Verdict(mutant=mutant, outcome=outcome, seconds=time.monotonic() - started, told=told)


@contextmanager
def rooms(count: int = WORKERS) -> Iterator[list[Room]]:
    """Open some rooms, and close them at the end."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as above, ExitStack() as stack:
        opened = []
        for number in range(count):
            folder = Path(above) / str(number)
            folder.mkdir()
            for name in COPIED:
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, folder / name)
                else:
                    shutil.copy(source, folder / name)
            opened.append(Room(folder, stack.enter_context(_server(folder))))
        for room in opened:
            room.asked()
        yield opened
        for room in opened:
            assert room.server.stdin is not None
            room.server.stdin.close()


def _server(folder: Path) -> subprocess.Popen[str]:
    words = {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment = {**os.environ, **words}
    for name in ("MCRACE_CAMPAIGN", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.campaign.mutant_server", str(LIMIT)],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
