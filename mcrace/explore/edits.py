"""What a person has typed, put in the place of what the study says."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws.data_file import DataFile
from mcrace.study.data import with_files
from mcrace.study.document import read_text
from mcrace.study.paths import with_change

__all__ = ["edited", "edited_values"]

_LONGEST = 4_000


def edited_values(
    edits: Mapping[str, str], known: tuple[str, ...], data: Mapping[str, DataFile]
) -> dict[str, Any]:
    """Read what was typed as a study file would read it.

    Parameters
    ----------
    edits : Mapping of str to str
        Path to text.
    known : tuple of str
        Paths that may be changed.
    data : Mapping of str to DataFile
        Data files that the study has read already: no other is ever opened.

    Returns
    -------
    dict
        Path to value.

    Raises
    ------
    StudyError
        With every fault, its path that of the change or below it.

    Examples
    --------
    >>> edited_values({"inputs.day": "{uniform: [1, 9]}"}, ("inputs.day",), {})
    {'inputs.day': {'uniform': [1, 9]}}
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for path, text in edits.items():
        try:
            values[path] = _value(path, text, known, data)
        except StudyError as error:
            faults += [replace(fault, path=path, line=None, excerpt=None) for fault in error.faults]
    if faults:
        raise StudyError(faults)
    return values


def edited(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values in the place of others.

    Parameters
    ----------
    document : Mapping
        A study as plain values; left as it is.
    values : Mapping
        Path to new value.

    Returns
    -------
    dict
        A study as plain values, not checked yet.

    Raises
    ------
    StudyError
        If a path leads nowhere.
    """
    whole = dict(document)
    for path, value in values.items():
        whole = with_change(whole, path, value)
    return whole


def _value(path: str, text: str, known: tuple[str, ...], data: Mapping[str, DataFile]) -> Any:  # noqa: ANN401
    if path not in known:
        raise _refused(repr(path), "a number of the study", nearest_name(path, known))
    if not text.strip():
        raise _refused("nothing", "a number, a law or an expression")
    if len(text) > _LONGEST:
        raise _refused(f"{len(text):,} letters", f"at most {_LONGEST:,}")
    value = read_text(text).value
    if value is None:
        raise _refused(text.strip(), "a number, a law or an expression")
    for name in _files(value):
        if name not in data:
            raise _refused(f"the data file {name!r}", "a data file that the study itself names")
    return with_files(value, data)


def _files(value: Any) -> Iterator[str]:  # noqa: ANN401
    """Find all that might be taken for the path of a data file, however its key is written."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if f".{key}".endswith(".file"):
                yield str(item)
            yield from _files(item)
    elif isinstance(value, list):
        for item in value:
            yield from _files(item)


def _refused(found: str, expected: str, nearest: str | None = None) -> StudyError:
    return StudyError([Fault(path="", found=found, expected=expected, nearest=nearest)])
