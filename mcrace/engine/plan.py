"""How large a run is: draws, replicates, and what is held at once. A function of the study alone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcrace.engine.evaluate import output_names
from mcrace.sampling import rounded_draws

if TYPE_CHECKING:
    from mcrace.study import Study

__all__ = ["LEAF_POINTS", "Plan", "design_size", "plan_of"]

LEAF_POINTS = 8_192
"""Points of a replicate whose outputs are held as they are; beyond them only tallies are kept.

They are also the leaves of the tree of tallies: part of mcrace's numerics.
"""

_HELD = 256_000_000
"""Bytes of outputs held at once, about: scenarios beyond are sampled in groups, one after the other."""

_KEPT = 1 << 20
"""Kept draws of all scenarios together, at most."""

_LEAVES, _MANY_LEAVES = 16, 64
"""Leaves of a task: enough to hide what a task costs, few enough to lose; more where a run is long."""

_LONG = 4 * _MANY_LEAVES
"""Leaves of a replicate from which on a run is long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Size of a run.

    Attributes
    ----------
    replicates, points : int
        Independent replicates, and the points of each at first.
    most_points : int
        Up to which the points may be doubled for precision; `points` where none is asked for.
    keep : int
        Points of each replicate that are kept with their inputs.
    group : int
        Scenarios that are sampled together.
    leaf, leaves : int
        Points of a leaf, leaves of a task. The bits hang on the first alone.
    exact : bool
        Whether quantiles of draws that are not held are made exact by a second pass.
    """

    replicates: int
    points: int
    most_points: int
    keep: int
    group: int
    leaf: int = LEAF_POINTS
    leaves: int = _LEAVES
    exact: bool = False


def plan_of(study: "Study") -> Plan:
    """Plan a study's run.

    Parameters
    ----------
    study : Study
        What to run.

    Returns
    -------
    Plan
        The same on every machine.
    """
    replicates, points = design_size(study)
    sampling = study.sampling
    most = points
    if sampling.precision and (replicates, points) != (1, 1):
        most = max(sampling.most_draws // replicates, points)
        points = 1 << (points - 1).bit_length()
    pilot = 8 * replicates * min(points, LEAF_POINTS) * len(output_names(study))
    scenarios = len(study.scenarios)
    keep = min(sampling.keep, max(_KEPT // scenarios, 1))
    return Plan(
        replicates=replicates,
        points=points,
        most_points=most,
        keep=max(min(keep // replicates, most), 1),
        group=min(max(_HELD // pilot, 1), scenarios),
        leaves=_MANY_LEAVES if points >= _LONG * LEAF_POINTS else _LEAVES,
        exact=sampling.quantiles == "exact",
    )


def design_size(study: "Study") -> tuple[int, int]:
    """Work out the replicates and the points of each, before any doubling.

    Parameters
    ----------
    study : Study
        What to run.

    Returns
    -------
    tuple of int
        Replicates and points a replicate; (1, 1) if no input of any scenario is uncertain.
    """
    uncertain = any(item.dimension is not None for scenario in study.scenarios for item in scenario.inputs)
    if not uncertain:
        return 1, 1
    sampling = study.sampling
    return sampling.replicates, rounded_draws(sampling.draws, sampling.replicates, sampling.method)
