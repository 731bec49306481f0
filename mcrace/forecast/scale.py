"""The scale of a question: values to places in its range and back."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.errors import Fault, StudyError
from mcrace.study.question import Question

__all__ = ["locations", "range_of", "values_at"]

FloatArray = NDArray[np.float64]


def range_of(question: Question) -> tuple[float, float]:
    """Give the range of a question that must have one.

    Parameters
    ----------
    question : Question
        Any.

    Returns
    -------
    tuple of float
        Low and high, in the question's unit.

    Raises
    ------
    StudyError
        If none is declared.

    Examples
    --------
    >>> range_of(Question(platform="metaculus", variable="lag", low=0.0, high=60.0))
    (0.0, 60.0)
    """
    if question.low is None or question.high is None:
        raise StudyError([Fault(path="range", found="nothing", expected="[low, high] of the question")])
    return question.low, question.high


def values_at(locations: ArrayLike, question: Question) -> FloatArray:
    """Turn places in a question's range into values.

    Parameters
    ----------
    locations : array_like
        0 at the low end, 1 at the high end.
    question : Question
        With a range; the scale is logarithmic if it has a zero point.

    Returns
    -------
    ndarray
        In the question's unit: low + (high - low) u, or low + (high - low) (r^u - 1) / (r - 1) with
        r = (high - zero) / (low - zero).

    References
    ----------
    Metaculus, the CDF section of the API's description.

    Examples
    --------
    >>> decades = Question(platform="metaculus", variable="x", low=1.0, high=100.0, zero_point=0.0)
    >>> values_at([0, 0.5, 1], decades).round(9)
    array([  1.,  10., 100.])
    """
    u = np.asarray(locations, dtype=np.float64)
    low, high = range_of(question)
    if question.zero_point is None:
        return low + (high - low) * u
    ratio = np.log(high - question.zero_point) - np.log(low - question.zero_point)
    return np.asarray(low + (high - low) * np.expm1(ratio * u) / np.expm1(ratio))


def locations(values: ArrayLike, question: Question) -> FloatArray:
    """Turn values into places in a question's range, the inverse of `values_at`.

    Parameters
    ----------
    values : array_like
        In the question's unit, any of them infinite.
    question : Question
        With a range.

    Returns
    -------
    ndarray
        Below 0 and above 1 outside of the range; minus infinity at and below a zero point.

    Examples
    --------
    >>> decades = Question(platform="metaculus", variable="x", low=1.0, high=100.0, zero_point=0.0)
    >>> locations([0, 1, 10, float("inf")], decades).round(9)
    array([-inf,  0. ,  0.5,  inf])
    """
    x = np.asarray(values, dtype=np.float64)
    low, high = range_of(question)
    if question.zero_point is None:
        return (x - low) / (high - low)
    above = np.maximum(x - question.zero_point, 0.0)
    with np.errstate(divide="ignore"):
        ratio = np.log(high - question.zero_point) - np.log(low - question.zero_point)
        return np.asarray((np.log(above) - np.log(low - question.zero_point)) / ratio)
