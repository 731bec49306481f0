"""Tallies: what is kept of any number of draws, in constant memory, for every statistic of the summary."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled, number_at, select, widely
from mcrace.engine.bins import Bins

__all__ = [
    "Finder",
    "Tally",
    "distinct_rows",
    "expanded",
    "finder_of",
    "merged",
    "parts_of",
    "tally_of",
    "tally_record",
]

FloatArray = NDArray[np.float64]

_CELLS = 16_384
"""Cells of the table that leads a value to its bin."""

_STRIP = 64
"""Numbers that are worked on side by side; their sums are added up at the end, by halves."""


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


def tally_of(
    rows: Sequence[Sequence[FloatArray]] | FloatArray, bins: Bins, finder: Finder | None = None
) -> Tally:
    """Tally draws.

    Parameters
    ----------
    rows : sequence of sequences of ndarray, shape (draw,), or ndarray, shape (scenario, output, draw)
        Each output of each scenario, in its unit. What is one array (or parts of one) is tallied once.
    bins : Bins
        Of the same scenarios and outputs.
    finder : Finder, optional
        From `finder_of` for these bins, if there is more than one call.

    Returns
    -------
    Tally
        Its floats are sums over these draws in one fixed order; its counts are exact.

    References
    ----------
    T. F. Chan, G. H. Golub and R. J. LeVeque, Am. Stat. 37 (1983) 242-247: the corrected two-pass sums.
    """
    given = [np.ascontiguousarray(row) if row.strides[0] else row for outputs in rows for row in outputs]
    shape, points = (len(rows), len(rows[0])), len(given[0])
    edges, tails = bins.edges.reshape(len(given), -1), bins.tails.reshape(-1)
    finder = finder_of(bins) if finder is None else finder
    addresses = np.array([row.__array_interface__["data"][0] for row in given], dtype=np.int64)
    steps = np.array([row.strides[0] for row in given], dtype=np.int64)
    found = np.zeros((len(given), 5))
    signs = np.zeros((len(given), 3), dtype=np.int64)
    counts = np.zeros((len(given), edges.shape[1] + 1), dtype=np.int64)
    twins = _twins(addresses, edges)
    compiled(_tally)(
        addresses,
        steps,
        twins,
        points,
        edges,
        tails,
        finder.cells,
        finder.starts,
        finder.scales,
        np.empty((4, _STRIP)),
        np.empty(_STRIP, dtype=np.int64),
        found,
        signs,
        counts,
    )
    low, high, mean, squares, tail = found[twins].T
    return Tally(
        points=points,
        mean=mean.reshape(shape),
        squares=squares.reshape(shape),
        low=low.reshape(shape),
        high=high.reshape(shape),
        tail=tail.reshape(shape),
        signs=signs[twins].reshape(*shape, 3),
        counts=counts[twins].reshape(*shape, -1),
    )


def distinct_rows(rows: Sequence[Sequence[FloatArray]], bins: Bins) -> tuple[list[int], NDArray[np.int64]]:
    """Find the outputs that are not the same array, with the same bins, as one before them.

    Parameters
    ----------
    rows : sequence of sequences of ndarray, shape (draw,)
        Each output of each scenario.
    bins : Bins
        Of the same.

    Returns
    -------
    chosen : list of int
        Places of these outputs, counted through the scenarios.
    places : ndarray of int, shape (scenario * output,)
        Which of them each output is.
    """
    addresses = [row.__array_interface__["data"][0] for outputs in rows for row in outputs]
    twins = _twins(np.array(addresses, dtype=np.int64), bins.edges.reshape(len(addresses), -1))
    chosen = np.unique(twins)
    return chosen.tolist(), np.searchsorted(chosen, twins)


def expanded(tally: Tally, places: NDArray[np.int64], shape: tuple[int, int]) -> Tally:
    """Give every output its tally, where `tally` holds those that are distinct.

    Parameters
    ----------
    tally : Tally
        Of one scenario, whose outputs are the distinct ones.
    places : ndarray of int, shape (scenario * output,)
        From `distinct_rows`.
    shape : tuple of int
        Numbers of scenarios and outputs.

    Returns
    -------
    Tally
        Of all.
    """
    parts = {name: array[0, places] for name, array in tally_record(tally).items() if name != "points"}
    full = {name: array.reshape(*shape, *array.shape[1:]) for name, array in parts.items()}
    return Tally(points=tally.points, **full)


def parts_of(rows: Sequence[Sequence[FloatArray]], first: int, last: int) -> list[list[FloatArray]]:
    """Cut out draws from `first` to before `last`, without copying."""
    return [[row[first:last] for row in outputs] for outputs in rows]


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


def _twins(addresses: NDArray[np.int64], edges: FloatArray) -> NDArray[np.int64]:
    """Give for each row the first that is the same array and has the same bins: mostly itself."""
    firsts: dict[int, int] = {}
    twins = np.arange(len(addresses))
    for row, address in enumerate(addresses.tolist()):
        first = firsts.setdefault(address, row)
        if first != row and np.array_equal(edges[first], edges[row]):
            twins[row] = first
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


def _tally(
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
    for lane in range(_STRIP):
        lanes[0, lane] = lanes[1, lane] = first
    for start in range(0, points, _STRIP):
        for lane in range(min(_STRIP, points - start)):
            value = number_at(address, start + lane)
            lanes[0, lane] = select(value < lanes[0, lane], value, lanes[0, lane])
            lanes[1, lane] = select(value > lanes[1, lane], value, lanes[1, lane])
            above += value > 0.0
            below += value < 0.0
    found[0], found[1] = first, first
    for lane in range(_STRIP):
        found[0], found[1] = min(found[0], lanes[0, lane]), max(found[1], lanes[1, lane])
    signs[0], signs[1], signs[2] = above, points - above - below, below


def _moments(address: int, points: int, lanes: FloatArray, found: FloatArray) -> None:
    """Find the mean and the sum of squares about it."""
    widely()
    for lane in range(_STRIP):
        lanes[0, lane] = lanes[1, lane] = lanes[2, lane] = 0.0
    for start in range(0, points, _STRIP):
        for lane in range(min(_STRIP, points - start)):
            lanes[0, lane] += number_at(address, start + lane)
    mean = _total(lanes[0]) / points
    for start in range(0, points, _STRIP):
        for lane in range(min(_STRIP, points - start)):
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
    for lane in range(_STRIP):
        lanes[3, lane] = 0.0
    for start in range(0, points, _STRIP):
        end, moved = min(_STRIP, points - start), 1
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
