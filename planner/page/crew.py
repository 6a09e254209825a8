"""Processes that plan while the page answers: warm ones wait, and one whose answer nobody wants any more is ended."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Final

Tell = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""
Work = Callable[..., Any]
"""Called with (tell, executor, *asked); it and what it is asked go to the other process."""
WARM: Final = 2
"""One is ended when its answer is not wanted any more: another has to be there for the next."""
BUSY: Final = 3
"""So many pages have their own at once; one more waits."""
BEAT: Final = 0.25
"""So often it is seen whether anybody still wants the answer [s]."""
LOADS: Final = ("planner.page.work", "planner.report.folder", "planner.report.comparison", "planner.planning.make")


FAULT: Final = "This could not be worked out, through a fault of the planner, not yours: tell who keeps it ({})"


class Failed(Exception):
    """What was asked of another process has failed there; says how."""


def _serve(pipe: Connection, alone: bool) -> None:
    """Do what is asked, one after the other, until the other end is gone; not alone, with another process beside."""
    _with_parent()
    beside = () if alone else (_teller(pipe), _Beside())  # first, so that both load at once
    for name in LOADS:
        import_module(name)
    import_module("planner.model.overload.kernel").compiled()
    while True:
        try:
            work, asked = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)  # at once: what is beside follows
        try:
            found = ("found", work(*beside, *asked))
        except Exception as error:  # whatever it was is for the page to say
            found = ("failed", error if _travels(error) else Failed(FAULT.format(f"{type(error).__name__}: {error}")))
        pipe.send(found)


def _teller(pipe: Connection) -> Tell:
    return lambda doing, done: pipe.send(("doing", doing, done))


def _travels(error: Exception) -> bool:
    """Return whether an error is one that the page has words for."""
    return type(error).__module__.startswith("planner.") or isinstance(error, OSError)


@contextmanager
def _deaf() -> Iterator[None]:
    """Let what is begun meanwhile not hear Ctrl-C, which is for the server to answer."""
    if sys.platform == "win32":  # it has no masks
        yield
        return
    resource_tracker.ensure_running()  # it would begin otherwise with the first process, and lift the mask
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _with_parent() -> None:
    """End this process when the one that began it has ended, in whichever way."""
    parent = parent_process()
    assert parent is not None  # only a process that was begun comes here

    def follow() -> None:
        parent.join()
        os._exit(0)

    threading.Thread(target=follow, daemon=True).start()


class _Worker:
    """One process, and the pipe to it; the standard library's own pools leave locks behind where one is ended."""

    def __init__(self, alone: bool = False) -> None:
        spawn = get_context("spawn")
        self.pipe, there = spawn.Pipe()
        self.process = spawn.Process(target=_serve, args=(there, alone))
        with _deaf():
            self.process.start()
        there.close()

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


class _Beside(Executor):
    """The process beside a worker, for what it need not do itself."""

    def __init__(self) -> None:
        self._worker, self._thread = _Worker(alone=True), ThreadPoolExecutor(1)

    def submit(self, work: Callable[..., Any], /, *asked: Any, **_: Any) -> Future[Any]:
        """Return what the other process will have found."""
        return self._thread.submit(self._ask, work, asked)

    def _ask(self, work: Callable[..., Any], asked: tuple[Any, ...]) -> Any:
        try:
            self._worker.pipe.send((work, asked))
            kind, found = self._worker.pipe.recv()
        except (EOFError, OSError) as error:
            raise BrokenExecutor(str(error)) from None
        if kind == "failed":
            raise found
        return found


class Crew:
    """The processes of one server."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # an answer nobody hears is dropped wherever Python finds it
        self._busy = threading.BoundedSemaphore(BUSY)
        self._closed = False
        self._free: list[_Worker] = []
        self._begun: set[_Worker] = set()
        self._free.append(self._begin())  # the second one when the first answer is there: both would be late

    def fill(self) -> None:
        """Begin as many as should be waiting."""
        with self._lock:
            while len(self._free) < WARM and not self._closed:
                self._free.append(self._begin())

    def _begin(self) -> _Worker:
        made = _Worker()
        self._begun.add(made)
        return made

    def run(self, jobs: Iterator[tuple[Work, tuple[Any, ...]]]) -> Iterator[tuple[str, Any]]:
        """Yield ("doing", (what, share)) and ("found", result) of one job after the other, all in one process.

        Whoever stops listening ends the process: nobody else is kept from planning by an answer that nobody reads.
        """
        while not self._busy.acquire(timeout=BEAT):
            yield "doing", ("waiting for other pages", 0.0)
        worker, whole = None, False
        try:
            worker = self._take()
            for work, asked in jobs:
                worker.pipe.send((work, asked))
                yield from self._heard(worker)
            whole = True
        finally:
            self._busy.release()
            if worker is not None:
                self._put_back(worker) if whole and not self._closed else self._drop(worker)

    def _take(self) -> _Worker:
        with self._lock:
            alive = [one for one in self._free if one.process.is_alive()]
            self._free = alive[1:]
            return alive[0] if alive else self._begin()

    def _put_back(self, worker: _Worker) -> None:
        with self._lock:
            self._free.append(worker)

    def _drop(self, worker: _Worker) -> None:
        with self._lock:
            self._begun.discard(worker)
        worker.end()

    def _heard(self, worker: _Worker) -> Iterator[tuple[str, Any]]:
        """Yield what a process says until it has found what it was asked for."""
        doing: tuple[str, float] = ("", 0.0)
        while True:
            try:
                told: tuple[Any, ...] = worker.pipe.recv() if worker.pipe.poll(BEAT) else ("doing", *doing)
            except (EOFError, OSError):
                raise Failed(
                    "the process that plans was ended, for its memory perhaps: change a number to try again"
                ) from None
            if told[0] == "failed":
                error: Exception = told[1]
                raise error
            if told[0] == "found":
                yield "found", told[1]
                return
            doing = told[1], told[2]
            yield "doing", doing

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            self._closed = True
            begun, self._begun, self._free = self._begun, set(), []
        for one in begun:
            one.end()
