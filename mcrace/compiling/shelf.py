"""Machine code kept on disk between processes: whole and unchanged, or not taken."""

import functools
import hashlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from mcrace.compiling.native import MachineCode
from mcrace.compiling.whole_files import cache_folder, keep_whole, kept_whole

__all__ = ["keep_code", "kept_code", "shelf_of"]


def shelf_of(fingerprint: str) -> Path | None:
    """Find the folder for a function's machine code.

    Parameters
    ----------
    fingerprint : str
        Of all that the function is made of.

    Returns
    -------
    Path or None
        As from `cache_folder`.
    """
    return cache_folder("compiled", fingerprint)


def kept_code(folder: Path, layouts: str) -> MachineCode | None:
    """Read what `keep_code` wrote.

    Parameters
    ----------
    folder : Path
        From `shelf_of`.
    layouts : str
        Of the function's arguments.

    Returns
    -------
    MachineCode or None
        None if there is none for these arguments on this processor, or the file is not as it was written.
    """
    data = kept_whole(_file(folder, layouts))
    if data is None:
        return None
    head, _, code = data.partition(b"\n")
    fields = json.loads(head)
    size = fields["entry"]
    parts = {"needs": tuple(fields["needs"]), "entry": code[:size], "code": code[size:]}
    return MachineCode(**fields | parts)


def keep_code(folder: Path, layouts: str, machine_code: MachineCode) -> None:
    """Write machine code to disk, whole or not at all; a disk that takes no more is no reason to stop.

    Parameters
    ----------
    folder, layouts
        As `kept_code` takes them.
    machine_code : MachineCode
        The function.
    """
    fields = asdict(machine_code)
    code = fields.pop("code")
    entry = fields["entry"]
    data = json.dumps(fields | {"entry": len(entry)}).encode() + b"\n" + entry + code
    keep_whole(_file(folder, layouts), data)


def _file(folder: Path, layouts: str) -> Path:
    return folder / f"{hashlib.sha256(f'{_processor()} {layouts}'.encode()).hexdigest()[:16]}.code"


@functools.cache
def _processor() -> str:
    """All that machine code hangs on besides the function: the processor, the compilers, their settings."""
    from importlib.metadata import version

    from llvmlite import binding as llvm

    settings = sorted(
        f"{name}={value}"
        for name, value in os.environ.items()
        if name.startswith(("NUMBA_", "LLVMLITE_")) and name != "NUMBA_CACHE_DIR"
    )
    features = llvm.get_host_cpu_features().flatten()
    compilers = f"{sys.version} {np.__version__} {version('numba')} {version('llvmlite')}"
    return f"{compilers} {llvm.get_process_triple()} {llvm.get_host_cpu_name()} {features} {settings}"
