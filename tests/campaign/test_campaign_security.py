"""Nobody in: no code is run, nothing is written elsewhere, no formula, no bomb, no pickle, no network."""

import ast
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mcrace.cli import main
from mcrace.engine.files import file_hash
from mcrace.errors import RunError
from mcrace.forecast.bundle import bundle, unpack_bundle
from mcrace.report.publish import publish
from mcrace.study.write import study_yaml
from tests.campaign import payloads
from tests.campaign.payloads import CANARY
from tests.small_study import SMALL, small_study

ROOT = Path(__file__).parents[2]
TINY = {"draws": 64, "replicates": 2, "keep": 64}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work below a folder whose neighbours can be watched."""
    place = tmp_path / "a" / "b" / "c"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    return place


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(
        small_study(sampling=TINY), out=tmp_path_factory.mktemp("finished"), report=False, jobs=1
    ).folder


def study_with(**changes: Any) -> str:
    return study_yaml({**SMALL, "sampling": TINY, **changes})


def refused(text: str, *options: str) -> None:
    Path("s.yaml").write_text(text)
    assert main(["check", "s.yaml", *options]) == 2
    assert not Path(CANARY).exists()


# Code


@pytest.mark.parametrize("payload", payloads.EXPRESSIONS)
def test_no_expression_runs_code(payload: str) -> None:
    refused(study_with(quantities={"q": payload}))
    refused(study_with(model={**SMALL["model"], "discount_rate": payload}))
    refused(study_with(), "--set", "quantities.q=" + json.dumps(payload))


@pytest.mark.parametrize("payload", payloads.TAGS)
def test_no_tag_runs_code(payload: str) -> None:
    refused(study_with() + f"question: {payload}\n")
    refused(study_with().replace("title: A small study", f"title: {payload}"))
    Path("s.yaml").write_text(study_with())
    assert main(["check", "s.yaml", "--set", f"inputs.x={payload}"]) == 2
    assert not Path(CANARY).exists()


@pytest.mark.parametrize("name", payloads.SCIPY_NAMES)
def test_no_name_of_scipy_is_more_than_a_distribution(name: str) -> None:
    refused(study_with(inputs={**SMALL["inputs"], "x": {"scipy": {"name": name}}}))


@pytest.mark.parametrize("name", ["d.csv", "d.parquet", "d.pkl", "d.npy", "d.npz", "d.joblib"])
def test_no_data_file_runs_code(name: str) -> None:
    law = {"empirical": {"file": name, "column": "x"}}
    Path(name).write_bytes(payloads.pickled())
    refused(study_with(inputs={**SMALL["inputs"], "x": law}))
    Path(name).write_bytes(b"x\n__import__('os').system('touch canary')\n")
    refused(study_with(inputs={**SMALL["inputs"], "x": law}))


def test_the_pickle_would_bite(folder: Path) -> None:
    """Without this the canary could be asleep."""
    import pickle

    pickle.loads(payloads.pickled())  # noqa: S301 - our own
    assert (folder / CANARY).exists()


def test_no_pickle_is_loaded_from_a_run_folder(finished: Path, folder: Path) -> None:
    Path("s.yaml").write_bytes((finished / "study.yaml").read_bytes())
    for name in sorted(path.name for path in finished.iterdir()):
        place = folder / "run"
        shutil.copytree(finished, place)
        (place / name).write_bytes(payloads.pickled())
        manifest = place / "manifest.json"
        if name != "manifest.json":  # a stranger writes the hashes too
            known = json.loads(manifest.read_text())
            known["files"][name] = file_hash(place / name)
            manifest.write_text(json.dumps(known))
        for command in (["show"], ["verify"], ["report", "--quiet"], ["log"]):
            if command[0] != "report" or name in (
                "manifest.json",
                "study.yaml",
                "draws.parquet",
                "replicates.parquet",
            ):
                assert main([command[0], str(place), *command[1:]]) in (0, 1, 2)
        assert not Path(CANARY).exists(), name
        shutil.rmtree(place)


def test_nothing_in_the_package_can_unpickle() -> None:
    called, loaded = set(), set()
    for path in (ROOT / "mcrace").rglob("*.py"):
        text = path.read_text()
        assert "allow_pickle=True" not in text
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called.add(node.func.attr)
            elif isinstance(node, ast.Import):
                loaded |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                loaded.add(node.module.split(".")[0])
    assert not called & {"read_pickle", "to_pickle", "unsafe_load", "full_load", "system", "popen"}
    assert not loaded & {
        "pickle",
        "cPickle",
        "dill",
        "cloudpickle",
        "shelve",
        "marshal",
        "subprocess",
        "urllib",
    }


# Paths


@pytest.mark.parametrize("name", payloads.NAMES)
def test_no_name_leads_out_of_the_outputs(name: str, tmp_path: Path) -> None:
    Path("s.yaml").write_text(study_with())
    before = payloads.tree(tmp_path)
    calls = [
        ("--set", "study=" + json.dumps(name)),
        ("--set", f"scenarios={json.dumps({name: {'inputs.day': 3}})}"),
    ]
    for options in calls:
        command = ["run", "s.yaml", "--out", "out", "--no-report", "--quiet", "--jobs", "1", *options]
        assert main(command) == 2, options
    assert payloads.tree(tmp_path) == before


@pytest.mark.parametrize("member", payloads.MEMBERS)
def test_no_member_of_a_bundle_leads_out_of_it(member: str, tmp_path: Path) -> None:
    file, target = tmp_path / "b.zip", tmp_path / "in" / "here"
    target.mkdir(parents=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(member), b"x")
    with pytest.raises(RunError):
        unpack_bundle(file, target)
    assert not any(path.is_file() for path in tmp_path.rglob("*") if path != file)


@pytest.mark.parametrize("name", [*payloads.MEMBERS, "/etc/hostname", "/dev/zero", "", "a\0b"])
def test_no_file_of_a_manifest_leads_out_of_its_folder(name: str, finished: Path, folder: Path) -> None:
    if name == "dir/":
        pytest.skip("is read as the name of a file")
    place = shutil.copytree(finished, folder / "x" / "run")
    (folder / "evil").write_text("a secret")
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["files"][name] = file_hash(folder / "evil")
    (place / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match="holds no finished run"):
        bundle(place)
    for command in ("show", "verify", "report"):
        assert main([command, str(place)]) == 1
    assert (folder / "evil").read_text() == "a secret"


@pytest.mark.parametrize(
    "name", ["../../d.csv", "/etc/hostname", "/dev/zero", "/proc/self/mem", "..", "pipe", "a\0b"]
)
@pytest.mark.parametrize("key", ["extends", "file"])
def test_what_a_study_reads_is_read_only(name: str, key: str, tmp_path: Path) -> None:
    os.mkfifo("pipe")
    (tmp_path / "a" / "d.csv").write_text("x\n1\n2\n3\n")
    law = {"empirical": {"file": name, "column": "x"}}
    changes: dict[str, Any] = (
        {"extends": name} if key == "extends" else {"inputs": {**SMALL["inputs"], "extra": law}}
    )
    Path("s.yaml").write_text(study_with(**changes))
    outside = {path: data for path, data in payloads.tree(tmp_path).items() if "/pipe" not in path}
    code = main(["run", "s.yaml", "--out", "out", "--no-report", "--quiet", "--jobs", "1"])
    assert code == (0 if (key, name) == ("file", "../../d.csv") else 2)
    shutil.rmtree("out", ignore_errors=True)
    assert {path: data for path, data in payloads.tree(tmp_path).items() if "/pipe" not in path} == outside


# Spreadsheets


def texts_like_formulas(data: bytes) -> list[str]:
    found = []
    for row in csv.reader(io.StringIO(data.decode())):
        for cell in row:
            try:
                float(cell)
            except ValueError:
                if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
                    found.append(cell)
    return found


def test_no_table_of_a_run_holds_a_formula(folder: Path) -> None:
    inputs = {
        name: {"law": spec["law"], "label": text, "unit": text}
        for (name, spec), text in zip(SMALL["inputs"].items(), payloads.FORMULAS, strict=False)
    }
    groups = {text: ["x", "lead"] for text in payloads.FORMULAS}
    asked = [{"platform": "csv", "variable": "incentive", "id": text} for text in payloads.FORMULAS]
    text = study_with(inputs=inputs, analysis={"groups": groups}, forecast=asked, title=payloads.FORMULAS[0])
    Path("s.yaml").write_text(text)
    assert main(["run", "s.yaml", "--out", "out", "--no-report", "--quiet", "--jobs", "1"]) == 0
    run = next(folder.glob("out/small/latest"))
    tables = list(run.resolve().rglob("*.csv"))
    told = b"".join(path.read_bytes() for path in tables)
    assert len(tables) > 4
    for path in tables:
        assert texts_like_formulas(path.read_bytes()) == [], path.name
    assert b"'=1+1" in told
    assert re.search(rb",-\d", told)  # numbers stay numbers


# Bombs


def measured(code: str, *arguments: str) -> tuple[int, str, float]:
    """Run a program, and give its exit code, what it said, and its most memory in MB."""
    # The kernel's own mark: what `getrusage` tells starts at what the process that started this one held.
    end = "\nprint(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], code)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code + end, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    peak, exit_code = done.stdout.split()[-2:]
    return int(exit_code), done.stderr, float(peak) / 1024


COMMAND = "import sys; from mcrace.cli import main; code = main(sys.argv[1:])"


def bomb(path: Path, rows: int = 100_000_000) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    piece = pa.table({"x": np.ones(10_000_000)})
    with pq.ParquetWriter(path, piece.schema, compression="zstd") as writer:
        for _ in range(rows // 10_000_000):
            writer.write_table(piece)


@pytest.mark.slow
def test_bombs_are_refused_before_they_fill_the_memory(finished: Path, folder: Path) -> None:
    bomb(Path("d.parquet"))
    assert Path("d.parquet").stat().st_size < 1_000_000
    law = {"empirical": {"file": "d.parquet", "column": "x"}}
    Path("s.yaml").write_text(study_with(inputs={**SMALL["inputs"], "extra": law}))
    code, told, peak = measured(COMMAND, "check", "s.yaml")
    assert (code, peak < 500) == (2, True), (told, peak)
    assert "100,000,000 values" in told
    for name in ("draws.parquet", "replicates.parquet"):
        place = shutil.copytree(finished, folder / "run")
        shutil.copy("d.parquet", place / name)
        manifest = json.loads((place / "manifest.json").read_text())
        manifest["files"][name] = file_hash(place / name)
        (place / "manifest.json").write_text(json.dumps(manifest))
        for command in (["show", str(place)], ["verify", "--quick", str(place)]):
            code, told, peak = measured(COMMAND, *command)
            assert (code, peak < 500) == (1, True), (command, told, peak)
        shutil.rmtree(place)
    code, told, peak = measured(
        COMMAND, "score", str(finished), "--outcome", "incentive=1", "--ledger", "d.parquet"
    )
    assert (code, peak < 500) == (1, True), (told, peak)


@pytest.mark.slow
def test_a_zip_bomb_fills_neither_memory_nor_disk() -> None:
    with (
        zipfile.ZipFile("b.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("draws.parquet", "w") as file,
    ):
        for _ in range(3 * 2**8):
            file.write(bytes(2**20))
    assert Path("b.zip").stat().st_size < 1_000_000
    code, told, peak = measured(COMMAND, "verify", "b.zip")
    assert (code, peak < 500) == (1, True), (told, peak)
    assert "packed" in told


# The network

WATCHED = """
import sys, os
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        if not (event in ("socket.connect", "socket.bind") and isinstance(arguments[1], (str, bytes))):
            sys.stderr.write(f"NETWORK {event} {arguments[1:]}\\n")
            os._exit(99)
sys.addaudithook(watch)
from mcrace.cli import main
code = max(main(words.split()) for words in sys.argv[1:])
"""


@pytest.mark.slow
def test_no_command_uses_the_network() -> None:
    Path("s.yaml").write_text(study_with())
    out = "--out out --quiet"
    code, told, _ = measured(
        WATCHED,
        "check s.yaml",
        f"run s.yaml {out} --jobs 2 --backend loky",
        "show out/small",
        "verify out/small --jobs 1",
        "export out/small --format bundle --out b",
        "log small --out out",
        "report out/small --quiet",
        "explain",
        "schema",
    )
    assert code == 0, told
    watch = subprocess.run(
        [
            sys.executable,
            "-c",
            WATCHED.replace("from mcrace", "import socket; socket.getaddrinfo('x.invalid', 1)\nfrom mcrace"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert watch.returncode == 99  # the watch is awake
