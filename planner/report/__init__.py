"""The plan for people: the first screen, and a folder of report, summary, charts and tables."""

from planner.report.answer import answer, changed_here
from planner.report.questions import questions

__all__ = ["answer", "changed_here", "questions"]
