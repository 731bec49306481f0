"""Laws counted from an earlier day, given that what they speak of has not happened by day 0."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mcrace.errors import Fault, StudyError
from mcrace.laws import FloatArray, Law, Range, describe, truncate
from mcrace.laws.discrete import Discrete, make_discrete
from mcrace.laws.reading import read_number
from mcrace.study.expressions import date_in

__all__ = ["SINCE", "Waiting", "read_waiting", "waiting_text"]

SINCE = "since"
"""Key beside a law's name: the day, at most 0, from which the law counts."""

_ATOM = 1e-12


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is left of a wait: X - e given that X > e.

    Attributes
    ----------
    law : Law
        X, counted from e days before day 0.
    held : Law
        X given that it is above e.
    elapsed : float
        e, in days, at least 0.

    Examples
    --------
    >>> from mcrace.laws import build_law
    >>> law = build_law("uniform", [0, 400])
    >>> Waiting(law, truncate(law, 100, float("inf")), 100.0).support
    (0.0, 300.0)
    """

    law: Law
    held: Law
    elapsed: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return np.maximum(self.held.ppf(u) - self.elapsed, 0.0)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return np.maximum(self.held.isf(u) - self.elapsed, 0.0)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return self.held.cdf(np.asarray(x) + self.elapsed)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return self.held.sf(np.asarray(x) + self.elapsed)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        low, high = self.held.support
        return max(low - self.elapsed, 0.0), high - self.elapsed

    @property
    def mean(self) -> float:
        """Expected value; infinite where infinity is possible."""
        return self.held.mean - self.elapsed

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.held.sd


def read_waiting(value: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Law]) -> Law:
    """Check a law with the day from which it counts beside it.

    Parameters
    ----------
    value : Mapping
        Such as ``{weibull: {p05: 50, p95: 500}, since: -120}``: on day 0, 120 of the days are over.
    read : callable
        Makes the law without that key.

    Returns
    -------
    Law
        In days from day 0.

    Raises
    ------
    StudyError
        All faults, their paths relative to the mapping.

    Examples
    --------
    >>> from mcrace.laws import read_law
    >>> read_waiting({"uniform": [0, 400], "since": -100}, read_law).mean
    150.0
    """
    faults: list[Fault] = []
    allowed = Range(most=0)
    since = read_number(value[SINCE], allowed, SINCE, faults)
    law = None
    try:
        law = read({name: item for name, item in value.items() if name != SINCE})
    except StudyError as error:
        faults += error.faults
    if law is None or since is None:
        wanted = "the day from which the law counts: at most 0, or a date up to as_of"
        if date_in(value[SINCE]) is not None:
            wanted += "; a date stands only in an input with unit: days, or in a day of the model"
        own = {SINCE: wanted}
        raise StudyError(replace(fault, expected=own.get(fault.path, fault.expected)) for fault in faults)
    return _left(law, -since)


def waiting_text(law: Waiting) -> str:
    """Write the law in a few words."""
    return f"{describe(law.law)} counted from day {-law.elapsed:g}, given that it has not come by day 0"


def _left(law: Law, elapsed: float) -> Law:
    ends = np.array([np.nextafter(elapsed, -np.inf), elapsed])
    below, at = (float(share) for share in law.cdf(ends))
    # What happens on day 0 itself has happened.
    low = float(np.nextafter(elapsed, np.inf)) if at - below > _ATOM else elapsed
    try:
        held = truncate(law, low, np.inf)
    except StudyError:
        found = f"a law by which it has come after {elapsed:g} days for sure"
        expected = "a law that leaves some chance of days after day 0, or a later day"
        raise StudyError([Fault(path=SINCE, found=found, expected=expected)]) from None
    if isinstance(held, Discrete):
        return make_discrete([value - elapsed for value in held.values], held.weights)
    return Waiting(law, held, elapsed)
