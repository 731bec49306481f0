"""What drives a run's outputs, and what is worth knowing of it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.analyses import Analyses
from mcrace.analysis.estimates import Estimates
from mcrace.analysis.information import Information
from mcrace.figures.wording import clean_text, common_unit, rounded, short
from mcrace.report.finding import SHOWN, Finding, Teller, half_width, share_text
from mcrace.report.page_tables import Cell, Table, TableRow

_TOGETHER = "share of the variance, with all that it does together with others"

__all__ = ["drivers_found", "worth_found"]


def drivers_found(found: Analyses, teller: Teller) -> Iterator[Finding]:
    """Say which inputs drive the outputs.

    Parameters
    ----------
    found : Analyses
        Of one run.
    teller : Teller
        Of its study.

    Yields
    ------
    Finding
        None if it was not asked for.
    """
    columns = _driver_columns(found)
    if not columns:
        return
    sentences, tables = [], []
    for place, output in enumerate(found.outputs):
        head, values = columns[0]
        sizes = values.value[place]
        if np.isnan(sizes).all():
            sentences.append(f"No draw changes {teller.output(output)}, so that nothing drives it.")
            continue
        order = np.argsort(-np.nan_to_num(sizes, nan=-1.0), kind="stable")
        first = [f"{teller.labels[found.inputs[at]]} ({share_text(values, (place, at))})" for at in order[:3]]
        what = _TOGETHER if "total" in head else head
        sentences.append(f"What drives {teller.output(output)} most: {', '.join(first)}: {what}.")
        tables.append(_driver_table(found, teller, place, order))
    if found.shapley is not None:
        sentences.append(
            "The inputs are correlated, so that Sobol’ indices would count what two of them share twice or "
            "not at all; Shapley effects divide the variance among them without rest."
        )
    yield Finding(
        name="drivers",
        heading="What drives it",
        sentences=tuple(sentences),
        figures=("drivers", "tornado"),
        tables=tuple(tables),
    )


def _driver_table(found: Analyses, teller: Teller, place: int, order: NDArray[np.int64]) -> Table:
    columns = _driver_columns(found)
    left = f", the first {SHOWN} of {len(order)}" if len(order) > SHOWN else ""
    rows = [
        TableRow(
            teller.labels[found.inputs[at]],
            found.inputs[at],
            tuple(_column_cell(name, numbers, (place, at)) for name, numbers in columns),
        )
        for at in order[:SHOWN]
    ]
    return Table(
        caption=f"What drives {teller.output(found.outputs[place])}{left}",
        columns=("Input", *(name[0].upper() + name[1:] for name, _ in columns)),
        rows=tuple(rows),
    )


def _driver_columns(found: Analyses) -> list[tuple[str, Estimates]]:
    columns: list[tuple[str, Estimates]] = []
    if found.sobol is not None:
        columns += [("total share", found.sobol.total), ("share by itself", found.sobol.first)]
    elif found.shapley is not None:
        columns.append(("Shapley share", found.shapley.share))
    elif found.from_draws is not None:
        columns.append(("share by itself, from the draws", found.from_draws.first))
    if found.from_draws is not None:
        columns.append(("rank correlation", found.from_draws.spearman))
    return columns


def _column_cell(name: str, values: Estimates, place: tuple[int, ...]) -> Cell:
    if name == "rank correlation":
        value = float(values.value[place])
        return Cell("–" if np.isnan(value) else rounded(value, half_width(values, place)))
    return Cell(share_text(values, place))


def worth_found(found: Analyses, teller: Teller) -> Iterator[Finding]:
    """Say what it is worth to learn inputs before deciding.

    Parameters
    ----------
    found : Analyses
        Of one run.
    teller : Teller
        Of its study.

    Yields
    ------
    Finding
        None if it was not asked for.
    """
    known = found.training
    if known is None:
        return
    scale = common_unit([float(known.perfect.value), float(known.benefit.value)], "USD")
    act = "train z" if known.best == 1 else "not train z"
    sentences = [
        f"On what is known today the better choice is to {act}. To know every input before deciding would be "
        f"worth {_money(known.perfect, (), scale[0])} {scale[1]}, and change the decision in "
        f"{share_text(known.perfect_changes, ())} of the draws.",
    ]
    if found.choice is not None:
        sentences.append(_choice_words(found))
    yield Finding(
        name="worth",
        heading="What is worth knowing",
        sentences=tuple(sentences),
        figures=("value_of_information",),
        tables=(_worth_table(found, known, teller, scale),),
    )


def _worth_table(found: Analyses, known: Information, teller: Teller, scale: tuple[float, str]) -> Table:
    subjects: list[tuple[str, str, Estimates, Estimates, int]] = [
        (f"{clean_text(name)} (a group)", "", known.groups, known.group_changes, place)
        for place, name in enumerate(found.groups)
    ]
    order = np.argsort(-known.inputs.value, kind="stable")
    subjects += [
        (teller.labels[found.inputs[at]], found.inputs[at], known.inputs, known.input_changes, int(at))
        for at in order[:SHOWN]
    ]
    rows = [
        TableRow(label, detail, (Cell(_money(worth, (at,), scale[0])), Cell(share_text(changes, (at,)))))
        for label, detail, worth, changes, at in subjects
    ]
    return Table(
        caption=f"What it is worth to learn one thing before deciding, {scale[1]}",
        columns=("To learn", "Value", "Changes the decision"),
        rows=tuple(rows),
    )


def _money(values: Estimates, place: tuple[int, ...], factor: float) -> str:
    return rounded(float(values.value[place]) / factor, half_width(values, place) / factor)


def _choice_words(found: Analyses) -> str:
    known, curve = found.choice, found.candidate
    if known is None or curve is None:
        return ""
    factor, unit = common_unit([float(known.perfect.value)], "USD")
    worth = _money(known.perfect, (), factor)
    best = "none of them" if known.best == 0 else f"{short(float(curve.multiples[known.best - 1]))} times z"
    return (
        f"With a free choice among {len(curve.multiples)} sizes, the best is {best}, and to know every input "
        f"before choosing would be worth {worth} {unit}."
    )
