"""Likelihoods of Student t, gamma and beta laws, with parameters as `mcrace.fit.families` has them."""

import math

import numpy as np

from mcrace.laws import FloatArray

__all__ = [
    "LARGEST",
    "beta_density",
    "beta_log_sf",
    "beta_quantile",
    "beta_spec",
    "beta_start",
    "gamma_density",
    "gamma_log_sf",
    "gamma_quantile",
    "gamma_spec",
    "gamma_start",
    "parts",
    "scale",
    "t_density",
    "t_log_sf",
    "t_prior",
    "t_quantile",
    "t_spec",
    "t_start",
]

LARGEST = 700.0
"""Largest exponent that a float takes."""


def scale(log_scale: FloatArray) -> FloatArray:
    """Give a scale from its logarithm, held where floats reach."""
    return np.exp(np.clip(log_scale, -LARGEST / 2, LARGEST / 2))


def parts(theta: FloatArray) -> tuple[FloatArray, ...]:
    """Parameters with a last axis for values."""
    return tuple(part[..., None] for part in theta)


def t_density(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Give ln of the density of a Student t."""
    from scipy.special import betaln

    place, log_scale, log_dof = parts(theta)
    dof, z = scale(log_dof), (values - place) / scale(log_scale)
    constant = -betaln(dof / 2, 0.5) - 0.5 * log_dof - log_scale
    return np.asarray(constant - (dof + 1) / 2 * np.log1p(z * z / dof))


def t_log_sf(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Give ln of the probability of more by a Student t."""
    from scipy.special import stdtr

    place, log_scale, log_dof = parts(theta)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(stdtr(scale(log_dof), (place - values) / scale(log_scale))))


def t_quantile(levels: FloatArray, theta: FloatArray) -> FloatArray:
    """Give quantiles of a Student t."""
    from scipy.special import stdtrit

    place, log_scale, log_dof = parts(theta)
    return np.asarray(place + scale(log_scale) * stdtrit(scale(log_dof), levels))


def t_prior(theta: FloatArray) -> FloatArray:
    """Gamma(2, rate 0.1) on the degrees of freedom: Juarez and Steel (2010); flat it would not be proper."""
    return np.asarray(2 * theta[2] - 0.1 * scale(theta[2]))


def gamma_density(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Give ln of the density of a gamma law."""
    from scipy.special import gammaln

    log_mean, log_shape = parts(theta)
    shape = scale(log_shape)
    log_rate = log_shape - log_mean
    rated = np.exp(np.minimum(log_rate + np.log(values), LARGEST))
    return np.asarray(shape * log_rate + (shape - 1) * np.log(values) - rated - gammaln(shape))


def gamma_log_sf(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Give ln of the probability of more by a gamma law."""
    from scipy.special import gammaincc

    log_mean, log_shape = parts(theta)
    rated = np.exp(np.minimum(log_shape - log_mean + np.log(values), LARGEST))
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(gammaincc(scale(log_shape), rated)))


def gamma_quantile(levels: FloatArray, theta: FloatArray) -> FloatArray:
    """Give quantiles of a gamma law."""
    from scipy.special import gammaincinv

    log_mean, log_shape = parts(theta)
    return np.asarray(gammaincinv(scale(log_shape), levels) * scale(log_mean - log_shape))


def gamma_start(values: FloatArray) -> FloatArray:
    """Guess the parameters of a gamma law."""
    mean, sd = float(values.mean()), max(float(values.std()), 1e-300)
    return np.array([math.log(mean), min(max(2 * math.log(mean / sd), -20.0), 40.0)])


def beta_shapes(theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give both shapes of a beta law."""
    from scipy.special import expit

    place, log_size = parts(theta)
    size = scale(log_size)
    return np.maximum(size * expit(place), 1e-12), np.maximum(size * expit(-place), 1e-12)


def beta_density(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Give ln of the density of a beta law."""
    from scipy.special import betaln

    first, second = beta_shapes(theta)
    return np.asarray((first - 1) * np.log(values) + (second - 1) * np.log1p(-values) - betaln(first, second))


def beta_log_sf(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Give ln of the probability of more by a beta law."""
    from scipy.special import betainc

    first, second = beta_shapes(theta)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(betainc(second, first, 1 - values)))


def beta_quantile(levels: FloatArray, theta: FloatArray) -> FloatArray:
    """Give quantiles of a beta law."""
    from scipy.special import betaincinv

    return np.asarray(betaincinv(*beta_shapes(theta), levels))


def beta_start(values: FloatArray) -> FloatArray:
    """Guess the parameters of a beta law."""
    mean, variance = float(values.mean()), max(float(values.var()), 1e-300)
    size = max(mean * (1 - mean) / variance - 1, 1e-3)
    return np.array([math.log(mean / (1 - mean)), math.log(size)])


def beta_spec(theta: FloatArray) -> dict[str, float]:
    """Give the natural parameters of a beta law."""
    first, second = (float(shape[0]) for shape in beta_shapes(theta))
    return {"alpha": first, "beta": second}


def gamma_spec(theta: FloatArray) -> dict[str, float]:
    """Give the natural parameters of a gamma law."""
    return {"shape": math.exp(theta[1]), "scale": math.exp(theta[0] - theta[1])}


def t_start(values: FloatArray) -> FloatArray:
    """Guess the parameters of a Student t."""
    middle = float(np.median(values))
    spread = max(float(np.median(np.abs(values - middle))), 1e-3 * float(values.std()), 1e-300)
    return np.array([middle, math.log(1.3 * spread), math.log(5.0)])


def t_spec(theta: FloatArray) -> dict[str, float]:
    """Give the natural parameters of a Student t."""
    return {"df": math.exp(theta[2]), "location": float(theta[0]), "scale": math.exp(theta[1])}
