"""The servers in rows of words: how much load the offer adds, at what risk, and what the members' growth does."""

from dataclasses import dataclass

from planner.model.admission.node_limit import NodeLimit
from planner.model.admission.server_limits import Count, Pool
from planner.planning import Plan
from planner.planning.engines import verdict
from planner.report.answer import horizon
from planner.wording import phrases

COUNTED = {
    "episodes": "overloads a year",
    "minutes": "overloaded minutes a month",
    "any_in_week": "% of weeks with an overload",
    "busiest_instant": "% of the time, at the busiest instant",
}
"""What a risk counts, by the objective's measure."""


@dataclass(frozen=True, slots=True)
class Load:
    """One row: how much load and how much risk there is at one limit of a node, now and with the offer."""

    name: str
    when: str
    load: str
    now: str
    after: str


def counted(measure: str, value: float) -> str:
    """Return a risk as the number that `COUNTED` says the unit of."""
    return phrases.number(value * {"episodes": 12.0, "minutes": 1.0}.get(measure, 100.0))


def load(plan: Plan) -> list[Load]:
    """Return for each limit of each node its load and the objective's measure, now and with the offer."""
    measure = "any_in_week_bound" if plan.measure == "any_in_week" else plan.measure
    rows = []
    for server in plan.servers:
        day, clock = phrases.when(server.load.when).split()
        risks = (getattr(at.at_confidence, measure) for at in (server.now, server.offered))
        now, after = (counted(plan.measure, risk) for risk in risks)
        name = plan.names.limit(server.resource, server.node)
        rows.append(Load(name, f"{day[:3]} {clock}", _filled(server), now, after))
    return rows


def _filled(server: NodeLimit) -> str:
    """Return "19 + 4.9 of 130 users"."""
    now, more, usable = (_amount(server, value) for value in (server.load.now, server.load.added, server.usable))
    share = phrases.is_share(server.resource, server.limit)
    return f"{now} + {more} of {usable} {'%' if share else phrases.UNITS[server.resource]}"


def _amount(server: NodeLimit, value: float) -> str:
    return phrases.number(100 * value if phrases.is_share(server.resource, server.limit) else value)


def how_much(plan: Plan) -> str:
    """Return what the offer adds where it takes most of what may be filled."""
    taken = [server for server in plan.servers if server.usable > 0 and server.load.added > 0]
    if not taken:
        return f"The {plan.offered:,} accounts on offer add no load to a server with a limit."
    most = max(taken, key=lambda server: server.load.added / server.usable)
    load, name = most.load, "of the load" if most.resource == "load" else phrases.UNITS[most.resource]
    unit = f"% {name}" if phrases.is_share(most.resource, most.limit) else name
    return (
        f"The {plan.offered:,} on offer add {_amount(most, load.added)} {unit} to the "
        f"{_amount(most, load.now)} expected on {plan.names.node(most.node)} at the busiest time, "
        f"{phrases.when(load.when)}: {phrases.share(load.added / most.usable)} of the {_amount(most, most.usable)} "
        "that may be filled. No other limit takes a larger share."
    )


def growth(plan: Plan) -> str:
    """Return when the members' growth alone has used up the room."""
    if plan.growth is None:
        said = f"the members' growth alone does not use up the room within {horizon(plan)} months"
    else:
        month, limit = plan.growth.month, plan.names.limit(plan.growth.resource, plan.growth.node)
        said = f"the members' growth alone has used up the room in month {month}: {limit}"
        if month == 0:
            said = f"the members who are there have used up the room already: {limit}"
    return f"If everything is as we think, {said}."


def checks(plan: Plan) -> list[tuple[str, str, str, str, str]]:
    """Return each limit by both engines: name, accounts, closed form, simulation, whether they agree."""
    rows = []
    for one in plan.checks:
        closed = counted(plan.measure, one.closed)
        if one.closed_low < one.closed:
            closed = f"{counted(plan.measure, one.closed_low)} to {closed}"
        value, low, high = (counted(plan.measure, each) for each in (one.found.value, one.found.low, one.found.high))
        name = plan.names.limit(one.resource, one.node)
        rows.append((name, f"{one.accounts:,}", closed, f"{value} ({low} to {high})", verdict(one)))
    return rows


def _interval(count: Count) -> str:
    """Return "58 to 79", or one number where it is settled."""
    if count.up_to == count.accounts:
        return f"{count.accounts:,}"
    return f"{count.accounts:,} to {'any number' if count.up_to is None else f'{count.up_to:,}'}"


def pool(plan: Plan) -> list[tuple[str, str, str, str]]:
    """Return each resource of a pool of servers with its numbers: pessimistic, simulated, optimistic."""

    def both(sure: int | None, central: int | None) -> str:
        numbers = ["no limit" if n is None else f"{n:,}" for n in (sure, central)]
        return f"{numbers[0]} ({numbers[1]} if all is as we think)"

    def simulated(row: Pool) -> str:
        sure, central = row.simulated, row.simulated_central
        if sure is None or central is None:
            return "no limit"
        return f"{_interval(sure)} ({_interval(central)} if all is as we think)"

    rows: list[tuple[str, str, str, str]] = []
    for row in plan.pool:
        low, high = both(row.pessimistic, row.pessimistic_central), both(row.optimistic, row.optimistic_central)
        rows.append((row.resource, low, simulated(row), high))
    return rows
