"""Curves of an output over each input, and where they cross a level."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from mcrace.analysis.crossings import Crossing, CurvePoints, crossings
from mcrace.analysis.estimates import Estimates, jackknifed
from mcrace.analysis.probability_bins import ProbabilityBins, bin_sums, probability_bins, scale_points
from mcrace.errors import Fault, StudyError

__all__ = ["Curve", "Curves", "conditional_curves"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_BINS: Final = 512
_POINTS: Final = 41
_LEAST_DRAWS: Final = 200
"""Draws between the atoms from which on there is a curve between them."""

_WINDOW_DRAWS: Final = 40
"""Draws in half a window, at least."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """An output's mean and probability to be positive, over one input.

    Attributes
    ----------
    values : ndarray, shape (point,)
        The input, ascending, in its own unit; the last may be infinite, the first too.
    probabilities : ndarray, shape (point,)
        The input's cumulative probability there; of an atom, in its middle.
    is_atom : ndarray of bool, shape (point,)
        Whether the point is an atom: a value that many draws share, such as `never`.
    mean : Estimates, shape (point,)
        E[output | input], in the output's unit.
    positive : Estimates, shape (point,)
        P(output > 0 | input).
    mean_crossings, positive_crossings : tuple of Crossing
        Where they pass their levels, by ascending value.
    """

    values: FloatArray
    probabilities: FloatArray
    is_atom: BoolArray
    mean: Estimates
    positive: Estimates
    mean_crossings: tuple[Crossing, ...]
    positive_crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Curves of one output.

    Attributes
    ----------
    inputs : tuple of Curve
        One an input, in order.
    levels : tuple of float
        What the mean (in the output's unit) and the probability are asked to cross.
    """

    inputs: tuple[Curve, ...]
    levels: tuple[float, float]


def conditional_curves(
    inputs: FloatArray, output: FloatArray, levels: tuple[float, float] = (0.0, 0.5)
) -> Curves:
    """Estimate from kept draws how an output hangs on each input alone.

    A point is a local line on the normal score of the input's rank, weighted by a triangle that
    reaches to the neighbouring points: 41 points from the 1 % to the 99 % quantile, spread evenly on a
    scale half probability, half normal score. A value that at least 1 % of the draws share (and 30)
    is an atom, its own point, and so is an infinite one. Between the atoms there is no curve if fewer
    than 200 draws lie there. Errors are the jackknife's over replicates. A probability that the line
    puts outside of [0, 1] is told as 0 or 1.

    Parameters
    ----------
    inputs : ndarray, shape (replicate, point, input)
        The draws, each input in its own unit; infinite values are fine.
    output : ndarray, shape (replicate, point)
        In any unit; finite.
    levels : tuple of two floats
        The level for the mean, in the output's unit, and that for the probability.

    Returns
    -------
    Curves

    Raises
    ------
    StudyError
        Fewer than two replicates, shapes that do not match, an output that is not finite, an input
        that is NaN.

    References
    ----------
    J. Fan & I. Gijbels, Local Polynomial Modelling and Its Applications (1996), ch. 3.

    Examples
    --------
    >>> draws = np.random.default_rng(1).uniform(size=(8, 512, 1))
    >>> curve = conditional_curves(draws, draws[..., 0] - 0.25).inputs[0]
    >>> crossing = curve.mean_crossings[0]
    >>> round(crossing.value, 2), crossing.upward, crossing.agreeing
    (0.25, True, 8)
    """
    _check(inputs, output)
    replicates = len(output)
    rows = np.stack([output.ravel(), output.ravel() > 0])
    found = []
    for i in range(inputs.shape[2]):
        bins = probability_bins(inputs[..., i].ravel(), _BINS)
        found.append(_curve(bins, bin_sums(bins, rows, replicates), levels))
    return Curves(inputs=tuple(found), levels=levels)


def _curve(bins: ProbabilityBins, sums: FloatArray, levels: tuple[float, float]) -> Curve:
    even = len(bins.score)
    inside = int(bins.counts[:even].sum())
    grid = scale_points(0.01, 0.99, _POINTS) if inside >= _LEAST_DRAWS else np.array([])
    fits, local = _local_lines(bins, sums[:, :even], grid, inside)
    kept = _kept_atoms(bins, len(sums))
    # The first row of the estimates is that of all replicates, then each is left out.
    estimates = np.concatenate([fits, _atom_means(sums[:, even:][:, kept])], axis=1)
    local = np.concatenate([local, sums[:, even:][:, kept]], axis=1)
    score = np.concatenate([ndtri(grid), np.full(int(kept.sum()), np.nan)])
    middles = np.interp(score[: len(grid)], bins.score, bins.values) if len(grid) else grid
    values = np.concatenate([middles, bins.atoms[kept]])
    order = np.argsort(values, kind="stable")
    values, score, estimates, local = values[order], score[order], estimates[:, order], local[:, order]
    curves = [jackknifed(estimates[1:, :, row], estimates[0, :, row]) for row in range(2)]
    points = [
        CurvePoints(
            score=score,
            values=values,
            gaps=curve.value - level,
            errors=curve.standard_error,
            without=estimates[1:, :, row] - level,
            sums=local[..., 1 + row] - level * local[..., 0],
            score_table=bins.score,
            value_table=bins.values,
        )
        for row, (curve, level) in enumerate(zip(curves, levels, strict=True))
    ]
    return Curve(
        values=values,
        probabilities=_probabilities(bins, grid, kept)[order],
        is_atom=np.isnan(score),
        mean=curves[0],
        positive=_inside_unit(curves[1]),
        mean_crossings=crossings(points[0]),
        positive_crossings=crossings(points[1]),
    )


def _local_lines(
    bins: ProbabilityBins, sums: FloatArray, grid: FloatArray, inside: int
) -> tuple[FloatArray, FloatArray]:
    """Local lines at the grid, (1 + replicate, point, row), and the weighted sums (replicate, point, -)."""
    place = ndtr(bins.score)
    apart = np.abs(place - grid[:, None])
    width = np.maximum(np.gradient(grid) if len(grid) else grid, _WINDOW_DRAWS / max(inside, 1))
    if len(grid) and len(place) > 1:
        # Ties can leave wide gaps between bins: two of them are reached at least.
        width = np.maximum(width, 1.01 * np.partition(apart, 1, axis=1)[:, 1])
    elif len(grid):
        width = np.ones(len(grid))
    weight = np.maximum(1 - apart / width[:, None], 0)
    shift = bins.score - ndtri(grid)[:, None]
    flat, first, second = (np.einsum("gc,rck->rgk", weight * shift**p, sums) for p in range(3))
    parts = [
        np.concatenate([each.sum(axis=0)[None], each.sum(axis=0) - each]) for each in (flat, first, second)
    ]
    count, lever, spread = (part[..., :1] for part in parts)
    level = np.divide(parts[0], count, out=np.zeros_like(parts[0]), where=count > 0)[..., 1:]
    determinant = count * spread - lever**2
    is_line = determinant > 1e-9 * count * spread
    line = spread * parts[0][..., 1:] - lever * parts[1][..., 1:]
    found = np.divide(line, determinant, out=level, where=np.broadcast_to(is_line, line.shape))
    return found, flat


def _kept_atoms(bins: ProbabilityBins, replicates: int) -> BoolArray:
    """Leave out infinite values of a few draws: no error can be had of them."""
    return bins.counts[len(bins.score) :] >= 2 * replicates


def _atom_means(sums: FloatArray) -> FloatArray:
    total = sums.sum(axis=0)
    parts = np.concatenate([total[None], total - sums])
    return np.asarray(parts[..., 1:] / np.maximum(parts[..., :1], 1))


def _probabilities(bins: ProbabilityBins, grid: FloatArray, kept: BoolArray) -> FloatArray:
    even = len(bins.score)
    share = bins.counts / bins.counts.sum()
    inside, atoms = share[:even].sum(), share[even:]
    middles = np.interp(ndtri(grid), bins.score, bins.values) if len(grid) else grid
    below = (middles[:, None] > bins.atoms) @ atoms
    beneath = np.array([share[:even][bins.values < atom].sum() for atom in bins.atoms])
    return np.concatenate([grid * inside + below, (np.cumsum(atoms) - atoms / 2 + beneath)[kept]])


def _inside_unit(estimates: Estimates) -> Estimates:
    return Estimates(
        value=np.clip(estimates.value, 0, 1),
        standard_error=estimates.standard_error,
        replicates=estimates.replicates,
    )


def _check(inputs: FloatArray, output: FloatArray) -> None:
    faults = []
    if inputs.ndim != 3 or output.shape != inputs.shape[:2]:
        shapes = f"shapes {inputs.shape} and {output.shape}"
        expected = "inputs (replicate, point, input) and output (replicate, point)"
        raise StudyError([Fault(path="inputs", found=shapes, expected=expected)])
    if len(output) < 2:
        faults.append(Fault(path="output", found="1 replicate", expected="2 replicates or more"))
    if not np.isfinite(output).all():
        faults.append(Fault(path="output", found="infinity or NaN", expected="finite numbers"))
    if np.isnan(inputs).any():
        faults.append(Fault(path="inputs", found="NaN", expected="numbers"))
    if faults:
        raise StudyError(faults)
