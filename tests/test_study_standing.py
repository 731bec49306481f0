"""What only a draw finds wrong is told with the place in the file; what nothing uses or means is told too."""

from pathlib import Path

import pytest

import mcrace
from mcrace.cli import main
from mcrace.errors import ModelError, StudyError
from mcrace.study import load
from mcrace.terminal.trial import trial_revenue
from tests.faulty_studies import STUDY

DRAWN = """study: drawn
inputs:
  day: {uniform: [0, 200]}
  n: {normal: {mean: 2, sd: 1}}
model:
  horizon_days: 100
  open: {current_expense: 1e8, releases: [{day: day, expense: 3e8}]}
  lab: {current_expense: 2e8, candidate_expense: 8e8}
  value: {scale: 0.1, reference: 1e6}
  customers: {count: n * 1e6}
sampling: {draws: 1024, replicates: 4}
"""
SOUND = DRAWN.replace("n * 1e6", "1e6")

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trial(text: str, changes: dict[str, object] | None = None) -> str:
    Path("s.yaml").write_text(text)
    with pytest.raises(ModelError) as caught:
        trial_revenue(load("s.yaml", changes), 256)
    return str(caught.value)


def run(text: str, changes: dict[str, object] | None = None, jobs: int = 1) -> str:
    Path("s.yaml").write_text(text)
    with pytest.raises(ModelError) as caught:
        mcrace.run(load("s.yaml", changes), jobs=jobs)
    return str(caught.value)


def test_check_points_at_the_key_whose_draw_leaves_its_range(capsys: Capture) -> None:
    Path("s.yaml").write_text(DRAWN)
    assert main(["check", "s.yaml"]) == 2
    first, excerpt, pointer = capsys.readouterr().err.splitlines()
    assert first.startswith("s.yaml:10:22: model.customers.count: found -")
    assert first.endswith(" of 256 draws, expected a number of at least 0")
    assert excerpt == "  10 |   customers: {count: n * 1e6}"
    assert pointer == "     |" + " " * 22 + "^"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_points_at_the_key_whose_draw_leaves_its_range(jobs: int) -> None:
    told = run(DRAWN, jobs=jobs)
    assert told.startswith("s.yaml:10:22: model.customers.count: found -")
    assert "(first in replicate 0, point " in told
    assert "\n  10 |   customers: {count: n * 1e6}\n" in told


# What stands in the study at the end, and where a fault of a draw points.
PLACES = {
    "a scenario's change": (
        "scenarios:\n  far: {model.open.releases.0.day: n - 1}\n",
        "s.yaml:13:36: model.open.releases.0.day: found -",
    ),
    "a section that a scenario changes": (
        "scenarios:\n  a.b.c:\n    model.open: {current_expense: 1e8, releases: [{day: n - 1, expense: 1e9}]}"
        "\n",
        "s.yaml:14:57: model.open.releases.0.day: found -",
    ),
    "a grid": (
        "grid: {model.open.releases.0.day: [3, n - 1]}\n",
        "s.yaml:12:39: model.open.releases.0.day: found -",
    ),
    "a quantity": ("quantities:\n  q: log(n - 1)\n", "s.yaml:13:6: quantities.q: found nan"),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_fault_stands_where_its_value_was_given(case: str) -> None:
    added, place = PLACES[case]
    assert run(SOUND + added).startswith(place)


def test_a_fault_of_a_grid_points_at_its_value() -> None:
    Path("s.yaml").write_text(SOUND + "grid: {model.discount_rate: [0, -3]}\n")
    with pytest.raises(StudyError, match=r"^s\.yaml:12:33: scenarios\.discount_rate=-3\.") as caught:
        load("s.yaml")
    assert len(caught.value.faults) == 1


def test_a_fault_of_an_alternative_points_into_it() -> None:
    parts = (
        "{weight: 1, is: {scale: 0.1, reference: 1e6}},\n    {weight: 1, is: {scale: n - 1, reference: 1e6}}"
    )
    told = trial(SOUND.replace("{scale: 0.1, reference: 1e6}", f"{{one_of: [{parts}]}}"))
    assert told.startswith("s.yaml:10:29: model.value.one_of.1.is.scale: found -")


def test_a_fault_of_what_is_extended_points_at_the_other_file() -> None:
    Path("other.yaml").write_text(DRAWN)
    told = trial("study: s\nextends: other.yaml\n")
    assert told.startswith("other.yaml:10:22: model.customers.count: found -")


@pytest.mark.parametrize(
    "changes",
    [
        {"model.customers.count": "n * 2"},
        {"model.customers": {"count": "n * 2"}},
        {"scenarios": {"far": {"model.customers.count": "n * 2"}}},
        {"grid": {"model.customers.count": ["n * 2"]}},
    ],
)
def test_a_value_that_did_not_come_from_the_file_has_no_place_in_it(changes: dict[str, object]) -> None:
    assert run(SOUND, changes).startswith("s.yaml: model.customers.count: found -")


def test_an_expression_of_the_file_is_pointed_at_where_its_input_was_changed() -> None:
    told = trial(DRAWN, {"inputs.n": {"normal": {"mean": 0, "sd": 1}}})
    assert told.startswith("s.yaml:10:22: model.customers.count: found -")


def test_what_no_line_holds_is_told_with_the_file() -> None:
    told = trial(SOUND.replace("count: 1e6", "count: 1e300 * exp(700 * n)"))
    assert told.startswith("s.yaml")
    assert "found" in told


def test_a_study_made_in_python_has_no_place() -> None:
    Path("s.yaml").write_text(DRAWN)
    with pytest.raises(ModelError) as caught:
        mcrace.run(mcrace.Study(**load("s.yaml").document), jobs=1)
    assert str(caught.value).startswith("model.customers.count: found -")


def test_places_change_nothing_of_a_study() -> None:
    Path("s.yaml").write_text(SOUND)
    Path("t.yaml").write_text("# moved\n" + SOUND)
    one, other = load("s.yaml"), load("t.yaml")
    assert one.digest == other.digest
    assert one.written.places != other.written.places
    assert "written" not in repr(one)


@pytest.mark.parametrize("name", ["sensitivity", "candidate", "release_map", "flip", "regions"])
def test_an_analysis_that_is_named_and_left_empty_is_told(name: str) -> None:
    """It may be meant as true, and was once read as false."""
    Path("s.yaml").write_text(STUDY + f"analysis:\n  {name}:\n")
    with pytest.raises(StudyError) as caught:
        load("s.yaml")
    (fault,) = caught.value.faults
    assert (fault.path, fault.found) == (f"analysis.{name}", "nothing")
    assert fault.expected == "true for its defaults, false, or a mapping of keys"
    assert (fault.line, fault.column) == (STUDY.count("\n") + 2, len(name) + 4)
    for switch in ("true", "false", "{}"):
        Path("s.yaml").write_text(STUDY + f"analysis:\n  {name}: {switch}\n")
        assert (getattr(load("s.yaml").analysis, name) is None) == (switch == "false")


def test_an_empty_section_of_questions_asks_for_none() -> None:
    Path("s.yaml").write_text(STUDY + "forecast:\n")
    assert load("s.yaml").forecast.questions == ()


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_misspelt_input_of_a_change_is_told(command: str, capsys: Capture) -> None:
    Path("s.yaml").write_text(SOUND)
    assert main([command, "s.yaml", "--set", "inputs.dya=3", "--set", "inputs.dai.law=3"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"inputs.{path}: found a new input {path[:3]!r} that nothing uses, "
        "expected an input of the study; did you mean 'day'?"
        for path in ("dya", "dai.law")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs.dya": 3, "model.lab.start_day": "dya"},
        {"inputs.dya": 3, "scenarios": {"late": {"model.lab.start_day": "dya"}}},
        {"inputs.dya": 3, "quantities": {"late": "dya"}},
        {"inputs.day": 3, "model.open.releases": []},
    ],
)
def test_a_new_input_that_is_used_is_none_misspelt(changes: dict[str, object]) -> None:
    Path("s.yaml").write_text(SOUND)
    assert load("s.yaml", changes).inputs
