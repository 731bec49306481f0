"""The law of several possibilities, each with its weight: laws, numbers, and never."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws.blend import Blend
from mcrace.laws.data_file import MOST_VALUES
from mcrace.laws.discrete import Discrete, make_discrete
from mcrace.laws.empirical import Empirical, make_empirical
from mcrace.laws.family import POSITIVE, Family, Range
from mcrace.laws.faults import refusal, short
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.reading import read_number
from mcrace.laws.steps import is_whole

__all__ = ["FAMILY", "Mixture", "atoms_of", "held_parts", "mix", "shares_of"]

NUMBER = Range(infinite=True)
MEMBER = "{weight: 0.5, is: a law or a number (.inf for never)}"
KEYS = ("weight", "is")
RARE = 1e-17
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
    edges : ndarray, shape (4, values)
        Of each single value, the probability of less, of at most it, of at least it, of more.

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
    edges: FloatArray = field(compare=False, repr=False)

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value at or below which at least `u` of the probability lies."""
        u = np.asarray(u)
        less, at_most, _, _ = self.edges
        place = np.searchsorted(at_most, u, side="left")
        is_atom = np.asarray(u > np.append(less, np.inf)[place])
        return self._value(u, 1 - u, np.asarray(place), is_atom)

    def isf(self, u: FloatArray) -> FloatArray:
        """Return the smallest value above which at most `u` of the probability lies."""
        u = np.asarray(u)
        _, _, at_least, more = self.edges
        place = len(more) - np.searchsorted(more[::-1], u, side="right")
        is_atom = np.asarray(u < np.append(at_least, -np.inf)[place])
        return self._value(1 - u, u, np.asarray(place), is_atom)

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
        self, lower: FloatArray, upper: FloatArray, place: NDArray[np.intp], is_atom: NDArray[np.bool_]
    ) -> FloatArray:
        """Take a single value, or the body's at the level that it has without the single values below."""
        below = self.atom_share * np.append(0.0, self.atoms.below)[place]
        above = self.atom_share * np.append(1.0, self.atoms.above)[place]
        lower, upper = (lower - below) / self.body_share, (upper - above) / self.body_share
        values = np.asarray(np.append(self.atoms.values, np.inf)[place])
        floor, ceiling = np.append(-np.inf, self.atoms.values)[place], values.copy()
        near = np.asarray(~is_atom & (lower <= 0.5))
        far = np.asarray(~is_atom & (lower > 0.5))
        # levels at the very edge of a single value may round to nothing
        values[near] = self.body.ppf(np.maximum(lower[near], 1e-300))
        values[far] = self.body.isf(np.maximum(upper[far], 1e-300))
        return np.asarray(np.clip(values, floor, ceiling))


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
        values = np.arange(first, min(last, first + MOST_VALUES) + 1)
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
    below, above = np.append(0.0, atoms.below), np.append(1.0, atoms.above)
    under, over = body_share * body.cdf(atoms.values), body_share * body.sf(atoms.values)
    edges = np.stack(
        [
            under + atom_share * below[:-1],
            under + atom_share * below[1:],
            over + atom_share * above[:-1],
            over + atom_share * above[1:],
        ]
    )
    return Mixture(body=body, atoms=atoms, body_share=body_share, atom_share=atom_share, edges=edges)


def _read(spec: object, make: Callable[[object], Law]) -> Law:
    if not isinstance(spec, list | tuple) or not spec:
        raise refusal("", spec, f"a list of {MEMBER}")
    faults: list[Fault] = []
    read = [_member(item, str(place), make, faults) for place, item in enumerate(spec)]
    if faults:
        raise StudyError(faults)
    return mix([pair for pair in read if pair is not None])


def _member(
    item: object, path: str, make: Callable[[object], Law], faults: list[Fault]
) -> tuple[float, Law] | None:
    given = dict(zip(KEYS, item, strict=True)) if isinstance(item, list | tuple) and len(item) == 2 else item
    if not isinstance(given, Mapping) or not all(key in given for key in KEYS):
        faults.append(Fault(path=path, found=short(item), expected=f"{MEMBER}, or [0.5, a law or a number]"))
        return None
    for key in given:
        if key not in KEYS:
            nearest = nearest_name(str(key), KEYS)
            faults.append(
                Fault(path=f"{path}.{key}", found=short(key), expected="weight and is alone", nearest=nearest)
            )
    names = {key: key if given is item else str(KEYS.index(key)) for key in KEYS}
    weight = read_number(given["weight"], POSITIVE, f"{path}.{names['weight']}", faults)
    law = _part(given["is"], f"{path}.{names['is']}", make, faults)
    return None if weight is None or law is None else (weight, law)


def _part(value: object, path: str, make: Callable[[object], Law], faults: list[Fault]) -> Law | None:
    if not isinstance(value, Mapping):
        wrong: list[Fault] = []
        number = read_number(value, NUMBER, path, wrong)
        faults += [replace(fault, expected=f"a law, or {fault.expected}") for fault in wrong]
        return None if number is None else make_discrete([number])
    try:
        return make(value)
    except StudyError as error:
        faults += [replace(fault, path=f"{path}.{fault.path}".rstrip(".")) for fault in error.faults]
    return None


LAW_OR_NUMBER = {"anyOf": [{"type": "number"}, {"$comment": "Law"}]}
WEIGHT = {"description": "weight on any scale", "type": "number", "exclusiveMinimum": 0}

FAMILY = Family(
    name="mixture",
    meaning="one of several laws or numbers, each with its weight; .inf for never",
    law=Mixture,
    natural=(),
    examples=(
        [
            {"weight": 0.7, "is": {"lognormal": {"p05": 50, "p95": 500}}},
            {"weight": 0.3, "is": 730},
        ],
        [[2, {"normal": {"mean": 0, "sd": 1}}], [1, {"normal": {"mean": 4, "sd": 0.5}, "bounds": [3, 6]}]],
    ),
    read=_read,
    shapes=(
        {
            "description": f"{MEMBER} or such a pair, many times; weights are divided by their sum",
            "type": "array",
            "minItems": 1,
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"weight": WEIGHT, "is": LAW_OR_NUMBER},
                        "additionalProperties": False,
                        "required": ["weight", "is"],
                    },
                    {
                        "type": "array",
                        "prefixItems": [WEIGHT, LAW_OR_NUMBER],
                        "items": False,
                        "minItems": 2,
                    },
                ]
            },
        },
    ),
)
