"""Levels of Student's t at the cost of a few products: looked up in pieces."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.law import FloatArray
from mcrace.laws.student_t import StudentT

__all__ = ["t_levels"]

CHUNK: Final = 8192
SPLIT: Final = 8
"""Binary digits of 1 + |t| after its leading one that tell its piece: 256 pieces each time it doubles."""

SHIFT: Final = 52 - SPLIT
FIRST: Final = 1023 << SPLIT
NODES: Final = 6
LEAST: Final = 2.0**-54
"""Levels below are as good as none: the designs' own reach to 2^-53."""


def t_levels(df: float, t: FloatArray) -> FloatArray:
    """Return the probability that Student's t stays at or below `t`.

    The smaller of the two tails is a polynomial of degree 5 in 1 + |t| on each of many short pieces, through
    6 exact values of the incomplete beta function. The level of a `t` does not depend on the others.

    Parameters
    ----------
    df : float
        Degrees of freedom, at least 1 and at most 1000.
    t : array of float, shape (count,)
        Any numbers, infinite ones too.

    Returns
    -------
    array of float, shape (count,)
        Within 1e-9 of the smaller tail, relative to it, and 3e-16 absolute; 0 or 1 where it is below 2^-54.

    Examples
    --------
    >>> t_levels(1.0, np.array([-1.0, 0.0, 1.0])).round(12)
    array([0.25, 0.5 , 0.75])
    """
    pieces, levels = _pieces(df), np.empty_like(t)
    for start in range(0, t.size, CHUNK):  # what is at work stays in the processor's cache
        levels[start : start + CHUNK] = _levels(pieces, t[start : start + CHUNK])
    return levels


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Coefficients of the tail's polynomials in the share of the piece, from the power 0 on."""

    coefficients: tuple[FloatArray, ...]


def _levels(pieces: _Pieces, t: FloatArray) -> FloatArray:
    bits = (np.abs(t) + 1).view(np.int64)
    piece = (bits >> SHIFT) - FIRST
    share = (bits & ((1 << SHIFT) - 1)).astype(np.float64)
    share *= 0.5**SHIFT
    tail = pieces.coefficients[-1].take(piece, mode="clip")
    for row in pieces.coefficients[-2::-1]:
        tail *= share
        tail += row.take(piece, mode="clip")
    return np.where(t < 0, tail, 1 - tail)


@lru_cache(maxsize=32)
def _pieces(df: float) -> _Pieces:
    law = StudentT(df, 0.0, 1.0)
    reach = float(law.isf(np.array([LEAST]))[0]) + 1
    octaves = int(np.ceil(np.log2(reach)))
    starts = (np.arange(FIRST, FIRST + (octaves << SPLIT)) << SHIFT).view(np.float64)
    widths = np.diff(starts, append=2.0**octaves)
    values = [law.sf(starts - 1 + widths * (node / (NODES - 1))) for node in range(NODES)]
    # beyond the last piece, and in one more that stands for all of it, nothing is left
    return _Pieces(tuple(np.append(row, 0.0) for row in _powers(values)))


def _powers(values: list[FloatArray]) -> NDArray[np.float64]:
    """Coefficients of the polynomials through values at equal steps from 0 to 1, by Newton's differences.

    Sums are written out: a matrix product's last bits differ between machines.
    """
    differences = list(values)
    for order in range(1, NODES):
        for node in range(NODES - 1, order - 1, -1):
            differences[node] = (differences[node] - differences[node - 1]) / order
    # Horner's scheme in steps, then steps into shares
    powers = [np.zeros_like(values[0]) for _ in range(NODES)]
    for node in range(NODES - 1, -1, -1):
        shifted = [np.zeros_like(values[0]), *powers[:-1]]
        powers = [low - node * high for low, high in zip(shifted, powers, strict=True)]
        powers[0] = powers[0] + differences[node]
    return np.stack([row * float((NODES - 1) ** power) for power, row in enumerate(powers)])
