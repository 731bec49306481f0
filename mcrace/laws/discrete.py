"""A law of a few given values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import Family, Form, Parameter, Range
from mcrace.laws.faults import refusal
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

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value at or below which at least `u` of the probability lies."""
        return np.asarray(self.values)[np.searchsorted(self._below(), u, side="left")]

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value above which at most `u` of the probability lies."""
        places = len(self.values) - np.searchsorted(self._above()[::-1], u, side="right")
        return np.asarray(self.values)[places]

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return np.append(0.0, self._below())[np.searchsorted(self.values, x, side="right")]

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return np.append(1.0, self._above())[np.searchsorted(self.values, x, side="right")]

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
        deviations = [value - self.mean for value in self.values]
        pairs = zip(deviations, self.weights, strict=True)
        return math.sqrt(math.fsum(deviation * deviation * weight for deviation, weight in pairs))

    def _below(self) -> FloatArray:
        sums = np.cumsum(self.weights)
        sums[-1] = 1.0
        return sums

    def _above(self) -> FloatArray:
        sums = np.cumsum(self.weights[::-1])[::-1]
        return np.append(sums[1:], 0.0)


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
