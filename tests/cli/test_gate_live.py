"""The gate on live servers, as it is typed: each way a server can misbehave has its verdict, and nothing leaks.

Every run here is searched, all it printed and all it wrote, for the secret, for its checksums and for the names of the
people in the fake server's meetings.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_bbb import (
    PERSONAL,
    SECRET,
    Fake,
    Room,
    broken_off,
    drip,
    drip_headers,
    endless,
    hang_up,
    laughs,
    listed,
    serving,
    silence,
)
from fake_scalelite import FakeScalelite, Pooled
from readings.test_prometheus import ROOMS, real  # noqa: F401  # a fixture: a Prometheus that scrapes three nodes
from stored_plan import ROOT, begin, document, gate, store, typed

from planner.readings import prometheus
from planner.store import register

ITS_OWN = ("rooms", "users", "streams")
"""What BigBlueButton says of itself; it knows no CPU."""
SIGNED = [hashlib.new(name, f"getMeetings{SECRET}".encode()).hexdigest() for name in ("sha1", "sha256", "sha384")]
NEVER = (*PERSONAL, SECRET, *SIGNED, "room-")
SECRETS = {"PLANNER_SECRET_DE": SECRET, "PLANNER_SECRET_CA": SECRET, "PLANNER_SECRET_SCALELITE": SECRET}
ADMIT = ("--register", "register.sqlite", "--by", "ops", "--admit", "ocn-001", "--metrics", "gate.prom")


def searched(folder: Path, done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """Return what was done, once nothing that may not get out is in anything printed or written."""
    left = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    everything = {"stdout": done.stdout.encode(), "stderr": done.stderr.encode(), **left}
    for word in NEVER:
        assert [name for name, body in everything.items() if word.encode() in body] == [], word
    return done


def live(folder: Path, servers: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Ask the gate for one account, with the servers of a text, and search what is left."""
    (folder / "servers.toml").write_text(servers)
    environment = SECRETS | environment
    return searched(folder, gate(folder, "--live", "--servers", "servers.toml", *words, **environment))


def nodes(**fakes: Fake) -> str:
    """Return the file that says where these nodes are."""
    return "".join(f'[nodes.{name}]\nurl = "{fake.url}"\n' for name, fake in fakes.items())


def rows(folder: Path) -> tuple[register.Entry, ...]:
    """Return what the register holds."""
    with register.open_register(folder / "register.sqlite") as db:
        return register.entries(db)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with the stored plan of one node, what BigBlueButton itself knows limited, and a register."""
    store(tmp_path, document(nodes=("de",), resources=ITS_OWN))
    begin(tmp_path)
    return tmp_path


# What is understood


def busy(count: int) -> list[Room]:
    """Return so many meetings of three."""
    return [Room(number) for number in range(count)]


@pytest.mark.parametrize(
    ("rooms", "code", "read"),
    [
        ([], 0, {"rooms": 0, "users": 0, "streams": 0}),
        (busy(5), 0, {"rooms": 5, "users": 15}),
        # a meeting with four breakout rooms, whose people are in both
        ([Room(1, users=40), *(Room(n, users=10, parent=1, nested=n > 3) for n in range(2, 6))], 0, {"users": 40}),
        ([Room(1, users=120)], 4, {"users": 120}),  # within the limit, but not what the plan expects
        (busy(300), 3, {"rooms": 300, "users": 900}),
    ],
    ids=["empty", "a few", "breakouts", "outside the band", "300 meetings"],
)
def test_what_a_server_says_is_judged_and_recorded(
    place: Path, rooms: list[Room], code: int, read: dict[str, int]
) -> None:
    with serving(Fake(rooms=rooms)) as de:
        done = live(place, nodes(de=de), "--json", *ADMIT)
    assert done.returncode == code, done.stdout + done.stderr
    decision = json.loads(done.stdout)
    assert read.items() <= decision["reading"]["nodes"]["de"].items()
    assert decision["reading"]["source"] == "BigBlueButton on de"
    assert 0 <= decision["reading"]["age_s"] < 60
    assert [row.ref for row in rows(place)] == (["ocn-001"] if code == 0 else [])
    assert f'verdict="{decision["verdict"]}"}} 1' in (place / "gate.prom").read_text()


# What is not


MISBEHAVIOURS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong secret": ({"secret": "another"}, "refuses the checksum"),
    "error in the second shape": (
        {
            "body": b"<response><returncode>FAILED</returncode><errors><error key='unsupportedRequest' "
            b"message='Annelore'/></errors></response>"
        },
        "does not know getMeetings",
    ),
    "error that speaks": (
        {"body": f"<response><returncode>FAILED</returncode><messageKey>{SECRET}</messageKey></response>".encode()},
        "without a known reason",
    ),
    "not BBB": ({"body": b"<rss/>"}, "not BBB's"),
    "not XML": ({"body": f"<response><a>{PERSONAL[0]}</b>".encode()}, "not whole XML"),
    "wrong content type": ({"kind": f"text/html; x={PERSONAL[1]}"}, "not XML"),
    "billion laughs": ({"body": laughs()}, "entities"),
    "truncated": ({"act": broken_off}, "breaks off"),
    "hangs up": ({"act": hang_up}, "connection failed"),
    "500 MB": ({"act": endless}, "larger than 20 MB"),
    "redirect to another host": (
        {"status": 302, "location": f"https://x.example/?{PERSONAL[0]}"},
        "a redirect, which is not followed",
    ),
    "redirect to itself": ({"status": 302, "location": "/bigbluebutton/api/getMeetings"}, "redirect"),
    "error page": ({"status": 502, "kind": "text/html", "body": b"<html>Bad gateway</html>"}, "502"),
    "clock an hour late": ({"date": datetime.now(UTC) - timedelta(hours=1)}, "min behind the one here"),
    "counts that are no numbers": ({"body": listed([Room(1, users=1200)], thousands="and")}, "is not a number"),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_server_that_is_not_understood_is_unknown(place: Path, name: str) -> None:
    """Exit 4 with the node and the reason; nobody is admitted."""
    how, reason = MISBEHAVIOURS[name]
    with serving(Fake(rooms=busy(3), **how)) as de:
        done = live(place, nodes(de=de), *ADMIT)
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stdout.startswith("unknown: node de: http://127.0.0.1:")
    assert reason in " ".join(done.stdout.split())
    assert rows(place) == ()
    assert 'verdict="unknown"} 1' in (place / "gate.prom").read_text()


@pytest.mark.slow
def test_a_server_that_is_slow_is_given_up_in_time(tmp_path: Path) -> None:
    """Silence, an answer and headers that never end: each has fifteen seconds at most, both tries together."""
    ways = {"silent": silence, "slow": drip, "headers": drip_headers}

    def ask(name: str) -> tuple[int, str]:
        folder = tmp_path / name
        folder.mkdir()
        store(folder, document(nodes=("de",), resources=ITS_OWN))
        begin(folder)
        with serving(Fake(rooms=busy(30), act=ways[name])) as de:
            (folder / "servers.toml").write_text(nodes(de=de))
            words = ("gate", "pilot.yaml", "--level", "level-1", "--live", "--servers", "servers.toml", *ADMIT)
            done = searched(folder, typed(*words, cwd=folder, **SECRETS))
        assert rows(folder) == ()
        return done.returncode, done.stdout

    begun = datetime.now(UTC)
    with ThreadPoolExecutor(3) as crowd:
        for code, said in crowd.map(ask, ways):
            assert code == 4
            assert said.startswith("unknown: node de")
    assert datetime.now(UTC) - begun < timedelta(seconds=30)  # 15 s, and a machine that has other work


def test_one_node_of_two_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    store(tmp_path, document(resources=ITS_OWN))
    begin(tmp_path)
    with serving(Fake(rooms=busy(3))) as de, serving(Fake(act=hang_up)) as ca:
        done = live(tmp_path, nodes(de=de, ca=ca), *ADMIT)
        assert done.returncode == 4
        assert done.stdout.startswith("unknown: node ca: http")
        ca.act, ca.rooms = None, [Room(9)]
        assert live(tmp_path, nodes(de=de, ca=ca), *ADMIT).returncode == 0


def test_a_node_that_nobody_listens_on_is_unknown(place: Path) -> None:
    with serving(Fake()) as gone:
        servers = nodes(de=gone)
    assert "Connection refused" in " ".join(live(place, servers).stdout.split())


def test_streams_are_counted_by_the_page_of_the_plan(tmp_path: Path) -> None:
    """Case live-streams-ignore-page-size: 576 go out for a viewer who sees 48 cameras, not 312."""
    begin(tmp_path)
    with serving(Fake(rooms=[Room(n, users=12, cameras=12) for n in range(4)])) as de:
        for page, streams in ((5, 312), (48, 576), ("5; 4 from 12 users (moderators 6)", 4 * (12 + 6 + 11 * 4))):
            store(tmp_path, document(nodes=("de",), resources=ITS_OWN, page_size=page))
            read = json.loads(live(tmp_path, nodes(de=de), "--json").stdout)["reading"]
            assert read["nodes"]["de"]["streams"] == streams


def test_a_node_that_its_balancer_took_out_holds(place: Path) -> None:
    """The balancer's word that a node is offline is enough, also where the node itself does not answer."""
    balancer = FakeScalelite([Pooled("https://de.example.org/bigbluebutton/api", "enabled").failed()], SECRET)
    pool = Fake(act=balancer.act)
    with serving(Fake(act=hang_up)) as de, serving(pool):
        where = pool.url.removesuffix("bigbluebutton/")
        text = f'{nodes(de=de)}[scalelite]\nurl = "{where}"\nnodes = {{"de.example.org" = "de"}}\n'
        done = live(place, text)
    assert done.returncode == 3
    assert done.stdout.startswith("hold: server de is offline")


@pytest.mark.parametrize(("limit", "code", "read"), [(0.7, 4, None), (40.0, 0, 0.0)])
def test_the_load_that_is_read_is_the_one_that_the_plan_limits(
    tmp_path: Path, limit: float, code: int, read: float | None
) -> None:
    """An idle server has the load 0 by Scalelite's count, whatever its CPU does: no share of a CPU, and no yes."""
    plan = document(nodes=("de",), resources=("load",))
    plan["weeks"][0] |= {"limit": limit, "high": [limit] * 168}
    store(tmp_path, plan)
    begin(tmp_path)
    balancer = FakeScalelite([Pooled("https://de.example.org/bigbluebutton/api", "enabled").polled([])], SECRET)
    with serving(Fake(act=balancer.act)) as pool:
        where = pool.url.removesuffix("bigbluebutton/")
        named = "cpu" if limit > 1 else "scalelite"  # as if the servers file spoke of the other one
        text = f'load = "{named}"\n[scalelite]\nurl = "{where}"\nnodes = {{"de.example.org" = "de"}}\n'
        done = live(tmp_path, text, "--json", "--register", "register.sqlite")
    assert done.returncode == code, done.stdout
    assert json.loads(done.stdout)["reading"]["nodes"]["de"].get("load") == read


@pytest.mark.parametrize(
    ("servers", "says"),
    [
        ("", "names no node"),
        ('[nodes.de]\nurl = "http://de.example.org/"', "wanted https"),
        ('[nodes.nl]\nurl = "https://nl.example.org/"', "PLANNER_SECRET_NL"),
        (f'[nodes.de]\nurl = "https://x/"\nsecret_file = "{PERSONAL[1]}/nowhere"', "not known"),
    ],
)
def test_a_servers_file_that_is_wrong_is_bad_input(place: Path, servers: str, says: str) -> None:
    (place / "servers.toml").write_text(servers.replace("secret_file", "secret_fil"))
    done = gate(place, "--live", "--servers", "servers.toml", *ADMIT, **SECRETS)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert rows(place) == ()


def test_a_secret_that_others_can_read_is_not_used(place: Path) -> None:
    keys = place.parent / "keys"
    keys.mkdir()
    key = keys / "de.secret"
    key.write_text(SECRET)
    with serving(Fake(rooms=busy(2))) as de:
        text = f'{nodes(de=de)}secret_file = "{key}"\n'
        (place / "servers.toml").write_text(text)
        for mode, code in ((0o644, 2), (0o600, 0)):
            key.chmod(mode)
            done = searched(place, gate(place, "--live", "--servers", "servers.toml", *ADMIT[:2]))
            assert done.returncode == code
            assert len(de.asked) == (code == 0)
    assert "chmod 600" in searched(place, _with_mode(place, key, 0o640)).stderr


def _with_mode(place: Path, key: Path, mode: int) -> subprocess.CompletedProcess[str]:
    key.chmod(mode)
    return gate(place, "--live", "--servers", "servers.toml")


@pytest.mark.parametrize(
    "where", ["planner.gate.decide", "planner.readings.live._merged", "planner.store.register.append"]
)
def test_a_crash_is_exit_1_and_its_traceback_tells_nothing(place: Path, where: str) -> None:
    """A mistake is planted in the midst of a run; the traceback names code, never a secret or a person."""
    module, _, name = where.rpartition(".")
    crash = (
        f"import {module} as at, sys\n"
        f"def {name}(*_, **__): raise KeyError('planted')\n"
        f"at.{name} = {name}\n"
        "from planner.cli import main\n"
        "main()\n"
    )
    with serving(Fake(rooms=busy(3))) as de:
        (place / "servers.toml").write_text(nodes(de=de))
        words = ["gate", "pilot.yaml", "--level", "level-1", "--live", "--servers", "servers.toml", *ADMIT]
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-c", crash, *words],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | SECRETS,
        )
    searched(place, done)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert not (place / "register.sqlite").exists() or rows(place) == ()


# Prometheus


def metrics(server: prometheus.Server, *names: str) -> str:
    """Return the servers file of nodes that this Prometheus knows."""
    labels = ", ".join(f"{name} = 'node=\"{name}\"'" for name in names)
    return f'[prometheus]\nurl = "{server.url}"\nnodes = {{{labels}}}\n'


def test_a_real_prometheus_feeds_the_gate(tmp_path: Path, real: prometheus.Server) -> None:  # noqa: F811
    """Rooms, people and CPU of both nodes."""
    store(tmp_path, document(resources=("rooms", "users", "load")))
    begin(tmp_path)
    done = live(tmp_path, metrics(real, "de", "ca"), "--json", *ADMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout)["reading"]
    assert (seen["nodes"]["de"]["rooms"], seen["nodes"]["de"]["users"]) == (len(ROOMS), sum(ROOMS))
    assert seen["nodes"]["de"]["load"] == pytest.approx(0.25, abs=0.05)
    assert "streams" not in seen["nodes"]["de"]
    assert seen["source"] == "Prometheus"
    assert len(rows(tmp_path)) == 1


def test_an_exporter_that_does_not_reach_its_server_is_unknown(
    tmp_path: Path,
    real: prometheus.Server,  # noqa: F811
) -> None:
    store(tmp_path, document(nodes=("de", "down")))
    begin(tmp_path)
    done = live(tmp_path, metrics(real, "de", "down"), *ADMIT)
    assert done.returncode == 4
    assert "node down" in done.stdout
    assert "cannot reach BigBlueButton" in " ".join(done.stdout.split())
    for name in ("rotated", "half", "empty", "other"):
        store(tmp_path, document(nodes=("de", name), resources=("rooms", "users", "load")))
        done = live(tmp_path, metrics(real, "de", name), *ADMIT)
        assert done.returncode == 4, done.stdout + done.stderr
        assert f"node {name}: http" in done.stdout
    assert rows(tmp_path) == ()
    store(tmp_path, document(nodes=("de",), resources=("rooms", "users", "load")))
    with serving(Fake(rooms=busy(3))) as de:  # the node itself says what the exporter cannot
        mixed = nodes(de=de) + metrics(real, "half").replace("{half", "{de")
        assert live(tmp_path, mixed, *ADMIT).returncode == 0


def test_a_limit_that_one_source_cannot_show_needs_another_and_the_verdict_says_which(
    tmp_path: Path,
    real: prometheus.Server,  # noqa: F811
) -> None:
    """Outgoing streams no exporter knows, the CPU no BigBlueButton: both are limited, so both have to be asked."""
    store(tmp_path, document(nodes=("de",)))
    begin(tmp_path)
    with serving(Fake(rooms=busy(3))) as de:
        for servers, code, says in (
            (metrics(real, "de"), 4, "has no streams, which the plan limits; BigBlueButton knows it"),
            (nodes(de=de), 4, "has no load, which the plan limits; Prometheus knows the CPU load"),
            (nodes(de=de) + metrics(real, "de"), 0, "may come"),
        ):
            done = live(tmp_path, servers, *ADMIT)
            assert done.returncode == code, done.stdout + done.stderr
            assert says in " ".join(done.stdout.split())


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """The check can fail: a name in a file, a secret in what was printed."""
    clean = subprocess.CompletedProcess([], 0, "all well", "")
    assert searched(tmp_path, clean) is clean
    with pytest.raises(AssertionError):
        searched(tmp_path, subprocess.CompletedProcess([], 0, "", f"Traceback … {SECRET}"))
    (tmp_path / "log").write_text(PERSONAL[2])
    with pytest.raises(AssertionError):
        searched(tmp_path, clean)
    shutil.rmtree(tmp_path)
