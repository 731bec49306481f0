"""Which inputs drive the outputs: shares of the variance."""

from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style
from mcrace.figures.bars import (
    LIGHT,
    TITLE_WIDTH,
    Bars,
    add_legend,
    bars_height,
    beside,
    draw_bars,
    head,
    name_rows,
)
from mcrace.figures.estimates import Estimate
from mcrace.figures.findings import (
    OutputRow,
    driving,
    estimate_at,
    label_of,
    measures_of,
    output_frame,
    output_label,
    outputs_in_words,
    row_of,
    shown_outputs,
)
from mcrace.figures.wording import counted, percent, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "draw_drivers",
    "drivers",
    "drivers_alt",
    "drivers_caption",
    "drivers_height",
    "drivers_numbers",
]

_MOST = 12
_FIRST = 3
_NOTHING, _ADDITIVE, _UNRESOLVED = 0.001, 0.99, 0.5
_LEAST_SEEN, _MOST_SEEN = -15.0, 120.0


def drivers(found: "Analyses", result: "Result", output: str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the shares of an output's variance that its inputs make, the greatest first, 12 at most.

    Parameters
    ----------
    found : Analyses
        Of the run: Sobol' indices, else Shapley effects, else the first-order index from the draws.
    result : Result
        The run.
    output : str
        One of the outputs that were analysed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    drivers_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.drivers(found, result, "incentive", ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Day of the release']
    """
    with style.theme():
        ax = style.new_axes(_panel_height(found)) if ax is None else ax
        _draw_panel(ax, found, result, output)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_drivers(found: "Analyses", result: "Result", figure: "Figure") -> None:
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
    outputs = shown_outputs(found)
    for place, output in enumerate(outputs):
        _draw_panel(figure.add_subplot(len(outputs), 1, place + 1), found, result, output)
    style.sign(figure, result.study)


def drivers_height(found: "Analyses") -> float:
    """Return the height in inches that the panels of a run need."""
    return 0.3 + len(shown_outputs(found)) * _panel_height(found)


def drivers_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `drivers` draws of each output.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``output, part, name, low, high, value``: `part` is the measure, `name` the input, `value` its share
        of the output's variance, and `low` and `high` the ends of its 95 % interval.
    """
    return output_frame([row for output in shown_outputs(found) for row in _drawn(found, output)])


def drivers_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows, and how the shares were had."""
    return (
        f"How much of the variance of {outputs_in_words(found, result)} each input makes in the base "
        f"scenario. {_method(found)} Lines: 95 % interval of the Monte Carlo error; not resolved: it is "
        "wider than the whole variance. The variance of heavy-tailed money is made in its tail: an input may "
        "drive it and yet not the sign."
    )


def drivers_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    return "Bars of shares of variance. " + " ".join(
        _finding(found, result, output) for output in shown_outputs(found)
    )


def _finding(found: "Analyses", result: "Result", output: str) -> str:
    words, shares = measures_of(found)[-1]
    row, label = found.outputs.index(output), output_label(result, output)
    if _is_constant(found, output):
        return f"{label}: constant, so that no input drives it."
    most = [
        f"{label_of(result, found.inputs[place])} {_told_share(estimate_at(shares, (row, place)))}"
        for place in driving(found, output)[:_FIRST]
    ]
    alone, rest = float(measures_of(found)[0][1].value[row].sum()), ""
    halves = [estimate_at(shares, (row, place)).half_width for place in range(len(found.inputs))]
    if len(measures_of(found)) > 1 and alone < _ADDITIVE and all(map(_is_resolved, halves)):
        rest = f" All inputs alone make {percent(alone, float('nan'))}, the rest is interactions."
    return f"{label}, {words}: {', '.join(most)}.{rest}"


def _is_resolved(half: float) -> bool:
    """Whether a share is known to half of the variance; of heavy tails it may not be."""
    return not half > _UNRESOLVED


def _told_share(estimate: Estimate) -> str:
    return _share(estimate.value, estimate.half_width)


def _method(found: "Analyses") -> str:
    if found.sobol is not None:
        return (
            "Dark: first-order Sobol' index, what the input makes alone; light: total index, what it makes "
            f"together with others as well, from {counted(found.sobol.runs, 'run')} of the model."
        )
    if found.shapley is not None:
        return (
            "Shapley effects, which share out what correlated inputs make together and add up to 100 %, "
            f"from {counted(found.shapley.runs, 'run')} of the model."
        )
    return "First-order index from the kept draws: what the input makes alone, without interactions."


def _panel_height(found: "Analyses") -> float:
    return 0.2 + bars_height(min(len(found.inputs), _MOST), len(measures_of(found)))


def _is_constant(found: "Analyses", output: str) -> bool:
    return bool(np.isnan(measures_of(found)[-1][1].value[found.outputs.index(output)]).all())


def _drawn(found: "Analyses", output: str) -> list[OutputRow]:
    row = found.outputs.index(output)
    return [
        row_of(output, part, found.inputs[place], estimate_at(shares, (row, place)))
        for place in driving(found, output)[:_MOST]
        for part, shares in measures_of(found)
    ]


def _draw_panel(ax: "Axes", found: "Analyses", result: "Result", output: str) -> None:
    drawn, measures = _drawn(found, output), measures_of(found)
    names = list(dict.fromkeys(row[2] for row in drawn))
    series = []
    for (part, _), colour in zip(measures, (style.POSITIVE, LIGHT), strict=False):
        low, high, value = np.array([row[3:] for row in drawn if row[1] == part]).T
        half = (high - low) / 2
        sure = [_is_resolved(float(one)) for one in half]
        bars = Bars(label=part, start=np.zeros(len(names)), end=100 * np.where(sure, value, np.nan),
                    half=100 * half, colours=(colour,) * len(names))  # fmt: skip
        series.append(bars)
    draw_bars(ax, series)
    left, right = ax.get_xlim()
    ax.set_xlim(max(left, _LEAST_SEEN), min(right, _MOST_SEEN))
    name_rows(ax, [label_of(result, name) for name in names])
    if _is_constant(found, output):
        style.write(ax, 0.5, 0.5, "constant: no input drives it", ha="center", va="center")
    else:
        for row, (_, _, _, low, high, value) in enumerate(one for one in drawn if one[1] == measures[-1][0]):
            beside(ax, row, _share(value, (high - low) / 2))
    ax.set_title(wrapped(output_label(result, output), TITLE_WIDTH, 2), pad=24, parse_math=False)
    if len(series) > 1:
        add_legend(ax)
        head(ax, "with its interactions")
    else:
        style.write(ax, 0.0, 1.0, measures[0][0], rise=6)
    ax.set_xlabel("Share of the output's variance (%)" + _more(found, output))


def _more(found: "Analyses", output: str) -> str:
    """Say what is left out, and that it is less."""
    left = driving(found, output)[_MOST:]
    if not left or _is_constant(found, output):
        return f" · {counted(len(left), 'more input')}" if left else ""
    shares = measures_of(found)[-1][1]
    most = estimate_at(shares, (found.outputs.index(output), left[0]))
    text = percent(max(most.value, 0.0), float("nan"))
    return f" · {counted(len(left), 'more input')}, each {text} or less"


def _share(value: float, half: float) -> str:
    """Write a share; where it is next to nothing, or not known, that it is."""
    if not _is_resolved(half):
        return "not resolved"
    if value + half < _NOTHING:
        return f"below {percent(_NOTHING, 0.0)}"
    return percent(value, half)
