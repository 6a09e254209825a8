"""`planner register`: what has been admitted, by the gate or by people without it."""

import json
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from planner import output
from planner.cli import DONE, BadInput, types
from planner.store import copies, register


def _named(context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Refuse to go on without a register; click itself would name the option alone."""
    if path is None and not context.resilient_parsing:
        raise click.UsageError("Missing option '--register': name the file, or set PLANNER_REGISTER once", context)
    return path


_HELP = "The register's file; or PLANNER_REGISTER.  [required]"
# there is no default, which could be the wrong one
_kept_in = click.option("--register", "path", type=types.PATH, envvar="PLANNER_REGISTER", callback=_named, help=_HELP)


@click.group(name="register", epilog="Exit code: 0 done, 2 not done; the reason is on stderr.")
def command() -> None:
    """Show and record what has been admitted: one SQLite file on one machine, to which rows are only added.

    \b
    export PLANNER_REGISTER=/var/lib/planner/register.sqlite
    planner register list
    """


@command.command(name="new", short_help="Begin a register.")
@click.argument("file", type=types.PATH)
def new(file: Path) -> int:
    """Begin a register in FILE, once; nothing else does, so that a slip in its name counts nobody twice.

    \b
    planner register new /srv/planner/register.sqlite
    """
    register.new(file, datetime.now(UTC))
    click.echo(f"{file}: a register that holds nobody yet")
    return DONE


@command.command(name="add", short_help="Record what people decided without the gate.")
@click.argument("ref")
@click.option("--level", required=True, help="The membership level.")
@click.option("--accounts", default=1, show_default=True, type=types.ACCOUNTS, help="How many accounts.")
@click.option("--because", required=True, help="Why people decided it, such as the meeting that did.")
@click.option("--by", required=True, metavar="ROLE", help="Who: a role, like treasurer.")
@_kept_in
def add(ref: str, level: str, accounts: int, because: str, by: str, path: Path) -> int:
    """Record accounts that people decided on without the gate, under the reference REF of the members' sheet.

    \b
    planner register add ocn-004 --level level-1 --by treasurer --because "3 May"
    """
    with _opened(path, write=True) as db:
        register.add(db, ref=ref, level=level, accounts=accounts, by=by, because=because, now=datetime.now(UTC))
    click.echo(f"{ref}: recorded")
    return DONE


@command.command(name="release", short_help="Record that accounts ended.")
@click.argument("ref")
@click.option("--by", required=True, metavar="ROLE", help="Who: a role, like ops.")
@click.option("--because", default="", help="Why they ended.")
@_kept_in
def release(ref: str, by: str, because: str, path: Path) -> int:
    """Record that the accounts of REF ended: their place is free again, the row of their admission stays.

    \b
    planner register release ocn-004 --by ops --because "left the network"
    """
    with _opened(path, write=True) as db:
        register.release(db, ref=ref, by=by, because=because, now=datetime.now(UTC))
    click.echo(f"{ref}: released")
    return DONE


@command.command(name="list", short_help="Print who is there, and who was.")
@click.option("--json", "as_json", is_flag=True, help="Print every row as it stands, with the decisions.")
@_kept_in
def show(as_json: bool, path: Path) -> int:
    """Print who is there, and who was.

    \b
    planner register list
    """
    with _opened(path, write=False) as db:
        rows, standings, count = register.entries(db), register.standings(db), register.admitted(db).accounts
    if as_json:
        documents = [{**asdict(row), "at": row.at.isoformat()} for row in rows]
        for document in documents:
            del document["id"]
        click.echo(json.dumps(documents, ensure_ascii=False, indent=1))
        return DONE
    table = [("account", "level", "accounts", "since", "until", "by", "decided"), *map(_line, standings)]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for line in table if standings else []:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    click.echo(f"{count} account{'' if count == 1 else 's'} there now")
    click.echo(_ends(db.state.head))
    return DONE


@command.command(name="export", short_help="Print CSV for the members' spreadsheet.")
@click.option("--out", type=types.PATH, help="Write to this file instead of printing.")
@_kept_in
def export(out: Path | None, path: Path) -> int:
    """Print the register as CSV for the members' spreadsheet, one line for each admission.

    \b
    planner register export --out register.csv
    """
    from planner.report.tables import as_csv

    with _opened(path, write=False) as db:
        text = as_csv(*register.table(db))
    if out is None:
        click.echo(text, nl=False)
        return DONE
    output.write(out, text, output.TABLE, mode=0o600, inputs=[path])  # as private as the register itself
    return DONE


@command.command(name="backup", short_help="Copy it while it is in use.")
@click.argument("file", type=types.PATH)
@_kept_in
def backup(file: Path, path: Path) -> int:
    """Copy the register to FILE while it may be in use, or bring the backup of it that is in FILE up to date.

    \b
    planner register backup /mnt/backup/register-2021-05-04.sqlite
    """
    with _opened(path, write=False) as db:
        head = copies.backup(db, file)
    click.echo(f"{file}: {_rows(head)}, checked")
    return DONE


@command.command(name="restore", short_help="Put a backup in its place.")
@click.argument("file", type=types.PATH)
@_kept_in
def restore(file: Path, path: Path) -> int:
    """Put the backup FILE in the place of a register that is damaged or gone; a damaged one is kept aside.

    A register that is whole and has rows that the backup lacks stays as it is.

    \b
    planner register restore /mnt/backup/register-2021-05-04.sqlite
    """
    done = copies.restore(file, path, datetime.now(UTC))
    click.echo(f"{path}: restored from {file}, checked")
    click.echo(_ends(done.head))
    if done.aside is not None:
        click.echo(f"the damaged register is kept as {done.aside}")
    last = f"{done.last_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"what was decided after {last} is not in it: add it with `planner register add`")
    return DONE


def _opened(path: Path, *, write: bool) -> AbstractContextManager[register.Register]:
    """Open the register that is there: a slip of the finger must not look like a register without anybody."""
    if not path.is_file():
        advice = f"is the name right? If so, begin one with `planner register new {path}`"
        raise BadInput(f"{path}: there is no register here; {advice}")
    return register.open_register(path, write=write)


def _rows(head: register.Head) -> str:
    return f"{head.rows} row{'' if head.rows == 1 else 's'}"


def _ends(head: register.Head) -> str:
    """Return where the register ends, to be compared with what a verdict or a backup printed."""
    return f"{_rows(head)}, head {head.hash[:12]}"


def _line(standing: register.Standing) -> tuple[str, str, str, str, str, str, str]:
    first, last = standing.since, standing.until
    until = "" if last is None else f"{last.at:%Y-%m-%d}"
    decided = "by the gate" if first.change == "admit" else first.because
    return first.ref, first.level, f"{first.accounts}", f"{first.at:%Y-%m-%d}", until, first.by, decided
