"""What a lab cares about besides money: a lead that is enough, prestige, caution."""

import math

__all__ = ["caution_loss", "content_with", "leads"]


def content_with(margin: float, enough: float) -> float:
    """Worth of a margin to a lab that is content with a small lead.

    Parameters
    ----------
    margin : float
        USD per customer and day.
    enough : float
        Margin v0 beyond which more counts little, USD per customer and day; infinite: it all counts.

    Returns
    -------
    float
        U(v) = v0 (1 - exp(-v/v0)), or v itself. USD per customer and day.

    References
    ----------
    Constant absolute risk aversion: J. W. Pratt, Econometrica 32 (1964) 122-136.

    Examples
    --------
    >>> content_with(2.0, math.inf), round(content_with(2.0, 1.0), 6)
    (2.0, 0.864665)
    """
    return margin if math.isinf(enough) else -enough * math.expm1(-margin / enough)


def leads(own_level: float, best_other: float) -> float:
    """Whether the lab's model is the best of all, as 1.0 or 0.0.

    Parameters
    ----------
    own_level, best_other : float
        USD; a tie is no lead.

    Returns
    -------
    float
        1 or 0.

    Examples
    --------
    >>> leads(2e8, 1e8), leads(1e8, 1e8)
    (1.0, 0.0)
    """
    return 1.0 if own_level > best_other else 0.0


def caution_loss(advance: float, cost: float, exponent: float) -> float:
    """Dislike of advancing the frontier, on the day on which z comes out.

    Parameters
    ----------
    advance : float
        Value f of z less that of the best model that is already there, USD per customer and day.
    cost : float
        USD for an advance of 1 USD per customer and day.
    exponent : float
        Above 0; above 1 large steps weigh more than in proportion.

    Returns
    -------
    float
        cost (advance+)^exponent, USD.

    References
    ----------
    RobertM's comment under jessicata, "How do open AI models affect incentive to race?", LessWrong, 2024.

    Examples
    --------
    >>> caution_loss(2.0, 10.0, 2.0), caution_loss(-1.0, 10.0, 2.0)
    (40.0, 0.0)
    """
    return float(cost * advance**exponent) if advance > 0.0 else 0.0
