"""An input cut into bins on its probability scale, with atoms as bins of their own."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

__all__ = ["ProbabilityBins", "bin_sums", "probability_bins", "scale_points"]

FloatArray = NDArray[np.float64]

_ATOM_SHARE: Final = 0.01
"""Share of the draws from which on a value is an atom."""

_ATOM_DRAWS: Final = 30
"""Draws that an atom has at least."""

_EVEN_WEIGHT: Final = 8.0
"""Weight of the probability beside the normal score: half of the bins are even in either."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProbabilityBins:
    """Bins of one input: those between the atoms first, ascending, then the atoms, ascending.

    Attributes
    ----------
    index : ndarray, shape (draw,)
        The bin of each draw.
    score : ndarray, shape (even,)
        Normal score of the middle of each bin between the atoms, among the draws in such bins.
    values : ndarray, shape (even,)
        The input at the middle of each such bin (a median), in its own unit.
    atoms : ndarray, shape (atom,)
        The values of the atoms; infinite values are atoms always.
    counts : ndarray, shape (even + atom,)
        Draws in each bin.
    """

    index: NDArray[np.intp]
    score: FloatArray
    values: FloatArray
    atoms: FloatArray
    counts: NDArray[np.intp]


def scale_points(low: float, high: float, count: int) -> FloatArray:
    """Spread probabilities evenly on a scale that is half probability, half normal score.

    The scale is Φ⁻¹(u) + 8 u: steps in the middle are steps of probability, towards the ends they
    shrink with the tail.

    Parameters
    ----------
    low, high : float
        The first and the last probability, inside (0, 1).
    count : int
        How many.

    Returns
    -------
    ndarray, shape (count,)
        Ascending.

    Examples
    --------
    >>> [round(float(u), 3) for u in scale_points(0.01, 0.99, 5)]
    [0.01, 0.21, 0.5, 0.79, 0.99]
    """
    # The scale has no inverse in closed form: it is tabulated by normal score.
    score = np.linspace(ndtri(low), ndtri(high), 4001)
    scale = score + _EVEN_WEIGHT * ndtr(score)
    points: FloatArray = ndtr(np.interp(np.linspace(scale[0], scale[-1], count), scale, score))
    points[[0, -1]] = low, high
    return points


def probability_bins(column: FloatArray, count: int) -> ProbabilityBins:
    """Cut the draws of one input into bins by rank.

    Parameters
    ----------
    column : ndarray, shape (draw,)
        The input's draws, in any unit; no NaN.
    count : int
        Bins between the atoms, at most: less where draws are few or tied.

    Returns
    -------
    ProbabilityBins

    Examples
    --------
    >>> bins = probability_bins(np.r_[np.arange(64.0), np.full(64, np.inf)], 4)
    >>> bins.counts.tolist(), bins.values.tolist(), bins.atoms.tolist()
    ([13, 19, 19, 13, 64], [6.0, 22.0, 41.0, 57.0], [inf])
    """
    # In which order ties come does not matter: they share a bin.
    order = np.argsort(column)
    ordered = column[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    runs = np.diff(starts, append=len(ordered))
    levels = ordered[starts]
    is_atom = (runs >= max(_ATOM_DRAWS, _ATOM_SHARE * len(ordered))) | ~np.isfinite(levels)
    even = np.where(is_atom, 0, runs)
    total = max(int(even.sum()), 1)
    middle = (np.cumsum(even) - even / 2) / total
    edges = scale_points(0.5 / total, 1 - 0.5 / total, count + 1)[1:-1] if total > 1 else np.array([])
    # Tied draws share the rank of their middle and so their bin; empty bins are closed up.
    cut = np.searchsorted(edges, middle[~is_atom])
    closed = np.cumsum(np.diff(cut, prepend=-1) > 0) - 1
    used = int(closed[-1]) + 1 if len(closed) else 0
    of_level = np.empty(len(levels), dtype=np.intp)
    of_level[~is_atom] = closed
    of_level[is_atom] = used + np.arange(int(is_atom.sum()))
    index = np.empty(len(column), dtype=np.intp)
    index[order] = np.repeat(of_level, runs)
    counts = np.bincount(index, minlength=used + int(is_atom.sum()))
    inside = counts[:used]
    centre = np.cumsum(inside) - inside / 2
    return ProbabilityBins(
        index=index,
        score=ndtri(centre / total),
        values=_medians(ordered[np.repeat(~is_atom, runs)], centre),
        atoms=levels[is_atom],
        counts=counts,
    )


def bin_sums(bins: ProbabilityBins, rows: FloatArray, replicates: int) -> FloatArray:
    """Sum rows of numbers over the draws of each bin, replicate by replicate.

    Parameters
    ----------
    bins : ProbabilityBins
        Of draws that are ordered by replicate.
    rows : ndarray, shape (row, draw)
        In any unit.
    replicates : int
        Equal parts of the draws.

    Returns
    -------
    ndarray, shape (replicate, bin, 1 + row)
        First the number of draws, then the sums.

    Examples
    --------
    >>> bins = probability_bins(np.array([1.0, 2.0, 2.0, 1.0]), 2)
    >>> bin_sums(bins, np.array([[5.0, 6.0, 7.0, 8.0]]), 2).tolist()
    [[[1.0, 5.0], [1.0, 6.0]], [[1.0, 8.0], [1.0, 7.0]]]
    """
    width = len(bins.counts)
    parts = np.repeat(np.arange(replicates), len(bins.index) // replicates)
    cells = parts * width + bins.index
    shape = (replicates, width)
    sums = [np.bincount(cells, row, replicates * width).reshape(shape) for row in rows]
    return np.stack([np.bincount(cells, minlength=replicates * width).reshape(shape), *sums], axis=-1)


def _medians(ordered: FloatArray, centre: FloatArray) -> FloatArray:
    below = ordered[np.floor(centre - 0.5).astype(np.intp)]
    above = ordered[np.ceil(centre - 0.5).astype(np.intp)]
    return below / 2 + above / 2
