"""The page of a comparison: runs side by side, and what differs between their studies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mcrace.analysis.compare import version_note
from mcrace.figures.comparison import ComparedRun, compared_runs
from mcrace.figures.estimates import Estimate, total_draws
from mcrace.figures.parts import signed_amount
from mcrace.figures.wording import clean_text, common_unit, counted
from mcrace.report.history import study_changes
from mcrace.report.page_tables import Cell, Table, TableRow, plain_value

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["compared_sentences", "compared_table", "difference_tables"]

_SHOWN = 60
"""Differences that a table holds at most."""

_NAMED = 6
_WORDS = ("label", "unit", "source", "evidence", "description")
_WORDY_SECTIONS = ("study", "title", "question", "forecast", "analysis")


def compared_sentences(results: "Sequence[Result]") -> tuple[str, ...]:
    """Say what the runs agree on and where they part.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, at least one.

    Returns
    -------
    tuple of str
        Sentences.
    """
    runs = compared_runs(results)
    raised = [run.label for run in runs if _moves(run, run.raised, run.lowered, 1)]
    lowered = [run.label for run in runs if _moves(run, run.lowered, run.raised, -1)]
    rest = [run.label for run in runs if run.label not in {*raised, *lowered}]
    told = [
        f"Open releases {what} the incentive to train z on average in {_named(labels, len(runs))}."
        for what, labels in (("lower", lowered), ("raise", raised))
        if labels
    ]
    if rest:
        told.append(f"In {_named(rest, len(runs))} these draws do not tell the sign of their mean effect.")
    note = version_note(results)
    return (*told, note) if note else tuple(told)


def compared_table(results: "Sequence[Result]") -> Table:
    """Tabulate the headline numbers of base, a row a run.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, at least one.

    Returns
    -------
    Table
        Amounts in one unit.
    """
    runs = compared_runs(results)
    factor, unit = common_unit(
        [value for run in runs for value in (run.effect.value, run.incentive.value)], "USD"
    )
    rows = [
        TableRow(
            run.label,
            f"{result.study.name} {result.digest[:12]}",
            (
                _amount(run.incentive, factor),
                _amount(run.effect, factor),
                *(Cell(share.percent) for share in (run.lowered, run.alone, run.raised)),
                Cell(_parts(run, factor), is_number=False),
                Cell(f"{total_draws(result):,}", value=float(total_draws(result))),
            ),
        )
        for run, result in zip(runs, results, strict=True)
    ]
    return Table(
        caption=f"Base scenario of each run, amounts in {unit}",
        columns=("Run", "Mean incentive", "Mean effect of open releases", "They lower it", "Leave it alone",
                 "Raise it", "What carries the effect", "Draws"),
        rows=tuple(rows),
    )  # fmt: skip


def difference_tables(results: "Sequence[Result]") -> tuple[Table, ...]:
    """Tabulate what each study has otherwise than the first.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, at least one.

    Returns
    -------
    tuple of Table
        One a run after the first, with all that its numbers depend on and the first has otherwise; empty ones
        are left out.
    """
    runs = compared_runs(results)
    tables = []
    for run, result in zip(runs[1:], results[1:], strict=True):
        changes = [change for change in study_changes(results[0], result) if _moves_numbers(change[0])]
        if not changes:
            continue
        more = f", the first {_SHOWN} of {len(changes)}" if len(changes) > _SHOWN else ""
        tables.append(
            Table(
                caption=f"{run.label} against {runs[0].label}{more}",
                columns=("Path", "First run", "This run"),
                rows=tuple(
                    TableRow(
                        "", clean_text(path), tuple(Cell(plain_value(end), is_number=False) for end in ends)
                    )
                    for path, *ends in changes[:_SHOWN]
                ),
            )
        )
    return tuple(tables)


def _moves_numbers(path: str) -> bool:
    """Tell what the numbers depend on from names, words and what is made of the numbers."""
    first, last = path.partition(".")[0], path.rpartition(".")[2]
    return first not in _WORDY_SECTIONS and last not in _WORDS


def _moves(run: ComparedRun, with_it: Estimate, against: Estimate, sign: int) -> bool:
    """Tell whether the mean effect has a sign: beyond its error, or since no draw has the other."""
    if against.value == 0 and against.is_resolved:
        return with_it.value > 0
    return run.effect.is_resolved and sign * run.effect.value > run.effect.half_width


def _named(labels: list[str], count: int) -> str:
    if len(labels) == count:
        return "the run" if count == 1 else f"all {count} runs"
    more = f" and {counted(len(labels) - _NAMED, 'other')}" if len(labels) > _NAMED else ""
    return f"{len(labels)} of {counted(count, 'run')} ({'; '.join(labels[:_NAMED])}{more})"


def _amount(estimate: Estimate, factor: float) -> Cell:
    return Cell(estimate.text(factor), value=estimate.value)


def _parts(run: ComparedRun, factor: float) -> str:
    return ", ".join(f"{part.word} {signed_amount(part.mean, factor)}" for part in run.parts) or "nothing"
