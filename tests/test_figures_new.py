"""Contrasts, convergence, correlations, pairs and tree: what is drawn is what was computed."""

import copy
import math
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from scipy import stats

import mcrace
from mcrace import figures
from mcrace.analysis.analyses import Analyses
from mcrace.analysis.tree import Leaf
from mcrace.engine.result import Result
from mcrace.figures.branches import branches
from mcrace.figures.line_labels import LineLabel, label_lines, spread_apart
from mcrace.figures.theme import tick_text
from tests.fake_result import base_result, fake_result
from tests.small_study import SMALL


@pytest.fixture(scope="module")
def made() -> tuple[Result, Analyses]:
    content = copy.deepcopy(dict(SMALL))
    content["sampling"] = {"draws": 2048, "replicates": 8, "seed": 3, "keep": 1024}
    study = mcrace.Study(**content, analysis={"regions": {"output": "incentive", "below": 0}})
    result = mcrace.run(study, jobs=1)
    return result, mcrace.analyse(result, jobs=1)


@pytest.fixture
def ax() -> Axes:
    return Figure().add_subplot()


def texts_of(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


# Ticks and labels


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1e6, "1,000,000"),
        (-1_500_000.0, "−1,500,000"),
        (0.30000000000000004, "0.3"),
        (1e7, "10 million"),
        (2.5e12, "2.5 trillion"),
        (0.0001, "0.0001"),
        (1e-5, "10⁻⁵"),
        (-3e-20, "−3×10⁻²⁰"),
        (1e30, "10³⁰"),
    ],
)
def test_ticks_are_plain_numbers(value: float, text: str) -> None:
    assert tick_text(value) == text


def test_labels_of_lines_stand_apart_in_their_order(ax: Axes) -> None:
    heights = [0.5, 0.52, 0.5, 0.0, 1.0, 0.98]
    found = spread_apart(heights, 0.1)
    assert min(np.diff(np.sort(found))) > 0.1 - 1e-12
    assert min(found) >= 0
    assert max(found) <= 1
    assert found[3] == 0.0
    assert found[4] > found[5] > found[1] > found[0]
    assert spread_apart([], 0.1) == []
    assert spread_apart([0.2, 0.8], 0.1) == [0.2, 0.8]
    crowded = spread_apart([0.5] * 21, 0.1)
    assert min(np.diff(np.sort(crowded))) == pytest.approx(0.05)
    label_lines(ax, [LineLabel(height=math.nan, text="lost", colour="black")])
    assert texts_of(ax) == []


# Contrasts


def test_contrasts_drawn_are_those_of_the_table(ax: Axes) -> None:
    random = np.random.default_rng(4)
    base = random.normal(1e9, 1e9, 4096)
    draws = {
        "base": {"incentive": base},
        "less": {"incentive": 0.5 * base - 1e8 * random.random(4096)},
        "more": {"incentive": 1.5 * base},
    }
    result = fake_result(draws)
    figures.contrast_forest(result, "incentive", ax=ax)
    table = mcrace.contrasts(result)
    table = table[(table["output"] == "incentive") & (table["statistic"] == "mean")].set_index("scenario")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["more", "less"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    bars = [lines for lines in ax.collections if isinstance(lines, LineCollection)]
    assert ax.get_xlabel() == "Change of the mean (million USD)"
    frame = figures.contrast_forest_numbers(result, "incentive").query("name == 'mean'").set_index("part")
    for name, dot, bar in zip(("more", "less"), dots, bars, strict=True):
        value, low, high = (float(table.loc[name, column]) for column in ("value", "low", "high"))
        assert high > low
        assert 1e6 * np.asarray(dot.get_xdata())[0] == pytest.approx(value, rel=1e-12)
        assert 1e6 * np.asarray(bar.get_segments())[0][:, 0] == pytest.approx([low, high])
        assert frame.loc[name, ["value", "low", "high"]].tolist() == pytest.approx([value, low, high])


def test_a_contrast_of_nothing_is_exactly_zero(made: tuple[Result, Analyses], ax: Axes) -> None:
    figures.contrast_forest(made[0], "incentive", ax=ax)
    names = [label.get_text() for label in ax.get_yticklabels()]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    same = dots[names.index("same")]
    assert float(same.get_xdata()[0]) == 0.0
    assert same.get_markerfacecolor() == "white"
    assert texts_of(ax).count("0") == 2  # its mean, and its chance to be above 0
    row = figures.contrast_forest_numbers(made[0], "incentive").query("part == 'same'")
    assert (row[["low", "high", "value"]] == 0.0).all(axis=None)


def test_of_fifty_contrasts_the_most_telling_are_drawn() -> None:
    random = np.random.default_rng(8)
    effects = random.normal(size=256)
    draws = {
        name: {"incentive": effects + place, "open_effect": effects * (1 + place)}
        for place, name in enumerate(["base", *(f"s{number}" for number in range(1, 50))])
    }
    result = fake_result(draws)
    plan = figures.FIGURES["contrasts_open_effect"]
    frame = figures.contrast_forest_numbers(result, "open_effect")
    assert len(frame) == 2 * 23
    values = frame.query("name == 'mean'")["value"].to_numpy()
    assert (np.diff(values) <= 0).all()
    assert "26 more are in contrasts.csv" in plan.caption(result)
    assert "11 more with less" in plan.alt(result)
    assert not plan.applies(base_result([1.0] * 32, [0.0] * 32))


def test_an_interval_that_would_hide_the_rest_is_cut(ax: Axes) -> None:
    random = np.random.default_rng(8)
    wild = 1e3 * random.standard_normal(4096)
    base = random.standard_normal(4096)
    draws = {"base": {"incentive": base}, "wild": {"incentive": wild - wild.mean() + 1.0}}
    figures.contrast_forest(fake_result(draws), "incentive", ax=ax)
    assert ax.get_xlim()[1] < 3
    assert "line: 95 % interval (one is cut)" in texts_of(ax)


# Convergence


def test_convergence_is_that_of_the_first_draws(made: tuple[Result, Analyses], ax: Axes) -> None:
    result, _ = made
    figures.convergence(result, "incentive", ax=ax)
    kept = result.draws.query("scenario == 'base'")["incentive"].to_numpy().reshape(8, 128)
    counts = np.asarray(ax.lines[0].get_xdata(), dtype=int)
    assert counts.tolist() == [8 * 2**power for power in range(1, 8)]
    means = np.array([kept[:, : count // 8].mean() for count in counts])
    unit = 1e9 if "billion" in ax.get_ylabel() else 1e6
    assert np.asarray(ax.lines[0].get_ydata()) * unit == pytest.approx(means)
    frame = figures.convergence_numbers(result).query("output == 'incentive' and statistic == 'mean'")
    last = frame[(frame["part"] == "draws") & (frame["name"] == "1024")].iloc[0]
    error = kept.mean(axis=1).std(ddof=1) / math.sqrt(8)
    assert last["high"] - last["value"] == pytest.approx(stats.t.ppf(0.975, 7) * error)
    final = frame[frame["part"] == "all"].iloc[0]
    summary = mcrace.summary(result).query(
        "scenario == 'base' and output == 'incentive' and statistic == 'mean'"
    )
    ends = ["value", "low", "high"]
    assert final[ends].tolist() == pytest.approx(summary[ends].iloc[0].tolist(), nan_ok=True)
    sd = mcrace.summary(result).query("scenario == 'base' and output == 'incentive' and statistic == 'sd'")
    random = frame[(frame["part"] == "random") & (frame["name"] == "256")]["value"].item()
    assert random == pytest.approx(1.959964 * sd["value"].item() / 16, rel=1e-6)


def test_convergence_of_a_chance(made: tuple[Result, Analyses], ax: Axes) -> None:
    result, _ = made
    figures.convergence(result, "incentive", "p_positive", ax=ax)
    kept = result.draws.query("scenario == 'base'")["incentive"].to_numpy()
    assert float(ax.lines[0].get_ydata()[-1]) == pytest.approx(100 * (kept > 0).mean())
    low, high = ax.get_ylim()
    assert -5 < low < high < 105


def test_nothing_converges_without_replicates() -> None:
    plan = figures.FIGURES["convergence"]
    assert not plan.applies(base_result([3.5e9], [-1e9], replicates=1))
    assert not plan.applies(base_result([1.0, 2.0], [0.0, 1.0], replicates=2))
    assert plan.applies(base_result(np.arange(8), [0.0] * 8, replicates=2))


def test_a_wild_start_does_not_hide_the_rest(ax: Axes) -> None:
    values = np.random.default_rng(2).normal(size=(8, 512))
    values[:, :2] += 1e4 * np.arange(-4, 4)[:, None]
    figures.convergence(base_result(values.ravel(), values.ravel(), replicates=8), "incentive", ax=ax)
    assert ax.get_ylim()[1] < 1e4
    assert "the widest part of the band is cut off" in texts_of(ax)


# Correlations and pairs


def test_correlations_drawn_are_spearmans(made: tuple[Result, Analyses], ax: Axes) -> None:
    result, found = made
    figures.correlations(found, result, "open_effect", ax=ax)
    kept = result.draws.query("scenario == 'base'")
    exact = {name: stats.spearmanr(kept[name], kept["open_effect"]).statistic for name in found.inputs}
    frame = figures.correlations_numbers(found, result).query("output == 'open_effect'")
    widths = [float(patch.get_width()) for patch in ax.patches]  # type: ignore[attr-defined]
    assert widths == pytest.approx([exact[name] for name in frame["name"]], abs=0.02)
    assert np.abs(widths).tolist() == sorted(np.abs(widths), reverse=True)
    assert frame["value"].tolist() == pytest.approx(widths)
    assert ax.get_xlim() == (-1.0, 1.0)


def test_pairs_are_draws_of_the_run(made: tuple[Result, Analyses], ax: Axes) -> None:
    result, found = made
    frame = figures.pairs_numbers(found, result)
    assert len(frame) == 240
    kept = result.draws.query("scenario == 'base'")
    first = kept[kept["draw"] % 256 < 30]
    assert frame["open_effect"].tolist() == first["open_effect"].tolist()
    assert frame["day"].tolist() == first["day"].tolist()
    assert frame["sign"].tolist() == np.sign(first["incentive"]).tolist()
    figures.pairs(found, result, "incentive", "day", ax=ax)
    marks = [patch.get_path().vertices[::2, 0] for patch in ax.patches]  # type: ignore[attr-defined]
    assert sum(map(len, marks)) == 240
    assert len(marks[0]) == (frame["sign"] > 0).sum()
    inside = np.sort(np.concatenate(marks))
    low, high = np.quantile(kept["day"], [0.01, 0.99])
    assert inside == pytest.approx(np.sort(frame["day"].clip(low, high)))
    with pytest.raises(ValueError, match="expected one of x, lead, day"):
        figures.pairs(found, result, "incentive", "nothing")


def test_every_draw_of_a_pair_leaves_a_mark_in_the_picture() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from mcrace.figures.pairs import _MARKS, _add_marks

    figure = Figure(figsize=(4, 4), dpi=100)
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_axis_off()
    ax.set_xlim(0, 10)
    ax.set_ylim(0, 10)
    at = np.arange(0.25, 10, 0.5)
    across, up = (grid.ravel() for grid in np.meshgrid(at, at))
    for mark in _MARKS:
        mine = np.arange(400) % 3 == _MARKS.index(mark)
        _add_marks(ax, across[mine], up[mine], 10 * mark.reach, mark)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    dark = np.asarray(canvas.buffer_rgba())[..., :3].min(axis=2) < 200
    cells = dark.reshape(20, 20, 20, 20).any(axis=(1, 3))
    assert cells.all()


# Tree


def test_bars_of_the_tree_are_its_leaves(made: tuple[Result, Analyses], ax: Axes) -> None:
    result, found = made
    assert found.tree is not None
    figures.condition_tree(found, result, ax=ax)
    rows = branches(found.tree.leaves)
    shown = [float(row.leaf.probability.value) for row in rows if row.leaf is not None]
    tracks, bars = ax.patches[::2], ax.patches[1::2]
    shares = [float(bar.get_width() / track.get_width()) for track, bar in zip(tracks, bars, strict=True)]  # type: ignore[attr-defined]
    assert shares == pytest.approx(shown)
    frame = figures.condition_tree_numbers(found, result)
    assert sorted(frame.query("part == 'probability'")["value"]) == pytest.approx(sorted(shown))
    assert frame.query("part == 'share'")["value"].sum() == pytest.approx(1.0)


def test_branches_hold_the_rules_of_their_leaves(made: tuple[Result, Analyses]) -> None:
    tree = made[1].tree
    assert tree is not None
    rows = branches(tree.leaves)
    assert sum(row.leaf is not None for row in rows) == len(tree.leaves)
    way: dict[int, Any] = {}
    for row in rows:
        way = {depth: asked for depth, asked in way.items() if depth < row.depth} | {row.depth: row.asked}
        if row.leaf is None:
            continue
        found: dict[str, tuple[float, float]] = {}
        for asked in way.values():
            low, high = found.get(asked.name, (-math.inf, math.inf))
            found[asked.name] = (max(low, asked.low), min(high, asked.high))
        assert found == {item.name: (item.low, item.high) for item in row.leaf.restrictions}


def test_leaves_of_no_tree_are_refused(made: tuple[Result, Analyses]) -> None:
    tree = made[1].tree
    assert tree is not None
    leaf = tree.leaves[0]
    (alone,) = branches([Leaf(restrictions=(), share=leaf.share, probability=leaf.probability)])
    assert alone.asked is None
    with pytest.raises(ValueError, match="of no tree"):
        branches([leaf, leaf])


def test_what_was_not_asked_cannot_be_drawn(made: tuple[Result, Analyses]) -> None:
    result = made[0]
    content = {**copy.deepcopy(dict(SMALL)), "analysis": {"from_draws": False}}
    found = mcrace.analyse(mcrace.run(mcrace.Study(**content), jobs=1), jobs=1)
    for name in ("correlations", "pairs", "tree"):
        assert not figures.ANALYSIS_FIGURES[name].applies(found)
    with pytest.raises(ValueError, match="does not ask"):
        figures.correlations(found, result, "incentive")
    with pytest.raises(ValueError, match="does not ask"):
        figures.condition_tree(found, result)
