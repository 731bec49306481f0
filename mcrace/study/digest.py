"""The digest of a study: a hash of all that its numbers depend on, and of nothing else."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mcrace.study.parts import Sampling

__all__ = ["NUMERICS", "canonical_text", "digest_of"]

NUMERICS = 1
"""Version of mcrace's numerics: raised when the same study would give other numbers."""

_NOTES = ("unit", "label", "source")


def digest_of(document: Mapping[str, Any]) -> str:
    """Hash what the numbers depend on.

    Parameters
    ----------
    document : Mapping
        A study as plain values.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits. Titles, labels, units, sources and the order of keys do not
        change it; nor does 3e8 written as 300000000.

    Examples
    --------
    >>> one = {"study": "a", "model": {"horizon_days": 730}}
    >>> two = {"study": "b", "title": "T", "model": {"horizon_days": 730.0}}
    >>> digest_of(one) == digest_of(two)
    True
    """
    return hashlib.sha256(canonical_text(document).encode()).hexdigest()


def canonical_text(document: Mapping[str, Any]) -> str:
    """Write what the numbers depend on as one line of JSON.

    Parameters
    ----------
    document : Mapping
        A study as plain values.

    Returns
    -------
    str
        Keys sorted, numbers as floats.
    """
    inputs = {name: _law(value) for name, value in document.get("inputs", {}).items()}
    scenarios = {name: _changes(changes) for name, changes in document.get("scenarios", {}).items()}
    sampling = {**asdict(Sampling()), **document.get("sampling", {})}
    content = {
        "numerics": NUMERICS,
        "inputs": inputs,
        "model": document.get("model"),
        "scenarios": scenarios,
        # The seed is a whole number of any size: as text, so that no digit is lost.
        "sampling": {**sampling, "seed": str(int(sampling["seed"]))},
    }
    return json.dumps(_canonical(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _law(value: Any) -> Any:  # noqa: ANN401
    return value["law"] if isinstance(value, Mapping) and "law" in value else value


def _changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a scenario changes of words only."""
    return {
        path: _law(value) if path.startswith("inputs.") else value
        for path, value in changes.items()
        if not (path.startswith("inputs.") and path.count(".") == 2 and path.endswith(_NOTES))
    }


def _canonical(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value))
    return value
