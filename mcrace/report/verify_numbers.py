"""The numbers of a finished run, computed again."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis import contrasts, summary
from mcrace.analysis.analyses import analyse
from mcrace.analysis.analysis_tables import analysis_tables
from mcrace.analysis.records import table_csv
from mcrace.engine.folder import stored_numbers
from mcrace.engine.replay import replayed
from mcrace.engine.run import run
from mcrace.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.engine.result import Result, Statistics
    from mcrace.study import Study

__all__ = ["TOLERANCE", "Difference", "number_differences"]

TOLERANCE = 1e-9
"""Of an output's size, up to which numbers count as equal: other processors and libraries round otherwise."""

_NAMED = 12
"""Numbers of one kind that are named, the first ones; the rest are counted."""

_SAMPLED = 8
"""Kept draws a scenario that a quick look computes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it should be.

    Attributes
    ----------
    kind : str
        ``file``, ``study``, ``version`` or ``number``.
    name : str
        Which.
    found, expected : str
        What it is now, and what the run says.
    matters : bool
        Whether the run is another one for it; not so for a version, nor for rounding.
    """

    kind: str
    name: str
    found: str
    expected: str
    matters: bool = True


def number_differences(
    folder: Path,
    study: "Study",
    *,
    quick: bool,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
) -> Iterator[tuple[int, list[Difference]]]:
    """Compute a run again, or a sample of its draws, and hold every number against what stands in its folder.

    Parameters
    ----------
    folder : Path
        The run's.
    study : Study
        Its own copy.
    quick : bool
        Whether to compute a sample of the kept draws only.
    jobs : int, optional
        Workers.
    progress : callable, optional
        As `mcrace.run` takes it.

    Yields
    ------
    tuple of int and list of Difference
        How many numbers were compared, and what differs.
    """
    try:
        stored = stored_numbers(folder, study)
    except Exception as error:  # a damaged file may fail in any way; its hash is told already
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        yield 0, [_number("kept draws", told, "tables of this study")]
        return
    try:
        if quick:
            yield _sampled(study, stored.draws, stored.statistics)
            return
        result = run(study, jobs=jobs, progress=progress)
    except ModelError as error:
        told = str(error.faults[0].found)
        yield 0, [_number("the run", told, "numbers")]
        return
    yield _statistics(result.statistics, stored.statistics)
    yield _draws(result.draws, stored.draws)
    yield from _tables(folder, result)


def _number(name: str, found: str, expected: str, *, matters: bool = True) -> Difference:
    return Difference(kind="number", name=name, found=found, expected=expected, matters=matters)


def _statistics(now: "Statistics", then: "Statistics") -> tuple[int, list[Difference]]:
    if now.values.shape != then.values.shape:
        shapes = {"found": f"{now.values.shape}", "expected": f"{then.values.shape}"}
        return 0, [_number("the shape of the statistics", shapes["found"], shapes["expected"])]
    size = np.abs(then.pooled).max(axis=2, keepdims=True)
    columns = np.concatenate([now.pooled[..., None], now.values], axis=3)
    stored = np.concatenate([then.pooled[..., None], then.values], axis=3)

    def name(place: tuple[int, ...]) -> str:
        scenario, output, statistic, replicate = place
        which = "all draws" if replicate == 0 else f"replicate {replicate - 1}"
        return f"{now.scenarios[scenario]}, {now.outputs[output]}, {now.names[statistic]}, {which}"

    return stored.size, _cells(columns, stored, size[..., None], name)


def _draws(now: "pd.DataFrame", then: "pd.DataFrame") -> tuple[int, list[Difference]]:
    if list(now.columns) != list(then.columns) or len(now) != len(then):
        shapes = {"found": f"{now.shape}", "expected": f"{then.shape}"}
        return 0, [_number("the shape of the kept draws", shapes["found"], shapes["expected"])]
    names = list(now.columns[2:])
    columns, stored = (table[names].to_numpy(dtype=np.float64) for table in (now, then))
    finite = np.where(np.isfinite(stored), np.abs(stored), 0.0)
    labels = list(zip(now["scenario"], now["draw"], strict=True))

    def name(place: tuple[int, ...]) -> str:
        scenario, draw = labels[place[0]]
        return f"{scenario}, draw {draw}, {names[place[1]]}"

    return stored.size, _cells(columns, stored, finite.max(axis=0, keepdims=True), name)


def _cells(
    now: NDArray[np.float64],
    then: NDArray[np.float64],
    size: NDArray[np.float64],
    name: Callable[[tuple[int, ...]], str],
) -> list[Difference]:
    """Name the numbers that differ: those beyond the tolerance first, then those within it."""
    same = (now == then) | (np.isnan(now) & np.isnan(then))
    with np.errstate(invalid="ignore"):
        near = np.abs(now - then) <= TOLERANCE * size
    found: list[Difference] = []
    for matters, places in ((True, np.argwhere(~same & ~near)), (False, np.argwhere(~same & near))):
        for place in map(tuple, places[:_NAMED]):
            values = {"found": repr(float(now[place])), "expected": repr(float(then[place]))}
            found.append(_number(name(place), **values, matters=matters))
        if len(places) > _NAMED:
            more = {"found": f"{len(places) - _NAMED:,} more", "expected": "equal numbers"}
            found.append(_number("numbers of this kind", **more, matters=matters))
    return found


def _sampled(study: "Study", draws: "pd.DataFrame", statistics: "Statistics") -> tuple[int, list[Difference]]:
    """Compute some of the kept draws again, each by itself."""
    compared, found = 0, []
    kept = draws[draws["scenario"] == study.base.name]["draw"].to_numpy()
    chosen = kept[np.unique(np.linspace(0, len(kept) - 1, _SAMPLED).astype(int))]
    for number in chosen.tolist():
        again = replayed(study, *divmod(int(number), statistics.points))
        for draw in again:
            row = draws[(draws["scenario"] == draw.scenario) & (draws["draw"] == number)]
            for name, value in {**draw.inputs, **draw.outputs}.items():
                stored = float(row[name].iloc[0])
                compared += 1
                if value != stored:
                    matters = not abs(value - stored) <= TOLERANCE * max(abs(stored), abs(value))
                    label = f"{draw.scenario}, draw {number}, {name}"
                    values = {"found": repr(value), "expected": repr(stored)}
                    found.append(_number(label, **values, matters=matters))
    return compared, found


def _tables(folder: Path, result: "Result") -> Iterator[tuple[int, list[Difference]]]:
    """Hold the tables against those that the numbers give now, cell by cell."""
    tables = {"summary": summary(result), "contrasts": contrasts(result), **analysis_tables(analyse(result))}
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        if path.exists():
            now, then = table_csv(table), path.read_bytes()
            yield table.size, [] if now == then else _cells_of_tables(name, now, then)


def _cells_of_tables(name: str, now: bytes, then: bytes) -> list[Difference]:
    new, old = (list(csv.reader(io.StringIO(data.decode("utf-8", "replace")))) for data in (now, then))
    if len(new) != len(old) or new[0] != old[0]:
        rows = {"found": f"{len(new)} rows", "expected": f"{len(old)} rows"}
        return [_number(f"{name}.csv", rows["found"], rows["expected"])]
    found = []
    for number, (row, stored) in enumerate(zip(new, old, strict=True), start=1):
        for column, value, other in zip(new[0], row, stored, strict=False):
            if value != other:
                matters = not _is_near(value, other)
                label = f"{name}.csv, line {number}, {column}"
                values = {"found": value or "nothing", "expected": other or "nothing"}
                found.append(_number(label, **values, matters=matters))
    more = len(found) - _NAMED
    if more > 0:
        matters = any(difference.matters for difference in found)
        rest = {"found": f"{more:,} more", "expected": "equal numbers"}
        found = sorted(found, key=lambda item: not item.matters)[:_NAMED]
        found.append(_number(f"{name}.csv", **rest, matters=matters))
    return found


def _is_near(one: str, other: str) -> bool:
    try:
        value, stored = float(one), float(other)
    except ValueError:
        return False
    return abs(value - stored) <= 1e3 * TOLERANCE * max(abs(value), abs(stored))
