"""Cards, and the figures of a ledger: drawn from the right numbers, readable in every case."""

import io
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mcrace.analysis.analyses import analyse
from mcrace.cli import main
from mcrace.engine.run import run
from mcrace.figures.calibration import calibration, calibration_numbers, ledger_figure, pit, pit_numbers
from mcrace.figures.card import Card, card_bytes
from mcrace.forecast.exporting import declared_files, drivers_of
from mcrace.report.cards import question_card
from mcrace.report.ledger_figures import draw_ledger
from mcrace.report.publish import publish
from mcrace.study.question import read_question
from tests.test_forecast_commands import forecasting

CARDS = [
    {"platform": "card", "id": "money", "variable": "incentive"},
    {"platform": "card", "id": "event", "variable": "open_effect", "event": {"below": 0}},
    {
        "platform": "card",
        "id": "one",
        "variable": "day",
        "options": {"soon": {"at_most": 99}, "late": {"rest": True}},
    },
    {"platform": "markdown", "id": "text", "variable": "incentive"},
]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish(forecasting(CARDS), out=tmp_path_factory.mktemp("out"), jobs=1, report=False)


def test_a_run_writes_its_cards_the_same_each_time(published):
    folder = published.folder / "forecast"
    names = ["card-event.png", "card-money.png", "card-one.png", "markdown-text.md", "markdown-text.png"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert "![Marginal incentive to train z](markdown-text.png)" in (folder / "markdown-text.md").read_text()
    result = published.result
    drivers = drivers_of(result, analyse(result))
    for question in CARDS[:3]:
        moved = drivers.get(question["variable"], ())
        data = question_card(result, read_question(question), moved)
        assert Image.open(io.BytesIO(data)).size == (1200, 675)
        assert data == (folder / f"card-{question['id']}.png").read_bytes()


def test_a_card_is_exported_by_command(published, tmp_path, capsys):
    words = ["--format", "card", "--output", "day", "--out", str(tmp_path)]
    assert main(["export", str(published.folder), *words]) == 0
    assert (tmp_path / "card-day.png").read_bytes().startswith(b"\x89PNG")
    assert "card-day.png" in capsys.readouterr().out


def test_drivers_are_named_for_their_own_output_only(published):
    result = published.result
    drivers = drivers_of(result, analyse(result))
    assert set(drivers) == {"incentive", "open_effect"}
    study = forecasting(
        [{"platform": "markdown", "id": name, "variable": name} for name in ("incentive", "day")]
    )
    again = run(study, jobs=1)
    files = declared_files(again, analyse(again)).files
    assert b"What moves it" in files["markdown-incentive.md"]
    assert b"What moves it" not in files["markdown-day.md"]


HOSTILE = (
    "<script>alert(1)</script> $\\foo$ " + "long " * 60 + "\N{RIGHT-TO-LEFT OVERRIDE}\N{HEBREW LETTER ALEF}"
)


@pytest.mark.parametrize(
    "values",
    [
        np.full(9, 3.0),
        np.array([1.0]),
        np.array([0.0, math.inf]),
        np.full(4, math.inf),
        np.r_[np.zeros(500), 1e12, -1e30],
        np.random.default_rng(1).standard_cauchy(4000),
    ],
    ids=["constant", "one", "never", "all never", "far", "heavy"],
)
def test_a_card_of_odd_draws_and_words(values):
    card = Card(
        title=HOSTILE, headline=HOSTILE, lines=(HOSTILE,) * 9, values=values, label=HOSTILE, unit="USD",
        split=0.0, dated=False, foot=HOSTILE,
    )  # fmt: skip
    picture = np.asarray(Image.open(io.BytesIO(card_bytes(card))).convert("L"))
    # Nothing is cut at the edge: a white frame is left all around.
    frame = np.r_[picture[:8].ravel(), picture[-8:].ravel(), picture[:, :8].ravel(), picture[:, -8:].ravel()]
    assert (frame == 255).all()
    assert (picture < 128).any()


@pytest.mark.parametrize("days", [0.01, 1, 10, 100, 1000, 1e4, 4e5])
def test_dates_of_any_span(days):
    values = 1.79e9 + 86_400 * days * np.linspace(0, 1, 200)
    card = Card(
        title="t",
        headline="h",
        lines=(),
        values=values,
        label="Day",
        unit="",
        split=None,
        dated=True,
        foot="f",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert card_bytes(card).startswith(b"\x89PNG")


def test_pit_counts_are_those_of_drawing_evenly_within_atoms():
    random = np.random.default_rng(4)
    low = random.uniform(size=57)
    high = np.where(random.uniform(size=57) < 0.4, low, low + (1 - low) * random.uniform(size=57))
    table = pit_numbers(low, high)
    assert table["count"].sum() == pytest.approx(57)
    drawn = low + (high - low) * random.uniform(size=(40_000, 57))
    counts = np.histogram(drawn, np.append(table["low"], 1.0))[0] / 40_000
    assert np.abs(counts - table["count"]).max() < 5 * math.sqrt(57 / 40_000)


def test_a_calibrated_forecaster_stays_in_the_pit_band_as_often_as_it_says():
    random = np.random.default_rng(5)
    inside = 0.0
    for _ in range(400):
        places = random.uniform(size=40)
        table = pit_numbers(places, places)
        inside += (
            (table["count"] >= table["band_low"]) & (table["count"] <= table["band_high"])
        ).mean() / 400
    # Counts are whole, so that the band holds 90 % or somewhat more of them.
    assert 0.9 <= inside < 0.98


def test_calibration_bins_hold_every_event_once():
    random = np.random.default_rng(6)
    chances = random.uniform(size=63)
    came = (random.uniform(size=63) < chances).astype(float)
    table = calibration_numbers(chances, came)
    assert table["count"].sum() == 63
    assert (table["probability"] * table["count"]).sum() == pytest.approx(chances.sum())
    assert (table["frequency"] * table["count"]).sum() == pytest.approx(came.sum())
    assert table["probability"].is_monotonic_increasing


def test_what_is_drawn_is_what_was_counted():
    import matplotlib.pyplot as plt

    random = np.random.default_rng(7)
    chances = random.uniform(size=40)
    table = calibration_numbers(chances, chances > 0.5)
    axes = calibration(table)
    points = next(line for line in axes.get_lines() if line.get_marker() == "o")
    assert np.array_equal(points.get_xydata(), table[["probability", "frequency"]].to_numpy())
    places = pit_numbers(chances, chances)
    bars = pit(places).patches[1].get_data()
    assert np.array_equal(bars.values, places["count"])
    plt.close("all")
    assert ledger_figure("pit", places, "ledger")[1].startswith(b"\x89PNG")


def test_the_ledger_is_drawn_once_there_are_enough(tmp_path):
    rows = pd.DataFrame(
        {
            "variable": [f"v{place}" for place in range(12)],
            "outcome": 1.0,
            "pit_below": np.linspace(0, 0.9, 12),
            "pit_at_most": np.linspace(0.1, 1.0, 12),
        }
    )
    path = tmp_path / "ledger.parquet"
    files, notes = draw_ledger(rows.head(9), path)
    assert (files, notes) == ([], ["pit plot: from 10 resolved numbers on; there are 9"])
    files, notes = draw_ledger(rows, path)
    assert ([file.name for file in files], notes) == (["ledger_pit.png"], [])
    assert (tmp_path / "ledger_pit.csv").read_text().splitlines()[0].startswith("low,high,count")
    twice = pd.concat([rows, rows], ignore_index=True).assign(probability=0.5, happened=1.0)
    files, notes = draw_ledger(twice, path)
    assert [file.name for file in files] == ["ledger_pit.png", "ledger_calibration.png"]
    assert notes[0] == "pit plot: 24 forecasts of 12 outcomes, so not independent"
