"""The Weibull law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import POSITIVE, Family, Form, Parameter, Quantile
from mcrace.laws.law import FloatArray
from mcrace.laws.roots import find_root

__all__ = ["FAMILY", "Weibull"]


@dataclass(frozen=True, slots=True)
class Weibull:
    """Weibull law: P(X > x) = exp(-(x / scale)^shape) for x above 0.

    Attributes
    ----------
    shape : float
        Above 0, without a unit; below 1 the hazard falls with time, above 1 it rises.
    scale : float
        Above 0, in the unit of the quantity: the 63.2 % quantile.

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 1, 2nd ed. (1994), ch. 21.

    Examples
    --------
    >>> round(Weibull(1.0, 5.0).mean, 12)
    5.0
    """

    shape: float
    scale: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        with np.errstate(over="ignore"):
            return self.scale * (-np.log1p(-u)) ** (1 / self.shape)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        with np.errstate(over="ignore"):
            return self.scale * (-np.log(u)) ** (1 / self.shape)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return -np.expm1(-self._hazard(x))

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return np.exp(-self._hazard(x))

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return 0.0, math.inf

    @property
    def mean(self) -> float:
        """Expected value."""
        with np.errstate(over="ignore"):
            return float(self.scale * np.exp(math.lgamma(1 + 1 / self.shape)))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        with np.errstate(over="ignore"):
            return float(self.mean * np.sqrt(np.expm1(_log_square_ratio(1 / self.shape))))

    def _hazard(self, x: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            hazard: FloatArray = (np.maximum(x, 0.0) / self.scale) ** self.shape
        return hazard


def _log_square_ratio(t: float) -> float:
    """Return ln(E[x^2] / E[x]^2) = ln Gamma(1 + 2 t) - 2 ln Gamma(1 + t), t = 1 / shape."""
    if t > 0.05:
        return math.lgamma(1 + 2 * t) - 2 * math.lgamma(1 + t)
    # where this cancels: the sum over k >= 2 of zeta(k) (-t)^k (2^k - 2) / k
    return math.fsum(_zeta(k) * (-t) ** k * (2**k - 2) / k for k in range(2, 18))


def _zeta(k: int) -> float:
    from scipy.special import zeta

    return float(zeta(k))


def _from_moments(mean: float, sd: float) -> Weibull:
    ratio = sd / mean
    target = math.log(math.log1p(ratio * ratio))
    t = math.exp(find_root(lambda log_t: math.log(_log_square_ratio(math.exp(log_t))) - target, -30, 5))
    return Weibull(1 / t, mean * math.exp(-math.lgamma(1 + t)))


def _from_quantiles(first: Quantile, second: Quantile) -> Weibull:
    first_hazard, second_hazard = -math.log1p(-first.level), -math.log1p(-second.level)
    shape = math.log(second_hazard / first_hazard) / math.log(second.value / first.value)
    return Weibull(shape, first.value * math.exp(-math.log(first_hazard) / shape))


FAMILY = Family(
    name="weibull",
    meaning="a time until something happens, at a rate that rises or falls with time",
    law=Weibull,
    natural=(
        Form(
            (
                Parameter(
                    name="shape", meaning="shape; 1 is a constant rate, more a rising one", range=POSITIVE
                ),
                Parameter(name="scale", meaning="scale; the 63.2 % quantile", range=POSITIVE),
            ),
            Weibull,
        ),
    ),
    examples=({"shape": 1.5, "scale": 300}, {"mean": 10, "sd": 5}, {"p05": 50, "p95": 500}),
    moments=_from_moments,
    quantiles=_from_quantiles,
    values=POSITIVE,
)
