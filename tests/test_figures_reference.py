"""A few figures against pictures that were looked at, with room for another version of matplotlib.

The pictures in ``tests/reference_images`` are small, in grey and without letters, whose shapes differ from
one version and font to the next. After a change that is meant, look at the new pictures and remake them:

    MCRACE_REMAKE_IMAGES=1 python -m pytest -n 0 tests/test_figures_reference.py
"""

import copy
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import mcrace
from mcrace import figures
from mcrace.analysis.analyses import Analyses
from mcrace.engine.result import Result
from tests.drawn_figures import laid_out
from tests.fake_result import fake_result, typical_draws
from tests.small_study import SMALL

IMAGES = Path(__file__).parent / "reference_images"
DPI = 36
BLUR = 4
"""Side of the squares over which pictures are averaged: an edge may move by a part of a dot."""

MOST = 1.5
"""Largest root mean square of the difference of two pictures, in levels of grey of 255."""

FAKED = ("distribution_open_effect", "exceedance_incentive", "scenarios_incentive", "contrasts_incentive")
RUN = ("timeline", "tree", "correlations")


@pytest.fixture(scope="module")
def faked() -> Result:
    return fake_result(typical_draws(("base", "early", "discriminating"), 8192))


@pytest.fixture(scope="module")
def ran() -> tuple[Result, Analyses]:
    content = copy.deepcopy(dict(SMALL))
    content["sampling"] = {"draws": 2048, "replicates": 8, "seed": 3}
    study = mcrace.Study(**content, analysis={"regions": {"output": "open_effect", "below": -1e9}})
    result = mcrace.run(study, jobs=1)
    return result, mcrace.analyse(result, jobs=1)


def picture(figure: Figure) -> np.ndarray:
    """Render in grey, 0 black to 255 white, without any text and with axes at places of their own."""
    for text in figure.findobj(Text):
        text.set_visible(False)
    for ax in figure.axes:
        ax.tick_params(which="both", labelbottom=False, labelleft=False)
        place = ax.get_subplotspec()
        assert place is not None
        ax.set_position(place.get_position(figure))
    # Away from whole dots, which versions round in their own ways.
    width, height = (float(side) for side in figure.get_size_inches())
    figure.set_size_inches((int(width * DPI + 0.1) + 0.3) / DPI, (int(height * DPI + 0.1) + 0.3) / DPI)
    figure.set_dpi(DPI)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    return np.asarray(Image.fromarray(pixels).convert("L"))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square of the difference of two blurred pictures; of other sizes they are far apart."""
    if max(abs(mine - its) for mine, its in zip(one.shape, other.shape, strict=True)) > 1:
        return 255.0
    high, wide = (BLUR * (min(sides) // BLUR) for sides in zip(one.shape, other.shape, strict=True))
    difference = one[:high, :wide].astype(float) - other[:high, :wide].astype(float)
    blocks = difference.reshape(high // BLUR, BLUR, wide // BLUR, BLUR).mean(axis=(1, 3))
    return float(np.sqrt((blocks**2).mean()))


def compare(name: str, figure: Figure) -> None:
    drawn, path = picture(figure), IMAGES / f"{name}.png"
    if os.environ.get("MCRACE_REMAKE_IMAGES"):
        IMAGES.mkdir(exist_ok=True)
        Image.fromarray(drawn).save(path, optimize=True)
    assert distance(drawn, np.asarray(Image.open(path))) < MOST


@pytest.mark.parametrize("name", FAKED)
def test_a_figure_of_draws_looks_as_it_did(faked: Result, name: str) -> None:
    plan = figures.FIGURES[name]
    compare(name, laid_out(partial(plan.draw, faked), plan.height(faked)))


@pytest.mark.parametrize("name", RUN)
def test_a_figure_of_a_run_looks_as_it_did(ran: tuple[Result, Analyses], name: str) -> None:
    result, found = ran
    if name in figures.FIGURES:
        plan = figures.FIGURES[name]
        figure = laid_out(partial(plan.draw, result), plan.height(result))
    else:
        drawing = figures.ANALYSIS_FIGURES[name]
        figure = laid_out(partial(drawing.draw, found, result), drawing.height(found))
    compare(name, figure)


@pytest.mark.parametrize("name", FAKED)
def test_a_figure_of_other_draws_looks_otherwise(name: str) -> None:
    draws = typical_draws(("base", "early", "discriminating"), 8192, seed=8)
    for place, outputs in enumerate(draws.values()):
        outputs["incentive"] = outputs["incentive"] + (2 - place) * 1e10  # type: ignore[index]
        outputs["open_effect"] = 0.3 * outputs["open_effect"] - 5e9  # type: ignore[index]
    other, plan = fake_result(draws), figures.FIGURES[name]
    drawn = picture(laid_out(partial(plan.draw, other), plan.height(other)))
    assert distance(drawn, np.asarray(Image.open(IMAGES / f"{name}.png"))) > MOST
