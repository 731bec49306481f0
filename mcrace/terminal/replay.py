"""What ``mcrace check --draw`` says of one draw."""

import re
from typing import TYPE_CHECKING, Any

from mcrace.errors import Fault, StudyError

if TYPE_CHECKING:
    from mcrace.engine.replay import Replayed
    from mcrace.study import Study

__all__ = ["draw_number", "replay_record", "replay_text"]


def draw_number(text: str) -> tuple[int, int]:
    """Read which draw is meant.

    Parameters
    ----------
    text : str
        Such as ``3:4711``.

    Returns
    -------
    tuple of int
        Replicate and point.

    Raises
    ------
    StudyError
        If it is not two whole numbers.

    Examples
    --------
    >>> draw_number("3:4711")
    (3, 4711)
    """
    match = re.fullmatch(r"(\d{1,9}):(\d{1,18})", text.strip())
    if match is None:
        expected = "REPLICATE:POINT, two whole numbers such as 3:4711"
        raise StudyError([Fault(path="--draw", found=repr(text), expected=expected)])
    return int(match[1]), int(match[2])


def replay_text(study: "Study", draws: "tuple[Replayed, ...]", number: tuple[int, int]) -> str:
    """Show one draw: its inputs, and each scenario's outputs to the last digit.

    Parameters
    ----------
    study : Study
        Checked.
    draws : tuple of Replayed
        Of every scenario; the first is base.
    number : tuple of int
        Replicate and point.

    Returns
    -------
    str
        For other scenarios than base, inputs are listed where they differ from base's.
    """
    lines = [f"{study.name} ({study.digest[:12]}), replicate {number[0]}, point {number[1]}"]
    base = draws[0].inputs
    for draw in draws:
        changed = {name: value for name, value in draw.inputs.items() if base.get(name) != value}
        shown = draw.inputs if draw is draws[0] else changed
        names = [*shown, *draw.outputs]
        width = max((len(name) for name in names), default=0)
        lines += ["", f"scenario {draw.scenario}"]
        lines += [f"  {name:<{width}}  {value!r}" for name, value in shown.items()]
        lines += [f"  {name:<{width}}  {value!r}" for name, value in draw.outputs.items() if value != 0.0]
        if any(value == 0.0 for value in draw.outputs.values()):
            lines.append("  all other outputs are 0")
        lines += [f"  {fault}" for fault in draw.faults]
    return "\n".join(lines)


def replay_record(draws: "tuple[Replayed, ...]") -> list[dict[str, Any]]:
    """Put one draw into a record for JSON.

    Parameters
    ----------
    draws : tuple of Replayed
        Of every scenario.

    Returns
    -------
    list of dict
        ``scenario``, ``inputs``, ``outputs``, ``faults``.
    """
    return [
        {
            "scenario": draw.scenario,
            "inputs": {name: _finite(value) for name, value in draw.inputs.items()},
            "outputs": dict(draw.outputs),
            "faults": [str(fault) for fault in draw.faults],
        }
        for draw in draws
    ]


def _finite(value: float) -> float | str:
    """JSON has no infinity."""
    return value if abs(value) < float("inf") else ("inf" if value > 0 else "-inf")
