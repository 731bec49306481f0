"""Walk a mapping of model keys along the nomenclature: every number with its place, every fault."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcrace.errors import Fault, nearest_name
from mcrace.model.layout import LIST_FIELDS
from mcrace.model.types import FloatArray
from mcrace.nomenclature import KEYS, Key, children

__all__ = ["Entry", "Slot", "walk_model"]

ALL_MEMBERS = -1
"""Index of a number that stands for all members of its list."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Stands in a model for a number that each draw brings: of a column.

    Attributes
    ----------
    column : int
        Which.
    """

    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One number: its key, where it was written, which member of its list it is, and its values.

    Attributes
    ----------
    key : Key
        Its key.
    path : str
        Where it stands.
    index : int
        Member of its list, or -1 for all members of a process.
    field : str
        Field of the single numbers, or one of the lists.
    value : ndarray
        Shape () or (draws,); NaN where a slot stands.
    column : int or None
        The slot's.
    """

    key: Key
    path: str
    index: int
    field: str
    value: FloatArray
    column: int | None = None


@dataclass(frozen=True, slots=True)
class _Walk:
    """What the walk gathers."""

    faults: list[Fault]
    sections: set[str]


def walk_model(model: Mapping[str, Any], faults: list[Fault]) -> tuple[list[Entry], set[str]]:
    """Read every number of a model.

    Parameters
    ----------
    model : Mapping
        Nested as a study's ``model`` section.
    faults : list of Fault
        Takes what is unknown or of the wrong kind.

    Returns
    -------
    entries : list of Entry
        All numbers, choices and flags; texts are left out.
    sections : set of str
        Paths of the sections that are there, members of lists by index.
    """
    walk = _Walk(faults, set())
    return list(_entries(model, "", "", 0, walk)), walk.sections


def _entries(value: Any, path: str, key_path: str, index: int, walk: _Walk) -> Iterator[Entry]:  # noqa: ANN401
    if key_path in KEYS:
        yield from _leaf(value, path, KEYS[key_path], index, walk.faults)
    elif key_path.endswith("[]") and not path.rpartition(".")[2].isdecimal():
        if not isinstance(value, list | tuple):
            walk.faults.append(Fault(path=path, found=_shown(value), expected="a list"))
            return
        for member, item in enumerate(value):
            yield from _entries(item, f"{path}.{member}", key_path, member, walk)
    elif not isinstance(value, Mapping):
        walk.faults.append(Fault(path=path, found=_shown(value), expected="a mapping of keys"))
    else:
        walk.sections.add(path)
        known = children(key_path)
        for name, item in value.items():
            below = f"{path}.{name}" if path else str(name)
            if name in known:
                yield from _entries(item, below, known[name], index, walk)
            else:
                nearest = nearest_name(str(name), known)
                expected = "one of " + ", ".join(known)
                walk.faults.append(
                    Fault(path=below, found="an unknown key", expected=expected, nearest=nearest)
                )


def _leaf(value: Any, path: str, key: Key, index: int, faults: list[Fault]) -> Iterator[Entry]:  # noqa: ANN401
    if key.kind == "text":
        if not isinstance(value, str):
            faults.append(Fault(path=path, found=_shown(value), expected=key.range_text))
        return
    if key.kind == "points":
        yield from _point_entries(value, path, key, faults)
        return
    members = _members(value) if key.each else None
    if members is not None:
        for member, item in enumerate(members):
            yield from _number(item, f"{path}.{member}", key, member, faults)
    elif key.each:
        yield from _number(value, path, key, ALL_MEMBERS, faults)
    else:
        yield from _number(value, path, key, index, faults)


def _number(value: Any, path: str, key: Key, index: int, faults: list[Fault]) -> Iterator[Entry]:  # noqa: ANN401
    array: FloatArray | None = None
    column = value.column if isinstance(value, Slot) else None
    if column is not None:
        array = np.asarray(math.nan) if key.kind not in ("choice", "flag") and not key.certain else None
    elif key.kind == "choice":
        array = np.asarray(float(key.choices.index(value))) if value in key.choices else None
    elif key.kind == "flag":
        array = np.asarray(float(value)) if isinstance(value, bool | np.bool_) else None
    else:
        array = _as_floats(value)
    if array is None or (key.certain and array.ndim > 0):
        nearest = nearest_name(str(value), key.choices) if key.kind == "choice" else None
        faults.append(Fault(path=path, found=_shown(value), expected=key.range_text, nearest=nearest))
        return
    field = LIST_FIELDS.get(key.path, key.field)
    yield Entry(key=key, path=path, index=index, field=field, value=array, column=column)


def _members(value: Any) -> list[Any] | None:  # noqa: ANN401
    """Rows of a two-dimensional value, one for each member; None if it is one value for all."""
    if isinstance(value, np.ndarray):
        return list(value) if value.ndim == 2 else None
    if isinstance(value, list | tuple) and (
        len(value) == 0 or any(isinstance(item, list | tuple | np.ndarray | Slot) for item in value)
    ):
        return list(value)
    return None


def _point_entries(value: Any, path: str, key: Key, faults: list[Fault]) -> Iterator[Entry]:  # noqa: ANN401
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str) or len(value) < 2:
        faults.append(Fault(path=path, found=_shown(value), expected=key.range_text))
        return
    for index, pair in enumerate(value):
        floats = [_as_floats(item) for item in pair] if isinstance(pair, Sequence | np.ndarray) else []
        if len(floats) != 2 or floats[0] is None or floats[1] is None:
            expected = "a pair [level, value] of numbers"
            faults.append(Fault(path=f"{path}.{index}", found=_shown(pair), expected=expected))
            continue
        for column, (field, array) in enumerate(zip(("point_level", "point_value"), floats, strict=True)):
            if array is not None:
                yield Entry(key=key, path=f"{path}.{index}.{column}", index=index, field=field, value=array)


def _as_floats(value: Any) -> FloatArray | None:  # noqa: ANN401
    """Read a number or one-dimensional numbers as float64; None if the value is neither."""
    if isinstance(value, bool | np.bool_ | str | bytes) or value is None:
        return None
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf" or array.ndim > 1:
            return None
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return None


def _shown(value: Any) -> str:  # noqa: ANN401
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
