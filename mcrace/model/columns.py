"""The numbers of many draws, laid out for the kernel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcrace.model.layout import Layout
from mcrace.model.types import FloatArray

__all__ = ["Columns", "spaced_rows"]

_SPACING = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The numbers of many draws, as the kernel takes them.

    Attributes
    ----------
    layout : Layout
        Where each number stands.
    constants : ndarray, shape (layout.size,)
        Numbers that are the same in every draw.
    places : ndarray of int64, shape (varying,)
        Places of the others.
    columns : ndarray, shape (varying, at least draws)
        Their values, from `spaced_rows`.
    draws : int
        Number of draws.
    shape : tuple of int
        Shape of an output: empty if every number is a single one.
    """

    layout: Layout
    constants: FloatArray
    places: NDArray[np.int64]
    columns: FloatArray
    draws: int
    shape: tuple[int, ...]


def spaced_rows(rows: int, draws: int) -> FloatArray:
    """Make an array whose rows do not lie a power of two apart.

    The kernel walks all rows at once: rows 2^16 bytes apart would share one set of the cache.

    Parameters
    ----------
    rows, draws : int
        Shape.

    Returns
    -------
    ndarray, shape (rows, draws + 40)
        Not initialized; the columns beyond the draws are never looked at.
    """
    return np.empty((rows, draws + _SPACING), dtype=np.float64)
