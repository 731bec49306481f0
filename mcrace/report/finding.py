"""A part of the page on what an analysis found, and how its words are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mcrace.analysis.estimates import Estimates
from mcrace.figures.wording import clean_text, percent, readable_unit, rounded, short
from mcrace.nomenclature import KEYS, OUTPUTS
from mcrace.report.page_tables import Table
from mcrace.study.names import key_path

if TYPE_CHECKING:
    from mcrace.study import Study

__all__ = ["SHOWN", "Finding", "Teller", "half_width", "share_text"]

SHOWN = 12
"""Inputs that a table of the page holds at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part of the page: what an analysis found.

    Attributes
    ----------
    name : str
        Anchor of the part.
    heading : str
        The question that it answers.
    sentences : tuple of str
        The answer.
    figures : tuple of str
        Names of the figures that show it.
    tables : tuple of Table
        Its numbers, as far as a reader wants them; the files hold all.
    """

    name: str
    heading: str
    sentences: tuple[str, ...]
    figures: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """How inputs are called and their values are written."""

    study: "Study"
    labels: Mapping[str, str]

    def value(self, name: str, value: float, error: float = 0.0) -> str:
        """Write a value of an input or a number of the model, with its unit."""
        units = {item.name: item.unit for item in self.study.inputs}
        unit = units.get(name, "")
        if name not in units:
            key = KEYS.get(key_path(name.removeprefix("model.").split(".")))
            unit = key.unit if key is not None else ""
        factor, words = readable_unit([value], unit)
        text = short(value / factor) if error == 0 else rounded(value / factor, error / factor)
        return f"{text} {words}".strip()

    def output(self, name: str) -> str:
        """Name an output within a sentence."""
        label = OUTPUTS[name].label if name in OUTPUTS else self._quantity(name)
        return f"the {label[0].lower()}{label[1:]}"

    def output_unit(self, name: str) -> str:
        """Give the plain unit of an output."""
        if name in OUTPUTS:
            return OUTPUTS[name].unit
        return next(item.unit for item in self.study.quantities if item.name == name)

    def _quantity(self, name: str) -> str:
        return clean_text(next(item.label for item in self.study.quantities if item.name == name))


def half_width(values: Estimates, place: tuple[int, ...] = ()) -> float:
    """Half of the width of the 95 % interval of one estimate, in its unit."""
    low, high = values.interval()
    return float(high[place] - low[place]) / 2


def share_text(values: Estimates, place: tuple[int, ...]) -> str:
    """Write a share as a percentage with its error; a dash where there is none."""
    value = float(values.value[place])
    return "–" if np.isnan(value) else percent(value, half_width(values, place))
