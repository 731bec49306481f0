"""Designs of the unit cube: exact structure, separate streams, and standard errors that can be believed."""

import subprocess
import sys
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mcrace.compiling import mirrored
from mcrace.errors import StudyError
from mcrace.sampling import DESIGNS, SOBOL_DIMENSIONS, latin_hypercube, rounded_draws, sobol, unit_block
from mcrace.sampling import block as block_module

METHODS = tuple(DESIGNS)


def uniforms(method="sobol", *, seed=7, replicate=0, start=0, count=256, points=None, names=("x", "y", "z")):
    return unit_block(
        method=method,
        seed=seed,
        replicate=replicate,
        start=start,
        count=count,
        points=start + count if points is None else points,
        names=names,
        dimensions=range(len(names)),
    )


def unscrambled(dimension, start, count):
    step = np.array(sobol._steps(dimension), dtype=np.uint32)
    return mirrored(sobol._points(step, start, count))


def scipy_points(dimensions, skip, count):
    engine = stats.qmc.Sobol(dimensions, scramble=False, bits=32)
    if skip > 0:
        engine.fast_forward(skip)
    return (engine.random(count) * 2.0**32).astype(np.uint32).T


# Structure of each design


def test_sobol_points_are_scipys_in_every_dimension():
    ours = np.array([unscrambled(dimension, 0, 512) for dimension in range(SOBOL_DIMENSIONS)])
    assert np.array_equal(ours, scipy_points(SOBOL_DIMENSIONS, 0, 512))


def test_sobol_points_are_scipys_for_many_points():
    ours = np.array([unscrambled(dimension, 0, 2**16) for dimension in range(40)])
    assert np.array_equal(ours, scipy_points(40, 0, 2**16))


@pytest.mark.parametrize("start", [1, 255, 2**20 + 5])
def test_sobol_points_are_scipys_from_the_middle_on(start):
    ours = np.array([unscrambled(dimension, start, 300) for dimension in range(10)])
    assert np.array_equal(ours, scipy_points(10, start, 300))


def test_sobol_runs_to_its_last_point():
    last = 2**32 - 1
    ours = unscrambled(3, last - 8, 9)
    steps = sobol._directions(3)
    for place, index in enumerate(range(last - 8, last + 1)):
        gray = index ^ index >> 1
        expected = 0
        for digit in range(32):
            expected ^= steps[digit] * (gray >> digit & 1)
        assert int(ours[place]) == expected


@pytest.mark.parametrize("dimension", [0, 1, 2, 3, 10, 57, 400, 1023])
@pytest.mark.parametrize("start", [0, 4096])
def test_scrambled_points_hit_each_interval_once(dimension, start):
    row = unit_block(
        method="sobol",
        seed=3,
        replicate=1,
        start=start,
        count=4096,
        points=2**13,
        names=["x"],
        dimensions=[dimension],
    )[0]
    for level in range(13):
        strata = np.floor(row[: 2**level] * 2**level).astype(int)
        assert np.array_equal(np.sort(strata), np.arange(2**level))


def test_first_two_dimensions_stay_a_net_of_quality_zero():
    x, y = uniforms(count=1024, names=("x", "y"))
    for width in range(11):
        height = 10 - width
        box = np.floor(x * 2**width).astype(int) * 2**height + np.floor(y * 2**height).astype(int)
        assert np.array_equal(np.sort(box), np.arange(1024))


@pytest.mark.parametrize("points", [1, 2, 3, 10, 97, 1000, 4096, 10_007])
def test_latin_hypercube_hits_each_stratum_once(points):
    rows = uniforms("latin_hypercube", count=points)
    edges = np.arange(points + 1) / points
    for row in rows:
        assert np.all(np.histogram(row, edges)[0] == 1)
    if points > 10:
        assert not np.array_equal(np.argsort(rows[0]), np.argsort(rows[1]))


@pytest.mark.parametrize("points", [3, 1000, 2**30 - 1])
def test_latin_hypercube_edges_are_the_nearest_that_the_grid_has(points):
    strata = sorted({0, 1, points // 3, points - 1, points})
    edges = latin_hypercube._edge(np.array(strata, dtype=np.uint64), points)
    for stratum, edge in zip(strata, edges.tolist(), strict=True):
        assert (2 * edge + 1) * points >= 2**53 * stratum
        assert (2 * edge - 1) * points < 2**53 * stratum


@pytest.mark.parametrize("points", [2, 3, 4, 5, 7])
def test_latin_hypercube_orders_are_all_as_likely(points):
    keys = np.random.default_rng(11).integers(0, 2**64, (2500, 2), dtype=np.uint64)
    index = np.arange(points, dtype=np.uint64)
    orders = [tuple(latin_hypercube._permuted(index.copy(), points, key).tolist()) for key in keys]
    counts = np.unique(np.array(orders), axis=0, return_counts=True)[1]
    possible = int(np.prod(np.arange(1, points + 1)))
    if points == 7:  # too many orders to count each: the pairs of first two places instead
        firsts = np.array(orders)[:, :2]
        counts, possible = np.unique(firsts, axis=0, return_counts=True)[1], 42
    assert len(counts) == possible
    assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=6))
def test_any_cut_gives_the_same_bits(method, cuts):
    whole = uniforms(method, count=3000)
    edges = [0, *sorted(cuts), 3000]
    parts = [uniforms(method, start=low, count=high - low, points=3000) for low, high in pairwise(edges)]
    assert np.array_equal(np.hstack(parts), whole)


@pytest.mark.parametrize("start", [0, 1, 200, 4095, 2**31 + 77])
def test_numpy_and_compiled_paths_agree_to_the_bit(start):
    keys = np.array([block_module.key_words(5, 2, name) for name in "abcde"])
    rounds, tails = sobol._round_keys(keys[:, :6]), sobol._tail_keys(keys[:, 6:])
    steps = np.array([sobol._steps(dimension) for dimension in (0, 1, 7, 100, 1023)], dtype=np.uint32)
    compiled = np.empty((5, 2500))
    sobol._filled(steps, rounds, tails, start, compiled)
    assert np.array_equal(compiled, sobol._rows(steps, rounds, tails, start, 2500))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [1, 1024, 1025, 20_000])
def test_uniforms_lie_on_the_symmetric_grid_inside(method, count):
    rows = uniforms(method, count=count)
    assert rows.shape == (3, count)
    assert rows.dtype == np.float64
    assert rows.min() > 0
    assert rows.max() < 1
    assert np.all((rows * 2.0**53) % 2 == 1)


def test_grid_ends_are_inside_and_mirror_each_other():
    low, high = block_module.unit(np.array([0, 2**52 - 1], dtype=np.uint64))
    assert low > 0
    assert high < 1
    assert low == 1 - high


@pytest.mark.parametrize("method", METHODS)
def test_no_inputs_and_no_points_are_fine(method):
    assert uniforms(method, names=()).shape == (0, 256)
    assert uniforms(method, count=0, points=10).shape == (3, 0)
    assert uniforms(method, names=(), count=3000).shape == (0, 3000)


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_extending_a_replicate_keeps_its_points(method):
    short = uniforms(method, count=512)
    assert np.array_equal(uniforms(method, count=4096)[:, :512], short)
    assert np.array_equal(uniforms(method, count=512, points=2**20), short)


# Streams


@pytest.mark.parametrize("method", METHODS)
def test_seed_replicate_and_name_each_make_another_stream(method):
    first = uniforms(method, seed=0)[0]
    others = [
        uniforms(method, seed=1)[0],
        uniforms(method, seed=2**64)[0],
        uniforms(method, seed=2**64 + 1)[0],
        uniforms(method, seed=10**40)[0],
        uniforms(method, seed=0, replicate=1)[0],
        uniforms(method, seed=0, names=("x ", "y", "z"))[0],
        uniforms(method, seed=0, names=("", "y", "z"))[0],
        uniforms(method, seed=0, names=("\ud800", "y", "z"))[0],
    ]
    rows = [first, *others]
    assert all(not np.any(a == b) for a, b in combinations(rows, 2))
    assert np.array_equal(uniforms(method, seed=0)[0], first)


def test_seed_and_replicate_do_not_run_together():
    assert not np.array_equal(block_module.key_words(1, 11, "x"), block_module.key_words(11, 1, "x"))
    assert not np.array_equal(block_module.key_words(1, 1, "1/x"), block_module.key_words(1, 11, "/x"))


@pytest.mark.parametrize("method", METHODS)
def test_an_input_does_not_feel_the_others(method):
    alone = unit_block(
        method=method, seed=4, replicate=2, start=10, count=90, points=100, names=["lead"], dimensions=[5]
    )
    among = unit_block(
        method=method,
        seed=4,
        replicate=2,
        start=10,
        count=90,
        points=100,
        names=["day", "lead", "step"],
        dimensions=[9, 5, 0],
    )
    assert np.array_equal(alone[0], among[1])


@pytest.mark.parametrize("method", METHODS)
def test_numbers_never_change(method):
    # Golden: a change moves every number that was ever published with this design.
    golden = {
        "sobol": [0.5447746858118588, 0.9929800299224684, 0.5197718439642357, 0.351001175137697],
        "random": [0.8637874379974672, 0.8243212693604359, 0.8397656777428643, 0.8713715041698452],
        "latin_hypercube": [0.1853716787187104, 0.15350501983375675, 0.8256213387147323, 0.2948651797526539],
    }
    rows = uniforms(method, seed=20261122, replicate=3, start=5, count=2, points=64, names=("x", "day"))
    assert rows.ravel().tolist() == golden[method]


@pytest.mark.parametrize("method", METHODS)
def test_replicates_are_uncorrelated(method):
    means = np.array([uniforms(method, seed=2, replicate=r, count=64).mean(axis=1) for r in range(2000)])
    noise = 1 / np.sqrt(2000)
    for lag in (1, 2, 16):
        for column in means.T:
            assert abs(np.corrcoef(column[:-lag], column[lag:])[0, 1]) < 4 * noise
    between = np.corrcoef(means.T)[np.triu_indices(3, 1)]
    assert np.all(np.abs(between) < 4 * noise)


@pytest.mark.parametrize("method", METHODS)
def test_each_point_is_uniform_over_replicates(method):
    names = tuple(f"input {k}" for k in range(8))
    points = np.array(
        [uniforms(method, seed=s, start=5, count=2, points=100, names=names) for s in range(1000)]
    )
    first, second = points[..., 0].ravel(), points[..., 1].ravel()
    assert stats.kstest(first, "uniform").pvalue > 1e-3
    assert stats.kstest(second, "uniform").pvalue > 1e-3
    last_bits = (first * 2.0**53).astype(np.uint64) >> np.uint64(1) & np.uint64(255)
    assert stats.chisquare(np.bincount(last_bits.astype(int), minlength=256)).pvalue > 1e-3


def test_random_points_are_independent():
    a, b = uniforms("random", count=2**16, names=("a", "b"))
    c = uniforms("random", count=2**16, names=("a",), replicate=1)[0]
    d = uniforms("random", start=2**16, count=2**16, names=("a",))[0]
    for x, y in [(a, b), (a, c), (a, d), (a[:-1], a[1:]), (a[:-4], a[4:])]:
        cells = np.floor(16 * x).astype(int) * 16 + np.floor(16 * y).astype(int)
        assert stats.chisquare(np.bincount(cells, minlength=256)).pvalue > 1e-3


def test_latin_hypercube_pairs_are_uniform():
    a, b = uniforms("latin_hypercube", count=2**16, names=("a", "b"))
    for x, y in [(a, b), (a[:-1], a[1:]), (a[: 2**15], a[2**15 :])]:
        cells = np.floor(16 * x).astype(int) * 16 + np.floor(16 * y).astype(int)
        counts = np.bincount(cells, minlength=256)
        # Margins are fixed, so the statistic has (16 - 1)^2 degrees of freedom.
        statistic = np.sum((counts - len(x) / 256) ** 2 / (len(x) / 256))
        assert 1e-3 < stats.chi2.sf(statistic, 225) < 1 - 1e-3


# Calls


def test_rounded_draws():
    assert rounded_draws(131072, 16, "sobol") == 8192
    assert rounded_draws(131073, 16, "sobol") == 16384
    assert rounded_draws(1, 16, "sobol") == 1
    assert rounded_draws(131073, 16, "random") == 8193
    assert rounded_draws(100, 16, "latin_hypercube") == 7
    assert rounded_draws(7, 1, "random") == 7


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "sobel"}, "did you mean 'sobol'"),
        ({"seed": -1}, "sampling.seed: found -1, expected a whole number >= 0"),
        ({"replicate": -1}, "replicate: found -1"),
        ({"start": -4}, "start: found -4"),
        ({"count": -4}, "count: found -4"),
        ({"count": 11}, "within the replicate's 10 points"),
        ({"dimensions": [0]}, "found 1 dimensions, expected one for each of 2 names"),
        ({"dimensions": [0, -1]}, "dimensions: found -1"),
        ({"dimensions": [3, 3]}, "a dimension of its own for each input"),
        ({"dimensions": [0, 1024]}, "found sobol with 1025 uncertain numbers, expected at most 1024"),
        ({"dimensions": [0, 1024]}, "`method: random`"),
        ({"points": 2**32 + 1}, "expected at most 4294967296"),
        ({"method": "latin_hypercube", "points": 2**30 + 1}, "expected at most 1073741824"),
    ],
)
def test_wrong_calls_say_what_is_wrong(changes, message):
    call = {
        "method": "sobol",
        "seed": 0,
        "replicate": 0,
        "start": 0,
        "count": 10,
        "points": 10,
        "names": ["a", "b"],
        "dimensions": [0, 1],
    }
    with pytest.raises(StudyError) as error:
        unit_block(**(call | changes))
    assert message in str(error.value)


def test_all_faults_of_a_call_come_at_once():
    with pytest.raises(StudyError) as error:
        uniforms(seed=-1, replicate=-1)
    assert len(error.value.faults) == 2


@pytest.mark.parametrize(
    ("draws", "replicates", "method"),
    [(0, 16, "sobol"), (10, 0, "random"), (2**33, 1, "sobol"), (1, 1, "lhs")],
)
def test_wrong_numbers_of_draws_are_faults(draws, replicates, method):
    with pytest.raises(StudyError):
        rounded_draws(draws, replicates, method)


@pytest.mark.parametrize("method", ["random", "latin_hypercube"])
def test_other_designs_take_more_inputs_than_sobol(method):
    rows = uniforms(method, names=tuple(f"input {k}" for k in range(1100)), count=4)
    assert rows.shape == (1100, 4)


def test_few_points_load_neither_compiler_nor_scipy():
    code = """
import sys
from mcrace.sampling import unit_block
unit_block(
    method="sobol", seed=0, replicate=0, start=0, count=500, points=512, names=["x"], dimensions=[9]
)
print([name for name in ("numba", "scipy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
