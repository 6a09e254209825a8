"""Processes that plan while the page answers: warm ones wait, and one whose answer nobody wants any more is ended."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import forkserver, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Final

from planner import PlannerError

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
FORKS: Final = sys.platform == "linux"
"""Whether a process is forked, in no time, from one that has everything loaded; elsewhere that is not safe."""
LOADED: Final = "planner.page.loaded"
_BEGIN: Any = get_context("forkserver" if FORKS else "spawn")  # the type of any context has no Process
FAULT: Final = "This could not be worked out, through a fault of the planner, not yours: tell who keeps it ({})"
STOPPED: Final = "the page has stopped"
ENDED: Final = "the process that plans was ended, for its memory perhaps: change a number to try again"


class Failed(PlannerError):
    """What was asked of another process has failed there; says how."""


@contextmanager
def _or_ended() -> Iterator[None]:
    """Say in people's words that a process is gone, or that none could be begun."""
    try:
        yield
    except (EOFError, OSError):
        raise Failed(ENDED) from None


def load() -> None:
    """Begin to load what planning takes, where it is loaded once for all processes."""
    if FORKS:
        _BEGIN.set_forkserver_preload(["__main__", LOADED])
        with _deaf():
            forkserver.ensure_running()


def _serve(pipe: Connection, beside: Connection | None) -> None:
    """Do what is asked, one after the other, until the other end is gone; with another process beside, or none."""
    _with_parent()
    import_module(LOADED)
    with_it = () if beside is None else (lambda doing, done: pipe.send(("doing", doing, done)), _Beside(beside))
    with suppress(EOFError, OSError):
        while True:
            work, asked = pipe.recv()
            try:
                found = ("found", work(*with_it, *asked))
            except Exception as error:  # whatever it was is for the page to say, which has words for what is ours
                ours = type(error).__module__.startswith("planner.") or isinstance(error, OSError)
                found = ("failed", error if ours else Failed(FAULT.format(f"{type(error).__name__}: {error}")))
            pipe.send(found)
    os._exit(0)  # at once, whatever else runs


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
    """A process, another beside it, and the pipe to it; the standard library's own pools leave locks where one ends."""

    def __init__(self) -> None:
        (self.pipe, there), (left, right) = _BEGIN.Pipe(), _BEGIN.Pipe()
        both = ((there, left), (right, None))
        # daemon: were one left, Python would end it at its own end, and not wait for it
        self.processes = [_BEGIN.Process(target=_serve, args=ends, daemon=True) for ends in both]
        self._ending = threading.Lock()
        self.ahead: tuple[object, Work] | None = None
        """Under which key, and for what, it was asked before anybody wanted to hear the answer."""
        with _deaf():
            for one in self.processes:
                one.start()
        for end in (there, left, right):
            end.close()

    def ask(self, work: Work, asked: tuple[Any, ...]) -> None:
        with _or_ended():
            self.pipe.send((work, asked))

    @property
    def alive(self) -> bool:
        return all(one.is_alive() for one in self.processes)

    def end(self) -> None:
        with self._ending:  # when all are ended, whoever listened to this one ends it too
            for one in self.processes:
                one.kill()
            for one in self.processes:
                one.join()
            self.pipe.close()


class _Beside(Executor):
    """The process beside a worker, for what it need not do itself."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._thread = pipe, ThreadPoolExecutor(1)

    def submit(self, work: Callable[..., Any], /, *asked: Any, **_: Any) -> Future[Any]:
        """Return what the other process will have found."""
        return self._thread.submit(self._ask, work, asked)

    def _ask(self, work: Callable[..., Any], asked: tuple[Any, ...]) -> Any:
        try:
            self._pipe.send((work, asked))
            kind, found = self._pipe.recv()
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
        self._begun: set[_Worker] = set()
        self._free = [] if FORKS else [self._begin()]  # what is not forked has to load all there is

    def ahead(self, key: object, work: Work, *asked: Any) -> None:
        """Have a process begin on what will be asked for first; whoever comes for it says the key."""
        with self._lock:  # whoever comes meanwhile waits for this one
            if not self._closed:
                worker = self._take(None)
                try:
                    worker.ask(work, asked)
                except BaseException:
                    self._drop(worker)
                    raise
                worker.ahead = key, work
                self._free.append(worker)

    def fill(self) -> None:
        """Begin as many as should be waiting."""
        with self._lock, suppress(Failed):  # whoever needs one begins it, and is told
            while len(self._free) < WARM and not self._closed:
                self._free.append(self._begin())

    def _begin(self) -> _Worker:
        with _or_ended():
            made = _Worker()
        self._begun.add(made)
        return made

    def run(self, jobs: Iterator[tuple[Work, tuple[Any, ...]]], key: object = None) -> Iterator[tuple[str, Any]]:
        """Yield ("doing", (what, share)) and ("found", result) of one job after the other, all in one process.

        Whoever stops listening ends the process: nobody else is kept from planning by an answer that nobody reads. The
        first job may have been begun `ahead` under the key: the same work for the same key is not asked again.
        """
        while not self._busy.acquire(timeout=BEAT):
            yield "doing", ("waiting for other pages", 0.0)
        worker, whole = None, False
        try:
            todo = list(jobs)
            worker = self._take((key, todo[0][0]) if todo else None)
            for work, asked in todo:
                if worker.ahead is None:
                    worker.ask(work, asked)
                worker.ahead = None
                yield from self._heard(worker)
            whole = True
        finally:
            self._busy.release()
            if worker is not None:
                self._put_back(worker) if whole and not self._closed else self._drop(worker)

    def _take(self, ahead: tuple[object, Work] | None) -> _Worker:
        """Return one that has nothing to do, or that has begun on just this."""
        with self._lock:
            if self._closed:  # whoever waited till now: nobody would end a process that is begun after all were
                raise Failed(STOPPED)
            while self._free:
                worker = self._free.pop(0)
                if worker.alive and worker.ahead in (None, ahead):
                    return worker
                self._drop(worker)
            return self._begin()

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
            with _or_ended():
                told: tuple[Any, ...] = worker.pipe.recv() if worker.pipe.poll(BEAT) else ("doing", *doing)
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
            with suppress(OSError):  # the others are to be ended all the same
                one.end()
