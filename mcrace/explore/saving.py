"""What a person has found, as a study file that holds only what differs from the one that was opened."""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcrace.errors import Fault, RunError, StudyError
from mcrace.explore.controls import LAW_WORDS
from mcrace.laws.data_file import DataFile
from mcrace.study import Study, load
from mcrace.study.data import with_files
from mcrace.study.fields import SLUG
from mcrace.study.names import ONE_OF
from mcrace.study.write import study_yaml

__all__ = ["free_name", "overlay", "save"]

_OWN = ("study", "title", "question")
_SUFFIX = ".yaml"
_WHOLE_WORDS = LAW_WORDS | {ONE_OF}
_COMMENT = "# What differs from the study that it extends, as it was left in mcrace explore."
_SATIATION = "satiation"


def free_name(folder: Path, name: str) -> str:
    """Find a name that no file of a folder has.

    Parameters
    ----------
    folder : Path
        Where the file shall be.
    name : str
        Of the study that was opened.

    Returns
    -------
    str
        Such as ``baseline-explored`` or ``baseline-explored-2``.
    """
    stem = f"{name[:48]}-explored"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next((free for free in names if not (folder / f"{free}{_SUFFIX}").exists()), stem)


def save(folder: Path, name: str, original: Study, found: Mapping[str, Any]) -> Path:
    """Write a study file that extends another, and see that it reads back as what was found.

    Parameters
    ----------
    folder : Path
        Where.
    name : str
        Of the file, with or without ``.yaml``, and of the study in it.
    original : Study
        As its file has it.
    found : Mapping
        The study as it was left, with data files in their places.

    Returns
    -------
    Path
        The new file; none is ever overwritten.

    Raises
    ------
    StudyError
        If the name cannot be a file's, or is one's already, or what was found is no right study.
    RunError
        If it cannot be written.
    """
    stem = name.removesuffix(_SUFFIX)
    if SLUG.fullmatch(stem) is None:
        expected = "at most 64 letters, digits, '.', '_' and '-', the first a letter or digit"
        raise StudyError([Fault(path="name", found=repr(name[:80]), expected=expected)])
    path = folder / f"{stem}{_SUFFIX}"
    wanted = Study(**found).digest
    base = Path(original.file or "")
    content = overlay(original, found, stem, base, folder)
    _write_new(path, f"{_COMMENT}\n{study_yaml(content)}".encode(), wanted)
    return path


def overlay(original: Study, found: Mapping[str, Any], name: str, base: Path, folder: Path) -> dict[str, Any]:
    """Write down what differs from a study.

    Parameters
    ----------
    original : Study
        As its file has it.
    found : Mapping
        The study as it was left, with data files in their places.
    name : str
        Of the new study.
    base, folder : Path
        The original's file, and the folder of the new one, from where paths are seen.

    Returns
    -------
    dict
        A study as plain values, with ``extends``.
    """
    before = _placed(_with_data(original), folder)
    after = _placed(found, folder)
    content: dict[str, Any] = {"study": name}
    title, question = str(after.get("title") or original.name), after.get("question")
    content["title"] = f"{title}, explored"
    if question:
        content["question"] = question
    content["extends"] = _seen_from(base, folder)
    own, given = ({key: item for key, item in study.items() if key not in _OWN} for study in (before, after))
    return {**content, **_difference(own, given, ())}


def _with_data(study: Study) -> dict[str, Any]:
    document: dict[str, Any] = with_files(study.document, study.data)
    return document


def _placed(value: Any, folder: Path) -> Any:  # noqa: ANN401
    """Copy with the paths of data files, seen from a folder, in their places."""
    if isinstance(value, DataFile):
        return _seen_from(Path(value.name), folder)
    if isinstance(value, Mapping):
        return {name: _placed(item, folder) for name, item in value.items()}
    return [_placed(item, folder) for item in value] if isinstance(value, list) else value


def _seen_from(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()


def _difference(before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Find what has to be put on top of one mapping to make another of it."""
    if path == ("model", "value") and before.get("curve") != after.get("curve"):
        # Another curve drops what is below it, but for the satiation.
        before = {name: item for name, item in before.items() if name == _SATIATION}
    found: dict[str, Any] = {name: None for name in before if name not in after}
    for name, item in after.items():
        if name not in before:
            found[name] = item
        elif not _same(before[name], item):
            found[name] = _put(before[name], item, (*path, name))
    return found


def _put(before: Any, after: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401
    both = isinstance(before, Mapping) and isinstance(after, Mapping)
    if not both or _is_one_value(before, after, path):
        return after
    return _difference(before, after, path)


def _is_one_value(before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a mapping takes the place of another as a whole, as where a study extends another."""
    if path[0] == "inputs" and len(path) == 2:
        return not ("law" in before and "law" in after)
    if path[0] != "model":
        return len(path) > {"inputs": 1, "scenarios": 2}.get(path[0], len(path))
    return any(bool(value) and _WHOLE_WORDS.issuperset(value) for value in (before, after))


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401
    """Whether two values are equal; a flag is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _write_new(path: Path, data: bytes, digest: str) -> None:
    """Write a file that nobody sees before it is whole and has been read back as what it should be."""
    temporary = path.with_name(f".{path.stem[:40]}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        try:
            temporary.write_bytes(data)
            if load(temporary).digest != digest:
                raise RunError(f"cannot write {path}: what was found cannot be told by what differs from it")
            os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError:
        expected = "a new name: nothing is overwritten"
        raise StudyError([Fault(path="name", found=f"a file {path.name}", expected=expected)]) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(f"cannot write {path}: {reason}; name another folder with --out") from error
