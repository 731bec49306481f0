"""Figures of analyses: what is drawn equals what was found; odd studies are drawn without a warning."""

import copy
import io
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import mcrace
from mcrace import figures
from mcrace.analysis.analyses import Analyses
from mcrace.analysis.decomposition import decomposition
from mcrace.analysis.estimates import Estimates
from mcrace.engine.probe import base_draws
from mcrace.engine.result import Result
from mcrace.figures import theme as style
from mcrace.figures.analysis_saving import ANALYSIS_FIGURES
from mcrace.figures.findings import driving, estimate_at
from mcrace.figures.saving import FigureFile, figure_bytes
from mcrace.figures.waterfall import waterfall_alt
from tests.small_study import SMALL

LONG = (
    'A label that goes on and on with a $ sign, <script>alert("x")</script> & 开源模型今天的水平和很多别的字 '
    "and does not end before it has said everything twice, everything twice"
)
EVERY: Mapping[str, Any] = {
    "sensitivity": {"points": 64, "replicates": 4},
    "flip": {"keys": ["model.customers.open_elasticity", "model.lab.strategic.prize", "inputs.day"]},
    "regions": {"output": "open_effect", "below": -1e8},
    "candidate": {"count": 5},
    "release_map": {"count": 3},
}
DAY: Mapping[str, Any] = {"day": {"law": {"uniform": [0, 900]}, "unit": "days"}}


@dataclass(frozen=True)
class Made:
    result: Result
    found: Analyses
    described: tuple[FigureFile, ...]
    files: dict[str, bytes]

    @property
    def names(self) -> list[str]:
        return [name for name, plan in ANALYSIS_FIGURES.items() if plan.applies(self.found)]

    def table(self, name: str) -> pd.DataFrame:
        if not self.files:
            return ANALYSIS_FIGURES[name].numbers(self.found, self.result)
        return pd.read_csv(io.BytesIO(self.files[f"figures/{name}.csv"]))

    def alt(self, name: str) -> str:
        return ANALYSIS_FIGURES[name].alt(self.found, self.result)


def made(analysis: Mapping[str, Any], *, saved: bool = False, **changes: Any) -> Made:
    content = {**copy.deepcopy(dict(SMALL)), "scenarios": {}, **changes, "analysis": dict(analysis)}
    content["sampling"] = {"draws": 2048, "replicates": 8, "seed": 3}
    result = mcrace.run(mcrace.Study(**content), jobs=1)
    found = mcrace.analyse(result, jobs=1)
    files: dict[str, bytes] = {}
    described = figures.save_analysis_figures(result, found, files.__setitem__) if saved else ()
    return Made(result=result, found=found, described=described, files=files)


def with_model(**sections: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(SMALL["model"])), **sections}


PLAIN = with_model(
    discount_rate=0.1,
    open={"current_expense": 1e8, "releases": [{"day": "day", "expense": 9e8}]},
    lab={"current_expense": 3e8, "candidate_expense": 3e9},
)


@pytest.fixture(scope="module")
def small() -> Made:
    groups = {"money <b>today</b>": ["x", "lead"]}
    inputs = {
        "x": {**SMALL["inputs"]["x"], "label": LONG},
        "lead": {**SMALL["inputs"]["lead"], "label": "Lead"},
        "day": {
            "law": {"discrete": {"values": [50, 400, math.inf], "weights": [0.4, 0.4, 0.2]}},
            "unit": "days",
            "label": "Day of the release",
        },
    }
    return made({**EVERY, "groups": groups}, saved=True, inputs=inputs)


@pytest.fixture(scope="module")
def many() -> Made:
    factors = {f"i{k}": {"law": {"uniform": [0.5, 1.5]}, "label": f"Factor {k}"} for k in range(37)}
    model = with_model(customers={"count": "3e7 * " + " * ".join(factors)})
    return made({"outputs": ["incentive"]}, inputs={**SMALL["inputs"], **factors}, model=model)


@pytest.fixture(scope="module")
def constant() -> Made:
    return made(EVERY, inputs=DAY, model={**PLAIN, "open": {"current_expense": 1e8}})


@pytest.fixture(scope="module")
def one() -> Made:
    return made({}, inputs=DAY, model=PLAIN)


@pytest.fixture
def ax() -> Axes:
    return Figure().add_subplot()


@pytest.fixture(autouse=True)
def no_open_figures() -> Iterator[None]:
    yield
    plt.close("all")


def widths(ax: Axes) -> list[float]:
    return [bar.get_width() for bar in ax.patches if isinstance(bar, Rectangle)]


def texts(ax: Axes) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def test_every_figure_is_made_where_there_is_something_to_show(small: Made) -> None:
    expected = [name for name in ANALYSIS_FIGURES if name != "decomposition"]
    assert [item.name for item in small.described] == expected
    for item in small.described:
        assert small.files[f"figures/{item.name}.png"].startswith(b"\x89PNG")
        assert len(small.table(item.name)) > 0


def test_the_same_analyses_give_the_same_bytes(small: Made) -> None:
    for name in ("release_map",):
        plan = ANALYSIS_FIGURES[name]
        size = (style.WIDTH, plan.height(small.found))
        svg, png = figure_bytes(size, partial(plan.draw, small.found, small.result))
        assert svg == small.files[f"figures/{name}.svg"]
        assert png == small.files[f"figures/{name}.png"]


def test_svgs_are_well_formed_and_hold_no_markup_of_the_study(small: Made) -> None:
    for item in small.described:
        root = ET.fromstring(item.svg)  # noqa: S314 - our own drawing
        assert not root.findall(".//{http://www.w3.org/2000/svg}script")
        assert "<script" not in item.svg
        assert "<b>" not in item.svg


@pytest.mark.parametrize("name", ["drivers", "tornado", "value_of_information", "regions", "flip"])
def test_no_text_leaves_the_figure(small: Made, name: str) -> None:
    plan = ANALYSIS_FIGURES[name]
    with style.theme():
        figure = Figure(figsize=(style.WIDTH, plan.height(small.found)), layout="constrained")
        renderer = FigureCanvasAgg(figure).get_renderer()
        plan.draw(small.found, small.result, figure)
        figure.draw_without_rendering()
        for axes in figure.axes:
            box = axes.get_tightbbox(renderer)
            assert -2 <= box.x0 < box.x1 <= figure.bbox.x1 + 2
            assert -2 <= box.y0 < box.y1 <= figure.bbox.y1 + 2


# What is drawn is what was found


def test_drivers_are_the_indices_the_greatest_total_first(small: Made, ax: Axes) -> None:
    found = small.found
    assert found.sobol is not None
    figures.drivers(found, small.result, "open_effect", ax=ax)
    order = [found.inputs[place] for place in driving(found, "open_effect")]
    totals = dict(zip(found.inputs, found.sobol.total.value[1], strict=True))
    firsts = dict(zip(found.inputs, found.sobol.first.value[1], strict=True))
    assert order == sorted(order, key=lambda name: -totals[name])
    drawn = [100 * firsts[name] for name in order] + [100 * totals[name] for name in order]
    assert widths(ax) == pytest.approx(drawn)
    table = small.table("drivers").query("output == 'open_effect' and part == 'with its interactions'")
    assert table["name"].tolist() == order
    assert table["value"].tolist() == pytest.approx([totals[name] for name in order])


def test_a_share_that_the_draws_do_not_know_is_not_drawn(small: Made, ax: Axes) -> None:
    figures.drivers(small.found, small.result, "incentive", ax=ax)
    table = small.table("drivers").query("output == 'incentive' and part == 'with its interactions'")
    unknown = ((table["high"] - table["low"]) / 2 > 0.5).sum()
    assert texts(ax).count("not resolved") == unknown


def test_tornado_starts_at_the_mean_and_ends_at_the_curves(small: Made, ax: Axes) -> None:
    figures.tornado(small.found, small.result, "open_effect", ax=ax)
    mean = float(base_draws(small.result).outputs["open_effect"].mean())
    table = small.table("tornado").query("output == 'open_effect'")
    assert float(table.query("part == 'mean'")["value"].iloc[0]) == pytest.approx(mean)
    day = table.query("name == 'day'").set_index("part")["value"]
    curve = small.found.curves[1].inputs[small.found.inputs.index("day")]
    assert day["5 % of it"] == 50
    assert day["95 % of it"] == math.inf
    assert day["5 %"] == curve.mean.value[0]
    assert day["95 %"] == curve.mean.value[-1]
    assert ax.get_yticklabels()[0].get_text() == "Day of the release"
    starts = {round(bar.get_x(), 9) for bar in ax.patches if isinstance(bar, Rectangle)}
    factor = 1e9 if "billion" in ax.get_xlabel() else 1e6
    assert starts == {round(mean / factor, 9)}
    assert "never" in texts(ax)


def test_worth_is_the_value_of_information(small: Made, ax: Axes) -> None:
    known = small.found.training
    assert known is not None
    figures.worth(small.found, small.result, ax=ax)
    table = small.table("value_of_information").query("decision == 'training'")
    values = table[table["part"].str.endswith(" value")]
    assert values["part"].iloc[0] == "perfect value"
    assert values["value"].iloc[0] == float(known.perfect.value)
    assert sorted(values["value"].iloc[1:]) == sorted([*known.groups.value, *known.inputs.value])
    assert widths(ax) == pytest.approx((values["value"] / 1e9).tolist())
    unresolved = int((values["low"] <= 0).sum())
    assert texts(ax).count("not resolved") == unresolved > 0
    assert "Together: money <b>today</b>" in [label.get_text() for label in ax.get_yticklabels()]


def test_thresholds_are_the_curves_with_an_infinite_value_beside_them(small: Made) -> None:
    figure = figures.thresholds(small.found, small.result, "open_effect")
    day = next(axes for axes in figure.axes if axes.get_title(loc="left").startswith("Day"))
    curve = small.found.curves[1].inputs[small.found.inputs.index("day")]
    assert curve.is_atom.all()
    dots = day.lines[0] if len(day.lines[0].get_xdata()) == 3 else day.containers[0].lines[0]
    assert np.asarray(dots.get_xdata())[:2].tolist() == [50, 400]
    assert np.asarray(dots.get_xdata())[2] > 400
    assert np.isfinite(np.asarray(dots.get_xdata(), dtype=float)).all()
    assert "never" in texts(day)
    table = small.table("thresholds").query("output == 'open_effect' and name == 'day'")
    assert table["part"].tolist() == ["atom"] * 3
    assert table["value"].tolist() == curve.mean.value.tolist()


def test_a_crossing_is_marked_where_it_is(small: Made) -> None:
    curve = small.found.curves[0].inputs[small.found.inputs.index("x")]
    assert curve.mean_crossings
    rows = small.table("thresholds").query("output == 'incentive' and name == 'x' and part == 'crossing'")
    assert rows["value"].tolist() == [crossing.value for crossing in curve.mean_crossings]
    figure = figures.thresholds(small.found, small.result, "incentive")
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left").startswith("A label"))
    marks = [line for line in panel.lines if line.get_linestyle() == "--"]
    assert [line.get_xdata()[0] * 1e6 for line in marks] == pytest.approx(rows["value"].tolist())


def test_flips_are_those_that_were_found(small: Made, ax: Axes) -> None:
    figures.flips(small.found, small.result, ax=ax)
    hits = [point for point in small.found.flips if not math.isnan(float(point.value.value))]
    table = small.table("flip").query("part == 'flip'")
    assert table["key"].tolist() == [point.path for point in hits]
    assert table["value"].tolist() == [float(point.value.value) for point in hits]
    elasticity = estimate_at(hits[0].value).text()
    assert elasticity in texts(ax)
    assert elasticity in small.alt("flip")
    missing = len(small.found.flips) - len(hits)
    caption = next(item.caption for item in small.described if item.name == "flip")
    assert (f"{missing} number" in caption) == (missing > 0)


def test_the_candidate_curve_has_both_worlds_and_their_best(small: Made, ax: Axes) -> None:
    curve = small.found.candidate
    assert curve is not None
    figures.candidate_curve(small.found, small.result, ax=ax)
    lines = [line for line in ax.lines if len(np.asarray(line.get_xdata())) == len(curve.multiples)]
    for line, mean in zip(lines, curve.mean.value, strict=True):
        assert np.asarray(line.get_xdata()).tolist() == curve.multiples.tolist()
        assert np.asarray(line.get_ydata()) == pytest.approx(mean / 1e9)
    table = small.table("candidate").query("part == 'best multiple'")
    assert table["value"].tolist() == curve.best.multiple.value.tolist()
    assert estimate_at(curve.best.multiple, (0,)).text() in small.alt("candidate")


def test_the_map_shows_every_cell_with_even_colours_about_zero(small: Made, ax: Axes) -> None:
    cells = small.found.release_map
    assert cells is not None
    for row, output in enumerate(("incentive", "open_effect")):
        axes = Figure().add_subplot()
        figures.release_sign_map(small.found, small.result, output, ax=axes)
        mesh = next(item for item in axes.collections if isinstance(item, QuadMesh))
        shown = np.asarray(mesh.get_array())
        assert shown / np.abs(shown).max() == pytest.approx(
            cells.mean.value[row] / np.abs(cells.mean.value[row]).max()
        )
        low, high = mesh.get_clim()
        assert low == -high
    table = small.table("release_map")
    assert table["value"].tolist() == cells.mean.value.ravel().tolist()
    figures.release_sign_map(small.found, small.result, ax=ax)
    assert "multiples of y" in ax.get_ylabel()


def test_regions_are_drawn_on_the_scale_of_probability(small: Made, ax: Axes) -> None:
    prim = small.found.prim
    assert prim is not None
    figures.regions(small.found, small.result, ax=ax)
    region = prim.regions[0]
    table = small.table("regions").query("region == 1")
    shares = table.set_index("part")["value"]
    assert shares["coverage"] == float(region.coverage.value)
    assert shares["density"] == float(region.density.value)
    draws = base_draws(small.result).inputs
    ranges = table.query("part == 'range'").set_index("name")
    for _, row in table.query("part == 'probability'").iterrows():
        values = draws[..., small.found.inputs.index(row["name"])]
        limits = ranges.loc[row["name"]]
        inside = (values >= limits["low"]) & (values <= limits["high"])
        assert row["value"] == pytest.approx(inside.mean())
        assert any(width == pytest.approx(100 * row["value"]) for width in widths(ax))
    assert f"true in {estimate_at(region.density).percent} of its draws" in small.alt("regions")


def test_a_range_between_two_limits_is_drawn_between_their_probabilities(small: Made, ax: Axes) -> None:
    prim = small.found.prim
    assert prim is not None
    one = prim.regions[0].limits[0]
    limits = tuple(
        replace(one, name="lead", above=above, value=value) for above, value in ((False, 6.2), (True, 10.8))
    )
    region = replace(prim.regions[0], limits=limits)
    found = replace(small.found, prim=replace(prim, regions=(region,)))
    figures.regions(found, small.result, ax=ax)
    track, bar = [item for item in ax.patches if isinstance(item, Rectangle)]
    # lead is uniform from 1.6 to 20: a quarter of it lies below 6.2, a half below 10.8
    assert (track.get_x(), track.get_width()) == (0, 100)
    assert (bar.get_x(), bar.get_width()) == pytest.approx((25, 25), abs=0.2)
    assert "between 6.2 and 10.8" in texts(ax)
    assert "Lead between 6.2 and 10.8" in ANALYSIS_FIGURES["regions"].alt(found, small.result)


def test_the_steps_of_the_decomposition_add_up(small: Made, ax: Axes) -> None:
    means = np.array([[5e9, 7e9], [-2e9, -4e9], [0.0, 0.0]])
    names = ("open_effect_strategic_gain", "open_effect_revenue_gain", "open_effect_prestige_gain")
    found = Analyses(decomposition=decomposition(means, names))
    assert ANALYSIS_FIGURES["decomposition"].applies(found)
    figures.waterfall(found, small.result, ax=ax)
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
    assert [(bar.get_x(), bar.get_width()) for bar in bars] == [(0, 6), (6, -3), (0, 3)]
    table = figures.waterfall_numbers(found, small.result)
    assert table["value"].tolist() == [6e9, -3e9, 3e9]
    assert table["start"].tolist() == [0.0, 6e9, 0.0]
    assert "−3" in waterfall_alt(found, small.result)
    assert not ANALYSIS_FIGURES["decomposition"].applies(small.found)


def test_every_alternative_text_tells_a_number_and_names_an_input(small: Made) -> None:
    for item in small.described:
        assert any(letter.isdigit() for letter in item.alt), item.name
        assert item.alt.endswith(".")
        assert item.caption.endswith(".")
        assert "nan" not in item.alt.lower().split()
    for name in ("drivers", "tornado", "thresholds", "value_of_information"):
        assert "Lead" in small.alt(name) or "lead" in small.alt(name) or "Day" in small.alt(name)


# Odd studies


def test_forty_inputs_are_cut_to_what_can_be_read(many: Made, ax: Axes) -> None:
    figures.drivers(many.found, many.result, "incentive", ax=ax)
    assert len(ax.get_yticklabels()) == 12
    assert "29 more inputs" in ax.get_xlabel()
    worth = Figure().add_subplot()
    figures.worth(many.found, many.result, ax=worth)
    assert len(worth.get_yticklabels()) == 13
    assert "29 more inputs" in worth.get_xlabel()
    assert len(figures.thresholds(many.found, many.result, "incentive").axes) == 6


def test_long_names_are_cut(small: Made, ax: Axes) -> None:
    figures.worth(small.found, small.result, ax=ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert any(label.endswith("…") for label in labels)
    assert all(len(label) < 75 and label.count("\n") < 2 for label in labels)


def test_an_output_that_is_constant_has_no_drivers(constant: Made) -> None:
    assert not {"drivers", "tornado", "value_of_information", "thresholds"} & set(constant.names)
    assert "candidate" in constant.names
    axes = Figure().add_subplot()
    figures.drivers(constant.found, constant.result, "incentive", ax=axes)
    assert "constant" in texts(axes)
    assert "do not shift it" in constant.alt("candidate")


def test_one_input_is_drawn(one: Made) -> None:
    assert one.names == ["drivers", "correlations", "pairs", "tornado", "thresholds"]
    with style.theme():
        for name in one.names:
            ANALYSIS_FIGURES[name].draw(one.found, one.result, Figure())
    table = one.table("drivers").query("output == 'open_effect'")
    assert table["value"].iloc[0] == pytest.approx(1, abs=0.05)
    assert "day" in one.alt("drivers")


def test_a_study_without_uncertainty_has_no_figures() -> None:
    fixed = made({}, saved=True, inputs={"day": 30}, model=PLAIN)
    assert fixed.described == ()
    assert fixed.files == {}


def test_what_was_not_made_cannot_be_drawn(one: Made) -> None:
    for draw in (figures.candidate_curve, figures.release_sign_map, figures.regions):
        with pytest.raises(ValueError, match="the study does not ask"):
            draw(one.found, one.result, ax=Figure().add_subplot())


def test_an_unknown_error_is_no_error_bar(ax: Axes) -> None:
    from mcrace.figures.bars import Bars, draw_bars

    bars = Bars(label="", start=np.zeros(3), end=np.array([1.0, np.nan, 2.0]),
                half=np.array([np.nan, 1.0, 0.5]), colours=("#000000",) * 3)  # fmt: skip
    draw_bars(ax, [bars])
    assert widths(ax) == [1.0, 2.0]
    lone = Estimates(value=np.array(1.0), standard_error=np.array(np.nan), replicates=4)
    assert not estimate_at(lone).is_resolved
