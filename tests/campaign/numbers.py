"""The reference in many digits against the compiled model, at random models of all mechanisms.

``python -m tests.campaign.numbers [MODELS [FIRST]]`` compares so many, in batches numbered from FIRST on, and
prints how many differ. Batches below 1000 belong to the tests beside.
"""

import sys
import time
from typing import Any

import numpy as np

from tests.random_models import random_full_model, random_model
from tests.reference import value_of
from tests.test_reference_package import SEED, compared

__all__ = ["FIRST", "batch", "main"]

FIRST = 1000
SIZE = 100
CORE_OF = 5
"""Every so manieth batch is of models without mechanisms, whose ranges are wider."""


def models(number: int) -> list[dict[str, Any]]:
    """Draw the models of a batch."""
    rng = np.random.default_rng([SEED, number])
    make = random_model if number % CORE_OF == 0 else random_full_model
    return [make(rng) for _ in range(SIZE)]


def batch(number: int) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Give the models of a batch in which package and reference differ: what is apart, stray zeros, model."""
    found = []
    for model in models(number):
        apart, stray = compared(model)
        apart = {name: one for name, one in apart.items() if not rounded(name, one, model)}
        stray = {name: one for name, one in stray.items() if not mirrored(name, one, model)}
        if apart or stray:
            found.append((apart, stray, model))
    return found


def rounded(name: str, found: tuple[float, float, float], model: dict[str, Any]) -> bool:
    """Tell whether a cost of caution is off by no more than the rounding of the values it is a step between.

    Where two levels are worth next to the same, as at the top of a Hill curve, the step between their values
    has no more digits than the values leave it.
    """
    if not name.endswith("caution_cost"):
        return False
    given, right, _ = found
    caution = model["lab"]["caution"]
    exponent = caution.get("exponent", 1.0)
    step = (abs(right) / caution["cost"]) ** (1.0 / exponent)
    lab = model["lab"]
    worth = float(value_of(model["value"], lab.get("candidate_expense", lab.get("budget"))))
    return abs(given - right) <= abs(right) * exponent * 4.0 * 2.0**-52 * worth / step


def mirrored(name: str, found: float, model: dict[str, Any]) -> bool:
    """Tell whether an effect on the contest is no zero to the bit, but one by the symmetry of the step.

    With no lead needed, P(l) + P(-l) = 1: where an open model turns the leads (0, l) of stay and upgrade into
    (-l, 0), as it can when levels are doubled, the gain stays what it was, though all its terms change.
    """
    strategic = model["lab"].get("strategic", {})
    softly = strategic.get("softness", 0) > 0 and strategic.get("lead", 0) == 0
    return softly and name == "open_effect_strategic_gain" and abs(found) <= 2.0**-50 * strategic["prize"]


def main(count: int, first: int = FIRST) -> int:
    started, faults = time.monotonic(), 0
    for number in range(first, first + count // SIZE):
        for apart, stray, model in batch(number):
            faults += 1
            print(f"batch {number}: apart {apart}, no exact zero {stray}: {model}", flush=True)
        done = (number - first + 1) * SIZE
        if done % 500 == 0:
            told = f"{done:,} models, {faults} differ, {time.monotonic() - started:.0f} s"
            print(told, flush=True)
    print(f"{count // SIZE * SIZE:,} models compared, {faults} differ")
    return int(faults > 0)


if __name__ == "__main__":
    words = [int(float(word)) for word in sys.argv[1:]] or [20_000]
    raise SystemExit(main(*words))
