"""Tables of a run: every figure with its standard error and 95 % interval."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mcrace.engine.result import Result, Statistics

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["contrasts", "summary"]

_EXACT = "exact: no input is uncertain"

_RESOLVED = 10.0
"""Draws that must lie beyond a quantile before it is called resolved."""


def summary(result: Result) -> "pd.DataFrame":
    """Tabulate every statistic of every scenario and output.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    pandas.DataFrame
        Long: a row a number, with the columns ``scenario, output, statistic, value, standard_error,
        low, high, note``. `low` and `high` bound the 95 % interval by Student's t with
        replicates - 1 degrees of freedom. An error that cannot be had is NaN, and `note` says why.

    See Also
    --------
    contrasts : each scenario minus base.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> table = mcrace.summary(mcrace.run(study))
    >>> row = table.query("output == 'incentive' and statistic == 'mean'").iloc[0]
    >>> round(float(row["value"]), 4), float(row["standard_error"])
    (34.6574, 0.0)
    """
    statistics = result.statistics
    return _table(statistics, statistics.pooled, statistics.values, statistics.scenarios, _summary_note)


def contrasts(result: Result) -> "pd.DataFrame":
    """Tabulate each scenario minus base, on the same draws.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    pandas.DataFrame
        Columns as `summary`; the value is the scenario's statistic less base's, and its error is
        that of the difference, replicate by replicate, so that what the two share drops out. No row
        if the study has no scenario beside base.
    """
    statistics = result.statistics
    pooled = statistics.pooled[1:] - statistics.pooled[:1]
    replicates = statistics.values[1:] - statistics.values[:1]
    return _table(statistics, pooled, replicates, statistics.scenarios[1:], _contrast_note)


def _table(
    statistics: Statistics,
    pooled: NDArray[np.float64],
    values: NDArray[np.float64],
    scenarios: tuple[str, ...],
    note: "_Note",
) -> "pd.DataFrame":
    """Turn pooled values and those of the replicates, on their last axis, into estimates."""
    import pandas as pd

    exact = statistics.replicates == 1
    agreed = (values == values[..., :1]).all(axis=-1)
    error = np.zeros(pooled.shape) if exact else _standard_error(values, agreed)
    index = pd.MultiIndex.from_product(
        [scenarios, statistics.outputs, statistics.names], names=["scenario", "output", "statistic"]
    )
    half_width = error * (0.0 if exact else float(stdtrit(statistics.replicates - 1, 0.975)))
    columns = {
        "value": pooled,
        "standard_error": error,
        "low": pooled - half_width,
        "high": pooled + half_width,
    }
    table = pd.DataFrame({name: column.ravel() for name, column in columns.items()}, index=index)
    table["note"] = [
        _EXACT if exact else note(statistics, cell) for cell in _cells(statistics, pooled, values, agreed)
    ]
    return table.reset_index()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One estimate: its statistic, its value where all replicates agree, and the output's law."""

    name: str
    agreed_value: float | None
    constant: bool


_Note = Callable[[Statistics, _Cell], str]


def _cells(
    statistics: Statistics,
    pooled: NDArray[np.float64],
    values: NDArray[np.float64],
    agreed: NDArray[np.bool_],
) -> Iterator[_Cell]:
    spread = statistics.names.index("sd")
    for scenario in range(values.shape[0]):
        for output in range(values.shape[1]):
            constant = bool(pooled[scenario, output, spread] == 0)
            for place, name in enumerate(statistics.names):
                same = bool(agreed[scenario, output, place])
                value = float(values[scenario, output, place, 0]) if same else None
                yield _Cell(name=name, agreed_value=value, constant=constant)


def _standard_error(values: NDArray[np.float64], agreed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """From the scatter of the replicates; where they all agree their scatter tells nothing."""
    error = values.std(axis=-1, ddof=1) / np.sqrt(values.shape[-1])
    return np.where(agreed, np.nan, error)


def _summary_note(statistics: Statistics, cell: _Cell) -> str:
    draws = statistics.points * statistics.replicates
    if cell.agreed_value is None:
        few = _beyond(cell.name) * statistics.points < _RESOLVED
        return f"few draws beyond it in a replicate of {statistics.points}" if few else ""
    if cell.constant:
        return "every draw gives the same value"
    if cell.name == "sd" and statistics.points == 1:
        return "no error: a replicate is one draw"
    if cell.name.startswith("p_") and cell.agreed_value in (0.0, 1.0):
        return f"{'none' if cell.agreed_value == 0.0 else 'all'} of {draws} draws"
    return "the same in every replicate" + (": inside an atom" if cell.name.startswith("q") else "")


def _beyond(name: str) -> float:
    """Share of draws beyond a quantile, or in a shortfall; 1 for what has no tail."""
    if name.startswith("shortfall_"):
        return float(name.removeprefix("shortfall_"))
    return min(float(name[1:]), 1 - float(name[1:])) if name.startswith("q") else 1.0


def _contrast_note(statistics: Statistics, cell: _Cell) -> str:
    if cell.agreed_value is None:
        return _summary_note(statistics, cell)
    return "as in base" if cell.agreed_value == 0.0 else "the same in every replicate"
