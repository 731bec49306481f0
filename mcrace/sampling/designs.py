"""The designs by name, and the one way in to them."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.sampling.block import Block
from mcrace.sampling.independent import random_rows
from mcrace.sampling.latin_hypercube import latin_hypercube_rows
from mcrace.sampling.sobol import SOBOL_DIMENSIONS, SOBOL_POINTS, sobol_rows

__all__ = ["DESIGNS", "Design", "rounded_draws", "unit_block"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One way of spreading points over the unit cube.

    Attributes
    ----------
    rows : callable
        Uniforms of a `Block`, shape (inputs, count).
    rounded : callable
        Number of points of a replicate that is at least the given one and suits the design.
    most_points : int
        Largest number of points of a replicate.
    most_dimensions : int or None
        Number of Sobol' dimensions that the design has; None if it does not look at them.
    """

    rows: Callable[[Block], npt.NDArray[np.float64]]
    rounded: Callable[[int], int]
    most_points: int
    most_dimensions: int | None = None


def _power_of_two(points: int) -> int:
    return 1 << (points - 1).bit_length()


DESIGNS: Final[dict[str, Design]] = {
    "sobol": Design(
        rows=sobol_rows, rounded=_power_of_two, most_points=SOBOL_POINTS, most_dimensions=SOBOL_DIMENSIONS
    ),
    "random": Design(rows=random_rows, rounded=int, most_points=2**62),
    "latin_hypercube": Design(rows=latin_hypercube_rows, rounded=int, most_points=2**30),
}


def unit_block(
    *,
    method: str,
    seed: int,
    replicate: int,
    start: int,
    count: int,
    points: int,
    names: Sequence[str],
    dimensions: Sequence[int],
) -> npt.NDArray[np.float64]:
    """Compute the uniforms of a range of points of one replicate.

    A row depends on the seed, the replicate, the range and its own input's name and dimension, not on other
    inputs. However a replicate is cut into ranges, the bits are the same. With `sobol` and `random` they do
    not depend on `points` either, so that a replicate can be extended.

    Parameters
    ----------
    method : str
        A name in `DESIGNS`.
    seed : int
        Whole number >= 0, of any size.
    replicate : int
        Number of the replicate, from 0; replicates are independent of each other.
    start, count : int
        First point, from 0, and number of points.
    points : int
        Number of points of the whole replicate, >= start + count.
    names : sequence of str
        Name of each input: it keys the input's randomness.
    dimensions : sequence of int
        Sobol' dimension of each input, from 0, all different; the first are the best.

    Returns
    -------
    ndarray of float64, shape (len(names), count)
        Odd multiples of 2^-53, strictly inside (0, 1).

    Raises
    ------
    StudyError
        If an argument is out of its range, or the design has fewer dimensions or points.

    Examples
    --------
    >>> uniforms = unit_block(method="sobol", seed=0, replicate=0, start=0, count=8, points=8,
    ...                       names=["x", "y"], dimensions=[0, 1])
    >>> uniforms.shape
    (2, 8)
    """
    design = _design(method)
    block = Block(
        seed=operator.index(seed),
        replicate=operator.index(replicate),
        start=operator.index(start),
        count=operator.index(count),
        points=operator.index(points),
        names=tuple(names),
        dimensions=tuple(operator.index(dimension) for dimension in dimensions),
    )
    faults = [*_range_faults(block), *_size_faults(block, method, design)]
    if faults:
        raise StudyError(faults)
    return design.rows(block)


def rounded_draws(draws: int, replicates: int, method: str) -> int:
    """Find the number of points of each replicate.

    Parameters
    ----------
    draws : int
        Draws asked for over all replicates, >= 1.
    replicates : int
        Number of replicates, >= 1.
    method : str
        A name in `DESIGNS`.

    Returns
    -------
    int
        Points of a replicate: with `sobol` a power of two; times `replicates` it is never below `draws`.

    Raises
    ------
    StudyError
        If a number is below 1, the method is unknown, or it has fewer points.

    Examples
    --------
    >>> rounded_draws(100_000, 16, "sobol"), rounded_draws(100_000, 16, "random")
    (8192, 6250)
    """
    design = _design(method)
    given = {"sampling.draws": draws, "sampling.replicates": replicates}
    faults = [
        Fault(path=path, found=str(number), expected="a whole number >= 1")
        for path, number in given.items()
        if number < 1
    ]
    if faults:
        raise StudyError(faults)
    points = design.rounded(-(-draws // replicates))
    if points > design.most_points:
        raise StudyError([_too_many_points(points, method, design)])
    return points


def _design(method: str) -> Design:
    if method not in DESIGNS:
        expected = f"one of {', '.join(DESIGNS)}"
        nearest = nearest_name(method, DESIGNS)
        raise StudyError(
            [Fault(path="sampling.method", found=repr(method), expected=expected, nearest=nearest)]
        )
    return DESIGNS[method]


def _range_faults(block: Block) -> Iterator[Fault]:
    given = {
        "sampling.seed": block.seed,
        "replicate": block.replicate,
        "start": block.start,
        "count": block.count,
    }
    for path, number in given.items():
        if number < 0:
            yield Fault(path=path, found=str(number), expected="a whole number >= 0")
    if block.start + block.count > block.points:
        found = f"points {block.start} to {block.start + block.count}"
        yield Fault(
            path="count", found=found, expected=f"a range within the replicate's {block.points} points"
        )


def _size_faults(block: Block, method: str, design: Design) -> Iterator[Fault]:
    if len(block.dimensions) != len(block.names):
        expected = f"one for each of {len(block.names)} names"
        yield Fault(path="dimensions", found=f"{len(block.dimensions)} dimensions", expected=expected)
    if block.points > design.most_points:
        yield _too_many_points(block.points, method, design)
    if design.most_dimensions is None:
        return
    if any(dimension < 0 for dimension in block.dimensions):
        yield Fault(path="dimensions", found=str(min(block.dimensions)), expected="a whole number >= 0")
    if len(set(block.dimensions)) < len(block.dimensions):
        # Two inputs on one dimension would move together, unseen by any standard error.
        yield Fault(
            path="dimensions", found="one dimension twice", expected="a dimension of its own for each input"
        )
    needed = max(block.dimensions, default=-1) + 1
    if needed > design.most_dimensions:
        found = f"{method} with {needed} uncertain numbers"
        expected = f"at most {design.most_dimensions} of them, or `method: random`"
        yield Fault(path="sampling.method", found=found, expected=expected)


def _too_many_points(points: int, method: str, design: Design) -> Fault:
    expected = f"at most {design.most_points}: more replicates, fewer draws, or another method"
    return Fault(path="sampling.draws", found=f"{points} points a replicate with {method}", expected=expected)
