"""Tables that levels are looked up in: against plain searches."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from mcrace.errors import StudyError
from mcrace.laws import build_law
from mcrace.laws.density import density_of
from mcrace.laws.discrete import make_discrete
from mcrace.laws.empirical import make_empirical
from mcrace.laws.gamma import Gamma
from mcrace.laws.guide import guide_of
from mcrace.laws.mixture import atoms_of, mix
from mcrace.laws.roots import find_roots

INF = float("inf")
U = np.random.default_rng(20261122).random(20_000)
SHARES = {
    "equal": np.ones(5000),
    "heavy": np.random.default_rng(1).pareto(0.3, 5000) + 1e-6,
    "one": np.append(np.full(4999, 1e-9), 1.0),
    "single": np.ones(1),
}


# --- guides


@pytest.mark.parametrize("shares", SHARES.values(), ids=SHARES)
def test_a_guide_finds_what_a_search_finds(shares):
    limits = np.cumsum(shares) / shares.sum()
    limits[-1] = 1.0
    near = np.concatenate([limits, np.nextafter(limits, 0), np.nextafter(limits, 1)])
    cells = np.arange(1025) / 1024
    levels = np.concatenate([U, near, cells, np.nextafter(cells, 0), [5e-324, 1 - 2.0**-53]])
    levels = levels[(levels > 0) & (levels <= 1)]
    found = guide_of(limits).places(levels)
    np.testing.assert_array_equal(found, np.searchsorted(limits, levels, side="left"))


@pytest.mark.parametrize("shares", SHARES.values(), ids=SHARES)
def test_samples_are_looked_up_as_they_are_searched(shares):
    values = np.sort(np.random.default_rng(2).normal(size=len(shares)))
    law = make_empirical(values, shares)
    places = np.minimum(np.searchsorted(law.below, U), len(law.values) - 1)
    np.testing.assert_array_equal(law.ppf(U), law.values[places])
    twin = make_discrete(values.tolist(), shares.tolist())
    np.testing.assert_allclose(twin.ppf(U), law.ppf(U), rtol=0, atol=1e-300)
    if len(shares) > 1:
        lines = make_empirical(values, shares, interpolate=True)
        np.testing.assert_allclose(lines.ppf(U), np.interp(U, lines.below, lines.values), rtol=1e-14)
        rising = lines.ppf(np.sort(np.concatenate([U, lines.below[1:-1]])))
        assert np.diff(rising).min() >= 0
        assert lines.ppf(lines.below[1:-1]) == pytest.approx(lines.values[1:-1], rel=1e-14)


def test_a_mixture_is_its_plain_definition():
    atoms = np.array([-1.0, 0.5, 2.0, INF])
    body = build_law("normal", {"mean": 0, "sd": 1})
    law = mix([(0.6, body), *((0.1, make_discrete([float(x)])) for x in atoms)])
    found = law.ppf(U)
    # smallest x with F(x) >= u
    assert np.all(law.cdf(found) >= U - 1e-15)
    below = np.nextafter(found, -INF)
    below[np.isinf(found)] = 1e300
    assert np.all(law.cdf(below) <= U + 1e-12)
    for x, share in zip(atoms, stats.norm.cdf(atoms), strict=True):
        first = 0.6 * share + 0.1 * np.sum(atoms < x)
        inside = (first + 1e-12 < U) & (first + 0.1 - 1e-12 > U)
        np.testing.assert_array_equal(found == x, inside | ((found == x) & ~inside))
        assert np.all(found[inside] == x)
    tail = 10.0 ** -np.arange(3.0, 16.0)
    twin = mix([(0.5, body), (0.5, make_discrete([-20.0]))])
    np.testing.assert_allclose(twin.isf(tail), stats.norm.isf(2 * tail), rtol=1e-12)
    np.testing.assert_allclose(twin.ppf(1 - tail), stats.norm.isf(2 * (1 - (1 - tail))), rtol=1e-12)


@dataclass(frozen=True)
class Wide:
    """Whole numbers up to more than a table may hold."""

    whole = True

    def ppf(self, u):
        return np.zeros_like(u)

    def isf(self, u):
        return np.full_like(u, 1e7)


def test_whole_numbers_too_many_for_a_mixture_are_refused_and_not_cut():
    with pytest.raises(StudyError, match="10,000,001 whole numbers"):
        atoms_of(Wide())
    values, masses = atoms_of(build_law("poisson", {"mean": 1e6}))
    assert masses.sum() == pytest.approx(1, abs=1e-12)
    assert len(values) > 16_000


# --- segments

HUMPS = [[2, {"normal": {"mean": 0, "sd": 1}}], [1, {"normal": {"mean": 60, "sd": 0.5}}]]
CORNERS = make_empirical(np.random.default_rng(4).lognormal(size=3000), interpolate=True)
BLENDS = {
    "histogram": lambda: build_law("mixture", [[1 + k % 5, {"uniform": [k, k + 1]}] for k in range(60)]),
    "gaps": lambda: build_law("mixture", [[1 + k % 5, {"uniform": [2 * k, 2 * k + 1]}] for k in range(20)]),
    "humps": lambda: build_law("mixture", HUMPS),
    "column": lambda: mix([(1.0, CORNERS), (1.0, build_law("lognormal", {"p05": 0.5, "p95": 9}))]),
    "thin": lambda: build_law(
        "mixture", [[1, {"normal": {"mean": 0, "sd": 1e-6}}], [1, {"triangular": [-1, 0.2, 3]}]]
    ),
    "heavy": lambda: build_law(
        "mixture", [[1, {"weibull": {"shape": 0.01, "scale": 1}}], [1, {"uniform": [1, 2]}]]
    ),
    "ends": lambda: build_law(
        "mixture",
        [[1, {"beta": {"alpha": 0.02, "beta": 0.02}}], [1, {"gamma": {"shape": 0.002, "scale": 1}}]],
    ),
    "bounded": lambda: build_law("mixture", [[1, {"lognormal": {"p05": 1, "p95": 9}}], *HUMPS], [0.5, 40]),
}


@pytest.mark.parametrize("make", BLENDS.values(), ids=BLENDS)
def test_quantiles_of_a_blend_are_within_the_stated_error(make):
    law = make()
    tails = 10.0 ** -np.arange(1.0, 16.0)
    for quick, exact, tail in ((law.ppf, law.exact_ppf, law.cdf), (law.isf, law.exact_isf, law.sf)):
        levels = np.sort(np.concatenate([U[:2000] / 2, tails, [1e-17, 1e-40]]))
        found, truth = quick(levels), exact(levels)
        spread = 0.0
        if law.support[0] < 0:
            low, high = law.exact_ppf(np.array([0.16, 0.84]))
            spread = (high - low) / 2
        near = np.abs(found - truth) <= 1e-11 * (np.abs(truth) + spread) + 1e-294
        # where the density all but vanishes, or floats are coarse, the probability tells as well
        ends = np.sort([found, truth], axis=0)
        with np.errstate(invalid="ignore"):
            near |= np.abs(tail(ends[0]) - tail(ends[1])) <= 1e-14 * levels
        assert near.all(), levels[~near]
    assert np.diff(law.ppf(np.linspace(1e-6, 1 - 1e-6, 200_001))).min() >= 0


def test_a_value_of_a_blend_depends_on_its_level_alone():
    law, u = BLENDS["column"](), U
    whole = law.ppf(u)
    np.testing.assert_array_equal(law.ppf(u[::-1])[::-1], whole)
    np.testing.assert_array_equal(law.ppf(u[5:77]), whole[5:77])
    np.testing.assert_array_equal(law.ppf(u.reshape(4, -1)).ravel(), whole)
    assert law.ppf(np.empty((0, 3))).shape == (0, 3)


# --- densities


@pytest.mark.parametrize(
    ("twin", "support", "rtol"),
    [
        (stats.norm(), (-INF, INF), 1e-12),
        (stats.norm(1e4, 1), (-INF, INF), 1e-12),
        (stats.t(1.5), (-INF, INF), 1e-11),
        (stats.gamma(0.7), (0, INF), 1e-11),
        (stats.gamma(1e3), (0, INF), 1e-11),
        (stats.lognorm(3), (0, INF), 1e-11),
        (stats.beta(2, 6), (0, 1), 1e-11),
        (stats.beta(0.4, 3), (0, 1), 1e-11),
        (stats.triang(0.3), (0, 1), 1e-9),
        (stats.gumbel_l(), (-INF, INF), 1e-10),
    ],
    ids=lambda item: item.dist.name if hasattr(item, "dist") else "",
)
def test_an_integrated_density_is_its_law(twin, support, rtol):
    law = density_of(twin.pdf, support, twin.ppf([0.02, 0.3, 0.5, 0.8, 0.97]))
    levels = np.concatenate([10.0 ** -np.arange(1.0, 17.0), [1e-60], U[:500]])
    np.testing.assert_allclose(law.ppf(levels), twin.ppf(levels), rtol=rtol, atol=1e-13)
    few = levels[levels <= 0.5]
    np.testing.assert_allclose(law.isf(few), twin.isf(few), rtol=rtol, atol=1e-13)
    x = twin.ppf(U[:500])
    np.testing.assert_allclose(law.cdf(x), twin.cdf(x), rtol=1e-11)
    np.testing.assert_allclose(law.sf(x), twin.sf(x), rtol=1e-11)
    if np.isfinite(twin.std()) and twin.dist.name != "lognorm":
        assert (law.mean, law.sd) == pytest.approx((twin.mean(), twin.std()), rel=1e-9, abs=1e-12)


def test_what_is_no_density_is_refused():
    with pytest.raises(ValueError, match="is not 1"):
        density_of(lambda x: 2 * np.exp(-x), (0.0, INF), np.array([0.1, 0.7, 3.0]))


def test_many_roots_at_once():
    targets = np.array([0.0, 1e-9, 2.0, 24.0, 125.0, 200.0])
    found = find_roots(lambda x, which: x**3 - targets[which], np.zeros(6), np.full(6, 5.0))
    np.testing.assert_allclose(found[:5], np.cbrt(targets[:5]), rtol=1e-14)


# --- what is too small for floats


def test_gammas_that_underflow_rise_and_are_right_where_floats_have_digits():
    law = Gamma(0.002, 1.0)
    levels = np.sort(U)
    found, exact = law.ppf(levels), law.exact_ppf(levels)
    assert np.diff(found).min() >= 0
    normal = exact > 1e-295
    np.testing.assert_allclose(found[normal], exact[normal], rtol=1e-11)
    np.testing.assert_allclose(found[~normal], exact[~normal], rtol=0, atol=1e-294)
    assert np.mean(found == 0) > 0.2
