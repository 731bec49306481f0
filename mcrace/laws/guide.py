"""Where levels fall among many limits, found by an index table in place of a search."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.law import FloatArray

__all__ = ["Guide", "guide_of"]

LEAST_CELLS, MOST_CELLS = 2**10, 2**24
CELLS_A_LIMIT: Final = 2
FEW: Final = 3
"""Steps from a cell's first limit before what is left is searched."""


@dataclass(frozen=True, slots=True)
class Guide:
    """Limits in [0, 1], and for each of many cells of equal length the first limit not below its start.

    Attributes
    ----------
    limits : ndarray, shape (count,)
        Increasing; the last one is 1 or more.
    firsts : ndarray of int, shape (cells + 1,)
        Places among the limits for the levels 0, 1 / cells, ... 1; cells is a power of two, so that the cell
        of a level is found without rounding.

    References
    ----------
    H.-C. Chen and Y. Asau, "On generating random variates from an empirical distribution", AIIE Transactions
    6 (1974) 163-166.

    Examples
    --------
    >>> guide_of(np.array([0.2, 0.7, 1.0])).places(np.array([0.2, 0.21, 0.9]))
    array([0, 1, 2])
    """

    limits: FloatArray
    firsts: NDArray[np.int32] | NDArray[np.int64]

    def places(self, u: FloatArray) -> NDArray[np.intp]:
        """Return the place of the first limit not below each level; `u` one-dimensional, in [0, 1]."""
        cells = (u * (len(self.firsts) - 1)).astype(np.intp)
        places = self.firsts.take(cells, mode="clip").astype(np.intp)
        left = (self.limits.take(places, mode="clip") < u).nonzero()[0]
        for _ in range(FEW):
            if not left.size:
                return places
            places[left] += 1
            left = left[self.limits.take(places[left], mode="clip") < u[left]]
        places[left] = np.searchsorted(self.limits, u[left], side="left")
        return places


def guide_of(limits: FloatArray) -> Guide:
    """Make the index table of some limits.

    On average a uniform level is at most one half of a step from the first limit of its cell, however unequal
    the limits' distances, up to eight million of them.

    Parameters
    ----------
    limits : ndarray, shape (count,)
        At least one, increasing, from 0 on; the last one is 1 or more.

    Returns
    -------
    Guide
        Of 4 bytes a cell, with 2 to 4 cells a limit.

    Examples
    --------
    >>> len(guide_of(np.array([0.2, 0.7, 1.0])).firsts)
    1025
    """
    wanted = 2 ** math.ceil(math.log2(CELLS_A_LIMIT * len(limits)))
    cells = min(max(wanted, LEAST_CELLS), MOST_CELLS)
    firsts = np.searchsorted(limits, np.arange(cells + 1) / cells, side="left")
    return Guide(limits, firsts.astype(np.int32 if len(limits) < 2**31 else np.int64))
