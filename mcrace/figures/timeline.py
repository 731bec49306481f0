"""One draw on its way through time, so that a newcomer sees what the model does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from mcrace.figures import theme as style
from mcrace.figures.course import COURSE_COLUMNS, WORLDS, Course, course_of
from mcrace.figures.line_labels import LineLabel, label_lines
from mcrace.figures.wording import common_unit, short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.engine.result import Result

__all__ = [
    "draw_timeline",
    "has_timeline",
    "timeline",
    "timeline_alt",
    "timeline_caption",
    "timeline_height",
    "timeline_numbers",
]

FloatArray = NDArray[np.float64]
Part = Literal["levels", "revenue", "gained"]

_PARTS: tuple[Part, ...] = ("levels", "revenue", "gained")
_TITLES = {
    "levels": "What the models embody",
    "revenue": "What the lab earns",
    "gained": "What training z has brought up to that day",
}
_DASHED = (0, (4, 2))
_DOTTED = (0, (1, 1.5))
_PANEL = 2.05
_FEW_TICKS = 5


def timeline(
    result: "Result",
    part: Part = "levels",
    *,
    draw: tuple[int, int] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw one draw of the base scenario over the days, with and without training z and open releases.

    Parameters
    ----------
    result : Result
        A finished run.
    part : {"levels", "revenue", "gained"}
        Levels of the models; what the lab earns a day; what training z has brought up to each day,
        discounted to day 0, which ends at the draw's incentive.
    draw : tuple of int, optional
        Replicate and point, both counted from 0; by default the kept draw with incentive and open effect
        nearest their medians.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    timeline_numbers : what is drawn, as a table.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6, "releases": [{"day": 5, "expense": 3e6}]},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> from matplotlib.figure import Figure
    >>> ax = mcrace.figures.timeline(result, "revenue", ax=Figure().add_subplot())
    >>> ax.get_ylabel()
    'Revenue (USD a day)'
    """
    with style.theme():
        ax = style.new_axes(_PANEL + 0.9) if ax is None else ax
        _draw_part(ax, course_of(result, draw), part)
        ax.set_xlabel("Day")
        style.sign(ax, result.study, drop=32)
    return ax


def draw_timeline(result: "Result", figure: "Figure") -> None:
    """Draw the three panels of `timeline` into a figure, one above the other.

    Parameters
    ----------
    result : Result
        A finished run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    course = course_of(result)
    for place, part in enumerate(_PARTS):
        ax = figure.add_subplot(len(_PARTS), 1, place + 1)
        _draw_part(ax, course, part)
        # All have the same days; ticks that are not drawn need not be measured.
        ax.xaxis.set_visible(part == _PARTS[-1])
        if place == 0:
            _mark_events(ax, course)
    ax.set_xlabel(f"Day · {_draw_words(course)}")
    style.sign(figure, result.study)


def timeline_height(_result: "Result") -> float:
    """Return the height in inches of the three panels."""
    return 0.6 + len(_PARTS) * _PANEL


def has_timeline(result: "Result") -> bool:
    """Whether the run has a model to follow; one put together by hand may have none."""
    return bool(result.study.base.model)


def timeline_numbers(result: "Result", draw: tuple[int, int] | None = None) -> "pd.DataFrame":
    """Tabulate what `timeline` draws.

    Parameters
    ----------
    result : Result
        A finished run.
    draw : tuple of int, optional
        As `timeline` takes it.

    Returns
    -------
    pandas.DataFrame
        ``world, day`` and, on that day, the open level that the lab meets on either path, the best rival's
        level (0 if there is none) and the lab's own on either path, USD; its revenue on either path, USD a
        day; and what training z has brought so far, discounted to day 0, USD. A day on which something jumps
        stands twice.
    """
    import pandas as pd

    course = course_of(result, draw)
    frames = []
    for world in WORLDS:
        columns = dict(zip(COURSE_COLUMNS, course.worlds[world], strict=True))
        frames.append(pd.DataFrame({"world": world, "day": course.days, **columns}))
    return pd.concat(frames, ignore_index=True)


def timeline_caption(result: "Result") -> str:
    """Say what `timeline` shows and of which draw."""
    course = course_of(result)
    counted = "; revenue is what it counts for the lab, which is less where it has much" * course.satiated
    return (
        f"How the model works, on one draw of the base scenario: {_draw_words(course)}. Top: training "
        "expense that the models embody. Middle: revenue a day, if the lab trains z and if it stays at its "
        f"current model y{counted}. Bottom: what training z has brought up to a day, discounted to day 0, "
        "all parts of the incentive together; it ends at the draw's incentive. Solid: with the open "
        "releases; dashed: the same draw without them. Follow any other draw by its replicate and point."
    )


def timeline_alt(result: "Result") -> str:
    """Tell in words and numbers what `timeline` shows."""
    course = course_of(result)
    ends = [course.incentives[world] for world in WORLDS]
    factor, unit = common_unit(ends, "USD")
    days = [short(day) for day in _release_days(course)]
    releases = (
        f"open releases raise the level on day {_listed(days)}" if days else "no open release raises it"
    )
    out = (
        f"z comes out on day {short(course.arrival)}"
        if np.isfinite(course.arrival)
        else "z does not come out"
    )
    return (
        f"Lines over {short(float(course.days[-1]))} days of one draw: {out}, {releases}. Training z brings "
        f"{short(ends[0] / factor)} {unit} with the open releases and {short(ends[1] / factor)} without them."
    )


def _draw_words(course: Course) -> str:
    where = f"replicate {course.replicate}, point {course.point}"
    return f"{where}, whose incentive and open effect are nearest their medians"


def _listed(days: Sequence[str]) -> str:
    shown = ", ".join(days[:6])
    return f"{shown} and {len(days) - 6} more" if len(days) > 6 else shown


def _release_days(course: Course) -> list[float]:
    """Days on which the open level rises by a release, not by a chase."""
    levels = course.column("release", "open_level_stay")
    before = np.concatenate([course.column("frozen", "open_level_stay")[:1], levels[:-1]])
    return [float(day) for day in course.days[levels > before]]


def _draw_part(ax: "Axes", course: Course, part: Part) -> None:
    labels = {"levels": _draw_levels, "revenue": _draw_revenue, "gained": _draw_gained}[part](ax, course)
    horizon = float(course.days[-1])
    ax.set_xlim(0, horizon)
    for day in _release_days(course):
        ax.axvline(day, color=style.GREY, linewidth=0.9, linestyle=_DASHED, zorder=1)
    if np.isfinite(course.arrival):
        ax.axvline(course.arrival, color=style.POSITIVE, linewidth=0.9, linestyle=_DASHED, zorder=1)
    ax.set_title(_TITLES[part], fontsize=10, pad=24 if part == "levels" else 6)
    style.plain_ticks(ax)
    label_lines(ax, labels)


def _differs(course: Course, column: str) -> bool:
    """Whether the open releases change a column."""
    return not np.array_equal(course.column("release", column), course.column("frozen", column))


def _draw_levels(ax: "Axes", course: Course) -> list[LineLabel]:
    lines = [
        ("own_level_upgrade", "release", "lab, if it trains z", style.POSITIVE, "-"),
        ("own_level_stay", "release", "lab, if it stays at y", style.NEGATIVE, "-"),
        ("open_level_stay", "release", "best open model", style.INK, "-"),
        ("open_level_stay", "frozen", "… without releases", style.INK, _DASHED),
        ("open_level_upgrade", "release", "… chasing z", style.INK, _DOTTED),
        ("rival_level", "release", "best rival", style.GREY, _DOTTED),
    ]
    unneeded = {
        "… without releases": not _differs(course, "open_level_stay"),
        "… chasing z": np.array_equal(
            course.column("release", "open_level_upgrade"), course.column("release", "open_level_stay")
        ),
        "best rival": not course.column("release", "rival_level").any(),
    }
    shown = [line for line in lines if not unneeded.get(line[2], False)]
    values = np.concatenate([course.column(world, name) for name, world, *_ in shown])
    factor, unit = common_unit(values, "USD")
    labels = []
    for name, world, text, colour, dashes in shown:
        levels = course.column(world, name) / factor
        levels = np.where(levels > 0, levels, np.nan)
        ax.plot(course.days, levels, color=colour, linestyle=dashes, linewidth=1.7)
        labels.append(LineLabel(height=float(levels[-1]), text=text, colour=colour))
    _log_levels(ax, values[values > 0] / factor)
    ax.set_ylabel(f"Level ({unit})")
    return labels


def _log_levels(ax: "Axes", levels: FloatArray) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    low, high = float(levels.min()), float(levels.max())
    margin = max((high / low) ** 0.08, 1.1)
    ax.set_yscale("log")
    ax.set_ylim(low / margin, high * margin)
    decades = np.log10(high / low)
    ax.yaxis.set_major_locator(
        LogLocator(subs=(1.0, 2.0, 5.0) if decades < 2 else (1.0,), numticks=_FEW_TICKS)
    )
    ax.yaxis.set_major_formatter(style.tick_text)
    ax.yaxis.set_minor_locator(NullLocator())


def _draw_revenue(ax: "Axes", course: Course) -> list[LineLabel]:
    paths = (("revenue_upgrade", "trains z", style.POSITIVE), ("revenue_stay", "stays at y", style.NEGATIVE))
    values = np.concatenate([course.column(world, name) for name, _, _ in paths for world in WORLDS])
    factor, unit = common_unit(values, "USD a day")
    labels = []
    for name, text, colour in paths:
        for world, dashes, more in (("release", "-", ""), ("frozen", _DASHED, ", no releases")):
            if world == "frozen" and not _differs(course, name):
                continue
            flow = course.column(world, name) / factor
            ax.plot(course.days, flow, color=colour, linestyle=dashes, linewidth=1.7)
            labels.append(LineLabel(height=float(flow[-1]), text=text + more, colour=colour))
    _set_scale(ax, values / factor)
    ax.set_ylabel(f"Revenue{' counted' * course.satiated} ({unit})")
    return labels


def _draw_gained(ax: "Axes", course: Course) -> list[LineLabel]:
    values = np.concatenate([course.column(world, "gained") for world in WORLDS])
    factor, unit = common_unit(values, "USD")
    labels = []
    worlds = (("release", "-", "incentive"), ("frozen", _DASHED, "without releases"))
    for world, dashes, text in worlds:
        if world == "frozen" and not _differs(course, "gained"):
            continue
        gained = course.column(world, "gained") / factor
        ax.plot(course.days, gained, color=style.INK, linestyle=dashes, linewidth=1.9)
        words = f"{text} {short(float(gained[-1]))}"
        labels.append(LineLabel(height=float(gained[-1]), text=words, colour=style.INK))
    ax.axhline(0, color=style.INK, linewidth=1.0, zorder=1)
    _set_scale(ax, values / factor)
    ax.set_ylabel(f"Gained so far ({unit})")
    return labels


def _set_scale(ax: "Axes", values: FloatArray) -> None:
    """Show all values and 0."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    ax.set_ylim(*style.view_with_margin(low, high if high > low else low + 1.0))
    ax.locator_params(axis="y", nbins=_FEW_TICKS)
    ax.yaxis.set_major_formatter(style.tick_text)


def _mark_events(ax: "Axes", course: Course) -> None:
    """Name the upright lines above the axes, in two rows, so that none hides another."""
    days = _release_days(course)
    horizon = float(course.days[-1])
    events = [(days[0], "open release" + "s" * (len(days) > 1), style.GREY, 2)] if days else []
    if np.isfinite(course.arrival):
        events.append((course.arrival, "z comes out", style.POSITIVE, 11))
    for day, text, colour, rise in events:
        ax.annotate(
            text,
            (day, 1.0),
            xytext=(0.0, rise),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left" if day < 0.1 * horizon else "right" if day > 0.9 * horizon else "center",
            fontsize=style.SMALL,
            color=colour,
            annotation_clip=False,
        )
