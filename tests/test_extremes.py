"""Numbers at the ends of their ranges, and beyond: finite and equal to a limit, or refused by name."""

import math
from copy import deepcopy

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss

from mcrace import ModelError, incentive
from mcrace.model import incentive_slowly
from mcrace.model.capture import captured_share
from mcrace.model.customers import discounted_customers
from mcrace.model.satiation import satiated_value
from mcrace.nomenclature import OUTPUTS
from tests.random_models import random_full_model
from tests.test_mechanisms import YEAR, drawn, f, merged, model_of, share_of

SEED = 20261126
NEVER = math.inf
CONDUCTS = ("monopoly", "undercutting", "cournot", "logit")

# Every mechanism at once, none of them off.
RICH = {
    "horizon_days": 1000.0,
    "discount_rate": 0.1,
    "value": {"curve": "log", "scale": 0.05, "reference": 1e6, "satiation": {"median": 0.6, "spread": 0.8}},
    "customers": {"count": 1e6, "growth_rate": -0.2, "valuation_spread": 0.8, "open_elasticity": 0.1},
    "market": {"overlap": 0.6, "differentiation": 0.05, "firms": 2, "open_substitutability": 0.9},
    "niches": {"list": [{"share": 1.0, "lab_aptitude": 1.2}, {"share": 0.5, "rival_aptitude": 1.5}]},
    "open": {
        "current_expense": 1e8,
        "releases": [{"day": 200.0, "expense": 3e8}, {"day": 600.0, "expense": 1e9}],
        "chase": {"lag_days": 150.0, "fraction": 0.5},
        "process": {"first_day": 250.0, "interval_days": 120.0, "growth": 1.5, "count": 3},
    },
    "lab": {"current_expense": 4e8, "candidate_expense": 4e9, "start_day": 20.0, "training_days": 100.0},
    "regulation": {"halt_rate": 0.5, "open_relief": 0.6},
    "beliefs": {"optimism": 0.4, "inattention": 0.3},
}
RICH["market"]["rivals"] = [{"expense": 2e8}, {"expense": 9e8, "release_day": 450.0, "head_start": 0.2}]
RICH["lab"] |= {"head_start": 0.2, "talent_elasticity": 0.3, "lead_satiation": 0.1, "prestige_per_day": 1e4}
RICH["lab"] |= {"operating_cost_per_day": 5e3, "continuation_value": 1e7}
RICH["lab"] |= {"caution": {"cost": 1e6, "exponent": 1.3}}
RICH["lab"] |= {"strategic": {"prize": 1e8, "lead": 0.4, "softness": 0.3, "win_rate": 0.7}}


def nested(path, value):
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def releases_of(*pairs):
    return [{"day": day, "expense": expense} for day, expense in pairs]


EXTREMES = [
    ("horizon_days", [1e-9, 1e5]),
    ("discount_rate", [1e-15, -1e-15, 1e300, -1.0 + 1e-15]),
    ("value.satiation.median", [1e-12, 1e-300, 1e300]),
    ("value.satiation.spread", [1e-300, 8.0, 40.0]),
    ("customers.count", [0.0, 1e-300]),
    ("customers.growth_rate", [1e-15, -1e-15, -1e-310, 1e6, -1.0 + 1e-15]),
    ("customers.valuation_spread", [1e-300, 10.0, 100.0]),
    ("customers.open_elasticity", [1e3, -1e3]),
    ("market.differentiation", [1e-300, 1e-12, 1e12, 1e300]),
    ("market.firms", [1e6]),
    ("market.open_substitutability", [0.0]),
    (
        "niches.list",
        [[{"share": 1e-300, "lab_aptitude": 1e-300}], [{"share": 1e300, "rival_aptitude": 1e290}]],
    ),
    ("open.current_expense", [1e-200, 1e300]),
    (
        "open.releases",
        [releases_of((0.0, 1e9)), releases_of((5.0, 1e9), (5.0, 3e9)), releases_of((5.0, 1e308))],
    ),
    ("open.releases", [releases_of((1000.0, 1e9), (NEVER, 3e9))]),
    ("open.chase", [{"lag_days": 0.0, "fraction": 1.0}, {"lag_days": NEVER, "fraction": 1.0}]),
    ("open.process.interval_days", [0.0, NEVER]),
    ("open.process.growth", [1e-100, 1e90]),
    ("open.process.count", [300]),
    ("lab.candidate_expense", [1e7, 4e8, 1e-300, 1e307]),
    ("lab.current_expense", [1e7, 1e-300, 1e300]),
    ("lab.start_day", [1000.0, 1e300]),
    ("lab.training_days", [0.0, 980.0, 1e300]),
    ("lab.talent_elasticity", [50.0, -50.0]),
    ("lab.operating_cost_per_day", [1e30, 1e-300]),
    ("lab.lead_satiation", [1e-300, 1e-12, 1e12, 1e300]),
    ("lab.caution.exponent", [1e-9, 50.0]),
    ("lab.strategic.lead", [1e308, -1e308, 800.0]),
    ("lab.strategic.softness", [0.0, 1e-300, 1e300]),
    ("lab.strategic.win_rate", [1e6, 1e-300, 1e300]),
    ("regulation.halt_rate", [1e6, 1e-300, 1e300]),
    ("regulation.open_relief", [1.0]),
    ("beliefs.optimism", [-1.0 + 1e-15, 1e12]),
]
CASES = [
    pytest.param(path, value, id=f"{path}: {str(value)[:30]}") for path, many in EXTREMES for value in many
]


@pytest.mark.parametrize(("path", "value"), CASES)
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_an_extreme_number_among_all_mechanisms_gives_finite_outputs(path, value):
    for conduct in CONDUCTS:
        model = merged(merged(RICH, nested(path, value)), nested("market.conduct", conduct))
        outputs, slowly = incentive(model), incentive_slowly(model)
        for name in OUTPUTS:
            assert math.isfinite(outputs[name])
            size = max(abs(float(value)) for value in slowly.values())
            assert abs(outputs[name] - slowly[name]) <= 1e-13 * size  # the compiled exponentials are our own


def rich(conduct, **changes):
    """Give outputs of the rich model with changes, path and value each; __ stands for a dot."""
    model = merged(RICH, nested("market.conduct", conduct))
    for path, value in changes.items():
        model = merged(model, nested(path.replace("__", "."), value))
    return incentive(model)


LIMITS = {
    "no growth": ({"customers__growth_rate": 1e-15}, {"customers__growth_rate": 0.0}, 1e-12),
    "no shrinking": ({"customers__growth_rate": -1e-15}, {"customers__growth_rate": 0.0}, 1e-12),
    "no discount": ({"discount_rate": -1e-15}, {"discount_rate": 0.0}, 1e-12),
    "one valuation": ({"customers__valuation_spread": 1e-9}, {"customers__valuation_spread": 0.0}, 1e-7),
    "a sharp step": ({"lab__strategic__softness": 1e-300}, {"lab__strategic__softness": 0.0}, 0.0),
    "a lead is never enough": ({"lab__lead_satiation": 1e12}, {"lab__lead_satiation": 1e300}, 1e-9),
    "satiated at once": ({"value__satiation__spread": 1e-9}, {"value__satiation__spread": 0.0}, 1e-7),
    "demand is full": (
        {"customers__growth_rate": 0.7, "customers__ceiling": 1e6},
        {"customers__growth_rate": 0.0},
        1e-12,
    ),
    "demand is full at once": (
        {"customers__growth_rate": 1e300, "customers__ceiling": 1e6 * (1.0 + 1e-12)},
        {"customers__growth_rate": 0.0},
        1e-10,
    ),
    "no halts": ({"regulation__halt_rate": 1e-300}, {"regulation__halt_rate": 0.0}, 1e-12),
    "no contest": ({"lab__strategic__win_rate": 1e-300}, {"lab__strategic__win_rate": 0.0}, 1e-12),
    "nobody believes": ({"beliefs__optimism": 1e-15}, {"beliefs__optimism": 0.0}, 1e-12),
    "too late": ({"lab__training_days": 980.0}, {"lab__training_days": 1e300}, 0.0),
}


@pytest.mark.parametrize(("close", "limit", "within"), LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("conduct", CONDUCTS)
def test_a_limit_is_reached(close, limit, within, conduct):
    outputs, wanted = rich(conduct, **close), rich(conduct, **limit)
    size = max(abs(float(value)) for value in wanted.values())
    for name in OUTPUTS:
        assert float(outputs[name]) == pytest.approx(float(wanted[name]), rel=0, abs=within * size), name


def test_shares_whose_sum_overflows_are_refused():
    with pytest.raises(ModelError) as caught:
        rich("monopoly", niches__list=[{"share": 1e308}, {"share": 1e308}])
    assert [fault.path for fault in caught.value.faults] == ["niches.list.0.share"]


def test_a_sure_halt_leaves_the_cost_alone():
    d = drawn(1)
    growth = np.exp(np.maximum(d.g - d.r, 0.0) * d.m)
    for rate in (1e3, 1e6, 1e12):
        lab = {"counts_training_cost": True}
        outputs = incentive(model_of(d, regulation={"halt_rate": rate}, lab=lab, open={"releases": []}))
        lasts = YEAR / rate * growth
        assert np.all(outputs["revenue_gain"] <= 1.01 * lasts * d.n * f(d.z))
        assert np.all(outputs["revenue_gain"] > 0.0)
        wanted = outputs["revenue_gain"] - outputs["training_cost"]
        np.testing.assert_allclose(outputs["incentive"], wanted, rtol=1e-12)


def test_a_relief_in_full_from_day_0_switches_the_halt_off():
    d = drawn(2)
    early = {"releases": [{"day": 0.0, "expense": d.x * (1.0 + 1e-9)}, {"day": d.k, "expense": d.x_new}]}
    motives = {"prestige_per_day": 5.0, "strategic": {"prize": 1e9, "softness": 0.3}}
    halts = {"halt_rate": 3.0, "open_relief": 1.0}
    outputs = incentive(model_of(d, open=early, regulation=halts, lab=motives))
    free = incentive(model_of(d, open=early, lab=motives))
    for name in ("incentive", "revenue_gain", "prestige_gain", "strategic_gain", "revenue_today"):
        np.testing.assert_array_equal(outputs[name], free[name])
    assert np.all(outputs["incentive_frozen"] != free["incentive_frozen"])


def test_a_contest_at_once_goes_by_the_odds():
    d = drawn(3)
    contest = {"prize": 1e9, "lead": 0.5, "softness": 0.7, "win_rate": 1e9}
    lab = {"training_days": 0.0, "strategic": contest}
    outputs = incentive(model_of(d, lab=lab, open={"releases": []}))
    wins, loses = (
        [1.0 / (1.0 + np.exp((0.5 - sign * np.log(own / d.x)) / 0.7)) for own in (d.z, d.y)]
        for sign in (1, -1)
    )
    odds = [win / (win + lose) for win, lose in zip(wins, loses, strict=True)]
    np.testing.assert_allclose(outputs["strategic_gain"], 1e9 * (odds[0] - odds[1]), rtol=0, atol=1e3)


def test_a_lab_without_customers_or_with_a_hopeless_cost():
    for conduct in CONDUCTS:
        nobody = rich(conduct, customers__count=0.0, lab__operating_cost_per_day=0.0)
        assert nobody["revenue_gain"] == nobody["revenue_today"] == nobody["survival_gain"] == 0.0
        assert nobody["strategic_gain"] > 0.0
        assert nobody["prestige_gain"] > 0.0
        for hopeless in ({"customers__count": 0.0}, {"lab__operating_cost_per_day": 1e30}):
            dead = rich(conduct, **hopeless)  # it fails on day 0, before it can train
            assert not any(value for name, value in dead.items() if name not in ("revenue_today",))
            at_once = rich(conduct, lab__start_day=0.0, **hopeless)  # on day 0 it may, in vain
            assert at_once["incentive"] == -at_once["training_cost"] < 0.0


def faults_of(more):
    with pytest.raises(ModelError) as caught:
        incentive(merged(RICH, more))
    return [(fault.path, fault.found) for fault in caught.value.faults]


DRAWS = np.arange(10.0)
WRONG = {
    "customers.ceiling": (
        {"customers": {"growth_rate": 0.1, "ceiling": np.where(DRAWS > 6, 1e5, 1e9)}},
        "100000.0 in 3 of 10 draws",
    ),
    "customers.growth_rate": (
        {"customers": {"growth_rate": np.where(DRAWS > 7, -0.25, 0.0), "ceiling": 1e9}},
        "-0.25 in 2 of 10 draws",
    ),
    "niches.list.0.share": (
        {"niches": {"list": [{"share": DRAWS // 4}, {"share": 0.0}]}},
        "0.0 in 4 of 10 draws",
    ),
    "niches.list.1.lab_aptitude": (
        {"niches": {"list": [{"share": 1.0}, {"share": 1.0, "lab_aptitude": DRAWS}]}},
        "0.0 in 1 of 10 draws",
    ),
    "market.firms": ({"market": {"firms": [1.0, 2.0, 1.5, 2.5]}}, "1.5 in 2 of 4 draws"),
    "market.rivals.1.head_start": (
        {"market": {"rivals": [{"expense": 1.0}, {"expense": 1.0, "head_start": [0.5, 1.01]}]}},
        "1.01 in 1 of 2 draws",
    ),
    "open.process.count": ({"open": {"process": {"count": 2.5}}}, "2.5"),
    "open.process.interval_days": (
        {"open": {"process": {"interval_days": np.ones((3, 10))}}},
        "3 rows",
    ),
    "open.process.growth": ({"open": {"process": {"growth": np.ones((2, 10))}}}, "2 rows"),
    "open.process.growth.2": (
        {"open": {"process": {"growth": np.stack([DRAWS + 1, DRAWS + 1, DRAWS - 1])}}},
        "-1.0 in 2 of 10 draws",
    ),
    "open.releases.0.day": ({"open": {"releases": [{"day": math.nan, "expense": 1e9}]}}, "nan"),
    "open.releases.1.expense": ({"open": {"releases": releases_of((1.0, 1.0), (1.0, NEVER))}}, "inf"),
    "open.chase.fraction": ({"open": {"chase": {"fraction": 1.5}}}, "1.5"),
    "lab.candidate_expense": ({"lab": {"candidate_expense": [4e9, 0.0]}}, "0.0 in 1 of 2 draws"),
    "lab.budget": ({"lab": {"budget": 1e9}}, "lab.candidate_expense as well"),
    "lab.lead_satiation": ({"lab": {"lead_satiation": math.inf}}, "inf"),
    "lab.strategic.prize": ({"lab": {"strategic": {"prize": "1e9"}}}, "'1e9'"),
    "lab.strategic.prise": ({"lab": {"strategic": {"prise": 1e9}}}, "an unknown key"),
    "lab.caution": ({"lab": {"caution": 3.0}}, "3.0"),
    "market.rivals.0.expanse": ({"market": {"rivals": [{"expense": 1.0, "expanse": 1.0}]}}, "an unknown key"),
    "market.rivals.0.expense": ({"market": {"rivals": [{"release_day": 1.0}]}}, "nothing"),
    "niches.list.0.name": ({"niches": {"list": [{"share": 1.0, "name": 3}]}}, "3"),
    "value.satiation.median": ({"value": {"satiation": {"median": [[1.0, 2.0]]}}}, "[[1.0, 2.0]]"),
    "regulation.open_relief": ({"regulation": {"open_relief": True}}, "True"),
    "beliefs.optimism": ({"beliefs": {"optimism": [-1.0, 0.0, -3.0]}}, "-1.0 in 2 of 3 draws"),
    "beliefs.inattention": ({"beliefs": {"inattention": None}}, "None"),
    "lab.counts_training_cost": ({"lab": {"counts_training_cost": 1.0}}, "1.0"),
}


@pytest.mark.parametrize("path", WRONG)
def test_a_wrong_number_is_refused_with_its_key_its_value_and_how_many_draws(path):
    more, found = WRONG[path]
    assert faults_of(more) == [(path, found)]


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("open", "process"),
        ("open", "chase"),
        ("value", "satiation"),
        ("market", "differentiation"),
        ("lab", "z"),
    ],
)
def test_what_a_mechanism_needs_is_asked_for(section, name):
    model = deepcopy(merged(RICH, {"market": {"conduct": "logit"}}))
    if name == "z":
        del model["lab"]["candidate_expense"]
        wanted = {"lab.candidate_expense"}
    elif name == "differentiation":
        del model["market"][name]
        wanted = {"market.differentiation"}
    else:
        model[section] = model[section] | {name: {}}
        keys = {
            "process": ("first_day", "interval_days", "growth", "count"),
            "chase": ("lag_days", "fraction"),
        }
        wanted = {f"{section}.{name}.{key}" for key in keys.get(name, ("median",))}
    with pytest.raises(ModelError) as caught:
        incentive(model)
    assert {fault.path for fault in caught.value.faults} == wanted
    assert all(fault.found == "nothing" for fault in caught.value.faults)


def test_an_array_for_the_count_of_a_process_is_refused():
    found = "array([3., 3.])"
    assert faults_of({"open": {"process": {"count": np.array([3.0, 3.0])}}}) == [
        ("open.process.count", found)
    ]


def test_all_faults_are_told_at_once():
    alone = (
        "lab.candidate_expense",
        "lab.caution",
        "niches.list.1.lab_aptitude",
        "market.rivals.1.head_start",
    )
    alone += ("market.rivals.0.expense", "market.rivals.0.expanse", "open.process.growth.2")
    alone += ("open.releases.0.day", "niches.list.0.name")
    every, expected = RICH, {}
    for path, (more, found) in WRONG.items():
        if path not in alone and "draws" not in found:
            every = merged(every, more)
            expected[path] = found
    assert sorted(faults_of(every)) == sorted(expected.items())
    assert len(expected) > 10


@pytest.mark.parametrize(
    ("spread", "percent"),
    [(0.2, 68), (0.3, 60), (0.5, 47.5), (0.7, 39), (1.0, 31.3), (1.2, 27), (1.5, 23), (2.0, 18), (2.6, 14.5)],
)
def test_captured_shares_that_are_known(spread, percent):
    whole = percent == round(percent)
    assert round(100 * captured_share(spread), 0 if whole else 1) == percent
    d = drawn(4)
    shared = incentive(model_of(d, customers={"valuation_spread": spread}))["revenue_today"]
    np.testing.assert_allclose(shared, share_of(spread) * incentive(model_of(d))["revenue_today"], rtol=1e-12)


@pytest.mark.parametrize("spread", np.geomspace(1e-3, 40.0, 60))
def test_the_captured_share_meets_the_first_order_condition(spread):
    assert captured_share(float(spread)) == pytest.approx(share_of(float(spread)), rel=1e-12)


def nodes_between(cuts):
    """Gauss-Legendre nodes and weights of every stretch."""
    nodes, weights = leggauss(20)
    lengths = np.diff(cuts)
    t = np.asarray(cuts)[:-1, None] + 0.5 * lengths[:, None] * (nodes + 1.0)
    return t.ravel(), (0.5 * lengths[:, None] * weights).ravel()


@pytest.mark.parametrize("spread", [0.01, 0.3, 1.0, 3.0, 8.0])
@pytest.mark.parametrize("value", [1e-6, 0.3, 0.8, 1.1, 20.0, 1e6])
def test_satiation_is_the_mean_over_the_lognormal(value, spread):
    kink = min(max(math.log(value / 0.8) / spread, -39.0), 39.0)
    t, weights = nodes_between(sorted({*np.linspace(-40.0, 40.0, 81), kink}))
    density = np.exp(-0.5 * t * t) / math.sqrt(2.0 * math.pi)
    whole = float((np.minimum(value, 0.8 * np.exp(spread * t)) * density) @ weights)
    assert satiated_value(value, 0.8, spread) == pytest.approx(whole, rel=1e-10)


@pytest.mark.parametrize("ceiling", [1.0, 1.5, 1e3, 1e6, 1e9, 1e12, 1e16])
@pytest.mark.parametrize("growth", [1e-7, 1e-3, 0.02, 0.05])
@pytest.mark.parametrize(
    ("discount", "hazard"), [(0.0, 0.0), (3e-4, 0.0), (-2e-3, 0.0), (3e-4, 0.02), (0.0, 0.3)]
)
def test_logistic_demand_is_its_integral(ceiling, growth, discount, hazard):
    first, last = 20.0, 3000.0

    t, weights = nodes_between(np.linspace(first, last, 3001))
    flow = 7.0 * ceiling / (1.0 + (ceiling - 1.0) * np.exp(-growth * t))
    flow *= np.exp(-discount * t - hazard * (t - first))
    got = discounted_customers(7.0, growth, 7.0 * ceiling, discount, hazard, first, last)
    assert got == pytest.approx(float(flow @ weights), rel=1e-9)


def test_plain_python_gives_the_same_bits():
    rng = np.random.default_rng(SEED)
    for model in [random_full_model(rng) for _ in range(40)]:
        outputs, slowly = incentive(model), incentive_slowly(model)
        for name in OUTPUTS:
            np.testing.assert_allclose(slowly[name], outputs[name], rtol=1e-13, atol=0.0, err_msg=name)
