"""What is said of a model key and of an output."""

import math
from dataclasses import dataclass

__all__ = ["Key", "Kind", "Output"]

Kind = str
"""``number``, ``choice``, ``flag`` or ``points`` (a list of [level, value] pairs)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a study's ``model`` section.

    Attributes
    ----------
    path : str
        Dotted path below ``model``; ``[]`` marks a list, as in ``open.releases[].day``.
    meaning, unit, formula, source : str
        For the reader; `unit` is empty for a pure number.
    kind : str
        ``number``, ``choice``, ``flag`` or ``points``.
    default : float, str, bool or None
        Neutral value; None if the key must be given.
    needed_by : tuple of str
        Choices of ``value.curve`` that need the key; empty if it does not hang on the curve.
    low, high : float
        Range of a number.
    low_open, high_open : bool
        Whether the end itself is out of range.
    choices : tuple of str
        What a choice may be.
    """

    path: str
    meaning: str
    unit: str = ""
    kind: Kind = "number"
    default: float | str | bool | None = None
    needed_by: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = True
    choices: tuple[str, ...] = ()
    formula: str
    source: str

    @property
    def field(self) -> str:
        """Name of the number inside the compiled model: dots become underscores."""
        return self.path.replace("[]", "").replace(".", "_")

    @property
    def range_text(self) -> str:
        """The range in words, such as ``a number above 0``."""
        return _range_text(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One number that each draw yields.

    Attributes
    ----------
    name, label, unit, meaning, formula : str
        `label` is for figures and tables, `unit` a plain unit such as ``USD``.
    """

    name: str
    label: str
    unit: str
    meaning: str
    formula: str


def _range_text(key: Key) -> str:
    if key.kind == "choice":
        return "one of " + ", ".join(key.choices)
    if key.kind == "flag":
        return "true or false"
    if key.kind == "points":
        return "a list of at least 2 [level, value] pairs, both columns increasing"
    low, high = f"{key.low:g}", f"{key.high:g}"
    if math.isinf(key.low) and math.isinf(key.high):
        return "a finite number"
    if math.isinf(key.high):
        above = f"a number above {low}" if key.low_open else f"a number of at least {low}"
        return above if key.high_open else f"{above}, or infinite"
    opening, closing = "(" if key.low_open else "[", ")" if key.high_open else "]"
    return f"a number in {opening}{low}, {high}{closing}"
