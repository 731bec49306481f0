"""The larger and the smaller of two numbers, and the gain of a better model, without a branch."""

from mcrace.compiling import select

__all__ = ["gain", "larger", "smaller"]


def larger(a: float, b: float) -> float:
    """Take the larger number; the second of equal ones.

    Examples
    --------
    >>> larger(1.0, 2.0)
    2.0
    """
    return float(select(a > b, a, b))


def smaller(a: float, b: float) -> float:
    """Take the smaller number; the second of equal ones.

    Examples
    --------
    >>> smaller(1.0, 2.0)
    1.0
    """
    return float(select(a < b, a, b))


def gain(better: float, own: float, free: float) -> float:
    """Margin of the better model less that of the own one: `market.margin_gain`.

    Parameters
    ----------
    better, own, free : float
        Value of the upgraded, of the current and of the best open model, USD per customer and day.

    Examples
    --------
    >>> gain(3.0, 2.0, 2.5)
    0.5
    """
    return larger(better, free) - larger(own, free)
