"""Sobol' points under a hash-based nested uniform (Owen) scrambling.

The digits of a point are reversed, run through four rounds of v += a; v ^= v b; v *= c with random keys
(b = 2 mod 4, c odd) and reversed back: each digit is then flipped by a function of the digits before it
alone, which keeps the net. Twenty bits below 2^-32 come from a hash of the point after the second round. The
scheme is Laine and Karras's, with random keys for their constants: theirs leaves the flips of 2 % of the
triples and 5 % of the quadruples of nodes in the first five levels of the tree of digits dependent; here none
of 36,000 is, over 65,536 keys.

Coverage of the 95 % interval (Student's t, 16 replicates of 2^10 points; 6,000 intervals, 2,000 for the
others) by this scheme, exact nested uniform scrambling, and a random linear scramble with a digital shift:
mean of e^u 95.1, 94.7, 99.8 % (kurtosis of a replicate's estimate 3.0, 3.0, 607); smooth product of four
inputs 95.1, 94.7, 95.9 %; indicator of a sum of four 95.1, 94.7, 94.7 %; its median 94.9, 95.0, 94.7 %.
All three alike fall short where the estimate itself is skewed or biased: mean of a lognormal (log-sd 1) 88 %,
0.95-quantile of a sum of four 92 %, share of one input below 0.3, an error below one point, 86 %.

References
----------
I. M. Sobol' (1967), On the distribution of points in a cube and the approximate evaluation of integrals, USSR
Comp. Math. Math. Phys. 7(4), 86-112. A. B. Owen (1995), Randomly permuted (t,m,s)-nets and (t,s)-sequences,
Lecture Notes in Statistics 106, 299-317. S. Laine, T. Karras (2011), Stratified sampling for stochastic
transparency, Computer Graphics Forum 30, 1197-1204. B. Burley (2020), Practical hash-based Owen scrambling,
Journal of Computer Graphics Techniques 9(4), 1-20.
"""

import functools
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from mcrace.compiling import compiled, mirrored, number_of, widely
from mcrace.sampling.block import Block, Words, keys_of, unit

__all__ = ["SOBOL_DIMENSIONS", "SOBOL_POINTS", "sobol_rows"]

SOBOL_DIMENSIONS: Final = 1024
SOBOL_POINTS: Final = 2**32

_DIGITS = 32
_FEW = 1024  # so few points do not repay loading a compiler; the bits are the same
_RUN = 256
_ONE = 1023 << 52  # the bits of 1.0

Digits = npt.NDArray[np.uint32]


def sobol_rows(block: Block) -> npt.NDArray[np.float64]:
    """Compute scrambled Sobol' points, each input under its own scrambling.

    Parameters
    ----------
    block : Block
        What is wanted; dimensions below `SOBOL_DIMENSIONS`, points below `SOBOL_POINTS`.

    Returns
    -------
    ndarray of float64, shape (inputs, count)
        Uniforms strictly inside (0, 1). The first 2^m points of an input hit each of 2^m equal strata once.

    Examples
    --------
    >>> wanted = Block(seed=1, replicate=0, start=0, count=4, points=4, names=("x",), dimensions=(0,))
    >>> sorted((4 * sobol_rows(wanted)[0]).astype(int).tolist())
    [0, 1, 2, 3]
    """
    steps, rounds, tails = _tables(block.seed, block.replicate, block.names, block.dimensions)
    if block.count <= _FEW:
        return _rows(steps, rounds, tails, block.start, block.count)
    rows = np.empty((len(block.names), block.count))
    _filled(steps, rounds, tails, block.start, rows)
    return rows


@functools.lru_cache(maxsize=64)
def _tables(
    seed: int, replicate: int, names: tuple[str, ...], dimensions: tuple[int, ...]
) -> tuple[Digits, Digits, Digits]:
    """Make the steps, keys of the rounds and keys of the digits below, a row an input: for all blocks."""
    steps = np.array([_steps(dimension) for dimension in dimensions], dtype=np.uint32)
    keys = keys_of(seed, replicate, names)
    tables = steps.reshape(len(names), _DIGITS), _round_keys(keys[:, :6]), _tail_keys(keys[:, 6:])
    for table in tables:
        table.flags.writeable = False
    return tables


@functools.cache
def _table() -> tuple[str, ...]:
    text = files("mcrace.sampling").joinpath("sobol_directions.txt").read_text(encoding="ascii")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))


@functools.cache
def _steps(dimension: int) -> tuple[int, ...]:
    """Words w_j, digits reversed, such that point i is the XOR of w_j over the binary digits j of i.

    Sobol' points in Gray-code order: direction numbers of the digits of i ^ (i >> 1), which are linear in i.
    """
    directions = _directions(dimension)
    reversed_words = [int(f"{word:032b}"[::-1], 2) for word in directions]
    return tuple(word ^ (reversed_words[j - 1] if j > 0 else 0) for j, word in enumerate(reversed_words))


def _directions(dimension: int) -> list[int]:
    """Direction numbers of a dimension, times 2^32, by the recurrence of its primitive polynomial."""
    if dimension == 0:
        return [1 << (_DIGITS - 1 - j) for j in range(_DIGITS)]
    degree, inner, *odd = (int(number) for number in _table()[dimension - 1].split()[1:])
    words = [number << (_DIGITS - 1 - j) for j, number in enumerate(odd)]
    for j in range(degree, _DIGITS):
        word = words[j - degree] ^ (words[j - degree] >> degree)
        for back in range(1, degree):
            if inner >> (degree - 1 - back) & 1:
                word ^= words[j - back]
        words.append(word)
    return words


def _round_keys(keys: Words) -> Digits:
    """Four rounds' (a, b, c) out of six random words; an even b and an odd c make a round a bijection."""
    halves = np.stack([keys & np.uint64(0xFFFFFFFF), keys >> np.uint64(32)], axis=-1)
    rounds = halves.astype(np.uint32).reshape(len(keys), 12)
    rounds[:, 1::3] = rounds[:, 1::3] & np.uint32(0xFFFFFFFC) | np.uint32(2)
    rounds[:, 2::3] |= np.uint32(1)
    return rounds


def _tail_keys(keys: Words) -> Digits:
    """Two factors and a summand for the digits below, out of two random words."""
    tails = np.stack([keys[:, 0], keys[:, 0] >> np.uint64(32), keys[:, 1]], axis=-1).astype(np.uint32)
    tails[:, ::2] |= np.uint32(1)
    return tails


def _rows(steps: Digits, rounds: Digits, tails: Digits, start: int, count: int) -> npt.NDArray[np.float64]:
    """Do what `_fill` does, to the bit, without a compiler."""
    rows = np.empty((len(steps), count))
    for row, step, key, tail in zip(rows, steps, rounds, tails, strict=True):
        word = _points(step, start, count)
        for a, b, c in key[:6].reshape(2, 3):
            word = word + a
            word = (word ^ word * b) * c
        below = word * tail[0] + tail[1]
        below = (below ^ below >> np.uint32(15)) * tail[2]
        for a, b, c in key[6:].reshape(2, 3):
            word = word + a
            word = (word ^ word * b) * c
        leading = mirrored(word).astype(np.uint64) << np.uint64(20)
        row[:] = unit(leading | (below >> np.uint32(12)).astype(np.uint64))
    return rows


def _points(step: Digits, start: int, count: int) -> Digits:
    """Sobol' points start to start + count, not scrambled, digits reversed."""
    index = np.arange(start, start + count, dtype=np.uint64)
    words = np.zeros(count, dtype=np.uint32)
    for j in range((start + count - 1).bit_length()):
        words ^= (index >> np.uint64(j) & np.uint64(1)).astype(np.uint32) * step[j]
    return words


def _filled(steps: Digits, rounds: Digits, tails: Digits, start: int, rows: npt.NDArray[np.float64]) -> None:
    """Fill rows with the compiled path."""
    compiled(_fill)(steps, rounds, tails, start, np.empty(3 * _RUN, np.uint32), rows)


def _fill(
    steps: Digits, rounds: Digits, tails: Digits, start: int, room: Digits, rows: npt.NDArray[np.float64]
) -> None:
    """Fill rows with scrambled points from `start` on; `room`, of 768 words, is overwritten."""
    low, words, below = room[:_RUN], room[_RUN : 2 * _RUN], room[2 * _RUN :]
    for row in range(rows.shape[0]):
        _set_low(steps[row], low)
        done = 0
        while done < rows.shape[1]:  # runs of points that share all digits of their number but the last 8
            first = (start + done) & (_RUN - 1)
            count = min(_RUN - first, rows.shape[1] - done)
            high = np.uint32(0)
            for j in range(8, 32):
                if (start + done) >> j & 1:
                    high ^= steps[row, j]
            for i in range(count):
                words[i] = low[first + i] ^ high
            _scramble(words[:count], below[:count], rounds[row], tails[row], rows[row, done : done + count])
            done += count


def _set_low(step: Digits, low: Digits) -> None:
    """Set the words of all last 8 digits of a number."""
    low[0] = 0
    for j in range(8):
        for i in range(1 << j):
            low[(1 << j) + i] = low[i] ^ step[j]


def _scramble(words: Digits, below: Digits, key: Digits, tail: Digits, row: npt.NDArray[np.float64]) -> None:
    """Scramble a run of points; `words` and `below` are overwritten."""
    widely()
    for i in range(words.size):
        word = words[i]
        for r in range(2):
            word = np.uint32(word + key[3 * r])
            word = np.uint32(word ^ np.uint32(word * key[3 * r + 1]))
            word = np.uint32(word * key[3 * r + 2])
        words[i] = word
    # In loops of their own, whose numbers are all of 32 bits: twice as many side by side.
    for i in range(words.size):
        less = np.uint32(np.uint32(words[i] * tail[0]) + tail[1])
        below[i] = np.uint32(np.uint32(less ^ less >> 15) * tail[2]) >> 12
    for i in range(words.size):
        word = words[i]
        for r in range(2, 4):
            word = np.uint32(word + key[3 * r])
            word = np.uint32(word ^ np.uint32(word * key[3 * r + 1]))
            word = np.uint32(word * key[3 * r + 2])
        words[i] = mirrored(word)
    for i in range(words.size):
        bits = np.int64(words[i]) << 20 | np.int64(below[i])
        # The bits of a number in [1, 2), and back down: (bits + 0.5) / 2^52, exactly.
        row[i] = number_of(bits | _ONE) - (1.0 - 2.0**-53)
