"""What computed a run's numbers, as far as their last bits may hang on it."""

import os
import platform
from importlib.metadata import version

__all__ = ["processor", "versions"]

_LIBRARIES = ("numpy", "scipy", "numba", "pandas")

_SETTINGS = ("NPY_DISABLE_CPU_FEATURES", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")


def versions() -> dict[str, str]:
    """Name the versions of mcrace, Python and the libraries that compute.

    Returns
    -------
    dict of str to str
        Name to version.
    """
    from mcrace import __version__

    libraries = {name: version(name) for name in _LIBRARIES}
    return {"mcrace": __version__, "python": platform.python_version(), **libraries}


def processor() -> str:
    """Name what of the processor the last bits may hang on.

    Returns
    -------
    str
        Its feature level; the kernels that numpy's linear algebra, which the analyses use, has chosen for
        it; and variables of the environment that make a library take other paths.
    """
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    levels = [name for name in ("avx512f", "avx2", "fma", "sse4.2", "neon") if features.get(name, False)]
    told = [f"{name}={os.environ[name]}" for name in _SETTINGS if os.environ.get(name)]
    return ", ".join([f"{platform.machine()} {' '.join(levels)}".strip(), *_kernels(), *told])


def _kernels() -> list[str]:
    """Name the kernels of numpy's linear algebra, where its library tells."""
    import numpy as np
    from threadpoolctl import threadpool_info

    home = os.path.dirname(os.path.dirname(np.__file__))
    found = {
        f"{library['internal_api']} {library['architecture']}"
        for library in threadpool_info()
        if library.get("architecture") and "numpy" in os.path.relpath(library["filepath"], home)
    }
    return sorted(found)
