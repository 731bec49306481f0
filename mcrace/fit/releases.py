"""Laws from a table of releases: days between open records, lags, days of passing, steps and growth."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.fit.posterior import predictive_quantiles
from mcrace.fit.proposal import LEVELS, Interval, Proposal, law_through, plain_law, significant
from mcrace.fit.release_table import ReleaseTable, is_of
from mcrace.fit.spells import Records, Spells, joined, open_gaps, records_of, since_day, spells_until_open
from mcrace.fit.survival import (
    LEAST_CAME,
    evidence_of,
    fit_spells,
    group_count,
    intervals_of,
    scores_of,
    spell_cases,
)
from mcrace.laws import FloatArray

__all__ = ["growth_of", "release_proposals", "spell_proposal"]

DAYS_A_YEAR = 365.25

_DEPENDENT = (
    "Cases that one open model ended hang together, and so do those that still wait: {count} count as "
    "{groups}. Neighbouring groups count as independent; where the lag drifts over the years, the true "
    "uncertainty is larger."
)


def release_proposals(
    table: ReleaseTable, labs: Sequence[str] = (), since: float | None = None
) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """Propose laws for what a table of releases tells.

    Parameters
    ----------
    table : ReleaseTable
        Releases.
    labs : sequence of str
        Whose own records open models are to pass.
    since : float, optional
        Day from which records are counted; earlier releases still set the levels to beat.

    Returns
    -------
    proposals : tuple of Proposal
        Without their source.
    notes : tuple of str
        What could not be fitted, and why.

    Raises
    ------
    StudyError
        A lab is not in the table, or nothing at all can be fitted.
    """
    _check_labs(table, labs)
    gaps, lags, own = _spells(table, labs, since)
    found: list[Proposal | str] = [
        spell_proposal(gaps, name="open_interval", label="Days from one open record to the next"),
        spell_proposal(lags, name="open_lag", label="Days until an open model reaches a closed record"),
    ]
    steps = _differences(gaps)
    what = ", in points" if table.per_tenfold is None else " - 1"
    for lab, spells in own:
        name = f"passing_{slug(lab)}"
        found.append(
            spell_proposal(spells, name=name, label=f"Days until an open model passes {lab}'s own record")
        )
    found.append(
        _step_proposal(steps, table, name="open_step", label=f"Step between open records (x'/x{what})")
    )
    passed = own or (("", lags),)
    for lab, spells in passed:
        suffix = f"_{slug(lab)}" if lab else ""
        of = f"{lab}'s own record" if lab else "a closed record"
        label = f"How far the open model that passes {of} is above it (x'/y{what})"
        found.append(_step_proposal(_differences(spells), table, name=f"overshoot{suffix}", label=label))
    found += [_growth_proposal(table, since, is_open=is_open) for is_open in (False, True)]
    proposals = tuple(item for item in found if isinstance(item, Proposal))
    notes = tuple(item for item in found if isinstance(item, str))
    if not proposals:
        raise StudyError(Fault(path="", found=note, expected="more records that have come") for note in notes)
    return proposals, notes


def spell_proposal(spells: Spells, *, name: str, label: str) -> Proposal | str:
    """Propose a law for times that may not have ended.

    Parameters
    ----------
    spells : Spells
        Times.
    name, label : str
        Of the input.

    Returns
    -------
    Proposal or str
        Or why there is none.

    Examples
    --------
    >>> days = np.array([105.0, 150.0, 226.0, 300.0, 497.0, 90.0])
    >>> spells = Spells(durations=days, waiting=np.arange(6) > 4, causes=np.array([1, 2, 3, 4, 5, -1]),
    ...                 already=1, overshoot=np.full(6, np.nan))
    >>> found = spell_proposal(spells, name="lag", label="Lag")
    >>> found.count, found.waiting, found.groups
    (6, 1, 6)
    """
    came = spells.durations[~spells.waiting]
    waiting = int(spells.waiting.sum())
    if np.unique(came).size < LEAST_CAME:
        longest = f"; the longest wait so far is {spells.durations.max():.0f} days" if waiting else ""
        least = f"No law can be had of fewer than {LEAST_CAME} different times."
        return f"{name}: {came.size} came and {waiting} still wait{longest}. {least}"
    cases = spell_cases(spells)
    fits = fit_spells(cases)
    quantiles = predictive_quantiles(fits, np.array(LEVELS))
    scores = scores_of(spells, fits)
    best = next(fit for _, fit in fits if fit.family.name == scores[0].name)
    plain = plain_law(best.family.name, best.family.spec(best.theta))
    law, widened = law_through(quantiles, plain)
    groups = group_count(spells)
    notes = []
    if spells.already:
        total = spells.already + spells.durations.size
        notes.append(f"At {spells.already} of {total} records an open model was level or above already: they "
                     "are not among these, and the law is of the others.")  # fmt: skip
    if groups < spells.durations.size:
        notes.append(_DEPENDENT.format(count=spells.durations.size, groups=groups))
    return Proposal(
        name=name,
        label=label,
        unit="days",
        law=law,
        widened=f"{widened}; lognormal and Weibull laws weighed by how well they explain the cases"
        if "quantiles" in law
        else widened,
        plain=plain,
        count=spells.durations.size,
        waiting=waiting,
        groups=groups,
        quantiles=quantiles,
        intervals=intervals_of(fits),
        families=scores,
        notes=tuple(notes),
        evidence=evidence_of(cases, fits),
    )


def growth_of(records: Records, end: float) -> tuple[float, float, int] | None:
    """Estimate what records gain a day: their steps over the time they took.

    Parameters
    ----------
    records : Records
        At least four.
    end : float
        Last day of the data.

    Returns
    -------
    rate, error : float
        Levels a day and its standard error, by the steps' own scatter about that rate.
    steps : int
        How many; None instead of all where there are fewer than three.

    References
    ----------
    D. R. Cox, Renewal Theory (1962), section 8: cumulative processes.
    """
    steps = np.append(np.diff(records.levels), 0.0)
    gaps = np.diff(np.append(records.days, end))
    count, time = steps.size - 1, float(gaps.sum())
    if count < LEAST_CAME or time <= 0:
        return None
    rate = float(steps.sum()) / time
    error = math.sqrt(float(((steps - rate * gaps) ** 2).sum()) * count / (count - 1)) / time
    return rate, error, count


def slug(text: str) -> str:
    """Make a name for an input.

    Examples
    --------
    >>> slug("Google DeepMind")
    'google_deepmind'
    """
    return re.sub("[^a-z0-9]+", "_", text.lower()).strip("_") or "lab"


def _check_labs(table: ReleaseTable, labs: Sequence[str]) -> None:
    known = sorted({part.strip() for text in table.developers for part in text.split(",") if part.strip()})
    faults = [
        Fault(
            path="--lab",
            found=repr(lab),
            expected="a developer in the table",
            nearest=nearest_name(lab, known),
        )
        for lab in labs
        if not any(is_of(developer, lab) for developer in table.developers)
    ]
    if faults:
        raise StudyError(faults)


def _spells(
    table: ReleaseTable, labs: Sequence[str], since: float | None
) -> tuple[Spells, Spells, tuple[tuple[str, Spells], ...]]:
    """Spells of each group of releases, joined."""
    history, gaps, lags = table.history, [], []
    own: dict[str, list[Spells]] = {lab: [] for lab in labs}
    for group in sorted(set(table.groups)):
        inside = np.array([name == group for name in table.groups])
        opened = _records(table, inside & history.is_open)
        closed = inside & ~history.is_open
        gaps.append(open_gaps(since_day(opened, since), history.end))
        lags.append(spells_until_open(since_day(_records(table, closed), since), opened, history.end))
        for lab in labs:
            of_lab = np.array([is_of(developer, lab) for developer in table.developers])
            # A lab's first model waits for an open one like any other.
            records = since_day(_records(table, closed & of_lab), -math.inf if since is None else since)
            own[lab].append(spells_until_open(records, opened, history.end))
    return joined(gaps), joined(lags), tuple((lab, joined(parts)) for lab, parts in own.items())


def _records(table: ReleaseTable, chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Records:
    return records_of(table.history.days[chosen], table.history.levels[chosen])


def _differences(spells: Spells) -> Spells:
    """Take the steps at the ends of spells as values that have all come."""
    kept = ~spells.waiting
    return Spells(
        durations=spells.overshoot[kept],
        waiting=np.zeros(int(kept.sum()), dtype=np.bool_),
        causes=spells.causes[kept],
        already=0,
        overshoot=spells.overshoot[kept],
    )


def _step_proposal(steps: Spells, table: ReleaseTable, *, name: str, label: str) -> Proposal | str:
    """Law of steps as a factor less 1, or in points."""
    per_tenfold = table.per_tenfold
    values = (
        steps.durations if per_tenfold is None else np.expm1(math.log(10) / per_tenfold * steps.durations)
    )
    level = values <= 0
    spells = Spells(durations=values[~level], waiting=steps.waiting[~level], causes=steps.causes[~level],
                    already=0, overshoot=steps.overshoot[~level])  # fmt: skip
    found = spell_proposal(spells, name=name, label=label)
    if isinstance(found, str):
        return f"{name}: {spells.durations.size} steps. No law can be had of fewer than {LEAST_CAME}."
    notes = [note for note in found.notes if "count as" not in note]
    if found.groups < found.count:
        notes.append(
            f"Several records can be passed by one open model: {found.count} cases count as {found.groups}."
        )
    if level.any():
        notes.append(f"{int(level.sum())} open models that came out exactly level are not among these.")
    return replace(found, unit="points" if per_tenfold is None else "", notes=tuple(notes))


def _growth_proposal(table: ReleaseTable, since: float | None, *, is_open: bool) -> Proposal | str:
    word = "open" if is_open else "closed"
    chosen = table.history.is_open if is_open else ~table.history.is_open
    name, label = f"growth_{word}", f"Growth of {word} records"
    if len(set(table.groups)) > 1:
        return f"{name}: levels are compared within groups only, and growth is not pooled over them."
    records = since_day(_records(table, chosen), since)
    found = growth_of(records, table.history.end)
    if found is None:
        return f"{name}: {records.days.size} records are too few for a rate."
    rate, error, count = found
    return _growth_law(rate * DAYS_A_YEAR, error * DAYS_A_YEAR, count, table.per_tenfold, name, label)


def _growth_law(
    rate: float, error: float, count: int, per_tenfold: float | None, name: str, label: str
) -> Proposal:
    from scipy.special import stdtrit

    quantiles: FloatArray = rate + error * stdtrit(count - 1, np.array(LEVELS))
    if per_tenfold is not None:
        quantiles = 10.0 ** (quantiles / per_tenfold)
    law, _ = law_through(quantiles, None)
    middle = float(rate if per_tenfold is None else 10.0 ** (rate / per_tenfold))
    interval = Interval(name="growth", low=float(quantiles[0]), middle=middle, high=float(quantiles[-1]))
    return Proposal(
        name=name,
        label=label,
        unit="points a year" if per_tenfold is None else "times a year",
        law=law,
        widened="quantiles of what is known of the rate itself: it does not scatter from case to case",
        plain={"estimate": significant(middle)},
        count=count,
        waiting=0,
        groups=count,
        quantiles=quantiles,
        intervals=(interval,),
        notes=("From the first record to the end of the data, the time since the last record included.",),
    )
