"""Statistics from tallies: quantiles from the counts of bins, all else as from the draws themselves."""

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.bins import Bins
from mcrace.engine.statistics import LEVELS, SHORTFALL_LEVEL
from mcrace.engine.tally import Tally

__all__ = ["counted_brackets", "counted_statistics", "quantile_bins"]

FloatArray = NDArray[np.float64]


def counted_statistics(tally: Tally, bins: Bins) -> FloatArray:
    """Work out every statistic of tallied draws.

    Parameters
    ----------
    tally : Tally
        Of any number of draws.
    bins : Bins
        Over which it counts.

    Returns
    -------
    ndarray, shape (scenario, output, statistic)
        In the order of `STATISTICS`. Mean, sd and probabilities are those of the draws; quantiles are
        interpolated linearly inside a bin, which is narrow at the levels asked for; so is the expected
        shortfall, in the bins around its level.
    """
    sd = np.sqrt(tally.squares / max(tally.points - 1, 1))
    above, zero, below = np.moveaxis(tally.signs / tally.points, -1, 0)
    quantiles = np.empty((*sd.shape, len(LEVELS)))
    shortfall = np.empty(sd.shape)
    for place in np.ndindex(sd.shape):
        if tally.low[place] == tally.high[place]:
            quantiles[place] = shortfall[place] = tally.low[place]
            continue
        filled = np.cumsum(tally.counts[place])
        lows, highs = _bounds(tally, bins, place)
        quantiles[place] = _quantiles(filled, lows, highs, np.multiply(LEVELS, tally.points))
        shortfall[place] = _shortfall(
            filled,
            lows,
            highs,
            SHORTFALL_LEVEL * tally.points,
            int(bins.tails[place]),
            float(tally.tail[place]),
        )
    columns = [tally.mean, sd, *np.moveaxis(quantiles, -1, 0), above, zero, below, shortfall]
    return np.stack(columns, axis=-1)


def counted_brackets(tally: Tally, bins: Bins) -> FloatArray:
    """Bound the quantiles of tallied draws: those of the draws themselves lie between the bounds.

    Parameters
    ----------
    tally : Tally
        Of any number of draws.
    bins : Bins
        Over which it counts.

    Returns
    -------
    ndarray, shape (scenario, output, level, 2)
        Edges of the bin, in the output's unit, for each of `LEVELS`.
    """
    brackets = np.empty((*tally.mean.shape, len(LEVELS), 2))
    for place in np.ndindex(tally.mean.shape):
        filled = np.cumsum(tally.counts[place])
        lows, highs = _bounds(tally, bins, place)
        for row, level in enumerate(LEVELS):
            low, high = quantile_bins(filled, level, tally.points)
            brackets[place][row] = lows[low], highs[high]
    return brackets


def quantile_bins(filled: NDArray[np.int64], level: float, points: int) -> tuple[int, int]:
    """Find the bins of the two order statistics between which Hazen's quantile lies.

    Parameters
    ----------
    filled : ndarray of int, shape (bin,)
        Draws in each bin and those below it.
    level : float
        Of the quantile.
    points : int
        Number of draws.

    Returns
    -------
    tuple of int
        The lower and the higher bin; most often they are one.
    """
    position = min(max(level * points - 0.5, 0.0), points - 1.0)
    below = int(position)
    return _bin(filled, below + 1), _bin(filled, min(below + 2, points))


def _bounds(tally: Tally, bins: Bins, place: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Lower and upper ends of what an output's bins hold, the open ones closed by the extreme draws.

    A bin for one number ends at the next number, which it does not hold.
    """
    edges = np.concatenate([[-np.inf], bins.edges[place], [np.inf]])
    edges = np.clip(edges, tally.low[place], tally.high[place])
    lows, highs = edges[:-1], edges[1:]
    return lows, np.where(highs == np.nextafter(lows, np.inf), lows, highs)


def _bin(filled: NDArray[np.int64], rank: float) -> int:
    """Bin in which a number of draws, counted from below, is reached."""
    return int(np.searchsorted(filled, rank))


def _quantiles(
    filled: NDArray[np.int64], lows: FloatArray, highs: FloatArray, ranks: FloatArray
) -> FloatArray:
    """Values at which so many draws are reached, interpolated linearly inside their bins."""
    places = np.searchsorted(filled, ranks)
    before = np.where(places > 0, filled[places - 1], 0)
    low, high = lows[places], highs[places]
    inside = low + (high - low) * (ranks - before) / (filled[places] - before)
    return np.where(low == high, low, inside)


def _shortfall(
    filled: NDArray[np.int64], lows: FloatArray, highs: FloatArray, rank: float, tail: int, tail_sum: float
) -> float:
    """Average the lowest draws: the tail's sum is known, bins up to the level count at their middles."""
    place = _bin(filled, rank)
    middles = (lows + highs) / 2.0
    counts = np.diff(filled, prepend=0)
    before = int(filled[place - 1]) if place > 0 else 0
    if place > tail:
        sure = tail_sum + float(counts[tail + 1 : place] @ middles[tail + 1 : place])
    else:
        sure = tail_sum - float(counts[place : tail + 1] @ middles[place : tail + 1])
    level = float(_quantiles(filled, lows, highs, np.array([rank]))[0])
    partial = (rank - before) * (float(lows[place]) + level) / 2.0
    return (sure + partial) / rank
