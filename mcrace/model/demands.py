"""What a model must hold: keys that are needed, ranges, and numbers that fit each other in every draw."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault
from mcrace.model.entries import Entry
from mcrace.model.types import FloatArray
from mcrace.nomenclature import KEYS, OPTIONAL_SECTIONS, Key

__all__ = ["missing_faults", "out_of_range", "range_fault", "relation_faults"]


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
    right = low & high & (values == np.floor(values)) if key.whole else low & high
    return np.asarray(~right, dtype=np.bool_)


def missing_faults(entries: list[Entry], sections: set[str]) -> Iterator[Fault]:
    """Find keys that must be given and are not, and pairs of keys of which exactly one must be.

    Parameters
    ----------
    entries : list of Entry
        All numbers.
    sections : set of str
        Sections that are there.

    Yields
    ------
    Fault
        One a key.
    """
    given = {entry.path for entry in entries} | {
        entry.path.rpartition(".")[0] for entry in entries if entry.key.each
    }
    given |= {entry.key.path for entry in entries if entry.key.kind == "points"}
    choices = {
        entry.key.path: entry.key.choices[int(entry.value)] for entry in entries if entry.key.kind == "choice"
    }
    for key in KEYS.values():
        if key.default is not None:
            continue
        for section in _sections_of(key, sections):
            path = f"{section}.{key.path.rpartition('.')[2]}".removeprefix(".")
            yield from _missing(key, path, given, choices)


def range_fault(entry: Entry) -> Fault | None:
    """Find values out of the range of their key.

    Parameters
    ----------
    entry : Entry
        One number.

    Returns
    -------
    Fault or None
        With the first such value and how many draws have one.
    """
    if entry.key.kind == "points":
        # Values of a curve may start at zero; only levels must lie above it.
        wrong = ~np.isfinite(entry.value) | ((entry.value <= 0.0) & (entry.field == "point_level"))
        expected = "a finite number, above 0 for a level"
    elif _all_in_range(entry.key, entry.value):
        return None
    else:
        wrong, expected = out_of_range(entry.key, entry.value), entry.key.range_text
    return _fault_in_draws(entry, wrong, expected)


def relation_faults(entries: list[Entry]) -> Iterator[Fault]:
    """Find numbers that are right or wrong only together.

    Parameters
    ----------
    entries : list of Entry
        All numbers, of shapes that broadcast.

    Yields
    ------
    Fault
        Points that do not increase, a ceiling below the count or with a shrinking demand, shares of
        niches that are all 0, and a process of more or fewer members than its count.
    """
    single = {entry.key.path: entry for entry in entries}
    for field in ("point_level", "point_value"):
        column = [entry for entry in entries if entry.field == field]
        for before, after in pairwise(column):
            fault = _fault_in_draws(after, after.value <= before.value, "a column that increases")
            if fault is not None:
                yield fault
    if "customers.ceiling" in single:
        ceiling, count = single["customers.ceiling"], single.get("customers.count")
        growth = single.get("customers.growth_rate")
        below = (
            None
            if count is None
            else _fault_in_draws(ceiling, ceiling.value < count.value, "at least the count")
        )
        falls = (
            None
            if growth is None
            else _fault_in_draws(growth, growth.value < 0.0, "at least 0 with a ceiling")
        )
        yield from (fault for fault in (below, falls) if fault is not None)
    shares = [entry for entry in entries if entry.field == "niche_share"]
    if shares:
        with np.errstate(over="ignore"):
            total = np.asarray(sum((entry.value for entry in shares), np.zeros(())))
        wrong = (total == 0.0) | ~np.isfinite(total)
        fault = _fault_in_draws(shares[0], wrong, "shares that are not all 0, with a finite sum")
        yield from () if fault is None else (fault,)
    yield from _member_faults(entries, single)


def _member_faults(entries: list[Entry], single: Mapping[str, Entry]) -> Iterator[Fault]:
    if "open.process.count" not in single or single["open.process.count"].value.ndim > 0:
        return
    count = float(single["open.process.count"].value)
    for path, wanted in (("open.process.interval_days", count - 1.0), ("open.process.growth", count)):
        members = [entry for entry in entries if entry.key.path == path and entry.index >= 0]
        if members and len(members) != wanted:
            yield Fault(
                path=path, found=f"{len(members)} rows", expected=f"{wanted:g} rows, or one value for all"
            )


def _sections_of(key: Key, sections: set[str]) -> list[str]:
    """Sections, members of lists by index, in which a key is needed."""
    section = key.path.rpartition(".")[0]
    if "[]" in section:
        head = section.removesuffix("[]")
        return sorted(path for path in sections if path.rpartition(".")[0] == head and path[-1].isdecimal())
    return [section] if section in sections or section not in OPTIONAL_SECTIONS else []


def _missing(key: Key, path: str, given: set[str], choices: Mapping[str, str]) -> Iterator[Fault]:
    needed = ""
    if key.needed_by:
        choice = choices.get(key.chooser, str(KEYS[key.chooser].default))
        if choice not in key.needed_by:
            return
        needed = f" ({key.chooser.rpartition('.')[2]} {choice} needs it)"
    if key.instead_of:
        other = KEYS[key.instead_of]
        if path in given and other.path in given:
            if list(KEYS).index(path) > list(KEYS).index(other.path):
                yield Fault(path=path, found=f"{other.path} as well", expected="exactly one of the two")
            return
        if other.path in given or list(KEYS).index(path) > list(KEYS).index(other.path):
            return
        needed = f", or {other.path}"
    if path not in given:
        yield Fault(path=path, found="nothing", expected=key.range_text + needed)


def _fault_in_draws(entry: Entry, wrong: NDArray[np.bool_], expected: str) -> Fault | None:
    count = int(np.sum(wrong))
    if count == 0:
        return None
    values = np.broadcast_to(entry.value, np.shape(wrong))
    value = float(np.atleast_1d(values)[int(np.argmax(wrong))])
    of_draws = f" in {count} of {values.size} draws" if values.ndim == 1 else ""
    return Fault(path=entry.path, found=f"{value!r}{of_draws}", expected=expected)


def _all_in_range(key: Key, values: FloatArray) -> bool:
    """Look at the ends alone, which a NaN spoils: much faster where nothing is wrong."""
    if values.size == 0:
        return True
    if key.whole and values.ndim == 1:
        return not bool(out_of_range(key, values).any())
    return not bool(out_of_range(key, np.array([values.min(), values.max()])).any())
