"""From a study to its finished folder: compute what is missing, write all, leave the rest."""

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from mcrace.engine.execute import available_cores, check_workers
from mcrace.engine.files import check_writable, write_whole
from mcrace.engine.folder import (
    finished_folder,
    finished_parts,
    number_files,
    open_run,
    run_folder,
    stored_numbers,
    stored_study,
    write_manifest,
)
from mcrace.engine.run import run
from mcrace.engine.store import clear_blocks
from mcrace.errors import RunWarning, StudyError
from mcrace.figures import BackgroundDrawing, background_drawing, preload, save_analysis_figures, save_figures

if TYPE_CHECKING:
    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = ["Published", "publish", "republish"]

_FIRST = ("drivers", "decomposition")
"""Figures of the analyses that every report has, where they say something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A run in its folder.

    Attributes
    ----------
    result : Result
        The run.
    folder : Path
        Where it is.
    computed : bool
        Whether it was sampled now, or its numbers were found.
    written : bool
        Whether tables, figures and report were written now, or found whole and up to date.
    """

    result: "Result"
    folder: Path
    computed: bool
    written: bool


def publish(
    study: "Study",
    *,
    out: str | Path = "outputs",
    jobs: int | None = None,
    backend: str = "threading",
    address: str | None = None,
    report: bool = True,
    progress: Callable[[int, int], None] | None = None,
    tell: Callable[[str], None] | None = None,
) -> Published:
    """Run a study unless its folder holds the run already, and write what is missing there.

    Parameters
    ----------
    study : Study
        What to run.
    out : str or Path
        Folder of all outputs.
    jobs, backend, address, progress
        As `mcrace.run` takes them.
    report : bool
        Whether to draw figures and write the report.
    tell : callable, optional
        Takes the name of each analysis as it begins.

    Returns
    -------
    Published
        With the run's folder. Its manifest is written last: a folder that has one that fits is whole.

    Raises
    ------
    ModelError
        If a draw leaves the range of a key; nothing is written.
    StudyError
        If there is no such backend or number of jobs.
    RunError
        If a file cannot be written, workers die again and again, or a cluster does not answer.
    """
    check_workers(jobs=jobs, backend=backend, address=address)
    folder = run_folder(study, out)
    state = finished_parts(study, folder)
    if state.numbers:
        result = open_run(folder, study)
        if state.words and (not report or "report.html" in state.files):
            return Published(result=result, folder=folder, computed=False, written=False)
    check_writable(folder)
    with _background(jobs, study, report=report) as background:
        if not state.numbers:
            result = run(study, jobs=jobs, backend=backend, address=address, folder=folder, progress=progress)
        written = _write(result, folder, background, jobs=jobs, report=report, tell=tell)
    _remove(folder, state.files - written.keys())
    write_manifest(result, folder, written)
    clear_blocks(folder)
    return Published(result=result, folder=folder, computed=not state.numbers, written=True)


def republish(path: str | Path, *, tell: Callable[[str], None] | None = None) -> Published:
    """Write tables, analyses, figures and page of a finished run anew, from its numbers, without sampling.

    Parameters
    ----------
    path : str or Path
        The run's folder, such as ``outputs/baseline/latest``.
    tell : callable, optional
        Takes the name of each analysis as it begins.

    Returns
    -------
    Published
        In the same folder.

    Raises
    ------
    RunError
        If the folder holds no finished run, or a file cannot be written.
    """
    folder = finished_folder(path).resolve()
    study = stored_study(folder)
    with _background(None, study, report=True) as background:
        result = stored_numbers(folder, study)
        old = finished_parts(study, folder).files
        check_writable(folder)
        written = _write(result, folder, background, jobs=None, report=True, tell=tell)
    _remove(folder, old - written.keys())
    write_manifest(result, folder, written)
    return Published(result=result, folder=folder, computed=False, written=True)


@contextmanager
def _background(jobs: int | None, study: "Study", *, report: bool) -> Iterator[BackgroundDrawing]:
    """Load the plotting libraries, which takes longer than many runs, beside the sampling."""
    processes = min(jobs or available_cores(), available_cores()) if report else 1
    with background_drawing(processes, study) as background:
        if report and background.helpers is None:
            Thread(target=preload, daemon=True).start()
        yield background


def _write(
    result: "Result",
    folder: Path,
    background: BackgroundDrawing,
    *,
    jobs: int | None,
    report: bool,
    tell: Callable[[str], None] | None,
) -> dict[str, str]:
    background.begin(result)
    # Loaded when helpers are at work already: it takes as long as some of their figures.
    from mcrace.analysis import contrasts, summary
    from mcrace.analysis.analyses import analyse
    from mcrace.analysis.analysis_tables import analysis_tables
    from mcrace.analysis.records import run_record, table_csv

    hashes: dict[str, str] = {}

    def write(name: str, data: bytes) -> None:
        write_whole(folder / name, data)
        hashes[name] = hashlib.sha256(data).hexdigest()

    for name, data in number_files(result).items():
        write(name, data)
    write("summary.csv", table_csv(summary(result)))
    write("summary.json", _json_lines(run_record(result)).encode())
    write("contrasts.csv", table_csv(contrasts(result)))
    found = analyse(result, jobs=jobs, tell=tell)
    for name, table in analysis_tables(found).items():
        write(f"{name}.csv", table_csv(table))
    for name, data in _attachments(result, found).items():
        write(f"forecast/{name}", data)
    if report:
        from mcrace.report.page import build_report

        # A study that asks for nothing gets the tables of its draws, and no drawings that it must wait for.
        names = None if "analysis" in result.study.document else _FIRST
        background.go_on(found, names)
        figures = (
            *save_figures(result, write, background.drawing),
            *save_analysis_figures(result, found, write, names, background.drawing),
        )
        write("report.html", build_report(result, figures, found).encode())
    return hashes


def _attachments(result: "Result", found: "Analyses") -> Mapping[str, bytes]:
    """Write what the study forecasts; what cannot be answered is told, and loses nothing of the run."""
    if not result.study.forecast.questions:
        return {}
    from mcrace.forecast.exporting import declared_files
    from mcrace.report.cards import question_card

    try:
        made = declared_files(result, found, question_card)
    except StudyError as error:
        warnings.warn(f"no forecasts were written: {error}", RunWarning, stacklevel=3)
        return {}
    for note in made.notes:
        warnings.warn(f"forecast/{note}", RunWarning, stacklevel=3)
    return made.files


def _json_lines(record: Mapping[str, Any]) -> str:
    """Write a record with a line for each row of its tables: indenting them takes ten times as long."""
    encode = json.JSONEncoder().encode
    parts = []
    for name, value in record.items():
        is_table = isinstance(value, list)
        text = "[\n  " + ",\n  ".join(map(encode, value)) + "\n ]" if is_table else encode(value)
        parts.append(f" {encode(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Remove what an earlier run wrote and this one did not, such as a report with old words."""
    for name in names:
        path = folder / name
        if ".." not in path.parts and path.is_relative_to(folder):
            with suppress(OSError):
                path.unlink()
