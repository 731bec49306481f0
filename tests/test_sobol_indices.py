"""Sobol' indices: against exact ones, coverage of their intervals, and what has none."""

import numpy as np
import pytest

from mcrace.analysis.sobol_indices import sobol_indices
from mcrace.errors import StudyError
from tests.benchmarks.sensitivity import PROBLEMS, covered, index_intervals, ours


@pytest.mark.parametrize("name", PROBLEMS)
def test_indices_are_the_exact_ones(name):
    problem = PROBLEMS[name]
    found = ours(problem, seed=5, points=256, replicates=16)
    for estimates, exact in ((found.first, problem.first), (found.total, problem.total)):
        assert np.all(np.abs(estimates.value[0] - exact) < 5 * estimates.standard_error[0] + 1e-5)
        assert np.all(estimates.standard_error < 5e-3)
    assert found.runs == 256 * 16 * (len(problem.inputs) + 2)


def test_outputs_in_one_pass_are_the_same_as_alone():
    problem = PROBLEMS["Ishigami"]

    def several(u):
        values = problem.outputs(u)[0]
        return np.stack([values, values > 3.0, 1e12 * values - 5e14])

    found = sobol_indices(several, problem.inputs, points=128, replicates=8, seed=2)
    alone = ours(problem, 2, 128, 8)
    for both, one in ((found.first, alone.first), (found.total, alone.total)):
        np.testing.assert_allclose(both.value[0], one.value[0], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(both.value[2], one.value[0], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(both.standard_error[2], one.standard_error[0], rtol=1e-5, atol=1e-9)
    assert np.all(found.first.value[1] > -0.05)
    assert found.mean.value[1] == pytest.approx(0.5, abs=0.5)


def test_an_additive_output_has_its_shares_and_mean_and_variance():
    found = sobol_indices(
        lambda u: 10 + u[:1] + 2 * u[1:2] + 0 * u[2:], "abc", points=64, replicates=4, seed=3
    )
    np.testing.assert_allclose(found.first.value, [[0.2, 0.8, 0.0]], atol=2e-3)
    np.testing.assert_allclose(found.total.value, [[0.2, 0.8, 0.0]], atol=2e-3)
    assert found.mean.value == pytest.approx(11.5, abs=1e-3)
    assert found.variance.value == pytest.approx(5 / 12, rel=1e-2)


def test_an_indicator_of_two_inputs():
    # P(u > 1/2 and v > 1/2): variances 1/4 (1 - 1/4) in all, 1/16 alone.
    found = sobol_indices(
        lambda u: ((u[0] > 0.5) & (u[1] > 0.5))[np.newaxis], ["u", "v"], points=1024, replicates=8, seed=1
    )
    np.testing.assert_allclose(found.first.value, [[1 / 3, 1 / 3]], atol=5e-3)
    np.testing.assert_allclose(found.total.value, [[2 / 3, 2 / 3]], atol=5e-3)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e9])
def test_a_constant_output_has_no_index(constant):
    found = sobol_indices(
        lambda u: np.stack([np.full(u.shape[1], constant), u[0]]), ["u", "v"], points=16, replicates=3, seed=1
    )
    for estimates in (found.first, found.total):
        assert np.isnan(estimates.value[0]).all()
        assert np.isnan(estimates.standard_error[0]).all()
        assert np.isfinite(estimates.value[1]).all()
    assert found.mean.value[0] == constant
    assert found.variance.value[0] == 0.0


def test_one_replicate_has_no_errors_and_many_inputs_no_polynomial():
    found = sobol_indices(lambda u: u.sum(axis=0, keepdims=True), "ab", points=256, replicates=1, seed=1)
    np.testing.assert_allclose(found.first.value, 0.5, atol=0.05)
    assert np.isnan(found.first.standard_error).all()
    names = [f"x{number}" for number in range(40)]
    found = sobol_indices(lambda u: u.sum(axis=0, keepdims=True), names, points=8, replicates=2, seed=1)
    assert np.isfinite(found.total.standard_error).all()


def test_same_call_same_bits():
    first, second = (ours(PROBLEMS["g"], 4, 32, 4) for _ in range(2))
    np.testing.assert_array_equal(first.total.value, second.total.value)
    np.testing.assert_array_equal(first.total.standard_error, second.total.standard_error)


def test_a_few_runs_by_hand():
    # Too few for a polynomial: Saltelli's and Jansen's means about the mean of A and B, and a jackknife.
    runs = []

    def evaluate(u):
        runs.append((np.exp(2 * u[0]) + u[0] * u[1]).reshape(4, 8))  # designs A, B, A_0 and A_1
        return runs[-1].reshape(1, -1)

    found = sobol_indices(evaluate, "ab", points=8, replicates=3, seed=6)
    a, b, *changed = np.moveaxis(runs, 1, 0) - np.mean([run[:2] for run in runs])
    variance = (a**2 + b**2).sum(axis=1) / 16
    for number, one in enumerate(changed):
        for estimates, parts in (
            (found.first, (b * (one - a)).mean(axis=1)),
            (found.total, ((one - a) ** 2 / 2).mean(axis=1)),
        ):
            without = [np.delete(parts, left).sum() / np.delete(variance, left).sum() for left in range(3)]
            error = np.sqrt(2 / 3 * np.sum((without - np.mean(without)) ** 2))
            assert estimates.value[0, number] == pytest.approx(parts.sum() / variance.sum(), rel=1e-9)
            assert estimates.standard_error[0, number] == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize(
    ("inputs", "points", "replicates", "path"),
    [
        ([], 8, 2, "inputs"),
        (["a", "a"], 8, 2, "inputs"),
        (["a"], 12, 2, "points"),
        (["a"], 8, 0, "replicates"),
    ],
)
def test_wrong_calls_are_refused(inputs, points, replicates, path):
    with pytest.raises(StudyError, match=path):
        sobol_indices(lambda u: u, inputs, points=points, replicates=replicates, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_intervals_cover_and_are_no_wider_than_need_be(name):
    repetitions = 120
    share, wide = covered(*index_intervals(name, 64, 16), repetitions)
    # Four binomial standard deviations below 93 %; more than 97 % would show as width.
    assert share.min() > 0.93 - 4 * np.sqrt(0.93 * 0.07 / repetitions)
    assert abs(share.mean() - 0.95) < 0.03
    assert wide.max() < 1.5
