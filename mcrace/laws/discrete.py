"""A law of a few given values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mcrace.laws.family import Family, Form, Parameter, Range
from mcrace.laws.faults import refusal
from mcrace.laws.guide import Guide, guide_of
from mcrace.laws.law import FloatArray

__all__ = ["FAMILY", "Discrete", "make_discrete"]


@dataclass(frozen=True, slots=True)
class Discrete:
    """Law of finitely many values, each with its probability.

    Attributes
    ----------
    values : tuple of float
        Increasing, in the unit of the quantity; infinity stands for never.
    weights : tuple of float
        Their probabilities, above 0, with sum 1.

    Examples
    --------
    >>> import numpy as np
    >>> make_discrete([1, 2, 5], [1, 1, 2]).ppf(np.array([0.2, 0.4, 0.9]))
    array([1., 2., 5.])
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]
    _table: "_Table" = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Make what levels are looked up in."""
        object.__setattr__(self, "_table", _tabled(self.values, self.weights))

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value at or below which at least `u` of the probability lies."""
        levels = np.asarray(u, dtype=np.float64)
        places = self._table.guide.places(levels.ravel())
        return self._table.values.take(places, mode="clip").reshape(levels.shape)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value above which at most `u` of the probability lies."""
        places = len(self.values) - np.searchsorted(self._table.above[::-1], u, side="right")
        return np.asarray(self._table.values[places])

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        below = np.append(0.0, self._table.guide.limits)
        return np.asarray(below[np.searchsorted(self._table.values, x, side="right")])

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        above = np.append(1.0, self._table.above)
        return np.asarray(above[np.searchsorted(self._table.values, x, side="right")])

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return self.values[0], self.values[-1]

    @property
    def mean(self) -> float:
        """Expected value; infinite if infinity is among the values."""
        return math.fsum(value * weight for value, weight in zip(self.values, self.weights, strict=True))

    @property
    def sd(self) -> float:
        """Standard deviation; NaN if infinity is among the values."""
        if math.isinf(self.values[-1]):
            return math.nan
        mean = self.mean
        deviations = [value - mean for value in self.values]
        pairs = zip(deviations, self.weights, strict=True)
        return math.sqrt(math.fsum(deviation * deviation * weight for deviation, weight in pairs))


@dataclass(frozen=True, slots=True)
class _Table:
    """A discrete law's values as an array, and the probabilities at or below, and above, each of them."""

    values: FloatArray
    above: FloatArray
    guide: Guide


def _tabled(values: tuple[float, ...], weights: tuple[float, ...]) -> _Table:
    below = np.cumsum(weights)
    below[-1] = 1.0
    above = np.append(np.cumsum(weights[::-1])[::-1][1:], 0.0)
    return _Table(np.array(values), above, guide_of(below))


def make_discrete(values: Sequence[float], weights: Sequence[float] | None = None) -> Discrete:
    """Make a discrete law from values in any order, repeated ones and those of weight zero among them.

    Parameters
    ----------
    values : sequence of float
        At least one, none NaN, in the unit of the quantity.
    weights : sequence of float, optional
        As many, at least 0 and finite, on any scale; equal if left out.

    Returns
    -------
    Discrete
        Values in order, each once, weights divided by their sum.

    Raises
    ------
    StudyError
        There is no value, no positive weight, or not one weight a value.

    Examples
    --------
    >>> make_discrete([3, 1, 3])
    Discrete(values=(1.0, 3.0), weights=(0.3333333333333333, 0.6666666666666666))
    """
    shares = [1.0] * len(values) if weights is None else list(weights)
    if len(values) == 0:
        raise refusal("values", values, "a list of at least one number")
    if len(shares) != len(values):
        raise refusal("weights", f"{len(shares)} weights", f"{len(values)} numbers, one a value")
    largest = max(shares)
    if not largest > 0:
        raise refusal("weights", weights, "at least one weight above 0")
    joined: dict[float, float] = {}
    for value, share in zip(values, shares, strict=True):
        joined[float(value)] = joined.get(float(value), 0.0) + share / largest
    total = math.fsum(joined.values())
    pairs = sorted((value, share / total) for value, share in joined.items() if share / total > 0)
    return Discrete(tuple(value for value, _ in pairs), tuple(weight for _, weight in pairs))


FAMILY = Family(
    name="discrete",
    meaning="one of a few given values",
    law=Discrete,
    natural=(
        Form(
            (
                Parameter(
                    name="values", meaning="the possible values", range=Range(infinite=True), many=True
                ),
                Parameter(
                    name="weights",
                    meaning="their weights on any scale (equal if left out)",
                    range=Range(least=0),
                    many=True,
                    optional=True,
                ),
            ),
            make_discrete,
        ),
    ),
    examples=({"values": [30, 90, 365]}, {"values": [1, 2, 3], "weights": [0.2, 0.5, 0.3]}),
)
