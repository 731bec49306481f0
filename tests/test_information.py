"""Value of information: closed forms, nested Monte Carlo, intervals that cover, no upward bias."""

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit
from scipy.stats import norm, qmc

from mcrace.analysis.benefit_fits import input_learner
from mcrace.analysis.information import information
from mcrace.errors import StudyError


def net(replicates: int, points: int, inputs: int, seed: int = 1):
    """Draw normal scores of independently scrambled Sobol' nets, (replicate, point, input)."""
    nets = [qmc.Sobol(inputs, rng=seed * 1000 + r).random(points) for r in range(replicates)]
    return ndtri(np.stack(nets))


def loss(spread, mean):
    """E[max(0, X)] - max(0, mean) of a normal X: the unit normal loss."""
    ratio = abs(mean) / spread
    return spread * (norm.pdf(ratio) - ratio * norm.sf(ratio))


def against_zero(benefit):
    return np.stack([benefit, np.zeros_like(benefit)])


def assert_within(estimates, truth, errors=4.0, slack=0.0):
    off = np.abs(estimates.value - truth)
    assert (off <= errors * estimates.standard_error + slack).all(), (estimates.value, truth)


@pytest.mark.parametrize("cost", [-0.3, 0.0, 0.8])
def test_two_actions_have_the_unit_normal_loss(cost):
    draws = net(16, 512, 4)
    benefits = against_zero(draws[..., 0] + 0.5 * draws[..., 1] + 0.7 * draws[..., 2] - cost)
    found = information(benefits, draws, [(0, 1), (0, 1, 2)])
    spreads = np.array([1, 0.5, 0.7, 0])
    assert found.best == (1 if cost > 0 else found.best)
    assert_within(found.perfect, loss(np.sqrt(1.74), cost))
    assert_within(found.inputs, [loss(spread, cost) if spread else 0 for spread in spreads], slack=3e-3)
    assert_within(found.groups, loss(np.sqrt(np.array([1.25, 1.74])), cost), slack=3e-3)
    if cost:
        sure = norm.sf(abs(cost) / spreads[:3])
        assert_within(found.input_changes, [*sure, 0], slack=5e-3)
        assert_within(found.group_changes, norm.sf(abs(cost) / np.sqrt([1.25, 1.74])), slack=5e-3)
        assert_within(found.perfect_changes, norm.sf(abs(cost) / np.sqrt(1.74)))


def test_three_actions():
    draws = net(16, 512, 3)
    benefits = np.stack([draws[..., 0], draws[..., 1], 0.2 + 0 * draws[..., 2]])
    found = information(benefits, draws, [(0, 1)])
    # Learning one: it is taken where it beats the sure 0.2.
    assert found.best == 2
    one = loss(1.0, 0.2)
    z = np.linspace(-9, 9, 20001)
    greatest = np.maximum(z, 0.2)
    both = np.trapezoid(2 * norm.pdf(z) * norm.cdf(z) * greatest, z) - 0.2
    assert_within(found.inputs, [one, one, 0], slack=2e-3)
    assert_within(found.groups, both, slack=4e-3)
    assert_within(found.perfect, both)


def test_learning_everything_is_worth_the_best_less_what_the_other_replicates_name():
    draws = net(4, 32, 2)
    first, second = np.array([3.0, -1.0, -1.0, -0.6])[:, np.newaxis] + draws[..., 0], draws[..., 1]
    # Without its first replicate the first alternative looks worse than the second one.
    named = [
        np.delete(first, left, axis=0).mean() > np.delete(second, left, axis=0).mean() for left in range(4)
    ]
    assert named == [False, True, True, True]
    gains = [
        np.mean(np.maximum(one, two)) - np.mean(one if takes else two)
        for one, two, takes in zip(first, second, named, strict=True)
    ]
    found = information(np.stack([first, second]), draws)
    assert found.best == 0
    assert found.perfect.value == pytest.approx(np.mean(gains), rel=1e-12)
    assert found.perfect.standard_error == pytest.approx(np.std(gains, ddof=1) / 2, rel=1e-12)


def test_an_atom_tells_what_it_tells():
    draws = net(16, 1024, 2)
    never = draws[..., 0] > ndtri(0.7)
    day = np.where(never, np.inf, draws[..., 0])
    found = information(
        against_zero(np.where(never, 2.0, -1.0) + draws[..., 1]), np.stack([day, draws[..., 1]], axis=-1)
    )
    # On the atom of 0.3 the first alternative earns 2; the mean without is -0.1.
    assert found.best == 1
    assert found.inputs.value[0] == pytest.approx(0.6, abs=4 * found.inputs.standard_error[0])
    assert found.input_changes.value[0] == pytest.approx(0.3, abs=1e-3)


def nested(conditional, sample):
    """EVPPI by an outer mean over `sample` of the best exact conditional mean, and its error."""
    means = conditional(sample)
    best = means.mean(axis=1).argmax()
    gain = means.max(axis=0) - means[best]
    return gain.mean(), gain.std() / np.sqrt(len(gain))


@pytest.mark.parametrize("problem", ["product", "tails", "jump"])
def test_nested_monte_carlo_agrees(problem):
    draws = net(16, 2048, 3)
    first, second, third = np.moveaxis(draws, -1, 0)
    inner = np.random.default_rng(3).normal(size=(512, 1))
    outer = np.random.default_rng(2).normal(size=(2, 4096))

    def benefit(x, y, noise):
        if problem == "product":
            return x * y + 0.2 * noise - 0.1
        if problem == "tails":
            return np.exp(x + y) - 2.0 + noise
        return np.where(x < -0.2, -1.0, 0.8) * (1 + y**2) + 2 * noise

    def conditional(sample):
        # Inner means over the noise, antithetic: exact in what is linear in it.
        noise = np.concatenate([inner, -inner])
        return np.stack([benefit(*sample, noise).mean(axis=0), np.zeros(sample.shape[1])])

    found = information(against_zero(benefit(first, second, third)), draws, [(0, 1)])
    truth, error = nested(conditional, outer)
    off = abs(found.groups.value[0] - truth)
    assert off < 3.5 * np.hypot(error, found.groups.standard_error[0]) + 0.01 * truth


def test_heavy_tails_do_not_blow_up():
    draws = net(16, 2048, 3)
    dollars = 1e9 * (np.exp(2 * draws[..., 0] + 2 * draws[..., 1]) - 40)
    found = information(against_zero(dollars), draws, [(0, 1)])
    # E[benefit | x0] = e^(2 x0 + 2) - 40 changes sign where x0 = (ln 40 - 2) / 2.
    cut = (np.log(40) - 2) / 2
    takes = np.stack([draws[..., 0] < cut, draws[..., 0] >= cut])
    sure = -np.where(takes[0], dollars, 0) if found.best == 0 else np.where(takes[1], dollars, 0)
    ideal = sure.mean()
    error = found.inputs.standard_error[0]
    assert np.isfinite(error)
    assert found.inputs.value[0] == pytest.approx(ideal, abs=max(0.1 * ideal, error))
    assert found.groups.value[0] <= found.perfect.value
    assert found.groups.value[0] > 0.97 * found.perfect.value


def test_the_plug_in_estimate_is_biased_upwards_and_ours_is_not():
    rng = np.random.default_rng(4)
    ours, plug_in = [], []
    for _ in range(60):
        draws = rng.normal(size=(8, 128, 1))
        benefits = against_zero(rng.normal(size=(8, 128)) - 0.05)
        ours.append(information(benefits, draws).inputs.value[0])
        learner = input_learner(draws[..., 0], benefits)
        fit = learner.fit(np.arange(8), learner.strengths())[-3]
        plug_in.append(fit.max(axis=1).mean() - benefits.mean(axis=(1, 2)).max())
    # The input tells nothing: the truth is 0.
    assert np.mean(plug_in) > 0.03
    assert np.mean(ours) < 2 * np.std(ours) / np.sqrt(60)
    assert abs(np.mean(ours)) < 0.01


def test_learning_never_beats_learning_everything():
    draws = net(8, 256, 5)
    benefits = np.stack([draws[..., 0] ** 2, draws[..., 1] + 1, np.exp(draws[..., 2])])
    found = information(benefits, draws, [(0, 1, 2), (0, 1, 2, 3, 4)])
    assert (found.inputs.value <= found.perfect.value).all()
    assert (found.groups.value <= found.perfect.value).all()


def test_units_and_order_of_alternatives_do_not_matter():
    draws = net(8, 256, 2)
    benefits = np.stack([draws[..., 0], draws[..., 1] - 0.1, 0 * draws[..., 0] - 0.3])
    found = information(benefits, draws)
    scaled = information(2.0**40 * benefits[::-1], np.exp(draws))
    np.testing.assert_allclose(scaled.inputs.value, 2.0**40 * found.inputs.value, rtol=1e-9)
    assert scaled.best == 2 - found.best
    again = information(benefits, draws)
    assert again.inputs.value.tobytes() == found.inputs.value.tobytes()


def test_dull_inputs_and_dull_decisions():
    draws = net(8, 128, 2)
    dull = np.stack([np.full((8, 128), 5.0), np.full((8, 128), np.inf), np.round(draws[..., 0])], axis=-1)
    found = information(against_zero(draws[..., 0]), dull, [(0, 1), (0, 1, 2)])
    assert found.inputs.value[:2].tolist() == [0, 0]
    assert found.inputs.value[2] > 0.3
    assert found.groups.value[0] == 0
    assert found.groups.value[1] == pytest.approx(found.inputs.value[2], abs=0.02)
    same = information(np.zeros((2, 8, 128)), draws, [(0, 1)])
    assert same.perfect.value == 0
    assert same.groups.value[0] == 0
    alone = information(draws[None, ..., 0], draws)
    assert alone.best == 0
    assert not alone.inputs.value.any()
    assert not alone.input_changes.value.any()


def test_wrong_arrays_are_told_all_at_once():
    draws = net(2, 8, 2)
    benefits = against_zero(draws[..., 0])
    benefits[0, 0, 0] = np.inf
    draws[0, 0, 0] = np.nan
    with pytest.raises(StudyError) as raised:
        information(benefits, draws, [(0, 0), (1, 7), ()])
    assert [fault.path for fault in raised.value.faults] == [
        "benefits",
        "benefits",
        "inputs",
        "groups[0]",
        "groups[1]",
        "groups[2]",
    ]
    with pytest.raises(StudyError, match="shapes"):
        information(benefits, draws[:1])


@pytest.mark.slow
def test_intervals_cover():
    """Decide with 3 inputs that matter, 250 times: 750 intervals of values and as many of changes."""
    rng = np.random.default_rng(5)
    spreads = np.array([1.0, 0.7, 0.5])
    truth = np.array([loss(spread, 0.3) for spread in spreads])
    width = stdtrit(15, 0.975)
    covered, changes = [], []
    for _ in range(_TRIALS):
        # Jittered strata: as even as a scrambled net in each input, and quick to draw.
        strata = rng.permuted(np.tile(np.arange(512), (16, 3, 1)), axis=2)
        draws = np.moveaxis(ndtri((strata + rng.uniform(size=strata.shape)) / 512), 1, 2)
        benefits = against_zero(draws @ spreads + rng.normal(size=(16, 512)) - 0.3)
        found = information(benefits, draws)
        values, learnt = found.inputs, found.input_changes
        covered.append(np.abs(values.value - truth) <= width * values.standard_error)
        changes.append(np.abs(learnt.value - norm.sf(0.3 / spreads)) <= width * learnt.standard_error)
    # 93 to 97 %, and what binomial scatter adds to that.
    assert abs(np.mean(covered) - 0.95) < 0.02 + 2 * np.sqrt(0.05 * 0.95 / (3 * _TRIALS))
    # The smoothness is chosen from the same draws, which the jackknife does not see.
    assert np.mean(changes) > 0.9, np.mean(changes)


_TRIALS = 250
