"""What is said of a model key and of an output."""

import math
from dataclasses import dataclass

__all__ = ["OFF", "Key", "Kind", "Output"]

OFF = "off"
"""Default of a number whose mechanism is off unless it is given."""

Kind = str
"""``number``, ``choice``, ``flag``, ``points`` (a list of [level, value] pairs) or ``text``."""


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
        ``number``, ``choice``, ``flag``, ``points`` or ``text``.
    default : float, str, bool or None
        Neutral value, `OFF` for a number that does without one; None if the key must be given, as soon
        as its section is.
    off : float
        What the compiled model takes where the key is not given and has no default that is a number.
    chooser : str
        Path of the choice that the key hangs on, such as ``value.curve``.
    needed_by : tuple of str
        What that choice must be for the key to be needed; empty if it does not hang on a choice.
    instead_of : str
        Path of the key that it stands for: exactly one of the two is given.
    low, high : float
        Range of a number.
    low_open, high_open : bool
        Whether the end itself is out of range.
    whole : bool
        Whether it is a whole number.
    each : bool
        Whether a law may be drawn anew for each member of the process.
    certain : bool
        Whether it must be a plain number, the same in every draw.
    choices : tuple of str
        What a choice may be.
    """

    path: str
    meaning: str
    unit: str = ""
    kind: Kind = "number"
    default: float | str | bool | None = None
    off: float = 0.0
    chooser: str = ""
    needed_by: tuple[str, ...] = ()
    instead_of: str = ""
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = True
    whole: bool = False
    each: bool = False
    certain: bool = False
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
    if key.kind == "text":
        return "a text"
    low, high = f"{key.low:g}", f"{key.high:g}"
    if key.whole:
        return f"a whole number of at least {low}"
    if math.isinf(key.low) and math.isinf(key.high):
        return "a finite number"
    if math.isinf(key.high):
        above = f"a number above {low}" if key.low_open else f"a number of at least {low}"
        return above if key.high_open else f"{above}, or infinite"
    opening, closing = "(" if key.low_open else "[", ")" if key.high_open else "]"
    return f"a number in {opening}{low}, {high}{closing}"
