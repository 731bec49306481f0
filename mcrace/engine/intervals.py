"""How far estimates may be off: standard errors from the replicates, or why these tell none."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from mcrace.engine.tails import Tails, steps_beyond, tails_of
from mcrace.nomenclature.statistics import LEVELS, SHORTFALL_LEVEL, STATISTICS

__all__ = ["ALL", "AS_BASE", "ATOM", "CONSTANT", "EDGE", "FEW", "INFINITE", "LATTICE", "NONE", "ONE_DRAW",
           "RARE", "SAME", "STATED", "TAIL", "Errors", "Sample", "difference_errors",
           "summary_errors"]  # fmt: skip

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Reasons = NDArray[np.int8]

STATED, CONSTANT, NONE, ALL, AS_BASE, ATOM, SAME = range(7)
ONE_DRAW, EDGE, LATTICE, FEW, RARE, TAIL, INFINITE = range(7, 14)
"""Why an estimate has no standard error; `STATED` where it has one."""

_MEAN, _SD = STATISTICS.index("mean"), STATISTICS.index("sd")
_SHORTFALL = STATISTICS.index(f"shortfall_{SHORTFALL_LEVEL:g}")
_QUANTILES = slice(STATISTICS.index(f"q{LEVELS[0]:g}"), STATISTICS.index(f"q{LEVELS[-1]:g}") + 1)
_SHARES = slice(STATISTICS.index("p_positive"), STATISTICS.index("p_negative") + 1)
_AVERAGES = [_MEAN, _SD, _SHORTFALL]

_SCORES: Final = np.asarray(ndtri(np.array(LEVELS)), dtype=np.float64)
_DENSITIES: Final = np.exp(-(_SCORES**2) / 2.0) / np.sqrt(2.0 * np.pi)
_BEYOND: Final = np.minimum(np.array(LEVELS), 1.0 - np.array(LEVELS))

_ROUNDING: Final = 32.0 * float(np.finfo(np.float64).eps)
"""Differences of this size, relative to the output's, are rounding errors of sums."""

_FEWEST_BEYOND = 5.0
"""Draws of a replicate beyond a quantile: with 3.2, intervals of lognormal outputs covered 97.5 to 98.3 %."""

_FEWEST_IN_ALL = 4.0
"""Draws in all for a probability: with 3 or more, 92.8 % where 8 were expected; with 5 or more, 98.8 %."""

_LEAST_COUNT, _LEAST_COUNT_NEAR = 0.45, 0.68
"""
Standard deviation, in draws, of the number of a replicate's draws below a quantile: at that level, and as
root mean square with its neighbours. Quantiles of one input have 0.2 to 0.3 with nets, and cover 78 to 98 %;
from 0.8 on all covered 93 to 97 %.
"""

_SKEWED = 3.0
"""Least squared skewness of the replicates of a mean that a tail carries: 16 values understate it."""

_CARRIES, _CARRIES_ALL = 0.9, 0.97
"""
Correlation of mean and sd over replicates from which on the tail has a part in the error, or is all of it:
then the 16 values are as skewed as a few extreme draws, and intervals covered 88 to 92 % at any number of
draws.
"""

_MANY = 8
"""Replicates that tell a skewness or a correlation."""


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

    @property
    def tails(self) -> Tails:
        """Tails of the outputs."""
        return tails_of(self.pooled[..., _QUANTILES], self.points * self.values.shape[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Standard errors, and why there is none.

    Attributes
    ----------
    error : ndarray, shape (..., statistic)
        NaN where there is none.
    why : ndarray of int8, shape (..., statistic)
        `STATED` or a reason.
    """

    error: FloatArray
    why: Reasons


def summary_errors(sample: Sample) -> Errors:
    """Work out the standard errors of the statistics of all draws.

    Times the quantile of Student's t with replicates - 1 degrees of freedom, an error is half the width of a
    95 % interval. Its square is the variance of the replicates' values over their number, with three terms
    for what their scatter leaves out:

    - of a quantile, deviations count from the value over all draws, not from the replicates' own mean: the
      bias of small samples is an error too (sectioning). A replicate's quantile moves smoothly between its
      draws, though the number of draws below a value is whole: the variance of that rounding, 1/12 of the
      squared distance between neighbouring draws, is added (Sheppard's correction).
    - of mean, sd and shortfall, the half width grows by the factor 1 + 1.08 g^2 / R that an interval of
      Student's t needs for R values of skewness g.

    Parameters
    ----------
    sample : Sample
        Of any scenarios and outputs.

    Returns
    -------
    Errors
        In the output's unit.

    References
    ----------
    M. K. Nakayama, ACM Trans. Model. Comput. Simul. 24 (2014) 19, for sectioning. W. F. Sheppard, Proc.
    London Math. Soc. 29 (1898) 353-380. P. Hall, The Bootstrap and Edgeworth Expansion (1992), section 2.6:
    the two-sided level of Student's t is off by (z^4 + 2 z^2 - 3) g^2 / (9 R) times z times the normal
    density at z; divided by twice that density and z, at z = 1.96, it is 1.08 g^2 / R.
    """
    why = _unresolved(sample)
    counts = sample.points * sample.values[..., _SHARES, :]
    total = sample.points * sample.values.shape[-1]
    _judge_shares(why, counts, np.minimum(counts.sum(axis=-1), total - counts.sum(axis=-1)))
    _mark_equal(why, sample.values, _size(sample))
    shares, quantiles = why[..., _SHARES], why[..., _QUANTILES]
    # Equal counts say as little as counts that differ by one draw, but for none and all.
    shares[shares == SAME] = LATTICE
    shares[(counts == 0.0).all(axis=-1)] = NONE
    shares[(counts == sample.points).all(axis=-1)] = ALL
    quantiles[quantiles == SAME] = ATOM
    if sample.points == 1:
        why[..., _SD] = ONE_DRAW
    why[sample.pooled[..., _SD] == 0.0] = CONSTANT
    variance = _variance(sample.pooled, sample.values, _skewed(sample))
    variance[..., _QUANTILES] += _gaps(sample) ** 2 / 12.0
    return _errors(variance, why, sample.values.shape[-1])


def difference_errors(sample: Sample, base: Sample) -> Errors:
    """Work out the standard errors of differences between scenarios on the same draws.

    Parameters
    ----------
    sample, base : Sample
        Shapes that broadcast, replicates that were drawn together.

    Returns
    -------
    Errors
        Of the statistics of `sample` less those of `base`; terms as in `summary_errors`. What is not resolved
        in one of the two is not resolved in the difference; shares are judged by the difference alone.
    """
    values, pooled = sample.values - base.values, sample.pooled - base.pooled
    why = _unresolved(sample)
    why = np.where(why == STATED, _unresolved(base), why)
    counts = sample.points * values[..., _SHARES, :]
    _judge_shares(why, counts, np.abs(counts).sum(axis=-1))
    _mark_equal(why, values, np.maximum(_size(sample), _size(base)))
    shares = why[..., _SHARES]
    shares[(shares == SAME) & (pooled[..., _SHARES] != 0.0)] = LATTICE
    why[(why == SAME) & (np.abs(pooled) <= _ROUNDING * np.abs(sample.pooled))] = AS_BASE
    variance = _variance(pooled, values, _skewed(sample) | _skewed(base))
    ours, theirs = _gaps(sample), _gaps(base)
    together = _correlation(sample.values[..., _QUANTILES, :], base.values[..., _QUANTILES, :])
    square = ours**2 + theirs**2 - 2.0 * together * ours * theirs
    variance[..., _QUANTILES] += np.maximum(square, 0.0) / 12.0
    return _errors(variance, why, values.shape[-1])


def _errors(variance: FloatArray, why: Reasons, replicates: int) -> Errors:
    return Errors(np.where(why == STATED, np.sqrt(variance / replicates), np.nan), why)


def _unresolved(sample: Sample) -> Reasons:
    """Find the statistics about which the scatter of the replicates says nothing; shares come later."""
    why = np.full(sample.pooled.shape, STATED, dtype=np.int8)
    values = sample.values[..., _QUANTILES, :]
    quantiles = why[..., _QUANTILES]
    quantiles[_counts_are_rigid(values, _gaps(sample))] = LATTICE
    quantiles[..., sample.points * _BEYOND < _FEWEST_BEYOND] = FEW
    # Numbers of a density never agree to the last bit: these are draws of an atom.
    quantiles[(np.diff(np.sort(values, axis=-1), axis=-1) == 0.0).any(axis=-1)] = EDGE
    averages = sample.values[..., _AVERAGES, :]
    if averages.shape[-1] > 2:
        two_values = (np.diff(np.sort(averages, axis=-1), axis=-1) > 0.0).sum(axis=-1) < 2
        why[..., _AVERAGES] = np.where(two_values, LATTICE, STATED)
    _judge_tails(why, sample)
    # What is the same in every draw has no scatter to be told: a difference from it has that of the other.
    why[sample.pooled[..., _SD] == 0.0] = STATED
    return why


def _counts_are_rigid(values: FloatArray, gaps: FloatArray) -> BoolArray:
    """Tell quantiles whose replicates scatter by less than the distance between neighbouring draws."""
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = values.var(axis=-1, ddof=1) / gaps**2
    squares[np.isnan(squares)] = np.inf
    # One level's scatter alone would pick out the replicates that happen to agree.
    near, number = squares.copy(), np.full(len(LEVELS), 3.0)
    near[..., 1:] += squares[..., :-1]
    near[..., :-1] += squares[..., 1:]
    number[[0, -1]] = 2.0
    return np.asarray((squares < _LEAST_COUNT**2) | (near / number < _LEAST_COUNT_NEAR**2))


def _judge_tails(why: Reasons, sample: Sample) -> None:
    """Mark means, sds and shortfalls that a few extreme draws decide on."""
    tails = sample.tails
    carried = tails.slow & (_carriage(sample) >= _CARRIES_ALL)
    why[carried, _MEAN] = TAIL
    why[carried | tails.fourth_moment_infinite, _SD] = TAIL
    why[tails.variance_infinite, _MEAN] = INFINITE
    why[tails.variance_infinite, _SD] = INFINITE
    why[tails.lower_endless, _SHORTFALL] = INFINITE
    if SHORTFALL_LEVEL * sample.points < _FEWEST_BEYOND:
        why[..., _SHORTFALL] = FEW


def _judge_shares(why: Reasons, counts: FloatArray, fewest: FloatArray) -> None:
    """Mark probabilities of events that are too rare, or whose counts replicates share to one draw."""
    shares = why[..., _SHARES]
    shares[...] = STATED
    # A net puts k or k + 1 points of a replicate on one side of a value: no interval of such counts covers
    # 95 %. Where events are rare, 0 or 1 are mere chance.
    shares[(np.ptp(counts, axis=-1) < 1.5) & (fewest > counts.shape[-1] / 2.0)] = LATTICE
    shares[fewest < _FEWEST_IN_ALL - 0.5] = RARE


def _mark_equal(why: Reasons, values: FloatArray, size: FloatArray) -> None:
    """Mark what is the same in every replicate, up to the rounding of numbers of the output's size."""
    same = np.ptp(values, axis=-1) <= _ROUNDING * size[..., np.newaxis]
    same[..., _SHARES] = (values[..., _SHARES, :] == values[..., _SHARES, :1]).all(axis=-1)
    why[same] = SAME


def _size(sample: Sample) -> FloatArray:
    return np.asarray(np.abs(sample.pooled[..., : _SHARES.start]).max(axis=-1))


def _variance(pooled: FloatArray, values: FloatArray, skewed: BoolArray) -> FloatArray:
    """Variance of one replicate, with the bias of quantiles and the skewness of averages."""
    replicates = values.shape[-1]
    steps = values - values.mean(axis=-1, keepdims=True)
    variance: FloatArray = (steps**2).sum(axis=-1) / (replicates - 1)
    bias = pooled[..., _QUANTILES] - values[..., _QUANTILES, :].mean(axis=-1)
    variance[..., _QUANTILES] += bias**2 * replicates / (replicates - 1)
    if replicates >= _MANY:
        third = (
            (steps[..., _AVERAGES, :] ** 3).sum(axis=-1) * replicates / ((replicates - 1) * (replicates - 2))
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            squared = np.nan_to_num(third**2 / variance[..., _AVERAGES] ** 3)
        # Heavy tails on both sides make means look skewed that are not; then they do not move with the sd.
        squared[..., 0] *= _correlation(values[..., _MEAN, :], values[..., _SD, :]) ** 2
        squared = np.where(skewed, np.maximum(squared, _SKEWED), squared)
        variance[..., _AVERAGES] *= (1.0 + 1.08 * squared / replicates) ** 2
    return variance


def _skewed(sample: Sample) -> BoolArray:
    """Tell which of `_AVERAGES` a tail skews more than so few values show."""
    tails = sample.tails
    mean = tails.slow & (_carriage(sample) >= _CARRIES)
    return np.stack([mean, np.zeros_like(mean), tails.lower_skews], axis=-1)


def _carriage(sample: Sample) -> FloatArray:
    """Correlation of mean and sd over replicates, without its sign: near 1 where one tail moves both."""
    if sample.values.shape[-1] < _MANY:
        return np.zeros(sample.pooled.shape[:-1])
    return np.asarray(np.abs(_correlation(sample.values[..., _MEAN, :], sample.values[..., _SD, :])))


def _gaps(sample: Sample) -> FloatArray:
    """Distance of neighbouring draws of a replicate at each quantile, in the output's unit.

    Between the outermost levels the slope of the quantiles against normal scores gives it, at the outermost
    ones Pickands' index of the tail.
    """
    quantiles = sample.pooled[..., _QUANTILES]
    gaps = np.gradient(quantiles, _SCORES, axis=-1) / _DENSITIES
    for end, (outer, inner) in zip((0, -1), steps_beyond(quantiles), strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = outer * np.sqrt(outer / inner) / np.log(5.0) / _BEYOND[end]
        gaps[..., end] = np.where(inner > 0.0, slope, gaps[..., end])
    return np.asarray(gaps / sample.points)


def _correlation(left: FloatArray, right: FloatArray) -> FloatArray:
    """Correlation over replicates; 0 where one of the two does not vary."""
    ours = left - left.mean(axis=-1, keepdims=True)
    theirs = right - right.mean(axis=-1, keepdims=True)
    size = np.sqrt((ours**2).sum(axis=-1) * (theirs**2).sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num((ours * theirs).sum(axis=-1) / size))
