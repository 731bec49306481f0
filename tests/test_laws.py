"""Every law against an independent implementation, however it was given, truncated or not."""

import doctest
import importlib
import math
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
from scipy import integrate, stats

import mcrace.laws
from mcrace.errors import StudyError
from mcrace.laws import LAWS, Truncated, build_law
from mcrace.laws.roots import find_root

INF = math.inf
BODY = np.array([0.001, 0.01, 0.05, 0.2, 0.5, 0.7, 0.95, 0.99, 0.999])
TAIL = np.array([1e-9, 1e-7, 1e-5])
EXAMPLES = [(name, spec) for name, family in LAWS.items() for spec in family.examples]
WITH_STEPS = {"discrete", "poisson", "mixture", "empirical"}
CONTINUOUS = [(name, spec) for name, spec in EXAMPLES if name not in WITH_STEPS]
TWO_PARAMETER = [name for name, family in LAWS.items() if family.moments is not None]

AGAINST_SCIPY = [
    ("normal", {"mean": 10, "sd": 2}, stats.norm(10, 2)),
    ("normal", {"mean": -1e6, "sd": 30}, stats.norm(-1e6, 30)),
    ("lognormal", {"median": 158, "sigma": 0.7}, stats.lognorm(0.7, scale=158)),
    ("lognormal", {"mu": 3, "sigma": 2}, stats.lognorm(2, scale=math.exp(3))),
    ("uniform", [0.5, 1.5], stats.uniform(0.5, 1)),
    ("uniform", {"low": -3, "high": 1e6}, stats.uniform(-3, 1e6 + 3)),
    ("loguniform", [1e6, 1e9], stats.loguniform(1e6, 1e9)),
    ("loguniform", [1, 1.5], stats.loguniform(1, 1.5)),
    ("triangular", [1, 2, 10], stats.triang(1 / 9, 1, 9)),
    ("triangular", [0, 0, 3], stats.triang(0, 0, 3)),
    ("triangular", [0, 3, 3], stats.triang(1, 0, 3)),
    ("pert", [0.05, 0.12, 0.35], stats.beta(1 + 4 * 0.07 / 0.3, 1 + 4 * 0.23 / 0.3, 0.05, 0.3)),
    ("pert", {"low": 1, "mode": 1, "high": 4, "shape": 9}, stats.beta(1, 10, 1, 3)),
    ("beta", {"alpha": 2, "beta": 6}, stats.beta(2, 6)),
    ("beta", {"alpha": 0.5, "beta": 0.7}, stats.beta(0.5, 0.7)),
    ("gamma", {"shape": 4, "scale": 2.5}, stats.gamma(4, scale=2.5)),
    ("gamma", {"shape": 0.3, "scale": 1e6}, stats.gamma(0.3, scale=1e6)),
    ("weibull", {"shape": 1.5, "scale": 300}, stats.weibull_min(1.5, scale=300)),
    ("weibull", {"shape": 0.6, "scale": 3}, stats.weibull_min(0.6, scale=3)),
    ("weibull", {"shape": 40, "scale": 3}, stats.weibull_min(40, scale=3)),
    ("exponential", {"mean": 35}, stats.expon(scale=35)),
    ("exponential", {"rate": 0.005}, stats.expon(scale=200)),
    ("student_t", {"df": 5, "mean": 10, "sd": 2}, stats.t(5, 10, 2 * math.sqrt(3 / 5))),
]


def faults_of(name, spec, bounds=None):
    with pytest.raises(StudyError) as caught:
        build_law(name, spec, bounds)
    return caught.value.faults


# --- the numbers of each law


@pytest.mark.parametrize(("name", "spec", "twin"), AGAINST_SCIPY)
def test_law_agrees_with_scipy(name, spec, twin):
    law = build_law(name, spec)
    np.testing.assert_allclose(law.ppf(BODY), twin.ppf(BODY), rtol=1e-9)
    np.testing.assert_allclose(law.isf(BODY), twin.isf(BODY), rtol=1e-9)
    np.testing.assert_allclose(law.ppf(TAIL), twin.ppf(TAIL), rtol=1e-6)
    np.testing.assert_allclose(law.isf(TAIL), twin.isf(TAIL), rtol=1e-6)
    x = twin.ppf(np.concatenate([TAIL, BODY]))
    np.testing.assert_allclose(law.cdf(x), twin.cdf(x), rtol=1e-9, atol=1e-15)
    x = twin.isf(np.concatenate([TAIL, BODY]))
    np.testing.assert_allclose(law.sf(x), twin.sf(x), rtol=1e-9, atol=1e-15)
    assert law.mean == pytest.approx(twin.mean(), rel=1e-11)
    assert law.sd == pytest.approx(twin.std(), rel=1e-9)
    assert law.support == pytest.approx(twin.support())


def test_every_family_is_in_the_table_under_its_own_name():
    assert {name: family.name for name, family in LAWS.items()} == {name: name for name in LAWS}
    for family in LAWS.values():
        assert family.examples, f"{family.name} has no example"
        assert family.meaning
        assert all(parameter.meaning for parameter in family.parameters)
        given = tuple(name for name, field in family.law.__dataclass_fields__.items() if field.init)
        assert family.read is not None or given == family.natural[0].names
        assert family.read is not None or family.natural
    assert LAWS["normal"].ways == LAWS["beta"].ways == ("natural", "moments", "quantiles")
    assert LAWS["pert"].ways == LAWS["student_t"].ways == ("natural", "quantiles")
    assert LAWS["poisson"].ways == LAWS["discrete"].ways == ("natural",)
    with pytest.raises(TypeError):
        LAWS["normal"] = LAWS["beta"]


@pytest.mark.parametrize(("name", "spec"), EXAMPLES)
def test_quantiles_are_ordered_within_the_support_and_undo_the_cdf(name, spec):
    law = build_law(name, spec)
    levels = np.concatenate([TAIL, np.linspace(0.0005, 0.9995, 2000), 1 - TAIL[::-1]])
    values = law.ppf(levels)
    steps = np.diff(values)
    assert np.all(steps >= 0 if name in WITH_STEPS else steps > 0)
    assert np.all((law.support[0] <= values) & (values <= law.support[1]))
    np.testing.assert_allclose(law.isf(1 - BODY), law.ppf(BODY), rtol=1e-9)
    if name not in WITH_STEPS:
        np.testing.assert_allclose(law.cdf(law.ppf(levels)), levels, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(law.sf(law.isf(BODY)), BODY, rtol=1e-9, atol=1e-15)
    ends = np.array(law.support)
    outside = np.array([ends[0] - 1, ends[1] + 1])
    assert law.cdf(outside).tolist() == [0, 1]
    assert law.sf(outside).tolist() == [1, 0]


@pytest.mark.parametrize(("name", "spec"), EXAMPLES)
def test_any_shape_goes_in_and_comes_out(name, spec):
    law = build_law(name, spec)
    grid = np.linspace(0.01, 0.99, 12).reshape(3, 2, 2)
    for levels in (grid, grid.T, np.asarray(0.3), np.array([])):
        for values in (law.ppf(levels), law.isf(levels), law.cdf(levels), law.sf(levels)):
            assert np.shape(values) == levels.shape
            assert values.dtype == np.float64
    np.testing.assert_array_equal(law.ppf(grid).ravel(), law.ppf(grid.ravel()))


@pytest.mark.parametrize(("name", "spec"), [("normal", {"mean": 0, "sd": 3}), ("uniform", [-2, 2])])
def test_symmetric_laws_have_symmetric_tails(name, spec):
    law = build_law(name, spec)
    np.testing.assert_array_equal(law.ppf(TAIL), -law.isf(TAIL))


def test_tails_reach_where_one_minus_u_is_one():
    assert build_law("normal", {"mean": 0, "sd": 1}).isf(np.array(1e-30)) == pytest.approx(
        stats.norm.isf(1e-30)
    )
    assert build_law("lognormal", {"mu": 0, "sigma": 1}).sf(np.array(1e6)) == pytest.approx(
        stats.lognorm(1).sf(1e6)
    )
    assert build_law("weibull", {"shape": 1, "scale": 1}).isf(np.array(1e-30)) == pytest.approx(
        30 * math.log(10)
    )


def test_moments_beyond_floats_are_infinite_and_do_not_fail():
    wide = build_law("lognormal", {"median": 1, "sigma": 50})
    assert (wide.mean, wide.sd) == (INF, INF)
    assert build_law("weibull", {"shape": 0.005, "scale": 1}).mean == INF
    assert wide.ppf(np.array([1 - 1e-16])) > 1e100


def test_discrete_counts_repeated_values_and_drops_weightless_ones():
    law = build_law("discrete", {"values": [5, 1, 5, 2], "weights": [10, 20, 10, 0]})
    assert (law.values, law.weights) == ((1, 5), (0.5, 0.5))
    assert (law.mean, law.sd) == (3, 2)
    np.testing.assert_array_equal(law.ppf(np.array([0.1, 0.5, 0.500001, 0.999])), [1, 1, 5, 5])
    np.testing.assert_array_equal(law.isf(np.array([0.9, 0.5, 0.499999, 1e-12])), [1, 1, 5, 5])
    np.testing.assert_array_equal(law.cdf(np.array([0.9, 1, 4.9, 5])), [0, 0.5, 0.5, 1])
    np.testing.assert_array_equal(law.sf(np.array([0.9, 1, 4.9, 5])), [1, 0.5, 0.5, 0])


def test_discrete_takes_never_as_a_value_and_weights_of_any_scale():
    law = build_law("discrete", {"values": [100, INF], "weights": [1e308, 1e308]})
    assert law.mean == INF
    assert math.isnan(law.sd)
    np.testing.assert_array_equal(law.ppf(np.array([0.3, 0.7])), [100, INF])
    thirds = build_law("discrete", {"values": [0, 1, 2]})
    twin = stats.randint(0, 3)
    assert (thirds.mean, thirds.sd) == pytest.approx((twin.mean(), twin.std()))


# --- the ways to give a law


@pytest.mark.parametrize("name", TWO_PARAMETER)
def test_two_quantiles_are_met(name):
    random = np.random.default_rng(20261122)
    for _ in range(150):
        levels = np.sort(random.choice(np.arange(1, 100), 2, replace=False))
        low, high = np.sort(_random_values(name, random))
        if name == "loguniform" and levels[1] - levels[0] < 5:
            continue
        law = build_law(name, {f"p{levels[0]:02d}": low, f"p{levels[1]:02d}": high})
        np.testing.assert_allclose(law.ppf(levels / 100), [low, high], rtol=1e-9)


def _random_values(name, random):
    if name in ("normal", "uniform"):
        return random.normal(0, 1e3, 2)
    if name == "beta":
        return 1 / (1 + np.exp(random.uniform(-8, 8, 2)))
    return np.exp(random.uniform(-8, 8, 2))


@pytest.mark.parametrize("name", TWO_PARAMETER)
def test_mean_and_sd_are_met(name):
    random = np.random.default_rng(7)
    for _ in range(150):
        mean = math.exp(random.uniform(-8, 8))
        sd = mean * math.exp(random.uniform(-6, 1.5))
        if name == "beta":
            mean = random.uniform(0.001, 0.999)
            sd = math.sqrt(mean * (1 - mean)) * random.uniform(0.001, 0.999)
        law = build_law(name, {"mean": mean, "sd": sd})
        assert (law.mean, law.sd) == pytest.approx((mean, sd), rel=1e-9)


@pytest.mark.parametrize("name", TWO_PARAMETER)
def test_a_law_is_found_again_from_its_own_quantiles_and_moments(name):
    law = build_law(name, LAWS[name].examples[0])
    fields = {field: getattr(law, field) for field in law.__dataclass_fields__}
    p10, p50, p90 = (float(value) for value in law.ppf(np.array([0.1, 0.5, 0.9])))
    for spec in (fields, {"mean": law.mean, "sd": law.sd}, {"p10": p10, "p90": p90, "p50": p50}):
        again = build_law(name, spec)
        assert tuple(getattr(again, field) for field in fields) == pytest.approx(
            tuple(fields.values()), rel=1e-9
        )


def test_a_list_is_the_parameters_in_their_order():
    for name, spec, mapping in [
        ("uniform", (1, 2), {"low": 1, "high": 2}),
        ("loguniform", [1, 2], {"low": 1, "high": 2}),
        ("triangular", [1, 2, 3], {"low": 1, "mode": 2, "high": 3}),
        ("pert", [1, 2, 3], {"low": 1, "mode": 2, "high": 3, "shape": 4}),
    ]:
        assert build_law(name, spec) == build_law(name, mapping)


def test_a_third_quantile_that_is_not_met_is_told_with_what_the_law_gives():
    (fault,) = faults_of("lognormal", {"p05": 50, "p50": 100, "p95": 500})
    assert str(fault) == "lognormal.p50: found 100, expected 158.1, which this lognormal gives"
    assert build_law("lognormal", {"p05": 50, "p50": math.sqrt(50 * 500), "p95": 500}).median > 158
    assert [fault.path for fault in faults_of("normal", {"p10": 0, "p20": 1, "p50": 2, "p90": 9})] == [
        "normal.p20",
        "normal.p50",
    ]
    assert build_law("normal", {"p10": -1, "p50": 0, "p90": 1}).mean == pytest.approx(0, abs=1e-15)


def test_beta_quantiles_reach_beyond_what_scipy_finds():
    levels = 10.0 ** -np.arange(1, 140)
    for alpha, beta in [(4.2, 1.8), (1.02, 0.5), (0.6, 3), (9, 2)]:
        law = build_law("beta", {"alpha": alpha, "beta": beta})
        values = law.ppf(levels)
        assert np.all(np.diff(np.log(values)) < 0)
        np.testing.assert_allclose(law.cdf(values), levels, rtol=1e-6)
        assert not np.isnan(law.isf(levels)).any()


def test_root_is_found_to_full_precision_or_refused():
    assert find_root(lambda x: math.exp(x) - 2, -600, 600) == pytest.approx(math.log(2), rel=1e-15)
    assert find_root(lambda x: x**3, -1, 2) == pytest.approx(0, abs=1e-80)
    assert find_root(lambda x: -1 if x < 0.3 else 1, 0, 1) == pytest.approx(0.3, rel=1e-15)
    with pytest.raises(ValueError, match="sign"):
        find_root(lambda x: x * x + 1, -1, 1)


# --- truncation


TRUNCATIONS = [
    ("normal", {"mean": 0, "sd": 1}, (-1, 2), stats.truncnorm(-1, 2)),
    ("normal", {"mean": 0, "sd": 1}, (5, 6), stats.truncnorm(5, 6)),
    ("normal", {"mean": 0, "sd": 1}, (-INF, -8), stats.truncnorm(-INF, -8)),
    ("normal", {"mean": 3, "sd": 2}, (9, INF), stats.truncnorm(3, INF, 3, 2)),
    ("weibull", {"shape": 1, "scale": 2}, (-INF, 3), stats.truncexpon(1.5, scale=2)),
    ("weibull", {"shape": 1, "scale": 2}, (90, INF), stats.expon(90, 2)),
    ("uniform", [0, 10], (2, 30), stats.uniform(2, 8)),
    ("loguniform", [1, 100], (3, 5), stats.loguniform(3, 5)),
]


@pytest.mark.parametrize(("name", "spec", "bounds", "twin"), TRUNCATIONS)
def test_truncated_law_agrees_with_scipy(name, spec, bounds, twin):
    law = build_law(name, spec, list(bounds))
    assert isinstance(law, Truncated)
    assert law.support == pytest.approx(twin.support())
    levels = np.concatenate([TAIL, BODY])
    np.testing.assert_allclose(law.ppf(levels), twin.ppf(levels), rtol=1e-9)
    np.testing.assert_allclose(law.isf(BODY), twin.isf(BODY), rtol=1e-9)
    x = twin.ppf(BODY)
    np.testing.assert_allclose(law.cdf(x), BODY, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(law.sf(x), 1 - BODY, rtol=1e-9, atol=1e-15)
    assert (law.mean, law.sd) == pytest.approx((twin.mean(), twin.std()), rel=1e-8)


@pytest.mark.parametrize(("name", "spec"), CONTINUOUS)
@pytest.mark.parametrize("levels", [(0.2, 0.9), (1e-6, 2e-6), (0.9999, 0.99999), (0.0, 0.3), (0.6, 1.0)])
def test_any_law_can_be_truncated(name, spec, levels):
    law = build_law(name, spec)
    ends = law.support
    low, high = (float(law.ppf(np.array(level))) if 0 < level < 1 else ends[int(level)] for level in levels)
    held = build_law(name, spec, [low, high])
    values = held.ppf(np.linspace(0.001, 0.999, 500))
    assert np.all(np.diff(values) > 0)
    assert np.all((low <= values) & (values <= high))
    expected = law.ppf(levels[0] + BODY * (levels[1] - levels[0]))
    np.testing.assert_allclose(held.ppf(BODY), expected, rtol=1e-6)
    np.testing.assert_allclose(held.cdf(held.ppf(BODY)), BODY, rtol=1e-6)
    np.testing.assert_allclose(held.sf(held.isf(BODY)), BODY, rtol=1e-6)
    mean, error = _expected(held, lambda x: x)
    assert held.mean == pytest.approx(mean, abs=3 * error + 1e-9 * abs(mean))
    variance, error = _expected(held, lambda x: (x - mean) ** 2)
    assert held.sd**2 == pytest.approx(variance, abs=3 * error + 1e-5 * variance)


def _expected(law, function):
    """Integrate over the logarithm of twice the level, from both ends, as heavy tails need it."""

    def halves(t):
        level = np.asarray(math.exp(-t) / 2)
        return float(function(law.ppf(level)) + function(law.isf(level))) * math.exp(-t) / 2

    return integrate.quad(halves, 0, 300, epsabs=0, epsrel=1e-7, limit=400, points=[1, 5, 20, 60])


def test_moments_across_the_kink_of_a_density():
    law = build_law("triangular", [0, 1, 5], [0.5, 4])
    # by hand: density x / 2.5 up to the mode, (5 - x) / 10 beyond it, and 0.9 between the bounds
    total = (1 - 0.25) / 5 + (16 - 1) / 20
    first = ((1 - 0.125) / 7.5 + (5 * 15 / 2 - 63 / 3) / 10) / total
    second = ((1 - 0.0625) / 10 + (5 * 63 / 3 - 255 / 4) / 10) / total
    assert (law.mean, law.sd) == pytest.approx((first, math.sqrt(second - first**2)), rel=1e-9)


def test_moments_of_a_truncated_lognormal_agree_with_its_partial_expectations():
    sigma, low = 1.3, 2.5
    law = build_law("lognormal", {"mu": 0, "sigma": sigma}, [low, INF])
    tails = [stats.norm.sf(math.log(low) / sigma - power * sigma) for power in range(3)]
    first, second = (math.exp(power**2 * sigma**2 / 2) * tails[power] / tails[0] for power in (1, 2))
    assert (law.mean, law.sd) == pytest.approx((first, math.sqrt(second - first**2)), rel=1e-9)


def test_bounds_that_cut_nothing_leave_the_law_as_it_is():
    for bounds in (None, [-INF, INF], [0, INF], (-5, 1e400)):
        law = build_law("lognormal", {"mu": 1, "sigma": 1}, bounds)
        assert law == build_law("lognormal", {"mu": 1, "sigma": 1})


def test_discrete_law_is_truncated_by_dropping_values():
    law = build_law("discrete", {"values": [1, 2, 3, INF], "weights": [1, 1, 2, 4]}, [2, 1e9])
    assert law.values == (2, 3)
    assert law.weights == pytest.approx((1 / 3, 2 / 3))
    (fault,) = faults_of("discrete", {"values": [1, 2]}, [1.2, 1.8])
    assert (fault.path, fault.found) == ("bounds", "[1.2, 1.8]")


# --- the house


def test_examples_in_docstrings_run():
    for module in pkgutil.iter_modules(mcrace.laws.__path__, "mcrace.laws."):
        assert doctest.testmod(importlib.import_module(module.name)).failed == 0


def test_import_leaves_scipy_alone():
    code = "import sys, mcrace.laws; print(sorted(name for name in sys.modules if name.startswith('scipy')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
