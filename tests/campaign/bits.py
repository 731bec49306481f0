"""One digest of every table of a run, whoever computes it, in what pieces, and when.

``python -m tests.campaign.bits`` runs all settings, each in a process of its own, and prints a table.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).parents[2]
BACKENDS = ("threading", "loky", "sequential")
CLUSTERS = ("dask", "ray")
BLOCKS = (97, 333, 1500, 2048, 8192)
DAYS = (1_709_208_000.0, 4_102_444_799.0)
"""Two seconds of the calendar: on 29 February 2024, and the last one of 2099."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a study is run; nothing that its numbers may hang on.

    Attributes
    ----------
    jobs, backend
        As the command takes them.
    block, leaves : int
        Points that are drawn at once, and leaves of a task.
    second : float
        What the clock says; the real one with 0.
    environment : dict
        Variables of the process.
    """

    jobs: int = 1
    backend: str = "sequential"
    block: int = 8192
    leaves: int = 16
    second: float = 0.0
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Words for a table."""
        words = [self.backend, f"{self.jobs} jobs", f"blocks of {self.block}", f"{self.leaves} leaves a task"]
        words += [time.strftime("%Y-%m-%d", time.gmtime(self.second))] if self.second else []
        return ", ".join(words + [f"{name}={value}" for name, value in self.environment.items()])


QUICK = (
    Setting(jobs=3, backend="threading", block=333, leaves=1),
    Setting(jobs=2, backend="loky", second=DAYS[1], environment={"PYTHONHASHSEED": "1"}),
    Setting(
        block=2048,
        leaves=3,
        second=DAYS[0],
        environment={"PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    ),
)

LONG = (
    *(Setting(jobs=jobs, backend=backend) for backend in BACKENDS[:2] for jobs in range(1, 9)),
    *(
        Setting(jobs=2, backend=backend, block=block, leaves=leaves)
        for backend in BACKENDS
        for block, leaves in zip(BLOCKS, (1, 2, 5, 7, 64), strict=True)
    ),
    *(Setting(second=second) for second in DAYS),
    *(Setting(environment={"PYTHONHASHSEED": seed}) for seed in ("0", "1", "4242")),
    *(
        Setting(environment={"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads})
        for threads in ("1", "2")
    ),
    *(Setting(jobs=jobs, backend=backend) for backend in CLUSTERS for jobs in (1, 2, 4)),
)


def digest_by(setting: Setting, method: str = "sobol") -> str:
    """Run the study of the campaign in a process of its own, and hash its tables."""
    words = {name: getattr(setting, name) for name in ("jobs", "backend", "block", "leaves", "second")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.campaign.bits", "one", json.dumps(words), method],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0", **setting.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{setting.name}: {done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]


def digest_here(words: Mapping[str, Any], method: str) -> str:
    """Run the study in this process."""
    from mcrace.engine import held, plan, task
    from mcrace.report.publish import publish
    from tests.small_study import small_study

    study = small_study(
        sampling={"method": method, "draws": 40_000, "replicates": 4, "keep": 2048},
    )
    patches = [mock.patch.object(module, "BLOCK_POINTS", words["block"]) for module in (held, task)]
    patches.append(mock.patch.object(plan.Plan, "__init__", _with_leaves(plan.Plan, words["leaves"])))
    if words["second"]:
        patches.append(mock.patch("time.time", return_value=words["second"]))
        patches.append(mock.patch("time.time_ns", return_value=int(words["second"]) * 10**9))
    with tempfile.TemporaryDirectory() as out:
        for patch in patches:
            patch.start()
        try:
            found = publish(study, out=out, jobs=words["jobs"], backend=words["backend"], report=False)
        finally:
            for patch in reversed(patches):
                patch.stop()
        return folder_digest(found.folder)


def _with_leaves(plan: Any, leaves: int) -> Any:
    right = plan.__init__

    def made(self: Any, **words: Any) -> None:
        right(self, **{**words, "leaves": leaves})

    return made


def folder_digest(folder: Path) -> str:
    """Hash all files of a run but its manifest, which tells how long it took and who computed it."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def main(methods: Sequence[str] = ("sobol", "random", "latin_hypercube")) -> int:
    faults, tried = 0, 0
    for method in methods:
        alone = digest_by(Setting(), method)
        for setting in LONG if method == "sobol" else LONG[::5]:
            started = time.monotonic()
            try:
                found = digest_by(setting, method)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                found = str(error)
            tried, faults = tried + 1, faults + (found != alone)
            told = "same" if found == alone else f"OTHER {found}"
            print(f"{told}  {time.monotonic() - started:5.1f} s  {method}, {setting.name}", flush=True)
    print(f"{tried} settings, {faults} with other bits")
    return int(faults > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        print(digest_here(json.loads(sys.argv[2]), sys.argv[3]))
        raise SystemExit(0)
    raise SystemExit(main(sys.argv[1:] or ("sobol", "random", "latin_hypercube")))
