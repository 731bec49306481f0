"""Compile plain scalar functions once, and keep the machine code on disk between runs.

The functions stay plain Python, so that they can be read, tested and covered without a compiler.
`compiled` makes a copy of a function in which every mcrace function that it calls is compiled too.
The code on disk lies in a folder named after the byte code of all of them: an edit in any file finds
no stale code, whatever the time stamps say.
"""

import dis
import functools
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any

import numpy as np

from mcrace.compiling import elementary, primitives, scalars

__all__ = ["compiled", "fingerprint"]

_PACKAGE = __name__.partition(".")[0]

_COMPILED_AS = MappingProxyType(
    {getattr(scalars, name): getattr(elementary, name) for name in scalars.__all__}
)
"""Functions that are others when compiled."""

_ONE_AT_A_TIME = Lock()

_OPTIONS = MappingProxyType({"nogil": True, "error_model": "numpy", "_nrt": False})
"""No lock held; division as in IEEE 754 and NumPy, without a test for zero in the inner loops; no
reference counts, since compiled functions are handed every array and make none (they halve the speed)."""

_INNER = MappingProxyType({"no_cpython_wrapper": True, "no_cfunc_wrapper": True})
"""For functions that only compiled code calls: no way in from Python."""

_LONGEST_MERGED = 700
"""Instructions of byte code up to which a function is merged into its only caller."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function and all mcrace functions it calls, without holding Python's lock.

    Parameters
    ----------
    function : callable
        A plain function in the part of Python that Numba compiles.

    Returns
    -------
    callable
        The compiled function. Its machine code is kept in the user's cache folder, or in
        ``NUMBA_CACHE_DIR`` if that is set; where neither can be written it is made anew each time.

    Examples
    --------
    >>> def double(x: float) -> float:
    ...     return 2.0 * x
    >>> compiled(double)(1.5)
    3.0
    """
    # Workers that start together would all compile, or load, what one of them can give to all.
    with _ONE_AT_A_TIME:
        return _compiled(function)


@functools.cache
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import numba

    plain = _plain(function)
    folder = _cache_folder(fingerprint(plain)) if Path(plain.__code__.co_filename).is_file() else None
    with _cache_in(folder):
        # Only the outermost function is kept on disk; its code holds what it calls.
        njit: Any = numba.njit  # its stubs know only public options
        merged = _merged(plain)

        def inner(part: FunctionType) -> Any:  # noqa: ANN401 - Numba's dispatcher
            return njit(**_OPTIONS, **_INNER, inline="always" if part in merged else "never")(
                _linked_copy(part, done, inner)
            )

        done: dict[Callable[..., Any], Any] = dict(primitives.twins())
        linked = _linked_copy(plain, done, inner)
        outermost: Callable[..., Any] = njit(**_OPTIONS, cache=folder is not None)(linked)
        return outermost


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
    >>> len(fingerprint(compiled))
    16
    """
    import numba

    digest = hashlib.sha256(f"{sys.version} {numba.__version__} {dict(_OPTIONS)} {_LONGEST_MERGED}".encode())
    digest.update(Path(primitives.__file__).read_bytes())
    for part in _parts(_plain(function), set()):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


def _plain(function: Callable[..., Any]) -> FunctionType:
    if not isinstance(function, FunctionType):
        raise TypeError(f"only a plain Python function can be compiled, not {function!r}")
    return function


def _called(function: FunctionType) -> dict[str, FunctionType]:
    """Mcrace functions among the globals that a function names."""
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
    called = _called(function)
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


def _linked_copy(
    function: FunctionType, done: dict[Callable[..., Any], Any], jit: Callable[[FunctionType], Any]
) -> FunctionType:
    """Copy a function so that its global names point at compiled functions."""
    namespace = dict(function.__globals__)
    for name, called in _called(function).items():
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
        inside = [called for called in once if lengths[called] <= _LONGEST_MERGED]
        lengths[part] = len(list(dis.get_instructions(part))) + sum(lengths[called] for called in inside)
        merged.update(inside)
    return merged


def _count_calls(
    function: FunctionType, places: Counter[FunctionType], callees: dict[FunctionType, list[FunctionType]]
) -> None:
    """Count the places from which each function is called, deepest callees first."""
    called = _called(function)
    names = [
        str(step.argval) for step in dis.get_instructions(function.__code__) if step.opname == "LOAD_GLOBAL"
    ]
    found = [called[name] for name in names if name in called]
    for part in found:
        places[part] += 1
        if part not in callees:
            _count_calls(part, places, callees)
    callees[function] = found


def _cache_folder(name: str) -> Path | None:
    """Folder for the machine code; None if none can be written."""
    import platformdirs

    own = os.environ.get("NUMBA_CACHE_DIR")
    roots = [Path(own)] if own else [Path(platformdirs.user_cache_dir("mcrace", appauthor=False))]
    for root in roots:
        folder = root / "compiled" / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


@contextmanager
def _cache_in(folder: Path | None) -> Iterator[None]:
    """Let functions that are decorated inside keep their code in the folder.

    Numba reads the setting when a function is decorated; it is put back at once, so that other
    users of Numba in the same process keep their own.
    """
    import numba

    config: Any = numba.core.config

    before = config.CACHE_DIR
    config.CACHE_DIR = before if folder is None else str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before
