"""Files that appear whole or not at all."""

import hashlib
import os
import uuid
from pathlib import Path

from mcrace.errors import RunError

__all__ = ["check_writable", "file_hash", "point_latest", "write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part.

    Parameters
    ----------
    path : Path
        The file; its folder is made if need be.
    data : bytes
        The content.

    Raises
    ------
    RunError
        If it cannot be written: what was tried, where and why.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(f"cannot write {path}: {reason}; free the place or name another with --out") from error


def check_writable(folder: Path) -> None:
    """Find out before the work, and without making anything, that a folder cannot be written.

    Parameters
    ----------
    folder : Path
        The folder, whether it exists or not.

    Raises
    ------
    RunError
        If what exists of its path is no folder, or is closed to this user.
    """
    try:
        there = next(path for path in (folder, *folder.absolute().parents) if _is_there(path))
        if not there.is_dir():
            reason = f"{there} is a link that leads nowhere" if there.is_symlink() else f"{there} is a file"
        elif not os.access(there, os.W_OK | os.X_OK):
            reason = f"{there} is read-only"
        else:
            return
    except OSError as error:
        reason = error.strerror or str(error)
    raise RunError(f"cannot write {folder}: {reason}; free the place or name another with --out")


def file_hash(path: Path) -> str | None:
    """Hash a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str or None
        SHA-256 in hexadecimal digits; None if there is no such file, or what is there is no plain file: a
        pipe in its place would never end.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error


def point_latest(folder: Path) -> None:
    """Let ``latest`` beside a run's folder point to it.

    Parameters
    ----------
    folder : Path
        The run's folder. Where links cannot be made, nothing is.
    """
    link = folder.parent / "latest"
    temporary = link.with_name(f".latest.{uuid.uuid4().hex[:8]}.tmp")
    try:
        temporary.symlink_to(folder.name, target_is_directory=True)
        temporary.replace(link)
    except OSError:
        temporary.unlink(missing_ok=True)


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()
