"""What is wrong with a study is told at once: where, what was found, what would be right."""

import copy
import random
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from mcrace.errors import StudyError
from mcrace.laws import LAWS
from mcrace.nomenclature import children
from mcrace.study import Study, load, study_schema
from mcrace.study.document import read_document, read_text
from mcrace.study.write import study_yaml
from tests.faulty_studies import FAULTY, STUDY, changed
from tests.whole_study import WHOLE

CONFIGS = Path(__file__).parents[1] / "configs"
THEOREM = read_document(CONFIGS / "theorem.yaml").value
BASELINE = read_document(CONFIGS / "baseline.yaml").value


def faults_of(text):
    with pytest.raises(StudyError) as caught:
        Study.from_text(text, "s.yaml")
    return caught.value.faults


def place_of_mark(text):
    before = text[: text.index("«")]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_the_study_itself_is_right():
    assert Study.from_text(STUDY).name == "tiny"
    assert len(FAULTY) >= 250


@pytest.mark.parametrize(
    ("old", "new", "path", "found", "expected", "nearest"), FAULTY, ids=[f"{r[2]}-{r[3]}" for r in FAULTY]
)
def test_one_fault_is_told_once_and_at_its_place(old, new, path, found, expected, nearest):
    text = changed(old, new)
    (fault,) = faults_of(text.replace("«", ""))
    assert fault.path == path
    assert found in fault.found
    assert expected in fault.expected
    assert fault.nearest == nearest
    assert fault.file == "s.yaml"
    if "«" in text:
        assert (fault.line, fault.column) == place_of_mark(text)
    assert str(fault).splitlines()[0].startswith(f"s.yaml:{fault.line}:{fault.column}: {path}: found ")


@pytest.mark.parametrize(("old", "new", "path"), [row[:3] for row in FAULTY])
def test_a_study_made_in_python_has_the_same_faults(old, new, path):
    document = read_text(changed(old, new).replace("«", "")).value
    document.setdefault("study", None)
    model = document.pop("model", None)
    try:
        Study(model=model, **document)
    except TypeError as error:
        assert "unexpected keyword" in str(error)  # noqa: PT017 - Python itself refuses it
    except StudyError as error:
        faults = [fault for fault in error.faults if fault.path.split(" ")[0] == path.split(" ")[0]]
        assert faults or path in ("study", "model")
        assert all(fault.file is None and fault.line is None for fault in error.faults)  # noqa: PT017
    else:
        assert path in document and document[path] is None  # noqa: PT018 - in Python that is no section


def test_all_faults_of_a_file_are_told_in_its_order():
    text = STUDY
    for old, new in (
        ("title: A", "titel: A"),
        ("uniform: [0, 200]", "uniform: [200, 0]"),
        ("730", "-1"),
        ("rate: rate", "rate: rat"),
        ("3 * x}", "3 * xx, size: 1}"),
        ("curve: log", "curve: power"),
        ("count: 1e6", "count: -1"),
        ("early: {inputs.day: 30}", "early: {inputs.dya: 30, model.horizon_days: -2}\n  ../up: {}"),
        ("draws: 1024", "draw: 1024"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    faults = faults_of(text)
    assert [fault.path for fault in faults] == [
        "titel",
        "inputs.day.law.uniform.1",
        "model.horizon_days",
        "model.discount_rate",
        "model.open.releases.0.expense",
        "model.open.releases.0.size",
        "model.value.exponent",
        "model.customers.count",
        "scenarios.early.model.horizon_days",
        "scenarios.../up",
        "sampling.draw",
    ]
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
    assert len({(fault.path, fault.found) for fault in faults}) == len(faults)


def test_a_fault_of_base_is_not_told_again_for_each_scenario():
    text = STUDY.replace("730", "-1") + "".join(f"# {n}\n" for n in range(3))
    text = text.replace(
        "early: {inputs.day: 30}", "\n  ".join(f"s{n}: {{inputs.day: {n}}}" for n in range(5))
    )
    assert [fault.path for fault in faults_of(text)] == ["model.horizon_days"]


@pytest.mark.parametrize("text", ["3", "text", "[]", "---", "[study, model]"])
def test_what_is_no_mapping_is_no_study(text):
    (fault,) = faults_of(text)
    assert (fault.line, fault.path) == (1, "")
    assert "a mapping with the keys study and model" in fault.expected


def test_changes_from_outside_are_not_blamed_on_the_file(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(STUDY)
    with pytest.raises(StudyError) as caught:
        load(path, {"model.horizon_days": -1, "inputs.day.unit": "days"})
    (fault,) = caught.value.faults
    assert (fault.path, fault.file, fault.line) == ("model.horizon_days", None, None)
    with pytest.raises(StudyError):
        load(path, {"": 1})


def _typos(name, random_source):
    at = random_source.randrange(len(name) - 1)
    yield name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    yield name[:at] + name[at + 1 :]
    yield name[: at + 1] + name[at] + name[at + 1 :]
    yield name[:at] + random_source.choice("aeiou_s") + name[at + 1 :]


def test_nearly_every_typo_is_told_what_was_meant():
    random_source = random.Random(20261122)  # noqa: S311 - no secret
    right = tried = 0
    sections = ("", "open", "open.releases[]", "open.process", "lab", "lab.strategic", "value", "customers")
    for section in (*sections, "market", "market.rivals[]", "niches.list[]", "regulation", "beliefs"):
        for name in children(section):
            for typo in _typos(name, random_source):
                if typo in children(section):
                    continue
                tried += 1
                model = copy.deepcopy(read_text(WHOLE).value["model"])
                node = model
                for part in section.replace("[]", ".0").split(".") if section else ():
                    node = node[int(part) if part.isdecimal() else part]
                node[typo] = node.pop(name, 1)
                with pytest.raises(StudyError) as caught:
                    Study(study="a", model=model)
                right += any(fault.nearest == name for fault in caught.value.faults)
    for law in LAWS:
        for typo in _typos(law, random_source):
            if typo in LAWS:
                continue
            tried += 1
            with pytest.raises(StudyError) as caught:
                Study(study="a", model=THEOREM["model"], inputs={"x": {typo: [1, 2]}})
            right += any(fault.nearest == law for fault in caught.value.faults)
    assert tried > 100
    assert right >= 0.9 * tried


# What a scenario's paths lead to is beyond a JSON Schema.
STRUCTURAL = [
    row
    for row in FAULTY
    if (row[3] == "an unknown key" or row[4] in ("a mapping of keys", "a list", "text"))
    and not row[2].startswith("scenarios.early.")
]


@pytest.mark.parametrize(("old", "new"), [row[:2] for row in STRUCTURAL], ids=[row[2] for row in STRUCTURAL])
def test_the_json_schema_refuses_structural_faults(old, new):
    document = read_text(changed(old, new).replace("«", "")).value
    assert not jsonschema.Draft202012Validator(study_schema()).is_valid(document)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [
            "",
            "x",
            "training",
            "1e9",
            "x y",
            "__import__('os')",
            "\ud800",
            "a\nb",
            "day + ",
            "9" * 5_000,
            [],
            {},
            [[]],
            float("nan"),
            float("inf"),
            -float("inf"),
            1e308,
            -1,
            0,
            10**400,
            10**5_000,
            -(10**20),
            1e-320,
            {"law": {}},
            {"law": None},
            {"uniform": [0, 1]},
            {"normal": {"mean": 0, "sd": 1}},
            {"bounds": [1, 2]},
            {"day": 1},
            [1, 2],
            [[1, 2], [3, 4]],
            {"": 1},
            {"a.b": 1},
            {"0": 1},
            {"base": {}},
            {"inputs.day": 1},
            {"model.value": {}, "model.value.curve": "hill"},
            {"inputs": 1},
            {"lognormal": {"p05": 1, "p5": 2}},
            {"each": {"uniform": [1, 2]}},
            {"each": {"each": 1}},
            {"each": 3, "bounds": [1, 2]},
        ]
    ),
    st.integers(1, 80).map(lambda depth: _nested(depth)),
)


def _nested(depth):
    value = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def _paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from _paths(item, (*path, name))


@st.composite
def mutants(draw, document):
    value = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        paths = [path for path in _paths(value) if path]
        if not paths:
            break
        *above, last = draw(st.sampled_from(paths))
        node = value
        for part in above:
            node = node[part]
        action = draw(st.sampled_from(["drop", "rename", "double", "swap", "swap", "swap"]))
        if action == "drop":
            del node[last]
        elif action == "swap":
            node[last] = copy.deepcopy(draw(ODD))
        elif action == "double":
            twin = f"{last}_" if isinstance(node, dict) else len(node) - 1
            node[twin] = copy.deepcopy(node[last])
        elif isinstance(node, dict):
            node[draw(st.sampled_from(["", "day", "law", "base", "0", "a.b", "inputs.day", "é", "a\nb"]))] = (
                node.pop(last)
            )
    return value


FUZZ = settings(deadline=None, database=None)


@seed(20261122)
@settings(FUZZ, max_examples=60)
@given(st.one_of(mutants(THEOREM), mutants(BASELINE), mutants(read_text(WHOLE).value)), st.booleans())
def test_whatever_stands_in_a_study_it_is_a_study_or_a_study_error(document, in_text):
    check_mutant(document, in_text=in_text)


@pytest.mark.slow
@seed(20261123)
@settings(FUZZ, max_examples=100)
@given(st.one_of(mutants(THEOREM), mutants(BASELINE), mutants(read_text(WHOLE).value)), st.booleans())
def test_whatever_stands_in_many_studies_they_are_studies_or_study_errors(document, in_text):
    check_mutant(document, in_text=in_text)


def check_mutant(document, *, in_text):
    try:
        text = study_yaml(document) if in_text else None
    except ValueError:  # a whole number that Python itself does not write
        text = None
    try:
        if text is not None:
            study = Study.from_text(text, "s.yaml")
        else:
            known = {"study", "model", "title", "question", "inputs", "scenarios", "sampling"}
            study = Study(
                **{"study": "a", "model": {}, **{key: document[key] for key in document if key in known}}
            )
    except StudyError as error:
        assert error.faults  # noqa: PT017
        str(error).encode("utf-8", "backslashreplace")
        places = [fault.line for fault in error.faults if fault.line is not None]
        assert places == sorted(places)
        assert len({(fault.path, fault.found, fault.line) for fault in error.faults}) == len(error.faults)  # noqa: PT017
    else:
        assert len(study.digest) == 64


@pytest.mark.parametrize(
    "strange", [np.array([1.0, 2.0]), object(), b"x", {1, 2}, 1j, len], ids=lambda value: type(value).__name__
)
def test_values_that_only_python_has_are_refused_anywhere(strange):
    for path in (path for path in _paths(read_text(STUDY).value) if path):
        value = read_text(STUDY).value
        node = value
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = strange
        with pytest.raises(StudyError):
            Study(**value)


def test_every_required_key_is_told_when_the_model_is_empty():
    with pytest.raises(StudyError) as caught:
        Study(study="a", model={})
    told = {fault.path for fault in caught.value.faults}
    assert told == {f"model.{name}" for name in ("horizon_days", "value", "customers", "open", "lab")}
