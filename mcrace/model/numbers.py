"""From the mapping of keys to checked columns of numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault, ModelError, nearest_name
from mcrace.model.columns import Columns, spaced_rows
from mcrace.model.layout import Layout
from mcrace.model.types import FloatArray
from mcrace.nomenclature import KEYS, Key, children

__all__ = ["out_of_range", "read_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One number: its key, where it was written, which member of its list it is, and its values."""

    key: Key
    path: str
    index: int
    field: str
    value: FloatArray


def read_model(model: Mapping[str, Any]) -> Columns:
    """Check a mapping of model keys and lay its numbers out.

    Parameters
    ----------
    model : Mapping
        Nested as a study's ``model`` section; the leaves are numbers, one-dimensional arrays that
        broadcast, choices and flags.

    Returns
    -------
    Columns
        Defaults filled in.

    Raises
    ------
    ModelError
        Every key that is unknown, absent, of the wrong kind or out of its range.
    """
    faults: list[Fault] = []
    entries = list(_entries(model, "", "", 0, faults))
    faults += _missing(entries)
    faults += [fault for entry in entries for fault in _range_faults(entry)]
    faults += _points_faults(entries)
    shapes = {entry.value.shape for entry in entries} - {()}
    if len(shapes - {(1,)}) > 1:
        lengths = ", ".join(str(shape[0]) for shape in sorted(shapes))
        faults.append(Fault(path="", found=f"arrays of lengths {lengths}", expected="arrays of one length"))
    if faults:
        raise ModelError(faults)
    return _laid_out(entries, np.broadcast_shapes(*shapes))


def out_of_range(key: Key, values: FloatArray) -> NDArray[np.bool_]:
    """Mark the values that a key cannot take; NaN is one of them.

    Parameters
    ----------
    key : Key
        Gives the range.
    values : ndarray
        Any shape.

    Returns
    -------
    ndarray of bool
        Same shape.

    Examples
    --------
    >>> out_of_range(KEYS["discount_rate"], np.array([-1.0, 0.1, np.nan])).tolist()
    [True, False, True]
    """
    low = values > key.low if key.low_open else values >= key.low
    high = values < key.high if key.high_open else values <= key.high
    return np.asarray(~(low & high), dtype=np.bool_)


def _entries(value: Any, path: str, key_path: str, index: int, faults: list[Fault]) -> Iterator[_Entry]:  # noqa: ANN401
    """Walk the mapping along the nomenclature."""
    if key_path in KEYS:
        yield from _leaf(value, path, KEYS[key_path], index, faults)
    elif key_path.endswith("[]") and not path.rpartition(".")[2].isdecimal():
        if not isinstance(value, list | tuple):
            faults.append(Fault(path=path, found=_shown(value), expected="a list"))
            return
        for member, item in enumerate(value):
            yield from _entries(item, f"{path}.{member}", key_path, member, faults)
    elif not isinstance(value, Mapping):
        faults.append(Fault(path=path, found=_shown(value), expected="a mapping of keys"))
    else:
        known = children(key_path)
        for name, item in value.items():
            below = f"{path}.{name}" if path else str(name)
            if name in known:
                yield from _entries(item, below, known[name], index, faults)
            else:
                nearest = nearest_name(str(name), known)
                expected = "one of " + ", ".join(known)
                faults.append(Fault(path=below, found="an unknown key", expected=expected, nearest=nearest))


def _leaf(value: Any, path: str, key: Key, index: int, faults: list[Fault]) -> Iterator[_Entry]:  # noqa: ANN401
    if key.kind == "points":
        yield from _point_entries(value, path, key, faults)
        return
    if key.kind == "choice":
        number = float(key.choices.index(value)) if value in key.choices else None
    elif key.kind == "flag":
        number = float(value) if isinstance(value, bool | np.bool_) else None
    else:
        array = _as_floats(value)
        if array is not None:
            yield _Entry(key=key, path=path, index=index, field=_field(key), value=array)
            return
        number = None
    if number is None:
        nearest = nearest_name(str(value), key.choices) if key.kind == "choice" else None
        faults.append(Fault(path=path, found=_shown(value), expected=key.range_text, nearest=nearest))
    else:
        yield _Entry(key=key, path=path, index=index, field=_field(key), value=np.asarray(number))


def _point_entries(value: Any, path: str, key: Key, faults: list[Fault]) -> Iterator[_Entry]:  # noqa: ANN401
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
                yield _Entry(key=key, path=f"{path}.{index}.{column}", index=index, field=field, value=array)


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


def _field(key: Key) -> str:
    return {"open.releases[].day": "release_day", "open.releases[].expense": "release_expense"}.get(
        key.path, key.field
    )


def _missing(entries: list[_Entry]) -> Iterator[Fault]:
    """Keys that must be given and are not."""
    given = {(entry.key.path, entry.index) for entry in entries}
    code = next((int(entry.value) for entry in entries if entry.key.path == "value.curve"), 0)
    curve = KEYS["value.curve"].choices[code]
    members = {index for path, index in given if path.startswith("open.releases[]")}
    for key in KEYS.values():
        if key.default is not None or (key.needed_by and curve not in key.needed_by):
            continue
        for index in sorted(members) if "[]" in key.path else (0,):
            if (key.path, index) not in given:
                path = key.path.replace("[]", f".{index}")
                needed = f" (curve {curve} needs it)" if key.needed_by else ""
                yield Fault(path=path, found="nothing", expected=key.range_text + needed)


def _range_faults(entry: _Entry) -> Iterator[Fault]:
    if entry.key.kind == "points":
        # Values of a curve may start at zero; only levels must lie above it.
        wrong = ~np.isfinite(entry.value) | ((entry.value <= 0.0) & (entry.field == "point_level"))
        expected = "a finite number, above 0 for a level"
    elif _all_in_range(entry.key, entry.value):
        return
    else:
        wrong, expected = out_of_range(entry.key, entry.value), entry.key.range_text
    count = int(wrong.sum())
    if count > 0:
        value = float(np.atleast_1d(entry.value)[int(np.argmax(wrong))])
        of_draws = f" in {count} of {entry.value.size} draws" if entry.value.ndim == 1 else ""
        yield Fault(path=entry.path, found=f"{value!r}{of_draws}", expected=expected)


def _all_in_range(key: Key, values: FloatArray) -> bool:
    """Look at the ends alone, which a NaN spoils: much faster where nothing is wrong."""
    if values.size == 0:
        return True
    return not bool(out_of_range(key, np.array([values.min(), values.max()])).any())


def _points_faults(entries: list[_Entry]) -> Iterator[Fault]:
    for field in ("point_level", "point_value"):
        column = [entry for entry in entries if entry.field == field]
        for before, after in pairwise(column):
            wrong = after.value <= before.value
            if bool(np.any(wrong)):
                low, high = np.broadcast_arrays(before.value, after.value)
                first = int(np.argmax(np.atleast_1d(wrong)))
                found = f"{np.atleast_1d(high)[first]:g} after {np.atleast_1d(low)[first]:g}"
                yield Fault(path=after.path, found=found, expected="a column that increases")


def _laid_out(entries: list[_Entry], shape: tuple[int, ...]) -> Columns:
    layout = Layout(
        releases=1 + max((entry.index for entry in entries if entry.field == "release_day"), default=-1),
        points=1 + max((entry.index for entry in entries if entry.field == "point_level"), default=-1),
    )
    constants = np.zeros(layout.size)
    for key in KEYS.values():
        if key.default is not None:
            number = key.choices.index(str(key.default)) if key.kind == "choice" else float(key.default)
            constants[layout.place(_field(key))] = number
    varying = []
    for entry in entries:
        place = layout.place(entry.field, entry.index)
        if entry.value.size == 1:
            constants[place] = float(entry.value.reshape(())) if entry.value.ndim == 0 else entry.value[0]
        else:
            varying.append((place, entry.value))
    draws = shape[0] if shape else 1
    columns = spaced_rows(len(varying), draws)
    for row, (_, values) in enumerate(varying):
        columns[row, :draws] = values
    places = np.array([place for place, _ in varying], dtype=np.int64)
    return Columns(
        layout=layout, constants=constants, places=places, columns=columns, draws=draws, shape=shape
    )


def _shown(value: Any) -> str:  # noqa: ANN401
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
