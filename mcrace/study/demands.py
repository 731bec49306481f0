"""What a study must give because of what else it gives: keys that a choice needs, one key of two."""

from collections.abc import Iterator, Mapping
from typing import Any

from mcrace.errors import Fault, nearest_name
from mcrace.nomenclature import KEYS, Key, children
from mcrace.study.document import Document
from mcrace.study.names import variants

__all__ = ["demand_faults"]

_Path = tuple[str, ...]


def demand_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find the keys that the choices of a model need and do not have, and keys that exclude each other.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place. Keys that are needed whatever the choices are left to the schema.
    """
    yield from _section_faults(study.get("model"), "", ("model",), document)


def _section_faults(section: Any, path: str, place: _Path, document: Document) -> Iterator[Fault]:  # noqa: ANN401
    """Walk the sections that are there."""
    if not isinstance(section, Mapping):
        return
    for name, below in children(path).items():
        key = KEYS.get(below)
        if key is None and name in section:
            for where, variant in variants(section[name], (*place, name)):
                yield from _section_faults(variant, below, where, document)
        elif key is not None and key.needed_by and name not in section:
            yield from _choice_fault(key, section, place, document)
        elif key is not None and key.instead_of:
            yield from _pair_fault(key, name, section, place, document)


def _choice_fault(key: Key, section: Mapping[str, Any], place: _Path, document: Document) -> Iterator[Fault]:
    chooser = key.chooser.rpartition(".")[2]
    choice = section.get(chooser, KEYS[key.chooser].default)
    if isinstance(choice, str) and choice in key.needed_by:
        expected = f"{key.range_text} ({chooser} {choice} needs it)"
        path = ".".join((*place, key.path.rpartition(".")[2]))
        yield document.located(Fault(path=path, found="nothing", expected=expected), place)


def _pair_fault(
    key: Key, name: str, section: Mapping[str, Any], place: _Path, document: Document
) -> Iterator[Fault]:
    """Tell of two keys that stand for each other once, at the second of them."""
    other = key.instead_of.rpartition(".")[2]
    given = [known for known in section if known in (name, other)]
    if len(given) == 2 and given[1] == name:
        whole = (*place, name)
        expected = f"exactly one of {other} and {name}"
        fault = Fault(path=".".join(whole), found=f"{name} beside {other}", expected=expected)
        yield document.located(fault, whole, at_key=True)
    elif not given and _comes_first(key) and not _misspelt(section, (name, other), key.path):
        expected = f"{key.range_text}, or {other} in its place"
        fault = Fault(path=f"model.{key.path}", found="nothing", expected=expected)
        yield document.located(fault, place)


def _comes_first(key: Key) -> bool:
    paths = list(KEYS)
    return paths.index(key.path) < paths.index(key.instead_of)


def _misspelt(section: Mapping[str, Any], names: tuple[str, str], path: str) -> bool:
    """Whether one of the names seems to be there under a name that the section does not know."""
    known = children(path.rpartition(".")[0])
    return any(nearest_name(name, known) in names for name in section if name not in known)
