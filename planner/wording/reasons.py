"""Why a limit allows what it allows, and what would allow more: the sentences that people read."""

from collections.abc import Callable, Mapping
from typing import Any

from planner.model.limit import Limit
from planner.wording import phrases
from planner.wording.names import KEYS, Names

About = Mapping[str, Any]


def why(limit: Limit, names: Names = KEYS) -> str:
    """Return why a limit allows so many accounts."""
    named = names.of(limit)
    return _said(_REASONS[named.reason.kind], named, named.reason.about)


def would_allow(limit: Limit, names: Names = KEYS) -> str | None:
    """Return what would allow more, to end "they could come if …"; None = nothing that the planner knows of."""
    lever = limit.yes_if
    return None if lever is None else _said(_LEVERS[lever.kind], names.of(limit), lever.about)


def would_change(limit: Limit, names: Names) -> str:
    """Return what would have to change for a limit to allow more, to stand in "all of these would have to change"."""
    lever, name = limit.yes_if, names.limit(limit.limit, limit.node)
    if lever is None or lever.kind not in _CHANGES:
        return name
    return f"{name} ({_said(_CHANGES[lever.kind], limit, lever.about)})"


def size(resource: str, limit: float, reserve: float = 0.0) -> str:
    """Return a limit as a person would say it."""
    text = f"{phrases.amount_of(resource, limit, limit)} {phrases.UNITS[resource]}"
    return f"{text} of which {phrases.amount_of(resource, reserve, limit)} are kept free" if reserve else text


def both_numbers(number: int | None, central: int | None, confidence: float) -> str:
    """Return both numbers of a limit [account] in words."""
    nominal, sure = ("no limit" if n is None else phrases.accounts(n) for n in (central, number))
    right = f"to be right in {phrases.of_hundred(confidence)} of 100 cases"
    if nominal == sure:
        return f"{sure}, both if everything is as we think and {right}"
    return f"{nominal} if everything is as we think, {sure} {right}"


def money(minor: float) -> str:
    """Return minor units [minor] as a person writes them."""
    return f"{minor / 100:,.2f}"


def _where(limit: Limit, about: About) -> str:
    return f"{size(limit.limit, about['limit'], about['reserve'])} on {limit.node}"


def _wanted(about: About) -> str:
    return phrases.objective(about["measure"], about["at_most"], about["confidence"])


def _unreached(limit: Limit, about: About) -> str:
    now = phrases.measure(about["measure"], about["now"])
    return f"{_where(limit, about)}: none of the new accounts come here; {now} now"


def _already_over(limit: Limit, about: About) -> str:
    now = phrases.measure(about["measure"], about["now"])
    worst = f"in the worst {phrases.of_hundred(1.0 - about['confidence'])} of 100 cases"
    promised = phrases.measure(about["measure"], about["at_most"])
    return f"{_where(limit, about)}: already too full with nobody new; {worst} {now} or more, promised {promised}"


def _server(limit: Limit, about: About) -> str:
    numbers = both_numbers(limit.max_accounts, limit.central, about["confidence"])
    now, offered = (phrases.measure(about["measure"], about[name]) for name in ("now", "with_offer"))
    return (
        f"{_where(limit, about)}: {numbers}; {now} now and {offered} with {phrases.accounts(about['accounts'])}, "
        f"against {_wanted(about)}; most of it on {phrases.when(about['when'])}"
    )


def _simulated(limit: Limit, about: About) -> str:
    """Return the simulation's numbers, how sure they are, and what the formulas say that leave something out."""
    where = _where(limit, about) + (", with the balancer as it is" if about["balancer"] else "")
    over = " (not even with the members alone)" if about["already_over"] else ""
    formulas = ""
    if about["pool"] is None:  # those of a pool stand in a table of their own
        sure, nominal = about["closed_form"]
        formulas = f"; the formulas, without that, say {_or_any(nominal)} and {_or_any(sure)}"
    has = "".join(f", {said}" for said in phrases.options(about["options"]))
    numbers = both_numbers(limit.max_accounts, limit.central, about["confidence"])
    unasked = ", not looked at more closely because another limit allows less" if about.get("unasked") else ""
    simulated = f"by simulation {numbers}{over}{unasked}{_doubt(limit)}"
    return f"{where}{has}: {simulated}; promised {_wanted(about)}{formulas}"


def _doubt(limit: Limit) -> str:
    """Return which larger numbers the simulation did not rule out."""
    ends = [(limit.central, limit.central_up_to), (limit.max_accounts, limit.up_to)]
    ends = [(low, high) for low, high in dict.fromkeys(ends) if low is not None and (high is None or high > low)]
    said = [f"{low:,} or more" if high is None else f"{low:,} to {high:,}" for low, high in ends]
    return f"; {'they' if len(said) > 1 else 'it'} could be {' and '.join(said)}; the smaller counts" if said else ""


def _or_any(number: int | None) -> str:
    return "any number" if number is None else f"{number:,}"


def _balance(limit: Limit, about: About) -> str:
    said = (
        "the network refuses a payment that would lift the balance above {largest} {unit}, and at most {lost_at_most} "
        "of the fees may be lost to that within {months} months: {both}"
    )
    if limit.max_accounts is None or limit.central is None:
        said += " ({tried} tried)"
    if about["close"] or about["close_central"]:
        which = "the one at the confidence" if about["close"] else "the one for what we think"
        which = "both numbers" if about["close"] and about["close_central"] else which
        said += f"; {which} is a close call: it may be one account more or fewer"
    if about["block"] > about["largest"]:
        said += "; the block wanted costs {block} {unit} and can never be bought in one piece"
    return _said(said, limit, about)


def _labour(limit: Limit, about: About) -> str:
    said = (
        "each account takes {monthly} h a month and {setup} h to set up, and the month's invoices {batch} h; "
        "volunteers have {available} h a month: {both}"
    )
    if about["stops"] is not None:
        said += "; from month {stops} the volunteer stops and somebody else must take these hours over"
    return _said(said, limit, about)


def _market(_limit: Limit, about: About) -> str:
    low, high = _or_any(about["low"]), _or_any(about["high"])
    return f"{about['network']} is expected to bring {low} to {high}"


def _limit_of(limit: Limit, about: About) -> str:
    """Return that a server's limit were known to be higher."""
    whose = "every node of the pool" if about["pooled"] else limit.node
    return f"the {limit.limit} limit of {whose} were known to be {_higher(limit, about)}"


def _higher(limit: Limit, about: About) -> str:
    """Return how high a limit would have to be, where that was worked out."""
    return "higher" if about["least"] is None else f"at least {size(limit.limit, about['least'])}"


Sentence = str | Callable[[Limit, About], str]
"""With the names of what the reason is about in braces; {both} stands for both numbers of the limit."""
_REASONS: dict[str, Sentence] = {
    "none come": _unreached,
    "already over": _already_over,
    "server": _server,
    "simulated": _simulated,
    "cap": "the pilot is capped at {cap}; levels that may be bought: {levels}",
    "no cap": "no cap is set; levels that may be bought: {levels}",
    "spendability": (
        "the {accounts} asked for bring {fees} {unit} a month; "
        "sellers and suppliers take {taken} {unit} a month: {both}"
    ),
    "balance": _balance,
    "no largest balance": "the network sets no largest balance",
    "labour": _labour,
    "cash": "{set_aside} a month are set aside in money for what new accounts cost in money: {both}",
    "market": _market,
}
_LEVERS: dict[str, Sentence] = {
    "higher limit": _limit_of,
    "smaller meetings": (
        "the accounts there were known to hold fewer or smaller meetings: no higher limit would do alone"
    ),
    "cap raised": "the meeting raised the cap",
    "sellers": "sellers were known to take at least {fees} {unit} a month",
    "balance raised": "the network raised the largest balance, or the credit were spent sooner, in smaller jobs",
    "hours": "the volunteers were known to have at least {hours} h a month",
    "money": "at least {money} a month were set aside in money",
}
_CHANGES: dict[str, Sentence] = {
    "higher limit": lambda limit, about: f"its limit known to be {_higher(limit, about)}",
    "smaller meetings": "fewer or smaller meetings of the accounts there",
    "cap raised": "raised by the meeting",
    "sellers": "sellers known to take at least {fees} {unit} a month",
    "balance raised": "raised, or the credit spent sooner, in smaller jobs",
    "hours": "known to be at least {hours} h a month",
    "money": "at least {money} a month set aside",
}
_WORDS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("fees", "taken", "money", "largest", "block", "set_aside"), money),
    **dict.fromkeys(("hours", "monthly", "setup", "batch", "available"), phrases.number),
    **dict.fromkeys(("accounts", "cap", "tried"), phrases.accounts),
    "lost_at_most": phrases.share,
    "levels": ", ".join,
}
"""How what a reason is about is said, by its name; anything else as it is."""


def _said(sentence: Sentence, limit: Limit, about: About) -> str:
    if not isinstance(sentence, str):
        return sentence(limit, about)
    words = {name: _WORDS.get(name, str)(value) for name, value in about.items() if value is not None}
    if "confidence" in about:
        words["both"] = both_numbers(limit.max_accounts, limit.central, about["confidence"])
    return sentence.format_map(words)
