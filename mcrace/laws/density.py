"""Quantiles and probabilities of a law of which the density is known, and little else that is fast.

The line is stretched: by a logarithm from a finite end, log odds between two, an inverse hyperbolic sine
where there is none. There the density is integrated by Gauss and Legendre's rule of 16 nodes on panels, from
the middle out to where nothing is left that floats hold. Panels are halved until the integrals of halves are
precise relative to the whole, so that far tails are as precise as the body. Within a panel the integral up to
a point is that of the polynomial through the nodes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.law import FloatArray
from mcrace.laws.roots import find_roots

__all__ = ["Density", "density_of"]

NODES: Final = 16
TOLERANCE, ROUNDING = 1e-12, 1e-10
MOST_HALVINGS: Final = 14
MOST_PANELS: Final = 4000
MOST_STEPS: Final = 200
GROWTH: Final = 1.5
REACH: Final = 600.0
"""Where a stretched line ends, if the density has not vanished before."""

LEAST: Final = 1e-290
MOST_LOST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Line:
    """A stretched part of the real line: where the value `middle` is 0."""

    low: float
    high: float
    middle: float
    spread: float

    def to(self, x: FloatArray) -> FloatArray:
        low, high, middle = self.low, self.high, self.middle
        t: FloatArray
        if np.isfinite(low) and np.isfinite(high):
            t = np.log((x - low) / (high - x)) - np.log((middle - low) / (high - middle))
        elif np.isfinite(low):
            t = np.log((x - low) / (middle - low))
        elif np.isfinite(high):
            t = -np.log((high - x) / (high - middle))
        else:
            t = np.arcsinh((x - middle) / self.spread)
        return t

    def back(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return values, and the values' rise with `t`."""
        low, high, middle = self.low, self.high, self.middle
        if np.isfinite(low) and np.isfinite(high):
            odds = np.exp(-t) * ((high - middle) / (middle - low))
            share = 1 / (1 + odds)
            return low + (high - low) * share, (high - low) * share * (odds * share)
        if np.isfinite(low):
            rise = (middle - low) * np.exp(t)
            return low + rise, rise
        if np.isfinite(high):
            rise = (high - middle) * np.exp(-t)
            return high - rise, rise
        return middle + self.spread * np.sinh(t), self.spread * np.cosh(t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """A law in panels of a stretched line.

    Attributes
    ----------
    line : _Line
        How it is stretched.
    edges : ndarray, shape (panels + 1,)
        Ends of the panels.
    below, above : ndarray, shape (panels + 1,)
        Probability below and above each of the edges.
    powers : tuple of ndarray, each of shape (panels,)
        Of each panel, the probability from its lower end to a place from -1 to 1, in Legendre's polynomials
        from degree 0 on.
    mean, sd : float
        Integrated, as good as the density's tails are light.
    """

    line: _Line
    edges: FloatArray
    below: FloatArray
    above: FloatArray
    powers: tuple[FloatArray, ...]
    mean: float
    sd: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, one-dimensional; NaN where the panels end before."""
        panel = np.searchsorted(self.below, u, side="right") - 1
        return self._quantile(panel, u - self.below.take(panel, mode="clip"))

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, one-dimensional; NaN where the panels end before."""
        panel = len(self.above) - 1 - np.searchsorted(self.above[::-1], u, side="right")
        return self._quantile(panel, self.above.take(panel, mode="clip") - u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        panel, inside = self._inside(x)
        return np.minimum(self.below[panel] + inside, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        panel, inside = self._inside(x)
        return np.clip(self.above[panel] - inside, 0.0, 1.0)

    def _quantile(self, panel: NDArray[np.intp], share: FloatArray) -> FloatArray:
        last = len(self.edges) - 2
        outside = (panel < 0) | (panel > last)
        panel = np.clip(panel, 0, last)
        rows = [row[panel] for row in self.powers]
        share = np.minimum(share, _summed(rows, np.ones(panel.shape)))  # which rounding may pass

        def miss(place: FloatArray, which: NDArray[np.intp]) -> FloatArray:
            return _summed([row[which] for row in rows], place) - share[which]

        place = find_roots(miss, np.full(panel.shape, -1.0), np.full(panel.shape, 1.0))
        left, right = self.edges[panel], self.edges[panel + 1]
        values = self.line.back((left + right) / 2 + (right - left) / 2 * place)[0]
        return np.where(outside, np.nan, values)

    def _inside(self, x: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
        """Panel of each value, and the probability from the panel's lower end to it."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.line.to(np.clip(x, self.line.low, self.line.high))
        t = np.clip(t, self.edges[0], self.edges[-1])
        panel = np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, len(self.edges) - 2)
        left, right = self.edges[panel], self.edges[panel + 1]
        place = np.clip((2 * t - left - right) / (right - left), -1.0, 1.0)
        return panel, np.maximum(_summed([row[panel] for row in self.powers], place), 0.0)


def density_of(
    pdf: Callable[[FloatArray], FloatArray], support: tuple[float, float], anchors: FloatArray
) -> Density:
    """Integrate a density.

    Parameters
    ----------
    pdf : callable
        The density at an array of values.
    support : tuple of float
        Infimum and supremum of the values; either may be infinite.
    anchors : ndarray
        A few increasing values that lie where most of the probability is, the median in the middle.

    Returns
    -------
    Density
        Its probabilities sum to 1.

    Raises
    ------
    ValueError
        The integral over all values is not 1, or cannot be had to 1e-9.

    Examples
    --------
    >>> law = density_of(lambda x: np.exp(-x), (0.0, np.inf), np.array([0.1, 0.7, 3.0]))
    >>> law.ppf(np.array([0.5])).round(12), round(law.mean, 12)
    (array([0.69314718]), 1.0)
    """
    middle = float(anchors[len(anchors) // 2])
    line = _Line(*support, middle, float(anchors[-1] - anchors[0]) / 2)
    with np.errstate(all="ignore"):
        weigh = partial(_weighed, pdf, line)
        edges = _extended(weigh, np.unique(line.to(anchors)))
        left, right, heights = _halved(weigh, partial(_noise, line), edges)
        return _added(line, left, right, heights)


def _weighed(
    pdf: Callable[[FloatArray], FloatArray], line: _Line, left: FloatArray, right: FloatArray
) -> FloatArray:
    """Weights times heights at the nodes of panels, a row a node."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = (right - left) / 2
    x, rise = line.back((left + right) / 2 + half * nodes[:, None])
    heights = pdf(x.ravel()).reshape(x.shape) * rise * half * weights[:, None]
    return np.where(np.isfinite(heights), heights, 0.0)


def _extended(weigh: Callable[[FloatArray, FloatArray], FloatArray], edges: FloatArray) -> FloatArray:
    """Add panels on both sides, each longer than the one before, until nothing is left."""
    for side in (1, -1):
        ends = (edges * side)[::side]
        step = max(float(ends[-1] - ends[-2]), 1e-3)
        more: list[float] = []
        end = float(ends[-1])
        while end < REACH and len(more) < MOST_STEPS:
            start, end = end, end + step
            low, high = sorted((side * start, side * end))
            more.append(end)
            if not weigh(np.array([low]), np.array([high])).sum() > LEAST:
                break
            step *= GROWTH
        edges = (np.append(ends, more) * side)[::side]
    return edges


def _noise(line: _Line, left: FloatArray, right: FloatArray) -> FloatArray:
    """Share of an integral that rounded values may move: near a finite end they have few digits."""
    low, high = line.back(left)[0], line.back(right)[0]
    return 1e-15 * (np.abs(low) + np.abs(high)) / (high - low)


def _halved(
    weigh: Callable[[FloatArray, FloatArray], FloatArray],
    noise: Callable[[FloatArray, FloatArray], FloatArray],
    edges: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    left, right = edges[:-1], edges[1:]
    coarse = weigh(left, right)
    before = np.full(left.shape, np.inf)
    done: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for halving in range(MOST_HALVINGS):
        middle = (left + right) / 2
        first, second = weigh(left, middle), weigh(middle, right)
        sums = first.sum(axis=0), second.sum(axis=0)
        whole = sums[0] + sums[1]
        off = np.abs(whole - coarse.sum(axis=0))
        # the polynomial within a panel is less precise than its integral
        off += np.abs(sums[0] - _summed(list(_integrated(coarse)), np.zeros(len(left))))
        rough = off > (TOLERANCE + noise(left, right)) * whole + LEAST
        # what no longer falls is the density's own rounding
        rough &= (off > ROUNDING * whole) | (off < before / 8)
        if halving == MOST_HALVINGS - 1 or 2 * rough.sum() > MOST_PANELS:
            if off[rough].sum() > MOST_LOST:
                raise ValueError("a density that is too rough to be integrated")
            rough[:] = False
        fine = ~rough
        done += [
            (left[fine], middle[fine], first[:, fine]),
            (middle[fine], right[fine], second[:, fine]),
        ]
        left, right = np.append(left[rough], middle[rough]), np.append(middle[rough], right[rough])
        coarse = np.concatenate([first[:, rough], second[:, rough]], axis=1)
        before = np.tile(off[rough], 2)
        if not left.size:
            break
    lefts, rights = (np.concatenate([part[which] for part in done]) for which in (0, 1))
    order = np.argsort(lefts)
    return lefts[order], rights[order], np.concatenate([part[2] for part in done], axis=1)[:, order]


def _added(line: _Line, left: FloatArray, right: FloatArray, heights: FloatArray) -> Density:
    nodes = np.polynomial.legendre.leggauss(NODES)[0]
    total = float(heights.sum())
    if not abs(total - 1) <= MOST_LOST:
        raise ValueError("a density whose integral is not 1")
    heights = heights / total
    x = line.back((left + right) / 2 + (right - left) / 2 * nodes[:, None])[0]
    mean = float(np.where(heights > 0, x * heights, 0.0).sum())
    variance = float(np.where(heights > 0, (x - mean) ** 2 * heights, 0.0).sum())
    sums = heights.sum(axis=0)
    return Density(
        line=line,
        edges=np.append(left, right[-1]),
        below=np.append(0.0, np.cumsum(sums)),
        above=np.append(np.cumsum(sums[::-1])[::-1], 0.0),
        powers=_integrated(heights),
        mean=mean,
        sd=float(np.sqrt(variance)),
    )


def _integrated(heights: FloatArray) -> tuple[FloatArray, ...]:
    """Legendre coefficients of the integral from -1 on of the polynomials through the nodes.

    Of the density, the coefficient of P_k is (k + 1/2) times the sum of P_k at the nodes, weighted; and the
    integral of P_k is (P_(k+1) - P_(k-1)) / (2 k + 1), of P_0 it is P_1 + P_0.
    """
    nodes = np.polynomial.legendre.leggauss(NODES)[0]
    values = np.polynomial.legendre.legvander(nodes, NODES - 1)
    powers = [np.zeros(heights.shape[1]) for _ in range(NODES + 1)]
    for degree in range(NODES):
        share = np.zeros(heights.shape[1])
        for node in range(NODES):
            share += values[node, degree] * heights[node]
        share *= 0.5
        powers[degree + 1] += share
        powers[max(degree - 1, 0)] -= share if degree else -share
    return tuple(powers)


def _summed(powers: list[FloatArray], place: FloatArray) -> FloatArray:
    """Sum Legendre's polynomials by Clenshaw's scheme."""
    last = after = np.zeros_like(place)
    for degree in range(len(powers) - 1, 0, -1):
        factor = (2 * degree + 1) / (degree + 1)
        last, after = powers[degree] + factor * place * last - (degree + 1) / (degree + 2) * after, last
    result: FloatArray = powers[0] + place * last - 0.5 * after
    return result
