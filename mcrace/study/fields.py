"""The plain fields of a study file: slugs, texts, whole numbers, inputs."""

import keyword
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws import LAWS
from mcrace.nomenclature import OUTPUTS
from mcrace.study.expressions import FUNCTIONS, date_in
from mcrace.study.terms import as_number, parse_law, shown, unprintable

__all__ = [
    "NAME",
    "SLUG",
    "annotated_input",
    "annotated_quantity",
    "input_law",
    "input_name",
    "is_annotated",
    "refused",
    "reporting",
    "slug",
    "text",
    "whole_field",
    "whole_number",
]

_COLUMNS = frozenset({"scenario", "draw"})

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

_LONGEST_TEXT = 4_000
_NOTES = ("law", "unit", "label", "source", "evidence")
_KEYS_AND_LAWS = (*_NOTES, *LAWS)


def reporting(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Hand a StudyError through pydantic, which adds where its faults stand.

    Parameters
    ----------
    parse : callable
        Takes a value; raises StudyError.

    Returns
    -------
    callable
        Raises PydanticCustomError with the faults in its context.
    """

    def validate(value: Any) -> Any:  # noqa: ANN401
        try:
            return parse(value)
        except StudyError as error:
            raise PydanticCustomError("faults", "faults", {"faults": error.faults}) from None

    return validate


def text(value: Any) -> str:  # noqa: ANN401
    """Check a text; what YAML took for a number is welcome in prose."""
    content = str(value) if as_number(value) is not None else value
    if not isinstance(content, str):
        raise refused(value, "text")
    strange = unprintable(content)
    if strange is not None:
        raise _refused_text(strange, "printable text")
    if len(content) > _LONGEST_TEXT:
        raise _refused_text(f"{len(content)} characters", f"text of at most {_LONGEST_TEXT}")
    return content.strip()


def slug(value: Any) -> str:  # noqa: ANN401
    """Check a name that also names a folder or a column."""
    if not isinstance(value, str) or SLUG.fullmatch(value) is None:
        raise refused(
            value, "a slug: at most 64 letters, digits, '.', '_' and '-', the first a letter or digit"
        )
    return value


def input_name(value: Any) -> str:  # noqa: ANN401
    """Check the name of an input, which expressions use."""
    if not isinstance(value, str) or NAME.fullmatch(value) is None:
        raise refused(value, "a name: at most 64 letters, digits and '_', the first no digit")
    if value in FUNCTIONS:
        raise refused(value, "a name that is no function of expressions")
    if value in _COLUMNS or value in OUTPUTS:
        raise refused(value, "a name that is no other column of the draws")
    if keyword.iskeyword(value):
        raise refused(value, "a name that expressions can read, which this word is not")
    return value


def whole_number(value: Any, low: int, high: int | None) -> int:  # noqa: ANN401
    """Check a whole number; 1e6 is one."""
    limit = "" if high is None else f" and at most {high}"
    number = as_number(value)
    if number is None or not number.is_integer() or number < low or (high is not None and number > high):
        raise refused(value, f"a whole number of at least {low}{limit}")
    return int(value)


def whole_field(low: int, high: int | None = None) -> Any:  # noqa: ANN401 - a type
    """Make the type of a whole number of at least `low`, and at most `high` if that is given."""
    schema: dict[str, Any] = {"type": "integer", "minimum": low}
    if high is not None:
        schema["maximum"] = high
    check = partial(whole_number, low=low, high=high)
    return Annotated[int, PlainValidator(reporting(check)), WithJsonSchema(schema)]


def input_law(value: Any) -> Any:  # noqa: ANN401
    """Check the law of an input, or its plain number."""
    if isinstance(value, Mapping):
        return parse_law(value)
    number = as_number(value)
    if number is None:
        dated = "; a date stands only for an input with unit: days" if date_in(value) is not None else ""
        raise refused(value, "a number or a law such as {lognormal: {p05: 50, p95: 500}}" + dated)
    return number


def annotated_input(value: Any) -> Any:  # noqa: ANN401
    """Accept a bare number or law for an input that has neither unit, label nor source."""
    return value if is_annotated(value) else {"law": value}


def annotated_quantity(value: Any) -> Any:  # noqa: ANN401
    """Accept a bare expression for a quantity that has neither unit nor label."""
    return value if isinstance(value, Mapping) else {"expression": value}


def is_annotated(value: Any) -> bool:  # noqa: ANN401
    """Whether an input has keys of its own, perhaps misspelt, and is no bare number or law."""
    if not isinstance(value, Mapping):
        return False
    strange = [str(name) for name in value if name not in LAWS]
    return any(name in value for name in _NOTES) or (
        len(strange) == len(value) and any(nearest_name(name, _KEYS_AND_LAWS) in _NOTES for name in strange)
    )


def refused(value: Any, expected: str) -> StudyError:  # noqa: ANN401
    """Make the error for a value that is not what was expected."""
    return _refused_text(shown(value), expected)


def _refused_text(found: str, expected: str) -> StudyError:
    return StudyError([Fault(path="", found=found, expected=expected)])
