"""Scenarios side by side."""

from typing import TYPE_CHECKING

from mcrace.figures import theme as style
from mcrace.figures.estimates import estimates_of
from mcrace.figures.frames import Drawn, Row, frame_of
from mcrace.figures.telling import IN_A_FIGURE, telling_scenarios
from mcrace.figures.wording import percent, rounded, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mcrace.engine.result import Result

__all__ = ["scenarios", "scenarios_height", "scenarios_numbers"]

_DRAWN = ("q0.05", "q0.25", "q0.5", "q0.75", "q0.95", "mean", "p_positive")
_LABEL_WIDTH, _LABEL_LINES = 24, 3
_INWARDS = 0.88
_KEY = "thin 5–95 %, thick 25–75 %, bar median, diamond mean"


def scenarios(result: "Result", output: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw an output's range, median, mean and chance to exceed 0 by scenario, 24 at most.

    Parameters
    ----------
    result : Result
        A finished run.
    output : str
        Name of the output, such as ``incentive``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        Base stands first; of more than 24 scenarios those are drawn that change the mean of ``open_effect``
        most.

    See Also
    --------
    scenarios_numbers : what is drawn, as a table.

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
    >>> from matplotlib.figure import Figure
    >>> ax = mcrace.figures.scenarios(result, "incentive", ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['base']
    """
    drawn = _drawn(result, output)
    names = telling_scenarios(result, IN_A_FIGURE)
    named = style.output_of(output, result.study)
    with style.theme():
        ax = style.new_axes(scenarios_height(result)) if ax is None else ax
        low, high = _ends(drawn)
        factor, unit = estimates_of(result).unit(names, output, named.unit)
        for place, name in enumerate(names):
            _draw_scenario(ax, place, drawn, name, factor)
            mean, half = drawn.estimate(name, "mean")
            _label_mean(ax, place, mean / factor, half / factor, (low / factor, high / factor))
        low, high = low / factor, high / factor
        if low == high:
            low, high = _around(low)
            ax.set_xlim(low, high)
        if 2 * low - high <= 0 <= 2 * high - low:
            ax.axvline(0, color=style.INK, linewidth=1.2, zorder=1)
        ax.set_ylim(len(names) - 0.4, -0.6)
        ax.set_yticks(range(len(names)), [wrapped(name, _LABEL_WIDTH, _LABEL_LINES) for name in names])
        for tick in ax.get_yticklabels():
            tick.set_parse_math(False)
        ax.tick_params(axis="y", length=0)
        ax.set_title(wrapped(f"{named.label} by scenario", 66, 3), pad=24, parse_math=False)
        style.write(ax, 0.0, 1.0, _KEY, rise=6)
        style.write(ax, 1.02, 1.0, "P(> 0)", rise=6)
        ax.set_xlabel(style.label_axis(named.label, unit), parse_math=False)
        style.write(ax, 0.0, 0.0, _more(result), rise=-42, va="top")
        style.plain_ticks(ax)
        style.sign(ax, result.study, drop=42)
    return ax


def scenarios_numbers(result: "Result", output: str) -> "pd.DataFrame":
    """Tabulate what `scenarios` draws.

    Parameters
    ----------
    result : Result
        A finished run.
    output : str
        Name of the output.

    Returns
    -------
    pandas.DataFrame
        ``part, name, low, high, value``: `part` is the scenario, `name` the statistic, `value` its
        estimate in the output's unit, and `low` and `high` the ends of its 95 % interval.

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
    >>> table = mcrace.figures.scenarios_numbers(result, "incentive")
    >>> round(float(table.query("name == 'mean'")["value"].item()), 4)
    34.6574
    """
    return frame_of(_drawn(result, output).rows)


def _drawn(result: "Result", output: str) -> Drawn:
    table = estimates_of(result)
    rows: list[Row] = []
    for scenario in telling_scenarios(result, IN_A_FIGURE):
        for statistic in _DRAWN:
            estimate = table.of(scenario, output, statistic)
            low, high = estimate.value - estimate.half_width, estimate.value + estimate.half_width
            rows.append((scenario, statistic, low, high, estimate.value))
    return Drawn(tuple(rows))


def _ends(drawn: Drawn) -> tuple[float, float]:
    """Least and largest amount that is drawn."""
    amounts = [value for _, name, _, _, value in drawn.rows if name != "p_positive"]
    return min(amounts), max(amounts)


def _more(result: "Result") -> str:
    """Say that there are more scenarios, or no other."""
    count = len(result.statistics.scenarios)
    if count == 1:
        return "the study has one scenario"
    return f"{count - IN_A_FIGURE:,} more in summary.csv" if count > IN_A_FIGURE else ""


def scenarios_height(result: "Result") -> float:
    """Return the height in inches that the scenarios of a run need."""
    lines = (
        wrapped(name, _LABEL_WIDTH, _LABEL_LINES).count("\n") + 1
        for name in telling_scenarios(result, IN_A_FIGURE)
    )
    return 1.7 + sum(max(0.5, 0.17 * count + 0.12) for count in lines)


def _draw_scenario(ax: "Axes", place: int, drawn: Drawn, name: str, factor: float) -> None:
    read = {statistic: drawn.estimate(name, statistic) for statistic in _DRAWN}
    low, lower, median, upper, high, mean = (read[statistic][0] / factor for statistic in _DRAWN[:6])
    colour = style.POSITIVE if place == 0 else style.GREY
    ax.plot([low, high], [place] * 2, color=colour, linewidth=2, solid_capstyle="butt", zorder=2)
    ax.plot(
        [lower, upper], [place] * 2, color=colour, linewidth=9, solid_capstyle="butt", alpha=0.55, zorder=2
    )
    ax.plot([median] * 2, [place - 0.1, place + 0.22], color=style.INK, linewidth=2.4, zorder=3)
    half = read["mean"][1] / factor
    ax.errorbar([mean], [place], xerr=[half] if half > 0 else None, fmt="D", color=style.INK, capsize=3,
                markerfacecolor="white", markersize=6, elinewidth=1.2, zorder=4)  # fmt: skip
    ax.annotate(
        percent(*read["p_positive"]),
        (1.02, place),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=style.SMALL,
        annotation_clip=False,
    )


def _label_mean(ax: "Axes", place: int, mean: float, half: float, ends: tuple[float, float]) -> None:
    """Write the mean above its diamond, leaning inwards near either end."""
    width = ends[1] - ends[0]
    where = (mean - ends[0]) / width if width > 0 else 0.5
    ha, lean = ("right", 9) if where > _INWARDS else ("left", -9) if where < 1 - _INWARDS else ("center", 0)
    ax.annotate(
        rounded(mean, half),
        (mean, place),
        xytext=(lean, 8),
        textcoords="offset points",
        ha=ha,
        fontsize=style.SMALL,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.3},
        zorder=3,
    )


def _around(value: float) -> tuple[float, float]:
    margin = 0.1 * abs(value) or 1.0
    return value - margin, value + margin
