"""A monotone curve through quantiles, in the scale of the normal law."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.law import FloatArray

__all__ = ["Spline", "spline_through"]

FAR: Final = 1e300
REACH: Final = 8.5
CELLS: Final = 64
FEW: Final = 2


@dataclass(frozen=True, slots=True)
class Spline:
    """Quantile function in pieces: a cubic of z between two points, straight lines beyond, z = Phi^-1(u).

    Attributes
    ----------
    knots : ndarray, shape (points,)
        z of the points, increasing.
    powers : ndarray, shape (4, points + 1)
        Coefficients of each piece in z less `origins`, from the power 0 on, in the unit of the quantity (or
        of its logarithm).
    origins : ndarray, shape (points + 1,)
        The knot from which each piece counts.
    guide : ndarray of int
        Piece at the start of each of the cells into which z from -8.5 to 8.5 is cut, 64 a unit; empty where
        knots lie outside or many in one cell.
    """

    knots: FloatArray
    powers: FloatArray
    origins: FloatArray
    guide: NDArray[np.intp]

    def at(self, z: FloatArray) -> FloatArray:
        """Return the quantile at the level Phi(z)."""
        piece = self._piece(z)
        # held finite, since a line has powers that are 0
        step = np.clip(z, -FAR, FAR) - self.origins.take(piece, mode="clip")
        value: FloatArray = self.powers[3].take(piece, mode="clip")
        for row in self.powers[2::-1]:
            value = value * step + row.take(piece, mode="clip")
        return value

    def place_of(self, value: FloatArray) -> FloatArray:
        """Return the z of a quantile: on the lines at once, on the cubics by bisection."""
        ends = self.at(self.knots)
        piece = np.searchsorted(ends, value, side="right")
        line = self.origins[piece] + (value - self.powers[0][piece]) / self.powers[1][piece]
        inside = (piece > 0) & (piece < len(self.knots))
        low = np.where(inside, self.knots[np.maximum(piece - 1, 0)], 0.0)
        high = np.where(inside, self.knots[np.minimum(piece, len(self.knots) - 1)], 0.0)
        for _ in range(60):
            middle = (low + high) / 2
            above = self.at(middle) > value
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.where(inside, (low + high) / 2, line)

    def _piece(self, z: FloatArray) -> NDArray[np.intp]:
        if not self.guide.size:
            return np.searchsorted(self.knots, z, side="right")
        cell = ((np.clip(z, -REACH, REACH) + REACH) * CELLS).astype(np.intp)
        piece = self.guide.take(cell, mode="clip")
        for _ in range(FEW):
            past = z >= self.knots.take(piece, mode="clip")
            if not past.any():
                break
            piece = piece + (past & (piece < len(self.knots)))
        return piece

    @property
    def tails(self) -> tuple[float, float]:
        """Slopes of both lines: the standard deviations of the normal laws that the tails belong to."""
        return float(self.powers[1, 0]), float(self.powers[1, -1])


def spline_through(levels: Sequence[float], values: Sequence[float]) -> Spline:
    """Join points by cubics that neither overshoot nor stand still.

    The slope at a point is the weighted harmonic mean of the slopes on both sides; at the outermost points it
    is that of the chord to the next point, and the lines go on with it. Each tail is thus that of the normal
    law through the two outermost points.

    Parameters
    ----------
    levels, values : sequence of float
        At least two points, both increasing; levels in (0, 1).

    Returns
    -------
    Spline
        Increasing, through all points.

    References
    ----------
    F. N. Fritsch and J. Butland, "A method for constructing local monotone piecewise cubic interpolants",
    SIAM Journal on Scientific and Statistical Computing 5 (1984) 300-304.

    Examples
    --------
    >>> curve = spline_through([0.1, 0.5, 0.9], [1.0, 2.0, 40.0])
    >>> curve.at(curve.knots)
    array([ 1.,  2., 40.])
    """
    from scipy.special import ndtri

    knots, heights = ndtri(np.asarray(levels, dtype=np.float64)), np.asarray(values, dtype=np.float64)
    width = np.diff(knots)
    chord = np.diff(heights) / width
    slope = np.concatenate([chord[:1], np.zeros(len(knots) - 2), chord[-1:]])
    before, after = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    slope[1:-1] = (before + after) / (before / chord[:-1] + after / chord[1:])
    quadratic = (3 * chord - 2 * slope[:-1] - slope[1:]) / width
    cubic = (slope[:-1] + slope[1:] - 2 * chord) / (width * width)
    powers = np.stack(
        [
            np.concatenate([heights[:1], heights[:-1], heights[-1:]]),
            np.concatenate([slope[:1], slope[:-1], slope[-1:]]),
            np.concatenate([[0.0], quadratic, [0.0]]),
            np.concatenate([[0.0], cubic, [0.0]]),
        ]
    )
    return Spline(knots, powers, np.concatenate([knots[:1], knots[:-1], knots[-1:]]), _guide(knots))


def _guide(knots: FloatArray) -> NDArray[np.intp]:
    edges = np.arange(round(2 * REACH * CELLS) + 1) / CELLS - REACH
    pieces = np.searchsorted(knots, edges, side="right")
    fits = abs(knots[0]) < REACH and abs(knots[-1]) < REACH and np.diff(pieces).max() < FEW
    return pieces if fits else pieces[:0]
