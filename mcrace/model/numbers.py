"""From the mapping of keys to checked columns of numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mcrace.errors import Fault, ModelError
from mcrace.model.columns import Columns, spaced_rows
from mcrace.model.demands import missing_faults, out_of_range, range_fault, relation_faults
from mcrace.model.entries import Entry, walk_model
from mcrace.model.layout import LIST_FIELDS, Layout
from mcrace.model.types import FloatArray
from mcrace.nomenclature import KEYS, Key

__all__ = ["out_of_range", "read_model"]


def read_model(model: Mapping[str, Any]) -> Columns:
    """Check a mapping of model keys and lay its numbers out.

    Parameters
    ----------
    model : Mapping
        Nested as a study's ``model`` section; the leaves are numbers, one-dimensional arrays that
        broadcast, choices, flags and texts; of a process's intervals and growths also two-dimensional
        arrays, a row a member.

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
    entries, sections = walk_model(model, faults)
    told = [fault.path + "." for fault in faults]
    faults += [
        fault
        for fault in missing_faults(entries, sections)
        if not any(path.startswith(fault.path + ".") for path in told)
    ]
    shapes = {entry.value.shape for entry in entries} - {()}
    if len(shapes - {(1,)}) > 1:
        lengths = ", ".join(str(shape[0]) for shape in sorted(shapes))
        faults.append(Fault(path="", found=f"arrays of lengths {lengths}", expected="arrays of one length"))
    else:
        faults += [fault for entry in entries if (fault := range_fault(entry)) is not None]
        faults += relation_faults(entries)
    if faults:
        raise ModelError(faults)
    return _laid_out(entries, np.broadcast_shapes(*shapes))


def _laid_out(entries: list[Entry], shape: tuple[int, ...]) -> Columns:
    layout = _layout(entries)
    constants = np.zeros(layout.size)
    for key in KEYS.values():
        for place in _default_places(key, layout):
            constants[place] = _default_number(key)
    varying: list[tuple[int, FloatArray]] = []
    for entry in entries:
        for place in _places(entry, layout):
            if entry.value.size == 1:
                constants[place] = entry.value.reshape(-1)[0]
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


def _layout(entries: list[Entry]) -> Layout:
    def members(field: str) -> int:
        return 1 + max((entry.index for entry in entries if entry.field == field), default=-1)

    process = next((int(entry.value) for entry in entries if entry.key.path == "open.process.count"), 0)
    return Layout(
        releases=members("release_day"),
        process_releases=process,
        rivals=members("rival_expense"),
        niches=members("niche_share"),
        points=members("point_level"),
    )


def _places(entry: Entry, layout: Layout) -> Iterator[int]:
    """Places of the buffer that a number fills: one, or all members of its process, or none."""
    if entry.key.each:
        members = layout.process_releases - (1 if entry.field == "process_interval" else 0)
        chosen = range(members) if entry.index < 0 else range(entry.index, entry.index + 1)
        yield from (layout.place(entry.field, member) for member in chosen)
    elif not entry.key.certain:
        yield layout.place(entry.field, entry.index)


def _default_places(key: Key, layout: Layout) -> Iterator[int]:
    if key.kind in ("points", "text") or key.certain or key.each:
        return
    if "[]" not in key.path:
        yield layout.place(key.field)
    elif key.path in LIST_FIELDS:
        members = {"open": layout.releases, "market": layout.rivals, "niches": layout.niches}
        for member in range(members[key.path.partition(".")[0]]):
            yield layout.place(LIST_FIELDS[key.path], member)


def _default_number(key: Key) -> float:
    if key.kind == "choice":
        return float(key.choices.index(str(key.default)))
    return float(key.default) if isinstance(key.default, int | float) else key.off
