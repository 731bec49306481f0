"""Paths of one draw, once more: own, open and rivals' levels over time, and the day on which a path fails.

Levels and days are double-precision numbers, summed and multiplied one after the other as the text tells
them, so that a tie is a tie of those numbers; everything that flows is in 50-digit arithmetic.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tests.reference_value import MP, Number, Numbers

__all__ = [
    "Case",
    "Margin",
    "Path",
    "World",
    "best_other",
    "customers_on",
    "cuts_of",
    "daily_rate",
    "ecosystem",
    "failure_day",
    "free_level",
    "own_level",
    "revenue_on",
    "rival_levels",
    "world_of",
]

Margin = Callable[[float, float, tuple[float, ...]], Number]


@dataclass(frozen=True, slots=True)
class Path:
    """Own level before and from day `arrival` on, today's open level, the (day, level) of releases."""

    before: float
    after: float
    arrival: float
    free: float
    releases: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A path with the first day on which its revenue is below the operating cost (infinite if none)."""

    path: Path
    failure: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Three cases of one world, and what becomes of the candidate in it."""

    stay: Case
    upgrade: Case
    halted: Case
    candidate: float
    arrival: float
    trained: bool
    comes_out: bool


def world_of(model: Numbers, name: str, margin: Margin, crowd: Number) -> World:
    """Lay out one world's paths.

    Parameters
    ----------
    model : mapping
        The model's keys, nested.
    name : str
        ``release`` or ``frozen``.
    margin : callable
        Margin per customer and day, of own level, open level and rivals' levels.
    crowd : number
        What customers.count and its ceiling are multiplied by: 1, or 1 + optimism.
    """
    lab, horizon, x = model["lab"], model["horizon_days"], model["open"]["current_expense"]
    current = lab["current_expense"]
    releases = releases_of(model) if name == "release" else ()
    arrival = float(lab.get("start_day", 0)) + float(lab.get("training_days", 0))
    stay = Path(current, current, math.inf, x, releases)
    last_day = failure_day(model, stay, margin, crowd)
    start = lab.get("start_day", 0)
    trained = start < horizon and start <= last_day
    comes_out = trained and arrival < horizon and arrival <= last_day
    candidate = lab.get("candidate_expense")
    if candidate is None:
        candidate = lab["budget"] + lab.get("head_start", 0) * free_level(stay, start)
    upgrade = halted = stay
    if comes_out:
        chased = releases + (chase_of(model, arrival, candidate) if name == "release" else ())
        upgrade = Path(current, max(current, candidate), arrival, x, chased)
        halted = Path(current, current, math.inf, x, chased)
    return World(
        stay=Case(path=stay, failure=last_day),
        upgrade=Case(path=upgrade, failure=failure_day(model, upgrade, margin, crowd)),
        halted=Case(path=halted, failure=failure_day(model, halted, margin, crowd)),
        candidate=candidate,
        arrival=arrival,
        trained=trained,
        comes_out=comes_out,
    )


def releases_of(model: Numbers) -> tuple[tuple[float, float], ...]:
    """List the (day, level) of the open releases before the horizon, the process's among them."""
    section = model["open"]
    listed = [(float(one["day"]), float(one["expense"])) for one in section.get("releases", [])]
    if "process" in section:
        process = section["process"]
        count = int(process["count"])
        intervals = members(process["interval_days"], count - 1)
        growths = members(process["growth"], count)
        day, level = float(process["first_day"]), float(section["current_expense"])
        for member in range(count):
            if member > 0:
                day = day + intervals[member - 1]
            level = growths[member] * level
            listed.append((day, level))
    return tuple((day, level) for day, level in listed if day < model["horizon_days"])


def members(given: Any, count: int) -> list[float]:
    """Give one number a member: those of a nested list, a row each, or the same number for all."""
    if isinstance(given, int | float):
        return [float(given)] * count
    numbers = [float(row[0]) for row in given]
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers for {count} members")
    return numbers


def chase_of(model: Numbers, arrival: float, candidate: float) -> tuple[tuple[float, float], ...]:
    """Give the (day, level) at which open models reach a fraction of the candidate, if before the horizon."""
    chase = model["open"].get("chase")
    if chase is None:
        return ()
    day = arrival + float(chase["lag_days"])
    return ((day, chase["fraction"] * candidate),) if day < model["horizon_days"] else ()


def own_level(path: Path, day: Number) -> float:
    """Give the lab's own level on a day, in USD."""
    return path.after if day >= path.arrival else path.before


def free_level(path: Path, day: Number) -> float:
    """Give the open level on a day, in USD: the best of today's and of the releases up to that day."""
    return max([path.free, *(level for release_day, level in path.releases if release_day <= day)])


def rival_levels(model: Numbers, path: Path, day: Number) -> tuple[float, ...]:
    """Give the levels of the rivals' models that are out on a day, in USD."""
    free = free_level(path, day)
    return tuple(
        rival["expense"] + rival.get("head_start", 0) * free
        for rival in model.get("market", {}).get("rivals", [])
        if rival.get("release_day", 0) <= day
    )


def best_other(model: Numbers, path: Path, day: Number) -> float:
    """Give the largest of the open level and all rivals' levels on a day, in USD, whatever the conduct."""
    return max([free_level(path, day), *rival_levels(model, path, day)])


def change_days(model: Numbers, path: Path) -> list[float]:
    """List the days from 0 to the horizon on which a level of the path may change, both ends included."""
    horizon = float(model["horizon_days"])
    rivals = model.get("market", {}).get("rivals", [])
    days = [path.arrival, *(day for day, _ in path.releases), *(one.get("release_day", 0) for one in rivals)]
    return sorted({0.0, horizon, *(float(day) for day in days if day < horizon)})


def failure_day(model: Numbers, path: Path, margin: Margin, crowd: Number) -> Number:
    """Find the first moment at which the path's revenue per day is below the operating cost."""
    cost = MP.mpf(model["lab"].get("operating_cost_per_day", 0))
    for first, last in pairwise(change_days(model, path)):
        each = revenue_per_customer(model, path, first, margin)

        def short(day: Number, each: Number = each) -> bool:
            return customers_on(model, day, crowd) * each < cost

        if short(MP.mpf(first)):
            return MP.mpf(first)
        # Within a stretch demand rises or falls throughout: short at its end, it became so on one day.
        if short(MP.mpf(last)):
            return bisected(short, MP.mpf(first), MP.mpf(last))
    return MP.inf


def bisected(short: Callable[[Number], bool], enough: Number, lacking: Number) -> Number:
    """Narrow down the moment at which something runs short."""
    width = lacking - enough
    while lacking - enough > MP.mpf("1e-42") * width:
        middle = (enough + lacking) / 2
        enough, lacking = (enough, middle) if short(middle) else (middle, lacking)
    return (enough + lacking) / 2


def revenue_per_customer(model: Numbers, path: Path, day: Number, margin: Margin) -> Number:
    """Give ecosystem * margin on a day, in USD per day and customer of n(t)."""
    free = free_level(path, day)
    return ecosystem(model, free) * margin(own_level(path, day), free, rival_levels(model, path, day))


def revenue_on(model: Numbers, path: Path, day: Number, margin: Margin, crowd: Number) -> Number:
    """Give the revenue of a path on a day, in USD per day."""
    return customers_on(model, day, crowd) * revenue_per_customer(model, path, day, margin)


def ecosystem(model: Numbers, free: float) -> Number:
    """Give what the open level multiplies the number of customers by."""
    elasticity = MP.mpf(model["customers"].get("open_elasticity", 0))
    ratio = MP.mpf(free) / MP.mpf(model["open"]["current_expense"])
    return max(1 + elasticity * MP.log(ratio), MP.zero)


def customers_on(model: Numbers, day: Number, crowd: Number) -> Number:
    """Give n(t), exponential or logistic."""
    customers = model["customers"]
    count = crowd * MP.mpf(customers["count"])
    growth = daily_rate(customers.get("growth_rate", 0))
    ceiling = crowd * MP.mpf(customers.get("ceiling", math.inf))
    if count == 0 or ceiling == MP.inf:
        return count * MP.exp(growth * day)
    return ceiling / (1 + (ceiling / count - 1) * MP.exp(-growth * day))


@lru_cache(maxsize=64)
def daily_rate(yearly_rate: float) -> Number:
    """Turn an effective yearly rate into a continuous daily one."""
    return MP.log(1 + MP.mpf(yearly_rate)) / MP.mpf("365.25")


def cuts_of(cases: Sequence[Case], model: Numbers) -> list[Number]:
    """List the days on which levels change or a path fails, over cases, from 0 to the horizon."""
    horizon = MP.mpf(model["horizon_days"])
    days = {MP.mpf(day) for case in cases for day in change_days(model, case.path)}
    return sorted(days | {case.failure for case in cases if case.failure < horizon})
