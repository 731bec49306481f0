"""Several continuous laws, each with its share of the probability."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.empirical import Empirical
from mcrace.laws.inverse import fast_isf, fast_ppf
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.quantiles import Quantiles
from mcrace.laws.roots import find_roots
from mcrace.laws.segments import Segments, segments_of

__all__ = ["Blend"]

Places: TypeAlias = NDArray[np.intp]
Misses: TypeAlias = Callable[[FloatArray, Places], FloatArray]

LARGEST = 1.7e308
SMALLEST = 5e-324
CHUNK = 8192
SCORES = 9
"""Normal scores up to which the parts' quantiles say where probability is: beyond all draws."""

MOST_EDGES = 300_000
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Blend:
    """Mixture of continuous laws: its cdf is the weighted mean of theirs, and quantiles invert that.

    Attributes
    ----------
    parts : tuple of Law
        At least two continuous laws.
    shares : tuple of float
        Their probabilities, above 0, with sum 1.

    Examples
    --------
    >>> from mcrace.laws.uniform import Uniform
    >>> Blend((Uniform(0.0, 1.0), Uniform(2.0, 4.0)), (0.5, 0.5)).ppf(np.array([0.25, 0.75])).round(9)
    array([0.5, 3. ])
    """

    parts: tuple[Law, ...]
    shares: tuple[float, ...]

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        segments = _segments(self)
        return fast_ppf(self, u) if segments is None else _looked_up(segments.ppf, self.exact_ppf, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        segments = _segments(self)
        return fast_isf(self, u) if segments is None else _looked_up(segments.isf, self.exact_isf, u)

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, slowly."""
        return self._quantile(u, 1 - u)

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, slowly."""
        return self._quantile(1 - u, u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return self._sum([part.cdf(x) for part in self.parts])

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return self._sum([part.sf(x) for part in self.parts])

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        ends = [part.support for part in self.parts]
        return min(low for low, _ in ends), max(high for _, high in ends)

    @property
    def mean(self) -> float:
        """Expected value."""
        pairs = zip(self.shares, self.parts, strict=True)
        return math.fsum(share * part.mean for share, part in pairs)

    @property
    def sd(self) -> float:
        """Standard deviation: of the parts, and between their means."""
        mean = self.mean
        pairs = zip(self.shares, self.parts, strict=True)
        return math.sqrt(
            math.fsum(share * (part.sd * part.sd + (part.mean - mean) ** 2) for share, part in pairs)
        )

    def _sum(self, columns: list[FloatArray]) -> FloatArray:
        total = self.shares[0] * columns[0]
        for share, column in zip(self.shares[1:], columns[1:], strict=True):
            total = total + share * column
        return np.minimum(total, 1.0)

    def _quantile(self, lower: FloatArray, upper: FloatArray) -> FloatArray:
        """Invert the cdf, counted from the nearer end: the quantile lies between those of the parts."""
        values = np.empty(np.shape(lower))
        near = np.asarray(lower) <= 0.5
        for side, levels, quantile, tail, sign in (
            (near, lower, "ppf", self.cdf, 1.0),
            (~near, upper, "isf", self.sf, -1.0),
        ):
            if not side.any():
                continue
            level = np.asarray(levels)[side]
            found = np.stack([getattr(part, quantile)(level) for part in self.parts])
            low, high = found.min(axis=0), found.max(axis=0)
            values[side] = _inverted(tail, sign, level, low, high)
        return np.clip(values, *self.support)


def _looked_up(
    quick: Callable[[FloatArray], FloatArray], exact: Callable[[FloatArray], FloatArray], u: FloatArray
) -> FloatArray:
    levels = np.asarray(u, dtype=np.float64)
    flat = levels.ravel()
    values = np.empty_like(flat)
    for start in range(0, flat.size, CHUNK):  # what is at work stays in the processor's cache
        values[start : start + CHUNK] = quick(flat[start : start + CHUNK])
    beyond = np.isnan(values).nonzero()[0]
    if beyond.size:
        values[beyond] = exact(flat[beyond])
    return values.reshape(levels.shape)


@lru_cache(maxsize=64)
def _segments(law: Blend) -> Segments | None:
    """Cut the law at its parts' corners; None if there are too many."""
    from scipy.special import ndtr

    near = ndtr(np.arange(-2 * SCORES, 1) / 2)
    quantiles = [quantile(near) for part in law.parts for quantile in (part.ppf, part.isf)]
    edges = np.unique(np.concatenate([*quantiles, *(_corners(part) for part in law.parts)]))
    edges = edges[np.isfinite(edges)]
    if edges.size > MOST_EDGES:
        return None
    low, middle, high = law.exact_ppf(np.array([0.16, 0.5, 0.84])).tolist()
    return segments_of(law, edges, middle, 0.0 if law.support[0] >= 0 else (high - low) / 2)


def _corners(law: Law) -> FloatArray:
    """List values at which a law's density may jump, or turn; others are found by halving."""
    known = [np.array(law.support), np.atleast_1d(getattr(law, "mode", np.nan))]
    if isinstance(law, Empirical | Quantiles):
        known.append(np.asarray(law.values))
    inner, (low, high) = getattr(law, "law", None), law.support
    if inner is not None:  # a law within bounds
        known.append(np.clip(_corners(inner), low, high))
    return np.concatenate(known)


def _inverted(
    tail: Callable[[FloatArray], FloatArray],
    sign: float,
    level: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> FloatArray:
    """Find x between `low` and `high` where a tail's probability is `level`.

    Logarithms of probabilities, and of positive numbers, are close to straight lines even in the tails.
    """
    slack = SLACK * (np.abs(low) + np.abs(high))
    # quantiles that underflow stay on their side of 0
    low = np.where(low >= 0, np.maximum(low * (1 - SLACK), SMALLEST), np.clip(low - slack, -LARGEST, LARGEST))
    high = np.maximum(np.clip(high + slack, -LARGEST, LARGEST), low)
    target = np.log(level)

    def miss(x: FloatArray, which: Places) -> FloatArray:
        with np.errstate(divide="ignore"):
            apart: FloatArray = sign * (np.maximum(np.log(tail(x)), -800.0) - target[which])
        return apart

    positive = low > 0
    values = np.empty_like(level)
    for side, onto, back in ((positive, np.log, np.exp), (~positive, _same, _same)):
        which = np.flatnonzero(side)
        if which.size:
            above = partial(_moved, miss, back, which)
            values[which] = back(find_roots(above, onto(low[which]), onto(high[which])))
    return values


def _moved(
    miss: Misses, back: Callable[[FloatArray], FloatArray], which: Places, y: FloatArray, part: Places
) -> FloatArray:
    return miss(back(y), which[part])


def _same(x: FloatArray) -> FloatArray:
    return x
