"""The questions of the thread, each answered in a sentence with its number from this plan."""

from collections.abc import Callable
from dataclasses import dataclass

from planner.model.credit.summary import Quantiles
from planner.model.inputs.credit import Policy
from planner.planning import Assumption, Plan
from planner.report import networks, servers
from planner.report.answer import horizon
from planner.wording import phrases
from planner.wording.phrases import cases, listed

DISCUSSED = (1, 2, 5, 10, 55)
"""Numbers of accounts of the discussion [account]."""
LISTED = 4
"""So many rates of exchange stand in a sentence."""
_POLICIES: dict[Policy, str] = {
    "save_up": "if saved for the whole block",
    "save_up_to_cap": "if saved until the network's cap comes near",
    "whole_jobs": "if spent in small jobs",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the thread with its answer."""

    asks: str
    says: str
    chart: str
    """The chart that shows it; "" = none."""
    field: str
    """Where plan.json has it."""


def questions(plan: Plan) -> list[Question]:
    """Return the questions of the thread, each with what this plan answers."""
    return [Question(asks, say(plan), chart, field) for asks, say, chart, field in _ASKED]


def _people(plan: Plan) -> str:
    rows = [one for one in plan.servers if one.resource == "users"]
    there = _value(plan, "members.accounts")
    said = f"{there} members have an account today" if there else "Nobody has an account yet"
    said += f"; {plan.checkpoint.members} are expected by {plan.checkpoint.month}"
    if not rows:
        return f"{said}. Nobody has said yet how many people a server can take."
    most = max(rows, key=lambda one: one.load.now + one.load.added)
    now, more = (phrases.number(each) for each in (most.load.now, most.load.added))
    return (
        f"{said}. At the usual busiest time, {phrases.when(most.load.when)}, about {now} people are in meetings on "
        f"{plan.names.server(most.node)}, and the accounts on offer add {more}."
    )


def _sellers(plan: Plan) -> str:
    rows = [one for one in plan.assumptions if one.path.startswith("spending.sellers.") and one.path.endswith(".hours")]
    if not rows:
        return "Nobody is named yet: find out who sells, and how many hours a month."
    said = []
    for row in rows:
        key = row.path.split(".")[2]
        said.append(f"{plan.names.sellers.get(key, key)} for {phrases.spoken(row.value)}{_range(row)}")
    # nobody is asked by a number that is an assumption, or that names no source
    asked = any(row.source and not row.source.startswith(("assumption", "default")) for row in rows)
    return f"{'On sale' if asked else 'Nobody has promised any yet. Assumed to be on sale'}: {listed(said)}."


def _bills(plan: Plan) -> str:
    rows = [row for row in plan.assumptions if row.path.startswith("cash.exchange.") and row.source != "default"]
    bill = _value(plan, "spending.supplier.bill")
    money = plan.credit.money
    none = "No bill is named in this scenario"
    said = f"The bill named here is {phrases.spoken(bill)}" if bill else none
    if rows:
        rates = listed([f"1 {row.path.rpartition('.')[2]} as {row.value}" for row in rows[:LISTED]])
        said += f" (we take {rates})"
    pays = "; credit pays none of it" if bill and money.bills_saved == Quantiles(0, 0, 0) else ""
    result = networks.cost(money.result, plan.currency)
    return f"{said}{pays}. As for what the offer changes in money: over {horizon(plan)} months {result}."


def _volunteer(plan: Plan) -> str:
    found = plan.credit.work.hand_over
    if found is not None:
        return (
            f"From month {found.month} on somebody else must find {networks.span(found.hours)} hours a month. "
            f"If nobody does, an income of {networks.amounts(found.income, plan.credit.unit)} a month ends."
        )
    hours = networks.span(networks.busiest_month(plan.credit.work))
    needed = f"Somebody else must find {hours} hours in the busiest month, or no invoices go out."
    return f"{needed} What follows is shown once the scenario says in which month."


def _numbers(plan: Plan) -> str:
    rows = {row.accounts: row for row in plan.admission.holds}
    asked = [n for n in DISCUSSED if n in rows]
    curve = dict(zip(plan.credit.months.accounts, plan.credit.months.central, strict=True))
    last = horizon(plan)
    said = []
    if asked:
        first, *more = asked
        cope = [
            f"with {first} in {cases(rows[first].share)}",
            *(f"with {n} in {100 * rows[n].share:.0f}" for n in more),
        ]
        said.append(f"The servers cope {listed(cope)}.")
    if there := [n for n in DISCUSSED if n in curve]:
        done = [(n, curve[n]) for n in there if curve[n] is not None]
        paper = listed([f"{n} after {phrases.in_months(months or 0)}" for n, months in done])
        late = listed([f"{n}" for n in there if curve[n] is None], "or")
        paper = f"On paper the hours are earned with {paper}" if done else "On paper the hours are never earned"
        said.append(f"{paper}{f'; with {late} not within {last} months' if late else ''}.")
    return " ".join(said) or "This plan cannot say: it looked at no other numbers."


def _higher(plan: Plan) -> str:
    rows = [row for row in plan.options if row.varies == "level"]
    if not rows:
        return "Not in this scenario: no level costs more than those on offer."
    said = []
    for row in rows:
        level, last = row.name.partition(", all ")[2], horizon(plan)
        months = f"over {last} months" if row.months_to_afford is None else phrases.in_months(row.months_to_afford)
        said.append(f"at {level} bring {row.income_per_month} a month, and on paper the hours after {months}")
    many = phrases.accounts(plan.offered)
    first = "They may meet more often or with more people: make a plan of them before offering any."
    return f"{many} {'; '.join(said)}. {first}"


def _cheaper(plan: Plan) -> str:
    said = []
    if swing := next(
        (one for one in plan.swings if one.path == "spending.hourly_rate" and one.answer == "months_to_afford"), None
    ):
        ends = [
            f"{'not within' if at is None else 'after'} {phrases.in_months(horizon(plan) if at is None else at)} "
            f"at {phrases.spoken(value)}"
            for value, at in ((swing.low_value, swing.at_low), (swing.high_value, swing.at_high))
        ]
        said.append(f"If all else is as we think, the hours are usually earned {' and '.join(ends)}.")
    if plan.credit.policies:
        bought = listed([f"{_hours(one.hours)} {_POLICIES[one.policy]}" for one in plan.credit.policies])
        said.append(f"If all were there from month 1, their credit of {horizon(plan)} months would buy {bought}.")
    return " ".join(said) or "This plan cannot say: it looked at no other way to spend."


def _reciprocal(plan: Plan) -> str:
    netted = plan.credit.rules.netted
    if not netted.p90:
        return "Not in this scenario: it is shown once a seller has a membership of its own."
    return f"The seller gives {_hours(netted)} within {horizon(plan)} months for its own fees, and no credit moves."


def _host(plan: Plan) -> str:
    saved = plan.credit.money.bills_saved
    if saved == Quantiles(0, 0, 0):
        return "Not in this scenario, for no supplier has agreed to it yet."
    amount = networks.amounts(saved, plan.currency)
    return f"Suppliers take credit for bills of {amount} over {horizon(plan)} months, if they confirm it."


def _review(plan: Plan) -> str:
    when, found = plan.checkpoint, plan.credit.review
    first = f"when account {when.at_accounts} is admitted, or " if when.at_accounts is not None else ""
    said = f"The review comes {first}after {phrases.in_months(when.after)} ({when.month})."
    rules = [
        f"{phrases.review_rule(one.threshold, one.asked)}: "
        + ("cannot be met" if one.never_met else f"met in {cases(1 - one.share)}")
        for one in found.missed
    ]
    # the credit knows nothing of the servers
    rules += [f"{each}: the readings will tell" for each in when.asks if each.rstrip("s").endswith("overload")]
    return f"{said} Its {'rule' if len(rules) == 1 else 'rules'}: {'; '.join(rules)}." if rules else said


def _double(plan: Plan) -> str:
    there = _value(plan, "members.accounts").split()
    members = round(float(there[0].replace(",", ""))) if there else 0
    row = next((one for one in plan.admission.holds if one.accounts == members and members), None)
    if row is None:
        nobody = "nobody is a member yet" if not members else "the servers were simulated with the offer only"
        return f"This plan cannot say: {nobody}."
    none = f"{100 * plan.admission.holds[0].share:.0f}"
    many = f"{members} more, of the kind on offer"
    return f"With {many}, the servers cope in {cases(row.share)}; without any, in {none}."


_ASKED: tuple[tuple[str, Callable[[Plan], str], str, str], ...] = (
    ("How many people?", _people, "week", "load_added, checkpoint.members"),
    ("How much load, and of what?", servers.how_much, "week", "load_added"),
    ("Who sells marketing, and for how many hours?", _sellers, "hours", "assumptions"),
    ("What about bills in pounds, dollars and euro?", _bills, "money", "credit.money, assumptions"),
    ("What if the volunteer stops?", _volunteer, "", "credit.work"),
    ("1, 2, 5, 10 or 55 accounts?", _numbers, "risk", "admission.holds, credit.months"),
    ("Higher levels?", _higher, "", "options"),
    ("Cheaper sellers, or smaller jobs?", _cheaper, "hours", "swings, credit.policies"),
    ("What if a seller is a member itself?", _reciprocal, "", "credit.rules.netted"),
    ("Can the host be paid in credit?", _host, "money", "credit.money.bills_saved"),
    ("When is the review, and can its rule be met?", _review, "", "checkpoint, credit.review"),
    ("What if the members double?", _double, "risk", "admission.holds"),
)


def _value(plan: Plan, path: str) -> str:
    return next((row.value for row in plan.assumptions if row.path == path), "")


def _range(row: Assumption) -> str:
    if row.low is None or row.high is None:
        return ""
    unit = row.low.lstrip("0123456789.,")
    return f" ({row.low.removesuffix(unit)} to {row.high.removesuffix(unit)})"


def _hours(found: Quantiles) -> str:
    usual, low, high = (phrases.number(each or 0.0) for each in (found.p50, found.p10, found.p90))
    return f"{usual} hours" if low == high else f"{usual} hours ({low} to {high})"
