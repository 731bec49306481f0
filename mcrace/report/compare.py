"""A comparison of runs as files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mcrace.analysis import compare
from mcrace.analysis.compare import comparison_name
from mcrace.engine.files import check_writable, write_whole
from mcrace.figures.comparison import WIDTH, compared_runs, comparison_height, draw_comparison
from mcrace.figures.frames import csv_bytes
from mcrace.figures.saving import figure_bytes

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["write_comparison"]


def write_comparison(results: "Sequence[Result]", folder: str | Path | None = None) -> Path:
    """Write the table and the figure of `mcrace compare`.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, at least one.
    folder : str or Path, optional
        Where to; ``outputs/compare/<a hash over the runs' digests>`` if absent.

    Returns
    -------
    Path
        The folder with ``compare.csv``, ``compare.svg`` and ``compare.png``, each of them whole.

    Raises
    ------
    RunError
        If a file cannot be written.
    """
    name = comparison_name(results)
    place = Path("outputs", "compare", name) if folder is None else Path(folder)
    check_writable(place)
    runs = compared_runs(results)
    size = WIDTH, comparison_height(len(runs))
    svg, png = figure_bytes(size, partial(draw_comparison, runs, name))
    for name, data in (("csv", csv_bytes(compare(results))), ("svg", svg), ("png", png)):
        write_whole(place / f"compare.{name}", data)
    return place
