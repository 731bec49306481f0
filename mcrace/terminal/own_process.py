"""Settings of a process that a command has to itself: less at its start, less garbage collection."""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

from mcrace.engine.heap import keep_freed_memory

__all__ = ["lighten_process"]

# `from numpy import *`, which SciPy does at its start, would load them, a tenth of a second, for nothing.
_POSTPONED = frozenset({"numpy.f2py", "numpy.testing"})


def lighten_process() -> None:
    """Make this process start, run and end faster, and hold; for one that does nothing but a command of ours.

    The default looks for garbage all the time, a tenth of a run, and once more at the end, half a second:
    what is left then goes with the process. Pydantic would look for plugins in every
    package that is installed. Parts of NumPy that nothing here uses are loaded when they are first touched.
    The linear algebra of NumPy and of SciPy would start a thread for each core, which wait by spinning; our
    matrices are small.
    """
    _open_streams()
    keep_freed_memory()
    gc.set_threshold(100_000, 20, 100)
    atexit.register(gc.freeze)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if "OMP_NUM_THREADS" not in os.environ:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if _Postponing not in sys.meta_path:
        sys.meta_path.insert(0, _Postponing)


def _open_streams() -> None:
    """Give a process that was started with closed streams (``mcrace ... >&-``) ones that lead nowhere.

    Else the next file that is opened takes the number of a closed stream, and is written into.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.fstat(number)
                continue
            place = os.open(os.devnull, os.O_RDWR)
            if place != number:
                os.dup2(place, number)
                os.close(place)
            setattr(sys, name, open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115


class _Postponing:
    """Finds modules that are to be loaded when they are first used."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _POSTPONED:
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is not None and found.loader is not None:
            found.loader = LazyLoader(found.loader)
        return found
