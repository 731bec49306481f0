"""What every probability law offers."""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Law"]

FloatArray: TypeAlias = NDArray[np.float64]


class Law(Protocol):
    """A probability law of one real number, in the unit of the quantity that it describes.

    The four functions work element by element on float64 arrays of any shape. Levels lie in the open
    interval (0, 1). ``ppf`` is the plain inverse of ``cdf``: one uniform number makes one value, and a
    larger one never a smaller value, so that every design of the unit cube combines with every law.
    """

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`: the smallest x with cdf(x) >= u."""
        ...

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`, precise for small `u` too."""
        ...

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        ...

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`, precise where it is small."""
        ...

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        ...

    @property
    def mean(self) -> float:
        """Expected value; infinite where values so large occur."""
        ...

    @property
    def sd(self) -> float:
        """Standard deviation; NaN where the mean is infinite."""
        ...
