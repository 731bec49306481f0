"""The triangular law."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcrace.compiling import select, widely
from mcrace.compiling.elementwise import each_number
from mcrace.laws.family import Family, Form, Parameter, Quantile
from mcrace.laws.faults import refusal
from mcrace.laws.law import FloatArray
from mcrace.laws.roots import find_root

__all__ = ["FAMILY", "THREE_POINTS", "Triangular", "check_three_points", "three_points"]


@dataclass(frozen=True, slots=True)
class Triangular:
    """Triangular law: a density that rises in a line from low to the mode and falls in a line to high.

    Attributes
    ----------
    low, mode, high : float
        In the unit of the quantity; low <= mode <= high, low < high.

    References
    ----------
    S. Kotz and J. R. van Dorp, Beyond Beta (2004), ch. 1.

    Examples
    --------
    >>> import numpy as np
    >>> Triangular(0.0, 1.0, 2.0).ppf(np.array([0.125, 0.5]))
    array([0.5, 1. ])
    """

    low: float
    mode: float
    high: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return each_number(_rising, _fill_rising, u, *self._shape)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return each_number(_falling, _fill_falling, u, *self._shape)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return self._tails(x)[0]

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return self._tails(x)[1]

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return self.low, self.high

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low + self._width * (1 + self._peak) / 3

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self._width * math.sqrt((1 - self._peak + self._peak * self._peak) / 18)

    @property
    def _width(self) -> float:
        return self.high - self.low

    @property
    def _peak(self) -> float:
        return (self.mode - self.low) / self._width

    @property
    def _shape(self) -> tuple[float, float, float, float]:
        return self.low, self.mode, self.high, self._peak

    def _tails(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        x = np.clip(x, self.low, self.high)
        rises, peak, rest = x <= self.mode, self._peak, 1 - self._peak
        from_low, to_high = (x - self.low) / self._width, (self.high - x) / self._width
        from_mode = (x - self.mode) / self._width
        # A side of width zero holds nothing, and must not be divided by. What is counted from the mode on has
        # its digits where 1 less the other side would lose them: beside a mode at an end.
        left, right = (1 / side if side > 0 else 0.0 for side in (peak, rest))
        below = np.where(rises, from_low**2 * left, peak + from_mode * (2 - from_mode * right))
        above = np.where(rises, rest - from_mode * (2 + from_mode * left), to_high**2 * right)
        return below, above


def _quantile(
    lower: Any,  # noqa: ANN401 - a number or an array
    upper: Any,  # noqa: ANN401
    rises: Any,  # noqa: ANN401
    low: float,
    mode: float,
    high: float,
    peak: float,
) -> Any:  # noqa: ANN401
    """Quantile at the level `lower` = 1 - `upper`, on the side of the mode that `rises` tells."""
    # One over it, not a division for each draw.
    per_rest = 1.0 / (1.0 - peak) if peak < 1.0 else 1.0
    root = np.sqrt(select(rises, lower * peak, upper * per_rest))
    left = low + (high - low) * root
    # From the mode upwards, so that a mode at the low end keeps the digits of small values.
    right = mode + (high - mode) * per_rest * (lower - peak) / (1.0 + root)
    # rounding must not carry either side across the mode or an end
    left = select(left > mode, mode, left)
    right = select(right < mode, mode, right)
    right = select(right > high, high, right)
    return select(rises, left, right)


def _rising(u: Any, low: float, mode: float, high: float, peak: float) -> Any:  # noqa: ANN401
    return _quantile(u, 1.0 - u, u <= peak, low, mode, high, peak)


def _falling(u: Any, low: float, mode: float, high: float, peak: float) -> Any:  # noqa: ANN401
    return _quantile(1.0 - u, u, u >= 1.0 - peak, low, mode, high, peak)


def _fill_rising(
    levels: FloatArray, values: FloatArray, low: float, mode: float, high: float, peak: float
) -> None:
    widely()
    for i in range(levels.size):
        values[i] = _rising(levels[i], low, mode, high, peak)


def _fill_falling(
    levels: FloatArray, values: FloatArray, low: float, mode: float, high: float, peak: float
) -> None:
    widely()
    for i in range(levels.size):
        values[i] = _falling(levels[i], low, mode, high, peak)


def check_three_points(low: float, mode: float, high: float) -> None:
    """Refuse ends and a mode that are not in order.

    Parameters
    ----------
    low, mode, high : float
        In the unit of the quantity.

    Raises
    ------
    StudyError
        Unless low <= mode <= high and low < high.

    Examples
    --------
    >>> check_three_points(0.0, 0.0, 1.0)
    """
    if not low < high:
        raise refusal("high", high, f"a number above {low:g}, the low end")
    if math.isinf(high - low):
        raise refusal("high", high, "a number less than 1e308 above the low end")
    if not low <= mode <= high:
        raise refusal("mode", mode, f"a number from {low:g} to {high:g}, the two ends")


def three_points(
    points: tuple[Quantile, Quantile, Quantile],
    standard: Callable[[float, FloatArray], FloatArray],
    least: float,
    most: float,
) -> tuple[float, float, float]:
    """Find the ends and the mode of a law from three quantiles.

    Parameters
    ----------
    points : tuple of Quantile
        In the order of their levels; the outer two are met.
    standard : callable
        Quantiles of the law on [0, 1], given its mode and levels; where the middle one of three lies between
        the outer ones rises with the mode.
    least, most : float
        Modes, in [0, 1], beyond which the middle quantile does not move: they are taken where it is out of
        reach.

    Returns
    -------
    low, mode, high : float
        In the unit of the quantity.

    Examples
    --------
    >>> points = (Quantile(0.1, 1.0), Quantile(0.5, 2.0), Quantile(0.9, 3.0))
    >>> low, mode, high = three_points(points, _standard, 0.1, 0.9)
    >>> round(low, 6), round(mode, 6), round(high, 6)
    (0.190983, 2.0, 3.809017)
    """
    levels = np.array([point.level for point in points])
    first, middle, last = (point.value for point in points)
    asked = (middle - first) / (last - first)

    def miss(mode: float) -> float:
        lower, centre, upper = standard(mode, levels)
        return float((centre - lower) / (upper - lower)) - asked

    beyond = least if miss(least) >= 0 else most if miss(most) <= 0 else None
    mode = find_root(miss, least, most) if beyond is None else beyond
    lower, _, upper = (float(value) for value in standard(mode, levels))
    width = (last - first) / (upper - lower)
    low, high = first - width * lower, last + width * (1 - upper)
    return low, min(max(low + width * mode, low), high), high


def _standard(mode: float, levels: FloatArray) -> FloatArray:
    return Triangular(0.0, mode, 1.0).ppf(levels)


def _from_quantiles(first: Quantile, middle: Quantile, last: Quantile) -> Triangular:
    # while the mode is outside of the outer levels' quantiles, they lie on one side, a piece of a parabola
    return Triangular(*three_points((first, middle, last), _standard, first.level, last.level))


def _make(low: float, mode: float, high: float) -> Triangular:
    check_three_points(low, mode, high)
    return Triangular(low, mode, high)


THREE_POINTS = (
    Parameter(name="low", meaning="lowest value"),
    Parameter(name="mode", meaning="most likely value, from low to high"),
    Parameter(name="high", meaning="highest value, above low"),
)

FAMILY = Family(
    name="triangular",
    meaning="two ends and a most likely value, joined by straight lines",
    law=Triangular,
    natural=(Form(THREE_POINTS, _make),),
    examples=([0, 2, 10], {"low": 0, "mode": 0, "high": 1}, {"p05": 2, "p50": 6, "p95": 12}),
    positional=("low", "mode", "high"),
    quantiles=_from_quantiles,
    count=3,
)
