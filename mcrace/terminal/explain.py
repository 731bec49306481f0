"""What ``mcrace explain`` says of a key, a section or an output."""

import textwrap

from mcrace.nomenclature import (
    KEYS,
    OFF,
    OPTIONAL_SECTIONS,
    OUTPUTS,
    Key,
    Output,
    default_text,
    key_table,
    section_of,
)

__all__ = ["explain_text", "key_list_text"]

_WIDTH = 80


def explain_text(path: str) -> str | None:
    """Explain a model key, a section of the model or an output.

    Parameters
    ----------
    path : str
        Such as ``customers.valuation_spread``, with or without ``model.``, ``market``, or ``open_effect``;
        members of lists with ``[]``, an index or neither.

    Returns
    -------
    str or None
        None if there is no such key, section or output.
    """
    parts = path.removeprefix("model.").replace("[]", "").split(".")
    wanted = ".".join(part for part in parts if not part.isdecimal())
    for known, key in KEYS.items():
        if known.replace("[]", "") == wanted:
            return _key_text(key)
    output = OUTPUTS.get(wanted)
    return _section_text(wanted) if output is None else _output_text(output)


def key_list_text() -> str:
    """List all model keys and outputs, a line each."""
    outputs = [f"  {output.name:<31} {output.label}" for output in OUTPUTS.values()]
    lines = ["Keys of a study's model section:", *_key_rows(list(KEYS)), "", "Outputs:", *outputs]
    return "\n".join(lines)


def _key_rows(paths: list[str]) -> list[str]:
    rows = [row for row in key_table() if row["path"] in paths]
    lines = [f"  {row['path']:<31} {row['default']:<14} {row['unit']}".rstrip() for row in rows]
    return [f"  {'key':<31} {'default':<14} unit", *lines]


def _section_text(wanted: str) -> str | None:
    """List the keys of a section, and of the sections in it."""
    below = [path for path in KEYS if f"{path.replace('[]', '')}.".startswith(f"{wanted}.")]
    if not below:
        return None
    above = below[0]
    while above.replace("[]", "") != wanted:
        above = section_of(above)
    is_list = above.endswith("[]")
    kind = "list" if is_list else "section"
    note = "empty unless it is given" if is_list else "off unless it is given"
    lines = [f"model.{above} ({kind})", *_key_rows(below)]
    return "\n".join(lines + ([f"  {note}"] if is_list or above in OPTIONAL_SECTIONS else []))


def _key_text(key: Key) -> str:
    kind = "a pure number" if key.kind == "number" else "none"
    rows = [
        ("unit", key.unit or kind),
        ("range", key.range_text),
        ("default", _default(key)),
        ("formula", key.formula),
        ("source", key.source),
    ]
    return _entry(f"model.{key.path}", key.meaning, rows)


def _default(key: Key) -> str:
    if key.default is not None:
        return "off unless it is given" if key.default == OFF else default_text(key)
    if key.needed_by:
        chooser = key.chooser.rpartition(".")[2]
        return f"must be given by {chooser} {' and '.join(key.needed_by)}"
    if key.instead_of:
        return f"must be given, or model.{key.instead_of} in its place"
    section = section_of(key.path)
    if section in OPTIONAL_SECTIONS:
        return f"must be given where model.{section} is, which is off unless it is given"
    return f"must be given in each member of model.{section}" if section.endswith("[]") else "must be given"


def _output_text(output: Output) -> str:
    return _entry(
        f"{output.name} (output)", output.meaning, [("unit", output.unit), ("formula", output.formula)]
    )


def _entry(head: str, meaning: str, rows: list[tuple[str, str]]) -> str:
    lines = [head, *textwrap.wrap(meaning, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
    for name, text in rows:
        lines += textwrap.wrap(f"{name:<8} {text}", _WIDTH, initial_indent="  ", subsequent_indent=" " * 11)
    return "\n".join(lines)
