"""The page on which a study is moved, in a real browser."""

import copy
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mcrace.explore.session import Session, opened
from mcrace.study import load
from mcrace.study.document import read_text
from tests.browser import DESK, PHONE, axe_faults, chromium, watched_page
from tests.explored import DRAWS, Caller, served, write_study
from tests.small_study import SMALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
RIGHT_TO_LEFT = "שלום, כמה זה עולה?"
LONG = "very long name " * 14
LABELS = {"x": f'"Open" model\'s {SCRIPT}', "lead": RIGHT_TO_LEFT, "day": LONG}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    content = copy.deepcopy(dict(SMALL))
    content["title"] = f"A study {SCRIPT}"
    content["question"] = f"Why? {SCRIPT} `${{alert(3)}}`"
    for name, label in LABELS.items():
        content["inputs"][name] |= {
            "label": label,
            "source": f"{SCRIPT}\n{RIGHT_TO_LEFT}",
            "unit": "days <b>",
        }
    folder = tmp_path_factory.mktemp("explore")
    return opened(str(write_study(folder, content)), {}, draws=DRAWS)


@pytest.fixture(scope="module")
def caller(session: Session) -> Iterator[Caller]:
    with served(session) as caller:
        yield caller


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with chromium() as browser:
        yield browser


def settled(page: "Page") -> None:
    """Wait until what was asked for last is answered and drawn."""
    until = time.monotonic() + 20
    marks = "[document.body.dataset.asked ?? '', document.body.dataset.answered ?? '-']"
    while len(set(page.evaluate(marks))) == 2:
        assert time.monotonic() < until, page.locator("#faults").inner_text()
        time.sleep(0.01)


def shown(page: "Page", output: str = "incentive") -> dict[str, tuple[str, ...]]:
    rows = page.locator(f"[data-output={output}] tbody tr").all()
    return {row.get_attribute("data-name") or "": tuple(row.locator("td").all_inner_texts()) for row in rows}


def expected(session: Session, edits: dict[str, str], scenario: str = "base") -> dict[str, tuple[str, ...]]:
    rows = session.answered(edits, scenario)["outputs"][0]["rows"]
    return {row["name"]: (row["start"], row["now"], row["change"]) for row in rows}


def test_a_person_moves_a_study_and_saves_it(browser, caller, session):
    address = f"http://127.0.0.1:{caller.port}/#{caller.token}"
    with watched_page(browser, DESK) as seen:
        page = seen.page
        page.goto(address)
        settled(page)
        assert shown(page) == expected(session, {})
        assert page.locator("#shown").inner_text().count("draws") >= 2

        field = page.locator("[data-path='inputs.day'] .number input[type=text]").nth(1)
        field.fill("300")
        settled(page)
        assert shown(page) == expected(session, {"inputs.day": "{uniform: [0, 300]}"})

        slider = page.locator("[data-path='inputs.lead'] input[type=range]").first
        slider.focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        settled(page)
        number = page.locator("[data-path='inputs.lead'] .number input[type=text]").first.input_value()
        assert float(number) > 1.6
        edits = {"inputs.day": "{uniform: [0, 300]}", "inputs.lead": f"{{uniform: [{number}, 20]}}"}
        assert shown(page) == expected(session, edits)
        assert page.locator("#changed").inner_text().startswith("2 values are changed")

        page.locator("#model-part > summary").click()
        page.locator("[data-path='model.open.releases.0.expense'] .text").fill("2 * x * leed")
        settled(page)
        fault = page.locator("[data-path='model.open.releases.0.expense'] .fault")
        assert "did you mean 'lead'?" in fault.inner_text()
        assert shown(page) == expected(session, edits)  # the one from before, and said to be so
        assert "is-stale" in (page.locator("#shown").get_attribute("class") or "")
        assert axe_faults(page) == []
        page.locator("[data-path='model.open.releases.0.expense'] .text").fill("2 * x * lead")
        settled(page)
        edits["model.open.releases.0.expense"] = "2 * x * lead"
        assert fault.is_hidden()
        assert shown(page) == expected(session, edits)

        page.locator("#scenario").select_option("early")
        settled(page)
        assert shown(page) == expected(session, edits, "early")

        page.locator("#name").fill("from-the-page")
        page.locator("#save button").click()
        page.locator("#saved", has_text="Saved").wait_for()
        changes = {path: read_text(text).value for path, text in edits.items()}
        saved = Path(session.folder) / "from-the-page.yaml"
        assert load(saved).digest == load(str(session.study.file), changes).digest
        page.locator("#save button").click()
        page.locator("#saved.fault", has_text="nothing is overwritten").wait_for()

        page.locator("#reset-all").click()
        settled(page)
        assert shown(page) == expected(session, {}, "early")
        assert page.locator("#changed").inner_text() == "Nothing is changed."
        assert (seen.complaints, seen.dialogs) == ([], [])
        assert all(url.startswith(f"http://127.0.0.1:{caller.port}/") for url in seen.requests)


def test_a_law_is_typed_as_text_and_gets_its_own_fields(browser, caller, session):
    with watched_page(browser) as seen:
        page = seen.page
        page.goto(f"http://127.0.0.1:{caller.port}/#{caller.token}")
        settled(page)
        control = page.locator("[data-path='inputs.day']")
        control.locator("summary").click()
        control.locator(".text").fill("{pert: {low: 10, mode: 90, high: 800}}")
        settled(page)
        assert control.locator(".number label").all_inner_texts() == ["low", "mode", "high"]
        control.locator(".number input[type=text]").nth(1).fill("60")
        settled(page)
        assert control.locator(".text").input_value() == "{pert: {low: 10, mode: 60, high: 800}}"
        assert shown(page) == expected(session, {"inputs.day": "{pert: {low: 10, mode: 60, high: 800}}"})
        control.locator(".reset").click()
        settled(page)
        assert control.locator(".number input[type=text]").nth(1).input_value() == "900"
        assert shown(page) == expected(session, {})
        assert seen.complaints == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")])
def test_hostile_names_are_text_and_the_page_is_fit_for_all(browser, caller, size, scheme):
    with watched_page(browser, size, color_scheme=scheme) as seen:
        page = seen.page
        page.goto(f"http://127.0.0.1:{caller.port}/#{caller.token}")
        settled(page)
        assert page.locator("#title").inner_text() == f"A study {SCRIPT}"
        assert SCRIPT in page.locator("[data-path='inputs.x'] legend").inner_text()
        assert page.locator("main img, main script, legend b").count() == 0
        assert "שלום" in page.locator("[data-path='inputs.lead'] legend").inner_text()
        page.locator("#model-part > summary").click()
        page.locator("[data-path='inputs.day'] summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator(".strip").is_visible() == (size == PHONE)
        assert axe_faults(page) == []
        assert (seen.complaints, seen.dialogs) == ([], [])
        assert all(url.startswith(f"http://127.0.0.1:{caller.port}/") for url in seen.requests)


def test_the_page_says_what_is_wrong_without_its_token(browser, caller):
    with watched_page(browser) as seen:
        seen.page.goto(f"http://127.0.0.1:{caller.port}/")
        seen.page.locator("#faults", has_text="open the address that the terminal shows").wait_for()
