"""The model of one draw, from top to bottom.

Everything here is scalar. The kernel compiles `evaluate` and what it calls, and loops it over draws;
called from plain Python it gives the same numbers, slowly.
"""

from mcrace.model.capture import captured_share, residual_spread
from mcrace.model.customers import discounted_customers
from mcrace.model.discounting import daily_rate
from mcrace.model.market import margin, margin_gain
from mcrace.model.releases import open_level, stretch_end
from mcrace.model.training import arrival_day, discounted_training_cost
from mcrace.model.types import Lists, Numbers
from mcrace.model.value import hill_value, log_value, power_value, table_value

__all__ = ["evaluate"]


def evaluate(m: Numbers, lists: Lists, out: Numbers) -> None:
    """Value the four cases {upgrade, stay} x {release, frozen} of one draw.

    Parameters
    ----------
    m : Numbers
        The model's single numbers.
    lists : Lists
        Its lists: open releases, points of the value curve.
    out : Numbers
        Takes the outputs, USD; every field is set.
    """
    discount = daily_rate(m.discount_rate)
    share = captured_share(residual_spread(m.customers_valuation_spread, m.customers_price_discrimination))
    stay_value = customer_value(m.lab_current_expense, m, lists)
    frozen_value = customer_value(m.open_current_expense, m, lists)
    gain, frozen_gain, effect = revenue_gains(m, lists, discount, share, stay_value, frozen_value)

    cost = discounted_training_cost(m.lab_candidate_expense, m.lab_start_day, m.horizon_days, discount)
    counted_cost = m.lab_counts_training_cost * cost

    level = open_level(0.0, m.open_current_expense, lists.release_day, lists.release_expense)
    margin_today = share * margin(stay_value, open_value(level, frozen_value, m, lists))

    out.revenue_gain = gain
    out.training_cost = cost
    out.incentive = gain - counted_cost
    out.incentive_frozen = frozen_gain - counted_cost
    out.open_effect_revenue_gain = effect
    # Training costs the same in both worlds.
    out.open_effect_training_cost = 0.0
    out.open_effect = effect
    out.revenue_today = m.customers_count * margin_today


def revenue_gains(
    m: Numbers, lists: Lists, discount: float, share: float, stay_value: float, frozen_value: float
) -> tuple[float, float, float]:
    """Discounted revenue of upgrade less that of stay: release world, frozen world, and the difference.

    The difference is taken flow by flow, so that it is 0.0 where the releases change nothing. USD.
    """
    growth = daily_rate(m.customers_growth_rate)
    arrival = arrival_day(m.lab_start_day, m.lab_training_days, m.horizon_days)
    if arrival >= m.horizon_days:
        return 0.0, 0.0, 0.0
    upgrade_value = customer_value(max(m.lab_current_expense, m.lab_candidate_expense), m, lists)
    # In the frozen world nothing changes after the arrival of z: one stretch.
    frozen_margin_gain = share * margin_gain(upgrade_value, stay_value, frozen_value)
    all_customers = discounted_customers(m.customers_count, growth, discount, arrival, m.horizon_days)

    gain = 0.0
    effect = 0.0
    start = arrival
    while start < m.horizon_days:
        end = stretch_end(start, m.horizon_days, lists.release_day)
        level = open_level(start, m.open_current_expense, lists.release_day, lists.release_expense)
        value = open_value(level, frozen_value, m, lists)
        release_margin_gain = share * margin_gain(upgrade_value, stay_value, value)
        customers = discounted_customers(m.customers_count, growth, discount, start, end)
        gain += customers * release_margin_gain
        effect += customers * (release_margin_gain - frozen_margin_gain)
        start = end
    return gain, frozen_margin_gain * all_customers, effect


def open_value(level: float, frozen_value: float, m: Numbers, lists: Lists) -> float:
    """Value f of the open level, USD per customer and day; today's is known already."""
    return frozen_value if level == m.open_current_expense else customer_value(level, m, lists)


def customer_value(level: float, m: Numbers, lists: Lists) -> float:
    """Value f of a level on the study's curve, USD per customer and day."""
    if m.value_curve == 0.0:
        return log_value(level, m.value_scale, m.value_reference)
    if m.value_curve == 1.0:
        return power_value(level, m.value_scale, m.value_reference, m.value_exponent)
    if m.value_curve == 2.0:
        return hill_value(level, m.value_ceiling, m.value_half, m.value_steepness)
    return table_value(level, lists.point_level, lists.point_value)
