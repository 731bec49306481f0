"""The gamma law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import POSITIVE, Family, Form, Parameter, Quantile, Range
from mcrace.laws.faults import refusal
from mcrace.laws.inverse import fast_isf, fast_ppf
from mcrace.laws.law import FloatArray
from mcrace.laws.roots import find_root

__all__ = ["FAMILY", "Gamma"]

# beyond it scipy's incomplete gamma function loses the lower tail; the law looks normal long before
LARGEST_SHAPE = 1e6


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma law: density proportional to x^(shape - 1) exp(-x / scale) above 0.

    Attributes
    ----------
    shape : float
        Above 0 and at most 1e6, without a unit.
    scale : float
        Above 0, in the unit of the quantity: the mean is shape times scale.

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 1, 2nd ed. (1994), ch. 17.

    Examples
    --------
    >>> Gamma(4.0, 2.5).mean, Gamma(4.0, 2.5).sd
    (10.0, 5.0)
    """

    shape: float
    scale: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return fast_ppf(self, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return fast_isf(self, u)

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, slowly."""
        from scipy.special import gammaincinv

        return self.scale * np.asarray(gammaincinv(self.shape, u), dtype=np.float64)

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, slowly."""
        from scipy.special import gammainccinv

        return self.scale * np.asarray(gammainccinv(self.shape, u), dtype=np.float64)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        from scipy.special import gammainc

        return np.asarray(gammainc(self.shape, np.maximum(x, 0.0) / self.scale), dtype=np.float64)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        from scipy.special import gammaincc

        return np.asarray(gammaincc(self.shape, np.maximum(x, 0.0) / self.scale), dtype=np.float64)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return 0.0, math.inf

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.shape * self.scale

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.shape) * self.scale


def _from_moments(mean: float, sd: float) -> Gamma:
    ratio = mean / sd
    if ratio * ratio > LARGEST_SHAPE:
        least = mean / math.sqrt(LARGEST_SHAPE)
        raise refusal("sd", sd, f"a number of at least {least:g} (a narrower gamma is as good as a normal)")
    return Gamma(ratio * ratio, sd / ratio)


def _from_quantiles(first: Quantile, second: Quantile) -> Gamma:
    """Solve for the shape, on which alone the ratio of the two quantiles depends."""
    target = math.log(second.value / first.value)

    def miss(log_shape: float) -> float:
        shape = math.exp(log_shape)
        return _log_quantile(shape, second.level) - _log_quantile(shape, first.level) - target

    if miss(math.log(LARGEST_SHAPE)) > 0:
        expected = "quantiles further apart (a narrower gamma is as good as a normal)"
        raise refusal("", f"{first.value:g} and {second.value:g}", expected)
    shape = math.exp(find_root(miss, -9, math.log(LARGEST_SHAPE)))
    # by the second quantile, which does not underflow at a small shape as the first one does
    return Gamma(shape, math.exp(math.log(second.value) - _log_quantile(shape, second.level)))


def _log_quantile(shape: float, level: float) -> float:
    """Return ln of the quantile at scale 1; far below 1 the law is (x^shape) / Gamma(shape + 1)."""
    from scipy.special import gammaincinv

    leading = (math.log(level) + math.lgamma(1 + shape)) / shape
    return leading if leading < -50 else math.log(float(gammaincinv(shape, level)))


SHAPES = Range(above=0, most=LARGEST_SHAPE)

FAMILY = Family(
    name="gamma",
    meaning="a waiting time or an amount above 0, with a lighter upper tail than the lognormal",
    law=Gamma,
    natural=(
        Form(
            (
                Parameter(name="shape", meaning="shape; large values look normal", range=SHAPES),
                Parameter(name="scale", meaning="scale; the mean is shape times scale", range=POSITIVE),
            ),
            Gamma,
        ),
    ),
    examples=({"shape": 4, "scale": 2.5}, {"mean": 10, "sd": 5}, {"p05": 1, "p95": 30}),
    moments=_from_moments,
    quantiles=_from_quantiles,
    values=POSITIVE,
)
