"""Metaculus: the distribution function of a question as near to the draws as the server allows."""

import json
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.errors import Fault, StudyError
from mcrace.forecast.distances import distances
from mcrace.forecast.draws import checked_values
from mcrace.forecast.events import event_share
from mcrace.forecast.metaculus_options import LEAST_PROBABILITY, MOST_PROBABILITY, MetaculusOptions
from mcrace.forecast.projection import nearest_cdf
from mcrace.forecast.scale import range_of, values_at
from mcrace.forecast.wording import number_text, share_text
from mcrace.study.question import Question

__all__ = [
    "MetaculusCdf",
    "MetaculusProbability",
    "metaculus_cdf",
    "metaculus_grid",
    "metaculus_json",
    "metaculus_probability",
    "step_bounds",
]

FloatArray = NDArray[np.float64]

LEAST_TAIL: Final = 0.001
"""What must lie beyond an open end."""

_BILLION: Final = 1_000_000_000
"""The server compares steps that it has rounded to as many parts."""

_TOLD_CUT = 0.01
"""Share of draws outside of the range from which on that is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetaculusCdf:
    """A distribution function that the server takes, and how far from the draws it is.

    Attributes
    ----------
    question : Question
        What it answers.
    grid : ndarray, shape (outcomes + 1,)
        Ends of the question's cells, in its unit.
    values : ndarray, shape (outcomes + 1,)
        The first is the probability of less than the range's low end; then of at most each end of a cell.
    below, above, never : float
        Shares of draws below the range, above it, and of those above that are infinite.
    kolmogorov : float
        Largest difference to the draws' distribution function, anywhere in the range.
    wasserstein : float
        Area between the two over the range, as a share of it on the question's scale.
    warnings : tuple of str
        What a forecaster should know before posting it.
    """

    question: Question
    grid: FloatArray
    values: FloatArray
    below: float
    above: float
    never: float
    kolmogorov: float
    wasserstein: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaculusProbability:
    """A probability that the server takes.

    Attributes
    ----------
    question : Question
        What it answers.
    probability : float
        Within the server's limits.
    share : float
        Of the draws.
    standard_error : float
        Of `share`, were the draws independent; those of a design that fills the cube evenly have less.
    warnings : tuple of str
        Says so if the limits changed it.
    """

    question: Question
    probability: float
    share: float
    standard_error: float
    warnings: tuple[str, ...]


def metaculus_cdf(values: ArrayLike, question: Question) -> MetaculusCdf:
    """Bring draws into the form that Metaculus takes for a continuous or discrete question.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit, of equal weight; infinite means never.
    question : Question
        With a range.

    Returns
    -------
    MetaculusCdf
        Of all distribution functions that meet the server's rules the one with the least sum of squared
        differences to the draws' at the question's points. What lies beyond a closed end is left out and
        the rest scaled up, as the platform does; if nothing is left, it goes into the outermost cells.

    Raises
    ------
    StudyError
        If the question has no range, is binary, or the values are no draws.

    References
    ----------
    Metaculus, questions/serializers/common.py and the CDF section of the API's description.

    Examples
    --------
    >>> question = Question(platform="metaculus", variable="lag", low=0.0, high=60.0, open_low=False)
    >>> posted = metaculus_cdf([10.0, 20.0, 30.0, 90.0], question)
    >>> posted.values[[0, 100, 200]].round(3)
    array([0.   , 0.725, 0.752])
    >>> posted.warnings
    ('25 % of the draws lie above 60, the open end of the range: only how many, not where, can be said',)
    """
    draws = np.sort(checked_values(values))
    low, _ = range_of(question)
    if question.kind == "binary":
        raise StudyError([Fault(path="kind", found="binary", expected="a question with a range")])
    grid = metaculus_grid(question)
    shares = np.searchsorted(draws, grid, side="right") / draws.size
    shares[0] = np.searchsorted(draws, low, side="left") / draws.size
    found = _allowed(_inside(shares, question), question)
    kolmogorov, wasserstein = distances(draws, shares, found, question)
    below, above = float(shares[0]), float(1.0 - shares[-1])
    never = float(np.isposinf(draws).mean())
    return MetaculusCdf(
        question=question,
        grid=grid,
        values=found,
        below=below,
        above=above,
        never=never,
        kolmogorov=kolmogorov,
        wasserstein=wasserstein,
        warnings=_cut(question, below, above, never),
    )


def metaculus_grid(question: Question) -> FloatArray:
    """Give the ends of a question's cells.

    Parameters
    ----------
    question : Question
        With a range.

    Returns
    -------
    ndarray, shape (outcomes + 1,)
        In the question's unit; the ends of the range exactly.

    Examples
    --------
    >>> metaculus_grid(Question(platform="metaculus", variable="n", low=-0.5, high=2.5, outcomes=3))
    array([-0.5,  0.5,  1.5,  2.5])
    """
    grid = values_at(np.arange(question.outcomes + 1) / question.outcomes, question)
    grid[[0, -1]] = range_of(question)
    return grid


def step_bounds(outcomes: int) -> tuple[int, int]:
    """Give the least and the largest step of a distribution function, in billionths.

    Parameters
    ----------
    outcomes : int
        Cells of the question.

    Returns
    -------
    tuple of int
        0.01 / outcomes, rounded as the server does, and 0.2 * 200 / outcomes, rounded down.

    Examples
    --------
    >>> step_bounds(200)
    (50000, 200000000)
    """
    return round(round(0.01 / outcomes, 9) * _BILLION), 40 * _BILLION // outcomes


def metaculus_probability(values: ArrayLike, question: Question) -> MetaculusProbability:
    """Bring draws into the form that Metaculus takes for a binary question.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit, of equal weight; infinite means never.
    question : Question
        With an event.

    Returns
    -------
    MetaculusProbability
        The share of draws in which it happens, moved into the server's limits.

    Raises
    ------
    StudyError
        If the question has no event or the values are no draws.

    Examples
    --------
    >>> from mcrace.study.event import Event
    >>> asked = Question(platform="metaculus", variable="lag", kind="binary", event=Event("below", 12.0))
    >>> metaculus_probability([3.0, 15.0], asked).probability
    0.5
    >>> metaculus_probability([13.0, 15.0], asked).warnings
    ('0 % of the draws: moved to 0.1 %, the least that Metaculus takes',)
    """
    draws = checked_values(values)
    share = event_share(draws, question)
    probability = min(max(share, LEAST_PROBABILITY), MOST_PROBABILITY)
    warnings: tuple[str, ...] = ()
    if probability != share:
        end = "least" if probability > share else "most"
        moved = f"moved to {share_text(probability)}, the {end} that Metaculus takes"
        warnings = (f"{share_text(share)} of the draws: {moved}",)
    return MetaculusProbability(
        question=question,
        probability=probability,
        share=share,
        standard_error=float(np.sqrt(share * (1.0 - share) / draws.size)),
        warnings=warnings,
    )


def metaculus_json(*forecasts: MetaculusCdf | MetaculusProbability | MetaculusOptions) -> bytes:
    r"""Write forecasts as the body that Metaculus takes: a JSON list with an entry a question.

    Parameters
    ----------
    *forecasts : MetaculusCdf, MetaculusProbability or MetaculusOptions
        Each of a question with a numeric id (of the question, not of its post).

    Returns
    -------
    bytes
        UTF-8.

    Raises
    ------
    StudyError
        If an id is no whole number, or two are the same.

    Examples
    --------
    >>> from mcrace.study.event import Event
    >>> asked = Question(platform="metaculus", id="7", variable="x", kind="binary", event=Event("above", 0.0))
    >>> metaculus_json(metaculus_probability([-1.0, 1.0], asked))
    b'[{"question": 7, "probability_yes": 0.5, "source": "api"}]\n'
    """
    ids = [forecast.question.id for forecast in forecasts]
    faults = [
        Fault(path="id", found=repr(each), expected="the question's number, which no other has")
        for place, each in enumerate(ids)
        if not (each.isascii() and each.isdigit()) or each in ids[:place]
    ]
    if faults:
        raise StudyError(faults)
    body = [
        {"question": int(forecast.question.id), **_answer(forecast), "source": "api"}
        for forecast in forecasts
    ]
    return (json.dumps(body, allow_nan=False) + "\n").encode()


def _answer(
    forecast: MetaculusCdf | MetaculusProbability | MetaculusOptions,
) -> dict[str, float | list[float] | dict[str, float]]:
    if isinstance(forecast, MetaculusProbability):
        return {"probability_yes": forecast.probability}
    if isinstance(forecast, MetaculusOptions):
        names = [option.name for option in forecast.question.options]
        return {"probability_yes_per_category": dict(zip(names, forecast.probabilities, strict=True))}
    return {"continuous_cdf": forecast.values.tolist()}


def _inside(shares: FloatArray, question: Question) -> FloatArray:
    """Leave out what lies beyond a closed end."""
    start, end = _left(shares[0], shares[-1], question)
    return np.asarray((shares - start) / (end - start)) if end > start else shares


def _left(first: float, last: float, question: Question) -> tuple[float, float]:
    """Tell between which shares of the draws those lie that are not beyond a closed end."""
    return 0.0 if question.open_low else first, 1.0 if question.open_high else last


def _allowed(wanted: FloatArray, question: Question) -> FloatArray:
    """Meet the rules, in whole billionths, so that no rounding of the server's breaks one."""
    least, most = step_bounds(question.outcomes)
    found = nearest_cdf(
        wanted,
        # Rounding two neighbours to whole billionths can change their difference by one; the other one is
        # for clients that compare steps without rounding them.
        least=(least + 2) / _BILLION,
        most=(most - 2) / _BILLION,
        first=(LEAST_TAIL, 1.0) if question.open_low else (0.0, 0.0),
        last=(0.0, 1.0 - LEAST_TAIL) if question.open_high else (1.0, 1.0),
    )
    return np.asarray(np.rint(found * _BILLION) / _BILLION)


def _cut(question: Question, below: float, above: float, never: float) -> tuple[str, ...]:
    """Warn of draws outside of the range."""
    if below + above <= _TOLD_CUT:
        return ()
    low, high = range_of(question)
    told = []
    for share, side, end, opened in (
        (below, "below", low, question.open_low),
        (above, "above", high, question.open_high),
    ):
        if share > 0:
            of_which = f" ({share_text(never)} never)" if side == "above" and never > 0 else ""
            effect = (
                "the open end of the range: only how many, not where, can be said"
                if opened
                else "the closed end of the range: they are left out, and the rest is scaled up"
            )
            place = f"{side} {number_text(end, question)}{of_which}"
            told.append(f"{share_text(share)} of the draws lie {place}, {effect}")
    start, end = _left(below, 1.0 - above, question)
    if end <= start:
        told.append("a closed end leaves no draw: they were all put as near to where they are as can be")
    return tuple(told)
