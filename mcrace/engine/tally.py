"""Tallies: what is kept of any number of draws, in constant memory, for every statistic of the summary."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled
from mcrace.engine.bins import Bins

__all__ = ["Tally", "merged", "tally_of", "tally_record"]

FloatArray = NDArray[np.float64]

_CELLS = 1024
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


def tally_of(values: FloatArray, bins: Bins) -> Tally:
    """Tally draws.

    Parameters
    ----------
    values : ndarray, shape (scenario, output, draw)
        In the output's unit.
    bins : Bins
        Of the same scenarios and outputs.

    Returns
    -------
    Tally
        Its floats are sums over these draws in NumPy's fixed order of pairs; its counts are exact.
    """
    values = np.ascontiguousarray(values)
    shape, points = values.shape[:2], values.shape[2]
    low, high = values.min(axis=2), values.max(axis=2)
    constant = low == high
    # What never varies comes out as itself, without a rounding error.
    mean = np.where(constant, low, values.mean(axis=2))
    squares = ((values - mean[..., np.newaxis]) ** 2).sum(axis=2)
    above, below = (values > 0).sum(axis=2), (values < 0).sum(axis=2)
    counts = np.zeros((*shape, bins.edges.shape[2] + 1), dtype=np.int64)
    tail = np.zeros(shape)
    compiled(_count)(
        values.reshape(-1, points),
        bins.edges.reshape(-1, bins.edges.shape[2]),
        bins.tails.reshape(-1),
        np.empty(_CELLS + 1, dtype=np.int64),
        counts.reshape(-1, counts.shape[2]),
        tail.reshape(-1),
    )
    return Tally(
        points=points,
        mean=mean,
        squares=np.where(constant, 0.0, squares),
        low=low,
        high=high,
        tail=tail,
        signs=np.stack([above, points - above - below, below], axis=-1),
        counts=counts,
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


def _count(
    values: FloatArray,
    edges: FloatArray,
    tails: NDArray[np.int64],
    cells: NDArray[np.int64],
    counts: NDArray[np.int64],
    tail: FloatArray,
) -> None:
    """Count each row's values in its bins, and sum those of its lower tail; `cells` is overwritten."""
    last = cells.size - 1
    for row in range(values.shape[0]):
        size = 0
        while size < edges.shape[1] and edges[row, size] < np.inf:
            size += 1
        low = edges[row, size // 128]
        width = edges[row, size - 1 - size // 128] - low
        # Without a scale, as for an output that never varies, all bins are searched.
        scale = last / width if 1e-290 < width < 1e290 else 0.0
        edge = 0 if scale > 0.0 else size
        for cell in range(1, last):
            while edge < size and (edges[row, edge] - low) * scale < cell:
                edge += 1
            cells[cell] = edge
        cells[0], cells[last] = 0, size
        total = 0.0
        for draw in range(values.shape[1]):
            value = values[row, draw]
            cell = 0
            if scale > 0.0:
                cell = int(min(max((value - low) * scale, 0.0), last - 1.0))
            first, end = cells[cell], cells[cell + 1]
            while first < end:
                middle = (first + end) // 2
                if edges[row, middle] <= value:
                    first = middle + 1
                else:
                    end = middle
            counts[row, first] += 1
            if first <= tails[row]:
                total += value
        tail[row] = total
