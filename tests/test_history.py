"""Variants of the baseline and the backtest: what their pages say is what their studies give."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mcrace
from mcrace.forecast.ledger import scored
from mcrace.study.document import read_document
from tests.written_numbers import (
    CONFIGS,
    EVES,
    LABS,
    OUTCOMES,
    PAGES,
    TABLES,
    by_replicate,
    filled,
    numbers_of,
    rows_in,
    run_of,
)

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December"]  # fmt: skip
BASELINE = read_document(CONFIGS / "baseline.yaml").value["inputs"]


def written(name: str) -> Any:
    return read_document(CONFIGS / "history" / f"{name}.yaml").value


def page_with(table: str) -> str:
    [text] = [text for page in PAGES if f"table: {table} -->" in (text := page.read_text(encoding="utf-8"))]
    return text


def test_every_study_is_told() -> None:
    assert {path.stem for path in (CONFIGS / "labs").glob("*.yaml")} == set(LABS)
    assert {path.stem for path in (CONFIGS / "history").glob("*.yaml")} == {*EVES, "outcomes"}


# Tables


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_what_the_studies_give(name: str) -> None:
    told, found = rows_in(page_with(name), name), TABLES[name]()
    assert len(told) == len(found)
    for row, fresh in zip(told, found, strict=True):
        assert len(row) == len(fresh)
        for cell, again in zip(row, fresh, strict=True):
            assert re.sub(r"[-−]?\d[\d,.]*| ± ", "", cell) == re.sub(r"[-−]?\d[\d,.]*| ± ", "", again)
            for (value, error), (other, _) in zip(numbers_of(cell), numbers_of(again), strict=True):
                assert abs(value - other) <= error * (1 + 1e-9), f"{row[0]}: {cell}, now {again}"


def test_a_table_is_read_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["a", "b"], ["one", "−1.2 ± 0.3 %"]]
    monkeypatch.setattr("tests.written_numbers.TABLES", {"x": lambda: rows})
    text = filled("Before\n\n<!-- table: x -->\n\nAfter\n")
    assert rows_in(text, "x") == rows
    assert filled(text) == text
    assert text.endswith("|\n\nAfter\n")
    assert numbers_of("−1,234.5 ± 0.3 %, 3.10") == [(-1234.5, 0.3), (3.10, 0.01)]


# Labs


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_revenue_today_is_what_such_a_lab_reports(name: str) -> None:
    [row] = [line for line in page_with("labs").splitlines() if line.startswith(f"| `{name}.yaml`")]
    stated = row.split("|")[3].strip()
    result = run_of("labs", name)
    values = 365.25 / 1e9 * by_replicate(result, "revenue_today")
    if stated == "none":
        assert (values == 0).all()
        return
    low, high = (value for value, _ in numbers_of(stated)[:2])
    assert np.quantile(values, [0.05, 0.95]) == pytest.approx([low, high], rel=0.02)
    assert by_replicate(result, "revenue_today") == pytest.approx(by_replicate(result, "revenue"), rel=0.2)


@pytest.mark.slow
def test_only_the_state_is_raised_by_open_releases() -> None:
    for name in LABS:
        effects = by_replicate(run_of("labs", name), "open_effect")
        assert ((effects > 0).mean() > 0.95) == (name == "state-laggard")
        assert (effects > 0).any() == (name == "state-laggard")


# Eves


@pytest.mark.parametrize("name", EVES)
def test_no_law_is_inherited(name: str) -> None:
    own = {key for key, entry in written(name)["inputs"].items() if {"law", "source"} <= set(entry)}
    assert own >= set(BASELINE)


@pytest.mark.parametrize("name", EVES)
def test_no_source_is_younger_than_the_eve(name: str) -> None:
    study = written(name)
    eve = date.fromisoformat(study["as_of"])
    for key, entry in study["inputs"].items():
        for found in dates_in(entry["source"]):
            assert found <= eve, f"{key}: {found}"


def dates_in(source: str) -> list[date]:
    """First days that a text speaks of; the snapshots of the index are told apart."""
    text = re.sub(r"snapshots? of \w+ \d{4}(?: and \w+ \d{4})?", "", " ".join(source.split()))
    dated = rf"(?:(\d{{1,2}}) )?\b({'|'.join(MONTHS)}) (\d{{4}})"
    days = [date(int(y), MONTHS.index(m) + 1, int(d or 1)) for d, m, y in re.findall(dated, text)]
    return days + [date(int(y), 1, 1) for y in re.findall(r"\b((?:19|20)\d\d)\b", re.sub(dated, "", text))]


def test_dates_of_a_source_are_found() -> None:
    found = dates_in(
        "In 2024, on 3 May\n 2023, in July 2025 (snapshot of March 2026; snapshots of May 2026 and June 2026)"
    )
    assert sorted(found) == [date(2023, 5, 3), date(2024, 1, 1), date(2025, 7, 1)]


@pytest.mark.parametrize("name", EVES)
def test_every_forecast_has_its_outcome_with_a_source(name: str) -> None:
    study = written(name)
    outcomes = OUTCOMES[study["study"]]
    assert {question["variable"] for question in study["forecast"]} == set(outcomes)
    assert all(outcome["source"] for outcome in outcomes.values())
    assert {f"{other}" for other in OUTCOMES} == {written(other)["study"] for other in EVES}


@pytest.mark.parametrize("name", EVES)
def test_the_page_of_the_eves_shows_the_outcomes(name: str) -> None:
    told = {row[1]: row[3] for row in rows_in(page_with("scores"), "scores") if row[0] == name}
    for variable, outcome in OUTCOMES[written(name)["study"]].items():
        assert float(told[variable]) * (1e9 if variable.startswith("revenue") else 1) == pytest.approx(
            outcome["value"]
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", EVES)
def test_scores_are_those_of_the_command(name: str) -> None:
    result = run_of("history", name)
    outcomes = {key: float(outcome["value"]) for key, outcome in OUTCOMES[result.study.name].items()}
    told = {row[1]: row for row in rows_in(page_with("scores"), "scores") if row[0] == name}
    for _, score in scored([result], outcomes).iterrows():
        variable = str(score["variable"])
        factor = 1e9 if variable.startswith("revenue") else 1.0
        [(value, error)] = numbers_of(told[variable][5])
        assert score["crps"] / factor == pytest.approx(value, abs=2 * error)
        [(below, wrong)] = numbers_of(told[variable][4])
        assert 100 * score["pit_below"] == pytest.approx(below, abs=2 * wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVES)
def test_revenue_in_a_year_is_that_of_the_model(name: str) -> None:
    """Hold the quantity against the model itself, a year on: the lab at z, the open model where it is."""
    result = run_of("history", name)
    draws = result.draws[result.draws["scenario"] == "base"].iloc[:512]
    draws = draws[draws.spread.between(0.2, 2)]  # where the captured share is written within 2 %
    y = draws.final_run * draws.research_multiple
    scale = draws.revenue * (1 + 2.195 * draws.spread) / (draws.seats / 0.38) / np.log(draws["lead"])
    passed = y * (1 + draws.overshoot)
    later = {
        "horizon_days": 365,
        "open": {"current_expense": np.where(draws.day < 365, passed, y / draws["lead"])},
        "lab": {"current_expense": draws.growth_of_level * y, "candidate_expense": 2e12},
        "value": {"curve": "log", "scale": scale.to_numpy(), "reference": 1e3},
        "customers": {"count": (draws.growth * draws.seats / 0.38).to_numpy(),
                      "valuation_spread": draws.spread.to_numpy()},
    }  # fmt: skip
    later["lab"] = {key: np.asarray(value) for key, value in later["lab"].items()}
    found = 365.25 * mcrace.incentive(later)["revenue_today"]
    assert draws.revenue_in_a_year.to_numpy() == pytest.approx(found, rel=0.025, abs=1.0)


@pytest.mark.slow
def test_what_the_page_says_of_the_eves_holds() -> None:
    r1 = run_of("history", "deepseek-r1")
    assert by_replicate(r1, "next_record").max() < OUTCOMES["history-deepseek-r1"]["next_record"]["value"]
    for name in EVES:
        assert (by_replicate(run_of("history", name), "open_effect") <= 0).all()
    folder = Path(PAGES[1]).parent
    assert "One confounded event proves nothing" in (folder / "README.md").read_text(encoding="utf-8")
