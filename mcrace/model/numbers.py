"""From the mapping of keys to checked columns of numbers."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mcrace.errors import Fault, ModelError
from mcrace.model.columns import Columns, spaced_rows
from mcrace.model.demands import missing_faults, out_of_range, range_fault, relation_faults
from mcrace.model.entries import Entry, walk_model
from mcrace.model.layout import Layout, neutral_numbers
from mcrace.model.types import FloatArray

__all__ = ["lay_out", "out_of_range", "read_model"]


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


def lay_out(
    entries: list[Entry], varies: Callable[[Entry], bool]
) -> tuple[Layout, FloatArray, list[tuple[int, Entry]]]:
    """Lay numbers out, with the neutral one where none is given.

    Parameters
    ----------
    entries : list of Entry
        Checked numbers.
    varies : callable
        Tells whether a number may be another in each draw.

    Returns
    -------
    layout : Layout
        Where each number stands.
    constants : ndarray
        Those that are the same in every draw.
    varying : list of tuple
        Place and entry of each other one.
    """
    layout = _layout(entries)
    constants = np.zeros(layout.size)
    neutral = neutral_numbers(layout)
    constants[list(neutral)] = list(neutral.values())
    varying = []
    for entry in entries:
        for place in _places(entry, layout):
            if varies(entry):
                varying.append((place, entry))
            else:
                constants[place] = entry.value.reshape(-1)[0]
    return layout, constants, varying


def _laid_out(entries: list[Entry], shape: tuple[int, ...]) -> Columns:
    # An array of one number stands for all draws, unless there is only one draw.
    layout, constants, varying = lay_out(
        entries, lambda entry: entry.value.ndim > 0 and entry.value.shape == shape
    )
    draws = shape[0] if shape else 1
    columns = spaced_rows(len(varying), draws)
    for row, (_, entry) in enumerate(varying):
        columns[row, :draws] = entry.value
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
