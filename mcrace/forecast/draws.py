"""The draws that answer a question, and estimates from draws with their errors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.study.question import Question

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["checked_values", "draws_of", "quantile_errors", "question_draws"]

FloatArray = NDArray[np.float64]

_LEAST_REPLICATES = 2


def question_draws(result: "Result", question: Question) -> FloatArray:
    """Take the draws that answer a question out of a run.

    Parameters
    ----------
    result : Result
        A finished run.
    question : Question
        Names the scenario and the variable.

    Returns
    -------
    ndarray, shape (draw,)
        In the question's unit: factor * variable + offset; infinite where the variable is, which means never.

    Raises
    ------
    StudyError
        If there is no such scenario or variable, or the scenario lacks it.
    """
    return question.factor * draws_of(result, question.variable, question.scenario) + question.offset


def draws_of(result: "Result", variable: str, scenario: str = "base") -> FloatArray:
    """Take the kept draws of one variable out of a run.

    Parameters
    ----------
    result : Result
        A finished run.
    variable : str
        Output, input or quantity.
    scenario : str
        Name of a scenario.

    Returns
    -------
    ndarray, shape (draw,)
        In the variable's unit, replicate after replicate.

    Raises
    ------
    StudyError
        If there is no such scenario or variable, or the scenario lacks it.
    """
    scenarios = [each.name for each in result.study.scenarios]
    variables = [name for name in result.draws.columns if name not in ("scenario", "draw")]
    faults = [
        Fault(
            path=path,
            found=repr(name),
            expected="one of " + ", ".join(known),
            nearest=nearest_name(name, known),
        )
        for path, name, known in (("scenario", scenario, scenarios), ("variable", variable, variables))
        if name not in known
    ]
    if faults:
        raise StudyError(faults)
    table = result.draws[result.draws["scenario"] == scenario]
    return checked_values(table[variable].to_numpy(dtype=np.float64), f"{variable} in {scenario}")


def checked_values(values: ArrayLike, name: str = "values") -> FloatArray:
    """Hold draws against what a forecast can be made of.

    Parameters
    ----------
    values : array_like
        Draws of equal weight, any of them infinite.
    name : str
        For messages.

    Returns
    -------
    ndarray, shape (draw,)
        The same as floats.

    Raises
    ------
    StudyError
        If there are none, they are not one-dimensional, or one is no number.

    Examples
    --------
    >>> checked_values([1, float("inf")])
    array([ 1., inf])
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        found = f"an array of shape {array.shape}"
        raise StudyError([Fault(path=name, found=found, expected="at least one draw, in one dimension")])
    missing = int(np.isnan(array).sum())
    if missing:
        found = f"{missing} of {array.size} draws without a number"
        raise StudyError([Fault(path=name, found=found, expected="a number in every draw")])
    return array


def quantile_errors(
    values: ArrayLike, levels: Sequence[float], replicates: int
) -> tuple[FloatArray, FloatArray]:
    """Estimate quantiles, and their standard errors from the scatter of the replicates.

    Parameters
    ----------
    values : array_like, shape (draw,)
        Replicate after replicate, any of them infinite.
    levels : sequence of float
        In [0, 1].
    replicates : int
        Number of independent parts of equal size.

    Returns
    -------
    tuple of ndarray, each of shape (level,)
        Quantiles, each the smallest draw that at least that share of draws does not exceed, and their
        standard errors; NaN where there is one replicate alone, the parts are unequal, a part has no
        finite quantile, or all parts have the same one though the draws differ.

    Examples
    --------
    >>> quantile_errors([1, 2, 3, 4, 2, 3, 4, 5], [0.5], 2)
    (array([3.]), array([0.5]))
    """
    array = checked_values(values)
    found = _quantiles(array, levels)
    if replicates < _LEAST_REPLICATES or array.size % replicates:
        return found, np.full(len(levels), np.nan)
    parts = np.stack([_quantiles(part, levels) for part in array.reshape(replicates, -1)])
    with np.errstate(invalid="ignore"):
        errors = parts.std(axis=0, ddof=1) / np.sqrt(replicates)
    told = np.isfinite(found) & ((errors > 0) | (array.min() == array.max()))
    return found, np.where(told, errors, np.nan)


def _quantiles(values: FloatArray, levels: Sequence[float]) -> FloatArray:
    return np.asarray(np.quantile(values, levels, method="inverted_cdf"), dtype=np.float64)
