"""The law of several possibilities, each with its weight: laws, numbers, and never."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import StudyError
from mcrace.laws.blend import Blend
from mcrace.laws.data_file import MOST_VALUES
from mcrace.laws.discrete import Discrete, make_discrete
from mcrace.laws.empirical import Empirical, make_empirical
from mcrace.laws.faults import refusal
from mcrace.laws.guide import Guide, guide_of
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.steps import is_whole

__all__ = ["Mixture", "Rows", "atoms_of", "held_parts", "mix", "shares_of"]

RARE = 1e-17
LEAST_LEVEL, MOST_LEVEL = 1e-300, 1 - 2.0**-53
FAR = 0.99
"""Level of the body from which it is counted from above: below it, rounding takes no more than 1e-14."""

FEW = 100
"""Most single values that are still worth their own row in a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Mixture of a continuous law and single values that have a probability of their own.

    Attributes
    ----------
    body : Law
        The continuous law.
    atoms : Empirical
        The law of the single values; infinity stands for never.
    body_share, atom_share : float
        Probabilities of the two, above 0, with sum 1.
    rows : Rows
        What levels are looked up in.

    Examples
    --------
    >>> from mcrace.laws.uniform import Uniform
    >>> law = mix([(3.0, Uniform(0.0, 1.0)), (1.0, make_discrete([math.inf]))])
    >>> law.ppf(np.array([0.375, 0.75, 0.76])), law.mean
    (array([0.5, 1. , inf]), inf)
    """

    body: Law
    atoms: Empirical
    body_share: float
    atom_share: float
    rows: "Rows" = field(compare=False, repr=False)

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value at or below which at least `u` of the probability lies."""
        levels = np.asarray(u, dtype=np.float64)
        flat = levels.ravel()
        place = self.rows.at_most.places(flat)
        inner = (flat <= self.rows.less.take(place)).nonzero()[0]
        some = flat[inner]
        return self._value(some, 1 - some, place, inner).reshape(levels.shape)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value above which at most `u` of the probability lies."""
        levels = np.asarray(u, dtype=np.float64)
        flat = levels.ravel()
        place = len(self.rows.more) - np.searchsorted(self.rows.more[::-1], flat, side="right")
        inner = (flat >= self.rows.at_least.take(place)).nonzero()[0]
        some = flat[inner]
        return self._value(1 - some, some, place, inner).reshape(levels.shape)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value of at most `x`."""
        return np.minimum(self.body_share * self.body.cdf(x) + self.atom_share * self.atoms.cdf(x), 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value above `x`."""
        return np.minimum(self.body_share * self.body.sf(x) + self.atom_share * self.atoms.sf(x), 1.0)

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of the possible values."""
        (low, high), (first, last) = self.body.support, self.atoms.support
        return min(low, first), max(high, last)

    @property
    def mean(self) -> float:
        """Expected value; infinite if infinity is among the values."""
        return self.body_share * self.body.mean + self.atom_share * self.atoms.mean

    @property
    def sd(self) -> float:
        """Standard deviation; NaN where the mean is infinite."""
        if math.isinf(self.mean):
            return math.nan
        apart = self.body.mean - self.atoms.mean
        inner = self.body_share * self.body.sd**2 + self.atom_share * self.atoms.sd**2
        return math.sqrt(inner + self.body_share * self.atom_share * apart * apart)

    def _value(
        self, lower: FloatArray, upper: FloatArray, place: NDArray[np.intp], inner: NDArray[np.intp]
    ) -> FloatArray:
        """Take single values; at the places `inner`, the body's at the level it has without those below."""
        rows = self.rows
        values = rows.values.take(place)
        where = place[inner]
        level = (lower - rows.below.take(where)) / self.body_share
        # levels at the very edge of a single value may round to nothing
        found = self.body.ppf(np.clip(level, LEAST_LEVEL, MOST_LEVEL))
        far = (level > FAR).nonzero()[0]
        if far.size:
            rest = (upper[far] - rows.above.take(where[far])) / self.body_share
            found[far] = self.body.isf(np.maximum(rest, LEAST_LEVEL))
        np.maximum(found, rows.floor.take(where), out=found)
        values[inner] = np.minimum(found, values[inner])
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What levels of a mixture are looked up in: an entry a single value, and one for what is above all.

    Attributes
    ----------
    at_most : Guide
        Probabilities of at most each single value.
    less, at_least, more : ndarray, shape (values + 1,)
        Probabilities of less than each, of at least it, of more; `more` without the last entry.
    below, above : ndarray, shape (values + 1,)
        Probabilities that the single values below, and those from it on, have together.
    floor, values : ndarray, shape (values + 1,)
        The single value before, and itself.
    """

    at_most: Guide
    less: FloatArray
    at_least: FloatArray
    more: FloatArray
    below: FloatArray
    above: FloatArray
    floor: FloatArray
    values: FloatArray


def mix(pairs: Sequence[tuple[float, Law]]) -> Law:
    """Mix laws.

    Parameters
    ----------
    pairs : sequence of (float, Law)
        At least one: a weight, above 0 and on any scale, and a law, which may be a mixture too.

    Returns
    -------
    Law
        The simplest that there is: a single law stays itself, single values make a discrete law.

    Examples
    --------
    >>> mix([(3.0, make_discrete([1.0])), (3.0, make_discrete([2.0]))])
    Discrete(values=(1.0, 2.0), weights=(0.5, 0.5))
    """
    # a power of two changes no digit, and keeps the sum of large weights finite
    scale = -math.frexp(max(weight for weight, _ in pairs))[1]
    flat = [
        (math.ldexp(weight, scale) * share, law) for weight, part in pairs for share, law in shares_of(part)
    ]
    total = math.fsum(weight for weight, _ in flat)
    bodies: dict[Law, float] = {}
    values, masses = [], []
    for weight, law in flat:
        atoms = atoms_of(law)
        if atoms is None and weight / total > 0:
            bodies[law] = bodies.get(law, 0.0) + weight / total
        elif atoms is not None:
            values.append(atoms[0])
            masses.append(atoms[1] * (weight / total))
    if not values:
        return _blended(bodies)
    listed, shares = np.concatenate(values), np.concatenate(masses)
    if not bodies:
        few = listed.size <= FEW
        return make_discrete(listed.tolist(), shares.tolist()) if few else make_empirical(listed, shares)
    return _joined(
        _blended(bodies), math.fsum(bodies.values()), make_empirical(listed, shares), float(shares.sum())
    )


def shares_of(law: Law) -> tuple[tuple[float, Law], ...]:
    """List what a law is a mixture of.

    Parameters
    ----------
    law : Law
        Any law.

    Returns
    -------
    tuple of (float, Law)
        Probability and law of each part, single values together; the law alone where it is no mixture.

    Examples
    --------
    >>> shares_of(make_discrete([1.0, 2.0]))
    ((1.0, Discrete(values=(1.0, 2.0), weights=(0.5, 0.5))),)
    """
    if isinstance(law, Blend):
        return tuple(zip(law.shares, law.parts, strict=True))
    if isinstance(law, Mixture):
        parts = tuple((law.body_share * share, part) for share, part in shares_of(law.body))
        return (*parts, (law.atom_share, law.atoms))
    return ((1.0, law),)


def atoms_of(law: Law) -> tuple[FloatArray, FloatArray] | None:
    """List the single values of a law that has nothing but such.

    Parameters
    ----------
    law : Law
        Any law that is no mixture.

    Returns
    -------
    values, probabilities : ndarray, or None
        None for a continuous law.

    Examples
    --------
    >>> atoms_of(make_discrete([1.0, math.inf]))
    (array([ 1., inf]), array([0.5, 0.5]))
    """
    if isinstance(law, Discrete):
        return np.array(law.values), np.array(law.weights)
    if isinstance(law, Empirical) and not law.interpolate:
        return law.values, law.masses
    if is_whole(law):
        first, last = float(law.ppf(np.array(RARE))), float(law.isf(np.array(RARE)))
        if last - first >= MOST_VALUES:
            found = f"{last - first + 1:,.0f} whole numbers with some probability"
            raise refusal("", found, f"a law on at most {MOST_VALUES:,} whole numbers inside a mixture")
        values = np.arange(first, last + 1)
        least = np.append(first - 1, values)
        below, above = law.cdf(least), law.sf(least)
        return values, np.where(below[1:] <= 0.5, np.diff(below), -np.diff(above))
    return None


def held_parts(
    law: Blend | Mixture, low: float, high: float, hold: Callable[[Law, float, float], Law]
) -> Law:
    """Hold a mixture between two bounds: each part, weighted by what it has between them.

    Parameters
    ----------
    law : Blend or Mixture
        Any mixture.
    low, high : float
        Bounds, in the unit of its values; values that are equal to them stay.
    hold : callable
        Holds a part between bounds; raises `StudyError` where it has too little there.

    Returns
    -------
    Law
        The mixture of what is left.

    Raises
    ------
    StudyError
        Nothing is left; the fault's path is ``bounds``.
    """
    if low <= law.support[0] and law.support[1] <= high:
        return law
    kept = []
    ends = np.array([np.nextafter(low, -math.inf), high])
    for share, part in shares_of(law):
        below, above = part.cdf(ends), part.sf(ends)
        mass = float(below[1] - below[0] if below[0] <= 0.5 else above[0] - above[1])
        with suppress(StudyError):
            inner = hold(part, low, high)
            if mass > 0:
                kept.append((share * mass, inner))
    if not kept:
        raise refusal(
            "bounds",
            f"[{low:g}, {high:g}]",
            "bounds that hold some of the law's probability; between these there is none",
        )
    return mix(kept)


def _blended(bodies: Mapping[Law, float]) -> Law:
    if len(bodies) == 1:
        return next(iter(bodies))
    total = math.fsum(bodies.values())
    return Blend(tuple(bodies), tuple(share / total for share in bodies.values()))


def _joined(body: Law, body_share: float, atoms: Empirical, atom_share: float) -> Mixture:
    whole = body_share + atom_share
    body_share, atom_share = body_share / whole, atom_share / whole
    below = atom_share * np.append(0.0, atoms.below)
    above = atom_share * np.append(1.0, atoms.above)
    under, over = body_share * body.cdf(atoms.values), body_share * body.sf(atoms.values)
    rows = Rows(
        at_most=guide_of(np.append(under + below[1:], np.inf)),
        less=np.append(under + below[:-1], np.inf),
        at_least=np.append(over + above[:-1], -np.inf),
        more=over + above[1:],
        below=below,
        above=above,
        floor=np.append(-np.inf, atoms.values),
        values=np.append(atoms.values, np.inf),
    )
    return Mixture(body=body, atoms=atoms, body_share=body_share, atom_share=atom_share, rows=rows)
