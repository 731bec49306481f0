"""The uniform law."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcrace.compiling import select, widely
from mcrace.compiling.elementwise import each_number
from mcrace.laws.family import Family, Form, Parameter, Quantile
from mcrace.laws.faults import refusal
from mcrace.laws.law import FloatArray

__all__ = ["FAMILY", "Uniform"]


@dataclass(frozen=True, slots=True)
class Uniform:
    """Uniform law: x = low + (high - low) u.

    Attributes
    ----------
    low, high : float
        Ends, in the unit of the quantity; low < high.

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 2, 2nd ed. (1995), ch. 26.

    Examples
    --------
    >>> import numpy as np
    >>> Uniform(0.5, 1.5).ppf(np.array([0.25, 0.5]))
    array([0.75, 1.  ])
    """

    low: float
    high: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return each_number(_rising, _fill_rising, u, self.low, self.high)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return each_number(_falling, _fill_falling, u, self.low, self.high)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return np.clip((self.high - x) / (self.high - self.low), 0.0, 1.0)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return self.low, self.high

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low + (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / math.sqrt(12)


def _rising(u: Any, low: float, high: float) -> Any:  # noqa: ANN401 - a number or an array
    value = low + (high - low) * u
    return select(value > high, high, value)


def _falling(u: Any, low: float, high: float) -> Any:  # noqa: ANN401 - a number or an array
    value = high - (high - low) * u
    return select(value < low, low, value)


def _fill_rising(levels: FloatArray, values: FloatArray, low: float, high: float) -> None:
    widely()
    for i in range(levels.size):
        values[i] = _rising(levels[i], low, high)


def _fill_falling(levels: FloatArray, values: FloatArray, low: float, high: float) -> None:
    widely()
    for i in range(levels.size):
        values[i] = _falling(levels[i], low, high)


def _make(low: float, high: float) -> Uniform:
    if not low < high:
        raise refusal("high", high, f"a number above {low:g}, the low end")
    if math.isinf(high - low):
        raise refusal("high", high, "a number less than 1e308 above the low end")
    return Uniform(low, high)


def _from_moments(mean: float, sd: float) -> Uniform:
    half = math.sqrt(3) * sd
    return Uniform(mean - half, mean + half)


def _from_quantiles(first: Quantile, second: Quantile) -> Uniform:
    width = (second.value - first.value) / (second.level - first.level)
    return Uniform(first.value - width * first.level, second.value + width * (1 - second.level))


FAMILY = Family(
    name="uniform",
    meaning="every number between two ends is as likely as any other",
    law=Uniform,
    natural=(
        Form(
            (
                Parameter(name="low", meaning="lowest value"),
                Parameter(name="high", meaning="highest value, above low"),
            ),
            _make,
        ),
    ),
    examples=([0.5, 1.5], {"low": 0, "high": 1}, {"mean": 1, "sd": 0.1}, {"p10": 1, "p90": 9}),
    positional=("low", "high"),
    moments=_from_moments,
    quantiles=_from_quantiles,
)
