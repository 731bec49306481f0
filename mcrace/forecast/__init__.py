"""Attaching a run to a forecast: files for platforms, their checks, and scores once the answer is known."""
