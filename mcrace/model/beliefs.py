"""Beliefs: what the lab thinks that training z gains it."""

__all__ = ["perceived"]


def perceived(incentive: float, incentive_frozen: float, inattention: float) -> float:
    """Incentive as seen by a lab that overlooks open releases to some degree.

    Parameters
    ----------
    incentive, incentive_frozen : float
        With open releases as drawn, and with the open model frozen, at the demand that the lab believes
        in, USD.
    inattention : float
        Weight of the frozen world, in [0, 1].

    Returns
    -------
    float
        (1 - inattention) incentive + inattention incentive_frozen, USD.

    References
    ----------
    X. Gabaix, Behavioral inattention, in: Handbook of Behavioral Economics 2 (2019) 261-343.

    Examples
    --------
    >>> perceived(1.0, 3.0, 0.0), perceived(1.0, 3.0, 0.25)
    (1.0, 1.5)
    """
    return (1.0 - inattention) * incentive + inattention * incentive_frozen
