"""Levels and values of one world from a day on, up to the next day on which any of them changes."""

import math

from mcrace.model.contest import decisive_hazard
from mcrace.model.customers import ecosystem_factor
from mcrace.model.motives import leads
from mcrace.model.regulation import halt_hazard
from mcrace.model.releases import chased_level, next_release_day, open_level
from mcrace.model.rivals import best_rival, next_rival_day
from mcrace.model.satiation import satiated_value
from mcrace.model.types import Lists, Numbers, World
from mcrace.model.value import hill_value, log_value, power_value, table_value

__all__ = [
    "customer_value",
    "has_rivals",
    "level_value",
    "release_level",
    "rival_level",
    "set_levels",
    "set_standing",
    "set_values",
]


def set_levels(day: float, m: Numbers, lists: Lists, common: Numbers, world: World) -> None:
    """Set the open levels of a world's paths on a day, and the next day on which a level changes.

    Parameters
    ----------
    day : float
        First day of the stretch.
    m, lists, common : Numbers, Lists, Numbers
        The draw.
    world : World
        Takes the levels, USD, and what hangs on them alone: ecosystem, hazard of a halt.
    """
    now, today = world.now, m.open_current_expense
    level = today
    change = m.horizon_days
    if has_rivals(lists):
        first, end = lists.places.rival_release_day, lists.places.rival_head_start
        change = min(change, next_rival_day(day, lists.data[first:end]))
    if day < common.arrival:
        change = min(change, common.arrival)
    if now.is_release == 1.0:
        level = release_level(day, m, lists)
        change = min(change, _next_raise(day, level, lists))
    chased = level
    if now.comes_out == 1.0:
        chased = chased_level(day, now.chase_day, level, now.chase_target)
        if day < now.chase_day:
            change = min(change, now.chase_day)
        now.halt_hazard = halt_hazard(chased, today, m.regulation_halt_rate, m.regulation_open_relief)
    now.change = change
    set_values(day, level, chased, m, lists, world)
    now.ecosystem = ecosystem_factor(level, today, m.customers_open_elasticity)
    now.chased_ecosystem = now.ecosystem
    if chased != level:
        now.chased_ecosystem = ecosystem_factor(chased, today, m.customers_open_elasticity)


def set_values(day: float, level: float, chased: float, m: Numbers, lists: Lists, world: World) -> None:
    """Set the values of the open model and of the best rival; what has not changed is known.

    Parameters
    ----------
    day : float
        First day of the stretch.
    level, chased : float
        Open level, without and with the chase, USD.
    m, lists : Numbers, Lists
        The draw.
    world : World
        Takes the values, USD per customer and day.
    """
    now = world.now
    if level != now.open_level:
        now.open_value = customer_value(level, m.market_open_substitutability, m, lists)
    if chased == level:
        now.chased_value = now.open_value
    elif chased != now.chased_level:
        now.chased_value = customer_value(chased, m.market_open_substitutability, m, lists)
    now.open_level, now.chased_level = level, chased
    if not has_rivals(lists):
        return
    undercuts = m.market_conduct == 1.0
    rival = rival_level(day, level, lists)
    if undercuts and rival != now.rival_level:
        now.rival_value = customer_value(rival, 1.0, m, lists)
    now.rival_level = now.chased_rival_level = rival
    now.chased_rival_value = now.rival_value
    if chased != level:
        rival = rival_level(day, chased, lists)
        if undercuts and rival != now.rival_level:
            now.chased_rival_value = customer_value(rival, 1.0, m, lists)
        now.chased_rival_level = rival


def set_standing(m: Numbers, common: Numbers, world: World) -> None:
    """Set who leads and the hazards of the contest, on each path of a world.

    Parameters
    ----------
    m, common : Numbers
        The draw.
    world : World
        Its levels are set.
    """
    now, own = world.now, m.lab_current_expense
    _set_path_standing(world.stay, own, max(now.open_level, now.rival_level), m, common)
    if now.comes_out == 1.0:
        best = max(now.chased_level, now.chased_rival_level)
        _set_path_standing(world.upgrade, now.better_level, best, m, common)
        if m.regulation_halt_rate > 0.0:
            _set_path_standing(world.halted, own, best, m, common)


def _set_path_standing(path: Numbers, own: float, best_other: float, m: Numbers, common: Numbers) -> None:
    path.leads = leads(own, best_other)
    if common.has_contest == 1.0:
        needed, softness, rate = m.lab_strategic_lead, m.lab_strategic_softness, common.win_hazard
        lead = math.log(own / best_other)
        path.win = decisive_hazard(lead, needed, softness, rate)
        path.deciding = path.win + decisive_hazard(-lead, needed, softness, rate)


def customer_value(level: float, counted: float, m: Numbers, lists: Lists) -> float:
    """Value F of a level to the average customer: G(counted f(level)), USD per customer and day.

    Parameters
    ----------
    level : float
        USD.
    counted : float
        Share of the value f that customers count, in [0, 1].
    m, lists : Numbers, Lists
        The draw.

    Returns
    -------
    float
        USD per customer and day.
    """
    value = counted * level_value(level, m, lists)
    return satiated_value(value, m.value_satiation_median, m.value_satiation_spread)


def level_value(level: float, m: Numbers, lists: Lists) -> float:
    """Value f of a level on the study's curve, USD per customer and day.

    Parameters
    ----------
    level : float
        USD.
    m, lists : Numbers, Lists
        The draw.

    Returns
    -------
    float
        USD per customer and day.
    """
    if m.value_curve == 0.0:
        return log_value(level, m.value_scale, m.value_reference)
    if m.value_curve == 1.0:
        return power_value(level, m.value_scale, m.value_reference, m.value_exponent)
    if m.value_curve == 2.0:
        return hill_value(level, m.value_ceiling, m.value_half, m.value_steepness)
    places = lists.places
    levels = lists.data[places.point_level : places.point_value]
    return table_value(level, levels, lists.data[places.point_value : places.end])


def release_level(day: float, m: Numbers, lists: Lists) -> float:
    """Open level on a day in the release world, without the chase, USD.

    Parameters
    ----------
    day : float
        Day.
    m, lists : Numbers, Lists
        The draw.

    Returns
    -------
    float
        USD.
    """
    places = lists.places
    days = lists.data[places.release_day : places.release_expense]
    return open_level(
        day, m.open_current_expense, days, lists.data[places.release_expense : places.process_interval]
    )


def rival_level(day: float, open_level: float, lists: Lists) -> float:
    """Level of the best rival that is there on a day, USD; 0 if none is.

    Parameters
    ----------
    day : float
        Day.
    open_level : float
        Open level on that day, USD.
    lists : Lists
        The draw.

    Returns
    -------
    float
        USD.
    """
    if not has_rivals(lists):
        return 0.0
    places = lists.places
    expenses = lists.data[places.rival_expense : places.rival_release_day]
    days = lists.data[places.rival_release_day : places.rival_head_start]
    return best_rival(
        day, open_level, expenses, days, lists.data[places.rival_head_start : places.rival_value]
    )


def has_rivals(lists: Lists) -> bool:
    """Whether the study has any rival.

    Parameters
    ----------
    lists : Lists
        The draw.

    Returns
    -------
    bool
        True if so.
    """
    return lists.places.rival_release_day > lists.places.rival_expense


def _next_raise(day: float, level: float, lists: Lists) -> float:
    """First day after `day` on which a release raises the open level; infinite if there is none."""
    places = lists.places
    days = lists.data[places.release_day : places.release_expense]
    return next_release_day(day, level, days, lists.data[places.release_expense : places.process_interval])
