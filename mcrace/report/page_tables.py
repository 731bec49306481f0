"""The tables of the report: words and rounded numbers, ready to print."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.figures.estimates import Estimate, Estimates, contrasts_of, estimates_of
from mcrace.figures.inputs import input_quantiles
from mcrace.figures.theme import output_of
from mcrace.figures.wording import clean_text, readable_unit, short

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["Cell", "Table", "TableRow", "contrast_tables", "input_table", "outputs_table", "plain_value",
           "sign_table", "summary_tables"]  # fmt: skip

HEADLINES = ("incentive", "open_effect")
"""Outputs that the report is about, in order."""

_AMOUNTS = (
    ("mean", "Mean"),
    ("sd", "Standard deviation"),
    ("q0.05", "5 %"),
    ("q0.5", "Median"),
    ("q0.95", "95 %"),
)
_TAIL = ("shortfall_0.05", "Mean of the worst 5 %")
_SHARES = (
    ("p_positive", "P(>\N{NO-BREAK SPACE}0)"),
    ("p_zero", "P(=\N{NO-BREAK SPACE}0)"),
    ("p_negative", "P(<\N{NO-BREAK SPACE}0)"),
)
_LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes
    ----------
    text : str
        A rounded number with its error, or words.
    mark : str
        Letter of the note that belongs to it; empty if there is none.
    is_number : bool
        Whether it is set to the right.
    """

    text: str
    mark: str = ""
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: what it is about, and its cells.

    Attributes
    ----------
    label, detail : str
        Heading of the row; `detail` is a name in code, or empty.
    cells : tuple of Cell
        In the order of the columns.
    """

    label: str
    detail: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as text.

    Attributes
    ----------
    caption : str
        What it holds, with its unit.
    columns : tuple of str
        Headings, that of the row labels first.
    rows : tuple of TableRow
        Top to bottom.
    notes : tuple of (str, str)
        Letter and text of each note.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[tuple[str, str], ...] = ()


def summary_tables(result: "Result") -> tuple[Table, ...]:
    """Tabulate both headline outputs in every scenario."""
    table = estimates_of(result)
    return tuple(
        _scenario_table(table, result.statistics.scenarios, output, "{label} by scenario{unit}")
        for output in HEADLINES
    )


def contrast_tables(result: "Result") -> tuple[Table, ...]:
    """Tabulate each scenario minus base for both headline outputs; empty if base is alone."""
    others = result.statistics.scenarios[1:]
    if not others:
        return ()
    table, caption = contrasts_of(result), "{label}: scenario minus base{unit}, shares in percentage points"
    return tuple(_scenario_table(table, others, output, caption) for output in HEADLINES)


def sign_table(result: "Result") -> Table:
    """Tabulate how often open releases raise, keep and lower the incentive, in every scenario."""
    table, notes = estimates_of(result), _Notes()
    heads = (
        "raise it, P(>\N{NO-BREAK SPACE}0)",
        "leave it alone, P(=\N{NO-BREAK SPACE}0)",
        "lower it, P(<\N{NO-BREAK SPACE}0)",
    )
    rows = [
        TableRow(clean_text(name), "", tuple(
            notes.cell(table.of(name, "open_effect", share), table.of(name, "open_effect", share).percent)
            for share, _ in _SHARES
        ))
        for name in result.statistics.scenarios
    ]  # fmt: skip
    return Table(
        caption="What open releases do to the incentive: share of the draws in which they",
        columns=("Scenario", *heads),
        rows=tuple(rows),
        notes=notes.listed,
    )


def outputs_table(result: "Result") -> Table:
    """Tabulate every output of the base scenario."""
    table, notes = estimates_of(result), _Notes()
    rows = []
    for name in result.statistics.outputs:
        output = output_of(name)
        factor, unit = readable_unit(_sizes(table, ("base",), name), output.unit)
        amounts = [table.of("base", name, statistic) for statistic, _ in _AMOUNTS]
        cells = [notes.cell(item, item.text(factor)) for item in amounts]
        rows.append(TableRow(output.label, name, (Cell(unit, is_number=False), *cells)))
    return Table(
        caption="Every output in the base scenario",
        columns=("Output", "Unit", *(label for _, label in _AMOUNTS)),
        rows=tuple(rows),
        notes=notes.listed,
    )


def input_table(result: "Result") -> Table:
    """Tabulate the inputs with law, quantiles and source."""
    rows = []
    for item in result.study.inputs:
        marks = [float(mark) for mark in input_quantiles(item, np.array(_LEVELS))]
        factor, unit = readable_unit(marks, item.unit)
        label = clean_text(item.label)
        rows.append(
            TableRow(
                label,
                "" if item.name == label else item.name,
                (
                    Cell(clean_text(item.text), is_number=False),
                    *(Cell(short(mark / factor)) for mark in marks),
                    Cell(unit, is_number=False),
                    Cell(clean_text(item.source) or "no source given", is_number=False),
                ),
            )
        )
    return Table(
        caption="The inputs of the base scenario",
        columns=("Input", "Law", "5 %", "50 %", "95 %", "Unit", "Source"),
        rows=tuple(rows),
    )


def plain_value(value: Any) -> str:  # noqa: ANN401 - whatever a study file may hold
    """Write a value of a study file in one line.

    Examples
    --------
    >>> plain_value({"uniform": [0, 2e9]}), plain_value(True), plain_value(float("inf"))
    ('{uniform: [0, 2,000,000,000]}', 'true', '.inf')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return (
            f"{value:,.10g}"
            if math.isfinite(value)
            else str(value).replace("inf", ".inf").replace("nan", ".nan")
        )
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{plain_value(key)}: {plain_value(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(plain_value(item) for item in value) + "]"
    return "none" if value is None else clean_text(str(value))


class _Notes:
    """Letters for the notes of one table, in the order of their first use."""

    __slots__ = ("_letters",)

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def cell(self, estimate: Estimate, text: str) -> Cell:
        """Make the cell of an estimate."""
        if not estimate.note:
            return Cell(text)
        letter = self._letters.setdefault(estimate.note, chr(ord("a") + len(self._letters) % 26))
        return Cell(text, letter)

    @property
    def listed(self) -> tuple[tuple[str, str], ...]:
        """Letter and text of each note."""
        return tuple((letter, text) for text, letter in self._letters.items())


def _scenario_table(table: Estimates, scenarios: tuple[str, ...], output: str, caption: str) -> Table:
    named, notes = output_of(output), _Notes()
    factor, unit = readable_unit(_sizes(table, scenarios, output), named.unit)
    rows = []
    for scenario in scenarios:
        amounts = [table.of(scenario, output, statistic) for statistic, _ in (*_AMOUNTS, _TAIL)]
        shares = [table.of(scenario, output, statistic) for statistic, _ in _SHARES]
        cells = [notes.cell(item, item.text(factor)) for item in amounts]
        cells += [notes.cell(item, item.percent.removesuffix(" %")) for item in shares]
        rows.append(TableRow(clean_text(scenario), "", tuple(cells)))
    heads = [label for _, label in (*_AMOUNTS, _TAIL)] + [f"{label}, %" for _, label in _SHARES]
    return Table(
        caption=caption.format(label=named.label, unit=f", {unit}" if unit else ""),
        columns=("Scenario", *heads),
        rows=tuple(rows),
        notes=notes.listed,
    )


def _sizes(table: Estimates, scenarios: Iterable[str], output: str) -> list[float]:
    names = ("mean", "q0.05", "q0.95")
    return [table.of(scenario, output, name).value for scenario in scenarios for name in names]
