"""What ``mcrace run`` and ``mcrace show`` say of a result."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mcrace.figures.estimates import Estimate, Estimates, estimates_of, total_draws
from mcrace.figures.telling import ON_A_TERMINAL, left_out_words, telling_scenarios
from mcrace.nomenclature import OUTPUTS
from mcrace.nomenclature.statistics import UNRESOLVED
from mcrace.report.answer import answer, error_note
from mcrace.report.mechanisms import headlines, utility_note
from mcrace.terminal.drivers import driver_sentences

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.report.publish import Published

__all__ = ["result_text", "run_text", "show_text"]

_WIDTH = 80
_ABOUT = "~"
_AMOUNTS = (("mean", "mean"), ("q0.05", "5 %"), ("q0.5", "50 %"), ("q0.95", "95 %"))
_SHARES = (("p_positive", "> 0"), ("p_zero", "= 0"), ("p_negative", "< 0"))
_COLUMNS = (8, 8, 8, 8, 9, 9, 9)
_LEAST_LABEL = 8


def run_text(published: "Published", *, report: bool) -> str:
    """Say how a run ended, what it found, and which file to open.

    Parameters
    ----------
    published : Published
        A run in its folder.
    report : bool
        Whether there is a report to open.

    Returns
    -------
    str
        At most 80 columns wide.
    """
    first = "report.html" if report else "summary.csv"
    ending = textwrap.wrap(_ending(published), _WIDTH, subsequent_indent="  ")
    text = result_text(published.result, published.folder)
    return "\n".join([*ending, "", text, "", f"Open {published.folder / first}"])


def show_text(result: "Result", folder: Path) -> str:
    """Tell a finished run: what it found, and which file to open.

    Parameters
    ----------
    result : Result
        A finished run.
    folder : Path
        Where it is.

    Returns
    -------
    str
        At most 80 columns wide.
    """
    names = (name for name in ("report.html", "summary.csv") if (folder / name).exists())
    opened = next((f"\n\nOpen {folder / name}" for name in names), "")
    return result_text(result, folder) + opened


def result_text(result: "Result", folder: Path | None = None) -> str:
    """Give the answer in sentences, what drives it, and the headline tables.

    Parameters
    ----------
    result : Result
        A finished run.
    folder : Path, optional
        Where it is, with what was found out about its drivers.

    Returns
    -------
    str
        At most 80 columns wide.
    """
    estimates = estimates_of(result)
    lines = [line for sentence in answer(result) for line in textwrap.wrap(sentence, _WIDTH)]
    lines += textwrap.wrap(error_note(result), _WIDTH)
    for sentence in () if folder is None else driver_sentences(result.study, folder):
        lines += textwrap.wrap(sentence, _WIDTH)
    lines += textwrap.wrap(utility_note(result.study), _WIDTH)
    for note in result.facts.notes:
        lines += textwrap.wrap(note + ".", _WIDTH)
    shown = telling_scenarios(result, ON_A_TERMINAL)
    for output in headlines(result.study):
        lines += ["", *_table(estimates, shown, output)]
    left = left_out_words(result, ON_A_TERMINAL)
    if left:
        lines += ["", *textwrap.wrap(f"{left[0].upper()}{left[1:]}.", _WIDTH)]
    if not all(_is_shown_in_full(estimates, result)):
        lines += ["", f"{_ABOUT}: {UNRESOLVED}; the notes in summary.csv say why."]
    return "\n".join(lines)


def _ending(published: "Published") -> str:
    result, facts = published.result, published.result.facts
    head = f"{result.study.name} ({result.digest[:12]})"
    if not published.computed:
        return f"{head}: found finished{', its words written anew' if published.written else ''}"
    rate = facts.evaluations / facts.seconds if facts.seconds > 0 else 0.0
    draws = total_draws(result)
    return (
        f"{head}: {draws:,} draw{'s' if draws > 1 else ''} a scenario, "
        f"{facts.evaluations:,} evaluations in {facts.seconds:.1f} s ({rate:,.0f} a second)"
    )


def _table(estimates: Estimates, scenarios: tuple[str, ...], output: str) -> Iterator[str]:
    """Tabulate one output: a row a scenario, each number with the digits that its error supports."""
    factor, unit = estimates.unit(scenarios, output, OUTPUTS[output].unit)
    yield f"{OUTPUTS[output].label}, {unit}"
    rows = [[head for _, head in (*_AMOUNTS, *_SHARES)]]
    for name in scenarios:
        amounts = [estimates.of(name, output, statistic) for statistic, _ in _AMOUNTS]
        shares = [estimates.of(name, output, statistic) for statistic, _ in _SHARES]
        cells = [_value(item, item.text(factor)) for item in amounts]
        rows.append(cells + [_value(item, item.percent) for item in shares])
    widths = [
        max(least, 1 + max(len(cell) for cell in column))
        for least, column in zip(_COLUMNS, zip(*rows, strict=True), strict=True)
    ]
    wide = min(max(len(name) for name in scenarios), max(_WIDTH - sum(widths), _LEAST_LABEL))
    for label, row in zip(("", *scenarios), rows, strict=True):
        # Names of a grid differ at either end.
        tail = wide // 2
        cut = label if len(label) <= wide else f"{label[: wide - 1 - tail]}~{label[-tail:]}"
        yield f"{cut:<{wide}}" + "".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))


def _value(estimate: Estimate, text: str) -> str:
    """Drop the error: the digits that are left are those it supports."""
    head, separator, tail = text.partition(" \N{PLUS-MINUS SIGN} ")
    percent = " %" if separator and tail.endswith(" %") else ""
    return ("" if estimate.is_resolved else _ABOUT) + head + percent


def _is_shown_in_full(estimates: Estimates, result: "Result") -> Iterator[bool]:
    for output in headlines(result.study):
        for scenario in telling_scenarios(result, ON_A_TERMINAL):
            for statistic, _ in (*_AMOUNTS, *_SHARES):
                yield estimates.of(scenario, output, statistic).is_resolved
