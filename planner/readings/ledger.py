"""The network's statement: fees that came in or were refused, credit spent, hours bought; no names, no notes."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from planner.model.inputs.observations import REFERENCE, Posting
from planner.readings.tables import BadLine, Row, rows

KINDS: dict[str, Literal["fee", "spent", "refused", "charge"]] = {
    "fee": "fee",
    "spent": "spent",
    "refused": "refused",
    "charge": "charge",
}
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_HOURS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class Statement:
    """The postings, by date, and the lines that are not understood."""

    postings: tuple[Posting, ...]
    bad: tuple[BadLine, ...]


def statement(body: bytes) -> Statement:
    """Return the postings in a CSV or XLSX with the columns date, kind and amount; hours and account if there."""
    found: list[Posting] = []
    bad: list[BadLine] = []
    for row in rows(body, ("date", "kind", "amount"), ("hours", "account")):
        if isinstance(row, BadLine):
            bad.append(row)
        elif isinstance(one := _posting(row), Posting):
            found.append(one)
        else:
            bad.append(BadLine(row.line, one))
    return Statement(tuple(sorted(found, key=lambda one: one.on)), tuple(bad))


def _posting(row: Row) -> Posting | str:
    """Return what a line says, or what is wrong with it."""
    cells = row.cells
    try:
        on = date.fromisoformat(cells["date"])
    except ValueError:
        return "date: wanted a date such as 2021-05-04"
    kind = KINDS.get(cells["kind"].lower())
    if kind is None:
        return f"kind: wanted {', '.join(KINDS)}"
    if not _AMOUNT.fullmatch(cells["amount"]):
        return "amount: wanted a number such as 9.00, without sign or unit"
    whole, _, cents = cells["amount"].partition(".")
    amount = int(whole) * 100 + int(cents.ljust(2, "0"))
    if amount == 0:
        return "amount: it is 0"
    if cells["hours"] and kind != "spent":
        return "hours: only what was spent buys hours"
    if cells["hours"] and not _HOURS.fullmatch(cells["hours"]):
        return "hours: wanted a number such as 4 or 2.5"
    if cells["account"] and not REFERENCE.fullmatch(cells["account"]):
        return "account: wanted a reference such as ocn-003"
    return Posting(on, kind, amount, float(cells["hours"]) if cells["hours"] else None, cells["account"] or None)
