"""Regulation: the hazard at which z is halted."""

from mcrace.model.discounting import DAYS_A_YEAR

__all__ = ["halt_hazard"]


def halt_hazard(open_level: float, today: float, halt_rate: float, open_relief: float) -> float:
    """Hazard a day at which z is halted.

    Parameters
    ----------
    open_level, today : float
        Open level, now and on day 0, USD.
    halt_rate : float
        Hazard a year while the open level is that of day 0.
    open_relief : float
        Share of it that is gone once open models are above that, in [0, 1].

    Returns
    -------
    float
        halt_rate / 365.25, times 1 - open_relief where the open level is above that of day 0.

    Examples
    --------
    >>> halt_hazard(1e8, 1e8, 365.25, 0.75), halt_hazard(2e8, 1e8, 365.25, 0.75)
    (1.0, 0.25)
    """
    daily = halt_rate / DAYS_A_YEAR
    return daily * (1.0 - open_relief) if open_level > today else daily
