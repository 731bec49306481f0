"""What is compiled, run as the plain Python that it is: the same bits, on few draws."""

import warnings
from types import ModuleType

import numpy as np
import pytest

from mcrace.compiling import elementwise
from mcrace.engine import tally
from mcrace.engine.bins import bins_of
from mcrace.engine.tally import tally_of, tally_record
from mcrace.laws import build_law
from mcrace.model import core_kernel, incentive
from mcrace.sampling import sobol, unit_block
from mcrace.study.expressions import evaluate_expression, parse_expression
from tests.test_model_core import assert_same_bits, core_model

DRAWS = 70  # a strip and a rest
LAWS = [
    ("normal", {"mean": 3, "sd": 2}),
    ("lognormal", {"p05": 50, "p95": 500}),
    ("exponential", {"mean": 3}),
    ("triangular", [0, 2, 10]),
    ("triangular", [0, 0, 1]),
    ("uniform", [2, 3]),
    ("loguniform", [2, 3000]),
    ("weibull", {"p05": 60, "p95": 500}),
]


def plainly(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Leave the compiler out of a module."""
    monkeypatch.setattr(module, "compiled", lambda function: function)


@pytest.mark.parametrize("curve", ["log", "power", "hill"])
def test_the_core(monkeypatch: pytest.MonkeyPatch, curve: str) -> None:
    model = core_model(np.random.default_rng(6), DRAWS, curve=curve)
    expected = incentive(model)
    plainly(monkeypatch, core_kernel)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy tells of the infinities that compiled code passes over
        assert_same_bits(incentive(model), expected)


@pytest.mark.parametrize(("start", "count"), [(0, 64), (37, 91)])
def test_sobol_points(monkeypatch: pytest.MonkeyPatch, start: int, count: int) -> None:
    def block():
        return unit_block(
            method="sobol",
            seed=5,
            replicate=2,
            start=start,
            count=count,
            points=128,
            names=["a", "b"],
            dimensions=[0, 7],
        )

    expected = block()
    monkeypatch.setattr(sobol, "_FEW", 0)
    np.testing.assert_array_equal(block(), expected)
    plainly(monkeypatch, sobol)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of words that overflow, as they must
        np.testing.assert_array_equal(block(), expected)


@pytest.mark.parametrize(("name", "spec"), LAWS, ids=[f"{name} {spec}" for name, spec in LAWS])
def test_laws(monkeypatch: pytest.MonkeyPatch, name: str, spec: object) -> None:
    law = build_law(name, spec)
    levels = np.concatenate([np.random.default_rng(7).random(1100), [1e-300, 1e-12, 0.5, 1 - 1e-12]])
    expected = law.ppf(levels), law.isf(levels)
    plainly(monkeypatch, elementwise)
    np.testing.assert_array_equal(law.ppf(levels), expected[0])
    np.testing.assert_array_equal(law.isf(levels), expected[1])


@pytest.mark.parametrize("function", ["exp", "log"])
def test_functions_of_expressions(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    expression = parse_expression(f"{function}(x)")
    odd = [0.0, -0.0, -1.0, 710.0, -750.0, 5e-324, np.inf, -np.inf, np.nan]
    x = np.concatenate([np.random.default_rng(9).normal(0, 30, 1100), odd])
    found = evaluate_expression(expression, {"x": x})
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found, getattr(np, function)(x), rtol=4e-16)
    np.testing.assert_array_equal([evaluate_expression(expression, {"x": float(one)}) for one in x], found)
    plainly(monkeypatch, elementwise)
    np.testing.assert_array_equal(evaluate_expression(expression, {"x": x}), found)


def test_tallies(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    values = np.stack([[rng.normal(size=200), rng.lognormal(0, 3, 200), np.full(200, -2.5), np.zeros(200)]])
    values[0, 3, ::3] = 1.0
    bins = bins_of(values[..., :150], 150)
    expected = tally_record(tally_of(values, bins))
    plainly(monkeypatch, tally)
    for name, found in tally_record(tally_of(values, bins)).items():
        np.testing.assert_array_equal(found, expected[name], err_msg=name)
