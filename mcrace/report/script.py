"""The scripts of pages: inlined, and allowed by their hash alone."""

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Script", "page_script"]


@dataclass(frozen=True, slots=True)
class Script:
    """A script within a page.

    Attributes
    ----------
    text : Markup
        What stands between the tags.
    digest : str
        Base 64 of its SHA-256, by which the page's Content-Security-Policy allows it and no other.
    """

    text: "Markup"
    digest: str


def page_script(*more: str) -> Script:
    """Give the script that every page has: sortable tables, a dark page, links to copy.

    Parameters
    ----------
    *more : str
        Names of further files of this room, in the order in which they need each other.

    Returns
    -------
    Script
        All of them in one.

    Examples
    --------
    >>> script = page_script()
    >>> "function makeSortable" in script.text, len(script.digest)
    (True, 44)
    """
    from markupsafe import Markup

    folder = files("mcrace.report")
    names = ("page.js", *more)
    text = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), digest)  # noqa: S704 - files of mcrace's own
