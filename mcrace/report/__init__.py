"""The report of a finished run: its answer in plain words, and one self-contained page."""

from mcrace.figures.wording import rounded
from mcrace.report.answer import answer, error_note
from mcrace.report.page import build_report

__all__ = ["answer", "build_report", "error_note", "rounded"]
