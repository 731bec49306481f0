"""Runs side by side: how often open releases raise the incentive, and which parts carry their effect."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.compare import comparison_name
from mcrace.figures import theme as style
from mcrace.figures.estimates import Estimate, estimates_of
from mcrace.figures.parts import PARTS, Part, carrying, effect_parts
from mcrace.figures.wording import clean_text, common_unit, counted, readable_unit, rounded, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = [
    "OFTEN",
    "ComparedRun",
    "compared_runs",
    "comparison",
    "comparison_height",
    "draw_comparison",
    "draw_parts",
    "draw_shares",
    "mean_unit",
]

WIDTH = 9.4
"""Width of a saved comparison, inches: what a page of 900 pixels shows at its full size."""

_SHARES = (("p_negative", "lower it"), ("p_zero", "leave it alone"), ("p_positive", "raise it"))
_SHARE_COLOURS = (style.NEGATIVE, "#DDDDDD", style.POSITIVE)

# Okabe and Ito's other colours, each with a hatch, so that a grey print tells them apart.
_LOOKS = {
    "revenue": ("#56B4E9", ""),
    "contest": ("#E69F00", "//"),
    "survival": ("#009E73", "..."),
    "prestige": ("#CC79A7", "xx"),
    "caution": ("#F0E442", "\\\\"),
    "training cost": ("#BBBBBB", "---"),
}
_LABEL_WIDTH, _LABEL_LINES = 38, 2
_ROW, _BAR = 0.36, 0.62
_TITLE_RISE, _LEGEND_RISE = 54.0, 20.0
_BANDS = {"raised": "#C9E1F1", "mixed": "#EAF2F8"}
_READABLE, _FEW = 0.05, 2
OFTEN = 0.1
"""Share of draws from which on open releases are said to raise the incentive often."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """What is said of one run beside others, all of its base scenario.

    Attributes
    ----------
    label : str
        The study's title, or its name where it has none; more where studies have the same.
    lowered, alone, raised : Estimate
        Shares of draws in which open releases lower the incentive, leave it alone, raise it.
    effect, incentive : Estimate
        Means of ``open_effect`` and ``incentive``, USD.
    parts : tuple of Part
        What carries the effect, the largest first.
    """

    label: str
    lowered: Estimate
    alone: Estimate
    raised: Estimate
    effect: Estimate
    incentive: Estimate
    parts: tuple[Part, ...]

    @property
    def sign(self) -> str:
        """``raised`` if open releases raise the incentive on average, ``mixed`` if they do so often."""
        error = self.effect.half_width if self.effect.half_width > 0 else 0.0
        if self.effect.value > error:
            return "raised"
        return "mixed" if self.raised.value >= OFTEN else ""


def compared_runs(results: "Sequence[Result]") -> tuple[ComparedRun, ...]:
    """Prepare what `comparison` draws.

    Parameters
    ----------
    results : sequence of Result
        Finished runs.

    Returns
    -------
    tuple of ComparedRun
        In the same order.

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
    >>> row = compared_runs([mcrace.run(study, jobs=1)])[0]
    >>> row.label, row.alone.percent, row.parts
    ('tiny', '100 %', ())
    """
    labels = _labels([result.study for result in results])
    return tuple(_compared(result, label) for result, label in zip(results, labels, strict=True))


def comparison(results: "Sequence[Result]") -> "Figure":
    """Draw runs side by side, a row a run.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, at least one; their base scenarios are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        A pyplot figure of two panels: shares of draws by what open releases do to the incentive, and the
        mean effect with the parts that carry it.

    See Also
    --------
    mcrace.compare : the numbers, as a table.

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
    >>> figure = mcrace.figures.comparison([mcrace.run(study, jobs=1)])
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['tiny']
    """
    with style.theme():
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(WIDTH, comparison_height(len(results))), layout="constrained")
        draw_comparison(compared_runs(results), comparison_name(results), figure)
    return figure


def draw_comparison(runs: Sequence[ComparedRun], name: str, figure: "Figure") -> None:
    """Draw the panels of `comparison` into a figure.

    Parameters
    ----------
    runs : sequence of ComparedRun
        A row each, the first on top.
    name : str
        Of the comparison, for the lower right corner.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    words = [word for word, _, _ in PARTS]
    parts = np.zeros((len(runs), len(words)))
    for row, run in enumerate(runs):
        for part in run.parts:
            parts[row, words.index(part.word)] = part.mean.value
    shares = np.array([[run.lowered.value, run.alone.value, run.raised.value] for run in runs])
    means = np.array([[run.effect.value, run.effect.half_width] for run in runs])
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.0, 1.5))
    draw_shares(left, shares, [run.raised.percent for run in runs])
    draw_parts(right, parts, means[:, 0], means[:, 1])
    left.set_yticks(range(len(runs)), [wrapped(run.label, _LABEL_WIDTH, _LABEL_LINES) for run in runs])
    for tick, run in zip(left.get_yticklabels(), runs, strict=True):
        tick.set_parse_math(False)
        tick.set_fontweight("bold" if run.sign else "normal")
    left.set_ylim(len(runs) - 0.5, -0.5)
    for ax in (left, right):
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
    _draw_bands((left, right), [run.sign for run in runs])
    figure.supxlabel(_footer(runs, name), x=0.99, ha="right", fontsize=8.0, color=style.GREY)


def draw_shares(ax: "Axes", shares: FloatArray, texts: Sequence[str]) -> None:
    """Draw one stacked bar a row.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    shares : ndarray, shape (row, 3)
        Of draws in which the incentive is lowered, left alone, raised; they add up to 1.
    texts : sequence of str
        What is written beside each bar.
    """
    rows, starts = np.arange(len(shares)), np.zeros(len(shares))
    for column, ((_, name), colour) in enumerate(zip(_SHARES, _SHARE_COLOURS, strict=True)):
        widths = 100 * shares[:, column]
        ax.barh(rows, widths, _BAR, left=starts, color=colour, edgecolor="white", linewidth=0.5, label=name)
        starts = starts + widths
    for row, text in enumerate(texts):
        _beside(ax, row, text, bold=shares[row, 2] >= OFTEN)
    ax.set_xlim(0, 100)
    ax.set_xticks([0, 50, 100])
    ax.set_xlabel("Share of draws (%)")
    ax.set_title("How often open releases …", pad=_TITLE_RISE)
    style.write(ax, 1.04, 1.0, "raise it", rise=6)
    _add_legend(ax, ncols=2)


def draw_parts(ax: "Axes", parts: FloatArray, means: FloatArray, half_widths: FloatArray) -> None:
    """Draw one diverging stacked bar a row, and the mean as a dot with its 95 % interval.

    Where rows differ by orders of magnitude each is drawn relative to the sum of the sizes of its parts.
    The mean stands beside its row in figures.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    parts : ndarray, shape (row, part)
        Means of the parts in the order of `PARTS`, USD, with the signs with which they enter.
    means, half_widths : ndarray, shape (row,)
        Mean effect and half of its interval's width, USD; no interval where that is 0 or NaN.
    """
    rows = np.arange(len(parts))
    sizes = np.maximum(np.abs(parts).sum(axis=1), np.abs(means))
    factor, unit = mean_unit(means)
    divisors, label = _divisors(sizes, unit, factor)
    scaled = parts / divisors[:, np.newaxis]
    for sign in (-1, 1):
        _draw_stack(ax, rows, np.maximum(sign * scaled, 0), sign)
    spans = np.where(half_widths > 0, half_widths, 0.0) / divisors
    ax.errorbar(means / divisors, rows, xerr=spans, fmt="o", color=style.INK, markerfacecolor="white",
                markersize=5, elinewidth=1.4, capsize=2.5, zorder=4, label="mean effect")  # fmt: skip
    ax.axvline(0, color=style.INK, linewidth=1.2, zorder=3)
    for row, (mean, half) in enumerate(zip(means, half_widths, strict=True)):
        _beside(ax, row, _money(float(mean), float(half), factor), bold=mean > max(half, 0.0))
    low = min(0.0, float(np.minimum(scaled, 0).sum(axis=1).min()), float((means / divisors - spans).min()))
    high = max(0.0, float(np.maximum(scaled, 0).sum(axis=1).max()), float((means / divisors + spans).max()))
    edge = 0.04 * (high - low) or 1.0
    ax.set_xlim(low - edge, high + edge)
    ax.set_xlabel(label)
    style.plain_ticks(ax)
    ax.set_title("… and which parts carry their mean effect", pad=_TITLE_RISE)
    style.write(ax, 0.0, 1.0, "← lowers the incentive", rise=6)
    style.write(ax, 1.0, 1.0, "raises it →", rise=6, ha="right")
    style.write(ax, 1.04, 1.0, f"mean, {unit}", rise=6)
    _add_legend(ax, ncols=4)


def mean_unit(means: FloatArray) -> tuple[float, str]:
    """Choose one unit for the means of runs; none, so that each has its own, where they differ too much.

    Parameters
    ----------
    means : ndarray, shape (row,)
        USD.

    Returns
    -------
    factor, text
        As `readable_unit` gives them; the factor is 0 where each mean is to have its own unit.
    """
    sizes = np.abs(means[means != 0])
    factor, unit = common_unit(sizes, "USD")
    return (factor, unit) if not sizes.size or sizes.min() >= _READABLE * factor else (0.0, "USD")


def comparison_height(rows: int) -> float:
    """Return the height in inches that so many rows need."""
    return 1.9 + _ROW * rows


def _labels(studies: "Sequence[Study]") -> list[str]:
    """Name studies by their titles, and by more where different studies have the same."""
    labels = [clean_text(study.title) or study.name for study in studies]
    for form in ("{label} ({study.name})", "{label}, {study.digest:.12}"):
        different = {(label, study.digest) for label, study in zip(labels, studies, strict=True)}
        count = Counter(label for label, _ in different)
        labels = [
            form.format(label=label, study=study)
            if count[label] > 1 and (label != study.name or "digest" in form)
            else label
            for label, study in zip(labels, studies, strict=True)
        ]
    return labels


def _compared(result: "Result", label: str) -> ComparedRun:
    table = estimates_of(result)
    lowered, alone, raised = (table.of("base", "open_effect", name) for name, _ in _SHARES)
    return ComparedRun(
        label=label,
        lowered=lowered,
        alone=alone,
        raised=raised,
        effect=table.of("base", "open_effect", "mean"),
        incentive=table.of("base", "incentive", "mean"),
        parts=carrying(effect_parts(result)),
    )


def _draw_stack(ax: "Axes", rows: NDArray[np.int64], sizes: FloatArray, sign: int) -> None:
    starts = np.zeros(len(rows))
    for column, (word, _, _) in enumerate(PARTS):
        if not sizes[:, column].any():
            continue
        colour, hatch = _LOOKS[word]
        known = ax.get_legend_handles_labels()[1]
        ax.barh(rows, sign * sizes[:, column], _BAR, left=sign * starts, color=colour, hatch=hatch,
                edgecolor="white", linewidth=0.5, label=None if word in known else word)  # fmt: skip
        starts = starts + sizes[:, column]


def _divisors(sizes: FloatArray, unit: str, factor: float) -> tuple[FloatArray, str]:
    """Draw to one scale if most rows can then be seen, else each row relative to its own size."""
    if factor > 0 and float(np.median(sizes)) >= _READABLE * float(sizes.max()):
        return np.full(sizes.shape, factor), f"Mean effect and its parts ({unit})"
    return np.where(sizes > 0, sizes, 1.0) / 100, "Part of the sum of all parts' sizes (%)"


def _draw_bands(axes: "tuple[Axes, Axes]", signs: Sequence[str]) -> None:
    """Shade the rows in which the incentive can be raised, and set the first row apart: the reference."""
    for ax in axes:
        for row, sign in enumerate(signs):
            if sign:
                ax.axhspan(row - 0.5, row + 0.5, color=_BANDS[sign], linewidth=0, zorder=-1)
        if len(signs) > _FEW:
            ax.axhline(0.5, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))


def _footer(runs: Sequence[ComparedRun], name: str) -> str:
    notes = ["first row: the reference"] if len(runs) > _FEW else []
    if any(run.sign for run in runs):
        notes.append(f"dark band: raised on average; light: in {100 * OFTEN:.0f} % of draws or more")
    return " · ".join([*notes, counted(len(runs), "run"), name])


def _beside(ax: "Axes", row: int, text: str, *, bold: bool = False) -> None:
    ax.annotate(
        text,
        (1.04, row),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=style.SMALL,
        weight="bold" if bold else "normal",
        annotation_clip=False,
    )


def _money(mean: float, half_width: float, factor: float) -> str:
    """Write a mean in a unit that its column names, or in its own where that is none."""
    if factor > 0:
        return rounded(mean / factor, half_width / factor)
    factor, unit = readable_unit([mean], "")
    return f"{rounded(mean / factor, half_width / factor)} {unit}".rstrip()


def _add_legend(ax: "Axes", *, ncols: int) -> None:
    """Put it between the title and the headings of the rows."""
    from matplotlib.transforms import ScaledTranslation

    raised = ax.transAxes + ScaledTranslation(0, _LEGEND_RISE / 72, ax.figure.dpi_scale_trans)
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        bbox_transform=raised,
        ncols=ncols,
        frameon=False,
        fontsize=style.SMALL,
        handlelength=1.2,
        columnspacing=1.0,
        borderaxespad=0.0,
        borderpad=0.0,
    )
