"""Designs of the unit cube: which uniforms each input gets at each point of each replicate."""

from mcrace.sampling.copula import MIXING, Copula, joined
from mcrace.sampling.designs import DESIGNS, Design, rounded_draws, unit_block
from mcrace.sampling.sobol import SOBOL_DIMENSIONS

__all__ = [
    "DESIGNS",
    "MIXING",
    "SOBOL_DIMENSIONS",
    "Copula",
    "Design",
    "joined",
    "rounded_draws",
    "unit_block",
]
