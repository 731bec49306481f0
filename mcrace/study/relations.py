"""Numbers of a study that are right or wrong only together, as far as that shows before any draw."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from mcrace.errors import Fault
from mcrace.nomenclature import KEYS
from mcrace.study.document import Document
from mcrace.study.names import fixed_number, standing_fault, variants
from mcrace.study.terms import as_number, shown

__all__ = ["MOST_MEMBERS", "MOST_RELEASES", "relation_faults"]

MOST_MEMBERS = 1_000
"""Most members of a process for which a law is drawn anew: each is an input of its own."""

MOST_RELEASES = 10_000
"""Most releases of a process."""

_Path = tuple[str, ...]
_GROWTH_UP_TO_A_CEILING = replace(KEYS["customers.growth_rate"], low=0.0, low_open=False)


def relation_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find numbers that do not go together: points, the ceiling of customers, shares of niches, members.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place. What is uncertain is left to the model, which looks at every draw.
    """
    model = study.get("model")
    inputs = study.get("inputs")
    if not isinstance(model, Mapping):
        return
    named = inputs if isinstance(inputs, Mapping) else {}
    for path, fault in (
        *(
            fault
            for place, section in variants(_section(model, "value"), ("value",))
            for fault in _curve_faults(section, place)
        ),
        *_ceiling_faults(_section(model, "customers"), named),
        *_share_faults(_section(model, "niches"), named),
        *_member_faults(_section(_section(model, "open"), "process")),
    ):
        whole = ("model", *path)
        yield document.located(replace(fault, path=".".join(whole)), whole)


def _section(above: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    below = above.get(name)
    return below if isinstance(below, Mapping) else {}


def _curve_faults(value: Any, place: _Path) -> Iterator[tuple[_Path, Fault]]:  # noqa: ANN401
    if not isinstance(value, Mapping):
        return
    curve, points = value.get("curve"), value.get("points")
    if isinstance(curve, str) and curve == "table":
        for member, fault in _point_faults(points if isinstance(points, list) else []):
            yield (*place, "points", *member), fault


def _point_faults(pairs: list[Any]) -> Iterator[tuple[_Path, Fault]]:
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


def _ceiling_faults(customers: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[tuple[_Path, Fault]]:
    if "ceiling" not in customers:
        return
    count = fixed_number(customers.get("count"), named)
    ceiling = fixed_number(customers["ceiling"], named)
    if count is not None and ceiling is not None and 0.0 <= ceiling < count:
        expected = f"a number of at least customers.count, which is {shown(count)}"
        yield ("customers", "ceiling"), Fault(path="", found=shown(ceiling), expected=expected)
    growth = customers.get("growth_rate")
    # What is wrong without a ceiling is told already.
    if standing_fault(growth, named, KEYS["customers.growth_rate"]) is None:
        fault = standing_fault(growth, named, _GROWTH_UP_TO_A_CEILING)
        if fault is not None:
            expected = f"{fault.expected} (with a ceiling, customers do not become fewer)"
            yield ("customers", "growth_rate"), replace(fault, expected=expected)


def _share_faults(niches: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[tuple[_Path, Fault]]:
    members = niches.get("list")
    if not isinstance(members, list) or not members:
        return
    shares = [
        fixed_number(item.get("share"), named) if isinstance(item, Mapping) else None for item in members
    ]
    if all(share == 0.0 for share in shares):
        fault = Fault(path="", found="shares that are all 0", expected="at least one share above 0")
        yield ("niches", "list"), fault


def _member_faults(process: Mapping[str, Any]) -> Iterator[tuple[_Path, Fault]]:
    count = as_number(process.get("count"))
    most, why = MOST_RELEASES, "more would only fill the memory"
    anew = [name for name, value in process.items() if isinstance(value, Mapping) and "each" in value]
    if anew:
        most, why = MOST_MEMBERS, f"{' and '.join(anew)} draws each anew"
    if count is not None and count > most:
        expected = f"at most {most}: {why}"
        yield ("open", "process", "count"), Fault(path="", found=shown(count), expected=expected)
