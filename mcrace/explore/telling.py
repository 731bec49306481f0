"""The answer of a study as the page shows it: words, rows of numbers, histograms."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.result import Statistics
from mcrace.explore.controls import Control
from mcrace.explore.sampling import result_of
from mcrace.explore.writing import Number, written
from mcrace.figures.estimates import Estimate, contrasts_of, estimates_of, total_draws
from mcrace.figures.wording import clean_text, common_unit, rounded
from mcrace.nomenclature import OUTPUTS
from mcrace.report.answer import answer, error_note

if TYPE_CHECKING:
    from mcrace.engine.block import StudyText

__all__ = ["answer_record", "control_record"]

FloatArray = NDArray[np.float64]

_SHOWN = {
    "incentive": ("p_positive", "mean", "q0.05", "q0.5", "q0.95"),
    "open_effect": ("p_negative", "p_zero", "p_positive", "mean", "q0.05", "q0.5", "q0.95"),
}
_WORDS = {
    "p_positive": "Above 0",
    "p_zero": "Exactly 0",
    "p_negative": "Below 0",
    "mean": "Mean",
    "q0.05": "5 %",
    "q0.5": "Median",
    "q0.95": "95 %",
}
_BARS = 48
_CUT = 0.01
"""Share of the draws beyond each end of an axis, at most: a long tail must not squeeze all else."""

_SLID = 10.0
"""How far a slider goes up and down from a positive number, as a factor."""

_MOVED = "moved"


def answer_record(start: "tuple[StudyText, int]", moved: "tuple[StudyText, int]", both: Statistics) -> Any:  # noqa: ANN401 - JSON
    """Tell the answer of a scenario, and what a change has done to it.

    Parameters
    ----------
    start, moved : tuple of StudyText and int
        The study before and after, and the place of the scenario in each.
    both : Statistics
        Of the two on common random numbers.

    Returns
    -------
    dict
        Plain values for JSON.
    """
    before, after = result_of(*start), result_of(*moved)
    change = contrasts_of(replace(after, statistics=both))
    outputs = []
    for name, statistics in _SHOWN.items():
        found = [estimates_of(result) for result in (before, after)]
        sizes = [table.of("base", name, size).value for table in found for size in ("mean", "q0.05", "q0.95")]
        factor, unit = common_unit(sizes, OUTPUTS[name].unit)
        rows = [
            _row(
                statistic,
                found[0].of("base", name, statistic),
                found[1].of("base", name, statistic),
                change.of(_MOVED, name, statistic),
                factor,
            )
            for statistic in statistics
        ]
        draws = [result.draws[name].to_numpy(dtype=np.float64) / factor for result in (before, after)]
        outputs.append(
            {
                "name": name,
                "label": OUTPUTS[name].label,
                "unit": unit,
                "rows": rows,
                "bars": _bars(*draws),
            }
        )
    return {
        "sentences": [clean_text(sentence) for sentence in answer(after)],
        "note": error_note(after),
        "draws": total_draws(after),
        "replicates": after.statistics.replicates,
        "outputs": outputs,
    }


def control_record(control: Control, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any YAML value
    """Tell a control as the page draws it.

    Parameters
    ----------
    control : Control
        Which.
    value : object
        What stands there now.

    Returns
    -------
    dict
        Plain values for JSON: the text in pieces with numbers between them, each with its slider.
    """
    found = written(value)
    is_law = not isinstance(value, int | float)
    return {
        "path": control.path,
        "section": control.section,
        "label": clean_text(control.label),
        "unit": clean_text(control.unit),
        "note": clean_text(control.note),
        "choices": list(control.choices),
        "text": found.text,
        "pieces": list(found.pieces),
        "numbers": [
            {
                "name": clean_text(number.name),
                "text": number.text,
                "slider": _slider(control, number, is_law=is_law),
            }
            for number in found.numbers
        ],
    }


def _row(
    statistic: str, before: Estimate, after: Estimate, change: Estimate, factor: float
) -> dict[str, Any]:
    is_share = statistic.startswith("p_")
    return {
        "name": statistic,
        "label": _WORDS[statistic],
        "start": before.percent if is_share else before.text(factor),
        "now": after.percent if is_share else after.text(factor),
        "change": _change(change, 0.01 if is_share else factor, "points" if is_share else ""),
        "value": _finite(after.value),
        "standard_error": _finite(after.standard_error),
        "change_value": _finite(change.value),
        "change_error": _finite(change.standard_error),
    }


def _change(change: Estimate, factor: float, unit: str) -> str:
    if change.value == 0:
        return "0"
    text = rounded(change.value / factor, change.half_width / factor)
    return f"{'+' if change.value > 0 else ''}{text} {unit}".rstrip()


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _bars(before: FloatArray, after: FloatArray) -> dict[str, Any]:
    """Count draws in bins that both share; the ends of the axis leave out a part of long tails."""
    edges = _edges([before, after])
    shares = [np.histogram(draws, edges)[0] / draws.size for draws in (before, after)]
    return {
        "low": float(edges[0]),
        "high": float(edges[-1]),
        "start": shares[0].tolist(),
        "now": shares[1].tolist(),
        "below": float((after < edges[0]).mean()),
        "above": float((after > edges[-1]).mean()),
    }


def _edges(parts: Sequence[FloatArray]) -> FloatArray:
    """Choose bins that hold nearly all draws; zero is an edge, so that no bar has two signs."""
    low = min(float(np.quantile(part, _CUT)) for part in parts)
    high = max(float(np.quantile(part, 1 - _CUT)) for part in parts)
    if low == high:
        low, high = low - max(abs(low), 1.0) / 2, high + max(abs(low), 1.0) / 2
    wide = (high - low) / _BARS
    if low > high / 3 or high < low / 3:  # zero is far from all of them
        return np.linspace(low, high, _BARS + 1)
    first, last = math.floor(min(low, 0.0) / wide), math.floor(max(high, 0.0) / wide) + 1
    return np.arange(first, last + 1, dtype=np.float64) * np.float64(wide)


def _slider(control: Control, number: Number, *, is_law: bool) -> dict[str, Any] | None:
    """Give the ends of a slider, and whether it moves by factors; None where it has no sensible ends."""
    value = number.value
    low, high = (-math.inf, math.inf) if is_law else (control.low, control.high)
    if not math.isfinite(value):
        return None
    if value > 0 and not (math.isfinite(low) and math.isfinite(high)):
        least, most = max(value / _SLID, low), min(value * _SLID, high)
        if 0 < least < most:
            return {"low": least, "high": most, "by_factors": True, "whole": control.whole and not is_law}
    least = low if math.isfinite(low) else min(2 * value, 0.0) or -1.0
    most = high if math.isfinite(high) else max(2 * value, 1.0)
    if not least < most:
        return None
    return {"low": least, "high": most, "by_factors": False, "whole": control.whole and not is_law}
