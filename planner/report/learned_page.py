"""The page of what was learned: whether the picture fits, each input before and after, and what it does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from planner.charts import learning as charts
from planner.charts.panels import Chart
from planner.learning.calibration import Calibration, Effect
from planner.learning.posteriors import Learned
from planner.model.calibration.goodness_of_fit import FLAG_BELOW
from planner.planning.band_coverage import Coverage
from planner.report import hours_in_band
from planner.report.folder import write_page
from planner.report.page import environment, pictures
from planner.report.summary import command_to_paste, rendered
from planner.report.tables import Table
from planner.wording import phrases
from planner.wording.names import Names
from planner.wording.phrases import upper

SAID = 5
"""So many inputs are said in words; the table has them all."""
SAME = 0.05
"""A value that moved by less stays about the same [-]."""
QUESTIONS = {
    "regularity": "Do accounts meet by chance from week to week, not by the calendar?",
    "busy days": "Are there no days on which everybody meets at once?",
    "sizes": "Are meetings as large as the planner thinks they can be?",
    "largest": "Are very large meetings as rare as they should be?",
    "lengths": "Do meetings last as the planner thinks they can?",
    "together": "Do large meetings last no longer than small ones?",
}
"""What each check of fit asks; yes fits."""
Bands = Sequence[tuple[Coverage, Coverage]]
"""Before and after, by node and resource."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a history taught, and what belongs to it on the page."""

    calibration: Calibration
    change: Effect
    bands: Bands
    names: Names
    command: str
    """That learns the same again."""


def write(taught: Taught, folder: Path) -> None:
    """Write the page, its summary to paste and its charts into a folder."""
    charts = charts_of(taught.calibration, taught.names)
    write_page(folder / "learned.html", charts, markdown(taught), partial(html, taught))


def charts_of(calibration: Calibration, names: Names) -> Iterator[Chart]:
    """Yield the charts: each input before and after, and the week."""
    for one in calibration.learned:
        panel = 1.3, partial(charts.learned, one, names=names)
        yield Chart(one.path.removeprefix("usage."), [panel], changed(one, names))
    if (week := calibration.week) is not None:
        panels = [(1.5, partial(charts.week_learned, week)), (1.2, partial(charts.hour_learned, week))]
        yield Chart("week", panels, f"When {week.seen:,} meetings started: what was assumed, seen and learned.")


def learned(calibration: Calibration) -> Table:
    """Return each input before and after as a table."""
    rows = ((one.path, one.before, one.after, one.seen, one.of) for one in (*calibration.learned, *calibration.loads))
    return Table.of(("input", "before", "after", "seen", "of"), rows)


def asked(calibration: Calibration) -> Table:
    """Return each question to the plan's picture of meetings as a table."""
    rows = (
        (QUESTIONS.get(one.name, one.name), *((one.chance, not one.flagged) if one.asked else (None, None)), one.says)
        for one in calibration.checks
    )
    return Table.of(("question", "chance to see something as odd", "fits", "answer"), rows)


def changed(one: Learned, names: Names) -> str:
    """Return in a sentence how an input moved, and how much better it is known."""
    before, topic = one.prior[0], upper(names.topic(one.path))
    share = one.value / before - 1 if before else 0.0
    moved = "about as we thought"
    if abs(share) >= SAME:
        moved = f"{100 * abs(share):.0f} % {'more' if share > 0 else 'less'} than we thought"
    return f"{topic}: {moved}, {narrower(one)}."


def narrower(one: Learned) -> str:
    """Return how much narrower the range became, in words."""
    before, after = one.prior[2] - one.prior[1], one.high - one.low
    times = before / after if after > 0 else 0.0
    if times >= 1.5:
        return f"its range {times:.0f} times as narrow" if times >= 1.95 else "its range somewhat narrower"
    return "its range about as wide as before" if times > 0.8 or not after else "its range wider than before"


def verdict(calibration: Calibration) -> tuple[str, str]:
    """Return in a word whether the plan's picture of meetings fits what was seen, and in a sentence what that means."""
    asked, odd = ([one for one in calibration.checks if getattr(one, has)] for has in ("asked", "flagged"))
    left = len(calibration.checks) - len(asked)
    more = f" {upper(phrases.counted(left))} more could not be asked: too few meetings yet." if left else ""
    if odd:
        return "It does not fit", (
            f"{upper(phrases.counted(len(odd)))} of {phrases.counted(len(asked))} questions found what the plan's "
            "picture of meetings cannot explain. The scenario says so, and the gate admits nobody on a plan of "
            f"it.{more}"
        )
    if not calibration.enough:
        said = "The scenario was written all the same"
        if "calibrated" in calibration.entries:
            said += ": it says so, and the gate admits nobody on a plan of it"
        return "Too little was seen", f"{upper(calibration.too_little)}. {said}."
    none = "The only check that could be made found nothing"
    if len(asked) > 1:
        none = f"None of {phrases.counted(len(asked))} checks found anything"
    return "It fits", f"{none} in the meetings that chance would not explain.{more}"


def admits(taught: Taught) -> str:
    """Return in a sentence what learning does to the number of accounts."""
    before, after = _further(taught.change.before), _further(taught.change.after)
    was = ", as before" if before == after else f"; before, it was {before}"
    first = f" The first to say no: {taught.change.binding_after}." if taught.change.binding_after else ""
    return f"The servers and the credit now allow {after}{was}.{first}"


def _further(count: int | None) -> str:
    if count is None:
        return "any number of accounts"
    return "no further account" if count == 0 else phrases.accounts(count).replace(" ", " further ")


def by_effect(calibration: Calibration) -> list[Learned]:
    """Return what was learned, what moved furthest beside the width it had first."""

    def moved(one: Learned) -> float:
        return abs(one.value - one.prior[0]) / max(one.prior[2] - one.prior[1], 1e-12)

    return sorted(calibration.learned, key=moved, reverse=True)


def span(calibration: Calibration) -> str:
    """Return what was looked at, in words."""
    if calibration.since is None or calibration.until is None:
        return "Nothing was seen"
    first, last = (f"{one.day} {one:%B %Y}" for one in (calibration.since, calibration.until))
    known = phrases.accounts(calibration.accounts)
    return f"{first} to {last}: {calibration.meetings:,} meetings, {known} known one by one"


def html(taught: Taught, drawn: dict[str, str]) -> str:
    """Return what was learned as one HTML page that needs nothing else."""
    calibration, names = taught.calibration, taught.names
    about = {
        "taught": taught,
        "said": [changed(one, names) for one in by_effect(calibration)[:SAID]],
        "learned": (*by_effect(calibration), *calibration.loads),
        "questions": QUESTIONS,
        "flag_below": round(100 * FLAG_BELOW),
        "charts": pictures(charts_of(calibration, names), drawn),
        "summary": markdown(taught),
    }
    return environment().get_template("learned.html.j2").render(_said(taught), **about)


def _said(taught: Taught) -> dict[str, object]:
    """Return what the page and the Markdown both say."""
    return {
        "calibration": taught.calibration,
        "verdict": verdict(taught.calibration),
        "span": span(taught.calibration),
        "admits": admits(taught),
        "covered": hours_in_band.covered([after for _, after in taught.bands], taught.names),
    }


def markdown(taught: Taught) -> str:
    """Return what was learned as Markdown to paste on a forum, with every free text shown as text."""
    learned = by_effect(taught.calibration)[:SAID]
    block = command_to_paste(taught.command, "planner calibrate … (whole in learned.html)")
    return rendered("learned.md.j2", **_said(taught), names=taught.names, learned=learned, block=block)
