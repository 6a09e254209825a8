"""Logs, dashboards, recordings and tables imported as it is typed: what each gave, and which line was bad."""

import gzip
import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cli.test_observe import remembered, searched, whom
from fake_bbb import PERSONAL, SECRET, Fake, Room, serving
from readings.test_dashboard import ACCOUNTS, MINUTE, T, board, seen
from readings.test_prometheus import real  # noqa: F401  # a fixture: a Prometheus that scrapes three nodes
from readings.test_recording import BEGIN, END, came, xml
from readings.test_web_log import LOGS
from stored_plan import run

from planner.api import observed
from planner.cli import observation_files
from planner.readings import prometheus
from planner.store import history
from planner.store.unwatched import unwatched

SECRETS = {"PLANNER_SECRET_DE": SECRET, "PLANNER_SECRET_CA": SECRET}

HISTORY = ("history", "import", "--history", "history.sqlite")


def line(minute: float, code: str, **more: object) -> str:
    """Return one "--analytics--" line of bbb-web.log."""
    data = {"logCode": code, "meetingId": Room(1, start=T).internal, "username": PERSONAL[0], **more}
    when = (T + minute * MINUTE).isoformat(timespec="milliseconds")
    return f"{when} INFO o.b.w.api - --analytics-- data={json.dumps(data)}\n"


def test_one_log_under_two_nodes_is_left_out_and_the_others_are_taken(tmp_path: Path) -> None:
    """Nothing of it counts, neither its meetings nor the time that it tells of; what else is named is read."""
    said = line(0, "meeting_started") + line(1, "user_joined_message", userId="w_1") + line(60, "meeting_ended")
    (tmp_path / "a.log").write_text(said)
    (tmp_path / "m.csv").write_text("start,end,users\n2021-05-04T10:00Z,2021-05-04T11:00Z,7\n")
    assert run(*HISTORY, "--node", "de", "a.log", cwd=tmp_path).returncode == 0
    done = run(*HISTORY, "--node", "ca", "a.log", "m.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "a.log: 1 of these meetings is known of de already, and here said to be of ca: is that the right name?: left"
    )
    assert "meetings: 1 new, 0 known already" in done.stdout
    assert sorted(meeting.node for meeting in remembered(tmp_path)) == ["ca", "de"]
    with history.open_history(tmp_path / "history.sqlite") as db:
        assert db.execute("SELECT DISTINCT node FROM log").fetchall() == [("de",)]


def test_a_meeting_that_runs_from_one_log_into_the_next_is_one(tmp_path: Path) -> None:
    """Bad lines carry the file and the number in it; the same import again finds nothing new."""
    logs = tmp_path.parent / f"{tmp_path.name}-logs"
    logs.mkdir()
    start = line(0, "meeting_started", externalMeetingId="room-1")
    (logs / "a.log").write_text(
        start + "noise\n" + line(1, "user_joined_message", userId=PERSONAL[0]) + line(2, "", x=1)
    )
    (logs / "b.log").write_text("noise\n--analytics-- data={\n" + line(60, "meeting_ended"))
    (logs / "rooms.csv").write_text("meeting_id,account\n" + "".join(f"{k},{v}\n" for k, v in ACCOUNTS.items()))
    words = (*HISTORY, "--node", "de", "--accounts", str(logs / "rooms.csv"), str(logs / "a.log"), str(logs / "b.log"))
    first, again = run(*words, cwd=tmp_path), run(*words, cwd=tmp_path)
    assert first.returncode == again.returncode == 0
    assert first.stdout.startswith(
        f"{logs / 'a.log'}, line by line: 4 read, 2 used, 2 about something else, 0 left out\n"
        f"{logs / 'b.log'}, line by line: 3 read, 1 used, 1 about something else, 1 left out\n"
        "meetings: 1 new, 0 known already; points in time: 0; skipped: 1\n"
    )
    assert "meetings: 0 new, 1 known already" in again.stdout
    assert "b.log:2: what follows data= is not JSON: skipped" in first.stderr
    (meeting,) = remembered(tmp_path)
    assert (meeting.start, meeting.end, meeting.account) == (T, T + 60 * MINUTE, "ocn-001")
    searched(tmp_path, first.stdout, first.stderr)


def test_a_folder_of_dashboards_is_read_and_bad_ones_are_named(tmp_path: Path) -> None:
    folder = tmp_path.parent / f"{tmp_path.name}-boards"
    for name, body in {"good": json.dumps(board(seen((0, 60)))), "bad": "{", "odd": '{"intId": "x"}'}.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "learning_dashboard_data.json").write_text(body)
    done = run(*HISTORY, "--node", "de", str(folder), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"{folder}, file by file: 3 read, 1 used, 2 left out",
        "meetings: 1 new, 0 known already; points in time: 0; skipped: 2",
    ]
    assert done.stderr.count("learning_dashboard_data.json: ") == 2
    assert remembered(tmp_path)[0].users == 1
    searched(tmp_path, done.stdout, done.stderr)


def test_a_table_of_meetings_needs_no_node_and_may_be_followed_by_other_kinds(tmp_path: Path) -> None:
    rows = "".join(f"2021-05-0{day}T10:00+01:00,2021-05-0{day}T11:00+01:00,6,de\n" for day in range(1, 10))
    (tmp_path / "meetings.csv").write_text(f"start,end,users,node\n{rows}yesterday,,3,de\n")
    (tmp_path / "one.json").write_text(json.dumps(board(seen((0, 5)))))
    done = run(*HISTORY, "--node", "ca", "meetings.csv", "one.json", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == (
        "meetings.csv: 10 rows read, 9 used, 1 left out: start: wanted a time with its offset such as "
        "2021-05-04T10:00+01:00, or --zone for a table without offsets (1)\n"
        "one.json, file by file: 1 read, 1 used, 0 left out\n"
        "meetings: 10 new, 0 known already; points in time: 0; skipped: 1\n"
        "most users seen on de in 1 week: 6; a scenario says it under experience:\n"
        "  - {node: de, most_users: 6 users, for: 1 week, until: 2021-05, source: history.sqlite}\n"
    )
    assert "meetings.csv:11: start: wanted a time" in done.stderr
    assert sorted({meeting.node for meeting in remembered(tmp_path)}) == ["ca", "de"]


def test_only_a_whole_log_was_looked_at_all_the_time(tmp_path: Path) -> None:
    """A line that was left out may be the largest meeting's."""
    day = 1440
    said = line(0, "meeting_started") + line(1, "user_joined_message", userId="w_1") + line(60, "meeting_ended")
    told = said + "".join(f"{T + n * day * MINUTE:%Y-%m-%dT%H:%M:%S+00:00} INFO quiet\n" for n in range(1, 9))
    (tmp_path / "a.log").write_text(told)
    (tmp_path / "b.log").write_text(told + "--analytics-- data={\n")
    for file, when in (("m.csv", "2021-05-12"), ("later.csv", "2021-05-14")):
        (tmp_path / file).write_text(f"start,end,users\n{when}T07:00Z,{when}T08:00Z,7\n")
    # of the time after a log's end a table says only that there was this meeting
    cases = (("m.csv", "a.log", True), ("m.csv", "b.log", False), ("later.csv", "a.log", False))
    for table, log, all_the_time in cases:
        words = ("history", "import", "--history", f"{table}-{log}.sqlite", "--node", "de", table, log)
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "most_users: 7 users" in done.stdout
        assert ("seen: continuously" in done.stdout) == all_the_time
    # nor is a line forgotten that an earlier import left out
    for log, all_the_time in (("a.log", True), ("b.log", False)):
        words = ("history", "import", "--history", f"m.csv-{log}.sqlite", "--node", "ca", "m.csv")
        (tmp_path / "m.csv").write_text("start,end,users\n2021-05-11T07:00Z,2021-05-11T08:00Z,3\n")
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "most users seen on de" in done.stdout
        assert ("seen: continuously" in done.stdout) == all_the_time


def test_a_log_through_journal_docker_and_logrotate_is_one_meeting_of_two(tmp_path: Path) -> None:
    """Names as they lie there; the same lines in a packed file change nothing, nor does the order."""
    for name in ("bbb-web.log.1", "compose.log", "journal.log"):
        shutil.copy(LOGS / name, tmp_path)
    (tmp_path / "bbb-web.log.2.gz").write_bytes(gzip.compress((LOGS / "bbb-web.log.1").read_bytes()))
    done = run(*HISTORY, "--node", "de", "bbb-web.log.2.gz", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "bbb-web.log.2.gz, line by line: 4 read, 4 used, 0 about something else, 0 left out\n"
    )
    assert [meeting.users for meeting in remembered(tmp_path)] == [2]
    together = run(*HISTORY, "--node", "de", "journal.log", "compose.log", "bbb-web.log.1", cwd=tmp_path)
    assert together.stdout.count(": 4 read, 4 used") == 3
    assert "meetings: 0 new, 1 known already" in together.stdout


def test_a_file_that_cannot_be_read_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    shutil.copy(LOGS / "journal.log", tmp_path)
    (tmp_path / "syslog.1").write_bytes(b"\xfd7zXZ\0")
    done = run(*HISTORY, "--node", "de", "syslog.1", "journal.log", "nowhere.log", cwd=tmp_path)
    assert done.returncode == 2
    assert "meetings: 1 new" in done.stdout
    assert "syslog.1: wanted text, or text packed with gzip, found one that is packed with xz: left out" in done.stderr
    assert "nowhere.log: cannot be read" in done.stderr


def test_recordings_and_dashboards_of_a_folder_are_read_together(tmp_path: Path) -> None:
    for name, body in {"events.xml": xml(BEGIN, came(1, "w_1"), END), "learning_dashboard_data.json": "{}"}.items():
        (tmp_path / "raw" / name.partition(".")[0]).mkdir(parents=True)
        (tmp_path / "raw" / name.partition(".")[0] / name).write_text(body)
    (tmp_path / "empty").mkdir()
    done = run(*HISTORY, "--node", "de", "raw", "empty", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.startswith("raw, file by file: 2 read, 1 used, 1 left out\nmeetings: 1 new")
    assert "empty: wanted a folder with learning_dashboard_data.json or events.xml in it, found none" in done.stderr
    again = run(*HISTORY, "--node", "de", "raw/events/events.xml", cwd=tmp_path)
    assert again.stdout.startswith(
        "raw/events/events.xml, file by file: 1 read, 1 used, 0 left out\nmeetings: 0 new, 1 known already"
    )
    shutil.rmtree(tmp_path / "raw")
    searched(tmp_path, done.stdout, done.stderr)


def test_a_table_without_offsets_needs_its_zone(tmp_path: Path) -> None:
    (tmp_path / "meetings.csv").write_text("start,end,users\n2021-05-04 10:00,2021-05-04 11:00,6\n")
    bare = run(*HISTORY, "--node", "de", "meetings.csv", cwd=tmp_path)
    assert bare.returncode == 4
    assert (
        "meetings.csv:2: start: wanted a time with its offset such as 2021-05-04T10:00+01:00, or --zone" in bare.stderr
    )
    done = run(*HISTORY, "--node", "de", "--zone", "Europe/London", "meetings.csv", cwd=tmp_path)
    assert done.returncode == 0
    assert remembered(tmp_path)[0].start == T
    # calibrate and review read such a table themselves
    seen_there = observed.read_history(tmp_path / "meetings.csv", observation_files.say_read, ZoneInfo("Europe/London"))
    assert [meeting.start for meeting in seen_there.meetings] == [T]
    wrong = run(*HISTORY, "--node", "de", "--zone", "Europe/Londn", "meetings.csv", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "Europe/Londn: wanted a time zone such as Europe/London" in wrong.stderr


def test_a_list_of_people_is_refused_with_where_to_get_a_list_of_meetings(tmp_path: Path) -> None:
    """What the learning dashboard's download button writes (UserService.js of bbb-learning-dashboard, at 19f1810)."""
    (tmp_path / "LearningDashboard_x_2021-05-04.csv").write_text("Name,Moderator,Join,Left,Duration\n")
    done = run(*HISTORY, "--node", "de", "LearningDashboard_x_2021-05-04.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert "docs/ops.md says how to get a table of meetings out of PILOS; Greenlight keeps none" in done.stderr


def day(number: int, *, first: int = 9, last: int = 18) -> str:
    """Return the log of one day in May 2021: a meeting of an hour each hour."""
    lines = []
    for hour in range(first, last):
        begun = datetime(2021, 5, number, hour, tzinfo=UTC)
        for minutes, code, more in (
            (0, "create_meeting", {}),
            (1, "user_joined_message", {"userId": "w_1"}),
            (59, "meeting_ended", {}),
        ):
            data = {"logCode": code, "meetingId": Room(hour, start=begun).internal, **more}
            at = (begun + minutes * MINUTE).isoformat(timespec="milliseconds")
            lines.append(f"{at} INFO o.b.w.api - --analytics-- data={json.dumps(data)}\n")
    return "".join(lines)


def test_a_day_whose_log_is_missing_is_not_known_and_not_quiet(tmp_path: Path) -> None:
    """A night without lines is a quiet one: the next file begins at midnight. A week later the file is found."""
    for number in (3, 4, 7, 8):
        (tmp_path / f"bbb-web.2021-05-0{number}.log").write_text(day(number))
    done = run(*HISTORY, "--node", "de", *sorted(file.name for file in tmp_path.iterdir()), cwd=tmp_path)
    assert done.returncode == 0
    assert "seen: continuously" not in done.stdout
    assert "\nnot known, for no log or poll tells of it: 2021-05-05 00:00 to 2021-05-07 00:00\n" in done.stdout
    with history.open_history(tmp_path / "history.sqlite") as db:
        assert unwatched(db) == ((datetime(2021, 5, 5, tzinfo=UTC), datetime(2021, 5, 7, tzinfo=UTC)),)
    (tmp_path / "5.log").write_text(day(5))
    (tmp_path / "6.log").write_text(day(6))
    run(*HISTORY, "--node", "de", "5.log", "6.log", cwd=tmp_path)
    with history.open_history(tmp_path / "history.sqlite") as db:
        assert unwatched(db) == ()


def test_of_many_bad_lines_the_first_are_named_and_all_counted(tmp_path: Path) -> None:
    (tmp_path / "meetings.csv").write_text("start,end,users\n" + "x,y,z\n" * 500)
    done = run(*HISTORY, "meetings.csv", cwd=tmp_path)
    assert done.returncode == 4
    assert "skipped: 500" in done.stdout
    assert done.stderr.splitlines()[-1] == "and 480 more: skipped"
    assert len(done.stderr.splitlines()) == 21


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("meetings.txt",), 2, "add --kind"),
        (("bbb-web.log",), 2, "add --node"),
        (("nowhere.csv",), 2, "nowhere.csv: cannot be read"),
        (("nowhere.log", "--node", "de"), 2, "nowhere.log: cannot be read"),
        (("empty.csv",), 2, "empty.csv: the table is empty"),
        (("events.xml",), 2, "add --node"),
        (("bbb-web.log-20210504.gz",), 2, "add --node"),
        (("empty.log", "--node", "de", "--zone", "x" * 300), 2, "wanted a time zone"),
        (("empty.log", "--node", "de"), 4, ""),
        (("servers.toml",), 2, "names no Prometheus"),
        (("empty.csv", "--kind", "web-log", "--node", "de"), 4, ""),
        (("empty.csv", "--history", "servers.toml"), 2, ""),
        *(
            (("empty.log", "--node", name), 2, "--node: wanted a name of letters, digits")
            for name in ("Anna Smith", "-", "de ", "../de", "x" * 41, "anna@example.org", "=de")
        ),
        (("empty.log", "--node", "de\n"), 2, "wanted one line of text"),
        (("servers.toml", "--since", "0001-01-01", "--step", "7"), 2, "wanted a year from 1970 to 2199"),
    ],
)
def test_what_cannot_be_read_is_2_and_what_holds_nothing_4(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    for name in ("empty.csv", "empty.log"):
        (tmp_path / name).touch()
    with serving(Fake()) as de:
        whom(tmp_path, de=de)
        done = run(*HISTORY, *words, cwd=tmp_path, **SECRETS)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_range_is_read_from_a_real_prometheus_and_a_repeat_adds_nothing_between(
    tmp_path: Path,
    real: prometheus.Server,  # noqa: F811
) -> None:
    (tmp_path / "servers.toml").write_text(
        f'[prometheus]\nurl = "{real.url}"\nnodes = {{de = \'node="de"\', ca = \'node="ca"\'}}\n'
    )
    time.sleep(6 - time.time() % 5)  # past the next instant of the grid that is asked for, which may be 5 s away
    words = (*HISTORY, "--since", f"{datetime.now(UTC):%Y-%m-%d}", "--step", "5", "servers.toml")
    assert run(*words, cwd=tmp_path).returncode == 0
    assert run(*words, cwd=tmp_path).returncode == 0
    with history.open_history(tmp_path / "history.sqlite") as db:
        samples = [sample for sample in history.samples(db) if sample.node == "de"]
    assert samples
    assert all(sample.at.timestamp() % 5 == 0 for sample in samples)
    assert len({sample.at for sample in samples}) == len(samples)
    assert all(sample.reading is not None and sample.reading.rooms == 5 for sample in samples)
    shutil.rmtree(tmp_path)
