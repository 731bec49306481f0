"""A decision tree for a condition, written as an outline: what to ask, and how often it then holds."""

from typing import TYPE_CHECKING

import numpy as np

from mcrace.analysis.rules import Restriction, rule
from mcrace.analysis.tree import Leaf, Tree
from mcrace.figures import theme as style
from mcrace.figures.branches import Branch, branches
from mcrace.figures.estimates import Estimate
from mcrace.figures.findings import OutputRow, estimate_at, label_of, output_frame, row_of, told
from mcrace.figures.regions import condition_words
from mcrace.figures.wording import counted, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "condition_tree",
    "condition_tree_alt",
    "condition_tree_caption",
    "condition_tree_height",
    "condition_tree_numbers",
    "draw_condition_tree",
    "has_condition_tree",
]

_ROW = 0.41
_BARS, _NUMBERS = 61.0, 83.0
_INDENT = 3.0
_WIDTH, _NARROWER = 54, 3
_TRACK = "#E6E6E6"
_THICK = 0.42


def condition_tree(found: "Analyses", result: "Result", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the decision tree for the condition that the study asks about.

    Parameters
    ----------
    found : Analyses
        Of the run, with its tree.
    result : Result
        The run.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        A row a branch, those under it further in; bars at the leaves are how often the condition holds.

    See Also
    --------
    condition_tree_numbers : what is drawn, as a table.

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
    ...     analysis={"regions": {"output": "open_effect", "below": 0}},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> from matplotlib.figure import Figure
    >>> ax = mcrace.figures.condition_tree(mcrace.analyse(result, jobs=1), result, ax=Figure().add_subplot())
    >>> ax.texts[0].get_text().split(" below")[0]
    'Day of the release'
    """
    with style.theme():
        ax = style.new_axes(condition_tree_height(found)) if ax is None else ax
        rows = branches(_tree(found).leaves)
        for number, row in enumerate(rows):
            _draw_row(ax, number, row, result)
            _draw_twig(ax, number, rows)
        ax.set_xlim(0.0, 100.0)
        ax.set_ylim(len(rows) - 0.4, -0.9)
        ax.set_axis_off()
        ax.text(_BARS, -0.72, "how often, and share of all draws", fontsize=style.SMALL, va="center")
        title = f"When it holds that {condition_words(result)}"
        ax.set_title(wrapped(title, 74, 3), parse_math=False)
        style.sign(ax, result.study, drop=8)
    return ax


def draw_condition_tree(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw the tree of `condition_tree` into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    condition_tree(found, result, ax=figure.add_subplot())


def condition_tree_height(found: "Analyses") -> float:
    """Return the height in inches that the tree of a run needs."""
    return 1.2 + _ROW * len(branches(_tree(found).leaves))


def has_condition_tree(found: "Analyses") -> bool:
    """Whether there is a tree that says anything."""
    return found.tree is not None and len(found.tree.leaves) > 1


def condition_tree_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":  # noqa: ARG001 - as all have it
    """Tabulate what `condition_tree` draws.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``leaf, part, name, low, high, value``: leaves are counted from 1, the likeliest first;
        ``probability`` and ``share`` with the ends of their 95 % intervals, and of each restricted input
        `name` the ``range`` in its unit, from `low` to `high`.
    """
    rows: list[OutputRow] = []
    for number, leaf in enumerate(_tree(found).leaves, start=1):
        rows.append(row_of(str(number), "probability", "", estimate_at(leaf.probability)))
        rows.append(row_of(str(number), "share", "", estimate_at(leaf.share)))
        rows += [(str(number), "range", item.name, item.low, item.high, np.nan) for item in leaf.restrictions]
    return output_frame(rows, first="leaf")


def condition_tree_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows."""
    held = "draws on which the tree did not grow" if _tree(found).held_out else "the draws on which it grew"
    return (
        f"A decision tree with {counted(len(_tree(found).leaves), 'end')} for: {condition_words(result)}. Go "
        "down from the left, at each fork to the line that is true. Bars: how often the condition holds in "
        f"the draws that end there, and their share of all draws, both from {held}; ± is half the width of "
        "the 95 % interval of the Monte Carlo error. The tree is pruned to what the draws can tell."
    )


def condition_tree_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    texts = [
        f"{_rule(result, leaf.restrictions)}: {_percent(estimate_at(leaf.probability))}"
        for leaf in _tree(found).leaves
    ]
    return f"Decision tree. How often {condition_words(result)}: {'; '.join(texts)}."


def _tree(found: "Analyses") -> Tree:
    if found.tree is None:
        raise ValueError("there is no tree: the study does not ask for regions")
    return found.tree


def _rule(result: "Result", ranges: tuple[Restriction, ...]) -> str:
    labels = {item.name: label_of(result, item.name) for item in ranges}
    return rule(ranges, lambda name, value: told(result, name, value), labels)


def _percent(estimate: Estimate) -> str:
    return "not known" if np.isnan(estimate.value) else estimate.percent


def _draw_row(ax: "Axes", number: int, row: Branch, result: "Result") -> None:
    """Write what a branch asks and, where it ends, draw how often the condition holds."""
    text = "any inputs" if row.asked is None else _asked(result, row.asked, _WIDTH - _NARROWER * row.depth)
    ax.text(_INDENT * row.depth + 1.6, number, text, fontsize=style.SMALL, va="center", parse_math=False)
    if row.leaf is not None:
        _draw_leaf(ax, number, row.leaf)


def _asked(result: "Result", asked: Restriction, width: int) -> str:
    """Write what a branch asks in two lines, its limit whole; the label is what is cut."""
    limit = rule([asked], lambda name, value: told(result, name, value), {asked.name: ""}).strip()
    label = wrapped(label_of(result, asked.name), width, 2).replace("\n", " ")
    if len(label) + len(limit) + 1 > 2 * width - 6:
        label = wrapped(label, 2 * width - len(limit) - 8, 1)
    return wrapped(f"{label} {limit}", width, 2)


def _draw_leaf(ax: "Axes", number: int, leaf: Leaf) -> None:
    chance, share = estimate_at(leaf.probability), estimate_at(leaf.share)
    width = _NUMBERS - _BARS - 2.0
    ax.barh([number], [width], _THICK, left=[_BARS], color=_TRACK, edgecolor="none")
    if not np.isnan(chance.value):
        ax.barh(
            [number], [chance.value * width], _THICK, left=[_BARS], color=style.POSITIVE, edgecolor="none"
        )
        if chance.half_width > 0:
            at, half = _BARS + chance.value * width, chance.half_width * width
            ax.errorbar([at], [number], xerr=[half], fmt="none", ecolor=style.INK,
                        elinewidth=1.2, capsize=2.5, zorder=4)  # fmt: skip
    text = f"{_percent(chance)}\nof {_percent(share)}"
    ax.text(_NUMBERS, number, text, fontsize=style.SMALL, va="center", linespacing=1.1)


def _draw_twig(ax: "Axes", number: int, rows: tuple[Branch, ...]) -> None:
    """Draw the line from a branch up to the one before it at its fork, or to where it hangs."""
    depth = rows[number].depth
    at = _INDENT * depth + 0.2
    above = next((place for place in range(number - 1, -1, -1) if rows[place].depth <= depth), -1)
    top = above if above >= 0 and rows[above].depth == depth else number - 0.72
    ax.plot([at, at, at + 1.0], [top, number, number], color=style.GREY, linewidth=1.0)
