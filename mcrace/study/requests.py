"""What a study asks for beside its summary: one frozen value an analysis."""

from dataclasses import dataclass

__all__ = [
    "Analysis",
    "CandidateRange",
    "Flip",
    "FlipKey",
    "Regions",
    "ReleaseMap",
    "SensitivityDesign",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityDesign:
    """Size of the design for Sobol' indices, or for Shapley effects where inputs are correlated.

    Attributes
    ----------
    points, replicates : int
        Base points of a replicate, a power of two, and independent replicates.
    """

    points: int = 1024
    replicates: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRange:
    """Candidate models to compare: multiples of the study's own z.

    Attributes
    ----------
    multiples : tuple of float
        Smallest and largest.
    count : int
        How many, at equal ratios.
    """

    multiples: tuple[float, float] = (0.25, 8.0)
    count: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseMap:
    """Days and levels of the next open release to compare.

    Attributes
    ----------
    days : tuple of float or None
        First and last day; None for the whole horizon.
    levels : tuple of float
        Lowest and highest level, in multiples of the lab's own model y.
    count : int
        How many of each.
    """

    days: tuple[float, float] | None = None
    levels: tuple[float, float] = (0.25, 8.0)
    count: int = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipKey:
    """A number of the study whose value may flip the answer.

    Attributes
    ----------
    path : str
        Such as ``model.beliefs.optimism`` or ``inputs.day``.
    low, high : float or None
        Where to look; None for the key's own range.
    """

    path: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """What would flip the answer: values of keys at which a statistic of an output crosses its mark.

    Attributes
    ----------
    keys : tuple of FlipKey
        Empty for every number of the model that has a neutral value.
    output, statistic : str
        Such as ``open_effect`` and ``mean`` or ``p_positive``.
    mark : float
        In the statistic's unit.
    """

    keys: tuple[FlipKey, ...] = ()
    output: str = "open_effect"
    statistic: str = "mean"
    mark: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """A condition on an output, whose regions of the inputs are sought.

    Attributes
    ----------
    output : str
        Which output.
    above, below : float or None
        It lies above the one, below the other.
    """

    output: str = "open_effect"
    above: float | None = 0.0
    below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a study asks for beside its summary; a None is not done.

    Attributes
    ----------
    outputs : tuple of str
        Outputs that the analyses are of.
    groups : tuple of (str, tuple of str)
        Named groups of inputs, for the value of information.
    from_draws : bool
        Whether to make what the kept draws give without a run of the model.
    sensitivity, candidate, release_map, flip, regions
        Analyses that run the model again, and the region search.
    """

    outputs: tuple[str, ...] = ("incentive", "open_effect")
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    from_draws: bool = True
    sensitivity: SensitivityDesign | None = None
    candidate: CandidateRange | None = None
    release_map: ReleaseMap | None = None
    flip: Flip | None = None
    regions: Regions | None = None
