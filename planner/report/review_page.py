"""The page of a review: verdict first, then what was asked, what was predicted, and what happened."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

import planner
from planner import charts, output
from planner.charts import theme
from planner.pilot_review import Asked, Review, Row
from planner.report import hours_in_band, inline
from planner.report.hours_in_band import upper
from planner.report.page import environment
from planner.report.summary import fenced, text
from planner.wording import glossary
from planner.wording.names import Names

NODES = 3
"""So many nodes are drawn; the table has them all."""
VERDICTS = {
    "go on": ("Go on", "the pilot keeps to what was agreed"),
    "hold": ("Hold", "no new accounts until what was missed is met"),
    "stop": ("Stop", "all that was asked for was missed, so sales end and the way out of the plan begins"),
    "unknown": ("We can't say yet", "something that the review asks for is not known"),
}
"""The word of each verdict, and what it means."""
WORDS = ("Review", "Coverage", "Randomized PIT", "Account", "Overload", "Credit", "Cap of a network")
Pictures = dict[str, tuple[str, bytes]]
"""Each chart as SVG and as PNG."""


def write(review: Review, names: Names, command: str, folder: Path) -> None:
    """Write the page, its summary to paste and its charts into a folder."""
    drawn = pictures(review, names)
    made = [piece for name, both in drawn.items() for piece in output.chart(folder / name, *both)]
    made.append((folder / "summary.md", markdown(review, names, command), output.SUMMARY))
    page = html(review, names, command, {name: svg for name, (svg, _) in drawn.items()})
    made.append((folder / "review.html", page, output.PAGE))
    folder.mkdir(parents=True, exist_ok=True)
    output.write_all(made)


def pictures(review: Review, names: Names) -> Pictures:
    """Return the charts by name."""
    found = Pictures()
    for name, make in _figures(review, names):
        with theme.style(name):
            figure = make()
            found[name] = theme.svg(figure), theme.png(figure)
    return found


def _figures(review: Review, names: Names) -> Iterator[tuple[str, Callable[[], Figure]]]:
    yield "review", partial(_happened, review)
    for course in review.courses:
        yield course.name.replace(" ", "-"), partial(_one, 1.6, charts.course, course, review.month)
    for pit in hours_in_band.nodes_of(review.pits)[:NODES]:
        yield f"pit-{pit.node}", partial(_one, 1.2, charts.pit, pit, names)


def _happened(review: Review) -> Figure:
    figure, (ax,) = theme.figure(0.52 * (len(review.rows) + 0.4), below=0.1, left=0.08)
    charts.happened(review, ax)
    return figure


def _one(height: float, draw: Callable[..., None], record: object, more: object) -> Figure:
    figure, (ax,) = theme.figure(height)
    draw(record, ax, more)
    return figure


def verdict(review: Review) -> tuple[str, str]:
    """Return the word of the verdict, and what it means as a sentence."""
    word, means = VERDICTS[review.verdict]
    if review.verdict == "go on" and not review.due:
        means = "the review is not due yet, and nothing has happened that waiting cannot put right"
    if review.verdict == "hold" and not review.due:
        means = "the review is not due yet, but something has happened that waiting cannot put right"
    return word, f"{upper(means)}."


def html(review: Review, names: Names, command: str, drawn: dict[str, str]) -> str:
    """Return the review as one HTML page that needs nothing else."""
    return environment().get_template("review.html.j2").render(context(review, names, command, drawn))


def context(review: Review, names: Names, command: str, drawn: dict[str, str]) -> dict[str, Any]:
    """Return all that the template says."""
    said = dict(captions(review, names))
    return {
        "review": review,
        "names": names,
        "when": day(review),
        "verdict": verdict(review),
        "asked": [(upper(each.name), each.wanted, each.found_words, met(each)) for each in review.asked],
        "rows": [(upper(row.name), row.band, row.happened_words, compared(row)) for row in review.rows],
        "charts": [(name, said[name], inline.figure(svg, name, said[name])) for name, svg in drawn.items()],
        "covered": hours_in_band.covered(review.coverage, names),
        "predicted": hours_in_band.predicted(review.pits, names),
        "coverage_means": hours_in_band.COVERAGE,
        "pit_means": hours_in_band.PIT,
        "upper": upper,
        "outside": hours_in_band.outside,
        "leaning": {(one.node, one.resource): hours_in_band.leaning(one) for one in review.pits},
        "words": glossary.chosen(WORDS),
        "summary": markdown(review, names, command),
        "command": command,
        "version": planner.__version__,
        "light": inline.palette(dark=False),
        "dark": inline.palette(dark=True),
    }


def captions(review: Review, names: Names) -> Iterator[tuple[str, str]]:
    """Yield for each chart what it shows, in a sentence."""
    known = [row for row in review.rows if row.happened is not None]
    inside = sum(row.inside is True or row.better for row in known)
    yield "review", f"{inside} of {len(known)} things happened as predicted or better."
    says = {row.name: row.says for row in review.rows}
    for course in review.courses:
        yield course.name.replace(" ", "-"), f"{upper(says.get(course.name, course.name))}."
    for pit in hours_in_band.nodes_of(review.pits)[:NODES]:
        yield f"pit-{pit.node}", f"{upper(names.limit(pit.resource, pit.node))}: {hours_in_band.leaning(pit)}."


def met(asked: Asked) -> str:
    """Return what became of a threshold, in a word."""
    return "not known" if asked.missed is None else "missed" if asked.missed else "met"


def compared(row: Row) -> str:
    """Return how what happened compares with what was predicted, in words."""
    if row.inside is None:
        return "not known"
    return "as predicted" if row.inside else "better than predicted" if row.better else f"{row.side} than predicted"


def day(review: Review) -> str:
    """Return the day that is looked back from, as a person writes it."""
    return f"{review.on.day} {review.on:%B %Y}"


def markdown(review: Review, names: Names, command: str) -> str:
    """Return the review as Markdown to paste on a forum, with every free text shown as text."""
    table = ["|what|predicted in 8 of 10 cases|happened|", "|---|---|---|"]
    table += [
        f"|{upper(row.name)}|{text(row.band)}|{text(row.happened_words)}, {compared(row)}|" for row in review.rows
    ]
    asked = [f"{upper(each.says)}." for each in review.asked]
    others = [f"{upper(reason)}." for reason in review.reasons if reason not in {each.says for each in review.asked}]
    place = f"{text(names.network(review.network), 40)}, {day(review)}, month {review.month}."
    parts = [
        f"## Review: {text(review.title, 80)}",
        f"**{'. '.join(verdict(review))}** {place}",
        "\n".join(f"- {text(said, 160)}" for said in (*others, *asked)),
        "\n".join(table),
        text(f"{hours_in_band.covered(review.coverage, names)} {hours_in_band.predicted(review.pits, names)}", 400),
        f"**Next:** {text(review.next_words, 160)}.",
        _again(command, review.digest),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _again(command: str, digest: str) -> str:
    line = " ".join(command.split())
    if len(line) > 300 or len(line.split()) > 30:
        line = "planner review … (whole in review.html)"
    return f"{fenced(line)}\nDigest `{digest[:12]}`, planner {planner.__version__}."
