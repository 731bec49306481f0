"""The rule that every number of a study has a source or the word assumed, as a function."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mcrace.errors import StudyError
from mcrace.study.document import Document, read_document
from mcrace.study.expressions import parse_expression

NUMBERED = ("model", "scenarios", "grid", "correlations", "quantities")
"""Sections whose numbers could be argued about; sampling and analysis say how a study is computed."""

NEUTRAL = (0.0, 1.0, math.inf, 365.0, 365.25)
"""Where things are off, and the days of a year."""
SAID = re.compile(
    r"\bassumed\b|\bderived\b|evidence/\w+\.md|\b(?:19|20)\d\d\b|arXiv|NBER|Epoch AI|\bbaseline\b",
    re.IGNORECASE,
)
ALL_ASSUMED = "All numbers are assumed"


def unsourced(path: Path) -> tuple[str, ...]:
    """Name the numbers of a study file that have neither a source nor the word assumed.

    An input with a law has a ``source`` that names a year, a collection, a page of evidence or the baseline,
    or says assumed or derived. A number of the model, of a scenario or of a quantity has a comment that
    does, on its line or right above its key or that of a part around it. A formula of the model may repeat a
    number that the file, or one that it extends, says with such a comment. 0, 1, never and the days of a
    year need none. A file may say at its head that all its numbers are assumed.
    """
    document = read_document(path)
    if ALL_ASSUMED in _head(document):
        return ()
    told = _told_below(document, path)
    found = [(place, number) for place, number in _literals(document) if number not in NEUTRAL]
    told |= {number for place, number in found if _is_told(document, place)}
    bare = [
        f"{'.'.join(place)}: {number:g}"
        for place, number in found
        if not (_is_told(document, place) or (number in told and _in_formula(place)))
    ]
    return (*_silent_inputs(document), *bare)


def said(text: str) -> bool:
    """Whether a text names a source, or says that there is none."""
    return SAID.search(text) is not None


def _silent_inputs(document: Document) -> Iterator[str]:
    for name, entry in (document.value.get("inputs") or {}).items():
        if entry is None or (isinstance(entry, dict) and "source" not in entry and "law" not in entry
                             and {"unit", "label", "evidence"} >= set(entry)):  # fmt: skip
            continue
        if not isinstance(entry, dict) or not said(str(entry.get("source", ""))):
            yield f"inputs.{name}"


def _in_formula(place: tuple[str, ...]) -> bool:
    """Whether a number stands in the model, or in what a scenario puts there, and not for an input."""
    return place[0] != "scenarios" or any(part.startswith("model") for part in place)


def _told_below(document: Document, path: Path) -> set[float]:
    """Numbers that the files which this one extends say with a comment."""
    told: set[float] = set()
    while "extends" in document.value:
        path = path.parent / document.value["extends"]
        document = read_document(path)
        told |= {number for place, number in _literals(document) if _is_told(document, place)}
    return told


def _literals(document: Document) -> Iterator[tuple[tuple[str, ...], float]]:
    for section in NUMBERED:
        yield from _numbers((section,), document.value.get(section))


def _numbers(place: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], float]]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in ("label", "unit", "source", "name"):
                yield from _numbers((*place, name), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers((*place, str(index)), item)
    elif isinstance(value, str):
        yield from ((place, number) for number in _in_expression(value))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, float(value)


def _in_expression(text: str) -> Iterator[float]:
    try:
        steps = parse_expression(text).steps
    except StudyError:
        return
    yield from (float(value) for kind, value in steps if kind == "number")


def _is_told(document: Document, place: tuple[str, ...]) -> bool:
    lines = document.lines
    at = document.places[place]
    if any(said(_comment(lines[line - 1])) for line in {at.key[0], at.value[0]}):
        return True
    for size in range(2, len(place) + 1):
        line = document.places[place[:size]].key[0] - 1
        above = []
        while line > 0 and lines[line - 1].strip().startswith("#"):
            above.append(lines[line - 1])
            line -= 1
        if said("\n".join(above)):
            return True
    return False


def _comment(line: str) -> str:
    found = re.search(r"(?:^|\s)#.*", line)
    return found[0] if found else ""


def _head(document: Document) -> str:
    head = []
    for line in document.lines:
        if not line.startswith("#"):
            break
        head.append(line.lstrip("# "))
    return " ".join(head)
