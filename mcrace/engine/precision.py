"""When there are enough draws: the figures that a study names are precise enough, or its budget ends."""

from typing import TYPE_CHECKING

import numpy as np

from mcrace.engine.intervals import ALL, CONSTANT, NONE, STATED, Sample, summary_errors
from mcrace.engine.result import Statistics

if TYPE_CHECKING:
    from mcrace.study import Study
    from mcrace.study.parts import Precision

__all__ = ["is_precise", "precision_notes"]


def is_precise(study: "Study", statistics: Statistics) -> bool:
    """Tell whether every figure that the study names has the standard error that it asks for.

    Parameters
    ----------
    study : Study
        With or without targets.
    statistics : Statistics
        Of scenarios that start with base.

    Returns
    -------
    bool
        True if nothing is asked for, or nothing is uncertain.
    """
    return statistics.replicates == 1 or all(
        _error(target, statistics) <= target.standard_error * _scale(target, statistics)
        for target in study.sampling.precision
    )


def precision_notes(study: "Study", statistics: Statistics) -> tuple[str, ...]:
    """Say what ended the sampling.

    Parameters
    ----------
    study : Study
        With or without targets.
    statistics : Statistics
        Of all draws.

    Returns
    -------
    tuple of str
        A sentence a target; none if the study has no target, or nothing is uncertain.
    """
    if statistics.replicates == 1:
        return ()
    draws = statistics.points * statistics.replicates
    notes = []
    for target in study.sampling.precision:
        error = _error(target, statistics) / _scale(target, statistics)
        asked = f"not {_written(target.standard_error, target)} as asked: the budget of draws ended"
        how = "as asked" if error <= target.standard_error else asked
        figure = f"{target.output} {target.statistic}: standard error {_written(error, target)}"
        notes.append(f"{figure} after {draws:,} draws, {how}")
    return tuple(notes)


def _error(target: "Precision", statistics: Statistics) -> float:
    """Take the standard error of a figure of base as the summary states it; infinite where it does not."""
    place = statistics.outputs.index(target.output), statistics.names.index(target.statistic)
    errors = summary_errors(
        Sample(pooled=statistics.pooled[0], values=statistics.values[0], points=statistics.points)
    )
    if errors.why[place] == STATED:
        return float(errors.error[place])
    if errors.why[place] == CONSTANT:
        return 0.0
    # No draw of n, or every one: by the rule of three the probability is within 3 / n of what was seen.
    sure = errors.why[place] in (NONE, ALL)
    return 1.5 / (statistics.points * statistics.replicates) if sure else np.inf


def _scale(target: "Precision", statistics: Statistics) -> float:
    """Give what a relative error is relative to, in the output's unit."""
    if not target.relative_to:
        return 1.0
    name = "sd" if target.relative_to == "sd" else target.statistic
    value = statistics.pooled[0, statistics.outputs.index(target.output), statistics.names.index(name)]
    return abs(float(value))


def _written(error: float, target: "Precision") -> str:
    if target.relative_to == "value":
        return f"{100 * error:.3g} % of the figure"
    return f"{error:.3g} {target.relative_to}".rstrip()
