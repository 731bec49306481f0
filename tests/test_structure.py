"""Sections that are uncertain as a whole: one alternative a draw, drawn with its weight."""

import jsonschema
import numpy as np
import pytest
from scipy import stats

from mcrace.engine.block import Block, draw_block, study_text, trial_outputs
from mcrace.engine.run import run
from mcrace.errors import ModelError, StudyError
from mcrace.model import incentive_slowly
from mcrace.nomenclature import OUTPUTS
from mcrace.study import Study, load, study_schema
from mcrace.study.write import study_yaml
from tests.small_study import fingerprint, small_study

LOG = {"curve": "log", "scale": {"uniform": [0.3, 0.5]}, "reference": 1e6}
POWER = {"curve": "power", "scale": 0.4, "reference": 1e6, "exponent": "0.02 * lead ** 0.1"}
VALUES = {"one_of": [{"weight": 1, "is": LOG}, {"weight": 3, "is": POWER}]}
MARKETS = {
    "one_of": [
        {"weight": 0.5, "is": {"conduct": "monopoly"}},
        {
            "weight": 0.3,
            "is": {"conduct": "undercutting", "rivals": [{"expense": "2 * x"}, {"expense": "3 * x"}]},
        },
        {"weight": 0.2, "is": {"conduct": "cournot", "firms": 2}},
    ]
}


def uncertain(**changes):
    return small_study(model={"value": VALUES, "market": MARKETS}, **changes)


def base_of(result):
    draws = result.draws
    return draws[draws["scenario"] == "base"].reset_index(drop=True)


def test_each_draw_has_what_its_alternative_gives():
    """Each draw's outputs are those of a study that is certain of its alternative, on the same draws."""
    one = uncertain(scenarios={})
    mixed = base_of(run(one, jobs=1))
    met = 0
    for value, curve in enumerate((LOG, POWER)):
        for market, conduct in enumerate(entry["is"] for entry in MARKETS["one_of"]):
            chosen = (mixed["model.value"] == value) & (mixed["model.market"] == market)
            for row in mixed[chosen].head(4).to_dict("records"):
                scale = row["model.value.one_of.0.is.scale"]
                exact = small_study(
                    inputs={name: row[name] for name in ("x", "lead", "day")},
                    scenarios={},
                    model={
                        "value": curve | ({"scale": scale} if value == 0 else {}),
                        "market": conduct,
                        "discount_rate": row["model.discount_rate"],
                    },
                )
                outputs = run(exact).draws.iloc[0]
                assert [outputs[name] for name in OUTPUTS] == [row[name] for name in OUTPUTS]
                met += 1
    assert met == 24


def test_alternatives_come_with_their_weights():
    draws = base_of(run(uncertain(scenarios={}), jobs=1))
    shares = draws["model.market"].value_counts(normalize=True)
    for index, weight in enumerate((0.5, 0.3, 0.2)):
        assert abs(shares[index] - weight) < 4 * np.sqrt(weight * (1 - weight) / len(draws))
    assert abs(draws["model.value"].mean() - 0.75) < 0.01


@pytest.mark.parametrize("method", ["sobol", "random", "latin_hypercube"])
def test_bits_do_not_depend_on_the_cut(method):
    text = study_text(uncertain(sampling={"method": method}))
    whole = draw_block(text, Block(replicate=1, start=0, count=128, points=128, keep=128))
    for start, count in ((0, 1), (5, 7), (100, 28)):
        part = draw_block(text, Block(replicate=1, start=start, count=count, points=128, keep=128))
        assert np.array_equal(part.outputs, whole.outputs[..., start : start + count])
        assert np.array_equal(part.inputs, whole.inputs[..., start : start + count])


def test_other_inputs_keep_their_draws_where_a_scenario_settles_the_section():
    scenarios = {"log": {"model.value": LOG}, "sure": {"model.value.one_of.1.weight": 0}}
    one = uncertain(scenarios=scenarios)
    draws = run(one, jobs=1).draws
    base, log, sure = (draws[draws["scenario"] == name].reset_index() for name in ("base", "log", "sure"))
    for name in ("x", "lead", "day", "model.discount_rate", "model.market"):
        assert base[name].equals(log[name])
    assert log["model.value"].isna().all()
    assert set(sure["model.value"]) == {0.0}
    same = base["model.value"] == 0
    assert base[same]["incentive"].equals(sure[same]["incentive"])


def test_the_choice_is_an_input_like_any_other():
    one = uncertain()
    named = {item.name: item for item in one.inputs}
    assert named["model.value"].text == "one of 2 alternatives: 0 (log) 25 %, 1 (power) 75 %"
    assert len({item.dimension for item in one.inputs}) == len(one.inputs) == 7
    assert {"model.market", "model.value", "model.value.one_of.0.is.scale"} < set(named)
    pair = Study(**(one.document | {"correlations": [["model.value", "lead", 0.8]]}))
    draws = base_of(run(pair, jobs=1))
    assert stats.spearmanr(draws["model.value"], draws["lead"]).statistic > 0.5


def test_it_travels_and_editors_take_it():
    one = uncertain()
    again = Study.from_text(study_yaml(one.document))
    assert (again.digest, again.scenarios) == (one.digest, one.scenarios)
    assert fingerprint(run(one, jobs=2)) == fingerprint(run(again, jobs=1))
    validator = jsonschema.Draft202012Validator(study_schema())
    assert [error.message for error in validator.iter_errors(one.document)] == []
    for wrong in (
        {**VALUES, "curve": "log"},
        {"one_of": [{"weight": 1, "is": LOG}]},
        {"one_of": [VALUES, VALUES]},
    ):
        assert not validator.is_valid(one.document | {"model": one.document["model"] | {"value": wrong}})


def test_the_digest_knows_the_weights_and_no_names_of_niches():
    one = uncertain()
    other = uncertain()
    other.document["model"]["value"] = {"one_of": [{"weight": 2, "is": LOG}, {"weight": 3, "is": POWER}]}
    assert Study(**other.document).digest != one.digest


def test_an_overlay_replaces_alternatives_whole(tmp_path):
    (tmp_path / "base.yaml").write_text(study_yaml(uncertain().document))
    (tmp_path / "sure.yaml").write_text(
        "study: sure\nextends: base.yaml\nmodel: {value: {curve: log, scale: 0.4, reference: 1e6}}\n"
    )
    (tmp_path / "again.yaml").write_text(
        "study: again\nextends: sure.yaml\nmodel:\n  value:\n    one_of:\n"
        "      - {weight: 1, is: {scale: 1, reference: 1e6}}\n"
        "      - {weight: 1, is: {scale: 2, reference: 1e6}}\n"
    )
    assert "model.value" not in {item.name for item in load(tmp_path / "sure.yaml").inputs}
    assert "model.value" in {item.name for item in load(tmp_path / "again.yaml").inputs}


def test_a_trial_needs_no_compiler():
    one = uncertain()
    found = trial_outputs(one, 32, incentive_slowly)
    assert set(found) == set(OUTPUTS)
    assert all(row.shape == (32,) and np.isfinite(row).all() for row in found.values())


def test_a_draw_out_of_range_names_its_alternative():
    values = {"one_of": [{"weight": 1, "is": LOG}, {"weight": 1, "is": {**LOG, "scale": "0.5 - lead"}}]}
    with pytest.raises(
        ModelError, match=r"^model.value.one_of.1.is.scale: found .* expected a number above 0"
    ):
        run(small_study(model={"value": values}), jobs=1)


STUDY = """\
study: tiny
inputs:
  x: {law: {lognormal: {p05: 3.0e7, p95: 4.0e8}}}
model:
  horizon_days: 730
  open: {current_expense: x}
  lab: {current_expense: 3 * x, candidate_expense: 80 * x}
  value: @
  customers: {count: 1e6}
"""
FIRST = "{weight: 1, is: {scale: 1, reference: 1e6}}"

FAULTY = [
    ("{one_of: «3}", "one_of", "3", "a list"),
    ("{one_of: «[]}", "one_of", "a list of 0", "at least 2 alternatives"),
    (f"{{one_of: «[{FIRST}]}}", "one_of", "a list of 1", "at least 2 alternatives"),
    (f"{{one_of: [{FIRST}], curve: «log}}", "curve", "curve beside one_of", "one_of alone"),
    (f"{{«onee_of: [{FIRST}, {FIRST}]}}", "onee_of", "an unknown key", "did you mean 'one_of'"),
    (f"{{one_of: [{FIRST}, «3]}}", "one_of.1", "3", "a mapping of keys"),
    (
        f"{{one_of: [{FIRST}, «{{is: {{scale: 1, reference: 1e6}}}}]}}",
        "one_of.1.weight",
        "nothing",
        "the key weight",
    ),
    (f"{{one_of: [{FIRST}, «{{weight: 1}}]}}", "one_of.1.is", "nothing", "the key is"),
    (
        f"{{one_of: [{FIRST}, {{«wieght: 1, is: {{scale: 1, reference: 1}}}}]}}",
        "one_of.1.wieght",
        "unknown",
        "'weight'",
    ),
    (
        f"{{one_of: [{FIRST}, {{weight: «-1, is: {{scale: 1, reference: 1}}}}]}}",
        "one_of.1.weight",
        "-1",
        "at least 0",
    ),
    (
        f"{{one_of: [{FIRST}, {{weight: «x, is: {{scale: 1, reference: 1}}}}]}}",
        "one_of.1.weight",
        "'x'",
        "a weight",
    ),
    (
        f"{{one_of: [{FIRST}, {{weight: 1, is: {{«scal: 1, reference: 1}}}}]}}",
        "one_of.1.is.scal",
        "unknown",
        "'scale'",
    ),
    (
        f"{{one_of: [{FIRST}, {{weight: 1, is: {{scale: «-1, reference: 1}}}}]}}",
        "one_of.1.is.scale",
        "-1",
        "above 0",
    ),
    (
        f"{{one_of: [{FIRST}, {{weight: 1, is: {{scale: «y, reference: 1}}}}]}}",
        "one_of.1.is.scale",
        "'y'",
        "an input",
    ),
    (
        f"{{one_of: [{FIRST}, {{weight: 1, is: «{{scale: 1}}}}]}}",
        "one_of.1.is.reference",
        "nothing",
        "needs it",
    ),
    (f"{{one_of: [{FIRST}, {{weight: 1, is: {{curve: «lgo}}}}]}}", "one_of.1.is.curve", "'lgo'", "'log'"),
    (
        f"{{one_of: [{FIRST}, {{weight: 1, is: {{curve: table, points: [[1, 2], [«1, 3]]}}}}]}}",
        "one_of.1.is.points.1.0",
        "1",
        "increase",
    ),
    (
        f"{{one_of: [{FIRST}, {{weight: 1, is: {{«one_of: [{FIRST}, {FIRST}]}}}}]}}",
        "one_of.1.is.one_of",
        "an unknown key",
        "one of curve",
    ),
]


@pytest.mark.parametrize(("text", "path", "found", "expected"), FAULTY, ids=[row[0] for row in FAULTY])
def test_faults_are_told_where_they_stand(text, path, found, expected):
    with pytest.raises(StudyError) as caught:
        Study.from_text(STUDY.replace("@", text.replace("«", "")), "study.yaml")
    told = {fault.path.removeprefix("model.value."): fault for fault in caught.value.faults}
    assert path in told, caught.value
    fault = told[path]
    assert found in fault.found
    assert expected in str(fault)
    assert (fault.line, fault.column) == (8, len("  value: ") + text.index("«") + 1)


def test_weights_that_are_all_zero_are_refused():
    values = {"one_of": [{"weight": 0, "is": LOG}, {"weight": 0.0, "is": POWER}]}
    with pytest.raises(StudyError, match="found weights that are all 0"):
        small_study(model={"value": values})


def test_only_value_and_market_may_be_uncertain_as_a_whole():
    with pytest.raises(StudyError, match=r"model.customers.one_of: found an unknown key"):
        small_study(model={"customers": {"one_of": [{"weight": 1, "is": {"count": 1e6}}]}})
