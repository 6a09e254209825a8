"""`planner observe`: ask the servers again and again, and remember the meetings."""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click

from planner import gate, output, seal
from planner.cli import CANNOT_TELL, DONE, INTERRUPTED, observation_files, stored_plan, types
from planner.model.inputs.pages import USUAL, Pages
from planner.readings import ReadingError, file, live, servers
from planner.readings.transport import DEADLINE_S
from planner.store import StoreError, history

SHORTEST_S, LONGEST_S = 1, int(history.GAP.total_seconds())
"""Polls further apart than the history's gap could not tell when a meeting ended."""
WAITED = 0.8
"""Of the time between two polls; the rest is for keeping what was read, so that the next one is not late."""
_EVERY = re.compile(r"(\d{1,4}) *(s|min)")


@dataclass(slots=True)
class Course:
    """What happened so far, for the lines on stderr."""

    polls: int = 0
    meetings: int = 0
    trouble: dict[str, str] = field(default_factory=dict)
    """What does not work at the moment, by node or file."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the files say."""

    known: servers.Servers
    whose: Mapping[str, str]
    """Whose room is whose."""
    pages: Pages
    """How many cameras each is taken to be sent at once."""


def _seconds(_: click.Context, __: click.Parameter, text: str) -> int:
    match = _EVERY.fullmatch(text)
    seconds = int(match[1]) * (60 if match[2] == "min" else 1) if match else 0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise click.BadParameter(f"{text}: wanted {SHORTEST_S}s to {LONGEST_S // 60}min, such as 30s")
    return seconds


@click.command(
    name="observe",
    epilog="Exit code: 0 stopped by SIGTERM, or read once; 2 bad input; 4 read once, and nothing could be had or kept; "
    "130 interrupted.",
)
@click.option("--servers", "server_file", required=True, type=types.PATH, help="Which servers to ask (TOML).")
@click.option("--history", "path", required=True, type=types.PATH, help="The history; made if it is not there.")
@click.option("--every", default="30s", show_default=True, callback=_seconds, help="Time between two polls.")
@click.option("--once", is_flag=True, help="Ask once and end, for a timer.")
@observation_files.ROOMS
@click.option(
    "--plan", type=types.PATH, help="Count streams and load as this plan.json does; default: 5 cameras at once."
)
@click.option(
    "--readings", type=types.PATH, help="Write each reading to this file too: the gate reads it without a secret."
)
def command(server_file: Path, path: Path, every: int, once: bool, **files: Path | None) -> int:
    """Ask the servers again and again, and remember each meeting: start, end, largest numbers, node, account.

    Nothing personal is kept. Servers that do not answer are noted and asked again; so are missing files and a full
    disk. Files that change are read anew, so a new secret needs no restart.

    \b
    planner observe --servers servers.toml --history history.sqlite
    """
    accounts, plan, readings = (files[name] for name in ("accounts", "plan", "readings"))
    asked = _files(server_file, accounts, plan)  # what is wrong from the start is said at once
    with history.open_history(path):
        pass
    if readings is not None:
        output.check(readings, output.READING, inputs=[server_file, path, accounts, plan])
    course = Course()
    if once:
        return DONE if _poll(asked, path, readings, course) else CANNOT_TELL
    click.echo(f"asking {', '.join(asked.known.nodes)} every {every} s; remembering in {path}", err=True)
    with _stopping() as (stop, told):
        begun = time.monotonic()
        while not stop.is_set():
            try:
                asked = _files(server_file, accounts, plan, quiet=True)
                _well(course, "files")
            except ReadingError as error:
                _trouble(course, "files", f"{error}; going on with what was read before")
            _poll(asked, path, readings, course, min(WAITED * every, DEADLINE_S))
            if sys.stderr.isatty():  # a journal keeps the other lines alone
                click.echo(f"\r{course.polls} polls, {course.meetings} meetings", nl=False, err=True)
            # on one grid: a poll that took longer than the time to the next leaves that one out, and delays none
            stop.wait(every - (time.monotonic() - begun) % every)
    click.echo(f"{course.polls} polls, {course.meetings} meetings seen for the first time", err=True)
    observation_files.say_most_users(path)
    return INTERRUPTED if signal.SIGINT in told else DONE


def _files(toml: Path, accounts: Path | None, plan: Path | None, *, quiet: bool = False) -> _Asked:
    """Return what the files say."""
    known = servers.load(toml, os.environ)
    pages = USUAL
    if plan is not None:
        try:
            stored = stored_plan.read(plan)
            if stored is None:
                raise ReadingError(f"{plan}: there is no such file; `planner plan` writes it")
            standing = gate.standing(stored)
            pages, known = standing.pages, replace(known, load=standing.load_of() or known.load)
        except (seal.NotWhole, gate.NotAPlan) as error:
            raise ReadingError(f"{plan}: {error}") from None
    return _Asked(known, observation_files.load_rooms(accounts, quiet=quiet), pages)


def _poll(asked: _Asked, path: Path, readings: Path | None, course: Course, within: float = DEADLINE_S) -> bool:
    """Read all servers once and remember what they said; return whether that worked for one at least; within [s]."""
    known = asked.known
    reading = live.read(known, datetime.now(UTC), asked.whose, within=within, pages=asked.pages)
    course.polls += 1
    for node in known.nodes:
        if node in reading.unread:
            _trouble(course, node, reading.unread[node])
        else:
            _well(course, node)
    failed: list[str] = []
    # opened for each poll, so that a disk that was full heals
    with _noted(course, "history", failed), history.open_history(path) as db:
        course.meetings += history.observe(db, reading).new
    if readings is not None:
        with _noted(course, "readings", failed, f"{readings}: "):
            output.write(readings, json.dumps(file.as_json(reading), ensure_ascii=False) + "\n", output.READING)
    return bool(reading.nodes) and not failed


@contextmanager
def _noted(course: Course, what: str, failed: list[str], where: str = "") -> Iterator[None]:
    """Say whether the code inside could keep what was read; what it could not is added to `failed`."""
    try:
        yield
    except (StoreError, OSError) as error:
        failed.append(what)
        _trouble(course, what, f"{where}{getattr(error, 'strerror', None) or error}")
    else:
        _well(course, what)


def _trouble(course: Course, what: str, why: str) -> None:
    """Say what does not work, once for each reason, not at every poll."""
    if course.trouble.get(what) != why:
        course.trouble[what] = why
        click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}  {what}: {why}", err=True)


def _well(course: Course, what: str) -> None:
    if course.trouble.pop(what, None) is not None:
        click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}  {what}: well again", err=True)


@contextmanager
def _stopping() -> Iterator[tuple[threading.Event, list[int]]]:
    """Let SIGTERM and the first SIGINT end the loop after the poll in hand; a second SIGINT ends it at once."""
    stop, told = threading.Event(), list[int]()

    def note(number: int, _: FrameType | None) -> None:
        if number in told and number == signal.SIGINT:
            raise KeyboardInterrupt
        told.append(number)
        stop.set()

    before: dict[int, Any] = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop, told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
