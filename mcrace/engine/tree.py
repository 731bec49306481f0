"""Sums that do not hang on how the work was cut: a fixed tree of pairs over the leaves of a replicate."""

from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["Node", "add_node", "first_leaf", "gaps", "total"]

Node = tuple[int, int]
"""Level and index: a node covers the leaves from ``index << level`` to before ``index + 1 << level``."""

Item = TypeVar("Item")
Merge = Callable[[Item, Item], Item]


def add_node(nodes: dict[Node, Item], node: Node, item: Item, merge: Merge[Item]) -> None:
    """Put an item in its place, and merge it with its neighbour as long as that one is there too.

    A sum of floats hangs on the order of its terms. Here the tree fixes that order: leaves 0 and 1 are
    added first, whoever computed them and whenever, then their sum to that of 2 and 3, and so on.

    Parameters
    ----------
    nodes : dict of Node to item
        Changed in place.
    node : Node
        Place of the item.
    item : object
        What stands for the node's leaves.
    merge : callable
        Takes the left and the right neighbour.

    Examples
    --------
    >>> nodes = {}
    >>> for leaf in (2, 0, 3, 1, 4):
    ...     add_node(nodes, (0, leaf), str(leaf), lambda left, right: f"({left}{right})")
    >>> nodes
    {(2, 0): '((01)(23))', (0, 4): '4'}
    """
    level, index = node
    while (other := nodes.pop((level, index ^ 1), None)) is not None:
        item = merge(other, item) if index & 1 else merge(item, other)
        level, index = level + 1, index >> 1
    nodes[level, index] = item


def first_leaf(node: Node) -> int:
    """Give the first leaf that a node covers."""
    return node[1] << node[0]


def gaps(nodes: Iterable[Node], leaves: int) -> list[tuple[int, int]]:
    """List the ranges of leaves that no node covers.

    Parameters
    ----------
    nodes : iterable of Node
        None of which lies inside another.
    leaves : int
        Number of leaves in all.

    Returns
    -------
    list of (int, int)
        First leaf and the one after the last of each range, in order.

    Examples
    --------
    >>> gaps([(1, 0), (0, 4)], 8)
    [(2, 4), (5, 8)]
    """
    ranges, start = [], 0
    for node in sorted(nodes, key=first_leaf):
        if start < first_leaf(node):
            ranges.append((start, first_leaf(node)))
        start = node[1] + 1 << node[0]
    if start < leaves:
        ranges.append((start, leaves))
    return ranges


def total(nodes: dict[Node, Item], merge: Merge[Item]) -> Item:
    """Merge all nodes from left to right; none may be missing in between.

    Parameters
    ----------
    nodes : dict of Node to item
        At least one.
    merge : callable
        As `add_node` takes it.

    Returns
    -------
    object
        What stands for all leaves.
    """
    first, *others = sorted(nodes, key=first_leaf)
    item = nodes[first]
    for node in others:
        item = merge(item, nodes[node])
    return item
