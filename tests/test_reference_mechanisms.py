"""The slow twin's paths and parts, each mechanism alone, against what a hand computes."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.random_models import random_full_model
from tests.reference import PARTS, reference_incentive, worlds_of
from tests.reference_flows import contest_after
from tests.reference_plain import X_NEW, YEAR, K, M, N, X, Y, Z, annuity, f, model, near, outputs
from tests.reference_value import MP


def test_a_process_is_a_list_of_releases():
    releases = [
        {"day": 100.0, "expense": 2 * X},
        {"day": 150.0, "expense": 6 * X},
        {"day": 350.0, "expense": 30 * X},
    ]
    process = {
        "first_day": 100.0,
        "interval_days": [[50.0], [200.0]],
        "growth": [[2.0], [3.0], [5.0]],
        "count": 3,
    }
    assert outputs(open={"process": process}) == outputs(open={"releases": releases})
    steady = {"first_day": 0.0, "interval_days": 300.0, "growth": 4.0, "count": 9}
    listed = [{"day": 300.0 * k, "expense": 4.0 ** (k + 1) * X} for k in range(3)]
    assert outputs(open={"process": steady}) == outputs(open={"releases": listed})


@pytest.mark.parametrize(("lag", "fraction"), [(0.0, 0.5), (200.0, 1.0), (200.0, 0.02), (math.inf, 1.0)])
def test_the_chase_follows_the_candidate_alone(lag, fraction):
    got = outputs(
        open={"chase": {"lag_days": lag, "fraction": fraction}}, lab={"start_day": 90, "training_days": 10}
    )
    lost = N * max(f(max(fraction * Z, X)) - f(X), 0.0) * max(M - 100 - lag, 0.0)
    assert got["revenue_gain"] == near(N * (M - 100) * (f(Z) - f(Y)) - lost)
    assert got["open_effect"] == near(-lost)


def test_the_contents_of_a_lead_that_suffices():
    got = outputs(lab={"lead_satiation": 0.1})
    satisfied = [0.1 * -math.expm1(-(f(level) - f(X)) / 0.1) for level in (Y, Z)]
    assert got["revenue_gain"] == near(N * M * (satisfied[1] - satisfied[0]))
    assert got["revenue_today"] == near(N * (f(Y) - f(X)))


def test_falling_demand_ends_a_path_when_it_no_longer_pays():
    shrink = math.log(0.5) / YEAR
    cost = 0.6 * N * (f(Y) - f(X))
    got = outputs(
        customers={"growth_rate": -0.5},
        lab={"operating_cost_per_day": cost, "continuation_value": 7e6},
        discount_rate=0.1,
    )
    rate = math.log(1.1) / YEAR
    last = {level: min(math.log(cost / (N * (f(level) - f(X)))) / shrink, M) for level in (Y, Z)}
    assert last[Y] < last[Z] == M
    earned = {level: N * (f(level) - f(X)) * annuity(0, last[level], rate=rate - shrink) for level in (Y, Z)}
    spent = {level: cost * annuity(0, last[level], rate=rate) for level in (Y, Z)}
    assert got["revenue_gain"] == near(earned[Z] - earned[Y])
    assert got["survival_gain"] == near(7e6 * math.exp(-rate * M) - spent[Z] + spent[Y])
    assert float(
        worlds_of(model(customers={"growth_rate": -0.5}, lab={"operating_cost_per_day": cost}))[
            "release"
        ].stay.failure
    ) == near(last[Y])


@pytest.mark.parametrize(("arrival", "saved"), [(K, True), (K + 1, False)])
def test_a_candidate_that_comes_out_on_the_day_of_failure_rescues(arrival, saved):
    cost = 0.1 * N * (f(Y) - f(X))
    lab = {"operating_cost_per_day": cost, "training_days": arrival, "counts_training_cost": True}
    got = outputs(release=(K, 5e8), lab=lab)
    gain = N * (f(Z) - f(5e8)) * (M - K) if saved else 0.0
    assert got["revenue_gain"] == near(gain)
    assert got["survival_gain"] == near(-cost * (M - K) if saved else 0.0)
    assert got["training_cost"] == Z
    late = outputs(release=(K, 5e8), lab=lab | {"start_day": K + 1, "training_days": 0})
    assert late["training_cost"] == late["incentive"] == 0.0


@pytest.mark.parametrize(("start", "free"), [(K - 1, X), (K, X_NEW)])
def test_a_head_start_and_talent_need_a_release_before_training(start, free):
    keys = {"start_day": start, "head_start": 0.3, "talent_elasticity": -0.4, "counts_training_cost": True}
    got = outputs(release=(K, X_NEW), lab=keys)
    assert got["training_cost"] == near((Z - 0.3 * free) * (free / X) ** -0.4)
    assert got["open_effect_training_cost"] == near(got["training_cost"] - (Z - 0.3 * X))
    assert got["incentive"] == near(got["revenue_gain"] - got["training_cost"])
    budget = model(release=(K, X_NEW), lab=keys | {"budget": 2e9})
    del budget["lab"]["candidate_expense"]
    got = reference_incentive(budget)
    assert got["training_cost"] == near(2e9 * (free / X) ** -0.4)
    reached = 2e9 + 0.3 * free
    early = max(K - start, 0) * (f(reached) - f(Y))
    assert got["revenue_gain"] == near(N * (early + (M - max(K, start)) * (f(reached) - f(X_NEW))))


def test_prestige_goes_to_the_strictly_best():
    lab = {"prestige_per_day": 1e4, "training_days": 100.0}
    assert outputs(lab=lab)["prestige_gain"] == 0.0
    got = outputs(release=(K, Y), lab=lab, market={"rivals": [{"expense": Z, "release_day": 500.0}]})
    assert got["prestige_gain"] == near(1e4 * (500 - K))
    assert got["open_effect_prestige_gain"] == near(1e4 * (500 - K))


def test_caution_is_the_step_beyond_the_frontier_on_arrival():
    lab = {"training_days": K, "caution": {"cost": 1e9, "exponent": 1.5}}
    chase = {"chase": {"lag_days": 0.0, "fraction": 1.0}}
    got = outputs(release=(K, X_NEW), lab=lab, open=chase, discount_rate=0.1)
    discount = 1.1 ** (-K / YEAR)
    step, frozen_step = (f(Z) - f(X_NEW)) ** 1.5, (f(Z) - f(Y)) ** 1.5
    assert got["caution_cost"] == near(1e9 * discount * step)
    assert got["open_effect_caution_cost"] == near(1e9 * discount * (step - frozen_step))
    assert outputs(lab=lab, market={"rivals": [{"expense": 9e9, "release_day": K}]})["caution_cost"] == 0.0


def test_the_contest_by_hand():
    strategic = {"prize": 1e9, "win_rate": 0.5, "lead": math.log(5)}
    got = outputs(release=(K, 2e9), lab={"strategic": strategic, "training_days": 100.0})
    rate = 0.5 / YEAR
    # y is nowhere five times the best open model or a fifth of it until x' = 2e9 is more than five times y.
    assert got["strategic_gain"] == near(1e9 * -math.expm1(-rate * (K - 100)))
    lost = outputs(release=(K, 2e9), lab={"strategic": strategic | {"lead": 0.0}, "training_days": M})
    assert lost["strategic_gain"] == 0.0
    soft = outputs(lab={"strategic": strategic | {"softness": 0.7}})
    gains = {}
    for level in (Y, Z):
        win, lose = (
            1 / (1 + math.exp(-(sign * math.log(level / X) - math.log(5)) / 0.7)) for sign in (1, -1)
        )
        gains[level] = 1e9 * win / (win + lose) * -math.expm1(-rate * (win + lose) * M)
    assert soft["strategic_gain"] == near(gains[Z] - gains[Y])


def test_a_halt_takes_the_candidate_back_at_its_hazard():
    hazard = {"halt_rate": 0.8, "open_relief": 0.75}
    got = outputs(release=(K, 2e8), lab={"training_days": 100.0}, regulation=hazard, discount_rate=0.1)
    rate, halt, relieved = math.log(1.1) / YEAR, 0.8 / YEAR, 0.2 / YEAR
    whole = math.exp((rate + halt) * 100 - rate * 100) * annuity(100, K, rate=rate + halt)
    at_release = math.exp(-halt * (K - 100))
    whole += at_release * math.exp(relieved * K) * annuity(K, M, rate=rate + relieved)
    assert got["revenue_gain"] == near(N * (f(Z) - f(Y)) * whole)
    assert got["open_effect"] > 0.0


def test_a_halted_lab_may_not_live():
    cost = 0.5 * N * (f(Z) - f(5e8))
    got = outputs(
        release=(K, 5e8),
        lab={"operating_cost_per_day": cost, "training_days": K, "continuation_value": 3e8},
        regulation={"halt_rate": 0.5},
    )
    lives = annuity(0, M - K, rate=0.5 / YEAR)
    assert got["revenue_gain"] == near(N * (f(Z) - f(5e8)) * lives)
    assert got["survival_gain"] == near(3e8 * math.exp(-0.5 / YEAR * (M - K)) - cost * lives)


def test_the_contest_keeps_its_memory_through_a_halt():
    main, halted, halt, rate = (0.3, 0.2), (0.05, 0.6), 0.4, 0.1

    def slopes(t, state):
        return [
            -(halt + sum(main)) * state[0],
            halt * state[0] - sum(halted) * state[1],
            math.exp(-rate * t) * (main[0] * state[0] + halted[0] * state[1]),
        ]

    direct = solve_ivp(slopes, (0, 7), [0.8, 0.1, 0.0], rtol=1e-12, atol=1e-14).y[:, -1]
    start = (MP.mpf("0.8"), MP.mpf("0.1"), MP.zero)
    pairs = [tuple(MP.mpf(number) for number in pair) for pair in (main, halted)]
    got = contest_after(
        start, MP.mpf(7), halt=MP.mpf(halt), rate=MP.mpf(rate), main=pairs[0], halted=pairs[1]
    )
    direct[:2] *= math.exp(-rate * 7)
    np.testing.assert_allclose([float(number) for number in got], direct, rtol=1e-10)


def test_beliefs_multiply_customers_and_mix_worlds():
    beliefs = {"optimism": 0.5, "inattention": 0.3}
    got = outputs(release=(K, X_NEW), beliefs=beliefs)
    gain, frozen = got["incentive"], got["incentive_frozen"]
    assert frozen == near(N * M * (f(Z) - f(Y)))
    assert got["perceived_incentive"] == near(1.5 * (0.7 * gain + 0.3 * frozen))
    cost = 1.2 * N * (f(Y) - f(X))
    hopeful = outputs(lab={"operating_cost_per_day": cost}, beliefs={"optimism": 0.5})
    assert hopeful["perceived_incentive"] == near(1.5 * N * M * (f(Z) - f(Y)))


def test_parts_add_up_and_releases_that_change_nothing_have_no_effect():
    rng = np.random.default_rng(20261122)
    for _ in range(40):
        whole = random_full_model(rng)
        got = reference_incentive(whole)
        counts = whole["lab"].get("counts_training_cost", True)
        signs = {part: sign for part, sign in PARTS.items() if counts or part != "training_cost"}
        tolerance = 1e-14 * got["scale"]
        assert got["incentive"] == pytest.approx(sum(s * got[p] for p, s in signs.items()), abs=tolerance)
        effect = sum(sign * got[f"open_effect_{part}"] for part, sign in signs.items())
        assert got["open_effect"] == pytest.approx(effect, abs=tolerance)
        assert got["incentive_frozen"] == pytest.approx(got["incentive"] - got["open_effect"], abs=tolerance)
        # Cutting time more finely changes nothing: here by releases below today's open level.
        cuts = [{"day": rng.uniform(0, whole["horizon_days"]), "expense": 1.0} for _ in range(2)]
        finer = whole | {"open": whole["open"] | {"releases": whole["open"].get("releases", []) + cuts}}
        for name, amount in reference_incentive(finer).items():
            assert amount == pytest.approx(
                got[name], rel=0, abs=1e-13 * max(got["scale"], got["perceived_scale"], got["revenue_today"])
            ), name
