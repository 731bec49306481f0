"""Names in the expressions of a model, held against the inputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.nomenclature import KEYS, Key
from mcrace.study.document import Document
from mcrace.study.expressions import Expression, evaluate_expression, parse_expression
from mcrace.study.terms import as_number, parse_law, range_fault, support_fault

__all__ = [
    "IS",
    "ONE_OF",
    "fixed_number",
    "key_path",
    "name_faults",
    "standing_fault",
    "used_names",
    "variants",
]

ONE_OF, IS = "one_of", "is"
"""Keys of a section of the model that is uncertain as a whole, and of each of its alternatives."""


def key_path(path: Sequence[str]) -> str:
    """Path of a key as the nomenclature writes it.

    Parameters
    ----------
    path : sequence of str
        Path below ``model``, members of lists by index.

    Returns
    -------
    str
        Members of lists as [], and alternatives of a section as the section itself.

    Examples
    --------
    >>> key_path(["open", "releases", "0", "day"])
    'open.releases[].day'
    >>> key_path(["value", "one_of", "1", "is", "scale"])
    'value.scale'
    """
    if len(path) > 3 and path[1] == ONE_OF and path[3] == IS:
        path = (path[0], *path[4:])
    return "".join("[]" if part.isdecimal() else f".{part}" for part in path).removeprefix(".")


def variants(section: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    """Give what may stand for a section, each with its path: the section, or every alternative.

    Parameters
    ----------
    section : object
        As it stands in a study, whatever is wrong with it.
    place : tuple of str
        Its path.

    Yields
    ------
    tuple
        Path and section.

    Examples
    --------
    >>> list(variants({"one_of": [{"weight": 1, "is": {"curve": "log"}}]}, ("value",)))
    [(('value', 'one_of', '0', 'is'), {'curve': 'log'})]
    """
    if not isinstance(section, Mapping) or ONE_OF not in section:
        yield place, section
        return
    entries = section[ONE_OF] if isinstance(section[ONE_OF], list) else []
    for index, entry in enumerate(entries):
        if isinstance(entry, Mapping) and IS in entry:
            yield (*place, ONE_OF, str(index), IS), entry[IS]


def name_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find names that are no input, and expressions whose value cannot stand where they do.

    Parameters
    ----------
    study : Mapping
        The study as plain values, whatever else is wrong with it.
    document : Document
        Gives the places.

    Yields
    ------
    Fault
        With its place. Texts that are no expression are left to the schema.
    """
    inputs = study.get("inputs")
    named = inputs if isinstance(inputs, Mapping) else {}
    for path, key, expression in _expressions(study):
        unknown = [name for name in expression.names if name not in named]
        for name in unknown:
            expected = "an input: " + ", ".join(named) if named else "an input, and the study has none"
            nearest = nearest_name(name, named)
            found = f"the name {name!r}"
            fault = Fault(path=".".join(path), found=found, expected=expected, nearest=nearest)
            yield document.located(fault, path)
        wrong = None if unknown or key.kind != "number" else _value_fault(expression, named, key)
        if wrong is not None:
            yield document.located(replace(wrong, path=".".join(path)), path)


def used_names(study: Mapping[str, Any]) -> set[str]:
    """Collect the names in a model's expressions.

    Parameters
    ----------
    study : Mapping
        The study as plain values.

    Returns
    -------
    set of str
        Whether or not they are inputs; those of quantities too.
    """
    used = {name for _, _, expression in _expressions(study) for name in expression.names}
    quantities = study.get("quantities")
    for value in quantities.values() if isinstance(quantities, Mapping) else ():
        text = value.get("expression") if isinstance(value, Mapping) else value
        try:
            used.update(parse_expression(text).names if isinstance(text, str) else ())
        except StudyError:
            continue
    return used


def fixed_number(value: Any, named: Mapping[str, Any]) -> float | None:  # noqa: ANN401
    """Give the number that a value of the model is in every draw.

    Parameters
    ----------
    value : object
        As it stands in the model.
    named : Mapping
        The study's inputs.

    Returns
    -------
    float or None
        None if it is uncertain or no number.

    Examples
    --------
    >>> fixed_number("3 * x", {"x": {"law": 2}}), fixed_number({"uniform": [0, 1]}, {})
    (6.0, None)
    """
    if not isinstance(value, str):
        return as_number(value)
    expression = _expression(value, named)
    return None if expression is None else _fixed_value(expression, named)


def standing_fault(value: Any, named: Mapping[str, Any], key: Key) -> Fault | None:  # noqa: ANN401
    """Find whether a value of the model can leave a range, as far as that shows before any draw.

    Parameters
    ----------
    value : object
        A number, a law or an expression, as it stands in the model.
    named : Mapping
        The study's inputs.
    key : Key
        Gives the range.

    Returns
    -------
    Fault or None
        With an empty path; None for what cannot be read.
    """
    if isinstance(value, str):
        expression = _expression(value, named)
        return None if expression is None else _value_fault(expression, named, key)
    if isinstance(value, Mapping):
        try:
            return support_fault(parse_law(value), key)
        except StudyError:
            return None
    number = as_number(value)
    return None if number is None else range_fault(number, key)


def _expression(text: str, named: Mapping[str, Any]) -> Expression | None:
    """Read an expression; None if it is none, or uses a name that is no input."""
    try:
        expression = parse_expression(text)
    except StudyError:
        return None
    return expression if all(name in named for name in expression.names) else None


def _expressions(study: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Key, Expression]]:
    for path, text in _texts(study.get("model"), ("model",)):
        key = KEYS.get(key_path(path[1:])) or KEYS.get(key_path(path[1:]).removesuffix("[][]"))
        if key is None or key.certain or key.kind not in ("number", "points"):
            continue
        try:
            yield path, key, parse_expression(text)
        except StudyError:
            continue


def _value_fault(expression: Expression, named: Mapping[str, Any], key: Key) -> Fault | None:
    """Find whether an expression can leave the range of its key, as far as that shows before any draw."""
    bare = expression.text.strip()
    law = _law(named[bare]) if bare in expression.names else None
    if isinstance(law, Mapping):
        try:
            fault = support_fault(parse_law(law), key)
        except StudyError:
            return None
        return None if fault is None else replace(fault, found=f"input {bare}, {fault.found}")
    number = _fixed_value(expression, named)
    fault = None if number is None else range_fault(number, key)
    return None if fault is None else replace(fault, found=f"{bare}, which is {fault.found}")


def _fixed_value(expression: Expression, named: Mapping[str, Any]) -> float | None:
    numbers = {name: as_number(_law(named[name])) for name in expression.names}
    return None if None in numbers.values() else float(evaluate_expression(expression, numbers))


def _law(entry: Any) -> Any:  # noqa: ANN401
    return entry.get("law", entry) if isinstance(entry, Mapping) else entry


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, str(index)))
