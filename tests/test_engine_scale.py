"""The engine beyond what fits in memory: tallies, the tree that merges them, doubling, groups, grids."""

import operator
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import compress, pairwise, product
from typing import Any

import numpy as np
import pytest

from mcrace.analysis import summary
from mcrace.engine import plan as planning
from mcrace.engine import run as running
from mcrace.engine.bins import Bins, bins_of
from mcrace.engine.counted import counted_brackets, counted_statistics
from mcrace.engine.plan import LEAF_POINTS, Plan, plan_of
from mcrace.engine.run import run
from mcrace.engine.statistics import statistics_of
from mcrace.engine.tally import Tally, merged, tally_of, tally_record
from mcrace.engine.tree import add_node, gaps, total
from mcrace.nomenclature.statistics import LEVELS, STATISTICS
from mcrace.study import Study
from tests.small_study import exact_study, fingerprint, small_study

QUANTILES = slice(STATISTICS.index("q0.01"), STATISTICS.index("q0.99") + 1)
FIRST = STATISTICS.index("q0.01")


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run with another plan, as if the machine or the numerics were other ones."""

    def use(**changes: int) -> None:
        monkeypatch.setattr(running, "plan_of", lambda study: replace(plan_of(study), **changes))

    return use


def outputs(count: int, seed: int) -> np.ndarray:
    """Make outputs of all kinds, shape (1, kind, draw): smooth, heavy, with atoms, constant, far from 0."""
    z = np.random.default_rng(seed).standard_normal(count)
    rows = [
        z,
        np.exp(2 * z),
        np.where(z > 0.3, 0.0, z),
        -3e9 + 9e6 * z,
        np.full(count, 0.1),
        np.maximum(z, 1.0),
        np.round(z, 1),
        np.where(z > 3.5, z, 0.0),
        np.tan(1.5 * np.tanh(z)),
        np.full(count, -0.0),
    ]
    return np.stack(rows)[np.newaxis]


# Tallies against the draws themselves


@pytest.fixture(scope="module")
def tallied() -> tuple[np.ndarray, Bins, Tally]:
    values, leaf = outputs(2**18, 1), 2**12
    bins = bins_of(values[..., : 2**16], leaf)
    nodes: dict[tuple[int, int], Tally] = {}
    for place in range(2**6):
        add_node(nodes, (0, place), tally_of(values[..., place * leaf : (place + 1) * leaf], bins), merged)
    assert list(nodes) == [(6, 0)]
    return values, bins, nodes[6, 0]


def test_all_but_quantiles_are_those_of_the_draws(tallied: tuple[np.ndarray, Bins, Tally]) -> None:
    values, bins, tally = tallied
    exact, found = statistics_of(values[0]), counted_statistics(tally, bins)[0]
    for name in ("mean", "sd", "p_positive", "p_zero", "p_negative"):
        place = STATISTICS.index(name)
        assert found[:, place] == pytest.approx(exact[:, place], rel=1e-12, abs=1e-15), name
    constant = [4, 9]
    assert np.array_equal(found[constant], exact[constant])
    assert np.array_equal(tally.low[0], values[0].min(axis=1))
    assert np.array_equal(tally.high[0], values[0].max(axis=1))


def test_a_mean_is_good_to_its_last_digits() -> None:
    # A plain sum in strips loses every 1 that comes after the large draw of its lane: 127 of them.
    values = np.ones((1, 1, 8192))
    values[..., 5] = 2.0**53
    found = float(tally_of(values, bins_of(values, 1024)).mean[0, 0])
    exact = Fraction(2**53 + 8191, 8192)
    assert abs(Fraction(found) - exact) <= 2 * np.spacing(found)


def test_quantiles_lie_where_the_brackets_say(tallied: tuple[np.ndarray, Bins, Tally]) -> None:
    values, bins, tally = tallied
    exact, found = statistics_of(values[0])[:, QUANTILES], counted_statistics(tally, bins)[0, :, QUANTILES]
    low, high = np.moveaxis(counted_brackets(tally, bins)[0], -1, 0)
    assert (low <= exact).all()
    assert (exact <= high).all()
    assert (low <= found).all()
    assert (found <= high).all()
    error = np.sqrt(np.multiply(LEVELS, np.subtract(1, LEVELS)) / 2**18)  # of a rank
    for row in (0, 1, 3, 8):
        slope = (np.quantile(values[0, row], np.add(LEVELS, error)) - exact[row]) / error
        assert (np.abs(found[row] - exact[row]) < 0.2 * error * slope).all(), row


def test_atoms_are_exact(tallied: tuple[np.ndarray, Bins, Tally]) -> None:
    values, bins, tally = tallied
    exact, found = statistics_of(values[0])[:, QUANTILES], counted_statistics(tally, bins)[0, :, QUANTILES]
    for row in (4, 6, 7, 9):
        assert np.array_equal(found[row], exact[row]), row
    assert found[2, 5] == 0.0
    assert np.array_equal(found[5, :6], np.ones(6))


def test_the_shortfall_is_that_of_the_draws(tallied: tuple[np.ndarray, Bins, Tally]) -> None:
    values, bins, tally = tallied
    place = STATISTICS.index("shortfall_0.05")
    exact, found = statistics_of(values[0])[:, place], counted_statistics(tally, bins)[0, :, place]
    spread = values[0].std(axis=1)
    assert (np.abs(found - exact) <= 1e-4 * spread + 1e-15).all()


def test_a_pilot_that_was_wrong_only_widens_the_bins() -> None:
    values, leaf = outputs(2**14, 3), 2**10
    bins = bins_of(outputs(2**12, 4)[..., : 2**12] + 2.0, leaf)  # all of it two sd too high
    tally = tally_of(values, bins)
    exact, found = statistics_of(values[0]), counted_statistics(tally, bins)[0]
    low, high = np.moveaxis(counted_brackets(tally, bins)[0], -1, 0)
    assert (low <= exact[:, QUANTILES]).all()
    assert (exact[:, QUANTILES] <= high).all()
    assert (tally.counts.sum(axis=2) == 2**14).all()
    assert found[0, 0] == pytest.approx(exact[0, 0], abs=1e-12)


@pytest.mark.parametrize("extreme", [1e150, 1e-308, 5e-324, 1.0])
def test_bins_of_extreme_outputs(extreme: float) -> None:
    z = np.random.default_rng(5).uniform(-1, 1, 4096)
    values = (extreme * z)[np.newaxis, np.newaxis]
    tally = tally_of(values, bins_of(values, 512))
    found = counted_statistics(tally, bins_of(values, 512))[0, 0]
    assert tally.counts.sum() == 4096
    assert found[FIRST + 4] == pytest.approx(np.quantile(values, 0.5), rel=1e-2, abs=1e-2 * extreme)


def test_the_tree_does_not_hang_on_the_order() -> None:
    values = outputs(13 * 64, 6)
    bins = bins_of(values, 64)
    leaves = [tally_of(values[..., 64 * place : 64 * (place + 1)], bins) for place in range(13)]
    generator, found = np.random.default_rng(7), set()
    for _ in range(20):
        nodes: dict[tuple[int, int], Tally] = {}
        for place in generator.permutation(13):
            add_node(nodes, (0, int(place)), leaves[place], merged)
        assert gaps(nodes, 13) == []
        every = total(nodes, merged)
        found.add((every.mean.tobytes(), every.squares.tobytes(), every.tail.tobytes()))
    assert len(found) == 1


@pytest.mark.parametrize("leaves", range(1, 10))
def test_gaps_are_the_leaves_that_no_node_covers(leaves: int) -> None:
    for there in product((False, True), repeat=leaves):
        nodes: dict[tuple[int, int], int] = {}
        for leaf in compress(range(leaves), there):
            add_node(nodes, (0, leaf), 1, operator.add)
        found = gaps(nodes, leaves)
        missing = [leaf for leaf in range(leaves) if not there[leaf]]
        assert [leaf for low, high in found for leaf in range(low, high)] == missing
        assert all(before[1] < after[0] for before, after in pairwise(found))


# The engine: held, tallied, or both


def statistics(study: Study, **options: Any) -> np.ndarray:
    return run(study, **({"jobs": 1} | options)).statistics.pooled


@pytest.mark.parametrize("method", ["sobol", "random", "latin_hypercube"])
def test_tallied_runs_agree_with_held_ones(method: str, planned: Callable[..., None]) -> None:
    study = small_study(sampling={"method": method, "draws": 20_000, "replicates": 4})
    held = run(study, jobs=1)
    planned(leaf=1024, leaves=2)
    tallied = run(study, jobs=1)
    assert held.statistics.brackets is None
    assert tallied.statistics.brackets is not None
    assert tallied.draws.equals(held.draws)
    spread = held.statistics.pooled[..., STATISTICS.index("sd"), np.newaxis]
    exact, found = held.statistics.pooled, tallied.statistics.pooled
    for name in ("mean", "sd", "p_positive", "p_zero", "p_negative"):
        place = STATISTICS.index(name)
        assert np.allclose(found[..., place], exact[..., place], rtol=1e-12, atol=1e-12 * spread.max())
    assert (np.abs(found - exact)[..., QUANTILES] <= 0.02 * spread).all()
    low, high = np.moveaxis(tallied.statistics.brackets, -1, 0)
    assert (low[..., QUANTILES] <= exact[..., QUANTILES]).all()
    assert (exact[..., QUANTILES] <= high[..., QUANTILES]).all()


@pytest.mark.parametrize("method", ["sobol", "random", "latin_hypercube"])
def test_tasks_change_no_bit(method: str, planned: Callable[..., None]) -> None:
    study = small_study(sampling={"method": method, "draws": 16_000, "replicates": 3})
    found = set()
    for leaves, jobs, group in ((1, 1, 3), (2, 2, 3), (8, 1, 2), (16, 3, 1), (4, 2, 3)):
        planned(leaf=256, leaves=leaves, group=group)
        found.add(fingerprint(run(study, jobs=jobs)))
    assert len(found) == 1


def test_the_default_leaf_is_part_of_the_numerics() -> None:
    assert LEAF_POINTS == 8192
    assert plan_of(small_study()).leaf == LEAF_POINTS


def test_kept_draws_beyond_what_is_held(planned: Callable[..., None]) -> None:
    study = small_study(sampling={"draws": 8192, "keep": 6000})
    held = run(study, jobs=1).draws
    planned(leaf=256)
    assert run(study, jobs=2).draws.equals(held)


def test_progress_counts_every_draw_once(planned: Callable[..., None]) -> None:
    planned(leaf=256, group=2)
    told: list[tuple[int, int]] = []
    run(small_study(sampling={"draws": 8192}), jobs=2, progress=lambda *numbers: told.append(numbers))
    assert told[-1] == (8192, 8192)
    assert all(before[0] <= after[0] for before, after in pairwise(told))


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_a_second_pass_makes_quantiles_exact(method: str, planned: Callable[..., None]) -> None:
    sampling = {"method": method, "draws": 24_000, "replicates": 3}
    held = run(small_study(sampling=sampling), jobs=1).statistics
    planned(leaf=512, leaves=4)
    plain = run(small_study(sampling=sampling), jobs=2).statistics
    planned(leaf=512, leaves=4, exact=True)
    exact = run(small_study(sampling=sampling), jobs=2).statistics
    assert plain.brackets is not None
    assert exact.brackets is None
    assert np.array_equal(exact.pooled[..., QUANTILES], held.pooled[..., QUANTILES])
    assert not np.array_equal(plain.pooled[..., QUANTILES], held.pooled[..., QUANTILES])
    assert np.array_equal(exact.values, plain.values)


def test_exact_quantiles_are_asked_for_in_the_study() -> None:
    study = small_study(sampling={"quantiles": "exact"})
    assert plan_of(study).exact
    assert not plan_of(small_study()).exact
    assert study.digest != small_study().digest
    assert small_study(sampling={"quantiles": "interpolated"}).digest == small_study().digest


# Precision


def precise(asked: dict[str, Any], **sampling: Any) -> Study:
    return small_study(sampling={"draws": 256, "precision": asked, **sampling})


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_points_are_doubled_until_precise_enough(method: str) -> None:
    study = precise({"incentive.mean": "1%", "open_effect.mean": 2e7}, method=method)
    result = run(study, jobs=1)
    table = summary(result).query("scenario == 'base' and statistic == 'mean'").set_index("output")
    assert table.loc["incentive", "standard_error"] <= 0.01 * abs(table.loc["incentive", "value"])
    assert table.loc["open_effect", "standard_error"] <= 2e7
    assert result.statistics.points > 64
    # Half as many would not have been enough, and more draws are the same draws and others.
    half = run(small_study(sampling={"method": method, "draws": 4 * result.statistics.points // 2}), jobs=1)
    errors = summary(half).query("scenario == 'base' and statistic == 'mean'").set_index("output")
    assert (
        errors.loc["incentive", "standard_error"] > 0.01 * abs(errors.loc["incentive", "value"])
        or errors.loc["open_effect", "standard_error"] > 2e7
    )
    fresh = run(small_study(sampling={"method": method, "draws": 4 * result.statistics.points}), jobs=1)
    assert np.array_equal(fresh.statistics.values, result.statistics.values)
    assert all("as asked" in note and "not" not in note for note in result.facts.notes)
    assert len(result.facts.notes) == 2


def test_doubling_goes_on_where_draws_are_no_longer_held(planned: Callable[..., None]) -> None:
    planned(leaf=128)
    result = run(precise({"incentive.mean": "0.0001 sd"}, most_draws=40_000), jobs=2)
    assert result.statistics.points == 8192
    assert "the budget of draws ended" in result.facts.notes[0]
    fresh = run(small_study(sampling={"draws": 32_768}), jobs=1)
    assert np.array_equal(fresh.statistics.values, result.statistics.values)
    assert len(result.draws) == len(fresh.draws)


def test_what_is_never_seen_is_precise_by_the_rule_of_three() -> None:
    result = run(precise({"open_effect.p_positive": 1e-3}), jobs=1)
    assert result.statistics.points * 4 == 2048
    assert summary(result).query("output == 'open_effect' and statistic == 'p_positive'")["value"].max() == 0


def test_nothing_uncertain_needs_no_precision() -> None:
    study = Study(**(exact_study().document | {"sampling": {"precision": {"incentive.mean": 1}}}))
    assert run(study).facts.notes == ()


def test_precision_is_part_of_the_digest() -> None:
    plain, asked = small_study(), precise({"incentive.mean": "1%"})
    assert small_study(sampling={"precision": {}}).digest == plain.digest
    assert asked.digest != small_study(sampling={"draws": 256}).digest


# Scenarios in groups, and grids of them


def test_groups_of_scenarios_change_no_bit(planned: Callable[..., None]) -> None:
    study = small_study(grid={"inputs.day": [10, 100, 500], "model.customers.count": [1e7, 4e7]})
    assert [scenario.name for scenario in study.scenarios][3:5] == ["day=10,count=1e7", "day=10,count=4e7"]
    together = run(study, jobs=2)
    found = set()
    for group in (1, 2, 4, 9):
        planned(group=group)
        found.add(fingerprint(run(study, jobs=2)))
    assert found == {fingerprint(together)}


def test_a_grid_is_its_scenarios() -> None:
    changes = [{"inputs.day": day, "model.horizon_days": end} for day in (10, 100) for end in (365, 730)]
    named = {f"s{place}": change for place, change in enumerate(changes)}
    one = run(small_study(scenarios={}, grid={"inputs.day": [10, 100], "model.horizon_days": [365, 730]}))
    two = run(small_study(scenarios=named))
    assert np.array_equal(one.statistics.values, two.statistics.values)
    assert one.statistics.scenarios[1:] == tuple(
        f"day={day},horizon_days={end}" for day in (10, 100) for end in (365, 730)
    )


def test_kept_draws_of_many_scenarios_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_KEPT", 300)
    study = small_study(grid={"inputs.day": list(range(1, 8))})
    assert len(study.scenarios) == 10
    assert len(run(study, jobs=1).draws) == 10 * 4 * (300 // 10 // 4)


def test_plans_hold_a_bounded_number_of_outputs() -> None:
    grid = {"inputs.day": list(range(1, 31)), "model.horizon_days": list(range(101, 111))}
    study = small_study(grid=grid, sampling={"draws": 131_072, "replicates": 16})
    plan: Plan = plan_of(study)
    assert 1 <= plan.group < 30
    assert 8 * 131_072 * 17 * plan.group <= 256e6
    assert len(study.scenarios) == 303


def test_outputs_that_are_one_array_are_tallied_as_if_they_were_two() -> None:
    drawn = np.random.default_rng(8).normal(size=(3, 700))
    one = np.broadcast_to(np.array(-4.5), 700)
    rows = [[drawn[0], drawn[0], one], [drawn[1], one, drawn[2, ::1]]]
    dense = np.array(rows)
    bins = bins_of(dense, 700)
    shared, apart = (tally_record(tally_of(item, bins)) for item in (rows, dense))
    for name, values in apart.items():
        np.testing.assert_array_equal(shared[name], values, err_msg=name)
    np.testing.assert_allclose(shared["mean"], dense.mean(axis=2), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(shared["squares"], 700 * dense.var(axis=2), rtol=1e-13)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_draws() -> None:
    pytest.importorskip("resource", reason="peak memory is not told on this system")
    from tests.benchmarks.engine import CONFIGS, measured

    small, large = (
        measured(CONFIGS / "benchmark.yaml", {"sampling.draws": draws}, jobs=2)["megabytes"]
        for draws in (1_000_000, 16_000_000)
    )
    assert large < 1.1 * small
    assert large < 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of glibc")
@pytest.mark.parametrize("given", [{}, {"MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "65536"}])
def test_freed_memory_is_kept_unless_the_environment_says_otherwise(given: dict[str, str]) -> None:
    code = """
import resource
import numpy as np
from mcrace.engine.heap import keep_freed_memory
keep_freed_memory()
def faults():
    for _ in range(50):
        np.ones(1_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
first = faults()
print(faults() - first)
"""
    here = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    # Without large pages, which NumPy asks for, each page of a new array is a fault.
    here |= {"NUMPY_MADVISE_HUGEPAGE": "0", **given}
    done = subprocess.run([sys.executable, "-c", code], env=here, capture_output=True, text=True, check=True)
    assert (int(done.stdout) > 50_000) == bool(given)
