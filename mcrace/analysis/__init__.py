"""Functions of a finished run that give tables."""

from mcrace.analysis.compare import compare
from mcrace.analysis.summary import contrasts, summary

__all__ = ["compare", "contrasts", "summary"]
