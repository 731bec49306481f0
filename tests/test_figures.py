"""Figures: what is drawn equals what the run gave; odd runs are drawn without a warning."""

import io
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mcrace import figures
from mcrace.analysis import summary
from mcrace.engine.result import Result
from mcrace.figures.frames import csv_bytes, part_of
from mcrace.figures.inputs import draw_inputs
from mcrace.figures.saving import drawn_bytes
from mcrace.figures.spread import exceedance_curve, spread_of
from mcrace.figures.theme import theme
from mcrace.figures.wording import clean_text, percent, readable_unit, rounded, short, wrapped
from tests.fake_result import base_result, fake_input, fake_result, fake_study, many_inputs, typical_draws

SCENARIOS = ("base", "early", "discriminating")


@pytest.fixture(scope="module")
def typical() -> Result:
    return fake_result(typical_draws(SCENARIOS, 16_384))


@pytest.fixture(scope="module")
def saved(typical: Result) -> tuple[tuple[figures.FigureFile, ...], dict[str, bytes]]:
    files: dict[str, bytes] = {}
    return figures.save_figures(typical, files.__setitem__), files


def value_of(result: Result, scenario: str, output: str, statistic: str) -> float:
    table = summary(result)
    row = table[
        (table["scenario"] == scenario) & (table["output"] == output) & (table["statistic"] == statistic)
    ]
    return float(row["value"].iloc[0])


# Words for numbers


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (61.2345, 0.31, "61.2 ± 0.3"),
        (61.2345, 0.14, "61.23 ± 0.14"),
        (36.861, 0.98, "36.9 ± 1.0"),
        (61.2345, 9.7, "61 ± 10"),
        (1234567.0, 4321.0, "1,235,000 ± 4,000"),
        (-0.0004, 0.02, "0.00 ± 0.02"),
        (-3.14159, 0.002, "−3.142 ± 0.002"),
        (3.14159, 0.0, "3.142"),
        (2.59999999997, 6e-11, "2.60000"),
        (2.0, float("nan"), "2"),
        (0.0, 0.0, "0"),
        (123456.0, 0.0, "123,456"),
        (1e-20, 0.0, "1e-20"),
        (1e-20, 1e-21, "1e-20 ± 1e-21"),
        (float("nan"), 1.0, "not available"),
        (float("inf"), 0.0, "∞"),
    ],
)
def test_digits_stop_where_the_error_starts(value: float, error: float, text: str) -> None:
    assert rounded(value, error) == text


def test_a_share_with_a_large_error_is_not_rounded_to_tens() -> None:
    assert percent(0.75, 3.18) == "75 ± 318 %"
    assert percent(1.0, float("nan")) == "100 %"


def test_other_words() -> None:
    assert short(0.0123456) == "0.0123"
    assert short(float("inf")) == "never"
    assert clean_text("a\x00\u202eb\n c") == "a b c"
    assert wrapped("x" * 60, 24, 3).split("\n") == ["x" * 24, "x" * 24, "x" * 12]
    assert wrapped("字" * 30, 24, 2).endswith("…")
    assert max(len(line) for line in wrapped("字" * 30, 24, 2).split("\n")) <= 12


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ([3.4e9, -1e7], "USD", (1e9, "billion USD")),
        ([2.5e6], "USD a day", (1e6, "million USD a day")),
        ([730.0], "days", (1.0, "days")),
        ([-5e13, 1.0], "USD", (1e12, "trillion USD")),
        ([float("inf"), float("nan"), 2e4], "", (1e3, "thousand")),
        ([], "USD", (1.0, "USD")),
    ],
)
def test_units_follow_the_size(values: list[float], unit: str, expected: tuple[float, str]) -> None:
    assert readable_unit(values, unit) == expected


# Numbers behind the figures


def test_shares_of_bins_atoms_and_beyond_add_up() -> None:
    random = np.random.default_rng(3)
    values = np.where(random.random(5000) < 0.3, 0.0, random.standard_cauchy(5000))
    values[:100] = np.inf
    spread = spread_of(values)
    assert spread.atoms.tolist() == [0.0]
    assert spread.atom_shares[0] == np.mean(values == 0)
    assert spread.never == 0.02
    whole = spread.shares.sum() + spread.atom_shares.sum() + spread.below + spread.above + spread.never
    assert whole == pytest.approx(1, abs=1e-12)
    assert 0.0 in spread.edges
    assert spread.below > 0.005  # the heavy tail is out of the view
    low, high = spread.view
    assert low > np.quantile(values, 0.004)
    assert high < np.quantile(values[np.isfinite(values)], 0.996)


def test_density_of_a_known_law_is_right() -> None:
    values = np.sort(np.random.default_rng(1).normal(size=40_000))
    spread = spread_of(values)
    width, centres = np.diff(spread.edges), (spread.edges[1:] + spread.edges[:-1]) / 2
    density = spread.shares / width
    exact = np.exp(-(centres**2) / 2) / np.sqrt(2 * np.pi)
    # Five standard errors of a bin's count, and the curvature inside a bin.
    assert np.all(np.abs(density - exact) < 5 * np.sqrt(exact / width / 40_000) + width**2)
    assert (density * width).sum() == pytest.approx(1 - spread.below - spread.above)


def test_an_atom_at_zero_is_never_smeared_into_a_bin() -> None:
    values = np.concatenate([np.zeros(2), np.random.default_rng(2).normal(5, 1, 10_000)])
    spread = spread_of(values)
    assert spread.atoms.tolist() == [0.0]
    assert spread.shares[0] == 0.0


def test_exceedance_curve_is_the_share_above() -> None:
    values = np.round(np.random.default_rng(4).normal(size=3000), 1)
    thresholds, shares = exceedance_curve(values, (-2.0, 2.0))
    assert shares.tolist() == pytest.approx([(values > at).mean() for at in thresholds], abs=1e-12)
    assert set(np.unique(values)[np.abs(np.unique(values)) < 1]) <= set(thresholds)


def test_distribution_numbers_come_from_all_draws(typical: Result) -> None:
    frame = figures.distribution_numbers(typical, "open_effect", scenario="early")
    shares = frame[frame["part"].isin(["bin", "atom", "beyond"])]["value"].sum()
    assert shares == pytest.approx(1, abs=1e-12)
    by_name = part_of(frame, "probability").set_index("name")["value"]
    assert by_name["< 0"] == value_of(typical, "early", "open_effect", "p_negative")
    quantiles = part_of(frame, "quantile").set_index("name")["value"]
    assert quantiles["5 %"] == value_of(typical, "early", "open_effect", "q0.05")
    kept = typical.draws.query("scenario == 'early'")["open_effect"]
    assert part_of(frame, "atom")["value"].tolist() == [(kept == 0).mean()]


def test_exceedance_and_scenarios_numbers(typical: Result) -> None:
    frame = figures.exceedance_numbers(typical, "incentive")
    assert part_of(frame, "probability")["value"].item() == value_of(
        typical, "base", "incentive", "p_positive"
    )
    frame = figures.scenarios_numbers(typical, "incentive")
    assert tuple(frame["part"].unique()) == SCENARIOS
    cell = frame[(frame["part"] == "early") & (frame["name"] == "q0.75")]
    assert cell["value"].item() == value_of(typical, "early", "incentive", "q0.75")
    assert (cell["low"] < cell["value"]).all()


def test_inputs_numbers(typical: Result) -> None:
    frame = figures.inputs_numbers(typical)
    shares = frame[frame["part"].isin(["bin", "atom", "beyond"])].groupby("input")["value"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)
    never = frame[(frame["input"] == "day") & (frame["name"] == "never")]["value"].item()
    assert never == pytest.approx(0.12, abs=1 / 4096)
    x = frame[(frame["input"] == "x") & (frame["part"] == "quantile")]["value"].tolist()
    law = typical.study.inputs[0].law
    assert not isinstance(law, float)
    assert x == law.ppf(np.array([0.05, 0.5, 0.95])).tolist()
    wide = part_of(frame[frame["input"] == "customers"], "bin")
    assert np.diff(np.log(wide["low"])) == pytest.approx(np.log(wide["low"]).diff().iloc[1])


# Drawing


@pytest.fixture
def figure() -> Iterator[Figure]:
    with theme():
        yield Figure(figsize=(7.4, 4.4), layout="constrained")


def test_what_is_drawn_is_what_the_table_holds(typical: Result, figure: Figure) -> None:
    ax = figures.distribution(typical, "incentive", ax=figure.add_subplot())
    bins = part_of(figures.distribution_numbers(typical, "incentive"), "bin")
    filled = [patch for patch in ax.patches if patch.get_fill()]
    drawn = sum(np.nan_to_num(patch.get_data().values) for patch in filled)  # type: ignore[attr-defined]
    assert drawn == pytest.approx(100 * bins["value"].to_numpy())
    assert filled[0].get_data().edges * 1e9 == pytest.approx([*bins["low"], bins["high"].iloc[-1]])  # type: ignore[attr-defined]
    text = " ".join(item.get_text() for item in ax.texts)
    share = 100 * value_of(typical, "base", "incentive", "p_positive")
    assert float(text.split("P(> 0) = ")[1].split()[0]) == pytest.approx(share, abs=0.05)
    assert typical.study.digest[:12] in text
    assert ax.get_xlabel() == "Marginal incentive to train z (billion USD)"


def test_scenario_marks_stand_at_their_values(typical: Result, figure: Figure) -> None:
    ax = figures.scenarios(typical, "incentive", ax=figure.add_subplot())
    xs = [np.asarray(line.get_xdata(), float) for line in ax.lines]
    ends = [value_of(typical, "base", "incentive", name) / 1e9 for name in ("q0.05", "q0.95")]
    assert any(x.shape == (2,) and np.allclose(x, ends) for x in xs)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(SCENARIOS)


def test_global_style_and_backend_stay_as_they_are(typical: Result) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with theme():
        ax = Figure().add_subplot()
    figures.exceedance(typical, "incentive", ax=ax)
    assert dict(mpl.rcParams) == before


def test_without_axes_pyplot_makes_the_figure(typical: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    import matplotlib.pyplot as plt

    ax = figures.exceedance(typical, "incentive")
    assert ax.figure is plt.gcf()
    plt.close("all")
    assert len(figures.inputs(typical).axes) == len(typical.study.inputs)
    plt.close("all")


@pytest.mark.slow
def test_importing_mcrace_loads_no_plotting() -> None:
    loaded = "any(name in sys.modules for name in ('matplotlib', 'seaborn'))"
    code = f"import sys, mcrace, mcrace.report; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


RANDOM = np.random.default_rng(5)
ODD = {
    "one draw, no inputs": lambda: base_result([3.5e9], [-1e9], replicates=1, study=fake_study(inputs=())),
    "constant": lambda: base_result([3.5e9] * 64, [-2.0] * 64),
    "all zero": lambda: base_result([0.0] * 64, [0.0] * 64),
    "two draws": lambda: base_result([1.0, -2.0], [0.0, 1.0], replicates=2),
    "heavy tails": lambda: base_result(
        1e9 * RANDOM.standard_cauchy(4096), -1e3 * np.exp(4 * RANDOM.normal(size=4096))
    ),
    "far from zero": lambda: base_result(RANDOM.normal(1e11, 1e6, 4096), RANDOM.poisson(30, 4096)),
    "nearly all zero": lambda: base_result(
        np.where(np.arange(4096) < 4, 1e-9, 0.0), np.where(np.arange(4096) % 16, 0, RANDOM.normal(size=4096))
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_runs_are_drawn(case: str) -> None:
    result = ODD[case]()
    names = (
        "distribution_incentive",
        "distribution_open_effect",
        "exceedance_incentive",
        "scenarios_incentive",
    )
    for name in names:
        plan = figures.FIGURES[name]
        with theme():
            figure = Figure(figsize=(7.4, plan.height(result)), layout="constrained", dpi=50)
            plan.draw(result, figure)
            figure.draw_without_rendering()
        ax = figure.axes[0]
        low, high = ax.get_xlim()
        assert np.isfinite([low, high]).all()
        assert low < high
        assert "nan" not in plan.alt(result) + plan.caption(result)


def test_a_tail_in_few_draws_is_said_to_lie_beyond(figure: Figure) -> None:
    values = np.concatenate([np.linspace(-1, 1, 990), np.full(10, 0.5) * np.arange(1, 11) * 1e6])
    ax = figures.distribution(base_result(values, values, replicates=2), "incentive", ax=figure.add_subplot())
    assert ax.get_xlim()[1] < 10
    assert any("Beyond the view" in item.get_text() for item in ax.texts)


def test_twelve_scenarios_with_long_names() -> None:
    names = ["base", *(f"{chr(97 + i) * 30}_{'x' * 29}" for i in range(11))]
    result = fake_result(typical_draws(names, 1024))
    plan = figures.FIGURES["scenarios_open_effect"]
    with theme():
        figure = Figure(figsize=(7.4, plan.height(result)), layout="constrained")
        plan.draw(result, figure)
        figure.draw_without_rendering()
        boxes = [tick.get_window_extent() for tick in figure.axes[0].get_yticklabels()]
    assert len(boxes) == 12
    assert all(upper.y0 > lower.y1 for upper, lower in pairwise(boxes))
    assert min(box.x0 for box in boxes) >= 0
    assert all(name in plan.alt(result) for name in names)


@pytest.mark.filterwarnings("ignore:Glyph .* missing from")  # no font here has every letter
@pytest.mark.parametrize("count", [1, pytest.param(40, marks=pytest.mark.slow)])
def test_many_inputs_with_awkward_labels(count: int) -> None:
    result = base_result([1.0] * 32, [0.0] * 32, study=fake_study(inputs=many_inputs(count)))
    with theme():
        figure = Figure(figsize=(7.4, figures.FIGURES["inputs"].height(result)))
        draw_inputs(result.study, figure)
        svg = io.StringIO()
        figure.savefig(svg, format="svg")
    ET.fromstring(svg.getvalue())  # noqa: S314 - well-formed in spite of control characters
    assert len(figure.axes) == count
    assert "$\\foo$" in svg.getvalue()


def test_every_text_is_large_enough(typical: Result, figure: Figure) -> None:
    ax = figures.distribution(typical, "open_effect", ax=figure.add_subplot())
    texts = [
        *ax.texts,
        ax.title,
        ax.xaxis.label,
        ax.yaxis.label,
        *ax.get_xticklabels(),
        *ax.get_yticklabels(),
    ]
    assert min(float(item.get_fontsize()) for item in texts) >= 8


# Files


def test_saved_files(typical: Result, saved: tuple[tuple[figures.FigureFile, ...], dict[str, bytes]]) -> None:
    described, files = saved
    names = [item.name for item in described]
    assert names == [name for name, plan in figures.FIGURES.items() if plan.applies(typical)]
    # What is made by hand has no model to follow, and asks for no analyses.
    assert set(figures.FIGURES) - set(names) == {"timeline", "ridges_incentive", "ridges_open_effect"}
    assert set(files) == {f"figures/{name}.{kind}" for name in names for kind in ("svg", "png", "csv")}
    for item in described:
        assert files[f"figures/{item.name}.svg"].decode() == item.svg
        assert len(item.svg) < 100_000
        ET.fromstring(item.svg)  # noqa: S314 - our own drawing
        assert files[f"figures/{item.name}.png"].startswith(b"\x89PNG")
        assert b"Software" not in files[f"figures/{item.name}.png"]
        assert "<dc:date>" not in item.svg
        assert item.caption
        assert any(letter.isdigit() for letter in item.alt)
    table = pd.read_csv(io.BytesIO(files["figures/exceedance_incentive.csv"]))
    assert list(table.columns) == ["part", "name", "low", "high", "value"]


@pytest.mark.parametrize("name", ["distribution_open_effect"])
def test_same_result_same_bytes(
    typical: Result, saved: tuple[tuple[figures.FigureFile, ...], dict[str, bytes]], name: str
) -> None:
    svg, png = drawn_bytes(typical, figures.FIGURES[name])
    assert svg == saved[1][f"figures/{name}.svg"]
    assert png == saved[1][f"figures/{name}.png"]


def test_text_of_a_table_cannot_be_a_formula() -> None:
    item = fake_input("=1+1", 2.0)
    frame = figures.inputs_numbers(base_result([1.0] * 32, [0.0] * 32, study=fake_study(inputs=(item,))))
    text = csv_bytes(frame).decode()
    assert "'=1+1" in text
    assert "\n=" not in text
    assert csv_bytes(pd.DataFrame({"value": [-1.5]})) == b"value\n-1.5\n"
