"""The way from Python into machine code: a few instructions that take arrays apart.

Handing over all words of an array from Python, one by one, takes longer than the work on a thousand numbers.
"""

import ctypes
import functools
from typing import Any, Final

import numpy as np

__all__ = ["ENTRY", "address_of", "arrays_lie_as_known", "entry_code"]

ENTRY: Final = "mcrace_entry"
"""Name of the function in the object file that `entry_code` gives."""

_WORD: Final = 8
_HEAD: Final = object.__basicsize__ // _WORD
"""Words of a Python object before an array's own: its address, number of axes, address of shape and of steps.

NumPy's public header lays arrays out so, for all that is compiled against it.
"""

_DATA, _SHAPE, _STEPS = _HEAD, _HEAD + 2, _HEAD + 3


@functools.cache
def arrays_lie_as_known() -> bool:
    """Tell whether arrays lie in memory as `entry_code` takes them apart.

    Examples
    --------
    >>> arrays_lie_as_known()
    True
    """
    if ctypes.sizeof(ctypes.c_void_p) != _WORD:
        return False
    array = np.zeros((5, 7, 3))[::2, 1:, ::-1]
    words = (ctypes.c_int64 * (_STEPS + 1)).from_address(id(array))
    kind = ctypes.c_int64 * array.ndim
    found = [tuple(kind.from_address(words[place])) for place in (_SHAPE, _STEPS)]
    return words[_DATA] == array.__array_interface__["data"][0] and found == [array.shape, array.strides]


def address_of(array: Any) -> int:  # noqa: ANN401 - an ndarray, of any kind
    """Tell where an array's numbers begin: several times faster than asking NumPy.

    Examples
    --------
    >>> numbers = np.arange(5.0)[2:]
    >>> address_of(numbers) == numbers.__array_interface__["data"][0]
    True
    """
    if arrays_lie_as_known():
        return ctypes.c_int64.from_address(id(array) + _DATA * _WORD).value
    return int(array.__array_interface__["data"][0])


def entry_code(layouts: tuple[Any, ...]) -> bytes:
    """Compile the way in for arguments of given layouts.

    Parameters
    ----------
    layouts : tuple
        From `native.layout_of`, one each argument.

    Returns
    -------
    bytes
        An object file with the function `ENTRY`. It takes the address of a function that Numba compiled for
        such arguments, where its result goes, where a fault is told, and the arguments: arrays as Python
        objects, numbers as they are. It gives back what the function does.
    """
    from llvmlite import binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly(_written(layouts))
    module.triple = llvm.get_process_triple()
    module.verify()
    target = llvm.Target.from_triple(module.triple)
    code: bytes = target.create_target_machine(opt=2, codemodel="jitdefault", jit=True).emit_object(module)
    return code


def _written(layouts: tuple[Any, ...]) -> str:
    from llvmlite import ir

    whole, real, status = ir.IntType(64), ir.DoubleType(), ir.IntType(32)
    kinds = [real if layout == "float64" else whole for layout in layouts]
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(status, [whole, whole, whole, *kinds]), ENTRY)
    builder = ir.IRBuilder(function.append_basic_block())

    def word(address: Any, place: int) -> Any:  # noqa: ANN401 - both the compiler's
        pointer = builder.inttoptr(address, ir.PointerType(whole))
        return builder.load(builder.gep(pointer, [whole(place)]))

    called, result, fault, *arguments = function.args
    words = [result, fault]
    for layout, argument in zip(layouts, arguments, strict=True):
        if isinstance(layout, str):
            words.append(argument)
            continue
        dtype, axes, _flags = layout
        sizes = [word(word(argument, _SHAPE), axis) for axis in range(axes)]
        steps = [word(word(argument, _STEPS), axis) for axis in range(axes)]
        count = functools.reduce(builder.mul, sizes, whole(1))
        words += [whole(0), whole(0), count, whole(dtype.itemsize), word(argument, _DATA), *sizes, *steps]
    kind = ir.FunctionType(status, [item.type for item in words])
    builder.ret(builder.call(builder.inttoptr(called, ir.PointerType(kind)), words))
    return str(module)
