"""A rule of a platform that a file breaks."""

from dataclasses import dataclass

__all__ = ["Breach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One rule that is broken.

    Attributes
    ----------
    rule : str
        The rule in a few words, the same for every breach of it.
    where : str
        The place in the file.
    found : str
        What stands there.
    expected : str
        What would be right.

    Examples
    --------
    >>> print(Breach(rule="count", where="question 7", found="3 values", expected="201 values"))
    count: question 7: found 3 values, expected 201 values
    """

    rule: str
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.rule}: {self.where}: found {self.found}, expected {self.expected}"
