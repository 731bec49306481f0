"""What a search for regions finds: boxes of inputs, their limits, and how well they hold."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, jackknifed

__all__ = ["Limit", "Prim", "Region", "Trajectory", "ratio_of_sums"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limit:
    """One limit of a box.

    Attributes
    ----------
    name : str
        Of the input.
    place : int
        Of the input.
    above : bool
        Whether it bounds the box from above.
    value : float
        In the input's unit, inside the box. Infinity as a lower limit means that only infinity is inside, the
        largest finite number as an upper one that all but infinity is.
    quasi_p : float
        Chance, if hits inside were as dense as without this limit, of at least as many hits inside: a
        one-sided binomial test. "Quasi", for the draws of a scrambled net scatter less than independent ones.
    coverage, density : Estimates
        Of the box without this limit.
    """

    name: str
    place: int
    above: bool
    value: float
    quasi_p: float
    coverage: Estimates
    density: Estimates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trajectory:
    """The boxes of one peeling, from the whole space to the smallest.

    Attributes
    ----------
    low, high : ndarray, shape (step, input)
        Limits in the inputs' units; infinite where there is none.
    coverage : Estimates
        Share of all hits that are in the box and in no earlier region; of shape (step,).
    density : Estimates
        Share of hits among the draws in the box that are in no earlier region.
    mass : Estimates
        Share of all draws.
    restricted : ndarray of int, shape (step,)
        Inputs with a limit.
    """

    low: FloatArray
    high: FloatArray
    coverage: Estimates
    density: Estimates
    mass: Estimates
    restricted: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """One box in which the condition holds more often than elsewhere.

    Attributes
    ----------
    limits : tuple of Limit
        Input by input, the lower one first.
    coverage, density, mass : Estimates
        As in `Trajectory`, each of shape ().
    """

    limits: tuple[Limit, ...]
    coverage: Estimates
    density: Estimates
    mass: Estimates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prim:
    """What the search for boxes has found.

    Attributes
    ----------
    names : tuple of str
        Of the inputs.
    condition : {"some", "none", "all"}
        Whether some, none or all draws are hits; only "some" can have regions.
    share : Estimates
        Of hits among all draws.
    regions : tuple of Region
        In the order found; empty where no box stands the test.
    coverage, density : Estimates
        Of all regions together; NaN density where there is none.
    trajectories : tuple of Trajectory
        One a search, among them a last one that has found no region.
    held_out : bool
        Whether numbers come from other replicates than those that chose the boxes; not so with one replicate.
    """

    names: tuple[str, ...]
    condition: Literal["some", "none", "all"]
    share: Estimates
    regions: tuple[Region, ...]
    coverage: Estimates
    density: Estimates
    trajectories: tuple[Trajectory, ...]
    held_out: bool


def ratio_of_sums(above: NDArray[Any], below: NDArray[Any]) -> Estimates:
    """Estimate a ratio of sums over replicates, with the jackknife's error.

    Parameters
    ----------
    above, below : ndarray of numbers, shape (replicate, ...)
        What each replicate adds to the numerator and the denominator.

    Returns
    -------
    Estimates
        Of shape (...); NaN where the denominator is 0, and an error of NaN where leaving out a replicate
        makes it 0.

    Examples
    --------
    >>> found = ratio_of_sums(np.array([1.0, 2.0]), np.array([4.0, 4.0]))
    >>> float(found.value), float(found.standard_error)
    (0.375, 0.125)
    """
    sums = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    over, under = (item.sum(axis=0) for item in sums)
    return jackknifed(_ratio(over - sums[0], under - sums[1]), _ratio(over, under))


def _ratio(over: FloatArray, under: FloatArray) -> FloatArray:
    ratio = np.full(np.shape(over), np.nan)
    np.divide(over, under, out=ratio, where=np.asarray(under > 0))
    return ratio
