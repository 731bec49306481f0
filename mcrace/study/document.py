"""YAML text to plain values with the place of each, by YAML 1.2's rules for numbers and words.

Nothing in a study is ever executed: tags, aliases and merges are refused, and so is what would be
read differently by two readers (a repeated key, a second document).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from mcrace.errors import Fault, StudyError
from mcrace.study.yaml_words import problem_in_words

__all__ = ["DEEPEST", "Document", "Place", "Source", "read_document", "read_text", "resolved_scalar"]

_LARGEST = 1_000_000
DEEPEST = 64
_TOO_DEEP, _FLATTER = f"more than {DEEPEST} levels of nesting", "a flatter study"
_OPENINGS = re.compile(rf"[\[{{](?:\s*[\[{{]){{{DEEPEST}}}")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # Python's own lines end at more than YAML's
_MOST_VALUES = 20_000
_LARGE = 5_000  # characters: above, the other parser would take a hundredth of a second and more
_FAR = 200_000
# What PyYAML's two parsers may read differently: outside lines that are comments, or beside rare breaks.
_READ_OTHERWISE = re.compile("(?m)^(?! *#)[^\n]*?(?:[\t?]|[>|]#)|\r(?!\n)|[\x85\u2028\u2029\ufeff]")
_LONGEST_NUMBER = 1_000
_LONGEST_QUOTE = 40

_INTEGER = re.compile(r"[-+]?[0-9][0-9_]*")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file as text: its name, and its lines for excerpts."""

    file: str | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column of a key and of its value, counted from 1.

    Attributes
    ----------
    key, value : tuple of int
        Line and column.
    source : Source or None
        The file that they are counted in; None for the document's own.
    """

    key: tuple[int, int]
    value: tuple[int, int]
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file as plain values, and where each of them stands.

    Attributes
    ----------
    value : object
        Nested dicts, lists, texts, numbers, booleans and None.
    places : Mapping
        Path (a tuple of keys and list indices as texts) to place.
    file : str or None
        Where it was read from.
    lines : tuple of str
        The text, for excerpts.
    """

    value: Any
    places: Mapping[tuple[str, ...], Place]
    file: str | None
    lines: tuple[str, ...]

    def located(self, fault: Fault, path: tuple[str, ...], *, at_key: bool = False) -> Fault:
        """Give a fault its place: that of the path, or of the nearest part of it that was written.

        Parameters
        ----------
        fault : Fault
            Without a place.
        path : tuple of str
            Where it stands.
        at_key : bool
            Point at the key and not at its value.

        Returns
        -------
        Fault
            With file, line, column and excerpt.
        """
        known, left = (path, 0) if path in self.places else self._written((), path)
        place = self.places.get(known)
        if place is None:
            return replace(fault, file=self.file)
        line, column = place.key if at_key and not left else place.value
        return self._at(fault, line, column, place.source)

    def _written(self, known: tuple[str, ...], rest: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
        """Follow a path as far as it was written; say how many of its parts are left.

        The path of a fault was cut at dots, and a key may hold some: the level of a quantile, say.
        """
        best = known, len(rest)
        for size in range(1, len(rest) + 1):
            below = (*known, ".".join(rest[:size]))
            if below in self.places:
                best = min(best, self._written(below, rest[size:]), key=lambda found: found[1])
        return best

    def _at(self, fault: Fault, line: int, column: int, source: Source | None = None) -> Fault:
        file, lines = (self.file, self.lines) if source is None else (source.file, source.lines)
        excerpt = lines[line - 1] if line <= len(lines) else ""
        return replace(fault, file=file, line=line, column=column, **_clipped(excerpt, column))


def read_document(path: str | Path) -> Document:
    """Read a YAML file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Document
        Its values and their places.

    Raises
    ------
    StudyError
        If the file cannot be read or is no plain YAML.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        fault = Fault(path="", file=name, found=reason, expected="a study file that can be read")
        raise StudyError([fault]) from error
    except ValueError as error:
        fault = Fault(path="", file=repr(name), found=str(error), expected="the name of a study file")
        raise StudyError([fault]) from error
    if len(data) > _LARGEST:
        fault = Fault(path="", file=name, found="more than 1 MB", expected="a study file of at most 1 MB")
        raise StudyError([fault])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _end_of(data[: error.start].decode("utf-8-sig", errors="replace"))
        found = f"the byte 0x{data[error.start]:02x}, which is not UTF-8"
        fault = Fault(path="", file=name, line=line, column=column, found=found, expected="UTF-8 text")
        raise StudyError([fault]) from error
    return read_text(text, name)


def read_text(text: str, file: str | None = None) -> Document:
    """Read YAML text.

    Parameters
    ----------
    text : str
        One YAML document.
    file : str or None
        Name for the messages.

    Returns
    -------
    Document
        Its values and their places.

    Raises
    ------
    StudyError
        At the first thing that is no plain YAML.

    Examples
    --------
    >>> read_text("{draws: 1e6, seed: 1_000, word: no}").value
    {'draws': 1000000.0, 'seed': 1000, 'word': 'no'}
    """
    reader = _Reader(Document(value=None, places={}, file=file, lines=tuple(text.splitlines())))
    opened = _OPENINGS.search(text)
    if opened is not None:
        # The reader below would say so too, but YAML's scanner takes seconds to get there.
        line, column = _end_of(text[: opened.end() - 1])
        raise reader.error(_TOO_DEEP, _FLATTER, yaml.Mark("", 0, line - 1, column - 1, None, 0))
    fast = _read_fast(reader, text) if len(text) > _LARGE else None
    return (fast or _read(reader.anew(), text)).finished()


def _read(reader: "_Reader", text: str) -> "_Reader":
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        raise reader.error(*problem_in_words(error)) from error
    except yaml.reader.ReaderError as error:
        line, column = _end_of(text[: error.position])
        found, mark = (
            f"the character U+{error.character:04X}",
            yaml.Mark("", 0, line - 1, column - 1, None, 0),
        )
        raise reader.error(found, "printable text", mark) from error
    except (ValueError, AttributeError, IndexError, RecursionError) as error:
        raise reader.error("text that YAML cannot read", "YAML", None) from error
    return reader


def _read_fast(reader: "_Reader", text: str) -> "_Reader | None":
    """Read a large text with PyYAML's C parser where there is one: a megabyte takes the other one seconds.

    What the two may read differently, or say differently of an early fault, is left to the other.
    """
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        return None
    try:
        for event in yaml.parse(text, Loader=loader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        if error.problem_mark is None or error.problem_mark.index < _FAR:
            return None
        raise reader.error(*problem_in_words(error)) from error
    except (yaml.YAMLError, ValueError, AttributeError, IndexError, RecursionError):
        return None
    return reader if reader.is_empty() or _READ_OTHERWISE.search(text) is None else None


class _Reader:
    """Builds values from YAML's events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._places: dict[tuple[str, ...], Place] = {}
        self._stack: list[tuple[Any, tuple[str, ...]]] = []
        self._key: tuple[str, Any] | None = None
        self._root: list[Any] = []

    def anew(self) -> "_Reader":
        """Give a reader of the same document that has taken nothing."""
        return _Reader(self._document)

    def is_empty(self) -> bool:
        """Tell whether no value was taken."""
        return not self._root

    def finished(self) -> Document:
        """Give the document once all events are taken."""
        if self.is_empty():
            raise self.error("an empty file", "a study: keys such as study and model", None)
        return replace(self._document, value=self._root[0], places=self._places)

    def error(self, found: str, expected: str, mark: Any) -> StudyError:  # noqa: ANN401
        """Make the exception for a fault at a mark."""
        fault = Fault(path="", file=self._document.file, found=found, expected=expected)
        if mark is not None:
            fault = self._document._at(fault, mark.line + 1, mark.column + 1)
        return StudyError([fault])

    def take(self, event: Any) -> None:  # noqa: ANN401 - yaml.Event has no typed fields
        """Take the next event."""
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self.error("an anchor or alias", "plain values: write the value out", mark)
        if getattr(event, "tag", None) is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise self.error(f"the tag {tag}", "plain values: a study runs no code", mark)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            path = self._place(container, mark)
            self._stack.append((container, path))
            if len(self._stack) > DEEPEST:
                raise self.error(_TOO_DEEP, _FLATTER, mark)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self._root:
            raise self.error("a second document", "one study a file", mark)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        container = self._stack[-1][0] if self._stack else None
        if isinstance(container, dict) and self._key is None:
            self._take_key(event, container)
            return
        plain = not event.style  # None, or '' where the C parser made the event
        try:
            value = resolved_scalar(event.value) if plain else event.value
        except ValueError as error:
            found, expected = error.args
            raise self.error(found, expected, event.start_mark) from None
        self._place(value, event.start_mark)

    def _take_key(self, event: yaml.ScalarEvent, container: dict[str, Any]) -> None:
        name, mark = event.value, event.start_mark
        if name in container:
            raise self.error(f"the key {name!r} again", "each key once", mark)
        if name == "<<" and not event.style:
            raise self.error("the merge key <<", "plain values: write the keys out", mark)
        if not name.isprintable():
            raise self.error(f"the key {name!r}", "a key of printable characters", mark)
        self._key = (name, mark)

    def _place(self, value: Any, mark: Any) -> tuple[str, ...]:  # noqa: ANN401
        """Put a value where it belongs and note where it stands."""
        at = (mark.line + 1, mark.column + 1)
        if len(self._places) >= _MOST_VALUES:
            raise self.error(f"more than {_MOST_VALUES} values", "a smaller study", mark)
        if not self._stack:
            self._root.append(value)
            self._places[()] = Place(at, at)
            return ()
        container, above = self._stack[-1]
        if isinstance(container, list):
            path = (*above, str(len(container)))
            container.append(value)
            self._places[path] = Place(at, at)
            return path
        if self._key is None:
            raise self.error("a key that is not a word", "a key such as model", mark)
        name, key_mark = self._key
        self._key = None
        container[name] = value
        path = (*above, name)
        self._places[path] = Place((key_mark.line + 1, key_mark.column + 1), at)
        return path


def resolved_scalar(text: str) -> Any:  # noqa: ANN401
    """Value of a plain scalar by YAML 1.2's core schema, with _ allowed inside numbers.

    A whole number of very many digits is a ValueError, and so is a number that would become infinite: it
    holds what was found and what was expected.
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST_NUMBER and (_INTEGER.fullmatch(text) or _BASED.fullmatch(text)):
        raise ValueError(f"a number of {len(text)} characters", f"at most {_LONGEST_NUMBER}")
    if _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text.replace("_", ""))
        if math.isinf(number):
            raise ValueError(
                f"the number {text[:_LONGEST_QUOTE]}", "a number below 1.8e308, or .inf for infinity"
            )
        return number
    return text


def _end_of(text: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows a text."""
    lines = _BREAK.split(text)
    return len(lines), len(lines[-1]) + 1


def _clipped(excerpt: str, column: int) -> dict[str, Any]:
    """Excerpt of a line; a long one is not shown, since the pointer would be off the screen."""
    return {"excerpt": excerpt if len(excerpt) <= 120 and column <= 120 and excerpt.isprintable() else None}
