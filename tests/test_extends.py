"""``extends``: an overlay is the study that it stands for, and every fault names its own file."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mcrace
from mcrace.cli import main
from mcrace.errors import Fault
from mcrace.study import Study
from mcrace.study.extending import read_study
from mcrace.study.write import study_yaml
from tests.small_study import SMALL

PARENT = """\
study: parent
title: The parent
question: Does it hold?
inputs:
  a: {law: {uniform: [1, 2]}, unit: USD, label: First, source: A book}
  b: 3
model:
  horizon_days: 10
  open: {current_expense: 1e6}
  lab: {current_expense: 2e6, candidate_expense: 4e6, counts_training_cost: false}
  value: {curve: log, scale: a, reference: 1e6}
  customers: {count: {lognormal: {p05: 10, p95: 20}}}
scenarios:
  early: {inputs.a: 2, inputs.b: 4}
  late: {inputs.b: 5}
sampling: {draws: 64, replicates: 2}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parent.yaml").write_text(PARENT)
    return tmp_path


def overlay(folder: Path, text: str = "", *, head: str = "extends: parent.yaml\nstudy: child\n") -> Path:
    path = folder / "child.yaml"
    path.write_text(head + text)
    return path


def merged(folder: Path, text: str) -> Any:
    document, faults = read_study(overlay(folder, text))
    assert faults == ()
    return document.value


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(mcrace.StudyError) as caught:
        mcrace.load(path)
    return caught.value.faults


# What is merged, replaced, removed


def test_an_overlay_that_changes_nothing_is_the_parent_but_for_its_name(folder: Path) -> None:
    child, parent = mcrace.load(overlay(folder)), mcrace.load(folder / "parent.yaml")
    assert child.digest == parent.digest
    assert (child.name, child.title, child.question) == ("child", "", "")
    assert child.inputs == parent.inputs
    assert next(iter(child.document)) == "study"
    assert "extends" not in child.document
    assert Path(str(child.file)).name == "child.yaml"


def test_mappings_are_merged_and_all_else_is_replaced(folder: Path) -> None:
    model = merged(folder, "model: {horizon_days: 20, open: {releases: [{day: 3, expense: 3e6}]}}")["model"]
    assert model["horizon_days"] == 20
    assert model["open"] == {"current_expense": 1e6, "releases": [{"day": 3, "expense": 3e6}]}
    assert model["lab"]["candidate_expense"] == 4e6


@pytest.mark.parametrize(
    "law", [{"lognormal": {"median": 12}}, {"uniform": [1, 2], "bounds": [0, 1]}, {"each": {"pert": {}}}, 5]
)
def test_a_law_is_replaced_whole(folder: Path, law: Any) -> None:
    text = study_yaml({"model": {"customers": {"count": law}}})
    assert merged(folder, text)["model"]["customers"]["count"] == law
    (folder / "parent.yaml").write_text(study_yaml({"model": {"customers": {"count": law}}}))
    text = "model: {customers: {count: {lognormal: {p05: 10, p95: 20}}}}"
    assert merged(folder, text)["model"]["customers"]["count"] == {"lognormal": {"p05": 10, "p95": 20}}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("7", {"law": 7, "unit": "USD", "label": "First"}),
        ("{beta: {mean: 0.5, sd: 0.1}}",
         {"law": {"beta": {"mean": 0.5, "sd": 0.1}}, "unit": "USD", "label": "First"}),
        ("{law: {uniform: [3, 4]}, label: Other}",
         {"law": {"uniform": [3, 4]}, "unit": "USD", "label": "Other"}),
        ("{law: {uniform: [3, 4]}, source: New}",
         {"law": {"uniform": [3, 4]}, "unit": "USD", "label": "First", "source": "New"}),
        ("{law: 3, source: ~, unit: ~}", {"law": 3, "label": "First"}),
        ("{source: New}", {"law": {"uniform": [1, 2]}, "unit": "USD", "label": "First", "source": "New"}),
        ("{}", {"law": {"uniform": [1, 2]}, "unit": "USD", "label": "First", "source": "A book"}),
    ],
)  # fmt: skip
def test_an_input_that_gets_a_new_law_loses_its_source(folder: Path, entry: str, expected: Any) -> None:
    assert merged(folder, f"inputs: {{a: {entry}}}")["inputs"] == {"a": expected, "b": 3}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{label: Second}", {"law": 3, "label": "Second"}),
        ("{uniform: [1, 2]}", {"uniform": [1, 2]}),
        ("{law: 4, unit: days}", {"law": 4, "unit": "days"}),
        ("{}", 3),
    ],
)
def test_a_bare_input_can_be_overlaid_too(folder: Path, entry: str, expected: Any) -> None:
    assert merged(folder, f"inputs: {{b: {entry}}}")["inputs"]["b"] == expected


def test_inputs_may_be_named_like_laws(folder: Path) -> None:
    (folder / "parent.yaml").write_text("inputs: {beta: 1, gamma: 2}\n")
    assert merged(folder, "inputs: {beta: 3}")["inputs"] == {"beta": 3, "gamma": 2}


def test_a_tilde_removes(folder: Path) -> None:
    value = merged(folder, "scenarios: {early: {inputs.a: ~}, late: ~}\nmodel: {lab: {candidate_expense: ~}}")
    assert value["scenarios"] == {"early": {"inputs.b": 4}}
    assert "candidate_expense" not in value["model"]["lab"]
    assert "scenarios" not in merged(folder, "scenarios: ~")


def test_what_a_scenario_puts_somewhere_is_one_value(folder: Path) -> None:
    text = "scenarios: {early: {model.open: {current_expense: 2e6}}, new: {model.lab: {current_expense: ~}}}"
    (folder / "parent.yaml").write_text(
        PARENT.replace("inputs.a: 2,", "model.open: {current_expense: 3e6, releases: []},")
    )
    value = merged(folder, text)["scenarios"]
    assert value["early"] == {"model.open": {"current_expense": 2e6}, "inputs.b": 4}
    assert value["new"] == {"model.lab": {"current_expense": None}}


@pytest.mark.parametrize(
    ("given_curve", "kept"),
    [
        ("{curve: hill, ceiling: 5}", {"curve": "hill", "ceiling": 5}),
        ("{curve: hill, scale: ~}", {"curve": "hill"}),
        ("{curve: log, reference: 2e6}", {"curve": "log", "scale": "a", "reference": 2e6}),
        ("{scale: 4}", {"curve": "log", "scale": 4, "reference": 1e6}),
        ("{curve: ~}", {"scale": "a", "reference": 1e6}),
    ],
)
def test_another_curve_drops_the_keys_of_the_old_one(folder: Path, given_curve: str, kept: Any) -> None:
    satiation = {"satiation": {"median": 3, "spread": 1}}
    parent = (folder / "parent.yaml").read_text()
    (folder / "parent.yaml").write_text(
        parent.replace("reference: 1e6}", "reference: 1e6, satiation: {median: 3, spread: 1}}")
    )
    assert merged(folder, f"model: {{value: {given_curve}}}")["model"]["value"] == {**kept, **satiation}


def test_the_curve_that_is_not_named_is_the_default(folder: Path) -> None:
    (folder / "parent.yaml").write_text(PARENT.replace("curve: log, ", ""))
    text = "model: {value: {curve: log}}"
    assert merged(folder, text)["model"]["value"] == {"curve": "log", "scale": "a", "reference": 1e6}


def test_a_chain_in_several_folders(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "middle.yaml").write_text(
        "extends: ../parent.yaml\nstudy: middle\ntitle: Not mine\nmodel: {horizon_days: 20}\n"
    )
    path = overlay(folder, "inputs: {b: 6}", head="study: child\nextends: inner/middle.yaml\n")
    study = mcrace.load(path)
    assert (study.name, study.title) == ("child", "")
    assert study.document["model"]["horizon_days"] == 20
    assert study.document["inputs"]["b"] == 6
    assert study.document["inputs"]["a"]["source"] == "A book"


def test_set_stands_on_top(folder: Path) -> None:
    path = overlay(folder, "inputs: {a: 7}")
    study = mcrace.load(path, {"inputs.a": 8, "model.horizon_days": 30})
    assert study.document["inputs"]["a"] == {"law": 8, "unit": "USD", "label": "First"}
    assert study.document["model"]["horizon_days"] == 30


# An overlay is what it stands for

GONE = object()
CHANGES: Mapping[tuple[str, ...], Any] = {
    ("inputs", "day"): {"uniform": [5, 600]},
    ("inputs", "lead"): 3,
    ("inputs", "x"): {"law": {"lognormal": {"median": 1e8, "sigma": 1}}, "source": "Now"},
    ("inputs", "more"): {"law": {"uniform": [0, 1]}},
    ("model", "horizon_days"): 365,
    ("model", "discount_rate"): {"uniform": [0.1, 0.2]},
    ("model", "open", "releases"): [],
    ("model", "lab", "start_day"): 10,
    ("model", "lab", "counts_training_cost"): False,
    ("model", "value"): {"curve": "hill", "ceiling": 5, "half": 1e9, "steepness": 1},
    ("model", "customers", "valuation_spread"): {"uniform": [0, 1]},
    ("scenarios", "early", "inputs.day"): 60,
    ("scenarios", "late"): {"inputs.day": 700},
    ("scenarios", "same"): GONE,
    ("sampling", "seed"): 8,
}


def written_out(changes: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """Put the changes in place by hand."""
    study = copy.deepcopy(dict(SMALL))
    for path, value in changes.items():
        node = study
        for name in path[:-1]:
            node = node.setdefault(name, {})
        if value is GONE:
            del node[path[-1]]
        elif path[0] == "inputs" and path[-1] in node:
            notes = {name: text for name, text in node[path[-1]].items() if name in ("unit", "label")}
            law = value if isinstance(value, dict) and "law" in value else {"law": value}
            node[path[-1]] = {**notes, **law}
        else:
            node[path[-1]] = value
    return study


def as_overlay(changes: Mapping[tuple[str, ...], Any], extends: str) -> str:
    study: dict[str, Any] = {"extends": extends, "study": "child"}
    for path, value in changes.items():
        node = study
        for name in path[:-1]:
            node = node.setdefault(name, {})
        node[path[-1]] = None if value is GONE else copy.deepcopy(value)
    return study_yaml(study)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(names=st.lists(st.sampled_from(sorted(CHANGES)), unique=True), data=st.data())
def test_an_overlay_is_the_study_written_out(names: list[tuple[str, ...]], data: Any, tmp_path: Path) -> None:
    cut = data.draw(st.integers(0, len(names)))
    lower, upper = ({name: CHANGES[name] for name in part} for part in (names[:cut], names[cut:]))
    (tmp_path / "base.yaml").write_text(study_yaml(SMALL))
    (tmp_path / "middle.yaml").write_text(as_overlay(lower, "base.yaml"))
    (tmp_path / "child.yaml").write_text(as_overlay(upper, "middle.yaml"))
    (tmp_path / "empty.yaml").write_text(as_overlay({}, "child.yaml"))
    (tmp_path / "whole.yaml").write_text(study_yaml(written_out({**lower, **upper})))
    child, whole = (mcrace.load(tmp_path / f"{name}.yaml") for name in ("child", "whole"))
    assert child.digest == whole.digest
    own = ("study", "title", "question")
    written, inherited = (
        {name: part for name, part in study.document.items() if name not in own} for study in (whole, child)
    )
    assert inherited == written
    assert mcrace.load(tmp_path / "empty.yaml").document == child.document
    again = Study.from_text(study_yaml(child.document))
    assert (again.digest, again.document) == (child.digest, child.document)


def test_a_run_writes_the_study_out(folder: Path) -> None:
    path = overlay(folder, "inputs: {a: 7}")
    assert main(["run", str(path), "--no-report", "--quiet", "--out", str(folder / "out")]) == 0
    written = folder / "out" / "child" / "latest" / "study.yaml"
    assert "extends" not in written.read_text()
    assert mcrace.load(written).digest == mcrace.load(path).digest


# Faults


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("extends: none.yaml\nstudy: child\n", "found 'none.yaml', and there is no file"),
        ("extends: .\nstudy: child\n", "found '.', and there is no file"),
        ('extends: "a\\0b"\nstudy: child\n', "and there is no file"),
        ("extends: 5\nstudy: child\n", "found 5, expected the name of a study file"),
        ("extends: ~\nstudy: child\n", "expected the name of a study file"),
        ("extends: [parent.yaml]\nstudy: child\n", "expected the name of a study file"),
        ("extends: child.yaml\nstudy: child\n", "child.yaml, expected a study that ends it"),
    ],
)
def test_what_cannot_be_extended(folder: Path, head: str, told: str) -> None:
    path = overlay(folder, head=head)
    (fault,) = faults_of(path)
    assert (fault.path, fault.file, fault.line, fault.column) == ("extends", str(path), 1, 10)
    assert told in str(fault)
    assert str(fault.excerpt).startswith("extends: ")


def test_a_circle_is_told_where_it_closes(folder: Path) -> None:
    (folder / "parent.yaml").write_text("# first\nextends: ./child.yaml\n" + PARENT)
    (fault,) = faults_of(overlay(folder))
    assert (fault.file, fault.line) == (str(folder / "parent.yaml"), 2)
    assert (
        fault.found
        == f"a circle: {' -> '.join(str(folder / f'{n}.yaml') for n in ('child', 'parent', 'child'))}"
    )


def test_a_chain_has_an_end(folder: Path) -> None:
    for place in range(20):
        (folder / f"{place}.yaml").write_text(f"extends: {place + 1}.yaml\nstudy: child\n")
    (folder / "20.yaml").write_text(PARENT)
    (fault,) = faults_of(folder / "0.yaml")
    assert fault.found == "a chain of more than 16 files"
    assert mcrace.load(folder / "5.yaml").digest == mcrace.load(folder / "parent.yaml").digest
    assert faults_of(folder / "4.yaml")[0].file == str(folder / "19.yaml")


def test_a_parent_that_is_no_study(folder: Path) -> None:
    for text, line in (("- 1\n", 1), ("study: [\n", 2), ("a: &x 1\n", 1)):
        (folder / "parent.yaml").write_text(text)
        (fault,) = faults_of(overlay(folder))
        assert (fault.file, fault.line) == (str(folder / "parent.yaml"), line)


def test_a_fault_is_told_in_the_file_that_wrote_it(folder: Path) -> None:
    parent = folder / "parent.yaml"
    parent.write_text(PARENT.replace("current_expense: 2e6", "current_expense: -2").replace("p95", "p1000"))
    path = overlay(folder, "model:\n  horizon_days: -1\n  lab: {candidat_expense: 4e6}\n")
    told = [(fault.file, fault.line, fault.path) for fault in faults_of(path)]
    assert told == [
        (str(path), 4, "model.horizon_days"),
        (str(path), 5, "model.lab.candidat_expense"),
        (str(parent), 10, "model.lab.current_expense"),
        (str(parent), 12, "model.customers.count.lognormal.p1000"),
    ]
    assert faults_of(path)[2].excerpt == parent.read_text().splitlines()[9]
    assert faults_of(path)[1].excerpt == "  lab: {candidat_expense: 4e6}"


@pytest.mark.parametrize("entry", ["{uniform: [2, 1]}", "{law: {uniform: [2, 1]}}"])
def test_a_fault_in_a_new_law_of_an_old_input(folder: Path, entry: str) -> None:
    path = overlay(folder, f"inputs:\n  a: {entry}\n")
    (fault,) = faults_of(path)
    assert (fault.file, fault.line) == (str(path), 4)
    assert fault.path.startswith("inputs.a.law.uniform")
    assert int(fault.column or 0) > len("  a: ")


def test_an_old_law_below_new_notes_stands_in_the_parent(folder: Path) -> None:
    parent = folder / "parent.yaml"
    parent.write_text(PARENT.replace("b: 3", "b: {uniform: [4, 3]}"))
    (fault,) = faults_of(overlay(folder, "inputs: {b: {label: B}}"))
    assert (fault.file, fault.line) == (str(parent), 6)


def test_a_fault_of_an_inherited_scenario(folder: Path) -> None:
    (folder / "parent.yaml").write_text(PARENT.replace("late: {inputs.b: 5}", "late: {inputs.bb: 5}"))
    (fault,) = faults_of(overlay(folder))
    assert (fault.file, fault.line, fault.nearest) == (str(folder / "parent.yaml"), 15, "b")


def test_nothing_to_remove_is_told_with_all_else(folder: Path) -> None:
    path = overlay(folder, "model:\n  horizon_day: ~\n  regulation: {halt: ~}\n  open: {x: 1}\ntitle: ~\n")
    faults = faults_of(path)
    gone = [(fault.path, fault.line, fault.nearest) for fault in faults if fault.found == "~"]
    assert gone == [
        ("model.horizon_day", 4, "horizon_days"),
        ("model.regulation.halt", 5, None),
        ("title", 7, None),
    ]
    assert "model.open.x" in [fault.path for fault in faults]
    assert [fault.line for fault in faults] == sorted(fault.line or 0 for fault in faults)
    assert "parent.yaml has nothing here that could be removed" in str(faults[0])


def test_the_name_is_not_inherited(folder: Path) -> None:
    path = overlay(folder, head="extends: parent.yaml\n")
    (fault,) = faults_of(path)
    assert (fault.path, fault.found, fault.file) == ("study", "nothing", str(path))


def test_a_text_can_extend_nothing() -> None:
    with pytest.raises(mcrace.StudyError) as caught:
        Study.from_text("extends: parent.yaml\n" + PARENT)
    (fault,) = caught.value.faults
    assert (fault.path, fault.line) == ("extends", 1)
    assert "no file" in str(fault)


def test_set_can_extend_nothing(folder: Path) -> None:
    with pytest.raises(mcrace.StudyError) as caught:
        mcrace.load(overlay(folder), {"extends": "parent.yaml"})
    (fault,) = caught.value.faults
    assert (fault.path, fault.file) == ("extends", None)


def test_faults_of_changes_stand_in_no_file(folder: Path) -> None:
    with pytest.raises(mcrace.StudyError) as caught:
        mcrace.load(overlay(folder), {"model.horizon_days": -1})
    (fault,) = caught.value.faults
    assert (fault.path, fault.file, fault.line) == ("model.horizon_days", None, None)
