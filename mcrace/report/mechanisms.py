"""Which mechanisms of the model a study switches on, read from the keys that it gives."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcrace.nomenclature import KEYS, OFF, Key
from mcrace.study.expressions import Expression

if TYPE_CHECKING:
    from mcrace.study import Study

__all__ = ["Mechanism", "has_beliefs", "headlines", "mechanisms_of", "utility_note"]

# What every study has, and the numbers of the value curve, say nothing of mechanisms.
_CORE = ("horizon_days", "value.", "open.current_expense", "lab.current_expense", "lab.candidate_expense")
_LIST_LENGTH, _TEXT_LENGTH = 3, 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """A model key that a study gives, at a value that changes something.

    Attributes
    ----------
    path : str
        Of the key, such as ``lab.caution.cost``.
    meaning : str
        As the nomenclature has it.
    value : str
        What the base scenario sets it to, in one line; empty where only other scenarios give it.
    scenarios : tuple of str
        The scenarios that give it where base does not.
    """

    path: str
    meaning: str
    value: str
    scenarios: tuple[str, ...]


def mechanisms_of(study: "Study") -> tuple[Mechanism, ...]:
    """List the mechanisms that a study switches on.

    Parameters
    ----------
    study : Study
        A study.

    Returns
    -------
    tuple of Mechanism
        A row a key that is given and not neutral in some scenario, in the order of the nomenclature.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5, "growth_rate": 0},
    ...     },
    ... )
    >>> [(row.path, row.value) for row in mechanisms_of(study)]
    [('lab.counts_training_cost', 'false')]
    """
    rows = []
    laws = {item.name: item.text for item in study.base.inputs}
    for path, key in KEYS.items():
        given = {item.name: _telling(key, item.model) for item in study.scenarios}
        base = given.pop(study.base.name)
        others = () if base else tuple(name for name, values in given.items() if values)
        if base or others:
            text = _values_text(base, laws)
            rows.append(Mechanism(path=path, meaning=key.meaning, value=text, scenarios=others))
    return tuple(rows)


def has_beliefs(model: Mapping[str, Any]) -> bool:
    """Tell whether the lab of a model believes something else than the model."""
    return any(_telling(key, model) for path, key in KEYS.items() if path.startswith("beliefs."))


def headlines(study: "Study") -> tuple[str, ...]:
    """Name the outputs that a report is about: what the lab perceives only where its beliefs differ."""
    believing = any(has_beliefs(scenario.model) for scenario in study.scenarios)
    return ("incentive", "open_effect", *(("perceived_incentive",) if believing else ()))


def utility_note(study: "Study") -> str:
    """Warn that revenue parts are not money where a lab is content with a small lead.

    Parameters
    ----------
    study : Study
        A study.

    Returns
    -------
    str
        One sentence, or empty.
    """
    if not any(_telling(KEYS["lab.lead_satiation"], item.model) for item in study.scenarios):
        return ""
    return (
        "With lab.lead_satiation the incentive and its revenue parts are what they are worth to the lab, in "
        "dollars of a first small margin, and not dollars earned; revenue today is in dollars earned."
    )


def _telling(key: Key, model: Mapping[str, Any]) -> list[Any]:
    """Give what a model says at a key, in each member of a list; nothing where it all is neutral."""
    values = list(_found(model, key.path.split(".")))
    if key.path == "customers.count":
        return values if values == [0] else []
    if key.path.startswith(_CORE) and not key.path.startswith("value.satiation"):
        return values if key.path == "value.curve" and values not in ([], [key.default]) else []
    return [] if all(_is_neutral(key, value) for value in values) else values


def _found(model: Any, names: list[str]) -> Iterator[Any]:  # noqa: ANN401 - whatever a study file may hold
    if not names:
        yield model
        return
    # A section that is uncertain as a whole has alternatives; each may switch something on.
    for variant in model.get("one_of", [model]) if isinstance(model, Mapping) else []:
        value = variant.get(names[0].removesuffix("[]"))
        for member in value or [] if names[0].endswith("[]") else [value]:
            if member is not None:
                yield from _found(member, names[1:])


def _is_neutral(key: Key, value: object) -> bool:
    if key.default == OFF or (key.default is None and math.isinf(key.off)):
        return value == key.off
    return value == key.default


def _values_text(values: list[Any], laws: Mapping[str, str]) -> str:
    """Write at most three members, each cut where it is long: the study file has them whole."""
    texts = [_value_text(value, laws) for value in values[:_LIST_LENGTH]]
    more = [f"and {len(values) - _LIST_LENGTH} more"] if len(values) > _LIST_LENGTH else []
    return "; ".join([*texts, *more])


def _value_text(value: object, laws: Mapping[str, str]) -> str:
    if isinstance(value, list):  # drawn anew for each member of a process
        return f"{_value_text(value[0], laws)}, anew for each of {len(value)}" if value else "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:,.10g}"
    name = str(getattr(value, "name", value))
    text = value.text if isinstance(value, Expression) else laws.get(name, name)
    return text if len(text) <= _TEXT_LENGTH else text[: _TEXT_LENGTH - 1] + "…"
