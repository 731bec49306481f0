"""A law for counts: Poisson, or the shares of what was seen."""

import math

import numpy as np

from mcrace.fit.proposal import LEVELS, Evidence, FamilyScore, Proposal, plain_law, significant
from mcrace.laws import FloatArray

__all__ = ["count_proposal", "is_count"]

_MOST_COUNT = 30
_NEAR = 0.02


def is_count(values: FloatArray) -> bool:
    """Tell whether numbers are small whole ones, none below 0.

    Examples
    --------
    >>> is_count(np.array([0.0, 3.0, 1.0])), is_count(np.array([105.0, 226.0])), is_count(np.array([0.5]))
    (True, False, False)
    """
    return bool((values == np.round(values)).all() and values.min() >= 0 and values.max() <= _MOST_COUNT)


def count_proposal(
    values: FloatArray, weights: FloatArray, *, name: str, label: str, unit: str, notes: tuple[str, ...]
) -> Proposal:
    """Propose a law for counts.

    The Poisson law is taken where leaving out one value after the other shows it no more than one standard
    error worse than the shares of what was seen (each count with half a case more). Its mean is uncertain by
    a gamma law; where that matters, the proposal is the mixture over it, a negative binomial law.

    Parameters
    ----------
    values, weights : ndarray, shape (value,)
        Whole numbers, and what they are worth.
    name, label, unit : str
        Of the input.
    notes : tuple of str
        Told beforehand.

    Returns
    -------
    Proposal

    Examples
    --------
    >>> found = count_proposal(np.array([0.0, 2.0, 1.0, 1.0] * 3), np.ones(12), name="n", label="n", unit="",
    ...                        notes=())
    >>> found.plain
    {'poisson': {'mean': 1.0}}
    """
    worth, total = float(weights.sum()), float(weights @ values)
    top = int(values.max()) + 1
    counted = np.bincount(values.astype(np.int64), weights=weights, minlength=top)
    seen = np.asarray(counted + 0.5, dtype=np.float64)
    scores = _scores(values, weights, seen)
    taken = scores[0].name
    shares, mean = seen / seen.sum(), total / worth
    low, high = _mean_interval(total, worth)
    plain: dict[str, object] = plain_law("poisson", {"mean": mean})
    law: dict[str, object] = plain
    widened = "the most likely law itself: the error of the fit moves its spread little"
    if taken == "discrete":
        plain = law = _discrete(shares)
        widened = "half a case was added to each count up to the largest: what was not seen may come"
    elif (high - low) > _NEAR * math.sqrt(mean):
        shares = _mixed_poisson(total + 0.5, worth)
        law, widened = _discrete(shares), "Poisson laws averaged over the means that the data leave open"
    else:
        shares = _mixed_poisson(1e9 * mean, 1e9)
    few = ("Few values: families can hardly be told apart.",) if values.size < 8 else ()
    reached = np.cumsum(shares)
    return Proposal(
        name=name,
        label=label,
        unit=unit,
        law=law,
        widened=widened,
        plain=plain,
        count=values.size,
        waiting=0,
        groups=values.size,
        quantiles=np.array([float(np.searchsorted(reached, level)) for level in LEVELS]),
        families=scores,
        notes=(*notes, *few),
        evidence=_evidence(values, weights, shares),
    )


def _discrete(shares: FloatArray) -> dict[str, object]:
    weights = [significant(float(share)) for share in shares]
    return {"discrete": {"values": list(range(shares.size)), "weights": weights}}


def _mean_interval(total: float, worth: float) -> tuple[float, float]:
    from scipy.special import gammaincinv

    low, high = gammaincinv(total + 0.5, [0.05, 0.95]) / worth
    return float(low), float(high)


def _mixed_poisson(shape: float, rate: float) -> FloatArray:
    """Shares of counts, Poisson with a gamma mean, up to where a millionth is left."""
    from scipy.stats import nbinom

    odds = rate / (1 + rate)
    counts = np.arange(int(nbinom.isf(1e-6, shape, odds)) + 1)
    shares = nbinom.pmf(counts, shape, odds)
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _scores(values: FloatArray, weights: FloatArray, seen: FloatArray) -> tuple[FamilyScore, ...]:
    """Score each value by what the others say of it."""
    from scipy.special import gammaln, xlogy

    places = values.astype(np.int64)
    rest = np.maximum((float(weights @ values) - weights * values + 0.5) / (weights.sum() - weights), 1e-9)
    poisson = rest - xlogy(values, rest) + gammaln(values + 1)
    shares = -np.log(np.maximum(seen[places] - weights, 1e-9) / (seen.sum() - weights))
    portion = weights / weights.sum()
    found = {"poisson": poisson, "discrete": shares}
    means = {name: float(portion @ score) for name, score in found.items()}
    best = min(means, key=lambda name: means[name])
    scores = []
    for name, score in found.items():
        apart = means[name] - means[best]
        error = math.sqrt(float(portion**2 @ (score - found[best] - apart) ** 2))
        parameters = 1 if name == "poisson" else seen.size - 1
        scores.append(FamilyScore(name=name, parameters=parameters, log_score=means[name], crps=math.nan,
                                  difference=apart, error=error, share=0.0))  # fmt: skip
    first = "poisson" if scores[0].difference <= scores[0].error else "discrete"
    return tuple(
        FamilyScore(name=item.name, parameters=item.parameters, log_score=item.log_score, crps=item.crps,
                    difference=item.difference, error=item.error, share=float(item.name == first))
        for item in sorted(scores, key=lambda item: item.name != first)
    )  # fmt: skip


def _evidence(values: FloatArray, weights: FloatArray, shares: FloatArray) -> Evidence:
    counts = np.arange(shares.size, dtype=np.float64)
    portion = np.bincount(values.astype(np.int64), weights=weights / weights.sum(), minlength=shares.size)
    nothing = np.full(portion.size, np.nan)
    return Evidence(
        places=np.arange(portion.size, dtype=np.float64),
        shares=np.cumsum(portion),
        lows=nothing,
        highs=nothing,
        grid=counts,
        proposed=np.cumsum(shares),
        plain=(),
        values=values,
        waiting=np.zeros(values.size, dtype=np.bool_),
    )
