"""What a function is made of: the mcrace functions that it calls, and the constants of all of them."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np

from mcrace.compiling import elementary, primitives, scalars

__all__ = ["LONGEST_MERGED", "OPTIONS", "called_by", "fingerprint", "plain_function"]

_PACKAGE: Final = __name__.partition(".")[0]

_COMPILED_AS = MappingProxyType(
    {getattr(scalars, name): getattr(elementary, name) for name in scalars.__all__}
)
"""Functions that are others when compiled."""

OPTIONS = MappingProxyType({"nogil": True, "error_model": "numpy", "_nrt": False})
"""No lock held; division as in IEEE 754 and NumPy, without a test for zero in the inner loops; no
reference counts, since compiled functions are handed every array and make none (they halve the speed)."""

LONGEST_MERGED = 700
"""Instructions of byte code up to which a function is merged into its only caller."""


def fingerprint(function: Callable[..., Any]) -> str:
    """Hash the byte code of a function, of all mcrace functions it calls, and their constants.

    Parameters
    ----------
    function : callable
        A plain Python function.

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Examples
    --------
    >>> len(fingerprint(fingerprint))
    16
    """
    from importlib.metadata import version

    digest = hashlib.sha256(f"{sys.version} {version('numba')} {dict(OPTIONS)} {LONGEST_MERGED}".encode())
    digest.update(Path(primitives.__file__).read_bytes())
    for part in _parts(plain_function(function), set()):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


def plain_function(function: Callable[..., Any]) -> FunctionType:
    """Take a function written in Python; nothing else can be compiled.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if not isinstance(function, FunctionType):
        raise TypeError(f"only a plain Python function can be compiled, not {function!r}")
    return function


def called_by(function: FunctionType) -> dict[str, FunctionType]:
    """Find the mcrace functions among the globals that a function names, by the names it gives them."""
    found = {name: function.__globals__.get(name) for name in function.__code__.co_names}
    return {
        name: _COMPILED_AS.get(value, value)
        for name, value in found.items()
        if isinstance(value, FunctionType) and value.__module__.split(".")[0] == _PACKAGE
    }


def _parts(function: FunctionType, seen: set[FunctionType]) -> Iterator[str]:
    if function in seen:
        return
    seen.add(function)
    yield from (function.__module__, function.__qualname__, _code_text(function.__code__))
    called = called_by(function)
    for name in sorted(set(function.__code__.co_names)):
        value = function.__globals__.get(name)
        if name in called:
            yield from _parts(called[name], seen)
        elif isinstance(value, bool | int | float | str | tuple):
            yield f"{name}={value!r}"
        elif isinstance(value, ModuleType) and value.__name__.startswith(f"{_PACKAGE}."):
            numbers = {key: item for key, item in vars(value).items() if isinstance(item, bool | int | float)}
            yield f"{name}={sorted(numbers.items())}"
        elif isinstance(value, np.ndarray):
            yield f"{name}={value.dtype}{value.shape}{value.tobytes().hex()}"


def _code_text(code: CodeType) -> str:
    constants = [_code_text(item) if isinstance(item, CodeType) else repr(item) for item in code.co_consts]
    return f"{code.co_code.hex()} {constants} {code.co_names} {code.co_varnames}"
