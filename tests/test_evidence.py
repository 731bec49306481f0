"""Evidence: every number has a source or the word assumed, and pages, laws and sources say the same."""

import math
import re
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import mcrace
from mcrace.errors import StudyError
from mcrace.laws import build_law
from mcrace.model.capture import captured_share
from mcrace.report.page_tables import input_table
from mcrace.study import Study, study_schema
from mcrace.study.document import read_document, read_text
from mcrace.study.expressions import evaluate_expression, parse_expression
from mcrace.study.write import study_yaml
from mcrace.terminal.check import check_record, check_text
from tests.small_study import SMALL
from tests.sourced import ALL_ASSUMED, unsourced

CONFIGS = Path(__file__).parents[1] / "configs"
STUDIES = sorted(path for path in CONFIGS.rglob("*.yaml") if path.name != "outcomes.yaml")
BASELINE = read_document(CONFIGS / "baseline.yaml").value
PAGES = sorted((CONFIGS / "evidence").glob("*.md"))
HEADINGS = ["What it is", "Figures", "How the law follows", "How sure", "What would change it"]
OPENINGS = {"About", "Annualised", "At", "Cost", "Derived", "Final", "It", "Past", "The"}
"""Words that begin a sentence of a source, and name nobody."""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def quotes_of(page: Path) -> dict[str, Any]:
    _, front, _ = text_of(page).split("---\n", 2)
    quotes: dict[str, Any] = read_text(front).value["quotes"]
    return quotes


def at(path: str, document: Any = BASELINE) -> Any:
    """Give what stands at a dotted path; a scenario's changes are one mapping."""
    for part in path.split("."):
        document = document[part]
    return document


def has(text: str, word: str) -> bool:
    """Whether a word or number stands in a text by itself; a unit may follow a number."""
    ends = (r"(?<![\d.])", r"(?!\d|\.\d)") if word[0].isdigit() else (r"(?<!\w)", r"(?!\w)")
    return re.search(ends[0] + re.escape(word) + ends[1], text) is not None


# Every number of every study


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: str(path.relative_to(CONFIGS)))
def test_every_number_has_a_source_or_is_assumed(path: Path) -> None:
    assert unsourced(path) == ()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("model: {horizon_days: 730}", ["model.horizon_days: 730"]),
        ("model:\n  horizon_days: 730   # two years", ["model.horizon_days: 730"]),
        ("model:\n  # Assumed.\n\n  horizon_days: 730", ["model.horizon_days: 730"]),
        ("# Assumed.\nmodel:\n  horizon_days: 730", ["model.horizon_days: 730"]),
        ("model:\n  open: {current_expense: 3 * x}", ["model.open.current_expense: 3"]),
        ("inputs: {x: 4}", ["inputs.x"]),
        ("inputs: {x: {law: 4, source: Somebody said so}}", ["inputs.x"]),
        ("inputs: {x: {law: {uniform: [1, 4]}, label: Assumed}}", ["inputs.x"]),
        ("scenarios: {late: {inputs.x: 9}}", ["scenarios.late.inputs.x: 9"]),
        ("model:\n  a: 9   # assumed\nscenarios: {late: {inputs.x: 9}}", ["scenarios.late.inputs.x: 9"]),
        ("correlations: [[a, b, 0.4]]", ["correlations.0.2: 0.4"]),
        ("quantities: {twice: 2 * x}", ["quantities.twice: 2"]),
    ],
)
def test_a_number_without_one_is_refused(tmp_path: Path, text: str, bare: list[str]) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(text)
    assert list(unsourced(path)) == bare


@pytest.mark.parametrize(
    "text",
    [
        "model:\n  horizon_days: 730   # assumed",
        "model:\n  # Two years, as in arXiv 2405.21015.\n  horizon_days: 730",
        "model:\n  # Derived.\n  open:\n    current_expense: 3 * x",
        "model: {discount_rate: 0, horizon_days: .inf}",
        "model:\n  a: 0.38 * x   # derived\n  b: 0.38 * y",
        "inputs: {x: {law: 4, source: 'The Times, 2024'}}",
        "inputs: {x: ~, y: {label: Another}}",
        f"# {ALL_ASSUMED}.\nmodel: {{horizon_days: 730}}\ninputs: {{x: 4}}",
    ],
)
def test_a_number_with_one_is_not(tmp_path: Path, text: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(text)
    assert unsourced(path) == ()


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: str(path.relative_to(CONFIGS)))
def test_check_has_no_warning(path: Path) -> None:
    assert check_record(mcrace.load(path))["warnings"] == []


# Pages of the baseline


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_quotes_the_study(page: Path) -> None:
    quotes = quotes_of(page)
    assert quotes
    for path, value in quotes.items():
        assert value == at(path), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_parts(page: Path) -> None:
    assert re.findall(r"^## (.*)$", text_of(page), re.MULTILINE) == HEADINGS
    assert len(re.findall(r"^# ", text_of(page), re.MULTILINE)) == 1
    assert all(part.strip() for part in re.split(r"^## .*$", text_of(page), flags=re.MULTILINE))


@pytest.mark.parametrize("name", BASELINE["inputs"])
def test_an_input_has_its_page(name: str) -> None:
    entry = BASELINE["inputs"][name]
    assert entry["evidence"] == f"evidence/{name}.md"
    page = text_of(CONFIGS / entry["evidence"])
    assert f"inputs.{name}.law" in quotes_of(CONFIGS / entry["evidence"])
    words = set(re.findall(r"\b[A-Z][\w&-]+|[a-z]+\.(?:com|ai|cc|dev)\b", entry["source"])) - OPENINGS
    assert [word for word in words if not has(page, word)] == []
    numbers = set(re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", entry["source"]))
    assert [number for number in numbers if not has(page, number)] == []


def test_every_number_of_model_and_scenarios_has_a_page() -> None:
    quoted = {path for page in PAGES for path in quotes_of(page)}
    for name in BASELINE["scenarios"]:
        assert f"scenarios.{name}" in quoted
    flat = {
        "model.customers.count",
        "model.value.scale",
        "model.value.reference",
        "model.customers.growth_rate",
    }
    assert flat <= quoted
    others = {"horizon_days", "discount_rate", "open", "lab", "customers", "value"}
    assert set(BASELINE["model"]) == others, "a new section: does it hold a number?"
    rest = str({key: BASELINE["model"][key] for key in ("horizon_days", "discount_rate", "open", "lab")})
    assert set(re.findall(r"(?<![\w.])\d[\d.e]*", rest)) <= {"1"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_tells_the_quantiles_of_its_law(page: Path) -> None:
    inputs = {f"inputs.{item.name}.law": item.law for item in mcrace.load(CONFIGS / "baseline.yaml").inputs}
    quoted = [inputs[path] for path in quotes_of(page) if path in inputs]
    laws = [law for law in quoted if not isinstance(law, float)]
    told = re.findall(r"^At 5 / 50 / 95 %: (.*)\.$", text_of(page), re.MULTILINE)
    assert len(told) == len(laws)
    for law, marks in zip(laws, told, strict=True):
        values = law.ppf(np.array([0.05, 0.5, 0.95]))
        assert all(is_rounded(value, mark) for value, mark in zip(values, marks.split(" / "), strict=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_arithmetic_of_a_page_is_right(page: Path) -> None:
    for block in re.findall(r"```arithmetic\n(.*?)```", text_of(page), re.DOTALL):
        for line in block.strip().splitlines():
            left, right = line.split(" = ")
            value = evaluate_expression(parse_expression(left), {})
            assert is_rounded(float(value), right), f"{line}: {value}"


def is_rounded(value: float, text: str) -> bool:
    """Whether a number is what a text says, to the last digit of the text."""
    mantissa, _, exponent = text.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(value - float(text)) <= 0.5001 * unit


def test_shares_of_a_price_are_those_of_the_model() -> None:
    told = re.search(r"0\.2 / 0\.5 / 1 / 2: ([\d./ ]+) %", text_of(CONFIGS / "evidence" / "value_curve.md"))
    assert told is not None
    for spread, share in zip((0.2, 0.5, 1.0, 2.0), told[1].split(" / "), strict=True):
        found = captured_share(spread)
        assert is_rounded(100 * found, share)
        assert 1 / (1 + 2.195 * spread) == pytest.approx(found, rel=0.02)
    assert captured_share(math.sqrt(1 - 0.47)) / captured_share(1.0) == pytest.approx(1.23, abs=0.005)


def test_how_far_an_open_model_passes_is_a_share_of_a_size_biased_step() -> None:
    marks = (np.arange(1_000) + 0.5) / 1_000
    steps = np.asarray(build_law("weibull", {"p05": 0.5, "p95": 4.5}).ppf(marks))
    points = np.outer(steps, marks).ravel()
    order = np.argsort(points)
    weights = np.repeat(steps, marks.size)[order].cumsum()
    found = np.interp([0.05, 0.5, 0.95], weights / weights[-1], 10 ** (points[order] / 9.1))
    assert found == pytest.approx([1.03, 1.35, 2.52], rel=0.01)


# The link


LINKED = {**SMALL, "inputs": {**SMALL["inputs"], "lead": {"law": 6, "evidence": "pages/lead.md"}}}


def written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def linked(folder: Path) -> Path:
    return written(folder, "below.yaml", study_yaml(LINKED))


def test_a_link_is_for_readers_only() -> None:
    plain = {**SMALL, "inputs": {**SMALL["inputs"], "lead": {"law": 6}}}
    assert Study(**LINKED).digest == Study(**plain).digest
    changed = {**plain, "scenarios": {"other": {"inputs.lead.evidence": "pages/other.md"}}}
    assert (
        Study(**changed).digest
        == Study(**{**plain, "scenarios": {"other": {"inputs.lead.source": "-"}}}).digest
    )


def test_a_study_keeps_its_links() -> None:
    study = Study(**LINKED)
    copy = Study.from_text(study_yaml(study.document))
    links = {item.name: item.evidence for item in copy.inputs}
    assert links["lead"] == "pages/lead.md"
    assert links["x"] == ""


def test_a_link_is_seen_from_the_study_that_extends(tmp_path: Path) -> None:
    linked(tmp_path)
    written(tmp_path / "a", "mid.yaml", "extends: ../below.yaml\nstudy: mid\ninputs: {lead: {label: Lead}}\n")
    top = written(tmp_path / "b" / "c", "top.yaml", "extends: ../../a/mid.yaml\nstudy: top\n")
    [link] = [item.evidence for item in mcrace.load(top).inputs if item.evidence]
    assert link == "../../pages/lead.md"
    assert check_record(mcrace.load(top))["warnings"] != []
    written(tmp_path / "pages", "lead.md", "# Lead")
    assert check_record(mcrace.load(top))["warnings"] == []


def test_a_new_law_drops_the_page_of_the_old_one(tmp_path: Path) -> None:
    linked(tmp_path)
    top = written(tmp_path, "top.yaml", "extends: below.yaml\nstudy: top\ninputs: {lead: {law: 7}}\n")
    assert [item.evidence for item in mcrace.load(top).inputs if item.evidence] == []


@pytest.mark.parametrize(
    "link",
    [
        "/etc/passwd",
        "a//b.md",
        "",
        "a/../b.md",
        "..",
        "a\\b.md",
        "https://a.org/b.md",
        "C:/b.md",
        3,
        "x\ny",
        ".git/a",
    ],
)
def test_what_is_no_link_is_refused(link: Any) -> None:
    with pytest.raises(StudyError, match=r"inputs\.lead\.evidence: found .*, expected the path of a page"):
        Study(**{**SMALL, "inputs": {"lead": {"law": 6, "evidence": link}}})


def test_check_shows_links_and_tells_those_that_lead_nowhere(tmp_path: Path) -> None:
    study = mcrace.load(linked(tmp_path))
    text = check_text(study, blocks=True)
    assert "  evidence: pages/lead.md\n" in text
    assert "warning: no page of evidence at pages/lead.md, seen from the study's folder" in text
    written(tmp_path / "pages", "lead.md", "# Lead")
    assert "warning" not in check_text(study, blocks=True)
    records = {record["name"]: record for record in check_record(study)["inputs"]}
    assert records["lead"]["evidence"] == "pages/lead.md"


def test_the_report_tells_where_the_page_is() -> None:
    rows = {row.label: row.cells[-1].text for row in input_table(mcrace.run(Study(**LINKED), jobs=1)).rows}
    assert rows["lead"] == "no source given. Evidence: pages/lead.md"
    assert rows["Open model today"] == "no source given"


def test_editors_know_the_link() -> None:
    validator = jsonschema.Draft202012Validator(study_schema())
    assert validator.is_valid(LINKED)
    assert not validator.is_valid({**LINKED, "inputs": {"lead": {"law": 6, "evidence": ["a.md"]}}})
