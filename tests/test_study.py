"""Studies: scenarios, dimensions, the digest, travel, the JSON Schema and the files that come along."""

import copy
import pickle
import random
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

import mcrace.study
from mcrace.errors import StudyError
from mcrace.nomenclature import KEYS, OFF
from mcrace.study import BASE, Study, load, study_schema
from mcrace.study.digest import digest_of
from mcrace.study.document import read_document, read_text
from mcrace.study.parts import Sampling
from mcrace.study.paths import with_change
from mcrace.study.terms import InputName
from mcrace.study.write import study_yaml
from tests.faulty_studies import STUDY

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("*.yaml"))
STARTER = Path(mcrace.study.__file__).parent / "starter.yaml"
SHIPPED = [*CONFIGS, STARTER]
BASELINE = next(path for path in CONFIGS if path.name == "baseline.yaml")


def study(**changes):
    """Make the tiny study with paths changed, dots written as __."""
    value = read_text(STUDY).value
    for path, new in changes.items():
        value = with_change(value, path.replace("__", "."), new, anywhere=True)
    return Study(**value)


def dimensions(one, scenario=0):
    return {item.name: item.dimension for item in one.scenarios[scenario].inputs}


def named(scenario, name):
    return next(item for item in scenario.inputs if item.name == name)


# Files that come along


def test_there_are_shipped_studies():
    assert len(CONFIGS) >= 3


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_studies_load(path):
    one = load(path)
    assert one.base.name == BASE
    assert one.title
    assert one.question
    assert one.file == str(path)
    assert len({scenario.name for scenario in one.scenarios}) == len(one.scenarios)
    assert load(str(path)) == one


def test_every_input_of_the_baseline_has_a_source():
    for item in load(BASELINE).inputs:
        assert item.source, item.name
        assert item.source == "assumed" or len(item.source.split()) >= 5, item.name


def test_the_starter_says_that_its_numbers_are_assumed():
    assert {item.source for item in load(STARTER).inputs if not item.name.startswith("model.")} == {"assumed"}


EXAMPLES = list(re.finditer(r"^( *)# ([a-z_]+: .+)$", STARTER.read_text(), re.MULTILINE))


def test_the_starter_shows_the_newer_sections():
    shown = {found[2].split(":")[0] for found in EXAMPLES}
    assert {"as_of", "correlations", "quantities", "process", "market", "regulation"} <= shown
    assert all(word in STARTER.read_text() for word in ("one_of", "since", "each", "mixture", "quantiles"))


@pytest.mark.parametrize("found", EXAMPLES, ids=lambda found: found[2][:30])
def test_each_example_of_the_starter_is_right_in_its_place(found):
    text = STARTER.read_text()
    one = Study.from_text(text[: found.start()] + found[1] + found[2] + text[found.end() :])
    jsonschema.Draft202012Validator(study_schema()).validate(one.document)
    assert one.digest != load(STARTER).digest or found[2].startswith(("as_of", "analysis", "forecast"))


def test_all_examples_of_the_starter_together_are_right():
    text, told = STARTER.read_text(), set()
    for found in reversed(EXAMPLES):
        key = found[2].split(":")[0]
        if key not in told:  # one of two ways to write the same section
            told.add(key)
            text = text[: found.start()] + found[1] + found[2] + text[found.end() :]
    assert len(told) >= 10
    one = Study.from_text(text)
    assert one.correlations is not None
    assert one.quantities
    assert str(one.as_of) == "2026-11-22"


# Scenarios


def test_base_comes_first_and_holds_the_study_as_written():
    one = study()
    assert [scenario.name for scenario in one.scenarios] == ["base", "early"]
    assert one.base.changes == {}
    assert one.scenarios[1].changes == {"inputs.day": 30}
    assert one.base.model["open"]["releases"][0]["expense"].names == ("x",)


def test_a_level_of_quantiles_is_one_step_of_a_path(tmp_path):
    levels = "day: {unit: days, law: {quantiles: {0.05: 10, 0.5: @, 0.95: 200}}}"
    text = "as_of: 2026-11-22\n" + STUDY.replace("day: {law: {uniform: [0, 200]}}", levels)
    path = "inputs.day.law.quantiles.0.5"
    for new, day in (("90", 90), ("2026-12-22", 30)):
        one = Study.from_text(text.replace("@", "50").replace("inputs.day: 30", f"{path}: {new}"))
        base, early = (named(scenario, "day").law for scenario in one.scenarios)
        assert (base.values, early.values) == ((10, 50, 200), (10, day, 200))
        (tmp_path / "s.yaml").write_text(text.replace("@", "50"))
        assert load(tmp_path / "s.yaml", {path: new if "-" in new else day}).inputs[1].law == early
        assert len(one.digest) == 64
    with pytest.raises(
        StudyError, match=r"early \(inputs.day.law.quantiles.0.95\): found 200.0, .* above 300"
    ):
        Study.from_text(text.replace("@", "50").replace("inputs.day: 30", f"{path}: 300"))


def test_a_number_in_place_of_a_law_keeps_the_words():
    one = study(scenarios={"a": {"inputs.x": 5e7}, "b": {"inputs.x": {"uniform": [1e7, 2e7]}}})
    for scenario, text in zip(one.scenarios[1:], ("5e+07", "uniform(low=1e+07, high=2e+07)"), strict=True):
        item = named(scenario, "x")
        assert (item.unit, item.label, item.source, item.text) == ("USD", "x", "assumed", text)
    assert named(one.scenarios[1], "x").dimension is None
    assert named(one.scenarios[2], "x").dimension == named(one.base, "x").dimension


def test_words_may_be_given_anew_in_whole_or_in_part():
    changes = [
        {"inputs.x": {"law": 5e7, "label": "New"}},
        {"inputs.x.label": "New", "inputs.x.law": 5e7},
        {"inputs.x": {"law": {"uniform": [1e7, 2e7]}}},
        {"inputs.rate.unit": "a year"},
    ]
    one = study(scenarios={f"s{row}": change for row, change in enumerate(changes)})
    first, second, third, fourth = one.scenarios[1:]
    assert first.inputs == second.inputs
    assert (named(first, "x").label, named(first, "x").unit) == ("New", "USD")
    assert named(third, "x").unit == "USD"
    assert (named(fourth, "rate").law, named(fourth, "rate").unit) == (0.1, "a year")


def test_sections_members_and_keys_that_base_leaves_out_can_change():
    curve = {"curve": "hill", "ceiling": 1, "half": 1e8, "steepness": 0.5}
    one = study(
        scenarios={
            "section": {"model.value": curve},
            "member": {"model.open.releases.0.day": 7},
            "default": {"model.lab.training_days": 90},
            "list": {"model.open.releases": []},
        }
    )
    section, member, default, none = (scenario.model for scenario in one.scenarios[1:])
    assert section["value"] == curve
    assert member["open"]["releases"][0]["day"] == 7.0
    assert member["open"]["releases"][0]["expense"] == one.base.model["open"]["releases"][0]["expense"]
    assert default["lab"]["training_days"] == 90.0
    assert "training_days" not in one.base.model["lab"]
    assert none["open"]["releases"] == []


def test_sections_change_before_what_is_in_them_whatever_the_order():
    curve = {"curve": "log", "scale": 1, "reference": 2e6}
    ways = [{"model.value": curve, "model.value.scale": 3}, {"model.value.scale": 3, "model.value": curve}]
    one, two = (study(scenarios={"a": way}) for way in ways)
    assert one.scenarios[1].model == two.scenarios[1].model
    assert one.scenarios[1].model["value"]["scale"] == 3.0
    assert one.digest == two.digest


def test_a_scenario_leaves_the_values_it_was_given_alone():
    scenarios = {"a": {"model.value": {"curve": "log", "scale": 1, "reference": 2e6}, "model.value.scale": 3}}
    before = copy.deepcopy(scenarios)
    study(scenarios=scenarios)
    assert scenarios == before


def test_an_inline_law_is_an_input_named_by_its_path():
    one = study(
        model__customers__count={"uniform": [1, 2]}, model__open__releases__0__day={"uniform": [3, 4]}
    )
    assert one.base.model["customers"]["count"] == InputName("model.customers.count")
    assert named(one.base, "model.customers.count").unit == "customers"
    assert named(one.base, "model.open.releases.0.day").unit == "days"


# Dimensions: the same draws


def test_every_random_input_has_a_dimension_of_its_own():
    one = study(model__customers__count={"uniform": [1, 2]})
    assert dimensions(one) == {"x": 2, "day": 0, "rate": None, "model.customers.count": 1}


def test_the_order_of_the_file_changes_no_dimension():
    value = read_document(BASELINE).value
    shuffled = copy.deepcopy(value)
    for section in ("inputs", "model", "scenarios"):
        items = list(shuffled[section].items())
        random.Random(7).shuffle(items)  # noqa: S311 - no secret
        shuffled[section] = dict(items)
    assert list(shuffled["inputs"]) != list(value["inputs"])
    one, two = Study(**value), Study(**dict(reversed(shuffled.items())))
    assert dimensions(one) == dimensions(two)
    assert one.digest == two.digest


def test_a_new_scenario_leaves_the_dimensions_of_base_alone():
    one = study()
    two = study(
        scenarios={
            "early": {"inputs.day": 30},
            "more": {"inputs.aa": {"uniform": [1, 2]}, "model.discount_rate": "aa", "inputs.x": 5e7},
            "rated": {"inputs.rate": {"uniform": [0, 1]}},
        }
    )
    assert dimensions(one) == dimensions(two) == dimensions(two, 1) | {"day": 0}
    assert dimensions(two, 2) == {"x": None, "day": 0, "rate": None, "aa": 2}
    assert dimensions(two, 3) == {"x": 1, "day": 0, "rate": 3}


def test_words_and_sampling_change_no_dimension():
    one = study(title="Other", inputs__x__label="Other", sampling__seed=8, sampling__method="random")
    assert dimensions(one) == dimensions(study())


# The digest


SAME = [
    {"study": "other"},
    {"title": "Other"},
    {"question": "Why?"},
    {"inputs.x.label": "Other"},
    {"inputs.x.unit": "EUR"},
    {"inputs.x.source": "me"},
    {"inputs.rate.source": "me"},
    {"inputs.rate": {"law": 0.1, "label": "Rate"}},
    {"model.horizon_days": 730.0},
    {"scenarios.early": {"inputs.day": 30.0}},
    {"scenarios.early": {"inputs.day": 30, "inputs.x.label": "Other"}},
    {"scenarios.early": {"inputs.day": {"law": 30, "label": "Other"}}},
    {"sampling.keep": 16_384},
    {"sampling.draws": 1024.0},
]
OTHER = [
    {"inputs.rate": 0.1000000001},
    {"inputs.day": {"uniform": [0, 201]}},
    {"inputs.day": {"uniform": [0, 200], "bounds": [0, 100]}},
    {"inputs.new": 1},
    {"model.horizon_days": 731},
    {"model.discount_rate": "rate * 1"},
    {"model.lab.counts_training_cost": False},
    {"model.value.curve": "log", "model.lab.start_day": 1},
    {"scenarios.early": {"inputs.day": 31}},
    {"scenarios.late": {"inputs.day": 30}},
    {"scenarios": {}},
    {"sampling.seed": 8},
    {"sampling.draws": 2048},
    {"sampling.method": "random"},
    {"sampling.replicates": 8},
    {"sampling.keep": 100},
]


def with_changes(changes):
    value = read_text(STUDY).value
    for path, new in changes.items():
        value = with_change(value, path, new, anywhere=True)
    return Study(**value)


@pytest.mark.parametrize("changes", SAME, ids=str)
def test_the_digest_is_blind_to_words_and_spelling(changes):
    assert with_changes(changes).digest == study().digest


def test_the_digest_is_blind_to_comments_and_to_how_numbers_are_written():
    text = (
        STUDY.replace("730", "7.3e+2 # days")
        .replace("1024", "1_024")
        .replace("1e6}\n  cust", "1000000}\n  cust")
    )
    assert Study.from_text("# a study\n" + text).digest == study().digest


def test_the_digest_sees_all_that_the_numbers_depend_on():
    digests = [study().digest, *(with_changes(changes).digest for changes in OTHER)]
    assert len(set(digests)) == len(digests)


def test_large_seeds_lose_no_digit_in_the_digest():
    assert study(sampling__seed=2**60).digest != study(sampling__seed=2**60 + 1).digest


def test_the_sampling_of_the_digest_is_that_of_a_study():
    value = read_text(STUDY).value
    del value["sampling"]
    assert Study(**value).sampling == Sampling()
    assert digest_of(value) == digest_of({**value, "sampling": {"draws": Sampling().draws}})


# Travel


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_study_survives_pickle_and_yaml(path, tmp_path):
    one = load(path)
    two = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own
    assert two == one
    copied = tmp_path / "study.yaml"
    copied.write_text(study_yaml(one.document), encoding="utf-8")
    three = load(copied)
    assert three.document == one.document
    assert three.digest == one.digest
    assert three.scenarios == one.scenarios
    assert yaml.safe_load(study_yaml({"a": 1e-7, "b": 1e22})) == {"a": 1e-7, "b": 1e22}


def test_words_that_look_like_numbers_stay_words(tmp_path):
    one = study(
        title="1e9", question="no", inputs__x__label=": x", inputs__x__source="null", inputs__x__unit="~"
    )
    copied = tmp_path / "study.yaml"
    copied.write_text(study_yaml(one.document), encoding="utf-8")
    assert load(copied).document == one.document
    assert load(copied).title == "1e9"


def test_a_study_does_not_change_with_what_it_was_made_of():
    value = read_text(STUDY).value
    one = Study(**value)
    digest = one.digest
    value["model"]["horizon_days"] = 1
    value["scenarios"]["early"]["inputs.day"] = 1
    assert one.digest == digest
    assert one.scenarios[1].changes == {"inputs.day": 30}


def test_changes_become_part_of_the_study(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(STUDY)
    one = load(path, {"model.horizon_days": 365, "sampling.seed": 8, "title": "Other"})
    assert (one.base.model["horizon_days"], one.sampling.seed, one.title) == (365.0, 8, "Other")
    assert one == Study.from_text(study_yaml(one.document), str(path))


@pytest.mark.parametrize("path", ["model..x", ".", "model.", "a.0.b"])
def test_paths_that_lead_nowhere_are_refused(path):
    with pytest.raises(StudyError):
        with_change({"model": {}}, path, 1, anywhere=True)


# The JSON Schema


def test_the_json_schema_is_one_and_takes_every_shipped_study():
    schema = study_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in SHIPPED:
        assert [error.message for error in validator.iter_errors(read_document(path).value)] == []
    assert validator.is_valid(read_text(STUDY).value)


def test_the_json_schema_tells_every_key_and_its_meaning():
    schema = study_schema()
    for path, key in KEYS.items():
        node = schema["$defs"]["Study"]["properties"]["model"]
        for part in path.split("."):
            node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]["properties"][
                part.removesuffix("[]")
            ]
            node = node["items"] if part.endswith("[]") else node
        assert key.meaning in node["description"], path
        assert key.range_text in node["description"], path
        assert node.get("default") == (None if key.default == OFF else key.default), path


def test_every_reference_of_the_json_schema_leads_somewhere():
    schema = study_schema()
    references = set(_references(schema))
    assert references
    assert {reference.removeprefix("#/$defs/") for reference in references} <= set(schema["$defs"])


def _references(node):
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref" and isinstance(value, str))
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _references(below)
