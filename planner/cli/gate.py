"""`planner gate`: may we admit these accounts, now?

On the usual way, with a stored plan whose files have not changed, nothing is imported but the standard library,
click, the gate itself and the register: ops type this command before every account. It fails closed: whatever goes
wrong, also in printing the verdict, the exit code is not 0.
"""

import json
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from planner import gate, output
from planner.cli import CANNOT_TELL, DONE, HOLD, BadInput, stored, types
from planner.model.observed import NOBODY, Admitted, Reading
from planner.readings import ReadingError, file

CODES = {"admit": DONE, "hold": HOLD, "unknown": CANNOT_TELL}
COLOURS = {"admit": "green", "hold": "red", "unknown": "yellow"}
PATH = click.Path(path_type=Path)
WIDTH = 80
"""Of lines that go to no terminal, or to one that does not say how wide it is [character]."""


@dataclass(frozen=True, slots=True)
class Given:
    """Where things lie, and what is to be done beside the verdict."""

    readings: Path | None
    live: bool
    servers: Path | None
    register: Path | None
    admit: str | None
    by: str | None
    plan_file: Path | None
    at: str | None
    metrics: Path | None


@click.command(
    name="gate",
    epilog="Exit code: 0 admit, 3 hold, 4 unknown, 2 bad input. Anything but 0 means: do not admit.",
)
@click.argument("scenario", type=PATH)
@click.option("--level", required=True, help="The membership level asked for, as the scenario names it.")
@click.option("--accounts", default=1, show_default=True, type=types.ACCOUNTS, help="How many accounts.")
@click.option("--readings", type=PATH, help="A file with what the servers say now.")
@click.option("--live", is_flag=True, help="Ask the servers now; needs --servers.")
@click.option("--servers", type=PATH, help="Which servers to ask, for --live (TOML).")
@click.option(
    "--register", type=PATH, envvar="PLANNER_REGISTER", help="What was admitted before; default PLANNER_REGISTER."
)
@click.option("--admit", metavar="REF", help="If the verdict is admit, record it under this reference, like ocn-003.")
@click.option("--by", metavar="ROLE", help="Who admits, for --admit: a role, like ops.")
@click.option("--plan", "plan_file", type=PATH, help="The stored plan; default out/NAME/plan.json.")
@click.option("--at", help="Judge as of this time (ISO 8601 with its offset), for examples and tests.")
@click.option(
    "--max-age", default=15, show_default=True, type=click.IntRange(1), help="Oldest reading that counts, in minutes."
)
@click.option("--metrics", type=PATH, help="Write the verdict for node_exporter's textfile collector.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def command(scenario: Path, level: str, accounts: int, max_age: int, as_json: bool, **others: Any) -> int:
    """May we admit these accounts, now? Compares the plan that was consented to with what the servers say.

    \b
    planner gate scenarios/pilot-5.yaml --level level-1 --readings now.json
    planner gate scenarios/pilot-5.yaml --level level-1 --live \\
        --servers servers.toml --register register.sqlite --admit ocn-003 --by ops
    """
    try:
        return _gate(scenario, gate.Request(level, accounts), timedelta(minutes=max_age), as_json, Given(**others))
    except BrokenPipeError:  # elsewhere it is no error if nobody reads on, but a verdict that nobody has read is none
        return CANNOT_TELL


def _gate(scenario: Path, request: gate.Request, max_age: timedelta, as_json: bool, given: Given) -> int:
    """Judge, record, tell; return the exit code."""
    _fit_together(given)
    now = _clock(given.at)
    plan = _standing(scenario, given.plan_file, request.level, now())
    reading, why_not = _reading(given)

    def decide(admitted: Admitted) -> gate.Decision:
        # the clock is looked at here: whoever waited for the register may have waited till the reading was too old
        return gate.decide(plan, reading, admitted, now(), request, max_age, why_not)

    decision = _judged(plan, request, decide, now, given)
    recorded = given.admit if decision.verdict == "admit" else None
    if as_json:
        text = json.dumps({**decision.as_json(), "recorded": recorded}, indent=2, ensure_ascii=False)
    else:
        text = _words(decision, recorded, given.at is not None)
    code = CODES[decision.verdict]
    if given.metrics is not None:
        from planner.gate.metrics import textfile

        code = _told(code, partial(output.write, given.metrics, textfile(decision, plan), output.METRICS), recorded)
    return _told(code, partial(_print, text), recorded)


def _fit_together(given: Given) -> None:
    """Refuse options that contradict each other, or do nothing without another one."""
    if given.live and given.servers is None:
        raise BadInput("--live: add --servers FILE, which says whom to ask")
    if given.live and given.readings is not None:
        raise BadInput("--live and --readings: one or the other")
    if given.live and given.at is not None:
        raise BadInput("--live reads the servers now: leave --at out")
    if given.servers is not None and not given.live:
        raise BadInput("--servers: add --live")
    if given.by is not None and given.admit is None:
        raise BadInput("--by: add --admit REF")
    if given.admit is not None:
        if given.at is not None:
            raise BadInput("--admit is for now: leave --at out")
        if given.by is None:
            raise BadInput("--admit: add --by ROLE, like ops")
        if given.register is None:
            raise BadInput("--admit: add --register FILE, or set PLANNER_REGISTER: there is no register by default")
    # a slip in its name would count nobody, for who only looks too
    if given.register is not None and not given.register.is_file():
        raise BadInput(
            f"{given.register}: there is no register here; is the name right? If so, begin one with "
            f"`planner register new {given.register}`"
        )
    if given.metrics is not None and not given.metrics.parent.is_dir():
        raise BadInput(f"--metrics {given.metrics}: the folder is not there")
    if given.metrics is not None:
        output.check(given.metrics, output.METRICS)  # before anything is recorded


def _clock(at: str | None) -> Callable[[], datetime]:
    """Return what tells the time: the clock, or always the time given."""
    if at is None:
        return lambda: datetime.now(UTC).astimezone()
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise BadInput(f"--at {at}: wanted a time like 2021-04-06T10:35+01:00") from None
    if when.tzinfo is None:
        raise BadInput(f"--at {at}: add the offset from UTC, like {at}+01:00")
    if not types.in_reach(when):
        raise BadInput(f"--at {at}: wanted a year from {types.years()}")
    return lambda: when


def _reading(given: Given) -> tuple[Reading | None, str]:
    """Return what the servers say, or why that could not be had."""
    if given.readings is not None:
        try:
            return file.load(given.readings), ""
        except ReadingError as error:
            return None, str(error)
    if given.servers is None:
        return None, "no reading was given: add --readings FILE, or --live"
    from planner.readings import live, servers

    try:
        known = servers.load(given.servers, os.environ)
    except ReadingError as error:
        raise BadInput(str(error)) from None
    return live.read(known, datetime.now(UTC)), ""


def _judged(
    plan: gate.Standing,
    request: gate.Request,
    decide: Callable[[Admitted], gate.Decision],
    now: Callable[[], datetime],
    given: Given,
) -> gate.Decision:
    """Return the decision that counts what the register holds, recorded there if it admits and is to be recorded."""
    path, since = given.register, plan.members_since
    if path is None:
        click.echo("no register: accounts that came since the plan's members were counted are left out", err=True)
        return decide(NOBODY)
    if since is not None and now() < since:
        return gate.unknown(plan, now(), request, f"the members were counted on {since.date()}, which is still to come")
    from planner.store import Refused, StoreError, register

    try:
        with register.open_register(path, write=given.admit is not None) as db:
            if given.admit is None:
                return decide(register.admitted(db, since))
            return register.admit(
                db,
                decide,
                ref=given.admit,
                level=request.level,
                accounts=request.accounts,
                by=given.by or "",
                now=now(),
                since=since,
            )
    except Refused as error:
        raise BadInput(str(error)) from None
    except StoreError as error:
        return gate.unknown(plan, now(), request, str(error))


def _standing(scenario: Path, plan_file: Path | None, level: str, now: datetime) -> gate.Standing:
    """Return the stored plan if it is that of the scenario as it stands; plan first if there is none."""
    where = plan_file or stored.folder(scenario, None) / "plan.json"
    document, made = stored.read(where), stored.written(where)
    if document is None and plan_file is not None:
        raise BadInput(f"{plan_file}: there is no plan here that can be read")
    if document is None or not stored.untouched(document, scenario):
        kept, document = document, _plan_again(scenario, plan_file, level, document)
        made = made if document is kept else now
    try:
        # a file from the future, or a time in the past to judge as of, does not let a plan last longer
        plan = gate.standing(document, min(made or now, now))
    except gate.NotAPlan as error:
        raise BadInput(f"{where}: {error}") from None
    _known(level, plan.levels)
    return plan


def _known(level: str, levels: Sequence[str]) -> None:
    """Refuse a level that the scenario does not have: that is a slip of the finger, and no question to the plan."""
    if levels and level not in levels:
        raise BadInput(f"--level {level}: there is no such level; wanted one of {', '.join(levels)}")


def _plan_again(scenario: Path, plan_file: Path | None, level: str, document: dict[str, Any] | None) -> dict[str, Any]:
    """Return the plan of the scenario as it stands: the stored one if only comments changed, else a new one."""
    from planner.cli.plan import load, make  # the slow way: parse the scenario, perhaps plan

    read = load(scenario, ())
    _known(level, read.names["levels"])
    if document is not None and document.get("scenario", {}).get("digest") == read.digest:
        return document
    if plan_file is not None:
        raise BadInput(
            f"{plan_file} is not a plan of {scenario} as it stands: run `planner plan {scenario}`, or leave --plan out"
        )
    click.echo(f"no stored plan of {scenario} as it stands: planning first", err=True)
    signed = stored.consent(document)
    if signed is not None:
        click.echo(f"what was consented to in {signed} was another state of it; that plan is kept as it is", err=True)
    # a plan that people signed is theirs to replace: this one then serves the one verdict only
    target = stored.folder(scenario, None) if signed is None else None
    new: dict[str, Any] = make(read, target, None, None)
    return new


def _words(decision: gate.Decision, recorded: str | None, as_of: bool) -> str:
    """Return the decision as people read it: the verdict and its reason first."""
    first, *others = decision.reasons
    lines = [f"{decision.verdict}: {first}", *(f"  and {reason}" for reason in others)]
    lines += [f"  you could still say yes if {condition}" for condition in decision.yes_if]
    lines.append(f"  further accounts the plan allows{_further(decision, recorded)}")
    if decision.reading is not None:
        lines.append(f"  reading: {decision.reading.source}, taken {decision.reading.taken_at.isoformat()}")
    if decision.consented:
        lines.append(f"  consented: {decision.consented}")
    else:
        lines.append("  consented: nobody has signed this plan off yet (planner plan … --consented)")
    lines += [f"  this plan: {caution}" for caution in decision.cautions]
    if recorded is not None:
        lines.append(f"  recorded: {recorded}")
    review = "" if decision.ends is None else f", to be reviewed by {decision.ends:%Y-%m-%d}"
    lines.append(
        f"  plan: {decision.digest[:12]}{review}" + (f", judged as of {decision.at.isoformat()}" if as_of else "")
    )
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


def _further(decision: gate.Decision, recorded: str | None) -> str:
    """Return how many more may come, those that were recorded just now taken off."""
    if decision.admitted is None:
        return ": not known"
    if decision.max_more_accounts is None:
        return ": no limit"
    if recorded is None:
        return f": {decision.max_more_accounts}"
    return f" after this: {decision.max_more_accounts - decision.request.accounts}"


def _print(text: str) -> None:
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries once more at its end
        raise


def _told(code: int, tell: Callable[[], None], recorded: str | None) -> int:
    """Return the exit code, which is not 0 where the verdict could not be told: whoever asked does not know it."""
    try:
        tell()
    except OSError as error:
        kept = "" if recorded is None else f"; {recorded} is in the register"
        click.echo(f"the verdict could not be written: {error.strerror or error}{kept}", err=True)
        return CANNOT_TELL if code == DONE else code
    return code
