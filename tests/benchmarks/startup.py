"""CPU time of whole commands, each in a process of its own.

    python -m tests.benchmarks.startup

Machines are shared and noisy: each command is taken several times in turn with the others, and the least
counts. Beside the seconds of all threads together stands their ratio to ``import numpy`` on the same machine,
which carries over to others.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

CONFIG = Path(__file__).parents[2] / "configs" / "baseline.yaml"
TURNS = 5
MCRACE = ("-m", "mcrace")
IMPORT_NUMPY = "import numpy"


def cpu_seconds(*arguments: str) -> float:
    """Run Python and give the CPU seconds, user and system, of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def taken(out: Path) -> dict[str, float]:
    """Take each command once; `out` is empty."""
    run = (*MCRACE, "run", str(CONFIG), "--quiet", "--out", str(out))
    times = {
        IMPORT_NUMPY: cpu_seconds("-c", IMPORT_NUMPY),
        "import mcrace": cpu_seconds("-c", "import mcrace"),
        "mcrace --help": cpu_seconds(*MCRACE, "--help"),
        "mcrace check": cpu_seconds(*MCRACE, "check", str(CONFIG)),
        "mcrace run, tables only": cpu_seconds(*run, "--no-report"),
        # The numbers are there: all figures and the report are made from them.
        "mcrace run, figures and report only": cpu_seconds(*run),
    }
    times["mcrace run, nothing to do"] = cpu_seconds(*run)
    for path in sorted(out.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    times["mcrace run, everything"] = cpu_seconds(*run)
    return times


def main() -> None:
    """Print the least CPU seconds of each command, and their ratio to ``import numpy``."""
    with tempfile.TemporaryDirectory() as folder:
        cpu_seconds(*MCRACE, "run", str(CONFIG), "--quiet", "--out", folder)  # compiles what is not compiled
    turns = []
    for _ in range(TURNS):
        with tempfile.TemporaryDirectory() as folder:
            turns.append(taken(Path(folder)))
    least = {name: min(turn[name] for turn in turns) for name in turns[0]}
    for name, seconds in least.items():
        print(f"{name:36} {seconds:6.2f} s CPU {seconds / least[IMPORT_NUMPY]:8.1f}")


if __name__ == "__main__":
    main()

# Runs by hand, 2026-11-24, two shared cores. CPU seconds, and their ratio to `import numpy` (0.21 s), in a
# slow hour: import mcrace 0.05 (0.2), --help 0.07 (0.3), check 0.67 (3.1), run 6.57 (31.0), of it tables
# 2.66 (12.5); in a quick hour of the day before check 0.51 (3.0), run 4.80 (28.7). Seconds by the clock, in
# a quick quarter of an hour: run 4.17, 4.17, 4.21, 4.18 and 5.13; in turn with the state of some minutes
# before: 4.27, 4.44, 4.14, 4.65 and 4.36. In a slow hour 5.5 to 7.3. check 0.56 to 0.64 in a quick one.
