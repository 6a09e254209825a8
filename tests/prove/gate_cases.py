"""Cases for the gate: plans as the planner makes them, sound changes, forgeries; readings, registers, clocks, requests.

Imports nothing of `planner` but what makes the few plans to begin with.
"""

import json
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from gate_checker import SERVERS, Broken, Facts, Row, counted, ends, facts, seal
from gate_forgeries import EDITS, TEXTS
from light_scenario import LIGHT

Document = dict[str, Any]
LEVELS = (
    "levels={one: {price: 9 GBP/month, participants: 10, rooms: 5, duration: 2 h}, "
    "two: {price: 18 GBP/month, participants: 20, rooms: 5, duration: 2 h}, "
    "big: {price: 90 GBP/month, participants: 50, rooms: 5, duration: 2 h}}"
)
SCENARIOS = {
    "a cap, no counting date": ("offer.cap=3", "timezone=Australia/Lord_Howe", "offer.review.after=1 month"),
    "two levels, three nodes": (
        "nodes={a: {limits: {rooms: 9, users: 40}}, b: {limits: {users: 50}}, c: {}}",
        *("placement.members={a: 60 %, b: 40 %}", "placement.offer={a: 50 %, b: 50 %}", LEVELS),
        *("timezone=America/New_York", "offer.mix={one: 60 %, two: 40 %}", "usage.everyone.meetings=5/week"),
        *("members.accounts={value: 20, as_of: 2021-03-14}", "labour.available=40 h/month"),
    ),
    "no limit anywhere": (
        *("nodes={a: {}, b: {}}", "placement.members={a: 100 %}", "placement.offer={a: 100 %}", LEVELS),
        *("labour.available=100000 h/month", "spending.sellers.s.hours=1000000 h/month"),
        *("spending.sellers.s.available=100 %", "members.accounts={value: 20, as_of: 2021}"),
    ),
}
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC")
MADE = [
    datetime(*when, tzinfo=UTC)
    for when in (
        *(
            (2021, 3, 27, 8, 0, 0),
            (2021, 4, 6, 8, 0, 0),
            (2021, 10, 30, 9, 0, 0),
            (2021, 8, 31, 23, 30, 0),
            (2023, 8, 29, 0, 0, 0),
            (2024, 2, 29, 12, 0, 0),
        ),
        *((2021, 4, 25, 1, 30, 0), (2021, 4, 30, 1, 30, 0), (2021, 9, 28, 0, 30, 0), (2021, 5, 7, 6, 30, 1)),
    )
]
"""Six months later some fall into a day that the month lacks, or an hour that the clock skips or repeats."""
CHANGED = [
    datetime(*when, tzinfo=UTC)
    for when in ((2021, 3, 28, 1, 3), (2021, 10, 31, 1, 10), (2021, 11, 7, 6, 10), (2022, 4, 2, 15, 10))
]
"""Minutes after the clock was changed in one of the zones."""
SECOND, MICRO = timedelta(seconds=1), timedelta(microseconds=1)


class Stored(NamedTuple):
    """One plan.json."""

    kind: str
    text: bytes
    sound: Facts
    """Of the plan before it was forged: what readings and clocks are chosen by."""
    found: Facts | None
    """What the checker makes of the text; None = it is broken."""
    levels: list[str]


class Asked(NamedTuple):
    """What is asked of one plan."""

    reading: dict[str, Any] | None
    rows: list[Row] | None
    now: datetime
    level: str
    accounts: int
    admit: bool
    max_age: timedelta


def made_by_planner() -> list[Document]:
    """Return plans of a handful of scenarios, as `planner plan --draws 5` writes them."""
    from planner import planning
    from planner.scenario.reader import read

    documents = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "light.yaml"
        file.write_text(LIGHT, encoding="utf-8")
        for sets in SCENARIOS.values():
            consented = None if "offer.cap=3" in sets else "thread 501, 6 April 2021"
            plan = planning.plan(read(file, ("horizon=3 months", *sets)), draws=5)
            signed = replace(plan, consented=consented)
            documents.append(json.loads(json.dumps(planning.as_json(signed))))
    return documents


def small(document: Document) -> Document:
    """Return a plan without what the gate never reads, for speed."""
    empty = {"risk": [], "load_added": [], "swings": [], "options": [], "warnings": []}
    empty |= {"facts": [], "path": [], "share_of_server": [], "frontier": []}
    rows = [row for row in document["assumptions"] if row["path"].startswith(("levels.", "nodes."))]
    curves = [
        {**row, **{key: row[key][::6] for key in ("accounts", "central", "at_confidence")}}
        for row in document["curves"]
    ]
    without = {"what_if": None, "credit": {}, "credit_by_network": {}}
    return {**document, **empty, **without, "assumptions": rows, "curves": curves}


def sound(rng: Random, text: str) -> Document:
    """Return a plan with other values such as another scenario would have given it."""
    plan: Document = json.loads(text)
    admission = plan["admission"]
    if rng.random() < 0.5:
        plan["timezone"] = rng.choice(ZONES)
    if rng.random() < 0.5:
        plan["members_as_of"] = rng.choice((None, "2021", "2021-03", "2021-03-28", "2021-04-06", "2024-02-29"))
    if rng.random() < 0.3:
        plan["consented"] = rng.choice((None, "thread 501", "Zürich, 漢字"))
    if rng.random() < 0.3:
        plan["reached"] = rng.sample(plan["nodes"], rng.randint(1, len(plan["nodes"])))
    plan["draws"] = rng.choice((plan["draws"], 5, 199, 200, 500))
    if rng.random() < 0.3:
        worth = rng.choice((0, 12.5, 399.99, 400, 2593.7))
        plan["experience"] = {"statements": [], "effective_draws": worth, "contradiction": rng.random() < 0.5}
        plan["experience"] |= {"without": None, "if_peak_higher": None}
    if rng.random() < 0.3:
        fit = rng.choice(("good", "good", "failed: a busy day", "not known: too few"))
        span = {"since": "2021-01-04", "until": "2021-04-05", "meetings": 900}
        plan["calibrated"] = {"history": "seen.sqlite", **span, "fit": fit}
    plan["checkpoint"]["after"] = rng.choice((1, 2, 6, 6, 6, 12, 1200))
    for row in admission["limits"]:
        if row["kind"] == "permission" and rng.random() < 0.4:
            row["max_accounts"] = rng.choice((None, 1, 3, 5, 9, 40, 10_000))
    for week in plan["weeks"]:
        factor = rng.choice((0.5, 1, 1, 3))
        week["high"] = [max(high * factor, low) for low, high in zip(week["low"], week["high"], strict=True)]
        if rng.random() < 0.3:
            week["low"] = [high * 0.3 for high in week["high"]]
        week["limit"] = week["limit"] * rng.choice((0.7, 1, 1, 20))
    node, resource = rng.choice(plan["nodes"]), rng.choice(SERVERS)
    if all((week["node"], week["resource"]) != (node, resource) for week in plan["weeks"]) and rng.random() < 0.6:
        like = admission["limits"][0]
        number = rng.choice((None, 2, 7))
        admission["limits"].insert(0, {**like, "limit": resource, "node": node, "max_accounts": number})
        high = rng.choice((0.6, 5, 700))
        plan["weeks"].append(
            {"node": node, "resource": resource, "limit": high, "reserve": 0.0, "mean": [0] * 168}
            | {name: [0] * 168 for name in ("mean_now", "low", "usual_low", "usual_high", "bad_day")}
            | {"high": [high * 0.9] * 168}
        )
    _count_again(rng, plan)
    return plan


def _count_again(rng: Random, plan: Document) -> None:
    """Set the plan's number to the smallest permission, and share it out among the levels."""
    admission, mix = plan["admission"], plan["offer"]["mix"]
    numbers = [row["max_accounts"] for row in admission["limits"] if row["kind"] == "permission"]
    most = min((number for number in numbers if number is not None), default=None)
    admission["max_accounts"], admission["by_level"] = most, None
    if most is not None:
        first, *others = mix
        counts = dict.fromkeys(mix, 0)
        for level in others:
            counts[level] = rng.randint(0, most - sum(counts.values()))
        counts[first] = most - sum(counts.values())
        admission["by_level"] = counts


def _decide(rng: Random, plan: Document, made: datetime) -> None:
    """Let people have decided in four plans of ten, on some of what is on offer, up to the day it was made."""
    if rng.random() < 0.6:
        return
    plan["offer"]["accounts"] = rng.choice((5, 5, 9, 40))
    accounts = rng.choice((0, 1, 3, 5, 5, plan["offer"]["accounts"]))
    levels = [level for level, part in plan["offer"]["mix"].items() if part > 0]
    by_level = dict.fromkeys(levels, 0)
    for _ in range(accounts):
        by_level[rng.choice(levels)] += 1
    day = made.astimezone(ZoneInfo(plan["timezone"])).date() - timedelta(days=rng.choice((0, 0, 1, 400)))
    said = {"by": "All Hands, thread 501", "because": rng.choice(("", "adds 2 cases in 100"))}
    said |= {"on": day.isoformat(), "plan": rng.choice(("", "1a2b3c4d5e6f")), "scenario": "d" * 64}
    plan["decision"] = {"accounts": accounts, "by_level": by_level, **said}


def stored(rng: Random, bases: list[str], today: datetime | None = None) -> Stored:
    """Return a plan: most of them whole; the others forged with the old seal, forged and sealed anew, or bad text.

    It was made at one of some times, or a few days before today.
    """
    plan = sound(rng, rng.choice(bases))
    levels = sorted(plan["offer"]["mix"])
    when = today - timedelta(days=rng.choice((0, 20, 20, 40))) if today else rng.choice(MADE)
    _decide(rng, plan, when)
    made = when.isoformat()
    whole = seal(plan, made)
    text = json.dumps(whole, ensure_ascii=rng.random() < 0.5).encode()
    before = facts(text)
    if (chance := rng.random()) < 0.6:
        return Stored("whole", text, before, before, levels)
    if chance < 0.68:
        name = rng.choice(sorted(TEXTS))
        kind, text = f"text: {name}", TEXTS[name](rng, text)
    else:
        name = rng.choice(sorted(EDITS))
        EDITS[name](rng, whole)
        kind = f"forged: {name}"
        if chance > 0.78:
            try:
                whole = seal(whole, whole.get("made", made))
                kind = f"sealed anew: {name}"
            except (ValueError, TypeError, AttributeError, RecursionError):  # no hash can be of it
                pass
        text = json.dumps(whole).encode()
    try:
        return Stored(kind, text, before, facts(text), levels)
    except Broken:
        return Stored(kind, text, before, None, levels)


def asked(rng: Random, plan: Stored, today: datetime | None = None) -> Asked:
    """Return a request, a register, a clock (or today) and a reading: mostly harmless, now and then not."""
    known = plan.sound
    base = today or known.made + timedelta(days=rng.choice((0, 1, 20)), seconds=rng.choice((0, 3601)))
    rows = _rows(rng, known, plan.levels, base - timedelta(days=9) if today else base)
    now = today or _now(rng, known, rows, base)
    max_age = timedelta(minutes=rng.choice((15, 15, 15, 1, 60, 120)))
    ages = _ages(rng, now, max_age, today is not None)
    reading = None if rng.random() < 0.02 else _reading(rng, known, now.astimezone(UTC) - rng.choice(ages))
    level = rng.choice(plan.levels) if rng.random() < 0.95 else rng.choice(("big", "", "none\nhere", "ONE"))
    accounts = rng.choice((1, 1, 1, 1, 2, 3, 5, 10, 10**6, 10**30))
    return Asked(reading, rows, now, level, accounts, rng.random() < 0.5, max_age)


def _rows(rng: Random, plan: Facts, levels: list[str], base: datetime) -> list[Row] | None:
    if (chance := rng.random()) < 0.5:
        return None if chance < 0.05 else []
    since = plan.since or base
    start = rng.choice((since, base - timedelta(days=3), base))
    rows: list[Row] = []
    there: dict[str, Row] = {}
    at = start + rng.choice((-400 * SECOND * 86400, -SECOND, -MICRO, timedelta(0), MICRO, SECOND))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        if there and rng.random() < 0.3:
            last = there.pop(rng.choice(sorted(there)))
            rows.append(Row(at, "release", last.ref, last.level, last.accounts))
        else:
            ref = f"ocn-{rng.randint(1, 99):03d}"
            level = rng.choice(levels) if rng.random() < 0.95 else "elsewhere"
            if ref not in there:
                accounts = rng.choice((1, 1, 1, 1, 1, 2, 4, 9 * 10**18))
                there[ref] = Row(at, rng.choice(("admit", "add")), ref, level, accounts)
                rows.append(there[ref])
        at += rng.choice((timedelta(0), SECOND, timedelta(days=1)))
    return rows


def _now(rng: Random, plan: Facts, rows: list[Row] | None, base: datetime) -> datetime:
    """Return a clock: usually soon after the plan was made, or at the very edge of its review."""
    now = base + timedelta(hours=rng.randint(0, 48), minutes=rng.randint(0, 59))
    if rng.random() < 0.05:
        now = rng.choice(CHANGED)
    elif rng.random() < 0.35:
        start = counted(rows or [], plan.since)[1] or plan.made
        end = ends(plan, start, rng.choice((0, 1))) or base
        edges = (-SECOND, -MICRO, timedelta(0), MICRO, SECOND, timedelta(hours=1), timedelta(hours=-1))
        now = end + rng.choice((*edges, timedelta(days=1), timedelta(days=4000)))
    elif rng.random() < 0.05:
        now = plan.made - rng.choice((MICRO, SECOND, timedelta(days=400)))
    return now.astimezone(_zone(rng, plan))


def _zone(rng: Random, plan: Facts) -> tzinfo:
    return rng.choice((UTC, UTC, timezone(timedelta(hours=5, minutes=45)), plan.zone, ZoneInfo("Europe/London")))


def _ages(rng: Random, now: datetime, max_age: timedelta, goes_on: bool) -> tuple[timedelta, ...]:
    """Return how old a reading may be, to the edge of what counts unless the clock goes on meanwhile."""
    minute = timedelta(minutes=1)
    if goes_on:
        return (
            (max_age + minute, 60 * max_age, -3 * minute) if rng.random() < 0.1 else (0 * minute, max_age / 3, -minute)
        )
    if now.astimezone(UTC) in CHANGED:
        return 6 * minute, 34 * minute, 64 * minute
    if rng.random() < 0.1:
        return max_age + MICRO, max_age + 60 * minute, -2 * minute - MICRO, timedelta(days=30)
    return minute, 0 * minute, max_age, max_age - MICRO, -2 * minute


def _reading(rng: Random, plan: Facts, taken_at: datetime) -> dict[str, Any]:
    taken_at = taken_at.astimezone(_zone(rng, plan))
    local = taken_at.astimezone(plan.zone)
    hour = 24 * local.weekday() + local.hour
    nodes: dict[str, dict[str, Any]] = {node: {"online": True} for node in plan.nodes}
    for (node, resource), (limit, low, high) in plan.bands.items():
        value: float | None = low[hour] + (high[hour] - low[hour]) * rng.choice((0, 0.5, 1))
        if rng.random() < 0.04:
            less = min(high[hour] * 1.0001 + 1e-9, limit)
            value = rng.choice(
                (None, float("nan"), float("inf"), -1, limit, limit * (1 + 1e-12) + 1e-12, 10**400, less)
            )
        nodes[node][resource] = value
    unread = {}
    if rng.random() < 0.06:
        unread[rng.choice((*plan.nodes, "elsewhere"))] = "no whole answer in time"
    if rng.random() < 0.04:
        del nodes[rng.choice(plan.nodes)]
    if rng.random() < 0.04:
        nodes[rng.choice(plan.nodes)] = {"online": False}
    if rng.random() < 0.1:
        nodes["elsewhere"] = {"users": 10**9, "online": False}
    reading = {"taken_at": taken_at, "nodes": nodes, "unread": unread}
    if rng.random() < 0.8:
        shares = {limit <= 1 for (_, resource), (limit, _, _) in plan.bands.items() if resource == "load"}
        usual = "scalelite" if shares == {False} else "cpu"
        reading["load_of"] = usual if rng.random() < 0.95 else rng.choice(("cpu", "scalelite"))
    return reading
