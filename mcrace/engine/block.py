"""One block of draws: a function of the study, the replicate and the range of points, and nothing else."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault, ModelError
from mcrace.laws.data_file import DataFile
from mcrace.model import incentive
from mcrace.nomenclature import OUTPUTS
from mcrace.sampling import MIXING, joined, unit_block
from mcrace.study import Input, Sampling, Scenario, Study
from mcrace.study.data import with_files
from mcrace.study.expressions import Expression, evaluate_expression
from mcrace.study.structure import chosen, is_choice
from mcrace.study.terms import InputName

__all__ = [
    "BLOCK_POINTS",
    "Block",
    "BlockDraws",
    "StudyText",
    "draw_block",
    "input_names",
    "model_of",
    "output_names",
    "outputs_of",
    "study_text",
    "trial_outputs",
]

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
        In the output's unit, in the order of `output_names`.
    inputs : ndarray, shape (scenario, input, kept)
        Inputs of the kept draws, in the order of `input_names`; NaN where a scenario lacks one.
    """

    outputs: FloatArray
    inputs: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyText:
    """A study as it travels to workers.

    Attributes
    ----------
    text : str
        One line of JSON; the names of data files in it tell content from content.
    data : Mapping of str to DataFile
        Their contents, as arrays that processes on one machine share.
    """

    text: str
    data: Mapping[str, DataFile] = field(compare=False)


def study_text(study: Study) -> StudyText:
    """Write a study in the form in which it travels to a worker."""
    return StudyText(text=json.dumps(study.document), data=study.data)


def input_names(study: Study) -> tuple[str, ...]:
    """List every input of any scenario: base's in the study's order, then what scenarios add."""
    return tuple(dict.fromkeys(item.name for scenario in study.scenarios for item in scenario.inputs))


def output_names(study: Study) -> tuple[str, ...]:
    """List what each draw yields: the model's outputs, then the study's quantities."""
    return (*OUTPUTS, *(quantity.name for quantity in study.quantities))


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
    study = _study(text)
    names = input_names(study)
    uniforms = _uniforms(study, block, study.sampling)
    kept = max(min(block.start + block.count, block.keep) - block.start, 0)
    outputs = np.empty((len(study.scenarios), len(output_names(study)), block.count))
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
def _study(text: StudyText) -> Study:
    document: dict[str, Any] = with_files(json.loads(text.text), text.data)
    return Study(**document)


def _uniforms(study: Study, block: Block, sampling: Sampling) -> dict[str, FloatArray]:
    """Uniforms of every random input, by name."""
    dimensions = {
        item.name: item.dimension
        for scenario in study.scenarios
        for item in scenario.inputs
        if item.dimension is not None
    }
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


def _evaluated(
    study: Study, scenario: Scenario, values: Mapping[str, FloatArray | float], block: Block
) -> FloatArray:
    try:
        outputs = outputs_of(scenario.model, values, block.count)
        return np.stack([*outputs.values(), *_quantities(study, {**outputs, **values}, block.count)])
    except ModelError as error:
        of = "" if len(study.scenarios) == 1 else f", scenario {scenario.name}"
        place = f"replicate {block.replicate}, points {block.start} to {block.start + block.count - 1}{of}"
        raise ModelError(
            replace(fault, found=f"{fault.found} ({place})", file=study.file) for fault in error.faults
        ) from None


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
    outputs = {name: np.empty(count) for name in OUTPUTS}
    for picks, draws in _alternatives(model, sections, values, count):
        own = values if draws is None else {name: _those(value, draws) for name, value in values.items()}
        try:
            found = evaluate(model_of(chosen(model, picks), own))
        except ModelError as error:
            faults = (replace(fault, path=_path(fault.path, picks)) for fault in error.faults)
            raise ModelError(faults) from None
        for name, row in outputs.items():
            row[slice(None) if draws is None else draws] = found[name]
    return outputs


def _alternatives(
    model: Mapping[str, Any], sections: list[str], values: Mapping[str, FloatArray | float], count: int
) -> Iterator[tuple[dict[str, int], NDArray[np.int64] | None]]:
    """Split draws by the alternatives that they have; None stands for all draws."""
    if not sections:
        yield {}, None
        return
    rows = [np.broadcast_to(values[model[name]["choice"].name], count).astype(np.int64) for name in sections]
    for picks in np.unique(np.stack(rows), axis=1).T:
        met = np.all([row == pick for row, pick in zip(rows, picks, strict=True)], axis=0)
        yield {name: int(pick) for name, pick in zip(sections, picks, strict=True)}, np.flatnonzero(met)


def _those(value: FloatArray | float, draws: NDArray[np.int64]) -> FloatArray | float:
    return value[draws] if isinstance(value, np.ndarray) and value.ndim > 0 else value


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
    uniforms = _uniforms(study, block, sampling)
    values = {item.name: _sample(item, uniforms, {}) for item in study.inputs}
    return outputs_of(study.base.model, values, draws, evaluate)


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
