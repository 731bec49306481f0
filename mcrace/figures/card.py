"""A card for posts: a headline, its numbers and their distribution in one picture."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcrace.figures import theme as style
from mcrace.figures.distribution import draw_atoms, draw_bins
from mcrace.figures.spread import FloatArray, spread_of
from mcrace.figures.wording import clean_text, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Card", "card_bytes"]

_SIZE = (8.0, 4.5)
_DPI = 150
_LINES = 9
_SECONDS_A_DAY = 86_400.0
_CUT = 1.25
"""Atoms end at so many times the tallest bin, with a break mark."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """What stands on a card.

    Attributes
    ----------
    title : str
        The question, or what is forecast.
    headline : str
        The most important number, in large letters.
    lines : tuple of str
        Further numbers; as many as there is room for are shown.
    values : ndarray, shape (draw,)
        In the unit of `unit`; unix seconds for dates. Infinite ones are counted in a line below the axis.
    label, unit : str
        Of the axis.
    split : float or None
        Threshold at which the colour changes.
    dated : bool
        Whether the values are dates.
    foot : str
        What it was made from.
    """

    title: str
    headline: str
    lines: tuple[str, ...]
    values: FloatArray
    label: str
    unit: str
    split: float | None
    dated: bool
    foot: str


def card_bytes(card: Card) -> bytes:
    """Draw a card as a PNG of 1200 by 675 dots, the shape that posts are shown in.

    Parameters
    ----------
    card : Card
        What stands on it.

    Returns
    -------
    bytes
        The same card gives the same bytes.

    Examples
    --------
    >>> import numpy as np
    >>> card = Card(
    ...     title="When?", headline="212 days", lines=(), values=np.arange(99.0), label="Day", unit="days",
    ...     split=None, dated=False, foot="made of 99 draws",
    ... )
    >>> card_bytes(card)[1:4]
    b'PNG'
    """
    import warnings

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style.theme(), warnings.catch_warnings():
        # A letter that no font on this machine has is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=_SIZE, dpi=_DPI)
        canvas: Any = FigureCanvasAgg(figure)  # the printing methods have no types
        _write_words(figure, card)
        _draw_values(figure.add_axes((0.55, 0.21, 0.41, 0.54)), card)
        picture = io.BytesIO()
        canvas.print_png(picture, metadata={"Software": None})
    return picture.getvalue()


def _write_words(figure: "Figure", card: Card) -> None:
    figure.text(0.04, 0.94, wrapped(card.title, 60, 2), fontsize=15, fontweight="bold", va="top")
    headline = wrapped(card.headline, 24, 2)
    figure.text(0.04, 0.76, headline, fontsize=18, va="top", color=style.POSITIVE)
    top = 0.755 - 0.08 * len(headline.splitlines())
    for place, line in enumerate(_lines(card.lines)):
        figure.text(0.04, top - 0.053 * place, line, fontsize=10.5, va="top")
    figure.text(0.04, 0.035, wrapped(card.foot, 130, 1), fontsize=8, color=style.GREY)


def _lines(lines: tuple[str, ...]) -> list[str]:
    return [part for line in lines for part in wrapped(line, 42, 2).splitlines()][:_LINES]


def _draw_values(ax: "Axes", card: Card) -> None:
    scale = _SECONDS_A_DAY if card.dated else 1.0
    spread = spread_of(card.values / scale)
    split = None if card.split is None else card.split / scale
    tallest = 100 * float(spread.shares.max(initial=0.0))
    draw_bins(ax, spread.edges, 100 * spread.shares, split=split)
    highest = 100 * float(spread.atom_shares.max(initial=0.0))
    top = min(highest, _CUT * tallest) if tallest > 0 else highest
    draw_atoms(ax, spread.atoms, 100 * spread.atom_shares, top=top)
    ax.set_xlim(style.view_with_margin(*spread.view))
    ax.set_ylim(0, 1.08 * max(top, tallest) or 1.0)
    if split is not None and spread.view[0] < split < spread.view[1]:
        ax.axvline(split, color=style.INK, linewidth=1.0, linestyle=(0, (3, 2)))
    ax.set_xlabel(wrapped(style.label_axis(clean_text(card.label), clean_text(card.unit)), 48, 2))
    ax.set_ylabel("share of draws, %")
    if card.dated:
        _date_axis(ax)
    else:
        style.plain_ticks(ax)
    ax.locator_params(axis="both", nbins=5) if not card.dated else ax.locator_params(axis="y", nbins=5)
    _tell_beyond(ax, spread.below, spread.above, spread.never)


def _date_axis(ax: "Axes") -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    make_locator: Any = AutoDateLocator  # neither has types
    make_formatter: Any = ConciseDateFormatter
    locator = make_locator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(make_formatter(locator))


def _tell_beyond(ax: "Axes", below: float, above: float, never: float) -> None:
    told = [
        f"{100 * share:.2g} % {where}"
        for share, where in ((below, "further left"), (above, "further right"), (never, "never"))
        if share > 0
    ]
    if told:
        style.write(ax, 1.0, 1.0, ", ".join(told), rise=4.0, ha="right")
