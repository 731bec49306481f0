"""One number of a study: a plain number, a law, or an expression over inputs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws import LAWS, Law, build_law
from mcrace.laws.discrete import Discrete
from mcrace.laws.faults import short
from mcrace.model.numbers import out_of_range
from mcrace.nomenclature import Key
from mcrace.study.expressions import Expression, parse_expression

__all__ = ["InputName", "Term", "parse_law", "parse_term", "range_fault", "support_fault"]


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
    if isinstance(value, str):
        return parse_expression(value)
    if isinstance(value, Mapping):
        law = parse_law(value)
        fault = support_fault(law, key)
        if fault is not None:
            raise StudyError([fault])
        return law
    number = as_number(value)
    if number is None:
        expected = f"{key.range_text}, a law, or an expression over inputs"
        raise StudyError([Fault(path="", found=shown(value), expected=expected)])
    fault = range_fault(number, key)
    if fault is not None:
        raise StudyError([fault])
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
    known = (*LAWS, "bounds")
    strange = [name for name in names if name not in LAWS]
    if len(names) > len(strange) > 0:
        expected = "one law, and bounds if wanted"
        raise StudyError(
            Fault(path=name, found="an unknown key", expected=expected, nearest=nearest_name(name, known))
            for name in strange
        )
    if len(names) != 1:
        found = f"{len(names)} laws: {', '.join(names)}" if names else "no law"
        raise StudyError(
            [Fault(path="", found=found, expected="one law, such as {normal: {mean: 0, sd: 1}}")]
        )
    return build_law(names[0], value[names[0]], value.get("bounds"))


def range_fault(number: float, key: Key) -> Fault | None:
    """Find whether a number is out of the range of a key.

    Parameters
    ----------
    number : float
        Any.
    key : Key
        Gives the range.

    Returns
    -------
    Fault or None
        With an empty path.
    """
    if not bool(out_of_range(key, np.asarray(number))):
        return None
    finite = ", not infinite" if math.isinf(number) and number > 0 and math.isinf(key.high) else ""
    return Fault(path="", found=shown(number), expected=key.range_text + finite)


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
        wrong = low < key.low or high > key.high
    if not wrong:
        return None
    expected = f"{key.range_text} (bounds: [low, high] truncate a law)"
    return Fault(path="", found=f"a law on [{low:g}, {high:g}]", expected=expected)


def as_number(value: Any) -> float | None:  # noqa: ANN401
    """Give the value as a float; None if it is not a plain number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number


def shown(value: Any) -> str:  # noqa: ANN401
    """Quote a value for a message: short, in YAML's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return f"{value:.10g}" if isinstance(value, float) else short(value)
