"""One file that holds a whole run: a zip with RO-Crate metadata, the same bytes for the same run."""

import io
import json
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mcrace.engine.files import file_hash
from mcrace.engine.folder import read_manifest
from mcrace.errors import RunError

__all__ = ["METADATA", "bundle", "unpack_bundle"]

METADATA: Final = "ro-crate-metadata.json"

_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
_MOST_FILES: Final = 10_000
_MOST_BYTES: Final = 4 * 2**30
_SMALL: Final = 50 * 2**20
_MOST_PACKED: Final = 100
_TYPES: Final[Mapping[str, str]] = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}


def bundle(folder: Path) -> bytes:
    """Pack a finished run.

    Parameters
    ----------
    folder : Path
        The run's folder.

    Returns
    -------
    bytes
        A zip of its manifest and of every file that the manifest names, with ``ro-crate-metadata.json``;
        ``report.html`` opens by itself once it is unpacked. Times and permissions are left out, so that the
        same run gives the same bytes.

    Raises
    ------
    RunError
        If there is no finished run, or a file is not as the run wrote it.

    References
    ----------
    RO-Crate Metadata Specification 1.1, doi:10.5281/zenodo.4541002.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError(f"{folder} holds no finished run: no manifest.json that can be read")
    for name, expected in manifest["files"].items():
        if file_hash(folder / name) != expected:
            raise RunError(
                f"{folder / name} is not as the run wrote it: run the study again, or mcrace report"
            )
    names = ["manifest.json", *sorted(manifest["files"])]
    contents = {name: (folder / name).read_bytes() for name in names}
    contents[METADATA] = _metadata(manifest, contents)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system = 3  # the same on every system
            archive.writestr(entry, contents[name])
    return buffer.getvalue()


def unpack_bundle(file: Path, target: Path) -> None:
    """Unpack a bundle into a folder, and nowhere else.

    Parameters
    ----------
    file : Path
        The zip.
    target : Path
        An empty folder.

    Raises
    ------
    RunError
        If it is no bundle, names a path outside of the folder, holds links, or is larger than any run.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check(file, entries)
            left = _MOST_BYTES
            for entry in entries:
                path = target / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                left -= _copied(archive, entry, path, left, file)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise RunError(f"{file} is no bundle: {error}") from None


def _check(file: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise RunError(f"{file} is no bundle of a run: more than {_MOST_FILES:,} files or 4 GiB")
    packed = sum(entry.compress_size for entry in entries) <= file.stat().st_size  # else pieces overlap
    if not packed or any(e.file_size > max(_SMALL, _MOST_PACKED * e.compress_size) for e in entries):
        raise RunError(f"{file} is no bundle of a run: no run's files can be packed as tightly as its are")
    seen = set()
    for entry in entries:
        path = PurePosixPath(entry.filename)
        mode = entry.external_attr >> 16
        odd = "\\" in entry.filename or "\0" in entry.filename or ":" in entry.filename
        outside = path.is_absolute() or ".." in path.parts or not path.parts or odd
        if outside or entry.is_dir() or (mode and not stat.S_ISREG(mode)) or entry.flag_bits & 1:
            raise RunError(f"{file} is no bundle of a run: it holds {entry.filename!r}")
        if path in seen:
            raise RunError(f"{file} is no bundle of a run: it holds {entry.filename!r} twice")
        seen.add(path)


def _copied(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int, file: Path) -> int:
    """Copy one file in pieces: what a header says of its size need not be true."""
    written = 0
    with archive.open(entry) as source, path.open("wb") as copy:
        while piece := source.read(2**20):
            written += len(piece)
            if written > min(left, entry.file_size):
                raise RunError(f"{file} is no bundle of a run: {entry.filename!r} is larger than it says")
            copy.write(piece)
    return written


def _metadata(manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> bytes:
    """Describe the bundle as RO-Crate does."""
    files = [
        {
            "@id": name,
            "@type": "File",
            "name": name,
            "contentSize": str(len(data)),
            "encodingFormat": _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream"),
        }
        for name, data in sorted(contents.items())
    ]
    graph = [*_described(manifest, sorted(contents)), *files]
    record = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return (json.dumps(record, indent=1) + "\n").encode()


def _described(manifest: Mapping[str, Any], names: list[str]) -> list[dict[str, Any]]:
    """Say what the crate is of, and what made it."""
    about = f"A run of the mcrace study {manifest['study']}, digest {manifest['digest']}"
    return [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": f"mcrace run {manifest['study']} {manifest['digest'][:12]}",
            "description": f"{about}; study.yaml makes it again with mcrace {manifest['written_by']}.",
            "identifier": manifest["digest"],
            "hasPart": [{"@id": name} for name in names],
            "mentions": {"@id": "#run"},
        },
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"mcrace run study.yaml, {manifest['method']}, seed {manifest['seed']}",
            "instrument": {"@id": "#mcrace"},
            "object": {"@id": "study.yaml"},
            "result": [{"@id": name} for name in sorted(manifest["files"]) if name != "study.yaml"],
        },
        {
            "@id": "#mcrace",
            "@type": "SoftwareApplication",
            "name": "mcrace",
            "softwareVersion": manifest["versions"].get("mcrace", manifest["written_by"]),
        },
    ]
