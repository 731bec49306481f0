"""The store of finished blocks: what an interrupted run leaves behind for the next one."""

import json
import math
import shutil
import time
import uuid
import warnings
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import RunWarning

__all__ = ["BLOCKS", "PATIENCE", "Store", "clear_blocks"]

BLOCKS = "blocks"
"""Folder of a run's folder in which its finished blocks are."""

_MAGIC = b"mcrace block 1\n"

PATIENCE = 3.0
"""Seconds that a run goes on before it writes: shorter runs are not worth the files."""

_TYPES = ("<f8", "<i8")

Arrays = Mapping[str, NDArray[Any]]


class Store:
    """Finished blocks of one study, each in a file of its own.

    A file starts with a checksum over what it is and what it holds. One that is damaged, cut short or
    another study's, or that another version or kind of processor computed, is not taken: the block is
    computed again. Files are written under another name and then renamed, so that two runs of one study
    do not harm each other: they write the same bits.

    Parameters
    ----------
    folder : Path
        Folder of the blocks; made when the first one is written.
    key : Mapping
        What the bits depend on beside the block's own name: digest, versions, processor.
    """

    def __init__(self, folder: Path, key: Mapping[str, Any]) -> None:
        self._folder = folder
        self._key = json.dumps(key, sort_keys=True)
        self._since = time.monotonic()
        self._waiting: dict[str, Arrays] = {}
        self._closed = False

    def names(self, start: str) -> list[str]:
        """List the blocks whose names start with a text."""
        try:
            found = {path.stem for path in self._folder.glob(f"{start}*.block")}
        except OSError:
            found = set()
        return sorted(found | {name for name in self._waiting if name.startswith(start)})

    def load(self, name: str) -> Arrays | None:
        """Read a block; None if there is none that can be trusted, with a warning if there is another.

        Parameters
        ----------
        name : str
            As it was saved.

        Returns
        -------
        Mapping of str to ndarray, or None
            What was saved.
        """
        if name in self._waiting:
            return self._waiting[name]
        path = self._folder / f"{name}.block"
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            warnings.warn(f"cannot read {path}: {error.strerror or error}", RunWarning, stacklevel=2)
            return None
        header, mark = self._header(name), len(_MAGIC) + 4
        body = memoryview(content)[mark:]
        if content[:mark] != _MAGIC + _checksum(body):
            told = f"{path} is damaged; its draws are computed again"
        elif body[: len(header)] != header:
            told = f"{path} is from another study, version or processor; its draws are computed again"
        else:
            return _unpacked(body[len(header) :])
        warnings.warn(told, RunWarning, stacklevel=2)
        return None

    def save(self, name: str, arrays: Arrays) -> None:
        """Keep a finished block; on disk from the run's first second on.

        Where it cannot be written, the run goes on without, and says so once.

        Parameters
        ----------
        name : str
            Of letters, digits and hyphens.
        arrays : Mapping of str to ndarray
            What to keep.
        """
        if self._closed:
            return
        self._waiting[name] = arrays
        if time.monotonic() - self._since < PATIENCE:
            return
        while self._waiting:
            place, held = self._waiting.popitem()
            try:
                self._write(place, held)
            except OSError as error:
                self._closed = True
                self._waiting.clear()
                told = (
                    f"cannot keep finished blocks in {self._folder}: {error.strerror or error}; the run goes "
                    "on, but if it is interrupted it cannot go on from here"
                )
                warnings.warn(told, RunWarning, stacklevel=2)

    def remove(self, name: str) -> None:
        """Drop a block, there or not."""
        if self._waiting.pop(name, None) is None:
            with suppress(OSError):
                (self._folder / f"{name}.block").unlink(missing_ok=True)

    def _header(self, name: str) -> bytes:
        return f"{name}\n{self._key}\n".encode()

    def _write(self, name: str, arrays: Arrays) -> None:
        body = self._header(name) + _packed(arrays)
        temporary = self._folder / f".{name}.{uuid.uuid4().hex[:8]}.tmp"
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            # Not flushed to the disk itself: a block that a power cut tears is found out by its checksum.
            with temporary.open("wb") as file:
                file.write(_MAGIC + _checksum(body))
                file.write(body)
            temporary.replace(self._folder / f"{name}.block")
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def clear_blocks(folder: Path) -> None:
    """Remove the finished blocks of a run that has ended.

    Parameters
    ----------
    folder : Path
        The run's folder.
    """
    shutil.rmtree(folder / BLOCKS, ignore_errors=True)


def _checksum(body: bytes | memoryview) -> bytes:
    """CRC-32: finds every flipped bit, and is fast enough for what a run writes."""
    return zlib.crc32(body).to_bytes(4, "little")


def _packed(arrays: Arrays) -> bytes:
    """Lay arrays of floats and integers out one after the other, behind a line that says what they are."""
    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    layout = {name: [array.dtype.str, list(array.shape)] for name, array in plain.items()}
    if any(kind not in _TYPES for kind, _ in layout.values()):
        raise TypeError(f"only arrays of {' and '.join(_TYPES)} are kept, not {layout}")
    return b"".join([json.dumps(layout).encode(), b"\n", *(array.tobytes() for array in plain.values())])


def _unpacked(content: memoryview) -> Arrays | None:
    """Read `_packed` bytes; None if they are not, for all that their checksum holds."""
    line = bytes(content[:10_000]).partition(b"\n")[0]
    arrays, place = {}, len(line) + 1
    try:
        for name, (kind, shape) in json.loads(line).items():
            size = 8 * math.prod(shape)
            flat = np.frombuffer(content[place : place + size], dtype=_TYPES[_TYPES.index(kind)])
            arrays[name] = flat.reshape(shape).copy()
            place += size
    except (ValueError, TypeError, AttributeError):
        return None
    return arrays
