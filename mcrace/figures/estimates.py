"""Look-up of single estimates in the summary of a run."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mcrace.analysis import contrasts, summary
from mcrace.figures.wording import common_unit, percent, rounded
from mcrace.nomenclature.statistics import UNRESOLVED

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.engine.result import Result

__all__ = ["Estimate", "Estimates", "contrasts_of", "estimates_of", "total_draws"]


_UNKNOWN = (UNRESOLVED, "no error")
_SIZES = ("mean", "q0.05", "q0.5", "q0.95")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One number of a run with its Monte Carlo error.

    Attributes
    ----------
    value, standard_error : float
        In the output's unit; a probability has none. An error that cannot be had is NaN.
    half_width : float
        Half of the 95 % interval's width; 0 where the number is exact, or all draws agree on it; NaN where
        these draws do not resolve its error.
    note : str
        Why there is no error, or what to beware of; empty as a rule.
    """

    value: float
    standard_error: float
    half_width: float
    note: str

    def text(self, factor: float = 1.0) -> str:
        """Write the number, divided by `factor`, with the digits that its error supports."""
        return rounded(self.value / factor, self.half_width / factor)

    @property
    def percent(self) -> str:
        """The number as a percentage with its error."""
        return percent(self.value, self.half_width)

    @property
    def is_resolved(self) -> bool:
        """Whether the draws tell how far the number may be off."""
        return not math.isnan(self.half_width)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Every estimate of a run by scenario, output and statistic.

    Attributes
    ----------
    places : Mapping
        (scenario, output, statistic) to its place in the columns.
    columns : tuple of tuples
        Value, standard error, low and high end of the interval, and note.
    """

    places: Mapping[tuple[str, str, str], int]
    columns: tuple[tuple[Any, ...], ...]

    def of(self, scenario: str, output: str, statistic: str) -> Estimate:
        """Return one estimate."""
        place = self.places[scenario, output, statistic]
        value, error, low, high, note = (column[place] for column in self.columns)
        return Estimate(
            value=float(value),
            standard_error=float(error),
            half_width=_half_width(float(low), float(high), str(note)),
            note=str(note),
        )

    def unit(self, scenarios: Iterable[str], output: str, unit: str) -> tuple[float, str]:
        """Choose the unit in which an output of these scenarios is shown, everywhere the same.

        Parameters
        ----------
        scenarios : iterable of str
            Those that stand together.
        output, unit : str
            Name of the output, and its plain unit.

        Returns
        -------
        factor, text
            As `common_unit` gives them.
        """
        values = [self.of(scenario, output, name).value for scenario in scenarios for name in _SIZES]
        return common_unit(values, unit)


@lru_cache(maxsize=2)
def estimates_of(result: "Result") -> Estimates:
    """Read the summary of a run."""
    return _read(summary(result))


@lru_cache(maxsize=2)
def contrasts_of(result: "Result") -> Estimates:
    """Read the contrasts of a run to base."""
    return _read(contrasts(result))


def total_draws(result: "Result") -> int:
    """Count the draws of each scenario over all replicates."""
    return result.statistics.points * result.statistics.replicates


def _read(table: "pd.DataFrame") -> Estimates:
    keys = zip(*(table[name].tolist() for name in ("scenario", "output", "statistic")), strict=True)
    numbers = tuple(
        tuple(table[name].tolist()) for name in ("value", "standard_error", "low", "high", "note")
    )
    return Estimates(places={key: place for place, key in enumerate(keys)}, columns=numbers)


def _half_width(low: float, high: float, note: str) -> float:
    half = (high - low) / 2
    return 0.0 if math.isnan(half) and not note.startswith(_UNKNOWN) else half
