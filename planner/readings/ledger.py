"""The network's statement: fees that came in or were refused, credit spent, hours bought; no names, no notes."""

import re
from typing import Literal

from planner.model.inputs.observations import Posting
from planner.readings import ReadingError
from planner.readings.tables import Parsed, Row, parsed

KINDS: tuple[Literal["fee", "spent", "refused", "charge"], ...] = ("fee", "spent", "refused", "charge")
"""A fee that came in, credit paid out, a fee that the network refused, what the network keeps."""
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_HOURS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,4})?")


def statement(body: bytes) -> Parsed[Posting]:
    """Return the postings, by date, in a CSV or XLSX with date, kind and amount; hours and account if there."""
    found = parsed(body, ("date", "kind", "amount"), ("hours", "account"), _posting)
    return Parsed(tuple(sorted(found.rows, key=lambda posting: posting.on)), found.bad)


def _posting(row: Row) -> Posting:
    """Return what a line says; the amount in hundredths of the network's unit."""
    cells, on = row.cells, row.day("date")
    if on is None:
        raise ReadingError("date: wanted a date such as 2021-05-04")
    kind = next((kind for kind in KINDS if kind == cells["kind"].lower()), None)
    if kind is None:
        raise ReadingError(f"kind: wanted {', '.join(KINDS)}")
    if not _AMOUNT.fullmatch(cells["amount"]):
        raise ReadingError("amount: wanted a number such as 9.00, without sign or unit")
    whole, _, cents = cells["amount"].partition(".")
    amount = int(whole) * 100 + int(cents.ljust(2, "0"))
    if amount == 0:
        raise ReadingError("amount: it is 0")
    if cells["hours"] and kind != "spent":
        raise ReadingError("hours: only what was spent buys hours")
    if cells["hours"] and not _HOURS.fullmatch(cells["hours"]):
        raise ReadingError("hours: wanted a number such as 4 or 2.5")
    return Posting(on, kind, amount, float(cells["hours"]) if cells["hours"] else None, row.account())
