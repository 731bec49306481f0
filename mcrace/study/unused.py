"""Inputs that nothing uses."""

from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any

from mcrace.errors import Fault, nearest_name
from mcrace.study.expressions import Expression

if TYPE_CHECKING:
    from mcrace.study.study import Study

__all__ = ["misspelt_inputs", "unused_inputs"]


def unused_inputs(study: "Study") -> list[str]:
    """List the inputs that no scenario's model and no quantity uses.

    Parameters
    ----------
    study : Study
        Checked.

    Returns
    -------
    list of str
        In the study's order.
    """
    used = {name for quantity in study.quantities for name in quantity.expression.names}
    for scenario in study.scenarios:
        _collect_names(scenario.model, used)
    return [item.name for item in study.inputs if "." not in item.name and item.name not in used]


def misspelt_inputs(study: "Study", changes: Mapping[str, Any], before: Set[str]) -> Iterator[Fault]:
    """Find inputs that changes have added, that nothing uses, and that look like one that was there.

    Parameters
    ----------
    study : Study
        With the changes.
    changes : Mapping of str to object
        Dotted path to new value.
    before : set of str
        Inputs of the file.

    Yields
    ------
    Fault
        Without a place: the file knows nothing of them.
    """
    unused = unused_inputs(study)
    for path in changes:
        section, _, rest = path.partition(".")
        name = rest.partition(".")[0]
        nearest = nearest_name(name, sorted(before)) if name in unused else None
        if section == "inputs" and name not in before and nearest is not None:
            found, expected = f"a new input {name!r} that nothing uses", "an input of the study"
            yield Fault(path=path, found=found, expected=expected, nearest=nearest)


def _collect_names(value: object, used: set[str]) -> None:
    if isinstance(value, Expression):
        used.update(value.names)
    elif isinstance(value, dict):
        for item in value.values():
            _collect_names(item, used)
    elif isinstance(value, list):
        for item in value:
            _collect_names(item, used)
