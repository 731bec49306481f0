"""Tallies: what is kept of any number of draws, in constant memory, for every statistic of the summary."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import address_of, compiled
from mcrace.engine.bins import Bins
from mcrace.engine.counting import STRIP, Finder, finder_of, tally_rows

__all__ = [
    "Tally",
    "distinct_rows",
    "merged",
    "tally_of",
    "tally_record",
]

FloatArray = NDArray[np.float64]


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
    addresses = np.array([address_of(row) for row in given], dtype=np.int64)
    steps = np.array([row.strides[0] for row in given], dtype=np.int64)
    found = np.zeros((len(given), 5))
    signs = np.zeros((len(given), 3), dtype=np.int64)
    counts = np.zeros((len(given), edges.shape[1] + 1), dtype=np.int64)
    twins = _twins(addresses, edges)
    compiled(tally_rows)(
        addresses,
        steps,
        twins,
        points,
        edges,
        tails,
        finder.cells,
        finder.starts,
        finder.scales,
        np.empty((4, STRIP)),
        np.empty(STRIP, dtype=np.int64),
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


def distinct_rows(rows: Sequence[Sequence[FloatArray]]) -> tuple[list[FloatArray], NDArray[np.int64]]:
    """Find the outputs that are not the same array as one before them.

    Parameters
    ----------
    rows : sequence of sequences of ndarray, shape (draw,)
        Each output of each scenario.

    Returns
    -------
    distinct : list of ndarray, shape (draw,)
        These outputs.
    places : ndarray of int, shape (scenario * output,)
        Which of them each output is.
    """
    listed = [row for outputs in rows for row in outputs]
    found: dict[int, int] = {}
    places = [found.setdefault(address_of(row), len(found)) for row in listed]
    firsts = dict(zip(reversed(places), reversed(listed), strict=True))
    return [firsts[place] for place in range(len(found))], np.array(places, dtype=np.int64)


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
