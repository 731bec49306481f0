"""Which mechanism carries the effect of open releases: its parts, as steps from nothing to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, jackknifed, over_replicates

__all__ = ["EFFECT_SIGNS", "Decomposition", "decomposition", "effect_signs"]

FloatArray = NDArray[np.float64]

_COST: Final = "open_effect_training_cost"

EFFECT_SIGNS: Final = MappingProxyType(
    {
        "open_effect_revenue_gain": 1.0,
        _COST: -1.0,
        "open_effect_survival_gain": 1.0,
        "open_effect_prestige_gain": 1.0,
        "open_effect_caution_cost": -1.0,
        "open_effect_strategic_gain": 1.0,
    }
)
"""Sign with which each part enters ``open_effect``; costs lower it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decomposition:
    """The parts of a mean, the largest first.

    Attributes
    ----------
    names : tuple of str
        Of the parts.
    step : Estimates
        Mean of each part, USD, with the sign with which it enters the whole; of shape (part,).
    start, end : ndarray, shape (part,)
        Where each part's step starts and ends when they are put one after the other, from 0 on, USD.
    share : Estimates
        Of each part in the whole: parts against each other have shares below 0 and above 1. NaN where the
        whole is 0.
    weight : Estimates
        Size of each part's mean over the sum of these sizes, between 0 and 1; NaN where all are 0.
    total : Estimates
        Mean of the whole, the sum of the parts, USD.
    """

    names: tuple[str, ...]
    step: Estimates
    start: FloatArray
    end: FloatArray
    share: Estimates
    weight: Estimates
    total: Estimates


def effect_signs(names: Sequence[str], *, counts_training_cost: bool) -> FloatArray:
    """Give the sign with which each part enters ``open_effect``.

    Parameters
    ----------
    names : sequence of str
        Outputs, keys of `EFFECT_SIGNS`.
    counts_training_cost : bool
        Whether the lab counts what training costs; if not, that part does not enter.

    Returns
    -------
    ndarray, shape (part,)
        1, -1 or 0.

    Examples
    --------
    >>> names = ("open_effect_revenue_gain", "open_effect_training_cost")
    >>> effect_signs(names, counts_training_cost=False).tolist()
    [1.0, 0.0]
    """
    enters = [counts_training_cost or name != _COST for name in names]
    return np.array([EFFECT_SIGNS[name] if enter else 0.0 for name, enter in zip(names, enters, strict=True)])


def decomposition(means: FloatArray, names: Sequence[str], signs: FloatArray | None = None) -> Decomposition:
    """Put the parts of a mean in order, as the steps of a waterfall.

    Parameters
    ----------
    means : ndarray, shape (part, replicate)
        Mean of each part in each replicate, USD.
    names : sequence of str
        Of the parts.
    signs : ndarray, shape (part,), optional
        With which each enters the whole; by default 1. A part with sign 0 is left out.

    Returns
    -------
    Decomposition
        Steps add up to the whole; parts of one size stand in the order given.

    Raises
    ------
    ValueError
        If there are not as many names or signs as parts.

    Examples
    --------
    >>> found = decomposition(np.array([[1.0, 3.0], [-5.0, -7.0]]), ("gain", "loss"))
    >>> found.names, found.start.tolist(), found.end.tolist()
    (('loss', 'gain'), [0.0, -6.0], [-6.0, -4.0])
    >>> found.share.value.tolist(), float(found.total.standard_error)
    ([1.5, -0.5], 0.0)
    """
    factors = np.ones(len(names)) if signs is None else np.asarray(signs, dtype=np.float64)
    if means.ndim != 2 or len(means) != len(names) or factors.shape != (len(names),):
        raise ValueError(
            f"means {means.shape}, {len(names)} names, signs {factors.shape}; expected one a part"
        )
    enters = np.flatnonzero(factors)
    # A part that is nowhere would be -0 with a minus sign.
    parts = factors[enters, None] * means[enters] + 0.0
    order = np.argsort(-np.abs(parts.mean(axis=1)), kind="stable")
    parts = parts[order]
    step = over_replicates(parts.T)
    end = np.cumsum(step.value)
    return Decomposition(
        names=tuple(names[place] for place in enters[order]),
        step=step,
        start=np.append(0.0, end)[: len(end)],
        end=end,
        share=_shares(parts, sizes=False),
        weight=_shares(parts, sizes=True),
        total=over_replicates(parts.sum(axis=0)),
    )


def _shares(parts: FloatArray, *, sizes: bool) -> Estimates:
    """Give each part's share of the sum of means, or of their sizes."""
    sums, replicates = parts.sum(axis=1), parts.shape[1]
    rest = (sums[:, None] - parts).T if replicates > 1 else np.empty((0, len(sums)))
    pooled, without = (np.abs(sums), np.abs(rest)) if sizes else (sums, rest)
    return jackknifed(
        _divided(without, without.sum(axis=1, keepdims=True)) if replicates > 1 else without,
        _divided(pooled, pooled.sum(keepdims=True)),
    )


def _divided(over: FloatArray, under: FloatArray) -> FloatArray:
    ratio = np.full(over.shape, np.nan)
    np.divide(over, under, out=ratio, where=np.broadcast_to(under != 0, over.shape))
    return ratio
