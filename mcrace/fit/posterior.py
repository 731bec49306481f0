"""What data leave open about a family's parameters, and the law that carries it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from mcrace.fit.families import FittedFamily
from mcrace.laws import FloatArray

__all__ = [
    "Cases",
    "Posterior",
    "best_theta",
    "fit_posterior",
    "predictive_quantiles",
    "predictive_share",
    "weighted_quantiles",
]

_LOG_DRAWS = 10
_DEGREES = 5.0
"""Of Student's t from which the parameters are proposed: heavier tails than a posterior has."""

_WIDER = 1.2
_STEP = 1e-3
_MOST_STEPS = 60
_LONGEST_STEP = 2.0
_LEAST_GAIN = 1e-9
_FLATTEST = 1e-2
"""Least curvature: along an axis flatter than that the step is held short."""

_SHORTENED: FloatArray = np.array([0.5**power for power in range(8)])
_HALVINGS = 44
_LEAST_WEIGHT = 1e-5
_SEED = 20261122
_MOST_CELLS = 4_000_000
"""Draws times values that are worked on at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Values, those that are only known to be larger among them.

    Attributes
    ----------
    values : ndarray, shape (case,)
        What came, or what had been waited for in vain.
    waiting : ndarray of bool, shape (case,)
        Whether it had not come by then.
    weights : ndarray, shape (case,)
        Of each case in the likelihood; 1 for a case that tells all by itself.
    """

    values: FloatArray
    waiting: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    weights: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """A fitted family and what is left open about its parameters.

    Attributes
    ----------
    family : FittedFamily
        Whose.
    theta : ndarray, shape (parameter,)
        The most likely ones.
    draws : ndarray, shape (parameter, draw)
        Parameters in agreement with the data.
    weights : ndarray, shape (draw,)
        Of the draws; their sum is 1.
    log_evidence : float
        ln of the likelihood averaged over the prior, to compare families with the same prior.
    """

    family: FittedFamily
    theta: FloatArray
    draws: FloatArray = field(repr=False)
    weights: FloatArray = field(repr=False)
    log_evidence: float


def best_theta(family: FittedFamily, cases: Cases, start: FloatArray | None = None) -> FloatArray:
    """Find the most likely parameters.

    Parameters
    ----------
    family : FittedFamily
        All values must suit it.
    cases : Cases
        Data.
    start : ndarray, shape (parameter,), optional
        From where to search; a rough fit if absent.

    Returns
    -------
    ndarray, shape (parameter,)
    """
    if family.ended:
        return family.start(cases.values)
    return _peak(family, cases, start)[0]


def fit_posterior(family: FittedFamily, cases: Cases) -> Posterior:
    """Fit a family, and draw parameters in agreement with the data.

    The prior is flat in the location and the logarithm of the scale, so that for complete data of a law of
    location and scale (or of the logarithm) the intervals hold the truth as often as they say.

    Parameters
    ----------
    family : FittedFamily
        All values must suit it.
    cases : Cases
        At least two different values that came.

    Returns
    -------
    Posterior
        By importance sampling from a Student t about the most likely parameters, the same for the same data.

    References
    ----------
    J. Geweke, "Bayesian inference in econometric models using Monte Carlo integration", Econometrica 57
    (1989) 1317-1339.
    """
    if family.ended:
        return _even_posterior(family, cases)
    theta, curvature = _peak(family, cases, None)
    # Columns along the axes of the ellipse of equal likelihood. Which way each points would hang on the last
    # digits, and on the machine: its largest part is made positive.
    size, axes = np.linalg.eigh(curvature)
    axes = axes * np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[np.newaxis], axis=0))
    unit = _unit(family, cases)
    spread = unit[:, None] * axes * (_WIDER / np.sqrt(np.maximum(size, _FLATTEST)))
    scores, log_proposal = _proposed(family.parameters)
    draws = theta[:, None] + spread @ scores
    log_weights = _log_posterior(family, cases, draws) - log_proposal
    log_weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    most = float(log_weights.max())
    weights = np.exp(log_weights - most)
    log_volume = math.log(abs(float(np.linalg.det(spread))))
    evidence = most + math.log(float(weights.mean())) + log_volume
    return Posterior(
        family=family,
        theta=theta,
        draws=draws,
        weights=weights / weights.sum(),
        log_evidence=evidence,
    )


def _even_posterior(family: FittedFamily, cases: Cases) -> Posterior:
    """Draw the ends exactly: range / width is Beta(n - 1, 2), and the rest lies anywhere about them."""
    from scipy.special import betaincinv
    from scipy.stats import qmc

    theta = family.start(cases.values)
    size = cases.values.size
    low, high = theta + np.array([1, -1]) * (theta[1] - theta[0]) / (size + 1)
    cube = qmc.Sobol(2, rng=np.random.default_rng(_SEED)).random_base2(_LOG_DRAWS).T
    over = (high - low) * (1 / betaincinv(max(size - 1, 1), 2, np.clip(cube[0], 1e-9, 1 - 1e-9)) - 1)
    draws = np.array([low - over * cube[1], high + over * (1 - cube[1])])
    weights = np.full(draws.shape[1], 1 / draws.shape[1])
    return Posterior(family=family, theta=theta, draws=draws, weights=weights, log_evidence=math.nan)


def _log_posterior(family: FittedFamily, cases: Cases, theta: FloatArray) -> FloatArray:
    """Log likelihood and prior of parameters, shape (parameter, ...)."""
    came = ~cases.waiting
    draws = theta.shape[1] if theta.ndim > 1 else 1
    size = max(_MOST_CELLS // max(cases.values.size, 1), 1)
    parts = []
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for first in range(0, draws, size):
            some = theta[:, first : first + size] if theta.ndim > 1 else theta
            log = family.log_density(cases.values[came], some) @ cases.weights[came]
            if cases.waiting.any():
                log = log + family.log_sf(cases.values[cases.waiting], some) @ cases.weights[cases.waiting]
            parts.append(np.asarray(log) + family.log_prior(some))
    return np.concatenate(parts) if theta.ndim > 1 else np.asarray(parts[0])


def _unit(family: FittedFamily, cases: Cases) -> FloatArray:
    """Give steps in which the parameters are all of like size."""
    unit = np.ones(family.parameters)
    if family.located:
        unit[0] = math.exp(family.start(cases.values)[1])
    return unit


def _peak(family: FittedFamily, cases: Cases, start: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Climb by Newton's steps, upwards along each axis of the curvature; the peak and minus its curvature."""
    theta = family.start(cases.values) if start is None else start
    unit = _unit(family, cases)
    height = float(_log_posterior(family, cases, theta[:, None])[0])
    for _ in range(_MOST_STEPS):
        slope, curvature = _derivatives(family, cases, theta, unit)
        size, axes = np.linalg.eigh(curvature)
        step = axes @ (axes.T @ slope / np.maximum(np.abs(size), _FLATTEST))
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        tried = theta[:, None] + (unit * step)[:, None] * _SHORTENED
        heights = _log_posterior(family, cases, tried)
        heights = np.where(np.isfinite(heights), heights, -np.inf)
        best = int(heights.argmax())
        gain = float(heights[best]) - height
        if not gain > 0:
            break
        theta, height = tried[:, best], float(heights[best])
        if gain < _LEAST_GAIN:
            break
    return theta, _derivatives(family, cases, theta, unit)[1]


def _derivatives(
    family: FittedFamily, cases: Cases, theta: FloatArray, unit: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Slope, and minus the curvature, in units of the steps, by central differences."""
    count = family.parameters
    steps = _STEP * np.eye(count)
    pairs = [(i, j) for i in range(count) for j in range(i)]
    moves = [np.zeros(count), *steps, *-steps]
    moves += [a * steps[i] + b * steps[j] for i, j in pairs for a, b in ((1, 1), (-1, -1), (1, -1), (-1, 1))]
    at = _log_posterior(family, cases, theta[:, None] + unit[:, None] * np.array(moves).T)
    up, down = at[1 : 1 + count], at[1 + count : 1 + 2 * count]
    curvature = np.diag(2 * at[0] - up - down)
    for place, (i, j) in enumerate(pairs):
        corner = at[1 + 2 * count + 4 * place : 5 + 2 * count + 4 * place]
        curvature[i, j] = curvature[j, i] = -(corner[0] + corner[1] - corner[2] - corner[3]) / 4
    curvature = np.where(np.isfinite(curvature), curvature, 0.0) / _STEP**2
    slope = (up - down) / (2 * _STEP)
    return np.where(np.isfinite(slope), slope, 0.0), curvature


@lru_cache(maxsize=3)
def _proposed(count: int) -> tuple[FloatArray, FloatArray]:
    """Scores from a Student t, the same ones always, and the logarithm of their density."""
    from scipy.special import gammaincinv, gammaln, ndtri
    from scipy.stats import qmc

    cube = qmc.Sobol(count + 1, rng=np.random.default_rng(_SEED)).random_base2(_LOG_DRAWS)
    cube = np.clip(cube, 1e-9, 1 - 1e-9).T
    square = 2 * gammaincinv(_DEGREES / 2, cube[-1]) / _DEGREES
    scores = ndtri(cube[:-1]) / np.sqrt(square)
    half = (_DEGREES + count) / 2
    log_density = (
        float(gammaln(half) - gammaln(_DEGREES / 2))
        - count / 2 * math.log(_DEGREES * math.pi)
        - half * np.log1p((scores**2).sum(axis=0) / _DEGREES)
    )
    return scores, log_density


def weighted_quantiles(values: FloatArray, weights: FloatArray, levels: FloatArray) -> FloatArray:
    """Quantiles of weighted draws, lines between the middles of their weights.

    Parameters
    ----------
    values, weights : ndarray, shape (draw,)
        Draws and their weights, of sum 1.
    levels : ndarray, shape (level,)
        Between 0 and 1.

    Returns
    -------
    ndarray, shape (level,)

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0]), np.array([0.5, 0.5]), np.array([0.5])).tolist()
    [2.0]
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(levels, reached, values[order]))


def predictive_quantiles(fits: Sequence[tuple[float, Posterior]], levels: FloatArray) -> FloatArray:
    """Quantiles of the law that carries what is open: families and parameters mixed by their weights.

    Parameters
    ----------
    fits : sequence of (float, Posterior)
        Each family's share and fit; the shares' sum is 1.
    levels : ndarray, shape (level,)
        Between 0 and 1.

    Returns
    -------
    ndarray, shape (level,)
    """
    low, high = np.full(levels.size, np.inf), np.full(levels.size, -np.inf)
    for _, fit in fits:
        some = fit.weights > _LEAST_WEIGHT * fit.weights.max()
        ends = fit.family.quantile(levels, fit.draws[:, some])
        low, high = np.minimum(low, ends.min(axis=0)), np.maximum(high, ends.max(axis=0))
    logarithmic = bool((low > 0).all())
    if logarithmic:
        low, high = np.log(low), np.log(high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = predictive_share(fits, np.exp(middle) if logarithmic else middle) >= levels
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(np.exp(high) if logarithmic else high)


def predictive_share(fits: Sequence[tuple[float, Posterior]], places: FloatArray) -> FloatArray:
    """Probability of at most each place by the law that carries what is open.

    Parameters
    ----------
    fits : sequence of (float, Posterior)
        Each family's share and fit.
    places : ndarray, shape (place,)
        Inside the families' ranges.

    Returns
    -------
    ndarray, shape (place,)
    """
    total = np.zeros(places.size)
    for share, fit in fits:
        some = fit.weights > _LEAST_WEIGHT * fit.weights.max()
        weights = fit.weights[some] / fit.weights[some].sum()
        total += share * (weights @ -np.expm1(fit.family.log_sf(places, fit.draws[:, some])))
    return total
