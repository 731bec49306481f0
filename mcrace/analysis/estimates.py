"""Numbers of an analysis, each with the standard error that independent replicates give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

__all__ = ["Estimates", "jackknifed", "over_replicates"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates:
    """Estimates of any shape, with their errors.

    Attributes
    ----------
    value : ndarray
        In the unit of what is estimated.
    standard_error : ndarray
        Of the same shape and unit; NaN where none can be had.
    replicates : int
        Independent replicates behind the errors.
    """

    value: FloatArray
    standard_error: FloatArray
    replicates: int

    def interval(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Bound the values by Student's t with replicates - 1 degrees of freedom."""
        half = stdtrit(self.replicates - 1, (1 + level) / 2) * self.standard_error
        return self.value - half, self.value + half


def over_replicates(values: FloatArray, pooled: FloatArray | None = None) -> Estimates:
    """Estimate by the mean over replicates, or by `pooled`; the error is the scatter's.

    Parameters
    ----------
    values : ndarray, shape (replicate, ...)
        The estimate of each replicate alone.
    pooled : ndarray, shape (...), optional
        Of all replicates together.

    Returns
    -------
    Estimates
        Of shape (...).

    Examples
    --------
    >>> found = over_replicates(np.array([1.0, 2.0, 3.0]))
    >>> float(found.value), round(float(found.standard_error), 4)
    (2.0, 0.5774)
    """
    replicates = len(values)
    alone = replicates < 2
    error = np.full(values.shape[1:], np.nan) if alone else values.std(axis=0, ddof=1) / np.sqrt(replicates)
    value = values.mean(axis=0) if pooled is None else pooled
    return Estimates(
        value=np.asarray(value, dtype=np.float64), standard_error=np.asarray(error), replicates=replicates
    )


def jackknifed(without: FloatArray, pooled: FloatArray) -> Estimates:
    """Estimate by `pooled`, with the error from leaving out one replicate after the other.

    For what is no mean of the replicates' own estimates, such as a ratio of sums.

    Parameters
    ----------
    without : ndarray, shape (replicate, ...)
        The estimate from all replicates but one.
    pooled : ndarray, shape (...)
        From all.

    Returns
    -------
    Estimates
        Of shape (...).

    References
    ----------
    B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans (1982), ch. 3.

    Examples
    --------
    >>> found = jackknifed(np.array([2.5, 2.0, 1.5]), np.array(2.0))
    >>> round(float(found.standard_error), 4)
    0.5774
    """
    replicates = len(without)
    error = np.sqrt((replicates - 1) * without.var(axis=0)) if replicates > 1 else np.nan * pooled
    return Estimates(value=np.asarray(pooled), standard_error=np.asarray(error), replicates=replicates)
