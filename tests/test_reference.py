"""The core of the slow twin against closed forms, SciPy, and quadrature of the raw flow."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from tests import closed_forms
from tests.benchmarks import numpy_by_hand
from tests.random_models import random_model
from tests.reference import (
    capture,
    exponential_integral,
    largest_part,
    pchip,
    reference_incentive,
    value_of,
)

X, Y, Z = 1e8, 3e8, 3e9
N, M, K = 1e6, 730.0, 240.0
CURVES = {
    "log": {"curve": "log", "scale": 0.05, "reference": 1e6},
    "power": {"curve": "power", "scale": 0.2, "reference": 1e8, "exponent": 0.3},
    "hill": {"curve": "hill", "ceiling": 2.0, "half": 5e8, "steepness": 0.8},
    "table": {"curve": "table", "points": [[5e7, 0.1], [2e8, 0.2], [5e8, 0.7], [2e9, 0.75], [1e10, 1.5]]},
}


def one_release(value, *, expense=None, day=K):
    """Give the core of the closed forms: no discounting, identical customers, at most one release."""
    releases = [] if expense is None else [{"day": day, "expense": expense}]
    return {
        "horizon_days": M,
        "value": value,
        "customers": {"count": N},
        "open": {"current_expense": X, "releases": releases},
        "lab": {"current_expense": Y, "candidate_expense": Z},
    }


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("x", [1e6, 7e7, X, 2.9e8])
def test_without_a_release_the_gain_is_the_value_step_whatever_the_open_level(curve, x):
    value = CURVES[curve]
    model = one_release(value) | {"open": {"current_expense": x}}
    result = reference_incentive(model)
    exact = closed_forms.revenue_gain_frozen(
        n=N, m=M, f_own=float(value_of(value, Y)), f_candidate=float(value_of(value, Z))
    )
    assert result["revenue_gain"] == pytest.approx(exact, rel=1e-14)
    assert result["open_effect"] == 0.0
    assert result["incentive"] == result["incentive_frozen"] == pytest.approx(exact - Z, rel=1e-13)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("expense", [2e8, Y, 4e8, 1e9, 2.9e9, Z, 2e10])
def test_one_release_gives_the_closed_forms(curve, expense):
    value = CURVES[curve]
    result = reference_incentive(one_release(value, expense=expense))
    f_open, f_own, f_candidate, f_new = (float(value_of(value, level)) for level in (X, Y, Z, expense))
    effect = closed_forms.open_effect_core(n=N, m=M, k=K, f_new=f_new, f_own=f_own, f_candidate=f_candidate)
    gain = closed_forms.incentive_core(
        n=N, m=M, k=K, f_open=f_open, f_new=f_new, f_own=f_own, f_candidate=f_candidate
    )
    tolerance = 1e-14 * largest_part(result)
    assert result["open_effect"] == pytest.approx(effect, rel=0, abs=tolerance)
    assert result["revenue_gain"] == pytest.approx(gain, rel=0, abs=tolerance)
    assert result["revenue_today"] == pytest.approx(N * (f_own - f_open), rel=1e-14)
    assert (result["open_effect"] == 0.0) == (expense <= Y)


def test_the_effect_falls_as_the_released_level_rises_and_stays_flat_beyond_the_candidate():
    effects = [
        reference_incentive(one_release(CURVES["log"], expense=expense))["open_effect"]
        for expense in [1e8, 2.9e8, 3.1e8, 6e8, 2e9, 2.9e9, 3e9, 4e9]
    ]
    assert effects[0] == effects[1] == 0.0
    assert all(after < before for before, after in pairwise(effects[1:-1]))
    assert effects[-1] == effects[-2]


@pytest.mark.parametrize("day", [M, M + 1, math.inf])
def test_a_release_on_or_after_the_horizon_does_not_happen(day):
    assert reference_incentive(one_release(CURVES["log"], expense=1e9, day=day))["open_effect"] == 0.0


def test_a_release_on_day_0_counts_from_the_first_moment():
    result = reference_incentive(one_release(CURVES["log"], expense=1e9, day=0.0))
    assert result["revenue_today"] == 0.0
    assert result["revenue_gain"] == pytest.approx(N * M * 0.05 * math.log(Z / 1e9), rel=1e-14)


def test_the_order_of_releases_does_not_matter_and_a_lower_one_changes_nothing():
    model = one_release(CURVES["log"], expense=1e9)
    first, lower, tie = model["open"]["releases"][0], {"day": 400, "expense": 9e8}, {"day": K, "expense": 5e8}
    alone = reference_incentive(model)
    for releases in ([first, lower, tie], [tie, lower, first], [lower, first, tie]):
        assert reference_incentive(model | {"open": {"current_expense": X, "releases": releases}}) == alone


@pytest.mark.parametrize(
    ("start", "training", "cost_days", "selling_days"),
    [(0, 0, 0, M), (100, 50, 100, M - 150), (100, M, 100, 0), (M - 1, 1, M - 1, 0), (M, 0, None, 0)],
)
def test_training_is_paid_if_it_starts_in_time_and_sells_if_it_ends_in_time(
    start, training, cost_days, selling_days
):
    model = one_release(CURVES["log"]) | {"discount_rate": 0.1}
    model["lab"] |= {"start_day": start, "training_days": training}
    result = reference_incentive(model)
    cost = 0.0 if cost_days is None else Z * 1.1 ** (-cost_days / 365.25)
    rate = math.log(1.1) / 365.25
    gain = N * 0.05 * math.log(Z / Y) * closed_forms.annuity(rate=rate, first=M - selling_days, last=M)
    assert result["training_cost"] == pytest.approx(cost, rel=1e-14)
    assert result["revenue_gain"] == pytest.approx(gain, rel=1e-13)
    assert result["incentive"] == pytest.approx(gain - cost, rel=1e-13)


def test_a_cost_that_does_not_count_is_still_reported():
    model = one_release(CURVES["log"])
    model["lab"] |= {"counts_training_cost": False}
    result = reference_incentive(model)
    assert result["training_cost"] == Z
    assert result["incentive"] == result["revenue_gain"]


def test_a_candidate_below_the_current_level_gains_nothing():
    model = one_release(CURVES["log"], expense=1e9)
    model["lab"] |= {"candidate_expense": 2e8}
    result = reference_incentive(model)
    assert result["revenue_gain"] == result["open_effect"] == 0.0
    assert result["incentive"] == -2e8


def test_an_unknown_key_is_refused():
    for section, name in (("market", "conducts"), ("lab", "caution_cost"), ("open", "process_days")):
        model = one_release(CURVES["log"])
        with pytest.raises(ValueError, match=name):
            reference_incentive(model | {section: model.get(section, {}) | {name: 1.0}})
    with pytest.raises(ValueError, match="releases_day"):
        reference_incentive(one_release(CURVES["log"]) | {"market": {"rivals": [{"releases_day": 1.0}]}})


@pytest.mark.parametrize(
    ("spread", "percent"), [(0.2, 68.3), (0.5, 47.5), (0.7, 39.4), (1.0, 31.3), (1.5, 23.1), (2.0, 18.2)]
)
def test_capture_gives_the_shares_known_for_one_price(spread, percent):
    assert float(100 * capture(spread)) == pytest.approx(percent, abs=0.05)


def test_capture_at_spread_1():
    assert float(capture(1)) == pytest.approx(0.313, abs=5e-4)
    assert capture(0) == 1


@pytest.mark.parametrize("spread", [1e-9, 1e-3, 0.05, 0.2, 0.7, 1.0, 2.0, 3.0, 10.0])
def test_capture_is_the_maximum_over_posted_prices(spread):
    def log_revenue(t):
        return spread * t - spread**2 / 2 + norm.logsf(t)

    best = minimize_scalar(lambda t: -log_revenue(t), bounds=(-10.0, 12.0), method="bounded")
    assert float(capture(spread)) == pytest.approx(math.exp(-best.fun), rel=1e-10)


@pytest.mark.parametrize("rate", [-1e-3, -1e-9, -1e-19, 0.0, 1e-19, 1e-9, 1e-3])
def test_annuity_identities(rate):
    first, middle, last = 13.0, 200.5, 730.0
    whole = exponential_integral(rate, first, last)
    parts = exponential_integral(rate, first, middle) + exponential_integral(rate, middle, last)
    assert float(whole) == pytest.approx(float(parts), rel=1e-15)
    assert float(whole) == pytest.approx(closed_forms.annuity(rate=-rate, first=first, last=last), rel=1e-14)
    assert float(whole) == pytest.approx(quad(lambda t: math.exp(rate * t), first, last)[0], rel=1e-13)


def test_growth_at_the_discount_rate_cancels_it():
    plain = reference_incentive(one_release(CURVES["log"], expense=1e9))
    model = one_release(CURVES["log"], expense=1e9) | {"discount_rate": 0.17}
    model["customers"] |= {"growth_rate": 0.17}
    assert reference_incentive(model)["revenue_gain"] == plain["revenue_gain"]
    model["customers"] |= {"growth_rate": math.nextafter(0.17, 1)}
    assert reference_incentive(model)["revenue_gain"] == pytest.approx(plain["revenue_gain"], rel=1e-14)


def test_pchip_equals_scipy_end_slopes_included():
    rng = np.random.default_rng(20261122)
    for trial in range(40):
        size = 2 + trial % 7
        knots = np.cumsum(rng.uniform(0.1, 3.0, size))
        # Every third data set turns around, for the branches that increasing data never reach.
        steps = rng.lognormal(0.0, 1.5, size) * (rng.choice([-1.0, 1.0], size) if trial % 3 == 0 else 1.0)
        values = np.cumsum(steps)
        at = rng.uniform(knots[0], knots[-1], 10)
        ours = [float(pchip(list(knots), list(values), point)) for point in at]
        np.testing.assert_allclose(
            ours, PchipInterpolator(knots, values)(at), rtol=0, atol=1e-13 * abs(values).max()
        )
        assert pchip(list(knots), list(values), knots[0] - 1) == values[0]
        assert pchip(list(knots), list(values), knots[-1] + 1) == values[-1]


def raw_value(value, level):
    """Evaluate a value curve in double precision, the table by SciPy."""
    curve = value.get("curve", "log")
    if curve == "log":
        return max(value["scale"] * math.log(level / value["reference"]), 0.0)
    if curve == "power":
        return value["scale"] * (level / value["reference"]) ** value["exponent"]
    if curve == "hill":
        return value["ceiling"] / (1 + (value["half"] / level) ** value["steepness"])
    expenses, values = np.array(value["points"]).T
    return float(
        PchipInterpolator(np.log(expenses), values)(np.log(np.clip(level, expenses[0], expenses[-1])))
    )


def raw_revenue(model, *, upgrade, release):
    """Integrate one case's raw flow by quadrature between the days on which anything may change."""
    lab, customers, horizon = model["lab"], model["customers"], model["horizon_days"]
    arrival = lab.get("start_day", 0.0) + lab.get("training_days", 0.0)
    open_releases = model["open"].get("releases", []) if release else []

    def levels(t):
        own = lab["current_expense"]
        free = max(
            [model["open"]["current_expense"], *(o["expense"] for o in open_releases if o["day"] <= t)]
        )
        return max(own, lab["candidate_expense"]) if upgrade and t >= arrival else own, free

    def flow(t, own, free):
        years = t / 365.25
        growth = (1 + customers.get("growth_rate", 0.0)) ** years
        discount = (1 + model.get("discount_rate", 0.0)) ** -years
        return growth * discount * max(raw_value(model["value"], own) - raw_value(model["value"], free), 0.0)

    cuts = [0.0, arrival, *(one["day"] for one in open_releases), horizon]
    total = 0.0
    for first, last in pairwise(sorted({cut for cut in cuts if cut <= horizon})):
        own, free = levels((first + last) / 2)
        total += quad(flow, first, last, args=(own, free), epsabs=0, epsrel=1e-11)[0]
    return customers["count"] * total


def raw_capture(customers):
    """Maximise the posted price's revenue by brute force."""
    v = customers.get("valuation_spread", 0.0) * math.sqrt(1 - customers.get("price_discrimination", 0.0))
    best = minimize_scalar(
        lambda t: v**2 / 2 - v * t - norm.logsf(t),
        bounds=(-12.0, 12.0),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return math.exp(-best.fun) if v > 0 else 1.0


def test_random_models_equal_quadrature_of_the_raw_flow():
    rng = np.random.default_rng(50)
    for _ in range(50):
        model = random_model(rng)
        result = reference_incentive(model)
        v = {
            (upgrade, release): raw_capture(model["customers"])
            * raw_revenue(model, upgrade=upgrade, release=release)
            for upgrade in (True, False)
            for release in (True, False)
        }
        gain, gain_frozen = v[True, True] - v[False, True], v[True, False] - v[False, False]
        cost = result["training_cost"] if model["lab"].get("counts_training_cost", True) else 0.0
        tolerance = 1e-8 * result["revenue_scale"] + 1e-15 * result["scale"]
        assert result["revenue_gain"] == pytest.approx(gain, rel=0, abs=tolerance)
        assert result["open_effect"] == pytest.approx(gain - gain_frozen, rel=0, abs=tolerance)
        assert result["incentive"] == pytest.approx(gain - cost, rel=0, abs=tolerance)
        assert result["incentive_frozen"] == pytest.approx(gain_frozen - cost, rel=0, abs=tolerance)
        assert result["revenue_scale"] == pytest.approx(max(v.values()), rel=1e-8)


def test_random_models_cover_the_edges_and_keep_the_signs():
    rng = np.random.default_rng(7)
    models = [random_model(rng) for _ in range(150)]
    results = [reference_incentive(model) for model in models]
    days = [
        (release["day"], model["horizon_days"])
        for model in models
        for release in model["open"].get("releases", [])
    ]
    assert {model["value"].get("curve", "log") for model in models} == set(CURVES)
    assert any(day == 0.0 for day, _ in days)
    assert any(day == horizon for day, horizon in days)
    assert any(day == math.inf for day, _ in days)
    assert any(model["lab"]["candidate_expense"] < model["lab"]["current_expense"] for model in models)
    assert any(model["lab"]["current_expense"] < model["open"]["current_expense"] for model in models)
    assert sum(result["open_effect"] < 0.0 for result in results) > 30
    assert all(result["open_effect"] <= 0.0 <= result["revenue_gain"] for result in results)


def test_p1_by_hand_equals_the_reference():
    k, x_new, s, rho = numpy_by_hand.p1_sample(np.random.default_rng(1), 40)
    m, effect = numpy_by_hand.p1_model(k, x_new, s, rho)
    for i in range(len(k)):
        model = one_release(CURVES["log"], expense=x_new[i], day=k[i]) | {"discount_rate": math.expm1(rho[i])}
        model["customers"] = {"count": N, "valuation_spread": s[i]}
        result = reference_incentive(model)
        tolerance = 1e-13 * largest_part(result)
        assert m[i] == pytest.approx(result["incentive"], rel=0, abs=tolerance)
        assert effect[i] == pytest.approx(-result["open_effect"], rel=0, abs=tolerance)


def test_p1_by_hand_with_the_capture_table_is_near():
    inputs = numpy_by_hand.p1_sample(np.random.default_rng(2), 1000)
    exact, _ = numpy_by_hand.p1_model(*inputs)
    near, _ = numpy_by_hand.p1_model(*inputs, capture=numpy_by_hand.capture_by_table)
    np.testing.assert_allclose(near, exact, rtol=0, atol=1e-6 * (exact + Z).max())


def test_core_by_hand_equals_the_reference():
    rng = np.random.default_rng(3)
    models = []
    while len(models) < 100:
        model = random_model(rng)
        free = len(model["open"].get("releases", [])) <= 3 and model["lab"].get("counts_training_cost", True)
        if free and model["value"].get("curve", "log") == "log":
            models.append(model)
    outputs = np.column_stack(numpy_by_hand.core_by_hand(columns_of(models)))
    for model, row in zip(models, outputs, strict=True):
        result = reference_incentive(model)
        expected = [result[name] for name in ("incentive", "incentive_frozen", "open_effect")]
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-12 * largest_part(result))
        assert (row[2] == 0.0) == (result["open_effect"] == 0.0)


def columns_of(models):
    """Turn models with a log curve and up to three releases into the columns of the core by hand."""
    keys = {
        "horizon_days": lambda m: m["horizon_days"],
        "discount_rate": lambda m: m.get("discount_rate", 0.0),
        "open_expense": lambda m: m["open"]["current_expense"],
        "own_expense": lambda m: m["lab"]["current_expense"],
    }
    keys |= {key: lambda m, key=key: m["value"][key] for key in ("scale", "reference")}
    keys |= {
        key: lambda m, key=key: m["customers"].get(key, 0.0)
        for key in ("count", "growth_rate", "valuation_spread", "price_discrimination")
    }
    keys |= {
        key: lambda m, key=key: m["lab"].get(key, 0.0)
        for key in ("candidate_expense", "start_day", "training_days")
    }
    columns = {name: np.array([get(model) for model in models]) for name, get in keys.items()}
    never = {"day": math.inf, "expense": 1.0}
    padded = [(model["open"].get("releases", []) + 3 * [never])[:3] for model in models]
    for key in ("day", "expense"):
        columns[f"release_{key}s"] = np.array([[one[key] for one in row] for row in padded]).T
    return columns
