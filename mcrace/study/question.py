"""A question of a forecasting platform: what is asked, on which range, and which variable answers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from mcrace.errors import StudyError
from mcrace.study.event import Event, Option, read_event, read_options
from mcrace.study.reading import Reader, unix_seconds
from mcrace.study.terms import shown

__all__ = [
    "CONTINUOUS_OUTCOMES",
    "KINDS",
    "PLATFORMS",
    "Event",
    "Question",
    "read_question",
    "read_questions",
]

CONTINUOUS_OUTCOMES: Final = 200
"""Cells inside the range of a question that is not discrete."""

PLATFORMS: Final = ("metaculus", "hubverse", "squiggle", "csv", "json", "markdown", "card")
"""Where a forecast can go."""

KINDS: Final = ("numeric", "discrete", "date", "binary", "multiple_choice")
"""What may be asked: a number, a whole number, a day, whether something happens, or which of several."""

_CHOICES: Final = ("binary", "multiple_choice")

_SCALES: Final = ("linear", "log")
_BOUNDS: Final = ("lower", "upper")
_UNIT: Final = ("factor", "offset", "name")
_SECONDS_A_DAY = 86_400.0

_KEYS: Final = (
    "platform",
    "id",
    "title",
    "variable",
    "scenario",
    "kind",
    "range",
    "scale",
    "zero_point",
    "open",
    "outcomes",
    "event",
    "options",
    "unit",
    "resolves",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a platform.

    Attributes
    ----------
    platform : str
        One of `PLATFORMS`.
    id : str
        The platform's number or name of the question.
    title : str
        For the reader.
    variable : str
        Output, input or quantity of the study.
    scenario : str
        Whose draws answer it.
    kind : str
        One of `KINDS`.
    low, high : float or None
        The question's range, in its unit (unix seconds for a date); None where none is declared. For a
        discrete question these lie half a unit outside of the first and the last outcome.
    zero_point : float or None
        Of a logarithmic scale, below `low`; None on a linear one.
    open_low, open_high : bool
        Whether the outcome may lie beyond an end.
    outcomes : int
        Cells inside the range: 200 but for a discrete question.
    event : Event or None
        Of a binary question.
    options : tuple of Option
        Of a question of multiple choice: a draw answers with the first that it fits.
    factor, offset : float
        The question's number is factor * variable + offset.
    unit : str
        Of the question's number; empty for the variable's own.
    resolves : date or None
        When the answer will be known.
    """

    platform: str
    variable: str
    id: str = ""
    title: str = ""
    scenario: str = "base"
    kind: str = "numeric"
    low: float | None = None
    high: float | None = None
    zero_point: float | None = None
    open_low: bool = True
    open_high: bool = True
    outcomes: int = CONTINUOUS_OUTCOMES
    event: Event | None = None
    options: tuple[Option, ...] = ()
    factor: float = 1.0
    offset: float = 0.0
    unit: str = ""
    resolves: date | None = None


def read_question(value: Any, path: str = "", *, as_of: date | None = None) -> Question:  # noqa: ANN401
    """Check a question as it stands in a study.

    Parameters
    ----------
    value : object
        A mapping with ``platform`` and ``variable``, and where they are needed ``id``, ``title``,
        ``scenario``, ``kind``, ``range: [low, high]``, ``scale``, ``zero_point``, ``open: {lower, upper}``
        (or true or false for both), ``outcomes``, ``event: {above: 0}``, ``options: {NAME: {at_most: 30}}``,
        ``unit: {factor, offset, name}``,
        ``resolves``.
    path : str
        Where it stands, for messages.
    as_of : date, optional
        Day 0 of the study. A date question then takes a variable in days unless it has a ``unit``.

    Returns
    -------
    Question
        Checked.

    Raises
    ------
    StudyError
        With every fault. Whether there is such a variable and scenario is not looked at.

    Examples
    --------
    >>> asked = {"platform": "metaculus", "id": 4, "variable": "lag", "range": [0, 60]}
    >>> question = read_question({**asked, "open": {"lower": False}})
    >>> question.low, question.high, question.open_low, question.open_high
    (0.0, 60.0, False, True)
    >>> read_question({**asked, "range": [60, 0]}, "forecast.lag")
    Traceback (most recent call last):
    ...
    mcrace.errors.StudyError: forecast.lag.range: found [60, 0], expected [low, high]: two numbers, rising
    """
    reader = Reader(path)
    if not isinstance(value, Mapping):
        reader.fault("", value, "a mapping with platform and variable")
        raise StudyError(reader.faults)
    reader.known(value, "", _KEYS)
    question = _read(value, reader, as_of)
    if reader.faults or question is None:
        raise StudyError(reader.faults)
    return question


def read_questions(value: Any, path: str = "", *, as_of: date | None = None) -> tuple[Question, ...]:  # noqa: ANN401
    """Check a list of questions as it stands in a study.

    Parameters
    ----------
    value : object
        A list of mappings, each as for `read_question`.
    path : str
        Where it stands, for messages.
    as_of : date, optional
        Day 0 of the study.

    Returns
    -------
    tuple of Question
        In the list's order.

    Raises
    ------
    StudyError
        With every fault of every question; two questions of a platform with one id are a fault.

    Examples
    --------
    >>> asked = {"platform": "csv", "id": "lag", "variable": "lag"}
    >>> read_questions([asked, asked], "forecast")
    Traceback (most recent call last):
    ...
    mcrace.errors.StudyError: forecast.1.id: found 'lag', expected an id that no other question of csv has
    """
    reader = Reader(path)
    if not isinstance(value, list | tuple):
        reader.fault("", value, "a list of questions")
        raise StudyError(reader.faults)
    questions: list[Question] = []
    for place, each in enumerate(value):
        try:
            question = read_question(each, f"{path}.{place}".lstrip("."), as_of=as_of)
        except StudyError as error:
            reader.faults.extend(error.faults)
            continue
        if question.id and any((q.platform, q.id) == (question.platform, question.id) for q in questions):
            expected = f"an id that no other question of {question.platform} has"
            reader.fault(f"{place}.id", question.id, expected)
        questions.append(question)
    if reader.faults:
        raise StudyError(reader.faults)
    return tuple(questions)


def _read(value: Mapping[Any, Any], reader: Reader, as_of: date | None) -> Question | None:
    kind = reader.choice(value, "kind", KINDS, _kind(value))
    platform = reader.choice(value, "platform", PLATFORMS, None)
    low, high = _range(value, reader, kind, needed=platform == "metaculus" and kind not in _CHOICES)
    open_low, open_high = _open(value.get("open", True), reader)
    factor, offset, unit = _unit(value, reader, kind, as_of)
    resolves = value.get("resolves")
    question = Question(
        platform=platform,
        id=reader.text(value, "id", ""),
        title=reader.text(value, "title", ""),
        variable=reader.text(value, "variable", None),
        scenario=reader.text(value, "scenario", "base"),
        kind=kind,
        low=low,
        high=high,
        zero_point=_zero_point(value, reader, kind, low),
        open_low=open_low,
        open_high=open_high,
        outcomes=_outcomes(value, reader, kind),
        event=read_event(value, reader, kind),
        options=read_options(value, reader, kind),
        factor=factor,
        offset=offset,
        unit=unit,
        resolves=None if resolves is None else reader.day(resolves, "resolves"),
    )
    return None if reader.faults else question


def _kind(value: Mapping[Any, Any]) -> str:
    """Tell the kind of a question that does not say it."""
    return "binary" if "event" in value else "multiple_choice" if "options" in value else "numeric"


def _range(
    value: Mapping[Any, Any], reader: Reader, kind: str, *, needed: bool
) -> tuple[float | None, float | None]:
    given = value.get("range")
    what = "two dates" if kind == "date" else "two numbers"
    expected = f"[low, high]: {what}, rising"
    if given is None and not needed:
        return None, None
    if not isinstance(given, list | tuple) or len(given) != 2:
        reader.fault("range", given, expected)
        return None, None
    before = len(reader.faults)
    read = reader.moment if kind == "date" else reader.number
    ends = [read(end, f"range.{place}") for place, end in enumerate(given)]
    if len(reader.faults) == before and not ends[0] < ends[1]:
        found = f"[{shown(given[0])}, {shown(given[1])}]"
        reader.wrong("range", found, expected)
    return ends[0], ends[1]


def _zero_point(value: Mapping[Any, Any], reader: Reader, kind: str, low: float | None) -> float | None:
    before = len(reader.faults)
    logarithmic = reader.choice(value, "scale", _SCALES, "linear") == "log"
    given = value.get("zero_point")
    if len(reader.faults) > before:
        return None
    if not logarithmic or kind in ("discrete", *_CHOICES):
        if logarithmic:
            reader.fault("scale", "log", f"linear for a {kind} question")
        elif given is not None:
            reader.fault("zero_point", given, "it with scale: log only")
        return None
    read = reader.moment if kind == "date" else reader.number
    number = read(given, "zero_point")
    if low is not None and number >= low:
        reader.fault("zero_point", given, "a number below the low end of range")
    return number


def _open(given: Any, reader: Reader) -> tuple[bool, bool]:  # noqa: ANN401
    if not isinstance(given, Mapping):
        both = reader.flag(given, "open")
        return both, both
    reader.known(given, "open", _BOUNDS)
    return reader.flag(given.get("lower", True), "open.lower"), reader.flag(
        given.get("upper", True), "open.upper"
    )


def _unit(
    value: Mapping[Any, Any], reader: Reader, kind: str, as_of: date | None
) -> tuple[float, float, str]:
    given = value.get("unit")
    if given is None and kind == "date":
        if as_of is None:
            reader.fault("unit", None, "unit: {factor, offset} to unix seconds, or as_of in the study")
            return 1.0, 0.0, ""
        return _SECONDS_A_DAY, unix_seconds(as_of), "unix seconds"
    if given is None or isinstance(given, str):
        return 1.0, 0.0, given or ""
    if not isinstance(given, Mapping):
        reader.fault("unit", given, "a mapping of factor, offset and name, or a name")
        return 1.0, 0.0, ""
    reader.known(given, "unit", _UNIT)
    factor = reader.number(given.get("factor", 1), "unit.factor", "a finite number that is not 0")
    if factor == 0:
        reader.fault("unit.factor", given["factor"], "a finite number that is not 0")
    offset = reader.number(given.get("offset", 0), "unit.offset")
    name = given.get("name", "unix seconds" if kind == "date" else "")
    if not isinstance(name, str):
        reader.fault("unit.name", name, "a text")
    return factor, offset, str(name)


def _outcomes(value: Mapping[Any, Any], reader: Reader, kind: str) -> int:
    given = value.get("outcomes")
    if kind != "discrete":
        if given is not None:
            reader.fault("outcomes", given, "it with kind: discrete only")
        return CONTINUOUS_OUTCOMES
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= CONTINUOUS_OUTCOMES:
        reader.fault("outcomes", given, f"a whole number from 1 to {CONTINUOUS_OUTCOMES}")
        return CONTINUOUS_OUTCOMES
    return given
