"""The model's core once more: slow, scalar and obvious, in 50-digit arithmetic.

It shares no code with the package, so that where the two agree, both are likely to be right. It knows the
four cases, open releases, the four value curves, one seller's posted price, exponential growth of demand and
the training cost; a key outside of these is an error, so that no comparison passes by overlooking one.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from mpmath import MPContext

__all__ = ["capture", "largest_part", "pchip", "random_model", "reference_incentive", "value_of"]

# A context of our own: the precision of mpmath's global one stays as it is.
MP = MPContext()
MP.dps = 50

# With 50 digits, what is smaller than this share of the scale is the rounding of an exact zero: numbers that
# differ at all in double precision differ by more.
ROUNDING = MP.mpf("1e-38")

Number = Any  # one of MP's numbers
Numbers = Mapping[str, Any]

KNOWN_KEYS = {
    "": {"horizon_days", "discount_rate", "value", "customers", "open", "lab"},
    "value": {"curve", "scale", "reference", "exponent", "ceiling", "half", "steepness", "points"},
    "customers": {"count", "growth_rate", "valuation_spread", "price_discrimination"},
    "open": {"current_expense", "releases"},
    "lab": {"current_expense", "candidate_expense", "start_day", "training_days", "counts_training_cost"},
}


def reference_incentive(model: Numbers) -> dict[str, float]:
    """Value the four cases of one draw, and take their differences.

    Parameters
    ----------
    model : mapping
        The model's keys, nested, with plain numbers; absent keys take their neutral defaults.

    Returns
    -------
    dict of str to float
        The model's outputs in USD (``revenue_today`` in USD per day); ``scale``, the largest of the four
        cases' revenues and of the cost, and ``revenue_scale``, the largest of the revenues alone.

    Raises
    ------
    ValueError
        If a key lies outside of the core.
    """
    refuse_unknown_keys(model)
    lab = model["lab"]
    revenue = {
        (path, world): present_value_of_revenue(model, path, world)
        for path in ("upgrade", "stay")
        for world in ("release", "frozen")
    }
    cost = training_cost(model)
    gain = revenue["upgrade", "release"] - revenue["stay", "release"]
    gain_frozen = revenue["upgrade", "frozen"] - revenue["stay", "frozen"]
    counted_cost = cost if lab.get("counts_training_cost", True) else MP.zero
    revenue_scale = max(revenue.values())

    def tidy(amount: Number, scale: Number) -> float:
        return 0.0 if abs(amount) <= ROUNDING * scale else float(amount)

    return {
        "incentive": tidy(gain - counted_cost, max(revenue_scale, cost)),
        "incentive_frozen": tidy(gain_frozen - counted_cost, max(revenue_scale, cost)),
        "open_effect": tidy(gain - gain_frozen, revenue_scale),
        "revenue_gain": tidy(gain, revenue_scale),
        "training_cost": float(cost),
        "open_effect_revenue_gain": tidy(gain - gain_frozen, revenue_scale),
        "open_effect_training_cost": 0.0,
        "revenue_today": float(
            MP.mpf(model["customers"]["count"]) * margin(model, "stay", "release", MP.zero)
        ),
        "scale": float(max(revenue_scale, cost)),
        "revenue_scale": float(revenue_scale),
    }


def largest_part(result: Mapping[str, float]) -> float:
    """Tell the scale, in USD, by which a result's rounding is judged: its largest revenue or cost."""
    return result["scale"]


def present_value_of_revenue(model: Numbers, path: str, world: str) -> Number:
    """Sum the discounted revenue of one case over the stretches on which all levels are constant, in USD."""
    horizon = MP.mpf(model["horizon_days"])
    days = [MP.zero, arrival_day(model), *(MP.mpf(release["day"]) for release in releases(model)), horizon]
    days = sorted(day for day in days if day <= horizon)
    rate = daily_rate(model["customers"].get("growth_rate", 0)) - daily_rate(model.get("discount_rate", 0))
    total = MP.zero
    for first, last in pairwise(days):
        if first < last:
            total += margin(model, path, world, first) * exponential_integral(rate, first, last)
    return MP.mpf(model["customers"]["count"]) * total


def margin(model: Numbers, path: str, world: str, day: Number) -> Number:
    """Give what a customer pays on a day, in USD: captured share * (f(own level) - f(open level))+."""
    own = value_of(model["value"], own_level(model, path, day))
    free = value_of(model["value"], open_level(model, world, day))
    return captured_share(model["customers"]) * max(own - free, MP.zero)


def own_level(model: Numbers, path: str, day: Number) -> Number:
    """Give the lab's own level on a day, in USD."""
    lab = model["lab"]
    current = MP.mpf(lab["current_expense"])
    if path == "stay" or day < arrival_day(model):
        return current
    return max(current, MP.mpf(lab["candidate_expense"]))


def open_level(model: Numbers, world: str, day: Number) -> Number:
    """Give the open level on a day, in USD: the best of today's and of the releases up to that day."""
    level = MP.mpf(model["open"]["current_expense"])
    if world == "frozen":
        return level
    return max([level, *(MP.mpf(release["expense"]) for release in releases(model) if release["day"] <= day)])


def releases(model: Numbers) -> Sequence[Numbers]:
    """List the releases that happen: those before the horizon."""
    return [one for one in model["open"].get("releases", []) if one["day"] < model["horizon_days"]]


def arrival_day(model: Numbers) -> Number:
    """Give the day on which the candidate comes out (it does only if that is before the horizon)."""
    # Summed in double precision: whether a release falls on this very day is a matter of the rounded number.
    return MP.mpf(float(model["lab"].get("start_day", 0)) + float(model["lab"].get("training_days", 0)))


def training_cost(model: Numbers) -> Number:
    """Give the present value of the training expense, in USD: 0 if training would not start in time."""
    start = MP.mpf(model["lab"].get("start_day", 0))
    if start >= model["horizon_days"]:
        return MP.zero
    discount = MP.exp(-daily_rate(model.get("discount_rate", 0)) * start)
    return MP.mpf(model["lab"]["candidate_expense"]) * discount


def daily_rate(yearly_rate: float) -> Number:
    """Turn an effective yearly rate into a continuous daily one."""
    return MP.log(1 + MP.mpf(yearly_rate)) / MP.mpf("365.25")


def exponential_integral(rate: Number, first: Number, last: Number) -> Number:
    """Integrate e^(rate * t) from `first` to `last`."""
    if rate == 0:
        return last - first
    return MP.exp(rate * first) * MP.expm1(rate * (last - first)) / rate


def value_of(value: Numbers, level: float) -> Number:
    """Give f(level), in USD per customer and day, by the curve of the model's ``value`` section."""
    level = MP.mpf(level)
    number = {key: MP.mpf(given) for key, given in value.items() if key not in ("curve", "points")}
    curve = value.get("curve", "log")
    if curve == "log":
        return max(number["scale"] * MP.log(level / number["reference"]), MP.zero)
    if curve == "power":
        return number["scale"] * (level / number["reference"]) ** number["exponent"]
    if curve == "hill":
        return number["ceiling"] / (1 + (number["half"] / level) ** number["steepness"])
    if curve == "table":
        expenses, values = zip(*value["points"], strict=True)
        return pchip([MP.log(MP.mpf(expense)) for expense in expenses], values, MP.log(level))
    raise ValueError(f"unknown curve {curve!r}")


def pchip(knots: Sequence[Number], values: Sequence[float], at: Number) -> Number:
    """Interpolate monotonically by cubics, flat beyond the ends.

    Parameters
    ----------
    knots, values : sequence of number
        At least two points; the knots increase.
    at : number
        Where to interpolate, in the unit of the knots.

    Returns
    -------
    number
        In the unit of the values.

    References
    ----------
    F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300-304, for the inner slopes; C. Moler,
    Numerical Computing with MATLAB (2004), section 3.6, for the end slopes.
    """
    x, y = [MP.mpf(knot) for knot in knots], [MP.mpf(value) for value in values]
    if at <= x[0]:
        return y[0]
    if at >= x[-1]:
        return y[-1]
    slopes = pchip_slopes(x, y)
    i = max(k for k in range(len(x)) if x[k] <= at)
    width = x[i + 1] - x[i]
    t = (at - x[i]) / width
    return (
        (1 + 2 * t) * (1 - t) ** 2 * y[i]
        + t * (1 - t) ** 2 * width * slopes[i]
        + t**2 * (3 - 2 * t) * y[i + 1]
        - t**2 * (1 - t) * width * slopes[i + 1]
    )


def pchip_slopes(x: Sequence[Number], y: Sequence[Number]) -> list[Number]:
    """Give the interpolant's slope at each knot."""
    h = [right - left for left, right in pairwise(x)]
    m = [(y[i + 1] - y[i]) / h[i] for i in range(len(h))]
    if len(h) == 1:
        return [m[0], m[0]]
    inner = []
    for i in range(1, len(h)):
        if m[i - 1] * m[i] <= 0:
            inner.append(MP.zero)
            continue
        before, after = 2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1]
        inner.append((before + after) / (before / m[i - 1] + after / m[i]))
    return [pchip_end_slope(h[0], h[1], m[0], m[1]), *inner, pchip_end_slope(h[-1], h[-2], m[-1], m[-2])]


def pchip_end_slope(h0: Number, h1: Number, m0: Number, m1: Number) -> Number:
    """Give the one-sided three-point slope at an end, held to the shape of the data there."""
    slope = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    if MP.sign(slope) != MP.sign(m0):
        return MP.zero
    if MP.sign(m0) != MP.sign(m1) and abs(slope) > 3 * abs(m0):
        return 3 * m0
    return slope


def captured_share(customers: Numbers) -> Number:
    """Give the share of its customers' value that one seller captures."""
    spread = MP.mpf(customers.get("valuation_spread", 0))
    hidden = 1 - MP.mpf(customers.get("price_discrimination", 0))
    return capture(spread * MP.sqrt(hidden))


@lru_cache(maxsize=256)
def capture(spread: Number) -> Number:
    """Give max over q of q P(theta >= q), theta lognormal with mean 1.

    Parameters
    ----------
    spread : number
        Standard deviation v of ln theta; at least 0.

    Returns
    -------
    number
        In (0, 1]: exp(v t - v^2/2) (1 - Phi(t)) at the root t of phi(t) / (1 - Phi(t)) = v.
    """
    spread = MP.mpf(spread)
    if spread == 0:
        return MP.one

    def tail(t: Number) -> Number:
        return MP.erfc(t / MP.sqrt(2)) / 2

    # The hazard's logarithm is increasing and concave: from anywhere Newton's first step lands on the left of
    # the root, and the others climb to it without passing it. The maximum is flat: half of t's digits do.
    t = spread
    step = MP.inf
    while abs(step) > MP.mpf("1e-26") * (1 + abs(t)):
        hazard = MP.npdf(t) / tail(t)
        step = MP.log(hazard / spread) / (hazard - t)
        t -= step
    return MP.exp(spread * t - spread**2 / 2) * tail(t)


def refuse_unknown_keys(model: Numbers) -> None:
    """Raise ValueError if the model holds a key that this reference does not know."""
    for section, known in KNOWN_KEYS.items():
        unknown = set(model[section] if section else model) - known
        if unknown:
            raise ValueError(f"not in the core: {sorted(unknown)}")


def random_model(rng: np.random.Generator) -> dict[str, Any]:
    """Draw a legal core model with plain numbers: wide ranges, ties and edges included.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    dict
        The model's keys, nested. Keys with defaults are sometimes left out.
    """
    horizon = between(rng, 30, 4000, log=True)
    x = between(rng, 1e6, 3e9, log=True)
    y = x * pick(rng, [1.0, between(rng, 0.5, 100, log=True)], [0.05, 0.95])
    z = y * pick(rng, [1.0, between(rng, 0.7, 100, log=True)], [0.05, 0.95])
    lab = {"current_expense": y, "candidate_expense": z} | random_training(rng, horizon)
    started = lab.get("start_day", 0.0) + lab.get("training_days", 0.0)
    drawn = [
        {"day": random_day(rng, horizon, started), "expense": random_level(rng, x, y, z)}
        for _ in range(rng.integers(7))
    ]
    if len(drawn) >= 2 and rng.random() < 0.3:
        drawn[-1]["day"] = drawn[0]["day"]
    growth = pick(rng, [0.0, between(rng, -0.5, 0), between(rng, 0, 1.5)], [0.2, 0.3, 0.5])
    nearly = growth * (1 + between(rng, 1e-16, 1e-3, log=True))
    discount = pick(
        rng, [0.0, between(rng, 0, 0.5), between(rng, -0.1, 0), growth, nearly], [0.15, 0.5, 0.1, 0.15, 0.1]
    )
    model = {
        "horizon_days": horizon,
        "discount_rate": discount,
        "value": random_value(rng, x),
        "customers": random_customers(rng) | sometimes(rng, {"growth_rate": growth}, growth == 0.0),
        "open": {"current_expense": x} | sometimes(rng, {"releases": drawn}, not drawn),
        "lab": lab,
    }
    if discount == 0.0 and rng.random() < 0.5:
        del model["discount_rate"]
    return model


def random_training(rng: np.random.Generator, horizon: float) -> dict[str, Any]:
    """Draw when training starts, how long it takes and whether its cost counts."""
    days = {
        key: pick(rng, [0.0, between(rng, 0, 0.4 * horizon), horizon, between(rng, 0, 1.5 * horizon)], odds)
        for key, odds in (("start_day", [0.5, 0.4, 0.03, 0.07]), ("training_days", [0.4, 0.5, 0.03, 0.07]))
    }
    days = {key: day for key, day in days.items() if day > 0.0 or rng.random() < 0.5}
    counted: dict[str, Any] = pick(rng, [{}, {"counts_training_cost": True}, {"counts_training_cost": False}])
    return days | counted


def random_day(rng: np.random.Generator, horizon: float, arrival: float) -> float:
    """Draw a release's day: inside, at the edges, with the candidate, after the horizon, or never."""
    options = [between(rng, 0, horizon), 0.0, horizon, arrival, between(rng, 1, 3) * horizon, math.inf]
    return float(pick(rng, options, [0.65, 0.08, 0.05, 0.07, 0.08, 0.07]))


def random_level(rng: np.random.Generator, x: float, y: float, z: float) -> float:
    """Draw what a release is worth: below, between, above, or equal to the levels that matter."""
    return float(pick(rng, [x * between(rng, 0.3, 100, log=True), x, y, z], [0.85, 0.05, 0.05, 0.05]))


def random_value(rng: np.random.Generator, x: float) -> dict[str, Any]:
    """Draw a value curve, of the levels around `x`."""
    curve = str(rng.choice(["log", "power", "hill", "table"]))
    scale = between(rng, 0.01, 10, log=True)
    reference = x * between(rng, 1e-4, 3, log=True)
    if curve == "log":
        return sometimes(rng, {"curve": "log"}, True) | {"scale": scale, "reference": reference}
    if curve == "power":
        return {"curve": curve, "scale": scale, "reference": reference, "exponent": between(rng, 0.02, 1.2)}
    if curve == "hill":
        half = x * between(rng, 0.03, 1000, log=True)
        return {"curve": curve, "ceiling": scale, "half": half, "steepness": between(rng, 0.2, 4, log=True)}
    size = int(rng.integers(2, 9))
    logs = math.log(x) - between(rng, 0, 4) + np.cumsum(rng.uniform(0.1, 2.5, size))
    values = scale * np.cumsum(rng.lognormal(0.0, 1.5, size))
    return {"curve": curve, "points": [[math.exp(a), float(b)] for a, b in zip(logs, values, strict=True)]}


def random_customers(rng: np.random.Generator) -> dict[str, Any]:
    """Draw how many customers there are, and how their valuations differ."""
    spread = pick(rng, [0.0, between(rng, 0, 3), 1e-9, 10.0], [0.15, 0.75, 0.05, 0.05])
    seen = pick(rng, [0.0, 1.0, between(rng, 0, 1)], [0.35, 0.15, 0.5])
    count = pick(rng, [0.0, between(rng, 1e3, 1e9, log=True)], [0.02, 0.98])
    return (
        {"count": count}
        | sometimes(rng, {"valuation_spread": spread}, spread == 0.0)
        | sometimes(rng, {"price_discrimination": seen}, seen == 0.0)
    )


def between(rng: np.random.Generator, low: float, high: float, *, log: bool = False) -> float:
    """Draw evenly from an interval, or evenly in the logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high))) if log else float(rng.uniform(low, high))


def pick(rng: np.random.Generator, options: Sequence[Any], odds: Sequence[float] | None = None) -> Any:
    """Draw one of the options."""
    return options[int(rng.choice(len(options), p=odds))]


def sometimes(rng: np.random.Generator, keys: dict[str, Any], neutral: bool) -> dict[str, Any]:
    """Leave keys at their neutral default out, every other time."""
    return {} if neutral and rng.random() < 0.5 else keys
