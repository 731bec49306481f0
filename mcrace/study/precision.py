"""How precise a run must be: figures of base, and the standard error that each must have."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mcrace.errors import Fault, nearest_name
from mcrace.nomenclature import OUTPUTS
from mcrace.nomenclature.statistics import STATISTICS
from mcrace.study.document import Document
from mcrace.study.parts import Precision
from mcrace.study.terms import as_number, shown

__all__ = ["PRECISION_SCHEMA", "precision_faults", "precision_of"]

_UNITS = {"%": ("value", 0.01), "sd": ("sd", 1.0)}
_ERROR = re.compile(r"\s*([0-9.eE+_-]+)\s*(%|sd)\s*")
_SAYS = "a standard error above 0: a number in the output's unit, or such as 1% of the figure, or 0.001 sd"

PRECISION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Figures of base, such as incentive.mean, and the standard error that each must have: in "
    "the output's unit, or as 1% (of the figure), or 0.001 sd (of the output).",
    "propertyNames": {"pattern": r"^[A-Za-z_][A-Za-z0-9_]*\.[a-z]"},
    "additionalProperties": {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "string", "pattern": r"^\s*[0-9.eE+_-]+\s*(%|sd)\s*$"},
        ]
    },
}
"""What an editor knows of ``sampling.precision``."""


def precision_of(value: Any) -> tuple[Precision, ...]:  # noqa: ANN401 - any YAML value
    """Read the figures that a study names, as far as they can be read.

    Parameters
    ----------
    value : object
        What stands at ``sampling.precision``.

    Returns
    -------
    tuple of Precision
        One a figure; `precision_faults` says what is wrong with those that are left out.

    Examples
    --------
    >>> precision_of({"incentive.mean": "1%"})
    (Precision(output='incentive', statistic='mean', standard_error=0.01, relative_to='value'),)
    """
    targets = []
    for figure, error in value.items() if isinstance(value, Mapping) else ():
        output, _, statistic = str(figure).partition(".")
        read = _standard_error(error)
        if read is not None:
            size, relative_to = read
            targets.append(
                Precision(output=output, statistic=statistic, standard_error=size, relative_to=relative_to)
            )
    return tuple(targets)


def precision_faults(study: Mapping[str, Any], document: Document) -> Iterator[Fault]:
    """Find what is wrong with the figures that a study names.

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
    sampling = study.get("sampling")
    if not isinstance(sampling, Mapping) or "precision" not in sampling:
        return
    value = sampling["precision"]
    place = ("sampling", "precision")
    if not isinstance(value, Mapping):
        expected = "a mapping of figures to standard errors, such as {incentive.mean: 1e7}"
        yield document.located(Fault(path=".".join(place), found=shown(value), expected=expected), place)
        return
    if sampling.get("method") == "latin_hypercube":
        fault = Fault(
            path=".".join(place),
            found="precision with a Latin hypercube, which cannot be extended",
            expected="method: sobol or random",
        )
        yield document.located(fault, place, at_key=True)
    quantities = study.get("quantities")
    outputs = [*OUTPUTS, *(quantities if isinstance(quantities, Mapping) else ())]
    for figure, error in value.items():
        whole = (*place, str(figure))
        wrong = _figure_fault(str(figure), outputs)
        if wrong is not None:
            yield document.located(wrong, whole, at_key=True)
        if _standard_error(error) is None:
            fault = Fault(path=".".join(whole), found=shown(error), expected=_SAYS)
            yield document.located(fault, whole)


def _standard_error(value: Any) -> tuple[float, str] | None:  # noqa: ANN401
    number, relative_to = as_number(value), ""
    match = _ERROR.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        relative_to, unit = _UNITS[match[2]]
        try:
            number = float(match[1]) * unit
        except ValueError:
            return None
    if number is None or not 0.0 < number < float("inf"):
        return None
    return number, relative_to


def _figure_fault(figure: str, outputs: list[str]) -> Fault | None:
    path = f"sampling.precision.{figure}"
    output, _, statistic = figure.partition(".")
    if output not in outputs:
        expected = "an output and a statistic, such as incentive.mean"
        return Fault(
            path=path,
            found=f"the output {output!r}",
            expected=expected,
            nearest=nearest_name(output, outputs),
        )
    if statistic not in STATISTICS:
        expected = "one of " + ", ".join(STATISTICS)
        nearest = nearest_name(statistic, STATISTICS)
        return Fault(path=path, found=f"the statistic {statistic!r}", expected=expected, nearest=nearest)
    return None
