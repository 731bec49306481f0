"""Pydantic's errors as faults in plain words, each with its place in the file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import UnionType
from typing import Any

from pydantic import BaseModel, ValidationError

from mcrace.errors import Fault, nearest_name
from mcrace.laws import LAWS
from mcrace.nomenclature import KEYS
from mcrace.study.document import Document
from mcrace.study.fields import is_annotated
from mcrace.study.names import IS, ONE_OF, key_path
from mcrace.study.schema import study_file
from mcrace.study.structure import ALTERNATIVE_KEYS, SECTIONS
from mcrace.study.terms import shown
from mcrace.study.waiting import SINCE

__all__ = ["MOST_TOLD", "at_name", "faults_of", "first_ones", "in_order", "told_of"]

UNKNOWN = "an unknown key"
NOTHING = "nothing"
MOST_TOLD = 100
"""Faults that a person is told at once; to find and name more takes long, and nobody reads them."""


def faults_of(error: ValidationError, value: Mapping[str, Any], document: Document) -> list[Fault]:
    """Translate what pydantic found.

    Parameters
    ----------
    error : ValidationError
        Of the study file's model.
    value : Mapping
        What was checked.
    document : Document
        Gives the places.

    Returns
    -------
    list of Fault
        In pydantic's order, one more than are told at the most.
    """
    details = error.errors(include_url=False)
    return first_ones(fault for detail in details for fault in _translated(detail, value, document))


def first_ones(faults: Iterable[Fault]) -> list[Fault]:
    """Take as many faults as are told, and one more if there is one."""
    return list(islice(faults, MOST_TOLD + 1))


def told_of(faults: Iterable[Fault], file: str | None) -> list[Fault]:
    """Choose from a study's faults those that are told.

    Parameters
    ----------
    faults : iterable of Fault
        In the order of the file.
    file : str or None
        The study's.

    Returns
    -------
    list of Fault
        All; of very many the first, below a line that says so.

    Examples
    --------
    >>> many = [Fault(path=f"a{number}", found="1", expected="2") for number in range(500)]
    >>> first, *others = told_of(many, "s.yaml")
    >>> print(first)
    s.yaml: found more than 100 faults, expected none; the first 100 follow
    >>> len(others)
    100
    """
    told = list(faults)
    if len(told) <= MOST_TOLD:
        return told
    found, expected = f"more than {MOST_TOLD} faults", f"none; the first {MOST_TOLD} follow"
    return [Fault(path="", file=file, found=found, expected=expected), *told[:MOST_TOLD]]


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Sort faults as the file goes, without those that a misspelt key makes a second time.

    Parameters
    ----------
    faults : iterable of Fault
        Each with its place.

    Returns
    -------
    list of Fault
        A key that is absent because it was misspelt is not told, nor are the names of inputs where
        ``inputs`` itself was, nor the keys of a section where ``one_of`` was.
    """
    told = list(faults)
    meant = {
        ".".join((*fault.path.split(".")[:-1], fault.nearest))
        for fault in told
        if fault.found == UNKNOWN and fault.nearest is not None
    }
    sections = {path.rpartition(".")[0] for path in meant if path.endswith(f".{ONE_OF}")}
    kept = [
        fault
        for fault in told
        if not (fault.found == NOTHING and (fault.path in meant or fault.path.rpartition(".")[0] in sections))
        and not (fault.found.startswith("the name ") and "inputs" in meant)
    ]
    return sorted(kept, key=lambda fault: (fault.line or 0, fault.column or 0))


def _translated(detail: Any, value: Mapping[str, Any], document: Document) -> Iterator[Fault]:  # noqa: ANN401
    at_key = "[key]" in detail["loc"]
    path = _as_written(tuple(str(part) for part in detail["loc"] if part != "[key]"), value)
    kind = detail["type"]
    if kind == "faults":
        for fault in detail["ctx"]["faults"]:
            whole = (*path, *fault.path.split(".")) if fault.path else path
            # A name that is unknown was found as a key; all else as a value.
            named = at_key or at_name(fault, whole)
            yield document.located(replace(fault, path=".".join(whole)), whole, at_key=named)
        return
    found, expected, nearest = _in_words(kind, detail, path)
    fault = Fault(path=".".join(path), found=found, expected=expected, nearest=nearest)
    yield document.located(fault, path, at_key=kind == "extra_forbidden")


def at_name(fault: Fault, path: tuple[str, ...]) -> bool:
    """Whether the key itself is wrong, and not its value.

    Parameters
    ----------
    fault : Fault
        Any.
    path : tuple of str
        Where it stands.

    Returns
    -------
    bool
        True for an unknown key and for a name that is none of those known.
    """
    # A level of a quantile holds a dot, at which the path was cut.
    ends = (".".join(path[place:]) for place in range(len(path)))
    return fault.found == UNKNOWN or any(fault.found == repr(end) for end in ends)


def _as_written(path: tuple[str, ...], value: Mapping[str, Any]) -> tuple[str, ...]:
    """Path in the file: an input may stand there bare, without its ``law`` key, and others likewise."""
    if path[:3] == ("analysis", "flip", "keys") and isinstance(value["analysis"]["flip"], list):
        return path[:2] + path[3:]
    if path[:1] == ("quantities",) and path[2:3] == ("expression",):
        return path if isinstance(value["quantities"][path[1]], Mapping) else path[:2]
    if path[:1] == ("inputs",) and path[2:3] == ("law",) and not is_annotated(value["inputs"][path[1]]):
        return path[:2] + path[3:]
    return path


def _in_words(kind: str, detail: Any, path: tuple[str, ...]) -> tuple[str, str, str | None]:  # noqa: ANN401
    value = detail["input"]
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        if path[0] == "inputs" and path[-1] == SINCE:
            return UNKNOWN, "it beside the law's name: law: {weibull: ..., since: ...}", "law"
        if path[0] == "inputs" and path[-1] in (*LAWS, "bounds"):
            return UNKNOWN, f"law: {{{path[-1]}: ...}} beside unit, label and source", "law"
        return UNKNOWN, "one of " + ", ".join(known), nearest_name(path[-1], known)
    if kind == "missing":
        return NOTHING, _wanted(path), None
    if kind == "literal_error":
        choices = detail["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return shown(value), "one of " + ", ".join(choices), nearest_name(str(value), choices)
    if kind in ("too_short", "too_long"):
        return f"a list of {len(value)}", _wanted(path), None
    words = {
        "model_type": "a mapping of keys",
        "model_attributes_type": "a mapping of keys",
        "dict_type": "a mapping of keys",
        "list_type": "a list",
        "bool_type": "true or false",
    }
    return shown(value), words.get(kind, detail["msg"]), None


def _wanted(path: tuple[str, ...]) -> str:
    key = KEYS.get(key_path(path[1:]))
    if key is not None:
        return key.range_text
    return "a pair [level, value]" if path[-1].isdecimal() else f"the key {path[-1]}"


def _known_keys(path: tuple[str, ...]) -> list[str]:
    """Names that the section at a path knows."""
    may_be_one_of = len(path) == 2 and path[0] == "model" and path[1] in SECTIONS
    if path[2:3] == (ONE_OF,):
        if len(path) == 4:
            return list(ALTERNATIVE_KEYS)
        path = (*path[:2], *path[5:]) if path[4:5] == (IS,) else path
    model: Any = study_file()
    for part in path:
        model = _below(model, part)
    known = list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
    return [*known, ONE_OF] if may_be_one_of else known


def _below(model: Any, part: str) -> Any:  # noqa: ANN401 - types inside types
    if isinstance(model, type) and issubclass(model, BaseModel):
        return _given(model.model_fields[part].annotation) if part in model.model_fields else None
    arguments = getattr(model, "__args__", ())
    inner = arguments[-1] if arguments else None
    return getattr(inner, "__origin__", inner) if not isinstance(inner, type) else inner


def _given(kind: Any) -> Any:  # noqa: ANN401
    """Leave out of a type that the value may be absent."""
    parts = [part for part in getattr(kind, "__args__", ()) if part is not type(None)]
    return parts[0] if isinstance(kind, UnionType) and len(parts) == 1 else kind
