"""What the model's core must give exactly, as functions of plain numbers.

One open release on day k, no discounting, n identical customers, one seller, horizon m, the training cost
aside. The levels enter by their values, in USD per customer and day: `f_open` of the open level x today,
`f_new` of the released level x', `f_own` of the lab's y and `f_candidate` of the candidate z. Times are in
days, amounts in US dollars.
"""

import math

__all__ = [
    "annuity",
    "incentive_core",
    "open_effect_core",
    "revenue_gain_frozen",
    "undercutting_equals",
    "value_stay",
    "value_upgrade",
]


def value_upgrade(*, n: float, m: float, k: float, f_open: float, f_new: float, f_candidate: float) -> float:
    """Give V(upgrade) = n [k g(z, x) + (m - k) g(z, x')], with g(a, b) = max(f(a) - f(b), 0)."""
    return n * (k * max(f_candidate - f_open, 0.0) + (m - k) * max(f_candidate - f_new, 0.0))


def value_stay(*, n: float, m: float, k: float, f_open: float, f_new: float, f_own: float) -> float:
    """Give V(stay) = n [k g(y, x) + (m - k) g(y, x')], with g(a, b) = max(f(a) - f(b), 0)."""
    return n * (k * max(f_own - f_open, 0.0) + (m - k) * max(f_own - f_new, 0.0))


def incentive_core(
    *, n: float, m: float, k: float, f_open: float, f_new: float, f_own: float, f_candidate: float
) -> float:
    """Give V(upgrade) - V(stay) with the release."""
    return value_upgrade(n=n, m=m, k=k, f_open=f_open, f_new=f_new, f_candidate=f_candidate) - value_stay(
        n=n, m=m, k=k, f_open=f_open, f_new=f_new, f_own=f_own
    )


def revenue_gain_frozen(*, n: float, m: float, f_own: float, f_candidate: float) -> float:
    """Give the revenue gain without an open release: n m (f(z) - f(y)), whatever x < y is."""
    return n * m * (f_candidate - f_own)


def open_effect_core(
    *, n: float, m: float, k: float, f_new: float, f_own: float, f_candidate: float
) -> float:
    """Give what the release does to the incentive, from which range x' lies in.

    With x' <= y it is 0, with y < x' < z it is -n (m - k) (f(x') - f(y)), with x' >= z it is
    -n (m - k) (f(z) - f(y)). A release on or after day m does not happen.
    """
    if k >= m or f_new <= f_own:
        return 0.0
    if f_new >= f_candidate:
        return -n * (m - k) * (f_candidate - f_own)
    return -n * (m - k) * (f_new - f_own)


def undercutting_equals() -> float:
    """Give what each of two sellers of equal models in one niche earns if they undercut each other: 0."""
    return 0.0


def annuity(*, rate: float, first: float, last: float) -> float:
    """Give the integral of e^(-rate t) from `first` to `last`: (e^(-rate first) - e^(-rate last)) / rate."""
    if rate == 0.0:
        return last - first
    return math.exp(-rate * first) * -math.expm1(-rate * (last - first)) / rate
