"""The folder of results: every file is made in full beside it and then put in its place, the report last."""

from collections.abc import Callable
from pathlib import Path

from planner import output
from planner.charts import theme
from planner.planning import Plan
from planner.report import figures, page, summary, tables

Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""


def write(plan: Plan, folder: Path, progress: Progress | None = None) -> None:
    """Write report.html, summary.md, charts/ and tables/ into a folder; see `planner.report.write`."""
    made = _made(plan, folder, progress or (lambda _doing, _done: None))
    for part in ("charts", "tables"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    output.write_all(made)
    new = {file.name for file, *_ in made}
    for old in (folder / "charts").iterdir():
        kind = {".svg": output.SVG, ".png": output.PNG}.get(old.suffix)
        if kind is not None and old.name not in new and output.replaceable(old, kind):
            old.unlink()


def _made(plan: Plan, folder: Path, say: Progress) -> list[output.Piece]:
    """Return every file of the folder."""
    drawn, made = dict[str, str](), list[output.Piece]()
    chosen = list(figures.of(plan))
    for k, chart in enumerate(chosen):
        say(f"chart: {chart.name}", k / (len(chosen) + 1))
        with theme.style(chart.name):
            figure = chart.make()
            drawn[chart.name] = theme.svg(figure)
            made += output.chart(folder / "charts" / chart.name, drawn[chart.name], theme.png(figure))
    say("report", len(chosen) / (len(chosen) + 1))
    made += [(folder / "tables" / f"{name}.csv", table, output.TABLE) for name, table in tables.of(plan)]
    made.append((folder / "summary.md", summary.markdown(plan), output.SUMMARY))
    made.append((folder / "report.html", page.html(plan, drawn), output.PAGE))
    say("report", 1.0)
    return made
