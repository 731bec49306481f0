"""Tables of a run: errors from the scatter of replicates, exact zeros, honest intervals, notes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

import mcrace
from mcrace.analysis.records import run_record, table_csv
from mcrace.engine.run import run
from mcrace.engine.statistics import STATISTICS
from mcrace.nomenclature import OUTPUTS
from mcrace.study import Study
from tests.small_study import exact_study, small_study

COLUMNS = ["scenario", "output", "statistic", "value", "standard_error", "low", "high", "note"]
SURFACE_STATISTICS = [
    *("mean", "sd", "q0.01", "q0.05", "q0.1", "q0.25", "q0.5", "q0.75", "q0.9", "q0.95", "q0.99"),
    *("p_positive", "p_zero", "p_negative", "shortfall_0.05"),
]


@pytest.fixture(scope="module")
def small() -> mcrace.Result:
    return run(small_study(), jobs=1)


def row_of(table: pd.DataFrame, output: str, statistic: str, scenario: str = "base") -> pd.Series:
    at = (table["scenario"] == scenario) & (table["output"] == output) & (table["statistic"] == statistic)
    assert at.sum() == 1
    return table[at].iloc[0]


def replicates_of(result: mcrace.Result, output: str, scenario: str = "base") -> np.ndarray:
    """All draws of an output, a row a replicate."""
    draws = result.draws[result.draws["scenario"] == scenario]
    return draws[output].to_numpy().reshape(result.statistics.replicates, -1)


# Columns, order, files


def test_columns_and_order(small: mcrace.Result) -> None:
    assert list(STATISTICS) == SURFACE_STATISTICS
    table = mcrace.summary(small)
    assert list(table.columns) == COLUMNS
    labels = [(s, o, t) for s in ("base", "early", "same") for o in OUTPUTS for t in SURFACE_STATISTICS]
    assert list(table[COLUMNS[:3]].itertuples(index=False, name=None)) == labels
    beside = mcrace.contrasts(small)
    assert list(beside.columns) == COLUMNS
    assert list(beside[COLUMNS[:3]].itertuples(index=False, name=None)) == labels[len(labels) // 3 :]


def test_csv_reads_back_to_the_bit(small: mcrace.Result, tmp_path: Path) -> None:
    for table in (mcrace.summary(small), mcrace.contrasts(small)):
        (tmp_path / "table.csv").write_bytes(table_csv(table))
        read = pd.read_csv(tmp_path / "table.csv", dtype=str, keep_default_na=False)
        assert list(read.columns) == COLUMNS
        for name in COLUMNS[3:7]:
            numbers = [float(text or "nan") for text in read[name]]
            assert np.array_equal(numbers, table[name], equal_nan=True)


def test_a_study_without_scenarios_has_an_empty_contrast_table() -> None:
    result = run(small_study(scenarios={}), jobs=1)
    assert list(mcrace.contrasts(result).columns) == COLUMNS
    assert len(mcrace.contrasts(result)) == 0
    assert table_csv(mcrace.contrasts(result)).decode() == ",".join(COLUMNS) + "\n"


def test_record_holds_no_nan(small: mcrace.Result) -> None:
    record = run_record(small)
    numbers = [row[name] for row in record["summary"] + record["contrasts"] for name in COLUMNS[3:7]]
    assert None in numbers
    assert all(number is None or np.isfinite(number) for number in numbers)
    assert (record["draws"], record["replicates"]) == (512, 4)


# Values, errors, intervals


def statistic_by_hand(name: str, values: np.ndarray) -> float:
    if name.startswith("q"):
        return float(np.quantile(values, float(name[1:]), method="hazen"))
    by_name = {"mean": np.mean, "sd": lambda v: np.std(v, ddof=1), "p_positive": lambda v: np.mean(v > 0)}
    return float(by_name[name](values))


def rounding_of_ranks(table: pd.DataFrame, name: str, points: int) -> float:
    """Distance of neighbouring draws of a replicate at a quantile, from the slope of the quantiles there."""
    levels = [float(row[1:]) for row in SURFACE_STATISTICS if row.startswith("q")]
    place = levels.index(float(name[1:]))
    scores = stats.norm.ppf(levels)
    values = [row_of(table, "incentive", f"q{level:g}")["value"] for level in levels]
    return float(np.gradient(values, scores)[place] / stats.norm.pdf(scores[place]) / points)


@pytest.mark.parametrize("name", ["mean", "p_positive", "q0.1", "q0.9"])
def test_error_is_the_scatter_of_replicates(small: mcrace.Result, name: str) -> None:
    # Four replicates are too few to tell a skewness: nothing but the scatter, and what quantiles add to it.
    parts = replicates_of(small, "incentive")
    scatter = [statistic_by_hand(name, part) for part in parts]
    value, table = statistic_by_hand(name, parts.ravel()), mcrace.summary(small)
    square = np.var(scatter, ddof=1)
    if name.startswith("q"):
        square = np.sum((np.array(scatter) - value) ** 2) / (len(scatter) - 1)
        square += rounding_of_ranks(table, name, parts.shape[1]) ** 2 / 12
    error = np.sqrt(square / len(scatter))
    row = row_of(table, "incentive", name)
    assert row["value"] == pytest.approx(value, rel=1e-12)
    assert row["standard_error"] == pytest.approx(error, rel=1e-9)
    half_width = stats.t.ppf(0.975, df=len(scatter) - 1) * error
    assert half_width / error == pytest.approx(3.18244630528, rel=1e-9)  # and not 1.96
    assert row["high"] - row["value"] == pytest.approx(half_width, rel=1e-9)
    assert row["value"] - row["low"] == pytest.approx(half_width, rel=1e-9)


def test_the_sd_counts_the_variance_of_the_mean_as_it_is(small: mcrace.Result) -> None:
    parts = replicates_of(small, "incentive")
    of_mean = parts.mean(axis=1).var(ddof=1) / len(parts)
    row = row_of(mcrace.summary(small), "incentive", "sd")
    assert row["value"] == pytest.approx(np.sqrt(parts.var() + of_mean), rel=1e-12)
    assert row["value"] == pytest.approx(parts.std(ddof=1), rel=1e-3)


def test_exact_numbers_have_no_error() -> None:
    result = run(exact_study())
    for table in (mcrace.summary(result), mcrace.contrasts(result)):
        assert (table["standard_error"] == 0).all()
        assert (table["low"] == table["value"]).all()
        assert (table["high"] == table["value"]).all()
        assert set(table["note"]) == {"exact: no input is uncertain"}
    assert row_of(mcrace.summary(result), "incentive", "sd")["value"] == 0


@pytest.mark.parametrize("method", ["sobol", "random", "latin_hypercube"])
def test_replicates_of_one_draw_are_not_exact(method: str) -> None:
    result = run(small_study(sampling={"draws": 4, "replicates": 4, "method": method}), jobs=1)
    values = replicates_of(result, "incentive").ravel()
    table = mcrace.summary(result)
    mean, sd = (row_of(table, "incentive", name) for name in ("mean", "sd"))
    assert mean["standard_error"] == pytest.approx(np.std(values, ddof=1) / 2, rel=1e-12)
    assert sd["value"] == pytest.approx(np.std(values, ddof=1), rel=1e-12)
    assert np.isnan(sd["standard_error"])
    assert sd["note"] == "no error: a replicate is one draw"
    assert not table["note"].str.contains("exact").any()


# Notes


def test_notes_of_what_has_no_error() -> None:
    # The release comes after the horizon in nine draws of ten, and changes what it changes for the worse.
    inputs = {"day": {"uniform": [0, 7300]}, "x": 1e8, "lead": {"uniform": [2, 3]}}
    model = {"discount_rate": 0, "lab": {"current_expense": "x * 3", "candidate_expense": 9e8}}
    study = small_study(inputs=inputs, model=model, scenarios={"early": {"inputs.day": 30}})
    table = mcrace.summary(run(study, jobs=1))
    expected = {
        ("open_effect", "q0.5"): (0.0, "the same in every replicate: inside an atom"),
        ("open_effect", "p_positive"): (0.0, "none of 512 draws"),
        ("revenue_today", "p_positive"): (1.0, "every draw gives the same value"),
        ("incentive", "p_negative"): (0.0, "none of 512 draws"),
        ("incentive", "p_positive"): (1.0, "all of 512 draws"),
        ("training_cost", "mean"): (9e8, "every draw gives the same value"),
        ("training_cost", "sd"): (0.0, "every draw gives the same value"),
        ("training_cost", "shortfall_0.05"): (9e8, "every draw gives the same value"),
    }
    for (output, statistic), (value, note) in expected.items():
        row = row_of(table, output, statistic)
        assert (row["value"], row["note"]) == (value, note), (output, statistic)
        assert row[["standard_error", "low", "high"]].isna().all()
    # One input decides on a share: each replicate of a net has the same number of draws there, or one more.
    effect = row_of(table, "open_effect", "p_zero")
    assert 0.9 <= effect["value"] < 1
    assert np.isnan(effect["standard_error"])
    assert effect["note"] == "not resolved by these draws: replicates of 128 agree to within about one draw"
    sampling = {"draws": 1024, "replicates": 8, "method": "random"}
    table = mcrace.summary(run(small_study(inputs=inputs, model=model, sampling=sampling), jobs=1))
    effect = row_of(table, "open_effect", "p_zero")
    assert effect["standard_error"] > 0
    assert effect["note"] == ""


def test_an_error_is_absent_only_with_a_note(small: mcrace.Result) -> None:
    for table in (mcrace.summary(small), mcrace.contrasts(small)):
        absent = table["standard_error"].isna()
        assert (table.loc[absent, "note"] != "").all()
        assert (table.loc[~absent, "standard_error"] > 0).all()
        assert table["value"].notna().all()


@pytest.mark.parametrize(
    ("draws", "few"),
    [
        (512, {"q0.01", "q0.05", "q0.95", "q0.99", "shortfall_0.05"}),
        (1024, {"q0.01", "q0.99"}),
        (4096, set()),
    ],
)
def test_few_draws_beyond_a_quantile_are_told(draws: int, few: set[str]) -> None:
    sampling = {"draws": draws, "method": "random"}
    result = run(small_study(sampling=sampling, scenarios={}), jobs=1)
    table = mcrace.summary(result).query("output == 'incentive'")
    note = f"few draws beyond it in a replicate of {draws // 4}"
    told = table[table["note"].str.endswith(note)].set_index("statistic")
    assert set(told.index) == few
    # With fewer than five of them there is no interval that holds.
    for name in few:
        beyond = 0.05 if name.startswith("shortfall") else min(float(name[1:]), 1 - float(name[1:]))
        stated = beyond * draws / 4 >= 5
        assert np.isfinite(told.loc[name, "standard_error"]) == stated
        assert told.loc[name, "note"] == (note if stated else f"not resolved by these draws: {note}")


# Contrasts


def test_a_scenario_that_changes_nothing_differs_by_0(small: mcrace.Result) -> None:
    same = mcrace.contrasts(small).query("scenario == 'same'")
    assert (same["value"] == 0).all()
    assert set(same["note"]) == {"as in base"}
    assert same["standard_error"].isna().all()


def test_contrasts_are_differences_of_the_summary(small: mcrace.Result) -> None:
    table = mcrace.summary(small).set_index(COLUMNS[:3])["value"]
    for row in mcrace.contrasts(small).itertuples():
        ours, base = table[row.scenario, row.output, row.statistic], table["base", row.output, row.statistic]
        assert row.value == ours - base


def test_contrasts_are_paired() -> None:
    scenarios = {"shorter": {"model.horizon_days": 700}}
    study = small_study(scenarios=scenarios, sampling={"draws": 4096, "replicates": 16, "method": "random"})
    result = run(study, jobs=1)
    contrast = row_of(mcrace.contrasts(result), "incentive", "mean", "shorter")
    table = mcrace.summary(result)
    alone = [row_of(table, "incentive", "mean", name)["standard_error"] for name in ("base", "shorter")]
    assert 0 < contrast["standard_error"] < 0.1 * np.hypot(*alone)
    ours, base = replicates_of(result, "incentive", "shorter"), replicates_of(result, "incentive")
    means = (ours - base).mean(axis=1)
    sds = ours.std(axis=1, ddof=1) - base.std(axis=1, ddof=1)
    skewness = stats.skew(means, bias=False)
    factor = 1 + 1.08 * (skewness * np.corrcoef(means, sds)[0, 1]) ** 2 / 16
    assert contrast["value"] == pytest.approx((ours - base).mean(), rel=1e-9)
    assert 1 < factor < 1.1
    assert contrast["standard_error"] == pytest.approx(means.std(ddof=1) / 4 * factor, rel=1e-6)
    assert contrast["high"] - contrast["value"] == pytest.approx(
        stats.t.ppf(0.975, 15) * contrast["standard_error"], rel=1e-6
    )


def test_a_difference_from_a_constant_has_the_error_of_the_other() -> None:
    study = small_study(scenarios={"never": {"inputs.day": float("inf")}}, sampling={"draws": 16_384})
    result = run(study, jobs=1)
    contrasted, table = mcrace.contrasts(result), mcrace.summary(result)
    assert row_of(table, "open_effect", "sd", "never")["value"] == 0.0
    for statistic in ("mean", "sd", "q0.05"):
        ours = row_of(contrasted, "open_effect", statistic, "never")
        base = row_of(table, "open_effect", statistic)
        assert ours["value"] == -base["value"]
        assert ours["standard_error"] == pytest.approx(base["standard_error"], rel=1e-9)


# Coverage: a study with two uncertain inputs whose answers are known

HORIZON, LATEST, COST = 730.0, 1000.0, 1e9
LEAST, MOST = 1e6, 3e6  # customers
GAP = 0.4 * np.log(3.0)  # of value: between x' and y, and between z and x'


def coverage_study(seed: int, method: str) -> Study:
    return Study(
        study="coverage",
        inputs={"day": {"uniform": [0, LATEST]}, "count": {"uniform": [LEAST, MOST]}},
        model={
            "horizon_days": HORIZON,
            "open": {"current_expense": 1e7, "releases": [{"day": "day", "expense": COST / 3}]},
            "lab": {"current_expense": COST / 9, "candidate_expense": COST},
            "value": {"scale": 0.4, "reference": 1e6},
            "customers": {"count": "count"},
        },
        sampling={"draws": 16 * 64, "replicates": 16, "seed": seed, "method": method},
    )


def exact_answers() -> Mapping[tuple[str, str], float]:
    """With L = max(m - day, 0): open_effect = -count L gap, incentive = count (2 m - L) gap - cost."""
    first, second = HORIZON**2 / 2 / LATEST, HORIZON**3 / 3 / LATEST  # moments of L
    count, square = (LEAST + MOST) / 2, (MOST**3 - LEAST**3) / 3 / (MOST - LEAST)

    def pays(customers: float) -> float:
        """Chance that customers (2 m - L) gap > cost."""
        lost = 2 * HORIZON - COST / (customers * GAP)  # L has to be below
        return float(np.clip(1 - (HORIZON - lost) / LATEST, 0, 1)) if lost > 0 else 0.0

    def below(effect: float) -> float:
        """Chance that open_effect is below."""
        return over_customers(lambda n: float(np.clip((HORIZON + effect / (n * GAP)) / LATEST, 0, 1)))

    def over_customers(function: Any) -> float:
        grid = [COST / (factor * HORIZON * GAP) for factor in (1, 2)]
        inside = [kink for kink in grid if LEAST < kink < MOST]
        return float(integrate.quad(function, LEAST, MOST, points=inside or None)[0]) / (MOST - LEAST)

    return {
        ("open_effect", "mean"): -GAP * count * first,
        ("open_effect", "sd"): GAP * np.sqrt(square * second - (count * first) ** 2),
        ("open_effect", "q0.5"): optimize.brentq(lambda q: below(q) - 0.5, -1e9, -1e3),
        ("incentive", "p_positive"): over_customers(pays),
        ("incentive", "mean"): GAP * count * (2 * HORIZON - first) - COST,
    }


def test_exact_answers_of_the_coverage_study() -> None:
    study = coverage_study(1, "sobol")
    large = Study(
        study="large",
        inputs=study.document["inputs"],
        model=study.document["model"],
        sampling={"draws": 2**17, "replicates": 16, "seed": 5},
    )
    table = mcrace.summary(run(large))
    for (output, statistic), exact in exact_answers().items():
        row = row_of(table, output, statistic)
        assert abs(row["value"] - exact) < 5 * row["standard_error"], (output, statistic)
    assert 0.2 < exact_answers()["incentive", "p_positive"] < 0.8


@pytest.mark.slow
def test_intervals_cover_as_they_say() -> None:
    # With Sobol' points the same 300 seeds give 93.7 % (mean of open_effect), 96.3 (its sd), 90.7 (its
    # median: replicates of 64 points are few for a quantile), 96.7 (P(incentive > 0)), 95.7 (its mean).
    trials = 300
    low, high = stats.binom.ppf([0.0005, 0.9995], trials, 0.95)
    hits = covered("random", trials)
    for name, count in hits.items():
        assert low <= count <= high, (name, count / trials)


def covered(method: str, trials: int) -> Mapping[tuple[str, str], int]:
    answers = exact_answers()
    hits = dict.fromkeys(answers, 0)
    for seed in range(trials):
        table = mcrace.summary(run(coverage_study(seed, method), jobs=1))
        names = zip(table["output"], table["statistic"], strict=True)
        ends = dict(zip(names, zip(table["low"], table["high"], strict=True), strict=True))
        for name, exact in answers.items():
            hits[name] += int(ends[name][0] <= exact <= ends[name][1])
    return hits
