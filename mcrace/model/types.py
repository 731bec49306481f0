"""Types of the numbers of one draw."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Lists", "Numbers"]

FloatArray = NDArray[np.float64]


class Numbers(Protocol):
    """The single numbers of one draw, one field a key: ``value.scale`` is ``value_scale``.

    Choices are the place in the key's list of choices, flags are 1.0 or 0.0. The same protocol
    serves the outputs of the draw, which the formula writes.
    """

    def __getattr__(self, field: str) -> float:
        """Get the number of that field."""
        ...

    def __setattr__(self, field: str, value: float) -> None:
        """Set the number of that field."""
        ...


class Lists(NamedTuple):
    """The lists of one draw.

    Attributes
    ----------
    release_day : ndarray, shape (releases,)
        Day of each open release; infinite if it never comes.
    release_expense : ndarray, shape (releases,)
        Level of each open release, USD.
    point_level, point_value : ndarray, shape (points,)
        Points of the value curve ``table``; empty for the others.
    """

    release_day: FloatArray
    release_expense: FloatArray
    point_level: FloatArray
    point_value: FloatArray
