"""Each scenario minus base: how much it moves an output, with its error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style
from mcrace.figures.bars import FIRST, beside, head, name_rows
from mcrace.figures.estimates import Estimate, contrasts_of, total_draws
from mcrace.figures.frames import estimate_row, frame_of
from mcrace.figures.telling import IN_A_FIGURE, left_out_words, telling_scenarios
from mcrace.figures.wording import clean_text, common_unit, counted, rounded, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mcrace.engine.result import Result

__all__ = [
    "contrast_forest",
    "contrast_forest_alt",
    "contrast_forest_caption",
    "contrast_forest_height",
    "contrast_forest_numbers",
    "has_contrasts",
]

_SECOND = 100.0
_ROW, _LINE, _HEAD = 0.36, 0.15, 1.6
_WIDTH, _LINES = 24, 3
_FURTHEST = 0.5
_IN_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contrast:
    """One scenario less base: the mean of the output, and the chance that it is above 0."""

    scenario: str
    mean: Estimate
    chance: Estimate


def contrast_forest(result: "Result", output: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how much each scenario moves the mean of an output from base, the largest rise on top.

    Parameters
    ----------
    result : Result
        A finished run with a scenario beside base.
    output : str
        Name of the output, such as ``incentive``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        Of more than 23 scenarios those that change the mean of ``open_effect`` most.

    See Also
    --------
    contrast_forest_numbers : what is drawn, as a table.

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
    ...     scenarios={"longer": {"model.horizon_days": 20}},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> from matplotlib.figure import Figure
    >>> ax = mcrace.figures.contrast_forest(result, "incentive", ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['longer']
    """
    drawn, named = _drawn(result, output), style.output_of(output, result.study)
    factor, unit = _unit(drawn, named.unit)
    with style.theme():
        ax = style.new_axes(contrast_forest_height(result)) if ax is None else ax
        for row, contrast in enumerate(drawn):
            _draw_row(ax, row, contrast, factor)
        low, high = _view(drawn, factor)
        ax.set_xlim(low, high)
        ax.axvline(0, color=style.INK, linewidth=1.2, zorder=1)
        name_rows(ax, [contrast.scenario for contrast in drawn])
        ax.set_yticks(range(len(drawn)), [wrapped(item.scenario, _WIDTH, _LINES) for item in drawn])
        ax.set_title(wrapped(f"{named.label}: scenarios less base", 54, 3), pad=24, parse_math=False)
        style.write(ax, 0.0, 1.0, _note(drawn, (low * factor, high * factor)), rise=6)
        head(ax, "mean")
        head(ax, "P(> 0), points", right=_SECOND)
        left = len(result.statistics.scenarios) - 1 - len(drawn)
        more = f" · {left:,} more in contrasts.csv" if left else ""
        label = style.label_axis("Change of the mean", unit) + more
        label = wrapped(label, 60, 2)
        ax.set_xlabel(label, parse_math=False)
        ax.locator_params(axis="x", nbins=4)
        style.plain_ticks(ax)
        style.sign(ax, result.study, drop=42 + 12 * label.count("\n"))
    return ax


def contrast_forest_height(result: "Result") -> float:
    """Return the height in inches that the contrasts of a run need."""
    names = telling_scenarios(result, IN_A_FIGURE)[1:]
    lines = (wrapped(name, _WIDTH, _LINES).count("\n") + 1 for name in names)
    return _HEAD + max(sum(max(_ROW, _LINE * count + 0.1) for count in lines), 2 * _ROW)


def has_contrasts(result: "Result") -> bool:
    """Whether there is a scenario beside base."""
    return len(result.statistics.scenarios) > 1


def contrast_forest_numbers(result: "Result", output: str) -> "pd.DataFrame":
    """Tabulate what `contrast_forest` draws.

    Parameters
    ----------
    result : Result
        A finished run.
    output : str
        Name of the output.

    Returns
    -------
    pandas.DataFrame
        ``part, name, low, high, value``: `part` is the scenario, `name` the statistic (``mean`` in the
        output's unit, ``p_positive`` as a share), `value` the scenario's less base's, and `low` and `high`
        the ends of its 95 % interval; they equal `value` where the difference is exact.
    """
    rows = []
    for contrast in _drawn(result, output):
        rows.append(estimate_row(contrast.scenario, "mean", contrast.mean))
        rows.append(estimate_row(contrast.scenario, "p_positive", contrast.chance))
    return frame_of(rows)


def contrast_forest_caption(result: "Result", output: str) -> str:
    """Say what `contrast_forest` shows, from how many draws, in which unit."""
    named = style.output_of(output, result.study)
    _, unit = _unit(_drawn(result, output), named.unit)
    left = left_out_words(result, IN_A_FIGURE, "contrasts.csv")
    return (
        f"How much each scenario moves the mean of {named.label[:1].lower() + named.label[1:]} from base"
        + (f", in {unit}" if unit else "")
        + (f" ({left})" if left else "")
        + ". Dot and line: difference with its 95 % interval, on the same "
        f"{counted(total_draws(result), 'draw')}, so that what the two share drops out; a hollow dot at 0: "
        "exactly as in base. Right: the difference in words, and that of the chance "
        "to exceed 0, in percentage points. ~: its error is not resolved by these draws."
    )


def contrast_forest_alt(result: "Result", output: str) -> str:
    """Tell in words and numbers what `contrast_forest` shows."""
    drawn, named = _drawn(result, output), style.output_of(output, result.study)
    factor, unit = _unit(drawn, named.unit)
    told = sorted(drawn, key=lambda contrast: -abs(contrast.mean.value))[:_IN_WORDS]
    parts = [f"{clean_text(item.scenario)} {_amount(item.mean, factor)} {unit}".rstrip() for item in told]
    more = f"; {len(drawn) - len(told)} more with less" if len(drawn) > len(told) else ""
    return f"Changes of the mean of {named.label} from base: {'; '.join(parts)}{more}."


def _drawn(result: "Result", output: str) -> list[_Contrast]:
    table = contrasts_of(result)
    found = [
        _Contrast(
            scenario=name,
            mean=table.of(name, output, "mean"),
            chance=table.of(name, output, "p_positive"),
        )
        for name in telling_scenarios(result, IN_A_FIGURE)[1:]
    ]
    return sorted(found, key=lambda contrast: -contrast.mean.value)


def _unit(drawn: Sequence[_Contrast], unit: str) -> tuple[float, str]:
    return common_unit([contrast.mean.value for contrast in drawn], unit)


def _draw_row(ax: "Axes", row: int, contrast: _Contrast, factor: float) -> None:
    value, half = contrast.mean.value / factor, contrast.mean.half_width / factor
    colour = style.GREY if value == 0 else style.POSITIVE if value > 0 else style.NEGATIVE
    ax.plot([0.0, value], [row, row], color=colour, linewidth=1.0, alpha=0.5, zorder=2)
    ax.errorbar(
        [value],
        [row],
        xerr=[half] if half > 0 else None,
        fmt="o",
        color=colour,
        ecolor=style.INK,
        markerfacecolor="white" if value == 0 else colour,
        markersize=6,
        elinewidth=1.4,
        capsize=3,
        zorder=4,
    )
    beside(ax, row, _amount(contrast.mean, factor), right=FIRST)
    beside(ax, row, _amount(contrast.chance, 0.01), right=_SECOND)


def _amount(estimate: Estimate, factor: float) -> str:
    """Write a difference with its sign; a mark before it says that its error is not known."""
    text = rounded(estimate.value / factor, estimate.half_width / factor)
    signed = f"+{text}" if estimate.value > 0 else text
    return signed if estimate.is_resolved else f"~{signed}"


def _note(drawn: Sequence[_Contrast], view: tuple[float, float]) -> str:
    """Say what a line is, and whether one is cut."""
    ends = [item.mean.value + side * item.mean.half_width for item in drawn for side in (-1.0, 1.0)]
    cut = any(end < view[0] or end > view[1] for end in ends)
    return "line: 95 % interval" + (" (one is cut)" if cut else "")


def _view(drawn: Sequence[_Contrast], factor: float) -> tuple[float, float]:
    """Show all differences, and of their errors what does not hide these."""
    values = np.array([0.0, *(contrast.mean.value for contrast in drawn)]) / factor
    low, high = float(values.min()), float(values.max())
    reach = _FURTHEST * (high - low)
    for contrast in drawn:
        half = contrast.mean.half_width / factor
        if half > 0 and not math.isnan(half):
            low = min(low, max(contrast.mean.value / factor - half, float(values.min()) - reach))
            high = max(high, min(contrast.mean.value / factor + half, float(values.max()) + reach))
    if low == high:
        return -1.0, 1.0
    margin = 0.05 * (high - low)
    return low - margin, high + margin
