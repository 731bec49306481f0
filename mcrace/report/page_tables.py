"""The tables of the report: words and rounded numbers, ready to print."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.figures.estimates import Estimate, Estimates, contrasts_of, estimates_of
from mcrace.figures.inputs import input_quantiles, shown_inputs
from mcrace.figures.parts import PARTS, effect_parts
from mcrace.figures.telling import IN_A_TABLE, left_out_words, telling_scenarios
from mcrace.figures.theme import output_of
from mcrace.figures.wording import clean_text, common_unit, readable_unit, short
from mcrace.nomenclature import OUTPUTS
from mcrace.report.mechanisms import headlines, mechanisms_of

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study import Input, Study

__all__ = ["Cell", "Table", "TableRow", "contrast_tables", "input_table", "mechanism_table", "number_in",
           "outputs_table", "part_words", "parts_table", "plain_value", "sign_table", "silent_outputs",
           "summary_tables"]  # fmt: skip

_AMOUNTS = (
    ("mean", "Mean"),
    ("sd", "Standard deviation"),
    ("q0.05", "5 %"),
    ("q0.5", "Median"),
    ("q0.95", "95 %"),
)
_TAIL = ("shortfall_0.05", "Mean of the worst 5\N{NO-BREAK SPACE}%")
_SHARES = (
    ("p_positive", "P(>\N{NO-BREAK SPACE}0)"),
    ("p_zero", "P(=\N{NO-BREAK SPACE}0)"),
    ("p_negative", "P(<\N{NO-BREAK SPACE}0)"),
)
_LEVELS = (0.05, 0.5, 0.95)
_NUMBER = re.compile(
    r"(?P<number>[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?)(?: ± [\d.,e+-]+)?"
    r"(?: (?P<scale>thousand|million|billion|trillion)\b)?(?![\w.,])"
)
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_ENDLESS = {"never": math.inf, "∞": math.inf, "−∞": -math.inf}
_LISTED = 12


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
    value : float, optional
        The number that the text is made from, by which a reader may sort; by default as the text has it.
    """

    text: str
    mark: str = ""
    is_number: bool = True
    value: float | None = None

    @property
    def order(self) -> str:
        """By what rows are sorted: a number as a script reads it; empty for words."""
        value = number_in(self.text) if self.value is None and self.is_number else self.value
        if value is None or math.isnan(value):
            return ""
        return repr(value) if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


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
    """Tabulate the headline outputs by scenario."""
    table, shown = estimates_of(result), telling_scenarios(result, IN_A_TABLE)
    caption = "{label} by scenario{unit}" + _left_out(result)
    return tuple(_scenario_table(table, shown, output, caption) for output in headlines(result.study))


def contrast_tables(result: "Result") -> tuple[Table, ...]:
    """Tabulate each scenario minus base for the headline outputs; empty if base is alone."""
    others = telling_scenarios(result, IN_A_TABLE)[1:]
    if not others:
        return ()
    table, caption = contrasts_of(result), "{label}: scenario minus base{unit}, shares in percentage points"
    caption += _left_out(result, "contrasts.csv")
    return tuple(_scenario_table(table, others, output, caption) for output in headlines(result.study))


def sign_table(result: "Result") -> Table:
    """Tabulate how often open releases raise, keep and lower the incentive, by scenario."""
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
        for name in telling_scenarios(result, IN_A_TABLE)
    ]  # fmt: skip
    return Table(
        caption=f"What open releases do to the incentive{_left_out(result)}: share of draws in which they",
        columns=("Scenario", *heads),
        rows=tuple(rows),
        notes=notes.listed,
    )


def parts_table(result: "Result") -> Table | None:
    """Tabulate the mean of each part of the effect by scenario; None if there is but one part."""
    scenarios = telling_scenarios(result, IN_A_TABLE)
    means = {name: {part.word: part.mean for part in effect_parts(result, name)} for name in scenarios}
    words = part_words(result)
    if len(words) < 2:
        return None
    effects = {name: estimates_of(result).of(name, "open_effect", "mean") for name in scenarios}
    values = [part.value for parts in means.values() for part in parts.values()]
    factor, unit = common_unit([*values, *(effect.value for effect in effects.values())], "USD")
    rows = [
        TableRow(clean_text(name), "", tuple(
            Cell("0") if part is None else Cell(part.text(factor), value=part.value)
            for part in (*(means[name].get(word) for word in words), effects[name])
        ))
        for name in scenarios
    ]  # fmt: skip
    return Table(
        caption=f"What carries the effect of open releases: means by scenario, {unit}, as they add up"
        + _left_out(result),
        columns=("Scenario", *(f"{word[0].upper()}{word[1:]}" for word in words), "Whole effect"),
        rows=tuple(rows),
    )


def part_words(result: "Result") -> list[str]:
    """Name the parts of the effect that are not 0 in every scenario."""
    found = {part.word for name in result.statistics.scenarios for part in effect_parts(result, name)}
    return [word for word, _, _ in PARTS if word in found]


def silent_outputs(result: "Result") -> tuple[str, ...]:
    """Name the outputs that are 0 in every draw of every scenario; beliefs that nobody has are none."""
    table, shown = estimates_of(result), headlines(result.study)
    return tuple(
        name
        for name in result.statistics.outputs
        if (name != "perceived_incentive" or name in shown)
        and all(
            table.of(scenario, name, "mean").value == 0 == table.of(scenario, name, "sd").value
            for scenario in result.statistics.scenarios
        )
    )


def mechanism_table(study: "Study") -> Table:
    """Tabulate the mechanisms that a study switches on."""
    rows = [
        TableRow(row.path, "", (
            Cell(plain_value(row.value) or f"only in {_listed(row.scenarios)}", is_number=False),
            Cell(row.meaning, is_number=False),
        ))
        for row in mechanisms_of(study)
    ]  # fmt: skip
    return Table(
        caption="What the study switches on, beside the levels of the models, their value and customers",
        columns=("Key of the model", "In the base scenario", "Meaning"),
        rows=tuple(rows),
    )


def outputs_table(result: "Result") -> Table:
    """Tabulate the outputs of the base scenario, without those that are 0 everywhere.

    What the lab perceives has a row where the study gives the lab beliefs of its own.
    """
    table, notes = estimates_of(result), _Notes()
    left_out = set(silent_outputs(result))
    if "perceived_incentive" not in headlines(result.study):
        left_out.add("perceived_incentive")
    rows = []
    for name in result.statistics.outputs:
        if name in left_out:
            continue
        output = output_of(name, result.study)
        factor, unit = table.unit(["base"], name, output.unit)
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
    """Tabulate the inputs with law, quantiles and source; a family of inputs has one row."""
    rows = []
    for item in shown_inputs(result.study):
        marks = [float(mark) for mark in input_quantiles(item, np.array(_LEVELS))]
        factor, unit = readable_unit(marks, item.unit)
        label = clean_text(item.label)
        rows.append(
            TableRow(
                label,
                "" if item.name == label else item.name,
                (
                    Cell("fixed" if isinstance(item.law, float) else clean_text(item.text), is_number=False),
                    *(Cell(short(mark / factor), value=mark) for mark in marks),
                    Cell(unit, is_number=False),
                    Cell(_source(item), is_number=False),
                ),
            )
        )
    return Table(
        caption="The inputs of the base scenario",
        columns=("Input", "Law", "5 %", "50 %", "95 %", "Unit", "Source"),
        rows=tuple(rows),
    )


def number_in(text: str) -> float | None:
    """Read the number that a cell shows, without its error and its unit.

    Parameters
    ----------
    text : str
        As the tables write numbers.

    Returns
    -------
    float or None
        In the plain unit: a word such as *million* is a factor. None for words.

    Examples
    --------
    >>> number_in("−61.2 ± 0.3 %"), number_in("2.5 billion USD"), number_in("never"), number_in("falls there")
    (-61.2, 2500000000.0, inf, None)
    """
    if text in _ENDLESS:
        return _ENDLESS[text]
    found = _NUMBER.match(text)
    if found is None:
        return None
    number = float(found["number"].replace("−", "-").replace(",", ""))
    return number * _SCALES.get(found["scale"] or "", 1.0)


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
            return Cell(text, value=estimate.value)
        letter = self._letters.setdefault(estimate.note, chr(ord("a") + len(self._letters) % 26))
        return Cell(text, letter, value=estimate.value)

    @property
    def listed(self) -> tuple[tuple[str, str], ...]:
        """Letter and text of each note."""
        return tuple((letter, text) for text, letter in self._letters.items())


def _source(item: "Input") -> str:
    """Tell the source, and where the page of evidence stands; no link, for the report may be far from it."""
    told = clean_text(item.source) or "no source given"
    return f"{told.rstrip('.')}. Evidence: {clean_text(item.evidence)}" if item.evidence else told


def _left_out(result: "Result", file: str = "summary.csv") -> str:
    words = left_out_words(result, IN_A_TABLE, file)
    return f" ({words})" if words else ""


def _listed(names: tuple[str, ...]) -> str:
    left = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {left:,} more scenarios" if left > 0 else "")


def _scenario_table(table: Estimates, scenarios: tuple[str, ...], output: str, caption: str) -> Table:
    named, notes = OUTPUTS[output], _Notes()
    factor, unit = table.unit(scenarios, output, named.unit)
    rows = []
    for scenario in scenarios:
        amounts = [table.of(scenario, output, statistic) for statistic, _ in (*_AMOUNTS, _TAIL)]
        shares = [table.of(scenario, output, statistic) for statistic, _ in _SHARES]
        cells = [notes.cell(item, item.text(factor)) for item in amounts]
        cells += [notes.cell(item, item.percent.removesuffix(" %")) for item in shares]
        rows.append(TableRow(clean_text(scenario), "", tuple(cells)))
    heads = [label for _, label in (*_AMOUNTS, _TAIL)] + [
        f"{label},\N{NO-BREAK SPACE}%" for _, label in _SHARES
    ]
    return Table(
        caption=caption.format(label=named.label, unit=f", {unit}" if unit else ""),
        columns=("Scenario", *heads),
        rows=tuple(rows),
        notes=notes.listed,
    )
