"""What it is worth to learn an input before deciding."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style
from mcrace.figures.bars import (
    LIGHT,
    SECOND,
    TITLE_WIDTH,
    UNSURE,
    Bars,
    bars_height,
    beside,
    draw_bars,
    head,
    name_rows,
)
from mcrace.figures.estimates import Estimate
from mcrace.figures.findings import OutputRow, estimate_at, label_of, output_frame, row_of
from mcrace.figures.wording import clean_text, common_unit, counted, percent, rounded, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.analysis.information import Information
    from mcrace.engine.result import Result

__all__ = [
    "DECISIONS",
    "draw_worth",
    "worth",
    "worth_alt",
    "worth_caption",
    "worth_height",
    "worth_numbers",
]

DECISIONS = ("training", "choice")
"""Decisions as `Analyses` names them: to train z or not, and which candidate to train, or none."""

_WORDS = {"training": "whether to train z", "choice": "which candidate to train, or none"}
_MOST, _FIRST = 12, 3
_PERFECT, _EVERYTHING = "perfect", "everything"
_UNRESOLVED = "not resolved"


def worth(
    found: "Analyses", result: "Result", decision: str = "training", *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the value of information: of everything, of named groups and of single inputs.

    Parameters
    ----------
    found : Analyses
        Of the run, with its value of information.
    result : Result
        The run.
    decision : str
        ``training`` or ``choice``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        Everything on top, then groups and inputs by their value, 12 inputs at most.

    See Also
    --------
    worth_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.worth(mcrace.analyse(result, jobs=1), result, ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Everything', 'Day of the release']
    """
    with style.theme():
        ax = style.new_axes(_panel_height(found)) if ax is None else ax
        _draw_panel(ax, found, result, decision)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_worth(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw a panel a decision into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    decisions = _decisions(found)
    for place, decision in enumerate(decisions):
        _draw_panel(figure.add_subplot(len(decisions), 1, place + 1), found, result, decision)
    style.sign(figure, result.study)


def worth_height(found: "Analyses") -> float:
    """Return the height in inches that the panels of a run need."""
    return 0.3 + len(_decisions(found)) * _panel_height(found)


def worth_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `worth` draws of each decision.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``decision, part, name, low, high, value``: `part` is ``value`` (USD) or ``p_changes_decision``,
        preceded by what is learnt: ``perfect``, ``group`` or ``input``; `name` which; `low` and `high` the
        ends of the 95 % interval.
    """
    rows = [row for decision in _decisions(found) for row in _drawn(found, decision)]
    return output_frame(rows, first="decision")


def worth_caption(found: "Analyses", result: "Result") -> str:  # noqa: ARG001 - as all have it
    """Say what the figure shows."""
    decisions = " and ".join(_WORDS[decision] for decision in _decisions(found))
    return (
        f"What the lab would gain on average if it learnt an input before it decides {decisions}, in the "
        "base scenario: at most the value of learning everything (grey). Right: the chance that what it "
        "learns changes the decision. Lines: 95 % interval of the Monte Carlo error; not resolved: the "
        "interval holds 0, so that these draws do not tell the value from nothing."
    )


def worth_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    return "Bars of the value of information. " + " ".join(
        _finding(found, result, decision) for decision in _decisions(found)
    )


def _finding(found: "Analyses", result: "Result", decision: str) -> str:
    values, _ = _read(_drawn(found, decision))
    factor, unit = _unit(values)
    texts = [
        f"{_name(result, part, name)} {_amount(value, factor)}"
        for (part, name), value in values.items()
        if part != _PERFECT and _is_resolved(value)
    ]
    all_of_it = _amount(values[_PERFECT, _EVERYTHING], factor)
    rest = ", ".join(texts[:_FIRST]) if texts else "no single input or group has a value that is resolved"
    return f"Before deciding {_WORDS[decision]}: everything {all_of_it}, {rest} ({unit})."


def _decisions(found: "Analyses") -> tuple[str, ...]:
    return tuple(name for name in DECISIONS if _known(found, name) is not None)


def _known(found: "Analyses", decision: str) -> "Information | None":
    return found.training if decision == "training" else found.choice


def _panel_height(found: "Analyses") -> float:
    return 0.1 + bars_height(1 + len(found.groups) + min(len(found.inputs), _MOST))


def _drawn(found: "Analyses", decision: str) -> list[OutputRow]:
    known = _known(found, decision)
    if known is None:
        raise ValueError(f"there is no value of information for {decision!r}")
    rows = _pair(
        decision, _PERFECT, _EVERYTHING, estimate_at(known.perfect), estimate_at(known.perfect_changes)
    )
    parts = (
        ("group", found.groups, known.groups, known.group_changes, len(found.groups)),
        ("input", found.inputs, known.inputs, known.input_changes, _MOST),
    )
    chosen = [
        (
            float(values.value[place]),
            part,
            name,
            estimate_at(values, (place,)),
            estimate_at(changes, (place,)),
        )
        for part, names, values, changes, most in parts
        for place, name in sorted(enumerate(names), key=lambda item: -values.value[item[0]])[:most]
    ]
    for _, part, name, value, change in sorted(chosen, key=lambda item: -item[0]):
        rows += _pair(decision, part, name, value, change)
    return rows


def _pair(decision: str, part: str, name: str, value: Estimate, change: Estimate) -> list[OutputRow]:
    return [
        row_of(decision, f"{part} value", name, value),
        row_of(decision, f"{part} p_changes_decision", name, change),
    ]


Read = dict[tuple[str, str], Estimate]


def _read(drawn: Sequence[OutputRow]) -> tuple[Read, Read]:
    """Take values and chances of a change out of the rows, by what is learnt."""
    values: Read = {}
    changes: Read = {}
    for _, words, name, low, high, value in drawn:
        part, measure = words.split(" ")
        half = (high - low) / 2
        one = Estimate(value=value, standard_error=float("nan"), half_width=half, note="")
        (values if measure == "value" else changes)[part, name] = one
    return values, changes


def _unit(values: Read) -> tuple[float, str]:
    return common_unit([max(value.value, 0.0) for value in values.values()], "USD")


def _is_resolved(value: Estimate) -> bool:
    return value.value - value.half_width > 0


def _amount(value: Estimate, factor: float) -> str:
    return rounded(value.value / factor, value.half_width / factor)


def _name(result: "Result", part: str, name: str) -> str:
    if part == _PERFECT:
        return "Everything"
    return label_of(result, name) if part == "input" else f"Together: {clean_text(name)}"


def _colour(part: str, value: Estimate) -> str:
    if not _is_resolved(value):
        return UNSURE
    return {_PERFECT: style.GREY, "group": style.POSITIVE}.get(part, LIGHT)


def _draw_panel(ax: "Axes", found: "Analyses", result: "Result", decision: str) -> None:
    values, changes = _read(_drawn(found, decision))
    factor, unit = _unit(values)
    ends = np.array([value.value for value in values.values()]) / factor
    bars = Bars(
        label="",
        start=np.zeros(len(ends)),
        end=ends,
        half=np.array([value.half_width for value in values.values()]) / factor,
        colours=tuple(_colour(part, value) for (part, _), value in values.items()),
    )
    draw_bars(ax, [bars])
    name_rows(ax, [_name(result, *key) for key in values])
    for row, (key, value) in enumerate(values.items()):
        seen = _is_resolved(value)
        beside(
            ax, row, _amount(value, factor) if seen else _UNRESOLVED, colour=style.INK if seen else style.GREY
        )
        if seen:
            beside(ax, row, percent(changes[key].value, changes[key].half_width), right=SECOND)
    ax.set_title(wrapped(f"Worth of learning before deciding {_WORDS[decision]}", TITLE_WIDTH, 2), pad=24)
    head(ax, "value")
    head(ax, "changes it", right=SECOND)
    left = len(found.inputs) - sum(part == "input" for part, _ in values)
    more = f" · {counted(left, 'more input')}, worth no more than these" if left else ""
    ax.set_xlabel(f"Expected gain ({unit}){more}")
