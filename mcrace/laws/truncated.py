"""A law that is held within bounds."""

from dataclasses import dataclass

import numpy as np

from mcrace.laws.discrete import Discrete, make_discrete
from mcrace.laws.faults import refusal
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.quadrature import mean_and_sd

__all__ = ["Truncated", "truncate"]

# below this the levels of the law itself would underflow
LEAST_MASS = 1e-150


@dataclass(frozen=True, slots=True)
class Truncated:
    """A continuous law, given that its value lies between two bounds.

    Levels are counted from whichever end of the law is nearer, so that bounds far out in either tail lose no
    precision.

    Attributes
    ----------
    law : Law
        The law before truncation; continuous.
    low, high : float
        Bounds, either of which may be infinite; between them the law has some probability.

    Examples
    --------
    >>> import numpy as np
    >>> from mcrace.laws.normal import Normal
    >>> law = Truncated(Normal(0.0, 1.0), 10.0, np.inf)
    >>> law.ppf(np.array([0.5])).round(4), round(law.mean, 4)
    (array([10.0684]), 10.0981)
    """

    law: Law
    low: float
    high: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        below_low, _, _, above_high, mass = self._masses()
        return self._quantile(below_low + u * mass, above_high + (1 - u) * mass)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        below_low, _, _, above_high, mass = self._masses()
        return self._quantile(below_low + (1 - u) * mass, above_high + u * mass)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        below_low, _, above_low, _, mass = self._masses()
        inside = np.clip(x, self.low, self.high)
        below, above = self.law.cdf(inside), self.law.sf(inside)
        return np.clip(np.where(below <= 0.5, below - below_low, above_low - above) / mass, 0.0, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        _, below_high, _, above_high, mass = self._masses()
        inside = np.clip(x, self.low, self.high)
        below, above = self.law.cdf(inside), self.law.sf(inside)
        return np.clip(np.where(above <= 0.5, above - above_high, below_high - below) / mass, 0.0, 1.0)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        low, high = self.law.support
        return max(low, self.low), min(high, self.high)

    @property
    def mean(self) -> float:
        """Expected value, by quadrature."""
        return mean_and_sd(self)[0]

    @property
    def sd(self) -> float:
        """Standard deviation, by quadrature."""
        return mean_and_sd(self)[1]

    def _masses(self) -> tuple[float, float, float, float, float]:
        """Return P(< low), P(< high), P(> low), P(> high) of the law, and what lies between the bounds."""
        ends = np.array([self.low, self.high])
        below_low, below_high = (float(share) for share in self.law.cdf(ends))
        above_low, above_high = (float(share) for share in self.law.sf(ends))
        mass = above_low - above_high if below_low > 0.5 else below_high - below_low
        return below_low, below_high, above_low, above_high, mass

    def _quantile(self, lower: FloatArray, upper: FloatArray) -> FloatArray:
        nearer_low = lower <= 0.5
        # the side that is not taken is put at the median, where every law has a value
        values = np.where(
            nearer_low,
            self.law.ppf(np.where(nearer_low, lower, 0.5)),
            self.law.isf(np.where(nearer_low, 0.5, upper)),
        )
        return np.clip(values, self.low, self.high)


def truncate(law: Law, low: float, high: float) -> Law:
    """Hold a law within bounds; of a discrete law, drop the values outside.

    Parameters
    ----------
    law : Law
        Any law.
    low, high : float
        Bounds in the unit of its values, low < high; either may be infinite.

    Returns
    -------
    Law
        The same law where all its values lie within the bounds.

    Raises
    ------
    StudyError
        The bounds hold no probability; the fault's path is ``bounds``.

    Examples
    --------
    >>> from mcrace.laws.uniform import Uniform
    >>> truncate(Uniform(0.0, 4.0), 1.0, 9.0).support
    (1.0, 4.0)
    """
    found = f"[{low:g}, {high:g}]"
    if isinstance(law, Discrete):
        pairs = zip(law.values, law.weights, strict=True)
        kept = [(value, weight) for value, weight in pairs if low <= value <= high]
        if not kept:
            raise refusal("bounds", found, "bounds that hold at least one of the values")
        return law if len(kept) == len(law.values) else make_discrete(*zip(*kept, strict=True))
    if low <= law.support[0] and law.support[1] <= high:
        return law
    held = Truncated(law, low, high)
    if not held._masses()[-1] > LEAST_MASS:
        raise refusal(
            "bounds", found, "bounds that hold some of the law's probability; between these there is none"
        )
    return held
