"""Regions of the inputs in which a condition holds: their ranges, and how well they hold."""

from typing import TYPE_CHECKING

from mcrace.analysis.regions import Prim, Region
from mcrace.analysis.rules import Restriction, restrictions, rule
from mcrace.engine.probe import base_draws
from mcrace.figures import theme as style
from mcrace.figures.bars import TITLE_WIDTH, beside, name_rows
from mcrace.figures.estimates import Estimate
from mcrace.figures.findings import (
    OutputRow,
    estimate_at,
    label_of,
    lower_first,
    output_frame,
    output_label,
    row_of,
    told,
)
from mcrace.figures.wording import counted, readable_unit, short, wrapped
from mcrace.study.requests import Regions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = [
    "condition_words",
    "draw_regions",
    "regions",
    "regions_alt",
    "regions_caption",
    "regions_height",
    "regions_numbers",
]

_RANGE_WIDTH = 26
_TRACK = "#E6E6E6"
_THICK = 0.5
_MEASURES = ("coverage", "density", "mass")


def regions(found: "Analyses", result: "Result", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the ranges that each region leaves to its inputs, on the scale of their probability.

    Parameters
    ----------
    found : Analyses
        Of the run, with its regions.
    result : Result
        The run.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure if absent.

    Returns
    -------
    matplotlib.axes.Axes
        In the order in which they were found.

    See Also
    --------
    regions_numbers : what is drawn, as a table.

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
    >>> ax = mcrace.figures.regions(mcrace.analyse(result, jobs=1), result, ax=Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['', 'Day of the release']
    """
    with style.theme():
        ax = style.new_axes(regions_height(found)) if ax is None else ax
        _draw(ax, found, result)
        style.sign(ax, result.study, drop=42)
    return ax


def draw_regions(found: "Analyses", result: "Result", figure: "Figure") -> None:
    """Draw the ranges of `regions` into a figure.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.
    figure : matplotlib.figure.Figure
        An empty figure.
    """
    regions(found, result, ax=figure.add_subplot())


def regions_height(found: "Analyses") -> float:
    """Return the height in inches that the regions of a run need."""
    rows = sum(1 + len(restrictions(region.limits)) for region in _prim(found).regions)
    return 1.5 + 0.42 * rows


def regions_numbers(found: "Analyses", result: "Result") -> "pd.DataFrame":
    """Tabulate what `regions` draws.

    Parameters
    ----------
    found : Analyses
        Of the run.
    result : Result
        The run.

    Returns
    -------
    pandas.DataFrame
        ``region, part, name, low, high, value``: ``coverage``, ``density`` and ``mass`` with the ends of
        their 95 % intervals; of each restricted input `name` the ``range`` in its unit, from `low` to `high`,
        and the ``probability``: cumulative at both ends, and `value` between them.
    """
    return output_frame(_drawn(found, result), first="region")


def regions_caption(found: "Analyses", result: "Result") -> str:
    """Say what the figure shows."""
    held = "draws that did not choose them" if _prim(found).held_out else "the draws that chose them"
    return (
        f"{counted(len(_prim(found).regions), 'region')} of the inputs in which {condition_words(result)} in "
        "more draws than elsewhere, by the patient rule induction method. Blue: the range left to an input, "
        "on the scale of its probability; an input that is not named is free. Shares leave out the draws of "
        "earlier regions and are from "
        f"{held}; ± is half the width of the 95 % interval of the Monte Carlo error."
    )


def regions_alt(found: "Analyses", result: "Result") -> str:
    """Tell in words and numbers what the figure shows."""
    prim = _prim(found)
    texts = [
        f"Region {number}: {_rule(result, region)}: {_words(region)}."
        for number, region in enumerate(prim.regions, start=1)
    ]
    share = estimate_at(prim.share).percent
    return f"Ranges of inputs; {condition_words(result)} in {share} of all draws. {' '.join(texts)}"


def _prim(found: "Analyses") -> Prim:
    if found.prim is None:
        raise ValueError("there are no regions: the study does not ask for any")
    return found.prim


def condition_words(result: "Result") -> str:
    """Say the condition that regions and tree are of, as it stands inside a sentence."""
    asked = result.study.analysis.regions or Regions()
    unit = style.output_of(asked.output, result.study).unit
    sides = []
    for word, limit in (("above", asked.above), ("below", asked.below)):
        if limit is not None:
            factor, words = readable_unit([limit], unit)
            sides.append(f"{word} {short(limit / factor)} {words}".rstrip() if limit != 0 else f"{word} 0")
    return f"{lower_first(output_label(result, asked.output))} is {' and '.join(sides)}"


def _words(region: Region) -> str:
    coverage, density, mass = (estimate_at(getattr(region, name)).percent for name in _MEASURES)
    return f"true in {density} of its draws, which are {coverage} of all such draws and {mass} of all"


def _rule(result: "Result", region: Region) -> str:
    labels = {name: label_of(result, name) for name in (limit.name for limit in region.limits)}
    return rule(restrictions(region.limits), lambda name, value: told(result, name, value), labels)


def _range_words(result: "Result", item: Restriction) -> str:
    return rule([item], lambda name, value: told(result, name, value), {item.name: ""}).strip()


def _drawn(found: "Analyses", result: "Result") -> list[OutputRow]:
    draws = base_draws(result).inputs
    rows: list[OutputRow] = []
    for number, region in enumerate(_prim(found).regions, start=1):
        head = str(number)
        rows += [row_of(head, name, "", estimate_at(getattr(region, name))) for name in _MEASURES]
        for item in restrictions(region.limits):
            values = draws[..., found.inputs.index(item.name)]
            low, high = float((values < item.low).mean()), float((values <= item.high).mean())
            rows.append((head, "range", item.name, item.low, item.high, float("nan")))
            rows.append((head, "probability", item.name, low, high, high - low))
    return rows


def _draw(ax: "Axes", found: "Analyses", result: "Result") -> None:
    drawn = _drawn(found, result)
    names: list[str] = []
    for number in dict.fromkeys(row[0] for row in drawn):
        mine = [row for row in drawn if row[0] == number]
        measures = {row[1]: _estimate(row) for row in mine if row[1] in _MEASURES}
        _write_head(ax, len(names), number, measures)
        names.append("")
        ranges = {row[2]: Restriction(row[2], row[3], row[4]) for row in mine if row[1] == "range"}
        for _, part, name, low, high, _ in mine:
            if part == "probability":
                _draw_range(ax, len(names), 100 * low, 100 * high)
                beside(ax, len(names), wrapped(_range_words(result, ranges[name]), _RANGE_WIDTH, 2))
                names.append(label_of(result, name))
    name_rows(ax, names)
    ax.set_xlim(0, 100)
    ax.set_xlabel("Cumulative probability of the input (%)")
    title = f"Where {condition_words(result)}"
    ax.set_title(wrapped(title, TITLE_WIDTH, 3), parse_math=False)


def _estimate(row: OutputRow) -> Estimate:
    return Estimate(value=row[5], standard_error=float("nan"), half_width=(row[4] - row[3]) / 2, note="")


def _write_head(ax: "Axes", row: int, number: str, measures: dict[str, Estimate]) -> None:
    """Write how well a region holds above its ranges."""
    text = (
        f"Region {number}: true in {measures['density'].percent} of its draws\n"
        f"{measures['coverage'].percent} of all such draws · {measures['mass'].percent} of all draws"
    )
    ax.annotate(
        text,
        (0.0, row + 0.05),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=style.SMALL,
        weight="bold",
        annotation_clip=False,
        parse_math=False,
    )


def _draw_range(ax: "Axes", row: int, low: float, high: float) -> None:
    ax.barh([row], [100], _THICK, color=_TRACK, edgecolor="none")
    ax.barh([row], [max(high - low, 0.6)], _THICK, left=[low], color=style.POSITIVE, edgecolor="none")
