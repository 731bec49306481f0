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
    growth = daily_rate(m.customers_growth_rate)
    share = captured_share(residual_spread(m.customers_valuation_spread, m.customers_price_discrimination))
    arrival = arrival_day(m.lab_start_day, m.lab_training_days, m.horizon_days)
    stay_value = customer_value(m.lab_current_expense, m, lists)
    upgrade_value = customer_value(max(m.lab_current_expense, m.lab_candidate_expense), m, lists)
    frozen_value = customer_value(m.open_current_expense, m, lists)

    # In the frozen world nothing changes after the arrival of z: one stretch.
    frozen_margin_gain = share * margin_gain(upgrade_value, stay_value, frozen_value)
    frozen_revenue_gain = 0.0
    if arrival < m.horizon_days:
        frozen_revenue_gain = frozen_margin_gain * discounted_customers(
            m.customers_count, growth, discount, arrival, m.horizon_days
        )

    revenue_gain = 0.0
    revenue_effect = 0.0
    start = 0.0
    while start < m.horizon_days:
        end = stretch_end(start, arrival, m.horizon_days, lists.release_day)
        if start >= arrival:
            level = open_level(start, m.open_current_expense, lists.release_day, lists.release_expense)
            release_margin_gain = share * margin_gain(
                upgrade_value, stay_value, customer_value(level, m, lists)
            )
            customers = discounted_customers(m.customers_count, growth, discount, start, end)
            revenue_gain += customers * release_margin_gain
            revenue_effect += customers * (release_margin_gain - frozen_margin_gain)
        start = end

    cost = discounted_training_cost(m.lab_candidate_expense, m.lab_start_day, m.horizon_days, discount)
    counted_cost = m.lab_counts_training_cost * cost

    level_today = open_level(0.0, m.open_current_expense, lists.release_day, lists.release_expense)
    margin_today = share * margin(stay_value, customer_value(level_today, m, lists))

    out.revenue_gain = revenue_gain
    out.training_cost = cost
    out.incentive = revenue_gain - counted_cost
    out.incentive_frozen = frozen_revenue_gain - counted_cost
    out.open_effect_revenue_gain = revenue_effect
    # Training costs the same in both worlds.
    out.open_effect_training_cost = 0.0
    out.open_effect = revenue_effect
    out.revenue_today = m.customers_count * margin_today


def customer_value(level: float, m: Numbers, lists: Lists) -> float:
    """Value f of a level on the study's curve, USD per customer and day."""
    if m.value_curve == 0.0:
        return log_value(level, m.value_scale, m.value_reference)
    if m.value_curve == 1.0:
        return power_value(level, m.value_scale, m.value_reference, m.value_exponent)
    if m.value_curve == 2.0:
        return hill_value(level, m.value_ceiling, m.value_half, m.value_steepness)
    return table_value(level, lists.point_level, lists.point_value)
