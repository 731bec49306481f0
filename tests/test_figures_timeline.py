"""The timeline of one draw: what is drawn adds up to its very incentive, whatever the mechanisms."""

import copy
import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import mcrace
from mcrace import figures
from mcrace.analysis.analyses import Analyses
from mcrace.engine.evaluate import model_of
from mcrace.engine.replay import replayed
from mcrace.engine.result import Result
from mcrace.figures.course import COURSE_COLUMNS, WORLDS, course_of, course_of_model, typical_draw
from mcrace.model import incentive
from tests.fake_result import base_result
from tests.random_models import random_full_model
from tests.small_study import EXACT, SMALL


@pytest.fixture(scope="module")
def made() -> tuple[Result, Analyses]:
    content = copy.deepcopy(dict(SMALL))
    content["sampling"] = {"draws": 2048, "replicates": 8, "seed": 3, "keep": 1024}
    study = mcrace.Study(**content, analysis={"regions": {"output": "incentive", "below": 0}})
    result = mcrace.run(study, jobs=1)
    return result, mcrace.analyse(result, jobs=1)


def texts_of(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def check_course(model: Mapping[str, Any], tolerance: float) -> None:
    """Compare what is drawn with the model's own outputs."""
    outputs = {name: float(np.ravel(value)[0]) for name, value in incentive(model).items()}
    course = course_of_model(model)
    size = sum(abs(value) for value in outputs.values()) + 1e-300
    for rows in course.worlds.values():
        assert np.isfinite(rows).all()
    for world, output in zip(WORLDS, ("incentive", "incentive_frozen"), strict=True):
        assert course.incentives[world] == pytest.approx(outputs[output], rel=1e-9, abs=1e-9 * size)
        assert course.column(world, "gained")[-1] == pytest.approx(outputs[output], rel=1e-9, abs=1e-9 * size)
    flows = [
        course.column(world, "revenue_upgrade") - course.column(world, "revenue_stay") for world in WORLDS
    ]
    weights = np.exp(-course.discount * course.days)
    gains = [float(np.trapezoid(flow * weights, course.days)) for flow in flows]
    gross = sum(float(np.trapezoid(np.abs(flow) * weights, course.days)) for flow in flows)
    near = {"rel": 0.0, "abs": tolerance * gross + 1e-12 * size}
    assert gains[0] == pytest.approx(outputs["revenue_gain"], **near)
    assert gains[0] - gains[1] == pytest.approx(outputs["open_effect_revenue_gain"], **near)
    # What is earned on day 0 is what the lab earns today, unless it counts revenue less the more it has.
    if not course.satiated and course.column("release", "revenue_stay")[0] > 0:
        assert course.column("release", "revenue_stay")[0] == pytest.approx(outputs["revenue_today"])


@pytest.mark.parametrize("seed", range(40))
def test_what_is_drawn_adds_up_to_the_incentive_whatever_the_mechanisms(seed: int) -> None:
    check_course(random_full_model(np.random.default_rng(seed)), 0.01)


def test_the_core_is_drawn_as_the_model_text_has_it() -> None:
    model = {
        "horizon_days": 100,
        "value": {"curve": "log", "scale": 1.0, "reference": 1e8},
        "customers": {"count": 1000},
        "open": {"current_expense": 1e8, "releases": [{"day": 30, "expense": 3e8}]},
        "lab": {"current_expense": 2e8, "candidate_expense": 8e8, "start_day": 10, "training_days": 5},
    }
    check_course(model, 1e-12)
    course = course_of_model(model)
    assert course.arrival == 15
    before, after = course.days < 30, course.days > 30
    assert set(course.column("release", "open_level_stay")[before]) == {1e8}
    assert set(course.column("release", "open_level_stay")[after]) == {3e8}
    assert set(course.column("frozen", "open_level_stay")) == {1e8}
    assert course.column("release", "revenue_upgrade")[after] == pytest.approx(1000 * math.log(8 / 3))
    assert not course.column("release", "revenue_stay")[after].any()
    gained = course.column("release", "gained")
    assert not gained[course.days < 10].any()
    assert gained[(course.days > 10) & (course.days < 15)] == pytest.approx(-8e8)


def test_jumps_stand_twice_and_nothing_else_does() -> None:
    result = mcrace.run(mcrace.Study(**copy.deepcopy(dict(EXACT))), jobs=1)
    days = course_of(result).days
    assert (np.diff(days) >= 0).all()
    assert days[:-1][np.diff(days) == 0].tolist() == [200.0]


def test_the_draw_is_one_of_the_run_and_like_most(made: tuple[Result, Analyses]) -> None:
    result, _ = made
    replicate, point = typical_draw(result)
    outputs = replayed(result.study, replicate, point)[0].outputs
    course = course_of(result)
    assert (course.replicate, course.point) == (replicate, point)
    assert course.incentives["release"] == pytest.approx(outputs["incentive"], rel=1e-9)
    kept = result.draws.query("scenario == 'base'")
    number = replicate * result.statistics.points + point
    assert kept[kept["draw"] == number]["incentive"].item() == pytest.approx(outputs["incentive"])
    for output in ("incentive", "open_effect"):
        share = (kept[output] < outputs[output]).mean()
        assert 0.4 < share < 0.6
    other = course_of(result, (2, 17))
    assert other.incentives["frozen"] == pytest.approx(
        replayed(result.study, 2, 17)[0].outputs["incentive_frozen"], rel=1e-9
    )


def test_lines_of_the_timeline_are_its_table(made: tuple[Result, Analyses]) -> None:
    result, _ = made
    table = figures.timeline_numbers(result)
    assert list(table.columns) == ["world", "day", *COURSE_COLUMNS]
    release, frozen = (table[table["world"] == world] for world in WORLDS)
    factors = {"billion USD": 1e9, "million USD": 1e6, "trillion USD": 1e12}
    for part, columns in (
        (
            "levels",
            [(release, "own_level_upgrade"), (release, "own_level_stay"), (release, "open_level_stay")],
        ),
        ("revenue", [(release, "revenue_upgrade"), (frozen, "revenue_upgrade"), (release, "revenue_stay")]),
        ("gained", [(release, "gained"), (frozen, "gained")]),
    ):
        ax = figures.timeline(result, part, ax=Figure().add_subplot())  # type: ignore[arg-type]
        unit = ax.get_ylabel().split("(")[1].split(")")[0].removesuffix(" a day")
        for line, (world, column) in zip(ax.lines, columns, strict=False):
            assert np.asarray(line.get_xdata()).tolist() == world["day"].tolist()
            assert np.asarray(line.get_ydata()) * factors[unit] == pytest.approx(world[column].to_numpy())
    assert any(text.startswith("incentive") for text in texts_of(ax))


def test_a_draw_with_uncertain_sections_and_a_process_is_followed() -> None:
    content = copy.deepcopy(dict(SMALL))
    value = {"scale": 0.4, "reference": 1e6}
    content["model"]["value"] = {
        "one_of": [
            {"weight": 0.5, "is": value},
            {"weight": 0.5, "is": {"curve": "power", "exponent": 0.3, **value}},
        ]
    }
    growth = {"each": {"uniform": [1.1, 2.0]}}
    process = {"first_day": 100, "interval_days": 90, "growth": growth, "count": 4}
    content["model"]["open"] = {"current_expense": "x", "process": process}
    result = mcrace.run(mcrace.Study(**content), jobs=1)
    for draw in itertools.product((0, 3), (1, 2, 5)):
        outputs = replayed(result.study, *draw)[0].outputs
        course = course_of(result, draw)
        assert course.incentives["release"] == pytest.approx(outputs["incentive"], rel=1e-9)
        assert np.count_nonzero(np.diff(course.column("release", "open_level_stay"))) == 4


def test_a_run_without_a_model_has_no_timeline() -> None:
    assert not figures.FIGURES["timeline"].applies(base_result([1.0] * 32, [0.0] * 32))
    assert isinstance(model_of({"a": 1.0}, {}), dict)
