"""What a customer pays on a day, once more: conducts, niches, the logit oligopoly; 50-digit arithmetic."""

import math
from collections.abc import Sequence

from scipy.optimize import brentq

from tests.reference_value import MP, Number, Numbers, captured_share, satiated, value_of

__all__ = ["logit_shares", "margin"]

RESIDUAL = MP.mpf("1e-35")


def margin(model: Numbers, own: float, free: float, rivals: Sequence[float]) -> Number:
    """Give what the average customer pays the lab, in USD per day.

    Parameters
    ----------
    model : mapping
        The model's keys, nested.
    own, free : float
        The lab's and the open level, in USD.
    rivals : sequence of float
        Levels of the rivals' models that are out, in USD.

    Returns
    -------
    number
        R * the share-weighted mean over niches of the conduct's margin.
    """
    niches = model.get("niches", {})
    split = niches.get("list") or [{"name": "all", "share": 1.0}]
    substitution = MP.mpf(niches.get("substitution", 0))

    def counted(level: float, aptitude: str, niche: Numbers) -> Number:
        """Give what a level counts as in a niche: its own aptitude there, or a share of its best one."""
        best = max(MP.mpf(one.get(aptitude, 1)) for one in split)
        return MP.mpf(level) * max(MP.mpf(niche.get(aptitude, 1)), substitution * best)

    total = MP.zero
    for niche in split:
        paid = niche_margin(
            model,
            own=counted(own, "lab_aptitude", niche),
            free=counted(free, "open_aptitude", niche),
            rivals=[counted(rival, "rival_aptitude", niche) for rival in rivals],
        )
        total += MP.mpf(niche["share"]) * paid
    mean = total / MP.fsum(MP.mpf(niche["share"]) for niche in split)
    return captured_share(model["customers"]) * mean


def niche_margin(model: Numbers, *, own: Number, free: Number, rivals: Sequence[Number]) -> Number:
    """Give the margin of one niche over R, in USD per customer and day, by the market's conduct."""
    market = model.get("market", {})
    value, satiation = model["value"], model["value"].get("satiation", {})
    substitutability = MP.mpf(market.get("open_substitutability", 1))
    worth = satiated(value_of(value, own), satiation)
    worth_free = satiated(substitutability * value_of(value, free), satiation)
    worth_rivals = [satiated(value_of(value, rival), satiation) for rival in rivals]
    over_open = max(worth - worth_free, MP.zero)
    conduct = market.get("conduct", "monopoly")
    if conduct == "monopoly":
        return over_open
    if conduct == "undercutting":
        overlap = MP.mpf(market.get("overlap", 1))
        over_all = max(worth - max([worth_free, *worth_rivals]), MP.zero)
        return (1 - overlap) * over_open + overlap * over_all
    if conduct == "cournot":
        return over_open * 4 / MP.mpf(market.get("firms", 1) + 1) ** 2
    if conduct == "logit":
        mu = MP.mpf(market["differentiation"])
        odds = logit_shares([(one - worth_free) / mu for one in (worth, *worth_rivals)])[0]
        return mu * odds
    raise ValueError(f"unknown conduct {conduct!r}")


def logit_shares(values: Sequence[Number]) -> list[Number]:
    """Give s_j / (1 - s_j) of each seller in the Bertrand-Nash equilibrium of logit demand.

    In units of mu and with the open model's value at 0, s_j = exp(v_j - p_j - L), p_j = 1 / (1 - s_j), and
    exp(L) = 1 + sum of exp(v_i - p_i), that is, the shares and the open model's exp(-L) add up to 1. In
    t = ln(s / (1 - s)) a seller's own condition is log_share(t) + 1 + e^t = v - L, with an increasing and
    convex left side; what is left is one equation in L. A root finder in double precision gives a start,
    Newton's method the digits, and at the end the definition is checked.

    Parameters
    ----------
    values : sequence of number
        (F_j - Fo) / mu, the lab's and each rival's.

    Returns
    -------
    list of number
        s_j / (1 - s_j), the profit in units of mu.

    Raises
    ------
    ArithmeticError
        If what was found is no equilibrium.
    """
    rough = [float(value) for value in values]
    level = MP.mpf(rough_level(rough))
    logits = [MP.mpf(own_logit(value - float(level))) for value in rough]
    for _ in range(60):
        shares = [1 / (1 + MP.exp(-t)) for t in logits]
        slopes = [1 - s + MP.exp(t) for s, t in zip(shares, logits, strict=True)]
        left = [
            v - level - (MP.log(s) + 1 + MP.exp(t)) for v, s, t in zip(values, shares, logits, strict=True)
        ]
        free = MP.exp(-level)
        # Linearised: each t moves by (left - move) / slope, and the shares must then add up to 1.
        wanted = 1 - free - MP.fsum(shares)
        bends = [s * (1 - s) / slope for s, slope in zip(shares, slopes, strict=True)]
        pushed = MP.fsum(bend * gap for bend, gap in zip(bends, left, strict=True))
        move = (pushed - wanted) / (MP.fsum(bends) + free)
        level += move
        steps = [(gap - move) / slope for gap, slope in zip(left, slopes, strict=True)]
        logits = [t + step for t, step in zip(logits, steps, strict=True)]
        if max(abs(step) for step in (move, *steps)) < RESIDUAL:
            break
    confirm_equilibrium(values, logits, level)
    return [MP.exp(t) for t in logits]


def confirm_equilibrium(values: Sequence[Number], logits: Sequence[Number], level: Number) -> None:
    """Raise ArithmeticError unless shares and prices are those of the definition."""
    shares = [1 / (1 + MP.exp(-t)) for t in logits]
    prices = [1 + MP.exp(t) for t in logits]
    for value, share, price in zip(values, shares, prices, strict=True):
        if abs(MP.exp(value - price - level) / share - 1) > MP.mpf("1e-25"):
            raise ArithmeticError(f"no equilibrium of {values}")
    if abs(MP.exp(-level) + MP.fsum(shares) - 1) > MP.mpf("1e-30"):
        raise ArithmeticError(f"shares of {values} do not add up")


def rough_level(values: Sequence[float]) -> float:
    """Solve for L in double precision: the shares fall as it rises."""

    def excess(level: float) -> float:
        shares = (1 / (1 + math.exp(-max(own_logit(value - level), -700.0))) for value in values)
        return math.fsum([*shares, math.exp(-level), -1.0])

    highest = max(0.0, *values) + math.log(len(values) + 1) + 1.0
    return 0.0 if excess(0.0) <= 0.0 else float(brentq(excess, 0.0, highest, xtol=1e-13, rtol=1e-14))


def own_logit(left: float) -> float:
    """Solve log_share(t) + 1 + e^t = left for t; the left side is convex, so that Newton's method is safe."""
    t = math.log(left - 1.0) if left > 2.0 else left - 1.0
    for _ in range(100):
        lost = math.log1p(math.exp(-t)) if t > 0.0 else math.log1p(math.exp(t)) - t
        step = (left - (1.0 + math.exp(t) - lost)) / (1.0 / (1.0 + math.exp(min(t, 700.0))) + math.exp(t))
        t += step
        if abs(step) <= 1e-14 * (1.0 + abs(t)):
            break
    return t
