"""The gate's log: one line of JSON for each verdict, in a file of its own that the system's tools may rotate."""

import json
import multiprocessing
import os
import resource
from pathlib import Path
from typing import Any

import pytest
from stored_plan import begin, gate, store, within, write_reading

from planner.store import register

ASKED = ("--readings", "now.json", "--register", "register.sqlite", "--log", "gate.log")
ADMIT = (*ASKED, "--by", "ops", "--admit")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a scenario, its stored plan, a register and a reading of this minute."""
    store(tmp_path)
    begin(tmp_path)
    write_reading(tmp_path)
    return tmp_path


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def rows(folder: Path) -> int:
    with register.open_register(folder / "register.sqlite", write=False) as db:
        return len(register.entries(db))


def test_each_verdict_is_one_line_with_the_seals_of_plan_register_and_reading(place: Path) -> None:
    plan = json.loads((place / "out/pilot/plan.json").read_text())
    codes = [
        within(place, *ADMIT, "ocn-1"),
        within(place, *ASKED, "--accounts", "9"),
        within(place, "--log", "gate.log"),
    ]
    assert codes == [0, 3, 4]
    first, second, third = lines(place / "gate.log")
    with register.open_register(place / "register.sqlite", write=False) as db:
        head = db.state.head
    assert first["register"] == second["register"] == {"rows": 1, "head": head.hash}
    assert third["register"] is None
    assert [line["verdict"] for line in (first, second, third)] == ["admit", "hold", "unknown"]
    assert [line["recorded"] for line in (first, second, third)] == ["ocn-1", None, None]
    for line in (first, second, third):
        assert (line["plan"]["seal"], line["plan"]["result"]) == (plan["seal"], plan["result"])
    assert len(first["reading"]["seal"]) == 64
    assert first["reading"]["seal"] == second["reading"]["seal"]
    assert (place / "gate.log").stat().st_mode & 0o777 == 0o600


def test_a_verdict_without_a_plan_is_logged_too(place: Path) -> None:
    (place / "out/pilot/plan.json").write_text("")
    assert within(place, *ADMIT, "ocn-1") == 4
    (line,) = lines(place / "gate.log")
    assert (line["verdict"], line["plan"]) == ("unknown", None)


def test_lines_of_many_at_once_never_mix(place: Path) -> None:
    fork = multiprocessing.get_context("fork")

    def ask(n: int) -> None:
        for m in range(5):
            within(place, *ADMIT, f"ocn-{n}{m}")
        os._exit(0)

    crowd = [fork.Process(target=ask, args=(n,)) for n in range(4)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join(timeout=100)
    said = lines(place / "gate.log")
    assert len(said) == 20
    assert [line["verdict"] for line in said].count("admit") == rows(place) == 5
    assert sorted(line["register"]["rows"] for line in said if line["recorded"]) == [1, 2, 3, 4, 5]


OTHERS: dict[str, bytes] = {
    "a secret": b"abc123\n",
    "somebody's table": b"account,level\n",
    "another record": b'{"schema": "planner.plan/1"}\n',
    "nearly ours": b'{"schema":"planner.decision/2"}\n',
    "one byte": b"{",
    "a blank line": b"\n",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_what_is_no_log_is_kept_and_nothing_is_recorded(place: Path, text: bytes) -> None:
    (place / "gate.log").write_bytes(text)
    done = gate(place, *ADMIT, "ocn-1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--log gate.log: something else stands there, which is kept" in done.stderr
    assert (place / "gate.log").read_bytes() == text
    assert rows(place) == 0


@pytest.mark.parametrize(
    "name", ["register.sqlite", "out/pilot/plan.json", "now.json", "out", "pipe", "no/log", "/dev/full"]
)
def test_what_cannot_be_a_log_is_refused_before_anything_is_recorded(place: Path, name: str) -> None:
    os.mkfifo(place / "pipe")
    assert within(place, *ADMIT, "ocn-1", "--log", name) == 2
    assert rows(place) == 0


@pytest.mark.parametrize("there", [False, True])
def test_a_link_is_no_log(place: Path, there: bool) -> None:
    """Whoever can put a link into the folder would have a file begun, or a log of somebody else's added to."""
    if there:
        assert within(place, *[one.replace("gate.log", "other.log") for one in ASKED]) == 0
    before = [(file.name, file.stat().st_size) for file in place.glob("other.log")]
    (place / "gate.log").symlink_to("other.log")
    done = gate(place, *ADMIT, "ocn-1")
    assert (done.returncode, done.stdout) == (2, "")
    says = "--log gate.log: this is a link, and what it leads to was not named: name the file itself"
    assert says in " ".join(done.stderr.split())
    assert [(file.name, file.stat().st_size) for file in place.glob("other.log")] == before
    assert rows(place) == 0


def test_after_it_was_rotated_a_new_one_is_begun(place: Path) -> None:
    assert within(place, *ASKED) == 0
    (place / "gate.log").rename(place / "gate.log.1")
    assert within(place, *ASKED, "--accounts", "9") == 3
    assert [line["verdict"] for name in ("gate.log.1", "gate.log") for line in lines(place / name)] == ["admit", "hold"]
    (place / "gate.log").write_text("")  # copytruncate
    assert within(place, *ASKED) == 0
    assert len(lines(place / "gate.log")) == 1


def test_a_full_disk_is_not_0_and_costs_the_next_verdict_nothing(place: Path) -> None:
    """What was recorded by then is said; asked again where there is room, it is theirs already."""
    assert within(place, *ASKED) == 0
    full = (place / "gate.log").stat().st_size + 100
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, full))
        os._exit(within(place, "--readings", "now.json", "--log", "gate.log"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
    assert (place / "gate.log").stat().st_size == full
    assert within(place, *ADMIT, "ocn-1") == 0
    whole = (place / "gate.log").read_text().splitlines()
    assert [json.loads(whole[n])["verdict"] for n in (0, 2)] == ["admit", "admit"]
    assert len(whole) == 3
