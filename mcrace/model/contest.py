"""A strategic contest that the first decisive lead wins for good."""

import math

__all__ = ["decisive_hazard"]


def decisive_hazard(lead: float, needed: float, softness: float, win_hazard: float) -> float:
    """Hazard a day at which whoever has a lead wins the contest with it.

    Parameters
    ----------
    lead : float
        l = ln(own / best other), of either sign; with its sign turned the hazard is that of losing.
    needed : float
        Lead that decides, of either sign.
    softness : float
        Width of the step around it; 0 for a sharp one.
    win_hazard : float
        Hazard a day of a lead far above the one needed: win_rate / 365.25.

    Returns
    -------
    float
        win_hazard P(l), P(l) = 1 / (1 + exp(-(l - needed)/softness)), or l > needed.

    References
    ----------
    Wei Dai's comment under jessicata, "How do open AI models affect incentive to race?", LessWrong, 2024;
    S. Armstrong, N. Bostrom, C. Shulman, Racing to the precipice, AI & Society 31 (2016) 201-206.

    Examples
    --------
    >>> decisive_hazard(1.0, 0.5, 0.0, 1.0), decisive_hazard(0.5, 0.5, 0.1, 1.0)
    (1.0, 0.5)
    """
    if softness == 0.0:
        return win_hazard if lead > needed else 0.0
    short = (needed - lead) / softness
    return win_hazard / (1.0 + math.exp(short)) if short < 700.0 else 0.0
