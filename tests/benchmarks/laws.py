"""What a draw of each law costs, beside a lognormal's.

    python -m tests.benchmarks.laws

One core. A lognormal is numpy's exp of scipy's ndtri. All laws take turns with it, so that the ratio within
a turn is fair on a noisy machine; the first call of a law, which makes what it looks values up in, is shown
apart.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, Final

import numpy as np
from scipy.special import ndtri

from mcrace.laws import LAWS, FloatArray, Law, build_law, describe
from mcrace.laws.empirical import make_empirical
from mcrace.laws.mixture import mix

DRAWS: Final = 8192
TURNS: Final = 41
LIMIT: Final = 3.0
"""Times a lognormal's cost that a draw may take."""

COLUMN: Final = np.random.default_rng(3).lognormal(size=100_000)
DAY: Final = {"lognormal": {"p05": 50, "p95": 500}}

MORE: Final[tuple[tuple[str, Any, Any], ...]] = (
    ("lognormal", {"p05": 50, "p95": 500}, [60, 400]),
    ("normal", {"mean": 0, "sd": 1}, [-1, float("inf")]),
    ("gamma", {"shape": 0.3, "scale": 1}, None),
    ("gamma", {"shape": 4, "scale": 2.5}, [2, 20]),
    ("gamma", {"shape": 0.002, "scale": 1}, None),
    ("beta", {"alpha": 0.02, "beta": 0.02}, None),
    ("pert", [0.05, 0.12, 0.35], [0.1, 0.3]),
    ("student_t", {"df": 1, "location": 0, "scale": 1}, None),
    ("student_t", {"df": 3, "p05": 1, "p95": 3}, [0, float("inf")]),
    ("poisson", {"mean": 2}, [1, float("inf")]),
    ("poisson", {"mean": 1e6}, None),
    ("quantiles", {"0.05": 1.6, "0.5": 6, "0.95": 20}, [1, 30]),
    ("mixture", [[7, DAY], [3, float("inf")]], None),
    ("mixture", [[1 + k % 5, {"uniform": [k, k + 1]}] for k in range(200)], None),
    ("mixture", [[1, DAY], [1, {"student_t": {"df": 1, "location": 0, "scale": 1}}]], None),
    (
        "mixture",
        [[1, {"beta": {"alpha": 0.02, "beta": 0.02}}], [1, {"gamma": {"shape": 0.002, "scale": 1}}]],
        None,
    ),
    ("quantiles", {f"{k / 20}": k + 0.4 * (k % 3) for k in range(1, 20)}, None),
)


def laws() -> dict[str, Law]:
    """Every example of every law, and a few that are harder."""
    given = [(name, spec, None) for name, family in LAWS.items() for spec in family.examples]
    made = [build_law(name, spec, bounds) for name, spec, bounds in (*given, *MORE)]
    lines = make_empirical(COLUMN, interpolate=True)
    columns = [
        make_empirical(COLUMN),
        lines,
        mix([(1.0, lines), (1.0, build_law("lognormal", DAY["lognormal"]))]),
    ]
    return {describe(law): law for law in (*made, *columns)}


def yardstick(u: FloatArray) -> FloatArray:
    """Compute a lognormal's quantiles as numpy and scipy do."""
    return 158.0 * np.exp(0.7 * ndtri(u))


def seconds(function: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main() -> None:
    """Print a row a law: nanoseconds a draw, times a lognormal's, milliseconds of the first call."""
    u = np.random.default_rng(20261122).random(DRAWS)
    yardstick(u)
    rows = []
    for name, law in laws().items():
        first = seconds(lambda law=law: law.ppf(u))
        pairs = [(seconds(lambda law=law: law.ppf(u)), seconds(lambda: yardstick(u))) for _ in range(TURNS)]
        ratio = median(own / other for own, other in pairs)
        rows.append((ratio, min(own for own, _ in pairs) / DRAWS * 1e9, first * 1e3, name))
    print("times a lognormal   ns a draw   first call, ms   law")
    for ratio, nanoseconds, first, name in sorted(rows):
        mark = "  above the limit" if ratio > LIMIT else ""
        print(f"{ratio:17.2f}   {nanoseconds:9.1f}   {first:14.1f}   {name[:90]}{mark}")


if __name__ == "__main__":
    main()
