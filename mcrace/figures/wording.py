"""Numbers and labels as a reader sees them: digits that the error supports, units in words."""

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable

__all__ = ["clean_text", "common_unit", "counted", "percent", "readable_unit", "rounded", "short",
           "wrapped"]  # fmt: skip

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
_LEAST_SCALED = 1e4  # 730 days and 1,500 USD need no word
_EXACT_DIGITS = 4
_UNKNOWN_DIGITS = 2
_MOST_DIGITS = 6
_MOST_DECIMALS = 12
_COARSEST_PERCENT = 9.5  # tens of percent would turn 75 into 100
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def rounded(value: float, error: float) -> str:
    """Write a number with the digits that its error supports.

    Parameters
    ----------
    value : float
        The number, in any unit.
    error : float
        Its error in the same unit, such as half of an interval's width; 0 if the number is exact, NaN if its
        error is not known.

    Returns
    -------
    str
        Such as ``61.2 ± 0.3``. The error has one significant digit, two where the first is a 1. An exact
        number has four significant digits at most, or those of its whole part, one whose error is not known
        two; an error beyond the sixth digit is left out.

    Examples
    --------
    >>> rounded(61.2345, 0.31), rounded(61.2345, 0.0), rounded(-123456.0, 1400.0)
    ('61.2 ± 0.3', '61.23', '−123,500 ± 1,400')
    >>> rounded(61.2345, float("nan")), rounded(-123456.0, float("nan"))
    ('61', '−120,000')
    """
    if not math.isfinite(value):
        return "not available" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if not math.isfinite(error):
        return _significant(value, _UNKNOWN_DIGITS)
    if error <= 0:
        return _without_error(value)
    if value != 0 and error < abs(value) * 10.0**-_MOST_DIGITS:
        return _fixed(value, max(_MOST_DIGITS - 1 - math.floor(math.log10(abs(value))), 0))
    first_digit, exponent = f"{error:.0e}".split("e")
    decimals = (1 if first_digit == "1" else 0) - int(exponent)
    if decimals > _MOST_DECIMALS:
        return _signed(f"{value:.{_EXACT_DIGITS}g} ± {error:.1g}")
    return f"{_fixed(value, decimals)} ± {_fixed(error, decimals)}"


def percent(share: float, error: float) -> str:
    """Write a share as a percentage with the digits that its error supports.

    Parameters
    ----------
    share, error : float
        Between 0 and 1; an error of 0 (exact) or NaN (not known) is left out.

    Returns
    -------
    str
        Such as ``61.2 ± 0.3 %``. Where the error is not known, two significant digits of the share or of what
        it leaves to 1, whichever is smaller.

    Examples
    --------
    >>> percent(0.612345, 0.0031), percent(0.25, 0.0), percent(0.998765, float("nan"))
    ('61.2 ± 0.3 %', '25 %', '99.88 %')
    """
    if not math.isfinite(error) and 0.0 < share < 1.0:
        smaller = 100 * min(share, 1 - share)
        return f"{_fixed(100 * share, max(_decimals(smaller, _UNKNOWN_DIGITS), 0))} %"
    if 100 * error >= _COARSEST_PERCENT:
        return f"{100 * share:.0f} ± {100 * error:.0f} %"
    return f"{rounded(100 * share, 100 * error)} %"


def readable_unit(values: Iterable[float], unit: str) -> tuple[float, str]:
    """Choose the unit in which numbers of this size are read most easily.

    Parameters
    ----------
    values : iterable of float
        Numbers in `unit`; the largest magnitude among the finite ones decides.
    unit : str
        Plain unit, such as ``USD``; may be empty.

    Returns
    -------
    factor : float
        Divide the numbers by it.
    text : str
        The unit in words, such as ``billion USD``.

    Examples
    --------
    >>> readable_unit([2.5e9, -1e8], "USD")
    (1000000000.0, 'billion USD')
    >>> readable_unit([730.0], "days")
    (1.0, 'days')
    """
    size = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    plain = clean_text(unit)
    if size < _LEAST_SCALED:
        return 1.0, plain
    factor, word = next(scale for scale in _SCALES if size >= scale[0])
    return factor, f"{word} {plain}".strip()


def common_unit(values: Iterable[float], unit: str) -> tuple[float, str]:
    """Choose one unit for numbers that stand together.

    Parameters
    ----------
    values : iterable of float
        Numbers in `unit`.
    unit : str
        Plain unit, such as ``USD``; may be empty.

    Returns
    -------
    factor, text
        As `readable_unit` gives them for the largest number, or one step smaller where most of the others
        would start with a zero and the largest stays below 10,000.

    Examples
    --------
    >>> common_unit([1.1e12, 2e11, -4.8e10], "USD"), common_unit([1.1e12, 2e12, -4.8e10], "USD")
    ((1000000000.0, 'billion USD'), (1000000000000.0, 'trillion USD'))
    """
    sizes = sorted(abs(value) for value in values if math.isfinite(value) and value != 0)
    factor, text = readable_unit(sizes, unit)
    if factor == 1 or sizes[len(sizes) // 2] >= factor or sizes[-1] >= _LEAST_SCALED * factor / 1e3:
        return factor, text
    return readable_unit([factor / 1.001], unit)


def short(value: float) -> str:
    """Write a number with three significant digits, never as a power.

    Parameters
    ----------
    value : float
        The number, in any unit.

    Returns
    -------
    str
        Infinity is ``never``: only a day can be infinite.

    Examples
    --------
    >>> short(123456.0), short(0.01234), short(float("inf"))
    ('123,000', '0.0123', 'never')
    """
    if not math.isfinite(value):
        return "never" if value > 0 else "not available"
    return _without_error(float(f"{value:.2e}"))


def counted(number: int, noun: str) -> str:
    """Write a count with its noun in the right number.

    Parameters
    ----------
    number : int
        How many.
    noun : str
        The noun in the singular; its plural takes an s.

    Returns
    -------
    str
        Such as ``131,072 draws``.

    Examples
    --------
    >>> counted(1, "draw"), counted(131072, "draw")
    ('1 draw', '131,072 draws')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clean_text(text: str) -> str:
    r"""Make a study's free text harmless to draw: one line without control characters.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same text; runs of white space and control characters are one space.

    Examples
    --------
    >>> clean_text("two\nlines\x00 and a $ sign")
    'two lines and a $ sign'
    """
    visible = _BIDI_CONTROLS.sub("", text)
    plain = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cs", "Cn") else letter for letter in visible
    )
    return " ".join(plain.split())


def wrapped(text: str, width: int, lines: int) -> str:
    r"""Break a label into lines, and cut it where it has more than it may have.

    Parameters
    ----------
    text : str
        Any text; it is cleaned first.
    width : int
        Columns of a line; a wide (East Asian) letter takes two.
    lines : int
        Lines at most.

    Returns
    -------
    str
        Lines joined by newlines; a cut ends in an ellipsis.

    Examples
    --------
    >>> wrapped("open release at the frontier", 14, 2)
    'open release\nat the…'
    """
    plain = clean_text(text)
    wide = any(unicodedata.east_asian_width(letter) in "WF" for letter in plain)
    return "\n".join(
        textwrap.wrap(plain, width=width // 2 if wide else width, max_lines=lines, placeholder="…")
    )


def _without_error(value: float) -> str:
    if value == 0:
        return "0"
    decimals = _decimals(value, _EXACT_DIGITS)
    if decimals > _MOST_DECIMALS:
        return _signed(f"{value:.{_EXACT_DIGITS}g}")
    text = _fixed(value, max(decimals, 0))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _significant(value: float, digits: int) -> str:
    """Write a number with so many significant digits, noughts before the decimal point after them."""
    if value == 0:
        return "0"
    decimals = _decimals(value, digits)
    if decimals > _MOST_DECIMALS:
        return _signed(f"{value:.{digits}g}")
    text = _fixed(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(value: float, digits: int) -> int:
    return digits - 1 - math.floor(math.log10(abs(value)))


def _fixed(value: float, decimals: int) -> str:
    text = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    is_zero = not text.strip("-0.,")
    return text.lstrip("-") if is_zero else _signed(text)


def _signed(text: str) -> str:
    return "−" + text[1:] if text.startswith("-") else text
