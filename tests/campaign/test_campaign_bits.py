"""One digest of all tables of a run: workers, pieces, days, hash seeds, threads; what may differ is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mcrace.engine import machine
from mcrace.study.write import study_yaml
from tests.campaign import bits
from tests.small_study import small_study

LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def alone() -> str:
    return bits.digest_by(bits.Setting())


@pytest.mark.parametrize("setting", bits.LONG if LONG else bits.QUICK, ids=lambda setting: setting.name)
def test_no_setting_changes_a_bit_of_any_table(setting: bits.Setting, alone: str) -> None:
    assert bits.digest_by(setting) == alone


def test_another_design_has_another_digest(alone: str) -> None:
    assert bits.digest_by(bits.Setting(), "random") != alone


OTHERS = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_SKX", "OPENBLAS_CORETYPE": "Nehalem"}


def test_paths_that_libraries_take_are_named_by_manifest_and_verify(tmp_path: Path) -> None:
    # With other kernels of linear algebra, tables of analyses may differ in their last bits.
    plain = processor_of(tmp_path, {})
    assert plain == machine.processor()
    found = processor_of(tmp_path, OTHERS)
    if machine.platform.machine() == "x86_64":
        assert "NPY_DISABLE_CPU_FEATURES=X86_V4 AVX512_SKX" in found
        assert "openblas" not in plain or "openblas Nehalem" in found
    folder = next(tmp_path.glob("small/*/manifest.json")).parent
    command = [sys.executable, "-W", "ignore", "-m", "mcrace", "verify", str(folder), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if found != plain:
        assert "processor" in done.stdout


def processor_of(out: Path, environment: dict[str, str]) -> str:
    """Run the small study's command in an environment; what its manifest says of the processor."""
    shutil.rmtree(out / "small", ignore_errors=True)
    file = out / "study.yaml"
    file.write_text(study_yaml(small_study().document))
    options = ["--no-report", "--quiet", "--out", str(out)]
    subprocess.run(
        [sys.executable, *["-W", "ignore", "-m", "mcrace", "run"], str(file), *options],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )
    manifest = json.loads(next(out.glob("small/*/manifest.json")).read_text())
    return str(manifest["processor"])
