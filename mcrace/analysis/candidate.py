"""Which model to train: the incentive over a range of z, with and without open releases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, jackknifed, over_replicates
from mcrace.engine.probe import BaseDraws, evaluated, scaled, with_number
from mcrace.study.requests import CandidateRange

__all__ = ["WORLDS", "Best", "CandidateCurve", "best_of", "candidate_curve"]

FloatArray = NDArray[np.float64]

WORLDS = ("incentive", "incentive_frozen")
"""The incentive as it is, and with the best open model as it is today for ever."""

_Z = "lab.candidate_expense"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Best:
    """The best z in each world, in multiples of the study's own.

    Attributes
    ----------
    multiple : Estimates, shape (world,)
        Where the mean incentive is largest; worlds as in `WORLDS`.
    shift : Estimates, shape ()
        Ratio of the first to the second, less 1: what open releases do to the best z.
    edge : ndarray of bool, shape (world,)
        Whether the best lies at an end of the range, so that a better one may lie beyond.
    """

    multiple: Estimates
    shift: Estimates
    edge: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CandidateCurve:
    """The incentive over multiples of z.

    Attributes
    ----------
    multiples : ndarray, shape (multiple,)
        Of the study's own z.
    expense : ndarray, shape (multiple,)
        Median z, in USD.
    mean : Estimates, shape (world, multiple)
        Mean incentive, in USD.
    positive : Estimates, shape (world, multiple)
        Probability that it is above 0.
    best : Best
        The best z.
    incentives : ndarray, shape (multiple, replicate, point)
        The incentive of each draw, in USD.
    """

    multiples: FloatArray
    expense: FloatArray
    mean: Estimates
    positive: Estimates
    best: Best
    incentives: FloatArray


def candidate_curve(draws: BaseDraws, size: CandidateRange, jobs: int = 1) -> CandidateCurve:
    """Evaluate the incentive over a range of z, on common draws.

    Parameters
    ----------
    draws : BaseDraws
        Kept draws of base.
    size : CandidateRange
        Which multiples.
    jobs : int
        Threads.

    Returns
    -------
    CandidateCurve
        With errors from the replicates.

    Raises
    ------
    ModelError
        If a multiple leaves the model's range.
    """
    multiples = np.geomspace(*size.multiples, size.count)
    base = draws.study.base
    own = base.model["lab"]["candidate_expense"]
    found = np.stack(
        [
            evaluated(draws, with_number(base, f"model.{_Z}", scaled(own, float(factor))), WORLDS, jobs)
            for factor in multiples
        ],
        axis=1,
    )
    means = found.mean(axis=3)
    return CandidateCurve(
        multiples=multiples,
        expense=multiples * _median_expense(draws),
        mean=over_replicates(np.moveaxis(means, 2, 0)),
        positive=over_replicates(np.moveaxis((found > 0).mean(axis=3), 2, 0)),
        best=best_of(multiples, means),
        incentives=found[0],
    )


def _median_expense(draws: BaseDraws) -> float:
    """Median of the study's own z, in USD."""
    from mcrace.engine.evaluate import model_of

    own = model_of(draws.study.base.model["lab"]["candidate_expense"], draws.values)
    return float(np.median(own))


def best_of(multiples: FloatArray, means: FloatArray) -> Best:
    """Find the multiple at which the mean incentive is largest.

    Between the multiples the mean is taken for a parabola through the largest and its neighbours, in the
    logarithm of the multiple.

    Parameters
    ----------
    multiples : ndarray, shape (multiple,)
        At equal ratios.
    means : ndarray, shape (world, multiple, replicate)
        Mean incentive of each replicate.

    Returns
    -------
    Best
        Its errors are jackknifed over the replicates.

    Examples
    --------
    >>> multiples = np.geomspace(0.5, 4, 13)
    >>> means = -(np.log(multiples) ** 2)[None, :, None] + np.zeros((2, 1, 4))
    >>> best_of(multiples, means).multiple.value
    array([1., 1.])
    """
    logs, replicates = np.log(multiples), means.shape[2]
    pooled = means.mean(axis=2)
    without = (means.sum(axis=2, keepdims=True) - means) / max(replicates - 1, 1)
    top = np.array([_peak(logs, row) for row in pooled])
    tops = np.array([[_peak(logs, world[:, place]) for world in without] for place in range(replicates)])
    places = pooled.argmax(axis=1)
    edge = (places == 0) | (places == len(multiples) - 1)
    multiple = jackknifed(np.exp(tops), np.exp(top))
    shift = jackknifed(np.expm1(tops[:, 0] - tops[:, 1]), np.expm1(top[0] - top[1]))
    return Best(multiple=multiple, shift=shift, edge=edge)


def _peak(logs: FloatArray, means: FloatArray) -> float:
    """Place of the largest mean: the vertex of the parabola through it and its neighbours."""
    place = int(means.argmax())
    if place in (0, len(logs) - 1):
        return float(logs[place])
    left, middle, right = means[place - 1 : place + 2]
    bend = left - 2 * middle + right
    step = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(logs[place] + step * (logs[1] - logs[0]))
