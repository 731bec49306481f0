"""The parts of a resolved study: inputs, scenarios, sampling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcrace.laws import Law

__all__ = ["BASE", "Input", "Sampling", "Scenario"]

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
    """

    name: str
    law: Law | float
    text: str
    unit: str
    label: str
    source: str
    dimension: int | None


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
        (`InputName`) and expressions.
    """

    name: str
    changes: Mapping[str, Any]
    inputs: tuple[Input, ...]
    model: Mapping[str, Any]


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
    """

    draws: int = 131_072
    method: str = "sobol"
    replicates: int = 16
    seed: int = 0
    keep: int = 16_384
