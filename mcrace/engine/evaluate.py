"""A scenario's outputs from the values of its inputs."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault, ModelError
from mcrace.model import ModelPlan, Slot, incentive, plan_model, run_plan
from mcrace.nomenclature import OUTPUTS
from mcrace.study import Scenario, Study
from mcrace.study.expressions import Expression, evaluate_expression
from mcrace.study.structure import chosen, is_choice
from mcrace.study.terms import InputName

__all__ = ["ReadyScenario", "model_of", "output_names", "outputs_of", "scenario_outputs", "these"]

FloatArray = NDArray[np.float64]


def output_names(study: Study) -> tuple[str, ...]:
    """List what each draw yields: the model's outputs, then the study's quantities."""
    return (*OUTPUTS, *(quantity.name for quantity in study.quantities))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadyScenario:
    """A scenario whose model is read once and evaluated block after block.

    Attributes
    ----------
    study, scenario : Study, Scenario
        What to evaluate.
    plans : dict
        By the alternatives of its uncertain sections: the model's plan, and what fills its slots. Filled as
        they are met.
    """

    study: Study
    scenario: Scenario
    plans: dict[tuple[int, ...], tuple[ModelPlan, tuple[InputName | Expression, ...]]] = field(
        default_factory=dict
    )


def scenario_outputs(
    ready: ReadyScenario,
    values: Mapping[str, FloatArray | float],
    count: int,
    known: dict[Hashable, FloatArray] | None = None,
) -> list[FloatArray]:
    """Evaluate a scenario: its model's outputs, then the study's quantities.

    Parameters
    ----------
    ready : ReadyScenario
        What to evaluate.
    values : Mapping of str to float or ndarray, shape (count,)
        Value of each input; of one form, number or array, in all calls.
    count : int
        Number of draws.
    known : dict, optional
        What expressions of the model gave, for scenarios that are evaluated on the same arrays, which must
        live as long: looked up, and added to.

    Returns
    -------
    list of ndarray, shape (count,)
        In the order of `output_names`, not to be written on: those that are equal by the model's form are one
        array, and those that no draw changes hold one number (stride 0).

    Raises
    ------
    ModelError
        If a draw leaves the model's range.
    """
    outputs = _planned_outputs(ready, values, count, {} if known is None else known)
    quantities = _quantities(ready.study, {**outputs, **values}, count)
    return [*outputs.values(), *quantities]


def _planned_outputs(
    ready: ReadyScenario,
    values: Mapping[str, FloatArray | float],
    count: int,
    known: dict[Hashable, FloatArray],
) -> dict[str, FloatArray]:
    model = ready.scenario.model

    def evaluate(some: Mapping[str, FloatArray | float], picks: Mapping[str, int]) -> dict[str, FloatArray]:
        size = next((len(value) for value in some.values() if isinstance(value, np.ndarray)), count)
        place = tuple(picks.values())
        if place not in ready.plans:
            ready.plans[place] = _plan(chosen(model, picks), values)
        plan, terms = ready.plans[place]
        # Parts of arrays come and go, and another may stand where one stood.
        shared = known if some is values else {}
        return dict(run_plan(plan, [_column(term, some, size, shared) for term in terms], size))

    return _by_alternatives(model, values, count, evaluate)


def _column(
    term: InputName | Expression,
    values: Mapping[str, FloatArray | float],
    size: int,
    known: dict[Hashable, FloatArray],
) -> FloatArray:
    """Value of a term on each draw: looked up where it has been computed from the same arrays."""
    if isinstance(term, InputName):
        return _full(values[term.name], size)
    given = [values[name] for name in term.names]
    key = (term, *((id(value),) if isinstance(value, np.ndarray) else repr(value) for value in given))
    if key not in known:
        known[key] = _full(evaluate_expression(term, values), size)
    return known[key]


def _full(value: FloatArray | float, size: int) -> FloatArray:
    if isinstance(value, np.ndarray) and value.shape == (size,):
        return value
    return np.broadcast_to(np.asarray(value, dtype=np.float64), size)


def _plan(
    model: Mapping[str, Any], values: Mapping[str, FloatArray | float]
) -> tuple[ModelPlan, tuple[InputName | Expression, ...]]:
    """Put slots into a model where its numbers vary, and the numbers where they do not."""
    fixed = {name: value for name, value in values.items() if not isinstance(value, np.ndarray)}
    terms: dict[InputName | Expression, Slot] = {}

    def filled(part: Any) -> Any:  # noqa: ANN401 - nested
        if isinstance(part, InputName | Expression):
            names = (part.name,) if isinstance(part, InputName) else part.names
            if all(name in fixed for name in names):
                return model_of(part, fixed)
            return terms.setdefault(part, Slot(len(terms)))
        if isinstance(part, Mapping):
            return {name: filled(item) for name, item in part.items()}
        return [filled(item) for item in part] if isinstance(part, list) else part

    return plan_model(filled(model)), tuple(terms)


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

    def one(some: Mapping[str, FloatArray | float], picks: Mapping[str, int]) -> dict[str, FloatArray]:
        return dict(evaluate(model_of(chosen(model, picks), some)))

    return _by_alternatives(model, values, count, one)


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


def _by_alternatives(
    model: Mapping[str, Any],
    values: Mapping[str, FloatArray | float],
    count: int,
    evaluate: Callable[[Mapping[str, FloatArray | float], Mapping[str, int]], dict[str, FloatArray]],
) -> dict[str, FloatArray]:
    """Evaluate each draw with the alternatives that it has; faults name their paths in the study."""
    sections = [name for name, section in model.items() if is_choice(section)]
    if not sections:
        with _faults_placed({}):
            return evaluate(values, {})
    outputs = {name: np.empty(count) for name in OUTPUTS}
    for picks, draws in _alternatives(model, sections, values, count):
        with _faults_placed(picks):
            found = evaluate(these(values, draws), picks)
        for name, row in outputs.items():
            row[draws] = found[name]
    return outputs


@contextmanager
def _faults_placed(picks: Mapping[str, int]) -> Iterator[None]:
    try:
        yield
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
        row = _full(evaluate_expression(quantity.expression, values), count)
        finite = np.isfinite(row)
        if not finite.all():
            found = f"{float(row[np.argmin(finite)])!r} in {int((~finite).sum())} of {count} draws"
            expected = "a finite number; min(day, 1e4) holds a day that may be never"
            fault = Fault(path=f"quantities.{quantity.name}", found=found, expected=expected)
            raise ModelError([fault])
        yield row
