"""What ``mcrace fit`` says."""

import math
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mcrace.figures.wording import clean_text, counted, readable_unit, short

if TYPE_CHECKING:
    from mcrace.fit.fitting import Fit
    from mcrace.fit.proposal import FamilyScore, Proposal

__all__ = ["fit_text"]

_WIDTH = 100


def fit_text(fit: "Fit", inputs: str, folder: Path, files: tuple[str, ...]) -> str:
    """Tell what was fitted, and the inputs to paste.

    Parameters
    ----------
    fit : Fit
        What a file gave.
    inputs : str
        The same as YAML.
    folder : Path
        Where the files were written.
    files : tuple of str
        Their names.

    Returns
    -------
    str
        At most 100 columns wide but for the YAML.
    """
    lines = [f"{fit.file} (SHA-256 {fit.digest[:12]})"]
    for text in fit.read:
        lines += _wrapped(f"  {clean_text(text)}", "    ")
    for proposal in fit.proposals:
        lines += ["", *_proposal(proposal)]
    if fit.notes:
        lines += ["", "Not fitted"]
        for note in fit.notes:
            lines += _wrapped(f"  {note}", "    ")
    lines += ["", inputs.rstrip("\n"), "", f"Wrote {', '.join(files)} in {folder}"]
    return "\n".join(lines)


def _proposal(item: "Proposal") -> Iterator[str]:
    waiting = f", {item.waiting} of them still waiting" if item.waiting else ""
    worth = f", worth {item.groups} independent ones" if item.groups < item.count else ""
    sample = f"{counted(item.count, 'case')}{waiting}{worth}"
    yield from _wrapped(f"{item.name}: {clean_text(item.label)} ({sample})", "  ")
    factor, unit = readable_unit([float(item.quantiles[2])], item.unit)
    quantiles = [short(float(value) / factor) for value in item.quantiles]
    texts = zip(("5 %", "25 %", "50 %", "75 %", "95 %"), quantiles, strict=True)
    unit_text = f" {unit}" if unit else ""
    yield "  proposed: " + ", ".join(f"{level} {text}" for level, text in texts) + unit_text
    yield from _wrapped(f"  {item.widened}", "    ")
    if item.plain is not None:
        yield from _wrapped(f"  most likely, without the error of the fit: {_plain(item.plain)}", "    ")
    for part in item.intervals:
        low, middle, high = (_amount(value / factor) for value in (part.low, part.middle, part.high))
        yield f"  {part.name:<8} {middle}, 90 % interval {low} to {high}{unit_text}"
    if item.families:
        yield from _families(item.families)
    for note in item.notes:
        yield from _wrapped(f"  {note}", "    ")


def _plain(law: Mapping[str, object]) -> str:
    name, spec = next(iter(law.items()))
    if not isinstance(spec, dict):
        return f"{spec}"
    parts = [f"{key} {value}" for key, value in spec.items() if not isinstance(value, list)]
    return f"{name} ({', '.join(parts)})" if parts else name


def _families(scores: "tuple[FamilyScore, ...]") -> Iterator[str]:
    yield "  families on values left out     -ln p   behind the best       CRPS   weight"
    for score in scores:
        behind = _behind(score)
        crps = "" if math.isnan(score.crps) else _amount(score.crps)
        share = f"{100 * score.share:.0f} %" if score.share else ""
        yield f"    {score.name:<24}{_score(score.log_score):>11}{behind:>18}{crps:>11}{share:>9}".rstrip()


def _behind(score: "FamilyScore") -> str:
    if score.difference == 0:
        return ""
    finite = math.isfinite(score.difference)
    return f"{score.difference:.3f} ± {_score(score.error)}" if finite else "impossible values"


def _score(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "∞"


def _amount(value: float) -> str:
    return "no limit" if not math.isfinite(value) or abs(value) >= 1e15 else short(float(f"{value:.1e}"))


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_long_words=False) or [""]
