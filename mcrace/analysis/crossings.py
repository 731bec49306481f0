"""Where a curve with errors passes a level."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mcrace.analysis.estimates import jackknifed

__all__ = ["Crossing", "CurvePoints", "crossings"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_JOINT_LEVEL: Final = 0.95
"""Level at which all points of a curve together are told from the level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A value of the input at which a curve passes a level.

    Attributes
    ----------
    value : float
        In the input's unit; where the curve jumps at an atom, that atom's value, perhaps infinite.
    standard_error : float
        In the input's unit; 0 at an atom; NaN where the crossing is not resolved.
    upward : bool
        Whether the curve is above the level at greater values.
    agreeing : int
        Replicates whose own draws lie below the level on the one side and above it on the other.
    resolved : bool
        Whether the curve is told from the level on both sides, at 95 % for all its points together.
    """

    value: float
    standard_error: float
    upward: bool
    agreeing: int
    resolved: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurvePoints:
    """Points of a curve, ascending by value.

    Attributes
    ----------
    score : ndarray, shape (point,)
        Normal score of the value among the draws between the atoms; NaN for an atom.
    values : ndarray, shape (point,)
        In the input's unit.
    gaps : ndarray, shape (point,)
        The curve less the level.
    errors : ndarray, shape (point,)
        Its standard error.
    without : ndarray, shape (replicate, point)
        `gaps` without each replicate.
    sums : ndarray, shape (replicate, point)
        Of each replicate's draws at a point, output less level.
    score_table, value_table : ndarray, shape (bin,)
        Score and value of the input between the atoms, ascending.
    """

    score: FloatArray
    values: FloatArray
    gaps: FloatArray
    errors: FloatArray
    without: FloatArray
    sums: FloatArray
    score_table: FloatArray
    value_table: FloatArray


def crossings(points: CurvePoints) -> tuple[Crossing, ...]:
    """Find where a curve passes a level, from points that are told from it for sure.

    A crossing lies between two neighbouring such points of different signs. Between them the curve
    may pass the level several times by chance: the crossing is the root of the least-squares line
    through these points and those between. Before the first and behind the last such point, an
    opposite sign of more than one standard error makes a crossing that is not resolved. Its error is
    the jackknife's over replicates.

    Parameters
    ----------
    points : CurvePoints
        One curve.

    Returns
    -------
    tuple of Crossing
        By ascending value; empty where the curve is nowhere told from the level, or keeps its sign.
    """
    signs = np.sign(points.gaps)
    limit = stdtrit(len(points.without) - 1, 1 - (1 - _JOINT_LEVEL) / 2 / len(signs))
    told = np.abs(points.gaps) > limit * points.errors
    places = _places(points, signs, told)
    changes = [k for k in range(len(places) - 1) if signs[places[k]] != signs[places[k + 1]]]
    found = []
    for order, k in enumerate(changes):
        first, last = places[k], places[k + 1]
        start = places[changes[order - 1] + 1] if order else 0
        end = places[changes[order + 1]] if order + 1 < len(changes) else len(signs) - 1
        before = points.sums[:, start : first + 1].sum(axis=1)
        after = points.sums[:, last : end + 1].sum(axis=1)
        agreeing = (np.sign(before) == signs[first]) & (np.sign(after) == signs[last])
        value, error = _place(points, signs, first, last)
        resolved = bool(told[first] and told[last])
        found.append(
            Crossing(
                value=value,
                standard_error=error if resolved else float("nan"),
                upward=bool(signs[last] > 0),
                agreeing=int(agreeing.sum()),
                resolved=resolved,
            )
        )
    return tuple(found)


def _places(points: CurvePoints, signs: FloatArray, told: BoolArray) -> Sequence[int]:
    """Points that are told from the level, with one likely of another sign at either end."""
    places = [int(place) for place in np.flatnonzero(told)]
    if not places:
        return places
    first, last = places[0], places[-1]
    # At an end, what is not told has an error above 0.
    ends = [(range(first), first, 0), (range(last + 1, len(signs)), last, len(places) + 1)]
    for where, inner, at in ends:
        likely = [
            (float(abs(points.gaps[p]) / points.errors[p]), p)
            for p in where
            if signs[p] == -signs[inner] and abs(points.gaps[p]) > points.errors[p]
        ]
        if likely:
            places.insert(at, max(likely)[1])
    return places


def _place(points: CurvePoints, signs: FloatArray, first: int, last: int) -> tuple[float, float]:
    """Value and error of the crossing between two points."""
    # The last step onto the new sign: there the crossing is, should atoms stand in between.
    step = max(p for p in range(first, last) if signs[p] != signs[last])
    is_atom = np.isnan(points.score)
    if is_atom[step + 1]:
        return float(points.values[step + 1]), 0.0
    if is_atom[step]:
        return float(points.values[step]), 0.0
    while is_atom[first : step + 1].any():
        first += 1
    while is_atom[step : last + 1].any():
        last -= 1
    span = slice(first, last + 1)
    curves = np.vstack([points.gaps[span], points.without[:, span]])
    place = points.score[span]
    apart = place - place.mean()
    # The line's slope has the curve's sign change; a root beyond the two points is none.
    root = place.mean() - curves.mean(axis=1) * (apart @ apart) / (curves @ apart)
    score = np.clip(root, place[0], place[-1])
    found = np.interp(score, points.score_table, points.value_table)
    estimate = jackknifed(found[1:], found[0])
    return float(estimate.value), float(estimate.standard_error)
