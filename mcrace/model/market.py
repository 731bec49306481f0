"""Margin by market conduct: what a customer pays for, beyond the best free open model and rivals.

Each conduct has its margin and the gain of a better model over the own one. The gain is written with
(a - o)+ = max(a, o) - o, as max(F(z), F(o)) - max(F(y), F(o)): as long as the open model stays below y it
then drops out exactly, and an effect that is zero is 0.0.
"""

__all__ = ["cournot_share", "margin", "margin_gain", "undercutting_gain", "undercutting_margin"]


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


def undercutting_margin(own_value: float, open_value: float, rival_value: float, overlap: float) -> float:
    """Margin where sellers undercut each other for a share of the customers.

    Parameters
    ----------
    own_value, open_value, rival_value : float
        Value of the lab's, of the best open and of the best rival's model, USD per customer and day.
    overlap : float
        Share k of the customers that the rivals serve too, in [0, 1].

    Returns
    -------
    float
        (1 - k)(F(c) - F(o))+ + k (F(c) - max(F(o), F(w)))+, USD per customer and day.

    References
    ----------
    J. Tirole, The Theory of Industrial Organization, MIT Press, 1988, chapter 5 (Bertrand).

    Examples
    --------
    >>> undercutting_margin(3.0, 1.0, 3.0, 1.0), undercutting_margin(3.0, 1.0, 2.0, 0.5)
    (0.0, 1.5)
    """
    alone = margin(own_value, open_value)
    contested = margin(own_value, max(open_value, rival_value))
    return (1.0 - overlap) * alone + overlap * contested


def undercutting_gain(
    better_value: float, own_value: float, open_value: float, rival_value: float, overlap: float
) -> float:
    """Gain of `undercutting_margin` from the better model.

    Parameters
    ----------
    better_value, own_value, open_value, rival_value : float
        USD per customer and day.
    overlap : float
        In [0, 1].

    Returns
    -------
    float
        USD per customer and day.

    Examples
    --------
    >>> undercutting_gain(5.0, 3.0, 1.0, 4.0, 1.0)
    1.0
    """
    alone = margin_gain(better_value, own_value, open_value)
    contested = margin_gain(better_value, own_value, max(open_value, rival_value))
    return (1.0 - overlap) * alone + overlap * contested


def cournot_share(firms: float) -> float:
    """Margin of one of N equal sellers who choose quantities, over the monopolist's.

    Parameters
    ----------
    firms : float
        Number N of sellers, the lab among them.

    Returns
    -------
    float
        4 / (N + 1)^2: with linear demand each earns 1 / (N + 1)^2 of what is to be had, and one alone 1/4.

    References
    ----------
    A. Cournot, Recherches sur les principes mathematiques de la theorie des richesses, 1838; J. Tirole,
    The Theory of Industrial Organization, MIT Press, 1988, chapter 5.

    Examples
    --------
    >>> cournot_share(1.0), cournot_share(3.0)
    (1.0, 0.25)
    """
    return 4.0 / ((firms + 1.0) * (firms + 1.0))
