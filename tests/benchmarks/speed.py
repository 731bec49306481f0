"""Time of a draw on one core, against plain NumPy and against one loop compiled by hand, in one run.

    python -m tests.benchmarks.speed

Machines are shared and noisy: the sides take turns, what counts is the processor time of this thread, and of
it the ratio of medians.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import mcrace
from mcrace.engine.evaluate import model_of
from mcrace.laws.lognormal import Lognormal
from mcrace.laws.triangular import Triangular
from mcrace.laws.uniform import Uniform
from mcrace.model import Slot, plan_model, run_plan
from mcrace.sampling import unit_block
from mcrace.study.functions import exponential
from tests.benchmarks import fused_by_hand
from tests.benchmarks import numpy_by_hand as by_hand

CONFIGS = Path(__file__).parents[2] / "configs"
DRAWS = 2**20
BLOCK = 2**15  # draws that a run of many evaluates at a time
TURNS = 9

P1_LAWS = (Lognormal(240.0, 0.7), Lognormal(6e8, 0.8), Uniform(0.2, 1.2), Triangular(0.03, 0.10, 0.35))
P1_NAMES = ("day", "level", "spread", "rho")


def p1_model_of(k, x_new, s, discount_rate):
    """Write P1 as a study's model."""
    return {
        "horizon_days": 730.0,
        "discount_rate": discount_rate,
        "value": {"scale": 0.05, "reference": 1e6},
        "customers": {"count": 1e6, "valuation_spread": s},
        "open": {"current_expense": 1e8, "releases": [{"day": k, "expense": x_new}]},
        "lab": {"current_expense": 3e8, "candidate_expense": 3e9},
    }


def p1_sides() -> dict[str, Callable[[], object]]:
    """Set up P1's model on the same draws: the kernel, NumPy with Newton's capture, NumPy with a table."""
    k, x_new, s, rho = by_hand.p1_sample(np.random.default_rng(1), DRAWS)
    model = p1_model_of(k, x_new, s, np.expm1(rho))
    return {
        "mcrace": lambda: mcrace.incentive(model),
        "NumPy, capture exact": lambda: by_hand.p1_model(k, x_new, s, rho),
        "NumPy, capture by table": lambda: by_hand.p1_model(
            k, x_new, s, rho, capture=by_hand.capture_by_table
        ),
    }


def p1_stages() -> dict[str, Callable[[], object]]:
    """Set up all of P1, block by block: in mcrace, each of its stages alone, in NumPy, and fused by hand."""
    plan = plan_model(p1_model_of(*(Slot(column) for column in range(4))))
    starts = range(0, DRAWS, BLOCK)

    def uniforms(start):
        return unit_block(
            method="sobol",
            seed=1,
            replicate=0,
            start=start,
            count=BLOCK,
            points=DRAWS,
            names=P1_NAMES,
            dimensions=range(4),
        )

    def values(rows):
        return [law.ppf(row) for law, row in zip(P1_LAWS, rows, strict=True)]

    def expression(found):
        return [*found[:3], exponential(found[3]) - 1.0]

    def model(columns):
        return run_plan(plan, columns, BLOCK)

    def each(stage, given=None):
        # What a block makes is let go before the next, as a run does: its memory is used again.
        def work():
            for start in starts:
                stage(start if given is None else given)

        return work

    rows = uniforms(0)
    found = values(rows)
    room, bins = np.empty((6, fused_by_hand.STRIP)), np.zeros(fused_by_hand.BINS, dtype=np.int64)
    return {
        "mcrace": each(lambda start: model(expression(values(uniforms(start))))),
        "  Sobol' points": each(uniforms),
        "  inverse CDFs": each(values, rows),
        "  expression": each(expression, found),
        "  model": each(model, expression(found)),
        "NumPy, capture exact": lambda: by_hand.p1_by_hand(np.random.default_rng(1), DRAWS),
        "NumPy, capture by table": lambda: by_hand.p1_by_hand(
            np.random.default_rng(1), DRAWS, by_hand.capture_by_table
        ),
        "fused by hand, with tallies": lambda: fused_by_hand.p1_fused(1, DRAWS, room, bins),
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
            started = time.thread_time()
            side()
            seconds[name].append(time.thread_time() - started)
    ours = median(seconds["mcrace"])
    print(f"{title}: {DRAWS:,} draws, one core, median of {TURNS} turns")
    for name, times in seconds.items():
        took = median(times)
        spread = f"{min(times) / DRAWS * 1e9:.0f} to {max(times) / DRAWS * 1e9:.0f}"
        print(
            f"  {name:<28} {DRAWS / took:12,.0f} draws a second, {took / DRAWS * 1e9:5.0f} ns a draw"
            f" ({spread}); {took / ours:5.2f} times mcrace's time"
        )


def main() -> int:
    """Run all comparisons."""
    compare("P1, sampling and model", p1_stages())
    compare("P1, model alone", p1_sides())
    compare("Baseline, model alone", baseline_sides())
    return 0


if __name__ == "__main__":
    sys.exit(main())

# Run by hand, 2026-11-24, two shared cores, P1, ns a draw (range over nine turns), twice within a minute:
# mcrace 59 (47 to 94) and 47 (43 to 68), of it Sobol' points 5 and 4, inverse CDFs 19 and 17, model 25 and
# 19, expression 3 and 2; NumPy with exact capture 451 and 444 (7.6 and 9.4 times), fused by hand 17 (0.29
# and 0.35 of mcrace's time). Five turns each, an hour before, with releases that are not out today not yet
# left alone: 7.7, 8.0 and 8.2. The day before: 74 and 79 ns (5.9 and 5.5 times), in blocks of 2^13.
