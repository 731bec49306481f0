"""Functions of one number: in NumPy for a few numbers, compiled for many, with the same bits."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling.functions import compiled

__all__ = ["each_number"]

FloatArray = NDArray[np.float64]

_FEW: Final = 1024  # so few numbers do not repay loading a compiler


def each_number(
    plain: Callable[..., FloatArray],
    fill: Callable[..., None],
    x: FloatArray,
    *parameters: float,
    room: tuple[NDArray[Any], ...] = (),
) -> FloatArray:
    """Work out a function of each number.

    Parameters
    ----------
    plain : callable
        Takes numbers of shape (n,) and the parameters, and gives the values.
    fill : callable
        Takes numbers and room for the values, each of shape (n,), then `room`, and the parameters; the same
        to the bit, in the part of Python that compiles.
    x : array of float, any shape
        The numbers.
    *parameters : float
        What the function hangs on besides.
    room : tuple of ndarray
        What `fill` may write on, since compiled code makes no arrays.

    Returns
    -------
    array of float
        Of the shape of `x`.

    Examples
    --------
    >>> def doubled(u): return 2.0 * u
    >>> each_number(doubled, print, np.array([0.25]))
    array([0.5])
    """
    numbers = np.asarray(x, dtype=np.float64)
    flat = np.ascontiguousarray(numbers).reshape(-1)
    if flat.size <= _FEW:
        with np.errstate(all="ignore"):
            return np.asarray(plain(flat, *parameters)).reshape(numbers.shape)
    values = np.empty(flat.size)
    compiled(fill)(flat, values, *room, *(float(parameter) for parameter in parameters))
    return values.reshape(numbers.shape)
