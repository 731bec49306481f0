"""Studies that hold only what differs from another: ``extends: other.yaml``."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws import LAWS
from mcrace.nomenclature import KEYS
from mcrace.study.data import read_files
from mcrace.study.document import Document, Place, Source, read_document
from mcrace.study.evidence import seen_from
from mcrace.study.fields import is_annotated
from mcrace.study.names import ONE_OF
from mcrace.study.terms import shown
from mcrace.study.waiting import SINCE

__all__ = ["read_study", "refuse_extending"]

_KEY = "extends"
_OWN = frozenset({"study", "title", "question", _KEY})
_WHOLE_WORDS = frozenset({*LAWS, "each", "bounds", SINCE, ONE_OF})
_LONGEST_CHAIN = 16
_FILE = "the name of a study file, as seen from this file's folder"

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Node:
    """A value with its place; what a mapping or a list holds are nodes again."""

    content: Any
    place: Place


_Nodes = dict[str, _Node]


def read_study(path: str | Path) -> tuple[Document, tuple[Fault, ...]]:
    """Read a study file, and put it on top of what it extends.

    Mappings are merged key by key; all else, laws among it, takes the place of what was there, and
    ``~`` removes it. An input that is given a new law keeps its label and unit, but not the source and
    the evidence, which spoke of the old one. A section ``value`` with another curve keeps only its
    satiation. The name, title and question of a study are its own.

    Parameters
    ----------
    path : str or Path
        A YAML file.

    Returns
    -------
    document : Document
        One study as if it had been written out, each value with its place in the file that gave it.
    faults : tuple of Fault
        What the files would remove where there is nothing.

    Raises
    ------
    StudyError
        If a file cannot be read, is no plain YAML, or extends what is no study.
    """
    chain = [_read(path)]
    while isinstance(chain[-1].value, Mapping) and _KEY in chain[-1].value:
        chain.append(_extended(chain))
    *above, last = chain
    if not above:
        return last, ()
    if not isinstance(last.value, Mapping):
        fault = Fault(path="", found=shown(last.value), expected="a study: a mapping of keys")
        raise StudyError([last.located(fault, ())])
    whole, faults = _tree(last), []
    for document in reversed(above):
        inherited = {name: node for name, node in whole.content.items() if name not in _OWN}
        top = _tree(document)
        own = {name: node for name, node in top.content.items() if name != _KEY}
        orphans: dict[_Path, str | None] = {}
        merged = _overlaid(inherited, own, (), orphans)
        named = [name for name in merged if name in _OWN]  # first, as a reader expects
        whole = _Node({name: merged[name] for name in dict.fromkeys((*named, *merged))}, top.place)
        faults += [_nothing_to_remove(document, orphan, nearest) for orphan, nearest in orphans.items()]
    places: dict[_Path, Place] = {}
    value = _plain(whole, (), places)
    return replace(chain[0], value=value, places=places), tuple(faults)


def refuse_extending(value: object) -> str:
    """Refuse ``extends`` in a study that is not read from a file.

    Parameters
    ----------
    value : object
        What stands there.

    Raises
    ------
    StudyError
        Always: in files the key is taken out before a study is checked.
    """
    expected = "a study file that says so: here is no file whose folder the name could be seen from"
    raise StudyError([Fault(path="", found=shown(value), expected=expected)])


def _read(path: str | Path) -> Document:
    """Read a study file with its data files, whose paths are seen from its own folder."""
    document = read_document(path)
    return replace(document, value=read_files(document.value, Path(path).parent))


def _extended(chain: list[Document]) -> Document:
    """Read the file that the last one of a chain extends."""
    document = chain[-1]
    given, here = document.value[_KEY], document.file or ""
    if not isinstance(given, str):
        raise _refused(document, shown(given), _FILE)
    path = Path(here).parent / given
    if not os.path.isfile(path):
        raise _refused(document, f"{given!r}, and there is no file {str(path)!r}", _FILE)
    files = [part.file or "" for part in chain]
    if os.path.realpath(path) in map(os.path.realpath, files):
        raise _refused(document, f"a circle: {' -> '.join([*files, str(path)])}", "a study that ends it")
    if len(chain) >= _LONGEST_CHAIN:
        raise _refused(document, f"a chain of more than {_LONGEST_CHAIN} files", "fewer files")
    read = _read(path)
    return replace(read, value=seen_from(read.value, path.parent, Path(chain[0].file or "").parent))


def _refused(document: Document, found: str, expected: str) -> StudyError:
    return StudyError([document.located(Fault(path=_KEY, found=found, expected=expected), (_KEY,))])


def _nothing_to_remove(document: Document, path: _Path, nearest: str | None) -> Fault:
    expected = f"a value: {document.value[_KEY]} has nothing here that could be removed"
    fault = Fault(path=".".join(path), found="~", expected=expected, nearest=nearest)
    return document.located(fault, path, at_key=True)


def _tree(document: Document) -> _Node:
    source = Source(document.file, document.lines)

    def node(value: Any, path: _Path) -> _Node:  # noqa: ANN401
        content = value
        if isinstance(value, dict):
            content = {name: node(item, (*path, name)) for name, item in value.items()}
        elif isinstance(value, list):
            content = [node(item, (*path, str(index))) for index, item in enumerate(value)]
        return _Node(content, replace(document.places[path], source=source))

    return node(document.value, ())


def _plain(node: _Node, path: _Path, places: dict[_Path, Place]) -> Any:  # noqa: ANN401
    """Value of a node; the places of all that it holds are noted."""
    places[path] = node.place
    if isinstance(node.content, dict):
        return {name: _plain(item, (*path, name), places) for name, item in node.content.items()}
    if isinstance(node.content, list):
        return [_plain(item, (*path, str(index)), places) for index, item in enumerate(node.content)]
    return node.content


def _overlaid(
    below: _Nodes,
    above: _Nodes,
    path: _Path,
    orphans: dict[_Path, str | None],
    dropped: frozenset[str] = frozenset(),
) -> _Nodes:
    """Put one mapping on another; `dropped` are keys below that are not inherited."""
    merged = {name: node for name, node in below.items() if name not in dropped}
    for name, node in above.items():
        if node.content is not None:
            merged[name] = _merged(merged.get(name), node, (*path, name), orphans)
            continue
        if name not in below:
            orphans[*path, name] = nearest_name(name, below)
        merged.pop(name, None)
    return merged


def _merged(below: _Node | None, above: _Node, path: _Path, orphans: dict[_Path, str | None]) -> _Node:
    if path[0] == "inputs" and len(path) == 2 and below is not None:
        return _merged_input(below, above, path, orphans)
    if not isinstance(above.content, dict) or _is_one_value(path, below, above):
        return above
    under = below.content if below is not None and isinstance(below.content, dict) else {}
    dropped = _of_another_curve(under, above.content) if path == ("model", "value") else frozenset()
    return _Node(_overlaid(under, above.content, path, orphans, dropped), above.place)


def _is_one_value(path: _Path, below: _Node | None, above: _Node) -> bool:
    """Whether a mapping takes the place of what was there: a law, alternatives, or what a scenario puts."""
    if path[0] != "model":
        return len(path) > {"inputs": 1, "scenarios": 2}.get(path[0], len(path))
    return any(
        isinstance(node.content, dict) and node.content and _WHOLE_WORDS.issuperset(node.content)
        for node in (below, above)
        if node is not None
    )


def _merged_input(below: _Node, above: _Node, path: _Path, orphans: dict[_Path, str | None]) -> _Node:
    """Merge an entry of ``inputs``; a bare law or number on either side is its ``law``."""
    annotated = [is_annotated(node.content) for node in (below, above)]
    if not any(annotated):
        return below if above.content == {} else above
    inherited, given = (
        node.content if with_notes or node.content == {} else {"law": node}
        for node, with_notes in zip((below, above), annotated, strict=True)
    )
    dropped = frozenset({"source", "evidence"} if "law" in given else ())
    return _Node(_overlaid(inherited, given, path, orphans, dropped), above.place)


def _of_another_curve(below: _Nodes, above: _Nodes) -> frozenset[str]:
    """Keys that another curve than the inherited one has no use for."""
    if "curve" not in above:
        return frozenset()
    curves = [nodes["curve"].content if "curve" in nodes else None for nodes in (below, above)]
    before, after = (KEYS["value.curve"].default if curve is None else curve for curve in curves)
    return frozenset() if before == after else frozenset(below) - {"satiation"}
