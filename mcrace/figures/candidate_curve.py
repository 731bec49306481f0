"""Which model to train: the mean incentive over z, with and without open releases."""

import math
from typing import TYPE_CHECKING

import numpy as np

from mcrace.analysis.candidate import WORLDS, CandidateCurve
from mcrace.figures import theme as style
from mcrace.figures.axes import log_ticks
from mcrace.figures.bars import add_legend
from mcrace.figures.estimates import Estimate
from mcrace.figures.findings import OutputRow, estimate_at, lower_first, output_frame, output_label, row_of
from mcrace.figures.wording import common_unit, percent, readable_unit, rounded, short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "candidate_curve",
    "candidate_curve_alt",
    "candidate_curve_caption",
    "candidate_curve_height",
    "candidate_curve_numbers",
    "draw_candidate_curve",
]

_HEIGHT = 5.0
_NAMES = ("With open releases", "Without them")
_LOOKS = ((style.POSITIVE, "-"), (style.NEGATIVE, (0, (5, 2))))
_DEPTH, _ROUND_OFF, _TICKS = 1.2, 1e-9, 9


def candidate_curve(found: "Analyses", result: "Result", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the mean incentive over multiples of the study's z, and mark the best ones.

    Parameters
    ----------
    found : Analyses
        Of the run, with its candidates.
    result : Result
        The run.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    candidate_curve_numbers : what is drawn, as a table.

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
    ...     analysis={"candidate": True},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> from matplotlib.figure import Figure
    >>> ax = mcrace.figures.candidate_curve(mcrace.analyse(result, jobs=1), result, ax=Figure().add_subplot())
    >>> ax.get_ylabel()
    'Mean incentive to train z (billion USD)'
    """
    with style.theme():
        ax = style.new_axes(_HEIGHT) if ax is None else ax
        _draw(ax, _curve(found))
        style.sign(ax, result.study, drop=84)
    return ax


def draw_candidate_curve(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw the curves of `candidate_curve` into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    candidate_curve(found, result, ax=figure.add_subplot())


def candidate_curve_height(found: "Analyses") -> float:  # noqa: ARG001 - as all have it
    """Return the height in inches."""
    return _HEIGHT


def candidate_curve_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `candidate_curve` draws.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``output, multiple, part, name, low, high, value``: ``mean`` of the output, USD, at a multiple of the
        study's z, and the ``best multiple``, each with the ends of its 95 % interval.
    """
    curve = _curve(found)
    rows: list[OutputRow] = []
    for world, output in enumerate(WORLDS):
        means = [estimate_at(curve.mean, (world, place)) for place in range(len(curve.multiples))]
        rows += [row_of(output, "mean", "", mean) for mean in means]
    rows += [
        row_of(output, "best multiple", "", best) for output, best in zip(WORLDS, _best(curve), strict=True)
    ]
    frame = output_frame(rows)
    frame.insert(1, "multiple", [*np.tile(curve.multiples, len(WORLDS)), *[math.nan] * len(WORLDS)])
    return frame


def candidate_curve_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows."""
    curve = _curve(found)
    low, _, factor, unit = _view(curve)
    first, last = (short(float(curve.multiples[place])) for place in (0, -1))
    cut = f" Below {short(low / factor)} {unit} the curves leave the view." if _is_cut(curve) else ""
    return (
        f"Mean of {lower_first(output_label(result, WORLDS[0]))} if the lab trained another model than the "
        f"study's z, from {first} to {last} times its expense, on the same draws; solid with open releases, "
        "dashed with the open model as it is today for ever. Bands: 95 % interval of the Monte Carlo error; "
        f"diamonds: the best z, with its interval.{cut}"
    )


def candidate_curve_alt(found: "Analyses", result: "Result") -> str:  # noqa: ARG001 - as all have it
    """Tell in words and numbers what the figure shows."""
    curve = _curve(found)
    shift = estimate_at(curve.best.shift)
    if curve.best.edge.any() or math.isnan(shift.half_width):
        told = "Whether they shift it is not told: a best z lies at an end of the range."
    elif abs(shift.value) < _ROUND_OFF:
        told = "Open releases do not shift it."
    elif abs(shift.value) <= shift.half_width:
        told = f"Open releases do not shift it by an amount that is resolved ({_signed(shift)})."
    else:
        told = (
            f"Open releases make the best z {'larger' if shift.value > 0 else 'smaller'} ({_signed(shift)})."
        )
    return f"Two curves over z. {'; '.join(_best_words(curve))}. {told}"


def _signed(shift: Estimate) -> str:
    text = percent(shift.value, shift.half_width)
    return f"+{text}" if shift.value > 0 else text


def _curve(found: "Analyses") -> CandidateCurve:
    if found.candidate is None:
        raise ValueError("there is no curve of candidates: the study does not ask for one")
    return found.candidate


def _best(curve: CandidateCurve) -> list[Estimate]:
    return [estimate_at(curve.best.multiple, (world,)) for world in range(len(WORLDS))]


def _best_words(curve: CandidateCurve) -> list[str]:
    """Say where the best z of each world lies, in multiples and in money."""
    texts = []
    for name, best, edge in zip(_NAMES, _best(curve), curve.best.edge, strict=True):
        money = best.value * float(curve.expense[0] / curve.multiples[0])
        factor, unit = readable_unit([money], "USD")
        where = f"{rounded(best.value, 0.0 if edge else best.half_width)} times the study's z"
        limit = ", an end of the range" if edge else ""
        texts.append(f"{name}: best z {where}{limit}, {short(money / factor)} {unit}")
    return texts


def _view(curve: CandidateCurve) -> tuple[float, float, float, str]:
    """Choose the ends of the vertical axis, and its unit: far below 0 the curves may leave it."""
    lows, highs = curve.mean.interval()
    low, high = float(np.nanmin([lows, curve.mean.value])), float(np.nanmax([highs, curve.mean.value]))
    if high > 0:
        low = max(low, -_DEPTH * high)
    factor, unit = common_unit([low, high], "USD")
    edge = 0.05 * (max(high, 0.0) - min(low, 0.0)) or 1.0
    return min(low, 0.0) - edge, max(high, 0.0) + 2 * edge, factor, unit


def _is_cut(curve: CandidateCurve) -> bool:
    return bool(curve.mean.value.min() < _view(curve)[0])


def _draw(ax: "Axes", curve: CandidateCurve) -> None:
    low, high, factor, unit = _view(curve)
    lows, highs = curve.mean.interval()
    for world, (name, (colour, dashes), best) in enumerate(
        zip(_best_words(curve), _LOOKS, _best(curve), strict=True)
    ):
        mean = curve.mean.value[world] / factor
        band = (lows[world] / factor, highs[world] / factor)
        ax.fill_between(curve.multiples, *band, color=colour, alpha=0.22, linewidth=0)
        ax.plot(curve.multiples, mean, color=colour, linestyle=dashes, linewidth=1.8, label=name)
        at = [best.half_width] if best.half_width > 0 else None
        height = float(np.interp(math.log(best.value), np.log(curve.multiples), mean))
        ax.errorbar([best.value], [height], xerr=at, fmt="D", color=style.INK, markerfacecolor="white",
                    markersize=6, elinewidth=1.2, capsize=3, zorder=4)  # fmt: skip
    first, last = float(curve.multiples[0]), float(curve.multiples[-1])
    log_ticks(ax, last / first, _TICKS)
    ax.set_xlim(*style.view_with_margin(first, last, log=True))
    ax.set_ylim(low / factor, high / factor)
    ax.axhline(0, color=style.INK, linewidth=1.2, zorder=1)
    ax.axvline(1, color=style.GREY, linewidth=1.0, linestyle=(0, (1, 2)), zorder=1)
    style.plain_ticks(ax)
    ax.yaxis.set_major_formatter(ax.xaxis.get_major_formatter())
    ax.set_xlabel("Expense of the model trained, in multiples of the study's z (dotted: 1)")
    ax.set_ylabel(style.label_axis("Mean incentive to train z", unit))
    ax.set_title("Which model to train", pad=38)
    add_legend(ax, ncols=1)
    _add_money(ax, curve)


def _add_money(ax: "Axes", curve: CandidateCurve) -> None:
    """Write z in dollars along a second axis below the first."""
    from matplotlib.ticker import LogLocator

    one = float(curve.expense[0] / curve.multiples[0])
    if not (math.isfinite(one) and one > 0):
        return
    factor, unit = common_unit(curve.expense.tolist(), "USD")
    money = ax.secondary_xaxis(
        -0.21,
        functions=(
            lambda multiple: np.asarray(multiple) * (one / factor),
            lambda amount: np.asarray(amount) * (factor / one),
        ),
    )
    money.set_xscale("log")
    money.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    money.xaxis.set_major_formatter(ax.xaxis.get_major_formatter())
    money.xaxis.set_minor_formatter(lambda _value, _place: "")
    money.set_xlabel(f"The same in money, by the median of z ({unit})", fontsize=style.SMALL)
