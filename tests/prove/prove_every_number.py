"""Every number that can be written, at the ends of what it may be: answered or refused, soon and in bounds.

Each case is planned in a forked process that the kernel ends at the bounds, so a number that makes work without end is
a failure and not a test that never ends.
"""

import os
import pickle
import resource
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

import proof
import pytest

from planner.model.admission import simulated_limits
from planner.model.simulation.sequential_test import Effort
from planner.planning import coupled_run, credit, options, parallel, slider_grid
from planner.planning.make import plan
from planner.scenario import units
from planner.scenario.fields import Field, Named, Number, Section
from planner.scenario.reader import ScenarioError, read
from planner.scenario.schema import ROOT

SECONDS = 20
"""Of processor time for one case."""
BYTES = 1_000_000_000
"""For one case, beside what the process that forks it has mapped already."""
NAMES = {
    "nodes": "a",
    "levels": "one",
    "networks": "n",
    "spending.sellers": "s",
    "cash.exchange": "EUR",
    "usage": "one",
    "usage.everyone.kinds": "k",
    "usage.one.kinds": "j",
}
EVERYTHING = """\
title: Everything that a scenario can say
currency: GBP
start: 2021-04
horizon: 2 months
nodes: {a: {}}
levels: {one: {price: 9 GBP/month, participants: 10, rooms: 5, duration: 2 h}}
members: {accounts: 20, mix: {one: 100 %}}
usage:
  everyone: {meetings: 2/week, size: 5 users, spread: 0.5, kinds: {k: {share: 100 %}}}
  one: {kinds: {j: {share: 100 %}}}
offer: {accounts: 5, mix: {one: 100 %}, review: {after: 6 months}}
networks: {n: {}}
spending:
  hourly_rate: 30 GBP/h
  sellers: {s: {hours: 16 h/month, smallest_job: 1 h, member: one}}
  supplier: {name: one, bill: 100 GBP/month, share: 10 %, at_most: 20 GBP/month}
cash: {exchange: {EUR: 0.9 GBP}}
"""
ROOMS, USERS = "nodes.a.limits.rooms={value: 9, low: 6, high: 12}", "nodes.a.limits.users=90"
STREAMS, EGRESS, LOAD = "nodes.a.limits.streams=900", "nodes.a.limits.egress=90 Mbit/s", "nodes.a.limits.load=70 %"
CAP = "networks.n.largest_balance=500 credit"
WITH = {
    ".scalelite.": ("nodes.a.load_model=scalelite", "nodes.a.limits.load=500"),
    "placement.": ("placement.rule=pool", ROOMS),
    "min/month": ("objective.measure=minutes",),
    "objective.": (ROOMS,),
    "levels.": (ROOMS, USERS),
    "members.": (ROOMS,),
    "simulation.": (ROOMS,),
    "offer.accounts": (ROOMS, CAP),
    "horizon": (ROOMS, CAP),
    "usage.everyone": (ROOMS, LOAD),
    "usage.one": (EGRESS, USERS),
    ".cpu.": (LOAD,),
    ".cores": (LOAD,),
    "recorded": (LOAD,),
    "per_recording": ("usage.everyone.recorded=50 %",),
    "media": (EGRESS,),
    "cameras": (STREAMS,),
    "page_size": (STREAMS,),
    "moderators": (STREAMS,),
    "reserve.rooms": (ROOMS,),
    "reserve.users": (USERS,),
    "reserve.streams": (STREAMS,),
    "reserve.egress": (EGRESS,),
    "reserve.load": (LOAD,),
    "spending.": (CAP,),
}
"""What else must be said for a number to count, by a part of its path or its unit."""


SIMULATED = ("placement.", "simulation.")
REFUSED = ("-1", "1e-300", "1e20", "NaN", "more")


@dataclass(frozen=True)
class Case:
    """One number at one of its ends."""

    path: str
    end: str
    text: str
    sets: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of it; code None = it did not end by itself."""

    name: str
    code: int | None
    says: str
    seconds: float
    bytes: int


def numbers(one: Field = ROOT, path: str = "") -> Iterator[tuple[str, Number]]:
    """Yield every number of the schema, under the names of the scenario above."""
    match one:
        case Number():
            yield path, one
        case Section():
            for name, inner in one.fields.items():
                yield from numbers(inner, f"{path}.{name}" if path else name)
        case Named():
            for name, inner in {**one.fixed, NAMES[path]: one.entry}.items():
                yield from numbers(inner, f"{path}.{name}")


def written(value: float, unit: str, one: Number) -> str:
    """Return a value in base units as a person writes it."""
    apart = units.unit(unit, frozenset({"credit"}))
    scale = units.scale(apart, apart, unit, chance=False, minor=one.minor)
    assert scale is not None
    return f"{float(Fraction(value) / scale.factor):.15g}{scale.suffix}"


def cases() -> Iterator[Case]:
    """Yield each number of a scenario at each of its ends, in each of its units."""
    for path, one in numbers():
        for number, template in enumerate(one.unit.split(" or ")):
            unit = template.format(money="GBP", any="GBP", credit="credit", key="EUR")
            beside = tuple({each: None for part, sets in WITH.items() if part in path or part == unit for each in sets})
            if path == "objective.at_most" and unit == "%":
                beside = ("objective.measure=any_in_week",)
            most = 1.0 if unit.startswith("%") and "load" in template else one.most
            if unit == "%" and "load" in one.unit:
                most = 1.0
            suffix = (" " if unit and not unit.startswith("/") else "") + unit
            ends = {
                **{text: text + suffix for text in ("0", "-1", "1e-300", "1e-9", "1e20", "NaN")},
                "least": written(one.least, unit, one),
                "most": written(most, unit, one),
                "more": written(most + 1 if one.whole else most * 1.001, unit, one),
            }
            if one.ranged:
                low = ends["1e-9" if one.above or one.least == 0 else "least"]
                ends["wide"] = f"{{value: {ends['most']}, low: {low}, high: {ends['most']}}}"
            for name, text in ends.items():
                if number == 0 or name == "most":
                    yield Case(
                        path, name, text, (*(one for one in beside if not one.startswith(f"{path}=")), f"{path}={text}")
                    )


FULL = len(list(cases()))


def forked(work: Callable[[], tuple[int, str]], name: str) -> Outcome:
    """Return what becomes of some work in a process of its own that the kernel ends at the bounds."""
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        try:
            mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (mapped + BYTES, mapped + BYTES))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            answer = work()
        except BaseException as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            answer = 1, f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
        os.write(theirs, pickle.dumps((answer[0], answer[1][:2000])))
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as stream:
        told = stream.read()
    _, status, used = os.wait4(child, 0)
    code, says = pickle.loads(told) if told else (None, f"ended by signal {status & 127}")
    return Outcome(name, code, says, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def planned(path: Path, sets: tuple[str, ...], brief: bool) -> tuple[int, str]:
    """Return the exit code that planning it has, and what is said."""
    try:
        made = plan(read(path, sets), draws=5, brief=brief)
    except ScenarioError as error:
        return 2, str(error)
    return 0, str(made.admission.max_accounts)


def judge(outcomes: list[Outcome]) -> None:
    """Print the worst, and hold all of them to their bounds."""
    for one in sorted(outcomes, key=lambda one: one.seconds, reverse=True)[:10]:
        print(f"{one.seconds:5.1f} s {one.bytes / 1e6:5.0f} MB  exit {one.code}  {one.name}")
    for one in sorted(outcomes, key=lambda one: one.bytes, reverse=True)[:3]:
        print(f"{one.seconds:5.1f} s {one.bytes / 1e6:5.0f} MB  exit {one.code}  {one.name}")
    print(f"{len(outcomes)} cases, {sum(one.code == 2 for one in outcomes)} refused")
    assert [one for one in outcomes if one.code not in (0, 2, 3, 4)] == []


def planned_each(some: Sequence[Case], path: Path) -> None:
    """Plan each case in a scenario at `path`; hold it to its bounds, and refuse what has to be refused by its place."""
    path.write_text(EVERYTHING, encoding="utf-8")
    least = {path: one.least for path, one in numbers()}
    outcomes = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (credit, parallel, coupled_run, options, slider_grid):
            for name, few in (("PATHS", 100), ("LIMIT_PATHS", 50)):
                if hasattr(module, name):
                    patch.setattr(module, name, few)
        for name in ("BINDS", "A_DRAW", "IDLE"):
            patch.setattr(simulated_limits, name, Effort(meetings=2e4, near=0.2, wide=0.5))
        plan(read(path), draws=5, brief=True)
        for one in some:
            # the whole plan where the number is largest, else what a sweep asks for
            found = forked(
                lambda one=one: planned(path, one.sets, one.end != "most" or one.path.startswith(SIMULATED)),
                f"{one.path} {one.end}: {one.text}",
            )
            outcomes.append(found)
            if one.end in REFUSED and (one.end != "-1" or least[one.path] >= 0):
                assert found.code == 2, found
                assert f"--set:{len(one.sets)}:" in found.says
                assert one.path in found.says
    judge(outcomes)


def prove(count: int, seed: int) -> str:
    """Plan `count` of the cases, chosen at random; return what was counted."""
    everything = list(cases())
    assert len({one.path for one in everything}) > 110
    some = Random(seed).sample(everything, min(count, len(everything)))
    with tempfile.TemporaryDirectory() as folder:
        planned_each(some, Path(folder) / "every.yaml")
    return f"{len(some)} of {len(everything)} numbers at their ends"


if __name__ == "__main__":
    proof.main("every number", prove, FULL)
