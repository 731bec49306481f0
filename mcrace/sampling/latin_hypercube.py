"""Latin hypercube: each input of a replicate hits each of `points` equal strata exactly once.

The order of the strata is a keyed bijection of [0, points) that is computed for each point by itself, so that
no block needs to know the others.

References
----------
M. D. McKay, R. J. Beckman, W. J. Conover (1979), A comparison of three methods for selecting values of input
variables in the analysis of output from a computer code, Technometrics 21, 239-245.
"""

from math import isqrt

import numpy as np
import numpy.typing as npt

from mcrace.sampling.block import Block, Words, mixed, philox_bits, unit

__all__ = ["latin_hypercube_rows"]

_FEW = 64  # ten rounds favour some orders of eight strata or fewer, measurably; 24 do not
_ROUNDS, _ROUNDS_OF_FEW = 10, 24
_FINEST = (
    2**52
)  # strata are cut on the grid of the uniforms, so that no rounding moves a point to its neighbour's


def latin_hypercube_rows(block: Block) -> npt.NDArray[np.float64]:
    """Draw one random point in each stratum, the strata in a random order of its own for each input.

    Parameters
    ----------
    block : Block
        What is wanted; `points` is the number of strata.

    Returns
    -------
    ndarray of float64, shape (inputs, count)
        Uniforms strictly inside (0, 1).

    Examples
    --------
    >>> wanted = Block(seed=1, replicate=0, start=0, count=4, points=4, names=("x",), dimensions=(0,))
    >>> sorted((4 * latin_hypercube_rows(wanted)[0]).astype(int).tolist())
    [0, 1, 2, 3]
    """
    rows = np.empty((len(block.names), block.count))
    index = np.arange(block.start, block.start + block.count, dtype=np.uint64)
    for row, key in zip(rows, block.keys(), strict=True):
        strata = _permuted(index, block.points, key[2:4])
        low, high = (_edge(strata + np.uint64(side), block.points) for side in (0, 1))
        within = unit(philox_bits(key[:2], block.start, block.count))
        # within <= 1 - 2^-53, so the product stays below high - low after rounding too.
        row[:] = unit(low + (within * (high - low)).astype(np.uint64))
    return rows


def _edge(strata: Words, points: int) -> Words:
    """Least b with (b + 0.5) / 2^52 >= strata / points, in whole numbers alone (points <= 2^30)."""
    whole, rest = divmod(_FINEST, points)
    over, left = np.divmod(strata * np.uint64(rest), np.uint64(points))
    return np.asarray(strata * np.uint64(whole) + over + (2 * left > points), dtype=np.uint64)


def _permuted(index: Words, points: int, key: Words) -> Words:
    """Send each index to its place in a random order of [0, points).

    An alternating Feistel network permutes a rectangle that holds [0, points); an index that lands outside
    walks on until it is back inside. J. Black, P. Rogaway (2002), Ciphers with arbitrary finite domains.
    """
    place = _stirred(index, points, key)
    outside = np.flatnonzero(place >= points)
    while outside.size > 0:
        place[outside] = _stirred(place[outside], points, key)
        outside = outside[place[outside] >= points]
    return place


def _stirred(index: Words, points: int, key: Words) -> Words:
    rows = isqrt(points - 1) + 1
    columns = -(-points // rows)
    row, column = np.divmod(index, np.uint64(columns))
    for turn in range(0, _ROUNDS_OF_FEW if points < _FEW else _ROUNDS, 2):
        row = _shifted(row, column, rows, turn, key)
        column = _shifted(column, row, columns, turn + 1, key)
    return np.asarray(row * np.uint64(columns) + column, dtype=np.uint64)


def _shifted(side: Words, other: Words, length: int, turn: int, key: Words) -> Words:
    """Add a hash of the other side, round the circle [0, length); each turn has a hash of its own."""
    hashed = mixed(other + np.uint64(turn << 32), key[0], key[1]) >> np.uint64(32)
    moved = side + (hashed * np.uint64(length) >> np.uint64(32))
    moved -= np.uint64(length) * (moved >= length)
    return moved
