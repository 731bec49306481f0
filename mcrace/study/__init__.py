"""Study files: YAML in, a frozen `Study` out, every fault found before any draw."""

from mcrace.study.editor_schema import study_schema
from mcrace.study.parts import BASE, Input, Sampling, Scenario, families_as_one
from mcrace.study.study import Study, load

__all__ = [
    "BASE",
    "Input",
    "Sampling",
    "Scenario",
    "Study",
    "families_as_one",
    "load",
    "study_schema",
]
