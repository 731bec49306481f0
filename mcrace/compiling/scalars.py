"""Exponentials and logarithms of single numbers: Python's own, and compiled those of `elementary`.

Formulas of one draw call these. In plain Python they are fast, and differ from compiled code in the last
digit.
"""

import math

__all__ = ["exp", "expm1", "log", "log1p"]


def exp(x: float) -> float:
    """Exponential.

    Parameters
    ----------
    x : float
        Any number.

    Returns
    -------
    float
        The exponential.

    Raises
    ------
    OverflowError
        In plain Python, if it is too large for a float; compiled it is infinite.

    Examples
    --------
    >>> exp(0.0)
    1.0
    """
    return math.exp(x)


def expm1(x: float) -> float:
    """Exponential less one, with all its digits near zero.

    Parameters
    ----------
    x : float
        Any number.

    Returns
    -------
    float
        The exponential less one.

    Raises
    ------
    OverflowError
        In plain Python, if it is too large for a float; compiled it is infinite.

    Examples
    --------
    >>> expm1(0.0)
    0.0
    """
    return math.expm1(x)


def log(x: float) -> float:
    """Natural logarithm.

    Parameters
    ----------
    x : float
        Above 0.

    Returns
    -------
    float
        The logarithm.

    Raises
    ------
    ValueError
        In plain Python, at 0 and below; compiled it is -inf and NaN.

    Examples
    --------
    >>> log(1.0)
    0.0
    """
    return math.log(x)


def log1p(x: float) -> float:
    """Natural logarithm of one more, with all its digits near zero.

    Parameters
    ----------
    x : float
        Above -1.

    Returns
    -------
    float
        The logarithm.

    Raises
    ------
    ValueError
        In plain Python, at -1 and below; compiled it is -inf and NaN.

    Examples
    --------
    >>> log1p(0.0)
    0.0
    """
    return math.log1p(x)
