"""Calendars as people export them: what of an event is not known is not guessed, and leaves the answer open."""

from pathlib import Path

import pytest

from planner.planning.calendar import Agenda, calendar
from planner.scenario.reader import read

PILOT = Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml"
WHEN = "DTSTART:20210512T190000\nDTEND:20210512T210000"


def agenda(folder: Path, *events: str) -> Agenda:
    """Return what the planner takes from a calendar of events, each given as its lines; 40 come unless they say."""
    begun = "".join(f"BEGIN:VEVENT\nUID:{n}\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    file = folder / "of.ics"
    file.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{begun}END:VCALENDAR\n", newline="\r\n")
    return calendar(file, read(PILOT), 40, 500)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("DTSTART;TZID=Far/Away:20210512T190000\nDTEND;TZID=Far/Away:20210512T210000", "a time zone that is not known"),
        ("DTSTART:20210512T190000Z\nDTEND:20210512T210000", "only one of its beginning and its end"),
        (f"{WHEN}\nDURATION:PT5M", "it says twice"),
        (f"{WHEN}\nDTSTART:20210513T190000", "it says twice"),
        ("DTSTART:20210512T190000\nDTEND:Anna's\nDURATION:PT5M", "its DTEND cannot be read"),
        ("DTSTART:Anna's\nDTEND:20210512T190000", "its DTSTART cannot be read"),
        ("DTEND:20210512T190000", "it does not say when it begins"),
        ("DTSTART:20210512T190000", "it has no end"),
        ("DTSTART;VALUE=DATE:20210512", "it has no time of day"),
        ("DTSTART:20210512T190000\nDTEND:20210512T180000", "more than no time"),
        ("DTSTART:20210512T190000\nDTEND:20210612T180000", "at most a week"),
        ("DTSTART:20200512T190000\nDTEND:20200512T210000\nRRULE:FREQ=WEEKLY", "and it repeats"),
    ],
)
def test_what_cannot_be_looked_at_is_left_open_in_a_sentence(event: str, says: str, tmp_path: Path) -> None:
    found = agenda(tmp_path, event)
    assert (found.events, found.open) == ([], 1)
    assert found.left_out[0].startswith("event 1 is left out: ")
    assert says in found.left_out[0]
    assert "Anna" not in found.left_out[0]


@pytest.mark.parametrize("again", ["RRULE:FREQ=WEEKLY", "RDATE:20210519T190000,20210526T190000"])
def test_of_one_that_repeats_the_other_times_are_open(again: str, tmp_path: Path) -> None:
    found = agenda(tmp_path, f"{WHEN}\n{again}")
    assert (len(found.events), found.open) == (1, 1)
    assert found.left_out == ["event 1 repeats: only its first time is looked at"]


def test_what_is_over_or_cancelled_leaves_nothing_open(tmp_path: Path) -> None:
    over = "DTSTART:20200512T190000\nDTEND:20200512T210000"
    found = agenda(tmp_path, over, f"{WHEN}\nSTATUS:CANCELLED", WHEN)
    assert (len(found.events), found.open, len(found.left_out)) == (1, 0, 2)


@pytest.mark.parametrize(
    ("until", "is_open"),
    [
        ("DTEND:20210401T000000", 0),
        ("DURATION:PT1H", 0),
        ("DTEND:20210401T000001", 1),
        ("DTEND:20210513T120000", 1),
        ("DURATION:PT1H1S", 1),
        ("DURATION:P99999999D", 1),
        ("X-END:none", 1),
    ],
)
def test_what_begins_too_early_is_open_unless_it_is_over_when_the_scenario_begins(
    until: str, is_open: int, tmp_path: Path
) -> None:
    found = agenda(tmp_path, f"DTSTART:20210331T230000\n{until}", WHEN)
    assert (len(found.events), found.open) == (1, is_open)
    assert ("nothing says that it is over by then" in found.left_out[0]) == bool(is_open)


def test_the_first_hour_that_a_calendar_can_name_is_over(tmp_path: Path) -> None:
    assert agenda(tmp_path, "DTSTART:00010101T000000\nDURATION:PT1H").open == 0


@pytest.mark.parametrize(
    ("guests", "users"),
    [
        (["", ""], 2),
        ([";CUTYPE=INDIVIDUAL", ";CUTYPE=ROOM", ";CUTYPE=RESOURCE"], 1),
        ([";CUTYPE=GROUP"], 40),
        ([";CUTYPE=group", *[""] * 50], 51),
        ([";CUTYPE=ROOM"], 40),
    ],
)
def test_a_group_is_not_one_person_and_a_room_is_nobody(guests: list[str], users: int, tmp_path: Path) -> None:
    lines = "".join(f"\nATTENDEE{kind}:mailto:{n}@example.org" for n, kind in enumerate(guests))
    assert [one.users for one in agenda(tmp_path, WHEN + lines).events] == [users]


def test_the_night_of_the_change_of_clocks_has_all_its_hours(tmp_path: Path) -> None:
    found = agenda(tmp_path, "DTSTART;TZID=Europe/London:20211030T230000\nDTEND;TZID=Europe/London:20211031T030000")
    assert [one.lasts.total_seconds() / 3600 for one in found.events] == [5]


def test_events_at_one_time_are_not_judged_together(tmp_path: Path) -> None:
    late = "DTSTART:20210512T200000\nDTEND:20210512T220000"
    after = "DTSTART:20210512T220000\nDTEND:20210512T230000"
    found = agenda(tmp_path, late, WHEN, after)
    assert (len(found.events), found.open) == (3, 1)
    assert found.left_out == ["1 event begins while another is on: each is looked at as if it was alone"]
