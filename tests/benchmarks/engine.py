"""What the engine costs: memory by draws, workers by number and kind, time to an error. Each in one run.

    python -m tests.benchmarks.engine memory [DRAWS ...]     # 1e6 and 1e7 if none is given
    python -m tests.benchmarks.engine jobs [DRAWS [TURNS]]   # one job against two, and two runs at once
    python -m tests.benchmarks.engine backends [DRAWS [TURNS]]   # two jobs on loky, dask and ray
    python -m tests.benchmarks.engine error                  # P1: time to an error, against plain draws

Every size runs in a process of its own. Machines are shared and noisy: only ratios within one run count.
Figures from runs by hand stand at the end of this file.
"""

import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import mcrace
from mcrace.nomenclature.statistics import STATISTICS
from mcrace.terminal.own_process import lighten_process

CONFIGS = Path(__file__).parents[2] / "configs"
P1_MEAN, P1_SD = -2_975_530_399.732, 9_105_335.7415
P1_QUANTILES = {
    "q0.05": -2_989_012_227.0,
    "q0.25": -2_981_742_629.2,
    "q0.5": -2_976_831_271.3,
    "q0.75": -2_969_941_509.7,
    "q0.95": -2_958_365_199.2,
}


def measured(file: Path, changes: dict[str, Any], **options: Any) -> dict[str, float]:
    """Run a study in a process of its own: wall seconds of the run, peak memory of it and of its workers."""
    call = json.dumps([str(file), changes, options])
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.engine", "one", call],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(call: str) -> dict[str, float]:
    """Do what `measured` asks for, in this process."""
    lighten_process()  # as a command is
    file, changes, options = json.loads(call)
    study = mcrace.load(file, changes)
    mcrace.run(mcrace.load(file, {**changes, "sampling.draws": 1024}), jobs=1)  # compiles, or loads
    started = time.perf_counter()
    result = mcrace.run(study, **options)
    seconds = time.perf_counter() - started
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    mean = result.statistics.pooled[0, 0, STATISTICS.index("mean")]
    return {"seconds": seconds, "megabytes": peak(), "worker": workers / 1024, "mean": float(mean)}


def peak() -> float:
    """Most memory that this process held, in megabytes.

    Linux is asked for the peak of the address space (VmHWM): `ru_maxrss` would start at what the process that
    started this one held.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    held = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return (held[0] if held else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def memory(sizes: list[float]) -> None:
    """Show how peak memory grows with the draws of the baseline."""
    print(f"{'draws':>16}{'seconds':>10}{'peak MB':>10}{'ratio':>8}   mean incentive")
    first = 0.0
    for draws in sizes:
        found = measured(CONFIGS / "baseline.yaml", {"sampling.draws": int(draws)})
        first = first or found["megabytes"]
        print(
            f"{int(draws):>16,}{found['seconds']:>10.1f}{found['megabytes']:>10.0f}"
            f"{found['megabytes'] / first:>8.3f}   {found['mean']:.6e}",
            flush=True,
        )


def seconds_of(draws: float, backend: str, jobs: int) -> float:
    """Run the baseline in a process of its own."""
    options = {"backend": backend, "jobs": jobs}
    return measured(CONFIGS / "baseline.yaml", {"sampling.draws": int(draws)}, **options)["seconds"]


def jobs(draws: float = 16e6, turns: int = 5) -> None:
    """Show what a second job brings, beside what the machine gives to two runs of one job each at once."""
    print("s: one job; two jobs; two runs at once. Times one: two jobs; two runs")
    found = []
    for _ in range(turns):
        one_job, two_jobs = seconds_of(draws, "sequential", 1), seconds_of(draws, "threading", 2)
        with ThreadPoolExecutor(2) as pool:
            both = max(pool.map(lambda _: seconds_of(draws, "sequential", 1), range(2)))
        found.append((one_job / two_jobs, 2 * one_job / both))
        told = f"{one_job:8.1f}{two_jobs:8.1f}{both:8.1f}{found[-1][0]:10.2f}{found[-1][1]:8.2f}"
        print(told, flush=True)
    print(f"{'median':>24}{median(one for one, _ in found):10.2f}{median(two for _, two in found):8.2f}")


def backends(draws: float = 70e6, turns: int = 3) -> None:
    """Show what clusters on this machine cost beside loky, start included, in turn."""
    found: dict[str, list[float]] = {backend: [] for backend in ("loky", "dask", "ray")}
    for _ in range(turns):
        for backend, times in found.items():
            times.append(seconds_of(draws, backend, 2))
            print(f"{backend:>8}{times[-1]:8.1f} s", flush=True)
    for backend, times in found.items():
        print(f"{backend:>8}: {median(times) / median(found['loky']):.2f} times loky", flush=True)


def error() -> None:
    """Show the time that P1 takes to a given error: randomized Sobol' points against plain random ones."""
    for method in ("sobol", "random"):
        print(
            f"\n{method}: draws, seconds, error of the mean and of the worst quantile in sd (rms of 5 seeds)"
        )
        for power in (14, 16, 18, 20):
            means, quantiles, seconds = [], [], []
            for seed in range(5):
                changes = {"sampling.method": method, "sampling.draws": 2**power, "sampling.seed": seed}
                study = mcrace.load(CONFIGS / "benchmark.yaml", changes)
                started = time.perf_counter()
                table = mcrace.run(study, jobs=1).statistics.pooled[0, 0]
                seconds.append(time.perf_counter() - started)
                means.append((table[0] - P1_MEAN) / P1_SD)
                quantiles.append(
                    [(table[STATISTICS.index(name)] - exact) / P1_SD for name, exact in P1_QUANTILES.items()]
                )
            rms = np.sqrt(np.mean(np.square(means)))
            worst = np.sqrt(np.mean(np.square(quantiles), axis=0)).max()
            print(f"{2**power:>10,}{min(seconds):>9.3f}{rms:>12.2e}{worst:>12.2e}", flush=True)


def main(arguments: list[str]) -> None:
    """Do what the command line asks for."""
    command, *rest = arguments or ["memory"]
    if command == "one":
        print(json.dumps(one(rest[0])))
    elif command == "memory":
        memory([float(size) for size in rest] or [1e6, 1e7])
    elif command in ("jobs", "backends"):
        show = jobs if command == "jobs" else backends
        show(*map(float, rest[:1]), *map(int, rest[1:]))
    else:
        error()


if __name__ == "__main__":
    main(sys.argv[1:])

# Runs by hand, 2026-11-23, two shared cores of one machine (load 1.3 to 2, other work beside):
#
# memory, baseline (8 scenarios), two threads, a command: 1,000,000 draws 417 MB, 10,000,000 draws 463 MB
#   (706 and 705 before outputs that are equal by form were held and tallied once). Of an earlier day, before
#   that: baseline without its other scenarios (`scenarios: {}`), on a machine with a load of 5 to 12: 1e7
#   draws 29 s, 314.0 MB; 1e8 draws 210 s, 313.8 MB; 1e9 draws 1,970 s, 313.6 MB (0.999 times that of 1e7),
#   with all of the summary. 1e9 draws of all 8 scenarios, hours on these cores, were not run.
# jobs, baseline, 12,000,000 draws, s, 2026-11-24: one job 23.7, 25.0, 23.7; two 12.8, 13.0, 12.5; two runs
#   of one job each, at once 21.9, 25.2, 23.5. Two jobs do 1.85, 1.92 and 1.89 times the work of one, two
#   separate runs 2.16, 1.98 and 2.02. The day before, when calls of machine code took three times as long,
#   with Python's lock: two jobs 1.73, 1.54, 1.06 and 1.73.
# backends, baseline, two jobs each, starts of local clusters included, 70,000,000 draws, s, 2026-11-24,
#   three turns: loky 97.7, 100.7, 87.9; dask 109.5, 85.3, 92.2; ray 94.2, 90.8, 96.0: medians 0.94 (dask)
#   and 0.96 (ray) times loky's, within what the machine drifts. The day before: 1.05 and 1.12.
# error, P1, one job: draws, seconds, error of the mean and of the worst quantile, in sd.
#   sobol      16,384   0.040   5.9e-5   7.2e-3
#             262,144   0.122   5.5e-7   1.2e-3
#           1,048,576   0.230   1.4e-7   3.3e-4
#   random     16,384   0.031   1.3e-2   2.5e-2
#             262,144   0.126   3.4e-3   5.4e-3
#           1,048,576   0.296   6.8e-4   2.6e-3
#   The mean to 1e-5 takes about 0.07 s. Plain draws need 4.9e9 (from 6.8e-4 at 2^20, falling with the root of
#   their number): 118 s with the fastest kernel, fused by hand (24 ns a draw), some 1,700 times as long.
#   The worst quantile to 1e-3: 0.15 s against 7.1e6 plain draws, 0.17 s with that kernel, which
#   tallies nothing else.
