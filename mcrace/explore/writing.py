"""Values of a study as one line of YAML, with the numbers in it apart from the words around them."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcrace.errors import StudyError
from mcrace.laws import LAWS
from mcrace.study.document import read_text

__all__ = ["Number", "Written", "number_text", "written"]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .*/+()-]*")
_LEVEL = re.compile(r"p(\d\d)")
_FRACTION = re.compile(r"0?\.\d+")
_MOST_NUMBERS = 24
_LARGE, _SHORT_MANTISSA = 1e5, 4

_Token = str | tuple[str, float]


@dataclass(frozen=True, slots=True)
class Number:
    """A number that stands in a value.

    Attributes
    ----------
    name : str
        What it is there, such as ``p05`` or ``bounds low``; empty where it is the whole value.
    text : str
        As it is written.
    value : float
        What that means.
    """

    name: str
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Written:
    """A value in one line.

    Attributes
    ----------
    pieces : tuple of str
        What stands before, between and after the numbers: one more than there are numbers.
    numbers : tuple of Number
        In their order; none where there are too many to be moved one by one.
    """

    pieces: tuple[str, ...]
    numbers: tuple[Number, ...]

    @property
    def text(self) -> str:
        """The whole line."""
        parts = [self.pieces[0]]
        for number, piece in zip(self.numbers, self.pieces[1:], strict=True):
            parts += [number.text, piece]
        return "".join(parts)


def written(value: Any) -> Written:  # noqa: ANN401 - any YAML value
    """Write a value of a study in one line of YAML that reads back as the same value.

    Parameters
    ----------
    value : object
        Nested plain values.

    Returns
    -------
    Written
        Its numbers apart.

    Examples
    --------
    >>> found = written({"lognormal": {"p05": 9.0e7, "p95": 1.8e8}, "bounds": [1, float("inf")]})
    >>> found.text
    '{lognormal: {p05: 9e7, p95: 1.8e8}, bounds: [1, .inf]}'
    >>> [number.name for number in found.numbers]
    ['5 %', '95 %', 'bounds low', 'bounds high']
    """
    if isinstance(value, str):
        return Written((_word(value, _is_itself),), ())
    tokens = list(_tokens(value, ()))
    numbers = [token for token in tokens if not isinstance(token, str)]
    if len(numbers) > _MOST_NUMBERS:
        return Written(
            ("".join(token if isinstance(token, str) else number_text(token[1]) for token in tokens),), ()
        )
    pieces = [""]
    for token in tokens:
        if isinstance(token, str):
            pieces[-1] += token
        else:
            pieces.append("")
    named = (Number(name, number_text(number), float(number)) for name, number in numbers)
    return Written(tuple(pieces), tuple(named))


def number_text(number: float) -> str:
    """Write a number so that it reads back to the bit, large ones in powers of ten where that is shorter.

    Parameters
    ----------
    number : float
        Any but NaN.

    Returns
    -------
    str
        YAML 1.2.

    Examples
    --------
    >>> [number_text(number) for number in (730, 0.05, 90000000.0, 1234567.5, float("-inf"))]
    ['730', '0.05', '9e7', '1234567.5', '-.inf']
    """
    if isinstance(number, float) and math.isinf(number):
        return ".inf" if number > 0 else "-.inf"
    plain = repr(number)
    plain = plain.removesuffix(".0") if "e" not in plain else plain
    if abs(number) < _LARGE or "e" in plain:
        return plain.replace("e+", "e").replace("e-0", "e-")
    digits = plain.lstrip("-").rstrip("0")
    if "." in plain or len(digits) > _SHORT_MANTISSA:
        return plain
    power = len(plain.lstrip("-")) - 1
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    short = f"{'-' if number < 0 else ''}{digits[0]}{fraction}e{power}"
    return short if float(short) == number else plain


def _tokens(value: Any, path: tuple[str, ...]) -> Iterator[_Token]:  # noqa: ANN401
    """Cut a value into words, and numbers with their names."""
    if isinstance(value, Mapping):
        for place, (key, item) in enumerate(value.items()):
            name = str(key)
            yield (
                ("{" if place == 0 else ", ") + (name if _PLAIN_KEY.fullmatch(name) else _quoted(name)) + ": "
            )
            yield from _tokens(item, (*path, name))
        yield "}" if value else "{}"
    elif isinstance(value, list):
        names = _member_names(path, len(value))
        for place, item in enumerate(value):
            yield "[" if place == 0 else ", "
            yield from _tokens(item, (*path, names[place]))
        yield "]" if value else "[]"
    elif value is None or isinstance(value, bool):
        yield json.dumps(value)
    elif isinstance(value, int | float):
        yield _number_name(path), value
    else:
        yield _word(str(value), _is_one_word)


def _member_names(path: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Name the members of a list: parameters of a law by its order, ends of bounds by what they are."""
    word = path[-1] if path else ""
    if word == "bounds" and count == 2:
        return ("low", "high")
    order = LAWS[word].positional if word in LAWS else None
    return order if order is not None and len(order) == count else tuple(str(at + 1) for at in range(count))


def _number_name(path: tuple[str, ...]) -> str:
    """Say what a number is in a law; the law's own name is said elsewhere."""
    words = [_spoken(word) for place, word in enumerate(path) if place > 0 or word not in LAWS]
    return " ".join(words)


def _spoken(word: str) -> str:
    level = _LEVEL.fullmatch(word)
    if level is not None:
        return f"{int(level[1])} %"
    if _FRACTION.fullmatch(word) is not None:
        return f"{100 * float(word):.6g} %"
    return word.replace("_", " ")


def _word(text: str, reads_back: Any) -> str:  # noqa: ANN401 - a function of a text
    """Write a text plainly where it reads back, else in quotes."""
    return text if _PLAIN_WORD.fullmatch(text) is not None and reads_back(text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text)


def _is_itself(text: str) -> bool:
    try:
        return bool(read_text(text).value == text)
    except StudyError:
        return False


def _is_one_word(text: str) -> bool:
    try:
        return bool(read_text(f"[{text}]").value == [text])
    except StudyError:
        return False
