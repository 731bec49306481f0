"""The laws that a study can name: to add one, write its file and add its line here."""

from collections.abc import Mapping
from types import MappingProxyType

from mcrace.laws import (
    beta,
    discrete,
    empirical,
    exponential,
    gamma,
    lognormal,
    loguniform,
    mixture_family,
    normal,
    pert,
    poisson,
    quantiles,
    scipy_family,
    student_t,
    triangular,
    uniform,
    weibull,
)
from mcrace.laws.family import Family

__all__ = ["LAWS"]

LAWS: Mapping[str, Family] = MappingProxyType(
    {
        "normal": normal.FAMILY,
        "lognormal": lognormal.FAMILY,
        "uniform": uniform.FAMILY,
        "loguniform": loguniform.FAMILY,
        "triangular": triangular.FAMILY,
        "pert": pert.FAMILY,
        "beta": beta.FAMILY,
        "gamma": gamma.FAMILY,
        "weibull": weibull.FAMILY,
        "exponential": exponential.FAMILY,
        "student_t": student_t.FAMILY,
        "poisson": poisson.FAMILY,
        "discrete": discrete.FAMILY,
        "quantiles": quantiles.FAMILY,
        "mixture": mixture_family.FAMILY,
        "empirical": empirical.FAMILY,
        "scipy": scipy_family.FAMILY,
    }
)
