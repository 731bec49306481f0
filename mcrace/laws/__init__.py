"""Probability laws of one number: their table, how a study gives them, and what they can tell."""

from mcrace.laws.build import build_law, read_law
from mcrace.laws.empirical import Empirical
from mcrace.laws.family import Family, Form, Parameter, Range
from mcrace.laws.law import FloatArray, Law
from mcrace.laws.schema import law_schema
from mcrace.laws.table import LAWS
from mcrace.laws.text import describe
from mcrace.laws.truncated import Truncated, truncate

__all__ = [
    "LAWS",
    "Empirical",
    "Family",
    "FloatArray",
    "Form",
    "Law",
    "Parameter",
    "Range",
    "Truncated",
    "build_law",
    "describe",
    "law_schema",
    "read_law",
    "truncate",
]
