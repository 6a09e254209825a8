"""Work handed to a second process; done in this one if there is none, or if it died."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")
AHEAD = 2
"""So many items are with a second process at a time: one that it works on, and its next."""


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
    left, there, found = deque(range(len(items))), dict[int, Future[Found]](), dict[int, Found]()
    while left or there:
        with suppress(BrokenExecutor):
            while executor is not None and len(left) > 1 and len(there) < AHEAD:
                there[left[-1]] = executor.submit(work, items[left[-1]])
                left.pop()
        if left:
            place = left.popleft()
            found[place] = work(items[place])
        for place in [place for place, future in there.items() if future.done() or not left]:
            try:
                found[place] = there.pop(place).result()
            except BrokenExecutor:
                found[place] = work(items[place])
    return [found[place] for place in range(len(items))]
