"""How numbers are spread: bins of a readable view, atoms apart, and what lies beyond."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Spread", "exceedance_curve", "spread_of"]

_ATOM_SHARE = 0.01
_ATOM_DRAWS = 3
_FEW_VALUES = 60
_REPEATS = 5
_LEAST_BINS, _MOST_BINS = 8, 60
_CURVE_POINTS = 300

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Shares of draws: in bins, at atoms, and beyond the view; they add up to 1.

    Attributes
    ----------
    edges : ndarray, shape (bin + 1,)
        Ends of the bins; 0 is one of them if the view holds it inside.
    shares : ndarray, shape (bin,)
        Share of the draws in each bin, atoms left out.
    atoms, atom_shares : ndarray, shape (atom,)
        Values that many draws have exactly, rising, and their shares.
    below, above : float
        Shares left and right of the view.
    never : float
        Share of infinite draws.
    """

    edges: FloatArray
    shares: FloatArray
    atoms: FloatArray
    atom_shares: FloatArray
    below: float
    above: float
    never: float

    @property
    def view(self) -> tuple[float, float]:
        """Ends of what is shown."""
        return float(self.edges[0]), float(self.edges[-1])


def spread_of(values: FloatArray, *, log: bool = False) -> Spread:
    """Sort draws into bins and atoms.

    The view is the middle 99 % of the draws, shortened to one 5-95 % width beyond either end of that
    range, so that a heavy tail leaves the bulk readable. Every atom is inside it.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        At least one; may hold infinity, not NaN.
    log : bool
        Bins of equal ratio instead of equal width; every finite value must be above 0.

    Returns
    -------
    Spread

    Examples
    --------
    >>> spread = spread_of(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]))
    >>> spread.atoms.tolist(), spread.atom_shares.tolist(), round(float(spread.shares.sum()), 12)
    ([0.0], [0.3], 0.7)
    """
    finite = values[np.isfinite(values)]
    scaled = np.log10(finite) if log else finite
    distinct, counts = np.unique(scaled, return_counts=True)
    is_atom = _atoms(distinct, counts, values.size)
    rest = scaled[~np.isin(scaled, distinct[is_atom])]
    edges = _edges(rest, _view(scaled, distinct[is_atom]))
    shares = np.histogram(rest, edges)[0] / values.size
    atoms = distinct[is_atom]
    return Spread(
        edges=10.0**edges if log else edges,
        shares=shares,
        atoms=10.0**atoms if log else atoms,
        atom_shares=counts[is_atom] / values.size,
        below=float((rest < edges[0]).sum() / values.size),
        above=float((rest > edges[-1]).sum() / values.size),
        never=float((values.size - finite.size) / values.size),
    )


def exceedance_curve(values: FloatArray, view: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """Trace the share of draws above a threshold.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        The draws.
    view : tuple of float
        First and last threshold.

    Returns
    -------
    thresholds, shares : ndarray, shape (point,)
        Rising thresholds and the share of draws strictly above each; few enough points to draw, with
        every jump of 1 % or more at its place.

    Examples
    --------
    >>> thresholds, shares = exceedance_curve(np.array([1.0, 2.0, 2.0, 4.0]), (0.0, 4.0))
    >>> [float(share) for share in shares[np.isin(thresholds, [0.0, 1.0, 2.0, 4.0])]]
    [1.0, 0.75, 0.25, 0.0]
    """
    ordered = np.sort(values)
    distinct, counts = np.unique(ordered, return_counts=True)
    picked = ordered[np.linspace(0, ordered.size - 1, _CURVE_POINTS).astype(np.intp)]
    jumps = distinct[counts >= _ATOM_SHARE * values.size]
    marks = np.concatenate([np.asarray(view), [0.0], picked, jumps])
    thresholds = np.unique(marks[(marks >= view[0]) & (marks <= view[1])])
    return thresholds, 1.0 - np.searchsorted(ordered, thresholds, side="right") / ordered.size


def _atoms(distinct: FloatArray, counts: NDArray[np.intp], draws: int) -> NDArray[np.bool_]:
    few = distinct.size == 1 or (distinct.size <= _FEW_VALUES and draws >= _REPEATS * distinct.size)
    if few:
        return np.ones(distinct.size, dtype=np.bool_)
    heavy = (counts >= _ATOM_DRAWS) & (counts >= _ATOM_SHARE * draws)
    # Zero is where an open release changes nothing: it is told apart however rare.
    return np.asarray(heavy | ((distinct == 0) & (counts > 1)), dtype=np.bool_)


def _view(values: FloatArray, atoms: FloatArray) -> tuple[float, float]:
    if values.size == 0:
        return 0.0, 1.0
    least, low, high, most = (
        float(edge) for edge in np.quantile(values, [0.005, 0.05, 0.95, 0.995], method="hazen")
    )
    if high > low:
        least, most = max(least, 2 * low - high), min(most, 2 * high - low)
    if atoms.size:
        least, most = min(least, float(atoms[0])), max(most, float(atoms[-1]))
    if most <= least:
        margin = 0.1 * abs(least) or 1.0
        least, most = least - margin, most + margin
    return least, most


def _edges(rest: FloatArray, view: tuple[float, float]) -> FloatArray:
    low, high = view
    inside = rest[(rest >= low) & (rest <= high)]
    bins = _LEAST_BINS
    if inside.size > 1:
        quarters = np.quantile(inside, [0.25, 0.75])
        width = 2 * float(quarters[1] - quarters[0]) / inside.size ** (1 / 3)
        bins = int(np.clip((high - low) / width, _LEAST_BINS, _MOST_BINS)) if width > 0 else _MOST_BINS
    if not low < 0 < high:
        return np.linspace(low, high, bins + 1)
    step = (high - low) / bins
    # The rounding guard keeps an end that is a whole number of steps away from getting a bin more.
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return np.asarray(step * np.arange(first, last + 1), dtype=np.float64)
