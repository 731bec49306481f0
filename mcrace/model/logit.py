"""Margin of a seller among differentiated sellers: Bertrand and Nash with logit demand.

Values F_j, prices p_j, shares s_j proportional to exp((F_j - p_j) / μ) over the sellers and the open
model, whose price is 0. The profit p_j s_j of a seller without marginal cost grows with p_j as long as
p_j (1 - s_j) < μ, and that product grows with p_j: there is one best price, p_j = μ / (1 - s_j). In
units of μ, with f_j = F_j / μ and D the sum of the exponentials that the shares divide by,

    s_j exp(v_j) = t_j = exp(f_j - 1) / D,    v_j = s_j / (1 - s_j) = profit / μ.

The left side grows from 0 without bound as s_j goes from 0 to 1: each t_j gives one share s(t_j), which
falls as D grows. Only D is left, from the sum of the shares:

    A(D) = exp(f_open) / D + Σ_j s(exp(f_j - 1) / D) = 1.

A falls from above 1 to 0 wherever a customer has two things to choose from, so that there is exactly one D
and one equilibrium.

Three things keep every digit. Values count from the better of the open model and the second best
seller, so that those who compete closely are compared closely, and D is not far from 1. Where the best
seller has at most half of the customers, every share is a smooth function s of a number below 1.36.
Where it has more, its customers are those that the others leave it: v_best = 1 / A' - 1, with A' the sum
over all others, and D solves the logarithm of the best seller's own condition instead,

    1 / A' + ln((1 - A') D) = f_best.

Both equations are nearly straight in D (1 / s(t) = 1 / t + 1 + t / 2 - ...), so that Newton's method needs
two or three steps; a bracket makes sure that it ends.
"""

import math

from mcrace.model.types import FloatArray

__all__ = ["logit_margin"]

_FREE_TURNS = 30
"""After so many steps of Newton's method the bracket is halved instead."""

_TURNS = 100
"""Enough halvings for any bracket of doubles."""

_LAST_STEP = 1e-6
"""A step this short leaves an error of a few 1e-14, and less with an estimate of the next one."""

_WEIGHT_AT_HALF = 0.5 * math.e
"""exp(f - 1) / D of a seller with half of the customers."""

_SLOPE_AT_HALF = 1.0 / 6.0
"""t ds/dt there."""


def logit_margin(
    own_value: float,
    open_value: float,
    rival_value: FloatArray,
    rivals: int,
    differentiation: float,
    weight: FloatArray,
) -> float:
    """Profit per customer at the equilibrium of Bertrand and Nash, before the captured share: μ s / (1 - s).

    Parameters
    ----------
    own_value, open_value : float
        Value of the lab's and of the best open model, USD per customer and day.
    rival_value : ndarray, shape (rivals or more,)
        Values of the rivals' models, USD per customer and day; those beyond `rivals` are not read.
    rivals : int
        Number of rivals in the market.
    differentiation : float
        Scale μ of the tastes for one seller or another, USD per customer and day, above 0.
    weight : ndarray, shape (rivals + 1 or more,)
        Room to work in, overwritten; no array that is read.

    Returns
    -------
    float
        USD per customer and day. Without rivals it is μ W(exp((F - F_open) / μ - 1)), W Lambert's function;
        as μ goes to 0 it is (F - max(F_open, F_1, ...))+.

    References
    ----------
    S. P. Anderson, A. de Palma and J.-F. Thisse, Discrete Choice Theory of Product Differentiation, MIT
    Press, 1992, chapter 7. A. Caplin and B. Nalebuff, Econometrica 59 (1991) 25-59: one equilibrium.
    W. R. Morrow and S. J. Skerlos, Oper. Res. 59 (2011) 328-345: fixed points for the prices. V. Nocke
    and N. Schutz, Econometrica 86 (2018) 523-557: the one unknown D.

    Examples
    --------
    >>> import numpy as np
    >>> round(logit_margin(2.0, 1.0, np.empty(0), 0, 1.0, np.empty(1)), 6)  # W(1)
    0.567143
    >>> round(logit_margin(2.0, 1.0, np.array([2.0]), 1, 1.0, np.empty(2)), 6)
    0.401058
    """
    best, standard, place = _ranked(own_value, open_value, rival_value, rivals)
    lead = (best - standard) / differentiation
    if place < 0 and lead > 1e18:
        return best - standard
    outside = math.exp((open_value - standard) / differentiation)
    reach = outside
    for rival in range(rivals):
        value = own_value if rival == place else float(rival_value[rival])
        weight[rival] = math.exp((value - standard) / differentiation - 1.0)
        reach += float(weight[rival])
    if math.isnan(lead + reach):
        return math.nan
    aggregate, best_premium = _equilibrium(lead, weight, rivals, outside, reach)
    own_lead = (own_value - standard) / differentiation
    if own_lead < -600.0:
        # Share and premium are the same here; the weight's root keeps the digits that the weight may lose.
        root = math.exp(0.5 * (own_lead - 1.0))
        return differentiation * root / aggregate * root
    if place < 0:
        return differentiation * best_premium
    own_share = _share(float(weight[place]) / aggregate)
    return differentiation * (own_share / (1.0 - own_share))


def _ranked(
    own_value: float, open_value: float, rival_value: FloatArray, rivals: int
) -> tuple[float, float, int]:
    """Best seller's value, the best of all others', and the rival that is best, or -1 for the lab."""
    best, standard, place = own_value, open_value, -1
    for rival in range(rivals):
        value = float(rival_value[rival])
        if value > best:
            standard = max(standard, best)
            best, place = value, rival
        else:
            standard = max(standard, value)
    return best, standard, place


def _equilibrium(
    lead: float, weight: FloatArray, others: int, outside: float, reach: float
) -> tuple[float, float]:
    """Aggregate D and the best seller's v, given its lead and the weights exp(f - 1) of the others."""
    if lead > 1e300:
        lead = 1e300
    # At this D the best seller has half of the customers: do the others fill the other half?
    crossing = 2.0 * math.exp(lead - 2.0) if lead < 600.0 else math.inf
    if crossing >= 2.0 * reach:
        # They do not even at s(t) = t, and with that v + ln v = gap, which one step solves roughly.
        gap = lead - 1.0 - math.log(reach)
        premium = gap - gap * math.log(gap) / (1.0 + gap)
        return _dominated(reach * (1.0 + premium), crossing, lead, weight, others, outside, reach)
    start = outside
    if outside < crossing:
        total, slope = _taken(crossing, weight, others, outside)
        if total <= 0.5:
            start = crossing * (1.0 + _dominated_step(crossing, total, slope, lead))
            return _dominated(start, crossing, lead, weight, others, outside, reach)
        start = crossing * (1.0 + _crowded_step(total + 0.5, slope + _SLOPE_AT_HALF))
    weight[others] = crossing * _WEIGHT_AT_HALF
    return _crowded(start, max(crossing, outside), weight, others, outside, reach)


def _crowded(
    start: float, least: float, weight: FloatArray, others: int, outside: float, reach: float
) -> tuple[float, float]:
    """Aggregate and the best seller's v where no seller has more than half: all shares sum to 1."""
    best_weight = float(weight[others])
    # No share s(t) is above t, so that the sum is not above 1 where the aggregate is all weights.
    low, high = least * (1.0 - 1e-9), (reach + best_weight) * (1.0 + 1e-9)
    aggregate, before = _kept(start, low, high, 0), math.inf
    for turn in range(_TURNS):
        total, slope = _taken(aggregate, weight, others + 1, outside)
        step = _crowded_step(total, slope)
        if step > 0.0:
            low = aggregate
        else:
            high = aggregate
        if abs(step) < _LAST_STEP:
            aggregate *= 1.0 + _last(step, before)
            break
        guess = aggregate * (1.0 + step)
        aggregate = _kept(guess, low, high, turn)
        before = step if aggregate == guess else math.inf
    best_share = _share(best_weight / aggregate)
    return aggregate, best_share / (1.0 - best_share)


def _crowded_step(total: float, slope: float) -> float:
    """Newton's step in D, over D, for 1 / A = 1."""
    return (total - 1.0) * total / slope


def _dominated(
    start: float,
    crossing: float,
    lead: float,
    weight: FloatArray,
    others: int,
    outside: float,
    reach: float,
) -> tuple[float, float]:
    """Aggregate and the best seller's v where the best seller has half or more: 1 / A' - 1."""
    low, high = 0.27, min(crossing * (1.0 + 1e-9), reach * (lead + 3.0))
    aggregate, before = _kept(start, low, high, 0), math.inf
    for turn in range(_TURNS):
        total, slope = _taken(aggregate, weight, others, outside)
        step = _dominated_step(aggregate, total, slope, lead)
        if step > 0.0:
            low = aggregate
        else:
            high = aggregate
        if abs(step) < _LAST_STEP:
            step = _last(step, before)
            return aggregate * (1.0 + step), 1.0 / total - 1.0 + slope / total / total * step
        guess = aggregate * (1.0 + step)
        aggregate = _kept(guess, low, high, turn)
        before = step if aggregate == guess else math.inf
    return aggregate, 1.0 / total - 1.0


def _dominated_step(aggregate: float, total: float, slope: float, lead: float) -> float:
    """Newton's step in D, over D, for 1 / A' + ln((1 - A') D) = f."""
    if total > 0.75:
        # Far from the root, where the logarithm bends or has no argument.
        return 1.0
    inverse = 1.0 / total
    excess = inverse + math.log((1.0 - total) * aggregate) - lead
    return -excess / (1.0 + slope * inverse * inverse + slope / (1.0 - total))


def _last(step: float, before: float) -> float:
    """Newton's last step with the one that would come after it: each is about the last one's square."""
    return step + step * (step / before) * (step / before)


def _kept(guess: float, low: float, high: float, turn: int) -> float:
    """Guess if it lies in the bracket, and not too many were made; else the bracket's geometric middle."""
    if low <= guess <= high and turn < _FREE_TURNS:
        return guess
    return math.sqrt(low) * math.sqrt(high)


def _taken(aggregate: float, weight: FloatArray, sellers: int, outside: float) -> tuple[float, float]:
    """Sum A of the shares of the open model and of sellers, and -dA/dlnD."""
    scale = 1.0 / aggregate
    total = outside * scale
    slope = total
    for seller in range(sellers):
        share = _share(float(weight[seller]) * scale)
        rest = (1.0 - share) * (1.0 - share)
        total += share
        slope += share * rest / (rest + share)
    return total, slope


def _share(t: float) -> float:
    """Root s of s exp(s / (1 - s)) = t for t up to 1.365, to the last digit.

    It is t times a ratio of polynomials of degrees 10 and 11 through the exact root at Chebyshev's nodes.
    Even and odd powers apart: four short chains of multiplications instead of two long ones.
    """
    q = t * t
    even = 52.65231745411145 + q * (7.321777912775593 + q * 0.021572485426318084)
    even = 1.0 + q * (19.392679763315403 + q * (63.937616499064376 + q * even))
    odd = 69.40648541412206 + q * (26.058164718539597 + q * 0.836672489325064)
    odd = 5.8501227952161825 + q * (41.87008098485655 + q * odd)
    below_even = 140.16161347169506 + q * (41.6226653544038 + q * 1.0810051081600054)
    below_even = 1.0 + q * (25.742802558533654 + q * (113.42899643899293 + q * below_even))
    below_odd = 94.11507039658503 + q * (10.459468082523514 + q * 0.025452671820080545)
    below_odd = 6.850122795216174 + q * (63.854488812298776 + q * (147.55031702855354 + q * below_odd))
    return t * (even + t * odd) / (below_even + t * below_odd)
