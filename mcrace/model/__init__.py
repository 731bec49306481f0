"""The revenue model: one file a mechanism, one formula, compiled loops over draws."""

from mcrace.model.incentive import incentive, incentive_slowly
from mcrace.model.plan import ModelPlan, Slot, plan_model, run_plan

__all__ = ["ModelPlan", "Slot", "incentive", "incentive_slowly", "plan_model", "run_plan"]
