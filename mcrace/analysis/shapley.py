"""Shapley effects of inputs that a Gaussian or a t copula joins: shares of the variance that add up to it.

A random order of the inputs goes with each point, and the inputs are redrawn from its end: in step k the
last k of the order, given the values of those before. Half the mean squared change of the output after k
steps is the variance that those k leave, E[Var(Y | the others)], and an input's effect is the mean of what
its step adds. The redrawn values come from the inputs' conditional law in closed form: along the order,
each score of a Gaussian copula is a normal given those before it, and each score of a t copula a t with one
more degree of freedom for each input before it. So a t copula needs no mixing variable, and what it shares
among its inputs is counted as theirs.

References
----------
A. B. Owen, C. Prieur (2017), On Shapley value for measuring importance of dependent inputs, SIAM/ASA
Journal on Uncertainty Quantification 5, 986-1002. E. Song, B. L. Nelson, J. Staum (2016), Shapley effects
for global sensitivity analysis, ibid. 4, 1060-1083. T. Goda (2021), A simple algorithm for global
sensitivity analysis with Shapley effects, Reliability Engineering and System Safety 213, 107702. P. Ding
(2016), On the conditional distribution of the multivariate t distribution, The American Statistician 70,
293-295.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mcrace.analysis.estimates import Estimates, jackknifed, over_replicates
from mcrace.errors import Fault, StudyError
from mcrace.sampling import Copula, unit_block

__all__ = ["ShapleyEffects", "shapley_effects"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Evaluate = Callable[[FloatArray], FloatArray]

_LEAST: Final = 2.0**-53  # as the designs have it
_NUMBERS: Final = 2**18
_SINGULAR: Final = 1e-10
_CHUNK: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapleyEffects:
    """Shapley effects, with their errors.

    Attributes
    ----------
    share : Estimates, shape (output, input)
        Shares of the output's variance; they add up to 1. NaN for an output that is constant.
    effect : Estimates, shape (output, input)
        The same in the square of the output's unit; they add up to `variance`.
    variance : Estimates, shape (output,)
        In the square of the output's unit.
    runs : int
        Evaluations of the model.
    """

    share: Estimates
    effect: Estimates
    variance: Estimates
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joint:
    """Inputs' places that the copula joins, the correlations of their scores, and its degrees of freedom."""

    places: IntArray
    correlations: FloatArray
    degrees: float | None


def shapley_effects(
    evaluate: Evaluate,
    inputs: Sequence[str],
    *,
    copula: Copula | None,
    points: int,
    replicates: int,
    seed: int,
) -> ShapleyEffects:
    """Estimate the Shapley effects of dependent inputs.

    Parameters
    ----------
    evaluate : callable
        Maps uniforms in (0, 1), already dependent, shape (input, n), to outputs, shape (output, n), any unit.
    inputs : sequence of str
        Names, all different; they key the randomness.
    copula : Copula or None
        How some of the inputs hang together; the others are independent of all.
    points : int
        Points of a replicate, a power of two.
    replicates : int
        Independent replicates; with one there are no errors.
    seed : int
        Whole number >= 0.

    Returns
    -------
    ShapleyEffects
        After points x replicates x (inputs + 1) evaluations. A small effect can come out below 0 by chance.

    Raises
    ------
    StudyError
        If there is no input, the copula names others, or a number is out of its range.

    References
    ----------
    E. Song, B. L. Nelson, J. Staum (2016), SIAM/ASA Journal on Uncertainty Quantification 4, 1060-1083.

    Examples
    --------
    >>> found = shapley_effects(lambda u: u[:1] + 2 * u[1:], ["a", "b"],
    ...                         copula=None, points=256, replicates=4, seed=1)
    >>> found.share.value.round(2).tolist(), found.runs
    ([[0.2, 0.8]], 3072)
    """
    _check(inputs, copula, points, replicates)
    joint = _joint(inputs, copula)
    chunk = max(min(_CHUNK, _NUMBERS // (len(inputs) * (len(inputs) + 1))), 1)
    effects = []
    for replicate in range(replicates):
        parts = []
        for start in range(0, points, chunk):
            rows = unit_block(
                method="sobol",
                seed=seed,
                replicate=replicate,
                start=start,
                count=min(chunk, points - start),
                points=points,
                names=[f"{name}{what}" for what in ("", ".again", ".order") for name in inputs],
                dimensions=range(3 * len(inputs)),
            )
            parts.append(_steps(evaluate, rows.reshape(3, len(inputs), -1), joint))
        effects.append(sum(parts[1:], start=parts[0]) / points)
    return _result(np.array(effects), points * replicates * (len(inputs) + 1))


def _check(inputs: Sequence[str], copula: Copula | None, points: int, replicates: int) -> None:
    faults = []
    if not inputs or len(set(inputs)) < len(inputs):
        faults.append(
            Fault(path="inputs", found=f"{list(inputs)}", expected="names, at least one, no two alike")
        )
    unknown = [] if copula is None else sorted(set(copula.names) - set(inputs))
    if unknown:
        faults.append(Fault(path="copula", found=", ".join(unknown), expected="names of inputs"))
    if points < 2 or points & (points - 1):
        faults.append(Fault(path="points", found=str(points), expected="a power of two, at least 2"))
    if replicates < 1:
        faults.append(Fault(path="replicates", found=str(replicates), expected="a whole number >= 1"))
    if faults:
        raise StudyError(faults)


def _joint(inputs: Sequence[str], copula: Copula | None) -> _Joint:
    if copula is None:
        return _Joint(places=np.zeros(0, dtype=np.int64), correlations=np.zeros((0, 0)), degrees=None)
    size = len(copula.names)
    factor = np.zeros((size, size))
    for number, row in enumerate(copula.factor):
        factor[number, : number + 1] = row
    places = np.array([list(inputs).index(name) for name in copula.names], dtype=np.int64)
    return _Joint(places=places, correlations=factor @ factor.T, degrees=copula.degrees_of_freedom)


def _steps(evaluate: Evaluate, rows: FloatArray, joint: _Joint) -> FloatArray:
    """Sum over points what each input's step adds, shape (output, input).

    `rows` holds uniforms to start with, uniforms to redraw, and uniforms whose ranks are the order.
    """
    inputs, points = rows.shape[1:]
    order = rows[2].argsort(axis=0)  # [k] is the input at place k
    place = order.argsort(axis=0)
    # In step k the inputs at places inputs - k and above are redrawn.
    redrawn = place >= inputs - np.arange(inputs + 1)[:, np.newaxis, np.newaxis]
    uniforms = np.where(redrawn, rows[1], rows[0])
    if joint.places.size > 0:
        uniforms[:, joint.places] = _dependent(uniforms[:, joint.places], place[joint.places], joint)
    outputs = np.asarray(evaluate(uniforms.transpose(1, 0, 2).reshape(inputs, -1)), dtype=np.float64)
    outputs = outputs.reshape(-1, inputs + 1, points)
    added = np.diff((outputs - outputs[:, :1]) ** 2 / 2, axis=1)
    sums = np.zeros((len(outputs), inputs))
    for number in range(inputs):
        step = inputs - 1 - place[number]
        sums[:, number] = added[:, step, np.arange(points)].sum(axis=1)
    return sums


def _dependent(uniforms: FloatArray, place: IntArray, joint: _Joint) -> FloatArray:
    """Join uniforms of shape (step, input, point), each input given those before it in the point's order."""
    from scipy.special import ndtr, ndtri, stdtr

    order = place.argsort(axis=0)
    innovations = np.take_along_axis(uniforms, order[np.newaxis], axis=1)
    degrees = joint.degrees
    innovations = ndtri(innovations) if degrees is None else _t_innovations(innovations, degrees)
    factors = _factors(joint.correlations, order)
    scores = np.zeros_like(innovations)
    for row in range(len(order)):
        for column in range(row + 1):
            scores[:, row] += factors[row, column] * innovations[:, column]
    levels = np.asarray(ndtr(scores) if degrees is None else stdtr(degrees, scores), dtype=np.float64)
    back = np.broadcast_to(order.argsort(axis=0)[np.newaxis], levels.shape)
    found: FloatArray = np.take_along_axis(levels, back, axis=1)
    return np.clip(found, _LEAST, 1.0 - _LEAST)


def _t_innovations(levels: FloatArray, degrees: float) -> FloatArray:
    """Give t innovations along axis 1: each, given those before it, is a t of more degrees of freedom."""
    from mcrace.laws.student_t import StudentT

    found, square = np.empty_like(levels), np.zeros_like(levels[:, 0])
    for row in range(levels.shape[1]):
        more = degrees + row
        score = StudentT(more, 0.0, 1.0).ppf(levels[:, row].reshape(-1)).reshape(square.shape)
        found[:, row] = score * np.sqrt((degrees + square) / more)
        square += found[:, row] ** 2
    return found


def _factors(correlations: FloatArray, order: IntArray) -> FloatArray:
    """Cholesky factors of the correlations in each point's order, shape (row, column, point)."""
    size, points = order.shape
    found = np.zeros((size, size, points))
    for row in range(size):
        for column in range(row + 1):
            rest = correlations[order[row], order[column]]
            rest -= (found[row, :column] * found[column, :column]).sum(axis=0)
            if column == row:
                found[row, row] = np.sqrt(np.where(rest > _SINGULAR, rest, 0.0))
            else:
                pivot = found[column, column]
                found[row, column] = np.where(pivot > 0, rest / np.where(pivot > 0, pivot, 1.0), 0.0)
    return found


def _result(effects: FloatArray, runs: int) -> ShapleyEffects:
    """Pool effects of shape (replicate, output, input)."""
    replicates = len(effects)
    variance = effects.sum(axis=2)
    whole = np.where(variance.sum(axis=0) > 0, variance, np.nan)[:, :, np.newaxis]
    pooled = effects.sum(axis=0) / whole.sum(axis=0)
    if replicates > 1:
        without = (effects.sum(axis=0) - effects) / (whole.sum(axis=0) - whole)
    else:
        without = pooled[np.newaxis]
    return ShapleyEffects(
        share=jackknifed(without, pooled),
        effect=over_replicates(effects),
        variance=over_replicates(variance),
        runs=runs,
    )
