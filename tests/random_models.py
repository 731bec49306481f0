"""Random models for comparisons: the core's, and those of every mechanism, ties and edges included."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tests.reference import cached_margin, worlds_of
from tests.reference_paths import cuts_of, revenue_on
from tests.reference_value import MP, value_of

__all__ = ["between", "pick", "random_full_model", "random_model", "sometimes"]

Model = dict[str, Any]


def random_model(rng: np.random.Generator) -> dict[str, Any]:
    """Draw a legal core model with plain numbers: wide ranges, ties and edges included.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    dict
        The model's keys, nested. Keys with defaults are sometimes left out.
    """
    horizon = between(rng, 30, 4000, log=True)
    x = between(rng, 1e6, 3e9, log=True)
    y = x * pick(rng, [1.0, between(rng, 0.5, 100, log=True)], [0.05, 0.95])
    z = y * pick(rng, [1.0, between(rng, 0.7, 100, log=True)], [0.05, 0.95])
    lab = {"current_expense": y, "candidate_expense": z} | random_training(rng, horizon)
    started = lab.get("start_day", 0.0) + lab.get("training_days", 0.0)
    drawn = [
        {"day": random_day(rng, horizon, started), "expense": random_level(rng, x, y, z)}
        for _ in range(rng.integers(7))
    ]
    if len(drawn) >= 2 and rng.random() < 0.3:
        drawn[-1]["day"] = drawn[0]["day"]
    growth = pick(rng, [0.0, between(rng, -0.5, 0), between(rng, 0, 1.5)], [0.2, 0.3, 0.5])
    nearly = growth * (1 + between(rng, 1e-16, 1e-3, log=True))
    discount = pick(
        rng, [0.0, between(rng, 0, 0.5), between(rng, -0.1, 0), growth, nearly], [0.15, 0.5, 0.1, 0.15, 0.1]
    )
    model = {
        "horizon_days": horizon,
        "discount_rate": discount,
        "value": random_value(rng, x),
        "customers": random_customers(rng) | sometimes(rng, {"growth_rate": growth}, growth == 0.0),
        "open": {"current_expense": x} | sometimes(rng, {"releases": drawn}, not drawn),
        "lab": lab,
    }
    if discount == 0.0 and rng.random() < 0.5:
        del model["discount_rate"]
    return model


def random_training(rng: np.random.Generator, horizon: float) -> dict[str, Any]:
    """Draw when training starts, how long it takes and whether its cost counts."""
    days = {
        key: pick(rng, [0.0, between(rng, 0, 0.4 * horizon), horizon, between(rng, 0, 1.5 * horizon)], odds)
        for key, odds in (("start_day", [0.5, 0.4, 0.03, 0.07]), ("training_days", [0.4, 0.5, 0.03, 0.07]))
    }
    days = {key: day for key, day in days.items() if day > 0.0 or rng.random() < 0.5}
    counted: dict[str, Any] = pick(rng, [{}, {"counts_training_cost": True}, {"counts_training_cost": False}])
    return days | counted


def random_day(rng: np.random.Generator, horizon: float, arrival: float) -> float:
    """Draw a release's day: inside, at the edges, with the candidate, after the horizon, or never."""
    options = [between(rng, 0, horizon), 0.0, horizon, arrival, between(rng, 1, 3) * horizon, math.inf]
    return float(pick(rng, options, [0.65, 0.08, 0.05, 0.07, 0.08, 0.07]))


def random_level(rng: np.random.Generator, x: float, y: float, z: float) -> float:
    """Draw what a release is worth: below, between, above, or equal to the levels that matter."""
    return float(pick(rng, [x * between(rng, 0.3, 100, log=True), x, y, z], [0.85, 0.05, 0.05, 0.05]))


def random_value(rng: np.random.Generator, x: float) -> dict[str, Any]:
    """Draw a value curve, of the levels around `x`."""
    curve = str(rng.choice(["log", "power", "hill", "table"]))
    scale = between(rng, 0.01, 10, log=True)
    reference = x * between(rng, 1e-4, 3, log=True)
    if curve == "log":
        return sometimes(rng, {"curve": "log"}, True) | {"scale": scale, "reference": reference}
    if curve == "power":
        return {"curve": curve, "scale": scale, "reference": reference, "exponent": between(rng, 0.02, 1.2)}
    if curve == "hill":
        half = x * between(rng, 0.03, 1000, log=True)
        return {"curve": curve, "ceiling": scale, "half": half, "steepness": between(rng, 0.2, 4, log=True)}
    size = int(rng.integers(2, 9))
    logs = math.log(x) - between(rng, 0, 4) + np.cumsum(rng.uniform(0.1, 2.5, size))
    values = scale * np.cumsum(rng.lognormal(0.0, 1.5, size))
    return {"curve": curve, "points": [[math.exp(a), float(b)] for a, b in zip(logs, values, strict=True)]}


def random_customers(rng: np.random.Generator) -> dict[str, Any]:
    """Draw how many customers there are, and how their valuations differ."""
    spread = pick(rng, [0.0, between(rng, 0, 3), 1e-9, 10.0], [0.15, 0.75, 0.05, 0.05])
    seen = pick(rng, [0.0, 1.0, between(rng, 0, 1)], [0.35, 0.15, 0.5])
    count = pick(rng, [0.0, between(rng, 1e3, 1e9, log=True)], [0.02, 0.98])
    return (
        {"count": count}
        | sometimes(rng, {"valuation_spread": spread}, spread == 0.0)
        | sometimes(rng, {"price_discrimination": seen}, seen == 0.0)
    )


def between(rng: np.random.Generator, low: float, high: float, *, log: bool = False) -> float:
    """Draw evenly from an interval, or evenly in the logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high))) if log else float(rng.uniform(low, high))


def pick(rng: np.random.Generator, options: Sequence[Any], odds: Sequence[float] | None = None) -> Any:
    """Draw one of the options."""
    return options[int(rng.choice(len(options), p=odds))]


def sometimes(rng: np.random.Generator, keys: dict[str, Any], neutral: bool) -> dict[str, Any]:
    """Leave keys at their neutral default out, every other time."""
    return {} if neutral and rng.random() < 0.5 else keys


def random_full_model(rng: np.random.Generator) -> Model:
    """Draw a legal model with mechanisms switched on at random, sized so that they matter side by side.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    dict
        The model's keys, nested, with plain numbers; `open.process` may hold a number a member, a row each.
    """
    horizon = between(rng, 200, 4000, log=True)
    x = between(rng, 1e6, 3e9, log=True)
    y = x * pick(rng, [1.0, between(rng, 0.3, 1), between(rng, 1, 30, log=True)], [0.04, 0.06, 0.9])
    z = y * pick(rng, [1.0, between(rng, 0.3, 1), between(rng, 1, 30, log=True)], [0.03, 0.05, 0.92])
    lab = {"current_expense": y, "candidate_expense": z} | random_training(rng, horizon)
    start = lab.get("start_day", 0.0)
    days = [start + lab.get("training_days", 0.0), start, 0.0]
    model: Model = {
        "horizon_days": horizon,
        "discount_rate": pick(rng, [0.0, between(rng, 0, 0.5), between(rng, -0.2, 0)], [0.2, 0.65, 0.15]),
        "value": random_value(rng, x) | maybe(rng, 0.35, {"satiation": {}}),
        "customers": random_customers(rng) | random_demand(rng),
        "open": random_open(rng, horizon, days, (x, y, z)),
        "lab": lab,
    }
    if "satiation" in model["value"]:
        typical = float(value_of(model["value"], math.sqrt(y * max(y, z))))
        spread = pick(rng, [{}, {"spread": 0.0}, {"spread": between(rng, 0.1, 2)}], [0.15, 0.1, 0.75])
        model["value"]["satiation"] = {"median": max(typical, 1e-3) * between(rng, 0.2, 5, log=True)} | spread
    days += [one["day"] for one in model["open"].get("releases", [])]
    model |= maybe(rng, 0.75, {"market": random_market(rng, model, days)})
    model |= maybe(rng, 0.35, {"niches": random_niches(rng)})
    halts = {"halt_rate": between(rng, 0.05, 3, log=True)}
    model |= maybe(rng, 0.4, {"regulation": halts | maybe(rng, 0.7, {"open_relief": unit(rng)})})
    beliefs = maybe(rng, 0.7, {"optimism": between(rng, -0.7, 2)}) | maybe(
        rng, 0.7, {"inattention": unit(rng)}
    )
    model |= maybe(rng, 0.4, {"beliefs": beliefs})
    return with_stakes(rng, snapped(model) if rng.random() < 0.3 else model)


def snapped(model: Model) -> Model:
    """Move days to eighths of the horizon and levels to x times powers of two, so that many of them tie."""
    x, eighth = model["open"]["current_expense"], max(round(model["horizon_days"] / 8), 1)

    def snap(name: str, given: Any) -> Any:
        if isinstance(given, dict):
            return {key: snap(key, one) for key, one in given.items()}
        if isinstance(given, list):
            return [snap(name, one) for one in given]
        if name in (
            "day",
            "first_day",
            "release_day",
            "interval_days",
            "lag_days",
            "start_day",
            "training_days",
        ):
            return given if given == math.inf else float(eighth * round(given / eighth))
        if name in ("growth", "fraction", "expense", "current_expense", "candidate_expense") and given > 0.0:
            unit_of = 1.0 if name in ("growth", "fraction") else x
            return unit_of * 2.0 ** round(math.log2(given / unit_of))
        return given

    moved = {name: snap(name, model[name]) for name in ("open", "lab", "market") if name in model}
    return model | moved | {"horizon_days": float(8 * eighth)}


def random_demand(rng: np.random.Generator) -> Model:
    """Draw how demand moves: falling, rising, towards a ceiling; and what open models do to it."""
    growth = pick(rng, [0.0, between(rng, -0.6, 0), between(rng, 0, 2)], [0.15, 0.4, 0.45])
    moves = sometimes(rng, {"growth_rate": growth}, growth == 0.0)
    elasticity = {"open_elasticity": pick(rng, [between(rng, -0.3, 0), between(rng, 0, 0.5)])}
    return moves | maybe(rng, 0.4, elasticity)


def random_open(
    rng: np.random.Generator, horizon: float, days: Sequence[float], levels: tuple[float, float, float]
) -> Model:
    """Draw today's open level, releases, a process and a chase."""
    x, y, z = levels
    drawn = [
        {"day": tied_day(rng, horizon, days), "expense": random_step(rng, x, y, z)}
        for _ in range(pick(rng, [0, 1, 2, 3, 5], [0.1, 0.4, 0.25, 0.15, 0.1]))
    ]
    if len(drawn) >= 2 and rng.random() < 0.3:
        drawn[-1]["day"] = drawn[0]["day"]
    chase = {
        "lag_days": pick(rng, [0.0, between(rng, 0, 0.5 * horizon), math.inf], [0.15, 0.75, 0.1]),
        "fraction": pick(rng, [1.0, 0.0, between(rng, 0.2, 1)], [0.15, 0.05, 0.8]),
    }
    return (
        {"current_expense": x}
        | sometimes(rng, {"releases": drawn}, not drawn)
        | maybe(rng, 0.35, {"process": random_process(rng, horizon, days)})
        | maybe(rng, 0.4, {"chase": chase})
    )


def random_process(rng: np.random.Generator, horizon: float, days: Sequence[float]) -> Model:
    """Draw a process of releases: one value for all, or one a member."""
    count = int(rng.integers(1, 8))

    def drawn(low: float, high: float, size: int, edge: float) -> Any:
        if size > 0 and rng.random() < 0.5:
            return [[between(rng, low, high, log=True)] for _ in range(size)]
        return pick(rng, [between(rng, low, high, log=True), edge], [0.9, 0.1])

    return {
        "first_day": tied_day(rng, horizon, days),
        "interval_days": drawn(0.02 * horizon, 0.5 * horizon, count - 1, pick(rng, [0.0, math.inf])),
        "growth": drawn(0.7, 5.0, count, 1.0),
        "count": count,
    }


def random_market(rng: np.random.Generator, model: Model, days: Sequence[float]) -> Model:
    """Draw a conduct with its numbers, rivals, and how much of the open model counts."""
    y, z = model["lab"]["current_expense"], model["lab"]["candidate_expense"]
    low, high = min(y, z), max(y, z)
    rivals = [
        {"expense": pick(rng, [low * between(rng, 0.2, 1, log=True), between(rng, low, high), y, z], odds)}
        | maybe(rng, 0.7, {"release_day": tied_day(rng, model["horizon_days"], days)})
        | maybe(rng, 0.4, {"head_start": pick(rng, [between(rng, 0, 0.5), 1.0], [0.9, 0.1])})
        for odds in [[0.55, 0.35, 0.05, 0.05]] * pick(rng, [0, 1, 2, 3, 4], [0.25, 0.3, 0.25, 0.1, 0.1])
    ]
    step = float(value_of(model["value"], high) - value_of(model["value"], low)) + 1e-3
    conduct: Model = pick(
        rng,
        [
            maybe(rng, 0.5, {"conduct": "monopoly"}),
            {"conduct": "undercutting"} | maybe(rng, 0.7, {"overlap": unit(rng)}),
            {"conduct": "cournot"} | maybe(rng, 0.8, {"firms": int(rng.integers(1, 6))}),
            {"conduct": "logit", "differentiation": step * between(rng, 0.02, 3, log=True)},
        ],
        [0.2, 0.3, 0.15, 0.35],
    )
    substitutability = {"open_substitutability": unit(rng)}
    return conduct | sometimes(rng, {"rivals": rivals}, not rivals) | maybe(rng, 0.5, substitutability)


def random_niches(rng: np.random.Generator) -> Model:
    """Draw niches with aptitudes, and how far a generalist serves niches that are not its own."""
    count = int(rng.integers(1, 5))
    listed = []
    for place in range(count):
        share = pick(rng, [0.0, between(rng, 0.1, 3)], [0.1, 0.9]) if place > 0 else between(rng, 0.1, 3)
        niche = {"name": f"niche{place}", "share": share}
        for aptitude in ("lab_aptitude", "open_aptitude", "rival_aptitude"):
            niche |= maybe(rng, 0.6, {aptitude: between(rng, 0.2, 5, log=True)})
        listed.append(niche)
    return {"list": listed} | maybe(rng, 0.6, {"substitution": unit(rng)})


def with_stakes(rng: np.random.Generator, model: Model) -> Model:
    """Set what else the lab cares about, in proportion to what it earns; training is dear or cheap to it."""
    lab, customers, horizon = model["lab"], model["customers"], model["horizon_days"]
    y, z = lab["current_expense"], lab["candidate_expense"]
    earned = revenues(model)
    if max(earned) > 0.0:
        # A candidate that costs a tenth to ten times of what is earned over the horizon.
        factor = z / (max(earned) * horizon) * between(rng, 0.1, 10, log=True)
        if factor < 1e12:  # what earns next to nothing stays as it is
            customers["count"] *= factor
            earned = [factor * one for one in earned]
    if rng.random() < 0.25 and customers.get("growth_rate", 0.0) >= 0.0:
        customers["ceiling"] = customers["count"] * pick(
            rng, [1.0, between(rng, 1, 30, log=True)], [0.1, 0.9]
        )
        earned = revenues(model)
    daily = max(earned) if max(earned) > 0.0 else z / horizon
    whole = daily * min(horizon, 2000.0)
    if rng.random() < (0.85 if customers.get("growth_rate", 0.0) < 0.0 else 0.55):
        # Near a revenue that some path has on some day, so that failures fall before, at, and after arrival.
        around = pick(rng, [one for one in earned if one > 0.0] or [daily])
        if earned[0] > 0.0 and rng.random() < 0.75:
            around = min(around, 0.75 * earned[0])  # Not already on day 0.
        lab["operating_cost_per_day"] = around * pick(
            rng, [between(rng, 0.2, 1), between(rng, 1, 1.3)], [0.8, 0.2]
        )
    lab |= maybe(rng, 0.5, {"continuation_value": whole * between(rng, 0.1, 5, log=True)})
    lab |= maybe(rng, 0.6, {"prestige_per_day": daily * between(rng, 0.05, 2, log=True)})
    own = float(model_margin(model, max(y, z)))
    lab |= maybe(rng, 0.35, {"lead_satiation": max(own, 1e-6) * between(rng, 0.1, 10, log=True)})
    lab |= maybe(rng, 0.6, {"caution": random_caution(rng, model, whole)})
    prize = {"prize": whole * between(rng, 0.1, 5, log=True)}
    needed = maybe(rng, 0.6, {"lead": between(rng, -0.5, 2)}) | maybe(
        rng, 0.6, {"softness": pick(rng, [0.0, 1e-3, between(rng, 0.05, 2)], [0.1, 0.1, 0.8])}
    )
    speed = maybe(rng, 0.7, {"win_rate": pick(rng, [0.0, between(rng, 0.05, 4, log=True)], [0.03, 0.97])})
    lab |= maybe(rng, 0.6, {"strategic": prize | needed | speed})
    lab |= maybe(rng, 0.5, {"head_start": unit(rng)}) | maybe(
        rng, 0.5, {"talent_elasticity": between(rng, -1, 1)}
    )
    if rng.random() < 0.3:
        del lab["candidate_expense"]
        lab["budget"] = z * between(rng, 0.3, 1)
    return model


def random_caution(rng: np.random.Generator, model: Model, whole: float) -> Model:
    """Draw the dislike of advancing the frontier: a share of what is at stake, for a step from y to z."""
    lab = model["lab"]
    step = value_of(model["value"], lab["candidate_expense"]) - value_of(
        model["value"], lab["current_expense"]
    )
    exponent = pick(rng, [1.0, between(rng, 0.3, 3)], [0.3, 0.7])
    size = max(float(abs(step)), 1e-3) ** exponent
    cost = whole * between(rng, 0.05, 2, log=True) / size
    return {"cost": cost} | sometimes(rng, {"exponent": exponent}, exponent == 1.0)


def revenues(model: Model) -> list[float]:
    """List what the paths of both worlds earn a day, just after each change and just before the next."""
    price = cached_margin(model)
    found = []
    for world in worlds_of(model).values():
        for case in (world.stay, world.upgrade, world.halted):
            cuts = cuts_of([case], model)
            nearly = [first + (last - first) * MP.mpf("0.9") for first, last in pairwise(cuts)]
            found += [revenue_on(model, case.path, day, price, MP.one) for day in [*cuts[:-1], *nearly]]
    return [float(one) for one in found]


def model_margin(model: Model, level: float) -> Any:
    """Give the margin at an own level with today's open level and no rivals."""
    return cached_margin(model)(level, model["open"]["current_expense"], ())


def tied_day(rng: np.random.Generator, horizon: float, days: Sequence[float]) -> float:
    """Draw a day: inside, tied with another, at the edges, after the horizon, or never."""
    options = [between(rng, 0, horizon), float(pick(rng, days)), 0.0, horizon, 1.5 * horizon, math.inf]
    return float(pick(rng, options, [0.68, 0.16, 0.06, 0.03, 0.03, 0.04]))


def random_step(rng: np.random.Generator, x: float, y: float, z: float) -> float:
    """Draw what a release is worth: mostly between today's open level and a little above the candidate."""
    high = 1.5 * max(x, y, z)
    return float(pick(rng, [between(rng, 0.8 * x, high, log=True), x, y, z], [0.86, 0.04, 0.05, 0.05]))


def maybe(rng: np.random.Generator, odds: float, keys: Model) -> Model:
    """Give the keys at these odds, and none otherwise."""
    return keys if rng.random() < odds else {}


def unit(rng: np.random.Generator) -> float:
    """Draw a share: 0, 1, or between."""
    return float(pick(rng, [0.0, 1.0, between(rng, 0, 1)], [0.08, 0.12, 0.8]))
