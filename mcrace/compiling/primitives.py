"""The few things that plain Python and compiled code do not write alike: what lies in the bits of a number.

Each function works on NumPy's arrays and scalars as it stands; compiled code takes its twin from
`twins`, which is one instruction. Formulas made of these and of + - * / and square roots give the same
bits in both, whatever the width of the registers: nothing is contracted and nothing is reordered.
"""

import ctypes
import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["bits_of", "mirrored", "number_at", "number_of", "select", "twins", "widely"]


def bits_of(number: Any) -> Any:  # noqa: ANN401 - a number or an array of any shape
    """Read the 64 bits of a float64 as a whole number.

    Parameters
    ----------
    number : float or ndarray of float64
        Any.

    Returns
    -------
    int64 or ndarray of int64
        Sign, 11 bits of the exponent plus 1023, 52 bits of the fraction.

    Examples
    --------
    >>> hex(bits_of(1.0))
    '0x3ff0000000000000'
    """
    return np.asarray(number, dtype=np.float64).view(np.int64)[()]


def number_of(bits: Any) -> Any:  # noqa: ANN401 - a number or an array of any shape
    """Read a whole number of 64 bits as a float64: the inverse of `bits_of`.

    Parameters
    ----------
    bits : int64 or ndarray of int64
        Any.

    Returns
    -------
    float64 or ndarray of float64
        The number.

    Examples
    --------
    >>> float(number_of(bits_of(-0.75)))
    -0.75
    """
    return np.asarray(bits, dtype=np.int64).view(np.float64)[()]


def select(condition: Any, yes: Any, no: Any) -> Any:  # noqa: ANN401 - numbers or arrays of any shape
    """Take one of two numbers, both of which are worked out: no branch.

    Parameters
    ----------
    condition : bool or ndarray of bool
        Which.
    yes, no : float or ndarray of float64
        The number where it is true, and where it is not.

    Returns
    -------
    float64 or ndarray of float64
        Of the broadcast shape.

    Examples
    --------
    >>> float(select(2.0 < 1.0, 1.0, -1.0))
    -1.0
    """
    return np.where(condition, yes, no)[()]


def mirrored(word: Any) -> Any:  # noqa: ANN401 - a number or an array of any shape
    """Reverse the order of the 32 bits of a word.

    Parameters
    ----------
    word : uint32 or ndarray of uint32
        Any.

    Returns
    -------
    uint32 or ndarray of uint32
        The last bit first.

    Examples
    --------
    >>> int(mirrored(np.uint32(1))) == 2**31
    True
    """
    word = np.asarray(word, dtype=np.uint32)
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF)):
        word = (word >> np.uint32(shift) & np.uint32(mask)) | (word & np.uint32(mask)) << np.uint32(shift)
    return (word >> np.uint32(16) | word << np.uint32(16))[()]


def number_at(address: int, place: int) -> float:
    """Read a float64 where it lies in memory.

    So one compiled function can take any number of arrays, without their being copied into one. Whoever
    calls must hold the array.

    Parameters
    ----------
    address : int
        Where the array begins.
    place : int
        Which of its numbers.

    Returns
    -------
    float
        The number.

    Examples
    --------
    >>> numbers = np.array([1.0, 2.0])
    >>> number_at(numbers.__array_interface__["data"][0], 1)
    2.0
    """
    return ctypes.c_double.from_address(int(address) + 8 * int(place)).value


def widely() -> None:
    """Ask the compiler for the widest registers in the calling function; plain Python has none.

    Compilers keep to 256 bits where a processor has 512, for the sake of code with a few wide loops; here
    all of it is such loops, and twice as fast.
    """


@functools.cache
def twins() -> Mapping[Callable[..., Any], Any]:
    """Give the compiled twin of each function above.

    Returns
    -------
    Mapping
        From the plain function to Numba's.
    """
    from llvmlite import ir
    from numba.core import types

    whole, real = types.int64, types.float64
    pointer = ir.PointerType(ir.DoubleType())
    return MappingProxyType(
        {
            bits_of: _twin(whole, (real,), lambda code, x: code.bitcast(x, ir.IntType(64))),
            number_of: _twin(real, (whole,), lambda code, x: code.bitcast(x, ir.DoubleType())),
            mirrored: _twin(types.uint32, (types.uint32,), lambda code, x: code.bitreverse(x)),
            select: _twin(real, (types.boolean, real, real), lambda code, *x: code.select(*x)),
            number_at: _twin(
                real,
                (whole, whole),
                lambda code, x, i: code.load(code.gep(code.inttoptr(x, pointer), [i])),
            ),
            widely: _twin(types.none, (), _widen),
        }
    )


def _twin(result: Any, arguments: tuple[Any, ...], write: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Make a compiled function of the instruction that `write` writes."""
    from numba.extending import intrinsic

    def code(context: Any, builder: Any, _signature: Any, values: Any) -> Any:  # noqa: ANN401
        written = write(builder, *values)
        return context.get_dummy_value() if written is None else written

    # Numba looks at how many arguments a function has.
    makers = (
        lambda _typing: (result(*arguments), code),
        lambda _typing, _a: (result(*arguments), code),
        lambda _typing, _a, _b: (result(*arguments), code),
        lambda _typing, _a, _b, _c: (result(*arguments), code),
    )
    return intrinsic(makers[len(arguments)])


def _widen(builder: Any) -> None:  # noqa: ANN401
    attributes = builder.function.attributes
    # llvmlite's own `add` refuses what is not on its list; what it prints is a set of texts.
    if isinstance(attributes, set):
        set.add(attributes, '"prefer-vector-width"="512"')
