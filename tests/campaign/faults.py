"""Commands in one process, with the disk, the memory or the clock failing at a chosen moment."""

import contextlib
import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mcrace.cli import main
from mcrace.engine import files

__all__ = ["Failing", "command", "contents", "failing_disk"]


def command(*words: str) -> tuple[int, str]:
    """Run a command; give its exit code and what it said of what went wrong."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = main(list(words))
    assert "Traceback" not in said.getvalue()
    return code, said.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the manifests, which tell how long a run took, and links."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json" and "latest" not in path.relative_to(folder).parts
    }


class Failing:
    """Counts the steps of writing, and fails at one of them."""

    def __init__(self, at: int, number: int) -> None:
        self.steps = 0
        self._at = at
        self._number = number

    def step(self) -> None:
        self.steps += 1
        if self.steps == self._at:
            raise OSError(self._number, os.strerror(self._number))

    def failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.step()
            return real(*arguments, **options)

        return call


@contextlib.contextmanager
def failing_disk(at: int, number: int = errno.ENOSPC) -> Iterator[Failing]:
    """Fail at the so-manieth step of writing files whole: opening, flushing, renaming."""
    disk = Failing(at, number)
    with pytest.MonkeyPatch.context() as patch:
        real_open, real_replace = Path.open, Path.replace

        def opened(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if "w" in mode and path.name.endswith(".tmp"):
                disk.step()
            return real_open(path, mode, *arguments, **options)

        def replaced(path: Path, target: Path) -> Path:
            if path.name.endswith(".tmp") and not path.is_symlink():
                disk.step()
            return real_replace(path, target)

        patch.setattr(Path, "open", opened)
        patch.setattr(Path, "replace", replaced)
        patch.setattr(files.os, "fsync", disk.failing(os.fsync))
        yield disk
