"""The law that passes through any number of given quantiles."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from mcrace.errors import Fault, StudyError
from mcrace.laws.family import ANY, Family, Quantile
from mcrace.laws.faults import refusal, short
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.metalog import Metalog, metalog_through
from mcrace.laws.quadrature import mean_and_sd
from mcrace.laws.reading import read_number
from mcrace.laws.spline import Spline, spline_through

__all__ = ["FAMILY", "Quantiles", "make_quantiles"]

LEVEL_NAME = re.compile(r"[pP]([0-9]{2})")
MOST_POINTS: Final = 1000
EXPECTED: Final = "a level between 0 and 1, such as 0.05 (or p05)"
POINTS: Final = "a mapping of levels to values, such as {0.05: 1.6, 0.5: 6, 0.95: 20}"

HEAVIEST: Final = 4 / 9
"""Largest logistic scale of the upper tail of a log metalog: P(X > x) falls like x^-(9/4) at the slowest."""

MISS: Final = 1e-12
WIDEST: Final = 8.0


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Law through given quantiles.

    If all values are above 0 the curve is built on their logarithms, and the law lives above 0; else it may
    take any value. The curve is a metalog with as many terms as points where this is the quantile function of
    a law with a density, and, on logarithms, falls off fast enough for a mean and a variance (like x^-2.25
    at the slowest). Else it is a monotone spline of cubics in the normal score z of the level, with straight
    lines beyond the outermost points: each tail is that of the normal, or lognormal, law through the two
    outermost points.

    Attributes
    ----------
    levels : tuple of float
        Increasing, in (0, 1); at least two.
    values : tuple of float
        Increasing, as many, in the unit of the quantity: the law's quantiles at these levels.

    References
    ----------
    T. W. Keelin, "The metalog distributions", Decision Analysis 13 (2016) 243-277.

    F. N. Fritsch and J. Butland, "A method for constructing local monotone piecewise cubic interpolants",
    SIAM Journal on Scientific and Statistical Computing 5 (1984) 300-304.

    Examples
    --------
    >>> law = make_quantiles([0.05, 0.5, 0.95], [1.6, 6.0, 20.0])
    >>> law.text
    '5 %: 1.6, 50 %: 6, 95 %: 20; log metalog'
    >>> law.ppf(np.array([0.01, 0.05, 0.5, 0.95, 0.99])).round(4)
    array([ 0.7564,  1.6   ,  6.    , 20.    , 38.9595])
    """

    levels: tuple[float, ...]
    values: tuple[float, ...]

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        from scipy.special import ndtri

        curve = self._curve
        value = curve.at_level(u) if isinstance(curve, Metalog) else curve.at(ndtri(u))
        return self._from_scale(value)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        from scipy.special import ndtri

        curve = self._curve
        value = curve.above_level(u) if isinstance(curve, Metalog) else curve.at(-ndtri(u))
        return self._from_scale(value)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return self._share(x, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return self._share(x, -1.0)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        return (0.0 if self.logarithmic else -math.inf), math.inf

    @property
    def mean(self) -> float:
        """Expected value."""
        return self._moments[0]

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self._moments[1]

    @property
    def logarithmic(self) -> bool:
        """Whether the curve is built on the logarithms of the values."""
        return self.values[0] > 0

    @property
    def text(self) -> str:
        """The points, and how they are joined."""
        pairs = zip(self.levels, self.values, strict=True)
        points = ", ".join(f"{100 * level:.6g} %: {value:.6g}" for level, value in pairs)
        kind = "metalog" if isinstance(self._curve, Metalog) else "monotone spline"
        return f"{points}; {'log ' if self.logarithmic else ''}{kind}"

    @property
    def _curve(self) -> Metalog | Spline:
        return _joined(self.levels, self.values)

    @property
    def _moments(self) -> tuple[float, float]:
        curve = self._curve
        if self.logarithmic and isinstance(curve, Spline) and max(curve.tails) > WIDEST:
            return _wide_moments(curve)  # they lie further out than levels can be integrated to
        return mean_and_sd(self)

    def _from_scale(self, value: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            return np.exp(value) if self.logarithmic else value

    def _share(self, x: FloatArray, sign: float) -> FloatArray:
        from scipy.special import expit, ndtr

        curve, value = self._curve, np.asarray(x, dtype=np.float64)
        if self.logarithmic:
            with np.errstate(divide="ignore"):
                value = np.log(np.maximum(value, 0.0))
        if isinstance(curve, Metalog):
            return np.asarray(expit(sign * curve.logit_of(value)), dtype=np.float64)
        return np.asarray(ndtr(sign * curve.place_of(value)), dtype=np.float64)


def make_quantiles(levels: list[float], values: list[float]) -> Quantiles:
    """Make the law through quantiles.

    Parameters
    ----------
    levels : list of float
        At least two, increasing, in (0, 1).
    values : list of float
        As many, increasing, in the unit of the quantity.

    Returns
    -------
    Quantiles
        With each value met to 1e-12 relative.

    Raises
    ------
    StudyError
        The points do not go together, or double precision cannot hold the curve.

    Examples
    --------
    >>> make_quantiles([0.1, 0.9], [-3.0, 3.0]).text
    '10 %: -3, 90 %: 3; metalog'
    """
    if len(levels) != len(values) or not 2 <= len(levels) <= MOST_POINTS:
        found = f"{len(levels)} levels and {len(values)} values"
        raise refusal("values", found, f"2 to {MOST_POINTS} levels, and as many values")
    for name, numbers in (("levels", levels), ("values", values)):
        if not all(low < high for low, high in pairwise(numbers)):
            raise refusal(name, numbers, "numbers that increase")
    law = Quantiles(tuple(map(float, levels)), tuple(map(float, values)))
    target = np.asarray(law.values)
    with np.errstate(all="ignore"):
        missed = np.abs(law.ppf(np.asarray(law.levels)) - target)
        spread = target[-1] - target[0]
        met = bool((missed <= MISS * np.abs(target) + 1e-14 * spread).all())
    if not (met and np.isfinite(spread)):
        raise refusal("", "these quantiles", "numbers for which a curve can be computed in double precision")
    return law


@lru_cache(maxsize=256)
def _joined(levels: tuple[float, ...], values: tuple[float, ...]) -> Metalog | Spline:
    """Join points by the curve that `Quantiles` describes."""
    logarithmic = values[0] > 0
    heights = [math.log(value) for value in values] if logarithmic else list(values)
    with np.errstate(all="ignore"):
        metalog = metalog_through(levels, heights)
        if metalog is not None and not (logarithmic and metalog.tails[1] > HEAVIEST):
            return metalog
        return spline_through(levels, heights)


def _read(spec: object, _: Callable[[object], Law]) -> Quantiles:
    """Read a mapping of levels to values, with every fault told."""
    if not isinstance(spec, Mapping):
        raise refusal("", short(spec), POINTS)
    faults: list[Fault] = []
    found: dict[float, str] = {}
    points: list[Quantile] = []
    for key, raw in spec.items():
        level, path = _level(key), key if isinstance(key, str) else short(key)
        value = read_number(raw, ANY, path, faults)
        if level is None:
            faults.append(Fault(path=path, found=short(key), expected=EXPECTED))
        elif level in found:
            expected = f"each level once: {found[level]} is the same"
            faults.append(Fault(path=path, found=short(key), expected=expected))
        else:
            found[level] = path
            points += [] if value is None else [Quantile(level, value)]
    points.sort()
    for below, point in pairwise(points):
        if not below.value < point.value:
            expected = f"a number above {below.value:g}, which stands at {found[below.level]}"
            faults.append(Fault(path=found[point.level], found=short(point.value), expected=expected))
    if faults:
        raise StudyError(faults)
    if not 2 <= len(points) <= MOST_POINTS:
        raise refusal("", f"{len(points)} quantile{'s' * (len(points) != 1)}", f"at least two: {POINTS}")
    return make_quantiles([point.level for point in points], [point.value for point in points])


def _level(key: object) -> float | None:
    """Read a level: a number, a number as text (as keys of YAML are), or a name such as p05."""
    if isinstance(key, str):
        name = LEVEL_NAME.fullmatch(key)
        try:
            level = int(name[1]) / 100 if name is not None else float(key)
        except ValueError:
            return None
    elif isinstance(key, float):
        level = float(key)
    else:
        return None
    return level if 0 < level < 1 else None


def _wide_moments(curve: Spline) -> tuple[float, float]:
    """Integrate exp(k y(z)) for k = 1, 2: in closed form on both lines, by Gauss and Legendre's rule between.

    Only for tails so wide that the square of the mean is nothing beside the mean of the square.
    """
    from scipy.special import log_ndtr

    (low, high), (first, last) = curve.tails, curve.knots[[0, -1]]
    start, end = curve.at(curve.knots[[0, -1]])
    edges = np.concatenate([np.linspace(a, b, 33)[:-1] for a, b in pairwise(curve.knots)] + [[last]])
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = np.diff(edges)[:, None] / 2
    z = (edges[1:] + edges[:-1])[:, None] / 2 + half * nodes
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * half * weights
    moments = []
    with np.errstate(over="ignore", invalid="ignore"):
        for k in (1, 2):
            below = np.exp(k * (start - low * first) + (k * low) ** 2 / 2 + log_ndtr(first - k * low))
            above = np.exp(k * (end - high * last) + (k * high) ** 2 / 2 + log_ndtr(k * high - last))
            moments.append(float(below + above + (np.exp(k * curve.at(z)) * density).sum()))
        return moments[0], float(np.sqrt(np.asarray(moments[1]) - moments[0] * moments[0]))


FAMILY = Family(
    name="quantiles",
    meaning="any number of quantiles, joined by a curve that passes through all of them",
    law=Quantiles,
    natural=(),
    examples=(
        {"0.05": 1.6, "0.5": 6, "0.95": 20},
        {"0.1": -2, "0.5": 0, "0.9": 5},
        {"p10": 1, "p25": 1.1, "p50": 9, "p75": 10, "p90": 60},
    ),
    read=_read,
    shapes=(
        {
            "description": "values at levels between 0 and 1, such as 0.05 (or p05): at least two",
            "type": "object",
            "patternProperties": {r"^(0?\.[0-9]*[1-9][0-9]*|p(0[1-9]|[1-9][0-9]))$": {"type": "number"}},
            "additionalProperties": False,
            "minProperties": 2,
        },
    ),
)
