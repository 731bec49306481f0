"""What ``mcrace explain`` says of a key or an output."""

import textwrap

from mcrace.nomenclature import KEYS, OUTPUTS, Key, Output, key_table

__all__ = ["explain_text", "key_list_text"]

_WIDTH = 80


def explain_text(path: str) -> str | None:
    """Explain a model key or an output.

    Parameters
    ----------
    path : str
        Such as ``customers.valuation_spread``, with or without ``model.``, or ``open_effect``.

    Returns
    -------
    str or None
        None if there is no such key or output.
    """
    wanted = path.removeprefix("model.").replace("[]", "")
    for known, key in KEYS.items():
        if known.replace("[]", "") == wanted:
            return _key_text(key)
    output = OUTPUTS.get(wanted)
    return None if output is None else _output_text(output)


def key_list_text() -> str:
    """List all model keys and outputs, a line each."""
    rows = [f"  {row['path']:<34} {row['default']:<9} {row['unit']}" for row in key_table()]
    outputs = [f"  {output.name:<34} {output.label}" for output in OUTPUTS.values()]
    head = [f"  {'key':<34} {'default':<9} unit"]
    return "\n".join(["Keys of a study's model section:", *head, *rows, "", "Outputs:", *outputs])


def _key_text(key: Key) -> str:
    default = "must be given" if key.default is None else str(key.default).lower()
    if key.needed_by:
        default = "must be given by curve " + " and ".join(key.needed_by)
    rows = [
        ("unit", key.unit or "a pure number"),
        ("range", key.range_text),
        ("default", default),
        ("formula", key.formula),
        ("source", key.source),
    ]
    return _entry(f"model.{key.path}", key.meaning, rows)


def _output_text(output: Output) -> str:
    return _entry(
        f"{output.name} (output)", output.meaning, [("unit", output.unit), ("formula", output.formula)]
    )


def _entry(head: str, meaning: str, rows: list[tuple[str, str]]) -> str:
    lines = [head, *textwrap.wrap(meaning, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
    for name, text in rows:
        lines += textwrap.wrap(f"{name:<8} {text}", _WIDTH, initial_indent="  ", subsequent_indent=" " * 11)
    return "\n".join(lines)
