"""The folder of results: every file is made in full beside it and then put in its place, the report last."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from planner.charts import look
from planner.plan import Plan
from planner.report import figures, page, summary, tables

Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""


def write(plan: Plan, folder: Path, progress: Progress | None = None) -> None:
    """Write report.html, summary.md, charts/ and tables/ into a folder.

    Parameters
    ----------
    plan : Plan
        What was found.
    folder : Path
        Made if it is not there; other files in it stay.
    progress : callable or None
        Told what is being done, and the share that is done.

    Raises
    ------
    OSError
        If the files cannot be written. All are made before the first takes the place of an old one, each in one step.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # beside its goal, so that putting a file in its place is one step of the same file system
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        _make(plan, made, progress or _silent)
        _place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _silent(doing: str, done: float) -> None:
    """Say nothing."""


def _make(plan: Plan, folder: Path, say: Progress) -> None:
    drawn = {}
    (folder / "charts").mkdir()
    (folder / "tables").mkdir()
    chosen = list(figures.of(plan))
    for k, chart in enumerate(chosen):
        say(f"chart: {chart.name}", k / (len(chosen) + 1))
        with look.style(chart.name):
            figure = chart.make()
            drawn[chart.name] = look.svg(figure)
            look.write_png(figure, folder / "charts" / f"{chart.name}.png")
        _write(folder / "charts" / f"{chart.name}.svg", drawn[chart.name])
    say("report", len(chosen) / (len(chosen) + 1))
    for name, table in tables.of(plan):
        _write(folder / "tables" / f"{name}.csv", table)
    _write(folder / "summary.md", summary.markdown(plan))
    _write(folder / "report.html", page.html(plan, drawn))
    say("report", 1.0)


def _write(file: Path, text: str) -> None:
    # lone surrogates, which a file name may hold, have no UTF-8; line ends stay as they are
    with file.open("wb") as new:
        new.write(text.encode("utf-8", "replace"))
        new.flush()
        os.fsync(new.fileno())  # before it takes the old one's place: the power may go in between


def _place(made: Path, folder: Path) -> None:
    for part in ("charts", "tables"):
        (folder / part).mkdir(exist_ok=True)
        new = {file.name for file in (made / part).iterdir()}
        for name in sorted(new):
            os.replace(made / part / name, folder / part / name)
        for old in (folder / part).iterdir():
            if old.name not in new and old.suffix in {".svg", ".png", ".csv"}:
                old.unlink()
    for name in ("summary.md", "report.html"):
        os.replace(made / name, folder / name)
