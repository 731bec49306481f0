"""Spearman's rank correlation of two inputs, and the correlation of the normal scores that gives it."""

import functools
import math

import numpy as np
import numpy.typing as npt

__all__ = ["LEAST_DEGREES", "MOST_DEGREES", "rank_correlation", "score_correlation"]

LEAST_DEGREES = 1.0
MOST_DEGREES = 1000.0
"""Most degrees of freedom of a t copula: a Gaussian one differs from it by less than 1e-3 at any point."""

_DIGITS = 12  # the quadrature and the search are good to more; what is left does not hang on the machine
_MOST_STEPS = 60

FloatArray = npt.NDArray[np.float64]


def rank_correlation(score: float, degrees_of_freedom: float | None = None) -> float:
    """Give Spearman's rank correlation of a pair joined by a Gaussian or a t copula.

    Parameters
    ----------
    score : float
        Correlation of the scores, in [-1, 1].
    degrees_of_freedom : float, optional
        Of the t copula, from `LEAST_DEGREES` to `MOST_DEGREES`; Gaussian if absent.

    Returns
    -------
    float
        In [-1, 1]. Gaussian: (6 / pi) asin(score / 2). Of a t copula: (6 / pi) E[asin(score sqrt(V1 V2))],
        V_i = W_i / (W + W_i) with three independent chi-squares, by a trapezoidal rule whose error is below
        1e-10.

    References
    ----------
    K. Pearson (1907), On further methods of determining correlation, Drapers' Company Research Memoirs IV.
    A. Heinen, A. Valdesogo (2020), Spearman rank correlation of the bivariate Student t and scale mixtures of
    normal distributions, Journal of Multivariate Analysis 179, 104650.

    Examples
    --------
    >>> round(rank_correlation(0.5), 6), round(rank_correlation(0.5, 4), 6)
    (0.482584, 0.46902)
    """
    if degrees_of_freedom is None:
        return 6.0 / math.pi * math.asin(score / 2.0)
    shared, weights = _mixing(degrees_of_freedom)
    return float(6.0 / math.pi * np.sum(weights * np.arcsin(score * shared)))


@functools.lru_cache(maxsize=4096)
def score_correlation(spearman: float, degrees_of_freedom: float | None = None) -> float:
    """Give the correlation of the scores whose copula has Spearman's rank correlation.

    Parameters
    ----------
    spearman : float
        In [-1, 1].
    degrees_of_freedom : float, optional
        Of the t copula; Gaussian if absent.

    Returns
    -------
    float
        In [-1, 1]. Gaussian: 2 sin(pi spearman / 6); of a t copula the root, to 1e-10.

    Examples
    --------
    >>> round(score_correlation(0.4), 6), round(score_correlation(0.4, 4), 6)
    (0.415823, 0.428285)
    """
    if abs(spearman) == 1.0 or spearman == 0.0:
        return spearman
    gaussian = 2.0 * math.sin(math.pi * spearman / 6.0)
    if degrees_of_freedom is None:
        return gaussian
    # The t copula's score is never nearer to 0 than the Gaussian one: a bracket, and a start.
    low, high = abs(gaussian), 1.0
    shared, weights = _mixing(degrees_of_freedom)
    score = low
    for _ in range(_MOST_STEPS):
        excess = rank_correlation(score, degrees_of_freedom) - abs(spearman)
        low, high = (score, high) if excess < 0 else (low, score)
        slope = 6.0 / math.pi * float(np.sum(weights * shared / np.sqrt(1.0 - (score * shared) ** 2)))
        step = score - excess / slope
        moved = step if low < step < high else 0.5 * (low + high)
        if abs(moved - score) < 1e-14:
            break
        score = moved
    return math.copysign(round(score, _DIGITS), spearman)


@functools.lru_cache(maxsize=4)
def _mixing(degrees_of_freedom: float) -> tuple[FloatArray, FloatArray]:
    """Values of sqrt(V1 V2) and their probabilities, on a grid of s = ln(W1 / W) and t = ln(W2 / W).

    The density of (s, t), exp(a (s + t)) / (1 + exp(s) + exp(t))^(3 a) with a half the degrees of freedom, is
    analytic and falls exponentially, so that the trapezoidal rule converges exponentially.
    """
    from scipy.special import polygamma

    shape = degrees_of_freedom / 2.0
    spread = math.sqrt(2.0 * float(polygamma(1, shape)))
    step = min(0.4, spread / 2.5)
    reach = 36.0 / shape + 12.0 * spread
    count = math.ceil(reach / step)
    grid = step * np.arange(-count, count + 1)
    s, t = grid[:, np.newaxis], grid[np.newaxis, :]
    log_density = shape * (s + t - 3.0 * (np.logaddexp(0.0, np.logaddexp(s, t)) - math.log(3.0)))
    density = np.exp(log_density)  # 1 at its peak, s = t = 0
    shares = 1.0 / (1.0 + np.exp(-np.clip(grid, -600.0, 600.0)))
    inside = np.triu(density > 1e-18)  # it is symmetric
    weights = np.where(np.eye(len(grid), dtype=bool), 1.0, 2.0)[inside] * density[inside]
    shared = np.sqrt(shares[:, np.newaxis] * shares)[inside]
    return shared, weights / weights.sum()
