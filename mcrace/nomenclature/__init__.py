"""One word for one thing: every model key and every output, with unit, meaning, range, formula, source.

The schema, ``mcrace explain``, the layout of the compiled model and the labels of figures are all
made from these tables.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mcrace.nomenclature.entries import Key, Kind, Output
from mcrace.nomenclature.keys import KEY_LIST
from mcrace.nomenclature.outputs import OUTPUT_LIST

__all__ = ["KEYS", "OUTPUTS", "Key", "Kind", "Output", "children", "key_table"]

KEYS: Mapping[str, Key] = MappingProxyType({key.path: key for key in KEY_LIST})
"""Every key of the ``model`` section by its path."""

OUTPUTS: Mapping[str, Output] = MappingProxyType({output.name: output for output in OUTPUT_LIST})
"""Every output of the model by its name."""


def children(section: str) -> dict[str, str]:
    """List what may stand in a section of the model.

    Parameters
    ----------
    section : str
        Path of the section, such as ``open`` or ``open.releases[]``; empty for the whole model.

    Returns
    -------
    dict of str to str
        Name to path, in reading order; a path that is no key is a section, or a list if it ends in
        ``[]``.

    Examples
    --------
    >>> children("open")
    {'current_expense': 'open.current_expense', 'releases': 'open.releases[]'}
    """
    prefix = f"{section}." if section else ""
    found: dict[str, str] = {}
    for path in KEYS:
        if path.startswith(prefix):
            name = path[len(prefix) :].split(".")[0]
            found[name.removesuffix("[]")] = prefix + name
    return found


def key_table() -> list[dict[str, str]]:
    """List every key as one row of text, for documents and terminals.

    Returns
    -------
    list of dict
        With the columns path, unit, default, range and meaning.

    Examples
    --------
    >>> key_table()[0]["path"]
    'horizon_days'
    """
    return [
        {
            "path": key.path,
            "unit": key.unit,
            "default": "required" if key.default is None else str(key.default),
            "range": key.range_text,
            "meaning": key.meaning,
        }
        for key in KEYS.values()
    ]
