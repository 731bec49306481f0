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

from mcrace.compiling.entry import ENTRY, arrays_lie_as_known

__all__ = ["MachineCode", "layout_of", "layouts_of", "loaded", "takes_floats", "text_of"]

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
    entry, code : bytes
        Two object files, as a linker takes them: the way in from Python (`entry.entry_code`), the function.
    """

    name: str
    outputs: str
    is_tuple: bool
    needs: tuple[str, ...]
    entry: bytes
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


def layouts_of(arguments: tuple[object, ...]) -> tuple[Hashable, ...]:
    """Tell the layout of each of some arguments.

    Parameters, errors
        As of `layout_of`, for each.

    Examples
    --------
    >>> layouts_of((1, 2.0)) == (layout_of(1), layout_of(2.0))
    True
    """
    # The usual kinds without a call: this is done each time that code runs.
    return tuple(
        [
            (item.dtype, item.ndim, item.flags.num & _LAYOUT)
            if type(item) is np.ndarray
            else "float64"
            if type(item) is float
            else layout_of(item)
            for item in arguments
        ]
    )


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

    An array is handed over as Numba's compiled functions take it: its owner and its Python object (0 in
    both: no reference is counted), its numbers' count and bytes, its address, its shape and steps.

    Examples
    --------
    >>> takes_floats(layout_of(2.0)), len(takes_floats(layout_of(np.zeros((2, 3)))))
    ([True], 9)
    """
    return [layout == "float64"] if isinstance(layout, str) else [False] * (5 + 2 * layout[1])


def loaded(machine_code: MachineCode, layouts: tuple[Any, ...]) -> Callable[..., Any] | None:
    """Place machine code in memory.

    Parameters
    ----------
    machine_code : MachineCode
        The function.
    layouts : tuple
        From `layout_of`, of each of its arguments.

    Returns
    -------
    callable or None
        Takes and returns what the function does, without holding Python's lock; None if this system lacks
        a function that it needs, or keeps arrays in another way.
    """
    from llvmlite import binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly("")
    module.triple = llvm.get_process_triple()
    # The engine owns what it is made of: a target serves one engine only.
    target = llvm.Target.from_triple(module.triple).create_target_machine()
    engine = llvm.create_mcjit_compiler(module, target)
    lacks = any(llvm.address_of_symbol(name) is None for name in machine_code.needs)
    if lacks or not arrays_lie_as_known():
        return None
    for code in (machine_code.entry, machine_code.code):
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    numbers = {"float64": ctypes.c_double, "int64": ctypes.c_int64}
    words: list[Any] = [numbers.get(layout, ctypes.py_object) for layout in layouts]
    kind = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 3, *words)
    entry = kind(engine.get_function_address(ENTRY))
    names = [f"_{place}" for place in range(len(machine_code.outputs))]
    kinds = {"d": ctypes.c_double, "q": ctypes.c_int64}
    fields = [(name, kinds[letter]) for name, letter in zip(names, machine_code.outputs, strict=True)]
    result = type("Result", (ctypes.Structure,), {"_fields_": fields})
    function = engine.get_function_address(machine_code.name)
    # The engine owns the code's memory.
    return functools.partial(_call, engine, entry, function, result, names, machine_code.is_tuple)


def _call(
    _engine: object,
    entry: Callable[..., int],
    function: int,
    result: Callable[[], Any],
    names: list[str],
    is_tuple: bool,
    *arguments: Any,  # noqa: ANN401 - of any layout
) -> Any:  # noqa: ANN401 - what the function returns
    found, fault = result(), ctypes.c_void_p()
    try:
        status = entry(function, ctypes.byref(found), ctypes.byref(fault), *arguments)
    except ctypes.ArgumentError:  # before anything was called: NumPy's numbers are not Python's
        words = [argument.item() if isinstance(argument, np.generic) else argument for argument in arguments]
        status = entry(function, ctypes.byref(found), ctypes.byref(fault), *words)
    if status not in _DONE:
        raise RuntimeError(f"compiled code ended with status {status}")
    numbers = tuple([getattr(found, name) for name in names])
    return numbers if is_tuple else numbers[0] if numbers else None
