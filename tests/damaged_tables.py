"""Tables with bytes cut, put in or doubled, and what must hold of each: no line of it disappears."""

import io
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from planner.readings import ReadingError, delimited, imports, ledger, members
from planner.readings.tables import Parsed

Reader = Callable[[bytes], Parsed[Any]]
NOTED = b"account,level,notes,pays,accounts,since\n%s"
TIMES = b"2021-05-04T10:%02d+01:00,2021-05-04T11:00+01:00,6,de\n"
READERS: dict[str, tuple[bytes, bytes, Reader]] = {
    "members": (b"account,level,pays\n%s", b"ocn-%03d,level-1,credit\n", members.sheet),
    "notes": (NOTED, b'ocn-%03d,level-1,"a, ""b""",credit,1,2021-01-06\n', members.sheet),
    "rooms": (b"# ids\nmeeting_id;account\n%s", b"room%d;ocn-001\n", members.rooms),
    "meetings": (b"start,end,users,node\n%s", TIMES, imports.meetings_table),
    "ledger": (b"date,kind,amount\n%s", b"2021-05-04,fee,%d.00\n", ledger.statement),
}
"""What stands above the rows, a row, and what reads the table."""
ODD = (b'"', b"#", b"\n", b",", b";", b'\n"', b'",', b"\r", b"\0", b"\xff\xfe", b"=", b"#N/A", b"\x85", b"")


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a reader's name and a table for it with some bytes cut, put in or doubled."""
    name = draw(st.sampled_from(sorted(READERS)))
    head, row, _ = READERS[name]
    body = head % b"".join(row % number for number in range(1, draw(st.integers(1, 12)) + 1))
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(0, len(body)))
        last = min(len(body), first + draw(st.sampled_from([0, 0, 1, 5, 30])))
        put = draw(st.sampled_from([*ODD, body[first:last] * 2]) | st.binary(max_size=4))
        body = body[:first] + put + body[last:]
    return name, body


def held(name: str, body: bytes) -> None:
    """Raise if a line of a table belongs to no row that was used or left out, though the table was not refused."""
    _, row, parse = READERS[name]
    intact = {(row % number).decode() for number in range(1, 13)}
    try:
        found = parse(body)
    except ReadingError:
        return
    told = told_of(found)
    assert found.read == len(told), "two rows stand in one line"
    begun = ""
    for number, line in enumerate(io.StringIO(text(body), newline=""), 1):
        if number in told or number == found.header:
            begun = line
        elif number > found.header and stands(line):
            begun += line
            # neither the beginning of a row nor blank: it goes on with a cell in quotation marks, and is no row itself
            assert begun.count('"') >= 2, (number, line)
            assert line not in intact, (number, line)


def told_of(found: Parsed[Any]) -> set[int]:
    """Return the lines of which a result tells."""
    return {*found.lines, *(bad.line for bad in found.bad)}


def text(body: bytes) -> str:
    """Return the text of a table as it is decoded."""
    (first, *_) = delimited.tables(body)
    return first.text


def stands(line: str) -> bool:
    """Return whether a line holds more than delimiters and blanks."""
    return bool(line.strip(" \t\r\n,;|\ufeff\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0"))
