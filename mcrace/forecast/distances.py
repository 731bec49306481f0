"""How far a posted distribution is from the draws, on a question's range."""

import numpy as np
from numpy.typing import NDArray

from mcrace.forecast.scale import locations
from mcrace.study.question import Question

__all__ = ["distances"]

FloatArray = NDArray[np.float64]


def distances(
    draws: FloatArray, shares: FloatArray, posted: FloatArray, question: Question
) -> tuple[float, float]:
    """Measure the Kolmogorov and Wasserstein distances between draws and a posted distribution.

    Parameters
    ----------
    draws : ndarray, shape (draw,)
        Sorted, in the question's unit.
    shares : ndarray, shape (point,)
        Distribution function of the draws at the ends of the question's cells.
    posted : ndarray, shape (point,)
        That which is posted; between the points it is straight on the question's scale. (The cell of a
        discrete question is one outcome, and only the points count.)
    question : Question
        With a range.

    Returns
    -------
    tuple of float
        Largest difference in the range, and area between the two as a share of the range on the question's
        scale. What lies outside of the range counts as lying at its ends.

    Examples
    --------
    >>> question = Question(platform="metaculus", variable="x", low=0.0, high=1.0)
    >>> distances(np.array([0.5]), np.array([0.0, 1.0]), np.array([0.0, 1.0]), question)
    (0.5, 0.25)
    """
    at_points = np.abs(shares - posted)
    if question.kind == "discrete":
        return float(at_points.max()), float(at_points.sum() / (len(posted) - 1))
    grid = np.arange(len(posted)) / (len(posted) - 1)
    places = locations(draws, question)
    inner = places[(places > 0) & (places < 1)]
    knots = np.unique(np.concatenate([inner, grid]))
    line = np.interp(knots, grid, posted)
    # Of each stretch between knots the share of draws is constant: that at its left end.
    level = np.searchsorted(places, knots[:-1], side="right") / draws.size
    left, right = level - line[:-1], level - line[1:]
    furthest = max(float(at_points.max()), float(np.abs(left).max()), float(np.abs(right).max()))
    return furthest, float((np.diff(knots) * _mean_height(left, right)).sum())


def _mean_height(left: FloatArray, right: FloatArray) -> FloatArray:
    """Mean of the absolute value of straight lines between two heights."""
    total = np.abs(left) + np.abs(right)
    crossing = left * right < 0
    squares = np.divide(left**2 + right**2, 2 * total, out=np.zeros_like(total), where=crossing)
    return np.where(crossing, squares, total / 2)
