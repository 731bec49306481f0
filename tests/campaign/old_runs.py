"""Runs that earlier versions wrote, kept as they were: this version must open each of them.

``python -m tests.campaign.old_runs`` keeps one of the version that is installed, unless there is one.
"""

import tempfile
import zipfile
from pathlib import Path

KEPT = Path(__file__).parents[1] / "old_runs"
LARGEST = 200_000
"""Bytes of one kept run, at most."""


def kept_runs() -> list[Path]:
    """List the archives of the kept runs, one a version."""
    return sorted(KEPT.glob("*.zip"))


def unpacked(archive: Path, room: Path) -> Path:
    """Unpack a kept run, and give its folder."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(room)
    (manifest,) = room.glob("*/*/manifest.json")
    return manifest.parent


def keep_run() -> Path:
    """Write and pack a run of this version, the same bytes but for its times."""
    from mcrace import __version__

    archive = KEPT / f"{__version__}.zip"
    if archive.exists():
        raise SystemExit(f"{archive} is there: a kept run is never changed")
    with tempfile.TemporaryDirectory() as room, zipfile.ZipFile(archive, "x") as packed:
        folder = write_run(Path(room))
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(room).as_posix(), (2020, 1, 1, 0, 0, 0))
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return archive


def write_run(out: Path) -> Path:
    """Run a small study with every kind of input and all tables."""
    from mcrace.report.publish import publish
    from mcrace.study import Study

    study = Study(
        study="kept",
        title="A run that is kept",
        question="Does it open?",
        inputs={
            "x": {"law": {"lognormal": {"p05": 3e7, "p95": 4e8}}, "unit": "USD", "label": "Open model today"},
            "lead": {"law": {"uniform": [1.6, 20]}, "source": "A guess", "label": "Lead over the open model"},
            "day": {
                "law": {"discrete": {"values": [90, 400, float("inf")], "weights": [2, 2, 1]}},
                "unit": "days",
            },
            "share": 0.5,
        },
        model={
            "horizon_days": 730,
            "discount_rate": 0.1,
            "open": {"current_expense": "x", "releases": [{"day": "day", "expense": "1.3 * x * lead"}]},
            "lab": {"current_expense": "x * lead", "candidate_expense": "4 * x * lead"},
            "value": {"scale": 0.4, "reference": 1e6},
            "customers": {"count": 3e7, "valuation_spread": "share"},
        },
        scenarios={"early": {"inputs.day": 30}, "same": {"model.horizon_days": 730}},
        correlations={"pairs": [["x", "lead", 0.3]]},
        sampling={"draws": 256, "replicates": 4, "seed": 7},
    )
    return publish(study, out=out, jobs=1, report=False).folder


if __name__ == "__main__":
    print(keep_run())
