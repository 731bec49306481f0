"""Quantiles of a law of which only probabilities are fast, however many corners it has.

Values are cut into segments at the law's corners. In each, the value is a polynomial of degree 7 in the
level, through 8 values and the levels that the law says they have: nothing is inverted. Segments are halved
until the polynomial is right at 7 values between. Levels are counted from the nearer end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.guide import Guide, guide_of
from mcrace.laws.law import FloatArray

__all__ = ["Segments", "segments_of"]

NODES: Final = 8
POWERS: Final = 5
"""Column of a segment's row at which its polynomial begins."""

STEPS: Final = (1 - np.cos(np.pi * np.arange(NODES) / (NODES - 1))) / 2
TOLERANCE: Final = 1e-12
ROUGHEST: Final = 1e-3
BACKWARD: Final = 1e-15
SHORTEST: Final = 1e-14
TINY: Final = 1e-300
MOST_HALVINGS: Final = 60
FAR: Final = 1e-9
LEAST: Final = 2.0**-54
"""Levels below, on either side, are left out: draws do not reach them."""

Levels: TypeAlias = Callable[[FloatArray], FloatArray]
Choice: TypeAlias = NDArray[np.bool_]


class Probabilities(Protocol):
    """What is asked of a law."""

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        ...

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        ...


@dataclass(frozen=True, slots=True)
class Segments:
    """A quantile function in segments, by increasing values.

    Attributes
    ----------
    guide : Guide
        Of the levels at which segments end.
    middle : float
        Level up to which levels are counted from below; above, they are counted from above and negative.
    rows : ndarray, shape (segments, 13)
        Of each segment side by side, so that memory is asked once a draw: the levels at both ends, so
        counted; one over their difference; the values at both ends; and the polynomial's coefficients in the
        share of the segment's levels, from the power 0 on.
    """

    guide: Guide
    middle: float
    rows: FloatArray

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at levels `u`, one-dimensional; NaN below 2^-54 and as near to 1."""
        return self._at(np.where(u <= self.middle, u, u - 1), u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at levels 1 - `u`, one-dimensional; NaN below 2^-54 and as near to 1."""
        below = 1 - u
        return self._at(np.where(below <= self.middle, below, -u), below)

    def _at(self, level: FloatArray, below: FloatArray) -> FloatArray:
        place = self.guide.places(below)
        rows = self.rows.take(place, axis=0, mode="clip")
        far = (np.abs(level) < FAR).nonzero()[0]
        if far.size:  # the guide's levels near 1 are rounded, these are not
            step = (level[far] > rows[far, 1]).astype(np.intp) - (level[far] < rows[far, 0])
            rows[far] = self.rows.take(place[far] + step, axis=0, mode="clip")
        share = (level - rows[:, 0]) * rows[:, 2]
        value = rows[:, -1] * share
        for power in range(rows.shape[1] - 2, POWERS, -1):
            value += rows[:, power]
            value *= share
        value += rows[:, POWERS]
        np.maximum(value, rows[:, 3], out=value)
        np.minimum(value, rows[:, 4], out=value)
        value[far[np.abs(level[far]) < LEAST]] = np.nan
        return value


def segments_of(law: Probabilities, edges: FloatArray, middle: float, spread: float) -> Segments:
    """Cut a law into segments.

    Parameters
    ----------
    law : Probabilities
        Without single values that have a probability of their own.
    edges : ndarray
        Increasing finite values: corners of the law, and others about where its probability is; between the
        first and the last lie all levels from 2^-54 to 1 - 2^-54.
    middle : float
        A value near the median.
    spread : float
        Size beside which errors are counted, for a law on both sides of 0; 0 for one on one side.

    Returns
    -------
    Segments
        Quantiles within 1e-11 of |x| + spread, or as near as probabilities within 1e-15 of theirs tell.

    Examples
    --------
    >>> from mcrace.laws.uniform import Uniform
    >>> segments = segments_of(Uniform(0.0, 4.0), np.array([0.0, 1.0, 4.0]), 2.0, 0.0)
    >>> segments.ppf(np.array([0.125, 0.625])).round(12)
    array([0.5, 2.5])
    """
    with np.errstate(all="ignore"):
        if edges[0] == 0:  # whatever lies next to 0 is then split by powers
            edges = np.union1d(edges, TINY)
        inner = edges[(edges > edges[0]) & (edges < edges[-1]) & (edges != middle)]
        below = np.concatenate([edges[:1], inner[inner < middle], [middle]])
        above = np.concatenate([[middle], inner[inner > middle], edges[-1:]])
        lower = _halved(law.cdf, below, spread)
        upper = _halved(lambda values: -law.sf(values), above, spread)
        x, levels = (np.concatenate([one, two], axis=1) for one, two in zip(lower, upper, strict=True))
        starts, ends = levels[0], levels[-1]
        limits = np.where(np.arange(starts.size) < lower[0].shape[1], ends, 1 + ends)
        limits[-1] = 1.0
        columns = [starts, ends, 1 / (ends - starts), x[0], x[-1], *_powers(x, levels)]
        return Segments(
            guide=guide_of(np.maximum.accumulate(limits)),
            middle=float(law.cdf(np.array([middle]))[0]),
            rows=np.stack(columns, axis=1),
        )


def _halved(levels_of: Levels, edges: FloatArray, spread: float) -> tuple[FloatArray, FloatArray]:
    """Values and levels at the nodes of segments, a row a node; segments without probability are left out."""
    low, high = edges[:-1], edges[1:]
    done: list[tuple[FloatArray, FloatArray]] = []
    for halving in range(MOST_HALVINGS + 1):
        x, levels = _nodes(levels_of, low, high, STEPS)
        some = levels[-1] > levels[0]
        low, high, x, levels = low[some], high[some], x[:, some], levels[:, some]
        right = _is_right(levels_of, x, levels, spread)
        if halving == MOST_HALVINGS:
            right[:] = True
        done.append((x[:, right], levels[:, right]))
        middle = _between(low[~right], high[~right], np.array([0.5]))[0]
        low, high = np.append(low[~right], middle), np.append(middle, high[~right])
        if not low.size:
            break
    x, levels = (np.concatenate([part[which] for part in done], axis=1) for which in (0, 1))
    order = np.argsort(x[0], kind="stable")
    return x[:, order], levels[:, order]


def _nodes(
    levels_of: Levels, low: FloatArray, high: FloatArray, steps: FloatArray
) -> tuple[FloatArray, FloatArray]:
    x = _between(low, high, steps)
    levels = levels_of(x.ravel()).reshape(x.shape)
    return x, np.maximum.accumulate(levels, axis=0)


def _between(low: FloatArray, high: FloatArray, steps: FloatArray) -> FloatArray:
    """Values between two, a row a step: in their logarithms where they are far apart and above 0."""
    steps = steps[:, None]
    even = low + (high - low) * steps
    ratio = (low > 0) & (high > 2 * low)
    x = np.where(ratio, low * np.exp((np.log(high) - np.log(low)) * steps), even)
    far = np.isinf(high - low)
    x = np.where(far, low * (1 - steps) + high * steps, x)
    x = np.where(steps == 0, low, np.where(steps == 1, high, x))
    return np.clip(x, low, high)


def _is_right(levels_of: Levels, x: FloatArray, levels: FloatArray, spread: float) -> Choice:
    """Tell of each segment whether its polynomial rises and is right between the nodes, or may be a line."""
    truth, level = _nodes(levels_of, x[0], x[-1], (STEPS[1:] + STEPS[:-1]) / 2)
    share = (level - levels[0]) / (levels[-1] - levels[0])
    powers = _powers(x, levels)
    found = powers[-1]
    for row in powers[-2::-1]:
        found = found * share + row
    off = np.abs(found - truth)
    slope = np.diff(levels, axis=0) / np.diff(x, axis=0)
    # beside the segment's own length too, or else what is as good as a jump could step back
    allowed = np.minimum(TOLERANCE * (np.abs(truth) + spread), ROUGHEST * (x[-1] - x[0]))
    near = (off <= allowed) | (off * slope <= BACKWARD * np.abs(level))
    rises = (found >= x[:-1]) & (found <= x[1:])
    right: Choice = (near & rises).all(axis=0) | _is_short(x)
    return right


def _is_short(x: FloatArray) -> Choice:
    """Tell which segments are a few floats long, or so small that floats lose digits there."""
    short: Choice = (x[-1] - x[0] <= SHORTEST * np.abs(x).max(axis=0)) | ((x[0] >= 0) & (x[-1] <= TINY))
    return short


def _powers(x: FloatArray, levels: FloatArray) -> FloatArray:
    """Coefficients of the polynomials through values, in the share of levels, by Newton's differences.

    A line where levels, or values, are too near to each other to tell more.
    """
    shares = (levels - levels[0]) / (levels[-1] - levels[0])
    differences = x - x[0]
    for order in range(1, NODES):
        rise = differences[order:] - differences[order - 1 : -1]
        differences[order:] = rise / (shares[order:] - shares[:-order])
    powers = np.zeros_like(x)
    for node in range(NODES - 1, -1, -1):
        powers[1:], powers[0] = powers[:-1] - shares[node] * powers[1:], -shares[node] * powers[0]
        powers[0] += differences[node]
    line = ~np.isfinite(powers).all(axis=0) | _is_short(x)
    powers[:, line] = 0.0
    powers[1, line] = (x[-1] - x[0])[line]
    powers[0] += x[0]
    return powers
