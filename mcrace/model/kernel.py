"""The loop over draws: the formula, fused, with only the numbers that vary written anew each time."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled
from mcrace.model.columns import Columns, spaced_rows
from mcrace.model.core_call import core_call
from mcrace.model.core_kernel import core_outputs
from mcrace.model.formula import evaluate
from mcrace.model.layout import COMMON, NUMBERS, PATH, RESULTS, WORLD
from mcrace.model.types import FloatArray, Lists, World
from mcrace.nomenclature import OUTPUTS

__all__ = ["evaluate_draws", "evaluate_slowly"]


def evaluate_draws(numbers: Columns) -> Mapping[str, FloatArray]:
    """Evaluate the model on many draws with a compiled kernel: the core's, where that is all there is.

    Parameters
    ----------
    numbers : Columns
        Checked.

    Returns
    -------
    Mapping of str to ndarray, shape (draws,)
        Each output, in the order of `OUTPUTS`; the core's may share memory, and not be written on.
    """
    call = core_call(numbers.layout, numbers.constants, numbers.places)
    if call is None:
        return _evaluated(compiled(_loop), numbers)
    sources = np.arange(numbers.places.size)
    anything = np.full(numbers.places.size, np.inf)
    columns = list(numbers.columns[:, : numbers.draws])
    # What is read from a mapping has been checked.
    return core_outputs(call, columns, sources, (-anything, anything), numbers.draws)[0]


def evaluate_slowly(numbers: Columns) -> Mapping[str, FloatArray]:
    """Evaluate the model on a few draws in plain Python, without loading the compiler.

    Parameters, result: as `evaluate_draws`, to the last digits.
    """
    return _evaluated(_loop, numbers)


def _evaluated(loop: Callable[..., None], numbers: Columns) -> Mapping[str, FloatArray]:
    buffer = numbers.constants.copy()
    outputs = np.zeros(len(OUTPUTS), dtype=np.float64)
    result = spaced_rows(len(OUTPUTS), numbers.draws)
    loop(
        buffer[: len(NUMBERS.names or ())].view(NUMBERS).view(np.recarray),
        buffer,
        numbers.layout.places().view(np.recarray),
        numbers.places,
        numbers.columns,
        _room(COMMON, 1),
        _room(WORLD, 2),
        _room(PATH, 6),
        outputs.view(RESULTS).view(np.recarray),
        outputs,
        result,
        numbers.draws,
    )
    return dict(zip(OUTPUTS, result[:, : numbers.draws], strict=True))


def _loop(
    numbers: Any,  # noqa: ANN401 - a record array of one row
    buffer: FloatArray,
    starts: Any,  # noqa: ANN401 - a record array of one row
    places: NDArray[np.int64],
    columns: FloatArray,
    common: Any,  # noqa: ANN401 - a record array of one row
    worlds: Any,  # noqa: ANN401 - a record array of two rows
    paths: Any,  # noqa: ANN401 - a record array of six rows
    outputs: Any,  # noqa: ANN401 - a record array of one row
    output_buffer: FloatArray,
    result: FloatArray,
    draws: int,
) -> None:
    """Run the formula on each column; `numbers` is a view of `buffer`."""
    lists = Lists(buffer, starts[0])
    both = (
        World(worlds[0], paths[0], paths[1], paths[2]),
        World(worlds[1], paths[3], paths[4], paths[5]),
    )
    both[0].now.is_release = 1.0
    for draw in range(draws):
        for row in range(places.size):
            buffer[places[row]] = columns[row, draw]
        evaluate(numbers[0], lists, common[0], both, outputs[0])
        for row in range(output_buffer.size):
            result[row, draw] = output_buffer[row]


def _room(record: np.dtype[np.void], rows: int) -> Any:  # noqa: ANN401
    """Record array of zeros: room for what the formula notes."""
    return np.zeros(rows, dtype=record).view(np.recarray)
