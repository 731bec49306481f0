"""What a fit gives, as files: inputs to paste, a picture with its numbers."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mcrace.engine.files import check_writable, write_whole
from mcrace.errors import Fault, StudyError
from mcrace.figures.fitted import FittedPanel, draw_fitted, fitted_height, fitted_numbers
from mcrace.figures.frames import csv_bytes
from mcrace.figures.saving import figure_bytes
from mcrace.figures.theme import WIDTH
from mcrace.figures.wording import clean_text, counted
from mcrace.fit.proposal import LEVELS, Proposal
from mcrace.study.write import study_yaml

__all__ = ["fit_record", "inputs_of", "inputs_yaml", "write_fit"]


def inputs_of(proposals: Sequence[Proposal]) -> dict[str, dict[str, Any]]:
    """Give proposals as the section ``inputs`` of a study.

    Parameters
    ----------
    proposals : sequence of Proposal
        With their sources.

    Returns
    -------
    dict
        A name to law, unit, label and source.
    """
    inputs: dict[str, dict[str, Any]] = {}
    for item in proposals:
        entry: dict[str, Any] = {"law": dict(item.law)}
        if item.unit:
            entry["unit"] = clean_text(item.unit)
        inputs[item.name] = {**entry, "label": clean_text(item.label), "source": clean_text(item.source)}
    return inputs


def inputs_yaml(proposals: Sequence[Proposal]) -> str:
    """Write inputs to paste, the plain fit of each as a comment above it.

    Parameters
    ----------
    proposals : sequence of Proposal
        With their sources.

    Returns
    -------
    str
        YAML 1.2.
    """
    lines = ["# To paste under `inputs:` of a study, or to be extended by one.", "inputs:"]
    for item in proposals:
        lines.append(f"  # How the error of the fit is carried: {item.widened}.")
        if item.plain is not None:
            lines.append(f"  # The most likely law without it: {_flow(item.plain)}")
        text = study_yaml(inputs_of([item]))
        lines += [f"  {line}" if line else "" for line in text.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def fit_record(proposals: Sequence[Proposal], notes: Sequence[str]) -> dict[str, Any]:
    """Give what was found as plain values for JSON; what is not finite is null.

    Parameters
    ----------
    proposals : sequence of Proposal
        With their sources.
    notes : sequence of str
        What could not be fitted.

    Returns
    -------
    dict
        ``inputs`` as a study takes them, ``fits`` with intervals and scores, ``notes``.
    """
    fits = [
        {
            "name": item.name,
            "unit": item.unit,
            "count": item.count,
            "waiting": item.waiting,
            "independent_groups": item.groups,
            "widened": item.widened,
            "plain": None if item.plain is None else _keyed(item.plain),
            "quantiles": {
                str(level): float(value) for level, value in zip(LEVELS, item.quantiles, strict=True)
            },
            "intervals_90": {
                part.name: {
                    "low": _finite(part.low),
                    "middle": _finite(part.middle),
                    "high": _finite(part.high),
                }
                for part in item.intervals
            },
            "families": [
                {
                    "name": score.name,
                    "parameters": score.parameters,
                    "log_score": _finite(score.log_score),
                    "crps": _finite(score.crps),
                    "difference": _finite(score.difference),
                    "standard_error": _finite(score.error),
                    "share": score.share,
                }
                for score in item.families
            ],
            "notes": list(item.notes),
        }
        for item in proposals
    ]
    inputs = {name: _keyed(entry) for name, entry in inputs_of(proposals).items()}
    return {"inputs": inputs, "fits": fits, "notes": list(notes)}


def write_fit(proposals: Sequence[Proposal], folder: Path, *, force: bool = False) -> tuple[str, ...]:
    """Write ``inputs.yaml``, ``fit.svg``, ``fit.png`` and ``fit.csv``, each of them whole.

    Parameters
    ----------
    proposals : sequence of Proposal
        With their sources.
    folder : Path
        Where; made if need be.
    force : bool
        Whether to write over an ``inputs.yaml`` of other content.

    Returns
    -------
    tuple of str
        Names of the files.

    Raises
    ------
    StudyError
        There is an ``inputs.yaml`` that says something else.
    RunError
        A file cannot be written.
    """
    check_writable(folder)
    content = inputs_yaml(proposals).encode("utf-8")
    target = folder / "inputs.yaml"
    if not force and target.exists() and target.read_bytes() != content:
        expected = "another folder with --out, or --force to write over it"
        fault = Fault(path="", file=str(target), found="a file that says something else", expected=expected)
        raise StudyError([fault])
    files = {"inputs.yaml": content}
    panels = [panel for item in proposals if (panel := _panel(item)) is not None]
    if panels:
        size = WIDTH, fitted_height(len(panels))
        files["fit.svg"], files["fit.png"] = figure_bytes(size, partial(draw_fitted, panels))
        files["fit.csv"] = csv_bytes(fitted_numbers(panels))
    for name, data in files.items():
        write_whole(folder / name, data)
    return tuple(files)


def _panel(item: Proposal) -> FittedPanel | None:
    shown = item.evidence
    if shown is None:
        return None
    waiting = f", {item.waiting} still waiting" if item.waiting else ""
    worth = f", worth {item.groups}" if item.groups < item.count and item.waiting + item.groups else ""
    return FittedPanel(
        name=item.name,
        title=clean_text(item.label),
        unit=clean_text(item.unit),
        subtitle=f"{counted(item.count, 'case')}{waiting}{worth}",
        places=shown.places,
        shares=shown.shares,
        lows=shown.lows,
        highs=shown.highs,
        grid=shown.grid,
        proposed=shown.proposed,
        plain=shown.plain,
        values=shown.values,
        waiting=shown.waiting,
    )


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return str(value)


def _keyed(value: object) -> Any:  # noqa: ANN401 - any plain value
    """Plain values whose keys are all texts, as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): _keyed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_keyed(item) for item in value]
    return value


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
