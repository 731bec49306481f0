"""The model once more: slow, scalar and obvious, in 50-digit arithmetic.

It shares no code with the package, so that where the two agree, both are likely to be right. A key that it
does not know is an error, so that no comparison passes by overlooking one. Flows are summed over the
stretches between all days on which any level of any case changes or any case fails, so that equal flows of
two cases give equal sums.

Where the text leaves a choice, this is how it is read here:

- The days of a process are summed, and its levels multiplied, one after the other in double precision.
- A lab is alive at the horizon if it has no day of failure before it.
- The halted path has a day of failure of its own, counted from day 0 on: a lab that is halted later is gone.
- A contest that a dead lab could win brings it nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise

from tests.reference_flows import Contest, contest_after, demand_integral, exponential_integral, hazard_share
from tests.reference_market import margin
from tests.reference_paths import (
    Case,
    Margin,
    World,
    best_other,
    cuts_of,
    daily_rate,
    ecosystem,
    free_level,
    own_level,
    revenue_on,
    rival_levels,
    world_of,
)
from tests.reference_value import MP, Number, Numbers, capture, pchip, value_of

__all__ = [
    "PARTS",
    "capture",
    "exponential_integral",
    "largest_part",
    "pchip",
    "reference_incentive",
    "value_of",
    "worlds_of",
]

# With 50 digits, what is smaller than this share of the scale is the rounding of an exact zero: numbers that
# differ at all in double precision differ by more.
ROUNDING = MP.mpf("1e-38")

# Part of the incentive, and whether it adds to it or takes from it.
PARTS = {
    "revenue_gain": 1,
    "training_cost": -1,
    "survival_gain": 1,
    "prestige_gain": 1,
    "caution_cost": -1,
    "strategic_gain": 1,
}

KNOWN_KEYS = {
    "": "horizon_days discount_rate value customers market niches open lab regulation beliefs",
    "value": "curve scale reference exponent ceiling half steepness points satiation",
    "value.satiation": "median spread",
    "customers": "count growth_rate ceiling valuation_spread price_discrimination open_elasticity",
    "market": "conduct overlap firms differentiation open_substitutability rivals",
    "niches": "list substitution",
    "open": "current_expense releases process chase",
    "open.process": "first_day interval_days growth count",
    "open.chase": "lag_days fraction",
    "lab": "current_expense candidate_expense budget start_day training_days head_start talent_elasticity"
    " counts_training_cost operating_cost_per_day continuation_value prestige_per_day lead_satiation"
    " caution strategic",
    "lab.caution": "cost exponent",
    "lab.strategic": "prize lead softness win_rate",
    "regulation": "halt_rate open_relief",
    "beliefs": "optimism inattention",
}
KNOWN_MEMBER_KEYS = {
    "market.rivals": "expense release_day head_start",
    "niches.list": "name share lab_aptitude open_aptitude rival_aptitude",
    "open.releases": "day expense",
}

Parts = dict[str, Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw: its keys, its margins and demands (each is computed once), what multiplies its customers."""

    model: Numbers
    margin: Margin
    gross_margin: Margin
    demand: Callable[[Number, Number, Number, Number], Number]
    crowd: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days on which nothing changes; the discount rate, the hazard of a halt, its absence so far."""

    first: Number
    last: Number
    rate: Number
    halt: Number
    unhalted: Number


def reference_incentive(model: Numbers) -> dict[str, float]:
    """Value the four cases of one draw, and take their differences.

    Parameters
    ----------
    model : mapping
        The model's keys, nested, with plain numbers; absent keys take their neutral defaults.

    Returns
    -------
    dict of str to float
        The model's outputs in USD (``revenue_today`` in USD per day); ``scale``, the largest flow of the four
        cases over all parts, and ``scale_<part>``, that of one part (``revenue_scale``: of the revenues;
        ``gross_revenue``: of the revenues if all others were worth nothing, of which they are the remainder).

    Raises
    ------
    ValueError
        If the model holds an unknown key.
    """
    refuse_unknown_keys(model)
    draw = draw_of(model)
    gains, scales = gains_by_world(draw)
    thought_gains, thought_scales = gains, scales
    beliefs = model.get("beliefs", {})
    if beliefs.get("optimism", 0) != 0:
        thought_gains, thought_scales = gains_by_world(replace(draw, crowd=1 + MP.mpf(beliefs["optimism"])))
    scale = max(scales[part] for part in PARTS)
    perceived_scale = max(scale, *(thought_scales[part] for part in PARTS))
    results = outputs_of(model, gains, scales | {"all": scale})
    results |= {
        "perceived_incentive": tidy(perceived_incentive(model, thought_gains), perceived_scale),
        "revenue_today": float(revenue_today(draw)),
        "scale": float(scale),
        "perceived_scale": float(perceived_scale),
        "revenue_scale": float(scales["revenue_gain"]),
        "gross_revenue": float(max(scales["gross_revenue"], thought_scales["gross_revenue"])),
    }
    return results | {f"scale_{part}": float(scales[part]) for part in PARTS}


def outputs_of(model: Numbers, gains: dict[str, Parts], scales: Parts) -> dict[str, float]:
    """Give the incentives, their parts, and what the releases do to each."""
    effects = {part: gains["release"][part] - gains["frozen"][part] for part in PARTS}
    results = {
        "incentive": tidy(incentive_of(model, gains["release"]), scales["all"]),
        "incentive_frozen": tidy(incentive_of(model, gains["frozen"]), scales["all"]),
        "open_effect": tidy(incentive_of(model, effects), scales["all"]),
    }
    results |= {part: tidy(gains["release"][part], scales[part]) for part in PARTS}
    return results | {f"open_effect_{part}": tidy(effects[part], scales[part]) for part in PARTS}


def perceived_incentive(model: Numbers, gains: dict[str, Parts]) -> Number:
    """Mix both worlds' incentives, as valued with the customers that the lab believes in."""
    inattention = MP.mpf(model.get("beliefs", {}).get("inattention", 0))
    release, frozen = (incentive_of(model, gains[world]) for world in ("release", "frozen"))
    return (1 - inattention) * release + inattention * frozen


def largest_part(result: Mapping[str, float]) -> float:
    """Tell the scale, in USD, by which a result's rounding is judged: its largest flow or cost."""
    return result["scale"]


def worlds_of(model: Numbers) -> dict[str, World]:
    """Lay out both worlds of a draw: paths, days of failure, what becomes of the candidate."""
    price = cached_margin(model)
    return {name: world_of(model, name, price, MP.one) for name in ("release", "frozen")}


def draw_of(model: Numbers) -> Draw:
    """Take up a draw; its gross margin is what customers would pay if all others were worth nothing."""
    alone = {**model, "market": {"open_substitutability": 0}}
    return Draw(
        model=model,
        margin=cached_margin(model),
        gross_margin=cached_margin(alone),
        demand=lru_cache(maxsize=None)(partial(demand_integral, model)),
        crowd=MP.one,
    )


def cached_margin(model: Numbers) -> Margin:
    """Give the margin as a function of own level, open level and rivals' levels that remembers."""
    return lru_cache(maxsize=None)(lambda own, free, rivals: margin(model, own, free, rivals))


def tidy(amount: Number, scale: Number) -> float:
    """Round to double precision, what is nothing but 50-digit rounding to an exact zero."""
    return 0.0 if abs(amount) <= ROUNDING * scale else float(amount)


def incentive_of(model: Numbers, parts: Parts) -> Number:
    """Add the parts up: the training cost only where it counts."""
    counted = model["lab"].get("counts_training_cost", True)
    return MP.fsum(sign * parts[part] for part, sign in PARTS.items() if part != "training_cost" or counted)


def revenue_today(draw: Draw) -> Number:
    """Give n(0) * ecosystem * margin on the stay path at day 0 in the release world, in USD per day."""
    world = world_of(draw.model, "release", draw.margin, draw.crowd)
    return revenue_on(draw.model, world.stay.path, MP.zero, draw.margin, draw.crowd)


def gains_by_world(draw: Draw) -> tuple[dict[str, Parts], Parts]:
    """Give upgrade minus stay by part in both worlds, and each part's largest flow over the four cases."""
    worlds = {name: world_of(draw.model, name, draw.margin, draw.crowd) for name in ("release", "frozen")}
    cases = [case for world in worlds.values() for case in (world.stay, world.upgrade, world.halted)]
    cuts = cuts_of(cases, draw.model)
    gains, scales = {}, dict.fromkeys([*PARTS, "gross_revenue"], MP.zero)
    for name, world in worlds.items():
        stay, stay_flows = flows_of(draw, cuts, world, upgrade=False)
        upgrade, upgrade_flows = flows_of(draw, cuts, world, upgrade=True)
        gains[name] = {part: upgrade[part] - stay[part] for part in stay}
        gains[name] |= {
            "training_cost": training_cost(draw.model, world),
            "caution_cost": caution_cost(draw.model, world),
        }
        for flows in (stay_flows, upgrade_flows, gains[name]):
            scales = {part: max(scales[part], abs(flows.get(part, MP.zero))) for part in scales}
    return gains, scales


def flows_of(draw: Draw, cuts: list[Number], world: World, *, upgrade: bool) -> tuple[Parts, Parts]:
    """Integrate one case's flows; give them by part, and their sizes before anything cancels."""
    lab = draw.model["lab"]
    rate = daily_rate(draw.model.get("discount_rate", 0))
    main = world.upgrade if upgrade else world.stay
    unhalted, contest = MP.one, (MP.one, MP.zero, MP.zero)
    revenue = gross = prestige = alive = MP.zero
    for first, last in pairwise(cuts):
        halt = halt_hazard(draw.model, world, first) if upgrade else MP.zero
        stretch = Stretch(first=first, last=last, rate=rate, halt=halt, unhalted=unhalted)
        for case, on_main in living_cases(main, world.halted, stretch):
            demand = mixed(stretch, partial(draw.demand, draw.crowd), on_main)
            revenue += demand * satisfied_revenue(draw, case, first)
            gross += demand * gross_revenue(draw, case, first)
            living = mixed(stretch, exponential_integral, on_main)
            alive += living
            if own_level(case.path, first) > best_other(draw.model, case.path, first):
                prestige += living
        contest = contest_over(draw.model, contest, stretch, main, world.halted)
        unhalted *= MP.exp(-halt * (last - first))
    reached = sum(
        chance for case, chance in ((main, unhalted), (world.halted, 1 - unhalted)) if case.failure == MP.inf
    )
    operating = MP.mpf(lab.get("operating_cost_per_day", 0)) * alive
    continuation = MP.mpf(lab.get("continuation_value", 0)) * MP.exp(-rate * cuts[-1]) * reached
    parts = {
        "revenue_gain": revenue,
        "survival_gain": continuation - operating,
        "prestige_gain": MP.mpf(lab.get("prestige_per_day", 0)) * prestige,
        "strategic_gain": MP.mpf(lab.get("strategic", {}).get("prize", 0)) * contest[2],
    }
    return parts, parts | {"survival_gain": max(continuation, operating), "gross_revenue": gross}


def living_cases(main: Case, halted: Case, stretch: Stretch) -> list[tuple[Case, bool]]:
    """List who is alive on a stretch, with whether it is the main case; the halted one if it can be yet."""
    possible = [(main, True)]
    if stretch.unhalted != 1 or stretch.halt != 0:
        possible.append((halted, False))
    return [(case, on_main) for case, on_main in possible if stretch.first < case.failure]


def mixed(stretch: Stretch, integral: Callable[[Number, Number, Number], Number], on_main: bool) -> Number:
    """Integrate a flow with the discount and with the chance of no halt, or else of a halt.

    `integral` gives that of e^(rate t) times the flow, of the rate and both ends.
    """
    # On the stretch the chance of no halt is unhalted * e^(-halt (t - first)).
    kept = stretch.unhalted * MP.exp(stretch.halt * stretch.first)
    unhalted = kept * integral(-(stretch.rate + stretch.halt), stretch.first, stretch.last)
    return unhalted if on_main else integral(-stretch.rate, stretch.first, stretch.last) - unhalted


def contest_over(model: Numbers, contest: Contest, stretch: Stretch, main: Case, halted: Case) -> Contest:
    """Carry the contest over a stretch, if there is a prize."""
    if model["lab"].get("strategic", {}).get("prize", 0) == 0:
        return contest
    return contest_after(
        contest,
        stretch.last - stretch.first,
        halt=stretch.halt,
        rate=stretch.rate,
        main=contest_hazards(model, main, stretch.first),
        halted=contest_hazards(model, halted, stretch.first),
    )


def satisfied_revenue(draw: Draw, case: Case, day: Number) -> Number:
    """Give ecosystem * U(margin), in USD per day and customer of n(t)."""
    free = free_level(case.path, day)
    paid = draw.margin(own_level(case.path, day), free, rival_levels(draw.model, case.path, day))
    if "lead_satiation" in draw.model["lab"]:
        most = MP.mpf(draw.model["lab"]["lead_satiation"])
        paid = -most * MP.expm1(-paid / most)
    return ecosystem(draw.model, free) * paid


def gross_revenue(draw: Draw, case: Case, day: Number) -> Number:
    """Give ecosystem * R F(own level): what the revenue is the remainder of."""
    free = free_level(case.path, day)
    return ecosystem(draw.model, free) * draw.gross_margin(own_level(case.path, day), free, ())


def halt_hazard(model: Numbers, world: World, day: Number) -> Number:
    """Give the hazard of a halt, a day: on [arrival, failure of upgrade), less once open models moved."""
    if not world.comes_out or not world.arrival <= day < world.upgrade.failure:
        return MP.zero
    regulation = model.get("regulation", {})
    path = world.upgrade.path
    relief = MP.mpf(regulation.get("open_relief", 0)) if free_level(path, day) > path.free else MP.zero
    return MP.mpf(regulation.get("halt_rate", 0)) * (1 - relief) / MP.mpf("365.25")


def contest_hazards(model: Numbers, case: Case, day: Number) -> tuple[Number, Number]:
    """Give the hazards, a day, of winning and of losing the contest; a lab that is gone wins nothing."""
    strategic = model["lab"]["strategic"]
    if day >= case.failure:
        return MP.zero, MP.zero
    lead = MP.log(MP.mpf(own_level(case.path, day)) / MP.mpf(best_other(model, case.path, day)))
    rate = MP.mpf(strategic.get("win_rate", 1)) / MP.mpf("365.25")
    needed, softness = strategic.get("lead", 0), strategic.get("softness", 0)
    return rate * hazard_share(lead, needed, softness), rate * hazard_share(-lead, needed, softness)


def training_cost(model: Numbers, world: World) -> Number:
    """Give the present value of the training expense, in USD: 0 if the candidate is not trained."""
    if not world.trained:
        return MP.zero
    lab = model["lab"]
    start = MP.mpf(lab.get("start_day", 0))
    free = MP.mpf(free_level(world.stay.path, start))
    cost = MP.mpf(lab.get("budget", 0))
    if "budget" not in lab:
        cost = max(MP.mpf(lab["candidate_expense"]) - MP.mpf(lab.get("head_start", 0)) * free, MP.zero)
    talent = (free / MP.mpf(world.stay.path.free)) ** MP.mpf(lab.get("talent_elasticity", 0))
    return cost * talent * MP.exp(-daily_rate(model.get("discount_rate", 0)) * start)


def caution_cost(model: Numbers, world: World) -> Number:
    """Give the present value of the dislike of advancing the frontier, in USD, on the day of arrival."""
    caution = model["lab"].get("caution", {})
    if not world.comes_out or caution.get("cost", 0) == 0:
        return MP.zero
    day = MP.mpf(world.arrival)
    # The stay path knows no chase.
    others = (model["lab"]["current_expense"], best_other(model, world.stay.path, day))
    frontier = max(value_of(model["value"], level) for level in others)
    advance = max(value_of(model["value"], world.candidate) - frontier, MP.zero)
    discount = MP.exp(-daily_rate(model.get("discount_rate", 0)) * day)
    return MP.mpf(caution["cost"]) * advance ** MP.mpf(caution.get("exponent", 1)) * discount


def refuse_unknown_keys(model: Numbers) -> None:
    """Raise ValueError if the model holds a key that this reference does not know."""
    for path, known in (KNOWN_KEYS | KNOWN_MEMBER_KEYS).items():
        section = model
        for name in path.split(".") if path else ():
            section = section.get(name, {})
        for mapping in section if path in KNOWN_MEMBER_KEYS else [section]:
            unknown = set(mapping) - set(known.split())
            if unknown:
                raise ValueError(f"unknown in {path!r}: {sorted(unknown)}")
