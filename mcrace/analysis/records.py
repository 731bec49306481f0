"""The tables of a run as text for files: CSV for spreadsheets, JSON for machines."""

import math
from typing import TYPE_CHECKING, Any

from mcrace.analysis.compare import compare, version_note
from mcrace.analysis.summary import contrasts, summary
from mcrace.engine.result import Result
from mcrace.engine.spreadsheet import plain_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["comparison_record", "run_record", "table_csv"]


def table_csv(table: "pd.DataFrame") -> bytes:
    """Write a table as CSV: UTF-8, a header, every number with all its digits, NaN empty, no formula.

    Parameters
    ----------
    table : pandas.DataFrame
        Such as `mcrace.summary` gives.

    Returns
    -------
    bytes
        The file's content.
    """
    plain = table.rename(columns=plain_cell)
    for name in plain.select_dtypes(exclude="number").columns:
        plain[name] = plain[name].map(plain_cell)
    return plain.to_csv(index=False, lineterminator="\n").encode()


def run_record(result: Result) -> dict[str, Any]:
    """Put the tables of a run into one record for JSON.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    dict
        ``format``, ``study``, ``digest``, ``draws``, ``replicates``, and the rows of ``summary`` and
        ``contrasts``; a number that cannot be had is None.
    """
    statistics = result.statistics
    return {
        "format": 1,
        "study": result.study.name,
        "title": result.study.title,
        "digest": result.study.digest,
        "draws": statistics.points * statistics.replicates,
        "replicates": statistics.replicates,
        "summary": _rows(summary(result)),
        "contrasts": _rows(contrasts(result)),
    }


def comparison_record(results: "Sequence[Result]") -> dict[str, Any]:
    """Put a comparison of runs into one record for JSON.

    Parameters
    ----------
    results : sequence of Result
        Finished runs.

    Returns
    -------
    dict
        ``format``, ``note`` on runs of different versions, and the rows of ``compare``.
    """
    return {"format": 1, "note": version_note(results), "compare": _rows(compare(results))}


def _rows(table: "pd.DataFrame") -> list[dict[str, Any]]:
    names = [str(name) for name in table.columns]
    columns = [table[name].tolist() for name in table.columns]  # row by row, pandas takes ten times as long
    plain = [
        [None if isinstance(value, float) and math.isnan(value) else value for value in column]
        for column in columns
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*plain, strict=True)]
