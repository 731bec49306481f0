"""A run's folder: whole or not at all, found again, mended where it was touched, never sampled twice."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import mcrace
from mcrace.analysis import records
from mcrace.cli import main
from mcrace.engine.files import check_writable, file_hash, write_whole
from mcrace.engine.folder import finished_parts, open_run, run_folder
from mcrace.errors import RunError
from mcrace.report import publish as publishing
from mcrace.report.publish import Published, publish
from mcrace.study import Study
from tests.small_study import SMALL, exact_study, fingerprint, small_study

FROM_DRAWS = {"sensitivity.csv", "thresholds.csv", "value_of_information.csv"}  # where an input is uncertain
TABLES = {
    "study.yaml",
    "draws.parquet",
    "replicates.parquet",
    "summary.csv",
    "summary.json",
    "contrasts.csv",
    "decomposition.csv",
    *FROM_DRAWS,
}


@pytest.fixture
def plain_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small figure and a page of a line, so that no test waits for the drawing."""

    def save_figures(result: mcrace.Result, write: Any, _processes: int) -> tuple[()]:
        for kind in ("svg", "png", "csv"):
            write(f"figures/one.{kind}", f"{kind} {result.study.digest}".encode())
        return ()

    monkeypatch.setattr("mcrace.report.publish.save_figures", save_figures)
    monkeypatch.setattr("mcrace.report.publish.save_analysis_figures", lambda *_: ())
    monkeypatch.setattr("mcrace.report.page.build_report", lambda result, *_: f"<p>{result.study.title}</p>")


def no_sampling(*_: object, **__: object) -> None:
    raise AssertionError("sampled again")


def published(out: Path, study: Study | None = None, *, report: bool = True) -> Published:
    return publish(small_study() if study is None else study, out=out, jobs=1, report=report)


def files_of(folder: Path) -> dict[str, tuple[int, str | None]]:
    """Time of change and hash of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, file_hash(path))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def manifest_of(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return content


# What stands in a folder


@pytest.mark.slow
def test_every_file_of_a_run(tmp_path: Path) -> None:
    folder = published(tmp_path, exact_study()).folder
    assert folder == tmp_path / "exact" / exact_study().digest[:12]
    names = set(files_of(folder))
    assert names >= (TABLES - FROM_DRAWS) | {"manifest.json", "report.html"}
    assert not names & FROM_DRAWS
    figures = {name for name in names if name.startswith("figures/")}
    stems = {name.rsplit(".", 1)[0] for name in figures}
    assert figures == {f"{stem}.{kind}" for stem in stems for kind in ("svg", "png", "csv")}
    assert "figures/distribution_incentive" in stems
    assert names == set(manifest_of(folder)["files"]) | {"manifest.json"}
    assert not published(tmp_path, exact_study()).written


@pytest.mark.usefixtures("plain_report")
def test_manifest(tmp_path: Path) -> None:
    folder = published(tmp_path).folder
    manifest = manifest_of(folder)
    assert manifest["format"] == 1
    assert (manifest["study"], manifest["digest"]) == ("small", small_study().digest)
    assert (manifest["seed"], manifest["method"]) == (7, "sobol")
    assert (manifest["replicates"], manifest["points"]) == (4, 128)
    assert manifest["versions"]["mcrace"] == mcrace.__version__
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["execution"]["evaluations"] == 3 * 512
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert str(tmp_path) not in (folder / "manifest.json").read_text()


def test_latest_points_to_the_newest(tmp_path: Path) -> None:
    for seed in (1, 2):
        folder = published(tmp_path, small_study(sampling={"seed": seed}), report=False).folder
        latest = tmp_path / "small" / "latest"
        assert latest.is_symlink()
        assert os.readlink(latest) == folder.name
        assert open_run(latest).study.sampling.seed == seed


def test_draws_parquet(tmp_path: Path) -> None:
    run = published(tmp_path, exact_study(), report=False)
    table = pq.read_table(run.folder / "draws.parquet").to_pandas()
    assert list(table.columns[:4]) == ["scenario", "draw", "day", "incentive"]
    assert list(table["scenario"]) == ["base", "never"]
    assert table["open_effect"].tolist() == pytest.approx([-212e6 * np.log(3), 0], rel=1e-12)


def test_study_yaml_runs_by_itself(tmp_path: Path) -> None:
    run = published(tmp_path, report=False)
    study = mcrace.load(run.folder / "study.yaml")
    assert study.digest == small_study().digest
    assert fingerprint(mcrace.run(study, jobs=1)) == fingerprint(run.result)
    assert not published(tmp_path, study, report=False).written


def test_tables_are_those_of_the_functions(tmp_path: Path) -> None:
    run = published(tmp_path, report=False)
    for name, table in (("summary", mcrace.summary(run.result)), ("contrasts", mcrace.contrasts(run.result))):
        read = pd.read_csv(run.folder / f"{name}.csv", keep_default_na=False)
        assert list(read["note"]) == list(table["note"])
        rows = json.loads((run.folder / "summary.json").read_text())[name]
        assert [row["value"] for row in rows] == list(table["value"])


# Opening


def test_an_opened_run_is_the_run(tmp_path: Path) -> None:
    run = published(tmp_path, report=False)
    opened = open_run(run.folder)
    pd.testing.assert_frame_equal(opened.draws, run.result.draws, check_exact=True)
    assert fingerprint(opened) == fingerprint(run.result)
    for function in (mcrace.summary, mcrace.contrasts):
        pd.testing.assert_frame_equal(function(opened), function(run.result), check_exact=True)
    assert opened.study.document == run.result.study.document
    assert opened.facts.evaluations == run.result.facts.evaluations


def test_an_opened_run_takes_the_order_of_its_study(tmp_path: Path) -> None:
    published(tmp_path, report=False)
    turned = small_study(
        scenarios=dict(reversed(SMALL["scenarios"].items())), inputs=dict(reversed(SMALL["inputs"].items()))
    )
    assert turned.digest == small_study().digest
    found = published(tmp_path, turned, report=False)
    assert not found.computed
    assert fingerprint(found.result) == fingerprint(mcrace.run(turned, jobs=1))
    assert fingerprint(open_run(found.folder)) == fingerprint(found.result)


def break_nothing_there(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def break_manifest(folder: Path) -> None:
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text[: len(text) // 2])


def break_format(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({"format": 99}))


def break_draws(folder: Path) -> None:
    content = bytearray((folder / "draws.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "draws.parquet").write_bytes(content)


def break_statistics(folder: Path) -> None:
    (folder / "replicates.parquet").unlink()


def break_shape(folder: Path) -> None:
    manifest = manifest_of(folder)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "files": ["draws.parquet"]}))


def break_execution(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({**manifest_of(folder), "execution": {}}))


def break_list_of_files(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({**manifest_of(folder), "files": {}}))


BREAKS = {
    break_nothing_there: "no finished run",
    break_manifest: "no finished run",
    break_format: "has format 99; this mcrace reads format 1",
    break_draws: r"draws\.parquet is not as the run wrote it",
    break_statistics: r"replicates\.parquet is not as the run wrote it",
    break_shape: "no finished run",
    break_execution: "no finished run",
    break_list_of_files: r"study\.yaml is not as the run wrote it",
}


@pytest.mark.parametrize("harm", BREAKS, ids=lambda harm: harm.__name__)
def test_a_broken_run_is_refused_and_mended(
    harm: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = published(tmp_path, report=False)
    hashes = {name: digest for name, (_, digest) in files_of(run.folder).items() if name != "manifest.json"}
    harm(run.folder)
    with pytest.raises(RunError, match=BREAKS[harm]):
        open_run(run.folder)
    assert main(["show", str(run.folder)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    again = published(tmp_path, report=False)
    assert again.computed
    assert fingerprint(open_run(run.folder)) == fingerprint(run.result)
    mended = files_of(run.folder)
    assert {name: mended[name][1] for name in hashes} == hashes


def test_no_run_at_all(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="holds no finished run"):
        open_run(tmp_path / "nowhere")


def test_a_run_of_another_study_is_refused(tmp_path: Path) -> None:
    folder = published(tmp_path, report=False).folder
    with pytest.raises(RunError, match="holds a run of another study than exact"):
        open_run(folder, exact_study())


# Running again


@pytest.mark.usefixtures("plain_report")
def test_a_finished_run_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = published(tmp_path)
    before = files_of(tmp_path)
    monkeypatch.setattr(publishing, "run", no_sampling)
    again = published(tmp_path)
    assert (again.computed, again.written) == (False, False)
    assert (again.folder, fingerprint(again.result)) == (first.folder, fingerprint(first.result))
    assert files_of(tmp_path) == before
    published(tmp_path, report=False)
    assert files_of(tmp_path) == before


@pytest.mark.usefixtures("plain_report")
def test_new_words_are_written_without_sampling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = published(tmp_path)
    monkeypatch.setattr(publishing, "run", no_sampling)
    again = published(tmp_path, small_study(title="Another title"))
    assert (again.computed, again.written, again.folder) == (False, True, first.folder)
    assert (first.folder / "report.html").read_text() == "<p>Another title</p>"
    assert open_run(first.folder).study.title == "Another title"
    assert fingerprint(again.result) == fingerprint(first.result)


@pytest.mark.usefixtures("plain_report")
def test_a_report_with_old_words_does_not_stay(tmp_path: Path) -> None:
    folder = published(tmp_path).folder
    (folder / "notes.txt").write_text("mine")
    published(tmp_path, small_study(title="Another title"), report=False)
    assert set(files_of(folder)) == TABLES | {"manifest.json", "notes.txt"}


@pytest.mark.usefixtures("plain_report")
@pytest.mark.parametrize("name", ["report.html", "figures/one.png", "summary.csv", "contrasts.csv"])
@pytest.mark.parametrize("harm", ["delete", "alter"])
def test_what_is_made_from_the_numbers_is_made_again(
    name: str, harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = published(tmp_path).folder
    before = {name: digest for name, (_, digest) in files_of(folder).items()}
    if harm == "delete":
        (folder / name).unlink()
    else:
        (folder / name).write_text("altered")
    monkeypatch.setattr(publishing, "run", no_sampling)
    again = published(tmp_path)
    assert (again.computed, again.written) == (False, True)
    assert {name: digest for name, (_, digest) in files_of(folder).items()} == before


@pytest.mark.usefixtures("plain_report")
def test_a_report_is_added_to_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = published(tmp_path, report=False).folder
    assert not (folder / "report.html").exists()
    monkeypatch.setattr(publishing, "run", no_sampling)
    assert published(tmp_path).written
    assert (folder / "report.html").exists()


def test_a_run_that_stops_half_way_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(records, "table_csv", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            published(tmp_path, report=False)
    folder = run_folder(small_study(), tmp_path)
    assert not (folder / "manifest.json").exists()
    assert not finished_parts(small_study(), folder).numbers
    assert published(tmp_path, report=False).computed


# Whole or not at all


def full_disk(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a" / "file"
    write_whole(path, b"old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(RunError, match=r"cannot write .*file: No space left on device; .*--out"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_an_interruption_leaves_no_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_out_is_a_file(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(publishing, "run", no_sampling)
    (tmp_path / "study.yaml").write_bytes(
        publishing.number_files(mcrace.run(small_study(), jobs=1))["study.yaml"]
    )
    assert main(["run", str(tmp_path / "study.yaml"), "--out", str(tmp_path / out)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"{tmp_path / 'file'} is a file; " in error


def test_a_folder_closed_to_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_writable(tmp_path / "new" / "newer")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(RunError, match=r"cannot write .*newer: .* is read-only; .*--out"):
        check_writable(tmp_path / "new" / "newer")
