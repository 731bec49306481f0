"""Training z: when it comes out and what it costs."""

import math

from mcrace.model.discounting import discount_factor

__all__ = ["arrival_day", "discounted_training_cost"]


def arrival_day(start_day: float, training_days: float, horizon: float) -> float:
    """Day from which the trained model earns.

    Parameters
    ----------
    start_day, training_days : float
        First day of training, and how long it takes.
    horizon : float
        Last day that counts.

    Returns
    -------
    float
        start_day + training_days; infinite if that is not before the horizon: it does not come out.

    Examples
    --------
    >>> arrival_day(30.0, 120.0, 730.0), arrival_day(700.0, 120.0, 730.0)
    (150.0, inf)
    """
    arrival = start_day + training_days
    return arrival if arrival < horizon else math.inf


def discounted_training_cost(expense: float, start_day: float, horizon: float, discount: float) -> float:
    """Present value of the training cost, paid on the first day of training.

    Parameters
    ----------
    expense : float
        Training expense of the candidate z, USD.
    start_day : float
        First day of training.
    horizon : float
        Last day that counts; a training that would start there or later is not begun.
    discount : float
        Continuous rate a day.

    Returns
    -------
    float
        USD.

    Examples
    --------
    >>> discounted_training_cost(2e9, 0.0, 730.0, 0.001)
    2000000000.0
    """
    return expense * discount_factor(discount, start_day) if start_day < horizon else 0.0
