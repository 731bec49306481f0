"""Rank correlations of the inputs with the outputs, with their errors."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates
from mcrace.figures import theme as style
from mcrace.figures.bars import TITLE_WIDTH, UNSURE, Bars, bars_height, beside, draw_bars, name_rows
from mcrace.figures.estimates import Estimate
from mcrace.figures.findings import (
    OutputRow,
    estimate_at,
    label_of,
    output_frame,
    output_label,
    outputs_in_words,
    row_of,
    shown_outputs,
)
from mcrace.figures.wording import counted, rounded, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "correlations",
    "correlations_alt",
    "correlations_caption",
    "correlations_height",
    "correlations_numbers",
    "draw_correlations",
    "has_correlations",
    "strongest",
]

FloatArray = NDArray[np.float64]

_MOST, _FIRST = 12, 3


def correlations(found: "Analyses", result: "Result", output: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the rank correlation of each input with an output, the strongest first, 12 at most.

    Parameters
    ----------
    found : Analyses
        Of the run, with what its draws tell.
    result : Result
        The run.
    output : str
        One of the outputs that were analysed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    correlations_numbers : what is drawn, as a table.

    References
    ----------
    C. Spearman, The American Journal of Psychology 15 (1904) 72-101.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"law": {"uniform": [0, 200]}, "label": "Day of the release"}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": 1e6},
    ...     },
    ...     sampling={"draws": 1024, "replicates": 8},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> from matplotlib.figure import Figure
    >>> found = mcrace.analyse(result, jobs=1)
    >>> ax = mcrace.figures.correlations(found, result, "open_effect", ax=Figure().add_subplot())
    >>> round(float(ax.patches[0].get_width()), 1)
    0.9
    """
    with style.theme():
        ax = style.new_axes(_panel_height(found)) if ax is None else ax
        _draw_panel(ax, found, result, output)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_correlations(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw a panel an output into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    outputs = shown_outputs(found)
    for place, output in enumerate(outputs):
        _draw_panel(figure.add_subplot(len(outputs), 1, place + 1), found, result, output)
    style.sign(figure, result.study)


def correlations_height(found: "Analyses") -> float:
    """Return the height in inches that the panels of a run need."""
    return 0.3 + len(shown_outputs(found)) * _panel_height(found)


def has_correlations(found: "Analyses") -> bool:
    """Whether any output that is drawn goes with any input."""
    return found.from_draws is not None and bool(
        np.isfinite(found.from_draws.spearman.value[: len(found.outputs)]).any()
    )


def correlations_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `correlations` draws of each output.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``output, part, name, low, high, value``: `name` is the input, `value` its rank correlation with the
        output, and `low` and `high` the ends of its 95 % interval.
    """
    return output_frame([row for output in shown_outputs(found) for row in _drawn(found, output)])


def correlations_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows, and how to read it."""
    return (
        f"How {outputs_in_words(found, result)} go up and down with each input in the kept draws of the base "
        "scenario: Spearman's rank correlation, 1 where the one always rises with the other, −1 where it "
        "always falls, whatever the shape; an output that turns round may have 0. Lines: 95 % interval of "
        "the Monte Carlo error; grey: not told from 0 by these draws."
    )


def correlations_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    return "Bars of rank correlations. " + " ".join(
        _finding(found, result, output) for output in shown_outputs(found)
    )


def strongest(found: "Analyses", output: str) -> tuple[int, ...]:
    """Give the places of the inputs, the one that goes with an output most first.

    Parameters
    ----------
    found : Analyses
        Of one run, with what its draws tell.
    output : str
        One of its outputs.

    Returns
    -------
    tuple of int
        Inputs of equal, or of no, correlation stand in the study's order.
    """
    sizes = np.abs(np.nan_to_num(_spearman(found).value[found.outputs.index(output)], nan=0.0))
    return tuple(int(place) for place in np.argsort(-sizes, kind="stable"))


def _spearman(found: "Analyses") -> Estimates:
    if found.from_draws is None:
        raise ValueError("there are no correlations: the study does not ask for any")
    return found.from_draws.spearman


def _finding(found: "Analyses", result: "Result", output: str) -> str:
    label, row = output_label(result, output), found.outputs.index(output)
    if _is_constant(found, output):
        return f"{label}: constant, so that it goes with no input."
    told = [
        f"{label_of(result, found.inputs[place])} {_words(estimate_at(_spearman(found), (row, place)))}"
        for place in strongest(found, output)[:_FIRST]
    ]
    return f"{label}: {', '.join(told)}."


def _is_constant(found: "Analyses", output: str) -> bool:
    return bool(np.isnan(_spearman(found).value[found.outputs.index(output)]).all())


def _panel_height(found: "Analyses") -> float:
    return 0.2 + bars_height(min(len(found.inputs), _MOST))


def _drawn(found: "Analyses", output: str) -> list[OutputRow]:
    row, spearman = found.outputs.index(output), _spearman(found)
    return [
        row_of(output, "spearman", found.inputs[place], estimate_at(spearman, (row, place)))
        for place in strongest(found, output)[:_MOST]
    ]


def _draw_panel(ax: "Axes", found: "Analyses", result: "Result", output: str) -> None:
    drawn = _drawn(found, output)
    low, high, value = np.array([row[3:] for row in drawn]).T
    half = (high - low) / 2
    sure = np.abs(value) > np.nan_to_num(half, nan=np.inf)
    colours = tuple(
        UNSURE if not known else style.POSITIVE if one > 0 else style.NEGATIVE
        for one, known in zip(value, sure, strict=True)
    )
    draw_bars(ax, [Bars(label="", start=np.zeros(len(drawn)), end=value, half=half, colours=colours)])
    ax.set_xlim(-1.0, 1.0)
    name_rows(ax, [label_of(result, row[2]) for row in drawn])
    for place in range(len(drawn)):
        estimate = Estimate(value=value[place], standard_error=np.nan, half_width=half[place], note="")
        beside(ax, place, "" if np.isnan(value[place]) else _words(estimate))
    if _is_constant(found, output):
        style.write(ax, 0.5, 0.5, "constant: it goes with no input", ha="center", va="center")
    ax.set_title(wrapped(output_label(result, output), TITLE_WIDTH, 2), parse_math=False)
    left = len(found.inputs) - len(drawn)
    ax.set_xlabel("Rank correlation" + (f" · {counted(left, 'more input')} with less" if left else ""))


def _words(estimate: Estimate) -> str:
    """Write a correlation with its sign and error."""
    text = rounded(estimate.value, estimate.half_width)
    return f"+{text}" if estimate.value > 0 else text
