"""The revenue model: one file a mechanism, one formula, one compiled loop over draws."""

from mcrace.model.incentive import incentive, incentive_slowly

__all__ = ["incentive", "incentive_slowly"]
