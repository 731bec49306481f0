"""How often an event happens in draws."""

import numpy as np
from numpy.typing import ArrayLike

from mcrace.errors import Fault, StudyError
from mcrace.forecast.draws import checked_values
from mcrace.study.question import Question

__all__ = ["event_share"]


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
    >>> from mcrace.study.question import Event
    >>> event_share([1.0, np.inf], Question(platform="csv", variable="day", event=Event("never")))
    0.5
    """
    draws = checked_values(values)
    event = question.event
    if event is None:
        raise StudyError([Fault(path="event", found="nothing", expected="an event, such as {above: 0}")])
    happens = {
        "above": draws > event.threshold,
        "at_least": draws >= event.threshold,
        "below": draws < event.threshold,
        "at_most": draws <= event.threshold,
        "never": np.isposinf(draws),
    }
    return float(happens[event.relation].mean())
