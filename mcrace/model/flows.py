"""What the upgrade brings over staying, in one world and one stretch of constant levels."""

import math

from mcrace.model.customers import discounted_customers
from mcrace.model.discounting import discount_factor, mean_length, two_stage_length
from mcrace.model.survival import failure_day
from mcrace.model.types import Numbers, World

__all__ = ["next_failure", "pass_contest", "set_failures", "set_flows"]


def set_failures(day: float, m: Numbers, common: Numbers, world: World) -> None:
    """Set the moment at which each path that is still alive fails, if it does before the next change.

    Parameters
    ----------
    day : float
        First day of the stretch.
    m, common : Numbers
        The draw.
    world : World
        Its paths' revenue per customer is set.
    """
    _set_path_failure(day, world.now.change, world.stay, m, common)
    if world.now.comes_out == 1.0:
        _set_path_failure(day, world.now.change, world.upgrade, m, common)
        if m.regulation_halt_rate > 0.0:
            _set_path_failure(day, world.now.change, world.halted, m, common)


def next_failure(day: float, world: World) -> float:
    """First failure of any of a world's paths after a day; infinite if there is none.

    Parameters
    ----------
    day : float
        First day of the stretch.
    world : World
        Its failures are set.

    Returns
    -------
    float
        Day.
    """
    first = math.inf
    if world.stay.failure > day:
        first = world.stay.failure
    if day < world.upgrade.failure < first:
        first = world.upgrade.failure
    if day < world.halted.failure < first:
        first = world.halted.failure
    return first


def set_flows(start: float, end: float, m: Numbers, common: Numbers, world: World) -> None:
    """Set upgrade less stay of each flow over a stretch, discounted to day 0, USD.

    Each flow of upgrade is S(t) times the upgrade path's and 1 - S(t) times the halted path's, with S the
    chance of no halt. Dead paths have no flows.

    Parameters
    ----------
    start, end : float
        Days; nothing changes in between.
    m, common : Numbers
        The draw; `common` holds the stretch's discounted customers and days.
    world : World
        z is out in it.
    """
    now, stay, upgrade, halted = world.now, world.stay, world.upgrade, world.halted
    stay_lives, upgrade_lives, halted_lives = (
        _lives(stay, start),
        _lives(upgrade, start),
        _lives(halted, start),
    )
    hazard = now.halt_hazard * upgrade_lives
    customers, days = now.unhalted * common.customers, now.unhalted * common.days
    if hazard > 0.0:
        customers = now.unhalted * discounted_customers(
            common.count, common.growth, common.ceiling, common.discount, hazard, start, end
        )
        lost = mean_length(common.discount + hazard, end - start)
        days = now.unhalted * discount_factor(common.discount, start) * lost
    halted_customers, halted_days = common.customers - customers, common.days - days

    gain, halted_gain = now.worth_gain, now.halted_worth_gain
    if stay_lives * upgrade_lives == 0.0:
        gain = upgrade_lives * upgrade.worth - stay_lives * stay.worth
    if stay_lives * halted_lives == 0.0:
        halted_gain = halted_lives * halted.worth - stay_lives * stay.worth
    now.revenue_flow = customers * gain + halted_customers * halted_gain

    if common.counts_days == 1.0:
        more_days = days * (upgrade_lives - stay_lives) + halted_days * (halted_lives - stay_lives)
        now.survival_flow = -m.lab_operating_cost_per_day * more_days
        ahead = stay_lives * stay.leads
        days_ahead = days * (upgrade_lives * upgrade.leads - ahead)
        days_ahead += halted_days * (halted_lives * halted.leads - ahead)
        now.prestige_flow = m.lab_prestige_per_day * days_ahead
    if common.has_contest == 1.0:
        now.strategic_flow = m.lab_strategic_prize * _contest_gain(start, end, hazard, common, world)
        pass_contest(end - start, hazard, world)
    if hazard > 0.0:
        now.unhalted *= math.exp(-hazard * (end - start))


def pass_contest(length: float, hazard: float, world: World) -> None:
    """Bring the chances that the contest is still open to the end of a stretch.

    Those of upgrade are A, open and not halted, and B, open and halted: A' = -(h + c_up) A,
    B' = h A - c_halted B. Kept are A and P = A + B, with P' = -c_halted P - (c_up - c_halted) A: where z
    changes no hazard, P is to the last digit what staying gives.

    Parameters
    ----------
    length : float
        Days.
    hazard : float
        Hazard a day of a halt.
    world : World
        Its hazards are set.
    """
    stay, upgrade, halted = world.stay, world.upgrade, world.halted
    stay.undecided *= math.exp(-stay.deciding * length)
    if world.now.comes_out == 0.0:
        return
    leaving, more = upgrade.deciding + hazard, upgrade.deciding - halted.deciding
    if _may_be_halted(world.now):
        slow, fast = min(leaving, halted.deciding), max(leaving, halted.deciding)
        passed = upgrade.undecided * math.exp(-slow * length) * mean_length(fast - slow, length)
        halted.undecided = halted.undecided * math.exp(-halted.deciding * length) - more * passed
        upgrade.undecided *= math.exp(-leaving * length)
    else:
        upgrade.undecided *= math.exp(-leaving * length)
        halted.undecided = upgrade.undecided


def _contest_gain(start: float, end: float, hazard: float, common: Numbers, world: World) -> float:
    """Discounted chance of winning in the stretch on upgrade, less that on stay.

    A dead lab wins nothing: of upgrade then only B is left.
    """
    stay, upgrade, halted = world.stay, world.upgrade, world.halted
    rate, length = common.discount, end - start
    if _lives(upgrade, start) == 0.0:
        halted.undecided -= upgrade.undecided
        upgrade.undecided = 0.0
    leaving, more = upgrade.deciding + hazard, upgrade.deciding - halted.deciding
    open_days = upgrade.undecided * mean_length(rate + leaving, length)
    halted_win = halted.win * _lives(halted, start) if _may_be_halted(world.now) else 0.0
    won = (upgrade.win - halted_win) * open_days
    if halted_win > 0.0:
        all_days = halted.undecided * mean_length(rate + halted.deciding, length)
        if more != 0.0:
            both = two_stage_length(rate + leaving, rate + halted.deciding, length)
            all_days -= more * upgrade.undecided * both
        won += halted_win * all_days
    # Multiplied in the order of upgrade's: where the hazards are the same, nothing is left.
    stay_days = stay.undecided * mean_length(rate + stay.deciding, length)
    won -= stay.win * _lives(stay, start) * stay_days
    return discount_factor(rate, start) * won


def _may_be_halted(now: Numbers) -> bool:
    return now.halt_hazard > 0.0 or now.unhalted < 1.0


def _lives(path: Numbers, day: float) -> float:
    return 1.0 if day < path.failure else 0.0


def _set_path_failure(day: float, end: float, path: Numbers, m: Numbers, common: Numbers) -> None:
    if day < path.failure:
        path.failure = failure_day(
            path.revenue,
            m.lab_operating_cost_per_day,
            common.count,
            common.growth,
            common.ceiling,
            day,
            end,
        )
