"""Values of a document by dotted path: what scenarios and ``--set`` change."""

import copy
from collections.abc import Mapping
from typing import Any

from mcrace.errors import Fault, StudyError, nearest_name

__all__ = ["parts_of", "with_change"]

_OPEN_TO_CHANGE = ("inputs", "model")
_THE_SAME = ("study", "title", "question", "as_of", "correlations", "quantities", "sampling")
_NOTES = ("law", "unit", "label", "source", "evidence")
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
    parts = parts_of(changed, path)
    if not all(parts):
        raise _error(path, "an empty name in the path", "names with one dot between them")
    if not anywhere and (parts[0] not in _OPEN_TO_CHANGE or len(parts) < 2):
        raise _closed(parts)
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


def parts_of(document: Any, path: str) -> list[str]:  # noqa: ANN401
    """Cut a path at its dots, but not inside a key that the document has, such as a quantile's level.

    Parameters
    ----------
    document : object
        Nested plain values.
    path : str
        Dotted.

    Returns
    -------
    list of str
        Keys and indices; below what the document has, cut at every dot.

    Examples
    --------
    >>> parts_of({"quantiles": {"0.5": 3}}, "quantiles.0.5"), parts_of({}, "quantiles.0.5")
    (['quantiles', '0.5'], ['quantiles', '0', '5'])
    """
    rest, parts, node = path.split("."), [], document
    while rest:
        known = node if isinstance(node, Mapping) else {}
        sizes = (size for size in range(1, len(rest) + 1) if ".".join(rest[:size]) in known)
        size = next(sizes, 1)
        part = ".".join(rest[:size])
        if isinstance(node, list) and part.isdecimal() and len(part) <= _LONGEST_INDEX:
            node = node[int(part)] if int(part) < len(node) else None
        else:
            node = known.get(part)
        parts.append(part)
        rest = rest[size:]
    return parts


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


def _closed(parts: list[str]) -> StudyError:
    """Say what scenarios may change, for a path that is not below it."""
    expected = "a path below inputs or model, such as inputs.day or model.horizon_days"
    if parts[0] in _THE_SAME:
        expected = f"a path below inputs or model: {parts[0]} is the same in every scenario"
    meant = nearest_name(parts[0], _OPEN_TO_CHANGE) if parts[0] not in _OPEN_TO_CHANGE else None
    nearest = ".".join((meant, *parts[1:])) if meant is not None else None
    fault = Fault(
        path=".".join(parts), found="a path that no scenario can change", expected=expected, nearest=nearest
    )
    return StudyError([fault])


def _error(path: str, found: str, expected: str) -> StudyError:
    return StudyError([Fault(path=path, found=found, expected=expected)])
