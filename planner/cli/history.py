"""`planner history import`: meetings from what the servers' logs left, and a node's course from Prometheus."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import click

from planner.api import observed
from planner.cli import BAD_INPUT, CANNOT_TELL, DONE, BadInput, observation_files, types
from planner.cli.plan import Progress, progress
from planner.model.inputs.observations import NAME, NAME_WANTED, Meeting, Sample, Watching
from planner.readings import (
    ReadingError,
    TableError,
    dashboard,
    imports,
    prometheus,
    recording,
    servers,
    tables,
    web_log,
)
from planner.store import Refused, history

Kind = Literal["dashboard", "events", "web-log", "meetings", "prometheus"]
KINDS: tuple[tuple[str, Kind], ...] = (
    (r".*\.json", "dashboard"),
    (r"events\.xml", "events"),
    (r"(.*\.log|syslog|messages)([.-]\d{1,8})?(\.gz)?", "web-log"),  # as logback and logrotate name old ones
    (f".*({'|'.join(map(re.escape, tables.SUFFIXES))})", "meetings"),
    (r".*\.toml", "prometheus"),
)
"""What a source is taken for by its name."""
MEETING_FILES: dict[str, Kind] = {"learning_dashboard_data.json": "dashboard", "events.xml": "events"}
"""What is looked for in a folder: one file for each meeting."""
NO_TABLE = (
    "docs/ops.md says how to get a table of meetings out of PILOS; Greenlight keeps none, and the learning dashboard's "
    "CSV and PILOS's attendance sheet list people without saying which meeting on which server they were in"
)


@dataclass(slots=True)
class Found:
    """What sources of one kind told, as far as they have been read."""

    meetings: list[Meeting] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    """What was skipped, line by line or file by file: where and why."""
    gave: list[str] = field(default_factory=list)
    """What each source gave: how much of it was used and left out."""
    broken: list[str] = field(default_factory=list)
    """Sources that cannot be read at all."""
    logs: list[Watching] = field(default_factory=list)
    """What time the logs tell of."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all sources of one import."""

    node: str
    accounts: Mapping[str, str]
    zone: ZoneInfo | None
    since: datetime
    until: datetime
    step: timedelta


@click.group(name="history")
def command() -> None:
    """Fill the history of meetings from what is there already.

    \b
    planner history import --history history.sqlite --node de bbb-web.log
    """


@command.command(
    name="import",
    short_help="Read logs, tables or a Prometheus into the history.",
    epilog="Exit code: 0 done, 2 a source cannot be read, 4 nothing was found in them.",
)
@click.argument("sources", nargs=-1, required=True, type=types.PATH)
@click.option("--history", "path", required=True, type=types.PATH, help="The history; made if it is not there.")
@click.option(
    "--kind", type=click.Choice(sorted({kind for _, kind in KINDS})), help="What the sources are, if names mislead."
)
@click.option("--node", default="", help="Whose they are, as the scenario names it, where they do not tell.")
@observation_files.ROOMS
@observation_files.ZONE
@click.option("--since", type=types.Day(), help="Of Prometheus: from this day; default 14 days ago.")
@click.option("--until", type=types.Day(), help="Of Prometheus: to before this day; default now.")
@click.option("--step", default=60, show_default=True, type=click.IntRange(5, 3600), help="Of Prometheus: in seconds.")
def read_in(
    sources: tuple[Path, ...],
    path: Path,
    kind: Kind | None,
    node: str,
    accounts: Path | None,
    zone: ZoneInfo | None,
    since: datetime | None,
    until: datetime | None,
    step: int,
) -> int:
    """Read meetings into the history; one that is known is not counted twice, so an import may be repeated.

    SOURCES are bbb-web's logs in any order, as files or out of a journal, docker or syslog (.log, .log.1, .log.gz),
    learning dashboards (.json) and events.xml of recordings or folders of both, tables of meetings (.csv, .xlsx, .xls,
    .ods), or a servers file (.toml) whose Prometheus is asked for a range.

    \b
    planner history import --history history.sqlite --node de bbb-web.log*
    planner history import --history history.sqlite --zone UTC meetings.csv
    """
    kinds = [kind or _kind_of(source) for source in sources]
    if not node and {"dashboard", "events", "web-log"} & set(kinds):
        raise BadInput("dashboards, recordings and logs do not say which node they are of: add --node")
    if node and not NAME.match(node):
        raise BadInput(f"--node: wanted {NAME_WANTED}")
    last = datetime.now(UTC) if until is None else until.replace(tzinfo=UTC)
    first = last - timedelta(days=14) if since is None else since.replace(tzinfo=UTC)
    first -= timedelta(seconds=first.timestamp() % step)  # one grid for every import, so that none adds points between
    terms = Terms(node, observation_files.load_rooms(accounts), zone, first, last, timedelta(seconds=step))
    of_each = list(zip(kinds, sources, strict=True))
    # all logs at once, for a meeting may run from one into the next
    logs = [source for what, source in of_each if what == "web-log"]
    jobs: list[tuple[Kind, list[Path]]] = [("web-log", logs)] if logs else []
    jobs += [(what, [source]) for what, source in of_each if what != "web-log"]
    broken = new = known = points = skipped = 0
    for what, files in jobs:
        told = Found()
        try:
            with progress() as say:
                _READERS[what](files, terms, say, told)
            with history.open_history(path) as db:
                seen = history.record(db, told.meetings, told.samples, told.logs, node if told.bad else None)
        except (ReadingError, Refused) as error:
            of = f"{', '.join(map(str, files))}: " if isinstance(error, Refused) else ""
            click.echo(f"{of}{error}: left out", err=True)
            broken += 1
            continue
        observation_files.name_skipped(told.bad)
        for problem in told.broken:
            click.echo(f"{problem}: left out", err=True)
        for line in told.gave:
            click.echo(line)
        broken += len(told.broken)
        new, known, points = new + seen.new, known + seen.known, points + len(told.samples)
        skipped += len(told.bad)
    click.echo(f"meetings: {new} new, {known} known already; points in time: {points}; skipped: {skipped}")
    if "web-log" in kinds:
        observation_files.say_unwatched(path)
    if new + points:
        observation_files.say_most_users(path, whole=not broken)
    if broken:
        return BAD_INPUT
    return DONE if new + known + points else CANNOT_TELL


def _kind_of(source: Path) -> Kind:
    if source.is_dir():
        return "dashboard"
    found = next((kind for pattern, kind in KINDS if re.fullmatch(pattern, source.name, re.IGNORECASE)), None)
    if found is None:
        wanted = " or ".join(sorted({kind for _, kind in KINDS}))
        raise BadInput(f"{source}: its name does not tell what it is: add --kind {wanted}")
    return found


def _logs(files: Sequence[Path], terms: Terms, say: Progress, found: Found) -> None:
    log = web_log.Log(terms.node, terms.accounts)
    for count, file in enumerate(files):
        say(f"reading {file.name}", count / len(files))
        try:
            told = log.add(web_log.lines(file))
        except ReadingError as error:
            found.broken.append(str(error))
            continue
        found.bad += [f"{file}:{line}: {problem}" for line, problem in told.bad]
        kept = f"{told.used:,} used, {told.other:,} about something else, {len(told.bad):,} left out"
        found.gave.append(f"{file}, line by line: {told.read:,} read, {kept}")
        if told.first is not None and told.last is not None:
            found.logs.append(Watching(terms.node, told.first, told.last))
    meetings, remarks = log.meetings()
    found.meetings += meetings
    found.gave += remarks


def _one_each(files: Sequence[Path], terms: Terms, say: Progress, found: Found, kind: Kind | None = None) -> None:
    """Return the meeting of a dashboard or events.xml, or of all in a folder; one that is not understood is skipped."""
    source = files[0]
    if source.is_dir():
        files = sorted(file for name in MEETING_FILES for file in source.rglob(name))
        if not files:
            raise ReadingError(f"{source}: wanted a folder with {' or '.join(MEETING_FILES)} in it, found none")
    for count, file in enumerate(files):
        say(f"reading {source.name}", count / len(files))
        try:
            if MEETING_FILES.get(file.name, kind) == "events":
                meeting, remark = recording.read(file, terms.node, terms.accounts)
            else:
                meeting, remark = tables.read(file, lambda body: dashboard.parse(body, terms.node, terms.accounts))
            found.gave += [f"{file}: {remark}"] if remark else []
            found.meetings.append(meeting)
        except ReadingError as error:
            found.bad.append(str(error))
    kept = f"{len(found.meetings):,} used, {len(found.bad):,} left out"
    found.gave.append(f"{source}, file by file: {len(files):,} read, {kept}")


def _table(files: Sequence[Path], terms: Terms, _: Progress, found: Found) -> None:
    def parse(body: bytes) -> tables.Parsed[Meeting]:
        try:
            return imports.meetings_table(body, terms.node, terms.zone)
        except TableError as error:
            raise ReadingError(f"{error}; {NO_TABLE}") from None

    table = tables.read(files[0], parse)
    found.meetings += table.rows
    found.bad += observed.places(files[0], table.bad)
    found.gave.append(f"{files[0]}: {table.summary()}")


def _range(files: Sequence[Path], terms: Terms, say: Progress, found: Found) -> None:
    server = servers.load(files[0], os.environ).prometheus
    if server is None:
        raise ReadingError(f"{files[0]}: it names no Prometheus to ask for a range")
    for count, node in enumerate(server.nodes):
        say(f"asking for {node}", count / len(server.nodes))
        found.samples += prometheus.history(server, node, terms.since, terms.until, terms.step)
    found.gave.append(f"{files[0]}, points in time: {len(found.samples):,}")


_READERS: dict[Kind, Callable[[Sequence[Path], Terms, Progress, Found], None]] = {
    "web-log": _logs,
    "dashboard": _one_each,
    "events": partial(_one_each, kind="events"),
    "meetings": _table,
    "prometheus": _range,
}
