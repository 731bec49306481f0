"""What drives a run's outputs, in a sentence each, from the table that stands in its folder."""

import csv
import math
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mcrace.analysis.analyses import input_labels
from mcrace.figures.theme import output_of
from mcrace.figures.wording import percent
from mcrace.nomenclature import OUTPUTS

if TYPE_CHECKING:
    from mcrace.study import Study

__all__ = ["driver_sentences"]

_MEASURES = (
    ("total_order", "share of the variance, with all that it does together with others"),
    ("shapley", "share of the variance, what inputs do together divided among them"),
    ("first_order_from_draws", "share of the variance by itself"),
)
_NAMED = 3


def driver_sentences(study: "Study", folder: Path) -> list[str]:
    """Name what drives each output most.

    Parameters
    ----------
    study : Study
        Of the run.
    folder : Path
        The run's, with ``sensitivity.csv`` in it.

    Returns
    -------
    list of str
        A sentence an output; empty if nothing was found out.
    """
    try:
        with (folder / "sensitivity.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["value"]]
    except (OSError, KeyError, ValueError):
        return []
    known = {row["measure"] for row in rows}
    measure, words = next((pair for pair in _MEASURES if pair[0] in known), ("", ""))
    # What drives whether an output is above 0 stands in the table too.
    outputs = {*OUTPUTS, *(quantity.name for quantity in study.quantities)}
    mine = [row for row in rows if row["measure"] == measure and row["output"] in outputs]
    labels = input_labels(study)
    told = [
        f"What drives {_lowered(output_of(output, study).label)} most: {_first(list(group), labels)}"
        for output, group in groupby(mine, key=lambda row: row["output"])
    ]
    return [f"{told[0]}: {words}.", *(f"{sentence}." for sentence in told[1:])] if told else []


def _first(rows: Sequence[dict[str, str]], labels: dict[str, str]) -> str:
    ordered = sorted(rows, key=lambda row: -float(row["value"]))[:_NAMED]
    return ", ".join(f"{labels[row['input']]} ({_share(row)})" for row in ordered)


def _share(row: dict[str, str]) -> str:
    low, high = row["low"], row["high"]
    half = (float(high) - float(low)) / 2 if low and high else math.nan
    return percent(float(row["value"]), half).partition(" ±")[0].removesuffix(" %") + " %"


def _lowered(label: str) -> str:
    return f"the {label[0].lower()}{label[1:]}"
