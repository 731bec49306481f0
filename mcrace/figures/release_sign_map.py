"""Day and level of the next open release: where it changes the sign of the incentive or of its effect."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.release_map import OUTPUTS_OF_MAP, MapOfReleases
from mcrace.figures import theme as style
from mcrace.figures.findings import estimate_at, lower_first, output_label
from mcrace.figures.wording import common_unit, percent, rounded, short, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "draw_release_sign_map",
    "release_sign_map",
    "release_sign_map_alt",
    "release_sign_map_caption",
    "release_sign_map_height",
    "release_sign_map_numbers",
]

_PANEL = 3.7
_FEW_CELLS = 400

FloatArray = NDArray[np.float64]


def release_sign_map(
    found: "Analyses", result: "Result", output: str = "incentive", *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the mean of an output over day and level of the next open release.

    Parameters
    ----------
    found : Analyses
        Of the run, with its map of releases.
    result : Result
        The run.
    output : str
        ``incentive`` or ``open_effect``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        Blue above 0, orange below, white at 0; dots where the sign is not told.

    See Also
    --------
    release_sign_map_numbers : what is drawn, as a table.

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
    ...     analysis={"release_map": {"count": 3}},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> from matplotlib.figure import Figure
    >>> found = mcrace.analyse(result, jobs=1)
    >>> ax = mcrace.figures.release_sign_map(found, result, ax=Figure().add_subplot())
    >>> ax.get_xlabel()
    'Day of the next open release (days from today)'
    """
    with style.theme():
        ax = style.new_axes(_PANEL) if ax is None else ax
        _draw_panel(ax, _map(found), result, output)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_release_sign_map(found: "Analyses", result: "Result", figure: "Figure") -> None:
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
    for place, output in enumerate(OUTPUTS_OF_MAP):
        _draw_panel(figure.add_subplot(len(OUTPUTS_OF_MAP), 1, place + 1), _map(found), result, output)
    style.sign(figure, result.study)


def release_sign_map_height(found: "Analyses") -> float:  # noqa: ARG001 - as all have it
    """Return the height in inches."""
    return 0.3 + len(OUTPUTS_OF_MAP) * _PANEL


def release_sign_map_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `release_sign_map` draws of each output.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``output, day, level, low, high, value``: the mean in USD with the ends of its 95 % interval, by day
        from today and level in multiples of the lab's own model y.
    """
    import pandas as pd

    cells = _map(found)
    low, high = cells.mean.interval()
    rows = [
        (
            OUTPUTS_OF_MAP[place[0]],
            float(cells.days[place[2]]),
            float(cells.levels[place[1]]),
            float(low[place]),
            float(high[place]),
            float(cells.mean.value[place]),
        )
        for place in np.ndindex(cells.mean.value.shape)
    ]
    return pd.DataFrame(rows, columns=["output", "day", "level", "low", "high", "value"])


def release_sign_map_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows."""
    cells = _map(found)
    labels = " and ".join(lower_first(output_label(result, output)) for output in OUTPUTS_OF_MAP)
    return (
        f"Mean of {labels} if the next open release came on a given day, at a given multiple of the level of "
        f"the lab's own model y, on the same draws; {len(cells.days)} days and {len(cells.levels)} levels. "
        "Blue: above 0; orange: below; black line: 0; dots: the 95 % interval of the Monte Carlo error holds "
        "0. Dashed: as good as y."
    )


def release_sign_map_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    cells = _map(found)
    return "Heat maps. " + " ".join(_finding(cells, result, output) for output in OUTPUTS_OF_MAP)


def _finding(cells: MapOfReleases, result: "Result", output: str) -> str:
    row = OUTPUTS_OF_MAP.index(output)
    means = cells.mean.value[row]
    low, high = (end[row] for end in cells.mean.interval())
    factor, unit = _unit(means)
    sides = f"above 0 in {_share(low > 0)} and below 0 in {_share(high < 0)} of the cells"
    ends = []
    for word, place in (("least", int(means.argmin())), ("largest", int(means.argmax()))):
        level, day = (int(part) for part in np.unravel_index(place, means.shape))
        value = estimate_at(cells.mean, (row, level, day))
        text = rounded(value.value / factor, value.half_width / factor)
        at = f"day {short(float(cells.days[day]))} and {short(float(cells.levels[level]))} times y"
        ends.append(f"{word} {text} {unit} at {at}")
    return f"{output_label(result, output)}: {sides}; {', '.join(ends)}."


def _map(found: "Analyses") -> MapOfReleases:
    if found.release_map is None:
        raise ValueError("there is no map of releases: the study does not ask for one")
    return found.release_map


def _share(cells: NDArray[np.bool_]) -> str:
    return percent(float(cells.mean()), float("nan"))


def _unit(means: FloatArray) -> tuple[float, str]:
    return common_unit([float(means.min()), float(means.max())], "USD")


def _colours() -> "Colormap":
    """Go from the colour of negative numbers through white to that of positive ones."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(
        "sign", [style.NEGATIVE, "#F6D9C2", "white", "#C6DDEE", style.POSITIVE]
    )


def _draw_panel(ax: "Axes", cells: MapOfReleases, result: "Result", output: str) -> None:
    row = OUTPUTS_OF_MAP.index(output)
    means = cells.mean.value[row]
    factor, unit = _unit(means)
    top = float(np.abs(means).max()) / factor or 1.0
    days, levels = _edges(cells.days), np.exp(_edges(np.log(cells.levels)))
    mesh = ax.pcolormesh(days, levels, means / factor, cmap=_colours(), vmin=-top, vmax=top,
                         edgecolors="face", linewidth=0.3)  # fmt: skip
    low, high = (end[row] for end in cells.mean.interval())
    # Where all draws agree there is nothing to resolve.
    unsure = (low <= 0) & (high >= 0) & (high > low)
    if unsure.any():
        level, day = np.nonzero(unsure)
        size = 6.0 if means.size <= _FEW_CELLS else 2.0
        ax.scatter(cells.days[day], cells.levels[level], s=size, color=style.INK, zorder=3)
    if means.min() < 0 < means.max():
        ax.contour(cells.days, cells.levels, means, levels=[0.0], colors=[style.INK], linewidths=1.8)
    ax.set_yscale("log")
    ax.set_xlim(days[0], days[-1])
    ax.set_ylim(levels[0], levels[-1])
    _dress(ax, result, output, levels)
    bar = ax.figure.colorbar(mesh, cax=ax.inset_axes((1.02, 0.0, 0.03, 1.0)))
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_formatter(ax.xaxis.get_major_formatter())
    bar.set_label(style.label_axis("Mean", unit), fontsize=style.SMALL)
    if means.any():
        # The scale is even on both sides of 0; only what occurs on the map is shown of it.
        bar.ax.set_ylim(min(float(means.min()), 0.0) / factor, max(float(means.max()), 0.0) / factor)


def _dress(ax: "Axes", result: "Result", output: str, levels: FloatArray) -> None:
    from matplotlib.ticker import LogLocator

    style.plain_ticks(ax)
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    ax.yaxis.set_major_formatter(ax.xaxis.get_major_formatter())
    ax.yaxis.set_minor_formatter(lambda _value, _place: "")
    if levels[0] < 1 < levels[-1]:
        ax.axhline(1.0, color=style.INK, linewidth=1.0, linestyle=(0, (4, 3)))
    ax.set_title(wrapped(f"Mean of {lower_first(output_label(result, output))}", 66, 2), parse_math=False)
    ax.set_xlabel("Day of the next open release (days from today)")
    ax.set_ylabel("Level, in multiples of y")


def _edges(centres: FloatArray) -> FloatArray:
    """Give the borders of cells, halfway between what was evaluated; the outer cells end there."""
    return np.concatenate([centres[:1], (centres[1:] + centres[:-1]) / 2, centres[-1:]])
