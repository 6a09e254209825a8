"""`planner gate`: may we admit these accounts, now? It fails closed: whatever goes wrong, the exit code is not 0.

With a stored plan whose files have not changed it imports the standard library, click, the gate and the register only.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from planner import gate, output, seal
from planner.cli import CANNOT_TELL, DONE, HOLD, BadInput, stored_plan, types, verdict
from planner.cli.verdict import Answer
from planner.model.inputs.observations import Admitted, Reading
from planner.readings import ReadingError, file

Clock = Callable[[], datetime]
CODES = {"admit": DONE, "hold": HOLD, "unknown": CANNOT_TELL}


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
    log: Path | None


class SaidOnce(click.Command):
    """Refuses an option with two values, of which click would take the last: which of them was meant is not known."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words typed."""
        if not ctx.resilient_parsing:
            _, _, said = self.make_parser(ctx).parse_args(list(args))
            for option in dict.fromkeys(said):
                # a flag says the same once more
                if said.count(option) > 1 and not getattr(option, "is_flag", False):
                    ctx.fail(f"{option.opts[0]} is said {said.count(option)} times: say it once")
        return super().parse_args(ctx, args)


@click.command(
    name="gate",
    cls=SaidOnce,
    epilog="Exit code: 0 admit, 3 hold, 4 unknown, 2 bad input. Anything but 0 means: do not admit.",
)
@click.argument("scenario", type=types.PATH)
@click.option("--level", required=True, help="The membership level asked for, as the scenario names it.")
@click.option("--accounts", default=1, show_default=True, type=types.ACCOUNTS, help="How many accounts.")
@click.option("--readings", type=types.PATH, help="A file with what the servers say now.")
@click.option("--live", is_flag=True, help="Ask the servers now; needs --servers.")
@click.option("--servers", type=types.PATH, help="Which servers to ask, for --live (TOML).")
@click.option(
    "--register", type=types.PATH, envvar="PLANNER_REGISTER", help="What was admitted before; default PLANNER_REGISTER."
)
@click.option("--admit", metavar="REF", help="If the verdict is admit, record it under this reference, like ocn-003.")
@click.option("--by", metavar="ROLE", help="Who admits, for --admit: a role, like ops.")
@click.option("--plan", "plan_file", type=types.PATH, help="The stored plan; default out/NAME/plan.json.")
@click.option("--at", help="Judge as of this time (ISO 8601 with its offset), for examples and tests.")
@click.option(
    "--max-age",
    default=15,
    show_default=True,
    type=click.IntRange(1, gate.OLDEST // timedelta(minutes=1)),
    help="Oldest reading that counts, in minutes; the verdict says where it accepts more than 15.",
)
@click.option("--metrics", type=types.PATH, help="Write the verdict for node_exporter's textfile collector.")
@click.option("--log", type=types.PATH, help="Add the verdict to this file, as one line of JSON.")
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
    told: list[Callable[[Answer], None]] = []
    if (metrics := given.metrics) is not None:
        from planner.gate.metrics import textfile

        told.append(lambda answer: output.write(metrics, textfile(answer.decision, scenario.stem), output.METRICS))
    if given.log is not None:
        told.append(verdict.logged(given.log))  # before anything is recorded: what cannot be logged is not admitted
    answer = _answer(scenario, request, max_age, now, given)
    if as_json:
        text = json.dumps({**answer.decision.as_json(), "recorded": answer.recorded}, indent=2, ensure_ascii=False)
    else:
        text = verdict.words(answer, given.at is not None)
    code = CODES[answer.decision.verdict]
    for tell in (*told, lambda _: verdict.show(text)):
        code = verdict.told(code, partial(tell, answer), answer.recorded)
    return code


def _answer(scenario: Path, request: gate.Request, max_age: timedelta, now: Clock, given: Given) -> Answer:
    """Return the verdict, recorded if it admits and is to be recorded."""
    try:
        plan = _standing(scenario, given.plan_file, request.level)
    except (gate.NotAPlan, seal.NotWhole) as error:
        where = given.plan_file or stored_plan.folder(scenario, None) / "plan.json"
        why = f"{where}: {error}; put back the plan that was consented to, or plan again and have it signed"
        return Answer(gate.no_plan(now(), request, why))
    # judged as of a time, the plan is taken to have been there
    then = plan if given.at is None else replace(plan, made=min(plan.made, now()))
    reading, why_not = _reading(given, plan)
    judge = partial(gate.decide, admit=given.admit is not None, max_age=max_age, why_no_reading=why_not)

    def decide(admitted: Admitted | None, why_no_count: str = "") -> gate.Decision:
        # the clock is looked at here: whoever waited for the register may have waited till the reading was too old
        return replace(judge(then, reading, admitted, now(), request, why_no_count=why_no_count), plan=plan)

    return _judged(plan, request, decide, now, given)


def _fit_together(given: Given) -> None:
    """Refuse options that contradict each other, or do nothing without another one."""
    log, metrics, register = given.log, given.metrics, given.register
    at, admit = given.at is not None, given.admit is not None
    refusals = (
        (given.live and given.servers is None, "--live: add --servers FILE, which says whom to ask"),
        (given.live and given.readings is not None, "--live and --readings: one or the other"),
        (given.live and at, "--live reads the servers now: leave --at out"),
        (given.servers is not None and not given.live, "--servers: add --live"),
        (given.by is not None and not admit, "--by: add --admit REF"),
        (admit and at, "--admit is for now: leave --at out"),
        (admit and given.by is None, "--admit: add --by ROLE, like ops"),
        (metrics and not metrics.parent.is_dir(), f"--metrics {metrics}: the folder is not there"),
        (log is not None and log == metrics, "--log and --metrics: name two files"),
        (
            log and register and log.name.startswith(f"{register.name}-"),
            f"--log {log}: that is the name of a journal of the register: name another file",
        ),
    )
    for wrong, words in refusals:
        if wrong:
            raise BadInput(words)
    if metrics is not None:
        output.check(metrics, output.METRICS)  # before anything is recorded


def _now() -> datetime:
    try:
        return datetime.now(UTC).astimezone()
    except ValueError:  # TZ names an offset that no place has
        return datetime.now(UTC)


def _clock(at: str | None) -> Clock:
    """Return what tells the time: the clock, or always the time given."""
    if at is None:
        return _now
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise BadInput(f"--at {at}: wanted a time like 2021-04-06T10:35+01:00") from None
    if when.tzinfo is None:
        raise BadInput(f"--at {at}: add the offset from UTC, like {at}+01:00")
    if not types.in_reach(when):
        raise BadInput(f"--at {at}: wanted a year from {types.years()}")
    return lambda: when


def _reading(given: Given, plan: gate.Standing) -> tuple[Reading | None, str]:
    """Return what the servers say, or why that could not be had."""
    if given.readings is not None:
        try:
            return file.load(given.readings), ""
        except ReadingError as error:
            return None, str(error)
    if given.servers is None:
        return None, "no reading was given: add --readings FILE, or --live"
    from planner.readings import live, servers

    known = servers.load(given.servers, os.environ)
    # the plan says which load its limit means: the other number is no lower for being in another unit
    known = replace(known, load=plan.load_of() or known.load)
    return live.read(known, datetime.now(UTC), pages=plan.pages), ""


def _judged(
    plan: gate.Standing, request: gate.Request, decide: Callable[..., gate.Decision], now: Clock, given: Given
) -> Answer:
    """Return the decision that counts what the register holds, recorded there if it admits and is to be recorded."""
    if given.register is None:
        return Answer(decide(None, "no register was given: add --register FILE, or set PLANNER_REGISTER once"))
    from planner.store import Refused, StoreError, register

    since = plan.members_since
    try:
        with register.open_register(given.register, write=given.admit is not None) as db:
            if given.at is None and (last := datetime.fromisoformat(db.state.last_at)) > now():
                # a plan that has ended would live again, and who comes now would be dated before who came
                why = f"{given.register} was last written on {last:%Y-%m-%d at %H:%M} UTC, which is still to come"
                return Answer(decide(None, f"{why}: is the clock here right?"), head=db.state.head)
            if given.admit is None or (since is not None and now() <= since):  # which is unknown, not a mistake
                return Answer(decide(register.admitted(db, since)), head=db.state.head)
            entry = register.already(db, given.admit, request.level, request.accounts)
            if entry is not None and entry.by == given.by:
                why = f"{given.admit} is already yours: admitted on {entry.at:%Y-%m-%d at %H:%M} UTC; nothing is added"
                decision = decide(register.admitted(db, since))
                decision = replace(decision, verdict="admit", reasons=(why,), yes_if=(), must_change=(), accepted=())
                return Answer(decision, given.admit, already=True, head=db.state.head)
            asked = asdict(request)
            decision = register.admit(db, decide, ref=given.admit, by=given.by or "", now=now(), since=since, **asked)
            recorded = given.admit if decision.verdict == "admit" else None
            return Answer(decision, recorded, head=db.state.head)
    except Refused:  # a mistake in what was asked
        raise
    except StoreError as error:
        return Answer(decide(None, str(error)))


def _standing(scenario: Path, plan_file: Path | None, level: str) -> gate.Standing:
    """Return the stored plan if it is that of the scenario as it stands; plan first if there is none."""
    where = plan_file or stored_plan.folder(scenario, None) / "plan.json"
    document = stored_plan.read(where)
    if document is None and plan_file is not None:
        raise BadInput(f"{plan_file}: there is no plan here")
    plan = None if document is None else gate.standing(document)
    if plan is None or document is None or not stored_plan.untouched(document, scenario):
        plan = gate.standing(_plan_again(scenario, plan_file, level, document))
    _known(level, plan.levels)
    return plan


def _known(level: str, levels: Sequence[str]) -> None:
    """Refuse a level that the scenario does not have: that is a slip of the finger, and no question to the plan."""
    if levels and level not in levels:
        raise BadInput(f"--level {level[:40]!a}: there is no such level; wanted one of {', '.join(levels)}")


def _plan_again(scenario: Path, plan_file: Path | None, level: str, document: dict[str, Any] | None) -> dict[str, Any]:
    """Return the plan of the scenario as it stands: the stored one if only comments changed, else a new one."""
    from planner.cli.plan import load, make  # the slow way: parse the scenario, perhaps plan

    read = load(scenario, ())
    _known(level, read.names["levels"])
    if document is not None and document["scenario"]["digest"] == read.digest:
        return document
    if plan_file is not None:
        advice = f"run `planner plan {scenario}`, or leave --plan out"
        raise BadInput(f"{plan_file} is not a plan of {scenario} as it stands: {advice}")
    click.echo(f"no stored plan of {scenario} as it stands: planning first", err=True)
    if (signed := stored_plan.consent(document)) is not None:
        click.echo(f"what was consented to in {signed} was another state of it; that plan is kept as it is", err=True)
    # a plan that people signed is theirs to replace: this one then serves the one verdict only
    target = stored_plan.folder(scenario, None) if signed is None else None
    return make(read, target, None, None)
