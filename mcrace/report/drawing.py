"""Drawings inside a page: an SVG file made fit to stand in HTML beside others."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

    from mcrace.figures import FigureFile

__all__ = ["Drawing", "drawing_of", "inline_svg"]

_TAG = re.compile(r"<[^<>]*>")
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_STYLE = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_NAMESPACE = re.compile(r'\s+xmlns(:\w+)?="[^"]*"')
_IDENTITY = re.compile(r'(?<=\sid=")([^"]+)"')
_REFERENCE = re.compile(r'(?:xlink:)?href="#([^"]+)"')
_PAINT = re.compile(r"url\(#([^)]+)\)")
_SIZE = re.compile(r'\s(?:width|height)="[^"]*(?:pt|px|in)"')


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as a page shows it.

    Attributes
    ----------
    file : FigureFile
        Its title, caption and words for those who cannot see it.
    svg : Markup
        The drawing itself.
    """

    file: "FigureFile"
    svg: "Markup"


def drawing_of(file: "FigureFile") -> Drawing:
    """Make a saved figure fit to stand in a page.

    Parameters
    ----------
    file : FigureFile
        One of mcrace's own drawings, whose labels were escaped when it was written.

    Returns
    -------
    Drawing
    """
    from markupsafe import Markup

    return Drawing(file, Markup(inline_svg(file.svg, file.name)))  # noqa: S704


def inline_svg(svg: str, name: str) -> str:
    """Cut a drawing out of its SVG file.

    Parameters
    ----------
    svg : str
        An SVG file as matplotlib writes it.
    name : str
        Put before every identifier, so that drawings of one page cannot take each other's parts.

    Returns
    -------
    str
        The svg element, hidden from screen readers (the text beside it speaks), without a size of its
        own, without metadata and addresses of name spaces.

    Examples
    --------
    >>> inline_svg('<?xml?><svg xmlns="u" width="9pt" viewBox="0 0 9 9"><g id="a"/></svg>', "fig")
    '<svg viewBox="0 0 9 9" aria-hidden="true" focusable="false"><g id="fig-a"/></svg>'
    """
    drawing = _STYLE.sub("", _METADATA.sub("", svg[svg.index("<svg") :].strip()))
    # Only tags are looked at: a label may hold any text.
    drawing = _TAG.sub(lambda tag: _rewritten(tag.group(), name), drawing)
    root_end = drawing.index(">")
    root = _SIZE.sub("", drawing[:root_end])
    return f'{root} aria-hidden="true" focusable="false"{drawing[root_end:]}'


def _rewritten(tag: str, name: str) -> str:
    tag = _IDENTITY.sub(rf'{name}-\1"', _NAMESPACE.sub("", tag))
    return _PAINT.sub(rf"url(#{name}-\1)", _REFERENCE.sub(rf'href="#{name}-\1"', tag))
