"""Regressions of benefits on one input or on a few, made to tell which alternative is best where."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.probability_bins import ProbabilityBins, bin_sums, probability_bins

__all__ = ["Learner", "group_learner", "input_learner"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_BINS: Final = 256
_SPLINE_PENALTIES: Final = (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
_RIDGES: Final = (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
_TERMS: Final = 96
"""Terms of a group's regression: up to here a solve keeps to one thread, which a loaded machine thanks."""

_COLUMNS: Final = 40
"""Functions of one input, at most."""

_FITTED: Final = 2**15
"""Draws that a group's regression is fitted on, at most; the decisions are for all."""

_PARTS_OF_BIN: Final = 16


class Learner(Protocol):
    """What can fit benefits on draws of some replicates and decide the draws of others by the fit.

    Fits have shape (fit, coefficient, alternative). Strength 0 is no information: each alternative's
    mean; from there on the fits are ever less smooth.
    """

    def strengths(self) -> range:
        """Name the strengths of smoothing."""
        ...

    def fit(self, replicates: IntArray, strengths: Sequence[int]) -> FloatArray:
        """Fit on the draws of `replicates`, with some strengths of smoothing."""
        ...

    def tried(self, replicates: IntArray, fits: FloatArray) -> FloatArray:
        """Do as `gains`, perhaps on some of the draws only."""
        ...

    def gains(self, replicates: IntArray, fits: FloatArray) -> FloatArray:
        """Tell what deciding by each fit earns over deciding by the first of them, (fit, replicate)."""
        ...

    def changed(self, fits: FloatArray, kept: Sequence[IntArray], now: int) -> FloatArray:
        """Tell the share of the kept replicates' draws in which each fit prefers another than `now`."""
        ...


def input_learner(column: FloatArray, benefits: FloatArray) -> Learner:
    """Fit by a smoothing spline on the normal score of the input's rank, with atoms apart.

    Parameters
    ----------
    column : ndarray, shape (replicate, point)
        The input, in any unit; no NaN.
    benefits : ndarray, shape (alternative, replicate, point)
        In any unit.

    Returns
    -------
    Learner
        Its coefficients are the fitted benefits of the bins.
    """
    replicates, points = column.shape
    bins = probability_bins(column.ravel(), _BINS)
    sums = bin_sums(bins, benefits.reshape(len(benefits), -1), replicates)
    return _Spline(bins=bins, sums=sums, bands=_roughness(bins), points=points)


def group_learner(columns: FloatArray, benefits: FloatArray) -> Learner:
    """Fit by ridge regression on products of smooth functions of each input's rank.

    Parameters
    ----------
    columns : ndarray, shape (replicate, point, input)
        A few inputs, in any unit; no NaN.
    benefits : ndarray, shape (alternative, replicate, point)
        In any unit.

    Returns
    -------
    Learner
        Its coefficients are those of the products.
    """
    replicates, points, inputs = columns.shape
    bins = [probability_bins(columns[..., i].ravel(), _BINS) for i in range(inputs)]
    tables = [_smooth_functions(each) for each in bins]
    terms = _terms([len(table) for table in tables])
    indices = np.stack([each.index.reshape(replicates, points) for each in bins], axis=1)
    fitted = min(points, max(_FITTED // replicates, 1))
    parts = [_features(tables, index[:, :fitted], terms) for index in indices]
    return _Ridge(
        tables=tables,
        indices=indices,
        terms=terms,
        parts=parts,
        gram=np.stack([part @ part.T for part in parts]),
        right=np.stack([part @ benefits[:, r, :fitted].T for r, part in enumerate(parts)]),
        roughness=_term_roughness(np.array(terms), np.array([_free(each) for each in bins])),
        benefits=benefits,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spline:
    bins: ProbabilityBins
    sums: FloatArray
    bands: FloatArray
    points: int

    def strengths(self) -> range:
        return range(1 + len(_SPLINE_PENALTIES))

    def fit(self, replicates: IntArray, strengths: Sequence[int]) -> FloatArray:
        """Minimise squared error + penalty times the integral of f''², by one banded solve a penalty."""
        # Loaded here: processes that draw take what is found, and not this.
        from scipy.linalg import solveh_banded

        sums = self.sums[replicates].sum(axis=0)
        counts, total = sums[:, 0], sums[:, 0].sum()
        mean = sums[:, 1:].sum(axis=0) / total
        right = sums[:, 1:] - counts[:, None] * mean
        fits = np.broadcast_to(mean, (len(strengths), *right.shape)).copy()
        for fit, strength in zip(fits, strengths, strict=True):
            if strength:
                bands = _SPLINE_PENALTIES[strength - 1] * total * self.bands
                # A bin that these replicates miss would leave its own fit open: it falls to the mean.
                bands[2] += counts + 1e-6
                fit += solveh_banded(bands, right, overwrite_ab=True, check_finite=False)
        return fits

    def tried(self, replicates: IntArray, fits: FloatArray) -> FloatArray:
        return self.gains(replicates, fits)

    def gains(self, replicates: IntArray, fits: FloatArray) -> FloatArray:
        choice = fits.argmax(axis=-1)
        sums = self.sums[replicates, :, 1:]
        rows = np.arange(sums.shape[1])
        earned = sums[:, rows, choice].sum(axis=-1).T
        base = sums[:, :, fits[0, 0].argmax()].sum(axis=-1)
        return np.asarray((earned - base) / self.points)

    def changed(self, fits: FloatArray, kept: Sequence[IntArray], now: int) -> FloatArray:
        even = len(self.bins.score)
        choice = fits.argmax(axis=-1)
        other = np.asarray(choice != now, dtype=np.float64)
        turns = np.diff(choice[:, :even], axis=1).any(axis=0)
        near = np.flatnonzero(np.append(turns, False) | np.append(False, turns))
        if len(near):
            # Bins where the choice turns are cut finer by straight lines: the share moves smoothly.
            parts = (np.arange(_PARTS_OF_BIN) + 0.5) / _PARTS_OF_BIN - 0.5
            place = np.clip(near[:, None] + parts, 0, even - 1)
            below = np.minimum(place.astype(np.intp), even - 2)
            step = (place - below)[..., None]
            fine = fits[:, below] * (1 - step) + fits[:, below + 1] * step
            other[:, near] = (fine.argmax(axis=-1) != now).mean(axis=-1)
        counts = np.stack([self.sums[each, :, 0].sum(axis=0) for each in kept])
        return np.asarray((other * counts).sum(axis=1) / counts.sum(axis=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ridge:
    tables: Sequence[FloatArray]
    indices: IntArray
    terms: Sequence[tuple[int, ...]]
    parts: Sequence[FloatArray]
    gram: FloatArray
    right: FloatArray
    roughness: FloatArray
    benefits: FloatArray

    def strengths(self) -> range:
        return range(1 + len(_RIDGES))

    def fit(self, replicates: IntArray, strengths: Sequence[int]) -> FloatArray:
        """Minimise squared error + ridge times each term's squared coefficient and roughness."""
        gram, right = self.gram[replicates].sum(axis=0), self.right[replicates].sum(axis=0)
        total = gram[0, 0]
        fits = np.zeros((len(strengths), *right.shape))
        for fit, strength in zip(fits, strengths, strict=True):
            if strength:
                penalty = _RIDGES[strength - 1] * self.roughness + 1e-9
                fit[:] = np.linalg.solve(gram + np.diag(total * penalty), right)
            else:
                fit[0] = right[0] / total
        return fits

    def tried(self, replicates: IntArray, fits: FloatArray) -> FloatArray:
        parts = [self.parts[r] for r in replicates]
        return np.stack(
            [self._gains(r, part, fits) for r, part in zip(replicates, parts, strict=True)], axis=1
        )

    def gains(self, replicates: IntArray, fits: FloatArray) -> FloatArray:
        found = np.empty((len(fits), len(replicates)))
        for column, r in enumerate(replicates):
            found[:, column] = self._gains(r, _features(self.tables, self.indices[r], self.terms), fits)
        return found

    def changed(self, fits: FloatArray, kept: Sequence[IntArray], now: int) -> FloatArray:
        shares = np.stack([(_choice(part, fits) != now).mean(axis=1) for part in self.parts], axis=1)
        return np.stack([share[each].mean() for share, each in zip(shares, kept, strict=True)])

    def _gains(self, replicate: int, part: FloatArray, fits: FloatArray) -> FloatArray:
        benefits = self.benefits[:, replicate, : part.shape[1]]
        earned = np.take_along_axis(benefits, _choice(part, fits), axis=0)
        return np.asarray((earned - benefits[fits[0, 0].argmax()]).mean(axis=1))


def _choice(part: FloatArray, fits: FloatArray) -> IntArray:
    """Decide every draw by every fit, (fit, point)."""
    fitted = fits.transpose(0, 2, 1).reshape(-1, len(part)) @ part
    return np.asarray(fitted.reshape(len(fits), fits.shape[2], -1).argmax(axis=1))


def _roughness(bins: ProbabilityBins) -> FloatArray:
    """Upper bands of the quadratic form of the integral of f'' squared over the normal score.

    f'' is the second divided difference of neighbouring bins; atoms are free. After P. J. Green &
    B. W. Silverman, Nonparametric Regression and Generalized Linear Models (1994), ch. 2.
    """
    bands = np.zeros((3, len(bins.counts)))
    even = len(bins.score)
    if even < 3:
        return bands
    gap = np.diff(bins.score)
    width = (gap[:-1] + gap[1:]) / 2
    first, last = 1 / gap[:-1] / np.sqrt(width), 1 / gap[1:] / np.sqrt(width)
    middle = -(first + last)
    for shift, (left, right) in enumerate([(first, first), (middle, middle), (last, last)]):
        bands[2, shift : even - 2 + shift] += left * right
    bands[1, 1 : even - 1] += first * middle
    bands[1, 2:even] += middle * last
    bands[0, 2:even] += first * last
    return bands


def _smooth_functions(bins: ProbabilityBins) -> FloatArray:
    """Functions of the bins, (function, bin), orthonormal under the draws, the smoothest first.

    The constant, the normal score, each atom, then what the spline's penalty finds ever rougher (A.
    Demmler & C. Reinsch, Numerische Mathematik 24 (1975) 375).
    """
    from scipy.linalg import eig_banded

    width, even = len(bins.counts), len(bins.score)
    weight = bins.counts / bins.counts.sum()
    line = np.zeros(width)
    line[:even] = bins.score
    free = np.stack([np.ones(width), *([line] if even > 1 else []), *np.eye(width)[even:]], axis=1)
    plain = np.linalg.qr(np.sqrt(weight)[:, None] * free[:, : _free(bins)])[0]
    bands = _roughness(bins)
    for shift in range(3):
        bands[2 - shift, shift:] /= np.sqrt(weight[shift:] * weight[: width - shift])
    last = min(width, _COLUMNS) - 1
    rough = eig_banded(bands, select="i", select_range=(0, last))[1][:, plain.shape[1] :]
    table: FloatArray = (np.hstack([plain, rough])[:, :_COLUMNS] / np.sqrt(weight)[:, None]).T.copy()
    # The sign of an orthonormal function is open: the constant's is fixed to 1.
    table[0] = 1.0
    return table


def _free(bins: ProbabilityBins) -> int:
    """Count the functions without roughness: the constant, the normal score, all but one or no atom."""
    even = len(bins.score)
    return min(even, 2) + len(bins.atoms)


def _term_roughness(terms: IntArray, free: IntArray) -> FloatArray:
    """Weight of each term under the ridge: 0 for a single function without roughness, then growing."""
    factors = np.where(terms < free, 1 + np.minimum(terms, 1), terms - free + 3)
    return np.asarray(np.maximum(np.prod(factors, axis=1) - 2.0, 0) ** 2)


def _terms(widths: Sequence[int]) -> list[tuple[int, ...]]:
    """Choose products of functions, one index a factor, by the product of 1 + index: a hyperbolic cross."""
    found = _cross(list(widths), _COLUMNS)
    return sorted(found, key=lambda index: (prod(i + 1 for i in index), index))[:_TERMS]


def _cross(widths: list[int], most: int) -> list[tuple[int, ...]]:
    """All indices whose product of 1 + index is at most `most`."""
    if not widths:
        return [()]
    return [
        (first, *rest)
        for first in range(min(widths[0], most))
        for rest in _cross(widths[1:], most // (first + 1))
    ]


def _features(tables: Sequence[FloatArray], index: IntArray, terms: Sequence[tuple[int, ...]]) -> FloatArray:
    """Values of the terms for draws whose bins are `index`, (input, point); (term, point)."""
    factors = [table[:, each] for table, each in zip(tables, index, strict=True)]
    found = np.empty((len(terms), index.shape[1]))
    place = {term: k for k, term in enumerate(terms)}
    for k, term in enumerate(terms):
        used = [i for i, function in enumerate(term) if function]
        if not used:
            found[k] = 1.0
            continue
        # The term less its last factor is a smoother one, so it stands further up.
        last = used[-1]
        parent = place[(*term[:last], 0, *term[last + 1 :])]
        np.multiply(found[parent], factors[last][term[last]], out=found[k])
    return found
