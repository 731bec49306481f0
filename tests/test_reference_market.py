"""The slow twin's value, demand and market, each mechanism alone, against what a hand computes."""

import math
from itertools import pairwise

import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import lambertw

from tests import closed_forms
from tests.reference_flows import demand_integral
from tests.reference_market import logit_shares, margin
from tests.reference_paths import customers_on
from tests.reference_plain import X_NEW, YEAR, K, M, N, X, Y, Z, f, model, near, outputs
from tests.reference_value import MP, satiated


@pytest.mark.parametrize("spread", [0.05, 0.6, 2.0])
@pytest.mark.parametrize("value", [0.01, 0.7, 1.0, 30.0])
def test_satiation_is_the_mean_of_the_smaller(spread, value):
    # E[min(v, u)] is the integral of P(u > t) from 0 to v.
    direct = quad(
        lambda t: math.erfc(math.log(t / 0.8) / spread / math.sqrt(2)) / 2,
        0.0,
        value,
        points=[0.5 * min(0.8, value), min(0.8, 0.9 * value)],
        epsabs=1e-13,
        limit=500,
    )[0]
    assert float(satiated(MP.mpf(value), {"median": 0.8, "spread": spread})) == pytest.approx(
        direct, rel=1e-10
    )


def test_satiation_without_spread_is_the_smaller_and_it_enters_the_margin():
    assert satiated(MP.mpf(3), {"median": 2.0}) == 2
    assert satiated(MP.mpf(1), {"median": 2.0}) == 1
    got = outputs(release=(K, 5e8), value={"satiation": {"median": (f(Z) + f(Y)) / 2}})
    assert got["revenue_gain"] == near(N * (K * (f(Z) - f(Y)) / 2 + (M - K) * ((f(Z) + f(Y)) / 2 - f(5e8))))


@pytest.mark.parametrize("rate", [-0.002, 0.0, 0.001])
def test_logistic_demand_is_integrated(rate):
    whole = model(customers={"growth_rate": 0.8, "ceiling": 4e6})
    growth = math.log(1.8) / YEAR

    def demand(t):
        return 4e6 / (1 + 3 * math.exp(-growth * t))

    got = float(demand_integral(whole, MP.one, MP.mpf(rate), MP.mpf(10), MP.mpf(3000)))
    assert got == pytest.approx(
        quad(lambda t: demand(t) * math.exp(rate * t), 10, 3000, epsrel=1e-13)[0], rel=1e-12
    )
    if rate == 0.0:
        exact = 4e6 / growth * math.log((math.exp(3000 * growth) + 3) / (math.exp(10 * growth) + 3))
        assert got == pytest.approx(exact, rel=1e-14)
    assert float(customers_on(whole, MP.mpf(100), MP.mpf(2))) == pytest.approx(2 * demand(100), rel=1e-15)


def test_quadrature_has_all_its_digits():
    whole = model(customers={"growth_rate": 2.0, "ceiling": 4e7})
    cuts = [MP.mpf(day) for day in (0, 17, 400, 2100, 4000)]
    rate = MP.mpf(-0.003)
    parts = MP.fsum(demand_integral(whole, MP.one, rate, low, high) for low, high in pairwise(cuts))
    assert abs(demand_integral(whole, MP.one, rate, cuts[0], cuts[-1]) / parts - 1) < MP.mpf("1e-25")


def test_a_ceiling_at_the_count_is_constant_demand():
    plain = outputs(release=(K, X_NEW))["revenue_gain"]
    assert outputs(release=(K, X_NEW), customers={"growth_rate": 0.5, "ceiling": N})["revenue_gain"] == near(
        plain
    )


@pytest.mark.parametrize("elasticity", [0.3, -0.2, -1.0])
def test_the_ecosystem_multiplies_the_customers(elasticity):
    got = outputs(release=(K, 2e8), customers={"open_elasticity": elasticity})
    times = max(1 + elasticity * math.log(2), 0.0)
    step = N * (f(Z) - f(Y))
    assert got["revenue_gain"] == near(step * (K + (M - K) * times))
    assert got["open_effect_revenue_gain"] == near(step * (M - K) * (times - 1))


@pytest.mark.parametrize("overlap", [0.0, 0.4, 1.0])
def test_undercutting(overlap):
    rivals = [{"expense": 2e8, "release_day": K}, {"expense": 1e8, "head_start": 0.5}]
    got = outputs(market={"conduct": "undercutting", "overlap": overlap, "rivals": rivals})
    early = f(Y) - ((1 - overlap) * f(X) + overlap * f(1.5e8))
    assert got["revenue_today"] == near(N * early)
    assert got["revenue_gain"] == near(N * M * (f(Z) - f(Y)))
    beaten = outputs(market={"conduct": "undercutting", "rivals": [{"expense": Y, "release_day": K}]})
    assert beaten["revenue_gain"] == near(N * (K * (f(Z) - f(Y)) + (M - K) * (f(Z) - f(Y))))
    equal = outputs(market={"conduct": "undercutting", "rivals": [{"expense": Y}]})
    assert equal["revenue_today"] == closed_forms.undercutting_equals() == 0.0


@pytest.mark.parametrize("firms", [1, 2, 5])
def test_cournot_divides_by_the_sellers(firms):
    got = outputs(
        release=(K, X_NEW), market={"conduct": "cournot", "firms": firms, "rivals": [{"expense": 9e9}]}
    )
    alone = outputs(release=(K, X_NEW))
    for name in ("revenue_gain", "open_effect", "revenue_today"):
        assert got[name] == near(alone[name] * 4 / (firms + 1) ** 2)


@pytest.mark.parametrize("lead", [-30.0, -1.0, 0.0, 0.5, 3.0, 50.0, 600.0])
def test_logit_alone_is_lambert(lead):
    assert float(logit_shares([MP.mpf(lead)])[0]) == pytest.approx(
        float(lambertw(math.exp(lead - 1)).real), rel=1e-13
    )


@pytest.mark.parametrize("values", [[1.0, 0.5], [-2.0, 3.0, 3.0], [0.0] * 5, [8.0, 7.0, 0.0], [-40.0, -50.0]])
def test_logit_prices_are_best_replies(values):
    prices = [1 + float(odds) for odds in logit_shares([MP.mpf(value) for value in values])]
    for j, value in enumerate(values):
        others = 1 + sum(
            math.exp(v - p) for i, (v, p) in enumerate(zip(values, prices, strict=True)) if i != j
        )

        def earned(log_price, value=value, others=others):
            weight = math.exp(value - math.exp(log_price))
            return -math.exp(log_price) * weight / (weight + others) * math.exp(max(-value, 0.0))

        reply = minimize_scalar(earned, bounds=(-2.0, 5.0), method="bounded", options={"xatol": 1e-10})
        assert math.exp(reply.x) == pytest.approx(prices[j], rel=1e-6)


@pytest.mark.parametrize(("values", "limit"), [([3e6, 1e6, 2e6], 1e6), ([7e8], 7e8), ([2e6, 3e6], 0.0)])
def test_logit_without_differentiation_is_undercutting(values, limit):
    odds = float(logit_shares([MP.mpf(value) for value in values])[0])
    assert odds == pytest.approx(limit, rel=1e-4, abs=1e-4)


def test_logit_leaves_out_a_rival_that_is_not_there_yet():
    market = {"conduct": "logit", "differentiation": 0.03}
    rival = {"expense": 1e9, "release_day": K}
    with_rival = outputs(market=market | {"rivals": [rival]})
    alone, always = (
        outputs(market=market | {"rivals": rivals})["revenue_gain"] for rivals in ([], [{"expense": 1e9}])
    )
    assert with_rival["revenue_gain"] == near(alone * K / M + always * (M - K) / M)
    w = [float(lambertw(math.exp((f(level) - f(X)) / 0.03 - 1)).real) for level in (Y, Z)]
    assert alone == near(N * M * 0.03 * (w[1] - w[0]))


def test_niches_are_a_weighted_mean_of_aptitudes():
    niches = [
        {"name": "code", "share": 3.0, "lab_aptitude": 2.0, "open_aptitude": 0.5},
        {"name": "chat", "share": 1.0, "lab_aptitude": 0.1, "open_aptitude": 4.0, "rival_aptitude": 3.0},
    ]
    got = outputs(
        niches={"list": niches, "substitution": 0.25},
        market={"conduct": "undercutting", "rivals": [{"expense": 4e8}]},
    )
    code = f(2 * Y) - max(f(4e8), f(X))
    chat = max(f(0.5 * Y) - max(f(12e8), f(4 * X)), 0.0)
    assert got["revenue_today"] == near(N * (3 * code + chat) / 4)
    assert chat == 0.0


def test_part_of_the_open_model_counts():
    got = outputs(release=(K, X_NEW), market={"open_substitutability": 0.5})
    assert got["revenue_today"] == near(N * (f(Y) - f(X) / 2))
    assert got["revenue_gain"] == near(N * M * (f(Z) - f(Y)))  # half of x' is below y: no floor is reached


def test_margins_are_separable_from_the_captured_share():
    shared = model(customers={"valuation_spread": 1.0})
    assert float(margin(shared, Z, X, ())) == pytest.approx(0.313 * (f(Z) - f(X)), rel=2e-3)
