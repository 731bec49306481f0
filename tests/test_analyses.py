"""All analyses of a run together: what is made, the tables, the folder, the page."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mcrace
from mcrace.analysis.analyses import Analyses, analyse
from mcrace.analysis.analysis_tables import ANALYSIS_TABLES, analysis_tables
from mcrace.report.publish import publish
from mcrace.study.requests import Analysis, CandidateRange
from tests.small_study import SMALL, exact_study, small_study

EVERYTHING: dict[str, Any] = {
    "groups": {"the release": ["day"], "models": ["x", "lead"]},
    "sensitivity": {"points": 64, "replicates": 8},
    "flip": ["model.lab.prestige_per_day", "inputs.day", "model.beliefs.optimism"],
    "regions": {"output": "incentive", "below": 0},
    "candidate": {"count": 9},
    "release_map": {"count": 3},
}
TAIL = ["value", "standard_error", "low", "high", "note"]


def asking(analysis: dict[str, Any], **changes: Any) -> mcrace.Study:
    content = {**SMALL, **changes, "analysis": analysis}
    return mcrace.Study(**{**content, "sampling": {"draws": 1024, "replicates": 8, "seed": 7}})


@pytest.fixture(scope="module")
def result() -> mcrace.Result:
    return mcrace.run(asking(EVERYTHING), jobs=1)


@pytest.fixture(scope="module")
def found(result: mcrace.Result) -> Analyses:
    return analyse(result, jobs=1)


def test_everything_that_is_asked_for_is_made(found: Analyses) -> None:
    made = set(analysis_tables(found))
    assert made == set(ANALYSIS_TABLES)
    assert found.inputs == ("x", "lead", "day", "model.discount_rate")
    assert found.shapley is None
    assert found.notes == ()
    assert set(found.seconds) == {
        "from_draws", "curves", "training", "prim", "tree", "candidate", "choice", "release_map", "flips",
        "sobol",
    }  # fmt: skip


def test_tables_are_long_and_end_alike(found: Analyses) -> None:
    for name, table in analysis_tables(found).items():
        assert list(table.columns[-5:]) == TAIL, name
        assert table["note"].map(type).eq(str).all(), name
        half = (table["high"] - table["low"]) / 2
        known = table["standard_error"] > 0
        assert (half[known] / table["standard_error"][known] > 1.96).all(), name


def test_every_input_and_output_has_its_rows(found: Analyses) -> None:
    table = analysis_tables(found)["sensitivity"]
    assert set(table["output"]) == {"incentive", "open_effect", "incentive > 0", "open_effect > 0"}
    rows = table.query("output == 'open_effect' and measure == 'total_order'").set_index("input")["value"]
    assert list(rows.index) == list(found.inputs)
    assert rows["day"] > 0.5
    assert rows["lead"] == pytest.approx(0, abs=1e-3)  # it cancels in what this study's release takes
    never = table.query("output == 'open_effect > 0'")
    assert never["value"].isna().all()
    assert set(never["note"]) == {"the output is constant"}


def test_value_of_information_is_in_dollars_and_named(found: Analyses) -> None:
    table = analysis_tables(found)["value_of_information"]
    assert set(table["decision"]) == {"train z or not", "which candidate, or none"}
    one = table.query("decision == 'train z or not' and measure == 'value'").set_index("learning")
    assert set(one.index) == {"everything", "the release", "models", *found.inputs}
    assert one.loc["everything", "value"] > one.loc["models", "value"] > 0
    assert one.loc["day", "value"] == pytest.approx(one.loc["the release", "value"], abs=1e8)


def test_without_a_request_only_the_draws_are_used() -> None:
    result = mcrace.run(small_study(sampling={"draws": 1024, "replicates": 8}), jobs=1)
    assert set(analysis_tables(analyse(result))) == {
        "sensitivity",
        "value_of_information",
        "thresholds",
        "decomposition",
    }
    nothing = analyse(result, replace(result.study.analysis, from_draws=False))
    assert set(analysis_tables(nothing)) == {"decomposition"}


def test_correlated_inputs_have_shapley_effects() -> None:
    study = asking({"sensitivity": {"points": 64, "replicates": 8}}, correlations=[["x", "lead", 0.6]])
    found = analyse(mcrace.run(study, jobs=1), jobs=1)
    assert found.sobol is None
    assert found.shapley is not None
    shares = analysis_tables(found)["sensitivity"].query("output == 'incentive' and measure == 'shapley'")
    assert shares["value"].sum() == pytest.approx(1, abs=1e-9)


def test_too_few_draws_and_no_uncertainty_say_so() -> None:
    found = analyse(mcrace.run(exact_study(), jobs=1))
    assert found.notes == ("no input is uncertain: there is nothing to find out of what drives the outputs",)
    few = analyse(mcrace.run(small_study(sampling={"draws": 64, "replicates": 4}), jobs=1))
    assert few.notes[0].startswith("4 replicates of 16 kept draws are too few")
    assert set(analysis_tables(few)) == {"decomposition"}


def test_what_the_model_refuses_is_told_and_the_rest_is_made() -> None:
    lab = {**SMALL["model"]["lab"], "caution": {"cost": 1e9}}
    result = mcrace.run(asking({}, model={**SMALL["model"], "lab": lab}), jobs=1)
    far = CandidateRange(multiples=(1.0, 1e307), count=5)  # beyond what a number can hold
    found = analyse(result, replace(result.study.analysis, candidate=far))
    assert found.from_draws is not None
    assert found.candidate is None
    assert found.choice is None
    assert len(found.notes) == 1
    assert found.notes[0].startswith("candidates: ")
    assert "found" in found.notes[0]


def test_what_is_drawn_anew_for_each_member_is_no_driver_by_itself() -> None:
    process = {
        "first_day": "day",
        "interval_days": {"each": {"uniform": [50, 200]}},
        "growth": 1.5,
        "count": 30,
    }
    model = {**SMALL["model"], "open": {"current_expense": "x", "process": process}}
    study = asking({"sensitivity": {"points": 16, "replicates": 4}}, model=model, scenarios={})
    found = analyse(mcrace.run(study, jobs=1), jobs=1)
    assert found.inputs == ("x", "lead", "day", "model.discount_rate")
    assert len(study.inputs) == 4 + 29
    assert found.sobol is not None
    assert found.sobol.first.value.shape == (4, 4)
    assert found.sobol.runs == 16 * 4 * (33 + 2)
    assert set(analysis_tables(found)["thresholds"]["input"]) == set(found.inputs)


def test_threads_change_no_bit(result: mcrace.Result, found: Analyses) -> None:
    other = analysis_tables(analyse(result, jobs=3))
    for name, table in analysis_tables(found).items():
        pd.testing.assert_frame_equal(other[name], table, check_exact=True)


def test_single_tables_are_the_same(result: mcrace.Result, found: Analyses) -> None:
    tables = analysis_tables(found)
    pd.testing.assert_frame_equal(mcrace.thresholds(result), tables["thresholds"])
    pd.testing.assert_frame_equal(mcrace.candidate(result), tables["candidate"])
    pd.testing.assert_frame_equal(mcrace.release_map(result), tables["release_map"])
    pd.testing.assert_frame_equal(mcrace.sensitivity(result), tables["sensitivity"])
    pd.testing.assert_frame_equal(mcrace.value_of_information(result), tables["value_of_information"])
    pd.testing.assert_frame_equal(
        mcrace.regions(result, "incentive", above=None, below=0.0), tables["regions"]
    )
    pd.testing.assert_frame_equal(mcrace.flip(result, EVERYTHING["flip"]), tables["flip"])


def test_the_folder_holds_the_tables_and_the_page_tells_them(tmp_path: Any) -> None:
    steps: list[str] = []
    published = publish(asking(EVERYTHING), out=tmp_path, jobs=1, tell=steps.append)
    assert steps[0] == "sensitivity from the draws"
    assert "flips" in steps
    manifest = json.loads((published.folder / "manifest.json").read_text())
    for name in ANALYSIS_TABLES:
        table = pd.read_csv(published.folder / f"{name}.csv")
        assert list(table.columns[-5:]) == TAIL
        assert f"{name}.csv" in manifest["files"]
    page = (published.folder / "report.html").read_text()
    for anchor in ("drivers", "flips", "thresholds", "worth", "regions", "candidate", "release-map"):
        assert f'<h3 id="{anchor}">' in page
    again = publish(asking({}), out=tmp_path, jobs=1)
    assert (again.folder, again.computed, again.written) == (published.folder, False, True)
    assert not (again.folder / "flip.csv").exists()
    assert (again.folder / "thresholds.csv").exists()
    third = publish(asking({}), out=tmp_path, jobs=1)
    assert not third.written


def test_names_that_would_run_are_text(tmp_path: Any) -> None:
    inputs = {
        **SMALL["inputs"],
        "day": {"law": {"uniform": [0, 900]}, "label": "<script>alert(1)</script>", "unit": "days"},
    }
    asked = {**EVERYTHING, "groups": {"<img src=x onerror=alert(1)>": ["day"]}}
    published = publish(asking(asked, inputs=inputs), out=tmp_path, jobs=1)
    page = (published.folder / "report.html").read_text()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_request_is_a_value() -> None:
    assert Analysis() == Analysis()
    assert hash(Analysis()) == hash(Analysis())
    assert np.isclose(CandidateRange().multiples[0], 0.25)
