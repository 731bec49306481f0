"""The effect's parts: they add up, in the order of their size, with errors from the replicates."""

import numpy as np
import pytest

from mcrace.analysis.decomposition import EFFECT_SIGNS, decomposition, effect_signs
from mcrace.engine.run import run
from mcrace.figures.parts import PARTS
from mcrace.nomenclature import OUTPUTS
from tests.small_study import small_study


def test_every_part_of_the_effect_has_a_sign():
    assert set(EFFECT_SIGNS) == {name for name in OUTPUTS if name.startswith("open_effect_")}
    assert dict(EFFECT_SIGNS) == {output: sign for _, output, sign in PARTS}


def test_parts_of_a_run_add_up_to_the_effect():
    result = run(small_study(), jobs=1)
    statistics = result.statistics
    names = [name for name in EFFECT_SIGNS if name in statistics.outputs]
    draws = result.draws[result.draws["scenario"] == "base"]
    means = np.array(
        [
            draws[name].to_numpy().reshape(statistics.replicates, -1).mean(axis=1)
            for name in (*names, "open_effect")
        ]
    )
    found = decomposition(means[:-1], names, effect_signs(names, counts_training_cost=True))
    assert float(found.total.value) == pytest.approx(means[-1].mean(), rel=1e-10)
    assert found.end[-1] == pytest.approx(float(found.total.value), rel=1e-10)
    assert float(found.total.standard_error) == pytest.approx(
        means[-1].std(ddof=1) / np.sqrt(statistics.replicates), rel=1e-8, abs=1e-8
    )


def test_a_waterfall():
    means = np.array([[1.0, 3.0, 2.0], [-6.0, -8.0, -7.0], [0.0, 0.0, 0.0], [4.0, 4.0, 4.0]])
    found = decomposition(means, ("a", "b", "c", "d"))
    assert found.names == ("b", "d", "a", "c")
    assert found.step.value.tolist() == [-7.0, 4.0, 2.0, 0.0]
    assert found.start.tolist() == [0.0, -7.0, -3.0, -1.0]
    assert found.end.tolist() == [-7.0, -3.0, -1.0, -1.0]
    assert found.share.value.tolist() == [7.0, -4.0, -2.0, 0.0]
    assert found.weight.value == pytest.approx(np.array([7.0, 4.0, 2.0, 0.0]) / 13)
    assert found.step.standard_error.tolist() == pytest.approx([1 / np.sqrt(3), 0.0, 1 / np.sqrt(3), 0.0])
    assert float(found.total.value) == -1.0


def test_signs_turn_and_leave_out():
    names = ("open_effect_caution_cost", "open_effect_training_cost", "open_effect_revenue_gain")
    means = np.array([[0.0, 0.0], [5.0, 6.0], [1.0, 2.0]])
    counted = decomposition(means, names, effect_signs(names, counts_training_cost=True))
    assert counted.names == (names[1], names[2], names[0])
    assert counted.step.value.tolist() == [-5.5, 1.5, 0.0]
    assert not np.signbit(counted.step.value[2])
    left_out = decomposition(means, names, effect_signs(names, counts_training_cost=False))
    assert left_out.names == (names[2], names[0])
    assert left_out.share.value.tolist() == [1.0, 0.0]


def test_shares_of_nothing_are_not_numbers():
    found = decomposition(np.zeros((2, 4)), ("a", "b"))
    assert np.isnan(found.share.value).all()
    assert np.isnan(found.weight.value).all()
    assert float(found.total.value) == 0.0
    opposed = decomposition(np.array([[1.0, 1.0], [-1.0, -1.0]]), ("a", "b"))
    assert np.isnan(opposed.share.value).all()
    assert opposed.weight.value.tolist() == [0.5, 0.5]


def test_one_replicate_has_no_error():
    found = decomposition(np.array([[1.0], [2.0]]), ("a", "b"))
    assert found.share.value == pytest.approx([2 / 3, 1 / 3])
    assert np.isnan(found.share.standard_error).all()
    assert np.isnan(found.step.standard_error).all()


def test_no_part_is_no_effect():
    found = decomposition(np.zeros((1, 4)), ("a",), np.zeros(1))
    assert found.names == ()
    assert float(found.total.value) == 0.0


def test_shapes_are_refused():
    with pytest.raises(ValueError, match="expected one a part"):
        decomposition(np.zeros((2, 4)), ("a",))


@pytest.mark.slow
def test_intervals_of_shares_cover():
    generator = np.random.default_rng(1)
    truth = np.array([3.0, -1.0, 0.5])
    covered, trials = np.zeros(3), 3000
    for _ in range(trials):
        means = truth[:, None] + generator.standard_normal((3, 16)) * [[0.8], [0.3], [0.2]]
        found = decomposition(means, ("a", "b", "c"))
        low, high = found.share.interval()
        order = [("a", "b", "c").index(name) for name in found.names]
        shares = (truth / truth.sum())[order]
        covered[order] += (low <= shares) & (shares <= high)
    assert (np.abs(covered / trials - 0.95) < 0.02).all(), covered / trials
