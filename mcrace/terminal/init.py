"""The starter study as a file."""

from importlib.resources import files
from pathlib import Path

from mcrace.errors import Fault, RunError, StudyError

__all__ = ["write_starter"]


def write_starter(path: Path) -> None:
    """Write a commented starter study.

    Parameters
    ----------
    path : Path
        Where; never overwritten.

    Raises
    ------
    StudyError
        If there is a file of that name.
    RunError
        If it cannot be written.
    """
    content = files("mcrace.study").joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content.replace("FILE", str(path)))
    except FileExistsError:
        fault = Fault(
            path="",
            file=str(path),
            found="a file of that name",
            expected="a new name: init never overwrites",
        )
        raise StudyError([fault]) from None
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error
