"""How heavy the tails of an output are, as far as the quantiles of its draws show it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.nomenclature.statistics import LEVELS

__all__ = ["Tails", "steps_beyond", "tails_of"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Steps = tuple[FloatArray, FloatArray]

_NOISE = 4.0
"""Standard error of an index, times the root of the number of draws: 3.7 to 4.2 as measured."""

_FOURTH = 0.1
"""With the estimator's index of 0.09, Student's t with 4 degrees of freedom has no fourth moment."""

_THIRD = 0.2
"""With the estimator's index of 0.20, Student's t with 3 degrees of freedom has no third moment."""

_INFINITE = 0.55
"""t with 1.5 degrees of freedom has 0.60, Pareto's law with exponent 1.5 has 0.67: no variance."""

_ENDLESS = 0.5
"""Index from which on the mean beyond a quantile has no variance."""

_SLOW = -0.25
"""A normal tail has -0.22, an exponential one 0, one with an end less."""

_STEP: Final = float(np.log(5.0))


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """Indices of the tails of some outputs.

    Attributes
    ----------
    lower, upper : ndarray
        Tail index: 0 for an exponential tail, 1 / a for one that falls off with the power -a, below 0 for
        lighter ones; minus infinity where atoms leave nothing to estimate.
    noise : float
        Standard error of an index.
    """

    lower: FloatArray
    upper: FloatArray
    noise: float

    @property
    def heavier(self) -> FloatArray:
        """Index of the heavier tail."""
        return np.asarray(np.maximum(self.lower, self.upper))

    @property
    def variance_infinite(self) -> BoolArray:
        """Whether the variance is likely to be infinite."""
        return self.heavier >= _INFINITE

    @property
    def fourth_moment_infinite(self) -> BoolArray:
        """Whether the fourth moment, on which the error of the sd hangs, may be infinite."""
        return self.heavier + self.noise >= _FOURTH

    @property
    def lower_endless(self) -> BoolArray:
        """Whether the mean of the worst draws is likely to have an infinite variance."""
        return self.lower >= _ENDLESS

    @property
    def lower_skews(self) -> BoolArray:
        """Whether the mean of the worst draws may have no third moment."""
        return self.lower + self.noise >= _THIRD

    @property
    def slow(self) -> BoolArray:
        """Whether a tail has no end in sight."""
        return self.heavier > _SLOW


def tails_of(quantiles: FloatArray, draws: int) -> Tails:
    """Estimate the index of both tails.

    Parameters
    ----------
    quantiles : ndarray, shape (..., level)
        At `LEVELS`, of any unit.
    draws : int
        Draws that they are the quantiles of.

    Returns
    -------
    Tails
        Shapes as `quantiles` without its last axis.

    References
    ----------
    J. Pickands, Ann. Stat. 3 (1975) 119-131, with the levels 0.75, 0.95 and 0.99: the shares beyond them,
    1/4, 1/20 and 1/100, fall by the same factor of 5.

    Examples
    --------
    >>> exponential = -np.log1p(-np.array(LEVELS))
    >>> round(float(tails_of(exponential, 1024).upper), 12)
    0.0
    """
    low, high = steps_beyond(quantiles)
    ties = np.diff(quantiles, axis=-1) == 0.0
    inner = [LEVELS.index(level) for level in (0.25, 0.75)]
    # Where the inner quantile lies in an atom, the step from it tells the atom's edge and no tail.
    below, above = (ties[..., place - 1] | ties[..., place] for place in inner)
    return Tails(
        np.where(below, -np.inf, _index(*low)),
        np.where(above, -np.inf, _index(*high)),
        _NOISE / float(np.sqrt(draws)),
    )


def steps_beyond(
    quantiles: FloatArray,
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Give the outer and the inner step of the quantiles in the lower and in the upper tail."""
    q01, q05, q25, q75, q95, q99 = (
        quantiles[..., LEVELS.index(level)] for level in (0.01, 0.05, 0.25, 0.75, 0.95, 0.99)
    )
    return (q05 - q01, q25 - q05), (q99 - q95, q95 - q75)


def _index(outer: FloatArray, inner: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        index = np.log(outer / inner) / _STEP
    return np.where(np.isfinite(index), index, -np.inf)
