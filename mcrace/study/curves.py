"""What the chosen value curve asks of a study: the keys it needs, and points that increase."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from mcrace.errors import Fault
from mcrace.nomenclature import KEYS, children
from mcrace.study.document import Document
from mcrace.study.terms import as_number, shown

__all__ = ["curve_faults"]

_Path = tuple[str, ...]


def curve_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find what the value curve lacks.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place. Only plain numbers can be held against each other before they are drawn.
    """
    model = study.get("model")
    value = model.get("value") if isinstance(model, Mapping) else None
    if not isinstance(value, Mapping):
        return
    curve = value.get("curve", KEYS["value.curve"].default)
    for name, path in children("value").items():
        if isinstance(curve, str) and curve in KEYS[path].needed_by and name not in value:
            expected = f"{KEYS[path].range_text} (curve {curve} needs it)"
            fault = Fault(path=f"model.{path}", found="nothing", expected=expected)
            yield document.located(fault, ("model", "value"))
    if isinstance(curve, str) and curve == "table":
        for member, fault in _point_faults(value.get("points")):
            whole = ("model", "value", "points", *member)
            yield document.located(replace(fault, path=".".join(whole)), whole)


def _point_faults(points: Any) -> Iterator[tuple[_Path, Fault]]:  # noqa: ANN401
    pairs = points if isinstance(points, list) else []
    for column in (0, 1):
        numbers = [(str(row), _member(pair, column)) for row, pair in enumerate(pairs)]
        known = [(row, number) for row, number in numbers if number is not None]
        for row, number in known if column == 0 else ():
            if not number > KEYS["value.points"].low:
                yield (row, "0"), Fault(path="", found=shown(number), expected="a level above 0")
        for (_, before), (row, number) in pairwise(known):
            if not number > before:
                expected = f"a number above {shown(before)}: both columns increase"
                yield (row, str(column)), Fault(path="", found=shown(number), expected=expected)


def _member(pair: Any, column: int) -> float | None:  # noqa: ANN401
    return as_number(pair[column]) if isinstance(pair, list) and len(pair) == 2 else None
