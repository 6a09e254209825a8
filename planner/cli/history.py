"""`planner history import`: meetings from what the servers' logs left, and a node's course from Prometheus."""

import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Literal

import click

from planner.api import observed
from planner.cli import BAD_INPUT, CANNOT_TELL, DONE, BadInput, bad_input, observation_files, types
from planner.cli.plan import Progress, progress
from planner.cli.types import PATH
from planner.model.inputs.observations import NAME, NAME_WANTED, Meeting, Sample
from planner.readings import ReadingError, dashboard, imports, prometheus, servers, tables
from planner.store import StoreError, history

Kind = Literal["dashboard", "web-log", "meetings", "prometheus"]
KINDS: dict[str, Kind] = {
    ".json": "dashboard",
    ".log": "web-log",
    ".csv": "meetings",
    ".xlsx": "meetings",
    ".toml": "prometheus",
}
"""What a source is taken for by its suffix."""


@dataclass(frozen=True, slots=True)
class Found:
    """What sources of one kind told."""

    meetings: Sequence[Meeting] = ()
    samples: Sequence[Sample] = ()
    bad: Sequence[str] = ()
    """What was skipped, line by line or file by file: where and why."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all sources of one import."""

    node: str
    accounts: Mapping[str, str]
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
@click.argument("sources", nargs=-1, required=True, type=PATH)
@click.option("--history", "path", required=True, type=PATH, help="The history; made if it is not there.")
@click.option("--kind", type=click.Choice(sorted(set(KINDS.values()))), help="What the sources are, if names mislead.")
@click.option("--node", default="", help="Whose they are, as the scenario names it, where they do not tell.")
@click.option("--accounts", type=PATH, help="Whose room is whose: a table with the columns meeting_id and account.")
@click.option("--since", type=types.Day(), help="Of Prometheus: from this day; default 14 days ago.")
@click.option("--until", type=types.Day(), help="Of Prometheus: to before this day; default now.")
@click.option("--step", default=60, show_default=True, type=click.IntRange(5, 3600), help="Of Prometheus: in seconds.")
def read_in(
    sources: tuple[Path, ...],
    path: Path,
    kind: Kind | None,
    node: str,
    accounts: Path | None,
    since: datetime | None,
    until: datetime | None,
    step: int,
) -> int:
    """Read meetings into the history; one that is known is not counted twice, so an import may be repeated.

    SOURCES are learning-dashboard files or folders of them (.json), bbb-web's logs (.log, the oldest first), tables of
    meetings (.csv, .xlsx), or a servers file (.toml) whose Prometheus is asked for a range.

    \b
    planner history import --history history.sqlite --node de old.log bbb-web.log
    planner history import --history history.sqlite meetings.csv
    """
    kinds = [kind or _kind_of(source) for source in sources]
    if not node and {"dashboard", "web-log"} & set(kinds):
        raise BadInput("dashboards and logs do not say which node they are of: add --node")
    if node and not NAME.match(node):
        raise BadInput(f"--node: wanted {NAME_WANTED}")
    last = datetime.now(UTC) if until is None else until.replace(tzinfo=UTC)
    first = last - timedelta(days=14) if since is None else since.replace(tzinfo=UTC)
    first -= timedelta(seconds=first.timestamp() % step)  # one grid for every import, so that none adds points between
    terms = Terms(node, observation_files.load_rooms(accounts), first, last, timedelta(seconds=step))
    broken = new = known = points = skipped = 0
    for what, files in _jobs(kinds, sources):
        try:
            with progress() as say:
                told = _READERS[what](files, terms, say)
        except ReadingError as error:
            click.echo(f"{error}: left out", err=True)
            broken += 1
            continue
        with bad_input(StoreError), history.open_history(path) as db:
            seen = history.record(db, told.meetings, told.samples)
        observation_files.name_skipped(told.bad)
        new, known, points = new + seen.new, known + seen.known, points + len(told.samples)
        skipped += len(told.bad)
    click.echo(f"meetings: {new} new, {known} known already; points in time: {points}; skipped: {skipped}")
    if new + points:
        observation_files.say_most_users(path)
    if broken:
        return BAD_INPUT
    return DONE if new + known + points else CANNOT_TELL


def _kind_of(source: Path) -> Kind:
    if source.is_dir():
        return "dashboard"
    if source.suffix not in KINDS:
        raise BadInput(f"{source}: its name does not tell what it is: add --kind {' or '.join(sorted(KINDS.values()))}")
    return KINDS[source.suffix]


def _jobs(kinds: Sequence[Kind], sources: Sequence[Path]) -> Iterator[tuple[Kind, list[Path]]]:
    """Yield what is read at once: logs that follow each other, for a meeting may run over midnight; others alone."""
    for kind, group in groupby(zip(kinds, sources, strict=True), key=lambda pair: pair[0]):
        files = [source for _, source in group]
        if kind == "web-log":
            yield kind, files
        else:
            yield from ((kind, [file]) for file in files)


def _logs(files: Sequence[Path], terms: Terms, say: Progress) -> Found:
    starts: list[int] = []
    told = imports.web_log(_lines(files, starts, say), terms.node, terms.accounts)
    bad = []
    for line in told.bad:
        at = bisect_right(starts, line.line - 1) - 1
        bad.append(f"{files[at]}:{line.line - starts[at]}: {line.problem}")
    return Found(told.rows, bad=bad)


def _lines(files: Sequence[Path], starts: list[int], say: Progress) -> Iterator[bytes]:
    """Yield the lines of all files; `starts` gets how many there were before each file."""
    total = sum(file.stat().st_size for file in files if file.is_file()) or 1
    number = done = 0
    for file in files:
        starts.append(number)
        for line in imports.lines(file):
            number, done = number + 1, done + len(line)
            if number % 10_000 == 0:
                say(f"reading {file.name}", done / total)
            yield line


def _dashboards(files: Sequence[Path], terms: Terms, say: Progress) -> Found:
    """Return the meeting of one dashboard, or of all in a folder; one that is not understood is skipped."""
    source = files[0]
    files = sorted(source.rglob("learning_dashboard_data.json")) if source.is_dir() else files
    meetings, bad = [], []
    for count, file in enumerate(files):
        say(f"reading {source.name}", count / len(files))
        try:
            meetings.append(tables.read(file, lambda body: dashboard.parse(body, terms.node, terms.accounts)))
        except ReadingError as error:
            bad.append(str(error))
    return Found(meetings, bad=bad)


def _table(files: Sequence[Path], terms: Terms, _: Progress) -> Found:
    table = tables.read(files[0], lambda body: imports.meetings_table(body, terms.node))
    return Found(table.rows, bad=observed.places(files[0], table.bad))


def _range(files: Sequence[Path], terms: Terms, say: Progress) -> Found:
    server = servers.load(files[0], os.environ).prometheus
    if server is None:
        raise ReadingError(f"{files[0]}: it names no Prometheus to ask for a range")
    samples: list[Sample] = []
    for count, node in enumerate(server.nodes):
        say(f"asking for {node}", count / len(server.nodes))
        samples += prometheus.history(server, node, terms.since, terms.until, terms.step)
    return Found(samples=samples)


_READERS = {"web-log": _logs, "dashboard": _dashboards, "meetings": _table, "prometheus": _range}
