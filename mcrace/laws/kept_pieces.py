"""Pieces kept on disk between processes: to make them is to load SciPy, half as long as to check a study."""

import functools
import hashlib
import json
import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, fields, is_dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from mcrace.compiling.whole_files import cache_folder, keep_whole, kept_whole
from mcrace.laws.pieces import NODES, Exact, Level, Pieces, Scale, pieces_of

__all__ = ["kept_pieces"]

_MOST_FILES: Final = 400
_PACKAGE: Final = "mcrace.laws"


def kept_pieces(law: Exact) -> Pieces:
    """Cut the quantile function of a law into pieces, or read what an earlier process has cut.

    Parameters
    ----------
    law : Exact
        Any law; kept is what one of this package's laws gives, if plain numbers are all that makes it up.

    Returns
    -------
    Pieces
        What `pieces_of` returns, to the bit.

    Examples
    --------
    >>> from mcrace.laws.gamma import Gamma
    >>> kept_pieces(Gamma(4.0, 2.5)).count
    16
    """
    folder, text = _folder(), _text(law)
    if folder is None or text is None:
        return pieces_of(law)
    file = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.pieces"
    data = kept_whole(file)
    if data is not None:
        return _from_bytes(data)
    pieces = pieces_of(law)
    _clear(folder)
    keep_whole(file, _to_bytes(pieces))
    return pieces


@functools.cache
def _folder() -> Path | None:
    """Folder for this package, these libraries and this processor; None if there can be none."""
    package = find_spec("scipy")  # without loading it
    try:
        parts = [Path(package.origin).with_name("version.py")] if package and package.origin else []
        parts += sorted(Path(__file__).parent.glob("*.py"))
        sources = hashlib.sha256(b"".join(file.read_bytes() for file in parts))
    except OSError:
        return None
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    sources.update(f"{np.__version__} {_mathematics()} {platform.machine()} {found}".encode())
    return cache_folder("quantiles", sources.hexdigest()[:24])


def _mathematics() -> str:
    """Name the version of the C library."""
    if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", {}):
        return str(os.confstr("CS_GNU_LIBC_VERSION"))
    return platform.version()  # of the whole system


def _text(law: object) -> str | None:
    """Write a law with all digits; None if it cannot be."""
    if not is_dataclass(law) or not type(law).__module__.startswith(f"{_PACKAGE}."):
        return None
    texts = []
    for field in fields(law):
        value = getattr(law, field.name)
        text = repr(value) if value is None or type(value) in (float, int, bool, str) else _text(value)
        if text is None:
            return None
        texts.append(text)
    return f"{type(law).__qualname__}({', '.join(texts)})"


def _to_bytes(pieces: Pieces) -> bytes:
    sizes = [(len(level.rows), len(level.low)) for level in pieces.levels]
    head = {"count": pieces.count, "scale": asdict(pieces.scale), "sizes": sizes}
    arrays = [
        array for level in pieces.levels for array in (level.rows, *level.coefficients, level.low, level.high)
    ]
    return json.dumps(head).encode() + b"\n" + np.concatenate(arrays).astype(np.float64).tobytes()


def _from_bytes(data: bytes) -> Pieces:
    head, _, numbers = data.partition(b"\n")
    given = json.loads(head)
    levels = tuple(_levels(np.frombuffer(bytearray(numbers)), given["sizes"]))
    return Pieces(given["count"], Scale(**given["scale"]), levels)


def _levels(numbers: np.ndarray, sizes: list[tuple[int, int]]) -> Iterator[Level]:
    start = 0
    for rows, width in sizes:
        middle, end = start + rows, start + rows + (NODES + 2) * width
        *coefficients, low, high = numbers[middle:end].reshape(NODES + 2, width)
        yield Level(numbers[start:middle].astype(np.intp), tuple(coefficients), low, high)
        start = end


def _clear(folder: Path) -> None:
    """Make room: of too many files, remove the older half."""
    with suppress(OSError):
        files = sorted(folder.glob("*.pieces"), key=lambda file: file.stat().st_mtime)
        for file in files[: len(files) // 2] if len(files) >= _MOST_FILES else []:
            file.unlink(missing_ok=True)
