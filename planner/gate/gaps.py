"""What a reading does not say of the nodes that a plan limits, and whom that stops."""

import sys

from planner.gate.standing import Standing
from planner.model.inputs.observations import NodeReading, Reading

WHO_READS = {
    **dict.fromkeys(("rooms", "users", "streams"), "BigBlueButton knows it: give the node's url in the servers file"),
    "egress": "Prometheus knows it: name the node under [prometheus] in the servers file",
    "load": "Prometheus knows the CPU load, Scalelite its own load: name the node there in the servers file",
}
"""Which source reads what: BigBlueButton knows no CPU, the exporter for Prometheus no outgoing streams."""


def in_the_way(plan: Standing, reading: Reading) -> list[str]:
    """Return what is not known of the nodes that accounts on offer may land on, and whether a name may be misspelt."""
    gaps = [gap for node in plan.nodes if is_reached(plan, node) for gap in _gaps(plan, reading, node)]
    missing, others = _missing(plan, reading), _not_in_the_plan(plan, reading)
    if missing and others:  # one may be the other misspelt, and what it says may be a reason to hold
        has = f"the reading has {_listed(others)}, which the plan does not name, and not {_listed(missing)}"
        gaps.append(f"{has}: is a name misspelt?")
    return gaps


def of_no_use(plan: Standing, reading: Reading | None) -> list[str]:
    """Return gaps that stop nobody: of nodes that nobody is offered, and nodes that the plan does not name."""
    if reading is None:
        return []
    elsewhere = [node for node in plan.nodes if not is_reached(plan, node)]
    said = [f"{gap}; nobody is offered {node}" for node in elsewhere for gap in _gaps(plan, reading, node)[:1]]
    if (others := _not_in_the_plan(plan, reading)) and not _missing(plan, reading):
        said.append(f"the reading has {_listed(others)}, which the plan does not name: nothing is judged by it")
    return said


def _missing(plan: Standing, reading: Reading) -> list[str]:
    """Return the plan's nodes that a reading does not mention at all."""
    return [node for node in plan.nodes if node not in reading.nodes and node not in reading.unread]


def _not_in_the_plan(plan: Standing, reading: Reading) -> list[str]:
    return [node for node in {**reading.nodes, **reading.unread} if node not in plan.nodes]


def _listed(nodes: list[str], shown: int = 5) -> str:
    """Return nodes by their names, the first of many."""
    more = f" and {len(nodes) - shown} more" if len(nodes) > shown else ""
    return f"node{'s' * (len(nodes) > 1)} {', '.join(nodes[:shown])}{more}"


def is_reached(plan: Standing, node: str) -> bool:
    """Return whether an account of the offer may land on a node; where the plan does not say, it may."""
    return not plan.reached or node in plan.reached


def _gaps(plan: Standing, reading: Reading, node: str) -> list[str]:
    """Return what is not known of a node that the plan limits."""
    seen = reading.nodes.get(node)
    if seen is not None and not seen.online:
        return []  # whoever says that it is offline has said enough: that is a reason to hold
    if node in reading.unread:
        return [f"node {node}: {reading.unread[node]}"]
    if seen is None:
        return [f"node {node} is in the plan but not in the reading"]
    if seen.streams is not None and reading.pages not in (None, plan.pages):
        counted = f"streams by other pages of cameras ({reading.pages}) than the plan ({plan.pages})"
        return [f"the reading of node {node} counts {counted}: `planner observe` takes the plan's from --plan"]
    wanted = plan.load_of(node)
    if seen.load is not None and wanted == "scalelite" and reading.load_of is None:  # a CPU's is a hundredth of it
        return [f'the reading of node {node} does not say whose load it is: wanted "load_of": "scalelite" in it']
    if seen.load is not None and None not in (reading.load_of, wanted) and reading.load_of != wanted:
        of = {"cpu": "a share of the CPU", "scalelite": "Scalelite's own number"}
        differ = f"{of[reading.load_of or 'cpu']}, the plan's limit is {of[wanted or 'cpu']}"
        return [f"the load in the reading of node {node} is {differ}: `planner observe` takes the plan's from --plan"]
    # what the plan limits there, whether it has a week for it or only the limit
    weeks = [week.resource for week in plan.weeks if week.node == node]
    limited = dict.fromkeys(weeks + [limit.limit for limit in plan.limits if limit.node == node])
    return [
        f"the reading of node {node} has no {resource}, which the plan limits; {WHO_READS[resource]}"
        for resource in limited
        if resource in WHO_READS and value(seen, resource) is None
    ]


def value(seen: NodeReading | None, resource: str) -> float | None:
    """Return what was read; a number that none can be was not."""
    value: float | None = getattr(seen, resource, None)
    return None if value is None or not abs(value) <= sys.float_info.max else value
