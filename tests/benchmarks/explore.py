"""Seconds from a change to the answer drawn anew, on the page on which a study is moved.

    python -m tests.benchmarks.explore [STUDY]

CPU seconds of the server for each kind of change, which are what one core with nothing else to do takes; and
seconds by the clock in a headless browser, where there is one, from a key to the new drawing.
"""

import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mcrace.explore.session import Session, opened
from tests.browser import chromium, watched_page
from tests.explored import served

CONFIG = Path(__file__).parents[2] / "configs" / "baseline.yaml"
TURNS = 15
KINDS: dict[str, tuple[str, Callable[[int], dict[str, str]]]] = {
    "a law is moved": ("base", lambda turn: {"inputs.life": f"{{uniform: [{100 + turn}, 440]}}"}),
    "a number is moved": ("base", lambda turn: {"inputs.seats": f"{4e7 + 1e5 * turn}"}),
    "an expression is changed": ("base", lambda turn: {"model.lab.training_days": f"training + {turn}"}),
    "an input is fixed": ("base", lambda turn: {"inputs.day": f"{200 + turn}"}),
    "fixed, and in a scenario": ("early", lambda turn: {"inputs.growth": f"{1.5 + turn / 100}"}),
}


def taken(session: Session, scenario: str, edits: Callable[[int], dict[str, str]]) -> list[float]:
    """Take a kind of change several times, each with a value of its own."""
    seconds = []
    for turn in range(TURNS):
        started = time.process_time()
        session.answered(edits(turn), scenario)
        seconds.append(time.process_time() - started)
    return seconds


def in_a_browser(session: Session) -> list[float]:
    """Move a slider by a key, and wait for the drawing."""
    seconds = []
    with served(session) as caller, chromium() as browser, watched_page(browser) as seen:
        page = seen.page
        page.goto(f"http://127.0.0.1:{caller.port}/#{caller.token}")
        marks = "document.body.dataset.asked === document.body.dataset.answered"
        drawn = "document.body.dataset.answered !== undefined && " + marks
        while not page.evaluate(drawn):
            time.sleep(0.02)
        page.locator("[data-path^='inputs.'] input[type=range]").first.focus()
        for _ in range(TURNS):
            started = time.perf_counter()
            page.keyboard.press("ArrowRight")
            while not page.evaluate(marks):
                time.sleep(0.002)
            seconds.append(time.perf_counter() - started)
    return seconds


def told(words: str, seconds: list[float]) -> None:
    print(f"{words:28} median {statistics.median(seconds):.3f} s, slowest {max(seconds):.3f} s")


def main() -> None:
    """Print the seconds of each kind of change."""
    session = opened(sys.argv[1] if len(sys.argv) > 1 else str(CONFIG), {})
    print(f"{session.study.name}: {session.draws:,} draws, {len(session.scenarios)} scenarios")
    if session.study.name == "baseline":
        for words, (scenario, edits) in KINDS.items():
            told(words, taken(session, scenario, edits))
    if shutil.which("chromium") is not None:
        told("a slider in a browser", in_a_browser(session))


if __name__ == "__main__":
    main()
