"""Is a finished run what it says it is? Its files, study, versions, and its numbers computed again."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcrace.engine import machine
from mcrace.engine.files import file_hash
from mcrace.engine.folder import FORMAT, finished_folder, read_manifest
from mcrace.errors import RunError, StudyError
from mcrace.report.verify_numbers import TOLERANCE, Difference, number_differences

if TYPE_CHECKING:
    from mcrace.study import Study

__all__ = ["TOLERANCE", "Difference", "Verification", "verification_record", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of computing a run again.

    Attributes
    ----------
    folder : Path
        The run's.
    verdict : str
        ``identical`` to the bit, ``equal`` within `TOLERANCE`, or ``different``.
    differences : tuple of Difference
        Everything that was found.
    files, numbers : int
        How many were held against the run.
    quick : bool
        Whether only hashes and a sample of the draws were looked at.
    """

    folder: Path
    verdict: str
    differences: tuple[Difference, ...]
    files: int
    numbers: int
    quick: bool


def verify(
    path: str | Path,
    *,
    quick: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Hold a finished run against what its own study gives now.

    Parameters
    ----------
    path : str or Path
        The run's folder, such as ``outputs/baseline/latest``, or a bundle of it.
    quick : bool
        Look at the hashes of the files and at a sample of the kept draws only.
    jobs : int, optional
        Workers.
    progress : callable, optional
        As `mcrace.run` takes it.

    Returns
    -------
    Verification
        With every difference.

    Raises
    ------
    RunError
        If there is no finished run, or one of a format that this version does not read.

    Examples
    --------
    >>> import mcrace, tempfile
    >>> from mcrace.report.publish import publish
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> with tempfile.TemporaryDirectory() as out:
    ...     verify(publish(study, out=out, report=False).folder).verdict
    'identical'
    """
    if Path(path).is_file():
        from mcrace.forecast.bundle import unpack_bundle

        with tempfile.TemporaryDirectory() as room:
            unpack_bundle(Path(path), Path(room))
            unpacked = verify(room, quick=quick, jobs=jobs, progress=progress)
            return replace(unpacked, folder=Path(path))
    folder = finished_folder(path)
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError(f"{folder} holds no finished run: no manifest.json that can be read")
    if manifest.get("format") != FORMAT:
        raise RunError(f"{folder} has format {manifest.get('format')}; this mcrace reads format {FORMAT}")
    differences = [*_files(folder, manifest), *_versions(manifest)]
    study = _study(folder, manifest, differences)
    compared = 0
    if study is not None:
        found = list(number_differences(folder, study, quick=quick, jobs=jobs, progress=progress))
        compared = sum(count for count, _ in found)
        differences += [difference for _, several in found for difference in several]
    return Verification(
        folder=folder,
        verdict=_verdict(differences),
        differences=tuple(differences),
        files=len(manifest["files"]),
        numbers=compared,
        quick=quick,
    )


def _verdict(differences: list[Difference]) -> str:
    if any(difference.matters for difference in differences):
        return "different"
    return "equal" if any(difference.kind == "number" for difference in differences) else "identical"


# --- files, versions, study


def _files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Difference]:
    known = manifest["files"]
    for name, expected in known.items():
        found = file_hash(folder / name)
        if found is None:
            yield Difference(kind="file", name=name, found="nothing that can be read", expected="the file")
        elif found != expected:
            yield Difference(kind="file", name=name, found=found[:12], expected=str(expected)[:12])
    others = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(others - set(known) - {"manifest.json", "ro-crate-metadata.json"}):
        if not name.startswith("blocks/"):
            told = "a file that is none of the run's"
            yield Difference(kind="file", name=name, found=told, expected="nothing", matters=False)


def _versions(manifest: Mapping[str, Any]) -> Iterator[Difference]:
    from mcrace.study.digest import NUMERICS

    now = {**machine.versions(), "processor": machine.processor(), "numerics": NUMERICS}
    then = {**manifest["versions"], "processor": manifest["processor"], "numerics": manifest["numerics"]}
    for name in sorted({*now, *then}):
        if now.get(name) != then.get(name):
            found, expected = (str(versions.get(name, "nothing")) for versions in (now, then))
            yield Difference(kind="version", name=name, found=found, expected=expected, matters=False)


def _study(folder: Path, manifest: Mapping[str, Any], differences: list[Difference]) -> "Study | None":
    from mcrace.study import load

    try:
        if not (folder / "study.yaml").is_file():  # a pipe in its place would never end
            raise FileNotFoundError("nothing that can be read")
        study = load(folder / "study.yaml")
    except (StudyError, OSError) as error:
        told = str(error).splitlines()[0]
        differences.append(
            Difference(kind="study", name="study.yaml", found=told, expected="the study of the run")
        )
        return None
    found = study.digest_under(manifest["numerics"])
    if found != manifest["digest"]:
        differences.append(
            Difference(
                kind="study",
                name="digest",
                found=f"{found[:12]}, of study.yaml as it is",
                expected=f"{manifest['digest'][:12]}, of the study that was run",
            )
        )
    return study


def verification_record(found: Verification) -> dict[str, Any]:
    """Put what was found into a record for JSON.

    Parameters
    ----------
    found : Verification
        Of one run.

    Returns
    -------
    dict
        ``format``, the verdict, what was compared, and every difference.
    """
    return {
        "format": 1,
        "folder": str(found.folder),
        "verdict": found.verdict,
        "files": found.files,
        "numbers": found.numbers,
        "quick": found.quick,
        "differences": [asdict(difference) for difference in found.differences],
    }
