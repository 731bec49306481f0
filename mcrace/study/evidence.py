"""Links from inputs to pages of evidence: what they may be, from where they are seen, whether they lead."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any

from mcrace.study.fields import refused

if TYPE_CHECKING:
    from mcrace.study.study import Study

__all__ = ["evidence_link", "missing_pages", "seen_from"]

_KEY = "evidence"
_LONGEST = 300
_EXPECTED = "the path of a page as seen from the study's folder, such as evidence/lead.md"
_PART = re.compile(r"\.\.|(?!\.)[\w.+-]+")


def evidence_link(value: Any) -> str:  # noqa: ANN401 - any YAML value
    """Check a link to a page of evidence.

    Parameters
    ----------
    value : object
        What stands in the study.

    Returns
    -------
    str
        A relative path with forward slashes, which may begin with ``..``: studies in several folders may
        share their pages. It is told and never opened.

    Raises
    ------
    StudyError
        If it is anything else.

    Examples
    --------
    >>> evidence_link("../evidence/lead.md")
    '../evidence/lead.md'
    """
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise refused(value, _EXPECTED)
    parts = value.split("/")
    up = next((place for place, part in enumerate(parts) if part != ".."), len(parts))
    if up == len(parts) or ".." in parts[up:] or not all(_PART.fullmatch(part) for part in parts):
        raise refused(value, _EXPECTED)
    return value


def seen_from(document: Any, folder: Path, start: Path) -> Any:  # noqa: ANN401 - any YAML value
    """Write the links of a study that another one extends as they are seen from that one's folder.

    Parameters
    ----------
    document : object
        A study as plain values, its links seen from its own folder.
    folder, start : Path
        That folder, and the one from which they shall be seen.

    Returns
    -------
    object
        A copy where anything changes.

    Examples
    --------
    >>> study = {"inputs": {"lead": {"law": 6, "evidence": "evidence/lead.md"}}}
    >>> seen_from(study, Path("configs/labs/.."), Path("configs/labs"))
    {'inputs': {'lead': {'law': 6, 'evidence': '../evidence/lead.md'}}}
    """
    inputs = document.get("inputs") if isinstance(document, Mapping) else None
    if not isinstance(inputs, Mapping):
        return document
    between = Path(os.path.relpath(folder, start)).as_posix()

    def moved(entry: Any) -> Any:  # noqa: ANN401
        if not isinstance(entry, Mapping) or not isinstance(entry.get(_KEY), str):
            return entry
        return {**entry, _KEY: normpath(join(between, entry[_KEY]))}

    return {**document, "inputs": {name: moved(entry) for name, entry in inputs.items()}}


def missing_pages(study: "Study") -> tuple[str, ...]:
    """Find the links that lead to no file.

    Parameters
    ----------
    study : Study
        Checked.

    Returns
    -------
    tuple of str
        In the order of its inputs, each once; none for a study that was not read from a file.
    """
    if study.file is None:
        return ()
    folder = Path(study.file).parent
    links = dict.fromkeys(item.evidence for item in study.inputs if item.evidence)
    return tuple(link for link in links if not (folder / link).is_file())
