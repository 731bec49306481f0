"""Families of laws that are fitted: their likelihoods in parameters without bounds."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mcrace.fit.shaped import (
    LARGEST,
    beta_density,
    beta_log_sf,
    beta_quantile,
    beta_spec,
    beta_start,
    gamma_density,
    gamma_log_sf,
    gamma_quantile,
    gamma_spec,
    gamma_start,
    parts,
    scale,
    t_density,
    t_log_sf,
    t_prior,
    t_quantile,
    t_spec,
    t_start,
)
from mcrace.laws import FloatArray

__all__ = ["FAMILIES", "FittedFamily"]

_Function = Callable[[FloatArray, FloatArray], FloatArray]

_LN_2 = math.log(2.0)
_WEIBULL_SHIFT = math.log(math.pi / math.sqrt(6.0))
_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedFamily:
    """A family of laws with its likelihood.

    The parameters ``theta`` are real numbers without bounds, such as ln(median) and ln(sigma): an array whose
    first axis runs over them; the others are those of the answer, and a last axis runs over the values.

    Attributes
    ----------
    name : str
        As in a study.
    parameters : int
        How many there are.
    log_density, log_sf : callable
        Values, shape (value,), and theta, shape (parameter, ...), to the logarithm of the density, or of the
        probability of more, shape (..., value).
    quantile : callable
        Levels, shape (level,), and theta to quantiles, shape (..., level).
    mean : callable
        Theta to the mean, shape (...).
    start : callable
        Values to a rough theta, shape (parameter,).
    spec : callable
        Theta, shape (parameter,), to the natural parameters as a study writes them.
    low, high : float
        Ends of the open interval in which all values must lie.
    log_prior : callable
        Theta to the logarithm of its prior density, shape (...).
    located : bool
        Whether the first parameter is in the unit of the values and the second the logarithm of a scale.
    ended : bool
        Whether the parameters are the ends of an even law (of the values or their logarithms), beyond which
        nothing is possible: its likelihood has no peak to climb.
    """

    name: str
    parameters: int
    log_density: Callable[[FloatArray, FloatArray], FloatArray]
    log_sf: Callable[[FloatArray, FloatArray], FloatArray]
    quantile: Callable[[FloatArray, FloatArray], FloatArray]
    mean: Callable[[FloatArray], FloatArray]
    start: Callable[[FloatArray], FloatArray]
    spec: Callable[[FloatArray], dict[str, float]]
    low: float = -math.inf
    high: float = math.inf
    log_prior: Callable[[FloatArray], FloatArray]
    located: bool = False
    ended: bool = False

    def suits(self, values: FloatArray) -> bool:
        """Tell whether all values lie where the family has a density."""
        return bool(values.min() > self.low and values.max() < self.high)


def _flat(theta: FloatArray) -> FloatArray:
    return np.zeros(theta.shape[1:])


def _normal_density(values: FloatArray, theta: FloatArray) -> FloatArray:
    place, log_scale = parts(theta)
    z = (values - place) / scale(log_scale)
    return np.asarray(-0.5 * z * z - _HALF_LOG_2_PI - log_scale)


def _normal_log_sf(values: FloatArray, theta: FloatArray) -> FloatArray:
    from scipy.special import log_ndtr

    place, log_scale = parts(theta)
    return np.asarray(log_ndtr((place - values) / scale(log_scale)))


def _normal_quantile(levels: FloatArray, theta: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    place, log_scale = parts(theta)
    return np.asarray(place + scale(log_scale) * ndtri(levels))


def _place_and_scale(values: FloatArray) -> FloatArray:
    return np.array([values.mean(), math.log(max(float(values.std()), 1e-300))])


def _weibull_density(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Density of ln x: the smallest of many, ln 2 its hazard at the median."""
    place, log_scale = parts(theta)
    z = np.minimum((values - place) / scale(log_scale), LARGEST)
    return np.asarray(math.log(_LN_2) + z - _LN_2 * np.exp(z) - log_scale)


def _weibull_log_sf(values: FloatArray, theta: FloatArray) -> FloatArray:
    place, log_scale = parts(theta)
    return np.asarray(-_LN_2 * np.exp(np.minimum((values - place) / scale(log_scale), LARGEST)))


def _weibull_quantile(levels: FloatArray, theta: FloatArray) -> FloatArray:
    place, log_scale = parts(theta)
    return np.asarray(place + scale(log_scale) * np.log(-np.log1p(-levels) / _LN_2))


def _with_scale_1(theta: FloatArray) -> FloatArray:
    return np.concatenate([theta, np.zeros((1, *theta.shape[1:]))])


def _even_density(values: FloatArray, theta: FloatArray) -> FloatArray:
    low, high = parts(theta)
    return np.asarray(np.where((values >= low) & (values <= high), -np.log(high - low), -np.inf))


def _even_log_sf(values: FloatArray, theta: FloatArray) -> FloatArray:
    low, high = parts(theta)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.clip((high - values) / (high - low), 0.0, 1.0)))


def _even_quantile(levels: FloatArray, theta: FloatArray) -> FloatArray:
    low, high = parts(theta)
    return np.asarray(low + (high - low) * levels)


def _ends(values: FloatArray) -> FloatArray:
    """Guess the ends without bias: as far beyond the outermost values as those are apart on average."""
    low, high = float(values.min()), float(values.max())
    beyond = (high - low) / max(values.size - 1, 1)
    return np.array([low - beyond, high + beyond])


def _of_log(function: _Function) -> _Function:
    """Law of x from that of ln x: its log probability."""
    return lambda values, theta: function(np.log(values), theta)


def _density_of_log(function: _Function) -> _Function:
    return lambda values, theta: function(np.log(values), theta) - np.log(values)


def _quantile_of_log(function: _Function) -> _Function:
    return lambda levels, theta: np.exp(np.clip(function(levels, theta), -LARGEST, LARGEST))


def _scale_1(function: _Function) -> _Function:
    return lambda values, theta: function(values, _with_scale_1(theta))


def _weibull_mean(theta: FloatArray) -> FloatArray:
    from scipy.special import gammaln

    inverse_shape = scale(theta[1])
    return scale(theta[0] - inverse_shape * math.log(_LN_2) + gammaln(1 + inverse_shape))


def _weibull_spec(theta: FloatArray) -> dict[str, float]:
    shape = math.exp(-theta[1])
    return {"shape": shape, "scale": math.exp(theta[0] - math.log(_LN_2) / shape)}


FAMILIES: Mapping[str, FittedFamily] = MappingProxyType(
    {
        family.name: family
        for family in (
            FittedFamily(
                name="exponential",
                parameters=1,
                log_density=_density_of_log(_scale_1(_weibull_density)),
                log_sf=_of_log(_scale_1(_weibull_log_sf)),
                quantile=_quantile_of_log(_scale_1(_weibull_quantile)),
                mean=lambda theta: scale(theta[0]) / _LN_2,
                start=lambda values: np.array([math.log(_LN_2 * values.mean())]),
                spec=lambda theta: {"mean": math.exp(theta[0]) / _LN_2},
                low=0.0,
                log_prior=_flat,
            ),
            FittedFamily(
                name="normal",
                parameters=2,
                log_density=_normal_density,
                log_sf=_normal_log_sf,
                quantile=_normal_quantile,
                mean=lambda theta: theta[0],
                start=_place_and_scale,
                spec=lambda theta: {"mean": float(theta[0]), "sd": math.exp(theta[1])},
                log_prior=_flat,
                located=True,
            ),
            FittedFamily(
                name="lognormal",
                parameters=2,
                log_density=_density_of_log(_normal_density),
                log_sf=_of_log(_normal_log_sf),
                quantile=_quantile_of_log(_normal_quantile),
                mean=lambda theta: scale(theta[0] + scale(2 * theta[1]) / 2),
                start=lambda values: _place_and_scale(np.log(values)),
                spec=lambda theta: {"median": math.exp(theta[0]), "sigma": math.exp(theta[1])},
                low=0.0,
                log_prior=_flat,
            ),
            FittedFamily(
                name="weibull",
                parameters=2,
                log_density=_density_of_log(_weibull_density),
                log_sf=_of_log(_weibull_log_sf),
                quantile=_quantile_of_log(_weibull_quantile),
                mean=_weibull_mean,
                start=lambda values: _place_and_scale(np.log(values)) - np.array([0.0, _WEIBULL_SHIFT]),
                spec=_weibull_spec,
                low=0.0,
                log_prior=_flat,
            ),
            FittedFamily(
                name="gamma",
                parameters=2,
                log_density=gamma_density,
                log_sf=gamma_log_sf,
                quantile=gamma_quantile,
                mean=lambda theta: scale(theta[0]),
                start=gamma_start,
                spec=gamma_spec,
                low=0.0,
                log_prior=_flat,
            ),
            FittedFamily(
                name="beta",
                parameters=2,
                log_density=beta_density,
                log_sf=beta_log_sf,
                quantile=beta_quantile,
                mean=lambda theta: 1 / (1 + np.exp(-theta[0])),
                start=beta_start,
                spec=beta_spec,
                low=0.0,
                high=1.0,
                log_prior=_flat,
            ),
            FittedFamily(
                name="uniform",
                parameters=2,
                log_density=_even_density,
                log_sf=_even_log_sf,
                quantile=_even_quantile,
                mean=lambda theta: theta.mean(axis=0),
                start=_ends,
                spec=lambda theta: {"low": float(theta[0]), "high": float(theta[1])},
                log_prior=_flat,
                ended=True,
            ),
            FittedFamily(
                name="loguniform",
                parameters=2,
                log_density=_density_of_log(_even_density),
                log_sf=_of_log(_even_log_sf),
                quantile=_quantile_of_log(_even_quantile),
                mean=lambda theta: (np.exp(theta[1]) - np.exp(theta[0])) / (theta[1] - theta[0]),
                start=lambda values: _ends(np.log(values)),
                spec=lambda theta: {"low": math.exp(theta[0]), "high": math.exp(theta[1])},
                low=0.0,
                log_prior=_flat,
                ended=True,
            ),
            FittedFamily(
                name="student_t",
                parameters=3,
                log_density=t_density,
                log_sf=t_log_sf,
                quantile=t_quantile,
                mean=lambda theta: theta[0],
                start=t_start,
                spec=t_spec,
                log_prior=t_prior,
                located=True,
            ),
        )
    }
)
"""Families of numbers on a line, the simplest first."""
