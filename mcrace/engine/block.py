"""One block of draws: a function of the study, the replicate and the range of points, and nothing else."""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.evaluate import ReadyScenario, outputs_of, scenario_outputs, these
from mcrace.errors import ModelError
from mcrace.laws.data_file import DataFile
from mcrace.sampling import MIXING, joined, unit_block
from mcrace.study import Input, Sampling, Scenario, Study
from mcrace.study.data import with_files
from mcrace.study.standing import placed, standing_places

__all__ = [
    "BLOCK_POINTS",
    "Block",
    "BlockDraws",
    "StudyText",
    "draw_block",
    "input_names",
    "sampled_inputs",
    "study_of",
    "study_text",
    "trial_outputs",
]

BLOCK_POINTS = 8_192
"""Points of a block: enough to hide what a block costs beside its draws, few enough to stay in cache."""

_LISTED = 12
"""Inputs that a message lists."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Which draws: points ``start`` to ``start + count`` of a replicate of ``points`` points.

    Attributes
    ----------
    replicate, start, count, points : int
        Counted from 0.
    keep : int
        The replicate's points below this number are kept with their inputs.
    first, last : int
        The study's scenarios from `first` to before `last` are evaluated; a negative `last` stands for all.
    """

    replicate: int
    start: int
    count: int
    points: int
    keep: int
    first: int = 0
    last: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDraws:
    """What a block yields.

    Attributes
    ----------
    rows : list of lists of ndarray, shape (count,)
        Each scenario's outputs, in their units and in the order of `output_names`, not to be written on.
        Those that are equal by the model's form are one array; those that no draw changes hold one number
        (stride 0).
    inputs : ndarray, shape (scenario, input, kept)
        Inputs of the kept draws, in the order of `input_names`; NaN where a scenario lacks one.
    """

    rows: list[list[FloatArray]]
    inputs: FloatArray

    @property
    def outputs(self) -> FloatArray:
        """All outputs in one array of their own, shape (scenario, output, count)."""
        return np.array(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyText:
    """A study as it travels to workers.

    Attributes
    ----------
    text : str
        One line of JSON; the names of data files in it tell content from content.
    data : Mapping of str to DataFile
        Their contents, as arrays that processes on one machine share.
    file : str
        What a person calls the study in a command.
    places : str
        One line of JSON: where in the file the numbers stand that draws hang on.
    """

    text: str
    data: Mapping[str, DataFile] = field(compare=False)
    file: str = field(default="STUDY", compare=False)
    places: str = field(default="{}", compare=False)


def study_text(study: Study) -> StudyText:
    """Write a study in the form in which it travels to a worker."""
    places = standing_places(study.document, study.written) if study.written.places else {}
    return StudyText(
        text=json.dumps(study.document),
        data=study.data,
        file=study.file or "STUDY",
        places=json.dumps(places),
    )


def input_names(study: Study) -> tuple[str, ...]:
    """List every input of any scenario: base's in the study's order, then what scenarios add."""
    return tuple(dict.fromkeys(item.name for scenario in study.scenarios for item in scenario.inputs))


def draw_block(text: StudyText, block: Block) -> BlockDraws:
    """Sample a block and evaluate every scenario on it.

    Parameters
    ----------
    text : StudyText
        From `study_text`.
    block : Block
        Which draws.

    Returns
    -------
    BlockDraws
        The same bits wherever and whenever it is computed.

    Raises
    ------
    ModelError
        If a draw leaves the model's range or yields a number that is not finite.
    """
    study = study_of(text)
    names = input_names(study)
    ready = _ready_scenarios(text)[block.first : None if block.last < 0 else block.last]
    uniforms = _uniforms(study, _dimensions(text), block, study.sampling)
    kept = max(min(block.start + block.count, block.keep) - block.start, 0)
    rows: list[list[FloatArray]] = []
    inputs = np.full((len(ready), len(names), kept), np.nan)
    samples: dict[tuple[str, Any], FloatArray] = {}
    known: dict[Hashable, FloatArray] = {}
    for row, one in enumerate(ready):
        values = {item.name: _sample(item, uniforms, samples) for item in one.scenario.inputs}
        rows.append(_evaluate(one, values, block, text, known))
        for column, name in enumerate(names):
            if kept > 0 and name in values:
                inputs[row, column] = np.broadcast_to(values[name], block.count)[:kept]
    return BlockDraws(rows=rows, inputs=inputs)


@lru_cache(maxsize=4)
def study_of(text: StudyText) -> Study:
    """Read a study as it came to a worker; the last few are remembered."""
    document: dict[str, Any] = with_files(json.loads(text.text), text.data)
    return Study(**document)


@lru_cache(maxsize=4)
def _ready_scenarios(text: StudyText) -> tuple[ReadyScenario, ...]:
    study = study_of(text)
    return tuple(ReadyScenario(study=study, scenario=scenario) for scenario in study.scenarios)


@lru_cache(maxsize=4)
def _dimensions(text: StudyText) -> Mapping[str, int]:
    return MappingProxyType(_random_inputs(study_of(text)))


def _random_inputs(study: Study) -> dict[str, int]:
    """Coordinate of every input that is random in any scenario."""
    return {
        item.name: item.dimension
        for scenario in study.scenarios
        for item in scenario.inputs
        if item.dimension is not None
    }


def _uniforms(
    study: Study, coordinates: Mapping[str, int], block: Block, sampling: Sampling
) -> dict[str, FloatArray]:
    """Uniforms of every random input, by name."""
    dimensions = dict(coordinates)
    correlations = study.correlations
    if correlations is not None and correlations.mixing_dimension is not None:
        dimensions[MIXING] = correlations.mixing_dimension
    rows = unit_block(
        method=sampling.method,
        seed=sampling.seed,
        replicate=block.replicate,
        start=block.start,
        count=block.count,
        points=block.points,
        names=list(dimensions),
        dimensions=list(dimensions.values()),
    )
    uniforms = dict(zip(dimensions, rows, strict=True))
    return uniforms if correlations is None else joined(correlations.copula, uniforms)


def _sample(
    item: Input, uniforms: Mapping[str, FloatArray], samples: dict[tuple[str, Any], FloatArray]
) -> FloatArray | float:
    """Value of an input on each draw; scenarios that share a law share the samples."""
    if isinstance(item.law, float):
        return item.law
    key = (item.name, item.law)
    if key not in samples:
        samples[key] = item.law.ppf(uniforms[item.name])
    return samples[key]


def _evaluate(
    ready: ReadyScenario,
    values: Mapping[str, FloatArray | float],
    block: Block,
    text: StudyText,
    known: dict[Hashable, FloatArray],
) -> list[FloatArray]:
    """Give a scenario's outputs, or name the first draw that has none."""
    try:
        return scenario_outputs(ready, values, block.count, known)
    except ModelError as error:
        low, high = 0, block.count
        while high - low > 1:
            middle = (low + high) // 2
            try:
                scenario_outputs(ready, these(values, slice(low, middle)), middle - low)
                low = middle
            except ModelError:
                high = middle
        raise _located(ready, these(values, slice(low, high)), block, low, text, error) from None


def _located(
    ready: ReadyScenario,
    values: Mapping[str, FloatArray | float],
    block: Block,
    draw: int,
    text: StudyText,
    all_faults: ModelError,
) -> ModelError:
    """Name the first draw of a block at fault: where it is, its inputs, and the command that shows it.

    The fault stands where the file gives the key's value, or where the scenario changes it.
    """
    point = block.start + draw
    of = "" if len(ready.study.scenarios) == 1 else f" of scenario {ready.scenario.name}"
    inputs = [f"{name} {float(np.ravel(value)[0]):.6g}" for name, value in values.items()]
    listed = ", ".join(inputs[:_LISTED]) + (", ..." if len(inputs) > _LISTED else "")
    place = f"first in replicate {block.replicate}, point {point}{of}"
    command = f"mcrace check {text.file} --draw {block.replicate}:{point}"
    told = f"{place}; {command} shows that draw; inputs: {listed}"
    found = {fault.path: fault.found for fault in all_faults.faults}  # tells how many draws are at fault
    try:
        scenario_outputs(ready, values, 1)
    except ModelError as error:
        file, places = None if text.file == "STUDY" else text.file, json.loads(text.places)
        return ModelError(
            placed(
                replace(fault, found=f"{found.get(fault.path, fault.found)} ({told})"),
                places,
                ready.scenario,
                file,
            )
            for fault in error.faults
        )
    return all_faults  # pragma: no cover - a draw at fault is at fault when it stands alone


def sampled_inputs(
    study: Study, scenario: Scenario, replicate: int, point: int, points: int
) -> dict[str, FloatArray | float]:
    """Sample the inputs of one scenario at one point.

    Parameters
    ----------
    study, scenario : Study, Scenario
        What to sample.
    replicate, point : int
        Which draw.
    points : int
        Points of the replicate.

    Returns
    -------
    dict of str to float or ndarray, shape (1,)
        Value of each input.
    """
    block = Block(replicate=replicate, start=point, count=1, points=points, keep=0)
    uniforms = _uniforms(study, _random_inputs(study), block, study.sampling)
    return {item.name: _sample(item, uniforms, {}) for item in scenario.inputs}


def trial_outputs(
    study: Study, draws: int, evaluate: Callable[[Mapping[str, Any]], Mapping[str, FloatArray]]
) -> dict[str, FloatArray]:
    """Evaluate base on a few draws, to show what a study will give.

    Parameters
    ----------
    study : Study
        Checked.
    draws : int
        Number of Sobol' points, whatever the study's own design.
    evaluate : callable
        Such as `mcrace.model.incentive_slowly`, which needs no compiler.

    Returns
    -------
    dict of str to ndarray, shape (draws,)
        The model's outputs.
    """
    sampling = replace(study.sampling, method="sobol")
    block = Block(replicate=0, start=0, count=draws, points=draws, keep=0)
    uniforms = _uniforms(study, _random_inputs(study), block, sampling)
    values = {item.name: _sample(item, uniforms, {}) for item in study.inputs}
    return outputs_of(study.base.model, values, draws, evaluate)
