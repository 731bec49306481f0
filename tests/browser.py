"""A real browser for the tests of pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["Watched", "axe_faults", "chromium", "watched_page"]

PHONE, DESK = (390, 844), (1440, 900)


@dataclass
class Watched:
    """A page and all that it complained of or asked for."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> "Iterator[Browser]":
    """Start Debian's Chromium; where there is none the test is left out, but never by CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        assert "CI" not in os.environ, "CI has no Chromium"
        pytest.skip("needs Chromium, as in: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_page(browser: "Browser", size: tuple[int, int] = DESK, **settings: str) -> Iterator[Watched]:
    """Open an empty page that notes console errors, uncaught faults, requests and dialogs.

    `settings` are those of a browser context, such as ``color_scheme="dark"``.
    """
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **settings)
    try:
        seen = Watched(context.new_page())
        page = seen.page
        page.on("console", lambda told: seen.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda fault: seen.complaints.append(str(fault)))
        page.on("request", lambda asked: seen.requests.append(asked.url))

        def dismiss(dialog: object) -> None:
            seen.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        yield seen
    finally:
        context.close()


def axe_faults(page: "Page") -> list[str]:
    """Give what axe-core finds that is serious or worse, a line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
