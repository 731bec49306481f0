"""Keys of the lab: its models, training, and what it cares about beside revenue."""

import math

from mcrace.nomenclature.entries import OFF, Key

__all__ = ["LAB_KEYS"]

_BASE_MODEL = "jessicata, 'How do open AI models affect incentive to race?', LessWrong, 7 May 2024"
_ASSUMED = "a modelling choice of mcrace, assumed"
_TRAINING_COST = (
    "max(z - head_start o*, 0) (o*/x)^talent_elasticity exp(-r start_day), o* the open level on start_day; "
    "with a budget: z = budget + head_start o*, cost = budget (o*/x)^talent_elasticity exp(-r start_day)"
)
_FAILURE = (
    "the lab fails at the first moment at which n(t) * ecosystem * margin < operating_cost_per_day; "
    "survival flow: -operating_cost_per_day while alive, and continuation_value exp(-r m) if alive at m"
)

LAB_KEYS = (
    Key(
        path="lab.current_expense",
        meaning="Level of the lab's own model today (y).",
        unit="USD",
        low=0.0,
        low_open=True,
        formula="own level on the stay path",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.candidate_expense",
        meaning="Level of the model that the lab may train (z); training it costs as much, less what open "
        "weights spare.",
        unit="USD",
        instead_of="lab.budget",
        low=0.0,
        low_open=True,
        formula=f"own level on the upgrade path: max(y, z) once z is out; training cost: {_TRAINING_COST}",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.budget",
        meaning="What the lab may spend on training z, in place of z's level: better open weights then make "
        "z better, not cheaper.",
        unit="USD",
        instead_of="lab.candidate_expense",
        low=0.0,
        low_open=True,
        formula="z = budget + head_start o*, o* the open level on start_day, so z can differ between "
        "worlds; cost = budget (o*/x)^talent_elasticity exp(-r start_day)",
        source=_ASSUMED,
    ),
    Key(
        path="lab.start_day",
        meaning="Day on which training starts and its cost is paid.",
        unit="days",
        default=0.0,
        low=0.0,
        formula="z is trained, and its cost paid, if start_day < horizon_days and the lab that stays at y is "
        "alive on start_day",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.training_days",
        meaning="Days from the start of training until the model earns.",
        unit="days",
        default=0.0,
        low=0.0,
        formula="z is out from a = start_day + training_days on, if a < horizon_days and the lab that stays "
        "at y is alive on a",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.head_start",
        meaning="Share of the open weights' training expense that the lab need not spend again. A lab that "
        "trains today cannot use tomorrow's weights.",
        default=0.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula=f"training cost = {_TRAINING_COST}",
        source=_ASSUMED,
    ),
    Key(
        path="lab.talent_elasticity",
        meaning="What better open models do to the price of training: above 0 they make talent and compute "
        "dearer, below 0 they spread know-how and make them cheaper.",
        default=0.0,
        formula=f"training cost = {_TRAINING_COST}",
        source=_ASSUMED,
    ),
    Key(
        path="lab.counts_training_cost",
        meaning="Whether the incentive counts the training cost; it is reported either way.",
        kind="flag",
        default=True,
        formula="incentive = revenue_gain - training_cost (if counted) + survival_gain + prestige_gain - "
        "caution_cost + strategic_gain",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.operating_cost_per_day",
        meaning="What the lab spends each day beside training; once its revenue falls below this, it fails.",
        unit="USD a day",
        default=0.0,
        low=0.0,
        formula=_FAILURE,
        source=_ASSUMED,
    ),
    Key(
        path="lab.continuation_value",
        meaning="What being alive at the horizon is worth to the lab.",
        unit="USD",
        default=0.0,
        low=0.0,
        formula=_FAILURE,
        source=_ASSUMED,
    ),
    Key(
        path="lab.prestige_per_day",
        meaning="What a day with the best model of all is worth to the lab, beside revenue.",
        unit="USD a day",
        default=0.0,
        low=0.0,
        formula="flow of prestige_per_day while own level > best other: open models and all rivals",
        source=_ASSUMED,
    ),
    Key(
        path="lab.lead_satiation",
        meaning="How soon a lab is content with its margin: the most that margin is worth to it, which "
        "nearly all comes with a small lead. Failure is judged in dollars all the same.",
        unit="USD per customer and day",
        default=OFF,
        off=math.inf,
        low=0.0,
        low_open=True,
        formula="revenue flow n(t) * ecosystem * U(margin), U(v) = v0 (1 - exp(-v/v0)), v0 = lead_satiation",
        source="shape: constant absolute risk aversion, J. W. Pratt, Econometrica 32 (1964) 122-136; "
        f"its use here is {_ASSUMED}",
    ),
)
