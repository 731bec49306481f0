"""The chance that an output exceeds a threshold, for every threshold."""

from typing import TYPE_CHECKING

from mcrace.figures import theme as style
from mcrace.figures.distribution import kept_draws
from mcrace.figures.estimates import estimates_of
from mcrace.figures.frames import Drawn, Row, estimate_row, frame_of
from mcrace.figures.spread import exceedance_curve, spread_of
from mcrace.figures.wording import percent, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mcrace.engine.result import Result

__all__ = ["exceedance", "exceedance_numbers"]

_HEIGHT = 4.0


def exceedance(result: "Result", output: str, *, scenario: str = "base", ax: "Axes | None" = None) -> "Axes":
    """Draw the share of draws above each threshold.

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
    exceedance_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.exceedance(result, "incentive", ax=Figure().add_subplot())
    >>> ax.get_ylabel()
    'Share of draws above the threshold (%)'
    """
    drawn = _drawn(result, output, scenario)
    named = style.output_of(output, result.study)
    curve = drawn.part("curve")
    with style.theme():
        ax = style.new_axes(_HEIGHT) if ax is None else ax
        factor, unit = estimates_of(result).unit([scenario], output, named.unit)
        thresholds, shares = curve.low / factor, 100 * curve.value
        ax.step(thresholds, shares, where="post", color=style.POSITIVE, linewidth=2)
        ax.set_xlim(*style.view_with_margin(thresholds[0], thresholds[-1]))
        ax.set_ylim(-2, 112)
        ax.set_yticks(range(0, 101, 20))
        _mark_zero(ax, *drawn.estimate("probability", "> 0"))
        title = named.label if scenario == "base" else f"{named.label}, scenario {scenario}"
        ax.set_title(wrapped(f"{title}: chance to exceed a threshold", 72, 3), parse_math=False)
        ax.set_xlabel(
            style.label_axis(f"Threshold of {named.label[:1].lower()}{named.label[1:]}", unit),
            parse_math=False,
        )
        ax.set_ylabel("Share of draws above the threshold (%)")
        ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
        style.plain_ticks(ax)
        style.sign(ax, result.study, drop=42)
    return ax


def exceedance_numbers(result: "Result", output: str, *, scenario: str = "base") -> "pd.DataFrame":
    """Tabulate what `exceedance` draws.

    Parameters
    ----------
    result : Result
        A finished run.
    output, scenario : str
        Names.

    Returns
    -------
    pandas.DataFrame
        ``part, name, low, high, value``: a ``curve`` row a threshold (`low` and `high`, in the output's
        unit) with the share of kept draws above it, and the ``probability`` to exceed 0 from all draws
        with its 95 % interval.

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
    >>> table = mcrace.figures.exceedance_numbers(result, "incentive")
    >>> float(table.query("part == 'probability'")["value"].item())
    1.0
    """
    return frame_of(_drawn(result, output, scenario).rows)


def _drawn(result: "Result", output: str, scenario: str) -> Drawn:
    values = kept_draws(result, output, scenario)
    thresholds, shares = exceedance_curve(values, spread_of(values).view)
    rows: list[Row] = [
        ("curve", "", float(at), float(at), float(share))
        for at, share in zip(thresholds, shares, strict=True)
    ]
    rows.append(estimate_row("probability", "> 0", estimates_of(result).of(scenario, output, "p_positive")))
    return Drawn(tuple(rows))


def _mark_zero(ax: "Axes", share: float, half_width: float) -> None:
    text = f"P(> 0) = {percent(share, half_width)}"
    low, high = ax.get_xlim()
    if not style.is_inside(0.0, low, high):
        style.write(ax, 0.98, 0.93, f"{text}; 0 is outside the view", ha="right")
        return
    ax.axvline(0, color=style.INK, linewidth=1.2)
    ax.plot([0], [100 * share], "o", color="white", markeredgecolor=style.INK, markersize=7, zorder=5)
    on_right = -low < 0.62 * (high - low)
    ax.annotate(
        text,
        (0, 100 * share),
        xytext=(11 if on_right else -11, 10),
        textcoords="offset points",
        ha="left" if on_right else "right",
        va="center",
        fontsize=10,
        weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.0},
        zorder=6,
    )
