"""The loop over draws: the formula, fused, with only the numbers that vary written anew each time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import compiled
from mcrace.model.formula import evaluate
from mcrace.model.layout import NUMBERS, RESULTS, Layout
from mcrace.model.types import FloatArray, Lists
from mcrace.nomenclature import OUTPUTS

__all__ = ["evaluate_draws", "evaluate_slowly"]


def evaluate_draws(
    layout: Layout, constants: FloatArray, places: NDArray[np.int64], columns: FloatArray
) -> FloatArray:
    """Evaluate the model on many draws with the compiled kernel.

    Parameters
    ----------
    layout : Layout
        Where each number stands.
    constants : ndarray, shape (layout.size,)
        The numbers of a draw; those that vary are overwritten.
    places : ndarray of int64, shape (varying,)
        Places of the numbers that vary.
    columns : ndarray, shape (varying, draws)
        Their values.

    Returns
    -------
    ndarray, shape (outputs, draws)
        In the order of `OUTPUTS`.
    """
    return _evaluate(compiled(_loop), layout, constants, places, columns)


def evaluate_slowly(
    layout: Layout, constants: FloatArray, places: NDArray[np.int64], columns: FloatArray
) -> FloatArray:
    """Evaluate the model on a few draws in plain Python, without loading the compiler.

    Parameters, result: as `evaluate_draws`, to the last digits.
    """
    return _evaluate(_loop, layout, constants, places, columns)


def _evaluate(
    loop: Any,  # noqa: ANN401 - compiled or plain
    layout: Layout,
    constants: FloatArray,
    places: NDArray[np.int64],
    columns: FloatArray,
) -> FloatArray:
    buffer = constants.copy()
    numbers = buffer[: len(NUMBERS.names or ())].view(NUMBERS).view(np.recarray)
    outputs = np.zeros(len(OUTPUTS), dtype=np.float64)
    result = np.empty((len(OUTPUTS), columns.shape[1]), dtype=np.float64)
    loop(
        numbers,
        layout.lists(buffer),
        buffer,
        places,
        np.ascontiguousarray(columns),
        outputs.view(RESULTS).view(np.recarray),
        outputs,
        result,
    )
    return result


def _loop(
    numbers: Any,  # noqa: ANN401 - a record array of one row
    lists: Lists,
    buffer: FloatArray,
    places: NDArray[np.int64],
    columns: FloatArray,
    outputs: Any,  # noqa: ANN401 - a record array of one row
    output_buffer: FloatArray,
    result: FloatArray,
) -> None:
    """Run the formula on each column; `numbers` and `lists` are views of `buffer`."""
    for draw in range(columns.shape[1]):
        for row in range(places.size):
            buffer[places[row]] = columns[row, draw]
        evaluate(numbers[0], lists, outputs[0])
        for row in range(output_buffer.size):
            result[row, draw] = output_buffer[row]
