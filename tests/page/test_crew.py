"""The processes that plan: one begins before it is asked, and whichever is killed, the page goes on."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from light_scenario import LIGHT

from planner.page import crew, work
from planner.page.crew import Crew, Failed
from planner.scenario.reader import Scenario, read

PILOT = read(Path(__file__).parents[2] / "scenarios/pilot-5.yaml")
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    file = tmp_path_factory.mktemp("coop") / "light.yaml"
    file.write_text(LIGHT)
    return read(file)


@pytest.fixture(scope="module")
def loaded() -> Iterator[Crew]:
    """One crew for all tests: loading takes a second."""
    crew.load()
    made = Crew()
    yield made
    made.close()


def first(of: Crew, scenario: Scenario, key: object = None) -> work.Shown:
    *_, (_, found) = of.run(iter([(work.first, (scenario, 8))]), key)
    assert isinstance(found, work.Shown)
    return found


def begun(of: Crew) -> list[int]:
    """Return the processes there are, each with the one beside it."""
    return [one.pid for worker in of._begun for one in worker.processes]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_what_is_begun_ahead_is_heard_by_whoever_says_its_key(loaded: Crew, small: Scenario) -> None:
    loaded.ahead("this", work.first, small, 8)
    before = begun(loaded)
    found = first(loaded, PILOT, "this")  # what is asked with it is not sent again
    assert found == first(loaded, small)
    assert begun(loaded) == before
    loaded.ahead("that", work.first, PILOT, 8)
    assert first(loaded, small, "this") == found
    assert begun(loaded) != before


@pytest.mark.parametrize("which", [0, 1])
def test_a_process_that_is_killed_costs_one_answer_at_most(loaded: Crew, small: Scenario, which: int) -> None:
    hearing = loaded.run(iter([(work.first, (small, 40))]))
    assert next(hearing)[0] == "doing"
    (busy,) = loaded._begun - set(loaded._free)
    os.kill(busy.processes[which].pid, signal.SIGKILL)
    if which:  # the other one does without
        assert [kind for kind, _ in hearing][-1] == "found"
    else:
        with pytest.raises(Failed, match="was ended"):
            list(hearing)
    assert first(loaded, small).draws == 8
    assert all(gone(one.pid) for one in busy.processes)


def test_nobody_listening_ends_both(loaded: Crew, small: Scenario) -> None:
    hearing: Any = loaded.run(iter([(work.full, (PILOT, None, NOW))]))
    next(hearing)
    (busy,) = loaded._begun - set(loaded._free)
    hearing.close()
    assert all(gone(one.pid) for one in busy.processes)
    assert first(loaded, small).draws == 8
