"""All analyses of a run that its study asks for, each made once."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mcrace.analysis.candidate import CandidateCurve, candidate_curve
from mcrace.analysis.curves import Curves, conditional_curves
from mcrace.analysis.decomposition import EFFECT_SIGNS, Decomposition, decomposition, effect_signs
from mcrace.analysis.estimates import Estimates
from mcrace.analysis.flip import FlipPoint, flip_points
from mcrace.analysis.given_data import GivenData, given_data
from mcrace.analysis.information import Information, information
from mcrace.analysis.prim import prim
from mcrace.analysis.regions import Prim
from mcrace.analysis.release_map import MapOfReleases, map_of_releases
from mcrace.analysis.shapley import ShapleyEffects, shapley_effects
from mcrace.analysis.sobol_indices import SobolIndices, sobol_indices
from mcrace.analysis.tree import Tree, tree
from mcrace.engine.probe import BaseDraws, base_draws, uniform_evaluator
from mcrace.errors import ModelError
from mcrace.nomenclature.statistics import STATISTICS
from mcrace.study.parts import families_as_one

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study import Study
    from mcrace.study.requests import Analysis, Regions, SensitivityDesign

__all__ = ["LEAST_POINTS", "LEAST_REPLICATES", "Analyses", "analyse", "input_labels"]

FloatArray = NDArray[np.float64]

LEAST_REPLICATES = 4
LEAST_POINTS = 32
"""Fewer kept draws than these tell nothing of what drives the outputs."""

_FLIP_POINTS = 512
_MAP_POINTS = 256
_CANDIDATE_POINTS = 1024
"""Points of each replicate on which the model is run again, at most."""

_SEED_STEP = 1_000_003


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analyses:
    """What was found out of base beside the summary; None where it was not asked for or cannot be had.

    Attributes
    ----------
    inputs : tuple of str
        Inputs that vary, in the study's order, but for those drawn anew for each member of a process.
    outputs : tuple of str
        Outputs that the analyses are of.
    from_draws : GivenData or None
        Sensitivity from the kept draws; rows are outputs, then whether each is above 0.
    sobol : SobolIndices or None
        Of independent inputs, by a design of its own; rows alike.
    shapley : ShapleyEffects or None
        Of correlated inputs; rows alike.
    curves : tuple of Curves
        One an output.
    training : Information or None
        Value of information for the decision to train z or not.
    choice : Information or None
        For the choice among the candidates of `candidate`, or none.
    groups : tuple of str
        Named groups of inputs, as `training` and `choice` have them.
    decomposition : Decomposition
        What carries the open effect.
    prim, tree : Prim and Tree, or None
        Regions in which the condition holds.
    candidate : CandidateCurve or None
        The incentive over z.
    release_map : MapOfReleases or None
        The incentive over day and level of the next release.
    flips : tuple of FlipPoint
        Where the answer flips.
    notes : tuple of str
        What could not be done, and why.
    seconds : Mapping of str to float
        Wall time of each analysis; no number depends on it.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    from_draws: GivenData | None = None
    sobol: SobolIndices | None = None
    shapley: ShapleyEffects | None = None
    curves: tuple[Curves, ...] = ()
    training: Information | None = None
    choice: Information | None = None
    groups: tuple[str, ...] = ()
    decomposition: Decomposition
    prim: Prim | None = None
    tree: Tree | None = None
    candidate: CandidateCurve | None = None
    release_map: MapOfReleases | None = None
    flips: tuple[FlipPoint, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


def analyse(
    result: "Result",
    request: "Analysis | None" = None,
    *,
    jobs: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> Analyses:
    """Make every analysis that the study of a run asks for.

    Parameters
    ----------
    result : Result
        A finished run.
    request : Analysis, optional
        What to make; by default what the run's study asks for.
    jobs : int, optional
        Threads for what runs the model again; by default one a core. They change no bit.
    tell : callable, optional
        Takes the name of each analysis as it begins.

    Returns
    -------
    Analyses
        Of the base scenario. A study asks in its section ``analysis``; what its kept draws give without
        another run of the model is made unless that says ``from_draws: false``.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"uniform": [0, 200]}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": 1e6},
    ...     },
    ...     sampling={"draws": 1024, "replicates": 8},
    ... )
    >>> found = analyse(mcrace.run(study, jobs=1), jobs=1)
    >>> round(float(found.from_draws.spearman.value[1, 0]), 2)  # the later the release, the less it takes
    0.94
    """
    single = {item.name for item in result.study.inputs if not item.family}
    draws = base_draws(result).only(single)
    asked = result.study.analysis if request is None else request
    maker = _Maker(study=result.study, asked=asked, draws=draws, jobs=jobs or os.cpu_count() or 1, tell=tell)
    replicates, points = draws.shape
    if not draws.names:
        maker.notes.append("no input is uncertain: there is nothing to find out of what drives the outputs")
    elif replicates < LEAST_REPLICATES or points < LEAST_POINTS:
        maker.notes.append(
            f"{replicates} replicates of {points} kept draws are too few for analyses: at least "
            f"{LEAST_REPLICATES} of {LEAST_POINTS} (sampling.keep, sampling.replicates)"
        )
    else:
        # One thread for linear algebra: its bits hang on how many there are, and more are no faster here.
        with threadpool_limits(1, user_api="blas"):
            maker.make_all()
    return Analyses(
        inputs=draws.names,
        outputs=asked.outputs,
        groups=tuple(name for name, _ in asked.groups),
        decomposition=_decomposed(result),
        notes=tuple(maker.notes),
        seconds=maker.seconds,
        **maker.found,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Maker:
    """What the analyses of one run share while they are made."""

    study: "Study"
    asked: "Analysis"
    draws: BaseDraws
    jobs: int
    tell: Callable[[str], None] | None
    found: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def make_all(self) -> None:
        """Make what the study asks for, the cheapest first."""
        study, asked, draws, jobs = self.study, self.asked, self.draws, self.jobs
        rows = _rows(draws, asked.outputs)
        if asked.from_draws:
            self._make("from_draws", "sensitivity from the draws", lambda: given_data(draws.inputs, rows))
            self._make("curves", "thresholds", lambda: tuple(
                conditional_curves(draws.inputs, draws.outputs[name]) for name in asked.outputs
            ))  # fmt: skip
            self._make("training", "value of information", lambda: self._information(None))
        if asked.regions is not None:
            hits = _hits(draws, asked.regions)
            self._make("prim", "regions", lambda: prim(draws.inputs, hits, draws.names))
            self._make("tree", "decision tree", lambda: tree(draws.inputs, hits, draws.names))
        if asked.candidate is not None:
            size = asked.candidate
            few = draws.first(_CANDIDATE_POINTS)
            self._make("candidate", "candidates", lambda: candidate_curve(few, size, jobs))
            if "candidate" in self.found and asked.from_draws:
                curve: CandidateCurve = self.found["candidate"]
                self._make("choice", "choice of a candidate", lambda: self._information(curve))
        if asked.release_map is not None:
            span = asked.release_map
            self._make(
                "release_map",
                "map of releases",
                lambda: map_of_releases(draws.first(_MAP_POINTS), span, jobs),
            )
        if asked.flip is not None:
            request = asked.flip
            self._make("flips", "flips", lambda: flip_points(draws.first(_FLIP_POINTS), request, jobs))
        if asked.sensitivity is not None:
            design = asked.sensitivity
            name = "sobol" if study.correlations is None else "shapley"
            self._make(name, "sensitivity indices", lambda: _indices(study, asked.outputs, design, jobs))

    def _make(self, name: str, words: str, make: Callable[[], Any]) -> None:
        if self.tell is not None:
            self.tell(words)
        begun = time.perf_counter()
        try:
            self.found[name] = make()
        except ModelError as error:
            fault = error.faults[0]
            self.notes.append(f"{words}: {fault.path}: found {fault.found}, expected {fault.expected}")
        self.seconds[name] = time.perf_counter() - begun

    def _information(self, curve: CandidateCurve | None) -> Information:
        draws = self.draws if curve is None else self.draws.first(curve.incentives.shape[2])
        alternatives = draws.outputs["incentive"][np.newaxis] if curve is None else curve.incentives
        benefits = np.concatenate([np.zeros((1, *draws.shape)), alternatives])
        places = {name: place for place, name in enumerate(draws.names)}
        groups = [[places[name] for name in members if name in places] for _, members in self.asked.groups]
        return information(benefits, draws.inputs, groups)


def _rows(draws: BaseDraws, outputs: tuple[str, ...]) -> FloatArray:
    values = [draws.outputs[name] for name in outputs]
    return np.stack([*values, *((value > 0).astype(np.float64) for value in values)])


def _hits(draws: BaseDraws, condition: "Regions") -> NDArray[np.bool_]:
    values = draws.outputs[condition.output]
    above = values > (-np.inf if condition.above is None else condition.above)
    below = values < (np.inf if condition.below is None else condition.below)
    found: NDArray[np.bool_] = above & below
    return found


def _indices(
    study: "Study", outputs: tuple[str, ...], design: "SensitivityDesign", jobs: int
) -> SobolIndices | ShapleyEffects:
    evaluate = uniform_evaluator(study, outputs, jobs)

    def with_signs(uniforms: FloatArray) -> FloatArray:
        values = evaluate(uniforms)
        return np.concatenate([values, values > 0])

    varying = [item for item in study.inputs if not isinstance(item.law, float)]
    names = [item.name for item in varying]
    single = [place for place, item in enumerate(varying) if not item.family]
    # Another seed than the run's: the indices are no function of its draws.
    size = {
        "points": design.points,
        "replicates": design.replicates,
        "seed": study.sampling.seed + _SEED_STEP,
    }
    if study.correlations is None:
        indices = sobol_indices(with_signs, names, **size)
        return replace(indices, first=_some(indices.first, single), total=_some(indices.total, single))
    effects = shapley_effects(with_signs, names, copula=study.correlations.copula, **size)
    return replace(effects, share=_some(effects.share, single), effect=_some(effects.effect, single))


def _some(values: Estimates, places: list[int]) -> Estimates:
    return replace(values, value=values.value[:, places], standard_error=values.standard_error[:, places])


def _decomposed(result: "Result") -> Decomposition:
    statistics = result.statistics
    scenario = statistics.scenarios.index(result.study.base.name)
    names = tuple(EFFECT_SIGNS)
    places = [statistics.outputs.index(name) for name in names]
    means = statistics.values[scenario, places, STATISTICS.index("mean")]
    counts = result.study.base.model["lab"].get("counts_training_cost", True)
    return decomposition(means, names, effect_signs(names, counts_training_cost=counts))


def input_labels(study: "Study") -> dict[str, str]:
    """Give each input's label, as figures and tables name it.

    Parameters
    ----------
    study : Study
        Checked.

    Returns
    -------
    dict of str to str
        By the input's name.
    """
    return {item.name: item.label for item in (*families_as_one(study.inputs), *study.inputs)}
