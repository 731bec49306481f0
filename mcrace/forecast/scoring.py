"""Proper scores of forecasts made of draws, once the answer is known. Smaller is better unless it says so."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.errors import Fault, StudyError
from mcrace.forecast.draws import checked_values

__all__ = [
    "Pit",
    "brier_score",
    "crps",
    "log_score",
    "pinball",
    "pit",
    "quantile_score",
    "skill",
    "weighted_interval_score",
]

FloatArray = NDArray[np.float64]

_SILVERMAN: Final = 1.06
_NORMAL_QUARTILES: Final = 1.34
"""Distance between the quartiles of a normal law, in standard deviations, as the rule of thumb has it."""

_LEVEL_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Pit:
    """Where an outcome lies in a forecast's distribution function.

    Attributes
    ----------
    below : float
        Share of draws below the outcome.
    at_most : float
        Share of draws of at most the outcome. Over many outcomes of a calibrated forecast a number drawn
        evenly between the two is uniform.
    """

    below: float
    at_most: float


def crps(values: ArrayLike, outcome: float) -> float:
    """Continuous ranked probability score of draws.

    Parameters
    ----------
    values : array_like, shape (draw,)
        Finite, of equal weight.
    outcome : float
        What came, finite, in the same unit.

    Returns
    -------
    float
        In that unit: E|X - y| - E|X - X'| / 2, X and X' drawn independently from the draws.

    Raises
    ------
    StudyError
        If a draw or the outcome is not finite: clip both to a range first.

    References
    ----------
    Gneiting, Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102 (2007), eq. 21.

    Examples
    --------
    >>> crps([0.0, 2.0], 1.0)
    0.5
    """
    draws = np.sort(_finite(values))
    _finite([outcome], "outcome")
    ranks = np.arange(1, draws.size + 1) - 0.5
    weights = np.where(draws <= outcome, ranks, draws.size - ranks)
    return float(2.0 * np.mean(weights * np.abs(draws - outcome)) / draws.size)


def log_score(values: ArrayLike, outcome: float, *, bandwidth: float | None = None) -> float:
    """Logarithmic score of draws, from a density by a normal kernel.

    Parameters
    ----------
    values : array_like, shape (draw,)
        Finite, of equal weight.
    outcome : float
        What came, in the same unit.
    bandwidth : float, optional
        Standard deviation of the kernel, above 0. By default 1.06 min(sd, interquartile range / 1.34)
        n^(-1/5), or 1.06 sd n^(-1/5) where half of the draws are alike.

    Returns
    -------
    float
        -ln of the density at the outcome.

    Raises
    ------
    StudyError
        If a draw or the outcome is not finite, or all draws are alike and no bandwidth is given.

    Notes
    -----
    The default kernel smooths atoms and heavy tails alike. Where a question has a scale, the score of its
    distribution function is better founded.

    References
    ----------
    Silverman, "Density estimation for statistics and data analysis" (1986), eq. 3.28 ff.

    Examples
    --------
    >>> round(log_score([-1.0, 1.0], 0.0, bandwidth=1.0), 6)
    1.418939
    """
    draws = _finite(values)
    _finite([outcome], "outcome")
    width = _bandwidth(draws) if bandwidth is None else bandwidth
    if not width > 0 or not math.isfinite(width):
        found = f"{width:g}" if bandwidth is not None else "draws that are all alike"
        raise StudyError([Fault(path="bandwidth", found=found, expected="a number above 0")])
    heights = -0.5 * ((outcome - draws) / width) ** 2
    top = float(heights.max())
    total = math.log(float(np.exp(heights - top).sum())) + top
    return math.log(draws.size * width * math.sqrt(2.0 * math.pi)) - total


def brier_score(probability: float, happened: bool) -> float:
    """Brier score of an event's probability.

    Parameters
    ----------
    probability : float
        In [0, 1].
    happened : bool
        Whether it did.

    Returns
    -------
    float
        (p - 1)^2 or p^2, in [0, 1].

    Raises
    ------
    StudyError
        If it is no probability.

    Examples
    --------
    >>> brier_score(0.75, True)
    0.0625
    """
    if not 0 <= probability <= 1:
        raise StudyError([Fault(path="probability", found=f"{probability:g}", expected="a number in [0, 1]")])
    return (probability - float(happened)) ** 2


def pinball(levels: ArrayLike, quantiles: ArrayLike, outcome: float) -> FloatArray:
    """Pinball loss of each quantile.

    Parameters
    ----------
    levels : array_like, shape (level,)
        In (0, 1), increasing.
    quantiles : array_like, shape (level,)
        Finite, not falling.
    outcome : float
        What came, in the same unit.

    Returns
    -------
    ndarray, shape (level,)
        level * (y - q) where y >= q, else (1 - level) (q - y), in that unit.

    Raises
    ------
    StudyError
        If levels or quantiles are out of order or not finite.

    Examples
    --------
    >>> pinball([0.25, 0.5], [1.0, 2.0], 3.0)
    array([0.5, 0.5])
    """
    tau, found = _ordered(levels, quantiles)
    _finite([outcome], "outcome")
    return np.asarray(np.where(outcome >= found, tau * (outcome - found), (1.0 - tau) * (found - outcome)))


def quantile_score(levels: ArrayLike, quantiles: ArrayLike, outcome: float) -> float:
    """Score a set of quantiles by twice the mean of their pinball losses, which nears the CRPS.

    Parameters
    ----------
    levels, quantiles : array_like, shape (level,)
        As for `pinball`.
    outcome : float
        What came.

    Returns
    -------
    float
        In the quantiles' unit.

    Examples
    --------
    >>> quantile_score([0.25, 0.5], [1.0, 2.0], 3.0)
    1.0
    """
    return float(2.0 * pinball(levels, quantiles, outcome).mean())


def weighted_interval_score(levels: ArrayLike, quantiles: ArrayLike, outcome: float) -> float:
    """Score a median and central intervals.

    Parameters
    ----------
    levels, quantiles : array_like, shape (2 K + 1,)
        The median, and pairs of levels a/2 and 1 - a/2.
    outcome : float
        What came, in the quantiles' unit.

    Returns
    -------
    float
        (|y - m| / 2 + sum over k of a_k / 2 * IS_k) / (K + 1/2) with the interval score
        IS = (u - l) + 2/a (l - y)+ + 2/a (y - u)+. The same number as `quantile_score` on these levels.

    Raises
    ------
    StudyError
        If there is no median, or a level lacks its mirror.

    References
    ----------
    Bracher, Ray, Gneiting, Reich, "Evaluating epidemic forecasts in an interval format", PLoS Comput. Biol.
    17 (2021), eq. 1.

    Examples
    --------
    >>> round(weighted_interval_score([0.25, 0.5, 0.75], [1.0, 2.0, 4.0], 5.0), 6)
    2.166667
    """
    tau, found = _ordered(levels, quantiles)
    half = tau.size // 2
    mirrored = tau.size % 2 == 1 and np.allclose(tau + tau[::-1], 1.0, rtol=0.0, atol=_LEVEL_TOLERANCE)
    if not mirrored:
        expected = "0.5, and with each level its mirror, such as 0.05 and 0.95"
        raise StudyError([Fault(path="levels", found=str(tau.tolist()), expected=expected)])
    _finite([outcome], "outcome")
    low, high, alpha = found[:half], found[half + 1 :][::-1], 2.0 * tau[:half]
    outside = np.maximum(low - outcome, 0.0) + np.maximum(outcome - high, 0.0)
    # a/2 times the interval score, multiplied out.
    intervals = alpha / 2.0 * (high - low) + outside
    return float((abs(outcome - found[half]) / 2.0 + intervals.sum()) / (half + 0.5))


def pit(values: ArrayLike, outcome: float) -> Pit:
    """Probability integral transform of an outcome.

    Parameters
    ----------
    values : array_like, shape (draw,)
        Of equal weight; infinite means never.
    outcome : float
        What came, in the same unit.

    Returns
    -------
    Pit
        Both ends of the step at the outcome.

    Examples
    --------
    >>> pit([1.0, 2.0, 2.0, 5.0], 2.0)
    Pit(below=0.25, at_most=0.75)
    """
    draws = checked_values(values)
    return Pit(float((draws < outcome).mean()), float((draws <= outcome).mean()))


def skill(score: ArrayLike, baseline: ArrayLike) -> float:
    """Tell how much better than a baseline forecasts were, by a score of which smaller is better.

    Parameters
    ----------
    score, baseline : array_like
        One score or several, of the same questions; none below 0 (so not a logarithmic score).

    Returns
    -------
    float
        1 - mean score / mean baseline: 1 is perfect, 0 no better, below 0 worse. NaN if the baseline was
        perfect.

    Raises
    ------
    StudyError
        If they are not as many, or one is below 0.

    Examples
    --------
    >>> skill([1.0, 2.0], [2.0, 4.0])
    0.5
    """
    mine, other = _finite(np.atleast_1d(score), "score"), _finite(np.atleast_1d(baseline), "baseline")
    if mine.size != other.size or min(mine.min(), other.min()) < 0:
        found = f"{mine.size} and {other.size} scores, the least {min(mine.min(), other.min()):g}"
        expected = "as many of both, none below 0"
        raise StudyError([Fault(path="score", found=found, expected=expected)])
    return float(1.0 - mine.mean() / other.mean()) if other.mean() > 0 else math.nan


def _finite(values: ArrayLike, name: str = "values") -> FloatArray:
    array = checked_values(values, name)
    endless = int(np.isinf(array).sum())
    if endless:
        found, expected = f"{endless} of {array.size} infinite", "finite numbers: clip them to a range"
        raise StudyError([Fault(path=name, found=found, expected=expected)])
    return array


def _ordered(levels: ArrayLike, quantiles: ArrayLike) -> tuple[FloatArray, FloatArray]:
    tau, found = _finite(levels, "levels"), _finite(quantiles, "quantiles")
    faults = []
    if not ((tau > 0) & (tau < 1)).all() or not (np.diff(tau) > 0).all():
        faults.append(Fault(path="levels", found=str(tau.tolist()), expected="increasing levels in (0, 1)"))
    if found.size != tau.size or not (np.diff(found) >= 0).all():
        expected = "as many quantiles as levels, not falling"
        faults.append(Fault(path="quantiles", found=str(found.tolist()), expected=expected))
    if faults:
        raise StudyError(faults)
    return tau, found


def _bandwidth(draws: FloatArray) -> float:
    if draws.size < 2:
        return 0.0
    spread = float(draws.std(ddof=1))
    low, high = np.quantile(draws, (0.25, 0.75))
    middle = float(high - low) / _NORMAL_QUARTILES
    return float(_SILVERMAN * (min(spread, middle) if middle > 0 else spread) * draws.size**-0.2)
