"""Named results of a study's own: expressions over its inputs and the model's outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.nomenclature import OUTPUTS
from mcrace.study.document import Document
from mcrace.study.expressions import Expression, parse_expression
from mcrace.study.fields import refused
from mcrace.study.parts import Quantity

__all__ = ["expression_text", "quantities_of", "quantity_expression", "quantity_faults"]


def quantity_expression(value: Any) -> Expression:  # noqa: ANN401 - any YAML value
    """Check the expression of a quantity by itself.

    Parameters
    ----------
    value : object
        As it stands in the study.

    Returns
    -------
    Expression
        Its names are not yet held against inputs and outputs.

    Raises
    ------
    StudyError
        If it is no expression.
    """
    if not isinstance(value, str):
        raise refused(value, "an expression over inputs and outputs, such as lead * step")
    return parse_expression(value)


def expression_text(value: Any) -> Any:  # noqa: ANN401
    """Give what stands for a quantity's expression, whether it stands alone or beside unit and label.

    Examples
    --------
    >>> expression_text("a * b"), expression_text({"expression": "a", "unit": "USD"})
    ('a * b', 'a')
    """
    return value.get("expression") if isinstance(value, Mapping) else value


def quantity_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find quantities that are named like an input, or name what is neither input nor output.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place.
    """
    quantities, inputs = study.get("quantities"), study.get("inputs")
    named = inputs if isinstance(inputs, Mapping) else {}
    if not isinstance(quantities, Mapping):
        return
    for name, value in quantities.items():
        place = ("quantities", name)
        if name in named:
            fault = Fault(path=".".join(place), found=repr(name), expected="a name that is no input's")
            yield document.located(fault, place, at_key=True)
        for unknown in _unknown_names(expression_text(value), named):
            whole = (*place, "expression") if isinstance(value, Mapping) else place
            other = unknown in quantities
            expected = "inputs and outputs; a quantity cannot use another" if other else "an input or output"
            known = () if other else (*named, *OUTPUTS)
            fault = Fault(
                path=".".join(whole),
                found=f"the name {unknown!r}",
                expected=expected + (": " + ", ".join(named) if named and not other else ""),
                nearest=nearest_name(unknown, known),
            )
            yield document.located(fault, whole)


def quantities_of(entries: Mapping[str, Any]) -> tuple[Quantity, ...]:
    """Make the quantities of a checked study.

    Parameters
    ----------
    entries : Mapping
        Name to what pydantic made of its entry.

    Returns
    -------
    tuple of Quantity
        In the order of the study.
    """
    return tuple(
        Quantity(name=name, expression=entry.expression, unit=entry.unit, label=entry.label or name)
        for name, entry in entries.items()
    )


def _unknown_names(text: Any, named: Mapping[str, Any]) -> list[str]:  # noqa: ANN401
    if not isinstance(text, str):
        return []
    try:
        expression = parse_expression(text)
    except StudyError:
        return []
    return [name for name in expression.names if name not in named and name not in OUTPUTS]
