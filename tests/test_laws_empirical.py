"""Samples: columns of CSV and Parquet files, what is refused, and how a study keeps and moves its data."""

import json
import math
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mcrace
from mcrace.engine.block import StudyText, study_text
from mcrace.engine.folder import open_run
from mcrace.errors import RunError, StudyError
from mcrace.laws import build_law, describe, truncate
from mcrace.laws import data_file as data_files
from mcrace.laws.data_file import read_data_file
from mcrace.laws.empirical import make_empirical
from mcrace.report.publish import publish
from mcrace.study import load

INF = math.inf
LAGS = "months,w,name\n3,1,a\n1,2,b\n4,1,c\n1,1,d\n9.5,0,e\n"
STUDY = """\
study: tiny
inputs:
  lag: {law: {empirical: {file: FILE, column: months, weights: w}}, label: Lag}
model:
  horizon_days: 100
  open: {current_expense: 1e8, releases: [{day: 10 * lag, expense: 3e8}]}
  lab: {current_expense: 2e8, candidate_expense: 8e8}
  value: {scale: 0.1, reference: 1e6}
  customers: {count: 1e6}
sampling: {draws: 2048, replicates: 2}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "lags.csv").write_text(LAGS, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(STUDY.replace("FILE", "lags.csv"), encoding="utf-8")
    return tmp_path


def fault_of(spec):
    with pytest.raises(StudyError) as caught:
        build_law("empirical", spec)
    (fault,) = caught.value.faults
    return fault


def from_text(tmp_path, text, **keys):
    path = tmp_path / "data.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {"file": str(path), "column": "x", **keys}


# --- the numbers


def test_steps_are_numpys_inverted_cdf_and_lines_its_default():
    random = np.random.default_rng(5)
    values, weights = random.lognormal(2, 1, 300).round(1), random.random(300)
    u = random.random(4000)
    law = make_empirical(values)
    np.testing.assert_array_equal(law.ppf(u), np.quantile(values, u, method="inverted_cdf"))
    law = make_empirical(values, weights)
    np.testing.assert_array_equal(law.ppf(u), np.quantile(values, u, method="inverted_cdf", weights=weights))
    distinct = np.unique(values)
    law = make_empirical(distinct, interpolate=True)
    np.testing.assert_allclose(law.ppf(u), np.quantile(distinct, u), rtol=1e-12)
    np.testing.assert_allclose(law.isf(u), np.quantile(distinct, 1 - u), rtol=1e-12)
    np.testing.assert_allclose(law.cdf(law.ppf(u)), u, rtol=1e-9)
    np.testing.assert_allclose(law.sf(law.isf(u)), u, rtol=1e-9)


def test_a_row_of_weight_two_is_two_rows():
    for interpolate in (False, True):
        keys = {"interpolate": interpolate}
        twice = build_law("empirical", {"values": [1, 2, 2, 5], **keys})
        weighted = build_law("empirical", {"values": [5, 2, 1], "weights": [10, 20, 10], **keys})
        assert twice == weighted
        assert twice.digest == weighted.digest
        np.testing.assert_array_equal(
            twice.ppf(np.linspace(0.01, 0.99)), weighted.ppf(np.linspace(0.01, 0.99))
        )
    assert build_law("empirical", {"values": [1, 2]}) != build_law(
        "empirical", {"values": [1, 2], "interpolate": True}
    )


def test_lines_with_weights_have_their_mass_between_neighbours():
    law = make_empirical(np.array([0.0, 10.0, 20.0]), np.array([2.0, 1.0, 1.0]), interpolate=True)
    np.testing.assert_allclose(law.masses, [1.5 / 2.5, 1 / 2.5])
    assert law.mean == pytest.approx(0.6 * 5 + 0.4 * 15)
    u = (np.arange(100_000) + 0.5) / 100_000
    assert (law.mean, law.sd) == pytest.approx((law.ppf(u).mean(), law.ppf(u).std()), rel=1e-8)


def test_never_may_be_in_a_sample():
    law = build_law("empirical", {"values": [3, INF, 5, INF]})
    np.testing.assert_array_equal(law.ppf(np.array([0.2, 0.4, 0.6])), [3, 5, INF])
    assert law.mean == INF
    assert math.isnan(law.sd)
    assert fault_of({"values": [3, INF], "interpolate": True}).path == "empirical.interpolate"


def test_bounds_drop_values_and_cut_lines():
    steps = build_law("empirical", {"values": [1, 2, 3, 9]}, [2, 5])
    assert steps == build_law("empirical", {"values": [2, 3]})
    lines = build_law("empirical", {"values": [0, 10, 30], "interpolate": True}, [5, 20])
    np.testing.assert_allclose(lines.values, [5, 10, 20])
    np.testing.assert_allclose(lines.masses, [0.5, 0.5])
    np.testing.assert_allclose(lines.ppf(np.array([0.25, 0.75])), [7.5, 15])
    for interpolate in (False, True):
        law = build_law("empirical", {"values": [1, 2, 9], "interpolate": interpolate})
        assert truncate(law, 1, 9) is law
        with pytest.raises(StudyError, match="bounds"):
            truncate(law, 10, 12)
    with pytest.raises(StudyError, match="at least one of the values"):
        truncate(build_law("empirical", {"values": [1, 2, 9]}), 3, 8)


def test_nobody_can_change_a_law():
    values = np.array([2.0, 1.0])
    law = make_empirical(values)
    values[0] = 7
    assert law.support == (1, 2)
    with pytest.raises(ValueError, match="read-only"):
        law.values[0] = 3


# --- files


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x,y\n1,2\n3,4\n", [1, 3]),
        ("y;x\n1;2\n3;4\n", [2, 4]),
        ("x\ty\n1\t2\n", [1]),
        (b"\xef\xbb\xbfx\r\n1\r\n2\r\n", [1, 2]),
        ('"x","a,b"\n"1.5",q\n -2e3 ,r', [-2000, 1.5]),
        ("x\n1\n\ninf\n", [1, INF]),
        ("x,name\n1,\xe9\n", [1]),
    ],
)
def test_columns_of_text_are_read(tmp_path, text, values):
    law = build_law("empirical", from_text(tmp_path, text))
    assert law.values.tolist() == values
    assert "x of data.csv" in describe(law)


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.int64(), pa.uint8(), pa.decimal128(22, 2)])
def test_columns_of_parquet_are_read(tmp_path, kind):
    table = pa.table({"x": pa.array([1, 4, 2]).cast(kind), "name": ["a", "b", "c"]})
    pq.write_table(table, tmp_path / "data.bin")
    law = build_law("empirical", {"file": str(tmp_path / "data.bin"), "column": "x"})
    assert law.values.tolist() == [1, 2, 4]
    plain = tmp_path / "data.csv"
    plain.write_text("x\n4\n1\n2\n", encoding="utf-8")
    assert law == build_law("empirical", {"file": str(plain), "column": "x"})


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("x\n1\n2,5\n", "file", "as many cells in each row"),
        ("x\n1\ntwo\n3\n", "column", "'two' in row 2 of the column x"),
        ("x,y\n1,2\n,3\n", "column", "nothing in row 2 of the column x"),
        ("x\n1\n2\nnan\n", "column", "no number (NaN) in row 3"),
        ("x\n1\nNA\n", "column", "'NA' in row 2"),
        ("x\n1\n-inf\n", "column", "-inf in row 2"),
        ("x\n", "column", "a column without values"),
        ("", "file", "an empty file"),
        ("xx,y\n1,2\n", "column", "did you mean 'xx'?"),
        ("x,x\n1,2\n", "column", "the name of 2 columns"),
        (b"x\n\xff\n", "file", "UTF-8"),
        (b"\x00\x01\x02", "column", "a column of data.csv"),
        (b"PAR1 but no more", "file", "a Parquet file that can be read"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_row(tmp_path, text, path, words):
    fault = fault_of(from_text(tmp_path, text))
    assert fault.path == f"empirical.{path}"
    assert words in str(fault)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ("1\n-2\n", "-2 in row 2"),
        ("0\n0\n", "all 0"),
        ("1\ninf\n", "inf in row 2"),
        ("1\nx\n", "'x' in row 2"),
    ],
)
def test_weights_are_checked(tmp_path, weights, words):
    rows = "".join(f"{place},{weight}\n" for place, weight in enumerate(weights.split()))
    fault = fault_of(from_text(tmp_path, f"x,w\n{rows}", weights="w"))
    assert fault.path == "empirical.weights"
    assert words in str(fault)


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        (3, "", "a mapping with file and column"),
        ({}, "", "neither file nor values"),
        ({"file": "a.csv"}, "", "found file"),
        ({"column": "x"}, "", "found column"),
        ({"file": "a.csv", "column": "x", "values": [1]}, "", "file and column and values"),
        ({"values": [1], "colum": "x"}, "colum", "did you mean 'column'?"),
        ({"values": [1], "interpolate": 1}, "interpolate", "true or false"),
        ({"values": []}, "values", "at least one number"),
        ({"values": [1, "2"]}, "values.1", "a number"),
        ({"values": [1, 2], "weights": [1]}, "weights", "one a value"),
        ({"values": [1, 1], "interpolate": True}, "interpolate", "two distinct values"),
        ({"file": 3, "column": "x"}, "file", "the path of a CSV or Parquet file"),
        ({"file": "a.csv", "column": 3}, "column", "the name of a column"),
        ({"file": "no/such.csv", "column": "x"}, "file", "there is no such file"),
        ({"file": "/dev/zero", "column": "x"}, "file", "no plain file"),
        ({"file": "/dev", "column": "x"}, "file", "no plain file"),
        ({"file": "a\0b", "column": "x"}, "file", "a CSV or Parquet file"),
    ],
)
def test_what_is_no_sample_is_refused(spec, path, words):
    fault = fault_of(spec)
    assert fault.path == f"empirical.{path}".rstrip(".")
    assert words in str(fault)


def test_columns_and_files_that_are_too_large_are_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(data_files, "MOST_VALUES", 10)
    assert "11 values" in str(fault_of(from_text(tmp_path, "x\n" + "1\n" * 11)))
    pq.write_table(pa.table({"x": np.zeros(11)}), tmp_path / "bomb.parquet")
    assert "at most 10" in str(fault_of({"file": str(tmp_path / "bomb.parquet"), "column": "x"}))
    pq.write_table(pa.table({"x": ["1"]}), tmp_path / "text.parquet")
    assert "a column of the type string" in str(
        fault_of({"file": str(tmp_path / "text.parquet"), "column": "x"})
    )
    pq.write_table(pa.table({"x": [1.0, None]}), tmp_path / "null.parquet")
    assert "row 2" in str(fault_of({"file": str(tmp_path / "null.parquet"), "column": "x"}))
    monkeypatch.setattr(data_files, "LARGEST_FILE", 10)
    assert "at most 10 bytes" in str(fault_of(from_text(tmp_path, "x\n" + "1\n" * 11)))


# --- studies


def test_paths_are_seen_from_the_file_that_names_them(folder, monkeypatch):
    (folder / "over").mkdir()
    over = folder / "over" / "over.yaml"
    over.write_text("study: over\nextends: ../study.yaml\n", encoding="utf-8")
    monkeypatch.chdir(folder.parent)
    study, above = load(folder / "study.yaml"), load(over)
    assert study.inputs[0].law.values.tolist() == [1, 3, 4]
    assert study.inputs[0].text == "empirical(months of lags.csv: 3 values, 1 to 4)"
    assert above.digest == study.digest
    monkeypatch.chdir(folder)
    made = mcrace.Study(
        **{**study.document, "inputs": {"lag": {"empirical": {"file": "lags.csv", "column": "w"}}}}
    )
    assert made.inputs[0].law.values.tolist() == [0, 1, 2]
    changed = load(
        "study.yaml", {"inputs.lag.law.empirical.column": "w", "inputs.lag.law.empirical.weights": "w"}
    )
    assert changed.inputs[0].law.values.tolist() == [1, 2]
    shutil.copy("lags.csv", "over/other.csv")
    moved = load("study.yaml", {"inputs.lag.law.empirical.file": "over/other.csv"})
    assert moved.digest == study.digest


def test_faults_of_files_have_their_place_in_the_study(folder):
    path = folder / "study.yaml"
    path.write_text(STUDY.replace("FILE", "lag.csv").replace("scale: 0.1", "scale: -1"), encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load(path)
    first, second = caught.value.faults
    assert (first.path, first.line) == ("inputs.lag.law.empirical.file", 3)
    assert first.nearest == "lags.csv"
    assert second.path == "model.value.scale"


def test_the_digest_covers_the_numbers_and_not_the_file(folder):
    digest = load(folder / "study.yaml").digest

    def digest_with(content, file="lags.csv", study=STUDY):
        (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
        (folder / "study.yaml").write_text(study.replace("FILE", file), encoding="utf-8")
        return load(folder / "study.yaml").digest

    assert digest_with(LAGS, "renamed.csv") == digest
    assert digest_with(LAGS.replace(",a\n", ",other\n")) == digest
    header, *rows = LAGS.splitlines()
    assert digest_with("\n".join([header, *rows[::-1]])) == digest
    pq.write_table(pa.table({"w": [1.0, 3, 1], "months": [3.0, 1, 4]}), folder / "p")
    assert digest_with((folder / "p").read_bytes(), "lags.parquet") == digest
    assert digest_with(LAGS, study=STUDY.replace("weights: w}", "weights: w, interpolate: false}")) == digest
    assert digest_with(LAGS.replace("4,1,c", "4,2,c")) != digest
    assert digest_with(LAGS.replace("4,1,c", "5,1,c")) != digest
    assert digest_with(LAGS, study=STUDY.replace("weights: w}", "weights: w, interpolate: true}")) != digest
    assert digest_with(LAGS, study=STUDY.replace(", weights: w", "")) != digest


def test_a_scenario_that_reaches_into_a_file_has_all_of_it_in_the_digest(folder):
    path = folder / "study.yaml"
    path.write_text(
        STUDY.replace("FILE", "lags.csv") + "scenarios: {other: {inputs.lag.law.empirical.column: w}}\n",
        encoding="utf-8",
    )
    study = load(path)
    assert study.scenarios[1].inputs[0].law.support == (1, 2)
    (folder / "lags.csv").write_text(LAGS.replace("9.5,0", "9.5,0.0001"), encoding="utf-8")
    assert load(path).digest != study.digest


def test_a_runs_folder_runs_by_itself(folder):
    published = publish(load(folder / "study.yaml"), out=folder / "out", jobs=1, report=False)
    copies = list((published.folder / "data").iterdir())
    assert [copy.read_text(encoding="utf-8") for copy in copies] == [LAGS]
    manifest = json.loads((published.folder / "manifest.json").read_text(encoding="utf-8"))
    assert f"data/{copies[0].name}" in manifest["files"]
    away = folder / "away"
    shutil.move(published.folder, away)
    for name in ("lags.csv", "study.yaml"):
        (folder / name).unlink()
    study = load(away / "study.yaml")
    assert study.digest == published.result.study.digest
    assert study.document == published.result.study.document
    opened = open_run(away)
    assert opened.study.inputs[0].law == study.inputs[0].law
    again = publish(study, out=folder / "out", jobs=1, report=False)
    assert again.result.draws.equals(published.result.draws)
    (away / "data" / copies[0].name).write_text(LAGS.replace("4", "5"), encoding="utf-8")
    with pytest.raises(RunError, match="not as the run wrote it"):
        open_run(away)


def test_a_lost_copy_is_written_again(folder):
    study = load(folder / "study.yaml")
    published = publish(study, out=folder / "out", jobs=1, report=False)
    (copy,) = (published.folder / "data").iterdir()
    copy.unlink()
    assert publish(study, out=folder / "out", jobs=1, report=False).written
    assert copy.read_text(encoding="utf-8") == LAGS
    assert not publish(study, out=folder / "out", jobs=1, report=False).written


def test_data_travel_with_the_study_and_not_in_its_text(folder):
    study = load(folder / "study.yaml")
    (folder / "lags.csv").unlink()
    sent = study_text(study)
    assert isinstance(sent, StudyText)
    assert "months" in sent.text
    assert "9.5" not in sent.text
    back = pickle.loads(pickle.dumps(study))  # noqa: S301 - our own bytes
    assert (back.digest, back.inputs[0].law) == (study.digest, study.inputs[0].law)
    sequential = mcrace.run(study, jobs=1)
    assert set(sequential.draws["lag"]) == {1, 3, 4}
    spread = mcrace.run(study, jobs=2, backend="loky")
    assert spread.draws.equals(sequential.draws)


def test_a_file_is_read_without_pandas(folder):
    path = str(folder / "study.yaml")
    code = f"import sys, mcrace; mcrace.load({path!r}); print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_copies_have_safe_names_that_stay(tmp_path):
    path = tmp_path / "some data (v2) \u00e9.CSV"
    path.write_text("x\n1\n", encoding="utf-8")
    file = read_data_file(path)
    assert file.copy_name == f"some-data-v2-{file.digest[:12]}.csv"
    copy = tmp_path / file.copy_name
    shutil.copy(path, copy)
    assert read_data_file(copy).copy_name == file.copy_name
    assert read_data_file(copy) == file
