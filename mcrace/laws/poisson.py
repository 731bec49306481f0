"""The Poisson law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import Family, Form, Parameter, Range
from mcrace.laws.law import FloatArray
from mcrace.laws.steps import step_isf, step_ppf

__all__ = ["FAMILY", "Poisson"]

# beyond it a normal law is as good
LARGEST_MEAN = 1e6


@dataclass(frozen=True, slots=True)
class Poisson:
    """Poisson law: P(X = k) = exp(-mean) mean^k / k! for k = 0, 1, 2, ...

    Attributes
    ----------
    mean : float
        Mean and variance (above 0, at most 1e6), a count.

    References
    ----------
    N. L. Johnson, A. W. Kemp and S. Kotz, Univariate Discrete Distributions, 3rd ed. (2005), ch. 4.

    Examples
    --------
    >>> Poisson(3.0).ppf(np.array([0.05, 0.5, 0.95]))
    array([1., 3., 6.])
    """

    mean: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the smallest count at or below which at least `u` of the probability lies."""
        return step_ppf(self, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the smallest count above which at most `u` of the probability lies."""
        return step_isf(self, u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a count of at most `x`."""
        from scipy.special import gammaincc

        return np.where(x < 0, 0.0, gammaincc(np.floor(np.maximum(x, 0.0)) + 1, self.mean))

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a count above `x`."""
        from scipy.special import gammainc

        return np.where(x < 0, 1.0, gammainc(np.floor(np.maximum(x, 0.0)) + 1, self.mean))

    @property
    def whole(self) -> bool:
        """True: only whole numbers occur."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """Lowest count, and infinity."""
        return 0.0, math.inf

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.mean)


FAMILY = Family(
    name="poisson",
    meaning="how often something happens that happens at a constant rate: a count, 0 included",
    law=Poisson,
    natural=(
        Form(
            (Parameter(name="mean", meaning="mean count", range=Range(above=0, most=LARGEST_MEAN)),), Poisson
        ),
    ),
    examples=({"mean": 3},),
)
