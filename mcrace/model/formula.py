"""The model of one draw, from top to bottom.

Everything here is scalar. The kernel compiles `evaluate` and what it calls, and loops it over draws;
called from plain Python it gives the same numbers, slowly. Both worlds walk through time together, so
that what they share drops out of every difference exactly.
"""

import math

from mcrace.model.beliefs import perceived
from mcrace.model.capture import captured_share, residual_spread
from mcrace.model.customers import discounted_customers
from mcrace.model.discounting import (
    DAYS_A_YEAR,
    annuity,
    daily_rate,
    discount_factor,
    length_of_lost,
    lost_share,
)
from mcrace.model.flows import next_failure, pass_contest, set_failures, set_flows
from mcrace.model.levels import (
    customer_value,
    level_value,
    release_level,
    rival_level,
    set_levels,
    set_standing,
)
from mcrace.model.motives import caution_loss
from mcrace.model.niches import best_aptitude
from mcrace.model.pricing import set_margins, set_worth
from mcrace.model.releases import write_process
from mcrace.model.training import arrival_day, candidate_level, training_cost
from mcrace.model.types import Lists, Numbers, World

__all__ = ["evaluate"]


def evaluate(m: Numbers, lists: Lists, common: Numbers, worlds: tuple[World, World], out: Numbers) -> None:
    """Value the four cases {upgrade, stay} x {release, frozen} of one draw.

    Parameters
    ----------
    m : Numbers
        The model's single numbers.
    lists : Lists
        Its lists: open releases, rivals, niches, points of the value curve.
    common : Numbers
        Room for what both worlds share.
    worlds : tuple of World
        Room for the release world and for the frozen one.
    out : Numbers
        Takes the outputs, USD; every field is set.
    """
    begin_lists(m, lists, common)
    believed = 0.0
    for turn in range(1 if m.beliefs_optimism == 0.0 else 2):
        # First with the demand that the lab believes in, and at last with the true one.
        optimism = m.beliefs_optimism if turn == 0 else 0.0
        value_cases(1.0 + optimism, m, lists, common, worlds, out)
        if turn == 0:
            believed = perceived(out.incentive, out.incentive_frozen, m.beliefs_inattention)
    out.perceived_incentive = believed


def begin_lists(m: Numbers, lists: Lists, common: Numbers) -> None:
    """Write the releases of the open process, and find each model's best aptitude over the niches."""
    data, places = lists.data, lists.places
    if places.rival_expense > places.process_growth:
        write_process(
            m.open_process_first_day,
            m.open_current_expense,
            data[places.process_interval : places.process_growth],
            data[places.process_growth : places.rival_expense],
            data[places.release_day : places.release_expense],
            data[places.release_expense : places.process_interval],
        )
    if places.niche_lab_aptitude > places.niche_share:
        common.lab_best = best_aptitude(data[places.niche_lab_aptitude : places.niche_open_aptitude])
        common.open_best = best_aptitude(data[places.niche_open_aptitude : places.niche_rival_aptitude])
        common.rival_best = best_aptitude(data[places.niche_rival_aptitude : places.point_level])


def value_cases(
    optimism: float,
    m: Numbers,
    lists: Lists,
    common: Numbers,
    worlds: tuple[World, World],
    out: Numbers,
) -> None:
    """Value the four cases with `optimism` times the demand."""
    begin(optimism, m, lists, common)
    for world in worlds:
        begin_world(m, lists, common, world)
    walk(m, lists, common, worlds, out)
    for world in worlds:
        pay(m, lists, common, world)
        world.now.incentive = incentive_of(m.lab_counts_training_cost, world.now)

    release, frozen = worlds[0].now, worlds[1].now
    out.incentive = release.incentive
    out.incentive_frozen = frozen.incentive
    out.revenue_gain = release.revenue_gain
    out.training_cost = release.training_cost
    out.survival_gain = release.survival_gain
    out.prestige_gain = release.prestige_gain
    out.caution_cost = release.caution_cost
    out.strategic_gain = release.strategic_gain
    out.open_effect_training_cost = release.training_cost - frozen.training_cost
    out.open_effect_survival_gain += release.continuation_gain - frozen.continuation_gain
    out.open_effect_caution_cost = release.caution_cost - frozen.caution_cost
    out.open_effect = (
        out.open_effect_revenue_gain
        - m.lab_counts_training_cost * out.open_effect_training_cost
        + out.open_effect_survival_gain
        + out.open_effect_prestige_gain
        - out.open_effect_caution_cost
        + out.open_effect_strategic_gain
    )


def begin(optimism: float, m: Numbers, lists: Lists, common: Numbers) -> None:
    """Set what both worlds share: rates, demand, captured share, the values that never change."""
    common.discount = daily_rate(m.discount_rate)
    common.growth = daily_rate(m.customers_growth_rate)
    common.count = optimism * m.customers_count
    common.ceiling = optimism * m.customers_ceiling
    common.share = captured_share(
        residual_spread(m.customers_valuation_spread, m.customers_price_discrimination)
    )
    common.arrival = arrival_day(m.lab_start_day, m.lab_training_days, m.horizon_days)
    common.factor = 1.0
    if common.arrival < m.horizon_days:
        common.factor = discount_factor(common.discount - common.growth, common.arrival)
    common.stay_value = customer_value(m.lab_current_expense, 1.0, m, lists)
    common.today_value = customer_value(m.open_current_expense, m.market_open_substitutability, m, lists)
    common.win_hazard = m.lab_strategic_win_rate / DAYS_A_YEAR
    common.has_contest = 1.0 if m.lab_strategic_prize * m.lab_strategic_win_rate > 0.0 else 0.0
    common.counts_days = 1.0 if m.lab_operating_cost_per_day + m.lab_prestige_per_day > 0.0 else 0.0
    common.has_standing = 1.0 if m.lab_prestige_per_day > 0.0 else common.has_contest
    common.watches = 1.0 if m.lab_operating_cost_per_day > 0.0 else common.has_contest
    common.days = 0.0


def begin_world(m: Numbers, lists: Lists, common: Numbers, world: World) -> None:
    """Put a world back to day 0; training starts from the open level of its first day."""
    now = world.now
    level = open_level_at(m.lab_start_day, m, lists, now)
    now.start_level = level
    now.candidate = candidate_level(m.lab_candidate_expense, m.lab_budget, m.lab_head_start, level)
    now.better_level = max(m.lab_current_expense, now.candidate)
    now.comes_out, now.unhalted, now.halt_hazard = 0.0, 1.0, 0.0
    now.chase_day, now.chase_target = math.inf, 0.0
    # The frozen world is looked at from the day on which anything can happen to the lab.
    watched = now.is_release + common.watches > 0.0
    now.change = 0.0 if watched else min(common.arrival, m.horizon_days)
    now.open_level = now.chased_level = m.open_current_expense
    now.open_value = now.chased_value = common.today_value
    now.rival_level = now.rival_value = now.chased_rival_level = now.chased_rival_value = 0.0
    now.revenue_flow = now.survival_flow = now.prestige_flow = now.strategic_flow = 0.0
    now.revenue_gain = now.survival_gain = now.prestige_gain = now.strategic_gain = 0.0
    now.training_cost = now.caution_cost = now.continuation_gain = 0.0
    world.stay.failure = world.upgrade.failure = world.halted.failure = math.inf
    world.stay.undecided = 1.0


def open_level_at(day: float, m: Numbers, lists: Lists, now: Numbers) -> float:
    """Open level of a world on a day, without the chase, USD."""
    return release_level(day, m, lists) if now.is_release == 1.0 else m.open_current_expense


def walk(m: Numbers, lists: Lists, common: Numbers, worlds: tuple[World, World], out: Numbers) -> None:
    """Go from stretch to stretch of constant levels, and add up the flows of both worlds."""
    out.open_effect_revenue_gain = out.open_effect_survival_gain = 0.0
    out.open_effect_prestige_gain = out.open_effect_strategic_gain = 0.0
    last = m.horizon_days if common.arrival < m.horizon_days else min(m.lab_start_day, m.horizon_days)
    start = 0.0
    while start < last or start == 0.0:
        end = m.horizon_days
        for world in worlds:
            if start >= world.now.change:
                enter(start, m, lists, common, world)
            end = min(end, world.now.change)
            if m.lab_operating_cost_per_day > 0.0:
                end = min(end, next_failure(start, world))
        if start == 0.0:
            out.revenue_today = common.count * worlds[0].stay.revenue
        if start >= common.arrival:
            add_stretch(start, end, m, common, worlds, out)
        elif common.has_contest == 1.0:
            for world in worlds:
                pass_contest(end - start, 0.0, world)
        elif common.watches == 0.0:
            # Before z is out all paths are alike: there is nothing to add, and here nothing to watch.
            end = min(common.arrival, m.horizon_days)
        start = end


def enter(day: float, m: Numbers, lists: Lists, common: Numbers, world: World) -> None:
    """Set everything of a world that changes on a day: z out, levels, margins, standing, failures."""
    if day == common.arrival and world.stay.failure >= day:
        bring_out(day, m, lists, world)
    set_levels(day, m, lists, common, world)
    set_margins(day, m, lists, common, world)
    set_worth(m, common, world)
    if common.has_standing == 1.0:
        set_standing(m, common, world)
    if m.lab_operating_cost_per_day > 0.0:
        set_failures(day, m, common, world)


def bring_out(day: float, m: Numbers, lists: Lists, world: World) -> None:
    """Let z come out: the upgrade leaves the path of staying, and open models may chase it."""
    now = world.now
    now.comes_out = 1.0
    now.better_value = customer_value(now.better_level, 1.0, m, lists)
    if now.is_release == 1.0 and m.open_chase_fraction > 0.0:
        now.chase_day = day + m.open_chase_lag_days
        now.chase_target = m.open_chase_fraction * now.candidate
    world.upgrade.undecided = world.halted.undecided = world.stay.undecided


def add_stretch(
    start: float, end: float, m: Numbers, common: Numbers, worlds: tuple[World, World], out: Numbers
) -> None:
    """Add the flows of a stretch to both worlds and, flow by flow, their difference to open_effect."""
    if common.growth == 0.0 or math.isinf(common.ceiling):
        rate, length = common.discount - common.growth, end - start
        lost = lost_share(rate, length)
        common.customers = common.count * (common.factor * length_of_lost(lost, rate, length))
        common.factor *= 1.0 - lost
    else:
        common.customers = discounted_customers(
            common.count, common.growth, common.ceiling, common.discount, 0.0, start, end
        )
    if common.counts_days == 1.0:
        common.days = annuity(common.discount, start, end)
    for world in worlds:
        if world.now.comes_out == 1.0:
            set_flows(start, end, m, common, world)
            add_flows(world.now)
    release, frozen = worlds[0].now, worlds[1].now
    out.open_effect_revenue_gain += release.revenue_flow - frozen.revenue_flow
    out.open_effect_survival_gain += release.survival_flow - frozen.survival_flow
    out.open_effect_prestige_gain += release.prestige_flow - frozen.prestige_flow
    out.open_effect_strategic_gain += release.strategic_flow - frozen.strategic_flow


def add_flows(now: Numbers) -> None:
    """Add the flows of a stretch to a world's gains."""
    now.revenue_gain += now.revenue_flow
    now.survival_gain += now.survival_flow
    now.prestige_gain += now.prestige_flow
    now.strategic_gain += now.strategic_flow


def pay(m: Numbers, lists: Lists, common: Numbers, world: World) -> None:
    """Set what training z costs a world's lab, what it dislikes about z, and what being alive is worth."""
    now = world.now
    if m.lab_start_day < m.horizon_days and m.lab_start_day <= world.stay.failure:
        cost = training_cost(
            m.lab_candidate_expense,
            m.lab_budget,
            m.lab_head_start,
            now.start_level,
            m.open_current_expense,
            m.lab_talent_elasticity,
        )
        now.training_cost = cost * discount_factor(common.discount, m.lab_start_day)
    if now.comes_out == 0.0:
        return
    if m.lab_caution_cost > 0.0:
        day = common.arrival
        level = open_level_at(day, m, lists, now)
        frontier = max(m.lab_current_expense, level, rival_level(day, level, lists))
        advance = level_value(now.candidate, m, lists) - level_value(frontier, m, lists)
        loss = caution_loss(advance, m.lab_caution_cost, m.lab_caution_exponent)
        now.caution_cost = loss * discount_factor(common.discount, day)
    if m.lab_continuation_value > 0.0:
        worth = m.lab_continuation_value * discount_factor(common.discount, m.horizon_days)
        now.continuation_gain = worth * more_survival(m, world)
        now.survival_gain += now.continuation_gain


def more_survival(m: Numbers, world: World) -> float:
    """Chance of being alive at the horizon on upgrade, less that on stay."""
    stay = 1.0 if m.horizon_days <= world.stay.failure else 0.0
    upgrade = 1.0 if m.horizon_days <= world.upgrade.failure else 0.0
    halted = 1.0 if m.horizon_days <= world.halted.failure else 0.0
    return world.now.unhalted * (upgrade - stay) + (1.0 - world.now.unhalted) * (halted - stay)


def incentive_of(counted: float, now: Numbers) -> float:
    """V(upgrade) - V(stay) of one world: the sum of its parts, USD."""
    return (
        now.revenue_gain
        - counted * now.training_cost
        + now.survival_gain
        + now.prestige_gain
        - now.caution_cost
        + now.strategic_gain
    )
