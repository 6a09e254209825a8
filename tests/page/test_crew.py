"""The processes that plan: one begins before it is asked, and whichever is killed, the page goes on."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from light_scenario import LIGHT

from planner.page import app, crew, work
from planner.page.asked import Asked
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


def first(of: Crew, scenario: Scenario, key: object = None, draws: int = 8) -> work.Shown:
    *_, (_, found) = of.run(iter([(work.first, (scenario, draws))]), key)
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
    found = first(loaded, small, "this")
    assert begun(loaded) == before
    others = [first(loaded, small, draws=9) for _ in loaded._free]
    assert {one.draws for one in others} == {9}, "it was not asked twice: no second answer is left to be heard"
    assert found == first(loaded, small)
    loaded.ahead("that", work.first, PILOT, 8)
    assert first(loaded, small, "this") == found
    assert begun(loaded) != before


def test_what_is_begun_ahead_is_not_taken_for_other_work_of_the_same_key(loaded: Crew, small: Scenario) -> None:
    """Two tabs: the first answer is known already when the one begun ahead is there, and side by side is asked."""
    loaded.ahead("this", work.first, small, 8)
    *_, (_, found) = loaded.run(iter([(work.beside, ([("a", small), ("b", small)], 8))]), "this")
    assert 'id="beside-answer"' in found.html


def site(of: Crew, folder: Path) -> app.Site:
    return app.Site(folder, "token", of, lambda: NOW, lambda _: "", lambda _: "", lambda: None)


@pytest.mark.parametrize("error", [EOFError, OSError])
def test_where_no_process_can_be_begun_the_page_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """The process that all are forked from has ended while it loaded."""

    def start(_: Any) -> None:
        raise error

    made, asked = Crew(), Asked("scenarios/pilot-5.yaml")
    monkeypatch.setattr(crew._BEGIN.Process, "start", start)
    app.ahead(site(made, folder), asked)
    made.fill()
    *_, last = app._lines(site(made, folder), asked, [], [])
    assert "the process that plans was ended" in json.loads(last)["failed"]
    assert (made._free, begun(made)) == ([], [])


def test_one_that_ends_before_it_is_asked_is_said_in_words_and_put_away(
    loaded: Crew, small: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    first(loaded, small)
    with monkeypatch.context() as unseen:
        unseen.setattr(crew._Worker, "alive", True)
        for ask in (lambda: loaded.ahead("this", work.first, small, 8), lambda: first(loaded, small)):
            loaded.fill()
            for worker in loaded._free:
                worker.processes[0].kill()
                worker.processes[0].join()
            before = len(loaded._begun)
            with pytest.raises(Failed, match="the process that plans was ended"):
                ask()
            assert len(loaded._begun) == before - 1
            assert set(loaded._free) == loaded._begun
    assert first(loaded, small).draws == 8


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


def test_whoever_waited_while_it_was_closed_begins_no_process(small: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would end it, and the command would not end before its plan is made."""
    monkeypatch.setattr(crew, "FORKS", True)  # so that none is begun with it
    made = Crew()
    made.close()
    with pytest.raises(Failed, match="the page has stopped"):
        first(made, small)
    assert begun(made) == []


def test_a_first_look_is_not_kept_for_whole_where_another_page_finds_the_whole_meanwhile(
    small: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked("light.yaml", (), ("beside.yaml",))
    site = app.Site(Path(), "", Shows(), lambda: NOW, str, lambda _: "", lambda: None)  # type: ignore[arg-type]

    def meanwhile(*_: object) -> Scenario:
        site.kept[app._key(asked, small)] = work.Shown("", 4000, "all")
        return small

    monkeypatch.setattr(app, "scenario", meanwhile)
    lines = [json.loads(line) for line in app._worked_out(site, asked, small, NOW)]
    answers = [(line["draws"], line["whole"]) for line in lines if line["part"] == "answer"]
    assert answers == [(100, False), (4000, True)]
    assert [one.draws for one in site.kept.values()] == [4000]


def test_one_that_cannot_be_put_away_keeps_no_other_from_being_ended(loaded: Crew) -> None:
    """Python would wait for the other at its own end, forever."""

    class Broken:
        def close(self) -> None:
            raise OSError(9, "Bad file descriptor")

    made = Crew()
    made.fill()
    pids = begun(made)
    for worker in made._begun:
        worker.pipe = Broken()
    made.close()
    assert len(pids) == 2 * crew.WARM
    assert all(gone(pid) for pid in pids)


class Shows:
    """Stands in for the processes: a first look is from 100 draws, all else from 4,000."""

    def run(self, jobs: Iterator[tuple[Any, Any]], _: object) -> Iterator[tuple[str, Any]]:
        """Find all at once."""
        for do, _asked in jobs:
            yield "found", work.Shown("", 100 if do is work.first else 4000, "")

    def fill(self) -> None:
        """Begin nothing."""
