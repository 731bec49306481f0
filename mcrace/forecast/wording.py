"""Numbers in words, and words of a study in markdown."""

import math
import re
from datetime import UTC, datetime

from mcrace.study.question import Question

__all__ = ["escaped", "number_text", "share_text"]

_LAST_SECOND = 6e10
"""Before the year 3900: beyond it a day says little, and what no calendar holds cannot be one."""

_INLINE = re.compile(r"[\\`*_\[\]<>|#&~$]")
_LIST = re.compile(r"^(\d{1,9}|)([-+]|[.)])(?= |$)")


def escaped(text: str) -> str:
    r"""Write a text so that markdown takes nothing in it for a mark, and no page for HTML.

    Parameters
    ----------
    text : str
        Any text, such as a label of a study.

    Returns
    -------
    str
        One line; what cannot be printed, such as a control character, is a space.

    References
    ----------
    CommonMark 0.31.2: Backslash escapes, List items.

    Examples
    --------
    >>> print(escaped("<b>&lt; *x*\n- y"), escaped("- z"), escaped("2) a"), sep="\n")
    \<b\>\&lt; \*x\* - y
    \- z
    2\) a
    """
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return _LIST.sub(r"\1\\\2", _INLINE.sub(r"\\\g<0>", line))


def number_text(value: float, question: Question) -> str:
    """Write a question's number: a day for a date question, ``never`` where it is infinite.

    Parameters
    ----------
    value : float
        In the question's unit.
    question : Question
        Tells its kind.

    Returns
    -------
    str
        Four significant digits, or an ISO date.

    Examples
    --------
    >>> number_text(86400.0, Question(platform="csv", variable="day", kind="date"))
    '1970-01-02'
    >>> number_text(1234567.0, Question(platform="csv", variable="cost"))
    '1.235e+06'
    """
    if value == math.inf:
        return "never"
    if question.kind == "date" and abs(value) < _LAST_SECOND:
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    return f"{value:.4g}"


def share_text(share: float) -> str:
    """Write a share in percent, with three digits at most.

    Parameters
    ----------
    share : float
        In [0, 1].

    Returns
    -------
    str
        Such as ``12.5 %``; a share that is not 0 or 1 never reads as such.

    Examples
    --------
    >>> [share_text(share) for share in (0, 0.125, 0.99999, 1e-7, 1)]
    ['0 %', '12.5 %', 'over 99.9 %', 'under 0.001 %', '100 %']
    """
    if 0 < share < 1e-5:
        return "under 0.001 %"
    if 0.9995 < share < 1:
        return "over 99.9 %"
    return f"{100 * share:.3g} %"
