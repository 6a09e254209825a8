"""The charts of a comparison: which there are, and what each says in a sentence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from itertools import pairwise

from planner.charts import side_by_side as charts
from planner.charts.panels import Chart, Panel
from planner.comparison import Column, Comparison, Difference, Step, Way
from planner.planning import value_in_words
from planner.wording import phrases
from planner.wording.names import Names
from planner.wording.phrases import listed

Pictures = Mapping[str, tuple[str, str, bytes]]
"""What each chart says, the chart as SVG and as PNG; by name."""
PLACES = {"left": 0.08, "below": 0.06, "between": 0.6}
COPE, BOUGHT = "the servers cope", "the hours are bought"
ROW = 0.46
"""Height of a row [inch]."""
_TOGETHER = {"invalid": "one by one they are no valid scenario", "rest": "all that is left"}
_STEPS = "blue: more cases · grey: fewer · line: as it was before"


def of(comparison: Comparison, names: Sequence[str], months: Callable[[Column], str]) -> Iterator[Chart]:
    """Yield the charts; `months` says in which months something is bought."""
    columns = comparison.columns
    each = list(zip(names, (one.answers for one in columns), columns, strict=True))
    cope = [charts.Bar(name, has.cope, has.cope_without, one.confidence) for name, has, one in each]
    without = any(one.without is not None for one in cope)
    colours = f"blue: with the accounts on offer{' · grey: without' if without else ''}"
    said = listed([f"{phrases.cases(one.share)} in {one.name}{_without(one)}" for one in cope])
    draw = partial(charts.beside, cope, title=f"Cases of 100 in which {COPE}", below=colours)
    yield Chart("cope", [(_high(len(cope)), draw)], f"With the accounts on offer {COPE} in {said}.", PLACES)
    bought = [charts.Bar(name, has.buy_probability, aside=months(one)) for name, has, one in each]
    horizons = {one.horizon for one in columns}
    within = f"within {phrases.in_months(horizons.pop())}" if len(horizons) == 1 else "within each one's horizon"
    said = listed([f"{phrases.cases(one.share)} in {one.name}" for one in bought])
    below = f"{within} · above each: after how long, 8 of 10 cases"
    draw = partial(charts.beside, bought, title=f"Cases of 100 in which {BOUGHT}", below=below)
    said = f"{phrases.upper(BOUGHT)} {within} in {said}."
    yield Chart("bought", [(_high(len(bought)), draw)], said, PLACES)
    for way in comparison.ways:
        labels = [_label(each, names_of(columns)) for each in way.steps[1:]]
        if panels := _panels(way, [names[0], *labels, names[way.to]]):
            yield Chart(f"steps-{way.to}", panels, f"{_most(way, labels, True)} {_most(way, labels, False)}", PLACES)


def _high(rows: int) -> float:
    """Return the height of so many rows [inch]."""
    return ROW * (rows + 0.4)


def _without(one: charts.Bar) -> str:
    return "" if one.without is None else f" ({100 * one.without:.0f} without)"


def names_of(columns: Sequence[Column]) -> Names:
    """Return what people call things in any of the scenarios."""
    return Names(
        *({k: v for one in columns for k, v in getattr(one.names, each.name).items()} for each in fields(Names))
    )


def _panels(way: Way, labels: Sequence[str]) -> list[Panel]:
    """Return a panel for each answer that moves on the way."""
    found: list[Panel] = []
    for title, shares in ((COPE, [each.cope for each in way.steps]), (BOUGHT, [each.bought for each in way.steps])):
        if len({round(100 * share) for share in shares}) > 1:
            record = list(zip(labels, (*shares, shares[-1]), strict=True))
            draw = partial(charts.way, record, title=f"Cases of 100 in which {title}", below=_STEPS)
            found.append((_high(len(record)), draw))
    return found


def _most(way: Way, labels: Sequence[str], cope: bool) -> str:
    """Return which step moves an answer most, in a sentence."""
    shares = [each.cope if cope else each.bought for each in way.steps]
    what = COPE if cope else BOUGHT
    whole = [round(100 * share) for share in shares]
    if len(set(whole)) == 1:
        return f"Nothing changes how often {what}: in {phrases.cases(shares[0])}."
    name, (before, now) = max(zip(labels, pairwise(whole), strict=True), key=lambda one: abs(one[1][1] - one[1][0]))
    return f"“{name}” changes most how often {what}: in {now} of 100 cases instead of {before}."


def label(step: Step, names: Names) -> str:
    """Return a step as the terminal and the page name it."""
    if not step.together:
        return _label(step, names)
    first, *more = (names.topic(each.path) for each in step.changes)
    return f"{first} and {len(more)} more (together: {_TOGETHER[step.together]})"


def _label(step: Step, names: Names) -> str:
    return "; ".join(_change(each, names) for each in step.changes)


def _change(each: Difference, names: Names) -> str:
    name, (before, after) = names.topic(each.path), each.values
    central = tuple(said.partition(" (")[0] for said in each.values)
    if central[0] != central[1]:
        before, after = central
    if "is there" in each.values:
        return f"{name}: {'added' if after else 'left out'}"
    before, after = (value_in_words(each.path, said, names) for said in (before, after))
    return f"{name}: {before or 'not there'} → {after or 'not there'}"
