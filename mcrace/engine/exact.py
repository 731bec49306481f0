"""Exact quantiles of tallied draws, by a second pass over those that lie around them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.bins import Bins
from mcrace.engine.counted import quantile_bins
from mcrace.engine.tally import Tally
from mcrace.nomenclature.statistics import LEVELS

__all__ = ["Around", "around", "exact_quantiles", "values_around"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """Where the quantiles of tallied draws lie.

    Attributes
    ----------
    bounds : ndarray, shape (scenario, output, level, 2)
        A quantile's bins hold the values from the first bound to below the second, in the output's unit.
        Both are infinite where the quantile is known already, as in an atom.
    before : ndarray of int, shape (scenario, output, level)
        Draws below the first bound.
    inside : int
        Draws between the bounds, all quantiles together.
    """

    bounds: FloatArray
    before: NDArray[np.int64]
    inside: int


def around(tally: Tally, bins: Bins) -> Around:
    """Find the bins in which the quantiles of tallied draws lie.

    Parameters
    ----------
    tally : Tally
        Of all draws.
    bins : Bins
        Over which it counts.

    Returns
    -------
    Around
        What a second pass must look at.
    """
    shape = (*tally.mean.shape, len(LEVELS))
    bounds = np.full((*shape, 2), np.inf)
    before = np.zeros(shape, dtype=np.int64)
    inside = 0
    for place in np.ndindex(tally.mean.shape):
        filled = np.concatenate([[0], np.cumsum(tally.counts[place])])
        edges = np.concatenate([[-np.inf], bins.edges[place], [np.inf]])
        for row, level in enumerate(LEVELS):
            low, high = quantile_bins(filled[1:], level, tally.points)
            atom = low == high and edges[high + 1] == np.nextafter(edges[low], np.inf)
            if not atom and tally.low[place] < tally.high[place]:
                bounds[place][row] = edges[low], edges[high + 1]
                before[place][row] = filled[low]
                inside += int(filled[high + 1] - filled[low])
    return Around(bounds=bounds, before=before, inside=inside)


def values_around(rows: Sequence[Sequence[FloatArray]], found: Around) -> dict[tuple[int, ...], FloatArray]:
    """Pick the draws that lie around the quantiles.

    Parameters
    ----------
    rows : sequence of sequences of ndarray, shape (draw,)
        Each output of each scenario, of some of the draws.
    found : Around
        Of all draws.

    Returns
    -------
    dict of (scenario, output, level) to ndarray
        In any order; nothing for quantiles that are known.
    """
    picked = {}
    for place in np.ndindex(found.before.shape):
        low, high = found.bounds[place]
        if low < high:
            values = rows[place[0]][place[1]]
            picked[place] = values[(values >= low) & (values < high)]
    return picked


def exact_quantiles(
    statistics: FloatArray, points: int, found: Around, picked: dict[tuple[int, ...], list[FloatArray]]
) -> FloatArray:
    """Put the quantiles of the draws themselves in the place of interpolated ones.

    Parameters
    ----------
    statistics : ndarray, shape (scenario, output, statistic)
        From `mcrace.engine.counted.counted_statistics`.
    points : int
        Number of draws.
    found : Around
        Where the quantiles lie.
    picked : dict of (scenario, output, level) to list of ndarray
        All draws there.

    Returns
    -------
    ndarray, shape (scenario, output, statistic)
        Hazen's quantiles, as of draws that are all held.
    """
    exact = statistics.copy()
    for place, parts in picked.items():
        values = np.sort(np.concatenate(parts))
        position = min(max(LEVELS[place[2]] * points - 0.5, 0.0), points - 1.0)
        below = int(position)
        rank = below - int(found.before[place])
        low, high = values[rank], values[min(rank + 1, len(values) - 1)]
        between = low if low == high else low + (position - below) * (high - low)
        exact[place[0], place[1], 2 + place[2]] = between
    return exact
