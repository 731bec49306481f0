"""One number of a study: a plain number, a law, or an expression over inputs."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws import LAWS, Law, read_law
from mcrace.laws.discrete import Discrete
from mcrace.laws.faults import short
from mcrace.laws.mixture import atoms_of, shares_of
from mcrace.laws.steps import is_whole
from mcrace.model.numbers import out_of_range
from mcrace.nomenclature import KEYS, Key
from mcrace.study.expressions import Expression, parse_expression
from mcrace.study.waiting import SINCE, Waiting, read_waiting

__all__ = ["Each", "InputName", "Term", "parse_law", "parse_term", "range_fault", "support_fault"]

_EACH = "each"
_BOUNDS = "a list of two numbers, low and high (either may be -.inf or .inf)"


@dataclass(frozen=True, slots=True)
class InputName:
    """An input by its name, standing where the number would stand."""

    name: str


@dataclass(frozen=True, slots=True)
class Each:
    """A law that is drawn anew, independently, for each member of a process."""

    law: Law


Term = float | Law | Expression | Each
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
    float, Law, Expression or Each
        Held against the range as far as it shows.

    Raises
    ------
    StudyError
        All faults, their paths relative to the value.
    """
    if key.certain and isinstance(value, str | Mapping):
        found = f"the expression {shown(value)}" if isinstance(value, str) else "a law"
        expected = f"{key.range_text}, the same in every draw: it is never uncertain"
        raise StudyError([Fault(path="", found=found, expected=expected)])
    if isinstance(value, str):
        return parse_expression(value)
    if isinstance(value, Mapping) and key.each:
        _check_is_meant(_EACH, value, "the name of a law, or each")
        if _EACH in value:
            return _parse_each(value, key)
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
    if _EACH in value:
        places = " and ".join(path for path, key in KEYS.items() if key.each)
        expected = f"a law itself: each stands only in the model's {places}"
        raise StudyError([Fault(path=_EACH, found=repr(_EACH), expected=expected)])
    empty = [Fault(path=path, found="nothing", expected=_BOUNDS) for path in _empty_bounds(value)]
    if empty:
        raise StudyError(empty)
    _check_is_meant(SINCE, value, "one law, and bounds and since if wanted")
    return _read(value)


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
    if not _outside(key, number):
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
    shift, parts = (law.elapsed, shares_of(law.held)) if isinstance(law, Waiting) else (0.0, shares_of(law))
    for _, part in parts:
        if is_whole(part) or (atoms := atoms_of(part)) is None:
            wrong = _leaves_range(part, key, shift)
            if key.whole and not is_whole(part):
                expected = f"{key.range_text}; of the laws {{discrete: {{values: [2, 3, 5]}}}} is such a one"
                return Fault(path="", found="a law of numbers that are not whole", expected=expected)
        else:
            values = atoms[0] - shift
            # Infinity is no whole number either, where it would be in range.
            wrong = bool((out_of_range(key, values) | (key.whole & np.isinf(values))).any())
        if wrong:
            low, high = law.support
            never = ", perhaps never," if not isinstance(law, Discrete) and _has_never(part) else ""
            expected = f"{key.range_text} (bounds: [low, high] truncate a law)"
            return Fault(path="", found=f"a law{never} on [{low:g}, {high:g}]", expected=expected)
    return None


def _leaves_range(law: Law, key: Key, shift: float) -> bool:
    """Whether a law without values of their own, or on whole numbers, can leave a range."""
    low, high = (end - shift for end in law.support)
    attained = is_whole(law) and bool(out_of_range(key, np.asarray(low)))
    return attained or low < key.low or high > key.high


def _has_never(law: Law) -> bool:
    atoms = atoms_of(law)
    return atoms is not None and bool(np.isinf(atoms[0]).any())


def _read(value: Mapping[str, Any]) -> Law:
    """Read a law, or find it among those read before: every scenario of a study has nearly the same laws."""
    try:
        return _read_text(json.dumps(value))
    except (TypeError, ValueError):  # a data file in it, or a number of thousands of digits
        return read_waiting(value, read_law) if SINCE in value else read_law(value)


@lru_cache(maxsize=512)
def _read_text(text: str) -> Law:
    value = json.loads(text)
    return read_waiting(value, read_law) if SINCE in value else read_law(value)


def _empty_bounds(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401
    """Find bounds without a value, in a law or in the laws that it mixes: they are not the same as none."""
    items = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, below in items:
        if name == "bounds" and below is None:
            yield f"{path}bounds"
        yield from _empty_bounds(below, f"{path}{name}.")


def _check_is_meant(word: str, value: Mapping[str, Any], expected: str) -> None:
    """Raise for a name that is a certain word misspelt."""
    known = (*LAWS, "bounds", SINCE, word)
    for name in value:
        if name not in known and nearest_name(name, known) == word:
            raise StudyError([Fault(path=name, found=repr(name), expected=expected, nearest=word)])


def _parse_each(value: Mapping[str, Any], key: Key) -> Each:
    beside = [name for name in value if name != _EACH]
    if beside:
        expected = "each alone; bounds belong to the law below it"
        raise StudyError(Fault(path=name, found="an unknown key", expected=expected) for name in beside)
    if not isinstance(value[_EACH], Mapping):
        expected = "a law such as {lognormal: {p05: 50, p95: 500}}, drawn anew for each release"
        raise StudyError([Fault(path=_EACH, found=shown(value[_EACH]), expected=expected)])
    try:
        law = parse_law(value[_EACH])
    except StudyError as error:
        raise StudyError(
            replace(fault, path=f"{_EACH}.{fault.path}".rstrip(".")) for fault in error.faults
        ) from None
    fault = support_fault(law, key)
    if fault is not None:
        raise StudyError([replace(fault, path=_EACH)])
    return Each(law)


def _outside(key: Key, number: float) -> bool:
    # Infinity is no whole number either, where it would be in range.
    return bool(out_of_range(key, np.asarray(number))) or (key.whole and not float(number).is_integer())


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


def unprintable(text: str) -> str | None:
    """Name the first character of a text that cannot be shown; lines and tabs can."""
    strange = next((one for one in text if not one.isprintable() and one not in "\n\t"), None)
    return None if strange is None else f"the character U+{ord(strange):04X}"
