"""The terms of reports and code, each once: docs/glossary.md shows all of them, the report those that it uses."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Term(NamedTuple):
    """A term."""

    name: str
    meaning: str
    """In one or two plain sentences, for a member."""
    in_code: str


REPORTED = (
    Term(
        "Account", "One membership that pays in credit. One account may bring many people to a meeting.", "`accounts`"
    ),
    Term(
        "Room, user", "A room is one meeting in progress; a user is one person in it.", "`Resource`: `rooms`, `users`"
    ),
    Term("Node", "One server that meetings run on.", "`Node`"),
    Term(
        "Limit, kept free",
        "What a node may carry at once, and the part of it that stays free for the co-op's own calls.",
        "`Node.limits`, `Node.headroom`",
    ),
    Term(
        "Overload",
        "A time in which a node holds more than its limit less what is kept free. “One overload a year” counts how "
        "often that begins.",
        "`Measures`, `episodes`",
    ),
    Term("First to say no", "The limit that allows the fewest further accounts.", "`Admission.binding`"),
    Term("As we think", "Each input at its stated value, none at an end of its range.", "`central`"),
    Term(
        "{confidence} confidence",
        "Holds in {confidence} of the cases, in each of which every uncertain input is drawn from its range.",
        "`confidence`",
    ),
    Term("Experience", "What people have seen without logs. Cases in which it is likely count more.", "`evidence`"),
    Term(
        "On paper",
        "The plain sum: everyone pays from the first month, nobody leaves, a seller is always there.",
        "`credit.arithmetic`",
    ),
    Term(
        "With the usual delays",
        "With a slow start, people leaving, late and missing payments, sellers who are busy, and the network's cap.",
        "`credit.simulate`",
    ),
    Term(
        "Cap of a network",
        "The largest balance it lets a member hold. A payment that would pass it is refused whole.",
        "`largest_balance`",
    ),
    Term(
        "Credit",
        "The unit of a mutual-credit network. It is not money, and the two are never added.",
        "minor units, `int`",
    ),
)
"""Those that the report uses, in its order."""
TERMS = (
    *REPORTED,
    Term("Pool", "Several servers behind one balancer, which decides where a meeting runs.", "`Pool`"),
    Term(
        "Review",
        "The look back after some months: what was predicted, what happened, and what the agreed rule says.",
        "`pilot_review.verdict.review`",
    ),
    Term(
        "Weekly band",
        "For each hour of the week, from how little to how much a server may hold: 999 of 1,000 readings lie in it.",
        "`Week.low`, `Week.high`",
    ),
    Term("Coverage", "The share of the hours seen that lie in the weekly band.", "`Coverage`"),
    Term(
        "Randomized PIT",
        "How full each hour was beside its prediction, from 0 (as empty as can be) to 1. If the prediction is right, "
        "all values between are equally likely.",
        "`Pit`, `pit.randomized`",
    ),
    Term(
        "Learned",
        "An input's range after the history has been counted, in place of the one that was assumed.",
        "`Learned`",
    ),
    Term(
        "Check of fit",
        "Whether what was seen could come from the planner's picture of meetings at all, whatever its numbers.",
        "`goodness_of_fit`",
    ),
    Term("Objective", "How rare overloads have to be: what the co-op promises its members.", "`Objective`"),
    Term("Offered load", "How many meetings are in progress on average at a time of the week.", "`offered_load`"),
    Term("Case", "One way things may be: each uncertain input takes one value from its range.", "`draws`, `paths`"),
    Term("Block", "The hours that are bought in one piece once enough credit has been saved.", "`purchases.block`"),
    Term("Register", "The list of accounts that have been admitted, which only grows.", "`store.register`"),
    Term("Reading", "What the servers hold at one moment.", "`Reading`"),
    Term("Gate", "The check before each new account: admit, hold or unknown.", "`gate.decide`"),
)


def for_report(confidence: str) -> Iterator[tuple[str, str]]:
    """Yield the terms that the report uses, and what they mean."""
    for term in REPORTED:
        yield term.name.format(confidence=confidence), term.meaning.format(confidence=confidence)


def chosen(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield some terms by name, and what they mean."""
    known = {term.name: term.meaning for term in TERMS}
    for name in names:
        yield name, known[name]


def table() -> str:
    """Return all terms as the table of docs/glossary.md, in the order of the alphabet."""
    rows = [(term.name, term.meaning, term.in_code) for term in TERMS]
    said = [
        " | ".join(row).format(confidence="90 %") for row in sorted(rows, key=lambda row: row[0].strip("{").lower())
    ]
    return "\n".join(["| term | what it means | in the code |", "|---|---|---|", *(f"| {row} |" for row in said)])
