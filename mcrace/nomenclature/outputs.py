"""Every number that a draw yields, in reading order."""

from mcrace.nomenclature.entries import Output

__all__ = ["OUTPUT_LIST"]

OUTPUT_LIST = (
    Output(
        name="incentive",
        label="Marginal incentive to train z",
        unit="USD",
        meaning="What training z adds to the lab's present value when open models improve as drawn.",
        formula="V(upgrade, release) - V(stay, release) = revenue_gain - training_cost",
    ),
    Output(
        name="incentive_frozen",
        label="Incentive without open releases",
        unit="USD",
        meaning="The same with the open model frozen at today's level.",
        formula="V(upgrade, frozen) - V(stay, frozen)",
    ),
    Output(
        name="open_effect",
        label="Effect of open releases on the incentive",
        unit="USD",
        meaning="What open releases do to the incentive: above 0 they fuel the race, below 0 they cool it.",
        formula="incentive - incentive_frozen, as the sum of its parts",
    ),
    Output(
        name="revenue_gain",
        label="Revenue gain from z",
        unit="USD",
        meaning="Discounted revenue of upgrade less that of stay, in the release world.",
        formula="sum over stretches of customers * R * [(F(z) - F(o))+ - (F(y) - F(o))+]",
    ),
    Output(
        name="training_cost",
        label="Training cost of z",
        unit="USD",
        meaning="Discounted cost of training z, reported whether or not the incentive counts it.",
        formula="z exp(-r start_day) if start_day < horizon_days",
    ),
    Output(
        name="open_effect_revenue_gain",
        label="Effect through revenue",
        unit="USD",
        meaning="The part of open_effect that revenue carries.",
        formula="revenue_gain(release) - revenue_gain(frozen), flow by flow",
    ),
    Output(
        name="open_effect_training_cost",
        label="Effect through training cost",
        unit="USD",
        meaning="The change of the training cost that open releases bring; it lowers open_effect.",
        formula="training_cost(release) - training_cost(frozen)",
    ),
    Output(
        name="revenue_today",
        label="Revenue today",
        unit="USD a day",
        meaning="Revenue on day 0 of the stay path, to hold a study against what the lab earns.",
        formula="n(0) * R * (F(y) - F(o(0)))+",
    ),
)
