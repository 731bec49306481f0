"""What a fit proposes: a law for a study, what it rests on, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mcrace.laws import FloatArray, build_law

__all__ = [
    "LEVELS",
    "Evidence",
    "FamilyScore",
    "Interval",
    "Proposal",
    "law_through",
    "plain_law",
    "significant",
]

LEVELS: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the quantiles that stand for a law."""

_NEAR = 0.02
"""Share of the distance between 5 % and 95 % by which quantiles may move before it is worth a wider law."""

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What is known of one number of a fitted law.

    Attributes
    ----------
    name : str
        Such as ``median``.
    low, middle, high : float
        Ends of the 90 % interval, and the middle of what is believed, in the unit of the proposal.
    """

    name: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyScore:
    """How well a family foresees values that it was not fitted to.

    Attributes
    ----------
    name : str
        Of the family.
    parameters : int
        How many it has.
    log_score, crps : float
        Mean over the cases left out; smaller is better. `crps` is NaN where some still wait.
    difference, error : float
        Of the log score from the best family's, and the standard error of that difference.
    share : float
        Its weight in the proposed law.
    """

    name: str
    parameters: int
    log_score: float
    crps: float
    difference: float
    error: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The data as a curve, and the fit beside it.

    Attributes
    ----------
    places, shares, lows, highs : ndarray, shape (step,)
        Share of cases that have come by each place, with its 90 % band; NaN where there is none.
    grid : ndarray, shape (point,)
        Places of the curves below.
    proposed : ndarray, shape (point,)
        Share by the proposed law.
    plain : tuple of (str, ndarray)
        Share by each family's most likely law.
    values : ndarray, shape (case,)
    waiting : ndarray of bool, shape (case,)
        The cases themselves: those that wait are larger than their value.
    """

    places: FloatArray
    shares: FloatArray
    lows: FloatArray
    highs: FloatArray
    grid: FloatArray
    proposed: FloatArray
    plain: tuple[tuple[str, FloatArray], ...]
    values: FloatArray
    waiting: "np.ndarray[tuple[int], np.dtype[np.bool_]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A law proposed for an input of a study.

    Attributes
    ----------
    name, label, unit : str
        Of the input.
    law : mapping
        As in a study: one name with its parameters; ``bounds`` beside it where needed.
    widened : str
        How the error of the fit is carried.
    plain : mapping or None
        The most likely law by itself, without that error; None where there is none.
    count, waiting, groups : int
        Cases, those of them that had not come, and groups that count as independent.
    quantiles : ndarray, shape (level,)
        Of the law that carries the error, at `LEVELS`.
    intervals : tuple of Interval
        Of the fitted law's median, mean, and 5 % and 95 % quantiles.
    families : tuple of FamilyScore
        Those compared, the best first.
    notes : tuple of str
        What to know before use.
    evidence : Evidence or None
        For the picture.
    source : str
        File, sample, date and hash.
    """

    name: str
    label: str
    unit: str
    law: Mapping[str, object]
    widened: str
    plain: Mapping[str, object] | None
    count: int
    waiting: int
    groups: int
    quantiles: FloatArray
    intervals: tuple[Interval, ...] = ()
    families: tuple[FamilyScore, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: Evidence | None = field(default=None, repr=False)
    source: str = ""


def significant(value: float, digits: int = _DIGITS) -> float:
    """Round to significant digits.

    Examples
    --------
    >>> significant(226.349), significant(0.00123456)
    (226.3, 0.001235)
    """
    return float(f"{value:.{digits - 1}e}")


def plain_law(name: str, spec: Mapping[str, float]) -> dict[str, object]:
    """Write a family's most likely law as a study has it, four digits each.

    Examples
    --------
    >>> plain_law("lognormal", {"median": 158.1139, "sigma": 0.69999})
    {'lognormal': {'median': 158.1, 'sigma': 0.7}}
    """
    return {name: {key: significant(value) for key, value in spec.items()}}


def law_through(
    quantiles: FloatArray, plain: Mapping[str, object] | None, bounds: tuple[float, float] | None = None
) -> tuple[dict[str, object], str]:
    """Choose how a law that carries the error of the fit is written.

    Parameters
    ----------
    quantiles : ndarray, shape (level,)
        Of that law, at `LEVELS`.
    plain : mapping or None
        The most likely law, which is taken where the error is too small to matter.
    bounds : (float, float), optional
        Ends that a law through quantiles must be held to.

    Returns
    -------
    law : dict
        As in a study.
    widened : str
        What was done, in words.

    Examples
    --------
    >>> law_through(np.array([1.0, 2.0, 3.0, 4.0, 6.0]), None)[0]
    {'quantiles': {0.05: 1.0, 0.25: 2.0, 0.5: 3.0, 0.75: 4.0, 0.95: 6.0}}
    """
    width = float(quantiles[-1] - quantiles[0])
    if plain is not None:
        (name, spec), *_ = plain.items()
        own = build_law(name, spec).ppf(np.array(LEVELS))
        if float(np.abs(own - quantiles).max()) <= _NEAR * width:
            return dict(plain), "the most likely law itself: the error of the fit moves its quantiles little"
    digits = next(
        count
        for count in range(_DIGITS, 18)
        if np.diff([significant(float(value), count) for value in quantiles]).min() > 0 or count == 17
    )
    points = {
        level: significant(float(value), digits) for level, value in zip(LEVELS, quantiles, strict=True)
    }
    law: dict[str, object] = {"quantiles": points}
    if bounds is not None:
        law["bounds"] = list(bounds)
    return law, "widened quantiles: those of the fitted law averaged over what the data leave open about it"
