"""The loguniform law."""

import math
from dataclasses import dataclass

import numpy as np

from mcrace.laws.family import POSITIVE, Family, Form, Parameter, Quantile
from mcrace.laws.faults import refusal
from mcrace.laws.law import FloatArray
from mcrace.laws.roots import find_root

__all__ = ["FAMILY", "Loguniform"]


@dataclass(frozen=True, slots=True)
class Loguniform:
    """Loguniform (reciprocal) law: ln x is uniform between ln low and ln high.

    With L = ln(high / low), the mean is (high - low) / L and the mean square (high^2 - low^2) / (2 L).

    Attributes
    ----------
    low, high : float
        Ends, in the unit of the quantity; 0 < low < high.

    References
    ----------
    R. W. Hamming, "On the distribution of numbers", Bell System Technical Journal 49 (1970) 1609-1625.

    Examples
    --------
    >>> import numpy as np
    >>> Loguniform(1.0, 100.0).ppf(np.array([0.25, 0.5])).round(3)
    array([ 3.162, 10.   ])
    """

    low: float
    high: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return np.minimum(self.low * np.exp(self._width * u), self.high)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return np.maximum(self.high * np.exp(-self._width * u), self.low)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        inside = np.clip(x, self.low, self.high)
        return np.clip(np.log1p((inside - self.low) / self.low) / self._width, 0.0, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        inside = np.clip(x, self.low, self.high)
        return np.clip(np.log1p((self.high - inside) / inside) / self._width, 0.0, 1.0)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return self.low, self.high

    @property
    def mean(self) -> float:
        """Expected value."""
        return -self.high * math.expm1(-self._width) / self._width

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * math.sqrt(_squared_variation(self._width / 2))

    @property
    def _width(self) -> float:
        # precise for ends that are close, too
        return float(np.log1p((self.high - self.low) / self.low))


def _make(low: float, high: float) -> Loguniform:
    if not low < high:
        raise refusal("high", high, f"a number above {low:g}, the low end")
    if math.isinf(high / low):
        raise refusal("high", high, "a number at most 1e308 times the low end")
    return Loguniform(low, high)


def _squared_variation(half: float) -> float:
    """Return (sd / mean)^2 = h coth h - 1, h being half the width in ln x."""
    if half > 0.5:
        return half / math.tanh(half) - 1
    # where this cancels, as (cosh h - sinh h / h) / (sinh h / h), both by their series
    square = half * half
    above = math.fsum(2 * n * square**n / math.factorial(2 * n + 1) for n in range(1, 9))
    below = math.fsum(square**n / math.factorial(2 * n + 1) for n in range(9))
    return above / below


def _from_moments(mean: float, sd: float) -> Loguniform:
    target = 2 * math.log(sd / mean)
    log_half = find_root(lambda t: math.log(_squared_variation(math.exp(t))) - target, -30, math.log(350))
    width = 2 * math.exp(log_half)
    high = -mean * width / math.expm1(-width)
    return Loguniform(high * math.exp(-width), high)


def _from_quantiles(first: Quantile, second: Quantile) -> Loguniform:
    width = math.log(second.value / first.value) / (second.level - first.level)
    return Loguniform(
        first.value * math.exp(-width * first.level), second.value * math.exp(width * (1 - second.level))
    )


FAMILY = Family(
    name="loguniform",
    meaning="every order of magnitude between two ends is as likely as any other",
    law=Loguniform,
    natural=(
        Form(
            (
                Parameter(name="low", meaning="lowest value", range=POSITIVE),
                Parameter(name="high", meaning="highest value, above low", range=POSITIVE),
            ),
            _make,
        ),
    ),
    examples=([1e6, 1e9], {"low": 1, "high": 100}, {"mean": 10, "sd": 8}, {"p05": 2, "p95": 50}),
    positional=("low", "high"),
    moments=_from_moments,
    quantiles=_from_quantiles,
    values=POSITIVE,
)
