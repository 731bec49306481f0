"""Quantiles of laws on the whole numbers, from a table of their probabilities."""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.guide import Guide, guide_of
from mcrace.laws.law import FloatArray

__all__ = ["Whole", "is_whole", "step_isf", "step_moments", "step_ppf"]

# draws have 53 bits; levels beyond the table are sought one by one
LEAST: Final = 1e-17
LARGEST: Final = 2.0**53


class Whole(Hashable, Protocol):
    """A law on whole numbers from 0 on, with a finite mean and variance."""

    @property
    def whole(self) -> bool:
        """True: only whole numbers occur."""
        ...

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        ...

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        ...


def is_whole(law: object) -> bool:
    """Tell whether a law says of itself, by an attribute `whole`, that only whole numbers occur.

    Parameters
    ----------
    law : Law
        Any law.

    Returns
    -------
    bool
        False for laws that say nothing.

    Examples
    --------
    >>> from mcrace.laws import build_law
    >>> is_whole(build_law("poisson", {"mean": 3})), is_whole(build_law("uniform", [1, 2]))
    (True, False)
    """
    return bool(getattr(law, "whole", False))


def step_ppf(law: Whole, u: FloatArray) -> FloatArray:
    """Return the smallest whole number at or below which at least `u` of the probability lies.

    Parameters
    ----------
    law : Whole
        Its table is made at the first call, and kept.
    u : array of float, any shape
        Levels in (0, 1).

    Returns
    -------
    array of float
        Whole numbers, of the shape of `u`.

    Examples
    --------
    >>> from mcrace.laws.poisson import Poisson
    >>> step_ppf(Poisson(3.0), np.array([0.04, 0.05, 0.5]))
    array([0., 1., 3.])
    """
    table = _table(law)
    levels = np.asarray(u, dtype=np.float64)
    flat = levels.ravel()
    values = table.first + table.guide.places(flat).astype(np.float64)
    deep = (flat < LEAST).nonzero()[0]
    values[deep] = _sought(lambda k, some: law.cdf(k) >= some, flat[deep])
    return values.reshape(levels.shape)


def step_isf(law: Whole, u: FloatArray) -> FloatArray:
    """Return the smallest whole number above which at most `u` of the probability lies.

    Parameters
    ----------
    law, u
        As for `step_ppf`.

    Returns
    -------
    array of float
        Whole numbers, of the shape of `u`.

    Examples
    --------
    >>> from mcrace.laws.poisson import Poisson
    >>> step_isf(Poisson(3.0), np.array([0.5, 1e-30]))
    array([ 3., 39.])
    """
    table = _table(law)
    levels = np.asarray(u, dtype=np.float64)
    flat = levels.ravel()
    values = table.first + np.searchsorted(-table.above, -flat).astype(np.float64)
    deep = (flat < LEAST).nonzero()[0]
    values[deep] = _sought(lambda k, most: law.sf(k) <= most, flat[deep])
    return values.reshape(levels.shape)


def step_moments(law: Whole) -> tuple[float, float]:
    """Sum the moments of a law on whole numbers.

    Parameters
    ----------
    law : Whole
        With finite moments.

    Returns
    -------
    mean, sd : float
        In the unit of the law's values.

    Examples
    --------
    >>> from mcrace.laws.poisson import Poisson
    >>> [round(moment, 12) for moment in step_moments(Poisson(4.0))]
    [4.0, 2.0]
    """
    table = _table(law)
    values = table.first + np.arange(len(table.below))
    below, above = np.diff(table.below, prepend=0.0), -np.diff(table.above, prepend=1.0)
    weights = np.where(table.below < 0.5, below, above)
    total = math.fsum(weights)
    mean = math.fsum(values * weights) / total
    return mean, math.sqrt(math.fsum((values - mean) ** 2 * weights) / total)


@dataclass(frozen=True, slots=True)
class _Table:
    """Probabilities at or below, and above, `first` and the whole numbers after it."""

    first: float
    below: FloatArray
    above: FloatArray
    guide: Guide


@lru_cache(maxsize=256)
def _table(law: Whole) -> _Table:
    least = np.array([LEAST])
    first = float(_sought(lambda k, some: law.cdf(k) >= some, least)[0])
    last = float(_sought(lambda k, most: law.sf(k) <= most, least)[0])
    values = np.arange(first, last + 1)
    above = np.minimum.accumulate(law.sf(values))
    # from the nearer end, since near 1 a cdf has fewer digits than what it leaves
    below = np.maximum.accumulate(np.where(above > 0.5, law.cdf(values), 1 - above))
    below[-1] = 1.0
    return _Table(first, below, above, guide_of(below))


def _sought(reached: Callable[[FloatArray, FloatArray], NDArray[np.bool_]], levels: FloatArray) -> FloatArray:
    """Find the smallest whole number from 0 on that has reached each level."""
    low, high = np.full(levels.shape, -1.0), np.ones(levels.shape)
    while not (done := reached(high, levels) | (high >= LARGEST)).all():
        low, high = np.where(done, low, high), np.where(done, high, 2 * high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = reached(middle, levels)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
