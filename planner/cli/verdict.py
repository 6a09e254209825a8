"""A verdict as people read it, and telling it, on the terminal and in a log: one that could not be told is no yes."""

import errno
import json
import os
import stat
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner import gate
from planner.cli import CANNOT_TELL, DONE, BadInput
from planner.seal import DIGITS
from planner.wording.decision import decided

if TYPE_CHECKING:
    from planner.store.register import Head

COLOURS = {"admit": "green", "hold": "red", "unknown": "yellow"}
WIDTH = 80
"""Of lines that go to no terminal, or to one that does not say how wide it is [character]."""
LOG_BEGINS = b'{"schema":"planner.decision/1"'


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, and what became of it."""

    decision: gate.Decision
    recorded: str | None = None
    """The reference under which the accounts stand in the register."""
    already: bool = False
    """Whether they stood there before: the same question was asked again, after a crash perhaps."""
    head: "Head | None" = None
    """Where the register's chain of rows ends; None = it could not be read."""


def words(answer: Answer, as_of: bool) -> str:
    """Return the decision as people read it: the verdict and its reason first."""
    decision, recorded = answer.decision, answer.recorded
    first, *others = decision.reasons
    lines = [f"{decision.verdict}: {first}", *(f"  and {reason}" for reason in others)]
    if decision.must_change:
        lines.append(f"  all of these would have to change: {'; '.join(decision.must_change)}")
    else:
        lines += [f"  they could come if {condition}" for condition in decision.yes_if]
    lines.append(f"  further accounts the plan allows{_further(answer)}")
    if decision.reading is not None:
        lines.append(f"  reading: {decision.reading.source}, taken {decision.reading.taken_at.isoformat()}")
    plan = decision.plan
    if plan is not None and plan.decision is not None:
        lines.append(f"  decided: {decided(plan.decision)}")
    if plan is not None and plan.consented:
        lines.append(f"  consented: {plan.consented}")
    elif plan is not None:
        lines.append("  consented: nobody has signed this plan off yet (planner plan … --consented)")
    lines += [f"  this plan: {caution}" for caution in decision.cautions]
    lines += [f"  accepted: {doubt}" for doubt in decision.accepted]
    if recorded is not None:
        lines.append(f"  recorded: {recorded}")
    if answer.head is not None:
        rows = "1 row" if answer.head.rows == 1 else f"{answer.head.rows} rows"
        lines.append(f"  register: {rows}, {answer.head.hash[:DIGITS]}")
    if plan is not None:
        review = "" if decision.ends is None else f", to be reviewed by {decision.ends:%Y-%m-%d}"
        lines.append(f"  plan: {plan.result[:DIGITS]}{review}")
    if as_of:
        lines.append(f"  judged as of {decision.at.isoformat()}")
    # a file or a server may have said some of it: nothing that moves the cursor or starts a line of its own
    told = ["".join(letter if letter.isprintable() else " " for letter in line) for line in lines]
    width = _width()
    # whole words only: paths, references and times are there to be copied
    wrapper = textwrap.TextWrapper(width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
    text = "\n".join(wrapper.fill(line) for line in told)
    styled = click.style(decision.verdict, fg=COLOURS[decision.verdict], bold=True)
    return styled + text.removeprefix(decision.verdict)


def _width() -> int:
    """Return how long a line may be where the verdict is read [character]."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
    except (AttributeError, OSError, ValueError):  # a file, a pipe, or nothing that has a number
        return WIDTH


def _further(answer: Answer) -> str:
    """Return how many more may come, those that were recorded just now taken off."""
    decision = answer.decision
    if decision.admitted is None:
        return ": not known"
    if decision.max_more_accounts is None:
        return ": no limit"
    if decision.verdict == "hold" and decision.max_more_accounts >= decision.request.accounts:
        return f": {decision.max_more_accounts}, but not these now"
    if answer.recorded is None or answer.already:
        return f": {decision.max_more_accounts}"
    return f" after this: {decision.max_more_accounts - decision.request.accounts}"


def show(text: str) -> None:
    """Print the verdict; a closed pipe or a full disk is an error here."""
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries once more at its end
        raise


def told(code: int, tell: Callable[[], None], recorded: str | None) -> int:
    """Return the exit code, which is not 0 where the verdict could not be told: whoever asked does not know it."""
    try:
        tell()
    except OSError as error:
        kept = "" if recorded is None else f"; {recorded} is in the register"
        click.echo(f"the verdict could not be written: {error.strerror or error}{kept}", err=True)
        return CANNOT_TELL if code == DONE else code
    return code


def logged(file: Path) -> Callable[[Answer], None]:
    """Return what adds a verdict to the log at `file`, which is begun where there is none."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
    for more in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
        flags |= getattr(os, more, 0)
    try:
        log = os.open(file, flags, 0o600)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is not a name of a file"
        if getattr(error, "errno", None) == errno.ELOOP:
            why = "this is a link, and what it leads to was not named: name the file itself"
        raise BadInput(f"--log {file}: {why}") from None
    begun = os.pread(log, len(LOG_BEGINS), 0) if stat.S_ISREG(os.fstat(log).st_mode) else b"?"
    if begun not in (b"", LOG_BEGINS):
        os.close(log)
        raise BadInput(f"--log {file}: something else stands there, which is kept: name another file")

    def add(answer: Answer) -> None:
        head = answer.head
        said = answer.decision.as_json() | {
            "recorded": answer.recorded,
            "register": None if head is None else {"rows": head.rows, "head": head.hash},
        }
        line = json.dumps(said, ensure_ascii=True, separators=(",", ":")) + "\n"
        size = os.fstat(log).st_size
        if size and os.pread(log, 1, size - 1) != b"\n":
            line = f"\n{line}"  # a full disk has cut the last one off: this one is not to be lost with it
        # one write to a file opened for appending: lines of two verdicts at once never mix
        if os.write(log, line.encode("ascii")) != len(line):
            raise OSError(0, "the disk is full", str(file))
        os.fsync(log)

    return add
