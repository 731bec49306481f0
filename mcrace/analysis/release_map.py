"""The incentive over the day and the level of the next open release: where it changes its sign."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, over_replicates
from mcrace.engine.evaluate import model_of
from mcrace.engine.probe import BaseDraws, evaluated, scaled, with_number
from mcrace.study.requests import ReleaseMap

__all__ = ["OUTPUTS_OF_MAP", "MapOfReleases", "map_of_releases"]

FloatArray = NDArray[np.float64]

OUTPUTS_OF_MAP = ("incentive", "open_effect")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapOfReleases:
    """Outputs over day and level of the first open release.

    Attributes
    ----------
    days : ndarray, shape (day,)
        Days from today.
    levels : ndarray, shape (level,)
        In multiples of the lab's own model y.
    mean : Estimates, shape (output, level, day)
        In USD; outputs as in `OUTPUTS_OF_MAP`.
    positive : Estimates, shape (output, level, day)
        Probability of a value above 0.
    """

    days: FloatArray
    levels: FloatArray
    mean: Estimates
    positive: Estimates


def map_of_releases(draws: BaseDraws, size: ReleaseMap, jobs: int = 1) -> MapOfReleases:
    """Evaluate incentive and open effect over days and levels of the first release, on common draws.

    Parameters
    ----------
    draws : BaseDraws
        Kept draws of base.
    size : ReleaseMap
        Which days and levels.
    jobs : int
        Threads.

    Returns
    -------
    MapOfReleases
        Any further releases are as in the study; a study without any has this one alone.

    Raises
    ------
    ModelError
        If the model refuses one of them.
    """
    first, last = size.days or (
        0.0,
        float(np.median(model_of(draws.study.base.model["horizon_days"], draws.values))),
    )
    days = np.linspace(first, last, size.count)
    levels = np.geomspace(*size.levels, size.count)
    found = np.array([[_cell(draws, float(day), float(level), jobs) for day in days] for level in levels])
    return MapOfReleases(
        days=days,
        levels=levels,
        mean=over_replicates(np.moveaxis(found[:, :, 0], (2, 3), (1, 0))),
        positive=over_replicates(np.moveaxis(found[:, :, 1], (2, 3), (1, 0))),
    )


def _cell(draws: BaseDraws, day: float, level: float, jobs: int) -> FloatArray:
    """Means and shares above 0 of each output and replicate."""
    base = draws.study.base
    given: dict[str, Any] = dict(base.model["open"])
    release = {"day": day, "expense": scaled(base.model["lab"]["current_expense"], level)}
    releases = [release, *(given.get("releases") or [])[1:]]
    found = evaluated(draws, with_number(base, "model.open.releases", releases), OUTPUTS_OF_MAP, jobs)
    return np.stack([found.mean(axis=2), (found > 0).mean(axis=2)])
