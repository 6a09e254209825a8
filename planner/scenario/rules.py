"""What the entries of a scenario must be to one another, after each has been read by itself."""

import math

from planner.model.inputs.capacity import RESOURCES
from planner.scenario.estimate import Estimate
from planner.scenario.validation import Walk

_AT_MOST = {
    "episodes": ("overload/month", "overloads in a time, such as 1/year"),
    "minutes": ("min/month", "minutes in a time, such as 5 min/month"),
    "any_in_week": ("-", "a chance, such as 1 %"),
    "busiest_instant": ("-", "a chance, such as 0.1 %"),
}


def check(walk: Walk) -> None:
    """Note what does not fit together."""
    for rule in (_objective, _exchange, _kinds, _loads, _reserves, _nodes_down, _offer):
        rule(walk)


def _note(walk: Walk, estimate: Estimate, wrong: str, wanted: str, found: str = "") -> None:
    """Note that a number does not fit the others."""
    walk.context.problems.add(estimate.origin, estimate.path, wrong, wanted, found or estimate.text)


def _objective(walk: Walk) -> None:
    measure = walk.entries.get("objective.measure")
    at_most = walk.estimates.get("objective.at_most")
    if measure is None or at_most is None:
        return
    unit, words = _AT_MOST[str(measure.value)]
    # a bare number has the unit of what is counted and of nothing else
    if at_most.unit != unit:
        _note(walk, at_most, f"the unit does not fit the measure {measure.value}", words)


def _exchange(walk: Walk) -> None:
    known = {walk.context.currency, *walk.context.names.get("currencies", ()), *walk.context.credit_names.values()}
    for estimate in walk.estimates.values():
        if estimate.currency is not None and estimate.currency not in known:
            _note(walk, estimate, "there is no exchange rate for this currency", f"cash.exchange.{estimate.currency}")


def _kinds(walk: Walk) -> None:
    for who in ("everyone", *walk.context.names.get("levels", ())):
        path = f"usage.{who}.kinds"
        names = walk.named_at.get(path, ())
        shares = [share for name in names if (share := walk.estimates.get(f"{path}.{name}.share")) is not None]
        total = math.fsum(share.value or 0.0 for share in shares)
        if shares and len(shares) == len(names) and abs(total - 1) > 1e-6:
            wrong, found = "the shares of the kinds do not add up", f"{100 * total:.6g} %"
            walk.context.problems.add(shares[0].origin, path, wrong, "a sum of 100 %", found)


def _loads(walk: Walk) -> None:
    """Note a load and a limit that are not both in % of the CPU, or both bare in a balancer's weights."""
    for node in walk.context.names.get("nodes", ()):
        model = walk.entries.get(f"nodes.{node}.load_model")
        limit = walk.estimates.get(f"nodes.{node}.limits.load")
        if model is None or limit is None or limit.value is None:
            continue
        reserve = walk.estimates.get(f"nodes.{node}.reserve.load")
        if reserve is not None and reserve.value and reserve.unit != limit.unit:
            _note(walk, reserve, "this is not in the unit of the limit", limit.text)
        if model.value == "scalelite":
            if limit.unit == "-":
                _note(
                    walk,
                    limit,
                    "Scalelite's load is not in %",
                    "a bare number, as Scalelite counts users and moderators",
                )
            continue
        for name in ("base", "per_room", "per_user", "per_stream"):
            weight = walk.estimates.get(f"nodes.{node}.cpu.{name}") or walk.estimates.get(f"usage.cpu.{name}")
            if weight is not None and weight.value and weight.unit != limit.unit:
                wrong, found = f"this is not in the unit of {weight.path}", f"{limit.text}, {weight.text}"
                _note(walk, limit, wrong, "both in %, or both bare", found)
                break


def _reserves(walk: Walk) -> None:
    for node in walk.context.names.get("nodes", ()):
        for resource in RESOURCES:
            kept = walk.estimates.get(f"nodes.{node}.reserve.{resource}")
            limit = walk.estimates.get(f"nodes.{node}.limits.{resource}")
            if kept is None or limit is None or kept.value is None or limit.value is None:
                continue
            if kept.value > limit.value and kept.unit == limit.unit:
                _note(walk, kept, "more is kept free than the limit allows", f"at most {limit.text}")


def _nodes_down(walk: Walk) -> None:
    down, nodes = walk.estimates.get("placement.nodes_down"), walk.context.names.get("nodes", ())
    if down is not None and nodes and (down.value or 0) >= len(nodes):
        _note(walk, down, "no node would be left", f"fewer than {len(nodes)}")


def _offer(walk: Walk) -> None:
    network = walk.entries.get("offer.network")
    stated = walk.estimates.get(f"networks.{network.value}.accounts") if network else None
    if stated is not None and not stated.is_default:
        _note(walk, stated, "this is the offer's own network", "its accounts in offer.accounts")
