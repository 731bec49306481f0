"""What the page says of mechanisms: those that a study switches on, and only those."""

from typing import Any

import pytest

import mcrace
from mcrace.nomenclature import KEYS
from mcrace.report.mechanisms import has_beliefs, headlines, mechanisms_of, utility_note
from mcrace.report.page import build_report
from mcrace.report.page_tables import mechanism_table
from mcrace.terminal.results import result_text
from tests.fake_result import base_result, fake_study

CORE: dict[str, Any] = {
    "horizon_days": 10.0,
    "open": {"current_expense": 1e6},
    "lab": {"current_expense": 2e6, "candidate_expense": 4e6},
    "value": {"scale": 1.0, "reference": 1e6},
    "customers": {"count": 5.0},
}


def model(**changes: Any) -> dict[str, Any]:
    """Change the plainest model: ``lab__caution={...}`` stands for lab.caution."""
    changed = {name: dict(value) if isinstance(value, dict) else value for name, value in CORE.items()}
    for path, value in changes.items():
        section, _, name = path.partition("__")
        if name:
            changed.setdefault(section, {})[name] = value
        else:
            changed[section] = value
    return changed


def rows_of(**changes: Any) -> list[tuple[str, str]]:
    study = mcrace.Study(study="one", model=model(**changes))
    return [(row.path, row.value) for row in mechanisms_of(study)]


def test_the_plainest_study_switches_nothing_on() -> None:
    assert rows_of() == []
    page = build_report(base_result([1.0] * 32, [0.0] * 32, study=fake_study(model=CORE)), [])
    assert "Every other mechanism of the model is off" in page
    assert "What the study switches on" not in page


def test_neutral_values_are_off() -> None:
    assert (
        rows_of(
            discount_rate=0.0,
            customers__growth_rate=0,
            market={"conduct": "monopoly", "overlap": 1, "open_substitutability": 1, "rivals": []},
            lab__counts_training_cost=True,
            beliefs={"optimism": 0, "inattention": 0},
            regulation={"halt_rate": 0},
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({"discount_rate": 0.1}, [("discount_rate", "0.1")]),
        ({"discount_rate": {"uniform": [0, 1]}}, [("discount_rate", "uniform(low=0, high=1)")]),
        ({"customers": {"count": 0}}, [("customers.count", "0")]),
        ({"lab__counts_training_cost": False}, [("lab.counts_training_cost", "false")]),
        ({"value": {"curve": "hill", "ceiling": 1, "half": 2e6, "steepness": 1}}, [("value.curve", "hill")]),
        (
            {"market": {"conduct": "undercutting", "rivals": [{"expense": i * 1e6} for i in (1, 2, 3, 4)]}},
            [
                ("market.conduct", "undercutting"),
                ("market.rivals[].expense", "1,000,000; 2,000,000; 3,000,000; and 1 more"),
            ],
        ),
        (
            {
                "open__process": {
                    "first_day": 1,
                    "interval_days": {"each": {"uniform": [1, 2]}},
                    "growth": 2,
                    "count": 3,
                }
            },
            [
                ("open.process.first_day", "1"),
                ("open.process.interval_days", "uniform(low=1, high=2), anew for each of 2"),
                ("open.process.growth", "2"),
                ("open.process.count", "3"),
            ],
        ),
    ],
)
def test_what_is_given_is_told(changes: dict[str, Any], rows: list[tuple[str, str]]) -> None:
    assert rows_of(**changes) == rows


def test_long_expressions_are_cut() -> None:
    law = {"a_long_name_for_an_input": {"law": {"uniform": [1, 2]}}}
    long = " + ".join(["a_long_name_for_an_input"] * 6)
    study = mcrace.Study(study="one", inputs=law, model=model(discount_rate=long))
    value = mechanisms_of(study)[0].value
    assert len(value) == 72
    assert value.endswith("…")


def test_a_scenario_may_switch_something_on() -> None:
    scenarios = {"halts": {"model.regulation": {"halt_rate": 1}}, "same": {"model.horizon_days": 20}}
    study = mcrace.Study(study="one", model=model(), scenarios=scenarios)
    (row,) = mechanisms_of(study)
    assert (row.path, row.value, row.scenarios) == ("regulation.halt_rate", "", ("halts",))
    (shown,) = mechanism_table(study).rows
    assert shown.cells[0].text == "only in halts"
    assert shown.cells[1].text == KEYS["regulation.halt_rate"].meaning


def test_beliefs_have_a_table_where_they_are() -> None:
    believing = model(beliefs={"optimism": 0.5})
    assert not has_beliefs(model(beliefs={"optimism": 0.0}))
    assert has_beliefs(believing)
    plain, other = (
        base_result([1.0] * 32, [0.0] * 32, study=fake_study(model=kind)) for kind in (CORE, believing)
    )
    assert headlines(plain.study) == ("incentive", "open_effect")
    assert headlines(other.study) == ("incentive", "open_effect", "perceived_incentive")
    for text in (result_text(plain), build_report(plain, [])):
        assert "perceives" not in text
    for text in (result_text(other), build_report(other, [])):
        assert "Incentive as the lab perceives it" in text
        assert "As the lab itself sees it" in text.replace("\n", " ")


def test_revenue_that_is_no_money_is_called_so() -> None:
    content = fake_study(model=model(lab__lead_satiation=2.0))
    assert utility_note(fake_study(model=CORE)) == ""
    assert "not dollars earned" in utility_note(content)
    result = base_result([1.0] * 32, [0.0] * 32, study=content)
    assert "not dollars earned" in result_text(result).replace("\n", " ")
    assert "not dollars earned" in build_report(result, [])
    assert max(len(line) for line in result_text(result).splitlines()) <= 80
