"""Boxes on ranks: peel slabs off, put limits where they fit best, give up limits that add little."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Box",
    "Draws",
    "Path",
    "association",
    "between",
    "correlation",
    "edge",
    "halves",
    "pasted",
    "peeled",
    "ranked",
    "simplified",
    "within",
]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

_FARTHEST: Final = float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """Draws by rank.

    Attributes
    ----------
    values : tuple of ndarray
        The distinct values of each input, upwards, in its unit.
    codes : ndarray, shape (input, draw)
        Place of a draw's value among them.
    order : ndarray, shape (input, draw)
        The draws by value.
    hit : ndarray of bool, shape (draw,)
        Whether the condition holds.
    """

    values: tuple[FloatArray, ...]
    codes: NDArray[np.int32]
    order: NDArray[np.int32]
    hit: BoolArray

    def whole(self) -> "Box":
        """Give the box without limits."""
        ends = [len(values) - 1 for values in self.values]
        return Box(np.zeros(len(ends), dtype=np.intp), np.array(ends, dtype=np.intp))


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """Least and largest code of each input, both inside; shape (input,)."""

    low: IntArray
    high: IntArray

    def limits(self, draws: Draws) -> tuple[tuple[int, bool], ...]:
        """List what binds: the input, and whether from above."""
        found = []
        for place, values in enumerate(draws.values):
            found += [(place, False)] if self.low[place] > 0 else []
            found += [(place, True)] if self.high[place] < len(values) - 1 else []
        return tuple(found)

    def moved(self, place: int, above: bool, code: int) -> "Box":
        """Put one limit elsewhere."""
        low, high = self.low.copy(), self.high.copy()
        (high if above else low)[place] = code
        return Box(low, high)

    def without(self, place: int, above: bool, draws: Draws) -> "Box":
        """Give up one limit."""
        return self.moved(place, above, len(draws.values[place]) - 1 if above else 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """The boxes of a peeling, the whole space first, with their draws and hits."""

    boxes: tuple[Box, ...]
    draws: FloatArray
    hits: FloatArray


def ranked(inputs: FloatArray, hit: BoolArray) -> Draws:
    """Sort every input once.

    Parameters
    ----------
    inputs : ndarray, shape (draw, input)
        In any unit; infinities are values like others.
    hit : ndarray of bool, shape (draw,)
        Whether the condition holds.
    """
    columns = np.ascontiguousarray(inputs.T)
    order = np.argsort(columns, axis=1, kind="stable").astype(np.int32)
    codes = np.empty(columns.shape, dtype=np.int32)
    values = []
    for column, places, code in zip(columns, order, codes, strict=True):
        upwards = column[places]
        starts = np.append(True, upwards[1:] != upwards[:-1])
        code[places] = np.cumsum(starts) - 1
        values.append(upwards[starts])
    return Draws(values=tuple(values), codes=codes, order=order, hit=hit)


def peeled(draws: Draws, alive: BoolArray, peel: float, least: int, start: Box | None = None) -> Path:
    """Peel off the slab with the least share of hits, again and again.

    Parameters
    ----------
    draws : Draws
        Ranked draws.
    alive : ndarray of bool, shape (draw,)
        Those that no earlier box has.
    peel : float
        Share of the draws in the box that a slab holds; an atom goes as a whole.
    least : int
        Draws that a box keeps at least. Peeling goes on down to it even where every slab is denser than the
        box: a hole in the middle is opened from the outside.
    start : Box, optional
        Where to start; by default with the whole space.

    References
    ----------
    J. H. Friedman, N. I. Fisher, Bump hunting in high-dimensional data, Statistics and Computing 9 (1999).
    The slab with the least share of hits has their largest gain of density for the draws lost.
    """
    box = draws.whole() if start is None else start
    boxes, inside = [box], within(draws, alive, box)
    order = _kept(draws.order, inside)
    counts = [(order.shape[1], int(np.count_nonzero(draws.hit & inside)))]
    while True:
        number, hits = counts[-1]
        bound = {place for place, _ in boxes[-1].limits(draws)}
        slabs = [
            (lost / size, place not in bound, -size, place, above, code, lost)
            for place, above, code, size, lost in _slabs(draws, order, peel)
            if number - size >= least
        ]
        if not slabs or hits == number:
            break
        _, _, size, place, above, code, lost = min(slabs)
        boxes.append(boxes[-1].moved(place, above, code))
        inside[order[place, size:] if above else order[place, :-size]] = False
        order = _kept(order, inside)
        counts.append((number + size, hits - lost))
    numbers = np.array(counts, dtype=np.float64)
    return Path(boxes=tuple(boxes), draws=numbers[:, 0], hits=numbers[:, 1])


def association(draws: FloatArray, hits: FloatArray, all_draws: float, all_hits: float) -> FloatArray:
    """Correlate being in a box with being a hit: the phi coefficient, 0 for a box that holds all or none.

    It is the geometric mean of coverage and density where hits are rare, and 1 for a box that holds all hits
    and nothing else.
    """
    spread = draws * (all_draws - draws) * (all_hits * (all_draws - all_hits))
    shared = hits * all_draws - draws * all_hits
    return np.where(spread > 0, shared / np.sqrt(np.maximum(spread, 1.0)), 0.0)


def pasted(draws: Draws, alive: BoolArray, box: Box, sweeps: int, least: int) -> tuple[Box, float]:
    """Put each limit where being in the box and being a hit correlate best, until none moves.

    Outwards as Friedman and Fisher's pasting, and inwards too; to the draw, for all places of a limit are
    tried at once. A limit that is best at the end of its range is none any more.

    Returns
    -------
    box : Box
        With no more limits than before.
    correlation : float
        Of being in it with being a hit.
    """
    totals = (float(np.count_nonzero(alive)), float(np.count_nonzero(alive & draws.hit)))
    best = correlation(draws, alive, box)
    for _ in range(sweeps):
        start = best
        for place, above in box.limits(draws):
            numbers, hits = _cumulated(draws, alive, box, place, above)
            found = association(numbers, hits, *totals)
            found[numbers < least] = -1.0
            code = int(found.argmax())
            if found[code] > best + 1e-12:
                best = float(found[code])
                box = box.moved(place, above, code)
        if best <= start + 1e-12:
            break
    return box, best


def halves(draws: Draws, alive: BoolArray) -> Iterator[Box]:
    """Cut the space in two at the median of each input, for where the whole of it misleads a peeling.

    Two like boxes in opposite corners are such a case: every slab from the outside is denser than average.
    """
    order = _kept(draws.order, alive)
    middle = order.shape[1] // 2
    for place, (codes, places) in enumerate(zip(draws.codes, order, strict=True)):
        code = int(codes[places[middle]])
        if code > 0:
            yield draws.whole().moved(place, True, code - 1)
            yield draws.whole().moved(place, False, code)


def simplified(draws: Draws, alive: BoolArray, box: Box, gain: float, most: int) -> Box:
    """Give up the limits without which the box is nearly as good, the least needed first.

    Parameters
    ----------
    draws, alive, box
        As for `pasted`.
    gain : float
        Correlation that a limit must add to stay.
    most : int
        Inputs that a box restricts at most; beyond, limits go whatever they add.
    """
    totals = (float(np.count_nonzero(alive)), float(np.count_nonzero(alive & draws.hit)))
    limits = list(box.limits(draws))
    crosses = [alive & ~_keeps(draws, box, *limit) for limit in limits]
    crossed = sum((cross.astype(np.int16) for cross in crosses), np.zeros(alive.size, dtype=np.int16))
    while len(limits) > 1:
        inside, once = alive & (crossed == 0), np.flatnonzero(crossed == 1)
        sole = np.argmax([cross[once] for cross in crosses], axis=0)
        gained = [np.bincount(which, minlength=len(limits)) for which in (sole, sole[draws.hit[once]])]
        counts = (np.count_nonzero(inside), np.count_nonzero(inside & draws.hit))
        numbers, hits = (
            np.append(0, more).astype(np.float64) + count for more, count in zip(gained, counts, strict=True)
        )
        found = association(numbers, hits, *totals)
        least = int(found[1:].argmax())
        if found[0] - found[1 + least] > gain and len({place for place, _ in limits}) <= most:
            break
        box = box.without(*limits.pop(least), draws)
        crossed -= crosses.pop(least)
    return box


def edge(draws: Draws, alive: BoolArray, box: Box, place: int, above: bool) -> float | None:
    """Give a limit as a value: midway between the last draw inside and the first one beyond it.

    Returns
    -------
    float or None
        In the input's unit, and inside the box. Where only infinity lies beyond, the largest finite number;
        infinity where only that is inside; None if no draw lies beyond.
    """
    numbers, _ = _cumulated(draws, alive, box, place, above)
    code, values = (box.high if above else box.low)[place], draws.values[place]
    beyond = numbers > numbers[code]
    if not beyond.any():
        return None
    outer = values[np.argmax(beyond)] if above else values[len(values) - 1 - np.argmax(beyond[::-1])]
    same = np.flatnonzero(numbers == numbers[code])
    inner = values[same[0] if above else same[-1]]
    return between(float(inner), float(outer))


def between(inner: float, outer: float) -> float:
    """Cut between two neighbouring values, on the inner one's side.

    Examples
    --------
    >>> between(1.0, 2.0), between(float("inf"), 3.0), between(1.0, float("inf")) < float("inf")
    (1.5, inf, True)
    """
    if np.isinf(inner):
        return inner
    if np.isinf(outer):
        return float(np.copysign(_FARTHEST, outer))
    middle = inner / 2 + outer / 2
    return middle if min(inner, outer) < middle < max(inner, outer) else inner


def within(draws: Draws, alive: BoolArray, box: Box, skipped: int | None = None) -> BoolArray:
    """Give the draws in a box, one input's limits left aside."""
    inside = alive.copy()
    for place in {place for place, _ in box.limits(draws)} - {skipped}:
        codes = draws.codes[place]
        inside &= (codes >= box.low[place]) & (codes <= box.high[place])
    return inside


def correlation(draws: Draws, alive: BoolArray, box: Box) -> float:
    """Correlate being in a box with being a hit, among the draws alive."""
    inside = within(draws, alive, box)
    counts = (np.count_nonzero(chosen) for chosen in (inside, inside & draws.hit, alive, alive & draws.hit))
    number, hits, all_draws, all_hits = (float(count) for count in counts)
    return float(association(np.array(number), np.array(hits), all_draws, all_hits))


def _keeps(draws: Draws, box: Box, place: int, above: bool) -> BoolArray:
    codes = draws.codes[place]
    return np.asarray(codes <= box.high[place] if above else codes >= box.low[place])


def _kept(order: NDArray[np.int32], inside: BoolArray) -> NDArray[np.int32]:
    return order[inside[order]].reshape(len(order), -1)


def _slabs(draws: Draws, order: NDArray[np.int32], peel: float) -> Iterator[tuple[int, bool, int, int, int]]:
    """Give input, side, the code that bounds what is left, draws and hits of every slab."""
    number = order.shape[1]
    size = max(round(peel * number), 1)
    if size >= number:
        return
    for place, (codes, places) in enumerate(zip(draws.codes, order, strict=True)):
        cut = size
        if codes[places[cut - 1]] == codes[places[cut]]:
            cut = int(_nearer(*_run(codes, places, int(codes[places[cut]])), size))
        if cut < number:
            yield place, False, int(codes[places[cut]]), cut, int(np.count_nonzero(draws.hit[places[:cut]]))
        cut = number - size
        if codes[places[cut - 1]] == codes[places[cut]]:
            start, end = _run(codes, places, int(codes[places[cut]]))
            cut = number - _nearer(number - end, number - start, size)
        if cut > 0:
            lost = int(np.count_nonzero(draws.hit[places[cut:]]))
            yield place, True, int(codes[places[cut - 1]]), number - cut, lost


def _run(codes: NDArray[np.int32], places: NDArray[np.int32], code: int) -> tuple[int, int]:
    """Find where the draws of one value start and end among sorted ones."""
    start = bisect_left(places, code, key=codes.__getitem__)
    return start, bisect_left(places, code + 1, start, key=codes.__getitem__)


def _nearer(without: int, whole: int, size: int) -> int:
    """Choose a slab that keeps draws of one value together, the nearer to the wished size."""
    return whole if without == 0 or whole - size <= size - without else without


def _cumulated(
    draws: Draws, alive: BoolArray, box: Box, place: int, above: bool
) -> tuple[FloatArray, FloatArray]:
    """Count the draws and hits in the box for every place of one limit, all else as it is."""
    codes = draws.codes[place]
    inside = within(draws, alive, box, skipped=place)
    inside &= (codes >= box.low[place]) if above else (codes <= box.high[place])
    length = len(draws.values[place])
    tallies = (
        np.bincount(codes[inside & chosen], minlength=length).astype(np.float64)
        for chosen in (np.True_, draws.hit)
    )
    numbers, hits = (np.cumsum(tally) if above else np.cumsum(tally[::-1])[::-1] for tally in tallies)
    return numbers, hits
