"""The lognormal law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import POSITIVE, Family, Form, Parameter, Quantile, Range
from mcrace.laws.law import FloatArray
from mcrace.laws.normal_probability import standard_probability
from mcrace.laws.normal_quantile import exponential_quantile, standard_quantile

__all__ = ["FAMILY", "Lognormal"]


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Lognormal law: x = median exp(sigma z), z standard normal.

    Attributes
    ----------
    median : float
        Median (above 0), in the unit of the quantity.
    sigma : float
        Standard deviation of ln x (above 0), without a unit.

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 1, 2nd ed. (1994), ch. 14.

    Examples
    --------
    >>> import numpy as np
    >>> Lognormal(100.0, 0.5).ppf(np.array([0.05, 0.5, 0.95])).round(1)
    array([ 43.9, 100. , 227.6])
    """

    median: float
    sigma: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return exponential_quantile(u, self.median, self.sigma)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return exponential_quantile(u, self.median, -self.sigma)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return standard_probability(self._standard(x))

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return standard_probability(-self._standard(x))

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return 0.0, math.inf

    @property
    def mean(self) -> float:
        """Expected value."""
        with np.errstate(over="ignore"):
            return float(self.median * np.exp(self.sigma * self.sigma / 2))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        with np.errstate(over="ignore"):
            return float(self.mean * np.sqrt(np.expm1(self.sigma * self.sigma)))

    def _standard(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            logarithm = np.log(np.maximum(x, 0.0))
        return (logarithm - math.log(self.median)) / self.sigma


def _from_mu(mu: float, sigma: float) -> Lognormal:
    return Lognormal(math.exp(mu), sigma)


def _from_moments(mean: float, sd: float) -> Lognormal:
    ratio = sd / mean
    return Lognormal(mean / math.hypot(1, ratio), math.sqrt(math.log1p(ratio * ratio)))


def _from_quantiles(first: Quantile, second: Quantile) -> Lognormal:
    z_first, z_second = standard_quantile(np.array([first.level, second.level])).tolist()
    sigma = math.log(second.value / first.value) / (z_second - z_first)
    return Lognormal(first.value * math.exp(-sigma * z_first), sigma)


SIGMA = Parameter(name="sigma", meaning="standard deviation of the logarithm", range=POSITIVE)

FAMILY = Family(
    name="lognormal",
    meaning="the product of many small factors; above 0, a factor up as likely as the same factor down",
    law=Lognormal,
    natural=(
        Form((Parameter(name="median", meaning="median", range=POSITIVE), SIGMA), Lognormal),
        Form(
            (
                Parameter(name="mu", meaning="mean of the logarithm", range=Range(above=-700, below=700)),
                SIGMA,
            ),
            _from_mu,
        ),
    ),
    examples=(
        {"p05": 3e7, "p95": 4e8},
        {"median": 158, "sigma": 0.7},
        {"mu": 5, "sigma": 0.7},
        {"mean": 200, "sd": 150},
    ),
    moments=_from_moments,
    quantiles=_from_quantiles,
    values=POSITIVE,
)
