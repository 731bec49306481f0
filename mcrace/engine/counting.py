"""Counting numbers into bins, their moments and signs: compiled, in strips, in one fixed order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled, number_at, select, widely
from mcrace.engine.bins import Bins

__all__ = ["STRIP", "Finder", "finder_of", "tally_rows"]

FloatArray = NDArray[np.float64]

_CELLS = 16_384
"""Cells of the table that leads a value to its bin."""

STRIP = 64
"""Numbers that are worked on side by side; their sums are added up at the end, by halves."""


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
    cells = np.empty((len(edges), _CELLS + 1), dtype=np.int16)  # small: it stays in a near cache
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
        starts[row], scales[row] = low if scale > 0.0 else 0.0, scale


def tally_rows(
    addresses: NDArray[np.int64],
    steps: NDArray[np.int64],
    twins: NDArray[np.int64],
    points: int,
    edges: FloatArray,
    tails: NDArray[np.int64],
    cells: NDArray[np.int16],
    starts: FloatArray,
    scales: FloatArray,
    lanes: FloatArray,
    places: NDArray[np.int64],
    found: FloatArray,
    signs: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """Tally the rows that are their own twins: in `found` least, largest, mean, squares, sum of the tail."""
    for row in range(addresses.size):
        if twins[row] == row:
            address, varies = addresses[row], steps[row] != 0
            if varies:
                _extremes(address, points, lanes, found[row], signs[row])
            else:
                found[row, 0] = found[row, 1] = number_at(address, 0)
            low, high = found[row, 0], found[row, 1]
            if low < high:
                _moments(address, points, lanes, found[row])
                found[row, 4] = _count(
                    address, points, edges[row], tails[row], cells[row], starts[row], scales[row],
                    lanes, places, counts[row],
                )  # fmt: skip
            else:
                # What never varies comes out as itself, without a rounding error.
                found[row, 2] = low
                signs[row, 0], signs[row, 1], signs[row, 2] = 0, 0, 0
                signs[row, 0 if low > 0.0 else 2 if low < 0.0 else 1] = points
                place = 0
                while edges[row, place] <= low:
                    place += 1
                counts[row, place] = points
                found[row, 4] = points * low if place <= tails[row] else 0.0


def _extremes(
    address: int, points: int, lanes: FloatArray, found: FloatArray, signs: NDArray[np.int64]
) -> None:
    """Find the least and the largest number, and count the signs."""
    widely()
    first = number_at(address, 0)
    above, below = 0, 0
    for lane in range(STRIP):
        lanes[0, lane] = lanes[1, lane] = first
    for start in range(0, points, STRIP):
        for lane in range(min(STRIP, points - start)):
            value = number_at(address, start + lane)
            # Not where the choice itself is read: compilers make of that a slow write of single lanes.
            lanes[2, lane] = select(value < lanes[0, lane], value, lanes[0, lane])
            lanes[3, lane] = select(value > lanes[1, lane], value, lanes[1, lane])
            above += value > 0.0
            below += value < 0.0
        for lane in range(min(STRIP, points - start)):
            lanes[0, lane], lanes[1, lane] = lanes[2, lane], lanes[3, lane]
    found[0], found[1] = first, first
    for lane in range(STRIP):
        found[0], found[1] = min(found[0], lanes[0, lane]), max(found[1], lanes[1, lane])
    signs[0], signs[1], signs[2] = above, points - above - below, below


def _moments(address: int, points: int, lanes: FloatArray, found: FloatArray) -> None:
    """Find the mean and the sum of squares about it."""
    widely()
    for lane in range(STRIP):
        lanes[0, lane] = lanes[1, lane] = lanes[2, lane] = 0.0
    for start in range(0, points, STRIP):
        for lane in range(min(STRIP, points - start)):
            lanes[0, lane] += number_at(address, start + lane)
    mean = _total(lanes[0]) / points
    for start in range(0, points, STRIP):
        for lane in range(min(STRIP, points - start)):
            step = number_at(address, start + lane) - mean
            lanes[1, lane] += step
            lanes[2, lane] += step * step
    rest = _total(lanes[1])
    found[2] = mean + rest / points
    found[3] = max(_total(lanes[2]) - rest * rest / points, 0.0)


def _count(
    address: int,
    points: int,
    edges: FloatArray,
    last_of_tail: int,
    cells: NDArray[np.int16],
    low: float,
    scale: float,
    lanes: FloatArray,
    places: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> float:
    """Count numbers in their bins; sum those of the lower tail."""
    widely()
    last = cells.size - 2.0
    for lane in range(STRIP):
        lanes[3, lane] = 0.0
    for start in range(0, points, STRIP):
        end, moved = min(STRIP, points - start), 1
        for lane in range(end):
            value = number_at(address, start + lane)
            cell = (value - low) * scale
            cell = select(cell > 0.0, cell, 0.0)
            # Indices without a sign are not asked whether they count from the end.
            place = np.int64(cells[np.uint64(select(cell < last, cell, last))])
            # Most cells hold one edge or none: a step without a branch, which none can mispredict.
            place += edges[np.uint64(place)] <= value
            places[lane] = place
        while moved > 0:
            moved = 0
            for lane in range(end):
                value = number_at(address, start + lane)
                step = edges[np.uint64(places[lane])] <= value
                places[lane] += step
                moved += step
        for lane in range(end):
            counts[np.uint64(places[lane])] += 1
        for lane in range(end):
            value = number_at(address, start + lane)
            lanes[3, lane] += select(places[lane] <= last_of_tail, value, 0.0)
    return _total(lanes[3])


def _total(lanes: FloatArray) -> float:
    """Sum the lanes of a strip by halves; what is in them is lost."""
    size = lanes.size // 2
    while size > 0:
        for lane in range(size):
            lanes[lane] += lanes[lane + size]
        size //= 2
    return float(lanes[0])
