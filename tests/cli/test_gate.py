"""The gate as ops type it: it counts the register, records what it admits, and fails closed whatever goes wrong."""

import fcntl
import json
import multiprocessing
import os
import pty
import re
import resource
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from light_scenario import LIGHT
from sample_plan import sample
from stored_plan import CAP, CONSENTED, ROOT, begin, document, gate, run, store, typed, within, write_reading

from planner import seal
from planner.gate import standing
from planner.planning import Assumption, as_json
from planner.store import register

COUNTED = ("--register", "register.sqlite")
ASKED = ("--readings", "now.json", *COUNTED)
ADMIT = (*COUNTED, "--by", "ops", "--admit")
GATE = ("gate", "pilot.yaml", "--level", "level-1", "--readings", "now.json")
HEAVY = {"numpy", "yaml", "pandas", "pydantic", "requests", "scipy", "matplotlib", "jinja2", "rich", "defusedxml"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a scenario, its stored plan, a register and a reading of this minute."""
    store(tmp_path)
    begin(tmp_path)
    write_reading(tmp_path)
    return tmp_path


def rows(folder: Path) -> tuple[register.Entry, ...]:
    """Return what the register holds."""
    path = folder / "register.sqlite"
    if not path.exists():
        return ()
    with register.open_register(path, write=False) as db:
        return register.entries(db)


# What is recorded, and what counts


def test_an_admission_is_recorded_with_decision_digest_reading_and_time(place: Path) -> None:
    begun = datetime.now(UTC)
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-001")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("admit: 1 account of level-1 may come: the first limit is the pilot's own cap")
    assert "recorded: ocn-001" in done.stdout
    (row,) = rows(place)
    assert (row.change, row.ref, row.level, row.accounts, row.by) == ("admit", "ocn-001", "level-1", 1, "ops")
    assert row.digest == row.decision["plan"]["digest"] == "d" * 64
    plan = json.loads((place / "out/pilot/plan.json").read_text())
    assert [row.decision["plan"][name] for name in ("result", "seal")] == [plan["result"], plan["seal"]]
    assert f"plan: {plan['result'][:12]}, to be reviewed by" in done.stdout
    assert row.decision["reading"]["nodes"]["de"]["users"] == 24
    assert begun <= row.at <= datetime.fromisoformat(row.decision["at"]) <= datetime.now(UTC)


def test_the_last_place_goes_once_and_a_release_frees_it(place: Path) -> None:
    codes = [within(place, "--readings", "now.json", *ADMIT, f"ocn-{n}") for n in range(CAP + 2)]
    assert codes == [0] * CAP + [3, 3]
    held = gate(place, "--readings", "now.json", "--register", "register.sqlite")
    assert held.returncode == 3
    assert "further accounts the plan allows: 0" in held.stdout
    assert (
        run("register", "release", "ocn-2", "--by", "ops", "--register", "register.sqlite", cwd=place).returncode == 0
    )
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-77") == 0
    assert len(rows(place)) == CAP + 2


def test_several_accounts_of_one_reference_are_admitted_together_or_not_at_all(place: Path) -> None:
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-1", "--accounts", "3") == 0
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-2", "--accounts", "3") == 3
    assert [row.accounts for row in rows(place)] == [3]
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-2", "--accounts", "2")
    assert "further accounts the plan allows after this: 0" in done.stdout


def test_what_people_added_counts_too(place: Path) -> None:
    words = ("--level", "level-1", "--accounts", "4", "--by", "treasurer", "--because", "All Hands")
    assert run("register", "add", "ocn-5", *words, "--register", "register.sqlite", cwd=place).returncode == 0
    assert within(place, "--readings", "now.json", "--register", "register.sqlite") == 0
    assert within(place, "--readings", "now.json", "--register", "register.sqlite", "--accounts", "2") == 3


@pytest.mark.parametrize(("as_of", "counted"), [("2021-03-31", 2), ("2021-04", 1), ("2022", 0), (None, 3)])
def test_only_accounts_since_the_members_were_counted_come_on_top(place: Path, as_of: str | None, counted: int) -> None:
    """The first came on 30 March 2021, the second on the 31st, the third on 1 May."""
    store(place, document(members_as_of=as_of, checkpoint={"after": 1200, "month": ""}))
    (place / "register.sqlite").unlink()
    begin(place, datetime(2021, 3, 1, tzinfo=UTC))
    with register.open_register(place / "register.sqlite") as db:
        for n, day in enumerate([datetime(2021, 3, 30, 9, tzinfo=UTC), datetime(2021, 3, 31, 9, tzinfo=UTC)]):
            register.add(db, ref=f"ocn-{n}", level="level-1", accounts=1, by="ops", because="so", now=day)
        may = datetime(2021, 5, 1, tzinfo=UTC)
        register.add(db, ref="ocn-9", level="level-1", accounts=1, by="ops", because="so", now=may)
    done = gate(place, "--readings", "now.json", "--register", "register.sqlite", "--json")
    assert json.loads(done.stdout)["admitted"] == counted
    assert json.loads(done.stdout)["max_more_accounts"] == CAP - counted


def test_a_plan_says_when_its_members_were_counted() -> None:
    """The date stands beside the number in the assumptions; a plan that was made can be read by the gate."""
    row = Assumption("members.accounts", "55", None, None, "forum", "2021-03-31", "base.yaml:7", "who is there")
    written = as_json(replace(sample(), assumptions=(row,), timezone="Europe/London"))
    assert written["members_as_of"] == "2021-03-31"
    read = standing(seal.sealed(document(members_as_of="2021-03-31"), datetime.now(UTC)))
    assert read.members_since == datetime(2021, 3, 31, tzinfo=ZoneInfo("Europe/London"))
    assert standing(seal.sealed(document(members_as_of=None), datetime.now(UTC))).members_since is None


# The plan that was consented to


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, quick_plans: None) -> Path:
    """Return a folder with a light scenario and its plan, consented to."""
    folder = tmp_path_factory.mktemp("planned")
    (folder / "light.yaml").write_text(LIGHT)
    done = run("plan", "light.yaml", "--draws", "20", "--consented", CONSENTED, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def signed(planned: Path, tmp_path: Path) -> Path:
    """Return a copy of it, with a register and a reading."""
    shutil.copytree(planned, tmp_path, dirs_exist_ok=True)
    reading = {"schema": "planner.reading/1", "taken_at": datetime.now(UTC).isoformat(), "source": "by hand"}
    (tmp_path / "now.json").write_text(json.dumps(reading | {"nodes": {"a": {"rooms": 0}}}))
    begin(tmp_path)
    return tmp_path


def test_a_plan_that_was_consented_to_is_never_replaced_by_one_that_was_not(signed: Path) -> None:
    kept = signed / "out/light/plan.json"
    before, written, files = kept.read_bytes(), kept.stat().st_mtime_ns, {*kept.parent.rglob("*")}
    for words in (("--draws", "40"), ("--draws", "20", "--seed", "8"), ("--simulate",)):
        done = run("plan", "light.yaml", *words, cwd=signed)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"was consented to ({CONSENTED})" in done.stderr
        assert "--out DIR" in done.stderr
        assert kept.read_bytes() == before
    # what is tried goes to a folder of its own
    done = run("plan", "light.yaml", "--set", "offer.accounts=3", "--draws", "20", cwd=signed)
    assert (done.returncode, kept.read_bytes()) == (0, before)
    assert "Changed for this plan: accounts that are offered: 5 → 3" in done.stdout
    assert json.loads((signed / "out/light-changed/plan.json").read_text())["consented"] is None
    # the same plan once more is the one that was consented to, and as old as it was
    assert run("plan", "light.yaml", "--draws", "20", cwd=signed).returncode == 0
    assert (kept.read_bytes(), kept.stat().st_mtime_ns) == (before, written)
    assert run("plan", "light.yaml", "--draws", "20", "--out", "other", cwd=signed).returncode == 0
    assert json.loads((signed / "other/light/plan.json").read_text())["consented"] is None
    assert {*kept.parent.rglob("*")} == files
    assert run("plan", "light.yaml", "--draws", "40", "--consented", "thread 502", cwd=signed).returncode == 0
    assert json.loads(kept.read_text())["consented"] == "thread 502"


def test_the_gates_own_planning_keeps_the_plan_that_was_consented_to(signed: Path) -> None:
    """The scenario was changed: its plan is made for this verdict alone, and is not the one that people know."""
    before = (signed / "out/light/plan.json").read_bytes()
    words = ("gate", "light.yaml", "--level", "one", "--readings", "now.json")
    assert f"consented: {CONSENTED}" in run(*words, cwd=signed).stdout
    (signed / "light.yaml").write_text(LIGHT.replace("accounts: 20", "accounts: 21"))
    done = run(*words, cwd=signed)
    assert "nobody has signed this plan off yet" in done.stdout
    assert f"what was consented to in {CONSENTED} was another state of it; that plan is kept" in done.stderr
    assert (signed / "out/light/plan.json").read_bytes() == before
    (signed / "light.yaml").write_text(LIGHT)
    assert f"consented: {CONSENTED}" in run(*words, cwd=signed).stdout


def test_a_plan_holds_what_the_gate_needs_of_nodes_levels_and_time(signed: Path) -> None:
    plan = json.loads((signed / "out/light/plan.json").read_text())
    assert plan["nodes"] == ["a"]
    assert plan["admission"]["by_level"] == {"one": plan["admission"]["max_accounts"]}
    assert (plan["scenario"]["seed"], plan["checkpoint"]["after"]) == (7, 6)


def test_members_counted_in_the_future_are_unknown(place: Path) -> None:
    """Rows of today would not be counted, so places could be given away again and again."""
    store(place, document(members_as_of=f"{datetime.now(UTC).year + 2}"))
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
    assert done.returncode == 4
    assert "still to come" in done.stdout
    assert rows(place) == ()


@pytest.mark.parametrize(
    ("more", "reading", "code"),
    [
        (("--accounts", "6"), {}, 3),
        ((), {"de": {"users": 151}, "ca": {}}, 3),
        ((), {"de": {"online": False}, "ca": {}}, 3),
        ((), {"de": {"users": 120}, "ca": {}}, 4),  # within the limit, outside the band
        ((), {"de": {}}, 4),  # ca was not read
    ],
)
def test_what_is_not_admitted_is_not_recorded(
    place: Path, more: tuple[str, ...], reading: dict[str, dict[str, Any]], code: int
) -> None:
    write_reading(place, **reading)
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-1", *more) == code
    assert rows(place) == ()


def test_a_reading_that_is_stale_missing_or_malformed_is_unknown(place: Path) -> None:
    write_reading(place, late=timedelta(minutes=20))
    assert within(place, *ASKED) == 4
    assert within(place, *ASKED, "--max-age", "30") == 0
    assert within(place, "--readings", "elsewhere.json", *COUNTED) == 4
    assert within(place, *COUNTED) == 4
    (place / "now.json").write_text('{"schema": "planner.reading/1"}')
    assert within(place, *ASKED) == 4


def test_a_slip_in_the_registers_name_does_not_give_the_places_away_again(place: Path) -> None:
    """Admitting begins no register: the five places are gone, whatever is typed."""
    for n in range(CAP):
        assert within(place, "--readings", "now.json", *ADMIT, f"ocn-{n}") == 0
    slip = ("--register", "register.sqlit", "--by", "ops", "--admit", "ocn-9")
    done = gate(place, "--readings", "now.json", *slip)
    assert done.returncode == 4
    assert "there is no register here" in done.stdout
    assert not (place / "register.sqlit").exists()


def test_a_node_that_nobody_is_offered_need_not_be_read(place: Path) -> None:
    plan, both = document(nodes=("de",)), document()
    store(place, plan | {name: both[name] for name in ("nodes", "assumptions")})
    write_reading(place, de={})
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
    assert done.returncode == 0
    assert "node ca is in the plan but not in the reading; nobody is offered ca" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("nodes", "code", "says"),
    [
        ({"de": {"rooms": 1}}, 4, "node ca is in the plan but not in the reading"),
        ({"de": {"rooms": 1, "users": None}, "ca": {}}, 4, "node de has no users"),
        ({"de": {"load": None}, "ca": {}}, 4, "node de has no load"),
        ({"de": {}, "ca": {"online": False}}, 3, "server ca is offline"),
        ({"de": {}, "ca": {}}, 0, "may come"),
    ],
)
def test_every_node_and_every_resource_that_is_limited_must_have_been_read(
    place: Path, nodes: dict[str, dict[str, Any]], code: int, says: str
) -> None:
    """Node ca has no limit here at all, and still has to be there: its members come to de when it is gone."""
    plan, both = document(nodes=("de",)), document()
    store(place, plan | {name: both[name] for name in ("nodes", "reached", "assumptions")})
    write_reading(place, **nodes)
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
    assert done.returncode == code
    assert says in " ".join(done.stdout.split())
    assert len(rows(place)) == (code == 0)


def months_ago(months: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=months * 30.5)


def test_past_its_review_a_plan_says_nothing(place: Path) -> None:
    """Six months after it was made where nobody has come; six months after the first account where somebody has."""
    store(place, made=months_ago(5))
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-0") == 0
    told = json.loads(gate(place, *ASKED, "--json").stdout)
    (row,) = rows(place)
    assert timedelta(180) < datetime.fromisoformat(told["plan"]["ends"]) - row.at < timedelta(185)
    assert "to be reviewed by 20" in gate(place, *ASKED).stdout
    store(place, made=months_ago(7))  # the pilot began with its first account, today
    assert within(place, *ASKED) == 0
    (place / "register.sqlite").unlink()
    begin(place, months_ago(9))
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
    assert done.returncode == 4
    assert "its review, 6 months after the plan was made: hold the review" in " ".join(done.stdout.split())
    with register.open_register(place / "register.sqlite") as db:
        register.add(db, ref="ocn-5", level="level-1", accounts=1, by="ops", because="so", now=months_ago(6.6))
    store(place)
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
    assert done.returncode == 4
    assert "6 months after the first account came" in " ".join(done.stdout.split())


def test_an_expired_plan_is_not_revived_by_the_time_of_its_file(place: Path) -> None:
    """`touch`, `cp` and a checkout from git make a file new, and not what is in it."""
    store(place, made=months_ago(7))
    plan = place / "out/pilot/plan.json"
    copied = plan.read_bytes()
    for renewed in (plan.touch, lambda: (plan.unlink(), plan.write_bytes(copied))):
        renewed()
        done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
        assert done.returncode == 4
        assert "the plan ended on" in done.stdout
    assert rows(place) == ()


def test_a_plan_from_the_future_is_unknown(place: Path) -> None:
    """The clock here went back, which would let an expired plan hold on. Judged as of a time, it was there."""
    store(place, made=months_ago(-1))
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
    assert done.returncode == 4
    assert "which is still to come: is the clock here right?" in " ".join(done.stdout.split())
    assert within(place, *ASKED, "--at", datetime.now(UTC).isoformat()) == 0


def test_a_clock_that_went_back_behind_the_register_is_unknown(place: Path) -> None:
    """For who only asks, too: who came would not be counted, and a plan that has ended would live again."""
    (place / "register.sqlite").unlink()
    begin(place, datetime.now(UTC) + timedelta(hours=3))
    for words in (ASKED, ("--readings", "now.json", *ADMIT, "ocn-1")):
        done = gate(place, *words)
        assert done.returncode == 4
        assert "still to come: is the clock here right?" in " ".join(done.stdout.split())
    assert gate(place, *ASKED, "--accounts", "9").returncode == 3
    assert rows(place) == ()


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"draws": 40}, "made with 40 cases only"), ({"seed": 7}, "made with the seed 7, where the scenario has 501")],
)
def test_what_makes_the_number_less_sure_is_said_beside_the_verdict(
    place: Path, changed: dict[str, Any], says: str
) -> None:
    assert "this plan:" not in gate(place, *ASKED).stdout
    store(place, document(**changed))
    assert f"this plan: {says}" in gate(place, *ASKED).stdout
    told = json.loads(gate(place, *ASKED, "--json").stdout)
    assert says in told["plan"]["cautions"][0]


def test_more_of_one_level_than_the_plan_counted_hold(place: Path) -> None:
    plan = document(offer={"accounts": 5, "mix": {"level-1": 0.6, "level-3": 0.4}})
    plan["assumptions"].append({"path": "levels.level-3.price"})
    plan["admission"]["by_level"] = {"level-1": 3, "level-3": 2}
    store(place, plan)
    asked = ["level-3", "level-3", "level-3", "level-1"]
    codes = [
        run(
            *("gate", "pilot.yaml", "--level", level, "--readings", "now.json", *ADMIT, f"ocn-{n}"), cwd=place
        ).returncode
        for n, level in enumerate(asked)
    ]
    assert codes == [0, 0, 3, 0]


# What is said


def test_consent_and_digits_are_said_on_every_verdict(place: Path) -> None:
    digits = json.loads((place / "out/pilot/plan.json").read_text())["result"][:12]
    for words, code in ((("--accounts", "1"), 0), (("--accounts", "9"), 3), ((), 4)):
        given = ASKED if code != 4 else COUNTED
        done = gate(place, *given, *words)
        assert done.returncode == code
        assert f"consented: {CONSENTED}" in done.stdout
        assert f"  plan: {digits}, to be reviewed by" in done.stdout
    store(place, document(consented=None))
    assert "nobody has signed this plan off" in gate(place, *ASKED).stdout


def test_without_a_register_nobody_is_counted_and_nothing_is_known(place: Path) -> None:
    """A line of cron that lost its PLANNER_REGISTER left with 0 as if nobody had come."""
    for words in ((), ("--admit", "ocn-1", "--by", "ops")):
        done = gate(place, "--readings", "now.json", *words)
        assert done.returncode == 4
        assert done.stdout.startswith("unknown: no register was given: add --register FILE, or set PLANNER_REGISTER")
        assert "further accounts the plan allows: not known" in done.stdout
    assert gate(place, "--readings", "now.json", "--accounts", "9").returncode == 3
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-001") == 0
    set_once = gate(place, "--readings", "now.json", PLANNER_REGISTER="register.sqlite")
    assert (set_once.returncode, set_once.stderr) == (0, "")
    assert "after the 1 admitted" in set_once.stdout
    assert "  register: 1 row, " in set_once.stdout
    assert gate(place, "--readings", "now.json", PLANNER_REGISTER="").returncode == 4


def _said(words: str) -> dict[str, Any]:
    """Return a reason whose sentence holds these words."""
    return {"kind": "market", "about": {"network": words, "low": 1, "high": 2}}


def test_lines_are_as_long_as_a_page_is_wide_where_there_is_no_terminal(place: Path) -> None:
    """A long reason goes on indented; --json is for programs and says each reason in one piece."""
    plan = document()
    for limit in plan["admission"]["limits"]:
        limit["because"] = _said("that goes on and on " * 9 + "to-the-end-of-a/long-path.yaml")
    store(place, plan)
    done = gate(place, "--readings", "now.json", "--accounts", "9", "--register", "register.sqlite", "--by", "ops",
                "--admit", "ocn-1")  # fmt: skip
    assert done.returncode == 3
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("    ")
    assert "to-the-end-of-a/long-path.yaml is" in done.stdout
    told = json.loads(gate(place, "--readings", "now.json", "--accounts", "9", "--json").stdout)
    assert "that goes on and on " * 9 + "to-the-end-of-a/long-path.yaml is" in told["reasons"][0]


@pytest.mark.parametrize(("columns", "longest"), [(0, 80), (1, 40), (50, 50), (300, 300)])
def test_on_a_terminal_lines_are_as_long_as_it_is_wide(place: Path, columns: int, longest: int) -> None:
    """One that does not say how wide it is has 0 columns; where not even a word fits, words stand alone."""
    plan = document()
    plan["admission"]["limits"][-1]["because"] = _said("a word and " * 30)
    store(place, plan)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    words = ["gate", "pilot.yaml", "--level", "level-1", "--readings", "now.json", "--accounts", "9"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "planner", *words]
    subprocess.run(command, cwd=place, stdout=theirs, stderr=subprocess.DEVNULL, env=environment, check=False)
    os.close(theirs)
    lines = os.read(ours, 100_000).decode().splitlines()
    os.close(ours)
    assert longest - 12 <= max(map(len, lines)) <= longest


def test_limits_have_the_names_that_the_plan_gives_them(place: Path) -> None:
    plan = document()
    balance = {"limit": "balance", "node": None, "max_accounts": 2, "because": _said("refused")}
    hours = {"limit": "labour", "node": None, "max_accounts": 3, "because": _said("4 h")}
    limits = plan["admission"]["limits"]
    few = {"max_accounts": 2, "by_level": {"level-1": 2}, "limits": [*limits, limits[-1] | balance, limits[-1] | hours]}
    store(place, plan | {"admission": plan["admission"] | few})
    done = gate(place, "--readings", "now.json", "--accounts", "5")
    assert done.returncode == 3, done.stdout
    assert "hold: the network's balance cap: the network refused" in done.stdout
    assert "  and volunteer hours: the network 4 h" in done.stdout


@pytest.mark.parametrize("more", [(), ("--admit", "ocn-1", "--by", "ops")])
@pytest.mark.parametrize("name", ["registre.sqlite", "elsewhere/register.sqlite", "out", "pilot.yaml/x", "/dev/null"])
def test_a_slip_in_the_register_s_name_counts_nobody_neither_for_who_looks_nor_for_who_admits(
    place: Path, name: str, more: tuple[str, ...]
) -> None:
    done = gate(place, "--readings", "now.json", "--register", name, *more)
    assert done.returncode == 4
    assert f"unknown: {name}: " in done.stdout
    assert not (place / "registre.sqlite").exists()
    assert not (place / "elsewhere").exists()


@pytest.mark.parametrize("more", [(), ("--readings", "now.json"), ("--readings", "now.json", *ADMIT, "ocn-1")])
def test_a_level_that_is_misspelt_is_a_slip_and_is_said_before_anything_is_read(
    place: Path, more: tuple[str, ...]
) -> None:
    """A level that is there and not on offer is a question to the plan, which holds."""
    more_levels = [{"path": f"levels.{level}.price"} for level in ("free", "level-2")]
    store(place, document(assumptions=[{"path": "horizon"}, *more_levels, *document()["assumptions"]]))
    done = run("gate", "pilot.yaml", "--level", "levle-1", *more, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--level 'levle-1': there is no such level; wanted one of free, level-2, level-1" in done.stderr
    assert rows(place) == ()
    held = run("gate", "pilot.yaml", "--level", "level-2", "--readings", "now.json", cwd=place)
    assert held.returncode == 3
    assert "level-2 is not on offer" in held.stdout


def test_a_level_that_is_misspelt_is_said_before_a_plan_is_made(tmp_path: Path) -> None:
    (tmp_path / "light.yaml").write_text(LIGHT)
    done = run("gate", "light.yaml", "--level", "two", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "wanted one of one" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_text_from_outside_draws_no_lines_of_its_own(place: Path) -> None:
    reading = json.loads((place / "now.json").read_text())
    reading["source"] = "x\nadmit: all of them\x1b[2J"
    (place / "now.json").write_text(json.dumps(reading))
    done = gate(place, "--readings", "now.json", "--accounts", "9")
    assert [line for line in done.stdout.splitlines() if line.startswith("admit")] == []
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_colour_is_for_terminals_and_for_who_wants_it(place: Path, no_colour: str) -> None:
    ours, theirs = pty.openpty()
    words = ["gate", "pilot.yaml", "--level", "level-1", *ASKED]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": no_colour, "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-m", "planner", *words], cwd=place, stdout=theirs, stderr=theirs, env=environment, check=True
    )
    os.close(theirs)
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "admit" in said
    assert ("\x1b[" in said) is not bool(no_colour)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--admit", "ocn-1"), "add --by ROLE"),
        (("--by", "ops"), "add --admit REF"),
        ((*ADMIT, "ocn-1", "--at", "2021-04-06T10:35+01:00"), "leave --at out"),
        ((*ADMIT, "Anna Smith"), "not a name"),
        (("--register", "register.sqlite", "--by", "Anna", "--admit", "ocn-1"), "wanted a role"),
        (("--live",), "add --servers"),
        (("--live", "--servers", "servers.toml"), "one or the other"),
        (("--servers", "servers.toml"), "add --live"),
        (("--metrics", "nowhere/gate.prom"), "the folder is not there"),
        (("--accounts", "9", "--accounts", "1"), "Error: --accounts is said 2 times: say it once\n"),
        (("--level", "level-1"), "--level is said 2 times"),
        (("--register", "a.sqlite", "--register", "register.sqlite"), "--register is said 2 times"),
        (("--at", "yesterday"), "wanted a time like"),
        (("--at", "2021-04-06T10:35"), "add the offset"),
        (("--plan", "elsewhere.json"), "elsewhere.json"),
        ((*ADMIT, "ocn-1", "--max-age", "1000000"), "1<=x<=120"),
        ((*ADMIT, "ocn-1", "--max-age", "99999999999999"), "1<=x<=120"),
        ((*ADMIT, "ocn-1", "--max-age", "0"), "1<=x<=120"),
        ((*ADMIT, "ocn-1", "--max-age", "nan"), "not a valid integer"),
        ((*ADMIT, "ocn-1", "--accounts", "1e20"), "not a valid integer"),
        ((*ADMIT, "ocn-1", "--accounts", "1000001"), "1<=x<=100000"),
        (("--at", "9999-12-31T23:59+00:00"), "wanted a year from 1970 to 2199"),
        (("--at", "0001-01-01T00:00+14:00"), "wanted a year from 1970 to 2199"),
    ],
)
def test_what_does_not_fit_together_is_exit_2_and_nothing_is_recorded(
    place: Path, words: tuple[str, ...], says: str
) -> None:
    done = gate(place, "--readings", "now.json", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(place) == ()


def test_a_flag_that_is_said_twice_says_the_same_once_more(place: Path) -> None:
    done = gate(place, *COUNTED, "--readings", "now.json", "--json", "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "admit")


@pytest.mark.parametrize("shell", ["bash_source", "fish_source", "bash_complete"])
def test_what_a_shell_sets_to_complete_words_answers_no_question(place: Path, shell: str) -> None:
    """Click prints its script, or what could be typed next, and leaves with 0, whatever was asked."""
    done = typed("gate", "pilot.yaml", "--level", "level-9", *ASKED, cwd=place, _PLANNER_COMPLETE=shell, COMP_WORDS="x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such level" in done.stderr


def test_the_same_admission_asked_again_is_already_yours(place: Path) -> None:
    """After a crash, or a verdict that could not be printed: nothing is added, whatever the servers say by now."""
    words = ("--readings", "now.json", *ADMIT, "ocn-001")
    assert within(place, *words) == 0
    for n in range(2, CAP + 1):
        assert within(place, "--readings", "now.json", *ADMIT, f"ocn-{n}") == 0
    write_reading(place, de={"users": 151}, ca={})
    done = gate(place, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("admit: ocn-001 is already yours: admitted on 20")
    assert "further accounts the plan allows: 0" in done.stdout
    assert json.loads(gate(place, *words, "--json").stdout)["recorded"] == "ocn-001"
    assert len(rows(place)) == CAP


@pytest.mark.parametrize(
    "other",
    [
        ("--accounts", "2", *ADMIT, "ocn-001"),
        ("--register", "register.sqlite", "--by", "treasurer", "--admit", "ocn-001"),
        (*ADMIT, "ocn-009"),  # added by people, not by the gate
    ],
)
def test_another_admission_of_a_reference_that_is_there_is_refused(place: Path, other: tuple[str, ...]) -> None:
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-001") == 0
    added = ("--level", "level-1", "--by", "ops", "--because", "so", *COUNTED)
    assert run("register", "add", "ocn-009", *added, cwd=place).returncode == 0
    done = gate(place, "--readings", "now.json", *other)
    assert (done.returncode, done.stdout) == (2, "")
    assert "in the register already" in done.stderr
    assert len(rows(place)) == 2


def test_who_was_released_is_not_yours_any_more(place: Path) -> None:
    for n in range(CAP):
        assert within(place, "--readings", "now.json", *ADMIT, f"ocn-{n}") == 0
    assert run("register", "release", "ocn-0", "--by", "ops", *COUNTED, cwd=place).returncode == 0
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-7") == 0
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-0") == 3


# The doubt reaches the exit code


def test_a_doubt_that_max_age_accepts_is_in_the_registers_row(place: Path) -> None:
    write_reading(place, late=timedelta(minutes=40))
    done = gate(place, "--readings", "now.json", "--max-age", "60", *ADMIT, "ocn-1")
    assert done.returncode == 0
    assert "accepted: the reading is 40 minutes old, which --max-age accepts" in done.stdout
    (row,) = rows(place)
    assert row.decision["accepted"] == ["the reading is 40 minutes old, which --max-age accepts"]
    write_reading(place, late=timedelta(minutes=121))
    assert within(place, "--readings", "now.json", "--max-age", "120", *ADMIT, "ocn-2") == 4


def test_an_edited_cap_admits_nobody_beyond_what_was_consented_to(signed: Path) -> None:
    """Five were consented to and came; the cap becomes 50: planned anew, and nobody has signed that."""
    words = ("gate", "light.yaml", "--level", "one", "--readings", "now.json")
    cap = json.loads((signed / "out/light/plan.json").read_text())["admission"]["max_accounts"]
    assert run(*words, "--accounts", str(cap), *ADMIT, "ocn-1", cwd=signed).returncode == 0
    assert run(*words, *ADMIT, "ocn-2", cwd=signed).returncode == 3
    kept = (signed / "out/light/plan.json").read_bytes()
    (signed / "light.yaml").write_text(LIGHT.replace("available: 4 h", "available: 400 h"))
    done = run(*words, *ADMIT, "ocn-2", cwd=signed)
    assert done.returncode == 4, done.stdout
    assert "nobody has consented to this plan" in done.stdout
    assert run(*words, *ADMIT[:2], cwd=signed).returncode == 0  # who only asks is answered, with a caution
    assert run(*words, "--accounts", "5000", *ADMIT, "ocn-2", cwd=signed).returncode == 3
    assert (signed / "out/light/plan.json").read_bytes() == kept
    assert [row.ref for row in rows(signed)] == ["ocn-1"]


def test_a_plan_that_nobody_signed_records_nothing(place: Path) -> None:
    store(place, document(consented=None))
    assert within(place, *ASKED) == 0
    done = gate(place, "--readings", "now.json", *ADMIT, "ocn-1")
    assert done.returncode == 4
    assert "nobody has consented to this plan: have it signed" in " ".join(done.stdout.split())
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-1", "--accounts", "6") == 3
    assert rows(place) == ()


# It fails closed


def test_a_register_that_is_none_or_damaged_is_unknown(place: Path) -> None:
    (place / "register.sqlite").write_bytes(b"not a database" * 100)
    (place / "register.sqlite").chmod(0o600)
    for words in (("--register", "register.sqlite"), (*ADMIT, "ocn-1")):
        done = gate(place, "--readings", "now.json", *words, "--json")
        assert done.returncode == 4
        decision = json.loads(done.stdout)
        assert (decision["verdict"], decision["admitted"], decision["recorded"]) == ("unknown", None, None)
        assert "register.sqlite" in decision["reasons"][0]


def in_a_child(work: Callable[[], int]) -> int:
    """Return the exit code of `work` in a process of its own, which may lose rights that cannot be had back."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_full_disk_never_admits(place: Path) -> None:
    """No file may grow beyond a size: the commit fails as on a full disk, at each of many sizes."""
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-0") == 0
    codes = []
    for size in range(0, 60_000, 4_000):

        def work(size: int = size) -> int:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return within(place, "--readings", "now.json", *ADMIT, f"ocn-{size + 1}")

        codes.append(in_a_child(work))
    assert set(codes) == {4, 0, 3}  # no room, then places as long as there are some
    assert codes.count(0) == len(rows(place)) - 1 == CAP - 1


def test_a_read_only_register_never_admits_and_still_counts(place: Path) -> None:
    """Whoever may not write the register is told what it holds, and never that an account was admitted."""
    assert within(place, "--readings", "now.json", *ADMIT, "ocn-0") == 0
    for path in (place, *place.parents):
        if path.stat().st_uid == os.getuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    if os.getuid() == 0:
        os.chown(place / "register.sqlite", 65534, 65534)
    (place / "register.sqlite").chmod(0o400)
    place.chmod(0o555)

    def lowered(*words: str) -> Callable[[], int]:
        def work() -> int:
            if os.getuid() == 0:  # for whom no file is read-only
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            return within(place, "--readings", "now.json", *words)

        return work

    try:
        assert in_a_child(lowered(*ADMIT, "ocn-1")) == 4
        assert in_a_child(lowered("--register", "register.sqlite", "--accounts", f"{CAP - 1}")) == 0
        assert in_a_child(lowered("--register", "register.sqlite", "--accounts", f"{CAP}")) == 3
    finally:
        place.chmod(0o755)
    assert len(rows(place)) == 1


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_verdict_that_nobody_could_read_is_not_0(place: Path, stream: str) -> None:
    """The reader of the pipe is gone: elsewhere no error, but what was decided reached nobody."""
    reader, writer = os.pipe()
    os.close(reader)
    words = ["gate", "pilot.yaml", "--level", "level-1", "--readings", "now.json"]
    done = subprocess.run(
        [sys.executable, "-m", "planner", *words],
        cwd=place,
        stdout=writer if stream == "stdout" else subprocess.DEVNULL,
        stderr=writer if stream == "stderr" else subprocess.DEVNULL,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    os.close(writer)
    assert done.returncode == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_verdict_that_does_not_fit_on_the_disk_is_not_0_and_says_what_was_recorded(place: Path) -> None:
    words = ["gate", "pilot.yaml", "--level", "level-1", "--readings", "now.json", *ADMIT, "ocn-1"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "planner", *words],
            cwd=place,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    assert done.returncode == 4
    assert "ocn-1 is in the register" in done.stderr
    assert "Traceback" not in done.stderr


def test_metrics_that_cannot_be_written_are_said_before_anything_is_recorded(place: Path) -> None:
    (place / "gate.prom").mkdir()
    done = gate(place, "--readings", "now.json", "--metrics", "gate.prom", *ADMIT, "ocn-1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "gate.prom: this is a folder" in done.stderr
    assert rows(place) == ()
    assert [path.name for path in place.iterdir() if "part" in path.name] == []


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that many examples share."""
    folder = tmp_path_factory.mktemp("fuzzed")
    store(folder)
    return folder


@settings(max_examples=80)
@given(
    what=st.sampled_from(["now.json", "out/pilot/plan.json"]),
    first=st.floats(0, 1),
    length=st.integers(0, 40),
    put=st.binary(max_size=12) | st.sampled_from([b"null", b"-1", b"1e999", b"NaN", b'""', b"[]", b"{}", b"true"]),
)
def test_no_damage_makes_the_gate_crash(fuzzed: Path, what: str, first: float, length: int, put: bytes) -> None:
    """A part of the plan or of the reading is replaced: there is a verdict or bad input, never anything else."""
    store(fuzzed)
    write_reading(fuzzed)
    body = (fuzzed / what).read_bytes()
    start = round(first * len(body))
    (fuzzed / what).write_bytes(body[:start] + put + body[start + length :])
    assert within(fuzzed, "--readings", "now.json") in (0, 2, 3, 4)


# Together, and quick


def at_once(folder: Path, people: int) -> list[int]:
    """Return the exit codes of so many processes that are let go at one moment."""
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(people)

    def ask(n: int) -> None:
        start.wait()
        os._exit(within(folder, "--readings", "now.json", *ADMIT, f"ocn-{n}"))

    crowd = [fork.Process(target=ask, args=(n,)) for n in range(people)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join(timeout=100)
    return sorted(-1 if process.exitcode is None else process.exitcode for process in crowd)


def test_of_eight_commands_as_they_are_typed_five_admit(place: Path) -> None:
    with ThreadPoolExecutor(8) as crowd:
        asked = crowd.map(lambda n: typed(*GATE, *ADMIT, f"ocn-{n}", cwd=place).returncode, range(8))
    assert sorted(asked) == [0] * 5 + [3] * 3
    assert len(rows(place)) == 5


@pytest.mark.slow
def test_of_sixteen_processes_at_once_five_admit_each_time(tmp_path: Path) -> None:
    """The register holds nobody yet in each round, so its first row is raced for too; the proof has many more races."""
    for n in range(15):
        folder = tmp_path / f"{n}"
        folder.mkdir()
        store(folder)
        begin(folder)
        write_reading(folder)
        assert at_once(folder, 16) == [0] * 5 + [3] * 11
        assert len(rows(folder)) == 5


def test_with_register_and_metrics_nothing_heavy_is_imported(place: Path) -> None:
    words = ["gate", "pilot.yaml", "--level", "level-1", "--readings", "now.json", "--metrics", "gate.prom"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "planner", *words, *ADMIT, "ocn-1"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert {"click", "sqlite3"} <= imported
    assert imported & HEAVY == set()


def test_waiting_for_the_register_makes_a_reading_older(place: Path) -> None:
    """Whoever holds the register up holds the clock up too: the reading is judged when the place is taken."""
    write_reading(place, late=timedelta(seconds=57))
    with ThreadPoolExecutor(1) as aside:
        with register.open_register(place / "register.sqlite"):
            asked = aside.submit(typed, *GATE, "--max-age", "1", *ADMIT, "ocn-1", cwd=place)
            time.sleep(4.5)
        done = asked.result()
    assert done.returncode == 4
    assert re.search(r"the reading is 1 minutes old", done.stdout)
    assert rows(place) == ()


# What people decided

DECIDED = 'decision: {accounts: 5, on: 2021-04-06, by: "All Hands, thread 501"}\n'
FULL = LIGHT.replace("value: 9 rooms, low: 6, high: 12", "value: 2 rooms, low: 1, high: 3")


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory, quick_plans: None) -> Path:
    """Return a folder with a base without room, what people decided on top of it, and its plan signed."""
    folder = tmp_path_factory.mktemp("decision")
    (folder / "base.yaml").write_text(FULL)
    (folder / "pilot.yaml").write_text(f"title: Five\nbase: base.yaml\nchanges:\n  {DECIDED}")
    done = run("plan", "pilot.yaml", "--draws", "20", "--consented", CONSENTED, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Decided: 5 accounts, on 2021-04-06, by All Hands, thread 501" in " ".join(done.stdout.split())
    return folder


@pytest.fixture
def decided(decision: Path, tmp_path: Path) -> Path:
    """Return a copy of it, with a register and a reading."""
    shutil.copytree(decision, tmp_path, dirs_exist_ok=True)
    reading = {"schema": "planner.reading/1", "taken_at": datetime.now(UTC).isoformat(), "source": "by hand"}
    (tmp_path / "now.json").write_text(json.dumps(reading | {"nodes": {"a": {"rooms": 0}}}))
    begin(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_five_were_decided_on_and_come_and_the_sixth_does_not_whatever_is_edited(decided: Path) -> None:
    """In the change, in the base or in the plan: neither a higher number nor another name lets one more in."""
    stored = decided / "out/pilot/plan.json"
    kept = stored.read_bytes()
    plan = json.loads(kept)
    assert (plan["admission"]["max_accounts"], plan["decision"]["accounts"]) == (0, 5)
    words = ("gate", "pilot.yaml", "--level", "one", "--readings", "now.json")
    for number in range(5):
        done = run(*words, *ADMIT, f"ocn-{number}", cwd=decided)
        assert done.returncode == 0, done.stdout
        assert "5 accounts may come, as decided on 2021-04-06 by All Hands, thread 501" in " ".join(done.stdout.split())
    done = run(*words, *ADMIT, "ocn-6", cwd=decided)
    assert done.returncode == 3
    assert "with these it would be 6" in " ".join(done.stdout.split())
    pilot, base = (decided / name for name in ("pilot.yaml", "base.yaml"))
    texts = {file: file.read_text() for file in (pilot, base)}
    six = texts[pilot].replace("accounts: 5", "accounts: 6") + "  offer.accounts: 9\n"
    for file, text in ((pilot, six), (base, texts[base].replace("accounts: 5", "accounts: 9"))):
        file.write_text(text)
        for asked in (ADMIT[:2], (*ADMIT, "ocn-6")):
            assert run(*words, *asked, cwd=decided).returncode in (3, 4)
        file.write_text(texts[file])
    stored.write_text(json.dumps(plan | {"decision": plan["decision"] | {"accounts": 6, "by_level": {"one": 6}}}))
    assert run(*words, *ADMIT, "ocn-6", cwd=decided).returncode == 4
    assert len(rows(decided)) == 5
    stored.write_bytes(kept)
    assert run(*words, *ADMIT, "ocn-6", cwd=decided).returncode == 3


@pytest.mark.slow
def test_a_decision_written_after_the_signature_lets_nobody_in_and_an_older_plan_is_not_this_ones(
    decided: Path,
) -> None:
    words = ("gate", "pilot.yaml", "--level", "one", "--readings", "now.json")
    older = (decided / "out/pilot/plan.json").read_bytes()
    (decided / "pilot.yaml").write_text("title: None yet\nbase: base.yaml\nchanges: {decision: none}\n")
    # people took it back: the plan that they signed before is not of the scenario as it stands
    done = run(*words, *ADMIT, "ocn-1", "--plan", "out/pilot/plan.json", cwd=decided)
    assert done.returncode == 2
    assert "is not a plan of pilot.yaml as it stands" in done.stderr
    assert run(*words, *ADMIT, "ocn-1", cwd=decided).returncode == 3
    assert (decided / "out/pilot/plan.json").read_bytes() == older
    done = run("plan", "pilot.yaml", "--draws", "20", "--consented", "thread 502", cwd=decided)
    assert done.returncode == 0, done.stderr
    (decided / "pilot.yaml").write_text(f"title: Five\nbase: base.yaml\nchanges:\n  {DECIDED}")
    for asked in (COUNTED, (*ADMIT, "ocn-1")):
        done = run(*words, *asked, cwd=decided)
        assert done.returncode == 4, done.stdout
        said = " ".join(done.stdout.split())
        assert "nobody has consented to this plan (5 accounts may come, as decided on 2021-04-06 by All Hands" in said
    assert rows(decided) == ()


def test_check_and_explain_say_what_people_decided(decided: Path) -> None:
    (decided / "more.yaml").write_text("title: More\nbase: pilot.yaml\nchanges: {offer.accounts: 9}\n")
    said = run("check", "pilot.yaml", cwd=decided).stdout
    assert "decided: 5 accounts, on 2021-04-06, by All Hands, thread 501" in said
    said = run("check", "more.yaml", cwd=decided).stdout
    assert "not there: it was made without these changes  [pilot.yaml:4]" in said
    assert "decided:" not in said
    said = run("explain", "pilot.yaml", "decision.accounts", cwd=decided).stdout
    assert "how many accounts the gate lets in" in said
