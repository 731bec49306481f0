"""How an output hangs on each of the inputs that drive it most, and where its mean crosses 0."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.figures import theme as style
from mcrace.figures.axes import log_ticks
from mcrace.figures.findings import (
    OutputRow,
    driving,
    estimate_at,
    label_of,
    lower_first,
    output_frame,
    output_label,
    outputs_in_words,
    row_of,
    shown_outputs,
    told,
)
from mcrace.figures.wording import common_unit, readable_unit, rounded, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from mcrace.analysis.analyses import Analyses
    from mcrace.analysis.crossings import Crossing
    from mcrace.analysis.curves import Curve
    from mcrace.engine.result import Result

__all__ = [
    "draw_thresholds",
    "thresholds",
    "thresholds_alt",
    "thresholds_caption",
    "thresholds_height",
    "thresholds_numbers",
]

_MOST, _COLUMNS = 6, 3
_LOG_RATIO, _LOG_MIDDLE = 20.0, 0.3
_INNER = (0.025, 0.975)
_TOO_WIDE, _MOSTLY = 2.5, 0.5
_BESIDE, _TICKS = 0.09, 5

FloatArray = NDArray[np.float64]


def thresholds(found: "Analyses", result: "Result", output: str) -> "Figure":
    """Draw the mean of an output over each of the 6 inputs that drive it most.

    Parameters
    ----------
    found : Analyses
        Of the run, with its curves.
    result : Result
        The run.
    output : str
        One of the outputs that were analysed.

    Returns
    -------
    matplotlib.figure.Figure
        A pyplot figure; its axes are the panels.

    See Also
    --------
    thresholds_numbers : what is drawn, as a table.

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
    >>> figure = mcrace.figures.thresholds(mcrace.analyse(result, jobs=1), result, "open_effect")
    >>> [ax.get_title(loc="left") for ax in figure.axes]
    ['Day of the release']
    """
    with style.theme():
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(style.WIDTH, 0.3 + _part_height(found)), layout="constrained")
        _draw_part(figure, found, result, output)
        style.sign(figure, result.study)
    return figure


def draw_thresholds(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw the panels of every output into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    outputs = shown_outputs(found)
    parts = figure.subfigures(len(outputs), 1, squeeze=False)[:, 0]
    for part, output in zip(parts, outputs, strict=True):
        _draw_part(part, found, result, output)
    style.sign(parts[-1], result.study)


def thresholds_height(found: "Analyses") -> float:
    """Return the height in inches that the panels of a run need."""
    return 0.3 + len(shown_outputs(found)) * _part_height(found)


def thresholds_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `thresholds` draws of each output.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``output, at, part, name, low, high, value``: of the input `name`, a ``curve`` or ``atom`` is the mean
        of the output at its value `at`, with the ends of the 95 % interval; a ``crossing`` is the value of
        the input at which the mean is 0, with its own.
    """
    rows: list[OutputRow] = []
    places: list[float] = []
    for output in shown_outputs(found):
        for place, curve in _shown(found, output):
            for point, at in enumerate(map(float, curve.values)):
                part = "atom" if curve.is_atom[point] else "curve"
                rows.append(row_of(output, part, found.inputs[place], estimate_at(curve.mean, (point,))))
                places.append(at)
            for crossing in curve.mean_crossings:
                half = _half(crossing, curve)
                ends = (crossing.value - half, crossing.value + half, crossing.value)
                rows.append((output, "crossing", found.inputs[place], *ends))
                places.append(crossing.value)
    frame = output_frame(rows)
    frame.insert(1, "at", places)
    return frame


def thresholds_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows."""
    return (
        f"Mean of {outputs_in_words(found, result)} in the draws in which one input is near a value, from "
        "its 1 % to its 99 % quantile, the others as they come, over the inputs that drive it most. Band: "
        "95 % interval of the Monte Carlo error; dots: values that many draws share; dashed: where the mean "
        "crosses 0. Each output has one vertical axis; it covers the means between the inputs' 2.5 % and "
        "97.5 % quantiles."
    )


def thresholds_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    texts = []
    for output in shown_outputs(found):
        panels = [
            f"over {lower_first(label_of(result, found.inputs[place]))}: "
            f"{_crossing_words(result, found.inputs[place], curve, 2)}"
            for place, curve in _shown(found, output)
        ]
        texts.append(f"{output_label(result, output)}, {'; '.join(panels)}.")
    return "Curves of means. " + " ".join(texts)


def _shown(found: "Analyses", output: str) -> "list[tuple[int, Curve]]":
    curves = found.curves[found.outputs.index(output)].inputs
    return [(place, curves[place]) for place in driving(found, output)[:_MOST]]


def _part_height(found: "Analyses") -> float:
    return 0.55 + 2.0 * math.ceil(min(len(found.inputs), _MOST) / _COLUMNS)


def _half(crossing: "Crossing", curve: "Curve") -> float:
    """Half of the width of a crossing's 95 % interval."""
    from scipy.special import stdtrit

    return float(stdtrit(curve.mean.replicates - 1, 0.975) * crossing.standard_error)


def _crossing_words(result: "Result", name: str, curve: "Curve", most: int) -> str:
    """Say where the mean crosses 0, or on which side it stays."""
    mean = curve.mean.value
    if not curve.mean_crossings:
        if not mean.any():
            return "0 throughout"
        low, high = curve.mean.interval()
        if ((low > 0) | (high < 0) | (low == high)).mean() < _MOSTLY:
            return "not told from 0"
        if mean.min() < 0 < mean.max():
            return f"mostly {'above' if np.median(mean) > 0 else 'below'} 0, no clear crossing"
        side = "above" if mean.max() > 0 else "below"
        return f"{side} 0 throughout" if mean.all() else f"{side} 0 or at 0 throughout"
    texts = []
    for crossing in curve.mean_crossings[:most]:
        text = _value_words(result, name, crossing, curve)
        side = "above" if crossing.upward else "below"
        texts.append(f"{side} 0 from {text}" + ("" if crossing.resolved else ", not resolved"))
    more = len(curve.mean_crossings) - most
    return "; ".join(texts) + (f"; {more} more" if more > 0 else "")


def _value_words(result: "Result", name: str, crossing: "Crossing", curve: "Curve") -> str:
    half = _half(crossing, curve)
    if not math.isfinite(crossing.value) or not half > 0:
        return told(result, name, crossing.value)
    unit = next(item.unit for item in result.study.inputs if item.name == name)
    factor, words = readable_unit([crossing.value], unit)
    return f"{rounded(crossing.value / factor, half / factor)} {words}".rstrip()


def _draw_part(part: "Figure | SubFigure", found: "Analyses", result: "Result", output: str) -> None:
    """Draw the panels of one output, all to one vertical axis."""
    shown = _shown(found, output)
    low, high = _view([curve for _, curve in shown])
    factor, unit = common_unit([low, high], style.output_of(output, result.study).unit)
    columns = min(_COLUMNS, len(shown))
    for number, (place, curve) in enumerate(shown):
        ax = part.add_subplot(math.ceil(len(shown) / columns), columns, number + 1)
        _draw_curve(ax, result, found.inputs[place], curve, factor)
        ax.set_ylim(low / factor, high / factor)
        ax.locator_params(axis="y", nbins=5)
        ax.yaxis.set_major_formatter(ax.xaxis.get_major_formatter())
        if number % columns:
            ax.tick_params(axis="y", labelleft=False)
    title = style.label_axis(f"Mean of {lower_first(output_label(result, output))}", unit)
    part.suptitle(wrapped(title, 78, 2), x=0.01, ha="left", fontsize=11, weight="bold", parse_math=False)


def _view(curves: "list[Curve]") -> tuple[float, float]:
    """Choose the ends of the vertical axis: 0 and the means, without those of rare values if far away."""
    inner, every = [0.0], [0.0]
    for curve in curves:
        half = (curve.mean.interval()[1] - curve.mean.value)[:, None] * np.array([-1.0, 1.0])
        means = curve.mean.value[:, None] + np.nan_to_num(half)
        within = (curve.probabilities >= _INNER[0]) & (curve.probabilities <= _INNER[1]) | curve.is_atom
        inner += curve.mean.value[within].tolist()
        every += means.ravel().tolist()
    low, high = min(inner), max(inner)
    if max(every) - min(every) <= _TOO_WIDE * (high - low):
        low, high = min(every), max(every)
    edge = 0.08 * (high - low) or 1.0
    return low - edge, high + edge


def _draw_curve(ax: "Axes", result: "Result", name: str, curve: "Curve", factor: float) -> None:
    finite = curve.values[np.isfinite(curve.values)]
    unit = next((item.unit for item in result.study.inputs if item.name == name), "")
    log = _is_wide(finite)
    scale, words = readable_unit([float(np.median(finite))] if log else finite, unit)
    at, ends = _places(curve.values / scale, log=log)
    mean, (low, high) = curve.mean.value / factor, (end / factor for end in curve.mean.interval())
    for run in _runs(curve.is_atom):
        ax.fill_between(at[run], low[run], high[run], color=style.POSITIVE, alpha=0.25, linewidth=0)
        ax.plot(at[run], mean[run], color=style.POSITIVE, linewidth=1.6)
    dots = curve.is_atom
    ax.errorbar(at[dots], mean[dots], yerr=np.nan_to_num(high - mean)[dots], fmt="o", color=style.POSITIVE,
                markersize=5, elinewidth=1.2, capsize=2.5)  # fmt: skip
    for place, value, height in zip(at[dots], curve.values[dots], mean[dots], strict=True):
        if not np.isfinite(value):
            ax.annotate("never" if value > 0 else "−∞", (place, height), xytext=(0, 7), ha="center",
                        textcoords="offset points", fontsize=style.SMALL - 1)  # fmt: skip
    if log:
        log_ticks(ax, ends[1] / ends[0], _TICKS)
    else:
        ax.locator_params(axis="x", nbins=4)
    ax.set_xlim(*style.view_with_margin(*ends, log=log))
    ax.axhline(0, color=style.INK, linewidth=1.0, zorder=1)
    for crossing in curve.mean_crossings:
        if math.isfinite(crossing.value):
            ax.axvline(crossing.value / scale, color=style.NEGATIVE, linewidth=1.2, linestyle=(0, (3, 2)))
    style.plain_ticks(ax)
    ax.set_title(wrapped(label_of(result, name), 25, 2), fontsize=9, pad=16, parse_math=False)
    ax.set_xlabel(wrapped(words, 30, 1), fontsize=style.SMALL, labelpad=1, parse_math=False)
    style.write(ax, 0.0, 1.0, wrapped(_crossing_words(result, name, curve, 1), 36, 1), rise=4)


def _is_wide(values: FloatArray) -> bool:
    """Whether a logarithmic axis shows values better: they span much, and most of them are small."""
    if not values.size or values[0] <= 0:
        return False
    return bool(values[-1] > _LOG_RATIO * values[0] and np.median(values) < _LOG_MIDDLE * values[-1])


def _places(values: FloatArray, *, log: bool) -> tuple[FloatArray, tuple[float, float]]:
    """Put infinite values beside the others, and give the ends of the axis."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.where(values > 0, 1.0, 0.0), (-1.0, 2.0)
    low, high = float(finite[0]), float(finite[-1])
    if low == high:
        margin = 0.1 * abs(low) or 1.0
        ends = (low - margin, high + margin)
    else:
        ends = (low, high)
    reach = (ends[1] / ends[0]) ** _BESIDE if log else _BESIDE * (ends[1] - ends[0])
    beyond = (ends[0] / reach, ends[1] * reach) if log else (ends[0] - reach, ends[1] + reach)
    at = np.where(np.isfinite(values), values, np.where(values > 0, beyond[1], beyond[0]))
    return at, (min(ends[0], float(at.min())), max(ends[1], float(at.max())))


def _runs(is_atom: NDArray[np.bool_]) -> list[slice]:
    """Find the pieces of the curve between the atoms."""
    free = np.concatenate([[0], (~is_atom).astype(np.int8), [0]])
    starts, stops = np.flatnonzero(np.diff(free) == 1), np.flatnonzero(np.diff(free) == -1)
    return [slice(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)]
