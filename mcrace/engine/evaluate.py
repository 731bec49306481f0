"""A scenario's outputs from the values of its inputs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault, ModelError
from mcrace.model import incentive
from mcrace.nomenclature import OUTPUTS
from mcrace.study import Scenario, Study
from mcrace.study.expressions import Expression, evaluate_expression
from mcrace.study.structure import chosen, is_choice
from mcrace.study.terms import InputName

__all__ = ["model_of", "output_names", "outputs_of", "scenario_outputs", "these"]

FloatArray = NDArray[np.float64]


def output_names(study: Study) -> tuple[str, ...]:
    """List what each draw yields: the model's outputs, then the study's quantities."""
    return (*OUTPUTS, *(quantity.name for quantity in study.quantities))


def scenario_outputs(
    study: Study,
    scenario: Scenario,
    values: Mapping[str, FloatArray | float],
    count: int,
    room: FloatArray | None = None,
) -> FloatArray:
    """Evaluate a scenario: its model's outputs, then the study's quantities.

    Parameters
    ----------
    study, scenario : Study, Scenario
        What to evaluate.
    values : Mapping of str to float or ndarray, shape (count,)
        Value of each input.
    count : int
        Number of draws.
    room : ndarray, shape (output, count), optional
        Takes the result.

    Returns
    -------
    ndarray, shape (output, count)
        In the order of `output_names`.

    Raises
    ------
    ModelError
        If a draw leaves the model's range.
    """
    outputs = outputs_of(scenario.model, values, count)
    rows = np.empty((len(outputs) + len(study.quantities), count)) if room is None else room
    quantities = _quantities(study, {**outputs, **values}, count)
    for row, found in zip(rows, chain(outputs.values(), quantities), strict=True):
        row[:] = found
    return rows


def outputs_of(
    model: Mapping[str, Any],
    values: Mapping[str, FloatArray | float],
    count: int,
    evaluate: Callable[[Mapping[str, Any]], Mapping[str, FloatArray]] = incentive,
) -> dict[str, FloatArray]:
    """Evaluate a scenario's model, each draw with the alternatives that it has.

    Parameters
    ----------
    model : Mapping
        A scenario's model.
    values : Mapping of str to float or ndarray, shape (count,)
        Value of each input.
    count : int
        Number of draws.
    evaluate : callable
        `mcrace.incentive`, or what does the same.

    Returns
    -------
    dict of str to ndarray, shape (count,)
        The model's outputs. A draw's do not hang on which other draws there are.

    Raises
    ------
    ModelError
        If a draw leaves the model's range; paths as in the study.
    """
    sections = [name for name, section in model.items() if is_choice(section)]
    if not sections:
        return dict(_faults_placed(model, values, {}, evaluate))
    outputs = {name: np.empty(count) for name in OUTPUTS}
    for picks, draws in _alternatives(model, sections, values, count):
        found = _faults_placed(model, these(values, draws), picks, evaluate)
        for name, row in outputs.items():
            row[draws] = found[name]
    return outputs


def model_of(model: Any, values: Mapping[str, FloatArray | float]) -> Any:  # noqa: ANN401 - nested
    """Put the values of inputs and expressions into a scenario's model.

    Parameters
    ----------
    model : Mapping
        A scenario's model, or a part of it.
    values : Mapping of str to float or ndarray
        Value of each input.

    Returns
    -------
    Mapping
        What `mcrace.incentive` takes.
    """
    if isinstance(model, InputName):
        return values[model.name]
    if isinstance(model, Expression):
        return evaluate_expression(model, values)
    if isinstance(model, Mapping):
        return {name: model_of(item, values) for name, item in model.items()}
    if isinstance(model, list):
        return [model_of(item, values) for item in model]
    return model


def these(
    values: Mapping[str, FloatArray | float], draws: NDArray[np.int64] | slice
) -> dict[str, FloatArray | float]:
    """Pick the values of some draws; a number stands for all draws.

    Parameters
    ----------
    values : Mapping of str to float or ndarray, shape (count,)
        Value of each input.
    draws : ndarray of int or slice
        Which draws.

    Returns
    -------
    dict of str to float or ndarray
        Their values.
    """
    return {
        name: value[draws] if isinstance(value, np.ndarray) and value.ndim > 0 else value
        for name, value in values.items()
    }


def _faults_placed(
    model: Mapping[str, Any],
    values: Mapping[str, FloatArray | float],
    picks: Mapping[str, int],
    evaluate: Callable[[Mapping[str, Any]], Mapping[str, FloatArray]],
) -> Mapping[str, FloatArray]:
    """Evaluate a model with its alternatives chosen; faults name their paths in the study."""
    try:
        return evaluate(model_of(chosen(model, picks), values))
    except ModelError as error:
        faults = (replace(fault, path=_path(fault.path, picks)) for fault in error.faults)
        raise ModelError(faults) from None


def _alternatives(
    model: Mapping[str, Any], sections: list[str], values: Mapping[str, FloatArray | float], count: int
) -> Iterator[tuple[dict[str, int], NDArray[np.int64]]]:
    """Split draws by the alternatives that they have."""
    rows = [np.broadcast_to(values[model[name]["choice"].name], count).astype(np.int64) for name in sections]
    for picks in np.unique(np.stack(rows), axis=1).T:
        met = np.all([row == pick for row, pick in zip(rows, picks, strict=True)], axis=0)
        yield {name: int(pick) for name, pick in zip(sections, picks, strict=True)}, np.flatnonzero(met)


def _path(path: str, picks: Mapping[str, int]) -> str:
    """Path of the model's key in the study."""
    section, _, rest = path.partition(".")
    inside = f"{section}.one_of.{picks[section]}.is.{rest}" if section in picks else path
    return f"model.{inside}"


def _quantities(study: Study, values: Mapping[str, FloatArray | float], count: int) -> Iterator[FloatArray]:
    for quantity in study.quantities:
        row = np.broadcast_to(evaluate_expression(quantity.expression, values), count)
        finite = np.isfinite(row)
        if not finite.all():
            found = f"{float(row[np.argmin(finite)])!r} in {int((~finite).sum())} of {count} draws"
            expected = "a finite number; min(day, 1e4) holds a day that may be never"
            fault = Fault(path=f"quantities.{quantity.name}", found=found, expected=expected)
            raise ModelError([fault])
        yield row
