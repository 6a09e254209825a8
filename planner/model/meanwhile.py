"""Work handed to a second process; done in this one if there is none, or if it died."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from contextlib import suppress
from typing import TypeVar

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
