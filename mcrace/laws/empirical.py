"""The law of a sample: a column of a file, or values that stand in the study."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws.data_file import MOST_VALUES, DataFile, read_column, read_data_file
from mcrace.laws.family import Family, Range
from mcrace.laws.faults import refusal, short
from mcrace.laws.guide import Guide, guide_of
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.reading import read_numbers

__all__ = ["FAMILY", "Empirical", "make_empirical"]

KEYS = ("file", "column", "values", "weights", "interpolate")
GIVEN = "file and column, or values (and weights and interpolate, if wanted)"
CELL = Range(infinite=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Empirical:
    """Law of a weighted sample.

    As it stands, a draw is one of the values, each with its share of the weights. Interpolated, the value of
    rank i has the level l_i = (W_i - w_1 / 2) / (1 - w_1 / 2 - w_n / 2), W_i the shares below it and half of
    its own, and quantiles lie on the straight lines between: with equal weights l_i = (i - 1) / (n - 1).

    Attributes
    ----------
    values : ndarray
        Distinct and increasing, in the unit of the quantity; infinity stands for never.
    below, above : ndarray
        Probability of a value of at most, and above, each of `values`.
    interpolate : bool
        Whether numbers between the values occur too.
    origin : str
        Where the values come from, for tables.
    digest : str
        SHA-256 of the numbers: laws with the same numbers are equal.

    References
    ----------
    R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996)
    361-365: definition 1, and definition 7 with weights.

    Examples
    --------
    >>> make_empirical(np.array([3.0, 1.0, 2.0, 3.0])).ppf(np.array([0.25, 0.4, 0.6]))
    array([1., 2., 3.])
    >>> make_empirical(np.array([3.0, 1.0, 2.0]), interpolate=True).ppf(np.array([0.25, 0.5]))
    array([1.5, 2. ])
    """

    values: FloatArray = field(compare=False, repr=False)
    below: FloatArray = field(compare=False, repr=False)
    above: FloatArray = field(compare=False, repr=False)
    interpolate: bool
    origin: str = field(compare=False)
    digest: str

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value at or below which at least `u` of the probability lies."""
        levels = np.asarray(u, dtype=np.float64)
        flat = levels.ravel()
        places = _guide(self).places(flat)
        values = _between(self, flat, places) if self.interpolate else self.values.take(places, mode="clip")
        return values.reshape(levels.shape)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value above which at most `u` of the probability lies."""
        if self.interpolate:
            return np.asarray(np.interp(u, self.above[::-1], self.values[::-1]))
        places = len(self.values) - np.searchsorted(self.above[::-1], u, side="right")
        return np.asarray(self.values[places])

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        if self.interpolate:
            return np.asarray(np.interp(x, self.values, self.below))
        return np.append(0.0, self.below)[np.searchsorted(self.values, x, side="right")]

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        if self.interpolate:
            return np.asarray(np.interp(x, self.values, self.above))
        return np.append(1.0, self.above)[np.searchsorted(self.values, x, side="right")]

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return float(self.values[0]), float(self.values[-1])

    @property
    def mean(self) -> float:
        """Expected value; infinite if infinity is among the values."""
        middle = (self.values[1:] + self.values[:-1]) / 2 if self.interpolate else self.values
        return float(np.sum(middle * self.masses))

    @property
    def sd(self) -> float:
        """Standard deviation; NaN if infinity is among the values."""
        if math.isinf(self.values[-1]):
            return math.nan
        apart = self.values - self.mean
        squares = apart * apart
        if self.interpolate:
            squares = (squares[1:] + squares[:-1] + apart[1:] * apart[:-1]) / 3
        return math.sqrt(float(np.sum(squares * self.masses)))

    @property
    def masses(self) -> FloatArray:
        """Probability of each value; interpolated, of each stretch between two."""
        below, above = self.below, self.above
        if not self.interpolate:
            below, above = np.append(0.0, below), np.append(1.0, above)
        # counted from the nearer end, so that small shares keep their digits
        return np.where(below[1:] <= 0.5, np.diff(below), -np.diff(above))

    def within(self, low: float, high: float) -> "Empirical":
        """Hold the law between two bounds: by dropping values, or by cutting the lines between them.

        Parameters
        ----------
        low, high : float
            In the unit of the values.

        Returns
        -------
        Empirical
            The same law where nothing is cut.

        Raises
        ------
        StudyError
            There is nothing between the bounds; the fault's path is ``bounds``.
        """
        first, last = self.support
        if low <= first and last <= high:
            return self
        nothing = refusal("bounds", f"[{low:g}, {high:g}]", "bounds that hold at least one of the values")
        if not self.interpolate:
            kept = (low <= self.values) & (self.values <= high)
            if not kept.any():
                raise nothing
            return _step(self.values[kept], self.masses[kept], self.origin)
        ends = np.array([max(low, first), min(high, last)])
        if not ends[0] < ends[1]:
            raise nothing
        knots = np.unique(np.append(self.values, ends))
        knots = knots[(ends[0] <= knots) & (knots <= ends[1])]
        middles = (knots[1:] + knots[:-1]) / 2
        pieces = np.searchsorted(self.values, middles) - 1
        shares = self.masses[pieces] * np.diff(knots) / np.diff(self.values)[pieces]
        return _lines(knots, shares, self.origin)


# as many as are looked up at a time; a guide of ten million values takes 64 MB
@lru_cache(maxsize=32)
def _guide(law: Empirical) -> Guide:
    return guide_of(law.below)


def _between(law: Empirical, u: FloatArray, places: NDArray[np.intp]) -> FloatArray:
    """Values on the straight lines that end at `places`."""
    upper = np.maximum(places, 1)
    low, high = law.values.take(upper - 1, mode="clip"), law.values.take(upper, mode="clip")
    level, next_level = law.below.take(upper - 1, mode="clip"), law.below.take(upper, mode="clip")
    rise = (high - low) / (next_level - level) * (u - level)
    return np.minimum(low + rise, high)


def make_empirical(
    values: FloatArray,
    weights: FloatArray | None = None,
    *,
    interpolate: bool = False,
    origin: str = "",
) -> Empirical:
    """Make the law of a sample.

    Parameters
    ----------
    values : ndarray
        At least one, none NaN, in any order.
    weights : ndarray, optional
        As many, at least 0 and finite, on any scale; equal if left out.
    interpolate : bool
        Whether quantiles lie on straight lines between the values.
    origin : str
        Where the values come from, for tables.

    Returns
    -------
    Empirical
        Repeated values count once, with the sum of their weights: a row of weight 2 is two rows.

    Raises
    ------
    StudyError
        No weight is above 0, one is below it, there is not one a value; or fewer than two distinct finite
        values are to be interpolated.

    Examples
    --------
    >>> make_empirical(np.array([1.0, 4.0]), np.array([3.0, 1.0])).mean
    1.75
    """
    if np.isneginf(values).any():
        raise refusal("values", -math.inf, "numbers (or .inf, for never)")
    shares = _checked_weights(values, weights)
    kept = shares > 0
    distinct, places = np.unique(values[kept], return_inverse=True)
    sums = np.bincount(places, weights=shares[kept]).astype(np.float64, copy=False)
    if not interpolate:
        return _step(distinct, sums, origin)
    if len(distinct) < 2 or np.isinf(distinct[-1]):
        expected = "at least two distinct values, all finite, between which lines can be drawn"
        raise refusal("interpolate", True, expected)
    inner = (sums[1:] + sums[:-1]) / 2
    return _lines(distinct, inner, origin)


def _checked_weights(values: FloatArray, weights: FloatArray | None) -> FloatArray:
    if weights is None:
        return np.ones(len(values))
    if len(weights) != len(values):
        raise refusal("weights", f"{len(weights)} weights", f"{len(values)} numbers, one a value")
    wrong = np.flatnonzero(~((weights >= 0) & np.isfinite(weights)))
    if wrong.size:
        found = f"{weights[wrong[0]]:g} in row {int(wrong[0]) + 1:,}"
        raise refusal("weights", found, "weights of at least 0, none infinite")
    if not (weights > 0).any():
        raise refusal("weights", "weights that are all 0", "at least one weight above 0")
    # a power of two changes no digit, and keeps the sum of large weights finite
    return np.ldexp(weights, -math.frexp(float(weights.max()))[1])


def _step(values: FloatArray, shares: FloatArray, origin: str) -> Empirical:
    """Law of distinct increasing values, each with its share on any scale."""
    below, above = _sums(shares)
    return _sealed(values, below[1:], above[1:], interpolate=False, origin=origin)


def _lines(values: FloatArray, shares: FloatArray, origin: str) -> Empirical:
    """Law that is uniform on each stretch between neighbours, each stretch with its share on any scale."""
    below, above = _sums(shares)
    return _sealed(values, below, above, interpolate=True, origin=origin)


def _sums(shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares below and above each of the limits between things in a row; both from 0 to 1."""
    below = np.append(0.0, np.cumsum(shares))
    above = np.append(np.cumsum(shares[::-1])[::-1], 0.0)
    return below / below[-1], above / above[0]


def _sealed(
    values: FloatArray, below: FloatArray, above: FloatArray, *, interpolate: bool, origin: str
) -> Empirical:
    digest = hashlib.sha256(b"lines" if interpolate else b"steps")
    for array in (values, below, above):
        array.flags.writeable = False
        digest.update(np.ascontiguousarray(array, dtype="<f8").data)
    return Empirical(
        values=values,
        below=below,
        above=above,
        interpolate=interpolate,
        origin=origin,
        digest=digest.hexdigest(),
    )


def _read(spec: object, make: Callable[[object], Law]) -> Empirical:  # noqa: ARG001 - no law stands inside
    if not isinstance(spec, Mapping):
        raise refusal("", spec, f"a mapping with {GIVEN}")
    faults = [
        Fault(
            path=str(key),
            found=short(key),
            expected=f"one of {', '.join(KEYS)}",
            nearest=nearest_name(str(key), KEYS),
        )
        for key in spec
        if key not in KEYS
    ]
    interpolate = spec.get("interpolate", False)
    if not isinstance(interpolate, bool):
        faults.append(Fault(path="interpolate", found=short(interpolate), expected="true or false"))
    if ("values" in spec) == ("file" in spec) or ("file" in spec) != ("column" in spec):
        faults.append(Fault(path="", found=_what_stands(spec), expected=GIVEN))
    if faults:
        raise StudyError(faults)
    return _from_file(spec) if "file" in spec else _from_values(spec)


def _what_stands(spec: Mapping[object, object]) -> str:
    given = [key for key in ("file", "column", "values") if key in spec]
    return " and ".join(given) if given else "neither file nor values"


def _from_values(spec: Mapping[str, object]) -> Empirical:
    faults: list[Fault] = []
    values = read_numbers(spec["values"], CELL, "values", faults)
    weights = read_numbers(spec["weights"], Range(least=0), "weights", faults) if "weights" in spec else None
    if values is not None and not 0 < len(values) <= MOST_VALUES:
        expected = f"a list of at least one number and at most {MOST_VALUES:,}"
        faults.append(Fault(path="values", found=f"{len(values):,} numbers", expected=expected))
    if values is None or faults:
        raise StudyError(faults)
    shares = None if weights is None else np.array(weights)
    return make_empirical(np.array(values), shares, interpolate=spec.get("interpolate") is True)


def _from_file(spec: Mapping[str, object]) -> Empirical:
    file, column, weights = spec["file"], spec["column"], spec.get("weights")
    faults = [
        Fault(path=key, found=short(name), expected="the name of a column")
        for key, name in (("column", column), ("weights", weights))
        if not isinstance(name, str) and key in spec
    ]
    if not isinstance(file, str | Path | DataFile):
        faults.append(Fault(path="file", found=short(file), expected="the path of a CSV or Parquet file"))
    if faults:
        raise StudyError(faults)
    data = file if isinstance(file, DataFile) else read_data_file(str(file))
    return _from_columns(
        data, str(column), weights if isinstance(weights, str) else None, spec.get("interpolate") is True
    )


# What a file of ten million rows says is read once, however often a study is looked at.
@lru_cache(maxsize=32)
def _from_columns(file: DataFile, column: str, weights: str | None, interpolate: bool) -> Empirical:
    values = read_column(file, column, "column")
    if np.isneginf(values).any():
        row = int(np.flatnonzero(np.isneginf(values))[0])
        raise refusal("column", f"-inf in row {row + 1:,}", "numbers (or inf, for never)")
    shares = None if weights is None else read_column(file, weights, "weights")
    origin = f"{column} of {Path(file.name).name}"
    return make_empirical(values, shares, interpolate=interpolate, origin=origin)


FAMILY = Family(
    name="empirical",
    meaning="what was observed: a column of a CSV or Parquet file, or a list of values",
    law=Empirical,
    natural=(),
    examples=(
        {"values": [2, 3.5, 3.5, 7, 19]},
        {"values": [2, 3.5, 7, 19], "weights": [1, 2, 1, 0.5]},
        {"values": [2, 3.5, 7, 19], "interpolate": True},
    ),
    read=_read,
    shapes=(
        {
            "description": "a column of a CSV or Parquet file; the path as seen from the study's folder",
            "type": "object",
            "properties": {
                "file": {"description": "the file", "type": "string"},
                "column": {"description": "name of the column of values", "type": "string"},
                "weights": {"description": "name of the column of weights", "type": "string"},
                "interpolate": {"description": "draw straight lines between the values", "type": "boolean"},
            },
            "additionalProperties": False,
            "required": ["file", "column"],
        },
        {
            "description": "values, and weights if wanted",
            "type": "object",
            "properties": {
                "values": {"type": "array", "items": {"type": "number"}, "minItems": 1},
                "weights": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1},
                "interpolate": {"description": "draw straight lines between the values", "type": "boolean"},
            },
            "additionalProperties": False,
            "required": ["values"],
        },
    ),
)
