"""Machine code from Numba, for arrays and numbers of given kinds."""

import dis
import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from types import FunctionType, MappingProxyType
from typing import Any

import numpy as np

from mcrace.compiling import primitives
from mcrace.compiling.entry import entry_code
from mcrace.compiling.native import MachineCode, takes_floats
from mcrace.compiling.parts import LONGEST_MERGED, OPTIONS, called_by

__all__ = ["machine_code_of", "numba_function"]

_INNER = MappingProxyType({"no_cpython_wrapper": True, "no_cfunc_wrapper": True})
"""For functions that only compiled code calls: no way in from Python."""

numba: Any = import_module("numba")  # its types know only public options


def numba_function(plain: FunctionType) -> Callable[..., Any]:
    """Give Numba's own compiled function, for systems on which machine code cannot be called without it.

    Where Numba is told not to compile (``NUMBA_DISABLE_JIT``), it is the plain function.

    Examples
    --------
    >>> def double(x: float) -> float:
    ...     return 2.0 * x
    >>> numba_function(double)(1.5)
    3.0
    """
    if numba.config.DISABLE_JIT:
        return plain
    function: Callable[..., Any] = numba.njit(**OPTIONS)(_linked(plain))
    return function


def machine_code_of(
    plain: FunctionType, arguments: tuple[Any, ...], layouts: tuple[Any, ...]
) -> MachineCode | None:
    """Compile a function, and all mcrace functions it calls.

    Parameters
    ----------
    plain : function
        In the part of Python that Numba compiles.
    arguments : tuple
        Arrays, whole and real numbers of the kinds that it is compiled for.
    layouts : tuple
        From `native.layout_of`, of each of them.

    Returns
    -------
    MachineCode or None
        None if it takes or returns what `native.loaded` cannot hand over, or if Numba is told not to compile.
    """
    if numba.config.DISABLE_JIT:
        return None
    types = tuple(_type_of(argument) for argument in arguments)
    function = numba.njit(**OPTIONS, **_INNER)(_linked(plain))
    function.compile(types)
    (made,) = function.overloads.values()
    returned = made.signature.return_type
    outputs = _outputs_of(returned)
    # Numba's convention: where the result goes, where a fault is told, then the arguments, word by word.
    words = made.target_context.call_conv.get_function_type(returned, types).args
    handed = [False, False, *(is_float for layout in layouts for is_float in takes_floats(layout))]
    if outputs is None or [str(word) == "double" for word in words] != handed:
        return None
    written = made.library.get_llvm_str()
    needs = sorted(set(re.findall(r"^declare [^@]*@\"?([A-Za-z_]\w*)\"?\(", written, re.MULTILINE)))
    if any(name.startswith(("numba", "NRT", "Py", "_Py")) for name in needs):
        return None
    return MachineCode(
        name=made.fndesc.llvm_func_name,
        outputs=outputs,
        is_tuple=isinstance(returned, numba.types.BaseAnonymousTuple),
        needs=tuple(needs),
        entry=entry_code(layouts),
        code=_object_file(made.library, made.fndesc.llvm_func_name),
    )


def _type_of(argument: Any) -> Any:  # noqa: ANN401 - one of Numba's types
    if isinstance(argument, np.ndarray):
        return numba.typeof(argument)
    return numba.types.float64 if isinstance(argument, float | np.floating) else numba.types.int64


def _outputs_of(returned: Any) -> str | None:  # noqa: ANN401 - one of Numba's types
    """Write what a function returns as `MachineCode.outputs` does; None if that cannot be handed over."""
    if returned == numba.types.none:
        return ""
    letters = {numba.types.float64: "d", numba.types.int64: "q"}
    kinds = returned if isinstance(returned, numba.types.BaseAnonymousTuple) else [returned]
    return "".join(letters[kind] for kind in kinds) if all(kind in letters for kind in kinds) else None


def _object_file(library: Any, name: str) -> bytes:  # noqa: ANN401 - Numba's
    library.get_pointer_to_function(name)  # only then is it made
    _name, _kind, (code, _bitcode) = library.serialize_using_object_code()
    return bytes(code)


def _linked(plain: FunctionType) -> FunctionType:
    """Copy a function so that all mcrace functions it calls are compiled."""
    merged = _merged(plain)

    def inner(part: FunctionType) -> Any:  # noqa: ANN401 - Numba's dispatcher
        kind = "always" if part in merged else "never"
        return numba.njit(**OPTIONS, **_INNER, inline=kind)(_linked_copy(part, done, inner))

    done: dict[Callable[..., Any], Any] = dict(primitives.twins())
    return _linked_copy(plain, done, inner)


def _linked_copy(
    function: FunctionType, done: dict[Callable[..., Any], Any], jit: Callable[[FunctionType], Any]
) -> FunctionType:
    """Copy a function so that its global names point at compiled functions."""
    namespace = dict(function.__globals__)
    for name, called in called_by(function).items():
        if called not in done:
            done[called] = jit(called)
        namespace[name] = done[called]
    copy = FunctionType(
        function.__code__, namespace, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__module__, copy.__qualname__ = function.__module__, function.__qualname__
    return copy


def _merged(function: FunctionType) -> set[FunctionType]:
    """Find functions that are called from one place and not too long: their code goes where they are called.

    That saves the calls, most of which pass many arguments; but the time that compiling takes grows
    faster than the length of a function.
    """
    places: Counter[FunctionType] = Counter()
    callees: dict[FunctionType, list[FunctionType]] = {}
    _count_calls(function, places, callees)
    merged: set[FunctionType] = set()
    lengths: dict[FunctionType, int] = {}
    for part in callees:  # callees stand before their callers
        # A function that is called from many places stays as short as it is written.
        once = [called for called in callees[part] if places[called] == 1] if places[part] <= 1 else []
        inside = [called for called in once if lengths[called] <= LONGEST_MERGED]
        lengths[part] = len(list(dis.get_instructions(part))) + sum(lengths[called] for called in inside)
        merged.update(inside)
    return merged


def _count_calls(
    function: FunctionType, places: Counter[FunctionType], callees: dict[FunctionType, list[FunctionType]]
) -> None:
    """Count the places from which each function is called, deepest callees first."""
    called = called_by(function)
    names = [
        str(step.argval) for step in dis.get_instructions(function.__code__) if step.opname == "LOAD_GLOBAL"
    ]
    found = [called[name] for name in names if name in called]
    for part in found:
        places[part] += 1
        if part not in callees:
            _count_calls(part, places, callees)
    callees[function] = found
