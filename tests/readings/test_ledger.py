"""Statements under other names: signs, decimal commas, days first, and what Cyclos and Open Collective export."""

from datetime import date
from pathlib import Path

import pytest

from planner.model.inputs.observations import Posting
from planner.readings import ReadingError, ledger, tables
from planner.readings.tables import BadLine

CASES = Path(__file__).with_name("tables") / "ledgers"


def mapped(text: str, body: str) -> list[Posting]:
    """Return the postings in a table that is read by a mapping."""
    found = ledger.statement(body.encode(), ledger.columns(text))
    assert found.bad == ()
    return list(found.rows)


def test_a_mapping_says_columns_decimal_and_day() -> None:
    """A German account's statement: the sign says what came in and what was spent."""
    text = "date=Buchungstag, amount=Betrag, hours=Stunden, day=first, decimal=comma"
    body = "Buchungstag;Text;Betrag;Stunden\n04.05.2021;Beitrag;9,00;\n5.6.2021;Flyer;-1.234,50;2,5\n"
    assert mapped(text, body) == [
        Posting(date(2021, 5, 4), "fee", 900),
        Posting(date(2021, 6, 5), "spent", 123450, 2.5),
    ]
    (bad,) = ledger.statement(body.replace("2,5", "2.5").encode(), ledger.columns(text)).bad
    assert bad.problem == "hours: wanted a number such as 4 or 2,5"
    plain = ledger.statement(b"date,kind,amount,hours\n2021-05-04,spent,9,four\n")
    assert plain.bad[0].problem == "hours: wanted a number such as 4 or 2.5"
    assert mapped("date=Date, amount=Amount", 'Date,Amount\n2021-05-04 10:00:00,"1,200.5"\n')[0].amount == 120050


def test_two_columns_and_words_for_the_kind() -> None:
    body = (
        "Day,In,Out,What\n2021-05-04,9.00,,sale\n2021-05-05,,30.00,sale\n2021-05-06,,0.50,Levy\n2021-05-07,9,,Refused\n"
    )
    text = "date=Day, in=In, out=Out, kind=What, charge=levy|tax"
    assert [posting.kind for posting in mapped(text, body)] == ["fee", "spent", "charge", "refused"]
    found = ledger.statement(
        b"Day,In,Out\n2021-05-04,-9.00,\n2021-05-05,,-30.00\n", ledger.columns("date=Day, in=In, out=Out")
    )
    assert found.bad == (BadLine(2, "in: wanted a number without a minus sign"),)
    assert [(row.kind, row.amount) for row in found.rows] == [("spent", 3000)]


def test_a_minus_sign_that_only_some_have_under_out_says_that_they_came_back() -> None:
    """firefly-iii#1650, a refund; where all have one (howeyc/ledger#30) it says once more that they went out."""
    form = ledger.columns("date=Day, in=In, out=Out")
    rows = "Day,In,Out\n2021-05-05,,{}\n2021-05-06,9,0\n2021-05-07,,{}\n"
    for pair in (("-30", "-5"), ("30", "5")):
        found = ledger.statement(rows.format(*pair).encode(), form)
        assert [(row.kind, row.amount) for row in found.rows] == [("spent", 3000), ("fee", 900), ("spent", 500)]
    for pair, minus, none in ((("30", "-5"), 4, 2), (("-5", "30"), 2, 4)):
        with pytest.raises(ReadingError) as error:
            ledger.statement(rows.format(*pair).encode(), form)
        assert str(error.value) == (
            f"Out: line {minus} has a minus sign and line {none} has none: if one of them was paid back, take it off "
            "the amount that it belongs to; if both went out, write them alike"
        )


def test_what_cyclos_exports() -> None:
    """Cyclos 3.7.3 with its defaults and in English.

    Columns: ExportTransactionsToCsvAction.java, named in ApplicationResources_en_US.properties; dd/MM/yyyy, 1.234,50:
    LocalSettings.java; the sign: AccountHistoryAction.Entry (github.com/mateli/OpenCyclos, commit 556fdca).
    """
    found = tables.read(CASES / "cyclos-3.7.3.csv", lambda body: ledger.statement(body, ledger.columns("cyclos")))
    assert found.rows == (
        Posting(date(2021, 5, 4), "fee", 900),
        Posting(date(2021, 5, 28), "fee", 123450),
        Posting(date(2021, 6, 2), "spent", 12000),
    )
    assert found.summary() == "3 rows read, 3 used, none left out; 2 fees, 1 spent"


def test_what_open_collective_exports() -> None:
    """opencollective-rest 2.2.0, default fields of account-transactions.ts (35c69f6): a refund is never a fee."""
    read = ledger.columns("open-collective")
    found = tables.read(CASES / "opencollective-rest-2.2.0.csv", lambda body: ledger.statement(body, read))
    assert [(row.kind, row.amount) for row in found.rows] == [("fee", 900), ("charge", 45), ("spent", 12000)]
    assert found.bad == (
        BadLine(5, "isRefund: such a line, a refund perhaps, is neither a fee nor spent"),
        BadLine(6, "amount: its sign is not that of a charge"),
    )


def test_what_the_pages_of_open_collective_export_first() -> None:
    """DEFAULT_FIELDS of lib/export-csv/transactions-csv.tsx (opencollective-frontend, cafdb7d)."""
    head = "effectiveDate,legacyId,description,type,kind,group,netAmount,currency,isRefund,isRefunded,refundId\n"
    row = '"2021-05-04T10:00:00",7,"Monthly","CREDIT","CONTRIBUTION","1111",9,"GBP","","",""\n'
    found = ledger.statement((head + row).encode(), ledger.columns("open-collective-2024"))
    assert found.rows == (Posting(date(2021, 5, 4), "fee", 900),)


@pytest.mark.parametrize(
    "end",
    ["Warning: totalCount is 1204 and limit was 1000", "\nError while fetching account transactions."],
)
def test_an_export_that_its_server_cut_off_is_no_whole_statement(end: str) -> None:
    """What account-transactions.ts (opencollective-rest at 099add9) writes below the last row that it sends."""
    body = (CASES / "opencollective-rest-2.2.0.csv").read_text().splitlines(keepends=True)[:4]
    found = ledger.statement(("".join(body) + end).encode(), ledger.columns("open-collective"))
    assert len(found.rows) == 3
    assert [bad.problem for bad in found.bad] == ["it ends before the column kind"]


def test_a_kind_that_the_mapping_does_not_name_is_no_fee() -> None:
    """opencollective-api, transaction-kind.ts (15b4370): kinds that come in and are no contribution."""
    head, row = (CASES / "opencollective-rest-2.2.0.csv").read_text().splitlines()[:2]
    other = "".join(row.replace("CONTRIBUTION", kind) + "\n" for kind in ("ADDED_FUNDS", "PREPAID_PAYMENT_METHOD", ""))
    found = ledger.statement(f"{head}\n{row}\n{other}".encode(), ledger.columns("open-collective"))
    assert [row.kind for row in found.rows] == ["fee"]
    says = "kind: the mapping does not say what such a line is: name its word under fee, spent, refused or charge"
    assert found.bad == tuple(BadLine(n, says) for n in (3, 4, 5))


def test_a_collective_that_gives_to_another_has_spent_it_and_one_that_is_paid_by_another_says_what_that_is() -> None:
    """opencollective-api at 048db8b: collective.js makes such a gift, createDoubleEntry its line with a minus sign."""
    head, row, _, paid, _, _ = (CASES / "opencollective-rest-2.2.0.csv").read_text().splitlines()
    given = row.replace('"CREDIT"', '"DEBIT"').replace(",9,0,0,9,9,", ",-9,0,0,-9,0,")
    body = "\n".join((head, row, given, paid.replace('"DEBIT"', '"CREDIT"').replace("-120", "120"))).encode()
    found = ledger.statement(body, ledger.columns("open-collective"))
    assert [(posting.kind, posting.amount) for posting in found.rows] == [("fee", 900), ("spent", 900)]
    says = (
        "amount: its sign is not that of what was spent: name its word under fee, spent, refused or charge; under fee "
        "and spent both, the sign says which it is"
    )
    assert found.bad == (BadLine(4, says),)
    whole = ledger.FORMS["open-collective"].replace("fee=CONTRIBUTION", "fee=CONTRIBUTION|EXPENSE")
    found = ledger.statement(body, ledger.columns(whole))
    assert found.bad == ()
    assert sorted((posting.kind, posting.amount) for posting in found.rows) == [
        ("fee", 900),
        ("fee", 12000),
        ("spent", 900),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("04.05.2021,9.00,", "date: wanted a date such as 2021-05-04; 04.05.2021 is read with day=first"),
        ("2021-05-04x,9.00,", "date: wanted"),
        ("0021-05-04,9.00,", "date: wanted"),
        ("2999-05-04,9.00,", "date: wanted"),
        ('2021-05-04,"9,00",', "amount: wanted a number such as 9.00, without unit"),
        ("2021-05-04,9.005,", "amount: wanted"),
        ("2021-05-04,£9.00,", "amount: wanted"),
        ("2021-05-04,0.00,", "amount: it is 0"),
        ("2021-05-04,-9.00,fee", "amount: its sign is not that of a fee"),
        ("2021-05-04,9.00,levy", "amount: its sign is not that of a charge"),
    ],
)
def test_a_line_that_says_something_else_is_left_out(row: str, says: str) -> None:
    form = ledger.columns("date=Date, amount=Amount, kind=Kind, charge=levy")
    (bad,) = ledger.statement(f"Date,Amount,Kind\n{row}\n".encode(), form).bad
    assert bad.problem.startswith(says)


def test_a_thousand_and_one_and_a_bit_look_the_same_where_nobody_says_which() -> None:
    """1,234 was taken for a thousand: a German statement without decimal=comma came out a thousand times too large."""
    table = 'Date,Amount\n2021-05-04,"{}"\n'
    unsaid = ledger.columns("date=Date, amount=Amount")
    for text in ("1,234", "1.234"):
        (bad,) = ledger.statement(table.format(text).encode(), unsaid).bad
        assert bad.problem.endswith("without unit; of 1,234 say decimal=point or decimal=comma")
    assert mapped("date=Date, amount=Amount, decimal=point", table.format("1,234"))[0].amount == 123400
    for text in ("1,234.50", "1 234.50", "1'234.5"):
        assert mapped("date=Date, amount=Amount", table.format(text))[0].amount == 123450


def test_what_two_exports_both_hold_is_said() -> None:
    """firefly-iii#2353, mint#152: files that overlap count twice, and yet two equal lines may both be true."""
    rows = b"2021-05-04,fee,9,ocn-001\n2021-05-04,fee,9,ocn-002\n2021-05-04,fee,9,\n2021-05-04,fee,9,\n"
    once = ledger.statement(b"date,kind,amount,account\n" + rows)
    assert once.summary().endswith("none left out; 4 fees")
    twice = ledger.statement(b"date,kind,amount,account\n" + 2 * rows)
    assert twice.notes == ("8 fees", "2 the same as another of that account and day: is something there twice?")


@pytest.mark.parametrize("mapping", ["date=Date, amount=Amount", "date=Date, amount=Amount, currency=Unit"])
def test_amounts_of_two_currencies_are_never_added_up(mapping: str) -> None:
    """Open Collective and CES show accounts that hold several; a column that says so is heeded, named or not."""
    header = "Date,Amount,Unit" if "Unit" in mapping else "Date,Amount,Currency"
    rows = "2021-05-04,9.00,GBP\n2021-05-05,9.00,gbp\n2021-05-06,9.00,EUR\n2021-05-07,9.00,\n"
    found = ledger.statement(f"{header}\n{rows}".encode(), ledger.columns(mapping))
    assert len(found.rows) == 2
    assert [bad.line for bad in found.bad] == [4, 5]
    assert "currency: another one than in the first row" in found.bad[0].problem
    plain = ledger.statement(b"date,kind,amount,currency\n2021-05-04,fee,9,OCN\n2021-05-05,fee,9,GBP\n")
    assert len(plain.rows) == len(plain.bad) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "wanted cyclos or open-collective or open-collective-2024, or names once each"),
        ("ces", "wanted cyclos or open-collective"),
        ("date=Date", "wanted the columns of date and of amount"),
        ("date=Date, in=In", "wanted the columns of date and of amount"),
        ("date=A, date=B, amount=C", "names once each"),
        ("date=Date, amount=Amount, decimal=dot", "decimal=dot says nothing here; wanted some of date, kind"),
        (
            "date=D, amount=A, kind=K, charge=Levy|tax, fee=levy",
            "levy stands for two kinds: wanted each word once, or under fee and spent both",
        ),
        ("date=Date, amount=Amount, charge=Levy", "words for a kind need its column"),
    ],
)
def test_a_mapping_that_says_nothing_is_refused(text: str, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        ledger.columns(text)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ReadingError, match="line 1: no column amount; wanted date, amount"):
        ledger.statement(b"Date,Sum\n2021-05-04,9\n", ledger.columns("date=Date, amount=Amount"))
