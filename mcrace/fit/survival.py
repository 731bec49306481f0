"""Laws of times of which some have not ended yet: Kaplan and Meier's curve, and families fitted to it."""

import math
import warnings
from typing import Any

import numpy as np

from mcrace.fit.families import FAMILIES
from mcrace.fit.posterior import (
    Cases,
    Posterior,
    best_theta,
    fit_posterior,
    predictive_quantiles,
    predictive_share,
    weighted_quantiles,
)
from mcrace.fit.proposal import LEVELS, Evidence, FamilyScore, Interval
from mcrace.fit.spells import Spells
from mcrace.laws import FloatArray

__all__ = [
    "LEAST_CAME",
    "evidence_of",
    "fit_spells",
    "group_count",
    "intervals_of",
    "scores_of",
    "spell_cases",
]

LEAST_CAME = 3
"""Fewest different times that must have ended before a law is fitted."""

_FAMILIES = ("lognormal", "weibull")
_GRID = 160
_MOST_STEPS = 300


def group_count(spells: Spells) -> int:
    """Count what ended them: spells that one model ended are one group, and so are those that wait.

    Examples
    --------
    >>> nothing = np.full(3, np.nan)
    >>> group_count(Spells(durations=np.array([5.0, 3.0, 9.0]), waiting=np.array([False, False, True]),
    ...                    causes=np.array([4, 4, -1]), already=0, overshoot=nothing))
    2
    """
    return int(np.unique(spells.causes).size)


def spell_cases(spells: Spells) -> Cases:
    """Weigh spells so that they count together for as many as there are groups.

    Records that wait for the same open model are answered at once. Each case has the weight groups / cases in
    the likelihood, which so keeps its peak and is as flat as that of so many independent ones.

    Parameters
    ----------
    spells : Spells
        At least one.

    Returns
    -------
    Cases

    References
    ----------
    F. Pauli, W. Racugno and L. Ventura, "Bayesian composite marginal likelihoods", Statistica Sinica 21
    (2011) 149-164: a likelihood of dependent cases raised to a power below 1.
    """
    size = spells.durations.size
    return Cases(
        values=spells.durations,
        waiting=spells.waiting,
        weights=np.full(size, group_count(spells) / size),
    )


def fit_spells(cases: Cases) -> tuple[tuple[float, Posterior], ...]:
    """Fit lognormal and Weibull laws, and weigh them by how well they explain the cases.

    Parameters
    ----------
    cases : Cases
        At least `LEAST_CAME` different values that came.

    Returns
    -------
    tuple of (float, Posterior)
        Each family's share: its likelihood averaged over the same flat prior of ln(median) and ln(scale).

    Examples
    --------
    >>> days = np.array([105.0, 120.0, 226.0, 300.0, 497.0])
    >>> cases = Cases(values=days, waiting=np.arange(5) > 3, weights=np.ones(5))
    >>> [fit.family.name for _, fit in fit_spells(cases)]
    ['lognormal', 'weibull']
    """
    fits = [fit_posterior(FAMILIES[name], cases) for name in _FAMILIES]
    best = max(fit.log_evidence for fit in fits)
    shares = np.exp([fit.log_evidence - best for fit in fits])
    return tuple((float(share), fit) for share, fit in zip(shares / shares.sum(), fits, strict=True))


def intervals_of(fits: tuple[tuple[float, Posterior], ...]) -> tuple[Interval, ...]:
    """Give 90 % intervals of the fitted law's own numbers.

    Parameters
    ----------
    fits : tuple of (float, Posterior)
        Each family's share and fit.

    Returns
    -------
    tuple of Interval
        ``median``, ``mean``, ``5 %`` and ``95 %``.
    """
    numbers = {"median": 0.5, "mean": None, "5 %": 0.05, "95 %": 0.95}
    weights = np.concatenate([share * fit.weights for share, fit in fits])
    found = []
    for name, level in numbers.items():
        parts = [
            fit.family.mean(fit.draws)
            if level is None
            else fit.family.quantile(np.array([level]), fit.draws)[..., 0]
            for _, fit in fits
        ]
        low, middle, high = weighted_quantiles(np.concatenate(parts), weights, np.array([0.05, 0.5, 0.95]))
        found.append(Interval(name=name, low=float(low), middle=float(middle), high=float(high)))
    return tuple(found)


def scores_of(spells: Spells, fits: tuple[tuple[float, Posterior], ...]) -> tuple[FamilyScore, ...]:
    """Score families on groups left out one by one: -ln of the density, or of the chance to wait so long.

    Parameters
    ----------
    spells : Spells
        As they were fitted.
    fits : tuple of (float, Posterior)
        Fits to all of them, from which each search starts.

    Returns
    -------
    tuple of FamilyScore
        The best first.
    """
    groups = np.unique(spells.causes)
    cases = spell_cases(spells)
    scores = {fit.family.name: np.full(groups.size, np.nan) for _, fit in fits}
    for place, group in enumerate(groups):
        out = spells.causes == group
        kept = Cases(values=cases.values[~out], waiting=cases.waiting[~out], weights=cases.weights[~out])
        if np.unique(kept.values[~kept.waiting]).size < 2:
            continue
        for _, fit in fits:
            theta = best_theta(fit.family, kept, fit.theta)
            function = fit.family.log_sf if spells.waiting[out][0] else fit.family.log_density
            scores[fit.family.name][place] = -float(np.mean(function(spells.durations[out], theta)))
    means = {name: float(np.nanmean(values)) if np.isfinite(values).any() else math.nan
             for name, values in scores.items()}  # fmt: skip
    best = min(means, key=lambda name: means[name])
    ranked = []
    for share, fit in fits:
        name = fit.family.name
        apart = (scores[name] - scores[best])[np.isfinite(scores[best])]
        error = float(apart.std(ddof=1) / math.sqrt(apart.size)) if apart.size > 1 else math.nan
        ranked.append(
            FamilyScore(
                name=name,
                parameters=fit.family.parameters,
                log_score=means[name],
                crps=math.nan,
                difference=means[name] - means[best],
                error=error,
                share=share,
            )
        )
    return tuple(sorted(ranked, key=lambda score: score.log_score))


def evidence_of(
    cases: Cases, fits: tuple[tuple[float, Posterior], ...], grid: FloatArray | None = None
) -> Evidence:
    """Trace Kaplan and Meier's curve, and the fitted ones, for a picture.

    Parameters
    ----------
    cases : Cases
        Data; their weights widen the curve's band as if there were fewer of them.
    fits : tuple of (float, Posterior)
        Fits to them.
    grid : ndarray, shape (point,), optional
        Places of the fitted curves; from 0 on if absent.

    Returns
    -------
    Evidence

    References
    ----------
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958)
    457-481; the band is Greenwood's on the scale ln(-ln S).
    """
    from scipy.stats import CensoredData, ecdf

    censored = CensoredData.right_censored(cases.values, cases.waiting)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        curve = ecdf(censored).sf
        band: Any = curve.confidence_interval(0.9, method="log-log")  # its stubs are wrong
        survival = np.asarray(curve.probabilities, dtype=np.float64)
        centre = np.log(-np.log(survival))
        upper = np.log(-np.log(np.asarray(band.low.probabilities, dtype=np.float64)))
        reach = (upper - centre) / math.sqrt(float(cases.weights.mean()))
        lows = 1 - np.exp(-np.exp(centre - reach))
        highs = 1 - np.exp(-np.exp(centre + reach))
    if grid is None:
        far = max(float(cases.values.max()), float(predictive_quantiles(fits, np.array([LEVELS[-1]]))[0]))
        grid = np.linspace(0.0, 1.1 * far, _GRID + 1)[1:]
    plain = tuple(
        (fit.family.name, -np.expm1(fit.family.log_sf(grid, fit.theta))) for share, fit in fits if share > 0
    )
    some = np.unique(np.linspace(0, survival.size - 1, _MOST_STEPS).astype(np.int64))
    return Evidence(
        places=np.asarray(curve.quantiles, dtype=np.float64)[some],
        shares=1 - survival[some],
        lows=lows[some],
        highs=highs[some],
        grid=grid,
        proposed=predictive_share(fits, grid),
        plain=plain,
        values=cases.values,
        waiting=cases.waiting,
    )
