"""Pydantic's errors as faults in plain words, each with its place in the file."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from mcrace.errors import Fault, nearest_name
from mcrace.nomenclature import KEYS
from mcrace.study.document import Document
from mcrace.study.names import key_path
from mcrace.study.schema import study_file
from mcrace.study.terms import shown

__all__ = ["faults_of"]


def faults_of(error: ValidationError, document: Document) -> list[Fault]:
    """Translate what pydantic found.

    Parameters
    ----------
    error : ValidationError
        Of the study file's model.
    document : Document
        The file that was checked.

    Returns
    -------
    list of Fault
        In the order of the file.
    """
    faults = [fault for detail in error.errors(include_url=False) for fault in _translated(detail, document)]
    return sorted(faults, key=lambda fault: (fault.line or 0, fault.column or 0))


def _translated(detail: Any, document: Document) -> Iterator[Fault]:  # noqa: ANN401 - pydantic's dict
    at_key = "[key]" in detail["loc"]
    path = _as_written(tuple(str(part) for part in detail["loc"] if part != "[key]"), document)
    kind = detail["type"]
    if kind == "faults":
        for fault in detail["ctx"]["faults"]:
            whole = (*path, *fault.path.split(".")) if fault.path else path
            # A name that is unknown was found as a key; all else as a value.
            named = at_key or fault.found == repr(whole[-1])
            yield document.located(replace(fault, path=".".join(whole)), whole, at_key=named)
        return
    found, expected, nearest = _in_words(kind, detail, path)
    fault = Fault(path=".".join(path), found=found, expected=expected, nearest=nearest)
    yield document.located(fault, path, at_key=kind == "extra_forbidden")


def _as_written(path: tuple[str, ...], document: Document) -> tuple[str, ...]:
    """Path in the file: an input may stand there bare, without its ``law`` key."""
    if path[:1] == ("inputs",) and path[2:3] == ("law",) and path[:3] not in document.places:
        return path[:2] + path[3:]
    return path


def _in_words(kind: str, detail: Any, path: tuple[str, ...]) -> tuple[str, str, str | None]:  # noqa: ANN401
    value = detail["input"]
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        return "an unknown key", "one of " + ", ".join(known), nearest_name(path[-1], known)
    if kind == "missing":
        return "nothing", _wanted(path), None
    if kind == "literal_error":
        choices = detail["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return shown(value), "one of " + ", ".join(choices), nearest_name(str(value), choices)
    if kind == "too_short":
        return shown(value), f"a list of at least {detail['ctx']['min_length']}", None
    if kind == "too_long":
        return shown(value), f"a list of at most {detail['ctx']['max_length']}", None
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
    return key.range_text if key is not None else f"the key {path[-1]}"


def _known_keys(path: tuple[str, ...]) -> list[str]:
    """Names that the section at a path knows."""
    model: Any = study_file()
    for part in path:
        model = _below(model, part)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _below(model: Any, part: str) -> Any:  # noqa: ANN401 - types inside types
    if isinstance(model, type) and issubclass(model, BaseModel):
        return model.model_fields[part].annotation if part in model.model_fields else None
    arguments = getattr(model, "__args__", ())
    inner = arguments[-1] if arguments else None
    return getattr(inner, "__origin__", inner) if not isinstance(inner, type) else inner
