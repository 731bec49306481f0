"""Every law of the table against implementations that share no code with it, and what any law must be."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from scipy import integrate, optimize, special, stats

from mcrace.errors import StudyError
from mcrace.laws import LAWS, build_law, truncate
from mcrace.laws.mixture import atoms_of, mix, shares_of

INF = math.inf
BODY = np.array([0.001, 0.013, 0.05, 0.21, 0.49, 0.5, 0.73, 0.95, 0.987, 0.999])
TAIL = np.array([1e-9, 1e-7, 1e-5])


# --- twins for what scipy lacks


@dataclass(frozen=True)
class Sample:
    """NumPy's own quantiles of a weighted sample, whose definitions are those of Hyndman and Fan."""

    values: tuple
    weights: tuple | None = None
    method: str = "inverted_cdf"

    def ppf(self, levels):
        return np.quantile(self.values, levels, weights=self.weights, method=self.method)

    def isf(self, levels):
        return self.ppf(1 - levels)

    def mean(self):
        if self.method == "linear":
            return integrate.quad(self.ppf, 0, 1, limit=500, points=self._kinks())[0]
        return np.average(self.values, weights=self.weights)

    def std(self):
        mean = self.mean()
        if self.method == "linear":
            square = integrate.quad(
                lambda u: (self.ppf(u) - mean) ** 2, 0, 1, limit=500, points=self._kinks()
            )
            return math.sqrt(square[0])
        return math.sqrt(np.average((np.asarray(self.values) - mean) ** 2, weights=self.weights))

    def support(self):
        return min(self.values), max(self.values)

    def _kinks(self):
        return np.linspace(0, 1, len(self.values))[1:-1]


@dataclass(frozen=True)
class Parts:
    """A mixture of scipy's laws and single values; quantiles by Brent's method, one at a time."""

    parts: tuple
    weights: tuple
    atoms: tuple = ()

    def cdf(self, x):
        atoms = sum(weight for value, weight in self.atoms if value <= x)
        return (self._sum("cdf", x) + atoms) / self._total()

    def sf(self, x):
        atoms = sum(weight for value, weight in self.atoms if value > x)
        return (self._sum("sf", x) + atoms) / self._total()

    def ppf(self, levels):
        return np.array([self._root(lambda x, u=u: self.cdf(x) - u, "ppf", u) for u in levels])

    def isf(self, levels):
        return np.array([self._root(lambda x, u=u: u - self.sf(x), "isf", u) for u in levels])

    def mean(self):
        return self._moment(lambda part: part.mean(), lambda value: value)

    def std(self):
        mean = self.mean()
        if math.isinf(mean):
            return math.nan
        square = self._moment(lambda part: part.var() + (part.mean() - mean) ** 2, lambda x: (x - mean) ** 2)
        return math.sqrt(square)

    def support(self):
        ends = [part.support() for part in self.parts] + [(value, value) for value, _ in self.atoms]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def _sum(self, function, x):
        return sum(
            weight * getattr(part, function)(x) for part, weight in zip(self.parts, self.weights, strict=True)
        )

    def _total(self):
        return sum(self.weights) + sum(weight for _, weight in self.atoms)

    def _moment(self, of_part, of_value):
        parts = sum(weight * of_part(part) for part, weight in zip(self.parts, self.weights, strict=True))
        return (parts + sum(weight * of_value(value) for value, weight in self.atoms)) / self._total()

    def _root(self, miss, quantile, level):
        for value, _ in self.atoms:
            if miss(np.nextafter(value, -INF)) < 0 <= miss(value):
                return value
        finite = [value for value, _ in self.atoms if math.isfinite(value)]
        ends = [
            float(getattr(part, quantile)(edge)) for part in self.parts for edge in (level / 1e3, 1 - 1e-6)
        ]
        low, high = min([*ends, *finite]) - 1, max([*ends, *finite]) + 1
        return optimize.brentq(miss, low, high, xtol=1e-14, rtol=1e-15, maxiter=1000)


@dataclass(frozen=True)
class Keelin:
    """The metalog by its own equation, its coefficients by a linear system."""

    levels: tuple
    values: tuple
    logarithmic: bool

    def ppf(self, levels):
        return self._at(special.logit(levels))

    def isf(self, levels):
        return self._at(-special.logit(levels))

    def mean(self):
        return self._integral(lambda x: x)

    def std(self):
        mean = self.mean()
        return math.sqrt(self._integral(lambda x: (x - mean) ** 2))

    def support(self):
        return (0.0 if self.logarithmic else -INF), INF

    def _at(self, logit):
        known = np.log(self.values) if self.logarithmic else np.asarray(self.values, dtype=float)
        coefficients = np.linalg.solve(self._terms(special.logit(self.levels)), known)
        found = self._terms(np.asarray(logit)) @ coefficients
        return np.exp(found) if self.logarithmic else found

    def _terms(self, logit):
        centred = np.tanh(logit / 2) / 2
        rows = [np.ones_like(logit), logit, centred * logit, centred, centred**2]
        return np.stack(rows[: len(self.levels)], axis=-1)

    def _integral(self, function):
        def at(t):
            return function(self._at(t)) * special.expit(t) * special.expit(-t)

        return sum(quad(at, *ends) for ends in ((-150, -20), (-20, 0), (0, 20), (20, 150)))


def quad(function, low, high):
    """Integrate, and leave it to the test whether that was precise enough."""
    return integrate.quad(function, low, high, limit=400, epsabs=1e-12, epsrel=1e-11, full_output=1)[0]


MEMBERS = [
    {"weight": 0.7, "is": {"lognormal": {"mu": 5, "sigma": 0.7}}},
    {"weight": 0.2, "is": {"gamma": {"shape": 3, "scale": 200}}},
    {"weight": 0.1, "is": {"normal": {"mean": 900, "sd": 30}}},
]
MEMBER_TWINS = (stats.lognorm(0.7, scale=math.exp(5)), stats.gamma(3, scale=200), stats.norm(900, 30))

CASES = [
    ("normal", {"mean": -4, "sd": 3}, stats.norm(-4, 3)),
    (
        "lognormal",
        {"mean": 100, "sd": 80},
        stats.lognorm(math.sqrt(math.log(1.64)), scale=100 / math.sqrt(1.64)),
    ),
    ("uniform", [-2, 7], stats.uniform(-2, 9)),
    ("loguniform", [0.01, 20], stats.loguniform(0.01, 20)),
    ("triangular", [-1, 4, 5], stats.triang(5 / 6, -1, 6)),
    ("pert", {"low": 10, "mode": 12, "high": 30, "shape": 6}, stats.beta(1.6, 6.4, 10, 20)),
    ("beta", {"alpha": 0.8, "beta": 3.5}, stats.beta(0.8, 3.5)),
    ("gamma", {"mean": 12, "sd": 4}, stats.gamma(9, scale=4 / 3)),
    ("weibull", {"shape": 2.2, "scale": 7}, stats.weibull_min(2.2, scale=7)),
    ("exponential", {"mean": 35}, stats.expon(scale=35)),
    ("student_t", {"df": 5, "location": 2, "scale": 3}, stats.t(5, 2, 3)),
    ("poisson", {"mean": 7.5}, stats.poisson(7.5)),
    ("discrete", {"values": [4, 1, 9], "weights": [2, 1, 5]}, Sample((4, 1, 9), (2, 1, 5))),
    ("quantiles", {"0.05": 1.6, "0.5": 6, "0.95": 20}, Keelin((0.05, 0.5, 0.95), (1.6, 6, 20), True)),
    ("quantiles", {"0.1": -2, "0.5": 0, "0.9": 5}, Keelin((0.1, 0.5, 0.9), (-2, 0, 5), False)),
    ("mixture", MEMBERS, Parts(MEMBER_TWINS, (7, 2, 1))),
    (
        "mixture",
        [*MEMBERS, [0.4, 150], [0.6, INF]],
        Parts(MEMBER_TWINS, (7, 2, 1), ((150.0, 4), (INF, 6))),
    ),
    (
        "mixture",
        [[1, {"uniform": [0, 1]}], [3, {"uniform": [5, 7]}], [1, 2.5]],
        Parts((stats.uniform(0, 1), stats.uniform(5, 2)), (1, 3), ((2.5, 1),)),
    ),
    ("empirical", {"values": [3, 1, 4, 1, 5, 9, 2, 6]}, Sample((3, 1, 4, 1, 5, 9, 2, 6))),
    (
        "empirical",
        {"values": [3, 1, 4, 1.5], "weights": [0.5, 2, 0, 1]},
        Sample((3, 1, 1.5), (0.5, 2, 1)),
    ),
    (
        "empirical",
        {"values": [3, 1, 4, 1.5, 9.2], "interpolate": True},
        Sample((3, 1, 4, 1.5, 9.2), None, "linear"),
    ),
    ("scipy", {"name": "genextreme", "c": -0.1, "loc": 5, "scale": 30}, stats.genextreme(-0.1, 5, 30)),
    ("scipy", {"name": "johnsonsu", "a": 2, "b": 1.5}, stats.johnsonsu(2, 1.5)),
    ("scipy", {"name": "gumbel_l", "scale": 3}, stats.gumbel_l(0, 3)),
]
IDS = [f"{name}-{place}" for place, (name, _, _) in enumerate(CASES)]
EXAMPLES = [(name, spec) for name, family in LAWS.items() for spec in family.examples]
QUANTILE_LAWS = [name for name, family in LAWS.items() if family.quantiles is not None]


def test_no_law_is_without_a_twin_and_an_example():
    assert {name for name, _, _ in CASES} == set(LAWS)
    assert {name for name, _ in EXAMPLES} == set(LAWS)


@pytest.mark.parametrize(("name", "spec", "twin"), CASES, ids=IDS)
def test_law_agrees_with_its_twin(name, spec, twin):
    law = build_law(name, spec)
    for ours, theirs in ((law.ppf, twin.ppf), (law.isf, twin.isf)):
        np.testing.assert_allclose(ours(BODY), theirs(BODY), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(ours(TAIL), theirs(TAIL), rtol=1e-6)
    assert law.support == pytest.approx(twin.support())
    assert law.mean == pytest.approx(twin.mean(), rel=1e-9)
    assert law.sd == pytest.approx(twin.std(), rel=1e-8, nan_ok=True)


@pytest.mark.parametrize(("name", "spec", "twin"), CASES, ids=IDS)
def test_mean_and_sd_agree_with_quadrature(name, spec, twin):
    law = build_law(name, spec)
    if math.isinf(twin.mean()):
        assert law.mean == INF
        return
    # quantiles have kinks and steps where a part ends
    ends = {end for _, part in shares_of(law) for end in part.support if math.isfinite(end)}
    values = {float(value) for _, part in shares_of(law) for value in (atoms_of(part) or [[]])[0]}
    levels = {0.5, *(float(law.cdf(np.array(value))) for value in ends | values)} - {0.0, 1.0}

    def integral(function):
        def below(t):  # the level is e^t: the lower half
            return function(float(law.ppf(np.array(math.exp(t))))) * math.exp(t)

        def above(t):
            return function(float(law.isf(np.array(math.exp(t))))) * math.exp(t)

        logs = [-75.0, *(math.log(level) for level in sorted(levels) if level <= 0.5)]
        total = sum(quad(below, low, high) for low, high in pairwise(logs))
        logs = [-75.0, *sorted(math.log1p(-level) for level in levels if level >= 0.5)]
        return total + sum(quad(above, low, high) for low, high in pairwise(logs))

    mean = integral(lambda x: x)
    assert law.mean == pytest.approx(mean, rel=1e-7, abs=1e-9)
    assert law.sd == pytest.approx(math.sqrt(integral(lambda x: (x - mean) ** 2)), rel=1e-6)


@pytest.mark.parametrize("name", QUANTILE_LAWS)
def test_quantiles_make_a_law_that_gives_them_back(name):
    random = np.random.default_rng(11)
    family = LAWS[name]
    beside = {parameter.name: 6.0 for parameter in family.beside if not parameter.optional}
    example = build_law(name, next(spec for spec in family.examples))
    for _ in range(40):
        places = np.sort(random.choice(np.arange(1, 20), family.count, replace=False)) * 5
        values = example.ppf(places / 100)
        spec = {f"p{place:02d}": float(value) for place, value in zip(places, values, strict=True)}
        try:
            law = build_law(name, {**spec, **beside})
        except StudyError:
            assert family.count > 2 or beside  # three may miss, and another shape may not fit
            continue
        again = law.ppf(places / 100)
        ends = [0, -1] if family.count > 1 else [0]
        np.testing.assert_allclose(again[ends], values[ends], rtol=1e-9)


# --- OpenTURNS, where it is installed


def openturns_twins():
    ot = pytest.importorskip("openturns")
    truncated = ot.TruncatedDistribution(ot.LogNormal(5, 0.7, 0), 60.0, 700.0)
    blend = ot.Mixture([ot.LogNormal(5, 0.7, 0), ot.Normal(900, 30)], [0.6, 0.4])
    return [
        ("lognormal", {"mu": 5, "sigma": 0.7}, [60, 700], truncated),
        (
            "mixture",
            [[0.6, {"lognormal": {"mu": 5, "sigma": 0.7}}], [0.4, {"normal": {"mean": 900, "sd": 30}}]],
            None,
            blend,
        ),
        ("loguniform", [2, 50], None, ot.LogUniform(math.log(2), math.log(50))),
        ("triangular", [1, 2, 9], None, ot.Triangular(1, 2, 9)),
        ("gamma", {"shape": 2.5, "scale": 4}, None, ot.Gamma(2.5, 0.25, 0)),
        ("weibull", {"shape": 1.7, "scale": 90}, None, ot.WeibullMin(90, 1.7, 0)),
        ("student_t", {"df": 4, "location": 1, "scale": 2}, None, ot.Student(4, 1, 2)),
        ("poisson", {"mean": 6.5}, None, ot.Poisson(6.5)),
        ("discrete", {"values": [1, 4], "weights": [1, 3]}, None, ot.UserDefined([[1], [4]], [0.25, 0.75])),
        (
            "scipy",
            {"name": "genextreme", "c": -0.1, "loc": 5, "scale": 30},
            None,
            ot.GeneralizedExtremeValue(5, 30, 0.1),
        ),
        ("scipy", {"name": "invgauss", "mu": 0.6, "scale": 5}, None, ot.InverseNormal(3, 5)),
    ]


def test_laws_agree_with_openturns():
    for name, spec, bounds, twin in openturns_twins():
        law = build_law(name, spec, bounds)
        theirs = [twin.computeQuantile(float(level))[0] for level in BODY]
        # its own searches end at about 1e-8
        np.testing.assert_allclose(law.ppf(BODY), theirs, rtol=1e-7, err_msg=name)
        x = law.ppf(BODY)
        np.testing.assert_allclose(law.cdf(x), [twin.computeCDF(float(value)) for value in x], rtol=1e-9)
        assert law.mean == pytest.approx(twin.getMean()[0], rel=1e-8)
        assert law.sd == pytest.approx(twin.getStandardDeviation()[0], rel=1e-7)


# --- what every law must be

LEVELS = some.lists(
    some.floats(1e-12, 1 - 1e-12) | some.sampled_from([0.25, 0.5, 0.75, 1e-9, 1 - 1e-9]),
    min_size=2,
    max_size=20,
)


@some.composite
def laws(draw):
    """Draw a law of any kind, perhaps truncated, perhaps mixed with others."""
    name, spec = draw(some.sampled_from(EXAMPLES))
    law = build_law(name, spec)
    if draw(some.booleans()):
        low, high = sorted(draw(some.tuples(some.floats(0.01, 0.99), some.floats(0.01, 0.99))))
        ends = law.ppf(np.array([low, high]))
        assume(ends[0] < ends[1])
        law = truncate(law, *(float(end) for end in ends))
    if draw(some.integers(0, 3)) == 0:
        law = mix([(draw(some.floats(0.01, 100)), law), (1.0, build_law("discrete", {"values": [1, 250]}))])
    return law


@settings(max_examples=100, deadline=None, derandomize=True)
@given(law=laws(), levels=LEVELS)
def test_quantiles_rise_with_the_level_and_stay_in_the_support(law, levels):
    u = np.sort(levels)
    values = law.ppf(u)
    size = np.abs(values[1:]) + np.abs(values[:-1])
    assert np.all(np.diff(values) >= -1e-12 * size)
    low, high = law.support
    assert np.all((low <= values) & (values <= high))
    np.testing.assert_array_equal(law.ppf(u[::-1].reshape(1, -1)), values[::-1].reshape(1, -1))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(law=laws(), levels=LEVELS)
def test_the_quantile_is_the_smallest_value_that_reaches_the_level(law, levels):
    u = np.sort(levels)
    for quantile, tail, sign in ((law.ppf, law.cdf, 1), (law.isf, law.sf, -1)):
        values = quantile(u)
        above = np.nextafter(values, INF) + 1e-9 * np.abs(values)
        below = np.nextafter(values, -INF) - 1e-9 * np.abs(values)
        low, high = (below, above) if sign > 0 else (above, below)
        assert np.all(tail(high) >= u * (1 - 1e-9))
        assert np.all(tail(low) <= u * (1 + 1e-9))
    assert np.all(np.abs(law.cdf(values) + law.sf(values) - 1) <= 1e-12)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(law=laws(), cut=some.tuples(some.floats(0.02, 0.98), some.floats(0.02, 0.98)), levels=LEVELS)
def test_truncation_is_the_law_given_that_it_lies_between(law, cut, levels):
    low, high = (float(end) for end in law.ppf(np.sort(cut)))
    assume(low < high)
    held = truncate(law, low, high)
    u = np.sort(levels)
    values = held.ppf(u)
    assert np.all((low <= values) & (values <= high))
    assert low <= held.support[0] <= held.support[1] <= high
    under, over = law.cdf(np.array([np.nextafter(low, -INF), high]))
    x = law.ppf(np.linspace(0.05, 0.95, 7))
    inside = x[(low <= x) & (x <= high)]
    np.testing.assert_allclose(held.cdf(inside), (law.cdf(inside) - under) / (over - under), atol=1e-9)
