"""Sensitivity from draws: against exact indices, atoms and infinite inputs, no effect, coverage."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, spearmanr

from mcrace.analysis.given_data import given_data
from mcrace.errors import StudyError
from tests.benchmarks.sensitivity import PROBLEMS, covered, draws_of, given_intervals


@pytest.mark.parametrize("method", ["sobol", "random"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_first_order_indices_are_the_exact_ones(name, method):
    found = given_data(*draws_of(name, 2048, 16, 1, method)).first
    errors = np.abs(found.value[0] - PROBLEMS[name].first)
    assert np.all(errors < 4 * found.standard_error[0] + 1e-3)
    assert found.standard_error.max() < (0.002 if method == "sobol" else 0.012)


def test_order_is_all_that_counts():
    inputs, outputs = draws_of("benchmark", 128, 8, 1)
    with np.errstate(over="ignore"):
        heavy = np.where(inputs > 0.9, np.inf, np.exp(np.minimum(700 * inputs, 700)))
    plain = given_data(np.where(inputs > 0.9, 2.0, inputs), outputs)
    found = given_data(heavy, 1e15 * outputs)
    for name in ("first", "pawn_median", "pawn_max", "dummy_max", "spearman"):
        np.testing.assert_allclose(getattr(found, name).value, getattr(plain, name).value, rtol=1e-9)


def test_an_atom_is_a_bin_of_its_own():
    rng = np.random.default_rng(1)
    never = rng.random((8, 512)) < 0.4
    x = np.where(never, np.inf, rng.random((8, 512)))
    found = given_data(x[:, :, np.newaxis], never[np.newaxis].astype(float))
    assert found.first.value[0, 0] == pytest.approx(1.0, abs=1e-2)
    assert found.pawn_max.value[0, 0] == pytest.approx(1 - never.mean(), abs=1e-12)
    middle = np.where(never, 0.5, rng.random((8, 512)))
    found = given_data(middle[:, :, np.newaxis], never[np.newaxis].astype(float))
    assert found.first.value[0, 0] == pytest.approx(1.0, abs=1e-2)


def test_two_values_are_two_bins():
    rng = np.random.default_rng(2)
    x = (rng.random((8, 1024, 1)) < 0.3).astype(float)
    y = x[np.newaxis, :, :, 0] + rng.standard_normal((1, 8, 1024))
    found = given_data(x, y)
    low, high = y[0][x[..., 0] == 0], y[0][x[..., 0] == 1]
    exact = sorted(ks_2samp(part, y.ravel()).statistic for part in (low, high))
    assert found.pawn_max.value[0, 0] == pytest.approx(exact[1], abs=4e-3)
    assert found.pawn_median.value[0, 0] == pytest.approx(np.mean(exact), abs=4e-3)
    assert found.first.value[0, 0] == pytest.approx(0.21 / 1.21, abs=4 * found.first.standard_error[0, 0])


def test_pawn_is_of_the_middle_and_of_the_farthest_bin():
    rng = np.random.default_rng(8)
    x = rng.permuted(np.tile([0.0, 1.0, 2.0], (4, 20)), axis=1)
    y = rng.standard_normal((4, 60)) + np.where(x == 2.0, 2.0, 0.1 * x)

    def distances(kept):
        # So few draws that the levels are all of them.
        return [ks_2samp(y[kept][x[kept] == value], y[kept].ravel()).statistic for value in range(3)]

    found = given_data(x[..., np.newaxis], y[np.newaxis])
    every = range(4)
    without = [distances([other for other in every if other != left]) for left in every]
    for estimates, over in ((found.pawn_median, np.median), (found.pawn_max, np.max)):
        assert estimates.value[0, 0] == pytest.approx(over(distances(list(every))), rel=1e-12)
        error = np.sqrt(3 * np.var(over(without, axis=1)))
        assert estimates.standard_error[0, 0] == pytest.approx(error, rel=1e-9)


def test_the_first_order_index_by_hand():
    rng = np.random.default_rng(9)
    x = rng.permuted(np.tile(np.arange(4.0), (5, 16)), axis=1)
    y = 0.3 * x + rng.standard_normal((5, 64))
    # With as much of each value, and the same mean, in every replicate nothing shifts where one is left out.
    y -= y.mean(axis=1, keepdims=True)
    means = np.array(
        [[row[values == value].mean() for value in range(4)] for values, row in zip(x, y, strict=True)]
    )

    def index(kept):
        pairs = [means[one] @ means[other] / 4 for one in kept for other in kept if one != other]
        return np.mean(pairs) / np.mean(y[kept] ** 2)

    found = given_data(x[..., np.newaxis], y[np.newaxis]).first
    assert found.value[0, 0] == pytest.approx(index(list(range(5))), rel=1e-9)
    without = [index([other for other in range(5) if other != left]) for left in range(5)]
    assert found.standard_error[0, 0] == pytest.approx(np.sqrt(4 * np.var(without)), rel=1e-9)


def test_pawn_of_no_effect_is_the_dummy():
    rng = np.random.default_rng(3)
    x, y = rng.random((16, 256, 4)), rng.standard_normal((1, 16, 256))
    found = given_data(x, y)
    np.testing.assert_allclose(found.pawn_median.value, found.dummy_median.value, atol=0.02)
    assert np.all(found.dummy_median.value > 0.01)  # the distance of few draws from all is never 0
    strong = given_data(x, x[np.newaxis, :, :, 0])
    assert strong.pawn_max.value[0, 0] == pytest.approx(0.9, abs=0.01)
    assert strong.dummy_max.value[0, 0] < 0.15


def test_rank_correlation_agrees_with_scipy():
    rng = np.random.default_rng(4)
    x = np.round(rng.random((4, 200, 1)), 1)
    y = np.maximum(x[np.newaxis, :, :, 0] + rng.standard_normal((1, 4, 200)), 0.0)
    found = given_data(x, y).spearman
    assert found.value[0, 0] == pytest.approx(spearmanr(x.ravel(), y.ravel()).statistic, rel=1e-12)
    assert 0 < found.standard_error[0, 0] < 0.1


def test_constants():
    rng = np.random.default_rng(5)
    x = rng.random((4, 64, 2))
    x[:, :, 1] = np.inf
    found = given_data(x, np.stack([np.full((4, 64), 0.1), x[:, :, 0]]))
    for name in ("first", "pawn_median", "pawn_max", "dummy_median", "dummy_max", "spearman"):
        assert np.isnan(getattr(found, name).value[0]).all(), name
        assert np.isnan(getattr(found, name).standard_error[0]).all(), name
    assert found.first.value[1, 1] == pytest.approx(0.0, abs=1e-12)
    assert found.pawn_max.value[1, 1] == 0.0
    assert np.isnan(found.spearman.value[1, 1])


def test_two_replicates_have_an_index_without_an_error():
    found = given_data(*draws_of("Ishigami", 256, 2, 1)).first
    assert np.isfinite(found.value).all()
    assert np.isnan(found.standard_error).all()


def test_wrong_calls_are_refused():
    x, y = np.zeros((2, 4, 1)), np.zeros((1, 2, 4))
    with pytest.raises(StudyError, match="shapes"):
        given_data(x, y[0])
    with pytest.raises(StudyError, match="at least 2"):
        given_data(x[:1], y[:, :1])
    with pytest.raises(StudyError, match="NaN"):
        given_data(x * np.nan, y)
    with pytest.raises(StudyError, match="not finite"):
        given_data(x, y - np.inf)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sobol", "random"])
def test_intervals_cover(method):
    repetitions = 200
    for name in ("benchmark", "Ishigami"):
        share, wide = covered(*given_intervals(name, 128, 16, method), repetitions)
        assert share.min() > 0.93 - 3.5 * np.sqrt(0.05 * 0.95 / repetitions), name
        assert wide.max() < (3.0 if name == "Ishigami" else 1.6), name
