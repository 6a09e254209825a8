"""Scalelite: what its interface answers, what `rake status` prints, and how people hand that on."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_bbb import Fake, serving
from fake_scalelite import REFUSED, SECRET, XML, FakeScalelite, Pooled, status
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.inputs.observations import NodeReading
from planner.readings import ReadingError, bbb, file, scalelite
from planner.readings.transport import Secret

CASES = Path(__file__).parent / "cases"
THREE = NodeReading(rooms=1, users=3, cameras=0)
OFF = NodeReading(online=False)
HOSTS = {"bbb1.example.com": "n1", "bbb2.example.com": "n2", "bbb3.example.com": "n3"}


def url(number: int) -> str:
    return f"https://bbb{number}.example.com/bigbluebutton/api"


def ask(balancer: FakeScalelite, secret: str = SECRET, checksum: bbb.Algorithm = "sha256") -> dict[str, NodeReading]:
    """Return what is read of a balancer over a real socket."""
    with serving(Fake(act=balancer.act)) as fake:
        address = fake.url.removesuffix("bigbluebutton/")
        return scalelite.read(scalelite.Server(address, Secret(secret), checksum, HOSTS))


def whole() -> list[Pooled]:
    return [
        Pooled(url(1), "enabled").polled([3, 4, 12], 15),
        Pooled(url(2), "cordoned").polled([14], 5),
        Pooled(url(3), "enabled").polled([2]).failed(),
        Pooled(url(9), "enabled").polled([]),
    ]


# The interface


@pytest.mark.parametrize("checksum", ["sha1", "sha256", "sha512"])
def test_the_interface_says_load_and_who_takes_meetings(checksum: bbb.Algorithm) -> None:
    assert ask(FakeScalelite(whole()), checksum=checksum) == {
        "n1": NodeReading(load=22.0),
        "n2": NodeReading(load=15.0, online=False),  # it takes no new meetings
        "n3": OFF,
    }


def test_case_scalelite_online_is_a_word() -> None:
    body = (CASES / "scalelite-online-is-a-word" / "getServers.json").read_bytes()
    hosts = {"de.example.org": "de", "ca.example.org": "ca"}
    assert scalelite.parse(body, hosts) == {"de": NodeReading(load=2.0), "ca": NodeReading(load=2.0)}


@pytest.mark.parametrize(
    ("report", "fields", "wanted"),
    [
        ("scalelite#137: never polled", {"online": "offline", "load": "unavailable"}, OFF),
        ("scalelite#89: idle, load 0.0", {"load": 0.0}, NodeReading(load=0.0)),
        ("scalelite#498: disabled, online", {"state": "disabled", "load": "unavailable"}, OFF),
        ("scalelite#533: cordoned", {"state": "cordoned", "load": "7.0"}, NodeReading(load=7.0, online=False)),
        ("scalelite#340: a load of many additions", {"load": 3.5999999999999996}, NodeReading(load=3.5999999999999996)),
        ("scalelite#81: without /api", {"url": "https://bbb1.example.com/bigbluebutton/"}, NodeReading(load=2.0)),
        ("scalelite#602: online, with no load yet", {"load": "unavailable"}, NodeReading()),
        ("scalelite#202: offline, its last load kept", {"online": "offline", "load": 4.0}, OFF),
    ],
)  # fmt: skip
def test_what_operators_see_of_a_server(report: str, fields: dict[str, object], wanted: NodeReading) -> None:
    one = {"url": url(1), "state": "enabled", "online": "online", "load": "2.0", "secret": SECRET} | fields
    assert scalelite.parse(json.dumps([one]).encode(), HOSTS) == {"n1": wanted}, report


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"online": "true"}, "whether n1 takes meetings is not understood"),
        ({"online": True}, "wanted enabled, cordoned, disabled, and online or offline"),
        ({"online": None}, "not understood"),
        ({"state": "enable"}, "not understood"),
        ({"state": ""}, "not understood"),
        ({"load": "NaN"}, "the load of n1 is neither a number nor unavailable"),
        ({"load": None}, "the load of n1"),
        ({"load": -1}, "the load of n1"),
    ],
)
def test_a_third_word_is_an_error_and_no_no(fields: dict[str, object], words: str) -> None:
    one = {"url": url(1), "state": "enabled", "online": "online", "load": "2.0"} | fields
    with pytest.raises(ReadingError, match=words):
        scalelite.parse(json.dumps([one]).encode(), HOSTS)


def test_what_is_no_list_of_servers_is_refused() -> None:
    listed = [{"url": url(1), "state": "enabled", "online": "online", "load": "21.5"}]
    for body in (b"", b"[7]", b'{"servers": []}', b"[" * 100_000, json.dumps(listed * 2).encode()):
        with pytest.raises(ReadingError):
            scalelite.parse(body, HOSTS)
    assert scalelite.parse(json.dumps([{"url": 7, "secret": SECRET}, *listed]).encode(), HOSTS)["n1"].load == 21.5


@pytest.mark.parametrize(
    ("named", "known"),
    [
        ("BBB1.example.com", url(1)),
        ("https://bbb1.example.com/bigbluebutton/api", url(1)),
        ("bbb1.example.com.", url(1)),
        ("10.0.0.5", "https://10.0.0.5/bigbluebutton/api"),
        ("[2001:db8::5]", "https://[2001:db8::5]/bigbluebutton/api"),
        ("bbb1.example.com", "https://bbb1.example.com:8443/bigbluebutton/api/"),
    ],
)
def test_a_host_may_be_named_as_it_is_shown(named: str, known: str) -> None:
    assert scalelite.host(named) == scalelite.host(known) != ""


# A wrong secret, no servers, another program


def failing(body: bytes, code: int = 200) -> str:
    """Return the words with which an answer is refused."""
    fake = Fake(body=body, status=code, kind="application/xml")
    with serving(fake), pytest.raises(ReadingError) as caught:
        scalelite.read(scalelite.Server(fake.url, Secret(SECRET), "sha256", HOSTS))
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_case_scalelite_wrong_secret() -> None:
    folder = CASES / "scalelite-wrong-secret"
    assert "the secret is not the load balancer's" in failing((folder / "body.xml").read_bytes())
    assert "no servers are configured" in failing((folder / "404.json").read_bytes(), 404)
    with pytest.raises(ReadingError, match="the secret is not the load balancer's"):
        ask(FakeScalelite(whole()), secret="another")
    with pytest.raises(ReadingError, match=r"no servers are configured there, or it is too old .* 1\.5\.1 or later"):
        ask(FakeScalelite())


@pytest.mark.parametrize(
    ("report", "body", "code", "words"),
    [
        ("scalelite#1025: unsupportedRequest for getServers", XML.format("unsupportedRequest", "no"), 200, "too old"),
        ("scalelite#128: the secret of a server", XML.format(*REFUSED), 200, "LOADBALANCER_SECRET"),
        ("scalelite#498: FAILED", XML.format("internalError", "Unable to access server"), 200, "internalError"),
        ("scalelite#985: the checksum refused after an upgrade", XML.format(*REFUSED), 403, "LOADBALANCER_SECRET"),
        ("greenlight#1283: a page of nginx, not closed", "<html><body><hr></body></html>", 200, "not whole XML"),
        ("greenlight#1795: Tomcat's page", "<!doctype html><html></html>", 500, "overloaded or being restarted"),
        ("scalelite#89: another site", "<html><body>Greenlight</body></html>", 200, "not BBB's: is the address right"),
    ],
)  # fmt: skip
def test_whatever_is_refused_is_told_in_words(report: str, body: str, code: int, words: str) -> None:
    assert words in failing(body.encode(), code), report


def test_an_answer_that_http_sends_without_its_text_is_a_refusal() -> None:
    """scalelite#1237: without a checksum it answered 304."""

    class Unchanged(FakeScalelite):
        def answer(self, _: str) -> tuple[int, str, str]:
            return 304, "application/xml", ""

    with pytest.raises(ReadingError, match="answered 304: the secret is not the load balancer's"):
        ask(Unchanged())
    with pytest.raises(ReadingError, match="too old"):
        ask(FakeScalelite(whole(), has_interface=False))


# The table of rake status


def test_the_table_is_read_in_every_version() -> None:
    """By the first part of the host name; the load is Scalelite's own, and is not taken for the scenario's."""
    wanted = {
        "bbb1": NodeReading(rooms=3, users=19, cameras=15),
        "bbb2": NodeReading(rooms=1, users=14, cameras=5, online=False),
        "bbb3": OFF,
        "bbb9": NodeReading(rooms=0, users=0, cameras=0),
    }
    for columns in (7, 8, 10):
        assert scalelite.parse_status(status(whole(), columns)) == wanted


@pytest.mark.parametrize("width", [70, 74, 80, 90, 100, 132])
def test_a_host_that_the_terminal_wrapped_is_whole(width: int) -> None:
    """scalelite#1054, and 80 columns where there is no terminal: host names and titles broken anywhere."""
    pool = [
        Pooled("https://conference-server-01.meet.example.org/bigbluebutton/api", "enabled").polled([5, 2], 3),
        Pooled("https://conference-server-02.meet.example.org/bigbluebutton/api", "disabled"),
        Pooled("https://de.example.org/bigbluebutton/api", "enabled").polled([1]),
    ]
    found = scalelite.parse_status(status(pool, columns=8, width=width))
    assert list(found) == ["conference-server-01", "conference-server-02", "de"]
    assert found["conference-server-01"].users == 7


def test_a_title_that_is_broken_asks_for_a_wider_terminal() -> None:
    with pytest.raises(ReadingError, match="in a terminal wide enough"):
        scalelite.parse_status(status(whole(), columns=8, width=66))


def loaded(folder: Path, text: str | bytes) -> dict[str, NodeReading]:
    path = folder / "status.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return dict(file.load(path).nodes)


def test_case_rake_status_after_a_line(tmp_path: Path) -> None:
    found = loaded(tmp_path, (CASES / "rake-status-after-a-line" / "status.txt").read_bytes())
    assert found == {
        "de": NodeReading(rooms=12, users=25, cameras=15),
        "ca": NodeReading(rooms=4, users=14, cameras=5),
    }


DOCKER = "ubuntu@loadbalancer:~$ sudo docker exec -it scalelite-api bin/rake status"


def journal(n: int) -> str:
    return f"Oct 09 16:59:{36 + n} lb docker[5475]: "


def in_front(text: str, before: Callable[[int], str]) -> str:
    return "".join(before(n) + line for n, line in enumerate(text.splitlines(keepends=True)))


@pytest.mark.parametrize(
    ("report", "around"),
    [
        ("scalelite#202: with the command before it", lambda table: f"{DOCKER}\n{table}"),
        ("scalelite#559: with the prompt before and after", lambda table: f"~ $ ./bin/rake status\n{table}~ $ \n"),
        ("scalelite#559: with what was typed next", lambda table: f"{table}~ $ ./bin/rake servers:cordon[id]\nOK\n"),
        ("scalelite#1215: by the logger", lambda table: f"I, [2025-12-08T10:00:00.123 #7]  INFO -- : \n{table}"),
        ("scalelite#985: docker compose logs", lambda table: in_front(table, lambda _: "scalelite-api  | ")),
        ("scalelite#700: from the journal", lambda table: in_front(table, journal)),
        ("dos-kernel#148: `>` of PowerShell 5.1", lambda table: table.replace("\n", "\r\n").encode("utf-16")),
        ("BurntSushi/toml#233: saved by Notepad", lambda table: b"\xef\xbb\xbf" + table.encode()),
    ],
)  # fmt: skip
def test_what_stands_around_the_table_is_left_out(
    tmp_path: Path, report: str, around: Callable[[str], str | bytes]
) -> None:
    table = status(whole())
    assert loaded(tmp_path, around(table)) == scalelite.parse_status(table), report


def test_case_rake_status_new_server(tmp_path: Path) -> None:
    found = loaded(tmp_path, (CASES / "rake-status-new-server" / "status.txt").read_bytes())
    assert found["new"] == OFF
    assert (found["de"].users, found["ca"].users) == (25, 14)


@pytest.mark.parametrize(
    ("report", "server", "wanted"),
    [
        ("scalelite#137: enabled and never polled", Pooled(url(1), "enabled"), OFF),
        ("scalelite#792: all polls failed", Pooled(url(1), "enabled").failed(), OFF),
        ("scalelite#559: powered off", Pooled(url(1), "enabled").polled([4]).failed(), OFF),
        ("its counts kept, up to 1.5.1", Pooled(url(1), "enabled").polled([4]).failed((1, 5, 1)), OFF),
        ("scalelite#261: disabled, not deleted", Pooled(url(1), "disabled"), OFF),
        ("scalelite#613: without a state", Pooled(url(1), enabled=True).polled([3]), THREE),
        ("scalelite#1058: its version known", Pooled(url(1), "enabled", bbb_version="2.7.9", tag="x"), OFF),
    ],
)  # fmt: skip
def test_a_server_that_is_down_or_new_is_offline_and_not_empty(
    report: str, server: Pooled, wanted: NodeReading
) -> None:
    pool = [server, Pooled(url(2), "enabled").polled([3])]
    assert scalelite.parse_status(status(pool)) == {"bbb1": wanted, "bbb2": NodeReading(rooms=1, users=3, cameras=0)}, (
        report
    )


def test_an_address_is_a_node_too() -> None:
    pool = [Pooled(f"https://{host}/bigbluebutton/api", "enabled").polled([2]) for host in ("10.0.0.5", "10.0.0.6")]
    pool += [Pooled("https://[2001:db8::5]/bigbluebutton/api", "enabled").polled([3])]
    assert {name: one.users for name, one in scalelite.parse_status(status(pool)).items()} == {
        "10-0-0-5": 2,
        "10-0-0-6": 2,
        "2001-db8--5": 3,
    }


TABLE = status(whole())
ODD = TABLE.replace("bbb9.example.com  enabled   online", "bbb9.example.com  draining  online")
CUT = TABLE[: TABLE.index("  enabled   online          0")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("HOSTNAME", "HOST"), "is this what `rake status` prints"),
        (("VIDEOS", "FILMS "), "line 1: wanted the columns .*VIDEOS, in this order"),
        # by their place alone the people would be rooms
        (("MEETINGS  USERS", "USERS  MEETINGS"), "line 1: wanted the columns .*VIDEOS, in this order"),
        (("       1     14 ", "             14 "), "line 3: wanted host, state, status and four numbers"),
        (("enabled   online ", "enabled   on-line"), "line 2: whether bbb1 takes meetings is not understood"),
        (("cordoned  online", "on        online"), "line 3: whether bbb2 takes meetings is not understood"),
        (("bbb2.", "_Anna"), "line 3: the host name does not begin with a name"),
        (("bbb2.", "\u202e2."), "line 3: the host name does not begin with a name"),
        (("bbb2.", "b" * 41), "line 3: the host name does not begin with a name"),
        (("bbb2.", "bbb1."), "line 3: bbb1 is listed twice"),
        (("       3     19 ", "       0     19 "), "line 2: its numbers contradict each other"),
        (("     19               12 ", "     19               99 "), "line 2: its numbers contradict each other"),
        ((TABLE, TABLE * 2), "line 6: a second table begins here"),
        ((TABLE, TABLE.splitlines()[0]), "lists no server"),
        ((TABLE, f"{TABLE} conference.exam"), "line 6: wanted host, state"),
        ((TABLE, f"{status(whole(), 8)} conference.exam"), "line 6: the table breaks off here"),
        ((TABLE, f"~ $ rake status\n{TABLE}~ $ date\n{TABLE.splitlines()[1]}"), "line 8: a row after line 7"),
        ((TABLE, f"{TABLE}~ $ rake status\n{TABLE}"), "line 8: a row after line 6"),
        ((TABLE, in_front(TABLE, lambda n: "lb | " if n < 3 else "")), "line 4: wanted the beginning of line 1"),
        # the last row alone, with a state that no version has, cut to its host, or behind a prompt: it was left out
        ((TABLE, in_front(ODD, lambda n: "lb | " if n < 4 else "")), "line 5: wanted the beginning of line 1"),
        ((TABLE, in_front(CUT, lambda n: "lb | " if n < 4 else "")), "line 5: wanted the beginning of line 1"),
        ((TABLE, in_front(TABLE, lambda n: "~ $" if n == 4 else "    ")), "line 5: a row behind a prompt"),
        ((TABLE, f"{TABLE}~ $ rake status\n{ODD.splitlines()[4]}"), "line 7: a row after line 6"),
        ((TABLE, f"{ODD.splitlines()[4]}\n{TABLE}"), "line 1: a row above the titles, which are in line 2"),
        ((TABLE, f"{status(whole()[:3], 8)} bbb9.example.com\n"), "line 5: the table breaks off here"),
    ],
)
def test_a_table_that_is_not_understood_is_refused_with_the_line(change: tuple[str, str], words: str) -> None:
    assert change[0] in TABLE
    with pytest.raises(ReadingError, match=words):
        scalelite.parse_status(TABLE.replace(*change))


def test_a_record_that_speaks_of_the_table_is_a_record(tmp_path: Path) -> None:
    said = {"schema": file.SCHEMA, "taken_at": datetime.now(UTC).isoformat(), "source": "HOSTNAME STATE STATUS"}
    assert loaded(tmp_path, json.dumps({**said, "nodes": {"de": {"users": 3}}}))["de"].users == 3


@settings(max_examples=200)
@given(
    st.text(max_size=200)
    | st.builds(
        lambda first, last, put: TABLE[:first] + put + TABLE[last:],
        st.integers(0, 600),
        st.integers(0, 600),
        st.text(max_size=9),
    )
)
def test_no_table_makes_the_parser_fail_otherwise(text: str) -> None:
    try:
        found = scalelite.parse_status(text)
    except ReadingError:
        return
    assert found
    assert not any("." in name for name in found)


@settings(max_examples=200)
@given(st.integers(1, 4), st.integers(0, 300), st.integers(1, 300))
def test_no_row_is_lost_in_silence(row: int, at: int, length: int) -> None:
    """A piece cut out of a row: an error, or as many servers as rows; a row that is gone whole is gone."""
    lines = TABLE.splitlines(keepends=True)
    lines[row] = lines[row][:at] + lines[row][at + length :]
    there = sum(bool(line.strip()) for line in lines[1:])
    try:
        found = scalelite.parse_status("".join(lines))
    except ReadingError:
        return
    assert len(found) == there
