"""Every number that a draw yields, in reading order."""

from mcrace.nomenclature.entries import Output

__all__ = ["OUTPUT_LIST"]

_FLOW_BY_FLOW = "release world minus frozen world, flow by flow"

OUTPUT_LIST = (
    Output(
        name="incentive",
        label="Marginal incentive to train z",
        unit="USD",
        meaning="What training z adds to the lab's present value when open models improve as drawn.",
        formula="V(upgrade, release) - V(stay, release) = revenue_gain - training_cost (if counted) + "
        "survival_gain + prestige_gain - caution_cost + strategic_gain",
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
        formula="incentive - incentive_frozen, as the sum of its parts, costs with a minus",
    ),
    Output(
        name="perceived_incentive",
        label="Incentive as the lab perceives it",
        unit="USD",
        meaning="What the lab thinks that training z adds: with its optimism about customers, and with less "
        "than full attention to open releases.",
        formula="customers.count and ceiling times 1 + optimism: (1 - inattention) * incentive + inattention "
        "* incentive_frozen",
    ),
    Output(
        name="revenue_gain",
        label="Revenue gain from z",
        unit="USD",
        meaning="Discounted revenue of upgrade less that of stay, in the release world.",
        formula="integral of exp(-r t) n(t) * ecosystem * U(margin), upgrade minus stay, each while alive",
    ),
    Output(
        name="training_cost",
        label="Training cost of z",
        unit="USD",
        meaning="Discounted cost of training z, reported whether or not the incentive counts it.",
        formula="max(z - head_start o*, 0) (o*/x)^talent_elasticity exp(-r start_day), or with a budget "
        "budget (o*/x)^talent_elasticity exp(-r start_day), if z is trained",
    ),
    Output(
        name="survival_gain",
        label="Survival gain from z",
        unit="USD",
        meaning="What z changes by the lab's being alive: its continuation value less operating costs.",
        formula="integral of -exp(-r t) operating_cost_per_day while alive, and continuation_value exp(-r m) "
        "if alive at m, upgrade minus stay",
    ),
    Output(
        name="prestige_gain",
        label="Prestige gain from z",
        unit="USD",
        meaning="What z adds by days on which the lab has the best model of all.",
        formula="integral of exp(-r t) prestige_per_day while own level > best other, upgrade minus stay",
    ),
    Output(
        name="caution_cost",
        label="Cost of advancing the frontier",
        unit="USD",
        meaning="What it costs the lab, in its own eyes, that z advances the frontier.",
        formula="caution.cost * ((f(z) - max(f(y), f(o(a)), f(w(a))))+)^caution.exponent exp(-r a), "
        "if z comes out",
    ),
    Output(
        name="strategic_gain",
        label="Strategic gain from z",
        unit="USD",
        meaning="What z adds to the expected prize of a contest that the first decisive lead wins for good.",
        formula="integral of exp(-r t) prize * hazard of winning * chance that the contest is still open, "
        "upgrade minus stay",
    ),
    Output(
        name="open_effect_revenue_gain",
        label="Effect through revenue",
        unit="USD",
        meaning="The part of open_effect that revenue carries.",
        formula=f"revenue_gain, {_FLOW_BY_FLOW}",
    ),
    Output(
        name="open_effect_training_cost",
        label="Effect through training cost",
        unit="USD",
        meaning="The change of the training cost that open releases bring; if counted, it lowers "
        "open_effect.",
        formula=f"training_cost, {_FLOW_BY_FLOW}",
    ),
    Output(
        name="open_effect_survival_gain",
        label="Effect through survival",
        unit="USD",
        meaning="The part of open_effect that the lab's survival carries.",
        formula=f"survival_gain, {_FLOW_BY_FLOW}",
    ),
    Output(
        name="open_effect_prestige_gain",
        label="Effect through prestige",
        unit="USD",
        meaning="The part of open_effect that days with the best model of all carry.",
        formula=f"prestige_gain, {_FLOW_BY_FLOW}",
    ),
    Output(
        name="open_effect_caution_cost",
        label="Effect through caution",
        unit="USD",
        meaning="The change of the cost of advancing the frontier that open releases bring; it lowers "
        "open_effect.",
        formula=f"caution_cost, {_FLOW_BY_FLOW}",
    ),
    Output(
        name="open_effect_strategic_gain",
        label="Effect through the contest",
        unit="USD",
        meaning="The part of open_effect that the contest for a decisive lead carries.",
        formula=f"strategic_gain, {_FLOW_BY_FLOW}",
    ),
    Output(
        name="revenue_today",
        label="Revenue today",
        unit="USD a day",
        meaning="Revenue on day 0 of the stay path, to hold a study against what the lab earns.",
        formula="n(0) * ecosystem * margin on the stay path at day 0, release world",
    ),
)
