"""What ``mcrace compare`` says of runs."""

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mcrace.analysis.compare import version_note
from mcrace.figures.comparison import ComparedRun, compared_runs
from mcrace.figures.estimates import Estimate
from mcrace.figures.parts import signed_amount
from mcrace.figures.wording import readable_unit, wrapped

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["compare_text"]

_WIDTH = 100
_GAP = 2
_TITLE_SHARE = 0.52
_TITLE_LINES = 4
_NO_BREAK = "\N{NO-BREAK SPACE}"
_HEADS = ("", "raise it", "effect, USD", "incentive, USD", "carried by, USD")
_SHORT: Mapping[str, str] = MappingProxyType(
    {"trillion": "tn", "billion": "bn", "million": "mn", "thousand": "k", "": ""}
)
_INTRODUCTION = (
    "Base scenario of each run. Raise it: share of draws in which open releases raise the incentive to "
    "train z. Effect: what they add to it on average, and the parts that carry that. What follows a ± is "
    "half the width of the 95 % interval."
)


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
        At most 100 columns wide.
    """
    note = version_note(results)
    lines = textwrap.wrap(_INTRODUCTION, _WIDTH)
    lines += ["", *_table(compared_runs(results)), ""]
    lines += [*textwrap.wrap(note, _WIDTH), ""] if note else []
    return "\n".join([*lines, f"Wrote compare.csv, compare.svg and compare.png in {folder}"])


def _table(runs: Sequence[ComparedRun]) -> Iterator[str]:
    """Rows of cells, those of words wrapped in what the numbers leave."""
    numbers = [(run.raised.percent, _amount(run.effect), _amount(run.incentive)) for run in runs]
    middle = [max(len(cell) for cell in column) for column in zip(_HEADS[1:4], *numbers, strict=True)]
    left = _WIDTH - sum(middle) - _GAP * (len(_HEADS) - 1)
    title = round(_TITLE_SHARE * left)
    widths = (title, *middle, left - title)
    yield from _row([[head] for head in _HEADS], widths)
    for run, cells in zip(runs, numbers, strict=True):
        label = wrapped(run.label, title, _TITLE_LINES).split("\n")
        yield from _row([label, *([cell] for cell in cells), _parts_lines(run, widths[4])], widths)


def _row(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Lines of one row: words to the left, numbers to the right."""
    for line in range(max(len(cell) for cell in cells)):
        texts = [cell[line] if line < len(cell) else "" for cell in cells]
        padded = [_padded(texts[0], widths[0])]
        padded += [f"{text:>{width}}" for text, width in zip(texts[1:4], widths[1:4], strict=True)]
        yield (" " * _GAP).join([*padded, texts[4]]).rstrip()


def _padded(text: str, width: int) -> str:
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - columns)


def _amount(mean: Estimate) -> str:
    factor, unit = _short_unit(mean.value)
    return f"{mean.text(factor)} {unit}".rstrip()


def _parts_lines(run: ComparedRun, width: int) -> list[str]:
    """Write the parts, all in the unit of the largest."""
    if not run.parts:
        return ["none" if run.effect.value == 0 else ""]
    factor, unit = _short_unit(run.parts[0].mean.value)
    texts = [f"{part.word} {signed_amount(part.mean, factor)}" for part in run.parts]
    # A word and its number stay on one line.
    joined = ", ".join(text.replace(" ", _NO_BREAK) for text in texts)
    lines = textwrap.wrap(f"{joined}{_NO_BREAK}{unit}" if unit else joined, width, break_on_hyphens=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _short_unit(value: float) -> tuple[float, str]:
    factor, word = readable_unit([value], "")
    return factor, _SHORT[word]
