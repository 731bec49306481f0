"""Laws whose quantiles are looked up: how near they come to the exact ones; and the laws on whole numbers."""

import math
import subprocess
import sys
from dataclasses import dataclass

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from scipy.special import ndtr

from mcrace.errors import StudyError
from mcrace.laws import LAWS, Truncated, build_law, describe, law_schema
from mcrace.laws.beta import Beta
from mcrace.laws.gamma import Gamma
from mcrace.laws.inverse import _pieces, fast_isf, fast_ppf
from mcrace.laws.normal_quantile import standard_quantile
from mcrace.laws.pert import Pert
from mcrace.laws.pieces import REACH
from mcrace.laws.poisson import Poisson
from mcrace.laws.student_t import StudentT
from mcrace.laws.truncated import truncate
from mcrace.nomenclature import KEYS
from mcrace.study.terms import parse_term, support_fault

INF = math.inf
TAILS = 10.0 ** -np.concatenate([np.arange(1.0, 17.0), [20.0, 30.0, 60.0, 120.0]])
DRAWS = np.sort(np.random.default_rng(20261122).random(4000))
FAR = ndtr(np.linspace(-8.2, 8.2, 4001)).clip(2.0**-53, 1 - 2.0**-53)

SMOOTH = [
    Gamma(4.0, 2.5),
    Gamma(0.3, 1e6),
    Gamma(0.05, 1.0),
    Gamma(400.0, 1.0),
    Beta(2.0, 6.0),
    Beta(0.5, 0.7),
    Beta(0.1, 0.1),
    Beta(50.0, 3.0),
    Beta(1e5, 3e5),
    Pert(low=0.05, mode=0.12, high=0.35),
    Pert(low=0.0, mode=0.0, high=1.0),
    Pert(low=0.0, mode=1.0, high=4.0, shape=100.0),
    truncate(Gamma(4.0, 2.5), 2.0, 20.0),
    truncate(Gamma(4.0, 2.5), 60.0, INF),
    truncate(Beta(2.0, 6.0), 0.3, 0.4),
]
ANY_SIGN = [
    StudentT(4.0, 0.0, 1.0),
    StudentT(1.0, 5.0, 2.0),
    StudentT(0.2, 0.0, 1.0),
    StudentT(1e6, -3.0, 1.0),
    Pert(low=-1.0, mode=0.1, high=3.0),
    truncate(StudentT(2.0, 0.0, 1.0), -1.0, INF),
]


def error(law, found, exact):
    """Relative to the value for laws above 0, to the value and the spread for others."""
    spread = 0.0
    if law.support[0] < 0:
        low, high = law.exact_ppf(np.array([0.16, 0.84]))
        spread = (high - low) / 2
    normal = np.abs(exact) + spread > 1e-290  # what underflows has no digits to lose
    return float(np.max(np.where(normal, np.abs(found - exact) / (np.abs(exact) + spread + 1e-300), 0.0)))


@pytest.mark.parametrize("law", SMOOTH + ANY_SIGN, ids=describe)
def test_looked_up_quantiles_are_the_exact_ones(law):
    for levels in (DRAWS, FAR, TAILS):
        assert error(law, law.ppf(levels), law.exact_ppf(levels)) < 1e-11
        upper = levels[levels <= 0.5]  # where the exact one is precise too
        assert error(law, law.isf(upper), law.exact_isf(upper)) < 1e-11


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    first=some.floats(math.log(0.02), math.log(1e5)),
    second=some.floats(math.log(0.02), math.log(1e5)),
    family=some.sampled_from(["gamma", "beta", "pert", "student_t"]),
)
def test_any_shape_meets_the_bound_and_rises(first, second, family):
    a, b = math.exp(first), math.exp(second)
    law = {
        "gamma": lambda: Gamma(a, b),
        "beta": lambda: Beta(a, b),
        "pert": lambda: Pert(low=0.0, mode=a / (a + b), high=1.0, shape=a),
        "student_t": lambda: StudentT(max(a, 0.2), b, 1.0),
    }[family]()
    for levels in (DRAWS, FAR, TAILS[:16]):
        assert error(law, law.ppf(levels), law.exact_ppf(levels)) < 1e-9
    for levels in (DRAWS, FAR):
        assert np.diff(law.ppf(levels)).min() >= 0


@pytest.mark.parametrize("law", SMOOTH + ANY_SIGN, ids=describe)
def test_quantiles_never_step_back(law):
    assert np.diff(law.ppf(np.linspace(1e-6, 1 - 1e-6, 200_001))).min() >= 0
    # the floats next to the ends of pieces
    pieces = _pieces(law).count
    ends = ndtr(np.arange(-round(8 * pieces), round(8 * pieces) + 1) / pieces)
    around = [ends]
    for direction in (0.0, 1.0):
        for _ in range(4):
            around.append(np.nextafter(around[-1] if len(around) % 4 else ends, direction))
    levels = np.unique(np.concatenate(around))
    # but for a few ulps by which the normal law's own quantile steps back now and then
    scores = standard_quantile(levels)
    rising = np.diff(scores) >= 0
    assert np.all(np.diff(scores) >= -4 * np.spacing(np.abs(scores[1:])))
    assert np.all(np.diff(law.ppf(levels))[rising] >= 0)
    assert rising.sum() > 0.995 * len(rising)


def test_quantiles_agree_with_an_independent_computation_in_many_digits():
    mpmath.mp.dps = 40
    cases = [
        (Gamma(4.0, 2.5), lambda x: mpmath.gammainc(4, 0, x / 2.5, regularized=True)),
        (Gamma(0.3, 1.0), lambda x: mpmath.gammainc(mpmath.mpf(0.3), 0, x, regularized=True)),
        (Beta(2.0, 6.0), lambda x: mpmath.betainc(2, 6, 0, x, regularized=True)),
        (Beta(0.5, 0.7), lambda x: mpmath.betainc(0.5, mpmath.mpf(0.7), 0, x, regularized=True)),
        (StudentT(4.0, 0.0, 1.0), lambda x: _t_share(mpmath.mpf(4), x)),
        (StudentT(1.5, 0.0, 1.0), lambda x: _t_share(mpmath.mpf(1.5), x)),
    ]
    for law, share in cases:
        for level, allowed in ((1e-9, 1e-10), (1e-4, 1e-11), (0.03, 1e-11), (0.4, 1e-11), (0.97, 1e-11)):
            value = mpmath.mpf(float(law.ppf(np.array(level))))
            slope = (share(value * (1 + mpmath.mpf(10) ** -12)) - share(value)) / (abs(value) * 1e-12)
            assert abs((share(value) - level) / slope / value) < allowed


def _t_share(df, x):
    half = mpmath.betainc(df / 2, mpmath.mpf(0.5), 0, df / (df + x * x), regularized=True) / 2
    return half if x < 0 else 1 - half


def test_value_at_a_level_depends_on_nothing_else():
    law = Gamma(2.2, 1.0)
    together = law.ppf(DRAWS)
    np.testing.assert_array_equal(together[::-1], law.ppf(DRAWS[::-1]))
    np.testing.assert_array_equal(together[1234:1240], law.ppf(DRAWS[1234:1240]))
    long = np.tile(DRAWS, 5)
    np.testing.assert_array_equal(np.tile(together, 5), law.ppf(long))
    np.testing.assert_array_equal(law.ppf(long.reshape(4, 10, -1)).ravel(), law.ppf(long))
    _pieces.cache_clear()
    np.testing.assert_array_equal(together, law.ppf(DRAWS))
    assert float(law.ppf(np.asarray(0.5))) == law.ppf(np.array([0.5]))[0]


@dataclass(frozen=True, slots=True)
class Rough:
    """Kinks at 30 and 40 %, an atom from there to 50 %, a gap at 70 %, and never from 95 % on."""

    low: float

    @property
    def support(self):
        return self.low, INF

    def exact_ppf(self, u):
        parts = [u < 0.3, u < 0.4, u < 0.5, u < 0.7, u < 0.95]
        return np.select(
            parts, [self.low + u, self.low + 4 * u - 0.9, self.low + 0.7 + 0 * u, 9 + u, 50 + u], INF
        )

    def exact_isf(self, u):
        return self.exact_ppf(1 - u)


@pytest.mark.parametrize("low", [1.0, -0.5])
def test_kinks_gaps_atoms_and_never_are_exact(low):
    law = Rough(low)
    for levels in (DRAWS, FAR, 1 - TAILS):
        found, exact = fast_ppf(law, levels), law.exact_ppf(levels)
        np.testing.assert_array_equal(np.isinf(found), np.isinf(exact))
        np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(fast_isf(law, levels), law.exact_isf(levels), rtol=1e-9, atol=1e-11)
    found = fast_ppf(law, np.linspace(0.0001, 0.949, 100_001))
    assert np.diff(found).min() >= 0
    assert (found == low + 0.7).sum() >= 9_000
    # only the smallest pieces at the jumps are left to the exact quantile
    pieces = _pieces(law)
    left = np.isnan(pieces.levels[0].coefficients[0][1:-1])
    shares = np.diff(ndtr(np.linspace(-REACH, REACH, len(left) + 1)))
    assert 0 < shares[left].sum() < 0.02
    assert 6 <= np.isnan(pieces.levels[-1].coefficients[0][:-1]).sum() <= 10


def test_looking_up_needs_no_compiler():
    code = (
        "import sys, numpy as np; from mcrace.laws import build_law;"
        "build_law('beta', {'alpha': 2, 'beta': 6}).ppf(np.array([0.3])); print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- the new laws


@pytest.mark.parametrize(
    ("name", "spec", "twin"),
    [
        ("exponential", {"mean": 200}, stats.expon(scale=200)),
        ("exponential", {"rate": 4}, stats.expon(scale=0.25)),
        ("student_t", {"df": 4, "location": 1, "scale": 2}, stats.t(4, 1, 2)),
        ("student_t", {"df": 0.8, "location": 0, "scale": 1}, stats.t(0.8)),
        ("student_t", {"df": 30, "mean": -5, "sd": 3}, stats.t(30, -5, 3 * math.sqrt(28 / 30))),
        ("student_t", {"df": 1e5, "location": 0, "scale": 1}, stats.t(1e5)),
    ],
)
def test_new_law_agrees_with_scipy(name, spec, twin):
    law = build_law(name, spec)
    body, tail = np.array([0.001, 0.05, 0.3, 0.5, 0.7, 0.99]), np.array([1e-9, 1e-7, 1e-5])
    centre = float(law.ppf(np.asarray(0.5)))
    np.testing.assert_allclose(law.ppf(body), twin.ppf(body), rtol=1e-9, atol=1e-12 * (1 + abs(centre)))
    np.testing.assert_allclose(law.ppf(tail), twin.ppf(tail), rtol=1e-6)
    np.testing.assert_allclose(law.isf(tail), twin.isf(tail), rtol=1e-6)
    x = twin.ppf(np.concatenate([tail, body]))
    np.testing.assert_allclose(law.cdf(x), twin.cdf(x), rtol=1e-8, atol=1e-15)
    np.testing.assert_allclose(law.sf(x), twin.sf(x), rtol=1e-8, atol=1e-15)
    if name == "exponential" or law.df > 2:
        assert (law.mean, law.sd) == pytest.approx((twin.mean(), twin.std()))


def test_exponential_takes_any_one_quantile_and_meets_more():
    for level in (1, 50, 99):
        law = build_law("exponential", {f"p{level:02d}": 7.0})
        assert float(law.ppf(np.array(level / 100))) == pytest.approx(7.0, rel=1e-12)
    (fault,) = faults_of("exponential", {"p50": 1, "p90": 9})
    assert str(fault) == "exponential.p90: found 9, expected 3.322, which this exponential gives"


def faults_of(name, spec, bounds=None):
    with pytest.raises(StudyError) as caught:
        build_law(name, spec, bounds)
    return caught.value.faults


def test_student_t_takes_two_quantiles_beside_its_degrees_of_freedom():
    random = np.random.default_rng(3)
    for _ in range(50):
        levels = np.sort(random.choice(np.arange(1, 100), 2, replace=False))
        low, high = np.sort(random.normal(0, 100, 2))
        df = math.exp(random.uniform(-1, 8))
        law = build_law("student_t", {"df": df, f"p{levels[0]:02d}": low, f"p{levels[1]:02d}": high})
        assert law.df == df
        np.testing.assert_allclose(law.ppf(levels / 100), [low, high], rtol=1e-9, atol=1e-9 * (high - low))
    for spec, path in [
        ({"p05": 1, "p95": 2}, "student_t"),
        ({"df": 0, "p05": 1, "p95": 2}, "student_t.df"),
        ({"df": 2, "mean": 1, "sd": 2}, "student_t.df"),
        ({"df": 3, "scale": 1, "p05": 1, "p95": 2}, "student_t"),
    ]:
        assert [fault.path for fault in faults_of("student_t", spec)] == [path]


def test_student_t_says_which_moments_it_has():
    heavy, finite_mean = (build_law("student_t", {"df": df, "location": 2, "scale": 1}) for df in (1, 2))
    assert math.isnan(heavy.mean)
    assert math.isnan(heavy.sd)
    assert (finite_mean.mean, finite_mean.sd) == (2, INF)


@pytest.mark.parametrize("name", ["triangular", "pert"])
def test_three_quantiles_make_a_law_with_two_ends_and_a_mode(name):
    random = np.random.default_rng(11)
    for _ in range(40):
        low, mode, high = np.sort(random.normal(0, 10, 3))
        shape = {"shape": math.exp(random.uniform(-1, 3))} if name == "pert" and random.random() < 0.5 else {}
        twin = build_law(name, {"low": low, "mode": mode, "high": high, **shape})
        levels = np.sort(random.choice(np.arange(1, 100), 3, replace=False))
        values = twin.ppf(levels / 100)
        spec = {f"p{level:02d}": value for level, value in zip(levels, values, strict=True)}
        law = build_law(name, {**spec, **shape})
        np.testing.assert_allclose(law.ppf(levels / 100), values, rtol=1e-6, atol=1e-6 * (high - low))
    (fault,) = faults_of(name, {"p05": 1, "p50": 9, "p95": 10})
    assert fault.path == f"{name}.p50"
    assert fault.expected.endswith(f"which this {name} gives")


@pytest.mark.parametrize("mean", [0.001, 0.7, 3.0, 40.0, 5e3, 1e6])
def test_poisson_agrees_with_scipy(mean):
    law, twin = build_law("poisson", {"mean": mean}), stats.poisson(mean)
    levels = np.concatenate([DRAWS, FAR[FAR > 1e-14]])
    found = law.ppf(levels)
    assert np.array_equal(found, np.floor(found))
    # the definition, on the law's own probabilities; from above, where these are precise
    low = levels < 0.4
    assert np.all(law.cdf(found)[low] >= levels[low])
    assert np.all((found[low] == 0) | (law.cdf(found - 1)[low] < levels[low]))
    assert np.all(law.sf(found)[~low] <= 1 - levels[~low] + 2e-16)
    assert np.all((found[~low] == 0) | (law.sf(found - 1)[~low] > 1 - levels[~low] - 2e-16))
    body = (levels > 1e-6) & (levels < 1 - 1e-6)
    np.testing.assert_array_equal(found[body], twin.ppf(levels[body]))
    counts = np.unique(found)
    np.testing.assert_allclose(law.cdf(counts), twin.cdf(counts), rtol=1e-7)
    np.testing.assert_allclose(law.sf(counts), twin.sf(counts), rtol=1e-6, atol=1e-17)
    upper = law.isf(TAILS)
    assert np.all(law.sf(upper) <= TAILS)
    assert np.all((upper == 0) | (law.sf(upper - 1) > TAILS))
    assert (law.mean, law.sd) == pytest.approx((twin.mean(), twin.std()))


def test_poisson_within_bounds_stays_whole():
    law = build_law("poisson", {"mean": 2}, [0.3, 4.9])
    assert isinstance(law, Truncated)
    assert law.support == (1, 4)
    twin = stats.poisson(2)
    weights = twin.pmf([1, 2, 3, 4]) / twin.pmf([1, 2, 3, 4]).sum()
    edges = np.cumsum(weights)[:-1]
    np.testing.assert_array_equal(law.ppf(np.append(edges - 1e-9, 1 - 1e-9)), [1, 2, 3, 4])
    np.testing.assert_array_equal(law.ppf(edges + 1e-9), [2, 3, 4])
    np.testing.assert_allclose(law.cdf(np.array([0.5, 1, 1.5, 3, 9])), [0, *weights[[0, 0]], edges[2], 1])
    mean = float(weights @ [1, 2, 3, 4])
    assert law.mean == pytest.approx(mean)
    assert law.sd == pytest.approx(math.sqrt(float(weights @ (np.array([1, 2, 3, 4]) - mean) ** 2)))
    assert describe(law) == "poisson(mean=2) within [1, 4]"
    assert [fault.path for fault in faults_of("poisson", {"mean": 2}, [1.2, 1.8])] == ["bounds"]
    assert build_law("poisson", {"mean": 2}, [-3, INF]) == Poisson(2.0)


def test_poisson_may_stand_where_whole_numbers_are_asked_for():
    firms = KEYS["market.firms"]
    law = parse_term({"poisson": {"mean": 3}, "bounds": [1, INF]}, firms)
    assert support_fault(law, firms) is None
    with pytest.raises(StudyError, match="bounds"):
        parse_term({"poisson": {"mean": 3}}, firms)
    with pytest.raises(StudyError, match="not whole"):
        parse_term({"exponential": {"mean": 3}, "bounds": [1, INF]}, firms)


def test_schema_names_what_stands_beside_quantiles():
    shapes = law_schema()["properties"]["student_t"]["anyOf"]
    assert any(shape.get("required") == ["df"] and "patternProperties" in shape for shape in shapes)
    assert all(family.examples for family in LAWS.values())
