"""The core's own loop: the same bits as the loop that knows every mechanism, whatever the cut."""

import math

import numpy as np
import pytest

from mcrace import ModelError, incentive
from mcrace.model import Slot, kernel, plan_model, run_plan
from mcrace.model.capture import CENTRAL, central_share
from mcrace.nomenclature import OUTPUTS
from tests.random_models import random_full_model, random_model
from tests.reference import capture


def core_model(rng, draws, *, releases=2, curve="log"):
    """Random numbers of the core, as arrays; some releases never come, some draws are at an edge."""
    x, y, z = np.sort(np.exp(rng.uniform(math.log(1e7), math.log(1e11), (3, draws))), axis=0)
    curves = {
        "log": {"scale": rng.uniform(0.01, 5, draws), "reference": 1e6},
        "power": {"scale": 0.3, "reference": x / 2, "exponent": rng.uniform(0.1, 1.5, draws)},
        "hill": {"ceiling": 3.0, "half": y, "steepness": rng.uniform(0.1, 60, draws)},
    }
    days = rng.uniform(-100, 900, (releases, draws)).clip(0.0)
    days[rng.uniform(size=days.shape) < 0.1] = math.inf
    levels = np.exp(rng.uniform(math.log(1e6), math.log(1e12), (releases, draws)))
    levels = np.where(rng.uniform(size=levels.shape) < 0.1, y, levels)
    return {
        "horizon_days": rng.uniform(1, 1000, draws),
        "discount_rate": rng.choice([0.0, 0.1, -0.3, 2.0], draws),
        "value": {"curve": curve, **curves[curve]},
        "customers": {
            "count": rng.uniform(1, 1e9, draws),
            "growth_rate": rng.choice([0.0, 0.1, 1.5], draws),
            "valuation_spread": rng.choice([0.0, 0.05, 0.7, 2.0, 9.0], draws),
            "price_discrimination": rng.choice([0.0, 0.3, 1.0], draws),
        },
        "open": {
            "current_expense": x,
            "releases": [{"day": day, "expense": level} for day, level in zip(days, levels, strict=True)],
        },
        "lab": {
            "current_expense": y,
            "candidate_expense": z,
            "start_day": rng.choice([0.0, 40.0, 1100.0], draws),
            "training_days": rng.choice([0.0, 200.0], draws),
        },
    }


def beyond_the_core(model, draws):
    """Give the same model to the loop that knows every mechanism: a cost of 0 is one that may vary."""
    return model | {"lab": model["lab"] | {"operating_cost_per_day": np.zeros(draws)}}


def assert_same_bits(outputs, expected):
    for name in OUTPUTS:
        np.testing.assert_array_equal(outputs[name], expected[name], err_msg=name)


@pytest.fixture
def only_the_core(monkeypatch):
    def refuse(_function):
        raise AssertionError("the loop that knows every mechanism is not needed here")

    monkeypatch.setattr(kernel, "compiled", refuse)


@pytest.mark.parametrize("curve", ["log", "power", "hill"])
@pytest.mark.parametrize("releases", [0, 1, 2, 7])
def test_both_loops_give_the_same_bits(curve, releases):
    model = core_model(np.random.default_rng([releases, 5]), 1000, releases=releases, curve=curve)
    outputs = incentive(model)
    assert_same_bits(outputs, incentive(beyond_the_core(model, 1000)))
    assert (outputs["open_effect"] < 0.0).any() == (releases > 0)
    assert (outputs["open_effect"] == 0.0).any()


def test_both_loops_give_the_same_bits_for_a_process_and_a_budget():
    rng = np.random.default_rng(11)
    model = core_model(rng, 1000, releases=1)
    model["open"]["process"] = {
        "first_day": rng.uniform(0, 300, 1000),
        "interval_days": rng.uniform(0, 200, (3, 1000)),
        "growth": rng.uniform(0.5, 4, (4, 1000)),
        "count": 4,
    }
    model["lab"]["budget"] = model["lab"].pop("candidate_expense")
    model["lab"]["counts_training_cost"] = False
    assert_same_bits(incentive(model), incentive(beyond_the_core(model, 1000)))


@pytest.mark.usefixtures("only_the_core")
def test_the_core_does_not_load_the_other_loop():
    model = core_model(np.random.default_rng(1), 300)
    assert np.isfinite(incentive(model)["incentive"]).all()
    with pytest.raises(AssertionError, match="not needed"):
        incentive(beyond_the_core(model, 300))


def cut(model, low, high):
    if isinstance(model, dict):
        return {name: cut(item, low, high) for name, item in model.items()}
    if isinstance(model, list):
        return [cut(item, low, high) for item in model]
    return model[low:high] if isinstance(model, np.ndarray) else model


@pytest.mark.parametrize(("low", "high"), [(0, 1), (127, 128), (100, 400), (255, 700), (699, 700)])
def test_a_draw_is_the_same_wherever_it_stands(low, high):
    model = core_model(np.random.default_rng(3), 700)
    whole = incentive(model)
    part = incentive(cut(model, low, high))
    assert_same_bits(part, {name: row[low:high] for name, row in whole.items()})


def test_outputs_are_arrays_of_their_own():
    outputs = incentive(core_model(np.random.default_rng(4), 50))
    rows = list(outputs.values())
    for row in rows:
        row += 1.0
    assert not any(np.shares_memory(a, b) for i, a in enumerate(rows) for b in rows[:i])


def slotted(model):
    """Put slots in place of a model's arrays; give the columns too."""
    columns = []

    def replaced(item):
        if isinstance(item, dict):
            return {name: replaced(value) for name, value in item.items()}
        if isinstance(item, list):
            return [replaced(value) for value in item]
        if isinstance(item, np.ndarray):
            columns.append(item)
            return Slot(len(columns) - 1)
        return item

    return replaced(model), columns


@pytest.mark.parametrize("curve", ["log", "hill"])
def test_a_plan_gives_what_the_model_gives(curve):
    model = core_model(np.random.default_rng(6), 500, curve=curve)
    slots, columns = slotted(model)
    plan = plan_model(slots)
    assert plan.ready is not None
    assert plan.ready.call is not None
    found = run_plan(plan, columns, 500)
    assert_same_bits(found, incentive(model))
    assert found["open_effect"] is found["open_effect_revenue_gain"]
    assert found["caution_cost"].strides == (0,)
    parts = [run_plan(plan, [column[low : low + 100] for column in columns], 100) for low in (0, 400)]
    assert_same_bits(parts[1], {name: row[400:] for name, row in found.items()})


def test_a_plan_serves_every_mechanism():
    rng = np.random.default_rng(7)
    planned = 0
    for _ in range(40):
        numbers = random_full_model(rng)
        slots, columns = slotted(arrays_of(numbers))
        plan = plan_model(slots)
        planned += plan.ready is not None
        found = run_plan(plan, columns, 3)
        assert_same_bits(found, {name: np.full(3, value) for name, value in incentive(numbers).items()})
    assert planned > 10


def arrays_of(model, name=""):
    """Make three draws of each number that may vary."""
    if isinstance(model, dict):
        return {key: arrays_of(item, key) for key, item in model.items()}
    if name in ("growth", "interval_days") and isinstance(model, list):  # a row a member
        return [np.full(3, float(member[0])) for member in model]
    if isinstance(model, list | tuple):
        return [arrays_of(item, name) for item in model]
    fixed = isinstance(model, bool | str) or name in ("count", "points", "firms")
    return model if fixed else np.full(3, float(model))


def test_a_plan_tells_what_is_wrong_as_the_model_does():
    model = core_model(np.random.default_rng(8), 200)
    slots, columns = slotted(model)
    plan = plan_model(slots)
    for place, wrong in ((0, 0.0), (0, math.nan), (1, -1.0), (5, -0.1)):
        spoiled = [column.copy() for column in columns]
        spoiled[place][17] = wrong
        with pytest.raises(ModelError, match="in 1 of 200 draws"):
            run_plan(plan, spoiled, 200)
    unknown = {**slots, "horizon": 1.0}
    with pytest.raises(ModelError, match="an unknown key"):
        run_plan(plan_model(unknown), columns, 200)
    huge = [column.copy() for column in columns]
    huge[3][5] = 1e308
    huge[2][5] = 1e300
    with pytest.raises(ModelError, match="output "):
        run_plan(plan, huge, 200)


def test_a_slot_alone_is_no_number():
    model = random_model(np.random.default_rng(9)) | {"horizon_days": Slot(0)}
    with pytest.raises(ModelError, match="horizon_days"):
        incentive(model)


def test_the_central_share_is_the_best_price():
    for spread in np.exp(np.linspace(math.log(CENTRAL[0]), math.log(CENTRAL[1]), 300)).clip(*CENTRAL):
        assert central_share(float(spread)) == pytest.approx(float(capture(float(spread))), rel=1e-13)
