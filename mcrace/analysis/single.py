"""One analysis at a time, as a table."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mcrace.analysis.analyses import analyse
from mcrace.analysis.analysis_tables import analysis_tables
from mcrace.study.requests import (
    Analysis,
    CandidateRange,
    Flip,
    FlipKey,
    Regions,
    ReleaseMap,
    SensitivityDesign,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mcrace.engine.result import Result

__all__ = [
    "candidate",
    "flip",
    "regions",
    "release_map",
    "sensitivity",
    "thresholds",
    "value_of_information",
]

_NOTHING = {
    "from_draws": False,
    "sensitivity": None,
    "candidate": None,
    "release_map": None,
    "flip": None,
    "regions": None,
}


def sensitivity(result: "Result", output: str | None = None) -> "pd.DataFrame":
    """Tabulate how much each input drives the outputs.

    Parameters
    ----------
    result : Result
        A finished run.
    output : str, optional
        One output or quantity; by default those that the study names under ``analysis``.

    Returns
    -------
    pandas.DataFrame
        Columns ``output, input, measure, value, standard_error, low, high, note``: Sobol' indices, or Shapley
        effects where inputs are correlated, by model runs of their own, and measures from the kept draws.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"uniform": [0, 200]}, "count": {"uniform": [1e6, 2e6]}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": "count"},
    ...     },
    ...     sampling={"draws": 1024, "replicates": 8},
    ... )
    >>> table = mcrace.sensitivity(mcrace.run(study, jobs=1), "open_effect")
    >>> chosen = table.query("measure == 'total_order' and output == 'open_effect'")
    >>> chosen.round(2)[["input", "value"]].values
    array([['day', 0.92],
           ['count', 0.1]], dtype=object)
    """
    given = result.study.analysis
    outputs = given.outputs if output is None else (output,)
    design = given.sensitivity or SensitivityDesign()
    return _table(result, "sensitivity", outputs=outputs, from_draws=True, sensitivity=design)


def value_of_information(result: "Result") -> "pd.DataFrame":
    """Tabulate what it is worth, in USD, to learn inputs before deciding whether to train z.

    Parameters
    ----------
    result : Result
        A finished run; groups of inputs are named in its study, under ``analysis``.

    Returns
    -------
    pandas.DataFrame
        Columns ``decision, learning, measure, value, standard_error, low, high, note``.
    """
    candidate_range = result.study.analysis.candidate
    return _table(result, "value_of_information", from_draws=True, candidate=candidate_range)


def thresholds(result: "Result") -> "pd.DataFrame":
    """Tabulate outputs as curves over each input, and where these cross 0 (the mean) or one half (P(> 0)).

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    pandas.DataFrame
        Columns ``output, input, statistic, kind, at, value, standard_error, low, high, note``: of a curve,
        `at` is the input's value; of a crossing, `value` is.
    """
    return _table(result, "thresholds", from_draws=True)


def flip(
    result: "Result",
    keys: "Sequence[str]" = (),
    *,
    output: str = "open_effect",
    statistic: str = "mean",
    mark: float = 0.0,
) -> "pd.DataFrame":
    """Tabulate the values of keys at which the answer flips.

    Parameters
    ----------
    result : Result
        A finished run.
    keys : sequence of str
        Paths such as ``model.beliefs.optimism`` and ``inputs.day``; by default every number of the model
        that has a neutral value.
    output, statistic : str
        What crosses the mark: the ``mean`` of an output, or its ``p_positive``.
    mark : float
        In the statistic's unit.

    Returns
    -------
    pandas.DataFrame
        A row a key: ``key, start, at_start, tried_low, tried_high, at_tried_low, at_tried_high, value,
        standard_error, low, high, note``.
    """
    request = Flip(
        keys=tuple(FlipKey(path=path) for path in keys), output=output, statistic=statistic, mark=mark
    )
    return _table(result, "flip", flip=request)


def regions(
    result: "Result", output: str = "open_effect", *, above: float | None = 0.0, below: float | None = None
) -> "pd.DataFrame":
    """Tabulate ranges of inputs in which an output lies above or below a number.

    Parameters
    ----------
    result : Result
        A finished run.
    output : str
        An output or quantity.
    above, below : float or None
        In its unit.

    Returns
    -------
    pandas.DataFrame
        Columns ``method, region, input, limit, measure, value, standard_error, low, high, note``.
    """
    return _table(result, "regions", regions=Regions(output=output, above=above, below=below))


def candidate(result: "Result") -> "pd.DataFrame":
    """Tabulate the incentive over a range of z, with open releases and without, and the best z.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    pandas.DataFrame
        Columns ``output, multiple, expense, measure, value, standard_error, low, high, note``.
    """
    return _table(result, "candidate", candidate=result.study.analysis.candidate or CandidateRange())


def release_map(result: "Result") -> "pd.DataFrame":
    """Tabulate incentive and open effect over the day and the level of the next open release.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    pandas.DataFrame
        Columns ``output, day, level, measure, value, standard_error, low, high, note``; levels are multiples
        of the lab's own model.
    """
    return _table(result, "release_map", release_map=result.study.analysis.release_map or ReleaseMap())


def _table(result: "Result", name: str, **request: Any) -> "pd.DataFrame":  # noqa: ANN401 - fields of Analysis
    import pandas as pd

    asked: Analysis = replace(result.study.analysis, **{**_NOTHING, **request})
    return analysis_tables(analyse(result, asked)).get(name, pd.DataFrame())
