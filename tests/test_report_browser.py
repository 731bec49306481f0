"""The report in a real browser: its controls, its numbers, its print, and no text of a study comes alive."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import stdtrit

from mcrace import run
from mcrace.analysis.analyses import analyse
from mcrace.engine.result import Result
from mcrace.figures import FigureFile
from mcrace.figures.saving import FIGURES, drawn_bytes
from mcrace.figures.wording import percent, rounded
from mcrace.report.embedded import packed
from mcrace.report.page import build_report
from tests.browser import DESK, PHONE, axe_faults, chromium, watched_page
from tests.fake_result import fake_input, fake_result, fake_study, typical_draws
from tests.small_study import exact_study, small_study
from tests.test_embedded import unpacked
from tests.test_report import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

REPLICATES, POINTS = 8, 512


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def result() -> Result:
    inputs = {
        "x": {"law": {"lognormal": {"p05": 3e7, "p95": 4e8}}, "unit": "USD", "label": "Open model today"},
        "lead": {"law": {"uniform": [1.6, 20]}},
        "day": {"law": {"mixture": [[0.8, {"uniform": [0, 900]}], [0.2, float("inf")]]}, "unit": "days"},
    }
    sampling = {"draws": REPLICATES * 1024, "replicates": REPLICATES, "keep": REPLICATES * 1024}
    return run(small_study(inputs=inputs, sampling=sampling))


@pytest.fixture(scope="module")
def file(result: Result, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the report of a small study, with its figures and what was found."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    figures = [
        drawing(result, name) for name in ("distribution_incentive", "scenarios_open_effect", "inputs")
    ]
    path.write_text(build_report(result, figures, analyse(result, jobs=1)), encoding="utf-8")
    return path.as_uri()


def drawing(result: Result, name: str) -> FigureFile:
    plan = FIGURES[name]
    svg, _ = drawn_bytes(result, plan)
    texts = {"title": plan.title, "caption": plan.caption(result), "alt": plan.alt(result)}
    return FigureFile(name=name, svg=svg.decode(), **texts)


@pytest.fixture
def opened(browser: "Browser", file: str) -> "Iterator[Page]":
    """Open the report; whatever a test does there, nothing may be asked for or complained of."""
    with watched_page(browser, reduced_motion="reduce") as seen:
        seen.page.goto(file)
        yield seen.page
        assert seen.complaints == []
        assert set(seen.requests) == {file}
        assert seen.dialogs == []


# What the page says, worked out again


def by_replicate(result: Result, scenario: str, name: str) -> np.ndarray:
    """Take the draws that the page holds, in its precision; a row a replicate."""
    rows = result.draws[result.draws["scenario"] == scenario]
    values = rows[rows["draw"] % result.statistics.points < POINTS][name].to_numpy()
    return unpacked(packed(values)).reshape(REPLICATES, POINTS)


def ratio(values: np.ndarray, kept: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean of the kept draws, and the residual of each replicate."""
    value = values[kept].mean()
    return float(value), (np.where(kept, values - value, 0).sum(axis=1)) / kept.sum()


def error_of(residuals: np.ndarray) -> float:
    return float(np.sqrt(REPLICATES * (residuals**2).sum() / (REPLICATES - 1)))


def ask(page: "Page", name: str, value: str) -> None:
    control = page.locator(f"#ask-{name}")
    control.select_option(label=value) if name in ("output", "scenario", "input") else control.fill(value)
    settle(page)


def settle(page: "Page") -> None:
    """Let the page draw what has changed."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def cells(page: "Page") -> list[list[dict[str, Any]]]:
    read = """(rows) => rows.map((row) => [...row.cells].slice(1).map(
        (cell) => ({...cell.dataset, text: cell.innerText})))"""
    return page.locator("#ask-table tbody tr").evaluate_all(read)


def reading(page: "Page") -> tuple[float, float, str]:
    output = page.locator("#ask-reading")
    return (
        float(output.get_attribute("data-value")),
        float(output.get_attribute("data-error")),
        output.inner_text(),
    )


def test_a_threshold_is_read_with_its_error(opened: "Page", result: Result) -> None:
    label = "Effect of open releases on the incentive"
    for scenario, text in (("base", "-1.5"), ("early", "-0.75"), ("base", "0")):
        ask(opened, "output", label)
        ask(opened, "scenario", scenario)
        ask(opened, "threshold", text)
        effect = by_replicate(result, scenario, "open_effect")
        factor = 1e9 if "billion USD" in opened.locator("#ask-unit").inner_text() else 1e6
        shares = (effect > float(text) * factor).mean(axis=1)
        value, error, words = reading(opened)
        assert value == pytest.approx(shares.mean(), rel=1e-12, abs=1e-15)
        hits = (effect > float(text) * factor).sum()
        if 4 <= hits <= effect.size - 4:
            assert error == pytest.approx(shares.std(ddof=1) / np.sqrt(REPLICATES), rel=1e-9)
            half = stdtrit(REPLICATES - 1, 0.975) * error
            assert f"= {percent(value, half)}" in words
            assert f"{REPLICATES * POINTS:,} draws" in words
        else:
            assert np.isnan(error)
            assert "too few" in words
    ask(opened, "threshold", "much")
    assert "not a number" in reading(opened)[2]
    assert opened.locator("#ask-threshold").get_attribute("aria-invalid") == "true"


def test_the_threshold_can_be_dragged_by_keys(opened: "Page", result: Result) -> None:
    opened.locator("#ask-drag").focus()
    opened.keyboard.press("End")
    settle(opened)
    top = by_replicate(result, "base", "incentive").max()
    assert float(opened.input_value("#ask-threshold")) * 1e9 == pytest.approx(top, rel=0.01)
    before = reading(opened)[0]
    for _ in range(3):
        opened.keyboard.press("PageDown")
    settle(opened)
    assert reading(opened)[0] > before


def test_ranges_keep_draws_and_move_the_shares(opened: "Page", result: Result) -> None:
    ask(opened, "input", "day")
    opened.click("#ask-add")
    opened.keyboard.type("100")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Tab")
    opened.keyboard.type("never")
    ask(opened, "input", "Open model today")
    opened.click("#ask-add")
    first = opened.locator(".range").nth(1)
    first.locator("input[type=range]").nth(1).focus()
    for _ in range(5):
        opened.keyboard.press("PageDown")
    settle(opened)
    highest = float(first.locator("input[type=text]").nth(1).input_value())
    day, level, incentive = (by_replicate(result, "base", name) for name in ("day", "x", "incentive"))
    assert 1e6 * highest < np.quantile(level, 0.8)
    kept = (day >= 100) & (level <= unpacked(packed(np.array([1e6 * highest])))[0])
    assert 0 < kept.sum() < kept.size
    assert opened.inner_text("#ask-left").startswith(f"{kept.sum():,} of {kept.size:,} draws kept")
    tests = [incentive > 0, incentive == 0, incentive < 0, incentive > 0, incentive]
    for values, row in zip(tests, cells(opened), strict=True):
        both = [ratio(values.astype(float), chosen) for chosen in (np.ones_like(kept), kept)]
        wanted = [*both, (both[1][0] - both[0][0], both[1][1] - both[0][1])]
        for (value, residuals), cell in zip(wanted, row, strict=True):
            assert float(cell["value"]) == pytest.approx(value, rel=1e-9, abs=1e-12)
            if 0 < values.astype(bool)[kept].mean() < 1 or values is incentive:
                assert float(cell["error"]) == pytest.approx(error_of(residuals), rel=1e-9)
    mean, residuals = ratio(incentive, kept)
    half = stdtrit(REPLICATES - 1, 0.975) * error_of(residuals)
    assert cells(opened)[4][1]["text"] == rounded(mean / 1e9, half / 1e9)


def test_what_is_asked_stands_in_the_address(opened: "Page", browser: "Browser", file: str) -> None:
    ask(opened, "output", "Incentive without open releases")
    ask(opened, "scenario", "early")
    ask(opened, "threshold", "2.5")
    ask(opened, "input", "lead")
    opened.click("#ask-add")
    opened.keyboard.type("3.5")
    ask(opened, "input", "day")
    opened.click("#ask-add")
    settle(opened)
    assert opened.inner_text("#ask-left").endswith("day is fixed here: its range does nothing.")
    cited = opened.locator("#ask a.anchor").first.get_attribute("href")
    assert opened.url.endswith(cited)
    with watched_page(browser) as other:
        other.page.goto(f"{file}{cited}")
        assert reading(other.page) == reading(opened)
        assert cells(other.page) == cells(opened)
        assert other.page.locator(".range").count() == 2
        assert other.page.locator("#ask").evaluate("(part) => part.getBoundingClientRect().top") < 60
        for nonsense in (
            "#ask?output=%E0%A4%A&scenario=none&t=<b>&in.day=a..b..c&in.zz=1",
            "#ask?",
            "#ask?in.day",
        ):
            other.page.goto(f"{file}{nonsense}")
            settle(other.page)
        assert other.complaints == []
    opened.click("#ask-reset")
    settle(opened)
    assert opened.locator(".range").count() == 0
    assert opened.input_value("#ask-threshold") == "0"
    assert opened.locator("#ask-output option:checked").inner_text() == "Marginal incentive to train z"


def test_few_draws_are_warned_of_and_none_breaks_nothing(opened: "Page") -> None:
    ask(opened, "input", "lead")
    opened.click("#ask-add")
    opened.keyboard.type("19.9")
    settle(opened)
    assert "Few draws are left" in opened.inner_text("#ask-left")
    opened.keyboard.type("999")
    opened.locator(".range input[type=text]").first.fill("50")
    settle(opened)
    assert opened.inner_text("#ask-left").startswith("0 of 4,096")
    assert reading(opened)[2] == "No draw is left to read from."
    assert [row[1]["text"] for row in cells(opened)] == ["–"] * 5
    opened.get_by_role("button", name="Remove the range of lead").click()
    settle(opened)
    assert opened.inner_text("#ask-left") == "4,096 of 4,096 draws kept."
    assert opened.evaluate("document.activeElement.id") == "ask-add"


def test_the_histogram_adds_up(opened: "Page", result: Result) -> None:
    ask(opened, "output", "Effect of open releases on the incentive")
    effect = by_replicate(result, "base", "open_effect")
    zeros = 100 * (effect == 0).mean()
    key = opened.inner_text("#ask-key")
    assert f"Exactly 0 (a line): {zeros:.1f} % of all draws, {zeros:.1f} % of those kept." in key
    heights = opened.locator("#ask-plot rect").evaluate_all(
        "(bars) => bars.map((bar) => Number(bar.getAttribute('height')))"
    )
    assert max(heights) == pytest.approx(180, abs=1)
    assert min(heights) >= 0


# Tables, light and links


def test_tables_are_sorted_by_value_and_back(opened: "Page") -> None:
    rows = "#table-summary-1 tbody tr"
    read = "(rows, place) => rows.map((row) => Number(row.cells[place].dataset.value))"
    written = opened.locator(rows).evaluate_all("(rows) => rows.map((row) => row.innerText)")
    head = opened.locator("#table-summary-1 thead th").nth(1)
    head.locator("button").focus()
    for key, order in (("Enter", "ascending"), ("Space", "descending")):
        opened.keyboard.press(key)
        values = opened.locator(rows).evaluate_all(read, 1)
        assert values == sorted(values, reverse=order == "descending")
        assert head.get_attribute("aria-sort") == order
    opened.locator("#table-summary-1 thead th button").first.click()
    assert head.get_attribute("aria-sort") is None
    names = opened.locator(f"{rows} th").all_inner_texts()
    assert names == sorted(names)
    for _ in range(2):
        opened.locator("#table-summary-1 thead th button").first.click()
    assert opened.locator(rows).evaluate_all("(rows) => rows.map((row) => row.innerText)") == written
    assert opened.locator("#table-summary-1 [aria-sort]").count() == 0


def test_every_column_of_numbers_is_sorted_by_value(opened: "Page") -> None:
    columns = opened.evaluate("""() => [...document.querySelectorAll('main table:not(#ask-table) th.number')]
        .filter((head) => head.querySelector('button')).map((head) => {
            head.querySelector('button').click();
            const cells = [...head.closest('table').tBodies[0].rows].map((row) => row.cells[head.cellIndex]);
            return cells.map((cell) => [Number(cell.dataset.value), cell.innerText]);
        })""")
    assert len(columns) > 20
    texts_agree = 0
    for column in columns:
        values = [value for value, _ in column if not np.isnan(value)]
        assert values == sorted(values)
        texts = [text for _, text in column]
        texts_agree += texts == sorted(texts)
    assert texts_agree < len(columns) / 2  # or sorting by text would do as well


def test_never_is_the_largest_number(opened: "Page") -> None:
    opened.locator("#table-inputs thead th").nth(4).locator("button").click()
    values = opened.locator("#table-inputs tbody tr").evaluate_all(
        "(rows) => rows.map((row) => Number(row.cells[4].dataset.value))"
    )
    assert values == sorted(values)
    assert np.isinf(values[-1])


def test_the_page_turns_dark_and_light(opened: "Page") -> None:
    colour = partial(opened.evaluate, "getComputedStyle(document.body).backgroundColor")
    light = colour()
    opened.get_by_role("button", name="Dark page").click()
    dark = colour()
    assert light != dark
    opened.get_by_role("button", name="Light page").click()
    assert colour() == light
    opened.emulate_media(color_scheme="dark")
    assert colour() == light
    opened.get_by_role("button", name="Dark page").click()
    opened.emulate_media(media="print")
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_skip_link_comes_first_and_anchors_lead_there(opened: "Page") -> None:
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Skip to the answer"
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "main"
    opened.locator("#table-signs .anchor").click()
    assert opened.url.endswith("#table-signs")
    assert opened.locator("#table-signs").evaluate("(it) => it.getBoundingClientRect().top") < 100


# For everyone, everywhere


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_the_page_is_fit_for_everyone(
    browser: "Browser", file: str, size: tuple[int, int], scheme: str
) -> None:
    with watched_page(browser, size, color_scheme=scheme, reduced_motion="reduce") as seen:
        page = seen.page
        page.goto(file)
        ask(page, "input", "day")
        page.click("#ask-add")
        page.locator("#table-signs thead button").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert axe_faults(page) == []
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            page.evaluate("scrollTo(0, 0)")
            assert looks_full(page.screenshot())
            assert looks_full(page.locator("#ask").screenshot())
        assert seen.complaints == []
        assert set(seen.requests) == {file}


def looks_full(png: bytes) -> bool:
    """Tell whether a picture shows anything: many shades, in every quarter of its height."""
    from PIL import Image

    shades = np.asarray(Image.open(BytesIO(png)).convert("L"), dtype=float)
    return all(part.std() > 3 for part in np.array_split(shades, 4))


def test_without_scripts_the_page_is_whole(browser: "Browser", file: str) -> None:
    with watched_page(browser, java_script_enabled=False) as seen:
        seen.page.goto(file)
        assert seen.page.locator("#ask-off").is_visible()
        assert not seen.page.locator("#ask-on").is_visible()
        assert not seen.page.locator("#theme").is_visible()
        assert seen.page.locator("table:visible").count() >= 6
        assert seen.page.locator("figure:visible").count() == 3


def test_print_cuts_nothing(browser: "Browser", file: str) -> None:
    paper = (688, 1000)  # A4 without its margins
    with watched_page(browser, paper) as seen:
        page = seen.page
        page.goto(file)
        assert page.pdf(format="A4")[:5] == b"%PDF-"
        page.emulate_media(media="print")
        assert not page.locator("#ask, nav, #theme, .skip").filter(visible=True).count()
        right = page.locator("table:visible, figure svg:visible").evaluate_all(
            "(all) => all.map((it) => it.getBoundingClientRect().right)"
        )
        assert len(right) >= 9
        assert max(right) <= paper[0] + 1
        heights = page.locator("figure").evaluate_all(
            "(all) => all.map((it) => it.getBoundingClientRect().height)"
        )
        assert max(heights) < 1017  # what A4 has between its margins


# Names that want to do harm, and studies at the ends


def with_inputs(result: Result, columns: dict[str, np.ndarray]) -> Result:
    return replace(result, draws=result.draws.assign(**columns))


@pytest.mark.parametrize(
    "text", [*HOSTILE, "\u05e9\u05dc\u05d5\u05dd \u202eevil\u202c", "long " * 40, "two\nlines"]
)
def test_hostile_names_are_text(browser: "Browser", tmp_path: Path, text: str) -> None:
    item = replace(fake_input("x", 1.0, label=text, source=text, unit=text), dimension=0)
    other = replace(fake_input("y", 1.0, label=f"y {text}"), dimension=1)
    study = fake_study(
        title=text, question=text, inputs=(item, other), scenarios={"base": {}, text: {text: text}}
    )
    draws = typical_draws(("base", text), 512)
    result = with_inputs(
        fake_result(draws, study=study), {"x": np.arange(1024.0), "y": np.arange(1024.0) % 7}
    )
    path = tmp_path / "hostile.html"
    path.write_text(build_report(result, []), encoding="utf-8")
    with watched_page(browser, PHONE) as seen:
        page = seen.page
        page.goto(path.as_uri())
        page.click("#ask-add")
        page.keyboard.type("3")
        page.locator("#ask-scenario").select_option(index=1)
        settle(page)
        shown = " ".join(text.replace("\x00", " ").replace("\u202e", "").replace("\u202c", "").split())
        assert page.locator("h1").text_content() == shown
        assert shown in page.locator(".range legend").text_content()
        assert page.locator("#ask-scenario option").nth(1).text_content() == shown
        page.reload()
        settle(page)
        assert page.locator("#ask-scenario").input_value() == "1"
        assert page.locator(".range").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert (seen.complaints, seen.dialogs) == ([], [])
        assert {url.partition("#")[0] for url in seen.requests} == {path.as_uri()}


def extremes() -> dict[str, Result]:
    many = tuple(replace(fake_input(f"input_{place}", 1.0), dimension=place) for place in range(40))
    names = ("base", *(f"scenario {place}" for place in range(49)))
    crowd = fake_result(
        typical_draws(names, 4096),
        study=fake_study(inputs=many, scenarios={name: {} for name in names}),
    )
    random = np.random.default_rng(3)
    rows = len(crowd.draws) // len(names)
    columns = {item.name: np.tile(random.lognormal(0, 3, rows), len(names)) for item in many}
    ends = {
        "base": {
            "incentive": np.array([1e60, -1e60, 0.0, 5.0] * 16),
            "open_effect": np.tile([0.0, 1e-60], 32),
        }
    }
    tails = {"base": {"incentive": random.standard_cauchy(4096) * 1e12, "open_effect": -np.ones(4096)}}
    return {
        "one draw": run(small_study(sampling={"draws": 1, "replicates": 2, "method": "random"})),
        "exact": run(exact_study()),
        "crowd": with_inputs(crowd, columns),
        "ends": fake_result(ends),
        "heavy tails": fake_result(tails),
        "constant": fake_result({"base": {"incentive": np.full(64, 34.66)}}),
    }


def test_studies_at_the_ends(browser: "Browser", tmp_path: Path) -> None:
    for name, result in extremes().items():
        page_text = build_report(result, [])
        assert len(page_text.encode()) < 3_000_000, name
        path = tmp_path / f"{name.replace(' ', '_')}.html"
        path.write_text(page_text, encoding="utf-8")
        with watched_page(browser, PHONE) as seen:
            page = seen.page
            page.goto(path.as_uri())
            assert page.locator("#ask").count() == (name not in ("exact", "constant"))
            if page.locator("#ask").count():
                for place in range(min(page.locator("#ask-output option").count(), 3)):
                    page.locator("#ask-output").select_option(index=place)
                    page.locator("#ask-drag").press("End")
                    settle(page)
                    assert "NaN" not in page.inner_text("#ask"), name
                    assert "undefined" not in page.inner_text("#ask"), name
                    assert "NaN" not in page.locator("#ask-plot").inner_html(), name
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], name
            assert seen.complaints == [], name
        if name == "crowd":
            told = json.loads(page_text.partition('id="draws">')[2].partition("</script>")[0])
            assert (len(told["inputs"]), len(told["scenarios"])) == (40, 24)
            assert told["points"] * told["replicates"] >= 1024
