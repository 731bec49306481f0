"""A law for a column of numbers: families compared on values that they were not fitted to."""

import math
from dataclasses import dataclass, replace

import numpy as np

from mcrace.fit.counts import count_proposal, is_count
from mcrace.fit.families import FAMILIES, FittedFamily
from mcrace.fit.posterior import Cases, Posterior, best_theta, fit_posterior, predictive_quantiles
from mcrace.fit.proposal import LEVELS, Evidence, FamilyScore, Proposal, law_through, plain_law
from mcrace.fit.survival import evidence_of, intervals_of
from mcrace.fit.table import Table, numbers_of
from mcrace.laws import FloatArray
from mcrace.laws.faults import refusal

__all__ = ["FEW", "Sample", "column_proposal", "compared_families", "sample_of"]

FEW = 8
"""Values below which no families are compared."""

MOST_FITTED = 20_000
"""Values of which a longer column is represented by a draw."""

_FEW = (
    "{count} values are too few to compare families: wide quantiles only, those of a {family} law averaged "
    "over what so few leave open."
)
_LEAST = 3
_FOLDS = 10
_SEED = 20261122
_CRPS_LEVELS: FloatArray = (np.arange(99) + 0.5) / 99
_LEAST_SHARE = 1e-300
_ALL = 0.999
_GRID = 160
_LOG_SPAN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Numbers of a column.

    Attributes
    ----------
    values, weights : ndarray, shape (value,)
        Values and their weights, whose sum is the number of equally weighted values worth as much.
    missing : int
        Rows without a value.
    total : int
        Values in the column; more than `values` holds if the column was too long to be fitted whole.
    """

    values: FloatArray
    weights: FloatArray
    missing: int
    total: int


def sample_of(table: Table, column: str, weights: str | None = None) -> Sample:
    """Take the numbers of a column.

    Parameters
    ----------
    table : Table
        A file's cells.
    column : str
        Name of the column.
    weights : str, optional
        Name of a column of weights, none below 0.

    Returns
    -------
    Sample

    Raises
    ------
    StudyError
        A cell holds no number, a weight is below 0 or missing, or there are fewer than three values or no two
        different ones.

    References
    ----------
    L. Kish, Survey Sampling (1965), section 11.7: what weighted values are worth.
    """
    values = numbers_of(table, column, "--column")
    present = ~np.isnan(values)
    worth = np.ones(values.size) if weights is None else numbers_of(table, weights, "--weights")
    wrong = np.flatnonzero(present & ~(worth >= 0))
    if weights is not None and wrong.size:
        row = int(wrong[0])
        found = "nothing" if np.isnan(worth[row]) else f"{worth[row]:g}"
        raise refusal("--weights", f"{found} in {table.place(row, weights)}", "a number of at least 0")
    kept = present & (worth > 0)
    used, worth = values[kept], worth[kept]
    if used.size < _LEAST:
        found = f"{used.size} value{'' if used.size == 1 else 's'} in the column {column}"
        raise refusal("--column", found, f"at least {_LEAST}")
    if used.min() == used.max():
        found = f"{used.size} values that are all {used[0]:g}"
        raise refusal("--column", found, "values that differ: a plain number needs no law")
    total = used.size
    if total > MOST_FITTED:
        some = np.sort(np.random.default_rng(_SEED).permutation(total)[:MOST_FITTED])
        used, worth = used[some], worth[some]
    worth = worth * (float(worth.sum()) / float((worth**2).sum()))
    return Sample(values=used, weights=worth, missing=int((~present).sum()), total=total)


def column_proposal(sample: Sample, *, name: str, label: str, unit: str) -> Proposal:
    """Propose a law for a column.

    Families are scored by -ln of the density (of whole numbers: of the probability) of values that they were
    not fitted to. Of those within one standard error of the best the one with the fewest parameters is taken.

    Parameters
    ----------
    sample : Sample
        The numbers.
    name, label, unit : str
        Of the input; an empty label is the name.

    Returns
    -------
    Proposal
        Without a source.

    References
    ----------
    L. Breiman, J. Friedman, R. Olshen and C. Stone, Classification and Regression Trees (1984), section
    3.4.3: the simplest within one standard error.

    Examples
    --------
    >>> values = np.exp(5 + 0.7 * np.random.default_rng(1).normal(size=60))
    >>> sample = Sample(values=values, weights=np.ones(60), missing=0, total=60)
    >>> column_proposal(sample, name="day", label="", unit="days").families[0].share
    1.0
    """
    if is_count(sample.values):
        return count_proposal(sample.values, sample.weights, name=name, label=label or name, unit=unit,
                              notes=_notes(sample))  # fmt: skip
    few = sample.values.size < FEW
    scores = () if few else compared_families(sample)
    chosen = _without_comparison(sample) if few else FAMILIES[scores[0].name]
    cases = _cases(sample)
    fits = ((1.0, fit_posterior(chosen, cases)),)
    quantiles = predictive_quantiles(fits, np.array(LEVELS))
    plain = plain_law(chosen.name, chosen.spec(fits[0][1].theta))
    bounds = (0.0, 1.0) if chosen.high == 1.0 else None
    law, widened = law_through(quantiles, None if few else plain, bounds)
    notes = _notes(sample)
    if few:
        notes = (_FEW.format(count=sample.values.size, family=chosen.name), *notes)
    return Proposal(
        name=name,
        label=label or name,
        unit=unit,
        law=law,
        widened=widened,
        plain=None if few else plain,
        count=sample.total,
        waiting=0,
        groups=_worth(sample),
        quantiles=quantiles,
        intervals=intervals_of(fits),
        families=scores,
        notes=notes,
        evidence=_evidence(cases, fits),
    )


def compared_families(sample: Sample) -> tuple[FamilyScore, ...]:
    """Score all families that suit the values, out of sample.

    Parameters
    ----------
    sample : Sample
        The numbers.

    Returns
    -------
    tuple of FamilyScore
        The one to take first, the others by their score.
    """
    suiting = [family for family in FAMILIES.values() if family.suits(sample.values)]
    folds = np.random.default_rng(_SEED).permutation(sample.values.size) % _FOLDS
    scored = {family.name: _held_out(family, sample, folds) for family in suiting}
    weights = sample.weights / sample.weights.sum()
    means = {name: float(weights @ scores[0]) for name, scores in scored.items()}
    best = min(means, key=lambda name: means[name])
    found = []
    for family in suiting:
        log_scores, crps = scored[family.name]
        apart = means[family.name] - means[best]
        error = math.inf
        if math.isfinite(apart):
            error = math.sqrt(float(weights**2 @ (log_scores - scored[best][0] - apart) ** 2))
        found.append(
            FamilyScore(
                name=family.name,
                parameters=family.parameters,
                log_score=means[family.name],
                crps=float(weights @ crps),
                difference=apart,
                error=error,
                share=0.0,
            )
        )
    found.sort(key=lambda score: score.log_score)
    near = [score for score in found if score.difference <= score.error and math.isfinite(score.log_score)]
    taken = min(near, key=lambda score: score.parameters).name
    order = sorted(found, key=lambda score: score.name != taken)
    return tuple(replace(score, share=float(score.name == taken)) for score in order)


def _cases(sample: Sample) -> Cases:
    waiting = np.zeros(sample.values.size, dtype=np.bool_)
    return Cases(values=sample.values, waiting=waiting, weights=sample.weights)


def _held_out(
    family: FittedFamily, sample: Sample, folds: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> tuple[FloatArray, FloatArray]:
    """Score each value by the fit to the other folds: -ln of its probability, and CRPS."""
    log_scores, crps = np.full(sample.values.size, np.inf), np.full(sample.values.size, np.nan)
    start = best_theta(family, _cases(sample))
    whole = bool((sample.values == np.round(sample.values)).all())
    for fold in range(_FOLDS):
        out = folds == fold
        rest = Sample(values=sample.values[~out], weights=sample.weights[~out], missing=0, total=0)
        if not out.any() or rest.values.min() == rest.values.max():
            continue
        theta = best_theta(family, _cases(rest), start)
        values = sample.values[out]
        with np.errstate(all="ignore"):
            if whole:
                below = np.maximum(values - 0.5, family.low) if family.low > -math.inf else values - 0.5
                above = np.exp(family.log_sf(np.maximum(below, 1e-12) if family.low == 0 else below, theta))
                mass = above - np.exp(family.log_sf(values + 0.5, theta))
                log_scores[out] = -np.log(np.maximum(mass, _LEAST_SHARE))
            else:
                log_scores[out] = -family.log_density(values, theta)
        quantiles = family.quantile(_CRPS_LEVELS, theta)
        miss = values[:, None] - quantiles
        crps[out] = 2 * np.mean(np.maximum(_CRPS_LEVELS * miss, (_CRPS_LEVELS - 1) * miss), axis=1)
    return np.where(np.isnan(log_scores), np.inf, log_scores), crps


def _without_comparison(sample: Sample) -> FittedFamily:
    return FAMILIES["lognormal" if sample.values.min() > 0 else "normal"]


def _evidence(cases: Cases, fits: tuple[tuple[float, Posterior], ...]) -> Evidence:
    family = fits[0][1].family
    ends = predictive_quantiles(fits, np.array([0.01, 0.99]))
    low, high = min(float(cases.values.min()), ends[0]), max(float(cases.values.max()), ends[1])
    if low > 0 and high / low > _LOG_SPAN:
        grid = np.geomspace(low, high, _GRID)
    else:
        grid = np.linspace(low, high, _GRID)
    inside = (grid > family.low) & (grid < family.high)
    return evidence_of(cases, fits, grid[inside])


def _worth(sample: Sample) -> int:
    share = float(sample.weights.sum()) / sample.values.size
    return sample.total if share > _ALL else max(round(share * sample.total), 1)


def _notes(sample: Sample) -> tuple[str, ...]:
    notes = []
    if sample.missing:
        notes.append(f"{sample.missing:,} rows without a value were left out.")
    if sample.total > sample.values.size:
        notes.append(f"A draw of {sample.values.size:,} of the {sample.total:,} values was fitted.")
    worth = float(sample.weights.sum())
    if worth <= _ALL * sample.values.size:
        notes.append(f"The weights make them worth {worth:,.0f} equally weighted values.")
    return tuple(notes)
