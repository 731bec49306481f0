"""Distributions one above the other, on one axis: of runs, or of a run's scenarios."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style
from mcrace.figures.comparison import compared_runs
from mcrace.figures.distribution import kept_draws
from mcrace.figures.estimates import estimates_of
from mcrace.figures.frames import Row, frame_of
from mcrace.figures.spread import FloatArray, spread_of
from mcrace.figures.telling import IN_A_FIGURE, left_out_words, telling_scenarios
from mcrace.figures.wording import clean_text, common_unit, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.engine.result import Result

__all__ = [
    "Ridge",
    "draw_ridges",
    "draw_run_ridges",
    "has_ridges",
    "ridge_rows",
    "ridges_alt",
    "ridges_caption",
    "ridges_height",
    "run_ridges",
    "runs_drawn",
    "scenario_ridges",
    "scenarios_drawn",
]

_BINS = 90
_REACH = 1.0
"""The view ends so many times the typical 5-95 % width beyond the typical 5 and 95 % points."""

_TALL = 0.86
_LABEL_WIDTH, _LABEL_LINES = 26, 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ridge:
    """One row.

    Attributes
    ----------
    label : str
        Run or scenario.
    values : ndarray, shape (draw,)
        Finite, in the output's unit.
    positive : str
        Share of all draws above 0, in words.
    """

    label: str
    values: FloatArray
    positive: str


def run_ridges(results: "Sequence[Result]", output: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the distribution of an output in the base scenario of several runs.

    Parameters
    ----------
    results : sequence of Result
        Finished runs.
    output : str
        Name of the output, such as ``incentive``.
    ax : matplotlib.axes.Axes, optional
        Where; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        A row a run, each as high as the others whatever its width; what many draws have exactly is a stem.

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
    >>> ax = run_ridges([result, result], "incentive", ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['tiny', 'tiny']
    """
    drawn = runs_drawn(results, output)
    with style.theme():
        axes = style.new_axes(ridges_height(len(drawn))) if ax is None else ax
        named = style.output_of(output, results[0].study)
        draw_ridges(axes, drawn, named.label, named.unit)
    return axes


def draw_run_ridges(results: "Sequence[Result]", output: str, figure: "Figure") -> None:
    """Draw `run_ridges` into an empty matplotlib figure."""
    run_ridges(results, output, ax=figure.add_subplot())


def scenario_ridges(result: "Result", output: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the distribution of an output in each scenario of a run.

    Parameters
    ----------
    result : Result
        A finished run.
    output : str
        Name of the output.
    ax : matplotlib.axes.Axes, optional
        Where; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        As `run_ridges`, base first; of many scenarios those that change the mean of ``open_effect`` most.
    """
    drawn = scenarios_drawn(result, output)
    with style.theme():
        axes = style.new_axes(ridges_height(len(drawn))) if ax is None else ax
        named = style.output_of(output, result.study)
        more = left_out_words(result, IN_A_FIGURE)
        draw_ridges(axes, drawn, named.label, named.unit, more)
        axes.set_title(wrapped(f"{named.label} by scenario", 66, 3), pad=24, parse_math=False)
        style.sign(axes, result.study, drop=42 + 12 * axes.get_xlabel().count("\n"))
    return axes


def runs_drawn(results: "Sequence[Result]", output: str) -> list[Ridge]:
    """Take the kept draws of base out of each run."""
    return [
        Ridge(
            label=run.label,
            values=kept_draws(result, output, "base"),
            positive=estimates_of(result).of("base", output, "p_positive").percent,
        )
        for run, result in zip(compared_runs(results), results, strict=True)
    ]


def scenarios_drawn(result: "Result", output: str) -> list[Ridge]:
    """Take the kept draws of each scenario that is drawn."""
    estimates = estimates_of(result)
    return [
        Ridge(
            label=clean_text(name),
            values=kept_draws(result, output, name),
            positive=estimates.of(name, output, "p_positive").percent,
        )
        for name in telling_scenarios(result, IN_A_FIGURE)
    ]


def ridge_rows(ridges: Sequence[Ridge]) -> "pd.DataFrame":
    """Tabulate what `draw_ridges` draws.

    Parameters
    ----------
    ridges : sequence of Ridge
        One at least.

    Returns
    -------
    pandas.DataFrame
        ``part, name, low, high, value``: `part` is the row, `name` ``bin`` or ``atom`` (shares of the draws
        between `low` and `high`), ``below`` or ``above`` (beyond the view), or ``median``.
    """
    view = _view(ridges)
    return frame_of([row for ridge in ridges for row in _rows(ridge, view)])


def draw_ridges(ax: "Axes", ridges: Sequence[Ridge], label: str, unit: str, more: str = "") -> None:
    """Draw rows into axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Empty.
    ridges : sequence of Ridge
        One at least.
    label, unit : str
        Of the output, the plain unit.
    more : str
        What is not drawn, in words.
    """
    view = _view(ridges)
    factor, words = common_unit(view, unit)
    for place, ridge in enumerate(ridges):
        _draw_row(ax, place, _rows(ridge, view), factor)
        ax.annotate(ridge.positive, (1.02, place - 0.25), xycoords=("axes fraction", "data"), va="center",
                    fontsize=style.SMALL, annotation_clip=False)  # fmt: skip
    ax.axvline(0, color=style.INK, linewidth=0.8, zorder=1)
    ax.set_xlim(*style.view_with_margin(view[0] / factor, view[1] / factor))
    ax.set_ylim(len(ridges) - 0.85, -1.05)
    names = [wrapped(ridge.label, _LABEL_WIDTH, _LABEL_LINES) for ridge in ridges]
    ax.set_yticks([place - 0.25 for place in range(len(ridges))], names)
    for tick in ax.get_yticklabels():
        tick.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_title(wrapped(label, 66, 3), pad=24, parse_math=False)
    style.write(ax, 0.0, 1.0, "each row as high as the others; upright bar: median", rise=6)
    style.write(ax, 1.02, 1.0, "P(> 0)", rise=6)
    ax.set_xlabel(wrapped(" · ".join(part for part in (style.label_axis(label, words), more) if part), 90, 3),
                  parse_math=False)  # fmt: skip
    style.plain_ticks(ax)


def ridges_height(rows: int) -> float:
    """Return the height in inches that so many rows need."""
    return 1.5 + 0.52 * rows


def has_ridges(result: "Result") -> bool:
    """Tell whether a run draws its scenarios so: where its study asks for analyses and has scenarios."""
    return "analysis" in result.study.document and len(result.statistics.scenarios) > 1


def ridges_caption(result: "Result", output: str) -> str:
    """Say what `scenario_ridges` shows."""
    label = style.output_of(output, result.study).label
    return (
        f"{label} in each scenario, kept draws. Each row is as high as the others; orange is below 0, "
        "blue above; an upright bar is the median, a stem a value that many draws have exactly; an "
        "arrow tells the share beyond the view. P(> 0) at the right is that of all draws; ± is half the "
        "width of its 95 % interval."
    )


def ridges_alt(result: "Result", output: str) -> str:
    """Say what `scenario_ridges` finds."""
    label = style.output_of(output, result.study).label
    rows = scenarios_drawn(result, output)
    told = "; ".join(f"{row.label} {row.positive}" for row in rows)
    return f"{label}, share of draws above 0 by scenario: {told}."


def _view(ridges: Sequence[Ridge]) -> tuple[float, float]:
    """Choose ends such that one row with a heavy tail leaves the others readable."""
    ends = np.array([np.quantile(ridge.values, [0.01, 0.05, 0.95, 0.99], method="hazen") for ridge in ridges])
    width = float(np.median(ends[:, 2] - ends[:, 1]))
    low = max(float(ends[:, 0].min()), float(np.median(ends[:, 1])) - _REACH * width)
    high = min(float(ends[:, 3].max()), float(np.median(ends[:, 2])) + _REACH * width)
    if high > low:
        return low, high
    low, high = float(ends[:, 0].min()), float(ends[:, 3].max())
    margin = 0.1 * max(abs(low), abs(high)) or 1.0
    return low - margin, high + margin


def _rows(ridge: Ridge, view: tuple[float, float]) -> list[Row]:
    values = ridge.values
    spread = spread_of(values)
    rest = values[~np.isin(values, spread.atoms)]
    edges = np.linspace(*view, _BINS + 1)
    if view[0] < 0 < view[1]:  # a bin must not lie on both sides of 0
        edges = np.insert(edges, np.searchsorted(edges, 0.0), 0.0)
        edges = np.unique(edges)
    shares = np.histogram(rest, edges)[0] / values.size
    name = ridge.label
    rows: list[Row] = [
        (name, "bin", float(low), float(high), float(share))
        for low, high, share in zip(edges[:-1], edges[1:], shares, strict=True)
    ]
    rows += [
        (name, "atom", float(at), float(at), float(share))
        for at, share in zip(spread.atoms, spread.atom_shares, strict=True)
    ]
    beyond = {"below": values < view[0], "above": values > view[1]}
    rows += [(name, side, *view, float(is_out.mean())) for side, is_out in beyond.items()]
    median = float(np.quantile(values, 0.5, method="hazen"))
    return [*rows, (name, "median", median, median, median)]


def _draw_row(ax: "Axes", place: int, rows: Sequence[Row], factor: float) -> None:
    bins = np.array([row[2:] for row in rows if row[1] == "bin"])
    atoms = np.array([row[2:] for row in rows if row[1] == "atom"]).reshape(-1, 3)
    widths = bins[:, 1] - bins[:, 0]
    # Heights are densities, so that the bin that 0 cuts in two does not dip.
    heights = bins[:, 2] / widths
    scale = _TALL / heights.max() if heights.any() else 0.0
    edges = np.append(bins[:, 0], bins[-1, 1]) / factor
    ax.axhline(place, color=style.GREY, linewidth=0.6, zorder=1)
    for on_right, colour in ((True, style.POSITIVE), (False, style.NEGATIVE)):
        mine = (edges[1:] > 0) == on_right
        tops = place - np.where(mine, scale * heights, 0.0)
        ax.stairs(tops, edges, baseline=place, fill=True, color=colour, alpha=0.45, linewidth=0, zorder=2)
    largest = float(atoms[:, 2].max(initial=0.0))
    for at, _, share in atoms:
        top = place - _TALL * share / max(largest, 0.5)
        ax.plot([at / factor] * 2, [place, top], color=style.INK, linewidth=2.2, zorder=3)
    median = next(row[4] for row in rows if row[1] == "median") / factor
    if edges[0] <= median <= edges[-1]:
        ax.plot([median] * 2, [place, place - 0.3], color=style.INK, linewidth=1.4, zorder=4)
    for side, at, ha in (("below", 0.0, "left"), ("above", 1.0, "right")):
        share = next(row[4] for row in rows if row[1] == side)
        if share >= 0.005:
            arrow = "‹ " if side == "below" else ""
            text = f"{arrow}{100 * share:.1f} %{' ›' if side == 'above' else ''}"
            ax.annotate(text, (at, place - 0.08), xycoords=("axes fraction", "data"), ha=ha,
                        fontsize=7.5, color=style.GREY, annotation_clip=False)  # fmt: skip
