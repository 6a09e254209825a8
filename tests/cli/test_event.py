"""`planner event` as typed: the sentence, the exit code, and what is said of a time that cannot be."""

from pathlib import Path

import pytest
from banned_phrases import banned_in
from stored_plan import here

PILOT = Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml"


def typed(*words: str) -> tuple[int, str]:
    return here(Path.cwd(), "event", str(PILOT), "--draws", "1000", *words)


@pytest.mark.slow
def test_a_large_meeting_in_the_morning_does_not_fit() -> None:
    code, said = typed("--at", "2021-05-12 10:00", "--for", "2h", "--users", "140", "--node", "de")
    assert code == 3
    assert said.startswith(
        "140 people on Wednesday 12 May 2021, 10:00 to 12:00 (Europe/London) No: on the German server"
    )


def test_a_small_one_in_the_evening_fits(tmp_path: Path) -> None:
    """Where nothing was seen, few draws are worth as much as they are many."""
    unseen = tmp_path / "unseen.yaml"
    unseen.write_text(f"title: Unseen\nbase: {PILOT}\nchanges:\n  experience: []\n", encoding="utf-8")
    asked = ("--at", "2021-05-12 19:00", "--for", "90 min", "--users", "10", "--draws", "40")
    code, said = here(Path.cwd(), "event", str(unseen), *asked)
    assert code == 0
    assert "19:00 to 20:30" in said
    assert "Yes: on" in said
    assert banned_in(said) == []


@pytest.mark.parametrize("calendar", [False, True])
@pytest.mark.parametrize(
    ("unknown", "users", "code", "says"),
    [
        (("ca",), "10", 0, "Yes: on the German server"),
        (("ca",), "400", 3, "No: on the German server"),
        (("de", "ca"), "10", 4, "Cannot tell: no limit is known of the German server or the Canadian server"),
    ],
)
def test_a_server_of_which_nothing_is_known_is_no_yes(
    unknown: tuple[str, ...], users: str, code: int, says: str, calendar: bool, tmp_path: Path
) -> None:
    bare, file = tmp_path / "bare.yaml", tmp_path / "one.ics"
    free = "".join(f"  nodes.{node}.limits: {{}}\n" for node in unknown)
    bare.write_text(f"title: Bare\nbase: {PILOT}\nchanges:\n  experience: []\n{free}", encoding="utf-8")
    file.write_text(CALENDAR.split("BEGIN:VEVENT\nUID:2", maxsplit=1)[0] + "END:VCALENDAR\n", encoding="utf-8")
    asked = ["--ics", str(file)] if calendar else ["--at", "2021-05-12 19:00", "--for", "2h"]
    left, said = here(Path.cwd(), "event", str(bare), *asked, "--users", users, "--draws", "20")
    assert left == code
    assert said.startswith(f"{users} people on Wednesday 12 May 2021, 19:00 to 21:00 (Europe/London) {says}")
    assert ("On the Canadian server nobody can tell" in said) == (code != 4)
    assert ("Yes" in said) == (code == 0)
    assert banned_in(said) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--at", "2021-05-12", "--for", "2h"], "has no time of day"),
        (["--at", "noon", "--for", "2h"], "is no date and time"),
        (["--at", "2021-10-31 01:30", "--for", "2h"], "comes twice in Europe/London"),
        (["--at", "2021-03-28 01:30", "--for", "2h"], "never comes in Europe/London"),
        (["--at", "2021-03-31 10:00", "--for", "2h"], "is before the scenario begins"),
        (["--at", "2031-06-01 10:00", "--for", "2h"], "years after the scenario begins"),
        (["--at", "2021-05-12 10:00", "--for", "8 days"], "at most a week"),
        (["--at", "2021-05-12 10:00", "--for", "0 h"], "more than no time"),
        (["--at", "2021-05-12 10:00", "--for", "2 users"], "no length of time"),
        (["--at", "2021-05-12 10:00", "--for", "2h", "--node", "fr"], "there is no server fr"),
        (["--at", "2021-05-12 10:00"], "wanted --at, --for and --users"),
        (["--ics", "of.ics", "--for", "2h"], "wanted --at, --for and --users"),
        ([], "wanted --at, --for and --users"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(words: list[str], says: str) -> None:
    code, said = typed(*words, "--users", "40")
    assert code == 2
    assert says in said


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ("failed: a busy day", "the plan's picture of meetings does not fit what it was learned from (a.db"),
        ("not known: too few", "whether the plan's picture of meetings fits what it was learned from (a.db"),
    ],
)
def test_where_the_model_may_not_fit_what_was_learned_from_nobody_can_tell(
    found: str, says: str, tmp_path: Path
) -> None:
    learned = tmp_path / "learned.yaml"
    fit = f"{{history: a.db, since: 2021-01-04, until: 2021-03-29, meetings: 900, fit: '{found}'}}"
    learned.write_text(f"title: Learned\nbase: {PILOT}\nchanges:\n  calibrated: {fit}\n", encoding="utf-8")
    when = ["--at", "2021-05-12 19:00", "--for", "90 min", "--users", "10"]
    code, said = here(Path.cwd(), "event", str(learned), "--draws", "100", *when)
    assert code == 4
    assert f"Cannot tell: {says}" in " ".join(said.split())


def test_nobody_is_no_event() -> None:
    assert typed("--at", "2021-05-12 10:00", "--for", "2h", "--users", "0")[0] == 2


CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//somebody//EN
BEGIN:VEVENT
UID:1
SUMMARY:Anna's birthday
DTSTART;TZID=Europe/London:20210512T190000
DTEND;TZID=Europe/London:20210512T210000
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20210513T090000Z
DURATION:PT1H
ATTENDEE:mailto:a@example.org
ATTENDEE:mailto:b@example.org
RRULE:FREQ=WEEKLY
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20210514
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART:20200513T090000Z
DURATION:PT1H
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.slow
def test_a_calendar_is_a_table_without_names(tmp_path: Path) -> None:
    file = tmp_path / "assemblies.ics"
    file.write_bytes(CALENDAR.replace("\n", "\r\n").encode())
    code, said = typed("--ics", str(file), "--users", "30", "--node", "de")
    assert code == 4
    assert said.endswith("cannot tell of 2 events: left out, or not looked at each time or beside each other")
    assert "30 people on Wednesday 12 May 2021, 19:00 to 21:00" in said
    assert "2 people on Thursday 13 May 2021, 10:00 to 11:00" in said
    for line in ("event 2 repeats", "event 3 is left out", "event 4 is left out"):
        assert line in said
    assert "Anna" not in said
    assert "example.org" not in said


def test_a_yes_to_some_of_a_calendar_is_no_yes(tmp_path: Path) -> None:
    unseen, file = tmp_path / "unseen.yaml", tmp_path / "two.ics"
    unseen.write_text(f"title: Unseen\nbase: {PILOT}\nchanges:\n  experience: []\n", encoding="utf-8")
    file.write_text(CALENDAR.split("BEGIN:VEVENT\nUID:3", maxsplit=1)[0] + "END:VCALENDAR\n", encoding="utf-8")
    code, said = here(Path.cwd(), "event", str(unseen), "--ics", str(file), "--users", "10", "--draws", "20")
    assert said.count("Yes: on") == 2
    assert "event 2 repeats" in said
    assert said.endswith("cannot tell of 1 event: left out, or not looked at each time or beside each other")
    assert code == 4


@pytest.mark.parametrize("body", [b"", b"hello", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\x00\xff" * 50])
def test_what_is_no_calendar_is_refused(body: bytes, tmp_path: Path) -> None:
    file = tmp_path / "broken.ics"
    file.write_bytes(body)
    code, said = typed("--ics", str(file), "--users", "30")
    assert code == 2
    assert str(file) in said
