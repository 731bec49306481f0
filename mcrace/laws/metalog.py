"""The metalog curve: a quantile function with as many terms as points that it passes through."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mcrace.laws.law import FloatArray

__all__ = ["Metalog", "metalog_through"]

MOST_TERMS: Final = 16
MISS: Final = 1e-13
"""How far the curve may miss a point, relative to the points' spread."""

LOGITS: Final = np.linspace(-45.0, 45.0, 9001)
REACH: Final = 750.0


@dataclass(frozen=True, slots=True)
class Metalog:
    """Quantile function M = P(y) + Q(y) ln(u / (1 - u)), y = u - 1/2, u the level.

    Attributes
    ----------
    plain, logistic : tuple of float
        Coefficients of the polynomials P and Q, from the power 0 on, in the unit of the quantity (or of its
        logarithm).

    References
    ----------
    T. W. Keelin, "The metalog distributions", Decision Analysis 13 (2016) 243-277, eq. 6.

    Examples
    --------
    >>> Metalog((3.0,), (2.0,)).at_logit(np.array([0.0, 1.0]))
    array([3., 5.])
    """

    plain: tuple[float, ...]
    logistic: tuple[float, ...]

    def at_level(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        with np.errstate(divide="ignore"):
            return self._value(u - 0.5, np.log(u) - np.log1p(-u))

    def above_level(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        with np.errstate(divide="ignore"):
            return self._value(0.5 - u, np.log1p(-u) - np.log(u))

    def at_logit(self, logit: FloatArray) -> FloatArray:
        """Return the quantile at the level whose log odds are `logit`."""
        return self._value(np.tanh(logit / 2) / 2, logit)

    def logit_of(self, value: FloatArray) -> FloatArray:
        """Return the log odds of the level of a quantile, by bisection; clipped at 750."""
        low, high = np.full(np.shape(value), -REACH), np.full(np.shape(value), REACH)
        for _ in range(64):
            middle = (low + high) / 2
            above = self.at_logit(middle) > value
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        place: FloatArray = (low + high) / 2
        return place

    @property
    def tails(self) -> tuple[float, float]:
        """Slopes towards both ends in ln(u / (1 - u)): the lower and the upper tail's logistic scale."""
        ends = np.array([-0.5, 0.5])
        low, high = _horner(self.logistic, ends)
        return float(low), float(high)

    @property
    def increases(self) -> bool:
        """Whether the curve rises everywhere, so that it is the quantile function of a law with a density.

        Its slope in the log odds is Q + u (1 - u) (P' + Q' ln(u / (1 - u))). It is looked at on a grid so
        fine that nothing hides between two points; beyond |log odds| of 45 all but Q is below 1e-17 of the
        coefficients, and Q goes to the tails' slopes, which must be above 0.
        """
        levels = np.exp(-np.abs(LOGITS)) / (1 + np.exp(-np.abs(LOGITS)))
        y = np.copysign(0.5 - levels, LOGITS)
        bend = _horner(_derivative(self.plain), y) + LOGITS * _horner(_derivative(self.logistic), y)
        slope = _horner(self.logistic, y) + levels * (1 - levels) * bend
        # between two points a slope could fall below either by no more than it changes from one to the next
        clear = slope[1:] - np.abs(np.diff(slope)) > 0
        size = max(abs(term) for term in (*self.plain[1:], *self.logistic))
        return bool(clear.all()) and min(self.tails) > 1e-12 * size

    def _value(self, y: FloatArray, logit: FloatArray) -> FloatArray:
        return _horner(self.plain, y) + _horner(self.logistic, y) * logit


def metalog_through(levels: Sequence[float], values: Sequence[float]) -> Metalog | None:
    """Find the metalog with as many terms as points that passes through all of them.

    Parameters
    ----------
    levels, values : sequence of float
        At least two points, both increasing; levels in (0, 1).

    Returns
    -------
    Metalog or None
        None where there is no such curve that rises everywhere, or double precision does not hold it.

    Examples
    --------
    >>> curve = metalog_through([0.1, 0.5, 0.9], [1.0, 2.0, 4.0])
    >>> curve.at_level(np.array([0.1, 0.5, 0.9])).round(12)
    array([1., 2., 4.])
    >>> metalog_through([0.1, 0.5, 0.9], [1.0, 2.0, 40.0]) is None
    True
    """
    if len(levels) > MOST_TERMS:
        return None
    u = np.asarray(levels, dtype=np.float64)
    units = [[float(term == own) for term in range(len(levels))] for own in range(len(levels))]
    columns = [_metalog(unit).at_level(u) for unit in units]
    rows = [[float(column[point]) for column in columns] for point in range(len(levels))]
    terms = _solved(rows, values)
    if terms is None:
        return None
    curve, target = _metalog(terms), np.asarray(values, dtype=np.float64)
    allowed = MISS * (target[-1] - target[0]) + 4e-16 * np.abs(target)
    met = bool((np.abs(curve.at_level(u) - target) <= allowed).all())
    return curve if met and curve.increases else None


def _metalog(terms: Sequence[float]) -> Metalog:
    """Sort terms in Keelin's order (1, L, y L, y, y^2, y^2 L, y^3, y^3 L, ...) into P and Q."""
    plain = [0.0] * (len(terms) // 2 + 1)
    logistic = [0.0] * (len(terms) // 2 + 1)
    for place, term in enumerate(terms):
        if place < 4:
            of_logit, power = ((False, 0), (True, 0), (True, 1), (False, 1))[place]
        else:
            of_logit, power = place % 2 == 1, place // 2
        (logistic if of_logit else plain)[power] = term
    return Metalog(tuple(plain), tuple(logistic))


def _solved(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float] | None:
    """Solve linear equations, refining the answer until it no longer gets better.

    Written out, since a library's last bits differ between machines.
    """
    answer = [0.0] * len(values)
    for _ in range(4):
        rest = [
            math.fsum([value, *(-factor * term for factor, term in zip(row, answer, strict=True))])
            for row, value in zip(rows, values, strict=True)
        ]
        step = _eliminated([[*row, left] for row, left in zip(rows, rest, strict=True)])
        if step is None:
            return None
        answer = [term + change for term, change in zip(answer, step, strict=True)]
    return answer


def _eliminated(rows: list[list[float]]) -> list[float] | None:
    """Gauss's elimination of rows that end with the right-hand side; None if they depend on each other."""
    count = len(rows)
    for column in range(count):
        pivot = max(range(column, count), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        if not abs(rows[column][column]) > 0:
            return None
        for row in range(column + 1, count):
            factor = rows[row][column] / rows[column][column]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    answer = [0.0] * count
    for row in reversed(range(count)):
        known = math.fsum(rows[row][place] * answer[place] for place in range(row + 1, count))
        answer[row] = (rows[row][count] - known) / rows[row][row]
    return answer


def _derivative(polynomial: Sequence[float]) -> tuple[float, ...]:
    return tuple(power * term for power, term in enumerate(polynomial))[1:] or (0.0,)


def _horner(polynomial: Sequence[float], y: FloatArray) -> FloatArray:
    value: FloatArray = np.full(np.shape(y), polynomial[-1])
    for term in polynomial[-2::-1]:
        value = value * y + term
    return value
