"""What an output is on average where one input is low or high: swings about its mean."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates
from mcrace.engine.probe import base_draws
from mcrace.figures import theme as style
from mcrace.figures.bars import TITLE_WIDTH, Bars, add_legend, bars_height, beside, draw_bars, head, name_rows
from mcrace.figures.estimates import Estimate, estimates_of
from mcrace.figures.findings import (
    OutputRow,
    estimate_at,
    label_of,
    output_frame,
    output_label,
    outputs_in_words,
    row_of,
    shown_outputs,
    told,
)
from mcrace.figures.wording import common_unit, counted, rounded, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.analysis.curves import Curve
    from mcrace.engine.result import Result

__all__ = [
    "draw_tornado",
    "tornado",
    "tornado_alt",
    "tornado_caption",
    "tornado_height",
    "tornado_numbers",
]

_MOST, _FIRST = 8, 3
_LEVELS = (("5 %", 0.05), ("95 %", 0.95))
_COLOURS = (style.NEGATIVE, style.POSITIVE)
_VALUE_WIDTH, _SHIFT = 24, 0.2

FloatArray = NDArray[np.float64]


def tornado(found: "Analyses", result: "Result", output: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the mean of an output where one input is at its 5 % or 95 % quantile, 8 inputs at most.

    Parameters
    ----------
    found : Analyses
        Of the run, with its curves.
    result : Result
        The run.
    output : str
        One of the outputs that were analysed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        The widest swing on top.

    See Also
    --------
    tornado_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.tornado(found, result, "open_effect", ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Day of the release']
    """
    with style.theme():
        ax = style.new_axes(_panel_height(found)) if ax is None else ax
        _draw_panel(ax, found, result, output)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_tornado(found: "Analyses", result: "Result", figure: "Figure") -> None:
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


def tornado_height(found: "Analyses") -> float:
    """Return the height in inches that the panels of a run need."""
    return 0.3 + len(shown_outputs(found)) * _panel_height(found)


def tornado_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":
    """Tabulate what `tornado` draws of each output.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``output, part, name, low, high, value`` in the output's unit: `part` is ``mean`` or the quantile at
        which the input `name` stands, `value` the mean of the output there, `low` and `high` the ends of
        its 95 % interval; in the rows ``5 % of it`` and ``95 % of it`` all three are that quantile.
    """
    return output_frame([row for output in shown_outputs(found) for row in _drawn(found, result, output)])


def tornado_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows."""
    return (
        f"Mean of {outputs_in_words(found, result)} in the draws in which one input is near its 5 % or its "
        "95 % quantile, the others as they come; bars start at the mean of all draws; right: these "
        "values of the input. Lines: 95 % interval of the Monte Carlo error. An input may matter more in "
        "between, or together with others: see the thresholds."
    )


def tornado_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    return "Bars about the mean. " + " ".join(
        _finding(found, result, output) for output in shown_outputs(found)
    )


def _finding(found: "Analyses", result: "Result", output: str) -> str:
    drawn = _drawn(found, result, output)
    factor, unit = _unit(drawn, result, output)
    at = {(part, name): (value, (high - low) / 2) for _, part, name, low, high, value in drawn}
    mean = rounded(*(number / factor for number in at["mean", ""]))
    texts = []
    for name in _names(drawn)[:_FIRST]:
        ends = [
            f"{rounded(*(number / factor for number in at[level, name]))} at "
            f"{told(result, name, at[f'{level} of it', name][0])}"
            for level, _ in _LEVELS
        ]
        texts.append(f"{label_of(result, name)}: {' and '.join(ends)}")
    head = f"{output_label(result, output)}, mean {mean} {unit}".rstrip()
    return f"{head}. {'; '.join(texts)}."


def _panel_height(found: "Analyses") -> float:
    return 0.2 + bars_height(min(len(found.inputs), _MOST), 2)


def _unit(drawn: list[OutputRow], result: "Result", output: str) -> tuple[float, str]:
    values = [row[5] for row in drawn if "of it" not in row[1]]
    return common_unit(values, style.output_of(output, result.study).unit)


def _names(drawn: list[OutputRow]) -> list[str]:
    return list(dict.fromkeys(row[2] for row in drawn if row[2]))


def _drawn(found: "Analyses", result: "Result", output: str) -> list[OutputRow]:
    """Rows of the mean and, the widest swing first, of the inputs that are shown."""
    curves = found.curves[found.outputs.index(output)].inputs
    draws = base_draws(result).inputs
    mean = estimates_of(result).of(result.study.base.name, output, "mean")
    levels = [level for _, level in _LEVELS]
    swings = []
    for place, (name, curve) in enumerate(zip(found.inputs, curves, strict=True)):
        quantiles = np.quantile(draws[..., place], levels, method="inverted_cdf")
        ends = [mean_at(curve, level, float(at)) for level, at in zip(levels, quantiles, strict=True)]
        rows: list[OutputRow] = []
        for (part, _), at, end in zip(_LEVELS, map(float, quantiles), ends, strict=True):
            rows += [row_of(output, part, name, end), (output, f"{part} of it", name, at, at, at)]
        reach = [mean.value, *(end.value for end in ends)]
        swings.append((max(reach) - min(reach), rows))
    swings.sort(key=lambda swing: -swing[0])
    shown = [row for _, rows in swings[:_MOST] for row in rows]
    return [row_of(output, "mean", "", mean), *shown]


def mean_at(curve: "Curve", level: float, value: float) -> Estimate:
    """Read a curve of means at a quantile of its input.

    Parameters
    ----------
    curve : Curve
        Of one input.
    level : float
        Probability of that quantile.
    value : float
        The quantile, in the input's unit: where many draws share it, the curve has a point of its own.

    Returns
    -------
    Estimate
        Between two points on the line through them, with the error on the line through theirs.
    """
    atom = np.flatnonzero(curve.is_atom & (curve.values == value))
    between = np.flatnonzero(~curve.is_atom)
    if atom.size or not between.size:
        near = atom[0] if atom.size else np.abs(curve.probabilities - level).argmin()
        return estimate_at(curve.mean, (int(near),))
    places = curve.probabilities[between]
    read = Estimates(
        value=np.asarray(np.interp(level, places, curve.mean.value[between])),
        standard_error=np.asarray(np.interp(level, places, curve.mean.standard_error[between])),
        replicates=curve.mean.replicates,
    )
    return estimate_at(read)


def _draw_panel(ax: "Axes", found: "Analyses", result: "Result", output: str) -> None:
    drawn = _drawn(found, result, output)
    factor, unit = _unit(drawn, result, output)
    names, mean = _names(drawn), drawn[0][5] / factor
    series = []
    for (level, _), colour in zip(_LEVELS, _COLOURS, strict=True):
        low, high, value = np.array([row[3:] for row in drawn if row[1] == level]).T / factor
        series.append(
            Bars(
                label=f"at its {level} quantile",
                start=np.full(len(names), mean),
                end=value,
                half=(high - low) / 2,
                colours=(colour,) * len(names),
            )
        )
    draw_bars(ax, series, zero=False)
    name_rows(ax, [label_of(result, name) for name in names])
    for number, (level, _) in enumerate(_LEVELS):
        quantiles = [row[5] for row in drawn if row[1] == f"{level} of it"]
        for row, (name, at) in enumerate(zip(names, quantiles, strict=True)):
            text = wrapped(told(result, name, at), _VALUE_WIDTH, 1)
            beside(ax, row + _SHIFT * (2 * number - 1), text, colour=_COLOURS[number])
    head(ax, "5 %, 95 % quantile")
    ax.axvline(mean, color=style.GREY, linewidth=1.0, linestyle=(0, (4, 3)), zorder=3)
    label = output_label(result, output)
    ax.set_title(wrapped(label, TITLE_WIDTH, 2), pad=24, parse_math=False)
    add_legend(ax)
    left = len(found.inputs) - len(names)
    more = f" · {counted(left, 'more input')} with less" if left else ""
    centre = rounded(mean, (drawn[0][4] - drawn[0][3]) / 2 / factor)
    axis = f"Mean{f', {unit}' if unit else ''} (dashed: of all draws, {centre}){more}"
    ax.set_xlabel(axis, parse_math=False)
