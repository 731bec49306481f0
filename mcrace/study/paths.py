"""Values of a document by dotted path: what scenarios and ``--set`` change."""

import copy
from collections.abc import Mapping
from typing import Any

from mcrace.errors import Fault, StudyError

__all__ = ["with_change"]

_OPEN_TO_CHANGE = ("inputs", "model")
_NOTES = ("law", "unit", "label", "source")
_LONGEST_INDEX = 9


def with_change(
    document: Mapping[str, Any],
    path: str,
    value: Any,  # noqa: ANN401
    *,
    anywhere: bool = False,
) -> dict[str, Any]:
    """Copy a document with one value changed.

    Parameters
    ----------
    document : Mapping
        A study as plain values; left as it is.
    path : str
        Dotted; members of lists by index, from 0.
    value : object
        New value. An input keeps its unit, label and source where only its law is given anew.
    anywhere : bool
        Whether other sections than ``inputs`` and ``model`` may change too.

    Returns
    -------
    dict
        The changed copy.

    Raises
    ------
    StudyError
        If the path leads nowhere.

    Examples
    --------
    >>> with_change({"model": {"horizon_days": 730}}, "model.horizon_days", 365)
    {'model': {'horizon_days': 365}}
    """
    changed = copy.deepcopy(dict(document))
    parts = path.split(".")
    if not all(parts):
        raise _error(path, "an empty name in the path", "names with one dot between them")
    if not anywhere and (parts[0] not in _OPEN_TO_CHANGE or len(parts) < 2):
        raise _error(path, "a path that no scenario can change", "a path below inputs or model")
    inputs = changed.get("inputs")
    if parts[0] == "inputs" and isinstance(inputs, dict):
        value = _kept_notes(inputs, parts, value)
    node: Any = changed
    for place, part in enumerate(parts[:-1]):
        node = _step(node, part, ".".join(parts[: place + 1]), parts[place + 1])
    if isinstance(node, list):
        node[_index(node, parts[-1], path)] = value
    elif isinstance(node, dict):
        node[parts[-1]] = value
    else:
        raise _error(path, "a path through a plain value", "a path through sections")
    return changed


def _step(node: Any, part: str, so_far: str, following: str) -> Any:  # noqa: ANN401
    if isinstance(node, list):
        return node[_index(node, part, so_far)]
    if isinstance(node, dict):
        if part not in node and following.isdecimal():
            raise _error(so_far, "no such list", "a list that the study has")
        return node.setdefault(part, {})
    raise _error(so_far, "a path through a plain value", "a path through sections")


def _index(node: list[Any], part: str, path: str) -> int:
    if not part.isdecimal() or len(part) > _LONGEST_INDEX or int(part) >= len(node):
        raise _error(path, f"member {part} of a list of {len(node)}", f"a whole number below {len(node)}")
    return int(part)


def _kept_notes(inputs: dict[str, Any], parts: list[str], value: Any) -> Any:  # noqa: ANN401
    """Value of an input that keeps its unit, label and source where they are not given anew.

    A bare law or number is put below ``law`` where one of the keys beside it changes.
    """
    before = inputs.get(parts[1])
    notes = before if isinstance(before, dict) and any(note in before for note in _NOTES) else None
    if len(parts) == 3 and parts[2] in _NOTES and before is not None and notes is None:
        inputs[parts[1]] = {"law": before}
    if len(parts) != 2 or notes is None:
        return value
    given_whole = isinstance(value, Mapping) and any(note in value for note in _NOTES)
    return {**notes, **value} if given_whole else {**notes, "law": value}


def _error(path: str, found: str, expected: str) -> StudyError:
    return StudyError([Fault(path=path, found=found, expected=expected)])
