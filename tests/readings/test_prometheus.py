"""Reading Prometheus: against a real server that scrapes series of the exporters' names, and against lies."""

import http.server
import json
import math
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from fake_bbb import Fake, Handler, serving
from fake_exporter import FAILURES, Answer, FakeExporter
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.readings import ReadingError, prometheus, servers
from planner.readings.transport import Secret

BOUNDS = (0, 1, 5, 15, 30, 60, 90, 120, 150, 200, 250, 300, 400, 500, math.inf)
ROOMS = (2, 4, 4, 12, 70)
"""People in each room of node de."""


def exposition(sizes: tuple[int, ...], up: int = 1, idle: float = 0.75, mbits: float = 40.0) -> str:
    """Return what bigbluebutton-exporter and node_exporter show of a node, all on one page; counters run from now."""
    seconds = time.time() % 1e6
    lines = [
        "# TYPE bbb_api_up gauge",
        f"bbb_api_up {up}",
        "# TYPE bbb_meetings gauge",
        f"bbb_meetings {len(sizes)}",
        f"bbb_meetings_participants {sum(sizes)}",
        f"bbb_meetings_video_participants {len(sizes) * 2}",
        'bbb_meetings_participants_origin{server="Annelore",name="greenlight"} 3',
        "# TYPE bbb_room_participants histogram",
        *(
            f'bbb_room_participants_bucket{{le="{str(bound).replace("inf", "+Inf")}"}} {sum(n <= bound for n in sizes)}'
            for bound in BOUNDS
        ),
        "# TYPE bbb_room_participants_gcount gauge",
        f"bbb_room_participants_gcount {len(sizes)}",
        f"bbb_room_participants_gsum {sum(sizes)}",
        "# TYPE node_cpu_seconds_total counter",
        *(f'node_cpu_seconds_total{{cpu="{cpu}",mode="idle"}} {seconds * idle:.3f}' for cpu in range(2)),
        *(f'node_cpu_seconds_total{{cpu="{cpu}",mode="user"}} {seconds * (1 - idle):.3f}' for cpu in range(2)),
        "# TYPE node_network_transmit_bytes_total counter",
        f'node_network_transmit_bytes_total{{device="eth0"}} {seconds * mbits * 1e6 / 8:.0f}',
        f'node_network_transmit_bytes_total{{device="lo"}} {seconds * 1e9:.0f}',
    ]
    return "\n".join(lines) + "\n"


def counted(meetings: Answer, recordings: Answer = "listed", there: tuple[int, ...] = ROOMS, calls: int = 4) -> str:
    """Return the page of an exporter that has counted before, and now gets these answers."""
    exporter = FakeExporter(recordings=calls)
    exporter.scrape(there, "listed", "listed")
    return exposition(*exporter.scrape(there, meetings, recordings))


# Each failure is what operators reported of the exporter: rooms there, zeros shown.
PAGES = {
    "/de": lambda: exposition(ROOMS),
    "/ca": lambda: exposition((1,), idle=1.0, mbits=0.0),
    "/down": lambda: counted("gone", "gone"),  # bigbluebutton-exporter#138: both APIs out of its reach
    "/empty": lambda: counted("listed", there=()),
    "/rotated": lambda: counted("refused", "refused"),  # #130: a new secret, the flag stays as it was
    "/half": lambda: counted("error page"),  # #61: getMeetings fails under load, getRecordings does not
    "/other": lambda: counted("listed", "error page"),  # #23: and the other way round
    "/garbled": lambda: counted("not XML", "not XML"),  # scalelite#498: an answer that is no list
    "/silent": lambda: counted("refused without a message", "refused without a message"),
}


class Exporter(http.server.BaseHTTPRequestHandler):
    """The exporters of three nodes, each under a path of its own."""

    def do_GET(self) -> None:
        """Show the series of one node."""
        body = PAGES[self.path]().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
{jobs}
"""
JOB = """
- job_name: {name}
  metrics_path: /{name}
  static_configs: [{{targets: ["127.0.0.1:{port}"], labels: {{node: {name}}}}}]
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prometheus.Server]:
    """Return a real Prometheus server that has scraped the exporters for a few seconds."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("the program prometheus is not installed (Debian: apt-get install prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    exporter = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
    threading.Thread(target=exporter.serve_forever, daemon=True).start()
    jobs = "".join(JOB.format(name=path[1:], port=exporter.server_address[1]) for path in PAGES)
    (folder / "prometheus.yml").write_text(CONFIG.format(jobs=jobs))
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, *options, f"--web.listen-address=127.0.0.1:{port}"], stderr=log, stdout=log
        )
    server = prometheus.Server(f"http://127.0.0.1:{port}/", {name[1:]: f'node="{name[1:]}"' for name in PAGES})
    try:
        _wait_until_it_knows_all(server)
        yield server
    finally:
        process.terminate()
        process.wait()
        exporter.shutdown()
        exporter.server_close()


def _wait_until_it_knows_all(server: prometheus.Server) -> None:
    """Wait until every node has been scraped twice: each is scraped in its own second, and rates need two scrapes."""
    left = [path[1:] for path in PAGES]
    until = time.monotonic() + 120
    while left and time.monotonic() < until:
        try:
            seen = prometheus.read(server, left[0], datetime.now(UTC))[0]
        except ReadingError:
            time.sleep(0.2)
            continue
        if seen.load is not None and seen.egress is not None:
            left.pop(0)
    assert not left, f"Prometheus did not scrape {left} within two minutes"


def test_a_node_is_read_from_a_real_server(real: prometheus.Server) -> None:
    now = datetime.now(UTC)
    reading, taken_at, doubt = prometheus.read(real, "de", now)
    assert doubt is None
    assert (reading.rooms, reading.users, reading.cameras) == (len(ROOMS), sum(ROOMS), 2 * len(ROOMS))
    assert reading.streams is None  # what goes out is not counted by any exporter
    assert reading.load == pytest.approx(0.25, abs=0.05)  # a quarter of both cores
    assert reading.egress == pytest.approx(40, rel=0.2)  # eth0 alone, the loopback left out
    assert timedelta(0) <= now - taken_at < timedelta(seconds=5)


def test_an_idle_node_is_zero_and_not_missing(real: prometheus.Server) -> None:
    reading, _, doubt = prometheus.read(real, "ca", datetime.now(UTC))
    assert (reading.rooms, reading.users, reading.egress, doubt) == (1, 1, 0, None)
    assert reading.load == pytest.approx(0, abs=0.05)


IDLE, BUSY = "1e6+0.75x40", "1e6+14.25x40"
"""Counters of a core that gain 0.75 s, and 14.25 s, in each 15 s."""
FULL = ((IDLE, BUSY), (IDLE, BUSY))
"""What both cores of a machine were: idle, and not."""
JUMPED = "1e6+0.75x30 1000820+0.75x9", BUSY
"""A core whose idle counter gains 13 minutes too much: less than a tenth of what 32 cores gain in five minutes."""
MACHINES: dict[str, tuple[float | None, dict[str, tuple[tuple[str, str], ...]]]] = {
    "full": (0.95, {"a": FULL}),
    "started anew": (0.95, {"a": (("1e6+0.75x35 0+0.75x4", "1e6+14.25x35 0+14.25x4"),) * 2}),
    "one core's counter went back": (None, {"a": (FULL[0], ("1e6+0.75x30 999990+0.75x9", BUSY))}),
    "one core's counter jumped": (None, {"a": (FULL[0], ("1e6+0.75x30 1003600+0.75x9", BUSY))}),
    "one of 32 cores' counter jumped a little": (None, {"a": (*(("1e6+0.75x40", BUSY),) * 31, JUMPED)}),
    "two": (None, {"a": FULL, "b": ((BUSY, IDLE),) * 2}),
    "two, one stopped just now": (None, {"a": FULL, "b": (("1e6+14.25x35 stale", "1e6+0.75x35 stale"),) * 2}),
    "two, one stopped before": (0.95, {"a": FULL, "b": (("1e6+14.25x15 stale", "1e6+0.75x15 stale"),) * 2}),
    "stopped": (None, {"a": (("1e6+0.75x35 stale", "1e6+14.25x35 stale"),) * 2}),
}
"""The load that is to be read at the tenth minute, and the cores of each machine that the labels select."""


def test_a_full_machine_never_looks_idle(tmp_path: Path) -> None:
    """As Prometheus' own tool for testing rules works the query out."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("the program promtool is not installed (Debian: apt-get install prometheus)")
    query = prometheus.QUERIES["load"].replace("<>", 'instance=~"a|b"')
    tests = []
    for what, (load, machines) in MACHINES.items():
        series = [
            {"series": f'node_cpu_seconds_total{{cpu="{cpu}",mode="{mode}",instance="{name}"}}', "values": values}
            for name, cores in machines.items()
            for cpu, core in enumerate(cores)
            for mode, values in zip(("idle", "user"), core, strict=True)
        ]
        wanted = [] if load is None else [{"labels": "{}", "value": load}]
        asked = {"expr": f"round({query}, 0.01)", "eval_time": "10m", "exp_samples": wanted}
        tests.append({"name": what, "interval": "15s", "input_series": series, "promql_expr_test": [asked]})
    (tmp_path / "load.yml").write_text(json.dumps({"evaluation_interval": "15s", "tests": tests}))
    words = [program, "test", "rules", str(tmp_path / "load.yml")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("recordings", [0, 1, 4])
@pytest.mark.parametrize("meetings", FAILURES)
def test_every_failure_of_the_exporter_is_a_zero_or_no_answer(meetings: Answer, recordings: int) -> None:
    """The fake after its source: never a number above nothing, so no number above nothing is in doubt."""
    flags = set()
    for others in ("listed", *FAILURES):
        exporter = FakeExporter(recordings=recordings)
        for answer in ("listed", meetings, meetings):
            sizes, up = exporter.scrape(ROOMS, answer, others)
            assert sizes == (ROOMS if answer == "listed" else ())
        flags.add(up)
    assert 1 in flags or recordings == 0  # bbb_api_up alone does not tell


@pytest.mark.parametrize(
    ("node", "why"),
    [
        ("down", "the exporter of down cannot reach BigBlueButton"),
        ("other", "the exporter of other cannot reach BigBlueButton"),
        ("garbled", "the exporter of garbled cannot reach BigBlueButton"),
        ("silent", "the exporter of silent cannot reach BigBlueButton"),
        ("rotated", "lists no meetings, as it also does when BigBlueButton refuses"),
        ("half", "lists no meetings, as it also does when BigBlueButton refuses"),
        ("empty", "lists no meetings, as it also does when BigBlueButton refuses"),
    ],
)
def test_a_zero_of_the_exporter_is_not_known(real: prometheus.Server, node: str, why: str) -> None:
    """Neither now nor in the past; what node_exporter says of the machine stays."""
    now = datetime.now(UTC)
    reading, _, doubt = prometheus.read(real, node, now)
    assert (reading.rooms, reading.users, reading.cameras) == (None, None, None)
    assert reading.load == pytest.approx(0.25, abs=0.05)
    assert why in str(doubt)
    course = prometheus.history(real, node, now - timedelta(seconds=20), now, timedelta(seconds=1))
    seen = [one.reading for one in course if one.reading is not None]
    assert any(one.load is not None and one.egress is not None for one in seen)
    assert {(one.rooms, one.users, one.cameras) for one in seen} == {(None, None, None)}


@pytest.mark.parametrize(
    "nodes",
    ["de|rotated", "de|down", "de|ca", "de|other"],  # `other` lists its meetings while its flag is 0: the sum was 1
)
def test_labels_of_two_exporters_give_no_counts_and_no_load(real: prometheus.Server, nodes: str) -> None:
    """Scraped twice, people count twice: by half of their true share of the CPU; a mean of loads hides the full one.

    prometheus-operator#1767, #5274: one target under two jobs, and two replicas that nobody merges.
    """
    both = prometheus.Server(real.url, {"de": f'node=~"{nodes}"'})
    now = datetime.now(UTC)
    reading, _, doubt = prometheus.read(both, "de", now)
    assert (reading.rooms, reading.users, reading.cameras, reading.load) == (None, None, None, None)
    assert doubt == f"{real.url}: 2 exporters answer to the labels of de: wanted those of one"
    (point,) = prometheus.history(both, "de", now, now, timedelta(1))
    assert point.reading is not None
    seen = point.reading
    assert (seen.rooms, seen.users, seen.cameras, seen.load) == (None, None, None, None)
    assert prometheus.read(real, "de", now)[0].load is not None


def test_counts_without_the_word_of_their_exporter_are_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that keeps bbb_meetings alone cannot say when they were listed."""
    values = {prometheus._FEWEST: 2.0, prometheus.QUERIES["load"]: 0.25}
    monkeypatch.setattr(prometheus, "_instant", lambda _, __, query, *___: values.get(query))
    reading, _, doubt = prometheus.read(prometheus.Server("http://x/", {"de": ""}), "de", datetime.now(UTC))
    assert reading.load == 0.25
    assert "bbb_api_up is missing" in str(doubt)


def test_labels_that_select_nothing_or_too_much_are_refused(real: prometheus.Server) -> None:
    other = prometheus.Server(real.url, {"x": 'node="nobody"', "y": 'node="de"} or vector(1'})
    with pytest.raises(ReadingError, match="no series of x"):
        prometheus.read(other, "x", datetime.now(UTC))
    with pytest.raises(ReadingError, match="wanted labels"):
        prometheus.read(other, "y", datetime.now(UTC))


def test_a_scrape_that_is_old_makes_the_reading_old(real: prometheus.Server) -> None:
    """Prometheus repeats a value for five minutes after the last scrape; its age is that of the scrape."""
    later = datetime.now(UTC) + timedelta(seconds=100)  # two minutes are where the clocks no longer agree
    _, taken_at, _ = prometheus.read(real, "de", later)
    assert later - taken_at > timedelta(seconds=90)


def test_a_range_gives_the_course_of_a_node(real: prometheus.Server) -> None:
    end = datetime.now(UTC)
    course = prometheus.history(real, "de", end - timedelta(hours=5), end, timedelta(seconds=1))
    assert len(course) >= 2  # 18,000 points are more than Prometheus gives at once; nearly all lie before the start
    assert len({sample.at for sample in course}) == len(course)
    assert all(sample.reading is not None and sample.node == "de" for sample in course)
    last = course[-1].reading
    assert last is not None
    assert (last.rooms, last.users) == (len(ROOMS), sum(ROOMS))


@pytest.mark.parametrize("points", [1, 9_999, 10_000, 10_001, 25_000])
def test_a_long_range_is_cut_into_pieces_on_one_grid(points: int) -> None:
    """Every point is asked for once, and no piece is longer than what Prometheus gives."""
    start, step = datetime(2021, 5, 4, tzinfo=UTC), timedelta(minutes=1)
    windows = prometheus._windows(start, start + (points - 1) * step, step)
    asked = [first + n * step for first, last in windows for n in range((last - first) // step + 1)]
    assert asked == [start + n * step for n in range(points)]
    assert all((last - first) // step < 11_000 for first, last in windows)


# Without a real server: what is refused


MOMENT = datetime.fromtimestamp(1620115200, UTC)


def answer(body: bytes, status: int = 200, date: datetime = MOMENT, now: datetime = MOMENT) -> tuple[Any, list[str]]:
    """Return what is read where every query has this answer, or the words it is refused with; and what was asked."""
    with serving(Fake(body=body, status=status, kind="application/json", date=date)) as fake:
        server = prometheus.Server(fake.url, {"de": 'node="de"'}, token=Secret("t0k3n"))
        try:
            return prometheus.read(server, "de", now), fake.asked
        except ReadingError as error:
            return str(error), fake.asked


def vector(*values: Any) -> bytes:
    """Return Prometheus' answer with these values."""
    result = [{"metric": {}, "value": [MOMENT.timestamp(), value]} for value in values]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "not with JSON"),
        (b"[" * 100_000, "not with JSON"),
        (b"7", "the query failed"),
        (b'{"status": "error", "error": "Annelore"}', "the query failed"),
        (b'{"status": "success"}', "is not Prometheus'"),
        (b'{"status": "success", "data": {"result": [7]}}', "is not Prometheus'"),
        (b'{"status": "success", "data": {"result": [{"metric": {}, "values": 7}]}}', "series without values"),
        (b'{"status": "success", "data": {"result": [{"metric": {}, "value": [7]}]}}', "not time and value"),
        (b'{"status": "success", "data": {"result": [{"metric": {}, "value": ["now", "7"]}]}}', "without its time"),
        (vector("1", "2"), "more than one value"),
        (vector("NaN"), "no series of de"),
        (vector(), "no series of de"),
        (vector("1e12"), "not a time"),
        *(
            (b'{"status": "success", "warnings": %s, "data": {"result": []}}' % warnings, "with warnings")
            for warnings in (b'["store de: connection refused"]', b'"Annelore"', b'{"a": 1}', b"true")
        ),
        (b'{"status": "partial", "data": {"result": []}}', "the query failed"),
        *(
            (json.dumps({**json.loads(vector("3")), **sign}).encode(), words)
            for sign, words in (
                ({"isPartial": True}, "with isPartial"),  # VictoriaMetrics#4115: a storage node is down
                ({"warnings": ["failed to receive any data in 30s"]}, "with warnings"),  # thanos#1129
                ({"warnings": ["remote_read: connection refused"]}, "with warnings"),  # prometheus#7161
                ({"warnings": ["cross-cluster: no answer"]}, "with warnings"),  # grafana/mcp-grafana#946
                ({"warnings": ["No StoreAPIs matched for this query"]}, "with warnings"),  # thanos#6223
                ({"infos": ["metric might not be a counter"]}, "with infos"),  # Prometheus 3 annotates so
            )
        ),
    ],
)
def test_an_answer_that_is_not_understood_is_refused(body: bytes, words: str) -> None:
    said, _ = answer(body)
    assert words in said
    assert "Annelore" not in said
    assert "query=" not in said


@pytest.mark.parametrize(("apart", "words"), [(121, "2 min ahead of the one here"), (-3600, "60 min behind")])
def test_a_server_whose_clock_is_wrong_is_not_believed(apart: int, words: str) -> None:
    assert words in str(answer(vector("3"), date=MOMENT + timedelta(seconds=apart))[0])


def test_a_value_of_another_time_than_was_asked_for_is_refused() -> None:
    """Whatever its time says: that of the instant, or in a range a step beside its ends."""
    assert isinstance(answer(vector("3"))[0], tuple)
    for late in (-86_400, -6, 6):
        now = MOMENT - timedelta(seconds=late)
        assert "a value of another time" in str(answer(vector("3"), date=now, now=now)[0])
    with serving(Fake(body=vector("3"), kind="application/json")) as fake:
        server, step = prometheus.Server(fake.url, {"de": 'node="de"'}), timedelta(seconds=60)
        assert len(prometheus.history(server, "de", MOMENT - 2 * step, MOMENT - step, step)) == 1
        with pytest.raises(ReadingError, match="a value of another time"):
            prometheus.history(server, "de", MOMENT - 4 * step, MOMENT - 3 * step, step)


@pytest.mark.parametrize("code", [401, 403])
def test_who_is_not_let_in_is_told_what_is_wanted(code: int) -> None:
    assert "a token, or a user and a password" in str(answer(b"Unauthorized", code)[0])


def test_a_whole_answer_of_another_store_is_read() -> None:
    """VictoriaMetrics#1463: it says that nothing is missing."""
    whole = json.dumps({**json.loads(vector("3")), "isPartial": False, "warnings": [], "infos": None}).encode()
    assert prometheus.parse(whole) == [{1620115200.0: 3.0}]


def test_user_and_password_are_sent_and_nowhere_shown(tmp_path: Path) -> None:
    asked: list[str | None] = []

    def note(handler: Handler) -> bool:
        asked.append(handler.headers["Authorization"])
        return False

    with serving(Fake(body=vector(), kind="application/json", act=note)) as fake:
        text = f"""[prometheus]
url = "{fake.url}"
user = "ops"
password_file = "password"
nodes = {{de = 'node="de"'}}
"""
        (tmp_path / "servers.toml").write_text(text)
        (tmp_path / "password").write_text("s3cr3t\n")
        (tmp_path / "password").chmod(0o600)
        known = servers.load(tmp_path / "servers.toml", {}).prometheus
        assert known is not None
        with pytest.raises(ReadingError, match="no series of de") as caught:
            prometheus.read(known, "de", datetime.now(UTC))
    assert set(asked) == {"Basic b3BzOnMzY3IzdA=="}  # ops:s3cr3t
    assert "s3cr3t" not in f"{caught.value} {known!r}"
    environ = {"PLANNER_SECRET_PROMETHEUS": "another"}
    (tmp_path / "servers.toml").write_text(text.replace('password_file = "password"\n', ""))
    known = servers.load(tmp_path / "servers.toml", environ).prometheus
    assert known is not None
    assert known.headers == {"Authorization": "Basic b3BzOmFub3RoZXI="}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('user = "ops"', "no secret for prometheus: set PLANNER_SECRET_PROMETHEUS, or name a password_file"),
        ('password_file = "password"', "wanted user and password_file, or token_file, not both"),
        ('user = "ops"\ntoken_file = "password"', "wanted user and password_file, or token_file, not both"),
        ('user = "o:ps"\npassword_file = "password"', "a user has no colon"),
        ('user = "ops"\npassword = "s3cr3t"', "a secret does not belong in this file"),
    ],
)
def test_half_of_a_user_and_password_is_refused(tmp_path: Path, lines: str, words: str) -> None:
    place = "http://127.0.0.1:9090" if "token" not in lines else "https://metrics.example.org"
    (tmp_path / "servers.toml").write_text(f"[prometheus]\nurl = '{place}'\n{lines}\nnodes = {{de = 'a=\"b\"'}}\n")
    with pytest.raises(ReadingError, match=words) as caught:
        servers.load(tmp_path / "servers.toml", {})
    assert "s3cr3t" not in str(caught.value)


def test_a_password_is_not_sent_in_the_clear(tmp_path: Path) -> None:
    (tmp_path / "servers.toml").write_text(
        "[prometheus]\nurl = 'http://metrics.example.org'\nuser = 'ops'\nnodes = {de = 'a=\"b\"'}\n"
    )
    with pytest.raises(ReadingError, match="wanted https"):
        servers.load(tmp_path / "servers.toml", {"PLANNER_SECRET_PROMETHEUS": "s3cr3t"})


def test_a_point_that_stands_twice_is_one() -> None:
    """prometheus#4358: half an hour of a range came twice."""
    points = [[1620118800, "3"], [1620118800, "3"], [1620118860, "NaN"], [1620118860, "4"]]
    body = {"status": "success", "data": {"result": [{"metric": {}, "values": points}]}}
    assert prometheus.parse(json.dumps(body).encode()) == [{1620118800.0: 3.0, 1620118860.0: 4.0}]


def test_numbers_beyond_belief_were_not_read() -> None:
    (reading, _, doubt), _ = answer(vector("3e9"))
    assert (reading.rooms, reading.users, reading.load, reading.egress) == (None, None, None, None)
    assert doubt.endswith("3e+09 exporters answer to the labels of de: wanted those of one")


def test_counts_that_cannot_both_be_true_were_not_read() -> None:
    """One person shares a few cameras, not thirty: one of the two series is another server's."""
    known = {"rooms": 1.0, "users": 3.0, "cameras": 30.0, "load": 0.2, "egress": 9.0}
    assert prometheus._reading(known).cameras == 30
    seen = prometheus._reading(known | {"cameras": 31.0})
    assert (seen.rooms, seen.users, seen.cameras, seen.load) == (None, None, None, 0.2)


values = st.recursive(st.none() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3))
answers = values.map(
    lambda value: json.dumps({"status": "success", "data": {"result": [{"metric": {}, "value": value}]}}).encode()
)


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(st.binary(max_size=60) | answers)
def test_no_answer_makes_it_fail_otherwise(body: bytes) -> None:
    found, asked = answer(body)
    assert asked
    assert isinstance(found, (str, tuple))
