"""The plan for people: the first screen, and a folder of report, summary, charts and tables."""

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from planner.planning import Plan
from planner.report.answer import Answer, Choice, answer, changed_here
from planner.report.questions import Question, questions

__all__ = ["Answer", "Choice", "Question", "answer", "changed_here", "questions", "write"]


def write(
    plan: Plan,
    folder: Path,
    progress: Callable[[str, float], None] | None = None,
    executor: Executor | None = None,
) -> None:
    """Write report.html, summary.md, charts/ and tables/ into a folder.

    Parameters
    ----------
    plan : Plan
        What was found.
    folder : Path
        Made if it is not there; other files in it stay.
    progress : callable or None
        Told what is being done, and the share that is done.
    executor : concurrent.futures.Executor or None
        Where a second process may draw half of the charts. The files are the same without.

    Raises
    ------
    OSError
        If the files cannot be written, or other files than such as these stand in their places. All are made before
        the first takes the place of an old one, each in one step.
    """
    # here, because who only wants the answer should not wait for matplotlib
    from planner.report import folder as writing  # noqa: PLC0415

    writing.write(plan, folder, progress, executor)
