"""The figures of a run, as bytes for files."""

import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.figures import describing as words
from mcrace.figures import theme as style
from mcrace.figures.contrast_forest import (
    contrast_forest,
    contrast_forest_alt,
    contrast_forest_caption,
    contrast_forest_height,
    contrast_forest_numbers,
    has_contrasts,
)
from mcrace.figures.convergence import (
    convergence_alt,
    convergence_caption,
    convergence_height,
    convergence_numbers,
    draw_convergence,
    has_convergence,
)
from mcrace.figures.distribution import distribution, distribution_numbers
from mcrace.figures.exceedance import exceedance, exceedance_numbers
from mcrace.figures.frames import csv_bytes
from mcrace.figures.inputs import draw_inputs, inputs_height, inputs_numbers
from mcrace.figures.parallel import Drawing
from mcrace.figures.ridges import (
    has_ridges,
    ridge_rows,
    ridges_alt,
    ridges_caption,
    ridges_height,
    scenario_ridges,
    scenarios_drawn,
)
from mcrace.figures.scenarios import scenarios, scenarios_height, scenarios_numbers
from mcrace.figures.timeline import (
    draw_timeline,
    has_timeline,
    timeline_alt,
    timeline_caption,
    timeline_height,
    timeline_numbers,
)
from mcrace.nomenclature import OUTPUTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = [
    "FIGURES",
    "FigureFile",
    "FigurePlan",
    "drawn_bytes",
    "drawn_inputs",
    "figure_bytes",
    "preload",
    "save_figures",
]

_DPI = 150
_SVG_DPI = 72
"""That of matplotlib's SVG files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFile:
    """A saved figure and what is said of it.

    Attributes
    ----------
    name : str
        Its files are ``figures/NAME.svg``, ``.png`` and ``.csv``.
    title, caption, alt : str
        Heading, what is shown, and the finding in words and numbers for those who cannot see it.
    svg : str
        The drawing itself, as written to the SVG file.
    """

    name: str
    title: str
    caption: str
    alt: str
    svg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePlan:
    """How one figure of a run is made.

    Attributes
    ----------
    title : str
        Heading that gives away no finding.
    height : callable
        Result to height in inches.
    draw : callable
        Draws a result into an empty matplotlib figure.
    numbers : callable
        Result to the table of what is drawn.
    caption, alt : callable
        Result to text.
    applies : callable
        Whether a result has something to draw; nothing else may be called where it has not.
    """

    title: str
    height: "Callable[[Result], float]"
    draw: "Callable[[Result, Figure], None]"
    numbers: "Callable[[Result], pd.DataFrame]"
    caption: "Callable[[Result], str]"
    alt: "Callable[[Result], str]"
    applies: "Callable[[Result], bool]" = lambda _result: True


def preload() -> None:
    """Load what drawing needs, so that it can be done while the draws are computed."""
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.figure
    import matplotlib.font_manager  # noqa: F401
    import pandas  # noqa: F401


def save_figures(
    result: "Result",
    write: Callable[[str, bytes], None],
    drawing: Callable[[str], Drawing | None] = lambda _name: None,
) -> tuple[FigureFile, ...]:
    """Draw every figure of a run and hand the files on.

    Parameters
    ----------
    result : Result
        A finished run; the same one gives the same bytes.
    write : callable
        Called with a path such as ``figures/inputs.svg`` and the bytes of that file; for each figure an
        SVG, a PNG of 150 dots an inch, and the drawn numbers as CSV.
    drawing : callable
        Gives a figure by its name where it has been drawn elsewhere, else None.

    Returns
    -------
    tuple of FigureFile
        In the order of `FIGURES`, without those that have nothing to draw.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> files = {}
    >>> described = mcrace.figures.save_figures(result, files.__setitem__)
    >>> described[0].name, sorted(files)[0]
    ('distribution_incentive', 'figures/distribution_incentive.csv')
    """
    plans = {name: plan for name, plan in FIGURES.items() if plan.applies(result)}
    told = []
    for name, plan in plans.items():  # first what is not drawn: drawings may still be on their way
        write(f"figures/{name}.csv", csv_bytes(plan.numbers(result)))
        told.append({"caption": plan.caption(result), "alt": plan.alt(result)})
    files = []
    for (name, plan), words_of in zip(plans.items(), told, strict=True):
        svg, png = drawing(name) or drawn_bytes(result, plan)
        write(f"figures/{name}.svg", svg)
        write(f"figures/{name}.png", png)
        files.append(FigureFile(name=name, title=plan.title, svg=svg.decode("utf-8"), **words_of))
    return tuple(files)


def _distribution_plan(output: str) -> FigurePlan:
    return FigurePlan(
        title=f"{OUTPUTS[output].label}: distribution",
        height=lambda _result: 4.4,
        draw=lambda result, figure: _ignore(distribution(result, output, ax=figure.add_subplot())),
        numbers=partial(distribution_numbers, output=output),
        caption=partial(words.distribution_caption, output=output),
        alt=partial(words.distribution_alt, output=output),
    )


def _exceedance_plan(output: str) -> FigurePlan:
    return FigurePlan(
        title=f"{OUTPUTS[output].label}: chance to exceed a threshold",
        height=lambda _result: 4.0,
        draw=lambda result, figure: _ignore(exceedance(result, output, ax=figure.add_subplot())),
        numbers=partial(exceedance_numbers, output=output),
        caption=partial(words.exceedance_caption, output=output),
        alt=partial(words.exceedance_alt, output=output),
    )


def _scenarios_plan(output: str) -> FigurePlan:
    return FigurePlan(
        title=f"{OUTPUTS[output].label}: scenarios side by side",
        height=scenarios_height,
        draw=lambda result, figure: _ignore(scenarios(result, output, ax=figure.add_subplot())),
        numbers=partial(scenarios_numbers, output=output),
        caption=partial(words.scenarios_caption, output=output),
        alt=partial(words.scenarios_alt, output=output),
    )


def _contrasts_plan(output: str) -> FigurePlan:
    return FigurePlan(
        title=f"{OUTPUTS[output].label}: what each scenario changes",
        height=contrast_forest_height,
        draw=lambda result, figure: _ignore(contrast_forest(result, output, ax=figure.add_subplot())),
        numbers=partial(contrast_forest_numbers, output=output),
        caption=partial(contrast_forest_caption, output=output),
        alt=partial(contrast_forest_alt, output=output),
        applies=has_contrasts,
    )


def _ridges_plan(output: str) -> FigurePlan:
    return FigurePlan(
        title=f"{OUTPUTS[output].label}: distribution in each scenario",
        height=lambda result: ridges_height(len(scenarios_drawn(result, output))),
        draw=lambda result, figure: _ignore(scenario_ridges(result, output, ax=figure.add_subplot())),
        numbers=lambda result: ridge_rows(scenarios_drawn(result, output)),
        caption=partial(ridges_caption, output=output),
        alt=partial(ridges_alt, output=output),
        applies=has_ridges,
    )


def _ignore(_axes: object) -> None:
    """Drop the axes that a drawing function returns."""


FIGURES: Mapping[str, FigurePlan] = MappingProxyType(
    {
        "distribution_incentive": _distribution_plan("incentive"),
        "distribution_open_effect": _distribution_plan("open_effect"),
        "exceedance_incentive": _exceedance_plan("incentive"),
        "exceedance_open_effect": _exceedance_plan("open_effect"),
        "scenarios_incentive": _scenarios_plan("incentive"),
        "scenarios_open_effect": _scenarios_plan("open_effect"),
        "ridges_incentive": _ridges_plan("incentive"),
        "ridges_open_effect": _ridges_plan("open_effect"),
        "contrasts_incentive": _contrasts_plan("incentive"),
        "contrasts_open_effect": _contrasts_plan("open_effect"),
        "timeline": FigurePlan(
            title="How the model works: one draw over the days",
            height=timeline_height,
            draw=draw_timeline,
            numbers=timeline_numbers,
            caption=timeline_caption,
            alt=timeline_alt,
            applies=has_timeline,
        ),
        "inputs": FigurePlan(
            title="What the study assumes: its inputs",
            height=lambda result: inputs_height(result.study),
            draw=lambda result, figure: draw_inputs(result.study, figure),
            numbers=inputs_numbers,
            caption=words.inputs_caption,
            alt=words.inputs_alt,
        ),
        "convergence": FigurePlan(
            title="How sure the estimates are: as draws are added",
            height=convergence_height,
            draw=draw_convergence,
            numbers=convergence_numbers,
            caption=convergence_caption,
            alt=convergence_alt,
            applies=has_convergence,
        ),
    }
)
"""Every figure of a run by its name, in the order of the report."""


def drawn_inputs(study: "Study") -> Drawing:
    """Draw what a study assumes, which needs no run, as `drawn_bytes` draws its run's figure of it."""
    return figure_bytes((style.WIDTH, inputs_height(study)), partial(draw_inputs, study))


def drawn_bytes(result: "Result", plan: FigurePlan) -> Drawing:
    """Draw one figure and return it as the bytes of an SVG and of a PNG file."""
    return figure_bytes((style.WIDTH, plan.height(result)), partial(plan.draw, result))


def figure_bytes(size: tuple[float, float], draw: "Callable[[Figure], None]") -> Drawing:
    """Draw into a figure of a size in inches and return it as the bytes of an SVG and of a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from PIL import Image

    with style.theme(), warnings.catch_warnings():
        # A letter that no font on this machine has is drawn as a box; the SVG keeps it as text.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=size, dpi=_SVG_DPI)  # what is measured for the layout serves the SVG too
        FigureCanvasAgg(figure)
        draw(figure)
        # Laid out once, for both files; `savefig` would draw twice more to find what it needs not know.
        if figure.axes:
            ConstrainedLayoutEngine().execute(figure)
        figure.set_layout_engine(None)
        svg, png = io.BytesIO(), io.BytesIO()
        canvas: Any = FigureCanvasSVG(figure)  # the printing methods have no types
        canvas.print_svg(svg, metadata={"Date": None, "Creator": None})
        figure.set_dpi(_DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        # Nothing is transparent. A lighter level than the usual 6: files a tenth larger, packed sooner.
        pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        pixels.save(png, format="png", dpi=(_DPI, _DPI), compress_level=2)
    return svg.getvalue(), png.getvalue()
