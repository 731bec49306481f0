"""Quantities: named results of a study's own, reported like any output."""

import jsonschema
import numpy as np
import pytest

import mcrace
from mcrace.engine.evaluate import output_names
from mcrace.engine.folder import open_run
from mcrace.engine.run import run
from mcrace.errors import ModelError, StudyError
from mcrace.figures.describing import distribution_caption
from mcrace.nomenclature import OUTPUTS
from mcrace.report.publish import publish
from mcrace.study import Study, study_schema
from mcrace.study.write import study_yaml
from tests.small_study import exact_study, fingerprint, small_study

QUANTITIES = {
    "gap": "lead * max(x, 1e6)",
    "effect": {"expression": "open_effect / 1e9", "unit": "billion USD", "label": "Effect in billions"},
    "constant": "2 ** 0.5",
}


def study_with(quantities, **changes):
    return Study(**(small_study(**changes).document | {"quantities": quantities}))


def test_quantities_are_outputs_of_every_draw():
    result = run(study_with(QUANTITIES), jobs=1)
    draws = result.draws
    assert list(draws.columns)[-3:] == ["gap", "effect", "constant"]
    assert np.array_equal(draws["gap"], draws["lead"] * np.maximum(draws["x"], 1e6))
    assert np.array_equal(draws["effect"], draws["open_effect"] / 1e9)
    assert set(draws["constant"]) == {2**0.5}
    assert output_names(result.study) == (*OUTPUTS, "gap", "effect", "constant") == result.statistics.outputs


def test_quantities_leave_all_other_numbers_alone():
    plain, more = run(small_study(), jobs=1), run(study_with(QUANTITIES), jobs=1)
    assert plain.draws.equals(more.draws[plain.draws.columns])
    assert np.array_equal(plain.statistics.values, more.statistics.values[:, : len(OUTPUTS)])


def test_tables_and_figures_know_them():
    result = run(study_with(QUANTITIES), jobs=1)
    table = mcrace.summary(result)
    mean = table.query("scenario == 'base' and statistic == 'mean'").set_index("output")["value"]
    assert mean["effect"] == pytest.approx(mean["open_effect"] / 1e9, rel=1e-12)
    contrasts = mcrace.contrasts(result)
    assert set(contrasts.query("output == 'gap'")["value"]) == {0.0}
    assert mcrace.figures.distribution(result, "gap").get_xlabel()


def test_figures_and_report_say_their_label_and_unit(tmp_path):
    study = study_with(QUANTITIES)
    result = run(study, jobs=1)
    assert mcrace.figures.distribution(result, "effect").get_xlabel() == "Effect in billions (billion USD)"
    assert "Effect in billions (billion USD)" in mcrace.figures.scenarios(result, "effect").get_xlabel()
    assert "effect in billions (billion USD)" in mcrace.figures.exceedance(result, "effect").get_xlabel()
    assert mcrace.figures.distribution(result, "gap").get_title(loc="left") == "gap"
    caption = distribution_caption(result, "effect")
    assert caption.startswith("Effect in billions in the base scenario, in billion USD. A quantity of the")
    assert "open_effect / 1e9" in caption
    page = (publish(study, out=tmp_path, jobs=1).folder / "report.html").read_text()
    row = page[page.index("Effect in billions") :][:400]
    assert "billion USD" in row


def test_a_run_folder_holds_them(tmp_path):
    published = publish(study_with(QUANTITIES), out=tmp_path, jobs=1, report=False)
    again = open_run(published.folder)
    assert fingerprint(again) == fingerprint(published.result)
    assert "gap" in (published.folder / "summary.csv").read_text()


def test_an_exact_study_has_exact_quantities():
    one = Study(
        **(exact_study().document | {"quantities": {"twice": "2 * incentive", "late": "min(day, 900) + 1"}})
    )
    draws = run(one).draws
    assert np.array_equal(draws["twice"], 2 * draws["incentive"])
    assert draws["late"][1] == 901
    assert draws["late"][0] == 201


def test_a_quantity_that_is_not_finite_stops_the_run():
    one = Study(**(exact_study().document | {"quantities": {"late": "day + 1"}, "scenarios": {}}))
    assert run(one).draws["late"][0] == 201
    never = Study(**(one.document | {"scenarios": {"never": {"inputs.day": float("inf")}}}))
    with pytest.raises(ModelError, match=r"quantities.late: found inf in 1 of 1 draws .*of scenario never"):
        run(never)
    with pytest.raises(ModelError, match=r"found nan in \d+ of 128 draws \(first in replicate 0"):
        run(study_with({"root": "log(day - 1000)"}), jobs=1)


def test_the_digest_covers_what_they_are_and_no_words():
    one = study_with(QUANTITIES)
    words = {**QUANTITIES, "effect": {"expression": "open_effect / 1e9", "label": "Other", "unit": "USD"}}
    assert one.digest == study_with(words).digest
    assert one.digest == study_with(dict(reversed(QUANTITIES.items()))).digest
    assert one.digest != study_with({**QUANTITIES, "gap": "lead * x"}).digest
    assert one.digest != study_with({"other": "lead", **QUANTITIES}).digest
    assert study_with({}).digest == small_study().digest


def test_quantities_are_values_of_the_study():
    one = study_with(QUANTITIES)
    assert [(item.name, item.unit, item.label) for item in one.quantities] == [
        ("gap", "", "gap"),
        ("effect", "billion USD", "Effect in billions"),
        ("constant", "", "constant"),
    ]
    again = Study.from_text(study_yaml(one.document))
    assert again.quantities == one.quantities
    validator = jsonschema.Draft202012Validator(study_schema())
    validator.validate(one.document)
    assert not validator.is_valid(one.document | {"quantities": {"gap": {"unit": "USD"}}})
    assert not validator.is_valid(one.document | {"quantities": {"3": "lead"}})


def test_an_input_that_only_a_quantity_uses_is_used():
    one = study_with({"twice": "2 * spare"}, inputs={**small_study().document["inputs"], "spare": 3})
    early = Study(**(one.document | {"scenarios": {"more": {"inputs.spare": {"uniform": [1, 2]}}}}))
    draws = run(early, jobs=1).draws
    more = draws[draws["scenario"] == "more"]
    assert np.array_equal(more["twice"], 2 * more["spare"])


STUDY = """\
study: tiny
inputs:
  x: {law: {lognormal: {p05: 3.0e7, p95: 4.0e8}}}
  lead: {law: {uniform: [2, 9]}}
model:
  horizon_days: 730
  open: {current_expense: x}
  lab: {current_expense: lead * x, candidate_expense: 80 * x}
  value: {scale: 0.4, reference: 1e6}
  customers: {count: 1e6}
quantities:
  twice: 2 * lead
  @
"""

FAULTY = [
    ("«lead: 2 * x", "lead", "'lead'", "a name that is no input's"),
    ("«incentive: 2 * x", "incentive", "'incentive'", "no other column"),
    ("«draw: 2 * x", "draw", "'draw'", "no other column"),
    ("«min: 2 * x", "min", "'min'", "no function"),
    ("«a b: 2 * x", "a b", "'a b'", "a name"),
    ("gap: «3 * laed", "gap", "the name 'laed'", "did you mean 'lead'"),
    ("gap: «open_efect", "gap", "the name 'open_efect'", "did you mean 'open_effect'"),
    ("gap: «twice + 1", "gap", "the name 'twice'", "a quantity cannot use another"),
    ("gap: «3", "gap", "3", "an expression over inputs and outputs"),
    ("gap: «{uniform: [1, 2]}", "gap", "nothing", "the key expression"),
    ("gap: «lead.real", "gap", "'lead.real'", "an expression"),
    ("gap: «2026-11-22", "gap", "the date 2026-11-22", "stands alone"),
    ("gap: {expression: «leda}", "gap.expression", "the name 'leda'", "did you mean 'lead'"),
    ("gap: {expression: lead, «units: USD}", "gap.units", "an unknown key", "did you mean 'unit'"),
    ("gap: «{unit: USD}", "gap.expression", "nothing", "the key expression"),
]


@pytest.mark.parametrize(("text", "path", "found", "expected"), FAULTY, ids=[row[0] for row in FAULTY])
def test_faults_are_told_where_they_stand(text, path, found, expected):
    with pytest.raises(StudyError) as caught:
        Study.from_text(STUDY.replace("@", text.replace("«", "")), "study.yaml")
    faults = [fault for fault in caught.value.faults if found in fault.found]
    assert faults, caught.value
    fault = faults[0]
    assert fault.path.startswith(f"quantities.{path}")
    assert expected in str(fault)
    assert (fault.line, fault.column) == (13, text.index("«") + 3)


@pytest.mark.parametrize(
    "wrong", [[], "lead", 3, {"gap": None}, {"gap": ["lead"]}, {"gap": {"expression": 3}}]
)
def test_what_is_no_mapping_of_expressions_is_refused(wrong):
    with pytest.raises(StudyError, match=r"^quantities"):
        study_with(wrong)


def test_a_scenario_cannot_name_a_new_input_like_a_quantity():
    scenarios = {"new": {"inputs.twice": 3, "model.horizon_days": "twice"}}
    with pytest.raises(StudyError, match=r"a name that is no input's"):
        Study(**(study_with({"twice": "2 * lead"}).document | {"scenarios": scenarios}))
