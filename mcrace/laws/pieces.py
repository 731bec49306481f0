"""A quantile function in pieces: polynomials of the normal score, made finer until they are right.

The quantile is taken as a function of z, the standard normal quantile of its level: there the tails are as
tame as the body. From -8.5 to 8.5, which is all that draws with 53 bits reach, z is cut into equal pieces,
each with a polynomial of degree 7 through 8 exact quantiles. A law on positive numbers may be interpolated in
its logarithm, one from 0 to an upper end in its log odds, one on both sides of 0 in an inverse hyperbolic
sine. Pieces are halved until the polynomials predict the quantiles halfway between their nodes to 1e-10;
those quantiles then become nodes too, so that what is left is an error of about 1e-12. The few pieces that
stay wrong, with a kink or a gap inside, are cut into 128 each, and so on: three times. What is so small that
floats hold it with fewer digits, below 1e-300, is a straight line.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.law import FloatArray

__all__ = ["PARTS", "REACH", "Exact", "Level", "Pieces", "Scale", "pieces_of"]

REACH: Final = 8.5
TOLERANCE: Final = 1e-10
COARSEST, FINEST = 8, 256
"""Pieces per unit of z that are tried, doubling; those that are used are half as long."""

SPARE, SOME = 0.02, 8
"""Probability and number of the pieces that may fail before all pieces are made finer."""

ZOOMS: Final = 3
RARE: Final = 1e-5
"""Probability of a failing piece up to which it is not worth to be divided."""

PARTS: Final = 128
MOST_ROWS: Final = 256

STENCILS: Final = (-3, -6, 0)
"""First of a piece's 8 nodes, counted from its lower end: nodes on both sides, or on one side of a kink."""

NODES: Final = 8
MARGIN: Final = 8
LEAST_RISE: Final = 1e-12
TINY: Final = 1e-300
FLAT, NONE = -2, -1

Choices: TypeAlias = NDArray[np.int64]


class Exact(Hashable, Protocol):
    """A law whose quantiles are known but slow; it is hashable, and equal only to its like."""

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, one-dimensional, to nearly full precision."""
        ...

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, one-dimensional, precise for small `u` too."""
        ...

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        ...


@dataclass(frozen=True, slots=True)
class Scale:
    """An increasing change of the values' scale, in which they are interpolated.

    Attributes
    ----------
    kind : {"plain", "logarithm", "log_odds", "arcsinh"}
        "log_odds" is ln(x / (high - x)); "arcsinh" is that of (x - centre) / spread.
    centre, spread : float
        In the unit of the law's values; errors of a plain scale count relative to |x| + spread.
    high : float
        Largest possible value.
    """

    kind: Literal["plain", "logarithm", "log_odds", "arcsinh"]
    centre: float = 0.0
    spread: float = 0.0
    high: float = math.inf

    def to(self, x: FloatArray) -> FloatArray:
        """Return values in this scale."""
        match self.kind:
            case "plain":
                return x
            case "logarithm":
                return np.log(x)
            case "log_odds":
                return np.log(x / (self.high - x))
        return np.arcsinh((x - self.centre) / self.spread)

    def back(self, y: FloatArray) -> FloatArray:
        """Return what `to` was given."""
        match self.kind:
            case "plain":
                return y
            case "logarithm":
                return np.exp(y)
            case "log_odds":
                return self.high / (1 + np.exp(-y))
        return self.centre + self.spread * np.sinh(y)

    def size(self, x: FloatArray) -> FloatArray:
        """Return to what errors in this scale are relative."""
        match self.kind:
            case "plain":
                return np.abs(x) + self.spread
            case "log_odds":  # relative to x, so that near the upper end more is allowed
                return self.high / (self.high - x)
        return np.ones_like(x)


@dataclass(frozen=True, slots=True)
class Level:
    """Pieces of equal length side by side.

    Attributes
    ----------
    rows : ndarray of int
        For each piece of the level above: which 128 of these pieces divide it, or -1.
    coefficients : tuple of ndarray
        Of each piece's polynomial in the share of the piece, from the power 0 on; NaN where none is right.
    low, high : ndarray
        Values at the ends of each piece.
    """

    rows: NDArray[np.intp]
    coefficients: tuple[FloatArray, ...]
    low: FloatArray
    high: FloatArray

    def at(self, piece: NDArray[np.intp], share: FloatArray) -> FloatArray:
        """Return the values at a share of some pieces; NaN where the polynomial is."""
        value = self.coefficients[-1].take(piece, mode="clip")
        for row in self.coefficients[-2::-1]:
            value *= share
            value += row.take(piece, mode="clip")
        # rounding must not carry a value into the next piece
        np.maximum(value, self.low.take(piece, mode="clip"), out=value)
        np.minimum(value, self.high.take(piece, mode="clip"), out=value)
        return value


@dataclass(frozen=True, slots=True)
class Pieces:
    """A quantile function on z from -8.5 to 8.5, in a scale of its own.

    Attributes
    ----------
    count : int
        Pieces per unit of z at the first level, whose first and last piece are what lies outside.
    scale : Scale
        In which the polynomials give values.
    levels : tuple of Level
        The last piece of each but the first is one of NaN, for pieces above that are not divided.
    """

    count: int
    scale: Scale
    levels: tuple[Level, ...]


def pieces_of(law: Exact) -> Pieces:
    """Cut the quantile function of a law into pieces.

    Parameters
    ----------
    law : Exact
        Any law.

    Returns
    -------
    Pieces
        The same bits on every machine on which the exact quantiles have the same bits.

    Examples
    --------
    >>> from mcrace.laws.gamma import Gamma
    >>> pieces_of(Gamma(4.0, 2.5)).count
    16
    """
    with np.errstate(all="ignore"):
        count = COARSEST
        nodes = _exact(law, _grid(count))
        scales = _scales(law, nodes[MARGIN:-MARGIN])
        while True:
            halfway = _exact(law, _grid(count)[:-1] + 0.5 / count)
            shares = _shares(count)
            choices = [_choices(scale, nodes, halfway) for scale in scales]
            failing = [float(shares[chosen == NONE].sum()) for chosen in choices]
            best = int(np.argmin(failing))
            nodes = _interleaved(nodes, halfway)[MARGIN:-MARGIN]
            few = failing[best] <= SPARE and (choices[best] == NONE).sum() <= SOME
            if few or count >= FINEST:
                break
            count *= 2
        table, ends = _table(scales[best], nodes, np.repeat(choices[best], 2))
        first = _level(np.zeros(0, dtype=np.intp), [table], [ends], outside=True)
        return Pieces(2 * count, scales[best], _zoomed(law, scales[best], first, 2 * count))


def _zoomed(law: Exact, scale: Scale, first: Level, count: int) -> tuple[Level, ...]:
    """Divide pieces without a polynomial."""
    levels = [first]
    starts = (np.arange(len(first.low)) - 1) / count - REACH
    starts[np.concatenate([[0.0], _shares(count), [0.0]]) < RARE] = np.nan
    width = 1 / count
    for _ in range(ZOOMS):
        failing = (np.isnan(levels[-1].coefficients[0]) & ~np.isnan(starts)).nonzero()[0]
        if not 0 < len(failing) <= MOST_ROWS:
            break
        rows = np.full(len(starts), -1)
        rows[failing] = np.arange(len(failing))
        steps = np.arange(-2 * MARGIN, PARTS + 2 * MARGIN + 1) / PARTS
        grid = starts[failing, None] + width * steps
        values = _exact(law, grid.ravel()).reshape(grid.shape)
        tables, ends = [], []
        for row in values:
            chosen = np.repeat(_choices(scale, row[::2], row[1::2]), 2)
            table, row_ends = _table(scale, _rising(row)[MARGIN:-MARGIN], chosen)
            tables.append(table)
            ends.append(row_ends)
        levels.append(_level(rows, tables, ends, outside=False))
        starts = np.append(grid[:, 2 * MARGIN : -2 * MARGIN - 1].ravel(), np.nan)
        width /= PARTS
    return tuple(levels)


def _grid(pieces: int) -> FloatArray:
    """Nodes in z, with some to spare beyond both ends."""
    reach = round(REACH * pieces) + MARGIN
    return np.arange(-reach, reach + 1) / pieces


def _exact(law: Exact, z: FloatArray) -> FloatArray:
    """Quantiles at z, each from the nearer end."""
    from scipy.special import ndtr

    share = ndtr(-np.abs(z))
    below = z < 0
    values = np.empty_like(z)
    values[below], values[~below] = law.exact_ppf(share[below]), law.exact_isf(share[~below])
    return values


def _scales(law: Exact, nodes: FloatArray) -> tuple[Scale, ...]:
    """Scales to try."""
    low, high = law.support
    if low >= 0:
        positive = Scale("plain"), Scale("logarithm")
        return (*positive, Scale("log_odds", high=high)) if low == 0 and high < np.inf else positive
    count = len(nodes)
    step = (count - 1) / (2 * REACH)
    centre, lower, upper = (float(nodes[round((REACH + z) * step)]) for z in (0, -1, 1))
    spread = (upper - lower) / 2
    if not (0 < spread < np.inf and np.isfinite(centre)):
        centre, spread = 0.0, 1.0
    return Scale("plain", spread=spread), Scale("arcsinh", centre, spread)


def _choices(scale: Scale, nodes: FloatArray, halfway: FloatArray) -> Choices:
    """Say of each piece which stencil predicts its middle: an index of `STENCILS`, or `FLAT`, or `NONE`."""
    mapped, truth = scale.to(nodes), scale.to(halfway)[MARGIN:-MARGIN]
    allowed = TOLERANCE * scale.size(truth)
    chosen = np.full(len(truth), NONE)
    chosen[(nodes[MARGIN : -MARGIN - 1] == halfway[MARGIN:-MARGIN])] = FLAT
    chosen[nodes[MARGIN + 1 : -MARGIN] > halfway[MARGIN:-MARGIN]] = NONE
    for which, first in enumerate(STENCILS):
        left = (chosen == NONE).nonzero()[0]
        powers = _powers(mapped, first, left)
        predicted = powers[-1]
        for row in powers[-2::-1]:
            predicted = predicted * 0.5 + row
        chosen[left[np.abs(predicted - truth[left]) <= allowed[left]]] = which
    chosen[(nodes[MARGIN + 1 : -MARGIN] <= TINY) & (nodes[MARGIN : -MARGIN - 1] >= 0)] = FLAT
    return chosen


def _shares(pieces: int) -> FloatArray:
    """Probability of each piece."""
    from scipy.special import ndtr

    shares: FloatArray = np.diff(ndtr(_grid(pieces)[MARGIN:-MARGIN]))
    return shares


def _interleaved(nodes: FloatArray, halfway: FloatArray) -> FloatArray:
    joined = np.empty(len(nodes) + len(halfway))
    joined[::2], joined[1::2] = nodes, halfway
    return _rising(joined)


def _rising(values: FloatArray) -> FloatArray:
    # an inverse may step back by its own error where it changes its method
    return np.where(np.isnan(values), np.nan, np.fmax.accumulate(values))


def _table(scale: Scale, nodes: FloatArray, chosen: Choices) -> tuple[FloatArray, FloatArray]:
    """Coefficients of pieces, a row a power, and the values at their ends."""
    mapped = scale.to(nodes)
    ends = mapped[MARGIN:-MARGIN]
    table = np.full((NODES, len(chosen)), np.nan)
    for which, first in enumerate(STENCILS):
        fitting = (chosen == which).nonzero()[0]
        table[:, fitting] = _powers(mapped, first, fitting)
    # a rise near rounding errors is a line, which rounding cannot turn
    rise = np.diff(ends)
    rise[(chosen == FLAT) & ~np.isfinite(rise)] = 0.0  # from 0 or to never
    small = rise <= LEAST_RISE * scale.size(nodes[MARGIN : -MARGIN - 1])
    line = (chosen == FLAT) | ((chosen != NONE) & small)
    table[:, line] = 0.0
    table[0, line], table[1, line] = ends[:-1][line], rise[line]
    return table, ends


def _level(
    rows: NDArray[np.intp], tables: list[FloatArray], ends: list[FloatArray], *, outside: bool
) -> Level:
    """Put pieces side by side; what lies outside, below if asked for, is a piece of NaN."""
    before = [np.full((NODES, 1), np.nan)] * outside
    table = np.concatenate([*before, *tables, np.full((NODES, 1), np.nan)], axis=1)
    low = np.concatenate([[-np.inf] * outside, *(row[:-1] for row in ends), ends[-1][-1:]])
    high = np.concatenate([ends[0][:1] if outside else [], *(row[1:] for row in ends), [np.inf]])
    return Level(rows, tuple(np.ascontiguousarray(row) for row in table), low, high)


def _powers(mapped: FloatArray, first: int, pieces: NDArray[np.intp]) -> FloatArray:
    """Coefficients of the polynomials of some pieces in the share of the piece, a row a power.

    Sums are written out: a matrix product's last bits differ between machines.
    """
    here = mapped[pieces + MARGIN]
    steps = [mapped[pieces + MARGIN + first + node] - here for node in range(NODES)]
    powers = np.empty((NODES, len(pieces)))
    powers[0] = here
    for row, weights in zip(powers[1:], BASES[STENCILS.index(first)][1:], strict=True):
        row[:] = 0.0
        for weight, step in zip(weights, steps, strict=True):
            row += weight * step
    return powers


def _basis(first: int) -> tuple[tuple[float, ...], ...]:
    """Lagrange's polynomials of the nodes first, first + 1, ...: of each power, the weight of each node."""
    columns = []
    for node in range(first, first + NODES):
        product, divisor = [1], 1
        for other in range(first, first + NODES):
            if other != node:
                product = [low - other * high for low, high in zip([0, *product], [*product, 0], strict=True)]
                divisor *= node - other
        columns.append([coefficient / divisor for coefficient in product])
    return tuple(zip(*columns, strict=True))


BASES: Final = tuple(_basis(first) for first in STENCILS)
