"""Attachments for forecasts, from a finished run: what the study declares, or one variable by request."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.forecast.files import ForecastFiles, Picture, forecast_files
from mcrace.forecast.plain import Driver
from mcrace.study.hub import Hub, read_hub
from mcrace.study.question import PLATFORMS, Question, read_question

if TYPE_CHECKING:
    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = ["FORMATS", "declared_files", "drivers_of", "exported_files"]

FORMATS = (*PLATFORMS, "bundle")
"""What a run can be exported as."""

_MOST_DRIVERS = 3


def declared_files(
    result: "Result", found: "Analyses | None" = None, picture: Picture | None = None
) -> ForecastFiles:
    """Write every question that the study declares.

    Parameters
    ----------
    result : Result
        A finished run.
    found : Analyses, optional
        Of the same run: the drivers that comments name.
    picture : callable, optional
        Draws cards; without it there are none.

    Returns
    -------
    ForecastFiles
        Empty if the study declares none.

    Raises
    ------
    StudyError
        If a question cannot be answered by the run.
    """
    forecast = result.study.forecast
    if not forecast.questions:
        return ForecastFiles(files={}, notes=())
    return forecast_files(
        result,
        forecast.questions,
        hub=forecast.hub,
        drivers={} if found is None else drivers_of(result, found),
        command="mcrace run study.yaml",
        picture=picture,
    )


def exported_files(
    result: "Result",
    form: str,
    asked: Mapping[str, Any] | None = None,
    hub: Mapping[str, Any] | None = None,
    picture: Picture | None = None,
) -> ForecastFiles:
    """Write one form: of a variable that is asked for, or of all questions that the study declares for it.

    Parameters
    ----------
    result : Result
        A finished run.
    form : str
        One of the platforms and formats of `mcrace.study.question`.
    asked : Mapping, optional
        A question as it stands in a study, but for its platform; by default those of the study.
    hub : Mapping, optional
        As it stands in a study; by default that of the study.
    picture : callable, optional
        Draws cards; without it there are none.

    Returns
    -------
    ForecastFiles
        Files and notes.

    Raises
    ------
    StudyError
        If there is no such form, nothing is declared for it, or a question cannot be answered.
    """
    if form not in PLATFORMS:
        nearest = nearest_name(form, FORMATS)
        expected = "one of " + ", ".join(FORMATS)
        raise StudyError([Fault(path="--format", found=repr(form), expected=expected, nearest=nearest)])
    study = result.study
    questions: list[Question] = [each for each in study.forecast.questions if each.platform == form]
    if asked:
        questions = [read_question({"platform": form, **asked}, "", as_of=study.as_of)]
        _check_names(result, questions[0])
    if not questions:
        expected = "--output NAME, since the study declares no question for it under forecast"
        raise StudyError([Fault(path="--format", found=form, expected=expected)])
    read: Hub | None = study.forecast.hub if hub is None else read_hub(hub, "hub")
    return forecast_files(result, questions, hub=read, command="mcrace run study.yaml", picture=picture)


def drivers_of(result: "Result", found: "Analyses") -> dict[str, tuple[Driver, ...]]:
    """Name the inputs that drive each output of the analyses most.

    Parameters
    ----------
    result : Result
        A finished run.
    found : Analyses
        Of the same run.

    Returns
    -------
    dict of str to tuple of Driver
        Output, in the base scenario, to at most three, the largest share of the variance first.
    """
    from mcrace.analysis.analyses import input_labels

    shares = None
    if found.sobol is not None:
        shares = found.sobol.total
    elif found.shapley is not None:
        shares = found.shapley.share
    elif found.from_draws is not None:
        shares = found.from_draws.first
    labels = input_labels(result.study)
    named: dict[str, tuple[Driver, ...]] = {}
    for row, output in enumerate(() if shares is None else found.outputs):
        if shares is None or np.isnan(shares.value[row]).all():
            continue
        order = np.argsort(-np.nan_to_num(shares.value[row], nan=-1.0), kind="stable")[:_MOST_DRIVERS]
        named[output] = tuple(
            Driver(
                label=labels[found.inputs[place]],
                share=float(shares.value[row, place]),
                standard_error=float(shares.standard_error[row, place]),
            )
            for place in order
        )
    return named


def _check_names(result: "Result", question: Question) -> None:
    statistics, faults = result.statistics, []
    columns = [str(name) for name in result.draws.columns[2:]]
    for key, name, known in (
        ("--output", question.variable, columns),
        ("--scenario", question.scenario, list(statistics.scenarios)),
    ):
        if name not in known:
            listed = "one of " + ", ".join(known[:40])
            faults.append(
                Fault(path=key, found=repr(name), expected=listed, nearest=nearest_name(name, known))
            )
    if faults:
        raise StudyError(faults)
