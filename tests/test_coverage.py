"""Stated intervals: answers of the cases, the factor of Student's t, coverage, and what is not stated."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import integrate, special, stats

import mcrace
from mcrace.engine import intervals
from mcrace.engine.result import Statistics
from mcrace.engine.statistics import LEVELS, STATISTICS, statistics_of
from mcrace.engine.tails import tails_of
from tests.benchmarks.coverage import CASES, CONTRASTS, Cover, covered, main, simulated

SUMMARY = sys.modules["mcrace.analysis.summary"]
UNRESOLVED = "not resolved by these draws"


def table_of(values: np.ndarray, pooled: np.ndarray | None = None, points: int = 8192, **more):
    """Summarise made-up replicates of outputs of one scenario, shape (output, statistic, replicate)."""
    pooled = values.mean(axis=-1) if pooled is None else pooled
    statistics = Statistics(
        scenarios=("base",),
        outputs=tuple(str(place) for place in range(len(values))),
        names=STATISTICS,
        pooled=pooled[np.newaxis],
        values=values[np.newaxis],
        points=points,
        **more,
    )
    return mcrace.summary(SimpleNamespace(statistics=statistics))


def drawn_table(draws: np.ndarray):
    """Summarise draws, shape (replicate, point)."""
    values = np.stack([statistics_of(row[np.newaxis])[0] for row in draws], axis=-1)
    pooled = statistics_of(draws.reshape(1, -1))
    return table_of(values[np.newaxis], pooled, draws.shape[1]).set_index("statistic")


# Exact answers


def law_of(name: str):
    """Give the law of a case without atoms, and what it is moved by."""
    known = dict(zip(STATISTICS, CASES[name].answers, strict=True))
    if name.startswith("lognormal"):
        sigma = float(name.split()[1])
        return stats.lognorm(sigma, scale=1.15 if sigma == 0.6 else 1.0), -1.2
    if name.startswith("max"):
        return stats.powerlaw(2), -0.6 if name == "max of 2" else -0.5
    laws = {"t 3": (stats.t(3), 0.0), "t 1.5": (stats.t(1.5), 0.0), "Pareto 1.5": (stats.pareto(1.5), -2.0)}
    return laws.get(name, (stats.norm(known["mean"], known["sd"]), 0.0))


@pytest.mark.parametrize("name", [name for name in CASES if "indicator" not in name and "atom" not in name])
def test_answers_agree_with_integrals(name: str) -> None:
    known = dict(zip(STATISTICS, CASES[name].answers, strict=True))
    law, shift = law_of(name)
    for level in LEVELS:
        assert known[f"q{level:g}"] == pytest.approx(float(law.ppf(level)) + shift, rel=1e-12, abs=1e-14)
    assert known["p_positive"] == pytest.approx(float(law.sf(-shift)), rel=1e-12)
    assert known["p_positive"] + known["p_zero"] + known["p_negative"] == pytest.approx(1, abs=1e-15)
    # In normal scores the integrands are smooth to both ends.
    scores = np.linspace(-25.0, 25.0, 200_001)
    weights, values = stats.norm.pdf(scores), np.empty(len(scores))
    values[scores <= 0] = law.ppf(special.ndtr(scores[scores <= 0])) + shift
    values[scores > 0] = law.isf(special.ndtr(-scores[scores > 0])) + shift
    mean = integrate.simpson(values * weights, x=scores)
    assert known["mean"] == pytest.approx(mean, rel=1e-9, abs=1e-9)
    if np.isfinite(known["sd"]):
        square = integrate.simpson((values - mean) ** 2 * weights, x=scores)
        assert known["sd"] == pytest.approx(np.sqrt(square), rel=1e-9)
    low = np.linspace(-25.0, float(special.ndtri(0.05)), 200_001)
    worst = (law.ppf(special.ndtr(low)) + shift) * stats.norm.pdf(low)
    assert known["shortfall_0.05"] == pytest.approx(integrate.simpson(worst, x=low) / 0.05, rel=1e-9)


@pytest.mark.parametrize("name", list(CASES))
def test_answers_are_those_of_many_draws(name: str) -> None:
    u = np.random.default_rng(5).random((6, 2**19))
    draws = CASES[name].values(u, special.ndtri(u))
    found = dict(zip(STATISTICS, statistics_of(draws[np.newaxis])[0], strict=True))
    known = dict(zip(STATISTICS, CASES[name].answers, strict=True))
    for statistic, value in known.items():
        if statistic.startswith("p_"):
            assert found[statistic] == pytest.approx(
                value, abs=5 * np.sqrt(value * (1 - value) / 2**19) + 1e-12
            )
        if statistic.startswith("q"):
            level, error = float(statistic[1:]), 5 * np.sqrt(0.25 / 2**19)
            around = (np.mean(draws < value) - error, np.mean(draws <= value) + error)
            assert around[0] <= level <= around[1], statistic


# The factor: Student's t, sd with replicates - 1, root of replicates


def normal_coverage() -> float:
    """Coverage of probabilities whose replicates are normal: exact theory, 120,000 intervals."""
    values = np.full((40_000, len(STATISTICS), 16), np.arange(16.0) / 100)
    shares = [STATISTICS.index(name) for name in ("p_positive", "p_zero", "p_negative")]
    values[:, shares] = 1 / 3 + np.random.default_rng(11).normal(0, 1e-3, (40_000, 3, 16))
    table = table_of(values)
    table = table[table["statistic"].str.startswith("p_")]
    assert table["note"].eq("").all()
    return float(((table["low"] <= 1 / 3) & (table["high"] >= 1 / 3)).mean())


CHANCE = 4 * np.sqrt(0.05 * 0.95 / 120_000)


def test_intervals_of_normal_replicates_cover_95_percent() -> None:
    assert abs(normal_coverage() - 0.95) < CHANCE


@pytest.mark.parametrize(
    "mutant", ["normal quantile", "ddof=0", "root of replicates - 1", "half the degrees"]
)
def test_a_wrong_factor_is_found(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = intervals._variance
    if mutant == "normal quantile":
        monkeypatch.setattr(SUMMARY, "stdtrit", lambda _, p: float(special.ndtri(p)))
    elif mutant == "half the degrees":
        monkeypatch.setattr(SUMMARY, "stdtrit", lambda df, p: float(special.stdtrit(df // 2, p)))
    else:
        factor = 15 / 16 if mutant == "ddof=0" else 16 / 15
        monkeypatch.setattr(intervals, "_variance", lambda *given: factor * right(*given))
    assert abs(normal_coverage() - 0.95) > CHANCE


# Coverage


@pytest.fixture(scope="module")
def small() -> dict[str, Cover]:
    covers = {}
    for method in ("sobol", "random"):
        pooled, values = simulated(method, 1024, range(10_000, 10_240))
        covers[method] = covered(pooled, values, 64)
    return covers


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sobol", "random"])
def test_stated_intervals_cover_93_to_97_percent(small: dict[str, Cover], method: str) -> None:
    cover = small[method]
    assert cover.judged.sum() >= 140
    assert cover.failed() == []
    mean = cover.hits[cover.judged].sum() / cover.stated[cover.judged].sum()
    assert 0.94 < mean < 0.962


@pytest.mark.slow
def test_what_cannot_be_had_is_not_stated(small: dict[str, Cover]) -> None:
    cannot = {
        "t 1.5": ("mean", "sd"),
        "Pareto 1.5": ("mean", "sd"),
        "t 3": ("sd",),
        "lognormal 2 of 4": ("mean", "sd"),
        "atom .97": ("q0.05", "q0.5", "q0.95"),
        "atom .3": ("q0.5",),
        "indicator of sum": ("q0.25", "q0.5", "q0.75"),
        "rare 1e-3": ("p_positive", "p_negative", "q0.01"),
        "rare 1e-5": ("p_positive",),
    }
    for cover in small.values():
        for name, statistics in cannot.items():
            for statistic in statistics:
                place = cover.names.index(name), STATISTICS.index(statistic)
                assert not cover.judged[place], (name, statistic, cover.stated[place])


@pytest.mark.slow
def test_quantiles_of_one_input_are_not_stated_by_a_net_but_by_random_draws(small: dict[str, Cover]) -> None:
    place = [STATISTICS.index(name) for name in ("q0.25", "q0.5", "q0.75", "p_positive")]
    row = CASES_ROW["normal of 1"]
    assert not small["sobol"].judged[row, place].any()
    assert small["random"].judged[row, place].all()


CASES_ROW = {name: row for row, name in enumerate(CASES)}


@pytest.mark.slow
def test_uncorrected_errors_fall_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what the rules leave out and add, the same band names cells: the band has teeth."""
    monkeypatch.setattr(intervals, "_unresolved", lambda sample: np.zeros(sample.pooled.shape, dtype=np.int8))
    pooled, values = simulated("sobol", 1024, range(10_000, 10_240))
    failed = covered(pooled, values, 64).failed()
    for cell in ("lognormal 2 of 4, sd", "Pareto 1.5, mean", "lognormal 1 of 1, sd", "t 3, sd"):
        assert any(line.startswith(cell) for line in failed), cell


def test_the_benchmark_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--repetitions", "8", "--methods", "random", "--draws", "512", "--workers", "1"])
    shown = capsys.readouterr().out
    assert code in (0, 1)
    assert "random, 512 draws, 8 repetitions" in shown
    assert "cells judged" in shown
    assert all(name in shown for name in CASES)
    assert all(f"{ours} - {base}" in shown for ours, base in CONTRASTS)


def test_the_joint_band_is_that_of_the_binomial_law() -> None:
    one = np.ones((1, len(STATISTICS)), dtype=int)

    def cover(hits: int) -> Cover:
        return Cover(names=("case",), repetitions=3000, stated=3000 * one, hits=hits * one)

    assert cover(2850).failed() == []
    assert cover(int(0.925 * 3000)).failed() == []  # chance leaves this of 93 %
    assert len(cover(int(0.91 * 3000)).failed()) == len(STATISTICS)
    assert len(cover(int(0.985 * 3000)).failed()) == len(STATISTICS)
    few = Cover(names=("case",), repetitions=3000, stated=1499 * one, hits=0 * one)
    assert few.failed() == []


# Rules, one by one


def test_one_input_of_a_net_is_told_as_such() -> None:
    pooled, values = simulated("sobol", 1024, [3])
    row = CASES_ROW["indicator of 1"]
    table = table_of(values[0, row : row + 1], pooled[0, row : row + 1], 64).set_index("statistic")
    note = f"{UNRESOLVED}: replicates of 64 agree to within about one draw"
    for statistic in ("mean", "sd", "p_positive", "p_zero"):
        assert table.loc[statistic, "note"] == note
        assert np.isnan(table.loc[statistic, "standard_error"])
    assert table.loc["p_negative", "note"] == "none of 1024 draws"


def test_an_infinite_variance_is_told() -> None:
    u = np.random.default_rng(2).random((16, 4096))
    table = drawn_table((1 - u) ** (-1 / 1.5))
    for statistic in ("mean", "sd"):
        assert table.loc[statistic, "note"].startswith(f"{UNRESOLVED}: the tail is so heavy")
    assert table.loc["q0.5", "standard_error"] > 0
    assert table.loc["shortfall_0.05", "standard_error"] > 0
    mirrored = drawn_table(-((1 - u) ** (-1 / 1.5)))
    assert np.isnan(mirrored.loc[["mean", "sd", "shortfall_0.05"], "standard_error"]).all()


def test_an_outcome_of_atoms_is_not_taken_for_a_heavy_tail() -> None:
    random = np.random.default_rng(3)
    draws = np.where(random.random((16, 4096)) < 0.9, 0.0, random.normal(-0.2, 1, (16, 4096)))
    table = drawn_table(draws)
    assert (table.loc[["mean", "sd", "p_zero", "shortfall_0.05"], "standard_error"] > 0).all()
    assert table.loc["q0.5", "note"] == "the same in every replicate: inside an atom"


def test_a_quantile_at_the_edge_of_an_atom_is_told() -> None:
    draws = np.random.default_rng(4).normal(size=(16, 1024))
    draws[draws < np.quantile(draws, 0.1)] = -2.0
    note = drawn_table(draws).loc["q0.1", "note"]
    assert note == f"{UNRESOLVED}: at the edge of a value that many draws share"


@pytest.mark.parametrize(("events", "stated"), [(3, False), (40, True)])
def test_rare_events_are_told(events: int, stated: bool) -> None:
    draws = -np.abs(np.random.default_rng(5).normal(size=(16, 1024)))
    draws.flat[np.random.default_rng(6).choice(draws.size, events, replace=False)] = 1.0
    row = drawn_table(draws).loc["p_positive"]
    assert row["value"] == events / draws.size
    assert (row["note"] == "") == stated
    assert np.isfinite(row["standard_error"]) == stated


def test_the_sd_of_a_net_has_no_bias_of_its_own() -> None:
    """Uniform draws of one input: the sd of all draws is off by 1 / (2 n), far beyond its error."""
    random = np.random.default_rng(7)
    hits, factors = 0, []
    for _ in range(200):
        strata = (np.arange(1024) + random.random((16, 1024))) / 1024
        row = drawn_table(strata).loc["sd"]
        hits += int(row["low"] <= np.sqrt(1 / 12) <= row["high"])
        factors.append(abs(np.std(strata, ddof=1) - np.sqrt(1 / 12)) / row["standard_error"])
    assert np.median(factors) > 3
    low, high = stats.binom.ppf([0.001, 0.999], 200, [0.93, 0.97])
    assert low <= hits <= high


def test_errors_are_the_formulas_of_their_references() -> None:
    u = np.random.default_rng(8).random((16, 1024))
    draws = -np.log(u)
    table = drawn_table(draws)
    rows = np.stack([statistics_of(row[np.newaxis])[0] for row in draws])
    medians = rows[:, STATISTICS.index("q0.5")]
    value = np.quantile(draws, 0.5, method="hazen")
    slope = np.gradient(table.loc["q0.01":"q0.99", "value"].to_numpy(), special.ndtri(np.array(LEVELS)))[4]
    gap = slope / stats.norm.pdf(0) / 1024
    variance = ((medians - value) ** 2).sum() / 15 + gap**2 / 12
    assert table.loc["q0.5", "standard_error"] == pytest.approx(np.sqrt(variance / 16), rel=1e-9)
    assert gap == pytest.approx(2 / 1024, rel=0.1)  # the density of the exponential law at its median
    means, sds = rows[:, 0], rows[:, 1]
    together = np.corrcoef(means, sds)[0, 1]
    factor = 1 + 1.08 * (stats.skew(means, bias=False) * together) ** 2 / 16
    error = means.std(ddof=1) / 4 * factor
    assert table.loc["mean", "standard_error"] == pytest.approx(error, rel=1e-9)


def test_tail_indices_are_those_of_known_laws() -> None:
    levels = np.array(LEVELS)
    assert float(tails_of((1 - levels) ** (-1 / 1.5), 1000).upper) == pytest.approx(1 / 1.5, rel=1e-12)
    assert float(tails_of(-(levels ** (-1 / 3)), 1000).lower) == pytest.approx(1 / 3, rel=1e-12)
    assert float(tails_of(levels, 1000).upper) == pytest.approx(-1, rel=1e-12)
    noisy = [tails_of(np.quantile(row, levels), 1024).upper for row in
             np.random.default_rng(9).exponential(size=(2000, 1024))]  # fmt: skip
    assert np.std(noisy) == pytest.approx(4 / 32, rel=0.1)
    assert float(tails_of(np.zeros(len(levels)), 1000).heavier) == -np.inf


# Quantiles from counts


def test_certain_brackets_are_told_where_they_weigh() -> None:
    draws = np.random.default_rng(10).normal(size=(16, 1024))
    values = np.stack([statistics_of(row[np.newaxis])[0] for row in draws], axis=-1)[np.newaxis]
    pooled = statistics_of(draws.reshape(1, -1))
    error = table_of(values, pooled, 1024).set_index("statistic")["standard_error"]
    brackets = np.full((1, 1, len(STATISTICS), 2), np.nan)
    for name, width in (("q0.25", 0.3), ("q0.5", 0.36)):
        place = STATISTICS.index(name)
        brackets[0, 0, place] = pooled[0, place] + width * error[name] * np.array([-1, 1])
    table = table_of(values, pooled, 1024, brackets=brackets).set_index("statistic")
    low, high = brackets[0, 0, STATISTICS.index("q0.5")]
    assert table.loc["q0.5", "note"] == f"within [{low:.6g}, {high:.6g}] for certain; interpolated"
    assert table.loc["q0.25", "note"] == ""
    assert (table["standard_error"].dropna() == error.dropna()).all()
