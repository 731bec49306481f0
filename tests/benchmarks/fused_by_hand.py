"""The benchmark problem P1 in one compiled loop, as a specialist would write it for P1 alone.

Pseudo-random draws from splitmix64 of the draw's number, Box and Muller's normals, short polynomials for
everything (relative errors about 1e-9), the constants of P1 written in, fused multiply-adds; moments and a
histogram for the quantiles are taken on the way, so that no draw is ever stored.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

__all__ = ["BINS", "HIGHEST", "LOWEST", "p1_fused"]

BINS = 2**14
LOWEST, HIGHEST = -3.0e9, -2.94e9  # of M, USD
STRIP = 512
HORIZON, CANDIDATE, CUSTOMERS = 730.0, 3e9, 1e6
STEP = 0.05 * float(np.log(10.0))  # f(z) - f(y), USD per customer and day

# All of fast mathematics but the reordering of sums, which would undo the rounding to whole numbers.
LIBERTIES = {"nnan", "ninf", "nsz", "arcp", "contract", "afn"}
FAST = {"fastmath": LIBERTIES, "error_model": "numpy", "nogil": True}


def _chebyshev(function: Any, low: float, high: float, degree: int) -> tuple[float, ...]:
    fit = np.polynomial.Chebyshev.interpolate(function, degree, domain=[low, high])
    return tuple(float(item) for item in fit.convert(kind=np.polynomial.Polynomial).coef)


def _capture_fit() -> tuple[float, ...]:
    from tests.benchmarks.numpy_by_hand import capture_by_newton

    return _chebyshev(lambda x: capture_by_newton(x + 0.7), -0.5, 0.5, 9)


CAPTURE = _capture_fit()
EXP = _chebyshev(np.exp, -0.35, 0.35, 7)
LOG = _chebyshev(lambda f: np.where(f == 0.0, 1.0, np.log1p(f) / np.where(f == 0.0, 1.0, f)), -0.3, 0.42, 11)
SIN = _chebyshev(
    lambda x: np.where(x == 0.0, 1.0, np.sin(np.sqrt(x)) / np.sqrt(np.maximum(x, 1e-300))), 0, 2.5, 6
)
COS = _chebyshev(lambda x: np.cos(np.sqrt(np.maximum(x, 0.0))), 0, 2.5, 6)


@intrinsic
def bits_of(_context, _number):
    def code(_context, builder, _signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), code


@intrinsic
def number_of(_context, _bits):
    def code(_context, builder, _signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), code


@numba.njit(**FAST)
def exp_of(x):
    twos = np.floor(x * 1.4426950408889634 + 0.5)
    r = x - twos * 0.6931471805599453
    s = r * r
    low = (EXP[0] + EXP[1] * r) + (EXP[2] + EXP[3] * r) * s
    high = (EXP[4] + EXP[5] * r) + (EXP[6] + EXP[7] * r) * s
    return (low + high * (s * s)) * number_of((bits_of(twos + 6755399441055744.0) << 52) + (1023 << 52))


@numba.njit(**FAST)
def log_of(x):
    shifted = bits_of(x) - 0x3FE6A09E667F3BCD
    twos = number_of(((shifted >> 52) & 0xFFF ^ 0x800) | 0x4330000000000000) - (4503599627370496.0 + 2048.0)
    f = number_of((shifted & 0xFFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD) - 1.0
    s = f * f
    q = s * s
    low = (LOG[0] + LOG[1] * f) + (LOG[2] + LOG[3] * f) * s
    middle = (LOG[4] + LOG[5] * f) + (LOG[6] + LOG[7] * f) * s
    high = (LOG[8] + LOG[9] * f) + (LOG[10] + LOG[11] * f) * s
    return twos * 0.6931471805599453 + f * (low + (middle + high * q) * q)


@numba.njit(**FAST)
def uniform(word):
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word = word ^ (word >> np.uint64(31))
    one = number_of(np.int64(word >> np.uint64(12)) | (1023 << 52))
    return one - (1.0 - 2.0**-53)


@numba.njit(**FAST)
def fill_uniforms(seed, start, room):
    """Fill four rows of a strip with uniforms."""
    for k in range(4):
        row = room[k]
        for i in range(STRIP):
            number = np.uint64(4 * (start + i) + k)
            row[i] = uniform(np.uint64(seed) + number * np.uint64(0x9E3779B97F4A7C15))


@numba.njit(**FAST)
def fill_normals(first, second):
    """Turn two rows of uniforms into two of normals."""
    for i in range(STRIP):
        radius = np.sqrt(-2.0 * log_of(first[i]))
        turn = 4.0 * second[i]
        quarter = np.floor(turn)
        angle = (turn - quarter - 0.5) * 1.5707963267948966
        a2 = angle * angle
        a4 = a2 * a2
        a8 = a4 * a4
        sine = (
            (SIN[0] + SIN[1] * a2) + (SIN[2] + SIN[3] * a2) * a4 + ((SIN[4] + SIN[5] * a2) + SIN[6] * a4) * a8
        )
        sine *= angle * radius
        cosine = (COS[0] + COS[1] * a2) + (COS[2] + COS[3] * a2) * a4
        cosine = radius * (cosine + ((COS[4] + COS[5] * a2) + COS[6] * a4) * a8)
        odd = (quarter == 1.0) | (quarter == 3.0)
        one, other = (sine, cosine) if odd else (cosine, sine)
        first[i] = -one if quarter >= 2.0 else one
        second[i] = -other if (quarter >= 1.0) & (quarter < 3.0) else other


@numba.njit(**FAST)
def fill(day_score, level_score, uniform_spread, uniform_rate, months, effects):
    """Fill a strip with M and with what the release takes."""
    for i in range(STRIP):
        day = min(240.0 * exp_of(0.7 * day_score[i]), HORIZON)
        x = uniform_spread[i] - 0.5
        s2 = x * x
        s4 = s2 * s2
        share = (CAPTURE[0] + CAPTURE[1] * x) + (CAPTURE[2] + CAPTURE[3] * x) * s2
        share += ((CAPTURE[4] + CAPTURE[5] * x) + (CAPTURE[6] + CAPTURE[7] * x) * s2) * s4
        share += (CAPTURE[8] + CAPTURE[9] * x) * (s4 * s4)
        u = uniform_rate[i]
        rising = u < 0.21875
        root = np.sqrt(u * 0.0224 if rising else (1.0 - u) * 0.08)
        rate = (0.03 + root if rising else 0.35 - root) * (1.0 / 365.25)
        until, end = exp_of(-rate * day), exp_of(-rate * HORIZON)
        # ln(x') - ln(y) = ln 2 + 0.8 score: what the release leaves of z's step of ln 10.
        taken = 0.05 * min(max(0.6931471805599453 + 0.8 * level_score[i], 0.0), 2.302585092994046)
        paid = CUSTOMERS * share / rate
        effects[i] = paid * (until - end) * taken
        months[i] = paid * (1.0 - end) * STEP - effects[i] - CANDIDATE


@numba.njit(**FAST)
def p1_fused(seed, draws, room, bins):
    """Value P1's draws: sums of M, of M squared and of the effect; counts of M by bin."""
    total, square, effect = 0.0, 0.0, 0.0
    scale = BINS / (HIGHEST - LOWEST)
    months, effects = room[4], room[5]
    for start in range(0, draws, STRIP):
        fill_uniforms(seed, start, room)
        fill_normals(room[0], room[1])
        fill(room[0], room[1], room[2], room[3], months, effects)
        for i in range(STRIP):
            gap = months[i] + 2.97e9
            total += gap
            square += gap * gap
            effect += effects[i]
        for i in range(STRIP):
            bins[min(max(int((months[i] - LOWEST) * scale), 0), BINS - 1)] += 1
    return total, square, effect
