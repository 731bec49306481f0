"""Figures of a ledger of forecasts, beside it."""

from pathlib import Path
from typing import TYPE_CHECKING

from mcrace.engine.files import write_whole
from mcrace.figures.calibration import LEAST_FORECASTS, calibration_numbers, ledger_figure, pit_numbers
from mcrace.figures.frames import csv_bytes
from mcrace.figures.wording import counted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_ledger"]


def draw_ledger(ledger: "pd.DataFrame", path: Path) -> tuple[list[Path], list[str]]:
    """Draw where outcomes lay in their forecasts, and how often events happened, once there are enough.

    Parameters
    ----------
    ledger : pandas.DataFrame
        From `mcrace.forecast.ledger.add_to_ledger`.
    path : Path
        Of the ledger; the figures are written beside it: ``ledger_pit`` and ``ledger_calibration``, each as
        ``.svg``, ``.png`` and ``.csv``.

    Returns
    -------
    files : list of Path
        The PNG files that were written.
    notes : list of str
        What is not drawn yet, and what to know of what is.

    Raises
    ------
    RunError
        If a file cannot be written.
    """
    files, notes = [], []
    for name, noun, columns in (
        ("pit", "resolved number", ["pit_below", "pit_at_most"]),
        ("calibration", "resolved event", ["probability", "happened"]),
    ):
        rows = ledger.reindex(columns=columns).dropna()
        if len(rows) < LEAST_FORECASTS:
            if len(rows):
                notes.append(f"{name} plot: from {LEAST_FORECASTS} {noun}s on; there {_are(len(rows))}")
            continue
        count = pit_numbers if name == "pit" else calibration_numbers
        numbers = count(*(rows[column].to_numpy() for column in columns))
        svg, png = ledger_figure(name, numbers, f"{path.name} · {counted(len(rows), noun)}")
        for ending, data in (("svg", svg), ("png", png), ("csv", csv_bytes(numbers))):
            write_whole(_beside(path, name, ending), data)
        files.append(_beside(path, name, "png"))
        outcomes = len(ledger.loc[rows.index, ["variable", "outcome"]].drop_duplicates())
        if outcomes < len(rows):
            notes.append(f"{name} plot: {len(rows)} forecasts of {outcomes} outcomes, so not independent")
    return files, notes


def _are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count}"


def _beside(path: Path, name: str, ending: str) -> Path:
    return path.with_name(f"{path.stem}_{name}.{ending}")
