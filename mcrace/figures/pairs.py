"""Draws of the few most telling inputs against the headline outputs."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.probe import BaseDraws, base_draws
from mcrace.figures import theme as style
from mcrace.figures.axes import log_ticks
from mcrace.figures.correlations import has_correlations, strongest
from mcrace.figures.findings import label_of, lower_first, output_label
from mcrace.figures.wording import counted, percent, readable_unit, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = ["draw_pairs", "has_pairs", "pairs", "pairs_alt", "pairs_caption", "pairs_height", "pairs_numbers"]

FloatArray = NDArray[np.float64]

_COLUMNS, _ROWS = 4, 2
_DOTS = 240
_INNER, _OUTER = (0.05, 0.95), (0.01, 0.99)
_LOG_RATIO, _LOG_MIDDLE = 50.0, 0.13
_BESIDE = 0.12
_KEY = "● incentive above 0    | below 0    ▪ exactly 0    at an edge: beyond the view"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Mark:
    """How draws of one sign are drawn: ends of their strokes, half their length in heights of the axes."""

    sign: float
    reach: float
    cap: Literal["butt", "round"]
    colour: str
    width: float


_MARKS = (
    _Mark(sign=1.0, reach=0.0005, cap="round", colour=style.POSITIVE, width=2.8),
    _Mark(sign=0.0, reach=0.006, cap="butt", colour=style.GREY, width=2.4),
    _Mark(sign=-1.0, reach=0.015, cap="butt", colour=style.NEGATIVE, width=1.1),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _View:
    """Ends of an axis that leave the bulk of the draws readable."""

    low: float
    high: float
    log: bool


def pairs(found: "Analyses", result: "Result", output: str, name: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw some draws of an input and an output, marked by the sign of the incentive.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    output : str
        One of the outputs that were analysed.
    name : str
        Of an input that varies.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        Draws beyond the view stand at its edge; an infinite day stands beside the others, as ``never``.

    See Also
    --------
    pairs_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.pairs(found, result, "open_effect", "day", ax=Figure().add_subplot())
    >>> ax.get_xlabel()
    'Day of the release'
    """
    if name not in found.inputs:
        raise ValueError(f"{name} is not an input that varies: expected one of {', '.join(found.inputs)}")
    with style.theme():
        ax = style.new_axes(4.0) if ax is None else ax
        _draw_panel(ax, result, output, name)
        _, unit = _unit(result, output)
        ax.set_ylabel(wrapped(style.label_axis(output_label(result, output), unit), 44, 2), parse_math=False)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_pairs(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw a row of panels an output and a column an input into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    names, outputs = _shown(found)
    for row, output in enumerate(outputs):
        _, unit = _unit(result, output)
        for column, name in enumerate(names):
            ax = figure.add_subplot(len(outputs), len(names), row * len(names) + column + 1)
            _draw_panel(ax, result, output, name)
            # Panels of a row, and of a column, have one axis; ticks that are not drawn need not be measured.
            ax.xaxis.set_visible(row == len(outputs) - 1)
            ax.yaxis.set_visible(column == 0)
            if column == 0:
                label = style.label_axis(output_label(result, output), unit)
                ax.set_ylabel(wrapped(label, 30, 3), fontsize=9, parse_math=False)
    figure.suptitle(_KEY, x=0.01, ha="left", fontsize=style.SMALL, parse_math=False)
    style.sign(figure, result.study)


def pairs_height(found: "Analyses") -> float:
    """Return the height in inches of the panels."""
    return 1.3 + 2.0 * len(_shown(found)[1])


def has_pairs(found: "Analyses") -> bool:
    """Whether any output goes with any input."""
    return has_correlations(found)


def pairs_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":
    """Tabulate what `pairs` draws.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        A row a draw: the drawn inputs and outputs by their names, in their units, and `sign`, of the
        incentive: 1, 0 or -1.
    """
    import pandas as pd

    names, outputs = _shown(found)
    columns = {name: _dots(result, name) for name in (*names, *outputs)}
    return pd.DataFrame({**columns, "sign": np.sign(_dots(result, "incentive"))})


def pairs_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows."""
    names, outputs = _shown(found)
    labels = " and ".join(lower_first(output_label(result, output)) for output in outputs)
    return (
        f"{counted(len(_dots(result, 'incentive')), 'kept draw')} of the base scenario: {labels} against the "
        f"{counted(len(names), 'input')} that go with them most. Dots: the incentive to train z is above 0 "
        "in that draw; bars: below 0; squares: exactly 0. The axes hold the bulk of all kept draws; marks at "
        "an edge lie beyond it, never stands beside the finite days. Axes of strongly skewed inputs are "
        "logarithmic."
    )


def pairs_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    names, outputs = _shown(found)
    spearman = found.from_draws.spearman.value if found.from_draws is not None else np.zeros((0, 0))
    texts = []
    for output in outputs:
        row = found.outputs.index(output)
        told = ", ".join(
            f"{label_of(result, name)} {_signed(spearman[row, found.inputs.index(name)])}" for name in names
        )
        texts.append(f"{output_label(result, output)}, rank correlation with {told}")
    share = percent(float((_dots(result, "incentive") > 0).mean()), float("nan"))
    return f"Scattered draws, {share} of them with an incentive above 0. {'; '.join(texts)}."


def _signed(value: float) -> str:
    text = f"{value:+.2f}"
    return text.replace("-", "−") if float(text) else "0"


def _shown(found: "Analyses") -> tuple[list[str], list[str]]:
    """Choose inputs and outputs: from each output's strongest inputs in turn."""
    outputs = list(found.outputs[:_ROWS])
    orders = [strongest(found, output) for output in outputs]
    places = list(dict.fromkeys(place for turn in zip(*orders, strict=True) for place in turn))
    return [found.inputs[place] for place in places[:_COLUMNS]], outputs


@lru_cache(maxsize=2)
def _draws(result: "Result") -> BaseDraws:
    return base_draws(result)


def _values(result: "Result", name: str) -> FloatArray:
    """All kept draws of an input or an output, shape (replicate, point)."""
    draws = _draws(result)
    if name in draws.names:
        return draws.inputs[..., draws.names.index(name)]
    return draws.outputs[name]


def _dots(result: "Result", name: str) -> FloatArray:
    """Take the first points of each replicate, as many as are drawn."""
    values = _values(result, name)
    return values[:, : max(_DOTS // len(values), 1)].ravel()


def _unit(result: "Result", output: str) -> tuple[float, str]:
    view = _view(_values(result, output))
    return readable_unit([view.low, view.high], style.output_of(output, result.study).unit)


def _view(values: FloatArray) -> _View:
    """Show the middle 98 %, less where that is many times the middle 90 %."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return _View(low=0.0, high=1.0, log=False)
    low, inner_low, middle, inner_high, high = (
        float(edge) for edge in np.quantile(finite, [_OUTER[0], _INNER[0], 0.5, _INNER[1], _OUTER[1]])
    )
    if low > 0 and high > _LOG_RATIO * low and middle < _LOG_MIDDLE * high:
        return _View(low=low, high=high, log=True)
    width = inner_high - inner_low
    if width > 0:
        low, high = max(low, inner_low - width), min(high, inner_high + width)
    if not high > low:
        margin = 0.1 * abs(low) or 1.0
        low, high = low - margin, high + margin
    return _View(low=low, high=high, log=False)


def _draw_panel(ax: "Axes", result: "Result", output: str, name: str) -> None:
    unit = next((item.unit for item in result.study.inputs if item.name == name), "")
    across, up = _view(_values(result, name)), _view(_values(result, output))
    sizes = [math.sqrt(across.low * across.high)] if across.log else [across.low, across.high]
    scale, words = readable_unit(sizes, unit)
    factor, _ = _unit(result, output)
    at, heights = _dots(result, name), _dots(result, output).clip(up.low, up.high) / factor
    never, signs = np.isposinf(at), np.sign(_dots(result, "incentive"))
    places = at.clip(across.low, across.high) / scale
    low, high = style.view_with_margin(across.low / scale, across.high / scale, log=across.log)
    if never.any():
        beyond = high * (high / low) ** _BESIDE if across.log else high + _BESIDE * (high - low)
        places[never], edge = beyond, high
        high = beyond + (beyond - edge) / 2
        ax.axvline(edge, color=style.GREY, linewidth=0.8, linestyle=(0, (3, 2)))
    bottom, top = style.view_with_margin(up.low / factor, up.high / factor)
    for mark in _MARKS:
        mine = signs == mark.sign
        _add_marks(ax, places[mine], heights[mine], mark.reach * (top - bottom), mark)
    if across.log:
        from matplotlib.ticker import NullLocator

        log_ticks(ax, high / low, 3)
        ax.xaxis.set_minor_locator(NullLocator())
    else:
        ax.locator_params(axis="x", nbins=3)
    ax.set_xlim(low, high)
    ax.set_ylim(bottom, top)
    ax.locator_params(axis="y", nbins=5)
    style.plain_ticks(ax)
    ax.yaxis.set_major_formatter(style.tick_text)
    if up.low < 0 < up.high:
        ax.axhline(0, color=style.INK, linewidth=1.0, zorder=1)
    below = words + ("; right: never" if never.any() else "")
    label = wrapped(label_of(result, name), 24, 3) + (f"\n({wrapped(below, 24, 2)})" if below else "")
    ax.set_xlabel(label, fontsize=style.SMALL, parse_math=False)


def _add_marks(ax: "Axes", places: FloatArray, heights: FloatArray, reach: float, mark: _Mark) -> None:
    """Draw draws as one path of upright strokes: a marker each would make the file five times as large."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    ends = np.stack([heights - reach, heights + reach], axis=1).ravel()
    codes = np.tile([Path.MOVETO, Path.LINETO], len(places))
    path = Path(np.column_stack([np.repeat(places, 2), ends]), codes)
    # Simplified, or snapped to pixels, the shortest strokes would be lost.
    path.should_simplify = False
    patch = PathPatch(path, fill=False, edgecolor=mark.colour, linewidth=mark.width, capstyle=mark.cap)
    patch.set_snap(False)
    ax.add_patch(patch)
