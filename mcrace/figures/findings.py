"""What figures of analyses have in common: labels, order and estimates of what was found."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates
from mcrace.figures import theme as style
from mcrace.figures.estimates import Estimate
from mcrace.figures.frames import frame_of
from mcrace.figures.wording import clean_text, readable_unit, short, wrapped

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "MOST_OUTPUTS",
    "OutputRow",
    "driving",
    "estimate_at",
    "label_of",
    "lower_first",
    "measures_of",
    "output_frame",
    "output_label",
    "outputs_in_words",
    "row_label",
    "row_of",
    "shown_outputs",
    "told",
]

FloatArray = NDArray[np.float64]

MOST_OUTPUTS = 4
"""Outputs that a figure has a panel of; tables have all."""

_LABEL_WIDTH, _LABEL_LINES = 34, 2

OutputRow = tuple[str, str, str, float, float, float]
"""What a row is of, then `frames.Row`."""


def estimate_at(values: Estimates, place: tuple[int, ...] = ()) -> Estimate:
    """Take one estimate out of many, as figures write it.

    Parameters
    ----------
    values : Estimates
        Of any shape.
    place : tuple of int
        Which one.

    Returns
    -------
    Estimate
        In the same unit; `half_width` is NaN where there is no error.

    Examples
    --------
    >>> many = Estimates(value=np.array([2.0]), standard_error=np.array([0.1]), replicates=16)
    >>> estimate_at(many, (0,)).text()
    '2.0 ± 0.2'
    """
    low, high = values.interval()
    return Estimate(
        value=float(values.value[place]),
        standard_error=float(values.standard_error[place]),
        half_width=float(high[place] - low[place]) / 2,
        note="",
    )


def row_of(output: str, part: str, name: str, estimate: Estimate) -> OutputRow:
    """Make the row of one estimate with its 95 % interval."""
    low, high = estimate.value - estimate.half_width, estimate.value + estimate.half_width
    return output, part, name, low, high, estimate.value


def output_frame(rows: Sequence[OutputRow], first: str = "output") -> "pd.DataFrame":
    """Tabulate rows; `first` names the column of what they are of."""
    frame = frame_of(row[1:] for row in rows)
    frame.insert(0, first, [row[0] for row in rows])
    return frame


def shown_outputs(found: "Analyses") -> tuple[str, ...]:
    """Give the outputs that a figure has a panel of."""
    return found.outputs[:MOST_OUTPUTS]


def output_label(result: "Result", output: str) -> str:
    """Give an output's label, or that of a quantity of the study's own."""
    return style.output_of(output, result.study).label


def outputs_in_words(found: "Analyses", result: "Result") -> str:
    """List the outputs that a figure has a panel of, as they stand inside a sentence."""
    labels = [lower_first(output_label(result, output)) for output in shown_outputs(found)]
    return ", ".join(labels[:-1]) + (" and " if len(labels) > 1 else "") + labels[-1]


def lower_first(label: str) -> str:
    """Write a label as it stands inside a sentence."""
    return label[:1].lower() + label[1:]


def label_of(result: "Result", name: str) -> str:
    """Give an input's label in one clean line; its name where it has none."""
    from mcrace.analysis.analyses import input_labels

    return clean_text(input_labels(result.study).get(name, "")) or clean_text(name)


def row_label(text: str) -> str:
    """Break a label into the lines that stand beside a row, cut where it is too long."""
    return wrapped(text, _LABEL_WIDTH, _LABEL_LINES)


def told(result: "Result", name: str, value: float) -> str:
    """Write a value of an input with its unit in words; infinity is ``never``."""
    unit = next((item.unit for item in result.study.inputs if item.name == name), "")
    factor, words = readable_unit([value], unit)
    text = short(value / factor)
    return f"{text} {words}".rstrip() if np.isfinite(value) else text


def measures_of(found: "Analyses") -> tuple[tuple[str, Estimates], ...]:
    """Give the shares of variance that are known, each with its words; the last one is sorted by.

    Parameters
    ----------
    found : Analyses
        Of one run.

    Returns
    -------
    tuple of (str, Estimates)
        Sobol' indices, else Shapley effects, else the first-order index from the draws, else nothing.
    """
    if found.sobol is not None:
        return (("alone", found.sobol.first), ("with its interactions", found.sobol.total))
    if found.shapley is not None:
        return (("Shapley share", found.shapley.share),)
    if found.from_draws is not None:
        return (("alone", found.from_draws.first),)
    return ()


def driving(found: "Analyses", output: str) -> tuple[int, ...]:
    """Give the places of the inputs, the one that drives an output most first.

    Parameters
    ----------
    found : Analyses
        Of one run.
    output : str
        One of its outputs.

    Returns
    -------
    tuple of int
        Inputs of equal, or of no known, share stand in the study's order.
    """
    measures = measures_of(found)
    if not measures:
        return tuple(range(len(found.inputs)))
    shares: FloatArray = np.nan_to_num(measures[-1][1].value[found.outputs.index(output)], nan=0.0)
    return tuple(int(place) for place in np.argsort(-shares, kind="stable"))
