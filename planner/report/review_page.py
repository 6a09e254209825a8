"""The page of a review: verdict first, then what was asked, what was predicted, and what happened."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from planner.charts import pilot_review as charts
from planner.charts.panels import Chart
from planner.pilot_review.record import Asked, Review, Row
from planner.report import hours_in_band
from planner.report.folder import write_page
from planner.report.page import environment, pictures
from planner.report.summary import command_to_paste, rendered
from planner.report.tables import Table
from planner.wording.names import Names
from planner.wording.phrases import upper

NODES = 3
"""So many nodes are drawn; the table has them all."""
VERDICTS = {
    "go on": ("Go on", "the pilot keeps to what was agreed"),
    "hold": ("Hold", "no new accounts until what was missed is met"),
    "stop": ("Stop", "all that was asked for was missed, so sales end and the way out of the plan begins"),
    "unknown": ("We can't say yet", "something that the review asks for is not known"),
}
"""The word of each verdict, and what it means."""


def write(review: Review, names: Names, command: str, folder: Path) -> None:
    """Write the page, its summary to paste and its charts into a folder."""
    summary = markdown(review, names, command)
    write_page(folder / "review.html", charts_of(review, names), summary, partial(html, review, names, command))


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
    said = {
        "review": review,
        "names": names,
        "when": day(review),
        "verdict": verdict(review),
        "met": met,
        "compared": compared,
        "charts": pictures(charts_of(review, names), drawn),
        "leaning": {(one.node, one.resource): hours_in_band.leaning(one) for one in review.pits},
        "summary": markdown(review, names, command),
        "command": command,
    }
    return environment().get_template("review.html.j2").render(said)


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
    return rendered(
        "review.md.j2",
        review=review,
        names=names,
        when=day(review),
        verdict=verdict(review),
        compared=compared,
        block=command_to_paste(command, "planner review … (whole in review.html)"),
    )
