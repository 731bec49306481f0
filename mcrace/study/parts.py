"""The parts of a resolved study: inputs, scenarios, sampling."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mcrace.laws import Law
from mcrace.sampling.copula import Copula
from mcrace.study.expressions import Expression

__all__ = ["BASE", "Correlations", "Input", "Quantity", "Sampling", "Scenario", "families_as_one"]

BASE = "base"
"""Name of the scenario that always exists: the study as it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a study: a law, or a plain number that a scenario may have put in its place.

    Attributes
    ----------
    name : str
        Its name under ``inputs``, or the path of an inline law, such as ``model.customers.count``.
    law : Law or float
        What is known of it; a float where it is fixed.
    text : str
        The law as a reader writes it, such as ``lognormal(median=158, sigma=0.7)``.
    unit, label, source : str
        As the study gives them; `label` falls back on the name, the others on an empty text.
    dimension : int or None
        Its coordinate of the design; None for a plain number.
    family : str
        Path of the ``{each: LAW}`` that it is a draw of, one member of many; empty for all other inputs.
    evidence : str
        Page that defends it, as seen from the folder of the study's file; empty if there is none.
    """

    name: str
    law: Law | float
    text: str
    unit: str
    label: str
    source: str
    dimension: int | None
    family: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One what-if: the inputs and the model with this scenario's overrides in place.

    Attributes
    ----------
    name : str
        ``base`` for the study as written.
    changes : Mapping
        Path to new value, as the study writes them; empty for base.
    inputs : tuple of Input
        All inputs that the scenario uses or the study names.
    model : Mapping
        Nested as in the study file; the leaves are floats, texts, booleans, names of inputs
        (`InputName`), lists of such names for what is drawn anew for each member, expressions, and
        sections of which each draw has one of several (`OneOf`).
    """

    name: str
    changes: Mapping[str, Any]
    inputs: tuple[Input, ...]
    model: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A named result of the study's own, reported like any output.

    Attributes
    ----------
    name : str
        Its name under ``quantities``.
    expression : Expression
        Over inputs and outputs.
    unit, label : str
        As the study gives them; `label` falls back on the name, `unit` on an empty text.
    """

    name: str
    expression: Expression
    unit: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations:
    """Rank correlations of the study's inputs.

    They are those of the inputs' levels, before a law makes values of them: where a law has atoms, equal
    values make the rank correlation of the values smaller.

    Attributes
    ----------
    pairs : tuple of (str, str, float)
        Two inputs and Spearman's rank correlation of them as asked for.
    copula : Copula
        What joins the inputs; an input that some scenario fixes is left out there, and nothing else moves.
    largest_change : float
        Largest difference between a rank correlation as asked for (0 where none was) and as it is: above 0
        only where those asked for cannot hold together, and the study wants the nearest that can.
    most_changed : tuple of (str, str)
        The two inputs whose correlation that is; empty names if nothing changed.
    mixing_dimension : int or None
        Coordinate of the design that a t copula has for itself; None for the Gaussian one.
    """

    pairs: tuple[tuple[str, str, float], ...]
    copula: Copula
    largest_change: float = 0.0
    most_changed: tuple[str, str] = ("", "")
    mixing_dimension: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """A figure of the base scenario, and the standard error that it must have.

    Attributes
    ----------
    output, statistic : str
        Such as ``incentive`` and ``mean``.
    standard_error : float
        Above 0; in the output's unit, or in that of `relative_to`.
    relative_to : str
        ``sd`` of the output, or ``value`` of the figure; empty for the output's unit.
    """

    output: str
    statistic: str
    standard_error: float
    relative_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the unit cube is sampled.

    Attributes
    ----------
    draws : int
        Draws over all replicates as asked for, at least 1.
    method : str
        ``sobol``, ``random`` or ``latin_hypercube``.
    replicates : int
        Independent randomizations, at least 2; every standard error comes from their scatter.
    seed : int
        Any whole number that is not negative.
    keep : int
        Draws a scenario kept in ``draws.parquet``, at most.
    precision : tuple of Precision
        The points are doubled until each of these figures is precise enough.
    most_draws : int
        Draws over all replicates at which the doubling ends in any case.
    quantiles : str
        ``interpolated`` where the draws are too many to be held, or ``exact`` by a second pass.
    """

    draws: int = 131_072
    method: str = "sobol"
    replicates: int = 16
    seed: int = 0
    keep: int = 16_384
    precision: tuple[Precision, ...] = ()
    most_draws: int = 16_777_216
    quantiles: str = "interpolated"


def families_as_one(inputs: Sequence[Input]) -> Iterator[Input]:
    """Give inputs for a reader: those that are drawn anew for each member of a process as one.

    Parameters
    ----------
    inputs : sequence of Input
        Of one scenario.

    Yields
    ------
    Input
        In the same order; a family has its path for a name, and says in its label how many it has.

    Examples
    --------
    >>> words = {"law": 1.0, "text": "1", "unit": "", "source": "", "dimension": None, "label": ""}
    >>> members = [Input(name=f"model.a.{member}", family="model.a", **words) for member in range(3)]
    >>> [(item.name, item.label) for item in families_as_one(members)]
    [('model.a', 'a, 3 of them, each drawn anew')]
    """
    members = Counter(item.family for item in inputs)
    told: set[str] = set()
    for item in inputs:
        if not item.family:
            yield item
        elif item.family not in told:
            told.add(item.family)
            count = members[item.family]
            which = f"{count} of them, each drawn anew" if count > 1 else "one of them"
            yield replace(item, name=item.family, label=f"{item.family.removeprefix('model.')}, {which}")
