"""Release histories whose true laws are known, and how often the fitted laws' 90 % intervals hold them.

In the simulated world effective levels grow by 15 points a year. Closed models come out at random every 60
days, above the trend by an exponential amount of 4 points on average; open ones every 40 days, behind it by
a lognormal time (median 150 days, sigma 0.8). Which of them are records, how long each waits for an open one
and how those waits hang together follows; the true laws are those of one history of two million days. A
history that is fitted shows the last 450 days of eight fields that have nothing to do with each other, so
that about half of the records still wait at its end.
"""

from dataclasses import dataclass, replace

import numpy as np

from mcrace.fit.releases import growth_of
from mcrace.fit.spells import Records, Spells, joined, open_gaps, records_of, since_day, spells_until_open
from mcrace.fit.survival import LEAST_CAME, fit_spells, intervals_of, spell_cases

LAWS = ("lag of open behind closed", "day of passing a lab's own", "time between open records")
NUMBERS = ("median", "mean", "5 %", "95 %")
FIELDS, WINDOW, BEFORE = 8, 450.0, 2500.0
GROWTH = 15 / 365.25
LABS = 3


@dataclass(frozen=True, slots=True)
class World:
    """Releases of one field: days and levels of closed ones and open ones, and whose the closed ones are."""

    closed: tuple[np.ndarray, np.ndarray]
    labs: np.ndarray
    opened: tuple[np.ndarray, np.ndarray]


def world(rng, days):
    closed = np.sort(rng.uniform(0, days, rng.poisson(days / 60)))
    opened = np.sort(rng.uniform(0, days, rng.poisson(days / 40)))
    behind = rng.lognormal(np.log(150), 0.8, opened.size)
    return World(
        (closed, GROWTH * closed + rng.exponential(4.0, closed.size)),
        rng.integers(0, LABS, closed.size),
        (opened, GROWTH * (opened - behind) + rng.normal(0, 0.5, opened.size)),
    )


def spells_of(field, since, end):
    opened, closed = records_of(*field.opened), records_of(*field.closed)
    mine = field.labs == 0
    own = records_of(field.closed[0][mine], field.closed[1][mine])
    return (
        spells_until_open(since_day(closed, since), opened, end),
        spells_until_open(since_day(own, since), opened, end),
        open_gaps(since_day(opened, since), end),
    )


def truths():
    """Give the true numbers of each law, shape (law, number)."""
    days = 2e6
    found = []
    for spells in spells_of(world(np.random.default_rng(0), days), BEFORE, days):
        came = spells.durations[~spells.waiting]
        found.append([np.median(came), came.mean(), *np.quantile(came, [0.05, 0.95])])
    return np.array(found)


def history(rng):
    """Spells of each law in one history of several fields."""
    end = BEFORE + WINDOW
    fields = [spells_of(world(rng, end), BEFORE, end) for _ in range(FIELDS)]
    return [joined(parts) for parts in zip(*fields, strict=True)]


def without_waiting(spells: Spells) -> Spells:
    came = ~spells.waiting
    return replace(
        spells,
        durations=spells.durations[came],
        waiting=spells.waiting[came],
        causes=spells.causes[came],
        overshoot=spells.overshoot[came],
    )


def coverage(count, seed, *, ways):
    """Hits and fits of each way to treat the spells, shapes (way, law, number) and (law,)."""
    truth, rng = truths(), np.random.default_rng(seed)
    hits = np.zeros((len(ways), len(LAWS), len(NUMBERS)), dtype=int)
    fitted = np.zeros(len(LAWS), dtype=int)
    for _ in range(count):
        for law, spells in enumerate(history(rng)):
            if np.unique(spells.durations[~spells.waiting]).size < LEAST_CAME:
                continue
            fitted[law] += 1
            for way, cases in enumerate(ways):
                for place, found in enumerate(intervals_of(fit_spells(cases(spells)))):
                    hits[way, law, place] += found.low <= truth[law, place] <= found.high
    return hits, fitted


def kept(spells):
    return spell_cases(spells)


def dropped(spells):
    return spell_cases(without_waiting(spells))


def as_if_independent(spells):
    cases = spell_cases(spells)
    return replace(cases, weights=np.ones(cases.values.size))


def growth_coverage(count, seed, days=1500.0):
    """Share of histories in which the rate of open records lies within its 90 % interval."""
    from scipy.special import stdtrit

    rng, hits = np.random.default_rng(seed), 0
    for _ in range(count):
        records: Records = since_day(records_of(*world(rng, BEFORE + days).opened), BEFORE)
        rate, error, steps = growth_of(records, BEFORE + days)
        hits += abs(rate - GROWTH) <= error * stdtrit(steps - 1, 0.95)
    return hits / count
