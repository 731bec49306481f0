"""Keys of the open models: releases one by one, a process of releases, the chase."""

import math

from mcrace.nomenclature.entries import Key

__all__ = ["OPEN_KEYS"]

_BASE_MODEL = "jessicata, 'How do open AI models affect incentive to race?', LessWrong, 7 May 2024"
_ASSUMED = "a modelling choice of mcrace, assumed"
_PROCESS = (
    "release 1 on first_day, worth growth * x; each later one interval_days after the one before, worth "
    "growth times that one; o(t) = max of x and all releases so far"
)
_CHASE = (
    "release world, if z comes out: open models reach fraction * z on day a + lag_days, "
    "a = lab.start_day + lab.training_days"
)

OPEN_KEYS = (
    Key(
        path="open.current_expense",
        meaning="Level of the best open model on day 0 (x): what it would cost to match it efficiently.",
        unit="USD",
        low=0.0,
        low_open=True,
        formula="o(t) = max(x, releases so far)",
        source=_BASE_MODEL,
    ),
    Key(
        path="open.releases[].day",
        meaning="Day of an open release; infinite, or at or beyond the horizon: it does not happen.",
        unit="days",
        low=0.0,
        high_open=False,
        formula="counts from that day on: o(t) = max of x and all releases with day <= t",
        source=_BASE_MODEL,
    ),
    Key(
        path="open.releases[].expense",
        meaning="Level of that open release (x').",
        unit="USD",
        low=0.0,
        low_open=True,
        formula="o(t) = max of x and all releases with day <= t",
        source=_BASE_MODEL,
    ),
    Key(
        path="open.process.first_day",
        meaning="Day of the first release of the process; infinite: it never starts.",
        unit="days",
        low=0.0,
        high_open=False,
        formula=_PROCESS,
        source=_ASSUMED,
    ),
    Key(
        path="open.process.interval_days",
        meaning="Days from one release of the process to the next; a law below each is drawn anew for "
        "every interval.",
        unit="days",
        low=0.0,
        high_open=False,
        each=True,
        formula=_PROCESS,
        source=_ASSUMED,
    ),
    Key(
        path="open.process.growth",
        meaning="Level of a release of the process over that of the one before, the first over today's "
        "open model; a law below each is drawn anew for every release.",
        low=0.0,
        low_open=True,
        each=True,
        formula=_PROCESS,
        source=_ASSUMED,
    ),
    Key(
        path="open.process.count",
        meaning="Number of releases of the process, the same in every draw.",
        unit="releases",
        low=1.0,
        whole=True,
        certain=True,
        formula=_PROCESS,
        source=_ASSUMED,
    ),
    Key(
        path="open.chase.lag_days",
        meaning="Days from the day on which z comes out until open models follow it; infinite: never.",
        unit="days",
        off=math.inf,
        low=0.0,
        high_open=False,
        formula=_CHASE,
        source=_ASSUMED,
    ),
    Key(
        path="open.chase.fraction",
        meaning="How much of the level of z open models then reach.",
        low=0.0,
        high=1.0,
        high_open=False,
        formula=_CHASE,
        source=_ASSUMED,
    ),
)
