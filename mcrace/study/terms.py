"""One number of a study: a plain number, a law, or an expression over inputs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcrace.errors import Fault, StudyError
from mcrace.laws import Law, build_law
from mcrace.laws.discrete import Discrete
from mcrace.model.numbers import out_of_range
from mcrace.nomenclature import Key
from mcrace.study.expressions import Expression, parse_expression

__all__ = ["InputName", "Term", "parse_law", "parse_term", "support_fault"]


@dataclass(frozen=True, slots=True)
class InputName:
    """An input by its name, standing where the number would stand."""

    name: str


Term = float | Law | Expression
"""What a number of a study may be."""


def parse_term(value: Any, key: Key) -> Term:  # noqa: ANN401 - any YAML value
    """Check one number of the model.

    Parameters
    ----------
    value : object
        As it stands in the file.
    key : Key
        Its key, which gives the range.

    Returns
    -------
    float, Law or Expression
        Held against the range as far as it shows.

    Raises
    ------
    StudyError
        All faults, their paths relative to the value.
    """
    expected = f"{key.range_text}, a law, or an expression over inputs"
    if isinstance(value, str):
        return parse_expression(value)
    if isinstance(value, Mapping):
        law = parse_law(value)
        fault = support_fault(law, key)
        if fault is not None:
            raise StudyError([fault])
        return law
    number = as_number(value)
    if number is None or bool(out_of_range(key, np.asarray(number))):
        raise StudyError([Fault(path="", found=shown(value), expected=expected)])
    return number


def parse_law(value: Mapping[str, Any]) -> Law:
    """Check a law: one name with its parameters, and perhaps bounds.

    Parameters
    ----------
    value : Mapping
        Such as ``{lognormal: {p05: 50, p95: 500}, bounds: [1, .inf]}``.

    Returns
    -------
    Law
        Truncated if there are bounds.

    Raises
    ------
    StudyError
        All faults, their paths relative to the mapping.
    """
    names = [name for name in value if name != "bounds"]
    if len(names) != 1:
        found = f"{len(names)} laws: {', '.join(names)}" if names else "no law"
        raise StudyError(
            [Fault(path="", found=found, expected="one law, such as {normal: {mean: 0, sd: 1}}")]
        )
    return build_law(names[0], value[names[0]], value.get("bounds"))


def support_fault(law: Law, key: Key) -> Fault | None:
    """Find whether a law can leave the range of a key, as far as its support shows.

    Parameters
    ----------
    law : Law
        Any law.
    key : Key
        Gives the range.

    Returns
    -------
    Fault or None
        With an empty path.
    """
    low, high = law.support
    if isinstance(law, Discrete):
        wrong = bool(out_of_range(key, np.asarray(law.values)).any())
    else:
        wrong = low < key.low or high > key.high or (low == -math.inf and key.low > -math.inf)
    if not wrong:
        return None
    expected = f"{key.range_text} (bounds: [low, high] truncate a law)"
    return Fault(path="", found=f"a law on [{low:g}, {high:g}]", expected=expected)


def as_number(value: Any) -> float | None:  # noqa: ANN401
    """The value as a float; None if it is not a plain number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number


def shown(value: Any) -> str:  # noqa: ANN401
    """A value as a message quotes it: short, in YAML's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
