"""One visual language for every figure; nothing global is changed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.figures.wording import clean_text, readable_unit, wrapped
from mcrace.nomenclature import OUTPUTS, Output

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcrace.study import Study

__all__ = [
    "GREY",
    "INK",
    "NEGATIVE",
    "POSITIVE",
    "SEABORN_STYLE",
    "SMALL",
    "WIDTH",
    "label_axis",
    "new_axes",
    "output_of",
    "sign",
    "signature",
    "theme",
    "tick_text",
    "write",
]

# Okabe and Ito's colours, told apart by every common colour vision and in grey.
POSITIVE = "#0072B2"
NEGATIVE = "#D55E00"
INK = "#222222"
GREY = "#595959"

SMALL = 8.5
"""Size of the smallest text, points."""

WIDTH = 7.4
"""Width of a saved figure, inches."""

_LEAST_PLAIN, _MOST_PLAIN, _MOST_WORDED = 1e-4, 1e7, 1e16
_NAME_WIDTH = 40
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

# What seaborn 0.13 sets by axes_style("ticks") and plotting_context("paper"), but for the colours of images:
# loading it takes longer than drawing a figure.
SEABORN_STYLE: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("axes.axisbelow", "patch.force_edgecolor", "xtick.bottom", "ytick.left"), True),
        **dict.fromkeys(("axes.grid", "xtick.top", "ytick.right"), False),
        **{f"axes.spines.{side}": True for side in ("left", "bottom", "right", "top")},
        **dict.fromkeys(("axes.edgecolor", "axes.labelcolor", "text.color"), ".15"),
        **dict.fromkeys(("xtick.color", "ytick.color"), ".15"),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor"), "white"),
        **dict.fromkeys(("xtick.direction", "ytick.direction"), "out"),
        **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize", "legend.title_fontsize"), 9.6),
        **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), 8.8),
        **dict.fromkeys(("axes.linewidth", "xtick.major.width", "ytick.major.width"), 1.0),
        **dict.fromkeys(("grid.linewidth", "patch.linewidth", "xtick.minor.width", "ytick.minor.width"), 0.8),
        **dict.fromkeys(("xtick.major.size", "ytick.major.size", "lines.markersize"), 4.8),
        **dict.fromkeys(("xtick.minor.size", "ytick.minor.size"), 3.2),
        "grid.color": ".8",
        "grid.linestyle": "-",
        "lines.linewidth": 1.2,
        "lines.solid_capstyle": "round",
        "patch.edgecolor": "w",
        "font.family": ["sans-serif"],
        "font.sans-serif": ["Arial", "DejaVu Sans", "Liberation Sans", "Bitstream Vera Sans", "sans-serif"],
    }
)

_CJK_FAMILIES = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei",
                 "Microsoft YaHei", "Hiragino Sans", "PingFang SC")  # fmt: skip


@contextmanager
def theme() -> Iterator[None]:
    """Draw and save in the house style inside the ``with`` block."""
    import matplotlib as mpl
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    settings: dict[Any, Any] = {
        **SEABORN_STYLE,
        "font.family": ["DejaVu Sans", *(name for name in _CJK_FAMILIES if name in installed)],
        "font.size": 9.0,
        "axes.titlesize": 11.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 8.0,
        "axes.titley": 1.0,  # no ticks stand above: looking for them takes a tenth of the drawing
        "axes.labelsize": 9.5,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "text.color": INK,
        "text.parse_math": False,
        "axes.formatter.useoffset": False,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "svg.fonttype": "none",
        "svg.hashsalt": "mcrace",
    }
    with mpl.rc_context(settings):
        yield


def new_axes(height: float) -> "Axes":
    """Make one pair of axes through pyplot, so that a notebook shows it and ``plt.show()`` works.

    Parameters
    ----------
    height : float
        Of the figure, inches.

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(WIDTH, height), layout="constrained")
    return figure.add_subplot()


def sign(figure_or_axes: "Figure | Axes", study: "Study", *, drop: float = 0.0) -> None:
    """Write the study's name and digest in the lower right corner.

    Parameters
    ----------
    figure_or_axes : matplotlib Figure or Axes
        Where.
    study : Study
        Which one.
    drop : float
        Distance below the axes, points; unused for a figure.
    """
    from matplotlib.axes import Axes

    if not isinstance(figure_or_axes, Axes):
        figure_or_axes.supxlabel(signature(study), x=0.99, ha="right", fontsize=8.0, color=GREY)
        return
    figure_or_axes.annotate(
        signature(study),
        (1.0, 0.0),
        xytext=(0.0, -drop),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=8.0,
        color=GREY,
        annotation_clip=False,
    )


def signature(study: "Study") -> str:
    """Name a study on a figure: its name and the first 12 letters of its digest."""
    return f"{wrapped(study.name, _NAME_WIDTH, 1)} · {study.digest[:12]}"


def write(
    ax: "Axes", x: float, y: float, text: str, *, rise: float = 0.0, ha: str = "left", va: str = "baseline"
) -> None:
    """Write a small text at a place that is given in fractions of the axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : float
        Place; 0 to 1 is inside.
    rise : float
        Distance above that place, points.
    text, ha, va : str
        The text and which point of it stands there.
    """
    ax.annotate(
        text,
        (x, y),
        xytext=(0.0, rise),
        xycoords="axes fraction",
        textcoords="offset points",
        ha=ha,
        va=va,
        fontsize=SMALL,
        annotation_clip=False,
        parse_math=False,
    )


def label_axis(label: str, unit: str) -> str:
    """Join a label and a unit in words.

    Examples
    --------
    >>> label_axis("Revenue gain", "billion USD"), label_axis("Lead", "")
    ('Revenue gain (billion USD)', 'Lead')
    """
    return f"{label} ({unit})" if unit else label


def output_of(name: str, study: "Study") -> Output:
    """Look up an output of the model, or a quantity of the study's own with the label and unit it gives."""
    known = OUTPUTS.get(name)
    if known is not None:
        return known
    quantity = next(item for item in study.quantities if item.name == name)
    formula = clean_text(quantity.expression.text)
    return Output(
        name=name,
        label=clean_text(quantity.label),
        unit=clean_text(quantity.unit),
        meaning=f"A quantity of the study: {formula}.",
        formula=formula,
    )


def tick_text(value: float, _position: float = 0.0) -> str:
    """Write a tick as a plain number, with a word where it is large; a power only at sizes that have no word.

    Parameters
    ----------
    value : float
        Place of the tick.

    Returns
    -------
    str
        Such as ``1,000,000``.

    Examples
    --------
    >>> tick_text(1e6), tick_text(-2.5e7), tick_text(0.3), tick_text(2e-9), tick_text(1e20)
    ('1,000,000', '−25 million', '0.3', '2×10⁻⁹', '10²⁰')
    """
    size = abs(value)
    if size == 0 or _LEAST_PLAIN <= size < _MOST_PLAIN:
        text = f"{size:,.7g}"
    elif _MOST_PLAIN <= size < _MOST_WORDED:
        factor, word = readable_unit([size], "")
        text = f"{size / factor:,.4g} {word}"
    else:
        digits, _, power = f"{size:.2e}".partition("e")
        raised = str(int(power)).translate(_RAISED)
        digits = digits.rstrip("0").rstrip(".")
        text = f"10{raised}" if digits == "1" else f"{digits}×10{raised}"
    return f"−{text}" if value < 0 else text


def plain_ticks(ax: "Axes") -> None:
    """Write the ticks of the horizontal axis as plain numbers, never as powers or offsets."""
    ax.xaxis.set_major_formatter(tick_text)


def view_with_margin(low: float, high: float, *, log: bool = False) -> tuple[float, float]:
    """Widen a view by 3 % at either end, so that nothing at its edge is cut."""
    if log:
        margin = (high / low) ** 0.03
        return low / margin, high * margin
    return low - 0.03 * (high - low), high + 0.03 * (high - low)


def is_inside(value: float, low: float, high: float) -> bool:
    """Tell whether a finite value lies in a view."""
    return bool(np.isfinite(value)) and low <= value <= high
