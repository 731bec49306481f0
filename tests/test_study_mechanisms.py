"""Studies of every mechanism: sections that may be absent, one key of two, laws that are drawn anew."""

import copy
import pickle
import re

import jsonschema
import numpy as np
import pytest

from mcrace.engine.evaluate import model_of
from mcrace.errors import StudyError
from mcrace.nomenclature import KEYS, OPTIONAL_SECTIONS, children
from mcrace.study import Study, families_as_one, study_schema
from mcrace.study.document import read_text
from mcrace.study.names import key_path
from mcrace.study.paths import with_change
from mcrace.study.terms import InputName
from mcrace.study.write import study_yaml
from mcrace.terminal.check import check_record, check_text
from mcrace.terminal.explain import explain_text
from tests.whole_study import WHOLE


def whole(**changes):
    """Make the whole study with paths changed, dots written as __."""
    value = read_text(WHOLE).value
    for path, new in changes.items():
        value = with_change(value, path.replace("__", "."), new, anywhere=True)
    return Study(**value)


def scenario(one, name):
    return next(item for item in one.scenarios if item.name == name)


def dimensions(one, name="base"):
    return {item.name: item.dimension for item in scenario(one, name).inputs}


def growths(one, name="base"):
    family = "model.open.process.growth"
    return [item for item in scenario(one, name).inputs if item.family == family]


def paths_of(value, path=()):
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths_of(item, (*path, name))
    elif isinstance(value, list) and key_path(path) not in KEYS:
        for index, item in enumerate(value):
            yield from paths_of(item, (*path, str(index)))
    else:
        yield key_path(path)


# Every key


def test_the_whole_study_gives_every_key():
    given = {path for item in whole().scenarios for path in paths_of(item.model)}
    assert given == set(KEYS)


def test_the_json_schema_takes_the_whole_study():
    validator = jsonschema.Draft202012Validator(study_schema())
    assert [error.message for error in validator.iter_errors(read_text(WHOLE).value)] == []


def test_the_whole_study_travels():
    one = whole()
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    two = Study.from_text(study_yaml(one.document))
    assert (two.scenarios, two.digest) == (one.scenarios, one.digest)


def test_what_is_not_given_is_not_in_the_model():
    value = read_text(WHOLE).value
    for section in ("market", "niches", "regulation", "beliefs", "value.satiation", "open.process"):
        *above, name = ("model", *section.split("."))
        node = value
        for part in above:
            node = node[part]
        del node[name]
    for key in ("caution", "strategic", "candidate_expense"):
        del value["model"]["lab"][key]
    value["model"]["lab"]["budget"] = 1e9
    del value["model"]["open"]["chase"], value["model"]["open"]["releases"], value["scenarios"]
    model = Study(**value).base.model
    assert set(model) == {"horizon_days", "discount_rate", "value", "customers", "open", "lab"}
    assert model["open"].keys() == {"current_expense"}
    assert model["lab"]["budget"] == 1e9


@pytest.mark.parametrize("section", ["market", "niches", "regulation", "beliefs"])
def test_sections_of_defaults_may_stand_empty(section):
    assert whole(**{f"model__{section}": {}}, scenarios={}).base.model[section] == {}


@pytest.mark.parametrize("section", OPTIONAL_SECTIONS)
def test_an_optional_section_that_is_there_needs_its_keys(section):
    with pytest.raises(StudyError) as caught:
        whole(**{f"model.{section}".replace(".", "__"): {}}, scenarios={})
    needed = {f"model.{path}" for path in children(section).values() if KEYS[path].default is None}
    assert {fault.path for fault in caught.value.faults} == needed
    assert all(fault.found == "nothing" for fault in caught.value.faults)


@pytest.mark.parametrize(
    "lab",
    [
        {"current_expense": 1e8},
        {"current_expense": 1e8, "candidate_expense": 2e8, "budget": 1e8},
    ],
    ids=["none", "both"],
)
def test_the_json_schema_wants_exactly_one_of_two(lab):
    value = read_text(WHOLE).value
    value["model"]["lab"] = lab
    assert not jsonschema.Draft202012Validator(study_schema()).is_valid(value)


@pytest.mark.parametrize("count", ["n", {"discrete": {"values": [1, 2]}}, 0, 1.5])
def test_the_json_schema_wants_a_certain_count(count):
    value = with_change(read_text(WHOLE).value, "model.open.process.count", count)
    assert not jsonschema.Draft202012Validator(study_schema()).is_valid(value)


@pytest.mark.parametrize(
    "value", [{"each": 3}, {"each": {"uniform": [1, 2]}, "bounds": [1, 2]}, {"each": {}}]
)
def test_the_json_schema_wants_a_law_below_each(value):
    document = with_change(read_text(WHOLE).value, "model.open.process.growth", value)
    assert not jsonschema.Draft202012Validator(study_schema()).is_valid(document)


# Numbers that may be what they are


def test_whole_numbers_may_be_laws_of_whole_numbers():
    for firms in (2, 2.0, "firms", "2 * firms", {"discrete": {"values": [1, 5]}}):
        assert whole(model__market__firms=firms).base.model["market"]["firms"] is not None


@pytest.mark.parametrize("count", [5e6, {"lognormal": {"p05": 1e6, "p95": 1e7}}, "x", "1e7 * share"])
def test_a_ceiling_that_no_draw_shows_to_be_wrong_is_left_to_the_draws(count):
    assert whole(model__customers__count=count).base.model["customers"]["ceiling"] == 5e6


@pytest.mark.parametrize("shares", [[0, 1], ["0 * x", 0], [{"uniform": [0, 1]}]])
def test_shares_that_are_not_all_zero_are_right(shares):
    members = [{"share": share} for share in shares]
    assert len(whole(model__niches__list=members).base.model["niches"]["list"]) == len(shares)


@pytest.mark.parametrize(
    "path",
    [
        "market.rivals.0.release_day",
        "open.releases.0.day",
        "open.process.first_day",
        "open.process.interval_days",
        "open.chase.lag_days",
    ],
)
def test_days_may_be_never(path):
    assert whole(**{f"model.{path}".replace(".", "__"): float("inf")}).digest
    with_infinity = {"discrete": {"values": [30, float("inf")]}}
    assert whole(**{f"model.{path}".replace(".", "__"): with_infinity}).digest


def test_only_those_days_may_be_never():
    never = {
        path for path, key in KEYS.items() if key.kind == "number" and not key.high_open and key.high > 1
    }
    assert never == {
        "market.rivals[].release_day",
        "open.releases[].day",
        "open.process.first_day",
        "open.process.interval_days",
        "open.chase.lag_days",
    }


# Laws that are drawn anew


def test_a_law_below_each_is_one_input_for_each_member():
    one = whole()
    process = one.base.model["open"]["process"]
    assert process["growth"] == [InputName(f"model.open.process.growth.{member}") for member in range(4)]
    names = [f"model.open.process.interval_days.{member}" for member in range(3)]
    assert process["interval_days"] == [InputName(name) for name in names]
    given = {item.name: item for item in one.inputs}
    last = given["model.open.process.growth.3"]
    assert (last.label, last.family) == ("open.process.growth, release 4", "model.open.process.growth")
    between = given["model.open.process.interval_days.0"]
    assert (between.label, between.unit) == ("open.process.interval_days, before release 2", "days")
    assert {item.family for item in one.inputs} == {
        "",
        "model.open.process.growth",
        "model.open.process.interval_days",
    }
    assert len({item.law for item in growths(one)}) == 1
    assert len({item.dimension for item in one.inputs if item.dimension is not None}) == 13


def test_other_counts_and_laws_share_the_draws():
    one = whole()
    base = dimensions(one)
    for name, count in (("fewer", 2), ("more", 6), ("steady", 0), ("other", 4)):
        mine = growths(one, name)
        assert len(mine) == count
        assert all(item.dimension == base.get(item.name, item.dimension) for item in mine)
    assert len({item.dimension for item in growths(one, "more")} - set(base.values())) == 2
    assert scenario(one, "steady").model["open"]["process"]["growth"] == 1.5
    without = dimensions(whole(scenarios={}))
    assert base == without


def test_one_release_has_no_interval():
    process = whole(model__open__process__count=1, scenarios={}).base.model["open"]["process"]
    assert process["interval_days"] == []
    assert process["growth"] == [InputName("model.open.process.growth.0")]


def test_the_model_takes_a_list_of_arrays():
    one = whole()
    values = {item.name: np.full(5, float(row)) for row, item in enumerate(one.inputs)}
    process = model_of(one.base.model, values)["open"]["process"]
    assert [list(array) for array in process["growth"]] == [
        list(values[f"model.open.process.growth.{member}"]) for member in range(4)
    ]
    assert len(process["interval_days"]) == 3
    assert process["count"] == 4.0


def test_the_digest_sees_laws_that_are_drawn_anew_and_no_names_of_niches():
    one = whole()
    law = {"lognormal": {"p05": 50, "p95": 300}}
    assert whole(model__open__process__interval_days=law).digest != one.digest
    assert (
        whole(model__open__process__interval_days={"each": {**law, "bounds": [9, 999]}}).digest != one.digest
    )
    assert whole(model__niches__list__0__name="words").digest == one.digest
    assert whole(model__niches__list__0__share=0.7).digest != one.digest
    scenarios = copy.deepcopy(read_text(WHOLE).value["scenarios"])
    two = whole(scenarios={**scenarios, "named": {"model.niches.list.1.name": "a"}})
    three = whole(scenarios={**scenarios, "named": {"model.niches.list.1.name": "b"}})
    assert two.digest == three.digest != one.digest
    members = [{"name": "a", "share": 1}], [{"name": "b", "share": 1}]
    four, five = (whole(scenarios={"named": {"model.niches.list": item}}) for item in members)
    assert four.digest == five.digest


def test_a_family_is_shown_as_one():
    one = whole()
    shown = {item.name: item for item in families_as_one(one.inputs)}
    assert [name for name in shown if "open.process" in name] == [
        "model.open.process.interval_days",
        "model.open.process.growth",
    ]
    assert len(one.inputs) == len(shown) + 2 + 3
    assert shown["model.open.process.growth"].label == "open.process.growth, 4 of them, each drawn anew"
    single = {item.name: item for item in families_as_one(whole(model__open__process__count=1).inputs)}
    assert single["model.open.process.growth"].label == "open.process.growth, one of them"


def test_check_tells_of_a_family_once():
    one = whole()
    text = " ".join(check_text(one, blocks=False).split())
    assert text.count("open.process.growth") == 2 + 2  # its path and label; what two scenarios change
    assert text.count("each drawn anew") == 2
    names = [item["name"] for item in check_record(one)["inputs"]]
    assert names == [item.name for item in families_as_one(one.inputs)]


# Explaining


@pytest.mark.parametrize(
    "section", ["market", "model.lab", "open.releases", "open.process", "value.satiation"]
)
def test_explain_lists_the_keys_of_a_section(section):
    text = explain_text(section)
    prefix = section.removeprefix("model.") + "."
    for path in KEYS:
        stands = re.search(rf"^  {re.escape(path)} ", text, re.MULTILINE) is not None
        assert stands == path.replace("[]", "").startswith(prefix), path
    assert ("off unless it is given" in text) == (section in OPTIONAL_SECTIONS)
    assert ("empty unless it is given" in text) == (section == "open.releases")


def test_explain_says_when_a_key_must_be_given():
    wanted = {
        "horizon_days": "must be given",
        "lab.start_day": "0",
        "lab.counts_training_cost": "true",
        "lab.budget": "must be given, or model.lab.candidate_expense in its place",
        "market.differentiation": "must be given by conduct logit",
        "customers.ceiling": "off unless it is given",
        "open.releases.0.day": "must be given in each member of model.open.releases[]",
        "open.chase.fraction": "must be given where model.open.chase is",
        "niches.list[].name": "none",
    }
    for path, words in wanted.items():
        assert re.search(rf"^  default  {re.escape(words)}", explain_text(path), re.MULTILINE), path
    assert explain_text("markte") is None
    assert explain_text("open.release") is None
    assert explain_text("") is None
