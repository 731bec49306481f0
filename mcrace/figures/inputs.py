"""The marginals of a study's inputs: what was assumed."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.figures import theme as style
from mcrace.figures.distribution import draw_atoms, draw_bins
from mcrace.figures.frames import Drawn, Row, frame_of, spread_rows
from mcrace.figures.spread import spread_of
from mcrace.figures.wording import clean_text, percent, readable_unit, short, wrapped
from mcrace.study import families_as_one

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.engine.result import Result
    from mcrace.study import Input, Study

__all__ = ["draw_inputs", "input_quantiles", "inputs", "inputs_height", "inputs_numbers", "shown_inputs"]

_LEVELS, _STRIPS = 4096, 4
_MARKS = (("5 %", 0.05), ("50 %", 0.5), ("95 %", 0.95))
_COLUMNS = 3
# A uniform law from 0 on spans any factor, and only a linear axis shows it as it is.
_LOG_RATIO, _LOG_MIDDLE = 50.0, 0.13

FloatArray = NDArray[np.float64]


def inputs(result: "Result") -> "Figure":
    """Draw the law of every input of the base scenario, one small panel each; a family of them has one.

    Parameters
    ----------
    result : Result
        A finished run; only its study is looked at.

    Returns
    -------
    matplotlib.figure.Figure
        A pyplot figure; its axes are the panels, in the order of the study.

    See Also
    --------
    inputs_numbers : what is drawn, as a table.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> figure = mcrace.figures.inputs(result)
    >>> figure.texts[0].get_text()
    'This study has no inputs: every number of its model is fixed.'
    """
    with style.theme():
        import matplotlib.pyplot as plt

        size = style.WIDTH, inputs_height(result.study)
        figure = plt.figure(figsize=size, layout="constrained")
        draw_inputs(result.study, figure)
    return figure


def draw_inputs(study: "Study", figure: "Figure") -> None:
    """Draw the panels of `inputs` into a figure.

    Parameters
    ----------
    study : Study
        Whose inputs; no draw is needed.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    drawn = shown_inputs(study)
    if not drawn:
        figure.text(0.5, 0.5, "This study has no inputs: every number of its model is fixed.", ha="center")
    columns = min(_COLUMNS, max(len(drawn), 1))
    for place, item in enumerate(drawn):
        ax = figure.add_subplot(math.ceil(len(drawn) / columns), columns, place + 1)
        _draw_input(ax, item, _drawn(item))
    style.sign(figure, study)


def inputs_height(study: "Study") -> float:
    """Return the height in inches that the panels of a study need."""
    return 0.5 + 1.75 * max(math.ceil(len(shown_inputs(study)) / _COLUMNS), 1)


def inputs_numbers(result: "Result") -> "pd.DataFrame":
    """Tabulate what `inputs` draws.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    pandas.DataFrame
        ``input`` and ``part, name, low, high, value`` in the input's unit: ``bin``, ``atom`` and
        ``beyond`` are probabilities, on 4096 evenly spaced levels of the law, and add up to 1 for each
        input; ``quantile`` rows are exact.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> len(mcrace.figures.inputs_numbers(result))
    0
    """
    import pandas as pd

    frames = [frame_of(_drawn(item).rows).assign(input=item.name) for item in shown_inputs(result.study)]
    columns = ["input", "part", "name", "low", "high", "value"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def shown_inputs(study: "Study") -> tuple["Input", ...]:
    """Give the inputs of the base scenario, those that are drawn anew for each member of a process as one.

    Parameters
    ----------
    study : Study
        Any.

    Returns
    -------
    tuple of Input
        In the order of the study.
    """
    return tuple(families_as_one(study.inputs))


def input_quantiles(item: "Input", levels: FloatArray) -> FloatArray:
    """Return quantiles of an input, in its unit; a plain number is its every quantile.

    Parameters
    ----------
    item : Input
        The input.
    levels : ndarray, shape (level,)
        Between 0 and 1.

    Returns
    -------
    ndarray, shape (level,)
    """
    if isinstance(item.law, int | float):
        return np.full(levels.shape, float(item.law))
    return np.asarray(item.law.ppf(levels), dtype=np.float64)


def _drawn(item: "Input") -> Drawn:
    # A few levels at a time: for many a law would load its compiled twin, which takes longer than they do.
    strips = np.split((np.arange(_LEVELS) + 0.5) / _LEVELS, _STRIPS)
    values = np.concatenate([input_quantiles(item, levels) for levels in strips])
    rows: list[Row] = spread_rows(spread_of(values, log=_is_wide(values)))
    marks = input_quantiles(item, np.array([level for _, level in _MARKS]))
    rows += [
        ("quantile", name, float(mark), float(mark), float(mark))
        for (name, _), mark in zip(_MARKS, marks, strict=True)
    ]
    return Drawn(tuple(rows))


def _is_wide(values: FloatArray) -> bool:
    finite = values[np.isfinite(values)]
    if finite.size == 0 or finite[0] <= 0:
        return False
    low, middle, high = np.quantile(finite, [0.005, 0.5, 0.995])
    return bool(high > _LOG_RATIO * low and middle < _LOG_MIDDLE * high)


def _draw_input(ax: "Axes", item: "Input", drawn: Drawn) -> None:
    bins, atoms = drawn.part("bin"), drawn.part("atom")
    marks = drawn.part("quantile").value
    edges = np.append(bins.low, bins.high[-1])
    finite = marks[np.isfinite(marks)]
    factor, unit = readable_unit(finite if finite.size else edges, item.unit)
    edges, shares = edges / factor, bins.value
    draw_bins(ax, edges, shares, split=None)
    heights = atoms.value
    top = float(shares.max()) if shares.any() else float(heights.max(initial=0.0))
    draw_atoms(ax, atoms.low / factor, heights, top=top)
    for mark in finite / factor:
        ax.axvline(mark, color=style.INK, linewidth=1.0, linestyle=(0, (3, 2)), zorder=3)
    log = not np.allclose(np.diff(edges), edges[1] - edges[0])
    if log:
        ax.set_xscale("log")
    ax.set_xlim(*style.view_with_margin(edges[0], edges[-1], log=log))
    ax.set_ylim(0, 1.12 * top)
    # The grid of levels resolves a share to 1 / 4096.
    never = round(drawn.estimate("beyond", "never")[0], 3)
    chance = [f"never: {percent(never, 0.0)}"] if never > 0 else []
    _dress(ax, item, "; ".join(([unit] if unit else []) + chance))
    _write_marks(ax, marks / factor)


def _dress(ax: "Axes", item: "Input", below: str) -> None:
    ax.set_yticks([])
    ax.yaxis.set_visible(False)  # else it is measured and drawn, empty as it is
    ax.spines["left"].set_visible(False)
    title = wrapped(item.label, 25, 2) or clean_text(item.name)
    ax.set_title(title, fontsize=9, pad=16, parse_math=False)
    ax.set_xlabel(wrapped(below, 36, 1), fontsize=style.SMALL, parse_math=False, labelpad=1)
    if ax.get_xscale() == "log":
        ax.xaxis.set_minor_formatter(lambda _value, _place: "")
    else:
        ax.locator_params(axis="x", nbins=4)
    style.plain_ticks(ax)


def _write_marks(ax: "Axes", marks: FloatArray) -> None:
    low, middle, high = (short(float(mark)) for mark in marks)
    text = f"fixed at {low}" if marks[0] == marks[2] else f"5 | 50 | 95 %: {low} | {middle} | {high}"
    style.write(ax, 0.0, 1.0, text, rise=4)
