"""The digest of a study: a hash of all that its numbers depend on, and of nothing else."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mcrace.nomenclature import KEYS
from mcrace.study.correlations import canonical_correlations
from mcrace.study.data import by_content
from mcrace.study.dates import changes_with_days, with_days
from mcrace.study.grid import all_scenarios
from mcrace.study.names import key_path
from mcrace.study.parts import Sampling
from mcrace.study.quantities import expression_text

__all__ = ["NUMERICS", "canonical_text", "digest_of"]

NUMERICS = 4
"""Version of mcrace's numerics: raised when the same study would give other numbers."""

_NOTES = ("unit", "label", "source", "evidence")


def digest_of(document: Mapping[str, Any], numerics: int = NUMERICS) -> str:
    """Hash what the numbers depend on.

    Parameters
    ----------
    document : Mapping
        A study as plain values.
    numerics : int
        Version of the numerics: that of a run for the digest that it bears.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits. Titles, labels, units, sources, links and the order of keys do not
        change it; nor does 3e8 written as 300000000.

    Examples
    --------
    >>> one = {"study": "a", "model": {"horizon_days": 730}}
    >>> two = {"study": "b", "title": "T", "model": {"horizon_days": 730.0}}
    >>> digest_of(one) == digest_of(two)
    True
    """
    return hashlib.sha256(canonical_text(document, numerics).encode()).hexdigest()


def canonical_text(document: Mapping[str, Any], numerics: int = NUMERICS) -> str:
    """Write what the numbers depend on as one line of JSON.

    Parameters
    ----------
    document : Mapping
        A study as plain values.
    numerics : int
        As `digest_of` takes it.

    Returns
    -------
    str
        Keys sorted, numbers as floats.
    """
    scenarios = {
        name: _changes(changes_with_days(document, changes))
        for name, changes in all_scenarios(document).items()
    }
    document = with_days(document).value
    inputs = {name: _law(value) for name, value in document.get("inputs", {}).items()}
    sampling = {**asdict(Sampling()), **document.get("sampling", {})}
    if not sampling["precision"]:
        del sampling["precision"], sampling["most_draws"]
    if sampling["quantiles"] == Sampling().quantiles:
        del sampling["quantiles"]
    content: dict[str, Any] = {
        "numerics": numerics,
        "inputs": inputs,
        "model": _without_texts(document.get("model"), ()),
        "scenarios": scenarios,
        # The seed is a whole number of any size: as text, so that no digit is lost.
        "sampling": {**sampling, "seed": str(int(sampling["seed"]))},
    }
    # What is not there leaves no trace, so that studies without it keep their digest.
    correlations = canonical_correlations(document.get("correlations", []))
    if correlations:
        content["correlations"] = correlations
    if document.get("quantities"):
        content["quantities"] = {
            name: expression_text(value) for name, value in document["quantities"].items()
        }
    plain = _canonical(by_content(content))
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _law(value: Any) -> Any:  # noqa: ANN401
    return value["law"] if isinstance(value, Mapping) and "law" in value else value


def _changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a scenario changes of words only."""
    return {
        path: _law(value) if path.startswith("inputs.") else _without_texts(value, tuple(path.split(".")[1:]))
        for path, value in changes.items()
        if not (path.startswith("inputs.") and path.count(".") == 2 and path.endswith(_NOTES))
        and not _is_text(tuple(path.split(".")[1:]))
    }


def _without_texts(value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401
    """Leave out names that are for the reader only."""
    if isinstance(value, Mapping):
        below = {str(name): (*path, str(name)) for name in value}
        return {
            name: _without_texts(item, below[str(name)])
            for name, item in value.items()
            if not _is_text(below[str(name)])
        }
    if isinstance(value, list | tuple):
        return [_without_texts(item, (*path, str(index))) for index, item in enumerate(value)]
    return value


def _is_text(path: tuple[str, ...]) -> bool:
    key = KEYS.get(key_path(path))
    return key is not None and key.kind == "text"


def _canonical(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {str(key): _canonical(_members(key, item)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value))
    return value


def _members(key: Any, value: Any) -> Any:  # noqa: ANN401
    """Write the members of a mixture in one way: each may also be a pair of weight and law."""
    if key != "mixture" or not isinstance(value, list | tuple):
        return value
    return [
        {"weight": member[0], "is": member[1]}
        if isinstance(member, list | tuple) and len(member) == 2
        else member
        for member in value
    ]
