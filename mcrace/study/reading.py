"""Reading the keys of a mapping, with all that is wrong collected."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from mcrace.errors import Fault, nearest_name
from mcrace.study.terms import as_number, shown, unprintable

__all__ = ["Reader", "unix_seconds"]


def unix_seconds(day: date) -> float:
    """Seconds from the start of 1970 to the start of a day, in universal time.

    Examples
    --------
    >>> unix_seconds(date(1970, 1, 2))
    86400.0
    """
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads keys and collects what is wrong with them.

    Attributes
    ----------
    path : str
        Where the mapping stands.
    faults : list of Fault
        What was found so far.
    """

    path: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, key: str, found: Any, expected: str, nearest: str | None = None) -> None:  # noqa: ANN401
        """Note that a key is wrong."""
        self.wrong(key, shown(found), expected, nearest)

    def wrong(self, key: str, found: str, expected: str, nearest: str | None = None) -> None:
        """Note that a key is wrong, with what was found in words."""
        where = ".".join(part for part in (self.path, key) if part)
        self.faults.append(Fault(path=where, found=found, expected=expected, nearest=nearest))

    def known(self, value: Mapping[Any, Any], key: str, names: tuple[str, ...]) -> None:
        """Note every key that is not one of those known."""
        for name in value:
            if name not in names:
                nearest = nearest_name(str(name), names)
                expected = "one of " + ", ".join(names)
                self.wrong(f"{key}.{name}".lstrip("."), "an unknown key", expected, nearest)

    def text(self, value: Mapping[Any, Any], key: str, default: str | None) -> str:
        """Read a text; a whole number will do for an id."""
        given = value.get(key, default)
        if isinstance(given, int) and not isinstance(given, bool) and key == "id":
            return str(given)
        if not isinstance(given, str) or (default is None and not given):
            self.fault(key, given, "a text")
            return ""
        strange = unprintable(given)
        if strange is not None:
            self.wrong(key, strange, "printable text")
            return ""
        return given

    def choice(self, value: Mapping[Any, Any], key: str, names: tuple[str, ...], default: str | None) -> str:
        """Read one of some names."""
        given = value.get(key, default)
        if given not in names:
            nearest = nearest_name(given, names) if isinstance(given, str) else None
            self.fault(key, given, "one of " + ", ".join(names), nearest)
            return names[0]
        return str(given)

    def number(self, value: Any, key: str, expected: str = "a finite number") -> float:  # noqa: ANN401
        """Read a finite number."""
        number = as_number(value)
        if number is None or not math.isfinite(number):
            self.fault(key, value, expected)
            return math.nan
        return number

    def flag(self, value: Any, key: str) -> bool:  # noqa: ANN401
        """Read true or false."""
        if not isinstance(value, bool):
            self.fault(key, value, "true or false")
        return value is True

    def day(self, value: Any, key: str) -> date | None:  # noqa: ANN401
        """Read a date."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault(key, value, "a date, year-month-day, such as 2026-11-22")
            return None

    def moment(self, value: Any, key: str) -> float:  # noqa: ANN401
        """Read unix seconds, or a date as such."""
        number = as_number(value)
        if number is not None and math.isfinite(number):
            return number
        day = self.day(value, key)
        return math.nan if day is None else unix_seconds(day)
