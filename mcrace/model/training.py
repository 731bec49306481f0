"""Training z: what is trained, when it comes out and what it costs."""

import math

__all__ = ["arrival_day", "candidate_level", "training_cost"]


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


def candidate_level(candidate: float, budget: float, head_start: float, open_level: float) -> float:
    """Level z of the model that is trained.

    Parameters
    ----------
    candidate : float
        Given level, USD; not looked at where there is a budget.
    budget : float
        What the lab spends on training, USD; 0 where the level is given.
    head_start : float
        Share of the open weights' expense that need not be spent again, in [0, 1].
    open_level : float
        Open level on the day on which training starts, USD.

    Returns
    -------
    float
        budget + head_start open_level, or the given level, USD.

    Examples
    --------
    >>> candidate_level(8e8, 0.0, 0.5, 1e8), candidate_level(0.0, 8e8, 0.5, 1e8)
    (800000000.0, 850000000.0)
    """
    return budget + head_start * open_level if budget > 0.0 else candidate


def training_cost(
    candidate: float,
    budget: float,
    head_start: float,
    open_level: float,
    today: float,
    talent_elasticity: float,
) -> float:
    """Cost of training z, on the day on which training starts.

    Parameters
    ----------
    candidate, budget, head_start, open_level : float
        As `candidate_level` takes them.
    today : float
        Open level on day 0, USD.
    talent_elasticity : float
        Elasticity of the cost in the open level: above 0 where open releases drive up the price of
        talent, below 0 where they teach it.

    Returns
    -------
    float
        max(z - head_start o, 0) (o/x)^talent_elasticity, or budget (o/x)^talent_elasticity, USD.

    Examples
    --------
    >>> training_cost(8e8, 0.0, 0.5, 2e8, 1e8, 0.0), training_cost(0.0, 8e8, 0.5, 2e8, 1e8, 1.0)
    (700000000.0, 1600000000.0)
    """
    spent = budget if budget > 0.0 else max(candidate - head_start * open_level, 0.0)
    return float(spent * (open_level / today) ** talent_elasticity) if talent_elasticity != 0.0 else spent
