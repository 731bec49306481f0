"""Finished runs held against what their studies give: nothing wrong, and everything that can be."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mcrace.cli import main
from mcrace.engine import machine
from mcrace.errors import RunError
from mcrace.report import verify_numbers
from mcrace.report.publish import publish
from mcrace.report.verify import Verification, verify
from tests.small_study import SMALL, exact_study, small_study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return publish(small_study(), out=tmp_path, jobs=1, report=False).folder


def told(found: Verification, kind: str) -> list[str]:
    return [item.name for item in found.differences if item.kind == kind]


def test_an_untouched_run_is_identical(folder: Path) -> None:
    for quick in (True, False):
        found = verify(folder, quick=quick, jobs=1)
        assert (found.verdict, found.differences, found.quick) == ("identical", (), quick)
        assert found.numbers > (100 if quick else 10_000)
    assert verify(folder.parent, quick=True).folder == folder.parent / "latest"


def test_a_run_without_uncertainty_too(tmp_path: Path) -> None:
    assert verify(publish(exact_study(), out=tmp_path, report=False).folder).verdict == "identical"


@pytest.mark.parametrize("quick", [True, False])
def test_one_byte_of_any_file_is_named(folder: Path, quick: bool) -> None:
    for path in sorted(folder.iterdir()):
        if path.name == "manifest.json":
            continue
        before = path.read_bytes()
        middle = len(before) // 2
        path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        found = verify(folder, quick=quick, jobs=1)
        assert found.verdict == "different"
        assert path.name in told(found, "file")
        assert len(told(found, "file")) == 1
        path.write_bytes(before)
    (folder / "summary.csv").unlink()
    (gone,) = (item for item in verify(folder, quick=quick, jobs=1).differences if item.kind == "file")
    assert (gone.name, gone.found) == ("summary.csv", "nothing that can be read")


def test_a_file_of_somebody_else_is_told_and_does_no_harm(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    found = verify(folder, quick=True)
    assert told(found, "file") == ["notes.txt"]
    assert found.verdict == "identical"


def test_one_number_of_the_study_is_told(folder: Path) -> None:
    path = folder / "study.yaml"
    path.write_text(path.read_text().replace("0.4", "0.41"))
    found = verify(folder, jobs=1)
    assert found.verdict == "different"
    assert told(found, "file") == ["study.yaml"]
    assert told(found, "study") == ["digest"]
    assert "base, incentive, mean, all draws" in told(found, "number")
    path.write_text("study: [\n")
    found = verify(folder, quick=True)
    assert "study.yaml" in told(found, "study")


def test_a_number_of_a_table_is_named_with_its_place(folder: Path) -> None:
    path = folder / "summary.csv"
    lines = path.read_text().splitlines()
    cells = lines[1].split(",")
    value = cells[3]
    cells[3] = repr(float(value) * (1 + 1e-3))
    lines[1] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    found = verify(folder, jobs=1)
    (number,) = (item for item in found.differences if item.kind == "number")
    assert number.name == "summary.csv, line 2, value"
    assert (number.found, number.expected) == (value, cells[3])


def test_draws_that_were_edited_are_named(folder: Path) -> None:
    table = pd.read_parquet(folder / "draws.parquet")
    row = int(np.flatnonzero(table["scenario"] == "early")[3])
    table.loc[row, "incentive"] *= 1 + 1e-6
    table.to_parquet(folder / "draws.parquet")
    found = verify(folder, jobs=1)
    assert f"early, draw {table.loc[row, 'draw']}, incentive" in told(found, "number")
    assert found.verdict == "different"


def test_rounding_is_equal_and_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = verify_numbers.stored_numbers

    def nudged(*arguments: Any) -> Any:
        stored = real(*arguments)
        stored.statistics.pooled[...] *= 1 + 4e-16
        return stored

    monkeypatch.setattr(verify_numbers, "stored_numbers", nudged)
    found = verify(folder, jobs=1)
    assert found.verdict == "equal"
    assert all(not item.matters for item in found.differences)
    assert told(found, "number")[-1] == "numbers of this kind"


def test_a_version_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {**machine.versions(), "numpy": "99.1"}
    monkeypatch.setattr(machine, "versions", lambda: versions)
    found = verify(folder, quick=True)
    (version,) = found.differences
    assert (version.kind, version.name, version.found) == ("version", "numpy", "99.1")
    assert found.verdict == "identical"


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="holds no finished run"):
        verify(tmp_path)


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(folder), "--quick"]) == 0
    assert "identical" in capsys.readouterr().out
    (folder / "contrasts.csv").write_text("scenario\n")
    assert main(["verify", str(folder), "--quick"]) == 1
    text = capsys.readouterr().out
    assert "DIFFERENT" in text
    assert "contrasts.csv: found" in text
    assert main(["verify", str(folder), "--quick", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert (record["verdict"], record["differences"][0]["kind"]) == ("different", "file")
    assert main(["verify", "nowhere"]) == 1


def test_a_report_is_made_anew_without_sampling(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "summary.csv").write_text("gone")
    assert main(["report", str(folder)]) == 0
    assert "report.html" in capsys.readouterr().out
    assert SMALL["title"] in (folder / "report.html").read_text()
    assert verify(folder, quick=True).verdict == "identical"
    assert main(["report", str(folder.parent), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
