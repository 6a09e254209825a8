"""The plan for people: the first screen, and a folder of report, summary, charts and tables."""

from planner.report.answer import Answer, Choice, answer, changed_here
from planner.report.questions import Question, questions

__all__ = ["Answer", "Choice", "Question", "answer", "changed_here", "questions"]
