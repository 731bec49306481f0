"""The runs of a study over time: what changed between them, and how the answer moved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcrace.engine.folder import open_run, read_manifest
from mcrace.errors import RunError
from mcrace.figures.estimates import Estimate, estimates_of

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["PastRun", "history", "study_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One run of a study.

    Attributes
    ----------
    folder : Path
        Where it is.
    digest : str
        Of the study.
    written : datetime
        When its manifest was written.
    version : str
        Of the mcrace that computed it.
    draws : int
        A scenario.
    incentive, open_effect : Estimate
        Means of base, in USD.
    changes : tuple of (str, object, object)
        Path, value before and value now, against the run before; ``None`` stands for nothing. Empty for the
        first.
    version_before : str
        Of the run before, if it was another; empty otherwise.
    """

    folder: Path
    digest: str
    written: datetime
    version: str
    draws: int
    incentive: Estimate
    open_effect: Estimate
    changes: tuple[tuple[str, Any, Any], ...]
    version_before: str = ""


def history(folder: str | Path) -> tuple[PastRun, ...]:
    """List the finished runs in a study's folder, the oldest first.

    Parameters
    ----------
    folder : str or Path
        Such as ``outputs/baseline``.

    Returns
    -------
    tuple of PastRun
        Each with what differs from the one before.

    Raises
    ------
    RunError
        If there are none.
    """
    found: list[tuple[float, Path, Result]] = []
    for path in sorted(Path(folder).glob("*")):
        if path.is_symlink() or not path.is_dir() or read_manifest(path) is None:
            continue
        try:
            found.append(((path / "manifest.json").stat().st_mtime, path, open_run(path)))
        except (RunError, OSError):
            continue  # one that was damaged or made by another format is none to compare with
    if not found:
        raise RunError(f"{folder} holds no finished run")
    runs: list[PastRun] = []
    before: Result | None = None
    for seconds, path, result in sorted(found, key=lambda item: (item[0], item[1].name)):
        table, version = estimates_of(result), str(result.facts.versions.get("mcrace", ""))
        old = "" if before is None else str(before.facts.versions.get("mcrace", ""))
        runs.append(
            PastRun(
                folder=path,
                digest=result.digest,
                written=datetime.fromtimestamp(seconds, UTC),
                version=version,
                draws=result.statistics.points * result.statistics.replicates,
                incentive=table.of("base", "incentive", "mean"),
                open_effect=table.of("base", "open_effect", "mean"),
                changes=() if before is None else tuple(study_changes(before, result)),
                version_before=old if old != version else "",
            )
        )
        before = result
    return tuple(runs)


def study_changes(before: "Result", now: "Result") -> Iterator[tuple[str, Any, Any]]:
    """Give what differs between the studies of two runs.

    Parameters
    ----------
    before, now : Result
        Finished runs.

    Yields
    ------
    path, old, new : str, object, object
        ``None`` stands for nothing.
    """
    old, new = (dict(_leaves(result.study.document, "")) for result in (before, now))
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield path, old.get(path), new.get(path)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - nested plain values
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}.{number}")
    else:
        yield path, value
