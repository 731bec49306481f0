"""Data files of a study: read once where its laws name them, then kept beside its plain values.

While a study is checked, a data file stands in it where its path stood (``{empirical: {file: ...}}``). What
is written down has the name of the copy in a run's folder there, a name that tells content from content.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mcrace.errors import StudyError
from mcrace.laws import Empirical, read_law
from mcrace.laws.data_file import DataFile, read_data_file

__all__ = ["FOLDER", "by_content", "named_files", "read_files", "with_files"]

FOLDER = "data"
"""Folder of the copies, in a run's folder."""

_LAW, _KEY = "empirical", "file"


def read_files(value: Any, folder: Path) -> Any:  # noqa: ANN401
    """Read every data file that a study names.

    Parameters
    ----------
    value : object
        A study as plain values, whatever else is wrong with it.
    folder : Path
        From where relative paths are seen.

    Returns
    -------
    object
        A copy with data files for their paths. A file that cannot be read stays a path, seen from here:
        its law tells what is wrong.
    """
    read: dict[str, DataFile | str] = {}

    def replaced(path: Any) -> Any:  # noqa: ANN401
        if not isinstance(path, str | Path):
            return path
        place = str(folder / path)
        if place not in read:
            try:
                read[place] = read_data_file(place)
            except StudyError:
                read[place] = place
        return read[place]

    return _mapped(value, replaced)


def named_files(value: Any) -> tuple[Any, dict[str, DataFile]]:  # noqa: ANN401
    """Put the names of copies for data files.

    Parameters
    ----------
    value : object
        A study, or a part of it, with data files in their places.

    Returns
    -------
    plain : object
        A copy in plain values.
    files : dict of str to DataFile
        Name of each copy, as seen from a run's folder, to its file.
    """
    files: dict[str, DataFile] = {}

    def replaced(file: Any) -> Any:  # noqa: ANN401
        if not isinstance(file, DataFile):
            return file
        name = f"{FOLDER}/{file.copy_name}"
        files.setdefault(name, file)
        return name

    return _mapped(value, replaced), files


def with_files(value: Any, files: Mapping[str, DataFile]) -> Any:  # noqa: ANN401
    """Put data files back for the names of their copies.

    Parameters
    ----------
    value : object
        A study in plain values.
    files : Mapping of str to DataFile
        From `named_files`.

    Returns
    -------
    object
        A copy.
    """
    return _mapped(value, lambda name: files.get(name, name) if isinstance(name, str) else name)


def by_content(study: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Put what a law takes from a data file for the file's name and the column's.

    Parameters
    ----------
    study : Mapping
        With data files in their places.

    Returns
    -------
    object
        A copy in plain values: of each law the digest of its numbers; of each file that of its content,
        where scenarios reach into the laws.
    """
    reached = any(f".{_LAW}." in path for changes in study.get("scenarios", {}).values() for path in changes)

    def condensed(spec: Any) -> Any:  # noqa: ANN401
        if not isinstance(spec, Mapping) or not isinstance(spec.get(_KEY), DataFile):
            return spec
        law = None if reached else read_law({_LAW: spec})
        return {"numbers": law.digest} if isinstance(law, Empirical) else spec

    return _mapped(
        _mapped(study, condensed, ""), lambda file: file.digest if isinstance(file, DataFile) else file
    )


def _mapped(value: Any, change: Callable[[Any], Any], key: str = _KEY, above: str = "") -> Any:  # noqa: ANN401
    """Copy nested values, those at every ``empirical.file`` changed; or at ``empirical`` if `key` is empty.

    A scenario may name such a place by one dotted path.
    """
    wanted = f"{_LAW}.{key}".rstrip(".")
    if isinstance(value, Mapping):
        return {
            name: change(item)
            if f".{above}.{name}".endswith(f".{wanted}")
            else _mapped(item, change, key, str(name))
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_mapped(item, change, key) for item in value]
    return value
