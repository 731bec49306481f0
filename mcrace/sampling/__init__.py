"""Designs of the unit cube: which uniforms each input gets at each point of each replicate."""

from mcrace.sampling.designs import DESIGNS, Design, rounded_draws, unit_block
from mcrace.sampling.sobol import SOBOL_DIMENSIONS

__all__ = ["DESIGNS", "SOBOL_DIMENSIONS", "Design", "rounded_draws", "unit_block"]
