"""Student's t law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.beta import beta_quantile
from mcrace.laws.family import POSITIVE, Family, Form, Parameter, Quantile, Range
from mcrace.laws.faults import refusal
from mcrace.laws.inverse import fast_isf, fast_ppf
from mcrace.laws.law import FloatArray

__all__ = ["FAMILY", "StudentT"]

# beyond it the law is as good as a normal
LARGEST_DF = 1e6
# below it the tails' powers pass what floats hold well inside the levels of draws
SMALLEST_DF = 0.2


@dataclass(frozen=True, slots=True)
class StudentT:
    """Student's t law, moved and stretched: x = location + scale t.

    Attributes
    ----------
    df : float
        Degrees of freedom (0.2 to 1e6), without a unit: P(|t| > x) falls like x^-df.
    location, scale : float
        Median, and factor of t (above 0), in the unit of the quantity. The standard deviation is
        scale sqrt(df / (df - 2)).

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 2, 2nd ed. (1995), ch. 28.

    Examples
    --------
    >>> StudentT(4.0, 1.0, 2.0).ppf(np.array([0.05, 0.5, 0.95])).round(4)
    array([-3.2637,  1.    ,  5.2637])
    """

    df: float
    location: float
    scale: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return fast_ppf(self, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return fast_isf(self, u)

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, slowly."""
        return self.location - self.scale * _tail_quantile(self.df, u)

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, slowly."""
        return self.location + self.scale * _tail_quantile(self.df, u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return self._above((self.location - x) / self.scale)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return self._above((x - self.location) / self.scale)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return -math.inf, math.inf

    @property
    def mean(self) -> float:
        """Expected value; NaN where there is none, at up to one degree of freedom."""
        return self.location if self.df > 1 else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation: infinite at up to two degrees of freedom, NaN where there is no mean."""
        if self.df > 2:
            return self.scale * math.sqrt(self.df / (self.df - 2))
        return math.inf if self.df > 1 else math.nan

    def _above(self, t: FloatArray) -> FloatArray:
        from scipy.special import betainc, betaincc

        with np.errstate(over="ignore", invalid="ignore"):
            square = t * t
            far = square > self.df
            # the share df / (df + t^2), or what it leaves, whichever is small
            share = np.where(far, 1 / (1 + square / self.df), 0.0)
            rest = np.where(far, 0.0, square / (self.df + square))
        half = np.where(far, betainc(self.df / 2, 0.5, share), betaincc(0.5, self.df / 2, rest)) / 2
        return np.where(t < 0, 1 - half, half)


def _tail_quantile(df: float, level: FloatArray) -> FloatArray:
    """Return the t that is passed with the probability `level`.

    df / (df + t^2) has a beta law with shapes df / 2 and 1 / 2; where it is near 1, what it leaves is sought.
    """
    from scipy.special import betainccinv

    both = 2 * np.minimum(level, 1 - level)
    share, rest = beta_quantile(df / 2, 0.5, both), betainccinv(0.5, df / 2, both)
    far = (share < 0.5) | np.isnan(rest)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        square = np.where(far, (1 - share) / share, rest / (1 - rest))
    return np.copysign(math.sqrt(df) * np.sqrt(square), 0.5 - level)


def _from_moments(df: float, mean: float, sd: float) -> StudentT:
    if not df > 2:
        expected = "a number above 2, since with fewer there is no sd (location and scale take fewer)"
        raise refusal("df", df, expected)
    return StudentT(df, mean, sd * math.sqrt((df - 2) / df))


def _from_quantiles(first: Quantile, second: Quantile, df: float) -> StudentT:
    t_first, t_second = (-float(t) for t in _tail_quantile(df, np.array([first.level, second.level])))
    scale = (second.value - first.value) / (t_second - t_first)
    # by the quantile nearer to the median, whose t is the smaller one
    near, t = min((first, t_first), (second, t_second), key=lambda pair: abs(pair[1]))
    return StudentT(df, near.value - scale * t, scale)


DF = Parameter(
    name="df",
    meaning="degrees of freedom; few make heavy tails",
    range=Range(least=SMALLEST_DF, most=LARGEST_DF),
)

FAMILY = Family(
    name="student_t",
    meaning="a symmetric law with heavier tails than the normal; any real number",
    law=StudentT,
    natural=(
        Form(
            (
                DF,
                Parameter(name="location", meaning="median"),
                Parameter(name="scale", meaning="factor of t", range=POSITIVE),
            ),
            StudentT,
        ),
        Form(
            (
                DF,
                Parameter(name="mean", meaning="mean"),
                Parameter(name="sd", meaning="standard deviation", range=POSITIVE),
            ),
            _from_moments,
        ),
    ),
    examples=(
        {"df": 4, "location": 0, "scale": 1},
        {"df": 5, "mean": 10, "sd": 2},
        {"df": 3, "p05": -1, "p95": 3},
    ),
    quantiles=_from_quantiles,
    beside=(DF,),
)
