"""What can go wrong, told so that a person can mend it."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Fault", "McraceError", "ModelError", "RunError", "RunWarning", "StudyError", "nearest_name"]


class McraceError(Exception):
    """Parent of every exception that mcrace raises on purpose.

    Attributes
    ----------
    exit_code : int
        What the command line exits with: 2 for a wrong study or call, 1 for a run that failed.
    """

    exit_code = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a study or a call, and what would be right.

    Attributes
    ----------
    path : str
        The key's path, such as ``inputs.day.law.lognormal.p05``; empty for the file as a whole.
    found : str
        What stands there.
    expected : str
        What would be right.
    nearest : str or None
        The nearest known name, where a name was misspelt.
    file : str or None
        The file; None for a study that was made in Python.
    line, column : int or None
        Counted from 1.
    excerpt : str or None
        The line of the file in which the fault stands.
    """

    path: str
    found: str
    expected: str
    nearest: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    excerpt: str | None = None

    def __str__(self) -> str:
        """Tell it in one line, with the line of the file and a pointer below where there is one."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        where = ": ".join(part for part in (place, self.path) if part)
        hint = f"; did you mean {self.nearest!r}?" if self.nearest is not None else ""
        message = f"{where + ': ' if where else ''}found {self.found}, expected {self.expected}{hint}"
        if self.excerpt is None or self.line is None or self.column is None:
            return message
        margin = " " * len(str(self.line))
        pointer = " " * (self.column - 1) + "^"
        return f"{message}\n  {self.line} | {self.excerpt}\n  {margin} | {pointer}"


class StudyError(McraceError):
    """A study file, or a call, that is wrong: every fault at once.

    Parameters
    ----------
    faults : iterable of Fault
        In the order of the file.

    Examples
    --------
    >>> print(StudyError([Fault(path="sampling.draws", found="-1", expected="a whole number >= 1")]))
    sampling.draws: found -1, expected a whole number >= 1
    """

    exit_code = 2

    def __init__(self, faults: "Iterable[Fault]") -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> "tuple[type[StudyError], tuple[tuple[Fault, ...]]]":
        """Survive the way back from a worker process with the faults intact."""
        return (type(self), (self.faults,))


class ModelError(StudyError):
    """Numbers that the model cannot take: a key that is unknown, absent, or out of its range."""


class RunError(McraceError):
    """A run that could not be finished, or a run folder that cannot be used."""


class RunWarning(UserWarning):
    """Something about a run that its numbers do not hang on, but that a person should know."""


def nearest_name(name: str, known: "Iterable[str]") -> str | None:
    """Find the known name that looks most like `name`.

    Parameters
    ----------
    name : str
        What was written.
    known : iterable of str
        What could have been meant.

    Returns
    -------
    str or None
        The nearest known name; None if none is near.

    Examples
    --------
    >>> nearest_name("lognrmal", ["normal", "lognormal", "uniform"])
    'lognormal'
    """
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
