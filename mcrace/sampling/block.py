"""What every design is asked for, and the keys and bits from which it answers."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Block", "key_words", "keys_of", "mixed", "philox_bits", "unit"]

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A range of points of one replicate, and the inputs that want a uniform at each of them.

    Attributes
    ----------
    seed : int
        The study's seed, any whole number >= 0.
    replicate : int
        Number of the replicate, from 0.
    start, count : int
        First point, from 0, and number of points.
    points : int
        Number of points of the whole replicate.
    names : tuple of str
        Name of each input, which keys its randomness.
    dimensions : tuple of int
        Sobol' dimension of each input, from 0.
    """

    seed: int
    replicate: int
    start: int
    count: int
    points: int
    names: tuple[str, ...]
    dimensions: tuple[int, ...]

    def keys(self) -> Words:
        """Hash a key for each input.

        Returns
        -------
        ndarray of uint64, shape (inputs, 8)
            A row depends on the seed, the replicate and the input's name, on nothing else.
        """
        return keys_of(self.seed, self.replicate, self.names)


def keys_of(seed: int, replicate: int, names: tuple[str, ...]) -> Words:
    """Hash a key for each input, as `key_words` does.

    Parameters
    ----------
    seed, replicate : int
        Whole numbers >= 0 of any size.
    names : tuple of str
        Names of the inputs.

    Returns
    -------
    ndarray of uint64, shape (inputs, 8)
        A row an input.

    Examples
    --------
    >>> keys_of(0, 0, ("x", "y")).shape
    (2, 8)
    """
    rows = [key_words(seed, replicate, name) for name in names]
    return np.array(rows, dtype=np.uint64).reshape(len(rows), 8)


def key_words(seed: int, replicate: int, name: str) -> Words:
    """Hash a seed, a replicate and a name to 512 bits with BLAKE2b.

    Parameters
    ----------
    seed, replicate : int
        Whole numbers >= 0 of any size.
    name : str
        Name of an input.

    Returns
    -------
    ndarray of uint64, shape (8,)
        The same on every machine.

    Examples
    --------
    >>> int(key_words(0, 0, "x")[0]) == int(key_words(0, 1, "x")[0])
    False
    """
    # No digit string holds a slash, so no two triples share a text. YAML may escape a lone surrogate.
    text = f"{seed}/{replicate}/{name}".encode("utf-8", "surrogatepass")
    digest = blake2b(text, digest_size=64, person=b"mcrace.sampling").digest()
    return np.frombuffer(digest, dtype="<u8").astype(np.uint64)


def mixed(words: npt.NDArray[Any], first: np.uint64, second: np.uint64) -> Words:
    """Hash whole numbers under a key of 128 bits; the leading bits are the best ones.

    Parameters
    ----------
    words : ndarray of unsigned integers
        Numbers to hash.
    first, second : uint64
        The key.

    Returns
    -------
    ndarray of uint64
        A keyed bijection of the 64-bit words.

    References
    ----------
    The multipliers of SplitMix64: G. L. Steele, D. Lea, C. H. Flood (2014), Fast splittable
    pseudorandom number generators, OOPSLA.

    Examples
    --------
    >>> mixed(np.arange(3, dtype=np.uint64), np.uint64(1), np.uint64(2)).size
    3
    """
    hashed = words * np.uint64(0x9E3779B97F4A7C15) + first
    hashed = (hashed ^ hashed >> np.uint64(32)) * np.uint64(0xBF58476D1CE4E5B9) + second
    hashed = (hashed ^ hashed >> np.uint64(29)) * np.uint64(0x94D049BB133111EB)
    return np.asarray(hashed, dtype=np.uint64)


def philox_bits(key: Words, start: int, count: int) -> Words:
    """Draw words start to start + count of a Philox4x64 stream, without drawing those before them.

    Parameters
    ----------
    key : ndarray of uint64, shape (2,)
        The stream.
    start, count : int
        First word and number of words.

    Returns
    -------
    ndarray of uint64, shape (count,)
        52 random bits each.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw (2011), Parallel random numbers: as easy as
    1, 2, 3, SC11.

    Examples
    --------
    >>> stream = philox_bits(key_words(1, 0, "x")[:2], 0, 10)
    >>> bool(np.all(philox_bits(key_words(1, 0, "x")[:2], 7, 3) == stream[7:]))
    True
    """
    skipped = start % 4  # one step of the counter makes four words
    generator = np.random.Philox(key=key, counter=start // 4)
    words = np.asarray(generator.random_raw(skipped + count), dtype=np.uint64)
    return words[skipped:] >> np.uint64(12)


def unit(bits: Words) -> npt.NDArray[np.float64]:
    """Turn 52-bit whole numbers b into (b + 0.5) / 2^52.

    Parameters
    ----------
    bits : ndarray of uint64
        Whole numbers below 2^52.

    Returns
    -------
    ndarray of float64
        Exact, strictly inside (0, 1), and as close to 0 as to 1.

    Examples
    --------
    >>> unit(np.array([0, 2**52 - 1], dtype=np.uint64)).tolist()
    [1.1102230246251565e-16, 0.9999999999999999]
    """
    return (bits.astype(np.float64) + 0.5) * 2.0**-52
