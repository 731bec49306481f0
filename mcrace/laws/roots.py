"""Roots of functions of one variable, to full precision."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.law import FloatArray

__all__ = ["find_root", "find_roots"]

MOST_STEPS = 300


def find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Find where a continuous function changes its sign, by bisection and inverse quadratic interpolation.

    Parameters
    ----------
    function : callable
        Of one float; its signs at `low` and `high` differ.
    low, high : float
        Ends of the bracket.

    Returns
    -------
    float
        A root, to a few units in the last place or to 1e-300.

    Raises
    ------
    ValueError
        The function has the same sign, or no value, at both ends.

    References
    ----------
    T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear
    function without using derivatives", Advances in Engineering Software 28 (1997) 145-149.

    Examples
    --------
    >>> round(find_root(lambda x: x * x - 2, 0, 2), 14)
    1.4142135623731
    """
    a, b = high, low
    fa, fb = function(a), function(b)
    if not fa * fb <= 0:
        raise ValueError("no change of sign")
    c, fc, share = a, fa, 0.5
    for _ in range(MOST_STEPS):
        t = a + share * (b - a)
        ft = function(t)
        if math.copysign(1, ft) == math.copysign(1, fa):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = t, ft
        best, smallest = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        margin = (4e-16 * abs(best) + 1e-300) / abs(b - a) if b != a else 1.0
        if margin >= 0.5 or smallest == 0:
            return best
        share = min(max(_next_share(a, b, c, fa, fb, fc), margin), 1 - margin)
    return best


def find_roots(
    function: Callable[[FloatArray, NDArray[np.intp]], FloatArray], low: FloatArray, high: FloatArray
) -> FloatArray:
    """Find where increasing functions reach zero, one an element, by Chandrupatla's method.

    See `find_root`; here many brackets are searched at a time, and where a function rests at zero the first
    such place counts: quantiles do not lie in gaps.

    Parameters
    ----------
    function : callable
        Of an array of places and an array that says to which elements they belong.
    low, high : ndarray, shape (count,)
        Ends of the brackets.

    Returns
    -------
    ndarray, shape (count,)
        Roots; the end of the bracket that is nearer to one where there is none inside.

    Examples
    --------
    >>> squares = np.array([2.0, 9.0])
    >>> find_roots(lambda x, which: x * x - squares[which], np.zeros(2), np.full(2, 5.0)).round(12)
    array([1.41421356, 3.        ])
    """
    which = np.arange(low.size)
    b, fb = low, function(low, which)
    reached = fb >= 0  # at the lower end already: there the search ends
    a, fa = np.where(reached, low, high), np.where(reached, fb, function(high, which))
    c, fc, share = a, fa, np.full(low.shape, 0.5)
    roots = a.copy()
    for _ in range(MOST_STEPS):
        t = a + share * (b - a)
        ft = function(t, which)
        same = (ft < 0) == (fa < 0)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = t, ft
        roots[which] = np.where(fa >= 0, a, b)
        with np.errstate(divide="ignore"):
            margin = (2e-16 * np.abs(a) + 1e-300) / np.abs(b - a)
        going = margin < 0.5
        if not going.any():
            break
        which, margin = which[going], margin[going]
        a, b, c, fa, fb, fc = a[going], b[going], c[going], fa[going], fb[going], fc[going]
        share = np.clip(_next_shares(a, b, c, fa, fb, fc), margin, 1 - margin)
    return roots


def _next_share(a: float, b: float, c: float, fa: float, fb: float, fc: float) -> float:
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (phi * phi < xi and (1 - phi) * (1 - phi) < 1 - xi):
        return 0.5
    return fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)


def _next_shares(
    a: FloatArray, b: FloatArray, c: FloatArray, fa: FloatArray, fb: FloatArray, fc: FloatArray
) -> FloatArray:
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        curved = (phi * phi < xi) & ((1 - phi) * (1 - phi) < 1 - xi)
        share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return np.where(curved & np.isfinite(share), share, 0.5)
