"""Memory that a process has freed, kept for its next arrays."""

import os
import sys
from contextlib import suppress
from types import MappingProxyType

__all__ = ["KEPT", "keep_freed_memory"]

KEPT = MappingProxyType({"MALLOC_TRIM_THRESHOLD_": 2**28, "MALLOC_MMAP_THRESHOLD_": 2**25})
"""Bytes of free memory, and of one array, from which on they are given back to the system, by the names that
glibc gives them in the environment."""

_PARAMETERS = MappingProxyType({"MALLOC_TRIM_THRESHOLD_": -1, "MALLOC_MMAP_THRESHOLD_": -3})
"""Their numbers in glibc's malloc.h."""


def keep_freed_memory() -> None:
    """Have this process keep freed memory up to `KEPT`, where its C library is glibc.

    Otherwise the memory of each array goes back to the system, which clears it before it gives it out anew:
    that takes a tenth of a long run. What the environment says goes first.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for name, size in KEPT.items():
            if name not in os.environ:
                mallopt(_PARAMETERS[name], size)
