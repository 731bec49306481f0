"""Quantiles of slow laws at the cost of fast ones: looked up in pieces, checked as they were made."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.laws.kept_pieces import kept_pieces
from mcrace.laws.law import FloatArray
from mcrace.laws.normal_quantile import standard_quantile
from mcrace.laws.pieces import PARTS, REACH, Exact, Level, Pieces

__all__ = ["Exact", "fast_isf", "fast_ppf"]

CHUNK: Final = 8192


def fast_ppf(law: Exact, u: FloatArray) -> FloatArray:
    """Return the quantile of a slow law: what its ``ppf`` returns.

    The first call for a law makes its pieces, in a few milliseconds; they are kept. The value at a level does
    not depend on the other levels asked for. Where no piece is right (next to a gap), and at levels below
    1e-17, the exact quantile is asked.

    Parameters
    ----------
    law : Exact
        Any law, also one with kinks, gaps, atoms or infinite values.
    u : array of float, any shape
        Levels in (0, 1).

    Returns
    -------
    array of float
        Of the shape of `u`, in the unit of the law's values: increasing, and within 1e-11 relative of
        the exact quantile where the law lives on positive numbers (above 1e-300, where floats have all their
        digits), of |x| + spread where it does not.

    Examples
    --------
    >>> from mcrace.laws.gamma import Gamma
    >>> law, levels = Gamma(4.0, 2.5), np.array([1e-9, 0.3, 0.7])
    >>> bool(np.allclose(fast_ppf(law, levels), law.exact_ppf(levels), rtol=1e-11, atol=0))
    True
    """
    return _in_chunks(partial(_quantiles, _pieces(law), law.exact_ppf, 1.0), u)


def fast_isf(law: Exact, u: FloatArray) -> FloatArray:
    """Return the quantile of a slow law at level 1 - `u`: what its ``isf`` returns.

    Parameters
    ----------
    law, u
        As for `fast_ppf`.

    Returns
    -------
    array of float
        As from `fast_ppf`; precise for small `u` too.

    Examples
    --------
    >>> from mcrace.laws.gamma import Gamma
    >>> law = Gamma(1.0, 1.0)
    >>> fast_isf(law, np.array([1e-15])).round(9), np.array([15 * np.log(10)]).round(9)
    (array([34.53877639]), array([34.53877639]))
    """
    return _in_chunks(partial(_quantiles, _pieces(law), law.exact_isf, -1.0), u)


@lru_cache(maxsize=256)
def _pieces(law: Exact) -> Pieces:
    return kept_pieces(law)


def _in_chunks(function: Callable[[FloatArray], FloatArray], u: FloatArray) -> FloatArray:
    levels = np.asarray(u, dtype=np.float64)
    flat = levels.ravel()
    values = np.empty_like(flat)
    for start in range(0, flat.size, CHUNK):  # what is at work stays in the processor's cache
        values[start : start + CHUNK] = function(flat[start : start + CHUNK])
    return values.reshape(levels.shape)


def _quantiles(
    pieces: Pieces, exact: Callable[[FloatArray], FloatArray], sign: float, u: FloatArray
) -> FloatArray:
    level = pieces.levels[0]
    with np.errstate(invalid="ignore", over="ignore"):
        place = standard_quantile(u)
        place *= sign * pieces.count
        place += REACH * pieces.count + 1
        np.clip(place, 0, len(level.low) - 0.5, out=place)
        piece = place.astype(np.intp)
        place -= piece
        mapped = level.at(piece, place)
        left = np.isnan(mapped).nonzero()[0]
        if left.size:
            around = (level.low.take(piece[left], mode="clip"), level.high.take(piece[left], mode="clip"))
            mapped[left], low, high = _zoomed(pieces.levels[1:], piece[left], place[left], around)
        values = pieces.scale.back(mapped)
        rest = np.isnan(mapped[left])
        if rest.any():
            low, high = pieces.scale.back(low[rest]), pieces.scale.back(high[rest])
            values[left[rest]] = np.fmin(np.fmax(exact(u[left[rest]]), low), high)
    return values


def _zoomed(
    levels: tuple[Level, ...],
    above: NDArray[np.intp],
    share: FloatArray,
    ends: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Values in the divided pieces of the level above, and the ends of the smallest piece around each."""
    if not levels:
        return np.full(len(above), np.nan), *ends
    level = levels[0]
    inner = share * PARTS
    part = np.minimum(inner.astype(np.intp), PARTS - 1)
    row = level.rows.take(above, mode="clip")
    piece = np.where(row >= 0, row * PARTS + part, len(level.low) - 1)
    inner -= part
    low = np.where(row >= 0, np.fmax(level.low[piece], ends[0]), ends[0])
    high = np.where(row >= 0, np.fmin(level.high[piece], ends[1]), ends[1])
    value = np.minimum(np.maximum(level.at(piece, inner), low), high)
    left = (np.isnan(value) & (row >= 0)).nonzero()[0]
    if left.size:
        value[left], low[left], high[left] = _zoomed(
            levels[1:], piece[left], inner[left], (low[left], high[left])
        )
    return value, low, high
