"""How often an event happens in draws."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.errors import Fault, StudyError
from mcrace.forecast.draws import checked_values
from mcrace.study.event import Event
from mcrace.study.question import Question

__all__ = ["event_share", "option_places"]


def event_share(values: ArrayLike, question: Question) -> float:
    """Give the share of draws in which a binary question is answered with yes.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit; infinite means never.
    question : Question
        With an event.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    StudyError
        If the question has no event.

    Examples
    --------
    >>> event_share([1.0, np.inf], Question(platform="csv", variable="day", event=Event("never")))
    0.5
    """
    draws = checked_values(values)
    event = question.event
    if event is None:
        raise StudyError([Fault(path="event", found="nothing", expected="an event, such as {above: 0}")])
    return float(_holds(draws, event).mean())


def option_places(values: ArrayLike, question: Question) -> NDArray[np.int64]:
    """Say which option each draw answers a question of multiple choice with.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In the question's unit; infinite means never.
    question : Question
        With options.

    Returns
    -------
    ndarray of int, shape (draw,)
        Place of the first option that the draw fits.

    Raises
    ------
    StudyError
        If the question has no options, or a draw fits none.

    Examples
    --------
    >>> from mcrace.study.event import Option
    >>> options = Option("soon", (Event("at_most", 30.0),)), Option("never", (Event("never"),))
    >>> option_places([1.0, np.inf], Question(platform="csv", variable="day", options=options))
    array([0, 1])
    """
    draws = checked_values(values)
    if not question.options:
        raise StudyError([Fault(path="options", found="nothing", expected="options, by name")])
    fits = np.ones((len(question.options), draws.size), dtype=bool)
    for row, option in zip(fits, question.options, strict=True):
        for event in option.events:
            row &= _holds(draws, event)
    without = ~fits.any(axis=0)
    if without.any():
        found = f"{int(without.sum())} of {draws.size} draws in no option, such as {draws[without][0]:.6g}"
        expected = "an option for every draw; {rest: true} takes what no other does"
        raise StudyError([Fault(path="options", found=found, expected=expected)])
    return np.asarray(fits.argmax(axis=0), dtype=np.int64)


def _holds(draws: NDArray[np.float64], event: Event) -> NDArray[np.bool_]:
    held = {
        "above": draws > event.threshold,
        "at_least": draws >= event.threshold,
        "below": draws < event.threshold,
        "at_most": draws <= event.threshold,
        "never": np.isposinf(draws),
    }
    return np.asarray(held[event.relation])
