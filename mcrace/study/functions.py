"""Exponential and logarithm of expressions: the same bits on every processor, compiled for many numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling.elementary import ROW, WORK, exp, exp_row, log, log_row
from mcrace.compiling.elementwise import each_number

__all__ = ["exponential", "logarithm"]

FloatArray = NDArray[np.float64]


def exponential(x: Any) -> Any:  # noqa: ANN401 - a number or an array
    """Exponential of a number or of each of an array.

    Parameters
    ----------
    x : float or ndarray of float64
        Any number.

    Returns
    -------
    float64 or ndarray of float64
        Of the shape of `x`; infinite where it is too large, NaN where `x` is.

    Examples
    --------
    >>> round(float(exponential(1.0)), 12), float(exponential(800.0))
    (2.718281828459, inf)
    """
    return each_number(exp, _fill_exponentials, x, room=(np.empty(WORK),))[()]


def logarithm(x: Any) -> Any:  # noqa: ANN401 - a number or an array
    """Natural logarithm of a number or of each of an array.

    Parameters
    ----------
    x : float or ndarray of float64
        Any number.

    Returns
    -------
    float64 or ndarray of float64
        Of the shape of `x`; -inf for 0, NaN below.

    Examples
    --------
    >>> float(logarithm(10.0))
    2.302585092994046
    """
    return each_number(log, _fill_logarithms, x, room=(np.empty(WORK),))[()]


def _fill_exponentials(numbers: FloatArray, values: FloatArray, work: FloatArray) -> None:
    whole = numbers.size // ROW * ROW
    for start in range(0, whole, ROW):
        exp_row(numbers[start : start + ROW], values[start : start + ROW], work)
    for i in range(whole, numbers.size):
        values[i] = exp(numbers[i])


def _fill_logarithms(numbers: FloatArray, values: FloatArray, work: FloatArray) -> None:
    whole = numbers.size // ROW * ROW
    for start in range(0, whole, ROW):
        log_row(numbers[start : start + ROW], values[start : start + ROW], work)
    for i in range(whole, numbers.size):
        values[i] = log(numbers[i])
