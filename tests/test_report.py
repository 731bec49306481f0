"""The report: right sentences, one self-contained page, and nothing of a study's text comes alive."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mcrace.engine.result import Result
from mcrace.figures import FigureFile
from mcrace.figures.wording import clean_text, rounded
from mcrace.report.answer import answer, error_note
from mcrace.report.drawing import inline_svg
from mcrace.report.page import _not_modelled, build_report
from mcrace.report.page_tables import (
    contrast_tables,
    input_table,
    number_in,
    outputs_table,
    parts_table,
    plain_value,
    sign_table,
    silent_outputs,
    summary_tables,
)
from tests.fake_result import (
    TYPICAL_INPUTS,
    base_result,
    fake_input,
    fake_result,
    fake_study,
    typical_draws,
)

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script src=//evil.example/x.js></script>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "<!-- --><base href='https://evil.example/'>",
    "a\x00b\u202ec",
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt" viewBox="0 0 9 9">'
    '<defs><clipPath id="c"/></defs><g id="a" clip-path="url(#c)"/></svg>'
)


def drawing(name: str, text: str = "A caption.") -> FigureFile:
    return FigureFile(name=name, title=text, caption=text, alt=text, svg=SVG)


# Sentences

SPLIT = np.tile([1.0, -1.0], 512)
NOISE = np.random.default_rng(9).normal(size=1024)
CASES: dict[str, tuple[Any, ...]] = {
    "exact": (
        lambda: base_result([4e9], [-2.5e9], replicates=1),
        "Training z pays: it brings 4 billion USD.",
        "Open releases lower that incentive by 2.5 billion USD (38 % of its size without them).",
    ),
    "exact loss, nothing changes": (
        lambda: base_result([-4e6], [0.0], replicates=1),
        "Training z does not pay: it loses 4 million USD.",
        "Open releases leave that incentive exactly as it is.",
    ),
    "exact nothing": (
        lambda: base_result([0.0], [1e3], replicates=1),
        "Training z brings exactly nothing: it neither pays nor loses.",
        "Open releases raise that incentive by 1,000 USD.",
    ),
    "constant": (
        lambda: base_result([34.66] * 64, [0.0] * 64),
        "Training z pays: it brings 34.66 USD in every draw.",
        "Open releases leave that incentive exactly as it is in every draw.",
    ),
    "always and never": (
        lambda: base_result(NOISE + 100, -np.abs(NOISE) - 1),
        r"Training z pays in all of the 1,024 draws and brings [\d.]+ ± [\d.]+ USD on average\.",
        r"Open releases lower that incentive in all of the 1,024 draws, by [\d.]+ ± [\d.]+ USD on average "
        r"\(2 % of its size without them\)\.",
    ),
    "never, and only raised": (
        lambda: base_result(NOISE - 100, np.abs(NOISE) + 1),
        r"Training z pays in none of the 1,024 draws and loses [\d.]+ ± [\d.]+ USD on average\.",
        r"Open releases raise that incentive in all of the 1,024 draws, by [\d.]+ ± [\d.]+ USD on average "
        r"\(2 % of its size without them\)\.",
    ),
    "too close to tell": (
        lambda: base_result(NOISE - NOISE.mean(), NOISE - NOISE.mean()),
        r"Training z pays in [\d.]+ ± [\d.]+ % of the draws and \w+ 0.00 ± [\d.]+ USD on average, "
        r"too little to tell its sign\.",
        r"Open releases lower that incentive in [\d.]+ ± [\d.]+ % of the draws "
        r"and raise it in [\d.]+ ± [\d.]+ %; on average they \w+ 0.00 ± [\d.]+ "
        r"USD (to|from) it, too little to tell the sign\.",
    ),
    "with an atom": (
        lambda: base_result(1e9 * (NOISE + 1), -1e9 * np.maximum(NOISE, 0)),
        r"Training z pays in 8\d(\.\d)? ± [\d.]+ % of the draws "
        r"and brings [\d.]+ ± [\d.]+ \w+ USD on average\.",
        r"Open releases lower that incentive in [\d.]+ ± [\d.]+ % of the draws, "
        r"leave it alone in [\d.]+ ± [\d.]+ % and raise it in none; "
        r"on average they take [\d.]+ ± [\d.]+ million USD from it \(2\d % of its size without them\)\.",
    ),
    "without its cost": (
        lambda: base_result(
            [2.0] * 64, [1.0] * 64, study=fake_study(model={"lab": {"counts_training_cost": False}})
        ),
        "Training z, its cost left aside, pays: it brings 2 USD in every draw.",
        "Open releases raise that incentive by 1 USD in every draw (100 % of its size without them).",
    ),
    "sign turned": (
        lambda: base_result([2e9] * 64, [5e9] * 64),
        "Training z pays: it brings 2 billion USD in every draw.",
        "Open releases raise that incentive by 5 billion USD in every draw, which turns the sign of its "
        "mean.",
    ),
    "hardly changed": (
        lambda: base_result([-2e9] * 64, [1e6] * 64),
        "Training z does not pay: it loses 2 billion USD in every draw.",
        "Open releases raise that incentive by 1 million USD in every draw (under 1 % of its size without "
        "them).",
    ),
    "multiplied": (
        lambda: base_result([-6e9] * 64, [-4e9] * 64),
        "Training z does not pay: it loses 6 billion USD in every draw.",
        "Open releases lower that incentive by 4 billion USD in every draw (2.0 times its size without "
        "them).",
    ),
    "beliefs": (
        lambda: fake_result(
            {"base": {"incentive": np.full(64, 2e9), "perceived_incentive": np.full(64, -3e9)}},
            study=fake_study(model={"beliefs": {"optimism": -0.5}}),
        ),
        "Training z pays: it brings 2 billion USD in every draw.",
        "Open releases leave that incentive exactly as it is in every draw.",
        "As the lab itself sees it, training z pays in 0 % of the draws and loses 3 billion USD on average.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_answer(case: str) -> None:
    make, *expected = CASES[case]
    for sentence, pattern in zip(answer(make()), expected, strict=True):
        assert sentence == pattern or re.fullmatch(pattern, sentence), sentence


def test_answer_is_made_from_the_numbers() -> None:
    incentive = np.where(np.arange(1600) % 10 < 6, 5e9, -1e9) + np.random.default_rng(1).normal(size=1600)
    effect = np.where(np.random.default_rng(2).random(1600) < 0.7, -2e9, 0.0)
    first, second = answer(base_result(incentive, effect))
    assert first.startswith("Training z pays in 60 % of the draws and brings 2.6")
    share, error, _ = re.findall(r"[\d.]+", second)[:3]
    assert abs(float(share) - 100 * (effect < 0).mean()) <= 0.5
    by_hand = 100 * (effect < 0).reshape(16, 100).mean(axis=1).std(ddof=1) / 4 * 2.13144954556
    assert float(error) == pytest.approx(by_hand, rel=0.5)
    assert "take 1." in second


def test_what_the_error_means_is_said() -> None:
    assert "95 %" in error_note(base_result(NOISE, NOISE))
    assert "exact" in error_note(base_result([1.0], [1.0], replicates=1))
    assert rounded(61.2345, 0.31) == "61.2 ± 0.3"


# Tables


@pytest.fixture(scope="module")
def typical() -> Result:
    changes = {"base": {}, "early": {"inputs.day": 30}, "no_change": {}}
    return fake_result(typical_draws(tuple(changes), 8192), study=fake_study(scenarios=changes))


def test_summary_table_holds_the_statistics(typical: Result) -> None:
    incentive, effect = summary_tables(typical)
    assert incentive.caption == "Marginal incentive to train z by scenario, billion USD"
    assert [row.label for row in incentive.rows] == ["base", "early", "no_change"]
    mean = typical.statistics.values[0, 0, 0].mean() / 1e9
    assert float(incentive.rows[0].cells[0].text.split(" ± ")[0]) == pytest.approx(mean, abs=0.1)
    never = effect.rows[0].cells[6]
    assert never.text == "0"
    assert dict(effect.notes)[never.mark].startswith("none of")


def test_contrasts_and_signs(typical: Result) -> None:
    assert [row.label for row in contrast_tables(typical)[0].rows] == ["early", "no_change"]
    assert contrast_tables(base_result([1.0] * 32, [0.0] * 32)) == ()
    row = sign_table(typical).rows[0]
    shares = [float(cell.text.split()[0]) for cell in row.cells]
    assert sum(shares) == pytest.approx(100, abs=0.2)


def test_every_output_and_input_has_a_row(typical: Result) -> None:
    shown = [row.detail for row in outputs_table(typical).rows]
    silent = {*silent_outputs(typical), "perceived_incentive"}
    assert {*shown, *silent} == set(typical.statistics.outputs)
    assert not silent & set(shown)
    assert {"incentive", "open_effect", "revenue_today"} <= set(shown)
    rows = input_table(typical).rows
    assert len(rows) == len(typical.study.inputs)
    assert rows[0].cells[-1].text == "Epoch AI, 2026"
    assert rows[1].cells[-1].text == "no source given"
    assert [cell.text for cell in rows[2].cells[1:4]] == ["50", "150", "never"]


def test_an_output_that_moves_in_one_scenario_keeps_its_row() -> None:
    draws = {"base": {"incentive": np.ones(64)}, "one": {"survival_gain": np.arange(64.0)}}
    result = fake_result(draws)
    shown = [row.detail for row in outputs_table(result).rows]
    assert shown == ["incentive", "survival_gain"]
    assert "Exactly 0 in every draw of every scenario: incentive without open releases; " in build_report(
        result, []
    )


def test_parts_by_scenario_add_up() -> None:
    noise = np.random.default_rng(3).normal(size=64)
    part = {"open_effect_revenue_gain": -2e9 + noise, "open_effect_caution_cost": -5e9 + noise}
    effect = part["open_effect_revenue_gain"] - part["open_effect_caution_cost"]
    result = fake_result({"base": {**part, "open_effect": effect}, "off": {}})
    table = parts_table(result)
    assert table is not None
    assert table.columns == ("Scenario", "Revenue", "Caution", "Whole effect")
    assert table.caption.endswith("billion USD, as they add up")
    rows = [[cell.text.split(" ± ")[0] for cell in row.cells] for row in table.rows]
    assert [float(text.replace("−", "-")) for text in rows[0]] == pytest.approx([-2, 5, 3])
    assert rows[1] == ["0", "0", "0"]


def test_one_part_or_none_needs_no_table() -> None:
    falling = {"open_effect": np.full(64, -1.0), "open_effect_prestige_gain": np.full(64, -1.0)}
    result = fake_result({"base": falling})
    assert parts_table(result) is None
    assert "Prestige alone carries what they do to it" in build_report(result, [])
    won = {"open_effect": np.full(64, 1.0), "open_effect_strategic_gain": np.full(64, 1.0)}
    assert "The contest alone carries what" in build_report(fake_result({"base": won}), [])
    assert "They change nothing, in any scenario." in build_report(
        fake_result({"base": {"x": np.ones(64)}}), []
    )


def test_a_family_of_inputs_has_one_row() -> None:
    inputs = (fake_input("x", 2.0), *(replace(TYPICAL_INPUTS[1], name=f"model.open.process.growth.{place}",
              family="model.open.process.growth") for place in range(12)))  # fmt: skip
    rows = input_table(base_result([1.0] * 32, [0.0] * 32, study=fake_study(inputs=inputs))).rows
    assert [row.label for row in rows] == ["x", "open.process.growth, 12 of them, each drawn anew"]
    assert rows[0].cells[0].text == "fixed"


def test_plain_values() -> None:
    assert plain_value({"a": [1, 2.5, None, "x"]}) == "{a: [1, 2.5, none, x]}"
    assert plain_value(-np.inf) == "-.inf"


def test_what_is_not_modelled_is_no_mechanism() -> None:
    assert "serve customers" in _not_modelled()
    assert "regulation" not in _not_modelled()


# The page

VOID = {"meta", "br", "img", "link", "hr", "input"}


class PageReader(HTMLParser):
    """Collects what a page holds, and that every element is closed where it must be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def without_script(page: str) -> str:
    return re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def read_page(page: str) -> PageReader:
    reader = PageReader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def page(typical: Result) -> str:
    return build_report(typical, [drawing("distribution_incentive"), drawing("inputs")])


def test_page_is_well_formed_and_accessible(page: str) -> None:
    reader = read_page(page)
    assert reader.faults == []
    assert reader.open == []
    names = [tag for tag, _ in reader.tags]
    assert names.count("h1") == 1
    levels = [int(tag[1]) for tag in names if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    identities = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(identities) == len(set(identities))
    targets = {attributes["href"] for tag, attributes in reader.tags if tag == "a"}
    assert {str(target).removeprefix("#") for target in targets} <= set(identities)
    assert all("scope" in attributes for tag, attributes in reader.tags if tag == "th")
    assert names.count("caption") == names.count("table")
    assert all(attributes["aria-label"] for _, attributes in reader.tags if attributes.get("role") == "img")
    assert ("html", {"lang": "en"}) in reader.tags


def test_page_needs_nothing_else(page: str) -> None:
    code = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(code) == 1
    assert page.count("<script") == 2  # and the draws, which are no code
    allowed = base64.b64encode(hashlib.sha256(code[0].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'; img-src data:; "
    assert policy in page
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|Storage", code[0])
    assert "http:" not in page
    assert "https:" not in page
    reader = read_page(page)
    assert not {tag for tag, _ in reader.tags} & {"link", "iframe", "img", "object", "form", "base"}
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)


def test_page_says_what_matters(typical: Result, page: str) -> None:
    for sentence in answer(typical):
        assert sentence in page.replace("\N{NO-BREAK SPACE}", " ")
    study, size = typical.study, "16 independent replicates of 512 draws"
    command, source, change = "mcrace run study.yaml", "no source given", "inputs.day"
    for text in (study.digest, study.title, size, "15 degrees of freedom", command, source, change):
        assert text in page
    assert len(without_script(page).encode()) < 100_000


def test_same_result_same_page(typical: Result, page: str) -> None:
    assert build_report(typical, [drawing("distribution_incentive"), drawing("inputs")]) == page


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_comes_alive(text: str) -> None:
    study = fake_study(
        title=text,
        question=text,
        inputs=(fake_input("x", 1.0, label=text, source=text, unit=text, text=text),),
        scenarios={"base": {}, text: {text: {text: [text]}}},
    )
    draws = {"incentive": np.ones(32), "open_effect": np.zeros(32)}
    result = fake_result({"base": draws, text: draws}, study=study)
    plain = base_result([1.0] * 32, [0.0] * 32)
    hostile_page = build_report(result, [drawing("inputs", clean_text(text))])
    reader = read_page(hostile_page)
    assert reader.faults == []
    calm = {tag for tag, _ in read_page(build_report(plain, [drawing("inputs")])).tags}
    assert {tag for tag, _ in reader.tags} <= calm | {"ul", "li", "strong", "code", "sup", "span"}
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]
    assert ("{{ 7 * 7 }}" in hostile_page) == text.startswith("{{")
    assert "\x00" not in hostile_page
    assert "\u202e" not in hostile_page


def test_drawings_do_not_share_identifiers(page: str) -> None:
    assert 'id="inputs-c"' in page
    assert 'clip-path="url(#inputs-c)"' in page
    label = '<svg><text> id="x" href="#y" url(#z) &lt;b></text></svg>'
    assert ' id="x" href="#y" url(#z) &lt;b>' in inline_svg(label, "n")


def test_exact_study_page() -> None:
    page = build_report(base_result([1.0], [0.0], replicates=1, study=fake_study(inputs=())), [])
    assert "no sampling error" in page
    assert "±" not in without_script(page)
    assert read_page(page).faults == []


def test_page_goes_from_plain_to_deep(page: str) -> None:
    places = [page.index(f'id="{name}"') for name in ("answer", "figures", "ask", "tables", "assumptions",
              "method", "reproduce")]  # fmt: skip
    assert places == sorted(places)


def test_every_part_can_be_cited(page: str) -> None:
    reader = read_page(page)
    links = {attributes["href"] for tag, attributes in reader.tags if attributes.get("class") == "anchor"}
    wanted = [
        attributes["id"]
        for tag, attributes in reader.tags
        if tag in ("h3", "section", "table", "figure") and attributes["id"] not in ("ask-table",)
    ]
    assert {f"#{name}" for name in wanted if not str(name).endswith("-heading")} <= links
    assert all(
        attributes["aria-label"] for _, attributes in reader.tags if attributes.get("class") == "anchor"
    )


def test_without_its_script_the_page_says_all_but_the_questions(page: str) -> None:
    plain = re.sub(r'<section id="ask".*?</section>', "", without_script(page), flags=re.DOTALL)
    for name in ("answer", "figures", "tables", "assumptions", "method", "reproduce"):
        assert f'<section id="{name}"' in plain
    hidden = [(tag, attributes["id"]) for tag, attributes in read_page(page).tags if "hidden" in attributes]
    assert hidden == [("button", "theme"), ("div", "ask-on")]


def test_rows_are_sorted_by_the_number_that_is_shown(typical: Result) -> None:
    tables = (*summary_tables(typical), sign_table(typical), outputs_table(typical), input_table(typical))
    for table in tables:
        for row in table.rows:
            for cell in row.cells:
                shown = number_in(cell.text)
                if cell.is_number and shown is not None and cell.value not in (None, 0.0):
                    assert np.sign(shown) in (np.sign(cell.value), 0.0)
                assert (cell.order == "") == (not cell.is_number or (shown is None and cell.value is None))
    assert input_table(typical).rows[2].cells[3].order == "Infinity"
    texts = {"1,234.5 ± 2.1": 1234.5, "−3 ± 1 million USD": -3e6, "0 %": 0.0, "never": np.inf,
             "2 thousand days": 2000.0, "4e-15": 4e-15, "–": None, "not available": None}  # fmt: skip
    assert {text: number_in(text) for text in texts} == texts
