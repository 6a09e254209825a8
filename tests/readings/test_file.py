"""A reading from a file: what the schema says is read, everything else is refused in words."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.inputs.observations import NodeReading, Reading
from planner.model.inputs.pages import Pages, Step
from planner.readings import ReadingError, file, servers, tables, web_log

GOOD: dict[str, Any] = {
    "schema": "planner.reading/1",
    "taken_at": "2021-05-04T10:00:00+01:00",
    "source": "by hand",
    "nodes": {"de": {"rooms": 7, "users": 41, "streams": 63, "load": 0.31}, "ca": {"users": 0, "online": False}},
}


def parse(document: object) -> Reading:
    """Return the reading of a document that is written as JSON first."""
    return file.parse(json.dumps(document).encode())


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the good document with one entry replaced."""
    document = json.loads(json.dumps(GOOD))
    *way, last = path.split(".")
    place = document
    for name in way:
        place = place[name]
    place[last] = value
    return document  # type: ignore[no-any-return]


def test_what_the_schema_says_is_read_and_what_is_missing_was_not_read() -> None:
    reading = parse(GOOD)
    assert reading.taken_at == datetime(2021, 5, 4, 10, tzinfo=timezone(timedelta(hours=1)))
    assert reading.source == "by hand"
    assert reading.nodes == {
        "de": NodeReading(rooms=7, users=41, streams=63, load=0.31),
        "ca": NodeReading(users=0, online=False),
    }
    assert parse(changed("nodes.de.load", None)).nodes["de"].load is None
    # empty rooms, and a person with several cameras, which BigBlueButton allows
    assert parse(changed("nodes.de", {"rooms": 5, "users": 0})).nodes["de"].users == 0
    assert parse(changed("nodes.de", {"users": 1, "cameras": 10})).nodes["de"].cameras == 10


def test_a_reading_that_is_written_is_read_as_it_was() -> None:
    for said, meant in ((48, Pages(48)), ("5; 4 from 50 users (moderators 16)", Pages(5, (Step(50, 4, 16),)))):
        reading = parse(GOOD | {"page_size": said, "load_of": "cpu"})
        assert (reading.pages, reading.load_of) == (meant, "cpu")
        assert file.as_json(reading)["page_size"] == said
        assert parse(file.as_json(reading)) == reading
    assert parse(file.as_json(parse(GOOD))) == parse(GOOD)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("schema", "planner.reading/2", "its schema is not"),
        ("taken_at", "2021-05-04T10:00:00", "the offset is missing"),
        ("taken_at", "yesterday", "taken_at: wanted a date and time"),
        ("taken_at", 1620115200, "taken_at: wanted a date and time"),
        ("taken_at", "0001-01-01T00:00:00+14:00", "a year from 2000 on"),
        ("source", "", "source: wanted a text"),
        ("source", "\ud800", "source: wanted one line"),
        ("source", "de\nca", "source: wanted one line"),
        ("source", "\u202egnirts", "source: wanted one line"),
        ("source", "x" * 201, "at most 200 characters"),
        *(
            ("source", private, "source: it holds an e-mail address, a password or a signed address")
            for private in (
                "anna@example.org",
                "https://ops:hunter2@de.example.org/bigbluebutton",
                "https://de.example.org/bigbluebutton/api/getMeetings?checksum=ab12",
                "de, secret: 639259d4",
                "Token=ab12",
            )
        ),
        ("nodes", {}, "nodes: wanted an object"),
        ("nodes", [], "nodes: wanted an object"),
        ("nodes.de", 7, "nodes.de: wanted an object"),
        *(
            ("nodes", {name: {"rooms": 1}}, "nodes: wanted a name of letters, digits")
            for name in ("", "de\n", "Anna Smith", "de\0", "\ud800", "../de", "=cmd", "x" * 41, "<b>", "_de")
        ),
        ("taken_at", "10000-01-01T00:00:00+00:00", "taken_at: wanted a date and time"),
        ("taken_at", "2021-05-04T10:00:00+24:00", "taken_at: wanted a date and time"),
        ("taken_at", "3000-01-01T00:00:00-23:59", "a year from 2000 on"),
        ("nodes.de.egress", 10**30, "nodes.de.egress: wanted a number from 0"),
        ("nodes.de.rooms", -1, "nodes.de.rooms: wanted a number from 0"),
        ("nodes.de.rooms", True, "nodes.de.rooms: wanted a whole number, found true"),
        ("nodes.de.rooms", 7.5, "nodes.de.rooms: wanted a whole number, found 7.5"),
        ("nodes.de.rooms", "7", 'nodes.de.rooms: wanted a whole number, found "7"'),
        ("nodes.de.users", 10**400, "nodes.de.users: wanted a number from 0"),
        ("nodes.de.load", -0.1, "nodes.de.load: wanted a number from 0"),
        ("nodes.de.load", False, "nodes.de.load: wanted a number, found false"),
        ("nodes.de.online", 1, "nodes.de.online: wanted true or false"),
        ("nodes.de.user", 41, "nodes.de.user: not a field of a reading"),
        ("remark", "x", "remark: not a field of a reading"),
        ("nodes.de.rooms", 0, "nodes.de: its numbers contradict each other: rooms 0, users 41"),
        ("nodes.ca.cameras", 50, "nodes.ca: its numbers contradict each other: users 0, cameras 50"),
        ("nodes.ca", {"users": 2, "cameras": 21}, "nodes.ca: its numbers contradict each other: users 2, cameras 21"),
        ("nodes.ca", {"users": 2, "cameras": 9, "streams": 8}, "contradict each other: cameras 9, streams 8"),
        ("nodes.ca", {"users": 0, "streams": 8}, "contradict each other: users 0, streams 8"),
        ("nodes.ca", {"rooms": 0, "streams": 8}, "contradict each other: rooms 0, streams 8"),
        ("page_size", "5", "page_size: wanted a whole number of cameras"),
        (
            "page_size",
            "5; 0 from 30 users",
            "page_size: wanted a whole number of cameras, or such as 5; 6 from 30 users",
        ),
        ("load_of", "gpu", 'load_of: wanted "cpu" or "scalelite", found "gpu"'),
        ("load_of", ["cpu"], 'load_of: wanted "cpu" or "scalelite", found a list'),
        ("page_size", True, "page_size: wanted a whole number of cameras"),
        ("page_size", -1, "page_size: wanted a whole number of cameras"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(path: str, value: object, words: str) -> None:
    with pytest.raises(ReadingError) as caught:
        parse(changed(path, value))
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff{", "not UTF-8"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"null", "wanted an object"),
        (b"7", "wanted an object"),
        (json.dumps(changed("nodes.de.load", float("nan"))).encode(), "NaN is not a number"),
        (json.dumps(changed("nodes.de.load", float("inf"))).encode(), "Infinity is not a number"),
        (json.dumps(GOOD).replace("0.31", "1e999").encode(), "a number without limit"),
        (json.dumps(GOOD).replace("41", "9" * 5000).encode(), "more than 1000 digits"),
        (json.dumps(GOOD).replace('"users": 41', '"users": 1, "users": 41').encode(), "given twice"),
    ],
)
def test_what_is_no_reading_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(ReadingError) as caught:
        file.parse(body)
    assert words in str(caught.value)


def test_a_file_is_named_in_every_refusal(tmp_path: Path) -> None:
    path = tmp_path / "now.json"
    for body in (b"{", b" " * 1_000_001 + json.dumps(GOOD).encode()):
        path.write_bytes(body)
        with pytest.raises(ReadingError, match=r"now\.json: "):
            file.load(path)
    for unreadable in (tmp_path, tmp_path / "none.json", Path("a\0b")):
        with pytest.raises(ReadingError, match="cannot be read"):
            file.load(unreadable)
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())  # as an editor on Windows saves it
    assert file.load(path) == parse(GOOD)


def test_hostile_text_stays_text() -> None:
    """It is shown as it is by whoever prints it, so it must arrive as it is."""
    for text in ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "x" * 200, "https://de.example.org, by hand"):
        assert parse(changed("source", text)).source == text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe that nobody writes to would be waited for without end, a device read without end."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    began = time.monotonic()
    for path, found in ((pipe, "a pipe"), (link, "a device"), (Path("/dev/null"), "a device"), (tmp_path, "")):
        for read in (
            file.load,
            lambda path: servers.load(path, {}),
            lambda path: list(web_log.lines(path)),
            lambda path: tables.read(path, bytes),
        ):
            with pytest.raises(ReadingError, match=f"{path.name}: cannot be read: .*{found}"):
                read(path)
    assert time.monotonic() - began < 5


def test_a_table_whose_file_bears_no_time_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "status.txt"
    path.write_text(
        " HOSTNAME  STATE  STATUS  MEETINGS  USERS  LARGEST MEETING  VIDEOS\n de  enabled  online  1  2  2  0\n"
    )
    assert file.load(path).nodes["de"].users == 2
    for written in (1e12, -1e12, 1e300, float("inf"), float("nan")):
        with pytest.raises(ReadingError, match=r"the time when it was last written is none"):
            file._table(path.read_bytes(), written)


def test_reading_a_file_loads_neither_numpy_nor_a_network_client() -> None:
    """The gate waits for this import."""
    slow = ("numpy", "pydantic", "ssl", "sqlite3", "http")
    code = f"import planner.readings.file, sys; print(sorted({{*{slow}}} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
paths = st.sampled_from(
    ["schema", "taken_at", "source", "nodes", "nodes.de", "nodes.de.rooms", "nodes.de.load", "nodes.x"]
)


@settings(max_examples=200, deadline=timedelta(seconds=2))
@given(
    st.binary(max_size=300)
    | st.builds(lambda path, value: json.dumps(changed(path, value)).encode(), paths, json_values)
)
def test_no_bytes_make_it_fail_otherwise(body: bytes) -> None:
    try:
        reading = file.parse(body)
    except ReadingError as error:
        str(error).encode()  # can be printed
        return
    assert reading.taken_at.utcoffset() is not None
    for node in reading.nodes.values():
        assert all(
            value is None or value >= 0 for value in (node.rooms, node.users, node.streams, node.load, node.egress)
        )
