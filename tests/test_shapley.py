"""Shapley effects: against closed forms for dependent and independent inputs, sums, and coverage."""

from itertools import permutations

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

from mcrace.analysis.shapley import shapley_effects
from mcrace.errors import StudyError
from mcrace.sampling import MIXING, Copula, joined
from mcrace.sampling.definite import factor_of
from tests.benchmarks.sensitivity import PROBLEMS, covered, shapley_intervals

SLOPES = np.array([1.0, 1.5, -0.7, 0.8])
NAMES = ("a", "b", "c", "d")
CORRELATIONS = [[1.0, 0.6, 0.0], [0.6, 1.0, 0.3], [0.0, 0.3, 1.0]]


def copula_of(correlations=CORRELATIONS, degrees=None):
    factor = factor_of(correlations)
    return Copula(names=NAMES[: len(correlations)], factor=factor, degrees_of_freedom=degrees)


def linear_shares(correlations=CORRELATIONS):
    """Owen and Prieur (2017), by all orders: what an order explains when an input joins it."""
    size = len(SLOPES)
    matrix = np.eye(size)
    matrix[: len(correlations), : len(correlations)] = correlations

    def explained(known):
        covariance = matrix[:, known].T @ SLOPES
        return covariance @ np.linalg.pinv(matrix[np.ix_(known, known)]) @ covariance

    shares = np.zeros(size)
    orders = list(permutations(range(size)))
    for order in orders:
        for place, number in enumerate(order):
            shares[number] += explained(list(order[: place + 1])) - explained(list(order[:place]))
    return shares / shares.sum()


def linear(degrees=None):
    def outputs(u):
        if degrees is None:
            return (SLOPES @ ndtri(u))[np.newaxis]
        scores = stdtrit(degrees, u[:3]) * np.sqrt((degrees - 2) / degrees)
        return (SLOPES[:3] @ scores + SLOPES[3] * ndtri(u[3]))[np.newaxis]

    return outputs


@pytest.mark.parametrize("degrees", [None, 6.0])
def test_linear_output_of_dependent_inputs(degrees):
    found = shapley_effects(
        linear(degrees), NAMES, copula=copula_of(degrees=degrees), points=1024, replicates=16, seed=3
    )
    exact = linear_shares()
    assert np.all(np.abs(found.share.value[0] - exact) < 4 * found.share.standard_error[0])
    assert np.all(found.share.standard_error < 0.012)
    matrix = np.eye(4)
    matrix[:3, :3] = CORRELATIONS
    whole = SLOPES @ matrix @ SLOPES
    assert abs(found.variance.value[0] - whole) < 4 * found.variance.standard_error[0]
    assert found.runs == 1024 * 16 * 5


def test_inputs_that_are_one_share_alike():
    matrix = [[1.0, 1.0], [1.0, 1.0]]
    found = shapley_effects(linear(), NAMES, copula=copula_of(matrix), points=512, replicates=16, seed=3)
    exact = linear_shares(matrix)
    assert exact[0] == pytest.approx(exact[1])
    assert np.all(np.abs(found.share.value[0] - exact) < 4 * found.share.standard_error[0])


def test_opposite_slopes_of_two_joined_inputs():
    # Iooss and Prieur (2019), eq. 11: with correlation r the share of i is slope_i^2 (1 - r^2 / 2)
    # + r slope_1 slope_2 + r^2 slope_j^2 / 2, over the variance.
    slopes, r = np.array([2.0, -1.0]), 0.5
    found = shapley_effects(
        lambda u: (slopes @ ndtri(u))[np.newaxis],
        ["a", "b"],
        copula=copula_of([[1.0, r], [r, 1.0]]),
        points=1024,
        replicates=16,
        seed=1,
    )
    squares = slopes**2
    exact = squares * (1 - r * r / 2) + r * slopes.prod() + r * r * squares[::-1] / 2
    assert np.all(np.abs(found.effect.value[0] - exact) < 4 * found.effect.standard_error[0])
    assert exact.sum() == pytest.approx(squares.sum() + 2 * r * slopes.prod())


def test_independent_inputs_of_ishigami_and_an_additive_output():
    problem = PROBLEMS["Ishigami"]

    def both(u):
        return np.concatenate([problem.outputs(u), u[:1] + 2 * u[1:2]])

    found = shapley_effects(both, problem.inputs, copula=None, points=1024, replicates=16, seed=2)
    exact = np.array([(problem.first + problem.total) / 2, [0.2, 0.8, 0.0]])
    errors = np.abs(found.share.value - exact)
    assert np.all(errors <= 4 * found.share.standard_error)
    assert errors[1, 2] == 0.0


def test_effects_add_up_to_the_variance():
    found = shapley_effects(linear(), NAMES, copula=copula_of(), points=64, replicates=4, seed=1)
    np.testing.assert_allclose(found.effect.value.sum(axis=1), found.variance.value, rtol=1e-13)
    np.testing.assert_allclose(found.share.value.sum(axis=1), 1.0, rtol=1e-13)


@pytest.mark.parametrize("degrees", [None, 3.0])
def test_redrawn_inputs_have_the_law_of_a_study(degrees):
    seen = []
    copula = copula_of(degrees=degrees)

    def outputs(u):
        seen.append(u)
        return u[:1]

    shapley_effects(outputs, NAMES, copula=copula, points=4096, replicates=4, seed=1)
    rng = np.random.default_rng(1)
    study = joined(copula, dict(zip((*NAMES, MIXING), rng.random((5, 80_000)), strict=True)))
    ours, theirs = np.concatenate(seen, axis=1), np.array([study[name] for name in NAMES])
    np.testing.assert_allclose(np.corrcoef(ours), np.corrcoef(theirs), atol=0.02)
    for low in (0.02, 0.98):  # both in the tail, where the copulas differ
        tails = [np.mean((u[0] < low) & (u[1] < low)) for u in (ours, theirs)]
        assert tails[0] == pytest.approx(tails[1], abs=0.002)
    np.testing.assert_allclose(np.sort(ours)[:, ::4096], np.sort(theirs)[:, ::4000], atol=0.02)


def test_a_constant_output_has_no_share():
    found = shapley_effects(
        lambda u: np.full((1, u.shape[1]), 0.1), NAMES, copula=copula_of(), points=16, replicates=2, seed=1
    )
    assert np.isnan(found.share.value).all()
    assert np.isnan(found.share.standard_error).all()
    assert np.all(found.effect.value == 0)


def test_one_replicate_has_no_errors():
    found = shapley_effects(linear(), NAMES, copula=None, points=64, replicates=1, seed=1)
    assert np.isfinite(found.share.value).all()
    assert np.isnan(found.share.standard_error).all()


@pytest.mark.parametrize(
    ("inputs", "points", "replicates", "path"),
    [([], 8, 2, "inputs"), (["a"], 8, 2, "copula"), (NAMES, 12, 2, "points"), (NAMES, 8, 0, "replicates")],
)
def test_wrong_calls_are_refused(inputs, points, replicates, path):
    with pytest.raises(StudyError, match=path):
        shapley_effects(lambda u: u, inputs, copula=copula_of(), points=points, replicates=replicates, seed=1)


@pytest.mark.slow
def test_intervals_cover_and_are_no_wider_than_need_be():
    repetitions = 300
    trials = [shapley_intervals(128, 16)]

    def dependent(seed):
        return [
            shapley_effects(linear(), NAMES, copula=copula_of(), points=128, replicates=16, seed=seed).share
        ]

    trials.append((dependent, linear_shares()))
    for trial in trials:
        share, wide = covered(*trial, repetitions)
        slack = 3.5 * np.sqrt(0.05 * 0.95 / repetitions)
        assert share.min() > 0.93 - slack
        assert share.max() < 0.97 + slack
        assert wide.max() < 1.5
