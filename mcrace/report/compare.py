"""A comparison of runs as files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mcrace.analysis import compare
from mcrace.analysis.compare import comparison_name
from mcrace.engine.files import check_writable, write_whole
from mcrace.figures.comparison import WIDTH, compared_runs, comparison_height, draw_comparison
from mcrace.figures.frames import csv_bytes
from mcrace.figures.ridges import draw_run_ridges, ridge_rows, ridges_height, runs_drawn
from mcrace.figures.saving import FigureFile, figure_bytes
from mcrace.figures.wording import counted
from mcrace.nomenclature import OUTPUTS
from mcrace.report.compared import compared_sentences, compared_table, difference_tables
from mcrace.report.drawing import drawing_of
from mcrace.report.script import page_script
from mcrace.report.template import rendered

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["write_comparison"]

_MOST_RIDGES = 24
"""Runs whose distributions are drawn; the table and the first figure hold them all."""


def write_comparison(results: "Sequence[Result]", folder: str | Path | None = None) -> Path:
    """Write the tables, figures and page of `mcrace compare`.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, at least one.
    folder : str or Path, optional
        Where to; ``outputs/compare/<a hash over the runs' digests>`` if absent.

    Returns
    -------
    Path
        The folder with ``compare.html``, and ``compare``, ``incentive`` and ``open_effect`` as ``.csv``,
        ``.svg`` and ``.png``, each of them whole.

    Raises
    ------
    RunError
        If a file cannot be written.
    """
    name = comparison_name(results)
    place = Path("outputs", "compare", name) if folder is None else Path(folder)
    check_writable(place)
    figures = []
    for figure, csv, png in _figures(results, name):
        for ending, data in (("csv", csv), ("svg", figure.svg.encode()), ("png", png)):
            write_whole(place / f"{figure.name}.{ending}", data)
        figures.append(figure)
    write_whole(place / "compare.html", _page(results, name, figures).encode())
    return place


def _figures(results: "Sequence[Result]", name: str) -> Iterator[tuple[FigureFile, bytes, bytes]]:
    """Draw the figures, each with the table and the PNG that stand beside it."""
    runs = compared_runs(results)
    words = FigureFile(
        name="compare",
        title="How often open releases raise the incentive, by how much, and through what",
        caption="Base scenario of each run. Left: shares of draws in which open releases lower the "
        "incentive, leave it alone and raise it; right: what they add to it on average, by the parts that "
        "carry it.",
        alt=" ".join(compared_sentences(results)),
        svg="",
    )
    draw = partial(draw_comparison, runs, name)
    yield _drawn(words, (WIDTH, comparison_height(len(runs))), draw, csv_bytes(compare(results)))
    shown = results[:_MOST_RIDGES]
    left = f" The first {_MOST_RIDGES} of {len(results)} runs." if len(shown) < len(results) else ""
    for output in ("incentive", "open_effect"):
        label = OUTPUTS[output].label
        rows = runs_drawn(shown, output)
        words = FigureFile(
            name=output,
            title=f"{label}: distribution in each run",
            caption="Kept draws of the base scenario. Each row is as high as the others; an upright bar is "
            "the median, a stem a value that many draws have exactly; P(> 0) at the right is that of all "
            f"draws.{left}",
            alt=f"{label}, base scenario. "
            + " ".join(f"{row.label}: P(> 0) {row.positive}." for row in rows),
            svg="",
        )
        draw = partial(draw_run_ridges, shown, output)
        yield _drawn(words, (WIDTH, ridges_height(len(shown))), draw, csv_bytes(ridge_rows(rows)))


def _drawn(
    words: FigureFile, size: tuple[float, float], draw: Callable[..., None], csv: bytes
) -> tuple[FigureFile, bytes, bytes]:
    svg, png = figure_bytes(size, draw)
    return replace(words, svg=svg.decode()), csv, png


def _page(results: "Sequence[Result]", name: str, figures: Sequence[FigureFile]) -> str:
    import mcrace

    return rendered(
        "compare_page.html",
        {
            "title": f"{counted(len(results), 'run')} side by side",
            "name": name,
            "answer": compared_sentences(results),
            "runs": compared_table(results),
            "figures": [drawing_of(figure) for figure in figures],
            "differences": difference_tables(results),
            "digests": [
                (run.label, result.digest)
                for run, result in zip(compared_runs(results), results, strict=True)
            ],
            "script": page_script(),
            "version": mcrace.__version__,
        },
    )
