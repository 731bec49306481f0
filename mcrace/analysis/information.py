"""What it is worth to learn an input before deciding."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.benefit_fits import Learner, group_learner, input_learner
from mcrace.analysis.estimates import Estimates, jackknifed, over_replicates
from mcrace.errors import Fault, StudyError

__all__ = ["Information", "information"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_FOLDS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Information:
    """Value of information of one decision.

    All values are in the benefits' unit. None is clipped: the value of learning an input is never
    below 0 in truth, and where it is next to nothing its estimate falls on either side of 0. Cut at 0
    the estimate would be biased and its error no longer its own; a table may show max(0, value).

    Attributes
    ----------
    best : int
        The alternative of the greatest mean benefit.
    benefit : Estimates, shape ()
        Its mean benefit.
    perfect : Estimates, shape ()
        Expected value of learning everything (EVPI).
    inputs : Estimates, shape (input,)
        Expected value of learning one input (EVPPI).
    groups : Estimates, shape (group,)
        Of learning all inputs of a group.
    perfect_changes : Estimates, shape ()
        Probability that learning everything changes the decision.
    input_changes : Estimates, shape (input,)
        That learning one input does.
    group_changes : Estimates, shape (group,)
        That learning a group does.
    """

    best: int
    benefit: Estimates
    perfect: Estimates
    inputs: Estimates
    groups: Estimates
    perfect_changes: Estimates
    input_changes: Estimates
    group_changes: Estimates


def information(
    benefits: FloatArray, inputs: FloatArray, groups: Sequence[Sequence[int]] = ()
) -> Information:
    """Estimate from kept draws what it is worth to learn inputs before choosing an alternative.

    EVPPI(x) = E[max_a E[b_a | x]] - max_a E[b_a]. The benefits are regressed on the input (a smoothing
    spline on the normal score of its rank, atoms apart) or on the group (products of such splines'
    functions under a ridge). A quarter of the replicates after the other is decided by regressions on
    the rest, their smoothness chosen by what they earn in a cross-validation inside that rest; the
    value is what these decisions earn on the draws that no part of the rule has seen, less what the
    best alternative of the same rest earns there. So a fit to noise does not raise the
    estimate, as it raises the mean of max(0, fit); what a poor fit misses of the decision lowers it.
    (Where two means tie within their errors, the rest may name the lesser: that raises it by what the
    wrong name costs.) A fit that does not gain more than one standard error is not used. The errors of
    the probabilities take the chosen smoothness as given.

    Parameters
    ----------
    benefits : ndarray, shape (alternative, replicate, point)
        Net benefit of each alternative on each draw, in one unit; finite.
    inputs : ndarray, shape (replicate, point, input)
        The draws of independent inputs, each in its own unit; infinite values and atoms are fine.
    groups : sequence of sequences of int
        Columns of `inputs` that are learnt together.

    Returns
    -------
    Information

    Raises
    ------
    StudyError
        Fewer than three replicates, shapes that do not match, a benefit that is not finite, an input
        that is NaN, a group that names no input, one twice, or an unknown one.

    References
    ----------
    M. Strong, J. E. Oakley & A. Brennan, Medical Decision Making 34 (2014) 311.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(8, 512, 2))
    >>> found = information(np.stack([draws[..., 0] - 1, np.zeros((8, 512))]), draws)
    >>> [round(float(value), 2) for value in found.inputs.value]
    [0.08, 0.0]
    """
    _check(benefits, inputs, groups)
    replicates = benefits.shape[1]
    means = benefits.mean(axis=2)
    best = int(means.mean(axis=1).argmax())
    # Against one alternative, what all share drops out of the regressions.
    gains = benefits - benefits[best]
    folds = np.array_split(np.arange(replicates), min(_FOLDS, replicates))
    single = [input_learner(inputs[..., i], gains) for i in range(inputs.shape[2])]
    joint = [group_learner(inputs[..., list(group)], gains) for group in groups]
    input_values, input_changes = _learnt(single, folds, best)
    group_values, group_changes = _learnt(joint, folds, best)
    return Information(
        best=best,
        benefit=over_replicates(means[best]),
        perfect=over_replicates(_perfect(gains, folds)),
        inputs=input_values,
        groups=group_values,
        perfect_changes=over_replicates((gains.max(axis=0) > 0).mean(axis=1)),
        input_changes=input_changes,
        group_changes=group_changes,
    )


def _perfect(gains: FloatArray, folds: list[IntArray]) -> FloatArray:
    """EVPI of each replicate, over the alternative that the other folds find best."""
    found = np.empty(gains.shape[1])
    for fold in folds:
        base = np.delete(gains, fold, axis=1).mean(axis=(1, 2)).argmax()
        found[fold] = (gains[:, fold].max(axis=0) - gains[base, fold]).mean(axis=1)
    return found


def _learnt(learners: list[Learner], folds: list[IntArray], best: int) -> tuple[Estimates, Estimates]:
    replicates = sum(len(fold) for fold in folds)
    values = np.empty((replicates, len(learners)))
    changes = np.empty(len(learners))
    without = np.empty((replicates, len(learners)))
    for column, learner in enumerate(learners):
        tried = _tried(learner, folds)
        values[:, column] = _earned(learner, folds, tried)
        strength = _strength([tried[k, k] for k in range(len(folds))])
        changes[column], without[:, column] = _changes(learner, strength, replicates, best)
    return over_replicates(values), jackknifed(without, changes)


def _tried(learner: Learner, folds: list[IntArray]) -> dict[tuple[int, int], FloatArray]:
    """Tell what each strength gains on fold j when fitted without folds j and k, (strength, replicate)."""
    found = {}
    strengths = learner.strengths()
    for j, k in combinations_with_replacement(range(len(folds)), 2):
        rest = [fold for place, fold in enumerate(folds) if place not in (j, k)]
        fits = learner.fit(np.concatenate(rest), strengths)
        found[j, k] = learner.tried(folds[j], fits)
        found[k, j] = learner.tried(folds[k], fits) if j != k else found[j, k]
    return found


def _earned(learner: Learner, folds: list[IntArray], tried: dict[tuple[int, int], FloatArray]) -> FloatArray:
    """Tell what each replicate gains when decided by fits, and by a strength, from the other folds."""
    found = np.empty(sum(len(fold) for fold in folds))
    for k, fold in enumerate(folds):
        others = [j for j in range(len(folds)) if j != k]
        strength = _strength([tried[j, k] for j in others])
        if strength:
            fits = learner.fit(np.concatenate([folds[j] for j in others]), (0, strength))
            found[fold] = learner.gains(fold, fits)[1]
        else:
            found[fold] = 0.0
    return found


def _strength(gains: list[FloatArray]) -> int:
    """Choose the smoothest fit that gains as much as the best on draws left out, within one error.

    So the choice hangs less on chance than the best itself; and no fit, where none gains surely.
    """
    each = np.concatenate(gains, axis=1).T
    behind = over_replicates(each[:, [each.mean(axis=0).argmax()]] - each)
    chosen = int(np.flatnonzero(behind.value <= behind.standard_error)[0])
    gain = over_replicates(each)
    chosen = max(chosen, 1)
    return chosen if gain.value[chosen] > gain.standard_error[chosen] else 0


def _changes(learner: Learner, strength: int, replicates: int, best: int) -> tuple[float, FloatArray]:
    """Share of draws that a fit on all decides anew, and the same without each replicate."""
    if not strength:
        return 0.0, np.zeros(replicates)
    every = np.arange(replicates)
    kept = [every, *(np.delete(every, r) for r in every)]
    fits = np.concatenate([learner.fit(each, (strength,)) for each in kept])
    shares = learner.changed(fits, kept, best)
    return float(shares[0]), shares[1:]


def _check(benefits: FloatArray, inputs: FloatArray, groups: Sequence[Sequence[int]]) -> None:
    faults = []
    if benefits.ndim != 3 or inputs.ndim != 3 or benefits.shape[1:] != inputs.shape[:2]:
        shapes = f"shapes {benefits.shape} and {inputs.shape}"
        expected = "benefits (alternative, replicate, point) and inputs (replicate, point, input)"
        raise StudyError([Fault(path="benefits", found=shapes, expected=expected)])
    if benefits.shape[1] < 3:
        found = f"{benefits.shape[1]} replicates"
        faults.append(Fault(path="benefits", found=found, expected="3 replicates or more"))
    if not np.isfinite(benefits).all():
        faults.append(Fault(path="benefits", found="infinity or NaN", expected="finite numbers"))
    if np.isnan(inputs).any():
        faults.append(Fault(path="inputs", found="NaN", expected="numbers"))
    for place, group in enumerate(groups):
        if not group or len(set(group)) < len(group) or not set(group) <= set(range(inputs.shape[2])):
            expected = f"different columns of inputs, 0 to {inputs.shape[2] - 1}"
            faults.append(Fault(path=f"groups[{place}]", found=str(list(group)), expected=expected))
    if faults:
        raise StudyError(faults)
