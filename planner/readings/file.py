"""A reading from a file: JSON, schema `planner.reading/1`, or the table that Scalelite's `rake status` prints."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner.model.inputs.observations import NAME, NAME_WANTED, NodeReading, Reading, contradiction
from planner.model.inputs.pages import pages
from planner.readings import STDIN, ReadingError, boundary, contents, naming, utf8
from planner.seal import STRICT

SCHEMA = "planner.reading/1"
LARGEST_FILE = 1_000_000
"""[byte]"""
_MOST = 10**9
"""No node holds more of anything; a larger number is a unit mistaken or a counter gone wrong."""
_LONGEST_SOURCE = 200
"""Longer than the longest that a live reading writes."""
_PRIVATE = re.compile(r"@|\uff20|%40|://\S*\?|\b(secret|password|passwd|token|checksum)\s*[=:]", re.IGNORECASE)
"""An e-mail address, or an address with a password or a signed call in it."""
_TABLE = re.compile(r"(?!\s*\{)[\s\S]*\bHOSTNAME\s+STATE\s+STATUS\b")
"""A table of `rake status`, with what stands before it; a record begins with a brace."""
_NUMBERS = ("rooms", "users", "streams", "load", "egress", "cameras")
_FIELDS = (*_NUMBERS, "online")


def load(path: Path) -> Reading:
    """Return the reading in the file at `path`, "-" = stdin; a table of `rake status` is as old as its file."""
    body, about = contents(STDIN if str(path) == "-" else path, LARGEST_FILE, str(path))
    with boundary(str(path)), naming(path):
        text = utf8(body)
        return _table(text, about.st_mtime) if _TABLE.match(text) else parse(body)


def _table(text: str, written: float) -> Reading:
    """Return what a table of `rake status` says that was written at a time [s since 1970]."""
    from planner.readings.scalelite import parse_status  # noqa: PLC0415  # it can ask servers, which takes longer to load

    try:
        taken_at = datetime.fromtimestamp(written, UTC)
    except (ValueError, OverflowError, OSError):
        raise ReadingError("the time when it was last written is none: the table is as old as its file") from None
    return Reading(taken_at, "Scalelite's table of rake status", parse_status(text))


def parse(body: bytes) -> Reading:
    """Return the reading in a JSON text; a field that is missing, or null, was not read."""
    try:
        data = json.loads(utf8(body), parse_int=_whole, **STRICT)
    except RecursionError:
        raise ReadingError("not a reading: nested too deeply") from None
    except ValueError as error:
        raise ReadingError(f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise ReadingError(f"not a reading: wanted an object, found {_kind(data)}")
    if data.get("schema") != SCHEMA:
        raise ReadingError(f'not a reading: its schema is not "{SCHEMA}"')  # and quoted is nothing: it may be private
    _known(data, ("schema", "taken_at", "source", "nodes", "page_size", "load_of"), "")
    page = data.get("page_size")
    try:
        by = None if page is None else pages(page)
    except ValueError as error:
        raise ReadingError(f"{error}, found {_show(page)}") from None
    load_of = data.get("load_of")
    if load_of not in (None, "cpu", "scalelite"):
        raise ReadingError(f'load_of: wanted "cpu" or "scalelite", found {_show(load_of)}')
    nodes = data.get("nodes")
    if not isinstance(nodes, dict) or not nodes:
        raise ReadingError(f"nodes: wanted an object with a name for each node, found {_kind(nodes)}")
    return Reading(
        taken_at=_time(data.get("taken_at")),
        source=_text(data.get("source")),
        nodes={name: _node(name, fields) for name, fields in nodes.items()},
        pages=by,
        load_of=load_of,
    )


def as_json(reading: Reading) -> dict[str, Any]:
    """Return the reading as the record planner.reading/1, for a file that another machine's gate reads.

    A node of which a source did not answer is left out, for nobody could tell from what the others said; one that is
    offline is not.
    """
    return {
        "schema": SCHEMA,
        "taken_at": reading.taken_at.isoformat(),
        "source": reading.source,
        **({} if reading.pages is None else {"page_size": reading.pages.record}),
        **({} if reading.load_of is None else {"load_of": reading.load_of}),
        "nodes": {
            name: node.known for name, node in reading.nodes.items() if name not in reading.unread or not node.online
        },
    }


def _node(name: str, fields: object) -> NodeReading:
    """Return one node's part of a reading."""
    if not NAME.match(name):
        raise ReadingError(f"nodes: wanted {NAME_WANTED}, found {_show(name)}")
    where = f"nodes.{name}"
    if not isinstance(fields, dict):
        raise ReadingError(f"{where}: wanted an object, found {_kind(fields)}")
    _known(fields, _FIELDS, f"{where}.")
    online = fields.get("online", True)
    if not isinstance(online, bool):
        raise ReadingError(f"{where}.online: wanted true or false, found {_show(online)}")
    numbers: dict[str, Any] = {key: value for key in _NUMBERS if (value := fields.get(key)) is not None}
    for key, value in numbers.items():
        kind, whole = ((int, float), "") if key in ("load", "egress") else (int, "whole ")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ReadingError(f"{where}.{key}: wanted a {whole}number, found {_show(value)}")
        if not 0 <= value <= _MOST:  # false for NaN and for the infinity that 1e999 becomes
            raise ReadingError(f"{where}.{key}: wanted a number from 0 to {_MOST}, found {_show(value)}")
        numbers[key] = value if whole else float(value)
    seen = NodeReading(**numbers, online=online)
    if wrong := contradiction(seen):
        raise ReadingError(f"{where}: its numbers contradict each other: {wrong}")
    return seen


def _time(value: object) -> datetime:
    wanted = 'wanted a date and time with its offset, such as "2021-05-04T10:00:00+01:00"'
    try:
        time = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ReadingError(f"taken_at: {wanted}, found {_show(value)}") from None
    if time.utcoffset() is None:
        raise ReadingError(f"taken_at: {wanted}; the offset is missing in {_show(value)}")
    if not 2000 <= time.year < 3000:  # and so it can be moved to any time zone
        raise ReadingError(f"taken_at: wanted a year from 2000 on, found {_show(value)}")
    return time


def _text(value: object) -> str:
    """Return who took the reading: printed and kept, so one line that a terminal can show, with nothing private."""
    if not isinstance(value, str) or not value:
        raise ReadingError(f"source: wanted a text, found {_show(value)}")
    if not value.isprintable() or len(value) > _LONGEST_SOURCE:
        raise ReadingError(f"source: wanted one line of at most {_LONGEST_SOURCE} characters, found {_show(value)}")
    if _PRIVATE.search(value):  # and quoted is nothing
        raise ReadingError(
            "source: it holds an e-mail address, a password or a signed address, and log and register would keep it: "
            "write a role, such as ops by hand"
        )
    return value


def _known(data: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    """Refuse a misspelt field: silently taken as not read, it would hide what the reading wanted to say."""
    for name in data:
        if name not in names:
            raise ReadingError(f"{where}{_show(name)[1:-1]}: not a field of a reading; wanted {', '.join(names)}")


def _whole(digits: str) -> int:
    if len(digits) > 1000:
        raise ValueError("a number has more than 1000 digits")
    return int(digits)


def _show(value: object) -> str:
    """Return a value as JSON, cut short; ASCII, so that a message can be printed anywhere."""
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number without limit"
    if isinstance(value, int) and not -_MOST <= value <= 10 * _MOST:
        return "a number far too large or small"
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _kind(value: object) -> str:
    return "nothing" if value is None or value == {} else _show(value)
