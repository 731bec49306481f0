"""Where the numbers of a study stand in its file, for what is found wrong only once they are drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcrace.errors import Fault
from mcrace.study.document import Document
from mcrace.study.parts import Scenario

__all__ = ["Standing", "placed", "standing_places"]

Standing = Mapping[str, Sequence[Any] | None]
"""Dotted path to file, line, column and excerpt; None where the value did not come from the file."""

_DRAWN = ("model", "quantities", "scenarios")
_MOST = 5_000  # a study's places travel with each of its tasks


def standing_places(value: Mapping[str, Any], written: Document) -> Standing:
    """List where all that draws hang on stands.

    Parameters
    ----------
    value : Mapping
        A study as plain values, with what was changed from outside its file.
    written : Document
        The study as it was read, with the places of what the file gave.

    Returns
    -------
    Mapping
        Of the model, the quantities and the scenarios; without the scenarios if these are very many.

    Examples
    --------
    >>> from mcrace.study.document import read_text
    >>> written = read_text("model: {discount_rate: 0.1}", "s.yaml")
    >>> standing_places(written.value, written)["model.discount_rate"]
    ('s.yaml', 1, 24, 'model: {discount_rate: 0.1}')
    """
    known = [path for path in written.places if path[:1] and path[0] in _DRAWN]
    if len(known) > _MOST:
        known = [path for path in known if path[0] != _DRAWN[-1]]
    made = (path for name in _DRAWN[:-1] for path in _paths(value.get(name), (name,)))
    places: dict[str, Sequence[Any] | None] = {".".join(path): None for path in made}
    return places | {".".join(path): _place(written, path) for path in known}


def placed(fault: Fault, places: Standing, scenario: Scenario, file: str | None) -> Fault:
    """Give a fault of a draw its place in the file.

    Parameters
    ----------
    fault : Fault
        Of a key of the model or a quantity.
    places : Mapping
        From `standing_places`.
    scenario : Scenario
        In which it was found: what the scenario changes stands there.
    file : str or None
        The study's file, told where the value did not come from it.

    Returns
    -------
    Fault
        With file, line, column and excerpt; with the file alone where no line holds the value.
    """
    changed = any((fault.path + ".").startswith(path + ".") for path in scenario.changes)
    above, path = f"scenarios.{scenario.name}." if changed else "", fault.path
    while "." in path:
        if above + path in places:
            name, line, column, excerpt = places[above + path] or (file, None, None, None)
            return replace(fault, file=name, line=line, column=column, excerpt=excerpt)
        path = path.rpartition(".")[0]
    return replace(fault, file=file)


def _place(written: Document, path: tuple[str, ...]) -> Sequence[Any]:
    at = written.located(Fault(path="", found="", expected=""), path)
    return at.file, at.line, at.column, at.excerpt


def _paths(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:  # noqa: ANN401
    """Path of a value and of all that it holds."""
    yield path
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _paths(item, (*path, str(name)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, str(index)))
