"""All servers at once: whom to ask, what one failure does, whom TLS trusts; nothing personal or secret gets out."""

import json
import logging
import os
import shutil
import ssl
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_bbb import PERSONAL, SECRET, Fake, Handler, Room, broken_off, hang_up, serving
from fake_scalelite import FakeScalelite, Pooled, status

from planner.readings import ReadingError, bbb, file, live, scalelite, servers, transport
from planner.readings.transport import Secret
from planner.store import history

ENVIRON = {"PLANNER_SECRET_DE": SECRET, "PLANNER_SECRET_CA": SECRET, "PLANNER_SECRET_SCALELITE": SECRET}


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def known(folder: Path, text: str, environ: dict[str, str] | None = None) -> servers.Servers:
    """Return the servers that a file with this text names."""
    path = folder / "servers.toml"
    path.write_text(text)
    return servers.load(path, ENVIRON if environ is None else environ)


# Whom to ask


def test_a_file_names_nodes_balancer_and_prometheus(tmp_path: Path) -> None:
    found = known(
        tmp_path,
        """
        [nodes.de]
        url = "https://de.example.org/bigbluebutton/"
        checksum = "sha512"
        [scalelite]
        url = "https://lb.example.org"
        nodes = {"N1.example.org" = "n1"}
        [prometheus]
        url = "http://metrics.example.org:9090"
        nodes = {de = 'instance="de.example.org:9688"'}
        """,
    )
    assert found.nodes == ("de", "n1")
    assert found.bbb[0].checksum == "sha512"
    assert found.scalelite is not None
    assert found.scalelite.nodes == {"n1.example.org": "n1"}
    assert found.prometheus is not None
    assert found.prometheus.token is None
    assert found.load == "cpu"
    assert SECRET not in repr(found)


def test_a_secret_may_stand_in_a_file_of_its_owners_alone(tmp_path: Path) -> None:
    text = '\ufeff[nodes.de]\r\nurl = "https://de.example.org/"\r\nsecret_file = "de.secret"\r\n'  # from Windows
    place = tmp_path / "de.secret"
    place.write_text(f"{SECRET}\n")
    for mode in (0o640, 0o604, 0o622, 0o777):
        place.chmod(mode)
        with pytest.raises(ReadingError, match="others may read or change this secret") as caught:
            known(tmp_path, text, {})
        assert SECRET not in str(caught.value)
    place.chmod(0o600)
    assert known(tmp_path, text, {}).bbb[0].secret.reveal() == SECRET
    place.unlink()
    with pytest.raises(ReadingError, match="cannot be read"):
        known(tmp_path, text, {})
    os.mkfifo(place, 0o600)
    with pytest.raises(ReadingError, match="found a pipe"):
        known(tmp_path, text, {})
    place.unlink()
    place.symlink_to("/dev/zero")
    with pytest.raises(ReadingError, match="found a device"):
        known(tmp_path, text, {})
    (tmp_path / "servers.toml").write_bytes(b"\xff[")
    with pytest.raises(ReadingError, match="not UTF-8 text"):
        servers.load(tmp_path / "servers.toml", {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no node"),
        ("[nodes", "not TOML"),
        ("[nodes.de]\nurl = 7", "nodes.de.url: wanted a text"),
        ("[nodes.de]\nurl = 'https://x/'\nsecret = 's3cr3t'", "a secret does not belong in this file"),
        ("[nodes.de]\nurl = 'https://x/'\nscret_file = 's3cr3t'", "not known; wanted url, secret_file"),
        ("[nodes.de]\nurl = 'http://de.example.org/'", "wanted https"),
        ("[nodes.de]\nurl = 'https://ops:s3cr3t@de.example.org/'", "holds no user and password"),
        ("[nodes.de]\n", "nodes.de.url: not an address"),
        ("[nodes.de]\nurl = 'https://x/'\nchecksum = 'md5'", "wanted one of sha256, sha1"),
        ("[nodes]\nde = 7", "nodes.de: wanted a table"),
        ("[nodes.nl]\nurl = 'https://x/'", "set PLANNER_SECRET_NL, or name a secret_file"),
        ("[scalelite]\nurl = 'https://x/'", "scalelite.nodes: wanted a table of texts"),
        (
            "[scalelite]\nurl = 'https://x/'\nnodes = {'de.x.org' = 'de', 'https://DE.x.org/' = 'ca'}",
            "scalelite.nodes: ca has the host that de has: wanted each host once",
        ),
        ("[prometheus]\nurl = 'http://x/'\nnodes = {de = 7}", "prometheus.nodes: wanted a table of texts"),
        ("[prometheus]\nurl = 'http://x/'\ntoken_file = 'none'\nnodes = {de = 'a=\"b\"'}", "cannot be read"),
        ("load = 'weight'", 'wanted "cpu" or "scalelite"'),
        ('[nodes."Anna Smith"]\nurl = "https://x/"', "nodes: wanted a name of letters, digits"),
        ('[nodes."de\\n"]\nurl = "https://x/"', "nodes: wanted a name of letters, digits"),
        ('[nodes."s3cr3t s3cr3t"]', "nodes: wanted a name of letters, digits"),
        ("[prometheus]\nurl = 'http://x/'\nnodes = {'Anna Smith' = 'a=\"b\"'}", "prometheus.nodes: wanted a name"),
        (
            "[prometheus]\nurl = 'http://x/'\ntoken_file = 's3cr3t'\nnodes = {de = 'a=\"b\"'}",
            "token_file: cannot be read",
        ),
        ("[nodes.nl]\nurl = 'https://x/'\nsecret_file = 's3cr3t'", "nodes.nl.secret_file: cannot be read"),
        (
            '[nodes.nl]\nurl = "https://x/"\nsecret_file = "s3cr3t\\u0000"',
            "secret_file: cannot be read: not a file name",
        ),
        ("[nodes.de]\nurl = 'https://x/'\nS3CR3T = 's3cr3t'", "nodes.de.a name: not known"),
        ("s3cr3t", "not TOML, at end of document"),
        ("de = s3cr3t", "not TOML, at line 1, column 6"),
        ("[nodes.s3cr3t]\n[nodes.s3cr3t]", "not TOML, at line 2"),
        ("s3cr3t = 1\ns3cr3t = 2", "not TOML, at "),
        ("load = " + "[" * 10_000, "not TOML"),
        ("load = " + "9" * 5000, "not TOML"),
        ("load = 10000-01-01", "not TOML"),
        ("\ufeff\ufeffload = 'cpu'", "not TOML"),
        ("#" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ReadingError) as caught:
        known(tmp_path, text)
    assert words in str(caught.value)
    assert "servers.toml" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[nodes.a-b]\nurl = 'https://x/'\n[nodes.a_b]\nurl = 'https://y/'", "3: a-b and a_b .* PLANNER_SECRET_A_B: "),
        ("[nodes.de]\nurl = 'https://x/'\n# [nodes.DE]\n[nodes.DE]\nurl = 'https://y/'", "4: de and DE would both"),
        ("[nodes.scalelite]\nurl = 'https://x/'\n[scalelite]\nurl = 'https://y/'", "3: scalelite and scalelite"),
        ("[nodes.prometheus]\nurl = 'https://x/'\n[prometheus]\nurl = 'http://y/'", "3: prometheus and prometheus"),
        ("nodes = {a-b = {}, a_b = {}}", r"servers\.toml: a-b and a_b would both take their secret from"),
    ],
)
def test_two_servers_do_not_share_the_variable_of_one_secret(tmp_path: Path, text: str, words: str) -> None:
    environ = {f"PLANNER_SECRET_{name}": SECRET for name in ("A_B", "DE", "SCALELITE", "PROMETHEUS")}
    with pytest.raises(ReadingError, match=words):
        known(tmp_path, text, environ)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[nodes.de]\nurl='https://De.example.org/bigbluebutton/'\n[nodes.ca]\nurl='https://de.example.org./bigbluebutton/api'",
            "url",
        ),
        ("[nodes.de]\nurl='https://x/'\n[nodes.ca]\nurl='https://x:443'", "url"),
        ("[prometheus]\nurl='http://[::1]/'\nnodes={de = 'instance=\"a\"', ca = 'instance=\"a\"'}", "labels"),
    ],
)
def test_one_server_under_two_names_is_refused_before_it_is_asked(tmp_path: Path, text: str, words: str) -> None:
    """While it is empty no meeting gives it away: the other one would read as empty, and the gate say yes."""
    with pytest.raises(ReadingError, match=f"de and ca have the same {words}: wanted each server under one name"):
        known(tmp_path, text)
    assert len(known(tmp_path, "[nodes.de]\nurl='https://x/a'\n[nodes.ca]\nurl='https://x/b'").nodes) == 2


def test_case_servers_toml_with_bom(tmp_path: Path) -> None:
    body = (Path(__file__).parent / "cases" / "servers-toml-with-bom" / "servers.toml").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    (tmp_path / "servers.toml").write_bytes(body)
    assert servers.load(tmp_path / "servers.toml", ENVIRON).nodes == ("de",)


@pytest.mark.parametrize(
    ("report", "saved"),
    [
        ("hukkin/tomli#304: UTF-8 with a mark", lambda text: text.encode("utf-8-sig")),
        ("dos-kernel#148: `>` of PowerShell 5.1", lambda text: text.replace("\n", "\r\n").encode("utf-16")),
        ("openwall/john#2802: UTF-16 the other way round", lambda text: b"\xfe\xff" + text.encode("utf-16-be")),
        ("BurntSushi/toml#233: Notepad on a server", lambda text: text.replace("\n", "\r\n").encode("utf-8-sig")),
        ("PowerShell#8636: without a mark", lambda text: text.encode()),
    ],
)
def test_what_an_editor_on_windows_saved_is_read(tmp_path: Path, report: str, saved: Callable[[str], bytes]) -> None:
    """The servers, a secret, a reading from a file."""
    (tmp_path / "servers.toml").write_bytes(saved('[nodes.de]\nurl = "https://x/"\nsecret_file = "de"\n'))
    (tmp_path / "de").write_bytes(saved(f"{SECRET}\n"))
    (tmp_path / "de").chmod(0o600)
    assert servers.load(tmp_path / "servers.toml", {}).bbb[0].secret.reveal() == SECRET, report
    said = f'{{"schema": "{file.SCHEMA}", "taken_at": "2021-05-04T10:00:00Z", "source": "x", "nodes": {{"de": {{}}}}}}'
    (tmp_path / "now.json").write_bytes(saved(said))
    assert list(file.load(tmp_path / "now.json").nodes) == ["de"]


@pytest.mark.parametrize(
    ("report", "body"),
    [
        ("toml-test#199: two marks", b"\xef\xbb\xbf\xef\xbb\xbf[nodes.de]"),
        ("jackson-dataformats-text#674: a mark elsewhere", "[nodes.\ufeffde]".encode()),
        ("half a letter of UTF-16", b"\xff\xfe[\0n"),
    ],
)
def test_a_mark_in_another_place_is_refused(tmp_path: Path, report: str, body: bytes) -> None:
    (tmp_path / "servers.toml").write_bytes(body)
    with pytest.raises(ReadingError, match=r"servers\.toml: not (TOML|UTF-8)"):
        servers.load(tmp_path / "servers.toml", ENVIRON)
    assert report


@pytest.mark.parametrize("secret", ["", "two words", "sëcret", "line\nline", "x" * 1001])
def test_what_is_no_secret_is_refused_without_repeating_it(tmp_path: Path, secret: str) -> None:
    with pytest.raises(ReadingError, match="wanted a secret in one line") as caught:
        known(tmp_path, "[nodes.de]\nurl = 'https://x/'", {"PLANNER_SECRET_DE": secret})
    assert not secret or secret not in str(caught.value)


# One reading of all


def asked(folder: Path, **fakes: Fake) -> servers.Servers:
    """Return the servers whose nodes are these fakes."""
    return known(folder, "".join(f'[nodes.{name}]\nurl = "{fake.url}"\n' for name, fake in fakes.items()))


def test_every_node_is_read_and_one_failure_is_that_nodes_own(tmp_path: Path) -> None:
    with serving(Fake(rooms=[Room(1), Room(2)])) as de, serving(Fake(rooms=[Room(3)], kind="text/html")) as ca:
        reading = live.read(asked(tmp_path, de=de, ca=ca), now(), {"room-1": "ocn-001"})
    assert list(reading.nodes) == list(reading.meetings) == ["de"]
    assert reading.nodes["de"].rooms == 2
    assert [meeting.account for meeting in reading.meetings["de"]] == ["ocn-001", None]
    assert "not XML" in reading.unread["ca"]
    assert reading.source == "BigBlueButton on de, ca"


def test_one_server_under_two_names_is_not_read_twice(tmp_path: Path) -> None:
    """Two addresses may lead to one server, such as a name and its alias: then a meeting in both gives it away."""
    with serving(Fake(rooms=[Room(1)])) as one:
        twice = known(tmp_path, f"[nodes.de]\nurl = '{one.url}'\n[nodes.ca]\nurl = '{one.url}/.'")
        alias = replace(twice.bbb[1], url=one.url)
        reading = live.read(replace(twice, bbb=(twice.bbb[0], alias)), now())
    assert reading.nodes == {}
    assert (
        reading.unread["de"] == reading.unread["ca"] == "de and ca list the same meeting: one server under two names?"
    )


def test_what_many_servers_said_can_be_read_from_the_file_it_is_written_to(tmp_path: Path) -> None:
    """`planner observe` writes it and another machine's gate reads it: the source must not grow too long for that."""
    names = [f"a-server-with-quite-a-long-name-{count}" for count in range(30)]
    text = "".join(f"[nodes.{name}]\nurl = 'https://[::1]:1/{name}'\n" for name in names)
    environ = {f"PLANNER_SECRET_{name.upper().replace('-', '_')}": SECRET for name in names}
    reading = live.read(known(tmp_path, text, environ), now(), within=0.05)
    assert reading.source == "BigBlueButton on 30 nodes"
    written = file.as_json(reading) | {"nodes": {"de": {"users": 1}}}
    assert file.parse(json.dumps(written).encode()).source == reading.source


def test_servers_are_asked_at_the_same_time(tmp_path: Path) -> None:
    """Each answers only when the other has been asked as well."""
    both = threading.Barrier(2)

    def together(handler: Handler) -> bool:
        both.wait(timeout=5)
        return False

    with serving(Fake(rooms=[Room(1)], act=together)) as de, serving(Fake(act=together)) as ca:
        assert live.read(asked(tmp_path, de=de, ca=ca), now()).unread == {}


def test_what_several_say_of_a_node_is_put_together(tmp_path: Path) -> None:
    """Its own counts, the balancer's load and state; a balancer that fails takes its part away and says so."""
    balancer = FakeScalelite([Pooled("https://de.example.org/bigbluebutton/api", "cordoned").polled([11])], SECRET)
    lb = Fake(act=balancer.act)
    with serving(Fake(rooms=[Room(1)])) as de, serving(lb):
        where = lb.url.removesuffix("bigbluebutton/")
        text = f'[nodes.de]\nurl = "{de.url}"\n[scalelite]\nurl = "{where}"\nnodes = {{"de.example.org" = "de"}}\n'
        reading = live.read(known(tmp_path, text), now())
        assert reading.nodes["de"].load == 12.0
        assert (reading.nodes["de"].rooms, reading.nodes["de"].online) == (1, False)
        cpu = live.read(known(tmp_path, f'load = "cpu"\n{text}'), now())
        assert cpu.nodes["de"].load is None  # the scenario's limit means another load
        balancer.secret = "another"
        less = live.read(known(tmp_path, text), now())
    assert (less.nodes["de"].rooms, less.nodes["de"].load) == (1, None)
    assert "the secret is not the load balancer's" in less.unread["de"]


# The table of rake status, as a file

STATUS = status([Pooled(f"https://bbb{n}.example.com/bigbluebutton/api", "enabled").polled([2] * n, n) for n in (1, 2)])


def test_a_readings_file_may_be_the_table_and_is_as_old_as_the_file(tmp_path: Path) -> None:
    """The table bears no time of its own; what it does not say stays unread."""
    path = tmp_path / "status.txt"
    path.write_text(STATUS, encoding="utf-8")
    written = datetime(2021, 5, 4, 9, 0, tzinfo=UTC)
    os.utime(path, (0, written.timestamp()))
    reading = file.load(path)
    assert reading.taken_at == written
    assert reading.nodes == scalelite.parse_status(STATUS)
    assert "rake status" in reading.source
    assert (reading.nodes["bbb1"].streams, reading.nodes["bbb1"].load) == (None, None)


def test_a_table_that_is_piped_in_is_as_old_as_the_pipe() -> None:
    """Without a file there is no time of a file: the pipe was written just now."""
    code = (
        "from pathlib import Path; from planner.readings import file; print(file.load(Path('-')).taken_at.isoformat())"
    )
    before = now()
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], input=STATUS, capture_output=True, text=True, check=True, cwd=root
    )
    assert abs(datetime.fromisoformat(done.stdout.strip()) - before) < timedelta(minutes=1)


# TLS


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Return the address of a BBB server with a certificate that it signed itself, and that certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("the program openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *request, *subject, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(Fake(rooms=[Room(1)]), context) as fake:
        yield fake.url, certificate


def test_a_certificate_is_verified_against_whom_we_trust_and_against_the_name(certified: tuple[str, Path]) -> None:
    url, certificate = certified
    by_name = url.replace("127.0.0.1", "localhost")
    assert bbb.read(bbb.Server("de", by_name, Secret(SECRET), ca_file=certificate), now())[0].rooms == 1
    with pytest.raises(ReadingError, match="its certificate is not trusted"):
        bbb.read(bbb.Server("de", by_name, Secret(SECRET)), now())
    with pytest.raises(ReadingError, match="its certificate is not trusted"):
        bbb.read(bbb.Server("de", url, Secret(SECRET), ca_file=certificate), now())  # the name in it is another
    with pytest.raises(ReadingError, match="wanted a regular file"):
        bbb.read(bbb.Server("de", by_name, Secret(SECRET), ca_file=Path(os.devnull)), now())
    for text in ("", "-----BEGIN CERTIFICATE-----\n", "ä"):
        certificate.write_text(text)
        with pytest.raises(ReadingError, match="no certificates to trust"):
            bbb.read(bbb.Server("de", by_name, Secret(SECRET), ca_file=certificate), now())


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://de.example.org/", True),
        ("http://de.example.org/", False),
        ("http://localhost:9090/", True),
        ("http://127.0.0.2/", True),
        ("http://[::1]:80/", True),
        ("http://127.0.0.1.example.org/", False),
        ("http://10.0.0.1/", False),
    ],
)
def test_a_connection_is_private_with_tls_or_on_this_machine(url: str, private: bool) -> None:
    assert transport.is_private(url) is private


# Nothing gets out


def test_neither_secret_nor_name_is_in_records_logs_tracebacks_or_the_database(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Good answers and bad ones, with every log on; then everything that is left is searched."""
    caplog.set_level(logging.DEBUG)
    good = Fake(rooms=[Room(1, users=4), Room(2, parent=1), Room(3, users=60)])
    shouting = f"<response><returncode>FAILED</returncode><messageKey>{PERSONAL[0]} {SECRET}</messageKey></response>"
    bad = [
        Fake(rooms=[Room(1)], secret="another"),
        Fake(rooms=[Room(1)], kind=f"text/html; {PERSONAL[0]}"),
        Fake(body=shouting.encode()),
        Fake(body=f"<response><a>{PERSONAL[0]}{SECRET}</b></response>".encode()),
        Fake(status=302, location="https://elsewhere.example.org/"),
        Fake(rooms=[Room(1)], act=broken_off),
        Fake(rooms=[Room(1)], act=hang_up),
    ]
    path, said = tmp_path / "history.db", []
    for fake in (good, *bad):
        with serving(fake):
            reading = live.read(asked(tmp_path, de=fake), now(), {"room-1": "ocn-001"})
            said += [repr(reading), *reading.unread.values()]
            try:
                bbb.read(bbb.Server("de", fake.url, Secret(SECRET)), now())
            except ReadingError as error:
                assert error.__traceback__ is not None  # noqa: PT017  # for the type checker; what it says is looked at below
                ours = error.__traceback__.tb_next  # without this test's own variables
                said += traceback.TracebackException(type(error), error, ours, capture_locals=True).format()
            with history.open_history(path) as db:
                history.observe(db, reading)
                said += [repr(history.meetings(db)), repr(history.samples(db))]
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("history.db*"))
    out, err = capfd.readouterr()
    everything = "\n".join([*said, caplog.text, out, err]).encode() + kept
    assert b"ocn-001" in everything
    for word in (*PERSONAL, SECRET, "room-"):
        assert everything.count(word.encode()) == 0, word
