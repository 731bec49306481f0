"""A table of model releases: which columns say what, and the history that they tell."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.fit.spells import History
from mcrace.fit.table import MISSING, Table, column_of, day_of, numbers_of
from mcrace.laws.faults import refusal, short

__all__ = ["ROLES", "SCALES", "ReleaseTable", "date_text", "is_of", "recognised", "release_table"]

ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": ("name", "model", "modelname", "displayname", "modelversion", "system", "title"),
        "date": ("date", "releasedate", "publicationdate", "released", "release", "published", "day"),
        "open": ("open", "openorclosed", "isopen", "weights", "openweights", "accessibility",
                 "modelaccessibility", "accessibilitygroup", "access"),
        "level": ("level", "effectivelevel", "eci", "eciscore", "score", "elo", "rating", "effectivecompute",
                  "trainingflop", "trainingcomputeflop", "trainingcompute", "compute", "flop", "expense"),
        "developer": ("developer", "lab", "organization", "organisation", "company", "org", "creator"),
        "within": (),
    }
)  # fmt: skip
"""What a column can say, and names (in lower case, letters alone) by which it is known."""

SCALES = ("points", "log", "linear")

_LINEAR = ("compute", "flop", "expense", "cost")
_OPEN = frozenset({"true", "yes", "1", "y", "1.0"})
_CLOSED = frozenset({"false", "no", "0", "n", "0.0", "unreleased", "proprietary", "api"})
_UNCLEAR = frozenset({"unknown", "other", "unclear"})
_MOST_FAULTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTable:
    """Releases that can be used, in the order of their days.

    Attributes
    ----------
    names, developers, groups : tuple of str
        Of each release; the group is the value of the column `within`, inside which levels compare.
    history : History
        Days (of the proleptic calendar), levels, and which are open.
    taken : tuple of (str, str)
        What was looked for, and the column that says it.
    scale : str
        One of `SCALES`: how the column of levels counts.
    per_tenfold : float or None
        What a tenfold effective level adds to `history.levels`; None if points have no such meaning.
    dropped : tuple of (str, int)
        Why rows were left out, and how many.
    """

    names: tuple[str, ...]
    developers: tuple[str, ...]
    groups: tuple[str, ...]
    history: History
    taken: tuple[tuple[str, str], ...]
    scale: str
    per_tenfold: float | None
    dropped: tuple[tuple[str, int], ...]


def recognised(names: Sequence[str], mapped: Mapping[str, str]) -> dict[str, str]:
    """Find the columns that say what a release is.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    mapped : mapping
        A key of `ROLES` to the column that the user names for it.

    Returns
    -------
    dict
        A key of `ROLES` to a column.

    Raises
    ------
    StudyError
        What cannot be found, all at once.

    Examples
    --------
    >>> recognised(["Model", "eci", "date", "Organization", "Model accessibility"], {})["open"]
    'Model accessibility'
    """
    faults = []
    for role in mapped:
        if role not in ROLES:
            expected = f"one of {', '.join(ROLES)}"
            faults.append(Fault(path="--map", found=repr(role), expected=expected,
                                nearest=nearest_name(role, ROLES)))  # fmt: skip
    plain = {re.sub("[^a-z0-9]", "", name.lower()): name for name in reversed(names)}
    found = {role: column for role, column in mapped.items() if role in ROLES}
    for role, known in ROLES.items():
        guess = next((plain[word] for word in known if word in plain), None)
        if role not in found and guess is not None:
            found[role] = guess
    for role in ("date", "open", "level"):
        if role not in found:
            listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
            expected = f"a column that says it, as in --map {role}=COLUMN; there are {listed}"
            faults.append(Fault(path=role, found="no column known to hold it", expected=expected))
    if faults:
        raise StudyError(faults)
    return found


def release_table(
    table: Table,
    mapped: Mapping[str, str],
    *,
    scale: str | None = None,
    per_tenfold: float | None = None,
    closed_labs: Sequence[str] = (),
    until: str | None = None,
) -> ReleaseTable:
    """Read releases.

    Parameters
    ----------
    table : Table
        A file's cells.
    mapped : mapping
        As for `recognised`.
    scale : str, optional
        One of `SCALES`. If absent a column named for compute or cost is ``linear``, any other ``points``.
    per_tenfold : float, optional
        Points that a tenfold effective level adds; for ``points`` alone.
    closed_labs : sequence of str
        Developers whose releases are closed where the table does not say.
    until : str, optional
        Date up to which the table is complete; that of its last release if absent.

    Returns
    -------
    ReleaseTable

    Raises
    ------
    StudyError
        A column is absent, a cell cannot be read, or nothing can be used.
    """
    columns = recognised(table.names, mapped)
    scale = scale if scale is not None else _scale_of(columns["level"])
    if per_tenfold is not None and (scale != "points" or not 0 < per_tenfold < math.inf):
        found = f"{per_tenfold:g} with levels that are {scale}"
        raise refusal("--points-per-tenfold", found, "a number above 0, with --level-scale points")
    levels = numbers_of(table, columns["level"], "level")
    days, openness, named = _days(table, columns["date"]), _openness(table, columns["open"]), dict(columns)
    texts = {role: column_of(table, named[role], "--map") if role in named else ("",) * table.rows
             for role in ("name", "developer", "within")}  # fmt: skip
    for row, developer in enumerate(texts["developer"]):
        if np.isnan(openness[row]) and any(is_of(developer, lab) for lab in closed_labs):
            openness[row] = 0.0
    levels = _on_scale(table, columns["level"], levels, scale)
    end = float(np.nanmax(days, initial=-math.inf)) if until is None else _until(until)
    reasons = (
        ("without a level", np.isnan(levels)),
        ("without a date", np.isnan(days)),
        ("not said whether open or closed", np.isnan(openness)),
        ("after the end of the data", days > end),
    )
    kept, dropped = np.ones(table.rows, dtype=np.bool_), []
    for reason, wrong in reasons:
        dropped.append((reason, int((kept & wrong).sum())))
        kept &= ~wrong
    order = np.flatnonzero(kept)[np.argsort(days[kept], kind="stable")]
    if order.size == 0:
        raise refusal("", "no release with a level, a date and whether it is open", "at least one")
    is_open = openness[order] == 1.0
    return ReleaseTable(
        names=tuple(texts["name"][row] for row in order),
        developers=tuple(texts["developer"][row] for row in order),
        groups=tuple(texts["within"][row] for row in order),
        history=History(days=days[order], levels=levels[order], is_open=is_open, end=end),
        taken=tuple((role, columns[role]) for role in ROLES if role in columns),
        scale=scale,
        per_tenfold=per_tenfold if scale == "points" else 1.0,
        dropped=tuple((reason, count) for reason, count in dropped if count),
    )


def is_of(developer: str, lab: str) -> bool:
    """Tell whether a release is of a lab: one of its developers is the lab, or begins with its name.

    Examples
    --------
    >>> is_of("Google DeepMind,Google", "google"), is_of("OpenAI", "Open")
    (True, False)
    """
    parts = [part.strip().casefold() for part in developer.split(",")]
    wanted = lab.strip().casefold()
    return any(part == wanted or part.startswith(f"{wanted} ") for part in parts)


def date_text(day: float) -> str:
    """Write a day of the calendar as a date.

    Examples
    --------
    >>> date_text(738945.0)
    '2024-02-29'
    """
    return date.fromordinal(int(day)).isoformat()


def _scale_of(column: str) -> str:
    return "linear" if any(word in column.lower() for word in _LINEAR) else "points"


def _days(table: Table, column: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    cells = column_of(table, column, "date")
    days, faults = np.full(len(cells), np.nan), []
    for row, cell in enumerate(cells):
        day = day_of(cell)
        if day is not None:
            days[row] = day
        elif cell.lower() not in MISSING:
            expected = "a date such as 2024-07-23"
            faults.append(
                Fault(path="date", found=f"{short(cell)} in {table.place(row, column)}", expected=expected)
            )
    if faults:
        raise StudyError(faults[:_MOST_FAULTS])
    return days


def _openness(table: Table, column: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """1 for open, 0 for closed, NaN where it is not said."""
    cells = column_of(table, column, "open")
    found, faults = np.full(len(cells), np.nan), []
    for row, cell in enumerate(cells):
        text = cell.lower()
        if text in _OPEN or text.startswith("open"):
            found[row] = 1.0
        elif text in _CLOSED or text.startswith(("closed", "api ", "hosted")):
            found[row] = 0.0
        elif text not in MISSING and text not in _UNCLEAR:
            what = f"{short(cell)} in {table.place(row, column)}"
            faults.append(
                Fault(path="open", found=what, expected="open, closed, or a wording that begins so")
            )
    if faults:
        raise StudyError(faults[:_MOST_FAULTS])
    return found


def _on_scale(
    table: Table, column: str, levels: "np.ndarray[tuple[int], np.dtype[np.float64]]", scale: str
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Levels on which differences count: tens logarithms of linear ones."""
    if scale != "linear":
        return levels
    wrong = np.flatnonzero(levels <= 0)
    if wrong.size:
        row = int(wrong[0])
        found = f"{levels[row]:g} in {table.place(row, column)}"
        raise refusal("level", found, "numbers above 0 for --level-scale linear; else say points or log")
    return np.log10(levels)


def _until(text: str) -> float:
    day = day_of(text)
    if day is None:
        raise refusal("--until", short(text), "a date such as 2026-03-09")
    return day
