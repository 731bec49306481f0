"""Calibration of resolved forecasts: PIT histogram and reliability diagram."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.figures import theme as style
from mcrace.figures.saving import figure_bytes
from mcrace.figures.wording import clean_text, counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LEAST_FORECASTS", "calibration", "calibration_numbers", "ledger_figure", "pit", "pit_numbers"]

FloatArray = NDArray[np.float64]

LEAST_FORECASTS = 10
"""Fewer resolved forecasts say nothing of calibration."""

_LEVEL = 0.9
_BINS = 10
_A_BIN = 5
_SIZE = (5.2, 4.2)


def pit_numbers(below: ArrayLike, at_most: ArrayLike) -> "pd.DataFrame":
    """Sort outcomes by where they lay in their forecasts.

    Parameters
    ----------
    below, at_most : array_like, shape (forecast,)
        Shares of draws below the outcome, and of at most the outcome. An outcome in an atom counts evenly
        between the two.

    Returns
    -------
    pandas.DataFrame
        A row a bin: ``low, high, count, expected, band_low, band_high``; the band holds 90 % of the counts of
        independent calibrated forecasts in that bin.

    References
    ----------
    Czado, Gneiting, Held, "Predictive model assessment for count data", Biometrics 65 (2009), section 2.1.

    Examples
    --------
    >>> pit_numbers([0.1, 0.6], [0.1, 1.0])["count"].tolist()
    [1.0, 0.0, 0.0, 0.5, 0.5]
    """
    import pandas as pd
    from scipy.stats import binom

    low, high = np.asarray(below, dtype=np.float64), np.asarray(at_most, dtype=np.float64)
    bins = int(np.clip(low.size // _A_BIN, _A_BIN, _BINS))
    edges = np.linspace(0.0, 1.0, bins + 1)
    # The share of each outcome below an edge; one without width falls into the bin on its right.
    width = np.where(high > low, high - low, 1.0)
    reached = np.where(
        (high > low)[:, None],
        np.clip((edges - low[:, None]) / width[:, None], 0.0, 1.0),
        (edges > low[:, None]) | (edges == 1.0),
    )
    reached[:, 0] = 0.0
    band = binom.interval(_LEVEL, low.size, 1.0 / bins)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "count": np.diff(reached.sum(axis=0)),
            "expected": low.size / bins,
            "band_low": band[0],
            "band_high": band[1],
        }
    )


def pit(numbers: "pd.DataFrame", ax: "Axes | None" = None) -> "Axes":
    """Draw a PIT histogram: flat for calibrated forecasts, a hump for too wide ones, a bowl for too narrow.

    Parameters
    ----------
    numbers : pandas.DataFrame
        From `pit_numbers`.
    ax : matplotlib.axes.Axes, optional
        Where; new ones if absent.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = style.new_axes(_SIZE[1]) if ax is None else ax
    edges = np.append(numbers["low"], 1.0)
    expected, low, high = (numbers[name].to_numpy()[0] for name in ("expected", "band_low", "band_high"))
    axes.axhspan(low, high, color=style.GREY, alpha=0.2, linewidth=0)
    axes.stairs(numbers["count"], edges, fill=True, color=style.POSITIVE, alpha=0.35, linewidth=0)
    axes.stairs(numbers["count"], edges, color=style.POSITIVE, linewidth=1.3)
    axes.axhline(expected, color=style.INK, linewidth=1.0, linestyle=(0, (3, 2)))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.12 * max(numbers["count"].max(), high))
    axes.set_xlabel("share of the forecast below what came")
    axes.set_ylabel("resolved forecasts")
    axes.set_title(f"Where outcomes lay in {counted(round(numbers['count'].sum()), 'forecast')}")
    style.write(axes, 0.99, 0.97, "grey: 90 % of calibrated forecasters", ha="right", va="top")
    return axes


def calibration_numbers(probabilities: ArrayLike, happened: ArrayLike) -> "pd.DataFrame":
    """Sort events by their forecast probability, into bins of about equal numbers.

    Parameters
    ----------
    probabilities : array_like, shape (event,)
        In [0, 1].
    happened : array_like, shape (event,)
        1 or 0.

    Returns
    -------
    pandas.DataFrame
        A row a bin: ``probability`` (mean), ``frequency``, ``count``, and ``band_low, band_high``, which hold
        90 % of the frequencies of independent events with that probability.

    Examples
    --------
    >>> calibration_numbers([0.1] * 5 + [0.8] * 5, [0] * 5 + [1] * 4 + [0])["frequency"].tolist()
    [0.0, 0.8]
    """
    import pandas as pd
    from scipy.stats import binom

    chances, came = np.asarray(probabilities, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    order = np.argsort(chances, kind="stable")
    parts = np.array_split(order, int(np.clip(chances.size // _A_BIN, 1, _BINS)))
    mean = np.array([chances[part].mean() for part in parts])
    counts = np.array([part.size for part in parts])
    band = binom.interval(_LEVEL, counts, np.clip(mean, 0.0, 1.0))
    return pd.DataFrame(
        {
            "probability": mean,
            "frequency": [float(came[part].mean()) for part in parts],
            "count": counts,
            "band_low": band[0] / counts,
            "band_high": band[1] / counts,
        }
    )


def calibration(numbers: "pd.DataFrame", ax: "Axes | None" = None) -> "Axes":
    """Draw a reliability diagram: calibrated forecasts lie on the diagonal.

    Parameters
    ----------
    numbers : pandas.DataFrame
        From `calibration_numbers`.
    ax : matplotlib.axes.Axes, optional
        Where; new ones if absent.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = style.new_axes(_SIZE[1]) if ax is None else ax
    axes.plot([0, 1], [0, 1], color=style.INK, linewidth=1.0, linestyle=(0, (3, 2)))
    axes.vlines(
        numbers["probability"], numbers["band_low"], numbers["band_high"], color=style.GREY, alpha=0.35, lw=7
    )
    axes.plot(numbers["probability"], numbers["frequency"], "o", color=style.POSITIVE, markersize=7)
    for place, frequency, count in numbers[["probability", "frequency", "count"]].itertuples(index=False):
        axes.annotate(
            f"{count:.0f}",
            (place, frequency),
            xytext=(7, 5),
            textcoords="offset points",
            fontsize=style.SMALL,
        )
    axes.set_xlim(-0.03, 1.06)
    axes.set_ylim(-0.03, 1.19)
    axes.set_xlabel("forecast probability")
    axes.set_ylabel("share that happened")
    axes.set_title(f"Calibration of {counted(int(numbers['count'].sum()), 'event')}")
    style.write(axes, 0.02, 0.97, "grey: 90 % of calibrated forecasters; numbers: events", va="top")
    return axes


def ledger_figure(name: str, numbers: "pd.DataFrame", source: str) -> tuple[bytes, bytes]:
    """Draw one of the two for a file.

    Parameters
    ----------
    name : str
        ``pit`` or ``calibration``.
    numbers : pandas.DataFrame
        From `pit_numbers` or `calibration_numbers`.
    source : str
        Written into the corner.

    Returns
    -------
    tuple of bytes
        An SVG and a PNG file.
    """
    return figure_bytes(_SIZE, partial(_draw, name, numbers, source))


def _draw(name: str, numbers: "pd.DataFrame", source: str, figure: "Figure") -> None:
    (pit if name == "pit" else calibration)(numbers, figure.add_subplot())
    figure.supxlabel(clean_text(source), x=0.99, ha="right", fontsize=8.0, color=style.GREY)
