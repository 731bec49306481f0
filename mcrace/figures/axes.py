"""Logarithmic axes with enough ticks to be read, and no more than fit."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["log_ticks"]

_STEPS = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))


def log_ticks(ax: "Axes", ratio: float, most: int) -> None:
    """Make the horizontal axis logarithmic, with as many labels as fit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    ratio : float
        Of the ends of the axis.
    most : int
        Labels that fit.
    """
    from matplotlib.ticker import LogLocator

    ax.set_xscale("log")
    decades = math.log10(ratio)
    steps = next((steps for steps in _STEPS if len(steps) * decades <= most), _STEPS[-1])
    # The locator leaves out decades where there are more than it may mark; their numbers are long ones.
    ticks = most if decades <= most else most - 1
    ax.xaxis.set_major_locator(LogLocator(subs=steps, numticks=ticks))
    ax.xaxis.set_minor_formatter(lambda _value, _place: "")
