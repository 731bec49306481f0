"""Keys of time and of value: horizon, discounting, the value curve, satiation."""

import math

from mcrace.nomenclature.entries import Key

__all__ = ["VALUE_KEYS"]

_BASE_MODEL = "jessicata, 'How do open AI models affect incentive to race?', LessWrong, 7 May 2024"
_PRESENT_VALUE = "I. Fisher, The Theory of Interest, Macmillan, 1930"
_PCHIP = "F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300-304, as in scipy"
_HILL = "A. V. Hill, J. Physiol. 40 (1910) iv-vii"
_LIMITED_VALUE = (
    "the limited expected value of a lognormal law: S. A. Klugman, H. H. Panjer and G. E. Willmot, Loss "
    "Models: From Data to Decisions, Wiley; that customers satiate so is a modelling choice of mcrace, "
    "assumed"
)
_SATIATION = (
    "G(v) = E[min(v, u)] = median exp(spread^2/2) Phi(d - spread) + v Phi(-d), d = ln(v/median) / spread; "
    "at spread 0 min(v, median); F(c) = G(f(c))"
)

_CURVES = ("log", "power", "hill", "table")

VALUE_KEYS = (
    Key(
        path="horizon_days",
        meaning="How far the lab looks ahead: revenue counts from day 0 to this day.",
        unit="days",
        low=0.0,
        low_open=True,
        formula="m: flows run on [0, m)",
        source=_BASE_MODEL,
    ),
    Key(
        path="discount_rate",
        meaning="Effective yearly rate at which the lab discounts money.",
        unit="a year",
        default=0.0,
        low=-1.0,
        low_open=True,
        formula="r = ln(1 + discount_rate) / 365.25 a day; a flow on day t counts exp(-r t)",
        source=_PRESENT_VALUE,
    ),
    Key(
        path="value.curve",
        meaning="Shape of f, the value of a model of a given level to a customer, a day.",
        kind="choice",
        default="log",
        choices=_CURVES,
        formula="log: max(scale ln(c/reference), 0); power: scale (c/reference)^exponent; "
        "hill: ceiling / (1 + (half/c)^steepness); table: PCHIP through points in ln c",
        source=_BASE_MODEL,
    ),
    Key(
        path="value.scale",
        meaning="Value that one more e-fold of training expense adds (log), or value at the reference "
        "level (power).",
        unit="USD per customer and day",
        chooser="value.curve",
        needed_by=("log", "power"),
        low=0.0,
        low_open=True,
        formula="log: f(c) = max(scale ln(c/reference), 0); power: f(c) = scale (c/reference)^exponent",
        source=_BASE_MODEL,
    ),
    Key(
        path="value.reference",
        meaning="Level at which the value is zero (log) or equals the scale (power).",
        unit="USD",
        chooser="value.curve",
        needed_by=("log", "power"),
        low=0.0,
        low_open=True,
        formula="log: f(c) = max(scale ln(c/reference), 0); power: f(c) = scale (c/reference)^exponent",
        source=_BASE_MODEL,
    ),
    Key(
        path="value.exponent",
        meaning="Elasticity of value in training expense.",
        chooser="value.curve",
        needed_by=("power",),
        low=0.0,
        low_open=True,
        formula="f(c) = scale (c/reference)^exponent",
        source=_BASE_MODEL,
    ),
    Key(
        path="value.ceiling",
        meaning="Value that no model exceeds.",
        unit="USD per customer and day",
        chooser="value.curve",
        needed_by=("hill",),
        low=0.0,
        low_open=True,
        formula="f(c) = ceiling / (1 + (half/c)^steepness)",
        source=_HILL,
    ),
    Key(
        path="value.half",
        meaning="Level that is worth half of the ceiling.",
        unit="USD",
        chooser="value.curve",
        needed_by=("hill",),
        low=0.0,
        low_open=True,
        formula="f(c) = ceiling / (1 + (half/c)^steepness)",
        source=_HILL,
    ),
    Key(
        path="value.steepness",
        meaning="How sharply value rises around the half level.",
        chooser="value.curve",
        needed_by=("hill",),
        low=0.0,
        low_open=True,
        formula="f(c) = ceiling / (1 + (half/c)^steepness)",
        source=_HILL,
    ),
    Key(
        path="value.points",
        meaning="Points [level, value] that the value curve passes through; flat beyond the ends.",
        unit="[USD, USD per customer and day]",
        kind="points",
        chooser="value.curve",
        needed_by=("table",),
        low=0.0,
        low_open=True,
        formula="monotone cubic (PCHIP) in ln c through at least 2 points, both columns increasing",
        source=_PCHIP,
    ),
    Key(
        path="value.satiation.median",
        meaning="Value beyond which the median customer has no use for a better model. A good-enough open "
        "model takes such customers away.",
        unit="USD per customer and day",
        off=math.inf,
        low=0.0,
        low_open=True,
        formula=_SATIATION,
        source=_LIMITED_VALUE,
    ),
    Key(
        path="value.satiation.spread",
        meaning="How differently customers satiate: log-sd of the value beyond which a customer has no "
        "use for more.",
        default=0.0,
        low=0.0,
        formula=_SATIATION,
        source=_LIMITED_VALUE,
    ),
)
