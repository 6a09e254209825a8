"""Scenarios side by side: as a page, for a forum, on the terminal and as a table, all from the same facts."""

import math
import shlex
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from planner.charts.panels import Chart
from planner.comparison import Column, Comparison
from planner.planning import value_in_words
from planner.report import comparison_charts
from planner.report.answer import changed_here
from planner.report.comparison_answer import all_of, answers, within
from planner.report.comparison_charts import Pictures, label
from planner.report.page import environment, figure
from planner.report.summary import fenced, rendered
from planner.report.tables import Table, cells_of
from planner.wording import phrases
from planner.wording.phrases import listed, upper

BESIDE = 4
"""So many scenarios stand side by side in one table; further ones in the next."""
CAPTIONS = {"cope": "Do the servers cope?", "bought": "Are the hours bought?"}
STEP_HEADS = ("the servers cope in", "the hours are bought in")
"""What a way's rows say."""
STEP_WIDTHS = (44, 18, 18)
"""On the terminal [character]."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: what is asked, and the answer of each scenario."""

    name: str
    answers: tuple[str, ...]


def facts(comparison: Comparison) -> tuple[Fact, ...]:
    """Return the answers of all scenarios, question by question."""
    columns = comparison.columns
    hours = {f"{one.target_hours:g}" for one in columns}
    target = f"{hours.pop()} hours" if len(hours) == 1 else "the hours"
    rows: tuple[tuple[str, Callable[[Column], str]], ...] = (
        ("accounts on offer", lambda one: f"{one.answers.offered:,}"),
        ("the servers cope in", lambda one: phrases.cases(one.answers.cope)),
        ("may come by our rule", lambda one: phrases.allowed(one.answers.max_accounts)),
        ("may come, if everything is as we think", lambda one: phrases.allowed(one.answers.central)),
        ("the first to say no", _first),
        ("income a month, on paper", lambda one: f"{one.answers.income_per_month} {one.answers.unit}"),
        ("hours a month, on paper", lambda one: f"{one.answers.hours_per_month:.1f} h"),
        (f"accounts for {target} every month", lambda one: phrases.allowed(one.answers.accounts_needed, "no number")),
        (f"months until {target} are earned, on paper", lambda one: _by(one, one.answers.months_to_afford)),
        ("months until earned, usually", lambda one: _range(one, "months_to_afford")),
        ("months until bought, usually", lambda one: _range(one, "months_to_buy")),
        (f"bought {within(columns)} in", lambda one: phrases.cases(one.answers.buy_probability)),
    )
    return tuple(Fact(name, tuple(map(said, columns))) for name, said in rows)


def _first(one: Column) -> str:
    """Return the limit that sets the number, in words."""
    found = one.answers
    return one.names.limit(found.binding, found.binding_node or None) if found.binding else "nothing"


def _by(one: Column, month: int | None) -> str:
    return phrases.month(month, one.horizon)


def _range(one: Column, name: str) -> str:
    """Return the months in 8 of 10 cases."""
    low, high = (_by(one, getattr(one.answers, f"{name}_{end}")) for end in ("p10", "p90"))
    return low if low == high else f"{low} to {high}"


def differing(comparison: Comparison) -> tuple[Fact, ...]:
    """Return the inputs that the scenarios do not share, each with what it is in each of them."""
    return tuple(
        Fact(one.path, tuple(phrases.unit_once(said) or "not there" for said in one.values))
        for one in comparison.differences
    )


def _differing_in_words(comparison: Comparison) -> list[Fact]:
    """Return the same with words for the keys that inputs are called by, or that are their values."""
    columns, found = comparison.columns, []
    for row in differing(comparison):
        each = zip(row.answers, columns, strict=True)
        said = tuple(value_in_words(row.name, one, column.names) for one, column in each)
        found.append(Fact(comparison_charts.names_of(columns).topic(row.name), said))
    return found


def _side_by_side(
    rows: Sequence[Fact], columns: Sequence[str], most: int = BESIDE
) -> Iterator[tuple[Sequence[str], list[Fact]]]:
    """Yield tables of few columns, the names and the rows with as many answers; last, once, what is the same in all."""
    alike = [row for row in rows if len(columns) > 1 and len(set(row.answers)) == 1]
    told = [row for row in rows if row not in alike]
    each = math.ceil(len(columns) / math.ceil(len(columns) / most))
    for first in range(0, len(columns) if told else 0, each):
        part = slice(first, first + each)
        yield columns[part], [Fact(row.name, row.answers[part]) for row in told]
    if alike:
        yield (same(len(columns)),), [Fact(row.name, row.answers[:1]) for row in alike]


def same(count: int) -> str:
    """Return what stands above the answers that none of so many scenarios has of its own."""
    return f"the same in {all_of(count)}"


def command(comparison: Comparison) -> str:
    """Return the command that compares the same again."""
    files = (one.file for one in comparison.columns)
    sets = dict.fromkeys(
        f"{change.path}={change.new}" for one in comparison.columns for change in one.changes if change.where == "--set"
    )
    options = [part for one in sets for part in ("--set", one)]
    more = ["--draws", str(comparison.draws), "--seed", str(comparison.seed)]
    if comparison.ways and len(comparison.columns) > 2:
        more.append("--steps")
    return shlex.join(["planner", "compare", *files, *options, *more])


def pictures(comparison: Comparison) -> Pictures:
    """Return the charts by name, each with what it says, as SVG and as PNG."""
    return {chart.name: (chart.said, *chart.picture()) for chart in charts_of(comparison)}


def charts_of(comparison: Comparison) -> Iterator[Chart]:
    """Yield the charts."""
    names = _labels(comparison)
    return comparison_charts.of(comparison, names, lambda one: f"{_range(one, 'months_to_buy')} months")


def ways(comparison: Comparison) -> Iterator[tuple[str, str, list[Fact]]]:
    """Yield each way's name and title, and a row for where it begins and for each step."""
    names = _labels(comparison)
    for way in comparison.ways:
        called = comparison_charts.names_of(comparison.columns)
        labels = [names[0], *(label(step, called) for step in way.steps[1:])]
        rows = [
            Fact(said, (phrases.cases(step.cope), phrases.cases(step.bought)))
            for said, step in zip(labels, way.steps, strict=True)
        ]
        yield f"steps-{way.to}", f"From {names[0]} to {names[way.to]}", rows


def warnings(comparison: Comparison) -> list[tuple[str, str]]:
    """Return each warning once, and which scenarios it is of."""
    who: dict[str, list[str]] = {}
    for name, one in zip(_labels(comparison), comparison.columns, strict=True):
        for said in one.warnings:
            who.setdefault(said, []).append(name)
    every = len(comparison.columns)
    return [(all_of(every) if len(of) == every > 1 else listed(of), said) for said, of in who.items()]


def title(comparison: Comparison) -> str:
    """Return what the comparison is called."""
    many = len(comparison.columns)
    return f"{upper(phrases.counted(many))} {'scenario' if many == 1 else 'scenarios'} side by side"


def since(comparison: Comparison) -> tuple[str, ...]:
    """Return what was changed of the files for this comparison alone, which their titles know nothing of."""
    columns = comparison.columns
    every = f"Changed in {all_of(len(columns))}" if len(columns) > 1 else "Changed for this plan"
    if len({changed_here(one.changes, one.names) for one in columns}) == 1:
        return tuple(filter(None, [changed_here(columns[0].changes, columns[0].names, every)]))
    each = zip(_labels(comparison), columns, strict=True)
    return tuple(filter(None, (changed_here(one.changes, one.names, f"Changed in {name}") for name, one in each)))


def answer(comparison: Comparison) -> tuple[str, ...]:
    """Return the answer in paragraphs."""
    return answers(comparison.columns, _labels(comparison))


def promised(comparison: Comparison) -> str:
    """Return what is promised of each server, in words; "" = not the same in all."""
    said = {one.objective for one in comparison.columns}
    return said.pop() if len(said) == 1 else ""


def html(comparison: Comparison, drawn: Pictures | None = None, shell: str = "base.html.j2") -> str:
    """Return the comparison as one HTML page that needs nothing else, or in another shell than a page's."""
    seen = drawn or pictures(comparison)
    about = {
        "shell": shell,
        "charts": {name: figure(svg, name, said) for name, (said, svg, _) in seen.items()},
        "said": {name: said for name, (said, *_) in seen.items()},
        "captions": CAPTIONS,
        "ways": list(ways(comparison)),
        "step_heads": STEP_HEADS,
        "warnings": warnings(comparison),
        "help": {
            comparison_charts.names_of(comparison.columns).topic(one.path): (one.help, one.path)
            for one in comparison.differences
        },
        "command": command(comparison),
    }
    return environment().get_template("comparison.html.j2").render(_said(comparison), **about)


def _said(comparison: Comparison) -> dict[str, Any]:
    """Return what the page and the Markdown both say."""
    names = _labels(comparison)
    return {
        "comparison": comparison,
        "names": names,
        "same": same(len(names)),
        "title": title(comparison),
        "since": since(comparison),
        "promised": promised(comparison),
        "answers": answer(comparison),
        "tables": list(_side_by_side(facts(comparison), names)),
        "differing": list(_side_by_side(_differing_in_words(comparison), names)),
    }


def _labels(comparison: Comparison) -> tuple[str, ...]:
    """Return the scenarios' names: what nobody can see left out, and told apart where two files have the same stem."""
    # a label stands where no mark-up can keep a mark of direction inside
    shown = ["".join(one for one in column.name if one.isprintable()) for column in comparison.columns]
    return tuple(f"{name} ({k})" if shown.count(name) > 1 else name for k, name in enumerate(shown, start=1))


def markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown, with every free text shown as text."""
    block = fenced(" ".join(command(comparison).split()))
    return rendered("comparison.md.j2", **_said(comparison), block=block)


def plain(comparison: Comparison) -> str:
    """Return the comparison for a terminal of 80 characters a line: the answer first, then the tables."""
    names = _labels(comparison)
    lines = [title(comparison)]
    for name, one in zip(names, comparison.columns, strict=True):
        lines += _paragraph(f"{name}: {one.title}", "  ", "    ")
    promise = [f"What we promise of each server: {said}." for said in [promised(comparison)] if said]
    for said in (*since(comparison), *promise, *answer(comparison)):
        lines += _paragraph(said)
    lines.append("")
    told = list(_side_by_side(facts(comparison), names, most=3))
    if not comparison.ways:
        told += [(head, rows) for head, rows in _side_by_side(_differing_in_words(comparison), names, most=3)]
    tables = [((28, *[52 // len(head)] * len(head)), ("", *head), rows) for head, rows in told]
    tables += [(STEP_WIDTHS, (name, *STEP_HEADS), rows) for _, name, rows in ways(comparison)]
    for widths, head, rows in tables:
        for cells in (head, *((row.name, *row.answers) for row in rows)):
            lines += _wrapped(cells, widths)
        lines.append("")
    return "\n".join(lines).rstrip()


def _paragraph(words: str, first: str = "", later: str = "") -> list[str]:
    """Return words as lines of the terminal; what moves a cursor is shown as ?."""
    clean = "".join(one if one.isprintable() else "?" for one in words)
    return textwrap.wrap(clean, 80, initial_indent=first, subsequent_indent=later)


def _wrapped(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yield the lines of one row, each cell wrapped within its column; what moves a cursor is shown as ?."""
    clean = ("".join(one if one.isprintable() else "?" for one in cell) for cell in cells)
    parts = [textwrap.wrap(cell, width - 2)[:3] for cell, width in zip(clean, widths, strict=True)]
    for line in zip_longest(*parts, fillvalue=""):
        yield "".join(f"{part:{width}}" for part, width in zip(line, widths, strict=True)).rstrip()


def table(comparison: Comparison) -> Table:
    """Return the comparison as a tidy table: a row for each scenario, numbers as numbers."""
    names = _labels(comparison)
    rows = [
        {"scenario": name, "title": one.title, "file": one.file, **cells_of(one.answers)}
        for name, one in zip(names, comparison.columns, strict=True)
    ]
    return Table.of([*rows[0]], [[*row.values()] for row in rows])


def different(comparison: Comparison) -> Table:
    """Return the inputs that the scenarios do not share: a row for each input, a column for each scenario."""
    names = _labels(comparison)
    return Table.of(("input", *names), [(row.name, *row.answers) for row in differing(comparison)])
