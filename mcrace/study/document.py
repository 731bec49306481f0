"""YAML text to plain values with the place of each, by YAML 1.2's rules for numbers and words.

Nothing in a study is ever executed: tags, aliases and merges are refused, and so is what would be
read differently by two readers (a repeated key, a second document).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from mcrace.errors import Fault, StudyError

__all__ = ["Document", "Place", "read_document", "read_text", "resolved_scalar"]

_LARGEST = 1_000_000
_DEEPEST = 64

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
class Place:
    """Line and column of a key and of its value, counted from 1."""

    key: tuple[int, int]
    value: tuple[int, int]


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
        known = path
        while known and known not in self.places:
            known = known[:-1]
        place = self.places.get(known)
        if place is None:
            return replace(fault, file=self.file)
        line, column = place.key if at_key and known == path else place.value
        return self._at(fault, line, column)

    def _at(self, fault: Fault, line: int, column: int) -> Fault:
        excerpt = self.lines[line - 1] if line <= len(self.lines) else ""
        return replace(fault, file=self.file, line=line, column=column, **_clipped(excerpt, column))


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
        line = data[: error.start].count(b"\n") + 1
        found = f"the byte 0x{data[error.start]:02x}, which is not UTF-8"
        raise StudyError(
            [Fault(path="", file=name, line=line, found=found, expected="UTF-8 text")]
        ) from error
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
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise reader.error(_yaml_problem(error), "YAML", mark) from error
    except yaml.YAMLError as error:
        raise reader.error(_unprintable(text), "printable text", None) from error
    except (ValueError, AttributeError, IndexError, RecursionError) as error:
        raise reader.error("text that YAML cannot read", "YAML", None) from error
    return reader.finished()


class _Reader:
    """Builds values from YAML's events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._places: dict[tuple[str, ...], Place] = {}
        self._stack: list[tuple[Any, tuple[str, ...]]] = []
        self._key: tuple[str, Any] | None = None
        self._root: list[Any] = []

    def finished(self) -> Document:
        """Give the document once all events are taken."""
        if not self._root:
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
            raise self.error(f"the tag {event.tag}", "plain values: a study runs no code", mark)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            path = self._place(container, mark)
            self._stack.append((container, path))
            if len(self._stack) > _DEEPEST:
                raise self.error(f"more than {_DEEPEST} levels of nesting", "a flatter study", mark)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self._root:
            raise self.error("a second document", "one study a file", mark)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        container = self._stack[-1][0] if self._stack else None
        if isinstance(container, dict) and self._key is None:
            if event.value in container:
                raise self.error(f"the key {event.value!r} again", "each key once", event.start_mark)
            self._key = (event.value, event.start_mark)
            return
        plain = event.style is None
        try:
            value = resolved_scalar(event.value) if plain else event.value
        except ValueError:
            raise self.error("a number too long to read", "a number", event.start_mark) from None
        self._place(value, event.start_mark)

    def _place(self, value: Any, mark: Any) -> tuple[str, ...]:  # noqa: ANN401
        """Put a value where it belongs and note where it stands."""
        at = (mark.line + 1, mark.column + 1)
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
    """Value of a plain scalar by YAML 1.2's core schema, with _ allowed inside numbers."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    return text


def _yaml_problem(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "text that is no YAML"
    return problem.replace("found character '\\t' that cannot start any token", "a tab (indent by spaces)")


def _unprintable(text: str) -> str:
    for line, content in enumerate(text.splitlines(), start=1):
        for character in content:
            if not character.isprintable() and character != "\t":
                return f"the character U+{ord(character):04X} in line {line}"
    return "a character that YAML does not allow"


def _clipped(excerpt: str, column: int) -> dict[str, Any]:
    """Excerpt of a line; a long one is not shown, since the pointer would be off the screen."""
    return {"excerpt": excerpt if len(excerpt) <= 120 and column <= 120 and excerpt.isprintable() else None}
