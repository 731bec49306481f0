"""No figure is empty, cut, or unreadable: long names of any script, one draw, heavy tails, many rows.

Every plan is drawn as it is saved; then the boxes of all its texts are looked at: none leaves the canvas, and
no two hide each other.
"""

import copy
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import mcrace
from mcrace import figures
from mcrace.analysis.analyses import Analyses
from mcrace.engine.result import Result
from tests.drawn_figures import laid_out, unreadable
from tests.fake_result import base_result, fake_result, fake_study, typical_draws
from tests.small_study import SMALL

LONG = (
    "A label that goes on and on, so that no axis has room for it, and then goes on for some more words " * 2
)
SCRIPTS = (
    LONG[:200],
    "تسمية طويلة جدا لا تتسع لها المحاور وتستمر بعد ذلك بكلمات أخرى كثيرة حتى النهاية " * 2,
    "一个非常长的标签它没有空格所以很难断行而且还要继续写下去直到两百个字符为止" * 4,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    '<script>alert("1")</script> $\\frac{1}{2}$ & 100 %',
    "",
)
RANDOM = np.random.default_rng(5)
EVERY: dict[str, Any] = {
    "sensitivity": {"points": 32, "replicates": 4},
    "flip": {"keys": ["model.customers.open_elasticity", "model.lab.strategic.prize", "inputs.day"]},
    "regions": {"output": "incentive", "below": 0},
    "candidate": {"count": 5},
    "release_map": {"count": 3},
}


def ran(analysis: dict[str, Any] | None = None, **changes: Any) -> tuple[Result, Analyses]:
    content = {**copy.deepcopy(dict(SMALL)), **changes}
    content["sampling"] = {"draws": 1024, "replicates": 8, "seed": 3, **content.get("sampling", {})}
    result = mcrace.run(mcrace.Study(**content, analysis=analysis or {}), jobs=1)
    return result, mcrace.analyse(result, jobs=1)


def with_long_names() -> tuple[Result, Analyses]:
    inputs = copy.deepcopy(dict(SMALL["inputs"]))
    for item, label in zip(inputs.values(), SCRIPTS[1:], strict=False):
        item["label"] = label
        item["unit"] = LONG[:60]
    scenarios = {
        f"{place}_{'long_name_of_a_scenario_' * 3}"[:64]: {"inputs.day": 30 + place} for place in range(4)
    }
    words = {"study": "a_very_long_name_for_a_study_that_goes_on_and_on_to_64_letters_", "title": SCRIPTS[2]}
    return ran(EVERY, inputs=inputs, scenarios=scenarios, **words)


def with_many_rows() -> tuple[Result, Analyses]:
    factors = {
        f"i{place}": {"law": {"uniform": [0.5, 1.5]}, "label": SCRIPTS[place % 6] or f"Factor {place}"}
        for place in range(37)
    }
    model = {**SMALL["model"], "customers": {"count": "3e7 * " + " * ".join(factors)}}
    scenarios = {f"scenario_{place}": {"inputs.day": 10 * place} for place in range(50)}
    return ran({}, inputs={**SMALL["inputs"], **factors}, model=model, scenarios=scenarios)


def with_extremes() -> tuple[Result, Analyses]:
    inputs = {
        "x": {"law": {"lognormal": {"p05": 1e-9, "p95": 1e9}}, "unit": "USD"},
        "lead": {"law": {"lognormal": {"p05": 1.1, "p95": 1e6}, "bounds": [1.01, float("inf")]}},
        "day": {
            "law": {"discrete": {"values": [0, 400, float("inf")], "weights": [0.3, 0.3, 0.4]}},
            "unit": "days",
        },
    }
    return ran(EVERY, inputs=inputs)


REAL: dict[str, Callable[[], tuple[Result, Analyses]]] = {
    "long names": with_long_names,
    "40 inputs, 50 scenarios": with_many_rows,
    "extremes": with_extremes,
}
ODD: dict[str, Callable[[], Result]] = {
    "one draw": lambda: base_result([3.5e9], [-1e9], replicates=1, study=fake_study(inputs=())),
    "a million": lambda: base_result(RANDOM.normal(1e6, 2e5, 512), RANDOM.normal(-1e6, 1.0, 512)),
    "zeros": lambda: base_result([0.0] * 64, [0.0] * 64),
    "heavy tails": lambda: base_result(
        1e9 * RANDOM.standard_cauchy(2048), -1e3 * np.exp(4 * RANDOM.normal(size=2048))
    ),
    "50 scenarios": lambda: fake_result(
        typical_draws(
            ["base", *(f"{chr(97 + place % 26) * 30}_{'x' * 30}{place}" for place in range(50))], 256
        )
    ),
}


def faults_of(draw: Callable[[Any], None], height: float) -> list[str]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # no font here has every letter
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        figure = laid_out(draw, height)
        assert figure.axes or figure.texts
        return unreadable(figure)


def all_faults(result: Result, found: Analyses | None) -> dict[str, list[str]]:
    faults = {}
    for name, plan in figures.FIGURES.items():
        if plan.applies(result):
            faults[name] = faults_of(partial(plan.draw, result), plan.height(result))
            assert "nan" not in plan.caption(result) + plan.alt(result)
    for name, drawing in figures.ANALYSIS_FIGURES.items():
        if found is not None and drawing.applies(found):
            faults[name] = faults_of(partial(drawing.draw, found, result), drawing.height(found))
            assert drawing.caption(found, result)
    return {name: list(dict.fromkeys(told)) for name, told in faults.items() if told}


@pytest.mark.slow
@pytest.mark.parametrize("case", REAL)
def test_every_figure_of_an_awkward_study_can_be_read(case: str) -> None:
    assert all_faults(*REAL[case]()) == {}


@pytest.mark.slow
@pytest.mark.parametrize("case", ODD)
def test_every_figure_of_an_odd_run_can_be_read(case: str) -> None:
    assert all_faults(ODD[case](), None) == {}
