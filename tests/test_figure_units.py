"""Figures: one unit where numbers stand together, one panel for a family of inputs, and an honest axis."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from mcrace import figures
from mcrace.figures.frames import part_of
from mcrace.figures.theme import theme
from mcrace.figures.wording import common_unit
from mcrace.laws.lognormal import Lognormal
from mcrace.laws.loguniform import Loguniform
from mcrace.laws.normal import Normal
from mcrace.laws.uniform import Uniform
from tests.fake_result import TYPICAL_INPUTS, base_result, fake_input, fake_study


def test_a_family_of_inputs_is_drawn_once() -> None:
    family = [
        replace(
            TYPICAL_INPUTS[1], name=f"model.open.process.growth.{place}", family="model.open.process.growth"
        )
        for place in range(12)
    ]
    result = base_result([1.0] * 32, [0.0] * 32, study=fake_study(inputs=(TYPICAL_INPUTS[0], *family)))
    assert list(figures.inputs_numbers(result)["input"].unique()) == ["x", "model.open.process.growth"]
    plan = figures.FIGURES["inputs"]
    assert "12 of them, each drawn anew: " in plan.alt(result)
    assert "its 2 inputs" in plan.caption(result)
    assert "one panel" in plan.caption(result)


@pytest.mark.parametrize(
    ("law", "log"),
    [
        (Uniform(0.0, 1.0), False),
        (Uniform(1e-9, 1.0), False),
        (Loguniform(1e11, 1e13), True),
        (Lognormal(3e7, 1.6), True),
        (Lognormal(3e7, 0.7), False),
        (Normal(0.0, 1.0), False),
    ],
)
def test_only_skewed_laws_get_a_logarithmic_axis(law: Any, log: bool) -> None:
    study = fake_study(inputs=(fake_input("x", law),))
    frame = figures.inputs_numbers(base_result([1.0] * 32, [0.0] * 32, study=study))
    widths = np.diff(part_of(frame, "bin")["low"])
    assert (widths[-1] > 2 * widths[0]) == log


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2e9, -1e10, 3e12], (1e9, "billion USD")),
        ([2e9, 3e9, 3e13], (1e12, "trillion USD")),
        ([2e12, 5e11, 1.2e12], (1e12, "trillion USD")),
        ([1.8e8, 0.0, 0.0, 1.25e9], (1e9, "billion USD")),
        ([1.8e8, 2e8, 2e8, 1.25e9], (1e6, "million USD")),
        ([30.0, 1e3, 2e4], (1e3, "thousand USD")),
        ([0.0, float("nan")], (1.0, "USD")),
    ],
)
def test_one_unit_for_numbers_that_stand_together(values: list[float], expected: tuple[float, str]) -> None:
    assert common_unit(values, "USD") == expected


def test_caption_axis_and_alternative_text_name_one_unit() -> None:
    random = np.random.default_rng(8)
    values = 2e11 * random.standard_t(2, 4096)  # tails beyond a trillion, a bulk below
    result = base_result(values, values)
    for name in ("distribution_incentive", "exceedance_incentive", "scenarios_incentive"):
        plan = figures.FIGURES[name]
        with theme():
            figure = Figure(figsize=(7.4, 4.4))
            plan.draw(result, figure)
        assert "(billion USD)" in figure.axes[0].get_xlabel()
        assert "in billion USD" in plan.caption(result)
        assert "billion USD" in plan.alt(result)
