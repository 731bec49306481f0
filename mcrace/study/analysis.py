"""The ``analysis`` section of a study: which analyses a run makes beside its summary."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    create_model,
)

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.nomenclature import KEYS, OUTPUTS
from mcrace.study.document import Document
from mcrace.study.fields import refused, reporting, text, whole_field
from mcrace.study.names import key_path
from mcrace.study.requests import (
    Analysis,
    CandidateRange,
    Flip,
    FlipKey,
    Regions,
    ReleaseMap,
    SensitivityDesign,
)
from mcrace.study.terms import as_number, shown

__all__ = ["analysis_faults", "analysis_of", "analysis_section"]

_FORBID = ConfigDict(extra="forbid", frozen=True, defer_build=True)
_NUMBERED = "number"
_LIST = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_PAIR = {"type": "array", "items": {"type": _NUMBERED}, "minItems": 2, "maxItems": 2}


def analysis_of(section: Any) -> Analysis:  # noqa: ANN401 - pydantic's model
    """Make the request of a checked section.

    Parameters
    ----------
    section : BaseModel
        What pydantic made of ``analysis``.

    Returns
    -------
    Analysis
        Frozen.
    """
    kinds = {
        "sensitivity": SensitivityDesign,
        "candidate": CandidateRange,
        "release_map": ReleaseMap,
        "flip": Flip,
        "regions": Regions,
    }
    parts: dict[str, Any] = {}
    for name, kind in kinds.items():
        value = getattr(section, name)
        given = {} if value is None else {field: getattr(value, field) for field in type(value).model_fields}
        if name == "regions" and given.get("above") is None and given.get("below") is None:
            given.pop("above", None)
        parts[name] = None if value is None else kind(**given)
    return Analysis(outputs=section.outputs, groups=section.groups, from_draws=section.from_draws, **parts)


def _number(value: Any, low: float, high: float, expected: str) -> float:  # noqa: ANN401
    number = as_number(value)
    if number is None or not low <= number <= high:
        raise refused(value, expected)
    return number


def _pair(low: float, what: str) -> Any:  # noqa: ANN401 - a type
    check = partial(_two, low=low, what=what)
    return Annotated[Any, PlainValidator(reporting(check)), WithJsonSchema(_PAIR)]


def _numbered(low: float, high: float, expected: str) -> Any:  # noqa: ANN401 - a type
    check = partial(_number, low=low, high=high, expected=expected)
    return Annotated[Any, PlainValidator(reporting(check)), WithJsonSchema({"type": _NUMBERED})]


def _names(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise refused(value, "a list of names")
    return tuple(value)


def _groups(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:  # noqa: ANN401
    if not isinstance(value, Mapping):
        raise refused(value, "names of groups, each with a list of inputs")
    return tuple((text(name), _names(members)) for name, members in value.items())


def _two(value: Any, low: float, what: str) -> tuple[float, float]:  # noqa: ANN401
    numbers = [as_number(item) for item in value] if isinstance(value, list) and len(value) == 2 else []
    if (
        len(numbers) != 2
        or numbers[0] is None
        or numbers[1] is None
        or not low <= numbers[0] < numbers[1] < 1e300
    ):
        raise refused(value, f"two {what}, the first less than the second, such as [30, 720]")
    return numbers[0], numbers[1]


def _flip_keys(value: Any) -> tuple[FlipKey, ...]:  # noqa: ANN401
    if not isinstance(value, list) or not value:
        raise refused(value, "a list of paths, such as [model.beliefs.optimism]")
    keys = []
    for number, item in enumerate(value):
        try:
            keys.append(_flip_key(item))
        except StudyError as error:
            raise StudyError(replace(fault, path=str(number)) for fault in error.faults) from None
    return tuple(keys)


def _flip_key(value: Any) -> FlipKey:  # noqa: ANN401
    if isinstance(value, str):
        return FlipKey(path=value)
    if (
        isinstance(value, Mapping)
        and isinstance(value.get("key"), str)
        and set(value) <= {"key", "from", "to"}
    ):
        ends = [as_number(value[name]) for name in ("from", "to") if name in value]
        low, high = ends if len(ends) == 2 else (None, None)
        if not ends or (low is not None and high is not None and low < high):
            return FlipKey(path=value["key"], low=low, high=high)
    raise refused(value, "a path such as model.beliefs.optimism, or {key: path, from: number, to: more}")


def _or_switch(schema: dict[str, Any]) -> None:
    """Tell editors of the short forms; nothing is none of them."""
    schema["anyOf"] = [form for form in schema["anyOf"] if form != {"type": "null"}]
    schema["anyOf"].append({"type": "boolean"})


def _or_list_or_switch(schema: dict[str, Any]) -> None:
    _or_switch(schema)
    schema["anyOf"].append({"type": "array", "minItems": 1, "items": {"type": ["string", "object"]}})


def _switched(kind: type[BaseModel]) -> Any:  # noqa: ANN401 - a type
    """Let a section be true, for its defaults, or false; nothing may be meant as either, and is refused."""

    def read(value: Any) -> Any:  # noqa: ANN401
        if value is None:
            raise refused(value, "true for its defaults, false, or a mapping of keys")
        keys_alone = isinstance(value, list) and "keys" in kind.model_fields
        return {} if value is True else None if value is False else {"keys": value} if keys_alone else value

    return Annotated[kind | None, BeforeValidator(reporting(read))]


def analysis_section() -> type[BaseModel]:
    """Make the pydantic model of the section.

    Returns
    -------
    type of BaseModel
        Refuses unknown keys.
    """
    named = Annotated[Any, PlainValidator(reporting(_names)), WithJsonSchema(_LIST)]
    grouped = Annotated[
        Any,
        PlainValidator(reporting(_groups)),
        WithJsonSchema({"type": "object", "additionalProperties": _LIST}),
    ]
    parts: dict[str, Any] = {
        name: (_switched(make()), Field(None, description=words, json_schema_extra=short))
        for name, (make, words, short) in _PARTS.items()
    }
    return create_model(
        "Analysis",
        __config__=_FORBID,
        outputs=(named, Field(Analysis().outputs, description="Outputs that the analyses are of.")),
        groups=(grouped, Field((), description="Named groups of inputs, for the value of information.")),
        from_draws=(
            bool,
            Field(True, description="Make what the kept draws give without running the model again."),
        ),
        **parts,
    )


def _sensitivity() -> type[BaseModel]:
    size = SensitivityDesign()
    return create_model(
        "SensitivityDesign",
        __config__=_FORBID,
        points=(whole_field(16, 2**20), Field(size.points, description="Base points of a replicate.")),
        replicates=(whole_field(4, 1024), Field(size.replicates, description="Independent replicates.")),
    )


def _candidate() -> type[BaseModel]:
    multiples = _pair(1e-6, "multiples of z")
    size = CandidateRange()
    return create_model(
        "CandidateRange",
        __config__=_FORBID,
        multiples=(multiples, Field(size.multiples, description="Smallest and largest multiple of z.")),
        count=(whole_field(5, 201), Field(size.count, description="How many, at equal ratios.")),
    )


def _release_map() -> type[BaseModel]:
    days, levels = _pair(0.0, "days"), _pair(1e-6, "multiples of y")
    size = ReleaseMap()
    return create_model(
        "ReleaseMap",
        __config__=_FORBID,
        days=(days, Field(size.days, description="First and last day; the horizon's if not given.")),
        levels=(levels, Field(size.levels, description="Lowest and highest level, in multiples of y.")),
        count=(whole_field(2, 51), Field(size.count, description="How many of each.")),
    )


def _flip() -> type[BaseModel]:
    paths: dict[str, Any] = {"type": "array", "minItems": 1, "items": {"type": ["string", "object"]}}
    keys = Annotated[Any, PlainValidator(reporting(_flip_keys)), WithJsonSchema(paths)]
    statistic: Any = Literal["mean", "p_positive"]
    mark = _numbered(-1e300, 1e300, "a finite number")
    return create_model(
        "Flip",
        __config__=_FORBID,
        keys=(keys, Field((), description="Which; every number that has a neutral value if not given.")),
        output=(str, Field("open_effect", description="Whose statistic.")),
        statistic=(statistic, Field("mean", description="What crosses the mark.")),
        mark=(mark, Field(0.0, description="Mark to cross, in the statistic's unit.")),
    )


def _regions() -> type[BaseModel]:
    limit = _numbered(-1e300, 1e300, "a finite number")
    return create_model(
        "Regions",
        __config__=_FORBID,
        output=(str, Field("open_effect", description="Which output.")),
        above=(limit, Field(None, description="It lies above this, 0 if neither is given.")),
        below=(limit, Field(None, description="It lies below this.")),
    )


_PARTS: Mapping[str, tuple[Callable[[], type[BaseModel]], str, Callable[[dict[str, Any]], None]]] = (
    MappingProxyType(
        {
            "sensitivity": (
                _sensitivity,
                "Sobol' indices, or Shapley effects of correlated inputs.",
                _or_switch,
            ),
            "candidate": (_candidate, "The incentive over a range of z, and the best z.", _or_switch),
            "release_map": (
                _release_map,
                "Incentive over day and level of the first open release.",
                _or_switch,
            ),
            "flip": (_flip, "Values of keys at which the answer flips.", _or_list_or_switch),
            "regions": (_regions, "Ranges of inputs in which a condition holds.", _or_switch),
        }
    )
)


def analysis_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find names in the section that are none of the study's.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place.
    """
    section = study.get("analysis")
    if not isinstance(section, Mapping):
        return
    inputs = [name for name in _mapping(study.get("inputs")) if isinstance(name, str)]
    results = [*OUTPUTS, *(name for name in _mapping(study.get("quantities")) if isinstance(name, str))]
    for place, name in _output_places(section):
        if isinstance(name, str) and name not in results:
            yield _unknown(("analysis", *place), name, "an output or a quantity", results, document)
    for group, members in _mapping(section.get("groups")).items():
        for number, name in enumerate(members if isinstance(members, list) else ()):
            if isinstance(name, str) and name not in inputs and not name.startswith("model."):
                place = ("analysis", "groups", str(group), str(number))
                yield _unknown(place, name, "an input", inputs, document)
    flip = section.get("flip")
    keys, above = (flip, ()) if isinstance(flip, list) else (_mapping(flip).get("keys"), ("keys",))
    for number, item in enumerate(keys if isinstance(keys, list) else ()):
        path = _mapping(item).get("key") if isinstance(item, Mapping) else item
        if isinstance(path, str):
            yield from _flip_fault(path, ("analysis", "flip", *above, str(number)), inputs, document)


def _flip_fault(path: str, place: tuple[str, ...], inputs: list[str], document: Document) -> Iterator[Fault]:
    first, _, rest = path.partition(".")
    if first == "inputs" and rest in inputs:
        return
    key = KEYS.get(key_path(rest.split("."))) if first == "model" else None
    if key is None:
        known = [f"model.{name}" for name in KEYS] + [f"inputs.{name}" for name in inputs]
        yield _unknown(place, path, "a number of the model or an input, such as model.beliefs.optimism",
                       known, document)  # fmt: skip
    elif key.kind != _NUMBERED or key.certain:
        fault = Fault(
            path=".".join(place), found=shown(path), expected="a key whose value is a number that may vary"
        )
        yield document.located(fault, place)


def _output_places(section: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    listed = section.get("outputs")
    for number, name in enumerate(listed if isinstance(listed, list) else ()):
        yield ("outputs", str(number)), name
    for part in ("flip", "regions"):
        if "output" in _mapping(section.get(part)):
            yield (part, "output"), section[part]["output"]


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return value if isinstance(value, Mapping) else {}


def _unknown(place: tuple[str, ...], name: str, expected: str, known: list[str], document: Document) -> Fault:
    fault = Fault(
        path=".".join(place), found=f"{name!r}", expected=expected, nearest=nearest_name(name, known)
    )
    return document.located(fault, place)
