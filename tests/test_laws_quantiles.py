"""The law through any number of quantiles: metalogs, splines, and what a study may say."""

import math
from itertools import pairwise

import jsonschema
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from scipy import integrate, stats
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtri

from mcrace.errors import StudyError
from mcrace.laws import build_law, describe, law_schema
from mcrace.laws.metalog import Metalog, metalog_through
from mcrace.laws.quantiles import HEAVIEST, Quantiles, make_quantiles
from mcrace.laws.spline import spline_through

LEAD = {0.05: 1.6, 0.5: 6, 0.95: 20}
DENSE = np.concatenate(
    [10.0 ** -np.arange(15, 2, -1), np.linspace(0.002, 0.998, 3001), 1 - 10.0 ** -np.arange(3, 15)]
)


def law_of(points):
    return build_law("quantiles", points)


def kind(law):
    return law.text.split("; ")[1]


def faults_of(spec, bounds=None):
    with pytest.raises(StudyError) as caught:
        build_law("quantiles", spec, bounds)
    return caught.value.faults


def test_three_points_are_keelins_metalog_of_three_terms():
    law = law_of({0.1: -2, 0.5: 1, 0.9: 5})
    # Keelin (2016), eq. 19, for symmetric levels: a1 the median, a2 and a3 from spread and skew
    a1, a2 = 1, (5 - -2) / (2 * math.log(9))
    a3 = (1 - 2 * (1 - -2) / (5 - -2)) * (5 - -2) / math.log(9) / (1 - 2 * 0.1)
    u = np.linspace(0.01, 0.99, 25)
    logit = np.log(u / (1 - u))
    np.testing.assert_allclose(law.ppf(u), a1 + a2 * logit + a3 * (u - 0.5) * logit, rtol=1e-12)
    assert describe(law) == "quantiles(10 %: -2, 50 %: 1, 90 %: 5; metalog)"
    assert law.support == (-math.inf, math.inf)


def test_positive_values_make_a_law_above_zero():
    law = law_of(LEAD)
    assert describe(law) == "quantiles(5 %: 1.6, 50 %: 6, 95 %: 20; log metalog)"
    assert law.support == (0, math.inf)
    assert law.ppf(np.array(1e-12)) > 0
    assert law.cdf(np.array([-1.0, 0.0])).tolist() == [0, 0]
    logs = law_of({0.05: math.log(1.6 / 6), 0.5: 0, 0.95: math.log(20 / 6)})
    np.testing.assert_allclose(law.ppf(DENSE), 6 * np.exp(logs.ppf(DENSE)), rtol=1e-12)


def test_two_points_are_a_logistic_or_a_log_logistic_law():
    u = np.linspace(0.01, 0.99, 25)
    np.testing.assert_allclose(
        law_of({0.1: -1, 0.9: 1}).ppf(u), stats.logistic(0, 1 / math.log(9)).ppf(u), atol=1e-15
    )
    law = law_of({0.1: 1, 0.9: 4})
    assert kind(law) == "log metalog"
    np.testing.assert_allclose(law.ppf(u), stats.fisk(math.log(81) / math.log(4), scale=2).ppf(u))


def test_more_points_give_more_terms_in_keelins_order():
    curve = Metalog((0.3, 0.4, 0.05, 0.02), (1.0, -0.2, 0.1, 0.03))
    u = np.linspace(0.1, 0.9, 8)
    found = metalog_through(u, curve.at_level(u))
    np.testing.assert_allclose(found.plain[:4], curve.plain, atol=1e-9)
    np.testing.assert_allclose(found.logistic[:4], curve.logistic, atol=1e-9)
    assert found.increases
    # four points are the first four terms: 1, L, y L, y
    four = metalog_through(u[::2], Metalog((0.3, 0.4), (1.0, -0.2)).at_level(u[::2]))
    np.testing.assert_allclose([*four.plain[:2], *four.logistic[:2]], [0.3, 0.4, 1.0, -0.2], atol=1e-10)


def test_a_metalog_that_turns_anywhere_is_refused():
    assert not Metalog(
        (0.0, -5.0), (1.0, 0.0)
    ).increases  # turns in the middle: 1 / (u (1 - u)) < 5 at u = 1/2
    assert Metalog((0.0, -3.9), (1.0, 0.0)).increases
    assert not Metalog((0.0, 0.0), (1.0, -2.0)).increases  # the upper tail's slope is 0
    assert not Metalog((0.0, 9.0), (1.0, -2.1)).increases  # turns so far out that no draw gets there
    assert Metalog((0.0, 9.0), (1.0, -1.9)).increases
    # the limits of feasibility of three terms: |a3 / a2| < 1.66711 (Keelin 2016, section 4.3)
    for ratio in (1.667, -1.667):
        assert Metalog((0.0, 0.0), (1.0, ratio)).increases
    for ratio in (1.6672, -1.6672):
        assert not Metalog((0.0, 0.0), (1.0, ratio)).increases


@pytest.mark.parametrize("sign", [1, -1])
def test_points_without_a_metalog_are_joined_by_a_spline_in_the_normal_score(sign):
    points = {0.1: 1, 0.25: 1.1, 0.5: 9, 0.75: 10, 0.9: 60}
    law = law_of(points if sign > 0 else {1 - level: -value for level, value in points.items()})
    assert kind(law) == ("log monotone spline" if sign > 0 else "monotone spline")
    levels, values = np.array(law.levels), np.array(law.values)
    heights = np.log(values) if sign > 0 else values
    z, twin = ndtri(levels), PchipInterpolator(ndtri(levels), heights)
    # between inner points scipy's PCHIP is the same; beyond the outer ones the law is a (log)normal
    inside = np.linspace(z[1], z[-2], 50)
    shape = np.log if sign > 0 else (lambda x: x)
    np.testing.assert_allclose(shape(law.ppf(stats.norm.cdf(inside))), twin(inside), rtol=1e-9)
    for first, last, tail in ((0, 1, np.array([1e-9, 0.001, 0.05])), (-2, -1, np.array([0.95, 0.999]))):
        slope = (heights[last] - heights[first]) / (z[last] - z[first])
        end = first if first == 0 else last
        line = heights[end] + slope * (ndtri(tail) - z[end])
        np.testing.assert_allclose(shape(law.ppf(tail)), line, rtol=1e-9)


def test_a_heavy_log_metalog_gives_way_to_lognormal_tails():
    wide = law_of({0.05: 1, 0.5: 30, 0.95: 1000})
    assert kind(wide) == "log monotone spline"
    assert math.isfinite(wide.mean)
    sigma = math.log(1000 / 30) / ndtri(0.95)
    assert wide.isf(np.array(1e-9)) == pytest.approx(30 * math.exp(sigma * -ndtri(1e-9)))
    assert law_of(LEAD)._curve.tails[1] < HEAVIEST


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    levels=some.lists(some.integers(1, 999), min_size=2, max_size=9, unique=True),
    steps=some.lists(some.floats(-4, 4), min_size=9, max_size=9),
    start=some.sampled_from([1.0, 1e-6, 1e7, -3.0, 0.0]),
)
def test_any_points_are_met_and_the_law_rises(levels, steps, start):
    levels = sorted(level / 1000 for level in levels)
    values = start + abs(start or 1) * np.cumsum([0.0, *np.exp(steps)])[: len(levels)]
    law = law_of(dict(zip(levels, values.tolist(), strict=True)))
    np.testing.assert_allclose(law.ppf(np.array(levels)), values, rtol=1e-12, atol=1e-13 * np.ptp(values))
    found = law.ppf(DENSE)
    assert np.all(found[1:] >= found[:-1])
    assert np.all(np.isfinite(found)) or start > 0
    assert law.support[0] == (0 if start > 0 else -math.inf)
    inner = (DENSE > 1e-4) & (DENSE < 1 - 1e-4) & np.isfinite(found)
    np.testing.assert_allclose(law.cdf(found[inner]), DENSE[inner], rtol=1e-7, atol=1e-9)
    # quantiles -> law -> quantiles -> law
    again = make_quantiles(list(law.levels), law.ppf(np.array(law.levels)).tolist())
    np.testing.assert_allclose(again.ppf(np.array(levels)), values, rtol=1e-9, atol=1e-13 * np.ptp(values))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(low=some.floats(0.1, 5), spread=some.floats(0.05, 3), skew=some.floats(-0.6, 0.6))
def test_shares_undo_quantiles_in_both_tails(low, spread, skew):
    law = law_of({0.1: low, 0.5: low + spread * (1 + skew), 0.9: low + 2 * spread})
    tail = 10.0 ** -np.arange(1.0, 16.0)
    assume(np.all(np.isfinite(law.isf(tail))))
    np.testing.assert_allclose(law.cdf(law.ppf(tail)), tail, rtol=1e-8)
    np.testing.assert_allclose(law.sf(law.isf(tail)), tail, rtol=1e-8)


@pytest.mark.parametrize(
    "points",
    [
        LEAD,
        {0.1: -2, 0.5: 1, 0.9: 5},
        {0.1: 1, 0.25: 1.1, 0.5: 9, 0.75: 10, 0.9: 20},
        {0.1: -60, 0.25: -10, 0.5: -9, 0.75: -1.1, 0.9: -1},
        {0.05: 1, 0.5: 30, 0.95: 1000},
    ],
)
def test_moments_agree_with_plain_quadrature(points):
    law = law_of(points)

    def expected(power, about):
        def halves(t):
            level = np.asarray(math.exp(-t) / 2)
            sides = (float(law.ppf(level)) - about) ** power + (float(law.isf(level)) - about) ** power
            return sides * math.exp(-t) / 2

        edges = [0, 1, 5, 20, 60, 300]
        return sum(integrate.quad(halves, a, b, limit=400)[0] for a, b in pairwise(edges))

    mean = expected(1, 0.0)
    assert law.mean == pytest.approx(mean, rel=1e-6)
    assert law.sd == pytest.approx(math.sqrt(expected(2, mean)), rel=1e-5)


def test_moments_of_very_wide_laws_are_those_of_their_tails():
    sigma = 12.0
    z = np.array([-1.3, -0.2, 0.4, 1.3])
    points = dict(zip(stats.norm.cdf(z).tolist(), np.exp(sigma * z).tolist(), strict=True))
    law = Quantiles(tuple(points), tuple(points.values()))
    curve = spline_through(law.levels, np.log(law.values))
    np.testing.assert_allclose(curve.powers[2:], 0, atol=1e-9)
    assert kind(law) == "log monotone spline"
    assert law.mean == pytest.approx(math.exp(sigma**2 / 2), rel=1e-9)
    assert law.sd == pytest.approx(math.exp(sigma**2), rel=1e-9)


def test_bounds_truncate_it_as_any_law():
    law = build_law("quantiles", LEAD, [1, 30])
    assert law.support == (1, 30)
    whole = law_of(LEAD)
    below, above = whole.cdf(np.array([1.0, 30.0]))
    np.testing.assert_allclose(law.ppf(np.array(0.5)), whole.ppf(np.array((below + above) / 2)), rtol=1e-9)
    assert describe(law) == "quantiles(5 %: 1.6, 50 %: 6, 95 %: 20; log metalog) within [1, 30]"


def test_levels_are_numbers_texts_or_names_in_any_order():
    for spec in (
        {"0.95": 20, ".05": 1.6, "p50": 6},
        {"p05": 1.6, 0.5: 6, "0.95": 20},
        {"5e-2": 1.6, "0.5": 6, "P95": 20},
    ):
        assert law_of(spec) == law_of(LEAD)


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        (3, [""]),
        ([1, 2], [""]),
        ({}, [""]),
        ({"0.5": 1}, [""]),
        ({"0.5": 1, "1.5": 2}, ["1.5"]),
        ({"0": 1, "1": 2}, ["0", "1"]),
        ({"p5": 1, "p95": 2}, ["p5"]),
        ({"half": 1, "p95": 2}, ["half"]),
        ({True: 1, None: 2}, ["True", "None"]),
        ({"0.5": "1", "0.9": 2}, ["0.5"]),
        ({"0.5": math.inf, "0.9": math.nan}, ["0.5", "0.9"]),
        ({"0.05": 1, "p05": 2, "0.5": 3}, ["p05"]),
        ({"0.05": 3, "0.5": 2, "0.95": 9}, ["0.5"]),
        ({"0.05": 3, "0.5": 3}, ["0.5"]),
        ({"0.05": 3, "0.5": -1, "nan": 4, "0.7": "x"}, ["nan", "0.7", "0.5"]),
        ({"0.05": -1.7e308, "0.95": 1.7e308}, [""]),
    ],
)
def test_every_fault_is_told_where_it_stands(spec, paths):
    found = [fault.path for fault in faults_of(spec)]
    assert found == [f"quantiles.{path}".rstrip(".") for path in paths]


def test_messages_say_what_would_be_right():
    (fault,) = faults_of({"0.05": 3, "0.5": 2})
    assert str(fault) == "quantiles.0.5: found 2.0, expected a number above 3, which stands at 0.05"
    (fault,) = faults_of({"0.05": 3})
    assert "at least two: a mapping of levels to values, such as {0.05: 1.6, 0.5: 6, 0.95: 20}" in str(fault)


def test_schema_takes_what_the_builder_takes():
    validator = jsonschema.Draft202012Validator(law_schema())
    assert validator.is_valid({"quantiles": {"0.05": 1.6, "p50": 6, ".95": 20}})
    for wrong in (
        {"0.05": 1.6},
        {"0.05": 1.6, "1.5": 2},
        {"0.05": 1, "0.5": "2"},
        [1, 2],
        {"0.0": 1, "0.5": 2},
    ):
        assert not validator.is_valid({"quantiles": wrong})
