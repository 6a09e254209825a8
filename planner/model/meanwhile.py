"""Work handed to a second process; done in this one if there is none, or if it died."""

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")


def later(executor: Executor | None, work: Callable[..., Found], *asked: object) -> Callable[[], Found]:
    """Return a function that returns work(*asked): what a second process has found by then, or found here."""
    try:
        future = None if executor is None else executor.submit(work, *asked)
    except BrokenExecutor:
        future = None

    def found() -> Found:
        if future is not None:
            # the system may take the other process away, for its memory say: one is enough
            with suppress(BrokenExecutor):
                return future.result()
        return work(*asked)

    return found


def shared(executor: Executor | None, work: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
    """Return work(item) of each item: of the last ones in a second process, of the first ones here, until they meet."""
    there: dict[int, Future[Found]] = {}
    if executor is not None:
        with suppress(BrokenExecutor):
            for place in reversed(range(len(items))):
                there[place] = executor.submit(work, items[place])
    found = {place: work(item) for place, item in enumerate(items) if place not in there or there[place].cancel()}
    for place in there.keys() - found.keys():
        try:
            found[place] = there[place].result()
        except BrokenExecutor:
            found[place] = work(items[place])
    return [found[place] for place in range(len(items))]
