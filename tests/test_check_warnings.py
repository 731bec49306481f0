"""What ``mcrace check`` shows of correlations and dates, and the slips that it warns of."""

from typing import Any

import pytest

from mcrace.study import Study
from mcrace.terminal.check import check_record, check_text

MODEL: dict[str, Any] = {
    "horizon_days": 730,
    "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": "3e8 * step"}]},
    "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    "value": {"scale": 0.1, "reference": 1e6},
    "customers": {"count": 1e6},
}
INPUTS: dict[str, Any] = {
    "day": {"law": {"lognormal": {"p05": 50, "p95": 500}}, "unit": "days"},
    "step": {"lognormal": {"p05": 1.1, "p95": 3}},
}


def study(inputs: dict[str, Any] | None = None, **sections: Any) -> Study:
    return Study(study="slips", inputs=INPUTS | (inputs or {}), model=MODEL, **sections)


def test_an_ordinary_study_has_no_warning() -> None:
    assert check_record(study())["warnings"] == []
    assert "warning" not in check_text(study(), blocks=True)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"lone": {"uniform": [0, 1]}}, "input lone is used nowhere"),
        ({"step": {"lognormal": {"p05": 1e-3, "p95": 1e4}}}, "its 95 % quantile is 1e+07 times"),
        (
            {"day": {"law": {"uniform": [365, 7300]}, "unit": "days"}},
            "95 % of its days lie beyond the horizon",
        ),
    ],
)
def test_what_looks_like_a_slip_is_told(inputs: dict[str, Any], words: str) -> None:
    (warning,) = check_record(study(inputs))["warnings"]
    assert words in warning
    assert "warning: " in check_text(study(inputs), blocks=False)


def test_an_input_that_only_a_quantity_uses_is_used() -> None:
    assert (
        check_record(study({"lone": {"uniform": [0, 1]}}, quantities={"twice": "2 * lone"}))["warnings"] == []
    )


def test_correlations_are_shown() -> None:
    text = check_text(study(correlations=[["day", "step", 0.4]]), blocks=False)
    assert (
        "Rank correlations (Spearman), a Gaussian copula; pairs not listed are 0:\n  day, step: 0.4" in text
    )


def test_days_are_shown_as_dates_too() -> None:
    inputs = {"day": {"law": {"uniform": [0, 100]}, "unit": "days"}}
    text = check_text(study(inputs, as_of="2026-11-22"), blocks=False)
    assert "2026-11-27 / 2027-01-11 / 2027-02-25" in text
    assert "2026-11-27" not in check_text(study(inputs), blocks=False)


def test_the_mass_at_never_is_shown_beside_a_histogram_of_the_rest() -> None:
    mixture = [{"weight": 3, "is": {"uniform": [50, 100]}}, {"weight": 1, "is": float("inf")}]
    text = check_text(study({"day": {"law": {"mixture": mixture}, "unit": "days"}}), blocks=False)
    assert "never: 25 %" in text
    assert "@@@@@@@@@@@@@@@@  5/50/95 %: 53.3 / 83.3 / never" in text
