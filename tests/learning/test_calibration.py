"""Calibrate: the truth is found again, accounts are sorted rightly, and what is written is read as it was meant."""

import math
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import synthetic
from banned_phrases import banned_in
from example_history import DATA, files
from sample_plan import sample
from synthetic import NAMES, Truth, World
from test_notebooks import run as run_notebook

from planner.api import observed
from planner.cli import observation_files
from planner.learning import fit_check
from planner.learning.calibration import LEAST_MEETINGS, Calibration, calibrate, counted_twice, effect
from planner.learning.history import Uses, by_account
from planner.model.inputs.observations import History, Meeting, Member, NodeReading, Sample
from planner.planning.cautions import learned_from, misfit
from planner.scenario import overlay, resolve
from planner.scenario.calibrated import CALIBRATED
from planner.scenario.reader import Scenario, read

ROOT = Path(__file__).parents[2]
TRUTH = Truth(2.6, 0.7, 1.05, 0.8, 7.0, 1.1, 0.6)
MONDAY = datetime(2021, 5, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = History("nothing.db", ())


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return synthetic.scenario(tmp_path_factory.mktemp("synthetic"))


def half_a_year(known: Scenario, truth: Truth = TRUTH, world: World | None = None, accounts: int = 55, seed: int = 3):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    meetings = synthetic.drawn(truth, world or World(), accounts, 26, synthetic.shape(known), 10, rng)
    return synthetic.history(meetings, 26, accounts)


def meeting(
    account: str | None, hours_after: float, length: float = 1.0, users: int = 4, key: str = "", node: str = "de"
) -> Meeting:
    begin = MONDAY + timedelta(hours=hours_after)
    end = begin + timedelta(hours=length)
    return Meeting(f"{account}-{hours_after}-{key}", node, begin, end, end, users, 1, account, None)


def weekly(account: str | None, weeks: int, times: int = 1) -> list[Meeting]:
    return [meeting(account, 168 * week + 9 + 2 * n) for week in range(weeks) for n in range(times)]


def by_path(found: Calibration) -> dict[str, tuple[float, float, float]]:
    return {one.path: (one.low, one.value, one.high) for one in found.learned}


def changed(path: Path, base: Scenario, **entries: str) -> Scenario:
    """Return a scenario with some entries changed: dots are written as __."""
    sets = [f"{name.replace('__', '.')}={value}" for name, value in entries.items()]
    return read(Path(base.file), sets)


# ---- what is learned


def test_with_no_history_nothing_is_learned_and_that_is_too_little(known: Scenario) -> None:
    found = calibrate(known, NOTHING)
    assert found.learned == ()
    assert found.entries == {}
    assert not found.enough
    assert found.profile is None


def test_half_a_year_of_55_accounts_finds_the_truth_again(known: Scenario) -> None:
    history, members = half_a_year(known)
    found = calibrate(known, history, members)
    *usual, days = found.learned
    assert [one.path for one in usual] == [f"usage.everyone.{name}" for name in NAMES[:-1]]
    # the days of these accounts are alike, which the range it is learned from holds to be unlikely
    assert days.path == "usage.everyone.day_spread"
    assert days.value < days.prior[0] / 2
    for one, truth in zip(usual, list(asdict(TRUTH).values())[:-1], strict=True):
        half = (one.high - one.low) / 2
        assert abs(one.value - truth) < 3 * half, one.path  # 3 x 1.28 standard deviations
        assert half < (one.prior[2] - one.prior[1]) / 4
    assert found.enough
    assert found.holds
    assert found.accounts == 55
    assert found.week is not None
    assert found.week.seen == found.meetings == len(history.meetings)


def test_what_is_written_is_read_back_and_resolves_to_what_was_learned(known: Scenario, tmp_path: Path) -> None:
    history, members = half_a_year(known)
    found = calibrate(known, history, members)
    (tmp_path / "week.csv").write_text(found.profile or "", encoding="utf-8")
    file = tmp_path / "learned.yaml"
    entries = {**found.entries, "usage.everyone.profile": "week.csv"}
    file.write_text(overlay.text(Path(known.file).resolve().as_posix(), "As learned", entries), encoding="utf-8")
    after = read(file)
    for one in found.learned:
        there = after.estimates[one.path]
        assert (there.low, there.value, there.high) == pytest.approx((one.low, one.value, one.high), rel=1e-3)
        assert "history synthetic.db, 2021-04-0" in there.source
        assert there.as_of is not None
        assert there.as_of.startswith("2021-10-0")
    assert found.week is not None
    shape = resolve.inputs(after).demands["only"].kinds[0].shape
    assert shape.reshape(168, 12).mean(axis=1) / 168 == pytest.approx(found.week.after, rel=1e-4)
    assert shape.reshape(168, 12).sum(axis=0) / 2016 == pytest.approx(found.week.minutes_after, abs=2e-3)


def written(found: Calibration, known: Scenario, file: Path) -> Scenario:
    """Return the scenario that stands on `known` and says what was learned, but for the week."""
    base = Path(known.file).resolve().as_posix()
    file.write_text(overlay.text(base, "As learned", found.entries), encoding="utf-8")
    return read(file)


def test_what_is_written_says_what_was_learned_from_and_that_it_fits(known: Scenario, tmp_path: Path) -> None:
    after = written(calibrate(known, *half_a_year(known)), known, tmp_path / "learned.yaml")
    said = {name: after.entries[f"calibrated.{name}"].value for name in CALIBRATED.fields}
    meetings = str(len(half_a_year(known)[0].meetings))
    assert (said["history"], said["fit"], said["meetings"]) == ("synthetic.db", "good", meetings)
    assert (said["since"], str(said["until"])[:8]) == ("2021-04-05", "2021-10-")
    assert misfit(learned_from(after)) == ()
    assert learned_from(known) is None


def test_where_the_fit_fails_the_scenario_says_so_and_only_its_author_may_set_it_aside(
    known: Scenario, tmp_path: Path
) -> None:
    """The entry is in the digest, so that setting it aside needs consent again; too little seen takes nothing back."""
    file = tmp_path / "learned.yaml"
    found = calibrate(known, *half_a_year(known, world=World(fixed_weekly=0.9)))
    after = written(found, known, file)
    assert not found.holds
    fit = str(after.entries["calibrated.fit"].value)
    assert fit == "failed: " + "; ".join(one.says for one in found.checks if one.flagged)
    (warning,) = misfit(learned_from(after))
    assert "fixed weekly meetings?" in warning
    aside = [read(file, [f"calibrated{change}"]) for change in ("=none", ".fit=good")]
    assert len({after.digest, *(one.digest for one in aside)}) == 3
    assert all(misfit(learned_from(one)) == () for one in aside)
    little = calibrate(after, History("later.db", (meeting("m-001", 9),)))
    assert not little.enough
    assert "calibrated" not in little.entries


def test_too_little_seen_is_no_fit_whatever_was_known_before(known: Scenario, tmp_path: Path) -> None:
    """Its ranges moved, and nobody could ask whether they may: not good, and not taken for what an earlier one said."""
    short = History("short.db", tuple(weekly("m-1", 2, 2)))
    said = "{history: a.db, since: 2021-01-04, until: 2021-04-05, meetings: 900, fit: good}"
    for before in (known, read(Path(known.file), [f"calibrated={said}"])):
        found = calibrate(before, short)
        assert found.learned
        assert (found.enough, found.holds) == (False, None)
        assert {(one.asked, one.flagged) for one in found.checks} == {(True, False), (False, False)}
        after = written(found, before, tmp_path / "learned.yaml")
        fit = str(after.entries["calibrated.fit"].value)
        assert fit == "not known: 4 of at least 30 meetings and 1 of at least 4 weeks were seen"
        (warning,) = misfit(learned_from(after))
        assert "is not known: 4 of at least" in warning
        assert "the gate admits nobody on this plan: collect more" in warning


def test_a_history_of_the_load_alone_leaves_the_fit_to_what_was_known(known: Scenario) -> None:
    """No range of meetings rests on it: it is no worse than no history."""
    samples = [
        Sample(MONDAY + timedelta(hours=hour), "de", NodeReading(3, hour % 40, load=0.05, cameras=9))
        for hour in range(24 * 60)
    ]
    loads = calibrate(known, History("load.db", (), tuple(samples)))
    assert loads.loads
    assert (loads.holds, loads.entries.keys() & {"calibrated"}) == (None, set())
    # nor does the time in which only the load was read make meetings of two days enough
    two_days = tuple(meeting("m-1", n, key=str(n)) for n in range(48))
    both = calibrate(known, History("both.db", two_days, tuple(samples)))
    assert both.weeks == pytest.approx(2 / 7, abs=0.01)
    assert both.too_little == "0.2 of at least 4 weeks were seen"


def test_a_number_without_a_range_is_learned_from_half_to_double_and_says_so(tmp_path: Path, known: Scenario) -> None:
    bare = changed(tmp_path, known, usage__everyone__duration_cv="0.5", usage__everyone__cameras="50 %")
    history, members = half_a_year(known)
    found = {one.path: one for one in calibrate(bare, history, members).learned}
    cv, cameras = found["usage.everyone.duration_cv"], found["usage.everyone.cameras"]
    assert cv.assumed
    assert cv.prior == (0.5, 0.25, 1.0)
    assert cv.value == pytest.approx(0.8, rel=0.05)
    assert cameras.prior == pytest.approx((0.5, 1 / 3, 2 / 3))  # half and double the odds
    assert "no range" in cv.before


def test_all_alike_stays_all_alike(tmp_path: Path, known: Scenario) -> None:
    """A spread of 0 is a statement, not a number without a range."""
    alike = changed(tmp_path, known, usage__everyone__spread="0")
    history, members = half_a_year(known)
    assert "usage.everyone.spread" not in by_path(calibrate(alike, history, members))


def test_a_level_s_own_entries_are_learned_from_its_own_accounts() -> None:
    scenario = read(ROOT / "scenarios" / "pilot-5.yaml")
    members = [Member(f"m-{n}", "level-1", "money") for n in range(6)]
    members += [Member(f"x-{n}", "multi-user", "money") for n in range(3)]
    meetings = [one for n in range(6) for one in weekly(f"m-{n}", 12)]
    meetings += [replace(one, users=30) for n in range(3) for one in weekly(f"x-{n}", 12, 20)]
    found = {one.path: one for one in calibrate(scenario, History("h", tuple(meetings)), members).learned}
    assert found["usage.everyone.meetings"].seen == 6
    assert found["usage.multi-user.meetings"].seen == 3
    assert found["usage.everyone.spread"].seen == 9
    assert found["usage.everyone.meetings"].value < 2
    assert found["usage.multi-user.meetings"].value > 10
    assert found["usage.everyone.size"].value < 8
    assert found["usage.multi-user.size"].value > 8
    assert found["usage.multi-user.meetings"].plain == pytest.approx(20, rel=0.1)


def test_meetings_cut_by_their_level_s_limits_count_as_at_least_so_long_and_so_large(known: Scenario) -> None:
    """All meetings run three hours and have ten people, which the level allows: there is no telling how far."""
    members = [Member(f"m-{n}", "only", "money") for n in range(5)]
    full = [replace(one, users=10) for n in range(5) for one in weekly(f"m-{n}", 10)]
    cut = [replace(one, end=one.start + timedelta(hours=3), seen=one.start + timedelta(hours=3)) for one in full]
    short = [replace(one, end=one.start + timedelta(hours=2.9), seen=one.start + timedelta(hours=2.9)) for one in full]
    long, ended = (by_path(calibrate(known, History("h", tuple(rows)), members)) for rows in (cut, short))
    assert long["usage.everyone.duration"][1] > 3 > ended["usage.everyone.duration"][1]
    assert long["usage.everyone.size"][1] > 10


# ---- whose meetings


def test_a_member_who_never_met_counts_as_none(known: Scenario) -> None:
    meetings = tuple(one for n in range(5) for one in weekly(f"m-{n}", 12, 2))
    five = [Member(f"m-{n}", "only", "money") for n in range(5)]
    ten = [Member(f"m-{n}", "only", "money") for n in range(10)]
    few, many = (calibrate(known, History("h", meetings), sheet) for sheet in (five, ten))
    assert (few.accounts, many.accounts) == (5, 10)
    assert many.learned[0].value < 0.8 * few.learned[0].value
    assert many.learned[1].value > few.learned[1].value  # and accounts differ more


def test_an_account_that_came_late_or_left_is_watched_only_while_it_was_there(known: Scenario) -> None:
    members = [
        Member("m-1", "only", "money"),
        Member("m-2", "only", "money", since=date(2021, 6, 14)),
        Member("m-3", "only", "money", until=date(2021, 5, 23)),
        Member("m-4", "only", "money", since=date(2022, 1, 1)),
    ]
    history = History("h", (*weekly("m-1", 12), *weekly("m-2", 12), *weekly("m-3", 12)))
    found = by_account(known, history, members)
    assert found is not None
    weeks = {one.account: one.weeks for one in found.accounts}
    assert list(weeks) == ["m-1", "m-2", "m-3"]
    assert weeks["m-1"] == pytest.approx(11, abs=0.1)
    assert weeks["m-2"] == pytest.approx(5, abs=0.1)
    assert weeks["m-3"] == pytest.approx(3, abs=0.1)
    assert [len(one.meetings) for one in found.accounts] == [12, 6, 3]


def test_weeks_whose_log_is_missing_are_not_weeks_without_meetings(known: Scenario) -> None:
    """Six meetings in eleven weeks, six of which nobody watched, are six in five."""
    members = [Member(f"m-{n}", "only", "credit") for n in range(20)]
    whole = tuple(one for n in range(20) for one in weekly(f"m-{n}", 12))
    first, last = whole[0].start + timedelta(days=21), whole[0].start + timedelta(days=63)
    left = tuple(one for one in whole if not first <= one.start < last)
    lost = calibrate(known, History("h", left, (), ((first, last),)), members)
    assert by_path(lost)["usage.everyone.meetings"][1] == pytest.approx(6 / 5, rel=0.05)
    quiet = calibrate(known, History("h", left), members)
    assert by_path(quiet)["usage.everyone.meetings"][1] == pytest.approx(6 / 11, rel=0.05)
    assert quiet.weeks - lost.weeks == pytest.approx(6)
    told = (
        "of 42 days neither a log nor a poll tells: they count as not known; meetings that began then and are left out"
    )
    assert f"{told}: 0" in lost.notes
    assert not any("missing" in note for note in quiet.notes)
    # a meeting of then that is known from elsewhere says nothing of how often people meet
    found = by_account(known, History("h", whole, (), ((first, last),)), members)
    assert found is not None
    assert {(len(one.meetings), round(one.weeks)) for one in found.accounts} == {(6, 5)}


def test_days_whose_log_is_missing_are_no_quiet_days(known: Scenario) -> None:
    """Neither the check of whole weeks nor that of busy days looks at one of which most was not seen."""
    history = History("h", tuple(weekly("m-1", 12)))
    assert history.span is not None
    lost = history.span[0] + timedelta(days=21), history.span[0] + timedelta(days=63)
    split = by_account(known, replace(history, unwatched=(lost,)), [])
    assert split is not None
    counts, watched = fit_check._weekly(Uses(known), split, np.ones(168))
    assert watched[0].tolist() == [True] * 3 + [False] * 6 + [True] * (counts.shape[1] - 9)
    counted, expected = fit_check.daily(Uses(known), split, np.ones(168))
    assert (
        len(counted) == len(expected) == 76 - 42
    )  # the last one that is lost is so until 9 in the morning: most of it was seen
    assert expected.sum() == pytest.approx(counted.sum())


def test_without_a_sheet_accounts_are_known_because_they_met(known: Scenario) -> None:
    found = by_account(known, History("h", tuple(weekly("m-1", 4) + weekly("m-2", 4))), [])
    assert found is not None
    assert all(one.only_if_any and one.level is None for one in found.accounts)


def test_meetings_of_nobody_known_count_with_everyone(known: Scenario) -> None:
    """The scenario has 55 members, 5 are on the sheet: the other 50 met so many times together."""
    sheet = [Member(f"m-{n}", "only", "credit") for n in range(5)]
    named = [one for n in range(5) for one in weekly(f"m-{n}", 10)]
    nameless = [meeting(None, 168 * week + 10 + n / 10, key=str(n)) for week in range(10) for n in range(150)]
    found = by_account(known, History("h", tuple(named + nameless)), sheet)
    assert found is not None
    assert found.together is not None
    assert (found.together.accounts, len(found.together.meetings)) == (50, 1500)
    learned = {one.path: one for one in calibrate(known, History("h", tuple(named + nameless)), sheet).learned}
    assert learned["usage.everyone.meetings"].seen == 55
    assert learned["usage.everyone.meetings"].value == pytest.approx(3, rel=0.2)
    assert learned["usage.everyone.duration"].seen == 1550


def test_where_levels_differ_meetings_of_nobody_known_say_nothing_of_how_often() -> None:
    scenario = read(ROOT / "scenarios" / "pilot-5.yaml")  # multi-user accounts meet more often than everyone
    nameless = tuple(meeting(None, 168 * week + 10 + n / 10, key=str(n)) for week in range(10) for n in range(150))
    found = calibrate(scenario, History("h", nameless), [Member("m-1", "level-1", "money")])
    assert "usage.everyone.meetings" not in by_path(found)
    assert "usage.everyone.duration" in by_path(found)
    assert any("map rooms to accounts" in note for note in found.notes)


def test_a_sheet_beside_a_history_that_names_nobody_does_not_make_them_silent(known: Scenario) -> None:
    sheet = [Member(f"m-{n}", "only", "money") for n in range(55)]
    nameless = tuple(meeting(None, 168 * week + 10 + n / 10, key=str(n)) for week in range(10) for n in range(110))
    found = calibrate(known, History("h", nameless), sheet)
    assert {one.path: one for one in found.learned}["usage.everyone.meetings"].value == pytest.approx(2, rel=0.2)


def test_a_level_that_the_scenario_has_not_is_said_and_counts_with_everyone(known: Scenario) -> None:
    found = calibrate(known, History("h", tuple(weekly("m-1", 6))), [Member("m-1", "gold", "money")])
    assert any("no level gold" in note for note in found.notes)
    assert "usage.everyone.meetings" in by_path(found)


def test_kinds_of_meeting_are_not_told_apart(tmp_path: Path, known: Scenario) -> None:
    kinds = "{call: {share: 80 %}, assembly: {share: 20 %, size: 20 users}}"
    scenario = changed(tmp_path, known, usage__everyone__kinds=kinds)
    found = calibrate(scenario, History("h", tuple(weekly("m-1", 6))), [Member("m-1", "only", "money")])
    assert set(by_path(found)) == {"usage.everyone.meetings", "usage.everyone.spread", "usage.everyone.day_spread"}
    assert any("several kinds" in note for note in found.notes)
    assert Uses(scenario).of("only", "size") is None


def test_hours_are_those_of_the_scenario_s_clock(tmp_path: Path, known: Scenario) -> None:
    """Nine o'clock UTC in May is ten o'clock in London."""
    london = changed(tmp_path, known, timezone="Europe/London")
    history = History("h", tuple(weekly("m-1", 6)))
    for scenario, hour in ((known, 9), (london, 10)):
        week = calibrate(scenario, history).week
        assert week is not None
        assert week.counted[hour] == 6


def test_accounts_that_resemble_themselves_count_for_less(known: Scenario) -> None:
    """Each account has a length of its own: 300 meetings of 6 accounts must not make the mean known to a per cent."""
    rng = np.random.default_rng(4)
    own = np.exp(rng.normal(0, 0.5, 6))
    sheet = [Member(f"m-{n}", "only", "money") for n in range(6)]
    rows = [meeting(f"m-{n}", 50 * k + 10, own[n] * (1 + 0.1 * rng.random())) for n in range(6) for k in range(50)]
    mixed = [replace(one, account=f"m-{k % 6}") for k, one in enumerate(sorted(rows, key=lambda one: one.hours))]
    clustered, spread = (calibrate(known, History("h", tuple(each)), sheet) for each in (rows, mixed))
    width = [found["usage.everyone.duration"][2] - found["usage.everyone.duration"][0]
             for found in (by_path(clustered), by_path(spread))]  # fmt: skip
    assert width[0] > 3 * width[1]
    assert any("independent" in note for note in clustered.notes)


def test_the_node_s_load_is_learned_from_readings_an_hour_apart(known: Scenario) -> None:
    rng = np.random.default_rng(6)
    samples = []
    for minute in range(0, 60 * 24 * 14, 10):
        rooms = int(rng.poisson(6))
        users, streams = int(rng.poisson(6 * rooms + 0.1)), int(rng.poisson(20 * rooms + 0.1))
        load = 0.05 + 0.004 * rooms + 0.005 * users + 0.0002 * streams + rng.normal(0, 0.003)
        reading = NodeReading(rooms, users, streams, load)
        samples.append(Sample(MONDAY + timedelta(minutes=minute), "de", reading))
    found = calibrate(known, History("h", (), tuple(samples)))
    per_user = next(one for one in found.loads if one.path == "usage.cpu.per_user")
    assert per_user.seen == 14 * 24
    assert abs(per_user.value - 0.005) < 3 * (per_user.high - per_user.low) / 2
    assert per_user.prior[0] == pytest.approx(0.003)
    assert "usage.cpu.per_user" in found.entries
    assert found.entries["usage.cpu.factor"]["value"] == "1"  # type: ignore[call-overload]


def test_what_one_server_taught_is_not_known_of_another_that_nobody_read(tmp_path: Path) -> None:
    """The factor by which machines differ stays with the one that was not read."""
    scenario = read(ROOT / "scenarios" / "pilot-5.yaml")
    samples = {
        node: [
            Sample(MONDAY + timedelta(hours=n), node, NodeReading(n % 5 + 1, n % 40, n % 70, 0.05 + 0.004 * (n % 40)))
            for n in range(24 * 7)
        ]
        for node in ("de", "ca")
    }
    one = calibrate(scenario, History("h", (), tuple(samples["de"])))
    assert {after.path.rpartition(".")[0] for after in one.loads} == {"nodes.de.cpu"}
    after = written(one, scenario, tmp_path / "learned.yaml")
    factors = {path: one for path, one in after.estimates.items() if path.endswith("cpu.factor")}
    assert {path: (one.low, one.value, one.high) for path, one in factors.items() if one.value} == {
        "nodes.de.cpu.factor": (None, 1.0, None),
        "usage.cpu.factor": (0.3, 1.0, 3.0),
    }
    per_user = {node.name: node.load.per_user for node in resolve.inputs(after).nodes}  # type: ignore[union-attr]
    assert per_user["de"] > 1.1 * per_user["ca"] == pytest.approx(1.1 * 0.003)
    both = calibrate(scenario, History("h", (), tuple(samples["de"] + samples["ca"])))
    assert {after.path.rpartition(".")[0] for after in both.loads} == {"usage.cpu"}
    few = calibrate(scenario, History("h", (), tuple(samples["de"] + samples["ca"][:9])))
    assert {after.path for after in few.loads} == {after.path for after in one.loads}


def test_a_history_of_one_instant_teaches_nothing(known: Scenario) -> None:
    for account in ("m-1", None):
        found = calibrate(known, History("h", (meeting(account, 9, 0.0),)))
        assert (found.learned, found.entries, found.holds) == ((), {}, None)


def test_a_gap_each_night_hides_no_surge(known: Scenario) -> None:
    """Two days on which everybody meets stay two such days where nobody polled from 2 to 3:05 each night."""
    seen, members = half_a_year(known, accounts=20)
    noon = synthetic.BEGIN + timedelta(hours=12)
    surge = [
        replace(seen.meetings[0], key=f"surge-{day}-{n}", account=f"m-{n % 20:03d}", start=at, end=at + HOUR, seen=at)
        for day in (59, 121)
        for n in range(56)
        for at in [noon + timedelta(days=day, minutes=n)]
    ]
    meetings = (*seen.meetings, *surge)
    first = synthetic.BEGIN + timedelta(hours=2)
    nights = tuple((first + n * DAY, first + n * DAY + timedelta(minutes=65)) for n in range(182))
    whole, nightly = (
        calibrate(known, replace(seen, meetings=meetings, unwatched=gaps), members) for gaps in ((), nights)
    )
    for found in (whole, nightly):
        assert {one.name for one in found.checks if not one.asked} <= {"lengths"}
        assert not found.holds
        assert "busy days" in {one.name for one in found.checks if one.flagged}
    calm = calibrate(known, replace(seen, unwatched=nights), members)
    assert (calm.holds, calm.too_little) == (True, "")
    # without these two questions nobody knows whether it fits; where no account is known, one can never be asked
    for name, of_nobody in (("regularity", ""), ("busy days", "nobody asked")):
        checks = [replace(one, asked=one.name != name, says="nobody asked") for one in calm.checks]
        left = replace(calm, checks=tuple(checks))
        assert (left.holds, left.too_little) == (None, "nobody asked")
        assert replace(left, accounts=0).too_little == of_nobody


def test_a_day_seen_in_part_expects_what_its_seen_hours_do(known: Scenario) -> None:
    seen, members = half_a_year(known, accounts=20)
    noon = synthetic.BEGIN + timedelta(days=30, hours=12)
    half, day = (noon, noon + timedelta(hours=3)), (noon + 10 * DAY, noon + 11 * DAY)
    uses, flat = Uses(known), np.ones(168)
    sorts = [by_account(known, replace(seen, unwatched=gaps), members) for gaps in ((), (half,), (half, day))]
    (counted, expected), (_, part), (few, _) = (fit_check.daily(uses, one, flat) for one in sorts if one)
    assert len(part) == len(expected) == len(counted)
    ratio = part / expected
    assert ratio[29] / np.median(ratio) == pytest.approx(21 / 24, rel=1e-6)
    # half a day is enough of it, and on each side of noon there is one
    assert len(few) == len(expected)


# ---- the number, the record


def test_the_effect_names_the_numbers() -> None:
    before = sample()
    after = replace(before, admission=replace(before.admission, max_accounts=3, central=9))
    change = effect(before, after)
    assert (change.before, change.after) == (before.admission.max_accounts, 3)


def test_the_example_history_is_what_its_script_makes_and_says_that_it_is_generated() -> None:
    for name, text in files().items():
        assert (DATA / name).read_text(encoding="utf-8") == text
        assert text.startswith("# Generated by tests/example_history.py: an example, no real co-op")


def test_the_example_history_teaches_what_it_was_made_of() -> None:
    scenario = read(ROOT / "scenarios" / "pilot-5.yaml")
    found = calibrate(
        scenario,
        observed.read_history(DATA / "example_history.csv", observation_files.say_read),
        observed.read_members(DATA / "example_members.csv", observation_files.say_read),
    )
    inside = by_path(found)
    for path, truth in (("everyone.meetings", 1.5), ("everyone.duration", 1.05), ("multi-user.size", 10.0)):
        low, value, high = inside[f"usage.{path}"]
        assert abs(value - truth) < 1.5 * (high - low)
    assert found.holds
    assert found.enough


# ---- the command


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    synthetic.scenario(folder)
    return subprocess.run(
        [sys.executable, "-m", "planner", "calibrate", "synthetic.yaml", *words, "--draws", "20"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def table(folder: Path, meetings: Iterable[Meeting]) -> str:
    """Write meetings as the table that an import reads."""
    rows = [
        f"{one.start.isoformat()},{(one.end or one.seen).isoformat()},{one.users},{one.account}" for one in meetings
    ]
    (folder / "meetings.csv").write_text("\n".join(["start,end,users,account", *rows]) + "\n", encoding="utf-8")
    return "meetings.csv"


@pytest.mark.slow
def test_typed_it_writes_a_scenario_with_its_week_and_charts(tmp_path: Path) -> None:
    meetings = [one for n in range(6) for one in weekly(f"m-{n}", 12, 3)]
    (tmp_path / "members.csv").write_text(
        "account,level,pays\n" + "".join(f"m-{n},only,money\n" for n in range(6)), encoding="utf-8"
    )
    history = table(tmp_path, meetings)
    done = run(tmp_path, "--history", history, "--members", "members.csv", "--out", "new/learned.yaml")
    assert done.returncode == 0, done.stderr
    scenario = read(tmp_path / "new" / "learned.yaml")
    assert scenario.estimates["usage.everyone.meetings"].source.startswith("history meetings.csv")
    assert (tmp_path / "new" / "learned-week.csv").exists()
    drawn = {file.name for file in (tmp_path / "new" / "learned").iterdir()}
    assert {"everyone.meetings.svg", "everyone.meetings.png", "week.svg", "week.png"} <= drawn
    assert "meetings (everyone): 2/week (1 to 4/week)" in done.stdout
    said = " ".join(done.stdout.split())
    assert "The servers and the credit now allow " in said
    assert "warning: 20 cases are few: " in said
    assert banned_in(said) == []
    assert "It does not fit. " in said  # every account meets at the same hours every week
    assert "Do accounts meet by chance from week to week, not by the calendar? No: an account's weeks differ" in said


@pytest.mark.slow
def test_typed_too_little_is_4_and_bad_input_2(tmp_path: Path) -> None:
    done = run(tmp_path, "--history", table(tmp_path, weekly("m-1", 1)))
    assert done.returncode == 4, done.stderr
    assert "Too little was seen. " in done.stdout
    for words in (("--history", "nowhere.sqlite"), ("--history", "meetings.csv", "--members", "nowhere.csv")):
        done = run(tmp_path, *words)
        assert done.returncode == 2
        assert "nowhere" in done.stderr
        assert "Traceback" not in done.stderr
    done = run(tmp_path, "--history", "meetings.csv", "--out", "synthetic.yaml")
    assert done.returncode == 2
    assert "synthetic.yaml" in done.stderr
    assert "kept" in done.stderr


def test_too_little_is_a_matter_of_weeks_and_of_meetings(known: Scenario) -> None:
    short = calibrate(known, History("h", tuple(weekly("m-1", 2, 40))))
    few = calibrate(known, History("h", tuple(weekly("m-1", LEAST_MEETINGS - 1))))
    enough = calibrate(known, History("h", tuple(weekly("m-1", LEAST_MEETINGS))))
    assert [one.enough for one in (short, few, enough)] == [False, False, True]
    assert math.isclose(enough.weeks, LEAST_MEETINGS - 1, abs_tol=0.1)


@pytest.mark.slow
def test_the_notebook_learns_from_the_example_and_shows_both_answers(tmp_path: Path) -> None:
    last = "print(*both.frame['max_accounts'], both.frame['digest'].nunique(), len(found.learned))"
    before, after, digests, learned = map(int, run_notebook("03_capacity.ipynb", last, tmp_path).split())
    assert min(before, after) >= 0
    assert digests == 2
    assert learned > 5


@pytest.mark.parametrize(
    ("entry", "twice"),
    [
        ("{node: de, most_users: 45, for: 6 months}", 0),
        ("{node: de, most_users: 45, for: 6 months, until: 2021-03}", 0),
        ("{node: de, carried: 120 users}", 0),
        ("{talk: 4000 h, in: 4 weeks}", 0),
    ],
)
def test_what_was_seen_before_the_history_counts_once(known: Scenario, entry: str, twice: int) -> None:
    """The history begins in May 2021, the scenario in April: what ended by then was seen before."""
    said = read(Path(known.file), [f"experience=[{entry}]"])
    assert len(counted_twice(said, History("h.db", tuple(weekly("a", 4))))) == twice


def test_an_entry_about_the_time_of_the_history_is_refused(known: Scenario) -> None:
    said = read(Path(known.file), ["experience=[{node: de, most_users: 45, for: 6 months}]"])
    before = [replace(one, start=one.start - timedelta(days=60)) for one in weekly("a", 4)]
    (why,) = counted_twice(said, History("h.db", tuple(before)))
    assert why.startswith("experience.1 says what was seen from 2020-")
    assert "the same evidence would count twice" in why
