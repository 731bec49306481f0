"""The JSON Schema of a study file, for editors."""

from collections.abc import Mapping
from typing import Any

from mcrace.laws import law_schema
from mcrace.study.expressions import FUNCTIONS
from mcrace.study.fields import NAME, SLUG
from mcrace.study.schema import study_file

__all__ = ["study_schema"]

_COMMENTS = ("Number", "NumberOrEach", "Law")
_SHARED = ("Law", "Number", "NumberOrEach")


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
    schema["$defs"]["Law"] = law_schema()
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
    schema["$defs"]["Input"] = schema["$defs"].pop("_InputFile")
    bare = {"anyOf": [{"type": "number"}, reference, {"$ref": "#/$defs/Input"}]}
    changes = {"type": "object", "propertyNames": {"pattern": r"^(inputs|model)\..+"}}
    for section, name, content in (("inputs", NAME, bare), ("scenarios", SLUG, changes)):
        schema["properties"][section]["patternProperties"] = {f"^{name.pattern}$": content}
        schema["properties"][section]["additionalProperties"] = False
    return schema


def _with_references(node: Any) -> Any:  # noqa: ANN401
    """Put references for comments, and leave out defaults that are none."""
    if isinstance(node, Mapping):
        node = {name: value for name, value in node.items() if not (name == "default" and value is None)}
        if node.get("$comment") in _COMMENTS:
            rest = {name: value for name, value in node.items() if name != "$comment"}
            return {"$ref": f"#/$defs/{node['$comment']}", **rest}
        return {name: _with_references(value) for name, value in node.items()}
    return [_with_references(item) for item in node] if isinstance(node, list) else node
