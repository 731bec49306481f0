"""Curves over an input: known curves, errors that cover, crossings that cover."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri, stdtrit
from scipy.stats import qmc

from mcrace.analysis.curves import conditional_curves
from mcrace.errors import StudyError


def net(replicates: int, points: int, inputs: int, seed: int = 1):
    """Draw normal scores of independently scrambled Sobol' nets, (replicate, point, input)."""
    nets = [qmc.Sobol(inputs, rng=seed * 1000 + r).random(points) for r in range(replicates)]
    return ndtri(np.stack(nets))


def test_a_line_and_its_crossing():
    draws = net(16, 1024, 2)
    curve = conditional_curves(draws, draws[..., 0] - 0.4 + draws[..., 1]).inputs[0]
    assert curve.values.shape == (41,)
    np.testing.assert_allclose(curve.values[[0, 20, 40]], [ndtri(0.01), 0, ndtri(0.99)], atol=0.02)
    np.testing.assert_allclose(ndtr(curve.values), curve.probabilities, atol=2e-3)
    scaled = (curve.mean.value - curve.values + 0.4) / curve.mean.standard_error
    assert 0.6 < np.sqrt(np.mean(scaled**2)) < 1.5
    scaled = (curve.positive.value - ndtr(curve.values - 0.4)) / np.maximum(
        curve.positive.standard_error, 1e-3
    )
    assert 0.5 < np.sqrt(np.mean(scaled**2)) < 1.5
    for (crossing,) in (curve.mean_crossings, curve.positive_crossings):
        assert crossing.upward
        assert crossing.resolved
        assert crossing.agreeing == 16
        assert abs(crossing.value - 0.4) < 4 * crossing.standard_error < 0.2


def test_a_threshold_is_found_where_it_is():
    draws = net(16, 1024, 2)
    day = 365 * np.exp(draws[..., :1])
    output = np.where(day[..., 0] < 500, 1.0, -2.0) + 0.5 * draws[..., 1]
    curve = conditional_curves(day, output).inputs[0]
    (crossing,) = curve.mean_crossings
    assert not crossing.upward
    # A jump is known to about half a window: a step of the grid is 5 % of the day here.
    assert crossing.value == pytest.approx(500, rel=0.05)


def test_heavy_tails_do_not_matter():
    draws = net(16, 1024, 1)
    dollars = 1e9 * np.exp(2 * draws)
    curve = conditional_curves(dollars, np.log(dollars[..., 0]) - np.log(3e9)).inputs[0]
    (crossing,) = curve.mean_crossings
    assert crossing.value == pytest.approx(3e9, rel=2e-3)


def test_an_atom_is_its_own_point_and_may_be_the_threshold():
    draws = net(16, 512, 2)
    never = draws[..., 0] > ndtri(0.6)
    day = np.where(never, np.inf, np.exp(draws[..., 0]))
    output = np.where(never, 3.0, -1.0) + draws[..., 1]
    curve = conditional_curves(day[..., None], output).inputs[0]
    assert curve.is_atom.tolist() == [False] * 41 + [True]
    assert curve.values[-1] == np.inf
    assert curve.probabilities[-1] == pytest.approx(0.8, abs=1e-3)
    assert curve.probabilities[-2] == pytest.approx(0.6 * 0.99, abs=1e-3)
    assert curve.mean.value[-1] == pytest.approx(3, abs=4 * curve.mean.standard_error[-1])
    (crossing,) = curve.mean_crossings
    assert (crossing.value, crossing.upward, crossing.agreeing) == (np.inf, True, 16)
    assert crossing.standard_error == 0


def test_atoms_alone_and_an_atom_inside():
    draws = net(16, 512, 2)
    whole = np.clip(np.round(draws[..., 0]), -2, 2)
    inside = np.where(np.abs(draws[..., 0]) < 0.3, 0.0, draws[..., 0])
    inputs = np.stack([whole, inside], axis=-1)
    output = np.where(whole == 1, 1.0, -1.0) + 0.1 * draws[..., 1]
    curve = conditional_curves(inputs, output).inputs[0]
    assert curve.values.tolist() == [-2, -1, 0, 1, 2]
    assert curve.is_atom.all()
    assert [(each.value, each.upward) for each in curve.mean_crossings] == [(1, True), (2, False)]
    curve = conditional_curves(inputs, draws[..., 0] + 0.1).inputs[1]
    assert curve.is_atom.sum() == 1
    assert curve.values[curve.is_atom] == 0
    (crossing,) = curve.mean_crossings
    assert (crossing.value, crossing.upward) == (0, True)


def test_up_and_down_and_another_level():
    draws = net(16, 1024, 2)
    output = 1 - draws[..., 0] ** 2 + 0.3 * draws[..., 1]
    up, down = conditional_curves(draws, output).inputs[0].mean_crossings
    assert (up.upward, down.upward) == (True, False)
    assert abs(up.value + 1) < 4 * up.standard_error + 0.01
    assert abs(down.value - 1) < 4 * down.standard_error + 0.01
    curves = conditional_curves(draws, output, levels=(-0.44, 0.9))
    assert curves.levels == (-0.44, 0.9)
    assert curves.inputs[0].mean_crossings[1].value == pytest.approx(1.2, abs=0.02)
    # P(output > 0 | x) = 0.9 where 1 - x² = 0.3 Φ⁻¹(0.9).
    truth = np.sqrt(1 - 0.3 * ndtri(0.9))
    assert curves.inputs[0].positive_crossings[1].value == pytest.approx(truth, abs=0.04)


def test_no_crossing_where_the_sign_is_kept_or_all_is_noise():
    draws = net(16, 512, 3)
    for output in (2 + 0.2 * draws[..., 0] + draws[..., 1], draws[..., 1], np.zeros((16, 512))):
        curve = conditional_curves(draws, output).inputs[0]
        assert curve.mean_crossings == ()


def test_a_crossing_that_replicates_doubt_says_so():
    draws = net(8, 128, 2)
    # Above the level only in the last few percent, by less than the noise tells.
    output = draws[..., 0] - 1.8 + 1.5 * draws[..., 1]
    (crossing,) = conditional_curves(draws, output).inputs[0].mean_crossings
    assert not crossing.resolved
    assert np.isnan(crossing.standard_error)
    assert crossing.agreeing < 8


def test_dull_arrays():
    draws = net(8, 128, 2)
    few = np.where(np.arange(1024).reshape(8, 128) < 5, np.inf, draws[..., 0])
    inputs = np.stack([np.full((8, 128), 7.0), np.full((8, 128), np.inf), few, -few], axis=-1)
    curves = conditional_curves(inputs, np.ones((8, 128))).inputs
    assert [len(curve.values) for curve in curves] == [1, 1, 41, 41]
    for curve in curves:
        assert curve.mean.value == pytest.approx(1, abs=1e-12)
        assert curve.positive.value == pytest.approx(1, abs=1e-12)
        assert (curve.mean.standard_error < 1e-12).all()
        assert curve.mean_crossings == curve.positive_crossings == ()
    ties = conditional_curves(np.round(60 * draws), draws[..., 0]).inputs[0]
    assert np.isfinite(ties.mean.value).all()
    assert len(ties.mean_crossings) == 1


def test_wrong_arrays_are_told():
    draws = net(8, 16, 2)
    with pytest.raises(StudyError, match="shapes"):
        conditional_curves(draws, draws)
    broken = draws.copy()
    broken[0, 0] = np.nan
    with pytest.raises(StudyError) as raised:
        conditional_curves(broken[:1], broken[:1, :, 0])
    assert [fault.path for fault in raised.value.faults] == ["output", "output", "inputs"]


@pytest.mark.slow
def test_intervals_of_points_and_crossings_cover():
    rng = np.random.default_rng(6)
    width = stdtrit(15, 0.975)
    points, places = [], []
    for _ in range(_TRIALS):
        strata = rng.permuted(np.tile(np.arange(512), (16, 1)), axis=1)
        first = ndtri((strata + rng.uniform(size=strata.shape)) / 512)
        curve = conditional_curves(first[..., None], first - 0.4 + rng.normal(size=first.shape)).inputs[0]
        truth = curve.values - 0.4
        points.append(np.abs(curve.mean.value - truth) <= width * curve.mean.standard_error)
        for (crossing,) in (curve.mean_crossings, curve.positive_crossings):
            places.append(abs(crossing.value - 0.4) <= width * crossing.standard_error)
    scatter = 2 * np.sqrt(0.05 * 0.95 / _TRIALS)
    assert abs(np.mean(places) - 0.95) < 0.02 + scatter
    assert abs(np.mean(points) - 0.95) < 0.02 + scatter
    # The points of a curve, each: 41 looks at it.
    assert (np.abs(np.mean(points, axis=0) - 0.95) < 0.02 + 1.7 * scatter).all()


_TRIALS = 1000
