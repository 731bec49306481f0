"""Grids of scenarios: keys with their values, every combination of which is one scenario."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from mcrace.errors import Fault
from mcrace.study.document import Document
from mcrace.study.terms import as_number, shown

__all__ = ["all_scenarios", "grid_faults", "with_grid_places"]

_MOST = 10_000


def all_scenarios(study: Mapping[str, Any]) -> dict[str, Any]:
    """Give a study's scenarios, those of its grid after the others.

    Parameters
    ----------
    study : Mapping
        The study as plain values.

    Returns
    -------
    dict of str to object
        Name to changes. A grid's scenario is named by its values: no other can be, for the sign ``=``.

    Examples
    --------
    >>> list(all_scenarios({"grid": {"inputs.day": [30, 60], "model.horizon_days": [365]}}))
    ['day=30,horizon_days=365', 'day=60,horizon_days=365']
    """
    scenarios = study.get("scenarios")
    named = dict(scenarios) if isinstance(scenarios, Mapping) else {}
    axes = _axes(study)
    for name, picks in _combinations(axes):
        named[name] = {path: values[pick] for (path, values), pick in zip(axes.items(), picks, strict=True)}
    return named


def grid_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find what is wrong with the shape of a grid; its paths and values are checked as scenarios are.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place.
    """
    if "grid" not in study:
        return
    grid = study["grid"]
    if not isinstance(grid, Mapping) or not grid:
        expected = "a mapping of paths to lists of values, such as {inputs.day: [30, 90, 270]}"
        yield document.located(Fault(path="grid", found=shown(grid), expected=expected), ("grid",))
        return
    for path, values in grid.items():
        place = ("grid", str(path))
        if not isinstance(values, list | tuple) or not values:
            fault = Fault(path=".".join(place), found=shown(values), expected="a list of values")
            yield document.located(fault, place)
    size = math.prod(len(values) for values in _axes(study).values())
    if size > _MOST:
        fault = Fault(path="grid", found=f"{size:,} combinations", expected=f"at most {_MOST:,}")
        yield document.located(fault, ("grid",), at_key=True)


def with_grid_places(document: Document) -> Document:
    """Give the changes of a grid's scenarios the places of the grid's values.

    Parameters
    ----------
    document : Document
        A study.

    Returns
    -------
    Document
        In which a fault of such a scenario is located where its value stands.
    """
    axes = _axes(document.value) if isinstance(document.value, Mapping) else {}
    if not axes or not document.places:
        return document
    places = dict(document.places)
    parts: dict[tuple[str, str], list[tuple[str, ...]]] = {}  # by axis and rank of the value
    for known in places:
        if known[:1] == ("grid",) and len(known) >= 3:
            parts.setdefault((known[1], known[2]), []).append(known)
    for name, picks in _combinations(axes):
        for path, pick in zip(axes, picks, strict=True):
            for known in parts.get((path, str(pick)), ()):
                places["scenarios", name, path, *known[3:]] = places[known]
    return replace(document, places=places)


def _axes(study: Mapping[str, Any]) -> dict[str, Any]:
    grid = study.get("grid")
    if not isinstance(grid, Mapping):
        return {}
    axes = {str(path): values for path, values in grid.items()}
    whole = all(isinstance(values, list | tuple) and values for values in axes.values())
    return axes if whole else {}


def _combinations(axes: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name each combination, with the rank of each axis's value; none if there are too many."""
    if not axes or math.prod(len(values) for values in axes.values()) > _MOST:
        return
    labels = _labels(list(axes))
    words = [
        [f"{labels[path]}={_word(values, pick)}" for pick in range(len(values))]
        for path, values in axes.items()
    ]
    for picks in product(*(range(len(column)) for column in words)):
        yield ",".join(column[pick] for column, pick in zip(words, picks, strict=True)), picks


def _labels(paths: list[str]) -> dict[str, str]:
    """Shortest ends of the paths that tell them apart."""
    labels = {}
    for path in paths:
        parts = path.split(".")
        for size in range(1, len(parts) + 1):
            label = ".".join(parts[-size:])
            others = (other for other in paths if other != path)
            if not any(("." + other).endswith("." + label) for other in others):
                break
        labels[path] = label
    return labels


def _word(values: Any, pick: int) -> str:  # noqa: ANN401
    """Write a value of an axis: a number or a plain word as itself, all else by its rank."""
    words = [_plain_word(value) for value in values]
    word = words[pick]
    return word if word and words.count(word) == 1 else f"#{pick + 1}"


def _plain_word(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower()
    number = as_number(value)
    if number is not None:
        return min(f"{number:.10g}", f"{number:.9e}".replace("0" * 9, "").replace(".e+0", "e"), key=len)
    return value if isinstance(value, str) and value.replace("_", "").isalnum() and len(value) <= 24 else ""
