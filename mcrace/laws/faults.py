"""Faults of a law's specification, with paths relative to the law's own mapping."""

from reprlib import Repr

from mcrace.errors import Fault, StudyError

__all__ = ["refusal", "short", "unknown_name"]


def refusal(path: str, value: object, expected: str) -> StudyError:
    """Make the error that a law's constructor raises for numbers that do not go together.

    Parameters
    ----------
    path : str
        Name of the parameter at fault; empty for the parameters as a whole.
    value : object
        What stood there; a text is shown as it is.
    expected : str
        What would be right.

    Returns
    -------
    StudyError
        With one fault.

    Examples
    --------
    >>> print(refusal("high", 1.0, "a number above 2"))
    high: found 1.0, expected a number above 2
    """
    found = value if isinstance(value, str) and value else short(value)
    return StudyError([Fault(path=path, found=found, expected=expected)])


def unknown_name(path: str, found: str, expected: str, nearest: str | None) -> StudyError:
    """Make the error for a name that is none of those known.

    Parameters
    ----------
    path, found, expected : str
        As for `refusal`.
    nearest : str or None
        The known name that is most like it.

    Returns
    -------
    StudyError
        With one fault.

    Examples
    --------
    >>> print(unknown_name("column", "'mnths'", "a column: months, days", "months"))
    column: found 'mnths', expected a column: months, days; did you mean 'months'?
    """
    return StudyError([Fault(path=path, found=found, expected=expected, nearest=nearest)])


def short(value: object) -> str:
    """Show any object in a few words, whatever it is.

    Parameters
    ----------
    value : object
        What stood in a study.

    Returns
    -------
    str
        At most 80 characters on one line.

    Examples
    --------
    >>> short("three")
    "'three'"
    >>> short(10**9999)
    'an unprintable int'
    """
    shortener = Repr()
    shortener.maxlevel, shortener.maxother, shortener.maxstring = 3, 60, 40
    try:
        text = " ".join(shortener.repr(value).split())
    except Exception:  # a repr may fail in any way, and the message must not fail with it
        return f"an unprintable {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."
