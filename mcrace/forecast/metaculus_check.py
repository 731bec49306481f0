"""The rules of Metaculus's server, held against a file."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from mcrace.forecast.breach import Breach
from mcrace.forecast.metaculus import LEAST_TAIL
from mcrace.forecast.metaculus_options import LEAST_PROBABILITY, MOST_PROBABILITY
from mcrace.study.question import CONTINUOUS_OUTCOMES, Question

__all__ = ["check_metaculus"]

_CDF: Final = "continuous_cdf"
_YES: Final = "probability_yes"
_EACH: Final = "probability_yes_per_category"
_ANSWERS: Final = (_CDF, _YES, _EACH)
_WANTED: Final[Mapping[str, str]] = {"binary": _YES, "multiple_choice": _EACH}

_SUM_TOLERANCE = 1e-5 + 1e-8
"""Of numpy.isclose around 1, with which the server adds up the options of a question."""

_Told = Callable[[str, str, str, str], None]


def check_metaculus(data: bytes | Sequence[Any], questions: Sequence[Question] = ()) -> list[Breach]:
    """Find every rule of the server that a file of forecasts breaks.

    Parameters
    ----------
    data : bytes or sequence
        The body of a request, as JSON or already read: a list with an entry a question.
    questions : sequence of Question
        What is known of them, found by their ids. Of a question that is not among them it is not known how
        many values there must be and which ends are open: any from 2 to 201, and either, are then right.

    Returns
    -------
    list of Breach
        In the order of the file; empty if the server takes it.

    References
    ----------
    Metaculus, questions/serializers/common.py.

    Examples
    --------
    >>> for breach in check_metaculus(b'[{"question": 7, "continuous_cdf": [0.0, 0.9, 0.7, 1.0]}]'):
    ...     print(breach)
    smallest step: question 7, step 2: found -0.2, expected at least 0.003333333
    """
    try:
        body = json.loads(data) if isinstance(data, bytes) else data
    except (ValueError, RecursionError) as error:
        return [Breach(rule="JSON", where="file", found=str(error), expected="a JSON list")]
    if not isinstance(body, list | tuple) or not body:
        return [Breach(rule="list", where="file", found=_kind(body), expected="a list, an entry a question")]
    known = {question.id: question for question in questions}
    breaches: list[Breach] = []

    def tell(rule: str, where: str, found: str, expected: str) -> None:
        breaches.append(Breach(rule=rule, where=where, found=found, expected=expected))

    for place, entry in enumerate(body):
        _check_entry(entry, place, known, tell)
    return breaches


def _check_entry(entry: Any, place: int, known: Mapping[str, Question], tell: _Told) -> None:  # noqa: ANN401
    if not isinstance(entry, Mapping):
        tell("entry", f"entry {place}", _kind(entry), "a mapping with question and a forecast")
        return
    number = entry.get("question")
    if isinstance(number, bool) or not isinstance(number, int):
        tell("question", f"entry {place}", repr(number), "the question's number, a whole number")
    where = f"question {number}"
    answers = [key for key in _ANSWERS if entry.get(key) is not None]
    if len(answers) != 1:
        tell("one forecast", where, " and ".join(answers) or "none", "one of " + ", ".join(_ANSWERS))
    question = known.get(str(number))
    if known and question is None:
        tell("known question", where, repr(number), "one of " + ", ".join(known))
    if question is not None and answers:
        wanted = _WANTED.get(question.kind, _CDF)
        if wanted not in answers:
            tell("kind of forecast", where, answers[0], wanted)
            return
    for key in answers:
        _CHECKS[key](entry[key], where, question, tell)


def _check_cdf(values: Any, where: str, question: Question | None, tell: _Told) -> None:  # noqa: ANN401
    if not isinstance(values, list | tuple) or not all(_is_number(value) for value in values):
        tell("numbers", where, _kind(values), "a list of finite numbers")
        return
    outside = [value for value in values if not 0 <= value <= 1]
    if outside:
        tell("probabilities", where, f"{outside[0]:.10g}", "values in [0, 1]")
    expected = CONTINUOUS_OUTCOMES + 1 if question is None else question.outcomes + 1
    right = 2 <= len(values) <= expected if question is None else len(values) == expected
    if not right:
        count = f"{expected} values" if question is not None else f"2 to {expected} values"
        tell("count", where, f"{len(values)} values", count)
    if len(values) >= 2:
        rounded = [round(value, 10) for value in values]
        _check_steps(rounded, len(values) - 1 if question is None else question.outcomes, where, tell)
        _check_ends(rounded, where, question, tell)


def _check_steps(values: Sequence[float], count: int, where: str, tell: _Told) -> None:
    least, most = round(0.01 / count, 9), 0.2 * 200 / count
    steps = [round(right - left, 9) for left, right in pairwise(values)]
    for place, step in enumerate(steps, 1):
        if step < least:
            tell("smallest step", f"{where}, step {place}", f"{step:.10g}", f"at least {least:.10g}")
        if step > most:
            tell("largest step", f"{where}, step {place}", f"{step:.10g}", f"at most {most:.10g}")


def _check_ends(values: Sequence[float], where: str, question: Question | None, tell: _Told) -> None:
    sides = (
        ("low end", values[0], None if question is None else question.open_low, "at least 0.001", 0.0),
        ("high end", values[-1], None if question is None else question.open_high, "at most 0.999", 1.0),
    )
    for side, value, opened, bound, closed in sides:
        tail = round(abs(value - closed), 12)
        if opened is None and value != closed and tail < LEAST_TAIL:
            tell(side, where, f"{value:.10g}", f"{closed:.1f} if it is closed, {bound} if it is open")
        elif opened is True and tail < LEAST_TAIL:
            tell(f"open {side}", where, f"{value:.10g}", bound)
        elif opened is False and value != closed:
            tell(f"closed {side}", where, f"{value:.10g}", f"{closed:.1f} exactly")


def _check_yes(value: Any, where: str, _: Question | None, tell: _Told) -> None:  # noqa: ANN401
    if not _is_number(value) or not LEAST_PROBABILITY <= value <= MOST_PROBABILITY:
        tell("probability", where, str(value), f"a number in [{LEAST_PROBABILITY}, {MOST_PROBABILITY}]")


def _check_each(values: Any, where: str, question: Question | None, tell: _Told) -> None:  # noqa: ANN401
    if not isinstance(values, Mapping) or not values:
        tell("options", where, _kind(values), "a mapping of option to probability")
        return
    names = [] if question is None else [option.name for option in question.options]
    for option, value in values.items():
        if names and option not in names:
            tell("known option", where, repr(option), "one of " + ", ".join(names))
        _check_yes(value, f"{where}, option {option}", question, tell)
    for name in names:
        if name not in values:
            tell("each option", where, f"no {name!r}", "a probability for each option")
    if all(_is_number(value) for value in values.values()):
        total = math.fsum(values.values())
        if abs(total - 1) > _SUM_TOLERANCE:
            tell("options add up", where, f"{total:.10g}", "1")


def _is_number(value: Any) -> bool:  # noqa: ANN401
    # A whole number of JSON may be too large for a float.
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 < value < 1e300


def _kind(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list | tuple):
        return "an empty list" if not value else "a list in which something is no finite number"
    return f"a {type(value).__name__}"


_CHECKS: Final[Mapping[str, Callable[[Any, str, Question | None, _Told], None]]] = {
    _CDF: _check_cdf,
    _YES: _check_yes,
    _EACH: _check_each,
}
