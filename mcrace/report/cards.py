"""Cards of a run's forecasts."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures.card import Card, card_bytes
from mcrace.figures.wording import clean_text, common_unit, percent, rounded
from mcrace.forecast.draws import question_draws
from mcrace.forecast.plain import Driver, PlainForecast, plain_forecast

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study.question import Question

__all__ = ["question_card"]

_LONGEST_DATE = 6e10
_OPTIONS = 5


def question_card(result: "Result", question: "Question", drivers: Sequence[Driver] = ()) -> bytes:
    """Draw the card of one question.

    Parameters
    ----------
    result : Result
        A finished run.
    question : Question
        Names variable, scenario and unit.
    drivers : sequence of Driver
        What moves the answer, the strongest first.

    Returns
    -------
    bytes
        A PNG.

    Raises
    ------
    StudyError
        If the run cannot answer it.
    """
    told = plain_forecast(result, question, (0.05, 0.25, 0.5, 0.75, 0.95))
    draws = question_draws(result, question)
    factor, unit = (1.0, "") if question.kind == "date" else common_unit(told.quantiles, told.unit)
    event = question.event
    split = 0.0 if event is None and draws.min() < 0 else None
    threshold = split if event is None or not math.isfinite(event.threshold) else event.threshold
    headline, lines = _numbers(told, factor, unit)
    return card_bytes(
        Card(
            title=question.title or told.label,
            headline=headline,
            lines=(*lines, *_context(question, drivers)),
            values=draws / factor,
            label=told.label,
            unit=unit,
            split=None if threshold is None else threshold / factor,
            dated=question.kind == "date" and bool((np.abs(draws[np.isfinite(draws)]) < _LONGEST_DATE).all()),
            foot=f"study {told.study} · {told.digest[:12]} · mcrace {told.version} · {told.draws:,} draws",
        )
    )


def _numbers(told: PlainForecast, factor: float, unit: str) -> tuple[str, tuple[str, ...]]:
    """Give the headline and the lines below it."""

    def write(value: float, error: float) -> str:
        if math.isinf(value):
            return "never" if value > 0 else "−∞"
        if told.question.kind == "date" and abs(value) < _LONGEST_DATE:
            return datetime.fromtimestamp(value, UTC).date().isoformat()
        return f"{rounded(value / factor, 1.96 * error / factor)} {unit}".strip()

    quantiles = [write(*pair) for pair in zip(told.quantiles, told.errors, strict=True)]
    bare = [text.partition(" ±")[0].removesuffix(f" {unit}") for text in quantiles]
    lines = [
        f"{share} % interval: {bare[low]} to {bare[high]} {unit}".strip()
        for share, low, high in ((50, 1, 3), (90, 0, 4))
    ]
    if told.never > 0:
        lines.append(f"Never: {percent(told.never, math.nan)}")
    if told.options:
        shares = [
            f"{clean_text(name)}: {percent(share, 1.96 * error)}" for name, share, error in told.options
        ]
        best = max(told.options, key=lambda option: option[1])
        return f"{clean_text(best[0])}: {percent(best[1], 1.96 * best[2])}", tuple(shares[:_OPTIONS])
    if told.probability is not None:
        error = math.nan if told.probability_error is None else told.probability_error
        return f"Probability {percent(told.probability, 1.96 * error)}", (f"Median: {quantiles[2]}", *lines)
    return quantiles[2], ("is the median", *lines)


def _context(question: "Question", drivers: Sequence[Driver]) -> list[str]:
    lines = []
    if drivers:
        named = ", ".join(
            f"{clean_text(each.label)} ({percent(each.share, math.nan)})" for each in drivers[:2]
        )
        lines.append(f"Moved most by {named}")
    if question.scenario != "base":
        lines.append(f"In scenario {clean_text(question.scenario)}")
    if question.resolves is not None:
        lines.append(f"Resolves {question.resolves.isoformat()}")
    return lines
