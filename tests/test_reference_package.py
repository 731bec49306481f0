"""The package against the slow twin, on random models with every mechanism."""

import math
import os
from collections import Counter
from functools import lru_cache

import numpy as np
import pytest

from mcrace import incentive
from mcrace.nomenclature import OUTPUTS
from tests.random_models import random_full_model, random_model
from tests.reference import PARTS, reference_incentive, worlds_of

NEAR = 1e-9
# Of what a margin is the remainder of: where F(c) - Fo is next to nothing, its rounding is that of F(c).
ROUNDING = 1e-14
# A share of its scale below which an amount is no rounding of a zero, but one too small for the twin.
FAINT = 1e-30
SEED = 20261122
BATCH = 100
LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"


def compared(model):
    """List the outputs in which package and twin differ, and those that are no exact zero where they should.

    A part is judged by its own largest flow over the four cases, a sum by the largest of all parts.
    """
    reference = reference_incentive(model)
    given = {name: float(np.ravel(value)[0]) for name, value in incentive(model).items()}
    assert list(given) == list(OUTPUTS)
    apart, stray = {}, {}
    for name in OUTPUTS:
        scale = scale_of(reference, name, model["horizon_days"])
        gap = abs(given[name] - reference[name])
        if not gap <= NEAR * scale + ROUNDING * reference["gross_revenue"]:
            apart[name] = (given[name], reference[name], scale)
        elif reference[name] == 0.0 and gap > FAINT * scale:
            stray[name] = given[name]
    return apart, stray


def scale_of(reference, name, horizon):
    """Give the size, in USD, by which the rounding of an output is judged."""
    part = name.removeprefix("open_effect_")
    if part in PARTS:
        return reference[f"scale_{part}"]
    if name == "revenue_today":
        return max(reference[name], reference["scale"] / horizon)
    return reference["perceived_scale" if name == "perceived_incentive" else "scale"]


@lru_cache(maxsize=1)
def full_models(batch=0):
    rng = np.random.default_rng([SEED, batch])
    return [random_full_model(rng) for _ in range(BATCH)]


@lru_cache(maxsize=1)
def compared_batch(batch):
    """Compare a batch of random models: give those that differ, and those with stray zeros."""
    found = [(compared(model), model) for model in full_models(batch)]
    apart = [(apart, model) for (apart, _), model in found if apart]
    return apart, [(stray, model) for (_, stray), model in found if stray]


def test_package_and_twin_agree_on_random_core_models():
    rng = np.random.default_rng(SEED)
    for model in [random_model(rng) for _ in range(BATCH)]:
        assert compared(model) == ({}, {}), model


def test_package_and_twin_agree_on_random_full_models():
    assert compared_batch(0)[0] == []


def test_zeros_are_exact_on_random_full_models():
    assert compared_batch(0)[1] == []


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(1, 21 if LONG else 6))
def test_package_and_twin_agree_on_many_random_full_models(batch):
    apart, stray = compared_batch(batch)
    assert apart == []
    assert stray == []


def test_parts_of_the_package_add_up():
    for model in full_models():
        given = {name: float(np.ravel(value)[0]) for name, value in incentive(model).items()}
        counts = model["lab"].get("counts_training_cost", True)
        signs = {part: sign for part, sign in PARTS.items() if counts or part != "training_cost"}
        for whole, prefix in (("incentive", ""), ("open_effect", "open_effect_")):
            parts = [sign * given[prefix + part] for part, sign in signs.items()]
            tolerance = 1e-14 * max(map(abs, parts), default=0.0)
            assert given[whole] == pytest.approx(math.fsum(parts), rel=0, abs=tolerance)
        apart = given["incentive"] - given["incentive_frozen"]
        tolerance = 1e-9 * max(abs(given["incentive"]), abs(given["incentive_frozen"]))
        assert given["open_effect"] == pytest.approx(apart, rel=0, abs=tolerance)


def test_random_full_models_reach_every_mechanism():
    counts = Counter()
    for model in full_models():
        reference = reference_incentive(model)
        for part in PARTS:
            counts[part] += abs(reference[part]) > 0.01 * reference["scale"]
            counts[f"open_effect_{part}"] += abs(reference[f"open_effect_{part}"]) > 0.01 * reference["scale"]
        for name, world in worlds_of(model).items():
            counts[f"{name}: not trained"] += not world.trained
            counts[f"{name}: trained in vain"] += world.trained and not world.comes_out
            counts[f"{name}: rescued"] += world.comes_out and world.stay.failure == world.arrival
            counts[f"{name}: stay fails"] += world.stay.failure < math.inf
            counts[f"{name}: upgrade fails"] += world.comes_out and world.upgrade.failure < math.inf
            level_days = {day for day, _ in world.upgrade.path.releases} | {0.0, world.arrival}
            rivals = model.get("market", {}).get("rivals", [])
            level_days |= {rival.get("release_day", 0.0) for rival in rivals}
            inside = world.stay.failure < math.inf and float(world.stay.failure) not in level_days
            counts[f"{name}: fails inside a stretch"] += inside
        counts["halts"] += "regulation" in model and world.comes_out
        counts["perceived"] += reference["perceived_incentive"] != reference["incentive"]
    assert {name: count for name, count in counts.items() if count < 3} == {}
    assert all(counts[part] >= 5 for part in PARTS)
