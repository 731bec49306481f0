"""The checks of a hub, held against the files of a submission."""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Any, Final

import yaml

from mcrace.forecast.breach import Breach

__all__ = ["check_hub"]

_STANDARD: Final = ("output_type", "output_type_id", "value")
_PACKED: Final = ("", "gz", "gzip", "snappy", "zstd", "brotli", "lz4")
"""What may stand before ``parquet``: how it was compressed."""

_MISSING: Final = ("", "NA")
_FILE = re.compile(
    r"(?P<round>\d{4}-\d{2}-\d{2}|[A-Za-z0-9_]+)-(?P<team>[A-Za-z0-9_]+)-(?P<model>[A-Za-z0-9_]+)"
)
_SUM_TOLERANCE = 1.5e-8
"""Of R's all.equal, with which a hub adds up probabilities."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What the hub's settings ask of the files of one round."""

    column: str | None
    rounds: tuple[str, ...]
    formats: tuple[str, ...]
    tasks: tuple[Mapping[str, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.tasks[0]["task_ids"]) if self.tasks else ()


def check_hub(files: Mapping[str, bytes]) -> list[Breach]:
    """Find every check of a hub that submissions do not pass.

    Parameters
    ----------
    files : Mapping of str to bytes
        Path below the hub's folder to content: ``hub-config/admin.json`` and ``tasks.json``, the forecasts
        under ``model-output`` (as CSV: parquet is not read) and the metadata under ``model-metadata``.

    Returns
    -------
    list of Breach
        File by file, in the order in which hubs check; empty if all pass.

    References
    ----------
    Hubverse, hubValidations: validate_submission.

    Examples
    --------
    >>> for breach in check_hub({"model-output/us/forecast.csv": b""}):
    ...     print(breach)
    settings: hub-config: found nothing, expected hub-config/admin.json and hub-config/tasks.json
    """
    try:
        setting = _setting(files)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        settings = "hub-config/admin.json and hub-config/tasks.json"
        found = "what is no hub's" if any(path.startswith("hub-config/") for path in files) else "nothing"
        return [Breach(rule="settings", where="hub-config", found=found, expected=settings)]
    paths = sorted(path for path in files if path.startswith("model-output/"))
    if not paths:
        expected = "model-output/TEAM-MODEL/ROUND-TEAM-MODEL.csv"
        return [Breach(rule="forecast", where="model-output", found="nothing", expected=expected)]
    return [breach for path in paths for breach in _check_file(path, files, setting)]


def _setting(files: Mapping[str, bytes]) -> _Setting:
    admin = json.loads(files["hub-config/admin.json"])
    rounds = json.loads(files["hub-config/tasks.json"])["rounds"]
    tasks = tuple(task for each in rounds for task in each["model_tasks"])
    column = rounds[0]["round_id"] if rounds[0]["round_id_from_variable"] else None
    if column is None:
        names = [each["round_id"] for each in rounds]
    else:
        names = [name for task in tasks for name in _allowed(task["task_ids"][column])]
    for task in tasks:
        if not task["task_ids"] or not task["output_type"]:
            raise ValueError
    return _Setting(column=column, rounds=tuple(names), formats=tuple(admin["file_format"]), tasks=tasks)


def _check_file(path: str, files: Mapping[str, bytes], setting: _Setting) -> Iterator[Breach]:
    """Check a file in the hub's order; what a broken name or table hides is not looked for."""
    name = path.rpartition("/")[2]
    stem, _, ending = name.partition(".")
    parts = _FILE.fullmatch(stem)
    if parts is None:
        yield Breach(rule="file name", where=path, found=name, expected="ROUND-TEAM-MODEL.csv")
        return
    model = f"{parts['team']}-{parts['model']}"
    if path != f"model-output/{model}/{name}":
        yield Breach(rule="folder", where=path, found=path, expected=f"model-output/{model}/{name}")
    if parts["round"] not in setting.rounds:
        yield Breach(rule="round", where=path, found=parts["round"], expected=_one_of(setting.rounds))
    infix, _, kind = ending.rpartition(".")
    if kind not in setting.formats or not (infix in _PACKED if kind == "parquet" else infix == ""):
        yield Breach(rule="format", where=path, found=ending, expected=_one_of(setting.formats))
    yield from _check_metadata(model, parts, files)
    if ending == "csv":
        yield from _check_table(path, files[path], parts["round"], setting)


def _check_metadata(model: str, parts: re.Match[str], files: Mapping[str, bytes]) -> Iterator[Breach]:
    paths = [f"model-metadata/{model}.{ending}" for ending in ("yml", "yaml")]
    path = next((path for path in paths if path in files), None)
    if path is None:
        yield Breach(rule="metadata", where=paths[0], found="nothing", expected="the model's metadata")
        return
    try:
        content = yaml.safe_load(files[path])
    except yaml.YAMLError as error:
        yield Breach(rule="metadata", where=path, found=str(error).split("\n")[0], expected="YAML")
        return
    told = content if isinstance(content, Mapping) else {}
    for key, expected in (("team_abbr", parts["team"]), ("model_abbr", parts["model"])):
        if str(told.get(key, "nothing")) != expected:
            found = str(told.get(key, "nothing"))
            yield Breach(rule="metadata", where=f"{path}: {key}", found=found, expected=expected)


def _check_table(path: str, content: bytes, round_name: str, setting: _Setting) -> Iterator[Breach]:
    try:
        lines = list(csv.reader(io.StringIO(content.decode()), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        yield Breach(rule="readable", where=path, found=str(error), expected="CSV in UTF-8")
        return
    header = lines[0] if lines else []
    expected = (*setting.columns, *_STANDARD)
    if sorted(header) != sorted(expected):
        yield Breach(rule="columns", where=path, found=", ".join(header), expected=", ".join(expected))
        return
    ragged = [place for place, line in enumerate(lines, 1) if len(line) != len(header)]
    if ragged or len(lines) < 2:
        found = f"line {ragged[0]} of another length" if ragged else "no row"
        yield Breach(rule="rows", where=path, found=found, expected=f"rows of {len(header)} values")
        return
    if b'"NA"' in content:
        yield Breach(rule="missing values", where=path, found='"NA" in quotes', expected="NA without quotes")
    rows = [dict(zip(header, line, strict=True)) for line in lines[1:]]
    yield from _check_round(path, rows, round_name, setting)
    wrong = [breach for place, row in enumerate(rows, 2) for breach in _check_row(path, place, row, setting)]
    yield from wrong
    yield from _check_duplicates(path, rows)
    yield from _check_required(path, rows, setting)
    if not wrong:
        for key, group in groupby(sorted(rows, key=_task_of), key=_task_of):
            yield from _check_task(f"{path}: {' '.join(key)}", list(group), setting)


def _check_round(path: str, rows: Sequence[Row], round_name: str, setting: _Setting) -> Iterator[Breach]:
    if setting.column is not None:
        found = sorted({row[setting.column] for row in rows})
        if found != [round_name]:
            where = f"{path}: {setting.column}"
            yield Breach(rule="one round", where=where, found=", ".join(found), expected=round_name)


def _check_row(path: str, place: int, row: Row, setting: _Setting) -> Iterator[Breach]:
    where = f"{path}, line {place}"
    task = _task_for(row, setting)
    for name in setting.columns:
        allowed = [text for each in setting.tasks for text in _allowed(each["task_ids"].get(name, {}))]
        if row[name] not in allowed:
            rule = "date" if _is_dated(allowed) and not _is_date(row[name]) else "allowed value"
            yield Breach(rule=rule, where=f"{where}: {name}", found=row[name], expected=_one_of(allowed))
            return
    if task is None:
        yield Breach(
            rule="combination", where=where, found=" ".join(row.values()), expected="a task of the hub"
        )
        return
    output = task["output_type"].get(row["output_type"])
    if output is None:
        expected = _one_of(list(task["output_type"]))
        yield Breach(rule="output type", where=where, found=row["output_type"], expected=expected)
        return
    levels = _levels(output)
    if row["output_type"] in ("mean", "median"):
        if row["output_type_id"] not in _MISSING:
            yield Breach(rule="level", where=where, found=row["output_type_id"], expected="NA")
    elif row["output_type"] != "sample" and _canonical(row["output_type_id"]) not in levels:
        yield Breach(rule="level", where=where, found=row["output_type_id"], expected=_one_of(levels))
    yield from _check_value(where, row, output["value"])


def _check_value(where: str, row: Row, wanted: Mapping[str, Any]) -> Iterator[Breach]:
    value = _number(row["value"])
    if value is None:
        yield Breach(rule="number", where=where, found=row["value"], expected="a finite number")
        return
    share = row["output_type"] in ("cdf", "pmf")
    least = max(wanted.get("minimum", -math.inf), 0.0 if share else -math.inf)
    most = min(wanted.get("maximum", math.inf), 1.0 if share else math.inf)
    if not least <= value <= most:
        expected = f"a number in [{least:g}, {most:g}]"
        yield Breach(rule="value range", where=where, found=row["value"], expected=expected)
    if wanted.get("type") == "integer" and not value.is_integer():
        yield Breach(rule="whole number", where=where, found=row["value"], expected="a whole number")


def _check_duplicates(path: str, rows: Sequence[Row]) -> Iterator[Breach]:
    seen: dict[tuple[str, ...], int] = {}
    for place, row in enumerate(rows, 2):
        key = tuple(_canonical(row[name]) for name in sorted(row) if name != "value")
        if key in seen:
            found = f"the same as line {seen[key]}"
            yield Breach(
                rule="duplicate", where=f"{path}, line {place}", found=found, expected="each row once"
            )
        seen.setdefault(key, place)


def _check_required(path: str, rows: Sequence[Row], setting: _Setting) -> Iterator[Breach]:
    """Check that what the hub cannot do without is there: values of its columns, types of output."""
    for task in setting.tasks:
        wanted = {
            name: list(map(str, values.get("required") or ())) for name, values in task["task_ids"].items()
        }
        types = [name for name, output in task["output_type"].items() if output.get("is_required")]
        mine = [row for row in rows if _task_for(row, setting) is task]
        if not mine and not all(values for values in wanted.values()):
            continue
        for name, values in {**wanted, "output_type": types}.items():
            absent = [value for value in values if value not in {row[name] for row in mine}]
            if absent:
                where, found = f"{path}: {name}", f"no {_one_of(absent)}"
                yield Breach(rule="required values", where=where, found=found, expected="all of them")


def _check_task(where: str, rows: Sequence[Row], setting: _Setting) -> Iterator[Breach]:
    """Check the rows of one task and one type of output."""
    kind, task = rows[0]["output_type"], _task_for(rows[0], setting)
    if task is None:
        return
    output = task["output_type"][kind]
    given = {_canonical(row["output_type_id"]) for row in rows}
    if kind not in ("mean", "median", "sample"):
        absent = [level for level in _levels(output, required=True) if level not in given]
        if absent:
            yield Breach(
                rule="all levels", where=where, found=f"no {_one_of(absent)}", expected="all of them"
            )
    values = [float(row["value"]) for row in rows]
    if kind in ("quantile", "cdf"):
        pairs = sorted(zip([float(row["output_type_id"]) for row in rows], values, strict=True))
        for (_, low), (level, high) in pairwise(pairs):
            if high < low:
                found = f"{high:.10g} at {level:g} after {low:.10g}"
                yield Breach(
                    rule="non-decreasing", where=where, found=found, expected="values that never fall"
                )
    if kind == "pmf" and abs(math.fsum(values) - 1) > _SUM_TOLERANCE:
        yield Breach(rule="adds up", where=where, found=f"{math.fsum(values):.10g}", expected="1")
    if kind == "sample":
        yield from _check_samples(where, len(given), len(rows), output)


def _check_samples(where: str, indices: int, rows: int, output: Mapping[str, Any]) -> Iterator[Breach]:
    wanted = output.get("output_type_id_params", {})
    least, most = wanted.get("min_samples_per_task", 1), wanted.get("max_samples_per_task", math.inf)
    if not least <= rows <= most or indices != rows:
        expected = f"{least} to {most} samples, each with an index of its own"
        yield Breach(rule="samples", where=where, found=f"{rows} rows, {indices} indices", expected=expected)


def _task_for(row: Row, setting: _Setting) -> Mapping[str, Any] | None:
    for task in setting.tasks:
        if all(row.get(name) in _allowed(values) for name, values in task["task_ids"].items()):
            return task
    return None


def _task_of(row: Row) -> tuple[str, ...]:
    return tuple(text for name, text in row.items() if name not in ("output_type_id", "value"))


def _allowed(values: Mapping[str, Any]) -> list[str]:
    return [str(value) for part in ("required", "optional") for value in values.get(part) or ()]


def _levels(output: Mapping[str, Any], *, required: bool = False) -> list[str]:
    wanted = output.get("output_type_id", {})
    return [
        _canonical(str(level))
        for part in (("required",) if required else ("required", "optional"))
        for level in wanted.get(part) or ()
    ]


def _canonical(text: str) -> str:
    """Write a number in one way, so that 0.10 is 0.1."""
    number = _number(text)
    return text if number is None else repr(number)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _is_dated(allowed: Sequence[str]) -> bool:
    return bool(allowed) and all(_is_date(text) for text in allowed)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _one_of(names: Sequence[str]) -> str:
    shown = [str(name) for name in names]
    return ", ".join(shown[:8]) + (", ..." if len(shown) > 8 else "")
