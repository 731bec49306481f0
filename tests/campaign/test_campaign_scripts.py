"""Texts stay texts: every script of the list through every name and text that can be given, into every page.

Each round puts other texts into the places of a page, one a place; in as many rounds as there are texts each
of them has stood in each place.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mcrace.analysis.analyses import Analyses, analyse
from mcrace.engine.folder import open_run
from mcrace.engine.result import Result
from mcrace.errors import StudyError
from mcrace.explore.session import opened
from mcrace.figures import FigureFile
from mcrace.figures.calibration import ledger_figure, pit_numbers
from mcrace.figures.saving import FIGURES, drawn_bytes
from mcrace.figures.wording import clean_text
from mcrace.forecast.plain import Driver, markdown_comment, plain_forecast
from mcrace.report.compare import write_comparison
from mcrace.report.ledger_figures import draw_ledger
from mcrace.report.page import build_report
from mcrace.report.publish import publish
from mcrace.study import Study, load
from mcrace.study.event import Event, Option
from mcrace.study.question import Question
from mcrace.study.write import study_yaml
from tests.browser import Watched, chromium, watched_page
from tests.campaign.scripts import LIVE, SCRIPTS, alive
from tests.explored import served
from tests.small_study import SMALL
from tests.test_explore_browser import settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"
TINY = {"draws": 256, "replicates": 4, "keep": 256}
ALIVE = tuple(text for text in SCRIPTS if alive(text))
STEP = 17
"""From the text of one place to that of the next: as far apart as another vector."""

Texts = Callable[[], str]
"""Gives the text of the next place."""


@dataclass
class Round:
    """The texts of one page, as they are handed out."""

    start: int
    texts: tuple[str, ...] = SCRIPTS

    def __post_init__(self) -> None:
        self.given: list[str] = []

    def __call__(self) -> str:
        text = self.texts[(self.start + STEP * len(self.given)) % len(self.texts)]
        self.given.append(text)
        return text


def harmless() -> str:
    return "plain words"


def rounds(texts: tuple[str, ...], some: int) -> list[int]:
    """Give all rounds in the long campaign, else a few that lie far from each other."""
    return list(range(len(texts))) if LONG else list(range(0, len(texts), -(-len(texts) // some)))


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with chromium() as started:
        yield started


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spend no time on the PNG files, which hold no text; the SVG files are what they are."""
    monkeypatch.setattr("mcrace.figures.saving._DPI", 20)


# What a page holds

SEEN = """() => {
    const counts = {}, live = [];
    const inSvg = (it) => it.closest('svg') !== null;
    for (const it of document.querySelectorAll('*')) {
        const name = (inSvg(it) ? 'svg ' : '') + it.localName;
        counts[name] = (counts[name] ?? 0) + 1;
        for (const one of it.attributes) {
            const address = ['href', 'xlink:href', 'src', 'srcdoc', 'data', 'action', 'formaction', 'poster'];
            if (one.name.startsWith('on') || (address.includes(one.name) && !/^#/.test(one.value))) {
                live.push(`${name} ${one.name}=${one.value}`);
            }
        }
    }
    const texts = [];
    const walk = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const above = walk.currentNode.parentElement;
        if (above === null || !['script', 'style'].includes(above.localName)) {
            texts.push(walk.currentNode.data);
        }
    }
    const named = [...document.querySelectorAll('[aria-label]')].map((it) => it.getAttribute('aria-label'));
    return {counts, live, text: texts.join(' '), parts: [document.title, ...texts, ...named]};
}"""

IN_ANY_NUMBER = {"svg text", "svg tspan", "svg g", "svg use", "svg path", "svg defs"}
"""Elements of drawings that depend on how long a label is."""


@dataclass(frozen=True)
class Seen:
    """What a browser has made of a page: its elements, attributes that act, and its texts."""

    counts: Mapping[str, int]
    live: list[str]
    words: str

    @property
    def made(self) -> tuple[dict[str, int], list[str]]:
        """What may not hang on the texts."""
        return {name: count for name, count in self.counts.items() if name not in IN_ANY_NUMBER}, self.live


SHAPES = {
    f"svg {name}"
    for name in (
        *("svg", "g", "defs", "style", "path", "text", "tspan", "use", "clipPath", "rect", "line", "image"),
        *("metadata", "title", "RDF", "Work", "type", "format"),
    )
}
"""Elements that drawings are made of."""


def seen_on(page: "Page") -> Seen:
    found = page.evaluate(SEEN)
    return Seen(found["counts"], sorted(found["live"]), one_line(" ".join([found["text"], *found["parts"]])))


def one_line(text: str) -> str:
    return " ".join(text.split())


def missing(seen: Seen, texts: Iterable[str], most: int = 4_000) -> list[str]:
    """Give the texts that are not shown as they are, but for what is cleaned away, or cut at a length."""
    return [text for text in texts if one_line(clean_text(text)[:most]) not in seen.words]


def quiet(watched: Watched, *asked: str) -> None:
    """Hold that a page has complained of nothing, asked nobody, and loaded only itself."""
    assert (watched.complaints, watched.dialogs) == ([], [])
    assert {url.partition("#")[0] for url in watched.requests} <= set(asked)
    watched.requests.clear()


def settle(page: "Page") -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def visit(watched: Watched, path: Path, text: str | None = None) -> Seen:
    """Open a page as a file, and look at what it holds once it has settled."""
    if text is not None:
        path.write_text(text, encoding="utf-8")
    watched.page.goto(path.as_uri())
    settle(watched.page)
    seen = seen_on(watched.page)
    quiet(watched, path.as_uri())
    return seen


# The report


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    content = {
        **SMALL,
        "model": {**SMALL["model"], "niches": {"list": [{"name": "code", "share": 0.5}, {"share": 0.5}]}},
        "quantities": {"months": {"expression": "day / 30", "label": "Months", "unit": "months"}},
        "scenarios": {"early": {"inputs.day": 30}},
        "sampling": TINY,
    }
    out = tmp_path_factory.mktemp("scripts")
    return open_run(publish(Study(**content), out=out, report=False, jobs=1).folder)


@pytest.fixture(scope="module")
def found(result: Result) -> Analyses:
    return analyse(result, jobs=1)


def dressed(result: Result, text: Texts) -> Result:
    """Put other texts wherever a study or a run has words; names too, which a study file may not have."""
    study = result.study
    niche, name = text(), text()
    item = {name: text() for name in ("label", "unit", "source", "text", "evidence")}
    niches = {"list": [{"name": niche, "share": 0.5}, {"name": "", "share": 0.5}]}
    quantity = replace(study.quantities[0], label=text(), unit=text())
    changes = {text(): {text(): [text()]}}
    scenarios = tuple(
        replace(
            each,
            name=name if place else each.name,
            inputs=tuple(replace(one, **item) if one.name == "x" else one for one in each.inputs),
            model={**each.model, "niches": {**each.model["niches"], **niches}},
            changes=changes if place else each.changes,
        )
        for place, each in enumerate(study.scenarios)
    )
    words = {"title": text(), "question": text(), "scenarios": scenarios, "quantities": (quantity,)}
    renamed = result.draws.assign(scenario=result.draws["scenario"].replace("early", name))
    statistics = replace(result.statistics, scenarios=("base", name))
    facts = replace(result.facts, notes=(text(),))
    return replace(result, study=other(study, **words), draws=renamed, statistics=statistics, facts=facts)


def other(study: Study, **parts: Any) -> Study:
    """Give a study other parts, unchecked."""
    made = object.__new__(Study)
    for name in Study.__slots__:
        object.__setattr__(made, name, parts.get(name, getattr(study, name)))
    return made


def report_of(result: Result, found: Analyses, text: Texts) -> str:
    worn = dressed(result, text)
    told = {name: clean_text(text()) for name in ("title", "caption", "alt")}
    figure = FigureFile(name="inputs", svg="<svg></svg>", **told)
    return build_report(worn, [figure], replace(found, notes=(text(),)))


@pytest.mark.slow
def test_no_text_of_a_report_comes_alive(
    browser: "Browser", result: Result, found: Analyses, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    with watched_page(browser) as watched:
        plain = visit(watched, path, report_of(result, found, harmless))
        for start in rounds(SCRIPTS, 3):
            given = Round(start)
            seen = visit(watched, path, report_of(result, found, given))
            assert seen.made == plain.made, given.given
            (niche, *whole) = given.given
            assert missing(seen, whole) + missing(seen, [niche], 30) == [], start


# Drawings


def drawings_of(result: Result) -> list[FigureFile]:
    """Draw what shows names, labels and units."""
    names = ("inputs", "scenarios_incentive", "ridges_open_effect", "contrasts_open_effect")
    files = []
    for name, plan in ((name, FIGURES[name]) for name in names):
        svg = drawn_bytes(result, plan)[0].decode()
        words_of = {"title": plan.title, "caption": plan.caption(result), "alt": plan.alt(result)}
        files.append(FigureFile(name=name, svg=svg, **words_of))
    return files


def crowded(result: Result, texts: list[str]) -> Result:
    """Put each of some texts into an input of its own (label and unit) and a scenario of its own."""
    study, draws = result.study, result.draws
    sample = next(one for one in study.base.inputs if one.name == "x")
    inputs = tuple(
        replace(sample, name=f"x{place}", label=text, unit=text) for place, text in enumerate(texts)
    )
    names = ("base", *(f"{place} {clean_text(text)}" for place, text in enumerate(texts)))
    scenarios = tuple(replace(study.base, name=name, inputs=inputs) for name in names)
    base = draws[draws["scenario"] == "base"]
    extra = {one.name: base["x"].to_numpy() for one in inputs}
    tables = [base.assign(scenario=name, **extra) for name in names]
    many = np.resize(result.statistics.pooled, (len(names), *result.statistics.pooled.shape[1:]))
    values = np.resize(result.statistics.values, (len(names), *result.statistics.values.shape[1:]))
    statistics = replace(result.statistics, scenarios=names, pooled=many, values=values, brackets=None)
    return replace(
        result,
        study=other(study, scenarios=scenarios, document={**study.document, "analysis": {}}),
        draws=pd.concat(tables, ignore_index=True),
        statistics=statistics,
    )


def parts(texts: tuple[str, ...], size: int) -> list[list[str]]:
    return [list(texts[start : start + size]) for start in range(0, len(texts), size)]


def bare(files: list[FigureFile]) -> list[FigureFile]:
    return [replace(file, svg="<svg></svg>") for file in files]


def outside_drawings(seen: Seen) -> dict[str, int]:
    return {name: count for name, count in seen.counts.items() if not name.startswith("svg")}


@pytest.mark.slow
def test_no_text_of_a_drawing_comes_alive(browser: "Browser", result: Result, tmp_path: Path) -> None:
    page, drawing = tmp_path / "report.html", tmp_path / "drawing.svg"
    with watched_page(browser) as watched:
        for texts in parts(SCRIPTS, 12) if LONG else [list(SCRIPTS[::143])]:
            worn = crowded(result, texts)
            calm = crowded(result, [f"plain {place}" for place, _ in enumerate(texts)])
            files = drawings_of(worn)
            plain = visit(watched, page, build_report(calm, bare(files)))
            seen = visit(watched, page, build_report(worn, files))
            assert (seen.live, plain.live) == ([], [])
            assert outside_drawings(seen) == outside_drawings(plain)
            assert {name for name in seen.counts if name.startswith("svg")} <= SHAPES
            assert missing(seen, texts) == []
            for file in files:
                alone = visit(watched, drawing, file.svg)
                assert alone.live == [], file.name
                assert set(alone.counts) <= SHAPES, file.name


@pytest.mark.slow
def test_no_name_of_a_ledger_comes_alive(browser: "Browser", tmp_path: Path) -> None:
    page = tmp_path / "drawing.svg"
    shares = np.linspace(0.05, 0.95, 40)
    ledger = pd.DataFrame({"pit_below": shares, "pit_at_most": shares, "variable": "x", "outcome": shares})
    with watched_page(browser) as watched:
        for place, text in enumerate(SCRIPTS if LONG else SCRIPTS[5::200]):
            svg, _ = ledger_figure("pit", pit_numbers(shares, shares), f"{text} · 40 resolved numbers")
            seen = visit(watched, page, svg.decode())
            assert (seen.live, set(seen.counts) <= SHAPES, missing(seen, [text])) == ([], True, [])
            if place % 16 == 0:  # the same drawing, from a ledger of that name
                files, _ = draw_ledger(ledger, tmp_path / f"{as_a_file(text)}.csv")
                seen = visit(watched, files[0].with_suffix(".svg"))
                assert (seen.live, set(seen.counts) <= SHAPES) == ([], True)
                assert missing(seen, [as_a_file(text)]) == []


def as_a_file(text: str) -> str:
    """Give a text what the name of a file cannot hold, and leave it the rest."""
    return text.replace("/", "").replace("\x00", "").encode()[:180].decode(errors="ignore")


# The comparison


@pytest.mark.slow
def test_no_text_of_a_comparison_comes_alive(browser: "Browser", result: Result, tmp_path: Path) -> None:
    home = tmp_path / "run"
    publish(result.study, out=home, report=False, jobs=1)
    home = home / result.study.name / "latest"
    with watched_page(browser) as watched:
        for number, texts in enumerate(parts(SCRIPTS, 24) if LONG else [list(SCRIPTS[7::143])]):
            places = [
                tmp_path / str(number) / f"{place}{as_a_file(text)}" for place, text in enumerate(texts)
            ]
            (tmp_path / str(number)).mkdir()
            for place in places:
                place.symlink_to(home)
            runs = [open_run(place) for place in places]
            calm = [compared(run, lambda place=place: f"plain {place}") for place, run in enumerate(runs)]
            worn = [compared(run, Round(SCRIPTS.index(text))) for run, text in zip(runs, texts, strict=True)]
            seen = []
            for some, name in ((calm, "calm"), (worn, "worn")):
                folder = write_comparison(some, tmp_path / str(number) / name)
                seen.append(visit(watched, folder / "compare.html"))
            assert (seen[0].live, seen[1].live) == ([], [])
            assert outside_drawings(seen[1]) == outside_drawings(seen[0])
            assert {name for name in seen[1].counts if name.startswith("svg")} <= SHAPES
            assert missing(seen[1], texts) == []
            for file in sorted(folder.glob("*.svg")):
                alone = visit(watched, file)
                assert (alone.live, set(alone.counts) <= SHAPES) == ([], True), file.name


def compared(result: Result, text: Texts) -> Result:
    """Put texts wherever a comparison reads them: titles, names, paths and values that differ, versions."""
    words = {"title": text(), "name": text()}
    document = {**result.study.document, "scenarios": {text(): {text(): text()}}}
    facts = replace(result.facts, versions={"mcrace": text()})
    return replace(result, study=other(result.study, document=document, **words), facts=facts)


# The comment


@pytest.mark.slow
def test_no_text_of_a_comment_comes_alive(browser: "Browser", result: Result, tmp_path: Path) -> None:
    (tmp_path / "card.png").write_bytes(b"")
    page = tmp_path / "comment.html"
    with watched_page(browser) as watched:
        plain = comments(watched, page, result, [harmless])
        for starts in parts_of(rounds(SCRIPTS, 20), 20):
            given = [Round(start) for start in starts]
            seen = comments(watched, page, result, given)
            assert seen.live == plain.live * len(given)
            assert inside(seen) == {name: count * len(given) for name, count in inside(plain).items()}
            assert missing(seen, [text for each in given for text in each.given]) == []


def parts_of(numbers: list[int], size: int) -> list[list[int]]:
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]


def inside(seen: Seen) -> dict[str, int]:
    return {
        name: count for name, count in seen.counts.items() if name not in ("html", "head", "body", "meta")
    }


def comments(watched: Watched, path: Path, result: Result, texts: list[Texts]) -> Seen:
    told = (text for each in texts for text in comment(result, each))
    path.write_text(rendered(*told), encoding="utf-8")
    watched.page.goto(path.as_uri())
    settle(watched.page)
    quiet(watched, path.as_uri(), (path.parent / "card.png").as_uri())
    return seen_on(watched.page)


def rendered(*texts: str) -> str:
    """Write markdown as a page, as a platform that lets HTML through would."""
    from markdown_it import MarkdownIt

    writer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    told = "".join(f"<section>{writer.render(text)}</section>" for text in texts)
    return f"<!DOCTYPE html><meta charset=utf-8><body>{told}"


def comment(result: Result, text: Texts) -> Iterator[str]:
    """Write comments with a text in each of their places."""
    half = (Option(text(), (Event("below", 300.0),)), Option(text(), ()))
    titled = Question(platform="markdown", variable="day", kind="multiple_choice", title=text(), options=half)
    bare = Question(platform="markdown", variable="day", scenario="early")
    for question in (titled, bare):
        told = plain_forecast(result, question)
        if question is bare:
            told = replace(told, label=text(), unit=text(), question=replace(bare, scenario=text()))
        drivers = [Driver(label=text(), share=0.5)]
        yield markdown_comment([told], drivers=drivers, figure="card.png").decode()


# A whole run


MOST = 36
"""Texts of one study file: an input, a quantity, a niche, a group and an option for each."""


@pytest.fixture(scope="module")
def plain_run(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Seen:
    words = tuple(f"plain {place}" for place in range(MOST))
    with watched_page(browser) as watched:
        return visit(watched, run_of(words, tmp_path_factory.mktemp("plain")) / "report.html")


def run_of(words: tuple[str, ...], place: Path) -> Path:
    file = place / f"{as_a_file(words[-1])}.yaml"
    file.write_text(whole(words, place), encoding="utf-8")
    return publish(load(file), out=place, jobs=1).folder


@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="the long part of the campaign: MCRACE_CAMPAIGN=1")
@pytest.mark.parametrize("start", range(0, len(ALIVE), MOST))
def test_no_text_of_a_whole_run_comes_alive(
    browser: "Browser", plain_run: Seen, start: int, tmp_path: Path
) -> None:
    texts, plain = (ALIVE * 2)[start : start + MOST], plain_run
    folder = run_of(texts, tmp_path)
    with watched_page(browser) as watched:
        seen = visit(watched, folder / "report.html")
        assert (seen.live, plain.live) == ([], [])
        assert outside_drawings(seen) == outside_drawings(plain)
        assert {name for name in seen.counts if name.startswith("svg")} <= SHAPES
        assert missing(seen, texts) == []
        for drawing in sorted(folder.glob("figures/*.svg")):
            alone = visit(watched, drawing)
            assert (alone.live, set(alone.counts) <= SHAPES) == ([], True), drawing.name
        attached = sorted(folder.glob("forecast/*.md"))
        assert len(attached) == 2
        for each in attached:
            page = each.with_suffix(".html")
            page.write_text(rendered(each.read_text(encoding="utf-8")), encoding="utf-8")
            watched.page.goto(page.as_uri())
            settle(watched.page)
            quiet(watched, page.as_uri(), each.with_suffix(".png").as_uri())
            shown = seen_on(watched.page)
            assert shown.live == [f"img src={each.with_suffix('.png').name}"]
            assert set(shown.counts) <= {
                "html",
                "head",
                "meta",
                "body",
                "p",
                "strong",
                "ul",
                "li",
                "code",
                "img",
                "section",
            }


def whole(texts: tuple[str, ...], folder: Path) -> str:
    """Write a study file with a text in every place that takes one."""
    column = pd.DataFrame({texts[0]: np.linspace(1.0, 2.0, 9)})
    column.to_csv(folder / f"{as_a_file(texts[1])}.csv", index=False)
    law = {"empirical": {"file": f"{as_a_file(texts[1])}.csv", "column": texts[0]}}
    turned = Round(0, texts)
    inputs = {
        f"t{place}": {"law": {"uniform": [1, 2]}, "label": text, "unit": turned(), "source": turned()}
        for place, text in enumerate(texts)
    }
    names = list(inputs)
    keys = [clean_text(text) for text in texts]  # those of a file are lines
    options: dict[str, Any] = {text: {"below": 90.0 * place} for place, text in enumerate(keys[:8])}
    options[keys[8]] = {"rest": True}
    asked = {"platform": "markdown", "variable": "day", "unit": texts[3]}
    content = {
        **SMALL,
        "title": texts[4],
        "question": texts[5],
        "inputs": {**SMALL["inputs"], **inputs, "column": {"law": law, "label": texts[6]}},
        "model": {
            **SMALL["model"],
            "niches": {
                "list": [{"name": text, "share": name} for text, name in zip(texts, names, strict=True)]
            },
        },
        "quantities": {
            f"q{place}": {"expression": f"incentive * {name}", "label": text, "unit": turned()}
            for place, (text, name) in enumerate(zip(texts[:6], names, strict=False))
        },
        "scenarios": {"early": {"model.discount_rate": "0.1 * column"}},
        "analysis": {"groups": {text: [name] for text, name in zip(keys, names, strict=True)}},
        "forecast": [
            {**asked, "id": texts[7], "title": texts[8], "options": options},
            {**asked, "id": texts[9], "title": texts[10]},
        ],
        "sampling": TINY,
    }
    return study_yaml(content)


# The page on which a study is moved


@pytest.mark.slow
def test_no_text_of_a_study_that_is_explored_comes_alive(browser: "Browser", tmp_path: Path) -> None:
    with watched_page(browser) as watched:
        for number, texts in enumerate(parts(ALIVE, 12) if LONG else [list(ALIVE[3::125])]):
            folder = tmp_path / str(number)
            folder.mkdir()
            sessions = [
                opened(str(moved_file(folder, some)), {}, draws=64)
                for some in ([f"plain {place}" for place in range(len(texts))], texts)
            ]
            plain = explored(watched, sessions[0], harmless)
            for text in texts:
                given = Round(ALIVE.index(text), ALIVE)
                seen = explored(watched, sessions[1], given)
                assert (seen.counts, seen.live) == (plain.counts, plain.live), text
                assert missing(seen, [*texts, *given.given[:3]]) == [], text


def moved_file(folder: Path, texts: list[str]) -> Path:
    turned = Round(0, tuple(texts))
    inputs = {
        f"t{place}": {"law": {"uniform": [1, 2]}, "label": text, "unit": turned(), "source": turned()}
        for place, text in enumerate(texts)
    }
    path = folder / f"{as_a_file(texts[0])}.yaml"
    content = {**SMALL, "inputs": {**SMALL["inputs"], **inputs}, "sampling": TINY}
    path.write_text(study_yaml(content), encoding="utf-8")
    return path


def explored(watched: Watched, session: Any, text: Texts) -> Seen:
    """Open the page, and type texts into what takes them."""
    first, second, *rest = session.study.scenarios
    title, question, name = text(), text(), text()
    names = {"title": title, "question": question, "scenarios": (first, replace(second, name=name), *rest)}
    with served(replace(session, study=other(session.study, **names))) as caller:
        home = f"http://127.0.0.1:{caller.port}/"
        page = watched.page
        page.goto(f"{home}#{caller.token}")
        settled(page)
        page.locator("[data-path='inputs.lead'] details").evaluate("(it) => { it.open = true; }")
        page.locator("[data-path='inputs.lead'] .text").fill(text())
        settled(page)
        page.locator("[data-path='inputs.lead'] .fault").wait_for()
        page.locator("#name").fill(text())
        page.locator("#save button").click()
        page.locator("#saved.fault", has_text="found").wait_for()
        page.locator("#find").fill(text())
        settle(page)
        seen = seen_on(page)
        assert (watched.complaints, watched.dialogs) == ([], [])
        assert all(url.startswith(home) for url in watched.requests)
        watched.requests.clear()
    return seen


# What no file may give, and whether the texts bite


def test_names_that_are_no_names_are_refused() -> None:
    for text in SCRIPTS if LONG else SCRIPTS[::12]:
        named = {
            "study": {"study": text},
            "inputs": {"inputs": {**SMALL["inputs"], text: 1.0}},
            "quantities": {"quantities": {text: "day / 30"}},
            "scenarios": {"scenarios": {text: {"inputs.day": 30}}},
            "evidence": {"inputs": {**SMALL["inputs"], "t": {"law": 1.0, "evidence": text}}},
            "forecast": {"forecast": [{"platform": "csv", "variable": "day", "scenario": text}]},
        }
        if not alive(text):
            wrong = {"law": 1.0, "label": text}
            named |= {"title": {"title": text}, "label": {"inputs": {**SMALL["inputs"], "t": wrong}}}
        for place, change in named.items():
            with pytest.raises(StudyError) as refusal:
                Study(**{**SMALL, **change})
            assert place in str(refusal.value)


@pytest.mark.slow
def test_the_texts_would_bite(browser: "Browser", tmp_path: Path) -> None:
    """Without this the browser could be asleep."""
    page = tmp_path / "raw.html"
    some, dialogs = LIVE if LONG else LIVE[:12:3], 0
    count = "document.querySelectorAll('section *, section ~ *').length"
    with watched_page(browser) as watched:
        watched.page.route("https://evil.example/**", lambda route: route.abort())
        for text in (one for one in some if "refresh" not in one):
            told = f"<!DOCTYPE html><title>x</title><section>{text}</section>"
            page.write_text(told, encoding="utf-8")
            watched.page.goto(page.as_uri())
            settle(watched.page)
            assert watched.page.evaluate(count) > 0, text
            dialogs += bool(watched.dialogs)
            watched.dialogs.clear()
    assert dialogs >= len(some) / 3
    assert rendered("# a\n\n<b onclick=x>").count("<b onclick") == 1
