"""Several continuous laws, each with its share of the probability."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.inverse import fast_isf, fast_ppf
from mcrace.laws.law import FloatArray, Law

__all__ = ["Blend"]

Places: TypeAlias = NDArray[np.intp]
Misses: TypeAlias = Callable[[FloatArray, Places], FloatArray]

MOST_STEPS = 200
LARGEST = 1.7e308
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
        return fast_ppf(self, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return fast_isf(self, u)

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
    low = np.clip(low - slack, -LARGEST, LARGEST)
    high = np.clip(high + slack, -LARGEST, LARGEST)
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
            values[which] = back(_roots(above, onto(low[which]), onto(high[which])))
    return values


def _moved(
    miss: Misses, back: Callable[[FloatArray], FloatArray], which: Places, y: FloatArray, part: Places
) -> FloatArray:
    return miss(back(y), which[part])


def _same(x: FloatArray) -> FloatArray:
    return x


def _roots(function: Misses, low: FloatArray, high: FloatArray) -> FloatArray:
    """Find where increasing functions reach zero, one an element, by Chandrupatla's method.

    See `mcrace.laws.roots`; here many brackets are searched at a time, and where a function rests at zero the
    first such place counts: quantiles do not lie in gaps.
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


def _next_shares(
    a: FloatArray, b: FloatArray, c: FloatArray, fa: FloatArray, fb: FloatArray, fc: FloatArray
) -> FloatArray:
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        curved = (phi * phi < xi) & ((1 - phi) * (1 - phi) < 1 - xi)
        share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return np.where(curved & np.isfinite(share), share, 0.5)
