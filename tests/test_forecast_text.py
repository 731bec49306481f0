"""Questions as a study has them, and what goes out as text: Squiggle, CSV, JSON, markdown."""

import csv
import io
import json
import math
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mcrace import run
from mcrace.engine.evaluate import output_names
from mcrace.errors import StudyError
from mcrace.forecast.draws import draws_of, quantile_errors, question_draws
from mcrace.forecast.files import forecast_files
from mcrace.forecast.hubverse import hub_paths
from mcrace.forecast.hubverse_check import check_hub
from mcrace.forecast.metaculus_check import check_metaculus
from mcrace.forecast.plain import Driver, markdown_comment, plain_csv, plain_forecast, plain_json
from mcrace.forecast.squiggle import squiggle_expression
from mcrace.forecast.wording import number_text, share_text
from mcrace.study import Study
from mcrace.study.event import Event
from mcrace.study.hub import Hub, read_hub
from mcrace.study.question import Question, read_question, read_questions
from tests.small_study import SMALL


@pytest.fixture(scope="module")
def result():
    return run(
        Study(**{**SMALL, "quantities": {"months": {"expression": "day / 30", "unit": "months"}}}), jobs=1
    )


WHOLE = {
    "platform": "metaculus",
    "id": 31,
    "title": "Lag",
    "variable": "day",
    "scenario": "early",
    "range": [1, 60],
    "scale": "log",
    "zero_point": 0,
    "open": {"lower": False},
    "unit": {"factor": 0.5, "offset": 1, "name": "months"},
    "resolves": "2027-01-31",
}


def test_a_whole_question():
    assert read_question(WHOLE) == Question(
        platform="metaculus",
        id="31",
        title="Lag",
        variable="day",
        scenario="early",
        low=1.0,
        high=60.0,
        zero_point=0.0,
        open_low=False,
        factor=0.5,
        offset=1.0,
        unit="months",
        resolves=date(2027, 1, 31),
    )


def test_a_date_counts_from_day_0():
    asked = {
        "platform": "metaculus",
        "variable": "day",
        "kind": "date",
        "range": ["2026-01-01", date(2027, 1, 1)],
    }
    question = read_question(asked, as_of=date(2026, 1, 11))
    assert (question.high - question.low) / 86_400 == 365
    assert question.factor * -10 + question.offset == question.low
    with pytest.raises(StudyError, match=r"unit: found nothing, expected .* or as_of"):
        read_question(asked)
    assert read_question({**asked, "unit": {"factor": 2, "offset": 5}}).offset == 5.0


def test_events_and_discrete_questions():
    asked = {"platform": "metaculus", "variable": "day", "event": {"at_most": 3}}
    assert read_question(asked).event == Event("at_most", 3.0)
    assert read_question(asked).kind == "binary"
    assert read_question({**asked, "event": {"never": True}}).event == Event("never")
    counted = {
        "platform": "metaculus",
        "variable": "day",
        "kind": "discrete",
        "range": [-0.5, 9.5],
        "outcomes": 10,
    }
    assert read_question(counted).outcomes == 10
    assert read_question({"platform": "csv", "variable": "day"}).low is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"platform": "metaculis"}, "platform"),
        ({"variable": None}, "variable"),
        ({"variable": ""}, "variable"),
        ({"id": 1.5}, "id"),
        ({"title": 3}, "title"),
        ({"kind": "number"}, "kind"),
        ({"kind": []}, "kind"),
        ({"range": None}, "range"),
        ({"range": [1, 2, 3]}, "range"),
        ({"range": [5, 5]}, "range"),
        ({"range": [1, "x"]}, "range.1"),
        ({"range": [1, math.inf]}, "range.1"),
        ({"scale": "cubic"}, "scale"),
        ({"zero_point": 1}, "zero_point"),
        ({"zero_point": None}, "zero_point"),
        ({"scale": "linear"}, "zero_point"),
        ({"open": "no"}, "open"),
        ({"open": {"left": True}}, "open.left"),
        ({"open": {"upper": 1}}, "open.upper"),
        ({"outcomes": 7}, "outcomes"),
        ({"event": {"above": 3}, "kind": "numeric"}, "event"),
        ({"unit": 3}, "unit"),
        ({"unit": {"factor": 0}}, "unit.factor"),
        ({"unit": {"factor": True}}, "unit.factor"),
        ({"unit": {"offset": math.nan}}, "unit.offset"),
        ({"unit": {"name": 3}}, "unit.name"),
        ({"unit": {"size": 3}}, "unit.size"),
        ({"resolves": "soon"}, "resolves"),
        ({"resolves": 3}, "resolves"),
        ({"titel": "x"}, "titel"),
        ({3: "x"}, "3"),
    ],
)
def test_a_fault_is_told_with_its_path(change, path):
    with pytest.raises(StudyError) as caught:
        read_question({**WHOLE, **change}, "forecast.lag")
    assert [fault.path for fault in caught.value.faults] == [f"forecast.lag.{path}"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "discrete"}, "outcomes"),
        ({"kind": "discrete", "outcomes": 0}, "outcomes"),
        ({"kind": "discrete", "outcomes": 2.0}, "outcomes"),
        ({"kind": "discrete", "outcomes": 3, "scale": "log"}, "scale"),
        ({"kind": "binary"}, "event"),
        ({"event": {"near": 3}}, "event"),
        ({"event": {3: 3}}, "event"),
        ({"event": {"above": "x"}}, "event.above"),
        ({"event": {"above": 1, "below": 2}}, "event"),
        ({"event": {"never": 1}}, "event.never"),
    ],
)
def test_faults_of_other_kinds(change, path):
    asked = {"platform": "metaculus", "variable": "day", "range": [0, 9], **change}
    with pytest.raises(StudyError) as caught:
        read_question(asked)
    assert [fault.path for fault in caught.value.faults] == [path]


def test_all_faults_at_once():
    with pytest.raises(StudyError) as caught:
        read_question({"platform": "x", "range": [2, 1], "open": 3, "extra": 1}, "f")
    assert [fault.path for fault in caught.value.faults] == [
        "f.extra",
        "f.platform",
        "f.range",
        "f.open",
        "f.variable",
    ]
    with pytest.raises(StudyError, match="f: found a list, expected a mapping"):
        read_question([], "f")


def test_draws_of_inputs_outputs_and_quantities(result):
    table = result.draws[result.draws["scenario"] == "base"]
    for name in ("day", "incentive", "months"):
        np.testing.assert_array_equal(draws_of(result, name), table[name])
    assert "months" in output_names(result.study)
    asked = Question(platform="csv", variable="day", factor=2.0, offset=1.0)
    np.testing.assert_array_equal(question_draws(result, asked), 2 * table["day"] + 1)
    with pytest.raises(StudyError) as caught:
        draws_of(result, "dya", "erly")
    assert [fault.nearest for fault in caught.value.faults] == ["early", "day"]
    with pytest.raises(StudyError, match="one of base, early, same"):
        draws_of(result, "scenario", "x")


def test_errors_of_quantiles_are_the_scatter_of_replicates():
    random = np.random.default_rng(9)
    hits = 0
    for _ in range(200):
        found, errors = quantile_errors(random.random(16 * 64), [0.3], 16)
        hits += abs(found[0] - 0.3) <= 2.131 * errors[0]
    # 95 % of 200 by Student's t with 15 degrees of freedom, within 4 standard errors.
    assert 190 - 13 <= hits <= 200
    assert np.isnan(quantile_errors([1.0, 2.0, 3.0], [0.5], 2)[1]).all()
    assert np.isnan(quantile_errors([1.0, 2.0], [0.5], 1)[1]).all()
    found, errors = quantile_errors([1.0, np.inf, np.inf, np.inf], [0.1, 0.9], 2)
    assert found.tolist() == [1.0, math.inf]
    assert np.isnan(errors).all()


def points_of(text):
    return np.array([[float(x), float(y)] for x, y in re.findall(r"\{x: ([^,]+), y: ([^}]+)\}", text)])


def test_squiggle_density_has_area_1_and_the_draws_quantiles():
    draws = np.random.default_rng(3).normal(10, 2, 20_000)
    text = squiggle_expression(draws)
    assert text.startswith("forecast = PointSet.makeContinuous([{x: ")
    x, y = points_of(text).T
    assert (np.diff(x) > 0).all()
    assert (y >= 0).all()
    cells = np.diff(x) * (y[1:] + y[:-1]) / 2
    assert cells.sum() == pytest.approx(1, abs=1e-5)
    for level in (0.05, 0.5, 0.95):
        place = np.interp(level, np.concatenate([[0], np.cumsum(cells)]), x)
        assert np.mean(draws <= place) == pytest.approx(level, abs=3e-3)


def test_squiggle_holds_atoms_and_never_apart():
    random = np.random.default_rng(3)
    draws = np.concatenate([random.normal(size=600), np.zeros(300), np.full(100, np.inf)])
    text = squiggle_expression(draws, name="lag")
    lines = text.splitlines()
    assert lines[0] == "// 10 % of the draws never come; lag holds where the others do."
    assert lines[1] == "lag_never = 0.1"
    assert lines[2].endswith("PointSet.makeDiscrete([{x: 0, y: 1}]), [0.6666667, 0.3333333])")
    assert squiggle_expression([2.0, 2.0]) == "forecast = PointSet.makeDiscrete([{x: 2, y: 1}])"


@pytest.mark.parametrize("seed", range(30))
def test_squiggle_writes_finite_numbers_for_any_draws(seed):
    random = np.random.default_rng(seed)
    parts = (
        random.standard_cauchy(random.integers(1, 400)),
        np.repeat(random.normal(size=3), random.integers(0, 60, 3)),
        np.full(random.integers(0, 5), np.inf),
    )
    text = squiggle_expression(np.concatenate(parts))
    assert np.isfinite(points_of(text)).all()
    assert "nan" not in text
    assert "inf" not in text


def test_squiggle_refuses():
    with pytest.raises(StudyError) as caught:
        squiggle_expression([np.inf], name="My name", points=3)
    assert [fault.path for fault in caught.value.faults] == ["name", "points", "values"]


def asked(**other):
    known = {
        "platform": "csv",
        "id": "q|1",
        "variable": "day",
        "title": "Day *x*",
        "resolves": date(2027, 1, 1),
    }
    return Question(**{**known, **other})


def test_csv_holds_quantiles_errors_and_digest(result):
    forecast = plain_forecast(result, asked(), levels=(0.05, 0.5, 0.95))
    rows = list(csv.DictReader(io.StringIO(plain_csv([forecast, forecast]).decode())))
    assert len(rows) == 6
    draws = np.sort(draws_of(result, "day"))
    assert float(rows[1]["value"]) == draws[math.ceil(0.5 * draws.size) - 1]
    assert float(rows[1]["standard_error"]) > 0
    assert rows[0]["digest"] == result.study.digest
    assert (rows[0]["unit"], rows[0]["resolves"], rows[0]["probability"]) == ("days", "2027-01-01", "")


def test_json_is_strict_and_says_never_apart(result):
    never = asked(variable="incentive", event=Event("above", 2e6), kind="binary", factor=2.0, unit="half USD")
    (entry,) = json.loads(plain_json([plain_forecast(result, never)]))
    assert entry["unit"] == "half USD"
    assert entry["probability"] == pytest.approx(np.mean(draws_of(result, "incentive") > 1e6))
    assert 0 < entry["probability_standard_error"] < 0.1
    assert entry["conversion"] == {"factor": 2.0, "offset": 0.0}
    assert entry["never"] == 0.0
    assert [row["level"] for row in entry["quantiles"]][:2] == [0.01, 0.05]
    turned = result.draws.assign(day=np.where(result.draws["day"] > 450, np.inf, result.draws["day"]))
    (late,) = json.loads(plain_json([plain_forecast(replace(result, draws=turned), asked())]))
    assert late["quantiles"][-1]["value"] is None
    assert late["never"] == pytest.approx(0.5, abs=0.05)


def test_a_comment_says_what_how_sure_and_why(result):
    forecast = plain_forecast(result, asked(kind="binary", event=Event("below", 365.0), scenario="same"))
    drivers = [Driver(label="Lead", share=0.41, standard_error=0.02), Driver(label="x_1", share=0.1)]
    text = markdown_comment([forecast], drivers=drivers, figure="day.png").decode()
    assert text.startswith("**Day \\*x\\***\n\n- Probability: 40.")
    assert re.search(r"\n- Median: \d+(\.\d)? days \(± [\d.]+\)\n- 90 % interval: ", text)
    assert "- In scenario: same\n- Resolves: 2027-01-01" in text
    assert "![Day an open" in text or "![day](day.png)" in text
    assert "What moves it (share of the variance):\n\n- Lead: 0.41 ± 0.02\n- x\\_1: 0.1\n" in text
    assert f"Digest: `{result.study.digest}`\nAgain: `mcrace run small.yaml`\n" in text
    assert "mcrace run --draws 4" in markdown_comment([forecast], command="mcrace run --draws 4").decode()


def test_a_comment_of_a_date_tells_days(result):
    question = asked(kind="date", factor=86_400.0, offset=1.7e9, unit="unix seconds")
    text = markdown_comment([plain_forecast(result, question)]).decode()
    assert re.search(r"Median: 202\d-\d\d-\d\d \(± [\d.]+ days\)", text)
    assert number_text(math.inf, question) == "never"
    assert number_text(1e300, question) == "1e+300"


def test_an_input_that_a_scenario_fixes_still_has_draws(result):
    forecast = plain_forecast(result, asked(scenario="early"))
    assert set(forecast.quantiles) == {30.0}
    assert (forecast.errors == 0).all()


def test_every_platform_at_once(result):
    questions = (
        asked(platform="metaculus", id="7", low=0.0, high=1000.0),
        asked(platform="metaculus", id="8", kind="binary", event=Event("never")),
        asked(platform="hubverse", id="lag", scenario="same"),
        asked(platform="squiggle", id="7 Lag/x"),
        asked(platform="csv", id=""),
        asked(platform="csv", id="", scenario="early"),
        asked(platform="json", id=""),
        asked(platform="markdown", id="a b"),
        asked(platform="markdown", id="a_b"),
    )
    hub = Hub(team="us", model="mcrace", round=date(2026, 12, 31))
    made = forecast_files(
        result, questions, hub=hub, drivers={"day": [Driver(label="Lead", share=0.5)]}, command="again"
    )
    assert {name for name in made.files if not name.startswith("hub/")} == {
        "metaculus-7.json",
        "metaculus-8.json",
        "squiggle-7_Lag_x.squiggle",
        "csv-day.csv",
        "csv-day-early.csv",
        "json-day.json",
        "markdown-a_b.md",
        "markdown-a_b-2.md",
    }
    for name, question in (("metaculus-7.json", questions[0]), ("metaculus-8.json", questions[1])):
        assert check_metaculus(made.files[name], [question]) == []
    inside = {name.removeprefix("hub/"): data for name, data in made.files.items() if name.startswith("hub/")}
    assert check_hub(inside) == []
    assert b"2026-12-31,lag,same,1,quantile,0.5," in inside[hub_paths(hub)[0]]
    assert made.files["squiggle-7_Lag_x.squiggle"].startswith(b"x7_Lag_x = PointSet")
    assert b"Again: `again`" in made.files["markdown-a_b.md"]
    assert made.notes[0].startswith("metaculus-7.json: at most ")
    assert (
        made.notes[-1] == "metaculus-8.json: 0 % of the draws: moved to 0.1 %, the least that Metaculus takes"
    )
    again = forecast_files(
        result, questions, hub=hub, drivers={"day": [Driver(label="Lead", share=0.5)]}, command="again"
    )
    assert again == made


def test_the_faults_of_all_questions_at_once(result):
    questions = (
        asked(platform="metaculus", id="7"),
        asked(platform="csv", variable="dya"),
        asked(platform="hubverse"),
    )
    with pytest.raises(StudyError) as caught:
        forecast_files(result, questions)
    assert [fault.path for fault in caught.value.faults] == [
        "metaculus 7: range",
        "csv q|1: variable",
        "hub",
    ]
    hub = Hub(team="us", model="mcrace", round=date(2027, 6, 1))
    with pytest.raises(
        StudyError, match="resolves: found 2027-01-01, expected a day from the round on, 2027-06-01"
    ):
        forecast_files(result, questions[2:], hub=hub)


def test_lists_of_questions_and_hubs_are_read_with_all_faults():
    assert len(read_questions([WHOLE, {**WHOLE, "id": 32}])) == 2
    with pytest.raises(StudyError) as caught:
        read_questions([WHOLE, WHOLE, {**WHOLE, "kind": 1}, 3], "forecast")
    paths = [fault.path for fault in caught.value.faults]
    assert paths == ["forecast.1.id", "forecast.2.kind", "forecast.3"]
    with pytest.raises(StudyError, match="found a mapping, expected a list of questions"):
        read_questions({})
    wrong = {"team": 3, "model": "m", "round": "soon", "levels": 5, "metadata": [], "x": 1}
    with pytest.raises(StudyError) as caught:
        read_hub(wrong, "hub")
    paths = [fault.path for fault in caught.value.faults]
    assert sorted(paths) == ["hub.levels", "hub.metadata", "hub.round", "hub.team", "hub.x"]
    with pytest.raises(StudyError, match=r"hub\.team: found 'a-b'"):
        read_hub({"team": "a-b", "model": "m", "round": date(2026, 1, 1)}, "hub")
    with pytest.raises(StudyError, match="found 5, expected a mapping"):
        read_hub(5)
    assert read_hub({"team": "a", "model": "m", "round": date(2026, 1, 1), "levels": [0.5]}).levels == (0.5,)


def test_shares_in_words():
    assert [share_text(share) for share in (1e-7, 0.9999, 1 / 3)] == [
        "under 0.001 %",
        "over 99.9 %",
        "33.3 %",
    ]


@pytest.mark.parametrize("strange", ["\x00", "\u202e", "\ud800", "\x1b[2J"])
@pytest.mark.parametrize("key", ["title", "id"])
def test_a_text_that_cannot_be_shown_is_refused(key, strange):
    asked = {"platform": "csv", "variable": "incentive", key: f"a{strange}b"}
    with pytest.raises(StudyError) as told:
        Study(**{**SMALL, "forecast": [asked]})
    assert [fault.path for fault in told.value.faults] == [f"forecast.0.{key}"]
    assert told.value.faults[0].expected == "printable text"


def test_an_option_that_cannot_be_shown_is_refused():
    options = {"so\ud800on": {"at_most": 30}, "later": {"rest": True}}
    asked = {"platform": "csv", "variable": "incentive", "options": options}
    with pytest.raises(StudyError, match="printable letters"):
        Study(**{**SMALL, "forecast": [asked]})
