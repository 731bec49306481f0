"""Data and the laws fitted to them: the share that has come by each value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.figures import theme as style
from mcrace.figures.axes import log_ticks
from mcrace.figures.frames import frame_of
from mcrace.figures.wording import readable_unit, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FittedPanel", "draw_fitted", "fitted_height", "fitted_numbers"]

FloatArray = NDArray[np.float64]

_PANEL = 2.9
_LOG_RATIO = 30.0
_DASHES = ((4.0, 2.0), (1.0, 1.6), (6.0, 2.0, 1.0, 2.0))
_MOST_TICKS = 400
"""Cases that are marked one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPanel:
    """One law and its data.

    Attributes
    ----------
    name, title, unit, subtitle : str
        Of the input; what is drawn; the unit; and the sample in a few words.
    places, shares, lows, highs : ndarray, shape (step,)
        Share of cases come by each place and its 90 % band; NaN where there is none.
    grid, proposed : ndarray, shape (point,)
        Share by the proposed law.
    plain : tuple of (str, ndarray)
        Share by each most likely law, under its name.
    values : ndarray, shape (case,)
    waiting : ndarray of bool, shape (case,)
        The cases; those that wait are marked by a ring.
    """

    name: str
    title: str
    unit: str
    subtitle: str
    places: FloatArray
    shares: FloatArray
    lows: FloatArray
    highs: FloatArray
    grid: FloatArray
    proposed: FloatArray
    plain: tuple[tuple[str, FloatArray], ...]
    values: FloatArray
    waiting: NDArray[np.bool_]


def fitted_height(panels: int) -> float:
    """Height of the figure of so many panels, inches."""
    return _PANEL * max(panels, 1) + 0.3


def draw_fitted(panels: Sequence[FittedPanel], figure: "Figure") -> None:
    """Draw panels below one another.

    Parameters
    ----------
    panels : sequence of FittedPanel
        At least one.
    figure : matplotlib.figure.Figure
        Empty, of `fitted_height`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> line, none = np.linspace(0.1, 1.0, 10), np.full(10, np.nan)
    >>> panel = FittedPanel(name="a", title="A", unit="days", subtitle="", places=line, shares=line,
    ...                     lows=none, highs=none, grid=line, proposed=line, plain=(), values=line,
    ...                     waiting=np.zeros(10, dtype=bool))
    >>> figure = Figure()
    >>> draw_fitted([panel], figure)
    >>> figure.axes[0].get_xlabel()
    'days'
    """
    grid = figure.add_gridspec(len(panels), 1)
    for place, panel in enumerate(panels):
        _draw_panel(figure.add_subplot(grid[place, 0]), panel)


def fitted_numbers(panels: Sequence[FittedPanel]) -> "pd.DataFrame":
    """Tabulate what `draw_fitted` draws.

    Parameters
    ----------
    panels : sequence of FittedPanel
        As drawn.

    Returns
    -------
    pandas.DataFrame
        ``part, name, low, high, value``. A ``data`` row is a place (`low` = `high`) with the share that has
        come; its band is a ``band`` row before it, with the place as its value; ``proposed`` and the
        families' rows are places with their shares; a ``case`` that waits is infinite at its `high`.
    """
    rows: list[tuple[str, str, float, float, float]] = []
    for panel in panels:
        for at, share, low, high in zip(panel.places, panel.shares, panel.lows, panel.highs, strict=True):
            rows.append(("band", panel.name, float(low), float(high), float(at)))
            rows.append(("data", panel.name, float(at), float(at), float(share)))
        for part, curve in (("proposed", panel.proposed), *panel.plain):
            rows += [
                (part, panel.name, float(at), float(at), float(share))
                for at, share in zip(panel.grid, curve, strict=True)
            ]
        shown = list(zip(panel.values, panel.waiting, strict=True))[:_MOST_TICKS]
        rows += [
            ("case", panel.name, float(value), math.inf if waits else float(value), float(value))
            for value, waits in shown
        ]
    return frame_of(rows)


def _draw_panel(ax: "Axes", panel: FittedPanel) -> None:
    factor, unit = readable_unit([float(panel.grid[-1])], panel.unit)
    low, high = _view(panel)
    if low > 0 and high / low > _LOG_RATIO:
        log_ticks(ax, high / low, 8)
        ax.set_xlim(*style.view_with_margin(low / factor, high / factor, log=True))
    else:
        ax.set_xlim(*style.view_with_margin(low / factor, high / factor))
    places = panel.places / factor
    ax.fill_between(places, 100 * panel.lows, 100 * panel.highs, step="post", color="#BBBBBB", alpha=0.45,
                    linewidth=0, label="90 % band of the data")  # fmt: skip
    ax.step(places, 100 * panel.shares, where="post", color=style.INK, linewidth=1.3, label="data")
    for (name, curve), dashes in zip(panel.plain, _DASHES, strict=False):
        ax.plot(panel.grid / factor, 100 * curve, color=style.NEGATIVE, linewidth=1.2, dashes=dashes,
                label=f"most likely {name}")  # fmt: skip
    ax.plot(
        panel.grid / factor, 100 * panel.proposed, color=style.POSITIVE, linewidth=2, label="proposed law"
    )
    _mark_cases(ax, panel, factor)
    ax.set_ylim(-9, 103)
    ax.set_yticks(range(0, 101, 25))
    ax.set_ylabel("Share of cases up to here (%)")
    ax.set_title(wrapped(panel.title, 60, 2), parse_math=False)
    ax.set_xlabel(wrapped(unit or "Value", 90, 1), parse_math=False)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    style.plain_ticks(ax)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=style.SMALL,
              title=wrapped(panel.subtitle, 26, 4), title_fontsize=style.SMALL, alignment="left")  # fmt: skip


def _view(panel: FittedPanel) -> tuple[float, float]:
    """From the first value to where the proposed law has nearly all, or the last value."""
    inside = panel.grid[(panel.proposed > 0.002) & (panel.proposed < 0.985)]
    ends = inside if inside.size else panel.grid
    low = min(float(ends[0]), float(panel.values.min()))
    high = max(float(ends[-1]), float(panel.values.max()))
    return (0.0, high) if low > 0 and high / low <= _LOG_RATIO and low < 0.4 * high else (low, high)


def _mark_cases(ax: "Axes", panel: FittedPanel, factor: float) -> None:
    if panel.values.size > _MOST_TICKS:
        return
    came, waits = panel.values[~panel.waiting], panel.values[panel.waiting]
    ax.plot(came / factor, np.full(came.size, -5.0), "|", color=style.INK, markersize=6, markeredgewidth=1.0)
    if waits.size:
        ax.plot(waits / factor, np.full(waits.size, -5.0), "o", color="white", markeredgecolor=style.INK,
                markersize=4.5, label="still waiting")  # fmt: skip
