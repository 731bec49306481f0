"""What a study forecasts: its section, the files of a run, the commands export, score and log, bundles."""

import io
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mcrace
from mcrace.cli import main
from mcrace.errors import RunError, StudyError
from mcrace.forecast.bundle import METADATA, bundle, unpack_bundle
from mcrace.forecast.ledger import add_to_ledger, read_ledger, scored
from mcrace.forecast.metaculus_check import check_metaculus
from mcrace.forecast.scoring import crps
from mcrace.report.publish import publish
from mcrace.report.verify import verify
from mcrace.study.write import study_yaml
from tests.small_study import SMALL

QUESTIONS = [
    {"platform": "metaculus", "id": 12, "variable": "day", "range": [0, 1000], "open": False},
    {"platform": "metaculus", "id": 13, "variable": "open_effect", "event": {"below": 0}},
    {"platform": "csv", "id": "money", "variable": "incentive"},
    {"platform": "markdown", "id": "money", "variable": "incentive", "scenario": "early"},
]


def forecasting(questions: Any = QUESTIONS, **changes: Any) -> mcrace.Study:
    return mcrace.Study(**{**SMALL, "forecast": questions, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with pytest.warns(mcrace.errors.RunWarning, match="metaculus-12"):
        return publish(forecasting(), out=tmp_path / "out", jobs=1, report=False).folder


FAULTS = [
    ("[{platform: metaculus, id: 1, variable: dya, range: [0, 9]}]", "forecast.0.variable", "day"),
    ("[{platform: csv, variable: incentive, scenario: erly}]", "forecast.0.scenario", "early"),
    ("[{platform: metaculs, variable: day}]", "forecast.0.platform", "metaculus"),
    ("[{platform: metaculus, id: 1, variable: day}]", "forecast.0.range", None),
    ("[{platform: csv, variable: day, rnage: [0, 1]}]", "forecast.0.rnage", "range"),
    ("[{platform: hubverse, id: inc, variable: day, resolves: 2027-01-01}]", "forecast.0.platform", None),
    ("{questions: [], hbu: {}}", "forecast.hbu", "hub"),
    ("{questions: [{platform: csv, variable: day}], hub: {team: us}}", "forecast.hub.model", None),
    ("7", "forecast", None),
]


@pytest.mark.parametrize(("text", "path", "nearest"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_mistake_is_told_with_its_place(text: str, path: str, nearest: str | None, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    before = study_yaml(dict(SMALL))
    file.write_text(f"{before}forecast: {text}\n")
    with pytest.raises(StudyError) as caught:
        mcrace.load(file)
    found = {fault.path: fault for fault in caught.value.faults}
    assert path in found
    assert found[path].nearest == nearest
    assert found[path].line == before.count("\n") + 1


def test_the_section_is_no_part_of_the_digest() -> None:
    assert forecasting().digest == mcrace.Study(**SMALL).digest
    assert [each.variable for each in forecasting().forecast.questions] == ["day", "open_effect"] + 2 * [
        "incentive"
    ]


def test_a_run_writes_what_its_study_declares(folder: Path) -> None:
    names = {path.name for path in (folder / "forecast").iterdir()}
    assert names == {
        "metaculus-12.json",
        "metaculus-13.json",
        "csv-money.csv",
        "markdown-money.md",
        "markdown-money.png",
    }
    for name in ("metaculus-12.json", "metaculus-13.json"):
        assert (
            check_metaculus((folder / "forecast" / name).read_bytes(), forecasting().forecast.questions[:2])
            == []
        )
    comment = (folder / "forecast" / "markdown-money.md").read_text()
    assert forecasting().digest in comment
    assert verify(folder, quick=True).verdict == "identical"


def test_a_question_that_no_run_answers_loses_nothing(tmp_path: Path) -> None:
    fixed = {"flat": {"model.discount_rate": 0.1}}  # which has no law of it, so that no draw can answer
    asked = [{"platform": "csv", "variable": "model.discount_rate", "scenario": "flat"}]
    with pytest.warns(mcrace.errors.RunWarning, match="no forecasts were written"):
        published = publish(forecasting(asked, scenarios=fixed), out=tmp_path, jobs=1, report=False)
    assert (published.folder / "summary.csv").exists()
    assert not (published.folder / "forecast").exists()
    assert verify(published.folder, quick=True).verdict == "identical"


def test_export_writes_beside_the_run_and_keeps_it_whole(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "forecast" / "csv-money.csv").read_bytes()
    assert main(["export", str(folder), "--format", "csv"]) == 0
    assert (folder / "forecast" / "csv-money.csv").read_bytes() == before
    assert main(["export", str(folder), "--format", "squiggle", "--output", "day", "--scenario", "base"]) == 0
    assert "day = " in (folder / "forecast" / "squiggle-day.squiggle").read_text()
    assert "squiggle-day.squiggle" in capsys.readouterr().out
    assert verify(folder, quick=True).verdict == "identical"
    out = folder.parent / "posts"
    asked = ["--ask", "range=[0,900]", "--ask", "id=77", "--ask", "open={lower: false}"]
    call = ["export", str(folder), "--format", "metaculus", "--output", "day", *asked, "--out", str(out)]
    assert main([*call, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["export", "--check", str(out / "metaculus-77.json")]) == 0
    record = json.loads((out / "metaculus-77.json").read_text())
    record[0]["continuous_cdf"][100] = 0.0
    (out / "bad.json").write_text(json.dumps(record))
    assert main(["export", "--check", str(out / "bad.json")]) == 2
    assert "breaks" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--format F"),
        (["--format", "metaclus"], "did you mean 'metaculus'?"),
        (["--format", "json"], "--output NAME"),
        (["--format", "json", "--output", "incentve"], "did you mean 'incentive'?"),
        (["--format", "json", "--output", "incentive", "--scenario", "erly"], "did you mean 'early'?"),
        (["--format", "metaculus", "--output", "day", "--ask", "rnage=3"], "did you mean 'range'?"),
        (["--format", "csv", "--ask", "range"], "NAME=VALUE"),
    ],
)
def test_a_wrong_call_is_told(
    arguments: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(folder), *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_bundle_is_the_run_in_one_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bundle(folder)
    assert data == bundle(folder)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        crate = json.loads(archive.read(METADATA))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == files | {METADATA}
    root = next(part for part in crate["@graph"] if part["@id"] == "./")
    assert {part["@id"] for part in root["hasPart"]} == names - {METADATA}
    assert root["identifier"] == forecasting().digest
    assert main(["export", str(folder), "--format", "bundle", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.zip")
    assert path.read_bytes() == data
    assert main(["verify", str(path), "--quick"]) == 0
    assert "identical" in capsys.readouterr().out
    (folder / "summary.csv").write_text("x")
    with pytest.raises(RunError, match="not as the run wrote it"):
        bundle(folder)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil", "dir/"])
def test_no_path_leaves_the_folder(name: str, tmp_path: Path) -> None:
    file, target = tmp_path / "b.zip", tmp_path / "in" / "here"
    target.mkdir(parents=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"" if name.endswith("/") else b"x")
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [name]
    with pytest.raises(RunError):
        unpack_bundle(file, target)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {file}


def test_links_bombs_and_other_files_are_refused(tmp_path: Path) -> None:
    file, target = tmp_path / "b.zip", tmp_path / "in"
    target.mkdir()
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    big = zipfile.ZipInfo("big")
    for entries in ([(link, b"/etc/passwd")], [(big, b"1"), (big, b"2")]):
        with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a name that is there twice
            for entry, data in entries:
                archive.writestr(entry, data)
        with pytest.raises(RunError):
            unpack_bundle(file, target)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", bytes(10**6))
    lying = file.read_bytes().replace((10**6).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    file.write_bytes(lying)
    with pytest.raises(RunError):
        unpack_bundle(file, target)
    file.write_bytes(b"no zip")
    with pytest.raises(RunError, match="no bundle"):
        unpack_bundle(file, target)


def test_scores_are_those_of_the_draws_and_are_kept(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = mcrace.open_run(folder)
    table = scored([result], {"day": 300.0, "incentive": 2e9})
    draws = result.draws.query("scenario == 'base'")
    day = table.query("variable == 'day'").iloc[0]
    assert day["crps"] == pytest.approx(crps(draws["day"].to_numpy(), 300.0), rel=1e-12)
    assert (day["question"], day["outcome"]) == ("metaculus 12", 300.0)
    ledger = tmp_path / "l.parquet"
    for size in (len(table), len(table)):
        assert len(add_to_ledger(ledger, table)) == size
    pd.testing.assert_frame_equal(read_ledger(ledger), table, check_dtype=False)
    same = scored([result], {"day": 300.0}, result)
    assert same["skill"].tolist() == [0.0]
    call = ["score", str(folder), "--outcome", "open_effect=-1e9", "--ledger", str(ledger)]
    assert main(call) == 0
    assert "Brier score: " in capsys.readouterr().out
    assert main([*call, "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    share = float((draws["open_effect"] < 0).mean())
    event = next(record for record in records if record["brier"] is not None)
    assert event["brier"] == pytest.approx((1 - share) ** 2, rel=1e-9)
    ledger.write_bytes(b"no table")
    assert main(call) == 1
    assert "no ledger" in capsys.readouterr().err


@pytest.mark.parametrize("outcome", ["dya=3", "day=soon", "day", "=3"])
def test_a_wrong_outcome_is_told(outcome: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(folder), "--outcome", outcome]) == 2
    assert "--outcome" in capsys.readouterr().err


def test_the_log_tells_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    publish(mcrace.Study(**SMALL), jobs=1, report=False)
    inputs = {**SMALL["inputs"], "day": {"law": {"uniform": [0, 1200]}, "unit": "days"}}
    publish(mcrace.Study(**{**SMALL, "inputs": inputs}), jobs=1, report=False)
    Path("s.yaml").write_text(study_yaml(dict(SMALL)))
    for name in ("small", "outputs/small", "s.yaml"):
        assert main(["log", name]) == 0
        text = capsys.readouterr().out
        assert "inputs.day.law.uniform: [0, 900] -> [0, 1200]" in text
        assert text.count("mean incentive") == 2
    assert main(["log", "other"]) == 1
