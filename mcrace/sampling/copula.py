"""Copulas on the unit cube: uniforms of several inputs made dependent, each left uniform by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mcrace.laws.gamma import Gamma
from mcrace.laws.t_levels import t_levels

__all__ = ["MIXING", "Copula", "joined"]

MIXING = "correlations.chi_square"
"""Name of the coordinate that the inputs of a t copula share; no input's, since it holds a dot."""

_LEAST = 2.0**-53  # as the designs have it: as close to 0 as to 1

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copula:
    """A Gaussian or t copula of some inputs.

    Attributes
    ----------
    names : tuple of str
        The inputs, sorted. An input moves only with those before it, so that the first one keeps its own
        uniforms (Gaussian copula), and one that is fixed leaves all others as they were.
    factor : tuple of tuple of float
        Cholesky factor of the correlations of their normal scores, row i of i + 1 entries.
    degrees_of_freedom : float or None
        Of the t copula; None for the Gaussian one.
    """

    names: tuple[str, ...]
    factor: tuple[tuple[float, ...], ...]
    degrees_of_freedom: float | None = None


def joined(copula: Copula, uniforms: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Make the uniforms of the copula's inputs dependent.

    Element by element and without linear algebra: the bits of a draw do not hang on how many are computed
    together, nor on the threads of a library. A t copula's chi-square and levels are looked up, precise to
    1e-11 and 1e-9 relative (see `mcrace.laws.inverse` and `mcrace.laws.t_levels`).

    Parameters
    ----------
    copula : Copula
        Which inputs, and how they hang together.
    uniforms : Mapping of str to ndarray, shape (count,)
        Independent uniforms of at least the copula's inputs; for a t copula also of `MIXING`.

    Returns
    -------
    dict of str to ndarray
        All of `uniforms`, in their order, without `MIXING`. Inputs that the copula does not name, or that
        it correlates with none before them (Gaussian), keep their bits.

    Examples
    --------
    >>> copula = Copula(names=("a", "b"), factor=((1.0,), (1.0, 0.0)))
    >>> rows = joined(copula, {"a": np.array([0.25]), "b": np.array([0.9])})
    >>> rows["b"].round(9).tolist()
    [0.25]
    """
    from scipy.special import ndtr, ndtri

    rows = {name: row for name, row in uniforms.items() if name != MIXING}
    scores = {name: ndtri(uniforms[name]) for name in copula.names}
    degrees, stretched = copula.degrees_of_freedom, np.ones(())
    if degrees is not None:
        stretched = np.sqrt(degrees / 2 / Gamma(degrees / 2, 1.0).ppf(uniforms[MIXING]))
    for name, row in zip(copula.names, copula.factor, strict=True):
        if degrees is None and not any(row[:-1]):
            continue
        score = np.zeros_like(scores[name])
        for other, weight in zip(copula.names, row, strict=False):
            if weight != 0.0:
                score += weight * scores[other]
        levels = ndtr(score) if degrees is None else t_levels(degrees, stretched * score)
        rows[name] = np.clip(levels, _LEAST, 1.0 - _LEAST)
    return rows
