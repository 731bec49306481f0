"""A small decision tree for a condition, its leaves as rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, over_replicates
from mcrace.analysis.peeling import between, ranked
from mcrace.analysis.regions import ratio_of_sums
from mcrace.analysis.rules import Restriction

__all__ = ["Leaf", "Tree", "tree"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

_MOST_DRAWS = 2**16
_NO_CHILD = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaf:
    """One leaf: a rule, and how often the condition holds under it.

    Attributes
    ----------
    restrictions : tuple of Restriction
        What the rule asks of inputs; each `low` is outside, each `high` inside the leaf.
    share : Estimates
        Of all draws that are in the leaf; of shape ().
    probability : Estimates
        Share of hits among them; NaN if the stating draws have none there.
    """

    restrictions: tuple[Restriction, ...]
    share: Estimates
    probability: Estimates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """A pruned tree.

    Attributes
    ----------
    names : tuple of str
        Of the inputs.
    condition : {"some", "none", "all"}
        Whether some, none or all draws are hits.
    leaves : tuple of Leaf
        The likeliest first; one without restrictions where no split is worth it.
    sizes : ndarray of int, shape (size,)
        Numbers of leaves to which the tree can be pruned, upwards.
    loss : Estimates
        Of each size, shape (size,): mean square of hit (1 or 0) less the probability that its leaf had where
        the tree grew, on the other replicates.
    grown_on : int
        Draws on which it grew.
    held_out : bool
        Whether shares, probabilities and losses come from other replicates than those; not so with one.
    """

    names: tuple[str, ...]
    condition: Literal["some", "none", "all"]
    leaves: tuple[Leaf, ...]
    sizes: IntArray
    loss: Estimates
    grown_on: int
    held_out: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Nodes:
    """A full tree, the root first: children (-1 for none), splitting input and cut, draws and hits."""

    left: IntArray
    right: IntArray
    place: IntArray
    cut: FloatArray
    draws: FloatArray
    hits: FloatArray


def tree(
    inputs: FloatArray,
    hits: BoolArray,
    names: Sequence[str] | None = None,
    *,
    leaves: int = 8,
    least_share: float = 0.01,
) -> Tree:
    """Grow a small decision tree for a condition and prune it.

    It grows, best split first, on the ranks of the inputs in the replicates of even number, by the first
    points of each where there are more than 65,536. The weakest links are cut one after the other, and the
    smallest of these trees is kept whose loss on the replicates of odd number is within one standard error of
    the least one. The same replicates state shares and probabilities: they have chosen nothing but one of at
    most `leaves` sizes.

    Parameters
    ----------
    inputs : ndarray, shape (replicate, point, input)
        Draws in any unit; may hold infinities, atoms and constants.
    hits : ndarray of bool, shape (replicate, point)
        Where the condition holds.
    names : sequence of str, optional
        Of the inputs; by default ``x0``, ``x1`` and so on.
    leaves : int
        At most, 2 or more.
    least_share : float
        Share of the draws that a leaf holds at least; at least 20 draws too.

    Returns
    -------
    Tree
        Cuts lie midway between neighbouring values, in the inputs' units.

    Raises
    ------
    ValueError
        If shapes do not fit or an input is NaN.

    References
    ----------
    L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone, Classification and Regression Trees (1984), ch. 3:
    pruning by cost and complexity, and the rule of one standard error.

    Examples
    --------
    >>> inputs = np.random.default_rng(1).random((8, 256, 3))
    >>> found = tree(inputs, inputs[..., 0] < 0.3, ("day", "cost", "step"))
    >>> [(round(leaf.restrictions[0].high, 1), float(leaf.probability.value)) for leaf in found.leaves]
    [(0.3, 1.0), (inf, 0.0)]
    """
    inputs, hits = np.asarray(inputs, dtype=np.float64), np.asarray(hits, dtype=np.bool_)
    labels = tuple(names) if names is not None else tuple(f"x{place}" for place in range(inputs.shape[-1]))
    if inputs.ndim != 3 or hits.shape != inputs.shape[:2] or len(labels) != inputs.shape[2]:
        raise ValueError(f"shapes do not fit: inputs {inputs.shape}, hits {hits.shape}, {len(labels)} names")
    if np.isnan(inputs).any():
        raise ValueError("an input is NaN; expected numbers or infinities")
    held_out = len(inputs) > 1
    odd = slice(1 if held_out else 0, None, 2)
    first = max(_MOST_DRAWS // len(hits[::2]), 1)
    grown, grown_hits = inputs[::2, :first], hits[::2, :first].reshape(-1)
    nodes = _grown(grown.reshape(-1, len(labels)), grown_hits, leaves, least_share)
    numbers, held = _followed(nodes, inputs[odd], hits[odd])
    prunings = _prunings(nodes)
    loss = over_replicates(np.array([_losses(nodes, ends, numbers, held) for ends in prunings]).T)
    best = int(loss.value.argmin())
    error = loss.standard_error[best] if loss.replicates > 1 else 0.0
    kept = prunings[int(np.argmax(loss.value <= loss.value[best] + error))]
    found = [_leaf(nodes, end, labels, numbers, held, hits.shape[1]) for end in kept]
    chances = [nodes.hits[end] / nodes.draws[end] for end in kept]
    return Tree(
        names=labels,
        condition="all" if hits.all() else "some" if hits.any() else "none",
        leaves=tuple(found[place] for place in np.argsort(-np.array(chances), kind="stable")),
        sizes=np.array([len(ends) for ends in prunings]),
        loss=loss,
        grown_on=grown_hits.size,
        held_out=held_out,
    )


def _grown(inputs: FloatArray, hit: BoolArray, leaves: int, least_share: float) -> _Nodes:
    """Grow the full tree; cuts come back as values."""
    from sklearn.tree import DecisionTreeClassifier  # type: ignore[import-untyped]

    draws = ranked(inputs, hit)
    grower = DecisionTreeClassifier(
        max_leaf_nodes=leaves, min_samples_leaf=max(round(least_share * hit.size), 20), random_state=0
    )
    # Ranks are exact in the single precision to which the grower rounds.
    found = grower.fit(draws.codes.T.astype(np.float32), hit).tree_
    splits = found.children_left != _NO_CHILD
    place = np.where(splits, found.feature, 0)
    code = np.where(splits, np.floor(found.threshold), 0.0).astype(np.intp)
    cuts = [
        between(float(draws.values[at][below]), float(draws.values[at][below + 1])) if split else np.nan
        for split, at, below in zip(splits, place, code, strict=True)
    ]
    hits = np.zeros(len(splits))
    if hit.any():
        hits = found.value[:, 0, -1] * found.n_node_samples
    return _Nodes(
        left=found.children_left.astype(np.intp),
        right=found.children_right.astype(np.intp),
        place=place.astype(np.intp),
        cut=np.array(cuts),
        draws=found.n_node_samples.astype(np.float64),
        hits=hits,
    )


def _followed(nodes: _Nodes, inputs: FloatArray, hits: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Count the draws and hits of each replicate in every node, each of shape (replicate, node)."""
    inside = np.zeros((len(nodes.left), *hits.shape), dtype=np.bool_)
    inside[0] = True
    # Children come after their parents.
    for node, (left, right) in enumerate(zip(nodes.left, nodes.right, strict=True)):
        if left != _NO_CHILD:
            below = inputs[..., nodes.place[node]] <= nodes.cut[node]
            inside[left], inside[right] = inside[node] & below, inside[node] & ~below
    counts = (np.count_nonzero(inside & chosen, axis=2).T for chosen in (np.True_, hits))
    numbers, held = (count.astype(np.float64) for count in counts)
    return numbers, held


def _prunings(nodes: _Nodes) -> list[list[int]]:
    """Cut the weakest link again and again; give the leaves of each tree, the smallest tree first."""
    chance = nodes.hits / nodes.draws
    impurity = nodes.draws * chance * (1 - chance)
    cut: set[int] = set()
    found = [_ends(nodes, 0, cut)]
    while len(found[-1]) > 1:
        links = []
        for node in range(len(nodes.left)):
            ends = _ends(nodes, node, cut)
            # A node under a link that is cut has gone with it.
            if len(ends) > 1 and not any(parent in cut for parent, _ in _parents(nodes, node)):
                links.append(((impurity[node] - impurity[ends].sum()) / (len(ends) - 1), node))
        cut.add(min(links)[1])
        found.append(_ends(nodes, 0, cut))
    return found[::-1]


def _ends(nodes: _Nodes, node: int, cut: set[int]) -> list[int]:
    if nodes.left[node] == _NO_CHILD or node in cut:
        return [node]
    return _ends(nodes, int(nodes.left[node]), cut) + _ends(nodes, int(nodes.right[node]), cut)


def _parents(nodes: _Nodes, node: int) -> list[tuple[int, bool]]:
    """Give the nodes above, the root first, and whether the way goes right."""
    way: list[tuple[int, bool]] = []
    while node != 0:
        goes_right = bool((nodes.right == node).any())
        node = int(np.flatnonzero((nodes.right if goes_right else nodes.left) == node)[0])
        way.append((node, goes_right))
    return way[::-1]


def _losses(nodes: _Nodes, ends: list[int], numbers: FloatArray, held: FloatArray) -> FloatArray:
    """Give the Brier score of each replicate."""
    chance = nodes.hits[ends] / nodes.draws[ends]
    misses = numbers[:, ends] - held[:, ends]
    losses = held[:, ends] * (1 - chance) ** 2 + misses * chance**2
    return np.asarray(losses.sum(axis=1) / numbers[:, 0])


def _leaf(
    nodes: _Nodes, end: int, names: tuple[str, ...], numbers: FloatArray, held: FloatArray, points: int
) -> Leaf:
    ranges: dict[int, tuple[float, float]] = {}
    for node, goes_right in _parents(nodes, end):
        place, cut = int(nodes.place[node]), float(nodes.cut[node])
        low, high = ranges.get(place, (-np.inf, np.inf))
        ranges[place] = (max(low, cut), high) if goes_right else (low, min(high, cut))
    return Leaf(
        restrictions=tuple(Restriction(names[place], *ranges[place]) for place in sorted(ranges)),
        share=over_replicates(numbers[:, end] / points),
        probability=ratio_of_sums(held[:, end], numbers[:, end]),
    )
