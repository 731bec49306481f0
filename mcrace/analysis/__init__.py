"""Functions of a finished run that give tables."""

from mcrace.analysis.summary import contrasts, summary

__all__ = ["contrasts", "summary"]
