"""Moments of a law from its quantile function."""

from collections.abc import Callable
from functools import partial

import numpy as np

from mcrace.laws.law import FloatArray, Law

__all__ = ["mean_and_sd"]

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
    # measured from a central value, so that a narrow law far from zero loses no digits
    centre = float(law.ppf(np.asarray(0.5)))
    with np.errstate(over="ignore", invalid="ignore"):
        shift = _integral(partial(_moment, law, centre, 1))
        variance = _integral(partial(_moment, law, centre + shift, 2))
    return centre + shift, float(np.sqrt(variance))


def _moment(law: Law, origin: float, power: int, t: FloatArray) -> FloatArray:
    logit = np.pi * np.sinh(t)
    near, far = 1 / (1 + np.exp(np.abs(logit))), 1 / (1 + np.exp(-np.abs(logit)))
    values = np.where(t < 0, law.ppf(near), law.isf(near))
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
        first, second = _panels(function, left, middle)[0], _panels(function, middle, right)[0]
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
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = (right - left)[:, None] / 2
    heights = function((left + right)[:, None] / 2 + half * nodes) * weights * half
    return heights.sum(axis=1), np.abs(heights).sum(axis=1)
