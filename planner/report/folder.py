"""The folder of results: every file is made in full beside it and then put in its place, the report last."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from planner import output
from planner.charts import theme
from planner.charts.panels import Chart, named
from planner.model.meanwhile import shared
from planner.planning import Plan
from planner.planning.make import Progress
from planner.report import figures, page, summary, tables


def write(plan: Plan, folder: Path, progress: Progress | None = None, executor: Executor | None = None) -> None:
    """Write report.html, summary.md, charts/ and tables/ into a folder; an executor may draw some of the charts."""
    made = _made(plan, folder, progress or (lambda _doing, _done: None), executor)
    for part in ("charts", "tables"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    output.write_all(made)
    new = {file.name for file, *_ in made}
    for old in (folder / "charts").iterdir():
        kind = {".svg": output.SVG, ".png": output.PNG}.get(old.suffix)
        if kind is not None and old.name not in new and output.replaceable(old, kind):
            old.unlink()


def write_page(file: Path, charts: Iterable[Chart], summary: str, page: Callable[[dict[str, str]], str]) -> None:
    """Write a page that is made of its charts as SVG, the charts, and its summary to paste, into one folder."""
    drawn = {chart.name: chart.picture() for chart in charts}
    made = [piece for name, both in drawn.items() for piece in output.chart(file.parent / name, *both)]
    made.append((file.parent / "summary.md", summary, output.SUMMARY))
    made.append((file, page({name: svg for name, (svg, _) in drawn.items()}), output.PAGE))
    file.parent.mkdir(parents=True, exist_ok=True)
    output.write_all(made)


def _made(plan: Plan, folder: Path, say: Progress, executor: Executor | None) -> list[output.Piece]:
    """Return every file of the folder."""
    names = [chart.name for chart in figures.of(plan)]
    say("charts", 0.0)
    pictures = dict(zip(names, shared(executor, partial(_drawn, plan), names), strict=True))
    made = list[output.Piece]()
    for name in names:
        svg, png, _ = pictures[name]
        made += output.chart(folder / "charts" / name, svg, png)
    say("report", 0.9)
    made += [(folder / "tables" / f"{name}.csv", table, output.TABLE) for name, table in tables.of(plan)]
    pasted = {name: pictures[name][2] for name in summary.PICTURES if name in pictures}
    made.append((folder / "summary.md", summary.markdown(plan, pasted), output.SUMMARY))
    svgs = {name: pictures[name][0] for name in names}
    made.append((folder / "report.html", page.html(plan, svgs), output.PAGE))
    say("report", 1.0)
    return made


def _drawn(plan: Plan, name: str) -> tuple[str, bytes, bytes]:
    """Return a chart of a plan as SVG, as PNG, and small where it is to be pasted."""
    chart = named(figures.of(plan), name)
    with theme.style(name):
        figure = chart.make()
        return theme.svg(figure), theme.png(figure), theme.small_png(figure) if name in summary.PICTURES else b""


def svgs(plan: Plan, names: Collection[str]) -> dict[str, str]:
    """Return some charts of a plan by name, as SVG alone: what a page on a screen needs."""
    pictures = {}
    for chart in figures.of(plan):
        if chart.name in names:
            with theme.style(chart.name):
                pictures[chart.name] = theme.svg(chart.make())
    return pictures
