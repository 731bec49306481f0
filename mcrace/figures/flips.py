"""What one would have to believe: the value of each number of the study at which the answer flips."""

import math
from typing import TYPE_CHECKING

from mcrace.figures import theme as style
from mcrace.figures.findings import OutputRow, estimate_at, label_of, lower_first, output_frame, row_of
from mcrace.figures.wording import common_unit, counted, percent, readable_unit, rounded, short, wrapped
from mcrace.nomenclature import KEYS
from mcrace.study.names import key_path
from mcrace.study.requests import Flip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.analysis.flip import FlipPoint
    from mcrace.engine.result import Result

__all__ = [
    "draw_flips",
    "flips",
    "flips_alt",
    "flips_caption",
    "flips_height",
    "flips_numbers",
    "shown_flips",
]

_MOST = 16
_LABEL_WIDTH, _LINES = 34, 2
_ROW = 0.37
_COLUMNS = (("Number", 0.0), ("starts at", 0.37), ("there", 0.53), ("flips at", 0.73))


def flips(found: "Analyses", result: "Result", *, ax: "Axes | None" = None) -> "Axes":
    """Write, a row a number of the study, where it starts, how the answer stands there and where it flips.

    Parameters
    ----------
    found : Analyses
        Of the run, with its flips.
    result : Result
        The run.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        16 numbers at most; those without a flip are only counted.

    See Also
    --------
    flips_numbers : what is drawn, as a table.

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
    ...     analysis={"flip": {"keys": ["model.customers.open_elasticity"]}},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> from matplotlib.figure import Figure
    >>> ax = mcrace.figures.flips(mcrace.analyse(result, jobs=1), result, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts][4]
    'customers.open_elasticity'
    """
    with style.theme():
        ax = style.new_axes(flips_height(found)) if ax is None else ax
        _draw(ax, found, result)
        style.sign(ax, result.study, drop=6)
    return ax


def draw_flips(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw the rows of `flips` into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    flips(found, result, ax=figure.add_subplot())


def flips_height(found: "Analyses") -> float:
    """Return the height in inches that the rows of a run need."""
    return 1.1 + _ROW * (1 + len(shown_flips(found)))


def flips_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `flips` writes.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``key, part, name, low, high, value``: `part` is ``start`` (no interval) or ``flip``, a value of the
        key in its own unit, or ``there``, the statistic at the start in the output's unit; `low` and `high`
        are the ends of the 95 % interval and `name` says which way the statistic goes where it flips.
    """
    rows: list[OutputRow] = []
    for point in shown_flips(found):
        rows.append((point.path, "start", "", point.start, point.start, point.start))
        rows.append(row_of(point.path, "there", "", estimate_at(point.at_start)))
        way = "rises" if point.rises else "falls"
        rows.append(row_of(point.path, "flip", way, estimate_at(point.value)))
    return output_frame(rows, first="key")


def flips_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows, and how many numbers do not flip the answer."""
    none = sum(math.isnan(float(point.value.value)) for point in found.flips)
    alone = (
        f" {counted(none, 'number')} cannot flip it alone within the values tried: see flip.csv."
        if none
        else ""
    )
    return (
        f"The nearest value of each number of the study, the rest as it is, at which {_statistic(result)} "
        f"crosses {_mark(result)}. There: that statistic where the search starts, which is the study's own "
        f"number, a neutral value, or the low end of an input. {_INTERVAL}{alone}"
    )


def flips_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    texts = [
        f"{_label(result, point)}: from {_start(result, point)}, {_flip_value(result, point)}, "
        f"{_way(result, point)}"
        for point in shown_flips(found)
    ]
    return f"Table of values at which {_statistic(result)} crosses {_mark(result)}. {'; '.join(texts)}."


_INTERVAL = "± is half the width of the 95 % interval of the Monte Carlo error."


def shown_flips(found: "Analyses") -> "tuple[FlipPoint, ...]":
    """Give the numbers that have a flip, as many as are drawn."""
    return tuple(point for point in found.flips if not math.isnan(float(point.value.value)))[:_MOST]


def _asked(result: "Result") -> Flip:
    return result.study.analysis.flip or Flip()


def _statistic(result: "Result") -> str:
    asked = _asked(result)
    label = lower_first(style.output_of(asked.output, result.study).label)
    return f"the mean of {label}" if asked.statistic == "mean" else f"the chance that {label} is above 0"


def _mark(result: "Result") -> str:
    asked = _asked(result)
    if asked.statistic == "p_positive":
        return percent(asked.mark, 0.0)
    factor, unit = readable_unit([asked.mark], style.output_of(asked.output, result.study).unit)
    return f"{short(asked.mark / factor)} {unit}".rstrip() if asked.mark != 0 else "0"


def _label(result: "Result", point: "FlipPoint") -> str:
    if point.path.startswith("inputs."):
        return label_of(result, point.path.removeprefix("inputs."))
    return point.path.removeprefix("model.")


def _unit(result: "Result", point: "FlipPoint") -> str:
    if point.path.startswith("inputs."):
        name = point.path.removeprefix("inputs.")
        return next((item.unit for item in result.study.inputs if item.name == name), "")
    key = KEYS.get(key_path(point.path.removeprefix("model.").split(".")))
    return "" if key is None else key.unit


def _start(result: "Result", point: "FlipPoint") -> str:
    factor, unit = readable_unit([point.start], _unit(result, point))
    return f"{short(point.start / factor)} {unit}".rstrip() if point.start != 0 else "0"


def _flip_value(result: "Result", point: "FlipPoint") -> str:
    value = estimate_at(point.value)
    factor, unit = readable_unit([value.value], _unit(result, point))
    return f"{rounded(value.value / factor, value.half_width / factor)} {unit}".rstrip()


def _way(result: "Result", point: "FlipPoint") -> str:
    """Say on which side of the mark the statistic lies beyond the flip."""
    onward = "up" if float(point.value.value) > point.start else "down"
    return f"{'above' if _rises_onward(point) else 'below'} {_mark(result)} from there {onward}"


def _rises_onward(point: "FlipPoint") -> bool:
    """Whether the statistic rises where it flips, as the number goes away from its start."""
    return point.rises == (float(point.value.value) > point.start)


def _there(result: "Result", found: "Analyses") -> tuple[float, str]:
    """Choose the unit of the statistic at the start."""
    asked = _asked(result)
    if asked.statistic == "p_positive":
        return 0.01, "%"
    values = [float(point.at_start.value) for point in shown_flips(found)]
    return common_unit(values, style.output_of(asked.output, result.study).unit)


def _draw(ax: "Axes", found: "Analyses", result: "Result") -> None:
    points = shown_flips(found)
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(len(points) + 0.05, -0.75)
    title = f"Where {_statistic(result)} crosses {_mark(result)}"
    ax.set_title(wrapped(title, 72, 3), parse_math=False)
    factor, unit = _there(result, found)
    for text, x in _COLUMNS:
        words = f"there ({unit})" if text == "there" else text
        _cell(ax, x, -0.4, words, colour=style.GREY)
    ax.axhline(0.0, color=style.GREY, linewidth=0.8)
    for row, point in enumerate(points):
        if row % 2:
            ax.axhspan(row, row + 1, color="#F3F3F3", linewidth=0, zorder=0)
        _draw_row(ax, row + 0.5, point, result, factor)
    ax.axhline(len(points), color=style.GREY, linewidth=0.8)
    left = sum(not math.isnan(float(point.value.value)) for point in found.flips) - len(points)
    note = f"▲ above {_mark(result)} beyond that value, ▼ below it"
    style.write(ax, 0.0, 0.0, note + (f" · {left} more in flip.csv" if left else ""), rise=-14)


def _draw_row(ax: "Axes", y: float, point: "FlipPoint", result: "Result", factor: float) -> None:
    there = estimate_at(point.at_start)
    value = wrapped(_flip_value(result, point), 27, 2)
    _cell(ax, _COLUMNS[0][1], y, wrapped(_label(result, point), _LABEL_WIDTH, _LINES))
    _cell(ax, _COLUMNS[1][1], y, wrapped(_start(result, point), 15, 2))
    _cell(ax, _COLUMNS[2][1], y, there.text(factor))
    rises = _rises_onward(point)
    colour = style.POSITIVE if rises else style.NEGATIVE
    ax.plot([_COLUMNS[3][1] - 0.025], [y], marker="^" if rises else "v", color=colour, markersize=6)
    _cell(ax, _COLUMNS[3][1], y, value, weight="bold")


def _cell(
    ax: "Axes", x: float, y: float, text: str, *, weight: str = "normal", colour: str = style.INK
) -> None:
    ax.text(x, y, text, va="center", fontsize=style.SMALL, weight=weight, color=colour, parse_math=False)
