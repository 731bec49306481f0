"""Statistics of draws: what every table of a run tells of them."""

import numpy as np
from numpy.typing import NDArray

from mcrace.nomenclature.statistics import LEVELS, SHORTFALL_LEVEL, STATISTICS

__all__ = ["LEVELS", "SHORTFALL_LEVEL", "STATISTICS", "statistics_of"]


def statistics_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute every statistic of draws.

    Parameters
    ----------
    values : ndarray, shape (output, draw)
        In the output's unit.

    Returns
    -------
    ndarray, shape (output, statistic)
        In the order of `STATISTICS`. Quantiles interpolate linearly between order statistics at the
        plotting positions (i - 1/2) / n (Hazen), so that they are symmetric. The expected shortfall
        is the mean of the lowest 5 %, the draw at the edge counted in part.

    References
    ----------
    R. J. Hyndman and Y. Fan, Am. Stat. 50 (1996) 361-365, definition 5.

    Examples
    --------
    >>> row = statistics_of(np.array([[1.0, 2.0, 3.0, 0.0]]))[0]
    >>> float(row[STATISTICS.index("mean")]), float(row[STATISTICS.index("q0.5")])
    (1.5, 1.5)
    >>> float(row[STATISTICS.index("p_zero")])
    0.25
    """
    ordered = np.sort(values, axis=1)
    count = ordered.shape[1]
    sd = values.std(axis=1, ddof=1) if count > 1 else np.zeros(values.shape[0])
    # What is the same in every draw comes out as itself, without a rounding error.
    constant = ordered[:, 0] == ordered[:, -1]
    columns = [np.where(constant, ordered[:, 0], values.mean(axis=1)), np.where(constant, 0.0, sd)]
    columns += [_hazen_quantile(ordered, level) for level in LEVELS]
    columns += [(values > 0).mean(axis=1), (values == 0).mean(axis=1), (values < 0).mean(axis=1)]
    columns.append(_shortfall(ordered, SHORTFALL_LEVEL))
    return np.stack(columns, axis=1)


def _hazen_quantile(ordered: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    position = np.clip(level * ordered.shape[1] - 0.5, 0.0, ordered.shape[1] - 1.0)
    below = int(position)
    above = min(below + 1, ordered.shape[1] - 1)
    low, high = ordered[:, below], ordered[:, above]
    # Equal neighbours first: an atom comes out as itself, without a rounding error.
    return np.where(low == high, low, low + (position - below) * (high - low))


def _shortfall(ordered: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    size = level * ordered.shape[1]
    whole = int(size)
    total = ordered[:, :whole].sum(axis=1)
    if whole < ordered.shape[1]:
        total = total + (size - whole) * ordered[:, whole]
    edge = ordered[:, min(whole, ordered.shape[1] - 1)]
    return np.where(ordered[:, 0] == edge, edge, total / size)
