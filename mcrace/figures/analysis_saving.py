"""The figures of a run's analyses, as bytes for files."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style
from mcrace.figures.candidate_curve import (
    candidate_curve_alt,
    candidate_curve_caption,
    candidate_curve_height,
    candidate_curve_numbers,
    draw_candidate_curve,
)
from mcrace.figures.condition_tree import (
    condition_tree_alt,
    condition_tree_caption,
    condition_tree_height,
    condition_tree_numbers,
    draw_condition_tree,
    has_condition_tree,
)
from mcrace.figures.correlations import (
    correlations_alt,
    correlations_caption,
    correlations_height,
    correlations_numbers,
    draw_correlations,
    has_correlations,
)
from mcrace.figures.drivers import (
    draw_drivers,
    drivers_alt,
    drivers_caption,
    drivers_height,
    drivers_numbers,
)
from mcrace.figures.findings import measures_of
from mcrace.figures.flips import (
    draw_flips,
    flips_alt,
    flips_caption,
    flips_height,
    flips_numbers,
    shown_flips,
)
from mcrace.figures.frames import csv_bytes
from mcrace.figures.pairs import (
    draw_pairs,
    has_pairs,
    pairs_alt,
    pairs_caption,
    pairs_height,
    pairs_numbers,
)
from mcrace.figures.parallel import Drawing
from mcrace.figures.regions import (
    draw_regions,
    regions_alt,
    regions_caption,
    regions_height,
    regions_numbers,
)
from mcrace.figures.release_sign_map import (
    draw_release_sign_map,
    release_sign_map_alt,
    release_sign_map_caption,
    release_sign_map_height,
    release_sign_map_numbers,
)
from mcrace.figures.saving import FigureFile, figure_bytes
from mcrace.figures.thresholds import (
    draw_thresholds,
    thresholds_alt,
    thresholds_caption,
    thresholds_height,
    thresholds_numbers,
)
from mcrace.figures.tornado import (
    draw_tornado,
    tornado_alt,
    tornado_caption,
    tornado_height,
    tornado_numbers,
)
from mcrace.figures.waterfall import (
    draw_waterfall,
    waterfall_alt,
    waterfall_caption,
    waterfall_height,
    waterfall_numbers,
)
from mcrace.figures.worth import (
    draw_worth,
    worth_alt,
    worth_caption,
    worth_height,
    worth_numbers,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result

__all__ = ["ANALYSIS_FIGURES", "AnalysisFigurePlan", "drawn_analysis_bytes", "save_analysis_figures"]


_ROUND_OFF = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisFigurePlan:
    """How one figure of a run's analyses is made.

    Attributes
    ----------
    title : str
        Heading that gives away no finding.
    height : callable
        Analyses to height in inches.
    draw : callable
        Draws analyses of a result into an empty matplotlib figure.
    numbers : callable
        Analyses and result to the table of what is drawn.
    caption, alt : callable
        Analyses and result to text.
    applies : callable
        Whether there is something to draw; nothing else may be called where there is not.
    """

    title: str
    height: "Callable[[Analyses], float]"
    draw: "Callable[[Analyses, Result, Figure], None]"
    numbers: "Callable[[Analyses, Result], pd.DataFrame]"
    caption: "Callable[[Analyses, Result], str]"
    alt: "Callable[[Analyses, Result], str]"
    applies: "Callable[[Analyses], bool]"


def save_analysis_figures(
    result: "Result",
    found: "Analyses",
    write: Callable[[str, bytes], None],
    names: Collection[str] | None = None,
    drawing: Callable[[str], Drawing | None] = lambda _name: None,
) -> tuple[FigureFile, ...]:
    """Draw every figure that analyses of a run have something for, and hand the files on.

    Parameters
    ----------
    result : Result
        A finished run.
    found : Analyses
        Of that run; the same ones give the same bytes.
    write : callable
        Called with a path such as ``figures/drivers.svg`` and the bytes of that file; for each figure an SVG,
        a PNG of 150 dots an inch, and the drawn numbers as CSV.
    names : collection of str, optional
        Which of `ANALYSIS_FIGURES`; by default all.
    drawing : callable
        Gives a figure by its name where it has been drawn elsewhere, else None.

    Returns
    -------
    tuple of FigureFile
        In the order of `ANALYSIS_FIGURES`.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"law": {"uniform": [0, 200]}, "label": "Day of the release"}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": 1e6},
    ...     },
    ...     sampling={"draws": 1024, "replicates": 8},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> files = {}
    >>> found = mcrace.analyse(result, jobs=1)
    >>> described = mcrace.figures.save_analysis_figures(result, found, files.__setitem__)
    >>> [item.name for item in described]
    ['drivers', 'correlations', 'pairs', 'tornado', 'thresholds']
    """
    plans = {
        name: plan
        for name, plan in ANALYSIS_FIGURES.items()
        if (names is None or name in names) and plan.applies(found)
    }
    told = []
    for name, plan in plans.items():  # first what is not drawn: drawings may still be on their way
        write(f"figures/{name}.csv", csv_bytes(plan.numbers(found, result)))
        told.append({"caption": plan.caption(found, result), "alt": plan.alt(found, result)})
    files = []
    for (name, plan), words_of in zip(plans.items(), told, strict=True):
        svg, png = drawing(name) or drawn_analysis_bytes(result, found, plan)
        write(f"figures/{name}.svg", svg)
        write(f"figures/{name}.png", png)
        files.append(FigureFile(name=name, title=plan.title, svg=svg.decode("utf-8"), **words_of))
    return tuple(files)


def drawn_analysis_bytes(result: "Result", found: "Analyses", plan: AnalysisFigurePlan) -> Drawing:
    """Draw one figure of a run's analyses and return it as the bytes of an SVG and of a PNG file."""
    return figure_bytes((style.WIDTH, plan.height(found)), partial(plan.draw, found, result))


def _has_shares(found: "Analyses") -> bool:
    measures = measures_of(found)
    return bool(found.inputs and measures and np.isfinite(measures[-1][1].value[: len(found.outputs)]).any())


def _has_curves(found: "Analyses") -> bool:
    """Whether any mean moves by more than rounding."""
    means = (curve.mean.value for curves in found.curves for curve in curves.inputs)
    return any(np.ptp(mean) > _ROUND_OFF * np.abs(mean).max() for mean in means)


def _has_worth(found: "Analyses") -> bool:
    return any(known is not None and known.perfect.value > 0 for known in (found.training, found.choice))


def _has_flips(found: "Analyses") -> bool:
    return bool(shown_flips(found))


def _has_candidates(found: "Analyses") -> bool:
    return found.candidate is not None


def _has_map(found: "Analyses") -> bool:
    return found.release_map is not None and bool(found.release_map.mean.value.any())


def _has_regions(found: "Analyses") -> bool:
    return found.prim is not None and bool(found.prim.regions)


def _has_parts(found: "Analyses") -> bool:
    """Whether more than one part carries the effect: one alone is the whole."""
    return int(np.count_nonzero(found.decomposition.step.value)) > 1


ANALYSIS_FIGURES: Mapping[str, AnalysisFigurePlan] = MappingProxyType(
    {
        "drivers": AnalysisFigurePlan(
            title="What drives the outputs: shares of their variance",
            height=drivers_height,
            draw=draw_drivers,
            numbers=drivers_numbers,
            caption=drivers_caption,
            alt=drivers_alt,
            applies=_has_shares,
        ),
        "correlations": AnalysisFigurePlan(
            title="Which inputs the outputs rise and fall with",
            height=correlations_height,
            draw=draw_correlations,
            numbers=correlations_numbers,
            caption=correlations_caption,
            alt=correlations_alt,
            applies=has_correlations,
        ),
        "pairs": AnalysisFigurePlan(
            title="Draws of the outputs against the inputs they go with most",
            height=pairs_height,
            draw=draw_pairs,
            numbers=pairs_numbers,
            caption=pairs_caption,
            alt=pairs_alt,
            applies=has_pairs,
        ),
        "tornado": AnalysisFigurePlan(
            title="Outputs where one input is low or high",
            height=tornado_height,
            draw=draw_tornado,
            numbers=tornado_numbers,
            caption=tornado_caption,
            alt=tornado_alt,
            applies=_has_curves,
        ),
        "value_of_information": AnalysisFigurePlan(
            title="What it is worth to learn an input first",
            height=worth_height,
            draw=draw_worth,
            numbers=worth_numbers,
            caption=worth_caption,
            alt=worth_alt,
            applies=_has_worth,
        ),
        "thresholds": AnalysisFigurePlan(
            title="Outputs over the inputs that drive them most",
            height=thresholds_height,
            draw=draw_thresholds,
            numbers=thresholds_numbers,
            caption=thresholds_caption,
            alt=thresholds_alt,
            applies=_has_curves,
        ),
        "flip": AnalysisFigurePlan(
            title="What one would have to believe: where the answer flips",
            height=flips_height,
            draw=draw_flips,
            numbers=flips_numbers,
            caption=flips_caption,
            alt=flips_alt,
            applies=_has_flips,
        ),
        "candidate": AnalysisFigurePlan(
            title="Which model to train: the incentive over z",
            height=candidate_curve_height,
            draw=draw_candidate_curve,
            numbers=candidate_curve_numbers,
            caption=candidate_curve_caption,
            alt=candidate_curve_alt,
            applies=_has_candidates,
        ),
        "release_map": AnalysisFigurePlan(
            title="Day and level of the next open release",
            height=release_sign_map_height,
            draw=draw_release_sign_map,
            numbers=release_sign_map_numbers,
            caption=release_sign_map_caption,
            alt=release_sign_map_alt,
            applies=_has_map,
        ),
        "regions": AnalysisFigurePlan(
            title="Regions of the inputs in which the condition holds",
            height=regions_height,
            draw=draw_regions,
            numbers=regions_numbers,
            caption=regions_caption,
            alt=regions_alt,
            applies=_has_regions,
        ),
        "tree": AnalysisFigurePlan(
            title="A decision tree for the condition",
            height=condition_tree_height,
            draw=draw_condition_tree,
            numbers=condition_tree_numbers,
            caption=condition_tree_caption,
            alt=condition_tree_alt,
            applies=has_condition_tree,
        ),
        "decomposition": AnalysisFigurePlan(
            title="What carries the effect of open releases",
            height=waterfall_height,
            draw=draw_waterfall,
            numbers=waterfall_numbers,
            caption=waterfall_caption,
            alt=waterfall_alt,
            applies=_has_parts,
        ),
    }
)
"""Every figure of analyses by its name, in the order of the report."""
