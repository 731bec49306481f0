"""A small tree: planted cuts come back in the inputs' units, noise is pruned, chances hold on other draws."""

import math

import numpy as np
import pytest
from scipy import stats

from mcrace.analysis.rules import rule
from mcrace.analysis.tree import Tree, tree


def uniforms(seed: int, replicates: int = 8, points: int = 512, inputs: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).random((replicates, points, inputs))


def inside(found: Tree, place: int, inputs: np.ndarray) -> np.ndarray:
    held = np.ones(inputs.shape[:-1], dtype=bool)
    for item in found.leaves[place].restrictions:
        column = inputs[..., found.names.index(item.name)]
        held &= (column > item.low) & (column <= item.high)
    return held


def test_planted_cuts_come_back_and_no_more():
    inputs = uniforms(1, points=2048)
    box = (inputs[..., 0] < 0.3) & (inputs[..., 4] > 0.6)
    found = tree(inputs, np.random.default_rng(2).random(box.shape) < np.where(box, 0.8, 0.1))
    assert found.condition == "some"
    assert found.held_out
    assert found.grown_on == 4 * 2048
    assert len(found.leaves) == 3
    best = found.leaves[0]
    assert [item.name for item in best.restrictions] == ["x0", "x4"]
    assert best.restrictions[0].high == pytest.approx(0.3, abs=0.005)
    assert best.restrictions[1].low == pytest.approx(0.6, abs=0.005)
    assert best.restrictions[0].low == -math.inf
    assert abs(best.probability.value - 0.8) < 4 * best.probability.standard_error
    assert abs(best.share.value - 0.12) < 4 * best.share.standard_error + 0.002
    assert found.sizes.tolist() == sorted(set(found.sizes.tolist()))
    assert len(found.leaves) == found.sizes[found.loss.value <= found.loss.value.min() * 1.01].min()


def test_leaves_share_out_the_other_replicates():
    inputs = uniforms(3)
    inputs[..., 2] = np.where(inputs[..., 2] > 0.7, np.inf, 1e15 * inputs[..., 2] ** 9)
    inputs[..., 5] = 4.0
    hits = (inputs[..., 0] + inputs[..., 1] > 1.1) & np.isfinite(inputs[..., 2])
    found = tree(inputs, hits)
    held, hit = inputs[1::2], hits[1::2]
    masks = [inside(found, place, held) for place in range(len(found.leaves))]
    assert (np.sum(masks, axis=0) == 1).all()
    for leaf, mask in zip(found.leaves, masks, strict=True):
        assert float(leaf.share.value) == pytest.approx(mask.mean(), rel=1e-12)
        assert float(leaf.probability.value) == pytest.approx(hit[mask].mean(), rel=1e-12)
    shares = sum(float(leaf.share.value * leaf.probability.value) for leaf in found.leaves)
    assert shares == pytest.approx(hit.mean(), rel=1e-12)
    named = {item.name for leaf in found.leaves for item in leaf.restrictions}
    assert named == {"x0", "x1", "x2"}
    assert any("x2 never" in rule(leaf.restrictions, lambda _, value: f"{value}") for leaf in found.leaves)


def test_a_cut_lies_midway_between_draws():
    inputs = np.repeat(np.arange(10.0), 40).reshape(2, 200, 1)
    inputs[1] = inputs[0] = np.tile(np.arange(10.0), 20)[:, None]
    found = tree(inputs, inputs[..., 0] >= 4)
    assert [leaf.restrictions[0].low for leaf in found.leaves] == [3.5, -math.inf]
    assert [float(leaf.probability.value) for leaf in found.leaves] == [1.0, 0.0]


def test_noise_is_pruned_to_the_root():
    splits = 0
    for seed in range(20):
        hits = np.random.default_rng(500 + seed).random((8, 256)) < 0.3
        found = tree(uniforms(seed, points=256), hits)
        splits += len(found.leaves) > 1
        assert len(found.sizes) > 1
    assert splits <= 1


@pytest.mark.parametrize(("level", "condition"), [(2.0, "none"), (-1.0, "all")])
def test_no_hit_or_only_hits_is_one_leaf(level, condition):
    inputs = uniforms(4)
    found = tree(inputs, inputs[..., 0] > level)
    assert found.condition == condition
    assert len(found.leaves) == 1
    assert found.leaves[0].restrictions == ()
    assert float(found.leaves[0].probability.value) == (condition == "all")
    assert float(found.leaves[0].probability.standard_error) == 0.0


def test_one_replicate_states_itself():
    inputs = uniforms(5, 1)
    found = tree(inputs, inputs[..., 3] < 0.5)
    assert not found.held_out
    assert float(found.leaves[0].probability.value) == 1.0
    assert np.isnan(found.leaves[0].share.standard_error)


def test_pruning_is_that_of_scikit_learn():
    from sklearn.tree import DecisionTreeClassifier

    inputs = uniforms(6, 2, 1024, 4)
    chance = 1 / (1 + np.exp(-5 * (inputs.sum(axis=-1) - 2)))
    hits = np.random.default_rng(7).random(chance.shape) < chance
    found = tree(inputs, hits)
    grower = DecisionTreeClassifier(max_leaf_nodes=8, min_samples_leaf=20, random_state=0)
    alphas = grower.cost_complexity_pruning_path(inputs[0], hits[0]).ccp_alphas
    sizes = [
        DecisionTreeClassifier(
            max_leaf_nodes=8, min_samples_leaf=20, random_state=0, ccp_alpha=alpha * 1.000001
        )
        .fit(inputs[0], hits[0])
        .get_n_leaves()
        for alpha in alphas
    ]
    assert found.sizes.tolist() == sorted(set(sizes))


def test_the_same_bits_again():
    inputs = uniforms(8)
    hits = inputs[..., 0] * inputs[..., 1] > 0.3
    one, two = tree(inputs, hits), tree(inputs, hits)
    assert [leaf.restrictions for leaf in one.leaves] == [leaf.restrictions for leaf in two.leaves]
    assert one.loss.value.tolist() == two.loss.value.tolist()


def test_shapes_and_nan_are_refused():
    inputs = uniforms(9, 2, 32, 2)
    with pytest.raises(ValueError, match="shapes do not fit"):
        tree(inputs, np.zeros((2, 32), dtype=bool), ("a",))
    with pytest.raises(ValueError, match="NaN"):
        tree(np.where(inputs > 0.9, np.nan, inputs), np.ones((2, 32), dtype=bool))


@pytest.mark.slow
def test_stated_intervals_cover():
    """Shares and probabilities of the likeliest leaf, against their truth on draws that had no part in it."""
    big = uniforms(99, 1, 100_000, 3)
    chance = 1 / (1 + np.exp(-(8 * big[0, :, 0] + 6 * big[0, :, 1] - 10)))
    covered, trials = np.zeros(2), 600
    for seed in range(trials):
        inputs = uniforms(seed, 16, 64, 3)
        odds = 1 / (1 + np.exp(-(8 * inputs[..., 0] + 6 * inputs[..., 1] - 10)))
        found = tree(inputs, np.random.default_rng(9000 + seed).random(odds.shape) < odds)
        leaf, mask = found.leaves[0], inside(found, 0, big)[0]
        for place, (item, value) in enumerate(
            ((leaf.share, mask.mean()), (leaf.probability, chance[mask].mean()))
        ):
            low, high = item.interval()
            covered[place] += low <= value <= high
    band = stats.binom.ppf([0.001, 0.999], trials, 0.95)
    assert (covered >= band[0]).all(), covered / trials
    assert (covered <= band[1]).all(), covered / trials
