"""Keys of the customers: how many, how they grow, how differently they value models."""

import math

from mcrace.nomenclature.entries import OFF, Key

__all__ = ["CUSTOMER_KEYS"]

_BASE_MODEL = "jessicata, 'How do open AI models affect incentive to race?', LessWrong, 7 May 2024"
_PRESENT_VALUE = "I. Fisher, The Theory of Interest, Macmillan, 1930"
_MONOPOLY = "J. Tirole, The Theory of Industrial Organization, MIT Press, 1988, chapters 1 and 3"
_LOGISTIC = "P.-F. Verhulst, Correspondance mathématique et physique 10 (1838) 113-121"
_ASSUMED = "a modelling choice of mcrace, assumed"
_GROWTH = (
    "n(t) = count exp(g t), g = ln(1 + growth_rate) / 365.25 a day; "
    "with a ceiling K: n(t) = K / (1 + (K/count - 1) exp(-g t))"
)

CUSTOMER_KEYS = (
    Key(
        path="customers.count",
        meaning="Potential customers on day 0; how many buy hangs on the price, so this is not seats sold.",
        unit="customers",
        low=0.0,
        formula=_GROWTH,
        source=_BASE_MODEL,
    ),
    Key(
        path="customers.growth_rate",
        meaning="Effective yearly growth of the number of potential customers; with a ceiling it is at "
        "least 0, and growth slows as the ceiling nears.",
        unit="a year",
        default=0.0,
        low=-1.0,
        low_open=True,
        formula=_GROWTH,
        source=_PRESENT_VALUE,
    ),
    Key(
        path="customers.ceiling",
        meaning="Number of potential customers that growth approaches and never passes; at least "
        "customers.count.",
        unit="customers",
        default=OFF,
        off=math.inf,
        low=0.0,
        formula=_GROWTH,
        source=_LOGISTIC,
    ),
    Key(
        path="customers.valuation_spread",
        meaning="How differently customers value AI: log-sd of the factor theta on a customer's valuation.",
        default=0.0,
        low=0.0,
        formula="theta lognormal, mean 1; R = capture(spread sqrt(1 - price_discrimination)), "
        "capture(v) = max over q of q P(theta_v >= q)",
        source=_MONOPOLY,
    ),
    Key(
        path="customers.price_discrimination",
        meaning="Share of the variance of ln theta that the seller sees and prices apart; 1 captures all.",
        default=0.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula="R = capture(valuation_spread sqrt(1 - price_discrimination))",
        source=_MONOPOLY,
    ),
    Key(
        path="customers.open_elasticity",
        meaning="What better open models do to the number of customers: above 0 people who build on open "
        "models later move up to sellers, below 0 they stop needing sellers.",
        default=0.0,
        formula="customers at open level o are multiplied by max(1 + open_elasticity ln(o/x), 0)",
        source=_ASSUMED,
    ),
)
