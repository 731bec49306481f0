"""Quantiles as CSV and JSON, and a comment in markdown, for wherever people forecast."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.spreadsheet import plain_cell
from mcrace.forecast.draws import quantile_errors, question_draws
from mcrace.forecast.events import event_share, option_places
from mcrace.forecast.wording import escaped, number_text, share_text
from mcrace.nomenclature import OUTPUTS
from mcrace.nomenclature.statistics import LEVELS
from mcrace.study.question import Question

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = ["Driver", "PlainForecast", "markdown_comment", "plain_csv", "plain_forecast", "plain_json"]

FloatArray = NDArray[np.float64]

_COLUMNS = (
    *("platform", "id", "variable", "scenario", "unit", "level", "value", "standard_error"),
    *("probability", "never", "draws", "resolves", "study", "digest", "version"),
)
_INTERVALS = ((0.05, 0.95), (0.25, 0.75))


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """An input that moves the answer.

    Attributes
    ----------
    label : str
        For the reader.
    share : float
        Of the variance, or of whatever measure the comment is told to name.
    standard_error : float
        Of `share`; NaN if it is not known.
    """

    label: str
    share: float
    standard_error: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlainForecast:
    """Quantiles of one variable of a run, with what a reader must know of them.

    Attributes
    ----------
    question : Question
        What it answers.
    label, unit : str
        Of the variable; the question's unit where it has one.
    levels : tuple of float
        Of the quantiles.
    quantiles, errors : ndarray, shape (level,)
        In that unit, from kept draws; errors from the scatter of the replicates, NaN where it says nothing.
    never : float
        Share of draws that are infinite.
    probability, probability_error : float or None
        Of the event of a binary question, and its standard error; None where the scatter says nothing.
    options : tuple of (str, float, float)
        Of a question of multiple choice: name, share of draws, standard error (NaN where it is not known).
    draws : int
        Kept draws.
    study, digest, version : str
        Name and digest of the study, and the version of mcrace.
    """

    question: Question
    label: str
    unit: str
    levels: tuple[float, ...]
    quantiles: FloatArray
    errors: FloatArray
    never: float
    probability: float | None
    probability_error: float | None
    options: tuple[tuple[str, float, float], ...]
    draws: int
    study: str
    digest: str
    version: str


def plain_forecast(result: "Result", question: Question, levels: Sequence[float] = LEVELS) -> PlainForecast:
    """Take the quantiles of a question's variable out of a run.

    Parameters
    ----------
    result : Result
        A finished run.
    question : Question
        Names variable, scenario and unit; its range is not looked at.
    levels : sequence of float
        In [0, 1].

    Returns
    -------
    PlainForecast
        For `plain_csv`, `plain_json` and `markdown_comment`.

    Raises
    ------
    StudyError
        If there is no such scenario or variable.
    """
    from mcrace import __version__

    draws = question_draws(result, question)
    replicates = result.statistics.replicates
    quantiles, errors = quantile_errors(draws, levels, replicates)
    probability, probability_error = _event(draws, question, replicates)
    label, unit = _words(result.study, question)
    return PlainForecast(
        question=question,
        label=label,
        unit=unit,
        levels=tuple(levels),
        quantiles=quantiles,
        errors=errors,
        never=float(np.isinf(draws).mean()),
        probability=probability,
        probability_error=probability_error,
        options=_options(draws, question, replicates),
        draws=draws.size,
        study=result.study.name,
        digest=result.study.digest,
        version=__version__,
    )


def plain_csv(forecasts: Sequence[PlainForecast]) -> bytes:
    """Write quantiles as CSV, a row a level.

    Parameters
    ----------
    forecasts : sequence of PlainForecast
        Any number.

    Returns
    -------
    bytes
        UTF-8. A level at which the answer is never has the value ``inf``; an error that is not known is
        empty.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for each in forecasts:
        asked = each.question
        start = [*map(plain_cell, (asked.platform, asked.id, asked.variable, asked.scenario, each.unit))]
        chance = "" if each.probability is None else repr(each.probability)
        end = [
            chance,
            repr(each.never),
            each.draws,
            "" if asked.resolves is None else asked.resolves.isoformat(),
        ]
        end += [each.study, each.digest, each.version]
        for level, value, error in zip(each.levels, each.quantiles, each.errors, strict=True):
            known = "" if math.isnan(error) else repr(float(error))
            rows.writerow([*start, f"{level:.10g}", repr(float(value)), known, *end])
    return text.getvalue().encode()


def plain_json(forecasts: Sequence[PlainForecast]) -> bytes:
    """Write quantiles as JSON, an entry a forecast.

    Parameters
    ----------
    forecasts : sequence of PlainForecast
        Any number.

    Returns
    -------
    bytes
        UTF-8. A level at which the answer is never has the value null, as has an error that is not known.
    """
    entries = [_entry(each) for each in forecasts]
    return (json.dumps(entries, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


def markdown_comment(
    forecasts: Sequence[PlainForecast],
    *,
    drivers: Sequence[Driver] = (),
    measure: str = "share of the variance",
    figure: str = "",
    command: str = "",
) -> bytes:
    """Write a comment that says what was forecast, how sure it is, what moves it, and how to make it again.

    Parameters
    ----------
    forecasts : sequence of PlainForecast
        At least one, of one run.
    drivers : sequence of Driver
        What moves the answer, the strongest first.
    measure : str
        What the drivers' numbers are.
    figure : str
        Address or file name of a figure; empty for none.
    command : str
        Reproduces the run; by default ``mcrace run STUDY.yaml``.

    Returns
    -------
    bytes
        UTF-8.
    """
    parts = [_told(each) for each in forecasts]
    if figure:
        parts.append(f"![{escaped(forecasts[0].label)}]({figure})")
    if drivers:
        parts.append("\n".join([f"What moves it ({measure}):", "", *(_driver(each) for each in drivers)]))
    first = forecasts[0]
    command = command or f"mcrace run {first.study}.yaml"
    made = f"{first.draws} draws of study `{first.study}`, mcrace {first.version}"
    parts.append(f"Made from {made}.\nDigest: `{first.digest}`\nAgain: `{command}`")
    return ("\n\n".join(parts) + "\n").encode()


def _event(draws: FloatArray, question: Question, replicates: int) -> tuple[float | None, float | None]:
    if question.event is None:
        return None, None
    share = event_share(draws, question)
    if replicates < 2 or draws.size % replicates:
        return share, None
    parts = [event_share(part, question) for part in draws.reshape(replicates, -1)]
    error = float(np.std(parts, ddof=1) / math.sqrt(replicates))
    # Where every replicate has the same share, their scatter says nothing, unless it must be so.
    return share, error if error > 0 or share in (0.0, 1.0) else None


def _options(draws: FloatArray, question: Question, replicates: int) -> tuple[tuple[str, float, float], ...]:
    """Give the share of each option, with the error that the replicates' scatter tells."""
    if not question.options:
        return ()
    fits = option_places(draws, question) == np.arange(len(question.options))[:, np.newaxis]
    shares, errors = fits.mean(axis=1), np.full(len(fits), math.nan)
    if replicates >= 2 and draws.size % replicates == 0:
        parts = fits.reshape(len(fits), replicates, -1).mean(axis=2)
        scatter = parts.std(axis=1, ddof=1) / math.sqrt(replicates)
        errors = np.where((scatter > 0) | (shares == 0) | (shares == 1), scatter, math.nan)
    names = [option.name for option in question.options]
    return tuple(zip(names, shares.tolist(), errors.tolist(), strict=True))


def _words(study: "Study", question: Question) -> tuple[str, str]:
    """Give the label of the variable and the unit of the number."""
    name = question.variable
    known = {name: (output.label, output.unit) for name, output in OUTPUTS.items()}
    known |= {each.name: (each.label, each.unit) for each in study.quantities}
    known |= {each.name: (each.label, each.unit) for scenario in study.scenarios for each in scenario.inputs}
    label, unit = known.get(name, (name, ""))
    converted = question.factor != 1.0 or question.offset != 0.0
    return label or name, question.unit or ("" if converted else unit)


def _entry(each: PlainForecast) -> dict[str, Any]:
    asked = each.question
    return {
        "platform": asked.platform,
        "id": asked.id,
        "title": asked.title,
        "variable": asked.variable,
        "label": each.label,
        "scenario": asked.scenario,
        "unit": each.unit,
        "conversion": {"factor": asked.factor, "offset": asked.offset},
        "resolves": None if asked.resolves is None else asked.resolves.isoformat(),
        "quantiles": [
            {"level": level, "value": _or_none(value), "standard_error": _or_none(error)}
            for level, value, error in zip(each.levels, each.quantiles, each.errors, strict=True)
        ],
        "probability": each.probability,
        "probability_standard_error": each.probability_error,
        **({"options": [_option_entry(*option) for option in each.options]} if each.options else {}),
        "never": each.never,
        "draws": each.draws,
        "study": each.study,
        "digest": each.digest,
        "mcrace": each.version,
    }


def _option_entry(name: str, share: float, error: float) -> dict[str, Any]:
    return {"option": name, "probability": share, "standard_error": _or_none(error)}


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _told(each: PlainForecast) -> str:
    """Tell the headline numbers of one forecast."""
    asked = each.question
    unit = f" {escaped(each.unit)}".rstrip() if asked.kind != "date" else ""
    lines = [f"**{escaped(asked.title) or escaped(each.label) or escaped(asked.variable)}**", ""]
    if each.probability is not None:
        error = (
            ""
            if each.probability_error is None
            else f" (standard error {share_text(each.probability_error)})"
        )
        lines.append(f"- Probability: {share_text(each.probability)}{error}")
    for name, share, scatter in each.options:
        within = "" if math.isnan(scatter) else f" (standard error {share_text(scatter)})"
        lines.append(f"- {escaped(name)}: {share_text(share)}{within}")
    found = dict(zip(each.levels, zip(each.quantiles, each.errors, strict=True), strict=True))
    if 0.5 in found:
        lines.append(f"- Median: {_number(*found[0.5], asked, unit)}")
    for low, high in _INTERVALS:
        if low in found and high in found:
            ends = f"{_number(*found[low], asked, unit)} to {_number(*found[high], asked, unit)}"
            lines.append(f"- {round(100 * (high - low))} % interval: {ends}")
    if each.never > 0:
        lines.append(f"- Never: {share_text(each.never)}")
    if asked.scenario != "base":
        lines.append(f"- In scenario: {escaped(asked.scenario)}")
    if asked.resolves is not None:
        lines.append(f"- Resolves: {asked.resolves.isoformat()}")
    return "\n".join(lines)


def _number(value: float, error: float, question: Question, unit: str) -> str:
    """Write a number with its unit and error; the error of a day is in days."""
    if not math.isfinite(value):
        return "never"
    text = f"{number_text(value, question)}{unit}"
    if math.isnan(error):
        return text
    return text + (f" (± {error / 86_400:.2g} days)" if question.kind == "date" else f" (± {error:.2g})")


def _driver(each: Driver) -> str:
    error = "" if math.isnan(each.standard_error) else f" ± {each.standard_error:.2g}"
    return f"- {escaped(each.label)}: {each.share:.2g}{error}"
