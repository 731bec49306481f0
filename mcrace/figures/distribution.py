"""The distribution of one output: where its draws fall, and how many of them are above 0."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.figures import theme as style
from mcrace.figures.estimates import estimates_of
from mcrace.figures.frames import Drawn, Row, estimate_row, frame_of, spread_rows
from mcrace.figures.spread import spread_of
from mcrace.figures.wording import percent, rounded, short, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mcrace.engine.result import Result

__all__ = ["distribution", "distribution_numbers", "draw_atoms", "draw_bins", "kept_draws"]

_QUANTILES = (("q0.05", "5 %"), ("q0.25", "25 %"), ("q0.5", "median"), ("q0.75", "75 %"), ("q0.95", "95 %"))
_SIGNS = (("p_negative", "< 0"), ("p_zero", "= 0"), ("p_positive", "> 0"))
_HEIGHT = 4.4
_HEADROOM = 1.42
_CUT = 2.5
_LABELLED_ATOMS = 3
_NEAR, _TOUCHING = 0.12, 0.03

FloatArray = NDArray[np.float64]


def distribution(
    result: "Result", output: str, *, scenario: str = "base", ax: "Axes | None" = None
) -> "Axes":
    """Draw how the draws of an output are spread.

    Parameters
    ----------
    result : Result
        A finished run.
    output : str
        Name of the output, such as ``incentive``.
    scenario : str
        Name of the scenario.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    distribution_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.distribution(result, "incentive", ax=Figure().add_subplot())
    >>> ax.get_xlabel()
    'Marginal incentive to train z (USD)'
    """
    drawn = _drawn(result, output, scenario)
    named = style.output_of(output, result.study)
    with style.theme():
        ax = style.new_axes(_HEIGHT) if ax is None else ax
        bins, marks = drawn.part("bin"), drawn.part("quantile").value
        factor, unit = estimates_of(result).unit([scenario], output, named.unit)
        top = _draw_shares(ax, drawn, factor)
        ax.set_xlim(*style.view_with_margin(bins.low.min() / factor, bins.high.max() / factor))
        ax.set_ylim(0, _HEADROOM * top)
        ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= 1.01 * top])
        ax.axvline(0, ymax=0.77, color=style.INK, linewidth=1.2, zorder=3)
        mean, _ = drawn.estimate("mean", "mean")
        _draw_marks(ax, marks / factor, mean / factor)
        _write_values(ax, drawn, factor)
        ax.set_title(wrapped(_title(named.label, scenario), 72, 3), pad=26, parse_math=False)
        ax.set_xlabel(style.label_axis(named.label, unit), parse_math=False)
        ax.set_ylabel("Share of draws in each bin (%)")
        style.plain_ticks(ax)
        style.sign(ax, result.study, drop=60)
    return ax


def distribution_numbers(result: "Result", output: str, *, scenario: str = "base") -> "pd.DataFrame":
    """Tabulate what `distribution` draws.

    Parameters
    ----------
    result : Result
        A finished run.
    output, scenario : str
        Names.

    Returns
    -------
    pandas.DataFrame
        ``part, name, low, high, value`` in the output's unit: ``bin``, ``atom`` and ``beyond`` are shares
        of the kept draws and add up to 1; ``quantile``, ``mean`` and ``probability`` are estimates from
        all draws with their 95 % intervals.

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
    >>> table = mcrace.figures.distribution_numbers(result, "incentive")
    >>> float(table.query("part == 'atom'")["value"].item())
    1.0
    """
    return frame_of(_drawn(result, output, scenario).rows)


def kept_draws(result: "Result", output: str, scenario: str) -> FloatArray:
    """Return the kept draws of an output in one scenario, in the output's unit."""
    draws = result.draws
    return draws.loc[draws["scenario"] == scenario, output].to_numpy(dtype=np.float64)


def draw_bins(ax: "Axes", edges: FloatArray, shares: FloatArray, *, split: float | None) -> None:
    """Fill a histogram in two colours, one on each side of `split`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    edges : ndarray, shape (bin + 1,)
        Ends of the bins, in the unit of the axis.
    shares : ndarray, shape (bin,)
        Heights.
    split : float or None
        Bins that end at or before it are drawn as negative; None: none are.
    """
    above = np.ones(shares.size, dtype=np.bool_) if split is None else edges[1:] > split
    for chosen, colour in ((above, style.POSITIVE), (~above, style.NEGATIVE)):
        if shares[chosen].any():
            heights = np.where(chosen, shares, 0.0)
            ax.stairs(heights, edges, fill=True, color=colour, alpha=0.35, linewidth=0)
            ax.stairs(np.where(chosen, shares, np.nan), edges, color=colour, linewidth=1.3)


def draw_atoms(ax: "Axes", places: FloatArray, heights: FloatArray, *, top: float) -> None:
    """Draw atoms as stems with a head; one above `top` is cut there with a break mark.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    places, heights : ndarray, shape (atom,)
        In the units of the axes.
    top : float
        Height at which stems end.
    """
    drawn = np.minimum(heights, top)
    ax.vlines(places, 0, drawn, color=style.INK, linewidth=2.6 if places.size < 10 else 1.6, zorder=4)
    ax.plot(places, drawn, "o", color=style.INK, markersize=5 if places.size < 10 else 3, zorder=4)
    cut = heights > top
    ax.plot(places[cut], 0.6 * drawn[cut], marker=(2, 0, -60), linestyle="none", markersize=12,
            markeredgecolor="white", markeredgewidth=4, zorder=5)  # fmt: skip


def _drawn(result: "Result", output: str, scenario: str) -> Drawn:
    table = estimates_of(result)
    rows: list[Row] = spread_rows(spread_of(kept_draws(result, output, scenario)))
    rows += [
        estimate_row("quantile", name, table.of(scenario, output, statistic))
        for statistic, name in _QUANTILES
    ]
    rows.append(estimate_row("mean", "mean", table.of(scenario, output, "mean")))
    rows += [
        estimate_row("probability", name, table.of(scenario, output, statistic)) for statistic, name in _SIGNS
    ]
    return Drawn(tuple(rows))


def _draw_shares(ax: "Axes", drawn: Drawn, factor: float) -> float:
    bins, atoms = drawn.part("bin"), drawn.part("atom")
    edges = np.append(bins.low, bins.high[-1]) / factor
    shares = 100 * bins.value
    draw_bins(ax, edges, shares, split=0.0)
    places, heights = atoms.low / factor, 100 * atoms.value
    tallest = float(heights.max(initial=0.0))
    top = min(tallest, _CUT * float(shares.max())) if shares.any() else tallest
    draw_atoms(ax, places, heights, top=top)
    for index in range(places.size) if places.size <= _LABELLED_ATOMS else np.flatnonzero(places == 0):
        place, height = float(places[index]), float(heights[index])
        # At 0 the share from all draws is known, and written above as well.
        share = percent(*drawn.estimate("probability", "= 0")) if place == 0 else f"{short(height)} %"
        _label_atom(ax, edges, place, min(height, top), f"{share} at exactly {rounded(place, 0.0)}")
    return max(top, float(shares.max(initial=0.0)))


def _label_atom(ax: "Axes", edges: FloatArray, place: float, height: float, text: str) -> None:
    on_right = place < (edges[0] + edges[-1]) / 2
    ax.annotate(
        text,
        (place, height),
        xytext=(7 if on_right else -7, 0),
        textcoords="offset points",
        ha="left" if on_right else "right",
        va="center",
        fontsize=style.SMALL,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.0},
        zorder=6,
    )


def _draw_marks(ax: "Axes", marks: FloatArray, mean: float) -> None:
    """Draw the interval strip above the histogram: 5-95 %, 25-75 %, median and mean."""
    low, high = ax.get_xlim()
    if not marks[4] > marks[0]:
        return
    strip = ax.get_xaxis_transform()
    ax.plot(
        marks[[0, 4]], [0.88, 0.88], transform=strip, color=style.GREY, linewidth=2, solid_capstyle="butt"
    )
    ax.plot(
        marks[[1, 3]], [0.88, 0.88], transform=strip, color=style.GREY, linewidth=7, solid_capstyle="butt"
    )
    ax.plot([marks[2]] * 2, [0.85, 0.91], transform=strip, color=style.INK, linewidth=2.2)
    middle, centre = (marks[2] - low) / (high - low), (mean - low) / (high - low)
    if style.is_inside(mean, low, high):
        ax.plot([mean], [0.88], "D", transform=strip, color="white", markeredgecolor=style.INK, markersize=6)
        style.write(ax, centre, 0.925 if abs(centre - middle) > _NEAR else 0.965, "mean", ha="center")
    style.write(ax, middle, 0.925, "median", ha="center")
    for mark, name in ((marks[0], "5 %"), (marks[4], "95 %")):
        place = (mark - low) / (high - low)
        if abs(place - middle) > _TOUCHING:  # the values stand below the axis in any case
            style.write(ax, place, 0.845, name, ha="center", va="top")


def _write_values(ax: "Axes", drawn: Drawn, factor: float) -> None:
    """Write the probabilities above the axes and the marks' values below, where nothing can collide."""
    columns = ((0.0, "left"), (0.5, "center"), (1.0, "right"))
    for (x, ha), (_, name) in zip(columns, _SIGNS, strict=True):
        text = f"P({name}) = {percent(*drawn.estimate('probability', name))}"
        style.write(ax, x, 1.0, text, rise=6, ha=ha)
    values = [
        (name, *drawn.estimate(part, name))
        for part, name in (
            ("quantile", "5 %"),
            ("quantile", "median"),
            ("mean", "mean"),
            ("quantile", "95 %"),
        )
    ]
    texts = [f"{name}: {rounded(value / factor, half / factor)}" for name, value, half in values]
    style.write(ax, 0.0, 0.0, " · ".join(texts), rise=-43, va="top")
    below, above = drawn.part("beyond").value[:2]
    sides = [
        f"{short(100 * share)} % {side}" for share, side in ((below, "left"), (above, "right")) if share > 0
    ]
    if sides:
        style.write(ax, 0.0, 0.0, f"Beyond the view: {', '.join(sides)} of it", rise=-59, va="top")


def _title(label: str, scenario: str) -> str:
    return label if scenario == "base" else f"{label}, scenario {scenario}"
