"""What a run yields: a frozen value that tables, figures and the report are functions of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcrace.study.digest import NUMERICS

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.study import Study

__all__ = ["Result", "RunFacts", "Statistics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Every statistic of every output: over all draws, and of each replicate alone.

    An estimate is the statistic of all draws together; the replicates are independent and alike, so
    their scatter gives its standard error. (The mean over replicates would do as well, but for a
    quantile it carries the bias of a small sample sixteen times over.)

    Attributes
    ----------
    scenarios, outputs, names : tuple of str
        Labels of the first three axes; `names` are statistics such as ``mean`` and ``q0.05``.
    pooled : ndarray, shape (scenario, output, statistic)
        Over all draws, in the output's unit; probabilities have none.
    values : ndarray, shape (scenario, output, statistic, replicate)
        Of each replicate.
    points : int
        Draws a replicate.
    brackets : ndarray, shape (scenario, output, statistic, 2), or None
        Where the quantiles of these draws lie for certain, in the output's unit, if they were interpolated
        from counts; NaN for other statistics. None if all are exact.
    """

    scenarios: tuple[str, ...]
    outputs: tuple[str, ...]
    names: tuple[str, ...]
    pooled: NDArray[np.float64]
    values: NDArray[np.float64]
    points: int
    brackets: NDArray[np.float64] | None = None

    @property
    def replicates(self) -> int:
        """Number of independent replicates."""
        return int(self.values.shape[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """How a run went; nothing that the numbers depend on.

    Attributes
    ----------
    seconds : float
        Wall time of sampling and model.
    evaluations : int
        Draws times scenarios.
    jobs : int
        Workers.
    backend : str
        Name of the joblib backend.
    versions : Mapping of str to str
        Python and the libraries that computed the numbers.
    processor : str
        Its feature level, on which the last bits may hang.
    numerics : int
        Version of mcrace's numerics.
    notes : tuple of str
        What a reader should know, such as why the sampling ended.
    """

    seconds: float
    evaluations: int
    jobs: int
    backend: str
    versions: Mapping[str, str] = field(default_factory=dict)
    processor: str = ""
    numerics: int = NUMERICS
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """A finished run; equal only to itself, since tables compare cell by cell.

    Attributes
    ----------
    study : Study
        What was run.
    draws : pandas.DataFrame
        Kept draws: ``scenario``, ``draw``, one column an input (NaN where a scenario lacks it), one
        an output.
    statistics : Statistics
        Replicate statistics of all draws, kept or not.
    facts : RunFacts
        Wall time and workers.
    """

    study: "Study"
    draws: "pd.DataFrame"
    statistics: Statistics
    facts: RunFacts

    @property
    def digest(self) -> str:
        """Digest that the run bears: the study's under the numerics of the run."""
        return self.study.digest_under(self.facts.numerics)
