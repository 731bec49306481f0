"""What ``mcrace compare`` says of runs."""

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mcrace.analysis.compare import version_note
from mcrace.figures.comparison import OFTEN, ComparedRun, compared_runs, mean_unit
from mcrace.figures.estimates import Estimate
from mcrace.figures.parts import signed_amount
from mcrace.figures.wording import readable_unit, wrapped

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["compare_text"]

_WIDTH = 80
_GAP = 2
_LEAST_TITLE, _TITLE_LINES = 12, 4
_NO_BREAK = "\N{NO-BREAK SPACE}"
_PLUS_MINUS = " \N{PLUS-MINUS SIGN} "
_MARKS: Mapping[str, str] = MappingProxyType({"raised": "++", "mixed": "+", "": ""})
_SHORT: Mapping[str, str] = MappingProxyType(
    {"trillion": "tn", "billion": "bn", "million": "mn", "thousand": "k", "": ""}
)
_INTRODUCTION = (
    "Base scenario of each run. Raise it: share of draws in which open releases raise the incentive to "
    "train z. Effect: what they add to it on average, and the parts that carry that. What follows a ± is "
    "half the width of the 95 % interval."
)
_LEGEND = f"++ raised on average, + raised in {100 * OFTEN:.0f} % of the draws or more"


def compare_text(results: "Sequence[Result]", folder: Path) -> str:
    """Tabulate runs side by side, and say where the files are.

    Parameters
    ----------
    results : sequence of Result
        Finished runs.
    folder : Path
        Where table and figure were written.

    Returns
    -------
    str
        At most 80 columns wide.
    """
    note, runs = version_note(results), compared_runs(results)
    lines = textwrap.wrap(_INTRODUCTION, _WIDTH)
    lines += ["", *_table(runs), ""]
    lines += [_LEGEND, ""] if any(run.sign for run in runs) else []
    lines += [*textwrap.wrap(note, _WIDTH), ""] if note else []
    return "\n".join([*lines, f"Open {folder / 'compare.html'}"])


def _table(runs: Sequence[ComparedRun]) -> Iterator[str]:
    """Rows of cells, those of words wrapped in what the numbers leave."""
    factor, unit, effect = _column([run.effect for run in runs])
    _, incentive_unit, incentive = _column([run.incentive for run in runs])
    parts = [_parts(run, factor) for run in runs]
    heads = (("",), ("",), ("raise it", "%"), ("effect", unit), ("incentive", incentive_unit),
             ("carried by", unit))  # fmt: skip
    marks = [_MARKS[run.sign] for run in runs]
    shares = _aligned([run.raised.percent.removesuffix(" %") for run in runs])
    columns = [marks, shares, effect, incentive]
    middle = [max(map(len, (*head, *cells))) for head, cells in zip(heads[1:5], columns, strict=True)]
    left = _WIDTH - sum(middle) - _GAP * (len(heads) - 1)
    widest = max(len(text) for texts in (*parts, heads[5]) for text in texts)
    title = max(min(max(_columns(run.label) for run in runs), left - widest), _LEAST_TITLE)
    widths = (title, *middle, left - title)
    yield from _row(heads, widths)
    for run, texts, *cells in zip(runs, parts, *columns, strict=True):
        label = wrapped(run.label, title, _TITLE_LINES).split("\n")
        yield from _row([label, *([cell] for cell in cells), _filled(texts, widths[-1])], widths)


def _row(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Lines of one row: words to the left, numbers to the right."""
    for line in range(max(len(cell) for cell in cells)):
        texts = [cell[line] if line < len(cell) else "" for cell in cells]
        padded = [_padded(text, width) for text, width in zip(texts[:2], widths[:2], strict=True)]
        padded += [f"{text:>{width}}" for text, width in zip(texts[2:5], widths[2:5], strict=True)]
        yield (" " * _GAP).join([*padded, texts[5]]).rstrip()


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _column(means: Sequence[Estimate]) -> tuple[float, str, list[str]]:
    """Write means in one unit, for the heading to name, or each in its own; then the factor is 0."""
    factor, unit = mean_unit(np.array([mean.value for mean in means]))
    if factor == 0:
        return factor, unit, [_amount(mean) for mean in means]
    word = unit.removesuffix("USD").strip()
    return factor, f"{_SHORT[word]} USD".strip(), _aligned([mean.text(factor) for mean in means])


def _aligned(cells: Sequence[str]) -> list[str]:
    """Set what follows a ± in a column of its own."""
    tails = [separator + tail for _, separator, tail in (cell.partition(_PLUS_MINUS) for cell in cells)]
    width = max(map(len, tails), default=0)
    return [cell.removesuffix(tail) + f"{tail:<{width}}" for cell, tail in zip(cells, tails, strict=True)]


def _amount(mean: Estimate) -> str:
    factor, unit = _short_unit(mean.value)
    return f"{mean.text(factor)} {unit}".rstrip()


def _parts(run: ComparedRun, factor: float) -> list[str]:
    """Write the parts in the unit of their column, or all in the unit of the largest."""
    if not run.parts:
        return ["none" if run.effect.value == 0 else ""]
    if factor > 0:
        return [f"{part.word} {signed_amount(part.mean, factor)}" for part in run.parts]
    factor, unit = _short_unit(run.parts[0].mean.value)
    texts = [f"{part.word} {signed_amount(part.mean, factor)}" for part in run.parts]
    return [*texts[:-1], f"{texts[-1]} {unit}".rstrip()]


def _filled(texts: Sequence[str], width: int) -> list[str]:
    """Fill lines with parts; a word and its number stay on one line."""
    joined = ", ".join(text.replace(" ", _NO_BREAK) for text in texts)
    lines = textwrap.wrap(joined, max(width, 1), break_on_hyphens=False, break_long_words=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _short_unit(value: float) -> tuple[float, str]:
    factor, word = readable_unit([value], "")
    return factor, _SHORT[word]
