"""Sensitivity from kept draws alone, with no run of the model: first-order index, PAWN, rank correlation.

Inputs enter by order or by bins of equal content, so that infinite days and heavy tails do no harm. A value
that holds a fair part of the draws (an atom) is a bin of its own, and equal values are never in two bins.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, jackknifed, over_replicates
from mcrace.errors import Fault, StudyError

__all__ = ["GivenData", "given_data"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MOST_BINS: Final = 512
_NOTHING: Final = 1e-18
_PAWN_BINS: Final = 10
_PAWN_LEVELS: Final = 512
_DUMMY_SEED: Final = 20_170_119


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenData:
    """What kept draws tell of each input, with errors; every estimate has shape (output, input).

    NaN for an output that is constant.

    Attributes
    ----------
    first : Estimates
        First-order index Var(E[Y | X]) / Var(Y): share of the variance. By chance a little below 0 for an
        input without effect.
    pawn_median, pawn_max : Estimates
        Median and largest Kolmogorov distance of Y given X in a bin from Y, over the bins of X, in [0, 1].
    dummy_median, dummy_max : Estimates
        The same where the draws are shuffled over the input's bins: what no effect at all would show.
    spearman : Estimates
        Rank correlation; NaN for an input that is constant too.
    """

    first: Estimates
    pawn_median: Estimates
    pawn_max: Estimates
    dummy_median: Estimates
    dummy_max: Estimates
    spearman: Estimates


def given_data(inputs: FloatArray, outputs: FloatArray) -> GivenData:
    """Estimate sensitivity from draws of a run.

    Parameters
    ----------
    inputs : ndarray, shape (replicate, point, input)
        Any unit; infinite values are values like others. Inputs may depend on each other.
    outputs : ndarray, shape (output, replicate, point)
        Any unit, finite.

    Returns
    -------
    GivenData
        Errors from the scatter of the replicates.

    Raises
    ------
    StudyError
        If there are fewer than 2 replicates or 2 points, an input is NaN, or an output is not finite.

    Notes
    -----
    The first-order index takes bin means of different replicates times each other: what is not common to
    replicates drops out, however the draws of one replicate hang together. So it has no bias but the bins':
    at most what the output's mean varies inside a bin.

    References
    ----------
    F. Pianosi, T. Wagener (2018), Distribution-based sensitivity analysis from a generic input-output sample,
    Environmental Modelling & Software 108, 197-207. E. Plischke, E. Borgonovo, C. L. Smith (2013), Global
    sensitivity measures from given data, European Journal of Operational Research 226, 536-550.

    Examples
    --------
    >>> x = np.random.default_rng(1).random((8, 512, 2))
    >>> found = given_data(x, (x[..., 0] + 2 * x[..., 1])[np.newaxis])
    >>> found.first.value.round(1).tolist(), found.spearman.value.round(1).tolist()
    ([[0.2, 0.8]], [[0.4, 0.9]])
    """
    _check(inputs, outputs)
    replicates, points, count = inputs.shape
    constant = outputs.min(axis=(1, 2)) == outputs.max(axis=(1, 2))
    deviations = outputs - outputs.mean(axis=(1, 2), keepdims=True)
    ranks = [_ranks(row) for row in outputs]
    levels = [_levels(row) for row in outputs]
    shuffled = np.random.Generator(np.random.PCG64(_DUMMY_SEED)).permuted(
        np.tile(np.arange(points), (replicates, 1)), axis=1
    )
    names = ("first", "pawn_median", "pawn_max", "dummy_median", "dummy_max", "spearman")
    found: dict[str, list[Estimates]] = {name: [] for name in names}
    for number in range(count):
        values = np.ascontiguousarray(inputs[:, :, number])
        order = values.argsort(axis=None)
        input_ranks = _ranks(values, order)
        fine = _bins(values, order, min(int(np.sqrt(values.size)), _MOST_BINS))
        coarse = _bins(values, order, _PAWN_BINS)
        dummy = np.take_along_axis(coarse, shuffled, axis=1)
        for output in range(len(outputs)):
            found["first"].append(_first(fine, deviations[output]))
            for what, bins in (("pawn", coarse), ("dummy", dummy)):
                median, largest = _pawn(bins, levels[output])
                found[f"{what}_median"].append(median)
                found[f"{what}_max"].append(largest)
            found["spearman"].append(_spearman(input_ranks, ranks[output]))
    return GivenData(**{name: _table(cells, constant) for name, cells in found.items()})


def _check(inputs: FloatArray, outputs: FloatArray) -> None:
    faults = []
    if inputs.ndim != 3 or outputs.ndim != 3 or inputs.shape[:2] != outputs.shape[1:]:
        found = f"shapes {inputs.shape} and {outputs.shape}"
        expected = "inputs (replicate, point, input), outputs (output, replicate, point)"
        raise StudyError([Fault(path="inputs", found=found, expected=expected)])
    if min(outputs.shape[1:]) < 2:
        found = f"{outputs.shape[1]} replicates of {outputs.shape[2]} points"
        faults.append(Fault(path="outputs", found=found, expected="at least 2 of each"))
    if np.isnan(inputs).any():
        faults.append(Fault(path="inputs", found="NaN", expected="numbers; leave out an input that has none"))
    if not np.isfinite(outputs).all():
        faults.append(Fault(path="outputs", found="a number that is not finite", expected="finite numbers"))
    if faults:
        raise StudyError(faults)


def _runs(values: FloatArray, order: IntArray) -> tuple[IntArray, IntArray]:
    """Where each run of equal values starts in their order, and how long it is."""
    ordered = values.reshape(-1)[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return starts, np.diff(starts, append=ordered.size)


def _ranks(values: FloatArray, order: IntArray | None = None) -> FloatArray:
    """Ranks from 0 over all replicates, the mean rank for equal values."""
    order = values.argsort(axis=None) if order is None else order
    starts, lengths = _runs(values, order)
    ranks = np.empty(values.size)
    ranks[order] = np.repeat(starts + (lengths - 1) / 2, lengths)
    return ranks.reshape(values.shape)


def _bins(values: FloatArray, order: IntArray, most: int) -> IntArray:
    """Give each value the number of its bin: of about equal content, atoms by themselves, no bin empty."""
    _, lengths = _runs(values, order)
    size = values.size / most
    atom = lengths > size / 2
    loose = np.where(atom, 0, lengths)
    middle = loose.cumsum() - loose / 2
    bins = max(round(loose.sum() / size), 1)
    number = np.floor(middle / max(loose.sum(), 1) * bins).clip(0, bins - 1)
    # A new bin where the number changes or an atom begins or ends.
    new = (np.diff(number, prepend=number[0]) > 0) | atom
    new[1:] |= atom[:-1]
    new[0] = False
    found = np.empty(values.size, dtype=np.int64)
    found[order] = np.repeat(new.cumsum(), lengths)
    return found.reshape(values.shape)


def _first(bins: IntArray, deviations: FloatArray) -> Estimates:
    """First-order index; variance of the bins' means over variance."""
    replicates, points = bins.shape
    count = int(bins.max()) + 1
    cells = (bins + count * np.arange(replicates)[:, np.newaxis]).reshape(-1)
    sums = np.bincount(cells, weights=deviations.reshape(-1), minlength=count * replicates)
    sums = sums.reshape(replicates, count) / points
    content = np.bincount(cells, minlength=count * replicates).reshape(replicates, count) / points
    means = sums.sum(axis=1, keepdims=True)
    # Products of different replicates, each once for either of the two: (replicate, bin) and (replicate,).
    crossed, held = sums * (sums.sum(axis=0) - sums), content * (content.sum(axis=0) - content)
    level = (means * (means.sum() - means))[:, 0]
    share = content.mean(axis=0)
    squares = (deviations**2).mean(axis=1)
    pairs = replicates * (replicates - 1)
    between = share @ _ratio(crossed.sum(axis=0), held.sum(axis=0)) - level.sum() / pairs
    pooled = between / _positive(squares.mean())
    if replicates < 3:
        return Estimates(value=pooled, standard_error=np.full((), np.nan), replicates=replicates)
    # Without a replicate, two of each of its products are gone.
    less = _ratio(crossed.sum(axis=0) - 2 * crossed, held.sum(axis=0) - 2 * held) @ share
    less -= (level.sum() - 2 * level) / (pairs - 2 * (replicates - 1))
    return jackknifed(less / _positive((squares.sum() - squares) / (replicates - 1)), pooled)


def _ratio(sums: FloatArray, contents: FloatArray) -> FloatArray:
    """Divide, with 0 for a bin that has draws in one replicate alone."""
    none = contents <= _NOTHING
    found: FloatArray = np.where(none, 0.0, sums / np.where(none, 1.0, contents))
    return found


def _positive(numbers: FloatArray) -> FloatArray:
    return np.where(numbers > 0, numbers, np.nan)


def _levels(values: FloatArray) -> IntArray:
    """Find the first of some quantiles of all values that is not below each value."""
    ordered = np.sort(values, axis=None)
    places = np.linspace(0, ordered.size - 1, min(_PAWN_LEVELS, ordered.size)).round().astype(np.int64)
    return np.searchsorted(np.unique(ordered[places]), values)


def _pawn(bins: IntArray, levels: IntArray) -> tuple[Estimates, Estimates]:
    """Median and largest Kolmogorov distance over bins."""
    replicates = len(bins)
    shape = (replicates, int(bins.max()) + 1, int(levels.max()) + 1)
    cells = (np.arange(replicates)[:, np.newaxis] * shape[1] + bins) * shape[2] + levels
    counts = np.bincount(cells.reshape(-1), minlength=int(np.prod(shape))).reshape(shape)
    below = counts.cumsum(axis=2, dtype=np.float64)
    all_below = below.sum(axis=0)
    found = _distances(np.concatenate([all_below[np.newaxis], all_below - below]))
    middle, largest = np.median(found, axis=1), found.max(axis=1)
    return jackknifed(middle[1:], middle[0]), jackknifed(largest[1:], largest[0])


def _distances(below: FloatArray) -> FloatArray:
    """Kolmogorov distance of bins from all, by counts of draws up to each level, shape (..., bin, level)."""
    share = below / np.maximum(below[..., -1:], 1)
    together = below.sum(axis=-2, keepdims=True)
    share -= together / together[..., -1:]
    np.abs(share, out=share)
    found: FloatArray = share.max(axis=-1)
    found[below[..., -1] == 0] = 0.0
    return found


def _spearman(first: FloatArray, second: FloatArray) -> Estimates:
    """Rank correlation; its error is the scatter of the replicates' own."""
    pooled = _correlation(first.reshape(1, -1), second.reshape(1, -1))[0]
    return over_replicates(_correlation(first, second), pooled)


def _correlation(first: FloatArray, second: FloatArray) -> FloatArray:
    """Correlate each row with its like; NaN where one is constant."""
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    found: FloatArray = (first * second).sum(axis=1) / _positive(scale)
    return found


def _table(cells: list[Estimates], constant: NDArray[np.bool_]) -> Estimates:
    """Lay cells, input by input, out by output and input."""
    rows = [
        np.where(constant, np.nan, np.array(numbers).reshape(-1, len(constant))).T
        for numbers in ([cell.value for cell in cells], [cell.standard_error for cell in cells])
    ]
    return Estimates(value=rows[0], standard_error=rows[1], replicates=cells[0].replicates)
