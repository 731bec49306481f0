"""Distributions one above the other: what is drawn is what was counted, and nothing is lost unsaid."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from mcrace.figures.ridges import (
    Ridge,
    draw_ridges,
    ridge_rows,
    ridges_height,
    run_ridges,
    scenario_ridges,
    scenarios_drawn,
)
from tests.drawn_figures import laid_out, unreadable
from tests.fake_result import fake_result, typical_draws

RANDOM = np.random.default_rng(12)
ROWS = {
    "normal": RANDOM.normal(2.0, 1.0, 4000) * 1e9,
    "atom": np.where(RANDOM.uniform(size=4000) < 0.4, 0.0, RANDOM.normal(-1e9, 1e9, 4000)),
    "heavy": RANDOM.standard_cauchy(4000) * 1e9,
    "constant": np.full(4000, 3e9),
}


def ridges(names=tuple(ROWS)):
    return [Ridge(label=name, values=ROWS[name], positive="50 %") for name in names]


def test_the_shares_of_each_row_add_up_to_one():
    table = ridge_rows(ridges())
    for name in ROWS:
        mine = table[(table["part"] == name) & table["name"].isin(["bin", "below", "above"])]
        atoms = table[(table["part"] == name) & (table["name"] == "atom")]
        view = mine[mine["name"] == "bin"][["low", "high"]].to_numpy()
        inside = atoms[(atoms["low"] >= view.min()) & (atoms["low"] <= view.max())]
        assert mine["value"].sum() + inside["value"].sum() == pytest.approx(1.0), name


def test_no_bin_lies_on_both_sides_of_zero():
    bins = ridge_rows(ridges()).query("name == 'bin'")
    assert not ((bins["low"] < 0) & (bins["high"] > 0)).any()


def test_a_heavy_row_leaves_the_others_readable_and_says_what_is_cut():
    table = ridge_rows(ridges())
    bins = table.query("name == 'bin'")
    assert bins["high"].max() < 1.5e10
    values = ROWS["heavy"]
    above = table.query("part == 'heavy' and name == 'above'")["value"].item()
    assert above == pytest.approx((values > bins["high"].max()).mean())
    ax = Figure().add_subplot()
    draw_ridges(ax, ridges(), "Gain", "USD")
    assert f"{100 * above:.1f} % ›" in [text.get_text() for text in ax.texts]


def test_medians_stand_where_they_are():
    ax = Figure().add_subplot()
    draw_ridges(ax, ridges(["normal"]), "Gain", "USD")
    lines = [line for line in ax.get_lines() if line.get_linewidth() == 1.4]
    assert lines[0].get_xdata()[0] == pytest.approx(np.median(ROWS["normal"]) / 1e9, rel=1e-3)


def test_rows_of_a_run_and_of_runs():
    result = fake_result(typical_draws(size=2048))
    axes = scenario_ridges(result, "incentive", ax=Figure().add_subplot())
    assert len(axes.get_yticklabels()) == len(scenarios_drawn(result, "incentive"))
    axes = run_ridges([result, result, result], "open_effect", ax=Figure().add_subplot())
    assert len(axes.get_yticklabels()) == 3


@pytest.mark.parametrize("name", list(ROWS))
@pytest.mark.parametrize("count", [1, 24])
def test_every_text_can_be_read(name, count):
    hostile = "$\\foo$ <b>" + "very long name of a run " * 9
    rows = [Ridge(label=hostile, values=ROWS[name], positive="50 %")] * count
    figure = laid_out(
        lambda drawn: draw_ridges(drawn.add_subplot(), rows, "Gain", "USD"), ridges_height(count)
    )
    assert unreadable(figure) == []
