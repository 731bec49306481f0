"""Mechanisms at neutral values, under finer cuts of time, and zeros: what must not change a bit."""

import math
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest

from mcrace import incentive
from mcrace.nomenclature import KEYS, OFF, OUTPUTS
from tests.random_models import random_full_model, random_model
from tests.test_mechanisms import DRAWS, YEAR, drawn, f, gain_of, merged, model_of, monopoly, near

SEED = 20261124
PARTS = [name for name in OUTPUTS if name.startswith("open_effect")]
OPTIONAL = {"discount_rate": 0.0}
OPTIONAL_CUSTOMERS = {"growth_rate": 0.0, "valuation_spread": 0.0, "price_discrimination": 0.0}
OPTIONAL_LAB = {"start_day": 0.0, "training_days": 0.0, "counts_training_cost": True}
MOST_RELEASES = 6


def nested(path, value):
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def stack(models):
    """Make one model of arrays from models of the same shape."""
    first = models[0]
    if isinstance(first, dict):
        return {name: stack([model[name] for model in models]) for name in first}
    if isinstance(first, list):
        return [stack(list(members)) for members in zip(*models, strict=True)]
    return first if isinstance(first, str | bool) else np.array(models, dtype=float)


def shape_of(model):
    if isinstance(model, dict):
        return tuple((name, shape_of(item)) for name, item in model.items())
    if isinstance(model, list):
        return tuple(map(shape_of, model))
    return model if isinstance(model, str | bool) else None


def with_defaults(model):
    """Write a core model out, with releases that never come added, so that many stack to one of arrays."""
    releases = model["open"].get("releases", [])
    never = [{"day": math.inf, "expense": 1.0}] * (MOST_RELEASES - len(releases))
    return {
        **OPTIONAL,
        **model,
        "value": dict(sorted(({"curve": "log"} | model["value"]).items())),
        "customers": OPTIONAL_CUSTOMERS | model["customers"],
        "open": {"current_expense": model["open"]["current_expense"], "releases": [*releases, *never]},
        "lab": dict(sorted((OPTIONAL_LAB | model["lab"]).items())),
    }


def stacked_cores(count, seed):
    rng, groups = np.random.default_rng(seed), defaultdict(list)
    for model in (with_defaults(random_model(rng)) for _ in range(count)):
        model = dict(sorted(model.items()))
        groups[shape_of(model)].append(model)
    return [stack(models) for models in groups.values()]


@pytest.fixture(scope="module")
def cores():
    """500 random core models as arrays, each with its outputs."""
    return [(model, incentive(model)) for model in stacked_cores(500, SEED)]


@pytest.fixture(scope="module")
def full_models():
    rng = np.random.default_rng(SEED + 1)
    return [random_full_model(rng) for _ in range(60)]


def assert_same_bits(outputs, expected, names=tuple(OUTPUTS)):
    for name in names:
        np.testing.assert_array_equal(outputs[name], expected[name], err_msg=name)


def test_the_random_cores_do_something(cores):
    assert sum(outputs["incentive"].size for _, outputs in cores) == 500
    assert len({model["value"]["curve"] for model, _ in cores}) == 4
    assert sum(int((outputs["open_effect"] < 0.0).sum()) for _, outputs in cores) > 100
    assert sum(int((outputs["incentive"] > 0.0).sum()) for _, outputs in cores) > 100


DEFAULTS = {
    key.path: key.default
    for key in KEYS.values()
    if "[]" not in key.path and key.default is not None and key.default != OFF and key.kind != "text"
}
WEAK = {"expense": 1e10, "release_day": 0.0}
APT = {"name": "all", "share": 0.37, "lab_aptitude": 1.0, "open_aptitude": 1.0, "rival_aptitude": 1.0}
STEADY = {"first_day": 5.0, "interval_days": 30.0, "growth": 2.0, "count": 4}
NEUTRAL = {
    "undercutting without rivals": {"market": {"conduct": "undercutting", "overlap": 1.0, "rivals": []}},
    "undercutting for nobody": {"market": {"conduct": "undercutting", "overlap": 0.0, "rivals": [WEAK]}},
    "undercut by nobody yet": {
        "market": {"conduct": "undercutting", "rivals": [WEAK | {"release_day": math.inf}]}
    },
    "one firm": {"market": {"conduct": "cournot", "firms": 1}},
    "rivals of a monopoly": {"market": {"rivals": [WEAK, WEAK | {"head_start": 1.0}]}},
    "numbers of other conducts": {"market": {"overlap": 0.3, "firms": 4, "differentiation": 2.0}},
    "free model counts whole": {"market": {"open_substitutability": 1.0}},
    "one niche": {"niches": {"list": [APT]}},
    "one niche of defaults": {"niches": {"list": [{"share": 1e-9}], "substitution": 0.4}},
    "niches all alike": {"niches": {"list": [APT | {"share": 2.0}] * 4}},
    "a niche of no share": {"niches": {"list": [APT, APT | {"share": 0.0, "lab_aptitude": 9.0}]}},
    "process never starts": {"open": {"process": STEADY | {"first_day": math.inf}}},
    "process too late": {"open": {"process": STEADY | {"first_day": 1e9}}},
    "process raises nothing": {"open": {"process": STEADY | {"growth": 1.0}}},
    "chase of nothing": {"open": {"chase": {"lag_days": 10.0, "fraction": 0.0}}},
    "chase never": {"open": {"chase": {"lag_days": math.inf, "fraction": 1.0}}},
    "chase below the open model": {"open": {"chase": {"lag_days": 0.0, "fraction": 1e-12}}},
    "no halts": {"regulation": {"halt_rate": 0.0, "open_relief": 0.6}},
    "no prize": {"lab": {"strategic": {"prize": 0.0, "lead": 1.0, "softness": 0.5, "win_rate": 9.0}}},
    "no decision": {"lab": {"strategic": {"prize": 1e12, "win_rate": 0.0, "softness": 0.5}}},
    "no lead is decisive": {"lab": {"strategic": {"prize": 1e12, "lead": 1e3}}},
    "no caution": {"lab": {"caution": {"cost": 0.0, "exponent": 2.0}}},
    "always alive": {"lab": {"continuation_value": 1e15}},
    "nobody satiated": {"value": {"satiation": {"median": 1e300, "spread": 0.0}}},
    "hardly anybody satiated": {"value": {"satiation": {"median": 1e300, "spread": 2.0}}},
}


WRITTEN_OUT = {"value.curve", "value.satiation.spread", *OPTIONAL}
WRITTEN_OUT |= {f"customers.{name}" for name in OPTIONAL_CUSTOMERS} | {f"lab.{name}" for name in OPTIONAL_LAB}
SAID = {path: nested(path, default) for path, default in DEFAULTS.items() if path not in WRITTEN_OUT}


@pytest.mark.parametrize("more", (NEUTRAL | SAID).values(), ids=NEUTRAL | SAID)
def test_a_mechanism_that_is_off_changes_no_bit_of_the_core(cores, more):
    for model, outputs in cores:
        assert_same_bits(incentive(merged(model, more)), outputs)


def test_all_neutral_keys_at_once_change_no_bit(cores):
    every = {}
    for more in SAID.values():
        every = merged(every, more)
    names = ["one firm", "one niche", "process never starts", "chase of nothing", "nobody satiated"]
    for name in [*names, "no halts", "no prize", "no caution", "always alive", "rivals of a monopoly"]:
        every = merged(every, NEUTRAL[name])
    for model, outputs in cores:
        assert_same_bits(incentive(merged(model, every)), outputs)


def written_out(model, path, default):
    """Give the model with a default written out wherever its section may stand and it is not said."""
    *sections, name = path.split(".")
    holder = model
    for section in sections:
        if section.endswith("[]"):
            members = [{name: default} | member for member in holder.get(section[:-2], [])]
            return merged(model, nested(".".join(sections)[:-2], members)) if members else model
        holder = holder.get(section, {})
    if name in holder or (path == "value.satiation.spread" and not holder):
        return model
    return merged(model, nested(path, default))


def test_defaults_written_out_change_no_bit_of_full_models(full_models):
    in_lists = {path: key.default for path, key in KEYS.items() if "[]" in path and key.default is not None}
    assert len(in_lists) == 6
    for model in full_models:
        every = model
        for path, default in (DEFAULTS | in_lists).items():
            every = written_out(every, path, default)
        assert_same_bits(incentive(every), incentive(model))


def size_of(model, outputs):
    """Give what rounding is judged by: the largest sum of money in sight."""
    lab = model["lab"]
    stakes = [lab.get("continuation_value", 0.0), lab.get("strategic", {}).get("prize", 0.0)]
    daily = lab.get("operating_cost_per_day", 0.0) + lab.get("prestige_per_day", 0.0)
    optimism = 1.0 + max(model.get("beliefs", {}).get("optimism", 0.0), 0.0)
    stakes.append((outputs["revenue_today"].item() + daily) * model["horizon_days"])
    return optimism * max(*stakes, *(abs(value.item()) for value in outputs.values()))


def assert_near(model, more, within=1e-11):
    outputs, others = incentive(model), incentive(more)
    size = size_of(model, outputs)
    for name in OUTPUTS:
        assert others[name].item() == pytest.approx(outputs[name].item(), rel=0, abs=within * size), name


def with_releases(model, more):
    given = model["open"].get("releases", [])
    return merged(model, {"open": {"releases": [*given, *more]}})


def test_rivals_who_matter_to_nobody_only_cut_time(full_models):
    # Their days are cuts. They are worth less than the open model, but perhaps not than a part of it.
    rng, cut = np.random.default_rng(SEED + 3), 0
    for model in full_models:
        market = model.get("market", {})
        conduct, counted = market.get("conduct"), market.get("open_substitutability", 1.0)
        if conduct == "logit" or (conduct == "undercutting" and counted < 1.0):
            continue
        days = [0.0, *rng.uniform(0.0, model["horizon_days"], 7)]
        rivals = [{"expense": 1e-3, "release_day": float(day)} for day in days]
        assert_near(model, merged(model, {"market": {"rivals": [*market.get("rivals", []), *rivals]}}))
        cut += 1
    assert cut > 30


def test_releases_that_raise_next_to_nothing_only_cut_time(full_models):
    # A relief from halts is judged by any rise above today's level, so here there is none.
    rng = np.random.default_rng(SEED + 4)
    for model in full_models:
        model = merged(model, {"regulation": {"open_relief": 0.0}})
        days = np.sort(rng.uniform(0.0, model["horizon_days"], 7))
        levels = model["open"]["current_expense"] * (1.0 + 1e-15 * np.arange(1, 8))
        cuts = [{"day": float(day), "expense": float(c)} for day, c in zip(days, levels, strict=True)]
        assert_near(model, with_releases(model, cuts))


def test_releases_that_raise_nothing_change_no_bit(full_models):
    rng = np.random.default_rng(SEED + 5)
    for model in full_models:
        x, horizon = model["open"]["current_expense"], model["horizon_days"]
        listed = model["open"].get("releases", [])
        lower = [{"day": float(day), "expense": x * level} for day, level in rng.uniform(0, 1, (4, 2))]
        lower += [{"day": float(day), "expense": x} for day in rng.uniform(0, horizon, 3)]
        lower += [{"day": horizon, "expense": 1e15}, {"day": math.inf, "expense": 1e15}]
        # Again and worse, on and after the day of each.
        lower += [one | {"expense": 0.5 * one["expense"]} for one in listed]
        lower += [one | {"day": one["day"] + 1.0} for one in listed]
        assert_same_bits(incentive(with_releases(model, lower)), incentive(model))


def test_the_order_of_releases_rivals_and_niches_changes_nothing(full_models):
    rng = np.random.default_rng(SEED + 6)
    for model in full_models:
        releases = model["open"].get("releases", [])
        mixed = [releases[place] for place in rng.permutation(len(releases))]
        assert_same_bits(incentive(merged(model, {"open": {"releases": mixed}})), incentive(model))
        turned = model
        for section, name in (("market", "rivals"), ("niches", "list")):
            if members := model.get(section, {}).get(name):
                turned = merged(turned, {section: {name: members[::-1]}})
        assert_near(model, turned)


RIVALS = [{"expense": 3e8}, {"expense": 2e9, "release_day": 200.0}]
NICHES = [{"share": 0.3, "lab_aptitude": 1.7, "open_aptitude": 0.9, "rival_aptitude": 2.3}, {"share": 1.9}]


def below_own(seed, most):
    """Core models as arrays in which no release passes y times `most`; many reach it."""
    d = drawn(seed)
    levels = d.y * np.minimum(d.rng.uniform(0.05, 1.25, (2, DRAWS)), most)
    days = d.m * d.rng.uniform(0.0, 1.1, (2, DRAWS))
    listed = [{"day": day, "expense": level} for day, level in zip(days, levels, strict=True)]
    return model_of(d, open={"releases": listed}, customers={"valuation_spread": d.rng.uniform(0, 3, DRAWS)})


NO_EFFECT = {
    "core": {},
    "undercutting": {"market": {"conduct": "undercutting", "overlap": 0.7, "rivals": RIVALS}},
    "cournot": {"market": {"conduct": "cournot", "firms": 3}},
    "half counts": {"market": {"open_substitutability": 0.5}},
    "niches": {"niches": {"list": NICHES}, "market": {"conduct": "undercutting", "rivals": RIVALS}},
    "niches and substitution": {"niches": {"list": NICHES, "substitution": 0.6}},
    "satiation": {"value": {"satiation": {"median": 3.0, "spread": 0.8}}},
    "power": {"value": {"curve": "power", "exponent": 0.4}},
    "hill": {"value": {"curve": "hill", "ceiling": 3.0, "half": 1e9, "steepness": 2.0}},
    "table": {"value": {"curve": "table", "points": [[1e6, 0.0], [1e8, 1.0], [1e9, 5.0], [1e11, 6.0]]}},
    "ceiling": {"customers": {"growth_rate": 0.5, "ceiling": 1e10}},
    "prestige": {"lab": {"prestige_per_day": 1e5}, "market": {"rivals": RIVALS}},
    "caution": {"lab": {"caution": {"cost": 1e6, "exponent": 1.5}}, "market": {"rivals": RIVALS}},
    "halts": {"regulation": {"halt_rate": 0.7}},
    "beliefs": {"beliefs": {"optimism": 0.8, "inattention": 0.3}},
    "chase below": {"open": {"chase": {"lag_days": 5.0, "fraction": 1e-9}}},
    "sure contest": {"lab": {"strategic": {"prize": 1e9, "lead": -60.0}}},
}


@pytest.mark.parametrize("more", NO_EFFECT.values(), ids=NO_EFFECT)
def test_a_release_that_does_not_pass_y_has_no_effect_exactly(more):
    # A tie is no lead: where leads count, a release that reaches y does change something.
    model = below_own(SEED + 7, most=0.999 if "prestige_per_day" in more.get("lab", {}) else 1.0)
    if "satiation" not in more.get("value", {}) and "value" in more:
        kept = ("scale", "reference") if more["value"]["curve"] == "power" else ()
        model = model | {"value": {name: model["value"][name] for name in kept}}
    outputs = incentive(merged(model, more))
    for name in PARTS:
        assert not outputs[name].any(), name
    np.testing.assert_array_equal(outputs["incentive"], outputs["incentive_frozen"])
    assert outputs["revenue_gain"].max() > 0.0


@pytest.mark.parametrize("niche", [{}, {"lab_aptitude": 1.7, "rival_aptitude": 1.7}])
def test_equal_sellers_who_undercut_each_other_earn_nothing(niche):
    d = drawn(4)
    more = {
        "niches": {"list": [{"share": 1.0} | niche]},
        "customers": {"valuation_spread": 0.8},
        "value": {"satiation": {"median": 0.5, "spread": 0.7}},
        "lab": {"current_expense": 1.0, "training_days": 0.0},
    }
    rivals = [{"expense": d.z}, {"expense": d.y}]
    outputs = incentive(model_of(d, market={"conduct": "undercutting", "rivals": rivals}, **more))
    assert not outputs["revenue_gain"].any()
    assert not outputs["open_effect"].any()
    assert not outputs["revenue_today"].any()
    equals = {"conduct": "undercutting", "rivals": [{"expense": d.y}, {"expense": d.y, "release_day": 9.0}]}
    outputs = incentive(model_of(d, market=equals, **(more | {"lab": {"training_days": 0.0}})))
    assert not outputs["revenue_today"].any()


@pytest.mark.parametrize("conduct", ["monopoly", "undercutting", "cournot", "logit"])
def test_aptitudes_scale_levels(conduct):
    d = drawn(5)
    market = {"conduct": conduct, "differentiation": 0.1, "firms": 2, "rivals": [{"expense": d.y * 0.9}]}
    apt = {"share": 0.2, "lab_aptitude": 3.0, "open_aptitude": 0.7, "rival_aptitude": 1.9}
    outputs = incentive(model_of(d, market=market, niches={"list": [apt]}))
    scaled = SimpleNamespace(**vars(d))
    scaled.x, scaled.x_new, scaled.y, scaled.z = 0.7 * d.x, 0.7 * d.x_new, 3.0 * d.y, 3.0 * d.z
    others = incentive(model_of(scaled, market=market | {"rivals": [{"expense": d.y * 0.9 * 1.9}]}))
    for name in ("revenue_gain", "open_effect", "revenue_today"):
        np.testing.assert_array_equal(outputs[name], others[name])


def test_beliefs_are_the_model_at_another_count_to_the_bit():
    d = drawn(19)
    more = {
        "lab": {"operating_cost_per_day": 0.5 * d.n * (f(d.y) - f(d.x)), "counts_training_cost": True},
        "market": {"rivals": RIVALS},
    }
    d.grows = np.abs(d.grows)
    for optimism, inattention in ((0.7, 0.25), (-0.6, 1.0), (0.0, 0.4)):
        beliefs = {"optimism": optimism, "inattention": inattention}
        demand = {"count": d.n, "ceiling": 9.0 * d.n}
        outputs = incentive(model_of(d, beliefs=beliefs, customers=demand, **more))
        believed = {name: (1.0 + optimism) * number for name, number in demand.items()}
        others = incentive(model_of(d, customers=believed, **more))
        mixed = (1.0 - inattention) * others["incentive"] + inattention * others["incentive_frozen"]
        np.testing.assert_array_equal(outputs["perceived_incentive"], mixed)
        for name, values in incentive(model_of(d, customers=demand, **more)).items():
            if name != "perceived_incentive":
                np.testing.assert_array_equal(outputs[name], values)


def test_a_process_drawn_for_each_is_its_releases_to_the_bit():
    d = drawn(9)
    first = d.m * d.rng.uniform(0.0, 0.5, DRAWS)
    intervals = d.m * d.rng.uniform(0.0, 0.4, (4, DRAWS))
    growths = np.exp(d.rng.normal(0.5, 0.7, (5, DRAWS)))
    process = {"first_day": first, "interval_days": intervals, "growth": growths, "count": 5}
    given = [{"day": d.k, "expense": d.x_new}]
    listed, day, level = [], first, d.x
    for place in range(5):
        day = day + intervals[place - 1] if place > 0 else day
        level = level * growths[place]
        listed.append({"day": day, "expense": level})
    for released in ([], given):
        outputs = incentive(model_of(d, open={"process": process, "releases": released}))
        others = incentive(model_of(d, open={"releases": released + listed}))
        for name, values in outputs.items():
            np.testing.assert_array_equal(values, others[name])
    steady = {"first_day": 10.0, "interval_days": d.m / 7, "growth": growths[0], "count": 5}
    rows = {"interval_days": np.tile(d.m / 7, (4, 1)), "growth": np.tile(growths[0], (5, 1))}
    one = incentive(model_of(d, open={"process": steady}))
    each = incentive(model_of(d, open={"process": steady | rows}))
    np.testing.assert_array_equal(one["incentive"], each["incentive"])


def test_a_ceiling_far_away_is_growth_and_one_at_the_count_is_constancy():
    d = drawn(8)
    d.grows = np.abs(d.grows)
    d.g = np.log1p(d.grows) / YEAR
    far = incentive(model_of(d, customers={"ceiling": 1e15 * d.n}))
    near(far["revenue_gain"], gain_of(d, monopoly), d.n * f(d.z) * d.m * np.exp((d.g + 3e-4) * d.m))
    full = incentive(model_of(d, customers={"ceiling": d.n}))
    d.g = 0.0
    near(full["revenue_gain"], gain_of(d, monopoly), d.n * f(d.z) * d.m * np.exp(3e-4 * d.m))


@pytest.mark.parametrize("rivals", [[], RIVALS])
def test_little_differentiation_is_undercutting(rivals):
    d, off = drawn(2), []
    whole = incentive(model_of(d, market={"conduct": "undercutting", "rivals": rivals}))
    for scale in (1e-4, 1e-6, 1e-8):
        market = {"conduct": "logit", "differentiation": scale, "rivals": rivals}
        size = d.n * d.m * np.exp(np.maximum(d.g - d.r, 0.0) * d.m)
        outputs = incentive(model_of(d, market=market))
        off.append(np.abs(outputs["revenue_gain"] - whole["revenue_gain"]) / size)
    assert np.all(off[2] < 1e-6)
    assert np.median(off[2]) < 0.1 * np.median(off[1]) < 0.01 * np.median(off[0])
