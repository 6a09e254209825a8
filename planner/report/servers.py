"""The servers in words: how much load the offer adds, at what risk, and what the members' growth does."""

from planner.model.admission.node_limit import NodeLimit, Risk
from planner.model.admission.server_limits import Count
from planner.planning import Plan
from planner.report.answer import horizon
from planner.wording import phrases

COUNTED = {
    "episodes": "overloads a year",
    "minutes": "overloaded minutes a month",
    "any_in_week": "% of weeks with an overload",
    "busiest_instant": "% of the time, at the busiest instant",
}
"""What a risk counts, by the objective's measure."""


def risk(plan: Plan, at: Risk) -> str:
    """Return the objective's measure at the confidence, with some number of accounts."""
    measure = "any_in_week_bound" if plan.measure == "any_in_week" else plan.measure
    return phrases.counted_risk(getattr(at.at_confidence, measure), plan.measure)


def clock(when: int) -> str:
    """Return a 5-minute bin of the week in short: "Tue 10:00"."""
    day, time = phrases.when(when).split()
    return f"{day[:3]} {time}"


def filled(server: NodeLimit) -> str:
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
        f"At the busiest time the {plan.offered:,} on offer add {_amount(most, load.added)} {unit} on "
        f"{plan.names.node(most.node)}: {phrases.share(load.added / most.usable)} of the {_amount(most, most.usable)} "
        "that may be filled. Of nothing else do they take a larger share."
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


def both(sure: Count | int | None, central: Count | int | None) -> str:
    """Return a number of accounts [account] at the confidence, and if everything is as we think."""
    return f"{_interval(sure)} ({_interval(central)} if all is as we think)"


def _interval(count: Count | int | None) -> str:
    """Return "58 to 79", or one number where it is settled."""
    if not isinstance(count, Count):
        return phrases.allowed(count)
    if count.up_to == count.accounts:
        return f"{count.accounts:,}"
    return f"{count.accounts:,} to {'any number' if count.up_to is None else f'{count.up_to:,}'}"
