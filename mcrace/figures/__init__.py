"""Figures of a finished run: a result in, matplotlib axes or files out.

Matplotlib is loaded when something is drawn, not before.
"""

from mcrace.figures.analysis_saving import ANALYSIS_FIGURES, AnalysisFigurePlan, save_analysis_figures
from mcrace.figures.background import BackgroundDrawing, background_drawing
from mcrace.figures.candidate_curve import candidate_curve, candidate_curve_numbers
from mcrace.figures.comparison import comparison
from mcrace.figures.condition_tree import condition_tree, condition_tree_numbers
from mcrace.figures.contrast_forest import contrast_forest, contrast_forest_numbers
from mcrace.figures.convergence import convergence, convergence_numbers
from mcrace.figures.correlations import correlations, correlations_numbers
from mcrace.figures.distribution import distribution, distribution_numbers
from mcrace.figures.drivers import drivers, drivers_numbers
from mcrace.figures.exceedance import exceedance, exceedance_numbers
from mcrace.figures.flips import flips, flips_numbers
from mcrace.figures.inputs import inputs, inputs_numbers
from mcrace.figures.pairs import pairs, pairs_numbers
from mcrace.figures.regions import regions, regions_numbers
from mcrace.figures.release_sign_map import release_sign_map, release_sign_map_numbers
from mcrace.figures.ridges import run_ridges, scenario_ridges
from mcrace.figures.saving import FIGURES, FigureFile, FigurePlan, preload, save_figures
from mcrace.figures.scenarios import scenarios, scenarios_numbers
from mcrace.figures.thresholds import thresholds, thresholds_numbers
from mcrace.figures.timeline import timeline, timeline_numbers
from mcrace.figures.tornado import tornado, tornado_numbers
from mcrace.figures.waterfall import waterfall, waterfall_numbers
from mcrace.figures.wording import readable_unit, rounded
from mcrace.figures.worth import worth, worth_numbers

__all__ = [
    "ANALYSIS_FIGURES",
    "FIGURES",
    "AnalysisFigurePlan",
    "BackgroundDrawing",
    "FigureFile",
    "FigurePlan",
    "background_drawing",
    "candidate_curve",
    "candidate_curve_numbers",
    "comparison",
    "condition_tree",
    "condition_tree_numbers",
    "contrast_forest",
    "contrast_forest_numbers",
    "convergence",
    "convergence_numbers",
    "correlations",
    "correlations_numbers",
    "distribution",
    "distribution_numbers",
    "drivers",
    "drivers_numbers",
    "exceedance",
    "exceedance_numbers",
    "flips",
    "flips_numbers",
    "inputs",
    "inputs_numbers",
    "pairs",
    "pairs_numbers",
    "preload",
    "readable_unit",
    "regions",
    "regions_numbers",
    "release_sign_map",
    "release_sign_map_numbers",
    "rounded",
    "run_ridges",
    "save_analysis_figures",
    "save_figures",
    "scenario_ridges",
    "scenarios",
    "scenarios_numbers",
    "thresholds",
    "thresholds_numbers",
    "timeline",
    "timeline_numbers",
    "tornado",
    "tornado_numbers",
    "waterfall",
    "waterfall_numbers",
    "worth",
    "worth_numbers",
]
