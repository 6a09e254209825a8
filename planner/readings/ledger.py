"""The network's statement: fees that came in or were refused, credit spent, hours bought; no names, no notes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from planner.model.inputs.observations import Posting
from planner.readings import ReadingError
from planner.readings.clock import day
from planner.readings.delimited import Number
from planner.readings.tables import Parsed, Row, parsed

Kind = Literal["fee", "spent", "refused", "charge"]
Decimal = Literal["comma", "point", ""]
"""Which mark stands before the hundredths; "" = nobody says, so 1,234 may be either."""
KINDS: tuple[Kind, ...] = ("fee", "spent", "refused", "charge")
"""A fee that came in, credit paid out, a fee that the network refused, what the network keeps."""
_BY_SIGN: frozenset[Kind] = frozenset({"fee", "spent"})
_NAME_IT = f"name its word under {', '.join(KINDS[:-1])} or {KINDS[-1]}"
# createDoubleEntry of opencollective-api (048db8b, models/Transaction.js): who gives has that line with a minus sign
_OPEN_COLLECTIVE = (
    "amount=netAmount, kind=kind, never=isRefund, fee=CONTRIBUTION, spent=EXPENSE|CONTRIBUTION, "
    "charge=HOST_FEE|PAYMENT_PROCESSOR_FEE|PAYMENT_PROCESSOR_DISPUTE_FEE|PLATFORM_FEE|TAX"
)
FORMS = {
    # Cyclos 3.7.3: ExportTransactionsToCsvAction, and the defaults of LocalSettings
    "cyclos": "date=Date, amount=Amount, day=first, decimal=comma",
    # opencollective-rest 2.2.0: the default fields of account-transactions.ts, under their own names
    "open-collective": f"date=datetime, {_OPEN_COLLECTIVE}",
    # what its pages offer first since 2024: DEFAULT_FIELDS of lib/export-csv/transactions-csv.tsx
    "open-collective-2024": f"date=effectiveDate, {_OPEN_COLLECTIVE}",
}
"""What other software exports, as the mapping that reads it."""
_COLUMNS = ("date", "kind", "amount", "in", "out", "hours", "account", "never", "currency")
DECIMALS: tuple[Decimal, ...] = ("comma", "point")
_SETTINGS: Mapping[str, tuple[str, ...]] = {"day": ("first",), "decimal": DECIMALS}
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_HOURS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,4})?")
_GROUPS = {
    decimal: re.compile(rf"(?<=\d)[{marks}'\u2019\u00a0\u2009\u202f ](?=\d{{3}}(?!\d))")
    for decimal, marks in (("point", ","), ("comma", "."), ("", ""))
}
_SWAPPED = str.maketrans(",.", ".,")
"""A point that stands for no thousands is then no decimal point either."""
_DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(?:[ T].*)?")


@dataclass(frozen=True, slots=True)
class Columns:
    """How a statement says what a posting is; without a mapping it says so itself."""

    called: Mapping[str, str]
    """The table's name of each of its columns that is used."""
    words: Mapping[str, set[Kind]]
    """What the column of the kind says, in small letters; of a fee and what was spent the sign says which."""
    day_first: bool = False
    decimal: Decimal = ""


def columns(text: str) -> Columns:
    """Return the mapping that a text such as "date=Date, amount=Amount" says, or the one of a form that has a name."""
    called: dict[str, str] = {}
    words: dict[str, set[Kind]] = {}
    settings: dict[str, str] = {}
    for part in FORMS.get(text.strip(), text).split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        kind = next((kind for kind in KINDS if kind == name), None)
        if not value or name in called or name in settings:
            raise ReadingError(f"wanted {' or '.join(FORMS)}, or names once each, such as date=Date, amount=Amount")
        if kind is not None:
            for word in value.split("|"):
                words.setdefault(word.strip().lower(), set()).add(kind)
        elif name in _COLUMNS:
            called[name] = value
        elif value in _SETTINGS.get(name, ()):
            settings[name] = value
        else:
            known = ", ".join((*_COLUMNS, *KINDS, *(f"{key}={'|'.join(of)}" for key, of in _SETTINGS.items())))
            raise ReadingError(f"{name}={value} says nothing here; wanted some of {known}")
    if "date" not in called or ("amount" in called) == ("in" in called and "out" in called):
        raise ReadingError("wanted the columns of date and of amount, or of date, in and out")
    if twice := [word for word, kinds in words.items() if len(kinds) > 1 and kinds != _BY_SIGN]:
        raise ReadingError(f"{twice[0]} stands for two kinds: wanted each word once, or under fee and spent both")
    if words and "kind" not in called:
        raise ReadingError("words for a kind need its column: kind=Type, charge=Fee")
    decimal: Decimal = next((each for each in DECIMALS if each == settings.get("decimal")), "")
    return Columns(called, words, "day" in settings, decimal)


def statement(body: bytes, form: Columns | None = None) -> Parsed[Posting]:
    """Return the postings, by date, in a table with date, kind and amount; hours and account if there."""
    seen: list[str] = []
    signs: dict[bool, int] = {}

    def posting(row: Row) -> Posting:
        seen.append(row.cells["currency"].lower())
        if seen[-1] != seen[0]:
            raise ReadingError("currency: another one than in the first row: amounts of two are never added up")
        if re.search("[1-9]", out := row.cells.get("out", "")):
            signs.setdefault(out[0] in "-\u2212", row.line)
        return _posting(row) if form is None else _mapped(row, form)

    if form is None:
        found = parsed(body, ("date", "kind", "amount"), ("hours", "account", "currency"), posting)
    else:
        wanted = [name for name in _COLUMNS if name in form.called]
        found = parsed(body, wanted, () if "currency" in wanted else ("currency",), posting, form.called)
        if len(signs) > 1:  # which of the two is the rule cannot be told from the order of the lines
            raise ReadingError(
                f"{form.called['out']}: line {signs[True]} has a minus sign and line {signs[False]} has none: if one "
                "of them was paid back, take it off the amount that it belongs to; if both went out, write them alike"
            )
    kinds = [posting.kind for posting in found.rows]
    counted = ", ".join(_counted(kind, kinds.count(kind)) for kind in KINDS if kind in kinds)
    named = [posting for posting in found.rows if posting.account]
    twice = len(named) - len(set(named))
    again = f"{twice:,} the same as another of that account and day: is something there twice?" if twice else ""
    notes = (*found.notes, *filter(None, (counted, again)))
    ordered = sorted(zip(found.rows, found.lines, strict=True), key=lambda row: row[0].on)
    return replace(found, rows=tuple(row for row, _ in ordered), lines=tuple(line for _, line in ordered), notes=notes)


def _counted(kind: Kind, many: int) -> str:
    return f"{many:,} {kind}{'s' * (many > 1 and kind in ('fee', 'charge'))}"


def _posting(row: Row) -> Posting:
    """Return what a line says; the amount in hundredths of the network's unit."""
    on = row.day("date")
    if on is None:
        raise ReadingError("date: wanted a date such as 2021-05-04")
    kind = next((kind for kind in KINDS if kind == row.cells["kind"].lower()), None)
    if kind is None:
        raise ReadingError(f"kind: wanted {', '.join(KINDS)}")
    if row.cells["amount"][:1] in ("+", "-"):
        raise ReadingError("amount: wanted a number such as 9.00, without sign or unit")
    return _made(row, on, kind, _minor(row.cells["amount"], "amount"))


def _mapped(row: Row, form: Columns) -> Posting:
    """Return what a line says whose amount has a sign, or stands in one of two columns."""
    cells = row.cells
    if cells.get("never"):
        raise ReadingError(f"{form.called['never']}: such a line, a refund perhaps, is neither a fee nor spent")
    if "amount" in cells:
        amount = _minor(cells["amount"], "amount", form.decimal)
    else:
        came, went = (_minor(cells[name] or "0", name, form.decimal) for name in ("in", "out"))
        if came and went:
            raise ReadingError("in, out: both are there")
        if came < 0:  # out may have a sign, if all have it: that says the same once more
            raise ReadingError("in: wanted a number without a minus sign")
        amount = came - abs(went)
    kind = cells.get("kind", "").lower()
    told = next((each for each in KINDS if each == kind), None)
    if told == "fee" and amount < 0:
        raise ReadingError("amount: its sign is not that of a fee")
    made: Kind = told or "fee"
    if told is None:
        if kind not in form.words and any(kinds & _BY_SIGN for kinds in form.words.values()):
            raise ReadingError(f"{form.called['kind']}: the mapping does not say what such a line is: {_NAME_IT}")
        said = form.words.get(kind, _BY_SIGN)
        made = next(iter(said)) if len(said) == 1 else "fee" if amount > 0 else "spent"
        if (made == "fee" and amount < 0) or (made in ("spent", "charge") and amount > 0):
            what = "what was spent" if made == "spent" else f"a {made}"
            by_sign = "" if made == "charge" else f": {_NAME_IT}; under fee and spent both, the sign says which it is"
            raise ReadingError(f"amount: its sign is not that of {what}{by_sign}")
    return _made(row, _day(cells["date"], form.day_first), made, abs(amount), form.decimal)


def _made(row: Row, on: date, kind: Kind, amount: int, decimal: Decimal = "") -> Posting:
    hours = row.cells.get("hours", "")
    if decimal == "comma" and not isinstance(hours, Number):
        hours = hours.translate(_SWAPPED)
    if amount == 0:
        raise ReadingError("amount: it is 0")
    if hours and kind != "spent":
        raise ReadingError("hours: only what was spent buys hours")
    if hours and not _HOURS.fullmatch(hours):
        raise ReadingError(f"hours: wanted a number such as 4 or {'2,5' if decimal == 'comma' else '2.5'}")
    return Posting(on, kind, amount, float(hours) if hours else None, row.account() if "account" in row.cells else None)


def _minor(text: str, name: str, decimal: Decimal | None = None) -> int:
    """Return an amount in hundredths; thousands may be set apart only where it is clear what a decimal looks like."""
    ambiguous = ""
    if decimal is not None and not isinstance(text, Number):
        clear: Decimal = decimal or ("point" if re.search(r",.*\.", text) else "")
        text = _GROUPS[clear].sub("", text.replace("\u2212", "-"))
        text = text.translate(_SWAPPED) if decimal == "comma" else text
        ambiguous = "" if decimal else "; of 1,234 say decimal=point or decimal=comma"
    match = _AMOUNT.fullmatch(text)
    if not match:
        such = "9,00" if decimal == "comma" else "9.00"
        sign = "sign or " * (decimal is None)
        raise ReadingError(f"{name}: wanted a number such as {such}, without {sign}unit{ambiguous}")
    amount = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
    return -amount if match[1] == "-" else amount


def _day(text: str, day_first: bool) -> date:
    """Return the day of a time as a table says it."""
    match = _DAY_FIRST.fullmatch(text) if day_first else None
    try:
        if match:
            return day(f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}")
        return day(text[:10] if text[10:11] in ("", " ", "T") else "")
    except ValueError:
        such = "04.05.2021 or 2021-05-04" if day_first else "2021-05-04; 04.05.2021 is read with day=first"
        raise ReadingError(f"date: wanted a date such as {such}") from None
