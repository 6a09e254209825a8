"""Which engine gave which number, both side by side, and a warning where they disagree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.model.admission.server_limits import Count, Pool
from planner.wording import phrases
from planner.wording.names import KEYS, Names

if TYPE_CHECKING:
    # only a plan that was simulated imports the simulation
    from planner.model.admission.cross_check import Check


def engine_warnings(
    checks: "Sequence[Check]", pool: Sequence[Pool], beyond: Sequence[str], names: Names = KEYS
) -> tuple[str, ...]:
    """Return what a reader must know before a number of either engine is believed."""
    found = []
    if beyond:
        found.append(
            f"the formulas do not know {', '.join(beyond)}: the servers' limits are judged by simulation; the "
            "weeks, the curves and what moves the answer are the formulas', without it"
        )
    found += [
        f"formula and simulation disagree on {names.limit(one.resource, one.node)} with "
        f"{phrases.accounts(one.accounts)}: {said(one)}; until it is known why, trust neither"
        for one in checks
        if one.agrees is False
    ]
    for one in () if beyond else pool:
        for simulated, low, high in (
            (one.simulated_central, one.pessimistic_central, one.optimistic_central),
            (one.simulated, one.pessimistic, one.optimistic),
        ):
            if simulated is not None and outside(simulated, low, high):
                up_to = phrases.allowed(simulated.up_to, "any number")
                closed = f"{phrases.allowed(low)} to {phrases.allowed(high)}"
                found.append(
                    f"the simulation's number for {one.resource} of the pool, {simulated.accounts:,} to {up_to}, lies "
                    f"outside what the two formulas allow, {closed}: an old view of the load or "
                    "nearly equal shares of it can do that, and so can an error in one of them"
                )
    return tuple(found)


def outside(simulated: Count, low: int | None, high: int | None) -> bool:
    """Return whether a simulated number's whole interval lies outside two closed forms [account]; None = no limit."""
    too_few = low is not None and simulated.up_to is not None and simulated.up_to < low
    return too_few or (high is not None and simulated.accounts > high)


def said(one: "Check") -> str:
    """Return a limit by both engines in words."""
    scale = {"episodes": 12.0, "minutes": 1.0}.get(one.measure, 100.0)
    least, low, high = (phrases.number(scale * end) for end in (one.closed_low, one.found.low, one.found.high))
    closed = phrases.measure(one.measure, one.closed)
    if one.closed_low < one.closed:
        closed = f"from {least} to {closed}"
    return f"{closed} by formula, {phrases.measure(one.measure, one.found.value)} by simulation ({low} to {high})"


def compared(checks: "Sequence[Check]") -> str:
    """Return in a sentence whether the engines agree, for who reads only the answer; "" = they were not asked."""
    asked = [one.agrees for one in checks if one.agrees is not None]
    if not asked:
        return "The simulation saw too few overloads to check the formulas by." if checks else ""
    many, odd, one = phrases.counted(len(asked)), asked.count(False), len(asked) == 1
    every = "both risks" if len(asked) == 2 else f"all {many} risks"
    of = "the one risk" if one else f"{phrases.counted(odd)} of {many} risks" if odd else every
    said = f"simulation and formulas {'disagree' if odd else 'agree'} on {of} that can be compared"
    see = f"; the report has {'it' if one else 'them all'}" if odd else ""
    return f"Checked twice: {said}{see}."


def verdict(one: "Check") -> str:
    """Return whether the engines agree, in words."""
    if one.agrees is None:
        return "not the same question" if one.z is None else "too rare to compare"
    return "they agree" if one.agrees else "THEY DISAGREE"


def checks_json(checks: "Sequence[Check]") -> list[dict[str, Any]]:
    """Return the limits by both engines as plain numbers."""
    if not checks:
        return []
    from planner.model.simulation import estimates  # noqa: PLC0415  # only a plan that was simulated imports the simulation

    return [
        {
            "node": one.node,
            "resource": one.resource,
            "accounts": one.accounts,
            "measure": one.measure,
            "closed_form": {"value": one.closed, "at_least": one.closed_low},
            "simulation": {"value": one.found.value, "low": one.found.low, "high": one.found.high},
            "z": one.z,
            "agrees": one.agrees,
            "overloads_expected": one.expected,
            "simulated": estimates.as_json(one.simulation),
        }
        for one in checks
    ]
