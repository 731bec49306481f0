"""What a person may move of a study: its inputs, and every number of its model."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcrace.laws import LAWS
from mcrace.nomenclature import KEYS, Key
from mcrace.study import Study
from mcrace.study.fields import is_annotated
from mcrace.study.names import key_path
from mcrace.study.waiting import SINCE

__all__ = ["LAW_WORDS", "Control", "controls_of"]

LAW_WORDS = frozenset({*LAWS, "each", "bounds", SINCE})
"""Keys of a mapping that is a law, and no section of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One value of a study that may be changed.

    Attributes
    ----------
    path : str
        Such as ``inputs.day`` or ``model.open.releases.0.day``.
    section : str
        ``inputs`` or ``model``.
    label, unit, note : str
        For the reader: the note is an input's source, or the meaning of a model key.
    value : object
        As the study writes it: a number, a law, an expression.
    low, high : float
        Range of a number.
    choices : tuple of str
        What it may be, where it is a choice.
    whole : bool
        Whether it is a whole number.
    """

    path: str
    section: str
    label: str
    unit: str
    note: str
    value: Any
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    whole: bool = False


def controls_of(study: Study) -> tuple[Control, ...]:
    """List what may be changed of a study.

    Parameters
    ----------
    study : Study
        Checked.

    Returns
    -------
    tuple of Control
        Its inputs, then the leaves of its model, in the order of the file. What the model does not name
        stands at its neutral value and has none.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"law": {"uniform": [0, 200]}, "label": "Day of the release"}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": 1e6},
    ...     },
    ... )
    >>> [control.path for control in controls_of(study)][:3]
    ['inputs.day', 'model.horizon_days', 'model.open.current_expense']
    """
    inputs = study.document.get("inputs") or {}
    return (*_of_inputs(inputs), *_of_model(study.document["model"], ()))


def _of_inputs(inputs: Mapping[str, Any]) -> Iterator[Control]:
    for name, entry in inputs.items():
        notes = entry if is_annotated(entry) else {"law": entry}
        yield Control(
            path=f"inputs.{name}",
            section="inputs",
            label=str(notes.get("label") or name),
            unit=str(notes.get("unit") or ""),
            note=str(notes.get("source") or ""),
            value=notes.get("law"),
        )


def _of_model(value: Any, path: tuple[str, ...]) -> Iterator[Control]:  # noqa: ANN401
    key = KEYS.get(key_path(path)) if path else None
    is_points = key is not None and key.kind == "points"
    if isinstance(value, Mapping) and not _is_law(value):
        for name, item in value.items():
            yield from _of_model(item, (*path, str(name)))
    elif isinstance(value, list) and not is_points:
        for place, item in enumerate(value):
            yield from _of_model(item, (*path, str(place)))
    elif key is None or key.kind != "text":
        yield _leaf(value, path, key)


def _is_law(value: Mapping[str, Any]) -> bool:
    return bool(value) and LAW_WORDS.issuperset(value)


def _leaf(value: Any, path: tuple[str, ...], key: Key | None) -> Control:  # noqa: ANN401
    words = [f"{int(part) + 1}" if part.isdecimal() else part.replace("_", " ") for part in path]
    is_number = key is not None and key.kind == "number"
    flags = ("true", "false") if key is not None and key.kind == "flag" else ()
    return Control(
        path=".".join(("model", *path)),
        section="model",
        label=" › ".join(words),
        unit=key.unit if key is not None else "",
        note=key.meaning if key is not None else "",
        value=value,
        low=key.low if key is not None and is_number else -math.inf,
        high=key.high if key is not None and is_number else math.inf,
        choices=(key.choices or flags) if key is not None else (),
        whole=key.whole if key is not None else False,
    )
