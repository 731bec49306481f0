"""Runs of earlier versions open in this one; those of a later format are refused, the version named."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import mcrace
from mcrace.cli import main
from mcrace.engine.folder import FORMAT, open_run
from mcrace.errors import RunError
from mcrace.study.digest import NUMERICS
from tests.campaign.old_runs import KEPT, LARGEST, kept_runs, unpacked

ARCHIVES = kept_runs()


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.stem)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return unpacked(request.param, tmp_path / "out")


def test_a_run_of_each_version_is_kept_and_small() -> None:
    assert ARCHIVES
    assert all(path.stat().st_size < LARGEST for path in ARCHIVES)
    assert "python -m tests.campaign.old_runs" in (KEPT / "README.md").read_text(encoding="utf-8")


def test_a_kept_run_opens_as_it_was(folder: Path) -> None:
    result = open_run(folder)
    assert result.statistics.points * result.statistics.replicates == 256
    assert len(result.draws) == 3 * 256
    table = mcrace.summary(result)
    assert np.isfinite(table["value"]).all()
    stored = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["summary"]
    assert [row["value"] for row in stored] == pytest.approx(list(table["value"]), rel=1e-9, abs=1e-300)
    assert [row["statistic"] for row in stored] == list(table["statistic"])


def test_commands_take_a_kept_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(folder)]) == 0
    assert str(folder / "summary.csv") in capsys.readouterr().out
    assert main(["show", str(folder), "--json"]) == 0
    json.loads(capsys.readouterr().out)
    assert main(["log", str(folder.parent)]) == 0
    assert folder.name[:7] in capsys.readouterr().out
    assert main(["compare", str(folder), str(folder), "--out", str(folder.parents[1] / "both")]) == 0
    assert capsys.readouterr().err == ""


def test_verify_finds_a_kept_run_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["verify", str(folder), "--quick", "--json"])
    found = json.loads(capsys.readouterr().out)
    kinds = {item["kind"] for item in found["differences"] if item["matters"]}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["numerics"] == NUMERICS:
        assert (code, kinds) == (0, set())
        assert found["numbers"] > 100
    else:
        assert kinds <= {"number"}  # other numerics may give other numbers; the files are as they were


@pytest.mark.slow
def test_a_page_is_made_of_a_kept_run(folder: Path) -> None:
    before = (folder / "draws.parquet").read_bytes()
    assert main(["report", str(folder), "--quiet"]) == 0
    assert "A run that is kept" in (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "draws.parquet").read_bytes() == before


@pytest.mark.parametrize("command", ["show", "verify", "compare", "report"])
def test_a_later_format_is_refused_and_the_version_named(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    # A later layout may lack any other key.
    path.write_text(json.dumps({"format": FORMAT + 1, "written_by": "99.1", "study": manifest["study"]}))
    with pytest.raises(
        RunError, match=re.escape(f"has format {FORMAT + 1}; this mcrace reads format {FORMAT}")
    ):
        open_run(folder)
    assert main([command, str(folder)]) == 1
    told = capsys.readouterr().err
    assert "mcrace 99.1 wrote it" in told
    assert f"this is {mcrace.__version__}; install 99.1 or a later one" in told
    assert told.count("\n") == 1


def test_a_later_format_is_not_written_over(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study.yaml"
    shutil.copy(folder / "study.yaml", study)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps({**manifest, "format": FORMAT + 1, "written_by": "99.1"})
    path.write_text(text)
    # Where the version at hand would put its own run: under other numerics the digest is another.
    folder = folder.rename(folder.parent / mcrace.load(study).digest[:12])
    path = folder / "manifest.json"
    assert main(["run", str(study), "--out", str(folder.parents[1]), "--no-report", "--quiet"]) == 1
    assert "install 99.1 or a later one" in capsys.readouterr().err
    assert path.read_text() == text


def test_a_folder_of_no_known_format_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "manifest.json"
    for content in ({"format": "two"}, {"format": None}, {"format": -1, "written_by": 5}, {"format": 99}):
        path.write_text(json.dumps(content))
        assert main(["show", str(folder)]) == 1
        told = capsys.readouterr().err
        assert "this mcrace reads format" in told
        assert told.count("\n") == 1
