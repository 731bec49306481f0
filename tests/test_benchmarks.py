"""The benchmark of mechanisms: its models are legal, and what it takes out of the code is off."""

import numpy as np
import pytest

from mcrace.model import incentive_slowly, kernel
from mcrace.model.numbers import read_model
from tests.benchmarks import mechanisms


@pytest.fixture(scope="module")
def core():
    return mechanisms.baseline()


def test_every_mechanism_moves_some_output(core):
    cases = mechanisms.models(mechanisms.first(core, 16))
    outputs = {name: incentive_slowly(model) for name, model in cases.items()}
    plain = outputs.pop(mechanisms.CORE)
    for name, values in outputs.items():
        assert any(not np.array_equal(values[key], plain[key]) for key in plain), name


def test_targets_are_models_of_the_table(core):
    assert set(mechanisms.TARGETS) <= set(mechanisms.models(mechanisms.first(core, 2)))


@pytest.mark.parametrize("name", mechanisms.KNOWN_OFF)
def test_kernels_without_a_mechanism_give_the_same_bits_where_it_is_off(core, name):
    checked = read_model(mechanisms.first(core, 32))
    loop = mechanisms.loop_without(name)
    found, expected = mechanisms.evaluated(loop, checked), kernel.evaluate_slowly(checked)
    for output, values in expected.items():
        np.testing.assert_array_equal(found[output], values, err_msg=output)


def test_a_mechanism_that_the_code_does_not_know_is_refused(monkeypatch):
    monkeypatch.setattr(mechanisms, "KNOWN_OFF", {"tides": {"m.tides": 0.0}})
    with pytest.raises(ValueError, match=r"tides.*m\.tides"):
        mechanisms.loop_without("tides")


def test_the_report_has_a_line_for_each_model_and_target():
    lines = mechanisms.report(16, 1)
    for name in mechanisms.TARGETS:
        assert any(line.endswith(f"  {name}") for line in lines)
        assert any(line.startswith(f"{name}: aim") for line in lines)
