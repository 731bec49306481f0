"""The JSON Schema of a study file, for editors."""

from collections.abc import Mapping
from typing import Any

from mcrace.laws import law_schema
from mcrace.study.expressions import FUNCTIONS
from mcrace.study.fields import NAME, SLUG
from mcrace.study.names import IS, ONE_OF
from mcrace.study.schema import study_file
from mcrace.study.structure import SECTIONS
from mcrace.study.waiting import SINCE

__all__ = ["study_schema"]

_COMMENTS = ("Number", "NumberOrEach", "Law", "Expression")
_SHARED = ("Law", "Number", "NumberOrEach", "Expression")
_DATE = r"^\d{4}-\d{2}-\d{2}$"


def study_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a study file, for editors.

    Returns
    -------
    dict
        With every key's meaning, unit and range as its description. A file that extends another may leave
        anything out, and remove what it inherits by null; any other file must be a whole study.

    Examples
    --------
    >>> study_schema()["$defs"]["Study"]["required"]
    ['study', 'model']
    """
    whole = _whole_schema()
    parts = whole.pop("$defs")
    parts["Study"] = whole
    overlays = {f"{name}Overlay": _overlay(part) for name, part in parts.items() if name not in _SHARED}
    overlays["StudyOverlay"]["required"] = ["study", "extends"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Study",
        "if": {"type": "object", "required": ["extends"]},
        "then": {"$ref": "#/$defs/StudyOverlay"},
        "else": {"$ref": "#/$defs/Study"},
        "$defs": parts | overlays,
    }


def _overlay(part: Any) -> Any:  # noqa: ANN401
    """Relax a part to what a file may say of what it inherits: less than all of it, or null.

    A list is replaced whole, so its members are whole.
    """
    if isinstance(part, list):
        return [_overlay(item) for item in part]
    if not isinstance(part, Mapping):
        return part
    kept = {name: below for name, below in part.items() if name not in ("required", "oneOf", "default")}
    changed = {name: below if name == "items" else _overlay(below) for name, below in kept.items()}
    for section in ("properties", "patternProperties"):
        if isinstance(part.get(section), Mapping):
            changed[section] = {
                name: {"anyOf": [_overlay(below), {"type": "null"}]} for name, below in part[section].items()
            }
    reference = str(part.get("$ref", ""))
    if reference and reference.rpartition("/")[2] not in _SHARED:
        changed["$ref"] = f"{reference}Overlay"
    return changed


def _whole_schema() -> dict[str, Any]:
    """Make the schema of a study that extends no other."""
    schema: dict[str, Any] = _with_references(study_file().model_json_schema())
    grammar = "Expression over inputs: + - * / **, parentheses and " + ", ".join(FUNCTIONS)
    reference = {"$ref": "#/$defs/Law"}
    schema["$defs"]["Law"] = _law()
    schema["$defs"]["Expression"] = {"type": "string", "description": grammar}
    schema["$defs"]["Number"] = {
        "anyOf": [{"type": "number"}, {"type": "string", "description": grammar}, reference]
    }
    each = {"type": "object", "properties": {"each": reference}, "required": ["each"]}
    schema["$defs"]["NumberOrEach"] = {
        "anyOf": [
            {"$ref": "#/$defs/Number"},
            {
                **each,
                "additionalProperties": False,
                "description": "A law that is drawn anew for each member.",
            },
        ]
    }
    for section in SECTIONS:
        _let_be_one_of(schema["$defs"][section.capitalize()])
    for name in ("Input", "Quantity"):
        schema["$defs"][name] = schema["$defs"].pop(f"_{name}File")
    bare = {"anyOf": [{"type": "number"}, reference, {"$ref": "#/$defs/Input"}]}
    quantity = {"anyOf": [{"$ref": "#/$defs/Expression"}, {"$ref": "#/$defs/Quantity"}]}
    changes = {"type": "object", "propertyNames": {"pattern": r"^(inputs|model)\..+"}}
    contents = {"inputs": (NAME, bare), "quantities": (NAME, quantity), "scenarios": (SLUG, changes)}
    for section, (form, content) in contents.items():
        schema["properties"][section]["patternProperties"] = {f"^{form.pattern}$": content}
        schema["properties"][section]["additionalProperties"] = False
    return schema


def _law() -> dict[str, Any]:
    """Make the schema of a law: dates may stand for days, and the law may count from an earlier day."""
    law: dict[str, Any] = _with_dates(law_schema("#/$defs/Law"))
    law["properties"][SINCE] = {
        "description": "the day from which the law counts, at most 0, or a date: what it speaks of has not "
        "come by day 0",
        "anyOf": [{"type": "number", "maximum": 0}, {"type": "string", "pattern": _DATE}],
    }
    return law


def _with_dates(node: Any) -> Any:  # noqa: ANN401
    """Let a date stand wherever a number does: which of them are days, only the study knows."""
    if isinstance(node, list):
        return [_with_dates(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    changed = {name: item if name == "examples" else _with_dates(item) for name, item in node.items()}
    return changed | (
        {"type": ["number", "string"], "pattern": _DATE} if node.get("type") == "number" else {}
    )


def _let_be_one_of(section: dict[str, Any]) -> None:
    """Let a section of the model be one of several alternatives, none of which is uncertain again."""
    certain = {"$ref": f"#/$defs/{section['title']}", "not": {"required": [ONE_OF]}}
    alternative = {
        "type": "object",
        "properties": {"weight": {"type": "number", "minimum": 0}, IS: certain},
        "required": ["weight", IS],
        "additionalProperties": False,
    }
    section["properties"][ONE_OF] = {
        "description": "Alternatives to this section, of which each draw has one.",
        "type": "array",
        "items": alternative,
        "minItems": 2,
    }
    section["dependentSchemas"] = {ONE_OF: {"maxProperties": 1}}


def _with_references(node: Any) -> Any:  # noqa: ANN401
    """Put references for comments, and leave out defaults that are none."""
    if isinstance(node, Mapping):
        node = {name: value for name, value in node.items() if not (name == "default" and value is None)}
        if node.get("$comment") in _COMMENTS:
            rest = {name: value for name, value in node.items() if name != "$comment"}
            return {"$ref": f"#/$defs/{node['$comment']}", **rest}
        return {name: _with_references(value) for name, value in node.items()}
    return [_with_references(item) for item in node] if isinstance(node, list) else node
