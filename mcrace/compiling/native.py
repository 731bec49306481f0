"""Machine code called without its compiler: which numbers go in, how they are handed over, what comes out.

Loading Numba takes longer than the baseline's draws; LLVM's loader, which places finished machine code, takes
about a tenth of that.
"""

import ctypes
import functools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["MachineCode", "layout_of", "loaded", "takes_floats", "text_of"]

_C_ORDER, _FORTRAN_ORDER, _ALIGNED, _WRITEABLE = 0x1, 0x2, 0x100, 0x400
_LAYOUT: Final = _C_ORDER | _FORTRAN_ORDER | _ALIGNED | _WRITEABLE
"""Bits of an array's flags that compiled code hangs on."""

_DONE: Final = frozenset({0, -2})
"""What a function gives back when it has not failed; -2 where it returns nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineCode:
    """A function, compiled for some kinds of numbers.

    Attributes
    ----------
    name : str
        Under which it stands in `code`.
    outputs : str
        What it returns: a letter for each number, d for float64 and q for int64.
    is_tuple : bool
        Whether it returns them as a tuple; a single number if not.
    needs : tuple of str
        Functions of the C library that it calls.
    code : bytes
        An object file, as a linker takes it.
    """

    name: str
    outputs: str
    is_tuple: bool
    needs: tuple[str, ...]
    code: bytes


def layout_of(argument: object) -> Hashable:
    """Tell what code that takes an argument hangs on: two of one layout are served by the same code.

    Parameters
    ----------
    argument : ndarray, int or float
        NumPy's whole and real numbers too.

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> layout_of(1), layout_of(2.0), layout_of(np.zeros(3)) == layout_of(np.ones(5))
    ('int64', 'float64', True)
    """
    if isinstance(argument, np.ndarray):
        return argument.dtype, argument.ndim, argument.flags.num & _LAYOUT
    if isinstance(argument, float | np.floating):
        return "float64"
    if isinstance(argument, int | np.integer) and not isinstance(argument, bool):
        return "int64"
    raise TypeError(f"compiled functions take arrays, whole and real numbers, not {argument!r}")


def text_of(layout: Any) -> str:  # noqa: ANN401 - what `layout_of` gives
    """Write a layout, to the same text in every process.

    Examples
    --------
    >>> text_of(layout_of(np.zeros((2, 3))))
    '<f8 2 C aligned writeable'
    """
    if isinstance(layout, str):
        return layout
    dtype, axes, flags = layout
    order = "C" if flags & _C_ORDER else "F" if flags & _FORTRAN_ORDER else "A"
    kind = str(dtype.descr) if dtype.fields else dtype.str
    aligned = "aligned" if flags & _ALIGNED else "unaligned"
    return f"{kind} {axes} {order} {aligned} {'writeable' if flags & _WRITEABLE else 'readonly'}"


def takes_floats(layout: Any) -> list[bool]:  # noqa: ANN401 - what `layout_of` gives
    """Tell of each word in which an argument is handed over whether it is a float64; the others are int64.

    An array is handed over as Numba's compiled functions take it: its owner, its Python object (both left
    out here, since no reference is counted), its numbers' count and bytes, its address, its shape and steps.

    Examples
    --------
    >>> takes_floats(layout_of(2.0)), len(takes_floats(layout_of(np.zeros((2, 3)))))
    ([True], 9)
    """
    return [layout == "float64"] if isinstance(layout, str) else [False] * (5 + 2 * layout[1])


def loaded(machine_code: MachineCode, floats: list[bool]) -> Callable[..., Any] | None:
    """Place machine code in memory.

    Parameters
    ----------
    machine_code : MachineCode
        The function.
    floats : list of bool
        From `takes_floats`, for all its arguments.

    Returns
    -------
    callable or None
        Takes and returns what the function does, without holding Python's lock; None if this system lacks
        a function that it needs.
    """
    from llvmlite import binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly("")
    module.triple = llvm.get_process_triple()
    # The engine owns what it is made of: a target serves one engine only.
    target = llvm.Target.from_triple(module.triple).create_target_machine()
    engine = llvm.create_mcjit_compiler(module, target)
    if any(llvm.address_of_symbol(name) is None for name in machine_code.needs):
        return None
    engine.add_object_file(llvm.ObjectFileRef.from_data(machine_code.code))
    engine.finalize_object()
    words = [ctypes.c_double if is_float else ctypes.c_int64 for is_float in floats]
    kind = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *words)
    entry = kind(engine.get_function_address(machine_code.name))
    names = [f"_{place}" for place in range(len(machine_code.outputs))]
    kinds = {"d": ctypes.c_double, "q": ctypes.c_int64}
    fields = [(name, kinds[letter]) for name, letter in zip(names, machine_code.outputs, strict=True)]
    result = type("Result", (ctypes.Structure,), {"_fields_": fields})
    # The engine owns the code's memory.
    return functools.partial(_call, engine, entry, result, names, machine_code.is_tuple)


def _call(
    _engine: object,
    entry: Callable[..., int],
    result: Callable[[], Any],
    names: list[str],
    is_tuple: bool,
    *arguments: Any,  # noqa: ANN401 - of any layout
) -> Any:  # noqa: ANN401 - what the function returns
    words: list[float] = []
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            address = argument.__array_interface__["data"][0]
            words += (0, 0, argument.size, argument.itemsize, address, *argument.shape, *argument.strides)
        else:
            words.append(argument.item() if isinstance(argument, np.generic) else argument)
    found, fault = result(), ctypes.c_void_p()
    status = entry(ctypes.byref(found), ctypes.byref(fault), *words)
    if status not in _DONE:
        raise RuntimeError(f"compiled code ended with status {status}")
    numbers = tuple(getattr(found, name) for name in names)
    if is_tuple:
        return numbers
    return numbers[0] if numbers else None
