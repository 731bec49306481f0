"""Functions of a level: in NumPy for a few levels, compiled for many, with the same bits."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled
from mcrace.laws.law import FloatArray

__all__ = ["each_level"]

_FEW: Final = 1024  # so few levels do not repay loading a compiler


def each_level(
    plain: Callable[..., FloatArray],
    fill: Callable[..., None],
    u: FloatArray,
    *numbers: float,
    room: tuple[NDArray[Any], ...] = (),
) -> FloatArray:
    """Work out a function of each level.

    Parameters
    ----------
    plain : callable
        Takes levels of shape (n,) and the numbers, and gives the values.
    fill : callable
        Takes levels and room for the values, each of shape (n,), then `room`, and the numbers; the same to
        the bit, in the part of Python that compiles.
    u : array of float, any shape
        Levels in (0, 1).
    *numbers : float
        What the function hangs on besides.
    room : tuple of ndarray
        What `fill` may write on, since compiled code makes no arrays.

    Returns
    -------
    array of float
        Of the shape of `u`.

    Examples
    --------
    >>> def doubled(u): return 2.0 * u
    >>> each_level(doubled, print, np.array([0.25]))
    array([0.5])
    """
    levels = np.asarray(u, dtype=np.float64)
    flat = np.ascontiguousarray(levels).reshape(-1)
    if flat.size <= _FEW:
        with np.errstate(all="ignore"):
            return np.asarray(plain(flat, *numbers)).reshape(levels.shape)
    values = np.empty(flat.size)
    compiled(fill)(flat, values, *room, *(float(number) for number in numbers))
    return values.reshape(levels.shape)
