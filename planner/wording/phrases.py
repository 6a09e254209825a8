"""Measures, times and resources in the plain words that the gate, the report and the refusals share; stdlib only."""

import re
from collections.abc import Mapping, Sequence

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

UNITS = {"rooms": "rooms", "users": "users", "streams": "streams", "egress": "Mbit/s", "load": "load"}
"""The unit of each resource in words."""


def when(five_minutes: int) -> str:
    """Return the time of the week of a 5-minute bin in words."""
    day, rest = divmod(five_minutes % 2016, 288)
    return f"{DAYS[day]} {rest // 12:02d}:{rest % 12 * 5:02d}"


def number(value: float) -> str:
    """Return a number with two significant digits, or all digits of a number of three digits and more."""
    if value == 0:
        return "0"
    if abs(value) >= 99.5:
        return f"{value:,.0f}"
    if abs(value) < 1e-4:
        return "under 0.0001" if value > 0 else f"{value:.1e}"
    return f"{value:.2g}"


def share(value: float) -> str:
    """Return a share [-] in per cent."""
    return f"{number(100 * value)} %"


def is_share(resource: str, limit: float) -> bool:
    """Return whether an amount of a resource is a share of the CPU, which is said in per cent."""
    # a scenario's load is in per cent or in a balancer's own number, whose limit is a great many times 1
    return resource == "load" and limit <= 2


def amount_of(resource: str, value: float, limit: float) -> str:
    """Return so much of a resource, without its unit but for the per cent of a share."""
    return share(value) if is_share(resource, limit) else number(value)


def measure(name: str, value: float) -> str:
    """Return the value of a measure of overload [1/month], [min/month] or [-] as a person would say it."""
    if name == "episodes":
        yearly = number(12 * value)
        return f"{yearly} overload a year" if yearly == "1" else f"{yearly} overloads a year"
    if name == "minutes":
        return f"{number(value)} overloaded minutes a month"
    if name == "any_in_week":
        return f"an overload in {share(value)} of weeks"
    return f"an overload {share(value)} of the time at the busiest instant"


def counted_risk(value: float, measure: str) -> str:
    """Return a measure of overload as the bare number that people count: a year, a month, or in per cent."""
    return number(value * {"episodes": 12.0, "minutes": 1.0}.get(measure, 100.0))


def of_hundred(promised: float) -> str:
    """Return a share that is promised [-] in cases of 100, all its digits: a promise of 99.95 is none of 100."""
    return f"{100 * promised:.12g}"


def objective(name: str, at_most: float, confidence: float) -> str:
    """Return an objective as a person would say it."""
    return f"at most {measure(name, at_most)}, in {of_hundred(confidence)} of 100 cases"


def accounts(count: int) -> str:
    """Return a number of accounts [account] in words."""
    return f"{count:,} account" if count == 1 else f"{count:,} accounts"


def allowed(count: int | None, none: str = "no limit") -> str:
    """Return how many accounts [account] there may be, as it stands in a table; None = any number."""
    return none if count is None else f"{count:,}"


def month(number: int | None, last: int) -> str:
    """Return in which month something comes, as it stands in a table; None = later than the last."""
    return f"over {last}" if number is None else f"{number}"


_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def counted(count: int) -> str:
    """Return a number in a sentence: a word up to twelve."""
    return _COUNTED[count] if count < len(_COUNTED) else f"{count:,}"


def cases(share: float) -> str:
    """Return a share [-] of the cases in words."""
    of_hundred = round(100 * share)
    if of_hundred == 0:
        return "hardly any case" if share > 0 else "no case"
    if of_hundred == 100:
        return "nearly every case" if share < 1 else "every case"
    return f"{of_hundred} of 100 cases"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Return parts as a list in a sentence."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


_PER = {"week": "a week", "month": "a month", "year": "a year", "h": "an hour", "invoice": "an invoice"}


def spoken(amount: str) -> str:
    """Return an amount as a person would say it: "16 h/month" is 16 hours a month, "9 GBP/h" 9 GBP an hour."""
    number, *per = re.sub(r"(?<=\d) h\b", " hours", amount).split("/")
    number = re.sub(r"^((?!1 )[\d.,]+ account)$", r"\1s", number)
    if not set(per) <= {*_PER, "account"}:
        return amount
    return re.sub(r"^1 hours\b", "1 hour", " ".join([number, *(_PER.get(each, f"an {each}") for each in per)]))


def ends(low: str, high: str) -> str:
    """Return a range, the unit said once if it is the same."""
    unit, other = (end.lstrip("0123456789.,") for end in (low, high))
    return f"{low.removesuffix(unit) if unit == other else low} to {high}"


def unit_once(text: str) -> str:
    """Return text in which a range in brackets says its unit once: "2/week (1 to 4/week)"."""
    return re.sub(r"\(([\d.,]+)(\D+?) to ([\d.,]+)\2\)", r"(\1 to \3\2)", text)


def rounded(text: str) -> str:
    """Return text in which a range says its unit once, and no number more than three digits behind a point."""
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.3g}", unit_once(text))


CAN_TAKE = {
    "users": ("how many people", "{node}", "take at once"),
    "rooms": ("how many meetings", "{node}", "take at once"),
    "streams": ("how many cameras and screens", "{node}", "carry at once"),
    "egress": ("how much", "the line of {node}", "carry"),
    "load": ("how much", "the processor of {node}", "take"),
}


_BEARS = {
    "users": "{node} can take",
    "rooms": "{node} can take the meetings of",
    "streams": "{node} can carry the cameras and screens of",
    "egress": "the line of {node} can carry",
    "load": "the processor of {node} can carry",
}


def bears(resource: str, node: str) -> str:
    """Return what a server has to bear, as part of a sentence that goes on with whose it is."""
    return _BEARS[resource].format(node=node)


def can_it_take(resource: str, node: str) -> str:
    """Return the question that a server's limit answers."""
    what, who, does = CAN_TAKE[resource]
    return f"{what} can {who.format(node=node)} {does}?"


MONEY = {
    "vat": "tax on credit income",
    "per_account": "cost of the accounts",
    "next_node": "more servers",
    "displaced": "fees of those who would have paid money",
    "bills_saved": "bills that suppliers took in credit",
}
"""What new accounts cost in money, and what they save."""


def upper(words: str) -> str:
    """Return words as they begin a sentence."""
    return words[:1].upper() + words[1:]


def in_months(count: float) -> str:
    """Return a number of months [month] in words."""
    return f"{count:.0f} month" if round(count) == 1 else f"{count:.0f} months"


_LIMITS = {
    "policy": "the pilot's own cap",
    "spendability": "credit that can be spent",
    "balance": "the network's balance cap",
    "labour": "volunteer hours",
    "cash": "money set aside",
    "market": "businesses that would join",
    "offer": "the number on offer",
    "pause": "the pause in sales",
}


def limit(name: str) -> str:
    """Return what a limit or a resource is called, wherever it is."""
    return _LIMITS.get(name, name)


RULES = {
    "hours_bought": ("at least {} bought", "hour"),
    "months_since_purchase": ("a purchase in the last {}", "month"),
    "idle_share": ("at most {} of the credit received still unspent", "%"),
    "episodes": ("at most {}", "overload"),
    "volunteer_hours": ("at most {} a month", "volunteer hour"),
}
"""What the review may ask, by its name in the scenario: the rule, and what it counts."""


def review_rule(threshold: str, asked: float) -> str:
    """Return a rule of the review as a person would say it; what is asked is in its own unit [h], [month] or [-]."""
    says, thing = RULES[threshold]
    return says.format(share(asked) if thing == "%" else f"{number(asked)} {thing}{'' if asked == 1 else 's'}")


def options(on: Mapping[str, float]) -> tuple[str, ...]:
    """Return in words what is switched on of the things that only the simulation holds."""
    said = []
    if on["fixed_weekly"] > 0.0:
        said.append(f"{share(on['fixed_weekly'])} of the meetings in the same slot each week")
    if on["surge"] != 1.0:
        times = "twice" if on["surge"] == 2.0 else f"{on['surge']:g} times"
        said.append(f"every account {times} as busy on {DAYS[int(on['surge_day'])]}s")
    if on["late"] > 0.0:
        said.append(f"{share(on['late'])} of the viewers up to {60 * on['late_by']:g} min late")
    return tuple(said)
