"""`planner plan`: the main job, from a scenario to answers on the terminal, a report, charts, tables and plan.json."""

import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import planner
from planner import gate, output, seal
from planner.cli import DONE, BadInput, stored_plan, types
from planner.scenario.reader import Scenario

Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""
WORTH_A_PROCESS = 200
"""From so many draws on a second process saves more time than it takes to start."""
REPORT = "planner.report.folder"
"""The module that writes the report and its charts."""
WORKBOOK = "plan.xlsx"
LONGEST = 200
"""Of a consent, which stands on every verdict [character]."""


@click.command(name="plan")
@click.argument("scenario", type=types.PATH)
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one entry, like offer.accounts=10.")
@click.option(
    "--out", type=types.PATH, help="Folder for the results; default out/, and of what --set tries NAME-changed there."
)
@click.option("--draws", type=types.DRAWS, help="Draws of the uncertain inputs; default 4,000, with a pool 1,000.")
@click.option("--seed", type=types.SEED, help="Another seed than the scenario's.")
@click.option("--simulate", is_flag=True, help="Check the formulas by simulation; the report has both.")
@click.option("--consented", metavar='"THREAD, DATE"', help="Sign the plan off: the gate prints this on every verdict.")
@click.option("--pdf", is_flag=True, help="Print the report to report.pdf too, where there is a Chromium.")
@click.option("--xlsx", is_flag=True, help="Write plan.xlsx too: the tables, and the arithmetic as live formulas.")
@click.option("--json", "as_json", is_flag=True, help="Print plan.json alone; writes no files unless --out is given.")
def command(
    scenario: Path,
    sets: tuple[str, ...],
    out: Path | None,
    draws: int | None,
    seed: int | None,
    consented: str | None,
    simulate: bool,
    pdf: bool,
    xlsx: bool,
    as_json: bool,
) -> int:
    """How many accounts can be admitted, which limit binds, and how long until the credit pays for the hours.

    \b
    planner plan scenarios/pilot-5.yaml
    planner plan pilot.yaml --set offer.accounts=10 --set "spending.target=8 h"
    """
    if consented is not None:
        consented = " ".join(consented.split())
        if not seal.says_something(consented) or len(consented) > LONGEST:
            raise BadInput(f'--consented: wanted where and when, like "thread 501, 6 April", in {LONGEST} characters')
    read_in = load(scenario, sets)
    target = stored_plan.folder(scenario, out) if out or not as_json else None
    if target is not None and sets and out is None and consented is None:
        target = target.with_name(f"{target.name}-changed")  # a try: the plan of the scenario as it stands is kept
    if (pdf or xlsx) and target is None:
        raise BadInput(f"--{'pdf' if pdf else 'xlsx'}: with --json no report is written, unless --out DIR says where")
    document = make(read_in, target, draws, seed, consented, answer=not as_json, simulate=simulate, xlsx=xlsx)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    if xlsx and target is not None:
        click.echo(f"workbook: {target / WORKBOOK}", err=as_json)
    if pdf and target is not None:
        from planner.cli import printing

        click.echo(printing.pdf(target / "report.html"), err=as_json)
    return DONE


def load(scenario: Path, sets: Sequence[str]) -> Scenario:
    """Return the scenario, with what `--set` changes in it."""
    try:
        scenario.as_posix().encode()
    except UnicodeEncodeError:
        raise BadInput(f"{scenario.as_posix()!a}: wanted a name in UTF-8, which a plan can hold") from None
    whole = Path(f"{scenario}.yaml")  # `planner new mine` writes mine.yaml, so `planner plan mine` is what one types
    if not scenario.exists() and whole.is_file():
        raise BadInput(f"{scenario}: there is no such file; did you mean {whole}?")
    return planner.read(scenario, sets, datetime.now(UTC))


def make(
    scenario: Scenario,
    target: Path | None,
    draws: int | None,
    seed: int | None,
    consented: str | None = None,
    answer: bool = False,
    simulate: bool = False,
    xlsx: bool = False,
) -> dict[str, Any]:
    """Plan a scenario, write the results to `target`, return plan.json; only a signed plan replaces a signed one."""
    from planner import planning
    from planner.planning.make import draws_of

    signed = None if target is None or consented is not None else _signed(target)
    if signed is not None:
        own = (scenario.digest, draws_of(scenario, draws), scenario.seed if seed is None else seed)
        if own != (signed["scenario"]["digest"], signed["draws"], signed["seed"]):
            raise _kept(target, signed)  # said before anything is worked out
    if target is not None:  # said before anything is worked out, too
        output.check(target / "plan.json", output.PLAN)
        output.check(target / "report.html", output.PAGE)
        if xlsx:
            output.check(target / WORKBOOK, output.XLSX)
    with second_process(draws) as executor, progress() as say:
        told = say if target is None else partial(_loading, say, executor)
        found = planner.plan(scenario, draws=draws, seed=seed, simulate=simulate, progress=told, executor=executor)
        plan = replace(found.record, consented=consented)
        document = seal.sealed(planning.as_json(plan), datetime.now(UTC))
        plan = replace(plan, result=document["result"])
        if signed is not None:
            if signed["result"] != document["result"]:
                raise _kept(target, signed)
            plan, document = replace(plan, consented=signed["consented"]), signed
        if target is not None:
            _still(target, signed, consented)
            from planner.report import folder

            say("report and charts", 0.0)
            target.mkdir(parents=True, exist_ok=True)
            folder.write(plan, target, executor=executor)
            if xlsx:
                from planner.planning.paper import paper_of
                from planner.report import workbook

                made = workbook.xlsx(plan, paper_of(scenario), datetime.fromisoformat(document["made"]))
                output.write(target / WORKBOOK, made, output.XLSX)
            if signed is None:  # else the plan stays as old as it was when people consented to it
                text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
                _still(target, signed, consented)  # once more: charts take seconds, in which people sign
                output.write(target / "plan.json", text, output.PLAN)
    if answer:
        from planner.cli.terminal import show_plan

        show_plan(plan, target)
    return document


def _loading(say: Progress, executor: Executor | None, doing: str, done: float) -> None:
    """Say what is being done; while this process would wait for the second one, load what draws in both."""
    from planner.model.meanwhile import later
    from planner.planning.make import WAITING

    say(doing, done)
    if doing == WAITING:  # not sooner, for the memory it takes
        later(executor, import_module, REPORT)
        import_module(REPORT)


def _signed(target: Path) -> dict[str, Any] | None:
    """Return the plan in a folder if people consented to it; what was changed or cannot be read may be one."""
    file = target / "plan.json"
    try:
        document = stored_plan.read(file)
        if document is None:
            return None
        if (signed := stored_plan.consent(document) is not None) or ("seal" in document and seal.broken(document)):
            gate.standing(document)
    except (seal.NotWhole, gate.NotAPlan) as error:
        kept = "people may have consented to it, so it is kept: move it away, or use --out DIR"
        raise BadInput(f"{file}: {error}; {kept}") from None
    return document if signed else None


def _still(target: Path, signed: Mapping[str, Any] | None, consented: str | None) -> None:
    """Refuse to write over a plan that others have signed, or changed, while this one was worked out."""
    if consented is None and _signed(target) != signed:
        raise BadInput(f"{target}/plan.json was signed, or changed, while this was planned: it is kept; plan again")


def _kept(target: Path | None, signed: Mapping[str, Any]) -> BadInput:
    """Return what is said to whoever would write over a plan that people consented to."""
    return BadInput(
        f"{target}/plan.json was consented to ({signed['consented']}) and this is another plan: it is kept. Write the "
        'new one elsewhere with --out DIR, or have it signed: --consented "THREAD, DATE"'
    )


@contextmanager
def second_process(draws: int | None) -> Iterator[Executor | None]:
    """Yield a process for a second processor; None where it would take longer to start than it saves."""
    if (os.cpu_count() or 1) < 2 or (draws is not None and draws < WORTH_A_PROCESS):
        yield None
        return
    with processes(1) as executor:
        yield executor


@contextmanager
def processes(number: int) -> Iterator[Executor]:
    """Yield so many processes that work beside this one."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    gc.freeze()  # what is loaded stays: looking again and again for what of it may go takes 2 % of a plan's time
    # a process that is forked has everything loaded; that is not safe elsewhere than on Linux, nor beside threads
    alone = sys.platform == "linux" and threading.active_count() == 1
    context = get_context("fork" if alone else "spawn")
    executor = ProcessPoolExecutor(number, context, initializer=_work_for, initargs=(os.getpid(),))
    executor.submit(int)  # begins them, before the progress bar has a thread
    if alone:  # or half an answer of a process that was killed would be waited for, as long as somebody could write on
        executor._result_queue._writer.close()  # type: ignore[attr-defined]
    try:
        yield executor
        executor.shutdown()  # waited for: Python would trip over what it is still closing when it ends itself
    except BaseException:
        # not asked to end: Python waits at its own end for one that works on, or that was stopped
        for one in active_children():
            one.kill()
        executor.shutdown(wait=False, cancel_futures=True)
        raise


def _work_for(parent: int) -> None:
    """Leave Ctrl-C to the process that this one works for, and end soon after it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield a function that moves a progress bar on stderr; silent where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _doing, _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=1.0)
        yield lambda doing, done: bar.update(task, description=doing, completed=done)
