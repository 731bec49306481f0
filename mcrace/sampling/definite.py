"""Correlation matrices: their Cholesky factor, what keeps them from having one, the nearest that has one."""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

__all__ = ["clash", "consistent_range", "factor_of", "nearest_correlations"]

Matrix = Sequence[Sequence[float]]
Factor = tuple[tuple[float, ...], ...]

_NO_VARIANCE = 1e-12
_NO_COVARIANCE = 1e-6
_MOST_SUBSETS = 50_000
_CONVERGED = 1e-11
_MOST_ROUNDS = 20_000
_DIGITS = 6


def factor_of(matrix: Matrix) -> Factor | None:
    """Factor a correlation matrix R = L L' (Cholesky), in plain Python: the bits hang on no library.

    Parameters
    ----------
    matrix : sequence of sequences of float
        Symmetric, with ones on its diagonal and entries in [-1, 1].

    Returns
    -------
    tuple of tuple of float, or None
        Rows of L, row i of i + 1 entries, each of length 1. None if the matrix is not positive semidefinite;
        where it is singular (a correlation of 1, say) the pivot is 0.

    Examples
    --------
    >>> factor_of([[1.0, 0.6], [0.6, 1.0]])
    ((1.0,), (0.6, 0.8))
    >>> factor_of([[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]]) is None
    True
    """
    rows: list[list[float]] = []
    for i, given in enumerate(matrix):
        row: list[float] = []
        for j, above in enumerate(rows):
            rest = given[j] - math.fsum(row[k] * above[k] for k in range(j))
            if above[j] == 0.0 and abs(rest) > _NO_COVARIANCE:
                return None
            row.append(0.0 if above[j] == 0.0 else rest / above[j])
        variance = given[i] - math.fsum(entry * entry for entry in row)
        if variance < -_NO_VARIANCE:
            return None
        row.append(math.sqrt(variance) if variance > _NO_VARIANCE else 0.0)
        length = math.sqrt(math.fsum(entry * entry for entry in row))
        rows.append([entry / length for entry in row])
    return tuple(tuple(row) for row in rows)


def clash(matrix: Matrix) -> tuple[int, ...]:
    """Find the inputs whose correlations cannot all hold, as few as possible.

    Parameters
    ----------
    matrix : sequence of sequences of float
        Symmetric, with ones on its diagonal, and not positive semidefinite.

    Returns
    -------
    tuple of int
        Rows of a principal submatrix that is not positive semidefinite, though each of its own is. There is
        no smaller one, unless the matrix is so large that only some of its submatrices were tried.

    Examples
    --------
    >>> clash([[1, 0.3, 0.9, 0.2], [0.3, 1, 0, 0.1], [0.9, 0, 1, 0.9], [0.2, 0.1, 0.9, 1]])
    (0, 2, 3)
    """
    names = range(len(matrix))
    for size in range(3, len(matrix)):
        if math.comb(len(matrix), size) > _MOST_SUBSETS:
            break
        for rows in combinations(names, size):
            if factor_of(_part(matrix, rows)) is None:
                return rows
    kept = list(names)
    for name in names:
        without = [row for row in kept if row != name]
        if factor_of(_part(matrix, without)) is None:
            kept = without
    return tuple(kept)


def consistent_range(matrix: Matrix, row: int, column: int) -> tuple[float, float]:
    """Give the values of one entry with which a matrix is positive semidefinite.

    Parameters
    ----------
    matrix : sequence of sequences of float
        Symmetric, with ones on its diagonal; positive semidefinite without either of the two rows.
    row, column : int
        The entry.

    Returns
    -------
    low, high : float
        In [-1, 1]: the partial correlation of the two, given all others, is -1 and 1 there.

    Examples
    --------
    >>> low, high = consistent_range([[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]], 0, 2)
    >>> round(low, 4), round(high, 4)
    (0.62, 1.0)
    """
    whole = np.array(matrix, dtype=np.float64)
    others = [name for name in range(len(whole)) if name not in (row, column)]
    inverse = np.linalg.pinv(whole[np.ix_(others, others)], hermitian=True)
    to_row, to_column = whole[row, others], whole[column, others]
    middle = float(to_row @ inverse @ to_column)
    left = [max(1.0 - float(to @ inverse @ to), 0.0) for to in (to_row, to_column)]
    reach = math.sqrt(left[0] * left[1])
    return max(middle - reach, -1.0), min(middle + reach, 1.0)


def nearest_correlations(matrix: Matrix) -> list[list[float]]:
    """Find the positive definite correlation matrix nearest to a symmetric one, in the Frobenius norm.

    Parameters
    ----------
    matrix : sequence of sequences of float
        Symmetric, with ones on its diagonal.

    Returns
    -------
    list of list of float
        Entries rounded to six digits, after drawing the matrix towards the identity by a millionth an input,
        so that it has a Cholesky factor, and the last bits of a machine's linear algebra do not show.

    References
    ----------
    N. J. Higham (2002), Computing the nearest correlation matrix - a problem from finance, IMA Journal of
    Numerical Analysis 22, 329-343: alternating projections with Dykstra's correction.

    Examples
    --------
    >>> nearest = nearest_correlations([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    >>> [round(entry, 4) for entry in nearest[0]]
    [1.0, 0.7607, 0.1573]
    """
    target = np.array(matrix, dtype=np.float64)
    correction = np.zeros_like(target)
    for _ in range(_MOST_ROUNDS):
        before = target
        shifted = target - correction
        definite = _semidefinite(shifted)
        correction = definite - shifted
        target = definite.copy()
        np.fill_diagonal(target, 1.0)
        if np.abs(target - before).max() < _CONVERGED:
            break
    drawn = np.round(target * (1.0 - len(target) * 10.0**-_DIGITS), _DIGITS)
    drawn = np.clip(drawn, -1.0, 1.0)
    np.fill_diagonal(drawn, 1.0)
    return [[float(entry) for entry in row] for row in np.tril(drawn) + np.tril(drawn, -1).T]


def _semidefinite(symmetric: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    values, vectors = np.linalg.eigh(symmetric)
    product = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return np.asarray((product + product.T) / 2.0)


def _part(matrix: Matrix, rows: Iterable[int]) -> list[list[float]]:
    kept = list(rows)
    return [[matrix[i][j] for j in kept] for i in kept]
