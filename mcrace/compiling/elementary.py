"""Exponentials and logarithms without a branch: one value after the other, or many in one register.

Each is made of + - * / and the bits of numbers, so that it gives the same bits compiled and in NumPy, and
compiled loops over it run in the processor's wide registers, which the library of C does not use. Largest
errors found against 50 digits over the whole range, in units of the last place: exp 1.0, log 0.8, log1p 1.3,
expm1 2.0.

`exp` and the others take a number or an array of any shape; in NumPy, what overflows warns as it does there.
`exp_row` and the others are for compiled code, and give the same bits in less time: in several loops, since
a processor looks ahead over the short chains of operations in each, but not over the whole.

References
----------
J.-M. Muller, Elementary Functions: Algorithms and Implementation, 3rd ed., Birkhaeuser, 2016, chapters 3 and
11; polynomials fitted anew, in 40 digits.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling.primitives import bits_of, number_of, select, widely

__all__ = ["ROW", "WORK", "exp", "exp_row", "expm1", "expm1_row", "log", "log1p", "log1p_row", "log_row"]

ROW = 64
"""Length of the rows that `exp_row` and the others take."""

_HALF = ROW // 2

WORK = 5 * ROW
"""Length of what they work in."""

Row = NDArray[np.float64]

_ROUNDER = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to whole numbers, into the last bits
_ONE = 1023 << 52  # the bits of 1.0
_PER_LN2 = 1.0 / math.log(2.0)
# ln 2 in two parts; the products of the first with whole numbers below 2^20 are exact.
_LN2, _LN2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_LEAST, _MOST = -746.0, 710.0  # beyond, exp is 0 and infinite
_LARGE = 709.0
_ORDINARY = 708.0  # up to here, exp and one over it are normal numbers

_SQRT_HALF = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
_FRACTION = (1 << 52) - 1
_TWO_52 = 0x4330000000000000  # the bits of 2^52, into which a whole number fits
_LEAST_NORMAL = 2.2250738585072014e-308
_TWO_54 = 18014398509481984.0


def exp(x: Any) -> Any:  # noqa: ANN401
    """Exponential.

    Parameters
    ----------
    x : float or ndarray of float64
        Any number; infinities too.

    Returns
    -------
    float64 or ndarray of float64
        Of the shape of `x`.

    Examples
    --------
    >>> float(exp(1.0)), float(exp(-800.0))
    (2.7182818284590455, 0.0)
    """
    x = _clipped(x, _LEAST, _MOST)
    twos = _twos(x)
    return _exp_of(twos, _expm1_near_zero(_rest(x, twos)))


def expm1(x: Any) -> Any:  # noqa: ANN401
    """Exponential less one, with all its digits near zero.

    Parameters
    ----------
    x : float or ndarray of float64
        Any number; infinities too.

    Returns
    -------
    float64 or ndarray of float64
        Of the shape of `x`; infinite from 709 on.

    Examples
    --------
    >>> float(expm1(1e-10)), float(expm1(-800.0))
    (1.00000000005e-10, -1.0)
    """
    near = _clipped(x, -_LARGE, _LARGE)
    twos = _twos(near)
    return _expm1_of(x, twos, _expm1_near_zero(_rest(near, twos)))


def log(x: Any) -> Any:  # noqa: ANN401
    """Natural logarithm.

    Parameters
    ----------
    x : float or ndarray of float64
        Any number, subnormal and infinite ones too.

    Returns
    -------
    float64 or ndarray of float64
        Of the shape of `x`; -inf for 0, NaN below.

    Examples
    --------
    >>> float(log(10.0)), float(log(0.0))
    (2.302585092994046, -inf)
    """
    tiny = x < _LEAST_NORMAL
    shifted = bits_of(x * select(tiny, _TWO_54, 1.0)) - _SQRT_HALF
    more = _fraction_less_one(shifted)
    s = more / (2.0 + more)
    value = _log_of(_exponent(shifted) - select(tiny, 54.0, 0.0), more, s, _series(s))
    value = select(x < math.inf, value, x)
    value = select(x > 0.0, value, -math.inf)
    return select(x >= 0.0, value, math.nan)


def log1p(x: Any) -> Any:  # noqa: ANN401
    """Natural logarithm of one more, with all its digits near zero.

    Parameters
    ----------
    x : float or ndarray of float64
        Any number.

    Returns
    -------
    float64 or ndarray of float64
        Of the shape of `x`; -inf for -1, NaN below.

    Examples
    --------
    >>> float(log1p(0.5)), float(log1p(-1.0))
    (0.4054651081081644, -inf)
    """
    more = 1.0 + x
    return log(more) + _lost(x, more)


def exp_row(x: Row, out: Row, work: Row) -> None:
    """Exponential of each number of a row.

    Parameters
    ----------
    x, out : ndarray, shape (ROW,)
        Numbers, and room for the results: another one.
    work : ndarray, shape (WORK,)
        Is overwritten.
    """
    widely()
    for i in range(x.size):
        twos = _twos(x[i])
        work[i] = twos
        work[ROW + i] = _rest(x[i], twos)
    for i in range(_HALF):  # two chains at a time
        work[2 * ROW + i] = _expm1_near_zero(work[ROW + i])
        work[2 * ROW + _HALF + i] = _expm1_near_zero(work[ROW + _HALF + i])
    ordinary = 0
    for i in range(x.size):
        out[i] = (1.0 + work[2 * ROW + i]) * _power_of_two(work[i])
        ordinary += abs(x[i]) <= _ORDINARY
    if ordinary < x.size:
        for i in range(x.size):
            out[i] = exp(x[i])


def expm1_row(x: Row, out: Row, work: Row) -> None:
    """Exponential less one of each number of a row.

    Parameters
    ----------
    x, out, work : ndarray
        As `exp_row` takes them.
    """
    widely()
    for i in range(x.size):
        twos = _twos(x[i])
        work[i] = twos
        work[ROW + i] = _rest(x[i], twos)
    for i in range(_HALF):  # two chains at a time
        work[2 * ROW + i] = _expm1_near_zero(work[ROW + i])
        work[2 * ROW + _HALF + i] = _expm1_near_zero(work[ROW + _HALF + i])
    ordinary = 0
    for i in range(x.size):
        power = _power_of_two(work[i])
        out[i] = power * work[2 * ROW + i] + (power - 1.0)
        ordinary += abs(x[i]) <= _ORDINARY
    if ordinary < x.size:
        for i in range(x.size):
            out[i] = expm1(x[i])


def log_row(x: Row, out: Row, work: Row) -> None:
    """Natural logarithm of each number of a row.

    Parameters
    ----------
    x, out, work : ndarray
        As `exp_row` takes them.
    """
    widely()
    for i in range(x.size):
        shifted = bits_of(x[i]) - _SQRT_HALF
        work[i] = _exponent(shifted)
        work[ROW + i] = _fraction_less_one(shifted)
    for i in range(x.size):
        more = work[ROW + i]
        work[2 * ROW + i] = more / (2.0 + more)
    for i in range(_HALF):  # two chains at a time
        work[3 * ROW + i] = _series(work[2 * ROW + i])
        work[3 * ROW + _HALF + i] = _series(work[2 * ROW + _HALF + i])
    ordinary = 0
    for i in range(x.size):
        more, s, series = work[ROW + i], work[2 * ROW + i], work[3 * ROW + i]
        out[i] = _log_of(work[i], more, s, series)
        ordinary += (x[i] >= _LEAST_NORMAL) & (x[i] < math.inf)
    if ordinary < x.size:
        for i in range(x.size):
            out[i] = log(x[i])


def log1p_row(x: Row, out: Row, work: Row) -> None:
    """Natural logarithm of one more than each number of a row.

    Parameters
    ----------
    x, out, work : ndarray
        As `exp_row` takes them.
    """
    widely()
    for i in range(x.size):
        work[4 * ROW + i] = 1.0 + x[i]
    log_row(work[4 * ROW : 5 * ROW], out, work)
    for i in range(x.size):
        out[i] += _lost(x[i], work[4 * ROW + i])


def _clipped(x: Any, low: float, high: float) -> Any:  # noqa: ANN401
    x = select(x < low, low, x)
    return select(x > high, high, x)


def _twos(x: Any) -> Any:  # noqa: ANN401
    """Whole number of twos in exp(x)."""
    return (x * _PER_LN2 + _ROUNDER) - _ROUNDER


def _power_of_two(twos: Any) -> Any:  # noqa: ANN401
    """2^twos for a whole number from -1022 to 1023: the exponent's bits."""
    return number_of((bits_of(twos + _ROUNDER) << 52) + _ONE)


def _rest(x: Any, twos: Any) -> Any:  # noqa: ANN401
    return (x - twos * _LN2) - twos * _LN2_REST


def _exp_of(twos: Any, rest: Any) -> Any:  # noqa: ANN401
    """2^twos (1 + rest), in two steps, the second of which may leave the range of normal numbers."""
    half = (0.5 * twos + _ROUNDER) - _ROUNDER
    return (1.0 + rest) * _power_of_two(half) * _power_of_two(twos - half)


def _expm1_of(x: Any, twos: Any, rest: Any) -> Any:  # noqa: ANN401
    """2^twos (1 + rest) - 1, its ones together."""
    power = _power_of_two(twos)
    return select(x > _LARGE, math.inf, power * rest + (power - 1.0))


def _expm1_near_zero(r: Any) -> Any:  # noqa: ANN401
    """Exponential less one on |r| <= ln(2) / 2: r + r^2 q(r), to 4e-17, in short chains of products."""
    square = r * r
    fourth = square * square
    low = (0.5000000000000001 + 0.16666666666666644 * r) + (
        0.041666666666624316 + 0.00833333333335738 * r
    ) * square
    middle = (0.0013888888917134646 + 0.00019841269781112518 * r) + (
        2.480152140132287e-05 + 2.7557359464061086e-06 * r
    ) * square
    high = 2.7620044573578155e-07 + 2.5066701467201076e-08 * r
    return r + square * (low + (middle + high * fourth) * fourth)


def _exponent(shifted: Any) -> Any:  # noqa: ANN401
    """Read the number of twos, whole and of either sign, as a float64."""
    return number_of(((shifted >> 52) & 0xFFF ^ 0x800) | _TWO_52) - (4503599627370496.0 + 2048.0)


def _fraction_less_one(shifted: Any) -> Any:  # noqa: ANN401
    """Fraction in [sqrt(1/2), sqrt(2)), less one."""
    return number_of((shifted & _FRACTION) + _SQRT_HALF) - 1.0


def _series(s: Any) -> Any:  # noqa: ANN401
    """Compute ln((1 + s) / (1 - s)) / s - 2."""
    z = s * s
    w = z * z
    odd = w * (0.399999999998992 + w * (0.22222211116377802 + w * 0.15331683246313543))
    even = z * (
        0.666666666666667 + w * (0.28571428626099227 + w * (0.18182890363531545 + w * 0.14616894977875422))
    )
    return odd + even


def _log_of(twos: Any, more: Any, s: Any, series: Any) -> Any:  # noqa: ANN401
    """Compute ln(2^twos (1 + more)), s = more / (2 + more)."""
    half_square = 0.5 * more * more
    return twos * _LN2 - ((half_square - (s * (half_square + series) + twos * _LN2_REST)) - more)


def _lost(x: Any, more: Any) -> Any:  # noqa: ANN401
    """Compute what rounding took from 1 + x, over 1 + x: to first order, as it counts where x is small."""
    return select(x < 1.0, (x - (more - 1.0)) * (1.0 - x), 0.0)
