"""Dates in a study: what they may stand for, and the days after ``as_of`` that they are."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from mcrace.errors import Fault
from mcrace.laws import LAWS
from mcrace.nomenclature import KEYS
from mcrace.study.expressions import Expression
from mcrace.study.fields import is_annotated, refused
from mcrace.study.names import key_path
from mcrace.study.paths import parts_of, with_change
from mcrace.study.terms import InputName, as_number
from mcrace.study.waiting import SINCE

__all__ = [
    "POINTS_IN_TIME",
    "Dated",
    "as_of_date",
    "changes_with_days",
    "date_text",
    "dated_inputs",
    "with_days",
]

POINTS_IN_TIME = frozenset(
    path
    for path, key in KEYS.items()
    if key.unit == "days" and (path == "horizon_days" or re.split(r"[._]", path)[-1] == "day")
)
"""Keys of the model that a date may stand for; lengths of time are none."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACES = frozenset({"low", "high", "mode", "mean", "median", "values", "loc", "location", "bounds"})
_LEVEL = re.compile(r"p\d\d|0?\.\d+")
_DAYS = frozenset({"day", "days"})
_NO_ORIGIN = date(1, 1, 1)

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A study with days for its dates.

    Attributes
    ----------
    value : Mapping
        The study as plain values; itself where it holds no date.
    written : Mapping of tuple of str to str
        Path of each date to how it is written.
    faults : tuple of (tuple of str, Fault)
        Path of each date that cannot be read, or counts from nothing, and what is wrong.
    """

    value: Mapping[str, Any]
    written: Mapping[_Path, str]
    faults: tuple[tuple[_Path, Fault], ...]

    def as_written(self, fault: Fault) -> Fault:
        """Tell a fault of a day in the words of the study, if it is one."""
        # A level of a quantile holds a dot too: whole paths are compared.
        text = {".".join(path): date for path, date in self.written.items()}.get(fault.path)
        if text is None or text in fault.found:
            return fault
        try:
            found = f"the date {text}, which is day {float(fault.found):.10g}"
        except ValueError:  # what goes wrong because of the day, and not the day itself
            found = f"the date {text}: {fault.found}"
        return replace(fault, found=found)


def as_of_date(value: Any) -> date:  # noqa: ANN401 - any YAML value
    """Check the date of day 0.

    Parameters
    ----------
    value : object
        As it stands in the study: an ISO date as text.

    Returns
    -------
    date
        Day 0.

    Raises
    ------
    StudyError
        If it is no date.

    Examples
    --------
    >>> as_of_date("2026-11-22")
    datetime.date(2026, 11, 22)
    """
    read = _date(value) if isinstance(value, str) else None
    if read is None:
        raise refused(value, "a date, year-month-day, such as 2026-11-22")
    return read


def date_text(day: float, as_of: date) -> str:
    """Write a day as a date.

    Parameters
    ----------
    day : float
        Days after `as_of`; a part of a day belongs to the date on which it falls.
    as_of : date
        The date of day 0.

    Returns
    -------
    str
        Such as ``2027-03-01``; ``never`` for infinity.

    Examples
    --------
    >>> date_text(99.5, date(2026, 11, 22)), date_text(math.inf, date(2026, 11, 22))
    ('2027-03-01', 'never')
    """
    if math.isnan(day) or math.isinf(day):
        return "never" if day > 0 else "no date"
    try:
        return (as_of + timedelta(days=math.floor(day))).isoformat()
    except OverflowError:
        return "after the year 9999" if day > 0 else "before the year 1"


def dated_inputs(model: Mapping[str, Any]) -> frozenset[str]:
    """List the inputs that are points in time, to be shown as dates.

    Parameters
    ----------
    model : Mapping
        A scenario's model.

    Returns
    -------
    frozenset of str
        Inputs that stand by themselves for a key that a date may stand for.
    """
    return frozenset(_bare_names(model, ()))


def with_days(study: Mapping[str, Any]) -> Dated:
    """Put days after ``as_of`` for dates, wherever a date may stand.

    A date may stand for a day of the model, for an input whose unit is days, and for what places a law of
    such a number (low, high, mode, mean, median, quantiles, values, bounds), never for a length of time.
    In a law with ``since`` they become days after that.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.

    Returns
    -------
    Dated
        All else as it was.

    Examples
    --------
    >>> with_days({"as_of": "2026-11-22", "model": {"lab": {"start_day": "2026-12-01"}}}).value["model"]
    {'lab': {'start_day': 9}}
    """
    given = study.get("as_of")
    origin = _date(given) if isinstance(given, str) else None
    work = _Work(origin=origin or _NO_ORIGIN, absent="as_of" not in study or given is None)
    value = dict(study)
    if isinstance(value.get("inputs"), Mapping):
        value["inputs"] = {name: work.input(entry, name) for name, entry in value["inputs"].items()}
    if "model" in value:
        value["model"] = work.model(value["model"], ())
    return Dated(value=value if work.written else study, written=work.written, faults=tuple(work.faults))


def changes_with_days(study: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Put days for dates in what a scenario changes.

    Parameters
    ----------
    study : Mapping
        A right study as plain values.
    changes : Mapping
        Path to new value.

    Returns
    -------
    dict
        The same paths; where a value holds a date, what stands there in the changed study.
    """
    if not any(_holds_date(new) for new in changes.values()):
        return dict(changes)
    changed: Mapping[str, Any] = study
    for path, new in sorted(changes.items(), key=lambda change: change[0].count(".")):
        changed = with_change(changed, path, new)
    dated = with_days(changed).value
    return {path: _at(dated, path) if _holds_date(new) else new for path, new in changes.items()}


def _at(value: Any, path: str) -> Any:  # noqa: ANN401
    for part in parts_of(value, path):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _holds_date(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, Mapping):
        return any(_holds_date(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_date(item) for item in value)
    return _is_date(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """Translates, and notes what it met."""

    origin: date
    absent: bool
    written: dict[_Path, str] = field(default_factory=dict)
    faults: list[tuple[_Path, Fault]] = field(default_factory=list)

    def input(self, entry: Any, name: str) -> Any:  # noqa: ANN401
        unit = entry.get("unit") if is_annotated(entry) else None
        if not isinstance(unit, str) or unit.strip().lower() not in _DAYS or "law" not in entry:
            return entry
        return {**entry, "law": self.number(entry["law"], ("inputs", name, "law"))}

    def model(self, value: Any, path: _Path) -> Any:  # noqa: ANN401
        if key_path(path) in POINTS_IN_TIME:
            return self.number(value, ("model", *path))
        if isinstance(value, Mapping):
            return {name: self.model(item, (*path, str(name))) for name, item in value.items()}
        if isinstance(value, list):
            return [self.model(item, (*path, str(index))) for index, item in enumerate(value)]
        return value

    def number(self, value: Any, path: _Path, offset: float = 0) -> Any:  # noqa: ANN401
        """Translate a number or a law; days count from `offset` days after day 0."""
        if _is_date(value):
            return self.day(value, path, offset)
        if not isinstance(value, Mapping):
            return value
        law = dict(value)
        if SINCE in law:
            law[SINCE] = self.number(law[SINCE], (*path, SINCE))
            offset = as_number(law[SINCE]) or 0
            offset = int(offset) if float(offset).is_integer() else offset
        for name in value:
            if name in LAWS:
                law[name] = self.parameters(law[name], (*path, name), offset, LAWS[name].positional)
            elif name in _PLACES:
                law[name] = self.places(law[name], (*path, name), offset)
        return law

    def parameters(self, spec: Any, path: _Path, offset: float, order: tuple[str, ...] | None) -> Any:  # noqa: ANN401
        if isinstance(spec, list):
            names = order if order is not None and len(order) == len(spec) else ("",) * len(spec)
            return [
                self.member(item, (*path, str(index)), offset, name)
                for index, (item, name) in enumerate(zip(spec, names, strict=True))
            ]
        if isinstance(spec, Mapping):
            return {name: self.member(item, (*path, name), offset, name) for name, item in spec.items()}
        return spec

    def member(self, item: Any, path: _Path, offset: float, name: str) -> Any:  # noqa: ANN401
        """One parameter of a law, or one member of a mixture."""
        if name in _PLACES or _LEVEL.fullmatch(name):
            return self.places(item, path, offset)
        if isinstance(item, Mapping):
            return {
                key: self.number(below, (*path, key), offset) if key == "is" else below
                for key, below in item.items()
            }
        if isinstance(item, list) and len(item) == 2:
            return [item[0], self.number(item[1], (*path, "1"), offset)]
        return item

    def places(self, item: Any, path: _Path, offset: float) -> Any:  # noqa: ANN401
        if isinstance(item, list):
            return [self.number(below, (*path, str(index)), offset) for index, below in enumerate(item)]
        return self.number(item, path, offset)

    def day(self, text: str, path: _Path, offset: float) -> float | str:
        read = _date(text)
        self.written[path] = text
        if read is None:
            found, expected = f"the date {text}, which no calendar has", "a date such as 2026-11-22"
            self.faults.append((path, Fault(path=".".join(path), found=found, expected=expected)))
            return text  # any day that stood for it would be told to clash with its neighbours
        if self.absent:
            found = f"the date {text} in a study without as_of"
            expected = "as_of: the date of day 0, at the top of the study, for dates to count from"
            fault = Fault(path=".".join(path), found=found, expected=expected)
            self.faults.append((path, fault))
        if path[-1] == SINCE and self.origin == _NO_ORIGIN:
            return 0
        return (read - self.origin).days - offset


def _is_date(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str) and _DATE.fullmatch(value.strip()) is not None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if _is_date(text) else None
    except ValueError:
        return None


def _bare_names(value: Any, path: _Path) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _bare_names(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _bare_names(item, (*path, str(index)))
    elif key_path(path) in POINTS_IN_TIME:
        if isinstance(value, InputName):
            yield value.name
        elif isinstance(value, Expression) and value.text.strip() in value.names:
            yield value.text.strip()
