"""The ``forecast`` section of a study: the questions of platforms that it answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.nomenclature import OUTPUTS
from mcrace.study.dates import as_of_date
from mcrace.study.document import Document
from mcrace.study.hub import Hub, read_hub
from mcrace.study.parts import BASE
from mcrace.study.question import Question, read_questions
from mcrace.study.terms import shown

__all__ = ["FORECAST_SCHEMA", "Forecast", "forecast_faults", "forecast_of"]

_SECTION = "forecast"
_KEYS = ("questions", "hub")

_QUESTIONS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "object", "required": ["platform", "variable"]},
}

FORECAST_SCHEMA: dict[str, Any] = {
    "description": "Questions of forecasting platforms: platform, id, variable, range, scale and so on.",
    "anyOf": [
        _QUESTIONS,
        {
            "type": "object",
            "properties": {"questions": _QUESTIONS, "hub": {"type": "object"}},
            "required": ["questions"],
            "additionalProperties": False,
        },
    ],
}
"""What an editor knows of the section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a study forecasts.

    Attributes
    ----------
    questions : tuple of Question
        In its order.
    hub : Hub or None
        Where questions of a hub go.
    """

    questions: tuple[Question, ...] = ()
    hub: Hub | None = None


def forecast_of(section: Any, as_of: date | None) -> Forecast:  # noqa: ANN401 - any YAML value
    """Read the section.

    Parameters
    ----------
    section : object
        As it stands in the study; None if there is none.
    as_of : date or None
        Day 0 of the study.

    Returns
    -------
    Forecast
        Checked, but for names of the study.

    Raises
    ------
    StudyError
        With every fault.

    Examples
    --------
    >>> forecast_of([{"platform": "csv", "variable": "incentive"}], None).questions[0].scenario
    'base'
    """
    if section is None:
        return Forecast()
    if not isinstance(section, Mapping):
        return Forecast(questions=read_questions(section, _SECTION, as_of=as_of))
    faults = [
        Fault(
            path=f"{_SECTION}.{key}",
            found="an unknown key",
            expected="one of " + ", ".join(_KEYS),
            nearest=nearest_name(str(key), _KEYS),
        )
        for key in section
        if key not in _KEYS
    ]
    questions: tuple[Question, ...] = ()
    hub = None
    try:
        questions = read_questions(section.get("questions"), f"{_SECTION}.questions", as_of=as_of)
    except StudyError as error:
        faults += error.faults
    try:
        hub = None if "hub" not in section else read_hub(section["hub"], f"{_SECTION}.hub")
    except StudyError as error:
        faults += error.faults
    if faults:
        raise StudyError(faults)
    return Forecast(questions=questions, hub=hub)


def forecast_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find what is wrong with the section.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place.
    """
    section = study.get(_SECTION)
    if section is None:
        return
    try:
        found = forecast_of(section, _day(study.get("as_of")))
    except StudyError as error:
        for fault in error.faults:
            place = tuple(fault.path.split("."))
            yield document.located(fault, place, at_key=fault.found == "an unknown key")
        return
    above = (_SECTION,) if not isinstance(section, Mapping) else (_SECTION, "questions")
    known = {
        "variable": [*OUTPUTS, *_names(study.get("quantities")), *_names(study.get("inputs"))],
        "scenario": [BASE, *_names(document.value.get("scenarios"))],
    }
    for number, question in enumerate(found.questions):
        for key, names in known.items():
            name = getattr(question, key)
            path = (*above, str(number), key)
            if (
                name not in names
                and not name.startswith("model.")
                and not (key == "scenario" and "grid" in study)
            ):
                expected = "an output, a quantity or an input" if key == "variable" else "a scenario"
                fault = Fault(
                    path=".".join(path),
                    found=shown(name),
                    expected=expected,
                    nearest=nearest_name(name, names),
                )
                yield document.located(fault, path)
        if question.platform == "hubverse" and found.hub is None:
            path = (*above, str(number), "platform")
            fault = Fault(path=".".join(path), found="hubverse", expected="forecast.hub beside the questions")
            yield document.located(fault, path)


def _day(value: Any) -> date | None:  # noqa: ANN401
    if value is None:
        return None
    try:
        day: date = as_of_date(value)
    except StudyError:
        return None  # told at as_of itself
    return day


def _names(value: Any) -> list[str]:  # noqa: ANN401
    return [str(name) for name in value] if isinstance(value, Mapping) else []
