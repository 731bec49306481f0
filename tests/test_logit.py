"""Margin among differentiated sellers: against brute force in 50 digits, pyblp, and closed forms."""

import math

import mpmath
import numba
import numpy as np
import pytest
from scipy.special import wrightomega

from mcrace.compiling import compiled
from mcrace.compiling.numba_code import numba_function
from mcrace.model import logit
from mcrace.model.logit import logit_margin

NEAR = 2e-13


def margin(own, open_value, rivals, differentiation):
    """Margin in plain Python, with room of just the size that is asked for."""
    values = np.array(rivals, dtype=np.float64)
    return logit_margin(
        float(own), float(open_value), values, len(rivals), float(differentiation), np.empty(len(rivals) + 1)
    )


def margins(open_value, sellers, differentiation):
    """Margins of all sellers, each seen as the lab."""
    return [
        margin(own, open_value, [*sellers[:place], *sellers[place + 1 :]], differentiation)
        for place, own in enumerate(sellers)
    ]


def exact_margins(open_value, sellers, differentiation):
    """Margins of all sellers in 50 digits: a root in ln D outside, one in ln v for each seller inside.

    The root is certified: the shares sum to more than 1 just below it, and to less just above it.
    """
    with mpmath.workdps(50):
        scale = mpmath.mpf(float(differentiation))
        f = [mpmath.mpf(float(value)) / scale for value in sellers]
        f_open = mpmath.mpf(float(open_value)) / scale
        standard = max(f_open, sorted(f)[-2]) if len(f) > 1 else f_open
        low = standard - 2
        high = standard + mpmath.log1p(max(max(f) - standard, 0)) + mpmath.log(len(f) + 2) + 1
        root = exact_root(lambda x: excess_share(x, f, f_open), low, high)
        near = mpmath.mpf(10) ** -25
        assert excess_share(root - near, f, f_open)[0] > 0 > excess_share(root + near, f, f_open)[0]
        return [scale * exact_premium(value - 1 - root) for value in f]


def excess_share(x, f, f_open):
    """Logarithm of the sum of all shares at ln D = x, and its slope."""
    premiums = [exact_premium(value - 1 - x) for value in f]
    free = mpmath.exp(f_open - x)
    total = free + sum(v / (1 + v) for v in premiums)
    slope = -free - sum(v / (1 + v) / (1 + v * (1 + v)) for v in premiums)
    return mpmath.log(total), slope / total


def exact_root(function, low, high):
    """Root of a falling function by Newton's method, by halves where that would leave the bracket."""
    x = (low + high) / 2
    for _ in range(400):
        value, slope = function(x)
        low, high = (x, high) if value > 0 else (low, x)
        following = x - value / slope
        if abs(following - x) < mpmath.mpf(10) ** -28:
            return following
        x = following if low < following < high else (low + high) / 2
    raise AssertionError(low, high)


def exact_premium(k):
    """Root v of v + ln v - ln(1 + v) = k. From a ln v right of it: all is convex, Newton's steps fall."""
    z = k if k < 0 else mpmath.log1p(k)
    for _ in range(100):
        v = mpmath.exp(z)
        step = (v + z - mpmath.log1p(v) - k) / (v + 1 / (1 + v))
        z -= step
        if abs(step) < mpmath.mpf(10) ** -30:
            return mpmath.exp(z)
    raise AssertionError(k)


def assert_exact(open_value, sellers, differentiation, near=NEAR):
    found = margins(open_value, sellers, differentiation)
    exact = exact_margins(open_value, sellers, differentiation)
    for one, other in zip(found, exact, strict=True):
        if other < 1e-300:
            assert one == pytest.approx(float(other), abs=1e-300)
        else:
            assert float(abs(one - other) / other) < near, (open_value, sellers, differentiation)


NOTABLE = {
    "alone": (1.0, [2.0], 1.0),
    "alone and ahead": (1.0, [2.0], 1e-3),
    "alone and behind": (2.0, [1.0], 1e-2),
    "ten equal sellers": (1.0, [2.0] * 10, 0.3),
    "ten equal sellers far ahead": (0.0, [1.0] * 10, 1e-6),
    "two equal sellers far ahead": (0.0, [1.0, 1.0], 1e-6),
    "two equal sellers far ahead of a third": (0.0, [3.0, 3.0, 1.0], 1e-2),
    "a hopeless one": (1.0, [1.0, 5.0, 4.5], 0.01),
    "a barely measurable one": (1.0, [1.0, 5.0], 4.0 / 690.0),
    "a hopeless one in a market without hope": (5.0, [0.0, 0.5, 0.1], 5.0 / 640.0),
    "all values zero": (0.0, [0.0, 0.0, 0.0], 0.5),
    "all values equal": (1.7, [1.7, 1.7, 1.7], 1e-9),
    "all values equal, alone": (1.7, [1.7], 1e9),
    "a million apart": (0.0, [1.0, 0.5], 1e-6),
    "a million behind": (1.0, [0.0, 0.5], 1e-6),
    "runners-up compete closely": (0.0, [2.0, 1.0, 1.0 - 1e-12], 1e-12),
    "runner-up close to the open model": (1.0 + 1e-9, [3.0, 1.0, 1.0 + 2e-9], 1e-9),
    "half of the market": (0.0, [2.0 + math.log(2.0)], 1.0),
    "just below half": (0.0, [2.0 + math.log(2.0) - 1e-12], 1.0),
    "just above half": (0.0, [2.0 + math.log(2.0) + 1e-12], 1.0),
    "no open model to speak of": (-1e9, [1.0, 1.0, 0.3], 0.7),
}


@pytest.mark.parametrize("case", NOTABLE.values(), ids=NOTABLE)
def test_notable_markets_are_exact(case):
    assert_exact(*case)


@pytest.mark.parametrize("differentiation", [10.0**power for power in range(-12, 13, 3)])
@pytest.mark.parametrize("sellers", [[2.5], [2.5, 1.5], [1.5, 2.5], [0.5, 2.5, 2.5], [2.0, 2.0, 0.0]])
def test_any_differentiation_is_exact(sellers, differentiation):
    assert_exact(1.0, sellers, differentiation)


def random_market(rng, most=5):
    """Values of order 1 and a differentiation over many decades; values are often equal or close."""
    differentiation = 10.0 ** rng.uniform(-4.0, 3.0)
    values = rng.uniform(0.0, 5.0, int(rng.integers(2, most + 2)))
    if rng.random() < 0.3:
        values = np.round(values)
    if rng.random() < 0.5:
        values = values[0] + rng.uniform(-8.0, 8.0, values.size) * differentiation
    return float(values[0]), [float(value) for value in values[1:]], float(differentiation)


def test_random_markets_are_exact():
    rng = np.random.default_rng(41)
    for _ in range(30):
        assert_exact(*random_market(rng))


@pytest.mark.slow
def test_many_random_markets_are_exact():
    rng = np.random.default_rng(42)
    for _ in range(400):
        assert_exact(*random_market(rng, most=11))


def test_prices_are_best_replies():
    """Hold p = μ / (1 - s) for all sellers at once, straight from prices, without the aggregate."""
    rng = np.random.default_rng(43)
    for _ in range(300):
        open_value, sellers, differentiation = random_market(rng)
        with mpmath.workdps(50):
            scale = mpmath.mpf(differentiation)
            prices = [scale + mpmath.mpf(v) for v in margins(open_value, sellers, differentiation)]
            pulls = [mpmath.exp((value - p) / scale) for value, p in zip(sellers, prices, strict=True)]
            other = mpmath.exp(mpmath.mpf(open_value) / scale)
            for place, price in enumerate(prices):
                rest = other + sum(pulls[:place]) + sum(pulls[place + 1 :])
                # A price's error of 1e-15 moves the share by 1e-15 p / μ: where the seller hardly competes
                # with the rest, the price that it implies is uncertain by as much.
                assert abs(scale * (1 + pulls[place] / rest) / price - 1) < 1e-14 * (2 + price / scale)


@pytest.mark.slow
def test_pyblp_finds_the_same_prices():
    pyblp = pytest.importorskip("pyblp")
    pyblp.options.verbose = False
    rng = np.random.default_rng(44)
    for sellers in range(2, 7):
        values = rng.uniform(0.0, 3.0, sellers)
        open_value, differentiation = float(rng.uniform(0.0, 1.0)), float(rng.uniform(0.3, 2.0))
        places = np.arange(sellers)
        simulation = pyblp.Simulation(
            (pyblp.Formulation("0 + prices + quality"), None, pyblp.Formulation("0 + nothing")),
            {
                "market_ids": np.zeros(sellers),
                "firm_ids": places,
                "clustering_ids": places,
                "quality": (values - open_value) / differentiation,
                "nothing": np.zeros(sellers),
            },
            beta=[-1.0 / differentiation, 1.0],
            gamma=[1.0],
            xi=np.zeros(sellers),
            omega=np.zeros(sellers),
        )
        found = simulation.replace_endogenous(
            costs=np.zeros((sellers, 1)),
            iteration=pyblp.Iteration("simple", {"atol": 1e-14, "max_evaluations": 100_000}),
        ).product_data
        profits = (found.prices * found.shares).ravel()
        assert margins(open_value, list(values), differentiation) == pytest.approx(profits, rel=1e-12)


def test_alone_is_the_closed_form():
    rng = np.random.default_rng(45)
    for _ in range(2000):
        differentiation = 10.0 ** rng.uniform(-12.0, 12.0)
        gap = rng.choice([-1.0, 1.0]) * differentiation * 10.0 ** rng.uniform(-6.0, 2.5)
        expected = differentiation * float(wrightomega(gap / differentiation - 1.0).real)
        assert margin(gap, 0.0, [], differentiation) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("sellers", [2, 3, 4, 10, 50])
def test_equal_sellers_without_an_open_model_share_the_market(sellers):
    expected = 0.25 / (sellers - 1)
    assert margin(1.0, -1e4, [1.0] * (sellers - 1), 0.25) == pytest.approx(expected, rel=1e-14)


def test_differentiation_to_nothing_is_undercutting():
    rng = np.random.default_rng(46)
    for rivals in (0, 1, 2, 5):
        for _ in range(200):
            values = rng.uniform(0.0, 5.0, rivals + 2)
            best_other = float(np.max(values[1:]))
            found = margin(values[0], values[1], list(values[2:]), 1e-12)
            assert found == pytest.approx(max(float(values[0]) - best_other, 0.0), rel=1e-9, abs=1e-10)


def test_beyond_every_digit_it_is_the_limit():
    assert margin(3.0, 1.0, [], 1e-300) == 2.0
    assert margin(3.0, 1.0, [2.5, 0.5], 1e-320) == 0.5
    assert margin(2.5, 1.0, [3.0, 0.5], 1e-300) == 0.0
    assert margin(2.5, 1.0, [3.0, 0.5], 5e-324) == 0.0
    assert margin(1.0, 3.0, [], 5e-324) == 0.0
    assert margin(1.0, 0.0, [], 1e300) == pytest.approx(1e300 * float(wrightomega(-1.0).real), rel=1e-14)


def test_tiny_profits_keep_their_digits():
    """A profit that is representable though the share is not: exp(-720) of 1e12."""
    found = margin(0.0, 720e12, [], 1e12)
    assert math.log(found) == pytest.approx(math.log(1e12) - 721.0, abs=1e-12)
    with mpmath.workdps(30):
        exact = mpmath.mpf(1e12) * mpmath.exp(-721)
        assert abs(found / exact - 1) < 1e-12
    assert margin(0.0, 1.0, [], 1e-6) == 0.0


def test_profit_rises_with_the_own_value_and_falls_with_all_others():
    rng = np.random.default_rng(47)
    for _ in range(500):
        open_value, (own, *rivals), differentiation = random_market(rng)
        found = margin(own, open_value, rivals, differentiation)
        more = differentiation * 10.0 ** rng.uniform(-3.0, 1.0)
        slack = 1.0 + 1e-12
        assert margin(own + more, open_value, rivals, differentiation) * slack >= found
        assert margin(own, open_value + more, rivals, differentiation) <= found * slack
        for place in range(len(rivals)):
            better = [value + more * (other == place) for other, value in enumerate(rivals)]
            assert margin(own, open_value, better, differentiation) <= found * slack
        assert margin(own, open_value, [*rivals, own], differentiation) <= found * slack


def test_the_unit_of_money_changes_nothing():
    """Profits scale with values and differentiation; to the bit where the factor is a power of two."""
    rng = np.random.default_rng(48)
    for _ in range(300):
        open_value, (own, *rivals), differentiation = random_market(rng)
        found = margin(own, open_value, rivals, differentiation)
        scaled = [4.0 * value for value in rivals]
        assert margin(4.0 * own, 4.0 * open_value, scaled, 4.0 * differentiation) == 4.0 * found


def test_only_differences_of_values_count():
    """Whole numbers over a power of two: the shift is exact, and so is the result."""
    rng = np.random.default_rng(49)
    for _ in range(300):
        own, open_value, *rivals = (float(value) / 64.0 for value in rng.integers(0, 1000, 4))
        differentiation = float(10.0 ** rng.uniform(-2.0, 2.0))
        shifted = [value + 1024.0 for value in rivals]
        found = margin(own, open_value, rivals, differentiation)
        assert margin(own + 1024.0, open_value + 1024.0, shifted, differentiation) == found


def test_compiled_gives_the_same_bits():
    rng = np.random.default_rng(51)
    fast = compiled(logit_margin)
    for _ in range(2000):
        open_value, (own, *rivals), differentiation = random_market(rng, most=11)
        if rng.random() < 0.3:
            differentiation = float(10.0 ** rng.uniform(-300.0, 300.0))
        values, room = np.array(rivals, dtype=np.float64), np.empty(len(rivals) + 1)
        slow = margin(own, open_value, rivals, differentiation)
        assert fast(own, open_value, values, len(rivals), differentiation, room) == pytest.approx(
            slow, rel=1e-15, abs=0.0
        )


def test_compiled_allocates_nothing():
    """Compiled anew, since code that comes from disk cannot be looked into."""
    fresh = numba.njit(error_model="numpy", _nrt=False)(numba_function(logit_margin).py_func)
    fresh(2.0, 1.0, np.empty(0), 0, 1.0, np.empty(1))
    (code,) = fresh.inspect_llvm().values()
    assert "_taken" in code
    assert "NRT_" not in code
    assert "malloc" not in code


def test_it_reads_and_writes_no_more_than_it_says():
    values, room = np.array([1.8, 1.5, math.nan]), np.full(5, -7.0)
    found = logit_margin(2.0, 1.0, values, 2, 0.3, room)
    assert found == margin(2.0, 1.0, [1.8, 1.5], 0.3)
    assert values[:2].tolist() == [1.8, 1.5]
    assert room[3:].tolist() == [-7.0, -7.0]


def counted_sums(monkeypatch):
    """Count the sums of shares that are evaluated, the bulk of the work."""
    count = [0]
    plain = logit._taken

    def counting(*arguments):
        count[0] += 1
        return plain(*arguments)

    monkeypatch.setattr(logit, "_taken", counting)
    return count


def test_few_sums_are_needed(monkeypatch):
    rng = np.random.default_rng(52)
    count = counted_sums(monkeypatch)
    most, total, trials = 0, 0, 3000
    for trial in range(trials):
        open_value, (own, *rivals), differentiation = random_market(rng, most=11)
        if trial % 3 == 0:
            differentiation = float(10.0 ** rng.uniform(-12.0, 12.0))
        count[0] = 0
        assert margin(own, open_value, rivals, differentiation) >= 0.0
        most, total = max(most, count[0]), total + count[0]
    assert most <= 6
    assert total < 4 * trials


def test_the_bracket_alone_finds_the_same(monkeypatch):
    """Were Newton's method to fail, halving the bracket would do: here from the first step on."""
    rng = np.random.default_rng(53)
    markets = [random_market(rng) for _ in range(50)]
    expected = [margins(*market) for market in markets]
    monkeypatch.setattr(logit, "_FREE_TURNS", 0)
    count = counted_sums(monkeypatch)
    for market, values in zip(markets, expected, strict=True):
        assert margins(*market) == pytest.approx(values, rel=1e-11, abs=1e-300)
    assert count[0] > 50 * 10


def test_work_is_bounded(monkeypatch):
    """However few steps are granted, there is a number in the end, and near."""
    rng = np.random.default_rng(54)
    for _ in range(100):
        open_value, (own, *rivals), differentiation = random_market(rng)
        expected = margin(own, open_value, rivals, differentiation)
        with monkeypatch.context() as patch:
            patch.setattr(logit, "_TURNS", 1)
            assert margin(own, open_value, rivals, differentiation) == pytest.approx(expected, rel=0.5)


def test_a_step_out_of_the_bracket_is_not_taken():
    assert logit._kept(3.0, 1.0, 4.0, 0) == 3.0
    assert logit._kept(5.0, 1.0, 4.0, 0) == 2.0
    assert logit._kept(math.nan, 1.0, 4.0, 0) == 2.0
    assert logit._kept(-1.0, 1.0, 4.0, 0) == 2.0


def test_a_poor_start_ends_well():
    weight = np.array([math.exp(-1.0), 0.0])
    near = logit._dominated(3.0, math.inf, 3.0, weight, 1, 0.5, 0.5 + weight[0])
    far = logit._dominated(0.1, math.inf, 3.0, weight, 1, 0.5, 0.5 + weight[0])
    assert far == pytest.approx(near, rel=1e-12)


def test_no_number_in_no_number_out():
    """Bounded work and no exception, whatever is given."""
    fast = compiled(logit_margin)
    for place in range(4):
        market = [2.0, 1.0, 1.5, 1.8]
        market[place] = math.nan
        assert math.isnan(margin(*market[:2], market[2:], 1.0))
        assert math.isnan(fast(*market[:2], np.array(market[2:]), 2, 1.0, np.empty(3)))
    assert margin(math.inf, 1.0, [2.0], 1.0) == math.inf
    assert margin(2.0, 1.0, [math.inf], 1.0) == pytest.approx(0.0, abs=1e-290)


def test_share_is_exact():
    with mpmath.workdps(40):
        for t in [*np.geomspace(1e-300, 1e-3, 50), *np.linspace(1e-3, 1.365, 400)]:
            v = exact_premium(mpmath.log(mpmath.mpf(float(t))))
            assert abs(logit._share(float(t)) * (1 + v) / v - 1) < 1e-15
    assert logit._share(0.0) == 0.0
    assert logit._share(0.5 * math.e) == pytest.approx(0.5, rel=1e-15)
