"""One word for one thing: every model key and every output, with unit, meaning, range, formula, source.

The schema, ``mcrace explain``, the layout of the compiled model and the labels of figures are all
made from these tables.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from mcrace.nomenclature.entries import OFF, Key, Kind, Output
from mcrace.nomenclature.keys import KEY_LIST, OPTIONAL_SECTIONS
from mcrace.nomenclature.outputs import OUTPUT_LIST

__all__ = [
    "KEYS",
    "OFF",
    "OPTIONAL_SECTIONS",
    "OUTPUTS",
    "Key",
    "Kind",
    "Output",
    "always_needed",
    "children",
    "default_text",
    "key_table",
    "section_of",
]

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
    >>> children("open")  # doctest: +ELLIPSIS
    {'current_expense': 'open.current_expense', 'releases': 'open.releases[]', ...}
    """
    return dict(_children(section))


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
            "default": default_text(key),
            "range": key.range_text,
            "meaning": key.meaning,
        }
        for key in KEYS.values()
    ]


def section_of(path: str) -> str:
    """Path of the section or list that a key stands in.

    Parameters
    ----------
    path : str
        Path of a key, such as ``open.process.growth``.

    Returns
    -------
    str
        Such as ``open.process``; empty at the top.

    Examples
    --------
    >>> section_of("open.releases[].day"), section_of("horizon_days")
    ('open.releases[]', '')
    """
    return path.rpartition(".")[0]


def always_needed(key: Key) -> bool:
    """Tell whether a key must be given as soon as its section is, whatever else the section says.

    Parameters
    ----------
    key : Key
        Any.

    Returns
    -------
    bool
        False for a key with a default, one that only some choice needs, and one that another can stand for.

    Examples
    --------
    >>> always_needed(KEYS["horizon_days"]), always_needed(KEYS["lab.budget"])
    (True, False)
    """
    return key.default is None and not key.needed_by and not key.instead_of


def default_text(key: Key) -> str:
    """Say in a few words what holds where a key is not given.

    Parameters
    ----------
    key : Key
        Any.

    Returns
    -------
    str
        The default, ``required``, ``one of the two``, ``if log, power`` (the choices that need it) or
        ``off`` (a mechanism that is off unless given).

    Examples
    --------
    >>> [default_text(KEYS[path]) for path in ("horizon_days", "lab.start_day", "open.chase.fraction")]
    ['required', '0', 'off']
    """
    if isinstance(key.default, bool):
        return str(key.default).lower()
    if isinstance(key.default, float):
        return f"{key.default:g}"
    if key.default is not None:
        return str(key.default) or "none"
    if key.needed_by:
        return "if " + ", ".join(key.needed_by)
    if key.instead_of:
        return "one of the two"
    return OFF if section_of(key.path) in OPTIONAL_SECTIONS else "required"


@cache
def _children(section: str) -> Mapping[str, str]:
    prefix = f"{section}." if section else ""
    found: dict[str, str] = {}
    for path in KEYS:
        if path.startswith(prefix):
            name = path[len(prefix) :].split(".")[0]
            found[name.removesuffix("[]")] = prefix + name
    return MappingProxyType(found)
