"""Hubverse: quantiles of targets as a hub takes them, with their folder, file name and metadata."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from mcrace.errors import Fault, StudyError
from mcrace.forecast.draws import checked_values
from mcrace.study.hub import HUB_NAME, Hub, hub_faults

__all__ = ["SCHEMA", "HubForecast", "hub_files", "hub_paths"]

FloatArray = NDArray[np.float64]

SCHEMA: Final = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0/"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HubForecast:
    """Draws of one task.

    Attributes
    ----------
    task : Mapping of str to str
        Columns of the task and their values, but for the round's; every forecast of a file has the same
        columns, such as ``target``, ``scenario`` and ``horizon``.
    values : ndarray, shape (draw,)
        In the target's unit; infinite means never.
    most : float or None
        What a quantile that is never, or larger, is written as: the target's largest value.
    """

    task: Mapping[str, str]
    values: FloatArray
    most: float | None = None


def hub_paths(hub: Hub) -> tuple[str, str]:
    """Name the files of a submission.

    Parameters
    ----------
    hub : Hub
        Who submits, and the round.

    Returns
    -------
    tuple of str
        Of the forecast and of the model's metadata, below the hub's folder.

    Examples
    --------
    >>> hub_paths(Hub(team="us", model="mcrace", round=date(2026, 11, 21)))
    ('model-output/us-mcrace/2026-11-21-us-mcrace.csv', 'model-metadata/us-mcrace.yml')
    """
    name = f"{hub.team}-{hub.model}"
    return f"model-output/{name}/{hub.round.isoformat()}-{name}.csv", f"model-metadata/{name}.yml"


def hub_files(hub: Hub, forecasts: Sequence[HubForecast]) -> dict[str, bytes]:
    """Write a whole hub of one submission: its two settings, the forecast and the model's metadata.

    Parameters
    ----------
    hub : Hub
        Who submits, and the round.
    forecasts : sequence of HubForecast
        A forecast a task.

    Returns
    -------
    dict of str to bytes
        Path below the hub's folder to content. A hub that is there already has settings of its own: then
        take the paths of `hub_paths` alone.

    Raises
    ------
    StudyError
        With every fault: a name that a hub does not take, two forecasts of one task, a level out of order,
        or a quantile that is never and has nothing to be written as.

    References
    ----------
    Hubverse, hubDocs: model output and model metadata; schema version 6.0.0.

    Examples
    --------
    >>> hub = Hub(team="us", model="mcrace", round=date(2026, 11, 21), levels=(0.5,))
    >>> task = {"target": "lag", "scenario": "base", "horizon": "1"}
    >>> files = hub_files(hub, [HubForecast(task=task, values=np.array([3.0, 5.0, 9.0]))])
    >>> print(files[hub_paths(hub)[0]].decode())
    origin_date,target,scenario,horizon,output_type,output_type_id,value
    2026-11-21,lag,base,1,quantile,0.5,5.0
    <BLANKLINE>
    """
    quantiles = [_quantiles(hub, forecast) for forecast in forecasts]
    faults = [*hub_faults(hub), *_task_faults(hub, forecasts), *_value_faults(quantiles)]
    if faults:
        raise StudyError(faults)
    output, metadata = hub_paths(hub)
    return {
        "hub-config/admin.json": _json(_admin(hub)),
        "hub-config/tasks.json": _json(_tasks(hub, forecasts, quantiles)),
        output: _table(hub, forecasts, quantiles),
        metadata: _metadata(hub),
    }


def _quantiles(hub: Hub, forecast: HubForecast) -> FloatArray:
    values = checked_values(forecast.values)
    found = np.asarray(np.quantile(values, hub.levels, method="inverted_cdf"), dtype=np.float64)
    return found if forecast.most is None else np.minimum(found, forecast.most)


def _task_faults(hub: Hub, forecasts: Sequence[HubForecast]) -> list[Fault]:
    if not forecasts:
        return [Fault(path="forecasts", found="nothing", expected="at least one forecast")]
    columns, faults = list(forecasts[0].task), []
    taken = (hub.round_column, "output_type", "output_type_id", "value")
    seen: list[Mapping[str, str]] = []
    for place, forecast in enumerate(forecasts):
        path = f"forecasts[{place}].task"
        if list(forecast.task) != columns or not columns:
            faults.append(Fault(path=path, found=str(list(forecast.task)), expected=f"the columns {columns}"))
        faults += [
            Fault(path=path, found=f"the column {name!r}", expected="a column of the task's own")
            for name in forecast.task
            if name in taken or not HUB_NAME.fullmatch(name)
        ]
        faults += [
            Fault(path=f"{path}.{name}", found=repr(text), expected="a text that is neither empty nor NA")
            for name, text in forecast.task.items()
            if not text or text == "NA" or text != text.strip()
        ]
        if forecast.task in seen:
            faults.append(Fault(path=path, found="a task that is there already", expected="each task once"))
        seen.append(forecast.task)
    return faults


def _value_faults(quantiles: Sequence[FloatArray]) -> list[Fault]:
    return [
        Fault(
            path=f"forecasts[{place}]",
            found=f"{int((~np.isfinite(found)).sum())} quantiles that are not finite",
            expected="the largest value of the target in their place",
        )
        for place, found in enumerate(quantiles)
        if not np.isfinite(found).all()
    ]


def _table(hub: Hub, forecasts: Sequence[HubForecast], quantiles: Sequence[FloatArray]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([hub.round_column, *forecasts[0].task, "output_type", "output_type_id", "value"])
    for forecast, found in zip(forecasts, quantiles, strict=True):
        task = [hub.round.isoformat(), *forecast.task.values()]
        for level, value in zip(hub.levels, found, strict=True):
            rows.writerow([*task, "quantile", f"{level:.10g}", repr(float(value))])
    return text.getvalue().encode()


def _admin(hub: Hub) -> dict[str, Any]:
    return {
        "schema_version": f"{SCHEMA}admin-schema.json",
        "name": f"Forecasts of {hub.team}-{hub.model}",
        "maintainer": hub.team,
        "contact": {"name": hub.team, "email": hub.metadata.get("email", "none@example.org")},
        "repository": {"host": "github", "owner": hub.team, "name": hub.model},
        "file_format": ["csv"],
        # Universal time all year round: the list of zones that a hub takes has no UTC.
        "timezone": "Atlantic/Reykjavik",
    }


def _tasks(hub: Hub, forecasts: Sequence[HubForecast], quantiles: Sequence[FloatArray]) -> dict[str, Any]:
    columns = {name: _column([each.task[name] for each in forecasts]) for name in forecasts[0].task}
    lowest = min(float(found.min()) for found in quantiles)
    quantile = {
        "output_type_id": {"required": list(hub.levels)},
        "is_required": True,
        "value": {"type": "double", **({"minimum": 0} if lowest >= 0 else {})},
    }
    model_task = {
        "task_ids": {
            hub.round_column: {"required": None, "optional": [hub.round.isoformat()]},
            **columns,
        },
        "output_type": {"quantile": quantile},
        "target_metadata": _targets(forecasts),
    }
    days = {"relative_to": hub.round_column, "start": -7, "end": 7}
    return {
        "schema_version": f"{SCHEMA}tasks-schema.json",
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": hub.round_column,
                "model_tasks": [model_task],
                "submissions_due": days,
            }
        ],
    }


def _column(texts: Sequence[str]) -> dict[str, Any]:
    """Give the values of a column, as whole numbers where all of them are such."""
    once = list(dict.fromkeys(texts))
    whole = all(re.fullmatch(r"-?(0|[1-9]\d*)", text) for text in once)
    return {"required": None, "optional": [int(text) for text in once] if whole else once}


def _targets(forecasts: Sequence[HubForecast]) -> list[dict[str, Any]]:
    names = dict.fromkeys(forecast.task.get("target", "") for forecast in forecasts)
    return [
        {
            "target_id": name or "target",
            "target_name": name or "target",
            "target_units": "see the run",
            "target_keys": {"target": name} if name else None,
            "description": name or "target",
            "target_type": "continuous",
            "is_step_ahead": False,
        }
        for name in names
    ]


def _metadata(hub: Hub) -> bytes:
    own = {"team_name": hub.team, "team_abbr": hub.team, "model_name": hub.model, "model_abbr": hub.model}
    return yaml.safe_dump({**own, **hub.metadata}, sort_keys=False, allow_unicode=True).encode()


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False) + "\n").encode()
