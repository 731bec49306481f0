"""The branches of a decision tree, found again from the rules of its leaves."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mcrace.analysis.rules import Restriction
from mcrace.analysis.tree import Leaf

__all__ = ["Branch", "branches"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branch:
    """One row of a tree that is written as an outline.

    Attributes
    ----------
    depth : int
        How many branches it hangs under; 0 for those of the root.
    asked : Restriction or None
        What it asks beside what those above it ask; None for a tree of one leaf.
    leaf : Leaf or None
        Where it ends; None where it forks.
    last : bool
        Whether it is the second of its fork.
    """

    depth: int
    asked: Restriction | None
    leaf: Leaf | None
    last: bool


def branches(leaves: Sequence[Leaf]) -> tuple[Branch, ...]:
    """Put leaves back on a tree that has them.

    A split of the root is one that no leaf lies across, and so on down. There may be several such trees; they
    state the same rules.

    Parameters
    ----------
    leaves : sequence of Leaf
        Of one tree.

    Returns
    -------
    tuple of Branch
        From top to bottom; of two branches the one with the likelier leaf comes first.

    Raises
    ------
    ValueError
        If no tree has these leaves.

    Examples
    --------
    >>> from mcrace.analysis.tree import tree
    >>> import numpy as np
    >>> inputs = np.random.default_rng(1).random((8, 256, 3))
    >>> found = tree(inputs, inputs[..., 0] < 0.3, ("day", "cost", "step"))
    >>> [(row.depth, row.asked.name, row.leaf is not None) for row in branches(found.leaves)]
    [(0, 'day', True), (0, 'day', True)]
    """
    ranges = [{item.name: (item.low, item.high) for item in leaf.restrictions} for leaf in leaves]
    if len(leaves) == 1:
        return (Branch(depth=0, asked=None, leaf=leaves[0], last=True),)
    return tuple(_under(tuple(range(len(leaves))), leaves, ranges, 0))


_Ranges = Sequence[Mapping[str, tuple[float, float]]]


def _under(places: tuple[int, ...], leaves: Sequence[Leaf], ranges: _Ranges, depth: int) -> list[Branch]:
    """Write the two branches of a fork that has these leaves, and what hangs under them."""
    name, cut, below, above = _fork(places, ranges)
    sides = [(below, Restriction(name, high=cut)), (above, Restriction(name, low=cut))]
    sides.sort(key=lambda side: side[0][0])
    rows = []
    for number, (members, asked) in enumerate(sides):
        leaf = leaves[members[0]] if len(members) == 1 else None
        rows.append(Branch(depth=depth, asked=asked, leaf=leaf, last=number == 1))
        if leaf is None:
            rows += _under(members, leaves, ranges, depth + 1)
    return rows


def _fork(places: tuple[int, ...], ranges: _Ranges) -> tuple[str, float, tuple[int, ...], tuple[int, ...]]:
    """Find a cut that parts leaves in two: the one that parts them most evenly."""
    found = []
    cuts = {
        (name, end)
        for place in places
        for name, ends in ranges[place].items()
        for end in ends
        if not math.isinf(end) or abs(end) == sys.float_info.max
    }
    for name, cut in sorted(cuts):
        whole = (-math.inf, math.inf)
        below = tuple(place for place in places if ranges[place].get(name, whole)[1] <= cut)
        above = tuple(place for place in places if ranges[place].get(name, whole)[0] >= cut)
        if below and above and len(below) + len(above) == len(places):
            found.append((abs(len(below) - len(above)), name, cut, below, above))
    if not found:
        raise ValueError("these leaves are of no tree")
    _, name, cut, below, above = min(found)
    return name, cut, below, above
