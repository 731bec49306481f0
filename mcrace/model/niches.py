"""Niches: what a level counts for where a model is more or less apt."""

from mcrace.model.types import FloatArray

__all__ = ["best_aptitude", "served_share"]


def served_share(aptitude: float, best: float, substitution: float) -> float:
    """Share of its level that a model counts as in a niche.

    Parameters
    ----------
    aptitude : float
        Its aptitude for the niche.
    best : float
        Its best aptitude over the niches.
    substitution : float
        Share of its best aptitude that a model brings to niches that are not its own, in [0, 1].

    Returns
    -------
    float
        max(aptitude, substitution best): a model of level c counts as c times that.

    Examples
    --------
    >>> served_share(0.2, 1.0, 0.5)
    0.5
    """
    return max(aptitude, substitution * best)


def best_aptitude(aptitudes: FloatArray) -> float:
    """Largest aptitude of a model over the niches.

    Parameters
    ----------
    aptitudes : ndarray, shape (niches,)
        Above 0.

    Returns
    -------
    float
        0 if there are none.

    Examples
    --------
    >>> import numpy as np
    >>> best_aptitude(np.array([0.2, 1.5, 1.0]))
    1.5
    """
    best = 0.0
    for niche in range(aptitudes.size):
        best = max(best, aptitudes[niche])
    return best
