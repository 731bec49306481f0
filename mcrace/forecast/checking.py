"""Files for a platform, held against its rules."""

import os
from pathlib import Path

from mcrace.errors import Fault, StudyError
from mcrace.forecast.breach import Breach
from mcrace.forecast.hubverse_check import check_hub
from mcrace.forecast.metaculus_check import check_metaculus

__all__ = ["checked_file"]

_PARTS = ("hub-config", "model-output", "model-metadata")
_LARGEST = 64 * 2**20
_MOST_FILES = 1_000


def checked_file(path: Path) -> list[Breach]:
    """Find every rule that a Metaculus file, or a hub's folder or one of its forecasts, breaks.

    Parameters
    ----------
    path : Path
        A JSON file for Metaculus; the folder of a hub, with ``hub-config`` in it; or a forecast inside such
        a folder: then that file alone is looked at, against the hub's settings.

    Returns
    -------
    list of Breach
        Empty if the platform takes it.

    Raises
    ------
    StudyError
        If there is no such file, a file is larger than 64 MiB, or a CSV file lies in no hub.
    """
    if path.is_dir():
        return check_hub(_hub_files(path))
    if path.suffix.lower() in (".csv", ".parquet"):
        hub = next((folder for folder in path.absolute().parents if (folder / "hub-config").is_dir()), None)
        if hub is None:
            found, expected = "a table that lies in no hub", "a folder above it with hub-config in it"
            raise StudyError([Fault(path="--check", file=str(path), found=found, expected=expected)])
        mine = path.absolute().relative_to(hub).as_posix()
        files = _hub_files(hub)
        return check_hub(
            {
                name: data
                for name, data in files.items()
                if name == mine or not name.startswith("model-output/")
            }
        )
    return check_metaculus(_content(path))


def _hub_files(hub: Path) -> dict[str, bytes]:
    """Read the files of a hub that its checks look at; links that lead elsewhere are not followed."""
    files: dict[str, bytes] = {}
    for part in _PARTS:
        for folder, _, names in os.walk(hub / part):
            for name in sorted(names):
                path = Path(folder, name)
                if len(files) == _MOST_FILES:
                    expected = f"at most {_MOST_FILES:,}; check one forecast by itself"
                    raise StudyError([Fault(path="--check", found=f"more files in {hub}", expected=expected)])
                if not path.is_symlink():
                    files[path.relative_to(hub).as_posix()] = _content(path)
    return files


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            found, expected = f"{size:,} bytes", f"at most {_LARGEST:,}"
            raise StudyError([Fault(path="--check", file=str(path), found=found, expected=expected)])
        return path.read_bytes()
    except OSError as error:
        found, expected = error.strerror or str(error), "a file that can be read"
        raise StudyError([Fault(path="--check", file=str(path), found=found, expected=expected)]) from None
