"""A run's folder: where it is, what stands in it, whether it is finished, and how to open it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.engine.block import input_names
from mcrace.engine.files import file_hash, point_latest, write_whole
from mcrace.engine.manifest import FORMAT, read_manifest
from mcrace.engine.parquet import parquet_bytes, read_parquet
from mcrace.engine.result import Result, RunFacts, Statistics
from mcrace.errors import RunError
from mcrace.nomenclature import OUTPUTS
from mcrace.study.data import FOLDER
from mcrace.study.write import study_yaml

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.study import Study

__all__ = [
    "FORMAT",
    "FolderState",
    "finished_folder",
    "finished_parts",
    "number_files",
    "open_run",
    "read_manifest",
    "run_folder",
    "stored_numbers",
    "stored_study",
    "write_manifest",
]

_NUMBERS = ("draws.parquet", "replicates.parquet")
_MOST_STATISTICS = 100
"""More than there are of an output."""


def run_folder(study: "Study", out: str | Path) -> Path:
    """Name the folder of a study's run.

    Parameters
    ----------
    study : Study
        What is run.
    out : str or Path
        Folder of all outputs.

    Returns
    -------
    Path
        ``out/<study>/<first 12 of the digest>``.
    """
    return Path(out) / study.name / study.digest[:12]


def number_files(result: Result) -> dict[str, bytes]:
    """Give the files that hold what a run computed: study, data files, kept draws, replicate statistics.

    Parameters
    ----------
    result : Result
        A run.

    Returns
    -------
    dict of str to bytes
        Name to content.
    """
    return {
        "study.yaml": study_yaml(result.study.document).encode(),
        **{name: file.content.tobytes() for name, file in result.study.data.items()},
        "draws.parquet": parquet_bytes(result.draws),
        "replicates.parquet": parquet_bytes(_long(result.statistics)),
    }


def write_manifest(result: Result, folder: Path, files: Mapping[str, str]) -> None:
    """Write the manifest, the mark of a finished run, and let ``latest`` point to its folder.

    Parameters
    ----------
    result : Result
        A run whose other files are all written.
    folder : Path
        The run's folder.
    files : Mapping of str to str
        Name of each file to its SHA-256.
    """
    from mcrace import __version__

    facts, sampling = result.facts, result.study.sampling
    seconds = round(facts.seconds, 3)  # first, so that an opened run is written as it was
    manifest = {
        "format": FORMAT,
        "study": result.study.name,
        "digest": result.study.digest,
        "document": _document_hash(result.study),
        "seed": sampling.seed,
        "method": sampling.method,
        "replicates": result.statistics.replicates,
        "points": result.statistics.points,
        "numerics": facts.numerics,
        "versions": dict(facts.versions),
        "processor": facts.processor,
        "written_by": __version__,
        "execution": {
            "seconds": seconds,
            "evaluations": facts.evaluations,
            "evaluations_per_second": round(facts.evaluations / seconds) if seconds > 0 else None,
            "jobs": facts.jobs,
            "backend": facts.backend,
            "notes": list(facts.notes),
        },
        "files": dict(sorted(files.items())),
    }
    write_whole(folder / "manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
    point_latest(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderState:
    """What of a study's run stands in its folder.

    Attributes
    ----------
    numbers : bool
        The kept draws and statistics are there, whole, and those of this study.
    words : bool
        All other files are there too, made by this version from a study with the same words.
    files : frozenset of str
        Names in the manifest.
    """

    numbers: bool
    words: bool
    files: frozenset[str]


def finished_parts(study: "Study", folder: Path) -> FolderState:
    """Look which parts of a run stand in its folder, whole and up to date.

    Parameters
    ----------
    study : Study
        What would be run.
    folder : Path
        Its folder.

    Returns
    -------
    FolderState
        Every file is held against its hash in the manifest.
    """
    from mcrace import __version__

    manifest = read_manifest(folder)
    _refuse_later(folder, manifest)
    if manifest is None or manifest.get("format") != FORMAT or manifest["digest"] != study.digest:
        return FolderState(numbers=False, words=False, files=frozenset())
    files = manifest["files"]
    whole = {name for name, digest in files.items() if file_hash(folder / name) == digest}
    same_words = manifest["document"] == _document_hash(study)
    same_code = manifest.get("written_by") == __version__
    numbers = whole.issuperset(("study.yaml", *_NUMBERS, *study.data))
    words = numbers and same_words and same_code and len(whole) == len(files)
    return FolderState(numbers=numbers, words=words, files=frozenset(files))


def finished_folder(path: str | Path) -> Path:
    """Find the folder that is meant by the path of a run.

    Parameters
    ----------
    path : str or Path
        The run's folder, or that of its study, which stands for its latest run.

    Returns
    -------
    Path
        With the manifest in it, if there is one.
    """
    folder = Path(path)
    if not (folder / "manifest.json").exists() and (folder / "latest" / "manifest.json").exists():
        folder = folder / "latest"
    _refuse_later(folder, read_manifest(folder))
    return folder


def open_run(path: str | Path, study: "Study | None" = None) -> Result:
    """Open a finished run.

    Parameters
    ----------
    path : str or Path
        The run's folder, such as ``outputs/baseline/latest``; ``outputs/baseline`` stands for its
        latest.
    study : Study, optional
        The study with new words (title, labels, sources) for the same numbers; the run's own copy
        if absent.

    Returns
    -------
    Result
        Equal to that of the run.

    Raises
    ------
    RunError
        If the folder holds no finished run, one of another study, or a file not as it was written.
    """
    folder = finished_folder(path)
    return stored_numbers(folder, stored_study(folder, study))


def stored_study(folder: Path, study: "Study | None" = None) -> "Study":
    """Read the study of a run, if the run's numbers are as they were written.

    Parameters
    ----------
    folder : Path
        A run's folder.
    study : Study, optional
        As `open_run` takes it; returned as it is.

    Returns
    -------
    Study
        Of the same numbers as the run.

    Raises
    ------
    RunError
        As `open_run` raises it.
    """
    from mcrace.study import load

    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError(f"{folder} holds no finished run: no manifest.json that can be read")
    if manifest.get("format") != FORMAT:
        raise RunError(f"{folder} has format {manifest.get('format')}; this mcrace reads format {FORMAT}")
    if study is not None and manifest["digest"] != study.digest:
        raise RunError(f"{folder} holds a run of another study than {study.name} ({study.digest[:12]})")
    copies = [name for name in manifest["files"] if name.startswith(f"{FOLDER}/")]
    for name in ("study.yaml", *_NUMBERS, *copies):
        if manifest["files"].get(name) is None or file_hash(folder / name) != manifest["files"][name]:
            raise RunError(f"{folder / name} is not as the run wrote it: run the study again")
    return load(folder / "study.yaml") if study is None else study


def stored_numbers(folder: Path, study: "Study") -> Result:
    """Read the numbers in a run's folder, whatever their hashes say.

    Parameters
    ----------
    folder : Path
        A run's folder, with a manifest that can be read.
    study : Study
        Whose order of scenarios and inputs they take.

    Returns
    -------
    Result
        As it stands there.

    Raises
    ------
    RunError
        If a file cannot be read, or does not hold the tables of the study.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError(f"{folder} holds no finished run: no manifest.json that can be read")
    try:
        return _stored(folder, study, manifest)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        told = f"{folder} holds no tables of {study.name}: {type(error).__name__}, {error}"
        raise RunError(" ".join(told.split())) from error


def _stored(folder: Path, study: "Study", manifest: Mapping[str, Any]) -> Result:
    execution, sampling = manifest["execution"], study.sampling
    blocks = len(study.scenarios) * (sampling.replicates + 1)
    most = blocks * _MOST_STATISTICS * (len(OUTPUTS) + len(study.quantities))
    statistics = _statistics(read_parquet(folder / "replicates.parquet", most), manifest["points"])
    kept = len(study.scenarios) * (sampling.keep + sampling.replicates)
    draws = read_parquet(folder / "draws.parquet", kept)
    return Result(
        study=study,
        draws=_draws_in_order(draws, study, statistics.outputs),
        statistics=_statistics_in_order(statistics, study),
        facts=RunFacts(
            seconds=float(execution["seconds"]),
            evaluations=execution["evaluations"],
            jobs=execution["jobs"],
            backend=execution["backend"],
            versions=dict(manifest["versions"]),
            processor=manifest["processor"],
            numerics=manifest["numerics"],
            notes=tuple(execution.get("notes", ())),
        ),
    )


def _refuse_later(folder: Path, manifest: Mapping[str, Any] | None) -> None:
    """Leave a run alone that a later version laid out in another way, and name that version."""
    from mcrace import __version__

    found, writer = (manifest or {}).get("format"), (manifest or {}).get("written_by")
    if isinstance(found, int) and found > FORMAT and isinstance(writer, str):
        told = f"{folder} has format {found}; this mcrace reads format {FORMAT}: mcrace {writer} wrote it"
        raise RunError(f"{told}, this is {__version__}; install {writer} or a later one")


def _document_hash(study: "Study") -> str:
    return hashlib.sha256(study_yaml(study.document).encode()).hexdigest()


def _long(statistics: Statistics) -> "pd.DataFrame":
    import pandas as pd

    # Replicate -1 stands for all draws together.
    numbers = range(-1, statistics.replicates)
    labels = [statistics.scenarios, statistics.outputs, statistics.names, numbers]
    index = pd.MultiIndex.from_product(labels, names=["scenario", "output", "statistic", "replicate"])
    values = np.concatenate([statistics.pooled[..., np.newaxis], statistics.values], axis=-1)
    columns = {"value": values.ravel()}
    if statistics.brackets is not None:
        bounds = np.full((*values.shape, 2), np.nan)
        bounds[..., 0, :] = statistics.brackets
        columns |= {"bracket_low": bounds[..., 0].ravel(), "bracket_high": bounds[..., 1].ravel()}
    return pd.DataFrame(columns, index=index).reset_index()


def _statistics(table: "pd.DataFrame", points: int) -> Statistics:
    scenarios, outputs, names = (
        tuple(str(label) for label in table[column].unique())
        for column in ("scenario", "output", "statistic")
    )
    shape = (len(scenarios), len(outputs), len(names), -1)
    values = table["value"].to_numpy(dtype=np.float64).reshape(shape)
    brackets = None
    if "bracket_low" in table.columns:
        bounds = table[["bracket_low", "bracket_high"]].to_numpy(dtype=np.float64)
        brackets = bounds.reshape(*values.shape, 2)[..., 0, :]
    return Statistics(
        scenarios=scenarios,
        outputs=outputs,
        names=names,
        pooled=values[..., 0],
        values=values[..., 1:],
        points=points,
        brackets=brackets,
    )


def _statistics_in_order(statistics: Statistics, study: "Study") -> Statistics:
    """Order scenarios as the study does: their order in the file is no part of the digest."""
    names = tuple(scenario.name for scenario in study.scenarios)
    rows = [statistics.scenarios.index(name) for name in names]
    return replace(
        statistics,
        scenarios=names,
        pooled=statistics.pooled[rows],
        values=statistics.values[rows],
        brackets=None if statistics.brackets is None else statistics.brackets[rows],
    )


def _draws_in_order(draws: "pd.DataFrame", study: "Study", outputs: tuple[str, ...]) -> "pd.DataFrame":
    """Order scenarios and inputs as the study does; an older run may lack outputs that are new."""
    import pandas as pd

    parts = [draws[draws["scenario"] == scenario.name] for scenario in study.scenarios]
    columns = ["scenario", "draw", *input_names(study), *outputs]
    return pd.concat(parts, ignore_index=True)[columns]
