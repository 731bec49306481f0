"""The beta law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import Family, Form, Parameter, Quantile, Range
from mcrace.laws.faults import refusal
from mcrace.laws.inverse import fast_isf, fast_ppf
from mcrace.laws.law import FloatArray
from mcrace.laws.roots import find_root

__all__ = ["FAMILY", "Beta", "beta_quantile"]

# beyond it scipy's incomplete beta function loses its tails
LARGEST_SHAPE = 1e12


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta law on [0, 1]: density proportional to x^(alpha - 1) (1 - x)^(beta - 1).

    Attributes
    ----------
    alpha, beta : float
        Shapes (above 0, at most 1e12), without a unit: the mean is alpha / (alpha + beta).

    References
    ----------
    N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 2, 2nd ed. (1995), ch. 25.

    Examples
    --------
    >>> round(Beta(2.0, 6.0).mean, 3)
    0.25
    """

    alpha: float
    beta: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return fast_ppf(self, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return fast_isf(self, u)

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, slowly."""
        return beta_quantile(self.alpha, self.beta, u)

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, slowly."""
        from scipy.special import betainccinv

        quantile = betainccinv(self.alpha, self.beta, u)
        return np.where(np.isnan(quantile), 1 - beta_quantile(self.beta, self.alpha, u), quantile)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        from scipy.special import betainc

        return betainc(self.alpha, self.beta, np.clip(x, 0.0, 1.0))

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        from scipy.special import betaincc

        return betaincc(self.alpha, self.beta, np.clip(x, 0.0, 1.0))

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return 0.0, 1.0

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        total = self.alpha + self.beta
        return math.sqrt((self.alpha / total) * (self.beta / total) / (total + 1))


def beta_quantile(alpha: float, beta: float, u: FloatArray) -> FloatArray:
    """Invert the beta law's cdf, in its far tails too.

    Where scipy finds no number (at levels below 1e-17 only), the tail's expansion takes over:
    x = y (1 + y (beta - 1) / (alpha + 1)) with y = (u alpha B(alpha, beta))^(1 / alpha).

    Parameters
    ----------
    alpha, beta : float
        Shapes (above 0), without a unit.
    u : array of float, any shape
        Levels in (0, 1).

    Returns
    -------
    array of float
        Values in [0, 1], of the shape of `u`.

    Examples
    --------
    >>> beta_quantile(2.0, 1.0, np.array([0.25, 1e-300]))
    array([5.e-001, 1.e-150])
    """
    from scipy.special import betaincinv, betaln

    quantile = betaincinv(alpha, beta, u)
    if not np.isnan(quantile).any():
        return quantile
    leading = np.exp((np.log(u) + math.log(alpha) + betaln(alpha, beta)) / alpha)
    return np.where(np.isnan(quantile), leading * (1 + leading * (beta - 1) / (alpha + 1)), quantile)


def _from_moments(mean: float, sd: float) -> Beta:
    most = math.sqrt(mean * (1 - mean))
    if not sd < most:
        raise refusal("sd", sd, f"a number below {most:.6g}, which no beta with a mean of {mean:g} exceeds")
    # alpha + beta = mean (1 - mean) / sd^2 - 1, written so that it does not cancel near the largest sd
    total = (most - sd) * (most + sd) / (sd * sd)
    return Beta(mean * total, (1 - mean) * total)


def _from_quantiles(first: Quantile, second: Quantile) -> Beta:
    """Solve for the sum of the shapes, the mean for each sum being such that the first quantile is met."""
    from scipy.special import betainc, expit

    def shapes(log_total: float) -> tuple[float, float]:
        total = math.exp(log_total)

        def miss(logit: float) -> float:
            return float(betainc(total * expit(logit), total * expit(-logit), first.value)) - first.level

        logit = find_root(miss, -600, 600)
        return total * float(expit(logit)), total * float(expit(-logit))

    def miss(log_total: float) -> float:
        return float(betainc(*shapes(log_total), second.value)) - second.level

    return Beta(*shapes(find_root(miss, -25, 35)))


SHAPES = Range(above=0, most=LARGEST_SHAPE)

FAMILY = Family(
    name="beta",
    meaning="a share or a probability between 0 and 1",
    law=Beta,
    natural=(
        Form(
            (
                Parameter(name="alpha", meaning="weight of the upper end", range=SHAPES),
                Parameter(name="beta", meaning="weight of the lower end", range=SHAPES),
            ),
            Beta,
        ),
    ),
    examples=({"alpha": 2, "beta": 6}, {"mean": 0.3, "sd": 0.1}, {"p05": 0.1, "p95": 0.6}),
    moments=_from_moments,
    quantiles=_from_quantiles,
    values=Range(above=0, below=1),
)
