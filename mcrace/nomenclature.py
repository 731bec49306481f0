"""One word for one thing: every model key and every output, with unit, meaning, range, formula, source.

The schema, ``mcrace explain``, the layout of the compiled model and the labels of figures are all
made from the tables in this file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["KEYS", "OUTPUTS", "Key", "Kind", "Output", "children", "key_table"]

Kind = str
"""``number``, ``choice``, ``flag`` or ``points`` (a list of [level, value] pairs)."""

_BASE_MODEL = "jessicata, 'How do open AI models affect incentive to race?', LessWrong, 7 May 2024"
_PRESENT_VALUE = "I. Fisher, The Theory of Interest, Macmillan, 1930"
_MONOPOLY = "J. Tirole, The Theory of Industrial Organization, MIT Press, 1988, chapters 1 and 3"
_PCHIP = "F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300-304, as in scipy"
_HILL = "A. V. Hill, J. Physiol. 40 (1910) iv-vii"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a study's ``model`` section.

    Attributes
    ----------
    path : str
        Dotted path below ``model``; ``[]`` marks a list, as in ``open.releases[].day``.
    meaning, unit, formula, source : str
        For the reader; `unit` is empty for a pure number.
    kind : str
        ``number``, ``choice``, ``flag`` or ``points``.
    default : float, str, bool or None
        Neutral value; None if the key must be given.
    needed_by : tuple of str
        Choices of ``value.curve`` that need the key; empty if it does not hang on the curve.
    low, high : float
        Range of a number.
    low_open, high_open : bool
        Whether the end itself is out of range.
    choices : tuple of str
        What a choice may be.
    """

    path: str
    meaning: str
    unit: str = ""
    kind: Kind = "number"
    default: float | str | bool | None = None
    needed_by: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = True
    choices: tuple[str, ...] = ()
    formula: str
    source: str

    @property
    def field(self) -> str:
        """Name of the number inside the compiled model: dots become underscores."""
        return self.path.replace("[]", "").replace(".", "_")

    @property
    def range_text(self) -> str:
        """The range in words, such as ``a number above 0``."""
        return _range_text(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One number that each draw yields.

    Attributes
    ----------
    name, label, unit, meaning, formula : str
        `label` is for figures and tables, `unit` a plain unit such as ``USD``.
    """

    name: str
    label: str
    unit: str
    meaning: str
    formula: str


_CURVES = ("log", "power", "hill", "table")

_KEY_LIST = (
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
        meaning="Value that one more e-fold of training expense adds (log), or value at the reference level (power).",
        unit="USD per customer and day",
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
        needed_by=("log", "power"),
        low=0.0,
        low_open=True,
        formula="log: f(c) = max(scale ln(c/reference), 0); power: f(c) = scale (c/reference)^exponent",
        source=_BASE_MODEL,
    ),
    Key(
        path="value.exponent",
        meaning="Elasticity of value in training expense.",
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
        needed_by=("hill",),
        low=0.0,
        low_open=True,
        formula="f(c) = ceiling / (1 + (half/c)^steepness)",
        source=_HILL,
    ),
    Key(
        path="value.steepness",
        meaning="How sharply value rises around the half level.",
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
        needed_by=("table",),
        low=0.0,
        low_open=True,
        formula="monotone cubic (PCHIP) in ln c through at least 2 points, both columns increasing",
        source=_PCHIP,
    ),
    Key(
        path="customers.count",
        meaning="Potential customers on day 0; how many buy hangs on the price, so this is not seats sold.",
        unit="customers",
        low=0.0,
        formula="n(t) = count exp(g t)",
        source=_BASE_MODEL,
    ),
    Key(
        path="customers.growth_rate",
        meaning="Effective yearly growth of the number of potential customers.",
        unit="a year",
        default=0.0,
        low=-1.0,
        low_open=True,
        formula="g = ln(1 + growth_rate) / 365.25 a day; n(t) = count exp(g t)",
        source=_PRESENT_VALUE,
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
        meaning="Share of the variance of ln theta that the seller sees and prices apart; 1 captures all value.",
        default=0.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula="R = capture(valuation_spread sqrt(1 - price_discrimination))",
        source=_MONOPOLY,
    ),
    Key(
        path="open.current_expense",
        meaning="Level of the best open model on day 0 (x): what it would cost to match it, working efficiently.",
        unit="USD",
        low=0.0,
        low_open=True,
        formula="o(t) = max(x, releases so far)",
        source=_BASE_MODEL,
    ),
    Key(
        path="open.releases[].day",
        meaning="Day of an open release; infinite, or at or beyond the horizon: it does not happen.",
        unit="days",
        low=0.0,
        high_open=False,
        formula="counts from that day on: o(t) = max of x and all releases with day <= t",
        source=_BASE_MODEL,
    ),
    Key(
        path="open.releases[].expense",
        meaning="Level of that open release (x').",
        unit="USD",
        low=0.0,
        low_open=True,
        formula="o(t) = max of x and all releases with day <= t",
        source=_BASE_MODEL,
    ),
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
        meaning="Level of the model that the lab may train (z), and what training it costs.",
        unit="USD",
        low=0.0,
        low_open=True,
        formula="own level on the upgrade path: max(y, z) from start_day + training_days on",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.start_day",
        meaning="Day on which training starts and its cost is paid.",
        unit="days",
        default=0.0,
        low=0.0,
        formula="training cost = z exp(-r start_day), if start_day < horizon_days",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.training_days",
        meaning="Days from the start of training until the model earns.",
        unit="days",
        default=0.0,
        low=0.0,
        formula="z is out from a = start_day + training_days on, if a < horizon_days",
        source=_BASE_MODEL,
    ),
    Key(
        path="lab.counts_training_cost",
        meaning="Whether the incentive counts the training cost; it is reported either way.",
        kind="flag",
        default=True,
        formula="incentive = revenue_gain - training_cost (if counted)",
        source=_BASE_MODEL,
    ),
)

KEYS: Mapping[str, Key] = MappingProxyType({key.path: key for key in _KEY_LIST})
"""Every key of the ``model`` section by its path, in reading order."""

_OUTPUT_LIST = (
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

OUTPUTS: Mapping[str, Output] = MappingProxyType({output.name: output for output in _OUTPUT_LIST})
"""Every output of the model by its name, in reading order."""


def children(section: str) -> dict[str, str]:
    """List what may stand in a section of the model.

    Parameters
    ----------
    section : str
        Path of the section, such as ``open`` or ``open.releases[]``; empty for the whole model.

    Returns
    -------
    dict of str to str
        Name to path, in reading order; a path that is no key is a section, or a list if it ends in
        ``[]``.

    Examples
    --------
    >>> children("open")
    {'current_expense': 'open.current_expense', 'releases': 'open.releases[]'}
    """
    prefix = f"{section}." if section else ""
    found: dict[str, str] = {}
    for path in KEYS:
        if path.startswith(prefix):
            name = path[len(prefix) :].split(".")[0]
            found[name.removesuffix("[]")] = prefix + name
    return found


def key_table() -> list[dict[str, str]]:
    """List every key as one row of text, for documents and terminals.

    Returns
    -------
    list of dict
        With the columns path, unit, default, range and meaning.

    Examples
    --------
    >>> key_table()[0]["path"]
    'horizon_days'
    """
    return [
        {
            "path": key.path,
            "unit": key.unit,
            "default": "required" if key.default is None else str(key.default),
            "range": key.range_text,
            "meaning": key.meaning,
        }
        for key in KEYS.values()
    ]


def _range_text(key: Key) -> str:
    if key.kind == "choice":
        return "one of " + ", ".join(key.choices)
    if key.kind == "flag":
        return "true or false"
    if key.kind == "points":
        return "a list of at least 2 [level, value] pairs, both columns increasing"
    low, high = f"{key.low:g}", f"{key.high:g}"
    if math.isinf(key.low) and math.isinf(key.high):
        return "a finite number"
    if math.isinf(key.high):
        above = f"a number above {low}" if key.low_open else f"a number of at least {low}"
        return above if key.high_open else f"{above}, or infinite"
    opening, closing = "(" if key.low_open else "[", ")" if key.high_open else "]"
    return f"a number in {opening}{low}, {high}{closing}"
