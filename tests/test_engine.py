"""The engine: the answer hangs on the study alone, and a draw that leaves the range stops the run."""

import os
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mcrace
from mcrace.cli import main
from mcrace.engine import execute
from mcrace.engine.block import Block, draw_block, input_names, study_text
from mcrace.engine.plan import design_size
from mcrace.engine.run import run
from mcrace.engine.statistics import LEVELS, SHORTFALL_LEVEL, STATISTICS, statistics_of
from mcrace.errors import ModelError, RunError, RunWarning, StudyError
from mcrace.nomenclature import OUTPUTS
from mcrace.sampling import unit_block
from mcrace.study import Study
from mcrace.study.write import study_yaml
from tests.small_study import SMALL, exact_study, fingerprint, small_study

METHODS = ("sobol", "random", "latin_hypercube")
WORKERS = [("sequential", 2), ("threading", 1), ("threading", 2), ("threading", 3), ("loky", 2), ("loky", 3)]


def base_of(result: mcrace.Result) -> pd.DataFrame:
    return result.draws[result.draws["scenario"] == "base"].drop(columns="scenario").reset_index(drop=True)


def column(statistic: str, values: np.ndarray) -> np.ndarray:
    return statistics_of(values)[:, STATISTICS.index(statistic)]


# The same bits, whoever computes them and in whatever pieces


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_workers_change_no_bit(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcrace.engine.held.BLOCK_POINTS", 48)
    study = small_study(sampling={"method": method})
    alone = fingerprint(run(study, jobs=1, backend="sequential"))
    for backend, jobs in WORKERS:
        assert fingerprint(run(study, jobs=jobs, backend=backend)) == alone, (backend, jobs)


@pytest.mark.parametrize("method", METHODS)
def test_block_size_changes_no_bit(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # 2,048 points a replicate: large blocks take the compiled path of the designs, small ones do not.
    study = small_study(sampling={"method": method, "draws": 4096, "replicates": 2, "keep": 1000})
    found = set()
    for size in (100, 333, 1500, 2048, 8192):
        monkeypatch.setattr("mcrace.engine.held.BLOCK_POINTS", size)
        found.add(fingerprint(run(study, jobs=1)))
    assert len(found) == 1


def test_blocks_come_in_order_and_progress_ends_at_all_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcrace.engine.held.BLOCK_POINTS", 50)
    told: list[tuple[int, int]] = []
    run(small_study(), jobs=2, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (512, 512)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert len(told) == 4 * 3


@pytest.mark.parametrize("method", METHODS)
def test_kept_draws_are_the_first_of_each_replicate(method: str) -> None:
    every = base_of(run(small_study(sampling={"method": method}), jobs=1))
    few = base_of(run(small_study(sampling={"method": method, "keep": 66}), jobs=1))
    assert list(few["draw"]) == [128 * replicate + point for replicate in range(4) for point in range(16)]
    pd.testing.assert_frame_equal(
        few, every.set_index("draw").loc[few["draw"]].reset_index(), check_exact=True
    )


def test_kept_draws_are_no_part_of_the_statistics() -> None:
    every, few = (run(small_study(sampling={"keep": keep}), jobs=1) for keep in (512, 1))
    assert np.array_equal(every.statistics.values, few.statistics.values)
    assert np.array_equal(every.statistics.pooled, few.statistics.pooled)
    assert len(base_of(few)) == 4


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_more_draws_keep_the_earlier_points(method: str) -> None:
    first, second = (
        base_of(run(small_study(sampling={"method": method, "draws": draws}), jobs=1))
        for draws in (512, 1024)
    )
    at = second["draw"] % 256 < 128
    pd.testing.assert_frame_equal(
        second[at].drop(columns="draw").reset_index(drop=True), first.drop(columns="draw"), check_exact=True
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_scenario_more_leaves_base_alone(method: str) -> None:
    added = {
        "uncertain": {"model.customers.valuation_spread": {"uniform": [0.5, 1.5]}},
        "lawful": {"model.customers.count": {"lognormal": {"p05": 1e7, "p95": 4e7}}},
        **SMALL["scenarios"],
    }
    without = base_of(run(small_study(scenarios={}, sampling={"method": method}), jobs=1))
    result = run(small_study(scenarios=added, sampling={"method": method}), jobs=1)
    found = base_of(result)
    new = set(found.columns) - set(without.columns)
    assert new == {"model.customers.valuation_spread", "model.customers.count"}
    assert found[list(new)].isna().all(axis=None)
    pd.testing.assert_frame_equal(found[list(without.columns)], without, check_exact=True)


def test_scenarios_share_no_expression_of_which_an_input_differs() -> None:
    others = {
        "law": {"inputs.lead": {"uniform": [5, 6]}},
        "number": {"inputs.lead": 5.0},
        "other_number": {"inputs.lead": 6.0},
        "text": {"model.lab.candidate_expense": "5 * x * lead"},
        "apart": {"inputs.day": {"uniform": [0, 30]}},
    }
    together = run(small_study(scenarios=others), jobs=1).draws
    for name, changes in others.items():
        alone = run(small_study(scenarios={name: changes}), jobs=1).draws
        found, expected = (
            part[part["scenario"] == name].reset_index(drop=True) for part in (together, alone)
        )
        pd.testing.assert_frame_equal(found[list(expected.columns)], expected, check_exact=True)
    assert together.groupby("scenario")["incentive"].mean().nunique() == len(others) + 1


def test_another_law_in_a_scenario_is_drawn_from_the_same_uniforms() -> None:
    scenarios = {"near": {"inputs.lead": {"uniform": [5, 6]}}}
    draws = run(small_study(scenarios=scenarios), jobs=1).draws.set_index("scenario")
    base, near = draws.loc["base"], draws.loc["near"]
    assert near["lead"].to_numpy() - 5 == pytest.approx((base["lead"].to_numpy() - 1.6) / 18.4, abs=1e-12)
    assert np.array_equal(near["x"], base["x"])


@pytest.mark.parametrize("method", METHODS)
def test_inputs_are_their_laws_at_the_points_of_the_design(method: str) -> None:
    study = small_study(sampling={"method": method})
    draws = base_of(run(study, jobs=1))
    log_x = stats.norm(np.log(3e7 * 4e8) / 2, np.log(4e8 / 3e7) / 2 / stats.norm.ppf(0.95))
    quantiles = {"x": lambda u: np.exp(log_x.ppf(u)), "lead": stats.uniform(1.6, 18.4).ppf}
    for item in study.inputs:
        if item.name in quantiles and item.dimension is not None:
            points = [
                unit_block(
                    method=method, seed=7, replicate=replicate, start=0, count=128, points=128,
                    names=[item.name], dimensions=[item.dimension],
                )[0]
                for replicate in range(4)
            ]  # fmt: skip
            found = draws[item.name].to_numpy()
            assert found == pytest.approx(quantiles.pop(item.name)(np.concatenate(points)), rel=1e-9)
    assert not quantiles


@pytest.mark.parametrize("method", METHODS)
def test_order_of_inputs_changes_no_bit(method: str) -> None:
    turned = dict(reversed(SMALL["inputs"].items()))
    one, two = (
        run(small_study(inputs=inputs, sampling={"method": method}), jobs=1)
        for inputs in (SMALL["inputs"], turned)
    )
    assert list(one.draws.columns) != list(two.draws.columns)
    pd.testing.assert_frame_equal(two.draws[list(one.draws.columns)], one.draws, check_exact=True)
    assert np.array_equal(one.statistics.values, two.statistics.values)


def test_seed_0_is_a_seed() -> None:
    zero, again, one, absent = (
        fingerprint(run(small_study(sampling=sampling), jobs=1))
        for sampling in ({"seed": 0}, {"seed": 0}, {"seed": 1}, {})
    )
    assert zero == again
    assert len({zero, one, absent}) == 3


def test_replicates_are_not_copies() -> None:
    draws = base_of(run(small_study(), jobs=1))
    assert draws["day"].nunique() == 512
    assert set(np.floor(draws["day"] / 900 * 128)) == set(range(128))


def test_a_study_travels_to_a_worker() -> None:
    study = small_study()
    assert study_text(pickle.loads(pickle.dumps(study))) == study_text(study)  # noqa: S301 - our own bytes
    block = Block(replicate=1, start=3, count=5, points=128, keep=6)
    drawn = draw_block(study_text(study), block)
    assert drawn.outputs.shape == (3, len(OUTPUTS), 5)
    assert drawn.inputs.shape == (3, len(input_names(study)), 3)


# Kept draws


def test_columns_of_the_draws() -> None:
    draws = run(small_study(), jobs=1).draws
    inputs = ["x", "lead", "day", "model.discount_rate"]
    assert list(draws.columns) == ["scenario", "draw", *inputs, *OUTPUTS]
    assert list(draws["scenario"].unique()) == ["base", "early", "same"]
    assert (draws.loc[draws["scenario"] == "early", "day"] == 30).all()


def test_every_draw_is_the_model_of_its_inputs() -> None:
    draws = base_of(run(small_study(), jobs=1))
    x, level = draws["x"].to_numpy(), (draws["x"] * draws["lead"]).to_numpy()
    outputs = mcrace.incentive(
        {
            **SMALL["model"],
            "discount_rate": draws["model.discount_rate"].to_numpy(),
            "open": {
                "current_expense": x,
                "releases": [{"day": draws["day"].to_numpy(), "expense": 1.3 * level}],
            },
            "lab": {"current_expense": level, "candidate_expense": 4 * level},
        }
    )
    for name, values in outputs.items():
        scale = np.abs(values).max()
        assert np.allclose(draws[name], values, rtol=1e-12, atol=1e-12 * scale), name


def test_plain_numbers_make_a_calculator() -> None:
    study = exact_study()
    assert design_size(study) == (1, 1)
    draws = run(study).draws
    assert list(draws["scenario"]) == ["base", "never"]
    assert list(draws["day"]) == [200, np.inf]
    assert draws["open_effect"].tolist() == pytest.approx([-212e6 * np.log(3), 0.0], rel=1e-12)
    assert draws["incentive"].tolist() == pytest.approx(
        [292e6 * np.log(10) - 212e6 * np.log(3), 292e6 * np.log(10)], rel=1e-12
    )


# Statistics


@pytest.mark.parametrize("count", [1, 2, 3, 7, 19, 20, 21, 40, 100, 1001])
def test_statistics_by_hand(count: int) -> None:
    generator = np.random.default_rng(count)
    values = np.stack([generator.normal(size=count), np.round(generator.normal(size=count))])
    found = dict(zip(STATISTICS, statistics_of(values).T, strict=True))
    assert found["mean"] == pytest.approx(values.mean(axis=1), rel=1e-13)
    expected = values.std(axis=1, ddof=1) if count > 1 else np.zeros(2)
    assert found["sd"] == pytest.approx(expected, rel=1e-12)
    for level in LEVELS:
        by_numpy = np.quantile(values, level, axis=1, method="hazen")
        assert found[f"q{level:g}"] == pytest.approx(by_numpy, rel=1e-12, abs=1e-14)
    assert found["p_positive"] + found["p_zero"] + found["p_negative"] == pytest.approx(np.ones(2), rel=1e-15)
    assert np.array_equal(found["p_positive"], (values > 0).mean(axis=1))
    assert np.array_equal(found["p_zero"], (values == 0).mean(axis=1))
    # Every draw counted a hundred times: 5 % of them is a whole number.
    repeated = np.sort(np.repeat(values, 100, axis=1), axis=1)[:, : 5 * count]
    assert found[f"shortfall_{SHORTFALL_LEVEL:g}"] == pytest.approx(repeated.mean(axis=1), rel=1e-12)


def test_what_never_varies_comes_out_as_itself() -> None:
    values = np.array([[0.1] * 1000, [-1e9 / 3] * 1000, [0.0] * 1000])
    for name in ("mean", *(f"q{level:g}" for level in LEVELS), "shortfall_0.05"):
        assert np.array_equal(column(name, values), values[:, 0]), name
    assert np.array_equal(column("sd", values), np.zeros(3))


def test_quantiles_inside_an_atom_are_the_atom() -> None:
    values = np.concatenate([np.full(300, -0.7), np.full(300, 0.1), np.linspace(1, 2, 400)])[np.newaxis]
    assert column("q0.25", values)[0] == -0.7
    assert column("q0.5", values)[0] == 0.1
    assert column("shortfall_0.05", values)[0] == -0.7


def test_statistics_of_a_large_normal_sample() -> None:
    count = 400_000
    values = stats.norm.ppf(np.random.default_rng(3).random((1, count)))
    for level in LEVELS:
        exact = stats.norm.ppf(level)
        error = np.sqrt(level * (1 - level) / count) / stats.norm.pdf(exact)
        assert abs(column(f"q{level:g}", values)[0] - exact) < 4 * error
    assert abs(column("mean", values)[0]) < 4 / np.sqrt(count)
    assert abs(column("sd", values)[0] - 1) < 4 / np.sqrt(2 * count)
    assert abs(column("p_positive", values)[0] - 0.5) < 2 / np.sqrt(count)
    # Variance of an expected shortfall: (var of the tail + (1 - a)(quantile - shortfall)^2) / (a n).
    edge = stats.norm.ppf(0.05)
    worst = -stats.norm.pdf(edge) / 0.05
    variance = 1 + edge * worst - worst**2 + 0.95 * (edge - worst) ** 2
    assert abs(column("shortfall_0.05", values)[0] - worst) < 4 * np.sqrt(variance / (0.05 * count))


# What stops a run

LEAVING: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "negative": ({"horizon_days": "100 - day"}, "model.horizon_days", "-"),
    "logarithm of a negative number": ({"horizon_days": "log(day - 450)"}, "model.horizon_days", "nan"),
    "division by 0": ({"horizon_days": "1 / (day - day)"}, "model.horizon_days", "inf"),
    "in a list": (
        {"open": {"current_expense": "x", "releases": [{"day": 1, "expense": "day - 450"}]}},
        "model.open.releases.0.expense",
        "-",
    ),
}


@pytest.mark.parametrize("case", LEAVING)
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_draw_that_leaves_the_range(case: str, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, path, found = LEAVING[case]
    monkeypatch.setattr("mcrace.engine.held.BLOCK_POINTS", 64)
    with pytest.raises(ModelError) as caught:
        run(small_study(model=changes, scenarios={"same": {"inputs.x": 1e8}}), jobs=jobs)
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert message.startswith(f"{path}: found {found}"), message
    assert "first in replicate 0, point " in message
    assert "of scenario base; mcrace check STUDY --draw 0:" in message
    assert " of 64 draws" in message


def test_the_first_fault_is_told_whoever_finds_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcrace.engine.held.BLOCK_POINTS", 16)
    study = small_study(model={"horizon_days": "100 - day"}, scenarios={})
    messages = set()
    for backend, jobs in (*5 * [("threading", 3)], ("sequential", 1)):
        with pytest.raises(ModelError) as caught:
            run(study, jobs=jobs, backend=backend)
        messages.add(str(caught.value))
    assert len(messages) == 1


@pytest.mark.slow
def test_a_fault_comes_back_from_a_process() -> None:
    study = small_study(model={"horizon_days": "100 - day"}, scenarios={})
    with pytest.raises(ModelError, match=r"model\.horizon_days: found .*replicate 0, point 0;"):
        run(study, jobs=2, backend="loky")


def test_the_scenario_that_leaves_the_range_is_named() -> None:
    study = small_study(scenarios={"short": {"model.horizon_days": "day - 450"}})
    with pytest.raises(ModelError, match=r"model\.horizon_days: found .*scenario short"):
        run(study, jobs=1)


def test_nothing_is_written_for_a_run_that_stops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(study_yaml(small_study(model={"horizon_days": "100 - day"}, scenarios={}).document))
    out = tmp_path / "out"
    assert main(["run", str(file), "--out", str(out)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "model.horizon_days" in output.err
    assert not out.exists()


def test_all_wrong_options_at_once() -> None:
    with pytest.raises(StudyError) as caught:
        run(small_study(), jobs=0, backend="lokyy")
    assert [fault.path for fault in caught.value.faults] == ["backend", "jobs"]
    assert caught.value.faults[0].nearest == "loky"


@pytest.mark.slow
def test_a_dead_worker_is_a_failed_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        os._exit(3)

    monkeypatch.setattr(execute, "_attempted", die)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RunWarning)
        with pytest.raises(RunError, match="a worker process died 3 times at replicate 0"):
            run(small_study(), jobs=2, backend="loky")


def test_a_study_can_be_run_twice_in_one_process() -> None:
    study: Study = small_study()
    first, second = run(study, jobs=2), run(study, jobs=1)
    assert fingerprint(first) == fingerprint(second)
    assert replace(first.facts, seconds=0.0, jobs=1) == replace(second.facts, seconds=0.0)
