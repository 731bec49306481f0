"""A forecast hub: who submits to it, for which round and levels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from mcrace.errors import Fault, StudyError
from mcrace.study.reading import Reader

__all__ = ["HUB_LEVELS", "HUB_NAME", "Hub", "hub_faults", "read_hub"]

HUB_LEVELS: Final = (0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99)
"""The 23 levels that most hubs ask for."""

HUB_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
"""What names of a hub may be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A hub and who submits to it.

    Attributes
    ----------
    team, model : str
        Letters, digits and underscores.
    round : date
        The round, which is the day from which the horizons count.
    levels : tuple of float
        Of the quantiles, each in (0, 1), increasing.
    round_column : str
        The column of tasks that holds the round.
    metadata : Mapping of str to str
        What the model's metadata say beside team and model, such as ``license`` or ``website_url``.
    """

    team: str
    model: str
    round: date
    levels: tuple[float, ...] = HUB_LEVELS
    round_column: str = "origin_date"
    metadata: Mapping[str, str] = field(default_factory=dict)


def read_hub(value: Any, path: str = "") -> Hub:  # noqa: ANN401
    """Check a hub as it stands in a study.

    Parameters
    ----------
    value : object
        A mapping with ``team``, ``model`` and ``round`` (a date), and where they are wanted ``levels``,
        ``round_column`` and ``metadata`` (a mapping of texts).
    path : str
        Where it stands, for messages.

    Returns
    -------
    Hub
        Checked.

    Raises
    ------
    StudyError
        With every fault.

    Examples
    --------
    >>> read_hub({"team": "us", "model": "mcrace", "round": "2026-11-21"}).round
    datetime.date(2026, 11, 21)
    """
    reader = Reader(path)
    if not isinstance(value, Mapping):
        reader.fault("", value, "a mapping with team, model and round")
        raise StudyError(reader.faults)
    reader.known(value, "", ("team", "model", "round", "levels", "round_column", "metadata"))
    day = reader.day(value.get("round"), "round")
    levels, metadata = value.get("levels", HUB_LEVELS), value.get("metadata", {})
    if not isinstance(levels, list | tuple):
        reader.fault("levels", levels, "a list of increasing levels in (0, 1)")
        levels = ()
    if not isinstance(metadata, Mapping) or not all(isinstance(text, str) for text in metadata.values()):
        reader.fault("metadata", metadata, "a mapping of texts")
        metadata = {}
    hub = Hub(
        team=reader.text(value, "team", None),
        model=reader.text(value, "model", None),
        round=day or date.min,
        levels=tuple(reader.number(level, f"levels.{place}") for place, level in enumerate(levels)),
        round_column=reader.text(value, "round_column", "origin_date"),
        metadata={str(key): text for key, text in metadata.items()},
    )
    if not reader.faults:
        reader.faults.extend(
            replace(fault, path=".".join(part for part in (path, fault.path) if part))
            for fault in hub_faults(hub)
        )
    if reader.faults:
        raise StudyError(reader.faults)
    return hub


def hub_faults(hub: Hub) -> list[Fault]:
    """Find what is wrong with a hub.

    Parameters
    ----------
    hub : Hub
        Any.

    Returns
    -------
    list of Fault
        Empty if nothing is.
    """
    faults = [
        Fault(path=path, found=repr(name), expected="letters, digits and underscores")
        for path, name in (("team", hub.team), ("model", hub.model), ("round_column", hub.round_column))
        if not HUB_NAME.fullmatch(name)
    ]
    inside = all(0 < level < 1 for level in hub.levels)
    if not hub.levels or not inside or sorted(set(hub.levels)) != list(hub.levels):
        faults.append(Fault(path="levels", found=str(hub.levels), expected="increasing levels in (0, 1)"))
    return faults
