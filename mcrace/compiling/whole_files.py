"""Files in the user's cache folder: whole and unchanged, or not taken."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

__all__ = ["cache_folder", "keep_whole", "kept_whole"]

_DIGEST = 32
"""Bytes of the checksum at a file's beginning."""


def cache_folder(kind: str, fingerprint: str) -> Path | None:
    """Find the folder for what is kept between processes.

    Parameters
    ----------
    kind : str
        What is kept there.
    fingerprint : str
        Of all that it was made with.

    Returns
    -------
    Path or None
        In the user's cache folder, or in ``NUMBA_CACHE_DIR`` if that is set; None if it cannot be written.
    """
    import platformdirs

    own = os.environ.get("NUMBA_CACHE_DIR")
    root = Path(own) if own else Path(platformdirs.user_cache_dir("mcrace", appauthor=False))
    folder = root / kind / fingerprint
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def kept_whole(file: Path) -> bytes | None:
    """Read what `keep_whole` wrote.

    Parameters
    ----------
    file : Path
        Where it was written.

    Returns
    -------
    bytes or None
        None if there is no such file, or it is not as it was written.
    """
    try:
        content = file.read_bytes()
    except OSError:
        return None
    data = content[_DIGEST:]
    return data if hashlib.sha256(data).digest() == content[:_DIGEST] else None


def keep_whole(file: Path, data: bytes) -> None:
    """Write a file, whole or not at all; a disk that takes no more is no reason to stop.

    Parameters
    ----------
    file : Path
        In a folder from `cache_folder`.
    data : bytes
        What `kept_whole` is to read.
    """
    part = file.with_name(f"{os.urandom(8).hex()}.part")
    with suppress(OSError):
        try:
            part.write_bytes(hashlib.sha256(data).digest() + data)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
