"""What a process works out for the page: the answer and its charts, scenarios side by side, files to keep."""

import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from planner import comparison, planning, seal
from planner.model.meanwhile import later
from planner.page.crew import Tell
from planner.planning import Plan
from planner.planning.paper import paper_of
from planner.report import comparison as side_by_side
from planner.report import figures, folder, page
from planner.scenario.reader import Scenario

FEW: Final = 100
"""Draws of the first answer, which nobody should wait for [-]."""
FIRST: Final = ("risk", "hours")
"""Charts of the first answer: those that the report shows unfolded."""
FILES: Final = {
    "report.html": "Report (a web page)",
    "summary.md": "Summary for the forum (text)",
    "tables.zip": "Tables (CSV)",
    "plan.xlsx": "Workbook with formulas (XLSX)",
    "report.pdf": "Report (PDF)",
}
"""What can be kept of a plan, by the name of its file: what people call it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as the page shows it."""

    html: str
    draws: int
    result: str
    """The digits of the plan; "" of a first answer, which is none to quote."""
    plan: Plan | None = None
    """The whole plan, for whoever wants files of it."""


def first(tell: Tell, executor: Executor, scenario: Scenario, draws: int) -> Shown:
    """Return a first answer from few draws, with the charts that it has."""
    plan = planning.plan(scenario, draws=draws, brief=True, progress=tell, executor=executor)
    other = later(executor, folder.svgs, plan, FIRST[1:])
    return Shown(_html(plan, folder.svgs(plan, FIRST[:1]) | other()), plan.draws, "")


def full(tell: Tell, executor: Executor, scenario: Scenario, draws: int | None, now: datetime) -> Shown:
    """Return the answer that `planner plan` gives, with all its charts."""
    plan = planning.plan(scenario, draws=draws, progress=tell, executor=executor)
    plan = replace(plan, result=seal.sealed(planning.as_json(plan), now)["result"])
    tell("charts", 0.9)
    names = [chart.name for chart in figures.of(plan)]
    others = later(executor, folder.svgs, plan, names[1::2])
    drawn = {**folder.svgs(plan, names[::2]), **others()}
    return Shown(_html(plan, {name: drawn[name] for name in names}), plan.draws, plan.digits, plan)


def _html(plan: Plan, drawn: Mapping[str, str]) -> str:
    """Return the first screen and the charts, as in the report."""
    said = page.context(plan, drawn)
    return page.environment().get_template("report.html.j2").render(said | {"shell": "first.html.j2"})


def beside(tell: Tell, executor: Executor, scenarios: Sequence[tuple[str, Scenario]], draws: int | None) -> Shown:
    """Return scenarios side by side, by their labels, and what each changed entry does from the first to the others.

    Of each so many draws [-], or None = as many as `planner compare` takes.
    """
    _ = executor
    read_in = [scenario for _, scenario in scenarios]
    found = comparison.compare(read_in, draws, progress=tell, steps=True)
    labels = [label for label, _ in scenarios]
    columns = tuple(replace(one, name=label) for one, label in zip(found.columns, labels, strict=True))
    html = side_by_side.html(replace(found, columns=columns), shell="part.html.j2")
    # the answer has its own headings, and a page may hold a name only once
    html = re.sub(r'(id|aria-labelledby)="(answer"|h-)', r'\1="beside-\2', html)
    return Shown(html, found.draws, "")


def files(
    tell: Tell,
    executor: Executor,
    plan: Plan,
    scenario: Scenario,
    name: str,
    now: datetime,
    to_pdf: Callable[[Path], str],
) -> tuple[bytes, str]:
    """Return one file of a plan, or else why there is none."""
    if name == "plan.xlsx":
        from planner.report import workbook  # noqa: PLC0415  # the first answer need not wait for its library

        return workbook.xlsx(plan, paper_of(scenario), now), ""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        place = Path(made)
        folder.write(plan, place, tell, executor)
        if name == "report.pdf":
            said = to_pdf(place / "report.html")
            pdf = place / name
            return (pdf.read_bytes(), "") if pdf.exists() else (b"", said.replace(made, "the report"))
        if name == "tables.zip":
            with zipfile.ZipFile(place / name, "w", zipfile.ZIP_DEFLATED) as archive:
                for table in sorted((place / "tables").iterdir()):
                    archive.write(table, table.name)
        return (place / name).read_bytes(), ""
