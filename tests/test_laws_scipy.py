"""Families of scipy.stats by name: which there are, what is refused, where scipy's own quantiles fail."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy import stats
from scipy.stats._distr_params import distcont

from mcrace.errors import StudyError
from mcrace.laws import build_law, describe, truncate
from mcrace.laws.quadrature import mean_and_sd
from mcrace.laws.scipy_family import TOO_SLOW

FAMILIES = [(name, shapes) for name, shapes in distcont if name not in TOO_SLOW]
# what scipy searches one by one, and more of these than scipy's own list has
SEARCHED = [
    ("argus", (30.0,)),
    ("dpareto_lognorm", (3.0, 1.2, 1.5, 2.0)),
    ("exponnorm", (1e3,)),
    ("exponnorm", (1e-3,)),
    ("foldcauchy", (1e3,)),
    ("foldnorm", (0.0,)),
    ("gausshyper", (5.0, 50.0, -10.0, 0.5)),
    ("genhyperbolic", (1.0, 100.0, 90.0)),
    ("genhyperbolic", (-5.0, 1e-3, 0.0)),
    ("geninvgauss", (3.0, 1e-3)),
    ("irwinhall", (2,)),
    ("irwinhall", (40,)),
    ("norminvgauss", (1.0, 0.999)),
    ("rel_breitwigner", (1e-3,)),
    ("skewnorm", (-50.0,)),
    ("vonmises", (1e4,)),
    ("vonmises_line", (1e-3,)),
]


def spec_of(name, shapes):
    names = (getattr(stats, name).shapes or "").replace(" ", "").split(",")
    return {"name": name, **{key: float(value) for key, value in zip(names, shapes, strict=False)}}


def fault_of(spec):
    with pytest.raises(StudyError) as caught:
        build_law("scipy", spec)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.slow
@pytest.mark.parametrize(("name", "shapes"), FAMILIES)
def test_every_family_is_what_scipy_says(name, shapes):
    law, twin = build_law("scipy", spec_of(name, shapes)), getattr(stats, name)(*shapes)
    u = np.array([0.001, 0.05, 0.3, 0.5, 0.81, 0.95, 0.999])
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's integrals complain of themselves
        slack = 1e-9 * (twin.ppf(0.75) - twin.ppf(0.25))
        np.testing.assert_allclose(law.ppf(u), twin.ppf(u), rtol=1e-9, atol=slack)
        np.testing.assert_allclose(law.isf(u), twin.isf(u), rtol=1e-9, atol=slack)
    assert np.all(np.diff(law.ppf(np.linspace(0.001, 0.999, 500))) >= 0)
    if name != "vonmises":
        assert law.support == twin.support()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "shapes"), [*FAMILIES, *SEARCHED])
def test_every_family_can_be_set_up(name, shapes):
    law = build_law("scipy", spec_of(name, shapes))
    assert np.isfinite(law.ppf(np.linspace(0.001, 0.999, 500))).all()
    assert not law.sd < 0  # NaN where there is none


def test_the_list_of_families_is_whole():
    continuous = {name for name, item in vars(stats).items() if isinstance(item, stats.rv_continuous)}
    assert continuous == {name for name, _ in distcont}
    assert continuous >= TOO_SLOW


@pytest.mark.parametrize("name", sorted(TOO_SLOW))
def test_families_that_would_take_minutes_are_refused_with_a_way_out(name):
    shapes = next(shapes for other, shapes in distcont if other == name)
    fault = fault_of(spec_of(name, shapes))
    assert (fault.path, fault.found) == ("scipy.name", name)
    assert "quantiles: {0.05: 1, 0.5: 2, 0.95: 5}" in fault.expected


@pytest.mark.parametrize(("name", "shapes"), SEARCHED)
def test_integrated_families_have_the_moments_and_the_probabilities(name, shapes):
    law, family = build_law("scipy", {**spec_of(name, shapes), "scale": 3}), getattr(stats, name)
    levels = np.array([1e-9, 0.02, 0.5, 0.9, 0.9999])
    values = law.exact_ppf(levels)
    steps = np.linspace(values[1], values[3], 20_001)
    with np.errstate(all="ignore"):
        density = family.pdf(steps, *shapes, 0, 3)
    simpson = density[1:-1:2].sum() * 4 + density[2:-1:2].sum() * 2 + density[0] + density[-1]
    assert simpson * (steps[1] - steps[0]) / 3 == pytest.approx(0.88, abs=1e-8)
    # values next to an end that is not 0 have few digits left
    np.testing.assert_allclose(law.cdf(values), levels, rtol=1e-6 if law.support[0] else 1e-9)
    if np.isinf(law.support[1]):
        np.testing.assert_allclose(law.sf(law.exact_isf(levels)), levels, rtol=1e-9)
    moved = build_law("scipy", {**spec_of(name, shapes), "loc": 5, "scale": 3})
    np.testing.assert_allclose(
        moved.ppf(levels), 5 + values, rtol=1e-10, atol=1e-10 * (values[3] - values[1])
    )
    if name in ("vonmises", "vonmises_line", "irwinhall", "exponnorm", "skewnorm", "geninvgauss"):
        exact = mean_and_sd(law)
        assert (law.mean, law.sd) == pytest.approx(exact, rel=1e-7, abs=1e-7)


def test_loc_and_scale_move_and_stretch():
    plain = build_law("scipy", {"name": "genextreme", "c": -0.1})
    moved = build_law("scipy", {"name": "genextreme", "c": -0.1, "loc": 5, "scale": 30})
    u = np.array([1e-9, 0.2, 0.5, 0.99])
    np.testing.assert_allclose(moved.ppf(u), 5 + 30 * plain.ppf(u), rtol=1e-9)
    assert (moved.mean, moved.sd) == pytest.approx((5 + 30 * plain.mean, 30 * plain.sd), rel=1e-12)
    assert describe(moved) == "scipy genextreme(c=-0.1, loc=5, scale=30)"
    assert moved == build_law("scipy", {"scale": 30, "loc": 5.0, "c": -0.1, "name": "genextreme"})
    assert hash(moved) != hash(plain)


def test_a_law_without_a_mean_says_so():
    law = build_law("scipy", {"name": "genpareto", "c": 1.5})
    assert law.mean == np.inf
    assert np.isinf(law.sd) or np.isnan(law.sd)


def test_far_tails_are_found_where_scipy_loses_them():
    law = build_law("scipy", {"name": "invgauss", "mu": 0.6, "loc": 1})
    levels = 10.0 ** -np.array([9, 20, 60, 100, 130])
    np.testing.assert_allclose(law.sf(law.isf(levels)), levels, rtol=1e-6)
    held = truncate(law, 40, np.inf)
    assert held.ppf(np.array([0.5])) == pytest.approx(40.5, abs=0.2)


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        (3, "scipy", "a mapping with name"),
        ({"c": 1}, "scipy", "a mapping with name"),
        ({"name": "genextrem", "c": 1}, "scipy.name", "did you mean 'genextreme'?"),
        ({"name": 5}, "scipy.name", "the name of a continuous law of scipy.stats"),
        ({"name": "poisson", "mu": 3}, "scipy.name", "the name of a continuous law of scipy.stats"),
        ({"name": "rv_continuous"}, "scipy.name", "a continuous law"),
        ({"name": "ttest_ind"}, "scipy.name", "a continuous law"),
        ({"name": "norm.__class__"}, "scipy.name", "a continuous law"),
        ({"name": "np"}, "scipy.name", "a continuous law"),
        ({"name": "beta", "a": 2}, "scipy", "a number for b: beta has the shapes a, b"),
        ({"name": "gamma", "a": 2, "shape": 3}, "scipy.shape", "one of name, a, loc, scale"),
        ({"name": "gamma", "a": 2, "scal": 3}, "scipy.scal", "did you mean 'scale'?"),
        ({"name": "gamma", "a": -2}, "scipy", "numbers for which scipy.stats.gamma is a law"),
        ({"name": "gamma", "a": "2"}, "scipy.a", "a number"),
        ({"name": "norm", "scale": 0}, "scipy.scale", "a number above 0"),
        ({"name": "norm", "loc": np.inf}, "scipy.loc", "a number"),
        ({"name": "norm", "loc": 1e30}, "scipy", "can be computed in double precision"),
        ({"name": "foldnorm", "c": -1}, "scipy", "numbers for which scipy.stats.foldnorm is a law"),
        ({"name": "gausshyper", "a": 0.5, "b": 0.3, "c": 1, "z": 5}, "scipy", "in {quantiles: {0.05"),
    ],
)
def test_what_is_no_such_law_is_refused(spec, path, words):
    fault = fault_of(spec)
    assert fault.path == path
    assert words in str(fault)


def test_scipy_stats_is_loaded_only_where_it_is_named():
    code = (
        "import sys; from mcrace.laws import build_law, law_schema; law_schema();"
        "build_law('normal', {'mean': 0, 'sd': 1}); print('scipy.stats' in sys.modules);"
        "build_law('scipy', {'name': 'norm'}); print('scipy.stats' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
