"""Which mechanism carries the effect of open releases: its parts as steps from nothing to the whole."""

from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style
from mcrace.figures.bars import Bars, bars_height, beside, draw_bars, head, name_rows
from mcrace.figures.estimates import Estimate
from mcrace.figures.findings import OutputRow, estimate_at, lower_first, output_frame, output_label, row_of
from mcrace.figures.wording import common_unit, rounded

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "draw_waterfall",
    "waterfall",
    "waterfall_alt",
    "waterfall_caption",
    "waterfall_height",
    "waterfall_numbers",
]

_WHOLE = "open_effect"


def waterfall(found: "Analyses", result: "Result", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the parts of the mean effect of open releases as steps, the largest first, and their sum.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        Parts that are 0 are left out.

    See Also
    --------
    waterfall_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.waterfall(mcrace.analyse(result, jobs=1), result, ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Effect through revenue', 'Together']
    """
    with style.theme():
        ax = style.new_axes(waterfall_height(found)) if ax is None else ax
        _draw(ax, found, result)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_waterfall(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw the steps of `waterfall` into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    waterfall(found, result, ax=figure.add_subplot())


def waterfall_height(found: "Analyses") -> float:
    """Return the height in inches that the parts of a run need."""
    return 0.3 + bars_height(len(_drawn(found)))


def waterfall_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `waterfall` draws.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``output, start, part, name, low, high, value`` in USD: a ``step`` starts at `start` and is `value`
        long, with the ends of its 95 % interval; ``total`` is their sum.
    """
    drawn = _drawn(found)
    frame = output_frame([row for _, row in drawn])
    frame.insert(1, "start", [start for start, _ in drawn])
    return frame


def waterfall_caption(found: "Analyses", result: "Result") -> str:  # noqa: ARG001 - as all have it
    """Say what the figure shows."""
    return (
        f"Mean of {lower_first(output_label(result, _WHOLE))} in the base scenario, as steps from 0 by what "
        "carries it, the largest first; blue raises it, orange lowers it, grey is the whole. Lines: 95 % "
        "interval of the Monte Carlo error of each part."
    )


def waterfall_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    drawn = _drawn(found)
    factor, unit = _unit(drawn)
    texts = [f"{lower_first(_name(result, row))} {_amount(_estimate(row), factor)}" for _, row in drawn]
    return f"Steps of {lower_first(output_label(result, _WHOLE))}: {', '.join(texts)} {unit}."


_Step = tuple[float, OutputRow]


def _drawn(found: "Analyses") -> list[_Step]:
    parts = found.decomposition
    steps = [
        (float(parts.start[place]), row_of(name, "step", "", estimate_at(parts.step, (place,))))
        for place, name in enumerate(parts.names)
        if parts.step.value[place] != 0
    ]
    return [*steps, (0.0, row_of(_WHOLE, "total", "", estimate_at(parts.total)))]


def _unit(drawn: list[_Step]) -> tuple[float, str]:
    return common_unit([row[5] for _, row in drawn], "USD")


def _estimate(row: OutputRow) -> Estimate:
    return Estimate(value=row[5], standard_error=float("nan"), half_width=(row[4] - row[3]) / 2, note="")


def _name(result: "Result", row: OutputRow) -> str:
    return "Together" if row[1] == "total" else output_label(result, row[0])


def _amount(value: Estimate, factor: float) -> str:
    text = rounded(value.value / factor, value.half_width / factor)
    return f"+{text}" if value.value > 0 else text


def _colour(row: OutputRow) -> str:
    if row[1] == "total":
        return style.GREY
    return style.POSITIVE if row[5] > 0 else style.NEGATIVE


def _draw(ax: "Axes", found: "Analyses", result: "Result") -> None:
    drawn = _drawn(found)
    factor, unit = _unit(drawn)
    starts = np.array([start for start, _ in drawn]) / factor
    steps = np.array([row[5] for _, row in drawn]) / factor
    bars = Bars(
        label="",
        start=starts,
        end=starts + steps,
        half=np.array([(row[4] - row[3]) / 2 for _, row in drawn]) / factor,
        colours=tuple(_colour(row) for _, row in drawn),
    )
    draw_bars(ax, [bars])
    for place, end in enumerate(bars.end[:-1]):
        ax.plot([end, end], [place, place + 1], color=style.GREY, linewidth=0.8, zorder=1)
    name_rows(ax, [_name(result, row) for _, row in drawn])
    for place, (_, row) in enumerate(drawn):
        beside(ax, place, _amount(_estimate(row), factor))
    head(ax, "mean")
    ax.set_title("What carries the effect of open releases", pad=20)
    ax.set_xlabel(style.label_axis("Mean, step by step", unit))
