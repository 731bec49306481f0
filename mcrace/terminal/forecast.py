"""What ``mcrace export``, ``score`` and ``log`` say."""

import math
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcrace.figures.wording import common_unit, short

if TYPE_CHECKING:
    import pandas as pd

    from mcrace.forecast.breach import Breach
    from mcrace.report.history import PastRun

__all__ = ["breaches_text", "export_text", "log_text", "score_records", "score_text"]

_WIDTH = 80

_SCORES = (
    ("crps", "CRPS"),
    ("weighted_interval", "weighted interval score"),
    ("log", "log score"),
    ("brier", "Brier score"),
    ("brier_never", "Brier score of never"),
    ("baseline", "baseline score (larger is better)"),
    ("skill", "skill"),
)


def export_text(files: Sequence[Path], notes: Sequence[str]) -> str:
    """Say what was written, and what to know before posting it."""
    lines = [f"wrote {path}" for path in files]
    for note in notes:
        lines += textwrap.wrap(note, _WIDTH, subsequent_indent="  ", break_long_words=False)
    return "\n".join(lines)


def breaches_text(file: str, breaches: "Sequence[Breach]") -> str:
    """Say which rules of the platform a file breaks."""
    if not breaches:
        return f"{file}: obeys every rule that is known of the platform"
    lines = [f"{file}: breaks {len(breaches)} rule{'s' if len(breaches) > 1 else ''}"]
    for breach in breaches:
        text = f"{breach.rule}, {breach.where}: found {breach.found}, expected {breach.expected}"
        lines += textwrap.wrap(
            text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False
        )
    return "\n".join(lines)


def score_text(
    table: "pd.DataFrame", ledger: Path, size: int, drawn: Sequence[Path] = (), notes: Sequence[str] = ()
) -> str:
    """Tell the scores of runs, a block a variable and question."""
    lines: list[str] = []
    for _, row in table.iterrows():
        asked = f", {row['question']}" if row["question"] else ""
        head = f"{row['study']} ({row['digest'][:12]}): {row['variable']}{asked}, came as {row['outcome']:g}"
        lines += textwrap.wrap(head, _WIDTH, subsequent_indent="  ")
        lines += [f"  {words}: {row[name]:.6g}" for name, words in _SCORES if not math.isnan(row[name])]
        if not math.isnan(row["pit_below"]):
            lines.append(
                f"  in the draws: {row['pit_below']:.1%} below it, {row['pit_at_most']:.1%} at most it"
            )
        if row["clipped"] > 0:
            lines.append(
                f"  {row['clipped']:.1%} of the draws lay outside of the range, and count at its ends"
            )
    lines += ["", f"kept in {ledger} ({size} score{'s' if size > 1 else ''})"]
    lines += [f"drawn in {path}" for path in drawn]
    for note in notes:
        lines += textwrap.wrap(note, _WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def score_records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Give scores for JSON; what there is none of is None."""
    return [
        {
            str(name): None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in row.items()
        }
        for row in table.to_dict(orient="records")
    ]


def log_text(runs: "Sequence[PastRun]") -> str:
    """Tell the runs of a study, the newest last, with what changed and how the answer moved."""
    lines: list[str] = []
    for run in runs:
        factor, unit = common_unit([run.incentive.value, run.open_effect.value], "USD")
        when = run.written.strftime("%Y-%m-%d %H:%M UTC")
        lines.append(f"{run.digest[:12]}  {when}  mcrace {run.version}, {run.draws:,} draws")
        lines.append(f"  mean incentive {run.incentive.text(factor)} {unit}")
        lines.append(f"  mean effect of open releases {run.open_effect.text(factor)} {unit}")
        lines += _changed(run)
        lines.append("")
    return "\n".join(lines[:-1])


def _changed(run: "PastRun") -> Iterator[str]:
    if run.version_before:
        yield f"  mcrace {run.version_before} -> {run.version}"
    for path, old, new in run.changes:
        told = f"{path}: {_value(old)} -> {_value(new)}"
        yield from textwrap.wrap(
            told, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False
        )


def _value(value: Any) -> str:  # noqa: ANN401 - any plain value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return short(float(value)) if math.isfinite(value) else ".inf"
    return "nothing" if value is None else str(value)
