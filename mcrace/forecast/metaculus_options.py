"""Metaculus: probabilities of the options of a question of multiple choice."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.forecast.draws import checked_values
from mcrace.forecast.events import option_places
from mcrace.forecast.wording import share_text
from mcrace.study.question import Question

__all__ = ["LEAST_PROBABILITY", "MOST_PROBABILITY", "MetaculusOptions", "metaculus_options", "within_limits"]

FloatArray = NDArray[np.float64]

LEAST_PROBABILITY: Final = 0.001
MOST_PROBABILITY: Final = 0.999
"""What the server takes for an event or an option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaculusOptions:
    """Probabilities that the server takes.

    Attributes
    ----------
    question : Question
        What they answer.
    probabilities : tuple of float
        Of its options, in its order: within the server's limits, and 1 together.
    shares : tuple of float
        Of the draws.
    warnings : tuple of str
        Says so if the limits changed them.
    """

    question: Question
    probabilities: tuple[float, ...]
    shares: tuple[float, ...]
    warnings: tuple[str, ...]


def metaculus_options(values: ArrayLike, question: Question) -> MetaculusOptions:
    """Bring draws into the form that Metaculus takes for a question of multiple choice.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit, of equal weight; infinite means never.
    question : Question
        With options.

    Returns
    -------
    MetaculusOptions
        The share of draws that answer with each option, moved into the server's limits.

    Raises
    ------
    StudyError
        If the question has no options, a draw fits none of them, or the values are no draws.

    Examples
    --------
    >>> from mcrace.study.event import Event, Option
    >>> options = Option("soon", (Event("at_most", 30.0),)), Option("later", ())
    >>> asked = Question(platform="metaculus", variable="day", kind="multiple_choice", options=options)
    >>> metaculus_options([3.0, 15.0, 20.0, 40.0], asked).probabilities
    (0.75, 0.25)
    """
    draws = checked_values(values)
    places = option_places(draws, question)
    shares = np.bincount(places, minlength=len(question.options)) / draws.size
    probabilities = within_limits(shares)
    moved = float(np.abs(probabilities - shares).max())
    told = f"the options' shares were moved by at most {share_text(moved)}: Metaculus takes none below 0.1 %"
    return MetaculusOptions(
        question=question,
        probabilities=tuple(probabilities.tolist()),
        shares=tuple(shares.tolist()),
        warnings=(told,) if moved > 0 else (),
    )


def within_limits(shares: FloatArray) -> FloatArray:
    """Lift what is too small, and take it from the others in proportion.

    Parameters
    ----------
    shares : ndarray, shape (option,)
        Not negative, 1 together; at most 999 options.

    Returns
    -------
    ndarray, shape (option,)
        Within the limits, 1 together; the same numbers where they are within the limits already. None ends
        above the upper limit: there are two options at least.

    Examples
    --------
    >>> within_limits(np.array([0.0, 0.25, 0.75])).tolist()
    [0.001, 0.24975, 0.74925]
    """
    low = shares < LEAST_PROBABILITY
    found = shares
    while low.any():
        left = 1.0 - LEAST_PROBABILITY * low.sum()
        scale = left / shares[~low].sum()
        found = np.where(low, LEAST_PROBABILITY, shares * scale)
        sunk = ~low & (found < LEAST_PROBABILITY)
        if not sunk.any():
            break
        low |= sunk
    return found
