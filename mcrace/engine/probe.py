"""Running the model again, for analyses: on kept draws with something changed, or at points of their own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.evaluate import ReadyScenario, output_names, scenario_outputs
from mcrace.study.expressions import multiple_of
from mcrace.study.terms import InputName

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study import Scenario, Study

__all__ = ["BaseDraws", "base_draws", "evaluated", "scaled", "uniform_evaluator", "with_number"]

FloatArray = NDArray[np.float64]

_CHUNK = 8_192
"""Draws that one call of the model takes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BaseDraws:
    """Kept draws of the base scenario.

    Attributes
    ----------
    study : Study
        What was run.
    names : tuple of str
        Inputs that vary.
    inputs : ndarray, shape (replicate, point, input)
        In each input's unit.
    values : Mapping of str to float or ndarray, shape (draw,)
        Every input, as the model takes it; the draws go through the replicates one after the other.
    outputs : Mapping of str to ndarray, shape (replicate, point)
        In each output's unit.
    """

    study: "Study"
    names: tuple[str, ...]
    inputs: FloatArray
    values: Mapping[str, FloatArray | float]
    outputs: Mapping[str, FloatArray]

    @property
    def shape(self) -> tuple[int, int]:
        """Replicates, and points of each."""
        return self.inputs.shape[0], self.inputs.shape[1]

    def only(self, names: Collection[str]) -> "BaseDraws":
        """Leave of the inputs those that are named; the model still gets them all."""
        places = [place for place, name in enumerate(self.names) if name in names]
        return replace(
            self, names=tuple(self.names[place] for place in places), inputs=self.inputs[..., places]
        )

    def first(self, points: int) -> "BaseDraws":
        """Leave of each replicate its first `points`, a net of its own if they are a power of two."""
        replicates, held = self.shape
        points = min(points, held)
        short = {
            name: value.reshape(replicates, held)[:, :points].ravel()
            if isinstance(value, np.ndarray)
            else value
            for name, value in self.values.items()
        }
        return replace(
            self,
            inputs=self.inputs[:, :points],
            values=short,
            outputs={name: row[:, :points] for name, row in self.outputs.items()},
        )


def base_draws(result: "Result") -> BaseDraws:
    """Take the kept draws of base out of a run's table.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    BaseDraws
        Arrays, by replicate.
    """
    study = result.study
    table = result.draws[result.draws["scenario"] == study.base.name]
    replicates = result.statistics.replicates
    points = len(table) // replicates

    def column(name: str) -> FloatArray:
        return np.ascontiguousarray(table[name].to_numpy(dtype=np.float64)).reshape(replicates, points)

    varying = [item for item in study.inputs if not isinstance(item.law, float)]
    values: dict[str, FloatArray | float] = {
        item.name: item.law if isinstance(item.law, float) else column(item.name).ravel()
        for item in study.inputs
    }
    inputs = [column(item.name) for item in varying]
    return BaseDraws(
        study=study,
        names=tuple(item.name for item in varying),
        inputs=np.stack(inputs, axis=2) if inputs else np.empty((replicates, points, 0)),
        values=values,
        outputs={name: column(name) for name in output_names(study)},
    )


def evaluated(draws: BaseDraws, scenario: "Scenario", outputs: Sequence[str], jobs: int = 1) -> FloatArray:
    """Evaluate a scenario on kept draws.

    Parameters
    ----------
    draws : BaseDraws
        Where.
    scenario : Scenario
        Base with something in it changed.
    outputs : sequence of str
        Which outputs or quantities.
    jobs : int
        Threads.

    Returns
    -------
    ndarray, shape (output, replicate, point)
        The same bits for any number of threads.

    Raises
    ------
    ModelError
        If a draw leaves the model's range.
    """
    ready = ReadyScenario(study=draws.study, scenario=scenario)
    replicates, points = draws.shape
    found = _in_chunks(ready, draws.values, replicates * points, outputs, jobs)
    return found.reshape(len(outputs), replicates, points)


def uniform_evaluator(
    study: "Study", outputs: Sequence[str], jobs: int = 1
) -> Callable[[FloatArray], FloatArray]:
    """Make the function from uniforms to outputs of base, as methods of sensitivity analysis take it.

    Parameters
    ----------
    study : Study
        Whose base.
    outputs : sequence of str
        Which outputs or quantities.
    jobs : int
        Threads.

    Returns
    -------
    callable
        From uniforms, shape (input, draw), to outputs, shape (output, draw). The inputs are those that
        vary, in the study's order; the study's correlations are no part of it.
    """
    ready = ReadyScenario(study=study, scenario=study.base)
    varying = [item for item in study.inputs if not isinstance(item.law, float)]
    fixed = {item.name: item.law for item in study.inputs if isinstance(item.law, float)}

    def evaluate(uniforms: FloatArray) -> FloatArray:
        values: dict[str, FloatArray | float] = dict(fixed)
        for item, row in zip(varying, uniforms, strict=True):
            if not isinstance(item.law, float):
                values[item.name] = item.law.ppf(np.ascontiguousarray(row))
        return _in_chunks(ready, values, uniforms.shape[1], outputs, jobs)

    return evaluate


def with_number(scenario: "Scenario", path: str, value: Any) -> "Scenario":  # noqa: ANN401 - a number or a term
    """Put a number in the place of another in a scenario.

    Parameters
    ----------
    scenario : Scenario
        Which.
    path : str
        Such as ``model.beliefs.optimism``; sections that are not there are made.
    value : float, InputName or Expression
        What to put there.

    Returns
    -------
    Scenario
        A copy.

    Examples
    --------
    >>> from mcrace.study import Scenario
    >>> base = Scenario(name="base", changes={}, inputs=(), model={"horizon_days": 730.0})
    >>> with_number(base, "model.beliefs.optimism", 0.5).model
    {'horizon_days': 730.0, 'beliefs': {'optimism': 0.5}}
    """
    return replace(scenario, model=_replaced(scenario.model, path.split(".")[1:], value))


def scaled(term: Any, factor: float) -> Any:  # noqa: ANN401 - a leaf of a scenario's model
    """Multiply a leaf of a scenario's model: a number, an input or an expression.

    Examples
    --------
    >>> scaled(3.0, 2.0)
    6.0
    """
    return multiple_of(term.name if isinstance(term, InputName) else term, factor)


def _replaced(part: Any, path: list[str], value: Any) -> Any:  # noqa: ANN401 - nested
    if not path:
        return value
    if isinstance(part, list):
        place = int(path[0])
        return [
            _replaced(item, path[1:], value) if number == place else item for number, item in enumerate(part)
        ]
    section = {} if part is None else part
    return {**section, path[0]: _replaced(section.get(path[0]), path[1:], value)}


def _in_chunks(
    ready: ReadyScenario,
    values: Mapping[str, FloatArray | float],
    count: int,
    outputs: Sequence[str],
    jobs: int,
) -> FloatArray:
    names = output_names(ready.study)
    places = [names.index(name) for name in outputs]
    found = np.empty((len(outputs), count))

    def fill(start: int) -> None:
        end = min(start + _CHUNK, count)
        part = {
            name: value[start:end] if isinstance(value, np.ndarray) else value
            for name, value in values.items()
        }
        rows = scenario_outputs(ready, part, end - start)
        for row, place in enumerate(places):
            found[row, start:end] = rows[place]

    starts = range(0, count, _CHUNK)
    if jobs == 1 or len(starts) == 1:
        for start in starts:
            fill(start)
    else:
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(fill, starts))
    return found
