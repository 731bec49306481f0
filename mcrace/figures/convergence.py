"""How the estimates of a run settle as draws are added, with their errors."""

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import over_replicates
from mcrace.figures import theme as style
from mcrace.figures.axes import log_ticks
from mcrace.figures.estimates import Estimate, estimates_of, total_draws
from mcrace.figures.findings import estimate_at, lower_first
from mcrace.figures.frames import Drawn, Row, estimate_row, frame_of
from mcrace.figures.wording import clean_text, common_unit, counted, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.engine.result import Result

__all__ = [
    "convergence",
    "convergence_alt",
    "convergence_caption",
    "convergence_height",
    "convergence_numbers",
    "draw_convergence",
    "has_convergence",
]

FloatArray = NDArray[np.float64]

_OUTPUTS = ("incentive", "open_effect")
_STATISTICS = ("mean", "p_positive")
_HALVINGS = 9
_LEAST_POINTS = 2
_WIDE = 6.0
_PERCENT = 0.01
_NORMAL = 1.959963984540054
_PANEL = 2.5


def convergence(
    result: "Result", output: str, statistic: str = "mean", *, ax: "Axes | None" = None
) -> "Axes":
    """Draw an estimate of the base scenario over the draws it is made of, with its 95 % interval.

    Parameters
    ----------
    result : Result
        A finished run of more than one replicate.
    output : str
        Name of the output, such as ``incentive``.
    statistic : {"mean", "p_positive"}
        The output's mean, or the chance that it is above 0.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    convergence_numbers : what is drawn, as a table.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"uniform": [0, 200]}},
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
    >>> ax = mcrace.figures.convergence(result, "incentive", ax=Figure().add_subplot())
    >>> [int(count) for count in ax.lines[0].get_xdata()[-3:]]
    [256, 512, 1024]
    """
    with style.theme():
        ax = style.new_axes(_PANEL + 0.9) if ax is None else ax
        _draw_panel(ax, result, output, statistic)
        style.sign(ax, result.study, drop=32)
    return ax


def draw_convergence(result: "Result", figure: "Figure") -> None:
    """Draw the panels of both headline outputs into a figure: means on top, chances below.

    Parameters
    ----------
    result : Result
        A finished run of more than one replicate.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    for place, (statistic, output) in enumerate((s, o) for s in _STATISTICS for o in _OUTPUTS):
        ax = figure.add_subplot(len(_STATISTICS), len(_OUTPUTS), place + 1)
        _draw_panel(ax, result, output, statistic)
        # Both rows are of the same outputs and draws; ticks that are not drawn need not be measured.
        ax.xaxis.set_visible(statistic == _STATISTICS[-1])
        if statistic != _STATISTICS[0]:
            ax.set_title("")
    style.sign(figure, result.study)


def convergence_height(_result: "Result") -> float:
    """Return the height in inches of the panels."""
    return 0.4 + len(_STATISTICS) * _PANEL


def has_convergence(result: "Result") -> bool:
    """Whether there is an error to watch: more than one replicate, of draws enough to halve."""
    return result.statistics.replicates > 1 and len(_counts(result)) > 1


def convergence_numbers(result: "Result") -> "pd.DataFrame":
    """Tabulate what `convergence` draws of both headline outputs.

    Parameters
    ----------
    result : Result
        A finished run of more than one replicate.

    Returns
    -------
    pandas.DataFrame
        ``output, statistic, part, name, low, high, value``: in rows of the part ``draws``, `name` is the
        number of draws, `value` the estimate from so many, and `low` and `high` the ends of its 95 %
        interval; the part ``all`` is the estimate from all draws, and ``random`` half of the interval's width
        that so many plain random draws would give.
    """
    import pandas as pd

    frames = []
    for output in _OUTPUTS:
        for statistic in _STATISTICS:
            frame = frame_of(_drawn(result, output, statistic).rows)
            frame.insert(0, "statistic", statistic)
            frame.insert(0, "output", output)
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def convergence_caption(result: "Result") -> str:
    """Say what `convergence` shows."""
    kept = int(_counts(result)[-1]) * result.statistics.replicates
    all_draws = total_draws(result)
    replicates = counted(result.statistics.replicates, "independent replicate")
    part = "" if kept == all_draws else f" The kept {counted(kept, 'draw')} are drawn as they were added."
    return (
        f"How estimates of the base scenario settle: from the first draws of each of its {replicates}, twice "
        f"as many from dot to dot.{part} Band: 95 % interval by the scatter of the replicates. Diamond: from "
        f"all {counted(all_draws, 'draw')}. Dotted: the interval that so many plain random draws would give "
        "around it."
    )


def convergence_alt(result: "Result") -> str:
    """Tell in words and numbers what `convergence` shows."""
    texts = []
    for output in _OUTPUTS:
        label = style.output_of(output, result.study).label
        for statistic in _STATISTICS:
            drawn = _drawn(result, output, statistic)
            first, last = drawn.part("draws").rows[0], drawn.part("all").rows[0]
            of = (
                f"mean of {lower_first(label)}"
                if statistic == "mean"
                else f"chance that {lower_first(label)} is above 0"
            )
            texts.append(f"{of}: {_told(first, statistic)} from {int(first[1]):,} draws, "
                         f"{_told(last, statistic)} from all")  # fmt: skip
    return f"Curves that settle. {'; '.join(texts)}."


def _told(row: Row, statistic: str) -> str:
    value, half = row[4], (row[3] - row[2]) / 2
    estimate = Estimate(value=value, standard_error=math.nan, half_width=half, note="")
    if statistic == "p_positive":
        return estimate.percent
    factor, unit = common_unit([value], "USD")
    return f"{estimate.text(factor)} {unit}"


@lru_cache(maxsize=2)
def _kept_values(result: "Result") -> dict[str, FloatArray]:
    """Take the kept draws of base, by replicate, of either output."""
    rows = result.draws[result.draws["scenario"] == result.study.base.name]
    replicates = result.statistics.replicates
    return {
        output: rows[output].to_numpy(dtype=np.float64).reshape(replicates, len(rows) // replicates)
        for output in _OUTPUTS
    }


def _counts(result: "Result") -> NDArray[np.int64]:
    """Numbers of points of a replicate that are drawn: powers of two, and all that are kept."""
    points = _kept_values(result)[_OUTPUTS[0]].shape[1]
    most = int(math.log2(points))
    powers = 2 ** np.arange(max(most - _HALVINGS, 0), most + 1)
    counts = np.unique([*powers, points])
    return np.asarray(counts[counts >= min(_LEAST_POINTS, points)], dtype=np.int64)


def _drawn(result: "Result", output: str, statistic: str) -> Drawn:
    values = _kept_values(result)[output]
    values = values if statistic == "mean" else (values > 0).astype(np.float64)
    sums, counts = values.cumsum(axis=1), _counts(result)
    estimates = over_replicates(sums[:, counts - 1] / counts)
    replicates = result.statistics.replicates
    rows = [
        estimate_row("draws", str(int(count) * replicates), estimate_at(estimates, (place,)))
        for place, count in enumerate(counts)
    ]
    table = estimates_of(result)
    final, sd = (table.of(result.study.base.name, output, name) for name in (statistic, "sd"))
    spread = sd.value if statistic == "mean" else math.sqrt(final.value * (1.0 - final.value))
    rows.append(estimate_row("all", str(total_draws(result)), final))
    rows += [
        (
            "random",
            str(int(count) * replicates),
            math.nan,
            math.nan,
            _NORMAL * spread / math.sqrt(count * replicates),
        )
        for count in counts
    ]
    return Drawn(tuple(rows))


def _draw_panel(ax: "Axes", result: "Result", output: str, statistic: str) -> None:
    drawn, named = _drawn(result, output, statistic), style.output_of(output, result.study)
    steps, final = drawn.part("draws"), drawn.part("all")
    if statistic == "mean":
        factor, unit = common_unit([*steps.value, float(final.value[0])], named.unit)
    else:
        factor, unit = _PERCENT, "%"
    counts = np.array([int(row[1]) for row in steps.rows])
    ax.plot(
        counts,
        steps.value / factor,
        color=style.POSITIVE,
        marker="o",
        markersize=3.5,
        linewidth=1.6,
        zorder=3,
    )
    low, high = np.nan_to_num(steps.low, nan=0.0), np.nan_to_num(steps.high, nan=0.0)
    ax.fill_between(
        counts, low / factor, high / factor, color=style.POSITIVE, alpha=0.25, linewidth=0, zorder=2
    )
    at, last = float(final.value[0]) / factor, total_draws(result)
    half = (float(final.high[0]) - float(final.low[0])) / 2 / factor
    funnel = drawn.part("random").value / factor
    for side in (-1.0, 1.0):
        ax.plot(
            counts, at + side * funnel, color=style.GREY, linewidth=1.1, linestyle=(0, (1, 1.5)), zorder=2
        )
    ax.errorbar([last], [at], yerr=[half] if half > 0 else None, fmt="D", color=style.INK, capsize=3,
                markerfacecolor="white", markersize=6, elinewidth=1.2, zorder=4)  # fmt: skip
    cut = _set_view(ax, drawn, factor)
    _dress(ax, (int(counts[0]), max(int(counts[-1]), last)), cut=cut)
    ax.set_title(wrapped(named.label, 38, 2), fontsize=9.5, pad=18 if cut else 6, parse_math=False)
    ax.set_ylabel(clean_text(f"Mean ({unit})" if statistic == "mean" else "P(> 0) (%)"))


def _set_view(ax: "Axes", drawn: Drawn, factor: float) -> bool:
    """Set the vertical view, and tell whether it cuts off a part of the band."""
    steps, final = drawn.part("draws"), drawn.part("all")
    ends = np.concatenate([steps.low, steps.high, steps.value, final.value]) / factor
    ends = ends[np.isfinite(ends)]
    at = float(final.value[0]) / factor
    halves = (steps.high - steps.low)[np.isfinite(steps.high)] / 2 / factor
    # The first points of heavy tails would leave nothing but a line to be seen of the rest.
    reach = _WIDE * float(np.median(halves)) if halves.size else 0.0
    reach = max(reach, 1.5 * float(np.abs(drawn.part("draws").value / factor - at)[-1]))
    low, high = max(float(ends.min()), at - reach), min(float(ends.max()), at + reach)
    if not high > low:
        margin = 0.1 * abs(at) or 1.0
        low, high = at - margin, at + margin
    if factor == _PERCENT:
        low, high = max(low, 0.0), min(high, 100.0)
    ax.set_ylim(*style.view_with_margin(low, high))
    return bool(ends.min() < low or ends.max() > high)


def _dress(ax: "Axes", ends: tuple[int, int], *, cut: bool) -> None:
    from matplotlib.ticker import NullLocator

    log_ticks(ax, ends[1] / ends[0], 4)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(*style.view_with_margin(*ends, log=True))
    ax.set_xlabel("Draws")
    style.plain_ticks(ax)
    ax.yaxis.set_major_formatter(style.tick_text)
    ax.locator_params(axis="y", nbins=5)
    low, high = ax.get_ylim()
    if low <= 0 <= high:
        ax.axhline(0, color=style.INK, linewidth=1.0, zorder=1)
    if cut:
        style.write(ax, 0.0, 1.0, "the widest part of the band is cut off", rise=4)
