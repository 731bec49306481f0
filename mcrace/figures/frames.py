"""The numbers of a figure as one small table: a row a thing drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mcrace.engine.spreadsheet import plain_cell
from mcrace.figures.spread import FloatArray, Spread

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.figures.estimates import Estimate

__all__ = ["Drawn", "Row", "csv_bytes", "estimate_row", "frame_of", "part_of", "spread_rows"]

Row = tuple[str, str, float, float, float]
"""part, name, low, high, value: see `frame_of`."""

_COLUMNS = ("part", "name", "low", "high", "value")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a figure draws, row by row: looked up in a table of pandas it would take longer than to draw it.

    Attributes
    ----------
    rows : tuple of Row
        As `frame_of` takes them.
    """

    rows: tuple[Row, ...]

    def part(self, part: str) -> "Drawn":
        """Give the rows of one kind."""
        return Drawn(tuple(row for row in self.rows if row[0] == part))

    def estimate(self, part: str, name: str) -> tuple[float, float]:
        """Give the value and half the interval's width of one estimate."""
        _, _, low, high, value = next(row for row in self.rows if row[0] == part and row[1] == name)
        return value, (high - low) / 2

    @property
    def low(self) -> FloatArray:
        """Left ends, one a row."""
        return np.array([row[2] for row in self.rows], dtype=np.float64)

    @property
    def high(self) -> FloatArray:
        """Right ends, one a row."""
        return np.array([row[3] for row in self.rows], dtype=np.float64)

    @property
    def value(self) -> FloatArray:
        """Values, one a row."""
        return np.array([row[4] for row in self.rows], dtype=np.float64)


def frame_of(rows: Iterable[Row]) -> "pd.DataFrame":
    """Tabulate what is drawn.

    Parameters
    ----------
    rows : iterable of Row
        For a bin, `low` and `high` are its ends and `value` its share of the draws; for an atom both
        are its place; for an estimate they bound its 95 % interval.

    Returns
    -------
    pandas.DataFrame
        With the columns ``part, name, low, high, value``.
    """
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(_COLUMNS))


def part_of(frame: "pd.DataFrame", part: str) -> "pd.DataFrame":
    """Return the rows of one kind."""
    return frame[frame["part"] == part]


def spread_rows(spread: Spread) -> list[Row]:
    """List the bins, the atoms and what lies beyond the view."""
    low, high = spread.view
    rows: list[Row] = [
        ("bin", "", float(left), float(right), float(share))
        for left, right, share in zip(spread.edges[:-1], spread.edges[1:], spread.shares, strict=True)
    ]
    rows += [
        ("atom", "", float(place), float(place), float(share))
        for place, share in zip(spread.atoms, spread.atom_shares, strict=True)
    ]
    rows.append(("beyond", "below", float("-inf"), low, spread.below))
    rows.append(("beyond", "above", high, float("inf"), spread.above))
    rows.append(("beyond", "never", float("inf"), float("inf"), spread.never))
    return rows


def estimate_row(part: str, name: str, estimate: "Estimate") -> Row:
    """Make the row of one estimate with its 95 % interval."""
    half = estimate.half_width
    return part, name, estimate.value - half, estimate.value + half, estimate.value


def csv_bytes(frame: "pd.DataFrame") -> bytes:
    """Write a table as CSV in UTF-8; no text in it can be taken for a formula by a spreadsheet."""
    safe = frame.copy()
    for column in safe.columns:
        # Numbers may start with a minus; text may not.
        if safe[column].map(lambda cell: isinstance(cell, str)).any():
            safe[column] = safe[column].map(plain_cell)
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8")
