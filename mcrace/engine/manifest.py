"""The manifest of a run's folder: what it must hold to be believed."""

import json
import math
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

__all__ = ["FORMAT", "read_manifest"]

FORMAT: Final = 1
"""Version of the layout of a run's folder."""

_TEXTS: Final = ("study", "digest", "document", "method", "processor", "written_by")
_LEAST: Final[Mapping[str, int]] = MappingProxyType({"seed": 0, "replicates": 1, "points": 1, "numerics": 0})
_LEAST_FACTS: Final[Mapping[str, int]] = MappingProxyType({"evaluations": 0, "jobs": 0})
_MOST: Final = 2**53
_ODD: Final = frozenset("\\:")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a run's folder; None if there is none that can be read.

    Parameters
    ----------
    folder : Path
        A run's folder.

    Returns
    -------
    dict or None
        With all that a manifest of this format has, each of its type; its files lie in the folder. One of
        another format is given as it stands.
    """
    path = folder / "manifest.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    return content if content.get("format") != FORMAT or _is_whole(content) else None


def _is_whole(content: Mapping[str, Any]) -> bool:
    return (
        _are_texts(content, _TEXTS)
        and _are_whole_numbers(content, _LEAST)
        and _is_mapping_of_texts(content.get("versions"))
        and _is_mapping_of_texts(content.get("files"))
        and all(_stays_inside(name) for name in content["files"])
        and _are_facts(content.get("execution"))
    )


def _are_facts(facts: object) -> bool:
    if not isinstance(facts, dict) or not _are_whole_numbers(facts, _LEAST_FACTS):
        return False
    seconds, notes = facts.get("seconds"), facts.get("notes", [])
    timed = isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds)
    noted = isinstance(notes, list) and all(isinstance(note, str) for note in notes)
    return timed and noted and _are_texts(facts, ("backend",))


def _are_texts(content: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    return all(isinstance(content.get(name), str) for name in names)


def _are_whole_numbers(content: Mapping[str, Any], least: Mapping[str, int]) -> bool:
    return all(
        type(content.get(name)) is int and low <= content[name] <= _MOST for name, low in least.items()
    )


def _is_mapping_of_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _stays_inside(name: str) -> bool:
    """Whether a file's name leads nowhere but into the folder: a manifest may come from a stranger."""
    path = PurePosixPath(name)
    plain = name.isprintable() and not _ODD & set(name)
    return plain and bool(path.parts) and not path.is_absolute() and ".." not in path.parts
