"""All files of a run's questions at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mcrace.errors import Fault, StudyError
from mcrace.forecast.draws import question_draws
from mcrace.forecast.hubverse import HubForecast, hub_files
from mcrace.forecast.metaculus import MetaculusCdf, metaculus_cdf, metaculus_json, metaculus_probability
from mcrace.forecast.metaculus_options import metaculus_options
from mcrace.forecast.plain import Driver, markdown_comment, plain_csv, plain_forecast, plain_json
from mcrace.forecast.squiggle import squiggle_expression
from mcrace.forecast.wording import share_text
from mcrace.study.hub import Hub
from mcrace.study.question import Question

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["ForecastFiles", "Picture", "forecast_files"]

Picture = Callable[["Result", Question, Sequence[Driver]], bytes]
"""Draws the card of a question as PNG; this room knows no plotting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastFiles:
    """What to write for the questions of a study.

    Attributes
    ----------
    files : Mapping of str to bytes
        Path below the folder of forecasts to content.
    notes : tuple of str
        What a forecaster should know of them before posting: how far from the draws they are, and what the
        platform or the range changed.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...]


def forecast_files(
    result: "Result",
    questions: Sequence[Question],
    *,
    hub: Hub | None = None,
    drivers: Mapping[str, Sequence[Driver]] = MappingProxyType({}),
    command: str = "",
    picture: Picture | None = None,
) -> ForecastFiles:
    """Write every question of a study in the form of its platform.

    Parameters
    ----------
    result : Result
        A finished run.
    questions : sequence of Question
        Each becomes a file ``PLATFORM-ID.ENDING`` (without an id the variable, and the scenario if it is not
        base); those of a hub become one hub.
    hub : Hub, optional
        Needed for questions of a hub. Their task is ``target`` (the id), ``scenario`` and ``horizon``, which
        counts days from the round to the day on which the question resolves.
    drivers : Mapping of str to sequence of Driver
        Output to what moves it in the base scenario, for comments and cards.
    command : str
        For comments: how to make the run again.
    picture : callable, optional
        Draws cards; comments then have theirs beside them.

    Returns
    -------
    ForecastFiles
        Files and notes.

    Raises
    ------
    StudyError
        With every fault of every question.
    """
    files: dict[str, bytes] = {}
    notes: list[str] = []
    faults: list[Fault] = []
    for question in (each for each in questions if each.platform != "hubverse"):
        name = _unused(_name(question), files)
        try:
            if question.platform in _DRAWN:
                moved = drivers.get(question.variable, ()) if question.scenario == "base" else ()
                drawn = b"" if picture is None else picture(result, question, moved)
                files |= _told(result, question, name, drawn, moved, command)
            else:
                files[name], told = _WRITERS[question.platform](result, question)
                notes += [f"{name}: {note}" for note in told]
        except StudyError as error:
            asked = f"{question.platform} {question.id or question.variable}"
            faults += [replace(fault, path=f"{asked}: {fault.path}") for fault in error.faults]
    in_hub = [each for each in questions if each.platform == "hubverse"]
    if in_hub:
        try:
            files |= {f"hub/{path}": data for path, data in _hub(result, in_hub, hub).items()}
        except StudyError as error:
            faults += error.faults
    if faults:
        raise StudyError(faults)
    return ForecastFiles(files=files, notes=tuple(notes))


def _told(
    result: "Result", question: Question, name: str, drawn: bytes, drivers: Sequence[Driver], command: str
) -> dict[str, bytes]:
    """Write a card, or a comment with its card beside it."""
    if question.platform == "card":
        if not drawn:
            raise StudyError([Fault(path="platform", found="card", expected="something that draws it")])
        return {name: drawn}
    beside = f"{name.removesuffix('.md')}.png" if drawn else ""
    comment = markdown_comment(
        [plain_forecast(result, question)], drivers=drivers, figure=beside, command=command
    )
    return {name: comment, **({beside: drawn} if drawn else {})}


def _metaculus(result: "Result", question: Question) -> tuple[bytes, list[str]]:
    draws = question_draws(result, question)
    if question.kind == "binary":
        answer = metaculus_probability(draws, question)
        return metaculus_json(answer), list(answer.warnings)
    if question.kind == "multiple_choice":
        choice = metaculus_options(draws, question)
        return metaculus_json(choice), list(choice.warnings)
    posted = metaculus_cdf(draws, question)
    return metaculus_json(posted), [_distance(posted), *posted.warnings]


def _distance(posted: MetaculusCdf) -> str:
    furthest, area = share_text(posted.kolmogorov), share_text(posted.wasserstein)
    return f"at most {furthest} from the draws (Kolmogorov), {area} of the range (Wasserstein)"


def _squiggle(result: "Result", question: Question) -> tuple[bytes, list[str]]:
    name = re.sub(r"\W", "_", question.id or question.variable, flags=re.ASCII)
    name = name[:1].lower() + name[1:]
    named = name if name[:1].isalpha() else f"x{name}"
    return (squiggle_expression(question_draws(result, question), name=named) + "\n").encode(), []


def _csv(result: "Result", question: Question) -> tuple[bytes, list[str]]:
    return plain_csv([plain_forecast(result, question)]), []


def _json(result: "Result", question: Question) -> tuple[bytes, list[str]]:
    return plain_json([plain_forecast(result, question)]), []


def _hub(result: "Result", questions: Sequence[Question], hub: Hub | None) -> dict[str, bytes]:
    if hub is None:
        raise StudyError(
            [Fault(path="hub", found="nothing", expected="a mapping with team, model and round")]
        )
    forecasts = []
    for question in questions:
        name = question.id or question.variable
        if question.resolves is None or question.resolves < hub.round:
            found = "nothing" if question.resolves is None else question.resolves.isoformat()
            expected = f"a day from the round on, {hub.round.isoformat()}"
            raise StudyError([Fault(path=f"{name}: resolves", found=found, expected=expected)])
        days = (question.resolves - hub.round).days
        task = {"target": name, "scenario": question.scenario, "horizon": str(days)}
        values = question_draws(result, question)
        forecasts.append(HubForecast(task=task, values=values, most=question.high))
    return hub_files(hub, forecasts)


def _name(question: Question) -> str:
    name = question.id or question.variable + ("" if question.scenario == "base" else f"-{question.scenario}")
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:80]
    return f"{question.platform}-{safe}.{_ENDINGS[question.platform]}"


def _unused(name: str, files: Mapping[str, bytes]) -> str:
    """Give a name a number if it is taken already."""
    stem, _, ending = name.rpartition(".")
    place = 1
    while name in files:
        place += 1
        name = f"{stem}-{place}.{ending}"
    return name


_Writer = Callable[["Result", Question], tuple[bytes, list[str]]]

_WRITERS: Final[Mapping[str, _Writer]] = {
    "metaculus": _metaculus,
    "squiggle": _squiggle,
    "csv": _csv,
    "json": _json,
}
_DRAWN: Final = ("card", "markdown")
_ENDINGS: Final[Mapping[str, str]] = {
    "metaculus": "json",
    "squiggle": "squiggle",
    "csv": "csv",
    "json": "json",
    "markdown": "md",
    "card": "png",
}
