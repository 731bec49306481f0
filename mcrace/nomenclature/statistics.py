"""The statistics that are told of every output."""

__all__ = ["LEVELS", "SHORTFALL_LEVEL", "STATISTICS", "UNRESOLVED"]

LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
"""Levels of the quantiles."""

SHORTFALL_LEVEL = 0.05
"""Share of worst draws that the expected shortfall is the mean of."""

STATISTICS = (
    "mean",
    "sd",
    *(f"q{level:g}" for level in LEVELS),
    "p_positive",
    "p_zero",
    "p_negative",
    f"shortfall_{SHORTFALL_LEVEL:g}",
)
"""Names of the statistics, in the order in which tables have them."""

UNRESOLVED = "not resolved by these draws"
"""How the note of an estimate starts whose error cannot be had, though it has one."""
