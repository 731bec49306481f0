"""Dates for days, and laws that count from an earlier day; nothing turns into something else in silence."""

# ruff: noqa: E501 - one row a fault

import math
import pickle
from datetime import date, datetime

import jsonschema
import numpy as np
import pytest
from scipy import stats

from mcrace.engine.run import run
from mcrace.errors import StudyError
from mcrace.laws import build_law
from mcrace.nomenclature import KEYS
from mcrace.study import Study, load, study_schema
from mcrace.study.dates import POINTS_IN_TIME, date_text, dated_inputs
from mcrace.study.document import read_text
from mcrace.study.expressions import parse_expression
from mcrace.study.waiting import Waiting
from mcrace.study.write import study_yaml

STUDY = """\
study: dated
as_of: 2026-11-22
inputs:
  x: {law: {lognormal: {p05: 3.0e7, p95: 4.0e8}}, unit: USD}
  day: {law: {uniform: [2026-12-01, 2027-12-01]}, unit: days}
model:
  horizon_days: 2028-11-21
  open:
    current_expense: x
    releases: [{day: day, expense: 3 * x}, {day: 2027-03-01, expense: 4 * x}]
  lab: {current_expense: 2 * x, candidate_expense: 8 * x, start_day: 2026-11-22}
  value: {scale: 0.4, reference: 1e6}
  customers: {count: 1e6}
scenarios:
  early: {inputs.day: 2026-12-10, model.lab.start_day: 2027-01-01}
sampling: {draws: 256, replicates: 4}
"""
DAYS = (
    STUDY.replace("as_of: 2026-11-22\n", "")
    .replace("[2026-12-01, 2027-12-01]", "[9, 374]")
    .replace("2028-11-21", "730")
    .replace("2027-03-01", "99")
    .replace("start_day: 2026-11-22", "start_day: 0")
    .replace("2026-12-10", "18")
    .replace("2027-01-01", "40")
)


def base_law(text, name="day"):
    return next(item.law for item in Study.from_text(text).inputs if item.name == name)


def day_law(law, as_of="as_of: 2026-11-22"):
    """Law of the day when `law` stands in its place."""
    text = STUDY.replace("as_of: 2026-11-22", as_of)
    text = text.replace("{uniform: [2026-12-01, 2027-12-01]}", law)
    return base_law(text)


# Dates


def test_dates_are_days_after_as_of():
    dated, plain = Study.from_text(STUDY), Study.from_text(DAYS)
    assert dated.as_of == date(2026, 11, 22)
    assert plain.as_of is None
    assert dated.scenarios[0].model == plain.scenarios[0].model
    assert [[item.law for item in one.inputs] for one in dated.scenarios] == [
        [item.law for item in one.inputs] for one in plain.scenarios
    ]
    assert run(dated, jobs=1).draws.equals(run(plain, jobs=1).draws)


def test_the_digest_is_that_of_the_days():
    assert Study.from_text(STUDY).digest == Study.from_text(DAYS).digest
    assert Study.from_text(STUDY.replace("2026-11-22", "2026-11-21")).digest != Study.from_text(STUDY).digest
    unused = Study.from_text("as_of: 2001-01-01\n" + DAYS)
    assert unused.digest == Study.from_text(DAYS).digest
    later = STUDY.replace("inputs.day: 2026-12-10", "inputs.day: {uniform: [2026-12-10, 2026-12-11]}")
    assert Study.from_text(later).digest == Study.from_text(later.replace("2026-12-11", "2026-12-11 ")).digest
    assert Study.from_text(later).digest != Study.from_text(later.replace("12-11", "12-12")).digest


def test_dated_studies_travel(tmp_path):
    one = Study.from_text(STUDY)
    assert one.document["model"]["horizon_days"] == "2028-11-21"
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    again = Study.from_text(study_yaml(one.document))
    assert (again.digest, again.as_of, again.scenarios) == (one.digest, one.as_of, one.scenarios)
    jsonschema.Draft202012Validator(study_schema()).validate(one.document)
    made = Study(**(one.document | {"as_of": date(2026, 11, 22)}))
    assert (made.digest, made.as_of, made.scenarios) == (one.digest, one.as_of, one.scenarios)
    (tmp_path / "base.yaml").write_text(STUDY)
    (tmp_path / "late.yaml").write_text("study: late\nextends: base.yaml\nas_of: 2026-11-02\n")
    assert load(tmp_path / "late.yaml").base.model["horizon_days"] == 750.0


@pytest.mark.parametrize(
    ("law", "days"),
    [
        ("2026-12-01", 9.0),
        ("'2026-12-01'", 9.0),
        ("{triangular: [2026-12-01, 2026-12-11, 2027-01-01]}", ("triangular", [9, 19, 40])),
        (
            "{pert: {low: 2026-11-22, mode: 30, high: 2027-01-01}}",
            ("pert", {"low": 0, "mode": 30, "high": 40}),
        ),
        (
            "{normal: {mean: 2026-12-22, sd: 4}, bounds: [2026-12-12, .inf]}",
            ("normal", {"mean": 30, "sd": 4}, 20),
        ),
        ("{lognormal: {p05: 2026-12-02, p95: 2027-01-01}}", ("lognormal", {"p05": 10, "p95": 40})),
        (
            "{quantiles: {0.05: 2026-12-02, 0.5: 2026-12-22, p90: 2027-02-10}}",
            ("quantiles", {"0.05": 10, "0.5": 30, "p90": 80}),
        ),
        (
            "{discrete: {values: [2026-12-02, 2027-01-01, .inf]}}",
            ("discrete", {"values": [10, 40, math.inf]}),
        ),
        (
            "{mixture: [{weight: 2, is: {uniform: [2026-12-02, 2027-01-01]}}, {weight: 1, is: 2027-02-10}]}",
            ("mixture", [{"weight": 2, "is": {"uniform": [10, 40]}}, {"weight": 1, "is": 80}]),
        ),
        (
            "{mixture: [[2, {uniform: [2026-12-02, 2027-01-01]}], [1, 2027-02-10]]}",
            ("mixture", [[2, {"uniform": [10, 40]}], [1, 80]]),
        ),
    ],
)
def test_dates_place_laws(law, days):
    expected = days
    if not isinstance(days, float):
        name, spec, *low = days
        expected = build_law(name, spec, [low[0], math.inf] if low else None)
    assert day_law(law) == expected


def test_inline_laws_of_days_take_dates():
    text = STUDY.replace("{day: 2027-03-01,", "{day: {uniform: [2027-03-01, 2027-03-02]},")
    assert base_law(text, "model.open.releases.1.day").support == (99.0, 100.0)


def test_a_scenario_may_reach_into_a_law():
    text = STUDY.replace("early: {inputs.day: 2026-12-10", "early: {inputs.day.law.uniform.0: 2027-06-01")
    one = Study.from_text(text)
    assert one.scenarios[1].inputs[1].law.support == (191.0, 374.0)
    assert one.digest == Study.from_text(text.replace("uniform.0: 2027-06-01", "uniform.0: 191")).digest


def test_points_in_time_are_known():
    assert set(KEYS) >= POINTS_IN_TIME
    assert {
        "open.releases[].day",
        "open.process.first_day",
        "lab.start_day",
        "horizon_days",
    } <= POINTS_IN_TIME
    assert not POINTS_IN_TIME & {"lab.training_days", "open.process.interval_days", "open.chase.lag_days"}
    assert dated_inputs(Study.from_text(STUDY).base.model) == {"day"}


def test_days_read_as_dates():
    as_of = date(2026, 11, 22)
    found = [date_text(day, as_of) for day in (0, 99.9, -0.5, math.inf, 1e9, -1e9)]
    assert found == [
        "2026-11-22",
        "2027-03-01",
        "2026-11-21",
        "never",
        "after the year 9999",
        "before the year 1",
    ]


FAULTY = [
    ("as_of: 2026-11-22", "«as_of: 2026-11-31", "as_of", "'2026-11-31'", "a date, year-month-day"),
    ("as_of: 2026-11-22", "as_of: «2026", "as_of", "2026", "a date"),
    ("as_of: 2026-11-22", "as_of: «true", "as_of", "true", "a date"),
    ("as_of: 2026-11-22", "as_of: «2026-11-22T10:00:00", "as_of", "'2026-11-22T10:00:00'", "a date"),
    ("as_of: 2026-11-22", "as_of: «22.11.2026", "as_of", "'22.11.2026'", "a date"),
    ("horizon_days: 2028-11-21", "horizon_days: «2028-02-30", "model.horizon_days", "the date 2028-02-30", "no calendar"),
    ("horizon_days: 2028-11-21", "horizon_days: «2026-11-22", "model.horizon_days", "which is day 0", "above 0"),
    ("horizon_days: 2028-11-21", "horizon_days: «2028-1-2", "model.horizon_days", "the date 2028-1-2", "year-month-day"),
    ("day: 2027-03-01", "day: «2026-11-20", "model.open.releases.1.day", "2026-11-20, which is day -2", "at least 0"),
    ("day: 2027-03-01", "day: «2027-03-01 + 3", "model.open.releases.1.day", "the date 2027-03-01", "stands alone"),
    ("day: 2027-03-01", "day: «yes", "model.open.releases.1.day", "the name 'yes'", "an input"),
    ("day: 2027-03-01", "day: «true", "model.open.releases.1.day", "true", "a number of at least 0"),
    ("current_expense: 2 * x", "current_expense: «2026-11-22", "model.lab.current_expense", "the date", "stands alone"),
    ("start_day: 2026-11-22", "training_days: «2026-12-22", "model.lab.training_days", "the date", "stands alone"),
    ("count: 1e6", "count: {uniform: [1, «2026-12-22]}", "model.customers.count.uniform.1", "'2026-12-22'", "a number"),
    ("unit: days", "unit: «USD", "inputs.day.law.uniform.0", "'2026-12-01'", "a number"),
    ("{law: {uniform: [2026-12-01, 2027-12-01]}, unit: days}", "«2026-12-01", "inputs.day", "'2026-12-01'", "unit: days"),
    ("{uniform: [2026-12-01, 2027-12-01]}", "{normal: {mean: 2027-01-01, sd: «2027-01-02}}", "inputs.day.law.normal.sd", "'2027-01-02'", "a number"),
    ("day: 2026-12-10", "day: «2026-13-10", "scenarios.early.inputs.day", "the date 2026-13-10", "no calendar"),
    ("{uniform: [2026-12-01, 2027-12-01]}", "{weibull: {p05: 9, p95: 99}, since: «2026-11-23}", "inputs.day.law.since", "day 1", "up to as_of"),
    ("{uniform: [2026-12-01, 2027-12-01]}", "{weibull: {p05: 9, p95: 99}, since: «soon}", "inputs.day.law.since", "'soon'", "up to as_of"),
    ("{uniform: [2026-12-01, 2027-12-01]}", "{uniform: [1, 9], since: «-30}", "inputs.day.law.since", "after 30 days for sure", "some chance"),
    ("{uniform: [2026-12-01, 2027-12-01]}", "{«since: -30}", "inputs.day.law", "no law", "one law"),
    ("unit: days}\nmodel", "unit: days, «since: -3}\nmodel", "inputs.day.since", "an unknown key", "beside the law's name"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "found", "expected"), FAULTY, ids=[row[1] for row in FAULTY])
def test_faults_are_told_where_they_stand(old, new, path, found, expected):
    assert STUDY.count(old) == 1
    with pytest.raises(StudyError) as caught:
        Study.from_text(STUDY.replace(old, new.replace("«", "")), "study.yaml")
    told = {fault.path: fault for fault in caught.value.faults}
    assert path in told, caught.value
    assert found in told[path].found
    assert expected in told[path].expected + told[path].found
    where = STUDY.replace(old, new).split("«")[0]
    if not new.startswith("«as_of") and "{«since" not in new and "unit: «" not in new:
        column = len(where.rpartition("\n")[2]) + 1
        assert (told[path].line, told[path].column) == (where.count("\n") + 1, column)


def test_a_date_without_as_of_says_so():
    with pytest.raises(StudyError) as caught:
        Study.from_text(STUDY.replace("as_of: 2026-11-22\n", ""))
    told = caught.value.faults
    assert all("in a study without as_of" in fault.found and "as_of" in fault.expected for fault in told)
    assert {fault.path for fault in told} == {
        "model.horizon_days",
        "inputs.day.law.uniform.0",
        "inputs.day.law.uniform.1",
        "model.open.releases.1.day",
        "model.lab.start_day",
        "scenarios.early.inputs.day",
        "scenarios.early.model.lab.start_day",
    }


def test_a_date_is_no_difference_and_a_word_no_truth():
    with pytest.raises(StudyError, match="the date 2026-11-22"):
        parse_expression("2026-11-22")
    assert parse_expression("2026 - 11 - x").names == ("x",)
    words = read_text("{a: yes, b: no, c: on, d: 2026-11-22, e: 12:30:45, f: 012}").value
    assert words == {"a": "yes", "b": "no", "c": "on", "d": "2026-11-22", "e": "12:30:45", "f": 12}
    with pytest.raises(StudyError, match=r"counts_training_cost: found 'no', expected true or false"):
        Study.from_text(STUDY.replace("start_day: 2026-11-22", "counts_training_cost: no"))
    named = Study.from_text(STUDY.replace("study: dated", "study: dated\ntitle: 2026-11-22\nquestion: no"))
    assert (named.title, named.question) == ("2026-11-22", "no")
    with pytest.raises(StudyError, match=r"as_of: found .*, expected a date"):
        Study(**(named.document | {"as_of": datetime(2026, 11, 22)}))


# Laws that count from an earlier day


def test_since_is_what_is_left_given_that_it_has_not_come():
    law = day_law("{weibull: {shape: 1.5, scale: 200}, since: 2026-08-01}")
    whole = build_law("weibull", {"shape": 1.5, "scale": 200})
    elapsed = (date(2026, 11, 22) - date(2026, 8, 1)).days
    assert elapsed == 113
    x = np.array([0.0, 1.0, 50.0, 300.0])
    np.testing.assert_allclose(
        law.sf(x), whole.sf(x + elapsed) / whole.sf(np.array(float(elapsed))), rtol=1e-12
    )
    np.testing.assert_allclose(law.cdf(x), 1 - law.sf(x), atol=1e-15)
    u = np.array([1e-12, 0.3, 0.9])
    np.testing.assert_allclose(law.cdf(law.ppf(u)), u, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(law.sf(law.isf(u)), u, rtol=1e-9, atol=1e-15)
    draws = whole.ppf(np.random.default_rng(1).uniform(size=200_000))
    left = draws[draws > elapsed] - elapsed
    assert stats.ks_1samp(left, law.cdf).pvalue > 1e-3
    assert abs(left.mean() - law.mean) < 4 * law.sd / math.sqrt(left.size)
    assert law.support == (0.0, math.inf)


def test_since_takes_days_and_needs_no_as_of():
    one = day_law("{weibull: {shape: 1.5, scale: 200}, since: -113}")
    assert one == day_law("{weibull: {shape: 1.5, scale: 200}, since: 2026-08-01}")
    assert isinstance(one, Waiting)
    text = DAYS.replace("{uniform: [9, 374]}", "{weibull: {shape: 1.5, scale: 200}, since: -113}")
    assert base_law(text) == one
    assert (
        Study.from_text(text)
        .inputs[1]
        .text.endswith("counted from day -113, given that it has not come by day 0")
    )


def test_a_memoryless_wait_is_not_changed():
    law = day_law("{exponential: {mean: 90}, since: -400}")
    u = np.linspace(0.01, 0.99, 9)
    np.testing.assert_allclose(law.ppf(u), build_law("exponential", {"mean": 90}).ppf(u), rtol=1e-10)


def test_dates_in_a_law_with_since_are_dates():
    law = day_law("{uniform: [2026-10-01, 2027-01-31], since: 2026-10-01}")
    assert law.support == (0.0, 70.0)
    held = day_law("{weibull: {shape: 1, scale: 200}, since: 2026-08-01, bounds: [0, 2026-12-02]}")
    assert held.support == (0.0, 10.0)


def test_never_grows_more_likely_while_nothing_comes():
    law = day_law("{discrete: {values: [100, 200, .inf], weights: [2, 1, 1]}, since: -100}")
    assert law.values == (100.0, math.inf)  # what falls on day 0 has come
    assert law.weights == (0.5, 0.5)
    mixed = day_law("{mixture: [{weight: 1, is: {uniform: [0, 200]}}, {weight: 1, is: .inf}], since: -100}")
    assert float(mixed.sf(np.array(1e9))) == pytest.approx(2 / 3)
    assert math.isinf(mixed.mean)
    counted = day_law("{poisson: {mean: 5}, since: -5}")
    assert float(counted.ppf(np.array(1e-9))) == 1.0


def test_since_runs_and_editors_take_it():
    text = STUDY.replace(
        "{uniform: [2026-12-01, 2027-12-01]}", "{weibull: {p05: 50, p95: 900}, since: 2026-08-01}"
    )
    one = Study.from_text(text)
    day = run(one, jobs=1).draws["day"]
    assert day.min() >= 0
    jsonschema.Draft202012Validator(study_schema()).validate(one.document)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    assert one.digest != Study.from_text(text.replace("2026-08-01", "2026-08-02")).digest
    assert one.digest == Study.from_text(text.replace("2026-08-01", "-113")).digest
