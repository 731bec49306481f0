"""Mixtures: single values among laws, never among days, shares, bounds, and what a study says of them."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from mcrace.errors import StudyError
from mcrace.laws import Truncated, build_law, describe, read_law, truncate
from mcrace.laws.blend import Blend
from mcrace.laws.discrete import Discrete
from mcrace.laws.empirical import Empirical
from mcrace.laws.mixture import Mixture, atoms_of, mix, shares_of
from mcrace.nomenclature import KEYS
from mcrace.study import Study
from mcrace.study.terms import parse_term

INF = math.inf
DAYS = {"lognormal": {"median": 150, "sigma": 0.7}}
NEVER = [{"weight": 7, "is": DAYS}, {"weight": 3, "is": INF}]
TWO_HUMPS = [[2, {"normal": {"mean": 0, "sd": 1}}], [1, {"normal": {"mean": 6, "sd": 0.5}}]]


def mixture(*members, bounds=None):
    return build_law("mixture", [list(member) for member in members], bounds)


def faults_of(spec, bounds=None):
    with pytest.raises(StudyError) as caught:
        build_law("mixture", spec, bounds)
    return caught.value.faults


# --- the numbers


def test_never_takes_the_top_of_the_levels_and_makes_the_mean_infinite():
    law = build_law("mixture", NEVER)
    inner = stats.lognorm(0.7, scale=150)
    u = np.array([1e-9, 0.07, 0.35, 0.69, 0.7 - 1e-12])
    np.testing.assert_allclose(law.ppf(u[:-1]), inner.ppf(u[:-1] / 0.7), rtol=1e-9)
    assert law.ppf(u[-1:]) < INF
    assert np.all(np.isinf(law.ppf(np.array([0.7 + 1e-12, 0.9, 1 - 1e-16]))))
    assert (law.mean, law.support) == (INF, (0.0, INF))
    assert math.isnan(law.sd)
    np.testing.assert_allclose(law.cdf(np.array([150.0, 1e300, INF])), [0.35, 0.7, 1.0], rtol=1e-12)
    np.testing.assert_allclose(law.sf(np.array([150.0, 1e300, INF])), [0.65, 0.3, 0.0], rtol=1e-12)
    np.testing.assert_allclose(law.isf(np.array([0.2, 0.65])), [INF, 150.0], rtol=1e-9)


def test_a_value_in_the_midst_of_a_law_has_its_own_probability():
    law = mixture((3, {"uniform": [0, 10]}), (1, 4))
    u = np.array([0.15, 0.3 - 1e-9, 0.3 + 1e-9, 0.45, 0.55 - 1e-9, 0.55 + 1e-9, 0.85])
    np.testing.assert_allclose(law.ppf(u), [2, 4, 4, 4, 4, 4, 8], rtol=1e-7)
    assert np.all(law.ppf(u[2:5]) == 4)
    np.testing.assert_allclose(law.isf(1 - u), law.ppf(u), rtol=1e-12)
    assert law.cdf(np.array(4.0)) == pytest.approx(0.55)
    assert law.cdf(np.nextafter(4.0, 0)) == pytest.approx(0.3)
    assert law.mean == pytest.approx(0.75 * 5 + 0.25 * 4)
    assert law.sd == pytest.approx(math.sqrt(0.75 * 100 / 12 + 0.75 * 0.25 * 1))


def test_a_blend_inverts_its_cdf_to_the_last_digits():
    law = build_law("mixture", TWO_HUMPS)
    assert isinstance(law, Blend)
    u = np.concatenate([[1e-300, 1e-30, 1e-15], np.linspace(0.001, 0.999, 301)])
    np.testing.assert_allclose(law.cdf(law.exact_ppf(u)), u, rtol=1e-12)
    np.testing.assert_allclose(law.sf(law.exact_isf(u)), u, rtol=1e-12)
    np.testing.assert_allclose(law.ppf(u), law.exact_ppf(u), rtol=1e-10, atol=1e-10)


def test_a_gap_between_the_parts_is_jumped():
    law = mixture((1, {"uniform": [0, 1]}), (1, {"uniform": [100, 101]}))
    values = law.ppf(np.linspace(0.001, 0.999, 999))  # one half among them
    assert not np.any((values > 1) & (values < 100))
    np.testing.assert_allclose(law.ppf(np.array([0.25, 0.75])), [0.5, 100.5], rtol=1e-9)


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3)])
def test_any_shape_goes_in_and_comes_out(shape):
    for law in (build_law("mixture", NEVER), build_law("mixture", TWO_HUMPS)):
        u = np.full(shape, 0.4)
        for values in (law.ppf(u), law.isf(u), law.cdf(u), law.sf(u)):
            assert np.shape(values) == shape
            assert values.dtype == np.float64


def test_draws_have_the_shares_and_the_moments():
    law = mixture((5, {"gamma": {"shape": 2, "scale": 10}}), (3, {"normal": {"mean": 50, "sd": 4}}), (2, 0))
    u = (np.arange(200_000) + 0.5) / 200_000
    values = law.ppf(u)
    assert np.mean(values == 0) == pytest.approx(0.2, abs=1e-5)
    assert values.mean() == pytest.approx(law.mean, rel=1e-5)
    assert values.std() == pytest.approx(law.sd, rel=1e-4)
    assert law.mean == pytest.approx(0.5 * 20 + 0.3 * 50)


# --- mixtures of mixtures


def test_a_nested_mixture_is_the_flat_one():
    inner = {"mixture": [[1, DAYS], [1, 30]]}
    nested = mixture((2, inner), (1, INF), (1, 30))
    flat = mixture((1, DAYS), (2, 30), (1, INF))
    assert nested == flat
    assert hash(nested) == hash(flat)
    assert [share for share, _ in shares_of(nested)] == pytest.approx([0.25, 0.75])


def test_numbers_alone_are_a_discrete_law_and_one_law_is_itself():
    assert mixture((1, 3), (1, {"discrete": {"values": [3, 5]}})) == build_law(
        "discrete", {"values": [3, 5], "weights": [3, 1]}
    )
    assert mixture((0.1, DAYS)) == build_law("lognormal", DAYS["lognormal"])
    assert mixture((1, DAYS), (4, DAYS)) == build_law("lognormal", DAYS["lognormal"])
    many = {"empirical": {"values": list(range(500))}}
    assert isinstance(mixture((1, many), (1, INF)), Empirical)


def test_whole_numbers_mix_with_laws():
    law = mixture((1, {"poisson": {"mean": 4}}), (1, {"uniform": [0, 1]}))
    assert law.cdf(np.array(3.0)) == pytest.approx(0.5 + 0.5 * stats.poisson(4).cdf(3), rel=1e-12)
    assert law.mean == pytest.approx(2.25, rel=1e-12)
    values, masses = atoms_of(build_law("poisson", {"mean": 4}))
    assert masses.sum() == pytest.approx(1, abs=1e-15)
    np.testing.assert_allclose(masses, stats.poisson(4).pmf(values), rtol=1e-9, atol=1e-17)


def test_a_pair_is_the_short_form_of_a_member_and_weights_have_any_scale():
    pairs = mixture((7e300, DAYS), (3e300, INF))
    assert describe(pairs) == describe(build_law("mixture", NEVER))
    assert mixture((7, DAYS), (3, INF)) == build_law("mixture", NEVER)
    tiny = mixture((1e-300, DAYS), (1, {"uniform": [0, 1]}))
    assert describe(tiny) == "mixture(1e-300 lognormal(median=150, sigma=0.7), 1 uniform(low=0, high=1))"
    assert mixture((1e-320, 3), (1e300, 4)) == Discrete((4.0,), (1.0,))


# --- bounds


def test_bounds_hold_each_part_and_keep_values_on_them():
    law = mixture((3, {"uniform": [0, 10]}), (1, 4), (1, INF), bounds=[4, 8])
    # of the uniform law 0.6 * 0.4 is left, of the single value 0.2
    assert law.support == (4.0, 8.0)
    assert law.cdf(np.array(4.0)) == pytest.approx(0.2 / 0.44)
    np.testing.assert_allclose(law.ppf(np.array([0.2, 0.2 / 0.44 + 0.12 / 0.44])), [4, 6], rtol=1e-9)
    assert truncate(law, 3, 9) == law
    (fault,) = faults_of([[1, 3], [1, {"uniform": [0, 1]}]], [5, 6])
    assert (fault.path, fault.found) == ("bounds", "[5, 6]")


def test_bounds_far_out_keep_what_is_there():
    law = mixture(
        (1, {"normal": {"mean": 0, "sd": 1}}), (1, {"normal": {"mean": 1, "sd": 1}}), bounds=[12, INF]
    )
    low = stats.norm.sf(12) / (stats.norm.sf(12) + stats.norm.sf(11))
    assert {part.law.mean: share for share, part in shares_of(law)}[0.0] == pytest.approx(low, rel=1e-9)
    assert np.all(law.ppf(np.array([1e-9, 0.5, 0.999])) >= 12)


def test_a_bounded_part_is_not_bounded_twice_in_words():
    law = mixture((1, {"normal": {"mean": 0, "sd": 1}, "bounds": [-1, 5]}), (1, 0.5), bounds=[-INF, 2])
    part = shares_of(law)[0][1]
    assert isinstance(part, Truncated)
    assert (part.low, part.high) == (-1, 2)


# --- what is said of it


def test_the_description_tells_shares_of_one():
    assert describe(build_law("mixture", NEVER)) == "mixture(0.7 lognormal(median=150, sigma=0.7), 0.3 never)"
    law = mixture((1, {"uniform": [0, 1]}), (1, 4), (2, 5))
    assert describe(law) == "mixture(0.25 uniform(low=0, high=1), 0.25 4, 0.5 5)"


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        (3, "mixture", "a list of {weight: 0.5, is: a law or a number (.inf for never)}"),
        ([], "mixture", "a list of"),
        ([3], "mixture.0", "or [0.5, a law or a number]"),
        ([[1, 2, 3]], "mixture.0", "found [1, 2, 3]"),
        ([{"weight": 0, "is": 3}], "mixture.0.weight", "a number above 0"),
        ([[-1, 3]], "mixture.0.0", "a number above 0"),
        ([[INF, 3]], "mixture.0.0", "a number above 0"),
        ([[1, "day"]], "mixture.0.1", "a law, or a number (or .inf, for never)"),
        ([[1, -INF]], "mixture.0.1", "a law, or a number"),
        ([[1, math.nan]], "mixture.0.1", "a law, or a number"),
        ([[1, True]], "mixture.0.1", "a law, or a number"),
        ([{"weigth": 1, "is": 3}], "mixture.0", "{weight: 0.5"),
        ([{"weight": 1, "is": 3, "iss": 4}], "mixture.0.iss", "did you mean 'is'?"),
        ([{"weight": 1, "is": {"lognrmal": {}}}], "mixture.0.is.lognrmal", "did you mean 'lognormal'?"),
        ([{"weight": 1, "is": {"normal": {"mean": 0, "sd": 0}}}], "mixture.0.is.normal.sd", "above 0"),
        ([{"weight": 1, "is": {}}], "mixture.0.is", "one law, such as"),
        ([[1, {"uniform": [0, 1], "bounds": [3, 4]}]], "mixture.0.1.bounds", "some of the law's probability"),
    ],
)
def test_faults_say_which_member(spec, path, words):
    (fault,) = faults_of(spec)
    assert fault.path == path
    assert words in str(fault)


def test_all_faults_are_told_at_once():
    spec = [{"weight": 0, "is": "x"}, [1, {"normal": {"mean": "a", "sd": -1}}], 5]
    assert [fault.path for fault in faults_of(spec)] == [
        "mixture.0.weight",
        "mixture.0.is",
        "mixture.1.1.normal.mean",
        "mixture.1.1.normal.sd",
        "mixture.2",
    ]


@pytest.mark.parametrize(
    ("key", "spec", "wrong"),
    [
        ("open.releases[].day", NEVER, None),
        ("open.releases[].expense", NEVER, "a law, perhaps never, on [0, inf]"),
        ("open.releases[].expense", [[1, {"uniform": [0, 2]}], [1, 1]], None),
        ("open.releases[].expense", [[1, {"uniform": [0, 2]}], [1, 0]], "a law on [0, 2]"),
        ("open.releases[].day", [[1, {"uniform": [0, 2]}], [1, -1]], "a law on [-1, 2]"),
        ("market.firms", [[1, 2], [1, 3]], None),
        ("market.firms", [[1, 2], [1, 2.5]], "a law on [2, 2.5]"),
        ("market.firms", [[1, 2], [1, INF]], "a law on [2, inf]"),
        ("market.firms", [[1, 2], [1, {"uniform": [2, 3]}]], "a law of numbers that are not whole"),
    ],
)
def test_single_values_are_held_against_the_range_of_a_key(key, spec, wrong):
    law = {"mixture": spec}
    if wrong is None:
        assert parse_term(law, KEYS[key]) == read_law(law)
        return
    with pytest.raises(StudyError) as caught:
        parse_term(law, KEYS[key])
    assert caught.value.faults[0].found == wrong


def test_each_draws_a_mixture_anew():
    growth = {"each": {"mixture": [[1, {"uniform": [1.1, 2]}], [1, 1.5]]}}
    study = Study(
        study="tiny",
        model={
            "horizon_days": 100,
            "open": {
                "current_expense": 1e8,
                "process": {"first_day": 10, "interval_days": 20, "growth": growth, "count": 3},
            },
            "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
            "value": {"scale": 0.1, "reference": 1e6},
            "customers": {"count": 1e6},
        },
    )
    laws = {item.name: item.law for item in study.inputs}
    assert [name.rpartition(".")[2] for name in laws] == ["0", "1", "2"]
    assert all(isinstance(law, Mixture) for law in laws.values())


def test_order_of_members_changes_nothing_but_rounding():
    members = [[1, {"uniform": [0, 1]}], [2, {"normal": {"mean": 3, "sd": 1}}], [1, 2.0]]
    u = np.linspace(0.01, 0.99, 50)
    first, *others = (build_law("mixture", list(order)).ppf(u) for order in itertools.permutations(members))
    for other in others:
        np.testing.assert_allclose(other, first, rtol=1e-10, atol=1e-11)
    assert mix([(1.0, build_law("uniform", [0, 1]))]) == build_law("uniform", [0, 1])
