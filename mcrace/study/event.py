"""Events and options: what a question asks of a variable besides its value."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mcrace.errors import nearest_name
from mcrace.study.reading import Reader

__all__ = ["Event", "Option", "read_event", "read_options"]

_RELATIONS: Final = ("above", "at_least", "below", "at_most", "never")
_REST = "rest"
_MOST_OPTIONS = 100
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Event:
    """What a binary question asks of a variable, in the question's unit.

    Attributes
    ----------
    relation : str
        ``above``, ``at_least``, ``below``, ``at_most`` or ``never``.
    threshold : float
        What the variable is held against; infinite for ``never``.
    """

    relation: str
    threshold: float = math.inf


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a question of multiple choice.

    Attributes
    ----------
    name : str
        As the platform writes it.
    events : tuple of Event
        All of which hold; none for the option that takes whatever no other does.
    """

    name: str
    events: tuple[Event, ...]


def read_event(value: Mapping[Any, Any], reader: Reader, kind: str) -> Event | None:
    """Read the ``event`` of a question.

    Parameters
    ----------
    value : Mapping
        The question.
    reader : Reader
        Collects the faults.
    kind : str
        Of the question.

    Returns
    -------
    Event or None
        None for a question without one, or a wrong one.
    """
    given = value.get("event")
    expected = "one of " + ", ".join(_RELATIONS) + ", such as {above: 0} or {never: true}"
    if kind != "binary":
        if given is not None:
            reader.fault("event", given, "it with kind: binary only")
        return None
    if not isinstance(given, Mapping) or len(given) != 1:
        reader.fault("event", given, expected)
        return None
    ((relation, threshold),) = given.items()
    return _event(relation, threshold, "event", reader)


def read_options(value: Mapping[Any, Any], reader: Reader, kind: str) -> tuple[Option, ...]:
    """Read the ``options`` of a question.

    Parameters
    ----------
    value : Mapping
        The question.
    reader : Reader
        Collects the faults.
    kind : str
        Of the question.

    Returns
    -------
    tuple of Option
        In the study's order; empty for a question of another kind.

    Examples
    --------
    >>> reader = Reader("")
    >>> asked = {"options": {"soon": {"at_most": 30}, "later": {"rest": True}}}
    >>> [(option.name, len(option.events)) for option in read_options(asked, reader, "multiple_choice")]
    [('soon', 1), ('later', 0)]
    """
    given = value.get("options")
    if kind != "multiple_choice":
        if given is not None:
            reader.fault("options", given, "it with kind: multiple_choice only")
        return ()
    if not isinstance(given, Mapping) or not 2 <= len(given) <= _MOST_OPTIONS:
        expected = f"a mapping of 2 to {_MOST_OPTIONS} options, such as {{soon: {{at_most: 30}}, later: "
        reader.fault("options", given, expected + "{above: 30}}")
        return ()
    return tuple(_option(str(name), asked, reader) for name, asked in given.items())


def _option(name: str, asked: Any, reader: Reader) -> Option:  # noqa: ANN401 - any YAML value
    where = f"options.{name}"
    if not 0 < len(name) <= _LONGEST_NAME:
        reader.wrong("options", f"a name of {len(name)} letters", f"1 to {_LONGEST_NAME} letters")
    elif not name.isprintable():
        reader.wrong("options", f"the name {name!r}", "printable letters")
    if asked == {_REST: True}:
        return Option(name, ())
    if not isinstance(asked, Mapping) or not 1 <= len(asked) <= 2:
        expected = (
            "one or two of " + ", ".join(_RELATIONS) + ", such as {above: 30, at_most: 90}, or {rest: true}"
        )
        reader.fault(where, asked, expected)
        return Option(name, ())
    read = (_event(relation, threshold, where, reader) for relation, threshold in asked.items())
    return Option(name, tuple(event for event in read if event is not None))


def _event(relation: Any, threshold: Any, where: str, reader: Reader) -> Event | None:  # noqa: ANN401
    expected = "one of " + ", ".join(_RELATIONS) + ", such as {above: 0} or {never: true}"
    if relation not in _RELATIONS:
        nearest = nearest_name(relation, _RELATIONS) if isinstance(relation, str) else None
        reader.fault(where, relation, expected, nearest)
        return None
    if relation == "never":
        if threshold is not True:
            reader.fault(f"{where}.never", threshold, "true")
        return Event(relation)
    return Event(relation, reader.number(threshold, f"{where}.{relation}"))
