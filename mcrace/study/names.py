"""Names in the expressions of a model, held against the inputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.nomenclature import KEYS, Key
from mcrace.study.document import Document
from mcrace.study.expressions import parse_expression
from mcrace.study.terms import parse_law, support_fault

__all__ = ["key_path", "name_faults"]


def key_path(path: Sequence[str]) -> str:
    """Path of a key as the nomenclature writes it.

    Parameters
    ----------
    path : sequence of str
        Path below ``model``, members of lists by index.

    Returns
    -------
    str
        Members of lists as [].

    Examples
    --------
    >>> key_path(["open", "releases", "0", "day"])
    'open.releases[].day'
    """
    return "".join("[]" if part.isdecimal() else f".{part}" for part in path).removeprefix(".")


def name_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find names that are no input, and bare names whose law cannot stand where they do.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place. Texts that are no expression are left to the schema.
    """
    inputs = study.get("inputs")
    named = inputs if isinstance(inputs, Mapping) else {}
    for path, text in _texts(study.get("model"), ("model",)):
        key = KEYS.get(key_path(path[1:])) or KEYS.get(key_path(path[1:]).removesuffix("[][]"))
        if key is None or key.kind not in ("number", "points"):
            continue
        try:
            names = parse_expression(text).names
        except StudyError:
            continue
        for name in names:
            if name not in named:
                expected = "an input: " + ", ".join(named) if named else "an input, and the study has none"
                nearest = nearest_name(name, named)
                found = f"the name {name!r}"
                fault = Fault(path=".".join(path), found=found, expected=expected, nearest=nearest)
                yield document.located(fault, path)
        if text.strip() in named and key.kind == "number":
            yield from _bare_name_fault(text.strip(), named[text.strip()], key, path, document)


def _bare_name_fault(
    name: str, entry: Any, key: Key, path: tuple[str, ...], document: Document
) -> Iterator[Fault]:
    law = entry.get("law", entry) if isinstance(entry, Mapping) else None
    if not isinstance(law, Mapping):
        return
    try:
        fault = support_fault(parse_law(law), key)
    except StudyError:
        return
    if fault is not None:
        found = f"input {name}, {fault.found}"
        yield document.located(replace(fault, path=".".join(path), found=found), path)


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, str(index)))
