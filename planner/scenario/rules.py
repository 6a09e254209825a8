"""What the entries of a scenario must be to one another, after each has been read by itself."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from planner.model.inputs.capacity import RESOURCES, Resource
from planner.scenario.cpu import CPU
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.experience import EXPERIENCE, RESOURCE_OF
from planner.scenario.fields import NAMED
from planner.scenario.validation import Walk

_AT_MOST = {
    "episodes": ("overload/month", "overloads in a time, such as 1/year"),
    "minutes": ("min/month", "minutes in a time, such as 5 min/month"),
    "any_in_week": ("-", "a chance, such as 1 %"),
    "busiest_instant": ("-", "a chance, such as 0.1 %"),
}


def check(walk: Walk, now: datetime | None) -> None:
    """Note what does not fit together, nor with the time, where that is known."""
    rules = (_objective, _exchange, _kinds, _loads, _reserves, _nodes_down, _offer, _experience, _calibrated, _called)
    for rule in rules:
        rule(walk)
    _decision(walk, now)


def _note(walk: Walk, one: Estimate | Entry, wrong: str, wanted: str, found: str = "") -> None:
    """Note that an entry does not fit the others."""
    walk.context.problems.add(one.origin, one.path, wrong, wanted, found or one.text)


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
        cores = walk.estimates.get(f"nodes.{node}.cores")
        if cores is not None and cores.value and (limit is None or limit.value is None or limit.unit != "-"):
            wanted = f"nodes.{node}.limits.load in %, such as 70 %"
            _note(walk, cores, "cores say nothing without a limit on the CPU", wanted)
            continue
        if model is None or limit is None or limit.value is None:
            continue
        reserve = walk.estimates.get(f"nodes.{node}.reserve.load")
        if reserve is not None and reserve.value and reserve.unit != limit.unit:
            _note(walk, reserve, "this is not in the unit of the limit", limit.text)
        if model.value == "scalelite":
            if limit.unit == "-":
                wanted = "a bare number, as Scalelite counts users and moderators"
                _note(walk, limit, "Scalelite's load is not in %", wanted)
            continue
        # the default for recordings is in %, and counts where somebody records
        for name in (*CPU, *(["per_recording"] if walk.records else [])):
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


def _experience(walk: Walk) -> None:
    place = walk.entries.get("placement.rule")
    switched_on = [one for path, one in walk.estimates.items() if path.startswith("simulation.") and not one.is_default]
    simulated = (place is not None and place.value == "pool") or bool(switched_on)
    for name in walk.named_at.get("experience", ()):
        entry = f"experience.{name}"
        stated = (walk.estimates.get(f"{entry}.{form}") for form in EXPERIENCE.forms)
        said = next((one for one in stated if one is not None), None)
        if said is None:
            continue
        if simulated:
            wanted = "placement.rule: fixed, and nothing under simulation"
            _note(walk, said, "what was seen counts only where the closed form judges the servers", wanted)
        _period(walk, entry)
        node = walk.entries.get(f"{entry}.node")
        if node is not None:
            _seen(walk, said, f"nodes.{node.value}")


def _calibrated(walk: Walk) -> None:
    """Note a history that ends before it begins."""
    since, until = (walk.entries.get(f"calibrated.{name}") for name in ("since", "until"))
    if since is not None and until is not None and str(until.value) < str(since.value):
        _note(walk, until, "this ends before it begins", f"at least {since.value}")


def _called(walk: Walk) -> None:
    """Note a name that is another one's, or another one's key: nobody could tell the two apart."""
    for group, section in NAMED.items():
        keys = walk.context.names.get(group, ())
        whose = {key.casefold(): key for key in keys}
        for key in keys:
            said = walk.entries.get(f"{section}.{key}.called")
            if said is not None and whose.setdefault(str(said.value).casefold(), key) != key:
                other = f"{section}.{whose[str(said.value).casefold()]}"
                _note(walk, said, f"this is already the name of {other}", "a name of its own")


def _decision(walk: Walk, now: datetime | None) -> None:
    """Note a decision for more than is on offer, or of a day that is still to come."""
    decided, offered = (walk.estimates.get(path) for path in ("decision.accounts", "offer.accounts"))
    if decided is not None and offered is not None and (decided.value or 0) > (offered.value or 0):
        _note(walk, decided, "more than is on offer", f"at most {offered.text}, as offer.accounts says")
    day, zone = walk.entries.get("decision.on"), walk.entries.get("timezone")
    if now is None or day is None or zone is None:
        return
    today = now.astimezone(ZoneInfo(str(zone.value))).date().isoformat()
    if str(day.value) > today:
        _note(walk, day, "this day is still to come", f"at most {today}")


def _period(walk: Walk, entry: str) -> None:
    """Note a time that ends after the scenario's start."""
    until, start = walk.entries.get(f"{entry}.until"), walk.entries.get("start")
    if until is not None and start is not None and str(until.value) > str(start.value):
        _note(walk, until, "this ends after the scenario begins", f"at most {start.value}")


def _seen(walk: Walk, said: Estimate, node: str) -> None:
    """Note what a server's own entries do not bear out: no limit to overload, a load in another unit."""
    limits = {one: walk.estimates.get(f"{node}.limits.{one}") for one in RESOURCES}
    stated = {one: limit for one, limit in limits.items() if limit is not None and limit.value is not None}
    kind = said.path.rpartition(".")[2]
    wanted_limit: Resource | None = (
        "load" if kind == "load_at_most" else RESOURCE_OF.get(said.unit) if kind == "carried" else None
    )
    if kind == "overloads" and not stated:
        _note(walk, said, "this server has no limit that could be passed", f"a limit under {node}.limits")
    elif wanted_limit is not None and wanted_limit not in stated:
        _note(walk, said, "this server has no such limit", f"{node}.limits.{wanted_limit}")
    elif kind == "load_at_most" and said.unit != stated["load"].unit:
        _note(walk, said, "this is not in the unit of the limit", stated["load"].text)
    elif kind == "load_at_most" and not _load_is_uncertain(walk, node):
        wanted = "a range for usage.cpu.per_user, or for the node's own"
        _note(walk, said, "a load says nothing of the traffic while what each user adds has no range", wanted)


def _load_is_uncertain(walk: Walk, node: str) -> bool:
    """Return whether what a room, a user or a stream adds to the load has a range."""
    names = ("per_room", "per_user", "per_stream", "factor")
    weights = [walk.estimates.get(f"{node}.cpu.{one}") or walk.estimates.get(f"usage.cpu.{one}") for one in names]
    return any(one is not None and one.ranged for one in weights)
