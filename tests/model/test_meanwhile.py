"""Work shared with a second process: each part once, in order, and none lost where that process dies."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from planner.model.meanwhile import shared


def whose(item: tuple[int, Path]) -> tuple[int, int]:
    """Return the item's number and the process it was worked on in; each leaves a file."""
    number, folder = item
    (folder / f"{number}.{os.getpid()}").touch()
    return number, os.getpid()


def dying(item: tuple[int, int]) -> int:
    """Return the item's number, but kill any other process than the first one."""
    number, first = item
    if os.getpid() != first:
        os._exit(1)
    return number


@pytest.fixture
def second() -> Iterator[Executor]:
    """Return a second process that is there already."""
    with ProcessPoolExecutor(1, get_context("fork")) as executor:
        executor.submit(int).result()
        yield executor


def test_each_part_is_done_once_and_they_come_in_order(second: Executor, tmp_path: Path) -> None:
    """The last part is done elsewhere, as both begin at once."""
    found = shared(second, whose, [(number, tmp_path) for number in range(40)])
    assert [number for number, _ in found] == list(range(40))
    assert len(list(tmp_path.iterdir())) == 40
    assert found[0][1] == os.getpid() != found[-1][1]


def test_alone_all_is_done_here(tmp_path: Path) -> None:
    """Without a second process."""
    assert shared(None, whose, [(number, tmp_path) for number in range(3)]) == [(k, os.getpid()) for k in range(3)]


def test_what_a_process_that_died_had_is_done_here(second: Executor) -> None:
    """It dies at the first part that it takes, and once it is dead nothing can be handed to it."""
    for _ in range(2):
        assert shared(second, dying, [(number, os.getpid()) for number in range(5)]) == list(range(5))
