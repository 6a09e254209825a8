"""What the entries of a scenario must be to one another, after each has been read by itself."""

from __future__ import annotations

import math

from planner.scenario.problem import Problems
from planner.scenario.validation import Walk

_AT_MOST = {
    "episodes": ("overload/month", "overloads in a time, such as 1/year"),
    "minutes": ("min/month", "minutes in a time, such as 5 min/month"),
    "any_in_week": ("-", "a chance, such as 1 %"),
    "busiest_instant": ("-", "a chance, such as 0.1 %"),
}


def check(walk: Walk) -> None:
    """Note what does not fit together."""
    problems = walk.context.problems
    _objective(walk, problems)
    _exchange(walk, problems)
    _kinds(walk, problems)
    _loads(walk, problems)
    _reserves(walk, problems)
    _nodes_down(walk, problems)
    _offer(walk, problems)


def _objective(walk: Walk, problems: Problems) -> None:
    measure = walk.entries.get("objective.measure")
    at_most = walk.estimates.get("objective.at_most")
    if measure is None or at_most is None:
        return
    unit, words = _AT_MOST[str(measure.value)]
    # a bare number has the unit of what is counted and of nothing else
    if at_most.unit != unit:
        wrong = f"the unit does not fit the measure {measure.value}"
        problems.add(at_most.origin, at_most.path, wrong, words, at_most.text)


def _exchange(walk: Walk, problems: Problems) -> None:
    known = {walk.context.currency, *walk.context.names.get("currencies", ())}
    for estimate in walk.estimates.values():
        code = estimate.currency
        if code is not None and code not in known and code not in walk.context.credit_names.values():
            wrong = "there is no exchange rate for this currency"
            problems.add(estimate.origin, estimate.path, wrong, f"cash.exchange.{code}", estimate.text)


def _kinds(walk: Walk, problems: Problems) -> None:
    for who in ("everyone", *walk.context.names.get("levels", ())):
        path = f"usage.{who}.kinds"
        shares = [walk.estimates.get(f"{path}.{name}.share") for name in walk.named_at.get(path, ())]
        found = [one for one in shares if one is not None]
        total = math.fsum(one.value or 0.0 for one in found)
        if found and len(found) == len(shares) and abs(total - 1) > 1e-6:
            wrong = "the shares of the kinds do not add up"
            problems.add(found[0].origin, path, wrong, "a sum of 100 %", f"{100 * total:.6g} %")


def _loads(walk: Walk, problems: Problems) -> None:
    """Note a load and a limit that are not both in % of the CPU, or both bare in a balancer's weights."""
    for node in walk.context.names.get("nodes", ()):
        model = walk.entries.get(f"nodes.{node}.load_model")
        limit = walk.estimates.get(f"nodes.{node}.limits.load")
        if model is None or limit is None or limit.value is None:
            continue
        reserve = walk.estimates.get(f"nodes.{node}.reserve.load")
        if reserve is not None and reserve.value and reserve.unit != limit.unit:
            problems.add(reserve.origin, reserve.path, "this is not in the unit of the limit", limit.text, reserve.text)
        if model.value == "scalelite":
            if limit.unit == "-":
                wanted = "a bare number, as Scalelite counts users and moderators"
                problems.add(limit.origin, limit.path, "Scalelite's load is not in %", wanted, limit.text)
            continue
        for name in ("base", "per_room", "per_user", "per_stream"):
            weight = walk.estimates.get(f"nodes.{node}.cpu.{name}") or walk.estimates.get(f"usage.cpu.{name}")
            if weight is not None and weight.value and weight.unit != limit.unit:
                wrong = f"this is not in the unit of {weight.path}"
                problems.add(limit.origin, limit.path, wrong, "both in %, or both bare", f"{limit.text}, {weight.text}")
                break


def _reserves(walk: Walk, problems: Problems) -> None:
    for node in walk.context.names.get("nodes", ()):
        for resource in ("rooms", "users", "streams", "egress", "load"):
            kept = walk.estimates.get(f"nodes.{node}.reserve.{resource}")
            limit = walk.estimates.get(f"nodes.{node}.limits.{resource}")
            if kept is None or limit is None or kept.value is None or limit.value is None:
                continue
            if kept.value > limit.value and kept.unit == limit.unit:
                wrong = "more is kept free than there is"
                problems.add(kept.origin, kept.path, wrong, f"at most {limit.text}", kept.text)


def _nodes_down(walk: Walk, problems: Problems) -> None:
    down = walk.estimates.get("placement.nodes_down")
    nodes = walk.context.names.get("nodes", ())
    if down is not None and nodes and (down.value or 0) >= len(nodes):
        problems.add(down.origin, down.path, "no node would be left", f"fewer than {len(nodes)}", down.text)


def _offer(walk: Walk, problems: Problems) -> None:
    network = walk.entries.get("offer.network")
    stated = walk.estimates.get(f"networks.{network.value}.accounts") if network else None
    if stated is not None and not stated.is_default:
        wrong = "this is the offer's own network"
        problems.add(stated.origin, stated.path, wrong, "its accounts in offer.accounts", stated.text)
