"""Correlated inputs: the correlations asked for, margins and other draws untouched, every fault told."""

import itertools
import math
import pickle

import jsonschema
import numpy as np
import pytest
from scipy import stats

from mcrace.engine.run import run
from mcrace.errors import StudyError
from mcrace.sampling import DESIGNS, MIXING, Copula, joined, unit_block
from mcrace.sampling.definite import clash, consistent_range, factor_of, nearest_correlations
from mcrace.sampling.rank_correlation import rank_correlation, score_correlation
from mcrace.study import Study, study_schema
from mcrace.study.document import read_text
from mcrace.study.write import study_yaml
from tests.small_study import fingerprint, small_study

NAMES = tuple("abcdefghij")
METHODS = tuple(DESIGNS)


def correlations_of_ten():
    """Rank correlations of ten inputs that can hold together, of all sizes and both signs."""
    rng = np.random.default_rng(5)
    loadings = rng.uniform(-1, 1, (10, 3))
    covariance = loadings @ loadings.T + 0.3 * np.eye(10)
    sd = np.sqrt(np.diag(covariance))
    return np.round(6 / math.pi * np.arcsin(covariance / np.outer(sd, sd) / 2), 2)


def copula_of_ten(degrees=None):
    asked = correlations_of_ten()
    scores = [
        [score_correlation(float(asked[i, j]), degrees) if i != j else 1.0 for j in range(10)]
        for i in range(10)
    ]
    return Copula(names=NAMES, factor=factor_of(scores), degrees_of_freedom=degrees)


def uniforms(method, *, count=8192, start=0, points=8192, replicate=0):
    names = (*NAMES, "other", MIXING)
    block = {
        "method": method,
        "seed": 11,
        "replicate": replicate,
        "start": start,
        "count": count,
        "points": points,
    }
    return dict(zip(names, unit_block(**block, names=names, dimensions=range(len(names))), strict=True))


def correlated(correlations, **changes):
    return small_study(**changes).document | {"correlations": correlations}


def study_with(correlations, **changes):
    return Study(**correlated(correlations, **changes))


# What is asked for


def sampled_rank_correlations(method, degrees, seeds, points):
    """Of the 45 pairs of ten inputs, a row a seed."""
    copula, names, pairs = copula_of_ten(degrees), (*NAMES, MIXING), np.triu_indices(10, 1)
    block = {"method": method, "replicate": 0, "start": 0, "count": points, "points": points}
    found = []
    for seed in seeds:
        rows = unit_block(**block, seed=seed, names=names, dimensions=range(len(names)))
        levels = joined(copula, dict(zip(names, rows, strict=True)))
        ranks = [np.argsort(np.argsort(levels[name])) for name in NAMES]
        found.append(np.corrcoef(ranks)[pairs])
    return np.array(found), correlations_of_ten()[pairs]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("degrees", [None, 3.0])
def test_sampled_rank_correlations_are_those_asked_for(method, degrees):
    (found,), asked = sampled_rank_correlations(method, degrees, [11], 8192)
    # Of independent draws; quasi-random ones are nearer. The t copula's tails widen it by less than half.
    se = (1 - asked**2) * (1.06 if degrees is None else 1.5) / math.sqrt(8192)
    # Jointly: the largest of 45 passes this as seldom as a single pair passes three standard errors.
    assert np.abs((found - asked) / se).max() < stats.norm.isf(stats.norm.sf(3) / 45)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("degrees", [None, 3.0])
def test_each_rank_correlation_is_within_three_standard_errors(method, degrees):
    # On the mean over the first 256 seeds, the standard error of which is taken from these seeds themselves.
    found, asked = sampled_rank_correlations(method, degrees, range(256), 2048)
    sd = found.std(axis=0, ddof=1)
    assert np.abs((found.mean(axis=0) - asked) / (sd / math.sqrt(256))).max() < 3
    # no wider than those of independent draws, so that three of them are not easily met
    assert np.all(sd < (1 - asked**2) * (1.06 if degrees is None else 1.5) / math.sqrt(2048) * 1.15)


@pytest.mark.parametrize("method", METHODS)
def test_margins_are_untouched(method):
    before = uniforms(method)
    for degrees in (None, 2.5):
        after = joined(copula_of_ten(degrees), before)
        assert list(after) == [*NAMES, "other"]
        assert np.array_equal(after["other"], before["other"])
        for name in NAMES:
            assert after[name].min() > 0
            assert after[name].max() < 1
            assert stats.kstest(after[name], "uniform").pvalue > 1e-4, name
    assert np.array_equal(joined(copula_of_ten(), before)["a"], before["a"])


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_the_first_input_keeps_its_strata(method):
    row = joined(copula_of_ten(), uniforms(method))["a"]
    assert np.all(np.histogram(row, np.arange(8193) / 8192)[0] == 1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("degrees", [None, 4.0])
def test_bits_do_not_depend_on_the_cut(method, degrees):
    copula = copula_of_ten(degrees)
    whole = joined(copula, uniforms(method))
    for size in (1, 7, 1000, 4097):
        start = 3 * size % 4000
        part = joined(copula, uniforms(method, start=start, count=size))
        for name in NAMES:
            assert np.array_equal(part[name], whole[name][start : start + size])


def test_extreme_levels_stay_inside_and_in_order():
    copula = Copula(names=("a", "b"), factor=factor_of([[1.0, 0.9], [0.9, 1.0]]))
    edges = np.array([2.0**-53, 1e-12, 0.5, 1 - 1e-12, 1 - 2.0**-53])
    after = joined(copula, {"a": edges, "b": edges})["b"]
    assert np.all(np.diff(after) >= 0)
    assert after[0] == 2.0**-53
    assert after[-1] == 1 - 2.0**-53
    heavy = Copula(names=("a", "b"), factor=((1.0,), (0.0, 1.0)), degrees_of_freedom=1.0)
    rows = joined(heavy, {"a": edges, "b": edges[::-1], MIXING: edges})
    assert all(0 < level < 1 for row in rows.values() for level in row)


@pytest.mark.parametrize("sign", [-1, 1])
def test_correlations_of_one_are_a_limit(sign):
    one = study_with([["lead", "day", sign]])
    draws = run(one, jobs=1).draws
    lead, day = (draws[draws["scenario"] == "base"][name] for name in ("lead", "day"))
    level = (lead - 1.6) / 18.4
    np.testing.assert_allclose(day / 900, level if sign > 0 else 1 - level, atol=1e-12)


# From rank correlations to those of the scores


@pytest.mark.parametrize("degrees", [1.0, 2.5, 4.0, 30.0, 1000.0])
def test_scores_and_ranks_go_to_and_fro(degrees):
    for spearman in (-0.99, -0.3, 0.001, 0.5, 0.9, 0.9999):
        score = score_correlation(spearman, degrees)
        assert abs(rank_correlation(score, degrees) - spearman) < 1e-10
        assert abs(score) >= abs(score_correlation(spearman)) - 1e-12
    assert rank_correlation(0.0, degrees) == 0.0
    assert abs(rank_correlation(1.0, degrees) - 1) < 1e-12


def test_many_degrees_of_freedom_are_gaussian():
    assert abs(rank_correlation(0.5, 1000) - rank_correlation(0.5)) < 1e-4
    assert rank_correlation(1.0) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(("degrees", "score"), [(1.0, 0.7), (3.0, -0.5), (8.0, 0.9)])
def test_rank_correlation_of_a_t_copula_by_simulation(degrees, score):
    rng = np.random.default_rng(3)
    found = []
    for _ in range(20):
        z = rng.standard_normal((2, 20_000))
        z[1] = score * z[0] + math.sqrt(1 - score**2) * z[1]
        found.append(stats.spearmanr(*(z / np.sqrt(rng.chisquare(degrees, 20_000)))).statistic)
    error = np.mean(found) - rank_correlation(score, degrees)
    assert abs(error) < 3 * np.std(found, ddof=1) / math.sqrt(20)


# Matrices


def test_factors_are_cholesky_s():
    scores = np.cos(np.subtract.outer(np.arange(6), np.arange(6)) / 4) * 0.7 + 0.3 * np.eye(6)
    ours = np.zeros((6, 6))
    for i, row in enumerate(factor_of(scores.tolist())):
        ours[i, : i + 1] = row
    np.testing.assert_allclose(ours, np.linalg.cholesky(scores), atol=1e-14)


def test_the_nearest_matrix_is_highams():
    # N. J. Higham (2002), page 334: off-diagonal entries 0.7607 and 0.1573.
    near = np.array(nearest_correlations([[1, 1, 0], [1, 1, 1], [0, 1, 1]]))
    np.testing.assert_allclose(near[0], [1, 0.7607, 0.1573], atol=5e-5)
    assert np.array_equal(near, near.T)
    assert np.linalg.eigvalsh(near).min() > 0
    assert factor_of(near.tolist()) is not None


def test_the_smallest_clash_and_the_range_that_heals_it():
    rng = np.random.default_rng(8)
    for _ in range(30):
        size = int(rng.integers(3, 8))
        matrix = np.triu(rng.uniform(-1, 1, (size, size)), 1)
        matrix += matrix.T + np.eye(size)
        smallest = min(np.linalg.eigvalsh(matrix))
        if abs(smallest) < 1e-6:
            continue
        assert (factor_of(matrix.tolist()) is None) == (smallest < 0)
        if smallest > 0:
            continue
        rows = clash(matrix.tolist())
        part = matrix[np.ix_(rows, rows)]
        assert np.linalg.eigvalsh(part)[0] < 0
        for fewer in itertools.combinations(range(size), len(rows) - 1):
            assert np.linalg.eigvalsh(matrix[np.ix_(fewer, fewer)])[0] > -1e-9
        low, high = consistent_range(part.tolist(), 0, 1)
        for value, right in ((low, True), (high, True), (low - 0.01, False), (high + 0.01, False)):
            part[0, 1] = part[1, 0] = value
            assert (np.linalg.eigvalsh(part)[0] > -1e-9) == right or abs(value) > 1


def test_a_clash_of_many_is_found_too():
    matrix = [[1.0 if i == j else -0.2 for j in range(30)] for i in range(30)]
    rows = clash(matrix)
    assert len(rows) == 7  # -0.2 is possible for up to six


# Studies


def test_scenarios_that_fix_a_correlated_input_leave_the_others_alone():
    pairs = [["lead", "day", 0.6], ["x", "day", -0.4], ["model.discount_rate", "lead", 0.5]]
    for correlations in (pairs, {"copula": "t", "degrees_of_freedom": 4, "pairs": pairs}):
        scenarios = {"a": {"inputs.day": 30}, "b": {"inputs.lead": 3, "model.discount_rate": 0.1}}
        draws = run(study_with(correlations, scenarios=scenarios), jobs=1).draws
        base, a, b = (draws[draws["scenario"] == name].reset_index() for name in ("base", "a", "b"))
        for name in ("x", "lead", "model.discount_rate"):
            assert base[name].equals(a[name])
        assert base["x"].equals(b["x"])
        assert base["day"].equals(b["day"])


def test_inputs_without_correlations_keep_their_bits():
    plain, with_pair = (run(one, jobs=1).draws for one in (small_study(), study_with([["lead", "x", 0.5]])))
    for name in ("day", "model.discount_rate", "lead"):
        assert plain[name].equals(with_pair[name])
    assert not plain["x"].equals(with_pair["x"])


def test_a_t_copula_runs_alike_on_any_workers():
    one = study_with(
        {"copula": "t", "degrees_of_freedom": 3, "pairs": [["lead", "day", 0.0], ["x", "day", 0.3]]},
        sampling={"draws": 40_000, "replicates": 2},
    )
    assert one.correlations.mixing_dimension == 4
    assert fingerprint(run(one, jobs=1)) == fingerprint(run(one, jobs=2))
    draws = run(one, jobs=1).draws
    base = draws[draws["scenario"] == "base"]
    far = (base["lead"] > 1.6 + 0.95 * 18.4) & (base["day"] > 0.95 * 900)
    assert far.mean() > 2 * 0.05**2  # tails come together, though the ranks are uncorrelated


def test_the_digest_covers_correlations_and_not_their_order():
    pairs = [["lead", "day", 0.4], ["x", "day", 0.1]]
    one = study_with(pairs).digest
    assert one == study_with([["day", "x", 0.1], ["day", "lead", 0.4]]).digest
    assert one == study_with({"copula": "gaussian", "pairs": pairs, "nearest": False}).digest
    others = [
        study_with([["lead", "day", 0.41], pairs[1]]),
        study_with({"copula": "t", "degrees_of_freedom": 5, "pairs": pairs}),
        study_with({"copula": "t", "degrees_of_freedom": 6, "pairs": pairs}),
        small_study(),
    ]
    assert len({one, *(other.digest for other in others)}) == 5
    assert study_with([]).digest == small_study().digest


def test_studies_with_correlations_travel():
    one = study_with(
        {"copula": "t", "degrees_of_freedom": 5, "pairs": [["lead", "model.discount_rate", 0.4]]}
    )
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    again = Study.from_text(study_yaml(one.document))
    assert (again.correlations, again.digest) == (one.correlations, one.digest)
    jsonschema.Draft202012Validator(study_schema()).validate(one.document)


def test_the_nearest_correlations_are_taken_on_demand():
    pairs = [["lead", "day", 0.9], ["day", "x", 0.9], ["x", "lead", -0.5]]
    found = study_with({"pairs": pairs, "nearest": True}).correlations
    rows = joined(
        found.copula,
        {name: uniforms("sobol")[own] for name, own in zip(("day", "lead", "x"), "abc", strict=True)},
    )
    changes = {
        frozenset((one, two)): abs(stats.spearmanr(rows[one], rows[two]).statistic - rho)
        for one, two, rho in pairs
    }
    assert abs(max(changes.values()) - found.largest_change) < 0.01
    assert abs(changes[frozenset(found.most_changed)] - found.largest_change) < 0.01
    assert 0.2 < found.largest_change < 0.9
    kept = study_with({"pairs": [["lead", "day", 0.3]], "nearest": True}).correlations
    assert kept.largest_change == 0.0
    assert kept.copula == study_with([["lead", "day", 0.3]]).correlations.copula


# Faults

STUDY = """\
study: tiny
inputs:
  x: {law: {lognormal: {p05: 3.0e7, p95: 4.0e8}}}
  day: {law: {uniform: [0, 200]}}
  lead: {law: {uniform: [2, 9]}}
  rate: 0.1
model:
  horizon_days: 730
  discount_rate: rate
  open:
    current_expense: x
    process: {first_day: 3, interval_days: 9, growth: {each: {uniform: [1, 2]}}, count: 2}
  lab: {current_expense: lead * x, candidate_expense: 8 * x}
  value: {curve: log, scale: 0.4, reference: 1e6}
  customers: {count: {uniform: [1e6, 2e6]}}
correlations: @
sampling: {draws: 1024, method: sobol, replicates: 4, seed: 7}
"""

FAULTY = [
    ("«3", "", "3", "a list of pairs"),
    ("[«[lead, day]]", "0", "a list of 2", "a pair and its rank correlation"),
    ("[«lead]", "0", "'lead'", "a pair and its rank correlation"),
    ("[[lead, day, «much]]", "0.2", "'much'", "a number in [-1, 1]"),
    ("[[lead, day, «1.01]]", "0.2", "1.01", "a number in [-1, 1]"),
    ("[[lead, day, «true]]", "0.2", "true", "a number in [-1, 1]"),
    ("[[lead, day, «.nan]]", "0.2", ".nan", "a number in [-1, 1]"),
    ("[[«3, day, 0.1]]", "0.0", "3", "the name of an input"),
    ("[[lead, «lead, 0.1]]", "0.1", "'lead' twice", "two inputs"),
    ("[[lead, day, 0.1], «[day, lead, 0.1]]", "1", "the pair day, lead again", "entry 1"),
    ("[[«leda, day, 0.1]]", "0.0", "the name 'leda'", "did you mean 'lead'"),
    ("[[lead, «rate, 0.1]]", "0.1", "'rate', which is a plain number", "an input with a law"),
    ("[[lead, «model.customers.cuont, 0]]", "0.1", "the name", "did you mean 'model.customers.count'"),
    ("[[lead, «model.open.process.growth, 0]]", "0.1", "the name", "such as model.open.process.growth.0"),
    ("{copula: «tt, pairs: []}", "copula", "'tt'", "gaussian, t"),
    ("{copula: t, pairs: []«}", "degrees_of_freedom", "nothing", "which copula t needs"),
    ("{copula: t, degrees_of_freedom: «0.5, pairs: []}", "degrees_of_freedom", "0.5", "[1, 1000]"),
    ("{degrees_of_freedom: «5, pairs: []}", "degrees_of_freedom", "5", "copula: t beside it"),
    ("{«pair: [], pairs: []}", "pair", "an unknown key", "did you mean 'pairs'"),
    ("{nearest: «yes, pairs: []}", "nearest", "'yes'", "true or false"),
    ("{pairs: «{}}", "pairs", "a mapping", "a list of pairs"),
    ("{pairs: [[lead, «dya, 1]]}", "pairs.0.1", "the name 'dya'", "did you mean 'day'"),
    (
        "[[lead, day, 0.9], [day, x, 0.9], [x, lead, «-0.5]]",
        "2.2",
        "[lead, day, 0.9], [day, x, 0.9], [x, lead, -0.5]",
        "for x and lead a number in [0.6",
    ),
    (
        "[[lead, day, 0.9], [day, x, «0.9]]",
        "1.2",
        "(0 for the 1 pair among them not listed)",
        "nearest: true",
    ),
]


@pytest.mark.parametrize(("text", "path", "found", "expected"), FAULTY, ids=[row[0] for row in FAULTY])
def test_faults_are_told_where_they_stand(text, path, found, expected):
    with pytest.raises(StudyError) as caught:
        Study.from_text(STUDY.replace("@", text.replace("«", "")), "study.yaml")
    (fault,) = caught.value.faults
    assert fault.path == ".".join(("correlations", path)).rstrip(".")
    assert found in fault.found
    assert expected in str(fault)
    assert fault.line == 16
    if path != "degrees_of_freedom" or "nothing" not in found:
        assert fault.column == len("correlations: ") + text.index("«") + 1


def test_the_range_told_of_a_clash_is_the_right_one():
    with pytest.raises(StudyError) as caught:
        study_with([["lead", "day", 0.9], ["day", "x", 0.9], ["x", "lead", -0.5]])
    low, high = (float(end) for end in caught.value.faults[0].expected.split("[")[1].split("]")[0].split(","))
    for value, right in ((low, True), (high, True), (low - 0.001, False)):
        pairs = [["lead", "day", 0.9], ["day", "x", 0.9], ["x", "lead", value]]
        if right:
            study_with(pairs)
        else:
            with pytest.raises(StudyError):
                study_with(pairs)
    assert read_text("[a, b, 0.4]").value == ["a", "b", 0.4]


def test_faults_of_correlations_come_with_all_others():
    with pytest.raises(StudyError) as caught:
        Study(**correlated([["lead", "day", 2]]) | {"sampling": {"draws": 0}})
    assert {fault.path for fault in caught.value.faults} == {"correlations.0.2", "sampling.draws"}


def test_inputs_that_only_scenarios_make_random_can_be_correlated():
    scenarios = {"loose": {"model.horizon_days": {"uniform": [600, 900]}}}
    one = study_with([["model.horizon_days", "day", -0.7]], scenarios=scenarios)
    draws = run(one, jobs=1).draws
    loose = draws[draws["scenario"] == "loose"]
    assert abs(stats.spearmanr(loose["model.horizon_days"], loose["day"]).statistic + 0.7) < 0.1
