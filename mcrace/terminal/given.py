"""Values that stand in the arguments of a command, each read as YAML."""

from collections.abc import Sequence
from typing import Any

from mcrace.errors import Fault, StudyError

__all__ = ["changes_of", "pairs_of", "targets_of", "value_of"]


def targets_of(texts: Sequence[str]) -> dict[str, Any]:
    """Read --target-se [FIGURE=]ERROR; the figure is the mean incentive if it is absent."""
    targets: dict[str, Any] = {}
    for text in texts:
        figure, separator, error = text.rpartition("=")
        targets[figure if separator else "incentive.mean"] = value_of(error, "--target-se")
    return targets


def changes_of(texts: Sequence[str]) -> dict[str, Any]:
    """Read --set path=value, each value as YAML."""
    changes: dict[str, Any] = {}
    for text in texts:
        path, separator, value = text.partition("=")
        if not separator or not path.strip():
            fault = Fault(path="--set", found=repr(text), expected="PATH=VALUE, such as inputs.day=30")
            raise StudyError([fault])
        changes[path.strip()] = value_of(value, f"--set {path.strip()}")
    return changes


def value_of(text: str, option: str) -> Any:  # noqa: ANN401 - any YAML value
    """Read a value as a study file would have it; `option` is its name in messages."""
    from mcrace.study.document import read_text

    if not text.strip():
        raise StudyError([Fault(path=option, found="nothing", expected="a value")])
    return read_text(text, option).value


def pairs_of(texts: Sequence[str], option: str) -> dict[str, Any]:
    """Read KEY=VALUE, each value as YAML."""
    found: dict[str, Any] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise StudyError([Fault(path=option, found=repr(text), expected="NAME=VALUE")])
        found[name] = value_of(value, option)
    return found
