"""Sections of the model that are uncertain as a whole: ``{one_of: [{weight: 0.5, is: {...}}, ...]}``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainValidator,
    WithJsonSchema,
    WrapValidator,
    create_model,
)

from mcrace.errors import Fault, StudyError
from mcrace.laws.discrete import make_discrete
from mcrace.study.fields import refused, reporting
from mcrace.study.names import IS, ONE_OF
from mcrace.study.parts import Input
from mcrace.study.terms import InputName, as_number

__all__ = [
    "ALTERNATIVE_KEYS",
    "SECTIONS",
    "choice_input",
    "choices_of",
    "chosen",
    "is_choice",
    "one_section",
    "uncertain_section",
]

SECTIONS = ("value", "market")
"""Sections of the model that may be uncertain as a whole."""

ALTERNATIVE_KEYS = ("weight", IS)

_CHOICE = "choice"
# Each part is built as part of the whole, once, and not for itself before.
_FORBID = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def uncertain_section(section: type[BaseModel]) -> Any:  # noqa: ANN401 - a type
    """Let a section be one of several.

    Parameters
    ----------
    section : type of BaseModel
        What it is where it is certain.

    Returns
    -------
    type
        Takes the section, or a mapping with `one_of` alone.
    """
    name = section.__name__
    fields: dict[str, Any] = {"weight": (_WEIGHT, ...), IS: (section, ...)}
    alternative = create_model(f"{name}Alternative", __config__=_FORBID, **fields)
    entries = Annotated[list[alternative], AfterValidator(reporting(_two_at_least))]  # type: ignore[valid-type]
    several = create_model(f"{name}OneOf", __config__=_FORBID, one_of=(entries, ...))

    def either(value: Any, handler: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        if not isinstance(value, Mapping) or ONE_OF not in value:
            return handler(value)
        return several.model_validate(reporting(_alone)(value))

    return Annotated[section, WrapValidator(either)]


def choices_of(section: Any) -> Sequence[Any] | None:  # noqa: ANN401
    """Give the alternatives of a checked section; None if it is certain."""
    return getattr(section, ONE_OF) if ONE_OF in getattr(type(section), "model_fields", ()) else None


def choice_input(path: str, entries: Sequence[Any], alternatives: Sequence[Mapping[str, Any]]) -> Input:
    """Make the input that says which alternative a draw has.

    Parameters
    ----------
    path : str
        Of the section, such as ``model.value``: its name.
    entries : sequence
        Checked alternatives with their weights.
    alternatives : sequence of Mapping
        What they are, for the words.

    Returns
    -------
    Input
        With the alternatives' indices from 0 for values.
    """
    law = make_discrete(range(len(entries)), [entry.weight for entry in entries])
    shares = dict(zip(law.values, law.weights, strict=True))
    heads = [next((v for v in item.values() if isinstance(v, str)), "") for item in alternatives]
    words = [
        f"{index}{f' ({head})' if head else ''} {100 * shares.get(float(index), 0.0):.3g} %"
        for index, head in enumerate(heads)
    ]
    return Input(
        name=path,
        law=law,
        text=f"one of {len(entries)} alternatives: {', '.join(words)}",
        unit="",
        label=f"{path.removeprefix('model.')}, which alternative",
        source="",
        dimension=None,
    )


def one_section(path: str, alternatives: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write an uncertain section into a scenario's model: its alternatives, and the input that chooses."""
    return {_CHOICE: InputName(path), ONE_OF: list(alternatives)}


def is_choice(section: Any) -> bool:  # noqa: ANN401
    """Tell whether a section of a scenario's model has several alternatives."""
    return isinstance(section, Mapping) and ONE_OF in section


def chosen(model: Mapping[str, Any], picks: Mapping[str, int]) -> dict[str, Any]:
    """Put one alternative in the place of each uncertain section.

    Parameters
    ----------
    model : Mapping
        A scenario's model.
    picks : Mapping of str to int
        Section to the index of its alternative.

    Returns
    -------
    dict
        A model without uncertain sections.

    Examples
    --------
    >>> chosen({"value": {"one_of": [{"curve": "log"}, {"curve": "hill"}]}}, {"value": 1})
    {'value': {'curve': 'hill'}}
    """
    return dict(model) | {name: model[name][ONE_OF][pick] for name, pick in picks.items()}


def _weight(value: Any) -> float:  # noqa: ANN401
    number = as_number(value)
    if number is None or not 0.0 <= number < float("inf"):
        raise refused(value, "a weight: a number of at least 0, on any scale")
    return number


_WEIGHT = Annotated[
    float, PlainValidator(reporting(_weight)), WithJsonSchema({"type": "number", "minimum": 0})
]


def _two_at_least(entries: list[Any]) -> list[Any]:
    if len(entries) < 2:
        fault = Fault(path="", found=f"a list of {len(entries)}", expected="at least 2 alternatives")
        raise StudyError([fault])
    if not any(entry.weight > 0 for entry in entries):
        expected = "at least one weight above 0"
        raise StudyError([Fault(path="", found="weights that are all 0", expected=expected)])
    return entries


def _alone(value: Mapping[str, Any]) -> Mapping[str, Any]:
    beside = [str(name) for name in value if name != ONE_OF]
    if beside:
        expected = f"{ONE_OF} alone: all else belongs below `{IS}` of each alternative"
        raise StudyError(
            Fault(path=name, found=f"{name} beside {ONE_OF}", expected=expected) for name in beside
        )
    return value
