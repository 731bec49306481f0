"""Tables of a run: every figure with its standard error and 95 % interval."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mcrace.engine import intervals
from mcrace.engine.intervals import Errors, Sample, difference_errors, summary_errors
from mcrace.engine.result import Result, Statistics
from mcrace.nomenclature.statistics import UNRESOLVED

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["contrasts", "summary"]

FloatArray = NDArray[np.float64]

_EXACT = "exact: no input is uncertain"
_FEW = "few draws beyond it in a replicate of {points}"

_NOTES: Final[Mapping[int, str]] = MappingProxyType(
    {
        intervals.CONSTANT: "every draw gives the same value",
        intervals.NONE: "none of {draws} draws",
        intervals.ALL: "all of {draws} draws",
        intervals.AS_BASE: "as in base",
        intervals.ATOM: "the same in every replicate: inside an atom",
        intervals.SAME: "the same in every replicate",
        intervals.ONE_DRAW: "no error: a replicate is one draw",
        intervals.EDGE: f"{UNRESOLVED}: at the edge of a value that many draws share",
        intervals.LATTICE: f"{UNRESOLVED}: replicates of {{points}} agree to within about one draw",
        intervals.FEW: f"{UNRESOLVED}: {_FEW}",
        intervals.RARE: f"{UNRESOLVED}: a rare event, fewer than 4 draws tell",
        intervals.TAIL: f"{UNRESOLVED}: a few extreme draws decide, the tail is long",
        intervals.INFINITE: f"{UNRESOLVED}: the tail is so heavy that the variance may be infinite",
    }
)

_FEW_BEYOND = 10.0
"""Draws of a replicate beyond a quantile up to which that is told, though its interval holds."""

_INTERPOLATED = 1 / 3
"""Half width of the bracket of an interpolated quantile, in standard errors, from which on it is told."""


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
        replicates - 1 degrees of freedom. An error that cannot be had is NaN, and `note` says why:
        "not resolved by these draws" where the scatter of the replicates says nothing of the error.

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
    sample = _sample(statistics, slice(None))
    return _table(
        statistics,
        statistics.scenarios,
        sample.pooled,
        lambda: summary_errors(sample),
        statistics.brackets,
    )


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
    ours, base = _sample(statistics, slice(1, None)), _sample(statistics, slice(0, 1))
    brackets = statistics.brackets
    # The difference is lowest between this one's lower and base's upper end.
    spans = None if brackets is None else brackets[1:] - brackets[:1, ..., ::-1]
    return _table(
        statistics,
        statistics.scenarios[1:],
        ours.pooled - base.pooled,
        lambda: difference_errors(ours, base),
        spans,
    )


def _sample(statistics: Statistics, scenarios: slice) -> Sample:
    """Take some scenarios, with the sd freed of a bias that a net's replicates show.

    The squared deviations from the mean of all draws fall short of their number times the variance by that
    number times the variance of this mean. With random draws dividing by one less mends that; with a net the
    mean hardly varies, and its variance comes from the replicates.
    """
    pooled, values = statistics.pooled[scenarios], statistics.values[scenarios]
    if statistics.replicates > 1:
        mean, sd = statistics.names.index("mean"), statistics.names.index("sd")
        draws = statistics.points * statistics.replicates
        of_mean = values[..., mean, :].var(axis=-1, ddof=1) / statistics.replicates
        square = pooled[..., sd] ** 2 * (1.0 - 1.0 / draws) + of_mean
        pooled = pooled.copy()
        pooled[..., sd] = np.where(pooled[..., sd] == 0.0, 0.0, np.sqrt(square))
    return Sample(pooled=pooled, values=values, points=statistics.points)


def _table(
    statistics: Statistics,
    scenarios: tuple[str, ...],
    pooled: FloatArray,
    errors: Callable[[], Errors],
    brackets: FloatArray | None,
) -> "pd.DataFrame":
    """Lay out estimates of some scenarios, a row each, with errors and notes."""
    import pandas as pd

    if statistics.replicates == 1:
        error, half_width = np.zeros(pooled.shape), 0.0
        notes = np.full(pooled.shape, _EXACT, dtype=object)
    else:
        found = errors()
        error, half_width = found.error, float(stdtrit(statistics.replicates - 1, 0.975))
        notes = _notes(statistics, found)
        if brackets is not None:
            _tell_brackets(notes, error, brackets)
    columns = {
        "value": pooled,
        "standard_error": error,
        "low": pooled - half_width * error,
        "high": pooled + half_width * error,
        "note": notes,
    }
    labels = {
        name: np.array(texts, dtype=object)[codes.ravel()]
        for name, texts, codes in zip(
            ("scenario", "output", "statistic"),
            (scenarios, statistics.outputs, statistics.names),
            np.indices(pooled.shape),
            strict=True,
        )
    }
    return pd.DataFrame({**labels, **{name: column.ravel() for name, column in columns.items()}})


def _notes(statistics: Statistics, errors: Errors) -> NDArray[np.object_]:
    """Write why there is no error, shape (scenario, output, statistic); empty where there is one."""
    draws = statistics.points * statistics.replicates
    texts = np.full(max(_NOTES) + 1, "", dtype=object)
    for reason, text in _NOTES.items():
        texts[reason] = text.format(draws=draws, points=statistics.points)
    notes = np.asarray(texts[errors.why])
    for place, name in enumerate(statistics.names):
        if _beyond(name) * statistics.points < _FEW_BEYOND:
            notes[..., place][notes[..., place] == ""] = _FEW.format(points=statistics.points)
    return notes


def _beyond(name: str) -> float:
    """Share of draws beyond a quantile, or in a shortfall; 1 for what has no tail."""
    if name.startswith("shortfall_"):
        return float(name.removeprefix("shortfall_"))
    return min(float(name[1:]), 1 - float(name[1:])) if name.startswith("q") else 1.0


def _tell_brackets(notes: NDArray[np.object_], error: FloatArray, brackets: FloatArray) -> None:
    """Tell the certain bounds of quantiles whose interpolation weighs against their error."""
    width = brackets[..., 1] - brackets[..., 0]
    for place in zip(*np.nonzero(width / 2 > _INTERPOLATED * error), strict=True):
        low, high = brackets[place]
        notes[place] = f"within [{low:.6g}, {high:.6g}] for certain; interpolated"
