"""Integrals of flows, once more: demand under discounting and halts, the contest; 50-digit arithmetic."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tests.reference_paths import customers_on, daily_rate
from tests.reference_value import MP, Number, Numbers

__all__ = [
    "Contest",
    "contest_after",
    "demand_integral",
    "exponential_integral",
    "hazard_share",
    "quadrature",
]

NODES = 24
YEAR = MP.mpf("365.25")

Contest = tuple[Number, Number, Number]


def exponential_integral(rate: Number, first: Number, last: Number) -> Number:
    """Integrate e^(rate * t) from `first` to `last`."""
    if rate == 0:
        return last - first
    return MP.exp(rate * first) * MP.expm1(rate * (last - first)) / rate


def demand_integral(model: Numbers, crowd: Number, rate: Number, first: Number, last: Number) -> Number:
    """Integrate n(t) e^(rate * t) from `first` to `last`: in closed form, or by quadrature if logistic."""
    customers = model["customers"]
    growth = daily_rate(customers.get("growth_rate", 0))
    if "ceiling" not in customers or customers["ceiling"] == math.inf or customers["count"] == 0:
        return crowd * MP.mpf(customers["count"]) * exponential_integral(growth + rate, first, last)
    # Cut to where the rates move the integrand by e^2: n(t)'s poles, at pi / growth from the real line, are
    # then so far away that each further node gives more than one further digit.
    pieces = int(MP.ceil((last - first) * max(growth, abs(rate)) / 2)) + 1
    cuts = [first + (last - first) * k / pieces for k in range(pieces + 1)]
    return MP.fsum(
        quadrature(lambda t: customers_on(model, t, crowd) * MP.exp(rate * t), low, high)
        for low, high in pairwise(cuts)
    )


def quadrature(function: Callable[[Number], Number], low: Number, high: Number) -> Number:
    """Integrate a smooth function by one Gauss-Legendre rule."""
    middle, half = (low + high) / 2, (high - low) / 2
    return half * MP.fsum(weight * function(middle + half * node) for node, weight in gauss_legendre())


@lru_cache(maxsize=1)
def gauss_legendre() -> list[tuple[Number, Number]]:
    """Give nodes and weights on [-1, 1]: NumPy's nodes, taken on by Newton's method."""
    rule = []
    for rough in np.polynomial.legendre.leggauss(NODES)[0]:
        node = MP.mpf(float(rough))
        for _ in range(3):
            value, slope = legendre(node)
            node -= value / slope
        rule.append((node, 2 / ((1 - node**2) * legendre(node)[1] ** 2)))
    return rule


def legendre(at: Number) -> tuple[Number, Number]:
    """Give Legendre's polynomial of degree NODES and its slope, by the three-term recurrence."""
    before, value = MP.one, at
    for degree in range(1, NODES):
        before, value = value, ((2 * degree + 1) * at * value - degree * before) / (degree + 1)
    return value, NODES * (before - at * value) / (1 - at**2)


def hazard_share(lead: Number, needed: float, softness: float) -> Number:
    """Give P(lead), the share of the win rate that a logarithmic lead of either sign brings."""
    distance = lead - MP.mpf(needed)
    if softness == 0:
        return MP.one if distance > 0 else MP.zero
    return 1 / (1 + MP.exp(-distance / MP.mpf(softness)))


def contest_after(
    contest: Contest,
    days: Number,
    *,
    halt: Number,
    rate: Number,
    main: tuple[Number, Number],
    halted: tuple[Number, Number],
) -> Contest:
    """Carry the contest over a stretch of constant hazards, all of them a day.

    Parameters
    ----------
    contest : tuple of number
        e^(-rate t) times the chances of "open, not halted" and "open, halted"; the wins so far, discounted.
    days : number
        How long the stretch is.
    halt, rate : number
        Hazard of a halt, and the discount rate.
    main, halted : tuple of number
        Hazards of winning and of losing on the two paths.
    """
    open_main, open_halted, won = contest
    leave = halt + sum(main) + rate
    if halt == 0 and open_halted == 0:
        kept = exponential_integral(-leave, MP.zero, days)
        return open_main * MP.exp(-leave * days), MP.zero, won + main[0] * open_main * kept
    generator: Sequence[Sequence[Number]] = [
        [-leave, 0, 0],
        [halt, -(sum(halted) + rate), 0],
        [main[0], halted[0], 0],
    ]
    after = MP.expm(MP.matrix(generator) * days) * MP.matrix(contest)
    return after[0], after[1], after[2]
