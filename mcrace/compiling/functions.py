"""Compile plain scalar functions once, and keep the machine code on disk between runs.

The functions stay plain Python, so that they can be read, tested and covered without a compiler.
`compiled` makes a copy of a function in which every mcrace function that it calls is compiled too.
The code on disk lies in a folder named after the byte code of all of them: an edit in any file finds
no stale code, whatever the time stamps say.
"""

from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from types import FunctionType
from typing import Any

from mcrace.compiling.native import layouts_of, loaded, text_of
from mcrace.compiling.parts import fingerprint, plain_function
from mcrace.compiling.shelf import keep_code, kept_code, shelf_of

__all__ = ["compiled"]

_ONE_AT_A_TIME = Lock()


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function and all mcrace functions it calls, without holding Python's lock.

    Parameters
    ----------
    function : callable
        A plain function in the part of Python that Numba compiles.

    Returns
    -------
    callable
        The compiled function, of arrays, whole and real numbers. Its machine code is kept in the user's cache
        folder, or in ``NUMBA_CACHE_DIR`` if that is set; where it cannot be written it is made anew each
        time.

    Examples
    --------
    >>> def double(x: float) -> float:
    ...     return 2.0 * x
    >>> compiled(double)(1.5)
    3.0
    """
    found = _COMPILED.get(function)
    if found is None:
        with _ONE_AT_A_TIME:
            found = _COMPILED.setdefault(function, _Compiled(plain_function(function)))
    return found


class _Compiled:
    """A function that is compiled, or found on disk, for the numbers that it is first called with."""

    def __init__(self, plain: FunctionType) -> None:
        self._plain = plain
        self._for: dict[tuple[Hashable, ...], Callable[..., Any]] = {}

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - as the function takes and returns
        layouts = layouts_of(arguments)
        code = self._for.get(layouts)
        if code is None:
            # Threads that start together would all compile, or load, what one of them can give to all.
            with _ONE_AT_A_TIME:
                code = self._for.get(layouts)
                if code is None:
                    code = self._for[layouts] = _machine_code(self._plain, layouts, arguments)
        return code(*arguments)


_COMPILED: dict[Callable[..., Any], _Compiled] = {}


def _machine_code(
    plain: FunctionType, layouts: tuple[Any, ...], arguments: tuple[Any, ...]
) -> Callable[..., Any]:
    """Take a function's machine code from disk, or make it and keep it there."""
    folder = shelf_of(fingerprint(plain)) if Path(plain.__code__.co_filename).is_file() else None
    words = "; ".join(map(text_of, layouts))
    kept = None if folder is None else kept_code(folder, words)
    found = None if kept is None else loaded(kept, layouts)
    if found is not None:
        return found
    # Loaded only here: Numba takes longer to load than the baseline's draws to compute.
    from mcrace.compiling.numba_code import machine_code_of, numba_function

    made = machine_code_of(plain, arguments, layouts)
    found = None if made is None else loaded(made, layouts)
    if made is None or found is None:
        return numba_function(plain)
    if folder is not None:
        keep_code(folder, words, made)
    return found
