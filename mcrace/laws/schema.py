"""JSON Schema of a law, for editors."""

from collections.abc import Mapping
from typing import Any

from mcrace.laws.family import Family, Form, Parameter, Range
from mcrace.laws.table import LAWS

__all__ = ["law_schema"]

ANY_LAW = {"$comment": "Law"}
LEVEL_PATTERN = "^p(0[1-9]|[1-9][0-9])$"


def law_schema(reference: str = "#") -> dict[str, Any]:
    """Describe the mapping of a law, ``{lognormal: {...}, bounds: [...]}``, as a JSON Schema (draft 2020-12).

    It knows names, shapes and the range of each number. What only numbers together can break, such as an
    order of two of them, is left to `build_law`.

    Parameters
    ----------
    reference : str
        Where the schema will stand: laws inside of laws refer to it.

    Returns
    -------
    dict
        A fragment without ``$schema``, new at each call.

    References
    ----------
    JSON Schema, draft 2020-12, https://json-schema.org/draft/2020-12

    Examples
    --------
    >>> law_schema()["properties"]["uniform"]["anyOf"][-1]["maxItems"]
    2
    """
    properties: dict[str, Any] = {name: _family_schema(family, reference) for name, family in LAWS.items()}
    properties["bounds"] = {
        "description": "hold the law between two ends, low and high; -.inf or .inf leaves an end open",
        "type": "array",
        "prefixItems": [{"type": "number"}, {"type": "number"}],
        "items": False,
        "minItems": 2,
    }
    return {
        "description": "a probability law: one law by name, and bounds if wanted",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "oneOf": [{"required": [name]} for name in LAWS],
    }


def _family_schema(family: Family, reference: str) -> dict[str, Any]:
    shapes = [_form_schema(form) for form in family.forms]
    shapes += [_referring(shape, reference) for shape in family.shapes]
    if family.quantiles is not None:
        shapes.append(_quantiles_schema(family))
    if family.positional is not None:
        shapes.append(_list_schema(family, family.positional))
    return {"description": family.meaning, "anyOf": shapes, "examples": list(family.examples)}


def _quantiles_schema(family: Family) -> dict[str, Any]:
    needed = [parameter.name for parameter in family.beside if not parameter.optional]
    schema = {
        "description": f"quantiles p01 to p99, {family.count} that make the law and more that it meets",
        "type": "object",
        "patternProperties": {LEVEL_PATTERN: _number_schema(family.values)},
        "additionalProperties": False,
        "minProperties": family.count + len(needed),
    }
    if family.beside:
        schema["properties"] = {parameter.name: _parameter_schema(parameter) for parameter in family.beside}
        schema["required"] = needed
    return schema


def _referring(shape: Any, reference: str) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(shape, Mapping):
        if shape == ANY_LAW:
            return {"$ref": reference}
        return {key: _referring(item, reference) for key, item in shape.items()}
    return [_referring(item, reference) for item in shape] if isinstance(shape, list | tuple) else shape


def _form_schema(form: Form) -> dict[str, Any]:
    return {
        "description": form.text,
        "type": "object",
        "properties": {parameter.name: _parameter_schema(parameter) for parameter in form.parameters},
        "additionalProperties": False,
        "required": list(form.required),
    }


def _list_schema(family: Family, order: tuple[str, ...]) -> dict[str, Any]:
    parameters = {parameter.name: parameter for parameter in family.parameters}
    return {
        "description": f"[{', '.join(order)}]",
        "type": "array",
        "prefixItems": [_parameter_schema(parameters[name]) for name in order],
        "items": False,
        "minItems": len(order),
        "maxItems": len(order),
    }


def _parameter_schema(parameter: Parameter) -> dict[str, Any]:
    number = _number_schema(parameter.range)
    if parameter.many:
        return {"description": parameter.meaning, "type": "array", "items": number, "minItems": 1}
    return {"description": parameter.meaning, **number}


def _number_schema(allowed: Range) -> dict[str, Any]:
    ends = {
        "exclusiveMinimum": allowed.above,
        "exclusiveMaximum": allowed.below,
        "minimum": allowed.least,
        "maximum": allowed.most,
    }
    return {"type": "number"} | {key: end for key, end in ends.items() if end is not None}
