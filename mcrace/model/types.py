"""Types of the numbers of one draw."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Lists", "Numbers", "Places", "World"]

FloatArray = NDArray[np.float64]


class Numbers(Protocol):
    """The single numbers of one draw, one field a key: ``value.scale`` is ``value_scale``.

    Choices are the place in the key's list of choices, flags are 1.0 or 0.0. The same protocol
    serves the outputs of the draw and what the formula notes on its way.
    """

    def __getattr__(self, field: str) -> float:
        """Get the number of that field."""
        ...

    def __setattr__(self, field: str, value: float) -> None:
        """Set the number of that field."""
        ...


class Places(Protocol):
    """Where each list of one draw starts: fields `LISTS` of the layout, each ending where the next starts."""

    def __getattr__(self, field: str) -> int:
        """Get the place of that list's first number."""
        ...


class Lists(NamedTuple):
    """The lists of one draw, one after the other in one array: passing many arrays on is slow.

    Attributes
    ----------
    data : ndarray
        All numbers of the draw.
    places : Places
        Where each list starts: ``data[places.release_day : places.release_expense]`` are the days.
    """

    data: FloatArray
    places: Places


class World(NamedTuple):
    """What the formula notes of one world, release or frozen, on its way through time.

    Attributes
    ----------
    now : Numbers
        Of the world as a whole: the fields `WORLD` of the layout.
    stay, upgrade, halted : Numbers
        Of each path: the fields `PATH` of the layout.
    """

    now: Numbers
    stay: Numbers
    upgrade: Numbers
    halted: Numbers
