"""A law that is held within bounds."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeGuard

import numpy as np

from mcrace.laws.blend import Blend
from mcrace.laws.discrete import Discrete, make_discrete
from mcrace.laws.empirical import Empirical
from mcrace.laws.faults import refusal
from mcrace.laws.inverse import Exact, fast_isf, fast_ppf
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.mixture import Mixture, held_parts
from mcrace.laws.quadrature import mean_and_sd, mean_of
from mcrace.laws.steps import is_whole, step_isf, step_moments, step_ppf

__all__ = ["Truncated", "truncate"]

# below this the levels of the law itself would underflow
LEAST_MASS = 1e-150


@dataclass(frozen=True, slots=True)
class Truncated:
    """A law, continuous or on whole numbers, given that its value lies between two bounds.

    Levels are counted from whichever end of the law is nearer, so that bounds far out in either tail lose no
    precision.

    Attributes
    ----------
    law : Law
        The law before truncation.
    low, high : float
        Bounds, either of which may be infinite; between them the law has some probability. Whole numbers for
        a law on whole numbers.

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
        if self.whole:
            return step_ppf(self, u)
        return fast_ppf(self, u) if _is_slow(self.law) else self.exact_ppf(u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        if self.whole:
            return step_isf(self, u)
        return fast_isf(self, u) if _is_slow(self.law) else self.exact_isf(u)

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`, slowly if the law itself is slow."""
        below_low, _, _, above_high, mass = _masses(self)
        return self._quantile(below_low + u * mass, above_high + (1 - u) * mass)

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, slowly if the law itself is slow."""
        below_low, _, _, above_high, mass = _masses(self)
        return self._quantile(below_low + (1 - u) * mass, above_high + u * mass)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        below_low, _, above_low, _, mass = _masses(self)
        inside = np.clip(x, *self._ends)
        below, above = self.law.cdf(inside), self.law.sf(inside)
        return np.clip(np.where(below <= 0.5, below - below_low, above_low - above) / mass, 0.0, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        _, below_high, _, above_high, mass = _masses(self)
        inside = np.clip(x, *self._ends)
        below, above = self.law.cdf(inside), self.law.sf(inside)
        return np.clip(np.where(above <= 0.5, above - above_high, below_high - below) / mass, 0.0, 1.0)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        low, high = self.law.support
        return max(low, self.low), min(high, self.high)

    @property
    def mean(self) -> float:
        """Expected value, by quadrature or summation."""
        return step_moments(self)[0] if self.whole else mean_of(self)

    @property
    def sd(self) -> float:
        """Standard deviation, by quadrature or summation."""
        return step_moments(self)[1] if self.whole else mean_and_sd(self)[1]

    @property
    def whole(self) -> bool:
        """Whether only whole numbers occur."""
        return is_whole(self.law)

    @property
    def _ends(self) -> tuple[float, float]:
        """Where probability is cut off: between whole numbers if only these occur."""
        return (self.low - 0.5, self.high + 0.5) if self.whole else (self.low, self.high)

    def _quantile(self, lower: FloatArray, upper: FloatArray) -> FloatArray:
        law = self.law
        ppf, isf = (law.exact_ppf, law.exact_isf) if _is_slow(law) else (law.ppf, law.isf)
        nearer_low = lower <= 0.5
        values = np.empty(np.shape(lower))
        values[nearer_low], values[~nearer_low] = ppf(lower[nearer_low]), isf(upper[~nearer_low])
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
    if isinstance(law, Empirical):
        return law.within(low, high)
    if isinstance(law, Blend | Mixture):
        return held_parts(law, low, high, truncate)
    if isinstance(law, Discrete):
        pairs = zip(law.values, law.weights, strict=True)
        kept = [(value, weight) for value, weight in pairs if low <= value <= high]
        if not kept:
            raise refusal("bounds", found, "bounds that hold at least one of the values")
        return law if len(kept) == len(law.values) else make_discrete(*zip(*kept, strict=True))
    if is_whole(law):
        low, high = float(np.ceil(low)), float(np.floor(high))
    if low <= law.support[0] and law.support[1] <= high:
        return law
    if isinstance(law, Truncated):
        return truncate(law.law, max(low, law.low), min(high, law.high))
    held = Truncated(law, low, high)
    if not low <= high or not _masses(held)[-1] > LEAST_MASS:
        raise refusal(
            "bounds", found, "bounds that hold some of the law's probability; between these there is none"
        )
    return held


def _is_slow(law: Law) -> TypeGuard[Exact]:
    """Tell whether a law's own quantiles are looked up in place of being computed."""
    return hasattr(law, "exact_ppf")


@lru_cache(maxsize=256)
def _masses(held: Truncated) -> tuple[float, float, float, float, float]:
    """Return P(< low), P(< high), P(> low), P(> high) of the law, and what lies between the bounds."""
    ends = np.array(held._ends)
    below_low, below_high = (float(share) for share in held.law.cdf(ends))
    above_low, above_high = (float(share) for share in held.law.sf(ends))
    mass = above_low - above_high if below_low > 0.5 else below_high - below_low
    return below_low, below_high, above_low, above_high, mass
