"""Boxes and leaves as rules in words."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mcrace.analysis.regions import Limit

__all__ = ["Restriction", "restrictions", "rule"]


@dataclass(frozen=True, slots=True)
class Restriction:
    """The range that a rule leaves to one input.

    Attributes
    ----------
    name : str
        Of the input.
    low, high : float
        In the input's unit; -inf and inf where there is no limit. A `low` of the largest finite number or
        above leaves infinity only, a `high` of the largest finite number all but infinity.
    """

    name: str
    low: float = -math.inf
    high: float = math.inf


def restrictions(limits: Sequence[Limit]) -> tuple[Restriction, ...]:
    """Put a box's limits together, one restriction an input, in the order in which inputs first appear.

    Parameters
    ----------
    limits : sequence of Limit
        Of one region.

    Returns
    -------
    tuple of Restriction
        The narrowest range where an input has several limits on one side.
    """
    found: dict[str, Restriction] = {}
    for limit in limits:
        known = found.get(limit.name, Restriction(limit.name))
        low, high = (known.low, limit.value) if limit.above else (limit.value, known.high)
        found[limit.name] = Restriction(limit.name, max(low, known.low), min(high, known.high))
    return tuple(found.values())


def rule(
    ranges: Sequence[Restriction],
    tell: Callable[[str, float], str],
    labels: Mapping[str, str] | None = None,
) -> str:
    """Write a rule in words.

    Parameters
    ----------
    ranges : sequence of Restriction
        All of which hold together; those that leave their input free are passed over.
    tell : callable
        Writes a value of an input with its unit: ``tell(name, value)``. It is given finite values only.
    labels : mapping of str to str, optional
        What to call the inputs; by default by their names.

    Returns
    -------
    str
        ``any inputs`` for a rule that restricts none.

    Examples
    --------
    >>> tell = lambda name, value: f"{value:g} days" if name == "day" else f"{value:g}"
    >>> rule([Restriction("day", high=210.0), Restriction("step", 1.4)], tell)
    'day below 210 days and step above 1.4'
    >>> rule([Restriction("step", 1.2, 3.0), Restriction("day", math.inf)], tell, {"day": "release day"})
    'step between 1.2 and 3, and release day never'
    """
    names = labels or {}
    clauses = [
        f"{names.get(item.name, item.name)} {words}" for item in ranges if (words := _words(item, tell))
    ]
    if not clauses:
        return "any inputs"
    if len(clauses) == 1:
        return clauses[0]
    # A comma before the last "and" where another "and" stands in a clause, lest the two be mixed up.
    joint = ", and " if any(" and " in clause for clause in clauses) else " and "
    return ", ".join(clauses[:-1]) + joint + clauses[-1]


def _words(item: Restriction, tell: Callable[[str, float], str]) -> str:
    """Say a range; nothing for the whole line."""
    farthest = sys.float_info.max
    if item.low >= farthest:
        return "never"
    if item.high <= -farthest:
        return "at −∞"
    low = tell(item.name, item.low) if item.low > -farthest else ""
    high = tell(item.name, item.high) if item.high < farthest else ""
    if low and high:
        return f"at about {low}" if low == high else f"between {low} and {high}"
    end = "never" if item.high == farthest else ""
    if low:
        return f"above {low}, but not {end}" if end else f"above {low}"
    if high:
        return f"below {high}"
    return f"not {end}" if end else ""
