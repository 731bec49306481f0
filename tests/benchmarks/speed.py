"""Draws per second of the compiled model against plain NumPy written by hand, in one run.

    python -m tests.benchmarks.speed

Machines are shared and noisy: the two sides take turns, and the ratio of their medians is what counts.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import mcrace
from mcrace.engine.block import model_of
from mcrace.sampling import unit_block
from tests.benchmarks import numpy_by_hand as by_hand

CONFIGS = Path(__file__).parents[2] / "configs"
DRAWS = 2**18
TURNS = 9


def p1_sides() -> dict[str, Callable[[], object]]:
    """Set up P1 on the same draws: the kernel, NumPy with Newton's capture, NumPy with a table."""
    k, x_new, s, rho = by_hand.p1_sample(np.random.default_rng(1), DRAWS)
    model = {
        "horizon_days": 730.0,
        "discount_rate": np.expm1(rho),
        "value": {"scale": 0.05, "reference": 1e6},
        "customers": {"count": 1e6, "valuation_spread": s},
        "open": {"current_expense": 1e8, "releases": [{"day": k, "expense": x_new}]},
        "lab": {"current_expense": 3e8, "candidate_expense": 3e9},
    }
    return {
        "mcrace": lambda: mcrace.incentive(model),
        "NumPy, capture exact": lambda: by_hand.p1_model(k, x_new, s, rho),
        "NumPy, capture by table": lambda: by_hand.p1_model(
            k, x_new, s, rho, capture=by_hand.capture_by_table
        ),
    }


def baseline_sides() -> dict[str, Callable[[], object]]:
    """Set up the baseline on the same draws."""
    study = mcrace.load(CONFIGS / "baseline.yaml")
    random = [item for item in study.inputs if item.dimension is not None]
    uniforms = unit_block(
        method="random",
        seed=1,
        replicate=0,
        start=0,
        count=DRAWS,
        points=DRAWS,
        names=[item.name for item in random],
        dimensions=[item.dimension for item in random],
    )
    rows = dict(zip((item.name for item in random), uniforms, strict=True))
    values = {
        item.name: item.law if isinstance(item.law, float) else item.law.ppf(rows[item.name])
        for item in study.inputs
    }
    model = model_of(study.base.model, values)
    columns = columns_of(model)
    return {
        "mcrace": lambda: mcrace.incentive(model),
        "NumPy": lambda: by_hand.core_by_hand(columns),
    }


def columns_of(model: dict) -> dict[str, np.ndarray]:
    """Lay the numbers of a model with the log curve out as `core_by_hand` takes them."""
    value, customers, lab = model["value"], model["customers"], model["lab"]
    single = {
        "horizon_days": model["horizon_days"],
        "discount_rate": model["discount_rate"],
        "scale": value["scale"],
        "reference": value["reference"],
        "count": customers["count"],
        "growth_rate": customers["growth_rate"],
        "valuation_spread": customers["valuation_spread"],
        "price_discrimination": customers.get("price_discrimination", 0.0),
        "open_expense": model["open"]["current_expense"],
        "own_expense": lab["current_expense"],
        "candidate_expense": lab["candidate_expense"],
        "start_day": lab.get("start_day", 0.0),
        "training_days": lab["training_days"],
    }
    columns = {name: np.broadcast_to(number, DRAWS).astype(float) for name, number in single.items()}
    releases = model["open"]["releases"]
    columns["release_days"] = np.stack([release["day"] for release in releases])
    columns["release_expenses"] = np.stack([release["expense"] for release in releases])
    return columns


def compare(title: str, sides: dict[str, Callable[[], object]]) -> None:
    """Time the sides in turn and print draws per second and ratios."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        side()
    for _ in range(TURNS):
        for name, side in sides.items():
            started = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - started)
    ours = median(seconds["mcrace"])
    print(f"{title}: {DRAWS:,} draws, one core, median of {TURNS} turns")
    for name, times in seconds.items():
        took = median(times)
        spread = f"{min(times) / DRAWS * 1e9:.0f} to {max(times) / DRAWS * 1e9:.0f}"
        print(
            f"  {name:<24} {DRAWS / took:12,.0f} draws a second, {took / DRAWS * 1e9:5.0f} ns a draw"
            f" ({spread}); {took / ours:5.2f} times mcrace's time"
        )


def main() -> int:
    """Run all comparisons."""
    compare("P1, model alone", p1_sides())
    compare("Baseline, model alone", baseline_sides())
    return 0


if __name__ == "__main__":
    sys.exit(main())
