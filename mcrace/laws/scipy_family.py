"""Nearly any continuous law of scipy.stats, by its name: the way out where the table has no such law.

Families for which scipy has no formula of the quantiles, and searches them one by one, are integrated from
their densities instead. A few have no fast density either, and are refused.
"""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws.density import Density, density_of
from mcrace.laws.family import ANY, POSITIVE, Family
from mcrace.laws.faults import refusal, short, unknown_name
from mcrace.laws.inverse import fast_isf, fast_ppf
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.reading import read_number

__all__ = ["FAMILY", "ScipyLaw"]

PLACED = {"loc": ANY, "scale": POSITIVE}
TRIAL = np.array([0.01, 0.2, 0.5, 0.8, 0.99])
ROUND_TRIP = 1e-6
FAR_OFF = 0.1
_ONE_AT_A_TIME = RLock()

TOO_SLOW = frozenset({"ksone", "kstwo", "levy_stable", "studentized_range"})
"""What takes scipy a millisecond a value or more: minutes until quantiles can be looked up."""

SEARCHED = frozenset({"skewnorm"})
"""Families whose own formula of the quantiles searches one by one all the same."""

CIRCLE = ("vonmises",)
"""Families on a circle, that scipy unrolls from -pi to pi."""

WAY_OUT = "or its quantiles, as in {quantiles: {0.05: 1, 0.5: 2, 0.95: 5}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScipyLaw:
    """Law of a family of scipy.stats: loc + scale * (the law with loc 0 and scale 1).

    Attributes
    ----------
    name : str
        Name of a continuous family in scipy.stats.
    shapes : tuple of (str, float)
        Its shape parameters, in its order.
    loc, scale : float
        In the unit of the quantity; scale is above 0.

    References
    ----------
    P. Virtanen et al., "SciPy 1.0: fundamental algorithms for scientific computing in Python", Nature Methods
    17 (2020) 261-272.

    Examples
    --------
    >>> law = ScipyLaw(name="gumbel_r", shapes=(), loc=0.0, scale=2.0)
    >>> law.ppf(np.array([0.5])).round(6)
    array([0.733026])
    """

    name: str
    shapes: tuple[tuple[str, float], ...]
    loc: float
    scale: float

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level `u`."""
        return fast_ppf(self, u)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the quantile at level 1 - `u`."""
        return fast_isf(self, u)

    def exact_ppf(self, u: FloatArray) -> FloatArray:
        """Return scipy's quantile at level `u`, or a better one where that is far off or slow."""
        density = _density(self.name, self.shapes)
        return self._quantile("ppf", "cdf", u) if density is None else self._moved(density.ppf(u))

    def exact_isf(self, u: FloatArray) -> FloatArray:
        """Return scipy's quantile at level 1 - `u`, or a better one where that is far off or slow."""
        density = _density(self.name, self.shapes)
        return self._quantile("isf", "sf", u) if density is None else self._moved(density.isf(u))

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        density = _density(self.name, self.shapes)
        return self._called("cdf", x) if density is None else density.cdf((x - self.loc) / self.scale)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        density = _density(self.name, self.shapes)
        return self._called("sf", x) if density is None else density.sf((x - self.loc) / self.scale)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        if self.name in CIRCLE:
            return self.loc - self.scale * math.pi, self.loc + self.scale * math.pi
        low, high = _families()[self.name].support(*self._arguments)
        return float(low), float(high)

    @property
    def mean(self) -> float:
        """Expected value, as scipy has it: infinite or NaN where there is none."""
        return _moments(self)[0]

    @property
    def sd(self) -> float:
        """Standard deviation, as scipy has it."""
        return _moments(self)[1]

    @property
    def _arguments(self) -> tuple[float, ...]:
        return (*(value for _, value in self.shapes), self.loc, self.scale)

    def _called(self, function: str, values: FloatArray) -> FloatArray:
        with _silence():
            try:
                result = getattr(_families()[self.name], function)(values, *self._arguments)
            except (ArithmeticError, RuntimeError, ValueError):  # a search that found nothing
                return np.full(np.shape(values), np.nan)
        return np.asarray(result, dtype=np.float64)

    def _moved(self, values: FloatArray) -> FloatArray:
        return self.loc + self.scale * values

    def _quantile(self, inverse: str, tail: str, u: FloatArray) -> FloatArray:
        """Call scipy; where its search for a far quantile failed, search again, among all floats."""
        values = self._called(inverse, u)
        miss = np.abs(self._called(tail, values) - u)
        lost = ~(miss <= FAR_OFF * u)
        if lost.any():
            found = _bisected(partial(self._called, tail), u[lost], self.support, rising=tail == "cdf")
            closer = np.abs(self._called(tail, found) - u[lost]) < np.nan_to_num(miss[lost], nan=np.inf)
            values[lost] = np.where(closer, found, values[lost])
        return values


@lru_cache(maxsize=64)
def _density(name: str, shapes: tuple[tuple[str, float], ...]) -> Density | None:
    """Integrate a family's density, if scipy has no quantiles of its own; ValueError where that fails."""
    from scipy import stats

    family = _families()[name]
    if name not in SEARCHED and type(family)._ppf is not stats.rv_continuous._ppf:
        return None
    law = ScipyLaw(name=name, shapes=shapes, loc=0.0, scale=1.0)
    anchors = law._quantile("ppf", "cdf", TRIAL)
    if not (np.isfinite(anchors).all() and (np.diff(anchors) > 0).all()):
        raise ValueError("no quantiles to begin with")
    return density_of(partial(law._called, "pdf"), law.support, anchors)


@lru_cache(maxsize=64)
def _moments(law: ScipyLaw) -> tuple[float, float]:
    from scipy import stats

    density, family = _density(law.name, law.shapes), _families()[law.name]
    base = stats.rv_continuous
    integrated = type(family)._munp is base._munp and type(family)._stats is base._stats
    if density is not None and (integrated or np.isfinite(law.support).all()):
        return law.loc + law.scale * density.mean, law.scale * density.sd
    with _silence():
        mean, variance = family.stats(*law._arguments, moments="mv")
    return float(mean), float(np.sqrt(variance))


def _bisected(
    tail: Callable[[FloatArray], FloatArray], u: FloatArray, ends: tuple[float, float], *, rising: bool
) -> FloatArray:
    """Find where a tail passes `u` by halving the floats that are left: they sort as whole numbers do."""
    low, high = (np.full(u.shape, _rank(end)) for end in ends)
    for _ in range(64):
        middle = low // 2 + high // 2 + (low & high & 1)
        there = tail(_float(middle))
        short = there < u if rising else there > u
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return _float(high)


def _rank(number: float) -> int:
    bits = int(np.float64(number).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _float(rank: NDArray[np.int64]) -> FloatArray:
    size: FloatArray = np.abs(rank).view(np.float64)
    return np.where(rank < 0, -size, size)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what scipy says of far tails and slow integrals from those who cannot change it."""
    # Filters of warnings belong to the process: one thread at a time may change them.
    with _ONE_AT_A_TIME, np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _families() -> Mapping[str, Any]:
    """Name to family, of all that is a continuous law in scipy.stats, and of nothing else that it holds."""
    from scipy import stats

    return {name: item for name, item in vars(stats).items() if isinstance(item, stats.rv_continuous)}


def _read(spec: object, make: Callable[[object], Law]) -> ScipyLaw:  # noqa: ARG001 - no law stands inside
    if not isinstance(spec, Mapping) or "name" not in spec:
        raise refusal("", spec, "a mapping with name, the shape parameters of that family, loc and scale")
    name, families = spec["name"], _families()
    if not isinstance(name, str) or name not in families:
        nearest = nearest_name(name, families) if isinstance(name, str) else None
        raise unknown_name("name", short(name), "the name of a continuous law of scipy.stats", nearest)
    if name in TOO_SLOW:
        expected = f"a family of which scipy.stats computes quantiles faster, {WAY_OUT}"
        raise refusal("name", name, expected)
    wanted = tuple(part.strip() for part in (families[name].shapes or "").split(",") if part.strip())
    faults = [
        Fault(
            path=str(key),
            found=short(key),
            expected=f"one of {', '.join(('name', *wanted, *PLACED))}",
            nearest=nearest_name(str(key), (*wanted, *PLACED)),
        )
        for key in spec
        if key not in ("name", *wanted, *PLACED)
    ]
    lacking = [key for key in wanted if key not in spec]
    if lacking:
        expected = f"a number for {' and '.join(lacking)}: {name} has the shapes {', '.join(wanted)}"
        faults.append(Fault(path="", found=short(dict(spec)), expected=expected))
    numbers = {
        key: read_number(spec[key], PLACED.get(key, ANY), key, faults)
        for key in (*wanted, *PLACED)
        if key in spec
    }
    if faults:
        raise StudyError(faults)
    values = {key: number for key, number in numbers.items() if number is not None}
    return _checked(
        ScipyLaw(
            name=name,
            shapes=tuple((key, values[key]) for key in wanted),
            loc=values.get("loc", 0.0),
            scale=values.get("scale", 1.0),
        )
    )


def _checked(law: ScipyLaw) -> ScipyLaw:
    """Refuse shapes that the family does not have, and numbers with which scipy computes nonsense."""
    given = ", ".join(f"{key}={value:g}" for key, value in law.shapes) or "these numbers"
    if np.isnan(law._called("cdf", np.array([0.0]))).any():
        raise refusal("", given, f"numbers for which scipy.stats.{law.name} is a law")
    try:
        values = law.exact_ppf(TRIAL)
        increasing = bool((np.diff(values) > 0).all() and np.isfinite(values).all())
        right = increasing and np.allclose(law.cdf(values), TRIAL, rtol=0, atol=ROUND_TRIP)
    except ValueError:  # a density that cannot be integrated
        right = False
    if not right:
        expected = f"numbers for which scipy.stats.{law.name} can be computed in double precision, {WAY_OUT}"
        raise refusal("", given, expected)
    return law


FAMILY = Family(
    name="scipy",
    meaning="any continuous law of scipy.stats by its name there, but four that are too slow",
    law=ScipyLaw,
    natural=(),
    examples=(
        {"name": "genextreme", "c": -0.1, "loc": 0, "scale": 30},
        {"name": "gumbel_r", "scale": 2},
        {"name": "invgauss", "mu": 0.6, "loc": 1},
    ),
    read=_read,
    shapes=(
        {
            "description": "name, the shape parameters of that family by their names, loc and scale",
            "type": "object",
            "properties": {
                "name": {"description": "a continuous law of scipy.stats", "type": "string"},
                "loc": {"description": "what is added; 0 if left out", "type": "number"},
                "scale": {
                    "description": "what is multiplied by; 1 if left out",
                    "type": "number",
                    "exclusiveMinimum": 0,
                },
            },
            "additionalProperties": {"type": "number"},
            "required": ["name"],
        },
    ),
)
