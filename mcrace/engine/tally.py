"""Tallies: what is kept of any number of draws, in constant memory, for every statistic of the summary."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled
from mcrace.engine.bins import Bins

__all__ = ["Finder", "Tally", "finder_of", "merged", "tally_of", "tally_record"]

FloatArray = NDArray[np.float64]

_CELLS = 4096
"""Cells of the table that leads a value to its bin."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """What stands for some draws of one replicate; two of them merge into that of all.

    Attributes
    ----------
    points : int
        Number of draws.
    mean, squares, low, high : ndarray, shape (scenario, output)
        Mean, sum of squares about it, smallest and largest value, in the output's unit.
    tail : ndarray, shape (scenario, output)
        Sum of the values in the bins of the lower tail.
    signs : ndarray of int, shape (scenario, output, 3)
        Draws above, at and below 0.
    counts : ndarray of int, shape (scenario, output, bin)
        Draws in each bin.
    """

    points: int
    mean: FloatArray
    squares: FloatArray
    low: FloatArray
    high: FloatArray
    tail: FloatArray
    signs: NDArray[np.int64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finder:
    """Tables that lead values to their bins, a row an output of a scenario.

    Attributes
    ----------
    cells : ndarray of int, shape (row, cell)
        Edges before each of a number of cells of one width.
    starts, scales : ndarray, shape (row,)
        Start of the first cell, and cells a unit of the output.
    """

    cells: NDArray[np.int16]
    starts: FloatArray
    scales: FloatArray


def tally_of(values: FloatArray, bins: Bins, finder: Finder | None = None) -> Tally:
    """Tally draws.

    Parameters
    ----------
    values : ndarray, shape (scenario, output, draw)
        In the output's unit.
    bins : Bins
        Of the same scenarios and outputs.
    finder : Finder, optional
        From `finder_of` for these bins, if there is more than one call.

    Returns
    -------
    Tally
        Its floats are sums over these draws in NumPy's fixed order of pairs; its counts are exact.
    """
    shape, points = values.shape[:2], values.shape[2]
    rows = values.reshape(-1, points)
    low, high = rows.min(axis=1), rows.max(axis=1)
    # What never varies comes out as itself, without a rounding error.
    mean, squares = low.copy(), np.zeros(len(rows))
    edges, tails = bins.edges.reshape(len(rows), -1), bins.tails.reshape(-1)
    twins = _twins(rows, low, high, edges)
    varying = np.array([row for row in np.flatnonzero(low < high) if row not in twins], dtype=np.int64)
    moving = np.ascontiguousarray(rows[varying])
    mean[varying] = moving.mean(axis=1)
    squares[varying] = ((moving - mean[varying, np.newaxis]) ** 2).sum(axis=1)
    signs = points * np.stack([low > 0, low == 0, low < 0], axis=1).astype(np.int64)
    counts = np.zeros((len(rows), edges.shape[1] + 1), dtype=np.int64)
    tail = np.zeros(len(rows))
    for row in np.flatnonzero(low == high):
        place = int(np.searchsorted(edges[row], low[row], side="right"))
        counts[row, place] = points
        tail[row] = points * low[row] if place <= tails[row] else 0.0
    finder = finder_of(bins) if finder is None else finder
    compiled(_count)(
        moving, varying, edges, tails, finder.cells, finder.starts, finder.scales, counts, signs, tail
    )
    for same, twin in twins.items():
        for array in (mean, squares, counts, signs, tail):
            array[same] = array[twin]
    return Tally(
        points=points,
        mean=mean.reshape(shape),
        squares=squares.reshape(shape),
        low=low.reshape(shape),
        high=high.reshape(shape),
        tail=tail.reshape(shape),
        signs=signs.reshape(*shape, 3),
        counts=counts.reshape(*shape, -1),
    )


def merged(left: Tally, right: Tally) -> Tally:
    """Merge the tallies of two sets of draws.

    Parameters
    ----------
    left, right : Tally
        Over the same bins; which one is left fixes the rounding.

    Returns
    -------
    Tally
        Of all draws.

    References
    ----------
    T. F. Chan, G. H. Golub and R. J. LeVeque, Am. Stat. 37 (1983) 242-247, for mean and squares.
    """
    points = left.points + right.points
    step = right.mean - left.mean
    return Tally(
        points=points,
        mean=left.mean + step * (right.points / points),
        squares=left.squares + right.squares + step**2 * (left.points * right.points / points),
        low=np.minimum(left.low, right.low),
        high=np.maximum(left.high, right.high),
        tail=left.tail + right.tail,
        signs=left.signs + right.signs,
        counts=left.counts + right.counts,
    )


def tally_record(tally: Tally) -> dict[str, NDArray[Any]]:
    """Give a tally as arrays by name; ``Tally(**record)`` with `points` as int makes it again."""
    return {field.name: np.asarray(getattr(tally, field.name)) for field in fields(tally)}


def _twins(rows: FloatArray, low: FloatArray, high: FloatArray, edges: FloatArray) -> dict[int, int]:
    """Find outputs that vary and are equal, draw by draw, to one before them, with the same bins."""
    firsts: dict[tuple[float, float], list[int]] = {}
    twins = {}
    for row in np.flatnonzero(low < high):
        alike = firsts.setdefault((low[row], high[row]), [])
        same = (
            other
            for other in alike
            if np.array_equal(rows[row], rows[other]) and np.array_equal(edges[row], edges[other])
        )
        twin = next(same, None)
        if twin is None:
            alike.append(int(row))
        else:
            twins[int(row)] = twin
    return twins


def finder_of(bins: Bins) -> Finder:
    """Lay out the tables that lead values to their bins.

    Parameters
    ----------
    bins : Bins
        Of some scenarios and outputs.

    Returns
    -------
    Finder
        For `tally_of`.
    """
    edges = bins.edges.reshape(-1, bins.edges.shape[2])
    cells = np.empty((len(edges), _CELLS + 1), dtype=np.int16)  # small: it stays in the first cache
    starts, scales = np.empty(len(edges)), np.empty(len(edges))
    compiled(_lay_out)(edges, cells, starts, scales)
    return Finder(cells=cells, starts=starts, scales=scales)


def _lay_out(edges: FloatArray, cells: NDArray[np.int16], starts: FloatArray, scales: FloatArray) -> None:
    """Write for each cell how many edges lie before it; cells are of one width, between the tails."""
    last = cells.shape[1] - 1
    for row in range(edges.shape[0]):
        size = 0
        while size < edges.shape[1] and edges[row, size] < np.inf:
            size += 1
        low = edges[row, size // 128]
        width = edges[row, size - 1 - size // 128] - low
        # Without a scale, as for an output that never varied, all edges are in the first cell.
        scale = last / width if 1e-290 < width < 1e290 else 0.0
        edge = 0 if scale > 0.0 else size
        for cell in range(1, last):
            while edge < size and (edges[row, edge] - low) * scale < cell:
                edge += 1
            cells[row, cell] = edge
        cells[row, 0], cells[row, last] = 0, size
        starts[row], scales[row] = low, scale


def _count(
    values: FloatArray,
    rows: NDArray[np.int64],
    edges: FloatArray,
    tails: NDArray[np.int64],
    cells: NDArray[np.int16],
    starts: FloatArray,
    scales: FloatArray,
    counts: NDArray[np.int64],
    signs: NDArray[np.int64],
    tail: FloatArray,
) -> None:
    """Count values in the bins of their rows and by their signs, and sum those of the lower tail."""
    last = cells.shape[1] - 1
    for place in range(values.shape[0]):
        row = rows[place]
        low, scale = starts[row], scales[row]
        last_of_tail, total, above, below = tails[row], 0.0, 0, 0
        for draw in range(values.shape[1]):
            value = values[place, draw]
            cell = 0
            if scale > 0.0:
                cell = int(min(max((value - low) * scale, 0.0), last - 1.0))
            # Most cells hold one edge or none: two steps without a branch, which none can mispredict.
            first = np.int64(cells[row, cell])
            first += edges[row, first] <= value
            first += edges[row, first] <= value
            while edges[row, first] <= value:
                first += 1
            counts[row, first] += 1
            above += value > 0.0
            below += value < 0.0
            total += value if first <= last_of_tail else 0.0
        tail[row] = total
        signs[row, 0], signs[row, 1], signs[row, 2] = above, values.shape[1] - above - below, below
