"""What a command loads, and that what is quick gives what is slow."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mcrace
from mcrace.engine.block import trial_outputs
from mcrace.errors import ModelError
from mcrace.model import incentive_slowly
from mcrace.report.publish import publish
from mcrace.terminal.trial import plain_outputs, trial_revenue
from tests.random_models import random_full_model

CONFIGS = Path(__file__).parents[1] / "configs"
BASELINE = CONFIGS / "baseline.yaml"


def loaded_by(*arguments: str, after: str = "") -> set[str]:
    """Modules that are loaded, all the way down, by a command in a process of its own."""
    code = (
        f"import sys; sys.argv[1:] = {list(arguments)!r}; from mcrace.cli import main\n"
        f"try:\n    main()\nexcept SystemExit: pass\n{after}\nprint('loaded', *sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return set(output.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("run", "--help"), ("explain",)])
def test_what_needs_no_numbers_loads_none(arguments):
    heavy = {"numpy", "scipy", "pandas", "numba", "matplotlib", "seaborn", "pydantic", "yaml", "joblib"}
    assert not loaded_by(*arguments) & heavy


def test_check_loads_no_compiler_no_tables_and_no_figures():
    loaded_by("check", str(BASELINE))  # what slow laws are looked up in is kept from here on
    loaded = loaded_by("check", str(BASELINE))
    assert not loaded & {"numba", "pandas", "matplotlib", "seaborn", "pyarrow", "joblib"}
    assert "numpy" in loaded
    assert not {name for name in loaded if name.startswith("scipy")}


def test_scipy_leaves_alone_what_is_postponed():
    loaded = loaded_by("check", str(BASELINE), after="import scipy.special")
    assert "scipy.special" in loaded
    assert not loaded & {"numpy.f2py.crackfortran", "numpy.f2py.f2py2e", "unittest"}


def test_what_is_postponed_loads_when_it_is_touched():
    loaded = loaded_by("check", str(BASELINE), after="import numpy; numpy.f2py.get_include")
    assert "numpy.f2py.crackfortran" in loaded


@pytest.mark.slow
def test_run_loads_neither_seaborn_nor_the_laws_of_scipy(tmp_path):
    options = ("--draws", "1024", "--jobs", "1", "--quiet", "--out", str(tmp_path))
    loaded = loaded_by("run", str(BASELINE), *options)
    assert "matplotlib" in loaded
    assert not loaded & {"seaborn", "scipy.stats", "scipy.optimize", "matplotlib.pyplot", "dask", "ray"}


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_quick_trial_gives_the_bits_of_the_slow_one(path):
    study = mcrace.load(path)
    slow = trial_outputs(study, 8, incentive_slowly)
    quick = trial_outputs(study, 8, plain_outputs)
    for name, values in slow.items():
        np.testing.assert_array_equal(quick[name], values, err_msg=name)
    np.testing.assert_array_equal(trial_revenue(study, 8), slow["revenue_today"])


def test_the_quick_trial_gives_the_bits_of_the_slow_one_for_random_models():
    generator = np.random.default_rng(8)
    for _ in range(100):
        model = random_full_model(generator)
        slow, quick = incentive_slowly(model), plain_outputs(model)
        for name, values in slow.items():
            np.testing.assert_array_equal(np.ravel(quick[name]), np.ravel(values), err_msg=name)


def test_the_quick_trial_refuses_what_is_no_number():
    model = {
        "horizon_days": 100,
        "value": {"curve": "power", "scale": 1e300, "reference": 1.0, "exponent": 2.0},
        "customers": {"count": 1e6},
        "open": {"current_expense": 1e8},
        "lab": {"current_expense": 2e8, "candidate_expense": 1e300},
    }
    with pytest.raises(ModelError), np.errstate(all="ignore"):
        plain_outputs(model)


def test_the_summary_file_has_a_line_a_row(tmp_path):
    study = mcrace.load(BASELINE, {"sampling.draws": 64})
    folder = publish(study, out=tmp_path, report=False).folder
    text = (folder / "summary.json").read_text()
    record = json.loads(text)
    tables = [value for value in record.values() if isinstance(value, list)]
    assert len(tables) == 2
    assert len(text.splitlines()) == 2 + len(record) + sum(len(table) + 1 for table in tables)
