"""The answer of a comparison in sentences: what is the same in all scenarios is said once."""

from collections.abc import Iterator, Sequence

from planner.comparison import Column
from planner.wording import phrases, reasons
from planner.wording.phrases import listed, upper

_OF = " of 100 cases"


def answers(columns: Sequence[Column], names: Sequence[str]) -> tuple[str, ...]:
    """Return the answer in paragraphs: how often the servers cope, who may come, and when the hours come."""
    cope = _each([one.answers.cope for one in columns], names)
    alone = {None if one.answers.cope_without is None else round(100 * one.answers.cope_without) for one in columns}
    without = f"; without them, in {alone.pop()}" if len(alone) == 1 and None not in alone else ""
    sure = {phrases.of_hundred(one.confidence) for one in columns}
    rule = f"We promise to be right in {listed(sorted(sure), 'or')} of 100 cases: by that rule {_may(columns, names)}."
    bought = _each([one.answers.buy_probability for one in columns], names)
    usual = f"With the usual delays {_hours_of(columns)} are bought {within(columns)}{bought}."
    paper = f"On paper, where everybody joins at once and pays on time, the credit is {_paper(columns, names)}."
    return (
        f"With the accounts on offer the servers cope{cope}{without}.",
        rule,
        f"{usual} {paper}",
        *_no_more(columns),
    )


def _each(shares: Sequence[float], names: Sequence[str]) -> str:
    """Return in how many cases something is so in each scenario: ": a in 74 of 100 cases and b in 49"."""
    said = [phrases.cases(one) for one in shares]
    first = next((k for k, one in enumerate(said) if one.endswith(_OF)), 0)
    said = [
        f"in {one}" if k <= first or one == said[first] else f"in {one.removesuffix(_OF)}" for k, one in enumerate(said)
    ]
    return _named(said, names)


def _named(said: Sequence[str], names: Sequence[str]) -> str:
    """Return what is said of each scenario, once for those of which the same is said."""
    who = {each: [name for name, one in zip(names, said, strict=True) if one == each] for each in dict.fromkeys(said)}
    if len(who) == 1:
        return f" {said[0]}" + (f" in {all_of(len(said))}" if len(said) > 1 else "")
    return f": {listed([f'{listed(those)} {each}' for each, those in who.items()])}"


def all_of(count: int) -> str:
    """Return so many scenarios, all there are, in words."""
    return "both" if count == 2 else f"all {phrases.counted(count)}"


def _may(columns: Sequence[Column], names: Sequence[str]) -> str:
    """Return how many of those on offer may come in each scenario."""
    who: dict[str, list[str]] = {}
    for name, one in zip(names, columns, strict=True):
        most, offered = one.answers.max_accounts, one.answers.offered
        many = "all" if most is None or most >= offered else f"{most:,} of {offered:,}" if most else "no account"
        who.setdefault(many, []).append(name)
    if len(who) == 1:
        none = "either" if len(columns) == 2 else "any of them"
        where = "" if len(columns) == 1 else f" in {none if 'no account' in who else all_of(len(columns))}"
        return f"{next(iter(who))} may come{where}"
    first, *more = (f"{many} may come in {listed(those)}" for many, those in who.items())
    return f"{first}, {listed([one.replace(' may come', '') for one in more])}"


def _paper(columns: Sequence[Column], names: Sequence[str]) -> str:
    """Return when the credit is there in each scenario: "there: a after 11 months and b not within 36 months"."""
    said = [
        f"not within {one.horizon} months" if months is None else f"after {phrases.in_months(months)}"
        for one in columns
        for months in (one.answers.months_to_afford,)
    ]
    if all(one.startswith("not ") for one in said):
        return f"not there{_named([one.removeprefix('not ') for one in said], names)}"
    return f"there{_named(said, names)}"


def _hours_of(columns: Sequence[Column]) -> str:
    """Return what is to be bought, in words."""
    hours = {f"{one.target_hours:g}" for one in columns}
    return f"{hours.pop()} hours of marketing" if len(hours) == 1 else "the hours"


def within(columns: Sequence[Column]) -> str:
    """Return within which months it is looked at, in words."""
    months = {one.horizon for one in columns}
    return f"within {phrases.in_months(months.pop())}" if len(months) == 1 else "within the months that each looks at"


def _no_more(columns: Sequence[Column]) -> Iterator[str]:
    """Yield why more accounts on offer hardly bring the hours sooner: fewer are expected to join."""
    most = max(columns, key=lambda one: one.answers.offered)
    if len({one.answers.offered for one in columns}) > 1:
        for row in most.limits:
            if row.kind == "reach" and row.high is not None and row.high < most.answers.offered:
                yield f"{upper(reasons.why(row, most.names))} accounts, however many are offered."
