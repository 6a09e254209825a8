"""What was seen, what would make the answer wrong, what to find out first: sentences from the plan's numbers."""

from planner.planning import Plan, Swing
from planner.report import figures
from planner.report.answer import LEAST, horizon
from planner.wording import phrases
from planner.wording.names import Names
from planner.wording.phrases import listed, upper

FACTS = {
    "experience.talk": "the hours that members' users spend in meetings",
    "experience.most_users": "the most users at once in half a year",
    "experience.overloads": "how often a server was overloaded in a year",
}
FOUND_OUT = 3
"""So many facts stand in a list."""
LISTED = 4
"""So many inputs stand in one sentence."""


def wrong(plan: Plan) -> list[str]:
    """Return what would make the answer wrong, the inputs that alone would turn it first."""
    said = [*_turns_admission(plan), *_turns_months(plan)]
    if plan.growth is not None:
        limit = plan.names.limit(plan.growth.resource, plan.growth.node)
        when = f"in month {plan.growth.month}" if plan.growth.month else "already"
        said.append(f"If the members grow as we think and nobody new is admitted, {limit} is too full {when}.")
    broken = 1 - plan.admission.all_hold
    if broken > 0.0005:
        said.append(
            f"With the servers that the accounts do not use, some server gets too full in {phrases.cases(broken)}."
        )
    ranged = [row for row in plan.assumptions if row.low is not None]
    guessed = sum(row.source.strip().lower().startswith(("assumption", "default")) or not row.source for row in ranged)
    if guessed:
        said.append(f"{guessed} of the {len(ranged)} inputs with a range rest on no source but our own judgement.")
    return [*(f"{upper(warning)}." for warning in plan.warnings), *said]


def measure_first(plan: Plan) -> list[str]:
    """Return the inputs worth measuring first: those that move each answer most, each input once."""
    groups = figures.by_answer(plan)
    paths = [swing.path for group in groups for swing in group[:2]]
    return [moves(plan, path) for path in dict.fromkeys(paths)][:4]


End = tuple[str, str]
"""An input by its path, and the value it is known to have."""


def _turns_admission(plan: Plan) -> list[str]:
    """Return which inputs, each known at one end of its range, would turn the first answer."""
    rows = [row for row in plan.swings if row.answer == "admission"]
    most = plan.admission.max_accounts
    if not rows and any(row.answer == "risk" for row in plan.swings) and most is not None and most < plan.offered:
        return ["No single input, known at either end of its range, makes room: only several together would."]
    fewer: list[tuple[End, float]] = []
    enough: list[End] = []
    for row in rows:
        now = plan.offered if row.central is None else row.central
        for value, at in ((row.low_value, row.at_low), (row.high_value, row.at_high)):
            if at is not None and at < plan.offered <= now:
                fewer.append(((row.path, value), at))
            if (at is None or at >= plan.offered) and now < plan.offered:
                enough.append((row.path, value))
    said = []
    if fewer:
        ends = listed([f"{round(at)} with {_end(end, plan.names)}" for end, at in fewer[:LISTED]], "or")
        said.append(f"There is room for fewer than the {plan.offered:,} on offer if one of these is so: {ends}.")
    if enough:
        ends = listed([_end(end, plan.names) for end in enough[:LISTED]], "or")
        said.append(f"The servers have room for all {plan.offered:,} on offer if {_so(enough)}: {ends}.")
    return said


def _turns_months(plan: Plan) -> list[str]:
    """Return which inputs, each known at one end of its range, would put the hours beyond the horizon."""
    late: dict[str, list[End]] = {"months_to_afford": [], "months_to_buy": []}
    for row in plan.swings:
        if row.answer in late and row.central is not None:
            known = ((row.low_value, row.at_low), (row.high_value, row.at_high))
            late[row.answer] += [(row.path, value) for value, at in known if at is None]
    earned, bought = late["months_to_afford"], late["months_to_buy"]
    both = [end for end in bought if end in earned]
    said = []
    for how, ends in (
        ("neither earned nor bought", both),
        ("not bought", [end for end in bought if end not in both]),
        ("not earned", [end for end in earned if end not in both]),
    ):
        if ends:
            these = listed([_end(end, plan.names) for end in ends[:LISTED]], "or")
            said.append(f"The hours are {how} within {horizon(plan)} months if {_so(ends)}: {these}.")
    return said


def _so(ends: list[End]) -> str:
    return "one of these is so" if len(ends) > 1 else "this is so"


def _end(end: End, names: Names) -> str:
    path, value = end
    return f"{names.topic(path)} at {phrases.spoken(value)}"


def moves(plan: Plan, path: str) -> str:
    """Return what each answer becomes if an input is known to be its low, and its high."""
    return f"{upper(plan.names.topic(path))}: {moved_to(plan, path)}"


def moved_to(plan: Plan, path: str) -> str:
    """Return the same without saying which input it is."""
    rows = [row for row in plan.swings if row.path == path]
    low, high = (_answers(plan, [(row, getattr(row, at)) for row in rows]) for at in ("at_low", "at_high"))
    low_value, high_value = phrases.spoken(rows[0].low_value), phrases.spoken(rows[0].high_value)
    return f"{low} if it is {low_value}; {high} if it is {high_value}."


def _answers(plan: Plan, found: list[tuple[Swing, float | None]]) -> str:
    """Return the answers at one end of an input's range, what is the same said once."""
    said = []
    for row, at in found:
        if row.answer == "admission":
            said.append(_room(None if at is None else round(at)))
        elif row.answer == "risk":
            said.append(phrases.measure(plan.measure, at or 0.0))
    months = {row.answer: at for row, at in found if row.answer.startswith("months")}
    if len(months) == 2 and len(set(months.values())) == 1:
        at = next(iter(months.values()))
        never = f"the hours neither earned nor bought within {horizon(plan)} months"
        said.append(never if at is None else f"the hours earned and bought after {phrases.in_months(at)}")
    elif months:
        # earned before bought
        each = [(at, "bought" if name == "months_to_buy" else "earned") for name, at in sorted(months.items())]
        late = f"within {horizon(plan)} months"
        when = [f"not {done} {late}" if at is None else f"{done} after {phrases.in_months(at)}" for at, done in each]
        said.append(f"the hours {listed(when)}")
    return ", ".join(said)


def seen(plan: Plan) -> list[str]:
    """Return what was seen, and what the answer is without it."""
    told = plan.experience
    if told is None:
        return []
    said = [f"{upper(phrases.unit_once(one.text))}." for one in told.statements]
    most, higher = plan.admission.max_accounts, told.if_peak_higher
    same, more = told.without == most, "the most people at once were really 20 % more"
    nor = f", nor would it if {more}" if higher is not None and higher == most else ""
    also = f"What was seen does not change how many accounts may come{nor}."
    said.append(also if same else f"Without what was seen there would be {_room(told.without)}.")
    if higher is not None and higher != most:
        said.append(f"{'It would' if same else 'The number changes'} if {more}: then there would be {_room(higher)}.")
    return said


def find_out(plan: Plan) -> list[str]:
    """Return what is worth finding out, the most first."""
    return [
        f"{upper(FACTS.get(row.path, plan.names.topic(row.path)))}: once that is known, "
        f"{phrases.number(row.expected_accounts)} accounts could come on average, "
        f"and the {plan.offered} on offer in {100 * row.chance_of_room:.0f} of 100 cases."
        for row in [row for row in plan.facts if row.expected_accounts >= LEAST][:FOUND_OUT]
    ]


def later(plan: Plan) -> str:
    """Return what may come after some weeks of readings."""
    if not plan.path:
        return ""
    first, *more = plan.path
    looks = [f"after {first.weeks} weeks in {100 * first.chance_of_room:.0f} of 100 cases"]
    looks += [f"after {row.weeks} in {100 * row.chance_of_room:.0f}" for row in more]
    who = phrases.accounts(plan.offered)
    return f"If the servers are read from now on, there is room for {who} {listed(looks)}."


def _room(accounts: int | None) -> str:
    return "no limit" if accounts is None else f"room for {phrases.accounts(accounts) if accounts else 'no account'}"
