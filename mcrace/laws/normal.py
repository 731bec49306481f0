"""The normal law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import POSITIVE, Family, Form, Parameter, Quantile
from mcrace.laws.law import FloatArray
from mcrace.laws.normal_probability import standard_probability
from mcrace.laws.normal_quantile import standard_quantile

__all__ = ["FAMILY", "Normal"]


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal law: x = mean + sd z, z standard normal.

    Attributes
    ----------
    mean, sd : float
        Mean and standard deviation (above 0), in the unit of the quantity.

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 1, 2nd ed. (1994), ch. 13.

    Examples
    --------
    >>> import numpy as np
    >>> Normal(10.0, 2.0).ppf(np.array([0.5, 0.975])).round(3)
    array([10.  , 13.92])
    """

    mean: float
    sd: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return self.mean + self.sd * standard_quantile(u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return self.mean - self.sd * standard_quantile(u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return standard_probability((x - self.mean) / self.sd)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return standard_probability((self.mean - x) / self.sd)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return -math.inf, math.inf


def _from_quantiles(first: Quantile, second: Quantile) -> Normal:
    z_first, z_second = standard_quantile(np.array([first.level, second.level])).tolist()
    sd = (second.value - first.value) / (z_second - z_first)
    return Normal(first.value - sd * z_first, sd)


FAMILY = Family(
    name="normal",
    meaning="the sum of many small errors; symmetric, any real number",
    law=Normal,
    natural=(
        Form(
            (
                Parameter(name="mean", meaning="mean and median"),
                Parameter(name="sd", meaning="standard deviation", range=POSITIVE),
            ),
            Normal,
        ),
    ),
    examples=({"mean": 10, "sd": 2}, {"p05": -1, "p95": 3}),
    moments=Normal,
    quantiles=_from_quantiles,
)
