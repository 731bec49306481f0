"""Moments of a law from its quantile function."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from mcrace.laws.law import FloatArray, Law

__all__ = ["mean_and_sd", "mean_of"]

# |logit u| up to 300: what lies beyond has a probability of 1e-130
REACH = float(np.arcsinh(300 / np.pi))
PANELS = 16
MOST_HALVINGS = 30
TOLERANCE = 1e-12


def mean_and_sd(law: Law) -> tuple[float, float]:
    """Integrate the quantile function over all levels, with nodes that crowd at both ends.

    The level is u = 1 / (1 + exp(-pi sinh t)); integrals over t use Gauss and Legendre's rule of 16 nodes on
    panels that are halved until each is precise.

    Parameters
    ----------
    law : Law
        A continuous law with a finite mean and variance.

    Returns
    -------
    mean, sd : float
        In the unit of the law's values, to about 1e-10 relative to their spread.

    References
    ----------
    H. Takahasi and M. Mori, "Double exponential formulas for numerical integration", Publications of RIMS 9
    (1974) 721-741.

    Examples
    --------
    >>> from mcrace.laws.normal import Normal
    >>> mean, sd = mean_and_sd(Normal(3.0, 2.0))
    >>> round(mean, 9), round(sd, 9)
    (3.0, 2.0)
    """
    mean = mean_of(law)
    with np.errstate(over="ignore", invalid="ignore"):
        return mean, float(np.sqrt(_integral(partial(_moment, law, mean, 2))))


def mean_of(law: Law) -> float:
    """Integrate the quantile function alone, in half the time of `mean_and_sd`.

    Parameters
    ----------
    law : Law
        A continuous law with a finite mean and variance.

    Returns
    -------
    float
        The same mean, to the bit.

    Examples
    --------
    >>> from mcrace.laws.normal import Normal
    >>> round(mean_of(Normal(3.0, 2.0)), 9)
    3.0
    """
    # measured from a central value, so that a narrow law far from zero loses no digits
    centre = float(law.ppf(np.asarray(0.5)))
    with np.errstate(over="ignore", invalid="ignore"):
        return centre + _integral(partial(_moment, law, centre, 1))


def _moment(law: Law, origin: float, power: int, t: FloatArray) -> FloatArray:
    logit = np.pi * np.sinh(t)
    near, far = 1 / (1 + np.exp(np.abs(logit))), 1 / (1 + np.exp(-np.abs(logit)))
    below = t < 0
    values = np.empty_like(t)
    values[below], values[~below] = law.ppf(near[below]), law.isf(near[~below])
    weighted: FloatArray = (values - origin) ** power * near * far * np.pi * np.cosh(t)
    return weighted


def _integral(function: Callable[[FloatArray], FloatArray]) -> float:
    edges = np.linspace(-REACH, REACH, PANELS + 1)
    left, right = edges[:-1], edges[1:]
    coarse, size = _panels(function, left, right)
    allowed = TOLERANCE * float(size.sum())
    total = 0.0
    for _ in range(MOST_HALVINGS):
        middle = (left + right) / 2
        halves = _panels(function, np.append(left, middle), np.append(middle, right))[0]
        first, second = halves[: left.size], halves[left.size :]
        rough = np.abs(first + second - coarse) > allowed
        total += float((first + second)[~rough].sum())
        left, right = np.append(left[rough], middle[rough]), np.append(middle[rough], right[rough])
        coarse = np.append(first[rough], second[rough])
        if not rough.any():
            break
    return total + float(coarse.sum())


def _panels(
    function: Callable[[FloatArray], FloatArray], left: FloatArray, right: FloatArray
) -> tuple[FloatArray, FloatArray]:
    nodes, weights = _rule()
    half = (right - left)[:, None] / 2
    heights = function((left + right)[:, None] / 2 + half * nodes) * weights * half
    return heights.sum(axis=1), np.abs(heights).sum(axis=1)


@cache
def _rule() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss and Legendre's rule, on [-1, 1]."""
    return np.polynomial.legendre.leggauss(16)
