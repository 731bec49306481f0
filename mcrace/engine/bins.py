"""Bins of each output, laid out by the first draws: counts stand for quantiles at any number of draws."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.statistics import LEVELS, SHORTFALL_LEVEL

__all__ = ["Bins", "bins_of"]

FloatArray = NDArray[np.float64]

_COARSE = 256
"""Bins of equal probability over the whole range."""

_FINE = 64
"""Bins around each level of the quantiles."""

_REACH = 6.0
"""How far these reach, in standard deviations of the rank of a random replicate's quantile."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bins:
    """Bins of every output of some scenarios.

    Attributes
    ----------
    edges : ndarray, shape (scenario, output, edge)
        Ascending, infinite where an output has fewer. Bin 0 lies below edge 0, bin j from edge j - 1 on.
    tails : ndarray of int, shape (scenario, output)
        The bins up to this one hold less than the draws of the shortfall, as a rule.
    """

    edges: FloatArray
    tails: NDArray[np.int64]

    def name(self) -> str:
        """Hash the bins, so that counts over others are not taken for theirs."""
        return sha256(self.edges.tobytes() + self.tails.tobytes()).hexdigest()[:16]


def bins_of(values: FloatArray, leaf: int, each: Callable[..., Iterable[Any]] = map) -> Bins:
    """Lay out bins by a first sample.

    The edges are values of the sample: at equal steps of probability, and at finer ones around the levels
    of the quantiles. A value that fills a bin by itself gets a bin of its own, up to the next number that
    there is, so that the quantiles in an atom come out exactly.

    Parameters
    ----------
    values : ndarray, shape (scenario, output, draw)
        The sample, in the output's unit.
    leaf : int
        Draws of a replicate in the sample: the quantiles of one replicate scatter accordingly.
    each : callable
        Does what `map` does, perhaps on several threads.

    Returns
    -------
    Bins
        Nothing but the sample decides on them.
    """
    shape = values.shape[:2]
    rows = list(each(partial(_edges, leaf=leaf), values.reshape(-1, values.shape[2])))
    most = max(len(row) for row, _ in rows)
    edges = np.full((len(rows), most + 1), np.inf)  # one more than any output has: searches end there
    for place, (row, _) in enumerate(rows):
        edges[place, : len(row)] = row
    tails = np.array([tail for _, tail in rows], dtype=np.int64)
    return Bins(edges=edges.reshape(*shape, -1), tails=tails.reshape(shape))


def _edges(values: FloatArray, leaf: int) -> tuple[FloatArray, int]:
    """Edges of one output, and the last bin of its lower tail."""
    ordered = np.sort(values)
    ranks = np.unique(np.floor(_probabilities(leaf) * len(ordered)).astype(np.int64))
    picked = ordered[np.minimum(ranks, len(ordered) - 1)]
    atoms = picked[1:][picked[1:] == picked[:-1]]
    edges = np.unique(np.concatenate([picked, np.nextafter(atoms, np.inf)]))
    below = max(SHORTFALL_LEVEL - _reach(SHORTFALL_LEVEL, leaf), 0.0)
    start = ordered[int(below * len(ordered))]
    return edges, int(np.searchsorted(edges, start))


def _probabilities(leaf: int) -> FloatArray:
    fine = [
        np.linspace(max(level - _reach(level, leaf), 0.0), min(level + _reach(level, leaf), 1.0), _FINE + 1)
        for level in LEVELS
    ]
    return np.unique(np.concatenate([np.linspace(0.0, 1.0, _COARSE + 1), *fine]))


def _reach(level: float, leaf: int) -> float:
    return float(_REACH * np.sqrt(level * (1.0 - level) / leaf))
