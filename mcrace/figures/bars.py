"""Horizontal bars with errors, a row a name: what several figures of analyses draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.figures import theme as style
from mcrace.figures.findings import row_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "FIRST",
    "LIGHT",
    "SECOND",
    "TITLE_WIDTH",
    "UNSURE",
    "Bars",
    "add_legend",
    "bars_height",
    "beside",
    "draw_bars",
    "head",
    "name_rows",
]

FloatArray = NDArray[np.float64]

LIGHT = "#9CC3DE"
"""A lighter blue than that of positive numbers, for a second series."""

UNSURE = "#CCCCCC"
"""Of what the draws do not tell from nothing."""

TITLE_WIDTH = 54
"""Columns of a title's line above rows with names."""

FIRST, SECOND = 8.0, 84.0
"""Where columns of text to the right of the axes begin, points."""

_FILL = 0.78
_EDGE = 0.04
_TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bars:
    """One series of bars, a bar a row.

    Attributes
    ----------
    label : str
        In the legend.
    start, end : ndarray, shape (row,)
        Where bars start and end, in the unit of the axis; a bar that is NaN is not drawn.
    half : ndarray, shape (row,)
        Half of the 95 % interval's width at the end; no error bar where that is 0 or NaN.
    colours : tuple of str
        One a row.
    """

    label: str
    start: FloatArray
    end: FloatArray
    half: FloatArray
    colours: tuple[str, ...]


def draw_bars(ax: "Axes", series: Sequence[Bars], *, room: float = _EDGE, zero: bool = True) -> None:
    """Draw series of bars, those of one row below each other, and the line at 0.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    series : sequence of Bars
        One or two, of equally many rows.
    room : float
        Free space at either end of the axis, in widths of all that is drawn.
    zero : bool
        Whether bars start at 0, so that it is in view; else the line is drawn only if it happens to be.
    """
    thick = _FILL / len(series)
    for number, bars in enumerate(series):
        rows = np.arange(len(bars.end)) + (number - (len(series) - 1) / 2) * thick
        seen = np.isfinite(bars.end)
        ax.barh(
            rows[seen],
            (bars.end - bars.start)[seen],
            0.92 * thick,
            left=bars.start[seen],
            color=[colour for colour, shown in zip(bars.colours, seen, strict=True) if shown],
            edgecolor="none",
            label=bars.label,
        )
        sure = seen & (np.nan_to_num(bars.half) > 0)
        ax.errorbar(bars.end[sure], rows[sure], xerr=bars.half[sure], fmt="none", ecolor=style.INK,
                    elinewidth=1.2, capsize=2.5, zorder=4)  # fmt: skip
    low, high = _view(series, room, zero=zero)
    ax.set_xlim(low, high)
    if low <= 0 <= high:
        ax.axvline(0, color=style.INK, linewidth=1.2, zorder=3)
    ax.locator_params(axis="x", nbins=_TICKS)
    style.plain_ticks(ax)


def name_rows(ax: "Axes", names: Sequence[str]) -> None:
    """Write the names of the rows, the first on top.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    names : sequence of str
        Any text; each is cleaned, broken into two lines and cut.
    """
    ax.set_yticks(range(len(names)), [row_label(name) for name in names])
    for tick in ax.get_yticklabels():
        tick.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(names) - 0.45, -0.55)


def beside(ax: "Axes", row: float, text: str, *, right: float = FIRST, colour: str = style.INK) -> None:
    """Write a small text to the right of a row.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    row : float
        Its place.
    text : str
        What stands there.
    right : float
        How far from the axes, points.
    colour : str
        Of the text.
    """
    ax.annotate(
        text,
        (1.0, row),
        xytext=(right, 0.0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        fontsize=style.SMALL,
        color=colour,
        annotation_clip=False,
        parse_math=False,
    )


def head(ax: "Axes", text: str, *, right: float = FIRST) -> None:
    """Write the heading of what stands `beside` the rows."""
    ax.annotate(
        text,
        (1.0, 1.0),
        xytext=(right, 6.0),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=style.SMALL,
        annotation_clip=False,
        parse_math=False,
    )


def add_legend(ax: "Axes", *, ncols: int = 2) -> None:
    """Put the legend between the title and the axes; the title needs a pad of 24 points."""
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=ncols,
        frameon=False,
        fontsize=style.SMALL,
        handlelength=1.2,
        columnspacing=1.2,
        borderaxespad=0.3,
        borderpad=0.0,
    )


def bars_height(rows: int, series: int = 1) -> float:
    """Return the height in inches of axes with so many rows, with title and axis."""
    return 1.25 + (0.33 if series == 1 else 0.39) * max(rows, 1)


def _view(series: Sequence[Bars], room: float, *, zero: bool) -> tuple[float, float]:
    ends = [0.0] if zero else []
    for bars in series:
        half = np.nan_to_num(bars.half)
        both = np.concatenate([bars.start, bars.end - half, bars.end + half])
        ends += [float(end) for end in both[np.isfinite(both)]]
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    edge = room * (high - low)
    if edge <= 0:
        return low - (0.1 * abs(low) or 1.0), high + (0.1 * abs(high) or 1.0)
    return (low - edge if low < 0 or not zero else low), high + edge
