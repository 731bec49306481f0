"""Scores of resolved forecasts, and the ledger that keeps them."""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcrace.engine.files import write_whole
from mcrace.engine.parquet import read_parquet
from mcrace.errors import Fault, RunError, StudyError, nearest_name
from mcrace.forecast.draws import question_draws
from mcrace.forecast.events import event_share
from mcrace.forecast.scores import Scores, score_event, score_options, score_question
from mcrace.study.event import Event
from mcrace.study.question import Question
from mcrace.study.terms import as_number

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.engine.result import Result

__all__ = ["add_to_ledger", "event_happened", "outcomes_of", "read_ledger", "scored"]

_MOST_ROWS = 1_000_000
_KEY = ["study", "digest", "scenario", "variable", "question"]


def scored(
    results: "Sequence[Result]", outcomes: Mapping[str, float], baseline: "Result | None" = None
) -> "pd.DataFrame":
    """Score runs against what came.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, of one forecaster or of several.
    outcomes : Mapping of str to float
        Output, quantity or input to its value, in the study's unit; infinite if it never comes.
    baseline : Result, optional
        The run against which skill is told.

    Returns
    -------
    pandas.DataFrame
        A row a run, variable and question: those that the study declares on the variable, and where it
        declares none of a number, the variable as it is. Columns ``study, digest, scenario, variable,
        question, outcome``, the scores (smaller is better, but for `baseline`), and ``skill``: 1 - CRPS (for
        an event, Brier score) over that of the baseline.

    Raises
    ------
    StudyError
        If a run has no such variable, or a score needs a range that is not declared.
    """
    import pandas as pd

    rows = []
    for result in results:
        for variable, outcome in outcomes.items():
            _check(result, variable)
            for question in _questions(result, variable):
                found = _scores(result, question, outcome)
                other = None if baseline is None else _scores(baseline, question, outcome)
                rows.append(_row(result, question, outcome, found, other))
    return pd.DataFrame(rows)


def outcomes_of(given: Mapping[str, Any]) -> dict[str, float]:
    """Read what came of variables.

    Parameters
    ----------
    given : Mapping of str to object
        Variable to its value.

    Returns
    -------
    dict of str to float
        Infinite for what will never come.

    Raises
    ------
    StudyError
        If a value is no number.

    Examples
    --------
    >>> outcomes_of({"day": 212})
    {'day': 212.0}
    """
    numbers = {name: as_number(value) for name, value in given.items()}
    faults = [
        Fault(path="--outcome", found=f"{name}={given[name]}", expected="a number, or .inf for never")
        for name, number in numbers.items()
        if number is None or math.isnan(number)
    ]
    if faults:
        raise StudyError(faults)
    return {name: float(number) for name, number in numbers.items() if number is not None}


def event_happened(question: Question, outcome: float) -> bool:
    """Say whether the event of a question happened, given what came of its variable.

    Parameters
    ----------
    question : Question
        With an event.
    outcome : float
        In the question's unit.

    Returns
    -------
    bool
        As the draws are judged.

    Examples
    --------
    >>> asked = Question(platform="csv", variable="day", kind="binary", event=Event("below", 30.0))
    >>> event_happened(asked, 12.0)
    True
    """
    return event_share([outcome], question) == 1.0


def read_ledger(path: Path) -> "pd.DataFrame":
    """Read a ledger; an empty table if there is none.

    Parameters
    ----------
    path : Path
        Such as ``outputs/ledger.parquet``.

    Returns
    -------
    pandas.DataFrame
        As `add_to_ledger` wrote it.

    Raises
    ------
    RunError
        If the file is no ledger.
    """
    import pandas as pd

    if not path.exists():
        return pd.DataFrame()
    try:
        table = read_parquet(path, _MOST_ROWS)
    except RunError as error:
        raise RunError(f"{path} is no ledger that can be read: {error}") from None
    if not set(_KEY) <= set(table.columns):
        raise RunError(f"{path} is no ledger: it lacks the columns {', '.join(_KEY)}")
    return table


def add_to_ledger(path: Path, scores: "pd.DataFrame") -> "pd.DataFrame":
    """Add scores to a ledger; those of a run and question that it holds already take their place.

    Parameters
    ----------
    path : Path
        Such as ``outputs/ledger.parquet``.
    scores : pandas.DataFrame
        From `scored`.

    Returns
    -------
    pandas.DataFrame
        The whole ledger.

    Raises
    ------
    RunError
        If the file is no ledger, or cannot be written.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    old = read_ledger(path)
    table = scores if old.empty else pd.concat([old, scores], ignore_index=True)
    table = table.drop_duplicates(_KEY, keep="last").reset_index(drop=True)
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), buffer, write_page_checksum=True)
    write_whole(path, buffer.getvalue())
    return table


def _check(result: "Result", variable: str) -> None:
    known = [str(name) for name in result.draws.columns[2:]]
    if variable not in known:
        fault = Fault(
            path="--outcome",
            found=f"{variable!r}, which {result.study.name} has not",
            expected="one of " + ", ".join(known[:40]),
            nearest=nearest_name(variable, known),
        )
        raise StudyError([fault])


def _questions(result: "Result", variable: str) -> list[Question]:
    declared = [each for each in result.study.forecast.questions if each.variable == variable]
    if any(each.event is None and not each.options for each in declared):
        return declared
    return [*declared, Question(platform="csv", variable=variable)]


def _scores(result: "Result", question: Question, outcome: float) -> Scores:
    draws = question_draws(result, question)
    came = question.factor * outcome + question.offset
    if question.event is not None:
        return score_event(draws, question, event_happened(question, came))
    if question.options:
        return score_options(draws, question, came)
    return score_question(draws, question, came)


def _row(
    result: "Result", question: Question, outcome: float, found: Scores, other: Scores | None
) -> dict[str, Any]:
    numbers = {name: value for name, value in asdict(found).items() if name != "pit"}
    pit = found.pit
    event: Event | None = question.event
    asked = f"{question.platform} {question.id}".strip() if question.id else ""
    if event is not None:
        asked = f"{asked} {event.relation} {event.threshold:g}".strip()
    if question.options:
        asked = f"{asked} multiple choice".strip()
    return {
        "study": result.study.name,
        "title": result.study.title,
        "digest": result.study.digest,
        "scenario": question.scenario,
        "variable": question.variable,
        "question": asked,
        "outcome": outcome,
        **{name: math.nan if value is None else float(value) for name, value in numbers.items()},
        "pit_below": math.nan if pit is None else pit.below,
        "pit_at_most": math.nan if pit is None else pit.at_most,
        "skill": _skill(found, other),
    }


def _skill(found: Scores, other: Scores | None) -> float:
    mine, theirs = (
        None if scores is None else scores.crps if scores.brier is None else scores.brier
        for scores in (found, other)
    )
    return math.nan if mine is None or not theirs else 1.0 - mine / theirs
