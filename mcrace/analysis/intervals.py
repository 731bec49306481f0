"""How far estimates may be off: standard errors from the replicates, or why these tell none."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from mcrace.analysis.tails import carried_by_tail, tail_indices
from mcrace.nomenclature.statistics import LEVELS, SHORTFALL_LEVEL, STATISTICS

__all__ = ["ALL", "AS_BASE", "ATOM", "CONSTANT", "EDGE", "FEW", "INFINITE", "LATTICE", "NONE", "ONE_DRAW", "RARE",
           "SAME", "STATED", "TAIL", "Errors", "Sample", "difference_errors", "summary_errors"]  # fmt: skip

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Reasons = NDArray[np.int8]

STATED, CONSTANT, NONE, ALL, AS_BASE, ATOM, SAME, ONE_DRAW, EDGE, LATTICE, FEW, RARE, TAIL, INFINITE = range(14)
"""Why an estimate has no standard error; `STATED` where it has one."""

_MEAN, _SD = STATISTICS.index("mean"), STATISTICS.index("sd")
_SHORTFALL = STATISTICS.index(f"shortfall_{SHORTFALL_LEVEL:g}")
_QUANTILES = slice(STATISTICS.index(f"q{LEVELS[0]:g}"), STATISTICS.index(f"q{LEVELS[-1]:g}") + 1)
_SHARES = slice(STATISTICS.index("p_positive"), STATISTICS.index("p_negative") + 1)
_AVERAGES = [_MEAN, _SD, _SHORTFALL]

_SCORES: Final = np.asarray(ndtri(np.array(LEVELS)), dtype=np.float64)
_DENSITIES: Final = np.exp(-(_SCORES**2) / 2.0) / np.sqrt(2.0 * np.pi)
_ENDS: Final = np.minimum(LEVELS, 1.0 - np.array(LEVELS))

_FEWEST_BEYOND = 5.0
_FEWEST_IN_ALL = 3.0
_LEAST_COUNT = 0.65
_OWN = 0.45
_ROUNDING: Final = 32.0 * float(np.finfo(np.float64).eps)
_SKEWNESS = 1.08
_LATTICE_VARIANCE = 1.0 / 12.0
_MANY = 8

_MEAN_TAIL, _SD_TAIL, _SHORTFALL_TAIL = 0.55, 0.1, 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Statistics of one or more scenarios.

    Attributes
    ----------
    pooled : ndarray, shape (..., statistic)
        Over all draws, in the order of `STATISTICS`.
    values : ndarray, shape (..., statistic, replicate)
        Of each replicate; two at least.
    points : int
        Draws a replicate.
    """

    pooled: FloatArray
    values: FloatArray
    points: int


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    error: FloatArray
    why: Reasons


def summary_errors(sample: Sample) -> Errors:
    why = _unresolved(sample)
    counts = sample.points * sample.values[..., _SHARES, :]
    fewest = np.minimum(counts.sum(axis=-1), (sample.points - counts).sum(axis=-1))
    _mark_shares(why, counts, fewest)
    _mark_equal(why, sample.values, _size(sample), np.zeros(why.shape))
    shares = why[..., _SHARES]
    shares[(counts == 0).all(axis=-1)] = NONE
    shares[(counts == sample.points).all(axis=-1)] = ALL
    quantiles = why[..., _QUANTILES]
    quantiles[quantiles == SAME] = ATOM
    if sample.points == 1:
        why[..., _SD] = ONE_DRAW
    why[sample.pooled[..., _SD] == 0.0] = CONSTANT
    variance = _variance(sample.pooled, sample.values)
    variance[..., _QUANTILES] += _LATTICE_VARIANCE * _gaps(sample) ** 2
    return _errors(variance, why, sample.values.shape[-1])


def difference_errors(sample: Sample, base: Sample) -> Errors:
    values = sample.values - base.values
    why = _unresolved(sample)
    why = np.where(why == STATED, _unresolved(base), why)
    counts = sample.points * values[..., _SHARES, :]
    _mark_shares(why, counts, np.abs(counts).sum(axis=-1))
    pooled = sample.pooled - base.pooled
    _mark_equal(why, values, np.maximum(_size(sample), _size(base)), pooled)
    why[(why == SAME) & (pooled == 0.0)] = AS_BASE
    variance = _variance(pooled, values)
    ours, theirs = _gaps(sample), _gaps(base)
    together = _correlation(sample.values[..., _QUANTILES, :], base.values[..., _QUANTILES, :])
    variance[..., _QUANTILES] += _LATTICE_VARIANCE * (ours**2 + theirs**2 - 2.0 * together * ours * theirs)
    return _errors(variance, why, values.shape[-1])


def _errors(variance: FloatArray, why: Reasons, replicates: int) -> Errors:
    return Errors(np.where(why == STATED, np.sqrt(variance / replicates), np.nan), why)


def _mark_shares(why: Reasons, counts: FloatArray, fewest: FloatArray) -> None:
    shares = why[..., _SHARES]
    shares[...] = STATED
    shares[fewest < _FEWEST_IN_ALL - 0.5] = RARE
    shares[(np.ptp(counts, axis=-1) < 1.5) & (fewest > counts.shape[-1] / 2)] = LATTICE


def _mark_equal(why: Reasons, values: FloatArray, size: FloatArray, pooled: FloatArray) -> None:
    same = np.ptp(values, axis=-1) <= _ROUNDING * size[..., np.newaxis]
    shares = same[..., _SHARES]
    shares &= pooled[..., _SHARES] == 0.0
    why[same] = SAME


def _size(sample: Sample) -> FloatArray:
    biggest: FloatArray = np.abs(sample.pooled[..., :_SHARES.start]).max(axis=-1)
    return biggest


def _variance(pooled: FloatArray, values: FloatArray) -> FloatArray:
    replicates = values.shape[-1]
    steps = values - values.mean(axis=-1, keepdims=True)
    variance: FloatArray = (steps**2).sum(axis=-1) / (replicates - 1)
    bias = pooled[..., _QUANTILES] - values[..., _QUANTILES, :].mean(axis=-1)
    variance[..., _QUANTILES] += bias**2 * replicates / (replicates - 1)
    if replicates >= _MANY:
        some = steps[..., _AVERAGES, :]
        third = (some**3).sum(axis=-1) * replicates / ((replicates - 1) * (replicates - 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            squared = np.nan_to_num(third**2 / variance[..., _AVERAGES] ** 3)
        squared[..., 0] *= _correlation(values[..., _MEAN, :], values[..., _SD, :]) ** 2
        variance[..., _AVERAGES] *= (1.0 + _SKEWNESS * squared / replicates) ** 2
    return variance


def _gaps(sample: Sample) -> FloatArray:
    quantiles = sample.pooled[..., _QUANTILES]
    gaps: FloatArray = np.gradient(quantiles, _SCORES, axis=-1) / _DENSITIES
    q = lambda l: quantiles[..., LEVELS.index(l)]
    for end, a, b in ((0, q(0.05) - q(0.01), q(0.25) - q(0.05)), (-1, q(0.99) - q(0.95), q(0.95) - q(0.75))):
        with np.errstate(divide="ignore", invalid="ignore"):
            g = a * np.sqrt(a / b) / np.log(5.0) / 0.01
        gaps[..., end] = np.where(b > 0, g, gaps[..., end])
    return gaps / sample.points


def _unresolved(sample: Sample) -> Reasons:
    why = np.full(sample.pooled.shape, STATED, dtype=np.int8)
    quantiles, values = why[..., _QUANTILES], sample.values[..., _QUANTILES, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.nan_to_num(values.var(axis=-1, ddof=1) / _gaps(sample) ** 2, nan=np.inf)
    near = squares.copy()
    near[..., 1:] += squares[..., :-1]
    near[..., :-1] += squares[..., 1:]
    near /= np.array([2] + [3] * (len(LEVELS) - 2) + [2])
    quantiles[(squares < _OWN**2) | (near < _LEAST_COUNT**2)] = LATTICE
    quantiles[..., _ENDS * sample.points < _FEWEST_BEYOND] = FEW
    ordered = np.sort(values, axis=-1)
    quantiles[(np.diff(ordered, axis=-1) == 0.0).any(axis=-1)] = EDGE
    two = (np.diff(np.sort(sample.values[..., _AVERAGES, :], axis=-1), axis=-1) > 0.0).sum(axis=-1) < 2
    if sample.values.shape[-1] > 2:
        why[..., _AVERAGES] = np.where(two, LATTICE, STATED)
    _mark_tails(why, sample)
    if SHORTFALL_LEVEL * sample.points < _FEWEST_BEYOND:
        why[..., _SHORTFALL] = FEW
    return why


def _mark_tails(why: Reasons, sample: Sample) -> None:
    lower, upper, noise = tail_indices(sample.pooled[..., _QUANTILES], sample.points * sample.values.shape[-1])
    heavier = np.fmax(lower, upper)
    mean, sd = sample.values[..., _MEAN, :], sample.values[..., _SD, :]
    if sample.values.shape[-1] >= _MANY:
        carried = carried_by_tail(heavier, _correlation(mean, sd))
        why[carried, _MEAN] = TAIL
        why[carried, _SD] = TAIL
    why[heavier + noise >= _SD_TAIL, _SD] = TAIL
    why[lower + noise >= _SHORTFALL_TAIL, _SHORTFALL] = TAIL
    infinite = heavier >= _MEAN_TAIL
    why[infinite, _MEAN] = INFINITE
    why[infinite, _SD] = INFINITE


def _correlation(left: FloatArray, right: FloatArray) -> FloatArray:
    a = left - left.mean(axis=-1, keepdims=True)
    b = right - right.mean(axis=-1, keepdims=True)
    size = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num((a * b).sum(axis=-1) / size))
