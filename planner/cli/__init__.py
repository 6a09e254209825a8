"""The commands: arguments, clock, environment, printing, exit codes; each file is imported when it is called."""

import errno
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from planner import __version__

DONE, BAD_INPUT, HOLD, CANNOT_TELL, INTERRUPTED, UNHEARD = 0, 2, 3, 4, 130, 141
"""Exit codes; 1 is left to crashes, so that a crash is never read as a verdict. 130 and 141 are what a
shell says of a command that Ctrl-C or a closed pipe has ended."""

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What a write fails with where the disk is full, without naming a file."""

COMMANDS = {
    "plan": "How many accounts, which limit, how long: answers, report and charts.",
    "gate": "May we admit these accounts, now?",
    "register": "What has been admitted: new, add, list, release, export, backup, restore.",
    "observe": "Ask the servers again and again, and remember the meetings.",
    "history": "Read meetings from what the servers' logs left.",
    "calibrate": "Learn from a history: each input before and after, as a scenario.",
    "review": "The pilot: what was predicted, what happened, go on or not.",
    "compare": "Scenarios side by side.",
    "sweep": "A grid of scenarios: a table and a chart.",
    "new": "Write a commented scenario to start from.",
    "check": "All problems of scenarios, and whether what they expect is met.",
    "explain": "One input: value, range, source, where it stands, what it moves.",
    "csv": "A scenario as a two-column table, and back.",
    "schema": "The JSON Schema of a scenario, for editors.",
}


@contextmanager
def heard() -> Iterator[None]:
    """Leave when whoever read our output has gone before all was said (planner … | head); click would call it a 1."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(UNHEARD) from None


class Commands(click.Group):
    """Imports a command's file only when that command is called, so that the gate starts fast."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the words typed, which may print help."""
        with heard():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with heard():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, importing its file."""
        if cmd_name not in COMMANDS:
            near = [] if ctx.resilient_parsing else _near(cmd_name)
            if near:
                ctx.fail(f"No such command '{cmd_name}'; did you mean {' or '.join(near)}?")
            return None
        module = importlib.import_module(f"planner.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what a shell offers in the place of a command, from the table: a key pressed must not import them."""
        found = [CompletionItem(name, help=says) for name, says in COMMANDS.items() if name.startswith(incomplete)]
        # the options, which the command alone knows: what its group would add are the commands once more
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above: help must not import them all."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _near(name: str) -> list[str]:
    import difflib  # only for who mistyped

    return difflib.get_close_matches(name, COMMANDS, n=2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="planner")
def planner() -> None:
    """How many mutual-credit accounts can a meeting co-operative admit, and when does the credit buy the hours?

    \b
    planner new pilot.yaml      a commented scenario to start from
    planner plan pilot.yaml     the answer, a report and charts in out/pilot/
    planner gate pilot.yaml --level level-1 --readings now.json
    planner COMMAND --help      what one command does, with examples
    """


class BadInput(click.ClickException):
    """Something the person can put right: said without a traceback, exit code 2."""

    exit_code = BAD_INPUT


def main() -> NoReturn:
    """Run the command line and leave with the fixed exit codes."""
    # our matrices are small: a second thread of numpy's algebra only waits, and steals from what else runs
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # Windows' consoles have letters of their own, which lack arrows
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        colour = False if os.environ.get("NO_COLOR") else None
        code = planner.main(prog_name="planner", standalone_mode=False, color=colour)
    except click.ClickException as error:
        error.show()
        code = BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    except OSError as error:
        if error.filename is None and error.errno not in NO_ROOM:
            raise
        click.echo(f"{error.filename or 'nothing can be written'}: {error.strerror}", err=True)
        code = BAD_INPUT
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            # Python would try again when it ends, and leave with a code of its own
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = code or UNHEARD
    sys.exit(code if isinstance(code, int) else DONE)
