"""All scores of one answered question."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.errors import Fault, StudyError
from mcrace.forecast.draws import checked_values
from mcrace.forecast.events import event_share, option_places
from mcrace.forecast.metaculus import MetaculusCdf, metaculus_cdf
from mcrace.forecast.scale import locations, range_of
from mcrace.forecast.scoring import (
    Pit,
    brier_score,
    crps,
    log_score,
    pit,
    quantile_score,
    weighted_interval_score,
)
from mcrace.study.hub import HUB_LEVELS
from mcrace.study.question import Question

__all__ = [
    "Scores",
    "cdf_log_score",
    "metaculus_baseline_score",
    "score_event",
    "score_options",
    "score_question",
]

FloatArray = NDArray[np.float64]

_OPEN_TAIL = 0.05
"""What the platform's baseline holds beyond an open end."""

_CELL_EDGE = 1e-10
"""By which the platform lets an outcome on the edge of two cells fall into the lower one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How good a forecast was, by proper scores; smaller is better but for `baseline`.

    Attributes
    ----------
    crps : float or None
        In the question's unit, on its range; None for an event.
    crps_scale : float or None
        The same of places on the question's scale, from 0 to 1: on a logarithmic scale it weighs ratios.
        None without a range.
    log : float or None
        With a range: -ln of the density of the distribution function that would be posted, relative to an
        even one on the question's scale. Without: -ln of the density of the draws by a normal kernel, None
        if all draws are alike. For an event: -ln of the probability of what came.
    weighted_interval, quantile : float or None
        Of quantiles at levels, in the question's unit, on its range. With levels in mirrored pairs and the
        median both are the same number; `weighted_interval` is None with others.
    brier : float or None
        Of an event; of options the sum over them, from 0 to 2.
    probability, happened : float or None
        Of an event: the share of draws, and 1 if it happened, 0 if not.
    brier_never : float or None
        Of the event that it never comes, where draws or outcome are infinite.
    baseline : float or None
        Metaculus's baseline score, larger is better; None without a range.
    pit : Pit or None
        Of the outcome in the draws; None for an event.
    clipped : float
        Share of draws that were moved to the ends of the range to be scored there.
    """

    crps: float | None = None
    crps_scale: float | None = None
    log: float | None = None
    weighted_interval: float | None = None
    quantile: float | None = None
    brier: float | None = None
    probability: float | None = None
    happened: float | None = None
    brier_never: float | None = None
    baseline: float | None = None
    pit: Pit | None = None
    clipped: float = 0.0


def score_question(
    values: ArrayLike, question: Question, outcome: float, *, levels: Sequence[float] = HUB_LEVELS
) -> Scores:
    """Score draws against the number that came.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit, of equal weight; infinite means never.
    question : Question
        What was asked, and no event. Draws and outcome beyond its range are moved to the nearer end.
    outcome : float
        What came, in the question's unit; infinite if it never will.
    levels : sequence of float
        Of the quantiles that are scored, increasing.

    Returns
    -------
    Scores
        Of the number; and of P(never), as an event of its own, if draws or outcome are infinite.

    Raises
    ------
    StudyError
        If a draw or the outcome is infinite and the question has no range to score it on.

    Examples
    --------
    >>> question = Question(platform="metaculus", variable="lag", low=0.0, high=10.0)
    >>> scores = score_question([2.0, 4.0, float("inf")], question, 4.0)
    >>> scores.crps, round(scores.brier_never, 3), round(scores.clipped, 3)
    (0.8888888888888888, 0.111, 0.333)
    """
    draws = checked_values(values)
    came = float(checked_values([outcome], "outcome")[0])
    never = np.isposinf(draws)
    ranged = question.low is not None and question.high is not None
    if not ranged and not (np.isfinite(draws).all() and math.isfinite(came)):
        found = "nothing, and draws or an outcome that are infinite"
        raise StudyError([Fault(path="range", found=found, expected="[low, high] to score them on")])
    low, high = (-math.inf, math.inf) if not ranged else range_of(question)
    inside, there = np.clip(draws, low, high), np.clip(np.array([came]), low, high)
    tau = np.asarray(levels, dtype=np.float64)
    quantiles = np.quantile(inside, tau, method="inverted_cdf")
    posted = metaculus_cdf(draws, question) if ranged else None
    return Scores(
        crps=crps(inside, float(there[0])),
        crps_scale=crps(locations(inside, question), float(locations(there, question)[0]))
        if ranged
        else None,
        log=_log_of_draws(draws, came) if posted is None else cdf_log_score(posted, came),
        weighted_interval=weighted_interval_score(tau, quantiles, float(there[0]))
        if _mirrored(tau)
        else None,
        quantile=quantile_score(tau, quantiles, float(there[0])),
        brier_never=brier_score(float(never.mean()), came == math.inf)
        if never.any() or came == math.inf
        else None,
        baseline=None if posted is None else metaculus_baseline_score(posted, came),
        pit=pit(draws, came),
        clipped=float((inside != draws).mean()),
    )


def score_event(values: ArrayLike, question: Question, happened: bool) -> Scores:
    """Score draws against whether an event happened.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit, of equal weight; infinite means never.
    question : Question
        With an event.
    happened : bool
        Whether it did.

    Returns
    -------
    Scores
        Brier and logarithmic score of the share of draws; the latter is infinite if none foresaw it.

    Examples
    --------
    >>> from mcrace.study.event import Event
    >>> question = Question(platform="metaculus", variable="lag", kind="binary", event=Event("below", 3.0))
    >>> score_event([1.0, 2.0, 4.0, 5.0], question, True).brier
    0.25
    """
    share = event_share(values, question)
    came = share if happened else 1.0 - share
    return Scores(
        brier=brier_score(share, happened),
        log=-math.log(came) if came > 0 else math.inf,
        probability=share,
        happened=float(happened),
    )


def score_options(values: ArrayLike, question: Question, outcome: float) -> Scores:
    """Score draws against the option that came.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit, of equal weight; infinite means never.
    question : Question
        Of multiple choice.
    outcome : float
        What came of the variable, in the question's unit; infinite if it never will.

    Returns
    -------
    Scores
        Brier score, summed over the options, and logarithmic score of the shares of the draws; the latter
        is infinite if none foresaw what came.

    Raises
    ------
    StudyError
        If a draw or the outcome fits no option.

    Examples
    --------
    >>> from mcrace.study.event import Event, Option
    >>> options = Option("soon", (Event("at_most", 30.0),)), Option("later", ())
    >>> asked = Question(platform="csv", variable="day", kind="multiple_choice", options=options)
    >>> score_options([3.0, 15.0, 20.0, 40.0], asked, 60.0).brier
    1.125
    """
    places = option_places(values, question)
    (came,) = option_places([outcome], question)
    shares = np.bincount(places, minlength=len(question.options)) / places.size
    truth = np.arange(shares.size) == came
    share = float(shares[came])
    return Scores(brier=float(((shares - truth) ** 2).sum()), log=-math.log(share) if share > 0 else math.inf)


def cdf_log_score(posted: MetaculusCdf, outcome: float) -> float:
    """Logarithmic score of a posted distribution function.

    Parameters
    ----------
    posted : MetaculusCdf
        The forecast.
    outcome : float
        What came, in the question's unit.

    Returns
    -------
    float
        -ln(probability of the outcome's cell * number of cells): 0 for an even forecast. Beyond an open end
        -ln of the probability there; infinite beyond a closed one.

    Examples
    --------
    >>> question = Question(platform="metaculus", variable="x", low=0.0, high=1.0)
    >>> posted = metaculus_cdf((np.arange(2000) + 0.5) / 2000, question)
    >>> abs(cdf_log_score(posted, 0.42)) < 0.02
    True
    """
    share, inside = _cell(posted, outcome)
    scale = posted.question.outcomes if inside else 1
    return -math.log(share * scale) if share > 0 else math.inf


def metaculus_baseline_score(posted: MetaculusCdf, outcome: float) -> float:
    """Metaculus's baseline score of a forecast that stood from beginning to end.

    Parameters
    ----------
    posted : MetaculusCdf
        The forecast.
    outcome : float
        What came, in the question's unit.

    Returns
    -------
    float
        100 ln(p / baseline) / 2, larger is better, 0 for the baseline: p is the probability of the
        outcome's cell; the baseline has 0.05 beyond each open end and the rest evenly inside.

    References
    ----------
    Metaculus, scoring/score_math.py.

    Examples
    --------
    >>> question = Question(platform="metaculus", variable="x", low=0.0, high=1.0)
    >>> posted = metaculus_cdf((np.arange(2000) + 0.5) / 2000, question)
    >>> round(metaculus_baseline_score(posted, 0.42))
    5
    """
    question = posted.question
    share, inside = _cell(posted, outcome)
    tails = _OPEN_TAIL * (question.open_low + question.open_high)
    even = (1.0 - tails) / question.outcomes if inside else _OPEN_TAIL
    return 50.0 * math.log(share / even) if share > 0 else -math.inf


def _cell(posted: MetaculusCdf, outcome: float) -> tuple[float, bool]:
    """Probability of the cell that an outcome falls into, and whether that is one inside the range."""
    place = float(locations([outcome], posted.question)[0])
    if place < 0:
        return float(posted.values[0]), False
    if place > 1:
        return float(1.0 - posted.values[-1]), False
    count = posted.question.outcomes
    cell = max(math.floor(place * count + 1 - _CELL_EDGE), 1)
    return float(posted.values[cell] - posted.values[cell - 1]), True


def _log_of_draws(draws: FloatArray, outcome: float) -> float | None:
    return log_score(draws, outcome) if draws.min() < draws.max() else None


def _mirrored(levels: FloatArray) -> bool:
    return bool(levels.size % 2 == 1 and np.allclose(levels + levels[::-1], 1.0, rtol=0.0, atol=1e-9))
