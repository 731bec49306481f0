"""The exponential law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import POSITIVE, Family, Form, Parameter, Quantile
from mcrace.laws.law import FloatArray

__all__ = ["FAMILY", "Exponential"]


@dataclass(frozen=True, slots=True)
class Exponential:
    """Exponential law: P(X > x) = exp(-x / mean) for x above 0.

    Attributes
    ----------
    mean : float
        Mean, which is the standard deviation too (above 0), in the unit of the quantity.

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 1, 2nd ed. (1994), ch. 19.

    Examples
    --------
    >>> Exponential(100.0).ppf(np.array([0.5, 0.95])).round(2)
    array([ 69.31, 299.57])
    """

    mean: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        with np.errstate(divide="ignore"):
            return -self.mean * np.log1p(-u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        with np.errstate(divide="ignore"):
            return -self.mean * np.log(u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return -np.expm1(-np.maximum(x, 0.0) / self.mean)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return np.exp(-np.maximum(x, 0.0) / self.mean)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return 0.0, math.inf

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean


def _from_rate(rate: float) -> Exponential:
    return Exponential(1 / rate)


def _from_quantile(point: Quantile) -> Exponential:
    return Exponential(-point.value / math.log1p(-point.level))


FAMILY = Family(
    name="exponential",
    meaning="a time until something happens that is as likely on any day as on any other",
    law=Exponential,
    natural=(
        Form((Parameter(name="mean", meaning="mean", range=POSITIVE),), Exponential),
        Form((Parameter(name="rate", meaning="events in one unit of time", range=POSITIVE),), _from_rate),
    ),
    examples=({"mean": 200}, {"rate": 0.005}, {"p50": 140}),
    quantiles=_from_quantile,
    count=1,
    values=POSITIVE,
)
