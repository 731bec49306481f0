"""Independent points: plain Monte Carlo."""

import numpy as np
import numpy.typing as npt

from mcrace.sampling.block import Block, philox_bits, unit

__all__ = ["random_rows"]


def random_rows(block: Block) -> npt.NDArray[np.float64]:
    """Draw independent uniforms from a counter-based stream for each input.

    Parameters
    ----------
    block : Block
        What is wanted.

    Returns
    -------
    ndarray of float64, shape (inputs, count)
        Uniforms strictly inside (0, 1).

    Examples
    --------
    >>> wanted = Block(seed=1, replicate=0, start=0, count=4, points=4, names=("x",), dimensions=(0,))
    >>> random_rows(wanted).shape
    (1, 4)
    """
    rows = np.empty((len(block.names), block.count))
    for row, key in zip(rows, block.keys(), strict=True):
        row[:] = unit(philox_bits(key[:2], block.start, block.count))
    return rows
