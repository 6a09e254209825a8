"""The page of a review: verdict first, then what was asked, what was predicted, and what happened."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import planner
from planner import charts, output
from planner.charts.panels import Chart
from planner.pilot_review.record import Asked, Review, Row
from planner.report import hours_in_band, inline
from planner.report.hours_in_band import upper
from planner.report.page import environment
from planner.report.summary import fenced, text
from planner.report.tables import Table
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


def write(review: Review, names: Names, command: str, folder: Path) -> None:
    """Write the page, its summary to paste and its charts into a folder."""
    drawn = {chart.name: chart.picture() for chart in charts_of(review, names)}
    made = [piece for name, both in drawn.items() for piece in output.chart(folder / name, *both)]
    made.append((folder / "summary.md", markdown(review, names, command), output.SUMMARY))
    page = html(review, names, command, {name: svg for name, (svg, _) in drawn.items()})
    made.append((folder / "review.html", page, output.PAGE))
    folder.mkdir(parents=True, exist_ok=True)
    output.write_all(made)


def charts_of(review: Review, names: Names) -> Iterator[Chart]:
    """Yield the charts, each with what it shows in a sentence."""
    known = [row for row in review.rows if row.happened is not None]
    inside = sum(row.inside is True or row.better for row in known)
    panel = 0.52 * (len(review.rows) + 0.4), partial(charts.happened, review)
    said = f"{inside} of {len(known)} things happened as predicted or better."
    yield Chart("review", [panel], said, {"below": 0.1, "left": 0.08})
    says = {row.name: row.says for row in review.rows}
    for course in review.courses:
        panel = 1.6, partial(charts.course, course, months=review.month)
        yield Chart(course.name.replace(" ", "-"), [panel], f"{upper(says.get(course.name, course.name))}.")
    for pit in hours_in_band.nodes_of(review.pits)[:NODES]:
        said = f"{upper(names.limit(pit.resource, pit.node))}: {hours_in_band.leaning(pit)}."
        yield Chart(f"pit-{pit.node}", [(1.2, partial(charts.pit, pit, names=names))], said)


def predicted(review: Review) -> Table:
    """Return each prediction, of which 8 of 10 cases lie between low and high, and what happened, as a table."""
    rows = ((row.name, row.unit, row.low, row.middle, row.high, row.happened, row.inside) for row in review.rows)
    return Table.of(("what", "unit", "low", "middle", "high", "happened", "as predicted"), rows)


def rule(review: Review) -> Table:
    """Return each threshold of the review rule as a table."""
    rows = ((each.name, each.wanted, each.found_words, met(each)) for each in review.asked)
    return Table.of(("what", "wanted", "found", "verdict"), rows)


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
    said = {chart.name: chart.said for chart in charts_of(review, names)}
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
