"""Where each number of one draw stands in the flat buffer that the kernel reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from mcrace.model.types import FloatArray, Lists
from mcrace.nomenclature import KEYS, OUTPUTS

__all__ = ["NUMBERS", "RESULTS", "Layout"]

_SINGLE = [key for key in KEYS.values() if "[]" not in key.path and key.kind != "points"]

NUMBERS = np.dtype([(key.field, np.float64) for key in _SINGLE])
"""One field for each single number of the model."""

RESULTS = np.dtype([(name, np.float64) for name in OUTPUTS])
"""One field for each output."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of the buffer: the single numbers, then the lists one after the other.

    Attributes
    ----------
    releases : int
        Number of open releases.
    points : int
        Number of points of the value curve.
    """

    releases: int
    points: int

    @property
    def size(self) -> int:
        """Numbers of one draw."""
        return len(_SINGLE) + 2 * self.releases + 2 * self.points

    def place(self, field: str, index: int = 0) -> int:
        """Place of a number in the buffer.

        Parameters
        ----------
        field : str
            Field of a single number, or of `Lists`.
        index : int
            Which member of the list.

        Returns
        -------
        int
            Offset from the start.
        """
        return _starts(self.releases, self.points)[field] + index

    def lists(self, buffer: FloatArray) -> Lists:
        """Give views of the lists in a buffer."""
        starts = _starts(self.releases, self.points)
        return Lists(
            release_day=buffer[starts["release_day"] :][: self.releases],
            release_expense=buffer[starts["release_expense"] :][: self.releases],
            point_level=buffer[starts["point_level"] :][: self.points],
            point_value=buffer[starts["point_value"] :][: self.points],
        )


@cache
def _starts(releases: int, points: int) -> Mapping[str, int]:
    """Place of the first number of each field."""
    starts = {key.field: place for place, key in enumerate(_SINGLE)}
    first = len(_SINGLE)
    starts["release_day"] = first
    starts["release_expense"] = first + releases
    starts["point_level"] = first + 2 * releases
    starts["point_value"] = first + 2 * releases + points
    return MappingProxyType(starts)
