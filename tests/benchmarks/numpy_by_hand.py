"""The benchmark problem P1 and the model's core in plain NumPy, as a scientist would write them by hand.

Vectorised over draws; one seed, NumPy's default generator, no tricks. Money is in US dollars, time in days.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, ndtr

__all__ = [
    "capture_by_newton",
    "capture_by_table",
    "core_by_hand",
    "log_value",
    "p1_by_hand",
    "p1_model",
    "p1_sample",
]

Array: TypeAlias = NDArray[np.float64]

DAYS_PER_YEAR = 365.25
CUSTOMERS = 1e6
HORIZON = 730.0
OPEN_TODAY = 1e8
OWN = 3e8
CANDIDATE = 3e9


def p1_by_hand(
    rng: np.random.Generator, draws: int, capture: Callable[[Array], Array] | None = None
) -> tuple[Array, Array]:
    """Sample P1 and value it.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    draws : int
        How many.
    capture : callable, optional
        Share of its value captured by a posted price, of the spread; by default `capture_by_newton`.

    Returns
    -------
    tuple of two arrays of shape (draws,)
        M, and M with k = m less M, both in USD.
    """
    return p1_model(*p1_sample(rng, draws), capture=capture)


def p1_sample(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array, Array]:
    """Draw P1's uncertain inputs.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    n : int
        How many.

    Returns
    -------
    tuple of four arrays of shape (n,)
        The release's day k and its expense x' in USD, the spread s, and the yearly rate rho.
    """
    k = np.minimum(rng.lognormal(np.log(240.0), 0.7, n), HORIZON)
    x_new = np.maximum(rng.lognormal(np.log(6e8), 0.8, n), OPEN_TODAY)
    s = rng.uniform(0.2, 1.2, n)
    rho = rng.triangular(0.03, 0.10, 0.35, n)
    return k, x_new, s, rho


def p1_model(
    k: Array, x_new: Array, s: Array, rho: Array, capture: Callable[[Array], Array] | None = None
) -> tuple[Array, Array]:
    """Value P1's draws.

    Parameters
    ----------
    k, x_new, s, rho : arrays of shape (n,)
        As from `p1_sample`.
    capture : callable, optional
        As in `p1_by_hand`.

    Returns
    -------
    tuple of two arrays of shape (n,)
        M, and M with k = m less M, both in USD.
    """
    r = rho / DAYS_PER_YEAR
    paid = CUSTOMERS * (capture_by_newton(s) if capture is None else capture(s))
    before = -np.expm1(-r * k) / r
    after = (np.exp(-r * k) - np.exp(-r * HORIZON)) / r
    f_own, f_candidate = p1_value(OWN), p1_value(CANDIDATE)
    f_open, f_new = p1_value(OPEN_TODAY), p1_value(x_new)
    gain_before = np.maximum(f_candidate - f_open, 0.0) - np.maximum(f_own - f_open, 0.0)
    gain_after = np.maximum(f_candidate - f_new, 0.0) - np.maximum(f_own - f_new, 0.0)
    m = paid * (before * gain_before + after * gain_after) - CANDIDATE
    m_without_release = paid * (before + after) * gain_before - CANDIDATE
    return m, m_without_release - m


def p1_value(expense: Array | float) -> Array:
    """Give P1's value per customer and day, in USD."""
    return 0.05 * np.log(np.asarray(expense) / 1e6)


def capture_by_newton(spread: Array) -> Array:
    """Give max over q of q P(theta >= q) by Newton's method, to rounding.

    Parameters
    ----------
    spread : array
        Standard deviation of ln theta, at least 0; theta is lognormal with mean 1.

    Returns
    -------
    array of the same shape
        In (0, 1].
    """
    v = np.maximum(spread, 1e-16)
    t = v - 1.0
    for _ in range(40):
        hazard = np.sqrt(2.0 / np.pi) / erfcx(t / np.sqrt(2.0))
        step = np.log(hazard / v) / (hazard - t)
        t = t - step
        if np.all(np.abs(step) < 1e-8):
            break
    return np.where(spread > 0.0, np.exp(v * t - 0.5 * v * v) * ndtr(-t), 1.0)


def capture_by_table(spread: Array) -> Array:
    """Give the same from a table of 2000 nodes over the spreads that occur, linearly: several times faster.

    Parameters
    ----------
    spread : array
        As for `capture_by_newton`.

    Returns
    -------
    array of the same shape
        In (0, 1].
    """
    nodes = np.linspace(spread.min(), spread.max(), 2000)
    return np.interp(spread, nodes, capture_by_newton(nodes))


def core_by_hand(columns: Mapping[str, Array]) -> tuple[Array, Array, Array]:
    """Value the core with a log curve and any few open releases.

    Parameters
    ----------
    columns : mapping of str to array
        Of shape (n,): ``horizon_days``, ``discount_rate``, ``scale``, ``reference``, ``count``,
        ``growth_rate``, ``valuation_spread``, ``price_discrimination``, ``open_expense`` (x), ``own_expense``
        (y), ``candidate_expense`` (z), ``start_day``, ``training_days``. Of shape (releases, n):
        ``release_days`` and ``release_expenses``. Units are those of the model's keys; the cost counts.

    Returns
    -------
    tuple of three arrays of shape (n,)
        incentive, incentive_frozen and open_effect, in USD.
    """
    horizon, x, y = columns["horizon_days"], columns["open_expense"], columns["own_expense"]
    r = np.log1p(columns["discount_rate"]) / DAYS_PER_YEAR
    g = np.log1p(columns["growth_rate"]) / DAYS_PER_YEAR
    arrival = columns["start_day"] + columns["training_days"]
    spread = columns["valuation_spread"] * np.sqrt(1.0 - columns["price_discrimination"])
    paid = columns["count"] * capture_by_newton(spread)

    f_own = log_value(y, columns)
    f_better = log_value(np.maximum(y, columns["candidate_expense"]), columns)
    f_frozen = log_value(x, columns)

    # The days between which all levels are constant; those after the horizon leave stretches of no length.
    days = np.concatenate([columns["release_days"], arrival[np.newaxis]])
    cuts = np.sort(np.minimum(days, horizon), axis=0)
    cuts = np.concatenate([np.zeros((1, *horizon.shape)), cuts, horizon[np.newaxis]])

    gain = np.zeros_like(horizon)
    effect = np.zeros_like(horizon)
    for first, last in pairwise(cuts):
        weight = growing_annuity(g - r, first, last)
        out = np.where(columns["release_days"] <= first, columns["release_expenses"], 0.0)
        f_open = log_value(np.maximum(x, out.max(axis=0, initial=0.0)), columns)
        upgraded = first >= arrival
        # max(a - o, 0) - max(b - o, 0) = max(a, o) - max(b, o), without the rounding of two differences.
        gain_release = np.maximum(f_better, f_open) - np.maximum(f_own, f_open)
        gain_frozen = np.maximum(f_better, f_frozen) - np.maximum(f_own, f_frozen)
        gain += np.where(upgraded, weight * gain_frozen, 0.0)
        effect += np.where(upgraded, weight * (gain_release - gain_frozen), 0.0)

    starts = columns["start_day"] < horizon
    cost = np.where(starts, columns["candidate_expense"] * np.exp(-r * columns["start_day"]), 0.0)
    incentive_frozen = paid * gain - cost
    return incentive_frozen + paid * effect, incentive_frozen, paid * effect


def log_value(expense: Array, columns: Mapping[str, Array]) -> Array:
    """Give f(expense) by the log curve, in USD per customer and day."""
    return np.maximum(columns["scale"] * np.log(expense / columns["reference"]), 0.0)


def growing_annuity(rate: Array, first: Array, last: Array) -> Array:
    """Integrate e^(rate * t) from `first` to `last`, also where the rate is 0."""
    # A rate so small gives the integral of a rate of 0 to the last digit, and can be divided by.
    rate = np.where(rate == 0.0, 1e-99, rate)
    return np.exp(rate * first) * np.expm1(rate * (last - first)) / rate
