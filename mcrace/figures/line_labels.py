"""Labels at the right ends of lines, moved apart where they would hide each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LineLabel", "label_lines", "spread_apart"]

_GAP = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLabel:
    """What stands at the end of a line.

    Attributes
    ----------
    height : float
        Where the line ends, in the unit of the vertical axis.
    text, colour : str
        The label, and its colour.
    """

    height: float
    text: str
    colour: str


def label_lines(ax: "Axes", labels: Sequence[LineLabel], *, gap: float = _GAP) -> None:
    """Write labels to the right of the axes, each as near the end of its line as there is room.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its vertical view must be set.
    labels : sequence of LineLabel
        Those whose height is not finite are left out.
    gap : float
        Least distance of two labels, in heights of the axes.
    """
    shown = [label for label in labels if np.isfinite(label.height)]
    places = np.array([(0.0, label.height) for label in shown]).reshape(-1, 2)
    heights = ax.transAxes.inverted().transform(ax.transData.transform(places))[:, 1]
    for label, height in zip(shown, spread_apart(heights.tolist(), gap), strict=True):
        ax.annotate(
            label.text,
            (1.0, height),
            xytext=(5.0, 0.0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
            color=label.colour,
            annotation_clip=False,
            parse_math=False,
        )


def spread_apart(heights: Sequence[float], gap: float) -> list[float]:
    """Move heights between 0 and 1 apart, as little as it takes, in their order.

    Parameters
    ----------
    heights : sequence of float
        Where labels would stand.
    gap : float
        Least distance of two; smaller where not all would fit.

    Returns
    -------
    list of float
        Where they stand.

    Examples
    --------
    >>> [round(height, 2) for height in spread_apart([0.5, 0.5, 0.9], 0.2)]
    [0.4, 0.6, 0.9]
    """
    if not heights:
        return []
    gap = min(gap, 1.0 / max(len(heights) - 1, 1))
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    # Blocks of labels that touch, each centred on the mean of where its labels would stand.
    blocks: list[list[float]] = []
    for place in order:
        blocks.append([float(np.clip(heights[place], 0.0, 1.0))])
        while len(blocks) > 1 and _bottom(blocks[-1], gap) < _top(blocks[-2], gap) + gap:
            last = blocks.pop()
            blocks[-1] = [*blocks[-1], *last]
    found = [0.0] * len(heights)
    stands = [_bottom(block, gap) + gap * number for block in blocks for number in range(len(block))]
    for place, height in zip(order, stands, strict=True):
        found[place] = height
    return found


def _bottom(block: Sequence[float], gap: float) -> float:
    """Height of a block's lowest label, such that all of them are between 0 and 1."""
    length = gap * (len(block) - 1)
    return float(np.clip(np.mean(block) - length / 2, 0.0, max(1.0 - length, 0.0)))


def _top(block: Sequence[float], gap: float) -> float:
    return _bottom(block, gap) + gap * (len(block) - 1)
