"""Attachments of a finished run, written beside it or where they are wanted."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcrace.engine.files import file_hash, write_whole
from mcrace.engine.folder import finished_folder, open_run, read_manifest, write_manifest
from mcrace.errors import Fault, StudyError
from mcrace.forecast.bundle import bundle
from mcrace.forecast.exporting import FORMATS, exported_files
from mcrace.forecast.files import ForecastFiles, Picture

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["attach"]


def attach(
    run: str | None,
    form: str | None,
    asked: Mapping[str, Any],
    out: str | Path | None = None,
    picture: Picture | None = None,
) -> tuple[list[Path], tuple[str, ...]]:
    """Write a finished run in one form.

    Parameters
    ----------
    run : str or None
        The run's folder.
    form : str or None
        One of `mcrace.forecast.exporting.FORMATS`.
    asked : Mapping
        A question as under ``forecast`` in a study, but for its platform; empty for those that the study
        declares.
    out : str or Path, optional
        Folder to write to; by default ``forecast`` in the run's folder, for a bundle the working folder.
    picture : callable, optional
        Draws cards; without it there are none.

    Returns
    -------
    files : list of Path
        What was written.
    notes : tuple of str
        What to know before posting.

    Raises
    ------
    StudyError
        If the call is wrong, or a question cannot be answered.
    RunError
        If there is no finished run, or a file cannot be written.
    """
    if run is None or form is None:
        expected = "RUN and --format F, one of " + ", ".join(FORMATS)
        raise StudyError([Fault(path="export", found="neither a run nor --check", expected=expected)])
    result = open_run(run)
    folder = finished_folder(run)
    if form == "bundle":
        name = f"{result.study.name}-{result.study.digest[:12]}.zip"
        path = Path("." if out is None else out) / name
        write_whole(path, bundle(folder))
        return [path], ()
    made = exported_files(result, form, asked or None, picture=picture)
    if out is not None:
        for name, data in made.files.items():
            write_whole(Path(out) / name, data)
        return [Path(out) / name for name in made.files], made.notes
    return _beside(result, folder, made, declared=not asked), made.notes


def _beside(result: "Result", folder: Path, made: ForecastFiles, *, declared: bool) -> list[Path]:
    """Write into the run's folder, and into its manifest; what the run itself wrote there stays."""
    manifest = read_manifest(folder)
    hashes: dict[str, str] = {} if manifest is None else dict(manifest["files"])
    for name, data in made.files.items():
        whole = f"forecast/{name}"
        if not (declared and whole in hashes and file_hash(folder / whole) == hashes[whole]):
            write_whole(folder / whole, data)
            hashes[whole] = hashlib.sha256(data).hexdigest()
    write_manifest(result, folder.resolve(), hashes)
    return [folder / "forecast" / name for name in made.files]
