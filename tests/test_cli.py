"""The command line: exit codes, what goes where, nothing wider than 80 columns, no traceback ever."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mcrace
from mcrace.cli import main
from mcrace.nomenclature import KEYS, OUTPUTS
from mcrace.study.write import study_yaml
from mcrace.terminal.check import plain_number
from mcrace.terminal.results import result_text
from tests.fake_result import base_result
from tests.small_study import exact_study, small_study

ROOT = Path(__file__).parents[1]
CONFIGS = [ROOT / "configs" / f"{name}.yaml" for name in ("baseline", "benchmark", "theorem")]
HEAVY = ("numpy", "pandas", "scipy", "numba", "matplotlib", "pydantic", "yaml", "joblib", "rich")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(study_yaml(small_study().document))
    return path


@pytest.fixture
def run_here(tmp_path: Path) -> Any:
    """Run studies into a folder of the test, tables only."""

    def run(*arguments: object) -> int:
        texts = [str(argument) for argument in arguments]
        return main(["run", "--no-report", "--jobs", "1", "--out", str(tmp_path / "out"), *texts])

    return run


def process(
    arguments: Sequence[object], *, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mcrace", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def too_wide(text: str) -> list[str]:
    """Lines of more than 80 columns that hold no path of a file."""
    return [line for line in text.splitlines() if len(line) > 80 and "/" not in line]


# Help


def test_help_is_light() -> None:
    code = (
        "import sys, mcrace.cli\ntry: mcrace.cli.main(['--help'])\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    for command in ("init", "check", "run", "show", "compare", "schema", "explain"):
        assert re.search(rf"^    {command} ", done.stdout, re.MULTILINE), command


@pytest.mark.parametrize("command", ["init", "check", "run", "show", "compare", "schema", "explain"])
def test_every_command_has_help(command: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert not too_wide(capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["run"], ["run", "a.yaml", "--jobs", "two"], ["show"]]
)
def test_wrong_calls(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "usage: mcrace" in output.err


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"mcrace {mcrace.__version__}\n"


# init, check


def test_init_never_overwrites(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "new.yaml"
    assert main(["init", str(path)]) == 0
    assert str(path) in capsys.readouterr().out
    written = path.read_text()
    assert "#" in written
    assert main(["check", str(path)]) == 0
    capsys.readouterr()
    path.write_text("mine")
    assert main(["init", str(path)]) == 2
    assert "never overwrites" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main(["init", str(tmp_path / "no" / "folder.yaml")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_check_of_the_configs(config: Path, capsys: Capture) -> None:
    assert main(["check", str(config)]) == 0
    text = capsys.readouterr().out
    assert not too_wide(text)
    study = mcrace.load(config)
    assert study.digest[:12] in text
    for item in study.inputs:
        assert re.search(rf"^{item.name}\b", text, re.MULTILINE)
    assert "The run: " in text
    assert main(["check", str(config), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [item["name"] for item in record["inputs"]] == [item.name for item in study.inputs]
    assert record["digest"] == study.digest


def test_check_tells_what_the_run_takes(study_file: Path, capsys: Capture) -> None:
    assert main(["check", str(study_file), "--set", "sampling.draws=100_000"]) == 0
    text = capsys.readouterr().out
    assert "131,072 draws (rounded up from 100,000) in 4 replicates of 32,768 (sobol)" in text
    outputs = 8 * 3 * 131_072 * len(OUTPUTS) / 1e6
    told = int(re.search(r"about ([\d,]+) MB", text)[1].replace(",", ""))  # type: ignore[index]
    assert outputs < told < 2 * outputs


def test_check_warns_of_an_input_without_use(study_file: Path, capsys: Capture) -> None:
    assert main(["check", str(study_file), "--set", "inputs.spare=3"]) == 0
    assert "warning: input spare is used nowhere" in capsys.readouterr().out


def test_check_of_a_wrong_study_tells_every_fault(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "wrong.yaml"
    text = study_yaml(small_study().document).replace("horizon_days", "horizon_dys").replace("early", "base")
    path.write_text(text.replace("replicates: 4", "replicates: 0"))
    assert main(["check", str(path)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    for wrong in ("horizon_dys", "base", "replicates"):
        line = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if wrong in line)
        assert re.search(rf"^{re.escape(str(path))}:{line}:\d+: .*{wrong}", output.err, re.MULTILINE), wrong
    assert "did you mean 'horizon_days'?" in output.err
    assert main(["run", str(path)]) == 2
    assert capsys.readouterr() == ("", output.err)


def test_check_of_no_file(tmp_path: Path, capsys: Capture) -> None:
    assert main(["check", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml: found No such file or directory" in capsys.readouterr().err


# run, show


def test_run_prints_the_answer_and_no_bar(study_file: Path, run_here: Any, capsys: Capture) -> None:
    assert run_here(study_file) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert not too_wide(output.out)
    assert "Training z " in output.out
    assert output.out.splitlines()[-1].startswith("Open ")
    assert Path(output.out.splitlines()[-1].removeprefix("Open ")).is_file()
    assert run_here(study_file) == 0
    assert "found finished" in capsys.readouterr().out


def test_quiet_run_prints_nothing(study_file: Path, run_here: Any, capsys: Capture) -> None:
    assert run_here(study_file, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_json_of_run_and_show(study_file: Path, run_here: Any, tmp_path: Path, capsys: Capture) -> None:
    assert run_here(study_file, "--json") == 0
    output = capsys.readouterr()
    record = json.loads(output.out)
    assert output.err == ""
    assert len(record["summary"]) == 3 * len(OUTPUTS) * 15
    latest = tmp_path / "out" / "small" / "latest"
    assert main(["show", str(latest), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == record
    assert json.loads((latest / "summary.json").read_text()) == record
    assert main(["show", str(latest)]) == 0
    text = capsys.readouterr().out
    assert not too_wide(text)
    assert re.search(r"^early +\S", text, re.MULTILINE)


def test_two_studies_in_one_run(study_file: Path, run_here: Any, tmp_path: Path, capsys: Capture) -> None:
    other = tmp_path / "exact.yaml"
    other.write_text(study_yaml(exact_study().document))
    assert run_here(study_file, other, "--json") == 0
    assert [record["study"] for record in json.loads(capsys.readouterr().out)] == ["small", "exact"]
    assert run_here(study_file, other) == 0
    assert capsys.readouterr().out.count("found finished") == 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"small", "exact"}


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_text_of_the_configs_fits(config: Path, run_here: Any, tmp_path: Path, capsys: Capture) -> None:
    assert run_here(config, "--set", "sampling.draws=1024") == 0
    assert main(["show", str(tmp_path / "out" / config.stem / "latest")]) == 0
    assert not too_wide(capsys.readouterr().out)


def test_columns_of_precise_numbers_do_not_touch() -> None:
    noise = np.random.default_rng(5).normal(size=1600)
    text = result_text(base_result(-123.4567e6 * (1 + 1e-5 * noise), 98.7654e6 * (1 + 1e-5 * noise)))
    assert not too_wide(text)
    rows = [line.split() for line in text.splitlines() if line.startswith("base ")]
    assert len(rows[0][1]) == 8  # as wide as a column is at least: without care it would touch
    assert [len(row) for row in rows] == [1 + 4 + 2 * 3] * 2  # each percentage has its sign apart


def test_changes_are_part_of_the_study(study_file: Path, run_here: Any, tmp_path: Path) -> None:
    digests = {small_study().digest}
    for options in (["--set", "inputs.day=30"], ["--draws", "1e3"], ["--seed", "0"]):
        assert run_here(study_file, *options, "--quiet") == 0
        study = mcrace.load(tmp_path / "out" / "small" / "latest" / "study.yaml")
        digests.add(study.digest)
        if options[0] == "--set":
            assert study.inputs[2].law == 30
            assert study.inputs[2].unit == "days"
        else:
            assert getattr(study.sampling, options[0][2:]) == float(options[1])
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--set", "inputs.day"], "--set: found 'inputs.day', expected PATH=VALUE"),
        (["--set", "=3"], "--set: found '=3', expected PATH=VALUE"),
        (["--set", "inputs.day="], "--set inputs.day: found nothing, expected a value"),
        (["--set", "inputs.day=[1"], "--set inputs.day:1:"),
        (["--set", "model.horizn_days=3"], "did you mean 'horizon_days'?"),
        (["--set", "scenarios.early.no.such=3"], "no"),
        (["--draws", "many"], "sampling.draws: found 'many', expected a whole number"),
        (["--draws", "-1"], "sampling.draws: found -1, expected a whole number"),
        (["--draws", "1e18"], "sampling.draws: found "),
        (["--draws", ""], "--draws: found nothing"),
        (["--seed", "-1"], "sampling.seed: found -1, expected a whole number"),
        (["--seed", "1.5"], "sampling.seed: found 1.5, expected a whole number"),
        (["--jobs", "0"], "jobs: found 0, expected a whole number of at least 1"),
        (["--backend", "threds"], "backend: found 'threds', expected threading or loky or sequential"),
    ],
)
def test_bad_options(options: list[str], told: str, study_file: Path, run_here: Any, capsys: Capture) -> None:
    if options[0] in ("--jobs", "--backend"):  # no excuse that there is nothing to compute
        assert run_here(study_file, "--quiet") == 0
    assert run_here(study_file, *options) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert told in output.err
    assert "Traceback" not in output.err


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 1, "out of memory"),
        (mcrace.RunError("no luck"), 1, "no luck"),
    ],
)
def test_exit_codes(
    error: BaseException,
    code: int,
    told: str,
    study_file: Path,
    run_here: Any,
    monkeypatch: Any,
    capsys: Capture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("mcrace.report.publish.run", fail)
    assert run_here(study_file) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert told in output.err
    assert output.err.count("\n") == 1


# schema, explain


def test_schema_is_json(capsys: Capture) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"study", "model"} <= set(schema["$defs"]["Study"]["required"])


@pytest.mark.parametrize("name", [*KEYS, *OUTPUTS])
def test_explain(name: str, capsys: Capture) -> None:
    assert main(["explain", name]) == 0
    text = capsys.readouterr().out
    assert not too_wide(text)
    assert name in text.splitlines()[0]
    for part in ("unit", "formula"):
        assert re.search(rf"^  {part} +\S", text, re.MULTILINE), part
    if name in KEYS:
        assert re.search(r"^  range +\S", text, re.MULTILINE)
        assert re.search(r"^  default +\S", text, re.MULTILINE)


def test_explain_lists_and_suggests(capsys: Capture) -> None:
    assert main(["explain"]) == 0
    listed = capsys.readouterr().out
    assert not too_wide(listed)
    assert all(name in listed for name in (*KEYS, *OUTPUTS))
    assert main(["explain", "customers.valuation_spred"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "did you mean 'customers.valuation_spread'?" in output.err


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (999.6, "1,000"), (999_600.0, "1 million"), (-2.5e9, "-2.5 billion"), (3e15, "3e+15")],
)
def test_plain_number(value: float, text: str) -> None:
    assert plain_number(value) == text


# As a process


def test_process_without_utf_8() -> None:
    done = process(["check", CONFIGS[0]], environment={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "?" not in re.sub(r"source: [^\n]*(\n    [^\n]*)*", "", done.stdout)


@pytest.mark.slow
def test_a_minus_is_not_lost_without_utf_8(tmp_path: Path) -> None:
    out = ["--no-report", "--out", tmp_path]
    done = process(["run", CONFIGS[2], *out], environment={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^base +-232\.9", done.stdout, re.MULTILINE)
    assert done.stdout.isascii()


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["schema"], ["explain"], ["--help"], ["check", str(CONFIGS[0])]])
def test_a_reader_that_goes_away(arguments: list[str]) -> None:
    # The reader is gone before the first line is written.
    command = [sys.executable, "-m", "mcrace", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "mcrace", "explain"]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "cannot go on: No space left on device\n")
