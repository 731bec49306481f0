"""The model against closed forms, against its slow twin, and at its edges."""

import math

import numpy as np
import pytest

from mcrace import ModelError, incentive
from mcrace.compiling import compiled
from mcrace.model import incentive_slowly
from mcrace.model.capture import _solved_share, _tabled_share, captured_share
from mcrace.model.value import table_value
from mcrace.nomenclature import OUTPUTS
from tests import closed_forms
from tests.random_models import random_model
from tests.reference import capture, reference_incentive, value_of

NEAR = 1e-12


def core(rng, **changes):
    """Random numbers of the core: one release, no discounting, customers alike, cost left aside."""
    x, y, z = np.sort(np.exp(rng.uniform(math.log(1e7), math.log(1e11), 3)))
    numbers = {
        "n": float(rng.uniform(1, 1e9)),
        "m": float(rng.uniform(1, 3000)),
        "x": float(x),
        "y": float(y),
        "z": float(z),
        "scale": float(rng.uniform(0.01, 5)),
    }
    numbers["k"] = float(rng.uniform(0, numbers["m"]))
    numbers["x_new"] = float(np.exp(rng.uniform(math.log(1e7), math.log(1e12))))
    return numbers | changes


def model_of(numbers, releases=None):
    if releases is None:
        releases = [{"day": numbers["k"], "expense": numbers["x_new"]}]
    return {
        "horizon_days": numbers["m"],
        "value": {"curve": "log", "scale": numbers["scale"], "reference": 1e6},
        "customers": {"count": numbers["n"]},
        "open": {"current_expense": numbers["x"], "releases": releases},
        "lab": {
            "current_expense": numbers["y"],
            "candidate_expense": numbers["z"],
            "counts_training_cost": False,
        },
    }


def worth(numbers, level):
    return numbers["scale"] * math.log(level / 1e6)


@pytest.mark.parametrize("seed", range(200))
def test_without_an_open_release_the_open_level_drops_out(seed):
    numbers = core(np.random.default_rng(seed))
    outputs = incentive(model_of(numbers, releases=[]))
    exact = numbers["n"] * numbers["m"] * (worth(numbers, numbers["z"]) - worth(numbers, numbers["y"]))
    assert float(outputs["revenue_gain"]) == pytest.approx(exact, rel=NEAR)
    assert float(outputs["open_effect"]) == 0.0
    other = core(np.random.default_rng(seed), x=numbers["x"] / 3)
    assert float(incentive(model_of(other, releases=[]))["revenue_gain"]) == float(outputs["revenue_gain"])


@pytest.mark.parametrize("seed", range(200))
def test_a_release_between_y_and_z_lowers_the_incentive_by_the_closed_form(seed):
    rng = np.random.default_rng(1000 + seed)
    numbers = core(rng)
    numbers["x_new"] = float(np.exp(rng.uniform(math.log(numbers["y"]), math.log(numbers["z"]))))
    outputs = incentive(model_of(numbers))
    values = {name: worth(numbers, numbers[name]) for name in ("x", "y", "z", "x_new")}
    exact = closed_forms.open_effect_core(
        n=numbers["n"],
        m=numbers["m"],
        k=numbers["k"],
        f_new=values["x_new"],
        f_own=values["y"],
        f_candidate=values["z"],
    )
    largest = numbers["n"] * numbers["m"] * (values["z"] - values["x"])
    assert float(outputs["open_effect"]) == pytest.approx(exact, abs=NEAR * largest)
    assert float(outputs["open_effect"]) <= 0.0
    better = incentive(model_of(numbers | {"x_new": numbers["x_new"] * 1.01}))
    assert float(better["open_effect"]) <= float(outputs["open_effect"])


@pytest.mark.parametrize("seed", range(200))
def test_a_release_below_y_has_no_effect_exactly(seed):
    rng = np.random.default_rng(2000 + seed)
    numbers = core(rng)
    numbers["x_new"] = numbers["y"] * float(rng.choice([1.0, rng.uniform(0.01, 1)]))
    outputs = incentive(model_of(numbers))
    for name in ("open_effect", "open_effect_revenue_gain", "open_effect_training_cost"):
        assert float(outputs[name]) == 0.0


@pytest.mark.parametrize("seed", range(200))
def test_a_release_beyond_z_takes_all_that_is_left(seed):
    rng = np.random.default_rng(3000 + seed)
    numbers = core(rng)
    numbers["x_new"] = numbers["z"] * float(rng.choice([1.0, rng.uniform(1, 100)]))
    outputs = incentive(model_of(numbers))
    gain = worth(numbers, numbers["z"]) - worth(numbers, numbers["y"])
    exact = -numbers["n"] * (numbers["m"] - numbers["k"]) * gain
    largest = numbers["n"] * numbers["m"] * (worth(numbers, numbers["z"]) - worth(numbers, numbers["x"]))
    assert float(outputs["open_effect"]) == pytest.approx(exact, abs=NEAR * largest)
    first_day = incentive(model_of(numbers | {"k": 0.0}))
    assert float(first_day["revenue_gain"]) == 0.0


@pytest.mark.parametrize("seed", range(50))
def test_a_lab_no_better_than_the_free_model_earns_nothing(seed):
    # Two sellers of equal models who undercut each other end where a free model of that level begins.
    rng = np.random.default_rng(4000 + seed)
    numbers = core(rng)
    numbers["x"] = numbers["y"] * float(rng.choice([1.0, rng.uniform(1, 10)]))
    assert float(incentive(model_of(numbers))["revenue_today"]) == closed_forms.undercutting_equals() == 0.0


@pytest.fixture(scope="module")
def twins():
    rng = np.random.default_rng(20261122)
    models = [random_model(rng) for _ in range(500)]
    return [(model, reference_incentive(model)) for model in models]


def parts_of_revenue_today(model):
    """Largest part of n R (F(y) - F(o)): the revenue if the open model were worth nothing."""
    customers = model["customers"]
    left = math.sqrt(1.0 - customers.get("price_discrimination", 0.0))
    share = capture(customers.get("valuation_spread", 0.0) * left)
    return float(customers["count"] * share * value_of(model["value"], model["lab"]["current_expense"]))


@pytest.mark.parametrize("evaluate", [incentive, incentive_slowly], ids=["compiled", "plain"])
def test_the_twin_agrees_on_500_random_models(twins, evaluate):
    for model, reference in twins:
        outputs = evaluate(model)
        assert set(outputs) == set(OUTPUTS)
        for name, value in outputs.items():
            scale = reference["scale"] if name != "revenue_today" else parts_of_revenue_today(model)
            assert float(value) == pytest.approx(reference[name], abs=NEAR * scale), (name, model)
            assert (float(value) == 0.0) == (reference[name] == 0.0), (name, model)


def test_the_theorem_holds_in_sign_for_every_random_core(twins):
    effects = [float(incentive(model)["open_effect"]) for model, _ in twins]
    assert max(effects) == 0.0
    assert min(effects) < 0.0


def stacked(models):
    """One model of arrays from many models of numbers with the same curve and number of releases."""

    def column(*path, default=0.0):
        return np.array([nested(model, path, default) for model in models], dtype=float)

    def nested(value, path, default):
        for name in path:
            if isinstance(value, dict) and name not in value:
                return default
            value = value[name]
        return value

    first = models[0]
    lab = ("current_expense", "candidate_expense", "start_day", "training_days")
    customers = ("count", "growth_rate", "valuation_spread", "price_discrimination")
    return {
        "horizon_days": column("horizon_days"),
        "discount_rate": column("discount_rate"),
        "value": {
            name: first["value"][name] if name == "curve" else column("value", name)
            for name in first["value"]
        },
        "customers": {name: column("customers", name) for name in customers},
        "open": {
            "current_expense": column("open", "current_expense"),
            "releases": [
                {name: column("open", "releases", place, name) for name in ("day", "expense")}
                for place in range(len(first["open"].get("releases", [])))
            ],
        },
        "lab": {name: column("lab", name) for name in lab},
    }


def test_arrays_give_what_single_numbers_give(twins):
    groups = {}
    for model, _ in twins:
        if model["lab"].get("counts_training_cost", True) and model["value"].get("curve") != "table":
            key = (tuple(model["value"]), model["value"].get("curve"), len(model["open"].get("releases", [])))
            groups.setdefault(key, []).append(model)
    compared = 0
    for models in groups.values():
        outputs = incentive(stacked(models))
        for place, model in enumerate(models):
            for name, value in incentive(model).items():
                assert outputs[name][place] == float(value)
                compared += 1
    assert compared > 1000


@pytest.mark.parametrize(
    "spread", [1e-12, 1e-6, 0.01, 0.0301, 0.1, 0.5, 1.0, 2.6, 5.0, 9.99, 11.99, 12.01, 30.0, 200.0]
)
def test_captured_share_is_the_best_price(spread):
    exact = float(capture(spread))
    assert captured_share(spread) == pytest.approx(exact, rel=1e-12)
    assert float(compiled(captured_share)(spread)) == pytest.approx(exact, rel=1e-12)


def test_captured_share_at_its_ends():
    assert captured_share(0.0) == 1.0
    assert captured_share(1e-320) == 1.0
    assert round(captured_share(1.0), 3) == 0.313
    spreads = np.linspace(0.0, 20.0, 4001)
    shares = np.array([captured_share(float(spread)) for spread in spreads])
    assert bool(np.all(np.diff(shares) < 0))
    assert bool(np.all((shares > 0) & (shares <= 1)))


def test_full_discrimination_captures_all():
    numbers = core(np.random.default_rng(5))
    model = model_of(numbers)
    plain = incentive(model)
    model["customers"] |= {"valuation_spread": 1.3, "price_discrimination": 1.0}
    assert all(float(value) == float(plain[name]) for name, value in incentive(model).items())


def test_neutral_defaults_change_no_bit():
    numbers = core(np.random.default_rng(6))
    model = model_of(numbers)
    plain = incentive(model)
    model["discount_rate"] = 0.0
    model["customers"] |= {"growth_rate": 0.0, "valuation_spread": 0.0, "price_discrimination": 0.0}
    model["lab"] |= {"start_day": 0.0, "training_days": 0.0}
    assert all(float(value) == float(plain[name]) for name, value in incentive(model).items())


def test_a_release_that_raises_nothing_only_cuts_time():
    rng = np.random.default_rng(7)
    for _ in range(100):
        model = random_model(rng)
        more = {**model, "open": {**model["open"]}}
        level = model["open"]["current_expense"] / 2
        cuts = [{"day": float(day), "expense": level} for day in rng.uniform(0, model["horizon_days"], 5)]
        more["open"]["releases"] = [*model["open"].get("releases", []), *cuts]
        scale = reference_incentive(model)["scale"]
        for name, value in incentive(more).items():
            assert float(value) == pytest.approx(float(incentive(model)[name]), abs=NEAR * scale)


@pytest.mark.parametrize(
    "releases",
    [
        [{"day": 0.0, "expense": 5e8}],
        [{"day": 10.0, "expense": 5e8}, {"day": 10.0, "expense": 7e8}],
        [{"day": 1e9, "expense": 5e8}, {"day": math.inf, "expense": 5e8}],
        [{"day": 100.0, "expense": 9e99}],
        [{"day": float(day), "expense": 1e8 * (day + 1)} for day in range(300)],
    ],
    ids=["first day", "same day", "never", "huge", "daily"],
)
@pytest.mark.parametrize("own", [1e7, 3e8, 1e10], ids=["below x", "usual", "above z"])
def test_extreme_but_legal_numbers_are_finite_and_agree(releases, own):
    model = {
        "horizon_days": 100.0,
        "discount_rate": -0.5,
        "value": {"curve": "hill", "ceiling": 3.0, "half": 1e9, "steepness": 40.0},
        "customers": {"count": 1e9, "growth_rate": -0.999, "valuation_spread": 10.0},
        "open": {"current_expense": 1e8, "releases": releases},
        "lab": {"current_expense": own, "candidate_expense": 3e9, "start_day": 5.0, "training_days": 7.0},
    }
    reference = reference_incentive(model)
    for name, value in incentive(model).items():
        assert math.isfinite(float(value))
        assert float(value) == pytest.approx(reference[name], abs=NEAR * reference["scale"])


def test_growth_that_nearly_cancels_the_discount_rate():
    model = model_of(core(np.random.default_rng(8)))
    model["discount_rate"] = 0.1
    exact = incentive(model | {"customers": {**model["customers"], "growth_rate": 0.1}})
    near = incentive(model | {"customers": {**model["customers"], "growth_rate": 0.1 * (1 + 1e-14)}})
    assert float(near["incentive"]) == pytest.approx(float(exact["incentive"]), rel=1e-11)


def test_training_that_comes_too_late():
    model = model_of(core(np.random.default_rng(9), m=100.0))
    model["lab"]["counts_training_cost"] = True
    unfinished = incentive(model | {"lab": {**model["lab"], "start_day": 50.0, "training_days": 50.0}})
    assert float(unfinished["revenue_gain"]) == 0.0
    assert float(unfinished["incentive"]) == -model["lab"]["candidate_expense"]
    never = incentive(model | {"lab": {**model["lab"], "start_day": 100.0}})
    assert all(float(never[name]) == 0.0 for name in never if name != "revenue_today")


def test_table_curve_passes_through_its_points():
    levels, values = np.array([1e6, 1e7, 1e9, 2e9]), np.array([0.0, 1.0, 1.5, 4.0])
    assert [table_value(level, levels, values) for level in levels] == values.tolist()
    assert table_value(1.0, levels, values) == 0.0
    assert table_value(1e30, levels, values) == 4.0


def test_shapes_broadcast():
    model = model_of(core(np.random.default_rng(10)))
    assert all(value.shape == () for value in incentive(model).values())
    model["horizon_days"] = np.array([100.0, 200.0, 300.0])
    model["customers"]["count"] = [5.0]
    assert all(value.shape == (3,) for value in incentive(model).values())
    one = incentive(model_of(core(np.random.default_rng(10))) | {"horizon_days": [100.0]})
    assert all(value.shape == (1,) and value.dtype == np.float64 for value in one.values())


def faults_of(model):
    with pytest.raises(ModelError) as caught:
        incentive(model)
    return {fault.path: fault for fault in caught.value.faults}


def test_all_faults_of_a_model_are_told_at_once():
    model = model_of(core(np.random.default_rng(11)))
    model["horizon_days"] = np.array([1.0, -2.0, np.nan, 5.0])
    model["value"]["curve"] = "lgo"
    model["customers"]["cuont"] = 3
    model["open"]["releases"].append({"day": -1, "expense": "much"})
    model["lab"]["counts_training_cost"] = 1
    del model["lab"]["candidate_expense"]
    faults = faults_of(model)
    assert set(faults) == {
        "horizon_days",
        "value.curve",
        "customers.cuont",
        "open.releases.1.day",
        "open.releases.1.expense",
        "lab.counts_training_cost",
        "lab.candidate_expense",
    }
    assert faults["horizon_days"].found == "-2.0 in 2 of 4 draws"
    assert faults["horizon_days"].expected == "a number above 0"
    assert faults["value.curve"].nearest == "log"
    assert faults["customers.cuont"].nearest == "count"


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        ({"value": {"curve": "power", "scale": 1.0, "reference": 1.0}}, "value.exponent"),
        ({"value": {"curve": "table", "points": [[1.0, 1.0], [2.0, 1.0]]}}, "value.points.1.1"),
        ({"value": {"curve": "table", "points": [[1.0, 1.0]]}}, "value.points"),
        ({"value": {"curve": "table", "points": [[1.0, 1.0], [2.0]]}}, "value.points.1"),
        ({"open": {"current_expense": math.inf}}, "open.current_expense"),
        ({"open": {"current_expense": 1.0, "releases": {"day": 1}}}, "open.releases"),
        ({"open": 3}, "open"),
        ({"horizon_days": [[1.0]]}, "horizon_days"),
        ({"horizon_days": True}, "horizon_days"),
        ({"horizon_days": 1j}, "horizon_days"),
        ({"horizon_days": [1.0, 2.0], "discount_rate": [0.1, 0.2, 0.3]}, ""),
        ({"market": {"conduct": "logit"}}, "market.differentiation"),
        ({"markets": {}}, "markets"),
    ],
)
def test_wrong_models_are_refused(section, wrong):
    assert wrong in faults_of(model_of(core(np.random.default_rng(12))) | section)


def test_outputs_that_overflow_are_refused_by_name():
    model = model_of(core(np.random.default_rng(13)))
    model["value"] = {"curve": "power", "scale": 1e300, "reference": 1e6, "exponent": 4.0}
    assert "output revenue_gain" in faults_of(model)


def test_the_table_of_shares_is_the_solution_everywhere():
    spreads = np.geomspace(0.0300001, 11.9999, 2001)
    off = [abs(_tabled_share(float(v)) / _solved_share(float(v)) - 1.0) for v in spreads]
    assert max(off) < 1e-13
