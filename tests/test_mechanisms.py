"""Each mechanism of the package alone, on hundreds of draws at once, against what a hand computes."""

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr, wrightomega

from mcrace import incentive
from mcrace.model import incentive_slowly
from mcrace.model.discounting import daily_rate
from mcrace.model.survival import failure_day
from mcrace.model.value import log_value

DRAWS = 300
SEED = 20261125
YEAR = 365.25
SCALE = 0.05
UNPAID = {"counts_training_cost": False}
RIVAL, RIVAL_DAY, RIVAL_SHARE = 3e9, 200.0, 0.4


def f(level):
    return SCALE * np.log(level / 1e6)


def drawn(seed):
    """Draw levels x < y < z and x' anywhere, days a and k before m, rates: an array each."""
    rng = np.random.default_rng([SEED, seed])
    levels = np.exp(rng.uniform(math.log(1e7), math.log(1e11), (4, DRAWS)))
    x, y, z = np.sort(levels[:3], axis=0)
    m = rng.uniform(300.0, 3000.0, DRAWS)
    grows, discounts = rng.uniform(-0.5, 0.8, DRAWS), rng.uniform(-0.05, 0.4, DRAWS)
    d = SimpleNamespace(x=x, y=y, z=z, x_new=levels[3], m=m, grows=grows, discounts=discounts, rng=rng)
    d.k, d.a = m * rng.uniform(0.05, 0.95, DRAWS), m * rng.uniform(0.05, 0.95, DRAWS)
    d.n = np.exp(rng.uniform(0.0, 20.0, DRAWS))
    d.r, d.g = np.log1p(discounts) / YEAR, np.log1p(grows) / YEAR
    return d


def merged(model, more):
    if not isinstance(more, dict):
        return more
    return {**model, **{name: merged(model.get(name, {}), item) for name, item in more.items()}}


def model_of(d, **sections):
    base = {
        "horizon_days": d.m,
        "discount_rate": d.discounts,
        "value": {"curve": "log", "scale": SCALE, "reference": 1e6},
        "customers": {"count": d.n, "growth_rate": d.grows},
        "open": {"current_expense": d.x, "releases": [{"day": d.k, "expense": d.x_new}]},
        "lab": {"current_expense": d.y, "candidate_expense": d.z, "training_days": d.a} | UNPAID,
    }
    return merged(base, sections)


def days_between(rate, first, last):
    """Give the integral of e^(-rate t)."""
    length = np.maximum(last - first, 0.0)
    whole = np.where(rate == 0.0, length, -np.expm1(-rate * length) / np.where(rate == 0.0, 1.0, rate))
    return np.exp(-rate * first) * whole


def stretches(d, *more):
    cuts = np.broadcast_arrays(0.0, d.a, d.k, d.m, *more)
    return list(pairwise(np.sort(np.clip(np.stack(cuts), 0.0, d.m), axis=0)))


def open_on(d, day, released=True):
    return np.where((day >= d.k) & released, np.maximum(d.x, d.x_new), d.x)


def own_on(d, day):
    return np.where(day >= d.a, d.z, d.y)


def gain_of(d, flow, released=True):
    """Sum n flow(own, open, day), upgrade less stay, over stretches of constant levels."""
    total = 0.0
    for first, last in stretches(d, RIVAL_DAY):
        free = open_on(d, first, released)
        more = flow(d, own_on(d, first), free, first) - flow(d, d.y, free, first)
        total = total + d.n * more * days_between(d.r - d.g, first, last)
    return total


def near(got, wanted, size, within=1e-12):
    """Hold arrays against each other, by what rounding is judged by in each draw."""
    off = np.abs(got - wanted) / size
    assert np.all(off <= within), (float(off.max()), int(off.argmax()))
    assert np.any(np.abs(wanted) > 1e-6 * size)


def monopoly(d, own, free, day):  # noqa: ARG001
    return np.maximum(f(own) - f(free), 0.0)


def best_other(free, day):
    return np.where(day >= RIVAL_DAY, np.maximum(RIVAL + RIVAL_SHARE * free, free), free)


def undercutting(d, own, free, day):  # noqa: ARG001
    contested = np.maximum(f(own) - f(best_other(free, day)), 0.0)
    return 0.3 * np.maximum(f(own) - f(free), 0.0) + 0.7 * contested


def ecosystem(elasticity, d, own, free, day):
    return np.maximum(1.0 + elasticity * np.log(free / d.x), 0.0) * monopoly(d, own, free, day)


def alone_in_logit(d, own, free, day):  # noqa: ARG001
    return 0.04 * wrightomega((f(own) - f(free)) / 0.04 - 1.0)


def in_niches(d, own, free, day):  # noqa: ARG001
    # 0.4 of the best aptitude of each serves both: 0.8 of the lab's level, 1.2 of the open one.
    code = np.maximum(f(2.0 * own) - f(1.2 * free), 0.0)
    chat = np.maximum(f(0.8 * own) - f(3.0 * free), 0.0)
    return (1.5 * code + 0.5 * chat) / 2.0


def half_open(d, own, free, day):  # noqa: ARG001
    return np.maximum(f(own) - 0.5 * f(free), 0.0)


def satiated(d, own, free, day):  # noqa: ARG001
    def worth(value):
        t = np.log(np.maximum(value, 1e-300) / 0.3) / 0.6
        return 0.3 * math.exp(0.18) * ndtr(t - 0.6) + value * ndtr(-t)

    return np.maximum(worth(f(own)) - worth(0.8 * f(free)), 0.0)


def share_of(spread):
    """Give q P(theta >= q) where phi(t) / (1 - Phi(t)) = spread."""
    shift = 0.5 * math.log(2 * math.pi) + math.log(spread)
    t = brentq(lambda t: -0.5 * t * t - log_ndtr(-t) - shift, -60.0, spread + 1.0, xtol=1e-14, rtol=1e-15)
    return math.exp(spread * t - 0.5 * spread * spread + log_ndtr(-t))


RIVALS = [{"expense": RIVAL, "release_day": RIVAL_DAY, "head_start": RIVAL_SHARE}]
NICHES = [
    {"name": "code", "share": 1.5, "lab_aptitude": 2.0, "open_aptitude": 0.5},
    {"name": "chat", "share": 0.5, "lab_aptitude": 0.1, "open_aptitude": 3.0},
]
FLOWS = {
    "monopoly": ({"market": {"rivals": RIVALS}}, monopoly),
    "undercutting": ({"market": {"conduct": "undercutting", "overlap": 0.7, "rivals": RIVALS}}, undercutting),
    "cournot": ({"market": {"conduct": "cournot", "firms": 4}}, lambda *at: monopoly(*at) * 4 / 25),
    "logit": ({"market": {"conduct": "logit", "differentiation": 0.04}}, alone_in_logit),
    "half of the open model": ({"market": {"open_substitutability": 0.5}}, half_open),
    "niches": ({"niches": {"list": NICHES, "substitution": 0.4}}, in_niches),
    "satiation": (
        {"value": {"satiation": {"median": 0.3, "spread": 0.6}}, "market": {"open_substitutability": 0.8}},
        satiated,
    ),
    "ecosystem": ({"customers": {"open_elasticity": 0.2}}, lambda *at: ecosystem(0.2, *at)),
    "ecosystem that dies": ({"customers": {"open_elasticity": -0.3}}, lambda *at: ecosystem(-0.3, *at)),
    "a small lead suffices": (
        {
            "lab": {"lead_satiation": 0.02},
            "customers": {"valuation_spread": 1.5, "price_discrimination": 0.36},
        },
        lambda *at: 0.02 * -np.expm1(-share_of(1.2) * monopoly(*at) / 0.02),
    ),
}


@pytest.mark.parametrize("name", FLOWS)
def test_revenue_is_the_flow_summed_over_stretches(name):
    more, flow = FLOWS[name]
    d = drawn(1)
    outputs = incentive(model_of(d, **more))
    size = d.n * f(d.z) * days_between(d.r - d.g, 0.0, d.m)
    near(outputs["revenue_gain"], gain_of(d, flow), size)
    near(outputs["open_effect"], gain_of(d, flow) - gain_of(d, flow, released=False), size)
    if name != "a small lead suffices":  # what the lab earns is dollars, not its contentment
        near(outputs["revenue_today"], d.n * flow(d, d.y, d.x, np.zeros(DRAWS)), d.n * f(d.y))


@pytest.mark.parametrize("conduct", ["monopoly", "undercutting", "cournot"])
def test_a_chase_is_a_release_on_the_path_of_the_upgrade(conduct):
    # A lab at 1 USD that trains c at once earns V(c): upgrade and stay apart, each with its open level.
    d = drawn(10)
    market = {"conduct": conduct, "firms": 3, "rivals": [{"expense": 0.3 * d.y, "head_start": 0.8}]}
    lag = d.m * d.rng.uniform(0.0, 1.2, DRAWS)
    ecosystem = {"open_elasticity": 0.1}

    def earned(level, releases):
        lab = {"current_expense": 1.0, "candidate_expense": level, "training_days": 0.0}
        more = {"open": {"releases": releases}, "lab": lab, "market": market, "customers": ecosystem}
        return incentive(model_of(d, **more))["revenue_gain"]

    releases = [{"day": d.k, "expense": d.x_new}]
    chase = {"lag_days": lag, "fraction": 0.7}
    at_once = {"open": {"chase": chase}, "lab": {"training_days": 0.0}}
    outputs = incentive(model_of(d, market=market, customers=ecosystem, **at_once))
    wanted = earned(d.z, [*releases, {"day": lag, "expense": 0.7 * d.z}]) - earned(d.y, releases)
    size = d.n * f(d.z) * days_between(d.r - d.g, 0.0, d.m)
    near(outputs["revenue_gain"], wanted, size)
    frozen = earned(d.z, []) - earned(d.y, [])
    near(outputs["open_effect"], wanted - frozen, size)


def gains_while_alive(d, cost):
    """Give revenue and survival gain of a lab that fails when n (f(own) - f(free)) is below cost."""
    ends = []
    for upgrades in (False, True):
        end = np.full(DRAWS, math.inf)
        for first, last in stretches(d):
            margin = monopoly(d, own_on(d, first) if upgrades else d.y, open_on(d, first), first)
            with np.errstate(divide="ignore"):
                fails = np.maximum(np.log(cost / (d.n * margin)) / d.g, first)
            end = np.where((fails < last) & np.isinf(end), fails, end)
        ends.append(end)
    stay, upgrade = ends[0], np.where(d.a <= ends[0], ends[1], ends[0])
    gain, spent = 0.0, 0.0
    for end, arrives, sign in ((upgrade, d.a <= stay, 1.0), (stay, False, -1.0)):
        for first, last in stretches(d):
            last = np.minimum(last, np.maximum(end, first))
            own = np.where(arrives, own_on(d, first), d.y)
            margin = monopoly(d, own, open_on(d, first), first)
            gain = gain + sign * d.n * margin * days_between(d.r - d.g, first, last)
            spent = spent + sign * cost * days_between(d.r, first, last)
    return gain, -spent, np.isinf(upgrade), np.isinf(stay), stay


def test_a_lab_lives_while_its_revenue_carries_its_cost():
    d = drawn(11)
    d.grows = -np.abs(d.grows)
    d.g, d.a = np.log1p(d.grows) / YEAR, 0.4 * d.a
    cost = d.n * (f(d.y) - f(d.x)) * d.rng.uniform(0.05, 1.2, DRAWS)
    worth = 1e3 * cost
    lab = {"operating_cost_per_day": cost, "continuation_value": worth, "counts_training_cost": True}
    outputs = incentive(model_of(d, lab=lab | {"start_day": 0.5 * d.a, "training_days": 0.5 * d.a}))
    gain, saved, upgrade_lives, stay_lives, stay_ends = gains_while_alive(d, cost)
    size = d.n * f(d.z) * days_between(d.r - d.g, 0.0, d.m) + worth
    near(outputs["revenue_gain"], gain, size)
    lives = np.where(d.a <= stay_ends, upgrade_lives, stay_lives).astype(float) - stay_lives
    near(outputs["survival_gain"], saved + worth * np.exp(-d.r * d.m) * lives, size)
    paid = np.where(0.5 * d.a <= stay_ends, d.z * np.exp(-0.5 * d.r * d.a), 0.0)
    np.testing.assert_allclose(outputs["training_cost"], paid, rtol=1e-12)
    inside = (stay_ends > 0.0) & (stay_ends != d.k) & np.isfinite(stay_ends)
    assert min(inside.mean(), lives.mean(), (paid == 0.0).mean(), stay_lives.mean()) > 0.02


def test_a_candidate_that_comes_out_at_the_very_moment_of_failure_rescues():
    d = drawn(12)
    d.grows = -np.abs(d.grows) - 0.01
    d.g = np.log1p(d.grows) / YEAR
    cost = d.n * (f(d.y) - f(d.x)) * np.exp(d.g * d.m * d.rng.uniform(0.1, 0.9, DRAWS))
    moment = []
    for x, y, n, grows, m, spent in zip(d.x, d.y, d.n, d.grows, d.m, cost, strict=True):
        margin = log_value(y, SCALE, 1e6) - log_value(x, SCALE, 1e6)
        moment.append(failure_day(margin, spent, n, daily_rate(grows), math.inf, 0.0, m))
    for days, rescued in ((moment, True), (np.nextafter(moment, math.inf), False)):
        lab = {"operating_cost_per_day": cost, "training_days": days}
        outputs = incentive_slowly(model_of(d, lab=lab, open={"releases": []}))
        assert np.all((outputs["revenue_gain"] > 0.0) == rescued)
        assert np.all((outputs["survival_gain"] < 0.0) == rescued)


@pytest.mark.parametrize("exponent", [1.0, 2.0, 0.5])
def test_caution_is_a_power_of_the_advance(exponent):
    d = drawn(14)
    caution = {"caution": {"cost": 3e5, "exponent": exponent}}
    # What follows z does not make it less of an advance.
    chase = {"chase": {"lag_days": 0.0, "fraction": 1.0}}
    outputs = incentive(model_of(d, lab=caution, market={"rivals": RIVALS}, open=chase))
    free = open_on(d, d.a)
    advance = np.maximum(f(d.z) - f(np.maximum(best_other(free, d.a), d.y)), 0.0)
    near(outputs["caution_cost"], 3e5 * advance**exponent * np.exp(-d.r * d.a), 3e5 * np.exp(-d.r * d.a))


def chances(own, other, lead, softness):
    """Hazards a day of winning and losing at 0.8 a year."""
    edge = np.log(own / other)
    if softness == 0.0:
        return [(0.8 / YEAR) * (sign * edge > lead) for sign in (1, -1)]
    return [0.8 / YEAR / (1.0 + np.exp(-(sign * edge - lead) / softness)) for sign in (1, -1)]


@pytest.mark.parametrize(("lead", "softness"), [(0.5, 0.0), (0.5, 0.4), (-0.3, 0.0), (1.0, 3.0)])
def test_a_contest_is_won_and_lost_at_competing_hazards_and_prestige_is_of_who_leads(lead, softness):
    d = drawn(15)
    contest = {"prize": 5e6, "win_rate": 0.8, "lead": lead, "softness": softness}
    lab = {"strategic": contest, "prestige_per_day": 7.0}
    outputs = incentive(model_of(d, lab=lab, market={"rivals": RIVALS}))
    won, proud = [], []
    for released, upgrades in ((True, True), (True, False), (False, True), (False, False)):
        total, ahead, undecided = 0.0, 0.0, 1.0
        for first, last in stretches(d, RIVAL_DAY):
            other = best_other(open_on(d, first, released), first)
            own = own_on(d, first) if upgrades else d.y
            win, lose = chances(own, other, lead, softness)
            lasts = np.exp(-d.r * first) * days_between(d.r + win + lose, 0.0, last - first)
            total = total + 5e6 * win * undecided * lasts
            undecided = undecided * np.exp(-(win + lose) * (last - first))
            ahead = ahead + 7.0 * (own > other) * days_between(d.r, first, last)
        won.append(total)
        proud.append(ahead)
    for name, (upgrade, stay, *frozen), size in (("strategic", won, 5e6), ("prestige", proud, 7.0 * d.m)):
        near(outputs[f"{name}_gain"], upgrade - stay, size)
        near(outputs[f"open_effect_{name}_gain"], upgrade - stay - frozen[0] + frozen[1], size)


def test_a_contest_with_halts_solves_its_differential_equations():
    d = drawn(16)
    contest = {"prize": 5e6, "win_rate": 0.8, "lead": 0.5, "softness": 0.4}
    halts = {"halt_rate": 0.6, "open_relief": 0.7}
    outputs = incentive(model_of(d, lab={"strategic": contest}, regulation=halts))
    columns = {name: value for name, value in vars(d).items() if name != "rng"}
    for place in range(12):
        one = SimpleNamespace(**{name: value[place] for name, value in columns.items()})

        def slopes(t, state, one=one):
            a, b, stay, _, day = state
            win, lose = chances(one.y, open_on(one, day), 0.5, 0.4)
            better = chances(own_on(one, day), open_on(one, day), 0.5, 0.4)
            halt = 0.6 / YEAR * (0.3 if open_on(one, day) > one.x else 1.0) * (day >= one.a)
            flow = math.exp(-one.r * t) * (better[0] * a + win * b - win * stay)
            leaving = win + lose
            return [-(halt + sum(better)) * a, halt * a - leaving * b, -leaving * stay, flow, 0.0]

        state = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
        for first, last in pairwise(sorted([0.0, one.a, one.k, one.m])):
            state[-1] = first
            state = solve_ivp(slopes, (first, last), state, method="DOP853", rtol=1e-12, atol=1e-16).y[:, -1]
        assert outputs["strategic_gain"][place] == pytest.approx(5e6 * state[3], abs=5e6 * 1e-9)
    assert np.abs(outputs["strategic_gain"][:12]).max() > 1e4


def test_halts_weigh_the_flows_of_upgrade_and_halted():
    # Halted, the lab sells y against the open model that chased z; staying, against the one that did not.
    d = drawn(17)
    chase = {"chase": {"lag_days": 30.0, "fraction": 0.8}}
    lab = {"prestige_per_day": 3.0 * d.n}
    halts = {"halt_rate": 0.6, "open_relief": 0.7}
    outputs = incentive(model_of(d, regulation=halts, open=chase, lab=lab))
    gain, prestige, unhalted = 0.0, 0.0, 1.0
    for first, last in stretches(d, d.a + 30.0):
        free = open_on(d, first)
        chased = np.where(first >= d.a + 30.0, np.maximum(free, 0.8 * d.z), free)
        halt = 0.6 / YEAR * np.where(chased > d.x, 0.3, 1.0) * (first >= d.a)
        flows = [
            (monopoly(d, own, other, first), own > other)
            for own, other in ((own_on(d, first), chased), (d.y, chased), (d.y, free))
        ]
        for place, rate in ((0, d.r - d.g), (1, d.r)):
            upgrade, halted, stay = (np.asarray(flow[place], dtype=float) for flow in flows)
            whole = days_between(rate, first, last)
            kept = unhalted * np.exp(-rate * first) * days_between(rate + halt, 0.0, last - first)
            more = d.n * ((upgrade - stay) * kept + (halted - stay) * (whole - kept))
            gain, prestige = (gain + more, prestige) if place == 0 else (gain, prestige + 3.0 * more)
        unhalted = unhalted * np.exp(-halt * (last - first))
    size = d.n * f(d.z) * (days_between(d.r - d.g, 0.0, d.m) + d.m)
    near(outputs["revenue_gain"], gain, size)
    near(outputs["prestige_gain"], prestige, size)


def test_a_halted_lab_may_not_live():
    # The release takes what y earns on the very day on which z comes out: halted, the lab fails at once.
    d = drawn(20)
    d.a, d.x_new = d.k, np.sqrt(d.y * d.z)
    cost = 0.2 * d.n * np.minimum(f(d.z) - f(d.x_new), f(d.y) - f(d.x)) * np.minimum(np.exp(d.g * d.m), 1.0)
    lab = {"operating_cost_per_day": cost, "continuation_value": 1e3 * cost}
    outputs = incentive(model_of(d, lab=lab, regulation={"halt_rate": 0.6}))
    alive = np.exp(-0.6 / YEAR * (d.m - d.a))
    lasts = np.exp(-d.r * d.a) * days_between(d.r + 0.6 / YEAR, 0.0, d.m - d.a)
    wanted = cost * (1e3 * np.exp(-d.r * d.m) * alive - lasts)
    near(outputs["survival_gain"], wanted, cost * (d.m + 1e3) * np.exp(np.maximum(-d.r, 0.0) * d.m))


def test_head_start_budget_and_talent():
    d = drawn(18)
    later = {"start_day": d.k, "training_days": 0.5 * (d.m - d.k), "counts_training_cost": True}
    terms = {"head_start": 0.3, "talent_elasticity": -0.4}
    free, discount = open_on(d, d.k), np.exp(-d.r * d.k)
    outputs = incentive(model_of(d, lab=later | terms))
    paid = np.maximum(d.z - 0.3 * free, 0.0) * (free / d.x) ** -0.4 * discount
    np.testing.assert_allclose(outputs["training_cost"], paid, rtol=1e-12)
    apart = paid - (d.z - 0.3 * d.x) * discount
    near(outputs["open_effect_training_cost"], apart, d.z * discount)
    budget = model_of(d, lab=later | terms | {"budget": d.z})
    del budget["lab"]["candidate_expense"]
    outputs = incentive(budget)
    np.testing.assert_allclose(outputs["training_cost"], d.z * (free / d.x) ** -0.4 * discount, rtol=1e-12)
    gains = []
    d.a, budgeted = 0.5 * (d.m + d.k), d.z
    for released, level in ((True, free), (False, d.x)):
        d.z = budgeted + 0.3 * level  # more of the open weights makes z better in the release world
        gains.append(gain_of(d, monopoly, released))
    near(outputs["revenue_gain"], gains[0], d.n * f(d.z) * days_between(d.r - d.g, 0.0, d.m))
    near(outputs["open_effect_revenue_gain"], gains[0] - gains[1], d.n * f(d.z) * d.m * np.exp(-d.r * d.m))
