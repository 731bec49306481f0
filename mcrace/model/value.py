"""Value of a model of a given level to a customer and day: the four curves f."""

import math

from mcrace.compiling.scalars import exp, log
from mcrace.model.types import FloatArray

__all__ = ["CURVES", "hill_value", "log_value", "power_value", "table_value"]

CURVES = ("log", "power", "hill", "table")
"""Names of the curves; the place in the tuple is the curve's code in the compiled model."""


def log_value(level: float, scale: float, reference: float) -> float:
    """Value on the logarithmic curve: max(scale ln(level / reference), 0).

    Parameters
    ----------
    level, reference : float
        Training expense, USD.
    scale : float
        USD per customer and day for each e-fold of training expense.

    Returns
    -------
    float
        USD per customer and day.

    References
    ----------
    jessicata, "How do open AI models affect incentive to race?", LessWrong, 7 May 2024.

    Examples
    --------
    >>> log_value(1e6, 0.4, 1e6)
    0.0
    """
    return max(scale * log(level * (1.0 / reference)), 0.0)


def power_value(level: float, scale: float, reference: float, exponent: float) -> float:
    """Value on the power curve: scale (level / reference)^exponent.

    Parameters
    ----------
    level, reference : float
        Training expense, USD.
    scale : float
        USD per customer and day at the reference level.
    exponent : float
        Elasticity of value in training expense.

    Returns
    -------
    float
        USD per customer and day.

    Examples
    --------
    >>> power_value(4e6, 0.5, 1e6, 0.5)
    1.0
    """
    return scale * exp(exponent * log(level * (1.0 / reference)))


def hill_value(level: float, ceiling: float, half: float, steepness: float) -> float:
    """Value on the saturating curve: ceiling / (1 + (half / level)^steepness).

    Parameters
    ----------
    level, half : float
        Training expense, USD; `half` is worth half of the ceiling.
    ceiling : float
        USD per customer and day.
    steepness : float
        A pure number.

    Returns
    -------
    float
        USD per customer and day.

    References
    ----------
    A. V. Hill, J. Physiol. 40 (1910) iv-vii.

    Examples
    --------
    >>> hill_value(1e8, 6.0, 1e8, 2.0)
    3.0
    """
    # As exp of a logarithm: a steep curve far below its middle is 0 and not an overflow.
    exponent = -(steepness * log(level * (1.0 / half)))
    return ceiling / (1.0 + exp(exponent)) if exponent < 700.0 else 0.0


def table_value(level: float, levels: FloatArray, values: FloatArray) -> float:
    """Value on the curve through given points: monotone cubic in ln(level), flat beyond the ends.

    Parameters
    ----------
    level : float
        Training expense, USD.
    levels : ndarray, shape (points,)
        Training expense of the points, USD, increasing.
    values : ndarray, shape (points,)
        Value at the points, USD per customer and day, increasing.

    Returns
    -------
    float
        USD per customer and day.

    References
    ----------
    F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300-304; end slopes as in
    scipy.interpolate.PchipInterpolator.

    Examples
    --------
    >>> import numpy as np
    >>> table_value(1e7, np.array([1e6, 1e8]), np.array([0.0, 2.0]))
    1.0
    """
    last = levels.size - 1
    if level <= levels[0]:
        return float(values[0])
    if level >= levels[last]:
        return float(values[last])
    left = 0
    while level >= levels[left + 1]:
        left += 1
    width = math.log(levels[left + 1] / levels[left])
    rise = values[left + 1] - values[left]
    slope_left = _slope(left, levels, values)
    slope_right = _slope(left + 1, levels, values)
    s = math.log(level / levels[left]) / width
    # Hermite's cubic, as the left value plus what comes on top.
    return float(
        values[left]
        + rise * s * s * (3.0 - 2.0 * s)
        + width * s * (1.0 - s) * (slope_left * (1.0 - s) - slope_right * s)
    )


def _slope(point: int, levels: FloatArray, values: FloatArray) -> float:
    """Slope at a point, in USD per customer and day for each e-fold: a weighted harmonic mean."""
    last = levels.size - 1
    if last == 0 or levels.size == 2:
        return float((values[1] - values[0]) / math.log(levels[1] / levels[0]))
    if point == 0:
        return _end_slope(0, 1, 2, levels, values)
    if point == last:
        return _end_slope(last, last - 1, last - 2, levels, values)
    before = math.log(levels[point] / levels[point - 1])
    after = math.log(levels[point + 1] / levels[point])
    secant_before = (values[point] - values[point - 1]) / before
    secant_after = (values[point + 1] - values[point]) / after
    weight_before = 2.0 * after + before
    weight_after = after + 2.0 * before
    harmonic = weight_before / secant_before + weight_after / secant_after
    return float((weight_before + weight_after) / harmonic)


def _end_slope(end: int, near: int, far: int, levels: FloatArray, values: FloatArray) -> float:
    """Three-point slope at an end, kept monotone."""
    step = math.log(levels[near] / levels[end])
    next_step = math.log(levels[far] / levels[near])
    secant = (values[near] - values[end]) / step
    next_secant = (values[far] - values[near]) / next_step
    slope = ((2.0 * step + next_step) * secant - step * next_secant) / (step + next_step)
    # Values increase, so every secant is above 0: an end that would turn back stays level.
    return float(max(slope, 0.0))
