"""What computed a run's numbers, as far as their last bits may hang on it."""

import platform
from importlib.metadata import version

__all__ = ["processor", "versions"]

_LIBRARIES = ("numpy", "scipy", "numba", "pandas")


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
    """Feature level of the processor, on which the last bits may hang."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    levels = [name for name in ("avx512f", "avx2", "fma", "sse4.2", "neon") if features.get(name, False)]
    return f"{platform.machine()} {' '.join(levels)}".strip()
