"""Margin: what a customer pays for, beyond the best free open model."""

__all__ = ["margin", "margin_gain"]


def margin(own_value: float, open_value: float) -> float:
    """Margin of a monopolist before the captured share: (F(c) - F(o))+.

    Parameters
    ----------
    own_value, open_value : float
        Value of the lab's and of the best open model, USD per customer and day.

    Returns
    -------
    float
        USD per customer and day.

    References
    ----------
    jessicata, "How do open AI models affect incentive to race?", LessWrong, 7 May 2024.

    Examples
    --------
    >>> margin(3.0, 1.0), margin(1.0, 3.0)
    (2.0, 0.0)
    """
    return max(own_value - open_value, 0.0)


def margin_gain(better_value: float, own_value: float, open_value: float) -> float:
    """Margin of the better model less that of the own one, against the same open model.

    Written as max(F(z), F(o)) - max(F(y), F(o)), since (a - o)+ = max(a, o) - o: as long as the open
    model stays below y it then drops out exactly, and an effect that is zero is 0.0.

    Parameters
    ----------
    better_value, own_value, open_value : float
        Value of the upgraded, of the current and of the best open model, USD per customer and day.

    Returns
    -------
    float
        USD per customer and day; not below 0 if the better model is at least as good.

    Examples
    --------
    >>> margin_gain(3.0, 2.0, 1.0), margin_gain(3.0, 2.0, 2.5), margin_gain(3.0, 2.0, 4.0)
    (1.0, 0.5, 0.0)
    """
    return max(better_value, open_value) - max(own_value, open_value)
