"""One block of draws: a function of the study, the replicate and the range of points, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import ModelError
from mcrace.model import incentive
from mcrace.nomenclature import OUTPUTS
from mcrace.sampling import unit_block
from mcrace.study import Input, Scenario, Study
from mcrace.study.expressions import Expression, evaluate_expression
from mcrace.study.terms import InputName

__all__ = ["BLOCK_POINTS", "Block", "BlockDraws", "draw_block", "input_names", "model_of", "study_text"]

BLOCK_POINTS = 8_192
"""Points of a block: enough to hide what a block costs beside its draws, few enough to stay in cache."""

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
    """

    replicate: int
    start: int
    count: int
    points: int
    keep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDraws:
    """What a block yields.

    Attributes
    ----------
    outputs : ndarray, shape (scenario, output, count)
        In the output's unit.
    inputs : ndarray, shape (scenario, input, kept)
        Inputs of the kept draws, in the order of `input_names`; NaN where a scenario lacks one.
    """

    outputs: FloatArray
    inputs: FloatArray


def study_text(study: Study) -> str:
    """Write a study as one line of JSON, the form in which it travels to a worker."""
    return json.dumps(study.document)


def input_names(study: Study) -> tuple[str, ...]:
    """List every input of any scenario: base's in the study's order, then what scenarios add."""
    return tuple(dict.fromkeys(item.name for scenario in study.scenarios for item in scenario.inputs))


def draw_block(text: str, block: Block) -> BlockDraws:
    """Sample a block and evaluate every scenario on it.

    Parameters
    ----------
    text : str
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
    study = _study(text)
    names = input_names(study)
    uniforms = _uniforms(study, block)
    kept = max(min(block.start + block.count, block.keep) - block.start, 0)
    outputs = np.empty((len(study.scenarios), len(OUTPUTS), block.count))
    inputs = np.full((len(study.scenarios), len(names), kept), np.nan)
    samples: dict[tuple[str, Any], FloatArray] = {}
    for row, scenario in enumerate(study.scenarios):
        values = {item.name: _sample(item, uniforms, samples) for item in scenario.inputs}
        outputs[row] = _evaluated(study, scenario, values, block)
        for column, name in enumerate(names):
            if name in values:
                inputs[row, column] = np.broadcast_to(values[name], block.count)[:kept]
    return BlockDraws(outputs=outputs, inputs=inputs)


@lru_cache(maxsize=4)
def _study(text: str) -> Study:
    document: dict[str, Any] = json.loads(text)
    return Study(**document)


def _uniforms(study: Study, block: Block) -> dict[str, FloatArray]:
    """Uniforms of every random input, by name."""
    dimensions = {
        item.name: item.dimension
        for scenario in study.scenarios
        for item in scenario.inputs
        if item.dimension is not None
    }
    rows = unit_block(
        method=study.sampling.method,
        seed=study.sampling.seed,
        replicate=block.replicate,
        start=block.start,
        count=block.count,
        points=block.points,
        names=list(dimensions),
        dimensions=list(dimensions.values()),
    )
    return dict(zip(dimensions, rows, strict=True))


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


def _evaluated(
    study: Study, scenario: Scenario, values: Mapping[str, FloatArray | float], block: Block
) -> FloatArray:
    try:
        outputs = incentive(model_of(scenario.model, values))
    except ModelError as error:
        of = "" if len(study.scenarios) == 1 else f", scenario {scenario.name}"
        place = f"replicate {block.replicate}, points {block.start} to {block.start + block.count - 1}{of}"
        raise ModelError(
            replace(fault, path=f"model.{fault.path}", found=f"{fault.found} ({place})", file=study.file)
            for fault in error.faults
        ) from None
    return np.stack([np.broadcast_to(outputs[name], block.count) for name in OUTPUTS])


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
