"""The nearest distribution whose steps are neither too small nor too large."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest_cdf"]

FloatArray = NDArray[np.float64]


def nearest_cdf(
    target: FloatArray, *, least: float, most: float, first: tuple[float, float], last: tuple[float, float]
) -> FloatArray:
    """Project a distribution function onto those with bounded steps and bounded ends.

    Parameters
    ----------
    target : ndarray, shape (point,)
        The distribution function wanted, at the ends of cells.
    least, most : float
        Bounds of each step.
    first, last : tuple of float
        Bounds of the first and of the last value. Some distribution function must meet all of them.

    Returns
    -------
    ndarray, shape (point,)
        The one with the least sum of squared differences; there is just one.

    Notes
    -----
    With F_i wanted, minimise sum (G_i - F_i)^2 over least <= G_i - G_{i-1} <= most. The cost of the best
    start that ends in G_i = x is convex in x, and its derivative is piecewise linear: going on by one step
    moves what lies left of its zero by `least`, what lies right by `most`, and adds 2 (x - F_i). The zeros
    then give the answer from its end. The sum is the Cramér distance, which is what a forecast
    with G loses in expected CRPS to one with F.

    References
    ----------
    Agarwal, Phillips, Sadri, "Lipschitz unimodal and isotonic regression on paths and trees", LATIN 2010.

    Examples
    --------
    >>> nearest_cdf(np.array([0, 0, 1, 1.0]), least=0.1, most=0.5, first=(0, 0), last=(1, 1))
    array([0.  , 0.25, 0.75, 1.  ])
    """
    places = np.array(first, dtype=np.float64)
    slopes = 2.0 * (places - target[0])
    zeros = np.empty(len(target))
    for point, wanted in enumerate(target):
        if point > 0:
            places, slopes = _stepped(places, slopes, zeros[point - 1], least, most)
            slopes = slopes + 2.0 * (places - wanted)
        zeros[point] = _zero(places, slopes)
    found = np.empty(len(target))
    found[-1] = np.clip(zeros[-1], max(last[0], places[0]), min(last[1], places[-1]))
    for point in range(len(target) - 1, 0, -1):
        found[point - 1] = np.clip(zeros[point - 1], found[point] - most, found[point] - least)
    return found


def _stepped(
    places: FloatArray, slopes: FloatArray, zero: float, least: float, most: float
) -> tuple[FloatArray, FloatArray]:
    """Give the derivative of the least cost of coming here from there, at its corners."""
    cut = int(np.searchsorted(slopes, 0.0))
    flat = (zero + least, zero + most)
    return (
        np.concatenate([places[:cut] + least, flat, places[cut:] + most]),
        np.concatenate([slopes[:cut], (0.0, 0.0), slopes[cut:]]),
    )


def _zero(places: FloatArray, slopes: FloatArray) -> float:
    """Where an increasing derivative crosses 0, or the end that is nearest to it."""
    cut = int(np.searchsorted(slopes, 0.0))
    if cut == 0:
        return float(places[0])
    if cut == len(places):
        return float(places[-1])
    share = -slopes[cut - 1] / (slopes[cut] - slopes[cut - 1])
    return float(places[cut - 1] + share * (places[cut] - places[cut - 1]))
