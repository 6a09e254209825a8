"""A verdict as people read it, and telling it: one that could not be told is no yes."""

import os
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from planner import gate
from planner.cli import CANNOT_TELL, DONE
from planner.seal import DIGITS
from planner.wording.decision import decided

if TYPE_CHECKING:
    from planner.store.register import Head

COLOURS = {"admit": "green", "hold": "red", "unknown": "yellow"}
WIDTH = 80
"""Of lines that go to no terminal, or to one that does not say how wide it is [character]."""


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
        return f": {decision.max_more_accounts}, but not these"
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
