"""Many scenarios: figures and tables show those that tell most, and say how many they leave out."""

import io

import numpy as np
import pytest
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.image import imread

from mcrace import figures
from mcrace.figures.frames import Drawn
from mcrace.figures.saving import FIGURES, drawn_bytes
from mcrace.figures.telling import IN_A_FIGURE, IN_A_TABLE, ON_A_TERMINAL, left_out_words, telling_scenarios
from mcrace.figures.theme import SEABORN_STYLE
from mcrace.report.page import build_report
from mcrace.report.page_tables import contrast_tables, sign_table, summary_tables
from mcrace.terminal.results import result_text
from tests.fake_result import fake_result, typical_draws

MANY = ("base", *(f"s{place}" for place in range(1, 101)))


@pytest.fixture(scope="module")
def many():
    draws = typical_draws(MANY, 64)
    for place, name in enumerate(MANY):
        # The further a scenario is from number 50, the more it changes the effect.
        draws[name] = draws[name] | {
            "open_effect": np.full(64, -1e9 * (1 + (abs(place - 50) if place else 0)))
        }
    return fake_result(draws)


def test_the_largest_changes_are_shown_in_the_order_of_the_study(many):
    shown = telling_scenarios(many, 5)
    assert shown == ("base", "s1", "s2", "s99", "s100")
    assert telling_scenarios(many, 101) == MANY
    assert "97" in left_out_words(many, 4)
    assert left_out_words(many, 101) == ""
    assert "; 1 more is in" in left_out_words(many, 100)


def test_figures_and_tables_are_bounded_and_say_so(many):
    ax = figures.scenarios(many, "open_effect", ax=Figure().add_subplot())
    assert len(ax.get_yticks()) == IN_A_FIGURE
    assert any(f"{101 - IN_A_FIGURE} more" in text.get_text() for text in ax.texts)
    left = 101 - IN_A_TABLE
    for table in (*summary_tables(many), sign_table(many)):
        assert len(table.rows) == IN_A_TABLE
        assert f"{left} more are in summary.csv" in table.caption
    for table in contrast_tables(many):
        assert len(table.rows) == IN_A_TABLE - 1
        assert f"{left} more are in contrasts.csv" in table.caption
    plan = FIGURES["scenarios_open_effect"]
    assert f"{101 - IN_A_FIGURE} more are in summary.csv" in plan.caption(many)
    assert plan.alt(many).count("mean") == IN_A_FIGURE
    assert plan.height(many) < 20
    assert len(plan.numbers(many)["part"].unique()) == IN_A_FIGURE


def test_the_page_and_the_terminal_are_bounded(many):
    page = build_report(many, ())
    assert "s100" in page
    assert ">s50<" not in page
    assert f"{101 - IN_A_TABLE} more are in study.yaml." in page
    text = result_text(many)
    assert text.count("\ns") == 2 * (ON_A_TERMINAL - 1)
    assert f"{101 - ON_A_TERMINAL} more are in summary.csv" in " ".join(text.split())


def test_few_scenarios_are_all_shown_without_a_word():
    result = fake_result(typical_draws(("base", "early"), 64))
    assert telling_scenarios(result, IN_A_FIGURE) == ("base", "early")
    assert "more are in" not in build_report(result, ()) + result_text(result)


def test_rows_are_looked_up_as_they_were_written():
    drawn = Drawn((("bin", "", 0.0, 1.0, 0.25), ("mean", "mean", 1.0, 4.0, 2.5), ("bin", "", 1.0, 2.0, 0.75)))
    assert drawn.estimate("mean", "mean") == (2.5, 1.5)
    bins = drawn.part("bin")
    assert (bins.low.tolist(), bins.high.tolist(), bins.value.tolist()) == ([0, 1], [1, 2], [0.25, 0.75])


def test_the_house_style_is_seaborns():
    style = {**sns.axes_style("ticks"), **sns.plotting_context("paper")}
    assert set(style) - {"image.cmap"} == set(SEABORN_STYLE)
    for name, value in SEABORN_STYLE.items():
        assert style[name] == (pytest.approx(value) if isinstance(value, float) else value), name


def test_a_png_is_what_matplotlib_reads(many):
    _, png = drawn_bytes(many, FIGURES["scenarios_incentive"])
    height, width, _ = imread(io.BytesIO(png)).shape
    assert width == pytest.approx(7.4 * 150, abs=1)
    assert height == pytest.approx(150 * FIGURES["scenarios_incentive"].height(many), abs=1)
