"""The commands: arguments, clock, environment, printing, exit codes; each file is imported when it is called."""

import atexit
import gc
import importlib
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import TextIOWrapper
from types import FrameType
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from planner import PlannerError, __version__
from planner.cli import types

DONE, BAD_INPUT, HOLD, CANNOT_TELL, INTERRUPTED, CLOSED_PIPE = 0, 2, 3, 4, 130, 141
"""Exit codes; 1 is left to crashes, so that a crash is never read as a verdict. 130 and 141 are what a
shell says of a command that Ctrl-C or a closed pipe has ended."""

LONGEST_NAME = 1000
"""So much of a file's name is said [character]."""
COMMANDS = {
    "plan": "How many accounts, which limit, how long: answers, report and charts.",
    "open": "The same on a page in the browser: change a number, see what follows.",
    "gate": "May we admit these accounts, now?",
    "register": "What has been admitted: new, add, list, release, export, backup, restore.",
    "observe": "Ask the servers again and again, and remember the meetings.",
    "history": "Read meetings from what the servers' logs left.",
    "calibrate": "Learn from a history: each input before and after, as a scenario.",
    "review": "The pilot: what was predicted, what happened, go on or not.",
    "event": "Does one large meeting fit, at its hour?",
    "compare": "Scenarios side by side.",
    "sweep": "A grid of scenarios: a table and a chart.",
    "new": "Write a commented scenario to start from.",
    "check": "All problems of scenarios, and whether what they expect is met.",
    "explain": "One input: value, range, source, where it stands, what it moves.",
    "csv": "A scenario as a table, and back.",
    "schema": "The JSON Schema of a scenario, for editors.",
}


@contextmanager
def exit_on_closed_pipe() -> Iterator[None]:
    """Leave with a code of its own when nobody reads our output any more (planner … | head): click would make it 1."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(CLOSED_PIPE) from None


class Commands(click.Group):
    """Imports a command's file only when that command is called, so that the gate starts fast."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the words typed, which may print help."""
        with exit_on_closed_pipe():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a person can put right is said without a traceback."""
        with exit_on_closed_pipe():
            try:
                return super().invoke(ctx)
            except PlannerError as error:
                raise BadInput(str(error), places=hasattr(error, "problems")) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, importing its file."""
        if cmd_name not in COMMANDS:
            import difflib  # only for who mistyped

            near = [] if ctx.resilient_parsing else difflib.get_close_matches(cmd_name, COMMANDS, n=2)
            if near:
                ctx.fail(f"No such command '{cmd_name}'; did you mean {' or '.join(near)}?")
            return None
        return types.strict(importlib.import_module(f"planner.cli.{cmd_name}").command)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what a shell offers in the place of a command, from the table: a key pressed must not import them."""
        commands = [CompletionItem(name, help=says) for name, says in COMMANDS.items() if name.startswith(incomplete)]
        # the options, which the command alone knows: what its group would add are the commands once more
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above: help must not import them all."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


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

    def __init__(self, message: str, *, places: bool = False) -> None:
        super().__init__(message)
        self.places = places
        """Whether each line begins with file:line:col, for an editor to jump to: then nothing is put in front."""

    def show(self, file: Any = None) -> None:
        """Print what is wrong on stderr."""
        if self.places:
            click.echo(self.message, err=True)
        else:
            super().show(file)


def wrapped(text: str, indent: str = "", later: str = "  ") -> str:
    """Return a text in lines of 80 characters, all but the first indented by `later` more."""
    return textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent + later)


def main() -> NoReturn:
    """Run the command line and leave with the fixed exit codes; 1, with a traceback, is a fault of the planner."""
    # our matrices are small: a second thread of numpy's algebra only waits, and steals from what else runs
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # nor does any loop of ours call the algebra for which numba would load SciPy, where the tests have it
    sys.modules.setdefault("scipy", None)  # type: ignore[arg-type]
    # what is left at the end goes with the process: to look which of it may go takes a third of a second
    atexit.register(gc.freeze)
    if sys.argv[1:]:  # a shell that completes types none; left in the environment it would answer 0 to every question
        os.environ.pop("_PLANNER_COMPLETE", None)
    _open_streams()
    pressed = _noted_interrupts()
    try:
        colour = False if os.environ.get("NO_COLOR") else None
        code = planner.main(prog_name="planner", standalone_mode=False, color=colour)
    except click.ClickException as error:
        code = _told(error.show, BAD_INPUT)
    except (click.Abort, KeyboardInterrupt):
        # where it came while a dataclass was made, CPython would end itself by the signal, whatever the code is; a text
        # that is run lets it forget that
        exec("")
        code = _told(lambda: click.echo("interrupted", err=True), INTERRUPTED)
    except MemoryError:
        code = _told(lambda: click.echo("this takes more memory than there is", err=True), BAD_INPUT)
    except OSError as error:
        if error.errno is None:
            raise
        code = _told(partial(click.echo, _said(error), err=True), BAD_INPUT)
    except Exception:
        if not pressed:
            raise
        # a library's compiled code, asked to stop while it calls Python, makes an error of its own of it
        code = _told(lambda: click.echo("interrupted", err=True), INTERRUPTED)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            # Python would try again when it ends, and leave with a code of its own
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = code or (CLOSED_PIPE if isinstance(error, BrokenPipeError) else BAD_INPUT)
    sys.exit(code if isinstance(code, int) else DONE)


def _noted_interrupts() -> list[int]:
    """Return a list that holds something once Ctrl-C was pressed, whatever becomes of its `KeyboardInterrupt`."""
    pressed: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else whoever began this wants it deaf
        signal.signal(signal.SIGINT, note)
    return pressed


def _open_streams() -> None:
    """Take what was closed for what nobody reads, and let no letter be one that cannot be printed."""
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # or the next file opened, a register perhaps, would get this number and whatever is printed. What is
            # printed to a closed stdout fails, since nobody can have read it.
            os.open(os.devnull, flags)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
        # Windows' consoles have letters of their own, which lack arrows; a file's name may hold what is no letter
        if isinstance(stream := getattr(sys, name), TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _told(tell: Callable[[], object], code: int) -> int:
    """Return the code, whether or not the words could be said."""
    with suppress(OSError):
        tell()
    return code


def _said(error: OSError) -> str:
    if error.filename is None and isinstance(error, FileNotFoundError):
        return "the current folder is gone: go to another one"
    name = str(error.filename or "nothing can be written")
    return f"{name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + '…'}: {error.strerror}"
