"""Where each number of one draw stands in the flat buffer that the kernel reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mcrace.nomenclature import KEYS, OUTPUTS, Key

__all__ = [
    "COMMON",
    "LISTS",
    "LIST_FIELDS",
    "NUMBERS",
    "PATH",
    "RESULTS",
    "WORLD",
    "Layout",
    "neutral_numbers",
]

_SINGLE = [
    key
    for key in KEYS.values()
    if "[]" not in key.path and key.kind != "points" and not key.each and not key.certain
]


def _record(*names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.float64) for name in names])


NUMBERS = _record(*(key.field for key in _SINGLE))
"""One field for each single number of the model."""

RESULTS = _record(*OUTPUTS)
"""One field for each output."""

COMMON = _record(
    *("discount", "growth", "count", "ceiling", "share", "arrival", "win_hazard"),  # of the draw
    "factor",  # of the stretch's first day: growth and discount
    *("stay_value", "today_value", "lab_best", "open_best", "rival_best"),
    *("watches", "counts_days", "has_contest", "has_standing"),  # flags: what is looked at
    *("customers", "days"),  # of the stretch, discounted
)
"""What the formula notes of a draw for both worlds."""

WORLD = _record(
    *(
        "is_release",
        "start_level",
        "candidate",
        "better_level",
        "better_value",
        "comes_out",
        "chase_day",
        "chase_target",
    ),
    *("change", "open_level", "chased_level", "ecosystem", "chased_ecosystem", "halt_hazard", "unhalted"),
    *("open_value", "chased_value", "rival_level", "rival_value", "chased_rival_level", "chased_rival_value"),
    *("margin_gain", "worth_gain", "halted_worth_gain"),
    *("revenue_flow", "survival_flow", "prestige_flow", "strategic_flow"),  # upgrade less stay, in a stretch
    *("revenue_gain", "survival_gain", "prestige_gain", "strategic_gain", "training_cost", "caution_cost"),
    *("continuation_gain", "incentive"),
)
"""What it notes of one world."""

PATH = _record("margin", "revenue", "worth", "failure", "leads", "win", "deciding", "undecided")
"""What it notes of one path of a world."""

LISTS = (
    *("release_day", "release_expense", "process_interval", "process_growth"),
    *("rival_expense", "rival_release_day", "rival_head_start", "rival_value", "seller_weight"),
    *("niche_share", "niche_lab_aptitude", "niche_open_aptitude", "niche_rival_aptitude"),
    *("point_level", "point_value", "end"),
)
"""The lists of a draw, as they lie one after the other.

``release_day``, ``release_expense``: releases that are given, then those of the process, which the formula
writes. ``process_interval``, ``process_growth``: one less than, and as many as, the process's releases.
``rival_value``, ``seller_weight``: room for logit, of all rivals, and of them and the lab.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Layout of the buffer: the single numbers, then the lists one after the other.

    Attributes
    ----------
    releases, process_releases : int
        Number of open releases that are given, and of those of the process.
    rivals, niches : int
        Number of each.
    points : int
        Number of points of the value curve.
    """

    releases: int = 0
    process_releases: int = 0
    rivals: int = 0
    niches: int = 0
    points: int = 0

    @property
    def size(self) -> int:
        """Numbers of one draw."""
        return self._starts["end"]

    def place(self, field: str, index: int = 0) -> int:
        """Place of a number in the buffer.

        Parameters
        ----------
        field : str
            Field of a single number, or one of `LISTS`.
        index : int
            Which member of the list.

        Returns
        -------
        int
            Offset from the start.
        """
        return self._starts[field] + index

    @property
    def _starts(self) -> Mapping[str, int]:
        return _starts(self.releases, self.process_releases, self.rivals, self.niches, self.points)

    def places(self) -> NDArray[np.void]:
        """Give the record of where each list starts, as an array of one row."""
        row = tuple(self.place(name) for name in LISTS)
        return np.array([row], dtype=[(name, np.int64) for name in LISTS])


LIST_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "open.releases[].day": "release_day",
        "open.releases[].expense": "release_expense",
        "open.process.interval_days": "process_interval",
        "open.process.growth": "process_growth",
        "market.rivals[].expense": "rival_expense",
        "market.rivals[].release_day": "rival_release_day",
        "market.rivals[].head_start": "rival_head_start",
        "niches.list[].share": "niche_share",
        "niches.list[].lab_aptitude": "niche_lab_aptitude",
        "niches.list[].open_aptitude": "niche_open_aptitude",
        "niches.list[].rival_aptitude": "niche_rival_aptitude",
    }
)
"""The list of `LISTS` that each key fills."""


@lru_cache(maxsize=64)
def neutral_numbers(layout: Layout) -> Mapping[int, float]:
    """Give the number that each place holds where the study gives none: of a mechanism that is off.

    Parameters
    ----------
    layout : Layout
        The model's.

    Returns
    -------
    Mapping of int to float
        Place and number; the lists' own numbers are left out where each member must give them.

    Examples
    --------
    >>> neutral_numbers(Layout())[Layout().place("discount_rate")]
    0.0
    """
    numbers = {}
    members = {"open": layout.releases, "market": layout.rivals, "niches": layout.niches}
    for key in KEYS.values():
        if key.kind in ("points", "text") or key.certain or key.each:
            continue
        if "[]" not in key.path:
            numbers[layout.place(key.field)] = _neutral(key)
        elif key.path in LIST_FIELDS:
            for member in range(members[key.path.partition(".")[0]]):
                numbers[layout.place(LIST_FIELDS[key.path], member)] = _neutral(key)
    return MappingProxyType(numbers)


def _neutral(key: Key) -> float:
    if key.kind == "choice":
        return float(key.choices.index(str(key.default)))
    return float(key.default) if isinstance(key.default, int | float) else key.off


@cache
def _starts(releases: int, process_releases: int, rivals: int, niches: int, points: int) -> Mapping[str, int]:
    """Place of the first number of each field, and the end of them all."""
    sizes = dict.fromkeys(LISTS, 0)
    sizes |= dict.fromkeys(("release_day", "release_expense"), releases + process_releases)
    sizes |= {"process_interval": max(process_releases - 1, 0), "process_growth": process_releases}
    sizes |= {name: rivals for name in LISTS if name.startswith("rival_")}
    sizes |= {"seller_weight": rivals + 1}
    sizes |= {name: niches for name in LISTS if name.startswith("niche_")}
    sizes |= {name: points for name in LISTS if name.startswith("point_")}
    starts = {key.field: place for place, key in enumerate(_SINGLE)}
    end = len(_SINGLE)
    for name, size in sizes.items():
        starts[name] = end
        end += size
    return MappingProxyType(starts)
