"""Laws fitted to tables of model releases."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mcrace.cli import main
from mcrace.errors import StudyError
from mcrace.fit import fit_releases
from mcrace.fit.release_table import recognised
from mcrace.fit.releases import growth_of, spell_proposal
from mcrace.fit.spells import Spells, records_of, spells_until_open
from mcrace.fit.survival import evidence_of, fit_spells, intervals_of, spell_cases
from tests.release_histories import (
    LAWS,
    NUMBERS,
    as_if_independent,
    coverage,
    dropped,
    kept,
    world,
)

DATA = Path(__file__).parents[2] / "shared" / "data" / "epoch_eci_by_version_2026-03-09.csv"

SMALL = """name,date,weights,level,developer
a0,2023-01-01,closed,10,A
o0,2023-02-01,open,5,O
a1,2023-03-01,closed,20,A
o1,2023-06-01,open,21,O
b1,2023-07-01,closed,30,B
a2,2023-08-01,closed,28,A
o2,2023-12-28,open,28,O
o3,2024-03-01,open,30.5,O
b2,2024-04-01,closed,40,B
a3,2024-05-01,closed,45,A
o4,2024-06-01,open,38,O
"""


def table_of(field, days):
    """Rows of a CSV table of one simulated field, day 0 on 1 January 2020."""
    start = np.datetime64("2020-01-01")
    rows = [
        (int(day), level, "closed", f"Lab {lab}")
        for day, level, lab in zip(*field.closed, field.labs, strict=True)
    ]
    rows += [(int(day), level, "open", "Free") for day, level in zip(*field.opened, strict=True)]
    lines = ["model,release_date,weights,score,lab"]
    lines += [f"m{i},{start + day},{word},{level},{lab}" for i, (day, level, word, lab) in enumerate(rows)]
    return "\n".join(lines) + "\n", days


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "releases.csv"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture
def history_file(tmp_path):
    days = 1500.0
    text, _ = table_of(world(np.random.default_rng(4), days), days)
    path = tmp_path / "history.csv"
    path.write_text(text, encoding="utf-8")
    return path


def proposal(fit, name):
    return next(item for item in fit.proposals if item.name == name)


def test_spells_of_a_small_table_are_those_found_by_hand(small):
    fit = fit_releases(small, labs=["A"], until="2024-07-01")
    gaps = proposal(fit, "open_interval")
    # from o1, for o0 begins the list: 1 June to 28 December to 1 March to 1 June, then until July
    assert sorted(gaps.evidence.values) == [30, 64, 92, 210]
    assert gaps.evidence.values[gaps.evidence.waiting].tolist() == [30]
    passing = proposal(fit, "passing_a")
    # a0 and a1 wait for o1, a2 for o2, a3 still waits
    assert sorted(passing.evidence.values) == [61, 92, 149, 151]
    assert passing.waiting == 1
    assert passing.groups == 3
    # o1 is 11 above a0 and 1 above a1; o2 is exactly level with a2, which is no step
    assert any(note.startswith("overshoot_a: 2 steps") for note in fit.notes)


def test_a_record_that_open_models_had_already_passed_is_told(small):
    text = SMALL + "c1,2024-06-15,closed,12,C\nc2,2024-06-20,closed,50,C\n"
    small.write_text(text, encoding="utf-8")
    found = spells_until_open(
        records_of(np.array([10.0, 20.0]), np.array([12.0, 50.0])),
        records_of(np.array([5.0]), np.array([38.0])),
        30.0,
    )
    assert (found.already, found.durations.tolist(), found.waiting.tolist()) == (1, [10.0], [True])


def test_a_lab_that_nobody_has_passed_gets_no_law(small):
    fit = fit_releases(small, labs=["B"], until="2024-07-01")
    (note,) = [note for note in fit.notes if note.startswith("passing_b")]
    assert "1 came and 1 still wait" in note


def test_where_nothing_has_come_the_command_fails(tmp_path, capsys):
    path = tmp_path / "releases.csv"
    path.write_text("date,open,level\n2024-01-01,closed,5\n2024-02-01,closed,6\n2024-03-01,open,1\n")
    assert main(["fit", str(path), "--releases", "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "open_lag: 0 came and 1 still wait" in error


def test_curve_is_kaplan_and_meiers():
    rng = np.random.default_rng(6)
    lag, end = rng.exponential(200, 25), rng.uniform(50, 500, 25)
    values, waiting = np.minimum(lag, end), lag > end
    spells = Spells(durations=values, waiting=waiting, causes=np.arange(25), already=0,
                    overshoot=np.full(25, np.nan))  # fmt: skip
    cases = spell_cases(spells)
    shown = evidence_of(cases, fit_spells(cases))
    alive, survival = 25, 1.0
    by_hand = []
    for waits in waiting[np.argsort(values)]:
        survival *= 1.0 if waits else 1 - 1 / alive
        alive -= 1
        by_hand.append(1 - survival)
    at = np.searchsorted(shown.places, np.sort(values), side="right") - 1
    assert shown.shares[at] == pytest.approx(by_hand, rel=1e-12)


def test_dependent_cases_widen_the_band_and_the_intervals():
    days = np.array([60.0, 90.0, 100.0, 150.0, 210.0, 260.0, 300.0, 410.0])
    none = np.full(8, np.nan)
    alone, together = (
        Spells(durations=days, waiting=np.arange(8) > 6, causes=causes, already=0, overshoot=none)
        for causes in (np.array([1, 2, 3, 4, 5, 6, 7, -1]), np.array([1, 1, 2, 2, 3, 3, 4, -1]))
    )
    widths = []
    for spells in (alone, together):
        cases = spell_cases(spells)
        fits = fit_spells(cases)
        shown, median = evidence_of(cases, fits), intervals_of(fits)[0]
        widths.append((np.nanmax(shown.highs - shown.lows), np.log(median.high / median.low)))
    assert widths[1][0] > 1.2 * widths[0][0]
    assert widths[1][1] > 1.2 * widths[0][1]
    assert spell_proposal(together, name="a", label="A").groups == 5


def test_growth_is_steps_over_time():
    records = records_of(np.array([0.0, 10.0, 30.0, 40.0]), np.array([0.0, 2.0, 3.0, 6.0]))
    rate, error, count = growth_of(records, 60.0)
    assert (rate, count) == (0.1, 3)
    residuals = np.array([2 - 1, 1 - 2, 3 - 1, 0 - 2])
    assert error == pytest.approx(np.sqrt((residuals**2).sum() * 3 / 2) / 60)


def test_levels_on_three_scales_give_the_same_steps(history_file, tmp_path):
    import pandas as pd

    frame = pd.read_csv(history_file)
    points = fit_releases(history_file, per_tenfold=15.0)
    frames = {"log": frame.score / 15, "linear": 10 ** (frame.score / 15)}
    for scale, levels in frames.items():
        path = tmp_path / f"{scale}.csv"
        frame.assign(score=levels).to_csv(path, index=False)
        fit = fit_releases(path, scale=scale)
        for name in ("open_step", "growth_open", "open_lag"):
            assert proposal(fit, name).quantiles == pytest.approx(proposal(points, name).quantiles, rel=1e-6)
    plain = fit_releases(history_file)
    assert proposal(plain, "open_step").unit == "points"
    assert proposal(points, "growth_open").intervals[0].middle == pytest.approx(
        10 ** (proposal(plain, "growth_open").intervals[0].middle / 15)
    )


def test_groups_are_kept_apart(history_file, tmp_path):
    import pandas as pd

    frame = pd.read_csv(history_file).assign(field="text")
    other = frame.assign(field="images", score=frame.score + 1000)
    path = tmp_path / "both.csv"
    pd.concat([frame, other]).to_csv(path, index=False)
    one, both = fit_releases(history_file), fit_releases(path, {"within": "field"})
    assert proposal(both, "open_lag").count == 2 * proposal(one, "open_lag").count
    assert proposal(both, "open_lag").groups == 2 * proposal(one, "open_lag").groups
    assert any(note.startswith("growth_open") for note in both.notes)


def test_common_names_of_columns_are_known():
    assert recognised(["Model", "eci", "date", "Organization", "Accessibility group"], {}) == {
        "name": "Model",
        "date": "date",
        "open": "Accessibility group",
        "level": "eci",
        "developer": "Organization",
    }
    assert recognised(["when", "open", "level"], {"date": "when"})["date"] == "when"


def test_a_study_with_the_inputs_checks(history_file, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["--releases", "--lab", "Lab 1", "--points-per-tenfold", "15", "--source", "Simulated"]
    assert main(["fit", str(history_file), *words, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "date from 'release_date'" in said
    assert "still waiting" in said
    study = tmp_path / "study.yaml"
    study.write_text(
        "study: tiny\nextends: out/inputs.yaml\nmodel:\n  horizon_days: passing_lab_1\n"
        "  open: {current_expense: 1e6}\n"
        "  lab: {current_expense: 2e6 * (1 + overshoot_lab_1), candidate_expense: 4e6 * (1 + open_step)}\n"
        "  value: {scale: growth_open + growth_closed, reference: 1e6}\n"
        "  customers: {count: open_interval + open_lag}\n",
        encoding="utf-8",
    )
    assert main(["check", str(study)]) == 0
    assert "Simulated" in (out / "inputs.yaml").read_text(encoding="utf-8")
    assert main(["fit", str(history_file), *words, "--out", str(out), "--json"]) == 0
    capsys.readouterr()


def test_labs_closed_by_knowledge(small):
    text = SMALL.replace("b2,2024-04-01,closed", "b2,2024-04-01,")
    small.write_text(text, encoding="utf-8")
    assert any("1 not said" in line for line in fit_releases(small).read)
    assert not any("not said" in line for line in fit_releases(small, closed_labs=["b"]).read)


@pytest.mark.parametrize(
    ("old", "new", "words", "expected"),
    [
        ("2023-03-01", "1 March", [], "'1 March' in row 3 (line 4) of the column date"),
        ("a1,2023-03-01,closed", "a1,2023-03-01,perhaps", [], "'perhaps' in row 3"),
        ("closed,20", "closed,high", [], "'high' in row 3"),
        ("closed,20", "closed,-20", ["--level-scale", "linear"], "above 0"),
        ("", "", ["--lab", "AA"], "a developer in the table"),
        ("", "", ["--map", "date=dat"], "did you mean 'date'"),
        ("", "", ["--map", "when=date"], "one of name, date"),
        ("", "", ["--map", "date"], "WHAT=COLUMN"),
        ("", "", ["--since", "soon"], "a date such as"),
        ("", "", ["--until", "soon"], "a date such as"),
        ("", "", ["--points-per-tenfold", "-1"], "a number above 0"),
        ("", "", ["--column", "level"], "both --column and --releases"),
        ("", "", ["--unit", "days"], "no meaning there"),
        ("level", "heat", [], "--map level=COLUMN"),
    ],
)
def test_faults_say_what_is_wrong(small, capsys, old, new, words, expected):
    small.write_text(SMALL.replace(old, new, 1) if old else SMALL, encoding="utf-8")
    assert main(["fit", str(small), "--releases", *words]) == 2
    assert expected in capsys.readouterr().err


def test_a_table_of_nothing_usable_is_refused(small):
    small.write_text("date,open,level\n,open,\n2024-01-01,unknown,3\n", encoding="utf-8")
    with pytest.raises(StudyError, match="no release with a level"):
        fit_releases(small)


def beyond(hits, count, share):
    """Chances of so few hits, and of so many, at a true share."""
    return stats.binom.cdf(hits, count, share), stats.binom.sf(hits - 1, count, share)


@pytest.mark.slow
def test_intervals_hold_the_truth_and_fail_where_waiting_cases_are_dropped():
    count = 150
    hits, fitted = coverage(count, 9, ways=(kept, dropped, as_if_independent))
    assert (fitted >= 0.95 * count).all()
    for law in range(len(LAWS)):
        for number in ("median", "mean"):
            place = NUMBERS.index(number)
            # 90 % intervals: nothing says that they hold less than 85 % or more than 95 %
            assert beyond(hits[0, law, place], fitted[law], 0.85)[0] > 0.001, (law, number)
            assert beyond(hits[0, law, place], fitted[law], 0.95)[1] > 0.001, (law, number)
    lag, median = 0, NUMBERS.index("median")
    assert beyond(hits[1, lag, median], fitted[lag], 0.85)[0] < 1e-6
    assert hits[2, lag, median] < hits[0, lag, median]


def test_growth_of_levels_that_wander_is_held_as_often_as_said():
    rng, count, hits = np.random.default_rng(3), 1000, 0
    for _ in range(count):
        days = np.cumsum(rng.exponential(60.0, 60))
        levels = np.cumsum(rng.gamma(2.0, 1.0, 60))
        seen = days < 1200
        rate, error, steps = growth_of(records_of(days[seen], levels[seen]), 1200.0)
        hits += abs(rate - 2 / 60) <= error * stats.t.ppf(0.95, steps - 1)
    assert beyond(hits, count, 0.85)[0] > 0.001
    assert beyond(hits, count, 0.95)[1] > 0.001


@pytest.mark.skipif(not DATA.is_file(), reason="the data set of model releases is not beside this checkout")
def test_a_real_table_is_read(tmp_path, capsys):
    words = [
        "--releases",
        "--lab",
        "OpenAI",
        "--points-per-tenfold",
        "9.1",
        "--until",
        "2026-03-08",
        "--json",
    ]
    for lab in ("OpenAI", "Anthropic", "Google", "xAI"):
        words += ["--closed", lab]
    assert main(["fit", str(DATA), *words, "--out", str(tmp_path)]) == 0
    record = json.loads(capsys.readouterr().out)
    own = next(item for item in record["fits"] if item["name"] == "passing_openai")
    assert own["waiting"] > 0
    assert 150 < own["quantiles"]["0.5"] < 450
