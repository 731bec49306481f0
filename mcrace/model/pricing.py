"""Margins of one world's paths: niches, conduct, captured share, and what they are worth to the lab."""

import math

from mcrace.model.levels import customer_value
from mcrace.model.logit import logit_margin
from mcrace.model.market import cournot_share, margin, margin_gain, undercutting_gain, undercutting_margin
from mcrace.model.motives import content_with
from mcrace.model.niches import served_share
from mcrace.model.types import Lists, Numbers, World

__all__ = ["conduct_gain", "conduct_margin", "set_margins", "set_worth"]


def set_margins(day: float, m: Numbers, lists: Lists, common: Numbers, world: World) -> None:
    """Set the margins of a world's paths before the captured share: the mean over the niches.

    Parameters
    ----------
    day : float
        First day of the stretch.
    m, lists, common : Numbers, Lists, Numbers
        The draw.
    world : World
        Its levels are set; takes margins in USD per customer and day.
    """
    world.stay.margin = world.upgrade.margin = world.halted.margin = world.now.margin_gain = 0.0
    now, places = world.now, lists.places
    if places.niche_lab_aptitude > places.niche_share:
        _add_niches(day, m, lists, common, world)
        return
    _add_margins(
        day,
        1.0,
        1.0,
        common.stay_value,
        now.better_value,
        now.open_value,
        now.rival_value,
        now.chased_value,
        now.chased_rival_value,
        m,
        lists,
        world,
    )


def set_worth(m: Numbers, common: Numbers, world: World) -> None:
    """Set what a potential customer brings a day on each path: in USD, and as the lab sees it.

    Parameters
    ----------
    m, common : Numbers
        The draw.
    world : World
        Its margins are set.
    """
    now, share = world.now, common.share
    _set_path_worth(world.stay, now.ecosystem, share, m.lab_lead_satiation)
    if now.comes_out == 0.0:
        return
    _set_path_worth(world.upgrade, now.chased_ecosystem, share, m.lab_lead_satiation)
    _set_path_worth(world.halted, now.chased_ecosystem, share, m.lab_lead_satiation)
    now.halted_worth_gain = world.halted.worth - world.stay.worth
    now.worth_gain = world.upgrade.worth - world.stay.worth
    if math.isinf(m.lab_lead_satiation) and now.chased_ecosystem == now.ecosystem:
        now.worth_gain = now.ecosystem * (share * now.margin_gain)


def conduct_margin(own: float, free: float, rival: float, present: int, m: Numbers, lists: Lists) -> float:
    """Margin of a model by market conduct, before the captured share.

    Parameters
    ----------
    own, free, rival : float
        Value of the model, of the best open one and of the best rival's, USD per customer and day.
    present : int
        Rivals that are there; their values stand at the head of the list ``rival_value`` for logit.
    m, lists : Numbers, Lists
        The draw.

    Returns
    -------
    float
        USD per customer and day.
    """
    if m.market_conduct == 0.0:
        return margin(own, free)
    if m.market_conduct == 1.0:
        return undercutting_margin(own, free, rival, m.market_overlap)
    if m.market_conduct == 2.0:
        return cournot_share(m.market_firms) * margin(own, free)
    places = lists.places
    values = lists.data[places.rival_value : places.seller_weight]
    weights = lists.data[places.seller_weight : places.niche_share]
    return logit_margin(own, free, values, present, m.market_differentiation, weights)


def conduct_gain(
    better: float, own: float, free: float, rival: float, upgrade_less_stay: float, m: Numbers
) -> float:
    """Gain of `conduct_margin` from the better model: exactly free of what drops out of it.

    Parameters
    ----------
    better, own, free, rival : float
        Value of the upgraded, the current, the best open and the best rival's model, USD per customer
        and day.
    upgrade_less_stay : float
        Plain difference of the margins, for logit.
    m : Numbers
        The draw.

    Returns
    -------
    float
        USD per customer and day.
    """
    if m.market_conduct == 0.0:
        return margin_gain(better, own, free)
    if m.market_conduct == 1.0:
        return undercutting_gain(better, own, free, rival, m.market_overlap)
    if m.market_conduct == 2.0:
        return cournot_share(m.market_firms) * margin_gain(better, own, free)
    return upgrade_less_stay


def _add_niches(day: float, m: Numbers, lists: Lists, common: Numbers, world: World) -> None:
    """Add the margins of every niche, weighted by its share."""
    data, places, now = lists.data, lists.places, world.now
    niches = places.niche_lab_aptitude - places.niche_share
    shares, substitution, counted = 0.0, m.niches_substitution, m.market_open_substitutability
    for niche in range(niches):
        shares += data[places.niche_share + niche]
    for niche in range(niches):
        lab = served_share(data[places.niche_lab_aptitude + niche], common.lab_best, substitution)
        free = served_share(data[places.niche_open_aptitude + niche], common.open_best, substitution)
        rival = served_share(data[places.niche_rival_aptitude + niche], common.rival_best, substitution)
        free_value = _served(now.open_level, free, counted, now.open_value, m, lists)
        rival_value = _served(now.rival_level, rival, 1.0, now.rival_value, m, lists)
        chased_value, chased_rival_value = free_value, rival_value
        if now.chased_level != now.open_level:
            chased_value = _served(now.chased_level, free, counted, now.chased_value, m, lists)
            chased_rival_value = _served(now.chased_rival_level, rival, 1.0, now.chased_rival_value, m, lists)
        _add_margins(
            day,
            data[places.niche_share + niche] / shares,
            rival,
            _served(m.lab_current_expense, lab, 1.0, common.stay_value, m, lists),
            _served(now.better_level, lab, 1.0, now.better_value, m, lists),
            free_value,
            rival_value,
            chased_value,
            chased_rival_value,
            m,
            lists,
            world,
        )


def _add_margins(
    day: float,
    weight: float,
    rival_factor: float,
    own: float,
    better: float,
    free: float,
    rival: float,
    chased: float,
    chased_rival: float,
    m: Numbers,
    lists: Lists,
    world: World,
) -> None:
    """Add one niche's margins from the values in it: of y, z, the open model and the best rival.

    The last two are given without and with the chase; rivals' levels count `rival_factor` times.
    """
    now, present = world.now, 0
    if m.market_conduct == 3.0:
        present = _write_rivals(day, now.open_level, rival_factor, m, lists)
    stay = conduct_margin(own, free, rival, present, m, lists)
    world.stay.margin += weight * stay
    if now.comes_out == 0.0:
        return
    halted = stay
    same = chased == free and chased_rival == rival
    if now.chased_level != now.open_level:
        if m.market_conduct == 3.0:
            present = _write_rivals(day, now.chased_level, rival_factor, m, lists)
        halted = conduct_margin(own, chased, chased_rival, present, m, lists)
    upgrade = conduct_margin(better, chased, chased_rival, present, m, lists)
    world.upgrade.margin += weight * upgrade
    world.halted.margin += weight * halted
    gain = upgrade - stay
    if same:
        gain = conduct_gain(better, own, free, rival, gain, m)
    now.margin_gain += weight * gain


def _served(level: float, factor: float, counted: float, known: float, m: Numbers, lists: Lists) -> float:
    """Value of a level in a niche; that of the plain level is known."""
    if factor == 1.0 or level == 0.0:
        return known
    return customer_value(level * factor, counted, m, lists)


def _write_rivals(day: float, open_level: float, factor: float, m: Numbers, lists: Lists) -> int:
    """Write the values of the rivals that are there, for logit; return how many there are."""
    data, places = lists.data, lists.places
    present = 0
    for rival in range(places.rival_release_day - places.rival_expense):
        if data[places.rival_release_day + rival] <= day:
            level = data[places.rival_expense + rival] + data[places.rival_head_start + rival] * open_level
            data[places.rival_value + present] = customer_value(level * factor, 1.0, m, lists)
            present += 1
    return present


def _set_path_worth(path: Numbers, ecosystem: float, share: float, enough: float) -> None:
    margin_captured = share * path.margin
    path.revenue = ecosystem * margin_captured
    path.worth = ecosystem * content_with(margin_captured, enough)
