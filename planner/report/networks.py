"""The credit as networks really work, in words: on paper beside the paths, and money beside credit."""

from collections.abc import Iterable, Sequence

from planner.model.credit.money import Work
from planner.model.credit.summary import Held, Months, Quantiles
from planner.model.credit.wind_down import WayOut
from planner.planning import Amount, Coupled, CreditPlan, Plan
from planner.wording import phrases


def busiest_month(work: Work) -> Quantiles:
    """Return the volunteers' hours [h] in the month in which they have most to do."""
    return max(work.per_month, key=lambda month: month.p50 or 0.0)


def turned_away(held: Iterable[Held]) -> str:
    """Return which limit turns sign-ups away in which months."""
    spells = runs([(bound.month, bound.limit) for bound in held])
    return "; ".join(f"{when}: {phrases.limit(limit)}" for when, limit in spells[:4])


def with_admission(credit: CreditPlan) -> list[tuple[str, str]]:
    """Return how the credit goes if sign-ups stop where admission does."""
    found = credit.coupled
    if found is None:
        return []
    block, last = f"{credit.target_hours:g} hours", credit.balance.months[-1]
    rows = [
        ("room for accounts", _room(found)),
        (f"{block} are earned after", waited(found.months_to_afford, last)),
        (f"{block} are bought after", waited(found.months_to_buy, last)),
        (f"accounts that pay in month {last}", span(found.paying.last)),
    ]
    if found.held:
        rows.append(("what turns sign-ups away", turned_away(found.held)))
    return rows


def _room(found: Coupled) -> str:
    """Return how many accounts may be there, by spells of months."""
    if found.room is None:
        return "any number"
    spells = runs([(month, f"{room:g}") for month, room in enumerate(found.room, start=1)])
    if len(spells) == 1:
        said = f"{spells[0][1]} in every month"
    elif len(spells) <= 4:
        said = ", ".join(f"{number} in {when}" for when, number in spells)
    else:
        said = f"{found.room[0]:g} in month 1, {found.room[-1]:g} in month {len(found.room)}"
    return f"{said} ({found.named})" if found.named else said


def runs(marks: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Return spells of months [month] with the same mark: "months 3 to 7", and the mark."""
    spells: list[tuple[int, int, str]] = []
    for month, mark in marks:
        if spells and spells[-1][2] == mark and spells[-1][1] == month - 1:
            spells[-1] = (spells[-1][0], month, mark)
        else:
            spells.append((month, month, mark))
    return [(f"month {first}" if first == last else f"months {first} to {last}", mark) for first, last, mark in spells]


def money(plan: Plan, credit: CreditPlan) -> list[tuple[str, str]]:
    """Return the money side: what each thing costs or saves, over the paths."""
    found = credit.money
    rows = [
        *((said, getattr(found, name)) for name, said in phrases.MONEY.items()),
        ("result in money; below 0 = it costs", found.result),
        ("the dearest month", found.worst_month),
    ]
    said = [(name, amounts(value, plan.currency)) for name, value in rows if value != Quantiles(0, 0, 0)]
    share = found.break_even_displaced
    if share.p50 is not None:
        said.append(("it pays while at most so many would have paid money", f"{shares(share)} of the accounts"))
    return said


def variants(found: WayOut, currency: str) -> list[tuple[str, str]]:
    """Return what becomes of the members in each way of leaving the network."""
    names = {"convert": "if members may change over to money", "end": "if memberships end"}
    rows = []
    for variant in found.variants:
        kept = f"{span(variant.members_kept)} stay, {span(variant.members_lost)} are lost"
        income = amounts(variant.income_kept, currency)
        rows.append((names.get(variant.name, variant.name), f"{kept}; income kept {income} a month"))
    return rows


def review(credit: CreditPlan) -> list[str]:
    """Return what the review is expected to find, and how it would go on."""
    found = credit.review
    expected = f"{span(found.accounts)} accounts, {span(found.hours_bought)} hours bought"
    said = [f"Expected in month {span(found.month)}: {expected}, {shares(found.idle_share)} of the credit unspent."]
    for missed in found.missed:
        name = phrases.review_rule(missed.threshold, missed.asked)
        said.append(f"{phrases.upper(name)}: missed in {phrases.cases(missed.share)}.")
    verdicts = (("go on", found.go_on), ("hold", found.hold), ("stop", found.stop))
    verdict = ", ".join(f"{name} in {phrases.cases(share)}" for name, share in verdicts if share > 0)
    return [*said, f"By this rule: {verdict}."] if found.missed else said


def span(found: Quantiles | Months) -> str:
    """Return what 8 of 10 cases give."""
    if found.p10 is None:
        return "never"
    if found.p90 is None:
        return f"{phrases.number(found.p10)} or more"
    if found.p10 == found.p90:
        return phrases.number(found.p10)
    return f"{phrases.number(found.p10)} to {phrases.number(found.p90)}"


def shares(found: Quantiles) -> str:
    """Return the same for a share, in per cent."""
    per_cent = (None if value is None else 100 * value for value in (found.p10, found.p50, found.p90))
    return f"{span(Quantiles(*per_cent))} %"


def amounts(found: Quantiles, unit: str) -> str:
    """Return the same for an amount."""
    if found.p10 is None or found.p90 is None:
        return span(found)
    # what is uncertain by many units is not said in hundredths
    grain = 100 if max(abs(found.p10), abs(found.p90)) >= 1000 else 1
    ends = [Amount(grain * round(value / grain), unit) for value in (found.p10, found.p90)]
    low, high = (str(end).split(" ", 1)[0].removesuffix(".00") for end in ends)
    said = f"{low} {unit}" if low == high else f"{low} to {high} {unit}"
    return said.replace("-", "\N{MINUS SIGN}")


def cost(result: Quantiles, currency: str) -> str:
    """Return what comes of it in money, in words: what it costs, brings, or either."""
    if result.p10 is None or result.p90 is None or result == Quantiles(0, 0, 0):
        return "nothing changes"
    if result.p90 <= 0:
        return f"it costs {amounts(Quantiles(-result.p90, None, -result.p10), currency)}"
    if result.p10 >= 0:
        return f"it brings {amounts(result, currency)}"
    lost = amounts(Quantiles(-result.p10, None, -result.p10), currency)
    return f"it may cost up to {lost} or bring up to {amounts(Quantiles(result.p90, None, result.p90), currency)}"


def waited(found: Months, last: int) -> str:
    """Return after how many months [month] something comes, and in how many cases it ever does within a horizon."""
    chance = f"in {phrases.cases(found.probability_within_horizon)} within {last} months"
    if found.probability_within_horizon < 0.005:
        chance = f"not within {last} months"
    return chance if found.p10 is None else f"{span(found)} months; {chance}"


def wait(found: Months) -> str:
    """Return in which month [month] something comes at the earliest, and in how many of 100 cases it ever does."""
    chance = f"{100 * found.probability_within_horizon:.0f} in 100 get there"
    if found.p10 is None:
        return chance if found.probability_within_horizon >= 0.005 else "hardly ever"
    return f"month {found.p10} at the earliest; {chance}" if found.p10 != found.p90 else f"month {found.p10}; {chance}"
