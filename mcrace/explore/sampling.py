"""Draws of a study while it is moved: few enough for half a second, on common random numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.block import StudyText, study_of
from mcrace.engine.evaluate import output_names
from mcrace.engine.execute import opened_pool
from mcrace.engine.group import sampled
from mcrace.engine.plan import plan_of
from mcrace.engine.result import Result, RunFacts, Statistics
from mcrace.engine.setting import Group, Setting
from mcrace.nomenclature import OUTPUTS
from mcrace.study.data import named_files, with_files
from mcrace.study.parts import BASE
from mcrace.study.resolve import Resolved
from mcrace.study.study import Study

if TYPE_CHECKING:
    from mcrace.study.parts import Scenario

__all__ = ["Drawn", "drawn", "paired", "result_of", "text_of"]

FloatArray = NDArray[np.float64]

_START, _MOVED = "start", "moved"
_SECTIONS_OF_A_RUN = ("scenarios", "grid", "analysis", "forecast")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Draws of one scenario or several.

    Attributes
    ----------
    statistics : Statistics
        Of all outputs.
    outputs : ndarray, shape (scenario, output, draw)
        The model's outputs, in their units, in the order of the nomenclature.
    """

    statistics: Statistics
    outputs: FloatArray


def text_of(document: Mapping[str, Any], draws: int, file: str | None) -> StudyText:
    """Write a study for the engine, with as many draws as are affordable.

    Parameters
    ----------
    document : Mapping
        With data files in their places.
    draws : int
        Over all replicates; fewer where the study itself asks for fewer.
    file : str or None
        What a person calls the study.

    Returns
    -------
    StudyText
        Its numbers are those of ``mcrace run`` with so many draws.
    """
    asked = dict(document.get("sampling") or {})
    sampling = {name: value for name, value in asked.items() if name not in ("precision", "most_draws")}
    plain, data = named_files({**document, "sampling": {**sampling, "draws": draws, "keep": draws}})
    return StudyText(text=json.dumps(plain), data=data, file=file or "STUDY")


@lru_cache(maxsize=32)
def drawn(text: StudyText, first: int, last: int) -> Drawn:
    """Sample some scenarios of a study; the last few answers are remembered.

    Parameters
    ----------
    text : StudyText
        From `text_of`.
    first, last : int
        The study's scenarios from `first` to before `last`.

    Returns
    -------
    Drawn
        The same bits as those of a run of the whole study.

    Raises
    ------
    StudyError
        If the study is wrong, or a draw leaves the model's range.
    """
    study = study_of(text)
    plan = plan_of(study)
    group = Group(
        first=first,
        last=last,
        names=tuple(scenario.name for scenario in study.scenarios[first:last]),
        outputs=output_names(study),
    )
    with opened_pool(jobs=1, backend="sequential") as pool:
        setting = Setting(text=text, plan=plan, pool=pool, store=None, tell=lambda _: None)
        statistics, kept = sampled(setting, group, lambda _: True)
    rows = kept.outputs[:, : len(OUTPUTS)]
    return Drawn(statistics=statistics, outputs=rows.reshape(*rows.shape[:2], -1))


def paired(
    start: tuple[StudyText, int], moved: tuple[StudyText, int], values: Mapping[str, Any], draws: int
) -> Statistics:
    """Sample a scenario before and after a change on common random numbers.

    Parameters
    ----------
    start, moved : tuple of StudyText and int
        The two studies, and the place of the scenario in each.
    values : Mapping
        What was changed: path to value.
    draws : int
        Over all replicates.

    Returns
    -------
    Statistics
        Of two scenarios, before and after. An input that is fixed, or no longer is, moves the coordinates
        of the others in a study of its own; so the change is a scenario of the start here, which leaves
        them where they are.
    """
    before, after = (study_of(text).scenarios[place] for text, place in (start, moved))
    one, other = (drawn(text, place, place + 1).statistics for text, place in (start, moved))
    if _share_coordinates(before, after) and one.values.shape == other.values.shape:
        return _joined(one, other)
    study = study_of(start[0])
    document: dict[str, Any] = {
        name: section for name, section in study.document.items() if name not in _SECTIONS_OF_A_RUN
    }
    kept = {path: value for path, value in values.items() if not _is_below(path, before.changes)}
    document["scenarios"] = {_START: dict(before.changes), _MOVED: {**kept, **before.changes}}
    text = text_of(_with_data(document, study), draws, study.file)
    again, other = study_of(text).scenarios[1], drawn(text, 2, 3).statistics
    if _share_coordinates(before, again) and one.values.shape == other.values.shape:
        return _joined(one, other)
    return drawn(text, 1, 3).statistics


def result_of(text: StudyText, place: int) -> Result:
    """Give the draws of a scenario as the result of a run of it alone.

    Parameters
    ----------
    text : StudyText
        From `text_of`.
    place : int
        Of the scenario in the study.

    Returns
    -------
    Result
        Its base is the scenario.
    """
    import pandas as pd

    study, found = study_of(text), drawn(text, place, place + 1)
    parts = {field.name: getattr(study, field.name) for field in fields(Resolved)}
    parts["scenarios"] = (replace(study.scenarios[place], name=BASE),)
    return Result(
        study=Study.assembled(Resolved(**parts)),
        draws=pd.DataFrame(dict(zip(OUTPUTS, found.outputs[0], strict=True))),
        statistics=replace(found.statistics, scenarios=(BASE,)),
        facts=RunFacts(seconds=0.0, evaluations=found.outputs.shape[-1], jobs=1, backend="sequential"),
    )


def _share_coordinates(before: "Scenario", after: "Scenario") -> bool:
    """Whether the inputs that are uncertain in both have the same coordinates of the design."""
    ours, theirs = (
        {item.name: item.dimension for item in scenario.inputs if item.dimension is not None}
        for scenario in (before, after)
    )
    return all(ours[name] == theirs[name] for name in ours.keys() & theirs.keys())


def _joined(before: Statistics, after: Statistics) -> Statistics:
    return replace(
        before,
        scenarios=(_START, _MOVED),
        pooled=np.concatenate([before.pooled, after.pooled]),
        values=np.concatenate([before.values, after.values]),
    )


def _is_below(path: str, changes: Mapping[str, Any]) -> bool:
    """Whether the scenario itself changes what stands at a path, or all that is around it."""
    return any((path + ".").startswith(above + ".") for above in changes)


def _with_data(document: dict[str, Any], study: Study) -> dict[str, Any]:
    content: dict[str, Any] = with_files(document, study.data)
    return content
