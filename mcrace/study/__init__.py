"""Study files: YAML in, a frozen `Study` out, every fault found before any draw."""

from mcrace.study.parts import BASE, Input, Sampling, Scenario
from mcrace.study.schema import study_schema
from mcrace.study.study import Study, load

__all__ = ["BASE", "Input", "Sampling", "Scenario", "Study", "load", "study_schema"]
