"""Figures of a finished run: a result in, matplotlib axes or files out.

Matplotlib is loaded when something is drawn, not before.
"""

from mcrace.figures.comparison import comparison
from mcrace.figures.distribution import distribution, distribution_numbers
from mcrace.figures.exceedance import exceedance, exceedance_numbers
from mcrace.figures.inputs import inputs, inputs_numbers
from mcrace.figures.saving import FIGURES, FigureFile, FigurePlan, preload, save_figures
from mcrace.figures.scenarios import scenarios, scenarios_numbers
from mcrace.figures.wording import readable_unit, rounded

__all__ = [
    "FIGURES",
    "FigureFile",
    "FigurePlan",
    "comparison",
    "distribution",
    "distribution_numbers",
    "exceedance",
    "exceedance_numbers",
    "inputs",
    "inputs_numbers",
    "preload",
    "readable_unit",
    "rounded",
    "save_figures",
    "scenarios",
    "scenarios_numbers",
]
