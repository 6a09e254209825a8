"""What the gate may say, decided a second time from its specification: standard library only, nothing of `planner`.

The answer is the set of verdicts that are right. It has one element wherever the rules leave no choice; a plan of a
form that the rules do not settle may be `unknown` as well. A reading is a plain dict: `taken_at`, `nodes` (name ->
resource -> number, and `online`), `unread`, perhaps `load_of`. A register is a list of rows, in the order in which they
were written.
"""

import hashlib
import json
import math
import re
import sys
from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

ADMIT, HOLD, UNKNOWN = (frozenset([verdict]) for verdict in ("admit", "hold", "unknown"))
SERVERS = ("rooms", "users", "streams", "egress", "load")
DECIDABLE = (*SERVERS, "spendability", "balance", "labour", "cash", "market")
"""What a decision of people stands in place of; the market never held anybody."""
OTHERS = ("policy", "spendability", "balance", "labour", "cash", "market")
MEASURES = ("episodes", "minutes", "any_in_week", "any_in_week_bound", "busiest_instant")
OF_THE_GATE = {
    *("schema", "seed", "draws", "consented", "scenario", "timezone", "members_as_of", "nodes", "reached", "objective"),
    *("offer", "page_size"),
    *("admission", "curves", "weeks", "checkpoint", "assumptions", "experience", "calibrated", "decision"),
    *("made", "result", "seal"),
}
OF_OTHERS = {
    *("version", "paths", "warnings", "currency", "changes", "risk", "load_added", "credit", "credit_by_network"),
    *("swings", "options", "growth", "pool", "beyond_closed_form", "checks", "what_if"),
    *("facts", "path", "share_of_server", "names", "against", "frontier"),
}
"""What else stands in a plan, and is neither read here nor missed."""
MOST_BYTES = 20_000_000
AHEAD = timedelta(minutes=2)
"""A reading, or the time a plan was made, may be so far ahead of the clock."""


class Broken(Exception):
    """The text is no plan that anybody may be admitted by."""


class Row(NamedTuple):
    """One row of a register."""

    at: datetime
    change: str
    """"admit", "add" or "release"."""
    ref: str
    level: str
    accounts: int


class Decided(NamedTuple):
    """What people decided."""

    accounts: int
    by_level: dict[str, int]
    on: date


@dataclass(frozen=True)
class Facts:
    """What a verdict rests on."""

    zone: ZoneInfo
    made: datetime
    nodes: list[str]
    reached: list[str]
    """Those that somebody who is offered an account may land on."""
    on_offer: set[str]
    most: list[int]
    """What each permission allows that has a limit."""
    by_level: dict[str, int] | None
    bands: dict[tuple[str, str], tuple[float, list[float], list[float]]]
    """Of each limited resource of a node: its limit, and what a reading may be in each hour of the week."""
    signed: bool
    after: int
    since: datetime | None
    weighed: float | None
    """Draws of equal weight that the plan's are worth; None = nothing weighs them."""
    misfit: bool
    """Whether the model does not fit what the ranges were learned from."""
    decided: Decided | None
    policy: list[int]
    """What people capped the pilot at, which no decision stands in place of."""
    doubtful: bool
    """Of a form that the rules do not settle: `unknown` is right as well."""


def hashed(part: dict[str, Any]) -> str:
    """Return the SHA-256 of a part of a document."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def seal(document: dict[str, Any], made: str) -> dict[str, Any]:
    """Return a document with the time it was made and both hashes, as `planner plan` writes it."""
    new = {**document, "made": made, "result": _result(document)}
    return {**new, "seal": _seal(new)}


def _result(document: dict[str, Any]) -> str:
    """Return the hash of everything but the time, the consent and the hashes."""
    return hashed({key: value for key, value in document.items() if key not in {"made", "consented", "result", "seal"}})


def _seal(document: dict[str, Any]) -> str:
    """Return the hash of the result, the time and the consent, and so of everything."""
    return hashed({key: document.get(key) for key in ("made", "consented", "result")})


def facts(text: bytes) -> Facts:
    """Return what a stored plan says, or raise Broken: then no verdict but `unknown` is right."""
    try:
        return _facts(_read(text))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, OSError) as error:
        raise Broken(f"{type(error).__name__}: {error}") from error


def _read(text: bytes) -> dict[str, Any]:
    """Return the document if it is strict JSON and both hashes are those of what it says."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _must(len({key for key, _ in pairs}) == len(pairs), "a key stands twice")
        return dict(pairs)

    def never(constant: str) -> None:
        raise Broken(constant)

    _must(len(text) <= MOST_BYTES, "too large")
    document = json.loads(text.decode("utf-8"), object_pairs_hook=once, parse_constant=never)
    _must(isinstance(document, dict), "not an object")
    _must(document["result"] == _result(document), "result")
    _must(document["seal"] == _seal(document), "seal")
    return dict(document)


def _are_pages(said: Any) -> bool:
    """Return whether this is a number of cameras, or one with those of larger meetings behind it."""
    page, *steps = said.split("; ") if isinstance(said, str) and "; " in said else [said]
    step = re.compile(r"([1-9]\d{0,3}|all) from [1-9]\d{0,3} users?( \(moderators ([1-9]\d{0,3}|all)\))?", re.ASCII)
    return 0 <= _whole(int(page) if steps else page) <= 10**6 and all(map(step.fullmatch, steps))


def _facts(plan: dict[str, Any]) -> Facts:
    _must(plan["schema"] == "planner.plan/4", "schema")
    _must(OF_THE_GATE <= plan.keys() <= OF_THE_GATE | OF_OTHERS, "keys")
    nodes, admission, goal = plan["nodes"], plan["admission"], plan["objective"]
    _must(isinstance(nodes, list) and nodes and all(_text(node) for node in nodes), "nodes")
    named = {row["path"].split(".")[1] for row in plan["assumptions"] if row["path"].startswith("nodes.")}
    _must(len(set(nodes)) == len(nodes) and named == set(nodes), "nodes that the assumptions do not name")
    reached = plan["reached"]
    _must(isinstance(reached, list) and reached and set(reached) <= set(nodes), "reached")
    _must(_are_pages(plan["page_size"]), "page_size")
    _must(all(_text(plan["scenario"][key]) for key in ("name", "digest")), "scenario")
    _must(_text(goal["measure"]) and _number(goal["at_most"]) >= 0 and _number(goal["confidence"]) >= 0, "goal")
    _must(_whole(plan["draws"]) >= 0, "draws")
    _must(plan["consented"] is None or plan["consented"] == "" or _text(plan["consented"]), "consented")
    after = _whole(plan["checkpoint"]["after"])
    _must(after >= 0, "after")
    zone, made = ZoneInfo(plan["timezone"]), datetime.fromisoformat(plan["made"])
    offset = made.utcoffset()
    _must(offset is not None, "made has no offset")
    _must(all(map(_text, plan["offer"]["mix"])), "levels")
    mix = {level: _number(part) for level, part in plan["offer"]["mix"].items()}
    _must(min(mix.values(), default=0) >= 0, "mix")
    bands = _bands(plan["weeks"], nodes)
    most = _most(admission["limits"], nodes, bands)
    by_level, number = admission["by_level"], admission["max_accounts"]
    _must((number is None) == (not most), "a number without limits, or none with them")
    if number is not None:
        _must(_whole(number) <= min(most), "max_accounts")
        most.append(number)
    on_offer = {level for level, part in mix.items() if part > 0}
    if number is None:
        _must(by_level is None, "by_level of no number")
    else:
        _must(sum(_whole(count) for count in by_level.values()) == number, "by_level is another number")
        _must(all(map(_text, by_level)) and min(by_level.values(), default=0) >= 0, "fewer than none of a level")
    doubtful = (
        bool(offset)
        or not 1 <= after <= 1200
        or goal["measure"] not in MEASURES
        or not _curves(plan["curves"], nodes)
        or not plan.keys() >= OF_OTHERS
        or not _called(plan["names"])
    )
    since = _since(plan["members_as_of"], zone)
    signed = bool(plan["consented"] and plan["consented"].strip())
    told = plan["experience"]
    weighed = None if told is None else _number(told["effective_draws"])
    _must(weighed is None or weighed >= 0, "fewer draws than none")
    learned = plan["calibrated"]
    fit = "good" if learned is None else learned["fit"]
    _must(
        _text(fit) and (fit == "good" or re.match("(failed|not known): .", fit)), "none of good, failed and not known"
    )
    misfit = fit != "good"
    decided = _decided(plan["decision"], plan["offer"], on_offer)
    _must(decided is None or decided.on <= made.astimezone(zone).date(), "decided after the plan was made")
    kept = [row["max_accounts"] for row in admission["limits"] if row["limit"] not in DECIDABLE]
    policy = [number for number in kept if number is not None]
    known = (zone, made, nodes, reached, on_offer, most, by_level, bands, signed, after, since, weighed, misfit)
    return Facts(*known, decided, policy, doubtful)


def _decided(row: dict[str, Any] | None, offer: dict[str, Any], on_offer: set[str]) -> Decided | None:
    if row is None:
        return None
    accounts, by_level = _whole(row["accounts"]), row["by_level"]
    _must(0 <= accounts <= _whole(offer["accounts"]), "decided on more than is on offer")
    _must(sum(map(_whole, by_level.values())) == accounts, "another number of each level")
    _must(min(by_level.values(), default=0) >= 0, "fewer than none of a level")
    _must({level for level, count in by_level.items() if count} <= on_offer, "decided on a level that nobody offers")
    _must(_text(row["by"]) and row["by"].strip(), "decided by nobody")
    _must(re.fullmatch(r"\d{4}-\d\d-\d\d", row["on"], re.ASCII), "decided on no day")
    return Decided(accounts, by_level, date.fromisoformat(row["on"]))


def _called(groups: Any) -> bool:
    """Return whether the names of things are texts by their keys, for the four kinds of thing that have some."""
    whole = isinstance(groups, dict) and groups.keys() == {"nodes", "networks", "levels", "sellers"}
    return whole and all(
        isinstance(part, dict) and all(map(_text, (*part, *part.values()))) for part in groups.values()
    )


def _bands(rows: list[dict[str, Any]], nodes: list[str]) -> dict[tuple[str, str], Any]:
    bands = {}
    for row in rows:
        key, low, high = (row["node"], row["resource"]), row["low"], row["high"]
        _must(key not in bands and key[0] in nodes and key[1] in SERVERS, "a week of something else")
        _must(len(low) == len(high) == 168, "not 168 hours")
        _must(min(map(_number, low)) >= 0 and min(map(_number, high)) >= 0, "below nothing")
        bands[key] = (_number(row["limit"]), low, high)
        _must(bands[key][0] >= 0, "a limit below nothing")
    return bands


def _most(rows: list[dict[str, Any]], nodes: list[str], bands: dict[tuple[str, str], Any]) -> list[int]:
    """Return what each permission allows that limits; servers' limits and weeks must be of the same things."""
    servers, most = set(), []
    _must(bool(rows), "no limits")
    for row in rows:
        name, node, number = row["limit"], row["node"], row["max_accounts"]
        _must(row["kind"] == ("reach" if name == "market" else "permission"), "kind")
        _must(name in SERVERS or (name in OTHERS and node is None), "a limit of something else")
        _must(number is None or _whole(number) >= 0, "max_accounts")
        _must(_text(row["reason"]) and _text(row["origin"]), "words")
        if name in SERVERS:
            _must(node in nodes and (node, name) not in servers, "a server's limit")
            servers.add((node, name))
        if row["kind"] == "permission" and number is not None:
            most.append(number)
    _must(servers == bands.keys(), "limits and weeks of different things")
    _must(any(row["limit"] == "policy" for row in rows), "no policy")
    return most


def _curves(rows: list[dict[str, Any]], nodes: list[str]) -> bool:
    """Return whether the curves, which only put a refusal into words, are such as a plan has."""
    fine = True
    for row in rows:
        counts, values = row["accounts"], row["at_confidence"]
        _must(len(counts) == len(values), "a curve of two lengths")
        fine &= row["node"] in nodes and row["resource"] in SERVERS and bool(counts)
        fine &= counts == sorted({_whole(count) for count in counts}) and all(_number(value) >= 0 for value in values)
    return fine


def _since(as_of: str | None, zone: ZoneInfo) -> datetime | None:
    """Return when the day, month or year of `as_of` begins, or None: then all rows count."""
    if as_of is None:
        return None
    _must(re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", as_of, re.ASCII), "as_of")
    year, month, day = [*map(int, as_of.split("-")), 1, 1][:3]
    return datetime(year, month, day, tzinfo=zone).astimezone(UTC)


def counted(rows: list[Row], since: datetime | None) -> tuple[dict[str, int], datetime | None]:
    """Return the accounts that came later and are there, by level, and when the first came, there still or not."""
    there: dict[str, Row] = {}
    first = None
    for row in rows:
        if row.change == "release":
            there.pop(row.ref, None)
        elif since is None or row.at > since:
            there[row.ref] = row
            first = row.at if first is None else min(first, row.at)
    levels: Counter[str] = Counter()
    for row in there.values():
        levels[row.level] += row.accounts
    return dict(levels), first


def allowed(
    plan: Facts | None,
    reading: dict[str, Any] | None,
    rows: list[Row] | None,
    now: datetime,
    level: str,
    accounts: int,
    *,
    admit: bool = False,
    max_age: timedelta = timedelta(minutes=15),
) -> frozenset[str]:
    """Return the verdicts that are right; plan None = its text is broken, rows None = the register is not known."""
    if plan is None or reading is None or not _usable(plan, reading, now, max_age):
        return UNKNOWN
    if plan.misfit or (plan.weighed is not None and plan.weighed < 400):
        return UNKNOWN
    levels, first = ({}, None) if rows is None else counted(rows, plan.since)
    due = [ends(plan, first or plan.made, fold) for fold in (0, 1)]
    past = {end is not None and now.astimezone(UTC) >= end for end in due}
    not_yet = plan.made - now.astimezone(UTC) > AHEAD or (plan.since is not None and now.astimezone(UTC) <= plan.since)
    not_yet |= plan.decided is not None and now.astimezone(plan.zone).date() < plan.decided.on
    if past == {True} or not_yet:
        return UNKNOWN
    odd = (
        plan.doubtful
        or True in past
        or max(plan.made, first or plan.made, plan.since or plan.made) > now
        or _no_numbers(plan, reading)
    )
    doubt = UNKNOWN if odd else frozenset()
    if _certain_no(plan, reading, levels, level, accounts):
        return HOLD | doubt
    if rows is None or (admit and not plan.signed) or _outside(plan, reading):
        return UNKNOWN
    there = Counter(levels) + Counter({level: accounts})
    if plan.decided is not None and not plan.signed and _beyond(there, plan.most, plan.by_level):
        return UNKNOWN  # a decision that nobody signed lets nobody in
    return ADMIT | doubt | _not_settled(plan, levels)


def _not_settled(plan: Facts, levels: dict[str, int]) -> frozenset[str]:
    """Where a plan has no number at all, no page says what an account of a level that it does not offer means."""
    counted_by_level = plan.decided is not None or plan.by_level is not None
    return HOLD if not counted_by_level and not levels.keys() <= plan.on_offer else frozenset()


def _usable(plan: Facts, reading: dict[str, Any], now: datetime, max_age: timedelta) -> bool:
    age = now.astimezone(UTC) - reading["taken_at"].astimezone(UTC)
    if not -AHEAD <= age <= max_age:
        return False
    named = {*reading["nodes"], *reading["unread"]}
    if not named <= set(plan.nodes) and not set(plan.nodes) <= named:
        return False  # a node of another name may be the one that is missing
    for node in plan.reached:
        seen = reading["nodes"].get(node)
        if seen is not None and not seen.get("online", True):
            continue
        if seen is None or node in reading["unread"]:
            return False
        if any(seen.get(resource) is None for at, resource in plan.bands if at == node):
            return False
        # a limit of up to 1 is a share of the CPU, which is what a load is of that nobody says more of
        of = reading.get("load_of", "cpu")
        if (node, "load") in plan.bands and (plan.bands[node, "load"][0] <= 1) is not (of == "cpu"):
            return False
    return True


def ends(plan: Facts, start: datetime, fold: int = 0) -> datetime | None:
    """Return when the review is due, None = after all time; its hour may be none or two on the clock of the place."""
    local = start.astimezone(plan.zone)
    years, month = divmod(local.month - 1 + plan.after, 12)
    if local.year + years > 9998:
        return None
    day = min(local.day, monthrange(local.year + years, month + 1)[1])
    return local.replace(year=local.year + years, month=month + 1, day=day, fold=fold).astimezone(UTC)


def _certain_no(plan: Facts, reading: dict[str, Any], levels: dict[str, int], level: str, accounts: int) -> bool:
    if level not in plan.on_offer:
        return True
    there = Counter(levels)
    there[level] += accounts
    if sum(there.values()) > 10_000:  # a plan looks no further
        return True
    if plan.decided is None and _beyond(there, plan.most, plan.by_level):
        return True
    if plan.decided is not None and _beyond(there, [plan.decided.accounts, *plan.policy], plan.decided.by_level):
        return True
    if any(not reading["nodes"].get(node, {}).get("online", True) for node in plan.nodes):
        return True
    return any(
        (value := reading["nodes"].get(node, {}).get(resource)) is not None and value > limit
        for (node, resource), (limit, _, _) in plan.bands.items()
        if node in plan.reached or abs(value_of(reading, node, resource)) <= sys.float_info.max
    )


def _beyond(there: Counter[str], most: list[int], by_level: dict[str, int] | None) -> bool:
    """Return whether so many accounts are more than some number, or more of a level than were counted."""
    if any(sum(there.values()) > number for number in most):
        return True
    return by_level is not None and any(count > by_level.get(name, 0) for name, count in there.items())


def value_of(reading: dict[str, Any], node: str, resource: str) -> float:
    """Return what was read, or nothing; on a node that nobody lands on, a number that none can be was not read."""
    return reading["nodes"].get(node, {}).get(resource) or 0.0  # type: ignore[no-any-return]


def _outside(plan: Facts, reading: dict[str, Any]) -> bool:
    """Return whether any limited resource is outside the band of its hour of the week."""
    local = reading["taken_at"].astimezone(plan.zone)
    hour = 24 * local.weekday() + local.hour
    return not all(
        low[hour] <= reading["nodes"][node][resource] <= high[hour]
        for (node, resource), (_, low, high) in plan.bands.items()
        if reading["nodes"].get(node, {}).get(resource) is not None
        and (node in plan.reached or abs(value_of(reading, node, resource)) <= sys.float_info.max)
    )


def _no_numbers(plan: Facts, reading: dict[str, Any]) -> bool:
    """Return whether something that is limited reads as a number that none can be, which no reader gives."""
    most = sys.float_info.max
    return any(not abs(value_of(reading, *one)) <= most for one in plan.bands)


def _must(holds: object, what: str) -> None:
    if not holds:
        raise Broken(what)


def _text(value: object) -> bool:
    """Return whether it is a text that can be printed: half a character of two, which JSON can hold, cannot."""
    return isinstance(value, str) and bool(value) and not re.search("[\ud800-\udfff]", value)


def _number(value: Any) -> float:
    _must(isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value), "not a number")
    return value


def _whole(value: Any) -> int:
    _must(isinstance(value, int) and not isinstance(value, bool), "not a whole number")
    return value
