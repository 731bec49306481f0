"""Squiggle: draws as an expression to paste."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcrace.errors import Fault, StudyError
from mcrace.forecast.draws import checked_values
from mcrace.forecast.wording import share_text

__all__ = ["squiggle_expression"]

FloatArray = NDArray[np.float64]

_SLOPE: Final = 0.05
"""Half the length of a slope of the density, as a share of the narrower of the stretches that it joins."""

_ATOM: Final = 0.01
"""Share of draws from which on one value is a point of its own, and no part of the density."""


def squiggle_expression(values: ArrayLike, *, name: str = "forecast", points: int = 100) -> str:
    """Write draws as a point set of Squiggle.

    Parameters
    ----------
    values : array_like, shape (draw,)
        Of equal weight; infinite means never.
    name : str
        Of the variable: a small letter, then letters, digits and underscores.
    points : int
        Corners of the density at most, at least 4.

    Returns
    -------
    str
        A density that is straight between its corners, with equal shares of the draws in its flat
        stretches; values that at least 1 % of the draws share stand beside it as points. Given that it ever
        comes: the probability of never is a comment and a variable of its own.

    Raises
    ------
    StudyError
        If the name is none of Squiggle's, there are too few points, or no draw is finite.

    References
    ----------
    Squiggle, documentation: Distribution creation, PointSet.

    Examples
    --------
    >>> print(squiggle_expression([1.0, 1.0, 3.0], name="lag"))
    lag = PointSet.makeDiscrete([{x: 1, y: 0.6666667}, {x: 3, y: 0.3333333}])
    """
    draws = checked_values(values)
    finite = np.sort(draws[np.isfinite(draws)])
    faults = _faults(name, points, finite.size)
    if faults:
        raise StudyError(faults)
    places, counts = np.unique(finite, return_counts=True)
    atoms = counts >= max(_ATOM * finite.size, 2)
    if places.size <= 1 / _ATOM and counts.min() >= _ATOM * finite.size:
        atoms[:] = True
    rest = np.repeat(places[~atoms], counts[~atoms])
    discrete = _points("makeDiscrete", places[atoms], counts[atoms] / max(counts[atoms].sum(), 1))
    share = float(rest.size / finite.size)
    if rest.size and rest[0] == rest[-1]:  # one value alone has no density
        share, discrete = 0.0, _points("makeDiscrete", places, counts / finite.size)
    if share == 0.0:
        written = discrete
    else:
        written = _points("makeContinuous", *_density(rest, points))
        if share < 1.0:
            written = f"mx({written}, {discrete}, [{share:.7g}, {1 - share:.7g}])"
    return _with_never(written, name, float(np.isinf(draws).mean()))


def _faults(name: str, points: int, finite: int) -> list[Fault]:
    faults = []
    if not (name.isidentifier() and name.isascii() and name[0].islower()):
        faults.append(Fault(path="name", found=repr(name), expected="a name that begins with a small letter"))
    if points < 4:
        faults.append(Fault(path="points", found=str(points), expected="a whole number of at least 4"))
    if not finite:
        faults.append(Fault(path="values", found="no finite draw", expected="at least one"))
    return faults


def _density(draws: FloatArray, points: int) -> tuple[FloatArray, FloatArray]:
    """Corners of a density whose area is 1: flat where an equal share of draws lies, with short slopes."""
    ends = np.unique(np.quantile(draws, np.linspace(0.0, 1.0, max(points // 2, 2))))
    shares = np.diff(np.searchsorted(draws, ends, side="right") / draws.size)
    shares[0] += 1.0 - shares.sum()
    widths = np.diff(ends)
    # A slope across an end that is as long on both sides has the area of the step in its place.
    half = _SLOPE * np.minimum(widths[1:], widths[:-1])
    x = np.empty(2 * widths.size)
    x[[0, -1]] = ends[[0, -1]]
    x[1:-1:2], x[2:-1:2] = ends[1:-1] - half, ends[1:-1] + half
    places, first = np.unique(x, return_index=True)
    return places, np.repeat(shares / widths, 2)[first]


def _points(kind: str, x: Sequence[float] | FloatArray, y: Sequence[float] | FloatArray) -> str:
    pairs = ", ".join(f"{{x: {place:.15g}, y: {height:.7g}}}" for place, height in zip(x, y, strict=True))
    return f"PointSet.{kind}([{pairs}])"


def _with_never(written: str, name: str, never: float) -> str:
    if never == 0.0:
        return f"{name} = {written}"
    comment = f"// {share_text(never)} of the draws never come; {name} holds where the others do."
    return f"{comment}\n{name}_never = {never:.7g}\n{name} = {written}"
