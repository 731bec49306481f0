"""From a document to the parts of a study: every scenario checked, every input given a coordinate."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws import Law, describe
from mcrace.laws.data_file import DataFile
from mcrace.nomenclature import KEYS
from mcrace.sampling.copula import MIXING
from mcrace.study.analysis import analysis_faults, analysis_of
from mcrace.study.correlations import AskedCorrelations, copula_of
from mcrace.study.data import named_files, read_files
from mcrace.study.dates import with_days
from mcrace.study.demands import demand_faults
from mcrace.study.document import Document
from mcrace.study.expressions import Expression
from mcrace.study.faults import MOST_TOLD, at_name, faults_of, first_ones, in_order, told_of
from mcrace.study.fields import is_annotated
from mcrace.study.forecast import Forecast, forecast_faults, forecast_of
from mcrace.study.grid import all_scenarios, grid_faults, with_grid_places
from mcrace.study.names import IS, ONE_OF, key_path, name_faults, used_names
from mcrace.study.parts import BASE, Correlations, Input, Quantity, Sampling, Scenario
from mcrace.study.paths import with_change
from mcrace.study.precision import precision_faults
from mcrace.study.quantities import quantities_of, quantity_faults
from mcrace.study.relations import relation_faults
from mcrace.study.requests import Analysis
from mcrace.study.schema import study_file
from mcrace.study.structure import choice_input, choices_of, one_section
from mcrace.study.terms import Each, InputName, shown
from mcrace.study.waiting import Waiting, waiting_text

__all__ = ["Resolved", "resolve"]

_BETWEEN_RELEASES = "interval_days"
_FINDERS = (
    name_faults,
    quantity_faults,
    demand_faults,
    relation_faults,
    precision_faults,
    analysis_faults,
    forecast_faults,
    grid_faults,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The parts of a checked study; see `Study`."""

    name: str
    title: str
    question: str
    as_of: date | None = None
    scenarios: tuple[Scenario, ...]
    correlations: Correlations | None = None
    quantities: tuple[Quantity, ...] = ()
    sampling: Sampling
    analysis: Analysis = field(default_factory=Analysis)
    forecast: Forecast = field(default_factory=Forecast)
    document: Mapping[str, Any]
    data: Mapping[str, DataFile] = field(default_factory=dict)
    file: str | None
    written: Document = field(
        default_factory=lambda: Document(value=None, places={}, file=None, lines=()),
        repr=False,
        compare=False,
    )


def resolve(document: Document) -> Resolved:
    """Check a document and resolve its scenarios.

    Parameters
    ----------
    document : Document
        A study as plain values with their places.

    Returns
    -------
    Resolved
        Ready to sample.

    Raises
    ------
    StudyError
        With all faults, in the order of the file.
    """
    if not isinstance(document.value, Mapping):
        found, expected = shown(document.value), "a study: a mapping with the keys study and model"
        raise StudyError([document.located(Fault(path="", found=found, expected=expected), ())])
    document = replace(document, value=read_files(document.value, Path()))
    checked, faults = _checked(document.value, document)
    scenarios = [] if checked is None else [_scenario(BASE, {}, checked)]
    told = {(fault.path, fault.found) for fault in faults}
    document = with_grid_places(document)
    for name, changes in _scenario_changes(document.value):
        if len(faults) > MOST_TOLD:
            break
        scenario, wrong = _changed_scenario(name, changes, document, told)
        scenarios += [] if scenario is None else [scenario]
        faults += wrong
    asked = AskedCorrelations() if checked is None else checked.correlations
    correlations, wrong = copula_of(asked, scenarios, document)
    if faults or wrong or checked is None:
        raise StudyError(told_of(in_order([*faults, *wrong]), document.file))
    plain, data = named_files(document.value)
    placed, correlations = _with_dimensions(scenarios, correlations)
    return Resolved(
        name=checked.study,
        title=checked.title,
        question=checked.question,
        as_of=checked.as_of,
        scenarios=placed,
        correlations=correlations,
        quantities=quantities_of(checked.quantities),
        sampling=Sampling(**dict(checked.sampling)),
        analysis=analysis_of(checked.analysis),
        forecast=forecast_of(checked.forecast, checked.as_of),
        document=copy.deepcopy(plain),
        data=data,
        file=document.file,
        written=document,
    )


def _checked(value: Mapping[str, Any], document: Document) -> tuple[Any, list[Fault]]:
    """Hold a study against the schema, and the names in its expressions against its inputs."""
    dated = with_days(value)
    value = dated.value
    faults = [
        *(document.located(fault, path) for path, fault in dated.faults),
        *(fault for find in _FINDERS for fault in first_ones(find(value, document))),
    ]
    checked = None
    try:
        checked = study_file().model_validate(value)
    except ValidationError as error:
        faults = faults_of(error, value, document) + faults
    dates = {".".join(path): fault.found for path, fault in dated.faults}
    told = [fault for fault in faults if dates.get(fault.path, fault.found) == fault.found]
    return (None, [dated.as_written(fault) for fault in told]) if faults else (checked, [])


def _scenario_changes(value: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, changes in all_scenarios(value).items():
        if isinstance(changes, Mapping):
            yield name, changes


def _changed_scenario(
    name: str, changes: Mapping[str, Any], document: Document, told: set[tuple[str, str]]
) -> tuple[Scenario | None, list[Fault]]:
    """Resolve one scenario; what is wrong with base is `told` already."""
    place = ("scenarios", name)
    if name == BASE:
        fault = Fault(
            path=".".join(place), found="a scenario named base", expected="another name: base is the study"
        )
        return None, [document.located(fault, place, at_key=True)]
    value, faults = _with_changes(changes, place, document)
    checked, wrong = _checked(value, document)
    faults += [
        _moved(fault, name, changes, document)
        for fault in wrong
        if (fault.path, fault.found) not in told or fault.path in changes
    ]
    faults += _unused(name, changes, value, document) if not faults else []
    return (None if checked is None else _scenario(name, changes, checked)), faults


def _with_changes(
    changes: Mapping[str, Any], place: tuple[str, ...], document: Document
) -> tuple[dict[str, Any], list[Fault]]:
    """Put a scenario's changes in place: whole sections first, so that their order is nothing."""
    value = {name: section for name, section in document.value.items() if name not in ("scenarios", "grid")}
    faults: list[Fault] = []
    for path, new in sorted(changes.items(), key=lambda change: change[0].count(".")):
        try:
            value = with_change(value, path, new)
        except StudyError as error:
            whole = (*place, path)
            found = [replace(fault, path=".".join(whole)) for fault in error.faults]
            faults += [document.located(fault, whole, at_key=True) for fault in found]
    return value, faults


def _moved(fault: Fault, name: str, changes: Mapping[str, Any], document: Document) -> Fault:
    """Point a fault of a scenario at the change that made it."""
    place: tuple[str, ...] = ("scenarios", name)
    inside = next((path for path in changes if (fault.path + ".").startswith(path + ".")), None)
    above = next((path for path in changes if path.startswith(fault.path + ".")), None)
    if inside is not None:
        left = fault.path[len(inside) :].removeprefix(".")
        rest = left.split(".") if left else []  # the level .5 of a quantile begins with a dot of its own
        if inside.startswith("inputs.") and rest[:1] == ["law"] and not is_annotated(changes[inside]):
            rest = rest[1:]
        place = (*place, inside, *rest)
        return document.located(
            replace(fault, path=".".join(place)), place, at_key=at_name(fault, tuple(fault.path.split(".")))
        )
    if above is not None:
        place = (*place, above)
        return document.located(replace(fault, path=".".join(place)), place, at_key=True)
    return document.located(replace(fault, path=f"scenarios.{name} ({fault.path})"), place, at_key=True)


def _unused(
    name: str, changes: Mapping[str, Any], value: Mapping[str, Any], document: Document
) -> Iterator[Fault]:
    """Find inputs that only this scenario has and nothing uses: misspelt, most likely."""
    inputs = document.value.get("inputs", {})
    used = used_names(value)
    for path in changes:
        section, _, rest = path.partition(".")
        new = rest.partition(".")[0]
        if section == "inputs" and new not in inputs and new not in used:
            place = ("scenarios", name, path)
            fault = Fault(
                path=".".join(place),
                found=f"a new input {new!r} that nothing uses",
                expected="an input: " + ", ".join(inputs)
                if inputs
                else "one that this scenario's model uses",
                nearest=nearest_name(new, inputs),
            )
            yield document.located(fault, place, at_key=True)


def _scenario(name: str, changes: Mapping[str, Any], checked: Any) -> Scenario:  # noqa: ANN401 - pydantic model
    inputs = [
        Input(
            name=key,
            law=entry.law,
            text=_law_text(entry.law),
            unit=entry.unit,
            label=entry.label or key,
            source=entry.source,
            dimension=None,
            evidence=entry.evidence,
        )
        for key, entry in checked.inputs.items()
    ]
    model = _leaves(checked.model, "model", inputs)
    written = copy.deepcopy(named_files(changes)[0])
    return Scenario(name=name, changes=written, inputs=tuple(inputs), model=model)


def _leaves(value: Any, path: str, inputs: list[Input]) -> Any:  # noqa: ANN401
    """Nested plain values; an inline law becomes an input named by its path."""
    entries = choices_of(value)
    if entries is not None:
        parts = enumerate(getattr(entry, IS) for entry in entries)
        alternatives = [_leaves(part, f"{path}.{ONE_OF}.{index}.{IS}", inputs) for index, part in parts]
        inputs.append(choice_input(path, entries, alternatives))
        return one_section(path, alternatives)
    if isinstance(value, BaseModel):
        given = [name for name in type(value).model_fields if name in value.model_fields_set]
        members = {name: _members(getattr(value, name), name, value) for name in given}
        return {name: _leaves(members[name], f"{path}.{name}", inputs) for name in given}
    if isinstance(value, list):
        return [_leaves(item, f"{path}.{index}", inputs) for index, item in enumerate(value)]
    if isinstance(value, float | int | str | bool | Expression):
        return value
    inputs.append(_inline_input(value, path))
    return InputName(path)


def _members(value: Any, name: str, process: Any) -> Any:  # noqa: ANN401
    """Put one law a member for a law that is drawn anew: one a release, or one between two of them."""
    if not isinstance(value, Each):
        return value
    return [value] * (int(process.count) - (name == _BETWEEN_RELEASES))


def _inline_input(value: Law | Each, path: str) -> Input:
    """Name an inline law by its path; a member of a process says which one it is."""
    above, _, member = path.rpartition(".")
    family = above if isinstance(value, Each) else ""
    law = value.law if isinstance(value, Each) else value
    key = KEYS.get(key_path((family or path).split(".")[1:]))
    label = path.removeprefix("model.")
    if family:
        between = family.endswith(f".{_BETWEEN_RELEASES}")
        which = f"before release {int(member) + 2}" if between else f"release {int(member) + 1}"
        label = f"{family.removeprefix('model.')}, {which}"
    return Input(
        name=path,
        law=law,
        text=_law_text(law),
        unit=key.unit if key is not None else "",
        label=label,
        source="",
        dimension=None,
        family=family,
    )


def _law_text(law: Law | float) -> str:
    if isinstance(law, Waiting):
        return waiting_text(law)
    return f"{law:g}" if isinstance(law, float) else describe(law)


def _with_dimensions(
    scenarios: list[Scenario], correlations: Correlations | None
) -> tuple[tuple[Scenario, ...], Correlations | None]:
    """Give every random input its coordinate: base's first, then those that scenarios add, each by name.

    So the order in the file changes nothing, and a new scenario leaves base's draws alone. The coordinate
    that a t copula needs for itself stands between the two.
    """
    dimensions: dict[str, int] = {}
    for group in (scenarios[:1], scenarios[1:]):
        names = {
            item.name for scenario in group for item in scenario.inputs if not isinstance(item.law, float)
        }
        for name in sorted(names - set(dimensions)):
            dimensions[name] = len(dimensions)
        if correlations is not None and correlations.copula.degrees_of_freedom is not None:
            dimensions.setdefault(MIXING, len(dimensions))
    placed = tuple(
        replace(
            scenario,
            inputs=tuple(
                replace(item, dimension=None if isinstance(item.law, float) else dimensions[item.name])
                for item in scenario.inputs
            ),
        )
        for scenario in scenarios
    )
    if MIXING in dimensions and correlations is not None:
        correlations = replace(correlations, mixing_dimension=dimensions[MIXING])
    return placed, correlations
