"""Quantiles of the standard normal law, and their exponentials: compiled, in wide registers.

Between the levels 1/32 and 31/32 the quantile is q R((15/32)^2 - q^2), q = u - 1/2, with a rational R;
beyond, another one in sqrt(-ln p), p the smaller of u and 1 - u. Largest error found over [1e-300, 1):
8.4e-16 relative (12,000 levels of all sizes, against 40 digits). The form is Wichura's, the functions are
fitted anew.

References
----------
M. J. Wichura (1988), Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics
37, 477-484.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import select, widely
from mcrace.compiling.elementary import ROW, WORK, exp, exp_row, log
from mcrace.compiling.elementwise import each_number
from mcrace.laws.law import FloatArray

__all__ = ["exponential_quantile", "standard_quantile"]

_STRIP: Final = 256  # levels at a time: what is at work stays in the processor's nearest cache
_HALF: Final = _STRIP // 2
_LANES: Final = 8  # numbers of the widest register

_CENTRE: Final = 0.46875


def standard_quantile(u: FloatArray) -> FloatArray:
    """Quantile of the standard normal law.

    Parameters
    ----------
    u : array of float, any shape
        Levels in (0, 1).

    Returns
    -------
    array of float
        Of the shape of `u`. What a level gives does not hang on the others.

    Examples
    --------
    >>> standard_quantile(np.array([0.025, 0.5])).round(6)
    array([-1.959964,  0.      ])
    """
    return each_number(_plain_standard, _fill_standard, u, room=_room())


def exponential_quantile(u: FloatArray, factor: float, slope: float) -> FloatArray:
    """Exponential of the standard normal quantile z: factor exp(slope z).

    Parameters
    ----------
    u : array of float, any shape
        Levels in (0, 1).
    factor, slope : float
        Median, and standard deviation of the logarithm.

    Returns
    -------
    array of float
        Of the shape of `u`, in the unit of `factor`.

    Examples
    --------
    >>> exponential_quantile(np.array([0.05, 0.5]), 100.0, 0.5).round(1)
    array([ 43.9, 100. ])
    """
    room = (*_room(), np.empty(ROW + WORK))
    return each_number(_plain_exponential, _fill_exponential, u, factor, slope, room=room)


def _room() -> tuple[NDArray[np.int64], FloatArray]:
    return np.zeros(2 * _STRIP + _LANES, dtype=np.int64), np.zeros(_STRIP + _LANES)


def _plain_standard(levels: FloatArray) -> FloatArray:
    """Do what `_fill_standard` does, to the bit, without a compiler."""
    values = np.array(_central(levels - 0.5))
    far = np.abs(levels - 0.5) > _CENTRE
    if far.any():
        low = levels[far] < 0.5
        tails = _tail(np.where(low, levels[far], 1.0 - levels[far]))
        values[far] = np.where(low, -tails, tails)
    return values


def _plain_exponential(levels: FloatArray, factor: float, slope: float) -> FloatArray:
    return np.asarray(factor * exp(slope * _plain_standard(levels)))


def _fill_standard(
    levels: FloatArray, values: FloatArray, places: NDArray[np.int64], tails: FloatArray
) -> None:
    for start in range(0, levels.size, _STRIP):
        end = min(start + _STRIP, levels.size)
        _fill(levels[start:end], values[start:end], places, tails)


def _fill_exponential(
    levels: FloatArray,
    values: FloatArray,
    places: NDArray[np.int64],
    tails: FloatArray,
    room: FloatArray,
    factor: float,
    slope: float,
) -> None:
    for start in range(0, levels.size, _STRIP):
        end = min(start + _STRIP, levels.size)
        _fill(levels[start:end], values[start:end], places, tails)
        _exponentiate(values[start:end], factor, slope, room)


def _exponentiate(values: FloatArray, factor: float, slope: float, room: FloatArray) -> None:
    """Put factor exp(slope z) in the place of each z; `room` is overwritten."""
    widely()
    whole = values.size // ROW * ROW
    exponents = room[:ROW]
    for start in range(0, whole, ROW):
        for i in range(ROW):
            exponents[i] = slope * values[start + i]
        exp_row(exponents, values[start : start + ROW], room[ROW:])
        for i in range(ROW):
            values[start + i] *= factor
    for i in range(whole, values.size):
        values[i] = factor * exp(slope * values[i])


def _fill(levels: FloatArray, values: FloatArray, places: NDArray[np.int64], tails: FloatArray) -> None:
    """Fill a strip: all levels as if they were central, then those in the tails, side by side."""
    widely()
    if levels.size < _STRIP:
        for i in range(levels.size):
            values[i] = _central(levels[i] - 0.5)
    else:  # two at a time, as in `_exponentiate`
        for i in range(_HALF):
            values[i] = _central(levels[i] - 0.5)
            values[_HALF + i] = _central(levels[_HALF + i] - 0.5)
    found = _find_far(levels, places[_STRIP + _LANES :], places)
    whole = (found + _LANES - 1) // _LANES * _LANES
    for j in range(whole):
        level = levels[places[j]]
        tails[j] = min(level, 1.0 - level)
    for j in range(whole):
        tails[j] = _tail(tails[j])
    for j in range(found):
        values[places[j]] = -tails[j] if levels[places[j]] < 0.5 else tails[j]


def _find_far(levels: FloatArray, is_far: NDArray[np.int64], places: NDArray[np.int64]) -> int:
    """Note the places of the levels in the tails, and behind them some others, to fill a register."""
    widely()
    for i in range(levels.size):
        is_far[i] = abs(levels[i] - 0.5) > _CENTRE
    found = 0
    for i in range(levels.size):
        places[found] = i
        found += is_far[i]
    for j in range(_LANES):
        places[found + j] = 0
    return found


def _central(q: Any) -> Any:  # noqa: ANN401 - a number or an array
    """Quantile at 1/2 + q, |q| <= 15/32."""
    t = _CENTRE * _CENTRE - q * q
    # By fours: short chains of products, of which a processor works on several at a time.
    square = t * t
    fourth = square * square
    above = (3.973827983832856 + 387.0999411226471 * t) + (
        14650.917684395294 + 274038.37346632354 * t
    ) * square
    above += (
        (2676763.7720251502 + 13357340.161865104 * t) + (31218497.776059307 + 28384790.345987935 * t) * square
    ) * fourth
    above += 6432238.471981852 * (fourth * fourth)
    below = (1.0 + 103.27295573006552 * t) + (4197.254027701559 + 85790.89731182545 * t) * square
    below += (
        (938544.6491766686 + 5438842.668793978 * t) + (15633704.5859519 + 19402797.680829085 * t) * square
    ) * fourth
    below += (7740876.255902869 + 385616.66149502574 * t) * (fourth * fourth)
    return q * (above / below)


def _tail(p: Any) -> Any:  # noqa: ANN401 - a number or an array
    """Quantile at 1 - p, p <= 1/32; the coefficients are those of two stretches of sqrt(-ln p)."""
    root = np.sqrt(-log(p))
    far = root > 6.07
    t = root - select(far, 6.0, 1.75)
    above = select(far, 1.0362893739825224e-07, 0.0012268788465859793)
    above = above * t + select(far, 1.5118380620568603e-05, 0.03664605558890995)
    above = above * t + select(far, 0.0007631671637573689, 0.3778383365824549)
    above = above * t + select(far, 0.018244587320340896, 1.8528491834452487)
    above = above * t + select(far, 0.23155923952511157, 4.87594766894104)
    above = above * t + select(far, 1.6013152099070707, 7.115425923590923)
    above = above * t + select(far, 5.690021283234341, 5.438015427370408)
    above = above * t + select(far, 8.120594767905024, 1.6770063262900388)
    below = select(far, 9.264921046592342e-16, 1.20036171969161e-09)
    below = below * t + select(far, 7.327628767810358e-08, 0.0008674128593147678)
    below = below * t + select(far, 1.0250820311443959e-05, 0.024404495322626448)
    below = below * t + select(far, 0.0004783911822034926, 0.2267907325812309)
    below = below * t + select(far, 0.01005779245624046, 0.9583702943840785)
    below = below * t + select(far, 0.10437750032116874, 2.0625794494541476)
    below = below * t + select(far, 0.5213603801990575, 2.244324566550632)
    below = below * t + 1.0
    return select(p == 0.0, math.inf, above / below)
