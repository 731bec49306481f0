"""The loop over draws: the formula, fused, with only the numbers that vary written anew each time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled
from mcrace.model.columns import Columns, spaced_rows
from mcrace.model.formula import evaluate
from mcrace.model.layout import NUMBERS, RESULTS
from mcrace.model.types import FloatArray, Lists
from mcrace.nomenclature import OUTPUTS

__all__ = ["evaluate_draws", "evaluate_slowly"]


def evaluate_draws(numbers: Columns) -> FloatArray:
    """Evaluate the model on many draws with the compiled kernel.

    Parameters
    ----------
    numbers : Columns
        Checked.

    Returns
    -------
    ndarray, shape (outputs, draws)
        In the order of `OUTPUTS`.
    """
    return _evaluated(compiled(_loop), numbers)


def evaluate_slowly(numbers: Columns) -> FloatArray:
    """Evaluate the model on a few draws in plain Python, without loading the compiler.

    Parameters, result: as `evaluate_draws`, to the last digits.
    """
    return _evaluated(_loop, numbers)


def _evaluated(loop: Callable[..., None], numbers: Columns) -> FloatArray:
    buffer = numbers.constants.copy()
    outputs = np.zeros(len(OUTPUTS), dtype=np.float64)
    result = spaced_rows(len(OUTPUTS), numbers.draws)
    loop(
        buffer[: len(NUMBERS.names or ())].view(NUMBERS).view(np.recarray),
        numbers.layout.lists(buffer),
        buffer,
        numbers.places,
        numbers.columns,
        outputs.view(RESULTS).view(np.recarray),
        outputs,
        result,
        numbers.draws,
    )
    return result[:, : numbers.draws]


def _loop(
    numbers: Any,  # noqa: ANN401 - a record array of one row
    lists: Lists,
    buffer: FloatArray,
    places: NDArray[np.int64],
    columns: FloatArray,
    outputs: Any,  # noqa: ANN401 - a record array of one row
    output_buffer: FloatArray,
    result: FloatArray,
    draws: int,
) -> None:
    """Run the formula on each column; `numbers` and `lists` are views of `buffer`."""
    for draw in range(draws):
        for row in range(places.size):
            buffer[places[row]] = columns[row, draw]
        evaluate(numbers[0], lists, outputs[0])
        for row in range(output_buffer.size):
            result[row, draw] = output_buffer[row]
