"""The PERT law."""

import math
from dataclasses import dataclass

from mcrace.laws.beta import beta_quantile
from mcrace.laws.family import Family, Form, Parameter, Quantile, Range
from mcrace.laws.inverse import fast_isf, fast_ppf
from mcrace.laws.law import FloatArray
from mcrace.laws.triangular import THREE_POINTS, check_three_points, three_points

__all__ = ["FAMILY", "Pert"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pert:
    """PERT law: a beta law stretched over low to high, with its mode where it was put.

    alpha = 1 + shape (mode - low) / (high - low), beta = 1 + shape (high - mode) / (high - low).

    Attributes
    ----------
    low, mode, high : float
        In the unit of the quantity; low <= mode <= high, low < high.
    shape : float
        Weight of the mode (above 0, at most 1e9), without a unit: the mean is
        (low + shape mode + high) / (shape + 2).

    References
    ----------
    D. G. Malcolm, J. H. Roseboom, C. E. Clark and W. Fazar, "Application of a technique for research and
    development program evaluation", Operations Research 7 (1959) 646-669.

    Examples
    --------
    >>> round(Pert(low=0.05, mode=0.12, high=0.35).mean, 4)
    0.1467
    """

    low: float
    mode: float
    high: float
    shape: float = 4.0

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return fast_ppf(self, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return fast_isf(self, u)

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, slowly."""
        return self.low + self._width * beta_quantile(self._alpha, self._beta, u)

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, slowly."""
        return self.high - self._width * beta_quantile(self._beta, self._alpha, u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        from scipy.special import betainc

        return betainc(self._alpha, self._beta, ((x - self.low) / self._width).clip(0.0, 1.0))

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        from scipy.special import betainc

        return betainc(self._beta, self._alpha, ((self.high - x) / self._width).clip(0.0, 1.0))

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return self.low, self.high

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low + self._width * self._centre

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self._width * math.sqrt(self._centre * (1 - self._centre) / (self.shape + 3))

    @property
    def _width(self) -> float:
        return self.high - self.low

    @property
    def _alpha(self) -> float:
        return 1 + self.shape * ((self.mode - self.low) / self._width)

    @property
    def _beta(self) -> float:
        return 1 + self.shape * ((self.high - self.mode) / self._width)

    @property
    def _centre(self) -> float:
        return self._alpha / (self.shape + 2)


def _make(low: float, mode: float, high: float, shape: float = 4.0) -> Pert:
    check_three_points(low, mode, high)
    return Pert(low=low, mode=mode, high=high, shape=shape)


def _from_quantiles(first: Quantile, middle: Quantile, last: Quantile, shape: float = 4.0) -> Pert:
    def standard(mode: float, levels: FloatArray) -> FloatArray:
        return beta_quantile(1 + shape * mode, 1 + shape * (1 - mode), levels)

    low, mode, high = three_points((first, middle, last), standard, 0.0, 1.0)
    return Pert(low=low, mode=mode, high=high, shape=shape)


SHAPE = Parameter(
    name="shape", meaning="weight of the mode (4 if left out)", range=Range(above=0, most=1e9), optional=True
)

FAMILY = Family(
    name="pert",
    meaning="two ends and a most likely value, joined by a smooth bell",
    law=Pert,
    natural=(Form((*THREE_POINTS, SHAPE), _make),),
    examples=(
        {"low": 0.05, "mode": 0.12, "high": 0.35},
        [0, 2, 10],
        {"low": 0, "mode": 1, "high": 4, "shape": 8},
        {"p05": 2, "p50": 5, "p95": 10},
    ),
    positional=("low", "mode", "high"),
    quantiles=_from_quantiles,
    count=3,
    beside=(SHAPE,),
)
