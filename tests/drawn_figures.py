"""A figure as it is saved, laid out, and what a reader could not read in it."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from mcrace.figures import theme as style

SLACK = 1.5
"""Points by which a text may leave the canvas, or two may touch: a letter's box is wider than the letter."""


def laid_out(draw: Callable[[Figure], None], height: float) -> Figure:
    """Draw a figure as `figure_bytes` does, and lay it out."""
    with style.theme():
        figure = Figure(figsize=(style.WIDTH, height))
        FigureCanvasAgg(figure)
        draw(figure)
        if figure.axes:
            ConstrainedLayoutEngine().execute(figure)
        figure.set_layout_engine(None)
        figure.canvas.draw()
    return figure


def unreadable(figure: Figure) -> list[str]:
    """List texts that leave the canvas, and pairs of texts that hide each other."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown_texts(figure)]
    canvas = figure.bbox
    found = [
        f"leaves the canvas: {name!r} {box.extents.round(0).tolist()}"
        for name, box in boxes
        if box.x0 < canvas.x0 - SLACK
        or box.y0 < canvas.y0 - SLACK
        or box.x1 > canvas.x1 + SLACK
        or box.y1 > canvas.y1 + SLACK
    ]
    for (name, box), (other, others_box) in combinations(boxes, 2):
        if hides(box, others_box):
            found.append(f"hide each other: {name!r} and {other!r}")
    return found


def shown_texts(figure: Figure) -> Iterator[Text]:
    """Give every text that is drawn, without the ticks beyond an axis's ends."""
    # A secondary axis has axes of its own that are no `Axes`.
    axes: list[Any] = figure.findobj(lambda artist: hasattr(artist, "xaxis"))
    hidden = {
        id(text)
        for ax in axes
        for axis in (ax.xaxis, ax.yaxis)
        for text in (undrawn(axis) if ax.axison else axis.findobj(Text))
    }
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden:
            yield text


def undrawn(axis: Axis) -> list[Text]:
    """Give the texts of an axis that are not drawn."""
    if not axis.get_visible():
        return [text for text in axis.findobj(Text) if isinstance(text, Text)]
    scaled = axis.get_transform().transform
    low, high = sorted(scaled(axis.get_view_interval()))
    edge = 1e-9 * (high - low)
    return [
        label
        for ticks in (axis.get_major_ticks(), axis.get_minor_ticks())
        for tick in ticks
        for label in (tick.label1, tick.label2)
        if not (low - edge <= float(scaled(np.array([tick.get_loc()]))[0]) <= high + edge)
        or not tick.get_visible()
    ]


def hides(box: Bbox, other: Bbox) -> bool:
    """Whether two boxes share more than a touch."""
    wide = min(box.x1, other.x1) - max(box.x0, other.x0)
    high = min(box.y1, other.y1) - max(box.y0, other.y0)
    return wide > SLACK and high > SLACK
