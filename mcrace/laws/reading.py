"""Numbers as they stand in a study, read with every fault told."""

import math

import numpy as np

from mcrace.errors import Fault
from mcrace.laws.family import Range
from mcrace.laws.faults import short

__all__ = ["read_bounds", "read_number", "read_numbers"]

END = Range(infinite=True)


def read_number(raw: object, allowed: Range, path: str, faults: list[Fault]) -> float | None:
    """Read one number; booleans, texts and NaN are none.

    Parameters
    ----------
    raw : object
        What stands in the study.
    allowed : Range
        What it may be.
    path : str
        Where it stands.
    faults : list of Fault
        A fault is added to it if the number is not right.

    Returns
    -------
    float or None
        The number; None if it is not right.

    Examples
    --------
    >>> faults = []
    >>> read_number(True, Range(), "normal.mean", faults)
    >>> print(*faults)
    normal.mean: found True, expected a number
    """
    value = _as_float(raw)
    if value is None or not allowed.holds(value):
        faults.append(Fault(path=path, found=short(raw), expected=allowed.text))
        return None
    return value


def read_numbers(raw: object, allowed: Range, path: str, faults: list[Fault]) -> list[float] | None:
    """Read a list of numbers.

    Parameters
    ----------
    raw, allowed, path, faults
        As for `read_number`; `allowed` holds for each number.

    Returns
    -------
    list of float or None
        The numbers; None if any is not right.

    Examples
    --------
    >>> read_numbers([1, 2.5], Range(), "discrete.values", [])
    [1.0, 2.5]
    """
    if not isinstance(raw, list | tuple):
        faults.append(Fault(path=path, found=short(raw), expected="a list of numbers"))
        return None
    read = [read_number(item, allowed, f"{path}.{place}", faults) for place, item in enumerate(raw)]
    values = [value for value in read if value is not None]
    return values if len(values) == len(raw) else None


def read_bounds(raw: object, faults: list[Fault]) -> tuple[float, float] | None:
    """Read the bounds of a law.

    Parameters
    ----------
    raw : object
        A list of two numbers, the first below the second, either of which may be infinite; or None.
    faults : list of Fault
        Faults are added to it, with paths ``bounds``, ``bounds.0`` and ``bounds.1``.

    Returns
    -------
    low, high : float, or None
        The bounds; infinite where `raw` is None; None if they are not right.

    Examples
    --------
    >>> read_bounds([1, float("inf")], [])
    (1.0, inf)
    """
    if raw is None:
        return -math.inf, math.inf
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        expected = "a list of two numbers, low and high (either may be -.inf or .inf)"
        faults.append(Fault(path="bounds", found=short(raw), expected=expected))
        return None
    low, high = _as_float(raw[0]), _as_float(raw[1])
    low_is_right = low is not None and low < math.inf
    high_is_right = high is not None and high > -math.inf
    if not low_is_right:
        faults.append(Fault(path="bounds.0", found=short(raw[0]), expected="a number, or -.inf for none"))
    if not high_is_right:
        faults.append(Fault(path="bounds.1", found=short(raw[1]), expected="a number, or .inf for none"))
    if low is None or high is None or not (low_is_right and high_is_right):
        return None
    if not low < high:
        faults.append(Fault(path="bounds", found=short(raw), expected="a low end below the high end"))
        return None
    return low, high


def _as_float(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | np.integer | np.floating):
        return None
    try:
        value = float(raw)
    except OverflowError:
        return None
    return None if math.isnan(value) else value
