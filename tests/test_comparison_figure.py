"""The figure of runs side by side: bars are the numbers, and no text touches another."""

import warnings
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import mcrace
from mcrace.engine.result import Result
from mcrace.figures.comparison import (
    WIDTH,
    ComparedRun,
    compared_runs,
    comparison_height,
    draw_comparison,
    mean_unit,
)
from mcrace.figures.estimates import Estimate
from mcrace.figures.parts import PARTS, Part
from tests.small_study import exact_study, small_study

TITLES = (
    "Commoditise the complement: a chip maker wants open weights to be as good as they can be, for its sales",
    "A state that wants a gap",
    "A $ sign, <b>&amp;</b> and 开源模型今天的水平和很多别的字开源模型今天的水平",
    "Winner takes all, and the open model eats the runner-up's lunch before the race is decided at all",
)


@pytest.fixture(scope="module")
def small() -> Result:
    return mcrace.run(small_study(), jobs=1)


@pytest.fixture(scope="module")
def exact() -> Result:
    return mcrace.run(exact_study(), jobs=1)


def estimate(value: float, half: float = 0.0) -> Estimate:
    return Estimate(value=value, standard_error=half / 2, half_width=half, note="")


def made_up(count: int, *, words: tuple[str, ...] = tuple(word for word, _, _ in PARTS)) -> list[ComparedRun]:
    """Rows that differ by eight orders of magnitude."""
    random = np.random.default_rng(count)
    rows = []
    for place in range(count):
        lowered, alone, raised = random.dirichlet([0.7, 0.5, 0.7])
        chosen = random.choice(words, size=random.integers(0, len(words) + 1), replace=False)
        values = random.normal(size=len(chosen)) * 10 ** random.uniform(3, 11.8)
        half = float(np.abs(values).sum() * 10 ** random.uniform(-3, 0))
        parts = [
            Part(word=str(word), mean=estimate(value, half))
            for word, value in zip(chosen, values, strict=True)
        ]
        row = ComparedRun(
            label=TITLES[place % len(TITLES)],
            lowered=estimate(lowered, 0.003),
            alone=estimate(alone, 0.003),
            raised=estimate(raised, 0.003),
            effect=estimate(float(values.sum()), half),
            incentive=estimate(-float(values.sum()) * 3, half),
            parts=tuple(sorted(parts, key=lambda part: -abs(part.mean.value))),
        )
        rows.append(row)
    return rows


def drawn(rows: list[ComparedRun]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from mcrace.figures.theme import theme

    with theme(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=(WIDTH, comparison_height(len(rows))), layout="constrained")
        FigureCanvasAgg(figure).draw()
        draw_comparison(rows, "0123456789ab", figure)
        figure.canvas.draw()
    return figure


def test_bars_are_the_numbers(small: Result) -> None:
    rows = [*compared_runs([small]), *made_up(5)]
    left, right = drawn(rows).axes
    shares = np.array([[patch.get_width() for patch in bars] for bars in left.containers])
    assert shares.sum(axis=0) == pytest.approx(100)
    assert shares[2] == pytest.approx([100 * row.raised.value for row in rows])
    parts = np.zeros(len(rows))
    sizes = np.zeros(len(rows))
    for container in right.containers:
        if hasattr(container, "patches"):
            widths = np.array([patch.get_width() for patch in container.patches])
            parts += widths
            sizes += np.abs(widths)
    has_parts = [bool(row.parts) for row in rows]
    assert sizes[has_parts] == pytest.approx(100)
    dots = next(line for line in right.lines if line.get_marker() == "o").get_xdata()
    assert np.asarray(dots)[has_parts] == pytest.approx(parts[has_parts])


def test_a_part_has_one_colour_everywhere() -> None:
    seen: dict[str, set[Any]] = {}
    for count in (3, 8):
        for text, handle in zip(
            *reversed(drawn(made_up(count)).axes[1].get_legend_handles_labels()), strict=True
        ):
            if text != "mean effect":
                seen.setdefault(text, set()).add(handle.patches[0].get_facecolor())
    assert set(seen) == {word for word, _, _ in PARTS}
    assert all(len(colours) == 1 for colours in seen.values())
    assert len(set().union(*seen.values())) == len(PARTS)


def texts_of(figure: Figure) -> Iterator[tuple[str, Any]]:
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    for ax in figure.axes:
        legend = ax.get_legend()
        assert legend is not None
        texts = [*ax.texts, ax.title, ax._left_title, ax.xaxis.label, *legend.get_texts()]
        texts += [*ax.get_xticklabels(), *(ax.get_yticklabels() if ax is figure.axes[0] else [])]
        for text in texts:
            if text.get_visible() and text.get_text():
                assert text.get_fontsize() >= 7
                yield text.get_text(), text.get_window_extent(renderer)


@pytest.mark.parametrize("count", [1, 2, 22])
def test_no_text_overlaps_another_or_is_cut(count: int) -> None:
    figure = drawn(made_up(count))
    boxes = list(texts_of(figure))
    assert len(boxes) > 3 * count
    for place, (name, box) in enumerate(boxes):
        assert box.x0 >= -1, name
        assert box.x1 <= figure.bbox.x1 + 1, name
        assert box.y0 >= -1, name
        assert box.y1 <= figure.bbox.y1 + 1, name
        for other_name, other in boxes[place + 1 :]:
            apart = box.x1 <= other.x0 or other.x1 <= box.x0 or box.y1 <= other.y0 or other.y1 <= box.y0
            assert apart, (name, other_name)


def test_a_pyplot_figure_for_notebooks(small: Result, exact: Result) -> None:
    figure = mcrace.figures.comparison([small, exact])
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    plt.close(figure)
    assert labels == ["A small study", "exact"]


def test_effects_without_parts_and_without_errors_are_drawn() -> None:
    rows = [
        ComparedRun(
            label="odd",
            lowered=estimate(0.0, float("nan")),
            alone=estimate(1.0, float("nan")),
            raised=estimate(0.0, float("nan")),
            effect=estimate(value, float("nan")),
            incentive=estimate(0.0),
            parts=(),
        )
        for value in (0.0, -3.0)
    ]
    dots = next(line for line in drawn(rows).axes[1].lines if line.get_marker() == "o").get_xdata()
    assert list(dots) == [0, -3]


def row_of(effect: float, half: float, raised: float) -> ComparedRun:
    zero = estimate(0.0)
    revenue = (Part(word="revenue", mean=estimate(effect, half)),)
    return ComparedRun(
        label=f"{effect:g}", lowered=zero, alone=estimate(1 - raised), raised=estimate(raised, 0.001),
        effect=estimate(effect, half), incentive=zero, parts=revenue,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("effect", "half", "raised", "sign"),
    [
        (2e9, 1e9, 0.05, "raised"),
        (2e9, float("nan"), 1.0, "raised"),
        (1e9, 2e9, 0.05, ""),
        (1e9, 2e9, 0.1, "mixed"),
        (-1e9, 0.0, 0.4, "mixed"),
        (-1e9, 0.0, 0.09, ""),
        (0.0, 0.0, 0.0, ""),
    ],
)
def test_who_turns_the_sign(effect: float, half: float, raised: float, sign: str) -> None:
    row = row_of(effect, half, raised)
    assert row.sign == sign
    figure = drawn([row_of(-3e9, 1e8, 0.0), row, row_of(-2e9, 1e8, 0.0)])
    weights = [label.get_fontweight() for label in figure.axes[0].get_yticklabels()]
    assert weights == ["normal", "bold" if sign else "normal", "normal"]
    bands = [patch for patch in figure.axes[1].patches if patch.get_zorder() == -1]
    assert [patch.get_y() for patch in bands] == ([0.5] if sign else [])  # type: ignore[attr-defined]


def test_runs_of_one_size_share_a_scale_and_a_unit() -> None:
    rows = [row_of(-14e9, 1e8, 0.0), row_of(1.8e7, 2e6, 0.18), row_of(84e9, 2e9, 0.6)]
    assert mean_unit(np.array([row.effect.value for row in rows])) == (0.0, "USD")
    rows[1] = row_of(-0.77e9, 1.4e8, 0.3)
    assert mean_unit(np.array([row.effect.value for row in rows])) == (1e9, "billion USD")
    right = drawn(rows).axes[1]
    assert right.get_xlabel() == "Mean effect and its parts (billion USD)"
    dots = next(line for line in right.lines if line.get_marker() == "o").get_xdata()
    assert np.asarray(dots) == pytest.approx([-14, -0.77, 84])
    texts = [text.get_text() for text in right.texts]
    assert {"−14.00 ± 0.10", "−0.77 ± 0.14", "84 ± 2", "mean, billion USD"} <= set(texts)
    rows[1] = row_of(-1e3, 1.0, 0.0)
    assert "1,000" in " ".join(text.get_text() for text in drawn(rows).axes[1].texts)


def test_rows_too_small_to_see_are_drawn_relative_to_themselves() -> None:
    rows = [row_of(-14e9, 1e8, 0.0), row_of(-1e5, 1.0, 0.0), row_of(-2e5, 1.0, 0.0)]
    right = drawn(rows).axes[1]
    assert "(%)" in right.get_xlabel()
    dots = next(line for line in right.lines if line.get_marker() == "o").get_xdata()
    assert np.asarray(dots) == pytest.approx([-100, -100, -100])
