"""What is saved of an exploration: a study that extends the one opened, and gives the same numbers."""

import copy
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import mcrace
from mcrace.cli import main
from mcrace.errors import RunError, StudyError
from mcrace.explore.controls import controls_of
from mcrace.explore.edits import edited, edited_values
from mcrace.explore.session import opened
from mcrace.explore.writing import number_text, written
from mcrace.study import Study, load
from mcrace.study.document import read_text
from tests.explored import DRAWS, EARLY, run_values, served, values_of, write_study
from tests.small_study import SMALL

ROOT = Path(__file__).parents[1]
STUDIES = sorted([*ROOT.glob("configs/*.yaml"), *ROOT.glob("configs/arguments/*.yaml")])
MANY = EARLY | {
    "inputs.lead": "7",
    "model.horizon_days": "500",
    "model.open.releases.0.expense": "1.5 * x * lead",
    "model.discount_rate": "{normal: {mean: 0.1, sd: 0.01}, bounds: [0.05, 0.2]}",
    "model.customers.count": "{lognormal: {p05: 1e7, p95: 4e7}}",
}


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    return write_study(tmp_path, SMALL)


def kept(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_what_is_saved_gives_the_same_numbers_in_a_run(study_file, tmp_path, capsys):
    session = opened(str(study_file), {}, draws=DRAWS)
    with served(session) as caller:
        shown = {name: values_of(caller.answer(MANY, name)) for name in ("base", "early")}
        saved = Path(caller.post("/api/save", {"name": "found", "edits": MANY})["file"])
    assert saved == tmp_path / "found.yaml"
    assert main(["check", str(saved)]) == 0
    out = tmp_path / "out"
    flags = ["--no-report", "--quiet", "--jobs", "1", "--draws", str(DRAWS), "--out", str(out)]
    assert main(["run", str(saved), *flags]) == 0
    capsys.readouterr()
    table = mcrace.summary(mcrace.open_run(out / "found" / "latest"))
    for name, values in shown.items():
        expected = run_values(table, name)
        assert values == {key: expected[key] for key in values}


def test_only_what_differs_is_saved(study_file):
    session = opened(str(study_file), {"sampling.seed": 11}, draws=DRAWS)
    content = kept(session.saved(MANY, "found.yaml"))
    assert list(content)[:4] == ["study", "title", "question", "extends"]
    assert (content["study"], content["extends"]) == ("found", "small.yaml")
    assert content["title"] == "A small study, explored"
    assert content["sampling"] == {"seed": 11}
    assert content["inputs"] == {
        "lead": {"law": 7},
        "day": {"law": {"lognormal": {"p05": 20, "p95": 300}}},
    }
    assert content["model"]["open"] == {"releases": [{"day": "day", "expense": "1.5 * x * lead"}]}
    assert set(content["model"]) == {"horizon_days", "discount_rate", "customers", "open"}
    assert "scenarios" not in content
    assert kept(session.saved({}, "same")).keys() == {"study", "title", "question", "extends", "sampling"}


def test_notes_of_inputs_stay(study_file):
    session = opened(str(study_file), {}, draws=DRAWS)
    item = next(item for item in load(session.saved(EARLY, "found")).inputs if item.name == "day")
    assert (item.unit, item.text[:9]) == ("days", "lognormal")


def test_nothing_is_overwritten_and_no_name_leads_elsewhere(study_file, tmp_path):
    session = opened(str(study_file), {}, draws=DRAWS)
    before = study_file.read_bytes()
    names = [
        "small",
        "small.yaml",
        "../small",
        "/small",
        "a/b",
        "",
        ".",
        "..",
        ".hidden",
        "a\nb",
        "x" * 65,
    ]
    for name in [*names, "a b", "naïve", "a\\b", "con:", "a\0b"]:
        with pytest.raises(StudyError, match=r"name: found .* expected"):
            session.saved(EARLY, name)
    assert study_file.read_bytes() == before
    assert os.listdir(tmp_path) == ["small.yaml"]
    assert session.described()["name"] == "small-explored"
    first = session.saved(EARLY, "small-explored")
    content = first.read_bytes()
    with pytest.raises(StudyError, match="expected a new name: nothing is overwritten"):
        session.saved({}, "small-explored")
    assert first.read_bytes() == content
    assert session.described()["name"] == "small-explored-2"
    assert sorted(os.listdir(tmp_path)) == ["small-explored.yaml", "small.yaml"]


def test_what_is_wrong_is_not_saved(study_file, tmp_path):
    with served(opened(str(study_file), {}, draws=DRAWS)) as caller:
        (fault,) = caller.post("/api/save", {"name": "found", "edits": {"inputs.day": "{normal: 3}"}})[
            "faults"
        ]
        assert fault["control"] == "inputs.day"
        (fault,) = caller.post("/api/save", {"name": "../x", "edits": {}})["faults"]
        assert (fault["control"], fault["text"][:5]) == ("", "name:")
    assert os.listdir(tmp_path) == ["small.yaml"]


def test_another_folder(study_file, tmp_path):
    folder = tmp_path / "found here"
    folder.mkdir()
    saved = opened(str(study_file), {}, draws=DRAWS, folder=str(folder)).saved(EARLY, "found")
    assert kept(saved)["extends"] == "../small.yaml"
    assert load(saved).digest == load(study_file, {"inputs.day": read_text(EARLY["inputs.day"]).value}).digest
    with pytest.raises(RunError, match=r"cannot write .*none.*; name another folder with --out"):
        opened(str(study_file), {}, draws=DRAWS, folder=str(tmp_path / "none")).saved(EARLY, "found")


def test_data_files_stay_where_they_are(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "days.csv").write_text("day\n" + "\n".join(map(str, range(40, 400, 10))) + "\n")
    content = copy.deepcopy(dict(SMALL))
    content["inputs"]["day"] = {"empirical": {"file": "data/days.csv", "column": "day"}}
    session = opened(str(write_study(tmp_path, content)), {}, draws=DRAWS)
    text = next(item["text"] for item in session.described()["controls"] if item["path"] == "inputs.day")
    edits = {"inputs.day": text.removesuffix("}") + ", bounds: [50, 300]}"}
    assert session.answered(edits, "base")["sentences"]
    folder = tmp_path / "found"
    folder.mkdir()
    saved = opened(str(tmp_path / "small.yaml"), {}, draws=DRAWS, folder=str(folder)).saved(edits, "found")
    assert kept(saved)["inputs"]["day"]["empirical"]["file"] == "../data/days.csv"
    assert load(saved).inputs[2].text == load(tmp_path / "small.yaml", {
        "inputs.day": {"empirical": {"file": str(tmp_path / "data" / "days.csv"), "column": "day"},
                       "bounds": [50, 300]}
    }).inputs[2].text  # fmt: skip


@pytest.mark.parametrize(
    "edits",
    [
        {"model.value.curve": "hill"},
        {"model.value.one_of.1.weight": "2", "model.value.one_of.0.is.scale": "0.5"},
        {"model.customers.count": "3e7"},
        {"model.lab.counts_training_cost": "false"},
        {"inputs.bare": "{uniform: [0, 2]}"},
        {"inputs.bare": "3"},
        {"inputs.noted": "{normal: {mean: 1, sd: 0.1}}"},
        {"model.value.points": "[[1e6, 0], [1e10, 8]]"},
    ],
)
def test_every_kind_of_change_reads_back(tmp_path, edits):
    content = copy.deepcopy(dict(SMALL))
    content["inputs"] |= {"bare": {"uniform": [0, 1]}, "noted": {"law": 1, "label": "Noted", "source": "me"}}
    content["model"]["customers"] = {"count": {"lognormal": {"p05": 1e7, "p95": 5e7}}}
    content["model"]["lab"]["counts_training_cost"] = True
    content["model"]["discount_rate"] = "0.01 * bare + 0.01 * noted"
    (path,) = {part.rpartition(".")[0] for part in edits if "one_of" in part and "weight" in part} or {""}
    hill = {"curve": "log", "scale": 0.4, "reference": 1e6, "satiation": {"level": 1e12, "strength": 0.1}}
    if path:
        content["model"]["value"] = {
            "one_of": [
                {"weight": 1, "is": {"scale": 0.4, "reference": 1e6}},
                {"weight": 1, "is": {"curve": "hill", "half": 1e9, "steepness": 0.5, "ceiling": 20}},
            ]
        }
    elif "model.value.points" in edits:
        content["model"]["value"] = {"curve": "table", "points": [[1e6, 0], [1e9, 3], [1e11, 9]]}
    elif "model.value.curve" in edits:
        del hill["satiation"]
        content["model"]["value"] = hill
    session = opened(str(write_study(tmp_path, content)), {}, draws=64)
    known = tuple(control.path for control in session.controls)
    document = edited(session.document, edited_values(edits, known, {}))
    if "model.value.curve" in edits:
        with pytest.raises(StudyError, match="half"):
            session.saved(edits, "found")
        return
    assert load(session.saved(edits, "found")).digest == Study(**document).digest != session.study.digest


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_value_of_the_studies_can_be_written_in_one_line(path):
    controls = controls_of(load(path))
    assert len(controls) > 8
    for control in controls:
        found = written(control.value)
        assert read_text(found.text).value == control.value
        for number in found.numbers:
            assert read_text(f"[{number.text}]").value == [number.value]


@pytest.mark.parametrize(
    "value",
    [
        {"mixture": [[0.7, {"quantiles": {"0.05": 1.6, "0.5": 6, "p95": 20}}], [0.3, float("inf")]]},
        {"discrete": {"values": list(range(30)), "weights": [1] * 30}},
        "a: b", "# no comment", "* 3", "x * 3", "1e5", "true", "2027-03-01", "", "it's", 'q"uote', "a, b",
        {"odd key: ": ["a, b", "[", True, None, "no", "12"]}, [], {},
        -0.0, 1e-300, 5e-324, 1.7976931348623157e308, 123456789.125, 10**30, -1e5, 100000, 99999.0, 0.1 + 0.2,
    ],
)  # fmt: skip
def test_values_read_back_from_one_line(value):
    text = written(value).text
    assert "\n" not in text
    assert read_text(f"[{text}]" if text == "" else text).value == value


def test_numbers_are_written_to_the_bit():
    for number in (1e22, 1.5e-7, 123456.0, 90000000, 1e5, 1.23e15, 3.0):
        assert float(number_text(number)) == number


@pytest.mark.slow
def test_the_command_serves_until_it_is_interrupted(study_file):
    command = [sys.executable, "-m", "mcrace", "explore", str(study_file), "--no-browser", "--draws", "64"]
    # A shell that runs the tests in the background has its children ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    try:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(3)]
        assert lines[0].startswith("working out the first answer")
        assert lines[1].startswith("Open http://127.0.0.1:")
        assert "64 draws" in lines[2]
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, stdout, stderr) == (0, "", "Ended.\n")


def test_wrong_calls_are_told(study_file, capsys):
    assert main(["explore", "nowhere.yaml", "--no-browser"]) == 2
    assert main(["explore", str(study_file), "--no-browser", "--draws", "0"]) == 2
    assert main(["explore", str(study_file), "--no-browser", "--port", "-1"]) == 2
    assert main(["explore", str(study_file), "--no-browser", "--set", "model.horizon_days=-3"]) == 2
    told = capsys.readouterr().err
    assert "--draws: found 0, expected a whole number from 1 to" in told
    assert "--port: found -1, expected" in told
    assert "Traceback" not in told
