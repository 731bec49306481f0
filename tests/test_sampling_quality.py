"""Statistical quality of the designs: what every standard error of the project rests on."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from mcrace.compiling import mirrored
from mcrace.sampling import DESIGNS, sobol, unit_block

METHODS = tuple(DESIGNS)


def uniforms(method, *, seed, replicate, count=256):
    return unit_block(
        method=method,
        seed=seed,
        replicate=replicate,
        start=0,
        count=count,
        points=count,
        names=("x", "y", "z"),
        dimensions=(0, 1, 2),
    )


def test_scrambled_variance_and_kurtosis_of_a_mean_are_those_of_nested_uniform_scrambling():
    # A random point in each of n strata, independently: variance 1 / (12 n^3), kurtosis 3 - 6 / (5 n).
    repetitions = 20_000
    keys = np.random.default_rng(17).integers(0, 2**64, (repetitions, 8), dtype=np.uint64)
    for dimension, n in [(0, 8), (0, 64), (3, 64), (20, 32)]:
        steps = np.tile(np.array(sobol._steps(dimension), dtype=np.uint32), (repetitions, 1))
        rows = np.empty((repetitions, n))
        sobol._filled(steps, sobol._round_keys(keys[:, :6]), sobol._tail_keys(keys[:, 6:]), 0, rows)
        means = rows.mean(axis=1)
        kurtosis = 3 - 6 / (5 * n)
        variance = 1 / (12 * n**3)
        assert abs(means.mean() - 0.5) < 4 * np.sqrt(variance / repetitions)
        assert abs(means.var() / variance - 1) < 4 * np.sqrt((kurtosis - 1) / repetitions)
        assert abs(stats.kurtosis(means, fisher=False) - kurtosis) < 4 * np.sqrt(24 / repetitions)


def test_flips_of_the_tree_of_digits_are_independent_four_by_four():
    # Nested uniform scrambling flips the digit at each node of the tree by a fair coin of the node's own.
    keys = np.random.default_rng(23).integers(0, 2**64, (2**14, 8), dtype=np.uint64)
    steps = np.tile(np.array(sobol._steps(0), dtype=np.uint32), (len(keys), 1))
    rows = np.empty((len(keys), 32))
    sobol._filled(steps, sobol._round_keys(keys[:, :6]), sobol._tail_keys(keys[:, 6:]), 0, rows)
    before = (mirrored(sobol._points(steps[0], 0, 32)) >> np.uint32(27)).astype(int)
    after = np.floor(rows * 32).astype(int)
    flips = []
    for level in range(5):
        for node in range(2**level):
            place = int(np.flatnonzero(before >> (5 - level) == node)[0])
            flips.append(1 - 2 * ((after[:, place] ^ before[place]) >> (4 - level) & 1))
    coins = np.array(flips, dtype=np.float32)
    pairs = list(combinations(range(31), 2))
    products = np.array([coins[i] * coins[j] for i, j in pairs])
    bound = 5.5 * np.sqrt(len(keys))  # 36,000 products of coins, each a sum with this standard error
    assert np.abs(coins.sum(axis=1)).max() < bound
    assert np.abs(products.sum(axis=1)).max() < bound
    disjoint = np.array([[not set(p) & set(q) for q in pairs] for p in pairs])
    assert np.abs((products @ products.T)[disjoint]).max() < bound
    apart = np.array([[i not in pair for pair in pairs] for i in range(31)])
    assert np.abs((coins @ products.T)[apart]).max() < bound


@pytest.mark.slow
def test_digits_below_those_of_the_net_are_uniform_and_unrelated():
    count = 2**16
    rows = unit_block(
        method="sobol",
        seed=29,
        replicate=0,
        start=0,
        count=count,
        points=count,
        names=("x", "y", "z", "w"),
        dimensions=(0, 1, 7, 500),
    )
    bits = (rows * 2.0**52).astype(np.int64)
    high, low = bits >> 44, bits & (2**20 - 1)
    for row in range(len(rows)):
        for part in (low[row] >> 12, low[row] & 255, low[row] >> 6 & 255):
            assert stats.chisquare(np.bincount(part, minlength=256)).pvalue > 1e-4
        together = np.bincount((high[row] >> 4) * 16 + (low[row] >> 16), minlength=256)
        assert stats.chisquare(together).pvalue > 1e-4
        following = np.bincount((low[row][1:] >> 16) * 16 + (low[row][:-1] >> 16), minlength=256)
        assert stats.chisquare(following).pvalue > 1e-4
    for one, other in combinations(range(len(rows)), 2):
        joint = np.bincount((low[one] >> 16) * 16 + (low[other] >> 16), minlength=256)
        assert stats.chisquare(joint).pvalue > 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_intervals_from_sixteen_replicates_cover_95_percent(method):
    repetitions, n = 800, 256
    weights = np.array([1.0, 0.7, 0.4])
    estimates = np.empty((repetitions, 16, 3))
    for repetition in range(repetitions):
        for replicate in range(16):
            rows = uniforms(method, seed=repetition, replicate=replicate, count=n)
            total = weights @ rows
            estimates[repetition, replicate] = (
                np.prod(0.5 + rows, axis=0).mean(),
                (total < 0.9).mean(),
                np.median(total),
            )
    # P(total < 0.9): volume under a plane in the unit cube, by inclusion and exclusion of its corners.
    corners = [(sum(c), (-1) ** len(c)) for k in range(4) for c in combinations(weights, k)]
    below = sum(sign * max(0.9 - corner, 0) ** 3 for corner, sign in corners) / (6 * np.prod(weights))
    truth = np.array([1.0, below, weights.sum() / 2])
    half = stats.t.ppf(0.975, 15) * estimates.std(axis=1, ddof=1) / 4
    cover = (np.abs(estimates.mean(axis=1) - truth) <= half).mean(axis=0)
    assert np.all((cover > 0.93) & (cover < 0.97)), cover


def test_sobol_and_latin_hypercube_beat_random():
    def spread(method):
        return np.std([np.exp(uniforms(method, seed=1, replicate=r).sum(axis=0)).mean() for r in range(200)])

    assert spread("sobol") < spread("latin_hypercube") / 3
    assert spread("latin_hypercube") < spread("random") / 2
